//! An operator who lies: the real server behind a proxy that holds the operator's real keys.
//!
//! It shows what an operator could do: answers are changed and heads signed anew with the genuine
//! receipt key. It cannot sign for anybody else.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use postfach_crypto::age::HybridIdentity;
use postfach_crypto::ids::{Address, Blind, StatementHash};
use postfach_crypto::keys::SigningKey;
use postfach_crypto::statement::{
    Context, Head, KeyStatement, ListHead, RecipientKey, Signed, Subject,
};
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::TlsAcceptor;

use crate::api::resources::{Base64, EnvelopeResource, Logged, PartyResource};
use crate::entropy;

/// Largest answer that is changed.
const MAX_ANSWER: usize = 16 << 20;

/// What the operator lies about.
#[derive(Debug, Clone, Copy)]
pub(super) enum Lie {
    /// A new key for this party, so that mail to it can be read.
    SlipInKey(Address),
    /// The newest receipt of this envelope never happened.
    DropReceipt(StatementHash),
}

/// The proxy's state.
pub(super) struct LyingOperator {
    client: reqwest::Client,
    hidden: String,
    receipt_key: SigningKey,
    lie: Mutex<Option<Lie>>,
}

impl LyingOperator {
    /// Serves on `port` in front of `hidden`, with the operator's own certificate.
    pub(super) async fn start(
        port: u16,
        hidden: String,
        ca: &[u8],
        tls: rustls::ServerConfig,
        receipt_key: SigningKey,
    ) -> std::io::Result<(Arc<Self>, JoinHandle<()>)> {
        let other = |error: reqwest::Error| std::io::Error::other(error);
        let certificate = reqwest::Certificate::from_pem(ca).map_err(other)?;
        let client = reqwest::Client::builder()
            .tls_certs_only([certificate])
            .build()
            .map_err(other)?;
        let operator = Arc::new(Self {
            client,
            hidden,
            receipt_key,
            lie: Mutex::new(None),
        });
        let listener = TcpListener::bind(("127.0.0.1", port)).await?;
        let app = Router::new()
            .fallback(relay)
            .with_state(Arc::clone(&operator));
        let acceptor = TlsAcceptor::from(Arc::new(tls));
        let serving = tokio::spawn(async move {
            // They end with the lie: who kept one open would talk to nobody from then on.
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, app) = (acceptor.clone(), app.clone());
                connections.spawn(async move {
                    if let Ok(stream) = acceptor.accept(stream).await {
                        let service = TowerToHyperService::new(app);
                        let _ = Builder::new(TokioExecutor::new())
                            .serve_connection(TokioIo::new(stream), service)
                            .await;
                    }
                });
            }
        });
        Ok((operator, serving))
    }

    /// From now on, tells this lie.
    pub(super) fn tell(&self, lie: Lie) {
        if let Ok(mut current) = self.lie.lock() {
            *current = Some(lie);
        }
    }

    fn change(&self, path: &str, body: Vec<u8>) -> Vec<u8> {
        let lie = self.lie.lock().ok().and_then(|lie| *lie);
        let changed = match lie {
            Some(Lie::SlipInKey(victim)) if path == format!("/v1/parties/{victim}") => {
                serde_json::from_slice(&body)
                    .ok()
                    .and_then(|party| self.slip_in_key(victim, party))
            }
            Some(Lie::DropReceipt(header)) if path == format!("/v1/envelopes/{header}") => {
                serde_json::from_slice(&body)
                    .ok()
                    .and_then(|envelope| self.drop_receipt(header, envelope))
            }
            _ => None,
        };
        changed.unwrap_or(body)
    }

    /// Appends a key statement with a key that the operator knows, and a genuine head over it.
    fn slip_in_key(&self, victim: Address, mut party: PartyResource) -> Option<Vec<u8>> {
        let newest = party.keys.last()?.statement.clone();
        let before: Signed<KeyStatement> = Signed::verify(newest.as_ref()).ok()?;
        let mut rng = entropy::entropy();
        let (own, age) = (
            SigningKey::generate(&mut rng),
            HybridIdentity::generate(&mut rng),
        );
        let forged = KeyStatement {
            number: before.number + 1,
            previous: Some(before.hash()),
            identity: own.verifying_key(),
            recipients: vec![RecipientKey::x_wing(&age.recipient().to_bytes())],
            ..before.payload().clone()
        };
        let forged = Signed::sign(forged.with_possession(&own), &own).ok()?;
        party.keys.push(Logged {
            statement: Base64(forged.bytes().to_vec()),
            position: 0,
            receipt: None,
        });
        party.keys_head = self.head(&before.context, Subject::Party(victim), &party.keys)?;
        serde_json::to_vec(&party).ok()
    }

    /// Leaves out the newest receipt and what it answers, with a genuine head over the rest.
    fn drop_receipt(
        &self,
        header: StatementHash,
        mut envelope: EnvelopeResource,
    ) -> Option<Vec<u8>> {
        let kept = envelope.entries.len().checked_sub(2)?;
        envelope.entries.truncate(kept);
        let first: Signed<postfach_crypto::statement::EnvelopeHeader> =
            Signed::verify(envelope.entries.first()?.statement.as_ref()).ok()?;
        envelope.head = self.head(&first.context, Subject::Envelope(header), &envelope.entries)?;
        serde_json::to_vec(&envelope).ok()
    }

    fn head(&self, like: &Context, subject: Subject, entries: &[Logged]) -> Option<Base64> {
        let hashes: Vec<_> = entries
            .iter()
            .map(|entry| StatementHash::of(entry.statement.as_ref()))
            .collect();
        let head = Head {
            context: Context {
                time: crate::clock::now(),
                blind: Blind(entropy::array()),
                ..like.clone()
            },
            subject,
            head: ListHead::of(&hashes),
            checkpoint: None,
            ext: None,
        };
        let head = Signed::sign(head, &self.receipt_key).ok()?;
        Some(Base64(head.bytes().to_vec()))
    }
}

async fn relay(State(operator): State<Arc<LyingOperator>>, request: Request) -> Response {
    match forward(&operator, request).await {
        Ok(response) => response,
        Err(_) => StatusCode::BAD_GATEWAY.into_response(),
    }
}

async fn forward(operator: &LyingOperator, request: Request) -> Result<Response, axum::BoxError> {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path().to_owned();
    let target = parts
        .uri
        .path_and_query()
        .map_or(path.as_str(), |whole| whole.as_str());
    let mut headers = parts.headers;
    headers.remove("host");
    let body = axum::body::to_bytes(body, MAX_ANSWER).await?;
    let answer = operator
        .client
        .request(parts.method, format!("{}{target}", operator.hidden))
        .headers(headers)
        .body(body)
        .send()
        .await?;
    let (status, mut headers) = (answer.status(), answer.headers().clone());
    let body = operator.change(&path, answer.bytes().await?.to_vec());
    headers.remove("content-length");
    headers.remove("transfer-encoding");
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    Ok(response)
}
