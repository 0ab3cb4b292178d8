//! Mentions in the words of a comment: kept as references, and read under the name by which each reader knows the person.
//!
//! A reference is U+0001 and a letter, `a` for the row of `mention` with place 0. Nobody can type one, since [`Said`] and
//! [`crate::text::Note`] refuse that character; and it is never longer than "@" and a name.
//!
//! [`Said`]: crate::text::Said

use std::collections::HashMap;

/// The most people one comment names: as many as there are letters for them.
pub(crate) const MOST: usize = 20;

/// What begins a reference.
const SIGN: char = '\u{1}';

/// What stands for somebody whose account is gone.
pub(crate) const GONE: &str = "deleted account";

/// A piece of words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Piece<'a, K> {
    /// As they were typed.
    Words(&'a str),
    /// Somebody is named.
    Person(K),
}

/// Cuts words at each "@name" of these people. The longest name that fits counts. People of the same name are dealt out
/// in their order, the last one for all that is left.
pub(crate) fn cut<'a, K: Copy>(words: &'a str, people: &[(K, &str)]) -> Vec<Piece<'a, K>> {
    let mut names: Vec<(&str, Vec<K>)> = Vec::new();
    for (key, name) in people.iter().filter(|(_, name)| !name.is_empty()) {
        match names.iter_mut().find(|(known, _)| known == name) {
            Some((_, keys)) => keys.push(*key),
            None => names.push((*name, vec![*key])),
        }
    }
    names.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
    let mut dealt: HashMap<&str, usize> = HashMap::new();
    let (mut pieces, mut from) = (Vec::new(), 0);
    for (at, _) in words.match_indices('@') {
        let Some(rest) = words.get(at + 1..).filter(|_| at >= from) else { continue };
        let fitting = |(name, _): &&(&str, Vec<K>)| rest.strip_prefix(*name).is_some_and(|rest| is_whole(name, rest));
        let Some((name, keys)) = names.iter().find(fitting) else { continue };
        let next = dealt.entry(name).or_default();
        let Some(key) = keys.get(*next).or(keys.last()) else { continue };
        *next += 1;
        pieces.push(Piece::Words(words.get(from..at).unwrap_or_default()));
        pieces.push(Piece::Person(*key));
        from = at + 1 + name.len();
    }
    pieces.push(Piece::Words(words.get(from..).unwrap_or_default()));
    pieces
}

/// Whether a name ends before `rest`: "@Ben" does not stand in "@Benjamin".
fn is_whole(name: &str, rest: &str) -> bool {
    !(name.chars().next_back().is_some_and(is_letter) && rest.chars().next().is_some_and(is_letter))
}

/// Whether a character goes on with the word before it. Scripts that set no spaces between words, Thai to Myanmar, Khmer,
/// Chinese and Japanese, have no such letters.
pub(crate) fn is_letter(c: char) -> bool {
    let unspaced = matches!(c, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}'
        | '\u{2e80}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}');
    c.is_alphanumeric() && !unspaced
}

/// The reference to the person with this place.
pub(crate) fn reference(place: i32) -> Option<[char; 2]> {
    let offset = u8::try_from(place).ok().filter(|place| usize::from(*place) < MOST)?;
    Some([SIGN, char::from(b'a' + offset)])
}

/// Cuts kept words at their references.
pub(crate) fn references(kept: &str) -> Vec<Piece<'_, i32>> {
    let mut parts = kept.split(SIGN);
    let mut pieces: Vec<_> = parts.next().map(Piece::Words).into_iter().collect();
    for part in parts {
        let letter = part.bytes().next().unwrap_or(b'a');
        pieces.push(Piece::Person(i32::from(letter) - i32::from(b'a')));
        pieces.push(Piece::Words(part.get(1..).unwrap_or_default()));
    }
    pieces
}

/// Kept words as somebody reads them who knows the people by these names.
pub(crate) fn worded<'a>(kept: &str, name: impl Fn(i32) -> Option<&'a str>) -> String {
    let mut words = String::with_capacity(kept.len());
    for piece in references(kept) {
        match piece {
            Piece::Words(text) => words.push_str(text),
            Piece::Person(place) => {
                words.push('@');
                words.push_str(name(place).unwrap_or(GONE));
            }
        }
    }
    words
}

/// Words in which each person becomes what `keep` makes of them.
pub(crate) fn kept<K>(pieces: Vec<Piece<'_, K>>, keep: impl Fn(K) -> String) -> String {
    let text = |piece| match piece {
        Piece::Words(text) => String::from(text),
        Piece::Person(key) => keep(key),
    };
    pieces.into_iter().map(text).collect()
}

#[cfg(test)]
mod tests {
    use super::{Piece::*, *};

    fn woven(words: &str, people: &[(i32, &str)]) -> String {
        kept(cut(words, people), |place| reference(place).into_iter().flatten().collect())
    }

    #[test]
    fn a_name_becomes_a_reference_and_is_read_as_another() {
        let kept = woven("Well, @Ben Huber! (@Ben Huber)", &[(0, "Ben Huber")]);
        assert_eq!(kept, "Well, \u{1}a! (\u{1}a)");
        assert_eq!(worded(&kept, |_| Some("Calm Otter 1234")), "Well, @Calm Otter 1234! (@Calm Otter 1234)");
        assert_eq!(worded(&kept, |_| None), "Well, @deleted account! (@deleted account)");
        assert_eq!(worded("no one", |_| None), "no one");
    }

    #[test]
    fn the_longest_name_counts_and_a_longer_word_is_no_name() {
        let both = [(0, "Ben"), (1, "Ben Huber")];
        assert_eq!(
            woven("@Ben Huber, @Ben, @Benjamin, @Ben Hubertus", &both),
            "\u{1}b, \u{1}a, @Benjamin, \u{1}a Hubertus"
        );
        assert_eq!(woven("@Ben's @Ben2 @Ben_", &both), "\u{1}a's @Ben2 \u{1}a_");
        assert_eq!(woven("@王芳你好", &[(0, "王芳")]), "\u{1}a你好");
        assert_eq!(woven("@A.*(b) @Abb @@A.*(b)", &[(3, "A.*(b)")]), "\u{1}d @Abb @\u{1}d");
        assert_eq!(woven("@x@y z", &[(0, "x@y"), (1, "y")]), "\u{1}a z");
        assert_eq!(woven("@ben @BEN", &both), "@ben @BEN");
    }

    #[test]
    fn people_of_one_name_are_dealt_out_in_their_order() {
        assert_eq!(woven("@Ben @Ben @Ben", &[(0, "Ben"), (1, "Ben")]), "\u{1}a \u{1}b \u{1}b");
        assert_eq!(woven("@Ben @Ben @Ben", &[(0, "Ben"), (1, "Ben"), (0, "Ben")]), "\u{1}a \u{1}b \u{1}a");
    }

    #[test]
    fn references_are_found_where_they_stand_and_there_are_twenty() {
        assert_eq!(references("\u{1}aé\u{1}t"), [Words(""), Person(0), Words("é"), Person(19), Words("")]);
        assert_eq!((reference(19), reference(20), reference(-1)), (Some(['\u{1}', 't']), None, None));
    }
}
