//! The stage: folders, certificates, and the real server as a process of its own.

use std::fs::File;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use postfach_crypto::tlog::KeyName;

use crate::cli::error::{Exit, Explained as _, Failure};
use crate::cli::lang::{Language, text};
use crate::cli::serve::KEYS;
use crate::client::enrol::learn_service;
use crate::server::operator::{init_operator, load_operator};
use crate::server::tls::{LocalAuthority, make_local_authority};
use crate::{clock, durable, entropy, witness};

/// Origin of the demonstration's log.
pub(super) const ORIGIN: &str = "postfach.demo.invalid/2026";
/// Names of the witnesses, and how many of them must have seen a checkpoint.
const WITNESSES: [&str; 3] = ["landtag", "university", "press"];
const ENOUGH: usize = 2;
/// How long the server may take to start.
const START_TIMEOUT: Duration = Duration::from_secs(60);
/// How often it is asked whether it is there.
const START_POLL: Duration = Duration::from_millis(50);

/// Folders and addresses of one demonstration.
pub(super) struct Stage {
    pub(super) folder: PathBuf,
    pub(super) lang: Language,
    pub(super) tls: LocalAuthority,
    /// The port that everybody knows.
    pub(super) port: u16,
    /// The port of this machine's own browser.
    local_port: u16,
    /// Who follows the operator's log.
    witnesses: Vec<WitnessSeat>,
}

/// A witness: its key, and where it listens.
struct WitnessSeat {
    key: PathBuf,
    port: u16,
}

/// A process of the demonstration; killed when dropped.
pub(super) struct ServerProcess(Child);

impl Stage {
    /// Prepares folders, the operator's keys and certificates.
    pub(super) fn set(folder: &Path, lang: Language) -> Result<Self, Failure> {
        durable::private_folder(folder).explained(lang)?;
        let data = folder.join("operator");
        durable::private_folder(&data).explained(lang)?;
        durable::private_folder(&folder.join("mails")).explained(lang)?;
        let failed = |what: String| Failure::new(Exit::Local, what, again(lang));
        init_operator(
            &data.join(KEYS),
            ORIGIN,
            clock::now(),
            &mut entropy::entropy(),
        )
        .map_err(|error| failed(error.to_string()))?;
        let tls = make_local_authority(&folder.join("tls"), &["localhost"], clock::now())
            .map_err(|error| failed(error.to_string()))?;
        let mut stage = Self {
            folder: folder.to_owned(),
            lang,
            tls,
            port: free_port().explained(lang)?,
            local_port: free_port().explained(lang)?,
            witnesses: Vec::new(),
        };
        stage.appoint_witnesses().map_err(failed)?;
        Ok(stage)
    }

    /// Makes the witnesses' keys, and the policy that names the log, them, and how many are enough.
    fn appoint_witnesses(&mut self) -> Result<(), String> {
        let keys = load_operator(&self.data().join(KEYS)).map_err(|error| error.to_string())?;
        let log = keys.operator.checkpoint_keys(keys.epoch);
        let log = log.map_err(|error| error.to_string())?;
        let folder = self.folder.join("witnesses");
        durable::private_folder(&folder).map_err(|error| error.to_string())?;
        let mut policy: String = log.iter().map(|key| format!("log {key}\n")).collect();
        let mut names = String::new();
        for name in WITNESSES {
            let key = folder.join(format!("{name}.key"));
            let named =
                KeyName::new(format!("{name}.demo.invalid")).map_err(|error| error.to_string())?;
            let public = witness::key::create(&key, named, &mut entropy::entropy())
                .map_err(|error| error.to_string())?;
            let port = free_port().map_err(|error| error.to_string())?;
            policy.push_str(&format!(
                "witness {name} {public} http://127.0.0.1:{port}\n"
            ));
            names.push_str(&format!(" {name}"));
            self.witnesses.push(WitnessSeat { key, port });
        }
        policy.push_str(&format!("group enough {ENOUGH}{names}\nquorum enough\n"));
        std::fs::write(self.policy(), policy).map_err(|error| error.to_string())
    }

    /// The policy that everybody pins: the log, the witnesses, and how many are enough.
    pub(super) fn policy(&self) -> PathBuf {
        self.folder.join("policy.txt")
    }

    /// Starts the witnesses, each a process with its own key and memory.
    pub(super) fn start_witnesses(&self) -> Result<Vec<ServerProcess>, Failure> {
        let program = std::env::current_exe().explained(self.lang)?;
        let mut processes = Vec::new();
        for seat in &self.witnesses {
            let log = File::create(seat.key.with_extension("log")).explained(self.lang)?;
            let child = Command::new(&program)
                .args(["--quiet", "witness", "serve", "--key"])
                .arg(&seat.key)
                .arg("--logs")
                .arg(self.policy())
                .arg("--state")
                .arg(seat.key.with_extension("state"))
                .args(["--listen", &format!("127.0.0.1:{}", seat.port)])
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(log)
                .spawn()
                .explained(self.lang)?;
            processes.push(ServerProcess(child));
        }
        Ok(processes)
    }

    /// The service as everybody knows it.
    pub(super) fn service(&self) -> String {
        format!("https://localhost:{}", self.port)
    }

    /// The service as this machine's own browser knows it: without the certificate that no
    /// browser trusts.
    pub(super) fn local_service(&self) -> String {
        format!("http://localhost:{}", self.local_port)
    }

    /// The operator's data folder.
    pub(super) fn data(&self) -> PathBuf {
        self.folder.join("operator")
    }

    /// Where notifications go: each mail a file.
    pub(super) fn mails(&self) -> PathBuf {
        self.folder.join("mails")
    }

    /// Starts the server where everybody expects it.
    pub(super) async fn start_server(&self) -> Result<ServerProcess, Failure> {
        let server = self.spawn_server(self.port)?;
        self.wait_for(&self.service()).await?;
        Ok(server)
    }

    /// Starts the server behind a proxy, on another port.
    pub(super) async fn start_hidden_server(&self) -> Result<(ServerProcess, String), Failure> {
        let port = free_port().explained(self.lang)?;
        let server = self.spawn_server(port)?;
        let service = format!("https://localhost:{port}");
        self.wait_for(&service).await?;
        Ok((server, service))
    }

    fn spawn_server(&self, port: u16) -> Result<ServerProcess, Failure> {
        let program = std::env::current_exe().explained(self.lang)?;
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.folder.join("server.log"))
            .explained(self.lang)?;
        let set = |name: &str, value: String| ["--set".to_owned(), format!("{name}={value}")];
        let child = Command::new(program)
            .args(["--quiet", "serve", "--data"])
            .arg(self.data())
            .args(["--listen", &format!("127.0.0.1:{port}")])
            .args(set("origin", ORIGIN.to_owned()))
            .args(set("public_authority", format!("localhost:{}", self.port)))
            .args(set(
                "listen_local",
                format!("127.0.0.1:{}", self.local_port),
            ))
            .args(set("metrics_listen", "127.0.0.1:0".to_owned()))
            .args(set("publish.interval_seconds", "1".to_owned()))
            .args(set("publish.policy", self.policy().display().to_string()))
            .args(set("notify.transport", "folder".to_owned()))
            .args(set("notify.folder", self.mails().display().to_string()))
            .args(set("notify.from", "post@postfach.demo.invalid".to_owned()))
            .args(set(
                "tls.certificate",
                self.tls.certificate.display().to_string(),
            ))
            .args(set("tls.key", self.tls.key.display().to_string()))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .explained(self.lang)?;
        Ok(ServerProcess(child))
    }

    async fn wait_for(&self, service: &str) -> Result<(), Failure> {
        let started = Instant::now();
        loop {
            match learn_service(service, Some(&self.tls.authority), None).await {
                Ok(_) => return Ok(()),
                Err(_) if started.elapsed() < START_TIMEOUT => {
                    tokio::time::sleep(START_POLL).await;
                }
                Err(error) => {
                    let log = self.folder.join("server.log");
                    let (what, log) = (error.to_string(), log.display().to_string());
                    return Err(Failure::new(
                        Exit::Local,
                        text!(
                            self.lang,
                            "der Server startet nicht: {what}",
                            "the server does not start: {what}"
                        ),
                        text!(self.lang, "siehe {log}", "see {log}"),
                    ));
                }
            }
        }
    }
}

impl ServerProcess {
    /// SIGKILL: no goodbye, no flush.
    pub(super) fn kill(mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn free_port() -> std::io::Result<u16> {
    let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0)))?;
    Ok(listener.local_addr()?.port())
}

fn again(lang: Language) -> String {
    text!(
        lang,
        "mit einem leeren Ordner noch einmal starten",
        "start again with an empty folder"
    )
}
