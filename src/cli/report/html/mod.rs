//! The report as one HTML file that opens anywhere and fetches nothing.
//!
//! Invariants: every text goes through the template engine's escaping, since nothing but the style
//! sheet below is marked as written; the Content-Security-Policy allows that style sheet by its
//! hash and nothing else, so even a fault of ours could not run a script or load a picture.
//! Absent: scripts, links, fonts, colours that alone say something. Specification: HTML (WHATWG),
//! CSP Level 3, WCAG 2.2 AA.

mod drawing;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html as markup};
use sha2::{Digest, Sha256};

use super::document::{Block, Document, Field, Listing, Section, Span, Standing, Table, Words};
use crate::paper::Language;

/// The only text that is not escaped; it has no `<`.
const STYLE: &str = include_str!("style.css");

/// The file.
#[must_use]
pub fn html(document: &Document) -> String {
    let lang = match document.lang {
        Language::German => "de",
        Language::English => "en",
    };
    let page = markup! {
        (DOCTYPE)
        html lang=(lang) {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy());
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="referrer" content="no-referrer";
                title { (document.title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                main {
                    h1 { (document.title) }
                    div.verdict.(class(document.standing)) {
                        @for line in &document.verdict { p { (words(line)) } }
                    }
                    @for (number, section) in document.sections.iter().enumerate() {
                        (self::section(number + 1, section))
                    }
                }
            }
        }
    };
    page.into_string()
}

/// Nothing is loaded, sent or framed; the one style sheet is known by its hash.
fn policy() -> String {
    let hash = STANDARD.encode(Sha256::digest(STYLE));
    format!("default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'")
}

fn section(number: usize, section: &Section) -> Markup {
    let id = format!("s{number}");
    markup! {
        section aria-labelledby=(id) {
            h2 id=(id) { (section.title) }
            @for (place, block) in section.blocks.iter().enumerate() {
                (self::block(&format!("{id}-{place}"), block))
            }
        }
    }
}

fn block(id: &str, block: &Block) -> Markup {
    match block {
        Block::Heading(title) => markup! { h3 { (title) } },
        Block::Paragraph(text) => markup! { p { (words(text)) } },
        Block::Warning(text) => markup! { p.warning { (words(text)) } },
        Block::Fields(fields) => self::fields(fields),
        Block::List(Listing::Numbered, items) => markup! { ol { (self::items(items)) } },
        Block::List(Listing::Points, items) => markup! { ul { (self::items(items)) } },
        Block::Quote(paragraphs) => markup! {
            blockquote { @for text in paragraphs { p { (words(text)) } } }
        },
        Block::Table(table) => self::table(table),
        Block::Drawing(drawing) => drawing::figure(id, drawing),
    }
}

fn fields(fields: &[Field]) -> Markup {
    markup! {
        dl {
            @for field in fields {
                dt { (field.label) }
                dd { (words(&field.value)) }
            }
        }
    }
}

fn items(items: &[Words]) -> Markup {
    markup! { @for item in items { li { (words(item)) } } }
}

fn table(table: &Table) -> Markup {
    markup! {
        table {
            caption { (table.caption) }
            thead { tr { @for column in &table.columns { th scope="col" { (column.heading) } } } }
            tbody {
                @for row in &table.rows {
                    tr {
                        @for (place, cell) in row.iter().enumerate() {
                            @if place == 0 { th scope="row" { (words(cell)) } }
                            @else { td { (words(cell)) } }
                        }
                    }
                }
            }
        }
    }
}

fn words(words: &Words) -> Markup {
    markup! {
        @for span in &words.0 {
            @match span {
                Span::Own(text) => (text),
                Span::Strong(text) => strong { (text) },
                Span::Outcome(standing, text) => strong.(class(*standing)) { (text) },
                // Letters that run from right to left order nothing outside.
                Span::Foreign(text) => bdi { (text) },
                Span::Code(text) => code { (text) },
                Span::Break => br;
            }
        }
    }
}

fn class(standing: Standing) -> &'static str {
    match standing {
        Standing::Good => "good",
        Standing::Doubtful => "doubtful",
        Standing::Bad => "bad",
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_style_sheet_is_no_markup() {
        assert!(!super::STYLE.contains('<'));
        assert!(!super::STYLE.contains("url(") && !super::STYLE.contains("@import"));
    }
}
