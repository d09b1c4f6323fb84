//! Sends prepared notices over TLS 1.3, in a closed or an open loop.
//!
//! Closed: each worker sends the next as soon as the last was answered. Open: notice n is due at n ÷ rate after the start
//! whatever the server does, and its latency counts from then, so that a server that stalls is charged for everybody who
//! waited (no coordinated omission). Workers own citizens, so that each gets notices in order.
//!
//! Absent: verification of the answers, which would take the server's processors; they are kept and verified afterwards.

use super::Failed;
use super::notices::Notices;
use bytes::Bytes;
use hdrhistogram::Histogram;
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::{http1, http2};
use hyper::{Request, StatusCode, Version, header};
use hyper_util::rt::{TokioExecutor, TokioIo};
use indicatif::ProgressBar;
use postfach::api::CBOR;
use postfach::server::tls;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};
use tokio_rustls::TlsConnector;

/// Largest latency that is told apart, in microseconds.
const LONGEST: u64 = 60_000_000;
/// Bytes that the server may send ahead on one HTTP/2 connection.
const WINDOW: u32 = 4 << 20;

/// Which HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wire {
    /// One request at a time on a connection.
    Http1,
    /// Many requests at once on a connection.
    Http2,
}

/// Where the server is, and how to speak TLS to it.
pub struct Line {
    address: SocketAddr,
    tls: ClientConfig,
}

/// One worker's way to the server.
pub enum Sender {
    Http1(http1::SendRequest<Full<Bytes>>, String),
    Http2(http2::SendRequest<Full<Bytes>>, String),
}

impl Line {
    pub fn new(address: SocketAddr, authority: &Path) -> Result<Self, Failed> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(authority)?)?;
        let tls = ClientConfig::builder_with_provider(Arc::new(tls::provider()))
            .with_protocol_versions(&[&rustls::version::TLS13])?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self { address, tls })
    }

    /// Opens connections for this many workers in all.
    pub async fn open(
        &self,
        wire: Wire,
        connections: usize,
        workers: usize,
    ) -> Result<Vec<Sender>, Failed> {
        let mut tls = self.tls.clone();
        let (alpn, connections) = match wire {
            Wire::Http1 => ("http/1.1", workers),
            Wire::Http2 => ("h2", connections),
        };
        tls.alpn_protocols = vec![alpn.into()];
        let tls = TlsConnector::from(Arc::new(tls));
        let name = ServerName::try_from("localhost")?;
        let authority = format!("localhost:{}", self.address.port());
        let mut opened = Vec::with_capacity(connections);
        for _ in 0..connections {
            let socket = TcpStream::connect(self.address).await?;
            socket.set_nodelay(true)?;
            let stream = TokioIo::new(tls.connect(name.clone(), socket).await?);
            opened.push(match wire {
                Wire::Http1 => {
                    let (sender, connection) = http1::handshake(stream).await?;
                    tokio::spawn(connection);
                    Sender::Http1(sender, authority.clone())
                }
                Wire::Http2 => {
                    let mut builder = http2::Builder::new(TokioExecutor::new());
                    builder.initial_connection_window_size(WINDOW);
                    let (sender, connection) = builder.handshake(stream).await?;
                    tokio::spawn(connection);
                    Sender::Http2(sender, authority.clone())
                }
            });
        }
        if wire == Wire::Http1 {
            return Ok(opened);
        }
        let shared = opened.iter().cycle().take(workers);
        Ok(shared.filter_map(Sender::share).collect())
    }
}

impl Sender {
    /// One more user of the same connection, where it takes several.
    fn share(&self) -> Option<Self> {
        match self {
            Sender::Http1(..) => None,
            Sender::Http2(sender, authority) => {
                Some(Sender::Http2(sender.clone(), authority.clone()))
            }
        }
    }

    /// Posts, and reads the whole answer.
    pub async fn post(
        &mut self,
        path: &str,
        media_type: &str,
        body: Bytes,
    ) -> Result<(StatusCode, Bytes), Failed> {
        let request = Request::post(path).header(header::CONTENT_TYPE, media_type);
        let answer = match self {
            Sender::Http1(sender, authority) => {
                let request = request.header(header::HOST, authority.as_str());
                sender.ready().await?;
                sender.send_request(request.body(Full::new(body))?).await?
            }
            Sender::Http2(sender, authority) => {
                let request = request
                    .uri(format!("https://{authority}{path}"))
                    .version(Version::HTTP_2);
                sender.ready().await?;
                sender.send_request(request.body(Full::new(body))?).await?
            }
        };
        let status = answer.status();
        Ok((status, answer.into_body().collect().await?.to_bytes()))
    }
}

/// Runs `work` once for each sender, all at once, with its number and how many there are.
pub async fn each<T, W, F>(senders: Vec<Sender>, work: W) -> Result<Vec<T>, Failed>
where
    T: Send + 'static,
    W: Fn(Sender, usize, usize) -> F,
    F: Future<Output = Result<T, Failed>> + Send + 'static,
{
    let workers = senders.len();
    let mut running = JoinSet::new();
    for (worker, sender) in senders.into_iter().enumerate() {
        running.spawn(work(sender, worker, workers));
    }
    let mut done = Vec::with_capacity(workers);
    while let Some(ended) = running.join_next().await {
        done.push(ended??);
    }
    Ok(done)
}

/// What came back.
pub struct Driven {
    /// From the first notice sent or due to the last answer.
    pub elapsed: Duration,
    /// Microseconds.
    pub latencies: Histogram<u64>,
    /// Each notice's number and answer.
    pub answers: Vec<(usize, Bytes)>,
    /// What was not accepted: the notice's number and what the server said.
    pub refused: Vec<(usize, String)>,
}

/// Sends all notices; `rate` a second if it is given, otherwise as fast as they are answered.
pub async fn drive(
    senders: Vec<Sender>,
    notices: Arc<Notices>,
    citizens: usize,
    rate: Option<u32>,
    bar: ProgressBar,
) -> Result<Driven, Failed> {
    let start = Instant::now();
    let work = move |sender, worker, workers| {
        let share = Share {
            notices: Arc::clone(&notices),
            citizens,
            worker,
            workers,
        };
        share.send(sender, start, rate, bar.clone())
    };
    let done = each(senders, work).await?;
    let mut all = Driven::empty()?;
    all.elapsed = start.elapsed();
    for part in done {
        all.latencies.add(part.latencies)?;
        all.answers.extend(part.answers);
        all.refused.extend(part.refused);
    }
    Ok(all)
}

/// What one worker sends.
struct Share {
    notices: Arc<Notices>,
    citizens: usize,
    worker: usize,
    workers: usize,
}

impl Share {
    async fn send(
        self,
        mut sender: Sender,
        start: Instant,
        rate: Option<u32>,
        bar: ProgressBar,
    ) -> Result<Driven, Failed> {
        let mut driven = Driven::empty()?;
        for n in 0..self.notices.all.len() {
            if n % self.citizens % self.workers != self.worker {
                continue;
            }
            let body = self.notices.read(n)?;
            let begin = match rate {
                None => Instant::now(),
                Some(rate) => {
                    let due = start + Duration::from_secs_f64(n as f64 / f64::from(rate));
                    sleep_until(due).await;
                    due
                }
            };
            let (status, answer) = sender.post("/v1/envelopes", CBOR, body).await?;
            let latency = u64::try_from(begin.elapsed().as_micros())?;
            driven.latencies.saturating_record(latency);
            if status == StatusCode::CREATED {
                driven.answers.push((n, answer));
            } else {
                let said = String::from_utf8_lossy(&answer).into_owned();
                driven.refused.push((n, format!("{status}: {said}")));
            }
            bar.inc(1);
        }
        Ok(driven)
    }
}

impl Driven {
    fn empty() -> Result<Self, Failed> {
        Ok(Self {
            elapsed: Duration::ZERO,
            latencies: Histogram::new_with_bounds(1, LONGEST, 3)?,
            answers: Vec::new(),
            refused: Vec::new(),
        })
    }
}
