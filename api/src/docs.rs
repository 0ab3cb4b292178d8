//! The documentation the server brings along: the OpenAPI document, a page to browse it, a page that explains errors.

use std::sync::LazyLock;

use actix_web::{
    HttpResponse,
    http::header,
    web::{self, ServiceConfig},
};
use utoipa::{
    Modify, OpenApi,
    openapi::{
        self, ContentBuilder, Ref, ResponseBuilder, SecurityRequirement,
        security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::{error::CODES, routes::Document};

/// What the OpenAPI document says first.
pub const ABOUT: &str = "Keep, read and share conversations with AI in classes. \
    Log in with POST /api/v1/sessions and send the token as `Authorization: Bearer <token>`. \
    Errors are `application/problem+json` with a stable `code`; each code is explained at /api/docs/errors. \
    Send `Idempotency-Key` with a POST to repeat it safely, `If-Match` with an ETag to not overwrite others' changes.";

/// What all operations have in common: how callers show who they are, and the shape of every error.
pub struct Common;

impl Modify for Common {
    fn modify(&self, document: &mut openapi::OpenApi) {
        document.servers = Some(vec![openapi::Server::new("/")]);
        document.security = Some(vec![
            SecurityRequirement::new::<_, [&str; 0], &str>("bearer", []),
            SecurityRequirement::new::<_, [&str; 0], &str>("cookie", []),
        ]);
        if let Some(components) = document.components.as_mut() {
            let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
            components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
            let cookie = ApiKey::Cookie(ApiKeyValue::new("__Host-session"));
            components.add_security_scheme("cookie", SecurityScheme::ApiKey(cookie));
        }
        let problem = || {
            let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
            ResponseBuilder::new()
                .description("A problem: `code` says which")
                .content("application/problem+json", content)
                .build()
        };
        for (path, item) in &mut document.paths.paths {
            let operations = [
                ("get", &mut item.get),
                ("post", &mut item.post),
                ("patch", &mut item.patch),
                ("delete", &mut item.delete),
            ];
            for (method, operation) in operations {
                let Some(operation) = operation else { continue };
                operation.operation_id = Some(operation_id(method, path));
                operation.responses.responses.entry("default".to_owned()).or_insert_with(|| problem().into());
            }
        }
    }
}

/// A name for an operation that no other has, for programs that make clients of the document: `get_classes_id`.
fn operation_id(method: &str, path: &str) -> String {
    let words = path.split('/').map(|word| word.trim_matches(['{', '}']));
    let words = words.filter(|word| !matches!(*word, "" | "api" | "v1"));
    words.fold(method.to_owned(), |id, word| id + "_" + word)
}

/// The OpenAPI document, as it is served and committed.
#[must_use]
pub fn document() -> String {
    Document::openapi().to_pretty_json().unwrap_or_default() + "\n"
}

/// Registers the documentation.
pub fn configure(config: &mut ServiceConfig) {
    let page = SwaggerUi::new("/api/docs/{_:.*}").config(Config::from("/api/openapi.json").validator_url("none"));
    config
        .route("/api/openapi.json", web::get().to(openapi_json))
        .route("/api/docs/errors", web::get().to(errors))
        .route("/api/docs", web::get().to(to_page))
        .service(page);
}

/// Made once: it takes as long as twenty other answers.
static DOCUMENT: LazyLock<String> = LazyLock::new(document);

async fn openapi_json() -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(DOCUMENT.as_str())
}

async fn to_page() -> HttpResponse {
    HttpResponse::SeeOther().insert_header((header::LOCATION, "/api/docs/")).finish()
}

/// One paragraph a code; the `type` of every problem points into it.
async fn errors() -> HttpResponse {
    let mut page = String::from(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Errors - Colloquium</title>\
         <meta name=\"viewport\" content=\"width=device-width\"></head><body><h1>Errors</h1><dl>",
    );
    for (code, status, meaning) in CODES {
        page += &format!("<dt id=\"{code}\"><code>{code}</code> ({status})</dt><dd>{meaning}</dd>");
    }
    page += "</dl></body></html>";
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .body(page.replace("`<token>`", "`&lt;token&gt;`").replace(" <token>`", " &lt;token&gt;`"))
}
