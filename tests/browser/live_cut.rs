//! The connection goes, the server starts anew, another server does the work: everybody comes together again.

use tests::{
    Person, TestApp,
    browser::{Browser, Window},
    cable::Cable,
    database::TestDatabase,
    json,
};

use super::{
    live::is_live,
    marks::{Room, painted},
    signed_in,
};

/// A server on a database that others use too.
fn server(database: &TestDatabase) -> TestApp {
    TestApp::with(|config| config.database = database.url.clone())
}

/// The same person at another server.
fn at(app: &TestApp, person: &Person) -> Person {
    Person { client: app.anonymous().bearer(&person.token), ..person.clone() }
}

/// Cid reads by way of a cable.
fn reads_by(cable: &Cable, room: &Room) -> Option<Browser> {
    let browser = signed_in(&format!("http://{}", cable.addr), &room.cid, Window::Desktop)?;
    browser.open(&room.path);
    is_live(&browser);
    Some(browser)
}

#[test]
fn what_happens_while_the_connection_is_cut_shows_when_it_is_back() {
    let room = Room::open();
    let cable = Cable::to(room.app.addr);
    let Some(cid) = reads_by(&cable, &room) else { return };
    let mark = room.marks_words(&room.ben, 2, "divisor", json!({ "audience": "class" }));
    cid.click("1 new mark");
    cid.ask("globalThis.cut = performance.now()");
    cable.cut();
    // Said after a while; until then the connection is away, and the page tries again and again.
    cid.reads("Not connected.");
    room.ben.delete(&format!("/api/v1/annotations/{mark}")).is(204);
    room.marks_words(&room.ben, 2, "composite", json!({ "audience": "class" }));
    cid.eventually("it is away for ten seconds", || cid.ask("return performance.now() - cut > 10000") == json!(true));
    assert_eq!(painted(&cid, "mark-plain"), ["divisor"]);
    cable.plug(room.app.addr);
    cid.eventually("it is as it is now", || painted(&cid, "mark-plain") == ["composite"]);
    cid.reads("1 new mark");
    cid.eventually("nothing is said any more", || !cid.text().contains("Not connected."));
}

#[test]
fn a_server_that_starts_anew_goes_on_with_everybody() {
    let database = TestDatabase::on_disk();
    let room = Room::at(server(&database));
    let cable = Cable::to(room.app.addr);
    let Some(cid) = reads_by(&cable, &room) else { return };
    room.marks_words(&room.ben, 2, "divisor", json!({ "audience": "class" }));
    cid.reads("1 new mark");
    let Room { app, ben, id, .. } = room;
    drop(app);
    let app = server(&database);
    let ben = at(&app, &ben);
    let path = format!("/api/v1/conversations/{id}/annotations");
    ben.post(&path, json!({ "note": "After the start", "audience": "class" })).is(201);
    cable.plug(app.addr);
    cid.reads("2 new marks");
    ben.post(&path, json!({ "note": "Later", "audience": "class" })).is(201);
    cid.reads("3 new marks");
}

#[test]
fn what_happens_at_another_server_on_the_same_database_shows_too() {
    let database = TestDatabase::on_disk();
    let room = Room::at(server(&database));
    let other = server(&database);
    let cable = Cable::to(other.addr);
    let Some(cid) = reads_by(&cable, &room) else { return };
    room.marks_words(&room.ben, 2, "divisor", json!({ "audience": "class" }));
    cid.reads("1 new mark");
    let mark = room.marks_words(&room.ben, 2, "composite", json!({ "audience": "class" }));
    cid.reads("2 new marks");
    room.ben.delete(&format!("/api/v1/annotations/{mark}")).is(204);
    cid.reads("1 new mark");
    // And the other way round.
    let there = at(&other, &room.cid);
    there.post(&format!("/api/v1/conversations/{}/annotations", room.id), json!({ "audience": "class" })).is(201);
    let Some(ben) = signed_in(&format!("http://{}", room.app.addr), &room.ben, Window::Desktop) else { return };
    ben.open(&room.path);
    is_live(&ben);
    there.post(&format!("/api/v1/conversations/{}/annotations", room.id), json!({ "audience": "class" })).is(201);
    ben.reads("1 new mark");
}
