//! References in words, and words in place of references.

use super::Person;

/// What begins a reference; typed text cannot hold it.
const SIGN: char = '\u{1}';

/// The words with a reference for each "@name" that exactly one of these people has.
pub(super) fn woven(body: &str, people: &[Person]) -> String {
    let all = people.iter().flat_map(|one| [Some(&one.name), one.made_up.as_ref()].map(|name| (one.place, name)));
    let all: Vec<(i32, &str)> = all.filter_map(|(place, name)| Some((place, name?.as_str()))).collect();
    let mut woven = String::with_capacity(body.len());
    let mut rest = body;
    while let Some((before, after)) = rest.split_once('@') {
        woven.push_str(before);
        let fitting = all.iter().filter(|(_, name)| after.strip_prefix(name).is_some_and(|rest| is_whole(name, rest)));
        let longest = fitting.max_by_key(|(_, name)| name.len()).map(|(_, name)| *name).unwrap_or_default();
        let mut meant = all.iter().filter(|(_, name)| *name == longest).map(|(place, _)| *place);
        let first = meant.next();
        let only = first.filter(|first| meant.all(|other| other == *first)).and_then(letter);
        match only {
            Some(letter) => woven.extend([SIGN, letter]),
            None => {
                woven.push('@');
                woven.push_str(longest);
            }
        }
        rest = after.get(longest.len()..).unwrap_or_default();
    }
    woven.push_str(rest);
    woven
}

fn letter(place: i32) -> Option<char> {
    u8::try_from(place).ok().filter(|place| *place < 20).map(|place| char::from(b'a' + place))
}

/// Whether a name ends before `rest`. Thai to Myanmar, Khmer, Chinese and Japanese set no spaces between words.
fn is_whole(name: &str, rest: &str) -> bool {
    let unspaced = |c: char| {
        matches!(c, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{2e80}'..='\u{9fff}'
            | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
    };
    let goes_on = |c: char| c.is_alphanumeric() && !unspaced(c);
    let last = name.chars().next_back();
    last.is_some_and(|last| !goes_on(last) || !rest.chars().next().is_some_and(goes_on))
}

/// The words with names in place of references: those that others see.
pub(super) fn worded(body: &str, people: &[Person]) -> String {
    let mut parts = body.split(SIGN);
    let mut worded = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let mut chars = part.chars();
        let meant = chars.next();
        let person = people.iter().find(|person| letter(person.place) == meant);
        let name = person.map(|person| match &person.made_up {
            Some(made_up) if person.is_masked => made_up.as_str(),
            _ => person.name.as_str(),
        });
        worded.push('@');
        worded.push_str(name.unwrap_or("deleted account"));
        worded.push_str(chars.as_str());
    }
    worded
}
