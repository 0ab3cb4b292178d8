//! The pages that are known, each by what it writes around its turns.

use entity::message::Role;

use super::dom::Dom;
use crate::transcript::Page;

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
}

/// The pages that are known; the first that fits is taken.
pub(super) const SITES: [Site; 4] = [
    Site {
        page: Page::Chatgpt,
        turn: |dom, id| match dom.attribute(id, "data-message-author-role") {
            "user" => Some(Role::User),
            "assistant" => Some(Role::Assistant),
            "system" => Some(Role::System),
            "tool" => Some(Role::Tool),
            _ => None,
        },
        chrome: |dom, id| dom.attribute(id, "data-testid").ends_with("-turn-action-button"),
        thinking: |dom, id| class_says(dom, id, "thinking") || class_says(dom, id, "thought"),
        note: None,
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
    },
    Site {
        page: Page::Gemini,
        turn: |dom, id| match dom.name(id) {
            "user-query" => Some(Role::User),
            "model-response" => Some(Role::Assistant),
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
                "deep-research-immersive-panel",
                "immersive-panel",
                "freemium-rag-disclaimer",
            ];
            let classes = ["avatar-gutter", "code-block-decoration", "table-footer", "response-footer"];
            parts.contains(&dom.name(id)) || classes.iter().any(|class| dom.has_class(id, class))
        },
        thinking: |dom, id| dom.name(id) == "model-thoughts",
        note: None,
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
    },
];

/// No page that is known: all of it is one turn.
pub(super) const OTHER: Site = Site {
    page: Page::Other,
    turn: |_, id| (id == 0).then_some(Role::Unknown),
    chrome: |dom, id| dom.name(id) == "nav",
    thinking: |_, _| false,
    note: None,
};

/// Is it never shown, or only to people who hear the page, or something to press?
pub(super) fn is_unseen(dom: &Dom, id: usize) -> bool {
    let parts = [
        "script", "style", "noscript", "template", "head", "title", "svg", "button", "input", "select", "textarea",
        "mat-icon", "audio", "video", "iframe", "dialog",
    ];
    let classes = ["sr-only", "cdk-visually-hidden", "visually-hidden", "katex-html", "material-symbols-outlined"];
    let style = dom.attribute(id, "style").replace(' ', "").to_ascii_lowercase();
    parts.contains(&dom.name(id))
        || classes.iter().any(|class| dom.has_class(id, class))
        || dom.has_attribute(id, "hidden")
        || dom.attribute(id, "aria-hidden") == "true"
        || dom.attribute(id, "role") == "button"
        || style.contains("display:none")
        || style.contains("visibility:hidden")
}

fn class_says(dom: &Dom, id: usize, word: &str) -> bool {
    dom.attribute(id, "class").split_ascii_whitespace().any(|class| class.contains(word))
}
