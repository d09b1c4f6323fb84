//! Consents: what a citizen agrees to, towards which authority, and takes back.
//!
//! Invariant: a consent carries the hash of the text that was shown, so that text can be produced
//! later. Specification: docs/format/statements.md, "consent".

use postfach_crypto::ids::{Address, TextHash};
use postfach_crypto::statement::{
    Consent, ConsentClass, ConsentRevocation, EnrolmentClaim, Signed,
};

use super::error::ClientError;
use super::lists::OwnList;
use super::session::{Receipted, Session};
use crate::clock;

impl Session {
    /// Records the citizen's consent, with the hash of the text that was shown.
    pub async fn consent(
        &self,
        authority: Option<Address>,
        class: ConsentClass,
        text: &str,
    ) -> Result<Receipted, ClientError> {
        let context = self.context();
        let consent = Consent {
            from: context.time,
            context,
            citizen: self.address()?,
            authority,
            class,
            text: TextHash::of(text),
            ext: None,
        };
        let consent = Signed::sign(consent, self.keys.identity()?)?;
        self.submit(&consent).await
    }

    /// Whether a consent of this class towards an authority, or all, is in force.
    pub async fn has_consent(
        &self,
        authority: Address,
        class: ConsentClass,
    ) -> Result<bool, ClientError> {
        let known = self.relation(self.address()?, authority).await?;
        let now = clock::now();
        Ok(known.consent_in_force(class, now).is_some())
    }

    /// Revokes the consent of this class in force towards this authority.
    pub async fn revoke_consent(
        &self,
        authority: Address,
        class: ConsentClass,
    ) -> Result<Receipted, ClientError> {
        let me = self.address()?;
        let known = self.relation(me, authority).await?;
        let now = clock::now();
        let consent = known
            .consent_in_force(class, now)
            .ok_or_else(|| ClientError::NotFound("no such consent is in force".into()))?;
        let revocation = ConsentRevocation {
            context: self.context(),
            citizen: me,
            authority: consent.authority,
            consent: consent.hash(),
            ext: None,
        };
        let revocation = Signed::sign(revocation, self.keys.identity()?)?;
        self.submit(&revocation).await
    }

    /// The authorities that this citizen has dealt with: issuers of letters and senders.
    pub async fn authorities(&self) -> Result<Vec<(Address, String)>, ClientError> {
        let mut addresses: Vec<Address> = self
            .kept
            .all::<EnrolmentClaim>()?
            .iter()
            .map(|claim| claim.issuer)
            .collect();
        for hash in self.sync(OwnList::Mailbox).await? {
            addresses.push(self.kept_header(&hash)?.sender);
        }
        addresses.sort_unstable();
        addresses.dedup();
        let mut authorities = Vec::new();
        for address in addresses {
            if let Some(name) = self.party(address).await?.certified_name() {
                authorities.push((address, name.to_owned()));
            }
        }
        Ok(authorities)
    }
}
