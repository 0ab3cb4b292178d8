//! A conversation as one page that needs nothing else: no other host, no script, its style in it.

use std::collections::HashMap;

use base64::{Engine, engine::general_purpose::STANDARD};
use entity::{
    MessageId,
    message::{self, Role},
    rendering::RenderedPart,
};
use sha2::{Digest, Sha256};

use super::{
    out::Out,
    walk::{Marks, Messages},
    words,
};
use crate::{
    Actor, Db, Result,
    annotation::{AnnotationView, Sort},
    comment::CommentView,
    conversation::About,
    rendering::{self, Renderer, is_hidden_layer},
};

const STYLE: &str = include_str!("page.css");

/// What the page may do: nothing but look as it says itself. What is added for a page that comes from a server stands
/// with the route.
#[must_use]
pub fn policy() -> String {
    let hash = STANDARD.encode(Sha256::digest(STYLE));
    format!("default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'")
}

/// Writes a conversation with all branches, marks and threads.
pub(super) async fn write(db: &Db, renderer: &Renderer, actor: &Actor, about: &About, out: &mut Out) -> Result<()> {
    let id = about.conversation.id;
    out.text(&head(about, &words::exported(actor.at))).await?;
    let mut messages = Messages::of(db, actor, id);
    let mut marks = Marks::of(db, actor, id, Sort::Place);
    write_marks(&mut marks, None, out).await?;
    loop {
        let page = messages.page().await?;
        if page.is_empty() {
            return out.text("</main></body></html>\n").await;
        }
        let wanted: Vec<(MessageId, i32)> = page.iter().map(|row| (row.id, row.version)).collect();
        let mut rendered: HashMap<_, _> = rendering::of(db, renderer, &wanted, about.mine).await?;
        for row in page {
            let parts = rendered.remove(&row.id).map(|parts| parts.0).unwrap_or_default();
            out.text(&start_of(&row, about, &parts)).await?;
            write_marks(&mut marks, Some(row.id), out).await?;
            out.text("</article>\n").await?;
        }
    }
}

fn head(about: &About, exported: &str) -> String {
    let (title, policy) = (escaped(words::title(about)), policy());
    let facts: Vec<String> = words::facts(about).iter().map(|fact| format!("<li>{}</li>", escaped(fact))).collect();
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"referrer\" content=\"no-referrer\"><title>{title}</title>\
         <style>{STYLE}</style></head>\n<body><main><header><h1 dir=\"auto\">{title}</h1><ul class=\"facts\">{}</ul>\
         <p class=\"small\">{}</p></header>\n",
        facts.concat(),
        escaped(exported),
    )
}

/// Everything of a message but its marks.
fn start_of(row: &message::Model, about: &About, parts: &[RenderedPart]) -> String {
    let (number, speaker) = (words::number(row), escaped(&words::speaker(row, about)));
    let class = if row.role == Role::User { "user" } else { "other" };
    let aside = escaped(&words::asides(row).join(" · "));
    let (anchor, number) = match number {
        Some(number) => (format!(" id=\"m{number}\""), format!("<a href=\"#m{number}\">{number}</a> ")),
        None => (String::new(), String::new()),
    };
    let mut html = format!(
        "<article class=\"{class}\"{anchor}><h2 dir=\"auto\">{number}{speaker}</h2><p class=\"small\">{aside}</p>"
    );
    for part in parts.iter().filter(|part| !part.html.is_empty()) {
        let folded = row.hidden || row.confidential || is_hidden_layer(part.kind) || part.line.is_some();
        if folded {
            let line = part.line.clone().or_else(|| rendering::summary([part])).unwrap_or_else(|| "Hidden".to_owned());
            html.push_str(&format!("<details><summary>{}</summary>{}</details>", escaped(&line), part.html));
        } else {
            html.push_str(&part.html);
        }
    }
    html
}

async fn write_marks(marks: &mut Marks, on: Option<MessageId>, out: &mut Out) -> Result<()> {
    let mut first = true;
    while let Some(mark) = marks.next_on(on).await? {
        if std::mem::take(&mut first) {
            out.text("<section class=\"marks\" aria-label=\"Marks\"><p class=\"small\"><strong>Marks</strong></p><ul>")
                .await?;
        }
        out.text(&start_of_mark(&mark)).await?;
        let mut thread = marks.thread(&mark);
        loop {
            let page = thread.page().await?;
            if page.is_empty() {
                break;
            }
            for comment in page {
                out.text(&comment_html(&comment)).await?;
            }
        }
        out.text("</li>").await?;
    }
    if first { Ok(()) } else { out.text("</ul></section>").await }
}

fn start_of_mark(view: &AnnotationView) -> String {
    let row = &view.annotation;
    let on = match &row.quote {
        Some(quote) => format!("<q dir=\"auto\">{}</q>", escaped(quote)),
        None => format!("<em>{}</em>", words::on(row.target)),
    };
    let tags = view.tags.iter().map(|tag| format!(" <span class=\"tag\" dir=\"auto\">{}</span>", escaped(&tag.name)));
    let tags: String = tags.collect();
    let by = escaped(words::person(view.author.as_ref()));
    let about = escaped(&words::about_mark(view).join(" · "));
    let note = row.note.as_deref().map(said).unwrap_or_default();
    format!("<li>{on}{tags}<p class=\"small\"><bdi>{by}</bdi> · {about}</p>{note}")
}

fn comment_html(view: &CommentView) -> String {
    let (by, body) = words::comment(view);
    let about = escaped(&words::about_comment(view).join(" · "));
    let answers = if view.comment.parent_id.is_some() { " answer" } else { "" };
    format!(
        "<div class=\"comment{answers}\"><p class=\"small\"><bdi>{}</bdi> · {about}</p>{}</div>",
        escaped(by),
        said(body)
    )
}

fn said(text: &str) -> String {
    format!("<p class=\"said\" dir=\"auto\">{}</p>", escaped(text))
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}
