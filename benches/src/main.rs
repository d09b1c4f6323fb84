//! Benchmarks of Mein Postfach beside its peers, in one run, taking turns.
//!
//! `cargo run --release -p postfach-benches --features libsodium -- [--json] [--rounds N] [--size MIB] [--dir DIR]
//! [--entries N] [crypto|statements|log|audit|file]…`
//!
//! Nothing named runs all of these. `server` is a run of its own (`server/mod.rs`), for it needs the built program. Figures and how to read them: docs/benchmarks.md.

mod age_file;
mod audit;
mod chunk;
mod file;
#[cfg(feature = "libsodium")]
mod libsodium;
mod log;
mod measure;
mod report;
mod server;
mod statements;

use getrandom::SysRng;
use getrandom::rand_core::UnwrapErr;
use report::Report;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const USAGE: &str = "usage: postfach-benches [--json] [--rounds N] [--size MIB] [--dir DIR] [--entries N] [crypto|statements|log|audit|file]...";

/// Rounds of a turn of about 0.1 ms, of about 1 ms, and of some seconds.
const CHUNK_ROUNDS: usize = 2_001;
const STATEMENT_ROUNDS: usize = 301;
const FILE_ROUNDS: usize = 5;
/// Rounds of receipts and submissions.
const LOG_ROUNDS: usize = 51;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let result = match arguments.split_first() {
        Some((first, rest)) if first == "age-file" => age_file::run(rest, &mut UnwrapErr(SysRng)),
        Some((first, rest)) if first == "audit-log" => audit::visit(rest),
        Some((first, rest)) if first == "server" => server::run(rest).map_err(|error| error as _),
        _ => Settings::parse(&arguments).and_then(|settings| settings.run()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("postfach-benches: {error}");
            ExitCode::FAILURE
        }
    }
}

struct Settings {
    json: bool,
    rounds: Option<usize>,
    mebibytes: u64,
    entries: u64,
    folder: PathBuf,
    parts: Vec<String>,
}

impl Settings {
    fn parse(arguments: &[String]) -> Result<Self, Box<dyn Error>> {
        let mut settings = Self {
            json: false,
            rounds: None,
            mebibytes: 1024,
            entries: 1_000_000,
            folder: std::env::temp_dir(),
            parts: Vec::new(),
        };
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or(USAGE);
            match argument.as_str() {
                "--json" => settings.json = true,
                "--rounds" => settings.rounds = Some(value()?.parse()?),
                "--size" => settings.mebibytes = value()?.parse()?,
                "--entries" => settings.entries = value()?.parse()?,
                "--dir" => settings.folder = value()?.into(),
                "crypto" | "statements" | "log" | "audit" | "file" => {
                    settings.parts.push(argument.clone());
                }
                _ => return Err(USAGE.into()),
            }
        }
        if settings.rounds == Some(0) {
            return Err("--rounds: at least one".into());
        }
        Ok(settings)
    }

    fn wants(&self, part: &str) -> bool {
        self.parts.is_empty() || self.parts.iter().any(|wanted| wanted == part)
    }

    fn run(&self) -> Result<(), Box<dyn Error>> {
        let rng = &mut UnwrapErr(SysRng);
        let mut report = Report {
            machine: report::machine(),
            comparisons: Vec::new(),
            audit: None,
            file: None,
        };
        if self.wants("crypto") {
            eprintln!("chunks of 64 KiB …");
            report
                .comparisons
                .extend(chunk::run(self.rounds.unwrap_or(CHUNK_ROUNDS), rng));
        }
        if self.wants("statements") {
            eprintln!("signatures, keys and receipts …");
            report.comparisons.extend(statements::run(
                self.rounds.unwrap_or(STATEMENT_ROUNDS),
                rng,
            ));
        }
        if self.wants("log") {
            eprintln!("receipts with proofs, and submissions …");
            let rounds = self.rounds.unwrap_or(LOG_ROUNDS);
            report
                .comparisons
                .extend(log::run(rounds, &self.folder, rng)?);
        }
        if self.wants("audit") {
            eprintln!("the audit of a log of {} entries …", self.entries);
            report.audit = Some(audit::run(self.entries, &self.folder, rng)?);
        }
        if self.wants("file") {
            eprintln!(
                "a file of {} MiB, in {} …",
                self.mebibytes,
                self.folder.display()
            );
            let rage = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/tools/cargo/bin/rage");
            let rounds = self.rounds.unwrap_or(FILE_ROUNDS);
            report.file = Some(file::run(
                rounds,
                self.mebibytes << 20,
                &self.folder,
                &rage,
                rng,
            )?);
        }
        if self.json {
            println!("{}", serde_json::to_string_pretty(&report)?);
        } else {
            print!("{}", report.table());
        }
        Ok(())
    }
}
