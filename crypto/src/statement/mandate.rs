//! Mandates: who may read or send for whom. Reserved: the format is fixed, no rule grants anything
//! by it yet. Specification: docs/format/statements.md, "Mandate".

use serde::{Deserialize, Serialize};

use crate::ids::{Address, UnixMillis};
use crate::statement::common::{check_ascending, check_count, codes};
use crate::statement::{Context, Extensions, Invalid, statement};

codes! {
    /// What a delegate may do.
    pub enum MandateScope {
        /// Read the principal's mail.
        Read = 1, "read";
        /// Send in the principal's name.
        Send = 2, "send";
    }
}

/// A principal lets a delegate act for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mandate {
    /// Origin, epoch, time, blind.
    pub context: Context,
    /// Who is represented.
    pub principal: Address,
    /// Who represents.
    pub delegate: Address,
    /// For what; ascending.
    pub scope: Vec<MandateScope>,
    /// Until when.
    pub until: UnixMillis,
    /// Extensions.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ext: Option<Extensions>,
}

impl Mandate {
    fn rules(&self) -> Result<(), Invalid> {
        check_count("scope", self.scope.len(), 1, MandateScope::ALL.len())?;
        check_ascending("scope", &self.scope)?;
        if self.principal == self.delegate {
            return Err(Invalid::Contradiction(
                "a party needs no mandate for itself",
            ));
        }
        Ok(())
    }
}

statement!(Mandate, Mandate);
