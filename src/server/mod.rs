//! The server over HTTP: a thin layer around [`crate::service`].
//!
//! ```text
//!   socket ─▶ connection: TLS 1.3, HTTP/1.1 or 2, time limits
//!               └▶ observe: counts, logs, headers, problem bodies
//!                    └▶ route with its limits ─▶ requester (signature) ─▶ body ─▶ handler
//!                                                                   one use case ◀──┘
//! ```
//!
//! Invariants: every read of private data carries a verified request signature; every error is an
//! RFC 9457 problem; every body, queue and wait has a limit in [`limits`]; nothing logged names a
//! party, a path or a peer. Absent: sessions, cookies, passwords, decisions, keys that open mail.
//! Specification: docs/format/http.md.

mod allowance;
mod app;
mod body;
pub mod config;
mod connection;
mod encode;
mod handlers;
mod leftover;
pub mod limits;
pub mod listen;
pub mod logging;
mod metrics;
mod observation;
mod observe;
pub mod operator;
pub(crate) mod pages;
mod problem;
mod range;
mod refusal;
mod requester;
mod routes;
mod stall;
mod strangers;
pub mod tls;
mod waiting;

pub(crate) use connection::builder as http_builder;
pub use limits::Limits;
pub use listen::{ServeError, Server};
pub(crate) use stall::StallLimit;
