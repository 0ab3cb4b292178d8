//! A conversation as JSON, sealed: see [`super::document`].

use entity::Moment;
use serde::Serialize;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{
    document::{Annotation, Class, Conversation, FORMAT, Message, VERSION, time, urn},
    out::Out,
    seal,
    walk::{Marks, Messages},
};
use crate::{Actor, Db, Error, Mishap, Result, annotation::Sort, conversation::About};

/// Writes what is sealed.
struct Sealed<'a> {
    out: &'a mut Out,
    hash: Sha256,
}

impl Sealed<'_> {
    async fn text(&mut self, text: &str) -> Result<()> {
        self.hash.update(text.as_bytes());
        self.out.text(text).await
    }

    /// One of a list.
    async fn item(&mut self, first: &mut bool, item: &impl Serialize) -> Result<()> {
        let text = written(item)?;
        let between = if std::mem::take(first) { "\n" } else { ",\n" };
        self.text(between).await?;
        self.text(&text).await
    }
}

fn written(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|_| Error::Mishap(Mishap::Stored))
}

/// Writes a conversation with all branches, marks and threads.
pub(super) async fn write(db: &Db, actor: &Actor, about: &About, out: &mut Out) -> Result<()> {
    let mut sealed = Sealed { out, hash: Sha256::new() };
    sealed.text(&head(about, actor.at)?).await?;
    messages(db, actor, about, &mut sealed).await?;
    sealed.text("\n],\n\"annotations\":").await?;
    marks(db, actor, about, &mut sealed).await?;
    sealed.text("\n]}").await?;
    let Sealed { out, hash } = sealed;
    let seal = seal::seal(&about.class.secret, actor.user, &hash.finalize());
    out.text(seal::MEMBER).await?;
    out.text(&seal).await?;
    out.text(seal::END).await
}

fn head(about: &About, at: Moment) -> Result<String> {
    let class = Class { id: about.class.id.to_string(), name: about.class.name.clone() };
    let (class, conversation) = (written(&class)?, written(&Conversation::of(about))?);
    let at = written(&time(at))?;
    Ok(format!(
        "{{\"format\":\"{FORMAT}\",\"version\":{VERSION},\"exported_at\":{at},\n\"class\":{class},\n\
         \"conversation\":{conversation},\n\"messages\":["
    ))
}

async fn messages(db: &Db, actor: &Actor, about: &About, out: &mut Sealed<'_>) -> Result<()> {
    let mut messages = Messages::of(db, actor, about.conversation.id);
    let mut first = true;
    loop {
        let page = messages.page().await?;
        if page.is_empty() {
            return Ok(());
        }
        for row in page {
            out.item(&mut first, &Message::of(row, about.mine)).await?;
        }
    }
}

async fn marks(db: &Db, actor: &Actor, about: &About, out: &mut Sealed<'_>) -> Result<()> {
    let context = json!(["http://www.w3.org/ns/anno.jsonld", { "colloquium": "urn:colloquium:" }]);
    let name = format!("{}#annotations", urn(about.conversation.id.0));
    let head = format!("{{\"@context\":{context},\"id\":{},\"type\":\"AnnotationPage\",\"items\":[", json!(name));
    out.text(&head).await?;
    let mut marks = Marks::of(db, actor, about.conversation.id, Sort::Made);
    let mut first = true;
    while let Some(mark) = marks.next().await? {
        let mut thread = marks.thread(&mark);
        out.item(&mut first, &Annotation::from(mark)).await?;
        loop {
            let page = thread.page().await?;
            if page.is_empty() {
                break;
            }
            for comment in page {
                out.item(&mut first, &Annotation::from(comment)).await?;
            }
        }
    }
    Ok(())
}
