//! The page behind an administrator's link.

use service::{admin, entity::user::SiteRole, text};
use tests::{TestApp, app::PASSWORD};

/// The path of a link for somebody who has no password yet.
fn link(app: &TestApp) -> String {
    let email = text::Email::parse("dean@example.org").unwrap();
    let name = text::DisplayName::parse("Dean").unwrap();
    let at = app.clock.now().into();
    let token = app.run(admin::create(&app.db, at, email, name, SiteRole::Admin)).unwrap();
    format!("/reset/{}", token.expose())
}

fn sets(app: &TestApp, link: &str, password: &str) -> tests::Response {
    let body = format!("password={}", password.replace(' ', "+"));
    app.anonymous().send("POST", link, Some("application/x-www-form-urlencoded"), body.into_bytes())
}

#[test]
fn a_link_shows_a_form_that_sets_the_password_once() {
    let app = TestApp::start();
    let link = link(&app);
    let form = app.anonymous().get(&link).is(200);
    assert_eq!(form.header("content-type"), Some("text/html; charset=utf-8"));
    assert!(form.text().contains("<form method=\"post\""));
    let weak = sets(&app, &link, "short").is(422);
    assert!(weak.text().contains("At least 8 characters, found 5."));
    assert_eq!(sets(&app, &link, PASSWORD).is(303).header("location"), Some("/login?done=password-set"));
    app.log_in("dean@example.org", PASSWORD).is(201);
    sets(&app, &link, PASSWORD).is(410);
    app.anonymous().get(&link).is(410);
    app.anonymous().get("/reset/cqr_nothing").is(404);
}

#[test]
fn a_link_is_over_after_an_hour() {
    let app = TestApp::start();
    let link = link(&app);
    app.clock.advance(time::Duration::minutes(59));
    app.anonymous().get(&link).is(200);
    app.clock.advance(time::Duration::minutes(1));
    app.anonymous().get(&link).is(410);
    sets(&app, &link, PASSWORD).is(410);
}
