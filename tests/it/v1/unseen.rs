//! What nobody is told by an order, a place, a count or a size: who is behind a made-up name, and what others did that one
//! does not see. Everything that somebody can read is read twice and compared.

mod blind;
mod reading;
mod reversed;
