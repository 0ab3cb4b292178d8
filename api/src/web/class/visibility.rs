//! The settings of a class that say who sees whose name and whose marks.

use actix_web::web::{Data, Path};
use service::{
    Fields, Flaw,
    class::{ChangeClass, ChangeVisibility},
    entity::{
        ClassId, Moment,
        class::{self, Blind, Naming},
    },
};
use time::{PrimitiveDateTime, macros::format_description};

use super::ended;
use crate::{
    state::State,
    web::{
        form::{Posted, Typed},
        mark::AUDIENCES,
        page::Result,
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

/// The fields of the form, as the class has them now.
pub(super) fn now(class: &class::Model) -> Vec<(String, String)> {
    let text = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let boxes = [("staff_see_names", class.staff_see_names), ("codebook_locked", class.codebook_locked)];
    let ticked = boxes.into_iter().filter(|(_, ticked)| *ticked).map(|(name, _)| text(name, "yes"));
    let fields = [
        text("usual_audience", words::key(&AUDIENCES, &class.usual_audience)),
        text("naming", words::key(&NAMINGS, &class.naming)),
        text("blind", words::key(&BLINDS, &class.blind)),
        text("blind_until", &class.blind_until.map(local).unwrap_or_default()),
        text("blind_marks", &class.blind_marks.map(|n| n.to_string()).unwrap_or_default()),
    ];
    fields.into_iter().chain(ticked).collect()
}

/// As a field for date and time holds it, in UTC.
fn local(at: Moment) -> String {
    let format = format_description!("[year]-[month]-[day]T[hour]:[minute]");
    time::OffsetDateTime::from(at).format(format).unwrap_or_default()
}

/// What the form says. A date and a number count only for the choice that they stand below.
pub(super) fn take(typed: &Typed, fields: &mut Fields) -> ChangeVisibility {
    let blind = words::parse(&BLINDS, typed.get("blind"));
    let of = |chosen: Blind, name: &str| typed.optional(name).filter(|_| blind == Some(chosen));
    let until = of(Blind::UntilDate, "blind_until").and_then(|text| {
        let format = format_description!("[year]-[month]-[day]T[hour]:[minute]");
        let at = PrimitiveDateTime::parse(text.trim(), format).map(|at| Moment::from(at.assume_utc()));
        fields.take("blind_until", at.map_err(|_| Flaw::new("date_invalid", "expected a date and a time of day")))
    });
    let marks = of(Blind::UntilMarks, "blind_marks").and_then(|text| {
        let number = text.trim().parse::<i32>();
        fields.take("blind_marks", number.map_err(|_| Flaw::new("number_invalid", "expected a whole number")))
    });
    ChangeVisibility {
        naming: words::parse(&NAMINGS, typed.get("naming")),
        staff_see_names: Some(typed.get("staff_see_names") == "yes"),
        blind,
        blind_until: Some(until),
        blind_marks: Some(marks),
        revealed: None,
        codebook_locked: Some(typed.get("codebook_locked") == "yes"),
        usual_audience: words::parse(&AUDIENCES, typed.get("usual_audience")),
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
