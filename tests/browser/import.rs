//! Bringing conversations in, with script: paste anywhere, and files that stay on the computer.

use std::path::PathBuf;

use tests::{
    Person, TestApp,
    app::PASSWORD,
    browser::{Browser, Window, key},
    fixture::{self, chat, zip},
    json,
};

/// A file on the computer of whoever sits before the browser.
pub(crate) fn on_disk(app: &TestApp, name: &str, bytes: &[u8]) -> PathBuf {
    let path = app.config.data_dir.join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

/// Two files of conversations, three in all; one of them has a question that was asked in two ways.
pub(crate) fn export() -> Vec<u8> {
    let mut sand = chat("Sand", 1_710_000_000, &["And sand?", "Small stones.", "And dust?"]);
    let mut other = sand["mapping"]["m2"].clone();
    (other["id"], other["message"]["id"]) = (json!("m3"), json!("m3"));
    other["message"]["content"]["parts"] = json!(["And silt?"]);
    sand["mapping"]["m3"] = other;
    sand["mapping"]["m1"]["children"] = json!(["m3", "m2"]);
    let first = json!([chat("Stones", 1_700_000_000, &["What is a stone?", "A piece of rock."])]).to_string();
    let second = json!([sand, chat("Clay <b>", 1_720_000_000, &["Clay?", "Finer still."])]).to_string();
    zip(&[
        ("export/conversations-000.json", first.as_bytes()),
        ("export/conversations-001.json", second.as_bytes()),
        ("__MACOSX/export/._conversations-000.json", b"x"),
        ("export/picture.png", b"x"),
    ])
}

fn log_in(browser: &Browser, person: &Person) {
    browser.open("/login");
    browser.fill("email", &person.email);
    browser.fill("password", PASSWORD);
    browser.press(&[key::ENTER]);
    browser.reads("My classes");
}

/// A student before a browser, at the import page of a class.
pub(crate) fn student(app: &TestApp, window: Window) -> Option<(Browser, Person, String)> {
    let browser = Browser::start(format!("http://{}", app.addr), window)?;
    let (teacher, ana) = (app.person("teacher"), app.person("ana"));
    let class = teacher.opens_class("PHIL 101");
    teacher.admits(&class, &ana, "student");
    log_in(&browser, &ana);
    browser.open(&format!("/classes/{class}/import"));
    browser.reads("Paste one conversation");
    Some((browser, ana, class))
}

fn titles(ana: &Person, class: &str) -> Vec<String> {
    let all = ana.get(&format!("/api/v1/classes/{class}/conversations?sort=title")).is(200).items();
    all.iter().map(|one| one["title"].as_str().unwrap_or_default().to_owned()).collect()
}

/// Presses Ctrl+V with this in the clipboard, wherever the focus is.
fn paste(browser: &Browser, html: &str, text: &str) {
    browser.ask(&format!(
        "const data = new DataTransfer();
         if ({html}) data.setData('text/html', {html});
         data.setData('text/plain', {text});
         document.body.dispatchEvent(new ClipboardEvent('paste', {{ clipboardData: data, bubbles: true, cancelable: true }}))",
        html = json!(html),
        text = json!(text),
    ));
}

#[test]
fn a_zip_is_looked_into_here_and_only_what_is_ticked_is_sent() {
    let app = TestApp::start();
    for window in [Window::Desktop, Window::Phone] {
        let app = if window == Window::Desktop { &app } else { &TestApp::start() };
        let Some((browser, ana, class)) = student(app, window) else { return };
        browser.look("import");
        browser.see("#file").type_in(on_disk(app, "export.zip", &export()).to_str().unwrap());
        browser.reads("3 conversations, newest first. The file is still on this computer");
        browser.reads("0 of 3");
        let first = browser.see(".pick-list li").text().unwrap();
        assert!(first.contains("Clay <b>") && first.contains("2 messages"), "{first}");
        browser.look("import-found");
        // A range: the first, then the last with Shift.
        browser.click("Clay <b>");
        if window == Window::Desktop {
            browser.see(".pick-list li:nth-child(3) input").click_with(key::SHIFT);
        } else {
            // A phone has no Shift.
            browser.see(".pick-list li:nth-child(2) input").click();
            browser.see(".pick-list li:nth-child(3) input").click();
        }
        browser.reads("3 of 3");
        browser.click("Untick all");
        browser.see("#filter").type_in("s");
        browser.eventually("two are shown", || browser.count(".pick-list li:not([hidden])") == 2);
        browser.click("Tick all shown");
        browser.reads("2 of 3");
        browser.see("#filter").clear();
        browser.see("#filter").type_in(" ");
        browser.see(".pick-list li:nth-child(2) summary").click();
        browser.see(".preview");
        assert!(browser.see(".preview").text().unwrap().contains("And dust?"));
        browser.look("import-preview");
        browser.press(&[key::ESCAPE]);
        browser.eventually("the preview is closed", || browser.count(".preview:not([hidden])") == 0);
        browser.click("Add to PHIL 101");
        browser.arrives("/imports/");
        browser.reads("2 added");
        browser.look("import-report");
        assert_eq!(titles(&ana, &class), ["Sand", "Stones"]);
    }
}

#[test]
fn nothing_is_sent_without_a_tick_and_a_lone_file_works_too() {
    let app = TestApp::start();
    let Some((browser, ana, class)) = student(&app, Window::Desktop) else { return };
    let one = json!([chat("Only one", 1_700_000_000, &["Why?", "So."])]).to_string();
    browser.see("#file").type_in(on_disk(&app, "conversations.json", one.as_bytes()).to_str().unwrap());
    browser.reads("1 conversation, newest first");
    let can_add = || browser.count(".bar button.primary:enabled") == 1;
    assert!(!can_add(), "nothing is ticked");
    assert!(titles(&ana, &class).is_empty());
    browser.see("#filter").type_in("xyzzy");
    browser.reads("No title fits.");
    browser.click("Clear the filter");
    browser.click("Only one");
    assert!(can_add());
    browser.click("Add to PHIL 101");
    // One conversation is opened at once, and only its owner sees it.
    browser.arrives("/conversations/");
    browser.reads("Added. Only you see it.");
    browser.click("Share…");
    browser.reads("Change who can see it");
    browser.look("import-added");
    assert_eq!(titles(&ana, &class), ["Only one"]);
}

#[test]
fn several_files_and_a_folder_are_looked_into_as_one() {
    let app = TestApp::start();
    let Some((browser, ..)) = student(&app, Window::Desktop) else { return };
    let folder = app.config.data_dir.join("my export");
    std::fs::create_dir(&folder).unwrap();
    let file = |name: &str, title: &str, updated| {
        let bytes = json!([chat(title, updated, &["Why?", "So."])]).to_string();
        let path = folder.join(name);
        std::fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let files = [file("conversations-000.json", "First", 1), file("conversations-001.json", "Second", 2)];
    std::fs::write(folder.join("user.json"), b"{}").unwrap();
    browser.see("#file").type_in(&files.join("\n"));
    browser.reads("2 conversations, newest first");
    browser.click("Another file");
    browser.see("#folder").type_in(folder.to_str().unwrap());
    browser.reads("2 conversations, newest first");
    browser.click("Second");
    browser.click("Add to PHIL 101");
    browser.arrives("/conversations/");
    browser.reads("Added. Only you see it.");
    browser.is_clean();
}

#[test]
fn what_is_no_export_is_said_and_what_is_damaged_too() {
    let app = TestApp::start();
    let Some((browser, ..)) = student(&app, Window::Desktop) else { return };
    let zip = zip(&[("picture.png", b"x")]);
    browser.see("#file").type_in(on_disk(&app, "pictures.zip", &zip).to_str().unwrap());
    browser.reads("There is no conversations.json in it.");
    browser.reads("Send the whole file to the server instead");
    let cut = &export()[..300];
    browser.see("#file").type_in(on_disk(&app, "cut.zip", cut).to_str().unwrap());
    browser.reads("This ZIP is cut off");
    browser.is_clean();
}

#[test]
fn ctrl_v_anywhere_shows_at_once_what_was_pasted() {
    let app = TestApp::start();
    let Some((browser, ana, class)) = student(&app, Window::Desktop) else { return };
    paste(&browser, "", "https://chatgpt.com/share/0123");
    browser.reads("We do not fetch links. Open it, select all, copy, paste here.");
    paste(&browser, "", "User: What is a stone?\n\nAssistant: A piece of rock.");
    browser.reads("Looks complete?");
    browser.reads("2 messages");
    browser.look("import-pasted");
    browser.click("Add to PHIL 101");
    browser.arrives("/conversations/");
    browser.reads("Added. Only you see it.");
    assert_eq!(titles(&ana, &class).len(), 1);
}

#[test]
fn who_speaks_is_said_by_hand() {
    let app = TestApp::start();
    for window in [Window::Desktop, Window::Phone] {
        let app = if window == Window::Desktop { &app } else { &TestApp::start() };
        let Some((browser, ana, class)) = student(app, window) else { return };
        paste(&browser, "", "Why is it so? 🙂 Because it is.\n\nAnd then?\n\n\nThen it ends.");
        browser.reads("Who speaks?");
        browser.look("import-turns");
        // The second and third paragraph came as one part; the first is two.
        browser.see(".turn:nth-child(2) textarea");
        assert_eq!(browser.count(".turn"), 2);
        let cursor = |part: usize, before: &str| {
            browser.ask(&format!(
                "const words = document.querySelectorAll('.turn textarea')[{}];
                 words.focus(); words.selectionStart = words.selectionEnd = words.value.indexOf('{before}')",
                part - 1
            ));
        };
        cursor(1, "Because");
        browser.see(".turn:nth-child(1) button").click();
        browser.eventually("there are three", || browser.count(".turn") == 3);
        cursor(3, "Then");
        browser.see(".turn:nth-child(3) button").click();
        browser.eventually("there are four", || browser.count(".turn") == 4);
        browser.click("Swap all");
        browser.click("Undo");
        browser.click("Undo");
        browser.eventually("the last split is undone", || browser.count(".turn") == 3);
        cursor(3, "Then");
        browser.see(".turn:nth-child(3) button").click();
        browser.eventually("there are four again", || browser.count(".turn") == 4);
        let said = |part: usize, who: &str| {
            browser.see(&format!(".turn:nth-child({part}) option[value$={who}]")).choose();
        };
        said(3, "user");
        said(4, "assistant");
        browser.click("Save in PHIL 101");
        browser.arrives("/conversations/");
        browser.is_clean();
        let id = ana.get(&format!("/api/v1/classes/{class}/conversations")).items()[0]["id"].clone();
        let messages = ana.get(&format!("/api/v1/conversations/{}/messages", id.as_str().unwrap())).items();
        let said: Vec<_> =
            messages.iter().map(|m| (m["role"].as_str().unwrap(), m["content"].as_str().unwrap())).collect();
        let expected = [
            ("user", "Why is it so? 🙂"),
            ("assistant", "Because it is."),
            ("user", "And then?"),
            ("assistant", "Then it ends."),
        ];
        assert_eq!(said, expected);
    }
}

#[test]
fn a_larger_export_is_listed_and_little_of_it_is_sent() {
    let app = TestApp::start();
    let Some((browser, ..)) = student(&app, Window::Desktop) else { return };
    let mut file = std::io::Cursor::new(Vec::new());
    fixture::chatgpt_zip(3_000_000, 15, 20_000, &mut file).unwrap();
    browser.see("#file").type_in(on_disk(&app, "export.zip", file.get_ref()).to_str().unwrap());
    browser.reads("newest first. The file is still on this computer");
    browser.ask("performance.clearResourceTimings()");
    browser.see(".pick-list li:nth-child(2) label").click();
    browser.click("Add to PHIL 101");
    browser.arrives("/conversations/");
    browser.reads("Added. Only you see it.");
    browser.is_clean();
}

#[test]
fn what_is_here_already_is_said_before_it_is_sent() {
    let app = TestApp::start();
    let Some((browser, ana, class)) = student(&app, Window::Desktop) else { return };
    let older = json!([chat("Stones", 1_700_000_000, &["What is a stone?", "A piece of rock."])]);
    ana.imports(&class, "", older.to_string()).is(201);
    let again = json!([older[0], chat("Sand", 1_710_000_000, &["And sand?", "Small stones."])]).to_string();
    browser.see("#file").type_in(on_disk(&app, "conversations.json", again.as_bytes()).to_str().unwrap());
    browser.reads("2 conversations, newest first");
    assert_eq!(browser.count(".pick-list .here"), 1);
    assert!(browser.see(".pick-list .here").text().unwrap().contains("here already"));
    browser.look("import-here");
}
