//! Logs without personal data, as text or JSON, one line an event, to standard error.
//!
//! Invariants, by construction and not by care: only fields named in `FIELDS` are written, any
//! other appears as `withheld`; addresses inside a value are cut to `pf1…`; other crates speak
//! only from warnings up, since below that they quote requests. Content, keys, names and peers
//! have no field.
//!
//! Absent: log files and rotation (the service manager has both), spans, tracing exporters.

use std::fmt::{self, Write as _};
use std::io::{self, Write};
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};

use postfach_crypto::ids::UnixMillis;
use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

use crate::calendar::rfc3339;

/// What may be logged: nothing that names a person, quotes content or locates a peer.
const FIELDS: &[&str] = &[
    "message",
    "method",
    "route",
    "status",
    "milliseconds",
    "bytes",
    "count",
    "kind",
    "code",
    "sequence",
    "epoch",
    "origin",
    "error",
    "listen",
    "metrics",
    "version",
    "attempt",
    "signal",
    "connections",
    "folder",
    "segment",
];
/// Longest value, in characters.
const MAX_VALUE: usize = 500;
/// Where our own events come from.
const OWN_TARGET: &str = "postfach";
/// An address in bech32m.
const ADDRESS: &str = "pf1";

/// Form of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// How to log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogSettings {
    /// Form of the lines.
    pub format: LogFormat,
    /// Least severe level of our own events.
    pub level: Level,
}

/// Sends events of this process to standard error from now on.
///
/// # Errors
/// Where logging was set up before.
pub fn init(settings: LogSettings) -> Result<(), tracing::subscriber::SetGlobalDefaultError> {
    tracing::subscriber::set_global_default(subscriber(settings, io::stderr(), crate::clock::now))
}

/// The same for other writers and clocks.
pub fn subscriber(
    settings: LogSettings,
    to: impl Write + Send + 'static,
    now: impl Fn() -> UnixMillis + Send + Sync + 'static,
) -> impl Subscriber + Send + Sync {
    tracing_subscriber::registry().with(Lines {
        settings,
        to: Mutex::new(to),
        now,
    })
}

/// Writes each event as a line.
struct Lines<W, N> {
    settings: LogSettings,
    to: Mutex<W>,
    now: N,
}

impl<S, W, N> Layer<S> for Lines<W, N>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: Write + Send + 'static,
    N: Fn() -> UnixMillis + Send + Sync + 'static,
{
    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        let least = if is_own(metadata.target()) {
            self.settings.level
        } else {
            self.settings.level.min(Level::WARN)
        };
        *metadata.level() <= least
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut fields = Fields(Map::new());
        event.record(&mut fields);
        let line = self.line(event.metadata(), fields.0);
        let mut to = self.to.lock().unwrap_or_else(PoisonError::into_inner);
        // A log that cannot be written stops nothing: receipts do not depend on it.
        let _ = to.write_all(line.as_bytes());
    }
}

impl<W, N: Fn() -> UnixMillis> Lines<W, N> {
    fn line(&self, metadata: &Metadata<'_>, mut fields: Map<String, Value>) -> String {
        let time = rfc3339((self.now)());
        let (level, target) = (metadata.level().as_str(), metadata.target());
        match self.settings.format {
            LogFormat::Json => {
                let mut line = Map::new();
                line.insert("time".to_owned(), time.into());
                line.insert("level".to_owned(), level.into());
                line.insert("target".to_owned(), target.into());
                line.append(&mut fields);
                format!("{}\n", Value::Object(line))
            }
            LogFormat::Text => {
                let message = fields.remove("message");
                let message = message.as_ref().and_then(Value::as_str).unwrap_or_default();
                let mut line = format!("{time} {level:<5} {target}: {message}");
                for (name, value) in &fields {
                    // Values are quoted as JSON, so none can forge a line of its own.
                    write!(line, " {name}={value}").expect("a String takes all");
                }
                line.push('\n');
                line
            }
        }
    }
}

/// Collects the fields that may be written.
struct Fields(Map<String, Value>);

impl Fields {
    fn put(&mut self, field: &Field, value: Value) {
        let allowed = FIELDS.contains(&field.name());
        let value = if allowed { value } else { "withheld".into() };
        self.0.insert(field.name().to_owned(), value);
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field, scrub(&format!("{value:?}")).into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, scrub(value).into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value.into());
    }
}

/// Cuts addresses, control characters and length.
fn scrub(text: &str) -> String {
    let mut clean = String::with_capacity(text.len().min(MAX_VALUE));
    let mut rest = text;
    while let Some(start) = rest.find(ADDRESS) {
        let (before, address) = rest.split_at(start + ADDRESS.len());
        clean.push_str(before);
        let after = address.trim_start_matches(|letter: char| letter.is_ascii_alphanumeric());
        if after.len() < address.len() {
            clean.push('…');
        }
        rest = after;
    }
    clean.push_str(rest);
    let printable = |letter: char| if letter.is_control() { ' ' } else { letter };
    clean.chars().map(printable).take(MAX_VALUE).collect()
}

fn is_own(target: &str) -> bool {
    target.starts_with(OWN_TARGET)
}

impl FromStr for LogFormat {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err("expected text or json"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[derive(Clone, Default)]
    struct Captured(Arc<Mutex<Vec<u8>>>);

    impl Write for Captured {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn logged(format: LogFormat, events: impl FnOnce()) -> String {
        let settings = LogSettings {
            format,
            level: Level::INFO,
        };
        let to = Captured::default();
        let lines = subscriber(settings, to.clone(), || UnixMillis(0));
        tracing::subscriber::with_default(lines, events);
        let bytes = to.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn only_named_fields_are_written() {
        let text = logged(LogFormat::Json, || {
            tracing::info!(target: "postfach::http", status = 200, subject = "Hundesteuer", "request");
        });
        let line: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(line["time"], "1970-01-01T00:00:00.000Z");
        assert_eq!(
            (&line["status"], &line["subject"]),
            (&200.into(), &"withheld".into())
        );
        assert!(!text.contains("Hundesteuer"));
    }

    #[test]
    fn addresses_and_line_breaks_are_cut() {
        let text = logged(LogFormat::Text, || {
            tracing::error!(target: "postfach", error = "no party pf1qqqq42\nFAKE line", "refused pf1abc.");
        });
        assert_eq!(
            text,
            "1970-01-01T00:00:00.000Z ERROR postfach: refused pf1…. error=\"no party pf1… FAKE line\"\n"
        );
    }

    #[test]
    fn other_crates_speak_from_warnings_up() {
        let text = logged(LogFormat::Text, || {
            tracing::info!(target: "hyper", "GET /v1/parties/pf1abc");
            tracing::debug!(target: "postfach", "too fine");
            tracing::warn!(target: "object_store", "slow");
        });
        assert_eq!(text.lines().count(), 1);
        assert!(text.contains("slow"));
    }
}
