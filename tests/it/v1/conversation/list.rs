//! The list of conversations: every filter, every order, page by page.

use super::*;
use time::Duration;

/// The titles a caller finds, in order.
fn found(person: &Person, class: &str, query: &str) -> Vec<String> {
    let items = person.get(&format!("{}{query}", list_of(class))).is(200).items();
    items.iter().map(|item| item["title"].as_str().unwrap_or("-").to_owned()).collect()
}

/// Writes one message under a title.
fn write(person: &Person, class: &str, title: &str, message: Value) -> String {
    let body = json!({ "title": title, "visibility": "class", "messages": [message] });
    person.post(&list_of(class), body).is(201).str("id")
}

fn words() -> Value {
    json!({ "role": "user", "content": "x" })
}

#[test]
fn conversations_are_found_by_author_visibility_platform_and_section() {
    let class = Class::open();
    let (id, ben_id) = (&class.id, class.ben_id());
    class.ben.writes(id, "Bs", "staff");
    class.ben.writes(id, "Bp", "private");
    class.cem.writes(id, "C", "class");
    class.cem.imports(id, "?visibility=class", "User: hi\nAssistant: ho").is(201);
    class.ana.patch(&format!("/api/v1/enrolments/{ben_id}"), json!({ "section": "B" })).is(200);
    assert_eq!(found(&class.ben, id, "").len(), 4);
    assert_eq!(found(&class.tom, id, "").len(), 3);
    assert_eq!(found(&class.ben, id, "?author=me"), ["Bp", "Bs"]);
    assert_eq!(found(&class.tom, id, "?author=me"), Vec::<String>::new());
    assert_eq!(found(&class.tom, id, &format!("?author={ben_id}")), ["Bs"]);
    assert_eq!(found(&class.cem, id, &format!("?author={ben_id}")), Vec::<String>::new());
    assert_eq!(found(&class.ben, id, &format!("?author={ben_id}&visibility=private")), ["Bp"]);
    assert_eq!(found(&class.tom, id, "?visibility=staff"), ["Bs"]);
    assert_eq!(found(&class.tom, id, "?visibility=private"), Vec::<String>::new());
    assert_eq!(found(&class.tom, id, "?platform=manual"), ["C", "Bs"]);
    assert_eq!(found(&class.tom, id, "?platform=pasted").len(), 1);
    assert_eq!(found(&class.tom, id, "?platform=claude"), Vec::<String>::new());
    assert_eq!(found(&class.tom, id, "?section=B"), ["Bs"]);
    assert_eq!(found(&class.tom, id, "?section=b"), Vec::<String>::new());
    assert_eq!(found(&class.tom, id, "?platform=manual&visibility=class&author=me"), Vec::<String>::new());
    let wrong = class.ben.get(&format!("{}?author=you&sort=size", list_of(id))).is_problem(422, "validation_failed");
    let expected = [("sort", "sort_unknown"), ("author", "author_invalid")];
    assert_eq!(wrong.field_errors(), expected.map(|(pointer, code)| (pointer.to_owned(), code.to_owned())));
    class.ben.get(&format!("{}?visibility=public", list_of(id))).is_problem(422, "query_invalid");
}

#[test]
fn conversations_are_found_by_any_model_that_answers_in_them() {
    let class = Class::open();
    let answer = |model: &str| json!({ "role": "assistant", "content": "x", "model": model });
    let one = write(&class.ben, &class.id, "One", answer("gpt-4o"));
    write(&class.ben, &class.id, "Two", answer("claude-opus"));
    class.ben.post(&format!("{}/messages", at(&one)), json!({ "messages": [answer("o3")] })).is(201);
    assert_eq!(found(&class.cem, &class.id, "?model=gpt-4o"), ["One"]);
    assert_eq!(found(&class.cem, &class.id, "?model=o3"), ["One"]);
    assert_eq!(found(&class.cem, &class.id, "?model=claude-opus"), ["Two"]);
    assert_eq!(found(&class.cem, &class.id, "?model=gpt"), Vec::<String>::new());
}

#[test]
fn conversations_are_found_by_when_they_changed_here() {
    let class = Class::open();
    let one = write(&class.ben, &class.id, "One", words());
    later(&class);
    write(&class.ben, &class.id, "Two", words());
    assert_eq!(found(&class.cem, &class.id, "?updated_since=2026-03-02T09:00:00Z"), ["Two", "One"]);
    assert_eq!(found(&class.cem, &class.id, "?updated_since=2026-03-02T09:00:01Z"), ["Two"]);
    assert_eq!(found(&class.cem, &class.id, "?updated_since=2026-03-02T10:01:00%2B01:00"), ["Two"]);
    later(&class);
    assert_eq!(found(&class.cem, &class.id, "?updated_since=2026-03-02T09:01:01Z"), Vec::<String>::new());
    class.ben.patch(&at(&one), json!({ "title": "One!" })).is(200);
    assert_eq!(found(&class.cem, &class.id, "?updated_since=2026-03-02T09:01:01Z"), ["One!"]);
    class.ben.get(&format!("{}?updated_since=yesterday", list_of(&class.id))).is_problem(422, "query_invalid");
}

fn later(class: &Class) {
    class.app.clock.advance(Duration::minutes(1));
}

#[test]
fn words_in_titles_are_taken_as_they_are() {
    let class = Class::open();
    for title in
        ["100% sure", "100 sure", "snake_case", "snakeXcase", r"back\slash", "École", "it's \"quoted\"", "Ünïcode 第二"]
    {
        write(&class.ben, &class.id, title, words());
    }
    let none = Vec::<String>::new();
    for (q, titles) in [
        ("%25", vec!["100% sure"]),
        ("100%25", vec!["100% sure"]),
        ("_", vec!["snake_case"]),
        ("snake_", vec!["snake_case"]),
        ("%5C", vec![r"back\slash"]),
        ("SURE", vec!["100 sure", "100% sure"]),
        ("Snake", vec!["snakeXcase", "snake_case"]),
        ("%C3%89cole", vec!["École"]),
        ("%C3%A9cole", vec!["École"]),
        ("E%CC%81cole", vec!["École"]),
        ("%E7%AC%AC%E4%BA%8C", vec!["Ünïcode 第二"]),
        ("it%27s+%22", vec!["it's \"quoted\""]),
        ("%27+OR+1%3D1", vec![]),
        ("nothing", vec![]),
    ] {
        let got = found(&class.cem, &class.id, &format!("?q={q}"));
        assert_eq!(got, titles.iter().map(|t| (*t).to_owned()).collect::<Vec<_>>(), "q={q}");
    }
    assert_eq!(found(&class.cem, &class.id, "?q=").len(), 8);
    assert_eq!(found(&class.cem, &class.id, "?q=sure&author=me"), none);
}

/// Follows cursors to the end; the ids of each page.
fn pages(person: &Person, class: &str, query: &str) -> Vec<Vec<String>> {
    let mut pages = Vec::new();
    let mut next = Some(String::new());
    while let Some(cursor) = next {
        let answer = person.get(&format!("{}{query}{cursor}", list_of(class))).is(200);
        let ids = answer.items().iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect();
        pages.push(ids);
        next = answer.json()["next_cursor"].as_str().map(|cursor| format!("&cursor={cursor}"));
        assert!(pages.len() < 20, "it never ends");
    }
    pages
}

/// Seven conversations in the order they came, with equal titles in either case, no title, equal and unknown dates.
fn seven(class: &Class) -> Vec<String> {
    let dates = [
        Some("2026-01-02"),
        None,
        Some("2026-01-01"),
        Some("2026-01-02"),
        None,
        Some("1960-05-05"),
        Some("2026-01-03"),
    ];
    let titles = ["beta", "Alpha", "alpha", "-", "gamma", "-", "Beta"];
    let ids: Vec<String> = dates
        .into_iter()
        .zip(titles)
        .enumerate()
        .map(|(n, (date, title))| {
            let mut message = words();
            if let Some(date) = date {
                message["created_at"] = json!(format!("{date}T00:00:00Z"));
            }
            if n % 3 == 0 {
                later(class);
            }
            write(&class.ben, &class.id, title, message)
        })
        .collect();
    for nameless in [3, 5] {
        class.ben.patch(&at(&ids[nameless]), json!({ "title": null })).is(200);
    }
    later(class);
    class.ben.patch(&at(&ids[1]), json!({ "visibility": "class" })).is(200);
    ids
}

#[test]
fn every_order_gives_the_whole_list_once_page_by_page() {
    let class = Class::open();
    let ids = seven(&class);
    // By hand: indexes into the seven; what is equal runs by when it came. No title and no date come first.
    for (sort, order) in [
        ("created", [0, 1, 2, 3, 4, 5, 6]),
        // 0, 1 and 2 came in the first minute, 4 in the second; 3 and 5 were changed in the third, when 6 came; 1 later.
        ("updated", [0, 2, 4, 3, 5, 6, 1]),
        ("started", [1, 4, 5, 2, 0, 3, 6]),
        ("title", [3, 5, 1, 2, 0, 6, 4]),
    ] {
        let forwards: Vec<String> = order.iter().map(|n| ids[*n].clone()).collect();
        let backwards: Vec<String> = forwards.iter().rev().cloned().collect();
        for (sort, expected) in [(sort.to_owned(), forwards), (format!("-{sort}"), backwards)] {
            assert_eq!(
                pages(&class.cem, &class.id, &format!("?limit=100&sort={sort}")),
                std::slice::from_ref(&expected),
                "{sort}"
            );
            for limit in [1, 2, 3] {
                let pages = pages(&class.cem, &class.id, &format!("?limit={limit}&sort={sort}"));
                let expected: Vec<Vec<String>> = expected.chunks(limit).map(<[String]>::to_vec).collect();
                assert_eq!(pages, expected, "sort={sort}&limit={limit}");
            }
        }
    }
    let newest = ids.iter().rev().cloned().collect::<Vec<_>>();
    assert_eq!(pages(&class.cem, &class.id, "?limit=50"), [newest]);
}

#[test]
fn filters_hold_on_every_page() {
    let class = Class::open();
    let ids = seven(&class);
    class.cem.writes(&class.id, "alphabet", "class");
    let filter = format!("?limit=1&sort=title&q=ALPHA&author={}", class.ben_id());
    assert_eq!(pages(&class.tom, &class.id, &filter), [[ids[1].clone()], [ids[2].clone()]]);
}

#[test]
fn a_cursor_of_another_order_or_list_is_refused() {
    let class = Class::open();
    seven(&class);
    let cursor = |query: &str| class.cem.get(&format!("{}{query}", list_of(&class.id))).is(200).str("next_cursor");
    let orders = ["created", "-created", "updated", "-updated", "started", "-started", "title", "-title"];
    for own in orders {
        let cursor = cursor(&format!("?limit=2&sort={own}"));
        for other in orders {
            let answer = class.cem.get(&format!("{}?limit=2&sort={other}&cursor={cursor}", list_of(&class.id)));
            if own == other {
                assert_eq!(answer.is(200).items().len(), 2);
            } else {
                let refused = answer.is_problem(422, "validation_failed");
                assert_eq!(
                    refused.field_errors(),
                    [("cursor".to_owned(), "cursor_invalid".to_owned())],
                    "{own} as {other}"
                );
            }
        }
    }
    class.ana.opens_class("Second");
    let classes = class.ana.get("/api/v1/classes?limit=1").is(200).str("next_cursor");
    class.ana.get(&format!("{}?cursor={classes}", list_of(&class.id))).is_problem(422, "validation_failed");
    let newest = cursor("?limit=2");
    class.ana.get(&format!("/api/v1/classes?cursor={newest}")).is_problem(422, "validation_failed");
}
