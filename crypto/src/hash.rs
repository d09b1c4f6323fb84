//! SHA-256 with a domain prefix: `"postfach/<what>/v1" ‖ 0x00 ‖ data`.
//!
//! Invariant: no two purposes share a hash input, so a hash made for one purpose never stands for
//! another. Each purpose has its own type in [`crate::ids`]. Specification:
//! docs/format/encoding.md, section "Hashes".

use sha2::{Digest, Sha256};

/// What a hash is for; names the domain prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Domain {
    /// A party's address from its first keys.
    Address,
    /// A recovery key, committed to before it is ever used.
    RecoveryKey,
    /// A signed statement, over its exact tagged bytes.
    Statement,
    /// The 32-byte entry that a statement leaves in the public log.
    Leaf,
    /// The next link of a list's head.
    Chain,
    /// The header of an age file.
    AgeHeader,
    /// The payload of an age file.
    Payload,
    /// The plaintext of part 0.
    Manifest,
    /// The blinded plaintext of an attachment.
    Content,
    /// The salted commitment to a person's identity data.
    Person,
    /// A text shown before consent.
    Text,
    /// The list of the files that are the pages in the browser.
    Bundle,
    /// The check value of a secret on paper.
    PaperCheck,
    /// A vault's public key.
    Vault,
    /// A vault's sealed bytes.
    VaultVersion,
}

impl Domain {
    fn prefix(self) -> &'static [u8] {
        match self {
            Domain::Address => b"postfach/address/v1\0",
            Domain::RecoveryKey => b"postfach/recovery-key/v1\0",
            Domain::Statement => b"postfach/statement/v1\0",
            Domain::Leaf => b"postfach/leaf/v1\0",
            Domain::Chain => b"postfach/chain/v1\0",
            Domain::AgeHeader => b"postfach/age-header/v1\0",
            Domain::Payload => b"postfach/payload/v1\0",
            Domain::Manifest => b"postfach/manifest/v1\0",
            Domain::Content => b"postfach/content/v1\0",
            Domain::Person => b"postfach/person/v1\0",
            Domain::Text => b"postfach/text/v1\0",
            Domain::Bundle => b"postfach/bundle/v1\0",
            Domain::PaperCheck => b"postfach/paper-check/v1\0",
            Domain::Vault => b"postfach/vault/v1\0",
            Domain::VaultVersion => b"postfach/vault-version/v1\0",
        }
    }
}

/// A hash in progress, for data that arrives in pieces.
#[derive(Clone)]
pub struct DomainHasher(Sha256);

impl DomainHasher {
    /// Starts a hash with the prefix of `domain`.
    pub fn new(domain: Domain) -> Self {
        let mut hasher = Sha256::new();
        hasher.update(domain.prefix());
        Self(hasher)
    }

    /// Adds the next piece.
    pub fn update(&mut self, data: &[u8]) {
        self.0.update(data);
    }

    /// Ends the hash.
    pub fn finish(self) -> [u8; 32] {
        self.0.finalize().into()
    }
}

/// Hashes `pieces` one after the other under `domain`.
pub fn domain_hash(domain: Domain, pieces: &[&[u8]]) -> [u8; 32] {
    let mut hasher = DomainHasher::new(domain);
    for piece in pieces {
        hasher.update(piece);
    }
    hasher.finish()
}
