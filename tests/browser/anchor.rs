//! Places of marks: the script of the page and the server agree on every character.

use std::ops::Range;

use scraper::Html;
use service::{entity::message::Role, rendering::Renderer};
use tests::{
    Person, TestApp, Value,
    browser::{Browser, Window},
    json,
    rendering::{Block, blocks, corpus, html},
};

use super::reader;

/// What `charactersOf` and a selection that the page makes by itself find out, for every part on the page.
const SCRIPT: &str = r#"
    const { anchorsOf, charactersOf, rangesOf } = await import(arguments[0]);
    // A point of the page by walking through it one character after the other.
    const nodes = (block) => {
        const walker = document.createTreeWalker(block, NodeFilter.SHOW_TEXT), found = [];
        while (walker.nextNode()) {
            const atom = walker.currentNode.parentElement.closest('[data-a]');
            if (!atom) found.push(walker.currentNode);
        }
        return found;
    };
    const point = (block, character) => {
        for (const node of nodes(block)) {
            const all = [...node.data];
            if (character < all.length) return [node, all.slice(0, character).join('').length, all[character].length];
            character -= all.length;
        }
    };
    const text = (range) => {
        const copy = range.cloneContents();
        for (const atom of copy.querySelectorAll('[data-a]')) atom.remove();
        return copy.textContent;
    };
    const selections = (words) => {
        const pieces = [...words.querySelectorAll('[data-s]')].filter((block) => nodes(block).some((n) => n.data));
        const made = [];
        pieces.forEach((block, at) => {
            const length = nodes(block).reduce((sum, node) => sum + [...node.data].length, 0);
            const last = pieces[Math.min(pieces.length - 1, at + at % 3)];
            const most = nodes(last).reduce((sum, node) => sum + [...node.data].length, 0);
            for (const [from, to] of [[0, most - 1], [length >> 1, most - 1], [(at * 7) % length, (at * 5) % most]]) {
                if (last === block && from > to) continue;
                const [start, startAt] = point(block, from), [end, endAt, size] = point(last, to);
                const selection = getSelection();
                selection.setBaseAndExtent(start, startAt, end, endAt + size);
                const [anchor] = anchorsOf(selection.getRangeAt(0));
                const back = rangesOf(words, anchor.start, anchor.end);
                const shown = back.filter((r) => !r.startContainer.parentElement?.closest('[data-a]') &&
                    !r.startContainer.dataset?.a).map(text).filter(Boolean);
                made.push([at, from, pieces.indexOf(last), to, anchor.start, anchor.end, shown.join('|')]);
            }
        });
        return made;
    };
    return [...document.querySelectorAll('.words[data-part]')].map((words) => ({
        part: Number(words.dataset.part),
        characters: charactersOf(words).filter((piece) => piece.length),
        selections: selections(words),
    }));
"#;

/// Adds a conversation of these texts, each a message of a model; its id.
fn told(person: &Person, class: &str, texts: &[String]) -> String {
    let message = |text: &String| json!({ "role": "assistant", "parts": [{ "kind": "text", "text": text }] });
    let messages: Vec<_> = texts.iter().map(message).collect();
    let body = json!({ "title": "Corpus", "visibility": "class", "messages": messages });
    person.post(&format!("/api/v1/classes/{class}/conversations"), body).is(201).str("id")
}

/// What the script finds out on the page that is open.
fn asked(browser: &Browser) -> Vec<Value> {
    let path = "return document.querySelector('script[src$=\"reading.js\"]').src.replace('reading.js', 'anchor.js')";
    let path = browser.ask(path);
    let script = SCRIPT.replace("arguments[0]", &path.to_string());
    browser.ask(&format!("return (async () => {{ {script} }})()")).as_array().unwrap().clone()
}

/// The characters and wholes of a rendering as the script lists them.
fn characters(blocks: &[Block]) -> Vec<Value> {
    let mut pieces = Vec::new();
    for block in blocks {
        let text: Vec<_> = block.text.iter().map(|(c, range)| json!([c, range.start, range.end])).collect();
        if !text.is_empty() {
            pieces.push(json!(text));
        }
        pieces.extend(block.atoms.iter().map(|(_, range)| json!([range.start, range.end])));
    }
    pieces
}

/// The range that a selection from one character to another has, and the words that show it.
fn expected(blocks: &[&Block], from: (usize, usize), to: (usize, usize)) -> (Range<usize>, String) {
    let (mut start, mut end) = (usize::MAX, 0);
    let mut hold = |other: &Range<usize>| (start, end) = (start.min(other.start), end.max(other.end));
    for (at, block) in blocks.iter().enumerate().take(to.0 + 1).skip(from.0) {
        let first = if at == from.0 { from.1 } else { 0 };
        let last = if at == to.0 { to.1 + 1 } else { block.text.len() };
        hold(&block.text[first].1);
        hold(&block.text[last - 1].1);
    }
    let range = start..end;
    let inside = |block: &&Block| -> String {
        let chosen = block.text.iter().filter(|(_, one)| one.start < range.end && one.end > range.start);
        chosen.map(|(c, _)| *c).collect()
    };
    let shown: Vec<String> = blocks.iter().map(inside).filter(|text| !text.is_empty()).collect();
    let shown = shown.join("|");
    (range, shown)
}

#[test]
fn the_script_and_the_server_agree_on_every_character() {
    let app = TestApp::start();
    let ana = app.person("ana");
    let class = ana.opens_class("Logic");
    let mut texts: Vec<String> = corpus().into_iter().map(|(_, text)| text).collect();
    texts.extend(
        [
            "Plain words, **bold** ones, 😀 and 👩‍👩‍👧 and e\u{301}.",
            "漢字かな *交じり* 文 & 한국어 &amp; more",
            "שלום **עולם** abc مرحبا `code` بالعالم",
            "| one | two |\n|---|---|\n| 😀 *a* | t\\|w |",
            "The area is $A = \\pi r^2$, so 😀 after it.\n\n$$x^2$$\n\nEnd.",
            "```python\nprint('é😀')\n\n\tif x:\n```\n\n- one\n  - two **three**",
        ]
        .map(str::to_owned),
    );
    let id = told(&ana, &class, &texts);
    let path = format!("/conversations/{id}");
    let Some(browser) = reader(&app, "ana", Window::Desktop, &path, true) else { return };
    let found = asked(&browser);
    assert_eq!(found.len(), texts.len());
    let renderer = Renderer::new(1);
    let mut compared = 0;
    for (text, found) in texts.iter().zip(found) {
        let tree = Html::parse_fragment(&html(&renderer, Role::Assistant, text));
        let blocks = blocks(&tree).unwrap();
        assert_eq!(found["characters"], json!(characters(&blocks)), "{text}");
        let with_text: Vec<&Block> = blocks.iter().filter(|block| !block.text.is_empty()).collect();
        for made in found["selections"].as_array().unwrap() {
            let number = |at: usize| usize::try_from(made[at].as_u64().unwrap()).unwrap();
            let (range, shown) = expected(&with_text, (number(0), number(1)), (number(2), number(3)));
            // What stands for a range as a whole may make it wider, at either end.
            let atoms = blocks.iter().flat_map(|block| &block.atoms).map(|(_, atom)| atom);
            let wide = number(4)..number(5);
            let widened = atoms.clone().any(|atom| atom.start == wide.start || atom.end == wide.end);
            assert!(wide == range || widened && wide.start <= range.start && wide.end >= range.end, "{made} {range:?}");
            if wide == range {
                assert_eq!(made[6], shown, "{made} of {text}");
            }
            compared += 1;
        }
    }
    assert!(compared > 100, "{compared} selections");
    browser.is_clean();
}
