//! Parties: their keys, what stands between two of them, claims, and a party's own record.

use axum::Json;
use axum::extract::State;
use postfach_crypto::ids::Address;
use postfach_crypto::statement::Subject;

use super::{After, PageQuery, Params, QueryParams, Text};
use crate::api::resources::{Claims, Page, PartyResource, Problem, RelationResource};
use crate::server::app::App;
use crate::server::refusal::Refusal;
use crate::server::requester::{KeyRequester, LookUp, Read, Register, Requester};

/// A party's keys and certificates: public for authorities, otherwise for those in relation to it,
/// and for whoever holds its recovery key.
#[utoipa::path(
    get, path = "/v1/parties/{address}", tag = "parties",
    params(("address" = String, Path, description = "The party")),
    security((), ("signature" = [])),
    responses(
        (status = 200, body = PartyResource),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(in crate::server) async fn party(
    State(app): State<App>,
    Params(Text(address)): Params<Text<Address>>,
    requester: Option<KeyRequester>,
) -> Result<Json<PartyResource>, Refusal> {
    let reader = requester.map(|KeyRequester(reader)| reader);
    let view = app.service.party_view(address, reader.as_ref()).await?;
    Ok(Json((&view).into()))
}

/// Claims, bindings and consents between a citizen and an authority, for either of them.
#[utoipa::path(
    get, path = "/v1/relations/{citizen}/{authority}", tag = "parties",
    params(
        ("citizen" = String, Path, description = "The citizen"),
        ("authority" = String, Path, description = "The authority"),
    ),
    security(("signature" = [])),
    responses(
        (status = 200, body = RelationResource),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(in crate::server) async fn relation(
    State(app): State<App>,
    Params(path): Params<(Text<Address>, Text<Address>)>,
    requester: Requester<LookUp>,
) -> Result<Json<RelationResource>, Refusal> {
    let (Text(citizen), Text(authority)) = path;
    let view = app
        .service
        .relation_view(&requester.reader, citizen, authority)
        .await?;
    Ok(Json((&view).into()))
}

/// Enrolment claims waiting for an authority, with the claimants' keys.
#[utoipa::path(
    get, path = "/v1/parties/{address}/claims", tag = "parties",
    params(
        ("address" = String, Path, description = "The authority, which is the signer"),
        After,
    ),
    security(("signature" = [])),
    responses(
        (status = 200, body = Claims),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(in crate::server) async fn claims(
    State(app): State<App>,
    Params(Text(address)): Params<Text<Address>>,
    QueryParams(query): QueryParams<After>,
    requester: Requester<Register>,
) -> Result<Json<Claims>, Refusal> {
    check_own(&requester, address)?;
    let (views, next) = app.service.claims(&requester.reader, query.after).await?;
    Ok(Json(Claims {
        next,
        claims: views.iter().map(Into::into).collect(),
    }))
}

/// Everything said by or about a party, receipts included, for that party.
#[utoipa::path(
    get, path = "/v1/parties/{address}/record", tag = "parties",
    params(
        ("address" = String, Path, description = "The party, which is the signer"),
        PageQuery,
    ),
    security(("signature" = [])),
    responses(
        (status = 200, body = Page),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(in crate::server) async fn record(
    State(app): State<App>,
    Params(Text(address)): Params<Text<Address>>,
    QueryParams(query): QueryParams<PageQuery>,
    requester: Requester<Read>,
) -> Result<Json<Page>, Refusal> {
    let subject = Subject::Record(address);
    let page = app
        .service
        .page(Some(&requester.reader), subject, query.after, query.limit)
        .await?;
    Ok(Json((&page).into()))
}

/// What a party said of where it wants to be notified, for that party.
#[utoipa::path(
    get, path = "/v1/parties/{address}/contacts", tag = "parties",
    params(
        ("address" = String, Path, description = "The party, which is the signer"),
        PageQuery,
    ),
    security(("signature" = [])),
    responses(
        (status = 200, body = Page),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(in crate::server) async fn contacts(
    State(app): State<App>,
    Params(Text(address)): Params<Text<Address>>,
    QueryParams(query): QueryParams<PageQuery>,
    requester: Requester<Read>,
) -> Result<Json<Page>, Refusal> {
    let subject = Subject::Contact(address);
    let page = app
        .service
        .page(Some(&requester.reader), subject, query.after, query.limit)
        .await?;
    Ok(Json((&page).into()))
}

/// What is another's is answered as if it were not there.
fn check_own<P>(requester: &Requester<P>, address: Address) -> Result<(), Refusal> {
    if requester.reader.address() == address {
        Ok(())
    } else {
        Err(crate::service::ServiceError::UnknownParty.into())
    }
}
