//! Exports as they are downloaded: ZIP archives.

use std::io::{Cursor, Write as _};

use tests::{Person, TestApp, Value, fixture::zip, json};
use zip::{ZipWriter, unstable::write::FileOptionsExt, write::SimpleFileOptions};

use super::{CHATGPT, CLAUDE, chat, lines, student};

/// A list of conversations with these ids.
fn list(ids: &[&str]) -> Vec<u8> {
    Value::from(ids.iter().map(|id| chat(id, &["Question?", "Answer."])).collect::<Vec<_>>()).to_string().into_bytes()
}

fn members(report: &Value, list: &str, member: &str) -> Vec<Value> {
    lines(report, list).iter().map(|line| line[member].clone()).collect()
}

fn listed(ana: &Person, class: &str) -> usize {
    ana.get(&format!("/api/v1/classes/{class}/conversations?limit=100")).is(200).items().len()
}

/// An export as ChatGPT sends it to people with much in it.
fn export() -> Vec<u8> {
    zip(&[
        ("__MACOSX/._conversations-000.json", b"\0\x05\x16\x07rubbish"),
        ("export/user.json", br#"{"id":"user-1","email":"ana@example.org","chatgpt_plus_user":true}"#),
        ("export/message_feedback.json", b"[]"),
        ("export/conversations-000.json", &list(&["a", "b"])),
        ("export/conversations-001.json", &list(&["c"])),
        ("export/chat.html", b"<html><script>var jsonData = []</script></html>"),
        ("export/file-123.png", b"\x89PNG\r\n\x1a\n"),
        ("export/voice/audio.wav", b"RIFF"),
    ])
}

#[test]
fn a_chatgpt_zip_comes_in_shard_by_shard_and_says_what_it_left_out() {
    let app = TestApp::start();
    let (ana, class) = student(&app);
    let report = ana.imports(&class, "", export()).is(201).json();
    assert_eq!(members(&report, "imported", "source_id"), ["a", "b", "c"]);
    assert_eq!(members(&report, "imported", "index"), [0, 1, 2]);
    let files = ["conversations-000.json", "conversations-000.json", "conversations-001.json"];
    assert_eq!(members(&report, "imported", "file"), files);
    assert_eq!((&report["failed"], &report["skipped"]), (&json!([]), &json!([])));
    assert_eq!(report["notes"], json!(["5 files were not conversations and were left out"]));
    assert!(!report.to_string().contains("user-1"));
    let again = ana.imports(&class, "", export()).is(200).json();
    assert_eq!(members(&again, "skipped", "source_id"), ["a", "b", "c"]);
}

#[test]
fn a_claude_zip_comes_in_and_its_account_does_not() {
    let app = TestApp::start();
    let (ana, class) = student(&app);
    let file = zip(&[
        ("users.json", br#"[{"uuid":"1","full_name":"Ana","email_address":"ana@example.org"}]"#),
        ("projects.json", br#"[{"uuid":"2","name":"Mine","docs":[]}]"#),
        ("conversations.json", CLAUDE),
    ]);
    let report = ana.imports(&class, "", file).is(201).json();
    assert_eq!(lines(&report, "imported").len(), 2);
    assert_eq!(report["notes"], json!(["2 files were not conversations and were left out"]));
    let one = report["imported"][0]["id"].as_str().unwrap();
    assert_eq!(ana.get(&format!("/api/v1/conversations/{one}")).is(200).str("platform"), "claude");
}

#[test]
fn a_dry_run_lists_what_is_in_a_zip_and_a_selection_takes_it() {
    let app = TestApp::start();
    let (ana, class) = student(&app);
    let found = ana.imports(&class, "?dry_run=true", export()).is(200).json();
    let preview = json!({ "platform": "chatgpt", "format": "chatgpt", "started_at": "2025-03-10T09:46:40.25Z",
        "updated_at": null, "messages": 2, "first": "Question?", "last": "Answer.", "complete": true });
    assert_eq!(members(&found, "imported", "preview"), [preview.clone(), preview.clone(), preview.clone()]);
    assert_eq!(listed(&ana, &class), 0);
    let taken = ana.imports(&class, "?select=a,c", export()).is(201).json();
    assert_eq!(members(&taken, "imported", "source_id"), ["a", "c"]);
    assert!(lines(&taken, "imported").iter().all(|line| line.get("preview").is_none()));
    let rest = ana.imports(&class, "?dry_run=true", export()).is(200).json();
    assert_eq!(members(&rest, "imported", "source_id"), ["b"]);
    assert_eq!(members(&rest, "skipped", "preview"), [preview.clone(), preview]);
}

#[test]
fn files_are_known_by_their_shape_and_names_lead_nowhere() {
    let app = TestApp::start();
    let (ana, class) = student(&app);
    let file = zip(&[
        ("../../etc/passwd.json", &list(&["a"])),
        ("C:\\chats\\Renamed by me.JSON", CLAUDE),
        ("/absolute/words.json", b"You said: these words are no JSON"),
        ("conversations.json", b"{\"kind\":\"youtube#video\"}"),
    ]);
    let report = ana.imports(&class, "", file).is(201).json();
    assert_eq!(members(&report, "imported", "file"), ["passwd.json", "Renamed by me.JSON", "Renamed by me.JSON"]);
    assert_eq!(report["notes"], json!(["2 files were not conversations and were left out"]));
}

#[test]
fn what_unpacks_to_far_more_than_it_should_stops_and_the_rest_comes_in() {
    let app = TestApp::start();
    let (ana, class) = student(&app);
    let mut spaces = list(&["z"]);
    spaces.splice(0..0, std::iter::repeat_n(b' ', 40 << 20));
    let mut words = b"[\"".to_vec();
    words.resize(40 << 20, b'a');
    let file = zip(&[
        ("conversations-000.json", &list(&["a"])),
        ("conversations-001.json", &spaces),
        ("conversations-002.json", &words),
        ("conversations-003.json", &list(&["b"])),
    ]);
    assert!(file.len() < 200 << 10);
    let report = ana.imports(&class, "", file).is(201).json();
    assert_eq!(members(&report, "imported", "source_id"), ["a", "b"]);
    assert_eq!(members(&report, "failed", "file"), ["conversations-002.json"]);
    assert_eq!(report["notes"], json!(["1 file was not conversations and was left out"]), "blanks are nothing");
    let reasons = members(&report, "failed", "reason");
    assert!(reasons.iter().all(|reason| reason.as_str().unwrap().contains("100 times its size")), "{reasons:?}");
    ana.get("/health").is(200);
}

#[test]
fn a_zip_cut_off_or_damaged_is_said_to_be_so() {
    let app = TestApp::start();
    let (ana, class) = student(&app);
    let whole = zip(&[("conversations.json", CHATGPT), ("more.json", &list(&["a"]))]);
    let cut = ana.imports(&class, "", &whole[..whole.len() - 30]).is_problem(422, "archive");
    assert!(cut.str("detail").contains("Download it again"), "{}", cut.text());
    let mut damaged = whole;
    damaged[2_000..2_100].fill(0xff);
    let report = ana.imports(&class, "", damaged).is(201).json();
    assert_eq!(members(&report, "imported", "source_id").last(), Some(&json!("a")));
    let failed = lines(&report, "failed");
    assert!(failed.iter().any(|line| line["reason"].as_str().unwrap().contains("damaged")), "{failed:?}");
    assert!(failed.iter().all(|line| line["file"] == "conversations.json"), "{failed:?}");
}

#[test]
fn links_encrypted_files_and_archives_within_are_named_and_left() {
    let app = TestApp::start();
    let (ana, class) = student(&app);
    let mut out = ZipWriter::new(Cursor::new(Vec::new()));
    let plain = SimpleFileOptions::default();
    out.add_symlink("conversations.json", "/etc/passwd", plain).unwrap();
    out.start_file("conversations-000.json", plain.with_deprecated_encryption(b"secret").unwrap()).unwrap();
    out.write_all(&list(&["a"])).unwrap();
    out.start_file("conversations-001.zip", plain).unwrap();
    out.write_all(&zip(&[("deeper.zip", &zip(&[("conversations.json", &list(&["b"]))]))])).unwrap();
    let alone = out.finish().unwrap().into_inner();
    let refused = ana.imports(&class, "", alone.clone()).is_problem(422, "empty").str("detail");
    for words in ["1 archive within an archive of the ZIP", "1 file is encrypted", "1 link was not followed"] {
        assert!(refused.contains(words), "{refused}");
    }
    let mut out = ZipWriter::new_append(Cursor::new(alone)).unwrap();
    out.start_file("conversations-002.json", plain).unwrap();
    out.write_all(&list(&["c"])).unwrap();
    let report = ana.imports(&class, "", out.finish().unwrap().into_inner()).is(201).json();
    assert_eq!((members(&report, "imported", "source_id"), lines(&report, "notes").len()), (vec![json!("c")], 3));
}

#[test]
fn archives_within_are_opened_one_level_deep_with_the_same_limits() {
    let app = TestApp::start();
    let (ana, class) = student(&app);
    let mut words = b"[\"".to_vec();
    words.resize(40 << 20, b'a');
    let inner = zip(&[("conversations.json", &list(&["a"])), ("big.json", &words), ("photo.png", b"x")]);
    let file = zip(&[
        ("export/conversations-000.zip", &inner),
        ("export/conversations-001.zip", &zip(&[("conversations.json", CLAUDE)])),
        ("export/damaged.zip", &inner[..inner.len() - 30]),
        ("export/conversations.json", &list(&["b"])),
    ]);
    let report = ana.imports(&class, "", file).is(201).json();
    let files = members(&report, "imported", "source_id");
    assert_eq!((files.len(), files.first(), files.last()), (4, Some(&json!("a")), Some(&json!("b"))));
    assert_eq!(members(&report, "failed", "file"), ["big.json", "damaged.zip"]);
    assert_eq!(report["notes"], json!(["1 file was not conversations and was left out"]));
}

#[test]
fn files_of_archives_within_are_counted_together() {
    let app = TestApp::start();
    let (ana, class) = student(&app);
    let many = |count: usize| {
        let mut out = ZipWriter::new(Cursor::new(Vec::new()));
        for number in 0..count {
            out.add_directory(format!("{number}"), SimpleFileOptions::default()).unwrap();
        }
        out.finish().unwrap().into_inner()
    };
    let (half, rest) = (many(60_000), many(40_001));
    let file = zip(&[("a.zip", &half), ("b.zip", &rest), ("conversations.json", &list(&["c"]))]);
    let report = ana.imports(&class, "", file).is(201).json();
    assert_eq!(members(&report, "imported", "source_id"), ["c"]);
    assert_eq!(members(&report, "failed", "file"), ["b.zip"]);
    assert!(report["failed"][0]["reason"].as_str().unwrap().contains("40001 files"), "{report}");
}

#[test]
fn a_zip_without_conversations_says_what_was_found() {
    let app = TestApp::start();
    let (ana, class) = student(&app);
    let cases: [(&str, Vec<u8>); 4] = [
        ("empty", zip(&[])),
        ("empty", zip(&[("a.png", b"x"), ("b.png", b"y")])),
        ("account_file", zip(&[("users.json", br#"[{"uuid":"1","full_name":"A","email_address":"a@example.org"}]"#)])),
        ("unknown_format", zip(&[("chat.json", br#"{"chunkedPrompt":{"chunks":[]}}"#)])),
    ];
    for (code, file) in cases {
        let detail = ana.imports(&class, "", file).is_problem(422, code).str("detail");
        assert!(detail.len() > 40, "{detail}");
    }
    let broken = zip(&[("conversations.json", b"[{\"mapping\": {\"a\"")]);
    let failed = ana.imports(&class, "", broken).is_problem(422, "nothing_imported").json();
    assert_eq!(failed["failed"][0]["file"], "conversations.json");
}

#[test]
fn a_zip_of_very_many_files_is_refused() {
    let app = TestApp::start();
    let (ana, class) = student(&app);
    let mut out = ZipWriter::new(Cursor::new(Vec::new()));
    for number in 0..100_001 {
        out.add_directory(format!("{number}"), SimpleFileOptions::default()).unwrap();
    }
    let file = out.finish().unwrap().into_inner();
    let detail = ana.imports(&class, "", file).is_problem(422, "archive").str("detail");
    assert!(detail.contains("100001 files"), "{detail}");
}
