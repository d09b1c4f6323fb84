//! `postfach send --batch`: many letters from a CSV file, resumable row by row.
//!
//! Beside the CSV lies a progress file, one line a step. A receipted row is not sent again; a row
//! whose delivery was interrupted lies in the outbox and is delivered from there.
//!
//! Invariants: a letter's id is noted before the letter is made, so none is made twice, whenever the
//! process ends; a progress file is refused beside other rows than it was written for; a row that
//! the server refuses is named and keeps no other row from being sent.

use std::collections::HashMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use postfach_crypto::ids::{EnvelopeId, TextHash};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::cli::context::{Context, Desk};
use crate::cli::error::{Exit, Explained as _, Failure};
use crate::cli::lang::text;
use crate::cli::send::{Send, beside, resolve_reference};
use crate::client::error::ClientError;
use crate::client::send::Letter;
use crate::client::session::Session;
use crate::entropy;

/// One row.
#[derive(Debug, Serialize, Deserialize)]
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
    /// Hash of the row, so that a changed CSV file is noticed.
    content: String,
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
    let mut journal = Journal::open(path, &rows, context)?;
    let progress = context
        .ui
        .progress(&text!(lang, "Briefe", "Letters"), letters.len() as u64);
    let (mut sent, mut refused) = (0, Vec::new());
    for (index, letter) in letters.iter().enumerate() {
        if !journal.is_done(index) {
            match send_row(index, letter, &mut journal, &desk.session, context).await? {
                Ok(Done::Now) => sent += 1,
                Ok(Done::Before) => {}
                Err(error) => refused.push(at_row(&error, index, context)),
            }
        }
        progress.add(1);
    }
    drop(progress);
    report(letters.len(), sent, &refused, context)
}

/// When a row was sent.
enum Done {
    /// In this run.
    Now,
    /// In an earlier one, which did not live to note it.
    Before,
}

/// Sends one row, or says why the server refuses just this one.
async fn send_row(
    index: usize,
    letter: &Letter,
    journal: &mut Journal,
    session: &Session,
    context: &Context,
) -> Result<Result<Done, ClientError>, Failure> {
    let interrupted = journal.envelope(index);
    if let Some(receipted) = session.receipted(interrupted).explained(context.lang())? {
        journal.note(index, interrupted, Some(receipted.to_string()), context)?;
        return Ok(Ok(Done::Before));
    }
    let outbox = session.outbox().explained(context.lang())?;
    let mut waiting = outbox.into_iter();
    let waiting = waiting.find(|prepared| Some(prepared.header.envelope_id) == interrupted);
    let attempt = async {
        let prepared = match waiting {
            Some(prepared) => prepared,
            None => {
                let id = EnvelopeId(entropy::array());
                journal.note(index, Some(id), None, context)?;
                match session.prepare_as(id, letter, &mut |_, _| ()).await {
                    Ok(prepared) => prepared,
                    Err(error) => return Ok(Err(error)),
                }
            }
        };
        let envelope = prepared.header.envelope_id;
        Ok(session
            .deliver(prepared, &mut |_, _| ())
            .await
            .map(|receipted| (envelope, receipted)))
    };
    match attempt.await? {
        Ok((envelope, receipted)) => {
            let receipt = receipted.receipt.hash().to_string();
            journal.note(index, Some(envelope), Some(receipt), context)?;
            Ok(Ok(Done::Now))
        }
        Err(error) if concerns_this_row_only(&error, context) => Ok(Err(error)),
        Err(error) => Err(at_row(&error, index, context)),
    }
}

/// Whether other rows may fare better.
fn concerns_this_row_only(error: &ClientError, context: &Context) -> bool {
    use crate::cli::error::Explain as _;
    let of_substance = matches!(
        error.explain(context.lang()).exit,
        Exit::Refused | Exit::Conflict
    );
    matches!(error, ClientError::Refused(_) if of_substance)
        || matches!(error, ClientError::NotFound(_))
}

fn report(
    total: usize,
    sent: usize,
    refused: &[Failure],
    context: &Context,
) -> Result<(), Failure> {
    let lang = context.lang();
    for failure in refused {
        context.ui.warn(failure.to_text(lang));
    }
    let value = json!({
        "rows": total,
        "sent": sent,
        "refused": refused.iter().map(|failure| &failure.what).collect::<Vec<_>>(),
    });
    let done = total - refused.len();
    context.ui.result(&value, || {
        text!(
            lang,
            "{done} von {total} Zeilen erledigt, davon {sent} jetzt gesendet. Jede erledigte hat ihre Quittung.",
            "{done} of {total} rows done, {sent} of them sent now. Each one done has its receipt."
        )
    });
    if refused.is_empty() {
        return Ok(());
    }
    let count = refused.len();
    Err(Failure::new(
        Exit::Refused,
        text!(
            lang,
            "{count} Zeile(n) hat der Server abgelehnt",
            "the server refused {count} row(s)"
        ),
        text!(
            lang,
            "Ursache je Zeile beheben und denselben Befehl wiederholen; Erledigtes geht nicht noch einmal hinaus",
            "remove the cause given for each row and run the same command again; what is done is not sent again"
        ),
    ))
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
    contents: Vec<String>,
    rows: HashMap<usize, Progress>,
}

impl Journal {
    fn open(csv: &Path, rows: &[Row], context: &Context) -> Result<Self, Failure> {
        let lang = context.lang();
        let mut name = csv.as_os_str().to_owned();
        name.push(".progress");
        let path = PathBuf::from(name);
        let noted = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(error).explained(lang),
        };
        let contents: Vec<String> = rows.iter().map(Row::hash).collect();
        let mut known = HashMap::new();
        // A line that a crash cut short was not acted on.
        for progress in noted
            .lines()
            .filter_map(|line| serde_json::from_str::<Progress>(line).ok())
        {
            if contents.get(progress.row) != Some(&progress.content) {
                return Err(other_rows(&path, progress.row + 2, context));
            }
            known.insert(progress.row, progress);
        }
        let mut file = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(&path)
            .explained(lang)?;
        if !noted.is_empty() && !noted.ends_with('\n') {
            writeln!(file).explained(lang)?;
        }
        Ok(Self {
            file,
            contents,
            rows: known,
        })
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
            content: self.contents[row].clone(),
            envelope: envelope.map(|id| id.to_string()).unwrap_or_default(),
            receipt,
        };
        let line = serde_json::to_string(&progress).expect("four plain fields");
        let written = writeln!(self.file, "{line}").and_then(|()| self.file.sync_data());
        written.explained(context.lang())?;
        self.rows.insert(row, progress);
        Ok(())
    }
}

impl Row {
    /// Names the row by what it says.
    fn hash(&self) -> String {
        let fields = serde_json::to_string(self).expect("four plain fields");
        postfach_crypto::ids::StatementHash(TextHash::of(&fields).0).to_string()
    }
}

/// The CSV file is not the one that was being sent.
fn other_rows(path: &Path, line: usize, context: &Context) -> Failure {
    let (lang, path) = (context.lang(), path.display());
    Failure::new(
        Exit::Conflict,
        text!(
            lang,
            "Zeile {line} ist nicht die, mit der dieser Versand begonnen wurde ({path})",
            "line {line} is not the one that this sending began with ({path})"
        ),
        text!(
            lang,
            "für einen neuen Versand die CSV-Datei anders nennen; zum Fortsetzen die Zeilen nicht ändern, nur unten anfügen",
            "give the CSV file of a new sending another name; to continue, change no rows, only add some at the end"
        ),
    )
}
