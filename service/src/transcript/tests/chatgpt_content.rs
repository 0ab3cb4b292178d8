//! ChatGPT: every kind of content.

use super::chatgpt::{chat, node, words};
use super::*;

/// The one message with this content, said so.
fn message(message: Value) -> crate::transcript::ParsedMessage {
    one(chat(&[node("m", None, &[], message)], Some("m"))).messages.remove(0)
}

/// The parts of one message with this content, by this role.
fn parts(role: &str, content: Value) -> Vec<Part> {
    message(json!({ "id": "m", "author": { "role": role, "name": "web" }, "content": content, "recipient": "all" }))
        .parts
}

/// A part with these words.
fn part(kind: PartKind, text: &str) -> Part {
    Part { kind, text: Some(text.to_owned()), lang: None, name: None, data: None }
}

#[test]
fn text_has_one_part_for_each_string_that_is_not_blank() {
    let read = parts("user", json!({ "content_type": "text", "parts": ["one", "", null, "two"] }));
    assert_eq!(read, [part(PartKind::Text, "one"), part(PartKind::Text, "two")]);
}

#[test]
fn multimodal_text_keeps_order_pictures_and_transcripts() {
    let picture =
        json!({ "content_type": "image_asset_pointer", "asset_pointer": "file-service://file-1", "width": 3 });
    let read = parts(
        "user",
        json!({ "content_type": "multimodal_text", "parts": [
        picture, "look",
        { "content_type": "audio_transcription", "text": "spoken", "direction": "in" },
        { "content_type": "audio_asset_pointer", "asset_pointer": "sediment://file_2" },
        { "content_type": "real_time_user_audio_video_asset_pointer", "frames": [1] },
        { "content_type": "video_container_asset_pointer", "asset_pointer": "sediment://file_3" },
    ] }),
    );
    use PartKind::*;
    assert_eq!(kinds(&read), [Image, Text, Audio, Audio, Audio, Unknown]);
    assert_eq!(read[0].data, Some(picture));
    assert_eq!(read[2].text.as_deref(), Some("spoken"));
    assert_eq!(read[2].data.as_ref().unwrap()["direction"], "in");
    assert_eq!(read[5].data.as_ref().unwrap()["asset_pointer"], "sediment://file_3");
}

#[test]
fn code_is_code_or_the_call_of_a_tool() {
    let content = json!({ "content_type": "code", "language": "python", "text": "print(1)" });
    let code = Part { lang: Some("python".to_owned()), ..part(PartKind::Code, "print(1)") };
    assert_eq!(parts("assistant", content.clone()), std::slice::from_ref(&code));
    let call = message(json!({ "author": { "role": "assistant" }, "recipient": "python", "content": content }));
    assert_eq!(call.parts, [Part { kind: PartKind::ToolCall, name: Some("python".to_owned()), ..code }]);
    let plain = parts("assistant", json!({ "content_type": "code", "language": "unknown", "text": "search()" }));
    assert_eq!(plain[0].lang, None);
}

#[test]
fn words_to_a_tool_are_a_call_and_words_of_a_tool_a_result() {
    let mut call = words("m", "assistant", "{\"name\":\"essay\"}");
    call["recipient"] = json!("canmore.create_textdoc");
    let call = message(call).parts.remove(0);
    assert_eq!((call.kind, call.name.as_deref()), (PartKind::ToolCall, Some("canmore.create_textdoc")));
    let result = parts("tool", json!({ "content_type": "text", "parts": ["done"] })).remove(0);
    assert_eq!((result.kind, result.name.as_deref()), (PartKind::ToolResult, Some("web")));
    let output = parts("tool", json!({ "content_type": "execution_output", "text": "42" })).remove(0);
    assert_eq!(
        (output.kind, output.text.as_deref(), output.name.as_deref()),
        (PartKind::ToolResult, Some("42"), Some("web"))
    );
}

#[test]
fn thoughts_and_recaps_are_thinking() {
    let read = parts(
        "assistant",
        json!({ "content_type": "thoughts", "thoughts": [
        { "summary": "Plan", "content": "First…" }, { "summary": "Only a summary", "content": "" }, { "summary": "", "content": "" },
    ], "source_analysis_msg_id": "x" }),
    );
    let first = Part { data: Some(json!({ "summary": "Plan" })), ..part(PartKind::Thinking, "First…") };
    assert_eq!(read, [first, part(PartKind::Thinking, "Only a summary")]);
    let recap =
        parts("assistant", json!({ "content_type": "reasoning_recap", "content": "Thought for 5 s" })).remove(0);
    assert_eq!((recap.kind, recap.text.as_deref()), (PartKind::Thinking, Some("Thought for 5 s")));
}

#[test]
fn custom_instructions_and_memory_are_context_alone_and_hidden() {
    let read = message(json!({ "author": { "role": "user" },
        "content": { "content_type": "user_editable_context", "user_profile": "I study Kant", "user_instructions": "Be brief" },
        "metadata": { "is_user_system_message": true, "is_visually_hidden_from_conversation": true,
            "attachments": [{ "name": "cv.pdf" }],
            "user_context_message_data": { "about_user_message": "I study Kant", "about_model_message": "Say less" } } }));
    assert!(read.hidden && read.parts.iter().all(|part| part.kind == PartKind::Context));
    let texts: Vec<_> = read.parts.iter().filter_map(|part| part.text.as_deref()).collect();
    assert_eq!(texts, ["I study Kant", "Be brief", "Say less"], "what was said already is not said again");

    let read = message(json!({ "author": { "role": "assistant" }, "content":
        { "content_type": "model_editable_context", "model_set_context": "1. Likes tea", "repository": null, "structured_context": { "a": 1 } } }));
    assert!(read.hidden);
    assert_eq!(kinds(&read.parts), [PartKind::Context, PartKind::Context]);
    assert_eq!(read.parts[1].data, Some(json!({ "structured_context": { "a": 1 } })));
}

#[test]
fn instructions_in_a_system_message_are_context_and_nothing_else() {
    let mut old = words("m", "system", "");
    old["metadata"] = json!({ "is_user_system_message": true,
        "user_context_message_data": { "about_user_message": "I am 19", "about_model_message": "" } });
    let read = message(old);
    assert!(!read.hidden);
    assert_eq!(read.parts.len(), 1);
    assert_eq!((read.parts[0].kind, read.parts[0].text.as_deref()), (PartKind::Context, Some("I am 19")));
}

#[test]
fn what_the_memory_is_told_and_answers_is_context() {
    let mut write = words("m", "assistant", "User has a dog");
    write["recipient"] = json!("bio");
    assert_eq!(kinds(&message(write).parts), [PartKind::Context]);
    let mut answer = words("m", "tool", "Model set context updated.");
    answer["author"]["name"] = json!("bio");
    assert_eq!(kinds(&message(answer).parts), [PartKind::Context]);
    let odd = json!({ "author": { "role": "assistant" }, "recipient": "bio", "content": { "content_type": "new", "secret": "x" } });
    assert_eq!(kinds(&message(odd).parts), [PartKind::Context]);
}

#[test]
fn browsing_quotes_and_errors_have_their_kinds() {
    let read = parts(
        "tool",
        json!({ "content_type": "tether_browsing_display", "result": "L0: page", "summary": "s", "assets": [] }),
    );
    assert_eq!((read[0].kind, read[0].text.as_deref()), (PartKind::ToolResult, Some("L0: page")));
    assert_eq!(read[0].data, Some(json!({ "summary": "s" })));
    let read = parts(
        "tool",
        json!({ "content_type": "tether_quote", "url": "https://example.org", "title": "Page", "text": "quoted" }),
    );
    assert_eq!((read[0].kind, read[0].name.as_deref()), (PartKind::Citation, Some("Page")));
    assert_eq!(read[0].data, Some(json!({ "url": "https://example.org" })));
    let read = parts("tool", json!({ "content_type": "system_error", "name": "Timeout", "text": "too slow" }));
    assert_eq!(
        (read[0].kind, read[0].name.as_deref(), read[0].text.as_deref()),
        (PartKind::Error, Some("Timeout"), Some("too slow"))
    );
}

#[test]
fn unknown_content_is_kept_as_it_stands() {
    let content = json!({ "content_type": "hologram", "beam": { "x": [1, 2] } });
    let read = parts("assistant", content.clone());
    assert_eq!(read, [Part { text: None, data: Some(content), ..part(PartKind::Unknown, "") }]);
}

#[test]
fn attachments_citations_and_drawn_pictures_come_from_the_metadata() {
    let mut said = words("m", "assistant", "See【12†source】 it");
    said["metadata"] = json!({
        "attachments": [{ "id": "file-1", "name": "notes.pdf", "size": 3 }],
        "citations": [{ "start_ix": 3, "metadata": { "title": "A page", "url": "https://example.org" } }],
        "content_references": [{ "type": "webpage", "title": "Another" }, null, {}],
        "aggregate_result": { "messages": [{ "message_type": "image", "image_url": "file-service://file-2" }, { "message_type": "stream" }] },
    });
    let read = message(said).parts;
    use PartKind::*;
    assert_eq!(kinds(&read), [Text, Attachment, Image, Citation, Citation]);
    assert_eq!(read[0].text.as_deref(), Some("See【12†source】 it"), "the words stay as they are in the file");
    assert_eq!(read[1].name.as_deref(), Some("notes.pdf"));
    assert_eq!((read[3].text.as_deref(), read[4].text.as_deref()), (Some("A page"), Some("Another")));
}

#[test]
fn citation_markers_move_out_of_the_text_and_stay_in_a_part() {
    let text = "A\u{e200}cite\u{e202}turn0search1\u{e201} b \u{e200}entity[\"person\",\"Kant\",\"x\"]\u{e201}. \u{e200}open \u{e000}";
    let read = one(chat(&[node("m", None, &[], words("m", "assistant", text))], None));
    let parts = &read.messages[0].parts;
    assert_eq!(parts[0].text.as_deref(), Some("A b Kant. \u{e200}open \u{e000}"));
    let marks = &parts[1].data.as_ref().unwrap()["markers"];
    assert_eq!(marks[0], json!({ "at": 1, "marker": "\u{e200}cite\u{e202}turn0search1\u{e201}" }));
    assert_eq!(marks[1]["at"], 4);
    assert_eq!(read.notes, ["2 citation markers were moved out of the text"]);
}

#[test]
fn control_characters_go_and_halves_of_characters_are_replaced_everywhere() {
    let source = r#"[{"title":"a\u0000b","mapping":{"m":{"message":{"author":{"role":"user"},"content":{"content_type":"text",
        "parts":["\ud83d x \\ud83d \ud83d\ude00 \udc00\u0008\ttab"]},"metadata":{"attachments":[{"name":"\u0001n","k\u0002":"v"}]}}}}}]"#;
    let read = one(source);
    assert_eq!(read.title.as_deref(), Some("ab"));
    assert_eq!(read.messages[0].parts[0].text.as_deref(), Some("\u{fffd} x \\ud83d 😀 \u{fffd}\ttab"));
    assert_eq!(read.messages[0].parts[1].data, Some(json!({ "name": "n", "k": "v" })));
    assert_eq!(read.notes, ["2 broken characters were replaced by \u{fffd}", "4 control characters were removed"]);
}

#[test]
fn letters_of_every_script_stay() {
    let text = "👩\u{200d}🔬 \u{202e}مرحبا\u{202c} שלום e\u{301} \u{7f}\u{85}\u{e123}";
    assert_eq!(parts("user", json!({ "content_type": "text", "parts": [text] })), [part(PartKind::Text, text)]);
}

#[test]
fn texts_of_nothing_but_markers_take_no_longer_than_others() {
    let count = 300_000;
    let open = "\u{e200}".repeat(count);
    assert_eq!(parts("assistant", json!({ "content_type": "text", "parts": [open] })), [part(PartKind::Text, &open)]);
    let closed = format!("x{}", "\u{e200}cite\u{e201}".repeat(count));
    let read = parts("assistant", json!({ "content_type": "text", "parts": [closed] }));
    assert_eq!(read[0].text.as_deref(), Some("x"));
    assert_eq!(read[1].data.as_ref().unwrap()["markers"].as_array().map(Vec::len), Some(count));
}
