//! A conversation as Markdown. What was written stands in quotes, so that no text can pass for the frame around it.

use entity::message::{self, Part, PartKind};
use pulldown_cmark::{Event, Options, Parser};

use super::{
    out::Out,
    walk::{Marks, Messages},
    words,
};
use crate::{
    Actor, Db, Result,
    annotation::{AnnotationView, Sort},
    comment::CommentView,
    conversation::About,
    rendering,
};

/// Writes a conversation with all branches, marks and threads.
pub(super) async fn write(db: &Db, actor: &Actor, about: &About, out: &mut Out) -> Result<()> {
    let id = about.conversation.id;
    let facts: Vec<String> = words::facts(about).iter().map(|fact| plain(fact)).collect();
    let (title, exported) = (plain(words::title(about)), words::exported(actor.at));
    out.text(&format!("# {title}\n\n{}\n\n{exported}\n", facts.join(" · "))).await?;
    let mut messages = Messages::of(db, actor, id);
    let mut marks = Marks::of(db, actor, id, Sort::Place);
    write_marks(&mut marks, None, out).await?;
    loop {
        let page = messages.page().await?;
        if page.is_empty() {
            return Ok(());
        }
        for row in page {
            out.text(&text_of(&row, about)).await?;
            write_marks(&mut marks, Some(row.id), out).await?;
        }
    }
}

fn text_of(row: &message::Model, about: &About) -> String {
    let number = words::number(row).map(|number| format!("{number}. ")).unwrap_or_default();
    let asides = words::asides(row);
    let asides = if asides.is_empty() { String::new() } else { format!("*{}*\n\n", plain(&asides.join(" · "))) };
    let mut text = format!("\n---\n\n## {number}{}\n\n{asides}", plain(&words::speaker(row, about)));
    let parts: Vec<String> = row.parts.0.iter().map(part).filter(|part| !part.is_empty()).collect();
    text.push_str(&parts.join("\n"));
    text
}

fn part(part: &Part) -> String {
    let address = part.data.as_ref().filter(|_| part.kind == PartKind::Citation).and_then(rendering::address);
    if part.kind == PartKind::Citation && (part.text.is_none(), address, part.name.is_none()) == (true, None, true) {
        return String::new();
    }
    let name = part.name.as_deref().map(|name| format!(": {}", plain(name))).unwrap_or_default();
    let label = match part.kind {
        PartKind::Text | PartKind::Code => None,
        PartKind::Thinking => Some("Thinking"),
        PartKind::ToolCall => Some("Tool call"),
        PartKind::ToolResult => Some("Tool result"),
        PartKind::Image => Some("Image, not part of the export"),
        PartKind::Audio => Some("Audio"),
        PartKind::Attachment => Some("File"),
        PartKind::Document => Some("Document"),
        PartKind::Citation => Some("Source"),
        PartKind::Context => Some("Custom instructions, for you alone"),
        PartKind::Error => Some("Error shown by the platform"),
        PartKind::Unknown => Some("Something this server does not know"),
    };
    let label = label.map(|label| format!("*{label}{name}*\n\n")).unwrap_or_default();
    let text = part.text.as_deref().unwrap_or_default();
    let code = match part.kind {
        PartKind::Code | PartKind::ToolCall | PartKind::ToolResult | PartKind::Attachment => true,
        PartKind::Document => part.lang.is_some(),
        _ => false,
    };
    let data = part.data.as_ref().filter(|_| rendering::shows_data(part));
    let data = data.and_then(|data| serde_json::to_string_pretty(data).ok());
    let text = match (text.is_empty(), code) {
        (true, _) => data.map(|data| quoted("", &fenced("json", &data))).unwrap_or_default(),
        (false, true) => quoted("", &fenced(part.lang.as_deref().unwrap_or_default(), text)),
        (false, false) => quoted("", &without_tags(text)),
    };
    let address = address.map(|url| quoted("", &format!("<{}>", url.replace('<', "%3C").replace('>', "%3E"))));
    let snippet = rendering::snippet(part).map(|snippet| quoted("", &plain_lines(snippet)));
    [Some(label), Some(text), address, snippet].into_iter().flatten().collect::<Vec<_>>().concat()
}

/// Text in a fence that it cannot close.
fn fenced(lang: &str, text: &str) -> String {
    let runs = text.split(|c| c != '`').map(str::len);
    let fence = "`".repeat(runs.max().unwrap_or(0).max(2) + 1);
    let lang: String = lang.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '#')).collect();
    format!("{fence}{lang}\n{text}\n{fence}")
}

/// Text as a quote, every line of it.
fn quoted(indent: &str, text: &str) -> String {
    text.split(['\n', '\r']).fold(String::new(), |quote, line| {
        let space = if line.is_empty() { "" } else { " " };
        quote + indent + ">" + space + line + "\n"
    })
}

/// Text on one line, in which no character means anything.
fn plain(text: &str) -> String {
    let blank = |c: char| c == ' ' || c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    let words = text.trim_start_matches(blank);
    // Four spaces would make it code.
    let mut plain = "\u{a0}".repeat(text.chars().take_while(|c| blank(*c)).count());
    let number = words.trim_start_matches(|c: char| c.is_ascii_digit());
    // What begins a list, and what makes a heading of the line above.
    let sign = match number.chars().next() {
        Some('-' | '+' | '=' | ':') if number.len() == words.len() => Some(0),
        Some('.' | ')') if number.len() < words.len() => Some(words.len() - number.len()),
        _ => None,
    };
    for (at, c) in words.char_indices() {
        match c {
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '<' | '>' | '#' | '|' | '~' | '!' | '&' => {
                plain.push('\\');
                plain.push(c);
            }
            c if sign == Some(at) => {
                plain.push('\\');
                plain.push(c);
            }
            c if blank(c) => plain.push(' '),
            c => plain.push(c),
        }
    }
    plain
}

/// The same of every line: notes and comments are plain text.
fn plain_lines(text: &str) -> String {
    text.split(['\n', '\r']).map(plain).collect::<Vec<_>>().join("\n")
}

/// Markdown whose HTML is words: it would end the quote it stands in, or hide what follows.
fn without_tags(text: &str) -> String {
    let html = Parser::new_ext(text, Options::all())
        .into_offset_iter()
        .filter(|(event, _)| matches!(event, Event::Html(_) | Event::InlineHtml(_)));
    let mut safe = String::with_capacity(text.len());
    let mut from = 0;
    for (_, range) in html.filter(|(_, range)| range.start < range.end) {
        if range.start < from {
            continue;
        }
        safe.push_str(text.get(from..range.start).unwrap_or_default());
        safe.push_str(&text.get(range.clone()).unwrap_or_default().replace('<', "\\<"));
        from = range.end;
    }
    safe + text.get(from..).unwrap_or_default()
}

async fn write_marks(marks: &mut Marks, on: Option<entity::MessageId>, out: &mut Out) -> Result<()> {
    let mut first = true;
    while let Some(mark) = marks.next_on(on).await? {
        if std::mem::take(&mut first) {
            out.text("\n**Marks**\n\n").await?;
        }
        out.text(&mark_text(&mark)).await?;
        let mut thread = marks.thread(&mark);
        loop {
            let page = thread.page().await?;
            if page.is_empty() {
                break;
            }
            for comment in page {
                out.text(&comment_text(&comment)).await?;
            }
        }
    }
    Ok(())
}

fn mark_text(view: &AnnotationView) -> String {
    let row = &view.annotation;
    let on = match &row.quote {
        Some(quote) => format!("“{}”", plain(quote)),
        None => words::on(row.target).to_owned(),
    };
    let tags: Vec<String> = view.tags.iter().map(|tag| format!("**{}**", plain(&tag.name))).collect();
    let tags = if tags.is_empty() { String::new() } else { format!(" · {}", tags.join(", ")) };
    let by = plain(words::person(view.author.as_ref()));
    let mut text = format!("- {on}{tags} — {by}, {}\n", plain(&words::about_mark(view).join(" · ")));
    if let Some(note) = &row.note {
        text.push('\n');
        text.push_str(&quoted("  ", &plain_lines(note)));
        text.push('\n');
    }
    text
}

fn comment_text(view: &CommentView) -> String {
    let (by, body) = words::comment(view);
    let about = plain(&words::about_comment(view).join(" · "));
    let answers = if view.comment.parent_id.is_some() { " (answers a comment above)" } else { "" };
    format!("  - {}, {about}{answers}\n\n{}\n", plain(by), quoted("    ", &plain_lines(body)))
}

#[cfg(test)]
mod tests {
    use pulldown_cmark::{Event, Options, Parser};

    use super::{fenced, plain, plain_lines, quoted, without_tags};

    #[test]
    fn no_text_passes_for_the_frame() {
        assert_eq!(quoted("", "One\n\n# Two\r---"), "> One\n>\n> # Two\n> ---\n");
        assert_eq!(plain("a*b\n# c <script>"), "a\\*b \\# c \\<script\\>");
        assert_eq!(fenced("py\nthon", "```\n````"), "`````python\n```\n````\n`````");
        assert_eq!(fenced("", "no ticks"), "```\nno ticks\n```");
        assert_eq!(plain_lines("Nice.\n</blockquote><!--"), "Nice.\n\\</blockquote\\>\\<\\!--");
        let lines =
            "Title\n===\nOther\n---\n1. one\n2) two\n- a\n+ b\n* c\n\n    code\n\t\t\t\tcode\n: what\n=\n-\n 7. x";
        let again = quoted("", &plain_lines(lines));
        let again: Vec<Event> = Parser::new_ext(&again, Options::all()).collect();
        let words = |event: &Event| matches!(event, Event::Text(_) | Event::SoftBreak);
        let frame = again.iter().filter(|event| !words(event)).count();
        // The quote and two paragraphs, each with its end.
        assert_eq!(frame, 6, "{again:?}");
        assert_eq!(plain("1999"), "1999");
        let safe = without_tags("a < b, `<i>` and <b>\n\n</blockquote><h2>7.</h2>\n<!--\n\nand ~~more~~");
        assert_eq!(safe, "a < b, `<i>` and \\<b>\n\n\\</blockquote>\\<h2>7.\\</h2>\n\\<!--\n\nand ~~more~~");
        let again = Parser::new_ext(&safe, Options::all());
        assert!(!again.into_iter().any(|event| matches!(event, Event::Html(_) | Event::InlineHtml(_))), "{safe}");
    }
}
