//! The report: named checks, the timeline, and what is not shown. Data only; words for people are
//! the command line's.

pub use super::cause::{Cause, Gap};
use super::timestamps::Timestamped;
use crate::deadline::Finding;
use crate::envelope::Manifest;
use crate::ids::{StatementHash, UnixMillis};
use crate::statement::{Binding, Certificate, EnvelopeHeader, Event, Kind, Reason, Signed};

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

pub(super) use named;

named! {
    /// The checks, in the order in which they are made.
    pub enum CheckName {
        /// The operator is the pinned one, and its root key signed the delegations.
        Operator = "operator",
        /// The header has a valid signature and is made for this operator.
        HeaderSignature = "header-signature",
        /// The checkpoints are signed by a key delegated for it.
        LogCheckpoint = "log-checkpoint",
        /// Every statement in the file stands in the log, in the order of its list.
        LogInclusion = "log-inclusion",
        /// The log was only ever continued since the checkpoints that the receipts name.
        LogConsistency = "log-consistency",
        /// Enough witnesses have seen the last checkpoint.
        LogCosigned = "log-cosigned",
        /// All of the envelope's list existed before the time of a token by a pinned authority.
        TimeStamped = "time-stamped",
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
        /// The times of the receipts ascend, and agree with the log's order.
        ReceiptTimes = "receipt-times",
        /// Each receipt was signed and logged between two cosigned times that agree with its own.
        TimesBounded = "times-bounded",
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
        /// Key statements, bindings, consents and certificates each have their receipt.
        StatementsReceipted = "statements-receipted",
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
        /// Times are the operator's word: cosigned checkpoints do not bound them on both sides.
        IndependentTime = "independent-time",
        /// What the time-stamps in the file say: no authority is pinned.
        TimeStamps = "time-stamps",
        /// That the receipts stand in the public log.
        LogInclusion = "log-inclusion",
        /// What happened after the newest head.
        LaterEvents = "later-events",
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
    /// The time-stamp tokens that hold.
    pub timestamps: Vec<Timestamped>,
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
    /// When the letter counts as served; none where receipts or their order do not hold.
    pub legal_date: Option<Finding>,
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

    /// Whether every check passed but those for which the policy names no witnesses.
    pub fn lacks_only_witnesses(&self) -> bool {
        self.checks.iter().all(|check| match check.outcome {
            Outcome::Passed => true,
            Outcome::NotProven(gap) => {
                matches!(gap, Gap::NoWitnesses | Gap::Needs(CheckName::LogCosigned))
            }
            Outcome::Failed(_) => false,
        })
    }

    /// How a check ended, or none when it does not apply to this envelope.
    pub fn outcome(&self, name: CheckName) -> Option<Outcome> {
        self.checks
            .iter()
            .find(|check| check.name == name)
            .map(|check| check.outcome)
    }
}
