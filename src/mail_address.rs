//! What an e-mail address is: the one place that says so.
//!
//! Invariant: a [`MailAddress`] has a local part and a domain name with a dot, in visible ASCII, so
//! it can begin no header and no SMTP command of its own. It is personal data: it redacts its
//! `Debug` and has no `Display`. Absent: address literals (RFC 5321 section 4.1.3), internationalised
//! local parts (RFC 6531), any look-up. RFC 5321 section 4.1.2, by `lettre`.

use std::fmt;

use lettre::Address;

/// Longest local part, in bytes (RFC 5321 section 4.5.3.1.1).
pub const MAX_LOCAL_PART: usize = 64;

/// An address that can be written to.
#[derive(Clone, PartialEq, Eq)]
pub struct MailAddress(Address);

impl MailAddress {
    /// Reads `local@domain`; nothing where mail could not be sent there.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return None;
        }
        let address: Address = text.parse().ok()?;
        let named = address.domain().contains('.') && !address.domain().starts_with('[');
        let short = address.user().len() <= MAX_LOCAL_PART;
        (named && short).then_some(Self(address))
    }

    /// What stands before the @.
    #[must_use]
    pub fn local_part(&self) -> &str {
        self.0.user()
    }

    /// What stands after the @.
    #[must_use]
    pub fn domain(&self) -> &str {
        self.0.domain()
    }

    /// The form that transports take.
    pub(crate) fn as_lettre(&self) -> &Address {
        &self.0
    }
}

impl fmt::Debug for MailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MailAddress(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_not_be_written_to_is_refused() {
        for good in [
            "m@mail.example",
            "m.h+box@sub.mail.example",
            "a_b-c@xn--bcher-kva.example",
        ] {
            assert!(MailAddress::parse(good).is_some(), "{good}");
        }
        let long = format!("{}@mail.example", "m".repeat(65));
        for bad in [
            "",
            "m",
            "@mail.example",
            "m@",
            "m@localhost",
            "m@[127.0.0.1]",
            "m@@mail.example",
            "m h@mail.example",
            "m@mail.example\r\nBcc: a@mail.example",
            "<m@mail.example>",
            "mü@mail.example",
            "m@mail..example",
            "a@b.example,c@d.example",
            &long,
        ] {
            assert!(MailAddress::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn debug_shows_nothing() {
        let address = MailAddress::parse("maria@mail.example").unwrap();
        assert!(!format!("{address:?}").contains("maria"));
    }
}
