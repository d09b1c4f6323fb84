//! Signed statements: the only thing any party ever says.
//!
//! A statement is a payload of one [`Kind`], signed as COSE_Sign1. A new kind is a struct with
//! its rule ([`Statement::check`]) and a line in [`Kind`]; signing, verifying, hashing and
//! transport are the same for all. Invariant: a [`Signed`] value has a valid signature by
//! [`Signed::signer`], a canonical payload and passed its own rule. Whether that signer *may* say
//! it is decided elsewhere, from the key history ([`crate::party`]) and the order of the log.
//! Specification: docs/format/statements.md.

mod binding;
mod bundle;
mod closure;
mod common;
mod consent;
mod contact;
mod cose;
mod delivery;
mod head;
mod header;
mod key;
mod mandate;
mod operator;
mod receipt;

pub use binding::{
    AssuranceLevel, Binding, BindingMethod, BindingWithdrawal, EnrolmentClaim, EnrolmentRefusal,
    MIN_OBJECTION, Objection, Person, RefusalReason, Succession,
};
pub use bundle::Bundle;
pub use closure::{AfterClosure, Closing, Closure, READABLE_AFTER_CLOSURE};
pub use common::{Context, Extension, Extensions, Invalid, Reason};
pub use consent::{Consent, ConsentClass, ConsentRevocation};
pub use contact::{Contact, ContactLanguage, MAX_EMAIL};
pub use cose::{Signed, VerifyError, kind_of};
pub use delivery::{Acceptance, Access, Deletion, Failure, HandoverRequest, Rejection, Withdrawal};
pub use head::{Head, ListHead, Subject, SubjectKind};
pub use header::{
    DeliveryClass, EnvelopeHeader, MAX_ACCEPTANCE, MAX_AGE_HEADER, MAX_PARTS, PartReference,
};
pub use key::{KeyStatement, MAX_RECIPIENTS, RecipientKey, Role, SignerGrant};
pub use mandate::{Mandate, MandateScope};
pub use operator::{
    Certificate, CertificateRevocation, Delegation, DelegationPurpose, Genesis, MunicipalityCode,
};
pub use receipt::{Event, Receipt};

/// The payload rules that manifests share.
pub(crate) mod rules {
    pub(crate) use super::common::{
        check_ascending, check_count, check_extensions, check_text, codes,
    };
}

use serde::Serialize;
use serde::de::DeserializeOwned;

/// The longest signed checkpoint that a statement carries, in bytes.
pub const MAX_CHECKPOINT: usize = 8 * 1024;
/// The largest statement that is read, in bytes.
pub const MAX_STATEMENT: usize = 64 * 1024;

/// A payload that can be signed.
pub trait Statement: Serialize + DeserializeOwned {
    /// Which kind of statement this is; fixes media type and signature domain.
    const KIND: Kind;

    /// Origin, epoch, time and blind, which every statement carries.
    fn context(&self) -> &Context;

    /// The rules that the payload must obey by itself, whoever signed it.
    fn check(&self) -> Result<(), Invalid>;
}

/// Implements [`Statement`] for a payload with the fields `context` and `ext` and a method
/// `rules`.
macro_rules! statement {
    ($type:ty, $kind:ident) => {
        impl $crate::statement::Statement for $type {
            const KIND: $crate::statement::Kind = $crate::statement::Kind::$kind;

            fn context(&self) -> &$crate::statement::Context {
                &self.context
            }

            fn check(&self) -> Result<(), $crate::statement::Invalid> {
                self.context.check()?;
                $crate::statement::common::check_extensions(self.ext.as_ref())?;
                self.rules()
            }
        }
    };
}
use statement;

/// Declares the kinds with their name on the wire.
macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $name:literal,)*) => {
        /// The kinds of statement.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Kind {
            $($(#[$doc])* $kind,)*
        }

        impl Kind {
            /// Every kind, in the order of the specification.
            pub const ALL: &'static [Kind] = &[$(Kind::$kind,)*];

            /// The kind's name, as it stands in media types and file names.
            pub fn name(self) -> &'static str {
                match self {
                    $(Kind::$kind => $name,)*
                }
            }

            /// The media type in the protected header (RFC 9596).
            pub fn media_type(self) -> &'static str {
                match self {
                    $(Kind::$kind => concat!("application/vnd.postfach.", $name, "+cose"),)*
                }
            }

            /// The external AAD, which makes each kind a signature domain of its own.
            pub fn external_aad(self) -> &'static [u8] {
                match self {
                    $(Kind::$kind => concat!("postfach/", $name, "/v1").as_bytes(),)*
                }
            }
        }
    };
}

kinds! {
    /// A party's keys.
    Key = "key",
    /// A person claims an activation code for an address.
    EnrolmentClaim = "enrolment-claim",
    /// An authority answers a claim with no.
    EnrolmentRefusal = "enrolment-refusal",
    /// An authority binds a person to an address.
    Binding = "binding",
    /// An authority ends a binding.
    BindingWithdrawal = "binding-withdrawal",
    /// An authority names the new address of a person who lost all keys.
    Succession = "succession",
    /// The old address objects to a succession.
    Objection = "objection",
    /// A citizen consents to electronic notification or service.
    Consent = "consent",
    /// A citizen revokes a consent.
    ConsentRevocation = "consent-revocation",
    /// A party says where it wants to be notified of mail.
    Contact = "contact",
    /// A person closes the mailbox for good.
    Closure = "closure",
    /// The operator certifies an authority.
    Certificate = "certificate",
    /// The operator revokes a certificate.
    CertificateRevocation = "certificate-revocation",
    /// The operator's root key opens an epoch of the log.
    Genesis = "genesis",
    /// The operator's root key delegates to a working key.
    Delegation = "delegation",
    /// The server names the pages that it serves.
    Bundle = "bundle",
    /// A principal lets somebody act for it.
    Mandate = "mandate",
    /// The header of an envelope.
    EnvelopeHeader = "envelope-header",
    /// A recipient asks for the envelope's age headers.
    HandoverRequest = "handover-request",
    /// A recipient opened the envelope.
    Access = "access",
    /// A recipient could not open the envelope.
    Failure = "failure",
    /// A recipient accepts a registered delivery.
    Acceptance = "acceptance",
    /// A recipient refuses a registered delivery.
    Rejection = "rejection",
    /// A recipient deletes an envelope.
    Deletion = "deletion",
    /// A sender withdraws an envelope that was not handed over.
    Withdrawal = "withdrawal",
    /// The server's receipt.
    Receipt = "receipt",
    /// The server's word on how long a list is.
    Head = "head",
}

/// Whose key must have signed a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignedBy {
    /// As the party's key history says ([`crate::party`]).
    KeyHistory,
    /// The identity key of the party that speaks, or a signer of it with this role.
    Role(Role),
    /// The operator's root key.
    Root,
    /// A key that the root key delegated for this purpose.
    Delegate(DelegationPurpose),
}

impl Kind {
    /// Whose key must have signed statements of this kind.
    pub fn signed_by(self) -> SignedBy {
        match self {
            Kind::Key => SignedBy::KeyHistory,
            Kind::EnrolmentClaim
            | Kind::Objection
            | Kind::Consent
            | Kind::ConsentRevocation
            | Kind::Contact
            | Kind::Closure
            | Kind::Deletion
            | Kind::Mandate => SignedBy::Role(Role::Administer),
            Kind::EnrolmentRefusal | Kind::Binding | Kind::BindingWithdrawal | Kind::Succession => {
                SignedBy::Role(Role::Register)
            }
            Kind::EnvelopeHeader | Kind::Withdrawal => SignedBy::Role(Role::Send),
            Kind::HandoverRequest
            | Kind::Access
            | Kind::Failure
            | Kind::Acceptance
            | Kind::Rejection => SignedBy::Role(Role::Read),
            Kind::Genesis | Kind::Delegation => SignedBy::Root,
            Kind::Certificate | Kind::CertificateRevocation => {
                SignedBy::Delegate(DelegationPurpose::Certification)
            }
            Kind::Receipt | Kind::Head | Kind::Bundle => {
                SignedBy::Delegate(DelegationPurpose::Receipt)
            }
        }
    }
}
