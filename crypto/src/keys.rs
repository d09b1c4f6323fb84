//! Ed25519 keys and signatures: the one place that signs and the one place that verifies.
//!
//! Invariants: a secret key never travels without its public half being derived from it
//! (RUSTSEC-2022-0093), every signature is made under a domain of its own, and verification is
//! always strict (RFC 8032 §5.1.7 without cofactor, small-order keys refused). Secrets zeroise on
//! drop and redact their `Debug`. Keys are `[algorithm, bytes]` on the wire so that others can
//! follow; algorithm −19 is Ed25519 (RFC 9864).

use std::fmt;

use curve25519_dalek::edwards::CompressedEdwardsY;
use ed25519_dalek::Signer as _;
use rand_core::CryptoRng;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use zeroize::Zeroizing;

use crate::hash::{Domain, domain_hash};
use crate::ids::RecoveryKeyHash;

/// COSE algorithm number of Ed25519 (RFC 9864 §2.2).
pub const ED25519: i64 = -19;

/// An Ed25519 secret key with the public key derived from it.
#[derive(Clone)]
pub struct SigningKey(ed25519_dalek::SigningKey);

/// An Ed25519 public key. Compare-only until [`VerifyingKey::check_strong`] or a verification.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VerifyingKey(pub [u8; 32]);

/// An Ed25519 signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signature(pub [u8; 64]);

/// A signature that does not hold for key, domain and message. Deliberately without detail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("signature is not valid for this key and content")]
pub struct BadSignature;

/// A public key that must not be registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("public key is weak, not canonically encoded, or outside the prime-order group")]
pub struct WeakKey;

/// What a raw signature is for. COSE statements have their own domain, the external AAD.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SigningDomain {
    /// A new identity key proves possession inside a key statement.
    KeyPossession,
    /// An HTTP request (RFC 9421); the signature base begins with `"@` and needs no prefix.
    HttpRequest,
    /// A checkpoint of the log (C2SP tlog-checkpoint), which needs no prefix: `tlog::cosignature`
    /// says why it can be taken for nothing else.
    Checkpoint,
    /// A witness's cosignature (C2SP tlog-cosignature); the header line is the prefix.
    Cosignature,
}

impl SigningDomain {
    fn message(self, content: &[u8]) -> Vec<u8> {
        let prefix: &[u8] = match self {
            SigningDomain::KeyPossession => b"postfach/key-possession/v1\0",
            SigningDomain::HttpRequest | SigningDomain::Checkpoint => b"",
            SigningDomain::Cosignature => b"cosignature/v1\n",
        };
        [prefix, content].concat()
    }
}

impl SigningKey {
    /// Makes a new key from `rng`.
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        let mut seed = Zeroizing::new([0; 32]);
        rng.fill_bytes(seed.as_mut());
        Self::from_seed(&seed)
    }

    /// The key whose RFC 8032 secret is `seed`.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(ed25519_dalek::SigningKey::from_bytes(seed))
    }

    /// The RFC 8032 secret, for storage in an encrypted file.
    pub fn seed(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.0.to_bytes())
    }

    /// The public key.
    pub fn verifying_key(&self) -> VerifyingKey {
        VerifyingKey(self.0.verifying_key().to_bytes())
    }

    /// Signs `content` under `domain`.
    pub fn sign(&self, domain: SigningDomain, content: &[u8]) -> Signature {
        self.sign_exact(&domain.message(content))
    }

    /// Signs bytes that already carry their domain, such as a COSE `Sig_structure`.
    pub(crate) fn sign_exact(&self, message: &[u8]) -> Signature {
        Signature(self.0.sign(message).to_bytes())
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey(secret of {:?})", self.verifying_key())
    }
}

impl VerifyingKey {
    /// Refuses keys that must not be registered: low order, non-canonical, with a torsion part.
    pub fn check_strong(&self) -> Result<(), WeakKey> {
        let point = CompressedEdwardsY(self.0).decompress().ok_or(WeakKey)?;
        let canonical = point.compress().0 == self.0;
        if canonical && !point.is_small_order() && point.is_torsion_free() {
            Ok(())
        } else {
            Err(WeakKey)
        }
    }

    /// Verifies a signature made by [`SigningKey::sign`].
    pub fn verify_strict(
        &self,
        domain: SigningDomain,
        content: &[u8],
        signature: &Signature,
    ) -> Result<(), BadSignature> {
        self.verify_exact(&domain.message(content), signature)
    }

    /// Verifies a signature over bytes that already carry their domain.
    pub(crate) fn verify_exact(
        &self,
        message: &[u8],
        signature: &Signature,
    ) -> Result<(), BadSignature> {
        let key = ed25519_dalek::VerifyingKey::from_bytes(&self.0).map_err(|_| BadSignature)?;
        let signature = ed25519_dalek::Signature::from_bytes(&signature.0);
        key.verify_strict(message, &signature)
            .map_err(|_| BadSignature)
    }

    /// The commitment under which this key, as a recovery key, stands in an address.
    pub fn recovery_hash(&self) -> RecoveryKeyHash {
        RecoveryKeyHash(domain_hash(Domain::RecoveryKey, &[&self.0]))
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, ..] = self.0;
        write!(f, "VerifyingKey({a:02x}{b:02x}{c:02x}{d:02x}…)")
    }
}

impl Serialize for VerifyingKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (ED25519, serde_bytes::Bytes::new(&self.0)).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for VerifyingKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (algorithm, bytes) = <(i64, serde_bytes::ByteBuf)>::deserialize(deserializer)?;
        let bytes: [u8; 32] = bytes
            .as_slice()
            .try_into()
            .map_err(|_| de::Error::custom("expected an Ed25519 key of 32 bytes"))?;
        if algorithm != ED25519 {
            return Err(de::Error::custom("unknown key algorithm"));
        }
        Ok(Self(bytes))
    }
}

impl Serialize for Signature {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Signature {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bytes = serde_bytes::ByteBuf::deserialize(deserializer)?;
        bytes
            .as_slice()
            .try_into()
            .map(Self)
            .map_err(|_| de::Error::invalid_length(bytes.len(), &"64 bytes"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use curve25519_dalek::constants::{ED25519_BASEPOINT_POINT, EIGHT_TORSION};

    #[test]
    fn weak_keys_are_refused() {
        for point in EIGHT_TORSION {
            assert!(VerifyingKey(point.compress().0).check_strong().is_err());
        }
        let mixed = ED25519_BASEPOINT_POINT + EIGHT_TORSION[1];
        assert!(VerifyingKey(mixed.compress().0).check_strong().is_err());
        let mut not_canonical = [0xff; 32]; // y = p + 1, the non-canonical form of the identity
        not_canonical[0] = 0xee;
        not_canonical[31] = 0x7f;
        assert!(VerifyingKey(not_canonical).check_strong().is_err());
        let good = SigningKey::from_seed(&[1; 32]).verifying_key();
        assert!(good.check_strong().is_ok());
    }

    #[test]
    fn a_signature_holds_for_one_domain_only() {
        let key = SigningKey::from_seed(&[1; 32]);
        let signature = key.sign(SigningDomain::KeyPossession, b"content");
        let public = key.verifying_key();
        let verify = |domain| public.verify_strict(domain, b"content", &signature);
        assert!(verify(SigningDomain::KeyPossession).is_ok());
        assert!(verify(SigningDomain::HttpRequest).is_err());
    }

    #[test]
    fn secrets_do_not_show_in_debug() {
        let seed = [0x42; 32];
        let shown = format!("{:?}", SigningKey::from_seed(&seed));
        assert!(!shown.contains("42424242") && !shown.contains("66, 66"));
    }
}
