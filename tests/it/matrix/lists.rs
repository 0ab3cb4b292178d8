//! What the lists show: the same rights, typed by hand a second time, because a list is where a leak hides.

use std::collections::BTreeSet;

use tests::{Client, TestApp};

use super::world::{Who, World};

/// Which conversations of the class each caller finds in its list, to the last one.
const SHOWN: [(Who, &[&str]); 8] = [
    (Who::Student, &["own", "class"]),
    (Who::Peer, &["own", "class"]),
    (Who::Tutor, &["own", "staff", "class"]),
    (Who::Instructor, &["own", "staff", "class"]),
    (Who::Owner, &["own", "staff", "class"]),
    (Who::Auditor, &["own", "class"]),
    (Who::Removed, &["own"]),
    (Who::ReadToken, &["own", "class"]),
];

fn ids(client: &Client, path: &str) -> BTreeSet<String> {
    let items = client.get(path).is(200).items();
    let ids: BTreeSet<String> = items.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(ids.len(), items.len(), "a row stands twice in {path}");
    ids
}

/// Everybody is there, and the further student has a conversation of each visibility.
fn full(app: &TestApp) -> World<'_> {
    let world = World::new(app);
    for (who, _) in SHOWN {
        // By the client, so that the student has the token that one of them asks by.
        world.client(who);
        world.conversation(who);
    }
    for who in [Who::Disabled, Who::Outsider, Who::Admin] {
        world.conversation(who);
    }
    for visibility in ["private", "staff", "class"] {
        world.shared(visibility);
    }
    world.other_conversation();
    world
}

#[test]
fn a_list_of_conversations_holds_exactly_what_its_reader_may_read() {
    let app = TestApp::start();
    let world = full(&app);
    let path = format!("/api/v1/classes/{}/conversations", world.class);
    for (who, shown) in SHOWN {
        let named = |name: &&str| match *name {
            "own" => world.conversation(who),
            visibility => world.shared(visibility),
        };
        let expected: BTreeSet<String> = shown.iter().map(named).collect();
        let client = world.client(who);
        assert_eq!(ids(&client, &path), expected, "{who:?}");
        // No filter and no order widens what is shown.
        let mine = BTreeSet::from([world.conversation(who)]);
        assert_eq!(ids(&client, &format!("{path}?author=me&sort=title")), mine, "{who:?}");
        let author = world.someone(Who::Author).enrolment.clone();
        let theirs: BTreeSet<String> = expected.difference(&mine).cloned().collect();
        assert_eq!(ids(&client, &format!("{path}?author={author}&sort=-updated")), theirs, "{who:?}");
        let private = ids(&client, &format!("{path}?visibility=private&q=question"));
        assert!(private.is_subset(&mine), "{who:?} finds {private:?}");
    }
}

#[test]
fn a_list_of_classes_holds_exactly_those_its_reader_is_in() {
    let app = TestApp::start();
    let world = full(&app);
    for who in [Who::Student, Who::Peer, Who::Tutor, Who::Instructor, Who::Owner, Who::Auditor, Who::ReadToken] {
        let expected = BTreeSet::from([world.class.clone()]);
        assert_eq!(ids(&world.client(who), "/api/v1/classes"), expected, "{who:?}");
    }
    for who in [Who::Outsider, Who::Admin] {
        let expected = BTreeSet::from([world.someone(who).class.clone()]);
        assert_eq!(ids(&world.client(who), "/api/v1/classes"), expected, "{who:?}");
    }
    assert_eq!(ids(&world.client(Who::Removed), "/api/v1/classes"), BTreeSet::new());
}

#[test]
fn lists_of_sessions_and_tokens_hold_the_reader_s_own_alone() {
    let app = TestApp::start();
    let world = full(&app);
    for who in [Who::Student, Who::Owner, Who::Admin] {
        let (session, token) = (world.session(who), world.api_token(who));
        let client = world.client(who);
        let sessions = ids(&client, "/api/v1/sessions");
        // The one the person asks by, and the one besides it.
        assert_eq!((sessions.len(), sessions.contains(&session)), (2, true), "{who:?}");
        let tokens = ids(&client, "/api/v1/me/tokens");
        let reader = usize::from(who == Who::Student);
        assert_eq!((tokens.len(), tokens.contains(&token)), (1 + reader, true), "{who:?}");
    }
}
