//! Mentions: kept as references, read by each under the name they know, on every way out and in again.

use tests::{Person, TestApp, Value, json};
use time::Duration;

/// Ana teaches a class with made-up names; Ben Huber, Ben and Cid learn in it, Dora audits it. Ben Huber has marked a
/// conversation of his for the class.
struct Room {
    app: TestApp,
    ana: Person,
    ben: Person,
    other: Person,
    cid: Person,
    dora: Person,
    class: String,
    conversation: String,
    mark: String,
}

fn renamed(person: Person, name: &str) -> Person {
    person.patch("/api/v1/me", json!({ "display_name": name })).is(200);
    person
}

impl Room {
    fn open() -> Self {
        let app = TestApp::start();
        let ana = renamed(app.person("ana"), "Ana Weiss");
        let ben = renamed(app.person("ben"), "Ben Huber");
        let other = renamed(app.person("benno"), "Ben");
        let cid = renamed(app.person("cid"), "Cid Moreau");
        let dora = renamed(app.person("dora"), "Dora Lind");
        let class = ana.opens_class("Logic");
        for (person, role) in [(&ben, "student"), (&other, "student"), (&cid, "student"), (&dora, "auditor")] {
            ana.admits(&class, person, role);
        }
        ana.patch(&format!("/api/v1/classes/{class}"), json!({ "naming": "pseudonyms" })).is(200);
        let conversation = ben.writes(&class, "Heaps", "class");
        let path = format!("/api/v1/conversations/{conversation}/annotations");
        let mark = ben.post(&path, json!({ "audience": "class" })).is(201).str("id");
        Self { app, ana, ben, other, cid, dora, class, conversation, mark }
    }

    fn thread(&self) -> String {
        format!("/api/v1/annotations/{}/comments", self.mark)
    }

    /// Who somebody is in the list of members.
    fn enrolment(&self, who: &Person) -> String {
        who.get(&format!("/api/v1/classes/{}", self.class)).is(200).str("enrolment_id")
    }

    fn says(&self, who: &Person, body: &str, mentions: &[&str]) -> String {
        who.post(&self.thread(), json!({ "body": body, "mentions": mentions })).is(201).str("id")
    }

    /// The words of a comment as somebody reads them.
    fn reads(&self, who: &Person, comment: &str) -> String {
        who.get(&format!("/api/v1/comments/{comment}")).is(200).str("body")
    }

    /// The ids and names of those whom a comment names, as somebody sees them.
    fn named(&self, who: &Person, comment: &str) -> Vec<(String, String)> {
        let text = |one: &Value, member: &str| one[member].as_str().unwrap().to_owned();
        let all = who.get(&format!("/api/v1/comments/{comment}")).is(200).json()["mentions"].clone();
        all.as_array().unwrap().iter().map(|one| (text(one, "id"), text(one, "name"))).collect()
    }

    /// The made-up name of a student, and the id that goes with it.
    fn made_up(&self, who: &Person) -> (String, String) {
        let comment = self.says(&self.ana, "Look.", &[&self.enrolment(who)]);
        let reader = if std::ptr::eq(who, &self.cid) { &self.ben } else { &self.cid };
        let found = self.named(reader, &comment).remove(0);
        self.ana.delete(&format!("/api/v1/comments/{comment}")).is(204);
        found
    }
}

#[test]
fn each_reads_the_name_they_know_on_every_way_out() {
    let room = Room::open();
    let Room { ana, ben, cid, dora, .. } = &room;
    let (id, name) = room.made_up(ben);
    let comment = room.says(ana, "Good, @Ben Huber! And (@Ben Huber's) point.", &[&room.enrolment(ben)]);
    let real = "Good, @Ben Huber! And (@Ben Huber's) point.";
    let masked = real.replace("Ben Huber", &name);
    for (who, expected) in [(ana, real), (ben, real), (cid, &masked), (dora, &masked)] {
        assert_eq!(room.reads(who, &comment), expected, "{}", who.email);
    }
    assert_eq!(room.named(cid, &comment), [(id.clone(), name.clone())]);
    assert_eq!(room.named(ana, &comment)[0].1, "Ben Huber");
    let (conversation, class) = (&room.conversation, &room.class);
    for path in [
        format!("/api/v1/conversations/{conversation}/export"),
        format!("/api/v1/conversations/{conversation}/export?format=markdown"),
        format!("/api/v1/conversations/{conversation}/export?format=html"),
        format!("/api/v1/classes/{class}/export?format=jsonl"),
        format!("/api/v1/classes/{class}/export?format=csv&table=comments"),
        room.thread(),
    ] {
        for who in [cid, dora] {
            let text = who.get(&path).is(200).text();
            assert!(text.contains(&format!("Good, @{name}")), "{path}: {text}");
            assert!(!text.contains("Huber"), "{path}: {text}");
        }
        assert!(ana.get(&path).is(200).text().contains("Good, @Ben Huber"), "{path}");
    }
    // Staff who do not see names any more read what students read.
    ana.patch(&format!("/api/v1/classes/{class}"), json!({ "staff_see_names": false })).is(200);
    assert_eq!(room.reads(ana, &comment), masked);
    assert_eq!(room.named(ana, &comment), [(id.clone(), name.clone())]);
    // What they write of somebody they do not know is that person's own name to that person.
    let second = room.says(ana, &format!("@{name}?"), &[&id]);
    assert_eq!(room.reads(ben, &second), "@Ben Huber?");
    assert_eq!(room.reads(cid, &second), format!("@{name}?"));
    // Somebody who left, and a former member who reads for a while.
    ben.delete(&format!("/api/v1/enrolments/{}", room.enrolment(ben))).is(204);
    assert_eq!(room.reads(cid, &comment), masked);
}

#[test]
fn a_student_names_another_by_the_made_up_name_and_staff_read_the_real_one() {
    let room = Room::open();
    let (id, name) = room.made_up(&room.ben);
    let comment = room.says(&room.cid, &format!("Hm, @{name}?"), &[&id]);
    assert_eq!(room.reads(&room.cid, &comment), format!("Hm, @{name}?"));
    assert_eq!(room.reads(&room.ben, &comment), "Hm, @Ben Huber?");
    assert_eq!(room.reads(&room.ana, &comment), "Hm, @Ben Huber?");
    assert_eq!(room.reads(&room.other, &comment), format!("Hm, @{name}?"));
    // Without a mention words are words.
    let plain = room.says(&room.cid, &format!("Hm, @{name}?"), &[]);
    assert_eq!(room.reads(&room.ana, &plain), format!("Hm, @{name}?"));
}

#[test]
fn words_are_changed_with_the_names_their_author_knows() {
    let room = Room::open();
    let Room { ana, ben, other, cid, .. } = &room;
    let (own, others) = (room.enrolment(ben), room.enrolment(other));
    let (_, name) = room.made_up(ben);
    let (_, short) = room.made_up(other);
    let comment = room.says(ana, "@Ben, not @Ben Huber nor @Benjamin", &[&others, &own]);
    assert_eq!(room.reads(cid, &comment), format!("@{short}, not @{name} nor @Benjamin"));
    let path = format!("/api/v1/comments/{comment}");
    // By other names than they were written with.
    renamed(ben.clone(), "B. (Ben) *Huber*");
    assert_eq!(room.reads(ana, &comment), "@Ben, not @B. (Ben) *Huber* nor @Benjamin");
    let edited = ana.patch(&path, json!({ "body": "Only @B. (Ben) *Huber*, and @Ben Huber" })).is(200);
    assert_eq!(edited.json()["mentions"].as_array().unwrap().len(), 2, "whom it names is not said anew");
    assert_eq!(room.reads(cid, &comment), format!("Only @{name}, and @{short} Huber"));
    // Somebody is dropped, and named in words alone nobody is.
    ana.patch(&path, json!({ "mentions": [own] })).is(200);
    assert_eq!(room.named(ana, &comment).len(), 2, "who stands in the words stays named");
    ana.patch(&path, json!({ "body": "Only @B. (Ben) *Huber*", "mentions": [own] })).is(200);
    assert_eq!(room.named(cid, &comment).len(), 1);
    assert_eq!(room.reads(cid, &comment), format!("Only @{name}"));
    // A person is added, and another version is refused.
    let added = json!({ "body": "@Ben and @B. (Ben) *Huber*", "mentions": [own, others] });
    ana.with("if-match", "\"1\"").patch(&path, added.clone()).is_problem(412, "version_mismatch");
    ana.patch(&path, added).is(200);
    assert_eq!(room.reads(cid, &comment), format!("@{short} and @{name}"));
    cid.patch(&path, json!({ "mentions": [] })).is_problem(403, "not_author");
    let wrong = ana.patch(&path, json!({ "mentions": ["ben", room.mark] })).is(422).field_errors();
    assert_eq!(wrong, [("/mentions/0".to_owned(), "id_invalid".to_owned())]);
    let wrong = ana.patch(&path, json!({ "mentions": [room.mark] })).is(422).field_errors();
    assert_eq!(wrong, [("/mentions/0".to_owned(), "member_unknown".to_owned())]);
    ana.patch(&path, json!({ "mentions": null })).is(422);
}

#[test]
fn people_of_one_name_are_told_apart_by_the_order_in_which_they_are_named() {
    let room = Room::open();
    let Room { ana, ben, other, cid, .. } = &room;
    renamed(other.clone(), "Ben Huber");
    let (first, second) = (room.made_up(ben).1, room.made_up(other).1);
    let comment = room.says(ana, "@Ben Huber and @Ben Huber", &[&room.enrolment(other), &room.enrolment(ben)]);
    assert_eq!(room.reads(cid, &comment), format!("@{second} and @{first}"));
    // Its author changes other words, and everybody stays who they were.
    let path = format!("/api/v1/comments/{comment}");
    ana.patch(&path, json!({ "body": "First @Ben Huber, then @Ben Huber" })).is(200);
    assert_eq!(room.reads(cid, &comment), format!("First @{second}, then @{first}"));
    let shown: Vec<String> = room.named(cid, &comment).into_iter().map(|(id, _)| id).collect();
    let mut sorted = shown.clone();
    sorted.sort();
    assert_eq!(shown, sorted, "in the order of what is shown");
}

#[test]
fn a_deleted_account_leaves_no_name() {
    let room = Room::open();
    let comment = room.says(&room.ana, "@Ben Huber said so", &[&room.enrolment(&room.ben)]);
    let own = room.cid.writes(&room.class, "Kept", "class");
    let mark = room.cid.post(&format!("/api/v1/conversations/{own}/annotations"), json!({ "audience": "class" }));
    let thread = format!("/api/v1/annotations/{}/comments", mark.is(201).str("id"));
    let body =
        json!({ "body": "@Ben Huber, and @Ben", "mentions": [room.enrolment(&room.ben), room.enrolment(&room.other)] });
    let kept = room.ana.post(&thread, body).is(201).str("id");
    let short = room.made_up(&room.other).1;
    room.ben.delete("/api/v1/me?confirm=ben@example.org").is(204);
    room.ana.get(&format!("/api/v1/comments/{comment}")).is(404);
    assert_eq!(room.reads(&room.ana, &kept), "@deleted account, and @Ben");
    assert_eq!(room.reads(&room.cid, &kept), format!("@deleted account, and @{short}"));
    assert_eq!(room.named(&room.ana, &kept).len(), 1);
    // Once more, in the words of its author.
    room.ana.patch(&format!("/api/v1/comments/{kept}"), json!({ "body": "@deleted account or @Ben" })).is(200);
    assert_eq!(room.reads(&room.cid, &kept), format!("@deleted account or @{short}"));
}

#[test]
fn a_name_never_makes_words_too_long() {
    let room = Room::open();
    let (own, name) = (room.enrolment(&room.other), room.made_up(&room.other).1);
    let body = format!("{}{}", "@Ben ".repeat(1_000), "x".repeat(5_000));
    assert_eq!(body.chars().count(), 10_000);
    let comment = room.says(&room.ana, &body, &[&own]);
    let masked = body.replace("@Ben", &format!("@{name}"));
    assert_eq!(room.reads(&room.cid, &comment), masked);
    // Its author knows a longer name by now, and changes one word.
    let long = "Bernadette ".repeat(9);
    renamed(room.other.clone(), long.trim());
    let now = room.reads(&room.ana, &comment);
    assert!(now.chars().count() > 100_000, "{}", now.chars().count());
    let path = format!("/api/v1/comments/{comment}");
    let shorter = now.replacen(&format!("@{} ", long.trim()), "", 200);
    room.ana.patch(&path, json!({ "body": shorter })).is(200);
    assert_eq!(room.reads(&room.cid, &comment), masked.replacen(&format!("@{name} "), "", 200));
    for words in ["x".repeat(10_001), format!("@{} {}", long.trim(), "x".repeat(9_998)), "x".repeat(100_001)] {
        let wrong = room.ana.patch(&path, json!({ "body": words })).is(422).field_errors();
        assert_eq!(wrong, [("/body".to_owned(), "too_long".to_owned())]);
    }
    let exact = format!("@{} {}", long.trim(), "x".repeat(9_997));
    room.ana.patch(&path, json!({ "body": exact })).is(200);
    assert_eq!(room.reads(&room.cid, &comment), format!("@{name} {}", "x".repeat(9_997)));
    // A reference cannot be typed.
    let wrong = room.ana.post(&room.thread(), json!({ "body": "\u{1}a" })).is(422).field_errors();
    assert_eq!(wrong, [("/body".to_owned(), "control_character".to_owned())]);
}

fn brought(who: &Person, class: &str, file: &str) -> String {
    let report = who.imports(class, "?visibility=class", file).is(201).json();
    report["imported"][0]["id"].as_str().unwrap_or_else(|| panic!("{report}")).to_owned()
}

/// The bodies of all comments of a conversation, and how many each names.
fn said(who: &Person, conversation: &str) -> Vec<(String, usize)> {
    let marks = who.get(&format!("/api/v1/conversations/{conversation}/annotations")).is(200).items();
    let threads = marks.iter().map(|mark| format!("/api/v1/annotations/{}/comments", mark["id"].as_str().unwrap()));
    let comments = threads.flat_map(|path| who.get(&path).is(200).items());
    let line = |one: Value| (one["body"].as_str().unwrap().to_owned(), one["mentions"].as_array().unwrap().len());
    comments.map(line).collect()
}

#[test]
fn an_export_that_comes_in_again_brings_no_name_of_another_class() {
    let room = Room::open();
    let Room { ana, ben, cid, .. } = &room;
    let name = room.made_up(ben).1;
    room.says(ana, "Ask @Ben Huber or @Ana Weiss", &[&room.enrolment(ben), &room.enrolment(ana)]);
    let export = format!("/api/v1/conversations/{}/export", room.conversation);
    let file = ana.get(&export).is(200).text();
    assert!(file.contains("Ask @Ben Huber"));
    // Elsewhere it is nobody but the one who brings it.
    let other = ana.opens_class("Ethics");
    ana.admits(&other, cid, "student");
    let made = brought(ana, &other, &file);
    assert_eq!(said(ana, &made), [("Ask @somebody or @Ana Weiss".to_owned(), 1)]);
    assert!(!cid.get(&format!("/api/v1/conversations/{made}/export")).is(200).text().contains("Huber"));
    // In the same class everybody is who they are, for each reader; a file of another is no key to names.
    let here = brought(ana, &room.class, &file);
    assert_eq!(said(ana, &here), [("Ask @Ben Huber or @Ana Weiss".to_owned(), 2)]);
    assert_eq!(said(cid, &here), [(format!("Ask @{name} or @Ana Weiss"), 2)]);
    let theirs = brought(cid, &room.class, &file);
    assert_eq!(said(cid, &theirs), [("Ask @somebody or @Ana Weiss".to_owned(), 1)]);
    let own = brought(cid, &room.class, &cid.get(&export).is(200).text());
    assert_eq!(said(cid, &own), [(format!("Ask @{name} or @Ana Weiss"), 2)]);
    assert_eq!(said(ana, &own), [("Ask @Ben Huber or @Ana Weiss".to_owned(), 2)]);
}

#[test]
fn the_list_of_members_tells_made_up_names_to_those_alone_who_know_both() {
    let room = Room::open();
    let name = room.made_up(&room.ben).1;
    let members = format!("/api/v1/classes/{}/enrolments", room.class);
    let told = |who: &Person| {
        let list = who.get(&members).is(200).items();
        let ben = list.iter().find(|one| one["name"] == "Ben Huber").unwrap().clone();
        let count = list.iter().filter(|one| one.get("made_up_name").is_some()).count();
        (ben["made_up_name"].clone(), count)
    };
    assert_eq!(told(&room.ana), (json!(name), 4));
    for who in [&room.cid, &room.ben, &room.dora] {
        assert_eq!(told(who), (Value::Null, 0));
    }
    let class = format!("/api/v1/classes/{}", room.class);
    room.ana.patch(&class, json!({ "staff_see_names": false })).is(200);
    assert_eq!(told(&room.ana), (Value::Null, 0));
    room.app.clock.advance(Duration::seconds(1));
}
