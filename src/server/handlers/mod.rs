//! Handlers: decode, call one use case, encode. Nothing else.
//!
//! Decisions are in [`crate::service`]; who asks in [`super::requester`]; bodies in
//! [`super::body`]; errors in [`super::problem`].

pub(super) mod envelopes;
pub(super) mod log;
pub(super) mod mailboxes;
pub(super) mod parties;
pub(super) mod public;
pub(super) mod statements;
pub(super) mod uploads;
pub(super) mod vaults;

use std::fmt::Display;
use std::str::FromStr;

use axum::extract::{FromRequestParts, Path, Query};
use axum::http::StatusCode;
use serde::{Deserialize, Deserializer, de};
use tokio::sync::SemaphorePermit;
use utoipa::IntoParams;

use super::app::Shared;
use super::refusal::Refusal;
use crate::api::resources::AcceptedStatement;
use crate::service::Accepted;

/// Path parameters, refused as a problem.
#[derive(FromRequestParts)]
#[from_request(via(Path), rejection(Refusal))]
pub(super) struct Params<T>(T);

/// Query parameters, refused as a problem.
#[derive(FromRequestParts)]
#[from_request(via(Query), rejection(Refusal))]
pub(super) struct QueryParams<T>(T);

/// A value by its text form.
pub(super) struct Text<T>(T);

impl<'de, T: FromStr<Err: Display>> Deserialize<'de> for Text<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map(Text).map_err(de::Error::custom)
    }
}

/// Where a list is read from.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct After {
    /// Number of the first entry, from 0.
    #[serde(default)]
    after: u64,
}

/// Which page of a list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct PageQuery {
    /// Number of the first entry, from 0.
    #[serde(default)]
    after: u64,
    /// Most entries.
    #[serde(default = "default_limit")]
    limit: usize,
}

/// Entries of a page where the client does not say.
fn default_limit() -> usize {
    100
}

/// The answer to a write: 201 for what is new, 200 for what was known. Who waits for a list that
/// grew is told, whatever else the answer still needs.
fn answer(app: &Shared, accepted: &Accepted) -> (StatusCode, AcceptedStatement) {
    app.waiters.announce(&accepted.grown);
    let status = if accepted.repeated {
        StatusCode::OK
    } else {
        StatusCode::CREATED
    };
    (status, accepted.into())
}

/// Room for one write; refuses at once, since whoever waits here holds a body in memory.
fn room_to_write(app: &Shared) -> Result<SemaphorePermit<'_>, Refusal> {
    app.writes.try_acquire().map_err(|_| Refusal::Busy)
}
