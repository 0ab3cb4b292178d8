//! Every path of the product, in one table. The routes, the OpenAPI document and the list that tests walk are made from
//! it, so none of them can lack a line of the others.

use std::collections::BTreeMap;

use actix_web::{
    HttpResponse, Resource, guard,
    http::Method,
    web::{self, ServiceConfig},
};
use utoipa::OpenApi;

use crate::{
    docs::{self, Common},
    error::{self, ApiError},
    metrics, v1,
};

/// Who may call a route at all; what they may do is for the use case to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Everybody.
    Public,
    /// Whoever is signed in.
    SignedIn,
}

/// One route.
#[derive(Clone, Debug)]
pub struct Route {
    /// Who may call it at all.
    pub audience: Audience,
    /// Its method.
    pub method: Method,
    /// Its path.
    pub path: &'static str,
}

macro_rules! routes {
    ($($audience:ident { $($method:ident $path:literal => $($handler:ident)::+;)* })*) => {
        /// Every route, in the order of the table.
        #[must_use]
        pub fn table() -> Vec<Route> {
            vec![$($(Route { audience: Audience::$audience, method: Method::$method, path: $path }),*),*]
        }

        fn handlers() -> Vec<(&'static str, Method, actix_web::Route)> {
            vec![$($(($path, Method::$method, method(Method::$method).to($($handler)::+))),*),*]
        }

        /// The OpenAPI document of these routes.
        #[derive(OpenApi)]
        #[openapi(
            info(title = "Colloquium", description = docs::ABOUT),
            paths($($($($handler)::+),*),*),
            components(schemas(error::Problem)),
            tags(
                (name = "account", description = "Register, log in, tokens"),
                (name = "classes", description = "Classes, invitations, members"),
                (name = "conversations", description = "Write, import, read, share"),
                (name = "annotations", description = "Marks, tags, comments"),
                (name = "exports", description = "What you may read, as files"),
                (name = "feed", description = "What changes, as it changes"),
                (name = "health", description = "Whether the server works"),
            ),
            modifiers(&Common),
        )]
        pub struct Document;
    };
}

routes! {
    Public {
        GET "/health" => v1::health::ready;
        GET "/health/live" => v1::health::live;
        GET "/metrics" => metrics::show;
        POST "/api/v1/users" => v1::user::register;
        POST "/api/v1/sessions" => v1::session::create;
        POST "/api/v1/password_resets" => v1::password::reset;
    }
    SignedIn {
        GET "/api/v1/sessions" => v1::session::list;
        DELETE "/api/v1/sessions/current" => v1::session::log_out;
        DELETE "/api/v1/sessions/{id}" => v1::session::end;

        GET "/api/v1/me" => v1::user::show;
        PATCH "/api/v1/me" => v1::user::change;
        DELETE "/api/v1/me" => v1::user::delete;
        GET "/api/v1/me/export" => v1::export::mine;
        POST "/api/v1/me/tokens" => v1::api_token::create;
        GET "/api/v1/me/tokens" => v1::api_token::list;
        DELETE "/api/v1/me/tokens/{id}" => v1::api_token::revoke;

        POST "/api/v1/classes" => v1::class::create;
        GET "/api/v1/classes" => v1::class::list;
        GET "/api/v1/classes/{id}" => v1::class::show;
        PATCH "/api/v1/classes/{id}" => v1::class::change;
        DELETE "/api/v1/classes/{id}" => v1::class::delete;

        GET "/api/v1/classes/{id}/export" => v1::export::class;
        GET "/api/v1/classes/{id}/changes" => v1::feed::changes;
        GET "/api/v1/classes/{id}/events" => v1::feed::events;

        POST "/api/v1/classes/{id}/invites" => v1::invite::create;
        GET "/api/v1/classes/{id}/invites" => v1::invite::list;
        DELETE "/api/v1/invites/{id}" => v1::invite::revoke;

        POST "/api/v1/enrolments" => v1::enrolment::join;
        GET "/api/v1/classes/{id}/enrolments" => v1::enrolment::list;
        PATCH "/api/v1/enrolments/{id}" => v1::enrolment::change;
        DELETE "/api/v1/enrolments/{id}" => v1::enrolment::end;

        POST "/api/v1/classes/{id}/conversations" => v1::conversation::create;
        GET "/api/v1/classes/{id}/conversations" => v1::conversation::list;
        POST "/api/v1/classes/{id}/imports" => v1::import::create;
        GET "/api/v1/imports/{id}" => v1::import::show;
        GET "/api/v1/conversations/{id}" => v1::conversation::show;
        PATCH "/api/v1/conversations/{id}" => v1::conversation::change;
        DELETE "/api/v1/conversations/{id}" => v1::conversation::delete;
        GET "/api/v1/conversations/{id}/source" => v1::conversation::source;
        GET "/api/v1/conversations/{id}/export" => v1::export::conversation;
        GET "/api/v1/conversations/{id}/messages" => v1::message::list;
        POST "/api/v1/conversations/{id}/messages" => v1::message::append;

        POST "/api/v1/conversations/{id}/presentations" => v1::presentation::create;
        GET "/api/v1/presentations/{id}" => v1::presentation::show;
        PATCH "/api/v1/presentations/{id}" => v1::presentation::change;
        DELETE "/api/v1/presentations/{id}" => v1::presentation::end;

        POST "/api/v1/conversations/{id}/annotations" => v1::annotation::create;
        GET "/api/v1/conversations/{id}/annotations" => v1::annotation::list;
        GET "/api/v1/annotations/{id}" => v1::annotation::show;
        PATCH "/api/v1/annotations/{id}" => v1::annotation::change;
        DELETE "/api/v1/annotations/{id}" => v1::annotation::delete;
        POST "/api/v1/annotations/{id}/restore" => v1::annotation::restore;
        GET "/api/v1/conversations/{id}/audience" => v1::conversation::audience;

        POST "/api/v1/annotations/{id}/comments" => v1::comment::create;
        GET "/api/v1/annotations/{id}/comments" => v1::comment::list;
        GET "/api/v1/comments/{id}" => v1::comment::show;
        PATCH "/api/v1/comments/{id}" => v1::comment::change;
        DELETE "/api/v1/comments/{id}" => v1::comment::delete;

        POST "/api/v1/annotations/{id}/flags" => v1::flag::annotation;
        DELETE "/api/v1/annotations/{id}/flags" => v1::flag::lower_annotation;
        POST "/api/v1/annotations/{id}/flags/dismiss" => v1::flag::dismiss_annotation;
        POST "/api/v1/comments/{id}/flags" => v1::flag::comment;
        DELETE "/api/v1/comments/{id}/flags" => v1::flag::lower_comment;
        POST "/api/v1/comments/{id}/flags/dismiss" => v1::flag::dismiss_comment;
        GET "/api/v1/classes/{id}/flags" => v1::flag::queue;

        POST "/api/v1/classes/{id}/tags" => v1::tag::create;
        GET "/api/v1/classes/{id}/tags" => v1::tag::list;
        POST "/api/v1/classes/{id}/tags/import" => v1::tag::bring;
        GET "/api/v1/tags/{id}" => v1::tag::show;
        PATCH "/api/v1/tags/{id}" => v1::tag::change;
        DELETE "/api/v1/tags/{id}" => v1::tag::delete;
        POST "/api/v1/tags/{id}/merge" => v1::tag::merge;
    }
}

/// A route by method; what answers GET answers HEAD, and actix leaves the body out.
pub(crate) fn method(method: Method) -> actix_web::Route {
    if method == Method::GET {
        web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
    } else {
        web::method(method)
    }
}

/// Registers every route of the table, the documentation, the pages, and the answers for everything else.
pub fn configure(config: &mut ServiceConfig) {
    config
        .app_data(web::PathConfig::default().error_handler(error::of_path))
        .app_data(web::QueryConfig::default().error_handler(error::of_query));
    register(config, handlers());
    docs::configure(config);
    crate::web::configure(config);
    config.default_service(web::to(|| async { Err::<HttpResponse, _>(ApiError::not_found()) }));
}

/// Registers the routes of a table; a path it has answers every other method with those it takes.
pub(crate) fn register(config: &mut ServiceConfig, handlers: Vec<(&'static str, Method, actix_web::Route)>) {
    let mut order = Vec::new();
    let mut resources: BTreeMap<&str, (Resource, Vec<Method>)> = BTreeMap::new();
    for (path, method, route) in handlers {
        let (resource, mut methods) = resources.remove(path).unwrap_or_else(|| {
            order.push(path);
            (web::resource(path), Vec::new())
        });
        if method == Method::GET {
            methods.push(Method::HEAD);
        }
        methods.push(method);
        resources.insert(path, (resource.route(route), methods));
    }
    // In the order of the table: `/sessions/current` must be asked before `/sessions/{id}`.
    for path in order {
        if let Some((resource, methods)) = resources.remove(path) {
            let other_method = move || {
                let error = ApiError::method_not_allowed(&methods);
                async { Err::<HttpResponse, _>(error) }
            };
            config.service(resource.default_service(web::to(other_method)));
        }
    }
}
