//! The report as an accessible PDF, by the machinery that prints letters ([`crate::paper`]).
//!
//! Invariant: no text in an evidence file keeps the report from being written; what the embedded
//! fonts lack is named by its code point. Specification: PDF/UA-1 and PDF/A-2a, as far as
//! [`crate::paper`] holds them.

use super::document::{Block, Document, Listing, Span, Table, Words};
use crate::calendar::calendar_day;
use crate::cli::lang;
use crate::paper::{
    self, Alignment, Letterhead, Numbering, PaperError, Properties, Repertoire, Text,
};

const PROGRAM: &str = "Mein Postfach";

/// Writes the file.
///
/// # Errors
/// A fault of the PDF library or of ours; never the text.
pub fn pdf(document: &Document) -> Result<Vec<u8>, PaperError> {
    let repertoire = Repertoire::load();
    let made = lang::date_time(document.lang, document.made);
    let head = Letterhead {
        name: PROGRAM.to_owned(),
        office: lang::text!(
            document.lang,
            "Prüfung eines Nachweises",
            "Verified evidence"
        ),
        lines: vec![made, format!("postfach {}", env!("CARGO_PKG_VERSION"))],
    };
    let properties = Properties {
        title: document.title.clone(),
        author: PROGRAM.to_owned(),
        language: document.lang,
        date: calendar_day(document.made),
    };
    let mut sheet = paper::Document::new(properties, head).heading(1, &document.title);
    for line in &document.verdict {
        sheet = sheet.paragraph(text(&repertoire, line));
    }
    for section in &document.sections {
        sheet = sheet.heading(2, section.title);
        for block in &section.blocks {
            sheet = place(sheet, &repertoire, block);
        }
    }
    sheet.finish()
}

fn place(sheet: paper::Document, repertoire: &Repertoire, block: &Block) -> paper::Document {
    match block {
        Block::Heading(title) => sheet.heading(3, *title),
        Block::Paragraph(words) => sheet.paragraph(text(repertoire, words)),
        Block::Warning(words) => {
            sheet.paragraph(append(Text::default().bold("! "), repertoire, words))
        }
        Block::Fields(fields) => fields.iter().fold(sheet, |sheet, field| {
            let label = Text::default().bold(format!("{}: ", field.label));
            sheet.paragraph(append(label, repertoire, &field.value))
        }),
        Block::List(listing, items) => {
            let numbering = match listing {
                Listing::Numbered => Numbering::Decimal,
                Listing::Points => Numbering::Bullets,
            };
            sheet.list(numbering, items.iter().map(|item| text(repertoire, item)))
        }
        Block::Quote(paragraphs) => paragraphs.iter().fold(sheet, |sheet, words| {
            sheet.paragraph(append(Text::from("│ "), repertoire, words))
        }),
        Block::Table(table) => sheet.table(rows(repertoire, table)),
        Block::Drawing(drawing) => sheet.drawing(drawing.clone()),
    }
}

fn rows(repertoire: &Repertoire, table: &Table) -> paper::Table {
    let columns = table.columns.iter().map(|column| paper::Column {
        heading: column.heading.to_owned(),
        weight: column.weight,
        alignment: Alignment::Left,
    });
    let row = |row: &Vec<Words>| row.iter().map(|cell| text(repertoire, cell)).collect();
    paper::Table {
        summary: table.caption.to_owned(),
        columns: columns.collect(),
        rows: table.rows.iter().map(row).collect(),
        total: None,
    }
}

fn text(repertoire: &Repertoire, words: &Words) -> Text {
    append(Text::default(), repertoire, words)
}

fn append(text: Text, repertoire: &Repertoire, words: &Words) -> Text {
    words.0.iter().fold(text, |text, span| match span {
        Span::Own(words) | Span::Foreign(words) => text.plain(repertoire.printed(words)),
        Span::Strong(words) | Span::Outcome(_, words) => text.bold(repertoire.printed(words)),
        Span::Code(words) => text.mono(repertoire.printed(words)),
        Span::Break => text.plain("\n"),
    })
}
