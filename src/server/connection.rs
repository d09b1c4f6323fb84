//! One connection: handshake, requests, and how it ends.
//!
//! ```text
//!   accepted ─▶ TLS handshake* ─▶ requests ─▶ told to end ─▶ closed
//!                  │ too slow       │  idle, old, or the server stops
//!                  ▼                ▼
//!                closed      current requests finish first
//! ```
//!
//! *: not on the door of this machine alone (`listen_local`).
//!
//! Invariant: every state has a time limit. Absent: the peer's address, of which only
//! [`super::strangers`] keeps a trace while the connection lives.

use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper::body::Incoming;
use hyper::{Request, Response, header};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tokio_rustls::TlsAcceptor;
use tower::Service as _;

use super::app::{App, Authority};
use super::limits::{
    CONNECTION_WINDOW, GOODBYE, Limits, MAX_HEAD, MAX_HEADERS, MAX_RESET_STREAMS, MAX_STREAMS,
    STREAM_WINDOW,
};
use super::observe::{self, InFlight};
use super::problem;
use super::refusal::Refusal;
use super::stall::StallLimit;
use super::strangers::{NoPlace, Origin, Place};

/// What a connection gets.
#[derive(Clone)]
pub(super) enum Admission {
    /// Its requests are answered.
    Served(Router),
    /// It is told that the server is full, for this reason.
    Refused(&'static str),
}

/// What a connection came through.
#[derive(Clone)]
pub(super) enum Door {
    /// The public one: TLS 1.3.
    Tls(TlsAcceptor, Authority),
    /// The one of this machine alone: plain HTTP over loopback.
    Local(Authority),
}

/// A place for a connection from there, or why its requests are refused.
pub(super) fn place(app: &App, origin: Origin) -> Result<Arc<Place>, &'static str> {
    let place = app.strangers.enter(origin).map(Arc::new);
    place.map_err(|why| match why {
        NoPlace::Full => "strangers",
        NoPlace::Network => "address",
    })
}

/// Serves one accepted socket until it ends.
pub(super) async fn serve(
    app: App,
    socket: TcpStream,
    door: Door,
    admission: Admission,
    place: Option<Arc<Place>>,
) {
    // Answers are small and complete; waiting to fill packets only delays them.
    if socket.set_nodelay(true).is_err() {
        return app.metrics.refuse("socket");
    }
    let socket = StallLimit::new(socket, app.limits.stall);
    match door {
        Door::Local(authority) => converse(app, socket, authority, admission, place).await,
        Door::Tls(tls, authority) => {
            match timeout(app.limits.handshake, tls.accept(socket)).await {
                Ok(Ok(stream)) => converse(app, stream, authority, admission, place).await,
                Ok(Err(_)) => app.metrics.refuse("tls"),
                Err(_) => app.metrics.refuse("handshake-timeout"),
            }
        }
    }
}

/// Answers what comes over an open stream until it ends.
async fn converse<S>(
    app: App,
    stream: S,
    authority: Authority,
    admission: Admission,
    place: Option<Arc<Place>>,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    if let Admission::Refused(reason) = admission {
        app.metrics.refuse(reason);
    }
    let in_flight = InFlight::default();
    let busy = in_flight.clone();
    let answering = Arc::clone(&app);
    let service = hyper::service::service_fn(move |request| {
        answer(
            Arc::clone(&answering),
            admission.clone(),
            busy.clone(),
            authority.clone(),
            place.clone(),
            request,
        )
    });
    let builder = builder(&app.limits);
    let connection = builder.serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    let mut stopping = app.stopping.clone();
    let lifetime = Instant::now() + app.limits.lifetime;
    let ended = tokio::select! {
        _ = connection.as_mut() => return,
        () = idle(&in_flight, app.limits.idle) => GOODBYE,
        () = sleep_until(lifetime) => app.limits.shutdown,
        _ = stopping.wait_for(|stopping| *stopping) => app.limits.shutdown,
    };
    connection.as_mut().graceful_shutdown();
    let _ = timeout(ended, connection).await;
}

/// Resolves when no request was under way for this long, to within a quarter.
async fn idle(in_flight: &InFlight, most: Duration) {
    let mut quiet = 0;
    while quiet < 4 {
        sleep(most / 4).await;
        quiet = if in_flight.requests() { 0 } else { quiet + 1 };
    }
}

async fn answer(
    app: App,
    admission: Admission,
    in_flight: InFlight,
    authority: Authority,
    place: Option<Arc<Place>>,
    request: Request<Incoming>,
) -> Result<Response<Body>, Infallible> {
    match admission {
        Admission::Served(mut router) => {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(in_flight);
            request.extensions_mut().insert(authority);
            if let Some(place) = place {
                request.extensions_mut().insert(place);
            }
            router.call(request).await
        }
        Admission::Refused(_) => {
            let refusal = axum::response::IntoResponse::into_response(Refusal::Busy);
            let mut response = problem::complete(refusal, app.service.now());
            observe::set_headers(response.headers_mut());
            if request.version() < hyper::Version::HTTP_2 {
                let close = header::HeaderValue::from_static("close");
                response.headers_mut().insert(header::CONNECTION, close);
            }
            Ok(response)
        }
    }
}

/// HTTP/1.1 or 2, as ALPN or the first bytes say, within these limits.
pub(crate) fn builder(limits: &Limits) -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head)
        .max_headers(MAX_HEADERS)
        .max_buf_size(MAX_HEAD);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(MAX_STREAMS)
        .max_pending_accept_reset_streams(MAX_RESET_STREAMS)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_header_list_size(u32::try_from(MAX_HEAD).expect("a small constant"))
        .keep_alive_interval(limits.stall)
        .keep_alive_timeout(limits.stall);
    builder
}
