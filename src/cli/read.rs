//! `postfach inbox`, `postfach read`, `postfach evidence`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use postfach_crypto::statement::{DeliveryClass, Event};
use serde_json::json;
use tokio::time::{Instant, sleep};

use crate::cli::contact;
use crate::cli::context::{Context, write_output};
use crate::cli::error::{Exit, Explained as _, Failure};
use crate::cli::lang::{Language, date_time, text};
use crate::cli::printable::printable;
use crate::cli::report::{Author, content};
use crate::client::evidence::{Content, cosignature_pending};
use crate::client::lists::OwnList;
use crate::client::mailbox::Item;
use crate::client::read::Opened;
use crate::fold::Notification;

/// How often the log is looked at while waiting.
const POLL: Duration = Duration::from_secs(2);
/// The longest wait, in seconds.
const MAX_WAIT: u64 = 3600;

#[derive(Args)]
pub(crate) struct Read {
    /// The letter: its number in the inbox or the start of its hash.
    reference: String,
    /// Folder for attachments.
    #[arg(long, value_name = "DIR", default_value = ".")]
    out: PathBuf,
}

#[derive(Args)]
pub(crate) struct EvidenceArguments {
    /// The letter: its number in the inbox, or with --sent in what was sent, or its hash.
    reference: String,
    /// Look among what was sent.
    #[arg(long)]
    sent: bool,
    /// Disclose what the letter says, provably.
    #[arg(long)]
    open: bool,
    /// Where to write the file.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Wait this long for witnesses to cosign the log, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 0, value_parser = clap::value_parser!(u64).range(..=MAX_WAIT))]
    wait: u64,
}

pub(crate) async fn run_inbox(context: &Context) -> Result<(), Failure> {
    let lang = context.lang();
    let session = context.desk().await?.session;
    let items = session.inbox().await.explained(lang)?;
    let rows: Vec<_> = items.iter().map(item_value).collect();
    context.ui.result(&rows, || {
        if items.is_empty() {
            return text!(lang, "Keine Post.", "No mail.");
        }
        items
            .iter()
            .map(|item| item_line(item, lang))
            .collect::<Vec<_>>()
            .join("\n")
    });
    Ok(())
}

fn item_value(item: &Item) -> serde_json::Value {
    json!({
        "number": item.number,
        "header": item.header.hash().to_string(),
        "sender": item.sender,
        "subject": item.subject,
        "registered": item.registered(),
        "acceptance_until": item.header.acceptance_until.map(|until| until.0),
        "time": consigned(item).0,
        "read": item.delivery.has(Event::ContentAccessTracking),
        "withdrawn": item.delivery.withdrawal.is_some(),
        "deleted": item.delivery.deletion.is_some(),
        "notification": item.delivery.notification().map(Notification::name),
    })
}

fn consigned(item: &Item) -> postfach_crypto::ids::UnixMillis {
    let receipt = item.delivery.receipts.first();
    receipt.map_or(item.header.context.time, |receipt| receipt.context.time)
}

fn item_line(item: &Item, lang: Language) -> String {
    let state = if item.delivery.deletion.is_some() {
        text!(lang, "gelöscht", "deleted")
    } else if item.delivery.withdrawal.is_some() {
        text!(lang, "zurückgenommen", "withdrawn")
    } else if item.delivery.has(Event::ContentAccessTracking) {
        text!(lang, "gelesen", "read")
    } else if item.registered() {
        text!(lang, "ZUSTELLUNG", "REGISTERED")
    } else {
        text!(lang, "NEU", "NEW")
    };
    let sender = item.sender.as_deref().map_or_else(
        || text!(lang, "nicht beglaubigt", "not certified"),
        printable,
    );
    let subject = match item.subject.as_deref() {
        Some(subject) => printable(subject),
        None if item.delivery.deletion.is_some() => String::new(),
        None if item.registered() && !item.delivery.has(Event::ContentHandover) => text!(
            lang,
            "(wird erst gegen Ihre Unterschrift übergeben)",
            "(handed over only against your signature)"
        ),
        None if item.delivery.withdrawal.is_some() => String::new(),
        None => text!(
            lang,
            "(mit Ihren Schlüsseln nicht lesbar; um erneute Sendung bitten)",
            "(not readable with your keys; ask for it to be sent again)"
        ),
    };
    let time = date_time(lang, consigned(item));
    // An address that fails is the reader's to repair.
    let failed = match item.delivery.notification() {
        Some(failed @ Notification::Failed) => format!("  ({})", contact::state(failed, lang)),
        _ => String::new(),
    };
    format!(
        "{:>4}  {state:<14} {time}  {sender}: {subject}{failed}",
        item.number
    )
}

pub(crate) async fn run_read(arguments: Read, context: &Context) -> Result<(), Failure> {
    let lang = context.lang();
    let session = context.desk().await?.session;
    let hash = session
        .find(&arguments.reference, OwnList::Mailbox)
        .await
        .explained(lang)?;
    let header = session.kept_header(&hash).explained(lang)?;
    if header.class == DeliveryClass::Registered {
        let question = text!(
            lang,
            "Diese Sendung wird förmlich zugestellt: Mit Ihrer Unterschrift bestätigen Sie, dass Sie sie erhalten. Jetzt unterschreiben?",
            "This letter is served formally: by your signature you confirm that you receive it. Sign now?"
        );
        if !context.ui.confirm(&question)? {
            return Err(Failure::new(
                Exit::Refused,
                text!(
                    lang,
                    "nicht unterschrieben, nichts übergeben",
                    "not signed, nothing handed over"
                ),
                text!(
                    lang,
                    "später mit demselben Befehl möglich",
                    "possible later with the same command"
                ),
            ));
        }
    }
    std::fs::create_dir_all(&arguments.out).explained(lang)?;
    let mut progress = context.progress(&text!(lang, "Anlagen", "Attachments"));
    let opened = session
        .open_letter(hash, &arguments.out, &mut progress)
        .await
        .explained(lang)?;
    drop(progress);
    context
        .ui
        .result(&opened_value(&opened), || opened_text(&opened, lang));
    Ok(())
}

fn opened_value(opened: &Opened) -> serde_json::Value {
    let manifest = &opened.manifest;
    json!({
        "header": opened.header.hash().to_string(),
        "sender": opened.sender,
        "subject": manifest.subject,
        "text": manifest.text,
        "files": opened.files,
        "acceptance_until": opened.header.acceptance_until.map(|until| until.0),
        "act": manifest.act.as_ref().map(|act| json!({
            "kind": act.kind,
            "file_number": act.file_number,
            "remedy": act.remedy.as_ref().map(|remedy| json!({
                "kind": remedy.kind,
                "body": remedy.body,
                "period": remedy.period,
                "rule": remedy.rule,
                "until": remedy.until,
            })),
            "amount": act.amount.as_ref().map(|amount| json!({
                "minor_units": amount.minor_units,
                "currency": amount.currency,
            })),
            "contact": act.contact,
        })),
        "in_reply_to": manifest.in_reply_to.map(|hash| hash.to_string()),
        "handover": opened.handover.receipt.hash().to_string(),
        "access": opened.access.receipt.hash().to_string(),
    })
}

fn opened_text(opened: &Opened, lang: Language) -> String {
    let (sender, author) = match opened.sender.as_deref() {
        Some(name) => (printable(name), Author::Authority),
        None => (
            text!(lang, "nicht beglaubigt", "not certified"),
            Author::Sender,
        ),
    };
    let mut page = text!(lang, "Von {sender}\n", "From {sender}\n");
    page.push_str(&content(lang, &opened.manifest, author));
    for file in &opened.files {
        let path = file.display();
        page.push_str(&text!(lang, "Gespeichert: {path}\n", "Saved: {path}\n"));
    }
    if let Some(until) = opened.header.acceptance_until {
        let (until, hash) = (date_time(lang, until), opened.header.hash());
        page.push_str(&text!(
            lang,
            "Der Absender bittet bis {until} um ein Empfangsbekenntnis: postfach accept {hash}\n",
            "The sender asks for an acknowledgement of receipt until {until}: postfach accept {hash}\n"
        ));
    }
    page.push_str(&text!(
        lang,
        "Unterschrift, Bindung und Inhalt sind geprüft; Quittungen sind aufbewahrt.",
        "Signature, binding and content are verified; receipts are kept."
    ));
    page
}

pub(crate) async fn run_evidence(
    arguments: EvidenceArguments,
    context: &Context,
) -> Result<(), Failure> {
    let lang = context.lang();
    let session = context.desk().await?.session;
    let list = if arguments.sent {
        OwnList::Sent
    } else {
        OwnList::Mailbox
    };
    let hash = session
        .find(&arguments.reference, list)
        .await
        .explained(lang)?;
    let content = if arguments.open {
        Content::Opened
    } else {
        Content::Sealed
    };
    let deadline = Instant::now() + Duration::from_secs(arguments.wait);
    let evidence = loop {
        let evidence = session.evidence(hash, content).await.explained(lang)?;
        if !cosignature_pending(&evidence) || Instant::now() >= deadline {
            break evidence;
        }
        sleep(POLL).await;
    };
    let pending = cosignature_pending(&evidence);
    if pending {
        context.ui.warn(text!(
            lang,
            "Mitzeichnung steht aus: Noch hat kein Zeuge das Protokoll bis zur jüngsten Quittung mitgezeichnet. Später noch einmal holen, oder mit --wait SEKUNDEN warten.",
            "Cosignature pending: no witness has cosigned the log up to the newest receipt yet. Fetch again later, or wait with --wait SECONDS."
        ));
    }
    let bytes = evidence.encode().map_err(|error| {
        Failure::new(
            Exit::Refused,
            error.to_string(),
            text!(lang, "dem Betreiber melden", "tell the operator"),
        )
    })?;
    write_output(context, &arguments.output, &bytes)?;
    let path = arguments.output.display();
    context.ui.result(
        &json!({
            "evidence": arguments.output,
            "header": hash.to_string(),
            "cosignature_pending": pending,
            "time_stamped": evidence.log.is_some_and(|log| !log.timestamps().is_empty()),
        }),
        || {
            text!(
                lang,
                "Nachweis: {path}. Prüfen, auch ohne Netz: postfach verify {path}",
                "Evidence: {path}. Verify, also offline: postfach verify {path}"
            )
        },
    );
    Ok(())
}
