//! Marks without script.

use tests::{TestApp, Value, json, talk::talk};

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

#[test]
fn who_takes_a_conversation_back_is_told_which_marks_go_out_of_sight() {
    let app = TestApp::start();
    let ([ana, ben, cid], class) = app.lesson("Logic");
    let id = talk(&ben, &class, "class");
    let marks = format!("/api/v1/conversations/{id}/annotations");
    for (person, audience) in [(&ana, "class"), (&cid, "class"), (&cid, "staff"), (&ben, "staff"), (&ana, "private")] {
        person.post(&marks, json!({ "note": audience, "audience": audience })).is(201);
    }
    // What staff hid others do not see anyway.
    let hidden = ben.post(&marks, json!({ "note": "Hidden", "audience": "class" })).is(201).str("id");
    ana.patch(&format!("/api/v1/annotations/{hidden}"), json!({ "hidden": true })).is(200);
    let owner = log_in(&app, "ben");
    let (path, visibility) = (format!("/conversations/{id}"), format!("/conversations/{id}/visibility"));
    // What Cid says to the teachers alone is not counted for Ben, who does not see it.
    let page = owner.open(&path).is(200);
    let page = page.says("Others lose sight of 2 marks, until").says("Others lose sight of 3 marks, until");
    let staff = page.form(&visibility).with("visibility", "staff").submit().is(200);
    let staff = staff.says("Done. Fewer people can read it now. 2 marks are out of others’ sight, and back when");
    let private = staff.form(&visibility).with("visibility", "private").submit().is(200);
    let private = private.says("3 marks are out of others’ sight");
    assert!(!private.has("Others lose sight"));
    // Back with it, and those who come back are counted before.
    let ask = private.form(&visibility).with("visibility", "staff").submit().is(200);
    let shared = ask.says("1 mark that was made for them shows with it.").form(&visibility).submit().is(200);
    let ask = shared.says("Shared.").form(&visibility).with("visibility", "class").submit().is(200);
    let back = ask.says("2 marks that were made for them show with it.").form(&visibility).submit().is(200);
    assert!(!back.has("out of others"));
    assert_eq!(cid.get(&marks).is(200).items().len(), 3);
    // That is for its owner to know.
    assert!(!super::browser(&app, "dan").open(&path).has("lose sight"));
    assert!(!log_in(&app, "ana").open(&path).is(200).has("lose sight"));
}

#[test]
fn a_blind_class_says_what_brings_the_marks_of_others_into_sight() {
    let app = TestApp::start();
    let ([ana, ben, cid], class) = app.lesson("Logic");
    let id = talk(&ben, &class, "class");
    let (teacher, student) = (log_in(&app, "ana"), log_in(&app, "cid"));
    let pages = [format!("/conversations/{id}"), format!("/conversations/{id}/marks")];
    let blind = |rule: Value| ana.patch(&format!("/api/v1/classes/{class}"), rule).is(200);
    let both_say = |words: &str| {
        for page in &pages {
            student.open(page).is(200).says(words);
            assert!(!teacher.open(page).is(200).has("You see the marks of others"), "{page}");
        }
    };
    let nobody_says = || {
        for page in &pages {
            assert!(!student.open(page).is(200).has("You see the marks of others"), "{page}");
        }
    };
    nobody_says();
    blind(json!({ "blind": "until_marks", "blind_marks": 2 }));
    both_say("You see the marks of others once you have made 2 of your own here.");
    let marks = format!("/api/v1/conversations/{id}/annotations");
    for made in 1..=2 {
        let summary = student.open(&pages[1]).is(200);
        assert!(summary.has("once you have made 2 of your own"), "{made}");
        cid.post(&marks, json!({ "note": "Mine" })).is(201);
    }
    assert!(!student.open(&pages[1]).has("You see the marks of others"));
    let page = student.open(&pages[0]).is(200);
    assert!(page.html.contains("data-needed=\"2\" hidden>"), "{}", page.html);
    // Who cannot make any is not asked to.
    let dora = app.person("dora");
    ana.admits(&class, &dora, "auditor");
    log_in(&app, "dora").open(&pages[1]).is(200).says("when a teacher shows them");
    blind(json!({ "blind": "until_reveal" }));
    both_say("You see the marks of others when a teacher shows them.");
    blind(json!({ "revealed": true }));
    nobody_says();
    blind(json!({ "blind": "until_date", "blind_until": "2026-03-02T10:00:00Z" }));
    both_say("You see the marks of others from");
    app.clock.advance(time::Duration::hours(1));
    nobody_says();
}

#[test]
fn a_mark_begins_as_far_as_the_class_has_it_and_the_conversation_goes() {
    let app = TestApp::start();
    let ([ana, ben, _cid], class) = app.lesson("Logic");
    let browser = log_in(&app, "ben");
    let class_path = format!("/api/v1/classes/{class}");
    let begins = |shared: &str| {
        let path = format!("/conversations/{}/mark", talk(&ben, &class, shared));
        browser.open(&path).is(200).form(&path).value("audience").to_owned()
    };
    for (usual, expected) in [
        (None, ["private", "staff", "class"]),
        (Some("staff"), ["private", "staff", "staff"]),
        (Some("private"), ["private", "private", "private"]),
        (Some("class"), ["private", "staff", "class"]),
    ] {
        if let Some(usual) = usual {
            let now = ana.patch(&class_path, json!({ "usual_audience": usual })).is(200);
            assert_eq!(now.str("usual_audience"), usual);
        }
        assert_eq!(["private", "staff", "class"].map(begins), expected, "{usual:?}");
    }
    ben.patch(&class_path, json!({ "usual_audience": "class" })).is_problem(403, "role_insufficient");
    ana.patch(&class_path, json!({ "usual_audience": "all" })).is(422);
    // Who asks through the API and says nothing is not read by others.
    let id = talk(&ben, &class, "class");
    let made = ben.post(&format!("/api/v1/conversations/{id}/annotations"), json!({ "note": "Mine" })).is(201);
    assert_eq!(made.str("audience"), "private");
}

#[test]
fn a_mark_that_was_saved_for_oneself_is_shown_to_others_by_one_press() {
    let app = TestApp::start();
    let ([_ana, ben, cid], class) = app.lesson("Logic");
    let browser = log_in(&app, "ben");
    let seen = |id: &str| cid.get(&format!("/api/v1/conversations/{id}/annotations")).is(200).items().len();
    for (shared, others) in [("class", "the class"), ("staff", "the teachers")] {
        let id = talk(&ben, &class, shared);
        let path = format!("/conversations/{id}/mark");
        let form = browser.open(&path).form(&path).with("note", "Keep the tags").with("audience", "private");
        let saved = form.submit().is(200).says("Saved for you alone.").says(&format!("Show it to {others}?"));
        let mark = ben.get(&format!("/api/v1/conversations/{id}/annotations")).is(200).items().remove(0);
        let shown = saved.form(&format!("/annotations/{}/audience", mark["id"].as_str().unwrap())).submit().is(200);
        shown.says("Saved. Others see it now.").says("Keep the tags");
        let now = ben.get(&format!("/api/v1/annotations/{}", mark["id"].as_str().unwrap())).is(200).json();
        assert_eq!((&now["audience"], &now["note"]), (&json!(shared), &json!("Keep the tags")));
        if shared == "class" {
            assert_eq!(seen(&id), 1);
        }
    }
    // Where nobody else reads the conversation nothing is offered, and what is shared says nothing.
    let id = talk(&ben, &class, "private");
    let path = format!("/conversations/{id}/mark");
    let saved = browser.open(&path).form(&path).with("note", "x").submit().is(200).says("Saved for you alone.");
    assert!(!saved.has("Show it to"), "{}", saved.text());
    let id = talk(&ben, &class, "class");
    let path = format!("/conversations/{id}/mark");
    let saved = browser.open(&path).form(&path).with("note", "x").submit().is(200).says("Marked.");
    assert!(!saved.has("alone"), "{}", saved.text());
}

#[test]
fn with_made_up_names_the_form_and_the_reply_say_who_sees_which() {
    let app = TestApp::start();
    let ([ana, ben, cid], class) = app.lesson("Logic");
    let class_path = format!("/api/v1/classes/{class}");
    let id = talk(&ben, &class, "class");
    let body = json!({ "note": "Is that so?", "audience": "class" });
    let mark = cid.post(&format!("/api/v1/conversations/{id}/annotations"), body).is(201).str("id");
    let pages = [format!("/conversations/{id}/mark"), format!("/annotations/{mark}")];
    let (student, teacher) = (log_in(&app, "ben"), log_in(&app, "ana"));
    for page in &pages {
        assert!(!student.open(page).is(200).has("Classmates"), "everybody goes by name");
    }
    ana.patch(&class_path, json!({ "naming": "pseudonyms" })).is(200);
    // The name by which Cid knows Ben.
    let name = cid.get(&format!("/api/v1/conversations/{id}")).is(200).json()["author"]["name"].clone();
    let name = name.as_str().unwrap();
    for (staff_see, sentence) in [
        (true, format!("Classmates see {name}; teachers see your name.")),
        (false, format!("Classmates and teachers see {name}.")),
    ] {
        // Once somebody has written, names can only be told to fewer.
        ana.patch(&class_path, json!({ "staff_see_names": staff_see })).is(200);
        for page in &pages {
            student.open(page).is(200).says(&sentence);
            assert!(!teacher.open(page).is(200).has("Classmates"), "teachers write under their names");
        }
        let reading = student.open(&format!("/conversations/{id}")).is(200);
        assert!(reading.html.contains(&format!("data-written-as=\"{sentence}\"")), "for the script");
    }
}
