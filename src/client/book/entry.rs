//! One person in the address book: known, written to, bound.
//!
//! Invariant: how far a person has come follows from letter and bindings ([`Entry::status`]) and is
//! stored nowhere else.

use postfach_crypto::enrolment::ActivationCode;
use postfach_crypto::ids::{Address, Blind, StatementHash, UnixMillis};
use postfach_crypto::statement::Person;
use serde::{Deserialize, Serialize};

/// Where a person's letters go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PostalAddress {
    /// Street and number.
    pub street: String,
    /// Postcode.
    pub postcode: String,
    /// City.
    pub city: String,
}

/// Somebody whom the authority knows, as its own register says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEntry {
    /// The authority's own reference (Kassenzeichen).
    pub reference: String,
    /// Full name.
    pub name: String,
    /// Date of birth, `YYYY-MM-DD`.
    pub birth_date: String,
    /// Where letters go.
    pub postal: PostalAddress,
}

/// One person under one reference.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The authority's own reference.
    pub reference: String,
    /// Full name.
    pub name: String,
    /// Date of birth, `YYYY-MM-DD`.
    pub birth_date: String,
    /// Where letters go.
    pub postal: PostalAddress,
    /// Randomness that hides the person in bindings; stays the same for all of them.
    pub salt: Blind,
    /// The newest letter; an older one's code counts no more.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub letter: Option<IssuedLetter>,
    /// Addresses bound to the person, the newest last.
    pub bindings: Vec<BoundAddress>,
}

/// A letter with an activation code.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IssuedLetter {
    /// The code: a secret until it is used.
    #[serde(with = "code_text")]
    pub code: ActivationCode,
    /// When it was written.
    pub issued: UnixMillis,
    /// From when on it no longer counts.
    pub expires: UnixMillis,
}

/// An address that the authority bound to the person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BoundAddress {
    /// The address.
    pub address: Address,
    /// The binding statement.
    pub binding: StatementHash,
    /// When it was bound.
    pub since: UnixMillis,
    /// When the binding was withdrawn.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub withdrawn: Option<UnixMillis>,
}

/// How far a person has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Known, no letter written.
    Listed,
    /// A letter is on its way.
    Issued,
    /// The letter's period is over.
    Expired,
    /// Has an address.
    Bound,
    /// The address was withdrawn, and no new letter written.
    Withdrawn,
}

impl Entry {
    /// How far the person has come.
    #[must_use]
    pub fn status(&self, now: UnixMillis) -> Status {
        match (self.current(), &self.letter) {
            (Some(_), _) => Status::Bound,
            (None, Some(letter)) if now < letter.expires => Status::Issued,
            (None, Some(_)) if self.bindings.is_empty() => Status::Expired,
            (None, None) if self.bindings.is_empty() => Status::Listed,
            (None, _) => Status::Withdrawn,
        }
    }

    /// The address in force.
    #[must_use]
    pub fn current(&self) -> Option<&BoundAddress> {
        self.bindings
            .last()
            .filter(|bound| bound.withdrawn.is_none())
    }

    /// What a binding of this person commits to.
    #[must_use]
    pub fn person(&self) -> Person {
        Person {
            salt: self.salt,
            name: self.name.clone(),
            birth_date: self.birth_date.clone(),
            reference: self.reference.clone(),
        }
    }

    /// The lines of an envelope's window.
    #[must_use]
    pub fn postal_lines(&self) -> Vec<String> {
        let PostalAddress {
            street,
            postcode,
            city,
        } = &self.postal;
        vec![
            self.name.clone(),
            street.clone(),
            format!("{postcode} {city}"),
        ]
    }
}

/// Codes in the form in which they are printed.
mod code_text {
    use super::ActivationCode;
    use serde::{Deserialize, Deserializer, Serializer, de};
    use zeroize::Zeroizing;

    pub(super) fn serialize<S: Serializer>(
        code: &ActivationCode,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        to.serialize_str(&code.to_text())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<ActivationCode, D::Error> {
        let text = Zeroizing::new(String::deserialize(from)?);
        text.parse().map_err(de::Error::custom)
    }
}
