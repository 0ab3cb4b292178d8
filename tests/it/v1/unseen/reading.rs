//! All that one person can read of a class, with ids and made-up names replaced by what they stand for.

use std::collections::BTreeMap;

use api::{
    routes::{self, Audience},
    web,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use tests::{Person, Response, TestApp, Value};

/// Routes that say nothing of a class, or nothing that another of these does not say.
const LEFT_OUT: [(&str, &str); 13] = [
    ("/health", "of the server"),
    ("/health/live", "of the server"),
    ("/metrics", "of the server"),
    ("/api/v1/sessions", "one's own, with the moments of the real clock in their ids"),
    ("/api/v1/me/tokens", "one's own"),
    ("/api/v1/me/export", "a ZIP of what is one's own, in lists that stand here by themselves"),
    ("/api/v1/classes/{id}/events", "the events of `changes`, as they come"),
    ("/account", "one's own sessions"),
    ("/classes/{id}/import/{staged}", "one's own file"),
    ("/api/v1/conversations/{id}/source", "one's own file"),
    ("/conversations/{id}/present", "a form of one button"),
    ("/classes/new", "a form"),
    ("/invites/{id}", "a code and its picture, of the list of codes"),
];

/// A class, its people, and what was made in it.
pub(super) struct World {
    pub(super) app: TestApp,
    pub(super) people: BTreeMap<&'static str, Person>,
    pub(super) class: String,
    /// What was made: under what it is found in a path, and its id.
    things: Vec<(&'static str, String)>,
    labels: Labels,
}

/// What ids and names stand for.
#[derive(Clone, Default)]
pub(super) struct Labels(Vec<(String, String)>);

impl Labels {
    /// What is known already keeps its label.
    fn add(&mut self, text: &str, label: &str) {
        if self.0.iter().all(|(known, _)| known != text) {
            self.0.push((text.to_owned(), label.to_owned()));
        }
    }

    /// A text with labels for what is known, and numbers for ids that are not.
    fn apply(&self, text: &str) -> String {
        let mut text = without_tokens(&self.without_cursors(text));
        for (known, label) in &self.0 {
            text = text.replace(known, label);
        }
        numbered(&text)
    }

    /// Cursors hold ids.
    fn without_cursors(&self, text: &str) -> String {
        let mut pieces = text.split("eyJ");
        let mut whole = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            let end = piece.find(|c: char| !(c.is_ascii_alphanumeric() || "-_".contains(c))).unwrap_or(piece.len());
            let (token, rest) = piece.split_at(end);
            match URL_SAFE_NO_PAD.decode(format!("eyJ{token}")).ok().and_then(|bytes| String::from_utf8(bytes).ok()) {
                Some(cursor) => whole += &format!("<{}>", self.apply(&cursor)),
                None => whole += &format!("eyJ{token}"),
            }
            whole += rest;
        }
        whole
    }
}

/// A page without the token of its forms.
fn without_tokens(html: &str) -> String {
    let mut pieces = html.split("name=\"csrf\" value=\"");
    let mut whole = pieces.next().unwrap_or_default().to_owned();
    pieces.for_each(|piece| whole += piece.split_once('"').map_or("", |(_, rest)| rest));
    whole
}

/// Ids that nobody named, numbered as they come.
fn numbered(text: &str) -> String {
    let mut known: Vec<&str> = Vec::new();
    let (mut whole, mut at) = (String::new(), 0);
    while let Some(letter) = text[at..].chars().next() {
        let Some(id) = text.get(at..at + 36).filter(|id| is_id(id)) else {
            whole.push(letter);
            at += letter.len_utf8();
            continue;
        };
        let number = known.iter().position(|one| *one == id).unwrap_or(known.len());
        if number == known.len() {
            known.push(id);
        }
        whole += &format!("#{number}");
        at += 36;
    }
    whole
}

fn is_id(text: &str) -> bool {
    let dash = |at: usize| [8, 13, 18, 23].contains(&at);
    text.char_indices().all(|(at, c)| if dash(at) { c == '-' } else { c.is_ascii_hexdigit() })
}

/// What an answer says, without what is never the same twice.
fn plain(mut value: Value) -> Value {
    match &mut value {
        Value::Object(members) => {
            for volatile in ["seq", "next", "seal", "request_id"] {
                members.remove(volatile);
            }
            members.values_mut().for_each(|member| *member = plain(member.take()));
        }
        Value::Array(items) => {
            // To join is what came in another order.
            items.retain(|item| item["kind"] != "member.joined");
            items.iter_mut().for_each(|item| *item = plain(item.take()));
        }
        _ => {}
    }
    value
}

impl World {
    pub(super) fn new(app: TestApp, people: BTreeMap<&'static str, Person>, class: String) -> Self {
        let mut labels = Labels::default();
        labels.add(&class, "class");
        Self { app, people, things: vec![("classes", class.clone())], class, labels }
    }

    pub(super) fn who(&self, name: &str) -> &Person {
        &self.people[name]
    }

    /// Notes something that was made.
    pub(super) fn made(&mut self, noun: &'static str, label: &str, id: String) -> String {
        self.labels.add(&id, label);
        self.things.push((noun, id.clone()));
        id
    }

    /// A text with labels instead of ids.
    pub(super) fn labelled(&self, text: &str) -> String {
        self.labels.apply(text)
    }

    /// Notes what a text stands for that no path is made of.
    pub(super) fn stands_for(&mut self, text: &str, label: &str) {
        self.labels.add(text, label);
    }

    /// The ids and made-up names by which somebody meets those whose conversations are called after them.
    pub(super) fn met_by(&self, reader: &str) -> BTreeMap<String, (String, String)> {
        let list = self.who(reader).get(&format!("/api/v1/classes/{}/conversations?limit=100", self.class));
        let found = list.is(200).items().into_iter().filter_map(|item| {
            let owner = item["title"].as_str()?.strip_prefix("Talk of ")?.to_owned();
            let text = |name: &str| item["author"][name].as_str().unwrap().to_owned();
            Some((owner, (text("id"), text("name"))))
        });
        found.collect()
    }

    /// Everything that somebody can read, by path: the bytes, and with labels instead of ids and made-up names.
    pub(super) fn read_by(&self, reader: &str) -> Reading {
        let met = self.met_by(reader);
        let mut labels = self.labels.clone();
        // Somebody's own page says how others see them.
        let others = self.people.keys().filter(|name| **name != reader).map(|name| self.met_by(name));
        for (owner, (id, name)) in std::iter::once(met.clone()).chain(others).flatten() {
            labels.add(&id, &format!("person {owner}"));
            labels.add(&name, &format!("made-up {owner}"));
        }
        let (client, browser) = (self.who(reader), crate::web::log_in(&self.app, reader));
        let mut reading = Reading::default();
        for path in self.paths(&met) {
            let answer = match path.starts_with("/api") {
                true => client.get(&path),
                false => browser.send("GET", &path, &[]),
            };
            reading.bytes.insert(path.clone(), exact(&answer));
            reading.labelled.insert(labels.apply(&path), labelled(&answer, &labels));
            let next = (answer.status == 200).then(|| answer.header("link").map(str::to_owned)).flatten();
            self.walk(client, next, &labels, &mut reading);
        }
        reading
    }

    /// The further pages of a list.
    fn walk(&self, client: &Person, mut next: Option<String>, labels: &Labels, reading: &mut Reading) {
        while let Some(link) = next {
            let path = link.trim_start_matches('<').split('>').next().unwrap().to_owned();
            let answer = client.get(&path).is(200);
            reading.bytes.insert(path.clone(), exact(&answer));
            reading.labelled.insert(labels.apply(&path), labelled(&answer, labels));
            next = answer.header("link").map(str::to_owned);
        }
    }

    /// The path of every route that can be read, for everything that was made.
    fn paths(&self, met: &BTreeMap<String, (String, String)>) -> Vec<String> {
        let all = routes::table().into_iter().chain(web::table());
        let read = all.filter(|route| route.method == "GET" && route.audience == Audience::SignedIn);
        let mut paths = vec!["/".to_owned()];
        for route in read.filter(|route| LEFT_OUT.iter().all(|(left, _)| *left != route.path)) {
            let noun = route.path.trim_start_matches("/api/v1").split('/').nth(1).unwrap();
            let ids = self.things.iter().filter(|(of, _)| *of == noun).map(|(_, id)| id);
            let of_all: Vec<String> = match route.path.contains("{id}") {
                true => ids.map(|id| route.path.replace("{id}", id)).collect(),
                false => vec![route.path.to_owned()],
            };
            assert!(!of_all.is_empty(), "nothing was made to open {} with", route.path);
            for path in of_all {
                paths.extend(self.asked(route.path, &path, met));
            }
        }
        paths
    }

    /// In how many ways a path is asked for.
    fn asked(&self, route: &str, path: &str, met: &BTreeMap<String, (String, String)>) -> Vec<String> {
        let with = |queries: &[&str]| queries.iter().map(|query| format!("{path}{query}")).collect::<Vec<_>>();
        let by = |path: String| met.values().map(move |(id, _)| format!("{path}?limit=2&author={id}"));
        match route {
            "/api/v1/classes/{id}/conversations" => {
                let sorts = ["?limit=3", "?sort=title", "?sort=-updated", "?sort=-started", "?sort=created&limit=2"];
                with(&sorts).into_iter().chain(by(path.to_owned())).collect()
            }
            "/api/v1/conversations/{id}/annotations" => {
                with(&["?limit=3", "?sort=place", "?q=note"]).into_iter().chain(by(path.to_owned())).collect()
            }
            "/api/v1/classes/{id}/enrolments" => with(&["", "?limit=3", "?role=student&limit=2"]),
            "/api/v1/classes/{id}/changes" => {
                let since = entity::Moment::from(self.app.clock.now()).plus(-time::Duration::hours(2)).0;
                with(&[&format!("?limit=100&since={since}")])
            }
            "/api/v1/classes/{id}/export" => {
                let csv = ["conversations", "messages", "annotations", "tags"];
                let csv = csv.map(|table| format!("{path}?format=csv&table={table}"));
                with(&[""]).into_iter().chain(csv).collect()
            }
            "/api/v1/conversations/{id}" => with(&["", "?include=messages&branches=all"]),
            "/api/v1/conversations/{id}/export" => with(&["", "?format=markdown", "?format=html"]),
            "/classes/{id}/people/{person}" => {
                let show = |id: &String| {
                    ["", "?show=marks", "?show=comments"].map(|query| path.replace("{person}", id) + query)
                };
                met.values().flat_map(|(id, _)| show(id)).collect()
            }
            _ => vec![path.to_owned()],
        }
    }
}

/// Everything that somebody read, by path.
#[derive(Default)]
pub(super) struct Reading {
    /// Status, what caches and readers go by, and the body.
    pub(super) bytes: BTreeMap<String, String>,
    /// The same for two classes that differ in nothing but ids and made-up names.
    pub(super) labelled: BTreeMap<String, String>,
}

impl Reading {
    /// Asserts that two people who did and met the same read the same.
    #[track_caller]
    pub(super) fn is_like(&self, other: &Self, who: &str) {
        differ(&self.labelled, &other.labelled, who);
    }

    /// Asserts that not a byte is another.
    #[track_caller]
    pub(super) fn is(&self, other: &Self, who: &str) {
        differ(&self.bytes, &other.bytes, who);
    }
}

#[track_caller]
fn differ(one: &BTreeMap<String, String>, other: &BTreeMap<String, String>, who: &str) {
    let paths: Vec<&String> = one.keys().collect();
    assert_eq!(paths, other.keys().collect::<Vec<_>>(), "{who} reads something else");
    assert!(paths.len() > 50, "{who} reads {} things", paths.len());
    let wrong: Vec<String> = one
        .iter()
        .zip(other.values())
        .filter(|((_, one), other)| one != other)
        .map(|((path, one), other)| format!("{path}\n--- {one}\n+++ {other}"))
        .collect();
    assert!(wrong.is_empty(), "{} answers to {who} differ:\n{}", wrong.len(), wrong.join("\n"));
}

fn exact(answer: &Response) -> String {
    let header = |name: &str| answer.header(name).unwrap_or_default().to_owned();
    let headers = ["etag", "link", "content-length", "content-disposition", "last-modified"].map(header);
    let body = without_tokens(&without_request_id(answer));
    format!("{} {headers:?} {body}", answer.status)
}

/// The body; of a refusal without the number of the request.
fn without_request_id(answer: &Response) -> String {
    match answer.status {
        200 => answer.text(),
        _ => String::new(),
    }
}

/// What stands around the boxes of the people whom one can name.
const BOXES: (&str, &str) = ("<div class=\"swatches names\">", "</div>");

/// A page in which the boxes of people stand in the order of their labels. They have to stand in the order of the names
/// that are shown, which are others in each class.
fn with_boxes_sorted(page: &str, labels: &Labels) -> String {
    let mut pieces = page.split(BOXES.0);
    let mut whole = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (boxes, rest) = piece.split_once(BOXES.1).unwrap();
        let shown = |line: &&str| line.split_once("<span dir=\"auto\">").unwrap().1.to_owned();
        let boxes: Vec<&str> = boxes.lines().filter(|line| !line.is_empty()).collect();
        assert!(
            boxes.iter().map(shown).is_sorted(),
            "people are offered in another order than that of names: {boxes:?}"
        );
        let mut boxes: Vec<String> = boxes.into_iter().map(|line| labels.apply(line)).collect();
        boxes.sort();
        whole += &format!("{}{}{}{rest}", BOXES.0, boxes.join("\n"), BOXES.1);
    }
    whole
}

fn labelled(answer: &Response, labels: &Labels) -> String {
    let text = with_boxes_sorted(&without_request_id(answer), labels);
    let said = match serde_json::from_str(&text) {
        Ok(value) => plain(value).to_string(),
        Err(_) if text.starts_with('{') => {
            let lines = text.lines().map(|line| plain(serde_json::from_str(line).unwrap()).to_string());
            lines.collect::<Vec<_>>().join("\n")
        }
        Err(_) => text,
    };
    labels.apply(&format!("{} {said}", answer.status))
}
