//! The settings of a class.

use tests::{browser::Window, json};

use super::{marks::Room, reader};

#[test]
fn a_date_is_typed_in_ones_own_time_and_kept_in_utc() {
    let room = Room::open();
    let settings = format!("/classes/{}/settings", room.class);
    let Some(ana) = reader(&room.app, "ana", Window::Desktop, "/", true) else { return };
    ana.command("Emulation.setTimezoneOverride", &json!({ "timezoneId": "Asia/Kolkata" }));
    ana.open(&settings);
    // What belongs to a choice is there while it is chosen.
    ana.see("#name");
    assert!(!ana.text().contains("In your own time."));
    ana.click("From a date on");
    ana.reads("In your own time.");
    ana.ask("document.getElementById('blind_until').value = '2026-03-03T14:30'");
    ana.click("Save");
    ana.reads("Saved.");
    let class = room.ana.get(&format!("/api/v1/classes/{}", room.class)).is(200).json();
    assert_eq!((&class["blind"], &class["blind_until"]), (&json!("until_date"), &json!("2026-03-03T09:00:00Z")));
    assert_eq!(ana.ask("return document.getElementById('blind_until').value"), json!("2026-03-03T14:30"));
    ana.is_clean();
}

#[test]
fn changes_that_are_not_saved_are_said_and_asked_about_before_one_leaves() {
    let room = Room::open();
    let settings = format!("/classes/{}/settings", room.class);
    for window in [Window::Desktop, Window::Phone] {
        let Some(ana) = reader(&room.app, "ana", window, &settings, true) else { return };
        let asks = || {
            let leave = "const leave = new Event('beforeunload', { cancelable: true }); dispatchEvent(leave); return leave.defaultPrevented";
            ana.ask(leave) == json!(true)
        };
        ana.see("#name");
        assert!(!asks() && !ana.text().contains("Unsaved changes"));
        // What belongs to a choice is there while it is chosen.
        assert_eq!(ana.ask("return document.getElementById('blind_marks').checkVisibility()"), json!(false));
        ana.click("After marks of their own");
        ana.reads("Unsaved changes");
        ana.fill("blind_marks", "2");
        assert!(asks());
        ana.look("settings-unsaved");
        ana.see("form[data-unsaved] .bar button.primary").click();
        ana.reads("Saved.");
        assert!(!asks() && !ana.text().contains("Unsaved changes"));
        let class = room.ana.get(&format!("/api/v1/classes/{}", room.class)).is(200).json();
        assert_eq!((&class["blind"], &class["blind_marks"]), (&json!("until_marks"), &json!(2)));
        room.ana.patch(&format!("/api/v1/classes/{}", room.class), json!({ "blind": "open" })).is(200);
        ana.is_clean();
    }
}
