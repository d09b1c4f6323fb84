//! The load: prepared notices to a real server, over TLS, each receipt and proof verified.
//!
//! `postfach-benches server [--json] [--notices N] [--citizens N] [--rate N] [--late-ms N] [--sample N] [--program FILE]
//! [--dir DIR]`
//!
//! ```text
//!   town: server process, authority, citizens ─▶ for each run: prepare on disk ─▶ send ─▶ verify all ─▶ figures
//!                                                            at the end: citizens read a sample back
//! ```
//!
//! Client and server share the machine; the processor time of each is reported apart. It fails where a receipt is wrong,
//! late or missing, or where a citizen reads something else than was sent.

mod drive;
mod figures;
mod notices;
mod process;
mod town;
mod verify;

use drive::{Wire, drive};
use figures::{Run, ServerReport};
use indicatif::{ProgressBar, ProgressStyle};
use notices::Notices;
use postfach::client::lists::OwnList;
use postfach::server::tls;
use process::{Room, check_room, peak_memory, processor_time};
use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;
use town::Town;

/// Whatever ends a run early; said to the person who started it.
pub type Failed = Box<dyn Error + Send + Sync>;

const USAGE: &str = "usage: postfach-benches server [--json] [--notices N] [--citizens N] [--rate N] [--late-ms N] [--sample N] [--program FILE] [--dir DIR]";
/// Room on the disk that a notice may take in all: prepared, in the journal, in the index.
const ROOM: u64 = 24 << 10;
/// Room that the server itself keeps free.
const RESERVE: u64 = 512 << 20;
/// Workers of each kind of run, and HTTP/2 connections that they share.
const CLOSED_WORKERS: usize = 64;
const OPEN_WORKERS: usize = 256;
const CONNECTIONS: usize = 8;

struct Settings {
    json: bool,
    /// Notices of each run.
    notices: usize,
    citizens: usize,
    /// Notices a second of the open loops.
    rate: u32,
    /// Slower answers of an open loop are errors.
    late_ms: u64,
    /// Citizens who read all their notices at the end.
    sample: usize,
    program: PathBuf,
    folder: PathBuf,
}

impl Settings {
    fn parse(arguments: &[String]) -> Result<Self, Failed> {
        let program = std::env::current_exe()?.with_file_name("postfach");
        let mut settings = Self {
            json: false,
            notices: 36_110,
            citizens: 8192,
            rate: 3611,
            late_ms: 1000,
            sample: 4,
            program,
            folder: std::env::temp_dir(),
        };
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or(USAGE);
            match argument.as_str() {
                "--json" => settings.json = true,
                "--notices" => settings.notices = value()?.parse()?,
                "--citizens" => settings.citizens = value()?.parse()?,
                "--rate" => settings.rate = value()?.parse()?,
                "--late-ms" => settings.late_ms = value()?.parse()?,
                "--sample" => settings.sample = value()?.parse()?,
                "--program" => settings.program = value()?.into(),
                "--dir" => settings.folder = value()?.into(),
                _ => return Err(USAGE.into()),
            }
        }
        if settings.rate == 0 || settings.notices == 0 || settings.citizens < OPEN_WORKERS {
            let least = OPEN_WORKERS;
            return Err(
                format!("--citizens: at least {least}; --rate, --notices: at least 1").into(),
            );
        }
        Ok(settings)
    }
}

/// One kind of run.
struct Kind {
    name: &'static str,
    wire: Wire,
    rate: Option<u32>,
}

/// Runs everything; the report is printed before a failure ends the program.
pub fn run(arguments: &[String]) -> Result<(), Failed> {
    let settings = Settings::parse(arguments)?;
    let _ = tls::provider().install_default();
    let runtime = tokio::runtime::Runtime::new()?;
    let report = runtime.block_on(measure(&settings))?;
    if settings.json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        print!("{}", report.table());
    }
    report.verdict(settings.late_ms)
}

async fn measure(settings: &Settings) -> Result<ServerReport, Failed> {
    let rate = Some(settings.rate);
    let kind = |name, wire, rate| Kind { name, wire, rate };
    let kinds = [
        kind("closed loop, HTTP/1.1", Wire::Http1, None),
        kind("closed loop, HTTP/2", Wire::Http2, None),
        kind("open loop, HTTP/1.1", Wire::Http1, rate),
        kind("open loop, HTTP/2", Wire::Http2, rate),
    ];
    let statements = (kinds.len() * settings.notices + 2 * settings.citizens) as u64;
    check_room(&settings.folder, statements * ROOM + RESERVE)?;
    let folder = tempfile::tempdir_in(&settings.folder)?;
    eprintln!("{} citizens register …", settings.citizens);
    let mut town = Town::found(&settings.program, folder.path(), settings.citizens).await?;
    let mut report = ServerReport::new();
    for kind in kinds {
        let path = folder.path().join("notices");
        report
            .runs
            .push(one(&mut town, settings, &kind, &path).await?);
        std::fs::remove_file(path)?;
    }
    report.peak_memory = peak_memory(town.server.id())?;
    report.read_back = read_back(&town, settings.sample).await?;
    Ok(report)
}

async fn one(
    town: &mut Town,
    settings: &Settings,
    kind: &Kind,
    path: &std::path::Path,
) -> Result<Run, Failed> {
    let bar = bar(settings.notices, "prepared");
    let prepared =
        tokio::task::block_in_place(|| Notices::prepare(town, settings.notices, path, &bar))?;
    bar.finish_and_clear();
    let notices = Arc::new(prepared);
    let workers = match kind.rate {
        None => CLOSED_WORKERS,
        Some(_) => OPEN_WORKERS,
    };
    let senders = town.line.open(kind.wire, CONNECTIONS, workers).await?;
    let (server, client) = (town.server.id(), std::process::id());
    let before = (processor_time(server)?, processor_time(client)?);
    let room = Room::of(&town.store())?;
    let sending = self::bar(settings.notices, kind.name);
    let driven = drive(
        senders,
        Arc::clone(&notices),
        town.citizens.len(),
        kind.rate,
        sending.clone(),
    )
    .await?;
    sending.finish_and_clear();
    let after = (processor_time(server)?, processor_time(client)?);
    let room = Room::of(&town.store())?.since(room);
    let (operator, epoch) = (&town.operator, town.settings.epoch);
    tokio::task::block_in_place(|| verify::verify(&driven, &notices, operator, epoch))?;
    Ok(Run::new(
        kind.name,
        kind.rate,
        workers,
        &notices,
        &driven,
        (after.0 - before.0, after.1 - before.1),
        room,
    ))
}

/// Some citizens list, fetch and decrypt all their notices with the client that people use. Says how many were read.
async fn read_back(town: &Town, sample: usize) -> Result<usize, Failed> {
    let all = town.citizens.len();
    let mut read = 0;
    for citizen in (0..all).step_by(all.div_ceil(sample.max(1))) {
        let session = town.session(citizen).await?;
        let folder = town.saved(citizen)?;
        let expected = &town.citizens[citizen].expected;
        let listed = session.sync(OwnList::Mailbox).await?;
        if !listed.iter().eq(expected.iter().map(|(hash, _)| hash)) {
            return Err(format!("citizen {citizen} finds other notices than were sent").into());
        }
        for (hash, text) in expected {
            let opened = session.open_letter(*hash, &folder, &mut |_, _| ()).await?;
            if opened.manifest.text != *text {
                return Err(format!("citizen {citizen} reads something else than was sent").into());
            }
            read += 1;
        }
    }
    Ok(read)
}

fn bar(length: usize, what: &'static str) -> ProgressBar {
    let style = "{msg:24} {wide_bar} {human_pos} of {human_len} {per_sec}";
    let style = ProgressStyle::with_template(style).expect("a template of indicatif's own words");
    ProgressBar::new(length as u64)
        .with_style(style)
        .with_message(what)
}
