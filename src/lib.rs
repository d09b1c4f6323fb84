//! Mein Postfach: the mailbox between authorities and citizens. Server, client and verifier.
//!
//! [`service`] holds the server's use cases without HTTP, [`server`] gives them HTTP, [`api`] is
//! what both sides say to each other, [`client`] the citizen's and the authority's side, [`cli`]
//! the command line, [`paper`] what is printed, [`timestamp`] what an outside authority says about
//! time, [`demo`] the whole story. Imports point from
//! here to `postfach_storage` to `postfach_crypto`, never back.

pub mod age_file;
pub mod api;
pub mod calendar;
pub mod checked_file;
pub mod cli;
pub mod client;
pub mod clock;
pub mod demo;
pub mod durable;
pub mod entropy;
pub mod fold;
pub mod mail_address;
pub mod notify;
pub mod paper;
pub mod publish;
pub mod server;
pub mod service;
pub mod timestamp;
pub mod witness;
