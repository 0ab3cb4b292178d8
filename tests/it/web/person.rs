//! All that one person did, on a page for staff.

use tests::{TestApp, json, talk::talk};

use super::log_in;

#[test]
fn a_teacher_reads_all_that_one_person_did_as_far_as_it_is_shared() {
    let app = TestApp::start();
    let (ana, ben, cid) = (app.person("ana"), app.person("ben"), app.person("cid"));
    let class = ana.opens_class("Logic");
    let member = ana.admits(&class, &ben, "student");
    ana.admits(&class, &cid, "student");
    let other = ana.opens_class("Rhetoric");
    ana.admits(&other, &ben, "student");
    ben.writes(&other, "Elsewhere", "class");
    let id = talk(&cid, &class, "class");
    ben.writes(&class, "Mine alone", "private");
    ben.writes(&class, "For teachers", "staff");
    let tag = ana.post(&format!("/api/v1/classes/{class}/tags"), json!({ "name": "Hedge" })).is(201).str("id");
    let marks = format!("/api/v1/conversations/{id}/annotations");
    let mark = |note: &str, audience: &str| {
        ben.post(&marks, json!({ "note": note, "audience": audience, "tags": [tag] })).is(201).str("id")
    };
    mark("For me", "private");
    let shared = mark("For all", "class");
    cid.post(&marks, json!({ "note": "Of another", "audience": "class" })).is(201);
    ben.post(&format!("/api/v1/annotations/{shared}/comments"), json!({ "body": "Because." })).is(201);
    for _ in 0..51 {
        mark("One of many", "class");
    }

    let (teacher, student) = (log_in(&app, "ana"), log_in(&app, "cid"));
    let path = format!("/classes/{class}/people/{member}");
    let page = teacher.open(&teacher.open(&format!("/classes/{class}/members")).is(200).link(&path)).is(200);
    assert_eq!(page.heading(), "ben");
    let page = page.says("Conversations 1").says("Marks 52").says("Replies 1").says("For teachers").says("Teachers");
    assert!(!page.has("Mine alone") && !page.has("Elsewhere"), "{}", page.text());
    let page = teacher.open(&page.link(&format!("{path}?show=marks"))).is(200).says("One of many").says("Hedge");
    let page = teacher.open(&page.link(&format!("{path}?show=marks&cursor="))).is(200).says("For all").says("1 reply");
    assert!(!page.has("For me") && !page.has("Of another"), "{}", page.text());
    let page = teacher.open(&format!("{path}?show=comments")).is(200).says("Because.");
    assert_eq!(page.link(&format!("/annotations/{shared}#c")).len(), format!("/annotations/{shared}#c").len() + 36);
    for show in ["conversations", "marks", "comments"] {
        let (statements, _) = app.statements(|| teacher.open(&format!("{path}?show={show}")).is(200));
        assert_eq!(statements, 5 - u64::from(show == "conversations"), "{show}");
    }
    student.open(&path).is(403);
    assert!(!student.open(&format!("/classes/{class}/members")).html.contains("/people/"));
}

#[test]
fn behind_made_up_names_the_page_is_of_the_name_and_not_of_the_person() {
    let app = TestApp::start();
    let (ana, ben) = (app.person("ana"), app.person("benedict"));
    let class = ana.opens_class("Logic");
    let member = ana.admits(&class, &ben, "student");
    let change = json!({ "naming": "pseudonyms", "staff_see_names": false });
    ana.patch(&format!("/api/v1/classes/{class}"), change).is(200);
    let id = ben.writes(&class, "Heaps", "class");
    let body = json!({ "note": "Is it?", "audience": "class" });
    let mark = ben.post(&format!("/api/v1/conversations/{id}/annotations"), body).is(201).str("id");
    let author = ana.get(&format!("/api/v1/annotations/{mark}")).is(200).json()["author"].clone();
    let (made_up, name) = (author["id"].as_str().unwrap(), author["name"].as_str().unwrap());
    let teacher = log_in(&app, "ana");
    // The roster leads nowhere: who wrote what is not to be learned from it.
    let members = teacher.open(&format!("/classes/{class}/members")).is(200).says("benedict");
    assert!(!members.html.contains(&format!("/people/{member}")) && !members.html.contains(made_up));
    teacher.open(&format!("/classes/{class}/people/{member}")).is(404);
    let thread = teacher.open(&format!("/annotations/{mark}")).is(200);
    let page = teacher.open(&thread.link(&format!("/classes/{class}/people/{made_up}"))).is(200).says("Is it?");
    assert_eq!(page.heading(), name);
    let page = teacher.open(&page.link(&format!("/classes/{class}/people/{made_up}"))).is(200).says("Heaps");
    assert!(!page.html.contains("benedict") && !page.html.contains(&member), "{}", page.html);
}
