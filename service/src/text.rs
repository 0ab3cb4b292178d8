//! Typed-in values, parsed once: after that nobody checks them again.

mod password;

pub use password::NewPassword;

use unicode_normalization::UnicodeNormalization;

use crate::Flaw;

/// Characters that turn the direction of the text around them: they make one name look like another.
fn turns_direction(c: char) -> bool {
    matches!(c, '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// One line of `1..=max` characters: trimmed, NFC, without control characters.
fn line(text: &str, max: usize) -> Result<String, Flaw> {
    let text: String = text.trim().nfc().collect();
    if text.is_empty() {
        return Err(Flaw::new("blank", "must not be empty"));
    }
    if text.chars().any(|c| c.is_control() || turns_direction(c)) {
        return Err(Flaw::new("control_character", "must not hold control or direction-changing characters"));
    }
    within(text, max)
}

fn within(text: String, max: usize) -> Result<String, Flaw> {
    let found = text.chars().count();
    if found > max {
        return Err(Flaw::new("too_long", format!("at most {max} characters, found {found}")));
    }
    Ok(text)
}

macro_rules! text {
    ($($(#[$doc:meta])* $name:ident = $max:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name(String);

        impl $name {
            #[doc = concat!("One line of 1 to ", $max, " characters.")]
            ///
            /// # Errors
            /// A [`Flaw`] when it is empty, too long or holds control characters.
            pub fn parse(text: &str) -> Result<Self, Flaw> {
                line(text, $max).map(Self)
            }

            /// The text.
            #[must_use]
            pub fn into_inner(self) -> String {
                self.0
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }
    )*};
}

text! {
    /// The name others see of a person.
    DisplayName = 100;
    /// The name of a class.
    ClassName = 200;
    /// The title of a conversation.
    Title = 300;
    /// A course code, a section, an id in another system, the name of a token.
    Label = 100;
    /// The name of a model.
    ModelName = 100;
}

/// Several lines of at most 10,000 characters; may be empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Description(String);

impl Description {
    /// Several lines.
    ///
    /// # Errors
    /// A [`Flaw`] when it is too long or holds control characters other than tab and line ends.
    pub fn parse(text: &str) -> Result<Self, Flaw> {
        body(text)?;
        within(text.nfc().collect(), 10_000).map(Self)
    }

    /// The text.
    #[must_use]
    pub fn into_inner(self) -> String {
        self.0
    }
}

/// What somebody says of a mark or in a comment: several lines of 1 to 10,000 characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note(String);

impl Note {
    /// Several lines, without space around them.
    ///
    /// # Errors
    /// A [`Flaw`] when it is empty, too long, or holds control characters other than tab and line ends.
    pub fn parse(text: &str) -> Result<Self, Flaw> {
        body(text)?;
        let text: String = text.trim().nfc().collect();
        if text.is_empty() {
            return Err(Flaw::new("blank", "must not be empty"));
        }
        within(text, 10_000).map(Self)
    }

    /// The text.
    #[must_use]
    pub fn into_inner(self) -> String {
        self.0
    }
}

/// What somebody says in a comment: several lines, without space around them. How long it may be shows once the names in it
/// have become references: a name that grew since it was written must not make the words too long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said(String);

impl Said {
    /// The most characters of a comment, where each name of somebody mentioned counts as two.
    pub const MOST: usize = 10_000;

    /// Several lines of at least one character.
    ///
    /// # Errors
    /// A [`Flaw`] when it is empty, ten times too long whoever is named in it, or holds control characters other than tab
    /// and line ends.
    pub fn parse(text: &str) -> Result<Self, Flaw> {
        body(text)?;
        let text: String = text.trim().nfc().collect();
        match text.chars().count() {
            0 => Err(Flaw::new("blank", "must not be empty")),
            found if found > Self::MOST * 10 => Self::fits(&text).map(|()| Self(text)),
            _ => Ok(Self(text)),
        }
    }

    /// Whether words with references in place of names are short enough.
    ///
    /// # Errors
    /// A [`Flaw`] when they are not.
    pub(crate) fn fits(kept: &str) -> Result<(), Flaw> {
        match kept.chars().count() {
            found if found > Self::MOST => {
                Err(Flaw::new("too_long", format!("at most {} characters, found {found}", Self::MOST)))
            }
            _ => Ok(()),
        }
    }

    /// The text.
    #[must_use]
    pub fn into_inner(self) -> String {
        self.0
    }
}

impl AsRef<str> for Said {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

/// Whether typed text of several lines holds nothing that a database or a page could stumble over.
///
/// # Errors
/// A [`Flaw`] for U+0000 and other control characters besides tab and line ends.
pub fn body(text: &str) -> Result<(), Flaw> {
    match text.chars().position(|c| c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{80}'..='\u{9f}')) {
        None => Ok(()),
        Some(at) => Err(Flaw::new("control_character", format!("holds a control character at position {at}"))),
    }
}

/// A lower-case address, the sign-in name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Email(String);

impl Email {
    /// An address of the form `name@host`, at most 254 characters.
    ///
    /// # Errors
    /// A [`Flaw`] when it cannot be an address.
    pub fn parse(text: &str) -> Result<Self, Flaw> {
        let text = line(text, 254)?.to_lowercase();
        let wrong = || Flaw::new("email_invalid", "expected an address like name@example.org");
        let (name, host) = text.rsplit_once('@').ok_or_else(wrong)?;
        let fine = !name.is_empty() && !name.contains('@') && !host.is_empty() && !host.starts_with('.');
        if !fine || host.ends_with('.') || text.chars().any(char::is_whitespace) {
            return Err(wrong());
        }
        Ok(Self(text))
    }

    /// The address.
    #[must_use]
    pub fn into_inner(self) -> String {
        self.0
    }
}

impl AsRef<str> for Email {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_lower_cased_and_checked() {
        assert_eq!(Email::parse(" Ana@Example.ORG ").map(Email::into_inner), Ok("ana@example.org".to_owned()));
        for wrong in ["", "ana", "@example.org", "ana@", "a b@example.org", "ana@.org", "ana@example.", "a@b@c"] {
            assert!(Email::parse(wrong).is_err(), "{wrong:?} was accepted");
        }
    }

    #[test]
    fn a_name_is_one_visible_line() {
        assert_eq!(DisplayName::parse("  Zoë ").map(DisplayName::into_inner), Ok("Zoë".to_owned()));
        for wrong in ["", "  ", "a\nb", "a\0b", "a\u{202e}b", &"x".repeat(101)] {
            assert!(DisplayName::parse(wrong).is_err(), "{wrong:?} was accepted");
        }
    }
}
