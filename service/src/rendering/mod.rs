//! From a message's parts to HTML that is safe to show, with the range of the source that each piece of text comes from.
//!
//! Text is data: whatever it says, nothing in it becomes an element, an attribute or a request of its own. The format
//! is described in `docs/rendering.md`.

mod cjk;
mod code;
mod highlight;
mod inline;
mod leaf;
mod link;
mod markdown;
mod math;
mod mathml;
mod part;
mod sanitise;
mod source;
mod store;
mod tex;
mod typed;

use std::{fmt, sync::Arc};

use entity::{
    message::{Part, PartKind, Role},
    rendering::{RenderedPart, RenderedParts},
};
use tokio::sync::Semaphore;

use markdown::{Markdown, TooLarge};
use source::Source;

pub(crate) use cjk::is_cjk;
pub(crate) use markdown::marked;
pub(crate) use part::{address, shows_data, snippet};
pub use source::{SourceMap, atom_range};
pub use store::of;

/// Counts the changes of what comes out: what an older renderer made is rendered anew.
pub const VERSION: i32 = 2;

/// More text than this in one part, in bytes, is shown as it stands, without Markdown.
const LONGEST: usize = 1024 * 1024;

/// Renders messages. Cloning it is cheap; all clones share the slots.
#[derive(Clone)]
pub struct Renderer {
    tools: Arc<Tools>,
    slots: Arc<Semaphore>,
}

struct Tools {
    cleaner: ammonia::Builder<'static>,
    converter: mathml::Converter,
}

impl fmt::Debug for Renderer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Renderer").field("slots", &self.slots).finish_non_exhaustive()
    }
}

impl Renderer {
    /// A renderer that works on `slots` batches of messages at a time.
    #[must_use]
    pub fn new(slots: usize) -> Self {
        let tools = Tools { cleaner: sanitise::cleaner(), converter: mathml::Converter::new() };
        Self { tools: Arc::new(tools), slots: Arc::new(Semaphore::new(slots.max(1))) }
    }

    /// The parts as HTML, each by itself, in their order.
    #[must_use]
    pub fn render(&self, role: Role, parts: &[Part]) -> RenderedParts {
        let render = |part: &Part| RenderedPart {
            kind: part.kind,
            html: self.part(role, part),
            seconds: (part.kind == PartKind::Thinking).then(|| part::seconds(part)).flatten(),
            line: part::line(part),
        };
        RenderedParts(parts.iter().map(render).collect())
    }

    fn part(&self, role: Role, part: &Part) -> String {
        let source = Source::new(part.text.as_deref().unwrap_or_default());
        let (text, formulas) = if part::is_typed(role, part.kind) {
            match source.text.len() {
                0..=LONGEST => (typed::render(&source), Vec::new()),
                _ => (part::plain(&source, "plain"), Vec::new()),
            }
        } else if part::is_markdown(part) {
            // Spoken words end a line where they were written down so; of a pasted text nobody knows who ended it.
            let keep_lines = role == Role::Unknown || part.kind == PartKind::Audio;
            match self.markdown(&source, keep_lines) {
                Ok(Markdown { html, formulas }) => (html, formulas),
                Err(TooLarge) => (part::plain(&source, "plain"), Vec::new()),
            }
        } else {
            (part::text(part, &source), Vec::new())
        };
        let clean = self.tools.cleaner.clean(&part::around(part, &text)).to_string();
        self.with_formulas(&clean, &source, &formulas)
    }

    fn markdown(&self, source: &Source<'_>, keep_lines: bool) -> Result<Markdown, TooLarge> {
        if source.text.len() > LONGEST {
            return Err(TooLarge);
        }
        markdown::render(source, keep_lines)
    }

    /// Puts the formulas into their places. Text and values of attributes cannot look like a place: the sanitiser has
    /// just written `<` and `>` in them as references.
    fn with_formulas(&self, html: &str, source: &Source<'_>, formulas: &[math::Formula]) -> String {
        let mut out = String::with_capacity(html.len());
        let mut rest = html;
        for (place, formula) in formulas.iter().enumerate() {
            let mark = format!(" data-m=\"{place}\">");
            let Some((before, after)) = rest.split_once(&mark) else { break };
            out.push_str(before);
            out.push('>');
            let text = source.at(formula.inner.clone());
            match self.tools.converter.convert(text, formula.display) {
                Some(mathml) => out.push_str(&mathml),
                None => {
                    out.push_str("<code class=\"math-source\" dir=\"ltr\">");
                    leaf::escape(source.at(formula.bytes.clone()), &mut out);
                    out.push_str("</code>");
                }
            }
            rest = after;
        }
        out.push_str(rest);
        out
    }
}

/// The line that stands for hidden layers while they are folded, such as "Thought 12 s · 3 tool calls"; none if nothing
/// is hidden. Takes the parts of one message, or of several in a row.
pub fn summary<'a>(parts: impl IntoIterator<Item = &'a RenderedPart>) -> Option<String> {
    let (mut thought, mut seconds, mut calls, mut results, mut context) = (false, None::<u32>, 0_usize, 0_usize, false);
    for part in parts {
        match part.kind {
            PartKind::Thinking => {
                thought = true;
                seconds = part.seconds.map(|more| more.saturating_add(seconds.unwrap_or(0))).or(seconds);
            }
            PartKind::ToolCall => calls += 1,
            PartKind::ToolResult => results += 1,
            PartKind::Context => context = true,
            _ => {}
        }
    }
    let mut words = Vec::new();
    match seconds {
        Some(seconds) => words.push(format!("Thought {}", duration(seconds))),
        None if thought => words.push("Thought".to_owned()),
        None => {}
    }
    if calls > 0 {
        words.push(counted(calls, "tool call"));
    } else if results > 0 {
        words.push(counted(results, "tool result"));
    }
    if context {
        words.push("Custom instructions, for you alone".to_owned());
    }
    (!words.is_empty()).then(|| words.join(" · "))
}

/// Whether the page shows parts of this kind folded.
#[must_use]
pub fn is_hidden_layer(kind: PartKind) -> bool {
    matches!(kind, PartKind::Thinking | PartKind::ToolCall | PartKind::ToolResult | PartKind::Context)
}

fn duration(seconds: u32) -> String {
    match (seconds / 60, seconds % 60) {
        (0, seconds) => format!("{seconds} s"),
        (minutes, 0) => format!("{minutes} min"),
        (minutes, seconds) => format!("{minutes} min {seconds} s"),
    }
}

fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}
