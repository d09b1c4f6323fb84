//! The embedded typefaces, and shaping: text in, positioned glyphs out.
//!
//! What is measured is what is drawn: both use the glyphs made here. Ligatures are off, so the
//! text layer holds one letter per glyph. Absent: right-to-left scripts and font fallback.

use krilla::text::{Font, GlyphId, KrillaGlyph};
use rustybuzz::{Direction, Feature, UnicodeBuffer, ttf_parser::Tag};

use super::PaperError;

/// Which typeface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Face {
    Regular,
    Bold,
    /// For what is typed off the sheet: 0 and O, 1 and l differ.
    Mono,
}

impl Face {
    pub(super) const ALL: [Self; 3] = [Self::Regular, Self::Bold, Self::Mono];
}

/// Glyphs of one stretch of text in one face at one size.
#[derive(Debug, Clone)]
pub(super) struct Shaped {
    pub(super) face: Face,
    pub(super) size: f32,
    pub(super) text: String,
    pub(super) glyphs: Vec<KrillaGlyph>,
    /// Advance in points, without trailing spaces.
    pub(super) ink_width: f32,
    /// Advance in points.
    pub(super) width: f32,
}

struct Typeface {
    shaper: rustybuzz::Face<'static>,
    font: Font,
}

/// The three faces, parsed once per document.
pub(super) struct Fonts {
    regular: Typeface,
    bold: Typeface,
    mono: Typeface,
}

impl Fonts {
    pub(super) fn load() -> Self {
        Self {
            regular: Typeface::parse(notosans::REGULAR_TTF),
            bold: Typeface::parse(notosans::BOLD_TTF),
            mono: Typeface::parse(dejavu::sans_mono::regular()),
        }
    }

    pub(super) fn font(&self, face: Face) -> Font {
        self.typeface(face).font.clone()
    }

    /// Whether every face has the character.
    pub(super) fn cover(&self, letter: char) -> bool {
        let has = |face| self.typeface(face).shaper.glyph_index(letter).is_some();
        // PDF/A-2 wants a meaning for each character, which these have not.
        let meaningless = matches!(letter, '\u{e000}'..='\u{f8ff}' | '\u{feff}' | '\u{fffe}'..);
        !letter.is_control() && !meaningless && Face::ALL.into_iter().all(has)
    }

    fn typeface(&self, face: Face) -> &Typeface {
        match face {
            Face::Regular => &self.regular,
            Face::Bold => &self.bold,
            Face::Mono => &self.mono,
        }
    }

    pub(super) fn shape(&self, face: Face, size: f32, text: &str) -> Result<Shaped, PaperError> {
        if let Some(control) = text.chars().find(|c| c.is_control()) {
            return Err(PaperError::Unprintable(control));
        }
        let typeface = self.typeface(face);
        let mut buffer = UnicodeBuffer::new();
        buffer.push_str(text);
        buffer.guess_segment_properties();
        buffer.set_direction(Direction::LeftToRight);
        let off = |tag: &[u8; 4]| Feature::new(Tag::from_bytes(tag), 0, ..);
        let shaped = rustybuzz::shape(&typeface.shaper, &[off(b"liga"), off(b"clig")], buffer);

        let em = typeface.font.units_per_em();
        let (infos, positions) = (shaped.glyph_infos(), shaped.glyph_positions());
        let mut glyphs = Vec::with_capacity(infos.len());
        let (mut width, mut ink_width) = (0.0, 0.0);
        for (i, (info, position)) in infos.iter().zip(positions).enumerate() {
            let start = info.cluster as usize;
            let end = infos[i..]
                .iter()
                .map(|next| next.cluster as usize)
                .find(|next| *next > start)
                .unwrap_or(text.len());
            let cluster = &text[start..end];
            if info.glyph_id == 0 {
                return Err(PaperError::Unprintable(
                    cluster.chars().next().unwrap_or('\u{fffd}'),
                ));
            }
            let unit = |value: i32| value as f32 / em;
            width += unit(position.x_advance) * size;
            if cluster != " " {
                ink_width = width;
            }
            glyphs.push(KrillaGlyph::new(
                GlyphId::new(info.glyph_id),
                unit(position.x_advance),
                unit(position.x_offset),
                unit(position.y_offset),
                unit(position.y_advance),
                start..end,
                None,
            ));
        }
        Ok(Shaped {
            face,
            size,
            text: text.to_owned(),
            glyphs,
            ink_width,
            width,
        })
    }
}

impl Typeface {
    fn parse(bytes: &'static [u8]) -> Self {
        Self {
            shaper: rustybuzz::Face::from_slice(bytes, 0).expect("a bundled font parses"),
            font: Font::new(bytes.into(), 0).expect("a bundled font parses"),
        }
    }
}
