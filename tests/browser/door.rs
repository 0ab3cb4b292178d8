//! The pages somebody sees who is not signed in.

use tests::{
    TestApp,
    browser::{Browser, Window},
    json,
};

#[test]
fn a_link_that_is_not_known_says_so_without_script() {
    let app = TestApp::start();
    let Some(browser) = Browser::start(format!("http://{}", app.addr), Window::Phone) else { return };
    browser.without_script();
    browser.open("/reset/unknown");
    browser.reads("This link is not known here");
    browser.look("reset-unknown");
    assert_eq!(browser.ask("return 1 + 1"), json!(2), "the test's own script still works");
}
