//! A mark and its discussion without script, flags and what staff do about them.

use tests::{Person, PlainBrowser, TestApp, json, talk::talk};

use super::log_in;

/// Ana teaches Logic, Ben and Cid study it; Cid marked Ben's conversation for all.
struct Room {
    app: TestApp,
    ana: Person,
    ben: Person,
    class: String,
    conversation: String,
    mark: String,
    path: String,
}

impl Room {
    fn open() -> Self {
        let app = TestApp::start();
        let (ana, ben, cid) = (app.person("ana"), app.person("ben"), app.person("cid"));
        let class = ana.opens_class("Logic");
        ana.admits(&class, &ben, "student");
        ana.admits(&class, &cid, "student");
        let conversation = talk(&ben, &class, "class");
        let body = json!({ "note": "Is that so?", "audience": "class" });
        let mark = cid.post(&format!("/api/v1/conversations/{conversation}/annotations"), body).is(201).str("id");
        Self { path: format!("/annotations/{mark}"), app, ana, ben, class, conversation, mark }
    }

    fn comments(&self) -> Vec<tests::Value> {
        self.ana.get(&format!("/api/v1/annotations/{}/comments", self.mark)).is(200).items()
    }

    fn says(&self, person: &Person, body: &str) -> String {
        person.post(&format!("/api/v1/annotations/{}/comments", self.mark), json!({ "body": body })).is(201).str("id")
    }

    /// Follows the link of the discussion that opens a form for a comment.
    fn doing(&self, browser: &PlainBrowser, what: &str, comment: &str) -> tests::plain::View {
        let page = browser.open(&self.path).is(200);
        browser.open(&page.link(&format!("{}?{what}={comment}", self.path))).is(200)
    }
}

#[test]
fn a_discussion_is_read_answered_changed_and_deleted_by_forms() {
    let room = Room::open();
    let (ben, cid) = (log_in(&room.app, "ben"), log_in(&room.app, "cid"));
    let summary = ben.open(&format!("/conversations/{}/marks", room.conversation)).is(200);
    let page = ben.open(&summary.link(&room.path)).is(200).says("Is that so?").says("Nobody said anything yet.");
    let answers = format!("{}/comments", room.path);
    page.form(&answers).with("body", " ").submit().is(422).says("This is needed.");
    let page = page.form(&answers).with("body", "It is.\nLook.").submit().is(200).says("Your reply is there.");
    let first = room.comments()[0]["id"].as_str().unwrap().to_owned();
    assert!(page.at.ends_with(&format!("#c{first}")) && page.has("You"), "{}", page.at);
    // An answer to the answer says whom it is for.
    let page = room.doing(&cid, "reply", &first);
    page.form(&answers).with("body", "Where?").submit().is(200).says("You to ben");
    assert_eq!(room.comments()[1]["parent_id"], first.as_str());
    let edit = format!("/comments/{first}");
    let page = room.doing(&ben, "edit", &first);
    let form = page.form(&edit);
    assert_eq!(form.value("body"), "It is.\nLook.");
    page.form(&edit).with("body", "").submit().is(422).says("This is needed.");
    form.with("body", "It is, in chapter 2.").submit().is(200).says("The reply is changed.").says("edited");
    // Only one's own.
    assert!(!cid.open(&room.path).html.contains(&format!("edit={first}")));
    let csrf = vec![("csrf".to_owned(), cid.open(&room.path).form(&answers).value("csrf").to_owned())];
    cid.send("POST", &format!("{edit}/delete"), &csrf).is(403);
    let page = ben.open(&room.path).form(&format!("{edit}/delete")).submit().is(200);
    page.says("The reply is deleted.").says("Deleted").says("cid to Somebody");
    // What its author says of it, with tags; what is done; gone and back.
    let tag = room.ana.post(&format!("/api/v1/classes/{}/tags", room.class), json!({ "name": "Hedge" })).is(201);
    let tag = tag.str("id");
    let mut form = cid.open(&room.path).form(&room.path).with("note", "It is so.");
    form.fields.push(("tag".to_owned(), tag.clone()));
    let page = form.submit().is(200).says("Saved.").says("It is so.");
    assert_eq!(page.form(&room.path).value("tag"), tag);
    ben.open(&room.path).form(&format!("{}/resolved", room.path)).submit().is(200).says("Open again");
    let page = cid.open(&room.path).form(&format!("{}/delete", room.path)).submit().is(200);
    ben.open(&room.path).is(404);
    page.says("Nothing is marked here").form(&format!("{}/restore", room.path)).submit().is(200).says("is back");
    let page = ben.open(&room.path).is(200);
    assert!(page.tags("details").is_empty(), "its author alone changes it");
}

#[test]
fn what_is_flagged_waits_for_staff_who_hide_it_or_leave_it() {
    let room = Room::open();
    let (first, second) = (room.says(&room.ben, "Nonsense!"), room.says(&room.ben, "Sorry."));
    let (ana, ben, cid) = (log_in(&room.app, "ana"), log_in(&room.app, "ben"), log_in(&room.app, "cid"));
    let page = room.doing(&cid, "flag", &first);
    let flag = format!("/comments/{first}/flag");
    let refused = page.form(&flag).with("reason", &"x".repeat(301)).submit().is(422).says("At most 300 characters");
    let page = refused.form(&flag).with("reason", "Rude").submit().is(200).says("The teachers will look at it.");
    page.says("Take the flag back");
    room.doing(&cid, "flag", &second).form(&format!("/comments/{second}/flag")).submit().is(200);
    ben.open(&format!("{}?flag=mark", room.path)).form(&format!("{}/flag", room.path)).submit().is(200);
    // Staff alone have the queue, and see how much waits.
    let queue = format!("/classes/{}/flags", room.class);
    let home = ana.open(&format!("/classes/{}", room.class)).is(200).says("Flagged 3");
    let page = ana.open(&home.link(&queue)).is(200).says("Nonsense!").says("Flagged by cid: Rude").says("Is that so?");
    let page = page.says("Flagged by cid, without a reason").says("Flagged by ben, without a reason");
    assert!(!ben.open(&format!("/classes/{}", room.class)).is(200).has("Flagged"));
    ben.open(&queue).is(403);
    let page = page.form(&format!("/comments/{first}/hidden")).submit().is(200).says("Hidden.");
    assert_eq!(page.at, format!("{queue}?done=hidden"));
    assert!(!page.has("Nonsense!"));
    cid.open(&room.path).is(200).says("Hidden by staff").says("Sorry.");
    let page = page.form(&format!("/comments/{second}/dismiss")).submit().is(200).says("It stays. The flags are gone.");
    let page = page.form(&format!("{}/dismiss", room.path)).submit().is(200).says("Nothing waits for you.");
    assert!(!ana.open(&page.link(&format!("/classes/{}", room.class))).has("Flagged 3"));
    // Hidden is not gone: staff show it again.
    ana.open(&room.path).form(&format!("/comments/{first}/hidden")).submit().is(200).says("Shown again.");
    cid.open(&room.path).is(200).says("Nonsense!");
    // A place to go back to is one of this server.
    let mut form = ana.open(&room.path).form(&format!("/comments/{first}/hidden"));
    form.fields.push(("next".to_owned(), "//evil.example/x".to_owned()));
    assert_eq!(form.send().header("location"), Some(format!("{}?done=hidden#c{first}", room.path).as_str()));
}

#[test]
fn a_discussion_and_a_queue_cost_five_statements_however_long_they_are() {
    let room = Room::open();
    let browser = log_in(&room.app, "ana");
    let queue = format!("/classes/{}/flags", room.class);
    for _ in 0..6 {
        let comment = room.says(&room.ben, "Well.");
        room.ana.post(&format!("/api/v1/comments/{comment}/flags"), json!({})).is(201);
        room.ana.post(&format!("/api/v1/classes/{}/tags", room.class), json!({ "name": comment })).is(201);
        for path in [&room.path, &queue, &format!("/classes/{}", room.class)] {
            let (statements, _) = room.app.statements(|| browser.open(path).is(200));
            assert_eq!(statements, 5, "{path}");
        }
    }
}
