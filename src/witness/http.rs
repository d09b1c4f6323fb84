//! The two routes of a witness.
//!
//! Statuses are those of C2SP tlog-witness: 200, 400, 403, 404, 409 with the size, 422; besides
//! them 408 for a body that is too slow, 413 for one that is too long, 500 where the state cannot be
//! stored.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use postfach_crypto::tlog::witness::{MAX_BODY, SIZE_MEDIA_TYPE};
use serde_json::json;
use tokio::time::timeout;

use super::{AddError, Witness};
use crate::api::resources::Base64;
use crate::clock;

/// What every route needs.
#[derive(Clone)]
pub(super) struct App {
    pub(super) witness: Arc<Witness>,
    /// How long a body may take.
    pub(super) body: Duration,
}

pub(super) fn router(app: App) -> Router {
    Router::new()
        .route("/", get(about))
        .route("/add-checkpoint", post(add_checkpoint))
        .with_state(app)
}

/// Who this is, and how far each log was followed; 503 where the state is not known any more.
async fn about(State(app): State<App>) -> Response {
    let followed = app.witness.followed().await;
    let status = if followed.iter().all(|log| log.head.is_some()) {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    let logs: Vec<_> = followed
        .iter()
        .map(|log| {
            json!({
                "origin": log.origin,
                "size": log.head.map(|head| head.size),
                "root": log.head.map(|head| Base64(head.root.0.to_vec())),
            })
        })
        .collect();
    let about = json!({ "witness": app.witness.verifier_key().to_string(), "logs": logs });
    (status, axum::Json(about)).into_response()
}

async fn add_checkpoint(State(app): State<App>, body: Body) -> Response {
    let body = match timeout(app.body, to_bytes(body, MAX_BODY)).await {
        Ok(Ok(body)) => body,
        Ok(Err(_)) => return StatusCode::PAYLOAD_TOO_LARGE.into_response(),
        Err(_) => return StatusCode::REQUEST_TIMEOUT.into_response(),
    };
    let answer = app.witness.add_checkpoint(&body, clock::now()).await;
    match answer {
        Ok(lines) => (StatusCode::OK, lines).into_response(),
        Err(error) => refused(&error),
    }
}

fn refused(error: &AddError) -> Response {
    let status = match error {
        AddError::Body(_) => StatusCode::BAD_REQUEST,
        AddError::Refused(refusal) => {
            if let Some(size) = refusal.conflict_body() {
                let headers = [(header::CONTENT_TYPE, SIZE_MEDIA_TYPE)];
                return (StatusCode::CONFLICT, headers, size).into_response();
            }
            StatusCode::from_u16(refusal.status()).expect("statuses of the specification")
        }
        AddError::Storage(cause) => {
            if let Some(cause) = cause {
                tracing::error!(error = %cause, "state not stored");
            }
            StatusCode::INTERNAL_SERVER_ERROR
        }
    };
    (status, format!("{error}\n")).into_response()
}
