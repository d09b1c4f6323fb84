//! Signatures on tokens: RSA PKCS #1 v1.5 and PSS, ECDSA on P-256 and P-384, with SHA-256, SHA-384
//! or SHA-512 (RFC 5754 section 3, RFC 4056, RFC 8017). Everything else is refused, SHA-1 too.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA384_ASN1, ECDSA_P256_SHA512_ASN1, ECDSA_P384_SHA256_ASN1,
    ECDSA_P384_SHA384_ASN1, ECDSA_P384_SHA512_ASN1, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256,
    RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512, UnparsedPublicKey, VerificationAlgorithm,
};
use der::Tag;
use der::asn1::ObjectIdentifier;

use super::asn1::{Element, Malformed, algorithm, context};
use super::hash::Hash;

const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const RSASSA_PSS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10");
const MGF1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.8");
const SHA256_WITH_RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.11");
const SHA384_WITH_RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.12");
const SHA512_WITH_RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.13");
const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const P384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
const ECDSA_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");
const ECDSA_SHA384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.3");
const ECDSA_SHA512: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.4");

/// A certificate's key.
#[derive(Debug, Clone)]
pub(super) struct PublicKey {
    kind: KeyKind,
    /// RSAPublicKey or the curve's point.
    bytes: Vec<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum KeyKind {
    Rsa,
    /// An RSA key that signs with PSS only (RFC 4055 section 1.2).
    RsaPss,
    P256,
    P384,
}

/// How a token says that it is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scheme {
    Pkcs1,
    Pss,
    Ecdsa,
}

/// A signature algorithm that is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SignatureAlgorithm {
    scheme: Scheme,
    hash: Hash,
}

impl PublicKey {
    /// Reads a SubjectPublicKeyInfo; none where the key is of a kind that is not accepted.
    pub(super) fn read(info: Element<'_>) -> Result<Option<Self>, Malformed> {
        const NAME: &str = "SubjectPublicKeyInfo";
        let mut info = info.elements(NAME)?;
        let (oid, parameters) = algorithm(&mut info)?;
        let [0, bytes @ ..] = info.next(Tag::BitString)?.content else {
            return Err(Malformed(NAME));
        };
        info.end()?;
        let kind = match oid {
            RSA_ENCRYPTION => Some(KeyKind::Rsa),
            RSASSA_PSS => Some(KeyKind::RsaPss),
            EC_PUBLIC_KEY => match parameters.map(|curve| curve.content) {
                Some(curve) if curve == P256.as_bytes() => Some(KeyKind::P256),
                Some(curve) if curve == P384.as_bytes() => Some(KeyKind::P384),
                _ => None,
            },
            _ => None,
        };
        let bytes = bytes.to_vec();
        Ok(kind.map(|kind| Self { kind, bytes }))
    }

    /// Whether this key signed the message. RSA keys have 2048 to 8192 bits.
    pub(super) fn has_signed(
        &self,
        algorithm: SignatureAlgorithm,
        message: &[u8],
        signature: &[u8],
    ) -> bool {
        self.verification(algorithm).is_some_and(|verification| {
            let key = UnparsedPublicKey::new(verification, &self.bytes);
            key.verify(message, signature).is_ok()
        })
    }

    fn verification(
        &self,
        algorithm: SignatureAlgorithm,
    ) -> Option<&'static dyn VerificationAlgorithm> {
        use Hash::{Sha1, Sha256, Sha384, Sha512};
        use KeyKind::{P256, P384, Rsa, RsaPss};
        use Scheme::{Ecdsa, Pkcs1, Pss};
        Some(match (self.kind, algorithm.scheme, algorithm.hash) {
            (Rsa, Pkcs1, Sha256) => &RSA_PKCS1_2048_8192_SHA256,
            (Rsa, Pkcs1, Sha384) => &RSA_PKCS1_2048_8192_SHA384,
            (Rsa, Pkcs1, Sha512) => &RSA_PKCS1_2048_8192_SHA512,
            (Rsa | RsaPss, Pss, Sha256) => &RSA_PSS_2048_8192_SHA256,
            (Rsa | RsaPss, Pss, Sha384) => &RSA_PSS_2048_8192_SHA384,
            (Rsa | RsaPss, Pss, Sha512) => &RSA_PSS_2048_8192_SHA512,
            (P256, Ecdsa, Sha256) => &ECDSA_P256_SHA256_ASN1,
            (P256, Ecdsa, Sha384) => &ECDSA_P256_SHA384_ASN1,
            (P256, Ecdsa, Sha512) => &ECDSA_P256_SHA512_ASN1,
            (P384, Ecdsa, Sha256) => &ECDSA_P384_SHA256_ASN1,
            (P384, Ecdsa, Sha384) => &ECDSA_P384_SHA384_ASN1,
            (P384, Ecdsa, Sha512) => &ECDSA_P384_SHA512_ASN1,
            (Rsa | RsaPss, Ecdsa, _)
            | (RsaPss, Pkcs1, _)
            | (P256 | P384, Pkcs1 | Pss, _)
            | (_, _, Sha1) => return None,
        })
    }
}

impl SignatureAlgorithm {
    /// The algorithm that an AlgorithmIdentifier names beside this digest algorithm; none where it
    /// is not accepted, or says another hash than the digest algorithm.
    pub(super) fn named(
        (oid, parameters): (ObjectIdentifier, Option<Element<'_>>),
        digest: Hash,
    ) -> Option<Self> {
        let (scheme, hash) = match oid {
            RSA_ENCRYPTION => (Scheme::Pkcs1, digest), // RFC 3370 section 3.2
            SHA256_WITH_RSA => (Scheme::Pkcs1, Hash::Sha256),
            SHA384_WITH_RSA => (Scheme::Pkcs1, Hash::Sha384),
            SHA512_WITH_RSA => (Scheme::Pkcs1, Hash::Sha512),
            RSASSA_PSS => (Scheme::Pss, pss_hash(parameters?).ok()??),
            ECDSA_SHA256 => (Scheme::Ecdsa, Hash::Sha256),
            ECDSA_SHA384 => (Scheme::Ecdsa, Hash::Sha384),
            ECDSA_SHA512 => (Scheme::Ecdsa, Hash::Sha512),
            _ => return None,
        };
        let null = parameters.is_none_or(|parameters| parameters.tag == Tag::Null);
        (hash == digest && (null || scheme == Scheme::Pss)).then_some(Self { scheme, hash })
    }
}

/// The hash of RSASSA-PSS-params; none unless it is also MGF1's, and the salt is as long (RFC 4056
/// section 2.2). What is absent there means SHA-1, so nothing may be.
fn pss_hash(parameters: Element<'_>) -> Result<Option<Hash>, Malformed> {
    const NAME: &str = "RSASSA-PSS-params";
    let absent = Malformed(NAME);
    let mut inside = parameters.elements(NAME)?;
    let mut hash = inside.optional(context(0))?.ok_or(absent)?.elements(NAME)?;
    let hash = Hash::named(algorithm(&mut hash)?);
    let mut mask = inside.optional(context(1))?.ok_or(absent)?.elements(NAME)?;
    let (mgf, mgf_hash) = algorithm(&mut mask)?;
    let mut mgf_hash = mgf_hash.ok_or(absent)?.elements(NAME)?;
    let mgf_hash = (mgf_hash.oid()?, mgf_hash.any()?);
    let mut salt = inside.optional(context(2))?.ok_or(absent)?.elements(NAME)?;
    let salt = salt.small()?;
    let trailer = match inside.optional(context(3))? {
        None => 1,
        Some(trailer) => trailer.elements(NAME)?.small()?,
    };
    inside.end()?;
    let length = |hash: &Hash| match hash {
        Hash::Sha1 => 20,
        Hash::Sha256 => 32,
        Hash::Sha384 => 48,
        Hash::Sha512 => 64,
    };
    let same = mgf == MGF1 && Hash::named(mgf_hash) == hash && trailer == 1;
    Ok(hash.filter(|hash| same && salt == length(hash)))
}
