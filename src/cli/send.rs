//! `postfach send`: one letter, or a batch; `postfach reply`; `postfach sent`.

use std::path::{Path, PathBuf};

use clap::Args;
use postfach_crypto::deadline::Day;
use postfach_crypto::envelope::{Act, Amount, Remedy, Replies};
use postfach_crypto::ids::{Address, StatementHash, UnixMillis};
use postfach_crypto::statement::{DeliveryClass, Event};
use serde_json::json;

use crate::cli::contact;
use crate::cli::context::{Context, Desk};
use crate::cli::error::{Exit, Explain as _, Explained as _, Failure};
use crate::cli::lang::{Language, date_time, text};
use crate::client::book::Book;
use crate::client::error::ClientError;
use crate::client::lists::OwnList;
use crate::client::profile::ProfileKind;
use crate::client::send::Letter;
use crate::client::session::{Receipted, Session};
use crate::clock;
use crate::fold::Notification;

#[derive(Args)]
pub(crate) struct Send {
    /// Recipient: your reference, an authority's name, or an address.
    #[arg(long, value_name = "REF|ADDRESS", required_unless_present_any = ["resume", "batch"])]
    to: Option<String>,
    /// Send one letter a row of this CSV file (reference;subject;text;files separated by |).
    #[arg(long, value_name = "CSV", conflicts_with_all = ["to", "subject", "files"])]
    batch: Option<PathBuf>,
    /// Deliver what lies in the outbox from an interrupted run.
    #[arg(long, conflicts_with_all = ["to", "batch"])]
    resume: bool,
    /// Hand over only against the recipient's signature (Zustellung).
    #[arg(long)]
    registered: bool,
    /// The legal rule by which you deliver, such as BayDiG-24-2.
    #[arg(long, value_name = "RULE")]
    rule: Option<String>,
    /// Ask for an acknowledgement of receipt (Empfangsbekenntnis) within this many days, 1 to 365.
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u16).range(1..=365))]
    acknowledge_within: Option<u16>,
    #[command(flatten)]
    content: Content,
    #[command(flatten)]
    act: ActArguments,
    /// Keep no copy in your own archive.
    #[arg(long)]
    no_archive: bool,
    /// Tell the recipient that nobody reads replies.
    #[arg(long)]
    unmonitored: bool,
}

/// What a letter says.
#[derive(Args)]
pub(crate) struct Content {
    /// Subject; encrypted, the server never sees it.
    #[arg(long)]
    subject: Option<String>,
    /// Text.
    #[arg(long, default_value = "")]
    text: String,
    /// Files to attach.
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
}

/// The administrative act in a letter.
#[derive(Args)]
pub(crate) struct ActArguments {
    /// Kind of act, such as Hundesteuerbescheid.
    #[arg(long = "act", value_name = "KIND", requires = "file_number")]
    kind: Option<String>,
    /// Your file number.
    #[arg(long)]
    file_number: Option<String>,
    /// Kind of remedy, such as Klage.
    #[arg(long, requires_all = ["kind", "remedy_body", "remedy_period", "remedy_rule"])]
    remedy: Option<String>,
    /// Where to lodge it.
    #[arg(long)]
    remedy_body: Option<String>,
    /// Its period in words.
    #[arg(long)]
    remedy_period: Option<String>,
    /// Its legal basis.
    #[arg(long)]
    remedy_rule: Option<String>,
    /// Its last day, YYYY-MM-DD, as you state it.
    #[arg(long, requires = "remedy")]
    remedy_until: Option<String>,
    /// Amount in euro, such as 120,00.
    #[arg(long, requires = "kind")]
    amount: Option<String>,
    /// Whom to ask.
    #[arg(long, requires = "kind")]
    contact: Option<String>,
}

#[derive(Args)]
pub(crate) struct Reply {
    /// The letter to reply to: its number in the inbox or its hash.
    reference: String,
    #[command(flatten)]
    content: Content,
}

impl ActArguments {
    fn act(&self, lang: Language) -> Result<Option<Act>, Failure> {
        let Some(kind) = &self.kind else {
            return Ok(None);
        };
        let text_of = |field: &Option<String>| field.clone().unwrap_or_default();
        let remedy = self.remedy.as_ref().map(|kind| Remedy {
            kind: kind.clone(),
            body: text_of(&self.remedy_body),
            period: text_of(&self.remedy_period),
            rule: text_of(&self.remedy_rule),
            until: self.remedy_until.clone(),
        });
        let amount = self
            .amount
            .as_deref()
            .map(|text| euro(text, lang))
            .transpose()?;
        Ok(Some(Act {
            kind: kind.clone(),
            file_number: text_of(&self.file_number),
            remedy,
            amount,
            contact: self.contact.clone(),
        }))
    }
}

/// Reads `120`, `120,50` or `120.50` as euro.
fn euro(text: &str, lang: Language) -> Result<Amount, Failure> {
    let (whole, cents) = text.split_once([',', '.']).unwrap_or((text, "00"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let value = (digits(whole) && digits(cents) && cents.len() == 2)
        .then(|| {
            whole
                .parse::<u64>()
                .ok()?
                .checked_mul(100)?
                .checked_add(cents.parse().ok()?)
        })
        .flatten();
    value
        .map(|minor_units| Amount {
            minor_units,
            currency: "EUR".into(),
        })
        .ok_or_else(|| {
            Failure::new(
                Exit::Usage,
                text!(lang, "kein Betrag: {text}", "not an amount: {text}"),
                text!(lang, "in der Form 120,00 angeben", "give it as 120.00"),
            )
        })
}

pub(crate) async fn run(arguments: Send, context: &Context) -> Result<(), Failure> {
    let lang = context.lang();
    let desk = context.desk().await?;
    if arguments.resume {
        return resume(&desk, context).await;
    }
    if let Some(batch) = &arguments.batch {
        return crate::cli::batch::run(batch, &arguments, &desk, context).await;
    }
    let to = arguments.to.as_deref().unwrap_or_default();
    let recipient = resolve(&desk, to, lang).await?;
    let letter = arguments.letter(recipient, lang)?;
    let receipted = send_letter(&desk.session, &letter, arguments.archive(&desk), context).await?;
    show_receipt(&receipted, context);
    Ok(())
}

impl Send {
    /// The letter that the arguments describe.
    fn letter(&self, recipient: Address, lang: Language) -> Result<Letter, Failure> {
        let subject = self.content.subject.clone().ok_or_else(|| {
            Failure::new(
                Exit::Usage,
                text!(lang, "der Betreff fehlt", "the subject is missing"),
                text!(lang, "mit --subject angeben", "give it with --subject"),
            )
        })?;
        Ok(Letter {
            subject,
            text: self.content.text.clone(),
            files: self.content.files.clone(),
            act: self.act.act(lang)?,
            ..self.blank(recipient)
        })
    }

    /// A letter with the options that are the same for every row of a batch.
    pub(crate) fn blank(&self, recipient: Address) -> Letter {
        Letter {
            recipient,
            class: if self.registered {
                DeliveryClass::Registered
            } else {
                DeliveryClass::Ordinary
            },
            legal_rule: self.rule.clone(),
            acceptance_until: self.acceptance_until(),
            subject: String::new(),
            text: String::new(),
            files: Vec::new(),
            in_reply_to: None,
            replies: self.unmonitored.then_some(Replies::Unmonitored),
            act: None,
            set: None,
            copy_of: None,
        }
    }

    /// The end of the last day for the acknowledgement, in Germany.
    fn acceptance_until(&self) -> Option<UnixMillis> {
        let days = self.acknowledge_within?;
        let next = Day::of(clock::now()).plus_days(days + 1).start();
        Some(UnixMillis(next.0 - 1))
    }

    /// Whether copies go to the sender's own archive: authorities' letters do.
    pub(crate) fn archive(&self, desk: &Desk) -> Archive {
        if self.no_archive || desk.session.profile().settings().kind != ProfileKind::Authority {
            Archive::None
        } else {
            Archive::Copy
        }
    }
}

/// Whether the sender keeps an encrypted copy at the server.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Archive {
    /// A copy in an envelope to itself.
    Copy,
    /// No copy.
    None,
}

/// Sends a letter and, where wanted, its archive copy.
pub(crate) async fn send_letter(
    session: &Session,
    letter: &Letter,
    archive: Archive,
    context: &Context,
) -> Result<Receipted, Failure> {
    let lang = context.lang();
    let receipted = deliver(session, letter, context).await?;
    if archive == Archive::Copy {
        let copy = Letter {
            recipient: session.address().explained(lang)?,
            class: DeliveryClass::Ordinary,
            legal_rule: None,
            acceptance_until: None,
            copy_of: Some(receipted.statement),
            ..letter.clone()
        };
        deliver(session, &copy, context).await?;
    }
    Ok(receipted)
}

async fn deliver(
    session: &Session,
    letter: &Letter,
    context: &Context,
) -> Result<Receipted, Failure> {
    let lang = context.lang();
    let mut sealing = context.progress(&text!(lang, "Verschlüsseln", "Encrypting"));
    let prepared = session
        .prepare(letter, &mut sealing)
        .await
        .explained(lang)?;
    let mut uploading = context.progress(&text!(lang, "Hochladen", "Uploading"));
    session.deliver(prepared, &mut uploading).await.explained(lang).map_err(|failure| {
        if failure.exit == Exit::Unreachable || failure.exit == Exit::TryAgain {
            let next = text!(
                lang,
                "der Brief liegt im Ausgang: „postfach send --resume“ sendet ihn, ohne ihn zu verdoppeln",
                "the letter lies in the outbox: 'postfach send --resume' sends it without doubling it"
            );
            Failure { next, ..failure }
        } else {
            failure
        }
    })
}

async fn resume(desk: &Desk, context: &Context) -> Result<(), Failure> {
    let lang = context.lang();
    let (mut delivered, mut refused) = (Vec::new(), None);
    for prepared in desk.session.outbox().explained(lang)? {
        let mut uploading = context.progress(&text!(lang, "Hochladen", "Uploading"));
        match desk.session.deliver(prepared, &mut uploading).await {
            Ok(receipted) => delivered.push(receipted.statement.to_string()),
            // One that is refused for good keeps no other from going out.
            Err(error @ ClientError::Refused(_)) => {
                let failure = error.explain(lang);
                context.ui.warn(failure.to_text(lang));
                refused = Some(failure);
            }
            Err(error) => return Err(error).explained(lang),
        }
    }
    context.ui.result(&json!({ "delivered": delivered }), || {
        let count = delivered.len();
        text!(
            lang,
            "{count} Brief(e) aus dem Ausgang zugestellt.",
            "{count} letter(s) delivered from the outbox."
        )
    });
    refused.map_or(Ok(()), Err)
}

fn show_receipt(receipted: &Receipted, context: &Context) {
    let lang = context.lang();
    let time = date_time(lang, receipted.receipt.context.time);
    let (header, receipt) = (receipted.statement, receipted.receipt.hash());
    let events: Vec<_> = receipted
        .receipt
        .events
        .iter()
        .map(|event| event.name())
        .collect();
    let value = json!({
        "header": header.to_string(),
        "receipt": receipt.to_string(),
        "time": receipted.receipt.context.time.0,
        "events": events,
        "repeated": receipted.repeated,
    });
    context.ui.result(&value, || {
        text!(
            lang,
            "Angenommen und bereitgestellt am {time}.\nSendung: {header}\nQuittung: {receipt} (geprüft und aufbewahrt)",
            "Accepted and consigned on {time}.\nLetter: {header}\nReceipt: {receipt} (verified and kept)"
        )
    });
}

/// The address of a recipient given by reference, name or address. Authorities' own references
/// come first; nobody needs to type an address.
pub(crate) async fn resolve(desk: &Desk, to: &str, lang: Language) -> Result<Address, Failure> {
    if let Ok(address) = to.parse::<Address>() {
        return Ok(address);
    }
    if desk.session.profile().settings().kind == ProfileKind::Authority {
        return resolve_reference(&desk.book(lang)?, to).explained(lang);
    }
    let wanted = to.to_lowercase();
    let authorities = desk.session.authorities().await.explained(lang)?;
    let mut matching = authorities
        .into_iter()
        .filter(|(_, name)| name.to_lowercase().contains(&wanted));
    match (matching.next(), matching.next()) {
        (Some((address, _)), None) => Ok(address),
        _ => Err(ClientError::NotFound(to.to_owned())).explained(lang),
    }
}

/// The address that is bound to a reference now.
pub(crate) fn resolve_reference(book: &Book, reference: &str) -> Result<Address, ClientError> {
    let entry = book
        .by_reference(reference)
        .ok_or_else(|| ClientError::NotFound(reference.to_owned()))?;
    entry
        .current()
        .map(|bound| bound.address)
        .ok_or_else(|| ClientError::NotEnrolled(reference.to_owned()))
}

pub(crate) async fn run_reply(arguments: Reply, context: &Context) -> Result<(), Failure> {
    let lang = context.lang();
    let desk = context.desk().await?;
    let session = &desk.session;
    let hash: StatementHash = session
        .find(&arguments.reference, OwnList::Mailbox)
        .await
        .explained(lang)?;
    let header = session.kept_header(&hash).explained(lang)?;
    context.ui.warn(text!(
        lang,
        "Eine Antwort ist keine Klage und kein Widerspruch. Wie und wo Sie sich wehren können, steht im Bescheid.",
        "A reply is not an appeal. How and where to appeal is stated in the decision."
    ));
    let subject = match arguments.content.subject {
        Some(subject) => subject,
        None => text!(lang, "Antwort", "Reply"),
    };
    let letter = Letter {
        recipient: header.sender,
        class: DeliveryClass::Ordinary,
        legal_rule: None,
        acceptance_until: None,
        subject,
        text: arguments.content.text,
        files: arguments.content.files,
        in_reply_to: Some(hash),
        replies: None,
        act: None,
        set: None,
        copy_of: None,
    };
    let receipted = send_letter(session, &letter, Archive::None, context).await?;
    show_receipt(&receipted, context);
    Ok(())
}

/// `postfach sent`: what happened to what was sent.
pub(crate) async fn run_sent(context: &Context) -> Result<(), Failure> {
    let lang = context.lang();
    let desk = context.desk().await?;
    let session = &desk.session;
    let me = session.address().explained(lang)?;
    let book = match session.profile().settings().kind {
        ProfileKind::Authority => Some(desk.book(lang)?),
        _ => None,
    };
    let (mut rows, mut notified) = (Vec::new(), Vec::new());
    let hashes = session.sync(OwnList::Sent).await.explained(lang)?;
    let deliveries = session.deliveries(&hashes).await.explained(lang)?;
    for (index, (hash, delivery)) in hashes.iter().zip(deliveries).enumerate() {
        if delivery.header.recipient == me {
            continue; // the archive copy
        }
        let recipient = delivery.header.recipient;
        let reference = book
            .as_ref()
            .and_then(|book| book.by_address(&recipient).next())
            .map(|entry| entry.reference.clone());
        let state = if delivery.withdrawal.is_some() {
            Event::EnvelopeWithdrawal
        } else {
            let mut events = delivery.receipts.iter().flat_map(|receipt| &receipt.events);
            let newest = events.rfind(|event| tells_of_delivery(**event));
            newest.copied().unwrap_or(Event::ContentConsignment)
        };
        let notification = delivery.notification();
        notified.push(notification.map_or_else(String::new, |it| contact::state(it, lang)));
        rows.push(json!({
            "number": index + 1,
            "header": hash.to_string(),
            "to": reference.unwrap_or_else(|| recipient.to_string()),
            "registered": delivery.header.class == DeliveryClass::Registered,
            "state": state.name(),
            "notification": notification.map(Notification::name),
            "time": delivery.receipts.last().map(|receipt| receipt.context.time.0),
        }));
    }
    context.ui.result(&rows, || {
        let line = |(row, notified): (&serde_json::Value, &String)| {
            let time = row["time"].as_u64().unwrap_or_default();
            let time = date_time(lang, postfach_crypto::ids::UnixMillis(time));
            format!(
                "{:>4}  {:<20} {:<24} {time}  {}",
                row["number"],
                row["to"].as_str().unwrap_or_default(),
                row["state"].as_str().unwrap_or_default(),
                notified
            )
            .trim_end()
            .to_owned()
        };
        rows.iter()
            .zip(&notified)
            .map(line)
            .collect::<Vec<_>>()
            .join("\n")
    });
    Ok(())
}

/// Whether the event says how far the letter got: notifications do not, and what the recipient deletes
/// was received as before.
fn tells_of_delivery(event: Event) -> bool {
    !matches!(
        event,
        Event::ConsignmentNotification
            | Event::ConsignmentNotificationFailure
            | Event::NotificationDelivered
            | Event::EnvelopeDeletion
    )
}

/// Cleans a path from a batch file: relative paths are relative to the file.
pub(crate) fn beside(base: &Path, path: &str) -> PathBuf {
    base.parent().unwrap_or(Path::new(".")).join(path.trim())
}
