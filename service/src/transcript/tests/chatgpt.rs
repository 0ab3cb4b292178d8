//! ChatGPT: trees, paths, identity, what is hidden.

use super::*;
use entity::Moment;

/// A node of a mapping.
pub(super) fn node(id: &str, parent: Option<&str>, children: &[&str], message: Value) -> (String, Value) {
    (id.to_owned(), json!({ "id": id, "parent": parent, "children": children, "message": message }))
}

/// A message of words.
pub(super) fn words(id: &str, role: &str, text: &str) -> Value {
    json!({ "id": id, "author": { "role": role }, "content": { "content_type": "text", "parts": [text] },
        "weight": 1.0, "recipient": "all", "metadata": {} })
}

/// A conversation of these nodes. Written by hand, because the order of the nodes counts.
pub(super) fn chat(nodes: &[(String, Value)], current: Option<&str>) -> String {
    let nodes: Vec<String> = nodes.iter().map(|(id, node)| format!("{}: {node}", json!(id))).collect();
    let current = current.map(|id| format!(", \"current_node\": {}", json!(id))).unwrap_or_default();
    format!("[{{ \"title\": \"T\", \"id\": \"c1\"{current}, \"mapping\": {{ {} }} }}]", nodes.join(", "))
}

/// Root, question, and two answers of which the first was superseded.
fn regenerated() -> Vec<(String, Value)> {
    vec![
        node("r", None, &["q"], Value::Null),
        node("q", Some("r"), &["a1", "a2"], words("q", "user", "Why?")),
        node("a1", Some("q"), &[], words("a1", "assistant", "First.")),
        node("a2", Some("q"), &["t"], words("a2", "assistant", "Second.")),
        node("t", Some("a2"), &[], words("t", "user", "Thanks")),
    ]
}

fn texts(conversation: &ParsedConversation) -> Vec<String> {
    said(conversation).into_iter().map(|(_, text)| text).collect()
}

fn path(conversation: &ParsedConversation) -> Vec<String> {
    let shown = conversation.messages.iter().filter(|message| message.on_path);
    shown.filter_map(|message| message.source_id.clone()).collect()
}

#[test]
fn branches_are_kept_and_the_current_node_decides_the_path() {
    let read = one(chat(&regenerated(), Some("a1")));
    assert_eq!(texts(&read), ["Why?", "First.", "Second.", "Thanks"]);
    assert_eq!(path(&read), ["q", "a1"]);
    assert_eq!(read.leaf, Some(1));
    assert_eq!(
        read.messages.iter().map(|message| message.parent).collect::<Vec<_>>(),
        [None, Some(0), Some(0), Some(2)]
    );
    assert!(read.notes.is_empty());
}

#[test]
fn without_a_current_node_the_last_child_is_taken_each_time_and_said() {
    for current in [None, Some("not there")] {
        let read = one(chat(&regenerated(), current));
        assert_eq!(path(&read), ["q", "a2", "t"]);
        assert_eq!(read.notes, ["the file does not say which branch was shown; the latest was taken"]);
    }
    let straight =
        [node("a", None, &["b"], words("a", "user", "1")), node("b", Some("a"), &[], words("b", "assistant", "2"))];
    assert!(one(chat(&straight, None)).notes.is_empty(), "one branch leaves no doubt");
}

#[test]
fn parents_decide_where_lists_of_children_are_incomplete() {
    let mut nodes = regenerated();
    for (_, node) in &mut nodes {
        node["children"] = json!([]);
    }
    nodes[2].1["message"]["create_time"] = json!(1_700_000_200);
    nodes[3].1["message"]["create_time"] = json!(1_700_000_100);
    let read = one(chat(&nodes, Some("t")));
    assert_eq!(texts(&read), ["Why?", "Second.", "Thanks", "First."], "the times give the order of siblings");
}

#[test]
fn siblings_without_times_stand_in_the_order_of_the_file() {
    let nodes = [
        node("q", None, &[], words("q", "user", "q")),
        node("z", Some("q"), &[], words("z", "assistant", "first in the file")),
        node("a", Some("q"), &[], words("a", "assistant", "second in the file")),
    ];
    assert_eq!(texts(&one(chat(&nodes, Some("a")))), ["q", "first in the file", "second in the file"]);
}

#[test]
fn a_list_of_children_gives_a_parent_to_a_node_that_names_none() {
    let nodes = [
        node("a", None, &["b"], words("a", "user", "1")),
        ("b".to_owned(), json!({ "id": "b", "message": words("b", "assistant", "2") })),
    ];
    let read = one(chat(&nodes, Some("b")));
    assert_eq!(read.messages[1].parent, Some(0));
    assert!(read.notes.is_empty());
}

#[test]
fn cycles_are_cut_and_dangling_nodes_become_roots_with_notes() {
    let nodes = [
        node("a", Some("c"), &["b"], words("a", "user", "a")),
        node("b", Some("a"), &["c"], words("b", "assistant", "b")),
        node("c", Some("b"), &["a"], words("c", "user", "c")),
        node("d", Some("d"), &["d"], words("d", "user", "itself")),
        node("e", Some("gone"), &[], words("e", "user", "orphan")),
        node("tail", Some("b"), &[], words("tail", "assistant", "hangs on the cycle")),
    ];
    let read = one(chat(&nodes, Some("c")));
    assert_eq!(read.messages.len(), 6);
    assert_eq!(path(&read), ["a", "b", "c"]);
    assert_eq!(
        read.notes,
        [
            "1 message follows one that is not in the file; it was put at the beginning",
            "2 circular links between messages were cut",
        ]
    );
}

#[test]
fn nodes_without_a_message_pass_their_children_on() {
    let nodes = [
        node("client-created-root", None, &["s"], Value::Null),
        node("s", Some("client-created-root"), &["q"], words("s", "system", "")),
        node("q", Some("s"), &["gap"], words("q", "user", "Q")),
        node("gap", Some("q"), &["blank"], Value::Null),
        node("blank", Some("gap"), &["a"], words("blank", "assistant", " \n")),
        node("a", Some("blank"), &["end"], words("a", "assistant", "A")),
        node("end", Some("a"), &[], words("end", "assistant", "")),
    ];
    let read = one(chat(&nodes, Some("end")));
    assert_eq!(said(&read), [(Role::User, "Q".to_owned()), (Role::Assistant, "A".to_owned())]);
    assert_eq!(read.messages[1].parent, Some(0));
    assert_eq!(read.leaf, Some(1), "the leaf is the nearest message that was kept");
    assert_eq!(read.notes, ["2 empty placeholders were left out"], "the empty one of the system is not worth a word");
}

#[test]
fn messages_with_missing_fields_are_read() {
    let bare = json!({ "content": { "parts": ["no author, no metadata, no type"] } });
    let null = json!({ "id": null, "author": null, "create_time": null, "metadata": null, "weight": null, "recipient": null,
        "content": { "content_type": "text", "parts": ["all null"] } });
    let user =
        json!({ "id": "u", "author": { "role": "user" }, "content": { "content_type": "text", "parts": ["new"] } });
    let odd =
        json!({ "id": "o", "author": { "role": "critic" }, "content": { "content_type": "text", "parts": ["odd"] } });
    let nodes = [
        node("a", None, &[], bare),
        node("b", Some("a"), &[], null),
        node("u", Some("b"), &[], user),
        node("o", Some("u"), &[], odd),
    ];
    let read = one(chat(&nodes, Some("o")));
    let roles: Vec<Role> = read.messages.iter().map(|message| message.role).collect();
    assert_eq!(roles, [Role::Unknown, Role::Unknown, Role::User, Role::Unknown]);
    assert_eq!(read.messages[0].source_id.as_deref(), Some("a"), "the id of the node stands in");
    assert!(read.messages.iter().all(|message| message.created_at.is_none() && !message.hidden));
    assert!(read.notes.is_empty());
}

#[test]
fn hidden_is_what_the_page_does_not_show() {
    let with = |role: &str, change: &dyn Fn(&mut Value)| {
        let mut message = words("m", role, "text");
        change(&mut message);
        one(chat(&[node("m", None, &[], message)], Some("m"))).messages[0].hidden
    };
    assert!(!with("user", &|_| {}));
    assert!(with("system", &|_| {}));
    assert!(!with("system", &|message| message["metadata"] = json!({ "is_user_system_message": true })));
    assert!(with("assistant", &|message| message["weight"] = json!(0)));
    assert!(with("assistant", &|message| message["weight"] = json!(0.0)));
    assert!(with("user", &|message| message["metadata"] = json!({ "is_visually_hidden_from_conversation": true })));
    assert!(!with("tool", &|message| message["weight"] = json!(1)));
}

#[test]
fn a_message_that_comes_twice_is_kept_once_and_its_answers_hang_on_the_first() {
    let nodes = [
        node("a", None, &["b"], words("same", "user", "first")),
        node("b", Some("a"), &["c"], words("same", "user", "second")),
        node("c", Some("b"), &[], words("c", "assistant", "answer")),
    ];
    let read = one(chat(&nodes, Some("c")));
    assert_eq!(texts(&read), ["first", "answer"]);
    assert_eq!(read.messages[1].parent, Some(0));
    assert_eq!(read.notes, ["1 message came twice; the first was kept"]);
}

#[test]
fn of_a_repeated_key_the_last_counts() {
    let source = r#"{"mapping":{"a":{"message":{"content":{"parts":["old"]}}},"a":{"message":{"content":{"parts":["new"]}}}},
        "title":"x","title":"y"}"#;
    let read = one(source);
    assert_eq!((texts(&read), read.title.as_deref()), (vec!["new".to_owned()], Some("y")));
}

#[test]
fn times_are_exact_to_the_microsecond_and_never_invented() {
    let time = |value: Value| {
        let mut message = words("m", "user", "x");
        message["create_time"] = value;
        let read = one(chat(&[node("m", None, &[], message)], Some("m")));
        (read.messages[0].created_at.map(|moment| moment.0), read.notes)
    };
    assert_eq!(time(json!(1_714_561_234.123_456)).0, Some(1_714_561_234_123_456));
    assert_eq!(time(json!(1_714_561_234.999_999)).0, Some(1_714_561_234_999_999));
    assert_eq!(time(json!(1_714_561_234)).0, Some(1_714_561_234_000_000));
    assert_eq!(time(json!("2024-05-01T11:00:34.5Z")).0, Some(1_714_561_234_500_000));
    assert_eq!(time(json!("2024-05-01T13:00:34+02:00")).0, Some(1_714_561_234_000_000));
    assert_eq!(time(json!("2024-05-01T11:00:34")).0, Some(1_714_561_234_000_000));
    assert_eq!(time(Value::Null), (None, vec![]));
    for nonsense in
        [json!(-5), json!(0), json!(1e300), json!("yesterday"), json!(true), json!([1]), json!(1_714_561_234_000_u64)]
    {
        let note = "1 time could not be read and was left open".to_owned();
        assert_eq!(time(nonsense.clone()), (None, vec![note]), "{nonsense}");
    }
}

#[test]
fn a_conversation_keeps_its_identity_title_model_and_times() {
    let mut source = json!({ "id": "short", "conversation_id": "long", "title": null, "create_time": 1_700_000_000.5,
        "update_time": "2023-11-15T00:00:00Z", "default_model_slug": "gpt-5",
        "mapping": { "m": { "message": words("m", "user", "x") } } });
    let read = element(&source);
    assert_eq!(read.source_id.as_deref(), Some("long"));
    assert_eq!((read.title, read.model.as_deref()), (None, Some("gpt-5")));
    assert_eq!(read.started_at, Some(Moment(1_700_000_000_500_000)));
    assert_eq!(read.updated_at, Some(Moment(1_700_006_400_000_000)));
    source["conversation_id"] = Value::Null;
    source["title"] = json!("  ");
    let read = element(&source);
    assert_eq!((read.source_id.as_deref(), read.title), (Some("short"), None));
}

#[test]
fn the_model_is_what_answered_not_what_was_asked_for() {
    let model = |role: &str, metadata: Value| {
        let mut message = words("m", role, "x");
        message["metadata"] = metadata;
        one(chat(&[node("m", None, &[], message)], Some("m"))).messages[0].model.clone()
    };
    assert_eq!(model("assistant", json!({ "model_slug": "gpt-4o" })).as_deref(), Some("gpt-4o"));
    assert_eq!(model("assistant", json!({ "model_slug": "auto", "resolved_model_slug": "o3" })).as_deref(), Some("o3"));
    assert_eq!(model("assistant", json!({ "resolved_model_slug": "o3" })).as_deref(), Some("o3"));
    assert_eq!(model("assistant", json!({ "model_slug": 7 })), None);
    assert_eq!(model("user", json!({ "model_slug": "gpt-4o" })), None);
}

#[test]
fn conversations_without_messages_fail_alone() {
    assert_eq!(failure(&json!({ "id": "c", "mapping": {} })), "it has no messages");
    let root = json!({ "r": { "message": null } });
    assert_eq!(failure(&json!({ "id": "c", "mapping": root })), "it has no messages");
}

#[test]
fn limits_of_messages_and_of_text_fail_one_conversation() {
    let chain = |count: usize| {
        let id = |at: usize| format!("n{at}");
        let nodes: Vec<_> = (0..count)
            .map(|at| node(&id(at), at.checked_sub(1).map(id).as_deref(), &[], words(&id(at), "user", "x")))
            .collect();
        chat(&nodes, None)
    };
    assert_eq!(one(chain(20_000)).messages.len(), 20_000);
    let failed = items(chain(20_001)).unwrap().remove(0).outcome.unwrap_err();
    assert_eq!((failed.title.as_deref(), failed.reason.as_str()), (Some("T"), "it has more than 20000 messages"));
    let long = "x".repeat((4 << 20) + 1);
    let failed =
        items(chat(&[node("m", None, &[], words("m", "user", &long))], None)).unwrap().remove(0).outcome.unwrap_err();
    assert_eq!(failed.reason, "a message has 5 MiB of text; the limit is 4 MiB");
}
