//! The first day of a class, without script.

use tests::{PlainBrowser, TestApp, app::PASSWORD};

#[test]
fn a_teacher_opens_a_class_and_reads_what_a_student_shares() {
    let app = TestApp::start();
    let teacher = PlainBrowser::new(&app);
    let register = teacher.open("/").says("This server is ready, and empty").link("/register");
    let form = teacher.open(&register).is(200).form("/register");
    let form = form.with("display_name", "Ana").with("email", "ana@example.org").with("password", PASSWORD);
    let home = form.submit().is(200).says("No class yet");
    let form = teacher.open(&home.link("/classes/new")).is(200).form("/classes/new");
    let invites = form.with("name", "Introduction to Philosophy").with("code", "PHIL 101").submit().is(200);
    assert!(invites.at.ends_with("/invites?done=opened"), "{}", invites.at);
    let invites = invites.says("The class is open.").says("0 joined");
    let link = invites.link("http://localhost:8080/join/");
    let join = link.strip_prefix("http://localhost:8080").unwrap();
    let screen = teacher.open(&invites.link("/invites/")).is(200).says(&link);
    assert!(screen.html.contains("aria-label=\"QR code of "), "no QR code");

    // The student sees what it is before being asked, registers and joins in one step.
    let student = PlainBrowser::new(&app);
    let page = student.open(join).is(200).says("Join Introduction to Philosophy").says("by Ana");
    let form = page.says("Nobody sees a conversation of yours until you share it").form(join);
    let form = form.with("display_name", "Ben").with("email", "ben@example.org").with("password", PASSWORD);
    let class = form.submit().is(200).says("You are in.").says("Only you see it until you share it");
    let class = class.at.split('?').next().unwrap().to_owned();
    let id = class.strip_prefix("/classes/").unwrap();

    let conversation = app.sign_in("ben@example.org").writes(id, "Trolleys & cars", "private");
    let path = format!("/conversations/{conversation}");
    teacher.open(&path).is(404).says("Not here, or not shared with you");
    assert!(!teacher.open(&class).is(200).has("Trolleys"));
    let page = student.open(&class).is(200).says("Trolleys & cars").says("Only me");
    let page = student.open(&page.link(&path)).is(200).says("Only me").says("An answer.");
    assert_eq!(page.heading(), "Trolleys & cars");

    // Wider asks once, with the number; narrower does not.
    let visibility = format!("{path}/visibility");
    let ask = page.form(&visibility).with("visibility", "class").submit().is(200);
    let ask = ask.says("Share this conversation?").says("One other person").says("Whole class (2 people)");
    student.open(&path).is(200).says("Only me");
    let shared = ask.form(&visibility).submit().is(200).says("Shared.").says("Whole class (2 people)");
    let read = teacher.open(&class).is(200).says("Whole class (2 people)").link(&path);
    let read = teacher.open(&read).is(200).says("A question about Trolleys & cars").says("Ben");
    assert!(!read.has("Share, rename, delete"));
    let narrowed = shared.form(&visibility).with("visibility", "staff").submit().is(200);
    narrowed.says("Fewer people can read it now").says("Who can see this: Teachers");
    teacher.open(&path).is(200).says("Who can see this: Teachers");
    teacher.open(&invites.at).is(200).says("1 joined");
}

#[test]
fn who_has_an_account_joins_with_one_button() {
    let app = TestApp::start();
    let ana = app.person("ana");
    let class = ana.opens_class("Logic");
    let code = ana.invites(&class, "student");
    let _ben = app.person("ben");
    let browser = PlainBrowser::new(&app);
    let join = format!("/join/{code}");
    // From the code as it was read aloud, by way of the login, back to where it began.
    let typed = format!("{}-{}", &code[..4].to_lowercase(), &code[4..]);
    let asked = browser.open("/").form("/join").with("code", &typed).submit().is(200);
    assert_eq!(asked.at, join);
    let login = browser.open(&asked.link("/login?next=")).is(200).form("/login");
    let login = login.with("email", "ben@example.org").with("password", PASSWORD);
    let page = login.submit().is(200).says("You are logged in as ben");
    assert_eq!((page.at.as_str(), page.form(&join).fields.len()), (join.as_str(), 1));
    assert_eq!(page.form(&join).submit().is(200).at, format!("/classes/{class}?done=joined"));
    browser.open(&join).form(&join).submit().is(200).says("You are a member already");
}

#[test]
fn a_code_that_is_wrong_or_over_is_said_to_be() {
    let app = TestApp::start();
    let ana = app.person("ana");
    let class = ana.opens_class("Logic");
    let code = ana.invites(&class, "student");
    let browser = PlainBrowser::new(&app);
    let page = browser.open("/join/ABCD2345").is(404).says("No class has this code");
    assert_eq!(page.form("/join").value("code"), "ABCD2345");
    let invite = ana.get(&format!("/api/v1/classes/{class}/invites")).items()[0]["id"].as_str().unwrap().to_owned();
    ana.delete(&format!("/api/v1/invites/{invite}")).is(204);
    browser.open(&format!("/join/{code}")).is(410).says("This invitation was taken back; ask for a new code.");
    let register = browser.open("/register").form("/register").with("invite_code", "ABCD2345");
    let register = register.with("display_name", "Ben").with("email", "ben@example.org").with("password", PASSWORD);
    register.submit().is(422).says("No class has this code");
}
