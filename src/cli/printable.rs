//! Texts that strangers wrote, made harmless for a terminal.
//!
//! Names, subjects and file names come from files and servers. A terminal obeys control characters
//! in them (move, erase, colour, even answer), and the bidirectional overrides let a text read
//! differently than it is ("Trojan Source", CVE-2021-42574). Invariant: what these functions
//! return has none of either, and shows where one stood. Absent: judgement on letters that merely
//! look alike.

/// One line: every character that a terminal would obey or hide appears as `⟨U+202E⟩`.
#[must_use]
pub fn printable(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for letter in text.chars() {
        if is_unprintable(letter) {
            line.push_str(&format!("⟨U+{:04X}⟩", u32::from(letter)));
        } else {
            line.push(letter);
        }
    }
    line
}

/// The lines of a longer text, each [`printable`]; tabs become spaces.
pub fn printable_lines(text: &str) -> impl Iterator<Item = String> {
    text.lines()
        .map(|line| printable(&line.replace('\t', "    ")))
}

/// Writes such characters in JSON text as `\uXXXX`, which means the same to every reader of JSON.
///
/// They stand in strings only: outside of strings JSON has no such characters.
#[must_use]
pub fn printable_json(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for letter in json.chars() {
        if is_unprintable(letter) {
            for unit in letter.encode_utf16(&mut [0; 2]) {
                text.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            text.push(letter);
        }
    }
    text
}

/// Controls (Cc), line and paragraph separators, bidirectional controls (UAX #9, section 2) and
/// characters that take no room. Joiners inside words and emoji (U+200C, U+200D) stay.
fn is_unprintable(letter: char) -> bool {
    letter.is_control()
        || matches!(letter,
            '\u{00ad}' | '\u{061c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn controls_and_overrides_are_shown_not_obeyed() {
        let hostile = "Rechnung\u{202e}fdp.exe\x1b[2J\u{9b}1m\r\nok";
        assert_eq!(
            printable(hostile),
            "Rechnung⟨U+202E⟩fdp.exe⟨U+001B⟩[2J⟨U+009B⟩1m⟨U+000D⟩⟨U+000A⟩ok"
        );
        assert_eq!(printable("Größe – 10 € ✓ 👩‍🏭"), "Größe – 10 € ✓ 👩‍🏭");
    }

    #[test]
    fn longer_texts_keep_their_lines() {
        let lines: Vec<_> = printable_lines("a\tb\r\nc\rd\n").collect();
        assert_eq!(lines, ["a    b", "c⟨U+000D⟩d"]);
    }

    #[test]
    fn json_means_the_same() {
        let value = "a\u{202e}b\u{9b}c\u{e0041}\n";
        let json = printable_json(&serde_json::to_string(value).unwrap());
        assert_eq!(json, r#""a\u202eb\u009bc\udb40\udc41\n""#);
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), value);
    }
}
