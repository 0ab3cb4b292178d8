//! Pages for people: one file a noun, on the same use cases as the API. Every page works without script.
//!
//! A handler takes [`visitor::Visitor`] (or a form, which brings one along), calls a use case and answers with a
//! template of `api/templates`, which extends `layout.html` and holds a [`page::Page`]. What a form has wrong comes back
//! as [`form::Form`], with status 422 and everything as it was typed; what went well as 303.

pub mod asset;
pub mod form;
pub mod page;
pub mod visitor;

mod home;
mod reset;
mod session;

use actix_web::{http::Method, web, web::ServiceConfig};

use crate::routes::{self, Audience, Route};

macro_rules! pages {
    ($($audience:ident { $($method:ident $path:literal => $($handler:ident)::+;)* })*) => {
        /// Every page, in the order of the table.
        #[must_use]
        pub fn table() -> Vec<Route> {
            vec![$($(Route { audience: Audience::$audience, method: Method::$method, path: $path }),*),*]
        }

        fn handlers() -> Vec<(&'static str, Method, actix_web::Route)> {
            vec![$($(($path, Method::$method, web::method(Method::$method).to($($handler)::+))),*),*]
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
        GET "/reset/{token}" => reset::ask;
        POST "/reset/{token}" => reset::set;
    }
    SignedIn {
        POST "/logout" => session::log_out;
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
