//! Texts that are something else than a conversation, known by how their lines are made: tables, subtitles, chats
//! between people, JSON without anything in it.

use super::refuse;
use crate::transcript::SourceError;

/// Records of a table that are looked at.
const RECORDS: usize = 60;
/// Letters of the name of a column.
const LONGEST_NAME: usize = 40;
/// Names of columns that tables of messages have, in lower case, without spaces and underscores.
const COLUMNS: &str = "conversation conversationid conversationtitle chat chatid chatname thread threadid time timestamp \
    date datetime createdat updatedat author sender speaker role from message messages messagecontent messagetext \
    content body text prompt response completion question answer query reply input output title model bot botname user \
    username human ai assistant";
/// What to do with all of these.
const COPY: &str = "Open the conversation itself, select all, copy and paste it.";

/// An error for a text that is something else; `whole` if all of it is here.
pub(super) fn other(text: &str, whole: bool) -> Option<SourceError> {
    if whole && is_bare_json(text) {
        let detail = format!("This is JSON without a conversation in it. {COPY}");
        return Some(refuse("unknown_format", detail));
    }
    let what = subtitles(text).or_else(|| people(text)).map(str::to_owned).or_else(|| table(text, whole))?;
    Some(refuse("unknown_format", format!("This is {what}, not a conversation as it was shown. {COPY}")))
}

/// Is it a word or a number of JSON alone, or a string that only JSON writes so?
fn is_bare_json(text: &str) -> bool {
    let text = text.trim();
    match text.as_bytes().first() {
        Some(b'"') => text.contains('\\') && serde_json::from_str::<String>(text).is_ok(),
        Some(b'-' | b'0'..=b'9') => serde_json::from_str::<serde_json::Number>(text).is_ok(),
        _ => matches!(text, "null" | "true" | "false"),
    }
}

/// Subtitles: `WEBVTT`, or a number, then `00:00:01,000 --> 00:00:02,000`.
fn subtitles(text: &str) -> Option<&'static str> {
    let mut lines = text.lines().map(str::trim);
    let first = lines.next()?;
    let rest = first.strip_prefix("WEBVTT");
    let vtt = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t']));
    let numbered = !first.is_empty() && first.bytes().all(|byte| byte.is_ascii_digit());
    let time = |line: &str| line.contains(" --> ") && line.starts_with(|letter: char| letter.is_ascii_digit());
    let srt = time(first) || numbered && lines.next().is_some_and(time);
    (vtt || srt).then_some("a file of subtitles (SRT or VTT)")
}

/// A chat between people as WhatsApp writes it: each line begins with a date and a time.
fn people(text: &str) -> Option<&'static str> {
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let first = is_stamped(lines.next()?);
    let next: Vec<bool> = lines.take(RECORDS).map(is_stamped).collect();
    let more = next.iter().filter(|stamped| **stamped).count();
    (first && (next.is_empty() || more > 0)).then_some("a chat of WhatsApp")
}

/// Does the line begin like `[11/03/25, 10:32:01] Anna: …` or `11.03.25, 10:32 - Anna: …`?
fn is_stamped(line: &str) -> bool {
    let line = line.trim_start_matches(['\u{200e}', '\u{200f}', '\u{feff}']);
    let stamp = match line.strip_prefix('[') {
        Some(rest) => rest.split_once(']').map(|(stamp, _)| stamp),
        None => line.split_once(" - ").map(|(stamp, _)| stamp),
    };
    let Some((date, time)) = stamp.and_then(|stamp| stamp.trim().split_once([',', ' '])) else { return false };
    let numbers = |text: &str, signs: &[char]| -> Vec<usize> {
        text.split(signs)
            .map(|part| if part.bytes().all(|byte| byte.is_ascii_digit()) { part.len() } else { 0 })
            .collect()
    };
    let time = time.trim().split([' ', '\u{202f}', '\u{a0}']).next().unwrap_or_default();
    let (date, time) = (numbers(date, &['.', '/', '-']), numbers(time, &[':', '.']));
    let (dated, timed) =
        (date.iter().filter(|length| (1..=4).contains(*length)), time.iter().filter(|length| **length > 0));
    date.len() == 3 && dated.count() == 3 && matches!(time.len(), 2 | 3) && timed.count() == time.len()
}

/// A table, and of what product if its columns say so.
fn table(text: &str, whole: bool) -> Option<String> {
    if text.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("sep=")) {
        return Some("a table (CSV)".to_owned());
    }
    let names = [(',', "CSV"), (';', "CSV"), ('\t', "TSV")].into_iter();
    let (header, kind) = names.filter_map(|(sign, kind)| columns(text, sign, whole).zip(Some(kind))).next()?;
    let has = |names: &[&str]| names.iter().all(|name| header.iter().any(|found| found == name));
    Some(match () {
        () if has(&["conversation", "time", "author", "message"]) => {
            format!("a table ({kind}) of Microsoft Copilot")
        }
        () if has(&["messagecontent", "author"]) => format!("a table ({kind}) of Microsoft 365 Copilot"),
        () if has(&["bot"]) || has(&["botname"]) => format!("a table ({kind}), perhaps of Poe"),
        () => format!("a table ({kind})"),
    })
}

/// The names of the columns, if it is a table whose cells are parted by `sign`: each record has as many cells as the
/// first, which holds short names and is no sentence. Known names are believed sooner.
fn columns(text: &str, sign: char, whole: bool) -> Option<Vec<String>> {
    let mut records = records(text, sign);
    if !whole && records.len() <= RECORDS {
        records.pop();
    }
    let (header, rows) = records.split_first()?;
    let name = |cell: &String| {
        let fits =
            !cell.is_empty() && cell.trim() == cell && !cell.contains('\n') && cell.chars().count() <= LONGEST_NAME;
        fits && !cell.ends_with(['.', '?', '!', ':'])
    };
    let mut names: Vec<String> = header.iter().map(|cell| cell.to_lowercase().replace([' ', '_', '-'], "")).collect();
    if header.len() < 2 || rows.is_empty() || !header.iter().all(name) {
        return None;
    }
    let known = names.iter().filter(|name| COLUMNS.split_whitespace().any(|column| column == *name)).count();
    names.sort();
    names.dedup();
    let same = rows.iter().filter(|row| row.len() == header.len()).count();
    let believed = known >= 2 && same * 2 >= rows.len() || header.len() >= 3 && same * 10 >= rows.len() * 9;
    (believed && names.len() == header.len()).then_some(names)
}

/// The first records of a table, blank lines left out; a cell between quotation marks may hold signs and lines.
fn records(text: &str, sign: char) -> Vec<Vec<String>> {
    let (mut records, mut record, mut cell) = (Vec::new(), Vec::new(), String::new());
    let mut quoted = false;
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                cell.push('"');
            }
            '"' if quoted => quoted = false,
            '"' if cell.is_empty() => quoted = true,
            '\r' if !quoted && letters.peek() == Some(&'\n') => {}
            '\n' if !quoted => {
                record.push(std::mem::take(&mut cell));
                let whole = std::mem::take(&mut record);
                if whole.iter().any(|cell| !cell.trim().is_empty()) {
                    records.push(whole);
                }
                if records.len() > RECORDS {
                    return records;
                }
            }
            _ if letter == sign && !quoted => record.push(std::mem::take(&mut cell)),
            _ => cell.push(letter),
        }
    }
    record.push(cell);
    if record.iter().any(|cell| !cell.trim().is_empty()) {
        records.push(record);
    }
    records
}
