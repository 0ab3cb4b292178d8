//! Marks without script.

use tests::{TestApp, json, talk::talk};

use super::log_in;

#[test]
fn a_message_is_marked_by_a_form_and_stands_in_the_summary() {
    let app = TestApp::start();
    let (ana, ben) = (app.person("ana"), app.person("ben"));
    let class = ana.opens_class("Logic");
    ana.admits(&class, &ben, "student");
    let id = talk(&ben, &class, "class");
    let browser = log_in(&app, "ana");
    let page = browser.open(&format!("/conversations/{id}/marks")).is(200).says("Nothing is marked here");
    assert_eq!(page.heading(), "Marks: Is it prime?");
    assert_eq!(page.tags("a").iter().filter(|tag| tag.contains(&format!("/conversations/{id}/mark\""))).count(), 1);
    let path = format!("/conversations/{id}/mark");
    let form = browser.open(&path).is(200).form(&path);
    let refused = form.with("message", "40").submit().is(422).says("This conversation has no such message");
    let form = refused.form(&path).with("message", "2").with("note", "Look\nhere").with("audience", "class");
    let marked = form.submit().is(200);
    let marked = marked.says("Marked.").says("Message 2").says("Look here");
    assert_eq!(marked.link(&format!("/conversations/{id}?at=")), format!("/conversations/{id}?at=2#m2"));
    let seen = ben.get(&format!("/api/v1/conversations/{id}/annotations")).is(200).items();
    assert_eq!((&seen[0]["note"], &seen[0]["target"]), (&json!("Look\nhere"), &json!("message")));
    // Nobody else finds it.
    super::browser(&app, "eve").open(&format!("/conversations/{id}/marks")).is(404);
}

#[test]
fn a_summary_costs_five_statements_however_many_marks_there_are() {
    let app = TestApp::start();
    let ana = app.person("ana");
    let class = ana.opens_class("Logic");
    let id = talk(&ana, &class, "class");
    let message = ana.reads(&id).into_iter().rfind(|message| message["position"] == 0).unwrap()["id"].clone();
    let browser = log_in(&app, "ana");
    let path = format!("/conversations/{id}/marks");
    for count in [1, 12] {
        for start in 0..count {
            let body = json!({ "message_id": message, "start": start, "end": start + 3 });
            ana.post(&format!("/api/v1/conversations/{id}/annotations"), body).is(201);
        }
        let (statements, _) = app.statements(|| browser.open(&path).is(200));
        assert_eq!(statements, 5, "{count}");
    }
}
