//! Uploads: large payloads on their way to an envelope, each seen only by its sender.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use postfach_crypto::ids::UploadId;
use postfach_storage::UploadStatus;

use super::{Params, Text, room_to_write};
use crate::api::UPLOAD_OFFSET;
use crate::api::resources::{NewUpload, Problem, UploadResource};
use crate::server::app::App;
use crate::server::body::{JsonBody, Piece};
use crate::server::refusal::Refusal;
use crate::server::requester::{Append, Requester, Sending};

/// Creates an upload, or finds it as it stands.
#[utoipa::path(
    post, path = "/v1/uploads", tag = "uploads",
    request_body = NewUpload,
    security(("signature" = [])),
    responses(
        (status = 200, body = UploadResource, description = "How far it is; 0 when it is new"),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(in crate::server) async fn create(
    State(app): State<App>,
    requester: Requester<Sending>,
    JsonBody(new): JsonBody<NewUpload>,
) -> Result<Response, Refusal> {
    let _room = room_to_write(&app)?;
    let status = app
        .service
        .create_upload(
            &requester.reader,
            new.id,
            new.length,
            &app.limits.upload_quota,
        )
        .await?;
    Ok(resource(status))
}

/// How far an upload is.
#[utoipa::path(
    get, path = "/v1/uploads/{id}", tag = "uploads",
    params(("id" = String, Path, description = "The sender's name for it, 16 bytes hex")),
    security(("signature" = [])),
    responses(
        (status = 200, body = UploadResource),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(in crate::server) async fn status(
    State(app): State<App>,
    Params(Text(id)): Params<Text<UploadId>>,
    requester: Requester<Sending>,
) -> Result<Response, Refusal> {
    let status = app.service.upload(&requester.reader, id).await?;
    Ok(resource(status))
}

/// Continues an upload at `Upload-Offset`; durable when answered.
#[utoipa::path(
    patch, path = "/v1/uploads/{id}", tag = "uploads",
    params(
        ("id" = String, Path, description = "The sender's name for it, 16 bytes hex"),
        ("upload-offset" = u64, Header, description = "Bytes received so far"),
        ("content-digest" = String, Header, description = "sha-256 of this piece (RFC 9530)"),
    ),
    request_body(content = String, content_type = "application/octet-stream"),
    security(("signature" = [])),
    responses(
        (status = 200, body = UploadResource),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(in crate::server) async fn append(
    State(app): State<App>,
    Params(Text(id)): Params<Text<UploadId>>,
    requester: Requester<Append>,
    piece: Piece,
) -> Result<Response, Refusal> {
    let _room = room_to_write(&app)?;
    let status = app
        .service
        .append_upload(&requester.reader, id, piece.offset, piece.bytes)
        .await?;
    Ok(resource(status))
}

/// Discards an upload that no envelope took.
#[utoipa::path(
    delete, path = "/v1/uploads/{id}", tag = "uploads",
    params(("id" = String, Path, description = "The sender's name for it, 16 bytes hex")),
    security(("signature" = [])),
    responses(
        (status = 204, description = "Gone"),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(in crate::server) async fn discard(
    State(app): State<App>,
    Params(Text(id)): Params<Text<UploadId>>,
    requester: Requester<Sending>,
) -> Result<StatusCode, Refusal> {
    let _room = room_to_write(&app)?;
    app.service.discard_upload(&requester.reader, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The offset stands in a header too, for `HEAD`.
fn resource(status: UploadStatus) -> Response {
    let offset = [(UPLOAD_OFFSET, status.received.to_string())];
    (offset, Json(UploadResource::from(status))).into_response()
}
