//! The routes: each handler with its limits. The description served at `/v1/openapi.json` is made
//! from the same lines, so no route can be missing from it.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Extension, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use tower_http::catch_panic::CatchPanicLayer;
use utoipa::OpenApi;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityScheme};
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouterExt as _};
use utoipa_axum::routes;

use super::app::App;
use super::handlers::public::Description;
use super::handlers::{envelopes, log, mailboxes, parties, public, statements, uploads, vaults};
use super::limits::{
    APPEND_BODY, NEW_UPLOAD_BODY, RouteLimits, STATEMENT_BODY, SUBMISSION_BODY, VAULT_BODY,
};
use super::observe::observe;
use super::pages;
use super::refusal::Refusal;

/// What the description says beside the routes.
#[derive(OpenApi)]
#[openapi(info(
    title = "Mein Postfach",
    description = "The mailbox between authorities and citizens. Normative text: docs/format/http.md.",
))]
struct Frame;

/// The server's routes and their description.
pub(super) fn router(app: &App) -> Router {
    let (router, description) = described(app).split_for_parts();
    let text = serialised(description);
    router
        .fallback(pages::page)
        .method_not_allowed_fallback(async || Refusal::Method)
        .layer(Extension(Description(Arc::from(text))))
        .layer(CatchPanicLayer::custom(|_| {
            Refusal::Internal.into_response()
        }))
        .layer(from_fn_with_state(Arc::clone(app), observe))
        .with_state(Arc::clone(app))
}

fn described(app: &App) -> OpenApiRouter<App> {
    let limited = |limits: RouteLimits| {
        let total = limits.total(&app.limits);
        from_fn_with_state((limits, total), within)
    };
    let body = |bytes| limited(RouteLimits::body(bytes));
    let read = || limited(RouteLimits::READ);
    let list = || limited(RouteLimits::LIST);
    OpenApiRouter::with_openapi(Frame::openapi())
        .routes(routes!(public::info).layer(read()))
        .routes(routes!(public::openapi).layer(read()))
        .routes(routes!(public::certificates).layer(read()))
        .routes(routes!(public::bundle).layer(read()))
        .routes(routes!(log::checkpoint).layer(read()))
        .routes(routes!(log::cosigned_checkpoint).layer(read()))
        .routes(routes!(log::tile).layer(read()))
        .routes(routes!(log::timestamp).layer(read()))
        .routes(routes!(statements::submit).layer(body(STATEMENT_BODY)))
        .routes(routes!(parties::party).layer(read()))
        .routes(routes!(parties::claims).layer(read()))
        .routes(routes!(parties::record).layer(read()))
        .routes(routes!(parties::contacts).layer(read()))
        .routes(routes!(parties::relation).layer(read()))
        .routes(routes!(uploads::create).layer(body(NEW_UPLOAD_BODY)))
        .routes(
            routes!(uploads::status, uploads::append, uploads::discard).layer(body(APPEND_BODY)),
        )
        .routes(routes!(vaults::list).layer(read()))
        .routes(routes!(vaults::read, vaults::write, vaults::delete).layer(body(VAULT_BODY)))
        .routes(routes!(envelopes::submit).layer(body(SUBMISSION_BODY)))
        .routes(routes!(envelopes::envelope).layer(read()))
        .routes(routes!(envelopes::part).layer(read()))
        .routes(routes!(mailboxes::delivered).layer(list()))
        .routes(routes!(mailboxes::sent).layer(list()))
}

/// Gives a route its limits, and an end to its time.
async fn within(
    State((limits, total)): State<(RouteLimits, Duration)>,
    mut request: Request,
    next: Next,
) -> Response {
    request.extensions_mut().insert(limits);
    match tokio::time::timeout(total, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Refusal::Timeout.into_response(),
    }
}

fn serialised(mut description: utoipa::openapi::OpenApi) -> String {
    let signature = ApiKeyValue::with_description(
        "Signature",
        "HTTP message signature (RFC 9421) in the profile of docs/format/http.md, with \
         Signature-Input beside it",
    );
    description
        .components
        .get_or_insert_default()
        .add_security_scheme(
            "signature",
            SecurityScheme::ApiKey(ApiKey::Header(signature)),
        );
    // A parameter that takes several segments is the router's own notion.
    let paths = std::mem::take(&mut description.paths.paths);
    description.paths.paths = paths
        .into_iter()
        .map(|(path, item)| (path.replace("{*", "{"), item))
        .collect();
    let mut text = description
        .to_pretty_json()
        .expect("a description has text keys only");
    text.push('\n');
    text
}
