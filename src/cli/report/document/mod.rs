//! The report of one evidence file as a document: filled once, written as HTML and as PDF.
//!
//! Purpose: what a judge's clerk reads, in reading order: the verdict, who, the letter, what
//! happened, the legal date with its reasons, every check, what is not proven, against what it was
//! verified. Invariants: both forms say the same, since neither adds words of its own; texts of
//! strangers are [`Span::Foreign`], harmless by [`printable`], and no other span holds any.
//! Absent: the checks, markup, positions on a page, the clock.

mod blocks;
mod course;
mod legal;
mod letter;
mod picture;
mod proof;
mod summary;

pub use blocks::{Block, Column, Field, Listing, Section, Span, Standing, Table, Words};

use postfach_crypto::deadline::Finding;
use postfach_crypto::ids::UnixMillis;
use postfach_crypto::tlog;
use sha2::{Digest, Sha256};

use super::Examined;
use crate::cli::lang::Language;
use crate::cli::printable::printable;

/// The bytes of the evidence file, by which others recognise it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint {
    /// SHA-256 of the file.
    pub sha256: [u8; 32],
    /// Its length in bytes.
    pub length: u64,
}

impl Fingerprint {
    /// Of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self {
            sha256: Sha256::digest(bytes).into(),
            length: bytes.len() as u64,
        }
    }
}

/// What a report is made from.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// The verified file.
    pub examined: &'a Examined,
    /// Its bytes.
    pub fingerprint: Fingerprint,
    /// When it counts as served, where that was computed.
    pub legal: Option<&'a Finding>,
    /// The witnesses that were pinned, where any were.
    pub witnesses: Option<&'a tlog::Policy>,
    /// When the report is made.
    pub made: UnixMillis,
}

/// The report.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// Language of all of it.
    pub lang: Language,
    /// Title.
    pub title: String,
    /// What the verdict amounts to.
    pub standing: Standing,
    /// The verdict: one plain sentence, then what it rests on.
    pub verdict: Vec<Words>,
    /// The sections, in reading order.
    pub sections: Vec<Section>,
    /// When it was made.
    pub made: UnixMillis,
}

/// Fills the document.
#[must_use]
pub fn document(lang: Language, source: &Source<'_>) -> Document {
    let mut sections = letter::sections(lang, source);
    sections.extend(course::section(lang, source));
    sections.push(legal::section(lang, source));
    sections.extend(proof::sections(lang, source));
    let (title, standing, verdict) = summary::summary(lang, source);
    Document {
        lang,
        title,
        standing,
        verdict,
        sections,
        made: source.made,
    }
}
