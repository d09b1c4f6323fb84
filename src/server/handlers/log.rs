//! The public log as static files (C2SP tlog-tiles): anybody may read and cache them.

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use postfach_crypto::tlog::Resource;

use super::Params;
use crate::api::resources::{Base64, Problem, TimestampResource};
use crate::server::app::App;
use crate::server::refusal::Refusal;

/// A tile never changes.
const FOR_GOOD: &str = "public, max-age=31536000, immutable";
/// A checkpoint is soon followed by another.
const BRIEFLY: &str = "public, max-age=1";
const OCTETS: &str = "application/octet-stream";
const TEXT: &str = "text/plain; charset=utf-8";

/// The checkpoint published last, with the cosignatures it has.
#[utoipa::path(
    get, path = "/log/checkpoint", tag = "log",
    responses(
        (status = 200, body = String, content_type = "text/plain"),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(in crate::server) async fn checkpoint(
    State(app): State<App>,
) -> Result<impl IntoResponse, Refusal> {
    let note = app.service.published_checkpoint().await?;
    Ok((
        [
            (header::CONTENT_TYPE, TEXT),
            (header::CACHE_CONTROL, BRIEFLY),
        ],
        note,
    ))
}

/// The first checkpoint kept that witnesses had cosigned with the statement at this position under it.
/// The same position gets the same answer for good.
#[utoipa::path(
    get, path = "/log/checkpoint/{position}", tag = "log",
    params(("position" = u64, Path, description = "Position of a statement in the log, from 0")),
    responses(
        (status = 200, body = String, content_type = "text/plain"),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(in crate::server) async fn cosigned_checkpoint(
    State(app): State<App>,
    Params(position): Params<u64>,
) -> Result<impl IntoResponse, Refusal> {
    let publishing = app.publishing.as_ref().ok_or(Refusal::NoSuchPath)?;
    let covering = publishing.history.covering(position).await;
    let note = covering.map_err(|error| {
        tracing::error!(error = %error, "checkpoint kept");
        Refusal::Internal
    })?;
    let note = note.ok_or(Refusal::NoSuchPath)?;
    Ok((
        [
            (header::CONTENT_TYPE, TEXT),
            (header::CACHE_CONTROL, FOR_GOOD),
        ],
        note,
    ))
}

/// A tile or entry bundle, by its path in C2SP tlog-tiles, such as `0/x001/234` or `entries/000.p/7`.
#[utoipa::path(
    get, path = "/log/tile/{*path}", tag = "log",
    params(("path" = String, Path, description = "What follows tile/ in C2SP tlog-tiles")),
    responses(
        (status = 200, body = Vec<u8>, content_type = "application/octet-stream"),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(in crate::server) async fn tile(
    State(app): State<App>,
    Params(path): Params<String>,
) -> Result<impl IntoResponse, Refusal> {
    let resource = format!("tile/{path}").parse();
    let bytes = match resource.map_err(|_| Refusal::NoSuchPath)? {
        Resource::Tile(tile) => app.service.tile(tile).await?,
        Resource::Entries(bundle) => app.service.entry_bundle(bundle).await?,
        Resource::Checkpoint => None,
    };
    let bytes = bytes.ok_or(Refusal::NoSuchPath)?;
    let headers = [
        (header::CONTENT_TYPE, OCTETS),
        (header::CACHE_CONTROL, FOR_GOOD),
    ];
    Ok((headers, bytes))
}

/// The first checkpoint with a time-stamp that covers the statement at this position, and the token
/// over its text. The same position gets the same answer for good.
#[utoipa::path(
    get, path = "/log/timestamp/{position}", tag = "log",
    params(("position" = u64, Path, description = "Position of a statement in the log, from 0")),
    responses(
        (status = 200, body = TimestampResource),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(in crate::server) async fn timestamp(
    State(app): State<App>,
    Params(position): Params<u64>,
) -> Result<impl IntoResponse, Refusal> {
    let timestamps = app.timestamps.as_ref().ok_or(Refusal::NoSuchPath)?;
    let covering = timestamps.folder.covering(position).await;
    let covering = covering.map_err(|error| {
        tracing::error!(error = %error, "time-stamp");
        Refusal::Internal
    })?;
    let kept = covering.ok_or(Refusal::NoSuchPath)?;
    let resource = TimestampResource {
        size: kept.size,
        checkpoint: kept.note,
        token: Base64(kept.token),
    };
    Ok(([(header::CACHE_CONTROL, FOR_GOOD)], Json(resource)))
}
