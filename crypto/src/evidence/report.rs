//! The report: named checks, the timeline, and what is not shown. Data only; words for people are
//! the command line's.

use crate::envelope::{BindingError, Manifest};
use crate::ids::{StatementHash, UnixMillis};
use crate::operator::OperatorError;
use crate::party::{HistoryError, NotAllowed};
use crate::statement::{
    Binding, Certificate, EnvelopeHeader, Event, Kind, Reason, Signed, VerifyError,
};

/// Declares an enum whose items have stable names for machines.
macro_rules! named {
    ($(#[$doc:meta])* pub enum $name:ident { $($(#[$item_doc:meta])* $item:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$item_doc])* $item,)*
        }

        impl $name {
            /// Every item, in the order of the specification.
            pub const ALL: &'static [Self] = &[$(Self::$item,)*];

            /// The name in JSON and in documents.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$item => $text,)*
                }
            }
        }
    };
}

named! {
    /// The checks, in the order in which they are made.
    pub enum CheckName {
        /// The operator is the pinned one, and its root key signed the delegations.
        Operator = "operator",
        /// The header has a valid signature and is made for this operator.
        HeaderSignature = "header-signature",
        /// The sender's key statements form one authorised history of its address.
        SenderKeyHistory = "sender-key-history",
        /// The recipient's key statements do.
        RecipientKeyHistory = "recipient-key-history",
        /// Receipts are signed by a key delegated for it.
        ReceiptSignature = "receipt-signature",
        /// What recipient and sender said is signed by keys that may say it, about this envelope.
        AnsweredStatements = "answered-statements",
        /// Each receipt names the one before it and answers a statement of this envelope.
        ReceiptChain = "receipt-chain",
        /// The times of the receipts ascend.
        ReceiptTimes = "receipt-times",
        /// The server accepted the envelope.
        Submission = "submission",
        /// The header names the sender's keys that were current when the server accepted it.
        SenderKeys = "sender-keys",
        /// The header names the recipient's keys that were current then.
        RecipientKeys = "recipient-keys",
        /// The header's signing key may send for the sender.
        SignerRole = "signer-role",
        /// The sender had seen the same history of its own keys.
        SenderHead = "sender-head",
        /// The binding names the recipient's first keys and is signed by its issuer.
        Binding = "binding",
        /// The binding was in force at submission.
        BindingInForce = "binding-in-force",
        /// The consent is the recipient's and was in force at submission.
        Consent = "consent",
        /// The certificate that the server checked was in force at submission.
        Certificate = "certificate",
        /// Each handover answers a request of the recipient for exactly these age headers.
        HandoverAnswersRequest = "handover-answers-request",
        /// The age headers are the named ones, encrypted to exactly the recipient's keys.
        AgeHeaders = "age-headers",
        /// The recipient found in the envelope what the header names.
        Access = "access",
        /// Heads are signed by a key delegated for it.
        HeadSignature = "head-signature",
        /// The envelope's list is as long as the server's head says.
        EnvelopeComplete = "envelope-complete",
        /// The sender's key statements are.
        SenderKeysComplete = "sender-keys-complete",
        /// The recipient's key statements are.
        RecipientKeysComplete = "recipient-keys-complete",
        /// The list of bindings and consents is.
        RelationComplete = "relation-complete",
        /// The certified party's certificates and revocations are.
        CertificatesComplete = "certificates-complete",
        /// The opened part 0 is what the header names.
        OpenedContent = "opened-content",
    }
}

named! {
    /// What the file does not show, even when every check passed.
    pub enum NotShown {
        /// Times are the operator's word until a cosigned checkpoint covers them.
        IndependentTime = "independent-time",
        /// That the receipts stand in the public log.
        LogInclusion = "log-inclusion",
        /// What happened after the newest head.
        LaterEvents = "later-events",
        /// A date of legal effect.
        LegalDate = "legal-date",
        /// Consignment does not show that the recipient can decrypt.
        AbilityToDecrypt = "ability-to-decrypt",
        /// That the content reached the recipient's client.
        Handover = "handover",
        /// Handover does not show that a person read it.
        PersonRead = "person-read",
        /// That a notification was sent to the recipient.
        Notification = "notification",
        /// Who the recipient is: only the issuer can open the binding's commitment.
        PersonBehindBinding = "person-behind-binding",
        /// Whose address the recipient's is: no binding is named.
        RecipientIdentity = "recipient-identity",
        /// Which authority took part: no certificate is named.
        AuthorityIdentity = "authority-identity",
        /// A consent: none is named, so no fiction of notification or service runs.
        Consent = "consent",
        /// What the letter says: part 0 is not opened.
        Content = "content",
        /// What the attachments contain: the manifest names their hashes only.
        Attachments = "attachments",
    }
}

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

/// Why a check could not be made: something is missing from the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Gap {
    /// Another check must pass first.
    #[error("needs the check {}", .0.name())]
    Needs(CheckName),
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

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It holds.
    Passed,
    /// It does not.
    Failed(Cause),
    /// The file does not hold what the check needs.
    NotProven(Gap),
}

/// One check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Check {
    /// Which.
    pub name: CheckName,
    /// How it ended.
    pub outcome: Outcome,
}

named! {
    /// The report in one word.
    pub enum Verdict {
        /// Every check passed.
        Verified = "verified",
        /// Every check passed, and the recipient says that the content could not be opened.
        Disputed = "disputed",
        /// Nothing is wrong, but something is missing.
        NotProven = "not-proven",
        /// Something is wrong.
        Failed = "failed",
    }
}

/// One event of the envelope, as a receipt records it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimelineEntry {
    /// What happened.
    pub event: Event,
    /// When, by the operator's clock.
    pub time: UnixMillis,
    /// The receipt.
    pub receipt: StatementHash,
    /// The kind of statement that the receipt answers.
    pub answers: Option<Kind>,
    /// Reasons of a negative event.
    pub reasons: Vec<Reason>,
}

/// What an evidence file proves and what not.
#[derive(Debug, Clone)]
pub struct Report {
    /// The checks that apply to this envelope, in order.
    pub checks: Vec<Check>,
    /// What happened, in log order.
    pub timeline: Vec<TimelineEntry>,
    /// Why the recipient says the content could not be opened; empty when undisputed.
    pub disputed: Vec<Reason>,
    /// What the file does not show.
    pub not_shown: Vec<NotShown>,
    /// The header, once its signature passed.
    pub header: Option<Signed<EnvelopeHeader>>,
    /// The binding, once it passed.
    pub binding: Option<Signed<Binding>>,
    /// The certificate, once it passed.
    pub certificate: Option<Signed<Certificate>>,
    /// The manifest, once the opened part passed.
    pub manifest: Option<Manifest>,
}

impl Report {
    /// The report in one word; failed outweighs not proven, not proven outweighs disputed.
    pub fn verdict(&self) -> Verdict {
        let any = |test: fn(&Outcome) -> bool| self.checks.iter().any(|check| test(&check.outcome));
        if any(|outcome| matches!(outcome, Outcome::Failed(_))) {
            Verdict::Failed
        } else if any(|outcome| matches!(outcome, Outcome::NotProven(_))) {
            Verdict::NotProven
        } else if !self.disputed.is_empty() {
            Verdict::Disputed
        } else {
            Verdict::Verified
        }
    }

    /// How a check ended, or none when it does not apply to this envelope.
    pub fn outcome(&self, name: CheckName) -> Option<Outcome> {
        self.checks
            .iter()
            .find(|check| check.name == name)
            .map(|check| check.outcome)
    }
}
