//! Binding, accepting, stopping.
//!
//! Stopping: no new connection is accepted, `/health/ready` says so, waiting lists answer at once,
//! requests under way finish within [`Limits::shutdown`], then the store closes. Invariant: when
//! [`Server::serve`] returns, every commit that was accepted is durable and nothing runs on.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use postfach_storage::{Expired, List, ReadError};
use rustls::ServerConfig;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{interval, sleep, timeout};
use tokio_rustls::TlsAcceptor;

use super::app::{App, Authority, Shared};
use super::connection::{self, Admission, Door};
use super::limits::{Limits, REFUSED_CONNECTIONS, UNREAD_SWEEP, UPLOAD_SWEEP};
use super::strangers::Origin;
use super::{observation, pages, routes};
use crate::notify::Notifier;
use crate::publish::Publisher;
use crate::publish::timestamps::Stamper;
use crate::service::{EXPIRING, Service, ServiceError};

/// Pause when the system has no more sockets.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// How often the store is asked whether it still works.
const WATCH_INTERVAL: Duration = Duration::from_secs(1);

/// Why the server ended by itself, or did not start.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// An address cannot be listened on.
    #[error("cannot listen on {address}: {source}; choose another address or stop what uses it")]
    Bind {
        /// Which.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The store stopped after a failed write.
    #[error("the store stopped by itself; see the log, make sure the disk works, then start again")]
    Store,
}

/// How long until the pages are stated again where that failed.
const STATE_AGAIN: Duration = Duration::from_secs(60);

/// Says in the log which pages are served, if that could not be said before: the disk was full, say.
async fn state_pages(service: Arc<Service>) {
    while let Err(error) = pages::state(&service).await {
        tracing::warn!(%error, "the pages could not be stated in the log");
        sleep(STATE_AGAIN).await;
    }
}

/// Listening sockets, before anything is served.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    observation: Option<(TcpListener, SocketAddr)>,
    local: Option<(TcpListener, SocketAddr)>,
    publisher: Option<Publisher>,
    stamper: Option<Stamper>,
    notifier: Option<Notifier>,
}

impl Server {
    /// Listens on `address` for clients and, where given, on `observation` for health and metrics.
    /// Port 0 takes a free one.
    ///
    /// # Errors
    /// [`ServeError::Bind`].
    pub async fn bind(
        address: SocketAddr,
        observation: Option<SocketAddr>,
    ) -> Result<Self, ServeError> {
        let (listener, address) = listen(address).await?;
        let observation = match observation {
            None => None,
            Some(address) => Some(listen(address).await?),
        };
        Ok(Self {
            listener,
            address,
            observation,
            local: None,
            publisher: None,
            stamper: None,
            notifier: None,
        })
    }

    /// Serves this machine alone in plain HTTP, too: browsers count `http://localhost` as secure,
    /// and refuse passkeys where a certificate is not known to them.
    ///
    /// # Errors
    /// [`ServeError::Bind`]; [`io::ErrorKind::InvalidInput`] for an address others can reach.
    pub async fn locally(self, address: Option<SocketAddr>) -> Result<Self, ServeError> {
        let local = match address {
            None => None,
            Some(address) if !address.ip().is_loopback() => {
                let source = io::Error::new(
                    io::ErrorKind::InvalidInput,
                    "plain HTTP is for this machine only",
                );
                return Err(ServeError::Bind { address, source });
            }
            Some(address) => Some(listen(address).await?),
        };
        Ok(Self { local, ..self })
    }

    /// Publishes the log, too.
    #[must_use]
    pub fn publishing(self, publisher: Publisher) -> Self {
        Self {
            publisher: Some(publisher),
            ..self
        }
    }

    /// Has checkpoints time-stamped, too.
    #[must_use]
    pub fn time_stamping(self, stamper: Option<Stamper>) -> Self {
        Self { stamper, ..self }
    }

    /// Sends notifications, too.
    #[must_use]
    pub fn notifying(self, notifier: Option<Notifier>) -> Self {
        Self { notifier, ..self }
    }

    /// Where clients connect.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where health and metrics are.
    #[must_use]
    pub fn observation_address(&self) -> Option<SocketAddr> {
        self.observation.as_ref().map(|(_, address)| *address)
    }

    /// Where this machine's own browser connects.
    #[must_use]
    pub fn local_address(&self) -> Option<SocketAddr> {
        self.local.as_ref().map(|(_, address)| *address)
    }

    /// Serves until `shutdown` resolves, then finishes what is under way and closes the service.
    ///
    /// `authority` is the host and port that clients sign, as they know the server from outside.
    ///
    /// # Errors
    /// [`ServeError::Store`].
    pub async fn serve(
        self,
        service: Arc<Service>,
        authority: &str,
        tls: Arc<ServerConfig>,
        limits: Limits,
        shutdown: impl Future<Output = ()>,
    ) -> Result<(), ServeError> {
        let (stop, stopping) = watch::channel(false);
        let publishing = self.publisher.as_ref().map(Publisher::view);
        let notices = self.notifier.as_ref().map(Notifier::status);
        let shared = Shared::new(
            Arc::clone(&service),
            limits,
            stopping.clone(),
            publishing,
            self.stamper.as_ref().map(Stamper::view),
            notices,
        );
        let app: App = Arc::new(shared);
        let mut background = JoinSet::new();
        background.spawn(state_pages(Arc::clone(&service)));
        if let Some((listener, _)) = self.observation {
            background.spawn(observation::serve(Arc::clone(&app), listener));
        }
        background.spawn(sweep_uploads(Arc::clone(&app)));
        background.spawn(sweep_unread(Arc::clone(&app)));
        let mut outgoing = JoinSet::new();
        if let Some(publisher) = self.publisher {
            outgoing.spawn(publisher.run(Arc::clone(&service), stopping.clone()));
        }
        if let Some(stamper) = self.stamper {
            outgoing.spawn(stamper.run(Arc::clone(&service), stopping.clone()));
        }
        if let Some(notifier) = self.notifier {
            outgoing.spawn(notifier.run(Arc::clone(&service), stopping));
        }
        let public = Door::Tls(TlsAcceptor::from(tls), authority_of(authority));
        let (local, inside) = match self.local {
            None => (None, public.clone()),
            Some((listener, address)) => {
                let named = authority_of(&format!("localhost:{}", address.port()));
                (Some(listener), Door::Local(named))
            }
        };
        let mut connections = Connections::new(Arc::clone(&app));
        let ended = tokio::select! {
            () = shutdown => Ok(()),
            () = store_stopped(&service) => Err(ServeError::Store),
            never = connections.accept_all(&self.listener, public, local.as_ref(), inside) => match never {},
        };
        tracing::info!("stopping");
        drop((self.listener, local));
        stop.send_replace(true);
        let finish = async { while outgoing.join_next().await.is_some() {} };
        tokio::join!(connections.finish(app.limits.shutdown), async {
            drop(timeout(app.limits.shutdown, finish).await);
        },);
        // A mail that is being handed over is cut off here, and sent again after the next start.
        outgoing.shutdown().await;
        service.close().await;
        background.shutdown().await;
        tracing::info!("stopped");
        ended
    }
}

fn authority_of(name: &str) -> Authority {
    Authority(Arc::from(name.to_ascii_lowercase()))
}

/// A connection from whichever door opens first.
async fn next(
    listener: &TcpListener,
    local: Option<&TcpListener>,
) -> io::Result<(TcpStream, Through)> {
    let inside = async {
        match local {
            Some(local) => local.accept().await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        accepted = listener.accept() => accepted.map(|(socket, peer)| (socket, Through::Public(peer))),
        accepted = inside => accepted.map(|(socket, _)| (socket, Through::Local)),
    }
}

/// Which listener a connection came to.
enum Through {
    Public(SocketAddr),
    Local,
}

async fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), ServeError> {
    let bind = async || {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        Ok((listener, address))
    };
    bind()
        .await
        .map_err(|source| ServeError::Bind { address, source })
}

/// Resolves when the store stopped by itself: its last write failed and must not be tried again.
async fn store_stopped(service: &Service) {
    let mut ticks = interval(WATCH_INTERVAL);
    loop {
        ticks.tick().await;
        if matches!(service.healthy().await, Err(ReadError::Stopped)) {
            return;
        }
    }
}

/// Discards uploads that no envelope took, now and then every day. A restart between two looks
/// only makes the next one earlier.
async fn sweep_uploads(app: App) {
    let mut ticks = interval(UPLOAD_SWEEP);
    loop {
        ticks.tick().await;
        match app.service.expire_uploads(app.limits.upload_life).await {
            Ok(expired) if expired == Expired::default() => {}
            Ok(Expired { discarded, failed }) => {
                tracing::info!(count = discarded, "uploads expired");
                if failed > 0 {
                    tracing::warn!(count = failed, "uploads could not be discarded");
                }
            }
            Err(error) => tracing::warn!(error = %error, "uploads not swept"),
        }
    }
}

/// Records which letters ran out of time, at the start and from then on.
async fn sweep_unread(app: App) {
    let mut ticks = interval(UNREAD_SWEEP);
    let mut settled = [0; EXPIRING.len()]; // nothing before these numbers can still expire
    loop {
        ticks.tick().await;
        for (queue, settled) in EXPIRING.iter().zip(&mut settled) {
            match sweep_queue(&app, queue, *settled).await {
                Ok(reached) => *settled = reached,
                Err(error) => tracing::warn!(error = %error, "letters out of time not swept"),
            }
        }
    }
}

/// Sweeps one queue to its end, and answers the number before which nothing can still expire.
async fn sweep_queue(app: &App, queue: &List, settled: u64) -> Result<u64, ServiceError> {
    let (mut at, mut first_open) = (settled, None);
    loop {
        let swept = app.service.expire(queue, at, app.service.now()).await?;
        first_open = first_open.or(swept.first_open);
        at = swept.reached;
        if swept.expired > 0 {
            tracing::info!(count = swept.expired, "letters out of time");
        }
        if swept.whole {
            return Ok(first_open.unwrap_or(at));
        }
    }
}

/// Connections under way and the room for more.
struct Connections {
    app: App,
    served: Admission,
    room: Arc<Semaphore>,
    refusing: Arc<Semaphore>,
    tasks: JoinSet<()>,
}

/// Nothing: accepting never ends by itself.
enum Never {}

impl Connections {
    fn new(app: App) -> Self {
        Self {
            served: Admission::Served(routes::router(&app)),
            room: Arc::new(Semaphore::new(app.limits.connections)),
            refusing: Arc::new(Semaphore::new(REFUSED_CONNECTIONS)),
            tasks: JoinSet::new(),
            app,
        }
    }

    async fn accept_all(
        &mut self,
        listener: &TcpListener,
        public: Door,
        local: Option<&TcpListener>,
        inside: Door,
    ) -> Never {
        loop {
            match next(listener, local).await {
                Ok((socket, Through::Public(peer))) => {
                    self.admit(socket, public.clone(), Origin::of(peer.ip()));
                }
                Ok((socket, Through::Local)) => self.admit(socket, inside.clone(), Origin::Inside),
                // Out of sockets or memory: others end soon.
                Err(error) => {
                    tracing::warn!(error = %error, "accept");
                    sleep(ACCEPT_PAUSE).await;
                }
            }
            while self.tasks.try_join_next().is_some() {}
        }
    }

    fn admit(&mut self, socket: TcpStream, door: Door, origin: Origin) {
        let room = Arc::clone(&self.room).try_acquire_owned();
        let room = room.map_err(|_| "full");
        let admitted = room.and_then(|room| Ok((room, connection::place(&self.app, origin)?)));
        let (room, admission, place) = match admitted {
            Ok((room, place)) => (room, self.served.clone(), Some(place)),
            Err(reason) => match Arc::clone(&self.refusing).try_acquire_owned() {
                Ok(room) => (room, Admission::Refused(reason), None),
                Err(_) => return self.app.metrics.refuse("flood"),
            },
        };
        let app = Arc::clone(&self.app);
        self.tasks.spawn(async move {
            app.metrics.connections.inc();
            let metrics = Arc::clone(&app);
            connection::serve(app, socket, door, admission, place).await;
            metrics.metrics.connections.dec();
            drop(room);
        });
    }

    async fn finish(mut self, most: Duration) {
        let all = async { while self.tasks.join_next().await.is_some() {} };
        if timeout(most, all).await.is_err() {
            tracing::warn!(connections = self.tasks.len(), "requests cut off");
            self.tasks.shutdown().await;
        }
    }
}
