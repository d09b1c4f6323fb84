//! The real server as a process of its own, and what can be asked of it from outside.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;

use postfach::entropy::entropy;
use postfach::server::operator::init_operator;
use postfach::server::tls;

use crate::support::World;

const ORIGIN: &str = "mailbox.example/test";

/// A server that ends with the test.
pub(crate) struct Process {
    child: Child,
    observation: SocketAddr,
    said: Option<JoinHandle<String>>,
}

impl Process {
    /// Starts a server with the limits that it has by itself, and what speaks to it.
    pub(crate) async fn start() -> (Self, World) {
        let _ = tls::provider().install_default();
        let folder = tempfile::tempdir().unwrap();
        let now = postfach::clock::now();
        init_operator(&folder.path().join("keys"), ORIGIN, now, &mut entropy()).unwrap();
        let files = folder.path().join("tls");
        tls::make_local_authority(&files, &["localhost"], now).unwrap();
        let (address, observation) = (free(), free());
        let settings = [
            format!("listen={address}"),
            format!("metrics_listen={observation}"),
            format!("origin={ORIGIN}"),
            format!("public_authority=localhost:{}", address.port()),
            format!("tls.certificate={}", files.join("server.pem").display()),
            format!("tls.key={}", files.join("server-key.pem").display()),
        ];
        let mut child = Command::new(env!("CARGO_BIN_EXE_postfach"))
            .env_clear()
            .env("POSTFACH_LANG", "en")
            .args(["serve", "--data"])
            .arg(folder.path())
            .args(settings.iter().flat_map(|setting| ["--set", setting]))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let serves = |line: &String| line.contains("serves on");
        let started = lines.by_ref().map_while(Result::ok).find(serves);
        assert!(started.is_some(), "the server does not start");
        // Only what was worth a warning is kept: a line for each request would be much.
        let said = std::thread::spawn(move || {
            let lines = lines.map_while(Result::ok);
            let worth = lines.filter(|line| !line.contains("status="));
            worth.collect::<Vec<_>>().join("\n")
        });
        let process = Self {
            child,
            observation,
            said: Some(said),
        };
        (process, World::beside(folder, address, observation).await)
    }

    /// How many answers had which status, as the server counts them.
    pub(crate) async fn statuses(&self) -> BTreeMap<u16, u64> {
        let url = format!("http://{}/metrics", self.observation);
        let text = reqwest::get(url).await.unwrap().text().await.unwrap();
        let mut statuses = BTreeMap::new();
        for line in text.lines() {
            let Some(rest) = line.strip_prefix("postfach_http_requests_total{") else {
                continue;
            };
            let (_, rest) = rest.split_once("status=\"").unwrap();
            let (status, count) = rest.split_once("\"} ").unwrap();
            *statuses.entry(status.parse().unwrap()).or_default() += count.parse::<u64>().unwrap();
        }
        statuses
    }

    /// The most memory that the server ever had resident, in KiB.
    pub(crate) fn peak_memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.unwrap().trim().strip_suffix(" kB").unwrap();
        kib.parse().unwrap()
    }

    /// Ends the server and gives what it said beside its requests.
    pub(crate) fn end(mut self) -> String {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.said.take().unwrap().join().unwrap()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn free() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap()
}
