//! The first day of a class, from the teacher's account to the teacher reading what a student shares: with script and
//! without, with the keyboard alone, and on a phone.

use tests::{
    TestApp,
    app::PASSWORD,
    browser::{Browser, Window, key},
};

use super::import::{export, on_disk};

/// How somebody goes about it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Mouse,
    Keyboard,
    WithoutScript,
}

/// Somebody before a browser.
struct Hand {
    browser: Browser,
    way: Way,
}

impl Hand {
    fn new(app: &TestApp, window: Window, way: Way) -> Option<Self> {
        let browser = Browser::start(format!("http://{}", app.addr), window)?;
        if way == Way::WithoutScript {
            browser.without_script();
        }
        Some(Self { browser, way })
    }

    /// Goes on with Tab until `found`, a JavaScript expression about the focused element `it`, holds.
    fn tabs_to(&self, what: &str, found: &str) {
        let there = format!("const it = document.activeElement; return Boolean({found})");
        for _ in 0..80 {
            if self.browser.ask(&there) == tests::json!(true) {
                return;
            }
            self.browser.press(&[key::TAB]);
        }
        panic!("Tab never comes to {what} at {}\n{}", self.browser.path(), self.browser.text());
    }

    /// Follows a link or presses a button of this name.
    fn presses(&self, name: &str) {
        if self.way != Way::Keyboard {
            return self.browser.click(name);
        }
        self.browser.reads(name);
        self.tabs_to(name, &format!("it.matches('a, button, summary') && it.textContent.includes('{name}')"));
        self.browser.press(&[key::ENTER]);
    }

    /// Ticks or chooses what has this name.
    fn ticks(&self, name: &str) {
        if self.way != Way::Keyboard {
            // The bar at the bottom of a phone may lie over it: people scroll.
            self.browser.ask(&format!(
                "const it = [...document.querySelectorAll('label')].find((label) => label.textContent.includes('{name}'));
                 it?.scrollIntoView({{ block: 'center' }})"
            ));
            return self.browser.click(name);
        }
        let found = format!("it.labels && [...it.labels].some((label) => label.textContent.includes('{name}'))");
        self.browser.reads(name);
        let radio = "document.activeElement.type === 'radio'";
        let begin = format!("const it = document.activeElement; return Boolean({found})");
        for _ in 0..80 {
            if self.browser.ask(&begin) == tests::json!(true) {
                return self.browser.press(&[key::SPACE]);
            }
            // Within a group of choices the arrows go on.
            let next =
                if self.browser.ask(&format!("return {radio}")) == tests::json!(true) { key::DOWN } else { key::TAB };
            self.browser.press(&[next]);
        }
        panic!("the keyboard never comes to {name} at {}\n{}", self.browser.path(), self.browser.text());
    }

    fn fills(&self, field: &str, text: &str) {
        if self.way != Way::Keyboard {
            return self.browser.fill(field, text);
        }
        self.browser.see(&format!("[name='{field}']"));
        self.tabs_to(field, &format!("it.name === '{field}'"));
        let letters: Vec<String> = text.chars().map(String::from).collect();
        self.browser.press(&letters.iter().map(String::as_str).collect::<Vec<_>>());
    }

    fn registers(&self, name: &str) {
        self.fills("display_name", name);
        self.fills("email", &format!("{name}@example.org"));
        self.fills("password", PASSWORD);
    }
}

fn journey(window: Window, way: Way) {
    let app = TestApp::start();
    let Some(teacher) = Hand::new(&app, window, way) else { return };
    teacher.browser.open("/register");
    teacher.registers("Ana");
    teacher.presses("Create the account");
    teacher.presses("Open a class");
    teacher.fills("name", "Introduction to Philosophy");
    teacher.fills("code", "PHIL 101");
    teacher.presses("Open the class");
    teacher.browser.reads("The class is open.");
    let link = teacher.browser.see("a[href*='/join/']").attribute("href").unwrap();
    let join = link.split_once("/join/").unwrap().1;

    let Some(student) = Hand::new(&app, window, way) else { return };
    student.browser.open(&format!("/join/{join}"));
    student.browser.reads("Nobody sees a conversation of yours until you share it");
    student.registers("Ben");
    student.presses("Create the account and join");
    student.browser.reads("Nothing here yet");
    let class = student.browser.path().split('?').next().unwrap().to_owned();
    student.presses("File");
    student.browser.reads("Or take an export file");
    if way == Way::Keyboard {
        student.tabs_to("the file field", "it.id === 'file'");
    }
    // The system's own window for files is not the browser's: the path is given to the field.
    student.browser.see("#file").type_in(on_disk(&app, "export.zip", &export()).to_str().unwrap());
    if way == Way::WithoutScript {
        student.browser.look("import-without-script");
        student.presses("Show me what is in it");
    }
    student.browser.reads("3 conversations, newest first");
    student.ticks("Sand");
    student.ticks("Stones");
    if way == Way::WithoutScript {
        student.browser.look("import-choice");
    } else {
        student.browser.reads("2 of 3");
    }
    student.presses("Add to PHIL 101");
    student.browser.arrives("/imports/");
    student.browser.reads("2 added");
    student.presses("Sand");
    student.browser.arrives("/conversations/");
    student.browser.reads("Small stones.");
    let conversation = student.browser.path();
    // The question that was asked in two ways.
    assert!(!student.browser.text().contains("And silt?"));
    student.browser.see(".versions a[rel]");
    if way == Way::Keyboard {
        student.tabs_to("the other version", "it.matches('.versions a[rel]')");
        student.browser.press(&[key::ENTER]);
    } else {
        student.browser.see(".versions a[rel]").click();
    }
    student.browser.reads("And silt?");
    student.presses("Only me");
    student.ticks("Whole class");
    student.presses("Change who can see it");
    student.presses("Share it");
    student.browser.reads("Whole class (2 people)");

    teacher.browser.open(&class);
    teacher.browser.reads("Sand");
    assert!(!teacher.browser.text().contains("Stones"), "what is not shared shows");
    teacher.presses("Sand");
    teacher.browser.arrives(&conversation);
    teacher.browser.reads("Small stones.");
    student.browser.is_clean();
    teacher.browser.is_clean();
}

#[test]
fn with_a_mouse() {
    journey(Window::Desktop, Way::Mouse);
}

#[test]
fn with_script_switched_off() {
    journey(Window::Desktop, Way::WithoutScript);
}

#[test]
fn with_the_keyboard_alone() {
    journey(Window::Desktop, Way::Keyboard);
}

#[test]
fn on_a_phone() {
    journey(Window::Phone, Way::Mouse);
}
