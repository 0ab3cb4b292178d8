//! HTML and the Markdown it becomes, along the subjects that turndown (MIT) tests: each row also says the same words when it
//! is rendered again.

use entity::message::{Part, PartKind, Role};
use proptest::{collection::vec, prelude::*, sample::select};

use super::html::answer;
use crate::rendering::Renderer;

/// HTML, and its Markdown.
const CASES: &[(&str, &str)] = &[
    // Text and its escapes.
    ("<p>Lorem ipsum</p>", "Lorem ipsum"),
    ("<p>Lorem</p><p>ipsum</p><p>sit</p>", "Lorem\n\nipsum\n\nsit"),
    ("<p>   much    space   </p>", "much space"),
    ("<p>a &amp; b &lt; c</p>", "a & b < c"),
    ("<p>write &amp;lt; for it</p>", "write \\&lt; for it"),
    ("<p>**not** strong, _not_ em</p>", "\\*\\*not\\*\\* strong, \\_not\\_ em"),
    ("<p>snake_case_name __init__</p>", "snake_case_name \\_\\_init\\_\\_"),
    ("<p># no heading</p><p>#no heading</p><p>####### seven</p>", "\\# no heading\n\n#no heading\n\n####### seven"),
    ("<p>- no item</p><p>+ no item</p><p>-5 and +5</p>", "\\- no item\n\n\\+ no item\n\n-5 and +5"),
    ("<p>1986. A year</p><p>1) one</p><p>3.5 m</p>", "1986\\. A year\n\n1\\) one\n\n3.5 m"),
    ("<p>&gt; no quote</p><p>&gt;none</p>", "\\> no quote\n\n\\>none"),
    ("<p>---</p><p>===</p><p>- - -</p>", "\\---\n\n\\===\n\n\\- - -"),
    ("<p>Title<br>===</p>", "Title  \n\\==="),
    ("<p>a | b<br>--- | ---<br>1 | 2</p>", "a | b  \n\\--- | ---  \n1 | 2"),
    ("<p>[x](y) and [x][y] and [x]: z</p>", "[x\\](y) and [x\\][y] and [x\\]: z"),
    ("<p>a[0] = b[1]</p>", "a[0] = b[1]"),
    ("<p>[^1] and [^1]: note</p>", "[^1] and [^1\\]: note"),
    ("<p>~~no~~ and ~5 to ~6</p>", "\\~\\~no\\~\\~ and \\~5 to \\~6"),
    ("<p>about ~5</p>", "about ~5"),
    ("<p>`no code` and ```</p>", "\\`no code\\` and \\`\\`\\`"),
    ("<p>back\\slash and \\* and C:\\</p>", "back\\slash and \\\\\\* and C:\\\\"),
    ("<p>&lt;script&gt; and &lt;/b&gt; and a&lt;b and 1 &lt; 2</p>", "\\<script> and \\</b> and a\\<b and 1 < 2"),
    ("<p>costs $5 and $10</p>", "costs $5 and $10"),
    ("<p>$x$ as it stands</p>", "\\$x\\$ as it stands"),
    ("<p>Look!<a href=\"https://example.org/\">here</a></p>", "Look\\![here](https://example.org/)"),
    // Emphasis.
    ("<p><em>one</em> <i>two</i> <strong>three</strong> <b>four</b></p>", "*one* *two* **three** **four**"),
    ("<p><del>a</del> <s>b</s> <strike>c</strike></p>", "~~a~~ ~~b~~ ~~c~~"),
    ("<p>wo<b>r</b>d and a<i>b</i></p>", "wo**r**d and a*b*"),
    ("<p>a <b> b </b>c</p>", "a **b** c"),
    ("<p><b></b>x<i> </i>y</p>", "x y"),
    ("<p><b><i>both</i></b></p>", "***both***"),
    ("<p><b>one</b><b>two</b></p>", "**onetwo**"),
    ("<p><b>a <b>b</b></b></p>", "**a b**"),
    ("<p><b>one<br>two</b></p>", "**one  \ntwo**"),
    ("<p><b>Note:</b>text and <b>Note:</b> text</p>", "**Note**:text and **Note:** text"),
    ("<p>so<b>“this”</b>that</p>", "so“**this**”that"),
    ("<p>x<b><code>y</code></b>z</p>", "x`y`z"),
    ("<p><b>注意：</b>文字</p>", "**注意：**文字"),
    ("<p>これは<b>「大切」</b>です。</p>", "これは**「大切」**です。"),
    ("<p><b>강조(중요)</b>입니다</p>", "**강조(중요)**입니다"),
    // Above and below the line.
    ("<p>10<sup>6</sup> m<sup>-2</sup> x<sup>n+1</sup></p>", "10⁶ m⁻² xⁿ⁺¹"),
    ("<p>H<sub>2</sub>O and x<sub>max</sub></p>", "H₂O and xₘₐₓ"),
    ("<p>2<sup>ab</sup> x<sub>AB</sub> y<sup>a, b</sup></p>", "2^ab x_AB y^(a, b)"),
    ("<p>the 4<sup>th</sup></p>", "the 4th"),
    ("<p>so<sup><a href=\"https://example.org/\">1</a></sup></p>", "so[1](https://example.org/)"),
    // Links.
    ("<a href=\"https://example.org\">An anchor</a>", "[An anchor](https://example.org)"),
    ("<a href=\"https://e.org/Set_(m)\">set</a>", "[set](https://e.org/Set_(m))"),
    ("<a href=\"https://e.org/a)b\">odd</a>", "[odd](https://e.org/a%29b)"),
    ("<a href=\"https://e.org/a b&lt;c\">space</a>", "[space](https://e.org/a%20b%3Cc)"),
    ("<a href=\"https://e.org/?a=1&amp;lt;=2\">amp</a>", "[amp](https://e.org/?a=1&amp;lt;=2)"),
    ("<a href=\"https://e.org/\">a [b] c</a>", "[a [b] c](https://e.org/)"),
    ("<a href=\"https://e.org/\">a ] b</a>", "[a &#93; b](https://e.org/)"),
    ("<a href=\"https://e.org/\">see <code>f()</code> <b>now</b></a>", "[see `f()` **now**](https://e.org/)"),
    ("<a href=\"https://e.org/a_b\">https://e.org/a_b</a>", "<https://e.org/a_b>"),
    ("<a href=\"/local\">x</a> <a href=\"javascript:x\">y</a> <a>z</a>", "x y z"),
    ("<a href=\"https://e.org/\"><p>one</p><p>two</p></a>", "one\n\ntwo\n\n<https://e.org/>"),
    ("<p>x<a href=\"https://e.org/\"> y </a>z</p>", "x [y](https://e.org/) z"),
    // Code.
    ("<p><code>x</code> <kbd>Ctrl</kbd> <samp>y</samp> <tt>z</tt></p>", "`x` `Ctrl` `y` `z`"),
    ("<code>a`b</code>", "``a`b``"),
    ("<code>`a`</code>", "`` `a` ``"),
    ("<code>a ``` b</code>", "````a ``` b````"),
    ("<code> a </code>", "`  a  `"),
    ("<code>*a* _b_ [c](d) \\e</code>", "`*a* _b_ [c](d) \\e`"),
    ("<pre><code>def f():\n    pass\n</code></pre>", "```\ndef f():\n    pass\n```"),
    ("<pre><code class=\"language-ruby\">x</code></pre>", "```ruby\nx\n```"),
    ("<pre>a<br>b</pre>", "```\na\nb\n```"),
    ("<pre><code>```\nx\n```</code></pre>", "````\n```\nx\n```\n````"),
    // Headings, rules, quotes.
    ("<h1>One</h1><h2>Two</h2><h6>Six</h6>", "# One\n\n## Two\n\n###### Six"),
    ("<h3>a <em>b</em> <code>c</code></h3>", "### a *b* `c`"),
    ("<h2>one<br>two</h2>", "## one two"),
    ("<h2>About C #</h2>", "## About C \\#"),
    ("<p>a</p><hr><p>b</p>", "a\n\n---\n\nb"),
    ("<p>a<br>b<br><br>c</p>", "a  \nb\n\nc"),
    ("<blockquote>one</blockquote>", "> one"),
    ("<blockquote><p>one</p><p>two</p></blockquote>", "> one\n>\n> two"),
    ("<blockquote>a<blockquote>b</blockquote></blockquote>", "> a\n>\n> > b"),
    ("<blockquote><h2>t</h2><ul><li>a</li></ul></blockquote>", "> ## t\n>\n> - a"),
    // Lists.
    ("<ul><li>a</li><li>b</li></ul>", "- a\n- b"),
    ("<ol><li>a</li><li>b</li></ol>", "1. a\n2. b"),
    ("<ol start=\"42\"><li>a</li></ol>", "42. a"),
    ("<ul><li>a<ul><li>b<ul><li>c</li></ul></li></ul></li><li>d</li></ul>", "- a\n  - b\n    - c\n- d"),
    ("<ul><li>a</li><ul><li>b</li></ul></ul>", "- a\n  - b"),
    ("<ol><li>a<ul><li>b</li></ul></li></ol>", "1. a\n   - b"),
    ("<ul><li><p>a</p><p>b</p></li></ul>", "- a\n\n  b"),
    ("<ul><li>a<pre>x\n\ny</pre></li></ul>", "- a\n\n  ```\n  x\n\n  y\n  ```"),
    ("<ul><li><blockquote>a</blockquote></li></ul>", "- > a"),
    ("<ul><li>a</li></ul><ul><li>b</li></ul>", "- a\n\n* b"),
    ("<ol><li>a</li></ol><ol><li>b</li></ol>", "1. a\n\n1) b"),
    ("<ul><li>- a</li><li>[ ] b</li></ul>", "- \\- a\n- [ \\] b"),
    ("<ul><li><input type=\"checkbox\" checked> a</li><li><input type=\"checkbox\"> b</li></ul>", "- [x] a\n- [ ] b"),
    ("<ul><li><p><input type=\"checkbox\" checked> a</p></li></ul>", "- [x] a"),
    ("<dl><dt>term</dt><dd>what it is</dd></dl>", "term\n\nwhat it is"),
    // Tables.
    (
        "<table><thead><tr><th>a</th><th align=\"right\">b</th></tr></thead><tbody><tr><td>1</td><td>2</td></tr></tbody></table>",
        "| a | b |\n| --- | ---: |\n| 1 | 2 |",
    ),
    ("<table><tr><td>a | b</td><td><code>c|d</code></td></tr></table>", "| a \\| b | `c\\|d` |\n| --- | --- |"),
    ("<table><tr><td>a</td></tr><tr><td>b</td><td>c</td></tr></table>", "| a |  |\n| --- | --- |\n| b | c |"),
    (
        "<table><tr><th colspan=\"2\">a</th></tr><tr><td>b</td><td>c</td></tr></table>",
        "| a |  |\n| --- | --- |\n| b | c |",
    ),
    (
        "<table><tr><td rowspan=\"2\">a</td><td>b</td></tr><tr><td>c</td></tr></table>",
        "| a | b |\n| --- | --- |\n|  | c |",
    ),
    ("<table><tr><td>a<br>b</td><td><p>c</p><p>d</p></td></tr></table>", "| a<br>b | c<br>d |\n| --- | --- |"),
    ("<table><tr><td><ul><li>a</li><li>b</li></ul></td></tr></table>", "| - a<br>- b |\n| --- |"),
    ("<table><caption>T</caption><tr><td>a</td></tr></table>", "T\n\n| a |\n| --- |"),
    ("<table><tr><td><h3>a</h3><pre>x\ny</pre></td></tr></table>", "| a<br>`x`<br>`y` |\n| --- |"),
];

/// What is seen of an answer in Markdown, without spaces.
fn seen(markdown: &str) -> String {
    let part = Part { kind: PartKind::Text, text: Some(markdown.to_owned()), lang: None, name: None, data: None };
    let html = Renderer::new(1).render(Role::Assistant, &[part]).0.remove(0).html;
    visible(&html)
}

/// The words of HTML without those of labels, and without spaces.
fn visible(html: &str) -> String {
    let mut words = String::new();
    for piece in html.split('<') {
        words.push_str(piece.split_once('>').map_or(piece, |(_, words)| words));
    }
    for (name, sign) in [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&nbsp;", " "), ("&amp;", "&")] {
        words = words.replace(name, sign);
    }
    words.split_whitespace().collect()
}

#[test]
fn html_becomes_markdown_that_reads_the_same() {
    for (html, markdown) in CASES {
        assert_eq!(answer(html), *markdown, "{html}");
        let raised = ["<sup>", "<sub>", "checkbox", "<td><ul>", "<p>one</p><p>two</p></a>", "language-ruby"];
        if !raised.iter().any(|one| html.contains(one)) {
            assert_eq!(seen(markdown), visible(html), "{html}");
        }
    }
}

#[test]
fn marks_are_read_as_they_were_shown() {
    for (html, shown) in [
        ("<p><b>注意：</b>文字</p>", "<strong>注意：</strong>文字"),
        ("<p><b>강조(중요)</b>입니다</p>", "<strong>강조(중요)</strong>입니다"),
        ("<p><i>a</i><b>b</b></p>", "<em>a</em><strong>b</strong>"),
        ("<p>wo<b>r</b>d</p>", "wo<strong>r</strong>d"),
        ("<p><b>Note:</b>text</p>", "<strong>Note</strong>:text"),
        ("<p>a<br>b</p>", "a<br>\nb"),
        ("<ul><li><input type=\"checkbox\" checked> a</li></ul>", "aria-label=\"Done\""),
    ] {
        let text = answer(html);
        let part = Part { kind: PartKind::Text, text: Some(text.clone()), lang: None, name: None, data: None };
        let rendered = Renderer::new(1).render(Role::Assistant, &[part]).0.remove(0).html;
        assert!(rendered.contains(shown), "{html}: {text}: {rendered}");
    }
}

#[test]
fn a_formula_stays_one_whatever_stands_beside_it() {
    let katex = |tex: &str| format!("<span data-math=\"{tex}\">drawn</span>");
    for (html, markdown) in [
        (format!("<p>the {} th</p>", katex("n")), "the $n$ th"),
        (format!("<p>the {}th</p>", katex("n")), "the \\(n\\)th"),
        (format!("<p>设{}为</p>", katex("x_1")), "设\\(x_1\\)为"),
        (format!("<table><tr><td>{}</td></tr></table>", katex("|x|")), "| $|x|$ |\n| --- |"),
    ] {
        let text = answer(&html);
        assert_eq!(text, markdown, "{html}");
        let part = Part { kind: PartKind::Text, text: Some(text), lang: None, name: None, data: None };
        let rendered = Renderer::new(1).render(Role::Assistant, &[part]).0.remove(0).html;
        assert!(rendered.contains("<math"), "{rendered}");
    }
}

/// Words that look like Markdown.
const WORDS: &[&str] = &[
    "a",
    "word",
    " ",
    "  ",
    "\n",
    "*",
    "**",
    "_",
    "__x__",
    "~",
    "~~",
    "`",
    "```",
    "#",
    "# x",
    "- ",
    "+ ",
    "1. ",
    "2) ",
    "[",
    "]",
    "](",
    "(y)",
    "[x]",
    "[ ] ",
    "[^1]",
    ": ",
    "!",
    "|",
    "---",
    "===",
    "\\",
    "\\(",
    "\\[x\\]",
    "$",
    "$x$",
    "$$",
    "&amp;lt;",
    "&lt;b&gt;",
    "&amp;",
    "&gt;",
    "注意：",
    "「大」",
    "강조",
    "(중)",
    ".",
    ",",
    "“",
    "”",
    "x_y",
    "5",
    "https://e.org/a_b",
];

/// Elements around words.
const AROUND: &[(&str, &str)] = &[
    ("<p>", "</p>"),
    ("<b>", "</b>"),
    ("<em>", "</em>"),
    ("<del>", "</del>"),
    ("<code>", "</code>"),
    ("<a href=\"https://e.org/(x)\">", "</a>"),
    ("<ul><li>", "</li></ul>"),
    ("<ol><li>", "</li><li>z</li></ol>"),
    ("<blockquote>", "</blockquote>"),
    ("<h2>", "</h2>"),
    ("<pre><code>", "</code></pre>"),
    ("<table><tr><td>", "</td><td>q</td></tr></table>"),
    ("<span>", "</span>"),
    ("<br>", ""),
    ("<div>", "</div>"),
];

/// Words within elements within elements.
fn fragment() -> impl Strategy<Value = String> {
    let leaf = vec(select(WORDS), 1..5).prop_map(|words| words.concat());
    leaf.prop_recursive(4, 24, 4, |inner| {
        (vec(inner, 1..4), select(AROUND)).prop_map(|(inner, (open, close))| format!("{open}{}{close}", inner.concat()))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_the_page_says_is_read_again(pieces in vec(fragment(), 1..4)) {
        let html = pieces.concat();
        let html = format!("<p>x</p>{html}");
        // Numbers of lists and addresses of cards are the page's own; they are compared by what is left without them.
        let markdown = answer(&html);
        let without = |text: String| text.replace("https://e.org/(x)", "").replace(['-', '.', ')'], "").replace(|c: char| c.is_ascii_digit(), "");
        prop_assert_eq!(without(seen(&markdown)), without(visible(&html)), "{} became {}", html, markdown);
    }
}
