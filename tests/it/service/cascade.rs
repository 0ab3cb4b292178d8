//! What goes with a row and what stays, in the database itself: rows are deleted behind the back of every rule.

use std::collections::{BTreeMap, BTreeSet};

use entity::{
    AnnotationId, Audience, ClassId, CommentId, ConversationId, ExternalIdentityId, FlagId, ImportId, InviteId,
    MessageId, Moment, PresentationId, ServerId, TagId, UserId, annotation, annotation_tag, api_token, class, comment,
    conversation, conversation_source, enrolment, event, external_identity, flag, idempotency_key, import, invite,
    lease, mention, message, presentation, reader, rendering, reset_link, session, sign_in_attempt, tag, user,
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseConnection, DbBackend, EntityTrait,
    QueryFilter, Statement,
};
use service::{admin, rendering::Renderer, text::Email};
use tests::{Person, TestApp, json};

/// Every row of every table: its content by its key.
type Rows = BTreeMap<&'static str, BTreeMap<String, String>>;

macro_rules! rows {
    ($db:expr, $($table:ident by $key:ident),+ $(,)?) => {{
        let mut rows = Rows::new();
        $({
            let found = $table::Entity::find().all($db).await.unwrap();
            let keyed = found.iter().map(|row| (format!("{:?}", row.$key), format!("{row:?}"))).collect();
            rows.insert(stringify!($table), keyed);
        })+
        rows
    }};
}

async fn rows_of(db: &DatabaseConnection) -> Rows {
    rows!(
        db,
        annotation by id,
        annotation_tag by annotation_id,
        api_token by id,
        class by id,
        comment by id,
        conversation by id,
        conversation_source by conversation_id,
        enrolment by id,
        event by seq,
        external_identity by id,
        flag by id,
        idempotency_key by id,
        import by id,
        invite by id,
        lease by name,
        mention by comment_id,
        message by id,
        presentation by id,
        reader by conversation_id,
        rendering by message_id,
        reset_link by id,
        session by id,
        sign_in_attempt by email_hash,
        tag by id,
        user by id,
    )
}

/// The tables the database has.
async fn tables(db: &DatabaseConnection) -> BTreeSet<String> {
    let sql = match db.get_database_backend() {
        DbBackend::Postgres => "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'",
        _ => "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
    };
    let found = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap();
    let names = found.iter().map(|row| row.try_get::<String>("", "name").unwrap());
    names.filter(|name| name != "seaql_migrations").collect()
}

/// Two classes and three people with something of everything: ana owns one class, ben the other, all are in both.
struct World {
    app: TestApp,
    ana: UserId,
    /// Ana's class and ben's.
    one: ClassId,
    two: ClassId,
    /// By which ben joined ana's class.
    bens_invite: InviteId,
    /// Made by ana in ben's class.
    anas_invite: InviteId,
    /// Ben's import in ana's class.
    bens_import: ConversationId,
    /// Ana's import in ben's class, which also brought in a conversation of cem's.
    anas_import: ConversationId,
    import: ImportId,
    cems: ConversationId,
}

fn imported(person: &Person, class: &str) -> ConversationId {
    let report = person.imports(class, "", "User: What is a heap?\nAssistant: A pile.").is(201).json();
    report["imported"][0]["id"].as_str().unwrap().parse().unwrap()
}

fn invited(host: &Person, class: &str, guest: &Person, role: &str) -> InviteId {
    let invite = host.post(&format!("/api/v1/classes/{class}/invites"), json!({ "role": role })).is(201);
    guest.joins(&invite.str("code"));
    invite.str("id").parse().unwrap()
}

/// The first of the two marks the first message and tags it, the second answers and names the conversation's owner, who
/// flags it; the second also presents it.
async fn discuss(db: &DatabaseConnection, of: &conversation::Model, [first, second]: [UserId; 2], seq: i64) {
    let at = of.created_at;
    let message = message::Entity::in_conversation(of.id).one(db).await.unwrap().unwrap();
    let (tag, mark, answer) = (TagId::new(), AnnotationId::new(), CommentId::new());
    let row = tag::ActiveModel {
        id: Set(tag),
        class_id: Set(of.class_id),
        owner_id: Set(None),
        name: Set("Guess".to_owned()),
        name_key: Set("guess".to_owned()),
        colour: Set("amber".to_owned()),
        position: Set(0),
        created_by: Set(Some(first)),
        created_at: Set(at),
        updated_at: Set(at),
        version: Set(1),
        ..Default::default()
    };
    row.insert(db).await.unwrap();
    let row = annotation::ActiveModel {
        id: Set(mark),
        conversation_id: Set(of.id),
        message_id: Set(Some(message.id)),
        author_id: Set(Some(first)),
        target: Set(annotation::Target::Message),
        audience: Set(Audience::Class),
        created_at: Set(at),
        updated_at: Set(at),
        version: Set(1),
        ..Default::default()
    };
    row.insert(db).await.unwrap();
    annotation_tag::ActiveModel { annotation_id: Set(mark), tag_id: Set(tag) }.insert(db).await.unwrap();
    let row = comment::ActiveModel {
        id: Set(answer),
        annotation_id: Set(mark),
        author_id: Set(Some(second)),
        body: Set("Why?".to_owned()),
        created_at: Set(at),
        version: Set(1),
        ..Default::default()
    };
    row.insert(db).await.unwrap();
    mention::ActiveModel { comment_id: Set(answer), user_id: Set(of.owner_id), place: Set(0) }
        .insert(db)
        .await
        .unwrap();
    let row = reader::ActiveModel { conversation_id: Set(of.id), user_id: Set(second), created_at: Set(at) };
    row.insert(db).await.unwrap();
    let row = flag::ActiveModel {
        id: Set(FlagId::new()),
        class_id: Set(of.class_id),
        comment_id: Set(Some(answer)),
        user_id: Set(of.owner_id),
        created_at: Set(at),
        ..Default::default()
    };
    row.insert(db).await.unwrap();
    let row = presentation::ActiveModel {
        id: Set(PresentationId::new()),
        conversation_id: Set(of.id),
        presenter_id: Set(second),
        message_id: Set(Some(message.id)),
        blank: Set(false),
        created_at: Set(at),
        updated_at: Set(at),
        ..Default::default()
    };
    row.insert(db).await.unwrap();
    let row = event::ActiveModel {
        class_id: Set(of.class_id),
        seq: Set(seq),
        kind: Set("annotation.created".to_owned()),
        object_id: Set(mark.0),
        conversation_id: Set(Some(of.id)),
        audience: Set(Audience::Class),
        user_id: Set(Some(first)),
        created_at: Set(at),
    };
    row.insert(db).await.unwrap();
}

impl World {
    fn make() -> Self {
        let app = TestApp::start();
        let people = ["ana", "ben", "cem"].map(|name| app.person(name));
        let [ana, ben, cem] = &people;
        let (one, two) = (ana.opens_class("One"), ben.opens_class("Two"));
        let bens_invite = invited(ana, &one, ben, "student");
        invited(ana, &one, cem, "student");
        invited(ben, &two, ana, "instructor");
        let anas_invite = invited(ana, &two, cem, "student");
        for person in &people {
            let once = person.client.with("idempotency-key", "first");
            let body = json!({ "title": "In one", "messages": [{ "role": "user", "content": "x" }, { "role": "assistant", "content": "y" }] });
            once.post(&format!("/api/v1/classes/{one}/conversations"), body).is(201);
            person.post("/api/v1/me/tokens", json!({ "name": "script", "scope": "read" })).is(201);
        }
        ana.writes(&two, "Ana in two", "class");
        ben.writes(&two, "Ben in two", "class");
        let cems: ConversationId = cem.writes(&two, "Cem in two", "class").parse().unwrap();
        let (bens_import, anas_import) = (imported(ben, &one), imported(ana, &two));
        app.log_in("ana@example.org", "wrong").is(401);
        let (ana_id, import) = app.run(async {
            let db = app.db.connection();
            let at = Moment::from(app.clock.now());
            // What the making told is in nobody's way: one event in each class, of a known person, is enough.
            event::Entity::delete_many().exec(db).await.unwrap();
            service::upkeep::round(&app.db, ServerId::new(), at).await.unwrap();
            for person in user::Entity::find().all(db).await.unwrap() {
                admin::reset_link(&app.db, at, Email::parse(&person.email).unwrap()).await.unwrap();
                let identity = external_identity::ActiveModel {
                    id: Set(ExternalIdentityId::new()),
                    user_id: Set(person.id),
                    issuer: Set("https://school.example.org".to_owned()),
                    subject: Set(person.email),
                    created_at: Set(at),
                };
                identity.insert(db).await.unwrap();
            }
            let ana = user::Entity::find()
                .filter(user::COLUMN.email.eq("ana@example.org"))
                .one(db)
                .await
                .unwrap()
                .unwrap()
                .id;
            let own = conversation::Entity::find_by_id(anas_import).one(db).await.unwrap().unwrap();
            // Staff brought it in for its owner.
            let brought = conversation::ActiveModel {
                id: Set(cems),
                created_by: Set(Some(ana)),
                import_id: Set(own.import_id),
                ..Default::default()
            };
            brought.update(db).await.unwrap();
            let bens = conversation::Entity::find_by_id(bens_import).one(db).await.unwrap().unwrap();
            discuss(db, &bens, [ana, bens.owner_id], 1).await;
            let third = conversation::Entity::find_by_id(cems).one(db).await.unwrap().unwrap();
            discuss(db, &third, [ana, bens.owner_id], 2).await;
            let messages = message::Entity::find().all(db).await.unwrap();
            let messages: Vec<(MessageId, i32)> = messages.iter().map(|row| (row.id, row.version)).collect();
            service::rendering::of(&app.db, &Renderer::new(1), &messages, true).await.unwrap();
            (ana, own.import_id.unwrap())
        });
        let (one, two) = (one.parse().unwrap(), two.parse().unwrap());
        Self { app, ana: ana_id, one, two, bens_invite, anas_invite, bens_import, anas_import, import, cems }
    }

    fn rows(&self) -> Rows {
        self.app.run(rows_of(self.app.db.connection()))
    }

    /// A conversation, as it is now.
    fn conversation(&self, id: ConversationId) -> conversation::Model {
        self.app.run(conversation::Entity::find_by_id(id).one(self.app.db.connection())).unwrap().unwrap()
    }
}

/// What a deletion did.
#[derive(Debug, PartialEq, Eq)]
struct Change {
    /// How many rows went, by table.
    gone: BTreeMap<&'static str, usize>,
    /// Which rows stayed with another content, by table and key.
    touched: BTreeSet<(&'static str, String)>,
}

fn change(before: &Rows, after: &Rows) -> Change {
    let mut change = Change { gone: BTreeMap::new(), touched: BTreeSet::new() };
    for (table, rows) in before {
        let left = &after[table];
        assert!(left.keys().all(|key| rows.contains_key(key)), "a new row in {table}");
        let gone = rows.len() - left.len();
        if gone > 0 {
            change.gone.insert(table, gone);
        }
        change
            .touched
            .extend(left.iter().filter(|(key, row)| rows[*key] != **row).map(|(key, _)| (*table, key.clone())));
    }
    change
}

/// What is expected, typed by hand.
fn expected(gone: &[(&'static str, usize)], touched: &[(&'static str, String)]) -> Change {
    Change { gone: gone.iter().copied().collect(), touched: touched.iter().cloned().collect() }
}

#[test]
fn the_world_has_something_of_every_table() {
    let world = World::make();
    let rows = world.rows();
    let tables = world.app.run(tables(world.app.db.connection()));
    assert_eq!(rows.keys().map(|table| (*table).to_owned()).collect::<BTreeSet<_>>(), tables);
    let counts: Vec<(&str, usize)> = rows.iter().map(|(table, rows)| (*table, rows.len())).collect();
    let by_hand = [
        ("annotation", 2),
        ("annotation_tag", 2),
        ("api_token", 3),
        ("class", 2),
        ("comment", 2),
        ("conversation", 8),
        ("conversation_source", 2),
        ("enrolment", 6),
        ("event", 2),
        ("external_identity", 3),
        ("flag", 2),
        ("idempotency_key", 3),
        ("import", 2),
        ("invite", 4),
        ("lease", 1),
        ("mention", 2),
        ("message", 16),
        ("presentation", 2),
        ("reader", 2),
        ("rendering", 16),
        ("reset_link", 3),
        ("session", 3),
        ("sign_in_attempt", 1),
        ("tag", 2),
        ("user", 3),
    ];
    assert_eq!(counts, by_hand);
}

#[test]
fn a_user_goes_with_their_classes_and_conversations_and_leaves_tombstones_elsewhere() {
    let world = World::make();
    let before = world.rows();
    let cems = world.conversation(world.cems);
    world.app.run(user::Entity::delete_by_id(world.ana).exec(world.app.db.connection())).unwrap();
    let after = world.rows();
    let gone = [
        ("annotation", 1),
        ("annotation_tag", 1),
        ("api_token", 1),
        ("class", 1),
        ("comment", 1),
        // Four in her class, whoever wrote them; two of her own in the other.
        ("conversation", 6),
        ("conversation_source", 2),
        // Three of her class, her own in the other.
        ("enrolment", 4),
        ("event", 1),
        ("external_identity", 1),
        ("flag", 1),
        ("idempotency_key", 1),
        ("import", 2),
        ("invite", 2),
        ("mention", 1),
        ("message", 12),
        ("presentation", 1),
        ("reader", 1),
        ("rendering", 12),
        ("reset_link", 1),
        ("session", 1),
        ("tag", 1),
        ("user", 1),
    ];
    let left = |table: &'static str| (table, after[table].keys().next().unwrap().clone());
    let touched = [
        ("conversation", format!("{:?}", world.cems)),
        ("invite", format!("{:?}", world.anas_invite)),
        left("annotation"),
        left("event"),
        left("tag"),
    ];
    assert_eq!(change(&before, &after), expected(&gone, &touched));
    for (table, row) in ["annotation", "event", "tag"].map(|table| (table, after[table].values().next().unwrap())) {
        assert!(!row.contains(&format!("{:?}", world.ana)), "{table}: {row}");
    }
    // Of the touched rows nothing but the name of who is gone.
    assert_eq!(world.conversation(world.cems), conversation::Model { created_by: None, import_id: None, ..cems });
    let anas = format!("{:?}", world.anas_invite);
    assert_eq!(
        after["invite"][&anas],
        before["invite"][&anas].replace(&format!("created_by: Some({:?})", world.ana), "created_by: None")
    );
    // What stays is what was the others': ben's class with two members, one conversation each.
    let owners: BTreeSet<UserId> = world.app.run(async {
        let db = world.app.db.connection();
        let left = conversation::Entity::find().all(db).await.unwrap();
        assert!(left.iter().all(|c| c.class_id == world.two), "{left:?}");
        let members = enrolment::Entity::in_class(world.two).all(db).await.unwrap();
        let (members, owners): (BTreeSet<_>, BTreeSet<_>) =
            (members.iter().map(|m| m.user_id).collect(), left.iter().map(|c| c.owner_id).collect());
        assert_eq!(members, owners);
        owners
    });
    assert!(owners.len() == 2 && !owners.contains(&world.ana), "{owners:?}");
}

/// Whose names go from a row twice in one deletion.
#[test]
fn who_hid_what_they_wrote_themselves_goes_with_it() {
    let world = World::make();
    let db = world.app.db.connection();
    let ben = world.conversation(world.bens_import).owner_id;
    world.app.run(async {
        for mark in annotation::Entity::find().all(db).await.unwrap() {
            let hidden = annotation::ActiveModel {
                id: Set(mark.id),
                author_id: Set(Some(ben)),
                hidden_by: Set(Some(ben)),
                ..Default::default()
            };
            hidden.update(db).await.unwrap();
        }
        for answer in comment::Entity::find().all(db).await.unwrap() {
            assert_eq!(answer.author_id, Some(ben));
            let hidden = comment::ActiveModel { id: Set(answer.id), hidden_by: Set(Some(ben)), ..Default::default() };
            hidden.update(db).await.unwrap();
        }
        user::Entity::delete_by_id(ben).exec(db).await.unwrap();
    });
    let after = world.rows();
    assert_eq!(["annotation", "comment", "flag"].map(|table| after[table].len()), [0, 0, 0]);
    assert_eq!((after["user"].len(), after["class"].len(), after["conversation"].len()), (2, 1, 2));
}

#[test]
fn a_class_goes_with_its_people_codes_imports_and_conversations() {
    let world = World::make();
    let before = world.rows();
    world.app.run(class::Entity::delete_by_id(world.one).exec(world.app.db.connection())).unwrap();
    let after = world.rows();
    let gone = [
        ("annotation", 1),
        ("annotation_tag", 1),
        ("class", 1),
        ("comment", 1),
        ("conversation", 4),
        ("conversation_source", 1),
        ("enrolment", 3),
        ("event", 1),
        ("flag", 1),
        ("import", 1),
        ("invite", 2),
        ("mention", 1),
        ("message", 8),
        ("presentation", 1),
        ("reader", 1),
        ("rendering", 8),
        ("tag", 1),
    ];
    assert_eq!(change(&before, &after), expected(&gone, &[]));
    let one = format!("{:?}", world.one);
    for (table, rows) in &after {
        assert!(rows.values().all(|row| !row.contains(&one)), "{table} still names it");
    }
}

#[test]
fn a_conversation_goes_with_its_messages_and_its_raw_form() {
    let world = World::make();
    let before = world.rows();
    world.app.run(conversation::Entity::delete_by_id(world.bens_import).exec(world.app.db.connection())).unwrap();
    let after = world.rows();
    let gone = [
        ("annotation", 1),
        ("annotation_tag", 1),
        ("comment", 1),
        ("conversation", 1),
        ("conversation_source", 1),
        ("flag", 1),
        ("mention", 1),
        ("message", 2),
        ("presentation", 1),
        ("reader", 1),
        ("rendering", 2),
    ];
    assert_eq!(change(&before, &after), expected(&gone, &[]));
    let own = format!("{:?}", world.bens_import);
    // The feed keeps that something was there.
    for (table, rows) in after.iter().filter(|(table, _)| **table != "event") {
        assert!(rows.values().all(|row| !row.contains(&own)), "{table} still names it");
    }
}

#[test]
fn an_import_leaves_its_conversations() {
    let world = World::make();
    let before = world.rows();
    let conversations = [world.anas_import, world.cems];
    let old = conversations.map(|id| world.conversation(id));
    world.app.run(import::Entity::delete_by_id(world.import).exec(world.app.db.connection())).unwrap();
    let touched = conversations.map(|id| ("conversation", format!("{id:?}")));
    assert_eq!(change(&before, &world.rows()), expected(&[("import", 1)], &touched));
    for old in old {
        assert_eq!(world.conversation(old.id), conversation::Model { import_id: None, ..old });
    }
}

#[test]
fn a_code_leaves_those_who_joined_by_it() {
    let world = World::make();
    let before = world.rows();
    let find = || enrolment::Entity::in_class(world.one).filter(enrolment::COLUMN.invite_id.eq(world.bens_invite));
    let db = world.app.db.connection();
    let joined = world.app.run(find().one(db)).unwrap().unwrap();
    world.app.run(invite::Entity::delete_by_id(world.bens_invite).exec(db)).unwrap();
    let touched = [("enrolment", format!("{:?}", joined.id))];
    assert_eq!(change(&before, &world.rows()), expected(&[("invite", 1)], &touched));
    let now = world.app.run(enrolment::Entity::find_by_id(joined.id).one(db)).unwrap().unwrap();
    assert_eq!(now, enrolment::Model { invite_id: None, ..joined });
}

#[test]
fn a_message_leaves_those_that_follow_it() {
    let world = World::make();
    let before = world.rows();
    let db = world.app.db.connection();
    let messages = world.app.run(message::Entity::in_conversation(world.cems).all(db)).unwrap();
    let ids: Vec<MessageId> = messages.iter().map(|m| m.id).collect();
    assert_eq!(messages[1].parent_id, Some(ids[0]));
    world.app.run(message::Entity::delete_by_id(ids[0]).exec(db)).unwrap();
    let after = world.rows();
    let presented = before["presentation"].iter().find(|(key, row)| after["presentation"][*key] != **row).unwrap();
    let touched = [("message", format!("{:?}", ids[1])), ("presentation", presented.0.clone())];
    // The marks on it go with it, and what was said below them.
    let gone = ["annotation", "annotation_tag", "comment", "flag", "mention", "message", "rendering"];
    assert_eq!(change(&before, &after), expected(&gone.map(|table| (table, 1)), &touched));
    let now = world.app.run(message::Entity::find_by_id(ids[1]).one(db)).unwrap().unwrap();
    assert_eq!(now, message::Model { parent_id: None, ..messages[1].clone() });
}

#[test]
fn a_row_that_names_nobody_is_refused() {
    let world = World::make();
    let before = world.rows();
    let db = world.app.db.connection();
    let stray = conversation::ActiveModel { id: Set(world.cems), owner_id: Set(UserId::new()), ..Default::default() };
    let error = world.app.run(stray.update(db)).unwrap_err();
    assert_eq!(service::db::fault_of(&error), service::db::Fault::ForeignKey, "{error}");
    assert_eq!(change(&before, &world.rows()), expected(&[], &[]));
}
