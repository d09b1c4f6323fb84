//! The operator's statements: the log's genesis, delegation of working keys, certification of
//! authorities.
//!
//! The root key stays offline and signs genesis and delegations only. Certificates are public and listed in
//! full, so a wrong one is visible to everybody. Specification: docs/format/statements.md,
//! "Delegation" and "Certificate".

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::ids::{Address, StatementHash, UnixMillis};
use crate::keys::VerifyingKey;
use crate::statement::common::{check_count, check_text, codes};
use crate::statement::{Context, Extensions, Invalid, MAX_CHECKPOINT, Reason, statement};

/// Longest name of an authority, in bytes.
const MAX_NAME: usize = 200;

codes! {
    /// What a working key of the operator is for.
    pub enum DelegationPurpose {
        /// Signs receipts and heads.
        Receipt = 1, "receipt";
        /// Signs checkpoints of the log.
        Checkpoint = 2, "checkpoint";
        /// Signs certificates and their revocation.
        Certification = 3, "certification";
    }
}

/// The first statement of an epoch of the log: who opens it, and what it continues.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Genesis {
    /// Origin, epoch, time, blind.
    pub context: Context,
    /// The last checkpoint of the epoch before, as a signed note; absent in epoch 1.
    #[serde(skip_serializing_if = "Option::is_none", default, with = "serde_bytes")]
    pub continues: Option<Vec<u8>>,
    /// Extensions.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ext: Option<Extensions>,
}

/// The root key delegates a purpose to a working key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delegation {
    /// Origin, epoch, time, blind.
    pub context: Context,
    /// What for.
    pub purpose: DelegationPurpose,
    /// The working key.
    pub key: VerifyingKey,
    /// From when.
    pub from: UnixMillis,
    /// Until when.
    pub until: UnixMillis,
    /// Extensions.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ext: Option<Extensions>,
}

/// The official municipality code (Amtlicher Gemeindeschlüssel): 2 to 8 digits, from state to
/// municipality.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MunicipalityCode(String);

/// The operator certifies that an address belongs to an authority.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Certificate {
    /// Origin, epoch, time, blind.
    pub context: Context,
    /// The authority's address.
    pub subject: Address,
    /// Its official name.
    pub name: String,
    /// Its official municipality code.
    pub municipality_code: MunicipalityCode,
    /// From when.
    pub from: UnixMillis,
    /// Until when.
    pub until: UnixMillis,
    /// Extensions.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ext: Option<Extensions>,
}

/// The operator revokes a certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CertificateRevocation {
    /// Origin, epoch, time, blind.
    pub context: Context,
    /// The authority's address.
    pub subject: Address,
    /// The certificate that ends.
    pub certificate: StatementHash,
    /// Why.
    pub reason: Reason,
    /// Extensions.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ext: Option<Extensions>,
}

impl FromStr for MunicipalityCode {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        if digits && matches!(text.len(), 2 | 3 | 5 | 8) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Invalid::Text("municipality code"))
        }
    }
}

impl fmt::Display for MunicipalityCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for MunicipalityCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for MunicipalityCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(|_| de::Error::custom("not a municipality code"))
    }
}

impl Genesis {
    fn rules(&self) -> Result<(), Invalid> {
        if let Some(checkpoint) = &self.continues {
            check_count("checkpoint", checkpoint.len(), 1, MAX_CHECKPOINT)?;
        }
        if (self.context.epoch == 1) == self.continues.is_some() {
            return Err(Invalid::Contradiction(
                "the first epoch continues nothing, every other the one before it",
            ));
        }
        Ok(())
    }
}

impl Delegation {
    fn rules(&self) -> Result<(), Invalid> {
        self.key
            .check_strong()
            .map_err(|_| Invalid::Key("delegated key"))?;
        check_period(self.from, self.until)
    }
}

impl Certificate {
    fn rules(&self) -> Result<(), Invalid> {
        check_text("name", &self.name, MAX_NAME)?;
        check_period(self.from, self.until)
    }
}

impl CertificateRevocation {
    fn rules(&self) -> Result<(), Invalid> {
        Ok(())
    }
}

fn check_period(from: UnixMillis, until: UnixMillis) -> Result<(), Invalid> {
    if until <= from {
        return Err(Invalid::Range("until"));
    }
    Ok(())
}

statement!(Genesis, Genesis);
statement!(Delegation, Delegation);
statement!(Certificate, Certificate);
statement!(CertificateRevocation, CertificateRevocation);
