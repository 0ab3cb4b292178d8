//! The projector without script.

use tests::{TestApp, talk::talk};

use super::log_in;

#[test]
fn a_conversation_is_presented_and_followed_by_forms() {
    let app = TestApp::start();
    let (ana, ben) = (app.person("ana"), app.person("ben"));
    let class = ana.opens_class("Logic");
    ana.admits(&class, &ben, "student");
    ana.admits(&class, &app.person("dora"), "auditor");
    let id = talk(&ben, &class, "class");
    let (teacher, student, auditor) = (log_in(&app, "ana"), log_in(&app, "ben"), log_in(&app, "dora"));
    let path = format!("/conversations/{id}/present");
    let page = teacher.open(&teacher.open(&format!("/conversations/{id}")).link(&path)).is(200);
    let page = page.says("Nobody presents it.").form(&path).submit().is(200);
    let at = page.at.clone();
    assert!(at.starts_with("/presentations/"), "{at}");
    // Nobody's name, whoever wrote it.
    let page = page.says("The person").says("whether a number is prime").says("1 / 6");
    assert!(!page.html.split("<main").nth(1).unwrap().contains("ben"), "{}", page.html);
    let follower = student.open(&student.open(&path).says("By ana").link(&at)).is(200).says("1 / 6");
    assert!(follower.tags("button").iter().all(|tag| !tag.contains("data-go")), "who follows does not move it");
    let page = page.form(&at).with("go", "next").submit().is(200).says("2 / 6").says("Divide by every number");
    student.open(&at).is(200).says("2 / 6").says("Divide by every number").says("Look again");
    let page = page.form(&at).with("go", "blank").submit().is(200).says("Nothing is shown for now.");
    assert!(!student.open(&at).is(200).has("Divide by"), "what is hidden reaches nobody");
    let page = page.form(&at).with("go", "show").submit().is(200).says("Divide by every number");
    let larger = page.link(&format!("{at}?size=5"));
    assert!(teacher.open(&larger).is(200).html.contains("class=\"projector size-5\""));
    let csrf = vec![("csrf".to_owned(), student.open("/account").form("/account/name").value("csrf").to_owned())];
    student.send("POST", &at, &csrf).is(403);
    page.form(&at).with("go", "end").submit().is(200).says("This presentation is over.");
    student.open(&at).is(200).says("This presentation is over.");
    auditor.open(&path).is(200).says("You can follow, but not present here.").says("Nobody presents it.");
}
