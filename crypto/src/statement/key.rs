//! Key statements: which keys speak and read for an address.
//!
//! Number 0 is signed by the identity key that the address commits to. Number n is signed by the
//! identity key of n−1, by the recovery key of n−1, or, when only signers change, by an
//! administrator; a new identity key proves possession. The rules across statements are in
//! [`crate::party`]. Specification: docs/format/statements.md, "Key statement".

use serde::{Deserialize, Serialize};

use crate::codec;
use crate::hash::{Domain, domain_hash};
use crate::ids::{Address, RecoveryKeyHash, StatementHash, UnixMillis};
use crate::keys::{BadSignature, Signature, SigningDomain, SigningKey, VerifyingKey};
use crate::statement::common::{check_ascending, check_count, check_text, codes};
use crate::statement::{Context, Extensions, Invalid, statement};

/// Most age recipients of one party; mail is encrypted to each.
pub const MAX_RECIPIENTS: usize = 8;
/// Most signer keys of one party.
const MAX_SIGNERS: usize = 256;
/// HPKE KEM number of X-Wing, the KEM of age's `mlkem768x25519` stanza.
const X_WING: u64 = 0x647a;
/// Bytes of an X-Wing encapsulation key.
const X_WING_KEY: usize = 1216;

codes! {
    /// What a signer may do in a party's name.
    pub enum Role {
        /// Send envelopes and say what senders say of them.
        Send = 1, "send";
        /// Sign bindings, their withdrawal, and successions.
        Register = 2, "register";
        /// Read mail and say what recipients say of it.
        Read = 3, "read";
        /// Change the list of signers, claim, consent and object in the party's name.
        Administer = 4, "administer";
    }
}

/// A signer of a party: a clerk or a machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignerGrant {
    /// The signer's key.
    pub key: VerifyingKey,
    /// What it may do; ascending.
    pub roles: Vec<Role>,
    /// From when.
    pub from: UnixMillis,
    /// Until when, if it ends.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub until: Option<UnixMillis>,
}

/// An age recipient as `[KEM number, key]`; only X-Wing is defined.
///
/// Whether its X25519 part is of low order is checked by [`crate::age`] at registration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecipientKey(u64, #[serde(with = "serde_bytes")] Vec<u8>);

impl RecipientKey {
    /// Wraps an X-Wing encapsulation key.
    pub fn x_wing(key: &[u8; X_WING_KEY]) -> Self {
        Self(X_WING, key.to_vec())
    }

    /// The encapsulation key's bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.1
    }
}

/// The keys of a party from one point of the log on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyStatement {
    /// Origin, epoch, time, blind.
    pub context: Context,
    /// The party.
    pub address: Address,
    /// 0 for the first, then ascending without gaps.
    pub number: u64,
    /// The statement before this one; absent in number 0.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub previous: Option<StatementHash>,
    /// The identity key, which may do everything.
    pub identity: VerifyingKey,
    /// Commitment to the key that can replace all others.
    pub recovery: RecoveryKeyHash,
    /// Age recipients, in the order in which senders write their stanzas.
    pub recipients: Vec<RecipientKey>,
    /// Keys that act in the party's name; ascending by key.
    pub signers: Vec<SignerGrant>,
    /// Signature of a new identity key over this payload without this field.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub possession: Option<Signature>,
    /// The recovery key, revealed when it signs.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub recovered_with: Option<VerifyingKey>,
    /// The operator where the party's mailbox is, where it is not this log's (reserved).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub home: Option<String>,
    /// Extensions.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ext: Option<Extensions>,
}

impl Address {
    /// The address that these first keys make.
    pub fn of(identity: &VerifyingKey, recovery: &RecoveryKeyHash) -> Self {
        Self(domain_hash(
            Domain::Address,
            &[&codec::encode(&(identity, recovery))],
        ))
    }
}

impl KeyStatement {
    /// Adds the proof that the holder of `identity` agrees to be the new identity key.
    #[must_use]
    pub fn with_possession(mut self, identity: &SigningKey) -> Self {
        self.possession = None;
        self.possession = Some(identity.sign(SigningDomain::KeyPossession, &codec::encode(&self)));
        self
    }

    /// Verifies that proof.
    pub fn verify_possession(&self) -> Result<(), BadSignature> {
        let proof = self.possession.as_ref().ok_or(BadSignature)?;
        let mut signed = self.clone();
        signed.possession = None;
        let content = codec::encode(&signed);
        self.identity
            .verify_strict(SigningDomain::KeyPossession, &content, proof)
    }

    fn rules(&self) -> Result<(), Invalid> {
        self.identity
            .check_strong()
            .map_err(|_| Invalid::Key("identity key"))?;
        check_count("recipients", self.recipients.len(), 1, MAX_RECIPIENTS)?;
        for RecipientKey(algorithm, key) in &self.recipients {
            if *algorithm != X_WING || key.len() != X_WING_KEY {
                return Err(Invalid::Key("age recipient"));
            }
        }
        check_count("signers", self.signers.len(), 0, MAX_SIGNERS)?;
        check_ascending("signers", self.signers.iter().map(|grant| grant.key))?;
        for grant in &self.signers {
            grant
                .key
                .check_strong()
                .map_err(|_| Invalid::Key("signer key"))?;
            check_count("roles", grant.roles.len(), 1, Role::ALL.len())?;
            check_ascending("roles", &grant.roles)?;
            if grant.until.is_some_and(|until| until <= grant.from) {
                return Err(Invalid::Range("until"));
            }
        }
        if let Some(key) = &self.recovered_with {
            key.check_strong()
                .map_err(|_| Invalid::Key("recovery key"))?;
        }
        if let Some(home) = &self.home {
            check_text("home", home, super::common::MAX_ORIGIN)?;
        }
        if self.number == 0 {
            self.first_rules()
        } else if self.previous.is_none() {
            Err(Invalid::Contradiction(
                "a later key statement names the one before it",
            ))
        } else {
            Ok(())
        }
    }

    fn first_rules(&self) -> Result<(), Invalid> {
        if self.previous.is_some() || self.possession.is_some() || self.recovered_with.is_some() {
            return Err(Invalid::Contradiction(
                "key statement 0 has no predecessor, proof of possession or recovery key",
            ));
        }
        if self.address != Address::of(&self.identity, &self.recovery) {
            return Err(Invalid::Contradiction(
                "the address is not made from identity key and recovery-key hash",
            ));
        }
        Ok(())
    }
}

statement!(KeyStatement, Key);
