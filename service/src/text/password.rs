//! Passwords that people choose, and which of them are too easy to guess.

use unicode_normalization::UnicodeNormalization;

use crate::{Flaw, Secret};

/// Common passwords and words, one a line; lines that begin with `#` say where they come from.
const COMMON: &str = include_str!("common_passwords.txt");

/// What lies beside each other: on keyboards, in the alphabet, in numbers.
const ROWS: [&str; 9] = [
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890123456789",
    "qwertyuiop",
    "qwertzuiop",
    "azertyuiop",
    "asdfghjkl",
    "qsdfghjklm",
    "zxcvbnm",
    "yxcvbnm",
];

/// A password somebody chooses: 8 to 256 characters, not among the commonest (ASVS 5.0, 6.2.4), nor made of the person's
/// own name or address (6.2.11). There is no other rule about what it is made of.
#[derive(Clone)]
pub struct NewPassword(Secret);

impl NewPassword {
    /// A password for an account; `about` is the address and the name of that account.
    ///
    /// # Errors
    /// A [`Flaw`]: `too_short` or `too_long` outside 8 to 256 characters, `password_common` when it is easy to guess.
    pub fn parse(text: &str, about: &[&str]) -> Result<Self, Flaw> {
        let found = text.chars().count();
        if found < 8 {
            return Err(Flaw::new("too_short", format!("at least 8 characters, found {found}")));
        }
        if found > 256 {
            return Err(Flaw::new("too_long", format!("at most 256 characters, found {found}")));
        }
        let folded = fold(text);
        if is_common(&folded) || about.iter().any(|known| is_own(&folded, known)) {
            return Err(Flaw::new("password_common", "too easy to guess; choose another one"));
        }
        Ok(Self(Secret::new(text)))
    }

    /// The password.
    #[must_use]
    pub fn into_inner(self) -> Secret {
        self.0
    }
}

/// A password as guesses are compared: compatible forms alike, lower case, nothing invisible.
fn fold(text: &str) -> String {
    let seen = |c: &char| !c.is_whitespace() && !c.is_control() && !is_invisible(*c);
    text.nfkc().flat_map(char::to_lowercase).filter(seen).collect()
}

/// Characters without a shape: joiners, marks of direction, fillers, variation selectors.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{2800}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{e0000}'..='\u{e0fff}')
}

/// The word in front of up to six digits and signs, which people put there to lengthen it; none of fewer than three
/// letters.
fn stem(folded: &str) -> Option<&str> {
    let word = folded.trim_end_matches(|c: char| !c.is_alphabetic());
    let added = folded.chars().count().saturating_sub(word.chars().count());
    (added <= 6 && word.chars().count() >= 3).then_some(word)
}

fn is_common(folded: &str) -> bool {
    let guessed = |word: &str| is_run(word) || is_listed(word);
    guessed(folded) || stem(folded).is_some_and(guessed)
}

fn is_listed(word: &str) -> bool {
    COMMON.lines().any(|line| line == word)
}

/// One character over and over, or a piece of a row, forwards or backwards; nothing at all, too.
fn is_run(word: &str) -> bool {
    let mut characters = word.chars();
    let first = characters.next();
    let backwards: String = word.chars().rev().collect();
    characters.all(|c| Some(c) == first) || ROWS.iter().any(|row| row.contains(word) || row.contains(&backwards))
}

/// Whether it is an address or a name, or the part of the address before the host, with or without digits after it.
fn is_own(folded: &str, known: &str) -> bool {
    let known = fold(known);
    let name = known.split_once('@').map_or(known.as_str(), |(name, _)| name);
    let word = stem(folded);
    [known.as_str(), name]
        .into_iter()
        .any(|own| folded == own || word == Some(own) || word.is_some() && word == stem(own))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_long_enough_and_not_the_first_guess() {
        let about = ["ana.lopez@example.org", "Ana Lopez"];
        assert!(NewPassword::parse("correct horse", &about).is_ok());
        for wrong in ["short", "Password1", "ana.lopez", "ana lopez", &"x".repeat(257)] {
            assert!(NewPassword::parse(wrong, &about).is_err(), "{wrong:?} was accepted");
        }
    }

    /// A list from outside of the one that is compiled in: what people were seen to be let in with.
    #[test]
    fn what_others_would_try_first_is_refused() {
        let words = "michael1,computer1,manchester,minecraft,12345678910,football2,student1,teacher1,school123,\
                     colloquium2,colloquium2026,aaaaaaaa,abcdefgh,abc123456,12345678a,qwertz123,passwort1,schule123,\
                     sommer2026,        ,password\u{200b},pass word,ＰＡＳＳＷＯＲＤ,iloveyou,sunshine,princess1,football,\
                     charlie1,liverpool1,whatever1,trustno1,qwertyuiop,poiuytrewq,1234567890,0987654321,zxcvbnm1,\
                     asdfghjkl,welcome2025!,letmein!!,monkey1234,dragon2000,Winter2026!,Summer2025,professor1,\
                     university,lehrerin1,motdepasse,contraseña,zzzzzzzz1,\u{3164}\u{3164}\u{3164}\u{3164}\u{3164}\u{3164}\u{3164}\u{3164}";
        let easy: Vec<&str> = words.split(',').collect();
        assert_eq!(easy.len(), 50);
        for wrong in easy {
            assert!(NewPassword::parse(wrong, &[]).is_err(), "{wrong:?} was accepted");
        }
    }

    #[test]
    fn ones_own_name_and_address_are_refused_with_digits_too() {
        let about = ["ben.huber@example.org", "Benedikt Huber"];
        for wrong in ["ben.huber@example.org", "BEN.HUBER", "benhuber.2026", "benedikthuber1", "Benedikt Huber!"] {
            let refused = NewPassword::parse(wrong, &about).is_err();
            assert_eq!(refused, wrong != "benhuber.2026", "{wrong:?}");
        }
        assert!(NewPassword::parse("a name of nobody", &["@", ""]).is_ok());
    }

    #[test]
    fn phrases_and_random_words_are_taken() {
        for fine in ["a walk by the river", "correct horse battery", "xK3v9-tTq2", "grüne Tinte im Glas", "8f1c2e7a9b"]
        {
            assert!(NewPassword::parse(fine, &[]).is_ok(), "{fine:?} was refused");
        }
    }

    #[test]
    fn the_list_holds_at_least_three_thousand_that_the_length_lets_through() {
        let long = COMMON.lines().filter(|line| !line.starts_with('#') && line.chars().count() >= 8);
        assert!(long.clone().count() >= 3_000);
        for line in long {
            assert_eq!(fold(line), line, "is not folded, so nothing is equal to it");
        }
    }
}
