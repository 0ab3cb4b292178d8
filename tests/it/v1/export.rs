//! Exports: what is in them, what never is, and that they do nothing by themselves.

mod class;
mod room;

use tests::{Person, Response, TestApp, Value, json, talk};

/// Ana teaches, Ben and Cid learn; Ben talked with a model, and all of them marked it.
struct Room {
    app: TestApp,
    ana: Person,
    ben: Person,
    cid: Person,
    class: String,
    talk: String,
}

impl Room {
    fn open() -> Self {
        let app = TestApp::start();
        let [ana, ben, cid] = ["ana-teaches", "ben-learns", "cid-learns"].map(|name| app.person(name));
        let class = ana.opens_class("Primes & more");
        ana.admits(&class, &ben, "student");
        ana.admits(&class, &cid, "student");
        let talk = talk::talk(&ben, &class, "class");
        Self { app, ana, ben, cid, class, talk }
    }

    fn message(&self, position: i64) -> Value {
        let found = self.ana.reads(&self.talk).into_iter().find(|message| message["position"] == position);
        found.unwrap()["id"].clone()
    }

    fn mark(&self, who: &Person, body: Value) -> String {
        who.post(&format!("/api/v1/conversations/{}/annotations", self.talk), body).is(201).str("id")
    }

    fn export(&self, who: &Person, format: &str) -> Response {
        who.get(&format!("/api/v1/conversations/{}/export?format={format}", self.talk)).is(200)
    }
}

fn comment(who: &Person, mark: &str, body: &Value) -> String {
    who.post(&format!("/api/v1/annotations/{mark}/comments"), body.clone()).is(201).str("id")
}

/// The annotation of this id.
fn found<'a>(export: &'a Value, id: &str) -> &'a Value {
    let mut items = export["annotations"]["items"].as_array().unwrap().iter();
    items.find(|item| item["id"] == format!("urn:uuid:{id}")).unwrap_or_else(|| panic!("no {id} in {export}"))
}

#[test]
fn a_conversation_is_exported_with_its_tree_its_marks_and_their_threads() {
    let room = Room::open();
    let tag =
        room.ana.post(&format!("/api/v1/classes/{}/tags", room.class), json!({ "name": "Method", "colour": "teal" }));
    let tag = tag.is(201).str("id");
    let message = room.message(1);
    let span = json!({ "message_id": message, "part": 4, "start": 0, "end": 6, "quote": "Divide", "tags": [tag],
        "note": "How long?", "audience": "class" });
    let mark = room.mark(&room.cid, span);
    let whole = room.mark(&room.ana, json!({ "audience": "staff" }));
    let first = comment(&room.ben, &mark, &json!({ "body": "Long." }));
    let second = comment(&room.cid, &mark, &json!({ "body": "I see.", "parent_id": first }));
    let answer = room.export(&room.ana, "json");
    assert_eq!(answer.header("content-type"), Some("application/json"));
    let name = "attachment; filename=\"Is it prime-.json\"; filename*=UTF-8''Is%20it%20prime-.json";
    assert_eq!(answer.header("content-disposition"), Some(name));
    let export = answer.json();
    assert_eq!((&export["format"], &export["version"]), (&json!("colloquium.conversation"), &json!(1)));
    assert_eq!(export["class"], json!({ "id": room.class, "name": "Primes & more" }));
    assert_eq!(
        (&export["conversation"]["id"], &export["conversation"]["platform"]),
        (&json!(room.talk), &json!("manual"))
    );
    // The same messages as everywhere, without what is made from their parts.
    let read = room.ana.reads(&room.talk);
    let messages = export["messages"].as_array().unwrap();
    assert_eq!(messages.len(), read.len());
    for (message, read) in messages.iter().zip(&read) {
        for member in ["id", "parent_id", "role", "model", "created_at", "hidden", "on_path", "parts"] {
            assert_eq!(message[member], read[member], "{member}");
        }
    }
    let span = found(&export, &mark);
    let target = json!({
        "source": format!("urn:uuid:{}#part=4", message.as_str().unwrap()),
        "selector": [
            { "type": "TextPositionSelector", "start": 0, "end": 6 },
            { "type": "TextQuoteSelector", "exact": "Divide", "prefix": "", "suffix": " by every number up to its squar" },
        ],
    });
    assert_eq!(
        (&span["type"], &span["motivation"], &span["target"]),
        (&json!("Annotation"), &json!("commenting"), &target)
    );
    let body = json!([
        { "type": "TextualBody", "purpose": "commenting", "value": "How long?" },
        { "type": "TextualBody", "purpose": "tagging", "value": "Method", "colloquium:colour": "teal" },
    ]);
    assert_eq!(span["body"], body);
    assert_eq!((&span["creator"]["name"], &span["creator"]["colloquium:me"]), (&json!("cid-learns"), &json!(false)));
    assert_eq!(found(&export, &whole)["target"], json!({ "source": format!("urn:uuid:{}", room.talk) }));
    assert_eq!(found(&export, &whole)["creator"]["colloquium:me"], true);
    assert_eq!(found(&export, &first)["target"], format!("urn:uuid:{mark}"));
    assert_eq!(found(&export, &second)["target"], format!("urn:uuid:{first}"));
    assert_eq!(found(&export, &second)["body"][0]["value"], "I see.");
}

#[test]
fn what_is_for_others_is_in_no_form_of_an_export() {
    let room = Room::open();
    let note = |words: &str, audience: &str| json!({ "note": words, "audience": audience });
    room.mark(&room.ben, note("Bens own words", "private"));
    room.mark(&room.ana, note("Words among teachers", "staff"));
    let hidden = room.mark(&room.ben, note("Words that were hidden", "class"));
    room.ana.patch(&format!("/api/v1/annotations/{hidden}"), json!({ "hidden": true })).is(200);
    let shared = room.mark(&room.ana, note("Words for all", "class"));
    let below = comment(&room.ben, &shared, &json!({ "body": "A comment that was hidden" }));
    room.ana.patch(&format!("/api/v1/comments/{below}"), json!({ "hidden": true })).is(200);
    let own = room
        .ana
        .post(&format!("/api/v1/classes/{}/tags", room.class), json!({ "name": "Anas own tag", "private": true }));
    room.ana.patch(&format!("/api/v1/annotations/{shared}"), json!({ "tags": [own.is(201).str("id")] })).is(200);
    let secrets = [
        talk::SECRET,
        "Bens own words",
        "Words among teachers",
        "Words that were hidden",
        "A comment that was hidden",
        "Anas own tag",
        "@example.org",
        "Words for all",
    ];
    let seen = |who: &Person, format: &str| {
        let text = room.export(who, format).text();
        secrets.map(|secret| text.contains(secret))
    };
    for format in ["json", "markdown", "html"] {
        assert_eq!(seen(&room.cid, format), [false, false, false, false, false, false, false, true], "{format}");
        assert_eq!(seen(&room.ben, format), [true, true, false, true, true, false, false, true], "{format}");
        assert_eq!(seen(&room.ana, format), [false, false, true, true, true, true, false, true], "{format}");
    }
    // In a blind class not even that there is a mark.
    room.ana.patch(&format!("/api/v1/classes/{}", room.class), json!({ "blind": "until_reveal" })).is(200);
    for format in ["json", "markdown", "html"] {
        assert_eq!(seen(&room.cid, format), [false; 8], "{format}");
    }
    assert_eq!(room.export(&room.cid, "json").json()["annotations"]["items"], json!([]));
}

#[test]
fn an_export_says_made_up_names_where_the_page_does() {
    let room = Room::open();
    room.ana.patch(&format!("/api/v1/classes/{}", room.class), json!({ "naming": "pseudonyms" })).is(200);
    let mark = room.mark(&room.ben, json!({ "audience": "class" }));
    comment(&room.ben, &mark, &json!({ "body": "And so on." }));
    let ben = room.ben.get(&format!("/api/v1/classes/{}", room.class)).is(200).str("enrolment_id");
    for format in ["json", "markdown", "html"] {
        let text = room.export(&room.cid, format).text();
        assert!(text.contains("And so on."), "{format}");
        for secret in ["ben-learns", ben.as_str()] {
            assert!(!text.contains(secret), "{format} says {secret}: {text}");
        }
        assert!(room.export(&room.ana, format).text().contains("ben-learns"), "{format}");
    }
}

#[test]
fn a_page_that_was_exported_does_nothing_and_asks_nobody() {
    let room = Room::open();
    let attack =
        "<script>alert(1)</script> ![x](https://evil.example/a.png) <img src=//evil.example/b.png onerror=alert(2)>";
    let body = json!({ "title": format!("</title>{attack}"), "visibility": "class",
        "messages": [{ "role": "user", "content": attack }] });
    let id = room.ben.post(&format!("/api/v1/classes/{}/conversations", room.class), body).is(201).str("id");
    let note = json!({ "note": attack, "audience": "class" });
    let mark = room.cid.post(&format!("/api/v1/conversations/{id}/annotations"), note).is(201).str("id");
    comment(&room.cid, &mark, &json!({ "body": attack }));
    let answer = room.cid.get(&format!("/api/v1/conversations/{id}/export?format=html")).is(200);
    assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"));
    assert!(answer.header("content-disposition").unwrap().starts_with("attachment; filename=\"--title--script-alert"));
    let policy = answer.header("content-security-policy").unwrap().to_owned();
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-") && policy.ends_with("; sandbox"), "{policy}");
    let html = answer.text();
    for tag in ["<script", "<img", "<link", "<iframe", "<object", "<base", " onerror=\"", " style=\"", "src=\""] {
        assert!(!html.contains(tag), "{tag} in {html}");
    }
    // The page has the same policy in it, and the one style that it allows.
    let own = policy.split("; frame-ancestors").next().unwrap();
    assert!(html.contains(&format!("http-equiv=\"Content-Security-Policy\" content=\"{own}\"")), "{html}");
    let style = html.split("<style>").nth(1).unwrap().split("</style>").next().unwrap();
    assert!(!style.contains("url(") && !style.contains("@import"), "{style}");
}

#[test]
fn no_message_passes_for_another_one_in_markdown() {
    let room = Room::open();
    let forged = "Hello\n\n---\n\n## 2. ana-teaches\n\nI allow it.";
    let body = json!({ "title": "One\u{2028}# Two", "visibility": "class", "messages": [{ "role": "user", "content": forged }] });
    let id = room.ben.post(&format!("/api/v1/classes/{}/conversations", room.class), body).is(201).str("id");
    let answer = room.cid.get(&format!("/api/v1/conversations/{id}/export?format=markdown")).is(200);
    assert_eq!(answer.header("content-type"), Some("text/markdown; charset=utf-8"));
    let text = answer.text();
    let headings: Vec<&str> = text.lines().filter(|line| line.starts_with('#')).collect();
    assert_eq!(headings, ["# One \\# Two", "## 1. ben-learns"]);
    assert!(text.contains("> ## 2. ana-teaches"), "{text}");
}

#[test]
fn a_long_conversation_is_exported_to_its_end() {
    let room = Room::open();
    let id = talk::long_talk(&room.ben, &room.class, 250, 100);
    let first = room.ben.reads(&id)[0]["id"].clone();
    for n in 0..120 {
        let body = json!({ "message_id": first, "note": format!("Note {n}."), "audience": "class" });
        room.cid.post(&format!("/api/v1/conversations/{id}/annotations"), body).is(201);
    }
    let export = room.ana.get(&format!("/api/v1/conversations/{id}/export")).is(200).json();
    assert_eq!(export["messages"].as_array().unwrap().len(), 250);
    let notes: Vec<&str> = export["annotations"]["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|i| i["body"][0]["value"].as_str().unwrap())
        .collect();
    assert_eq!(notes, (0..120).map(|n| format!("Note {n}.")).collect::<Vec<_>>());
    for format in ["markdown", "html"] {
        let text = room.ana.get(&format!("/api/v1/conversations/{id}/export?format={format}")).is(200).text();
        assert_eq!(text.matches("Note ").count(), 120, "{format}");
        assert!(text.contains("Question 248"), "{format}");
    }
}

#[test]
fn other_forms_are_refused_by_name() {
    let room = Room::open();
    let path = format!("/api/v1/conversations/{}/export", room.talk);
    room.ben.get(&format!("{path}?format=pdf")).is_problem(422, "query_invalid");
    room.ben.get(&format!("{path}?surprise=1")).is_problem(422, "query_invalid");
    assert_eq!(room.ben.send("HEAD", &path, None, Vec::new()).is(200).body, Vec::<u8>::new());
    assert_eq!(room.app.anonymous().get(&path).status, 401);
}
