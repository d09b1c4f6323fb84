//! `postfach check`: everything in the server's data folder, read and compared with what names it.

use std::path::PathBuf;

use clap::Args;
use postfach_crypto::ids::StatementHash;
use postfach_crypto::tlog::TreeHead;
use postfach_storage::embedded::{Scrubbed, scrub};
use serde_json::json;

use crate::cli::context::Context;
use crate::cli::error::{Exit, Failure};
use crate::cli::lang::{Language, bytes, text};
use crate::cli::operator::operator_failure;
use crate::cli::serve::{KEYS, STORE};
use crate::publish;
use crate::server::operator::load_operator;

/// Name of the mark in the folder of keys, where no other is set.
const MARK: &str = "checkpoint.mark";

#[derive(Args)]
pub(crate) struct Check {
    /// The server's data folder, or a copy of it.
    #[arg(long, value_name = "DIR", default_value = "data")]
    data: PathBuf,
    /// The checkpoint published last, where it is not in the folder of keys (publish.mark).
    #[arg(long, value_name = "FILE")]
    mark: Option<PathBuf>,
}

/// What the mark says about the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Marked {
    /// Nothing was published yet.
    Nothing,
    /// The data continue the checkpoint published last.
    Continued(TreeHead),
    /// The data are older than it.
    Older(TreeHead),
    /// The data are of another log.
    Other(TreeHead),
    /// A fault stands before it.
    Unknown(TreeHead),
}

pub(crate) fn run(check: &Check, context: &Context) -> Result<Exit, Failure> {
    let lang = context.lang();
    let keys =
        load_operator(&check.data.join(KEYS)).map_err(|error| operator_failure(&error, context))?;
    let mark = check.mark.clone();
    let mark = mark.unwrap_or_else(|| check.data.join(KEYS).join(MARK));
    let marked = publish::marked(&mark, &keys).map_err(|error| {
        Failure::new(
            Exit::Local,
            error.to_string(),
            text!(
                lang,
                "Datei und Rechte prüfen, oder --mark angeben",
                "check the file and its permissions, or give --mark"
            ),
        )
    })?;
    let progress = context.progress(&text!(lang, "Journal", "journal"));
    let found = scrub(
        &check.data.join(STORE),
        marked.map(|head| head.size),
        progress,
    );
    let found = found.map_err(|error| {
        Failure::new(
            Exit::Local,
            error.to_string(),
            text!(
                lang,
                "den Datenordner des Servers mit --data angeben",
                "name the server's data folder with --data"
            ),
        )
    })?;
    let marked = compare(marked, &found);
    let sound = found.faults.is_empty() && matches!(marked, Marked::Nothing | Marked::Continued(_));
    context
        .ui
        .result(&form(&found, marked, sound), || page(lang, &found, marked));
    Ok(if sound { Exit::Done } else { Exit::Refused })
}

fn compare(marked: Option<TreeHead>, found: &Scrubbed) -> Marked {
    let Some(marked) = marked else {
        return Marked::Nothing;
    };
    match (found.before, found.log) {
        (Some(before), _) if before == marked => Marked::Continued(marked),
        (Some(_), _) => Marked::Other(marked),
        (None, Some(_)) => Marked::Older(marked),
        (None, None) => Marked::Unknown(marked),
    }
}

fn form(found: &Scrubbed, marked: Marked, sound: bool) -> serde_json::Value {
    let (state, mark) = match marked {
        Marked::Nothing => ("none", None),
        Marked::Continued(head) => ("continued", Some(head)),
        Marked::Older(head) => ("older", Some(head)),
        Marked::Other(head) => ("other", Some(head)),
        Marked::Unknown(head) => ("unknown", Some(head)),
    };
    let faults = found.faults.iter();
    let faults: Vec<_> = faults
        .map(|fault| json!({ "file": fault.file, "offset": fault.offset, "what": fault.what }))
        .collect();
    json!({
        "sound": sound,
        "segments": found.segments,
        "bytes": found.bytes,
        "records": found.records,
        "statements": found.statements,
        "parts": found.parts,
        "objects": found.objects,
        "unfinished": found.unfinished,
        "size": found.log.map(|log| log.size),
        "root": found.log.map(|log| StatementHash(log.root.0).to_string()),
        "mark": state,
        "marked_size": mark.map(|mark| mark.size),
        "faults": faults,
        "more_faults": found.more_faults,
    })
}

fn page(lang: Language, found: &Scrubbed, marked: Marked) -> String {
    let journal = bytes(lang, found.bytes);
    let mut page = text!(
        lang,
        "{} Segmente, {journal}: {} Einträge mit {} Erklärungen und {} Teilen; {} große Inhalte ganz gelesen.",
        "{} segments, {journal}: {} records with {} statements and {} parts; {} large payloads read whole.",
        found.segments,
        found.records,
        found.statements,
        found.parts,
        found.objects
    );
    for fault in &found.faults {
        let (file, offset, what) = (fault.file.display(), fault.offset, fault.what);
        page.push_str(&text!(
            lang,
            "\nFehler: {file}, Byte {offset}: {what}",
            "\nfault: {file}, byte {offset}: {what}"
        ));
    }
    if found.more_faults > 0 {
        page.push_str(&text!(
            lang,
            "\nund {} weitere",
            "\nand {} more",
            found.more_faults
        ));
    }
    page.push('\n');
    page.push_str(&match marked {
        Marked::Nothing => text!(
            lang,
            "Es wurde noch nichts veröffentlicht.",
            "Nothing was published yet."
        ),
        Marked::Continued(head) => text!(
            lang,
            "Das Protokoll setzt fort, was zuletzt veröffentlicht wurde ({} Einträge).",
            "The log continues what was published last ({} entries).",
            head.size
        ),
        Marked::Older(head) => text!(
            lang,
            "Die Daten sind älter als das zuletzt Veröffentlichte ({} Einträge). Ein Server darf damit nicht weiterschreiben.",
            "The data are older than what was published last ({} entries). No server may go on with them.",
            head.size
        ),
        Marked::Other(head) => text!(
            lang,
            "Das Protokoll ist ein anderes als das zuletzt veröffentlichte ({} Einträge).",
            "The log is another than the one published last ({} entries).",
            head.size
        ),
        Marked::Unknown(head) => text!(
            lang,
            "Ob die Daten fortsetzen, was zuletzt veröffentlicht wurde ({} Einträge), lässt der Schaden nicht erkennen.",
            "The damage leaves open whether the data continue what was published last ({} entries).",
            head.size
        ),
    });
    if !found.faults.is_empty() {
        page.push_str(&text!(
            lang,
            "\nDie genannten Dateien aus einer Sicherung zurückholen; nichts davon wird von selbst repariert.",
            "\nRestore the named files from a backup; none of it is repaired by itself."
        ));
    }
    page
}
