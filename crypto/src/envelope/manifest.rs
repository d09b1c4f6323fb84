//! The manifest: what a letter says, encrypted as part 0.
//!
//! It names envelope id, sender and recipient, so a letter that is encrypted again for somebody
//! else, or put under another header, is recognised. Specification: docs/format/envelope.md,
//! "Manifest".

use serde::{Deserialize, Serialize};

use crate::codec::{self, DecodeError};
use crate::ids::{Address, Blind, ContentHash, EnvelopeId, ManifestHash, StatementHash};
use crate::statement::MAX_PARTS;
use crate::statement::rules::{check_count, check_extensions, check_text, codes};
use crate::statement::{Extensions, Invalid};

/// The manifest's version in this specification.
pub const MANIFEST_VERSION: u64 = 1;
/// Largest manifest, in bytes: text and padding included.
pub const MAX_MANIFEST: usize = 1 << 20;
/// Manifests are padded to a multiple of this, so that their size says little.
const PADDING_STEP: usize = 512;
/// Longest subject, in bytes.
const MAX_SUBJECT: usize = 500;
/// Longest text, in bytes.
const MAX_TEXT: usize = 512 * 1024;
/// Longest file name and media type, in bytes.
const MAX_FILE_NAME: usize = 255;
/// Longest short text of an act, in bytes.
const MAX_ACT_TEXT: usize = 500;
/// Most co-addressees.
const MAX_CO_ADDRESSEES: usize = 64;

codes! {
    /// Whether somebody reads replies.
    pub enum Replies {
        /// Replies are read and answered.
        Answered = 1, "answered";
        /// Nobody reads replies.
        Unmonitored = 2, "unmonitored";
    }
}

/// One attached file; attachment i is part i + 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attachment {
    /// File name as the sender gave it. Never used as a path without cleaning.
    pub name: String,
    /// Media type as the sender gave it.
    pub media_type: String,
    /// Hash of blind and plaintext.
    pub content: ContentHash,
    /// The blind.
    pub blind: Blind,
    /// Plaintext length in bytes.
    pub size: u64,
}

/// How a decision can be contested, as the authority states it (Rechtsbehelfsbelehrung).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Remedy {
    /// Kind, for instance `Klage`.
    pub kind: String,
    /// The body to address.
    pub body: String,
    /// The period in words, for instance `ein Monat nach Bekanntgabe`.
    pub period: String,
    /// The legal basis, for instance `VwGO § 74`.
    pub rule: String,
    /// The last day as the authority states it, `YYYY-MM-DD`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub until: Option<String>,
}

/// An amount of money in minor units of its currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Amount {
    /// Cents.
    pub minor_units: u64,
    /// ISO 4217 code.
    pub currency: String,
}

/// The administrative act that a letter contains.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Act {
    /// Kind of act, for instance `Hundesteuerbescheid`.
    pub kind: String,
    /// The authority's file number.
    pub file_number: String,
    /// How to contest it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub remedy: Option<Remedy>,
    /// What is to be paid or repaid.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub amount: Option<Amount>,
    /// Whom to ask.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub contact: Option<String>,
}

/// One letter that goes to several people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LetterSet {
    /// Names the set.
    pub id: EnvelopeId,
    /// The other recipients.
    pub co_addressees: Vec<Address>,
}

/// What a letter says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// [`MANIFEST_VERSION`].
    pub version: u64,
    /// Randomness that makes the manifest's hash unguessable.
    pub blind: Blind,
    /// The header's envelope id.
    pub envelope_id: EnvelopeId,
    /// The header's sender.
    pub sender: Address,
    /// The header's recipient.
    pub recipient: Address,
    /// Subject.
    pub subject: String,
    /// Text, possibly empty.
    pub text: String,
    /// Attached files.
    pub attachments: Vec<Attachment>,
    /// Zeros that round the size up.
    #[serde(with = "serde_bytes")]
    pub padding: Vec<u8>,
    /// The letter that this one replies to.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub in_reply_to: Option<StatementHash>,
    /// Whether replies are read.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub replies: Option<Replies>,
    /// The administrative act in it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub act: Option<Act>,
    /// The set that it belongs to.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub set: Option<LetterSet>,
    /// Extensions.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ext: Option<Extensions>,
    /// The letter whose archive copy this is, in an envelope to oneself.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub copy_of: Option<StatementHash>,
}

/// Why bytes are not a manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ManifestError {
    /// The encoding is wrong.
    #[error("manifest: {0}")]
    Encoding(#[from] DecodeError),
    /// A rule is broken.
    #[error("manifest breaks a rule: {0}")]
    Rule(#[from] Invalid),
}

impl Manifest {
    /// Checks, pads and encodes: the plaintext of part 0 and its hash.
    pub fn encode(mut self) -> Result<(Vec<u8>, ManifestHash), ManifestError> {
        self.pad();
        self.check()?;
        let bytes = codec::encode(&self);
        if bytes.len() > MAX_MANIFEST {
            return Err(ManifestError::Encoding(DecodeError::TooLarge {
                actual: bytes.len(),
                limit: MAX_MANIFEST,
            }));
        }
        let hash = ManifestHash::of(&bytes);
        Ok((bytes, hash))
    }

    /// Decodes the plaintext of part 0 and checks its rules.
    pub fn decode(bytes: &[u8]) -> Result<Self, ManifestError> {
        let manifest: Self = codec::decode(bytes, MAX_MANIFEST)?;
        manifest.check()?;
        Ok(manifest)
    }

    fn pad(&mut self) {
        self.padding.clear();
        let bare = codec::encode(self).len();
        let target = bare.next_multiple_of(PADDING_STEP);
        // The length prefix of the padding takes 0 to 2 further bytes, depending on its size.
        let room = target - bare;
        self.padding = vec![
            0;
            match room {
                0..=23 => room,
                24..=256 => room - 1,
                _ => room - 2,
            }
        ];
    }

    fn check(&self) -> Result<(), Invalid> {
        if self.version != MANIFEST_VERSION {
            return Err(Invalid::Range("manifest version"));
        }
        check_text("subject", &self.subject, MAX_SUBJECT)?;
        if self.text.len() > MAX_TEXT || self.text.contains('\0') {
            return Err(Invalid::Text("text"));
        }
        check_count("attachments", self.attachments.len(), 0, MAX_PARTS - 1)?;
        for attachment in &self.attachments {
            check_text("file name", &attachment.name, MAX_FILE_NAME)?;
            check_text("media type", &attachment.media_type, MAX_FILE_NAME)?;
        }
        if self.padding.iter().any(|byte| *byte != 0) || self.padding.len() > PADDING_STEP {
            return Err(Invalid::Range("padding"));
        }
        if let Some(act) = &self.act {
            act.check()?;
        }
        if let Some(set) = &self.set {
            check_count(
                "co-addressees",
                set.co_addressees.len(),
                1,
                MAX_CO_ADDRESSEES,
            )?;
        }
        check_extensions(self.ext.as_ref())
    }
}

impl Act {
    fn check(&self) -> Result<(), Invalid> {
        check_text("kind of act", &self.kind, MAX_ACT_TEXT)?;
        check_text("file number", &self.file_number, MAX_ACT_TEXT)?;
        if let Some(remedy) = &self.remedy {
            check_text("kind of remedy", &remedy.kind, MAX_ACT_TEXT)?;
            check_text("body of remedy", &remedy.body, MAX_ACT_TEXT)?;
            check_text("period of remedy", &remedy.period, MAX_ACT_TEXT)?;
            check_text("rule of remedy", &remedy.rule, MAX_ACT_TEXT)?;
            if remedy.until.as_ref().is_some_and(|day| !is_day(day)) {
                return Err(Invalid::Text("last day of remedy"));
            }
        }
        if let Some(amount) = &self.amount {
            let code = &amount.currency;
            if code.len() != 3 || !code.bytes().all(|letter| letter.is_ascii_uppercase()) {
                return Err(Invalid::Text("currency"));
            }
        }
        if let Some(contact) = &self.contact {
            check_text("contact", contact, MAX_ACT_TEXT)?;
        }
        Ok(())
    }
}

/// Whether the text has the form `YYYY-MM-DD`; calendars are not known here.
fn is_day(text: &str) -> bool {
    text.len() == 10
        && text.bytes().enumerate().all(|(index, byte)| match index {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        })
}
