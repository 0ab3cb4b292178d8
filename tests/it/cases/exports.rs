//! Exports of ChatGPT and Claude: nothing that they say is lost in silence.

use std::{cell::Cell, collections::BTreeMap};

use proptest::{
    collection::vec,
    prelude::*,
    test_runner::{Config, TestRunner},
};
use tests::{Client, Person, TestApp, Value, app::PASSWORD, json};

/// A student who brings files.
struct Desk {
    /// Runs as long as this is there.
    _app: TestApp,
    ana: Person,
    pages: Client,
    class: String,
}

impl Desk {
    fn open() -> Self {
        let app = TestApp::start();
        let (teacher, ana) = (app.person("teacher"), app.person("ana"));
        let class = teacher.opens_class("Rhetoric");
        teacher.admits(&class, &ana, "student");
        let session = app.log_in(&ana.email, PASSWORD).is(201);
        let pages = app.anonymous().with("cookie", format!("session={}", session.str("token")));
        Self { _app: app, ana, pages, class }
    }

    /// Brings a file with one conversation.
    fn brings(&self, file: &[u8]) -> Brought<'_> {
        let report = self.ana.imports(&self.class, "", file).is(201).json();
        assert_eq!(report["imported"].as_array().map(Vec::len), Some(1), "{report}");
        let line = report["imported"][0].clone();
        let id = line["id"].as_str().unwrap().to_owned();
        let messages = self.ana.reads(&id);
        Brought { desk: self, id, line, messages }
    }
}

/// A conversation that came in.
struct Brought<'a> {
    desk: &'a Desk,
    id: String,
    line: Value,
    messages: Vec<Value>,
}

impl Brought<'_> {
    /// Role and words of each message.
    fn said(&self) -> Vec<(&str, &str)> {
        self.messages.iter().map(|m| (m["role"].as_str().unwrap(), m["content"].as_str().unwrap())).collect()
    }

    fn parts(&self) -> impl Iterator<Item = &Value> {
        self.messages.iter().flat_map(|message| message["parts"].as_array().unwrap())
    }

    /// The words of the parts of this kind.
    fn texts(&self, kind: &str) -> Vec<&str> {
        self.parts().filter(|part| part["kind"] == kind).filter_map(|part| part["text"].as_str()).collect()
    }

    fn notes(&self) -> Vec<&str> {
        self.line["notes"].as_array().unwrap().iter().map(|note| note.as_str().unwrap()).collect()
    }

    fn page(&self) -> String {
        self.desk.pages.get(&format!("/conversations/{}", self.id)).is(200).text()
    }

    fn export(&self, format: &str) -> String {
        self.desk.ana.get(&format!("/api/v1/conversations/{}/export?format={format}", self.id)).is(200).text()
    }

    /// Says that these words are on the page, in the exports for reading, and that they can be marked where they stand.
    fn reads_and_marks(&self, words: &str) {
        for (what, text) in
            [("page", self.page()), ("html", self.export("html")), ("markdown", self.export("markdown"))]
        {
            assert!(text.contains(words), "{words:?} is not in the {what}: {text}");
        }
        let mut places = self.messages.iter().flat_map(|message| {
            let parts = message["parts"].as_array().unwrap().iter().filter(|part| part["kind"] != "context");
            parts
                .enumerate()
                .map(|(number, part)| (message["id"].clone(), number, part["text"].as_str().unwrap_or_default()))
        });
        let place = places.find_map(|(message, part, text)| Some((message, part, text.split_once(words)?.0)));
        let (message, part, before) = place.unwrap_or_else(|| panic!("{words:?} stands in no part"));
        let start = before.chars().count();
        let span = json!({ "message_id": message, "part": part, "start": start, "end": start + words.chars().count(), "quote": words });
        let made = self.desk.ana.post(&format!("/api/v1/conversations/{}/annotations", self.id), span).is(201).json();
        assert_eq!(made["anchor"]["quote"], words, "{made}");
    }
}

/// A file and what must come of it.
struct Case {
    /// The input.
    file: &'static [u8],
    /// Role and words of each message.
    said: &'static [(&'static str, &'static str)],
    /// What the report says of it.
    notes: &'static [&'static str],
    /// What can be read everywhere, and marked.
    read: &'static [&'static str],
}

#[test]
fn every_case_gives_its_expected_result() {
    let desk = Desk::open();
    let case = |case: &Case| {
        let brought = desk.brings(case.file);
        assert_eq!(brought.said(), case.said);
        assert_eq!(brought.notes(), case.notes);
        case.read.iter().for_each(|words| brought.reads_and_marks(words));
    };
    let cases = [
        Case {
            file: include_bytes!("../../corpus/cases/markers-that-carry-words.json"),
            said: &[
                ("user", "Help me"),
                (
                    "assistant",
                    "Read [the manual](https://example.org/manual) first. The rule is \\(a^2 + b^2 = c^2\\) here. See also the notice.",
                ),
            ],
            notes: &[],
            read: &["the manual", "the notice"],
        },
        Case {
            file: include_bytes!("../../corpus/cases/deep-research-widget.json"),
            said: &[
                ("user", "Research the tides"),
                ("assistant", "# Tides\n\nThe report says that tides follow the moon."),
                ("assistant", "The report is ready."),
            ],
            notes: &[],
            read: &["The report says that tides follow the moon."],
        },
        Case {
            file: include_bytes!("../../corpus/cases/known-type-other-field.json"),
            said: &[
                ("user", "Think"),
                ("assistant", ""),
                ("assistant", ""),
                ("assistant", ""),
                ("assistant", "The answer stands in text."),
                ("tool", ""),
                ("assistant", "Done."),
            ],
            notes: &[],
            read: &["First I look at the moon.", "Then at the sun.", "The answer stands in text.", "42"],
        },
        Case {
            file: include_bytes!("../../corpus/cases/search-results.json"),
            said: &[("user", "Search it"), ("tool", ""), ("assistant", "The moon.")],
            notes: &[],
            read: &["Tides explained"],
        },
        Case {
            file: include_bytes!("../../corpus/cases/canvas.json"),
            said: &[
                ("user", "Draft a letter"),
                ("assistant", "# Letter\n\nDear neighbours,\n\nthis *draft* is what the class discusses."),
                ("tool", ""),
                ("assistant", "It is in the canvas."),
            ],
            notes: &[],
            read: &["Dear neighbours,", "is what the class discusses."],
        },
        Case {
            file: include_bytes!("../../corpus/cases/claude-design-chat.json"),
            said: &[("user", "Design a poster"), ("assistant", "Here is a poster.")],
            notes: &[],
            read: &["Here is a poster.", "Blue is good."],
        },
        Case {
            file: include_bytes!("../../corpus/cases/two-first-messages.json"),
            said: &[("user", "First try"), ("assistant", "One"), ("user", "Second try"), ("assistant", "Two")],
            notes: &[],
            read: &[],
        },
    ];
    cases.iter().for_each(case);
}

#[test]
fn sources_have_a_name_and_an_address_once_each() {
    let desk = Desk::open();
    let brought = desk.brings(include_bytes!("../../corpus/cases/sources-without-names.json"));
    assert_eq!(brought.said(), [("user", "When is high tide?"), ("assistant", "At noon. ")]);
    assert_eq!(brought.texts("citation"), ["Tide table of the harbour", "Moon phases"]);
    let (page, html, markdown) = (brought.page(), brought.export("html"), brought.export("markdown"));
    for (name, address) in
        [("Tide table of the harbour", "https://example.org/harbour"), ("Moon phases", "https://example.org/moon")]
    {
        for text in [&page, &html, &markdown] {
            assert_eq!(text.matches(name).count(), 1, "{name} in {text}");
            assert!(text.contains(address), "{address} is not in {text}");
        }
        assert!(page.contains(&format!("href=\"{address}\"")));
    }
    assert_eq!(page.matches(">Source<").count(), 2, "what is no source makes no line: {page}");
    assert_eq!(markdown.matches("*Source").count(), 2, "{markdown}");
}

#[test]
fn what_was_found_keeps_its_title_address_and_words() {
    let desk = Desk::open();
    let brought = desk.brings(include_bytes!("../../corpus/cases/search-results.json"));
    for text in [brought.page(), brought.export("html"), brought.export("markdown"), brought.export("json")] {
        for words in ["Tides explained", "https://example.org/tides", "They follow the moon."] {
            assert!(text.contains(words), "{words:?} is not in {text}");
        }
    }
}

#[test]
fn thoughts_recaps_and_outputs_have_their_kinds_whatever_field_they_stand_in() {
    let desk = Desk::open();
    let brought = desk.brings(include_bytes!("../../corpus/cases/known-type-other-field.json"));
    assert_eq!(brought.texts("thinking"), ["First I look at the moon.", "Thought for 9s", "Then at the sun."]);
    assert_eq!(brought.texts("tool_result"), ["42"]);
}

#[test]
fn a_canvas_is_a_document_with_headings_and_paragraphs() {
    let desk = Desk::open();
    let brought = desk.brings(include_bytes!("../../corpus/cases/canvas.json"));
    let document = brought.parts().find(|part| part["kind"] == "document").unwrap();
    assert_eq!((&document["name"], &document["lang"]), (&json!("Letter"), &Value::Null));
    let page = brought.page();
    for words in ["Document: Letter", ">Letter</h3>", "<em"] {
        assert!(page.contains(words), "{words:?} is not in {page}");
    }
    assert!(!page.contains("\\n"), "no JSON: {page}");
}

#[test]
fn a_long_artifact_is_read_exported_and_marked_whole() {
    let desk = Desk::open();
    let brought = desk.brings(include_bytes!("../../corpus/cases/artifact-over-20k.json"));
    let document = brought.parts().find(|part| part["kind"] == "document").unwrap();
    assert_eq!(document["name"], "Essay");
    for words in ["Sentence 0 of the essay.", "Sentence 450 of the essay.", "Sentence 899 of the essay."] {
        brought.reads_and_marks(words);
    }
    assert!(brought.page().contains("Document: Essay"));
}

#[test]
fn a_call_of_a_tool_of_any_size_is_shown_whole_and_can_be_marked() {
    let desk = Desk::open();
    let lines: Vec<String> = (0..3_000).map(|line| format!("print({line}) # step {line}")).collect();
    let call = json!({ "type": "tool_use", "name": "repl", "input": { "code": lines.join("\n"), "note": "run it" } });
    let file = json!([{ "uuid": "c", "name": "Tools", "chat_messages": [
        { "uuid": "1", "sender": "human", "text": "Run it", "content": [] },
        { "uuid": "2", "sender": "assistant", "text": "", "content": [call, { "type": "text", "text": "Done." }] },
    ] }]);
    let brought = desk.brings(file.to_string().as_bytes());
    assert!(brought.texts("tool_call")[0].len() > 60_000);
    brought.reads_and_marks("print(2999) # step 2999");
}

#[test]
fn auto_is_no_model() {
    let desk = Desk::open();
    let brought = desk.brings(include_bytes!("../../corpus/cases/model-auto.json"));
    let shown = desk.ana.get(&format!("/api/v1/conversations/{}", brought.id)).is(200).json();
    assert_eq!(shown["model"], "gpt-5-2");
    assert!(!brought.export("json").contains("\"auto\""));
}

#[test]
fn prices_are_no_formulas() {
    let desk = Desk::open();
    let brought = desk.brings(include_bytes!("../../corpus/cases/currency.json"));
    let page = brought.page();
    assert_eq!(page.matches("<math").count(), 1, "{page}");
    assert!(page.contains("$2.00 there; from $2bn to $4bn"), "{page}");
}

#[test]
fn the_second_of_two_beginnings_is_on_the_path() {
    let desk = Desk::open();
    let brought = desk.brings(include_bytes!("../../corpus/cases/two-first-messages.json"));
    let path = brought.messages.iter().filter(|message| message["on_path"] == true);
    assert_eq!(path.map(|message| &message["content"]).collect::<Vec<_>>(), ["Second try", "Two"]);
}

/// What a report says happens: for each place whether it comes in, grows or is here, and how many messages it adds.
fn outcome(report: &Value) -> BTreeMap<u64, (String, u64, Vec<Value>)> {
    let place = |line: &Value| line["index"].as_u64().unwrap();
    let came = report["imported"].as_array().unwrap().iter().map(|line| {
        let what = if line["updated"] == true { "grows" } else { "new" };
        (place(line), (what.to_owned(), line["messages"].as_u64().unwrap(), line["notes"].as_array().unwrap().clone()))
    });
    let here = report["skipped"].as_array().unwrap().iter();
    let here = here.map(|line| (place(line), (line["reason"].as_str().unwrap().to_owned(), 0, Vec::new())));
    came.chain(here).collect()
}

#[test]
fn a_dry_run_plans_twins_within_a_file_as_they_come_in() {
    let desk = Desk::open();
    let file: &[u8] = include_bytes!("../../corpus/cases/dry-run-twins.json");
    let dry = desk.ana.imports(&desk.class, "?dry_run=true", file).is(200).json();
    let real = desk.ana.imports(&desk.class, "", file).is(201).json();
    let outcomes: Vec<(String, u64)> =
        outcome(&dry).into_values().map(|(what, messages, _)| (what, messages)).collect();
    let same = "already here, with the same messages".to_owned();
    assert_eq!(outcomes, [("new".to_owned(), 2), ("grows".to_owned(), 1), (same, 0)]);
    assert_eq!(outcome(&dry), outcome(&real));
    assert_eq!((&dry["imported"][1]["id"], &dry["skipped"][0]["id"]), (&Value::Null, &Value::Null));
}

/// A ChatGPT conversation with these messages: numbers of ids, and numbers of words.
fn twin(id: u8, messages: &[(u8, u8)]) -> Value {
    let mut mapping = serde_json::Map::new();
    mapping.insert("root".to_owned(), json!({ "id": "root", "message": null, "parent": null, "children": [] }));
    let mut before = "root".to_owned();
    for (number, words) in messages {
        let node = format!("m{number}");
        let message = json!({ "id": node, "author": { "role": "user" },
            "content": { "content_type": "text", "parts": [format!("words {words}")] } });
        mapping.insert(node.clone(), json!({ "id": node, "message": message, "parent": before, "children": [] }));
        before = node;
    }
    json!({ "conversation_id": format!("c{id}"), "title": "Twin", "mapping": mapping, "current_node": before })
}

#[test]
fn a_dry_run_says_what_then_happens_for_any_file_with_twins() {
    let desk = Desk::open();
    let conversation = (0_u8..3, vec((0_u8..4, 0_u8..2), 1..4));
    let mut runner = TestRunner::new(Config { cases: 24, failure_persistence: None, ..Config::default() });
    let round = Cell::new(0);
    let tried = runner.run(&vec(vec(conversation, 1..6), 1..3), |files| {
        round.set(round.get() + 1);
        let ana = &desk.ana;
        // A class of its own, so that nothing is here yet.
        let class = ana.opens_class(&format!("Class {}", round.get()));
        for file in files {
            let file: Vec<Value> = file.iter().map(|(id, messages)| twin(*id, messages)).collect();
            let file = json!(file).to_string();
            let dry = ana.imports(&class, "?dry_run=true", file.clone()).is(200).json();
            let real = ana.imports(&class, "", file.clone()).json();
            prop_assert_eq!(outcome(&dry), outcome(&real), "{}", file);
        }
        Ok(())
    });
    tried.unwrap();
}

#[test]
fn changed_words_under_a_known_id_are_not_called_the_same_messages() {
    let desk = Desk::open();
    let (ana, class) = (&desk.ana, &desk.class);
    let file = |messages: &[(u8, u8)]| json!([twin(7, messages)]).to_string();
    ana.imports(class, "", file(&[(0, 0), (1, 0)])).is(201);
    for query in ["?dry_run=true", ""] {
        let changed = ana.imports(class, query, file(&[(0, 0), (1, 1)])).is(200).json();
        assert_eq!(
            changed["skipped"][0]["reason"],
            "already here, with the same messages but for their words: \
             1 message has other words in this file than here; what is here stays"
        );
    }
    for query in ["?dry_run=true", ""] {
        let grown = ana.imports(class, query, file(&[(0, 1), (1, 1), (2, 0)])).json();
        let line = &grown["imported"][0];
        assert_eq!((&line["updated"], &line["messages"]), (&json!(true), &json!(1)));
        assert_eq!(line["notes"], json!(["2 messages have other words in this file than here; what is here stays"]));
    }
}
