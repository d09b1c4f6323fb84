//! A mail server of another make, and a notifier over a town's service.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use postfach::fold::{Delivery, Notification};
use postfach::mail_address::MailAddress;
use postfach::notify::Notifier;
use postfach::notify::settings::{Security, Settings, SmtpSettings, TransportSettings};
use postfach::notify::status::{Delayed, Ended, Status};
use postfach::server::logging::{LogFormat, LogSettings, subscriber};
use postfach_crypto::ids::{StatementHash, UnixMillis};
use postfach_crypto::statement::{ContactLanguage, Reason};
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::town::{Town, send};

/// How long a test waits for what must happen.
const MOST: Duration = Duration::from_secs(60);

/// The mail server.
pub struct MailServer {
    process: Child,
    pub port: u16,
    taken: Arc<Mutex<Vec<Value>>>,
}

impl MailServer {
    /// Starts it with these options; see `tests/tools/smtp-server.mjs`.
    pub fn start(options: &Value) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tools/smtp-server.mjs");
        let mut process = Command::new("node")
            .arg(script)
            .arg(options.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("node: {error}; run tests/tools/install"));
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let first = lines.next().expect("run tests/tools/install").unwrap();
        let first: Value = serde_json::from_str(&first).unwrap();
        let port = u16::try_from(first["port"].as_u64().unwrap()).unwrap();
        let taken = Arc::new(Mutex::new(Vec::new()));
        std::thread::spawn({
            let taken = Arc::clone(&taken);
            move || {
                for line in lines.map_while(Result::ok) {
                    taken
                        .lock()
                        .unwrap()
                        .push(serde_json::from_str(&line).unwrap());
                }
            }
        });
        Self {
            process,
            port,
            taken,
        }
    }

    /// What it has taken.
    pub fn taken(&self) -> Vec<Value> {
        self.taken.lock().unwrap().clone()
    }

    /// What it has taken, once that is as much; it says so a moment after its answer.
    pub async fn taken_once(&self, count: usize) -> Vec<Value> {
        until("taken", || self.taken().len() >= count).await;
        self.taken()
    }

    /// How to reach it without TLS.
    pub fn plain(&self) -> SmtpSettings {
        SmtpSettings {
            host: "127.0.0.1".into(),
            port: self.port,
            security: Security::None,
            ca: None,
            login: None,
            hello: "mailbox.example".into(),
        }
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Short waits, so that a test is short.
pub fn settings(transport: TransportSettings) -> Settings {
    let address = |text| MailAddress::parse(text).unwrap();
    Settings {
        from: address("post@mailbox.example"),
        bounces_to: address("bounce@mailbox.example"),
        url: "https://mailbox.example/".into(),
        transport,
        spool: None,
        spool_interval: Duration::from_millis(20),
        connections: 4,
        timeout: Duration::from_secs(20),
        retry: Duration::from_millis(20),
        retry_most: Duration::from_millis(50),
        give_up: Duration::from_secs(3600),
    }
}

/// A notifier at work.
pub struct Running {
    pub status: Arc<Status>,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Running {
    pub fn start(town: &Town, settings: Settings) -> Self {
        logs();
        let (data, keys) = (data(town), town.world.folder().join("keys"));
        let notifier = Notifier::set_up(settings, &data, &keys).unwrap();
        let status = notifier.status();
        let (stop, stopping) = watch::channel(false);
        let service = Arc::clone(&town.world.service);
        let task = tokio::spawn(notifier.run(service, stopping));
        Self { status, stop, task }
    }

    /// Stops it; what was under way is finished.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        self.task.await.unwrap();
    }

    pub fn ended(&self, outcome: &'static str) -> u64 {
        self.status.ended.get_or_create(&Ended { outcome }).get()
    }

    pub fn delayed(&self, trouble: &'static str) -> u64 {
        self.status
            .delayed
            .get_or_create(&Delayed { trouble })
            .get()
    }

    pub fn waiting(&self) -> u64 {
        self.status.waiting(UnixMillis(u64::MAX)).0
    }

    /// Waits until as many ended so.
    pub async fn until_ended(&self, outcome: &'static str, count: u64) {
        until(outcome, || self.ended(outcome) >= count).await;
    }
}

pub fn data(town: &Town) -> PathBuf {
    town.world.folder().join("notifications")
}

/// Waits for a condition, without sleeping and not for ever.
pub async fn until(what: &str, condition: impl Fn() -> bool) {
    let waited = async {
        while !condition() {
            tokio::task::yield_now().await;
        }
    };
    let in_time = tokio::time::timeout(MOST, waited).await;
    assert!(in_time.is_ok(), "not in {MOST:?}: {what}");
}

/// A letter to the citizen, who is notified there.
pub async fn letter_to(town: &Town, email: &str) -> StatementHash {
    town.citizen
        .change_contact(Some(email), ContactLanguage::German)
        .await
        .unwrap();
    letter(town).await
}

pub async fn letter(town: &Town) -> StatementHash {
    send(&town.authority, &town.to_citizen())
        .await
        .unwrap()
        .statement
}

/// What both sides see of a letter; they see the same.
pub async fn seen(town: &Town, header: StatementHash) -> Delivery {
    let [one] = &town.authority.deliveries(&[header]).await.unwrap()[..] else {
        panic!("one delivery")
    };
    let [two] = &town.citizen.deliveries(&[header]).await.unwrap()[..] else {
        panic!("one delivery")
    };
    let hashes =
        |delivery: &Delivery| -> Vec<_> { delivery.receipts.iter().map(|it| it.hash()).collect() };
    assert_eq!(hashes(one), hashes(two));
    one.clone()
}

/// Asserts how far a notification got, and why it failed.
#[track_caller]
pub fn assert_state(delivery: &Delivery, state: Option<Notification>, reason: Option<Reason>) {
    assert_eq!(delivery.notification(), state);
    let reasons: Vec<_> = delivery
        .receipts
        .iter()
        .filter_map(|receipt| receipt.reasons.clone())
        .flatten()
        .collect();
    assert_eq!(reasons, reason.into_iter().collect::<Vec<_>>());
    // Each receipt names the one before it, and times never run back.
    for pair in delivery.receipts.windows(2) {
        assert_eq!(pair[1].previous, Some(pair[0].hash()));
        assert!(pair[1].context.time >= pair[0].context.time);
    }
}

pub fn no_options() -> Value {
    json!({})
}

/// All that this process logs.
#[derive(Clone, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

impl Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Everything that was logged so far, at the finest level.
pub fn logs() -> String {
    static LOGS: OnceLock<Captured> = OnceLock::new();
    let captured = LOGS.get_or_init(|| {
        let captured = Captured::default();
        let settings = LogSettings {
            format: LogFormat::Json,
            level: tracing::Level::TRACE,
        };
        let lines = subscriber(settings, captured.clone(), postfach::clock::now);
        let _ = tracing::subscriber::set_global_default(lines);
        captured
    });
    String::from_utf8(captured.0.lock().unwrap().clone()).unwrap()
}
