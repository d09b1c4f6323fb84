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

#[derive(Args)]
pub(crate) struct Demo {
    /// End after the story; exit code 0 only if every step verified.
    #[arg(long)]
    once: bool,
    /// Keep keys, age files, statements, receipts and the data folder in this empty folder.
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
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
    Box::pin(story.tell()).await?;
    if demo.once {
        return Ok(());
    }
    story.serve_on().await?;
    let folder = folder.display();
    context.ui.say(text!(
        lang,
        "\nDer Server läuft weiter. In einem zweiten Fenster:\n  postfach --home {folder}/citizen inbox\n  postfach --home {folder}/citizen read 1 --out /tmp/post\n  postfach --home {folder}/citizen party show\n  postfach --home {folder}/authority book list\n  postfach --home {folder}/authority sent\n  postfach --home {folder}/authority send --to 4711 --subject \"Guten Tag\" --text \"Test\"\n  postfach --home {folder}/citizen evidence 1 -o /tmp/1.pfe && postfach --home {folder}/citizen verify /tmp/1.pfe\nBeenden mit Strg+C.",
        "\nThe server goes on. In a second window:\n  postfach --home {folder}/citizen inbox\n  postfach --home {folder}/citizen read 1 --out /tmp/mail\n  postfach --home {folder}/citizen party show\n  postfach --home {folder}/authority book list\n  postfach --home {folder}/authority sent\n  postfach --home {folder}/authority send --to 4711 --subject \"Hello\" --text \"Test\"\n  postfach --home {folder}/citizen evidence 1 -o /tmp/1.pfe && postfach --home {folder}/citizen verify /tmp/1.pfe\nStop with Ctrl+C."
    ));
    tokio::signal::ctrl_c().await.explained(lang)
}
