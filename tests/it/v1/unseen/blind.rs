//! A blind class: a student reads the same whatever others do in it, also after acts of their own.

use std::collections::BTreeMap;

use tests::{Person, TestApp, Value, json};

use super::reading::World;

/// A class whose students do not see the marks of others; one of them, ben, has made what a student can make.
struct Class {
    world: World,
    /// Of tea's, shared with all.
    lecture: String,
    bens_talk: String,
    bens_mark: String,
    bens_second: String,
    /// Below his mark.
    bens_comments: [String; 3],
}

fn mark(who: &Person, conversation: &str, note: &str, tags: &[&str]) -> String {
    let body = json!({ "note": note, "audience": "class", "tags": tags });
    who.post(&format!("/api/v1/conversations/{conversation}/annotations"), body).is(201).str("id")
}

fn says(who: &Person, mark: &str, body: Value) -> String {
    who.post(&format!("/api/v1/annotations/{mark}/comments"), body).is(201).str("id")
}

impl Class {
    fn open(blind: &Value) -> Self {
        let app = TestApp::start();
        let people: BTreeMap<_, _> = ["tea", "tom", "ben", "cem"].map(|name| (name, app.person(name))).into();
        let (tea, ben) = (people["tea"].clone(), people["ben"].clone());
        let class = tea.opens_class("Logic");
        let tom = tea.admits(&class, &people["tom"], "tutor");
        let members = ["ben", "cem"].map(|name| (name, tea.admits(&class, &people[name], "student")));
        tea.patch(&format!("/api/v1/classes/{class}"), json!({ "naming": "pseudonyms" })).is(200);
        tea.patch(&format!("/api/v1/classes/{class}"), blind.clone()).is(200);
        let mut world = World::new(app, people, class.clone());
        world.made("enrolments", "member tom", tom);
        for (name, id) in members {
            world.made("enrolments", &format!("member {name}"), id);
        }
        let lecture = world.made("conversations", "lecture", tea.writes(&class, "Lecture", "class"));
        let talk = world.made("conversations", "talk of ben", ben.writes(&class, "Talk of ben", "class"));
        let private = ben.writes(&class, "Mine alone", "private");
        world.made("conversations", "private of ben", private);
        let tag = tea.post(&format!("/api/v1/classes/{class}/tags"), json!({ "name": "Hedge" })).is(201).str("id");
        world.made("tags", "hedge", tag);
        let first = world.made("annotations", "mark of ben", mark(&ben, &lecture, "Bens note", &[]));
        let second = world.made("annotations", "second of ben", mark(&ben, &talk, "Bens second", &[]));
        let comments = ["One", "Two", "Three"].map(|body| says(&ben, &first, json!({ "body": body })));
        for (number, id) in comments.iter().enumerate() {
            world.made("comments", &format!("comment {number} of ben"), id.clone());
        }
        let shown = ben.post(&format!("/api/v1/conversations/{talk}/presentations"), json!({})).is(201).str("id");
        world.made("presentations", "presentation of ben", shown);
        let import = ben.imports(&class, "", "User: why?\nAssistant: so.").is(201).str("id");
        world.made("imports", "import of ben", import);
        Self { world, lecture, bens_talk: talk, bens_mark: first, bens_second: second, bens_comments: comments }
    }

    /// What others do with what is theirs and around what is his.
    fn others_act(&self) {
        let [tea, tom, cem] = ["tea", "tom", "cem"].map(|name| self.world.who(name));
        let class = &self.world.class;
        let tag = tea.get(&format!("/api/v1/classes/{class}/tags")).is(200).items()[0]["id"].clone();
        let tag = tag.as_str().unwrap();
        let at = |id: &str| format!("/api/v1/annotations/{id}");
        for (who, name) in [(tea, "tea"), (tom, "tom"), (cem, "cem")] {
            for conversation in [&self.lecture, &self.bens_talk] {
                let id = mark(who, conversation, &format!("Note of {name}"), &[tag]);
                let said = says(who, &id, json!({ "body": "First." }));
                says(who, &id, json!({ "body": "Second.", "parent_id": said }));
                who.patch(&at(&id), json!({ "note": "Edited" })).is(200);
                who.patch(&at(&id), json!({ "resolved": true })).is(200);
                who.patch(&at(&id), json!({ "audience": "staff" })).is(200);
                who.patch(&at(&id), json!({ "audience": "class" })).is(200);
                who.post(&format!("{}/flags", at(&id)), json!({})).is(201);
                who.patch(&format!("/api/v1/comments/{said}"), json!({ "body": "Edited." })).is(200);
                who.delete(&format!("/api/v1/comments/{said}")).is(204);
                who.delete(&at(&id)).is(204);
                who.post(&format!("{}/restore", at(&id)), json!({})).is(200);
            }
        }
        let hidden = mark(cem, &self.lecture, "Rude", &[]);
        tom.patch(&at(&hidden), json!({ "hidden": true })).is(200);
        tom.post(&format!("{}/flags", at(&self.bens_mark)), json!({ "reason": "Look" })).is(201);
        let ben = tom.get(&format!("{}/comments", at(&self.bens_mark))).is(200).items()[0]["author"]["id"].clone();
        let [one, two, _] = &self.bens_comments;
        for who in [tea, tom] {
            let below = says(who, &self.bens_mark, json!({ "body": "Below.", "mentions": [ben] }));
            for parent in [one, two] {
                says(who, &self.bens_mark, json!({ "body": "To him.", "parent_id": parent }));
            }
            who.patch(&format!("/api/v1/comments/{below}"), json!({ "body": "Edited." })).is(200);
            let gone = says(who, &self.bens_second, json!({ "body": "Gone at once." }));
            who.delete(&format!("/api/v1/comments/{gone}")).is(204);
            says(who, &self.bens_second, json!({ "body": "Stays." }));
        }
    }

    /// What he does with what is his; what he is answered.
    fn he_acts(&self) -> Vec<String> {
        let ben = self.world.who("ben");
        let [one, two, three] = self.bens_comments.each_ref().map(|id| format!("/api/v1/comments/{id}"));
        let (mark, second) = (format!("/api/v1/annotations/{}", self.bens_mark), &self.bens_second);
        let second = format!("/api/v1/annotations/{second}");
        let talk = format!("/api/v1/conversations/{}", self.bens_talk);
        let answers = [
            ben.patch(&two, json!({ "body": "Two, edited" })),
            ben.delete(&one),
            ben.delete(&one),
            ben.delete(&two),
            ben.post(&format!("{mark}/comments"), json!({ "body": "To one", "parent_id": self.bens_comments[0] })),
            ben.patch(&three, json!({ "body": "Three, edited" })),
            ben.patch(&mark, json!({ "note": "Edited", "resolved": true })),
            ben.patch(&mark, json!({ "audience": "staff" })),
            ben.patch(&mark, json!({ "audience": "class" })),
            ben.delete(&second),
            ben.post(&format!("{second}/restore"), json!({})),
            ben.delete(&mark),
            ben.post(&format!("{mark}/restore"), json!({})),
            ben.patch(&talk, json!({ "visibility": "staff" })),
            ben.patch(&talk, json!({ "visibility": "class" })),
            ben.delete(&three),
        ];
        let told = |answer: &tests::Response| match answer.status {
            200 | 201 => format!("{} {:?} {}", answer.status, answer.header("etag"), answer.str("id")),
            status => status.to_string(),
        };
        answers.iter().map(told).collect()
    }
}

/// The rules, and whether his two marks leave him blind under each.
fn rules() -> [Value; 3] {
    [
        json!({ "blind": "until_reveal" }),
        json!({ "blind": "until_date", "blind_until": "2026-03-09T09:00:00Z" }),
        json!({ "blind": "until_marks", "blind_marks": 9 }),
    ]
}

#[test]
fn what_others_do_changes_no_byte_of_what_a_student_reads() {
    for rule in rules() {
        let class = Class::open(&rule);
        let before = class.world.read_by("ben");
        class.others_act();
        class.world.read_by("ben").is(&before, "ben");
    }
}

#[test]
fn nor_does_it_change_what_he_reads_after_acts_of_his_own() {
    for rule in rules() {
        let (alone, among) = (Class::open(&rule), Class::open(&rule));
        among.others_act();
        let labelled = |answers: Vec<String>, class: &Class| class.world.labelled(&answers.join("\n"));
        assert_eq!(labelled(alone.he_acts(), &alone), labelled(among.he_acts(), &among));
        among.world.read_by("ben").is_like(&alone.world.read_by("ben"), "ben");
    }
}

#[test]
fn what_he_hears_when_he_deletes_a_comment_tells_nothing_of_answers() {
    let heard = [false, true].map(|answered| {
        let class = Class::open(&rules()[0]);
        let [tea, ben] = ["tea", "ben"].map(|name| class.world.who(name));
        let changes = format!("/api/v1/classes/{}/changes", class.world.class);
        if answered {
            says(tea, &class.bens_mark, json!({ "body": "To him.", "parent_id": class.bens_comments[0] }));
        }
        let since = ben.get(&changes).is(200).json()["next"].clone();
        ben.delete(&format!("/api/v1/comments/{}", class.bens_comments[0])).is(204);
        let items = ben.get(&format!("{changes}?since={since}")).is(200).items();
        items.iter().map(|item| item["kind"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    });
    assert_eq!(heard, [["comment.deleted", "annotation.changed"]; 2]);
}
