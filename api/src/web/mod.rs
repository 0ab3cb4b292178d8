//! Pages for people: one file a noun, on the same use cases as the API. Every page works without script.
//!
//! A handler takes [`visitor::Visitor`] (or a form, which brings one along), calls a use case and answers with a
//! template of `api/templates`, which extends `layout.html` and holds a [`page::Page`]. What a form has wrong comes back
//! as [`form::Form`], with status 422 and everything as it was typed; what went well as 303.

pub mod asset;
pub mod form;
pub mod import;
pub mod page;
pub mod visitor;

mod account;
mod class;
mod codebook;
mod conversation;
mod flag;
mod home;
mod invite;
mod join;
mod mark;
mod member;
mod naming;
mod person;
mod presentation;
mod reset;
mod session;
mod several;
mod sheet;
mod tag;
mod thread;
mod words;

use actix_web::{http::Method, web::ServiceConfig};

use crate::routes::{self, Audience, Route};

macro_rules! pages {
    ($($audience:ident { $($method:ident $path:literal => $($handler:ident)::+;)* })*) => {
        /// Every page, in the order of the table.
        #[must_use]
        pub fn table() -> Vec<Route> {
            vec![$($(Route { audience: Audience::$audience, method: Method::$method, path: $path }),*),*]
        }

        fn handlers() -> Vec<(&'static str, Method, actix_web::Route)> {
            vec![$($(($path, Method::$method, routes::method(Method::$method).to($($handler)::+))),*),*]
        }
    };
}

pages! {
    Public {
        GET "/" => home::show;
        GET "/assets/{version}/{name}" => asset::show;
        GET "/login" => session::ask;
        POST "/login" => session::log_in;
        GET "/register" => session::ask_new;
        POST "/register" => session::register;
        GET "/join" => join::ask_code;
        GET "/join/{code}" => join::ask;
        POST "/join/{code}" => join::join;
        GET "/reset/{token}" => reset::ask;
        POST "/reset/{token}" => reset::set;
    }
    SignedIn {
        POST "/logout" => session::log_out;

        GET "/classes/new" => class::ask_new;
        POST "/classes/new" => class::open;
        GET "/classes/{id}" => class::show;
        GET "/classes/{id}/settings" => class::settings;
        POST "/classes/{id}/settings" => class::change;
        POST "/classes/{id}/conversations" => several::act;
        POST "/classes/{id}/reveal" => class::visibility::reveal;
        POST "/classes/{id}/status" => class::set_status;
        POST "/classes/{id}/owner" => class::hand_over;
        POST "/classes/{id}/delete" => class::delete;

        GET "/classes/{id}/codebook" => codebook::show;
        POST "/classes/{id}/codebook" => codebook::add;
        POST "/classes/{id}/codebook/import" => codebook::bring;
        POST "/classes/{id}/codebook/lock" => codebook::lock;
        GET "/tags/{id}" => tag::show;
        POST "/tags/{id}" => tag::change;
        POST "/tags/{id}/merge" => tag::merge;
        POST "/tags/{id}/delete" => tag::delete;

        GET "/classes/{id}/flags" => flag::queue;

        GET "/classes/{id}/members" => member::list;
        GET "/classes/{id}/people/{person}" => person::show;
        GET "/enrolments/{id}" => member::show;
        POST "/enrolments/{id}" => member::change;
        POST "/enrolments/{id}/readmit" => member::readmit;
        POST "/enrolments/{id}/end" => member::end;

        GET "/classes/{id}/invites" => invite::list;
        POST "/classes/{id}/invites" => invite::create;
        GET "/invites/{id}" => invite::show;
        POST "/invites/{id}/revoke" => invite::revoke;

        GET "/conversations/{id}" => conversation::show;
        POST "/conversations/{id}" => conversation::rename;
        POST "/conversations/{id}/visibility" => conversation::share;
        POST "/conversations/{id}/delete" => conversation::delete;
        GET "/conversations/{id}/marks" => mark::summary;
        GET "/conversations/{id}/mark" => mark::ask;
        POST "/conversations/{id}/mark" => mark::make;

        GET "/conversations/{id}/present" => presentation::ask;
        POST "/conversations/{id}/present" => presentation::begin;
        GET "/presentations/{id}" => presentation::show;
        POST "/presentations/{id}" => presentation::go;

        GET "/annotations/{id}" => thread::show;
        POST "/annotations/{id}" => thread::change;
        POST "/annotations/{id}/audience" => thread::show_to;
        POST "/annotations/{id}/delete" => thread::delete;
        POST "/annotations/{id}/restore" => thread::restore;
        POST "/annotations/{id}/resolved" => thread::resolve;
        POST "/annotations/{id}/hidden" => flag::hide_mark;
        POST "/annotations/{id}/flag" => flag::mark;
        POST "/annotations/{id}/dismiss" => flag::dismiss_mark;
        POST "/annotations/{id}/comments" => thread::reply;
        POST "/comments/{id}" => thread::edit;
        POST "/comments/{id}/delete" => thread::remove;
        POST "/comments/{id}/hidden" => flag::hide_comment;
        POST "/comments/{id}/flag" => flag::comment;
        POST "/comments/{id}/dismiss" => flag::dismiss_comment;

        GET "/account" => account::show;
        POST "/account/name" => account::rename;
        POST "/account/password" => account::set_password;
        POST "/account/sessions/end" => account::end_all_sessions;
        POST "/account/sessions/{id}/end" => account::end_session;
        POST "/account/tokens" => account::make_token;
        POST "/account/tokens/{id}/revoke" => account::revoke_token;
        POST "/account/delete" => account::delete;
        GET "/classes/{id}/import" => import::ask;
        POST "/classes/{id}/import" => import::stage;
        POST "/classes/{id}/import/known" => import::known;
        GET "/classes/{id}/import/{staged}" => import::choice::ask;
        POST "/classes/{id}/import/{staged}" => import::choice::make;
        GET "/imports/{id}" => import::report::show;
    }
}

/// Registers every page of the table.
pub fn configure(config: &mut ServiceConfig) {
    routes::register(config, handlers());
}

/// Whether a path belongs to people rather than programs: then mistakes are answered with a page too.
#[must_use]
pub fn is_page(path: &str) -> bool {
    let below = |root: &str| path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    !["/api", "/health", "/metrics"].into_iter().any(below)
}
