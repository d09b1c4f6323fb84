//! Mein Postfach: the mailbox between authorities and citizens. Server, client and verifier.

pub mod demo;
pub mod paper;
