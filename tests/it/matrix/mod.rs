//! The table of rights: every route, every caller, every object.
