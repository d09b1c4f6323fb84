//! One byte range of a part (RFC 9110 §14).
//!
//! Several ranges, and malformed ones of the unit `bytes`, are refused rather than answered with
//! gigabytes that the client did not mean. Other units are ignored, as §14.2 says.

use std::ops::Range;

use super::refusal::Refusal;

/// The range that a `Range` header asks of `length` bytes; `None` for all of them.
pub(super) fn parse(header: &str, length: u64) -> Result<Option<Range<u64>>, Refusal> {
    let refused = Refusal::Range(length);
    let Some((unit, set)) = header.split_once('=') else {
        return Err(refused);
    };
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return Ok(None);
    }
    let (first, last) = set.trim().split_once('-').ok_or(refused.clone())?;
    let range = match (number(first), number(last)) {
        (Some(first), Some(last)) if first <= last => first..last.saturating_add(1).min(length),
        (Some(first), None) if last.is_empty() => first..length,
        (None, Some(suffix)) if first.is_empty() => length.saturating_sub(suffix)..length,
        _ => return Err(refused),
    };
    if range.start >= range.end {
        return Err(refused);
    }
    Ok(Some(range))
}

/// Digits only: `parse` alone would take a sign.
fn number(text: &str) -> Option<u64> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        text.parse().ok()
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn single_ranges_are_understood() {
        for (header, expected) in [
            ("bytes=0-0", 0..1),
            ("bytes=2-", 2..10),
            ("bytes=-3", 7..10),
            ("bytes=-30", 0..10),
            ("bytes=5-99999999999999999999", 0..0),
            ("Bytes=5-18446744073709551615", 5..10),
        ] {
            let parsed = parse(header, 10);
            if expected.is_empty() {
                assert_eq!(parsed, Err(Refusal::Range(10)), "{header}");
            } else {
                assert_eq!(parsed, Ok(Some(expected)), "{header}");
            }
        }
        assert_eq!(parse("lines=1-2", 10), Ok(None));
    }

    #[test]
    fn other_ranges_are_refused() {
        for header in [
            "bytes",
            "bytes=",
            "bytes=-",
            "bytes=a-b",
            "bytes=10-",
            "bytes=3-2",
            "bytes=-0",
            "bytes=0-1,3-4",
            "bytes=+1-2",
            "bytes=0x1-2",
        ] {
            assert_eq!(parse(header, 10), Err(Refusal::Range(10)), "{header}");
        }
        assert_eq!(parse("bytes=0-", 0), Err(Refusal::Range(0)));
    }
}
