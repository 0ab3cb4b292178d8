//! Claude: blocks, branches, older shapes.

use super::*;
use entity::Moment;

const ROOT: &str = "00000000-0000-4000-8000-000000000000";

/// A message of words, as the export writes it.
fn words(id: &str, parent: Option<&str>, sender: &str, text: &str) -> Value {
    let mut message = json!({ "uuid": id, "sender": sender, "text": text, "content": [{ "type": "text", "text": text, "citations": [] }],
        "created_at": "2026-01-01T00:00:01.25Z", "attachments": [], "files": [] });
    if let Some(parent) = parent {
        message["parent_message_uuid"] = json!(parent);
    }
    message
}

/// A conversation of these messages.
fn chat(messages: Value) -> Value {
    json!({ "uuid": "c1", "name": "Name", "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-02T00:00:00+00:00",
        "account": { "uuid": "a" }, "chat_messages": messages })
}

/// The parts of a message with this content.
fn parts(content: Value) -> Vec<Part> {
    let message = json!({ "uuid": "m", "sender": "assistant", "text": "flat", "content": content });
    element(&chat(json!([message]))).messages.remove(0).parts
}

#[test]
fn a_conversation_without_parents_is_a_line() {
    let read = element(&chat(json!([
        words("a", None, "human", "Hi"),
        words("b", None, "assistant", "Hello"),
        words("c", None, "human", "Bye")
    ])));
    assert_eq!(
        said(&read),
        [(Role::User, "Hi".to_owned()), (Role::Assistant, "Hello".to_owned()), (Role::User, "Bye".to_owned())]
    );
    assert_eq!(read.messages.iter().map(|message| message.parent).collect::<Vec<_>>(), [None, Some(0), Some(1)]);
    assert_eq!((read.leaf, read.source_id.as_deref(), read.title.as_deref()), (Some(2), Some("c1"), Some("Name")));
    assert_eq!(read.started_at, Some(Moment(1_767_225_600_000_000)));
    assert_eq!(read.updated_at, Some(Moment(1_767_312_000_000_000)));
    assert_eq!(read.messages[0].created_at, Some(Moment(1_767_225_601_250_000)));
    assert!(read.notes.is_empty() && read.messages.iter().all(|message| message.on_path));
}

#[test]
fn abandoned_branches_leave_the_path() {
    let messages = json!([
        words("q", Some(ROOT), "human", "Q"),
        words("a1", Some("q"), "assistant", "old"),
        words("q2", Some(ROOT), "human", "Q, edited"),
        words("a2", Some("q2"), "assistant", "new"),
    ]);
    let mut source = chat(messages);
    let read = element(&source);
    let path: Vec<bool> = read.messages.iter().map(|message| message.on_path).collect();
    assert_eq!(path, [false, false, true, true]);
    assert!(read.notes.is_empty());
    source["current_leaf_message_uuid"] = json!("a1");
    assert_eq!(element(&source).leaf, Some(1));
}

#[test]
fn a_parent_that_is_missing_is_noted() {
    let read =
        element(&chat(json!([words("a", Some("gone"), "human", "Hi"), words("b", Some("a"), "assistant", "Hello")])));
    assert_eq!(read.notes, ["1 message follows one that is not in the file; it was put at the beginning"]);
}

#[test]
fn blocks_become_parts_in_their_order() {
    let read = parts(json!([
        { "type": "thinking", "thinking": "hm", "summaries": [{ "summary": "weighing" }], "signature": "s" },
        { "type": "text", "text": "Answer", "citations": [{ "title": "Page", "url": "https://example.org" }] },
        { "type": "tool_use", "id": "t1", "name": "artifacts", "input": { "command": "create", "content": "<p>" } },
        { "type": "token_budget", "remaining": 5 },
        { "type": "image", "source": { "type": "base64", "media_type": "image/png", "data": "aW1hZ2U=" } },
        { "type": "novelty", "x": 1 },
    ]));
    use PartKind::*;
    assert_eq!(kinds(&read), [Thinking, Text, Citation, Document, Image, Unknown]);
    assert_eq!(read[0].data, Some(json!({ "summaries": ["weighing"] })));
    assert_eq!(read[2].text.as_deref(), Some("Page"));
    assert_eq!(read[3].text.as_deref(), Some("<p>"));
    assert_eq!(read[3].data, Some(json!({ "document": "artifact", "version": 1, "source": { "command": "create" } })));
    assert_eq!(
        read[4].data,
        Some(json!({ "source": { "type": "base64", "media_type": "image/png", "size_bytes": 5 } }))
    );
    assert_eq!(read[5].data, Some(json!({ "type": "novelty", "x": 1 })));
}

#[test]
fn results_of_tools_have_their_words_and_no_binary() {
    let image =
        json!({ "type": "image", "source": { "type": "base64", "media_type": "image/png", "data": "aW1hZ2U=" } });
    let result = json!({ "type": "tool_result", "tool_use_id": "t1", "is_error": true,
        "content": [{ "type": "text", "text": "first" }, image, { "type": "text", "text": "second" }] });
    let message = json!({ "uuid": "r", "sender": "human", "text": "", "content": [result] });
    let read = element(&chat(json!([message]))).messages.remove(0);
    assert_eq!(
        (read.role, read.parts[0].kind),
        (Role::Tool, PartKind::ToolResult),
        "a tool answers in the person's name"
    );
    assert_eq!(read.parts[0].text.as_deref(), Some("first\nsecond"));
    let data = read.parts[0].data.as_ref().unwrap();
    assert_eq!((&data["is_error"], &data["tool_use_id"]), (&json!(true), &json!("t1")));
    assert!(!data.to_string().contains("aW1hZ2U="));
    let plain = parts(
        json!([{ "type": "tool_result", "name": "web_search", "content": [{ "type": "text", "text": "found" }] }]),
    );
    assert_eq!((plain[0].name.as_deref(), &plain[0].data), (Some("web_search"), &None));
}

#[test]
fn the_flat_text_counts_only_where_no_block_has_words() {
    assert_eq!(parts(json!([{ "type": "text", "text": "full" }])).len(), 1);
    let read = parts(json!([{ "type": "thinking", "thinking": "hm" }]));
    assert_eq!(kinds(&read), [PartKind::Thinking, PartKind::Text]);
    assert_eq!(read[1].text.as_deref(), Some("flat"));
    assert_eq!(parts(json!([]))[0].text.as_deref(), Some("flat"));
    assert_eq!(parts(Value::Null)[0].text.as_deref(), Some("flat"));
    assert_eq!(parts(json!("a string"))[0].text.as_deref(), Some("a string"));
    let placeholder = "```\nThis block is not supported on your current device yet.\n```";
    let message = json!({ "uuid": "m", "sender": "assistant", "text": placeholder, "content": [{ "type": "tool_use", "name": "x", "input": {} }] });
    let read = element(&chat(json!([message])));
    assert_eq!(kinds(&read.messages[0].parts), [PartKind::ToolCall]);
}

#[test]
fn a_turn_that_is_only_a_pasted_attachment_keeps_its_text() {
    let message = json!({ "uuid": "m", "sender": "human", "text": "", "content": [],
        "attachments": [{ "file_name": "", "file_size": 12, "file_type": "txt", "extracted_content": "pasted words" }],
        "files": [{ "file_name": "plot.png" }] });
    let read = element(&chat(json!([message]))).messages.remove(0).parts;
    assert_eq!(kinds(&read), [PartKind::Attachment, PartKind::Attachment]);
    assert_eq!((read[0].text.as_deref(), &read[0].name), (Some("pasted words"), &None));
    assert_eq!(read[0].data, Some(json!({ "file_size": 12, "file_type": "txt" })));
    assert_eq!(read[1].name.as_deref(), Some("plot.png"));
}

#[test]
fn older_files_with_messages_and_roles_are_read() {
    let source = json!({ "uuid": "c", "name": "", "messages": [
        { "uuid": "a", "role": "user", "content": "Hi" },
        { "uuid": "b", "role": "assistant", "content": [{ "type": "text", "text": "Hello" }] },
        { "uuid": "x", "role": "narrator", "content": "Later" },
    ] });
    let read = element(&source);
    assert_eq!(
        said(&read),
        [(Role::User, "Hi".to_owned()), (Role::Assistant, "Hello".to_owned()), (Role::Unknown, "Later".to_owned())]
    );
    assert_eq!(read.title, None, "an empty name is none");
    let untitled =
        json!([{ "messages": [{ "sender": "human", "text": "Hi" }, { "sender": "assistant", "text": "Ho" }] }]);
    assert_eq!(one(untitled.to_string()).messages.len(), 2);
}

#[test]
fn messages_that_come_twice_or_empty_are_noted() {
    let messages = json!([
        words("a", None, "human", "Hi"),
        words("a", None, "human", "Hi again"),
        words("e", None, "assistant", ""),
        null,
        words("b", None, "assistant", "Ho")
    ]);
    let read = element(&chat(messages));
    assert_eq!(read.messages.len(), 2);
    assert_eq!(read.messages[1].parent, Some(0));
    assert_eq!(read.notes, ["1 message came twice; the first was kept", "1 empty placeholder was left out"]);
}

#[test]
fn conversations_without_messages_fail_alone() {
    assert_eq!(failure(&chat(json!([]))), "it has no messages");
    assert_eq!(
        failure(&chat(json!([{ "uuid": "m", "sender": "human", "text": "", "content": [] }]))),
        "it has no messages"
    );
}

#[test]
fn cycles_do_not_hang() {
    let messages = json!([words("a", Some("b"), "human", "1"), words("b", Some("a"), "assistant", "2")]);
    let read = element(&chat(messages));
    assert_eq!((read.messages.len(), read.leaf), (2, Some(1)));
    assert_eq!(read.notes, ["1 circular link between messages was cut"]);
}
