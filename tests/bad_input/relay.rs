//! The line between clients and the server, which a test may cut or tamper with.
//!
//! It ends TLS with the server's own certificate, as a dishonest operator's front could.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use postfach::server::tls::{ServerCertificate, server_config};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

const MAX_BODY: usize = 32 << 20;

/// What happens to an answer, by method, path and query.
pub type Tamper = Box<dyn FnMut(&str, &str, Bytes) -> Fate + Send>;

/// What a client gets.
pub enum Fate {
    /// An answer, genuine or not.
    Answer(Bytes),
    /// Nothing: the connection breaks after the server has done its work.
    Cut,
}

/// The line.
#[derive(Clone)]
pub struct Relay {
    pub address: SocketAddr,
    state: Arc<Mutex<Line>>,
}

struct Line {
    target: Option<(SocketAddr, reqwest::Client)>,
    tamper: Option<Tamper>,
}

impl Relay {
    /// Takes a port; clients reach nothing before [`Relay::connect`].
    pub async fn bind() -> (Self, TcpListener) {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let relay = Self {
            address: listener.local_addr().unwrap(),
            state: Arc::new(Mutex::new(Line {
                target: None,
                tamper: None,
            })),
        };
        (relay, listener)
    }

    /// Serves with the certificate in `tls`.
    pub fn serve(&self, listener: TcpListener, tls: &Path) {
        let certificate =
            ServerCertificate::load(&tls.join("server.pem"), &tls.join("server-key.pem")).unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(server_config(certificate).unwrap()));
        let app = Router::new().fallback(forward).with_state(self.clone());
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
    }

    /// Connects clients with this server from now on.
    pub fn connect(&self, server: SocketAddr, client: reqwest::Client) {
        self.state.lock().unwrap().target = Some((server, client));
    }

    /// Changes answers from now on.
    pub fn tamper(&self, tamper: impl FnMut(&str, &str, Bytes) -> Fate + Send + 'static) {
        self.state.lock().unwrap().tamper = Some(Box::new(tamper));
    }

    /// Leaves answers alone again.
    pub fn behave(&self) {
        self.state.lock().unwrap().tamper = None;
    }
}

async fn forward(State(relay): State<Relay>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let target = parts.uri.path_and_query().unwrap().as_str().to_owned();
    let method = parts.method.clone();
    let (server, client) = relay.state.lock().unwrap().target.clone().unwrap();
    let mut headers = parts.headers;
    headers.remove("host");
    let Ok(body) = axum::body::to_bytes(body, MAX_BODY).await else {
        return cut();
    };
    let url = format!("https://localhost:{}{target}", server.port());
    let answer = client
        .request(parts.method, url)
        .headers(headers)
        .body(body)
        .send()
        .await;
    let Ok(answer) = answer else {
        return cut();
    };
    let (status, mut headers) = (answer.status(), answer.headers().clone());
    let Ok(mut body) = answer.bytes().await else {
        return cut();
    };
    if let Some(tamper) = &mut relay.state.lock().unwrap().tamper {
        match tamper(method.as_str(), &target, body) {
            Fate::Answer(changed) => body = changed,
            Fate::Cut => return cut(),
        }
    }
    headers.remove("content-length");
    headers.remove("transfer-encoding");
    (status, headers, Body::from(body)).into_response()
}

/// An answer whose body breaks off, which is how a broken connection looks.
fn cut() -> Response {
    let broken = futures_util::stream::iter([Err::<Bytes, _>(std::io::Error::other("cut"))]);
    Response::new(Body::from_stream(broken))
}
