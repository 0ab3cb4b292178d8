//! Properties: nothing panics, and what is written is what is read.

use std::{
    fmt::Write as _,
    io::{Cursor, Write as _},
};

use super::chatgpt::words;
use super::*;
use crate::transcript::{Piece, Source, read_all, title_hint};
use proptest::{collection::vec, prelude::*, sample::Index};

/// A message of a made-up conversation.
#[derive(Clone, Debug)]
struct Made {
    /// Who speaks.
    role: Role,
    /// What it follows: one before it, or nothing.
    parent: Option<usize>,
    /// Its words.
    text: String,
    /// Microseconds since 1970.
    time: i64,
}

/// A made-up conversation of one tree.
fn made() -> impl Strategy<Value = Vec<Made>> {
    let role = prop_oneof![Just(Role::User), Just(Role::Assistant)];
    // Letters, line ends, quotation marks, letters outside the first plane.
    let text = "[a-zé\"\\\\\n😀\u{200d}ш]{0,20}x";
    let time = 1_500_000_000_000_000_i64..1_900_000_000_000_000;
    vec((role, any::<Index>(), text, time), 1..25).prop_map(|raw| {
        let message = |(at, (role, parent, text, time)): (usize, (Role, Index, String, i64))| {
            let parent = (at > 0).then(|| parent.index(at));
            Made { role, parent, text, time }
        };
        raw.into_iter().enumerate().map(message).collect()
    })
}

/// Seconds with six decimals.
fn seconds(time: i64) -> String {
    format!("{}.{:06}", time / 1_000_000, time % 1_000_000)
}

/// ISO 8601.
fn iso(time: i64) -> String {
    let at = time::OffsetDateTime::from(entity::Moment(time));
    at.format(&time::format_description::well_known::Rfc3339).unwrap()
}

/// The messages in the shape of ChatGPT, with the nodes in the order of `shuffle`.
fn as_chatgpt(made: &[Made], leaf: usize, shuffle: &[u32]) -> String {
    let mut order: Vec<usize> = (0..made.len()).collect();
    order.sort_by_key(|at| shuffle.get(*at));
    let mut nodes = String::from("\"root\": {\"message\": null, \"parent\": null, \"children\": []}");
    for at in order {
        let message = &made[at];
        let children: Vec<String> =
            (0..made.len()).filter(|child| made[*child].parent == Some(at)).map(|child| format!("n{child}")).collect();
        let parent = message.parent.map_or("root".to_owned(), |parent| format!("n{parent}"));
        let role = if message.role == Role::User { "user" } else { "assistant" };
        let mut said = words(&format!("n{at}"), role, &message.text).to_string();
        said.insert_str(1, &format!("\"create_time\": {},", seconds(message.time)));
        let (parent, children) = (json!(parent), json!(children));
        write!(nodes, ", \"n{at}\": {{\"message\": {said}, \"parent\": {parent}, \"children\": {children}}}").unwrap();
    }
    format!("[{{\"mapping\": {{{nodes}}}, \"current_node\": \"n{leaf}\"}}]")
}

/// The messages in the shape of Claude.
fn as_claude(made: &[Made], leaf: usize) -> String {
    let message = |(at, message): (usize, &Made)| {
        let parent =
            message.parent.map_or("00000000-0000-4000-8000-000000000000".to_owned(), |parent| format!("n{parent}"));
        json!({ "uuid": format!("n{at}"), "sender": if message.role == Role::User { "human" } else { "assistant" },
            "text": "flat", "content": [{ "type": "text", "text": message.text }], "created_at": iso(message.time),
            "parent_message_uuid": parent })
    };
    let messages: Vec<Value> = made.iter().enumerate().map(message).collect();
    json!([{ "uuid": "c", "chat_messages": messages, "current_leaf_message_uuid": format!("n{leaf}") }]).to_string()
}

/// The messages in the order of their tree: first a message, then each of its answers with all that follows.
fn in_order(made: &[Made]) -> Vec<usize> {
    fn visit(made: &[Made], at: usize, into: &mut Vec<usize>) {
        into.push(at);
        (0..made.len()).filter(|child| made[*child].parent == Some(at)).for_each(|child| visit(made, child, into));
    }
    let mut order = Vec::new();
    visit(made, 0, &mut order);
    order
}

/// Checks that what was read is what was written.
fn same(read: &ParsedConversation, made: &[Made], leaf: usize) {
    let order = in_order(made);
    let place = |at: usize| order.iter().position(|other| *other == at);
    assert_eq!(read.messages.len(), made.len());
    for (message, &at) in read.messages.iter().zip(&order) {
        let expected = &made[at];
        assert_eq!(message.source_id, Some(format!("n{at}")));
        assert_eq!(message.role, expected.role);
        assert_eq!(message.parent, expected.parent.and_then(place));
        assert_eq!(message.created_at, Some(entity::Moment(expected.time)));
        assert_eq!(
            message.parts,
            [Part { text: Some(expected.text.clone()), ..crate::transcript::part::bare(PartKind::Text) }]
        );
    }
    let mut path = vec![false; made.len()];
    let mut at = Some(leaf);
    while let Some(node) = at {
        path[place(node).unwrap()] = true;
        at = made[node].parent;
    }
    assert_eq!(read.messages.iter().map(|message| message.on_path).collect::<Vec<_>>(), path);
    assert_eq!((read.leaf, read.notes.len()), (place(leaf), 0));
}

/// Checks what holds for everything that was read, whatever it was read from.
fn sound(items: &[Item]) {
    for (at, item) in items.iter().enumerate() {
        assert_eq!(item.index, at);
        let Ok(read) = &item.outcome else { continue };
        assert!(!read.messages.is_empty());
        let mut ids = std::collections::HashSet::new();
        for (at, message) in read.messages.iter().enumerate() {
            assert!(message.parent.is_none_or(|parent| parent < at), "a parent stands before its children");
            assert!(!message.parts.is_empty());
            assert!(message.source_id.iter().all(|id| ids.insert(id)), "ids are unique");
            assert!(message.parts.iter().filter_map(|part| part.text.as_ref()).all(|text| !text.contains('\0')));
        }
        let leaf = read.leaf.expect("a conversation has a leaf");
        let mut path = vec![leaf];
        while let Some(parent) = path.last().and_then(|at| read.messages[*at].parent) {
            path.push(parent);
        }
        let shown: Vec<usize> = (0..read.messages.len()).rev().filter(|at| read.messages[*at].on_path).collect();
        assert_eq!(path, shown);
    }
}

/// A source with something of everything, to be spoiled.
fn everything(claude: bool) -> Vec<u8> {
    if claude {
        include_bytes!("../../../../examples/claude.json").to_vec()
    } else {
        include_bytes!("../../../../examples/conversations.json").to_vec()
    }
}

/// A ZIP with both exports in it.
fn archive() -> Vec<u8> {
    let mut out = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, claude) in [("conversations-000.json", false), ("conversations-001.json", true)] {
        out.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        out.write_all(&everything(claude)).unwrap();
    }
    out.finish().unwrap().into_inner()
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in vec(any::<u8>(), 0..300)) {
        if let Ok(items) = items(&bytes) {
            sound(&items);
        }
        prop_assert!(title_hint(&bytes).is_none_or(|title| title.chars().count() <= 200));
    }

    #[test]
    fn anything_that_looks_like_json_is_read_or_refused(text in "[\\[{]([\\[\\]{}:, \n]|\"|\\\\|\"mapping\"|\"chat_messages\"|\"parent\"|null|1e9|\\\\ud83d|a|é){0,60}") {
        if let Ok(items) = items(&text) {
            sound(&items);
        }
        prop_assert!(title_hint(text.as_bytes()).is_none_or(|title| title.chars().count() <= 200));
    }

    #[test]
    fn any_text_keeps_its_words(text in "(User: |Assistant: |Q: |A: |```|\n|\\*\\*User\\*\\*|# AI|<\\|user\\|>|[a-z ]{1,5}|あなた：){0,30}") {
        let Ok(items) = items(&text) else { return Ok(()) };
        sound(&items);
        let Some(Ok(read)) = items.first().map(|item| &item.outcome) else { return Ok(()) };
        // Every message stands in the text, one after the other.
        let mut rest = text.as_str();
        for message in &read.messages {
            let words = message.parts[0].text.as_deref().unwrap();
            let at = rest.find(words);
            prop_assert!(at.is_some(), "{:?} is not in {:?}", words, rest);
            rest = &rest[at.unwrap() + words.len()..];
        }
    }

    #[test]
    fn spoiled_exports_are_read_or_refused(claude: bool, spots in vec((any::<Index>(), any::<u8>()), 0..6), end in any::<Index>(), cut: bool) {
        let mut bytes = everything(claude);
        for (spot, byte) in spots {
            let at = spot.index(bytes.len());
            bytes[at] = byte;
        }
        if cut {
            bytes.truncate(end.index(bytes.len()));
        }
        if let Ok(items) = items(&bytes) {
            sound(&items);
        }
    }

    #[test]
    fn swapped_pieces_of_exports_are_read_or_refused(claude: bool, from in any::<Index>(), to in any::<Index>(), length in 1_usize..200) {
        let mut bytes = everything(claude);
        let (from, to) = (from.index(bytes.len()), to.index(bytes.len()));
        let piece: Vec<u8> = bytes[from..].iter().take(length).copied().collect();
        bytes.splice(to..to, piece);
        if let Ok(items) = items(&bytes) {
            sound(&items);
        }
    }

    #[test]
    fn spoiled_pages_are_read_or_refused(which in 0_usize..4, spots in vec((any::<Index>(), any::<u8>()), 0..8), from in any::<Index>(), to in any::<Index>(), length in 1_usize..300) {
        let mut bytes = super::html::PAGES[which].as_bytes().to_vec();
        for (spot, byte) in spots {
            let at = spot.index(bytes.len());
            bytes[at] = byte;
        }
        let (from, to) = (from.index(bytes.len()), to.index(bytes.len()));
        let piece: Vec<u8> = bytes[from..].iter().take(length).copied().collect();
        bytes.splice(to..to, piece);
        if let Ok(items) = items(&bytes) {
            sound(&items);
        }
    }

    #[test]
    fn spoiled_archives_are_read_or_refused(spots in vec((any::<Index>(), any::<u8>()), 1..8), end in any::<Index>(), cut: bool) {
        let mut bytes = archive();
        for (spot, byte) in spots {
            let at = spot.index(bytes.len());
            bytes[at] = byte;
        }
        if cut {
            bytes.truncate(end.index(bytes.len()));
        }
        let mut items = Vec::new();
        let piece = Piece { name: Some("export.zip".to_owned()), source: Cursor::new(bytes) };
        let read = read_all(vec![piece], &mut |item| {
            items.push(item);
            ControlFlow::Continue(())
        });
        prop_assert!(!matches!(read, Err(ReadError::Io(_))), "memory cannot fail: {:?}", read);
        sound(&items);
    }

    #[test]
    fn a_tree_in_the_shape_of_chatgpt_is_read_back(made in made(), leaf in any::<Index>(), shuffle in vec(any::<u32>(), 25)) {
        let leaf = leaf.index(made.len());
        same(&one(as_chatgpt(&made, leaf, &shuffle)), &made, leaf);
    }

    #[test]
    fn a_tree_in_the_shape_of_claude_is_read_back(made in made(), leaf in any::<Index>()) {
        let leaf = leaf.index(made.len());
        same(&one(as_claude(&made, leaf)), &made, leaf);
    }

    #[test]
    fn any_links_make_a_sound_tree(links in vec((0_usize..14, vec(0_usize..14, 0..4)), 1..12)) {
        let nodes = links.iter().enumerate().map(|(at, (parent, children))| {
            let children: Vec<String> = children.iter().map(|child| format!("n{child}")).collect();
            let message = words(&format!("n{at}"), "user", "x");
            format!("\"n{at}\": {}", json!({ "message": message, "parent": format!("n{parent}"), "children": children }))
        });
        let nodes: Vec<String> = nodes.collect();
        let read = items(format!("[{{\"mapping\": {{{}}}}}]", nodes.join(","))).unwrap();
        sound(&read);
        prop_assert_eq!(read[0].outcome.as_ref().unwrap().messages.len(), links.len(), "nothing is lost");
    }

    #[test]
    fn pieces_of_any_size_give_the_same_items(size in 1_usize..40, claude: bool, end in any::<Index>(), cut: bool) {
        let mut bytes = everything(claude);
        if cut {
            bytes.truncate(end.index(bytes.len()));
        }
        let mut pieces = Vec::new();
        let dribble = Dribble { rest: &bytes, size, interrupt: false };
        let opened = Source::open(dribble).map(|source| source.read(&mut |item| {
            pieces.push((item.raw, item.outcome));
            ControlFlow::Continue(())
        }));
        match (opened, items(&bytes)) {
            (Ok(read), Ok(whole)) => {
                prop_assert_eq!(read.unwrap().items, whole.len());
                let whole: Vec<_> = whole.into_iter().map(|item| (item.raw, item.outcome)).collect();
                prop_assert_eq!(pieces, whole);
            }
            (Err(ReadError::Source(error)), Err(expected)) => prop_assert_eq!(error, expected),
            (opened, expected) => prop_assert!(false, "{:?} and {:?}", opened.map(|_| ()), expected.map(|_| ())),
        }
    }
}
