//! The audit of a whole log: a process of its own walks a log that this one serves from memory, over TLS on loopback.
//!
//! Inside the clock: everything that `postfach audit` does at a first visit, from connecting to the last note on disk,
//! while this process serves on the same machine. Peak memory is the auditor's own (`VmHWM`).

use crate::log::entry;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use postfach::client::audit::{Auditor, Pinned};
use postfach::server::tls::{self, ServerCertificate, make_local_authority, server_config};
use postfach_crypto::ids::TreeHash;
use postfach_crypto::keys::SigningKey;
use postfach_crypto::tlog::tree::leaf_hash;
use postfach_crypto::tlog::{
    Checkpoint, EntryBundle, Frontier, KeyName, NoteKey, Policy, Resource, VerifierKey,
};
use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};
use std::error::Error;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Instant;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio_rustls::TlsAcceptor;

const ORIGIN: &str = "postfach.example/2026/1";

/// What one audit took.
#[derive(Debug, Serialize, Deserialize)]
pub struct AuditReport {
    /// Entries of the log.
    pub entries: u64,
    /// From connecting to the last note.
    pub seconds: f64,
    /// Largest resident memory of the auditor, in bytes.
    pub peak_memory: u64,
}

/// A log in memory: the hashes of the levels that tiles hold.
struct Log {
    checkpoint: Vec<u8>,
    size: u64,
    /// By tile level: the roots over 256^level entries.
    levels: Vec<Vec<TreeHash>>,
}

/// Audits a log of this many entries.
pub fn run(
    entries: u64,
    folder: &Path,
    rng: &mut impl CryptoRng,
) -> Result<AuditReport, Box<dyn Error>> {
    let _ = tls::provider().install_default();
    let folder = tempfile::tempdir_in(folder)?;
    let path = |name: &str| folder.path().join(name);
    let key = SigningKey::generate(rng);
    let name = KeyName::new(ORIGIN)?;
    let vkey = VerifierKey::new(name.clone(), NoteKey::Ed25519(key.verifying_key()));
    std::fs::write(path("policy"), format!("log {vkey}\nquorum none\n"))?;
    let files = make_local_authority(&path("tls"), &["localhost"], postfach::clock::now())?;
    let certificate = ServerCertificate::load(&files.certificate, &files.key)?;
    let acceptor = TlsAcceptor::from(Arc::new(server_config(certificate)?));
    let log = Arc::new(Log::of(entries, &name, &key)?);

    let runtime = Runtime::new()?;
    let listener = runtime.block_on(TcpListener::bind(("127.0.0.1", 0)))?;
    let url = format!("https://localhost:{}", listener.local_addr()?.port());
    runtime.spawn(serve(listener, acceptor, log));
    let output = Command::new(std::env::current_exe()?)
        .arg("audit-log")
        .arg(url)
        .args([files.authority, path("policy"), path("state")])
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()?;
    if !output.status.success() {
        return Err(format!("audit: {}", output.status).into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// The auditor's process: `audit-log URL CA POLICY STATE`.
pub fn visit(arguments: &[String]) -> Result<(), Box<dyn Error>> {
    let [url, ca, policy, state] = arguments else {
        return Err("audit-log takes: URL CA POLICY STATE".into());
    };
    let _ = tls::provider().install_default();
    let pinned = Pinned {
        operator: None,
        policy: Some(Policy::parse(&std::fs::read(policy)?)?),
    };
    let start = Instant::now();
    let auditor = Auditor::new(url, Some(Path::new(ca)), pinned, Some(state.into()))?;
    let visit = Runtime::new()?.block_on(auditor.visit(None, |_, _| {}))?;
    let report = AuditReport {
        entries: visit.read,
        seconds: start.elapsed().as_secs_f64(),
        peak_memory: peak_memory()?,
    };
    println!("{}", serde_json::to_string(&report)?);
    Ok(())
}

/// The largest resident memory of this process so far (proc(5), `VmHWM`).
fn peak_memory() -> Result<u64, Box<dyn Error>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.trim().strip_suffix(" kB"));
    Ok(kib.ok_or("no VmHWM in /proc/self/status")?.parse::<u64>()? * 1024)
}

impl Log {
    fn of(size: u64, name: &KeyName, key: &SigningKey) -> Result<Self, Box<dyn Error>> {
        let mut levels = vec![(0..size).map(|n| leaf_hash(&entry(n))).collect::<Vec<_>>()];
        let frontier = Frontier::EMPTY.grow(&levels[0]).frontier();
        while levels[levels.len() - 1].len() >= 256 {
            let below = &levels[levels.len() - 1];
            let above = below
                .chunks_exact(256)
                .map(|tile| Frontier::EMPTY.grow(tile).head().root);
            levels.push(above.collect());
        }
        let checkpoint = Checkpoint::new(name, frontier.head()).sign(key)?.to_bytes();
        Ok(Self {
            checkpoint,
            size,
            levels,
        })
    }

    fn file(&self, resource: Resource) -> Option<Vec<u8>> {
        match resource {
            Resource::Checkpoint => Some(self.checkpoint.clone()),
            Resource::Tile(tile) => {
                let from = usize::try_from(tile.index.checked_mul(256)?).ok()?;
                let level = self.levels.get(usize::from(tile.level))?;
                let hashes = level.get(from..from + usize::from(tile.width))?;
                Some(hashes.iter().flat_map(|hash| hash.0).collect())
            }
            Resource::Entries(bundle) => {
                let from = bundle.index.checked_mul(256)?;
                let to = from + u64::from(bundle.width);
                let entries: Vec<_> = (from..to).map(entry).collect();
                (to <= self.size).then(|| EntryBundle::write(&entries))
            }
        }
    }
}

async fn serve(listener: TcpListener, acceptor: TlsAcceptor, log: Arc<Log>) {
    let app = Router::new().fallback(answer).with_state(log);
    while let Ok((stream, _)) = listener.accept().await {
        let (acceptor, app) = (acceptor.clone(), app.clone());
        tokio::spawn(async move {
            if let Ok(stream) = acceptor.accept(stream).await {
                let service = TowerToHyperService::new(app);
                drop(
                    Builder::new(TokioExecutor::new())
                        .serve_connection(TokioIo::new(stream), service)
                        .await,
                );
            }
        });
    }
}

async fn answer(State(log): State<Arc<Log>>, request: Request) -> Response {
    let path = request.uri().path().strip_prefix("/log/");
    let file = path.and_then(|path| log.file(path.parse().ok()?));
    file.map_or(
        StatusCode::NOT_FOUND.into_response(),
        IntoResponse::into_response,
    )
}
