//! A party's mailbox and what it sent: lists that a client may wait for.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use postfach_crypto::ids::Address;
use postfach_crypto::statement::Subject;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{Params, QueryParams, Text, default_limit};
use crate::api::resources::{Page, Problem};
use crate::server::app::App;
use crate::server::limits::MAX_WAIT_SECONDS;
use crate::server::refusal::Refusal;
use crate::server::requester::{LookUp, Read, Requester};
use crate::service::{Reader, list_of};

/// Which page, and how long to wait until it has an entry.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::server) struct WaitQuery {
    /// Number of the first entry, from 0.
    #[serde(default)]
    after: u64,
    /// Most entries.
    #[serde(default = "default_limit")]
    limit: usize,
    /// Seconds to wait for an entry, at most 30.
    #[serde(default)]
    wait: u64,
}

/// Headers delivered to a party, for that party.
#[utoipa::path(
    get, path = "/v1/mailboxes/{address}/envelopes", tag = "mailboxes",
    params(
        ("address" = String, Path, description = "The party, which is the signer"),
        WaitQuery,
    ),
    security(("signature" = [])),
    responses(
        (status = 200, body = Page),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(in crate::server) async fn delivered(
    State(app): State<App>,
    Params(Text(address)): Params<Text<Address>>,
    QueryParams(query): QueryParams<WaitQuery>,
    requester: Requester<Read>,
) -> Result<Json<Page>, Refusal> {
    page(&app, &requester.reader, Subject::Mailbox(address), &query).await
}

/// Headers that a party sent, for that party.
#[utoipa::path(
    get, path = "/v1/mailboxes/{address}/sent", tag = "mailboxes",
    params(
        ("address" = String, Path, description = "The party, which is the signer"),
        WaitQuery,
    ),
    security(("signature" = [])),
    responses(
        (status = 200, body = Page),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(in crate::server) async fn sent(
    State(app): State<App>,
    Params(Text(address)): Params<Text<Address>>,
    QueryParams(query): QueryParams<WaitQuery>,
    requester: Requester<LookUp>,
) -> Result<Json<Page>, Refusal> {
    page(&app, &requester.reader, Subject::Sent(address), &query).await
}

async fn page(
    app: &App,
    reader: &Reader,
    subject: Subject,
    query: &WaitQuery,
) -> Result<Json<Page>, Refusal> {
    if query.wait > MAX_WAIT_SECONDS {
        return Err(Refusal::Query);
    }
    let read = || {
        app.service
            .page(Some(reader), subject, query.after, query.limit)
    };
    if query.wait == 0 {
        return Ok(Json((&read().await?).into()));
    }
    // Registered before the first look, so that nothing arrives unnoticed between the two.
    let waiter = app.waiters.register(list_of(&subject))?;
    let mut page = read().await?;
    if page.entries.is_empty() {
        let most = Duration::from_secs(query.wait);
        waiter.grown(most, app.stopping.clone()).await;
        page = read().await?;
    }
    Ok(Json((&page).into()))
}
