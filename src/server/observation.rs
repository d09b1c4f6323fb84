//! The second listener, plain HTTP for the operator's own network: health and metrics.
//!
//! `/health/live` says that the process answers, `/health/ready` that it takes requests: the store
//! works and the server is not stopping. `/health/log` says whether witnesses follow,
//! `/health/timestamp` whether the time-stamping authority answers, `/health/notify` whether notifications go out; mail is
//! received and read without them, so it is a question of its own. Absent: anything about parties or mail.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};

use super::app::App;
use super::limits::{MAX_HEAD, MAX_HEADERS};
use crate::notify::status::WORTH_A_LOOK;

/// Connections of scrapers and probes.
const MAX_CONNECTIONS: usize = 32;
/// How long one such connection may live.
const LIFETIME: Duration = Duration::from_secs(60);
/// How long the store may take to say that it works.
const HEALTH_TIME: Duration = Duration::from_secs(2);
/// Pause when the system has no more sockets.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Serves health and metrics for as long as it is polled.
pub(super) async fn serve(app: App, listener: TcpListener) {
    let router = Router::new()
        .route("/health/live", get(async || "live\n"))
        .route("/health/ready", get(ready))
        .route("/health/log", get(log))
        .route("/health/timestamp", get(timestamp))
        .route("/health/notify", get(notify))
        .route("/metrics", get(metrics))
        .with_state(Arc::clone(&app));
    let room = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    loop {
        let Ok((socket, _)) = listener.accept().await else {
            sleep(ACCEPT_PAUSE).await;
            continue;
        };
        let Ok(room) = Arc::clone(&room).try_acquire_owned() else {
            continue;
        };
        let service = TowerToHyperService::new(router.clone());
        let head = app.limits.head;
        tokio::spawn(async move {
            let mut builder = hyper::server::conn::http1::Builder::new();
            builder
                .timer(TokioTimer::new())
                .header_read_timeout(head)
                .max_headers(MAX_HEADERS)
                .max_buf_size(MAX_HEAD);
            let connection = builder.serve_connection(TokioIo::new(socket), service);
            let _ = timeout(LIFETIME, connection).await;
            drop(room);
        });
    }
}

async fn ready(State(app): State<App>) -> impl IntoResponse {
    if *app.stopping.borrow() {
        return (StatusCode::SERVICE_UNAVAILABLE, "stopping\n");
    }
    match timeout(HEALTH_TIME, app.service.healthy()).await {
        Ok(Ok(_)) => (StatusCode::OK, "ready\n"),
        Ok(Err(_)) => (StatusCode::SERVICE_UNAVAILABLE, "the store does not work\n"),
        Err(_) => (
            StatusCode::SERVICE_UNAVAILABLE,
            "the store does not answer\n",
        ),
    }
}

/// Whether enough witnesses stand behind what was published.
async fn log(State(app): State<App>) -> impl IntoResponse {
    let Some(publishing) = &app.publishing else {
        return (StatusCode::OK, "publishing is off\n".to_owned());
    };
    let view = publishing.status.view();
    let away = view.witnesses_away;
    let state = match view.cosigned_at {
        _ if !view.pending => format!("{} published", view.published),
        None => format!(
            "cosignature pending for {} statements, none was cosigned yet",
            view.published
        ),
        Some(at) => {
            let seconds = app.service.now().0.saturating_sub(at.0) / 1000;
            let behind = view.published - view.cosigned;
            format!("cosignature pending for {behind} statements, the last one {seconds} s ago")
        }
    };
    let code = if view.pending {
        StatusCode::SERVICE_UNAVAILABLE
    } else {
        StatusCode::OK
    };
    (code, format!("{state}; {away} witnesses away\n"))
}

/// Whether the last attempt to have the log time-stamped gave a token.
async fn timestamp(State(app): State<App>) -> impl IntoResponse {
    let Some(timestamps) = &app.timestamps else {
        return (StatusCode::OK, "time-stamping is off\n".to_owned());
    };
    let size = timestamps.status.size();
    if timestamps.status.is_failing() {
        let text = format!("{size} time-stamped, no newer time-stamp to be had\n");
        (StatusCode::SERVICE_UNAVAILABLE, text)
    } else {
        (StatusCode::OK, format!("{size} time-stamped\n"))
    }
}

async fn notify(State(app): State<App>) -> impl IntoResponse {
    let Some(status) = &app.notices else {
        return (StatusCode::OK, "notifications are off\n".to_owned());
    };
    let (waiting, oldest) = status.waiting(app.service.now());
    let code = if oldest > WORTH_A_LOOK {
        StatusCode::SERVICE_UNAVAILABLE
    } else {
        StatusCode::OK
    };
    let seconds = oldest / 1000;
    (
        code,
        format!("{waiting} waiting, the oldest for {seconds} s\n"),
    )
}

async fn metrics(State(app): State<App>) -> impl IntoResponse {
    if let Ok(size) = app.service.healthy().await {
        app.metrics.log_size.set(size);
    }
    if let Some(publishing) = &app.publishing {
        let view = publishing.status.view();
        app.metrics.log_published.set(view.published);
        app.metrics.log_cosigned.set(view.cosigned);
    }
    if let Some(timestamps) = &app.timestamps {
        app.metrics.log_timestamped.set(timestamps.status.size());
    }
    if let Some(status) = &app.notices {
        let (waiting, oldest) = status.waiting(app.service.now());
        app.metrics.notices_waiting.set(waiting);
        app.metrics.notices_oldest.set(oldest / 1000);
    }
    let waiters = i64::try_from(app.waiters.count()).unwrap_or(i64::MAX);
    app.metrics.waiters.set(waiters);
    let media_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, media_type)], app.metrics.text())
}
