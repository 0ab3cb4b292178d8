//! The documentation the server brings along: complete, committed, and readable without any other host.

use std::collections::BTreeSet;

use tests::{Client, TestApp, Value};

/// Where the committed copy is.
const COMMITTED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/openapi.json");

fn document() -> Value {
    serde_json::from_str(&api::docs::document()).unwrap()
}

/// Every operation of the document: method, path, and what is said of it.
fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let paths = document["paths"].as_object().unwrap();
    let each = paths.iter().flat_map(|(path, item)| {
        let methods = item.as_object().unwrap().iter();
        methods.map(move |(method, operation)| (method.to_uppercase(), path.clone(), operation.clone()))
    });
    each.collect()
}

#[test]
fn the_document_has_every_route_and_no_other() {
    let routes: BTreeSet<(String, String)> =
        api::routes::table().iter().map(|route| (route.method.to_string(), route.path.to_owned())).collect();
    let documented: BTreeSet<(String, String)> =
        operations(&document()).into_iter().map(|(method, path, _)| (method, path)).collect();
    assert_eq!(documented, routes);
    assert!(routes.len() >= 30, "only {} routes", routes.len());
}

#[test]
fn every_operation_says_what_it_does_and_what_it_answers() {
    let document = document();
    assert_eq!(document["servers"], serde_json::json!([{ "url": "/" }]));
    let mut names = BTreeSet::new();
    for (method, path, operation) in operations(&document) {
        let at = format!("{method} {path}");
        assert!(!operation["summary"].as_str().unwrap_or_default().is_empty(), "{at}: no summary");
        let responses = operation["responses"].as_object().unwrap();
        let success = responses.keys().any(|status| status.starts_with('2'));
        assert!(success, "{at}: no success among {:?}", responses.keys());
        assert!(responses.contains_key("default"), "{at}: no problem");
        for parameter in path.split('/').filter_map(|piece| piece.strip_prefix('{')) {
            let name = parameter.trim_end_matches('}');
            let listed = operation["parameters"].as_array().into_iter().flatten();
            assert!(
                listed.into_iter().any(|p| p["name"] == name && p["in"] == "path"),
                "{at}: {name} is not explained"
            );
        }
        let takes_body = operation.get("requestBody").is_some();
        // These do what their path says.
        let bare = path.ends_with("/restore") || path.ends_with("/dismiss");
        assert_eq!(takes_body, matches!(method.as_str(), "POST" | "PATCH") && !bare, "{at}: body");
        let name = operation["operationId"].as_str().unwrap_or_default().to_owned();
        assert!(!name.is_empty() && names.insert(name.clone()), "{at}: {name:?} is no name of its own");
    }
}

#[test]
fn public_routes_and_no_others_are_documented_as_such() {
    let document = document();
    for route in api::routes::table() {
        let operation = &document["paths"][route.path][route.method.as_str().to_lowercase()];
        let public = operation["security"] == serde_json::json!([{}]);
        assert_eq!(public, route.audience == api::routes::Audience::Public, "{} {}", route.method, route.path);
    }
}

#[test]
fn every_reference_in_the_document_leads_somewhere() {
    let document = document();
    let text = document.to_string();
    let mut seen = 0;
    for piece in text.split("\"$ref\":\"#").skip(1) {
        let pointer = piece.split('"').next().unwrap();
        assert!(document.pointer(pointer).is_some(), "{pointer} is not there");
        seen += 1;
    }
    assert!(seen > 30, "only {seen} references");
}

#[test]
fn the_served_document_is_the_one_of_the_code() {
    let app = TestApp::start();
    let answer = app.anonymous().get("/api/openapi.json").is(200);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.text(), api::docs::document());
}

#[test]
fn the_committed_document_is_the_one_of_the_code() {
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(COMMITTED, api::docs::document()).unwrap();
    }
    let committed = std::fs::read_to_string(COMMITTED).unwrap_or_default();
    assert!(
        committed == api::docs::document(),
        "docs/openapi.json is not up to date: UPDATE_DOCS=1 cargo test -p tests --test it openapi"
    );
}

/// The values of `src` and `href` of a page.
fn links(page: &str) -> Vec<String> {
    let starts = ["src=\"", "href=\""];
    let found = starts.iter().flat_map(|start| page.split(start).skip(1));
    found.map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
}

fn page(client: &Client, path: &str, kind: &str) -> String {
    let answer = client.get(path).is(200);
    let found = answer.header("content-type").unwrap();
    assert!(found.starts_with(kind), "{path} is {found}");
    answer.text()
}

#[test]
fn the_document_can_be_browsed_without_any_other_host() {
    let app = TestApp::start();
    let client = app.anonymous();
    let moved = client.get("/api/docs").is(303);
    assert_eq!(moved.header("location"), Some("/api/docs/"));
    let html = page(&client, "/api/docs/", "text/html");
    let (mut scripts, mut styles, mut script) = (0, 0, String::new());
    for link in links(&html) {
        assert!(!link.contains("//"), "{link} is on another host");
        let answer = client.get(&format!("/api/docs/{}", link.trim_start_matches("./"))).is(200);
        assert!(!answer.body.is_empty(), "{link} is empty");
        scripts += usize::from(link.ends_with(".js"));
        styles += usize::from(link.ends_with(".css"));
        if link.ends_with("initializer.js") {
            script = answer.text();
        }
    }
    assert!(scripts >= 3 && styles >= 1, "{html}");
    assert!(script.contains("\"/api/openapi.json\""), "{script}");
    // The page would have the document judged by a server elsewhere.
    assert!(script.contains("\"validatorUrl\": \"none\""), "{script}");
    let address = ["http://", "https://"].iter().any(|start| script.contains(start) || html.contains(start));
    assert!(!address, "the page names another host");
    let policy = client.get("/api/docs/").is(200).header("content-security-policy").unwrap().to_owned();
    assert!(policy.contains("connect-src 'self'") && !policy.contains("http"), "{policy}");
    // No script stands in the page itself: the policy would not run it.
    assert!(!html.contains("<script>"), "{html}");
}

#[test]
fn every_code_is_explained_where_its_type_points() {
    let app = TestApp::start();
    let html = page(&app.anonymous(), "/api/docs/errors", "text/html");
    let mut codes = BTreeSet::new();
    for (code, status, meaning) in api::error::CODES {
        assert!(html.contains(&format!("id=\"{code}\"")), "{code} is not explained");
        assert!((400..=599).contains(status) && meaning.ends_with('.'), "{code}");
        assert!(codes.insert(code), "{code} stands twice");
    }
    assert!(!html.contains("<token>"), "unescaped text");
    // No code is made anywhere that is not in the list: every answer of every test is checked against it.
    let problem = app.anonymous().get("/api/v1/me").is_problem(401, "token_missing");
    assert_eq!(problem.str("type"), "/api/docs/errors#token_missing");
}
