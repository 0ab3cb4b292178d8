//! What exports for people to read say in words, whatever their form.

use entity::{
    Audience, Moment,
    annotation::Target,
    conversation::{Platform, Visibility},
    message::{self, Role},
};
use time::{OffsetDateTime, macros::format_description};

use crate::{annotation::AnnotationView, author::Author, comment::CommentView, conversation::About};

/// A moment for people, in UTC.
pub(super) fn when(at: Moment) -> String {
    let format = format_description!("[day padding:none] [month repr:short] [year], [hour]:[minute] UTC");
    OffsetDateTime::from(at).format(format).unwrap_or_default()
}

pub(super) fn title(about: &About) -> &str {
    about.conversation.title.as_deref().unwrap_or("Untitled")
}

pub(super) fn person(author: Option<&Author>) -> &str {
    author.map_or("somebody whose account is gone", |author| author.name.as_str())
}

/// What stands below the title.
pub(super) fn facts(about: &About) -> Vec<String> {
    let row = &about.conversation;
    let platform = match row.platform {
        Platform::Chatgpt => "ChatGPT",
        Platform::Claude => "Claude",
        Platform::Pasted => "pasted",
        Platform::Manual => "written by hand",
    };
    let shared = match row.visibility {
        Visibility::Private => "for its owner alone",
        Visibility::Staff => "shared with the teachers",
        Visibility::Class => "shared with the class",
    };
    let by = format!("by {}", person(about.author.as_ref()));
    let mut facts = vec![by, platform.to_owned()];
    facts.extend(row.model.clone());
    facts.extend(row.started_at.map(when));
    facts.push(format!("{} ({shared})", about.class.name));
    facts
}

/// Whose view it is, and of when: others may see more, or less.
pub(super) fn exported(at: Moment) -> String {
    format!("Exported on {}, as far as the one who did may see it.", when(at))
}

/// Who speaks.
pub(super) fn speaker(row: &message::Model, about: &About) -> String {
    match row.role {
        Role::User => about.author.as_ref().map_or("User", |author| author.name.as_str()).to_owned(),
        Role::Assistant => row.model.clone().unwrap_or_else(|| "Assistant".to_owned()),
        Role::System => "System".to_owned(),
        Role::Tool => "Tool".to_owned(),
        Role::Unknown => "Unknown".to_owned(),
    }
}

/// The number of a message that others may know of.
pub(super) fn number(row: &message::Model) -> Option<u32> {
    let number = u32::try_from(row.position).unwrap_or(0).saturating_add(1);
    (!row.confidential).then_some(number)
}

/// What there is to say of a message besides who speaks.
pub(super) fn asides(row: &message::Model) -> Vec<String> {
    let mut asides: Vec<String> = row.created_at.map(when).into_iter().collect();
    if row.confidential {
        asides.push("for you alone".to_owned());
    } else if row.hidden {
        asides.push("not shown by the platform".to_owned());
    }
    if !row.on_path {
        asides.push("on another branch".to_owned());
    }
    asides
}

/// What there is to say of a mark besides its words.
pub(super) fn about_mark(view: &AnnotationView) -> Vec<String> {
    let row = &view.annotation;
    let mut words = vec![when(row.created_at)];
    words.push(match row.audience {
        Audience::Private => "for oneself".to_owned(),
        Audience::Staff => "for the teachers".to_owned(),
        Audience::Class => "for the class".to_owned(),
    });
    if view.orphan {
        words.push("its words are not in the message any more".to_owned());
    }
    if row.resolved_at.is_some() {
        words.push("resolved".to_owned());
    }
    if row.hidden_at.is_some() {
        words.push("hidden by staff".to_owned());
    }
    words
}

/// What is marked, where that is not words.
pub(super) fn on(target: Target) -> &'static str {
    match target {
        Target::Span => "",
        Target::Message => "the whole message",
        Target::Conversation => "the whole conversation",
    }
}

/// What there is to say of a comment besides its words.
pub(super) fn about_comment(view: &CommentView) -> Vec<String> {
    let row = &view.comment;
    let mut words = vec![when(row.created_at)];
    if row.edited_at.is_some() {
        words.push("changed later".to_owned());
    }
    if row.hidden_at.is_some() {
        words.push("hidden by staff".to_owned());
    }
    if !view.mentions.is_empty() {
        let names: Vec<&str> = view.mentions.iter().map(|person| person.name.as_str()).collect();
        words.push(format!("to {}", names.join(", ")));
    }
    words
}

/// Whose a comment is, and what it says.
pub(super) fn comment(view: &CommentView) -> (&str, &str) {
    let body = if view.readable { view.comment.body.as_str() } else { "" };
    match (view.comment.deleted_at.is_some(), view.readable) {
        (true, _) => ("somebody", "This comment was deleted."),
        (false, false) => (person(view.author.as_ref()), "This comment is hidden."),
        (false, true) => (person(view.author.as_ref()), body),
    }
}
