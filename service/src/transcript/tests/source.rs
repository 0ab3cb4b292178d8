//! Whole sources: what they are, what is refused, what a broken one still gives.

use super::chatgpt::{chat, node, words};
use super::*;
use crate::transcript::{Format, Source, title_hint};

/// A small ChatGPT conversation with this title.
fn small(title: &str) -> String {
    json!({ "title": title, "mapping": { "m": { "message": words("m", "user", "x") } } }).to_string()
}

/// A small Claude conversation.
fn claude() -> String {
    json!({ "uuid": "c", "name": "n", "chat_messages": [{ "uuid": "m", "sender": "human", "text": "Hi" }] }).to_string()
}

/// The titles of the conversations that were read, and the reasons of those that were not.
fn outcomes(source: impl AsRef<[u8]>) -> Vec<Result<String, String>> {
    let items = items(source).expect("the source is read");
    assert!(items.iter().enumerate().all(|(at, item)| item.index == at));
    items
        .into_iter()
        .map(|item| item.outcome.map(|read| read.title.unwrap_or_default()).map_err(|failed| failed.reason))
        .collect()
}

#[test]
fn formats_are_known_by_their_shape() {
    let format = |source: &str| Source::open(source.as_bytes()).map(|source| source.format()).unwrap();
    assert_eq!(format(&format!("[{}]", small("a"))), Format::Chatgpt);
    assert_eq!(format(&small("a")), Format::Chatgpt);
    assert_eq!(format(&format!(" \n{}", claude())), Format::Claude);
    assert_eq!(format(&format!("\u{feff}[{}]", claude())), Format::Claude);
    assert_eq!(format("Hello"), Format::Text);
}

#[test]
fn empty_and_deleted_conversations_at_the_beginning_hide_nothing() {
    let source = format!(
        "[null, {{}}, {{\"id\":\"d\",\"title\":\"deleted\",\"create_time\":1,\"mapping\":null}}, {}]",
        small("real")
    );
    let read = outcomes(&source);
    assert_eq!(read.len(), 4);
    assert!(
        read[..3].iter().all(|outcome| { outcome.as_ref().is_err_and(|reason| reason.contains("it has no messages")) })
    );
    assert_eq!(read[3], Ok("real".to_owned()));
    let failed = items(&source).unwrap().remove(2).outcome.unwrap_err();
    assert_eq!(failed.title.as_deref(), Some("deleted"));
}

#[test]
fn one_bad_conversation_costs_only_itself() {
    let odd = claude();
    let deep = format!("{{\"mapping\":{}1{}}}", "[".repeat(200), "]".repeat(200));
    let source = format!("[{},\n{{\"title\":\"bad\",\"mapping\":{{,}}}},{odd},{deep},{}]", small("a"), small("z"));
    let read = outcomes(&source);
    assert_eq!((&read[0], &read[4]), (&Ok("a".to_owned()), &Ok("z".to_owned())));
    assert_eq!(read[1], Err("the JSON is malformed at line 2, column 27: key must be a string".to_owned()));
    assert_eq!(
        read[2],
        Err("a ChatGPT conversation was expected, a Claude conversation was found: it has no messages".to_owned())
    );
    assert!(read[3].as_ref().unwrap_err().contains("nested too deeply"));
    assert_eq!(read.len(), 5);
}

#[test]
fn raw_bytes_are_those_of_the_file() {
    let (a, b) = (small("a\\u0000 \\ud800"), small("b"));
    let raw: Vec<Vec<u8>> = items(format!("[ {a} ,\n{b}]")).unwrap().into_iter().map(|item| item.raw).collect();
    assert_eq!(raw, [a.into_bytes(), b.into_bytes()]);
}

#[test]
fn a_truncated_file_gives_what_was_whole_and_says_so() {
    let source =
        format!("[{},{},{}", small("a"), small("b"), r#"{"title":"cut \"off\"","mapping":{"m":{"message":{"con"#);
    let read = items(&source).unwrap();
    assert_eq!(read.len(), 3);
    let failed = read[2].outcome.as_ref().unwrap_err();
    assert_eq!(failed.title.as_deref(), Some("cut \"off\""));
    assert_eq!(failed.reason, "the file ends in the middle of this conversation: the download is probably incomplete");
    for end in ["", ","] {
        let read = outcomes(format!("[{}{end}", small("a")));
        assert_eq!(read[0], Ok("a".to_owned()));
        assert!(read[1].as_ref().unwrap_err().contains("before its list of conversations does"));
    }
}

#[test]
fn a_file_cut_in_its_first_conversation_is_refused() {
    for source in ["[", "{", "[{\"title\":\"x", "{\"mapping\":{", "[null,{\"map"] {
        assert_eq!(refused(source).0, "json_truncated", "{source}");
    }
}

#[test]
fn malformed_json_between_conversations_ends_the_list() {
    for (middle, expected) in
        [(";", "`,` or `]`"), (",]", "a conversation"), ("] x", "the end of the file"), (",}", "a conversation")]
    {
        let read = outcomes(format!("[{}{middle}{}]", small("a"), small("b")));
        assert_eq!(read.len(), 2, "{middle}");
        assert_eq!(read[0], Ok("a".to_owned()));
        assert!(read[1].as_ref().unwrap_err().contains(&format!("{expected} was expected")), "{read:?}");
    }
    let read = outcomes(format!("{}\n]{}", small("a"), small("b")));
    assert!(read[1].as_ref().unwrap_err().contains("line 2, column 1: the end of the file was expected"));
}

#[test]
fn json_lines_are_as_many_conversations() {
    let read = outcomes(format!("{}\n{}\n\n{}\n", small("a"), claude(), small("c")));
    assert_eq!((read.len(), &read[0], &read[2]), (3, &Ok("a".to_owned()), &Ok("c".to_owned())));
    assert!(read[1].as_ref().unwrap_err().contains("a Claude conversation was found"), "{read:?}");
    let cut = outcomes(format!("{}\n{{\"title\":\"b\",\"map", small("a")));
    assert_eq!((cut.len(), &cut[0]), (2, &Ok("a".to_owned())));
    assert!(cut[1].as_ref().unwrap_err().contains("the file ends in the middle"), "{cut:?}");
}

#[test]
fn brackets_that_do_not_match_are_malformed() {
    let read = outcomes(format!("[{},{{\"mapping\":{{\"a\":[1}}}}]", small("a")));
    assert!(read[1].as_ref().unwrap_err().contains("`]` was expected"), "{read:?}");
    assert_eq!(refused("[{\"a\": 1]").0, "json_malformed");
}

#[test]
fn malformed_json_is_refused_with_its_place() {
    for (source, place) in [
        ("{\"mapping\": nope}", "line 1, column 14"),
        ("[\n  {\"mapping\": {\"a\" 1}}\n]", "line 2, column 20"),
        ("[}", "line 1, column 2"),
        ("{not json}", "line 1, column 2"),
        ("[not json", "line 1, column 3"),
    ] {
        let (code, detail) = refused(source);
        assert_eq!(code, "json_malformed", "{source}");
        assert!(detail.contains(place), "{source}: {detail}");
    }
}

#[test]
fn nothing_is_empty() {
    for source in ["", " \n\t", "\u{feff}", "[]", " [ ] ", "[null, {}, 7]", "{}"] {
        assert_eq!(refused(source).0, "empty", "{source:?}");
    }
    assert_eq!(refused(" ".repeat(200_000)).0, "empty");
    assert!(refused("[]").1.starts_with("There are no conversations in it."));
}

#[test]
fn other_encodings_are_named_without_their_bytes() {
    let utf16 = |mark: bool, big: bool| -> Vec<u8> {
        let mark = if mark { "\u{feff}" } else { "" };
        let units = format!("{mark}[{{\"mapping\": {{}}}}]").encode_utf16().collect::<Vec<_>>();
        units.iter().flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
    };
    for (source, words) in [
        (utf16(true, false), "This file is not text we can read: it seems to be UTF-16."),
        (utf16(true, true), "This file is not text we can read: it seems to be UTF-16."),
        (utf16(false, false), "This file is not text we can read: it seems to be UTF-16."),
        (utf16(false, true), "This file is not text we can read: it seems to be UTF-16."),
        (
            b"un caf\xe9\nau lait".to_vec(),
            "This file is not text we can read: UTF-8 was expected, something else stands in its line 1.",
        ),
        (
            b"{\"title\":\n\"\xe9\",\"mapping\":{}}".to_vec(),
            "This file is not text we can read: UTF-8 was expected, something else stands in its line 2.",
        ),
    ] {
        assert_eq!(refused(&source), ("encoding", format!("{words} Save it as UTF-8 and send it again.")));
    }
}

#[test]
fn a_conversation_in_another_encoding_fails_alone() {
    let bad = small("caf?").into_bytes().into_iter().map(|byte| if byte == b'?' { 0xe9 } else { byte });
    let source: Vec<u8> =
        [b"[".to_vec(), bad.collect(), b",".to_vec(), small("b").into_bytes(), b"]".to_vec()].concat();
    let read = outcomes(source);
    let why = "this conversation is not text we can read: UTF-8 was expected, something else stands in its line 1";
    assert_eq!(read[0], Err(why.to_owned()));
    assert_eq!(read[1], Ok("b".to_owned()));
}

#[test]
fn files_that_are_no_text_are_named() {
    for (head, code, word) in [
        (&b"PK\x03\x04rest"[..], "archive", "This is a ZIP file; unpack it and send conversations.json"),
        (b"PK\x05\x06", "archive", "ZIP"),
        (b"\x1f\x8b\x08", "archive", "gzip"),
        (b"%PDF-1.7", "unknown_format", "PDF"),
        (b"\x89PNG\r\n", "unknown_format", "picture"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "unknown_format", "picture"),
        (b"\0\0\0\x18ftypheic", "unknown_format", "picture"),
        (b"\0\0\0\x18ftypisom", "unknown_format", "video"),
        (b"ID3\x03", "unknown_format", "sound recording"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "unknown_format", "old document of Word"),
        (b"bplist00", "unknown_format", "web archive of Safari"),
        (
            b"PK\x03\x04..........................[Content_Types].xml..word/document.xml",
            "unknown_format",
            "Word document",
        ),
        (b"PK\x03\x04..........................xl/workbook.xml", "unknown_format", "Excel sheet"),
        (b"PK\x03\x04..........................mimetypeapplication/epub+zip", "unknown_format", "book"),
        (b"<?xml version=\"1.0\"?><plist>", "unknown_format", "XML"),
        (b"{\\rtf1\\ansi", "unknown_format", "RTF"),
        (
            b"--x\r\nContent-Disposition: form-data; name=\"f\"\r\n\r\n[]",
            "unknown_format",
            "the file itself as the body",
        ),
    ] {
        let (found, detail) = refused(head);
        assert_eq!(found, code);
        assert!(detail.contains(word), "{detail}");
    }
}

#[test]
fn account_files_are_named() {
    for (source, file) in [
        (json!({ "id": "user-x", "email": "a@example.org", "chatgpt_plus_user": false }), "user.json"),
        (
            json!([{ "id": "f", "conversation_id": "c", "rating": "thumbsUp", "create_time": "x" }]),
            "message_feedback.json",
        ),
        (
            json!([{ "id": "s", "conversation_id": "c", "title": "t", "is_anonymous": true }]),
            "shared_conversations.json",
        ),
        (json!([{ "uuid": "u", "full_name": "N", "email_address": "a@example.org" }]), "users.json"),
        (json!([{ "uuid": "p", "name": "P", "docs": [], "prompt_template": "" }]), "projects.json"),
    ] {
        let (code, detail) = refused(source.to_string());
        assert_eq!(code, "account_file", "{file}");
        assert!(detail.contains(&format!("This is {file} ")) && detail.contains("conversations.json"), "{detail}");
    }
}

#[test]
fn other_products_are_named() {
    for (source, product) in [
        (json!({ "chunkedPrompt": { "chunks": [] } }), "AI Studio"),
        (json!({ "version": "orpg.3.0", "messages": {} }), "OpenRouter"),
        (json!({ "conversationId": "c", "messages": [{ "sender": "x", "text": "t", "messageId": "m" }] }), "LibreChat"),
        (json!({ "conversations": [{ "conversation": {}, "responses": [] }] }), "Grok"),
        (json!([{ "id": "d", "inserted_at": "x", "mapping": { "1": { "message": null } } }]), "DeepSeek"),
        (json!([{ "id": "o", "chat": { "history": {} } }]), "Open WebUI"),
        (json!([{ "id": "s", "conversations": [{ "from": "human", "value": "x" }] }]), "ShareGPT"),
        (json!([{ "header": "Gemini Apps", "title": "Prompted x", "time": "t" }]), "Gemini"),
        (json!([{ "role": "user", "content": "x" }]), "role and content"),
        (json!({ "messages": [{ "role": "user", "content": "x" }] }), "role and content"),
        (json!({ "type": "user", "sessionId": "s", "parentUuid": null, "message": { "role": "user" } }), "Claude Code"),
        (json!({ "type": "summary", "summary": "s", "leafUuid": "l" }), "Claude Code"),
        (json!({ "timestamp": "t", "type": "session_meta", "payload": {} }), "Codex"),
        (json!({ "sessionId": "s", "projectHash": "p", "messages": [] }), "Gemini CLI"),
        (json!({ "log": { "version": "1.2", "entries": [] } }), "network traffic (HAR)"),
        (json!({ "chat-next-web-store": {} }), "NextChat"),
        (json!({ "data": { "chats": [] } }), "TypingMind"),
        (json!({ "chats": [{ "title": "t", "messages": [] }], "folders": {} }), "BetterChatGPT"),
        (json!({ "entries": [{ "query_str": "q" }] }), "Perplexity"),
        (json!([{ "chatId": "c", "role": "user", "content": "x" }]), "Le Chat"),
        (json!({ "success": true, "data": [{ "chat": { "history": {} } }] }), "Qwen"),
        (json!({ "conversations": [{ "mapping": {} }] }), "within something else"),
    ] {
        let (code, detail) = refused(source.to_string());
        assert_eq!(code, "unknown_format");
        assert!(detail.contains(product) && detail.contains("conversations.json"), "{detail}");
    }
    assert_eq!(refused("[{\"a\":1}]").0, "unknown_format");
    assert_eq!(refused("[1,2]").0, "empty");
}

#[test]
fn too_deep_a_file_is_refused_without_recursion() {
    for source in
        ["[".repeat(20_000), "[".repeat(300) + &"]".repeat(300), "{\"mapping\":".repeat(300) + "1" + &"}".repeat(300)]
    {
        assert_eq!(refused(source).0, "json_too_deep");
    }
    let nested = |depth: usize| {
        format!(
            "{{\"title\":\"t\",\"mapping\":{{\"m\":{{\"message\":{{\"content\":{{\"content_type\":\"new\",\"x\":{}1{}}}}}}}}}}}",
            "[".repeat(depth),
            "]".repeat(depth)
        )
    };
    assert_eq!(one(nested(122)).messages.len(), 1, "127 brackets are read");
    assert_eq!(refused(nested(123)).0, "json_too_deep");
}

#[test]
fn reading_stops_where_the_receiver_breaks_off() {
    let source = format!("[{},{},{}", small("a"), small("b"), "rubbish");
    let mut seen = 0;
    let summary = crate::transcript::read(source.as_bytes(), &mut |_| {
        seen += 1;
        ControlFlow::Break(())
    });
    assert_eq!((seen, summary.unwrap().items), (1, 1));
}

#[test]
fn a_chain_of_twenty_thousand_siblings_or_steps_is_no_burden() {
    let star: Vec<_> =
        (0..19_999).map(|at| node(&format!("s{at}"), Some("r"), &[], words(&format!("s{at}"), "user", "x"))).collect();
    let nodes: Vec<_> = std::iter::once(node("r", None, &[], words("r", "user", "root"))).chain(star).collect();
    assert_eq!(one(chat(&nodes, Some("s7"))).leaf, Some(8));
}

#[test]
fn titles_are_found_in_what_cannot_be_read() {
    for (raw, title) in [
        (r#"{"id":1,"title":"A \"b\" \ud83d","mapping":{"#, Some("A \"b\" \u{fffd}")),
        (r#"{"mapping":{"title":"inner"},"name":"outer""#, Some("outer")),
        (r#"{"x":"title","title":null,"y":"z"}"#, None),
        (r#"{"title":"cut"#, None),
        (r#"["title","x"]"#, None),
        ("nonsense", None),
    ] {
        assert_eq!(title_hint(raw.as_bytes()).as_deref(), title, "{raw}");
    }
}

#[test]
fn the_list_of_files_of_claude_says_which_link_to_open() {
    let list = json!({ "total_files": 1, "data_files": [{ "category": "conversations", "export_url": "https://example.org/c",
        "filename": "conversations-000.zip" }] });
    let (code, detail) = refused(list.to_string());
    assert_eq!(code, "account_file");
    assert!(detail.contains("only the list") && detail.contains("link of `conversations`"), "{detail}");
    assert!(detail.contains("conversations-000.zip"), "{detail}");
}

#[test]
fn a_chat_about_a_design_is_read() {
    let chat = json!({ "uuid": "d", "title": "A poster", "project": { "uuid": "p" }, "messages": [
        { "uuid": "m1", "role": "user", "content": { "content": "Design a poster" } },
        { "uuid": "m2", "role": "assistant", "content": { "contentBlocks": [
            { "type": "text", "text": "Here is a poster." }, { "type": "thinking", "text": "Blue is good." },
        ] } },
    ] });
    let read = one(chat.to_string());
    assert_eq!(read.title.as_deref(), Some("A poster"));
    let expected = [(Role::User, "Design a poster"), (Role::Assistant, "Here is a poster.|Blue is good.")];
    assert_eq!(said(&read), expected.map(|(role, text)| (role, text.to_owned())));
    assert_eq!(kinds(&read.messages[1].parts), [PartKind::Text, PartKind::Thinking]);
}

#[test]
fn texts_that_are_no_conversation_are_named() {
    for (source, word) in [
        ("null", "JSON without a conversation"),
        (" 42\n", "JSON without a conversation"),
        ("-1.5e3", "JSON without a conversation"),
        ("true", "JSON without a conversation"),
        (r#""a\nb""#, "JSON without a conversation"),
        (
            "Conversation,Time,Author,Message\nA,2026-03-01,AI,\"Hi,\n\"\"you\"\"\"\n",
            "table (CSV) of Microsoft Copilot",
        ),
        ("\u{feff}\"Conversation\";\"Time\";\"Author\";\"Message\"\r\nA;b;c;d\r\n", "table (CSV) of Microsoft Copilot"),
        ("CreatedAt\tMessageContent\tAuthor\tChatName\na\tb\tc\td", "table (TSV) of Microsoft 365 Copilot"),
        ("sep=;\na;b\n1;2", "table (CSV)"),
        ("role,content\nuser,Hi\nassistant,\"Ho, ho\"\n", "table (CSV)"),
        ("name,size,colour\nA,1,red\nB,2,\"green, dark\"\n", "table (CSV)"),
        ("WEBVTT\n\n00:01.000 --> 00:02.000\nHello", "subtitles"),
        ("1\r\n00:00:01,000 --> 00:00:02,000\r\nHello\r\n", "subtitles"),
        ("[11/03/25, 10:32:01] Anna: Hi\n[11/03/25, 10:33:00] Ben: Ho", "WhatsApp"),
        ("11.03.25, 10:32 - Anna: Hi\nand more\n11.03.25, 10:33 - Ben: Ho", "WhatsApp"),
        ("\u{200e}[3/11/25, 10:32:01\u{202f}PM] Anna: Hi", "WhatsApp"),
        ("BEGIN:VCALENDAR\nVERSION:2.0", "calendar"),
        ("window.YTD.grok_chat_item.part0 = [", "X (Twitter)"),
    ] {
        let (code, detail) = refused(source);
        assert_eq!(code, "unknown_format", "{source}");
        assert!(detail.contains(word) && detail.contains("opy"), "{source}: {detail}");
    }
}

#[test]
fn what_only_looks_like_a_table_is_text() {
    for text in [
        "Roses, tulips, lilies\nRed, white, blue\nOne, two, three",
        "Dear all,\nI write, as promised, to you,\nYours, A",
        "a;\nb;\nc;",
        "1. One thing\n2. Another",
        "42 is the answer",
        "\"To be or not to be\"",
        "| a | b |\n| --- | --- |\n| 1 | 2 |",
        "[10:32] Anna: hello",
        "User,Assistant",
        "On 11/03/25, 10:32 - we met",
        "From: me\nTo: you\n\nHello",
    ] {
        let format = Source::open(text.as_bytes()).map(|source| source.format());
        assert_eq!(format.unwrap(), Format::Text, "{text}");
    }
}
