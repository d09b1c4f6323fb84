//! Bech32 strings of age keys.
//!
//! Invariant: decoding accepts exactly the strings that encoding produces (lower case for
//! recipients, upper case for identities, zero padding bits).
//!
//! Specification: BIP 173 without its length limit (C2SP age, "Conventions used in this document").

use bech32::{
    Fe32, Fe1024, Hrp, primitives::checksum::Checksum, primitives::decode::CheckedHrpstring,
};
use zeroize::Zeroizing;

use super::KeyError;

/// BIP 173's checksum, for data of any length.
enum AgeBech32 {}

impl Checksum for AgeBech32 {
    type MidstateRepr = u32;
    type CorrectionField = Fe1024;
    const ROOT_GENERATOR: Self::CorrectionField = Fe1024::new([Fe32::P, Fe32::X]);
    const ROOT_EXPONENTS: core::ops::RangeInclusive<usize> = 24..=26;
    const CODE_LENGTH: usize = MAX_STRING_LEN;
    const CHECKSUM_LENGTH: usize = 6;
    const GENERATOR_SH: [u32; 5] = [
        0x3b6a_57b2,
        0x2650_8e6d,
        0x1ea1_19fa,
        0x3d42_33dd,
        0x2a14_62b3,
    ];
    const TARGET_RESIDUE: u32 = 1;
}

/// Longer than any key string: a hybrid recipient has 1,959 characters.
const MAX_STRING_LEN: usize = 4096;

/// Lower-case string of a recipient.
pub(super) fn encode_recipient(prefix: &'static str, bytes: &[u8]) -> String {
    bech32::encode_lower::<AgeBech32>(hrp(prefix), bytes)
        .expect("keys are shorter than MAX_STRING_LEN")
}

/// Upper-case string of an identity, in one allocation so that no copy is left behind.
pub(super) fn encode_identity(prefix: &'static str, bytes: &[u8]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(prefix.len() + 8 + bytes.len() * 2));
    bech32::encode_upper_to_fmt::<AgeBech32, String>(&mut text, hrp(prefix), bytes)
        .expect("keys are shorter than MAX_STRING_LEN, and writing to a String is infallible");
    text
}

/// Decodes exactly `N` bytes from a string with the given prefix, in the prefix's case.
pub(super) fn decode<const N: usize>(
    prefix: &'static str,
    text: &str,
) -> Result<Zeroizing<[u8; N]>, KeyError> {
    if text.len() > MAX_STRING_LEN {
        return Err(KeyError::Encoding);
    }
    let checked = CheckedHrpstring::new::<AgeBech32>(text).map_err(|_| KeyError::Encoding)?;
    if checked.hrp() != hrp(prefix) {
        return Err(KeyError::Prefix(prefix));
    }
    let mut bytes = Zeroizing::new([0u8; N]);
    let mut decoded = checked.byte_iter();
    for byte in bytes.iter_mut() {
        *byte = decoded.next().ok_or(KeyError::Length)?;
    }
    if decoded.next().is_some() {
        return Err(KeyError::Length);
    }
    let canonical = if prefix.starts_with('A') {
        encode_identity(prefix, bytes.as_slice())
    } else {
        Zeroizing::new(encode_recipient(prefix, bytes.as_slice()))
    };
    // A public checksum and the caller's own string: nothing to hide from timing here.
    if canonical.as_str() != text {
        return Err(KeyError::Encoding);
    }
    Ok(bytes)
}

fn hrp(prefix: &'static str) -> Hrp {
    Hrp::parse(prefix).expect("prefixes are constants of this module's callers")
}
