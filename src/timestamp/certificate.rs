//! The pinned certificates of time-stamping authorities (RFC 5280, RFC 3161 section 2.3).
//!
//! Invariant: each is for time-stamping and nothing else, by an extended key usage that is critical
//! and alone. Several may be pinned, since authorities renew theirs. Absent: their own signatures,
//! chains and revocation; pinning is the trust.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use der::Tag;
use der::asn1::ObjectIdentifier;
use postfach_crypto::ids::UnixMillis;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use sha2::Digest as _;

use super::asn1::{Element, Elements, Malformed, algorithm, context, context_primitive};
use super::hash::Hash;
use super::signature::PublicKey;
use super::time::certificate_time;

/// Longest file that is read, in bytes.
pub const MAX_CERTIFICATE_FILE: usize = 256 * 1024;
/// Most certificates in it.
pub(super) const MAX_CERTIFICATES: usize = 16;
/// Longest name that is shown, in characters.
const MAX_NAME: usize = 128;

const ID_EXT_KEY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.37");
const ID_KEY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.15");
const ID_TIME_STAMPING: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.8");
const ID_COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");

/// The pinned certificates, at least one.
#[derive(Debug, Clone)]
pub struct TsaCertificates(Vec<TsaCertificate>);

/// One of them.
#[derive(Debug, Clone)]
pub(super) struct TsaCertificate {
    der: Vec<u8>,
    pub(super) name: String,
    pub(super) not_before: UnixMillis,
    pub(super) not_after: UnixMillis,
    pub(super) key: PublicKey,
}

/// Why a file is not the certificates of time-stamping authorities. Certificates are counted from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// Too long, no PEM, or too many in it.
    #[error(
        "expected 1 to {MAX_CERTIFICATES} certificates in PEM, in at most {MAX_CERTIFICATE_FILE} bytes"
    )]
    File,
    /// One cannot be read.
    #[error("certificate {0}: {1}")]
    Malformed(usize, Malformed),
    /// One is for something else.
    #[error(
        "certificate {0} is not for time-stamping: its extended key usage must be timeStamping, critical and \
         alone (RFC 3161 section 2.3); name the authority's own certificate, without those above it"
    )]
    Usage(usize),
    /// One has a key of another kind.
    #[error("certificate {0}: expected a key of RSA, P-256 or P-384")]
    Key(usize),
}

/// Why a file could not be read as certificates.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The file system.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// Its content.
    #[error(transparent)]
    Content(#[from] CertificateError),
}

impl TsaCertificates {
    /// Reads a file of certificates in PEM.
    ///
    /// # Errors
    /// [`FileError`].
    pub fn load(path: &Path) -> Result<Self, FileError> {
        let mut pem = Vec::new();
        let limit = MAX_CERTIFICATE_FILE as u64 + 1;
        File::open(path)?.take(limit).read_to_end(&mut pem)?;
        Ok(Self::from_pem(&pem)?)
    }

    /// The authorities: common name, and SHA-256 of the certificate.
    pub fn authorities(&self) -> impl Iterator<Item = (&str, [u8; 32])> {
        let sha256 = |der: &[u8]| sha2::Sha256::digest(der).into();
        self.0
            .iter()
            .map(move |certificate| (certificate.name.as_str(), sha256(&certificate.der)))
    }

    /// Reads certificates in PEM (RFC 7468).
    ///
    /// # Errors
    /// [`CertificateError`].
    pub fn from_pem(pem: &[u8]) -> Result<Self, CertificateError> {
        if pem.len() > MAX_CERTIFICATE_FILE {
            return Err(CertificateError::File);
        }
        let mut all = Vec::new();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let certificate = certificate.map_err(|_| CertificateError::File)?;
            if all.len() == MAX_CERTIFICATES {
                return Err(CertificateError::File);
            }
            all.push(TsaCertificate::read(&certificate, all.len() + 1)?);
        }
        if all.is_empty() {
            return Err(CertificateError::File);
        }
        Ok(Self(all))
    }

    /// The certificate with this hash.
    pub(super) fn find(&self, hash: Hash, value: &[u8]) -> Option<&TsaCertificate> {
        self.0
            .iter()
            .find(|certificate| certificate.is(hash, value))
    }
}

impl TsaCertificate {
    /// Whether this is the certificate with this hash.
    pub(super) fn is(&self, hash: Hash, value: &[u8]) -> bool {
        hash.of(&self.der).as_ref() == value
    }

    fn read(der: &[u8], number: usize) -> Result<Self, CertificateError> {
        let malformed = |why| CertificateError::Malformed(number, why);
        let fields = Fields::read(der).map_err(malformed)?;
        if !fields.usage.is_time_stamping_only() {
            return Err(CertificateError::Usage(number));
        }
        let key = PublicKey::read(fields.key).map_err(malformed)?;
        Ok(Self {
            der: der.to_vec(),
            name: fields.name,
            not_before: fields.not_before,
            not_after: fields.not_after,
            key: key.ok_or(CertificateError::Key(number))?,
        })
    }
}

/// What is read of a certificate.
struct Fields<'a> {
    name: String,
    not_before: UnixMillis,
    not_after: UnixMillis,
    key: Element<'a>,
    usage: Usage,
}

impl<'a> Fields<'a> {
    /// RFC 5280 section 4.1.
    fn read(der: &'a [u8]) -> Result<Self, Malformed> {
        const NAME: &str = "Certificate";
        let mut certificate = Element::read(der, Tag::Sequence, NAME)?.elements(NAME)?;
        let mut signed = certificate.sequence("TBSCertificate")?;
        algorithm(&mut certificate)?;
        certificate.next(Tag::BitString)?;
        certificate.end()?;
        signed.optional(context(0))?; // version
        signed.integer()?; // serialNumber
        algorithm(&mut signed)?;
        signed.next(Tag::Sequence)?; // issuer
        let mut validity = signed.sequence("Validity")?;
        let mut time = || {
            let time = validity.any()?.ok_or(Malformed("Validity"))?;
            certificate_time(time)
        };
        let (not_before, not_after) = (time()?, time()?);
        validity.end()?;
        let name = common_name(signed.next(Tag::Sequence)?)?;
        let key = signed.next(Tag::Sequence)?;
        signed.optional(context_primitive(1))?; // issuerUniqueID
        signed.optional(context_primitive(2))?; // subjectUniqueID
        let usage = match signed.optional(context(3))? {
            None => Usage::default(),
            Some(extensions) => {
                let list = extensions.only(Tag::Sequence, "Extensions")?;
                Usage::read(list.elements("Extensions")?)?
            }
        };
        signed.end()?;
        Ok(Self {
            name,
            not_before,
            not_after,
            key,
            usage,
        })
    }
}

/// What the certificate's key is for.
#[derive(Default)]
struct Usage {
    /// Extended key usage: time-stamping, critical and alone.
    time_stamping: bool,
    /// Key usage is there and allows no signature (RFC 5280 section 4.2.1.3).
    no_signatures: bool,
}

impl Usage {
    fn is_time_stamping_only(&self) -> bool {
        self.time_stamping && !self.no_signatures
    }

    fn read(mut extensions: Elements<'_>) -> Result<Self, Malformed> {
        let mut usage = Self::default();
        while let Some(extension) = extensions.any()? {
            let mut inside = extension.elements("Extension")?;
            let (oid, critical) = (inside.oid()?, inside.flag()?);
            let value = inside.next(Tag::OctetString)?.content;
            inside.end()?;
            if oid == ID_EXT_KEY_USAGE {
                const NAME: &str = "ExtKeyUsageSyntax";
                let mut purposes = Element::read(value, Tag::Sequence, NAME)?.elements(NAME)?;
                let first = purposes.oid()?;
                usage.time_stamping =
                    critical && first == ID_TIME_STAMPING && purposes.any()?.is_none();
            } else if oid == ID_KEY_USAGE {
                let bits = Element::read(value, Tag::BitString, "KeyUsage")?.content;
                // digitalSignature and nonRepudiation are the first two bits.
                usage.no_signatures = bits.get(1).is_none_or(|bits| bits & 0xc0 == 0);
            }
        }
        Ok(usage)
    }
}

/// The subject's common name, as it may be shown.
fn common_name(subject: Element<'_>) -> Result<String, Malformed> {
    let mut found = None;
    let mut parts = subject.elements("Name")?;
    while let Some(part) = parts.optional(Tag::Set)? {
        let mut part = part.elements("RelativeDistinguishedName")?;
        while let Some(attribute) = part.any()? {
            let mut attribute = attribute.elements("AttributeTypeAndValue")?;
            let is_name = attribute.oid()? == ID_COMMON_NAME;
            if let (true, Some(value)) = (is_name, attribute.any()?) {
                found = Some(value.content);
            }
        }
    }
    parts.end()?;
    let name = String::from_utf8_lossy(found.unwrap_or(b"?"));
    let shown = name.chars().filter(|letter| !letter.is_control());
    Ok(shown.take(MAX_NAME).collect())
}
