//! Copied and saved pages: turns are found, buttons go, structure stays.

use super::*;
use crate::transcript::{Format, Page, turns};

pub(super) const PAGES: [&str; 4] = [
    include_str!("../../../../tests/src/fixture/page/chatgpt.html"),
    include_str!("../../../../tests/src/fixture/page/claude.html"),
    include_str!("../../../../tests/src/fixture/page/gemini.html"),
    include_str!("../../../../tests/src/fixture/page/ai_studio.html"),
];

use Role::{Assistant, Unknown, User};

pub(super) fn page(html: &str) -> (Page, ParsedConversation) {
    let read = turns(html.as_bytes()).expect("the page is read");
    let Format::Page(page) = read.format else { panic!("no page: {:?}", read.format) };
    (page, read.conversation)
}

/// What an answer of this HTML becomes.
pub(super) fn answer(html: &str) -> String {
    let html = format!("<div data-message-author-role=\"assistant\">{html}</div>");
    let (_, read) = page(&html);
    read.messages[0].parts.iter().find(|part| part.kind == PartKind::Text).unwrap().text.clone().unwrap()
}

#[test]
fn a_page_of_chatgpt_becomes_its_turns() {
    let (found, read) = page(PAGES[0]);
    let roles: Vec<Role> = read.messages.iter().map(|message| message.role).collect();
    assert_eq!((found, roles), (Page::Chatgpt, vec![User, Assistant, User, Assistant]));
    assert_eq!(said(&read)[0].1, "Is *peeking* at a p-value bad?\n  I look   every day.");
    let expected = "### Yes, and here is *why*

Each look is a **new test**; under the null the chance grows like $1-(1-\\alpha)^k$.

$$
\\sum_{i=1}^k p_i
$$

1. Fix the sample size.
   - before you look
   - in writing
2. Or use a [sequential test](https://example.org/sequential).

```python
for look in days:
    if a < b:
        stop()
```

| looks | error |
| --- | --- |
| 1 | `0.05` |
| 10 | 0.19 \\| more |

> Optional stopping is cheating.

In short: a \\* b, snake_case stays, \\_so\\_ does this.

1\\. is no list here.";
    assert_eq!(said(&read)[1].1, expected);
    assert_eq!(
        (read.messages[1].model.as_deref(), read.messages[1].source_id.as_deref()),
        (Some("gpt-5"), Some("m-2"))
    );
    assert_eq!(kinds(&read.messages[2].parts), [PartKind::Text, PartKind::Image]);
    assert_eq!(read.messages[2].parts[1].name.as_deref(), Some("Uploaded image"));
    assert_eq!((read.model.as_deref(), read.title, read.leaf), (Some("gpt-5"), None, Some(3)));
    assert_eq!(read.notes, Vec::<String>::new());
}

#[test]
fn a_saved_page_of_claude_becomes_its_turns_and_keeps_no_account() {
    let (found, read) = page(PAGES[1]);
    assert_eq!((found, read.title.as_deref()), (Page::Claude, Some("Sourdough timing")));
    let expected = [
        (User, "How long does it rise?\n\nIt is cold here.".to_owned()),
        (Assistant, "Cold dough is slow.|About **twelve hours** at 18 °C.\n\n```yaml\nrise: 12h\n```".to_owned()),
        (User, "Thanks.".to_owned()),
        (Assistant, "You are welcome.".to_owned()),
    ];
    assert_eq!(said(&read), expected);
    let parts = &read.messages[1].parts;
    assert_eq!(kinds(parts), [PartKind::Thinking, PartKind::Text, PartKind::Attachment]);
    assert_eq!(parts[2].name.as_deref(), Some("Bread plan"));
    let kept = String::from_utf8(items(PAGES[1]).unwrap().remove(0).raw).unwrap();
    assert!(
        !kept.contains("canary-token") && !kept.contains("color:red") && kept.contains("It is cold here."),
        "{kept}"
    );
    assert!(kept.starts_with("<!DOCTYPE html>") && kept.ends_with("</html>\n"));
}

#[test]
fn a_page_of_gemini_becomes_its_turns() {
    let (found, read) = page(PAGES[2]);
    assert_eq!(found, Page::Gemini);
    let answer = "Rivers of Europe.|The **Danube** and the Rhine, where $v = s/t$.\n\n```python\nprint(\"Danube\")\n```\n\n\
        | river | km |\n| --- | --- |\n| Danube | 2850 |";
    assert_eq!(said(&read), [(User, "Name two rivers.".to_owned()), (Assistant, answer.to_owned())]);
    assert_eq!(kinds(&read.messages[1].parts), [PartKind::Thinking, PartKind::Text]);
}

#[test]
fn a_page_of_ai_studio_becomes_its_turns_and_warns_of_missing_ones() {
    let (found, read) = page(PAGES[3]);
    assert_eq!(found, Page::AiStudio);
    let answer = "Five, seven, five.|Old pond,  \na frog jumps in.";
    assert_eq!(said(&read), [(User, "Make a haiku.".to_owned()), (Assistant, answer.to_owned())]);
    assert!(read.notes[0].contains("only the turns on the screen"), "{:?}", read.notes);
}

#[test]
fn any_other_page_is_read_line_by_line() {
    let (found, read) = page("<div><p>User: Hi there</p><p>Assistant: Hello,<br>you</p><script>x()</script></div>");
    assert_eq!(found, Page::Other);
    assert_eq!(said(&read), [(User, "Hi there".to_owned()), (Assistant, "Hello,\nyou".to_owned())]);
    let (_, read) =
        page("<meta charset='utf-8'><h2>A *title*</h2><ul><li>one</li><li>two</li></ul><button>Press</button>");
    assert_eq!(said(&read), [(Unknown, "A *title*\n- one\n- two".to_owned())]);
    assert!(read.notes[0].contains("say who speaks"), "{:?}", read.notes);
    let empty = items("<html><body><script>only()</script></body></html>").unwrap().remove(0);
    assert_eq!(
        (empty.outcome.unwrap_err().reason, empty.raw),
        ("it has no messages".to_owned(), b"<html><body></body></html>".to_vec())
    );
}

#[test]
fn markup_becomes_markdown_that_says_the_same() {
    for (html, markdown) in [
        ("<p>a <b> b </b>c</p>", "a **b** c"),
        ("<p><b></b>x<i> </i>y</p>", "x y"),
        ("<p>a<b> b</b><i>c </i><a href=\"https://example.org\"> d</a></p>", "a **b***c* [d](https://example.org)"),
        ("<b><p>one</p><p>two</p></b>", "one\n\ntwo"),
        ("<p>a<br>b</p>", "a  \nb"),
        ("<p>one</p><p>two</p>", "one\n\ntwo"),
        ("<p>1 &lt; 2 &amp; <code>a`b</code></p>", "1 < 2 & ``a`b``"),
        ("<p>&lt;script&gt;</p>", "\\<script>"),
        ("<p># no title</p>", "\\# no title"),
        ("<pre><code>a\n```\nb</code></pre>", "````\na\n```\nb\n````"),
        (
            "<ul><li>a<ol start=\"3\"><li>b</li><li><p>c</p><p>d</p></li></ol></li></ul>",
            "- a\n  3. b\n  4. c\n\n     d",
        ),
        ("<a href=\"javascript:alert(1)\">x</a>", "x"),
        ("<a href=\"https://example.org/\">a [b]</a>", "[a [b]](https://example.org/)"),
        ("<p>seen<span style=\"display: none\">unseen</span><span hidden>unseen</span></p>", "seen"),
        ("<p>日本 <b>語</b> مرحبا 👩‍👩‍👧</p>", "日本 **語** مرحبا 👩‍👩‍👧"),
        ("x<svg><title>no</title></svg><style>p{}</style>", "x"),
    ] {
        assert_eq!(answer(html), markdown, "{html}");
    }
}

#[test]
fn words_that_begin_with_a_bracket_are_still_text() {
    for text in ["<user> said this", "<|user|>\nHi\n<|assistant|>\nHo", "<3 you", "<Vec<u8>> is a type", "< p >"] {
        assert_eq!(turns(text.as_bytes()).unwrap().format, Format::Text, "{text}");
    }
}

#[test]
fn a_link_alone_is_answered_with_what_to_do() {
    for link in ["https://chatgpt.com/share/67f1-aa", " https://claude.ai/share/1\n", "g.co/gemini/share/x"] {
        let (code, detail) = refused(link);
        assert_eq!(
            (code, detail.as_str()),
            ("share_link", "We do not fetch links. Open it, select all, copy, paste here.")
        );
    }
    assert_eq!(said(&one("See https://chatgpt.com/share/67f1-aa")).len(), 1);
}

#[test]
fn an_export_is_nothing_to_say_who_speaks_of() {
    let export = include_bytes!("../../../../examples/claude.json");
    assert_eq!(turns(export).unwrap_err().code, "unknown_format");
    assert_eq!(turns(b" ").unwrap_err().code, "empty");
    let chat = "<html><script>var jsonData = [{\"title\":\"x\"}]</script></html>";
    assert_eq!(turns(chat.as_bytes()).unwrap_err().code, "account_file");
}

#[test]
fn hostile_pages_are_read_or_refused_in_bounded_time() {
    let begun = std::time::Instant::now();
    let turn = "<div data-message-author-role=\"user\">";
    let cases = [
        format!("{turn}{}x", "<div>".repeat(20_000)),
        format!("{turn}{}x{}", "<b>".repeat(20_000), "</b>".repeat(20_000)),
        format!("{turn}{}x", "<ul><li>".repeat(10_000)),
        format!("{turn}{}x", "<blockquote>".repeat(10_000)),
        format!("{turn}x{}", "</div>".repeat(200_000)),
        format!("{turn}<p class=\"{}\">x", "a".repeat(2_000_000)),
        format!("{turn}x<p {}>", "a=b ".repeat(2_000)),
        format!("{turn}x{}", "<font color=a><p>".repeat(5_000)),
        format!("{turn}x{}", "<table><tr><td>".repeat(5_000)),
        format!("<p>x{}", "<script".repeat(100_000)),
        turn.repeat(10_000),
        format!("{turn}x{}", "&amp".repeat(200_000)),
        format!("{turn}x<!--{}", "-".repeat(500_000)),
    ];
    for html in &cases {
        let read = items(html);
        let words = read.iter().flatten().filter_map(|item| item.outcome.as_ref().ok()).map(|read| read.messages.len());
        assert!(read.is_err() || words.sum::<usize>() <= 20_000);
    }
    assert!(begun.elapsed() < std::time::Duration::from_secs(60), "{:?}", begun.elapsed());
}

#[test]
fn a_formula_without_its_tex_is_read_from_what_is_shown() {
    let shown = |inside: &str| {
        let math = format!(
            "<math xmlns=\"http://www.w3.org/1998/Math/MathML\"><semantics><mrow>{inside}</mrow></semantics></math>"
        );
        let html = "<span class=\"katex-html\" aria-hidden=\"true\"><span>as drawn</span></span>";
        answer(&format!("<p><span class=\"katex\"><span class=\"katex-mathml\">{math}</span>{html}</span></p>"))
    };
    let formulas = [
        ("<mfrac><mrow><mi>d</mi><mi>y</mi></mrow><mn>2</mn></mfrac>", "\\frac{dy}{2}"),
        ("<msqrt><mi>x</mi></msqrt><mo>+</mo><mroot><mi>y</mi><mn>3</mn></mroot>", "\\sqrt{x}+\\sqrt[3]{y}"),
        ("<mi>sin</mi><mo>⁡</mo><mi>θ</mi><mi>x</mi>", "\\sin\\theta x"),
        ("<mi>sin</mi><mi>x</mi><mo>−</mo><mn>12.5</mn>", "\\sin x-12.5"),
        ("<msubsup><mi>x</mi><mi>i</mi><mn>2</mn></msubsup><mi>y</mi>", "x_i^2 y"),
        ("<msup><mi>e</mi><mrow><mo>−</mo><mi>t</mi></mrow></msup>", "e^{-t}"),
        ("<msup><mi>f</mi><mo>′</mo></msup><mo>-</mo><mo>*</mo>", "f'-*"),
        ("<mover accent=\"true\"><mi>x</mi><mo>ˉ</mo></mover>", "\\bar{x}"),
        (
            "<munder><mi>lim</mi><mrow><mi>n</mi><mo>→</mo><mi mathvariant=\"normal\">∞</mi></mrow></munder>",
            "\\lim_{n\\to\\infty}",
        ),
        ("<mo>{</mo><mi>x</mi><mo>∈</mo><mi mathvariant=\"double-struck\">ℝ</mi><mo>}</mo>", "\\{x\\in\\mathbb{R}\\}"),
        (
            "<mi mathvariant=\"normal\">d</mi><mi>foo</mi><mtext> if 5% </mtext>",
            "\\mathrm{d}\\mathrm{foo}\\text{ if 5\\% }",
        ),
        (
            "<mtable><mtr><mtd><mn>1</mn></mtd><mtd><mn>0</mn></mtd></mtr><mtr><mtd><mn>0</mn></mtd><mtd><mn>1</mn></mtd></mtr></mtable>",
            "\\begin{matrix} 1 & 0 \\\\ 0 & 1 \\end{matrix}",
        ),
        ("", "as drawn"),
    ];
    for (mathml, tex) in formulas {
        assert_eq!(shown(mathml), format!("${tex}$"), "{mathml}");
    }
}

#[test]
fn a_page_is_known_whatever_stands_first_on_it() {
    let turns =
        "<div data-message-author-role=\"user\">Why?</div><div data-message-author-role=\"assistant\">So.</div>";
    for first in ["<nav aria-label=\"Chats\">Chats</nav>", "<button>x</button>", "<chat-app><side-nav/>", "<svg></svg>"]
    {
        assert_eq!(page(&format!("{first}{turns}")).0, Page::Chatgpt, "{first}");
    }
    for text in ["<thinking>Let me see.</thinking>", "<user>Why?</user>", "< nav is no name", "<-a->"] {
        assert!(turns_are_text(text), "{text}");
    }
}

fn turns_are_text(text: &str) -> bool {
    turns(text.as_bytes()).is_ok_and(|read| !matches!(read.format, Format::Page(_)))
}
