//! The command line: verbs, and how they talk to people and scripts.

pub mod error;
mod explain;
pub mod lang;
pub mod passphrase;
pub mod ui;
