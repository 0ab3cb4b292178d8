//! The codebook without script.

use tests::{PlainBrowser, TestApp, json, talk::talk};

use super::log_in;

#[test]
fn a_tag_is_added_changed_merged_and_deleted_by_forms() {
    let app = TestApp::start();
    let ana = app.person("ana");
    let class = ana.opens_class("Logic");
    let browser = log_in(&app, "ana");
    let home = browser.open(&format!("/classes/{class}")).is(200);
    let path = format!("/classes/{class}/codebook");
    let page = browser.open(&home.link(&path)).is(200).says("No tags yet.");
    assert_eq!(page.heading(), "Codebook");
    // What is wrong stands beside its field, and what was typed stays.
    let refused = page.form(&path).with("definition", "Takes back\npart of it").submit().is(422);
    let form = refused.says("This is needed.").form(&path);
    assert_eq!(form.value("definition"), "Takes back\npart of it");
    let page = form.with("name", "Hedge").with("group", "Answering").submit().is(200);
    let page = page.says("The tag is in the codebook.").says("Answering").says("Takes back part of it");
    let page = page.form(&path).with("name", "hedge").submit().is(409).says("There is a tag of this name");
    let page = page.form(&path).with("name", "Claim").submit().is(200);
    let tags = ana.get(&format!("/api/v1/classes/{class}/tags")).is(200).items();
    let id = |name: &str| tags.iter().find(|tag| tag["name"] == name).unwrap()["id"].as_str().unwrap().to_owned();
    let (hedge, claim) = (id("Hedge"), id("Claim"));

    let conversation = talk(&ana, &class, "class");
    let marks = format!("/api/v1/conversations/{conversation}/annotations");
    ana.post(&marks, json!({ "tags": [hedge] })).is(201);
    let (tag, other) = (format!("/tags/{hedge}"), format!("/tags/{claim}"));
    let leaf = browser.open(&page.link(&tag)).is(200).says("1 mark");
    let stale = browser.open(&tag).form(&tag).with("name", "Late");
    let form = leaf.form(&tag);
    assert_eq!((form.value("name"), form.value("group"), form.value("colour")), ("Hedge", "Answering", "blue"));
    let leaf = form.with("name", "Hedging").with("colour", "teal").submit().is(200).says("Saved.").says("teal");
    assert_eq!(leaf.heading(), "Hedging");
    let refused = stale.submit().is(412).says("Somebody changed it since you opened this page");
    assert_eq!(refused.form(&tag).value("name"), "Late");
    let refused = leaf.form(&format!("{tag}/delete")).with("confirm", "Hedge").submit().is(409);
    refused.says("Marks may carry it; type its exact name, or merge it into another tag");
    let merge = browser.open(&tag).form(&format!("{tag}/merge"));
    // Nothing is chosen beforehand.
    let refused = merge.submit().is(422).says("Choose the tag that stays.");
    refused
        .form(&format!("{tag}/merge"))
        .with("into", &claim)
        .submit()
        .is(200)
        .says("Merged. The marks carry the other tag now.")
        .says("1 mark");
    browser.open(&tag).is(404);
    let end = browser.open(&other).form(&format!("{other}/delete")).with("confirm", "Claim");
    end.submit().is(200).says("The tag is deleted.").says("No tags yet.");
    assert_eq!(ana.get(&marks).items()[0]["tags"], json!([]));
}

#[test]
fn a_locked_codebook_takes_private_tags_of_students_and_nothing_else() {
    let app = TestApp::start();
    let (ana, ben) = (app.person("ana"), app.person("ben"));
    let class = ana.opens_class("Logic");
    ana.admits(&class, &ben, "student");
    ana.admits(&class, &app.person("dora"), "auditor");
    let (teacher, student, auditor) = (log_in(&app, "ana"), log_in(&app, "ben"), log_in(&app, "dora"));
    let path = format!("/classes/{class}/codebook");
    let add = |browser: &PlainBrowser, name: &str| browser.open(&path).form(&path).with("name", name).submit();
    add(&student, "Bens").is(200).says("Change");
    let before = student.open(&path).form(&path).with("name", "Too late");
    teacher.open(&path).form(&format!("{path}/lock")).submit().is(200).says("Only owner and instructors change it.");
    before.submit().is(403).says("Only owner and instructors");
    let page = student.open(&path).is(200);
    assert!(!page.has("Change") && !page.has("Lock it") && !page.has("Bring many in"), "{}", page.text());
    assert_eq!(page.form(&path).value("private"), "yes");
    add(&student, "My own").is(200).says("The tag is there, for you alone.");
    assert!(!teacher.open(&path).has("My own"));
    // An auditor reads it, and changes nothing.
    let page = auditor.open(&path).is(200).says("Bens");
    assert!(page.tags("form").len() == 1 && !page.has("My own"), "{}", page.html);
    let bens = ben.get(&format!("/api/v1/classes/{class}/tags")).items()[0]["id"].as_str().unwrap().to_owned();
    assert!(
        auditor.open(&format!("/tags/{bens}")).is(200).says("Its author can change it").tags("textarea").is_empty()
    );
    teacher.open(&path).form(&format!("{path}/lock")).submit().is(200).says("Everybody can add tags now.");
    add(&student, "Again").is(200);
    ana.patch(&format!("/api/v1/classes/{class}"), json!({ "status": "archived" })).is(200);
    assert_eq!(teacher.open(&path).is(200).says("This class is archived.").tags("form").len(), 1);
}

#[test]
fn many_tags_come_in_as_lines_from_another_class_or_as_a_sample() {
    let app = TestApp::start();
    let ana = app.person("ana");
    let (first, second) = (ana.opens_class("Logic"), ana.opens_class("Rhetoric"));
    let browser = log_in(&app, "ana");
    let path = |class: &str| format!("/classes/{class}/codebook");
    let bring = |class: &str, from: &str, (name, value): (&str, &str)| {
        let page = browser.open(&path(class));
        assert!(page.html.contains(&format!("name=\"from\" value=\"{from}\"")), "{}", page.html);
        let csrf = page.form(&format!("{}/import", path(class))).value("csrf").to_owned();
        let fields = [("csrf", csrf.as_str()), ("from", from), (name, value)];
        let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned()));
        browser.send("POST", &format!("{}/import", path(class)), &fields)
    };
    let long = format!("{}: too long", "x".repeat(101));
    let refused = bring(&first, "lines", ("lines", &long)).is(422).text();
    assert!(refused.contains("ine 1: at most 100 characters") && refused.contains(&long), "{refused}");
    let refused = bring(&first, "lines", ("lines", "Hedge\n: empty")).is(422).text();
    assert!(refused.contains("ine 2: must not be empty") && refused.contains("href=\"#lines\""), "{refused}");
    bring(&first, "lines", ("lines", "Hedge: takes back\n\nClaim")).is(303);
    let brought = bring(&first, "sample", ("", "")).is(303);
    let counted = "Brought in. 8 tags are new; 1 was there already and as before.";
    browser.open(brought.header("location").unwrap()).is(200).says(counted);
    // A number is said of nothing else.
    assert!(!browser.open(&format!("{}?done=locked&made=9", path(&first))).is(200).has("9 tags"));
    bring(&second, "class", ("from_class", &first)).is(303);
    let names = |class: &str| {
        let tags = ana.get(&format!("/api/v1/classes/{class}/tags")).is(200).items();
        tags.iter().map(|tag| tag["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    // The sample's own hedge is skipped.
    assert_eq!(names(&first).len(), 10);
    assert_eq!(names(&first), names(&second));
    browser.open(&path(&second)).is(200).says("Such as Isn't it true that");
}

/// A custom property of a stylesheet, in light and in dark.
fn values(css: &str, name: &str) -> Vec<[f64; 3]> {
    let opening = format!("{name}: #");
    let found = css.match_indices(&opening).map(|(at, found)| {
        let hex: String = css[at + found.len()..].chars().take_while(char::is_ascii_hexdigit).collect();
        let hex = if hex.len() == 3 { hex.chars().flat_map(|c| [c, c]).collect() } else { hex };
        [0, 2, 4].map(|at| f64::from(u8::from_str_radix(&hex[at..at + 2], 16).unwrap()) / 255.0)
    });
    found.collect()
}

/// As WCAG 2.2 defines it.
fn contrast(one: [f64; 3], other: [f64; 3]) -> f64 {
    let linear = |c: f64| if c <= 0.040_45 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) };
    let light = |[r, g, b]: [f64; 3]| 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b) + 0.05;
    let (one, other) = (light(one), light(other));
    if one > other { one / other } else { other / one }
}

/// What is seen through a wash of a colour.
fn washed(colour: [f64; 3], ground: [f64; 3], share: f64) -> [f64; 3] {
    [0, 1, 2].map(|at| colour[at] * share + ground[at] * (1.0 - share))
}

#[test]
fn every_colour_of_a_tag_stands_out_and_lets_text_be_read_in_light_and_in_dark() {
    const PAGES: &str = include_str!("../../../api/static/app.css");
    const MARKS: &str = include_str!("../../../api/static/marks.css");
    let both = |css: &str, name: &str| -> [[f64; 3]; 2] {
        values(css, name).get(..2).unwrap_or_else(|| panic!("{name} is not there twice")).try_into().unwrap()
    };
    for colour in ::service::tag::COLOURS.into_iter().chain(["plain"]) {
        let shades = both(MARKS, &format!("--mark-{colour}"));
        let wash = format!("::highlight(mark-{colour}) {{ background-color: color-mix(in srgb, var(--mark-{colour}) ");
        let share: String = MARKS.split(&wash).nth(1).unwrap().chars().take_while(|c| c.is_ascii_digit()).collect();
        let share = share.parse::<f64>().unwrap() / 100.0;
        for ground in ["paper", "surface", "sunken", "accent-soft"] {
            let grounds = both(PAGES, &format!("--{ground}"));
            for (scheme, (shade, ground_at)) in ["light", "dark"].iter().zip(shades.into_iter().zip(grounds)) {
                let at = usize::from(*scheme == "dark");
                let dot = contrast(shade, ground_at);
                assert!(dot >= 3.0, "{colour} on {ground} in {scheme}: {dot:.2}");
                let (once, ink) = (washed(shade, ground_at, share), both(PAGES, "--ink")[at]);
                let mut text = contrast(ink, washed(shade, once, share));
                // What is said quietly, such as thoughts of a model, stands on every ground but that of questions.
                if ground != "accent-soft" {
                    text = text.min(contrast(both(PAGES, "--muted")[at], once));
                }
                assert!(text >= 4.5, "text on {colour} on {ground} in {scheme}: {text:.2}");
            }
        }
    }
}
