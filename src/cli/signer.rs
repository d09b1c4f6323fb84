//! `postfach key signer|signers|dismiss`: clerks and machines that act in an authority's name.
//!
//! A signer gets a profile of its own without the identity key, so it can be dismissed without
//! changing the authority's address.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use postfach_crypto::ids::{StatementHash, UnixMillis};
use postfach_crypto::keys::{SigningKey, VerifyingKey};
use postfach_crypto::statement::{Role, SignerGrant};
use serde_json::json;

use super::context::Context;
use super::error::{Exit, Explained as _, Failure};
use super::key::KeyFileChoice;
use super::lang::{date, text};
use crate::client::keyfile::{self, KeyRole, Keys};
use crate::client::profile::{Profile, Settings};
use crate::{clock, entropy};

/// Milliseconds of a day.
const DAY: u64 = 24 * 60 * 60 * 1000;

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum RoleChoice {
    /// Send letters.
    Send,
    /// Bind people.
    Register,
    /// Read mail; the signer's profile then holds the age identities.
    Read,
    /// Change the list of signers.
    Administer,
}

impl From<RoleChoice> for Role {
    fn from(choice: RoleChoice) -> Self {
        match choice {
            RoleChoice::Send => Self::Send,
            RoleChoice::Register => Self::Register,
            RoleChoice::Read => Self::Read,
            RoleChoice::Administer => Self::Administer,
        }
    }
}

#[derive(Args)]
pub(crate) struct NewSigner {
    /// Folder for the signer's profile; must not have one yet.
    #[arg(long, value_name = "DIR")]
    profile: PathBuf,
    /// What the signer may do; may be repeated.
    #[arg(long = "role", value_enum, required = true)]
    roles: Vec<RoleChoice>,
    /// For how many days.
    #[arg(long, default_value_t = 365, value_parser = clap::value_parser!(u64).range(1..=3660))]
    days: u64,
    /// How the signer's key file is protected.
    #[arg(long, value_enum, default_value = "machine")]
    key_file: KeyFileChoice,
}

#[derive(Args)]
pub(crate) struct Dismiss {
    /// The signer's public key (hex), as listed by `key signers`.
    #[arg(long, value_name = "HEX")]
    key: StatementHash,
}

pub(crate) async fn run_new(arguments: NewSigner, context: &Context) -> Result<(), Failure> {
    let lang = context.lang();
    let desk = context.desk().await?;
    let mut roles: Vec<Role> = arguments.roles.iter().map(|role| (*role).into()).collect();
    roles.sort_unstable();
    roles.dedup();
    let key = SigningKey::generate(&mut entropy::entropy());
    let public = key.verifying_key();
    let mut keys = Keys::new();
    keys.set_address(desk.session.address().explained(lang)?);
    if roles.contains(&Role::Read) {
        for identity in desk.session.keys().age_identities().iter().rev() {
            keys.add_age_identity(identity.clone());
        }
    }
    keys.add_signing(KeyRole::Signer, key);
    let settings = Settings {
        key_file: arguments.key_file.into(),
        ..desk.session.profile().settings().clone()
    };
    let protection = context.new_protection(settings.key_file)?;
    let (profile, _lock) = Profile::create(&arguments.profile, settings).explained(lang)?;
    // The profile comes first: a grant without its key would be of no use.
    let (path, mut rng) = (profile.keys_path(), entropy::entropy());
    keyfile::create(&path, &keys, &protection, &mut rng).explained(lang)?;
    let from = clock::now();
    let until = UnixMillis(from.0 + arguments.days * DAY);
    let grant = SignerGrant {
        key: public,
        roles,
        from,
        until: Some(until),
    };
    let granted = desk
        .session
        .change_signers(|signers| signers.push(grant))
        .await;
    granted.explained(lang)?;
    let (key, folder) = (
        StatementHash(public.0).to_string(),
        arguments.profile.display(),
    );
    let until = date(lang, until);
    context
        .ui
        .result(&json!({ "key": key, "profile": arguments.profile }), || {
            text!(
                lang,
                "Unterzeichner {key} bis {until}, Profil: {folder}",
                "Signer {key} until {until}, profile: {folder}"
            )
        });
    Ok(())
}

pub(crate) async fn run_list(context: &Context) -> Result<(), Failure> {
    let lang = context.lang();
    let desk = context.desk().await?;
    let address = desk.session.address().explained(lang)?;
    let me = desk.session.party(address).await.explained(lang)?.party;
    let rows: Vec<_> = me
        .current()
        .signers
        .iter()
        .map(|grant| {
            json!({
                "key": StatementHash(grant.key.0).to_string(),
                "roles": grant.roles.iter().map(|role| role.name()).collect::<Vec<_>>(),
                "from": grant.from.0,
                "until": grant.until.map(|until| until.0),
            })
        })
        .collect();
    context.ui.result(&rows, || {
        let lines = me.current().signers.iter().map(|grant| {
            let roles: Vec<_> = grant.roles.iter().map(|role| role.name()).collect();
            let until = grant
                .until
                .map_or_else(String::new, |until| date(lang, until));
            format!(
                "{}  {}  {until}",
                StatementHash(grant.key.0),
                roles.join(",")
            )
        });
        lines.collect::<Vec<_>>().join("\n")
    });
    Ok(())
}

pub(crate) async fn run_dismiss(arguments: Dismiss, context: &Context) -> Result<(), Failure> {
    let lang = context.lang();
    let desk = context.desk().await?;
    let key = VerifyingKey(arguments.key.0);
    let address = desk.session.address().explained(lang)?;
    let me = desk.session.party(address).await.explained(lang)?.party;
    if !me.current().signers.iter().any(|grant| grant.key == key) {
        return Err(Failure::new(
            Exit::Usage,
            text!(
                lang,
                "kein Unterzeichner mit diesem Schlüssel",
                "no signer with this key"
            ),
            text!(
                lang,
                "mit „postfach key signers“ nachsehen",
                "look it up with 'postfach key signers'"
            ),
        ));
    }
    let changed = desk
        .session
        .change_signers(|signers| signers.retain(|grant| grant.key != key))
        .await;
    changed.explained(lang)?;
    let key = arguments.key.to_string();
    context.ui.result(&json!({ "dismissed": key }), || {
        text!(
            lang,
            "Unterzeichner {key} gilt nicht mehr; die Adresse bleibt.",
            "Signer {key} no longer counts; the address stays."
        )
    });
    Ok(())
}
