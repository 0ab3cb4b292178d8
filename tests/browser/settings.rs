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
    ana.reads("In your own time.");
    ana.click("From a date on");
    ana.ask("document.getElementById('blind_until').value = '2026-03-03T14:30'");
    ana.click("Save who sees what");
    ana.reads("Saved.");
    let class = room.ana.get(&format!("/api/v1/classes/{}", room.class)).is(200).json();
    assert_eq!((&class["blind"], &class["blind_until"]), (&json!("until_date"), &json!("2026-03-03T09:00:00Z")));
    assert_eq!(ana.ask("return document.getElementById('blind_until').value"), json!("2026-03-03T14:30"));
    ana.is_clean();
}
