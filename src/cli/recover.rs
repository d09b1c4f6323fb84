//! `postfach key recover`: new keys for an address, by the recovery sheet.
//!
//! Invariant: no sheet that may still be needed is overwritten, and repeating the command after an
//! interruption goes on where it stopped; what is printed is the sheet that then counts.

use std::path::{Path, PathBuf};

use clap::Args;
use postfach_crypto::enrolment::RecoverySecret;
use postfach_crypto::ids::{Address, StatementHash};
use serde_json::json;

use crate::cli::context::Context;
use crate::cli::error::{Exit, Explain as _, Explained as _, Failure};
use crate::cli::key::{KeyFileChoice, absolute, accept_service, read_secret, write_sheet};
use crate::cli::lang::text;
use crate::cli::passphrase::ask;
use crate::client::keyfile::{self, Keys, Protection};
use crate::client::profile::{Profile, ProfileError, ProfileKind, Settings};
use crate::client::recovery::{Recovery, begun, complete};
use crate::durable::Existing;
use crate::entropy;

#[derive(Args)]
pub(crate) struct Recover {
    /// The service, https://…; on a new device.
    #[arg(long, requires = "address")]
    service: Option<String>,
    /// The address to recover, pf1…, as it stands on the sheet; on a new device.
    #[arg(long, requires = "service")]
    address: Option<Address>,
    /// The operator's root key (hex), from the sheet or the authority's letter.
    #[arg(long, value_name = "HEX", requires = "service")]
    root: Option<StatementHash>,
    /// Certificate authority to trust, as a PEM file.
    #[arg(long, value_name = "FILE", requires = "service")]
    ca: Option<PathBuf>,
    /// Your own name, for your eyes.
    #[arg(long, requires = "service")]
    name: Option<String>,
    /// How the key file on a new device is protected.
    #[arg(long, value_enum, default_value = "passphrase")]
    key_file: KeyFileChoice,
    /// File with the secret, or - for standard input; without it you are asked.
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
    /// Where to write the new recovery sheet.
    #[arg(long, value_name = "FILE", default_value = "recovery-sheet.pdf")]
    sheet: PathBuf,
}

/// What became of mail that came before.
#[derive(Clone, Copy, PartialEq, Eq)]
enum OldMail {
    /// The keys that open it are still there.
    Readable,
    /// They are lost.
    Lost,
}

pub(crate) async fn run(arguments: &Recover, context: &Context) -> Result<(), Failure> {
    let lang = context.lang();
    let secret = ask_secret(arguments, context)?;
    match Profile::open(&context.home()?) {
        Ok(profile) => {
            check_same(arguments, &profile, context)?;
            if profile.keys_path().exists() {
                with_keys(arguments, profile, &secret, context).await
            } else {
                // Interrupted before the keys were written: the sheet of then recovers nothing.
                let settings = profile.settings().clone();
                without_keys(arguments, settings, Some(profile), &secret, context).await
            }
        }
        Err(ProfileError::Missing(_)) => {
            let settings = new_settings(arguments, context).await?;
            without_keys(arguments, settings, None, &secret, context).await
        }
        Err(error) => Err(error.explain(lang)),
    }
}

fn ask_secret(arguments: &Recover, context: &Context) -> Result<RecoverySecret, Failure> {
    let lang = context.lang();
    let typed = match &arguments.secret_file {
        Some(path) => read_secret(path, context)?,
        None => ask(
            &context.ui,
            &text!(
                lang,
                "Code vom Ersatzblatt: ",
                "Code from the recovery sheet: "
            ),
        )?,
    };
    typed
        .parse()
        .map_err(|error: postfach_crypto::SecretTextError| {
            Failure::new(
                Exit::Usage,
                error.to_string(),
                text!(
                    lang,
                    "Blatt Gruppe für Gruppe vergleichen",
                    "compare the sheet group by group"
                ),
            )
        })
}

/// Options that name another party than the profile's are a mistake.
fn check_same(arguments: &Recover, profile: &Profile, context: &Context) -> Result<(), Failure> {
    let settings = profile.settings();
    let other_address = arguments.address.is_some() && arguments.address != settings.address;
    let service = arguments.service.as_deref();
    let other_service = service.is_some_and(|url| url.trim_end_matches('/') != settings.service);
    if !other_address && !other_service {
        return Ok(());
    }
    let lang = context.lang();
    Err(Failure::new(
        Exit::Usage,
        text!(
            lang,
            "in diesem Profilordner liegt das Profil einer anderen Adresse",
            "this profile folder holds the profile of another address"
        ),
        text!(
            lang,
            "mit --home einen neuen Ordner nennen",
            "name a new folder with --home"
        ),
    ))
}

/// The profile of a new device. Its kind is known only when the keys were looked up.
async fn new_settings(arguments: &Recover, context: &Context) -> Result<Settings, Failure> {
    let lang = context.lang();
    let (Some(service), Some(address)) = (&arguments.service, arguments.address) else {
        return Err(Failure::new(
            Exit::Usage,
            text!(
                lang,
                "in diesem Profilordner liegt kein Profil",
                "there is no profile in this profile folder"
            ),
            text!(
                lang,
                "auf einem neuen Gerät --service, --address und --root vom Ersatzblatt angeben",
                "on a new device give --service, --address and --root from the recovery sheet"
            ),
        ));
    };
    let ca = arguments.ca.as_deref();
    let (info, root) = accept_service(service, arguments.root, ca, context).await?;
    Ok(Settings {
        kind: ProfileKind::Citizen,
        key_file: arguments.key_file.into(),
        service: service.trim_end_matches('/').to_owned(),
        origin: info.origin,
        epoch: info.epoch,
        operator_root: root,
        address: Some(address),
        name: arguments.name.clone(),
        ca_file: absolute(ca),
    })
}

/// The device is lost: a profile with new keys alone.
async fn without_keys(
    arguments: &Recover,
    mut settings: Settings,
    begun: Option<Profile>,
    secret: &RecoverySecret,
    context: &Context,
) -> Result<(), Failure> {
    let lang = context.lang();
    let address = own_address(&settings, context)?;
    let recovery = Recovery::prepare(&settings, address, secret, &[])
        .await
        .explained(lang)?;
    if recovery.certified {
        settings.kind = ProfileKind::Authority;
    }
    let protection = context.new_protection(settings.key_file)?;
    let existing = match &begun {
        Some(_) => Existing::Replace,
        None => Existing::Refuse,
    };
    new_sheet(&recovery, &settings, arguments, existing, context)?;
    let (profile, lock) = match begun {
        Some(profile) => {
            let lock = profile.lock().explained(lang)?;
            (profile, lock)
        }
        None => Profile::create(&context.home()?, settings).explained(lang)?,
    };
    recovery.keep(&profile).explained(lang)?;
    let (path, mut rng) = (profile.keys_path(), entropy::entropy());
    keyfile::create(&path, &recovery.keys, &protection, &mut rng).explained(lang)?;
    drop(lock);
    let session = complete(profile, recovery.keys, secret)
        .await
        .explained(lang)?;
    let number = session.kept().party(address).explained(lang)?;
    let number = number.map_or(recovery.statement.number, |party| party.current().number);
    let old_mail = old_mail(session.keys());
    report(arguments, address, number, old_mail, Turn::First, context);
    Ok(())
}

/// The device is there, but its keys are in other hands too: all are replaced, old mail stays
/// readable.
async fn with_keys(
    arguments: &Recover,
    profile: Profile,
    secret: &RecoverySecret,
    context: &Context,
) -> Result<(), Failure> {
    let lang = context.lang();
    let (keys, protection) = context.keys(&profile)?;
    let address = own_address(profile.settings(), context)?;
    if let Some(statement) = begun(&profile, &keys, secret).explained(lang)? {
        let old_mail = old_mail(&keys);
        let session = complete(profile, keys, secret).await.explained(lang)?;
        let party = session.kept().party(address).explained(lang)?;
        let number = party.map_or(statement.number, |party| party.current().number);
        report(arguments, address, number, old_mail, Turn::Again, context);
        return Ok(());
    }
    let openers = keys.age_identities();
    let recovery = Recovery::prepare(profile.settings(), address, secret, openers)
        .await
        .explained(lang)?;
    new_sheet(
        &recovery,
        profile.settings(),
        arguments,
        Existing::Refuse,
        context,
    )?;
    recovery.keep(&profile).explained(lang)?;
    replace_keys(&profile, &recovery.keys, &protection, context)?;
    let number = recovery.statement.number;
    let old_mail = old_mail(&recovery.keys);
    complete(profile, recovery.keys, secret)
        .await
        .explained(lang)?;
    report(arguments, address, number, old_mail, Turn::First, context);
    Ok(())
}

fn replace_keys(
    profile: &Profile,
    keys: &Keys,
    protection: &Protection,
    context: &Context,
) -> Result<(), Failure> {
    let lang = context.lang();
    let lock = profile.lock().explained(lang)?;
    let path = profile.keys_path();
    keyfile::replace(&path, keys, protection, &mut entropy::entropy()).explained(lang)?;
    drop(lock);
    Ok(())
}

fn own_address(settings: &Settings, context: &Context) -> Result<Address, Failure> {
    settings.address.ok_or_else(|| {
        let lang = context.lang();
        Failure::new(
            Exit::Usage,
            text!(
                lang,
                "dieses Profil hat noch keine Adresse",
                "this profile has no address yet"
            ),
            text!(
                lang,
                "mit --home einen neuen Ordner nennen und --address angeben",
                "name a new folder with --home and give --address"
            ),
        )
    })
}

/// Of several age identities the newest is this recovery's; the others open what came before.
fn old_mail(keys: &Keys) -> OldMail {
    if keys.age_identities().len() > 1 {
        OldMail::Readable
    } else {
        OldMail::Lost
    }
}

fn new_sheet(
    recovery: &Recovery,
    settings: &Settings,
    arguments: &Recover,
    existing: Existing,
    context: &Context,
) -> Result<(), Failure> {
    let address = recovery.statement.address;
    let path = &arguments.sheet;
    write_sheet(&recovery.sheet, address, settings, path, existing, context)
}

/// Whether the recovery was begun by this command or by one before.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Turn {
    First,
    Again,
}

fn report(
    arguments: &Recover,
    address: Address,
    number: u64,
    old_mail: OldMail,
    turn: Turn,
    context: &Context,
) {
    let lang = context.lang();
    let value = json!({
        "address": address.to_string(),
        "key_statement": number,
        "sheet": (turn == Turn::First).then_some(&arguments.sheet),
        "old_mail_readable": old_mail == OldMail::Readable,
        "repeated": turn == Turn::Again,
    });
    context.ui.result(&value, || {
        let sheet = sheet_words(&arguments.sheet, turn, context);
        let mail = match old_mail {
            OldMail::Readable => text!(
                lang,
                "Alte Post bleibt lesbar.",
                "Old mail stays readable."
            ),
            OldMail::Lost => text!(
                lang,
                "Post von vorher war für die verlorenen Schlüssel verschlossen; niemand kann sie mehr öffnen. Bitten Sie die Absender, sie noch einmal zu senden.",
                "Mail from before was sealed to the lost keys; nobody can open it any more. Ask the senders to send it again."
            ),
        };
        text!(
            lang,
            "{address} gehört wieder Ihnen: alle Schlüssel sind neu (Nr. {number}), Bindungen und Zustimmungen gelten weiter. Weitere Unterzeichner müssen neu eingetragen werden.\n{sheet}\n{mail}",
            "{address} is yours again: all keys are new (number {number}), bindings and consents remain in force. Other signers must be entered anew.\n{sheet}\n{mail}"
        )
    });
}

fn sheet_words(path: &Path, turn: Turn, context: &Context) -> String {
    let (lang, path) = (context.lang(), path.display());
    match turn {
        Turn::First => text!(
            lang,
            "Das alte Ersatzblatt gilt nicht mehr. Das neue: {path} – ausdrucken und sicher verwahren, dann die Datei löschen.",
            "The old recovery sheet no longer counts. The new one: {path} – print it, keep it safe, then delete the file."
        ),
        Turn::Again => text!(
            lang,
            "Das alte Ersatzblatt gilt nicht mehr; es gilt das neue, das der erste Versuch geschrieben hat.",
            "The old recovery sheet no longer counts; the new one that the first attempt wrote does."
        ),
    }
}
