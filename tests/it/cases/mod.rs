//! Files as people bring them, each with what must come of it: the inputs are in `tests/corpus/cases`.

mod exports;
