//! Running text with emphasis, and its division into lines.
//!
//! Lines break where UAX #14 allows and nowhere inside a word, so nothing is hyphenated; only a
//! stretch wider than the column (a long address) is cut at a character. The space at a break
//! stays in the text layer, so that copied text keeps its words apart.

use unicode_linebreak::{BreakOpportunity, linebreaks};

use super::PaperError;
use super::font::{Face, Fonts, Shaped};

/// Text in one or more faces. A plain `&str` or `String` converts into it.
#[derive(Debug, Clone, Default)]
pub struct Text {
    runs: Vec<(Face, String)>,
}

impl Text {
    /// Appends upright text.
    #[must_use]
    pub fn plain(self, text: impl Into<String>) -> Self {
        self.with(Face::Regular, text)
    }

    /// Appends bold text.
    #[must_use]
    pub fn bold(self, text: impl Into<String>) -> Self {
        self.with(Face::Bold, text)
    }

    /// Appends text in which 0 and O, 1 and l differ.
    #[must_use]
    pub fn mono(self, text: impl Into<String>) -> Self {
        self.with(Face::Mono, text)
    }

    fn with(mut self, face: Face, text: impl Into<String>) -> Self {
        self.runs.push((face, text.into()));
        self
    }

    pub(super) fn all_bold(mut self) -> Self {
        for run in &mut self.runs {
            run.0 = Face::Bold;
        }
        self
    }

    pub(super) fn string(&self) -> String {
        self.runs.iter().map(|(_, text)| text.as_str()).collect()
    }
}

impl<T: Into<String>> From<T> for Text {
    fn from(text: T) -> Self {
        Self::default().plain(text)
    }
}

/// One line: shaped stretches, left to right.
#[derive(Debug, Clone, Default)]
pub(super) struct Line {
    pub(super) stretches: Vec<Shaped>,
}

impl Line {
    /// Width in points, without the space at the end.
    pub(super) fn width(&self) -> f32 {
        match self.stretches.split_last() {
            Some((last, before)) => before.iter().map(|s| s.width).sum::<f32>() + last.ink_width,
            None => 0.0,
        }
    }
}

/// Divides `text` into lines at most `width` points wide.
pub(super) fn lines(
    fonts: &Fonts,
    text: &Text,
    size: f32,
    width: f32,
) -> Result<Vec<Line>, PaperError> {
    let whole = text.string();
    let mut spans: Vec<(usize, usize)> = Vec::new();
    let (mut start, mut end, mut used) = (0, 0, 0.0);
    for (at, opportunity) in linebreaks(&whole) {
        let piece = shape_range(fonts, text, size, end, at)?;
        let ink = piece.width();
        if end > start && used + ink > width {
            spans.push((start, end));
            (start, used) = (end, 0.0);
        }
        if ink > width {
            for (index, character) in whole[end..at].char_indices() {
                let (from, to) = (end + index, end + index + character.len_utf8());
                let advance = shape_range(fonts, text, size, from, to)?.width();
                if used + advance > width && from > start {
                    spans.push((start, from));
                    (start, used) = (from, 0.0);
                }
                used += advance;
            }
        } else {
            used += piece.stretches.iter().map(|s| s.width).sum::<f32>();
        }
        end = at;
        if opportunity == BreakOpportunity::Mandatory {
            spans.push((start, end));
            (start, used) = (end, 0.0);
        }
    }
    spans
        .into_iter()
        .map(|(from, to)| shape_range(fonts, text, size, from, to))
        .collect()
}

/// Shapes bytes `from..to` of the whole text, run by run. Line feeds end lines and draw nothing.
fn shape_range(
    fonts: &Fonts,
    text: &Text,
    size: f32,
    from: usize,
    to: usize,
) -> Result<Line, PaperError> {
    let mut line = Line::default();
    let mut offset = 0;
    for (face, run) in &text.runs {
        let (low, high) = (from.max(offset), to.min(offset + run.len()));
        if low < high {
            let part = run[low - offset..high - offset].trim_end_matches('\n');
            if !part.is_empty() {
                line.stretches.push(fonts.shape(*face, size, part)?);
            }
        }
        offset += run.len();
    }
    Ok(line)
}
