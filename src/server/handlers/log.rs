//! The public log as static files (C2SP tlog-tiles): anybody may read and cache them.

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use postfach_crypto::tlog::Resource;

use super::Params;
use crate::api::resources::Problem;
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
