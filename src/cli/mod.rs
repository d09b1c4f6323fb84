//! The command line: one verb a file. Results go to standard output, talk to standard error,
//! `--json` works everywhere, exit codes are [`error::Exit`].

pub mod answer;
pub mod audit;
pub mod batch;
mod check;
pub mod contact;
pub mod context;
pub mod error;
mod explain;
pub mod key;
pub mod lang;
mod leave;
pub mod letter;
pub mod operator;
pub mod party;
pub mod passphrase;
pub mod policy_file;
pub mod printable;
pub mod read;
mod recover;
pub mod report;
pub mod send;
pub mod serve;
pub mod signer;
pub mod ui;
pub mod verify;
pub mod witness;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};

use crate::cli::context::Context;
use crate::cli::error::{Exit, Failure};
use crate::cli::lang::Language;
use crate::cli::passphrase::PassphraseSource;
use crate::cli::ui::{Answers, Manner, Output, Ui, Volume};

/// The mailbox between authorities and citizens: signed, end-to-end encrypted, with receipts.
#[derive(Parser)]
#[command(name = "postfach", version, max_term_width = 100)]
struct Arguments {
    /// Profile folder.
    #[arg(long, global = true, value_name = "DIR")]
    home: Option<PathBuf>,
    /// Language of talk and results.
    #[arg(long, global = true, value_enum)]
    lang: Option<LanguageChoice>,
    /// Results as JSON.
    #[arg(long, global = true)]
    json: bool,
    /// Only warnings and errors besides results.
    #[arg(short, long, global = true)]
    quiet: bool,
    /// Answer every question with yes.
    #[arg(short, long, global = true)]
    yes: bool,
    /// File whose first line is the passphrase.
    #[arg(long, global = true, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// Open file descriptor whose first line is the passphrase.
    #[arg(long, global = true, value_name = "FD")]
    passphrase_fd: Option<u32>,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Clone, Copy, ValueEnum)]
enum LanguageChoice {
    De,
    En,
}

#[derive(Subcommand)]
enum Verb {
    /// The whole story with real files on this machine.
    Demo(crate::demo::Demo),
    /// Run the server.
    Serve(serve::Serve),
    /// Read the server's whole data and say what is wrong, also while it runs.
    Check(check::Check),
    /// The operator's keys and certificates.
    #[command(subcommand)]
    Operator(operator::Operator),
    /// Make, show, rotate, recover and export keys.
    #[command(subcommand)]
    Key(key::Key),
    /// Enrol, bindings, consents.
    #[command(subcommand)]
    Party(party::Party),
    /// Write the letter that invites a person (authority).
    Letter(letter::Letter),
    /// The address book: references and addresses (authority).
    #[command(subcommand)]
    Book(letter::BookCommand),
    /// Send a letter, a batch of letters, or what lies in the outbox.
    Send(send::Send),
    /// What happened to what was sent.
    Sent,
    /// What is in the mailbox.
    Inbox,
    /// Open a letter.
    Read(read::Read),
    /// Reply to a letter.
    Reply(send::Reply),
    /// Accept a letter: the signed acknowledgement of receipt.
    Accept(answer::Accept),
    /// Refuse a letter that was not retrieved.
    Reject(answer::Reject),
    /// Take back a letter that was sent and not retrieved.
    Withdraw(answer::Withdraw),
    /// Delete letters: their content is served to none of your devices any more.
    Delete(leave::Delete),
    /// Close the mailbox for good.
    Close,
    /// Gather the evidence about a letter in one file.
    Evidence(read::EvidenceArguments),
    /// Verify evidence files, offline.
    Verify(verify::Arguments),
    /// Walk a whole log and check everything in it.
    Audit(audit::Arguments),
    /// Watch over other people's logs: cosign what continues what was cosigned before.
    #[command(subcommand)]
    Witness(witness::WitnessCommand),
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let variable = |name: &str| std::env::var(name).ok();
    let chosen = arguments.lang.map(|choice| match choice {
        LanguageChoice::De => Language::German,
        LanguageChoice::En => Language::English,
    });
    let manner = Manner {
        lang: lang::detect(chosen, variable),
        output: if arguments.json {
            Output::Json
        } else {
            Output::Text
        },
        volume: if arguments.quiet {
            Volume::Quiet
        } else {
            Volume::Normal
        },
        answers: if arguments.yes {
            Answers::Yes
        } else {
            Answers::Ask
        },
    };
    let ui = Ui::on_terminal(manner, variable);
    let (file, descriptor) = (
        arguments.passphrase_file.as_deref(),
        arguments.passphrase_fd,
    );
    let context = Context {
        passphrases: PassphraseSource::choose(file, descriptor, variable),
        home: arguments.home,
        ui: ui.clone(),
    };
    match run(arguments.verb, &context) {
        Ok(exit) => exit.into(),
        Err(failure) => {
            ui.fail(&failure);
            failure.exit.into()
        }
    }
}

fn run(verb: Verb, context: &Context) -> Result<Exit, Failure> {
    // The one provider of TLS for server and client; a second installation keeps the first.
    let _ = crate::server::tls::provider().install_default();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(Exit::Local, error.to_string(), "ulimit -a"))?;
    runtime.block_on(Box::pin(async {
        match verb {
            Verb::Verify(arguments) => return run_verify(arguments, context),
            Verb::Audit(arguments) => return audit::run(arguments, context).await,
            Verb::Demo(demo) => crate::demo::run(demo, context).await,
            Verb::Check(arguments) => return check::run(&arguments, context),
            Verb::Serve(arguments) => serve::run(arguments, context).await,
            Verb::Operator(operator) => operator::run(operator, context).await,
            Verb::Key(key) => key::run(key, context).await,
            Verb::Party(party) => party::run(party, context).await,
            Verb::Letter(letter) => letter::run(letter, context).await,
            Verb::Book(command) => letter::run_book(command, context).await,
            Verb::Send(arguments) => send::run(arguments, context).await,
            Verb::Sent => send::run_sent(context).await,
            Verb::Inbox => read::run_inbox(context).await,
            Verb::Read(arguments) => read::run_read(arguments, context).await,
            Verb::Reply(arguments) => send::run_reply(arguments, context).await,
            Verb::Accept(arguments) => answer::run_accept(arguments, context).await,
            Verb::Reject(arguments) => answer::run_reject(arguments, context).await,
            Verb::Withdraw(arguments) => answer::run_withdraw(arguments, context).await,
            Verb::Delete(arguments) => leave::run_delete(arguments, context).await,
            Verb::Close => leave::run_close(context).await,
            Verb::Evidence(arguments) => read::run_evidence(arguments, context).await,
            Verb::Witness(command) => witness::run(command, context).await,
        }
        .map(|()| Exit::Done)
    }))
}

/// The pinned operator is the profile's, where there is a profile.
fn run_verify(arguments: verify::Arguments, context: &Context) -> Result<Exit, Failure> {
    let pinned = context.profile().ok().map(|profile| {
        let settings = profile.settings();
        let (origin, root) = (&*settings.origin, settings.operator_root);
        postfach_crypto::evidence::Policy::without_witnesses(origin, root)
    });
    verify::run(arguments, pinned, &context.ui)
}
