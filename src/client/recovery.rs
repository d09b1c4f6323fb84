//! Recovery: an address gets new keys by its recovery sheet, also when every device is lost.
//!
//! ```text
//!   sheet ──recovery key reads──▶ key history, verified from number 0
//!   prepare ──▶ new keys, new sheet, key statement signed by recovery key and new identity key
//!   sheet printed ─▶ statement kept ─▶ key file written ─▶ submitted, as often as the line breaks
//! ```
//!
//! Invariants: the server learns of nothing before the new sheet, the statement and the new keys
//! are on disk; an interrupted recovery submits the same statement again, and one that the server
//! will not take any more is made anew with the same keys and the same new sheet.
//!
//! Old mail opens where keys are left, on this device or in the sheet's vault (`sheet_vault`); mail that was
//! sealed to lost keys stays closed, to everybody. Specification: docs/format/statements.md, "Key history"; docs/format/http.md, "Signature".

use postfach_crypto::age::HybridIdentity;
use postfach_crypto::enrolment::RecoverySecret;
use postfach_crypto::ids::Address;
use postfach_crypto::keys::SigningKey;
use postfach_crypto::party::Party;
use postfach_crypto::statement::{Head, KeyStatement, Signed, Subject};

use super::error::{ClientError, Dishonest};
use super::http::{Http, Signer};
use super::kept::Kept;
use super::keyfile::{KeyRole, Keys};
use super::profile::{Profile, Settings};
use super::rotation::recipients;
use super::session::{Session, contradiction, introduce, new_context, verified};
use super::sheet_vault;
use crate::api::resources::PartyResource;
use crate::entropy;

/// New keys for an address, before the server has seen them.
pub struct Recovery {
    /// The new private keys; what opened mail before stays among them, where it was still there.
    pub keys: Keys,
    /// The secret for the new sheet.
    pub sheet: RecoverySecret,
    /// The key statement that replaces all keys.
    pub statement: Signed<KeyStatement>,
    /// Whether the party is or was certified, so an authority.
    pub certified: bool,
    shown: ShownKeys,
}

/// A party's keys as the server shows them to the holder of its recovery key, verified.
struct ShownKeys {
    history: Vec<Signed<KeyStatement>>,
    party: Party,
    head: Signed<Head>,
    certified: bool,
}

impl Recovery {
    /// Draws new keys and a new sheet for `address`. `openers` are the age identities that are not
    /// lost, newest first; those in the sheet's vault join them. Nothing is written, and nothing changes at the server.
    pub async fn prepare(
        settings: &Settings,
        address: Address,
        secret: &RecoverySecret,
        openers: &[HybridIdentity],
    ) -> Result<Self, ClientError> {
        let shown = ShownKeys::fetch(settings, address, secret).await?;
        let http = Http::new(&settings.service, settings.ca_file.as_deref())?;
        let found = sheet_vault::openers(&http, address, secret).await?;
        let openers = sheet_vault::joined(openers, found);
        let mut rng = entropy::entropy();
        let identity = SigningKey::generate(&mut rng);
        let sheet = RecoverySecret::generate(&mut rng);
        let mut keys = Keys::new();
        keys.set_address(address);
        for opener in openers.iter().rev() {
            keys.add_age_identity(opener.clone());
        }
        keys.add_age_identity(HybridIdentity::generate(&mut rng));
        let mut next = shown.party.current().payload().clone();
        next.identity = identity.verifying_key();
        next.recovery = sheet.recovery_key().verifying_key().recovery_hash();
        next.recipients = recipients(&keys);
        next.signers = Vec::new();
        let statement = shown.continued(next, settings, secret, &identity)?;
        keys.add_signing(KeyRole::Identity, identity);
        Ok(Self {
            keys,
            sheet,
            statement,
            certified: shown.certified,
            shown,
        })
    }

    /// Keeps the history and the statement in the profile, so that whoever opens it with the new
    /// keys completes the recovery. Before the key file is written.
    pub fn keep(&self, profile: &Profile) -> Result<(), ClientError> {
        self.shown.keep(profile, &self.statement)
    }
}

/// The statement by which these keys took, or are to take, the address over with this sheet.
pub fn begun(
    profile: &Profile,
    keys: &Keys,
    secret: &RecoverySecret,
) -> Result<Option<Signed<KeyStatement>>, ClientError> {
    let Ok(identity) = keys.identity() else {
        return Ok(None);
    };
    let (identity, recovery) = (
        identity.verifying_key(),
        secret.recovery_key().verifying_key(),
    );
    let statements = kept(profile)?.all::<KeyStatement>()?;
    Ok(statements.into_iter().find(|statement| {
        statement.identity == identity && statement.recovered_with == Some(recovery)
    }))
}

/// Submits the recovery that a profile keeps, and opens the profile. Safe to repeat.
pub async fn complete(
    profile: Profile,
    keys: Keys,
    secret: &RecoverySecret,
) -> Result<Session, ClientError> {
    match Session::open(profile.clone(), keys.clone()).await {
        Err(ClientError::UnfinishedRecovery) => {
            renew(&profile, &keys, secret).await?;
            Session::open(profile, keys).await
        }
        other => other,
    }
}

/// The same keys and the same new sheet in a statement that fits what the server knows by now.
async fn renew(profile: &Profile, keys: &Keys, secret: &RecoverySecret) -> Result<(), ClientError> {
    let Some(begun) = begun(profile, keys, secret)? else {
        return Err(ClientError::ForeignSheet);
    };
    let settings = profile.settings();
    let shown = ShownKeys::fetch(settings, begun.address, secret).await?;
    let next = begun.payload().clone();
    let statement = shown.continued(next, settings, secret, keys.identity()?)?;
    shown.keep(profile, &statement)
}

impl ShownKeys {
    async fn fetch(
        settings: &Settings,
        address: Address,
        secret: &RecoverySecret,
    ) -> Result<Self, ClientError> {
        let http = Http::new(&settings.service, settings.ca_file.as_deref())?;
        let (_, operator) = introduce(&http, settings).await?;
        let recovery_key = secret.recovery_key();
        let signer = Signer {
            address,
            key: &recovery_key,
        };
        let path = format!("/v1/parties/{address}");
        let answer = http.get(&path, Some(signer)).await;
        let resource: PartyResource = answer.map_err(|error| match error {
            ClientError::Refused(problem) if problem.code() == "not-allowed" => {
                ClientError::ForeignSheet
            }
            other => other,
        })?;
        let history = verified::<KeyStatement>(&resource.keys, operator.origin())?;
        let party = Party::from_history(address, history.iter().cloned())
            .map_err(|cause| Dishonest::SlippedInKey { address, cause })?;
        let head = operator.head(resource.keys_head.as_ref())?;
        if head.subject != Subject::Party(address) {
            return Err(Dishonest::ForeignHead.into());
        }
        if head.head != party.head() {
            return Err(Dishonest::DroppedEntry {
                head: head.head.count,
                shown: party.head().count,
            }
            .into());
        }
        if !party.recovers(&recovery_key.verifying_key()) {
            return Err(ClientError::ForeignSheet);
        }
        Ok(Self {
            history,
            party,
            head,
            certified: !resource.certificates.is_empty(),
        })
    }

    /// `next` as the statement after the newest one shown.
    fn continued(
        &self,
        mut next: KeyStatement,
        settings: &Settings,
        secret: &RecoverySecret,
        identity: &SigningKey,
    ) -> Result<Signed<KeyStatement>, ClientError> {
        let (current, recovery_key) = (self.party.current(), secret.recovery_key());
        next.context = new_context(settings);
        next.number = current.number + 1;
        next.previous = Some(current.hash());
        next.possession = None;
        next.recovered_with = Some(recovery_key.verifying_key());
        Ok(Signed::sign(next.with_possession(identity), &recovery_key)?)
    }

    fn keep(&self, profile: &Profile, statement: &Signed<KeyStatement>) -> Result<(), ClientError> {
        let kept = kept(profile)?;
        kept.remember_history(self.party.address(), &self.history)
            .and_then(|()| kept.remember_head(&self.head))
            .map_err(contradiction)?;
        kept.keep(statement)?;
        Ok(())
    }
}

fn kept(profile: &Profile) -> Result<Kept, ClientError> {
    let folder = profile.kept_folder();
    Kept::open(&folder).map_err(ClientError::file(&folder))
}
