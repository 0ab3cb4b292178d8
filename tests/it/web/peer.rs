//! A class with made-up names, in which everybody named everybody, read whole by those who must learn no name: a
//! student, an auditor, and a tutor where staff see no names. Every route and page of the tables, every event, every
//! export.

use std::{
    collections::BTreeSet,
    io::{Cursor, Read},
};

use api::{routes, web};
use sea_orm::{EntityTrait, QueryFilter};
use tests::{Person, PlainBrowser, Response, TestApp, Value, json};

use super::{import::Student, log_in};

/// Where the names, addresses and ids of members belong: the list of members, and the page of one of them.
const ROSTER: [&str; 4] =
    ["/api/v1/classes/{id}/enrolments", "/api/v1/enrolments/{id}", "/classes/{id}/members", "/enrolments/{id}"];

/// Somebody whom others know by a made-up name, with all that would tell who it is.
struct Masked {
    person: Person,
    secrets: [String; 4],
}

/// The class with all that is in it.
struct World {
    app: TestApp,
    ana: Person,
    tom: Person,
    /// Two who write, the student who reads, the auditor.
    masked: Vec<Masked>,
    class: String,
    /// Ids of things by the noun in their route.
    things: Vec<(&'static str, String)>,
    /// Made-up ids of people, as far as somebody met them.
    met: BTreeSet<String>,
    code: String,
    staged: Vec<(String, String)>,
}

fn person(app: &TestApp, name: &str, shown: &str) -> Person {
    let person = app.person(name);
    person.patch("/api/v1/me", json!({ "display_name": shown })).is(200);
    person
}

/// The id of somebody's account, which no answer tells.
fn account_of(app: &TestApp, one: &Person) -> String {
    let found = service::entity::user::Entity::find().filter(service::entity::user::COLUMN.email.eq(one.email.clone()));
    let found = app.run(app.db.read(move |db| async move { Ok(found.one(&db).await?) }));
    found.unwrap().unwrap().id.to_string()
}

impl World {
    fn new() -> Self {
        let app = TestApp::start();
        let (ana, tom) = (person(&app, "ana", "Ana Weisskopf"), person(&app, "tom", "Tom Tutorius"));
        let class = ana.opens_class("Logic");
        ana.admits(&class, &tom, "tutor");
        let people = [
            ("benx", "Benedikt Huberling", "student"),
            ("emilx", "Emil Farrowgate", "student"),
            ("cidx", "Cidonia Moreaux", "student"),
            ("dorax", "Dora Lindqvist", "auditor"),
        ];
        let mut masked = Vec::new();
        for (name, shown, role) in people {
            let one = person(&app, name, shown);
            let enrolment = ana.admits(&class, &one, role);
            let account = account_of(&app, &one);
            masked.push(Masked { secrets: [shown.to_owned(), one.email.clone(), account, enrolment], person: one });
        }
        ana.patch(&format!("/api/v1/classes/{class}"), json!({ "naming": "pseudonyms" })).is(200);
        let code = ana.invites(&class, "student");
        let mut world =
            Self { app, ana, tom, masked, class, things: Vec::new(), met: BTreeSet::new(), code, staged: Vec::new() };
        world.fill();
        world
    }

    fn enrolment(&self, at: usize) -> &str {
        &self.masked[at].secrets[3]
    }

    fn keep(&mut self, noun: &'static str, answer: Response) -> String {
        let id = answer.is(201).str("id");
        self.things.push((noun, id.clone()));
        id
    }

    /// A mark for everybody, and one for each other audience, each with a thread.
    fn fill(&mut self) {
        let (ana, tom) = (self.ana.clone(), self.tom.clone());
        let [ben, emil, cid] = [0, 1, 2].map(|at| self.masked[at].person.clone());
        let class = self.class.clone();
        let talk = ben.writes(&class, "Heaps", "class");
        self.things.push(("conversations", talk.clone()));
        let note = json!({ "note": "Look", "audience": "class" });
        let mark = self.keep("annotations", ben.post(&format!("/api/v1/conversations/{talk}/annotations"), note));
        let thread = format!("/api/v1/annotations/{mark}/comments");
        // By the API, by staff who see names and by a student who does not.
        let body = json!({ "body": "Ask @Benedikt Huberling and @Emil Farrowgate.",
            "mentions": [self.enrolment(0), self.enrolment(1)] });
        let first = self.keep("comments", ana.post(&thread, body));
        let seen = cid.get(&format!("/api/v1/comments/{first}")).is(200).json()["mentions"].clone();
        let seen: Vec<(String, String)> = seen.as_array().unwrap().iter().map(pair).collect();
        self.met.extend(seen.iter().map(|(id, _)| id.clone()));
        let (id, name) = &seen[0];
        let answer = json!({ "body": format!("Yes, @{name}"), "mentions": [id], "parent_id": first });
        self.keep("comments", cid.post(&thread, answer));
        // By an edit, and by a form without script.
        let second = self.keep("comments", tom.post(&thread, json!({ "body": "Well", "mentions": [] })));
        let edit = json!({ "body": "Well, @Emil Farrowgate", "mentions": [self.enrolment(1)] });
        tom.patch(&format!("/api/v1/comments/{second}"), edit).is(200);
        let page = log_in(&self.app, "ana").open(&format!("/annotations/{mark}?reply={second}")).is(200);
        let mut form = page.form(&format!("/annotations/{mark}/comments"));
        form.fields.push(("mention".to_owned(), self.enrolment(0).to_owned()));
        form.with("body", "And you, @Emil Farrowgate?").submit().is(200).says("And you, @Emil Farrowgate?");
        // For every audience.
        for (who, audience) in [(&emil, "staff"), (&ana, "private"), (&cid, "private")] {
            let body = json!({ "audience": audience });
            let path = format!("/api/v1/conversations/{talk}/annotations");
            let mark = self.keep("annotations", who.post(&path, body));
            let body = json!({ "body": "Hm, @Benedikt Huberling", "mentions": [] });
            let body = if audience == "private" && who.email == cid.email {
                json!({ "body": format!("Hm, @{name}"), "mentions": [id] })
            } else if who.email == ana.email {
                json!({ "body": "Hm, @Benedikt Huberling", "mentions": [self.enrolment(0)] })
            } else {
                json!({ "body": "Hm, @Ana Weisskopf", "mentions": [] , "parent_id": body["parent_id"] })
            };
            self.keep("comments", who.post(&format!("/api/v1/annotations/{mark}/comments"), body));
        }
        self.comes_in_again(&ana, &talk);
        // What else has people: a tag, a presentation, flags, imports.
        self.keep("tags", ana.post(&format!("/api/v1/classes/{class}/tags"), json!({ "name": "Hedge" })));
        let shown = ben.writes(&class, "Piles", "class");
        self.things.push(("conversations", shown.clone()));
        self.keep("presentations", emil.post(&format!("/api/v1/conversations/{shown}/presentations"), json!({})));
        ben.post(&format!("/api/v1/comments/{first}/flags"), json!({ "reason": "Look" })).is(201);
        emil.post(&format!("/api/v1/annotations/{mark}/flags"), json!({})).is(201);
        let own = cid.imports(&class, "", "User: why?\nAssistant: so.");
        self.keep("imports", own);
        for name in ["cidx", "tom"] {
            let staged = Student::browse(&self.app, self.app.sign_in(&format!("{name}@example.org")), class.clone());
            let place = staged.stages().rsplit('/').next().unwrap().to_owned();
            self.staged.push((name.to_owned(), place));
        }
        // The reader has words of their own to find again in everything of theirs.
        ben.delete(&format!("/api/v1/enrolments/{}", self.enrolment(0))).is(204);
    }

    /// The file of staff who see names, brought in for everybody here and in another class of the reader.
    fn comes_in_again(&mut self, ana: &Person, talk: &str) {
        let file = ana.get(&format!("/api/v1/conversations/{talk}/export")).is(200).text();
        assert!(file.contains("@Benedikt Huberling"), "{file}");
        let other = ana.opens_class("Ethics");
        // Nobody else: people know each other's names there.
        ana.admits(&other, &self.masked[2].person, "student");
        for class in [self.class.clone(), other.clone()] {
            let report = ana.imports(&class, "?visibility=class", file.clone()).is(201).json();
            let id = report["imported"][0]["id"].as_str().unwrap_or_else(|| panic!("{report}")).to_owned();
            let marks = ana.get(&format!("/api/v1/conversations/{id}/annotations")).is(200).items();
            self.things.push(("conversations", id));
            self.things.extend(marks.iter().map(|mark| ("annotations", mark["id"].as_str().unwrap().to_owned())));
        }
        self.things.push(("classes", self.class.clone()));
        self.things.push(("classes", other));
    }

    /// The addresses of a route of the tables.
    fn paths(&self, pattern: &str, name: &str) -> Vec<String> {
        let plain = pattern.trim_start_matches("/api/v1");
        let noun = plain.split('/').nth(1).unwrap_or_default();
        let ids: Vec<&str> = match noun {
            "enrolments" => self.masked.iter().map(|one| one.secrets[3].as_str()).collect(),
            "invites" => vec!["01939c1e-0000-7000-8000-000000000000"],
            _ => self.things.iter().filter(|(known, _)| *known == noun).map(|(_, id)| id.as_str()).collect(),
        };
        let staged = self.staged.iter().find(|(whose, _)| whose == name).map_or("none", |(_, place)| place.as_str());
        let filled = |id: &str| {
            let path = pattern.replace("{id}", id).replace("{code}", &self.code).replace("{staged}", staged);
            path.replace("{token}", "none").replace("/assets/{version}/{name}", &web::asset::path("app.js"))
        };
        let mut paths: Vec<String> = match pattern.contains("{id}") {
            false => vec![filled("")],
            true => ids.into_iter().map(filled).collect(),
        };
        assert!(!paths.is_empty(), "{pattern}: nothing of this kind is in the class; make some in `fill`");
        if pattern.contains("{person}") {
            let people =
                || self.met.iter().map(String::as_str).chain(self.masked.iter().map(|one| one.secrets[3].as_str()));
            paths = paths.iter().flat_map(|path| people().map(|id| path.replace("{person}", id))).collect();
        }
        assert!(paths.iter().all(|path| !path.contains('{')), "{pattern}: say here what stands in its place");
        paths.iter().flat_map(|path| variants(pattern).iter().map(move |query| format!("{path}{query}"))).collect()
    }
}

fn pair(one: &Value) -> (String, String) {
    (one["id"].as_str().unwrap().to_owned(), one["name"].as_str().unwrap().to_owned())
}

/// What a route shows in more than one form.
fn variants(pattern: &str) -> &'static [&'static str] {
    match pattern {
        "/api/v1/conversations/{id}/export" => &["", "?format=markdown", "?format=html"],
        "/api/v1/classes/{id}/export" => &["?format=jsonl", "?format=csv", "?format=csv&table=comments"],
        "/api/v1/conversations/{id}" => &["", "?include=messages&branches=all"],
        "/classes/{id}/people/{person}" => &["", "?show=marks", "?show=comments"],
        _ => &[""],
    }
}

/// All that an answer holds: its headers, its words, the files of a ZIP.
fn words(answer: &Response) -> String {
    let headers: Vec<String> = answer.headers.iter().map(|(name, value)| format!("{name}: {value:?}")).collect();
    let mut words = headers.join("\n") + "\n";
    match zip::ZipArchive::new(Cursor::new(answer.body.clone())) {
        Ok(mut archive) => {
            for at in 0..archive.len() {
                let mut file = archive.by_index(at).unwrap();
                words += &format!("{}\n", file.name().unwrap());
                let mut bytes = Vec::new();
                file.read_to_end(&mut bytes).unwrap();
                words += &String::from_utf8_lossy(&bytes);
            }
        }
        Err(_) => words += &String::from_utf8_lossy(&answer.body),
    }
    words
}

/// Reads everything as one person and tells where somebody can be recognised; how many answers held something.
fn reads(world: &World, name: &str, reader: &Person) -> usize {
    let browser: PlainBrowser = log_in(&world.app, name);
    let others: Vec<&Masked> = world.masked.iter().filter(|one| one.person.email != reader.email).collect();
    let (mut found, mut wrong) = (0, Vec::new());
    let mut look = |pattern: &str, path: &str, answer: Response| {
        found += usize::from(answer.status == 200);
        assert!(answer.status < 500, "{path}: {}", answer.status);
        let text = words(&answer);
        for one in &others {
            for (at, secret) in one.secrets.iter().enumerate() {
                // The list has names and memberships, and addresses for staff.
                let listed = ROSTER.contains(&pattern) && (at != 2) && (at != 1 || name == "tom");
                if text.contains(secret.as_str()) && !listed && !path.contains(secret.as_str()) {
                    wrong.push(format!("{name} reads {secret} at {path}"));
                }
            }
        }
    };
    for route in routes::table().into_iter().filter(|route| route.method == "GET") {
        for path in world.paths(route.path, name) {
            match route.path {
                // They never end, and tell what `changes` tells.
                "/api/v1/classes/{id}/events" => {}
                "/api/v1/classes/{id}/changes" => look(route.path, &path, changes(world, reader, &path)),
                _ => look(route.path, &path, reader.get(&path)),
            }
        }
    }
    for page in web::table().into_iter().filter(|page| page.method == "GET") {
        for path in world.paths(page.path, name) {
            look(page.path, &path, browser.send("GET", &path, &[]));
        }
    }
    assert!(wrong.is_empty(), "{} places:\n{}", wrong.len(), wrong.join("\n"));
    found
}

/// All events of the last hours, without those of the list of members.
fn changes(world: &World, reader: &Person, path: &str) -> Response {
    let mut since = service::entity::Moment::from(world.app.clock.now()).plus(-time::Duration::hours(2)).0;
    let mut kept: Vec<Value> = Vec::new();
    loop {
        let mut answer = reader.get(&format!("{path}?since={since}&limit=100"));
        if answer.status == 404 {
            return answer;
        }
        answer = answer.is(200);
        let items = answer.items();
        if items.is_empty() {
            answer.body = json!(kept).to_string().into_bytes();
            return answer;
        }
        since = answer.json()["next"].as_i64().unwrap();
        kept.extend(items.into_iter().filter(|one| !one["kind"].as_str().unwrap().starts_with("member.")));
    }
}

#[test]
fn who_reads_everything_learns_no_name() {
    let world = World::new();
    for (at, name, least) in [(2, "cidx", 60), (3, "dorax", 50)] {
        let found = reads(&world, name, &world.masked[at].person);
        assert!(found >= least, "{name} read {found} answers");
    }
    let class = format!("/api/v1/classes/{}", world.class);
    world.ana.patch(&class, json!({ "staff_see_names": false })).is(200);
    let found = reads(&world, "tom", &world.tom);
    assert!(found >= 60, "tom read {found} answers");
}
