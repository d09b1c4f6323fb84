//! Canonical CBOR, the only encoding of signed and stored structures.
//!
//! Purpose: one way to turn a struct into bytes, and to refuse every other byte string that some
//! decoder would read as the same struct. Invariant: `decode(b) == Ok(v)` implies
//! `encode(&v) == b`. Structs are maps with the integer keys 0, 1, 2 … in declaration order;
//! absent options are left out; all lengths are definite and minimal
//! (RFC 8949 §4.2.1, docs/format/encoding.md).
//!
//! This is the only module that names `serde_cbor`. Its decoder alone accepts non-minimal
//! integers, indefinite lengths, unsorted or duplicate keys, text keys and null; the comparison
//! with the re-encoded value refuses all of them at once. Deliberately absent: a generic value
//! type, floating-point numbers, streaming.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// Nesting deeper than this is refused before decoding starts.
pub const MAX_DEPTH: usize = 16;
/// The largest integer, 2^53 − 1: up to here numbers are exact in JSON and in browsers too (RFC 8259
/// §6), so all implementations read the same value.
pub const MAX_INTEGER: u64 = (1 << 53) - 1;

/// Why bytes are not the canonical encoding of the expected structure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The input is longer than the named limit of its kind.
    #[error("structure of {actual} bytes exceeds its limit of {limit} bytes")]
    TooLarge {
        /// Bytes given.
        actual: usize,
        /// Bytes allowed.
        limit: usize,
    },
    /// Arrays, maps or tags are nested deeper than [`MAX_DEPTH`].
    #[error("structure is nested deeper than {MAX_DEPTH} levels")]
    TooDeep,
    /// The input ends early, is followed by more bytes, or a length exceeds what is there.
    #[error("structure is truncated or followed by other bytes")]
    Framing,
    /// An indefinite length, a float, a reserved additional-information value, or an integer
    /// beyond [`MAX_INTEGER`].
    #[error("structure uses an encoding form that is not allowed")]
    Form,
    /// A field is missing, unknown, or of another type or length.
    #[error("structure does not have the expected fields")]
    Shape,
    /// The value is readable but not in its one canonical form.
    #[error("structure is not canonically encoded")]
    NotCanonical,
}

/// Encodes a value canonically.
///
/// The types of this workspace cannot fail to encode: they hold no maps with computed keys and no
/// sequences of unknown length.
pub fn encode<T: Serialize>(value: &T) -> Vec<u8> {
    serde_cbor::ser::to_vec_packed(value).expect("in-memory structs of known length always encode")
}

/// Decodes a value, refusing anything but its canonical encoding of at most `limit` bytes.
pub fn decode<T: Serialize + DeserializeOwned>(
    bytes: &[u8],
    limit: usize,
) -> Result<T, DecodeError> {
    if bytes.len() > limit {
        return Err(DecodeError::TooLarge {
            actual: bytes.len(),
            limit,
        });
    }
    check_framing(bytes)?;
    let value: T = serde_cbor::from_slice(bytes).map_err(|_| DecodeError::Shape)?;
    if encode(&value) != bytes {
        return Err(DecodeError::NotCanonical);
    }
    Ok(value)
}

/// Walks the item heads without recursion: one well-formed item, no deeper than [`MAX_DEPTH`],
/// filling the input exactly.
pub(crate) fn check_framing(bytes: &[u8]) -> Result<(), DecodeError> {
    let mut rest = bytes;
    let mut open: Vec<u64> = vec![1]; // items still expected at each level
    while let Some(left) = open.last_mut() {
        if *left == 0 {
            open.pop();
            continue;
        }
        *left -= 1;
        let (major, argument, after) = read_head(rest)?;
        rest = after;
        let children = match major {
            0 | 1 if argument > MAX_INTEGER => return Err(DecodeError::Form),
            0 | 1 => 0,
            2 | 3 => {
                let len = usize::try_from(argument).map_err(|_| DecodeError::Framing)?;
                rest = rest.get(len..).ok_or(DecodeError::Framing)?;
                0
            }
            4 => argument,
            5 => argument.checked_mul(2).ok_or(DecodeError::Framing)?,
            6 => 1,
            _ if matches!(argument, 20 | 21) => 0, // false, true
            _ => return Err(DecodeError::Form),
        };
        if children > rest.len() as u64 {
            return Err(DecodeError::Framing); // every child takes at least one byte
        }
        if children > 0 {
            if open.len() > MAX_DEPTH {
                return Err(DecodeError::TooDeep);
            }
            open.push(children);
        }
    }
    if rest.is_empty() {
        Ok(())
    } else {
        Err(DecodeError::Framing)
    }
}

/// Splits the head of one item: major type, argument, and what follows (RFC 8949 §3).
pub(crate) fn read_head(bytes: &[u8]) -> Result<(u8, u64, &[u8]), DecodeError> {
    let (&first, rest) = bytes.split_first().ok_or(DecodeError::Framing)?;
    let (major, info) = (first >> 5, first & 0x1f);
    let width = match info {
        0..=23 => return Ok((major, u64::from(info), rest)),
        24 => 1,
        25 => 2,
        26 => 4,
        27 => 8,
        _ => return Err(DecodeError::Form),
    };
    if major == 7 {
        return Err(DecodeError::Form); // floats and extended simple values
    }
    if rest.len() < width {
        return Err(DecodeError::Framing);
    }
    let (argument, rest) = rest.split_at(width);
    let argument = argument
        .iter()
        .fold(0, |value, byte| value << 8 | u64::from(*byte));
    Ok((major, argument, rest))
}

/// Appends the minimal head of one item.
pub(crate) fn write_head(out: &mut Vec<u8>, major: u8, argument: u64) {
    let top = major << 5;
    let bytes = argument.to_be_bytes();
    match argument {
        0..=23 => out.push(top | bytes[7]),
        24..=0xff => out.extend([top | 24, bytes[7]]),
        0x100..=0xffff => {
            out.push(top | 25);
            out.extend(&bytes[6..]);
        }
        0x1_0000..=0xffff_ffff => {
            out.push(top | 26);
            out.extend(&bytes[4..]);
        }
        _ => {
            out.push(top | 27);
            out.extend(&bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        number: u64,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        option: Option<u64>,
        text: String,
    }

    const LIMIT: usize = 64;

    fn refused(hex_bytes: &str) -> DecodeError {
        let bytes = hex::decode(hex_bytes).expect("test hex");
        decode::<Sample>(&bytes, LIMIT).expect_err("must be refused")
    }

    #[test]
    fn packed_keys_skip_absent_options() {
        let value = Sample {
            number: 7,
            option: None,
            text: "a".into(),
        };
        assert_eq!(hex::encode(encode(&value)), "a20007026161");
        assert_eq!(decode::<Sample>(&encode(&value), LIMIT), Ok(value));
    }

    #[test]
    fn every_other_form_of_the_same_value_is_refused() {
        assert_eq!(refused("a2001807026161"), DecodeError::NotCanonical); // non-minimal 7
        assert_eq!(refused("bf0007026161ff"), DecodeError::Form); // indefinite map
        assert_eq!(refused("a20261610007"), DecodeError::NotCanonical); // unsorted keys
        assert_eq!(refused("a300070007026161"), DecodeError::Shape); // duplicate key
        assert_eq!(refused("a3000701f6026161"), DecodeError::Form); // null option
        assert_eq!(
            refused("a2666e756d62657207026161"),
            DecodeError::NotCanonical
        ); // text key
        assert_eq!(refused("a300070261610900"), DecodeError::Shape); // unknown field
        assert_eq!(refused("830701616100"), DecodeError::Framing);
        assert_eq!(refused("83070161610000"), DecodeError::Framing); // trailing bytes
        assert_eq!(refused("a200fb3ff0000000000000026161"), DecodeError::Form); // float
        assert_eq!(
            refused("a20007027b7fffffffffffffff61"),
            DecodeError::Framing
        ); // huge length
        assert_eq!(refused("9b7fffffffffffffff"), DecodeError::Framing); // huge array
        assert_eq!(
            refused("a2001b0020000000000000026161"),
            DecodeError::Form // 2^53
        );
    }

    #[test]
    fn arrays_do_not_pass_as_structs() {
        assert!(decode::<Sample>(&[0x83, 7, 1, 0x61, 0x61], LIMIT).is_err());
    }

    #[test]
    fn depth_and_size_are_bounded() {
        assert_eq!(
            decode::<Sample>(&[0x81; 60], LIMIT),
            Err(DecodeError::TooDeep)
        );
        assert!(matches!(
            decode::<Sample>(&[0; 65], LIMIT),
            Err(DecodeError::TooLarge { .. })
        ));
    }
}
