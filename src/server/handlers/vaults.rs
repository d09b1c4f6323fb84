//! Vaults: sealed keys, read by whoever holds a vault's key and written by their owner.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use postfach_crypto::ids::{VaultId, VaultVersion};

use super::{Params, Text, room_to_write};
use crate::api::resources::{Problem, VaultResource, Vaults};
use crate::server::app::{App, Shared};
use crate::server::body::{OCTETS, SealedBody};
use crate::server::limits::{OFFICE_READS, OFFICE_WRITES, VAULT_READS, VAULT_WRITES};
use crate::server::refusal::Refusal;
use crate::server::requester::{
    DeleteVault, ListVaults, Requester, VaultRequester, WriteVault, version_before,
};
use crate::service::{Reader, Written};

/// What a vault holds, for whoever holds its key.
#[utoipa::path(
    get, path = "/v1/vaults/{id}", tag = "vaults",
    params(("id" = String, Path, description = "Hash of the vault's public key, which is the signer's")),
    security(("signature" = [])),
    responses(
        (status = 200, body = String, content_type = "application/octet-stream",
         description = "The sealed bytes; ETag is their version"),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(in crate::server) async fn read(
    State(app): State<App>,
    Params(Text(id)): Params<Text<VaultId>>,
    VaultRequester(key): VaultRequester,
) -> Result<Response, Refusal> {
    let vault = app.service.vault(id, &key).await?;
    let reads = match app.service.is_certified(vault.owner).await? {
        true => OFFICE_READS,
        false => VAULT_READS,
    };
    let taken = app.vault_reads.take(&id.0, reads, app.service.now());
    taken.map_err(|_| Refusal::Allowance)?;
    let headers = [
        (header::CONTENT_TYPE, OCTETS.to_owned()),
        etag(vault.version),
    ];
    Ok((headers, vault.sealed).into_response())
}

/// The signer's vaults with their versions.
#[utoipa::path(
    get, path = "/v1/vaults", tag = "vaults",
    security(("signature" = [])),
    responses(
        (status = 200, body = Vaults),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(in crate::server) async fn list(
    State(app): State<App>,
    requester: Requester<ListVaults>,
) -> Result<Json<Vaults>, Refusal> {
    let vaults = app.service.vaults(&requester.reader).await?;
    let vaults = vaults.into_iter().map(|(id, version)| VaultResource {
        id: id.to_string(),
        version: version.to_string(),
    });
    Ok(Json(Vaults {
        vaults: vaults.collect(),
    }))
}

/// Writes a vault: a new one with `If-None-Match: *`, over a version with `If-Match`.
#[utoipa::path(
    put, path = "/v1/vaults/{id}", tag = "vaults",
    params(
        ("id" = String, Path, description = "Hash of the vault's public key"),
        ("if-match" = Option<String>, Header, description = "The version that is replaced"),
        ("if-none-match" = Option<String>, Header, description = "`*`: there is no such vault"),
        ("content-digest" = String, Header, description = "sha-256 of the body (RFC 9530)"),
    ),
    request_body(content = String, content_type = "application/octet-stream"),
    security(("signature" = [])),
    responses(
        (status = 201, description = "Created; ETag is its version"),
        (status = 204, description = "Replaced; ETag is its version"),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(in crate::server) async fn write(
    State(app): State<App>,
    Params(Text(id)): Params<Text<VaultId>>,
    requester: Requester<WriteVault>,
    headers: HeaderMap,
    SealedBody(sealed): SealedBody,
) -> Result<Response, Refusal> {
    let before = version_before(&headers)?;
    allow_write(&app, &requester.reader).await?;
    let _room = room_to_write(&app)?;
    let written = app.service.put_vault(&requester.reader, id, before, sealed);
    let (version, written) = written.await?;
    let status = match written {
        Written::Created => StatusCode::CREATED,
        Written::Replaced => StatusCode::NO_CONTENT,
    };
    Ok((status, [etag(version)]).into_response())
}

/// Deletes the version of a vault that `If-Match` names.
#[utoipa::path(
    delete, path = "/v1/vaults/{id}", tag = "vaults",
    params(
        ("id" = String, Path, description = "Hash of the vault's public key"),
        ("if-match" = String, Header, description = "The version that it has"),
    ),
    security(("signature" = [])),
    responses(
        (status = 204, description = "Gone"),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(in crate::server) async fn delete(
    State(app): State<App>,
    Params(Text(id)): Params<Text<VaultId>>,
    requester: Requester<DeleteVault>,
    headers: HeaderMap,
) -> Result<StatusCode, Refusal> {
    let before = version_before(&headers)?.ok_or(Refusal::VaultHeaders)?;
    allow_write(&app, &requester.reader).await?;
    let _room = room_to_write(&app)?;
    let deleted = app.service.delete_vault(&requester.reader, id, before);
    deleted.await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn allow_write(app: &Shared, owner: &Reader) -> Result<(), Refusal> {
    let owner = owner.address();
    let writes = match app.service.is_certified(owner).await? {
        true => OFFICE_WRITES,
        false => VAULT_WRITES,
    };
    let taken = app.vault_writes.take(&owner.0, writes, app.service.now());
    taken.map_err(|_| Refusal::Allowance)
}

fn etag(version: VaultVersion) -> (header::HeaderName, String) {
    (header::ETAG, format!("\"{version}\""))
}
