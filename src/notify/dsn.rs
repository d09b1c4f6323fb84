//! Reports of mail systems on mails of ours (RFC 3464: `multipart/report`, delivery status).
//!
//! Invariant: only the addressee of the report says which mail it is about; quoted mails inside it
//! do not. Absent: vacation replies and bounces in free text, which nobody can read reliably.

use mail_parser::{MessageParser, MimeHeaders};

use super::token::TOKEN_DIGITS;
use crate::mail_address::MailAddress;

/// Headers by which mail systems say for whom a mail came, the envelope's before the written one.
const ADDRESSED: &[&str] = &["X-Original-To", "Delivered-To", "Envelope-To", "To"];
/// Tokens that are tried for one file.
const MAX_TOKENS: usize = 8;

/// A delivery status report that is addressed to a return path of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Report {
    /// Tokens it is addressed to, in lower case; not known to be genuine.
    pub(super) tokens: Vec<String>,
    /// What happened.
    pub(super) fate: Fate,
}

/// The `Action` of RFC 3464 section 2.3.3, as far as it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// `failed`: it will not arrive.
    Failed,
    /// `delivered`: it did.
    Delivered,
    /// `delayed`, `relayed`, `expanded`: neither is known.
    Open,
}

/// Reads a report; nothing where the bytes are none, or none to us.
pub(super) fn read(bytes: &[u8], bounces_to: &MailAddress) -> Option<Report> {
    let message = MessageParser::default().parse(bytes)?;
    let kind = message.content_type()?;
    let report = kind.ctype().eq_ignore_ascii_case("multipart")
        && kind.subtype()?.eq_ignore_ascii_case("report")
        && kind
            .attribute("report-type")?
            .eq_ignore_ascii_case("delivery-status");
    if !report {
        return None;
    }
    let mut tokens = Vec::new();
    for wanted in ADDRESSED {
        for (name, value) in message.headers_raw() {
            if name.eq_ignore_ascii_case(wanted) {
                tokens_in(value, bounces_to, &mut tokens);
            }
        }
    }
    let status = message.parts.iter().find(|part| {
        part.content_type().is_some_and(|kind| {
            let subtype = kind.subtype().unwrap_or_default();
            kind.ctype().eq_ignore_ascii_case("message")
                && (subtype.eq_ignore_ascii_case("delivery-status")
                    || subtype.eq_ignore_ascii_case("global-delivery-status"))
        })
    })?;
    let fate = fate(&String::from_utf8_lossy(status.contents()))?;
    (!tokens.is_empty()).then_some(Report { tokens, fate })
}

/// Finds `local+token@domain`; mail systems may change the case.
fn tokens_in(value: &str, bounces_to: &MailAddress, tokens: &mut Vec<String>) {
    let value = value.to_ascii_lowercase();
    let before = format!("{}+", bounces_to.local_part().to_ascii_lowercase());
    let after = format!("@{}", bounces_to.domain().to_ascii_lowercase());
    for (at, _) in value.match_indices(&before) {
        let rest = &value[at + before.len()..];
        let Some((token, rest)) = rest.split_at_checked(TOKEN_DIGITS) else {
            continue;
        };
        let known = tokens.iter().any(|known| known == token);
        if rest.starts_with(&after) && !known && tokens.len() < MAX_TOKENS {
            tokens.push(token.to_owned());
        }
    }
}

/// The worst of the actions; nothing where there is none. Fields of one recipient each (section
/// 2.3); we write to one.
fn fate(status: &str) -> Option<Fate> {
    let actions = status.lines().filter_map(|line| {
        let (name, value) = line.split_once(':')?;
        let value = value.split(['(', ';']).next().unwrap_or_default();
        name.trim()
            .eq_ignore_ascii_case("action")
            .then(|| value.trim().to_ascii_lowercase())
    });
    actions.fold(None, |worst, action| {
        let fate = match action.as_str() {
            "failed" => Fate::Failed,
            "delivered" => Fate::Delivered,
            "delayed" | "relayed" | "expanded" => Fate::Open,
            _ => return worst,
        };
        Some(match (worst, fate) {
            (Some(Fate::Failed), _) | (_, Fate::Failed) => Fate::Failed,
            (Some(Fate::Delivered), _) | (_, Fate::Delivered) => Fate::Delivered,
            _ => Fate::Open,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "0123456789abcdef0123456789abcdef0123";

    fn dsn(to: &str, action: &str) -> String {
        format!(
            "From: MAILER-DAEMON@mail.example\r\n{to}\r\nSubject: Undelivered\r\nMIME-Version: 1.0\r\n\
             Content-Type: multipart/report; report-type=delivery-status;\r\n\tboundary=\"B\"\r\n\r\n\
             --B\r\nContent-Type: text/plain\r\n\r\nAction: failed\r\n\r\n\
             --B\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mail.example\r\n\r\n\
             Final-Recipient: rfc822; m@mail.example\r\n{action}\r\nStatus: 5.1.1\r\n\r\n\
             --B\r\nContent-Type: text/rfc822-headers\r\n\r\nTo: bounce+{}@post.example\r\n\r\n--B--\r\n",
            "f".repeat(36)
        )
    }

    fn read_as(text: &str) -> Option<Report> {
        read(
            text.as_bytes(),
            &MailAddress::parse("bounce@post.example").unwrap(),
        )
    }

    #[test]
    fn a_report_names_its_token_and_fate() {
        let to = format!("To: <Bounce+{}@Post.Example>", TOKEN.to_uppercase());
        for (action, fate) in [
            ("Action: failed", Fate::Failed),
            ("action:  Failed (unknown user)", Fate::Failed),
            ("Action: delivered", Fate::Delivered),
            ("Action: delayed", Fate::Open),
            ("Action: relayed", Fate::Open),
        ] {
            let report = read_as(&dsn(&to, action)).unwrap();
            assert_eq!(report.tokens, [TOKEN]);
            assert_eq!(report.fate, fate, "{action}");
        }
        let to = format!("Delivered-To: bounce+{TOKEN}@post.example\r\nTo: undisclosed:;");
        assert_eq!(
            read_as(&dsn(&to, "Action: failed")).unwrap().tokens,
            [TOKEN]
        );
    }

    #[test]
    fn what_is_no_report_to_us_is_none() {
        let ours = format!("To: bounce+{TOKEN}@post.example");
        let good = dsn(&ours, "Action: failed");
        assert!(read_as(&good.replace("multipart/report", "multipart/mixed")).is_none());
        assert!(read_as(&good.replace("delivery-status;", "disposition-notification;")).is_none());
        assert!(read_as(&dsn("To: bounce@post.example", "Action: failed")).is_none());
        assert!(read_as(&dsn(&ours.replace("post.", "host."), "Action: failed")).is_none());
        assert!(read_as(&dsn(&ours, "Action: other")).is_none());
        for bytes in [&b""[..], b"\0\xff", b"To: x"] {
            assert!(read(bytes, &MailAddress::parse("bounce@post.example").unwrap()).is_none());
        }
    }
}
