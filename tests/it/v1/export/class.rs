//! A class as tables, and everything of one person.

use std::{
    collections::BTreeMap,
    io::{Cursor, Read},
};

use tests::{Person, Response, Value, json, talk};
use time::Duration;

use super::{Room, comment};

/// What Excel knows UTF-8 by.
const BOM: &str = "\u{feff}";

/// The files of a ZIP.
fn unpacked(answer: &Response) -> BTreeMap<String, String> {
    let mut archive = zip::ZipArchive::new(Cursor::new(answer.body.clone())).unwrap();
    let mut files = BTreeMap::new();
    for at in 0..archive.len() {
        let mut file = archive.by_index(at).unwrap();
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        assert!(files.insert(file.name().unwrap().into_owned(), text).is_none());
    }
    files
}

/// The cells of a CSV file, by name.
fn records(text: &str) -> Vec<BTreeMap<String, String>> {
    let (mut rows, mut row, mut cell, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut letters = text.strip_prefix(BOM).expect("a byte order mark").chars().peekable();
    while let Some(c) = letters.next() {
        match c {
            '"' if quoted && letters.peek() == Some(&'"') => cell.push(letters.next().unwrap()),
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(std::mem::take(&mut cell)),
            '\n' if !quoted => {
                assert_eq!(cell.pop(), Some('\r'), "lines end in CR LF");
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            c => cell.push(c),
        }
    }
    assert!(cell.is_empty() && row.is_empty() && !quoted, "the file ends in the middle of a line");
    let mut rows = rows.into_iter();
    let names = rows.next().unwrap();
    let named = |row: Vec<String>| {
        assert_eq!(row.len(), names.len());
        names.iter().cloned().zip(row).collect()
    };
    rows.map(named).collect()
}

fn class_export(room: &Room, who: &Person, query: &str) -> Response {
    who.get(&format!("/api/v1/classes/{}/export{query}", room.class)).is(200)
}

fn lines(text: &str, kind: &str) -> Vec<Value> {
    let all = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    all.filter(|line| line["kind"] == kind).collect()
}

/// Marks and comments of all audiences by all three.
fn discussed(room: &Room) -> String {
    let tag =
        room.ana.post(&format!("/api/v1/classes/{}/tags", room.class), json!({ "name": "+Method" })).is(201).str("id");
    let span = json!({ "message_id": room.message(1), "part": 4, "start": 0, "end": 6, "tags": [tag], "note": "=1+1", "audience": "class" });
    let mark = room.mark(&room.cid, span);
    comment(&room.ben, &mark, &json!({ "body": "@ben, \"why\"?;=1+1;\nWell." }));
    room.mark(&room.ben, json!({ "note": "Bens own", "audience": "private" }));
    room.mark(&room.ana, json!({ "note": "Teachers only", "audience": "staff" }));
    room.cid.writes(&room.class, "Cids own", "private");
    mark
}

#[test]
fn the_tables_of_a_class_hold_what_the_lists_hold() {
    let room = Room::open();
    let mark = discussed(&room);
    let answer = class_export(&room, &room.ana, "?format=csv");
    assert_eq!(answer.header("content-type"), Some("application/zip"));
    assert!(answer.header("content-disposition").unwrap().starts_with("attachment; filename=\"Primes _ more.zip\""));
    // Sent while it is read: nobody knows beforehand how long it will be.
    assert_eq!(answer.header("content-length"), None);
    let files = unpacked(&answer);
    let names: Vec<&str> = files.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        ["annotations.csv", "comments.csv", "conversations.csv", "dictionary.csv", "messages.csv", "tags.csv"]
    );
    // The dictionary has every column of every table, and no other.
    let mut explained: Vec<(String, String)> = Vec::new();
    for row in records(&files["dictionary.csv"]) {
        assert!(!row["about"].is_empty() && !row["type"].is_empty(), "{row:?}");
        explained.push((row["table"].clone(), row["name"].clone()));
    }
    let mut there = Vec::new();
    for (file, text) in &files {
        let table = file.trim_end_matches(".csv");
        let text = text.strip_prefix(BOM).unwrap_or_else(|| panic!("{file} has no byte order mark"));
        there.extend(text.lines().next().unwrap().split(',').map(|name| (table.to_owned(), name.to_owned())));
    }
    explained.sort();
    there.sort();
    assert_eq!(explained, there);
    let annotations = records(&files["annotations.csv"]);
    assert_eq!(annotations.len(), 2);
    let first = &annotations[0];
    assert_eq!(
        (first["id"].as_str(), first["quote"].as_str(), first["start"].as_str()),
        (mark.as_str(), "Divide", "0")
    );
    // No cell is a formula.
    assert_eq!((first["note"].as_str(), first["tags"].as_str()), ("'=1+1", "'+Method"));
    assert_eq!(records(&files["comments.csv"])[0]["body"], "'@ben, \"why\"?;'=1+1;\nWell.");
    assert_eq!(records(&files["tags.csv"])[0]["name"], "'+Method");
    let messages = records(&files["messages.csv"]);
    assert_eq!(messages.len(), room.ana.reads(&room.talk).len());
    let one = class_export(&room, &room.ana, "?format=csv&table=annotations");
    assert_eq!(
        (one.header("content-type"), one.text()),
        (Some("text/csv; charset=utf-8"), files["annotations.csv"].clone())
    );
    // The same as lines of JSON, with every text as it is.
    let text = class_export(&room, &room.ana, "").text();
    assert_eq!(lines(&text, "annotation")[0]["note"], "=1+1");
    assert_eq!(lines(&text, "annotation")[0]["tags"], json!(["+Method"]));
    assert_eq!(lines(&text, "field").len(), explained.len());
    assert_eq!(lines(&text, "export")[0]["class"]["name"], "Primes & more");
    let path = format!("/api/v1/classes/{}/export", room.class);
    let wrong = room.ana.get(&format!("{path}?table=tags")).is_problem(422, "validation_failed").field_errors();
    assert_eq!(wrong, [("table".to_owned(), "unfitting".to_owned())]);
    room.ana.get(&format!("{path}?format=xlsx")).is_problem(422, "query_invalid");
}

#[test]
fn a_spreadsheet_reads_the_letters_and_says_where_each_row_stands() {
    let room = Room::open();
    let mark = discussed(&room);
    let umlauts = room.ben.writes(&room.class, "Größe", "class");
    let one = |table: &str| class_export(&room, &room.ana, &format!("?format=csv&table={table}"));
    assert_eq!(&one("conversations").body[..3], [0xef, 0xbb, 0xbf]);
    let at = |table: &str, id: &str| {
        let row = records(&one(table).text()).into_iter().find(|row| row["id"] == id).unwrap();
        let cell = |name: &str| row.get(name).cloned();
        (cell("conversation_title"), cell("message_number"), row["url"].clone())
    };
    let page = |id: &str| format!("http://localhost:8080/conversations/{id}");
    let titled = records(&one("conversations").text());
    assert!(titled.iter().any(|row| row["title"] == "Größe"));
    assert_eq!(at("conversations", &umlauts), (None, None, page(&umlauts)));
    let title = room.ana.get(&format!("/api/v1/conversations/{}", room.talk)).is(200).str("title");
    let number = 2;
    let there = format!("{}?at={number}#m{number}", page(&room.talk));
    assert_eq!(at("annotations", &mark), (Some(title.clone()), Some(number.to_string()), there.clone()));
    let comment = records(&one("comments").text()).remove(0);
    assert_eq!((&comment["url"], &comment["message_number"]), (&there, &number.to_string()));
    assert_eq!(comment["conversation_title"], title);
    let message = at("messages", room.message(1).as_str().unwrap());
    assert_eq!(message, (Some(title), None, there));
    for table in ["conversations", "messages", "annotations", "comments"] {
        assert!(one(table).text().lines().next().unwrap().ends_with(",url"), "new columns stand last: {table}");
    }
}

/// A scripted peer reads all forms of all exports.
#[test]
fn no_export_tells_a_peer_more_than_the_page_does() {
    let room = Room::open();
    let class = format!("/api/v1/classes/{}", room.class);
    discussed(&room);
    room.ana.patch(&class, json!({ "naming": "pseudonyms" })).is(200);
    let ben = room.ben.get(&class).is(200).str("enrolment_id");
    let read = |who: &Person| -> Vec<(String, String)> {
        let mut texts = vec![("jsonl".to_owned(), class_export(&room, who, "").text())];
        texts.extend(unpacked(&class_export(&room, who, "?format=csv")));
        texts.extend(unpacked(&who.get("/api/v1/me/export").is(200)));
        for format in ["json", "markdown", "html"] {
            texts.push((format.to_owned(), room.export(who, format).text()));
        }
        texts
    };
    for (name, text) in read(&room.cid) {
        for secret in ["ben-learns", ben.as_str(), "Bens own", "Teachers only", talk::SECRET] {
            assert!(!text.contains(secret), "{name} says {secret}: {text}");
        }
    }
    // Ben's own words for himself are in what is his, and not in what is handed on.
    for (name, text) in read(&room.ben) {
        let own = ["json", "markdown", "html"].contains(&name.as_str()) || name.starts_with("conversations/");
        assert_eq!(text.contains(talk::SECRET), own, "{name}: {text}");
    }
    let seen = |who: &Person, kind: &str| lines(&class_export(&room, who, "").text(), kind).len();
    assert_eq!(
        [seen(&room.ana, "annotation"), seen(&room.ben, "annotation"), seen(&room.cid, "annotation")],
        [2, 2, 1]
    );
    assert_eq!(
        [seen(&room.ana, "conversation"), seen(&room.ben, "conversation"), seen(&room.cid, "conversation")],
        [1, 1, 2]
    );
    // Blind: neither rows nor numbers.
    let dan = room.app.person("dan-learns");
    room.ana.admits(&room.class, &dan, "student");
    assert_eq!((seen(&dan, "annotation"), seen(&dan, "comment")), (1, 1));
    room.ana.patch(&class, json!({ "blind": "until_reveal" })).is(200);
    assert_eq!((seen(&dan, "annotation"), seen(&dan, "comment")), (0, 0));
    assert_eq!((seen(&room.ana, "annotation"), seen(&room.ana, "comment")), (2, 1));
}

#[test]
fn everything_of_mine_is_one_zip_that_comes_in_again() {
    let room = Room::open();
    discussed(&room);
    let pasted = "You said:\nA question\n\nChatGPT said:\nAn answer\n";
    room.ben.imports(&room.class, "", pasted).is(201);
    let own = json!({ "name": "Bens tag", "private": true });
    room.ben.post(&format!("/api/v1/classes/{}/tags", room.class), own).is(201);
    let answer = room.ben.get("/api/v1/me/export").is(200);
    let files = unpacked(&answer);
    let names: Vec<&str> = files.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "account.json",
            "annotations.jsonl",
            "comments.jsonl",
            "conversations/0001 Is it prime-.json",
            "conversations/0002 conversation.json",
            "dictionary.csv",
            "enrolments.jsonl",
            "sources/0002 conversation.txt",
            "tags.jsonl",
        ]
    );
    assert_eq!(files["sources/0002 conversation.txt"], pasted);
    assert!(files["conversations/0001 Is it prime-.json"].contains(talk::SECRET));
    let account: Value = serde_json::from_str(&files["account.json"]).unwrap();
    assert_eq!((&account["email"], &account["display_name"]), (&json!("ben-learns@example.org"), &json!("ben-learns")));
    assert_eq!(lines(&files["annotations.jsonl"], "annotation")[0]["note"], "Bens own");
    assert_eq!(lines(&files["comments.jsonl"], "comment").len(), 1);
    assert_eq!(lines(&files["tags.jsonl"], "tag")[0]["name"], "Bens tag");
    assert_eq!(lines(&files["enrolments.jsonl"], "enrolment")[0]["class_name"], "Primes & more");
    // As it is, into another class.
    let other = room.ben.opens_class("Later");
    let report = room.ben.imports(&other, "", answer.body).is(201).json();
    assert_eq!((report["imported"].as_array().unwrap().len(), &report["failed"]), (2, &json!([])), "{report}");
    let talk = report["imported"][0]["id"].as_str().unwrap();
    assert_eq!(room.ben.reads(talk).len(), room.ben.reads(&room.talk).len());
}

#[test]
fn who_left_takes_own_work_along_for_thirty_days() {
    let room = Room::open();
    discussed(&room);
    let cid = room.cid.get(&format!("/api/v1/classes/{}", room.class)).is(200).str("enrolment_id");
    room.ana.delete(&format!("/api/v1/enrolments/{cid}")).is(204);
    let files = unpacked(&room.cid.get("/api/v1/me/export").is(200));
    assert!(files.contains_key("conversations/0001 Cids own.json"), "{:?}", files.keys());
    // What Cid said of Ben's words, and not those.
    let mark = lines(&files["annotations.jsonl"], "annotation").remove(0);
    assert_eq!((&mark["note"], &mark["quote"], &mark["comments"]), (&json!("=1+1"), &Value::Null, &json!(0)));
    let all: String = files.values().cloned().collect();
    assert!(!all.contains("Divide"), "{all}");
    let text = class_export(&room, &room.cid, "").text();
    let count = |kind: &str| lines(&text, kind).len();
    assert_eq!((count("conversation"), count("annotation"), count("comment"), count("tag")), (1, 0, 0, 0));
    room.app.clock.advance(Duration::days(30));
    let again = room.app.sign_in("cid-learns@example.org");
    let files = unpacked(&again.get("/api/v1/me/export").is(200));
    assert!(!files.keys().any(|name| name.starts_with("conversations/")), "{:?}", files.keys());
    assert_eq!(lines(&files["annotations.jsonl"], "annotation"), Vec::<Value>::new());
    again.get(&format!("/api/v1/classes/{}/export", room.class)).is_problem(404, "not_found");
}
