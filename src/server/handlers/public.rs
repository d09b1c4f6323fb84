//! What anybody may ask: the server itself, its description, the certificates.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Extension, State};
use axum::http::header;
use axum::response::IntoResponse;
use postfach_crypto::statement::Subject;

use super::{PageQuery, QueryParams};
use crate::api::resources::{BundleResource, Info, Page, Problem};
use crate::server::app::{App, Authority};
use crate::server::body::JSON;
use crate::server::encode;
use crate::server::pages;
use crate::server::refusal::Refusal;

/// The server's description of itself, written once.
#[derive(Clone)]
pub(in crate::server) struct Description(pub(in crate::server) Arc<str>);

/// What a client must know before it trusts or sends anything.
#[utoipa::path(get, path = "/v1/info", tag = "public", responses((status = 200, body = Info)))]
pub(in crate::server) async fn info(
    State(app): State<App>,
    Extension(Authority(authority)): Extension<Authority>,
) -> Json<Info> {
    Json(encode::info(&app.service, &authority))
}

/// This description.
#[utoipa::path(get, path = "/v1/openapi.json", tag = "public", responses((status = 200, body = Object)))]
pub(in crate::server) async fn openapi(
    Extension(Description(text)): Extension<Description>,
) -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, JSON),
        (header::CACHE_CONTROL, "public, max-age=3600"),
    ];
    (headers, text.to_string())
}

/// Every certificate and revocation, in log order.
#[utoipa::path(
    get, path = "/v1/certificates", tag = "public",
    params(
        PageQuery,
    ),
    responses(
        (status = 200, body = Page),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(in crate::server) async fn certificates(
    State(app): State<App>,
    QueryParams(query): QueryParams<PageQuery>,
) -> Result<Json<Page>, Refusal> {
    let page = app
        .service
        .page(None, Subject::Certificates, query.after, query.limit)
        .await?;
    Ok(Json((&page).into()))
}

/// What this server says of the pages that it serves.
#[utoipa::path(
    get, path = "/v1/bundle", tag = "public",
    responses(
        (status = 200, body = BundleResource),
        (status = "default", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(in crate::server) async fn bundle(
    State(app): State<App>,
) -> Result<Json<BundleResource>, Refusal> {
    let stated = app.service.bundle().await?;
    match (stated, pages::file_list()) {
        (Some(stated), Some(files)) => Ok(Json(BundleResource {
            bundle: (&stated).into(),
            files: files.text(),
        })),
        _ => Err(Refusal::NoSuchPath),
    }
}
