//! The settings of a class that say who sees whose name and whose marks.

use actix_web::web::{Data, Path};
use service::{
    Error, Fields, Flaw,
    class::{ChangeClass, ChangeVisibility},
    entity::{
        ClassId, Moment,
        class::{self, Blind, Naming},
    },
};
use time::{PrimitiveDateTime, macros::format_description};

use super::{changing, ended, settings_page};
use crate::{
    state::State,
    web::{
        form::{Form, Posted, Typed},
        page::{Result, see_other},
        words,
    },
};

/// How students appear to each other.
const NAMINGS: [(Naming, &str, &str); 2] =
    [(Naming::Names, "names", "by name"), (Naming::Pseudonyms, "pseudonyms", "by made-up names")];

/// How long a student does not see the marks of others.
const BLINDS: [(Blind, &str, &str); 4] = [
    (Blind::Open, "open", "at once"),
    (Blind::UntilDate, "until_date", "from a date on"),
    (Blind::UntilMarks, "until_marks", "after so many marks of one's own"),
    (Blind::UntilReveal, "until_reveal", "when a teacher shows them"),
];

/// The form as the class has it now.
pub(super) fn filled(class: &class::Model) -> Form {
    let text = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let boxes = [("staff_see_names", class.staff_see_names), ("codebook_locked", class.codebook_locked)];
    let ticked = boxes.into_iter().filter(|(_, ticked)| *ticked).map(|(name, _)| text(name, "yes"));
    let fields = [
        text("naming", words::key(&NAMINGS, &class.naming)),
        text("blind", words::key(&BLINDS, &class.blind)),
        text("blind_until", &class.blind_until.map(local).unwrap_or_default()),
        text("blind_marks", &class.blind_marks.map(|n| n.to_string()).unwrap_or_default()),
    ];
    Form::filled(fields.into_iter().chain(ticked).collect::<Vec<_>>())
}

/// As a field for date and time holds it, in UTC.
fn local(at: Moment) -> String {
    let format = format_description!("[year]-[month]-[day]T[hour]:[minute]");
    time::OffsetDateTime::from(at).format(format).unwrap_or_default()
}

fn parse(typed: &Typed) -> service::Result<ChangeVisibility> {
    let mut fields = Fields::default();
    let until = typed.optional("blind_until").and_then(|text| {
        let format = format_description!("[year]-[month]-[day]T[hour]:[minute]");
        let at = PrimitiveDateTime::parse(text.trim(), format).map(|at| Moment::from(at.assume_utc()));
        fields.take("blind_until", at.map_err(|_| Flaw::new("date_invalid", "expected a date and a time of day")))
    });
    let marks = typed.optional("blind_marks").and_then(|text| {
        let number = text.trim().parse::<i32>();
        fields.take("blind_marks", number.map_err(|_| Flaw::new("number_invalid", "expected a whole number")))
    });
    if !fields.is_fine() {
        return Err(Error::from(fields));
    }
    Ok(ChangeVisibility {
        naming: words::parse(&NAMINGS, typed.get("naming")),
        staff_see_names: Some(typed.get("staff_see_names") == "yes"),
        blind: words::parse(&BLINDS, typed.get("blind")),
        blind_until: Some(until),
        blind_marks: Some(marks),
        revealed: None,
        codebook_locked: Some(typed.get("codebook_locked") == "yes"),
    })
}

pub(in crate::web) async fn change(form: Posted, state: Data<State>, id: Path<ClassId>) -> Result {
    let Posted { visitor, typed } = form;
    let done = match parse(&typed) {
        Ok(visibility) => {
            let change = ChangeClass { visibility, ..ChangeClass::default() };
            service::class::change(&state.db, &visitor.actor(), *id, typed.version(), change).await
        }
        Err(error) => Err(error),
    };
    match done {
        Ok(()) => Ok(see_other(&format!("/classes/{id}/settings?done=saved"))),
        Err(error) => {
            let form = Form::refused(typed, error)?;
            let member = changing(&state, &visitor, *id).await?;
            let outcome = form.outcome();
            let mut page = settings_page(&visitor, member, None, Form::default());
            page.visibility = form;
            outcome.answer(&page)
        }
    }
}

/// Shows the marks of others before their time, or takes that back.
pub(in crate::web) async fn reveal(form: Posted, state: Data<State>, id: Path<ClassId>) -> Result {
    let revealed = form.typed.get("revealed") == "yes";
    let visibility = ChangeVisibility { revealed: Some(revealed), ..ChangeVisibility::default() };
    let change = ChangeClass { visibility, ..ChangeClass::default() };
    let done = service::class::change(&state.db, &form.visitor.actor(), *id, form.typed.version(), change).await;
    let what = if revealed { "revealed" } else { "saved" };
    ended(&state, form, *id, done, &format!("/classes/{id}/settings?done={what}")).await
}
