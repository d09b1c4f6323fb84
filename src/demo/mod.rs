//! The demonstration: `postfach demo`.

pub mod documents;
