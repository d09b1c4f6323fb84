//! The demonstration: `postfach demo` tells the whole story with real files, the real server as a
//! process of its own, and the same client code as the command line.
//!
//! Every scene verifies what it says and fails otherwise, so `--once` ends with 0 only if
//! everything was true. Folders: `stage`; scenes in order: `story`; the operator who lies:
//! `lying`; what is left to look at: `keepsakes`.

pub mod documents;
mod keepsakes;
mod lying;
mod stage;
mod story;

use std::path::PathBuf;

use clap::Args;

use crate::cli::context::Context;
use crate::cli::error::{Explained as _, Failure};
use crate::cli::lang::text;
use crate::server::pages;

#[derive(Args)]
pub(crate) struct Demo {
    /// End after the story; exit code 0 only if every step verified.
    #[arg(long)]
    once: bool,
    /// Keep keys, age files, statements, receipts and the data folder in this empty folder.
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
    /// Skip the story: serve the pages and leave letters to enrol with.
    #[arg(long, conflicts_with = "once")]
    pages: bool,
    /// How many letters to leave.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=100))]
    letters: u32,
}

/// Runs the demonstration.
pub(crate) async fn run(demo: Demo, context: &Context) -> Result<(), Failure> {
    let lang = context.lang();
    let temporary = match &demo.keep {
        Some(_) => None,
        None => Some(tempfile::tempdir().explained(lang)?),
    };
    let folder = match (&demo.keep, &temporary) {
        (Some(folder), _) => folder.clone(),
        (None, Some(temporary)) => temporary.path().to_owned(),
        (None, None) => PathBuf::from("."),
    };
    let folder = std::path::absolute(&folder).explained(lang)?;
    let mut story = story::Story::begin(&folder, context)?;
    let authority = if demo.pages {
        story.set_the_stage().await?
    } else {
        Box::pin(story.tell()).await?
    };
    if demo.once {
        return Ok(());
    }
    story.serve_on().await?;
    let letters = story.invite(&authority, demo.letters)?;
    let folder = folder.display();
    if !demo.pages {
        second_window(&folder.to_string(), context);
    }
    let pages = story.local_service();
    let letter = letters.first().map(|path| path.display().to_string());
    let letter = letter.unwrap_or_default();
    context.ui.say(text!(
        lang,
        "\nIm Browser:\n  {pages}\n  Brief mit Code und QR-Code: {letter}\n  Mit dem Code darin ein Postfach eröffnen; die Behörde antwortet von selbst.\nBeenden mit Strg+C.",
        "\nIn the browser:\n  {pages}\n  letter with code and QR code: {letter}\n  Open a mailbox with its code; the authority answers by itself.\nStop with Ctrl+C."
    ));
    if !pages::built_in() {
        context.ui.say(text!(
            lang,
            "Die Seiten fehlen in diesem Programm: Node installieren, dann „make demo“.",
            "The pages are missing in this program: install Node, then 'make demo'."
        ));
    }
    tokio::select! {
        failure = story.work_at_the_desk(&authority) => Err(failure),
        stopped = tokio::signal::ctrl_c() => stopped.explained(lang),
    }
}

/// What can be tried on the command line.
fn second_window(folder: &str, context: &Context) {
    let lang = context.lang();
    context.ui.say(text!(
        lang,
        "\nDer Server läuft weiter. In einem zweiten Fenster:\n  postfach --home {folder}/citizen inbox\n  postfach --home {folder}/citizen read 1 --out /tmp/post\n  postfach --home {folder}/citizen party show\n  postfach --home {folder}/authority book list\n  postfach --home {folder}/authority sent\n  postfach --home {folder}/authority send --to 4711 --subject \"Guten Tag\" --text \"Test\"\n  postfach --home {folder}/citizen evidence 1 -o /tmp/1.pfe && postfach --home {folder}/citizen verify /tmp/1.pfe",
        "\nThe server goes on. In a second window:\n  postfach --home {folder}/citizen inbox\n  postfach --home {folder}/citizen read 1 --out /tmp/mail\n  postfach --home {folder}/citizen party show\n  postfach --home {folder}/authority book list\n  postfach --home {folder}/authority sent\n  postfach --home {folder}/authority send --to 4711 --subject \"Hello\" --text \"Test\"\n  postfach --home {folder}/citizen evidence 1 -o /tmp/1.pfe && postfach --home {folder}/citizen verify /tmp/1.pfe"
    ));
}
