//! The server and its witnesses: real ones on loopback, away, back, ahead, and lying.

#![allow(unreachable_pub, reason = "one binary of several files")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod continuity;
mod history;
mod quorum;
#[path = "../bad_input/relay.rs"]
#[allow(dead_code, reason = "shared with the tests of bad input")]
mod relay;
#[path = "../support/witness.rs"]
mod running;
#[path = "../support/mod.rs"]
mod support;
#[path = "../bad_input/town.rs"]
#[allow(dead_code, reason = "shared with the tests of bad input")]
mod town;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use postfach::entropy::entropy;
use postfach::publish::{self, Publisher, settings::Settings};
use postfach::server::Limits;
use postfach::server::operator::{OpenServiceError, init_operator, load_operator, open_service};
use postfach::server::tls;
use postfach::service::Service;
use postfach::witness::Witness;
use postfach_crypto::tlog::{Judgement, Policy, VerifierKey};
use tempfile::TempDir;

use crate::support::{World, small_store};

const ORIGIN: &str = "mailbox.example/test";
/// Rounds that a test waits at most, by asking.
const PATIENCE: usize = 600;

/// An operator's folder, before its server runs.
struct Operator {
    folder: TempDir,
}

impl Operator {
    fn found() -> Self {
        let _ = tls::provider().install_default();
        let folder = tempfile::tempdir().unwrap();
        let now = postfach::clock::now();
        init_operator(&folder.path().join("keys"), ORIGIN, now, &mut entropy()).unwrap();
        tls::make_local_authority(&folder.path().join("tls"), &["localhost"], now).unwrap();
        Self { folder }
    }

    fn log_key(&self) -> VerifierKey {
        let keys = load_operator(&self.folder.path().join("keys")).unwrap();
        keys.operator.checkpoint_keys(1).unwrap().remove(0)
    }

    fn settings(&self, policy: Option<&str>) -> Settings {
        Settings {
            interval: Duration::from_millis(20),
            timeout: Duration::from_secs(2),
            policy: policy.map(|text| Policy::parse(text.as_bytes()).unwrap()),
            ..Settings::without_witnesses(
                self.folder.path().join("keys/checkpoint.mark"),
                self.folder.path().join("checkpoints"),
            )
        }
    }

    /// Opens the store in `data` as a server would, against the mark.
    async fn open(
        &self,
        data: &str,
        settings: &Settings,
    ) -> Result<Arc<Service>, OpenServiceError> {
        let keys = load_operator(&self.folder.path().join("keys")).unwrap();
        let marked = publish::marked(&settings.mark, &keys).unwrap();
        let data = self.folder.path().join(data);
        open_service(&data, &small_store(), keys, marked).await
    }

    /// Starts the server; its first round must be in order.
    async fn serve(self, settings: Settings) -> World {
        self.serve_as(settings, None).await
    }

    /// The same, as clients know it by this name.
    async fn serve_as(self, settings: Settings, public: Option<String>) -> World {
        let service = self.open("data", &settings).await.unwrap();
        let mut publisher = Publisher::open(settings).unwrap();
        publisher.begin(&service).await.unwrap();
        let limits = Limits::default();
        World::serve_published(self.folder, service, limits, public, Some(publisher)).await
    }
}

/// A policy of these witnesses, of which so many are needed.
fn policy(log: &VerifierKey, witnesses: &[(VerifierKey, SocketAddr)], needed: usize) -> String {
    let mut text = format!("log {log}\n");
    let mut group = format!("group enough {needed}");
    for (number, (key, address)) in witnesses.iter().enumerate() {
        text.push_str(&format!("witness w{number} {key} http://{address}/\n"));
        group.push_str(&format!(" w{number}"));
    }
    format!("{text}{group}\nquorum enough\n")
}

/// A witness of this log, not yet serving.
fn witness(log: &VerifierKey, seed: [u8; 32], state: &Path) -> Witness {
    running::open(seed, std::slice::from_ref(log), state).unwrap()
}

/// What the world sees of a server's log, judged under a policy.
async fn judged(world: &World, policy: &str) -> Judgement {
    let answer = world.client().get(world.url("/log/checkpoint")).send();
    let note = answer.await.unwrap().bytes().await.unwrap();
    let policy = Policy::parse(policy.as_bytes()).unwrap();
    policy.judge(&note, &policy.log_keys()).unwrap()
}

/// Status and text of a page of the observation listener.
async fn observed(world: &World, path: &str) -> (u16, String) {
    let url = format!("http://{}{path}", world.observation);
    let answer = reqwest::get(url).await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

/// Asks for `/health/log` until it says this.
async fn until_health(world: &World, status: u16, words: &str) {
    let mut said = (0, String::new());
    for _ in 0..PATIENCE {
        said = observed(world, "/health/log").await;
        if said.0 == status && said.1.contains(words) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{said:?} instead of {status} {words}");
}
