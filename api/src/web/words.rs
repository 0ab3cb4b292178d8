//! What pages call things.

use service::{
    author::Author,
    conversation::Audience,
    entity::{
        class,
        conversation::{Platform, Visibility},
        enrolment::Role,
        message,
    },
};

/// How far a conversation is shared: its name in forms, its name for people, who that is.
pub(super) const VISIBILITIES: [(Visibility, &str, &str); 3] = [
    (Visibility::Private, "private", "Only me"),
    (Visibility::Staff, "staff", "Teachers"),
    (Visibility::Class, "class", "Whole class"),
];

/// Where conversations come from.
pub(super) const PLATFORMS: [(Platform, &str, &str); 4] = [
    (Platform::Chatgpt, "chatgpt", "ChatGPT"),
    (Platform::Claude, "claude", "Claude"),
    (Platform::Pasted, "pasted", "pasted"),
    (Platform::Manual, "manual", "written here"),
];

/// What members are.
pub(super) const ROLES: [(Role, &str, &str); 5] = [
    (Role::Owner, "owner", "owner"),
    (Role::Instructor, "instructor", "instructor"),
    (Role::Tutor, "tutor", "tutor"),
    (Role::Student, "student", "student"),
    (Role::Auditor, "auditor", "auditor"),
];

/// The value of this name in forms.
pub(super) fn parse<T: Copy>(table: &[(T, &str, &str)], name: &str) -> Option<T> {
    table.iter().find(|(_, known, _)| *known == name).map(|(value, ..)| *value)
}

/// Its name in forms.
pub(super) fn key<T: PartialEq>(table: &[(T, &'static str, &'static str)], value: &T) -> &'static str {
    table.iter().find(|(known, ..)| known == value).map_or("", |(_, key, _)| key)
}

/// Its name for people.
pub(super) fn name<T: PartialEq>(table: &[(T, &'static str, &'static str)], value: &T) -> &'static str {
    table.iter().find(|(known, ..)| known == value).map_or("other", |(.., name)| name)
}

/// A number of things: `1 member`, `4 members`.
pub(super) fn count(number: u64, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// What people call a class for short.
pub(super) fn class(class: &class::Model) -> &str {
    class.code.as_deref().unwrap_or(&class.name)
}

/// Who can see a conversation, where the people are not counted: a key and words.
pub(super) fn reach(visibility: &Visibility) -> (&'static str, &'static str) {
    (key(&VISIBILITIES, visibility), name(&VISIBILITIES, visibility))
}

/// Who can see a conversation, with how many people a class has. What is private is shown to its owner alone.
pub(super) fn who_sees(visibility: Visibility, of: Audience) -> String {
    let name = name(&VISIBILITIES, &visibility);
    match visibility {
        Visibility::Class => format!("{name} ({})", count(of.members, "person", "people")),
        Visibility::Private | Visibility::Staff => name.to_owned(),
    }
}

/// Under which name somebody writes in a class where students have made-up names, and who sees the real one.
pub(super) fn written_as(made_up_name: Option<&String>, class: &class::Model) -> Option<String> {
    made_up_name.map(|name| match class.staff_see_names {
        true => format!("Classmates see {name}; teachers see your name."),
        false => format!("Classmates and teachers see {name}."),
    })
}

/// Who speaks in a message, and how it looks.
pub(super) fn speaker(role: message::Role, owner: Option<&Author>, model: Option<&str>) -> (String, &'static str) {
    match role {
        message::Role::User => (owner.map_or_else(|| "The person".to_owned(), |owner| owner.name.clone()), "user"),
        message::Role::Assistant => (model.unwrap_or("AI").to_owned(), "assistant"),
        message::Role::System => ("System".to_owned(), "system"),
        message::Role::Tool => ("Tool".to_owned(), "tool"),
        message::Role::Unknown => ("Not known who".to_owned(), "unknown"),
    }
}
