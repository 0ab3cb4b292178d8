//! The workspace itself: who imports whom, documents that must not drift, the programs as an operator runs them.

mod command;
mod compose;
mod config;
mod demo;
mod document;
mod edges;
mod founding;
mod lifecycle;
mod operator;
mod order;
mod upgrade;
