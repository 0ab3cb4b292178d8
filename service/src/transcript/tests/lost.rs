//! Ten thousand random pages: each word that one sees on a page is stored, or counted in a note.

use std::{collections::HashSet, fmt::Write as _};

use crate::transcript::turns;

/// Throws dice, the same ones for the same seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(sides).unwrap()).unwrap()
    }

    fn one_in(&mut self, sides: usize) -> bool {
        self.below(sides) == 0
    }
}

/// How messages are marked: the beginning and the end of one of each side.
const SITES: [[&str; 4]; 8] = [
    ["<div data-message-author-role=\"user\">", "</div>", "<div data-message-author-role=\"assistant\">", "</div>"],
    [
        "<div data-turn-key=\"k\"><div data-chatgpt-search-unit-key=\"t:user\"><div data-user-message-bubble=\"true\">",
        "</div></div></div>",
        "<div data-chatgpt-search-unit-key=\"t:assistant\"><h4 class=\"sr-only\">ChatGPT said:</h4><div>",
        "</div></div>",
    ],
    ["<div data-testid=\"user-message\">", "</div>", "<div class=\"font-claude-response\">", "</div>"],
    ["<user-query>", "</user-query>", "<model-response><message-content>", "</message-content></model-response>"],
    [
        "<ms-chat-turn><div data-turn-role=\"User\">",
        "</div></ms-chat-turn>",
        "<ms-chat-turn><div data-turn-role=\"Model\">",
        "</div></ms-chat-turn>",
    ],
    ["<section data-role=\"user\">", "</section>", "<section data-role=\"assistant\">", "</section>"],
    ["<h5 class=\"sr-only\">You said:</h5><div>", "</div>", "<h6 class=\"sr-only\">Model said:</h6><div>", "</div>"],
    ["<div class=\"q7\">", "</div>", "<div class=\"r8\">", "</div>"],
];

/// A page under way.
struct Page {
    html: String,
    /// Words that one sees.
    seen: usize,
    /// All words so far.
    words: usize,
    dice: Dice,
}

impl Page {
    fn open(&mut self, html: &str) {
        self.html.push_str(html);
    }

    /// Some words; `seen` if one sees them.
    fn say(&mut self, count: usize, seen: bool) {
        for _ in 0..count {
            self.words += 1;
            let sign = if seen { 'w' } else { 'u' };
            write!(self.html, "{sign}{}x ", self.words).unwrap();
        }
        self.seen += if seen { count } else { 0 };
    }

    /// Something within a message, or beside it.
    fn block(&mut self, depth: usize) {
        let count = 1 + self.dice.below(6);
        let (before, after) = [
            ("<p>", "</p>"),
            ("<p>a <b>", "</b></p>"),
            ("<h3>", "</h3>"),
            ("<ul><li>", "</li></ul>"),
            ("<ol><li><p>", "</p></li></ol>"),
            ("<blockquote>", "</blockquote>"),
            ("<pre><code class=\"language-rust\">", "</code></pre>"),
            ("<pre><span>python </span><code>", "</code></pre>"),
            ("<table><tr><th>", "</th></tr></table>"),
            ("<table><caption>", "</caption></table>"),
            ("<details><summary>", "</summary></details>"),
            ("<span>", "</span>"),
            ("<my-card><div>", "</div></my-card>"),
            ("<a href=\"https://example.org/x\">", "</a>"),
            ("<em>", "</em><br>"),
            ("<dl><dt>", "</dt></dl>"),
            ("<figure><img alt=\"A plot\" src=\"x\"><figcaption>", "</figcaption></figure>"),
            ("<aside>", "</aside>"),
            ("<div role=\"button\"><i>", "</i><img alt=\"Uploaded image\" src=\"x\"></div>"),
            ("<button>", "</button>"),
            ("<nav>", "</nav>"),
            ("<span class=\"sr-only\">", "</span>"),
            ("<div style=\"display:none\">", "</div>"),
            ("<p hidden>", "</p>"),
        ][self.dice.below(24)];
        let unseen =
            ["button", "role=", "<nav", "sr-only", "display:none", " hidden"].iter().any(|sign| before.contains(sign));
        self.seen += usize::from(before.starts_with("<p>a ")) + usize::from(before.contains("python"));
        self.open(before);
        self.say(count, !unseen);
        if depth > 0 && !unseen && self.dice.one_in(3) {
            self.open("<div>");
            self.block(depth - 1);
            self.open("</div>");
        }
        self.open(after);
    }

    /// Something beside the messages: a panel, a label, an element that nobody knows.
    fn beside(&mut self) {
        let (before, after) = [
            ("<div class=\"activity\">", "</div>"),
            ("<section class=\"report\">", "</section>"),
            ("<immersive-panel>", "</immersive-panel>"),
            ("<footer>", "</footer>"),
            ("<x-panel><div>", "</div></x-panel>"),
            ("<h4 class=\"y\">", "</h4>"),
        ][self.dice.below(6)];
        self.open(before);
        for _ in 0..=self.dice.below(4) {
            self.block(1);
        }
        self.open(after);
    }

    fn message(&mut self, [before, after]: [&str; 2]) {
        // A site that changed its page marks some messages no longer.
        let marked = !self.dice.one_in(12);
        self.open(if marked { before } else { "<div class=\"new\">" });
        for _ in 0..=self.dice.below(4) {
            self.block(2);
        }
        self.open(if marked { after } else { "</div>" });
    }

    fn of(seed: u64) -> Self {
        let dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        let mut page = Self { html: String::new(), seen: 0, words: 0, dice };
        let [user, user_end, model, model_end] = SITES[page.dice.below(SITES.len())];
        page.open("<html><body><main><div>");
        for _ in 0..=page.dice.below(2) {
            if page.dice.one_in(3) {
                page.beside();
            }
            page.message([user, user_end]);
            if page.dice.one_in(4) {
                page.beside();
            }
            if !page.dice.one_in(8) {
                page.message([model, model_end]);
            }
        }
        page.open("</div>");
        if page.dice.one_in(3) {
            page.beside();
        }
        page.open("</main></body></html>");
        page
    }
}

/// The words in a text that the generator made.
fn made(text: &str, into: &mut Vec<String>) {
    let words = text.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| {
        let inner = word.strip_prefix('w').and_then(|word| word.strip_suffix('x'));
        inner.is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
    });
    into.extend(words.map(str::to_owned));
}

/// Words that a note says are left out.
fn counted(note: &str) -> usize {
    let left = ["were left out", "was left out", "could not be kept"].iter().any(|sign| note.contains(sign));
    note.split(' ')
        .next()
        .filter(|_| left && note.contains(" word"))
        .and_then(|count| count.parse().ok())
        .unwrap_or_default()
}

#[test]
fn no_word_of_ten_thousand_pages_is_lost_without_being_counted() {
    let begun = std::time::Instant::now();
    let (mut noted, mut lost) = (0, Vec::new());
    for seed in 1..=10_000 {
        let page = Page::of(seed);
        let mut wanted = Vec::new();
        made(&page.html, &mut wanted);
        let read = match turns(page.html.as_bytes()) {
            Ok(read) => read.conversation,
            Err(error) => {
                assert!(wanted.is_empty(), "{seed}: {error}: {}", page.html);
                continue;
            }
        };
        let mut stored = Vec::new();
        for part in read.messages.iter().flat_map(|message| &message.parts) {
            [&part.text, &part.name].into_iter().flatten().for_each(|text| made(text, &mut stored));
        }
        read.title.iter().for_each(|text| made(text, &mut stored));
        let stored: HashSet<String> = stored.into_iter().collect();
        let missing: Vec<&String> = wanted.iter().filter(|word| !stored.contains(*word)).collect();
        let said: usize = read.notes.iter().map(|note| counted(note)).sum();
        if missing.len() > said || said > page.seen {
            lost.push(format!("{seed}: {missing:?} missing, {said} counted: {:?}\n{}", read.notes, page.html));
        }
        noted += usize::from(said > 0);
    }
    assert!(lost.is_empty(), "{} pages:\n{}", lost.len(), lost.iter().take(4).cloned().collect::<Vec<_>>().join("\n"));
    assert!(noted > 1_000, "{noted} pages had a note");
    assert!(begun.elapsed() < std::time::Duration::from_secs(120), "{:?}", begun.elapsed());
}
