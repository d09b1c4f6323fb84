//! `postfach accept`, `postfach reject`, `postfach withdraw`: what is said of a letter besides
//! reading it.

use clap::{Args, ValueEnum};
use postfach_crypto::ids::StatementHash;
use postfach_crypto::statement::Reason;
use serde_json::json;

use crate::cli::context::Context;
use crate::cli::error::{Exit, Explained as _, Failure};
use crate::cli::lang::{Language, text};
use crate::client::lists::OwnList;
use crate::client::session::Receipted;

#[derive(Args)]
pub(crate) struct Accept {
    /// The letter: its number in the inbox or the start of its hash.
    reference: String,
}

#[derive(Args)]
pub(crate) struct Reject {
    /// The letter: its number in the inbox or the start of its hash.
    reference: String,
    /// Why.
    #[arg(long, value_enum, default_value = "refused")]
    reason: RejectionReason,
}

#[derive(Args)]
pub(crate) struct Withdraw {
    /// The letter: its number in what was sent or the start of its hash.
    reference: String,
    /// Why.
    #[arg(long, value_enum, default_value = "sent-in-error")]
    reason: WithdrawalReason,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum RejectionReason {
    /// I refuse.
    Refused,
    /// I am not, or no longer, the person meant.
    AddressEnded,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum WithdrawalReason {
    /// It was sent in error.
    SentInError,
    /// Another letter takes its place.
    Superseded,
    /// Without a further reason.
    WithdrawnBySender,
}

impl From<RejectionReason> for Reason {
    fn from(reason: RejectionReason) -> Self {
        match reason {
            RejectionReason::Refused => Self::Refused,
            RejectionReason::AddressEnded => Self::AddressEnded,
        }
    }
}

impl From<WithdrawalReason> for Reason {
    fn from(reason: WithdrawalReason) -> Self {
        match reason {
            WithdrawalReason::SentInError => Self::SentInError,
            WithdrawalReason::Superseded => Self::Superseded,
            WithdrawalReason::WithdrawnBySender => Self::WithdrawnBySender,
        }
    }
}

pub(crate) async fn run_accept(arguments: Accept, context: &Context) -> Result<(), Failure> {
    let lang = context.lang();
    let session = context.desk().await?.session;
    let reference = &arguments.reference;
    let header = session.find(reference, OwnList::Mailbox).await;
    let header = header.explained(lang)?;
    confirm(
        context,
        &text!(
            lang,
            "Mit Ihrer Unterschrift bestätigen Sie, dass Sie diese Sendung erhalten und annehmen. Jetzt unterschreiben?",
            "By your signature you confirm that you received and accept this letter. Sign now?"
        ),
    )?;
    let receipted = session.accept(header).await.explained(lang)?;
    done(context, header, &receipted, |lang| {
        text!(
            lang,
            "Annahme erklärt und quittiert.",
            "Acceptance given and receipted."
        )
    });
    Ok(())
}

pub(crate) async fn run_reject(arguments: Reject, context: &Context) -> Result<(), Failure> {
    let lang = context.lang();
    let session = context.desk().await?.session;
    let reference = &arguments.reference;
    let header = session.find(reference, OwnList::Mailbox).await;
    let header = header.explained(lang)?;
    confirm(
        context,
        &text!(
            lang,
            "Sie lehnen diese Sendung ab und können sie danach nicht mehr lesen. Fristen können trotzdem laufen. Jetzt ablehnen?",
            "You refuse this letter and cannot read it afterwards. Periods may run all the same. Refuse now?"
        ),
    )?;
    let receipted = session.reject(header, arguments.reason.into()).await;
    let receipted = receipted.explained(lang)?;
    done(context, header, &receipted, |lang| {
        text!(
            lang,
            "Ablehnung erklärt und quittiert.",
            "Refusal given and receipted."
        )
    });
    Ok(())
}

pub(crate) async fn run_withdraw(arguments: Withdraw, context: &Context) -> Result<(), Failure> {
    let lang = context.lang();
    let session = context.desk().await?.session;
    let reference = &arguments.reference;
    let header = session.find(reference, OwnList::Sent).await;
    let header = header.explained(lang)?;
    let receipted = session.withdraw(header, arguments.reason.into()).await;
    let receipted = receipted.explained(lang)?;
    done(context, header, &receipted, |lang| {
        text!(
            lang,
            "Zurückgenommen und quittiert; der Empfänger kann die Sendung nicht mehr abrufen.",
            "Withdrawn and receipted; the recipient can no longer retrieve the letter."
        )
    });
    Ok(())
}

/// Goes on only after a yes.
pub(super) fn confirm(context: &Context, question: &str) -> Result<(), Failure> {
    if context.ui.confirm(question)? {
        return Ok(());
    }
    let lang = context.lang();
    Err(Failure::new(
        Exit::Refused,
        text!(lang, "nichts unterschrieben", "nothing was signed"),
        text!(
            lang,
            "später mit demselben Befehl möglich",
            "possible later with the same command"
        ),
    ))
}

fn done(
    context: &Context,
    header: StatementHash,
    receipted: &Receipted,
    words: impl FnOnce(Language) -> String,
) {
    let value = json!({
        "header": header.to_string(),
        "receipt": receipted.receipt.hash().to_string(),
    });
    context.ui.result(&value, || words(context.lang()));
}
