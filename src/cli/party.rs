//! `postfach party`: enrol with a letter, see one's standing, answer claims, consent.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};
use postfach_crypto::enrolment::Invitation;
use postfach_crypto::ids::Address;
use postfach_crypto::statement::{ConsentClass, Reason, RefusalReason};
use serde_json::json;
use zeroize::Zeroizing;

use crate::cli::contact::{self, ContactArguments};
use crate::cli::context::Context;
use crate::cli::error::{Exit, Explained as _, Failure};
use crate::cli::key::{KeyFileChoice, absolute, create_party, read_secret};
use crate::cli::lang::{Language, date_time, text};
use crate::cli::passphrase::ask;
use crate::client::closing::Closed;
use crate::client::enrol::{ClaimOutcome, learn_service};
use crate::client::profile::{ProfileKind, Settings};
use crate::client::session::Session;
use crate::clock;
use crate::fold::ClaimAnswer;

/// How often the answer to a claim is looked for.
const POLL: Duration = Duration::from_secs(2);

#[derive(Subcommand)]
pub(crate) enum Party {
    /// Open a mailbox with the letter from an authority.
    Enrol(Enrol),
    /// Show bindings and consents.
    Show,
    /// Answer the claims that wait for this authority.
    Bind,
    /// Withdraw the binding of a person.
    Unbind(Unbind),
    /// Consent to electronic notification or service.
    Consent(ConsentArguments),
    /// Revoke a consent.
    Revoke(Revoke),
    /// Show or change where you are told that a letter waits.
    Contact(ContactArguments),
}

#[derive(Args)]
pub(crate) struct Enrol {
    /// File with the web address from the letter's QR code, or - for standard input; without it you
    /// are asked. Never an argument: other users of this machine would see it.
    #[arg(long, value_name = "FILE")]
    letter: Option<PathBuf>,
    /// Certificate authority to trust, as a PEM file.
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// Your name, for your eyes.
    #[arg(long)]
    name: Option<String>,
    /// How the key file is protected.
    #[arg(long, value_enum, default_value = "passphrase")]
    key_file: KeyFileChoice,
    /// Where to write the recovery sheet.
    #[arg(long, value_name = "FILE", default_value = "recovery-sheet.pdf")]
    sheet: PathBuf,
    /// Wait for the authority's answer at most this many seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    wait: u64,
}

#[derive(Args)]
pub(crate) struct Unbind {
    /// The authority's reference for the person.
    #[arg(long = "ref", value_name = "REF")]
    reference: String,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ClassChoice {
    /// Notification of decisions (Bekanntgabe).
    Notification,
    /// Formal service (Zustellung).
    Service,
}

#[derive(Args)]
pub(crate) struct ConsentArguments {
    /// To what; asked for both without it.
    #[arg(long, value_enum)]
    class: Option<ClassChoice>,
    /// Towards every authority, not only the one whose letter you used.
    #[arg(long)]
    all: bool,
}

#[derive(Args)]
pub(crate) struct Revoke {
    /// Which consent.
    #[arg(long, value_enum)]
    class: ClassChoice,
}

impl From<ClassChoice> for ConsentClass {
    fn from(choice: ClassChoice) -> Self {
        match choice {
            ClassChoice::Notification => Self::Notification,
            ClassChoice::Service => Self::Service,
        }
    }
}

pub(crate) async fn run(party: Party, context: &Context) -> Result<(), Failure> {
    match party {
        Party::Enrol(arguments) => enrol(arguments, context).await,
        Party::Show => show(context).await,
        Party::Bind => bind(context).await,
        Party::Unbind(arguments) => unbind(&arguments, context).await,
        Party::Consent(arguments) => consent(&arguments, context).await,
        Party::Revoke(arguments) => revoke(&arguments, context).await,
        Party::Contact(arguments) => contact::run(&arguments, context).await,
    }
}

async fn enrol(arguments: Enrol, context: &Context) -> Result<(), Failure> {
    let lang = context.lang();
    let link: Zeroizing<String> = match &arguments.letter {
        Some(path) => read_secret(path, context)?,
        None => ask(
            &context.ui,
            &text!(lang, "Adresse aus dem Brief: ", "Address from the letter: "),
        )?,
    };
    let invitation: Invitation =
        link.trim()
            .parse()
            .map_err(|error: postfach_crypto::enrolment::InvitationError| {
                Failure::new(
                    Exit::Usage,
                    error.to_string(),
                    text!(
                        lang,
                        "QR-Code noch einmal einlesen",
                        "scan the QR code again"
                    ),
                )
            })?;
    let session = match context.profile() {
        // A repeated command goes on where the first one stopped.
        Ok(_) => context.desk().await?.session,
        Err(_) => {
            let root = Some(invitation.root);
            let (info, root) = learn_service(&invitation.service, arguments.ca.as_deref(), root)
                .await
                .explained(lang)?;
            let settings = Settings {
                kind: ProfileKind::Citizen,
                key_file: arguments.key_file.into(),
                service: invitation.service.clone(),
                origin: info.origin,
                epoch: info.epoch,
                operator_root: root,
                address: None,
                name: arguments.name,
                ca_file: absolute(arguments.ca.as_deref()),
            };
            create_party(settings, &arguments.sheet, context).await?
        }
    };
    session.claim(&invitation).await.explained(lang)?;
    let issuer = invitation.issuer;
    let deadline = tokio::time::Instant::now() + Duration::from_secs(arguments.wait);
    let answer = loop {
        let answer = claim_answer(&session, issuer, lang).await?;
        if answer != ClaimAnswer::Open || tokio::time::Instant::now() >= deadline {
            break answer;
        }
        tokio::time::sleep(POLL).await;
    };
    let authority = session.party(issuer).await.explained(lang)?;
    let name = authority.certified_name().unwrap_or("?").to_owned();
    let sheet = arguments.sheet.display();
    let address = session.address().explained(lang)?.to_string();
    match answer {
        ClaimAnswer::Refused(reason) => Err(refused(reason, lang)),
        ClaimAnswer::Open => {
            context.ui.result(&json!({ "address": address, "state": "waiting", "authority": name }), || {
                text!(
                    lang,
                    "Ihr Antrag liegt bei {name}. Nachsehen mit „postfach party show“.\nErsatzblatt: {sheet} – ausdrucken und sicher verwahren.",
                    "Your claim is with {name}. Look again with 'postfach party show'.\nRecovery sheet: {sheet} – print it and keep it safe."
                )
            });
            Ok(())
        }
        ClaimAnswer::Bound(_) => {
            context.ui.result(&json!({ "address": address, "state": "bound", "authority": name }), || {
                text!(
                    lang,
                    "Ihr Postfach ist mit {name} verbunden.\nErsatzblatt: {sheet} – ausdrucken und sicher verwahren.\nZustimmen mit „postfach party consent“.",
                    "Your mailbox is connected to {name}.\nRecovery sheet: {sheet} – print it and keep it safe.\nConsent with 'postfach party consent'."
                )
            });
            Ok(())
        }
    }
}

/// How this citizen's newest claim towards an issuer was answered; a binding must be genuine.
async fn claim_answer(
    session: &Session,
    issuer: Address,
    lang: Language,
) -> Result<ClaimAnswer, Failure> {
    let me = session.address().explained(lang)?;
    let relation = session.relation(me, issuer).await.explained(lang)?.relation;
    if let Some(binding) = relation.binding_in_force(clock::now()) {
        session.check_own_binding(binding).await.explained(lang)?;
        return Ok(ClaimAnswer::Bound(binding.hash()));
    }
    Ok(relation
        .claims
        .last()
        .map_or(ClaimAnswer::Open, |(_, answer)| *answer))
}

fn refused(reason: RefusalReason, lang: Language) -> Failure {
    let what = match reason {
        RefusalReason::UnknownCode => text!(
            lang,
            "die Behörde kennt diesen Code nicht",
            "the authority does not know this code"
        ),
        RefusalReason::WrongProof => text!(
            lang,
            "der Code passt nicht zu diesem Brief",
            "the code does not fit this letter"
        ),
        RefusalReason::Expired => text!(
            lang,
            "die Frist des Briefes ist vorbei",
            "the letter's period is over"
        ),
        RefusalReason::AlreadyUsed => text!(
            lang,
            "der Code wurde schon für ein anderes Postfach benutzt",
            "the code was used for another mailbox"
        ),
    };
    let next = text!(
        lang,
        "bei der Behörde einen neuen Brief verlangen; wenn Sie den Code nicht selbst benutzt haben, das dort sagen",
        "ask the authority for a new letter; if it was not you who used the code, tell them"
    );
    Failure::new(Exit::Refused, what, next)
}

async fn show(context: &Context) -> Result<(), Failure> {
    let lang = context.lang();
    let session = context.desk().await?.session;
    let me = session.address().explained(lang)?;
    let mut rows = Vec::new();
    for (authority, name) in session.authorities().await.explained(lang)? {
        let known = session.relation(me, authority).await.explained(lang)?;
        let now = clock::now();
        let bound = match known.relation.binding_in_force(now) {
            Some(binding) => {
                session.check_own_binding(binding).await.explained(lang)?;
                true
            }
            None => false,
        };
        let consented = |class| known.consent_in_force(class, now).is_some();
        let refusal = known
            .relation
            .claims
            .last()
            .and_then(|(_, answer)| match answer {
                ClaimAnswer::Refused(reason) => Some(reason.name()),
                _ => None,
            });
        rows.push(json!({
            "authority": name,
            "address": authority.to_string(),
            "bound": bound,
            "refused": refusal.filter(|_| !bound),
            "notification": consented(ConsentClass::Notification),
            "service": consented(ConsentClass::Service),
        }));
    }
    let yes_no = |value: &serde_json::Value| match value.as_bool() {
        Some(true) => text!(lang, "ja", "yes"),
        _ => text!(lang, "nein", "no"),
    };
    let address = me.to_string();
    let closed = session.closed().await.explained(lang)?;
    let until = closed.as_ref().map(Closed::readable_until);
    let value = json!({
        "address": address,
        "closed": closed.map(|closed| closed.at.0),
        "readable_until": until.map(|until| until.0),
        "authorities": rows,
    });
    context.ui.result(&value, || {
        let mut lines = vec![text!(
            lang,
            "Ihre Adresse: {address}",
            "Your address: {address}"
        )];
        if let Some(until) = until {
            let until = date_time(lang, until);
            lines.push(text!(
                lang,
                "Geschlossen; lesbar bis {until}.",
                "Closed; readable until {until}."
            ));
        }
        for row in &rows {
            let (name, bound) = (
                row["authority"].as_str().unwrap_or_default(),
                yes_no(&row["bound"]),
            );
            let (notification, service) = (yes_no(&row["notification"]), yes_no(&row["service"]));
            lines.push(text!(
                lang,
                "{name}: verbunden {bound}, Bekanntgabe {notification}, Zustellung {service}",
                "{name}: connected {bound}, notification {notification}, service {service}"
            ));
        }
        lines.join("\n")
    });
    Ok(())
}

async fn bind(context: &Context) -> Result<(), Failure> {
    let lang = context.lang();
    let desk = context.desk().await?;
    let _turn = desk.session.profile().lock().explained(lang)?;
    let mut book = desk.book(lang)?;
    let answered = desk.session.answer_claims(&mut book).await;
    desk.save_book(&book, lang)?; // also what was done before something failed
    let outcomes = answered.explained(lang)?;
    let rows: Vec<_> = outcomes
        .iter()
        .map(|outcome| match outcome {
            ClaimOutcome::Bound { reference, receipted } => {
                json!({ "reference": reference, "bound": true, "binding": receipted.statement.to_string() })
            }
            ClaimOutcome::Refused(reason) => json!({ "bound": false, "reason": reason.name() }),
        })
        .collect();
    context.ui.result(&rows, || {
        if outcomes.is_empty() {
            return text!(lang, "Keine neuen Anträge.", "No new claims.");
        }
        let lines = outcomes.iter().map(|outcome| match outcome {
            ClaimOutcome::Bound { reference, .. } => {
                text!(lang, "{reference}: verbunden", "{reference}: connected")
            }
            ClaimOutcome::Refused(reason) => {
                let reason = reason.name();
                text!(
                    lang,
                    "Antrag abgelehnt: {reason}",
                    "claim refused: {reason}"
                )
            }
        });
        lines.collect::<Vec<_>>().join("\n")
    });
    Ok(())
}

async fn unbind(arguments: &Unbind, context: &Context) -> Result<(), Failure> {
    let lang = context.lang();
    let desk = context.desk().await?;
    let _turn = desk.session.profile().lock().explained(lang)?;
    let mut book = desk.book(lang)?;
    let reference = &arguments.reference;
    let receipted = desk
        .session
        .withdraw_binding(&mut book, reference, Reason::AddressEnded)
        .await
        .explained(lang)?;
    desk.save_book(&book, lang)?;
    let receipt = receipted.receipt.hash().to_string();
    context.ui.result(&json!({ "reference": reference, "receipt": receipt }), || {
        text!(
            lang,
            "{reference}: Bindung zurückgenommen. Post an dieses Postfach wird nicht mehr angenommen.",
            "{reference}: binding withdrawn. Mail to this mailbox is no longer accepted."
        )
    });
    Ok(())
}

/// The text that is shown, and whose hash the consent holds.
pub(crate) fn consent_text(class: ConsentClass, authority: &str, lang: Language) -> String {
    match class {
        ConsentClass::Notification => text!(
            lang,
            "Ich bin einverstanden, dass {authority} mir Bescheide über dieses Postfach bekannt gibt. Ein Bescheid gilt dann auch als bekannt gegeben, wenn ich ihn nicht lese. Ich kann das jederzeit widerrufen.",
            "I agree that {authority} notifies me of decisions through this mailbox. A decision then counts as notified even if I do not read it. I can revoke this at any time."
        ),
        ConsentClass::Service => text!(
            lang,
            "Ich bin ausdrücklich einverstanden, dass {authority} mir Schriftstücke über dieses Postfach förmlich zustellt. Fristen können dann auch laufen, wenn ich sie nicht lese. Ich kann das jederzeit widerrufen.",
            "I expressly agree that {authority} formally serves documents on me through this mailbox. Periods may then run even if I do not read them. I can revoke this at any time."
        ),
    }
}

async fn consent(arguments: &ConsentArguments, context: &Context) -> Result<(), Failure> {
    let lang = context.lang();
    let session = context.desk().await?.session;
    let classes = match arguments.class {
        Some(class) => vec![class.into()],
        None => ConsentClass::ALL.to_vec(),
    };
    let mut towards: Vec<(Option<Address>, String)> = Vec::new();
    if arguments.all {
        towards.push((None, text!(lang, "jede Behörde", "every authority")));
    } else {
        let authorities = session.authorities().await.explained(lang)?;
        towards.extend(
            authorities
                .into_iter()
                .map(|(address, name)| (Some(address), name)),
        );
    }
    let mut given = Vec::new();
    for (authority, name) in &towards {
        for class in &classes {
            let shown = consent_text(*class, name, lang);
            let question = text!(lang, "{shown}\nEinverstanden?", "{shown}\nDo you agree?");
            if context.ui.confirm(&question)? {
                let receipted = session
                    .consent(*authority, *class, &shown)
                    .await
                    .explained(lang)?;
                given.push(json!({
                    "class": class.name(),
                    "authority": name,
                    "consent": receipted.statement.to_string(),
                }));
            }
        }
    }
    context.ui.result(&given, || {
        let count = given.len();
        text!(
            lang,
            "{count} Zustimmung(en) erklärt und quittiert.",
            "{count} consent(s) given and receipted."
        )
    });
    Ok(())
}

async fn revoke(arguments: &Revoke, context: &Context) -> Result<(), Failure> {
    let lang = context.lang();
    let session = context.desk().await?.session;
    let mut revoked = 0;
    for (authority, _) in session.authorities().await.explained(lang)? {
        if session
            .has_consent(authority, arguments.class.into())
            .await
            .explained(lang)?
        {
            session
                .revoke_consent(authority, arguments.class.into())
                .await
                .explained(lang)?;
            revoked += 1;
        }
    }
    context.ui.result(&json!({ "revoked": revoked }), || {
        text!(
            lang,
            "{revoked} Zustimmung(en) widerrufen.",
            "{revoked} consent(s) revoked."
        )
    });
    Ok(())
}
