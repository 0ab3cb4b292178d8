//! Several conversations at once: their owner looks at what would happen, then shares, takes back or deletes them.

use actix_web::{
    http::StatusCode,
    web::{Data, Path},
};
use askama::Template;
use service::{
    Flaw,
    conversation::{ChangeConversation, Several, widens},
    entity::{
        ClassId, ConversationId,
        conversation::{Model, Visibility},
    },
};

use super::{
    form::{Form, Posted, Typed, sentence},
    page::{self, Page, Result, see_other},
    visitor::Visitor,
    words,
};
use crate::state::State;

/// What is done to the conversations.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Deed {
    Share,
    TakeBack,
    Delete,
}

/// Each deed: its name in forms, and what has happened to the conversations then.
const DEEDS: [(Deed, &str, &str); 3] = [
    (Deed::Share, "share", "shared"),
    (Deed::TakeBack, "take-back", "taken back"),
    (Deed::Delete, "delete", "deleted"),
];

/// A conversation that was chosen.
struct Chosen {
    id: ConversationId,
    version: i32,
    title: String,
    kind: &'static str,
    who: &'static str,
}

impl Chosen {
    fn of(row: &Model) -> Self {
        let (kind, who) = words::reach(&row.visibility);
        Self { id: row.id, version: row.version, title: title(row), kind, who }
    }
}

fn title(row: &Model) -> String {
    row.title.clone().unwrap_or_else(|| "Without a title".to_owned())
}

/// People the conversations can be shared with.
struct Reach {
    key: &'static str,
    name: String,
    others: u64,
}

#[derive(Template)]
#[template(path = "several.html")]
struct AskPage {
    page: Page,
    class: ClassId,
    deed: Deed,
    key: &'static str,
    heading: String,
    chosen: Vec<Chosen>,
    reaches: Vec<Reach>,
    made_up_name: Option<String>,
    staff_see_names: bool,
    form: Form,
}

#[derive(Template)]
#[template(path = "several-done.html")]
struct DonePage {
    page: Page,
    class: ClassId,
    summary: String,
    failed: Vec<(Model, String)>,
}

/// Asks what is to happen to the conversations that were ticked; does it once that is confirmed.
pub(super) async fn act(form: Posted, state: Data<State>, class: Path<ClassId>) -> Result {
    let Posted { visitor, typed } = form;
    let deed = words::parse(&DEEDS, typed.get("do")).unwrap_or(Deed::Share);
    let picks: Vec<(ConversationId, Option<i32>)> = typed.all("conversation").filter_map(pick).collect();
    let ids = picks.iter().map(|(id, _)| *id).collect();
    let found = match service::conversation::several(&state.db, &visitor.actor(), *class, ids).await {
        Ok(found) => found,
        Err(error) => {
            let form = Form::refused(typed, error)?;
            let none = service::conversation::several(&state.db, &visitor.actor(), *class, Vec::new()).await?;
            return form.outcome().answer(&ask_page(&visitor, deed, none, form));
        }
    };
    let wanted = match deed {
        Deed::Share => words::parse(&words::VISIBILITIES, typed.get("visibility")),
        Deed::TakeBack | Deed::Delete => Some(Visibility::Private),
    };
    let confirmed = typed.get("confirmed") == "yes";
    match wanted {
        _ if found.conversations.is_empty() => {
            let said = "Tick at least one conversation of your own.";
            let form = Form::refused_with(typed, StatusCode::UNPROCESSABLE_ENTITY, said);
            form.outcome().answer(&ask_page(&visitor, deed, found, form))
        }
        Some(wanted) if confirmed => done(&state, &visitor, (deed, wanted), found, &picks).await,
        None if confirmed => {
            let error = service::Error::invalid("/visibility", Flaw::new("required", "choose who can see them"));
            let form = Form::refused(typed, error)?;
            form.outcome().answer(&ask_page(&visitor, deed, found, form))
        }
        _ => page::show(&ask_page(&visitor, deed, found, Form::filled(typed))),
    }
}

/// A conversation as a form names it: its id, and behind a colon the version that was shown.
fn pick(text: &str) -> Option<(ConversationId, Option<i32>)> {
    let (id, version) = text.split_once(':').unwrap_or((text, ""));
    Some((id.parse().ok()?, version.parse().ok()))
}

fn page_of(visitor: &Visitor, found: &Several, title: &str) -> Page {
    let class = &found.standing.class;
    Page::of(visitor, title).below("My classes", "/").below(class.name.clone(), format!("/classes/{}", class.id))
}

fn ask_page(visitor: &Visitor, deed: Deed, found: Several, form: Form) -> AskPage {
    let what = words::count(u64::try_from(found.conversations.len()).unwrap_or(0), "conversation", "conversations");
    let heading = match deed {
        Deed::Share => format!("Share {what}?"),
        Deed::TakeBack => format!("Take back {what}?"),
        Deed::Delete => format!("Delete {what}?"),
    };
    let me = found.standing.role();
    let shared = |visibility: &Visibility| *visibility != Visibility::Private;
    let reach = |(visibility, key, _): (Visibility, &'static str, &str)| Reach {
        key,
        name: words::who_sees(visibility, found.audience),
        others: found.audience.others(visibility, me),
    };
    AskPage {
        page: page_of(visitor, &found, &heading),
        class: found.standing.class.id,
        deed,
        key: words::key(&DEEDS, &deed),
        heading,
        chosen: found.conversations.iter().map(Chosen::of).collect(),
        reaches: words::VISIBILITIES.into_iter().filter(|(visibility, ..)| shared(visibility)).map(reach).collect(),
        made_up_name: found.made_up_name,
        staff_see_names: found.standing.class.staff_see_names,
        form,
    }
}

/// Does it to one after the other, each in a unit of work of its own, and says for which that was not possible.
async fn done(
    state: &State,
    visitor: &Visitor,
    (deed, wanted): (Deed, Visibility),
    mut found: Several,
    picks: &[(ConversationId, Option<i32>)],
) -> Result {
    let all = std::mem::take(&mut found.conversations);
    let (total, mut failed) = (all.len(), Vec::new());
    for row in all {
        let version = picks.iter().find(|(id, _)| *id == row.id).and_then(|(_, version)| *version);
        if let Err(error) = one(state, visitor, (deed, wanted), &row, version).await {
            let form = Form::refused(Typed::default(), error);
            // What nobody can mend ends it, unless something was done already.
            let why = match form {
                Ok(form) => form.wrong_with_all.unwrap_or_default(),
                Err(error) if failed.len() + 1 == total => return Err(error),
                Err(error) => sentence(error.detail()),
            };
            failed.push((row, why));
        }
    }
    let class = found.standing.class.id;
    let (key, what) = (words::key(&DEEDS, &deed), words::name(&DEEDS, &deed));
    if failed.is_empty() {
        return Ok(see_other(&format!("/classes/{class}?did={key}&several={total}")));
    }
    let summary = format!("{} of {total} {what}", total.saturating_sub(failed.len()));
    let page = page_of(visitor, &found, &summary);
    page::answer(StatusCode::CONFLICT, &DonePage { page, class, summary, failed })
}

async fn one(
    state: &State,
    visitor: &Visitor,
    (deed, wanted): (Deed, Visibility),
    row: &Model,
    version: Option<i32>,
) -> service::Result<()> {
    let actor = visitor.actor();
    // Sharing takes nothing away from those who can read it already.
    let idle = row.visibility == wanted || (deed == Deed::Share && !widens(row.visibility, wanted));
    match deed {
        Deed::Delete => service::conversation::delete(&state.db, &actor, row.id, version).await,
        Deed::Share | Deed::TakeBack if idle => Ok(()),
        Deed::Share | Deed::TakeBack => {
            let change = ChangeConversation { title: None, visibility: Some(wanted) };
            service::conversation::change(&state.db, &actor, row.id, version, change).await
        }
    }
}
