//! Consent: without one in force no fiction of notification or service runs.
//!
//! BayDiG Art. 22, 24(1) and 25 need the citizen's consent, revocable at any time. The statement
//! holds the hash of the text that was shown. Specification: docs/format/statements.md, "Consent".

use serde::{Deserialize, Serialize};

use crate::ids::{Address, StatementHash, TextHash, UnixMillis};
use crate::statement::common::codes;
use crate::statement::{Context, Extensions, Invalid, statement};

codes! {
    /// What the citizen agrees to receive electronically.
    pub enum ConsentClass {
        /// Notification of administrative acts (Bekanntgabe, BayDiG Art. 24).
        Notification = 1, "notification";
        /// Formal service (Zustellung, BayDiG Art. 25).
        Service = 2, "service";
    }
}

/// A citizen consents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Consent {
    /// Origin, epoch, time, blind.
    pub context: Context,
    /// The citizen.
    pub citizen: Address,
    /// The authority; absent means every authority.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub authority: Option<Address>,
    /// To what.
    pub class: ConsentClass,
    /// The text that was shown.
    pub text: TextHash,
    /// From when.
    pub from: UnixMillis,
    /// Extensions.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ext: Option<Extensions>,
}

/// A citizen revokes a consent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsentRevocation {
    /// Origin, epoch, time, blind.
    pub context: Context,
    /// The citizen.
    pub citizen: Address,
    /// The authority that the consent named; absent as there.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub authority: Option<Address>,
    /// The consent that ends.
    pub consent: StatementHash,
    /// Extensions.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ext: Option<Extensions>,
}

impl Consent {
    fn rules(&self) -> Result<(), Invalid> {
        if self.authority == Some(self.citizen) {
            return Err(Invalid::Contradiction(
                "a party cannot consent to its own mail",
            ));
        }
        Ok(())
    }
}

impl ConsentRevocation {
    fn rules(&self) -> Result<(), Invalid> {
        Ok(())
    }
}

statement!(Consent, Consent);
statement!(ConsentRevocation, ConsentRevocation);
