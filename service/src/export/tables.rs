//! The tables of a class, and of one person: their columns, and what each means.

use entity::{class, enrolment, message, tag};
use serde_json::json;

use super::{
    document::word,
    placed::Placed,
    table::{DICTIONARY, Entry, Table, flag, list, moment, number, raw, text},
};
use crate::{annotation::AnnotationView, author::Author, comment::CommentView, conversation::ConversationView};

const AUTHOR_ID: &str = "Whose: the membership, or what stands for it behind a made-up name; the same in all tables";
const AUTHOR: &str = "The name shown";
const ROLE: &str = "Role in the class";
const CONVERSATION_TITLE: &str = "What the conversation is called";
const MESSAGE_NUMBER: &str = "The number of the message, from 1, as pages show it; none for a whole conversation";
const URL: &str = "The page it is on";
const ME: &str = "Whether it is the one who exported";

fn id(author: Option<&Author>) -> Option<String> {
    author.map(|author| author.id.to_string())
}

fn name(author: Option<&Author>) -> Option<String> {
    author.map(|author| author.name.clone())
}

fn role(author: Option<&Author>) -> Option<String> {
    author.map(|author| word(&author.role))
}

/// Who wrote a comment; nobody once it was deleted.
fn writer(view: &CommentView) -> Option<&Author> {
    view.author.as_ref().filter(|_| view.comment.deleted_at.is_none())
}

fn is_me(author: Option<&Author>) -> bool {
    author.is_some_and(|author| author.me)
}

fn large(count: u64) -> Option<i64> {
    i64::try_from(count).ok()
}

pub(super) const CONVERSATIONS: Table<Placed<ConversationView>> = Table {
    name: "conversations",
    kind: "conversation",
    fields: &[
        text("id", "The conversation", |row| Some(row.conversation.id.to_string())),
        text("title", "What its owner calls it", |row| row.conversation.title.clone()),
        text("author_id", AUTHOR_ID, |row| id(row.author.as_ref())),
        text("author_name", AUTHOR, |row| name(row.author.as_ref())),
        text("author_role", ROLE, |row| role(row.author.as_ref())),
        flag("author_me", ME, |row| is_me(row.author.as_ref())),
        text("visibility", "Who may read it besides its owner: private, staff or class", |row| {
            Some(word(&row.conversation.visibility))
        }),
        text("platform", "Where it comes from: chatgpt, claude, pasted or manual", |row| {
            Some(word(&row.conversation.platform))
        }),
        text("model", "The model that answered by default, where known", |row| row.conversation.model.clone()),
        number("messages", "Messages of the visible path that its platform shows", |row| large(row.messages)),
        moment("started_at", "When it began, where known", |row| row.conversation.started_at),
        moment("created_at", "When it came here", |row| Some(row.conversation.created_at)),
        moment("updated_at", "When it last changed here", |row| Some(row.conversation.updated_at)),
        text("url", URL, |row| row.url.clone()),
    ],
};

pub(super) const MESSAGES: Table<Placed<message::Model>> = Table {
    name: "messages",
    kind: "message",
    fields: &[
        text("id", "The message", |row| Some(row.id.to_string())),
        text("conversation_id", "In which conversation", |row| Some(row.conversation_id.to_string())),
        text("parent_id", "The message it follows", |row| row.parent_id.map(|id| id.to_string())),
        number("number", "Its number in the conversation, from 1, over all branches", |row| {
            Some(i64::from(row.position).saturating_add(1))
        }),
        text("role", "Who speaks: user, assistant, system, tool or unknown", |row| Some(word(&row.role))),
        text("model", "Which model, where known", |row| row.model.clone()),
        moment("created_at", "When it was written, where known", |row| row.created_at),
        flag("hidden", "Whether its platform does not show it", |row| row.hidden),
        flag("on_path", "Whether it is on the path that its platform shows", |row| row.on_path),
        text("content", "The visible text", |row| Some(row.content.clone())),
        raw("parts", "All parts, thinking and tools too; `text` of one of them is what annotations count in", |row| {
            json!(row.parts)
        }),
        text("conversation_title", CONVERSATION_TITLE, |row| row.conversation_title.clone()),
        text("url", URL, |row| row.url.clone()),
    ],
};

pub(super) const ANNOTATIONS: Table<Placed<AnnotationView>> = Table {
    name: "annotations",
    kind: "annotation",
    fields: &[
        text("id", "The annotation", |row| Some(row.annotation.id.to_string())),
        text("conversation_id", "In which conversation", |row| Some(row.annotation.conversation_id.to_string())),
        text("target", "On what: span (words), message or conversation", |row| Some(word(&row.annotation.target))),
        text("message_id", "On which message", |row| row.annotation.message_id.map(|id| id.to_string())),
        number("part", "Which of its parts, from 0", |row| row.annotation.part.map(i64::from)),
        number("start", "Where the words begin in that part's text, in Unicode scalar values", |row| {
            row.annotation.start.map(i64::from)
        }),
        number("end", "Where they end, exclusive", |row| row.annotation.stop.map(i64::from)),
        text("quote", "The words", |row| row.annotation.quote.clone()),
        flag("orphan", "Whether its words are not in the message any more", |row| row.orphan),
        text("note", "What its author says of it", |row| row.annotation.note.clone()),
        list("tags", "The names of its tags", |row| row.tags.iter().map(|tag| tag.name.clone()).collect()),
        list("tag_ids", "The tags, in the same order", |row| row.tags.iter().map(|tag| tag.id.to_string()).collect()),
        text("audience", "Who may see it besides its author: private, staff or class", |row| {
            Some(word(&row.annotation.audience))
        }),
        text("author_id", AUTHOR_ID, |row| id(row.author.as_ref())),
        text("author_name", AUTHOR, |row| name(row.author.as_ref())),
        text("author_role", ROLE, |row| role(row.author.as_ref())),
        flag("author_me", ME, |row| is_me(row.author.as_ref())),
        flag("resolved", "Whether its thread is done", |row| row.annotation.resolved_at.is_some()),
        flag("hidden", "Whether staff hid it", |row| row.annotation.hidden_at.is_some()),
        number("comments", "Comments whose words the one who exported may read", |row| large(row.comments)),
        moment("created_at", "When it was made", |row| Some(row.annotation.created_at)),
        moment("updated_at", "When it last changed", |row| Some(row.annotation.updated_at)),
        text("conversation_title", CONVERSATION_TITLE, |row| row.conversation_title.clone()),
        number("message_number", MESSAGE_NUMBER, |row| row.message_number),
        text("url", URL, |row| row.url.clone()),
    ],
};

pub(super) const COMMENTS: Table<Placed<CommentView>> = Table {
    name: "comments",
    kind: "comment",
    fields: &[
        text("id", "The comment", |row| Some(row.comment.id.to_string())),
        text("annotation_id", "Below which annotation", |row| Some(row.comment.annotation_id.to_string())),
        text("parent_id", "The comment it answers", |row| row.comment.parent_id.map(|id| id.to_string())),
        text("body", "Its words; empty when it was deleted, or is hidden from the one who exported", |row| {
            row.readable.then(|| row.comment.body.clone())
        }),
        text("author_id", AUTHOR_ID, |row| id(writer(row))),
        text("author_name", AUTHOR, |row| name(writer(row))),
        text("author_role", ROLE, |row| role(writer(row))),
        flag("author_me", ME, |row| is_me(writer(row))),
        flag("deleted", "Whether its author deleted it: its place is kept for what answers it", |row| {
            row.comment.deleted_at.is_some()
        }),
        flag("hidden", "Whether staff hid it", |row| row.comment.hidden_at.is_some()),
        moment("created_at", "When it was written", |row| Some(row.comment.created_at)),
        moment("edited_at", "When its words last changed", |row| row.comment.edited_at),
        text("conversation_title", CONVERSATION_TITLE, |row| row.conversation_title.clone()),
        number("message_number", MESSAGE_NUMBER, |row| row.message_number),
        text("url", URL, |row| row.url.clone()),
    ],
};

pub(super) const TAGS: Table<tag::Model> = Table {
    name: "tags",
    kind: "tag",
    fields: &[
        text("id", "The tag", |row| Some(row.id.to_string())),
        text("class_id", "In which class", |row| Some(row.class_id.to_string())),
        text("name", "What it is called", |row| Some(row.name.clone())),
        text("colour", "Its colour", |row| Some(row.colour.clone())),
        text("definition", "What it means", |row| row.definition.clone()),
        text("example", "Words that it fits", |row| row.example.clone()),
        text("group", "The heading it stands under", |row| row.grouping.clone()),
        flag("private", "Whether it is a tag that the one who exported keeps to themselves", |row| {
            row.owner_id.is_some()
        }),
        number("position", "Its place in the list", |row| Some(i64::from(row.position))),
    ],
};

/// A membership and its class.
pub(super) type Enrolment = (enrolment::Model, class::Model);

pub(super) const ENROLMENTS: Table<Enrolment> = Table {
    name: "enrolments",
    kind: "enrolment",
    fields: &[
        text("id", "The membership; stands for you in the class", |(row, _)| Some(row.id.to_string())),
        text("class_id", "In which class", |(_, class)| Some(class.id.to_string())),
        text("class_name", "What the class is called", |(_, class)| Some(class.name.clone())),
        text("role", ROLE, |(row, _)| Some(word(&row.role))),
        text("state", "Whether it holds: active, left or removed", |(row, _)| Some(word(&row.state))),
        text("section", "Section or group", |(row, _)| row.section.clone()),
        moment("created_at", "When you joined", |(row, _)| Some(row.created_at)),
        moment("ended_at", "When it stopped holding", |(row, _)| row.ended_at),
    ],
};

/// The dictionary of a class's tables.
pub(super) fn of_class() -> Vec<Entry> {
    let all = CONVERSATIONS.entries().chain(MESSAGES.entries()).chain(ANNOTATIONS.entries());
    all.chain(COMMENTS.entries()).chain(TAGS.entries()).chain(DICTIONARY.entries()).collect()
}

/// The dictionary of one person's tables.
pub(super) fn of_person() -> Vec<Entry> {
    let all = ENROLMENTS.entries().chain(ANNOTATIONS.entries()).chain(COMMENTS.entries());
    all.chain(TAGS.entries()).chain(DICTIONARY.entries()).collect()
}
