//! An operator whose log is served from memory, file by file, by whoever holds its real keys.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use postfach::api::resources::{Base64, Info, Limits};
use postfach::client::audit::{Auditor, Pinned};
use postfach::entropy::entropy;
use postfach::server::operator::{describe_operator, init_operator, load_operator};
use postfach::server::tls::{self, ServerCertificate, server_config};
use postfach_crypto::ids::StatementHash;
use postfach_crypto::keys::{SigningKey, VerifyingKey};
use postfach_crypto::tlog::Resource;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::log::Log;

pub const ORIGIN: &str = "post.example";

/// What becomes of a file before it is sent.
pub type Tamper = Box<dyn Fn(Resource, Option<Vec<u8>>) -> Option<Vec<u8>> + Send>;

/// The operator and its server.
pub struct Operator {
    pub folder: TempDir,
    pub url: String,
    pub root: VerifyingKey,
    key: SigningKey,
    shown: Arc<Mutex<Shown>>,
}

struct Shown {
    info: Vec<u8>,
    log: Log,
    tamper: Option<Tamper>,
    asked: Vec<Resource>,
}

impl Operator {
    /// Serves a log of this size.
    pub async fn serving(size: u64) -> Self {
        let _ = tls::provider().install_default();
        let folder = tempfile::tempdir().unwrap();
        let (keys, now) = (folder.path().join("keys"), postfach::clock::now());
        init_operator(&keys, ORIGIN, now, &mut entropy()).unwrap();
        tls::make_local_authority(&folder.path().join("tls"), &["localhost"], now).unwrap();
        let (operator, epoch) = describe_operator(&keys).unwrap();
        let key = load_operator(&keys).unwrap().checkpoint;
        let log = Log::with_key(&format!("{ORIGIN}/{epoch}"), &key).grown(0, size);
        let info = Info {
            version: "test".to_owned(),
            origin: ORIGIN.to_owned(),
            epoch,
            authority: "localhost".to_owned(),
            root: StatementHash(operator.root().0).to_string(),
            delegations: operator
                .delegations()
                .iter()
                .map(|delegation| Base64(delegation.bytes().to_vec()))
                .collect(),
            log_key: log.vkey().to_string(),
            limits: Limits {
                statement: 1,
                submission: 1,
                inline_payload: 1,
                upload_chunk: 1,
                upload_append: 1,
                upload: 1,
            },
            time: now.0,
        };
        let shown = Arc::new(Mutex::new(Shown {
            info: serde_json::to_vec(&info).unwrap(),
            log,
            tamper: None,
            asked: Vec::new(),
        }));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!(
            "https://localhost:{}",
            listener.local_addr().unwrap().port()
        );
        let certificates = folder.path().join("tls");
        let certificate = ServerCertificate::load(
            &certificates.join("server.pem"),
            &certificates.join("server-key.pem"),
        );
        let acceptor = TlsAcceptor::from(Arc::new(server_config(certificate.unwrap()).unwrap()));
        let app = Router::new()
            .fallback(answer)
            .with_state(Arc::clone(&shown));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, app) = (acceptor.clone(), app.clone());
                tokio::spawn(async move {
                    if let Ok(stream) = acceptor.accept(stream).await {
                        let service = TowerToHyperService::new(app);
                        let _ = Builder::new(TokioExecutor::new())
                            .serve_connection(TokioIo::new(stream), service)
                            .await;
                    }
                });
            }
        });
        Self {
            folder,
            url,
            root: operator.root(),
            key,
            shown,
        }
    }

    /// The log as it is shown now.
    pub fn log(&self) -> Log {
        self.shown.lock().unwrap().log.clone()
    }

    /// Shows this log from now on.
    pub fn show(&self, log: Log) {
        self.shown.lock().unwrap().log = log;
    }

    /// An empty log under the real key.
    pub fn fresh(&self) -> Log {
        Log::with_key(self.log().name.as_str(), &self.key)
    }

    /// Changes files from now on.
    pub fn tamper(
        &self,
        tamper: impl Fn(Resource, Option<Vec<u8>>) -> Option<Vec<u8>> + Send + 'static,
    ) {
        self.shown.lock().unwrap().tamper = Some(Box::new(tamper));
    }

    pub fn behave(&self) {
        self.shown.lock().unwrap().tamper = None;
    }

    /// Which files were asked for since the last time.
    pub fn asked(&self) -> Vec<Resource> {
        std::mem::take(&mut self.shown.lock().unwrap().asked)
    }

    pub fn ca(&self) -> PathBuf {
        self.folder.path().join("tls/authority.pem")
    }

    pub fn pinned(&self) -> Pinned {
        Pinned {
            operator: Some((self.root, ORIGIN.to_owned())),
            policy: None,
        }
    }

    /// An auditor with its notes in `state`.
    pub fn auditor(&self, state: &str) -> Auditor {
        let state = self.folder.path().join(state);
        Auditor::new(&self.url, Some(&self.ca()), self.pinned(), Some(state)).unwrap()
    }
}

async fn answer(State(shown): State<Arc<Mutex<Shown>>>, request: Request) -> Response {
    let mut shown = shown.lock().unwrap();
    let path = request.uri().path();
    if path == "/v1/info" {
        return shown.info.clone().into_response();
    }
    let resource = path
        .strip_prefix("/log/")
        .and_then(|path| path.parse().ok());
    let Some(resource) = resource else {
        return StatusCode::NOT_FOUND.into_response();
    };
    shown.asked.push(resource);
    let file = shown.log.file(resource);
    let file = match &shown.tamper {
        Some(tamper) => tamper(resource, file),
        None => file,
    };
    file.map_or(
        StatusCode::NOT_FOUND.into_response(),
        IntoResponse::into_response,
    )
}
