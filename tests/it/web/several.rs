//! Several conversations at once: shared, taken back and deleted by their owner, without script.

use tests::{
    Person, PlainBrowser, TestApp, json,
    plain::{Form, View},
};

use super::log_in;

/// Ben studies Logic with Ana, who teaches, and Cid; three conversations are his own.
struct Shelf {
    ana: Person,
    ben: Person,
    cid: Person,
    class: String,
    path: String,
    ids: Vec<String>,
    browser: PlainBrowser,
    _app: TestApp,
}

impl Shelf {
    fn open() -> Self {
        let app = TestApp::start();
        let ([ana, ben, cid], class) = app.lesson("Logic");
        let ids = ["Alpha", "Beta", "Gamma"].map(|title| ben.writes(&class, title, "private")).to_vec();
        let (browser, path) = (log_in(&app, "ben"), format!("/classes/{class}/conversations"));
        Self { ana, ben, cid, class, path, ids, browser, _app: app }
    }

    /// Ticks these on the page of the class and presses a button.
    fn asks(&self, deed: &str, ids: &[&String]) -> View {
        let page = self.browser.open(&format!("/classes/{}", self.class)).is(200);
        pressed(page.form(&self.path), deed, ids).submit()
    }

    fn titles(&self, person: &Person) -> Vec<String> {
        let all = person.get(&format!("/api/v1/classes/{}/conversations?sort=title", self.class)).is(200).items();
        all.iter().map(|one| one["title"].as_str().unwrap().to_owned()).collect()
    }
}

fn pressed(mut form: Form, deed: &str, ids: &[&String]) -> Form {
    form.fields.extend(ids.iter().map(|id| ("conversation".to_owned(), (*id).clone())));
    form.fields.push(("do".to_owned(), deed.to_owned()));
    form
}

/// Chooses who can see them.
fn reaching(mut form: Form, visibility: &str) -> Form {
    form.fields.push(("visibility".to_owned(), visibility.to_owned()));
    form
}

#[test]
fn several_are_shared_after_a_look_at_them_and_taken_back_the_same_way() {
    let shelf = Shelf::open();
    let (first, second) = (&shelf.ids[0], &shelf.ids[1]);
    let ask = shelf.asks("share", &[first, second]).is(200);
    assert_eq!(ask.heading(), "Share 2 conversations?");
    let ask = ask.says("Alpha").says("Beta").says("Teachers").says("One other person");
    let ask = ask.says("Whole class (3 people)").says("2 other people, and whoever joins later. They see your name.");
    assert!(!ask.has("Gamma"), "{}", ask.text());
    assert!(shelf.titles(&shelf.cid).is_empty(), "nothing is shared by asking");
    let unsaid = ask.form(&shelf.path).submit().is(422).says("Choose who can see them.");
    let done = reaching(unsaid.form(&shelf.path), "class").submit().is(200).says("2 conversations shared.");
    assert!(done.at.starts_with(&format!("/classes/{}", shelf.class)));
    assert_eq!(shelf.titles(&shelf.cid), ["Alpha", "Beta"]);

    // For fewer people nothing is taken from those who can read it already.
    let ask = shelf.asks("share", &[first, &shelf.ids[2]]).is(200);
    reaching(ask.form(&shelf.path), "staff").submit().is(200).says("2 conversations shared.");
    assert_eq!((shelf.titles(&shelf.cid), shelf.titles(&shelf.ana).len()), (vec!["Alpha".into(), "Beta".into()], 3));

    let ask = shelf.asks("take-back", &[first, second]).is(200).says("Take back 2 conversations?");
    ask.form(&shelf.path).submit().is(200).says("2 conversations taken back.");
    assert_eq!((shelf.titles(&shelf.cid).len(), shelf.titles(&shelf.ana)), (0, vec!["Gamma".to_owned()]));
    let ask = shelf.asks("delete", &[first, second]).is(200).says("Delete 2 conversations?").says("cannot be undone");
    ask.form(&shelf.path).submit().is(200).says("2 conversations deleted.");
    assert_eq!(shelf.titles(&shelf.ben), ["Gamma"]);
}

#[test]
fn what_changed_meanwhile_stays_as_it_is_and_the_rest_is_done() {
    let shelf = Shelf::open();
    let ask = shelf.asks("share", &[&shelf.ids[0], &shelf.ids[1]]).is(200);
    let renamed = json!({ "title": "Private after all" });
    shelf.ben.patch(&format!("/api/v1/conversations/{}", shelf.ids[1]), renamed).is(200);
    let half = reaching(ask.form(&shelf.path), "class").submit().is(409);
    assert_eq!(half.heading(), "1 of 2 shared");
    half.says("This one is as it was:")
        .says("Private after all")
        .says("Somebody changed it since you opened this page");
    assert_eq!(shelf.titles(&shelf.cid), ["Alpha"]);
    // Once more, as it is now.
    let ask = shelf.asks("share", &[&shelf.ids[0], &shelf.ids[1]]).is(200).says("Private after all");
    reaching(ask.form(&shelf.path), "class").submit().is(200).says("2 conversations shared.");
    assert_eq!(shelf.titles(&shelf.cid), ["Alpha", "Private after all"]);
}

#[test]
fn only_ones_own_are_chosen_some_of_them_and_not_too_many() {
    let shelf = Shelf::open();
    let anas = shelf.ana.writes(&shelf.class, "Anas", "class");
    let page = shelf.browser.open(&format!("/classes/{}", shelf.class)).is(200).says("Anas");
    let boxes = page.tags("input").into_iter().filter(|tag| tag.contains("name=\"conversation\"")).count();
    assert_eq!(boxes, 3);
    for ids in [&[][..], &[&anas][..]] {
        shelf.asks("delete", ids).is(422).says("Tick at least one conversation of your own.");
    }
    let many: Vec<&String> = std::iter::repeat_n(&shelf.ids[0], 101).collect();
    shelf.asks("share", &many).is(422).says("At most 100 conversations at once, found 101.");
    let ask = shelf.asks("delete", &[&anas, &shelf.ids[0]]).is(200).says("Delete 1 conversation?");
    ask.form(&shelf.path).submit().is(200).says("1 conversation deleted.");
    assert_eq!(shelf.titles(&shelf.ben), ["Anas", "Beta", "Gamma"]);
    // Whoever has nothing of their own there is not offered any of it.
    let other = shelf.cid.get(&format!("/api/v1/classes/{}/conversations", shelf.class)).is(200).items();
    assert_eq!(other.len(), 1);
}

#[test]
fn an_archived_class_lets_several_be_taken_back_and_none_be_shared() {
    let shelf = Shelf::open();
    shelf.ben.patch(&format!("/api/v1/conversations/{}", shelf.ids[0]), json!({ "visibility": "class" })).is(200);
    shelf.ana.patch(&format!("/api/v1/classes/{}", shelf.class), json!({ "status": "archived" })).is(200);
    let page = shelf.browser.open(&format!("/classes/{}", shelf.class)).is(200).says("Take back…");
    assert!(!page.has("Share…"));
    let ask = shelf.asks("share", &[&shelf.ids[1]]).is(200);
    reaching(ask.form(&shelf.path), "class").submit().is(409).says("0 of 1 shared").says("archived");
    let ask = shelf.asks("take-back", &[&shelf.ids[0]]).is(200);
    ask.form(&shelf.path).submit().is(200).says("1 conversation taken back.");
    assert!(shelf.titles(&shelf.cid).is_empty());
}

#[test]
fn in_a_class_with_made_up_names_the_question_says_which_name_is_seen() {
    let shelf = Shelf::open();
    let class = format!("/api/v1/classes/{}", shelf.class);
    shelf.ana.patch(&class, json!({ "naming": "pseudonyms" })).is(200);
    let page = shelf.asks("share", &[&shelf.ids[0]]).is(200);
    let text = page.text();
    let name = text.split("Students see the made-up name ").nth(1).and_then(|rest| rest.split(',').next()).unwrap();
    let page =
        page.says(&format!("Students see the made-up name {name}, teachers your name.")).says("They see your name.");
    reaching(page.form(&shelf.path), "class").submit().is(200);
    let seen = shelf.cid.get(&format!("{class}/conversations")).is(200).items();
    assert_eq!(seen[0]["author"]["name"], name);
}
