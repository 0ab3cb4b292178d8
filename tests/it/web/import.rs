//! Bringing conversations in by the pages alone, as a browser without script does.

use tests::{
    Client, Person, Response, TestApp,
    app::PASSWORD,
    fixture::{chat, zip},
    json,
};

/// Two files of conversations, one of them with something broken.
fn export() -> Vec<u8> {
    let first = json!([chat("Older", 1_700_000_000, &["Why is the sky blue?", "Because of scattering."])]);
    let second = json!([
        chat("<b>Newer</b>", 1_710_000_000, &["<script>alert(1)</script>", "No.\nReally not."]),
        { "title": "Untitled", "mapping": {} },
    ]);
    let (first, second) = (first.to_string(), second.to_string());
    zip(&[
        ("conversations-000.json", first.as_bytes()),
        ("conversations-001.json", second.as_bytes()),
        ("picture.png", b"x"),
    ])
}

/// Somebody in a browser, in a class.
pub(super) struct Student {
    pages: Client,
    csrf: String,
    class: String,
    person: Person,
}

impl Student {
    fn start(app: &TestApp) -> Self {
        let (teacher, person) = (app.person("teacher"), app.person("ana"));
        let class = teacher.opens_class("PHIL 101");
        teacher.admits(&class, &person, "student");
        Self::browse(app, person, class)
    }

    pub(super) fn browse(app: &TestApp, person: Person, class: String) -> Self {
        let session = app.log_in(&person.email, PASSWORD).is(201);
        let pages = app.anonymous().with("cookie", format!("session={}", session.str("token")));
        Self { pages, csrf: session.str("csrf_token"), class, person }
    }

    fn path(&self) -> String {
        format!("/classes/{}/import", self.class)
    }

    /// Sends the form of the import page.
    fn sends(&self, parts: &[(&str, Option<&str>, &[u8])]) -> Response {
        let mut body = Vec::new();
        for (name, file, bytes) in [("csrf", None, self.csrf.as_bytes())].iter().chain(parts) {
            let file = file.map(|file| format!("; filename=\"{file}\"")).unwrap_or_default();
            body.extend(format!("--xyz\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n").bytes());
            body.extend(*bytes);
            body.extend(b"\r\n");
        }
        body.extend(b"--xyz--\r\n");
        self.pages.send("POST", &self.path(), Some("multipart/form-data; boundary=xyz"), body)
    }

    /// Sends an export; the address of what was found.
    pub(super) fn stages(&self) -> String {
        self.sends(&[("text", None, b""), ("file", Some("../<i>my</i>.zip"), &export())]).leads()
    }

    /// Sends an ordinary form.
    fn chooses(&self, path: &str, form: &str) -> Response {
        let body = format!("csrf={}&{form}", self.csrf).into_bytes();
        self.pages.send("POST", path, Some("application/x-www-form-urlencoded"), body)
    }

    fn stored(&self) -> Vec<tests::Value> {
        self.person.get(&format!("/api/v1/classes/{}/conversations", self.class)).is(200).items()
    }
}

trait Leads {
    fn leads(self) -> String;
}

impl Leads for Response {
    fn leads(self) -> String {
        self.is(303).header("location").unwrap().to_owned()
    }
}

#[test]
fn a_file_is_looked_through_before_anything_is_stored_and_the_report_stays() {
    let app = TestApp::start();
    let ana = Student::start(&app);
    let asked = ana.pages.get(&ana.path()).is(200).text();
    assert!(asked.contains("enctype=\"multipart/form-data\"") && asked.contains("256 MiB"), "{asked}");
    let choice = ana.stages();
    let page = ana.pages.get(&choice).is(200).text();
    let places = ["&#60;b&#62;Newer&#60;/b&#62;", "Older", "cannot be read", "Untitled"].map(|text| page.find(text));
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "newest first: {places:?} in {page}");
    assert!(page.contains("Because of scattering.") && page.contains("&#60;script&#62;alert"), "{page}");
    assert!(!page.contains("<b>Newer") && !page.contains("<script>") && !page.contains("<i>my"), "{page}");
    assert!(!page.contains(" checked") && page.contains("1 file was not conversations"), "{page}");
    assert!(ana.stored().is_empty());

    let nothing = ana.chooses(&choice, "visibility=class").is(422).text();
    assert!(nothing.contains("Tick at least one conversation.") && nothing.contains("autofocus"), "{nothing}");
    assert!(!page.contains("name=\"visibility\""), "nobody is asked who may see it: {page}");
    let report = ana.chooses(&choice, "pick=0").leads();
    assert!(report.starts_with("/imports/"));
    assert_eq!(ana.chooses(&choice, "pick=0").leads(), report, "once more leads to the same");
    assert_eq!(ana.pages.get(&choice).leads(), report);
    let text = ana.pages.get(&report).is(200).text();
    assert!(text.contains("1 added · 1 could not be read") && text.contains("“Untitled”"), "{text}");
    let stored = ana.stored();
    assert_eq!((stored.len(), &stored[0]["title"], &stored[0]["visibility"]), (1, &json!("Older"), &json!("private")));
    assert!(text.contains(&format!("/conversations/{}", stored[0]["id"].as_str().unwrap())), "{text}");

    // Whatever is asked for: an import is its owner's alone.
    let again = ana.chooses(&ana.stages(), "all=yes&visibility=class").leads();
    let text = ana.pages.get(&again).is(200).text();
    assert!(text.contains("1 added · 1 already here · 1 could not be read"), "{text}");
    // Who can see each of them now, and which are there no more.
    assert!(!text.contains("Whole class") && text.contains("Only me") && !text.contains("Deleted since"), "{text}");
    let older = stored[0]["id"].as_str().unwrap();
    ana.person.delete(&format!("/api/v1/conversations/{older}")).is(204);
    let text = ana.pages.get(&again).is(200).text();
    assert!(text.contains("Deleted since") && !text.contains(older), "{text}");
    ana.chooses(&ana.stages(), "pick=0").leads();
    let third = ana.stages();
    assert!(ana.pages.get(&third).is(200).text().contains("Everything in it is here already."));
}

#[test]
fn the_choice_leads_to_the_conversation_that_would_grow() {
    let app = TestApp::start();
    let ana = Student::start(&app);
    let file = |texts: &[&str]| json!([chat("Sky", 1_700_000_000, texts)]).to_string();
    ana.person.imports(&ana.class, "?visibility=class", file(&["Why?", "Scattering."])).is(201);
    let id = ana.stored()[0]["id"].as_str().unwrap().to_owned();
    let grown = file(&["Why?", "Scattering.", "And at night?", "No light."]);
    let page = ana.pages.get(&ana.sends(&[("file", Some("a.json"), grown.as_bytes())]).leads()).is(200).text();
    assert!(page.contains("here already, 2 new") && page.contains(&format!("href=\"/conversations/{id}\"")), "{page}");
    assert!(page.contains("it is shared already: its new messages are seen by those who may read it"), "{page}");
}

#[test]
fn what_was_sent_is_its_senders_alone_and_gone_after_an_hour() {
    let app = TestApp::start();
    let ana = Student::start(&app);
    let bob = Student::browse(&app, app.person("bob"), ana.class.clone());
    bob.pages.get(&bob.path()).is(404);
    bob.sends(&[("text", None, b"Q: why?\nA: so.")]).is(404);
    let (first, second) = (ana.stages(), ana.stages());
    for path in [&first, &second] {
        bob.pages.get(path).is(404);
        bob.chooses(path, "all=yes").is(404);
    }
    let report = ana.chooses(&first, "all=yes").leads();
    bob.pages.get(&report).is(404);
    ana.pages.get("/imports/018f0000-0000-7000-8000-000000000000").is(404);
    app.clock.advance(time::Duration::minutes(59));
    ana.pages.get(&second).is(200);
    app.clock.advance(time::Duration::minutes(1));
    ana.pages.get(&second).is(404);
    ana.chooses(&second, "all=yes").is(404);
    ana.pages.get(&report).is(200);

    let third = ana.stages();
    assert_eq!(ana.chooses(&third, "do=discard").leads(), ana.path());
    assert_eq!(ana.pages.get(&third).leads(), ana.path());
}

#[test]
fn the_form_is_believed_only_with_its_token() {
    let app = TestApp::start();
    let mut ana = Student::start(&app);
    ana.csrf = "nonsense".to_owned();
    ana.sends(&[("text", None, b"User: why?\nAssistant: so.")]).is(403);
    let body = b"--x\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nhi\r\n--x--\r\n".to_vec();
    let foreign = ana.pages.with("sec-fetch-site", "cross-site");
    foreign.send("POST", &ana.path(), Some("multipart/form-data; boundary=x"), body.clone()).is(403);
    let nobody = app.anonymous().send("POST", &ana.path(), Some("multipart/form-data; boundary=x"), body);
    assert!(nobody.leads().starts_with("/login"));
}

#[test]
fn what_cannot_be_read_comes_back_with_the_reason() {
    let app = TestApp::start();
    let ana = Student::start(&app);
    let empty = ana.sends(&[("text", None, b""), ("file", Some(""), b"")]).is(422).text();
    assert!(empty.contains("Paste a conversation or choose a file first."), "{empty}");
    let account = br#"[{"uuid":"1","full_name":"A","email_address":"a@example.org"}]"#;
    let wrong = ana.sends(&[("file", Some("users.json"), account)]).is(422).text();
    assert!(wrong.contains("users.json of a Claude export"), "{wrong}");
    let typed = ana.sends(&[("text", None, b"{\"mapping\": <")]).is(422).text();
    assert!(typed.contains("{&#34;mapping&#34;: &#60;</textarea>"), "{typed}");
    assert!(ana.stored().is_empty());
}

#[test]
fn a_pasted_conversation_is_shown_by_its_first_and_last_line() {
    let app = TestApp::start();
    let ana = Student::start(&app);
    let text = b"User: What is a stone?\n\nAssistant: A piece of rock.\n\nUser: And sand?\n\nAssistant: Small stones.";
    let choice = ana.sends(&[("text", None, text)]).leads();
    let page = ana.pages.get(&choice).is(200).text();
    for shown in ["4 messages", "What is a stone?", "Small stones.", "Looks complete?", "type=\"hidden\" name=\"pick\""]
    {
        assert!(page.contains(shown), "{shown} in {page}");
    }
    // One conversation is opened at once, and not shared by it.
    let opened = ana.pages.get(&ana.chooses(&choice, "pick=0&visibility=staff").leads()).leads();
    let stored = ana.stored().remove(0);
    assert_eq!(opened, format!("/conversations/{}?done=added", stored["id"].as_str().unwrap()));
    let page = ana.pages.get(&opened).is(200).text();
    assert!(page.contains("Added. Only you see it.") && page.contains("?panel=readers#readers\">Share…</a>"), "{page}");
    assert_eq!((&stored["visibility"], &stored["title"]), (&json!("private"), &json!(null)));

    let other = ana.sends(&[("text", None, b"User: And clay?\n\nAssistant: Finer still.")]).leads();
    assert!(
        ana.pages
            .get(&other)
            .is(200)
            .text()
            .contains("name=\"title\" maxlength=\"300\" dir=\"auto\" value=\"And clay?\"")
    );
    ana.chooses(&other, "pick=0&title=Clay").leads();
    assert_eq!(ana.stored()[0]["title"], "Clay");
}

#[test]
fn who_speaks_is_said_where_nobody_can_tell() {
    let app = TestApp::start();
    let ana = Student::start(&app);
    let text = "Ünder what law?\n\nThe second one.\n\n\nIt says \"no\".\n\nAnd why?\n";
    let choice = ana.sends(&[("text", None, text.as_bytes())]).leads();
    let page = ana.pages.get(&choice).is(200).text();
    assert!(page.contains("Who speaks?") && page.contains("value=\"Ünder what law?\""), "{page}");
    // As the form offers them: the third paragraph belongs to the second, the fourth is the person's again.
    let starts: Vec<&str> = page.split("data-start=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert_eq!(starts, ["0", "17", "35", "50"]);
    let nameless = ana.chooses(&choice, "title=&turn=0:user&turn=17:assistant&turn=&turn=50:user").is(422).text();
    assert!(nameless.contains("This is needed.") && nameless.contains("value=\"50:user\" selected"), "{nameless}");
    let saved = "title=A+law&visibility=class&turn=0:user&turn=17:assistant&turn=&turn=50:user";
    let conversation = ana.chooses(&choice, saved).leads();
    assert_eq!(ana.chooses(&choice, saved).leads(), conversation);
    let id = conversation.trim_start_matches("/conversations/").split('?').next().unwrap();
    let said = |m: &tests::Value| (m["role"].as_str().unwrap().to_owned(), m["content"].as_str().unwrap().to_owned());
    let messages: Vec<_> =
        ana.person.get(&format!("/api/v1/conversations/{id}/messages")).is(200).items().iter().map(said).collect();
    let expected =
        [("user", "Ünder what law?"), ("assistant", "The second one.\n\n\nIt says \"no\"."), ("user", "And why?")];
    assert_eq!(messages, expected.map(|(role, words)| (role.to_owned(), words.to_owned())));
    assert_eq!((ana.stored().len(), &ana.stored()[0]["visibility"]), (1, &json!("private")));
}

/// Elements with this opening tag.
fn count(page: &str, tag: &str) -> usize {
    page.matches(tag).count()
}

#[test]
fn the_page_that_asks_who_speaks_stays_small_however_the_text_is_cut() {
    let app = TestApp::start();
    let ana = Student::start(&app);
    let pages = [600, 20_000].map(|paragraphs| {
        let text: String = (0..paragraphs).map(|n| format!("word {n}\n\n")).collect();
        let choice = ana.sends(&[("text", None, text.as_bytes())]).leads();
        let page = ana.pages.get(&choice).is(200).text();
        assert!(page.contains(&format!("The text has {paragraphs} paragraphs.")), "{paragraphs}");
        // What is not asked about one by one is there all the same.
        assert!(page.contains(&format!("word {}", paragraphs - 1)));
        (choice, text, page)
    });
    let [(_, short, small), (choice, long, large)] = pages;
    assert_eq!((count(&small, "<li class=\"turn\""), count(&large, "<li class=\"turn\"")), (500, 500));
    assert_eq!(count(&small, "<option"), count(&large, "<option"));
    assert_eq!(large.len() - small.len(), long.len() - short.len() + "20000".len() - "600".len());
    // However much is said at once: so many parts come back and no more.
    let starts: Vec<usize> = long.match_indices("word").map(|(at, _)| at).collect();
    let turns = |every: usize, most: usize| -> String {
        let all = starts.iter().step_by(every).take(most).enumerate();
        all.map(|(n, start)| format!("&turn={start}:{}", if n % 2 == 0 { "user" } else { "assistant" })).collect()
    };
    let refused = ana.chooses(&choice, &format!("title=T{}", turns(1, 5_000))).is(422).text();
    assert!(refused.contains("At most 1000 messages, found 5000."), "{}", &refused[..2_000]);
    assert_eq!(count(&refused, "<li class=\"turn\""), 1_000);
    // A part that begins further down, or within a paragraph, comes back as it was said.
    let further = format!("title=&turn=0:user&turn=5:assistant&turn={}:user", starts[19_000]);
    let again = ana.chooses(&choice, &further).is(422).text();
    assert_eq!(count(&again, "<li class=\"turn\""), 502);
    assert!(again.contains("value=\"5:assistant\" selected") && again.contains(":user\" selected>You"), "{again}");
    assert!(again.contains("dir=\"auto\">word</div>") && again.contains("dir=\"auto\">0</div>"));
    ana.chooses(&choice, &format!("title=T{}", turns(20, 1_000))).leads();
}

#[test]
fn a_long_list_of_what_was_found_has_pages_and_so_has_its_report() {
    let app = TestApp::start();
    let ana = Student::start(&app);
    let one = |n: u32| chat(&format!("Chat {n:04}"), 1_700_000_000 + n, &["Why?", "So."]);
    let export = |count: u32| json!((0..count).map(one).collect::<Vec<_>>()).to_string();
    let choice = ana.sends(&[("file", Some("conversations.json"), export(1_201).as_bytes())]).leads();
    let page = |number: usize| ana.pages.get(&format!("{choice}?page={number}")).is(200).text();
    let first = ana.pages.get(&choice).is(200).text();
    let boxes = |page: &str| count(page, "type=\"checkbox\" name=\"pick\"");
    assert_eq!([&first, &page(2), &page(3), &page(9)].map(|page| boxes(page)), [500, 500, 201, 201]);
    assert!(first.contains("Chat 1200") && !first.contains("Chat 0700") && page(2).contains("Chat 0700"));
    assert!(first.contains("Page 1 of 3") && first.contains("All 1201 of them"), "pages are said");
    // A mistake comes back on its page.
    let mistake = ana.chooses(&choice, "page=3").is(422).text();
    assert!(mistake.contains("Page 3 of 3") && mistake.contains("Chat 0000") && boxes(&mistake) == 201);
    let report = ana.chooses(&choice, "page=3&pick=0&pick=700").leads();
    assert!(ana.pages.get(&report).is(200).text().contains("2 added"));
    assert_eq!(ana.stored().len(), 2);

    let whole = ana.sends(&[("file", Some("conversations.json"), export(601).as_bytes())]).leads();
    let report = ana.chooses(&whole, "all=yes").leads();
    let shown = |page: &str| count(page, "dir=\"auto\" href=\"/conversations/");
    let first = ana.pages.get(&report).is(200).text();
    assert!(first.contains("600 added · 1 already here") && first.contains("Page 1 of 2"));
    assert_eq!((shown(&first), shown(&ana.pages.get(&format!("{report}&page=2")).is(200).text())), (501, 100));
}

#[test]
fn the_report_of_several_shares_those_that_are_ticked() {
    let app = TestApp::start();
    let ana = Student::start(&app);
    let report = ana.pages.get(&ana.chooses(&ana.stages(), "all=yes").leads()).is(200).text();
    assert!(report.contains("Only you see what is new until you share it.") && report.contains("Share…"), "{report}");
    let id = report.split("name=\"conversation\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let path = format!("/classes/{}/conversations", ana.class);
    let asked = ana.chooses(&path, &format!("do=share&conversation={id}")).is(200).text();
    assert!(asked.contains("Share 1 conversation?"), "{asked}");
    let done = ana.chooses(&path, &format!("do=share&confirmed=yes&visibility=class&conversation={id}:1")).leads();
    assert_eq!(done, format!("/classes/{}?did=share&several=1", ana.class));
    let shared: Vec<_> = ana.stored().into_iter().filter(|one| one["visibility"] == "class").collect();
    assert_eq!((shared.len(), &shared[0]["id"]), (1, &json!(id)));
}

#[test]
fn the_script_asks_which_are_here_already() {
    let app = TestApp::start();
    let ana = Student::start(&app);
    ana.chooses(&ana.stages(), "all=yes").leads();
    let path = format!("/classes/{}/import/known", ana.class);
    let sources: Vec<String> = ana.stored().iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect();
    assert!(ana.chooses(&path, &format!("source={}", sources[0])).is(200).json().as_array().unwrap().is_empty());
    let exported = json!([chat("Older", 1_700_000_000, &["x"])]);
    let source = exported[0].get("conversation_id").or(exported[0].get("id")).unwrap().as_str().unwrap().to_owned();
    let known = ana.chooses(&path, &format!("source={source}&source=nothing")).is(200).json();
    assert_eq!(known, json!([{ "source": source, "at": 1_700_000_000 }]));
    let many = "source=x&".repeat(1_001);
    ana.chooses(&path, &many).is(422);
    // What is here of others is theirs to know.
    let bob = app.person("bob");
    app.sign_in("teacher@example.org").admits(&ana.class, &bob, "student");
    let bob = Student::browse(&app, bob, ana.class);
    assert_eq!(bob.chooses(&path, &format!("source={source}")).is(200).json(), json!([]));
}
