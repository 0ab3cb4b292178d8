//! The feed of a class over HTTP: as a list and as a stream; everybody hears what they may see, and nothing else.

use std::time::Duration;

use tests::{Person, TestApp, Value, feed::Listening, json};

struct Lesson {
    app: TestApp,
    class: String,
    ana: Person,
    ben: Person,
    cem: Person,
}

/// A class with a teacher and two students.
fn lesson() -> Lesson {
    let app = TestApp::start();
    let [ana, ben, cem] = ["ana", "ben", "cem"].map(|name| app.person(name));
    let class = ana.opens_class("Logic");
    ana.admits(&class, &ben, "student");
    ana.admits(&class, &cem, "student");
    Lesson { app, class, ana, ben, cem }
}

impl Lesson {
    fn changes(&self, person: &Person, since: i64) -> Value {
        person.get(&format!("/api/v1/classes/{}/changes?since={since}", self.class)).is(200).json()
    }

    /// From where a person goes on who knows everything.
    fn now(&self, person: &Person) -> i64 {
        person.get(&format!("/api/v1/classes/{}/changes", self.class)).is(200).json()["next"].as_i64().unwrap()
    }

    fn kinds(&self, person: &Person, since: i64) -> Vec<String> {
        let items = self.changes(person, since)["items"].as_array().unwrap().clone();
        items.iter().map(|item| item["kind"].as_str().unwrap().to_owned()).collect()
    }
}

#[test]
fn everybody_hears_what_they_may_see_and_nothing_else() {
    let lesson = lesson();
    let Lesson { class, ana, ben, cem, .. } = &lesson;
    let (since, none) = (lesson.now(ana).max(lesson.now(cem)), Vec::<String>::new());
    let id = ben.writes(class, "Mine", "private");
    assert_eq!(lesson.kinds(ben, since), ["conversation.created"]);
    assert_eq!((lesson.kinds(ana, since), lesson.kinds(cem, since)), (none.clone(), none.clone()));
    ben.patch(&format!("/api/v1/conversations/{id}"), json!({ "visibility": "staff" })).is(200);
    assert_eq!((lesson.kinds(ana, since), lesson.kinds(cem, since)), (vec!["conversation.changed".to_owned()], none));
    let since = lesson.now(ben);
    ben.patch(&format!("/api/v1/conversations/{id}"), json!({ "visibility": "class" })).is(200);
    ben.post(
        &format!("/api/v1/conversations/{id}/messages"),
        json!({ "messages": [{ "role": "user", "content": "x" }] }),
    )
    .is(201);
    // Who cannot read it any more hears of just that.
    ben.patch(&format!("/api/v1/conversations/{id}"), json!({ "visibility": "private" })).is(200);
    ben.delete(&format!("/api/v1/conversations/{id}")).is(204);
    let seen = ["conversation.changed", "message.added", "conversation.changed"];
    assert_eq!(lesson.kinds(cem, since), seen);
    assert_eq!(lesson.kinds(ana, since), seen);
    let changes = lesson.changes(ben, since);
    let items = changes["items"].as_array().unwrap();
    assert_eq!(items.last().unwrap()["kind"], "conversation.deleted");
    assert!(items.iter().all(|item| item["id"] == id.as_str() && item["conversation_id"].is_null()), "{items:?}");
    assert_eq!(changes["next"], items.last().unwrap()["seq"]);
}

#[test]
fn members_and_the_class_are_told_of_as_the_lists_show_them() {
    let lesson = lesson();
    let Lesson { app, class, ana, ben, cem } = &lesson;
    let since = lesson.now(cem);
    let dan = app.person("dan");
    let enrolment = ana.admits(class, &dan, "student");
    let member = format!("/api/v1/enrolments/{enrolment}");
    ana.patch(&member, json!({ "external_id": "s-17" })).is(200);
    ana.patch(&member, json!({ "section": "B" })).is(200);
    ana.patch(&format!("/api/v1/classes/{class}"), json!({ "description": "New" })).is(200);
    ana.delete(&member).is(204);
    assert_eq!(lesson.kinds(cem, since), ["member.joined", "member.changed", "class.changed", "member.left"]);
    assert_eq!(lesson.kinds(ana, since).len(), 5);
    let since = lesson.now(cem);
    ben.writes(class, "Shared", "class");
    ben.writes(class, "Kept", "private");
    ben.delete("/api/v1/me?confirm=ben@example.org").is(204);
    assert_eq!(lesson.kinds(cem, since), ["conversation.created", "conversation.deleted", "member.left"]);
}

#[test]
fn what_is_not_kept_any_more_is_gone_for_good() {
    let lesson = lesson();
    let Lesson { app, class, cem, .. } = &lesson;
    let since = lesson.now(cem);
    app.clock.advance(time::Duration::days(31));
    let cem = app.sign_in(&cem.email);
    for path in ["changes", "events"] {
        cem.get(&format!("/api/v1/classes/{class}/{path}?since={since}")).is_problem(410, "events_over");
    }
    let next = lesson.now(&cem);
    assert_eq!(lesson.kinds(&cem, next), Vec::<String>::new());
    let late = cem.with("last-event-id", since.to_string());
    late.get(&format!("/api/v1/classes/{class}/events")).is_problem(410, "events_over");
    let wrong = cem.with("last-event-id", "x");
    wrong.get(&format!("/api/v1/classes/{class}/events")).is_problem(422, "validation_failed");
}

#[test]
fn a_stream_tells_what_was_missed_and_then_what_happens() {
    let lesson = lesson();
    let Lesson { app, class, ana, ben, cem } = &lesson;
    let since = lesson.now(cem);
    ben.writes(class, "Missed", "class");
    let mut heard = cem.listens(app.addr, class, &format!("?since={since}"));
    assert!(
        heard.head.contains("content-type: text/event-stream") && heard.head.contains("no-store"),
        "{}",
        heard.head
    );
    assert_eq!(heard.kinds(1), ["conversation.created"]);
    ben.writes(class, "Not for peers", "staff");
    let id = ana.writes(class, "Now", "class");
    let event = heard.event().unwrap();
    assert_eq!((&event["kind"], &event["id"]), (&json!("conversation.created"), &json!(id)));
    heard.leave();
    ana.delete(&format!("/api/v1/conversations/{id}")).is(204);
    let headers = format!("authorization: Bearer {}\r\nlast-event-id: {}\r\n", cem.token, event["seq"]);
    let mut again = Listening::open(app.addr, class, "", &headers).unwrap();
    assert_eq!(again.kinds(1), ["conversation.deleted"]);
}

#[test]
fn every_stream_is_the_list_of_who_reads_it() {
    let lesson = lesson();
    let Lesson { app, class, ana, ben, cem } = &lesson;
    let people = [ana, ben, cem];
    let since = people.map(|person| lesson.now(person)).into_iter().max().unwrap();
    let mut streams = people.map(|person| person.listens(app.addr, class, &format!("?since={since}")));
    std::thread::scope(|scope| {
        for person in people {
            scope.spawn(move || {
                for (n, visibility) in ["private", "staff", "class"].into_iter().cycle().take(12).enumerate() {
                    let id = person.writes(class, &format!("Talk {n}"), visibility);
                    if n % 2 == 0 {
                        person.patch(&format!("/api/v1/conversations/{id}"), json!({ "visibility": "class" })).is(200);
                    }
                }
            });
        }
    });
    for (person, stream) in people.into_iter().zip(&mut streams) {
        let path = format!("/api/v1/classes/{class}/changes?since={since}&limit=100");
        let listed = person.get(&path).is(200).items();
        let streamed: Vec<Value> = listed.iter().map(|_| stream.event().unwrap()).collect();
        assert_eq!(streamed, listed);
    }
}

#[test]
fn a_stream_ends_with_the_membership_the_session_and_the_class() {
    let lesson = lesson();
    let Lesson { app, class, ana, ben, cem } = &lesson;
    let enrolment = ana.get(&format!("/api/v1/classes/{class}/enrolments")).is(200).items();
    let bens = enrolment.iter().find(|row| row["display_name"] == "ben" || row["author"]["name"] == "ben");
    let bens = bens.or_else(|| enrolment.iter().find(|row| row.to_string().contains("\"ben\""))).unwrap();
    let begun = std::time::Instant::now();
    let (mut removed, mut out, mut over) =
        (ben.listens(app.addr, class, ""), cem.listens(app.addr, class, ""), ana.listens(app.addr, class, ""));
    ana.delete(&format!("/api/v1/enrolments/{}", bens["id"].as_str().unwrap())).is(204);
    removed.ends();
    cem.delete("/api/v1/sessions/current").is(204);
    out.ends();
    ana.delete(&format!("/api/v1/classes/{class}?confirm=Logic")).is(204);
    over.ends();
    assert!(begun.elapsed() < Duration::from_secs(15), "{:?}", begun.elapsed());
}

#[test]
fn a_person_has_five_streams_and_a_cookie_comes_from_a_page_of_ours() {
    let lesson = lesson();
    let Lesson { app, class, cem, .. } = &lesson;
    let path = format!("/api/v1/classes/{class}/events");
    let open: Vec<Listening> = (0..5).map(|_| cem.listens(app.addr, class, "")).collect();
    cem.get(&path).is_problem(429, "too_many_streams");
    assert!(app.anonymous().get("/metrics").is(200).text().contains("colloquium_streams_open 5\n"));
    // Who hangs up has room again at once, as a browser does with each page it leaves.
    open.into_iter().for_each(Listening::leave);
    let room = || app.anonymous().get("/metrics").is(200).text().contains("colloquium_streams_open 0\n");
    let begun = std::time::Instant::now();
    while !room() {
        assert!(begun.elapsed() < Duration::from_secs(10), "streams of nobody are still open");
    }
    let cookie = app.anonymous().with("cookie", format!("session={}", cem.token));
    cookie.with("origin", "https://evil.example.org").get(&path).is_problem(403, "csrf_failed");
}
