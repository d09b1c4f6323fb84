//! `postfach key`: make, show, rotate, recover and export keys.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use postfach_crypto::enrolment::RecoverySecret;
use postfach_crypto::ids::{Address, StatementHash};
use postfach_crypto::keys::VerifyingKey;
use serde_json::json;

use crate::api::resources::Info;
use crate::calendar::calendar_day;
use crate::cli::context::{Context, write_output, write_output_over};
use crate::cli::error::{Exit, Explained as _, Failure};
use crate::cli::lang::text;
use crate::cli::recover::{self, Recover};
use crate::cli::signer::{self, Dismiss, NewSigner};
use crate::client::enrol::{NewParty, learn_service, note_address};
use crate::client::keyfile;
use crate::client::profile::{KeyFileKind, Profile, ProfileKind, Settings};
use crate::client::session::{Session, new_context};
use crate::durable::Existing;
use crate::paper::{RecoverySheet, groups_of, recovery_sheet};
use crate::{clock, entropy};

#[derive(Subcommand)]
pub(crate) enum Key {
    /// Make the keys of an authority and register them.
    New(New),
    /// Show address, keys and certificates as the server has them.
    Show,
    /// Replace identity key and age recipient; old mail stays readable.
    Rotate,
    /// Replace all keys with the secret from the recovery sheet.
    Recover(Recover),
    /// Print the age identities, for other age tools.
    Export(Export),
    /// Make a profile for a clerk or machine that acts in this authority's name.
    Signer(NewSigner),
    /// List clerks and machines that act in this authority's name.
    Signers,
    /// End a clerk's or machine's right to act.
    Dismiss(Dismiss),
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum KeyFileChoice {
    /// Under a passphrase, for people.
    Passphrase,
    /// By file permissions, for machines.
    Machine,
}

impl From<KeyFileChoice> for KeyFileKind {
    fn from(choice: KeyFileChoice) -> Self {
        match choice {
            KeyFileChoice::Passphrase => Self::Passphrase,
            KeyFileChoice::Machine => Self::Permissions,
        }
    }
}

#[derive(Args)]
pub(crate) struct New {
    /// The service, https://…
    #[arg(long)]
    service: String,
    /// The operator's root key (hex), from a source that you trust.
    #[arg(long, value_name = "HEX")]
    root: Option<StatementHash>,
    /// Certificate authority to trust, as a PEM file.
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// Your own name, for your eyes.
    #[arg(long)]
    name: Option<String>,
    /// How the key file is protected.
    #[arg(long, value_enum, default_value = "passphrase")]
    key_file: KeyFileChoice,
    /// Where to write the recovery sheet.
    #[arg(long, value_name = "FILE", default_value = "recovery-sheet.pdf")]
    sheet: PathBuf,
}

#[derive(Args)]
pub(crate) struct Export {
    /// Where to write them; - for standard output.
    #[arg(short, long, value_name = "FILE", default_value = "-")]
    output: PathBuf,
}

pub(crate) async fn run(key: Key, context: &Context) -> Result<(), Failure> {
    match key {
        Key::New(new) => run_new(new, context).await,
        Key::Show => show(context).await,
        Key::Rotate => rotate(context).await,
        Key::Recover(arguments) => recover::run(&arguments, context).await,
        Key::Export(arguments) => export(&arguments, context),
        Key::Signer(arguments) => signer::run_new(arguments, context).await,
        Key::Signers => signer::run_list(context).await,
        Key::Dismiss(arguments) => signer::run_dismiss(arguments, context).await,
    }
}

async fn run_new(new: New, context: &Context) -> Result<(), Failure> {
    let lang = context.lang();
    let ca = new.ca.as_deref();
    let (info, root) = accept_service(&new.service, new.root, ca, context).await?;
    let settings = Settings {
        kind: ProfileKind::Authority,
        key_file: new.key_file.into(),
        service: new.service.trim_end_matches('/').to_owned(),
        origin: info.origin,
        epoch: info.epoch,
        operator_root: root,
        address: None,
        name: new.name,
        ca_file: absolute(new.ca.as_deref()),
    };
    let session = create_party(settings, &new.sheet, context).await?;
    let address = session.address().explained(lang)?;
    let sheet = new.sheet.display();
    context.ui.result(&json!({ "address": address.to_string(), "sheet": new.sheet }), || {
        text!(
            lang,
            "Adresse: {address}\nErsatzblatt: {sheet} – ausdrucken und sicher verwahren, dann die Datei löschen.",
            "Address: {address}\nRecovery sheet: {sheet} – print it, keep it safe, then delete the file."
        )
    });
    Ok(())
}

/// What a service says of itself, under a root key that was given, or that the person confirms.
pub(crate) async fn accept_service(
    service: &str,
    root: Option<StatementHash>,
    ca: Option<&Path>,
    context: &Context,
) -> Result<(Info, VerifyingKey), Failure> {
    let lang = context.lang();
    let pinned = root.map(|root| VerifyingKey(root.0));
    let (info, root) = learn_service(service, ca, pinned).await.explained(lang)?;
    if pinned.is_none() {
        let shown = groups_of(&info.root, 4).join(" ");
        let question = text!(
            lang,
            "Wurzelschlüssel des Betreibers: {shown}\nStimmt er mit dem überein, den Sie auf anderem Weg erhalten haben?",
            "Operator's root key: {shown}\nIs it the one that you received another way?"
        );
        if !context.ui.confirm(&question)? {
            return Err(Failure::new(
                Exit::Refused,
                text!(
                    lang,
                    "Wurzelschlüssel nicht bestätigt",
                    "root key not confirmed"
                ),
                text!(lang, "beim Betreiber nachfragen", "ask the operator"),
            ));
        }
    }
    Ok((info, root))
}

/// Makes profile, keys and recovery sheet, and registers the party. The sheet is written before the
/// server learns of the address: no address without a way to recover it.
pub(crate) async fn create_party(
    settings: Settings,
    sheet: &Path,
    context: &Context,
) -> Result<Session, Failure> {
    let lang = context.lang();
    let protection = context.new_protection(settings.key_file)?;
    let (mut profile, lock) = Profile::create(&context.home()?, settings).explained(lang)?;
    drop(lock);
    let party = NewParty::generate();
    write_sheet(
        &party.recovery,
        party.address,
        profile.settings(),
        sheet,
        Existing::Replace,
        context,
    )?;
    keyfile::create(
        &profile.keys_path(),
        &party.keys,
        &protection,
        &mut entropy::entropy(),
    )
    .explained(lang)?;
    note_address(&mut profile, party.address).explained(lang)?;
    let statement = party
        .key_statement(new_context(profile.settings()))
        .explained(lang)?;
    let session = Session::open(profile, party.keys).await.explained(lang)?;
    session.register(&statement).await.explained(lang)?;
    Ok(session)
}

/// Writes the recovery sheet; the only place where the secret is kept.
pub(crate) fn write_sheet(
    secret: &RecoverySecret,
    address: Address,
    settings: &Settings,
    path: &Path,
    existing: Existing,
    context: &Context,
) -> Result<(), Failure> {
    let lang = context.lang();
    let secret = secret.to_text();
    let sheet = RecoverySheet {
        label: settings
            .name
            .clone()
            .unwrap_or_else(|| "Mein Postfach".into()),
        address: address.to_string(),
        service_address: settings.service.clone(),
        root_key: StatementHash(settings.operator_root.0).to_string(),
        date: calendar_day(clock::now()),
        secret_groups: secret.split('-').map(str::to_owned).collect(),
        qr_content: secret.to_string(),
    };
    let pdf = recovery_sheet(&sheet, lang).map_err(|error| {
        Failure::new(
            Exit::Usage,
            error.to_string(),
            text!(lang, "anderen Namen wählen", "choose another name"),
        )
    })?;
    write_output_over(context, path, &pdf, existing).map_err(|failure| Failure {
        what: format!("{}: {}", path.display(), failure.what),
        ..failure
    })
}

async fn show(context: &Context) -> Result<(), Failure> {
    let lang = context.lang();
    let desk = context.desk().await?;
    let address = desk.session.address().explained(lang)?;
    let me = desk.session.party(address).await.explained(lang)?;
    let current = me.party.current();
    let identity = StatementHash(current.identity.0).to_string();
    let name = me.certified_name();
    let value = json!({
        "address": address.to_string(),
        "key_statement": current.number,
        "identity": identity,
        "recipients": current.recipients.len(),
        "signers": current.signers.len(),
        "certified_name": name,
        "history": me.party.history().iter().map(ToString::to_string).collect::<Vec<_>>(),
    });
    context.ui.result(&value, || {
        let certified = name.unwrap_or("–");
        text!(
            lang,
            "Adresse: {address}\nSchlüsselerklärung Nr. {}\nIdentitätsschlüssel: {identity}\nWeitere Unterzeichner: {}\nBeglaubigter Name: {certified}",
            "Address: {address}\nKey statement number {}\nIdentity key: {identity}\nOther signers: {}\nCertified name: {certified}",
            current.number,
            current.signers.len()
        )
    });
    Ok(())
}

async fn rotate(context: &Context) -> Result<(), Failure> {
    let lang = context.lang();
    let desk = context.desk().await?;
    let (statement, keys) = desk.session.rotation().await.explained(lang)?;
    desk.save_keys(&keys, lang)?; // before the server learns of them: no answer, no loss
    desk.session.submit(&statement).await.explained(lang)?;
    let number = statement.number;
    context.ui.result(&json!({ "key_statement": number }), || {
        text!(
            lang,
            "Schlüssel gewechselt (Nr. {number}). Alte Post bleibt lesbar.",
            "Keys rotated (number {number}). Old mail stays readable."
        )
    });
    Ok(())
}

fn export(arguments: &Export, context: &Context) -> Result<(), Failure> {
    let profile = context.profile()?;
    let (keys, _) = context.keys(&profile)?;
    context.ui.warn(text!(
        context.lang(),
        "Wer diese Zeilen hat, kann Ihre Post lesen.",
        "Whoever has these lines can read your mail."
    ));
    write_output(
        context,
        &arguments.output,
        keys.age_identity_file().as_bytes(),
    )
}

/// Reads a secret from a file, or from standard input for `-`.
pub(crate) fn read_secret(
    path: &Path,
    context: &Context,
) -> Result<zeroize::Zeroizing<String>, Failure> {
    let mut text = zeroize::Zeroizing::new(String::new());
    let read = if path == Path::new("-") {
        std::io::Read::read_to_string(&mut std::io::stdin(), &mut text).map(drop)
    } else {
        std::fs::read_to_string(path).map(|content| *text = content)
    };
    read.explained(context.lang())?;
    Ok(text)
}

/// An absolute form of a path, so that the profile works from every folder.
pub(crate) fn absolute(path: Option<&Path>) -> Option<PathBuf> {
    path.map(|path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned()))
}
