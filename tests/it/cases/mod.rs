//! Files as people really send them, each with what has to become of it, through the public API.

mod rendering;
