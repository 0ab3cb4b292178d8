//! For whom an annotation is, and that it is never for more people than its conversation.

use tests::{Person, json};

use super::{Room, at, ids, mark};

#[test]
fn a_list_holds_exactly_what_is_for_its_reader() {
    let room = Room::open();
    let (id, _) = room.text("class", "A heap.");
    let dan = room.app.person("dan");
    room.ana.admits(&room.class, &dan, "tutor");
    let made = ["private", "staff", "class"]
        .map(|audience| mark(&room.cid, &id, json!({ "audience": audience })).is(201).str("id"));
    let sees = |who: &Person| ids(who, &id, "");
    assert_eq!(sees(&room.cid), made);
    for staff in [&room.ana, &dan] {
        assert_eq!(sees(staff), made[1..]);
    }
    // The conversation's owner is a student like others.
    assert_eq!(sees(&room.ben), made[2..]);
    for (audience, expected) in [("private", 0), ("staff", 0), ("class", 1)] {
        assert_eq!(ids(&room.ben, &id, &format!("?audience={audience}")).len(), expected);
    }
}

#[test]
fn an_annotation_is_never_for_more_people_than_its_conversation() {
    let room = Room::open();
    let wide = vec![("/audience".to_owned(), "audience_too_wide".to_owned())];
    for (visibility, fine, refused) in
        [("private", vec!["private"], vec!["staff", "class"]), ("staff", vec!["private", "staff"], vec!["class"])]
    {
        let (id, _) = room.text(visibility, "A heap.");
        for audience in fine {
            mark(&room.ben, &id, json!({ "audience": audience })).is(201);
        }
        let path = at(&ids(&room.ben, &id, "")[0]);
        for audience in refused {
            let answer = mark(&room.ben, &id, json!({ "audience": audience }));
            assert_eq!(answer.is_problem(422, "validation_failed").field_errors(), wide);
            let answer = room.ben.patch(&path, json!({ "audience": audience }));
            assert_eq!(answer.is_problem(422, "validation_failed").field_errors(), wide);
        }
    }
}

#[test]
fn marks_go_out_of_sight_with_the_conversation_and_come_back_as_they_were() {
    let room = Room::open();
    let (id, _) = room.text("class", "A heap.");
    let made = ["private", "staff", "class"]
        .map(|audience| mark(&room.cid, &id, json!({ "audience": audience })).is(201).str("id"));
    let own = mark(&room.ben, &id, json!({ "audience": "class" })).is(201).str("id");
    let conversation = format!("/api/v1/conversations/{id}");
    let share = |visibility: &str| room.ben.patch(&conversation, json!({ "visibility": visibility })).is(200);
    let sees = |who: &Person| made.iter().chain([&own]).map(|mark| who.get(&at(mark)).status).collect::<Vec<_>>();
    let before = [&room.ana, &room.ben, &room.cid].map(sees);
    assert_eq!(before, [[404, 200, 200, 200], [404, 404, 200, 200], [200, 200, 200, 200]].map(Vec::from));
    share("staff");
    assert_eq!(sees(&room.ana), [404, 200, 200, 200]);
    assert_eq!(sees(&room.cid), [404; 4]);
    share("private");
    assert_eq!(sees(&room.ana), [404; 4]);
    assert_eq!(sees(&room.ben), [404, 404, 200, 200]);
    share("class");
    assert_eq!([&room.ana, &room.ben, &room.cid].map(sees), before);
}

#[test]
fn a_class_that_hides_marks_until_one_has_made_some_shows_no_count_and_no_row() {
    let room = Room::open();
    let (id, _) = room.text("class", "A heap.");
    room.run("UPDATE class SET blind = 'until_marks', blind_marks = 2");
    let theirs = mark(&room.cid, &id, json!({ "audience": "class" })).is(201).str("id");
    assert_eq!((ids(&room.ben, &id, "").len(), room.ben.get(&at(&theirs)).status), (0, 404));
    assert_eq!(ids(&room.ana, &id, "").len(), 1);
    mark(&room.ben, &id, json!({})).is(201);
    assert_eq!(ids(&room.ben, &id, "").len(), 1);
    mark(&room.ben, &id, json!({})).is(201);
    assert_eq!(ids(&room.ben, &id, "").len(), 3);
}
