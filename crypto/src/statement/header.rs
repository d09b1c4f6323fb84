//! The envelope header: what the server and an auditor may know of a letter.
//!
//! The header names sender, recipient, parts and the manifest's hash; the manifest inside names
//! envelope id, sender and recipient. Inner names outer and outer names inner, so nobody can pass
//! a letter on as their own. Specification: docs/format/envelope.md, "Header".

use serde::{Deserialize, Serialize};

use crate::ids::{
    Address, AgeHeaderHash, EnvelopeId, ManifestHash, PayloadHash, StatementHash, UnixMillis,
};
use crate::keys::VerifyingKey;
use crate::statement::common::{check_count, check_text, codes};
use crate::statement::{Context, Extensions, Invalid, ListHead, statement};

/// Most parts of an envelope: the manifest and 255 attachments.
pub const MAX_PARTS: usize = 256;
/// Longest age header that an envelope may name, in bytes.
pub const MAX_AGE_HEADER: usize = 64 * 1024;
/// Longest payload of one part: 16 GiB.
const MAX_PAYLOAD: u64 = 16 << 30;
/// Shortest age payload: nonce and the tag of one empty chunk.
const MIN_PAYLOAD: u64 = 16 + 16;
/// Longest name of a legal rule, tenant or provider, in bytes.
const MAX_NAME: usize = 100;
/// Most providers on the way.
const MAX_PROVIDERS: usize = 4;

/// Longest time in which the recipient may be asked to acknowledge receipt, in milliseconds: 366 days.
pub const MAX_ACCEPTANCE: u64 = 366 * 24 * 60 * 60 * 1000;

codes! {
    /// How the letter is delivered.
    pub enum DeliveryClass {
        /// Readable at once; opening it is recorded.
        Ordinary = 1, "ordinary";
        /// Age headers are handed over only against the recipient's signature.
        Registered = 2, "registered";
    }
}

/// One part, as `[age-header hash, age-header length, payload hash, payload length]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartReference(
    /// Hash of the age header.
    pub AgeHeaderHash,
    /// Its length in bytes.
    pub u64,
    /// Hash of the age payload.
    pub PayloadHash,
    /// Its length in bytes.
    pub u64,
);

/// The header of an envelope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnvelopeHeader {
    /// Origin, epoch, time, blind.
    pub context: Context,
    /// The sender's name for it; unique per sender.
    pub envelope_id: EnvelopeId,
    /// Who sends.
    pub sender: Address,
    /// The key that signs, one of the sender's.
    pub signer: VerifyingKey,
    /// The sender's key statement that was current for the sender.
    pub sender_keys: StatementHash,
    /// Who receives.
    pub recipient: Address,
    /// The recipient's key statement whose age recipients were encrypted to.
    pub recipient_keys: StatementHash,
    /// The binding by which the sender knows the recipient; present when a citizen receives.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub binding: Option<StatementHash>,
    /// The parts; part 0 is the manifest.
    pub parts: Vec<PartReference>,
    /// Hash of the manifest.
    pub manifest: ManifestHash,
    /// Ordinary or registered.
    pub class: DeliveryClass,
    /// The legal rule by which the sender delivers.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub legal_rule: Option<String>,
    /// The recipient's consent on which the sender relies.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub consent: Option<StatementHash>,
    /// The last receipted header of this sender, signer and recipient.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub previous: Option<StatementHash>,
    /// Head of the sender's own key statements, as the sender last saw it.
    pub sender_head: ListHead,
    /// The mandate acted under (reserved).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub acting_under: Option<StatementHash>,
    /// The party acted for (reserved).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub on_behalf_of: Option<Address>,
    /// The sender's tenant (reserved).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub tenant: Option<String>,
    /// Providers on the way (reserved).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub providers: Option<Vec<String>>,
    /// Extensions.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ext: Option<Extensions>,
    /// The sender asks the recipient to acknowledge receipt (Empfangsbekenntnis), by this time at the
    /// latest (ETSI EN 319 522-1 C.1, C.5).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub acceptance_until: Option<UnixMillis>,
}

impl EnvelopeHeader {
    /// The first reserved field in use; no rule covers these yet.
    pub fn reserved_field(&self) -> Option<&'static str> {
        [
            ("acting_under", self.acting_under.is_some()),
            ("on_behalf_of", self.on_behalf_of.is_some()),
            ("tenant", self.tenant.is_some()),
            ("providers", self.providers.is_some()),
        ]
        .into_iter()
        .find_map(|(name, used)| used.then_some(name))
    }

    fn rules(&self) -> Result<(), Invalid> {
        check_count("parts", self.parts.len(), 1, MAX_PARTS)?;
        for PartReference(_, header_len, _, payload_len) in &self.parts {
            if *header_len == 0 || *header_len > MAX_AGE_HEADER as u64 {
                return Err(Invalid::Range("age-header length"));
            }
            if !(MIN_PAYLOAD..=MAX_PAYLOAD).contains(payload_len) {
                return Err(Invalid::Range("payload length"));
            }
        }
        if let Some(rule) = &self.legal_rule {
            check_text("legal rule", rule, MAX_NAME)?;
        }
        if let Some(until) = self.acceptance_until {
            let latest = self.context.time.0.saturating_add(MAX_ACCEPTANCE);
            if until <= self.context.time || until.0 > latest {
                return Err(Invalid::Range("time for acceptance"));
            }
        }
        if let Some(tenant) = &self.tenant {
            check_text("tenant", tenant, MAX_NAME)?;
        }
        if let Some(providers) = &self.providers {
            check_count("providers", providers.len(), 1, MAX_PROVIDERS)?;
            for provider in providers {
                check_text("provider", provider, MAX_NAME)?;
            }
        }
        Ok(())
    }
}

statement!(EnvelopeHeader, EnvelopeHeader);
