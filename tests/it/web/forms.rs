//! What forms refuse: mistakes, with everything as it was typed; and requests from elsewhere.

use tests::{Client, PlainBrowser, TestApp, app::PASSWORD, json};

use super::{browser, log_in};

#[test]
fn a_mistake_comes_back_with_what_was_typed_and_the_message_beside_the_field() {
    let app = TestApp::start();
    let stranger = PlainBrowser::new(&app);
    let form = stranger.open("/register").form("/register");
    let form = form.with("display_name", "Ana <b>").with("email", "not an address").with("password", "short");
    let back = form.submit().is(422).says("At least 8 characters, found 5.").says("Expected an address like");
    let form = back.form("/register");
    assert_eq!((form.value("display_name"), form.value("email")), ("Ana <b>", "not an address"));
    assert_eq!(form.value("password"), "", "a password came back");
    let wrong: Vec<String> = back.tags("input").into_iter().filter(|tag| tag.contains("aria-invalid")).collect();
    assert_eq!(wrong.len(), 2, "{wrong:?}");
    assert!(wrong[0].contains("aria-describedby=\"email-wrong email-hint\""), "{}", wrong[0]);
    let home = form.with("email", "ana@example.org").with("password", PASSWORD).submit().is(200);
    assert_eq!(home.heading(), "My classes");

    let taken = PlainBrowser::new(&app).open("/register").form("/register").with("display_name", "Eve");
    let taken = taken.with("email", "ana@example.org").with("password", PASSWORD).submit().is(409);
    assert_eq!(taken.says("log in instead").form("/register").value("display_name"), "Eve");

    let class =
        stranger.open("/classes/new").form("/classes/new").with("name", " ").with("description", "\nTwo\nlines");
    let class = class.submit().is(422).says("This is needed.");
    assert_eq!(class.form("/classes/new").value("description"), "\nTwo\nlines");
}

#[test]
fn a_wrong_password_is_said_once_and_slows_down() {
    let app = TestApp::start();
    let _ana = app.person("ana");
    let browser = PlainBrowser::new(&app);
    let attempt = |password: &str| {
        let form = browser.open("/login?next=/account").form("/login").with("email", "ana@example.org");
        form.with("password", password).submit()
    };
    for _ in 0..5 {
        let back = attempt("wrong horse").is(422).says("The address or the password is wrong.");
        let form = back.form("/login");
        assert_eq!((form.value("email"), form.value("next")), ("ana@example.org", "/account"));
    }
    let slow = attempt(PASSWORD).is(429).says("Too many failed attempts");
    assert!(slow.answer.header("retry-after").is_some());
    app.clock.advance(time::Duration::minutes(16));
    assert_eq!(attempt(PASSWORD).is(200).at, "/account");
}

#[test]
fn who_is_not_logged_in_is_led_to_the_login_and_back() {
    let app = TestApp::start();
    let ana = app.person("ana");
    let class = ana.opens_class("Logic");
    let browser = PlainBrowser::new(&app);
    let wanted = format!("/classes/{class}?sort=title&q=a+b");
    let login = browser.open(&wanted).is(200);
    assert!(login.at.starts_with("/login?next=%2Fclasses%2F"), "{}", login.at);
    let form = login.form("/login").with("email", "ana@example.org").with("password", PASSWORD);
    assert_eq!(form.submit().is(200).at, wanted);
    // Who is logged in is not asked again.
    assert_eq!(browser.open(&login.at).is(200).at, wanted);
    // A session that is over asks again.
    app.clock.advance(time::Duration::days(31));
    assert!(browser.open("/account").is(200).at.starts_with("/login?next="));
    assert_eq!(browser.open("/").is(200).heading(), "Conversations with AI, read together");
}

#[test]
fn the_way_on_never_leads_to_another_server() {
    let app = TestApp::start();
    let _ana = app.person("ana");
    for evil in ["//evil.example", "/\\evil.example", "https://evil.example", "/\t/evil.example", "javascript:alert(1)"]
    {
        let browser = PlainBrowser::new(&app);
        let form = browser.open("/login").form("/login").with("email", "ana@example.org").with("next", evil);
        let answer = form.with("password", PASSWORD).send();
        assert_eq!((answer.status, answer.header("location")), (303, Some("/")), "{evil}");
        let query = evil.replace('/', "%2F").replace('\\', "%5C").replace('\t', "%09").replace(':', "%3A");
        assert_eq!(browser.send("GET", &format!("/login?next={query}"), &[]).header("location"), Some("/"), "{evil}");
        let fresh = PlainBrowser::new(&app).open(&format!("/login?next={query}")).is(200);
        assert_eq!(fresh.form("/login").value("next"), "/", "{evil}");
    }
}

/// A client that says it comes from elsewhere.
fn foreign(app: &TestApp, header: &str, value: &str) -> Client {
    app.anonymous().with(header, value)
}

const ELSEWHERE: [(&str, &str); 4] = [
    ("origin", "https://evil.example"),
    ("origin", "null"),
    ("sec-fetch-site", "cross-site"),
    ("sec-fetch-site", "same-site"),
];

#[test]
fn a_form_of_a_session_needs_its_token_and_this_origin() {
    let app = TestApp::start();
    let ana = browser(&app, "ana");
    let _ben = app.person("ben");
    let form = |browser: &PlainBrowser| browser.open("/classes/new").form("/classes/new").with("name", "Logic");
    let bens = form(&log_in(&app, "ben")).value("csrf").to_owned();
    for token in ["", "made-up", &bens] {
        let refused = form(&ana).with("csrf", token).send().is(403);
        assert!(refused.text().contains("You may not do this"), "{}", refused.text());
    }
    let token = form(&ana).value("csrf").to_owned();
    for (header, value) in ELSEWHERE {
        let elsewhere = ana.sending(foreign(&app, header, value));
        let fields = [("name".to_owned(), "Logic".to_owned()), ("csrf".to_owned(), token.clone())];
        elsewhere.send("POST", "/classes/new", &fields).is(403);
    }
    assert!(ana.open("/").is(200).has("No class yet"));
    assert_eq!(form(&ana).send().is(303).header("location").map(|to| to.contains("/invites")), Some(true));
}

#[test]
fn nobody_is_logged_in_or_registered_from_elsewhere() {
    let app = TestApp::start();
    let _ana = app.person("ana");
    for (header, value) in ELSEWHERE {
        let elsewhere = PlainBrowser::new(&app).sending(foreign(&app, header, value));
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let fields = [pair("email", "ana@example.org"), pair("password", PASSWORD), pair("display_name", "Eve")];
        for path in ["/login", "/register", "/join/ABCD2345", "/reset/cqr_nothing"] {
            let answer = elsewhere.send("POST", path, &fields).is(403);
            assert_eq!(answer.headers.get_all("set-cookie").iter().count(), 0, "{header}: {value}");
        }
    }
    assert_eq!(app.log_in("eve@example.org", PASSWORD).status, 401);
}

#[test]
fn a_get_changes_nothing() {
    let app = TestApp::start();
    let ana = browser(&app, "ana");
    for path in ["/logout", "/account/sessions/end", "/account/delete"] {
        let page = ana.open(path).is(405).says("This address takes no such request");
        assert!(page.link("/").starts_with('/'));
    }
    assert_eq!(ana.open("/account").is(200).heading(), "Account");
}

#[test]
fn a_form_for_nobody_still_works_after_logging_in_in_another_tab() {
    let app = TestApp::start();
    let (ana, ben) = (app.person("ana"), app.person("ben"));
    let class = ana.opens_class("Logic");
    let invite = ana.post(&format!("/api/v1/classes/{class}/invites"), json!({ "role": "student" })).is(201);
    let join = format!("/join/{}", invite.str("code"));
    let tabs = PlainBrowser::new(&app);
    let login = |name: &str| {
        let form = tabs.open("/login?next=/account").form("/login").with("email", &format!("{name}@example.org"));
        form.with("password", PASSWORD)
    };
    let (first, second, third) = (login("ana"), login("ana"), login("ben"));
    let joining = tabs.open(&join).form(&join).with("display_name", "Cleo").with("email", "cleo@example.org");
    let known = tabs.open(&join).form(&join).with("display_name", "Ben").with("email", "ben@example.org");
    assert_eq!(first.submit().is(200).at, "/account");
    assert_eq!(second.submit().is(200).at, "/account");
    // Whoever fills in the form is who is logged in then.
    third.submit().is(200).says("ben@example.org");
    known.with("password", PASSWORD).submit().is(409).says("log in instead");
    joining.with("password", PASSWORD).submit().is(200).says("You are in.");
    tabs.open("/account").is(200).says("cleo@example.org");
    assert_eq!(ben.get("/api/v1/classes").is(200).items().len(), 0);
    // A form made for somebody has to show that it was.
    let named = tabs.open("/join").form("/logout");
    named.with("csrf", "").send().is(403);
}

#[test]
fn a_page_that_says_what_went_wrong_knows_who_is_logged_in() {
    let app = TestApp::start();
    let ana = browser(&app, "ana");
    let class = app.sign_in("ana@example.org").opens_class("Logic");
    for (path, status) in [("/nowhere", 404), ("/logout", 405), ("/?cursor=%00", 422)] {
        let page = ana.open(path).is(status);
        assert!(page.has("Log out") && !page.has("Log in"), "{path}: {}", page.text());
        assert!(!PlainBrowser::new(&app).open("/nowhere").is(404).has("Log out"));
    }
    let form = ana.open("/classes/new").form("/classes/new").with("name", "Logic").with("csrf", "made-up");
    // Logging out works from there.
    let refused = form.submit().is(403).says("This page was open for too long");
    // What an address holds is not explained in the words of a program.
    for query in ["at=x", "at=-1", "page=x", "at=99999999999", "at=1&at=2"] {
        let id = app.sign_in("ana@example.org").writes(&class, "T", "private");
        let page = ana.open(&format!("/conversations/{id}?{query}")).is(422);
        page.says("This address is not quite right").says("Something after the question mark");
    }
    for path in
        [format!("/classes/{class}?cursor=x"), "/?cursor=x".into(), format!("/classes/{class}/members?cursor=x")]
    {
        ana.open(&path).is(422).says("This address is not quite right");
    }
    assert_eq!(refused.form("/logout").send().is(303).header("location"), Some("/login?done=logged-out"));
}

#[test]
fn what_was_typed_survives_the_end_of_the_session() {
    let app = TestApp::start();
    let browser = browser(&app, "ana");
    let text = "Two\nlines & \"signs\"";
    let form = browser.open("/classes/new").form("/classes/new").with("name", "Logic").with("description", text);
    app.clock.advance(time::Duration::days(31));
    let asked = form.submit().is(422).says("Your session is over. Log in: what you typed is kept");
    let wrong = asked.form("/login").with("email", "ana@example.org").with("password", "wrong horse").submit().is(422);
    let back = wrong.form("/login").with("password", PASSWORD).submit().is(200).says("What you typed before");
    let form = back.form("/classes/new");
    assert_eq!((form.value("name"), form.value("description")), ("Logic", text));
    form.submit().is(200).says("The class is open.");
    let class = app.sign_in("ana@example.org").get("/api/v1/classes").is(200).items();
    assert_eq!((class.len(), &class[0]["description"]), (1, &json!(text)));
    // A password is not carried on, and no way on leads elsewhere.
    let form = browser.open("/account").form("/account/password").with("current_password", PASSWORD);
    app.clock.advance(time::Duration::days(31));
    let asked = form.with("password", "a bench in the park").submit();
    assert!(
        asked.at.starts_with("/login") && !asked.html.contains("bench") && !asked.html.contains("then"),
        "{}",
        asked.html
    );
    let fields = [("email", "ana@example.org"), ("password", PASSWORD), ("then", "//evil.example/"), ("typed", "a=b")];
    let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let stranger = PlainBrowser::new(&app);
    assert_eq!(stranger.send("POST", "/login", &fields).is(303).header("location"), Some("/"));
}

/// The elements that get the focus when a page is shown.
fn focused(view: &tests::plain::View) -> Vec<String> {
    let all = ["input", "select", "textarea", "p", "button"].into_iter().flat_map(|name| view.tags(name));
    all.filter(|tag| tag.contains(" autofocus")).collect()
}

#[test]
fn after_a_mistake_the_title_says_so_and_the_focus_is_on_the_first_wrong_field() {
    let app = TestApp::start();
    let ana = app.person("ana");
    let class = ana.opens_class("Logic");
    let stranger = PlainBrowser::new(&app);
    let fresh = stranger.open("/register").is(200);
    assert!(fresh.html.contains("<title>Create an account - Colloquium</title>") && focused(&fresh).is_empty());
    let form = fresh.form("/register").with("display_name", "Eve").with("email", "no").with("password", "short");
    let wrong = form.submit().is(422);
    assert!(wrong.html.contains("<title>Error: Create an account - Colloquium</title>"), "{}", wrong.html);
    let focus = focused(&wrong);
    assert_eq!(focus.len(), 1, "{focus:?}");
    assert!(focus[0].contains("name=\"email\""), "{focus:?}");
    // What is wrong with the whole form is read first.
    let form = stranger.open("/login").form("/login").with("email", "ana@example.org").with("password", "wrong horse");
    let wrong = form.submit().is(422);
    let focus = focused(&wrong);
    assert!(
        focus.len() == 1 && focus[0].contains("role=\"alert\"") && focus[0].contains("tabindex=\"-1\""),
        "{focus:?}"
    );
    // A choice, and a field further down.
    let browser = log_in(&app, "ana");
    let settings = format!("/classes/{class}/settings");
    let form = browser.open(&settings).form(&settings).with("blind", "until_marks").with("blind_marks", "x");
    let focus = focused(&form.submit().is(422));
    assert!(focus.len() == 1 && focus[0].contains("name=\"blind_marks\""), "{focus:?}");
    // Signs that somebody types are words.
    let form =
        browser.open(&settings).form(&settings).with("name", " ").with("description", "<title> aria-invalid=\"true\"");
    let wrong = form.submit().is(422);
    let focus = focused(&wrong);
    assert!(focus.len() == 1 && focus[0].contains("name=\"name\""), "{focus:?}");
    assert_eq!(wrong.form(&settings).value("description"), "<title> aria-invalid=\"true\"");
}

#[test]
fn who_has_an_account_goes_from_the_mistake_to_the_login_with_the_address() {
    let app = TestApp::start();
    let ana = app.person("ana");
    let class = ana.opens_class("Logic");
    let _ben = app.person("ben");
    let join = format!("/join/{}", ana.invites(&class, "student"));
    for (path, next) in [("/register".to_owned(), "/".to_owned()), (join.clone(), join)] {
        let stranger = PlainBrowser::new(&app);
        let form = stranger.open(&path).form(&path).with("display_name", "Ben").with("email", "ben@example.org");
        let taken = form.with("password", PASSWORD).submit().is(409).says("log in instead");
        assert!(taken.tags("button").iter().any(|tag| tag.contains("form=\"to-login\"")), "{}", taken.html);
        let login = taken.form("/login").submit().is(200);
        assert!(login.html.contains("<title>Log in - Colloquium</title>"), "nobody did anything wrong yet");
        let form = login.form("/login");
        assert_eq!((form.value("email"), form.value("next")), ("ben@example.org", next.as_str()));
        let home = form.with("password", PASSWORD).submit().is(200);
        assert_eq!(home.at, next);
    }
}
