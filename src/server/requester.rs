//! Who asks: the RFC 9421 signature of a request, verified against the configured authority.
//!
//! Invariant: a [`Requester`] exists only where exactly one signature of our profile holds for
//! this very method, path and query, and its key has one of the purpose's roles now; a
//! [`KeyRequester`] also where it is the party's recovery key, a [`VaultRequester`] whoever's key it is. The host that the client named does
//! not matter. A replayed `GET` within the signature's life reads what the
//! signer may read and changes nothing; a replayed `PATCH` finds its offset taken.
//! Specification: docs/format/http.md, "Signature".

use std::marker::PhantomData;
use std::sync::Arc;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName};
use postfach_crypto::ids::{Address, VaultVersion};
use postfach_crypto::keys::VerifyingKey;
use postfach_crypto::statement::Role;

use super::app::{App, Authority};
use super::refusal::Refusal;
use super::strangers::Place;
use crate::api::http_signature::{
    self, Covered, KeyHolder, RequestSignatureError, SignatureHeaders,
};
use crate::api::{CONTENT_DIGEST, UPLOAD_OFFSET};
use crate::service::{KeyReader, Reader};

const SIGNATURE_INPUT: HeaderName = HeaderName::from_static("signature-input");
const SIGNATURE: HeaderName = HeaderName::from_static("signature");
const IF_MATCH: &str = "if-match";
const IF_NONE_MATCH: &str = "if-none-match";

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
    /// The same, and the precondition and digest of a vault's new bytes.
    NewVault,
    /// The same, and the precondition of a vault's end.
    OldVault,
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
/// Writing a vault.
pub(super) struct WriteVault;
/// Deleting a vault.
pub(super) struct DeleteVault;
/// Seeing which vaults there are.
pub(super) struct ListVaults;

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

impl Purpose for ListVaults {
    const ROLES: &'static [Role] = &[Role::Administer];
}

impl Purpose for WriteVault {
    const ROLES: &'static [Role] = &[Role::Read, Role::Send, Role::Register, Role::Administer];
    const COVERS: Covers = Covers::NewVault;
}

impl Purpose for DeleteVault {
    const ROLES: &'static [Role] = &[Role::Administer];
    const COVERS: Covers = Covers::OldVault;
}

/// A party whose key signed the request and may do this.
pub(super) struct Requester<P> {
    pub(super) reader: Reader,
    purpose: PhantomData<P>,
}

/// Whose key signed a look-up of keys, its recovery key included.
pub(super) struct KeyRequester(pub(super) KeyReader);

/// The key of a vault, whichever it is, that signed the request.
pub(super) struct VaultRequester(pub(super) VerifyingKey);

impl<P: Purpose> FromRequestParts<App> for Requester<P> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refusal> {
        let (address, key) = party(parts, app, P::COVERS)?;
        let reader = app.service.reader(address, key, P::ROLES).await?;
        vouch(parts, &address);
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
        let (address, key) = party(parts, app, LookUp::COVERS)?;
        let reader = app.service.key_reader(address, key, LookUp::ROLES).await?;
        vouch(parts, &address);
        Ok(Some(Self(reader)))
    }
}

impl FromRequestParts<App> for VaultRequester {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refusal> {
        match signer(parts, app, Covers::Target)? {
            (KeyHolder::Vault, key) => Ok(Self(key)),
            _ => Err(Refusal::Signature(RequestSignatureError::Profile)),
        }
    }
}

/// A key of this party signed this request: its connection is no stranger's any more.
fn vouch(parts: &Parts, party: &Address) {
    if let Some(place) = parts.extensions.get::<Arc<Place>>() {
        place.vouched_by(party);
    }
}

/// The party whose signature holds for this request.
fn party(parts: &Parts, app: &App, covers: Covers) -> Result<(Address, VerifyingKey), Refusal> {
    match signer(parts, app, covers)? {
        (KeyHolder::Party(address), key) => Ok((address, key)),
        _ => Err(Refusal::Signature(RequestSignatureError::Profile)),
    }
}

/// Whose signature holds for this request; what that key may do is not asked yet.
fn signer(parts: &Parts, app: &App, covers: Covers) -> Result<(KeyHolder, VerifyingKey), Refusal> {
    let missing = Refusal::Signature(RequestSignatureError::Missing);
    let headers = signature_headers(&parts.headers)?.ok_or(missing)?;
    let fields = match covers {
        Covers::Target => vec![],
        Covers::Upload => {
            let (offset, digest) = upload_headers(&parts.headers)?;
            vec![(UPLOAD_OFFSET, offset), (CONTENT_DIGEST, digest)]
        }
        Covers::NewVault => vec![
            precondition(&parts.headers)?,
            (
                CONTENT_DIGEST,
                vault_header(&parts.headers, CONTENT_DIGEST)?,
            ),
        ],
        Covers::OldVault => vec![precondition(&parts.headers)?],
    };
    let Authority(authority) = parts.extensions.get().ok_or(Refusal::Internal)?;
    let covered = Covered {
        method: parts.method.as_str(),
        authority,
        path: parts.uri.path(),
        query: parts.uri.query(),
        fields: &fields,
    };
    let now = app.service.now().0 / 1000;
    let signer = http_signature::verify(&covered, &headers, now).map_err(Refusal::Signature)?;
    Ok((signer.holder, signer.key))
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

/// A header that writes of vaults need, once.
pub(super) fn vault_header<'a>(
    headers: &'a HeaderMap,
    name: &'static str,
) -> Result<&'a str, Refusal> {
    let value = single(headers, &HeaderName::from_static(name));
    value.ok().flatten().ok_or(Refusal::VaultHeaders)
}

/// Exactly one of the two preconditions, as it stands.
fn precondition(headers: &HeaderMap) -> Result<(&'static str, &str), Refusal> {
    let one = |name| vault_header(headers, name).map(|value| (name, value));
    match (
        headers.contains_key(IF_MATCH),
        headers.contains_key(IF_NONE_MATCH),
    ) {
        (true, false) => one(IF_MATCH),
        (false, true) => one(IF_NONE_MATCH),
        _ => Err(Refusal::VaultHeaders),
    }
}

/// The version that a write of a vault replaces; `None` where there must be none.
pub(super) fn version_before(headers: &HeaderMap) -> Result<Option<VaultVersion>, Refusal> {
    match precondition(headers)? {
        (IF_NONE_MATCH, "*") => Ok(None),
        (IF_MATCH, value) => {
            let version = value
                .strip_prefix('"')
                .and_then(|rest| rest.strip_suffix('"'));
            let version = version.and_then(|version| version.parse().ok());
            version.map(Some).ok_or(Refusal::VaultHeaders)
        }
        _ => Err(Refusal::VaultHeaders),
    }
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
