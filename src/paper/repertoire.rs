//! Which characters can be printed, for texts that strangers wrote.
//!
//! A letter that we write must be printable or is refused ([`super::PaperError::Unprintable`]); a
//! report about somebody else's words must not fail because of them. Invariant: what
//! [`Repertoire::printed`] returns can be printed in every face. Absent: look-alikes, and bidirectional
//! text, whose letters the fonts lack.

use super::font::Fonts;

/// The characters of the embedded typefaces.
pub struct Repertoire {
    fonts: Fonts,
}

impl Repertoire {
    /// Reads the typefaces.
    #[must_use]
    pub fn load() -> Self {
        Self {
            fonts: Fonts::load(),
        }
    }

    /// The text with each character that cannot be printed named as `‹U+5B57›`. Line feeds stay.
    #[must_use]
    pub fn printed(&self, text: &str) -> String {
        let mut printed = String::with_capacity(text.len());
        for letter in text.chars() {
            match letter {
                '\n' => printed.push(letter),
                '\u{27e8}' => printed.push('‹'),
                '\u{27e9}' => printed.push('›'),
                _ if self.fonts.cover(letter) => printed.push(letter),
                _ => printed.push_str(&format!("‹U+{:04X}›", u32::from(letter))),
            }
        }
        printed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_fonts_lack_is_named() {
        let repertoire = Repertoire::load();
        assert_eq!(
            repertoire.printed("Zoë Šťastná – 10 €\n字 ⟨U+202E⟩ \u{5d0}\u{1f9fe}\u{7}"),
            "Zoë Šťastná – 10 €\n‹U+5B57› ‹U+202E› ‹U+05D0›‹U+1F9FE›‹U+0007›"
        );
        let fonts = Fonts::load();
        for face in super::super::font::Face::ALL {
            assert!(fonts.shape(face, 11.0, "‹U+5B57›…–€").is_ok());
        }
    }
}
