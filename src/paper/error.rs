//! Why a sheet could not be made.

/// Causes a caller can act on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PaperError {
    /// The embedded fonts have no glyph for it. They cover the letters of DIN 91379 that German
    /// authorities write names with, Greek and Cyrillic.
    #[error(
        "the character {0:?} cannot be printed; write the text in Latin, Greek or Cyrillic letters"
    )]
    Unprintable(char),
    /// The address zone of DIN 5008 holds six lines.
    #[error(
        "the postal address takes {lines} lines, the envelope's window shows {limit}; shorten it"
    )]
    AddressTooLong {
        /// Lines after wrapping.
        lines: usize,
        /// Lines the window shows.
        limit: usize,
    },
    /// A table row or a panel is never split over two pages.
    #[error("a table row or a framed panel is taller than a page; split its text")]
    TallerThanPage,
    /// More than a QR code can hold, or more than can be scanned from paper.
    #[error("{0} bytes do not fit a QR code that can be scanned from paper; shorten the link")]
    QrTooLong(usize),
    /// The library refused the document: a fault of this module, not of the input.
    #[error("the PDF could not be written: {0}")]
    Pdf(String),
}
