//! `postfach send --batch`: many letters from a CSV file, resumable row by row.
//!
//! Beside the CSV lies a progress file, one line a receipted row. A row in it is not sent again; a
//! row whose delivery was interrupted lies in the outbox and is delivered first.

use std::collections::HashMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use postfach_crypto::ids::EnvelopeId;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::cli::context::{Context, Desk};
use crate::cli::error::{Exit, Explained as _, Failure};
use crate::cli::lang::text;
use crate::cli::send::{Send, beside, resolve_reference};
use crate::client::error::ClientError;
use crate::client::send::Letter;

/// One row.
#[derive(Debug, Deserialize)]
struct Row {
    reference: String,
    subject: String,
    #[serde(default)]
    text: String,
    #[serde(default)]
    files: String,
}

/// What the progress file says of a row.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Progress {
    row: usize,
    envelope: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    receipt: Option<String>,
}

pub(crate) async fn run(
    path: &Path,
    options: &Send,
    desk: &Desk,
    context: &Context,
) -> Result<(), Failure> {
    let lang = context.lang();
    let book = desk.book(lang)?;
    let rows = read_rows(path, context)?;
    // Every row is resolved before the first letter goes out.
    let mut letters = Vec::with_capacity(rows.len());
    for (index, row) in rows.iter().enumerate() {
        let recipient = resolve_reference(&book, &row.reference)
            .map_err(|error| at_row(&error, index, context))?;
        let files: Vec<PathBuf> = row
            .files
            .split('|')
            .filter(|name| !name.trim().is_empty())
            .map(|name| beside(path, name))
            .collect();
        if let Some(missing) = files.iter().find(|file| !file.is_file()) {
            let error = ClientError::NotFound(missing.display().to_string());
            return Err(at_row(&error, index, context));
        }
        letters.push(Letter {
            subject: row.subject.clone(),
            text: row.text.clone(),
            files,
            ..options.blank(recipient)
        });
    }
    let mut journal = Journal::open(path, context)?;
    let progress = context
        .ui
        .progress(&text!(lang, "Briefe", "Letters"), letters.len() as u64);
    let mut sent = 0;
    for (index, letter) in letters.iter().enumerate() {
        if journal.is_done(index) {
            progress.add(1);
            continue;
        }
        let session = &desk.session;
        let interrupted = journal.envelope(index);
        let mut outbox = session.outbox().explained(lang)?.into_iter();
        let waiting = outbox.find(|prepared| Some(prepared.header.envelope_id) == interrupted);
        let prepared = match waiting {
            Some(prepared) => prepared,
            None => {
                if let Some(receipted) = session.receipted(interrupted).explained(lang)? {
                    journal.note(index, interrupted, Some(receipted.to_string()), context)?;
                    progress.add(1);
                    continue;
                }
                session
                    .prepare(letter, &mut |_, _| ())
                    .await
                    .explained(lang)?
            }
        };
        let envelope = Some(prepared.header.envelope_id);
        journal.note(index, envelope, None, context)?;
        let receipted = session
            .deliver(prepared, &mut |_, _| ())
            .await
            .explained(lang)?;
        journal.note(
            index,
            envelope,
            Some(receipted.receipt.hash().to_string()),
            context,
        )?;
        sent += 1;
        progress.add(1);
    }
    drop(progress);
    let total = letters.len();
    context
        .ui
        .result(&json!({ "rows": total, "sent": sent }), || {
            text!(
                lang,
                "{total} Zeilen erledigt, davon {sent} jetzt gesendet. Jede hat ihre Quittung.",
                "{total} rows done, {sent} of them sent now. Each has its receipt."
            )
        });
    Ok(())
}

fn at_row(error: &ClientError, index: usize, context: &Context) -> Failure {
    use crate::cli::error::Explain as _;
    let failure = error.explain(context.lang());
    let row = index + 2; // the header is line 1
    Failure {
        what: text!(
            context.lang(),
            "Zeile {row}: {}",
            "line {row}: {}",
            failure.what
        ),
        ..failure
    }
}

fn read_rows(path: &Path, context: &Context) -> Result<Vec<Row>, Failure> {
    let lang = context.lang();
    let text = std::fs::read_to_string(path).explained(lang)?;
    let text = text.trim_start_matches('\u{feff}');
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(b';')
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    reader
        .deserialize()
        .collect::<Result<_, _>>()
        .map_err(|error: csv::Error| {
            Failure::new(
                Exit::Usage,
                format!("{}: {error}", path.display()),
                text!(
                    lang,
                    "erste Zeile: reference;subject;text;files, weitere Dateien mit | trennen",
                    "first line: reference;subject;text;files; separate several files by |"
                ),
            )
        })
}

/// The progress file.
struct Journal {
    file: std::fs::File,
    rows: HashMap<usize, Progress>,
}

impl Journal {
    fn open(csv: &Path, context: &Context) -> Result<Self, Failure> {
        let lang = context.lang();
        let mut name = csv.as_os_str().to_owned();
        name.push(".progress");
        let path = PathBuf::from(name);
        let known = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(error).explained(lang),
        };
        let rows = known
            .lines()
            .filter_map(|line| serde_json::from_str::<Progress>(line).ok())
            .map(|progress| (progress.row, progress))
            .collect();
        let file = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(&path)
            .explained(lang)?;
        Ok(Self { file, rows })
    }

    fn is_done(&self, row: usize) -> bool {
        self.rows
            .get(&row)
            .is_some_and(|progress| progress.receipt.is_some())
    }

    fn envelope(&self, row: usize) -> Option<EnvelopeId> {
        self.rows.get(&row)?.envelope.parse().ok()
    }

    fn note(
        &mut self,
        row: usize,
        envelope: Option<EnvelopeId>,
        receipt: Option<String>,
        context: &Context,
    ) -> Result<(), Failure> {
        let progress = Progress {
            row,
            envelope: envelope.map(|id| id.to_string()).unwrap_or_default(),
            receipt,
        };
        let line = serde_json::to_string(&progress).expect("three plain fields");
        let written = writeln!(self.file, "{line}").and_then(|()| self.file.sync_data());
        written.explained(context.lang())?;
        self.rows.insert(row, progress);
        Ok(())
    }
}
