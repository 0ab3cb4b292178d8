//! Where rendered text comes from.

use proptest::{collection::vec, prelude::*, sample::select};
use service::rendering::{Renderer, SourceMap};
use tests::rendering::{FRAGMENTS, Generator, check, corpus};

use super::parsed;

/// The source of the first place where `words` are shown, and the source that they are said to come from.
#[track_caller]
fn source_of(text: &str, words: &str) -> String {
    let wanted: Vec<char> = words.chars().collect();
    let source: Vec<char> = text.chars().collect();
    for block in parsed(text) {
        let shown: Vec<char> = block.text.iter().map(|(c, _)| *c).collect();
        if let Some(at) = shown.windows(wanted.len()).position(|window| window == wanted) {
            let (start, end) = (block.text[at].1.start, block.text[at + wanted.len() - 1].1.end);
            return source[start..end].iter().collect();
        }
    }
    panic!("{words:?} is not shown of {text:?}");
}

/// The sources of what is shown as a whole.
#[track_caller]
fn atoms(text: &str) -> Vec<String> {
    let source: Vec<char> = text.chars().collect();
    parsed(text).into_iter().flat_map(|block| block.atoms).map(|(_, range)| source[range].iter().collect()).collect()
}

#[test]
fn words_are_found_where_they_were_written() {
    let cases = [
        ("plain words", "words", "words"),
        ("é漢字 **bold** 😀 end", "bold", "bold"),
        ("é漢字 **bold** 😀 end", "字 bold 😀", "字 **bold** 😀"),
        (r"a \*b\* c", "a *b* c", r"a \*b\* c"),
        ("Tom &amp; Jerry", "Tom & J", "Tom &amp; J"),
        ("[text *in* link](https://example.org) after", "in link", "in* link"),
        ("[text](https://example.org) after", "after", "after"),
        ("one\ntwo", "one\ntwo", "one\ntwo"),
        ("one  \ntwo", "two", "two"),
        ("one\\\ntwo", "two", "two"),
        ("> one\n> two", "e\nt", "e\n> t"),
        ("- a\n  - nested item", "nested", "nested"),
        ("# Heading *x* #", "Heading x", "Heading *x"),
        ("| a | b |\n|---|---|\n| one | t\\|w |", "t|w", "t\\|w"),
        ("use `a b` now", "a b", "a b"),
        ("> use `a\n> b` now", "a b", "a\n> b"),
        ("```rust\nfn f() {}\n```", "fn f() {}", "fn f() {}"),
        ("- x\n\n  ```\n  let a;\n  let b;\n  ```", "a;\nlet", "a;\n  let"),
        ("    indented\n    code", "indented\ncode", "indented\n    code"),
        ("\r\none\r\ntwo", "two", "two"),
        ("e\u{301} n\u{303} שלום", "n\u{303} ש", "n\u{303} ש"),
        ("<b>raw</b> html", "<b>raw", "<b>raw"),
        ("see https://example.org/a_b.", "https://example.org/a_b", "https://example.org/a_b"),
        ("~~gone~~ here", "gone here", "gone~~ here"),
    ];
    for (text, words, expected) in cases {
        assert_eq!(source_of(text, words), expected, "{text:?}");
    }
}

#[test]
fn a_formula_a_picture_and_a_box_stand_for_their_source_as_a_whole() {
    assert_eq!(atoms(r"so \(a_1*b*c\) and $x$."), [r"\(a_1*b*c\)", "$x$"]);
    assert_eq!(atoms("\\[\na\n- b\n= c\n\\]"), ["\\[\na\n- b\n= c\n\\]"]);
    assert_eq!(atoms("> $$\n> x\n> $$"), ["$$\n> x\n> $$"]);
    assert_eq!(atoms("a ![b](https://example.org/c.png) d"), ["![b](https://example.org/c.png)"]);
    assert_eq!(atoms("- [x] done"), ["[x]"]);
    assert_eq!(atoms("a[^1]\n\n[^1]: b"), ["[^1]"]);
    assert_eq!(atoms("[a](javascript:x) b"), ["](javascript:x)"]);
}

#[test]
fn a_map_says_what_it_was_given() {
    let map = SourceMap::parse("120 5:127 9:133+5 10:138").unwrap();
    let sources = [0, 4, 5, 8, 9, 10, 11].map(|at| map.source_of(at).unwrap());
    assert_eq!(sources, [120..121, 124..125, 127..128, 130..131, 133..138, 138..139, 139..140]);
    assert_eq!(map.source_range(3..10), Some(123..138));
    assert_eq!(map.source_range(3..3), None);
    for wrong in ["", "x", "1:2", "0 0:1", "5 3:1 2:1", "-1", "1+"] {
        assert_eq!(SourceMap::parse(wrong), None, "{wrong}");
    }
}

#[test]
fn documents_and_texts_from_seeds_keep_their_places_and_run_nothing() {
    let (renderer, corpus) = (Renderer::new(1), corpus());
    assert_eq!(corpus.len(), 5);
    for (name, text) in &corpus {
        check(&renderer, text).unwrap_or_else(|reason| panic!("{name}: {reason}"));
    }
    let mut generator = Generator::new(7);
    for _ in 0..150 {
        let text = generator.text(&corpus);
        check(&renderer, &text).unwrap_or_else(|reason| panic!("{text:?}: {reason}"));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_written_keeps_its_place_and_runs_nothing(pieces in vec(select(FRAGMENTS), 0..40)) {
        let checked = check(&Renderer::new(1), &pieces.concat());
        prop_assert!(checked.is_ok(), "{}", checked.unwrap_err());
    }

    #[test]
    fn any_characters_keep_their_place_and_run_nothing(text in any::<String>()) {
        let checked = check(&Renderer::new(1), &text);
        prop_assert!(checked.is_ok(), "{}", checked.unwrap_err());
    }
}
