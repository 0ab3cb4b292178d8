//! Accounts: register, log in and out, change, delete.

use tests::{TestApp, json};

#[test]
fn a_person_registers_logs_in_and_is_known() {
    let app = TestApp::start();
    let ana = app.person("ana");
    let me = ana.get("/api/v1/me").is(200);
    assert_eq!(me.str("email"), "ana@example.org");
    assert_eq!(me.header("etag"), Some("\"1\""));
    ana.delete("/api/v1/sessions/current").is(204);
    ana.get("/api/v1/me").is_problem(401, "token_invalid");
}

#[test]
fn an_address_can_be_registered_once() {
    let app = TestApp::start();
    let _ana = app.person("ana");
    let again = json!({ "email": "ANA@example.org", "display_name": "Ana", "password": "another password" });
    app.anonymous().post("/api/v1/users", again).is_problem(409, "email_taken");
}
