//! The colours of tags: a closed list of names. What they look like, in light and in dark, is the page's to say.

use crate::Flaw;

/// The names, in the order in which new tags take them.
pub const COLOURS: [&str; 10] = ["blue", "orange", "green", "purple", "red", "teal", "pink", "yellow", "brown", "grey"];

/// One of [`COLOURS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour(&'static str);

impl Colour {
    /// A colour by its name.
    ///
    /// # Errors
    /// A [`Flaw`] for what is not in the list.
    pub fn parse(text: &str) -> Result<Self, Flaw> {
        let known = COLOURS.into_iter().find(|name| *name == text);
        known.map(Self).ok_or_else(|| Flaw::new("unknown_value", format!("expected one of {}", COLOURS.join(", "))))
    }

    /// The colour of a tag that says none, by its place: neighbours differ.
    pub(super) fn after(position: i32) -> Self {
        let index = usize::try_from(position).unwrap_or(0) % COLOURS.len();
        Self(COLOURS.get(index).copied().unwrap_or("grey"))
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.0
    }
}
