//! A browser without script: keeps cookies, follows where it is led, fills forms in as they stand on the page.

use std::{cell::RefCell, collections::BTreeMap, rc::Rc};

use crate::{
    app::TestApp,
    client::{Client, Response},
};

/// Redirects followed at most.
const HOPS: usize = 5;

/// Somebody's browser. Clones share its cookies.
#[derive(Clone)]
pub struct PlainBrowser {
    client: Client,
    cookies: Rc<RefCell<BTreeMap<String, String>>>,
}

/// A page as it is shown.
pub struct View {
    browser: PlainBrowser,
    /// Its path and query, after all redirects.
    pub at: String,
    /// The answer.
    pub answer: Response,
    /// Its HTML.
    pub html: String,
}

/// A form of a page, filled in.
pub struct Form {
    browser: PlainBrowser,
    /// Where it goes.
    pub action: String,
    method: String,
    /// Its fields with their values.
    pub fields: Vec<(String, String)>,
}

impl PlainBrowser {
    /// A new browser, without cookies.
    #[must_use]
    pub fn new(app: &TestApp) -> Self {
        let origin = format!("http://{}", app.addr);
        let client = app.anonymous().with("origin", origin).with("sec-fetch-site", "same-origin");
        Self { client: client.with("user-agent", "PlainBrowser/1"), cookies: Rc::default() }
    }

    /// The same browser, sending another header than browsers of ours do; an empty one is not sent.
    #[must_use]
    pub fn sending(&self, client: Client) -> Self {
        Self { client, cookies: Rc::clone(&self.cookies) }
    }

    /// One request, without following where it leads.
    pub fn send(&self, method: &str, path: &str, fields: &[(String, String)]) -> Response {
        let jar = self.cookies.borrow().iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>();
        let client = if jar.is_empty() { self.client.clone() } else { self.client.with("cookie", jar.join("; ")) };
        let answer = if matches!(method, "GET" | "HEAD") {
            client.send(method, path, None, Vec::new())
        } else {
            let body = encode(fields).into_bytes();
            client.send(method, path, Some("application/x-www-form-urlencoded"), body)
        };
        for set in answer.headers.get_all("set-cookie") {
            let set = set.to_str().unwrap();
            let (name, value) = set.split(';').next().unwrap().split_once('=').unwrap();
            if set.contains("Max-Age=0") {
                self.cookies.borrow_mut().remove(name);
            } else {
                self.cookies.borrow_mut().insert(name.to_owned(), value.to_owned());
            }
        }
        answer
    }

    /// Opens a page, and follows where it leads.
    #[track_caller]
    pub fn open(&self, path: &str) -> View {
        self.follow("GET", path, &[])
    }

    #[track_caller]
    fn follow(&self, method: &str, path: &str, fields: &[(String, String)]) -> View {
        let mut at = path.to_owned();
        let mut answer = self.send(method, path, fields);
        for _ in 0..HOPS {
            if answer.status != 303 {
                let html = answer.text();
                return View { browser: self.clone(), at, answer, html };
            }
            at = answer.header("location").expect("a redirect without a place").to_owned();
            answer = self.send("GET", &at, &[]);
        }
        panic!("{method} {path} leads nowhere");
    }
}

impl View {
    /// Asserts the status; the page again, to go on with.
    #[track_caller]
    pub fn is(self, status: u16) -> Self {
        assert_eq!(self.answer.status, status, "at {}: {}", self.at, self.html);
        self
    }

    /// Asserts that these words stand on the page, as people read them; the page again.
    #[track_caller]
    pub fn says(self, words: &str) -> Self {
        assert!(self.text().contains(words), "`{words}` is not said at {}:\n{}", self.at, self.text());
        self
    }

    /// Whether these words stand on the page.
    #[must_use]
    pub fn has(&self, words: &str) -> bool {
        self.text().contains(words)
    }

    /// What people read, without marks, with single spaces.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        for piece in self.html.split('<').skip(1) {
            text += piece.split_once('>').map_or("", |(_, words)| words);
        }
        decode(&text).split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The elements with this name: their opening tags.
    #[must_use]
    pub fn tags(&self, name: &str) -> Vec<String> {
        tags(&self.html, name).into_iter().map(|(_, tag)| tag.to_owned()).collect()
    }

    /// The first heading.
    #[track_caller]
    #[must_use]
    pub fn heading(&self) -> String {
        assert_eq!(self.tags("h1").len(), 1, "not one h1 at {}", self.at);
        let after = self.html.split("<h1").nth(1).unwrap().split_once('>').unwrap().1;
        decode(after.split("</h1>").next().unwrap())
    }

    /// The first place a link or form leads to that begins like this.
    #[track_caller]
    #[must_use]
    pub fn link(&self, beginning: &str) -> String {
        let places = self.tags("a").into_iter().filter_map(|tag| attribute(&tag, "href"));
        let found = places.into_iter().find(|place| place.starts_with(beginning));
        found.unwrap_or_else(|| panic!("no link to {beginning}… at {}: {}", self.at, self.html))
    }

    /// The form that goes to `action`, with the values it shows.
    #[track_caller]
    #[must_use]
    pub fn form(&self, action: &str) -> Form {
        let found = tags(&self.html, "form").into_iter().find(|(_, tag)| {
            attribute(tag, "action").unwrap_or_else(|| self.at.split('?').next().unwrap().to_owned()) == action
        });
        let (start, tag) = found.unwrap_or_else(|| panic!("no form to {action} at {}: {}", self.at, self.html));
        let whole = self.html[start..].split("</form>").next().unwrap();
        let method = attribute(tag, "method").unwrap().to_uppercase();
        Form { browser: self.browser.clone(), action: action.to_owned(), method, fields: fields(whole) }
    }
}

impl Form {
    /// Types into a field, or chooses.
    #[track_caller]
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        let field = self.fields.iter_mut().find(|(known, _)| known == name);
        field.unwrap_or_else(|| panic!("no field {name} in the form to {}", self.action)).1 = value.to_owned();
        self
    }

    /// What a field holds.
    #[track_caller]
    #[must_use]
    pub fn value(&self, name: &str) -> &str {
        let field = self.fields.iter().find(|(known, _)| known == name);
        &field.unwrap_or_else(|| panic!("no field {name} in the form to {}", self.action)).1
    }

    /// Sends it, and follows where it leads.
    #[track_caller]
    pub fn submit(self) -> View {
        if self.method == "GET" {
            return self.browser.open(&format!("{}?{}", self.action, encode(&self.fields)));
        }
        self.browser.follow("POST", &self.action, &self.fields)
    }

    /// Sends it, and stays.
    pub fn send(self) -> Response {
        self.browser.send(&self.method, &self.action, &self.fields)
    }
}

/// `application/x-www-form-urlencoded`.
fn encode(fields: &[(String, String)]) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'*');
    let escape = |text: &str| -> String {
        text.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
    };
    let pairs = fields.iter().map(|(name, value)| format!("{}={}", escape(name), escape(value)));
    pairs.collect::<Vec<_>>().join("&")
}

/// Every opening tag of this name, and where it stands.
fn tags<'a>(html: &'a str, name: &str) -> Vec<(usize, &'a str)> {
    let opening = format!("<{name}");
    let found = html.match_indices(&opening).filter_map(|(start, _)| {
        let after = html[start + opening.len()..].chars().next()?;
        let end = start + html[start..].find('>')?;
        (after == '>' || after.is_whitespace()).then(|| (start, &html[start..=end]))
    });
    found.collect()
}

/// The value of an attribute of an opening tag of ours: always in double quotes.
#[must_use]
pub fn attribute(tag: &str, name: &str) -> Option<String> {
    let start = tag.find(&format!(" {name}=\""))? + name.len() + 3;
    tag[start..].split('"').next().map(decode)
}

fn has(tag: &str, name: &str) -> bool {
    tag.trim_end_matches('>').split_whitespace().any(|word| word == name)
}

/// What a browser would send of a form as it stands.
fn fields(form: &str) -> Vec<(String, String)> {
    let mut found: Vec<(usize, String, String)> = Vec::new();
    for (start, tag) in tags(form, "input") {
        let Some(name) = attribute(tag, "name") else { continue };
        let kind = attribute(tag, "type").unwrap_or_default();
        if !matches!(kind.as_str(), "radio" | "checkbox") || has(tag, "checked") {
            found.push((start, name, attribute(tag, "value").unwrap_or_default()));
        }
    }
    for (start, tag) in tags(form, "textarea") {
        let inside = form[start + tag.len()..].split("</textarea>").next().unwrap_or_default();
        // Browsers leave out the first line end.
        let inside = inside.strip_prefix('\n').unwrap_or(inside);
        found.push((start, attribute(tag, "name").unwrap_or_default(), decode(inside)));
    }
    for (start, tag) in tags(form, "select") {
        let inside = form[start..].split("</select>").next().unwrap_or_default();
        let options = tags(inside, "option");
        let chosen = options.iter().find(|(_, tag)| has(tag, "selected")).or(options.first());
        let value = chosen.and_then(|(_, tag)| attribute(tag, "value")).unwrap_or_default();
        found.push((start, attribute(tag, "name").unwrap_or_default(), value));
    }
    found.sort();
    found.into_iter().map(|(_, name, value)| (name, value)).collect()
}

/// Text without the escapes that our pages use.
fn decode(text: &str) -> String {
    let escapes = [
        ("&#60;", "<"),
        ("&#62;", ">"),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&amp;", "&"),
        ("&#38;", "&"),
    ];
    escapes.iter().fold(text.to_owned(), |text, (escape, plain)| text.replace(escape, plain))
}
