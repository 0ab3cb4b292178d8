//! Conversations as they are read.

use scraper::{Html, Selector};
use tests::{
    Client, Person, TestApp, json,
    rendering::{corpus, is_inert},
    talk::{SECRET, long_talk, talk},
};

/// What `person` gets to see by a session cookie.
fn cookie(app: &TestApp, person: &Person) -> Client {
    app.anonymous().with("cookie", format!("session={}", person.token))
}

fn page(client: &Client, path: &str) -> Html {
    Html::parse_document(&client.get(path).is(200).text())
}

fn all(page: &Html, css: &str) -> Vec<String> {
    let selector = Selector::parse(css).unwrap();
    page.select(&selector).map(|found| found.text().collect::<String>().trim().to_owned()).collect()
}

fn attributes(page: &Html, css: &str, name: &str) -> Vec<String> {
    let selector = Selector::parse(css).unwrap();
    page.select(&selector).filter_map(|found| found.value().attr(name)).map(str::to_owned).collect()
}

/// The numbers of the messages that are read.
fn numbers(page: &Html) -> String {
    attributes(page, "article[id]", "id").join(" ").replace('m', "")
}

fn two(app: &TestApp) -> (Person, Person, String) {
    let (ana, ben) = (app.person("ana"), app.person("ben"));
    let class = ana.opens_class("Logic");
    ana.admits(&class, &ben, "student");
    (ana, ben, class)
}

#[test]
fn everybody_reads_the_same_numbers_and_the_owner_alone_what_is_theirs() {
    let app = TestApp::start();
    let (ana, ben, class) = two(&app);
    let id = talk(&ben, &class, "class");
    let path = format!("/conversations/{id}");
    let (own, other) = (page(&cookie(&app, &ben), &path), page(&cookie(&app, &ana), &path));
    assert_eq!((numbers(&own), numbers(&other)), ("1 2 5 8 9 10".to_owned(), "1 2 5 8 9 10".to_owned()));
    let layers = |page: &Html| all(page, "details.layers > summary");
    assert_eq!(layers(&own), ["Custom instructions, for you alone", "Thought 12 s · 1 tool call"]);
    assert_eq!(layers(&other), ["Thought 12 s · 1 tool call"]);
    for address in [path.clone(), format!("{path}?at=4")] {
        assert!(cookie(&app, &ben).get(&address).text().contains(SECRET));
        assert!(!cookie(&app, &ana).get(&address).text().contains(SECRET));
    }
    assert_eq!(
        all(&other, ".outline .opening"),
        [
            "How do I find out whether a number is prime?",
            "Could you shorten that?",
            "شكرا! هل هذا صحيح أيضا للأعداد السالبة؟"
        ]
    );
    assert_eq!(all(&other, "article#m2 h2"), ["gpt-4o"]);
    assert_eq!(attributes(&other, "article#m2 time", "datetime"), ["2026-03-02T09:16:10Z"]);
    assert!(all(&other, ".panel .readers dd")[0].starts_with("ana (you)"));
}

#[test]
fn versions_lead_to_each_other_and_their_addresses_stay() {
    let app = TestApp::start();
    let (ana, ben, class) = two(&app);
    let id = talk(&ben, &class, "class");
    let path = format!("/conversations/{id}");
    let client = cookie(&app, &ana);
    let read = |query: &str| page(&client, &format!("{path}{query}"));
    let versions = |page: &Html| attributes(page, ".versions", "aria-label").join(", ");
    let links = |page: &Html| attributes(page, ".versions a", "href").join(" ");
    let first = read("");
    assert_eq!(versions(&first), "Question 2 of 2, Answer 3 of 3");
    assert_eq!(links(&first), "?at=3#m3 ?at=7#v7");
    let second = read("?at=7");
    assert_eq!((numbers(&second), versions(&second)), ("1 2 5 7".into(), "Question 2 of 2, Answer 2 of 3".into()));
    assert_eq!(links(&second), "?at=3#m3 ?at=6#v6 ?at=8#v8");
    // A message of every way can be asked for; what follows is what its platform shows, else what came last.
    for (at, way) in [(1, "1 2 5 8 9 10"), (3, "1 2 3 4"), (4, "1 2 3 4"), (5, "1 2 5 8 9 10"), (6, "1 2 5 6")] {
        assert_eq!(numbers(&read(&format!("?at={at}"))), way);
    }
    for query in ["?at=0", "?at=11", "?page=2", "?page=0"] {
        client.get(&format!("{path}{query}")).is(404);
    }
    for query in ["?at=x", "?at=-1", "?page=x", "?at=99999999999"] {
        let answer = client.get(&format!("{path}{query}"));
        assert!((400..500).contains(&answer.status), "{query}: {}", answer.status);
    }
}

#[test]
fn the_end_of_an_old_version_says_where_the_conversation_went_on() {
    let app = TestApp::start();
    let (ana, ben, class) = two(&app);
    let id = talk(&ben, &class, "class");
    let client = cookie(&app, &ana);
    let read = |query: &str| page(&client, &format!("/conversations/{id}{query}"));
    let marks = |person: &Person, number: usize, audience: &str| {
        let all = person.get(&format!("/api/v1/conversations/{id}/messages?branches=all")).is(200).items();
        let message = all.iter().find(|message| message["position"] == number - 1).unwrap();
        let body = json!({ "message_id": message["id"], "audience": audience });
        person.post(&format!("/api/v1/conversations/{id}/annotations"), body).is(201);
    };
    marks(&ben, 5, "class");
    marks(&ben, 8, "class");
    marks(&ben, 8, "private");
    let says = |page: &Html| (all(page, ".onward p").join(" "), attributes(page, ".onward a", "href").join(" "));
    for (query, where_, link) in [
        ("?at=3", "question 2: 2 more questions, 4 messages, 2 marks", "?at=5#m5"),
        ("?at=7", "answer 3: 1 more question, 3 messages, 1 mark", "?at=8#m8"),
    ] {
        let (words, href) = says(&read(query));
        assert_eq!(words, format!("This version ends here. The conversation went on with {where_}. Go on"));
        assert_eq!(href, link);
    }
    // The way it went says nothing of the kind.
    for query in ["", "?at=5", "?at=10"] {
        assert_eq!(says(&read(query)), (String::new(), String::new()));
    }
}

#[test]
fn versions_do_not_tell_what_is_the_owners_alone() {
    let app = TestApp::start();
    let (ana, ben, class) = two(&app);
    let context = |text: &str| json!({ "role": "user", "parts": [{ "kind": "context", "text": text }] });
    let messages = json!([{ "role": "user", "content": "First" }]);
    let body = json!({ "title": "T", "visibility": "class", "messages": messages });
    let id = ben.post(&format!("/api/v1/classes/{class}/conversations"), body).is(201).str("id");
    let first = ben.reads(&id)[0]["id"].as_str().unwrap().to_owned();
    // One version goes through a secret, another is nothing but one.
    ben.continues(&id, &first, json!([context(SECRET), { "role": "assistant", "content": "Second" }]));
    ben.continues(&id, &first, json!([context(SECRET)]));
    let path = format!("/conversations/{id}");
    for person in [&ana, &ben] {
        let page = page(&cookie(&app, person), &path);
        assert_eq!((numbers(&page), all(&page, ".versions").len()), ("1 2".to_owned(), 0));
    }
    assert!(all(&page(&cookie(&app, &ana), &path), "details.layers").is_empty());
    // A second version that others see: both say "of 2" to everybody.
    ben.continues(&id, &first, json!([{ "role": "assistant", "content": "Third" }]));
    for person in [&ana, &ben] {
        let page = page(&cookie(&app, person), &path);
        assert_eq!(attributes(&page, ".versions", "aria-label"), ["Answer 2 of 2"]);
        assert_eq!(attributes(&page, ".versions a", "href"), ["?at=2#v2"]);
    }
}

#[test]
fn who_may_not_read_it_gets_what_a_stranger_gets() {
    let app = TestApp::start();
    let (ana, ben, class) = two(&app);
    let id = talk(&ben, &class, "private");
    let path = format!("/conversations/{id}");
    for person in [&ana, &app.person("eve")] {
        let answer = cookie(&app, person).get(&path).is(404);
        assert!(answer.text().contains("Not here, or not shared with you"));
    }
    let sent = app.anonymous().get(&format!("{path}?at=3")).is(303);
    let back = format!("/login?next=%2Fconversations%2F{id}%3Fat%3D3");
    assert_eq!(sent.header("location"), Some(back.as_str()));
}

#[test]
fn its_owner_is_told_how_many_opened_it_and_nobody_else_is() {
    let app = TestApp::start();
    let (ana, ben, class) = two(&app);
    let cem = app.person("cem");
    ana.admits(&class, &cem, "student");
    let id = talk(&ben, &class, "class");
    let path = format!("/conversations/{id}");
    let sees = |person: &Person, words: &str| cookie(&app, person).get(&path).is(200).text().contains(words);
    assert!(sees(&ben, "Nobody else has opened it so far."));
    for _ in 0..2 {
        assert!(!sees(&cem, "opened it so far"));
    }
    cookie(&app, &ben).get(&format!("{path}?view=others")).is(200);
    cookie(&app, &app.person("eve")).get(&path).is(404);
    assert!(sees(&ben, "One person has opened it so far."));
    assert!(!sees(&ana, "opened it so far"));
    ben.patch(&format!("/api/v1/conversations/{id}"), json!({ "visibility": "private" })).is(200);
    assert!(sees(&ben, "2 people have opened it so far."));
    cem.delete("/api/v1/me?confirm=cem@example.org").is(204);
    assert!(sees(&ben, "One person has opened it so far."));
}

#[test]
fn a_page_costs_five_statements_however_long_it_is() {
    let app = TestApp::start();
    let (ana, ben, class) = two(&app);
    let ids = [1, 500].map(|count| long_talk(&ana, &class, count, 40));
    for person in [&ana, &ben] {
        let client = cookie(&app, person);
        for id in &ids {
            let path = format!("/conversations/{id}");
            // The first reader has it rendered.
            client.get(&path).is(200);
            for query in ["", "?at=1"] {
                let (statements, _) = app.statements(|| client.get(&format!("{path}{query}")).is(200));
                assert_eq!(statements, 5, "{path}{query}");
            }
        }
    }
}

#[test]
fn a_very_long_conversation_has_pages() {
    let app = TestApp::start();
    let ana = app.person("ana");
    let class = ana.opens_class("Logic");
    let id = long_talk(&ana, &class, 1_000, 20);
    let last = ana.reads(&id)[999]["id"].as_str().unwrap().to_owned();
    ana.continues(&id, &last, json!([{ "role": "user", "content": "One more" }]));
    let path = format!("/conversations/{id}");
    let client = cookie(&app, &ana);
    let first = page(&client, &path);
    assert_eq!(all(&first, "article[id]").len(), 1_000);
    assert_eq!(all(&first, ".pager:first-child a"), ["1–1000", "1001–1001"]);
    assert_eq!(attributes(&first, ".outline a", "href").pop().unwrap(), format!("{path}?page=2#m1001"));
    for query in ["?page=2", "?at=1001", "?at=1001&page=2"] {
        assert_eq!(numbers(&page(&client, &format!("{path}{query}"))), "1001");
    }
    let back = page(&client, &format!("{path}?at=1001&page=1"));
    assert_eq!(
        attributes(&back, ".pager:first-child a", "href"),
        [format!("{path}?at=1001&page=1"), format!("{path}?at=1001&page=2")]
    );
}

#[test]
fn a_hostile_conversation_is_text() {
    let app = TestApp::start();
    let ana = app.person("ana");
    let class = ana.opens_class("Logic");
    let evil = "<script>alert(1)</script>\"><img src=x onerror=alert(1)>";
    let part = |kind: &str, text: &str| json!({ "kind": kind, "text": text, "name": evil, "lang": evil });
    let mut messages = vec![json!({ "role": "user", "content": format!("{evil} as a question"), "model": evil })];
    for (_, text) in corpus().into_iter().filter(|(_, text)| text.len() < 100_000) {
        let kinds = ["text", "thinking", "tool_call", "tool_result", "document", "context", "code"];
        let parts: Vec<_> = kinds.iter().map(|kind| part(kind, &text)).collect();
        messages.push(json!({ "role": "assistant", "model": evil, "parts": parts }));
    }
    let body = json!({ "title": evil, "visibility": "class", "messages": messages });
    let id = ana.post(&format!("/api/v1/classes/{class}/conversations"), body).is(201).str("id");
    let page = page(&cookie(&app, &ana), &format!("/conversations/{id}"));
    assert_eq!(all(&page, "h1"), [evil]);
    let selector = Selector::parse(".words").unwrap();
    let mut read = 0;
    for found in page.select(&selector) {
        is_inert(&Html::parse_fragment(&found.inner_html())).unwrap();
        read += 1;
    }
    assert!(read > messages.len(), "{read} of {}", messages.len());
    // Nothing of it got out of its place either: what runs or loads on the page is the page's own.
    assert!(
        attributes(&page, "script, img, iframe, object, embed", "src").iter().all(|src| src.starts_with("/assets/"))
    );
    assert!(attributes(&page, "*", "onerror").is_empty() && attributes(&page, "*", "style").is_empty());
}
