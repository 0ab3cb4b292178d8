//! Files as people really send them, each with what has to become of it, through the public API: the inputs are in
//! `tests/corpus/cases`.

mod exports;
mod pages;
mod rendering;
