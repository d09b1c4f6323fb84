//! Numbers and bytes in the one spelling that all C2SP log documents share: ASCII decimals without
//! leading zeros, standard base64 with padding (RFC 4648 §4).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::ids::TreeHash;

/// Reads a decimal without sign and leading zeros.
pub(crate) fn parse_decimal(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let canonical = text == "0" || !text.starts_with('0');
    (digits && canonical).then(|| text.parse().ok()).flatten()
}

/// Reads base64, refusing missing padding and stray bits.
pub(crate) fn parse_base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// Writes base64.
pub(crate) fn to_base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Reads a tree hash.
pub(crate) fn parse_hash(text: &str) -> Option<TreeHash> {
    parse_base64(text)?.try_into().ok().map(TreeHash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_spelling() {
        assert_eq!(parse_decimal("0"), Some(0));
        assert_eq!(parse_decimal("18446744073709551615"), Some(u64::MAX));
        for text in [
            "",
            "00",
            "01",
            "+1",
            "-1",
            " 1",
            "1 ",
            "1_0",
            "18446744073709551616",
            "٣",
        ] {
            assert_eq!(parse_decimal(text), None, "{text}");
        }
        assert_eq!(parse_base64("AAE="), Some(vec![0, 1]));
        for text in ["AAE", "AAF=", "AAE=\n", "AA E=", "AAE==", "-_8="] {
            assert_eq!(parse_base64(text), None, "{text}");
        }
        let hash = TreeHash([7; 32]);
        assert_eq!(parse_hash(&to_base64(&hash.0)), Some(hash));
        assert_eq!(parse_hash(&to_base64(&[7; 31])), None);
    }
}
