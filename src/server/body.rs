//! Request bodies: of the right media type, within the route's size, fast enough, within memory.
//!
//! Invariant: a handler sees a body whole or not at all, and no more memory than
//! [`super::limits::Limits::body_memory`] is ever spent on bodies that are still arriving.

use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use bytes::{Bytes, BytesMut};
use http_body::Body as _;
use http_body_util::BodyExt as _;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, timeout_at};

use super::app::App;
use super::limits::RouteLimits;
use super::refusal::Refusal;
use super::requester::{upload_headers, vault_header};
use crate::api::{CBOR, CONTENT_DIGEST, COSE, http_signature};

/// Room that a body begins with; it doubles when that is used up.
const FIRST_ROOM: usize = 16 * 1024;

/// Media type of an upload's piece.
pub(super) const OCTETS: &str = "application/octet-stream";
/// Media type of resources.
pub(super) const JSON: &str = "application/json";

/// A statement's bytes.
pub(super) struct CoseBody(pub(super) Bytes);
/// A submission's bytes.
pub(super) struct CborBody(pub(super) Bytes);
/// A JSON resource.
pub(super) struct JsonBody<T>(pub(super) T);
/// A piece of an upload, whose digest was verified.
pub(super) struct Piece {
    pub(super) offset: u64,
    pub(super) bytes: Bytes,
}

/// A vault's new bytes, whose digest was verified.
pub(super) struct SealedBody(pub(super) Bytes);

impl FromRequest<App> for CoseBody {
    type Rejection = Refusal;

    async fn from_request(request: Request, app: &App) -> Result<Self, Refusal> {
        check_media_type(request.headers(), COSE)?;
        Ok(Self(read(request, app, |_| {}).await?))
    }
}

impl FromRequest<App> for CborBody {
    type Rejection = Refusal;

    async fn from_request(request: Request, app: &App) -> Result<Self, Refusal> {
        check_media_type(request.headers(), CBOR)?;
        Ok(Self(read(request, app, |_| {}).await?))
    }
}

impl<T: DeserializeOwned> FromRequest<App> for JsonBody<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, app: &App) -> Result<Self, Refusal> {
        check_media_type(request.headers(), JSON)?;
        let body = read(request, app, |_| {}).await?;
        serde_json::from_slice(&body)
            .map(Self)
            .map_err(|_| Refusal::Json)
    }
}

impl FromRequest<App> for Piece {
    type Rejection = Refusal;

    async fn from_request(request: Request, app: &App) -> Result<Self, Refusal> {
        check_media_type(request.headers(), OCTETS)?;
        let (offset, digest) = upload_headers(request.headers())?;
        let offset = decimal(offset)?;
        let digest = digest.to_owned();
        let bytes = read_digested(request, app, &digest).await?;
        Ok(Self { offset, bytes })
    }
}

impl FromRequest<App> for SealedBody {
    type Rejection = Refusal;

    async fn from_request(request: Request, app: &App) -> Result<Self, Refusal> {
        check_media_type(request.headers(), OCTETS)?;
        let digest = vault_header(request.headers(), CONTENT_DIGEST)?.to_owned();
        Ok(Self(read_digested(request, app, &digest).await?))
    }
}

/// Reads a whole body that must have this `Content-Digest`.
async fn read_digested(request: Request, app: &App, digest: &str) -> Result<Bytes, Refusal> {
    let mut hasher = Sha256::new();
    let bytes = read(request, app, |frame| hasher.update(frame)).await?;
    if http_signature::digest_value(&hasher.finalize().into()) != digest {
        return Err(Refusal::Digest);
    }
    Ok(bytes)
}

/// One spelling of each number.
fn decimal(text: &str) -> Result<u64, Refusal> {
    let value: u64 = text.parse().map_err(|_| Refusal::UploadHeaders)?;
    if value.to_string() == text {
        Ok(value)
    } else {
        Err(Refusal::UploadHeaders)
    }
}

fn check_media_type(headers: &HeaderMap, expected: &str) -> Result<(), Refusal> {
    let mut values = headers.get_all(header::CONTENT_TYPE).iter();
    let value = values.next().and_then(|value| value.to_str().ok());
    let essence = value.and_then(|value| value.split(';').next());
    match essence {
        Some(essence)
            if essence.trim().eq_ignore_ascii_case(expected) && values.next().is_none() =>
        {
            Ok(())
        }
        _ => Err(Refusal::MediaType),
    }
}

/// Reads a whole body within the route's limits; `seen` gets each frame as it arrives.
async fn read(request: Request, app: &App, mut seen: impl FnMut(&[u8])) -> Result<Bytes, Refusal> {
    let route = request.extensions().get::<RouteLimits>().copied();
    let most = route.ok_or(Refusal::Internal)?.body;
    let mut body = request.into_body();
    let announced = body.size_hint();
    if announced.lower() > most as u64 {
        return Err(Refusal::TooLarge);
    }
    // Memory is taken as bytes arrive: who announces much and sends nothing takes nothing.
    let mut memory = reserve(app, FIRST_ROOM)?;
    let start = Instant::now();
    let mut bytes = BytesMut::with_capacity(FIRST_ROOM);
    loop {
        let deadline = start + app.limits.body_time(bytes.len());
        let frame = timeout_at(deadline, body.frame()).await;
        let frame = match frame.map_err(|_| Refusal::Slow)? {
            None => return Ok(bytes.freeze()),
            Some(frame) => frame.map_err(|_| Refusal::Truncated)?,
        };
        if let Some(data) = frame.data_ref() {
            if bytes.len() + data.len() > most {
                return Err(Refusal::TooLarge);
            }
            seen(data);
            let lacking = (bytes.len() + data.len()).saturating_sub(bytes.capacity());
            if lacking > 0 {
                let more = lacking.max(bytes.capacity()).min(most);
                memory.merge(reserve(app, more)?);
                bytes.reserve(more);
            }
            bytes.extend_from_slice(data);
        }
    }
}

fn reserve(app: &App, bytes: usize) -> Result<OwnedSemaphorePermit, Refusal> {
    let kib = u32::try_from(bytes.div_ceil(1024)).map_err(|_| Refusal::TooLarge)?;
    app.body_memory
        .clone()
        .try_acquire_many_owned(kib)
        .map_err(|_| Refusal::Busy)
}
