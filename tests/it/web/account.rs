//! One's own account in the browser.

use tests::{PlainBrowser, TestApp, app::PASSWORD, json, plain::View};

use super::{browser, log_in};

#[test]
fn a_person_changes_name_and_password() {
    let app = TestApp::start();
    let ana = browser(&app, "ana");
    let page = ana.open("/account").is(200).says("ana@example.org");
    let page = page.form("/account/name").with("display_name", "Ana L.").submit().is(200).says("Saved.");
    assert_eq!(page.form("/account/name").value("display_name"), "Ana L.");
    let change = |current: &str, new: &str| {
        let form = ana.open("/account").form("/account/password").with("current_password", current);
        form.with("password", new).submit()
    };
    change(PASSWORD, "12345678").is(422).says("Too easy to guess");
    let wrong = change("wrong horse", "a bench in the park").is(422).says("This is not the current password.");
    assert_eq!(wrong.form("/account/password").value("password"), "");
    let other = log_in(&app, "ana");
    change(PASSWORD, "a bench in the park").is(200).says("The password is changed.");
    assert!(other.open("/account").at.starts_with("/login"));
    app.log_in("ana@example.org", "a bench in the park").is(201);
}

#[test]
fn sessions_are_ended_one_by_one_and_all_at_once() {
    let app = TestApp::start();
    let ana = browser(&app, "ana");
    let (second, third) = (log_in(&app, "ana"), log_in(&app, "ana"));
    let sessions = app.sign_in("ana@example.org").get("/api/v1/sessions").is(200).items();
    let page = ana.open("/account").is(200);
    assert_eq!(page.html.matches("/end\"").count(), sessions.len() + 1);
    // Newest first: the one of the API, then the third browser's.
    let id = sessions[1]["id"].as_str().unwrap();
    page.form(&format!("/account/sessions/{id}/end")).submit().is(200).says("The session is ended.");
    assert!(third.open("/account").at.starts_with("/login"));
    let out = ana.open("/account").form("/account/sessions/end").submit().is(200).says("signed out everywhere");
    assert!(out.at.starts_with("/login"), "{}", out.at);
    for browser in [&ana, &second] {
        assert!(browser.open("/account").at.starts_with("/login"));
    }
}

#[test]
fn long_lists_are_shown_in_pages() {
    let app = TestApp::start();
    let ana = browser(&app, "ana");
    let script = app.sign_in("ana@example.org");
    for n in 0..51 {
        script.post("/api/v1/me/tokens", json!({ "name": format!("token {n}"), "scope": "read" })).is(201);
        app.log_in("ana@example.org", PASSWORD).is(201);
    }
    let shown = |page: &View| (page.html.matches("/end\"").count() - 1, page.html.matches("/revoke\"").count());
    let first = ana.open("/account").is(200).says("token 50");
    assert_eq!(shown(&first), (50, 50));
    let older = |of: &str| first.html.split(&format!("/account?{of}=")).nth(1).unwrap().split('"').next().unwrap();
    let tokens = ana.open(&format!("/account?tokens={}", older("tokens"))).is(200).says("token 0");
    assert_eq!((shown(&tokens), tokens.has("rel=\"next\" href=\"/account?tokens")), ((50, 1), false));
    // The browser's own, the script's, and that of registering are the oldest.
    assert_eq!(shown(&ana.open(&format!("/account?sessions={}", older("sessions"))).is(200)), (4, 50));
}

#[test]
fn logging_out_ends_the_session() {
    let app = TestApp::start();
    let ana = browser(&app, "ana");
    let token = app.sign_in("ana@example.org");
    let answer = ana.open("/").form("/logout").send().is(303);
    assert_eq!(answer.header("location"), Some("/login?done=logged-out"));
    assert_eq!(answer.header("clear-site-data"), Some("\"cache\", \"storage\""));
    assert_eq!(answer.headers.get_all("set-cookie").iter().count(), 2);
    assert_eq!(ana.open("/").is(200).heading(), "Conversations with AI, read together");
    assert_eq!(token.get("/api/v1/sessions").is(200).items().len(), 2);
}

#[test]
fn a_token_is_shown_once_and_revoked() {
    let app = TestApp::start();
    let ana = browser(&app, "ana");
    let form = ana.open("/account").form("/account/tokens");
    form.with("token_name", " ").submit().is(422).says("This is needed.");
    let form = ana.open("/account").form("/account/tokens").with("token_name", "My script").with("scope", "write");
    let made = form.submit().is(200).says("shown once").says("reads and writes");
    let secret = made.html.split("<code class=\"words\">").nth(1).unwrap().split('<').next().unwrap().to_owned();
    let script = app.anonymous().bearer(&secret);
    script.get("/api/v1/me").is(200);
    // A token opens no pages.
    assert_eq!(script.get("/account").is(303).header("location"), Some("/login?next=%2Faccount"));
    let page = ana.open("/account").is(200).says("My script");
    assert!(!page.has(&secret));
    let id = page.html.split("/account/tokens/").nth(1).unwrap().split('/').next().unwrap().to_owned();
    page.form(&format!("/account/tokens/{id}/revoke")).submit().is(200).says("The token is revoked.");
    script.get("/api/v1/me").is_problem(401, "token_revoked");
}

#[test]
fn an_account_is_deleted_by_its_address() {
    let app = TestApp::start();
    let ana = browser(&app, "ana");
    let delete = |typed: &str| ana.open("/account").form("/account/delete").with("confirm", typed).submit();
    delete("ben@example.org").is(422).says("Type it exactly as shown.");
    let gone = delete("ana@example.org").is(200).says("Your account is deleted.");
    assert!(gone.has("This server is ready, and empty"));
    app.log_in("ana@example.org", PASSWORD).is(401);
}

#[test]
fn where_nobody_registers_the_pages_say_so() {
    use service::rules::Registration;
    let app = TestApp::with(|config| config.rules.registration = Registration::Closed);
    let browser = PlainBrowser::new(&app);
    browser.open("/register").is(200).says("does not register new people");
    assert!(!browser.open("/login").has("Create an account"));
    let app = TestApp::with(|config| config.rules.registration = Registration::Invite);
    let form = PlainBrowser::new(&app).open("/register").form("/register").with("display_name", "Ana");
    let form = form.with("email", "ana@example.org").with("password", PASSWORD);
    form.submit().is(403).says("by invitation; ask your teacher");
}
