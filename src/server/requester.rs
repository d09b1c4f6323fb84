//! Who asks: the RFC 9421 signature of a request, verified against the configured authority.
//!
//! Invariant: a [`Requester`] exists only where exactly one signature of our profile holds for
//! this very method, path and query, and its key has one of the purpose's roles now; a
//! [`KeyRequester`] also where it is the party's recovery key. The host that the client named does
//! not matter. A replayed `GET` within the signature's life reads what the
//! signer may read and changes nothing; a replayed `PATCH` finds its offset taken.
//! Specification: docs/format/http.md, "Signature".

use std::marker::PhantomData;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName};
use postfach_crypto::statement::Role;

use super::app::{App, Authority};
use super::refusal::Refusal;
use crate::api::http_signature::{
    self, Covered, RequestSignatureError, RequestSigner, SignatureHeaders,
};
use crate::api::{CONTENT_DIGEST, UPLOAD_OFFSET};
use crate::service::{KeyReader, Reader};

const SIGNATURE_INPUT: HeaderName = HeaderName::from_static("signature-input");
const SIGNATURE: HeaderName = HeaderName::from_static("signature");

/// What a request is for.
pub(super) trait Purpose: Send + Sync {
    /// Roles of which the key must have one.
    const ROLES: &'static [Role];
    /// What the signature covers beside method, authority, path and query.
    const COVERS: Covers = Covers::Target;
}

/// What a signature covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Covers {
    /// Method, authority, path, query.
    Target,
    /// The same, and offset and digest of an upload's piece.
    Upload,
}

/// Reading what is the party's own.
pub(super) struct Read;
/// Looking up the keys and bindings of others, or what was sent: senders and clerks need it too.
pub(super) struct LookUp;
/// Answering enrolment claims.
pub(super) struct Register;
/// Preparing to send.
pub(super) struct Sending;
/// Sending a piece of an upload.
pub(super) struct Append;

impl Purpose for Read {
    const ROLES: &'static [Role] = &[Role::Read];
}

impl Purpose for LookUp {
    const ROLES: &'static [Role] = &[Role::Read, Role::Send, Role::Register, Role::Administer];
}

impl Purpose for Register {
    const ROLES: &'static [Role] = &[Role::Register];
}

impl Purpose for Sending {
    const ROLES: &'static [Role] = &[Role::Send];
}

impl Purpose for Append {
    const ROLES: &'static [Role] = &[Role::Send];
    const COVERS: Covers = Covers::Upload;
}

/// A party whose key signed the request and may do this.
pub(super) struct Requester<P> {
    pub(super) reader: Reader,
    purpose: PhantomData<P>,
}

/// Whose key signed a look-up of keys, its recovery key included.
pub(super) struct KeyRequester(pub(super) KeyReader);

impl<P: Purpose> FromRequestParts<App> for Requester<P> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refusal> {
        let signer = signer(parts, app, P::COVERS)?;
        let reader = app
            .service
            .reader(signer.address, signer.key, P::ROLES)
            .await?;
        Ok(Self {
            reader,
            purpose: PhantomData,
        })
    }
}

impl OptionalFromRequestParts<App> for KeyRequester {
    type Rejection = Refusal;

    /// Nobody, where the request is not signed at all.
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Option<Self>, Refusal> {
        if signature_headers(&parts.headers)?.is_none() {
            return Ok(None);
        }
        let signer = signer(parts, app, LookUp::COVERS)?;
        let reader = app
            .service
            .key_reader(signer.address, signer.key, LookUp::ROLES)
            .await?;
        Ok(Some(Self(reader)))
    }
}

/// Whose signature holds for this request; what that key may do is not asked yet.
fn signer(parts: &Parts, app: &App, covers: Covers) -> Result<RequestSigner, Refusal> {
    let missing = Refusal::Signature(RequestSignatureError::Missing);
    let headers = signature_headers(&parts.headers)?.ok_or(missing)?;
    let upload = match covers {
        Covers::Target => None,
        Covers::Upload => Some(upload_headers(&parts.headers)?),
    };
    let Authority(authority) = parts.extensions.get().ok_or(Refusal::Internal)?;
    let covered = Covered {
        method: parts.method.as_str(),
        authority,
        path: parts.uri.path(),
        query: parts.uri.query(),
        upload,
    };
    let now = app.service.now().0 / 1000;
    http_signature::verify(&covered, &headers, now).map_err(Refusal::Signature)
}

/// Both headers once, or neither.
fn signature_headers(headers: &HeaderMap) -> Result<Option<SignatureHeaders>, Refusal> {
    let profile = Refusal::Signature(RequestSignatureError::Profile);
    let input = single(headers, &SIGNATURE_INPUT).map_err(|_| profile.clone())?;
    let signature = single(headers, &SIGNATURE).map_err(|_| profile.clone())?;
    match (input, signature) {
        (None, None) => Ok(None),
        (Some(input), Some(signature)) => Ok(Some(SignatureHeaders {
            input: input.to_owned(),
            signature: signature.to_owned(),
        })),
        _ => Err(profile),
    }
}

/// Offset and digest of an upload's piece, as they stand in the headers.
pub(super) fn upload_headers(headers: &HeaderMap) -> Result<(&str, &str), Refusal> {
    let one = |name: &'static str| {
        single(headers, &HeaderName::from_static(name))
            .ok()
            .flatten()
            .ok_or(Refusal::UploadHeaders)
    };
    Ok((one(UPLOAD_OFFSET)?, one(CONTENT_DIGEST)?))
}

/// A header is there more than once, or is not text.
struct NotSingle;

fn single<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, NotSingle> {
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err(NotSingle);
    }
    value.to_str().map(Some).map_err(|_| NotSingle)
}
