//! What prints: letters, recovery sheets and notices as self-contained, accessible PDF files.
//!
//! Every file is PDF/A-2a and PDF/UA-1 as far as the library checks it: tagged in reading order,
//! with title, language and outline, all fonts embedded, a real text layer. The same input gives
//! the same bytes: no clock, no randomness, no file and no network is touched here.
//!
//! Absent: images, hyphenation, right-to-left scripts, forms and signatures (statements sign;
//! paper does not). Measures follow DIN 5008 form B, QR codes ISO/IEC 18004, line breaks UAX #14.

mod activation;
mod date;
mod document;
mod drawing;
mod error;
mod font;
mod geometry;
mod layout;
mod qr;
mod recovery;
mod render;
mod repertoire;
mod structure;
mod text;

pub use activation::{ActivationLetter, activation_letter};
pub use date::Date;
pub use document::{
    Alignment, Code, Column, Document, Letter, Letterhead, Numbering, Panel, Properties, QrFigure,
    Table,
};
pub use drawing::{Anchor, Drawing, Shape, Tone, Weight};
pub use error::PaperError;
pub use recovery::{RecoverySheet, recovery_sheet};
pub use repertoire::Repertoire;
pub use text::Text;

/// Language of the fixed text and of the document's language tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// Plain German.
    German,
    /// Plain English.
    English,
}

impl Language {
    fn tag(self) -> &'static str {
        match self {
            Self::German => "de-DE",
            Self::English => "en",
        }
    }

    fn pick<'a>(self, german: &'a str, english: &'a str) -> &'a str {
        match self {
            Self::German => german,
            Self::English => english,
        }
    }
}

/// Cuts `text` into groups of `size` characters, the way it is read out and typed.
#[must_use]
pub fn groups_of(text: &str, size: usize) -> Vec<String> {
    let characters: Vec<char> = text.chars().collect();
    characters
        .chunks(size.max(1))
        .map(|group| group.iter().collect())
        .collect()
}
