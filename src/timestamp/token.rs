//! TimeStampToken: a CMS SignedData around a TSTInfo (RFC 3161 section 2.4.2, RFC 5652 section 5).
//!
//! Invariant: what [`StampedAt`] says was signed, by the key of a pinned certificate that the
//! signature itself names (RFC 5816, RFC 5035). What no signature covers is skipped: the signer's
//! identifier, certificates, revocation lists and unsigned attributes.

use der::Tag;
use der::asn1::ObjectIdentifier;
use postfach_crypto::evidence::StampedAt;

use super::asn1::{Element, Elements, Malformed, algorithm, context, context_primitive};
use super::certificate::TsaCertificate;
use super::hash::{Hash, ID_SHA256};
use super::request::imprint;
use super::signature::SignatureAlgorithm;
use super::tst_info::TstInfo;
use super::{MAX_TOKEN, TsaCertificates};

const ID_SIGNED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.2");
const ID_TST_INFO: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.1.4");
const ID_CONTENT_TYPE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.3");
const ID_MESSAGE_DIGEST: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.4");
const ID_SIGNING_CERTIFICATE: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.2.12");
const ID_SIGNING_CERTIFICATE_V2: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.2.47");

/// Why a token proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Longer than [`MAX_TOKEN`].
    #[error("the token is longer than {MAX_TOKEN} bytes")]
    TooLong,
    /// It is no token.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// A digest algorithm other than SHA-256, SHA-384, SHA-512.
    #[error("the token is signed over a hash that is not accepted")]
    Digest,
    /// Another signature algorithm than the accepted ones, or one that does not fit the digest.
    #[error("the token is signed with an algorithm that is not accepted")]
    Algorithm,
    /// The signed attributes do not say that a TSTInfo with this digest was signed.
    #[error("the signed attributes are not those of this content: {0}")]
    Attribute(&'static str),
    /// No pinned certificate is the one that the token names.
    #[error("the token is not signed under a pinned certificate")]
    Certificate,
    /// The signature does not hold.
    #[error("the token's signature does not hold")]
    Signature,
    /// It stamps something else.
    #[error("the token stamps another text")]
    Imprint,
    /// It has a critical extension.
    #[error("the token has a critical extension that nobody knows here")]
    CriticalExtension,
    /// The time lies outside the certificate's.
    #[error("the token's time is outside of the validity of its certificate")]
    Validity,
}

/// Checks that this token stamps the text of this checkpoint note under one of these certificates.
/// Needs no network and no clock.
///
/// # Errors
/// [`TokenError`].
pub fn verify_token(
    token: &[u8],
    checkpoint_text: &str,
    certificates: &TsaCertificates,
) -> Result<StampedAt, TokenError> {
    verify(token, checkpoint_text, certificates).map(|(at, _)| at)
}

/// Checks that this token says that it stamps the text of this checkpoint note, whoever signed it: for
/// those who hand a token on and have pinned nobody.
///
/// # Errors
/// [`TokenError`].
pub fn check_token(token: &[u8], checkpoint_text: &str) -> Result<(), TokenError> {
    let signed = SignedData::read(token)?;
    signed.attributes()?;
    TstInfo::read(signed.content)?.check(checkpoint_text)
}

/// As [`verify_token`], with the token's nonce.
pub(super) fn verify<'a>(
    token: &'a [u8],
    checkpoint_text: &str,
    certificates: &TsaCertificates,
) -> Result<(StampedAt, Option<&'a [u8]>), TokenError> {
    let signed = SignedData::read(token)?;
    let certificate = signed.certificate(certificates)?;
    let info = TstInfo::read(signed.content)?;
    info.check(checkpoint_text)?;
    if info.at < certificate.not_before || certificate.not_after < info.at {
        return Err(TokenError::Validity);
    }
    let serial = info.serial.iter().map(|byte| format!("{byte:02x}"));
    let at = StampedAt {
        authority: certificate.name.clone(),
        at: info.at,
        accuracy_micros: info.accuracy,
        serial: serial.collect(),
    };
    Ok((at, info.nonce))
}

impl TstInfo<'_> {
    fn check(&self, checkpoint_text: &str) -> Result<(), TokenError> {
        if self.hash != Some(Hash::Sha256) || self.imprint != imprint(checkpoint_text) {
            Err(TokenError::Imprint)
        } else if self.has_critical_extension {
            Err(TokenError::CriticalExtension)
        } else {
            Ok(())
        }
    }
}

/// What is used of SignedData and its one SignerInfo.
struct SignedData<'a> {
    content: &'a [u8],
    digest: Hash,
    attributes: Element<'a>,
    algorithm: SignatureAlgorithm,
    signature: &'a [u8],
}

impl<'a> SignedData<'a> {
    fn read(token: &'a [u8]) -> Result<Self, TokenError> {
        const NAME: &str = "SignedData";
        if token.len() > MAX_TOKEN {
            return Err(TokenError::TooLong);
        }
        let mut info =
            Element::read(token, Tag::Sequence, "ContentInfo")?.elements("ContentInfo")?;
        if info.oid()? != ID_SIGNED_DATA {
            return Err(Malformed("ContentInfo").into());
        }
        let signed = info.next(context(0))?.only(Tag::Sequence, NAME)?;
        info.end()?;
        let mut signed = signed.elements(NAME)?;
        signed.small()?; // version
        signed.next(Tag::Set)?; // digestAlgorithms: the signer names its own
        let mut content = signed.sequence("EncapsulatedContentInfo")?;
        if content.oid()? != ID_TST_INFO {
            return Err(Malformed("EncapsulatedContentInfo").into());
        }
        let octets = content.next(context(0))?;
        let octets = octets.only(Tag::OctetString, "EncapsulatedContentInfo")?;
        content.end()?;
        signed.optional(context(0))?; // certificates
        signed.optional(context(1))?; // crls
        let mut signers = signed.next(Tag::Set)?.elements("SignerInfos")?;
        signed.end()?;
        // RFC 3161 section 2.4.2: no signature but the authority's.
        let signer = signers.sequence("SignerInfo")?;
        signers.end()?;
        Self::of_signer(signer, octets.content)
    }

    fn of_signer(mut signer: Elements<'a>, content: &'a [u8]) -> Result<Self, TokenError> {
        signer.small()?; // version
        if signer.optional(context_primitive(0))?.is_none() {
            signer.next(Tag::Sequence)?; // issuerAndSerialNumber
        }
        let digest = Hash::named(algorithm(&mut signer)?).ok_or(TokenError::Digest)?;
        let attributes = signer.next(context(0))?;
        let named = algorithm(&mut signer)?;
        let signature = signer.next(Tag::OctetString)?.content;
        signer.optional(context(1))?; // unsignedAttrs
        signer.end()?;
        Ok(Self {
            content,
            digest,
            attributes,
            algorithm: SignatureAlgorithm::named(named, digest).ok_or(TokenError::Algorithm)?,
            signature,
        })
    }

    /// The signed attributes, which are those of this content.
    fn attributes(&self) -> Result<Attributes<'a>, TokenError> {
        let attributes = Attributes::read(self.attributes)?;
        if attributes.content_type != Some(ID_TST_INFO) {
            return Err(TokenError::Attribute("content-type"));
        }
        let digest = self.digest.of(self.content);
        if attributes.message_digest != Some(digest.as_ref()) {
            return Err(TokenError::Attribute("message-digest"));
        }
        Ok(attributes)
    }

    /// The pinned certificate whose key signed the content.
    fn certificate<'c>(
        &self,
        pinned: &'c TsaCertificates,
    ) -> Result<&'c TsaCertificate, TokenError> {
        let attributes = self.attributes()?;
        // RFC 5816 section 2.2: either attribute may be there; where both are, both must agree.
        let mut ids = attributes.certificate_ids.into_iter().flatten();
        let (hash, value) = ids
            .next()
            .ok_or(TokenError::Attribute("signing-certificate"))?;
        let certificate = pinned.find(hash, value).ok_or(TokenError::Certificate)?;
        if ids.any(|(hash, value)| !certificate.is(hash, value)) {
            return Err(TokenError::Certificate);
        }
        // RFC 5652 section 5.4: signed is the SET OF, not the implicit tag in its place.
        let mut message = self.attributes.whole.to_vec();
        message[0] = SET_OF;
        if certificate
            .key
            .has_signed(self.algorithm, &message, self.signature)
        {
            Ok(certificate)
        } else {
            Err(TokenError::Signature)
        }
    }
}

/// The tag of a SET OF.
const SET_OF: u8 = 0x31;

/// The signed attributes that are used; each may occur once and has one value (RFC 5652 section 11).
#[derive(Default)]
struct Attributes<'a> {
    content_type: Option<ObjectIdentifier>,
    message_digest: Option<&'a [u8]>,
    /// By ESSCertID and by ESSCertIDv2.
    certificate_ids: [Option<(Hash, &'a [u8])>; 2],
}

impl<'a> Attributes<'a> {
    fn read(attributes: Element<'a>) -> Result<Self, TokenError> {
        const NAME: &str = "SignedAttributes";
        let mut list = attributes.elements(NAME)?;
        let mut found = Self::default();
        while let Some(attribute) = list.any()? {
            let mut inside = attribute.elements(NAME)?;
            let oid = inside.oid()?;
            let mut values = inside.next(Tag::Set)?.elements(NAME)?;
            inside.end()?;
            let twice = match oid {
                ID_CONTENT_TYPE => found.content_type.replace(values.oid()?).is_some(),
                ID_MESSAGE_DIGEST => {
                    let digest = values.next(Tag::OctetString)?.content;
                    found.message_digest.replace(digest).is_some()
                }
                ID_SIGNING_CERTIFICATE => {
                    let id = certificate_id(values.sequence("SigningCertificate")?)?;
                    found.certificate_ids[0]
                        .replace((Hash::Sha1, id.1))
                        .is_some()
                }
                ID_SIGNING_CERTIFICATE_V2 => {
                    let (hash, id) = certificate_id(values.sequence("SigningCertificateV2")?)?;
                    let hash = hash.ok_or(TokenError::Digest)?;
                    found.certificate_ids[1].replace((hash, id)).is_some()
                }
                _ => continue,
            };
            if twice {
                return Err(TokenError::Attribute("one occurs twice"));
            }
            values.end()?;
        }
        Ok(found)
    }
}

/// The first ESSCertID or ESSCertIDv2, which is the signer's (RFC 5035 section 4): its hash
/// algorithm, SHA-256 where none is named, and the certificate's hash.
fn certificate_id<'a>(mut signing: Elements<'a>) -> Result<(Option<Hash>, &'a [u8]), Malformed> {
    let mut ids = signing.sequence("ESSCertID")?;
    let mut id = ids.sequence("ESSCertID")?;
    let hash = match id.optional(Tag::Sequence)? {
        None => Hash::named((ID_SHA256, None)),
        Some(named) => {
            let mut inside = named.elements("ESSCertID")?;
            Hash::named((inside.oid()?, inside.any()?))
        }
    };
    let value = id.next(Tag::OctetString)?.content;
    Ok((hash, value))
}
