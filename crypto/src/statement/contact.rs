//! Contact: where a party wants to be told that a letter waits.
//!
//! BayDiG Art. 24(2) lets a period begin with the digital notification that an act is ready for
//! retrieval; it goes to the address that the recipient named here. The statement stays between
//! the party and its operator: only its hash is public. Absent: any proof that the address is the
//! party's, and its full syntax (RFC 5321), which the server checks.
//! Specification: docs/format/statements.md, "contact".

use serde::{Deserialize, Serialize};

use crate::ids::Address;
use crate::statement::common::codes;
use crate::statement::{Context, Extensions, Invalid, statement};

/// Longest e-mail address, in bytes (RFC 5321 section 4.5.3.1.3: a path of 256 with its brackets).
pub const MAX_EMAIL: usize = 254;
/// Shortest e-mail address, in bytes.
const MIN_EMAIL: usize = 3;

codes! {
    /// The language in which a party is written to.
    pub enum ContactLanguage {
        /// German.
        German = 1, "de";
        /// English.
        English = 2, "en";
    }
}

/// A party says where it wants to be notified.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contact {
    /// Origin, epoch, time, blind.
    pub context: Context,
    /// The party.
    pub party: Address,
    /// The e-mail address; absent where no notification is wanted any more.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub email: Option<String>,
    /// The language of notifications.
    pub language: ContactLanguage,
    /// Extensions.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ext: Option<Extensions>,
}

impl Contact {
    /// Visible ASCII only: no line break can begin a header of a mail, and domains are written in
    /// their ASCII form (RFC 5890).
    fn rules(&self) -> Result<(), Invalid> {
        let Some(email) = &self.email else {
            return Ok(());
        };
        let visible = email.bytes().all(|byte| byte.is_ascii_graphic());
        if visible && (MIN_EMAIL..=MAX_EMAIL).contains(&email.len()) {
            Ok(())
        } else {
            Err(Invalid::Text("e-mail address"))
        }
    }
}

/// The address is personal data and stays out of logs and messages.
impl std::fmt::Debug for Contact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Contact")
            .field("party", &self.party)
            .field("language", &self.language)
            .finish_non_exhaustive()
    }
}

statement!(Contact, Contact);
