//! The client: what a party's own machine holds and does.
//!
//! [`profile`], [`keyfile`], [`kept`] and [`book`] are files of its own; [`session`] is the party
//! at its server, where every answer is verified; the other modules are its verbs.

pub mod answer;
pub mod audit;
pub mod book;
pub mod certify;
pub mod closing;
mod consents;
pub mod contact;
pub mod enrol;
pub mod error;
pub mod evidence;
pub mod http;
pub mod kept;
pub mod keyfile;
pub mod lists;
mod log;
mod log_record;
pub mod mailbox;
pub mod outbox;
mod payload;
pub mod profile;
pub mod read;
pub mod recovery;
mod rotation;
mod seal;
pub mod send;
pub mod session;
mod sheet_vault;
mod timestamp;
mod trust;
