//! What statements share: context, extensions, numbered codes, and the rules on texts.
//!
//! Specification: docs/format/statements.md, sections "Context", "Extensions", "Reasons".

use serde::{Deserialize, Serialize};

use crate::ids::{Blind, UnixMillis};

/// Longest log origin, in bytes.
pub(crate) const MAX_ORIGIN: usize = 255;
/// Most extensions of one statement.
const MAX_EXTENSIONS: usize = 16;
/// Longest extension value, in bytes.
const MAX_EXTENSION_VALUE: usize = 4096;
/// Most bytes of all extension values of one statement.
const MAX_EXTENSION_BYTES: usize = 8192;

/// Why a payload breaks a rule of its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// A text is empty, too long, or has control characters.
    #[error("{0} is empty, too long, or contains control characters")]
    Text(&'static str),
    /// A list has too few or too many entries.
    #[error("{0} has too few or too many entries")]
    Count(&'static str),
    /// A list that must ascend strictly does not.
    #[error("{0} must be sorted without duplicates")]
    Order(&'static str),
    /// Two fields contradict each other.
    #[error("{0}")]
    Contradiction(&'static str),
    /// A public key must not be registered.
    #[error("{0} is weak, not canonically encoded, or outside the prime-order group")]
    Key(&'static str),
    /// A number is outside its range.
    #[error("{0} is outside its range")]
    Range(&'static str),
    /// An extension says it must be understood, and is not.
    #[error("critical extension {0} is not known here; update the software")]
    CriticalExtension(u64),
}

/// Where, when and how unguessably a statement was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Context {
    /// Origin of the log for which the statement is made: it counts nowhere else.
    pub origin: String,
    /// Epoch of that log, from 1.
    pub epoch: u64,
    /// When the signer says it was made. Decides nothing: log order does.
    pub time: UnixMillis,
    /// Randomness, so that equal statements have unequal log entries.
    pub blind: Blind,
}

impl Context {
    pub(crate) fn check(&self) -> Result<(), Invalid> {
        check_text("origin", &self.origin, MAX_ORIGIN)?;
        if self.epoch == 0 {
            return Err(Invalid::Range("epoch"));
        }
        Ok(())
    }
}

/// One extension, as `[id, critical, value]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extension(
    /// Its number in the registry of docs/format/statements.md.
    pub u64,
    /// Whether a reader that does not know it must refuse the statement.
    pub bool,
    /// Its content.
    #[serde(with = "serde_bytes")]
    pub Vec<u8>,
);

/// Extensions in ascending order of their number.
pub type Extensions = Vec<Extension>;

/// No extension is defined yet: a critical one is refused, another one is kept.
pub(crate) fn check_extensions(extensions: Option<&Extensions>) -> Result<(), Invalid> {
    let Some(extensions) = extensions else {
        return Ok(());
    };
    check_count("ext", extensions.len(), 1, MAX_EXTENSIONS)?;
    check_ascending("ext", extensions.iter().map(|extension| extension.0))?;
    for Extension(id, critical, value) in extensions {
        if *critical {
            return Err(Invalid::CriticalExtension(*id));
        }
        if value.len() > MAX_EXTENSION_VALUE {
            return Err(Invalid::Range("extension value"));
        }
    }
    let total: usize = extensions.iter().map(|extension| extension.2.len()).sum();
    if total > MAX_EXTENSION_BYTES {
        return Err(Invalid::Range("extension values"));
    }
    Ok(())
}

/// Accepts texts of 1 to `max` bytes without control characters.
pub(crate) fn check_text(what: &'static str, text: &str, max: usize) -> Result<(), Invalid> {
    if text.is_empty() || text.len() > max || text.chars().any(char::is_control) {
        return Err(Invalid::Text(what));
    }
    Ok(())
}

pub(crate) fn check_count(
    what: &'static str,
    count: usize,
    min: usize,
    max: usize,
) -> Result<(), Invalid> {
    if (min..=max).contains(&count) {
        Ok(())
    } else {
        Err(Invalid::Count(what))
    }
}

pub(crate) fn check_ascending<T: PartialOrd>(
    what: &'static str,
    items: impl IntoIterator<Item = T>,
) -> Result<(), Invalid> {
    let mut items = items.into_iter();
    let Some(mut last) = items.next() else {
        return Ok(());
    };
    for item in items {
        if item <= last {
            return Err(Invalid::Order(what));
        }
        last = item;
    }
    Ok(())
}

/// Declares an enum of numbered codes; an unknown number is refused on decoding.
macro_rules! codes {
    ($(#[$doc:meta])* pub enum $name:ident { $($(#[$item_doc:meta])* $item:ident = $code:literal, $text:literal;)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$item_doc])* $item = $code,)*
        }

        impl $name {
            /// Every code, in ascending order.
            pub const ALL: &'static [Self] = &[$(Self::$item,)*];

            /// The name used in JSON, on the command line and in documents.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$item => $text,)*
                }
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_u64(*self as u64)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                match u64::deserialize(deserializer)? {
                    $($code => Ok(Self::$item),)*
                    _ => Err(serde::de::Error::custom(concat!("unknown ", stringify!($name)))),
                }
            }
        }
    };
}
pub(crate) use codes;

codes! {
    /// Why a negative event happened.
    pub enum Reason {
        /// The envelope could not be decrypted with the recipient's keys.
        NotDecryptable = 1, "not-decryptable";
        /// Decrypted content does not match what the header or manifest commits to.
        ContentMismatch = 2, "content-mismatch";
        /// Part of the envelope never arrived.
        Incomplete = 3, "incomplete";
        /// The recipient refused.
        Refused = 4, "refused";
        /// The sender took it back.
        WithdrawnBySender = 5, "withdrawn-by-sender";
        /// The address no longer belongs to the person.
        AddressEnded = 6, "address-ended";
        /// The envelope was sent in error.
        SentInError = 7, "sent-in-error";
        /// A key was lost or stolen.
        KeyLost = 8, "key-lost";
        /// Superseded by a later statement.
        Superseded = 9, "superseded";
        /// The recipient's mail system refused the notification.
        NotificationRefused = 10, "notification-refused";
        /// The notification was accepted and came back undeliverable.
        NotificationReturned = 11, "notification-returned";
        /// No mail system took the notification in the time allowed.
        NotificationExpired = 12, "notification-expired";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn critical_extensions_are_refused_and_others_kept() {
        let plain = vec![Extension(1, false, vec![1]), Extension(2, false, vec![])];
        assert_eq!(check_extensions(Some(&plain)), Ok(()));
        let critical = vec![Extension(7, true, vec![])];
        assert_eq!(
            check_extensions(Some(&critical)),
            Err(Invalid::CriticalExtension(7))
        );
        let unsorted = vec![Extension(2, false, vec![]), Extension(1, false, vec![])];
        assert_eq!(
            check_extensions(Some(&unsorted)),
            Err(Invalid::Order("ext"))
        );
        assert_eq!(check_extensions(Some(&vec![])), Err(Invalid::Count("ext")));
    }
}
