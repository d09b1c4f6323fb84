//! What the load measured, as a table and for machines, and whether it may pass.

use super::Failed;
use super::drive::Driven;
use super::notices::Notices;
use super::process::Room;
use crate::report::{line, machine, mebibytes, thousands};
use serde::Serialize;
use std::fmt::Write as _;
use std::time::Duration;

/// Everything that one load measured.
#[derive(Debug, Serialize)]
pub struct ServerReport {
    /// Processor, cores, system.
    pub machine: String,
    /// One after the other, on one growing store.
    pub runs: Vec<Run>,
    /// Largest resident memory of the server, in bytes.
    pub peak_memory: u64,
    /// Notices that citizens listed, fetched and decrypted, all as they were sent.
    pub read_back: usize,
}

/// One run.
#[derive(Debug, Serialize)]
pub struct Run {
    /// Loop and HTTP version.
    pub name: &'static str,
    /// Notices a second that were due, in an open loop.
    pub due_per_second: Option<u32>,
    /// Requests that could be under way at once.
    pub workers: usize,
    /// Notices sent.
    pub notices: usize,
    /// Notices accepted a second; each receipt and proof was verified.
    pub per_second: f64,
    /// Milliseconds until the whole answer was there.
    pub latency: Latency,
    /// Processor time a notice, in microseconds.
    pub server_microseconds: f64,
    /// Of the side that sends.
    pub client_microseconds: f64,
    /// Bytes of a submission.
    pub received: f64,
    /// Bytes that the journal grew by, a notice.
    pub journal: f64,
    /// Bytes that the index grew by, a notice.
    pub index: f64,
    /// What was not accepted.
    pub refused: usize,
    /// What the server said to the first of them.
    pub first_refusal: Option<String>,
}

/// Quantiles, in milliseconds.
#[derive(Debug, Serialize)]
pub struct Latency {
    pub p50: f64,
    pub p99: f64,
    pub p99_9: f64,
    pub most: f64,
}

impl Run {
    pub fn new(
        name: &'static str,
        due_per_second: Option<u32>,
        workers: usize,
        notices: &Notices,
        driven: &Driven,
        (server, client): (Duration, Duration),
        room: Room,
    ) -> Self {
        let sent = notices.all.len() as f64;
        let each = |bytes: u64| bytes as f64 / sent;
        let at = |quantile| driven.latencies.value_at_quantile(quantile) as f64 / 1e3;
        Self {
            name,
            due_per_second,
            workers,
            notices: notices.all.len(),
            per_second: driven.answers.len() as f64 / driven.elapsed.as_secs_f64(),
            latency: Latency {
                p50: at(0.5),
                p99: at(0.99),
                p99_9: at(0.999),
                most: driven.latencies.max() as f64 / 1e3,
            },
            server_microseconds: server.as_secs_f64() * 1e6 / sent,
            client_microseconds: client.as_secs_f64() * 1e6 / sent,
            received: each(notices.bytes),
            journal: each(room.journal),
            index: each(room.index),
            refused: driven.refused.len(),
            first_refusal: driven
                .refused
                .first()
                .map(|(n, said)| format!("notice {n}: {said}")),
        }
    }
}

impl ServerReport {
    pub fn new() -> Self {
        Self {
            machine: machine(),
            runs: Vec::new(),
            peak_memory: 0,
            read_back: 0,
        }
    }

    /// Markdown, as it stands in docs/benchmarks.md.
    pub fn table(&self) -> String {
        let mut out = format!("{}\n\n", self.machine);
        out.push_str("| run | notices | accepted | p50 | p99 | p99.9 | most | server | client | received | journal | index |\n");
        out.push_str("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n");
        for run in &self.runs {
            let millis = |value: f64| format!("{value:.1} ms");
            let micros = |value: f64| format!("{value:.0} µs");
            let bytes = |value: f64| format!("{} B", thousands(value));
            let name = match run.due_per_second {
                None => run.name.to_owned(),
                Some(rate) => format!("{}, {} 1/s due", run.name, thousands(f64::from(rate))),
            };
            line(
                &mut out,
                &[
                    &name,
                    &thousands(run.notices as f64),
                    &format!("{} 1/s", thousands(run.per_second)),
                    &millis(run.latency.p50),
                    &millis(run.latency.p99),
                    &millis(run.latency.p99_9),
                    &millis(run.latency.most),
                    &micros(run.server_microseconds),
                    &micros(run.client_microseconds),
                    &bytes(run.received),
                    &bytes(run.journal),
                    &bytes(run.index),
                ],
            );
        }
        let _ = writeln!(
            out,
            "\nEvery receipt and proof was verified; citizens read back {} notices. The server's peak memory was {}.",
            self.read_back,
            mebibytes(self.peak_memory)
        );
        out
    }

    /// An error where a notice was refused, or answered later than the open loops allow.
    pub fn verdict(&self, late_ms: u64) -> Result<(), Failed> {
        for run in &self.runs {
            if let Some(first) = &run.first_refusal {
                let (name, refused) = (run.name, run.refused);
                return Err(format!("{name}: {refused} notices were not accepted; {first}").into());
            }
            if run.due_per_second.is_some() && run.latency.most > late_ms as f64 {
                let (name, most) = (run.name, run.latency.most);
                return Err(format!(
                    "{name}: an answer took {most:.0} ms, more than the {late_ms} ms of --late-ms"
                )
                .into());
            }
        }
        Ok(())
    }
}
