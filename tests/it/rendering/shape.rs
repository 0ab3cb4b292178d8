//! What messages look like.

use service::{
    entity::message::{Part, PartKind, Role},
    rendering::{Renderer, summary},
};
use tests::{json, rendering::part};

use super::{answer, said, words};

#[test]
fn headings_stand_below_those_of_the_page_and_skip_none() {
    let html = answer("### A\n\n#### B\n\n# C\n\n### D\n\n# E");
    let levels: Vec<&str> = html.split("<h").skip(1).map(|rest| &rest[..1]).collect();
    assert_eq!(levels, ["3", "4", "3", "4", "3"]);
}

#[test]
fn people_see_the_lines_they_typed_and_models_see_paragraphs() {
    let typed = "one\n\ttwo\n\n# __init__ *a* `b` $c$ <i> &amp;\n1986. d\n- e https://example.org/.";
    let html = said(Role::User, typed);
    assert_eq!(words(&html), typed);
    assert!(html.starts_with("<div class=\"typed\" dir=\"auto\" data-s=\"0\">one\n\ttwo\n"), "{html}");
    assert!(html.contains("<a dir=\"auto\" href=\"https://example.org/\""), "{html}");
    assert!(said(Role::User, "see\n```py\nx = 1\n```").contains("aria-label=\"Code, py\""));
    assert!(said(Role::Unknown, "one\n*two*").contains("one<br>\n<em>two</em>"));
    assert!(answer("one\ntwo").contains("one\ntwo"));
    assert!(answer("| a |\n|---|\n| one<br>two |").contains("one<br>two"));
}

#[test]
fn code_has_its_language_room_to_scroll_and_colours_without_styles() {
    let html = answer("```Python title=\"x\"\ndef f(x): # why\n    return \"a\" + 1\n```");
    assert!(html.contains("<div class=\"code\" data-copy=\"\">"), "{html}");
    assert!(html.contains("<span class=\"code-language\" dir=\"auto\">Python</span>"), "{html}");
    assert!(html.contains("<pre tabindex=\"0\" role=\"group\" aria-label=\"Code, Python\">"), "{html}");
    for (class, word) in [("k", "def"), ("f", "f"), ("c", "# why"), ("s", "\"a\""), ("n", "1")] {
        assert!(html.contains(&format!("<span class=\"hl-{class}\">{word}</span>")), "{class}: {html}");
    }
    assert!(!answer("```nosuchlanguage\ndef f\n```").contains("hl-"));
    assert!(!answer(&format!("```python\ndef {}\n```", "x".repeat(3_000))).contains("hl-"));
}

#[test]
fn formulas_become_mathml_and_what_is_none_stays_as_it_was() {
    for formula in [r"\(a_1 * b_2\)", r"$\frac{1}{2}$", r"$$x^2$$", r"\[\sqrt{x}\]", "\\[\na\n- b\n\\]"] {
        let html = answer(formula);
        assert!(html.contains("<math") && !html.contains("math-source"), "{formula}: {html}");
    }
    assert!(answer("> \\[ x^2\n> + y^2 \\]").contains("<math display=\"block\""));
    assert!(answer("| a |\n|---|\n| $|x|$ |").contains("<math"));
    let html = answer(r"see $\nosuchcommand{x} + 1$ here");
    assert!(html.contains("<mtext>\\nosuchcommand</mtext>") && html.contains("<mn>1</mn>"), "{html}");
    let html = answer(r"see $\frac{x$ here");
    assert!(html.contains("<code class=\"math-source\" dir=\"ltr\">$\\frac{x$</code>"), "{html}");
    for text in ["设$x$为实数", "である$x_1$は", "값$\\alpha$는"] {
        assert_eq!(answer(text).matches("<math").count(), 1, "{text}");
    }
    assert_eq!(words(&answer("从$5到$10元，或$3和$4")), "从$5到$10元，或$3和$4");
    for text in ["It costs $5 and $10.", "US$20, A$30", "$HOME/$PATH and $USER", "20$ or 30$", "from $5 (about 10$)"] {
        assert_eq!(words(&answer(text)), text);
    }
    for code in ["`$x$`", "```\n\\(x\\)\n```", "    $x$", "`` \\(y\\) ``"] {
        assert!(!answer(code).contains("math"), "{code}");
    }
    assert_eq!(words(&answer(r"noted \[1\] and \(see below\)")), "noted [1] and (see below)");
    let deep = format!("${}x{}$", "{".repeat(900), "}".repeat(900));
    assert!(answer(&deep).contains("math-source"));
    assert!(answer(&format!("${}x$", r"\sqrt".repeat(700))).contains("math-source"));
}

#[test]
fn tables_have_room_to_scroll_and_columns_keep_their_side() {
    let html = answer("| a | b |\n|:--|--:|\n| 1 | 2 |");
    assert!(
        html.starts_with("<div class=\"table\" tabindex=\"0\" role=\"group\" aria-label=\"Table\"><table"),
        "{html}"
    );
    assert!(html.contains("<th scope=\"col\" dir=\"auto\" class=\"left\""), "{html}");
    assert!(html.contains("<td dir=\"auto\" class=\"right\""), "{html}");
}

/// The HTML of one part.
fn of(part: Part) -> String {
    Renderer::new(1).render(Role::Assistant, &[part]).0.remove(0).html
}

#[test]
fn each_kind_of_part_says_what_it_is() {
    let bare = |kind| Part { text: None, ..part(kind, "") };
    let call = Part {
        name: Some("search <b>".to_owned()),
        data: Some(json!({ "q": "</script>" })),
        ..bare(PartKind::ToolCall)
    };
    let html = of(call);
    assert!(html.contains("Tool call: search &lt;b&gt;") && html.contains("\"q\": \"&lt;/script&gt;\""), "{html}");
    let picture = Part {
        data: Some(json!({ "width": 640, "height": 480, "asset_pointer": "file://x" })),
        ..bare(PartKind::Image)
    };
    assert_eq!(words(&of(picture)), "Image, not part of the export, 640 × 480");
    let source = |url: &str| Part { data: Some(json!({ "url": url })), ..part(PartKind::Citation, "A page") };
    assert!(of(source("https://example.org/a")).contains("href=\"https://example.org/a\""));
    assert!(!of(source("javascript:alert(1)")).contains("href"));
    assert!(of(part(PartKind::Thinking, "*so*")).contains("<em>so</em>"));
    assert_eq!(words(&of(part(PartKind::Error, "*not*\nfound"))), "Error shown by the platform*not*\nfound");
    assert!(words(&of(Part { data: Some(json!({ "x": [1] })), ..bare(PartKind::Unknown) })).contains("\"x\""));
    assert_eq!(of(bare(PartKind::Text)), "");
}

#[test]
fn hidden_layers_are_summed_up_in_a_line() {
    let recap = Part { data: Some(json!({ "recap": true })), ..part(PartKind::Thinking, "Thought for 1m 12s") };
    let call = part(PartKind::ToolCall, "x");
    let parts = [part(PartKind::Thinking, "hm"), recap, call.clone(), call, part(PartKind::Text, "so")];
    let rendered = Renderer::new(1).render(Role::Assistant, &parts).0;
    assert_eq!(summary(&rendered).as_deref(), Some("Thought 1 min 12 s · 2 tool calls"));
    assert_eq!(summary(&rendered[..1]).as_deref(), Some("Thought"));
    assert_eq!(summary(&rendered[3..]).as_deref(), Some("1 tool call"));
    assert_eq!(summary(&rendered[4..]), None);
}
