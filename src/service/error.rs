//! Why the server refuses, one enum for every use case.
//!
//! Each variant is a cause the client can act on; the words for people, in German and English,
//! are in [`crate::api::words`], the HTTP status in `crate::server::problem`. No variant holds
//! content, names or keys.

use postfach_crypto::codec::DecodeError;
use postfach_crypto::envelope::BindingError;
use postfach_crypto::ids::UnixMillis;
use postfach_crypto::operator::OperatorError;
use postfach_crypto::party::{HistoryError, NotAllowed};
use postfach_crypto::statement::{Kind, VerifyError};
use postfach_storage::{CommitError, ReadError, UploadError};

/// Why a request was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ServiceError {
    /// The statement is malformed or its signature does not hold.
    #[error(transparent)]
    Statement(#[from] VerifyError),
    /// The submission around the header is malformed.
    #[error("submission: {0}")]
    Submission(DecodeError),
    /// Only the server issues this kind, or the kind has another door.
    #[error("statements of the kind {} are not accepted here", .0.name())]
    WrongDoor(Kind),
    /// The statement is made for another log origin or epoch.
    #[error("the statement is made for another log origin or epoch")]
    OtherLog,
    /// The statement's time is too far from the server's.
    #[error("the statement's time is too far from the server's time")]
    ClockOutOfRange {
        /// The server's time.
        server: UnixMillis,
    },
    /// No party, or none that the requester may know of, has this address.
    #[error("the address is not known")]
    UnknownParty,
    /// The address already has other first keys.
    #[error("the address already has a key statement 0")]
    SecondKeyStatement,
    /// The key statement does not continue the history.
    #[error(transparent)]
    History(#[from] HistoryError),
    /// The signer may not say this.
    #[error(transparent)]
    NotAllowed(#[from] NotAllowed),
    /// The operator's keys do not back this.
    #[error(transparent)]
    Operator(#[from] OperatorError),
    /// The party has no certificate in force.
    #[error("the authority has no certificate in force")]
    NotCertified,
    /// The envelope names key statements of the sender that are no longer current.
    #[error("the sender's keys have changed since")]
    SupersededSenderKeys,
    /// The envelope is encrypted to keys of the recipient that are no longer current.
    #[error("the recipient's keys have changed since")]
    SupersededRecipientKeys,
    /// The statement refers to one that is not known, or not of the right kind.
    #[error("the statement refers to one that is not known here")]
    UnknownReference,
    /// The binding is not one between these parties, or was withdrawn or succeeded.
    #[error("the binding between sender and recipient is not in force")]
    BindingNotInForce,
    /// The person is already bound by this issuer.
    #[error("the address is already bound by this authority")]
    AlreadyBound,
    /// The claim was answered before.
    #[error("the claim was answered before")]
    ClaimAnswered,
    /// Too many claims with this code or of this claimant.
    #[error("too many claims")]
    TooManyClaims,
    /// The delivery needs a consent in force that the header names.
    #[error("no consent in force covers this delivery")]
    NoConsent,
    /// A consent of this kind is already in force.
    #[error("such a consent is already in force")]
    AlreadyConsented,
    /// The consent or certificate has ended already.
    #[error("it has ended already")]
    AlreadyEnded,
    /// The time for an objection is over.
    #[error("the time for an objection is over")]
    ObjectionTooLate,
    /// Neither side is an authority, or a citizen is written to by a citizen.
    #[error("one of the two parties must be an authority")]
    NoAuthority,
    /// The header names another previous envelope than the last receipted one.
    #[error("the header names another previous envelope than the last receipted one")]
    WrongPrevious,
    /// Content does not belong to the header.
    #[error(transparent)]
    Binding(#[from] BindingError),
    /// The sender used this envelope id for another envelope.
    #[error("the envelope id was used for another envelope")]
    EnvelopeIdTaken,
    /// No envelope, or none that the requester may see, has this header.
    #[error("the envelope is not known")]
    UnknownEnvelope,
    /// The mailbox was closed by its owner, and takes or shows this no more.
    #[error("the mailbox is closed")]
    MailboxClosed,
    /// Authorities end with their certificate, and close no mailbox.
    #[error("an authority ends with its certificate and closes no mailbox")]
    AuthorityCloses,
    /// The recipient deleted the envelope.
    #[error("the recipient deleted the envelope")]
    Deleted,
    /// Registered mail is deleted only after it was handed over, refused, withdrawn or has expired.
    #[error("registered mail is deleted only after it was decided upon")]
    NotDecided,
    /// The sender withdrew the envelope.
    #[error("the sender withdrew the envelope")]
    Withdrawn,
    /// The letter was not retrieved in time, and its provision has ended.
    #[error("the letter was not retrieved in time; its provision has ended")]
    ProvisionEnded,
    /// The envelope was handed over already.
    #[error("the envelope was handed over already")]
    AlreadyHandedOver,
    /// The envelope was not handed over yet.
    #[error("the envelope was not handed over yet")]
    NotHandedOver,
    /// The recipient has answered before.
    #[error("the recipient accepted or refused before")]
    AlreadyAnswered,
    /// The request names other age headers than the envelope has.
    #[error("the request names other age headers than the envelope has")]
    OtherAgeHeaders,
    /// The mailbox head that the client saw does not fit the server's list.
    #[error("the mailbox head last seen does not fit the server's list")]
    SeenHead,
    /// The statement names another manifest than the header.
    #[error("the statement names another manifest than the header")]
    OtherManifest,
    /// The recipient has said more of this envelope than is kept.
    #[error("the recipient has said too much of this envelope")]
    TooManyStatements,
    /// The address cannot be written to.
    #[error("the e-mail address is not one that can be written to")]
    BadMailAddress,
    /// The party has changed its contact as often as is kept.
    #[error("the contact was changed too often")]
    ContactsFull,
    /// The list between citizen and authority holds as much as is kept.
    #[error("the list between citizen and authority is full")]
    RelationFull,
    /// The statement uses a field that is reserved for a later version.
    #[error("the field {0} is reserved")]
    ReservedField(&'static str),
    /// There is no vault of this key, or none of this owner.
    #[error("the vault is not known")]
    UnknownVault,
    /// The vault has another version than the write names.
    #[error("the vault was changed meanwhile")]
    VaultChanged,
    /// The party has as many vaults as are kept.
    #[error("the party has as many vaults as are kept")]
    TooManyVaults,
    /// The party may not upload: it is no authority and nobody has bound it.
    #[error("uploads are for authorities and for persons bound by one")]
    UploadNotAllowed,
    /// The server's receipt key or checkpoint key is not delegated at this time.
    #[error("the receipt key or checkpoint key is not delegated at this time")]
    KeyNotDelegated,
    /// The list kept growing; trying again is safe.
    #[error("too much is happening at once")]
    Contention,
    /// The store refused the commit.
    #[error(transparent)]
    Commit(CommitError),
    /// The store could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The upload could not be served.
    #[error(transparent)]
    Upload(#[from] UploadError),
    /// Stored bytes do not verify any more.
    #[error("stored statements do not verify")]
    Damaged,
}
