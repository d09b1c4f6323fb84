//! TSTInfo: what the authority signed (RFC 3161 section 2.4.2).

use der::Tag;
use postfach_crypto::ids::UnixMillis;

use super::asn1::{Element, Elements, Malformed, algorithm, context, context_primitive};
use super::hash::Hash;
use super::time::gen_time;

/// Longest serial number, in bytes: 160 bits and a sign.
const MAX_SERIAL: usize = 21;
/// Longest nonce that is read, in bytes.
const MAX_NONCE: usize = 64;

/// What is used of it.
pub(super) struct TstInfo<'a> {
    /// None where the imprint's hash is not one of ours.
    pub(super) hash: Option<Hash>,
    pub(super) imprint: &'a [u8],
    pub(super) serial: &'a [u8],
    pub(super) at: UnixMillis,
    /// In microseconds; 0 where the authority claims none.
    pub(super) accuracy: u64,
    pub(super) nonce: Option<&'a [u8]>,
    /// Whether it has a critical extension, of which we know none.
    pub(super) has_critical_extension: bool,
}

impl<'a> TstInfo<'a> {
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, Malformed> {
        const NAME: &str = "TSTInfo";
        let mut info = Element::read(bytes, Tag::Sequence, NAME)?.elements(NAME)?;
        if info.small()? != 1 {
            return Err(Malformed(NAME));
        }
        info.oid()?; // the authority's policy
        let mut message_imprint = info.sequence("MessageImprint")?;
        let hash = Hash::named(algorithm(&mut message_imprint)?);
        let imprint = message_imprint.next(Tag::OctetString)?.content;
        message_imprint.end()?;
        let serial = info.integer()?;
        let at = gen_time(info.next(Tag::GeneralizedTime)?.content)?;
        let accuracy = match info.optional(Tag::Sequence)? {
            None => 0,
            Some(accuracy) => microseconds(accuracy.elements("Accuracy")?)?,
        };
        info.flag()?; // ordering: we order by the log
        let nonce = info.optional(Tag::Integer)?.map(|nonce| nonce.content);
        info.optional(context(0))?; // tsa: a hint, the signed certificate hash decides
        let has_critical_extension = match info.optional(context(1))? {
            None => false,
            Some(extensions) => any_critical(extensions.elements("Extensions")?)?,
        };
        info.end()?;
        let long = nonce.is_some_and(|nonce| nonce.len() > MAX_NONCE);
        if serial.len() > MAX_SERIAL || long {
            return Err(Malformed(NAME));
        }
        Ok(Self {
            hash,
            imprint,
            serial,
            at,
            accuracy,
            nonce,
            has_critical_extension,
        })
    }
}

/// Accuracy: seconds, then milli- and microseconds from 1 to 999.
fn microseconds(mut accuracy: Elements<'_>) -> Result<u64, Malformed> {
    const MALFORMED: Malformed = Malformed("Accuracy");
    let seconds = match accuracy.optional(Tag::Integer)? {
        None => 0,
        Some(seconds) => number(seconds.content).ok_or(MALFORMED)?,
    };
    let mut part = |tag| match accuracy.optional(context_primitive(tag))? {
        None => Ok(0),
        Some(part) => number(part.content)
            .filter(|part| (1..=999).contains(part))
            .ok_or(MALFORMED),
    };
    let (millis, micros) = (part(0)?, part(1)?);
    accuracy.end()?;
    Ok(seconds * 1_000_000 + millis * 1000 + micros)
}

/// An INTEGER from 0 to 2^31 - 1 by its content.
fn number(content: &[u8]) -> Option<u64> {
    let minimal = !matches!(content, [] | [0, 0..=0x7f, ..] | [0x80..=0xff, ..]);
    (minimal && content.len() <= 4).then(|| {
        let bytes = content.iter();
        bytes.fold(0, |number, byte| number << 8 | u64::from(*byte))
    })
}

fn any_critical(mut extensions: Elements<'_>) -> Result<bool, Malformed> {
    while let Some(extension) = extensions.any()? {
        let mut inside = extension.elements("Extension")?;
        inside.oid()?;
        if inside.flag()? {
            return Ok(true);
        }
    }
    Ok(false)
}
