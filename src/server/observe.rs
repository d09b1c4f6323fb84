//! The outermost layer: completes problems, sets the headers every answer has, counts and logs.
//!
//! Logs name method, route template, status, duration and bytes. Never path, query, address, peer.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use axum::body::{Body, Bytes};
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::Response;
use http_body::{Body as HttpBody, Frame, SizeHint};

use super::app::App;
use super::leftover::Leftover;
use super::metrics::{Answered, Route};
use super::problem;

/// What stands for a route where none matched.
const UNMATCHED: &str = "-";

/// Marks a connection as busy as long as a clone lives; see [`super::connection`].
#[derive(Clone, Default)]
pub(super) struct InFlight(Arc<()>);

impl InFlight {
    /// Whether a request holds a clone, beside the connection and what answers it.
    pub(super) fn requests(&self) -> bool {
        Arc::strong_count(&self.0) > 2
    }
}

/// Wraps every request.
pub(super) async fn observe(State(app): State<App>, request: Request, next: Next) -> Response {
    let mut record = Record {
        app: Arc::clone(&app),
        start: Instant::now(),
        method: method_label(request.method()),
        route: request
            .extensions()
            .get::<MatchedPath>()
            .map_or_else(|| UNMATCHED.to_owned(), |path| path.as_str().to_owned()),
        status: 0,
        sent: 0,
        _in_flight: request.extensions().get::<InFlight>().cloned(),
    };
    let (request, leftover) = Leftover::lend(request);
    let response = problem::complete(next.run(request).await, app.service.now());
    if response.status().as_u16() >= 400 {
        leftover.drain(&app.limits).await;
    }
    let (mut parts, body) = response.into_parts();
    set_headers(&mut parts.headers);
    record.status = parts.status.as_u16();
    Response::from_parts(parts, Body::new(Observed { body, record }))
}

/// Headers of every answer. CORS is denied by absence: no answer names another origin.
pub(super) fn set_headers(headers: &mut HeaderMap) {
    let fixed = HeaderValue::from_static;
    // Answers are private or carry heads, which must not age in a cache; routes that may be
    // cached say so themselves.
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(fixed("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, fixed("nosniff"));
    headers.insert(header::STRICT_TRANSPORT_SECURITY, fixed("max-age=31536000"));
    // Pages name what they need; all else needs nothing.
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(fixed("default-src 'none'; frame-ancestors 'none'"));
    headers.insert(header::REFERRER_POLICY, fixed("no-referrer"));
    headers.insert("cross-origin-resource-policy", fixed("same-origin"));
}

/// Anybody may send any method; labels stay few.
fn method_label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PATCH => "PATCH",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "OTHER",
    }
}

/// A request until its answer is sent; counted and logged when dropped.
struct Record {
    app: App,
    start: Instant,
    method: &'static str,
    route: String,
    /// 0 when the client left before there was an answer.
    status: u16,
    sent: u64,
    _in_flight: Option<InFlight>,
}

struct Observed {
    body: Body,
    record: Record,
}

impl Drop for Record {
    fn drop(&mut self) {
        let (status, elapsed) = (self.status, self.start.elapsed());
        let (method, route, sent) = (self.method, std::mem::take(&mut self.route), self.sent);
        let metrics = &self.app.metrics;
        tracing::info!(
            method,
            route,
            status,
            milliseconds = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX),
            bytes = sent,
            "request"
        );
        metrics.sent.inc_by(sent);
        let labels = Route {
            route: route.clone(),
        };
        metrics
            .duration
            .get_or_create(&labels)
            .observe(elapsed.as_secs_f64());
        let labels = Answered {
            method,
            route,
            status,
        };
        metrics.requests.get_or_create(&labels).inc();
    }
}

impl HttpBody for Observed {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        if let Poll::Ready(Some(Ok(frame))) = &polled {
            let bytes = frame.data_ref().map_or(0, Bytes::len) as u64;
            self.record.sent += bytes;
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
