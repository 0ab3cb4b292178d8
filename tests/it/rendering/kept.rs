//! Renderings are kept with the version of the message and of the renderer.

use std::collections::HashMap;

use sea_orm::{ActiveModelTrait, ActiveValue::Set, ConnectionTrait, EntityTrait};
use service::{
    entity::{
        ConversationId, MessageId, message,
        rendering::{self, RenderedParts},
    },
    rendering::{Renderer, VERSION, of},
};
use tests::{Person, TestApp, Value, json};

/// The messages of a conversation, by id and version.
fn messages(app: &TestApp, conversation: ConversationId) -> Vec<(MessageId, i32)> {
    let found = app.run(message::Entity::in_conversation(conversation).all(app.db.connection())).unwrap();
    found.into_iter().map(|row| (row.id, row.version)).collect()
}

/// A conversation of `count` messages, each with something for its owner alone.
fn conversation(person: &Person, count: usize) -> ConversationId {
    let class = person.opens_class("Logic");
    let parts = |n: usize| json!([{ "kind": "context", "text": format!("private {n}") }, { "kind": "text", "text": format!("*word* {n}") }]);
    let messages: Vec<Value> = (0..count).map(|n| json!({ "role": "assistant", "parts": parts(n) })).collect();
    let body = json!({ "title": "Long", "visibility": "class", "messages": messages });
    person.post(&format!("/api/v1/classes/{class}/conversations"), body).is(201).str("id").parse().unwrap()
}

/// The renderings, and how many statements they cost.
fn read(app: &TestApp, wanted: &[(MessageId, i32)], with_context: bool) -> (u64, HashMap<MessageId, RenderedParts>) {
    app.statements(|| app.run(of(&app.db, &Renderer::new(1), wanted, with_context)).unwrap())
}

#[test]
fn what_was_rendered_is_read_in_one_statement_however_many_messages() {
    let app = TestApp::start();
    let ana = app.person("ana");
    for count in [1, 500] {
        let wanted = messages(&app, conversation(&ana, count));
        let (first, made) = read(&app, &wanted, true);
        let (again, kept) = read(&app, &wanted, true);
        // Kept ones, the parts, and the unit that keeps them.
        assert!((3..=5).contains(&first), "{first}");
        assert_eq!((again, kept.len()), (1, count));
        assert_eq!(made, kept);
    }
}

#[test]
fn context_comes_to_nobody_who_does_not_ask_for_it_and_numbers_of_parts_stay() {
    let app = TestApp::start();
    let ana = app.person("ana");
    let wanted = messages(&app, conversation(&ana, 2));
    // The first reader is not the owner: what is kept is whole even so.
    for (with_context, shown) in [(false, false), (true, true), (false, false)] {
        for parts in read(&app, &wanted, with_context).1.values() {
            assert_eq!(parts.0.len(), 2);
            assert_eq!(parts.0[0].html.contains("private"), shown);
            assert!(parts.0[1].html.contains("<em>word</em>"));
        }
    }
}

#[test]
fn a_changed_message_and_a_new_renderer_never_show_the_old_html() {
    let app = TestApp::start();
    let ana = app.person("ana");
    let wanted = messages(&app, conversation(&ana, 1));
    let (id, version) = wanted[0];
    let html = |wanted: &[(MessageId, i32)]| {
        let found = read(&app, wanted, true).1;
        found.get(&id).map(|parts| parts.0.last().unwrap().html.clone())
    };
    let old = html(&wanted).unwrap();
    let db = app.db.connection();
    let parts = message::Parts(vec![tests::rendering::part(message::PartKind::Text, "redacted")]);
    let change =
        message::ActiveModel { id: Set(id), version: Set(version + 1), parts: Set(parts), ..Default::default() };
    app.run(change.update(db)).unwrap();
    let new = html(&[(id, version + 1)]).unwrap();
    assert!(new.contains("redacted") && new != old);
    // Who still asks for the version before gets nothing, rather than other words under its number.
    assert_eq!(html(&[(id, version)]), None);
    let stale = RenderedParts(vec![]);
    let before = rendering::ActiveModel {
        message_id: Set(id),
        renderer: Set(VERSION - 1),
        parts: Set(stale),
        ..Default::default()
    };
    app.run(before.update(db)).unwrap();
    assert_eq!(html(&[(id, version + 1)]).as_ref(), Some(&new));
    let row = app.run(rendering::Entity::find_by_id(id).one(db)).unwrap().unwrap();
    assert_eq!((row.renderer, row.version), (VERSION, version + 1));
}

#[test]
fn a_reader_gets_the_page_when_renderings_cannot_be_kept() {
    let app = TestApp::start();
    let ana = app.person("ana");
    let wanted = messages(&app, conversation(&ana, 2));
    let db = app.db.connection();
    app.run(db.execute_unprepared("CREATE UNIQUE INDEX in_the_way ON rendering (renderer)")).unwrap();
    assert_eq!(read(&app, &wanted, true).1.len(), 2);
    assert!(app.run(rendering::Entity::find().all(db)).unwrap().is_empty());
    app.run(db.execute_unprepared("DROP INDEX in_the_way")).unwrap();
    // A message that is gone by now keeps nobody from the others.
    let with_a_gone_one = [wanted[0], wanted[1], (MessageId::new(), 1)];
    assert_eq!(read(&app, &with_a_gone_one, true).1.len(), 2);
    assert_eq!(app.run(rendering::Entity::find().all(db)).unwrap().len(), 2);
}
