//! What a vault holds: a mailbox's private keys, and who else holds them.
//!
//! Invariant: a content counts only where its identity key is the newest of the verified key
//! history ([`VaultContent::check_current`]): nobody else can seal such a one, and one that was
//! overtaken is recognised. Absent: mail, drafts, settings. Specification: docs/format/vault.md.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use zeroize::Zeroizing;

use crate::age::HybridRecipient;
use crate::codec::{self, DecodeError};
use crate::ids::{Address, UnixMillis};
use crate::keys::{SigningKey, VerifyingKey};
use crate::party::Party;
use crate::statement::rules::{check_count, check_text, codes};
use crate::statement::{Invalid, RecipientKey};

/// The content's version in this specification.
pub const CONTENT_VERSION: u64 = 1;
/// Largest content, in bytes.
pub const MAX_CONTENT: usize = 512 * 1024;
/// Most age identities: one for each change of keys.
const MAX_OPENERS: usize = 4096;
/// Most holders: as many as a party may have vaults.
const MAX_HOLDERS: usize = 64;
/// Longest base URL and log origin, in bytes.
const MAX_NAME: usize = 255;
/// Longest name of a holder, in bytes.
const MAX_HOLDER_NAME: usize = 200;

codes! {
    /// Who holds a vault.
    pub enum HolderKind {
        /// A device or a synchronised passkey.
        Device = 1, "device";
        /// The recovery sheet.
        Sheet = 2, "sheet";
        /// A clerk of an authority, with a signer's key of their own.
        Clerk = 3, "clerk";
    }
}

/// The seed of a private key.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretSeed(Zeroizing<[u8; 32]>);

/// Somebody for whom the mailbox's keys are sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VaultHolder {
    /// What it is.
    pub kind: HolderKind,
    /// The name that its owner gave it.
    pub name: String,
    /// The vault's public key.
    pub key: VerifyingKey,
    /// To whom the vault is sealed.
    pub recipient: RecipientKey,
    /// When it was added, by the clock of whoever added it.
    pub added: UnixMillis,
    /// The key with which a clerk signs.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub signer: Option<VerifyingKey>,
}

/// The plaintext of a vault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VaultContent {
    /// [`CONTENT_VERSION`].
    pub version: u64,
    /// The mailbox.
    pub address: Address,
    /// Base URL of its service, without a trailing slash.
    pub service: String,
    /// The log's origin.
    pub origin: String,
    /// The operator's root key.
    pub root: VerifyingKey,
    /// Age identities, newest first.
    pub openers: Vec<SecretSeed>,
    /// Whoever has a vault with this content, oldest first.
    pub holders: Vec<VaultHolder>,
    /// The identity key; a clerk's vault is without it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub identity: Option<SecretSeed>,
    /// The authority whose letter opened the mailbox.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub issuer: Option<Address>,
}

/// Why bytes are not a vault's content, or do not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// The encoding is wrong.
    #[error("vault: {0}")]
    Encoding(#[from] DecodeError),
    /// A rule is broken.
    #[error("vault breaks a rule: {0}")]
    Rule(#[from] Invalid),
    /// It is another party's.
    #[error("the vault is another party's")]
    Foreign,
    /// Its keys are not the newest.
    #[error("the mailbox's keys were renewed since the vault was written")]
    Stale,
}

impl VaultContent {
    /// Checks and encodes.
    pub fn encode(&self) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        self.check()?;
        let bytes = Zeroizing::new(codec::encode(self));
        if bytes.len() > MAX_CONTENT {
            return Err(VaultError::Encoding(DecodeError::TooLarge {
                actual: bytes.len(),
                limit: MAX_CONTENT,
            }));
        }
        Ok(bytes)
    }

    /// Decodes and checks the rules.
    pub fn decode(bytes: &[u8]) -> Result<Self, VaultError> {
        let content: Self = codec::decode(bytes, MAX_CONTENT)?;
        content.check()?;
        Ok(content)
    }

    /// Checks the content against the party's verified key history: the identity key, or without
    /// one the newest age identity, is the one in force.
    pub fn check_current(&self, party: &Party) -> Result<(), VaultError> {
        if self.address != party.address() {
            return Err(VaultError::Foreign);
        }
        let current = match &self.identity {
            Some(identity) => identity.signing_key().verifying_key() == party.current().identity,
            None => {
                let newest = self.openers[0].opener().recipient();
                party.recipients().contains(&newest)
            }
        };
        current.then_some(()).ok_or(VaultError::Stale)
    }

    fn check(&self) -> Result<(), Invalid> {
        if self.version != CONTENT_VERSION {
            return Err(Invalid::Range("vault version"));
        }
        check_text("service", &self.service, MAX_NAME)?;
        check_text("origin", &self.origin, MAX_NAME)?;
        check_count("openers", self.openers.len(), 1, MAX_OPENERS)?;
        check_count("holders", self.holders.len(), 1, MAX_HOLDERS)?;
        for (place, holder) in self.holders.iter().enumerate() {
            check_text("holder", &holder.name, MAX_HOLDER_NAME)?;
            holder
                .key
                .check_strong()
                .map_err(|_| Invalid::Key("vault key"))?;
            if HybridRecipient::from_bytes(holder.recipient.bytes()).is_err() {
                return Err(Invalid::Key("vault recipient"));
            }
            let earlier = &self.holders[..place];
            if earlier.iter().any(|other| other.key == holder.key) {
                return Err(Invalid::Contradiction("two holders have one vault"));
            }
        }
        Ok(())
    }
}

impl SecretSeed {
    /// Keeps a seed.
    pub fn new(seed: &[u8; 32]) -> Self {
        Self(Zeroizing::new(*seed))
    }

    /// The signing key with this seed.
    pub fn signing_key(&self) -> SigningKey {
        SigningKey::from_seed(&self.0)
    }

    /// The age identity with this seed.
    pub fn opener(&self) -> crate::age::HybridIdentity {
        crate::age::HybridIdentity::from_seed(&self.0)
    }
}

impl fmt::Debug for SecretSeed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretSeed(secret)")
    }
}

impl Serialize for SecretSeed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0.as_ref())
    }
}

impl<'de> Deserialize<'de> for SecretSeed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bytes = Zeroizing::new(serde_bytes::ByteBuf::deserialize(deserializer)?.into_vec());
        let seed: &[u8; 32] = (bytes.as_slice().try_into())
            .map_err(|_| de::Error::invalid_length(bytes.len(), &"32 bytes"))?;
        Ok(Self::new(seed))
    }
}
