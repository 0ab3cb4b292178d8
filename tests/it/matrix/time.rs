//! What time does to rights: the thirty days after leaving, and that a change of role or membership holds at once.

use ::time::Duration;
use tests::{Client, TestApp, json};

use super::world::{Who, World};

fn reads(client: &Client, world: &World<'_>, conversation: &str) -> [u16; 4] {
    let conversation = format!("/api/v1/conversations/{conversation}");
    let list = format!("/api/v1/classes/{}/conversations", world.class);
    let paths = [conversation.clone(), format!("{conversation}/messages"), format!("{conversation}/source"), list];
    paths.map(|path| client.get(&path).status)
}

#[test]
fn a_removed_member_reads_own_work_for_thirty_days_and_not_a_second_longer() {
    let app = TestApp::start();
    let world = World::new(&app);
    let (removed, own) = (world.someone(Who::Removed), world.conversation(Who::Removed));
    assert_eq!(reads(&removed.person, &world, &own), [200, 200, 200, 200]);

    app.clock.advance(Duration::days(30) - Duration::seconds(1));
    let again = app.sign_in(&removed.person.email);
    assert_eq!(reads(&again, &world, &own), [200, 200, 200, 200]);
    let path = format!("/api/v1/conversations/{own}");
    again.patch(&path, json!({ "title": "Mine" })).is_problem(403, "former_member");
    again.get(&format!("/api/v1/classes/{}", world.class)).is_problem(404, "not_found");

    app.clock.advance(Duration::seconds(1));
    assert_eq!(reads(&again, &world, &own), [404, 404, 404, 404]);
    again.patch(&path, json!({ "title": "Mine" })).is_problem(404, "not_found");
    again.delete(&path).is_problem(404, "not_found");
}

#[test]
fn who_left_reads_own_work_for_thirty_days_too() {
    let app = TestApp::start();
    let world = World::new(&app);
    let (student, own) = (world.someone(Who::Student), world.conversation(Who::Student));
    let shared = world.shared("class");
    student.person.get(&format!("/api/v1/conversations/{shared}")).is(200);
    student.person.delete(&format!("/api/v1/enrolments/{}", student.enrolment)).is(204);
    assert_eq!(reads(&student.person, &world, &own), [200, 200, 200, 200]);
    assert_eq!(reads(&student.person, &world, &shared), [404, 404, 404, 200]);
    app.clock.advance(Duration::days(30));
    let again = app.sign_in(&student.person.email);
    assert_eq!(reads(&again, &world, &own), [404, 404, 404, 404]);
}

#[test]
fn a_change_of_role_or_membership_holds_from_the_next_request_on() {
    let app = TestApp::start();
    let world = World::new(&app);
    let (owner, tutor) = (world.someone(Who::Owner), world.someone(Who::Tutor));
    let staff = format!("/api/v1/conversations/{}", world.shared("staff"));
    let membership = format!("/api/v1/enrolments/{}", tutor.enrolment);
    tutor.person.get(&staff).is(200);
    owner.person.patch(&membership, json!({ "role": "student" })).is(200);
    tutor.person.get(&staff).is_problem(404, "not_found");
    owner.person.patch(&membership, json!({ "role": "instructor" })).is(200);
    tutor.person.get(&staff).is(200);
    owner.person.delete(&membership).is(204);
    tutor.person.get(&staff).is_problem(404, "not_found");
    owner.person.patch(&membership, json!({ "state": "active" })).is(200);
    tutor.person.get(&staff).is(200);
}

#[test]
fn a_change_of_visibility_holds_from_the_next_request_on() {
    let app = TestApp::start();
    let world = World::new(&app);
    let (student, peer, tutor) = (world.someone(Who::Student), world.someone(Who::Peer), world.someone(Who::Tutor));
    let path = format!("/api/v1/conversations/{}", world.conversation(Who::Student));
    let seen = || [&peer, &tutor].map(|who| who.person.get(&path).status);
    assert_eq!(seen(), [404, 404]);
    for (visibility, expected) in [("staff", [404, 200]), ("class", [200, 200]), ("private", [404, 404])] {
        student.person.patch(&path, json!({ "visibility": visibility })).is(200);
        assert_eq!(seen(), expected, "{visibility}");
    }
}
