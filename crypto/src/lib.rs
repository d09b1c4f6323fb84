//! The pure core of Mein Postfach: formats, keys, age files, signed statements, receipts.
//!
//! Invariant: this crate has no clock, socket, thread, file or environment. Time, randomness and
//! bytes arrive as arguments, so every function can be tested with fixed inputs and reused by
//! server, client and verifier alike.
//!
//! Reading order: [`codec`] and [`hash`] fix the bytes, [`ids`] the identifiers, [`keys`] the
//! signatures, [`statement`] what parties say, [`party`] which keys may say it, [`envelope`] how
//! mail is bound to its header, [`age`] how content is encrypted, [`tlog`] how all that was said is
//! fixed in one public order, [`vault`] how keys reach a person's other devices, [`evidence`] what proves it all to a stranger. The normative text is in `docs/format/`.

pub mod age;
pub mod codec;
pub mod deadline;
pub mod enrolment;
pub mod envelope;
pub mod evidence;
pub mod file_list;
pub mod hash;
pub mod ids;
pub mod keys;
pub mod operator;
pub mod party;
mod secret_text;
pub mod statement;
pub mod tlog;
pub mod vault;

pub use secret_text::SecretTextError;
