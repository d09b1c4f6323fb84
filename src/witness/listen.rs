//! A witness over HTTP, with or without TLS: binding, accepting, stopping.
//!
//! Invariants: every body, wait and connection has a limit; when [`Server::serve`] returns, no
//! decision is under way. Without TLS nothing is lost but privacy: requests and answers are signed.
//! Absent: rate limits per network address, which are a proxy's.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper::Request;
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tower::Service as _;

use super::Witness;
use super::http::{App, router};
use crate::server::{Limits, StallLimit, http_builder};

/// Pause when the system has no more sockets.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// The bounds of a witness's server. A log asks every few seconds, so they are narrow.
#[must_use]
pub fn limits() -> Limits {
    Limits {
        connections: 256,
        handshake: Duration::from_secs(10),
        head: Duration::from_secs(10),
        body_grace: Duration::from_secs(10),
        stall: Duration::from_secs(10),
        lifetime: Duration::from_secs(600),
        shutdown: Duration::from_secs(10),
        ..Limits::default()
    }
}

/// A listening socket, before anything is served.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
}

impl Server {
    /// Listens; port 0 takes a free one.
    ///
    /// # Errors
    /// What the system returns.
    pub async fn bind(address: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        Ok(Self { listener, address })
    }

    /// Where logs connect.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `shutdown` resolves, then finishes what is under way.
    pub async fn serve(
        self,
        witness: Arc<Witness>,
        tls: Option<Arc<ServerConfig>>,
        limits: Limits,
        shutdown: impl Future<Output = ()>,
    ) {
        let (stop, stopping) = watch::channel(false);
        let connection = Connection {
            router: router(App {
                witness: Arc::clone(&witness),
                body: limits.body_grace,
            }),
            tls: tls.map(TlsAcceptor::from),
            limits: Arc::new(limits),
            stopping,
        };
        let most = connection.limits.shutdown;
        let mut tasks = JoinSet::new();
        tokio::select! {
            () = shutdown => {}
            never = accept_all(&self.listener, &connection, &mut tasks) => match never {},
        }
        tracing::info!("stopping");
        drop(self.listener);
        stop.send_replace(true);
        let finish = async { while tasks.join_next().await.is_some() {} };
        if timeout(most, finish).await.is_err() {
            tasks.shutdown().await;
        }
        witness.followed().await; // each log's turn, so after every decision
        tracing::info!("stopped");
    }
}

/// Nothing: accepting never ends by itself.
enum Never {}

async fn accept_all(
    listener: &TcpListener,
    connection: &Connection,
    tasks: &mut JoinSet<()>,
) -> Never {
    let room = Arc::new(Semaphore::new(connection.limits.connections));
    loop {
        match listener.accept().await {
            // A connection beyond the limit is closed at once.
            Ok((socket, _)) => {
                if let Ok(permit) = Arc::clone(&room).try_acquire_owned() {
                    let connection = connection.clone();
                    tasks.spawn(async move {
                        connection.serve(socket).await;
                        drop(permit);
                    });
                }
            }
            Err(error) => {
                tracing::warn!(error = %error, "accept");
                sleep(ACCEPT_PAUSE).await;
            }
        }
        while tasks.try_join_next().is_some() {}
    }
}

/// What serves one connection.
#[derive(Clone)]
struct Connection {
    router: Router,
    tls: Option<TlsAcceptor>,
    limits: Arc<Limits>,
    stopping: watch::Receiver<bool>,
}

impl Connection {
    async fn serve(self, socket: TcpStream) {
        if socket.set_nodelay(true).is_err() {
            return;
        }
        let socket = StallLimit::new(socket, self.limits.stall);
        let Some(tls) = &self.tls else {
            return self.answer(socket).await;
        };
        if let Ok(Ok(stream)) = timeout(self.limits.handshake, tls.accept(socket)).await {
            self.answer(stream).await;
        }
    }

    async fn answer(&self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
        let router = self.router.clone();
        let service = hyper::service::service_fn(move |request: Request<Incoming>| {
            router.clone().call(request.map(Body::new))
        });
        let builder = http_builder(&self.limits);
        let connection = builder.serve_connection(TokioIo::new(stream), service);
        let mut connection = pin!(connection);
        let mut stopping = self.stopping.clone();
        tokio::select! {
            _ = connection.as_mut() => return,
            () = sleep(self.limits.lifetime) => {}
            _ = stopping.wait_for(|stopping| *stopping) => {}
        }
        connection.as_mut().graceful_shutdown();
        drop(timeout(self.limits.shutdown, connection).await);
    }
}
