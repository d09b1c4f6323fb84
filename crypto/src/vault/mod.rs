//! Vaults: sealed bytes at the server from which a person's other device, or the recovery sheet, gets
//! the mailbox's keys back.
//!
//! ```text
//!   secret ──HKDF──▶ age identity  opens the sealed bytes
//!          └─HKDF──▶ Ed25519 key   signs the read; its hash is the vault's id
//! ```
//!
//! Invariant: secrets of different kinds never yield the same keys, and neither of the two keys
//! tells the other or the secret. The server knows the public key and sealed bytes, so it opens
//! nothing. What it could seal itself does not pass [`VaultContent::check_current`]. Absent: who may
//! write (docs/format/http.md, "Vaults"). Specification: docs/format/vault.md.

mod content;

pub use content::{
    CONTENT_VERSION, HolderKind, MAX_CONTENT, SecretSeed, VaultContent, VaultError, VaultHolder,
};

use std::fmt;

use hkdf::Hkdf;
use rand_core::CryptoRng;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::age::{self, DecryptError, HybridIdentity, HybridRecipient, Identity, Recipients};
use crate::enrolment::RecoverySecret;
use crate::ids::VaultId;
use crate::keys::SigningKey;

/// What a vault's keys are made from.
#[derive(Clone, Copy)]
pub enum VaultSecret<'a> {
    /// What a passkey's PRF yields: the same on every device that has the passkey.
    Passkey(&'a [u8; 32]),
    /// Random bytes that a device keeps under its own lock.
    Device(&'a [u8; 32]),
    /// The code that a joining device shows.
    Joining(&'a [u8; 16]),
    /// The secret on the recovery sheet.
    Sheet(&'a RecoverySecret),
    /// An age identity of an authority: what its clerks share.
    Desk(&'a HybridIdentity),
}

/// A vault's two keys.
#[derive(Clone)]
pub struct VaultKeys {
    /// Opens what is sealed.
    pub identity: HybridIdentity,
    /// Signs the read.
    pub key: SigningKey,
}

impl VaultSecret<'_> {
    fn label(&self) -> &'static str {
        match self {
            VaultSecret::Passkey(_) => "passkey",
            VaultSecret::Device(_) => "device",
            VaultSecret::Joining(_) => "joining",
            VaultSecret::Sheet(_) => "sheet",
            VaultSecret::Desk(_) => "desk",
        }
    }

    fn expand(&self, what: &str) -> Zeroizing<[u8; 32]> {
        let info = format!("postfach/vault-{what}/{}/v1", self.label());
        let seed;
        let secret: &[u8] = match self {
            VaultSecret::Passkey(secret) | VaultSecret::Device(secret) => *secret,
            VaultSecret::Joining(code) => *code,
            VaultSecret::Sheet(sheet) => sheet.bytes(),
            VaultSecret::Desk(identity) => {
                seed = identity.to_seed();
                seed.as_ref()
            }
        };
        let mut out = Zeroizing::new([0; 32]);
        Hkdf::<Sha256>::new(None, secret)
            .expand(info.as_bytes(), out.as_mut())
            .expect("32 bytes are far below HKDF's limit");
        out
    }
}

impl fmt::Debug for VaultSecret<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VaultSecret({}, secret)", self.label())
    }
}

impl VaultKeys {
    /// The keys that a secret yields.
    pub fn derive(secret: VaultSecret<'_>) -> Self {
        Self {
            identity: HybridIdentity::from_seed(&secret.expand("age")),
            key: SigningKey::from_seed(&secret.expand("key")),
        }
    }

    /// The vault's name at the server.
    pub fn id(&self) -> VaultId {
        VaultId::of(&self.key.verifying_key().0)
    }

    /// Opens sealed bytes; all or nothing.
    pub fn open(&self, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, DecryptError> {
        let identity = Identity::Hybrid(self.identity.clone());
        age::decrypt(sealed, &[identity]).map(Zeroizing::new)
    }
}

impl fmt::Debug for VaultKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VaultKeys")
            .field("id", &self.id())
            .finish_non_exhaustive()
    }
}

/// Seals a content for whoever holds the vault: a whole age file.
pub fn seal<R: CryptoRng + ?Sized>(
    recipient: &HybridRecipient,
    content: &[u8],
    rng: &mut R,
) -> Vec<u8> {
    let recipients = Recipients::Hybrid(vec![recipient.clone()]);
    let (header, payload) = age::encrypt(&recipients, content, rng)
        .expect("one recipient is neither none nor too many");
    [header.as_bytes(), &payload].concat()
}
