//! Pages that follow what changes: the class, its invitations, a conversation that is taken back; many tabs of one person.

use tests::{
    browser::{Browser, Window},
    json,
};

use super::{
    live::{goes_to_the_mark, is_live},
    marks::Room,
    reader, signed_in,
};

/// Waits until a page that is not a conversation follows what happens.
fn follows(browser: &Browser) {
    browser.eventually("the page is live", || browser.count("html[data-live=on]") == 1);
}

#[test]
fn a_class_shows_what_comes_in_what_is_shared_and_what_is_taken_back() {
    let room = Room::open();
    let class = format!("/classes/{}", room.class);
    let Some(cid) = reader(&room.app, "cid", Window::Desktop, &class, true) else { return };
    follows(&cid);
    let id = room.ben.writes(&room.class, "On stones", "class");
    cid.reads("On stones");
    let path = format!("/api/v1/conversations/{id}");
    room.ben.patch(&path, json!({ "title": "On rocks" })).is(200);
    cid.reads("On rocks");
    room.ben.patch(&path, json!({ "visibility": "private" })).is(200);
    cid.eventually("it is gone", || !cid.text().contains("On rocks"));
    room.ben.patch(&path, json!({ "visibility": "class" })).is(200);
    cid.reads("On rocks");
    room.ben.delete(&path).is(204);
    cid.eventually("it is gone", || !cid.text().contains("On rocks"));
    cid.look("live-class");
}

#[test]
fn an_invitation_counts_who_joins() {
    let room = Room::open();
    let code = room.ana.invites(&room.class, "student");
    let invites = room.ana.get(&format!("/api/v1/classes/{}/invites", room.class)).is(200).items();
    let invite = invites.iter().find(|one| one["code"] == code.as_str()).unwrap()["id"].as_str().unwrap().to_owned();
    let Some(ana) = reader(&room.app, "ana", Window::Desktop, &format!("/invites/{invite}"), true) else { return };
    follows(&ana);
    ana.reads("0 joined");
    for (name, count) in [("dan", "1 joined"), ("eve", "2 joined")] {
        room.app.person(name).joins(&code);
        ana.reads(count);
    }
    ana.open(&format!("/classes/{}/members", room.class));
    follows(&ana);
    room.app.person("fay").joins(&code);
    ana.reads("fay@example.org");
    ana.is_clean();
}

#[test]
fn a_conversation_that_is_not_shared_any_more_says_so_and_keeps_what_was_typed() {
    let room = Room::open();
    room.marks_words(&room.ben, 2, "divisor", json!({ "note": "Look here", "audience": "class" }));
    let Some(cid) = reader(&room.app, "cid", Window::Desktop, &room.path, true) else { return };
    is_live(&cid);
    goes_to_the_mark(&cid);
    cid.click("Reply");
    cid.see(".thread textarea").type_in("Half a thought");
    room.ben.patch(&format!("/api/v1/conversations/{}", room.id), json!({ "visibility": "private" })).is(200);
    cid.reads("ben no longer shares this conversation.");
    cid.reads("Half a thought");
    assert!(!cid.text().contains("How do I find out"));
    cid.look("live-away");
    // Shared again it is one press away, and the words stand there until then.
    room.ben.patch(&format!("/api/v1/conversations/{}", room.id), json!({ "visibility": "class" })).is(200);
    cid.reads("It is here again.");
    cid.reads("Half a thought");
    room.ben.patch(&format!("/api/v1/conversations/{}", room.id), json!({ "visibility": "private" })).is(200);
    cid.eventually("it is not offered any more", || !cid.text().contains("It is here again."));
    room.ben.patch(&format!("/api/v1/conversations/{}", room.id), json!({ "visibility": "class" })).is(200);
    cid.click("Show it");
    cid.reads("How do I find out");
    cid.is_clean();
}

#[test]
fn who_can_see_it_and_new_messages_show_in_an_open_conversation() {
    let room = Room::open();
    let Some(ana) = reader(&room.app, "ana", Window::Desktop, &room.path, true) else { return };
    is_live(&ana);
    let path = format!("/api/v1/conversations/{}", room.id);
    room.ben.patch(&path, json!({ "visibility": "staff", "title": "Is it still prime?" })).is(200);
    ana.reads("Is it still prime?");
    ana.eventually("it is for the teachers", || ana.count(".reading[data-visibility=staff] .chip.staff") == 1);
    let more = json!({ "messages": [{ "role": "user", "content": "One more question" }] });
    room.ben.post(&format!("{path}/messages"), more).is(201);
    ana.click("1 new message");
    ana.reads("One more question");
    ana.is_clean();
}

#[test]
fn a_summary_of_marks_follows() {
    let room = Room::open();
    let Some(cid) = reader(&room.app, "cid", Window::Desktop, &format!("{}/marks", room.path), true) else { return };
    follows(&cid);
    let mark = room.marks_words(&room.ben, 2, "divisor", json!({ "note": "Look here", "audience": "class" }));
    cid.reads("Look here");
    room.ben.patch(&format!("/api/v1/annotations/{mark}"), json!({ "audience": "private" })).is(200);
    cid.reads("Nothing is marked here");
    cid.is_clean();
}

#[test]
fn who_is_removed_from_the_class_sees_nothing_more_of_it() {
    let room = Room::open();
    let members = room.ana.get(&format!("/api/v1/classes/{}/enrolments", room.class)).is(200).items();
    let cids = members.iter().find(|one| one.to_string().contains("cid@example.org")).unwrap();
    let Some(cid) = reader(&room.app, "cid", Window::Desktop, &room.path, true) else { return };
    is_live(&cid);
    let begun = std::time::Instant::now();
    room.ana.delete(&format!("/api/v1/enrolments/{}", cids["id"].as_str().unwrap())).is(204);
    cid.reads("Not here, or not shared with you");
    assert!(begun.elapsed() < std::time::Duration::from_secs(5), "{:?}", begun.elapsed());
    let open = "colloquium_streams_open 0\n";
    cid.eventually("no stream is open", || room.app.anonymous().get("/metrics").is(200).text().contains(open));
}

/// Eight tabs of one person stay live with one stream, whichever of them goes.
fn eight_tabs(base: &str, room: &Room) {
    let Some(cid) = signed_in(base, &room.cid, Window::Desktop) else { return };
    cid.open(&room.path);
    is_live(&cid);
    let mut tabs = vec![cid.this_tab()];
    for _ in 1..8 {
        tabs.push(cid.tab(&room.path));
        is_live(&cid);
    }
    let streams = || room.app.anonymous().get("/metrics").is(200).text();
    cid.eventually("one stream is open", || streams().contains("colloquium_streams_open 1\n"));
    let all_read = |tabs: &[String], words: &str| {
        for tab in tabs {
            cid.turn_to(tab);
            cid.reads(words);
        }
    };
    room.marks_words(&room.ben, 2, "divisor", json!({ "audience": "class" }));
    all_read(&tabs, "1 new mark");
    // The one with the stream goes, and another one takes over.
    cid.turn_to(&tabs[0]);
    cid.close_tab(&tabs[1]);
    tabs.remove(0);
    room.marks_words(&room.ben, 2, "composite", json!({ "audience": "class" }));
    all_read(&tabs, "2 new marks");
    cid.eventually("one stream is open", || streams().contains("colloquium_streams_open 1\n"));
}

#[test]
fn eight_tabs_of_one_person_are_all_live() {
    let room = Room::open();
    eight_tabs(&format!("http://{}", room.app.addr), &room);
}

#[test]
fn eight_tabs_are_live_over_plain_http_from_another_machine_too() {
    let room = Room::open();
    let base = format!("http://school.test:{}", room.app.addr.port());
    let Some(cid) = signed_in(&base, &room.cid, Window::Desktop) else { return };
    cid.open(&room.path);
    assert_eq!(cid.ask("return isSecureContext || 'locks' in navigator"), json!(false));
    drop(cid);
    eight_tabs(&base, &room);
}

#[test]
fn the_codebook_a_discussion_and_the_queue_of_flags_follow() {
    let room = Room::open();
    let (class, mark) = (&room.class, room.marks_words(&room.ben, 2, "divisor", json!({ "audience": "class" })));
    let Some(ana) = reader(&room.app, "ana", Window::Desktop, &format!("/classes/{class}/codebook"), true) else {
        return;
    };
    follows(&ana);
    room.ben.post(&format!("/api/v1/classes/{class}/tags"), json!({ "name": "Hedge" })).is(201);
    ana.reads("Hedge");
    ana.open(&format!("/annotations/{mark}"));
    follows(&ana);
    ana.see("textarea[name=body]").type_in("Half a thought");
    let comments = format!("/api/v1/annotations/{mark}/comments");
    let comment = room.cid.post(&comments, json!({ "body": "Is it?" })).is(201).str("id");
    ana.reads("Is it?");
    assert_eq!(ana.ask("return document.activeElement.value"), json!("Half a thought"));
    ana.open(&format!("/classes/{class}/flags"));
    follows(&ana);
    ana.reads("Nothing waits for you.");
    room.ben.post(&format!("/api/v1/comments/{comment}/flags"), json!({ "reason": "Unkind" })).is(201);
    ana.reads("Unkind");
    room.cid.delete(&format!("/api/v1/comments/{comment}")).is(204);
    ana.reads("Nothing waits for you.");
    ana.is_clean();
}

#[test]
fn in_a_blind_class_others_show_with_the_last_mark_of_ones_own() {
    let room = Room::open();
    let blind = json!({ "blind": "until_marks", "blind_marks": 2 });
    room.ana.patch(&format!("/api/v1/classes/{}", room.class), blind).is(200);
    room.marks_words(&room.ben, 2, "divisor", json!({ "note": "Not yet", "audience": "class" }));
    let Some(cid) = reader(&room.app, "cid", Window::Desktop, &room.path, true) else { return };
    is_live(&cid);
    cid.reads("0 marks");
    cid.reads("once you have made 2 of your own here. 2 more to go.");
    let first = room.marks_words(&room.cid, 2, "composite", json!({ "audience": "class" }));
    cid.reads("1 more to go.");
    cid.look("live-blind");
    room.marks_words(&room.cid, 2, "larger", json!({ "audience": "class" }));
    cid.click("1 new mark");
    cid.reads("Not yet");
    assert!(!cid.text().contains("to go"));
    // They go with it, too.
    room.cid.delete(&format!("/api/v1/annotations/{first}")).is(204);
    cid.reads("1 more to go.");
    cid.eventually("it is out of sight", || !cid.text().contains("Not yet"));
}

#[test]
fn once_others_show_their_marks_are_asked_for_one_by_one() {
    let room = Room::open();
    let blind = json!({ "blind": "until_marks", "blind_marks": 1 });
    room.ana.patch(&format!("/api/v1/classes/{}", room.class), blind).is(200);
    room.marks_words(&room.cid, 2, "composite", json!({ "audience": "class" }));
    // So long ago that the page is not told of it once more.
    room.app.clock.advance(time::Duration::minutes(5));
    let Some(cid) = reader(&room.app, "cid", Window::Desktop, &room.path, true) else { return };
    is_live(&cid);
    cid.reads("1 mark");
    cid.ask("performance.clearResourceTimings()");
    room.marks_words(&room.ben, 2, "divisor", json!({ "audience": "class" }));
    cid.reads("1 new mark");
    let asked = cid.ask("return performance.getEntriesByType('resource').map(one => one.name).filter(name => name.includes('/annotations'))");
    let asked: Vec<&str> = asked.as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    assert!(asked.len() == 1 && asked[0].contains("ids="), "{asked:?}");
}

#[test]
fn the_marks_of_others_come_into_sight_in_an_open_tab_when_their_date_has_come() {
    let room = Room::open();
    // Two seconds after a test's clock begins.
    let blind = json!({ "blind": "until_date", "blind_until": "2026-03-02T09:00:02Z" });
    room.ana.patch(&format!("/api/v1/classes/{}", room.class), blind).is(200);
    room.marks_words(&room.ben, 2, "divisor", json!({ "note": "Not yet", "audience": "class" }));
    let Some(cid) = reader(&room.app, "cid", Window::Desktop, &room.path, true) else { return };
    is_live(&cid);
    cid.reads("You see the marks of others from");
    cid.reads("0 marks");
    room.app.clock.advance(time::Duration::seconds(3));
    cid.click("1 new mark");
    cid.reads("Not yet");
    cid.eventually("it says so no more", || !cid.text().contains("You see the marks of others"));
    cid.is_clean();
}

#[test]
fn a_burst_of_marks_costs_a_tab_one_request_in_250_milliseconds() {
    let room = Room::open();
    let Some(cid) = reader(&room.app, "cid", Window::Desktop, &room.path, true) else { return };
    is_live(&cid);
    cid.ask("performance.clearResourceTimings()");
    for number in 0..30 {
        let (person, words) = if number % 2 == 0 { (&room.ana, "divisor") } else { (&room.ben, "composite") };
        room.marks_words(person, 2, words, json!({ "audience": "class" }));
    }
    cid.reads("30 new marks");
    let asked = "return performance.getEntriesByType('resource').filter(one => /annotations|changes/.test(one.name))
        .map(one => one.startTime)";
    let times: Vec<f64> = cid.ask(asked).as_array().unwrap().iter().map(|at| at.as_f64().unwrap()).collect();
    assert!(!times.is_empty() && times.len() <= 30, "{times:?}");
    // Timers may be a little early.
    assert!(times.iter().zip(times.iter().skip(1)).all(|(one, next)| next - one > 240.0), "{times:?}");
}

#[test]
fn who_was_away_for_too_long_reads_everything_anew() {
    let room = Room::open();
    let Some(cid) = reader(&room.app, "cid", Window::Desktop, "/account", true) else { return };
    // As a page that has slept since before what is kept.
    let slept = "document.addEventListener('readystatechange', () => {
        const main = document.querySelector('main[data-since]');
        if (main) main.dataset.since = '1';
    })";
    cid.command("Page.addScriptToEvaluateOnNewDocument", &json!({ "source": slept }));
    cid.open(&room.path);
    is_live(&cid);
    assert_eq!(cid.ask("return document.querySelector('main').dataset.since"), json!("1"));
    room.marks_words(&room.ben, 2, "divisor", json!({ "audience": "class" }));
    cid.reads("1 new mark");
}

#[test]
fn a_tab_that_leads_and_does_not_answer_is_taken_over_from() {
    let room = Room::open();
    let Some(cid) = reader(&room.app, "cid", Window::Desktop, "/account", true) else { return };
    cid.ask(&format!("navigator.locks.request('live.{}', () => new Promise(() => {{}}))", room.class));
    let _reading: String = cid.tab(&room.path);
    cid.reads("Select words to mark them.");
    assert_eq!(cid.count("html[data-live=on]"), 0);
    // As when the computer wakes up, or the tab is looked at again.
    cid.ask("dispatchEvent(new Event('online'))");
    is_live(&cid);
    room.marks_words(&room.ben, 2, "divisor", json!({ "audience": "class" }));
    cid.reads("1 new mark");
}

#[test]
fn logging_in_again_in_one_tab_is_enough_for_all() {
    let room = Room::open();
    let Some(cid) = reader(&room.app, "cid", Window::Desktop, &room.path, true) else { return };
    is_live(&cid);
    let first = cid.this_tab();
    let second = cid.tab(&format!("/classes/{}", room.class));
    follows(&cid);
    for session in room.cid.get("/api/v1/sessions").is(200).items() {
        if session["current"] == false {
            room.cid.delete(&format!("/api/v1/sessions/{}", session["id"].as_str().unwrap())).is(204);
        }
    }
    for tab in [&first, &second] {
        cid.turn_to(tab);
        cid.reads("You were logged out.");
    }
    cid.look("live-over");
    cid.click("Log in");
    cid.see("#again-password").type_in(tests::app::PASSWORD);
    cid.press(&[tests::browser::key::ENTER]);
    for tab in [&second, &first] {
        cid.turn_to(tab);
        follows(&cid);
        cid.eventually("nothing is asked any more", || !cid.text().contains("You were logged out."));
    }
    room.marks_words(&room.ben, 2, "divisor", json!({ "audience": "class" }));
    cid.reads("1 new mark");
}
