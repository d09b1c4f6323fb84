//! The operator's machine: the real server on a disk whose power can be cut, and its clients.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use postfach::entropy::array;
use postfach::server::operator::{certification_key, init_operator, load_operator};
use postfach::server::tls;
use postfach_crypto::ids::Blind;
use postfach_crypto::keys::SigningKey;
use postfach_crypto::statement::Context;

use crate::disk::Disk;

const ORIGIN: &str = "power.example/test";
/// Longest answer that a client waits for: the power may be gone.
const PATIENCE: Duration = Duration::from_secs(20);

/// Runs the server in a mount namespace of its own, where the machine's boot has another id: after
/// a power cut the machine has started anew.
const BOOTED: &str =
    r#"mount --bind "$2" /proc/sys/kernel/random/boot_id && exec "$0" serve --config "$1""#;

/// The machine with its disk.
pub(crate) struct Machine {
    pub(crate) disk: Disk,
    port: u16,
    epoch: u64,
    boots: AtomicU32,
    server: Option<Child>,
}

impl Machine {
    /// A disk with the operator's keys on it; or why there can be none here.
    pub(crate) fn new() -> Result<Self, String> {
        let _ = tls::provider().install_default();
        let disk = Disk::new()?;
        let now = postfach::clock::now();
        tls::make_local_authority(&disk.beside().join("tls"), &["localhost"], now).unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = port.local_addr().unwrap().port();
        let data = disk.path().join("data");
        std::fs::create_dir(&data).unwrap();
        let keys = data.join("keys");
        init_operator(&keys, ORIGIN, now, &mut postfach::entropy::entropy()).unwrap();
        let epoch = load_operator(&keys).unwrap().epoch;
        let files = disk.beside().join("tls");
        let configuration = format!(
            "data = {data:?}\norigin = \"{ORIGIN}\"\npublic_authority = \"localhost:{port}\"\n\
             listen = \"127.0.0.1:{port}\"\nmetrics_listen = \"127.0.0.1:0\"\n\
             [publish]\ninterval_seconds = 1\n\
             [tls]\ncertificate = {:?}\nkey = {:?}\n",
            files.join("server.pem"),
            files.join("server-key.pem"),
        );
        std::fs::write(disk.beside().join("postfach.toml"), configuration).unwrap();
        // What an operator does before the first start; the server's own writes are the test.
        let synced = Command::new("sync").arg("-f").arg(disk.path()).status();
        assert!(synced.unwrap().success());
        Ok(Self {
            disk,
            port,
            epoch,
            boots: AtomicU32::new(0),
            server: None,
        })
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.disk.path().join("data")
    }

    /// The key that makes authorities.
    pub(crate) fn certification_key(&self) -> SigningKey {
        certification_key(&self.data().join("keys")).unwrap()
    }

    /// The host and port that clients sign.
    pub(crate) fn authority(&self) -> String {
        format!("localhost:{}", self.port)
    }

    pub(crate) fn context(&self) -> Context {
        Context {
            origin: ORIGIN.to_owned(),
            epoch: self.epoch,
            time: postfach::clock::now(),
            blind: Blind(array()),
        }
    }

    /// A client with connections of its own.
    pub(crate) fn client(&self) -> reqwest::Client {
        let pem = std::fs::read(self.disk.beside().join("tls/authority.pem")).unwrap();
        reqwest::Client::builder()
            .tls_certs_only([reqwest::Certificate::from_pem(&pem).unwrap()])
            .timeout(PATIENCE)
            .build()
            .unwrap()
    }

    /// Starts the server without waiting for it.
    pub(crate) fn spawn(&mut self) {
        let boot = self.boots.fetch_add(1, Ordering::Relaxed) + 1;
        let id = self.disk.beside().join("boot_id");
        std::fs::write(&id, format!("{boot:08x}-0000-4000-8000-000000000000\n")).unwrap();
        let mut server = Command::new("unshare");
        server.env_clear(); // variables named POSTFACH_… are settings
        server.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        // With libeatmydata.so, which makes every sync do nothing, the rig must find losses.
        if let Some(library) = std::env::var_os("POSTFACH_POWER_PRELOAD") {
            server.env("LD_PRELOAD", library);
        }
        let child = server
            .args(["-m", "sh", "-c", BOOTED, env!("CARGO_BIN_EXE_postfach")])
            .arg(self.disk.beside().join("postfach.toml"))
            .arg(id)
            .env("POSTFACH_LANG", "en")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        self.server = Some(child);
    }

    /// Waits until the server serves; what it said where it does not.
    pub(crate) fn wait_until_served(&mut self) -> Result<(), String> {
        let server = self.server.as_mut().unwrap();
        let mut said = String::new();
        let mut lines = BufReader::new(server.stderr.take().unwrap()).lines();
        for line in lines.by_ref().map_while(Result::ok) {
            if line.contains("serves on") {
                std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
                return Ok(());
            }
            said.push_str(&line);
            said.push('\n');
        }
        Err(said)
    }

    /// Cuts the power, and gives it back: the file system is there again, the server is not.
    pub(crate) fn cut_power(&mut self) {
        self.disk.cut().unwrap();
        self.kill();
        self.disk.unmount().unwrap();
        self.disk.mount().unwrap();
    }

    fn kill(&mut self) {
        if let Some(mut server) = self.server.take() {
            let _ = server.kill();
            let _ = server.wait();
        }
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        self.kill(); // before the disk goes
    }
}
