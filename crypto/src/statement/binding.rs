//! Bindings: the authority that sent the letter says whose address this is.
//!
//! A person claims the letter's code for an address; the issuer verifies the claim and signs the
//! binding. Nobody else can, the operator included, so nobody can slip in another key. A lost
//! address ends by a withdrawal and is succeeded after renewed identification.
//! Specification: docs/format/statements.md, "Binding" and "Enrolment".

use serde::{Deserialize, Serialize};

use crate::ids::{Address, Blind, CodeId, PersonCommitment, StatementHash, UnixMillis};
use crate::statement::common::codes;
use crate::statement::{Context, Extensions, Invalid, Reason, statement};

/// Shortest time in which the old keys may object to a succession, in milliseconds: 14 days.
pub const MIN_OBJECTION: u64 = 14 * 24 * 60 * 60 * 1000;

codes! {
    /// How the issuer identified the person.
    pub enum BindingMethod {
        /// A letter with an activation code to the person's postal address.
        Letter = 1, "letter";
        /// An identity provider's ID token (OpenID Connect).
        OpenIdConnect = 2, "oidc";
        /// The electronic identity card.
        ElectronicIdentity = 3, "eid";
        /// In person at the counter.
        Counter = 4, "counter";
    }
}

codes! {
    /// How sure the issuer is (eIDAS Art. 8(2)).
    pub enum AssuranceLevel {
        /// Low.
        Low = 1, "low";
        /// Substantial.
        Substantial = 2, "substantial";
        /// High.
        High = 3, "high";
    }
}

codes! {
    /// Why an issuer does not bind a claimant.
    pub enum RefusalReason {
        /// No letter with this code was sent.
        UnknownCode = 1, "unknown-code";
        /// The proof was not made with the letter's code.
        WrongProof = 2, "wrong-proof";
        /// The letter's period is over.
        Expired = 3, "expired";
        /// The code was used for another address.
        AlreadyUsed = 4, "already-used";
    }
}

/// A person claims an activation code for an address, without revealing the code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnrolmentClaim {
    /// Origin, epoch, time, blind.
    pub context: Context,
    /// The authority that sent the letter.
    pub issuer: Address,
    /// The claimant.
    pub address: Address,
    /// The claimant's key statement number 0.
    pub key_statement: StatementHash,
    /// Names the code.
    pub code_id: CodeId,
    /// HMAC with the code's key over key statement 0 and origin ([`crate::enrolment`]).
    #[serde(with = "serde_bytes")]
    pub mac: [u8; 32],
    /// Extensions.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ext: Option<Extensions>,
}

/// The issuer answers a claim with no.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnrolmentRefusal {
    /// Origin, epoch, time, blind.
    pub context: Context,
    /// The authority that was named.
    pub issuer: Address,
    /// The claimant.
    pub address: Address,
    /// The claim that is refused.
    pub claim: StatementHash,
    /// Why.
    pub reason: RefusalReason,
    /// Extensions.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ext: Option<Extensions>,
}

/// The issuer binds a person, hidden in a commitment, to an address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Binding {
    /// Origin, epoch, time, blind.
    pub context: Context,
    /// The authority that binds.
    pub issuer: Address,
    /// The person's address.
    pub address: Address,
    /// The person's key statement number 0.
    pub key_statement: StatementHash,
    /// The claim that this binding answers, where there was one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub claim: Option<StatementHash>,
    /// Commitment to name, birth date and reference, openable by the issuer.
    pub person: PersonCommitment,
    /// How the person was identified.
    pub method: BindingMethod,
    /// How surely.
    pub assurance: AssuranceLevel,
    /// Until when it holds, if it ends by itself.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub until: Option<UnixMillis>,
    /// Extensions.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ext: Option<Extensions>,
}

/// The issuer ends a binding; mail that names it is refused from then on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BindingWithdrawal {
    /// Origin, epoch, time, blind.
    pub context: Context,
    /// The authority that signed the binding.
    pub issuer: Address,
    /// The person's address.
    pub address: Address,
    /// The binding that ends.
    pub binding: StatementHash,
    /// Why.
    pub reason: Reason,
    /// Extensions.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ext: Option<Extensions>,
}

/// After renewed identification the issuer names a person's new address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Succession {
    /// Origin, epoch, time, blind.
    pub context: Context,
    /// The authority that bound both addresses.
    pub issuer: Address,
    /// The lost address.
    pub old: Address,
    /// The new address.
    pub new: Address,
    /// The binding of the new address.
    pub binding: StatementHash,
    /// Until when the old keys may object.
    pub objection_until: UnixMillis,
    /// Extensions.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ext: Option<Extensions>,
}

/// The old keys object to a succession.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Objection {
    /// Origin, epoch, time, blind.
    pub context: Context,
    /// The old address.
    pub address: Address,
    /// The succession objected to.
    pub succession: StatementHash,
    /// Extensions.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ext: Option<Extensions>,
}

/// What a binding commits to about a person: opened by the issuer before a court, never on the wire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// Randomness that hides the rest.
    pub salt: Blind,
    /// Full name.
    pub name: String,
    /// Date of birth, `YYYY-MM-DD`.
    pub birth_date: String,
    /// The issuer's reference.
    pub reference: String,
}

impl Person {
    /// The commitment that stands in the binding.
    pub fn commitment(&self) -> PersonCommitment {
        PersonCommitment(crate::hash::domain_hash(
            crate::hash::Domain::Person,
            &[&crate::codec::encode(self)],
        ))
    }
}

impl EnrolmentClaim {
    fn rules(&self) -> Result<(), Invalid> {
        distinct(&self.issuer, &self.address)
    }
}

impl EnrolmentRefusal {
    fn rules(&self) -> Result<(), Invalid> {
        distinct(&self.issuer, &self.address)
    }
}

impl Binding {
    fn rules(&self) -> Result<(), Invalid> {
        distinct(&self.issuer, &self.address)
    }
}

impl BindingWithdrawal {
    fn rules(&self) -> Result<(), Invalid> {
        distinct(&self.issuer, &self.address)
    }
}

impl Succession {
    fn rules(&self) -> Result<(), Invalid> {
        distinct(&self.issuer, &self.old)?;
        distinct(&self.issuer, &self.new)?;
        distinct(&self.old, &self.new)?;
        let earliest = self.context.time.0.saturating_add(MIN_OBJECTION);
        if self.objection_until.0 < earliest {
            return Err(Invalid::Range("objection_until"));
        }
        Ok(())
    }
}

impl Objection {
    fn rules(&self) -> Result<(), Invalid> {
        Ok(())
    }
}

fn distinct(a: &Address, b: &Address) -> Result<(), Invalid> {
    if a == b {
        return Err(Invalid::Contradiction("two parties are the same address"));
    }
    Ok(())
}

statement!(EnrolmentClaim, EnrolmentClaim);
statement!(EnrolmentRefusal, EnrolmentRefusal);
statement!(Binding, Binding);
statement!(BindingWithdrawal, BindingWithdrawal);
statement!(Succession, Succession);
statement!(Objection, Objection);
