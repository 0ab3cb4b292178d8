//! The projector without script.

use tests::{TestApp, json, talk::talk};

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
    let csrf = student.open("/account").form("/account/name").value("csrf").to_owned();
    let go = [("csrf".to_owned(), csrf), ("go".to_owned(), "next".to_owned())];
    student.send("POST", &at, &go).is(403);
    page.form(&at).with("go", "end").submit().is(200).says("This presentation is over.");
    student.open(&at).is(200).says("This presentation is over.");
    auditor.open(&path).is(200).says("You can follow, but not present here.").says("Nobody presents it.");
}

#[test]
fn presentations_of_others_are_ended_from_the_list_by_staff_and_the_owner() {
    let app = TestApp::start();
    let ([ana, ben, cid], class) = app.lesson("Logic");
    let dora = app.person("dora");
    let membership = ana.admits(&class, &dora, "student");
    let id = talk(&ben, &class, "class");
    let present = || dora.post(&format!("/api/v1/conversations/{id}/presentations"), json!({})).is(201).str("id");
    let path = format!("/conversations/{id}/present");
    for who in ["ana", "ben", "dora"] {
        let running = format!("/presentations/{}", present());
        let other = log_in(&app, "cid").open(&path).is(200);
        assert!(other.has("By dora") && !other.has("End it"), "{}", other.html);
        let page = log_in(&app, who).open(&path).is(200).says("End it").form(&running).submit().is(200);
        page.says("The presentation is over.").says("Nobody presents it.");
    }
    // That one goes from the list together with somebody would tell whose a made-up name was.
    let left = format!("/presentations/{}", present());
    drop(cid);
    ana.delete(&format!("/api/v1/enrolments/{membership}")).is(204);
    let page = log_in(&app, "ben").open(&path).is(200).says("By dora");
    page.form(&left).submit().is(200).says("Nobody presents it.");
}
