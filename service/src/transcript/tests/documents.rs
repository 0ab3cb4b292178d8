//! Documents beside the conversation: what is written, what becomes of it, on which branch.

use super::chatgpt::{chat, node, words};
use super::*;

/// A call of the canvas.
fn canvas(id: &str, tool: &str, call: &Value) -> Value {
    json!({ "id": id, "author": { "role": "assistant" }, "recipient": format!("canmore.{tool}"),
        "content": { "content_type": "code", "language": "json", "text": call.to_string() } })
}

fn update(pattern: &str, replacement: &str, multiple: bool) -> Value {
    json!({ "updates": [{ "pattern": pattern, "multiple": multiple, "replacement": replacement }] })
}

/// Kind, name and words of the first part of each message.
fn first_parts(read: &ParsedConversation) -> Vec<(PartKind, Option<&str>, &str)> {
    let first = read.messages.iter().map(|message| &message.parts[0]);
    first.map(|part| (part.kind, part.name.as_deref(), part.text.as_deref().unwrap_or_default())).collect()
}

#[test]
fn a_canvas_is_what_its_updates_make_of_it_on_each_branch() {
    let letter = json!({ "name": "Letter", "type": "document", "content": "Dear Ann,\n\nI am here. I am well.\n" });
    let nodes = [
        node("c", None, &["u1", "u2"], canvas("c", "create_textdoc", &letter)),
        node("u1", Some("c"), &["u3"], canvas("u1", "update_textdoc", &update("I am", "We are", true))),
        node(
            "u3",
            Some("u1"),
            &[],
            canvas("u3", "update_textdoc", &update(r"Dear (\w+),", r"Dear \1 & Bob, $1", false)),
        ),
        node("u2", Some("c"), &["r"], canvas("u2", "update_textdoc", &update("I am well", "I was well", false))),
        node("r", Some("u2"), &[], canvas("r", "update_textdoc", &update(".*", "All new.", false))),
    ];
    use PartKind::Document;
    let name = Some("Letter");
    let read = one(chat(&nodes, Some("r")));
    assert_eq!(
        first_parts(&read),
        [
            (Document, name, "Dear Ann,\n\nI am here. I am well.\n"),
            (Document, name, "Dear Ann,\n\nWe are here. We are well.\n"),
            (Document, name, "Dear Ann & Bob, $1\n\nWe are here. We are well.\n"),
            (Document, name, "Dear Ann,\n\nI am here. I was well.\n"),
            (Document, name, "All new."),
        ]
    );
    let versions = read.messages.iter().map(|message| message.parts[0].data.as_ref().unwrap()["version"].clone());
    assert_eq!(versions.collect::<Vec<_>>(), [1, 2, 3, 2, 3]);
    assert!(read.notes.is_empty());
}

#[test]
fn a_change_that_cannot_be_made_and_comments_keep_their_words() {
    let code = json!({ "name": "sum", "type": "code/python", "content": "print(1)" });
    let comments = json!({ "comments": [{ "pattern": "print", "comment": "Why not log?" }] });
    let nodes = [
        node("early", None, &["c"], canvas("early", "update_textdoc", &update(".*", "Nothing there yet", false))),
        node("c", Some("early"), &["u"], canvas("c", "create_textdoc", &code)),
        node("u", Some("c"), &["o"], canvas("u", "update_textdoc", &update("absent", "new words", false))),
        node("o", Some("u"), &["x"], canvas("o", "update_textdoc", &update("(unclosed", "more words", false))),
        node("x", Some("o"), &["end"], canvas("x", "comment_textdoc", &comments)),
        node("end", Some("x"), &[], words("end", "user", "Thanks")),
    ];
    let read = one(chat(&nodes, Some("end")));
    let parts = first_parts(&read);
    use PartKind::*;
    let kinds: Vec<PartKind> = parts.iter().map(|part| part.0).collect();
    assert_eq!(kinds, [ToolCall, Document, ToolCall, ToolCall, ToolCall, Text]);
    assert_eq!(read.messages[1].parts[0].lang.as_deref(), Some("python"));
    for (at, words) in [(0, "Nothing there yet"), (2, "new words"), (3, "more words"), (4, "Why not log?")] {
        assert!(parts[at].2.contains(words), "{:?}", parts[at]);
    }
}

#[test]
fn changes_of_a_long_document_take_bounded_room() {
    let long = "word ".repeat(100_000);
    let letter = json!({ "name": "Long", "type": "document", "content": format!("start {long}") });
    let mut nodes = vec![node("n0", None, &[], canvas("n0", "create_textdoc", &letter))];
    for at in 1..60 {
        let (id, before) = (format!("n{at}"), format!("n{}", at - 1));
        let change = update("^start", &format!("start {at}"), false);
        nodes.push(node(&id, Some(&before), &[], canvas(&id, "update_textdoc", &change)));
    }
    let read = one(chat(&nodes, Some("n59")));
    let size: usize = read.messages.iter().map(|message| message.parts[0].text.as_ref().unwrap().len()).sum();
    assert!(size < 10 << 20, "{size}");
    assert_eq!(read.messages[1].parts[0].kind, PartKind::Document);
    assert_eq!(read.messages[59].parts[0].kind, PartKind::ToolCall, "the change as it is");
    assert!(read.messages[59].parts[0].text.as_ref().unwrap().contains("start 59"));
}

/// The parts of a Claude conversation with these blocks in one answer.
fn answer(blocks: Value) -> Vec<Part> {
    let message = json!({ "uuid": "m", "sender": "assistant", "text": "", "content": blocks });
    element(&json!({ "uuid": "c", "chat_messages": [message] })).messages.remove(0).parts
}

#[test]
fn artifacts_of_all_forms_are_documents() {
    let artifact = |input: Value| json!({ "type": "tool_use", "name": "artifacts", "input": input });
    let read = answer(json!([
        artifact(json!({ "command": "create", "id": "a", "type": "application/vnd.ant.code", "language": "python", "title": "Sum", "content": "a = 1\nb = 2" })),
        artifact(json!({ "command": "update", "id": "a", "old_str": "b = 2", "new_str": "b = 3" })),
        artifact(json!({ "command": "update", "id": "a", "old_str": "not there", "new_str": "c = 4" })),
        artifact(json!({ "command": "rewrite", "id": "a", "content": "c = 5" })),
        { "type": "tool_use", "name": "create_file", "input": { "path": "/out/notes.md", "file_text": "# Notes", "description": "d" } },
        { "type": "tool_use", "name": "str_replace", "input": { "path": "/out/notes.md", "old_str": "Notes", "new_str": "More notes" } },
        { "type": "text", "text": "See <antThinking>good</antThinking>\n<antArtifact identifier=\"b\" type=\"image/svg+xml\" title=\"A &amp; B\">\n<svg/>\n</antArtifact>\nthere" },
    ]));
    let found: Vec<_> = read
        .iter()
        .map(|part| (part.kind, part.name.as_deref(), part.lang.as_deref(), part.text.as_deref().unwrap()))
        .collect();
    use PartKind::*;
    let (sum, notes) = (Some("Sum"), Some("notes.md"));
    assert_eq!(
        found,
        [
            (Document, sum, Some("python"), "a = 1\nb = 2"),
            (Document, sum, Some("python"), "a = 1\nb = 3"),
            (ToolCall, Some("artifacts"), None, "command: update\nid: a\nnew_str: c = 4\nold_str: not there"),
            (Document, sum, Some("python"), "c = 5"),
            (Document, notes, None, "# Notes"),
            (Document, notes, None, "# More notes"),
            (Thinking, None, None, "good"),
            (Text, None, None, "See \n"),
            (Document, Some("A & B"), Some("svg"), "<svg/>"),
            (Text, None, None, "\nthere"),
        ]
    );
}

#[test]
fn markers_of_unknown_kinds_leave_a_sign_and_a_note() {
    let text = "A \u{e200}quiz\u{e202}Which moon?\u{e202}turn0x1\u{e201} b \u{e200}orb\u{e201}.";
    let read = one(chat(&[node("m", None, &[], words("m", "assistant", text))], None));
    assert_eq!(read.messages[0].parts[0].text.as_deref(), Some("A ⟦quiz: Which moon?⟧ b ⟦orb⟧."));
    assert_eq!(read.notes, ["2 markers of kinds that are not known here stand in the text as ⟦…⟧: orb, quiz"]);
}

#[test]
fn what_is_not_known_is_counted_by_its_kind_and_keeps_its_words() {
    let hologram = json!({ "content_type": "hologram", "beam": "green light" });
    let message = json!({ "author": { "role": "assistant" }, "content": hologram });
    let read = one(chat(&[node("m", None, &[], message)], None));
    assert_eq!(read.messages[0].parts[0].text.as_deref(), Some("beam: green light\ncontent_type: hologram"));
    assert_eq!(read.notes, ["1 piece of a kind that is not known here was kept as it stands: hologram"]);
}

#[test]
fn a_reply_keeps_what_it_quotes_and_a_lone_recap_its_words() {
    let mut reply = words("q", "user", "Why this?");
    reply["metadata"] = json!({ "targeted_reply": "the moon is far", "targeted_reply_label": "an answer" });
    let mut recap = words("r", "assistant", "");
    recap["metadata"] = json!({ "finished_text": "Thought for 9s", "initial_text": "Thinking hard" });
    let read = one(chat(&[node("q", None, &["r"], reply), node("r", Some("q"), &[], recap)], Some("r")));
    let quote = &read.messages[0].parts[0];
    assert_eq!((quote.kind, quote.text.as_deref()), (PartKind::Citation, Some("the moon is far")));
    assert_eq!(quote.name.as_deref(), Some("an answer"));
    let recap = &read.messages[1].parts[0];
    assert_eq!((recap.kind, recap.text.as_deref()), (PartKind::Thinking, Some("Thought for 9s")));
    assert!(read.notes.is_empty());
}
