//! Pages, texts and files that are none: what is read of each, or how it is named.

use tests::{Person, TestApp, Value, json};

/// What has to become of a file.
enum Becomes {
    /// These conversations.
    Read(&'static [Read]),
    /// A problem of this code, whose detail has all of these words.
    Refused(&'static str, &'static [&'static str]),
}

/// A conversation.
struct Read {
    platform: &'static str,
    title: Option<&'static str>,
    /// Who says what; a message without words has the kind of its first part.
    said: &'static [(&'static str, &'static str)],
    /// Words of its notes.
    notes: &'static [&'static str],
}

macro_rules! case {
    ($file:literal, $becomes:expr) => {
        ($file, include_bytes!(concat!("../../corpus/cases/", $file)).as_slice(), $becomes)
    };
}

const CASES: [(&str, &[u8], Becomes); 12] = [
    case!(
        "D02a-zip-in-zip.zip",
        Becomes::Read(&[Read {
            platform: "chatgpt",
            title: Some("Tides"),
            said: &[("user", "A question about tides"), ("assistant", "They follow the moon.")],
            notes: &["1 file was not conversations and was left out"],
        }])
    ),
    case!(
        "D02b-claude-manifest.json",
        Becomes::Refused(
            "account_file",
            &["only the list", "link of `conversations`", "once", "conversations-000.zip"]
        )
    ),
    case!("D03-copilot-csv.csv", Becomes::Refused("unknown_format", &["table (CSV)", "Microsoft Copilot", "copy"])),
    case!(
        "R01-chatgpt-page-2026-09.html",
        Becomes::Read(&[Read {
            platform: "chatgpt",
            title: None,
            said: &[
                ("user", "Why is the sky blue?"),
                (
                    "assistant",
                    "Because of **scattering**:\n\n- short waves more\n- long waves less\n\n```python\nprint(4)\n```",
                ),
                ("user", "And at dusk?"),
                ("assistant", "Red."),
            ],
            notes: &["3 words of the page stand outside its messages and were left out: “Worked for 4s”"],
        }])
    ),
    case!(
        "R03-openrouter-page.html",
        Becomes::Read(&[Read {
            platform: "pasted",
            title: Some("OpenRouter Playground"),
            said: &[
                ("user", "First question"),
                ("assistant", "First answer with the important words."),
                ("user", "Second question"),
                ("assistant", "Second answer."),
            ],
            notes: &["this page is none that is known here"],
        }])
    ),
    case!(
        "R05-gemini-open-panel.html",
        Becomes::Read(&[Read {
            platform: "pasted",
            title: None,
            said: &[
                ("user", "Research the tides"),
                ("assistant", "I have finished the report."),
                ("assistant", "# Tides\n\nThe report says that tides follow the moon."),
            ],
            notes: &[],
        }])
    ),
    case!(
        "R07-gemini-image-turn.html",
        Becomes::Read(&[Read {
            platform: "pasted",
            title: None,
            said: &[("user", "image"), ("assistant", "It shows a fox.")],
            notes: &[],
        }])
    ),
    case!(
        "R09-saved-as-mhtml.mhtml",
        Becomes::Read(&[Read {
            platform: "chatgpt",
            title: None,
            said: &[("user", "Why is grün green?"), ("assistant", "Light.")],
            notes: &[],
        }])
    ),
    case!(
        "R11-gemini-plain-text.txt",
        Becomes::Read(&[Read {
            platform: "pasted",
            title: None,
            said: &[
                ("user", "Why do leaves fall?"),
                ("assistant", "To save water."),
                ("user", "And in spring?"),
                ("assistant", "They grow again."),
            ],
            notes: &["Conversation with Gemini"],
        }])
    ),
    case!(
        "R13-cursor-transcript.markdown",
        Becomes::Read(&[Read {
            platform: "pasted",
            title: Some("Garden plan"),
            said: &[("user", "What grows here?"), ("assistant", "Beans do."), ("user", "Thanks")],
            notes: &["Exported on 6/10/2025"],
        }])
    ),
    case!(
        "R29-claude-design-chat.json",
        Becomes::Read(&[Read {
            platform: "claude",
            title: Some("A poster"),
            said: &[("user", "Design a poster"), ("assistant", "Here is a poster.")],
            notes: &[],
        }])
    ),
    case!(
        "R39-json-lines.jsonl",
        Becomes::Read(&[
            Read { platform: "chatgpt", title: Some("Line 0"), said: &[("user", "Line 0")], notes: &[] },
            Read { platform: "chatgpt", title: Some("Line 1"), said: &[("user", "Line 1")], notes: &[] },
            Read { platform: "chatgpt", title: Some("Line 2"), said: &[("user", "Line 2")], notes: &[] },
        ])
    ),
];

/// Who says what in a conversation.
fn said(who: &Person, id: &str) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let said = |message: &Value| match text(&message["content"]) {
        words if words.is_empty() => (text(&message["role"]), text(&message["parts"][0]["kind"])),
        words => (text(&message["role"]), words),
    };
    who.reads(id).iter().map(said).collect()
}

#[test]
fn every_case_becomes_what_it_should() {
    let app = TestApp::start();
    let teacher = app.person("teacher");
    for (file, bytes, becomes) in CASES {
        let class = teacher.opens_class(file);
        let answer = teacher.imports(&class, "", bytes);
        let read = match becomes {
            Becomes::Refused(code, words) => {
                let detail = answer.is_problem(422, code).str("detail");
                assert!(words.iter().all(|word| detail.contains(word)), "{file}: {detail}");
                continue;
            }
            Becomes::Read(read) => read,
        };
        let report = answer.is(201).json();
        let lines = report["imported"].as_array().unwrap();
        assert_eq!((lines.len(), &report["failed"]), (read.len(), &json!([])), "{file}: {report}");
        for (line, expected) in lines.iter().zip(read) {
            let id = line["id"].as_str().unwrap();
            let shown = teacher.get(&format!("/api/v1/conversations/{id}")).is(200).json();
            assert_eq!(shown["platform"], expected.platform, "{file}");
            assert_eq!(line["title"].as_str(), expected.title, "{file}");
            let owned = expected.said.iter().map(|(role, words)| ((*role).to_owned(), (*words).to_owned()));
            assert_eq!(said(&teacher, id), owned.collect::<Vec<_>>(), "{file}");
            let notes = format!("{}{}", line["notes"], report["notes"]);
            assert!(expected.notes.iter().all(|words| notes.contains(words)), "{file}: {notes}");
            assert_eq!(expected.notes.is_empty(), notes == "[][]", "{file}: {notes}");
        }
    }
}
