//! Imports: exports and pasted text come in, once, and are reported line by line.

mod again;
mod form;
mod kept;
mod later;
mod zip;

use std::fmt::Write;

use tests::{Person, TestApp, Value, fixture, json};

const CHATGPT: &[u8] = include_bytes!("../../../examples/conversations.json");
const CLAUDE: &[u8] = include_bytes!("../../../examples/claude.json");
const PASTED: &[u8] = include_bytes!("../../../examples/pasted.txt");

/// A student in a class.
fn student(app: &TestApp) -> (Person, String) {
    let teacher = app.person("teacher");
    let class = teacher.opens_class("Rhetoric");
    let ana = app.person("ana");
    teacher.admits(&class, &ana, "student");
    (ana, class)
}

/// A ChatGPT conversation of these texts, one after the other.
fn chat(id: &str, texts: &[&str]) -> Value {
    let mut mapping = serde_json::Map::new();
    let root = json!({ "id": "root", "message": null, "parent": null, "children": [] });
    mapping.insert("root".to_owned(), root);
    let mut parent = "root".to_owned();
    for (index, text) in texts.iter().enumerate() {
        let node = format!("{id}-{index}");
        let role = if index % 2 == 0 { "user" } else { "assistant" };
        let message = json!({
            "id": node, "author": { "role": role }, "create_time": 1_741_600_000.25 + f64::from(u32::try_from(index).unwrap()),
            "content": { "content_type": "text", "parts": [text] }, "recipient": "all",
        });
        mapping.insert(node.clone(), json!({ "id": node, "message": message, "parent": parent, "children": [] }));
        parent = node;
    }
    json!({ "conversation_id": id, "title": format!("Chat {id}"), "create_time": 1_741_600_000.25, "mapping": mapping,
            "current_node": parent })
}

fn lines(report: &Value, list: &str) -> Vec<Value> {
    report[list].as_array().unwrap().clone()
}

#[test]
fn a_chatgpt_export_comes_in_whole_and_is_read() {
    let app = TestApp::start();
    let (ana, class) = student(&app);
    let report = ana.imports(&class, "", CHATGPT).is(201).json();
    assert_eq!((lines(&report, "imported").len(), &report["skipped"], &report["failed"]), (3, &json!([]), &json!([])));
    let first = report["imported"][0].clone();
    let id = first["id"].as_str().unwrap();
    let shown = ana.get(&format!("/api/v1/conversations/{id}")).is(200).json();
    assert_eq!((&shown["platform"], &shown["visibility"]), (&json!("chatgpt"), &json!("private")));
    assert_eq!(shown["title"], first["title"]);
    assert_eq!(shown["started_at"], "2025-03-10T10:00:12.418233Z");
    let messages = ana.reads(id);
    assert_eq!(messages.len(), usize::try_from(first["messages"].as_u64().unwrap()).unwrap());
    let branched = messages.iter().filter(|m| m["on_path"] == false).count();
    assert!(branched > 0, "the example has a regenerated answer");
    let kinds: Vec<&str> =
        messages.iter().flat_map(|m| m["parts"].as_array().unwrap()).map(|p| p["kind"].as_str().unwrap()).collect();
    assert!(kinds.contains(&"thinking") && kinds.contains(&"text"), "{kinds:?}");
}

#[test]
fn a_claude_export_comes_in_by_its_shape() {
    let app = TestApp::start();
    let (ana, class) = student(&app);
    let report = ana.imports(&class, "?visibility=class", CLAUDE).is(201).json();
    assert_eq!(lines(&report, "imported").len(), 2);
    let listed = ana.get(&format!("/api/v1/classes/{class}/conversations?platform=claude")).is(200).items();
    assert_eq!(listed.len(), 2);
    assert!(listed.iter().all(|c| c["visibility"] == "class"));
}

#[test]
fn pasted_text_is_split_at_its_speakers() {
    let app = TestApp::start();
    let (ana, class) = student(&app);
    let report = ana.imports(&class, "", PASTED).is(201).json();
    let id = report["imported"][0]["id"].as_str().unwrap().to_owned();
    let roles: Vec<String> = ana.reads(&id).iter().map(|m| m["role"].as_str().unwrap().to_owned()).collect();
    assert_eq!(roles, ["user", "assistant", "user", "assistant"]);
    let unlabelled = ana.imports(&class, "", "Just some words\nwithout speakers.").is(201).json();
    let id = unlabelled["imported"][0]["id"].as_str().unwrap().to_owned();
    let messages = ana.reads(&id);
    assert_eq!((messages.len(), &messages[0]["role"]), (1, &json!("unknown")));
    assert_eq!(
        (&messages[0]["content"], &messages[0]["created_at"]),
        (&json!("Just some words\nwithout speakers."), &Value::Null)
    );
}

#[test]
fn the_same_file_again_adds_nothing_and_says_so() {
    let app = TestApp::start();
    let (ana, class) = student(&app);
    for file in [CHATGPT, CLAUDE, PASTED] {
        let first = ana.imports(&class, "", file).is(201).json();
        let again = ana.imports(&class, "", file).is(200).json();
        assert_eq!(lines(&again, "imported"), Vec::<Value>::new());
        let ids = |report: &Value, list: &str| -> Vec<Value> {
            lines(report, list).iter().map(|line| line["id"].clone()).collect()
        };
        assert_eq!(ids(&first, "imported"), ids(&again, "skipped"));
    }
    let listed = ana.get(&format!("/api/v1/classes/{class}/conversations?limit=100")).is(200).items();
    assert_eq!(listed.len(), 6);
}

#[test]
fn a_grown_conversation_takes_its_new_messages_in_and_keeps_the_rest() {
    let app = TestApp::start();
    let (ana, class) = student(&app);
    let before = ana.imports(&class, "", chat("c1", &["One?", "One."]).to_string()).is(201).json();
    let id = before["imported"][0]["id"].as_str().unwrap().to_owned();
    ana.patch(&format!("/api/v1/conversations/{id}"), json!({ "title": "My own title", "visibility": "staff" }))
        .is(200);
    let old = ana.reads(&id);
    let mut file = vec![chat("c1", &["One?", "One.", "Two?", "Two."]), chat("c2", &["Other?", "Other."])];
    let grown = ana.imports(&class, "", Value::from(file.clone()).to_string()).is(201).json();
    assert_eq!(grown["imported"][0]["id"], id.as_str());
    assert_eq!((&grown["imported"][0]["updated"], &grown["imported"][0]["messages"]), (&json!(true), &json!(2)));
    assert_eq!((&grown["imported"][1]["updated"], &grown["imported"][1]["messages"]), (&json!(false), &json!(2)));
    let new = ana.reads(&id);
    assert_eq!(new[..2], old[..], "what was there stays as it was, ids too");
    assert_eq!(
        new.iter().map(|m| m["content"].as_str().unwrap()).collect::<Vec<_>>(),
        ["One?", "One.", "Two?", "Two."]
    );
    assert_eq!(new[2]["parent_id"], new[1]["id"]);
    assert_eq!(new.iter().map(|m| m["position"].as_i64().unwrap()).collect::<Vec<_>>(), [0, 1, 2, 3]);
    assert!(new.iter().all(|m| m["on_path"] == true));
    let shown = ana.get(&format!("/api/v1/conversations/{id}")).is(200).json();
    assert_eq!((&shown["title"], &shown["visibility"]), (&json!("My own title"), &json!("staff")));
    // A message that was written again: a branch comes in, and the visible path moves to it.
    let mapping = file[0]["mapping"].as_object_mut().unwrap();
    let mut retry = mapping["c1-3"].clone();
    retry["id"] = json!("c1-3b");
    retry["message"]["id"] = json!("c1-3b");
    retry["message"]["content"]["parts"] = json!(["Two, better."]);
    mapping.insert("c1-3b".to_owned(), retry);
    file[0]["current_node"] = json!("c1-3b");
    ana.imports(&class, "", Value::from(file).to_string()).is(201);
    let shown = ana.get(&format!("/api/v1/conversations/{id}/messages")).is(200).items();
    let texts: Vec<&str> = shown.iter().map(|m| m["content"].as_str().unwrap()).collect();
    assert_eq!(texts, ["One?", "One.", "Two?", "Two, better."]);
    assert_eq!(ana.reads(&id).len(), 5);
}

#[test]
fn another_owner_and_another_class_get_their_own() {
    let app = TestApp::start();
    let (ana, class) = student(&app);
    let other = ana.opens_class("Logic");
    let ben = app.person("ben");
    ana.admits(&other, &ben, "student");
    let ids: Vec<Value> = [(&ana, &class), (&ana, &other), (&ben, &other)]
        .map(|(who, class)| who.imports(class, "", CHATGPT).is(201).json()["imported"][0]["id"].clone())
        .to_vec();
    assert!(ids[0] != ids[1] && ids[1] != ids[2] && ids[0] != ids[2]);
}

#[test]
fn one_bad_conversation_costs_only_itself() {
    let app = TestApp::start();
    let (ana, class) = student(&app);
    let deep = format!("{}1{}", "[".repeat(300), "]".repeat(300));
    let file = format!(
        "[null, {}, {{\"title\":\"Empty\",\"mapping\":{{}}}}, {{\"mapping\":{deep}}}, {}]",
        chat("good-1", &["A?", "A."]),
        chat("good-2", &["B?", "B."]),
    );
    let report = ana.imports(&class, "", file).is(201).json();
    let indexes =
        |list: &str| -> Vec<u64> { lines(&report, list).iter().map(|l| l["index"].as_u64().unwrap()).collect() };
    assert_eq!((indexes("imported"), indexes("failed")), (vec![1, 4], vec![0, 2, 3]));
    assert_eq!(report["failed"][1]["title"], "Empty");
    assert!(lines(&report, "failed").iter().all(|line| !line["reason"].as_str().unwrap().is_empty()));
}

#[test]
fn a_file_cut_off_keeps_what_was_complete() {
    let app = TestApp::start();
    let (ana, class) = student(&app);
    let whole = Value::from(vec![chat("c1", &["A?", "A."]), chat("c2", &["B?", "B."])]).to_string();
    let report = ana.imports(&class, "", &whole.as_bytes()[..whole.len() - 40]).is(201).json();
    assert_eq!((lines(&report, "imported").len(), lines(&report, "failed").len()), (1, 1));
    let cut = ana.imports(&class, "", &whole.as_bytes()[..60]);
    cut.is_problem(422, "json_truncated");
}

#[test]
fn what_cannot_be_read_is_a_clear_problem_and_leaves_nothing() {
    let app = TestApp::start();
    let (ana, class) = student(&app);
    let mut utf16 = vec![0xff, 0xfe];
    utf16.extend("You said:\nHello".encode_utf16().flat_map(u16::to_le_bytes));
    let deep = format!("{}1{}", "[".repeat(10_000), "]".repeat(10_000));
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("empty", Vec::new()),
        ("empty", b" \n\t ".to_vec()),
        ("empty", b"[]".to_vec()),
        ("json_malformed", b"{\"mapping\": oops}".to_vec()),
        ("json_truncated", b"[{\"mapping\": {\"a\"".to_vec()),
        ("encoding", utf16),
        ("encoding", b"You said:\n\xe9t\xe9".to_vec()),
        ("json_too_deep", deep.into_bytes()),
        ("unknown_format", br#"{"chunkedPrompt":{"chunks":[]}}"#.to_vec()),
        ("unknown_format", br#"{"kind":"youtube#video","etag":"x"}"#.to_vec()),
        ("account_file", br#"{"id":"user-1","email":"ana@example.org","chatgpt_plus_user":true}"#.to_vec()),
        ("account_file", br#"[{"uuid":"1","full_name":"Ana","email_address":"ana@example.org"}]"#.to_vec()),
        ("archive", b"PK\x03\x04rest of a zip".to_vec()),
        (
            "nothing_imported",
            br#"[{"title":"Empty","mapping":{"r":{"id":"r","message":null,"parent":null,"children":[]}}}]"#.to_vec(),
        ),
    ];
    for (code, body) in cases {
        let answer = ana.imports(&class, "", body.clone());
        assert_eq!(answer.status, 422, "{code}: {}", answer.text());
        assert_eq!(answer.str("code"), code, "{}", answer.text());
        assert!(answer.str("detail").len() > 20, "{code}: says too little: {}", answer.text());
    }
    let listed = ana.get(&format!("/api/v1/classes/{class}/conversations")).is(200).items();
    assert_eq!(listed, Vec::<Value>::new());
    ana.get("/health").is(200);
}

#[test]
fn a_problem_with_nothing_imported_has_the_same_members_as_the_report() {
    let app = TestApp::start();
    let (ana, class) = student(&app);
    let file = br#"[{"title":"Empty","mapping":{"r":{"id":"r","message":null,"parent":null,"children":[]}}}]"#;
    let problem = ana.imports(&class, "", file).is_problem(422, "nothing_imported").json();
    assert_eq!((&problem["imported"], &problem["skipped"]), (&json!([]), &json!([])));
    assert_eq!((&problem["failed"][0]["index"], &problem["failed"][0]["title"]), (&json!(0), &json!("Empty")));
}

#[test]
fn a_body_over_the_limit_is_refused_and_the_server_still_answers() {
    let app = TestApp::start();
    let (ana, class) = student(&app);
    let mut body = Vec::with_capacity((256 << 20) + 2);
    body.resize((256 << 20) + 1, b' ');
    ana.imports(&class, "", body).is_problem(413, "body_too_large");
    ana.get("/health").is(200);
}

#[test]
fn a_dry_run_says_what_would_happen_and_does_not() {
    let app = TestApp::start();
    let (ana, class) = student(&app);
    let rehearsal = ana.imports(&class, "?dry_run=true", CHATGPT).is(200).json();
    assert_eq!(lines(&rehearsal, "imported").len(), 3);
    assert!(lines(&rehearsal, "imported").iter().all(|line| line["id"].is_null()));
    assert_eq!(ana.get(&format!("/api/v1/classes/{class}/conversations")).is(200).items(), Vec::<Value>::new());
    let done = ana.imports(&class, "", CHATGPT).is(201).json();
    let without_ids = |report: &Value| -> Vec<Value> {
        lines(report, "imported")
            .into_iter()
            .map(|mut line| {
                line["id"].take();
                line.as_object_mut().unwrap().remove("preview");
                line
            })
            .collect()
    };
    assert_eq!(without_ids(&rehearsal), without_ids(&done));
    let again = ana.imports(&class, "?dry_run=true", CHATGPT).is(200).json();
    assert_eq!((lines(&again, "imported").len(), lines(&again, "skipped").len()), (0, 3));
}

#[test]
fn a_dry_run_names_the_conversation_that_would_grow() {
    let app = TestApp::start();
    let (ana, class) = student(&app);
    let file = |texts: &[&str]| Value::from(vec![chat("a", texts)]).to_string();
    let done = ana.imports(&class, "?visibility=class", file(&["Q?", "A."])).is(201).json();
    let grown = file(&["Q?", "A.", "And?", "So."]);
    let mut rehearsal = lines(&ana.imports(&class, "?dry_run=true", grown.clone()).is(200).json(), "imported");
    assert!(rehearsal[0].as_object_mut().unwrap().remove("preview").is_some());
    assert_eq!(rehearsal[0]["id"], done["imported"][0]["id"]);
    let shared = "it is shared already: its new messages are seen by those who may read it";
    assert_eq!((&rehearsal[0]["messages"], &rehearsal[0]["notes"]), (&json!(2), &json!([shared])));
    assert_eq!(rehearsal, lines(&ana.imports(&class, "", grown).is(201).json(), "imported"));
}

#[test]
fn a_conversation_of_millions_of_tiny_values_is_refused_and_costs_no_other() {
    let app = TestApp::start();
    let (ana, class) = student(&app);
    // As much as four million values, in two megabytes and in eight.
    let chat = |id: &str, more: &str| {
        let text = chat(id, &["Q?", "A."]).to_string();
        format!("{},\"more\":[{more}0]}}", text.strip_suffix('}').unwrap())
    };
    let objects = chat("objects", &"{\"\":0},".repeat(310_000));
    let numbers = chat("numbers", &"0,".repeat(4_000_000));
    let reason = "the JSON is made of more than 4 million values, which no real export has";
    for large in [&objects, &numbers] {
        let refused = ana.imports(&class, "", large.clone()).is_problem(422, "json_too_many_values");
        assert!(
            refused.str("detail").starts_with("The JSON is made of more than 4 million values"),
            "{}",
            refused.text()
        );
    }
    let file = format!("[{},{objects},{numbers},{}]", chat("a", ""), chat("b", &"0,".repeat(3_000_000)));
    let report = ana.imports(&class, "", file).is(201).json();
    assert_eq!(lines(&report, "imported").len(), 2);
    let failed = lines(&report, "failed");
    assert_eq!(failed.iter().map(|line| &line["reason"]).collect::<Vec<_>>(), [reason, reason]);
    assert_eq!(failed[0]["index"], 1);
    // Strings may hold what they like.
    let words = "[[],{},".repeat(500_000);
    let report = ana.imports(&class, "", self::chat("c", &[&words, "A."]).to_string()).is(201).json();
    assert_eq!(lines(&report, "imported")[0]["messages"], 2);
}

#[test]
fn only_what_is_selected_comes_in() {
    let app = TestApp::start();
    let (ana, class) = student(&app);
    let file = Value::from(["a", "b", "c"].map(|id| chat(id, &["Q?", "A."])).to_vec()).to_string();
    let report = ana.imports(&class, "?select=c,a,nope", file.clone()).is(201).json();
    let ids: Vec<&str> =
        report["imported"].as_array().unwrap().iter().map(|l| l["source_id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["a", "c"]);
    assert!(report["failed"][0]["reason"].as_str().unwrap().contains("nope"));
    assert!(report["failed"][0]["index"].is_null());
    ana.imports(&class, "?select=nope", file).is_problem(422, "nothing_imported");
}

#[test]
fn control_characters_and_broken_escapes_are_mended_and_noted() {
    let app = TestApp::start();
    let (ana, class) = student(&app);
    let file = chat("c1", &["PLACE", "Fine 👩‍👩‍👧 مرحبا e\u{301}."]).to_string();
    let file = file.replace("PLACE", r"a\u0000b\u0008c\ud83d d\ttab \ud83d\ude00");
    let report = ana.imports(&class, "", file).is(201).json();
    let notes = report["imported"][0]["notes"].to_string();
    assert!(notes.contains("2 control characters") && notes.contains("1 broken character"), "{notes}");
    let messages = ana.reads(report["imported"][0]["id"].as_str().unwrap());
    assert_eq!(messages[0]["content"], "abc\u{fffd} d\ttab 😀");
    assert_eq!(messages[1]["content"], "Fine 👩‍👩‍👧 مرحبا e\u{301}.");
}

#[test]
fn custom_instructions_are_their_owners_alone() {
    let app = TestApp::start();
    let (ana, class) = student(&app);
    let mut file = chat("c1", &["Question?", "Answer."]);
    let mapping = file["mapping"].as_object_mut().unwrap();
    let content = json!({ "content_type": "user_editable_context", "user_profile": "canary-profile",
                          "user_instructions": "canary-instructions" });
    let message = json!({ "id": "ctx", "author": { "role": "user" }, "create_time": null, "content": content,
                          "metadata": { "is_visually_hidden_from_conversation": true } });
    mapping
        .insert("ctx".to_owned(), json!({ "id": "ctx", "message": message, "parent": "root", "children": ["c1-0"] }));
    mapping["c1-0"]["parent"] = json!("ctx");
    let report = ana.imports(&class, "?visibility=class", file.to_string()).is(201).json();
    let id = report["imported"][0]["id"].as_str().unwrap();
    let own = ana.reads(id);
    assert_eq!(own.len(), 3);
    assert!(own.iter().any(|m| m["parts"].to_string().contains("canary-instructions")));
    let secret = own.iter().find(|m| m["parts"][0]["kind"] == "context").unwrap()["id"].as_str().unwrap().to_owned();
    let teacher = app.sign_in("teacher@example.org");
    let pages = [
        format!("/api/v1/conversations/{id}"),
        format!("/api/v1/conversations/{id}?include=messages&branches=all"),
        format!("/api/v1/conversations/{id}/messages?branches=all"),
        format!("/api/v1/classes/{class}/conversations"),
    ];
    for page in pages {
        let text = teacher.get(&page).is(200).text();
        assert!(!text.contains("canary") && !text.contains(&secret), "{page}: {text}");
    }
    let seen = teacher.reads(id);
    assert_eq!(seen.iter().map(|m| m["position"].as_i64().unwrap()).collect::<Vec<_>>(), [0, 1]);
    assert_eq!(seen[0]["parent_id"], Value::Null);
    teacher.get(&format!("/api/v1/conversations/{id}/source")).is_problem(403, "not_owner");
}

#[test]
fn the_raw_source_is_kept_byte_for_byte_for_its_owner() {
    let app = TestApp::start();
    let (ana, class) = student(&app);
    let one = chat("c1", &["Q?", "A."]).to_string();
    let report = ana.imports(&class, "", format!("[ {one} ]")).is(201).json();
    let id = report["imported"][0]["id"].as_str().unwrap();
    let source = ana.get(&format!("/api/v1/conversations/{id}/source")).is(200);
    assert_eq!(source.text(), one);
    assert_eq!(source.header("content-type"), Some("application/json"));
    assert_eq!(source.header("content-disposition"), Some("attachment; filename=\"source.json\""));
}

#[test]
fn unknown_parts_are_kept_raw_and_shown_as_unknown() {
    let app = TestApp::start();
    let (ana, class) = student(&app);
    let mut file = chat("c1", &["Q?", "A."]);
    file["mapping"]["c1-1"]["message"]["content"] = json!({ "content_type": "hologram", "beam": [1, 2, 3] });
    let report = ana.imports(&class, "", file.to_string()).is(201).json();
    let messages = ana.reads(report["imported"][0]["id"].as_str().unwrap());
    let part = &messages[1]["parts"][0];
    assert_eq!((&part["kind"], &part["data"]["beam"]), (&json!("unknown"), &json!([1, 2, 3])));
}

#[test]
fn a_generated_export_comes_in_completely_and_lists_by_its_dates() {
    let app = TestApp::start();
    let (ana, class) = student(&app);
    let mut file = Vec::new();
    fixture::chatgpt_export(7, 12, 240, 400_000, &mut file).unwrap();
    let report = ana.imports(&class, "", file.clone()).is(201).json();
    assert_eq!((lines(&report, "imported").len(), lines(&report, "failed").len()), (12, 0));
    let listed = ana.get(&format!("/api/v1/classes/{class}/conversations?sort=started&limit=100")).is(200).items();
    let dates: Vec<&str> = listed.iter().map(|c| c["started_at"].as_str().unwrap()).collect();
    assert!(dates.is_sorted() && dates.len() == 12, "{dates:?}");
    ana.imports(&class, "", file).is(200);
}

#[test]
fn two_imports_of_the_same_file_at_once_store_it_once() {
    let app = TestApp::start();
    let (ana, class) = student(&app);
    let mut texts = String::new();
    write!(texts, "{}", Value::from((0..8).map(|i| chat(&format!("c{i}"), &["Q?", "A."])).collect::<Vec<_>>()))
        .unwrap();
    std::thread::scope(|scope| {
        let runs: Vec<_> = (0..4).map(|_| scope.spawn(|| ana.imports(&class, "", texts.clone()))).collect();
        for run in runs {
            let status = run.join().unwrap().status;
            assert!(status == 200 || status == 201, "{status}");
        }
    });
    let listed = ana.get(&format!("/api/v1/classes/{class}/conversations?limit=100")).is(200).items();
    assert_eq!(listed.len(), 8);
}
