//! The tables themselves, as the engine at hand has them.

use std::collections::BTreeSet;

use migration::{
    Migrator,
    schema::{self, Action, Kind, Shape},
};

use crate::place::{Place, test};

async fn shape(place: &Place) -> Shape {
    place.up::<Migrator>().await.unwrap();
    schema::shape(&place.look().await).await.unwrap()
}

#[test]
fn every_engine_has_the_shape_of_sqlite_in_memory() {
    test(|place| async move {
        let mut options = sea_orm::ConnectOptions::new("sqlite::memory:");
        options.max_connections(1);
        let memory = sea_orm::Database::connect(options).await.unwrap();
        migration::up_on(&memory).await.unwrap();
        assert_eq!(shape(&place).await, schema::shape(&memory).await.unwrap());
    });
}

#[test]
fn the_foreign_keys_are_these() {
    test(|place| async move {
        let mut found = BTreeSet::new();
        for (name, table) in shape(&place).await.tables {
            for key in table.foreign_keys {
                assert_eq!(key.target_columns, ["id"]);
                let action = match key.on_delete {
                    Action::Cascade => "cascade",
                    Action::SetNull => "set null",
                    Action::Refuse => "refuse",
                };
                found.insert(format!("{name}.{} -> {} {action}", key.columns.join("+"), key.target));
            }
        }
        let expected = [
            "annotation.author_id -> user set null",
            "annotation.conversation_id -> conversation cascade",
            "annotation.hidden_by -> user set null",
            "annotation.message_id -> message cascade",
            "annotation_tag.annotation_id -> annotation cascade",
            "annotation_tag.tag_id -> tag cascade",
            "api_token.user_id -> user cascade",
            "class.owner_id -> user cascade",
            "comment.annotation_id -> annotation cascade",
            "comment.author_id -> user set null",
            "comment.hidden_by -> user set null",
            "comment.parent_id -> comment set null",
            "conversation.class_id -> class cascade",
            "conversation.created_by -> user set null",
            "conversation.import_id -> import set null",
            "conversation.owner_id -> user cascade",
            "conversation_source.conversation_id -> conversation cascade",
            "enrolment.class_id -> class cascade",
            "enrolment.invite_id -> invite set null",
            "enrolment.user_id -> user cascade",
            "event.class_id -> class cascade",
            "event.user_id -> user set null",
            "external_identity.user_id -> user cascade",
            "flag.annotation_id -> annotation cascade",
            "flag.class_id -> class cascade",
            "flag.comment_id -> comment cascade",
            "flag.user_id -> user cascade",
            "idempotency_key.user_id -> user cascade",
            "import.class_id -> class cascade",
            "import.owner_id -> user cascade",
            "invite.class_id -> class cascade",
            "invite.created_by -> user set null",
            "mention.comment_id -> comment cascade",
            "mention.user_id -> user cascade",
            "message.conversation_id -> conversation cascade",
            "message.parent_id -> message set null",
            "presentation.conversation_id -> conversation cascade",
            "presentation.message_id -> message set null",
            "presentation.presenter_id -> user cascade",
            "reader.conversation_id -> conversation cascade",
            "reader.user_id -> user cascade",
            "rendering.message_id -> message cascade",
            "reset_link.user_id -> user cascade",
            "session.user_id -> user cascade",
            "tag.class_id -> class cascade",
            "tag.created_by -> user set null",
            "tag.owner_id -> user cascade",
        ];
        assert_eq!(found, expected.into_iter().map(str::to_owned).collect());
    });
}

#[test]
fn every_foreign_key_has_an_index() {
    test(|place| async move {
        for (name, table) in shape(&place).await.tables {
            for key in &table.foreign_keys {
                let begins = |columns: &[String]| columns.starts_with(&key.columns);
                let indexed = table.indexes.values().any(|index| begins(&index.columns));
                assert!(indexed || begins(&table.primary_key), "{name}.{}", key.columns.join("+"));
            }
        }
    });
}

#[test]
fn set_null_keys_may_be_null_and_no_column_is_of_an_unknown_kind() {
    test(|place| async move {
        for (name, table) in shape(&place).await.tables {
            assert!(!table.primary_key.is_empty(), "{name}");
            for column in &table.columns {
                assert!(!matches!(column.kind, Kind::Other(_)), "{name}.{}: {:?}", column.name, column.kind);
                let mut keys = table.foreign_keys.iter().filter(|key| key.columns.contains(&column.name));
                let nulls = keys.any(|key| key.on_delete == Action::SetNull);
                assert!(!nulls || column.nullable, "{name}.{}", column.name);
            }
        }
    });
}

#[test]
fn unique_keys_and_closed_lists_are_read() {
    test(|place| async move {
        let shape = shape(&place).await;
        let unique: BTreeSet<String> = shape
            .tables
            .iter()
            .flat_map(|(name, table)| {
                let unique = table.indexes.values().filter(|index| index.unique);
                unique.map(move |index| format!("{name}: {}", index.columns.join(" ")))
            })
            .collect();
        let expected = [
            "api_token: token_hash",
            "conversation: class_id owner_id platform source_key",
            "enrolment: class_id user_id",
            "external_identity: issuer subject",
            "flag: annotation_id user_id",
            "flag: comment_id user_id",
            "idempotency_key: user_id key",
            "invite: code",
            "reset_link: token_hash",
            "session: token_hash",
            "tag: class_id name_key",
            "user: email",
        ];
        assert_eq!(unique, expected.into_iter().map(str::to_owned).collect());

        let choices: usize = shape.tables.values().flat_map(|table| &table.columns).map(|c| c.choices.len()).sum();
        assert_eq!(choices, 2 + 3 + 2 + 2 + 5 + 5 + 3 + 3 + 4 + 5 + (2 + 4) + (3 + 3) + 3 + 4 + 3);
        let state = shape.tables["enrolment"].columns.iter().find(|column| column.name == "state").unwrap();
        assert_eq!(state.choices, ["active", "left", "removed"]);
        let number = shape.tables["message"].columns.iter().find(|column| column.name == "added_at").unwrap();
        assert_eq!(number.kind, Kind::BigInteger);
    });
}
