//! The people of the table and what belongs to them. Made when it is asked for, so that a small world costs little.

use std::{
    cell::RefCell,
    collections::HashMap,
    rc::Rc,
    sync::atomic::{AtomicU32, Ordering},
};

use service::{
    admin,
    entity::{Moment, user::SiteRole},
    text::Email,
};
use tests::{Client, Person, TestApp, json};

/// An id that is nobody's.
pub(super) const MISSING: &str = "0193c1f2-7d5a-7b3e-9c11-5a0e6f1d2c3b";
/// What the class is called.
pub(super) const NAME: &str = "Logic";

/// Somebody of the table: the twelve callers, then those whose things they ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Who {
    Anonymous,
    Outsider,
    Student,
    Peer,
    Tutor,
    Instructor,
    Owner,
    Auditor,
    Admin,
    Removed,
    Disabled,
    ReadToken,
    /// A further student, whose things are another's.
    Author,
    OtherTutor,
    OtherInstructor,
    /// A student who was removed.
    Former,
    /// The owner of the other class.
    Stranger,
}

/// A person with a membership.
pub(super) struct Someone {
    pub(super) person: Person,
    pub(super) class: String,
    pub(super) enrolment: String,
}

/// A class, and who is in it and around it.
pub(super) struct World<'a> {
    pub(super) app: &'a TestApp,
    pub(super) class: String,
    number: u32,
    owner: Person,
    people: RefCell<HashMap<Who, Rc<Someone>>>,
    things: RefCell<HashMap<String, String>>,
}

impl<'a> World<'a> {
    /// A class with nobody but its owner.
    pub(super) fn new(app: &'a TestApp) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::SeqCst);
        let owner = app.person(&format!("owner{number}"));
        let class = owner.opens_class(NAME);
        Self { app, class, number, owner, people: RefCell::default(), things: RefCell::default() }
    }

    /// Whose things are this caller's own.
    fn mind(who: Who) -> Who {
        match who {
            Who::Anonymous | Who::ReadToken => Who::Student,
            who => who,
        }
    }

    /// Somebody, made now if not there yet.
    pub(super) fn someone(&self, who: Who) -> Rc<Someone> {
        let who = Self::mind(who);
        if let Some(known) = self.people.borrow().get(&who) {
            return Rc::clone(known);
        }
        let made = Rc::new(match who {
            Who::Outsider | Who::Admin | Who::Stranger => self.beside(who),
            who => self.inside(who),
        });
        self.people.borrow_mut().insert(who, Rc::clone(&made));
        made
    }

    /// A person with a class of their own.
    fn beside(&self, who: Who) -> Someone {
        let person = self.app.person(&self.name(who));
        let class = person.opens_class("Ethics");
        let enrolment = person.get(&format!("/api/v1/classes/{class}")).is(200).str("enrolment_id");
        if who == Who::Admin {
            self.admin(&person, |db, at, email| admin::grant(db, at, email, SiteRole::Admin));
        }
        Someone { person, class, enrolment }
    }

    /// A member of the class, or a former one.
    fn inside(&self, who: Who) -> Someone {
        let (person, enrolment) = if who == Who::Owner {
            let shown = self.owner.get(&format!("/api/v1/classes/{}", self.class)).is(200);
            (self.owner.clone(), shown.str("enrolment_id"))
        } else {
            let person = self.app.person(&self.name(who));
            let role = match who {
                Who::Tutor | Who::OtherTutor => "tutor",
                Who::Instructor | Who::OtherInstructor => "instructor",
                _ => "student",
            };
            let enrolment = self.owner.admits(&self.class, &person, role);
            (person, enrolment)
        };
        if matches!(who, Who::Auditor | Who::Removed | Who::Disabled) {
            // Afterwards they bring in nothing any more.
            let own = self.thing(private(who), || self.brings(&person, &self.class, "private"));
            let mark = self.thing(format!("annotation of {who:?}"), || marks(&person, &own, "private"));
            self.thing(format!("comment of {who:?}"), || comments(&person, &mark));
            self.thing(format!("tag of {who:?}"), || tags(&person, &self.class, "Mine", true));
            self.thing(format!("presentation of {who:?}"), || presents(&person, &own));
        }
        let membership = format!("/api/v1/enrolments/{enrolment}");
        match who {
            Who::Auditor => drop(self.owner.patch(&membership, json!({ "role": "auditor" })).is(200)),
            Who::Removed | Who::Former => drop(self.owner.delete(&membership).is(204)),
            Who::Disabled => self.admin(&person, admin::disable),
            _ => {}
        }
        Someone { person, class: self.class.clone(), enrolment }
    }

    fn name(&self, who: Who) -> String {
        format!("{who:?}{}", self.number).to_lowercase()
    }

    /// What an operator does to an account from the command line.
    fn admin<F>(&self, person: &Person, command: impl FnOnce(&'a service::Db, Moment, Email) -> F)
    where
        F: Future<Output = service::Result<()>>,
    {
        let email = Email::parse(&person.email).unwrap();
        self.app.run(command(&self.app.db, self.now(), email)).unwrap();
    }

    fn now(&self) -> Moment {
        self.app.clock.now().into()
    }

    fn brings(&self, person: &Person, class: &str, visibility: &str) -> String {
        let text = pasted(&format!("{} {visibility}", person.email));
        let report = person.imports(class, &format!("?visibility={visibility}"), text).is(201).json();
        let import = report["id"].as_str().expect("an id").to_owned();
        self.things.borrow_mut().insert(format!("import of {}", person.email), import);
        report["imported"][0]["id"].as_str().expect("an id").to_owned()
    }

    /// An import of this caller's own.
    pub(super) fn import(&self, who: Who) -> String {
        self.conversation(who);
        self.things.borrow()[&format!("import of {}", self.someone(who).person.email)].clone()
    }

    /// Something, made now if not there yet.
    fn thing(&self, key: impl Into<String>, make: impl FnOnce() -> String) -> String {
        let key = key.into();
        if let Some(known) = self.things.borrow().get(&key) {
            return known.clone();
        }
        let made = make();
        self.things.borrow_mut().insert(key, made.clone());
        made
    }

    /// How this caller asks. One request id for all, so that equal answers are equal bytes.
    pub(super) fn client(&self, who: Who) -> Client {
        let client = match who {
            Who::Anonymous => self.app.anonymous(),
            Who::ReadToken => self.app.anonymous().bearer(&self.read_token()),
            who => self.someone(who).person.client.clone(),
        };
        client.with("x-request-id", "matrix")
    }

    fn read_token(&self) -> String {
        self.thing("read token", || {
            let student = self.someone(Who::Student);
            let wanted = json!({ "name": "reader", "scope": "read" });
            let token = student.person.post("/api/v1/me/tokens", wanted).is(201).str("token");
            // The first use is noted in the token's row: it must not look like something a refused request did.
            self.app.anonymous().bearer(&token).get("/api/v1/me").is(200);
            token
        })
    }

    /// A session of this caller besides the one they ask by; of the student for who can have none.
    pub(super) fn session(&self, who: Who) -> String {
        let who = if who == Who::Disabled { Who::Student } else { Self::mind(who) };
        self.thing(format!("session of {who:?}"), || {
            let again = self.app.sign_in(&self.someone(who).person.email);
            let sessions = again.get("/api/v1/sessions").is(200).items();
            let current = sessions.iter().find(|session| session["current"] == true).expect("this session");
            current["id"].as_str().expect("an id").to_owned()
        })
    }

    /// An API token of this caller; of the student for who can have none.
    pub(super) fn api_token(&self, who: Who) -> String {
        let who = if who == Who::Disabled { Who::Student } else { Self::mind(who) };
        self.thing(format!("token of {who:?}"), || {
            let wanted = json!({ "name": "script", "scope": "write" });
            self.someone(who).person.post("/api/v1/me/tokens", wanted).is(201).str("id")
        })
    }

    /// A link to set the further student's password: its token.
    pub(super) fn reset_link(&self) -> String {
        let email = Email::parse(&self.someone(Who::Author).person.email).unwrap();
        let secret = self.app.run(admin::reset_link(&self.app.db, self.now(), email)).unwrap();
        secret.expose().to_owned()
    }

    /// The invitation of the class for a role.
    pub(super) fn invite(&self, role: &str) -> String {
        self.thing(format!("invite for {role}"), || invite(&self.owner, &self.class, role, "id"))
    }

    /// The invitation of the other class.
    pub(super) fn other_invite(&self) -> String {
        let stranger = self.someone(Who::Stranger);
        self.thing("other invite", || invite(&stranger.person, &stranger.class, "student", "id"))
    }

    /// A code of the class.
    pub(super) fn code(&self) -> String {
        self.thing("code", || invite(&self.owner, &self.class, "student", "code"))
    }

    /// A code of the other class.
    pub(super) fn other_code(&self) -> String {
        let stranger = self.someone(Who::Stranger);
        self.thing("other code", || invite(&stranger.person, &stranger.class, "student", "code"))
    }

    /// A conversation of this caller's own that nobody else may read.
    pub(super) fn conversation(&self, who: Who) -> String {
        let who = Self::mind(who);
        let someone = self.someone(who);
        self.thing(private(who), || self.brings(&someone.person, &someone.class, "private"))
    }

    /// A conversation of the further student.
    pub(super) fn shared(&self, visibility: &str) -> String {
        if visibility == "private" {
            return self.conversation(Who::Author);
        }
        let author = self.someone(Who::Author);
        self.thing(visibility, || self.brings(&author.person, &self.class, visibility))
    }

    /// A conversation in the other class that everybody there may read.
    pub(super) fn other_conversation(&self) -> String {
        let stranger = self.someone(Who::Stranger);
        self.thing("other conversation", || self.brings(&stranger.person, &stranger.class, "class"))
    }
}

impl World<'_> {
    /// An annotation of this caller's own, on their own conversation.
    pub(super) fn annotation(&self, who: Who) -> String {
        let who = Self::mind(who);
        let someone = self.someone(who);
        let own = self.conversation(who);
        self.thing(format!("annotation of {who:?}"), || marks(&someone.person, &own, "private"))
    }

    /// An annotation of the further student for this audience, on a conversation that the class may read.
    pub(super) fn marked(&self, audience: &str) -> String {
        let (author, shared) = (self.someone(Who::Author), self.shared("class"));
        self.thing(format!("annotation for {audience}"), || marks(&author.person, &shared, audience))
    }

    /// A presentation by this caller of their own conversation.
    pub(super) fn presentation(&self, who: Who) -> String {
        let who = Self::mind(who);
        let (someone, own) = (self.someone(who), self.conversation(who));
        self.thing(format!("presentation of {who:?}"), || presents(&someone.person, &own))
    }

    /// A presentation by the further student of a conversation of theirs that is shared this far.
    pub(super) fn presented(&self, visibility: &str) -> String {
        let (author, shared) = (self.someone(Who::Author), self.shared(visibility));
        self.thing(format!("presentation for {visibility}"), || presents(&author.person, &shared))
    }

    /// A presentation in the other class that everybody there may follow.
    pub(super) fn other_presentation(&self) -> String {
        let (stranger, shared) = (self.someone(Who::Stranger), self.other_conversation());
        self.thing("other presentation", || presents(&stranger.person, &shared))
    }

    /// A comment of this caller's own, below their own annotation.
    pub(super) fn comment(&self, who: Who) -> String {
        let who = Self::mind(who);
        let (someone, own) = (self.someone(who), self.annotation(who));
        self.thing(format!("comment of {who:?}"), || comments(&someone.person, &own))
    }

    /// A comment of the further student below their annotation for this audience.
    pub(super) fn commented(&self, audience: &str) -> String {
        let (author, above) = (self.someone(Who::Author), self.marked(audience));
        self.thing(format!("comment for {audience}"), || comments(&author.person, &above))
    }

    /// A comment in the other class that everybody there may see.
    pub(super) fn other_comment(&self) -> String {
        let (stranger, above) = (self.someone(Who::Stranger), self.other_annotation());
        self.thing("other comment", || comments(&stranger.person, &above))
    }

    /// A tag that this caller keeps to themselves, in their class.
    pub(super) fn own_tag(&self, who: Who) -> String {
        let who = Self::mind(who);
        let someone = self.someone(who);
        self.thing(format!("tag of {who:?}"), || tags(&someone.person, &someone.class, "Mine", true))
    }

    /// A tag of the class that its owner made; of the other class for its people.
    pub(super) fn tag(&self, who: Who, name: &str) -> String {
        let someone = self.someone(Self::mind(who));
        let host = if someone.class == self.class { &self.owner } else { &someone.person };
        self.thing(format!("tag {name} of {}", someone.class), || tags(host, &someone.class, name, false))
    }

    /// An annotation in the other class that everybody there may see.
    pub(super) fn other_annotation(&self) -> String {
        let (stranger, shared) = (self.someone(Who::Stranger), self.other_conversation());
        self.thing("other annotation", || marks(&stranger.person, &shared, "class"))
    }
}

fn marks(person: &Person, conversation: &str, audience: &str) -> String {
    person
        .post(&format!("/api/v1/conversations/{conversation}/annotations"), json!({ "audience": audience }))
        .is(201)
        .str("id")
}

fn presents(person: &Person, conversation: &str) -> String {
    person.post(&format!("/api/v1/conversations/{conversation}/presentations"), json!({})).is(201).str("id")
}

fn comments(person: &Person, annotation: &str) -> String {
    let body = json!({ "body": "Why?" });
    person.post(&format!("/api/v1/annotations/{annotation}/comments"), body).is(201).str("id")
}

fn tags(person: &Person, class: &str, name: &str, private: bool) -> String {
    let body = json!({ "name": name, "private": private });
    person.post(&format!("/api/v1/classes/{class}/tags"), body).is(201).str("id")
}

fn private(who: Who) -> String {
    format!("conversation of {who:?}")
}

fn invite(person: &Person, class: &str, role: &str, member: &str) -> String {
    person.post(&format!("/api/v1/classes/{class}/invites"), json!({ "role": role })).is(201).str(member)
}

/// A pasted conversation that is like no other.
pub(super) fn pasted(mark: &str) -> String {
    format!("You said:\nA question of {mark}\n\nChatGPT said:\nAn answer to {mark}\n")
}
