//! The pages that are known, each by what it writes around its turns.

use entity::message::{Part, PartKind, Role};

use super::{dom::Dom, words};
use crate::transcript::{Page, part};

/// How one platform writes its pages.
pub(super) struct Site {
    /// Which one.
    pub(super) page: Page,
    /// Whose turn an element is, if it is one.
    pub(super) turn: fn(&Dom, usize) -> Option<Role>,
    /// Is it a thing of the page rather than of the conversation?
    pub(super) chrome: fn(&Dom, usize) -> bool,
    /// Does it hold the model's reasoning?
    pub(super) thinking: fn(&Dom, usize) -> bool,
    /// What is to be said of every such page.
    pub(super) note: Option<&'static str>,
    /// It is believed only where both sides speak.
    pub(super) both: bool,
}

/// The pages that are known; the first that fits is taken.
pub(super) const SITES: [Site; 5] = [
    Site {
        page: Page::Chatgpt,
        turn: of_chatgpt,
        chrome: |dom, id| dom.attribute(id, "data-testid").ends_with("-turn-action-button"),
        thinking: |dom, id| class_says(dom, id, "thinking") || class_says(dom, id, "thought"),
        note: None,
        both: false,
    },
    Site {
        page: Page::Claude,
        turn: |dom, id| {
            if dom.attribute(id, "data-testid") == "user-message" || dom.has_class(id, "font-user-message") {
                return Some(Role::User);
            }
            let answer = dom.has_class(id, "font-claude-response") || dom.has_class(id, "font-claude-message");
            answer.then_some(Role::Assistant)
        },
        chrome: |dom, id| dom.attribute(id, "data-testid") == "action-bar-copy",
        thinking: |dom, id| class_says(dom, id, "thinking") || dom.attribute(id, "data-testid").contains("thinking"),
        note: None,
        both: false,
    },
    Site {
        page: Page::Gemini,
        turn: |dom, id| match dom.name(id) {
            "user-query" => Some(Role::User),
            "model-response" => Some(Role::Assistant),
            // A report or a document that is open beside the conversation.
            name if name.ends_with("immersive-panel") => Some(Role::Assistant),
            _ => None,
        },
        chrome: |dom, id| {
            let parts = [
                "bard-avatar",
                "message-actions",
                "sources-list",
                "sources-carousel-inline",
                "source-footnote",
                "tts-control",
                "freemium-rag-disclaimer",
            ];
            let classes = ["avatar-gutter", "code-block-decoration", "table-footer", "response-footer"];
            parts.contains(&dom.name(id)) || classes.iter().any(|class| dom.has_class(id, class))
        },
        thinking: |dom, id| dom.name(id) == "model-thoughts",
        note: None,
        both: false,
    },
    Site {
        page: Page::AiStudio,
        turn: |dom, id| {
            if dom.name(id) != "ms-chat-turn" {
                return None;
            }
            let says = |name: &str| dom.find(id, |below| dom.attribute(below, "data-turn-role") == name).is_some();
            match () {
                () if says("User") => Some(Role::User),
                () if says("Model") => Some(Role::Assistant),
                () => Some(Role::Unknown),
            }
        },
        chrome: |dom, id| {
            let classes = ["author-label", "turn-footer", "actions-container", "timestamp"];
            let parts = ["ms-chat-turn-options", "mat-expansion-panel-header"];
            parts.contains(&dom.name(id)) || classes.iter().any(|class| dom.has_class(id, class))
        },
        thinking: |dom, id| dom.name(id) == "ms-thought-chunk",
        note: Some("AI Studio keeps only the turns on the screen in its page: check that none is missing"),
        both: false,
    },
    Site {
        page: Page::Other,
        turn: of_any,
        chrome: |dom, id| dom.name(id) == "nav",
        thinking: |_, _| false,
        note: Some("this page is none that is known here; who speaks was told from the marks in it: check it"),
        both: true,
    },
];

/// No page that is known: all of it is one turn.
pub(super) const OTHER: Site = Site {
    page: Page::Other,
    turn: |_, id| (id == 0).then_some(Role::Unknown),
    chrome: |dom, id| dom.name(id) == "nav",
    thinking: |_, _| false,
    note: None,
    both: false,
};

/// Whose turn an element of ChatGPT's page is: until September 2026 it says so itself; since then the unit that is
/// searched does, or the bubble and the answer in it.
fn of_chatgpt(dom: &Dom, id: usize) -> Option<Role> {
    let named = |name: &str| match name {
        "user" => Some(Role::User),
        "assistant" => Some(Role::Assistant),
        "system" => Some(Role::System),
        "tool" => Some(Role::Tool),
        _ => None,
    };
    let author = "data-message-author-role";
    let unit = dom.attribute(id, "data-chatgpt-search-unit-key").rsplit(':').next().unwrap_or_default();
    let role = named(dom.attribute(id, author)).or_else(|| named(unit));
    // A turn of pictures alone has no author.
    let turn =
        || named(dom.attribute(id, "data-turn")).filter(|_| dom.find(id, |at| dom.has_attribute(at, author)).is_none());
    let bubble = || {
        if dom.has_attribute(id, "data-user-message-bubble") {
            return Some(Role::User);
        }
        dom.attribute(id, "data-markdown-text-style").starts_with("assistant").then_some(Role::Assistant)
    };
    role.or_else(turn).or_else(bubble)
}

/// Attributes in which pages say whose a message is.
const MARKS: [&str; 12] = [
    "data-testid",
    "data-test-id",
    "data-role",
    "data-author",
    "data-author-role",
    "data-message-role",
    "data-message-author",
    "data-message-author-role",
    "data-message-type",
    "data-sender",
    "data-speaker",
    "data-turn",
];
/// Words for a message in names of elements, classes and marks.
const MESSAGE: [&str; 13] = [
    "message", "msg", "turn", "bubble", "chat", "query", "prompt", "response", "reply", "answer", "question", "row",
    "item",
];

/// Whose turn an element of any page is, as the names say that people give to such elements: `assistant-message`.
fn of_any(dom: &Dom, id: usize) -> Option<Role> {
    let name = dom.name(id);
    if name.is_empty() {
        return None;
    }
    let marks = MARKS.iter().filter_map(|mark| speaker(dom.attribute(id, mark), !mark.ends_with("id")));
    let classes = dom.attribute(id, "class").split_ascii_whitespace().filter_map(|class| speaker(class, false));
    marks.chain(speaker(name, false)).chain(classes).next()
}

/// Who is named: `user`, if a name alone is enough, `user-message`, `message_assistant`.
fn speaker(name: &str, alone: bool) -> Option<Role> {
    if name.is_empty() || name.len() > 40 {
        return None;
    }
    let name = name.to_ascii_lowercase();
    let (mut role, mut message) = (None, alone);
    for word in name.split(['-', '_', ' ']).filter(|word| !word.is_empty()) {
        let found = match word {
            "user" | "human" => Role::User,
            "assistant" | "ai" | "model" | "bot" | "chatbot" | "llm" => Role::Assistant,
            word if MESSAGE.contains(&word) => {
                message = true;
                continue;
            }
            _ => return None,
        };
        if role.replace(found).is_some_and(|before| before != found) {
            return None;
        }
    }
    role.filter(|_| message)
}

/// Classes of what only people hear who cannot see the page.
pub(super) fn is_heard(dom: &Dom, id: usize) -> bool {
    let classes = ["sr-only", "cdk-visually-hidden", "visually-hidden", "visuallyhidden", "screen-reader-text"];
    classes.iter().any(|class| dom.has_class(id, class))
}

/// Is it a way about the site rather than a part of what it shows?
pub(super) fn is_way(dom: &Dom, id: usize) -> bool {
    let roles = ["navigation", "menu", "menubar", "toolbar", "tablist", "tooltip"];
    matches!(dom.name(id), "nav" | "menu") || roles.contains(&dom.attribute(id, "role"))
}

/// Words beyond which something to press is something to read.
const LONGEST_BUTTON: usize = 20;

/// Is it something to press?
fn is_button(dom: &Dom, id: usize) -> bool {
    let pressed = dom.attribute(id, "role") == "button";
    // People write long messages; the pages let one press them to see all of it.
    dom.name(id) == "button" || pressed && words::first(dom, id, LONGEST_BUTTON + 1).len() <= LONGEST_BUTTON
}

/// The picture or the file that a button stands for; `person` in a message of a person, whose buttons are few.
pub(super) fn drawn(dom: &Dom, id: usize, person: bool) -> Option<Part> {
    if !is_button(dom, id) || dom.has_attribute(id, "hidden") || dom.attribute(id, "aria-hidden") == "true" {
        return None;
    }
    let label = dom.attribute(id, "aria-label");
    let said = [label, dom.attribute(id, "class"), dom.attribute(id, "data-testid"), dom.attribute(id, "data-test-id")];
    let said = said.join(" ").to_lowercase().replace("profile", "");
    let says = |words: &[&str]| words.iter().any(|word| said.contains(word));
    let image = dom.find(id, |at| dom.name(at) == "img" && !is_ornament(dom, at));
    let alt = image.map_or("", |image| dom.attribute(image, "alt").trim());
    let words = dom.walk(id, |_| false).map(|at| dom.text(at).trim());
    let words: Vec<&str> = words.filter(|words| !words.is_empty()).chain([label.trim()]).collect();
    if let Some(file) = words.iter().find(|words| is_file(words)).filter(|_| person) {
        let kind = if image.is_some() { PartKind::Image } else { PartKind::Attachment };
        return Some(Part { name: Some((*file).to_owned()), ..part::bare(kind) });
    }
    if image.is_some_and(|_| person || !alt.is_empty()) || person && says(&["image", "photo", "picture", "lightbox"]) {
        let name = (!alt.is_empty()).then(|| alt.to_owned());
        return Some(Part { name, ..part::bare(PartKind::Image) });
    }
    if person && says(&["attachment", "attached", "file", "document"]) {
        let name = words.iter().find(|words| !words.is_empty()).map(|words| (*words).to_owned());
        return Some(Part { name, ..part::bare(PartKind::Attachment) });
    }
    None
}

/// Is a picture part of the page rather than of the conversation?
pub(super) fn is_ornament(dom: &Dom, id: usize) -> bool {
    let words = ["alt", "class", "src"].map(|name| dom.attribute(id, name)).join(" ").to_lowercase();
    ["avatar", "profile", "favicon", "icon"].iter().any(|chrome| words.contains(chrome))
}

/// Is this the name of a file: `report.pdf`?
fn is_file(words: &str) -> bool {
    let ending = words.rsplit_once('.').filter(|(name, _)| !name.is_empty()).map_or("", |(_, ending)| ending);
    (1..=5).contains(&ending.len()) && ending.bytes().all(|byte| byte.is_ascii_alphanumeric()) && words.len() <= 200
}

/// Is it never shown, or only to people who hear the page, or something to press?
pub(super) fn is_unseen(dom: &Dom, id: usize) -> bool {
    let parts = [
        "script", "style", "noscript", "template", "head", "title", "svg", "input", "select", "textarea", "mat-icon",
        "audio", "video", "iframe", "dialog",
    ];
    let classes = ["katex-html", "material-symbols-outlined"];
    let style = dom.attribute(id, "style").replace(' ', "").to_ascii_lowercase();
    parts.contains(&dom.name(id))
        || classes.iter().any(|class| dom.has_class(id, class))
        || dom.has_attribute(id, "hidden")
        || dom.attribute(id, "aria-hidden") == "true"
        || is_heard(dom, id)
        || is_button(dom, id)
        || style.contains("display:none")
        || style.contains("visibility:hidden")
}

fn class_says(dom: &Dom, id: usize, word: &str) -> bool {
    dom.attribute(id, "class").split_ascii_whitespace().any(|class| class.contains(word))
}
