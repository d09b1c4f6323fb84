//! Envelopes: submission, the header with all that was said of it, and the parts.

use std::ops::Range;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::TryStreamExt as _;
use postfach_crypto::ids::StatementHash;

use super::{Params, Text, answer, room_to_write};
use crate::api::resources::{AcceptedStatement, EnvelopeResource, Problem};
use crate::server::app::App;
use crate::server::body::{CborBody, OCTETS};
use crate::server::range;
use crate::server::refusal::Refusal;
use crate::server::requester::{LookUp, Requester};

/// Accepts an envelope and answers with its receipt: it is then in the recipient's mailbox.
#[utoipa::path(
    post, path = "/v1/envelopes", tag = "envelopes",
    request_body(content = String, content_type = "application/cbor", description = "Submission: header and parts"),
    responses(
        (status = 201, body = AcceptedStatement, description = "Committed durably"),
        (status = 200, body = AcceptedStatement, description = "Known before; the original receipt"),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(in crate::server) async fn submit(
    State(app): State<App>,
    CborBody(submission): CborBody,
) -> Result<(StatusCode, Json<AcceptedStatement>), Refusal> {
    let _room = room_to_write(&app)?;
    let accepted = app.service.submit_envelope(&submission).await?;
    let (status, resource) = answer(&app, &accepted);
    Ok((status, Json(resource)))
}

/// An envelope's header and all that was said of it, for its sender and its recipient.
#[utoipa::path(
    get, path = "/v1/envelopes/{hash}", tag = "envelopes",
    params(("hash" = String, Path, description = "Hash of the header, hex")),
    security(("signature" = [])),
    responses(
        (status = 200, body = EnvelopeResource),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(in crate::server) async fn envelope(
    State(app): State<App>,
    Params(Text(hash)): Params<Text<StatementHash>>,
    requester: Requester<LookUp>,
) -> Result<Json<EnvelopeResource>, Refusal> {
    let view = app.service.envelope_view(&requester.reader, hash).await?;
    Ok(Json((&view).into()))
}

/// The ciphertext of a part, whole or one range of it.
#[utoipa::path(
    get, path = "/v1/envelopes/{hash}/parts/{number}", tag = "envelopes",
    params(
        ("hash" = String, Path, description = "Hash of the header, hex"),
        ("number" = u32, Path, description = "Number of the part; 0 is the manifest"),
        ("range" = Option<String>, Header, description = "One range of bytes"),
    ),
    security(("signature" = [])),
    responses(
        (status = 200, content_type = "application/octet-stream", body = String),
        (status = 206, content_type = "application/octet-stream", body = String),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(in crate::server) async fn part(
    State(app): State<App>,
    Params(path): Params<(Text<StatementHash>, Text<u32>)>,
    requester: Requester<LookUp>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let (Text(hash), Text(number)) = path;
    let (service, reader) = (&app.service, &requester.reader);
    // A part never changes, so its name is its validator.
    let etag = format!("\"{hash}-{number}\"");
    let range = match asked_range(&headers, &etag) {
        None => None,
        Some(asked) => {
            let length = service.part_length(reader, hash, number).await?;
            range::parse(asked.unwrap_or_default(), length)?
        }
    };
    let part = service.part(reader, hash, number, range.clone()).await?;
    let mut response = (
        [
            (header::CONTENT_TYPE, HeaderValue::from_static(OCTETS)),
            (header::ACCEPT_RANGES, HeaderValue::from_static("bytes")),
            (header::ETAG, value(&etag)),
        ],
        Body::from_stream(part.stream.inspect_err(|error| {
            // The answer has begun: the client sees it end early and asks for the rest.
            tracing::error!(error = %error, "part cut off");
        })),
    )
        .into_response();
    let sent = match range {
        None => part.length,
        Some(Range { start, end }) => {
            *response.status_mut() = StatusCode::PARTIAL_CONTENT;
            let content = format!("bytes {start}-{}/{}", end - 1, part.length);
            response
                .headers_mut()
                .insert(header::CONTENT_RANGE, value(&content));
            end - start
        }
    };
    response
        .headers_mut()
        .insert(header::CONTENT_LENGTH, sent.into());
    Ok(response)
}

/// The `Range` header where it applies (RFC 9110 §13.1.5); `Some(None)` when it is not one text.
fn asked_range<'a>(headers: &'a HeaderMap, etag: &str) -> Option<Option<&'a str>> {
    let mut ranges = headers.get_all(header::RANGE).iter();
    let first = ranges.next()?;
    if headers
        .get(header::IF_RANGE)
        .is_some_and(|validator| validator != etag)
    {
        return None;
    }
    Some(first.to_str().ok().filter(|_| ranges.next().is_none()))
}

/// Hex, digits and punctuation only.
fn value(text: &str) -> HeaderValue {
    HeaderValue::try_from(text).expect("visible ASCII is a header value")
}
