//! Why a check failed, and why it could not be made, with names for machines.

use super::report::CheckName;
use super::timestamps::TokenFault;
use crate::envelope::BindingError;
use crate::operator::OperatorError;
use crate::party::{HistoryError, NotAllowed};
use crate::statement::VerifyError;
use crate::tlog::{ConsistencyError, InclusionError};

/// Why a check failed: something in the file is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Cause {
    /// The file names another root key than the pinned one.
    #[error("the root key in the file is not the one that you pinned")]
    ForeignRoot,
    /// The file, or a statement in it, is made for another log.
    #[error("made for another log origin than the one that you trust")]
    OtherOrigin,
    /// The operator's word does not count.
    #[error(transparent)]
    Operator(OperatorError),
    /// A statement is malformed or its signature does not hold.
    #[error(transparent)]
    Statement(VerifyError),
    /// A key history is broken.
    #[error(transparent)]
    History(HistoryError),
    /// A key was not allowed to say this.
    #[error(transparent)]
    NotAllowed(NotAllowed),
    /// Content or age headers do not belong to the header.
    #[error(transparent)]
    Content(BindingError),
    /// A checkpoint is malformed.
    #[error("a checkpoint in the file is malformed")]
    CheckpointForm,
    /// A checkpoint is of another log or epoch.
    #[error("a checkpoint in the file is of another log or epoch")]
    CheckpointOfOther,
    /// The log did not sign a checkpoint.
    #[error("a checkpoint in the file is not signed by the log")]
    CheckpointUnsigned,
    /// A signature in the name of log or witness does not hold.
    #[error("a checkpoint in the file has a false signature in the name of the log or a witness")]
    CheckpointFalseSignature,
    /// The checkpoints do not ascend.
    #[error("the checkpoints in the file do not ascend")]
    CheckpointOrder,
    /// A statement is not in the log where the file says.
    #[error("a statement is not in the log where the file says: {0}")]
    Inclusion(InclusionError),
    /// The last checkpoint does not continue one that a receipt names.
    #[error("the log was not only continued: {0}")]
    Consistency(ConsistencyError),
    /// A proof is about nothing in the file.
    #[error("a proof is about nothing that is in the file")]
    ProofOfNothing,
    /// A list stands in another order than the log.
    #[error("a list in the file stands in another order than in the log")]
    OtherOrder,
    /// Times of receipts go back where the log goes on.
    #[error("the times of the receipts contradict their order in the log")]
    TimesContradictOrder,
    /// A receipt's time lies outside its cosigned times.
    #[error(
        "the time of a receipt lies outside the cosigned times around it: it was dated back or ahead"
    )]
    TimeOutOfBounds,
    /// A time-stamp token does not hold.
    #[error(transparent)]
    Token(TokenFault),
    /// The header is signed by another key than it names.
    #[error("the header is signed by another key than it names")]
    OtherSigner,
    /// The key statement named by the header is not in the party's history.
    #[error("the header names a key statement that is not in the party's history")]
    KeyStatementUnknown,
    /// The keys named by the header were superseded, or not yet registered, at submission.
    #[error("the header names keys that were not the current ones when the server accepted it")]
    KeysNotCurrent,
    /// The sender had seen another history of its own keys: somebody showed it other statements.
    #[error("the sender had seen another history of its own keys")]
    SenderSawOtherHistory,
    /// A statement stands where its kind does not belong.
    #[error("a statement is of a kind that does not belong in its list")]
    UnexpectedKind,
    /// A statement or receipt is about another envelope.
    #[error("a statement or receipt in the envelope's list is about another envelope")]
    OtherEnvelope,
    /// A statement speaks for a party that it does not come from.
    #[error("a statement names another party than the one whose turn it is")]
    OtherParty,
    /// A receipt names another predecessor: one was dropped, added or exchanged.
    #[error("a receipt names another receipt before it than the one in the file")]
    ChainBroken,
    /// A receipt answers nothing that stands before it, or something already answered.
    #[error("a receipt answers no statement that stands before it")]
    AnswersNothing,
    /// A statement has no receipt.
    #[error("a statement of the envelope's list has no receipt")]
    StatementWithoutReceipt,
    /// A receipt records an event that its statement cannot cause.
    #[error("a receipt records an event that the statement it answers cannot cause")]
    EventDoesNotFit,
    /// The server refused the envelope.
    #[error("the server refused the envelope")]
    SubmissionRejected,
    /// The receipt repeats another binding, certificate or rule than the header names.
    #[error("the receipt names another binding or legal rule than the header")]
    ReceiptContradictsHeader,
    /// The binding is for another address or other first keys.
    #[error("the binding is for another address or other first keys than the recipient's")]
    BindingOfOther,
    /// The binding had been withdrawn or had ended.
    #[error("the binding had been withdrawn or had ended at submission")]
    BindingEnded,
    /// The consent is another citizen's or towards another authority.
    #[error("the consent is another citizen's or towards another authority")]
    ConsentOfOther,
    /// The consent had been revoked or had not begun.
    #[error("the consent had been revoked or had not begun at submission")]
    ConsentNotInForce,
    /// The certificate is for neither sender nor recipient.
    #[error("the certificate is for neither sender nor recipient")]
    CertificateOfOther,
    /// The certificate was revoked, over or not yet valid.
    #[error("the certificate was revoked, over or not yet valid at submission")]
    CertificateNotInForce,
    /// The consent is not for this class of delivery.
    #[error("the consent does not cover this class of delivery")]
    ConsentClass,
    /// The header uses a field that no rule covers yet.
    #[error("the header uses a reserved field that no rule covers yet")]
    ReservedField,
    /// An event came in a state of the delivery in which it cannot.
    #[error("an event came where the delivery does not allow it")]
    OutOfOrder,
    /// A handover answers no request, or one for other age headers.
    #[error("a handover answers no request for exactly the age headers that the header names")]
    HandoverWithoutRequest,
    /// An event came after the envelope was withdrawn, or withdrawal came after handover.
    #[error("the envelope was withdrawn after its handover, or handed over after its withdrawal")]
    WithdrawalTooLate,
    /// The recipient found another manifest than the header names.
    #[error("the recipient confirmed another manifest than the header names")]
    OtherManifest,
    /// The server's head counts more entries than the file holds.
    #[error(
        "the server's head counts {counted} entries, the file holds {given}: some were dropped"
    )]
    EntriesDropped {
        /// Entries that the head counts.
        counted: u64,
        /// Entries in the file.
        given: u64,
    },
    /// The server's head is of other entries: the file or the server contradicts itself.
    #[error("the server's head is of other entries than those in the file")]
    OtherEntries,
    /// The disclosed file key or payload does not belong to the age header.
    #[error("the disclosed file key does not open the part that the header names")]
    DisclosedKey,
}

impl Cause {
    /// The name in JSON and in documents.
    pub fn name(&self) -> &'static str {
        match self {
            Cause::ForeignRoot | Cause::Operator(OperatorError::ForeignRoot) => "foreign-root",
            Cause::OtherOrigin | Cause::Operator(OperatorError::OtherOrigin) => "other-origin",
            Cause::Operator(OperatorError::Statement(error)) | Cause::Statement(error) => {
                statement_cause(error)
            }
            Cause::Operator(OperatorError::TooMany) => "too-many-delegations",
            Cause::Operator(OperatorError::NotDelegated) => "not-delegated",
            Cause::History(error) => history_cause(error),
            Cause::NotAllowed(NotAllowed::UnknownKey) => "unknown-key",
            Cause::NotAllowed(NotAllowed::Role(_)) => "role",
            Cause::Content(error) => content_cause(error),
            Cause::CheckpointForm => "checkpoint-form",
            Cause::CheckpointOfOther => "checkpoint-of-other",
            Cause::CheckpointUnsigned => "checkpoint-unsigned",
            Cause::CheckpointFalseSignature => "checkpoint-false-signature",
            Cause::CheckpointOrder => "checkpoint-order",
            Cause::Inclusion(_) => "not-in-log",
            Cause::Consistency(_) => "log-not-continued",
            Cause::ProofOfNothing => "proof-of-nothing",
            Cause::OtherOrder => "other-order",
            Cause::TimesContradictOrder => "times-contradict-order",
            Cause::TimeOutOfBounds => "time-out-of-bounds",
            Cause::Token(fault) => token_cause(*fault),
            Cause::OtherSigner => "other-signer",
            Cause::KeyStatementUnknown => "key-statement-unknown",
            Cause::KeysNotCurrent => "keys-not-current",
            Cause::SenderSawOtherHistory => "sender-saw-other-history",
            Cause::UnexpectedKind => "unexpected-kind",
            Cause::OtherEnvelope => "other-envelope",
            Cause::OtherParty => "other-party",
            Cause::ChainBroken => "chain-broken",
            Cause::AnswersNothing => "answers-nothing",
            Cause::StatementWithoutReceipt => "statement-without-receipt",
            Cause::EventDoesNotFit => "event-does-not-fit",
            Cause::SubmissionRejected => "submission-rejected",
            Cause::ReceiptContradictsHeader => "receipt-contradicts-header",
            Cause::BindingOfOther => "binding-of-other",
            Cause::BindingEnded => "binding-ended",
            Cause::ConsentOfOther => "consent-of-other",
            Cause::ConsentNotInForce => "consent-not-in-force",
            Cause::ConsentClass => "consent-class",
            Cause::ReservedField => "reserved-field",
            Cause::OutOfOrder => "out-of-order",
            Cause::CertificateOfOther => "certificate-of-other",
            Cause::CertificateNotInForce => "certificate-not-in-force",
            Cause::HandoverWithoutRequest => "handover-without-request",
            Cause::WithdrawalTooLate => "withdrawal-too-late",
            Cause::OtherManifest => "other-manifest",
            Cause::EntriesDropped { .. } => "entries-dropped",
            Cause::OtherEntries => "other-entries",
            Cause::DisclosedKey => "disclosed-key",
        }
    }
}

fn statement_cause(error: &VerifyError) -> &'static str {
    match error {
        VerifyError::Envelope(_) => "statement-form",
        VerifyError::Kind => "unexpected-kind",
        VerifyError::Signature(_) => "bad-signature",
        VerifyError::Payload(_) => "statement-payload",
        VerifyError::Rule(_) => "statement-rule",
    }
}

fn history_cause(error: &HistoryError) -> &'static str {
    match error {
        HistoryError::Empty => "history-empty",
        HistoryError::OtherAddress => "history-other-address",
        HistoryError::NotNext { .. } => "history-not-next",
        HistoryError::Branch(_) => "history-branch",
        HistoryError::Unauthorised(_) => "history-unauthorised",
        HistoryError::NoPossession(_) => "history-no-possession",
        HistoryError::AdministratorOverreach(_) => "history-administrator-overreach",
        HistoryError::Recipient(_) => "history-recipient",
        HistoryError::TooLong => "history-too-long",
    }
}

fn content_cause(error: &BindingError) -> &'static str {
    match error {
        BindingError::ManifestHash => "content-manifest-hash",
        BindingError::Manifest(_) => "content-manifest",
        BindingError::EnvelopeId => "content-envelope-id",
        BindingError::Sender => "content-sender",
        BindingError::Recipient => "content-recipient",
        BindingError::AttachmentCount => "content-attachment-count",
        BindingError::Attachment(_) => "content-attachment",
        BindingError::AgeHeader(_) => "content-age-header",
        BindingError::Payload(_) => "content-payload",
        BindingError::Stanzas(_) => "content-stanzas",
        BindingError::PartCount => "content-part-count",
    }
}

fn token_cause(fault: TokenFault) -> &'static str {
    match fault {
        TokenFault::Form => "token-form",
        TokenFault::Algorithm => "token-algorithm",
        TokenFault::Signature => "token-signature",
        TokenFault::OtherText => "token-of-other",
        TokenFault::Validity => "token-validity",
    }
}

/// Why a check could not be made: something is missing from the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Gap {
    /// Another check must pass first.
    #[error("needs the check {}", .0.name())]
    Needs(CheckName),
    /// The file holds nothing of the log.
    #[error("the file holds no checkpoint and no proofs of the log")]
    Log,
    /// A statement has no inclusion proof.
    #[error("the file lacks the inclusion proof of a statement")]
    Inclusion,
    /// A checkpoint has no consistency proof.
    #[error("the file lacks the proof that the log continues a checkpoint that a receipt names")]
    Consistency,
    /// The verifier's policy names no witnesses.
    #[error("the policy names no witnesses: nobody but the operator vouches for the log")]
    NoWitnesses,
    /// Too few witnesses have cosigned.
    #[error("cosignature pending: too few witnesses of the policy have cosigned the checkpoint")]
    CosignaturePending,
    /// No cosigned checkpoint covers a receipt yet.
    #[error("upper bound pending: no cosigned checkpoint covers a receipt yet")]
    UpperBoundPending,
    /// A receipt names no cosigned checkpoint before it.
    #[error("a receipt names no cosigned checkpoint before it")]
    LowerBound,
    /// An authority is pinned, and the file holds no time-stamp.
    #[error("the file holds no time-stamp token")]
    Timestamp,
    /// No time-stamp is by a pinned authority.
    #[error("no time-stamp token in the file is by a pinned authority")]
    TimestampAuthority,
    /// The time-stamped checkpoint is older than a part of the envelope's list.
    #[error("no time-stamp covers all of the envelope's list yet")]
    TimestampPending,
    /// A statement has no receipt in the file.
    #[error("the file lacks the receipt of a key statement, binding, consent or certificate")]
    Receipt,
    /// There is no receipt of submission.
    #[error("the file holds no receipt of submission")]
    SubmissionReceipt,
    /// The named binding is missing.
    #[error("the named binding is not in the file")]
    Binding,
    /// The keys of the binding's issuer are missing.
    #[error("the keys of the binding's issuer are not in the file")]
    IssuerKeys,
    /// The receipt does not say that the server checked the binding.
    #[error("the receipt does not name the binding")]
    BindingNotChecked,
    /// The named consent is missing.
    #[error("the named consent is not in the file")]
    Consent,
    /// The class or rule needs a consent, and the header names none.
    #[error("the header names no consent, which its class or legal rule needs")]
    ConsentNotNamed,
    /// The named certificate is missing.
    #[error("the named certificate is not in the file")]
    Certificate,
    /// Registered mail was handed over, but the age headers are missing.
    #[error("the age headers are not in the file, so the handover of readable mail is not shown")]
    AgeHeaders,
    /// Which of two statements came first cannot be told; receipts are missing.
    #[error("the file lacks receipts that show which of two statements came first")]
    Order,
    /// There is no head of this list, or it is shorter than the list.
    #[error("the file holds no head of the whole list")]
    Head,
    /// The head is older than the submission, so something may have come between.
    #[error("the head is older than the submission")]
    HeadTooOld,
    /// The operator's clock ran backwards between receipts.
    #[error("the times of the receipts do not ascend")]
    Times,
}

impl Gap {
    /// The name in JSON and in documents.
    pub fn name(&self) -> &'static str {
        match self {
            Gap::Needs(_) => "needs",
            Gap::Log => "log-missing",
            Gap::Inclusion => "inclusion-missing",
            Gap::Consistency => "consistency-missing",
            Gap::NoWitnesses => "no-witnesses",
            Gap::CosignaturePending => "cosignature-pending",
            Gap::UpperBoundPending => "upper-bound-pending",
            Gap::LowerBound => "lower-bound-missing",
            Gap::Timestamp => "time-stamp-missing",
            Gap::TimestampAuthority => "time-stamp-authority",
            Gap::TimestampPending => "time-stamp-pending",
            Gap::Receipt => "receipt-missing",
            Gap::SubmissionReceipt => "submission-receipt-missing",
            Gap::Binding => "binding-missing",
            Gap::IssuerKeys => "issuer-keys-missing",
            Gap::BindingNotChecked => "binding-not-checked",
            Gap::Consent => "consent-missing",
            Gap::ConsentNotNamed => "consent-not-named",
            Gap::Certificate => "certificate-missing",
            Gap::AgeHeaders => "age-headers-missing",
            Gap::Order => "order-unknown",
            Gap::Head => "head-missing",
            Gap::HeadTooOld => "head-too-old",
            Gap::Times => "times-do-not-ascend",
        }
    }
}
