//! A class in the browser: members, invitations, settings, the end of it.

use tests::{PlainBrowser, TestApp, json};

use super::{browser, log_in};

#[test]
fn a_member_gets_another_role_is_removed_and_taken_back() {
    let app = TestApp::start();
    let (ana, ben) = (app.person("ana"), app.person("ben"));
    let class = ana.opens_class("Logic");
    let member = ana.admits(&class, &ben, "student");
    let (teacher, student) = (log_in(&app, "ana"), log_in(&app, "ben"));
    let members = format!("/classes/{class}/members");
    let page = format!("/enrolments/{member}");
    // Students see names, never addresses, and change nobody.
    let list = student.open(&members).is(200).says("ana");
    assert!(!list.has("ana@example.org") && !list.has("Removed"));
    assert!(student.open(&page).is(200).says("Leave the class").tags("select").is_empty());
    let owner = ana.get(&format!("/api/v1/classes/{class}")).str("enrolment_id");
    assert!(!student.open(&format!("/enrolments/{owner}")).is(200).has("Remove"));
    let denied = student.open(&page).form(&format!("{page}/end")).value("csrf").to_owned();
    let fields = [("csrf".to_owned(), denied), ("role".to_owned(), "tutor".to_owned())];
    student.send("POST", &page, &fields).is(403);

    let list = teacher.open(&members).is(200).says("ben@example.org");
    let form = teacher.open(&list.link(&page)).is(200).form(&page);
    let stale = teacher.open(&page).form(&page).with("role", "auditor");
    assert_eq!(form.value("role"), "student");
    let saved = form.with("role", "tutor").with("section", "Group 2").submit().is(200).says("Saved.").says("Group 2");
    assert_eq!(saved.form(&page).value("role"), "tutor");
    stale.submit().is(412).says("Somebody changed it since you opened this page");
    let removed = saved.form(&format!("{page}/end")).submit().is(200).says("Removed from the class.");
    assert!(!removed.has("ben@example.org"));
    student.open(&format!("/classes/{class}")).is(200).says("You are not a member of this class any more.");
    let former = teacher.open(&removed.link(&format!("{members}?state=removed"))).is(200).says("ben@example.org");
    let page = teacher.open(&former.link(&page)).form(&format!("{page}/readmit"));
    page.submit().is(200).says("Taken back into the class.");
    student.open(&members).is(200);
}

#[test]
fn a_class_is_handed_over_and_left() {
    let app = TestApp::start();
    let (ana, ben) = (app.person("ana"), app.person("ben"));
    let class = ana.opens_class("Logic");
    let heir = ana.admits(&class, &ben, "instructor");
    let own = ana.get(&format!("/api/v1/classes/{class}")).str("enrolment_id");
    let teacher = log_in(&app, "ana");
    teacher.open(&format!("/enrolments/{own}")).is(200).says("To leave it, hand it over first");
    let hand_over = teacher.open(&format!("/enrolments/{heir}")).form(&format!("/classes/{class}/owner"));
    hand_over.submit().is(200).says("Handed over. You are an instructor now.");
    assert_eq!(ben.get(&format!("/api/v1/classes/{class}")).str("role"), "owner");
    let left = teacher.open(&format!("/enrolments/{own}")).form(&format!("/enrolments/{own}/end")).submit().is(200);
    left.says("You left the class.");
    teacher.open(&format!("/classes/{class}/members")).is(404);
}

#[test]
fn invitations_are_made_with_limits_and_taken_back() {
    let app = TestApp::start();
    let ana = browser(&app, "ana");
    let class = app.sign_in("ana@example.org").opens_class("Logic");
    let path = format!("/classes/{class}/invites");
    let form = |uses: &str| ana.open(&path).is(200).form(&path).with("role", "tutor").with("max_uses", uses);
    let wrong = form("few").with("section", "Group 1").submit().is(422).says("Expected a whole number.");
    assert_eq!(wrong.form(&path).value("section"), "Group 1");
    assert_eq!(wrong.form(&path).value("role"), "tutor");
    form("0").submit().is(422).says("Must be at least 1.");
    let made = form("3").with("expires", "7").submit().is(200).says("The invitation is ready.").says("0 joined of 3");
    let made = made.says("auditor").says("one week");
    let screen = made.link("/invites/");
    let page = ana.open(&screen).is(200).says("http://localhost:8080/join/");
    let code = page.html.split("http://localhost:8080/join/").nth(1).unwrap()[..8].to_owned();
    ana.open(&path).form(&format!("{screen}/revoke")).submit().is(200).says("Taken back.");
    ana.open(&screen).is(404);
    ana.open(&format!("/join/{code}")).is(410);
}

#[test]
fn settings_are_saved_and_the_later_of_two_changes_is_told() {
    let app = TestApp::start();
    let ana = browser(&app, "ana");
    let class = app.sign_in("ana@example.org").opens_class("Logic");
    let path = format!("/classes/{class}/settings");
    let (first, second) = (ana.open(&path).form(&path), ana.open(&path).form(&path));
    let saved = first.with("name", "Logic & rhetoric").with("code", "LOG 1").submit().is(200).says("Saved.");
    assert_eq!(saved.form(&path).value("name"), "Logic & rhetoric");
    let late = second.with("name", "Rhetoric").submit().is(412).says("Somebody changed it since you opened this page");
    assert_eq!(late.form(&path).value("name"), "Rhetoric");
    assert_eq!(late.form(&path).submit().is(200).form(&path).value("name"), "Rhetoric");
    let long = ana.open(&path).form(&path).with("name", &"x".repeat(201)).submit().is(422);
    long.says("At most 200 characters, found 201.");
}

#[test]
fn a_class_with_the_work_of_others_is_archived_then_deleted_by_its_name() {
    let app = TestApp::start();
    let (ana, ben) = (app.person("ana"), app.person("ben"));
    let class = ana.opens_class("Logic");
    ana.admits(&class, &ben, "student");
    ben.writes(&class, "Mine", "private");
    let (teacher, student) = (log_in(&app, "ana"), log_in(&app, "ben"));
    let path = format!("/classes/{class}/settings");
    student.open(&path).is(403).says("Your role in this class does not allow this.");
    let delete = |name: &str| {
        let form = teacher.open(&path).is(200).form(&format!("/classes/{class}/delete"));
        form.with("confirm", name).submit()
    };
    delete("logic").is(422).says("Type it exactly as shown.");
    delete("Logic").is(409).says("The class holds the work of others");
    let archived = teacher.open(&path).form(&format!("/classes/{class}/status")).submit().is(200);
    let archived = archived.says("The class is archived.");
    assert!(!student.open(&format!("/classes/{class}")).is(200).has("Bring in a conversation"));
    let open = archived.form(&format!("/classes/{class}/status")).submit().is(200).says("running again");
    open.form(&format!("/classes/{class}/status")).submit().is(200);
    delete("Logic").is(200).says("The class is deleted.").says("No class yet");
    student.open(&format!("/classes/{class}")).is(404);
}

#[test]
fn a_class_says_who_sees_whose_name_and_whose_marks() {
    let app = TestApp::start();
    let ana = browser(&app, "ana");
    let class = app.sign_in("ana@example.org").opens_class("Logic");
    let path = format!("/classes/{class}/settings");
    let form = ana.open(&path).form(&path);
    assert_eq!((form.value("naming"), form.value("blind"), form.value("staff_see_names")), ("names", "open", "yes"));
    assert_eq!(form.value("usual_audience"), "class");
    let wrong = form.with("blind", "until_marks").with("blind_marks", "many").submit().is(422);
    let wrong = wrong.says("Expected a whole number.").form(&path);
    assert_eq!((wrong.value("blind"), wrong.value("blind_marks")), ("until_marks", "many"));
    let saved = wrong.with("blind_marks", "3").with("naming", "pseudonyms").submit().is(200).says("Saved.");
    let now = saved.form(&path);
    assert_eq!((now.value("naming"), now.value("blind_marks")), ("pseudonyms", "3"));
    // Who joins is told before.
    let invite = app.sign_in("ana@example.org").invites(&class, "student");
    PlainBrowser::new(&app).open(&format!("/join/{invite}")).is(200).says("stands under a made-up name");
    let shown =
        saved.form(&format!("/classes/{class}/reveal")).submit().is(200).says("Students see the marks of others");
    let hidden = shown.form(&format!("/classes/{class}/reveal")).submit().is(200).says("Reveal now");
    let dated = hidden.form(&path).with("blind", "until_date").with("blind_until", "2026-03-03T09:00");
    assert_eq!(dated.submit().is(200).form(&path).value("blind_until"), "2026-03-03T09:00");
    // Who has written under a made-up name keeps it, and knows it.
    let ben = app.person("ben");
    app.sign_in("ana@example.org").admits(&class, &ben, "student");
    let conversation = ben.writes(&class, "Mine", "class");
    let page = log_in(&app, "ben").open(&format!("/conversations/{conversation}")).is(200);
    page.says("Students see it under the made-up name");
    let back = ana.open(&path).form(&path).with("naming", "names").submit().is(409);
    back.says("Students wrote here while they were told that their names would not be seen.");
}

#[test]
fn all_settings_are_saved_together_and_a_mistake_in_one_loses_none() {
    let app = TestApp::start();
    let ana = browser(&app, "ana");
    let teacher = app.sign_in("ana@example.org");
    let class = teacher.opens_class("Logic");
    let path = format!("/classes/{class}/settings");
    let form = ana.open(&path).form(&path).with("name", "Rhetoric").with("blind", "until_reveal");
    form.with("usual_audience", "staff").submit().is(200).says("Saved.");
    let now = teacher.get(&format!("/api/v1/classes/{class}")).is(200).json();
    assert_eq!((&now["name"], &now["blind"]), (&json!("Rhetoric"), &json!("until_reveal")));
    assert_eq!(now["usual_audience"], "staff");
    // What is wrong is said in one place, and everything else stands as it was typed.
    let form = ana.open(&path).form(&path).with("name", " ").with("blind", "until_marks").with("blind_marks", "x");
    let wrong =
        form.with("naming", "pseudonyms").submit().is(422).says("This is needed.").says("Expected a whole number.");
    let form = wrong.form(&path);
    assert_eq!(
        (form.value("naming"), form.value("blind"), form.value("blind_marks")),
        ("pseudonyms", "until_marks", "x")
    );
    // A number counts for the choice it stands below, and for no other; there it is needed.
    let saved = form.with("name", "Logic").with("blind", "open").submit().is(200).says("Saved.");
    assert_eq!(saved.form(&path).value("blind_marks"), "");
    let none = saved.form(&path).with("blind", "until_marks").submit().is(422);
    none.says("Say after how many marks of one's own: 1 to 100.");
    saved.form(&path).with("blind", "until_date").submit().is(422).says("Say until when");
}

#[test]
fn an_invitation_for_staff_is_for_one_person_and_one_week_unless_said_otherwise() {
    let app = TestApp::start();
    let ana = browser(&app, "ana");
    let teacher = app.sign_in("ana@example.org");
    let class = teacher.opens_class("Logic");
    let path = format!("/classes/{class}/invites");
    let page = ana.open(&path).is(200).says("Reads what is shared with teachers, sees addresses").says("Adds nothing.");
    assert_eq!(page.form(&path).value("role"), "student");
    let made = |role: &str, expires: &str, uses: &str| {
        let form = ana.open(&path).form(&path).with("role", role).with("expires", expires).with("max_uses", uses);
        form.submit().is(200).says("The invitation is ready.");
        let newest = teacher.get(&format!("/api/v1/classes/{class}/invites")).is(200).items().remove(0);
        assert_eq!(newest["role"], role);
        (newest["expires_at"].clone(), newest["max_uses"].clone())
    };
    let week = json!("2026-03-09T09:00:00Z");
    for role in ["instructor", "tutor"] {
        assert_eq!(made(role, "", ""), (week.clone(), json!(1)), "{role}");
    }
    for role in ["student", "auditor"] {
        assert_eq!(made(role, "", ""), (json!(null), json!(null)), "{role}");
    }
    assert_eq!(made("tutor", "never", "5"), (json!(null), json!(5)));
    assert_eq!(made("student", "7", ""), (week, json!(null)));
}

#[test]
fn removing_and_leaving_say_first_what_happens() {
    let app = TestApp::start();
    let (ana, ben) = (app.person("ana"), app.person("ben"));
    let class = ana.opens_class("Logic");
    let member = ana.admits(&class, &ben, "student");
    let page = format!("/enrolments/{member}");
    let asked = log_in(&app, "ana").open(&page).is(200).says("Remove from the class…").says("Remove ben from Logic?");
    let asked = asked.says("What they shared, marked and wrote stays.").says("for 30 more days");
    let before = asked.html.split(&format!("action=\"{page}/end\"")).next().unwrap();
    assert!(before.ends_with("<details><summary>Remove from the class…</summary>\n<form method=\"post\" "), "{before}");
    let leaving =
        log_in(&app, "ben").open(&page).is(200).says("Leave the class…").says("take it back before you leave");
    let before = leaving.html.split(&format!("action=\"{page}/end\"")).next().unwrap();
    assert!(before.ends_with("<details><summary>Leave the class…</summary>\n<form method=\"post\" "), "{before}");
}
