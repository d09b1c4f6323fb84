//! What local errors say to a person, in both languages, with what to do next.
//!
//! Invariant: one exhaustive match an error, and nowhere else; a new variant does not compile
//! without its two sentences. Paths are shown, content and names from files are not repeated.
//!
//! Absent: errors of the server's side of a conversation; they bring their own words.

mod audit;
mod book;
mod client;
mod kept;
mod profile;
mod server;
mod witness;
