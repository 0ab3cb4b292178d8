//! Text that wants to be more than text.

use std::time::{Duration, Instant};

use service::{
    entity::message::{PartKind, Role},
    rendering::Renderer,
};
use tests::rendering::{corpus, part};

use super::{answer, words};

#[test]
fn html_in_a_message_is_shown_as_it_was_written() {
    for raw in [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "text <svg onload=alert(1)> text",
        "<div onclick=\"alert(1)\">block</div>",
        "<!-- a comment -->",
    ] {
        assert_eq!(words(&answer(raw)), raw);
    }
    let (_, hostile) = corpus().into_iter().find(|(name, _)| name == "hostile.md").unwrap();
    let shown = words(&answer(&hostile));
    for raw in
        ["<script>alert(1)</script>", "<iframe srcdoc=", "<div onclick=alert(1)>", "<?php x ?>", "<style>@import"]
    {
        assert!(shown.contains(raw), "{raw}: {shown}");
    }
}

#[test]
fn only_web_and_mail_addresses_become_links() {
    for url in ["https://example.org/", "http://example.org/?a=1&b=2", "mailto:a@example.org", "HTTPS://EXAMPLE.ORG/"] {
        let html = answer(&format!("[word]({url})"));
        assert!(html.contains("<a ") && html.contains("rel=\"noopener nofollow noreferrer\""), "{html}");
    }
    for url in [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java&#115;cript:alert(1)",
        "&#1;javascript:alert(1)",
        "<java\tscript:alert(1)>",
        "data:text/html,x",
        "vbscript:x",
        "//example.org",
        "/local",
        "#place",
        "file:///etc/passwd",
    ] {
        let html = answer(&format!("[word]({url})"));
        assert!(!html.contains("<a") && html.contains("word"), "{url}: {html}");
    }
    assert!(answer("[word](javascript:alert(1))").contains("class=\"target\""));
    assert_eq!(words(&answer("[word](javascript:alert(1))")), "word (javascript:alert(1))");
}

#[test]
fn pictures_are_not_fetched() {
    let html = answer("before ![A chart](https://user@tracker.example/p.png?id=1 \"t\") after");
    assert!(!html.contains("<img") && !html.contains("p.png"), "{html}");
    assert_eq!(words(&html), "before Image not loaded: A chart (tracker.example) after");
}

#[test]
fn direction_is_that_of_each_block_and_overrides_do_not_spread() {
    let html = answer("שלום\n\nabc \u{202E}evil");
    assert_eq!(html.matches("<p dir=\"auto\"").count(), 2);
    assert!(html.contains("<span class=\"control\" dir=\"auto\">\u{202E}</span>"), "{html}");
    let html = answer("```js\nif (x) { /*\u{202E} \u{2066}admin*/ }\n```");
    assert_eq!(html.matches("<span class=\"control\"").count(), 2, "{html}");
}

/// Texts that have brought down or stalled readers of Markdown, of about `size` bytes.
fn pathological(size: usize) -> Vec<(&'static str, String)> {
    let of = |piece: &str| piece.repeat(size / piece.len());
    let lists = || (0..size / 40).map(|depth| format!("{}- x\n", "  ".repeat(depth.min(60)))).collect::<String>();
    let backticks = || {
        (1..).map(|n| "`".repeat(n) + " ").scan(0, |sum, run| {
            *sum += run.len();
            (*sum < size).then_some(run)
        })
    };
    vec![
        ("quotes", of(">")),
        ("spaced quotes", of("> ")),
        ("quotes and words", of("> a\n")),
        ("brackets", of("[")),
        ("pictures", of("![")),
        ("bracket pairs", of("[a](")),
        ("stars", of("*")),
        ("stars and words", of("*a ")),
        ("strong and words", of("**a ")),
        ("stars and bars", of("a**b_")),
        ("tildes", of("~~a")),
        ("backticks", backticks().collect()),
        ("code", of("`a` ")),
        ("dollars", of("$")),
        ("dollars and words", of("$a ")),
        ("display", of("$$a")),
        ("opening formulas", of("\\(a")),
        ("opening displays", of("\\[")),
        ("formulas", of("\\[x\\]")),
        ("references", of("&#x")),
        ("tags", of("<a ")),
        ("comments", of("<!--")),
        ("declarations", of("<?a")),
        ("addresses", of("http://")),
        ("addresses and brackets", of("http://a/)))")),
        ("addresses that end in brackets", of(&format!("http://a{} \n", ")".repeat(1_990)))),
        ("formulas full of spaces", of(&format!("$$\nx\n{}x$$ \n\n", " ".repeat(3_900)))),
        ("lists", lists()),
        ("one line of lists", of("- ")),
        ("numbered", of("1. ")),
        ("fences", of("```\n")),
        ("one long line", of("a")),
        ("one long line of code", format!("```js\n{}\n```", of("'a "))),
        ("a wide table", format!("{}\n{}\n{}", of("|a"), of("|-"), "|\n".repeat(100))),
        ("a long table", format!("|a|b|\n|-|-|\n{}", of("|a|b|\n"))),
        ("a table of many missing cells", format!("{}\n{}\n{}", "|a".repeat(500), "|-".repeat(500), of("|\n"))),
        ("definitions", of("[a]: b\n")),
        ("one definition used often", format!("[a]: https://example.org/{}\n\n{}", "x".repeat(size / 4), of("[a] "))),
        ("notes", of("[^1]: a\n\n")),
        ("setext", of("a\n=\n")),
        ("control", of("\u{202E}")),
    ]
}

/// Whatever grows with the square of this much text takes minutes.
#[test]
fn deep_and_endless_structures_end_in_time_and_in_proportion() {
    let renderer = Renderer::new(1);
    let parts = |text: &str| [part(PartKind::Text, text)];
    for ((name, short), (_, long)) in pathological(2_000).into_iter().zip(pathological(40_000)) {
        answer(&short);
        let begin = Instant::now();
        let html = renderer.render(Role::Assistant, &parts(&long)).0.remove(0).html;
        assert!(begin.elapsed() < Duration::from_secs(20), "{name}: {:?}", begin.elapsed());
        assert!(html.len() <= 64 * 1024 + 60 * long.len(), "{name}: {} of {}", html.len(), long.len());
    }
    assert!(words(&answer(&format!("{}deep", ">".repeat(100_000)))).contains("deep"));
    let line = "x".repeat(10_000);
    assert_eq!(words(&answer(&line)), line);
}
