//! Messages as HTML: safe whatever was written, with the place in the source of every character.

mod hostile;
mod kept;
mod ranges;
mod shape;

use scraper::Html;
use service::{entity::message::Role, rendering::Renderer};
use tests::rendering::{Block, blocks, check, html};

/// The HTML of an answer, checked.
#[track_caller]
fn answer(text: &str) -> String {
    said(Role::Assistant, text)
}

/// The HTML of what somebody said, checked.
#[track_caller]
fn said(role: Role, text: &str) -> String {
    let renderer = Renderer::new(1);
    check(&renderer, text).unwrap_or_else(|reason| panic!("{reason}"));
    html(&renderer, role, text)
}

/// The blocks of an answer.
#[track_caller]
fn parsed(text: &str) -> Vec<Block> {
    blocks(&Html::parse_fragment(&answer(text))).unwrap()
}

/// All that is to be read of an answer.
fn words(html: &str) -> String {
    Html::parse_fragment(html).root_element().text().collect()
}
