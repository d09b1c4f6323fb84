//! `postfach witness` as a program: made, run, asked, stopped, killed, run again.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use postfach_crypto::tlog::VerifierKey;
use reqwest::Client;
use serde_json::Value;

use crate::log::Log;

fn postfach(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_postfach"));
    command
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .env("HOME", folder)
        .env("POSTFACH_LANG", "en");
    command
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    postfach(folder, arguments).output().unwrap()
}

/// A witness as a process; killed when dropped.
struct Process {
    child: Child,
    about: Value,
}

impl Process {
    fn start(folder: &Path) -> Self {
        let arguments = [
            "--json",
            "witness",
            "serve",
            "--key",
            "w.key",
            "--logs",
            "logs",
            "--state",
            "state",
            "--listen",
            "127.0.0.1:0",
        ];
        let mut child = postfach(folder, &arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let out = child.stdout.take().unwrap();
        BufReader::new(out).read_line(&mut line).unwrap();
        let about = serde_json::from_str(&line).unwrap();
        Self { child, about }
    }

    async fn add(&self, log: &Log, old: u64, new: u64) -> u16 {
        let url = format!("{}add-checkpoint", self.about["url"].as_str().unwrap());
        let body = log.request(old, new).to_body();
        let sent = Client::new().post(url).body(body).send().await;
        sent.unwrap().status().as_u16()
    }

    fn signal(&mut self, signal: rustix::process::Signal) -> Option<i32> {
        let id = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(id, signal).unwrap();
        self.child.wait().unwrap().code()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn a_witness_is_made_run_stopped_killed_and_goes_on() {
    let _ = postfach::server::tls::provider().install_default();
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let log = Log::new("post.example/1").grown(0, 50);
    let made = run(
        folder,
        &[
            "witness",
            "init",
            "--key",
            "w.key",
            "--name",
            "witness.example/w1",
        ],
    );
    assert!(made.status.success(), "{made:?}");
    let vkey: VerifierKey = String::from_utf8(made.stdout)
        .unwrap()
        .trim()
        .parse()
        .unwrap();
    let policy = format!(
        "log {}\nwitness w {vkey} https://w.example/\nquorum w\n",
        log.vkey()
    );
    std::fs::write(folder.join("logs"), policy).unwrap();

    let mut witness = Process::start(folder);
    assert_eq!(witness.about["vkey"], vkey.to_string());
    assert_eq!(witness.add(&log, 0, 10).await, 200);
    assert_eq!(witness.signal(rustix::process::Signal::TERM), Some(0));

    let mut witness = Process::start(folder);
    assert_eq!(witness.about["logs"][0]["size"], 10);
    assert_eq!(witness.add(&log, 10, 20).await, 200);
    assert_eq!(witness.signal(rustix::process::Signal::KILL), None);

    let witness = Process::start(folder);
    assert_eq!(witness.add(&log, 10, 15).await, 409);
    assert_eq!(witness.add(&log, 20, 50).await, 200);
}

#[test]
fn mistakes_are_explained() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let init = ["witness", "init", "--key", "w.key", "--name", "w.example"];
    assert!(run(folder, &init).status.success());
    let again = run(folder, &init);
    assert_eq!(again.status.code(), Some(6), "{again:?}");
    let serve = |logs: &str| {
        std::fs::write(folder.join("logs"), logs).unwrap();
        run(
            folder,
            &[
                "witness", "serve", "--key", "w.key", "--logs", "logs", "--state", "state",
            ],
        )
    };
    let output = serve("log nonsense\n");
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(said.contains("what to do: "), "{said}");
    let log = Log::new("post.example/1");
    std::fs::create_dir(folder.join("state")).unwrap();
    std::fs::write(folder.join("state/witness"), "nonsense").unwrap();
    let output = serve(&format!("{}\n", log.vkey()));
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(4), "{said}");
    assert!(said.contains("do not begin anew"), "{said}");
}
