//! Times in certificates and tokens: UTCTime and GeneralizedTime in UTC (RFC 5280 section 4.1.2.5,
//! RFC 3161 section 2.4.2).

use der::{DateTime, Tag};
use postfach_crypto::ids::UnixMillis;

use super::asn1::{Element, Malformed};

/// Most digits of a fraction of a second.
const MAX_FRACTION: usize = 9;

/// A certificate's time: whole seconds.
pub(super) fn certificate_time(element: Element<'_>) -> Result<UnixMillis, Malformed> {
    const NAME: &str = "Validity";
    match element.tag {
        Tag::UtcTime => {
            // Two digits of the year: from 50 on they are of the last century.
            let year = element.content.get(..2).ok_or(Malformed(NAME))?;
            let century: &[u8] = if year < b"50".as_slice() {
                b"20"
            } else {
                b"19"
            };
            let whole = [century, element.content].concat();
            millis(&whole, NAME)
        }
        Tag::GeneralizedTime if !element.content.contains(&b'.') => millis(element.content, NAME),
        _ => Err(Malformed(NAME)),
    }
}

/// A token's `genTime`, with a fraction if the authority gives one; cut to milliseconds.
pub(super) fn gen_time(content: &[u8]) -> Result<UnixMillis, Malformed> {
    millis(content, "genTime")
}

/// `YYYYMMDDhhmmss[.f…]Z`, no trailing zero in the fraction.
fn millis(text: &[u8], name: &'static str) -> Result<UnixMillis, Malformed> {
    let malformed = Malformed(name);
    let local = text.strip_suffix(b"Z").ok_or(malformed)?;
    let (date, fraction) = local.split_at_checked(14).ok_or(malformed)?;
    let year = u16::try_from(digits(&date[..4], malformed)?).map_err(|_| malformed)?;
    let pair = |at: usize| {
        let number = digits(&date[at..at + 2], malformed)?;
        u8::try_from(number).map_err(|_| malformed)
    };
    let date = DateTime::new(year, pair(4)?, pair(6)?, pair(8)?, pair(10)?, pair(12)?)
        .map_err(|_| malformed)?;
    let fraction = match fraction {
        [] => 0,
        [b'.', digits_after @ ..]
            if (1..=MAX_FRACTION).contains(&digits_after.len())
                && digits_after.last() != Some(&b'0') =>
        {
            digits(digits_after, malformed)?;
            let mut three = [b'0'; 3];
            let kept = digits_after.len().min(3);
            three[..kept].copy_from_slice(&digits_after[..kept]);
            digits(&three, malformed)?
        }
        _ => return Err(malformed),
    };
    let seconds = date.unix_duration().as_secs();
    Ok(UnixMillis(seconds * 1000 + u64::from(fraction)))
}

fn digits(text: &[u8], malformed: Malformed) -> Result<u32, Malformed> {
    text.iter().try_fold(0_u32, |number, digit| {
        let digit = digit.checked_sub(b'0').filter(|digit| *digit < 10);
        let digit = digit.ok_or(malformed)?;
        Ok(number * 10 + u32::from(digit))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_one_spelling() {
        let read = |text: &str| gen_time(text.as_bytes()).map(|time| time.0);
        assert_eq!(read("19700101000001Z"), Ok(1000));
        assert_eq!(read("20240229120000.5Z"), Ok(1_709_208_000_500));
        assert_eq!(read("20240229120000.123456789Z"), Ok(1_709_208_000_123));
        for bad in [
            "",
            "Z",
            "20230229120000Z",
            "20240229120000",
            "20240229120000.Z",
            "20240229120000.50Z",
            "20240229120000.1234567891Z",
            "20240229120000,5Z",
            "20240229120000+0100",
            "202402291200Z",
            "2024022912000/Z",
            "20240229126000Z",
            "19690101000000Z",
        ] {
            assert_eq!(read(bad), Err(Malformed("genTime")), "{bad}");
        }
    }
}
