//! One door for every signed write that is not mail.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use bytes::Bytes;
use postfach_crypto::statement::{HandoverRequest, Kind, Role, Signed, kind_of};

use super::{answer, room_to_write};
use crate::api::resources::{AcceptedStatement, Base64, Problem};
use crate::server::app::{App, Shared};
use crate::server::body::CoseBody;
use crate::server::encode;
use crate::server::refusal::Refusal;
use crate::service::ServiceError;

/// Accepts a signed statement and answers with its receipt. The same statement again gets the
/// same receipt. After a handover request the envelope's age headers come with it.
#[utoipa::path(
    post, path = "/v1/statements", tag = "statements",
    request_body(content = String, content_type = "application/cose", description = "COSE_Sign1, tag 18"),
    responses(
        (status = 201, body = AcceptedStatement, description = "Committed durably"),
        (status = 200, body = AcceptedStatement, description = "Known before; the original receipt"),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(in crate::server) async fn submit(
    State(app): State<App>,
    CoseBody(statement): CoseBody,
) -> Result<(StatusCode, Json<AcceptedStatement>), Refusal> {
    let _room = room_to_write(&app)?;
    let accepted = app.service.submit_statement(&statement).await?;
    let (status, mut resource) = answer(&app, &accepted);
    resource.age_headers = handed_over(&app, &statement).await?;
    Ok((status, Json(resource)))
}

/// The age headers that an accepted handover request opened, read as its signer may read them;
/// nothing where the envelope was withdrawn or the key ended since.
async fn handed_over(app: &Shared, statement: &Bytes) -> Result<Option<Vec<Base64>>, ServiceError> {
    if !matches!(kind_of(statement), Ok(Kind::HandoverRequest)) {
        return Ok(None);
    }
    let request: Signed<HandoverRequest> = Signed::verify(statement)?;
    let reader = app
        .service
        .reader(request.recipient, request.signer(), &[Role::Read])
        .await;
    let reader = match reader {
        Err(ServiceError::NotAllowed(_)) => return Ok(None),
        other => other?,
    };
    let view = app.service.envelope_view(&reader, request.header).await?;
    Ok(view.age_headers.as_deref().map(encode::age_headers))
}
