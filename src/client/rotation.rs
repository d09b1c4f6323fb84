//! Changing keys by those who hold them: rotation, signers.
//!
//! Invariant: whoever changes keys saves the new ones before the server learns of them; an
//! interrupted change is completed when the profile is opened next.
//!
//! Absent: keys that are lost or stolen ([`super::recovery`]). Specification:
//! docs/format/statements.md, "Key history".

use postfach_crypto::age::HybridIdentity;
use postfach_crypto::keys::SigningKey;
use postfach_crypto::party::Party;
use postfach_crypto::statement::{KeyStatement, RecipientKey, Signed, SignerGrant};

use super::error::ClientError;
use super::keyfile::{KeyRole, Keys};
use super::session::{Receipted, Session};
use crate::entropy;

/// Refusals of a recovery that a newer statement by the same sheet answers.
const RECOVER_ANEW: [&str; 3] = ["clock-out-of-range", "key-history", "other-log"];

impl Session {
    /// The next key statement with new identity key and age recipient; old ones stay in the
    /// keys to read old mail. Save the keys before submitting: a lost answer must not lose them.
    pub async fn rotation(&self) -> Result<(Signed<KeyStatement>, Keys), ClientError> {
        let mut keys = self.keys.clone();
        let me = self.party(self.address()?).await?.party;
        let mut rng = entropy::entropy();
        let identity = SigningKey::generate(&mut rng);
        let mut next = self.next_statement(&me);
        next.identity = identity.verifying_key();
        keys.add_age_identity(HybridIdentity::generate(&mut rng));
        next.recipients = recipients(&keys);
        let signed = Signed::sign(next.with_possession(&identity), keys.identity()?)?;
        keys.add_signing(KeyRole::Identity, identity);
        Ok((signed, keys))
    }

    /// Completes a rotation or recovery that was interrupted after the key file was written: the
    /// statement is submitted again, or made anew where it was lost or has become too old. Until
    /// then the server knows the old key only, and would refuse everything. Only the recovery sheet
    /// can make a recovery anew.
    pub(super) async fn finish_rotation(&self) -> Result<(), ClientError> {
        let Some(address) = self.profile.settings().address else {
            return Ok(());
        };
        let (Some(me), Ok(newest)) = (self.kept.party(address)?, self.keys.identity()) else {
            return Ok(());
        };
        let current = me.current();
        if current.identity == newest.verifying_key() {
            return Ok(());
        }
        let pending = self
            .kept
            .all::<KeyStatement>()?
            .into_iter()
            .filter(|statement| {
                statement.identity == newest.verifying_key()
                    && statement.previous == Some(current.hash())
            })
            .max_by_key(|statement| statement.context.time);
        let by_recovery = pending
            .as_ref()
            .is_some_and(|statement| statement.recovered_with.is_some());
        let answered = match &pending {
            Some(statement) => self.submit(statement).await.map(Some),
            None => Ok(None),
        };
        match (answered, self.keys.by_public(&current.identity)) {
            (Ok(Some(_)), _) => {}
            (Err(ClientError::Refused(problem)), _)
                if RECOVER_ANEW.contains(&problem.code()) && by_recovery =>
            {
                return Err(ClientError::UnfinishedRecovery);
            }
            (Err(ClientError::Refused(problem)), Some(old))
                if problem.code() == "clock-out-of-range" =>
            {
                self.rotate_to(&me, newest, old).await?;
            }
            (Err(error), _) => return Err(error),
            (Ok(None), Some(old)) => self.rotate_to(&me, newest, old).await?,
            (Ok(None), None) => return Ok(()), // keys of a backup; the server will say so
        }
        self.party(address).await.map(drop)
    }

    async fn rotate_to(
        &self,
        me: &Party,
        newest: &SigningKey,
        old: &SigningKey,
    ) -> Result<(), ClientError> {
        let mut next = self.next_statement(me);
        next.identity = newest.verifying_key();
        next.recipients = recipients(&self.keys);
        let next = Signed::sign(next.with_possession(newest), old)?;
        self.submit(&next).await.map(drop)
    }

    /// Changes the list of signers: clerks and machines.
    pub async fn change_signers(
        &self,
        change: impl FnOnce(&mut Vec<SignerGrant>),
    ) -> Result<Receipted, ClientError> {
        let me = self.party(self.address()?).await?.party;
        let mut next = self.next_statement(&me);
        change(&mut next.signers);
        next.signers.sort_by_key(|grant| grant.key);
        let signed = Signed::sign(next, self.keys.identity()?)?;
        self.submit(&signed).await
    }

    fn next_statement(&self, me: &Party) -> KeyStatement {
        let current = me.current();
        KeyStatement {
            context: self.context(),
            number: current.number + 1,
            previous: Some(current.hash()),
            possession: None,
            recovered_with: None,
            ..current.payload().clone()
        }
    }
}

/// The age recipients of a key file, newest first, as many as a key statement may name.
pub(super) fn recipients(keys: &Keys) -> Vec<RecipientKey> {
    keys.age_identities()
        .iter()
        .take(1)
        .map(|identity| RecipientKey::x_wing(&identity.recipient().to_bytes()))
        .collect()
}
