//! Several files at once, and pasted text, as forms send them.

use tests::{Person, Response, TestApp, Value, fixture::zip, json};

use super::{CHATGPT, CLAUDE, PASTED, lines, student};

/// A part of a form: name of the field, of the file if it is one, and its bytes.
type Part<'a> = (&'a str, Option<&'a str>, &'a [u8]);

/// The body of a form.
fn form(parts: &[Part<'_>]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, file, bytes) in parts {
        let file = file.map(|file| format!("; filename=\"{file}\"")).unwrap_or_default();
        body.extend(format!("--xyz\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n").bytes());
        body.extend(b"Content-Type: application/octet-stream\r\n\r\n");
        body.extend(*bytes);
        body.extend(b"\r\n");
    }
    body.extend(b"--xyz--\r\n");
    body
}

fn sends(who: &Person, class: &str, query: &str, body: Vec<u8>) -> Response {
    let path = format!("/api/v1/classes/{class}/imports{query}");
    who.send("POST", &path, Some("multipart/form-data; boundary=xyz"), body)
}

#[test]
fn all_files_of_a_form_make_one_report() {
    let app = TestApp::start();
    let (ana, class) = student(&app);
    let archive = zip(&[("conversations.json", CHATGPT), ("picture.png", b"x")]);
    let parts: [Part<'_>; 6] = [
        ("file", Some("export/claude.json"), CLAUDE),
        ("file", Some("export.zip"), &archive),
        ("file", Some("export/users.json"), br#"[{"uuid":"1","full_name":"A","email_address":"a@example.org"}]"#),
        ("file", Some("export/broken.json"), b"[{\"mapping\": {\"a\""),
        ("file", Some("export/photo.jpg"), b"\xff\xd8\xff"),
        ("text", None, PASTED),
    ];
    let report = sends(&ana, &class, "", form(&parts)).is(201).json();
    let files: Vec<Value> = lines(&report, "imported").iter().map(|line| line["file"].clone()).collect();
    let zipped = json!("conversations.json");
    assert_eq!(
        files,
        [json!("claude.json"), json!("claude.json"), zipped.clone(), zipped.clone(), zipped, json!(null)]
    );
    assert_eq!((&report["failed"][0]["file"], lines(&report, "failed").len()), (&json!("broken.json"), 1));
    assert_eq!(report["notes"], json!(["3 files were not conversations and were left out"]));
    let again = sends(&ana, &class, "?dry_run=true", form(&parts)).is(200).json();
    assert_eq!((lines(&again, "imported").len(), lines(&again, "skipped").len()), (0, 6));
}

#[test]
fn a_form_with_one_file_is_like_that_file() {
    let app = TestApp::start();
    let (ana, class) = student(&app);
    // As a browser sends a form with an empty field and a second file input that was left empty.
    let parts: [Part<'_>; 3] = [("file", Some("chats.json"), CHATGPT), ("other", Some(""), b""), ("text", None, b"")];
    let report = sends(&ana, &class, "", form(&parts)).is(201).json();
    assert_eq!((lines(&report, "imported").len(), &report["imported"][0]["file"]), (3, &json!("chats.json")));
    sends(&ana, &class, "", form(&[("file", Some("a.json"), b"{\"mapping\": oops}")]))
        .is_problem(422, "json_malformed");
    sends(&ana, &class, "", form(&[("file", Some("a.png"), b"\x89PNG\r\n")])).is_problem(422, "unknown_format");
    sends(&ana, &class, "", form(&[("text", None, b""), ("file", Some(""), b"")])).is_problem(422, "empty");
}

#[test]
fn files_that_cannot_be_read_are_named_wherever_they_stand_in_a_form() {
    let app = TestApp::start();
    let (ana, class) = student(&app);
    let mut word = zip(&[("[Content_Types].xml", b"<x/>"), ("word/document.xml", b"<w/>")]);
    word.resize(200_000, 0);
    let pdf = [b"%PDF-1.7\n".as_slice(), &[b'x'; 100_000]].concat();
    let rows = b"name,size,colour\nA,1,red\nB,2,blue\n";
    for (name, bytes, what) in [
        ("essay.docx", word.as_slice(), "a Word document"),
        ("essay.pdf", &pdf, "a PDF document"),
        ("photo.png", b"\x89PNG\r\n\x1a\n", "a picture"),
        ("table.csv", rows, "a table (CSV)"),
        ("page.mhtml", b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\n\r\n--x--", "(MHTML)"),
        ("noise.bin", b"\xd7\xca\xc3 and more", "not text we can read"),
    ] {
        let parts: [Part<'_>; 2] = [("text", None, b""), ("file", Some(name), bytes)];
        let answer = sends(&ana, &class, "", form(&parts)).is(422).json();
        let detail = answer["detail"].as_str().unwrap();
        assert!(detail.contains(what) && !detail.contains("ource") && !detail.contains("D7"), "{name}: {detail}");
    }
    let parts: [Part<'_>; 2] = [("file", Some("essay.docx"), &word), ("file", Some("essay.pdf"), &pdf)];
    let detail = sends(&ana, &class, "", form(&parts)).is_problem(422, "unknown_format").str("detail");
    assert!(
        detail.contains("essay.docx: This is a Word document.") && detail.contains("essay.pdf: This is a PDF"),
        "{detail}"
    );
}

#[test]
fn what_is_not_kept_of_a_file_counts_for_the_key_all_the_same() {
    let app = TestApp::start();
    let (ana, class) = student(&app);
    let pdf = |last: u8| [b"%PDF-1.7\n".as_slice(), &[b'x'; 100_000], &[last]].concat();
    let body = |last: u8| form(&[("file", Some("a.json"), CHATGPT), ("file", Some("a.pdf"), &pdf(last))]);
    let key = ana.with("idempotency-key", "form-2");
    let path = format!("/api/v1/classes/{class}/imports");
    let send = |last: u8| key.send("POST", &path, Some("multipart/form-data; boundary=xyz"), body(last));
    send(b'a').is(201);
    assert_eq!(send(b'a').is(201).header("idempotency-replayed"), Some("true"));
    send(b'b').is_problem(422, "idempotency_key_reused");
}

#[test]
fn a_form_that_is_none_is_a_clear_problem() {
    let app = TestApp::start();
    let (ana, class) = student(&app);
    let whole = form(&[("file", Some("a.json"), CHATGPT)]);
    sends(&ana, &class, "", whole[..whole.len() - 40].to_vec()).is_problem(400, "body_incomplete");
    sends(&ana, &class, "", b"--xyz\r\nnonsense\r\n\r\n--xyz--".to_vec()).is_problem(400, "form_malformed");
    let unknown = sends(&ana, &class, "", form(&[("visibility", None, b"class")]));
    assert_eq!(unknown.is_problem(422, "validation_failed").field_errors()[0].0, "visibility");
    // Without a boundary it is no form, whatever its type says: the shape decides.
    let path = format!("/api/v1/classes/{class}/imports");
    ana.send("POST", &path, Some("multipart/form-data"), CHATGPT.to_vec()).is(201);
    ana.get("/health").is(200);
}

#[test]
fn a_form_sent_twice_with_a_key_is_one_import_whatever_its_boundary() {
    let app = TestApp::start();
    let (ana, class) = student(&app);
    let path = format!("/api/v1/classes/{class}/imports");
    let body = form(&[("file", Some("a.json"), CHATGPT)]);
    let key = ana.with("idempotency-key", "form-1");
    let first = key.send("POST", &path, Some("multipart/form-data; boundary=xyz"), body.clone()).is(201);
    let other = String::from_utf8(body).unwrap().replace("--xyz", "--abc").into_bytes();
    let again = key.send("POST", &path, Some("multipart/form-data; boundary=abc"), other).is(201);
    assert_eq!((again.header("idempotency-replayed"), again.json()), (Some("true"), first.json()));
}
