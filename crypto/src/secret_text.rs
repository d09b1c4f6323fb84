//! Secrets that people read from paper and type: Crockford base32 in groups of four.
//!
//! A check value at the end catches typing errors before anything is sent. Reading ignores case,
//! spaces and hyphens, and takes I and L for 1 and O for 0. Specification:
//! docs/format/enrolment.md, "Codes on paper".

use zeroize::Zeroizing;

use crate::hash::{Domain, domain_hash};

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// The text is not a code from paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SecretTextError {
    /// A character that codes do not use, or too few or too many of them.
    #[error(
        "the code has a wrong character or length; it consists of groups of four letters and digits"
    )]
    Form,
    /// The check value does not match: a typing error.
    #[error("the code contains a typing error; compare it with the paper, group by group")]
    Check,
}

/// Writes `SECRET` bytes followed by a check value, together `TOTAL` bytes, a multiple of five.
pub(crate) fn write<const SECRET: usize, const TOTAL: usize>(
    secret: &[u8; SECRET],
) -> Zeroizing<String> {
    let mut bytes = Zeroizing::new([0; TOTAL]);
    bytes[..SECRET].copy_from_slice(secret);
    let check = check_value(secret);
    bytes[SECRET..].copy_from_slice(&check[..TOTAL - SECRET]);
    let mut text = Zeroizing::new(String::with_capacity(TOTAL * 2));
    let digits = bytes.chunks_exact(5).flat_map(|five| {
        let value = five
            .iter()
            .fold(0, |value, byte| value << 8 | u64::from(*byte));
        (0..8).rev().map(move |place| value >> (5 * place) & 31)
    });
    for (index, digit) in digits.enumerate() {
        if index > 0 && index % 4 == 0 {
            text.push('-');
        }
        text.push(char::from(ALPHABET[(digit & 31) as usize]));
    }
    text
}

/// Reads what [`write()`] wrote, as people type it.
pub(crate) fn read<const SECRET: usize, const TOTAL: usize>(
    text: &str,
) -> Result<Zeroizing<[u8; SECRET]>, SecretTextError> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(TOTAL));
    let (mut value, mut bits) = (0u64, 0);
    for letter in text
        .chars()
        .filter(|letter| !matches!(letter, '-' | ' ' | '\n' | '\r' | '\t'))
    {
        value = value << 5 | digit(letter)?;
        bits += 5;
        if bits == 40 {
            if bytes.len() + 5 > TOTAL {
                return Err(SecretTextError::Form);
            }
            bytes.extend_from_slice(&value.to_be_bytes()[3..]);
            (value, bits) = (0, 0);
        }
    }
    if bits != 0 || bytes.len() != TOTAL {
        return Err(SecretTextError::Form);
    }
    let mut secret = Zeroizing::new([0; SECRET]);
    secret.copy_from_slice(&bytes[..SECRET]);
    if bytes[SECRET..] != check_value(secret.as_ref())[..TOTAL - SECRET] {
        return Err(SecretTextError::Check);
    }
    Ok(secret)
}

fn digit(letter: char) -> Result<u64, SecretTextError> {
    let upper = match letter.to_ascii_uppercase() {
        'I' | 'L' => '1',
        'O' => '0',
        other => other,
    };
    let position = ALPHABET
        .iter()
        .position(|digit| char::from(*digit) == upper)
        .ok_or(SecretTextError::Form)?;
    Ok(position as u64)
}

fn check_value(secret: &[u8]) -> [u8; 32] {
    domain_hash(Domain::PaperCheck, &[secret])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_survive_sloppy_typing_and_reveal_mistakes() {
        let text = write::<16, 20>(&[0x5a; 16]);
        assert_eq!(text.len(), 32 + 7);
        let sloppy = text
            .to_lowercase()
            .replace('-', " ")
            .replace('1', "l")
            .replace('0', "o");
        assert_eq!(
            read::<16, 20>(&sloppy).map(|secret| *secret),
            Ok([0x5a; 16])
        );
        let swapped = text.replacen(&text[..1], if text.starts_with('Z') { "Y" } else { "Z" }, 1);
        assert_eq!(
            read::<16, 20>(&swapped).map(|_| ()),
            Err(SecretTextError::Check)
        );
        assert_eq!(
            read::<16, 20>(&text[..38]).map(|_| ()),
            Err(SecretTextError::Form)
        );
        assert_eq!(read::<16, 20>("").map(|_| ()), Err(SecretTextError::Form));
        assert_eq!(
            read::<16, 20>(&text.repeat(2)).map(|_| ()),
            Err(SecretTextError::Form)
        );
    }
}
