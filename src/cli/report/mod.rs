//! What an evidence report says: to people on a terminal ([`page()`]) and on paper or in a browser
//! ([`document`], written by [`html()`] and [`pdf()`]), and to machines ([`Form`]).
//!
//! Invariants: every check, cause, gap, event and reservation has words in both languages, by
//! exhaustive matches, so a new one does not compile without; texts from the file are shown
//! harmless and indented, so they cannot pass for words of ours; nothing counts as verified while
//! the operator is taken from the file itself. Absent: the checks ([`postfach_crypto::evidence`]),
//! how legal dates are computed. Specification: docs/format/evidence.md.

mod causes;
mod comparison;
mod content;
pub mod deadline;
pub mod document;
mod events;
mod form;
mod html;
mod log;
mod page;
mod pdf;
#[cfg(test)]
mod shared_words;
mod timestamps;
mod words;
mod written;

pub use comparison::{ComparisonForm, comparison};
pub use content::{Author, content};
pub use events::{event, reason};
pub use form::Form;
pub use html::html;
pub use page::page;
pub use pdf::pdf;
pub use written::Destination;

use postfach_crypto::evidence::{CheckName, Outcome, Policy, Report, Verdict};

/// Name for machines of the reservation that [`Pinning::FromFile`] makes.
const OPERATOR_NOT_PINNED: &str = "operator-not-pinned";

/// Where the operator's root key comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pinning {
    /// From the letter, by hand or by the profile.
    Pinned,
    /// From the evidence file itself: whoever made the file chose it.
    FromFile,
}

/// A time-stamping authority that was pinned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PinnedAuthority {
    /// Common name in its certificate.
    pub name: String,
    /// SHA-256 of the certificate.
    pub sha256: [u8; 32],
}

/// A report and what it was verified against.
#[derive(Debug)]
pub struct Examined {
    /// Name of the file, for people.
    pub file: String,
    /// What was found.
    pub report: Report,
    /// Against which operator.
    pub policy: Policy,
    /// How that operator is known.
    pub pinning: Pinning,
    /// The time-stamping authorities that were pinned, if any.
    pub authorities: Vec<PinnedAuthority>,
}

impl Examined {
    /// The report in one word. An operator taken from the file itself proves nothing.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        match (self.report.verdict(), self.pinning) {
            (Verdict::Verified | Verdict::Disputed, Pinning::FromFile) => Verdict::NotProven,
            (verdict, _) => verdict,
        }
    }

    /// Whether the operator check stands on the file's own word.
    fn stands_on_itself(&self, name: CheckName, outcome: Outcome) -> bool {
        self.pinning == Pinning::FromFile
            && name == CheckName::Operator
            && outcome == Outcome::Passed
    }
}
