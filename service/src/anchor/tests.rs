use entity::message::{Part, PartKind};
use proptest::prelude::*;

use super::{Span, Words, place, words};

fn part(kind: PartKind, text: &str) -> Part {
    Part { kind, text: Some(text.to_owned()), lang: None, name: None, data: None }
}

fn text(text: &str) -> Vec<Part> {
    vec![part(PartKind::Text, text)]
}

/// What stands in a range of one text.
fn at(all: &[Part], start: i32, stop: i32) -> Words {
    words(all, Span { part: 0, start, stop }).unwrap()
}

fn span(part: i32, start: i32, stop: i32) -> Option<Span> {
    Some(Span { part, start, stop })
}

#[test]
fn offsets_count_scalar_values_in_every_writing() {
    // The same cases stand in `tests/it/v1/annotation.rs`, as a browser and Python count them.
    let cases = [
        ("a 👩‍👩‍👧 family", 2, 7, "👩‍👩‍👧"),
        ("flags 🇦🇹🇩🇪", 8, 10, "🇩🇪"),
        ("漢字かな交じり文", 2, 4, "かな"),
        ("cafe\u{301} noir", 0, 5, "cafe\u{301}"),
        ("cafe\u{301} noir", 3, 4, "e"),
        ("קרא את זה", 4, 6, "את"),
        ("fn main() {\n\tprintln!(\"é\");\n}", 23, 24, "é"),
        ("| a | b |\n|---|---|\n| 1 | 𝟚 |", 26, 27, "𝟚"),
        ("so $\\frac{a}{b}$ holds", 3, 16, "$\\frac{a}{b}$"),
        ("line\r\nnext", 4, 7, "\r\nn"),
    ];
    for (whole, start, stop, expected) in cases {
        assert_eq!(at(&text(whole), start, stop).quote, expected, "{whole}");
    }
}

#[test]
fn words_come_with_at_most_32_characters_on_each_side() {
    let whole = format!("{}here{}", "é".repeat(40), "漢".repeat(31));
    let found = at(&text(&whole), 40, 44);
    assert_eq!(found, Words { quote: "here".to_owned(), prefix: "é".repeat(32), suffix: "漢".repeat(31) });
    assert_eq!(at(&text("all"), 0, 3), Words { quote: "all".to_owned(), prefix: String::new(), suffix: String::new() });
}

#[test]
fn a_range_that_is_none_says_what_is_wrong() {
    let all = text("four");
    let flaw = |part, start, stop| words(&all, Span { part, start, stop }).map_err(|(at, flaw)| (at, flaw.code));
    for (start, stop) in [(0, 5), (4, 5), (2, 2), (3, 2), (-1, 2), (0, i32::MIN), (9, 10)] {
        assert_eq!(flaw(0, start, stop), Err(("/end", "out_of_range")), "{start}..{stop}");
    }
    assert_eq!(flaw(1, 0, 1), Err(("/part", "part_unknown")));
    assert_eq!(flaw(-1, 0, 1), Err(("/part", "part_unknown")));
    assert_eq!(flaw(0, 0, i32::MAX), Err(("/end", "too_long")));
}

#[test]
fn context_has_no_number() {
    let all = [part(PartKind::Context, "of mine alone"), part(PartKind::Text, "for all"), part(PartKind::Code, "x")];
    assert_eq!(at(&all, 0, 3).quote, "for");
    assert!(words(&all, Span { part: 2, start: 0, stop: 1 }).is_err());
    let kept = Words { quote: "mine".to_owned(), prefix: "of ".to_owned(), suffix: " alone".to_owned() };
    assert_eq!(place(&all, &kept), None);
}

#[test]
fn words_that_moved_are_found_again() {
    let kept = at(&text("one two three two one"), 4, 7);
    assert_eq!(place(&text("zero, one two three two one"), &kept), span(0, 10, 13));
    let all = [part(PartKind::Text, "👩‍👩‍👧"), part(PartKind::Text, "one two three two one")];
    assert_eq!(place(&all, &kept), span(1, 4, 7));
    // One neighbour changed, the other one tells which it is.
    let kept = at(&text("a heap of sand, one heap of hay"), 2, 6);
    assert_eq!(place(&text("the heap of sand, one heap of hay"), &kept), span(0, 4, 8));
    // Unless each of the two has one.
    assert_eq!(place(&text("the heap of sand, a heap of hay"), &at(&text("a heap of sand"), 2, 6)), None);
}

#[test]
fn looking_for_words_takes_no_longer_where_they_nearly_stand_everywhere() {
    let all = text(&"a".repeat(4 << 20));
    let quote = "a".repeat(5_000);
    for (prefix, suffix) in [("a", "b"), ("b", "a"), ("b", "b"), ("a", "a"), ("", "a"), ("a", "")] {
        let words = Words { quote: quote.clone(), prefix: prefix.to_owned(), suffix: suffix.to_owned() };
        // At the beginning and at the end of the text it is clear which ones are meant.
        let expected = match (prefix, suffix) {
            ("", _) => span(0, 0, 5_000),
            (_, "") => span(0, (4 << 20) - 5_000, 4 << 20),
            _ => None,
        };
        assert_eq!(place(&all, &words), expected, "{prefix:?} {suffix:?}");
    }
}

#[test]
fn words_are_never_put_on_others() {
    let kept = at(&text("a heap of sand"), 2, 6);
    // Gone, changed, there twice, there between others.
    for whole in ["", "a heat of sand", "a heap of sand, a heap of sand", "cheapest", "heap"] {
        assert_eq!(place(&text(whole), &kept), None, "{whole}");
    }
    // Twice as they were, even if one of the two stands where it stood.
    let kept = at(&text("xx yy xx"), 0, 2);
    assert_eq!(place(&text("xx yy xx"), &kept), span(0, 0, 2));
    assert_eq!(place(&[part(PartKind::Text, "xx yy xx"), part(PartKind::Code, "xx yy xx")], &kept), None);
    // A text that was marked as a whole.
    let kept = at(&text("no"), 0, 2);
    assert_eq!(place(&text("no"), &kept), span(0, 0, 2));
    assert_eq!(place(&text("not so"), &kept), None);
}

proptest! {
    #[test]
    fn a_range_is_what_characters_say(whole in "\\PC{1,60}", a in 0_usize..60, b in 0_usize..60) {
        let characters: Vec<char> = whole.chars().collect();
        let (start, stop) = (a.min(b), a.max(b));
        prop_assume!(start < stop && stop <= characters.len());
        let all = text(&whole);
        let found = at(&all, i32::try_from(start).unwrap(), i32::try_from(stop).unwrap());
        let expected: String = characters.get(start..stop).unwrap().iter().collect();
        prop_assert_eq!(&found.quote, &expected);
        let around = [found.prefix, found.quote, found.suffix].concat();
        prop_assert!(whole.contains(&around));
    }

    #[test]
    fn what_is_placed_again_is_the_same_words(
        whole in "[abé ]{1,40}", before in "[abé ]{0,8}", a in 0_usize..40, b in 0_usize..40,
    ) {
        let (start, stop) = (a.min(b), a.max(b));
        prop_assume!(start < stop && stop <= whole.chars().count());
        let kept = at(&text(&whole), i32::try_from(start).unwrap(), i32::try_from(stop).unwrap());
        let other = text(&format!("{before}{whole}"));
        if let Some(found) = place(&other, &kept) {
            prop_assert_eq!(words(&other, found).unwrap().quote, kept.quote);
        }
    }
}
