//! From a refusal to an RFC 9457 problem: one exhaustive match, and nowhere else.
//!
//! A refusal travels through the layers as an empty response with the refusal beside it; the
//! outermost layer ([`super::observe`]) writes the body, so that every error, whoever raised it,
//! has one, with the server's time. Invariant: no answer from 400 on is without a problem body.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use postfach_crypto::ids::UnixMillis;
use postfach_storage::{CommitError, ReadError, UploadError};

use super::limits::RETRY_AFTER_SECONDS;
use super::refusal::Refusal;
use crate::api::resources::Problem;
use crate::service::ServiceError;

/// Media type of a problem (RFC 9457 §3).
pub(super) const MEDIA_TYPE: HeaderValue = HeaderValue::from_static("application/problem+json");
/// What comes before the code in a problem's type.
const TYPE_PREFIX: &str = "urn:postfach:problem:";

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = status(&self).into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Gives an error response its body; other responses pass.
pub(super) fn complete(mut response: Response, now: UnixMillis) -> Response {
    let refusal = match response.extensions_mut().remove::<Refusal>() {
        Some(refusal) => refusal,
        None if response.status().as_u16() < 400 => return response,
        // Raised by the framework.
        None => match response.status() {
            StatusCode::NOT_FOUND => Refusal::NoSuchPath,
            StatusCode::METHOD_NOT_ALLOWED => Refusal::Method,
            _ => Refusal::Internal,
        },
    };
    let (mut parts, _) = response.into_parts();
    parts.status = status(&refusal);
    if parts.status.is_server_error() {
        tracing::error!(code = refusal.words().code, error = %refusal, "refused");
    }
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.insert(header::CONTENT_TYPE, MEDIA_TYPE);
    match &refusal {
        Refusal::Range(length) => {
            let value = HeaderValue::try_from(format!("bytes */{length}"));
            parts.headers.insert(
                header::CONTENT_RANGE,
                value.expect("digits are a header value"),
            );
        }
        Refusal::Signature(_) => {
            let challenge = HeaderValue::from_static("Signature realm=\"postfach/1\"");
            parts.headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        _ => {}
    }
    if matches!(
        parts.status,
        StatusCode::TOO_MANY_REQUESTS
            | StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::INSUFFICIENT_STORAGE
    ) {
        parts
            .headers
            .insert(header::RETRY_AFTER, RETRY_AFTER_SECONDS.into());
    }
    let body = serde_json::to_vec(&problem(&refusal, now)).expect("a problem has text keys only");
    Response::from_parts(parts, Body::from(body))
}

fn problem(refusal: &Refusal, now: UnixMillis) -> Problem {
    let words = refusal.words();
    let [title_de, title] = words.what.map(str::to_owned);
    let [detail_de, detail] = words.next.map(str::to_owned);
    Problem {
        kind: format!("{TYPE_PREFIX}{}", words.code),
        title,
        status: status(refusal).as_u16(),
        detail,
        title_de,
        detail_de,
        time: now.0,
        received: refusal.received(),
    }
}

/// The HTTP status of a refusal (RFC 9110 §15).
fn status(refusal: &Refusal) -> StatusCode {
    match refusal {
        Refusal::Service(error) => service_status(error),
        Refusal::Signature(_) => StatusCode::UNAUTHORIZED,
        Refusal::NoSuchPath => StatusCode::NOT_FOUND,
        Refusal::Method => StatusCode::METHOD_NOT_ALLOWED,
        Refusal::MediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Refusal::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Refusal::Slow => StatusCode::REQUEST_TIMEOUT,
        Refusal::Path
        | Refusal::Query
        | Refusal::Truncated
        | Refusal::Json
        | Refusal::UploadHeaders
        | Refusal::VaultHeaders
        | Refusal::Digest => StatusCode::BAD_REQUEST,
        Refusal::Range(_) => StatusCode::RANGE_NOT_SATISFIABLE,
        Refusal::Waiters | Refusal::Allowance => StatusCode::TOO_MANY_REQUESTS,
        Refusal::Busy | Refusal::Timeout => StatusCode::SERVICE_UNAVAILABLE,
        Refusal::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

fn service_status(error: &ServiceError) -> StatusCode {
    use ServiceError as E;
    match error {
        E::Statement(_)
        | E::Submission(_)
        | E::WrongDoor(_)
        | E::ReservedField(_)
        | E::Binding(_) => StatusCode::BAD_REQUEST,
        E::NotAllowed(_)
        | E::Operator(_)
        | E::NotCertified
        | E::BindingNotInForce
        | E::NoConsent
        | E::NoAuthority
        | E::UploadNotAllowed
        | E::AuthorityCloses
        | E::TooManyClaims => StatusCode::FORBIDDEN,
        E::UnknownParty | E::UnknownEnvelope | E::UnknownVault => StatusCode::NOT_FOUND,
        E::VaultChanged => StatusCode::PRECONDITION_FAILED,
        E::Withdrawn | E::ProvisionEnded | E::Deleted | E::MailboxClosed => StatusCode::GONE,
        E::OtherLog
        | E::ClockOutOfRange { .. }
        | E::UnknownReference
        | E::BadMailAddress
        | E::OtherAgeHeaders
        | E::OtherManifest => StatusCode::UNPROCESSABLE_ENTITY,
        E::SecondKeyStatement
        | E::History(_)
        | E::SupersededSenderKeys
        | E::SupersededRecipientKeys
        | E::AlreadyBound
        | E::ClaimAnswered
        | E::AlreadyConsented
        | E::AlreadyEnded
        | E::ObjectionTooLate
        | E::WrongPrevious
        | E::EnvelopeIdTaken
        | E::AlreadyHandedOver
        | E::NotHandedOver
        | E::NotDecided
        | E::AlreadyAnswered
        | E::TooManyStatements
        | E::RelationFull
        | E::ContactsFull
        | E::TooManyVaults
        | E::SeenHead => StatusCode::CONFLICT,
        E::Contention | E::KeyNotDelegated => StatusCode::SERVICE_UNAVAILABLE,
        E::Commit(error) => commit_status(error),
        E::Read(ReadError::Range { .. }) => StatusCode::RANGE_NOT_SATISFIABLE,
        E::Read(ReadError::Stopped | ReadError::Io { .. }) => StatusCode::SERVICE_UNAVAILABLE,
        E::Read(ReadError::Corrupt { .. }) | E::Damaged => StatusCode::INTERNAL_SERVER_ERROR,
        E::Upload(error) => upload_status(error),
    }
}

fn commit_status(error: &CommitError) -> StatusCode {
    match error {
        CommitError::UnknownUpload { .. }
        | CommitError::LengthMismatch { .. }
        | CommitError::PayloadMismatch { .. } => StatusCode::UNPROCESSABLE_ENTITY,
        CommitError::IncompleteUpload { .. }
        | CommitError::UploadTaken { .. }
        | CommitError::TooManyVaults { .. } => StatusCode::CONFLICT,
        CommitError::VaultChanged => StatusCode::PRECONDITION_FAILED,
        CommitError::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
        CommitError::Full => StatusCode::INSUFFICIENT_STORAGE,
        CommitError::Conflict { .. }
        | CommitError::Busy
        | CommitError::Objects
        | CommitError::Stopped => StatusCode::SERVICE_UNAVAILABLE,
        CommitError::Duplicate { .. }
        | CommitError::UnknownStatement { .. }
        | CommitError::StrayPart { .. }
        | CommitError::Empty => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

fn upload_status(error: &UploadError) -> StatusCode {
    match error {
        UploadError::Unknown => StatusCode::NOT_FOUND,
        UploadError::OtherLength { .. }
        | UploadError::Offset { .. }
        | UploadError::Incomplete { .. }
        | UploadError::Quota(_)
        | UploadError::Taken => StatusCode::CONFLICT,
        UploadError::Unaligned { .. } => StatusCode::BAD_REQUEST,
        UploadError::Length { .. } => StatusCode::PAYLOAD_TOO_LARGE,
        UploadError::Full => StatusCode::INSUFFICIENT_STORAGE,
        UploadError::Objects { .. } | UploadError::Stopped => StatusCode::SERVICE_UNAVAILABLE,
    }
}
