//! Pages that are not as they were: new ones of known sites, sites that are not known, pages in one file. No word of them
//! is lost without being counted.

use super::html::page;
use super::*;
use crate::transcript::{Page, turns};

use Role::{Assistant, Unknown, User};

/// Turns in short.
fn say(turns: &[(Role, &str)]) -> Vec<(Role, String)> {
    turns.iter().map(|(role, text)| (*role, (*text).to_owned())).collect()
}

#[test]
fn a_page_of_chatgpt_since_september_2026_becomes_its_turns() {
    let (found, read) = page(include_str!("../../../../tests/corpus/cases/R01-chatgpt-page-2026-09.html"));
    assert_eq!(found, Page::Chatgpt);
    let answer = "Because of **scattering**:\n\n- short waves more\n- long waves less\n\n```python\nprint(4)\n```";
    let expected = [(User, "Why is the sky blue?"), (Assistant, answer), (User, "And at dusk?"), (Assistant, "Red.")];
    assert_eq!(said(&read), say(&expected));
    assert_eq!(read.notes, ["3 words of the page stand outside its messages and were left out: “Worked for 4s”"]);
    let ids: Vec<Option<&str>> = read.messages.iter().map(|message| message.source_id.as_deref()).collect();
    assert_eq!(ids, [Some("u1"), Some("a1"), None, None]);
}

#[test]
fn a_page_on_which_one_side_alone_is_known_is_text() {
    let html = "<div data-testid=\"user-message\"><p>One?</p></div><div class=\"x9\"><p>The first answer.</p></div>\
        <div data-testid=\"user-message\"><p>Two?</p></div><div class=\"x9\"><p>The second.</p></div>";
    let (found, read) = page(html);
    let expected = say(&[(Unknown, "One?\nThe first answer.\nTwo?\nThe second.")]);
    assert_eq!((found, said(&read)), (Page::Other, expected));
    assert!(read.notes[0].contains("say who speaks"), "{:?}", read.notes);
    // One message alone, copied, is no page of which something is missing; it is said all the same.
    let (found, read) = page("<div data-message-author-role=\"assistant\">Alone.</div>");
    assert_eq!((found, said(&read)), (Page::Chatgpt, say(&[(Assistant, "Alone.")])));
    assert_eq!(read.notes, ["only one side speaks on this page: check that nothing is missing"]);
}

#[test]
fn an_answer_that_is_not_marked_stays_in_its_place() {
    let turn = |role: &str, text: &str| format!("<div data-message-author-role=\"{role}\">{text}</div>");
    let html = format!(
        "<main>{}{}{}<section><p>Lost <b>answer</b>.</p></section>{}{}</main><footer>Check facts.</footer>",
        turn("user", "One?"),
        turn("assistant", "Yes."),
        turn("user", "Two?"),
        turn("user", "Three?"),
        turn("assistant", "No.")
    );
    let (found, read) = page(&html);
    let expected = [
        (User, "One?"),
        (Assistant, "Yes."),
        (User, "Two?"),
        (Unknown, "Lost **answer**."),
        (User, "Three?"),
        (Assistant, "No."),
    ];
    assert_eq!((found, said(&read)), (Page::Chatgpt, say(&expected)));
    let kept = "2 words stand between the messages and do not say who speaks; they were kept as messages of nobody: “Lost answer”";
    let left = "2 words of the page stand outside its messages and were left out: “Check facts.”";
    assert_eq!(read.notes, [left, kept]);
}

#[test]
fn marks_of_any_page_say_who_speaks() {
    for (user, model) in [
        ("data-testid=\"user-message\"", "data-testid=\"assistant-message\""),
        ("data-role=\"user\"", "data-role=\"assistant\""),
        ("class=\"message\" data-author=\"human\"", "class=\"message\" data-author=\"ai\""),
        ("class=\"chat-message-user x\"", "class=\"chat-message-bot x\""),
    ] {
        let html = format!("<main><div {user}>Hi</div><div {model}>Ho, <b>you</b></div></main>");
        let (found, read) = page(&html);
        assert_eq!((found, said(&read)), (Page::Other, say(&[(User, "Hi"), (Assistant, "Ho, **you**")])), "{html}");
        assert!(read.notes[0].contains("none that is known here"), "{:?}", read.notes);
    }
}

#[test]
fn labels_for_those_who_hear_a_page_are_read_before_its_words() {
    for (user, model) in [
        ("You said:", "ChatGPT said:"),
        ("Du hast gesagt:", "Foo hat gesagt:"),
        ("Sinä sanoit:", "Foo sanoi:"),
        ("آپ نے کہا", "Gemini نے کہا"),
    ] {
        let (user, model) =
            (format!("<h5 class=\"sr-only\">{user}</h5>"), format!("<h6 class=\"sr-only\">{model}</h6>"));
        let html = format!(
            "<div><section>{user}<div>Hi</div></section><section>{model}<p>Ho <b>you</b></p></section>\
             <section>{user}<p>Bye</p></section><section>{model}<p>So long.</p></section></div>"
        );
        let (found, read) = page(&html);
        let expected = [(User, "Hi"), (Assistant, "Ho **you**"), (User, "Bye"), (Assistant, "So long.")];
        assert_eq!((found, said(&read)), (Page::Other, say(&expected)), "{html}");
    }
    let turn = |who: &str, text: &str| format!("<div role=\"article\" aria-label=\"{who}\">{text}</div>");
    let spoken = [turn("Sinä", "Hi"), turn("Malli", "Ho"), turn("Sinä", "Bye"), turn("Malli", "So long.")].concat();
    let expected = [(User, "Hi"), (Assistant, "Ho"), (User, "Bye"), (Assistant, "So long.")];
    assert_eq!(said(&page(&spoken).1), say(&expected));
}

#[test]
fn pictures_and_files_that_are_drawn_as_buttons_are_parts() {
    let gemini = |inside: &str| {
        let html =
            format!("<div><user-query>{inside}</user-query><model-response><p>A fox.</p></model-response></div>");
        page(&html).1.messages.remove(0)
    };
    let button =
        "<button class=\"preview-image-button\" aria-label=\"Show the uploaded image in a Lightbox\"></button>";
    let picture = gemini(button);
    assert_eq!((kinds(&picture.parts), picture.role), (vec![PartKind::Image], User));
    let file = "<p>What is it?</p><div role=\"button\"><div>report.pdf</div><div>PDF</div></div><button>Edit</button>";
    let file = gemini(file);
    assert_eq!(kinds(&file.parts), [PartKind::Text, PartKind::Attachment]);
    assert_eq!(file.parts[1].name.as_deref(), Some("report.pdf"));
    let chatgpt = "<div data-message-author-role=\"user\">Look<button><img alt=\"Uploaded image\" src=\"blob:1\"></button></div>\
        <div data-message-author-role=\"assistant\">I see.<button><img alt=\"\" src=\"https://example.org/x\">Source</button></div>";
    let (_, read) = page(chatgpt);
    assert_eq!(kinds(&read.messages[0].parts), [PartKind::Text, PartKind::Image]);
    assert_eq!(kinds(&read.messages[1].parts), [PartKind::Text]);
}

#[test]
fn a_report_that_is_open_beside_is_a_turn() {
    let (found, read) = page(include_str!("../../../../tests/corpus/cases/R05-gemini-open-panel.html"));
    let report = "# Tides\n\nThe report says that tides follow the moon.";
    let expected = [(User, "Research the tides"), (Assistant, "I have finished the report."), (Assistant, report)];
    assert_eq!((found, said(&read), read.notes), (Page::Gemini, say(&expected), Vec::new()));
}

#[test]
fn elements_of_one_answer_are_one_message_where_the_page_says_so() {
    let html = "<article data-turn=\"user\"><div data-message-author-role=\"user\">Hi</div></article>\
        <article data-turn=\"assistant\"><div data-message-author-role=\"assistant\" data-message-id=\"a\">One.</div>\
        <div data-message-author-role=\"assistant\" data-message-id=\"b\">Two.</div></article>\
        <article data-turn=\"assistant\"><img alt=\"Generated image\" src=\"x\"></article>";
    let (_, read) = page(html);
    assert_eq!(said(&read)[..2], say(&[(User, "Hi"), (Assistant, "One.\n\nTwo.")]));
    assert_eq!((read.messages.len(), kinds(&read.messages[2].parts)), (3, vec![PartKind::Image]));
    assert_eq!(read.messages[1].source_id.as_deref(), Some("a"));
}

#[test]
fn words_beside_the_code_of_a_block_are_kept() {
    let html = "<div data-message-author-role=\"user\">Hi</div><div data-message-author-role=\"assistant\">\
        <pre><div>odd words</div><code>x</code></pre></div>";
    let (_, read) = page(html);
    assert_eq!(said(&read), say(&[(User, "Hi"), (Assistant, "odd words\n\n```\nx\n```")]));
    assert_eq!(read.notes, [""; 0]);
}

#[test]
fn a_page_saved_in_one_file_is_taken_out_of_it() {
    let head = "From: <Saved by Blink>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n\ttype=\"text/html\";\r\n\t\
        boundary=\"----b\"\r\n\r\n------b\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: ";
    let turn = "<html><body><div data-message-author-role=3D\"user\">Why is =\r\ngr=C3=BCn green?</div>\
        <div data-message-author-role=3D\"assistant\"><p>Light.</p></div></body></html>";
    let end = "\r\n------b\r\nContent-Type: image/png\r\n\r\nrubbish\r\n------b--\r\n";
    let expected = say(&[(User, "Why is grün green?"), (Assistant, "Light.")]);
    let (found, read) = page(&format!("{head}quoted-printable\r\n\r\n{turn}{end}"));
    assert_eq!((found, said(&read)), (Page::Chatgpt, expected.clone()));
    let plain = turn.replace("=\r\n", "").replace("=3D", "=").replace("=C3=BC", "ü");
    let packed = base64::Engine::encode(&base64::prelude::BASE64_STANDARD, &plain);
    let (found, read) = page(&format!("{head}base64\r\n\r\n{packed}{end}"));
    assert_eq!((found, said(&read)), (Page::Chatgpt, expected.clone()));
    let latin = format!("{head}8bit\r\n\r\n{plain}{end}");
    let latin = latin.replacen("text/html\r\n", "text/html; charset=windows-1252\r\n", 1);
    let latin: Vec<u8> = latin.chars().map(|letter| u8::try_from(letter).unwrap()).collect();
    assert_eq!(said(&turns(&latin).unwrap().conversation), expected);
    let letter =
        "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: text/plain\n\nHi\n--x--";
    let (code, detail) = refused(letter);
    assert_eq!(code, "unknown_format");
    assert!(detail.contains("MHTML"), "{detail}");
}

#[test]
fn the_activity_of_takeout_is_named() {
    let html = "<html><body><div class=\"outer-cell mdl-cell mdl-cell--12-col\"><div class=\"content-cell mdl-cell\">Prompted Hi</div></div>";
    let (code, detail) = refused(html);
    assert_eq!(code, "unknown_format");
    assert!(detail.contains("MyActivity.html"), "{detail}");
}
