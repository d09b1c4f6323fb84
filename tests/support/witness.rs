//! A witness that serves on loopback.
#![allow(dead_code, unreachable_pub)] // each test binary uses its own part of it
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use postfach::entropy::entropy;
use postfach::server::Limits;
use postfach::witness::state::StateError;
use postfach::witness::{Witness, listen, logs};
use postfach_crypto::keys::SigningKey;
use postfach_crypto::tlog::{AddCheckpoint, Cosigner, KeyName, VerifierKey};
use reqwest::Client;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub const NAME: &str = "witness.example/w1";

/// A witness that serves on loopback.
pub struct Running {
    pub address: SocketAddr,
    pub client: Client,
    pub vkey: VerifierKey,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<()>,
}

/// An answer of a witness.
#[derive(Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub media_type: String,
    pub text: String,
}

pub fn cosigner(seed: [u8; 32]) -> Cosigner {
    Cosigner::new(KeyName::new(NAME).unwrap(), SigningKey::from_seed(&seed))
}

pub fn seed() -> [u8; 32] {
    *SigningKey::generate(&mut entropy()).seed()
}

/// Opens a witness that knows these logs.
pub fn open(seed: [u8; 32], known: &[VerifierKey], folder: &Path) -> Result<Witness, StateError> {
    let lines: String = known.iter().map(|key| format!("{key}\n")).collect();
    Witness::open(cosigner(seed), logs::parse(&lines).unwrap(), folder)
}

impl Running {
    pub async fn start(witness: Witness, limits: Limits) -> Self {
        let _ = postfach::server::tls::provider().install_default();
        let server = listen::Server::bind(([127, 0, 0, 1], 0).into())
            .await
            .unwrap();
        let (address, vkey) = (server.address(), witness.verifier_key());
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = tokio::spawn(server.serve(Arc::new(witness), None, limits, async {
            let _ = stopped.await;
        }));
        Self {
            address,
            client: Client::new(),
            vkey,
            stop,
            serving,
        }
    }

    pub async fn add(&self, request: &AddCheckpoint) -> Answer {
        self.post(request.to_body().into_bytes()).await
    }

    pub async fn post(&self, body: Vec<u8>) -> Answer {
        let url = format!("http://{}/add-checkpoint", self.address);
        answer(self.client.post(url).body(body).send().await.unwrap()).await
    }

    pub async fn about(&self) -> serde_json::Value {
        let url = format!("http://{}/", self.address);
        let answer = answer(self.client.get(url).send().await.unwrap()).await;
        assert_eq!(answer.status, 200);
        serde_json::from_str(&answer.text).unwrap()
    }

    pub async fn stop(self) {
        self.stop.send(()).unwrap();
        drop(self.client); // idle connections end at once
        self.serving.await.unwrap();
    }
}

async fn answer(response: reqwest::Response) -> Answer {
    let media_type = response.headers().get("content-type");
    Answer {
        status: response.status().as_u16(),
        media_type: media_type.map_or(String::new(), |value| value.to_str().unwrap().to_owned()),
        text: response.text().await.unwrap(),
    }
}
