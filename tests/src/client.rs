//! A caller: anonymous, by session, by token or by cookie. Every answer is checked for what all answers must have.

use std::sync::OnceLock;

use api::error::CODES;
use serde_json::Value;
use ureq::{
    Agent,
    http::{HeaderMap, Method, Request},
};

/// Somebody who sends requests.
#[derive(Clone)]
pub struct Client {
    agent: Agent,
    base: String,
    headers: Vec<(String, String)>,
}

/// An answer.
#[derive(Debug)]
pub struct Response {
    /// Its status.
    pub status: u16,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Vec<u8>,
}

impl Client {
    /// An anonymous caller of the server at `base`.
    #[must_use]
    pub fn new(base: impl Into<String>) -> Self {
        static AGENT: OnceLock<Agent> = OnceLock::new();
        let agent = AGENT.get_or_init(|| {
            let config = Agent::config_builder().http_status_as_error(false).max_redirects(0);
            config.max_idle_connections_per_host(2).build().into()
        });
        Self { agent: agent.clone(), base: base.into(), headers: Vec::new() }
    }

    /// The same caller, sending this header with every request.
    #[must_use]
    pub fn with(&self, name: &str, value: impl Into<String>) -> Self {
        let mut client = self.clone();
        client.headers.push((name.to_owned(), value.into()));
        client
    }

    /// The same caller with a bearer token.
    #[must_use]
    pub fn bearer(&self, token: &str) -> Self {
        self.with("authorization", format!("Bearer {token}"))
    }

    /// GET.
    pub fn get(&self, path: &str) -> Response {
        self.send("GET", path, None, Vec::new())
    }

    /// DELETE.
    pub fn delete(&self, path: &str) -> Response {
        self.send("DELETE", path, None, Vec::new())
    }

    /// POST with a JSON body.
    pub fn post(&self, path: &str, body: Value) -> Response {
        self.send("POST", path, Some("application/json"), body.to_string().into_bytes())
    }

    /// PATCH with a JSON body.
    pub fn patch(&self, path: &str, body: Value) -> Response {
        self.send("PATCH", path, Some("application/json"), body.to_string().into_bytes())
    }

    /// POST with a body as it is, of a type that says nothing.
    pub fn upload(&self, path: &str, body: impl Into<Vec<u8>>) -> Response {
        self.send("POST", path, Some("application/octet-stream"), body.into())
    }

    /// Any request.
    pub fn send(&self, method: &str, path: &str, content_type: Option<&str>, body: Vec<u8>) -> Response {
        let mut request = Request::builder().method(Method::from_bytes(method.as_bytes()).unwrap());
        request = request.uri(format!("{}{path}", self.base));
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        if let Some(content_type) = content_type {
            request = request.header("content-type", content_type);
        }
        let answer = if content_type.is_some() {
            self.agent.run(request.body(body).unwrap())
        } else {
            self.agent.run(request.body(()).unwrap())
        };
        let answer = answer.unwrap_or_else(|error| panic!("{method} {path}: {error}"));
        let (parts, mut body) = answer.into_parts();
        // A stream has no end: what it says is read elsewhere.
        let stream = parts.headers.get("content-type").is_some_and(|kind| kind == "text/event-stream");
        let body = if stream { Vec::new() } else { body.with_config().limit(1 << 30).read_to_vec().unwrap() };
        let response = Response { status: parts.status.as_u16(), headers: parts.headers, body };
        response.check(method, path);
        response
    }
}

impl Response {
    /// Asserts the status; the answer again, to go on with.
    #[track_caller]
    pub fn is(self, status: u16) -> Self {
        assert_eq!(self.status, status, "answered {}", self.text());
        self
    }

    /// Asserts a problem by status and code.
    #[track_caller]
    pub fn is_problem(self, status: u16, code: &str) -> Self {
        let found = if self.status >= 400 { self.json()["code"].as_str().map(str::to_owned) } else { None };
        assert_eq!((self.status, found.as_deref()), (status, Some(code)), "answered {}", self.text());
        self
    }

    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    #[must_use]
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("not JSON ({e}): {}", self.text()))
    }

    /// A string member of the body.
    #[must_use]
    #[track_caller]
    pub fn str(&self, member: &str) -> String {
        self.json()[member].as_str().unwrap_or_else(|| panic!("no string `{member}` in {}", self.text())).to_owned()
    }

    /// The `items` of a list.
    #[must_use]
    #[track_caller]
    pub fn items(&self) -> Vec<Value> {
        self.json()["items"].as_array().unwrap_or_else(|| panic!("no `items` in {}", self.text())).clone()
    }

    /// A header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The codes of `errors[]` by pointer.
    #[must_use]
    #[track_caller]
    pub fn field_errors(&self) -> Vec<(String, String)> {
        let errors = self.json()["errors"].as_array().cloned().unwrap_or_default();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        errors.iter().map(|error| (text(&error["pointer"]), text(&error["code"]))).collect()
    }

    /// What every answer must have, whatever it says.
    fn check(&self, method: &str, path: &str) {
        let at = format!("{method} {path} -> {}", self.status);
        let id = self.header("x-request-id").unwrap_or_default();
        assert!((1..=64).contains(&id.len()), "{at}: no request id");
        assert_eq!(self.header("x-content-type-options"), Some("nosniff"), "{at}");
        assert!(self.header("content-security-policy").is_some(), "{at}: no CSP");
        if path.starts_with("/api/v1") {
            assert_eq!(self.header("cache-control"), Some("no-store"), "{at}");
        }
        if self.status < 400 || path.starts_with("/health") {
            return;
        }
        let json = self.headers.get("content-type").is_some_and(|kind| kind == "application/problem+json");
        if api::web::is_page(path.split('?').next().unwrap_or_default()) && !json {
            assert_eq!(self.header("content-type"), Some("text/html; charset=utf-8"), "{at}: {}", self.text());
            return;
        }
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{at}: {}", self.text());
        let problem = self.json();
        assert_eq!(problem["request_id"], id, "{at}");
        assert_eq!(problem["status"], self.status, "{at}");
        let code = problem["code"].as_str().unwrap_or_default();
        assert_eq!(problem["type"], format!("/api/docs/errors#{code}"), "{at}");
        assert!(!problem["detail"].as_str().unwrap_or_default().is_empty(), "{at}: no detail");
        let documented = CODES.iter().find(|(known, ..)| *known == code);
        let documented = documented.unwrap_or_else(|| panic!("{at}: undocumented code {code}"));
        let import = path.contains("/imports") && self.status == 422;
        assert!(import || documented.1 == self.status, "{at}: {code} is documented with {}", documented.1);
        if self.status == 401 {
            assert!(self.header("www-authenticate").is_some(), "{at}: no challenge");
        }
        if matches!(self.status, 429 | 503) {
            assert!(self.header("retry-after").is_some(), "{at}: no Retry-After");
        }
    }
}
