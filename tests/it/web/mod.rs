//! Pages for people.

mod reset;
