//! What is stored is what was in the file, for files nobody thought of.

use tests::{TestApp, Value, json};

use super::{chat, lines, student};

/// What the design's cleaning leaves of a text.
fn cleaned(text: &str) -> String {
    text.chars().filter(|c| *c >= ' ' || matches!(c, '\t' | '\n' | '\r')).collect()
}

#[test]
fn what_is_stored_is_what_was_in_the_file() {
    use proptest::{
        prelude::{Strategy, any},
        test_runner::{Config, TestRunner},
    };
    let app = TestApp::start();
    let (ana, class) = student(&app);
    // Citation markers and blank messages have rules of their own, tested with the parsers.
    let text = any::<String>().prop_filter("has words", |text| {
        !cleaned(text).trim().is_empty() && !text.contains(['\u{e200}', '\u{e201}', '\u{e202}', '【'])
    });
    let tree = proptest::collection::vec((text, any::<proptest::sample::Index>(), 0..4_u8, any::<u32>()), 1..12);
    let mut runner = TestRunner::new(Config { cases: 24, failure_persistence: None, ..Config::default() });
    let count = std::cell::Cell::new(0);
    let outcome = runner.run(&tree, |nodes| {
        count.set(count.get() + 1);
        let mut mapping = serde_json::Map::new();
        let mut expected = Vec::new();
        for (index, (text, parent, role, seconds)) in nodes.iter().enumerate() {
            let parent = (index > 0).then(|| parent.index(index));
            let role = ["user", "assistant", "tool", "system"][usize::from(*role)];
            let time = 1_000_000_000.0 + f64::from(*seconds % 800_000_000) + 0.5;
            let message = json!({ "id": format!("m{index}"), "author": { "role": role }, "create_time": time,
                                  "content": { "content_type": "text", "parts": [text] }, "recipient": "all" });
            let node = json!({ "id": format!("m{index}"), "message": message, "children": [],
                               "parent": parent.map(|p| format!("m{p}")) });
            mapping.insert(format!("m{index}"), node);
            let at =
                time::OffsetDateTime::from_unix_timestamp_nanos((i128::from(time as i64) * 1_000 + 500) * 1_000_000);
            let at = at.unwrap().format(&time::format_description::well_known::Rfc3339).unwrap();
            let text = cleaned(text);
            expected.push((text.clone(), role, parent.map(|p| cleaned(&nodes[p].0)), at));
        }
        let file = json!({ "conversation_id": format!("p{}", count.get()), "mapping": mapping });
        let report = ana.imports(&class, "", file.to_string()).is(201).json();
        let stored = ana.reads(report["imported"][0]["id"].as_str().unwrap());
        let words = |message: &Value| message["parts"][0]["text"].as_str().unwrap().to_owned();
        let text_of = |id: &Value| stored.iter().find(|m| m["id"] == *id).map(words);
        let mut found: Vec<_> = stored
            .iter()
            .map(|m| {
                (
                    words(m),
                    m["role"].as_str().unwrap(),
                    text_of(&m["parent_id"]),
                    m["created_at"].as_str().unwrap().to_owned(),
                )
            })
            .collect();
        found.sort();
        expected.sort();
        proptest::prop_assert_eq!(found, expected);
        Ok(())
    });
    outcome.unwrap();
}

#[test]
fn a_conversation_with_overlong_names_comes_in_and_harms_no_other() {
    let app = TestApp::start();
    let (ana, class) = student(&app);
    // Letters that do not repeat: an index would pack those.
    let letter = |i: u32| char::from(b'a' + u8::try_from((i * i / 7 + i * 31) % 26).unwrap());
    let long: String = (0..9_000_u32).map(letter).collect();
    let mut odd = chat("x", &["Q?", "A."]);
    odd["conversation_id"] = json!(long);
    odd["title"] = json!(long);
    odd["default_model_slug"] = json!(long);
    let file = Value::from(vec![chat("c1", &["Q?", "A."]), odd, chat("c3", &["Q?", "A."])]).to_string();
    let report = ana.imports(&class, "", file.clone()).is(201).json();
    assert_eq!(lines(&report, "imported").len(), 3, "{report}");
    assert_eq!(report["imported"][1]["title"].as_str().unwrap().chars().count(), 300);
    assert!(report["imported"][1]["notes"].to_string().contains("the title was cut to 300 characters"));
    ana.imports(&class, "", file).is(200);
}

#[test]
fn ids_do_not_tell_how_many_messages_are_hidden() {
    let app = TestApp::start();
    let (ana, class) = student(&app);
    let mut file = chat("c1", &["Question?", "Answer."]);
    let mapping = file["mapping"].as_object_mut().unwrap();
    let mut parent = "root".to_owned();
    for number in 0..5 {
        let id = format!("ctx{number}");
        let content = json!({ "content_type": "user_editable_context", "user_profile": format!("profile {number}") });
        let message = json!({ "id": id, "author": { "role": "user" }, "content": content });
        mapping.insert(id.clone(), json!({ "id": id, "message": message, "parent": parent, "children": [] }));
        parent = id;
    }
    mapping["c1-0"]["parent"] = json!(parent);
    let report = ana.imports(&class, "", file.to_string()).is(201).json();
    let messages = ana.reads(report["imported"][0]["id"].as_str().unwrap());
    assert_eq!(messages.len(), 7);
    for (number, message) in messages[..5].iter().enumerate() {
        assert!(message["parts"].to_string().contains(&format!("profile {number}")), "not in the order of the file");
        // Of an earlier millisecond: it took no number from the counter of those that others see.
        let millisecond = |m: &Value| m["id"].as_str().unwrap()[..13].to_owned();
        assert!(millisecond(message) < millisecond(&messages[5]), "{messages:#?}");
    }
}
