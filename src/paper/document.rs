//! The document as its author writes it: blocks in reading order, no positions.

use super::drawing::Drawing;
use super::font::Fonts;
use super::layout::Layouter;
use super::{Date, Language, PaperError, Text, render};

/// What the PDF says about itself.
#[derive(Debug, Clone)]
pub struct Properties {
    /// Title, shown by readers in place of the file name.
    pub title: String,
    /// Who wrote it.
    pub author: String,
    /// Language of the text.
    pub language: Language,
    /// Day of the document.
    pub date: Date,
}

/// Sender at the top of the first page.
#[derive(Debug, Clone)]
pub struct Letterhead {
    /// Name of the authority.
    pub name: String,
    /// Department; may be empty.
    pub office: String,
    /// Address and contact, right of the name; at most five.
    pub lines: Vec<String>,
}

/// First page of a letter for a window envelope (DIN 5008 form B, with fold marks).
#[derive(Debug, Clone)]
pub struct Letter {
    /// Sender on one line, small, above the address.
    pub return_line: String,
    /// Note above the address ("Förmliche Zustellung").
    pub note: Option<String>,
    /// Name and postal address, at most six lines.
    pub recipient: Vec<String>,
    /// Information block: label and value.
    pub information: Vec<(String, String)>,
}

/// How a list counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Numbering {
    /// 1. 2. 3.
    Decimal,
    /// Dots.
    Bullets,
}

/// Side on which a column's text is flush.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alignment {
    /// Words.
    Left,
    /// Amounts.
    Right,
}

/// A table column.
#[derive(Debug, Clone)]
pub struct Column {
    /// Its heading.
    pub heading: String,
    /// Share of the table's width, relative to the other columns.
    pub weight: f32,
    /// Flush side.
    pub alignment: Alignment,
}

/// A table; its heading row is repeated on every page it reaches. Rows are not split.
#[derive(Debug, Clone)]
pub struct Table {
    /// What it shows, in one sentence, for people who do not see it.
    pub summary: String,
    /// Columns, left to right.
    pub columns: Vec<Column>,
    /// Cells by row; missing cells are empty.
    pub rows: Vec<Vec<Text>>,
    /// A closing row in bold.
    pub total: Option<Vec<Text>>,
}

/// Groups of characters to be typed, in large monospaced print.
#[derive(Debug, Clone)]
pub struct Code {
    /// What it is.
    pub label: String,
    /// The groups, printed with a space between them.
    pub groups: Vec<String>,
    /// Groups on one line.
    pub per_line: usize,
}

/// A QR code, at least 38 mm wide, error correction M or better.
#[derive(Debug, Clone)]
pub struct QrFigure {
    /// Exactly what a scanner reads.
    pub content: String,
    /// What it is for, for people who do not see it.
    pub alternative: String,
    /// Line below it.
    pub caption: String,
}

/// A framed box: a code and a sentence at the left, a QR code at the right.
#[derive(Debug, Clone)]
pub struct Panel {
    /// The code.
    pub code: Code,
    /// Below the code.
    pub notes: Vec<Text>,
    /// At the right.
    pub qr: QrFigure,
}

#[derive(Debug, Clone)]
pub(super) enum Block {
    Heading(u16, String),
    Paragraph(Text),
    List(Numbering, Vec<Text>),
    Table(Table),
    Panel(Panel),
    Code(Code),
    Drawing(Drawing),
    PageBreak,
}

/// A document under construction.
#[derive(Debug, Clone)]
pub struct Document {
    pub(super) properties: Properties,
    pub(super) letterhead: Letterhead,
    pub(super) letter: Option<Letter>,
    pub(super) running_title: String,
    pub(super) footer: String,
    pub(super) blocks: Vec<Block>,
}

impl Document {
    /// An empty document. Its title is the running title of later pages until another is set.
    #[must_use]
    pub fn new(properties: Properties, letterhead: Letterhead) -> Self {
        let running_title = properties.title.clone();
        Self {
            properties,
            letterhead,
            letter: None,
            running_title,
            footer: String::new(),
            blocks: Vec::new(),
        }
    }

    /// Makes the first page a letter with address window and fold marks.
    #[must_use]
    pub fn letter(mut self, letter: Letter) -> Self {
        self.letter = Some(letter);
        self
    }

    /// Line at the top of every page but the first.
    #[must_use]
    pub fn running_title(mut self, text: impl Into<String>) -> Self {
        self.running_title = text.into();
        self
    }

    /// Line at the bottom of every page, left of the page number.
    #[must_use]
    pub fn footer(mut self, text: impl Into<String>) -> Self {
        self.footer = text.into();
        self
    }

    /// A heading, level 1 (once, first) to 3.
    #[must_use]
    pub fn heading(self, level: u16, text: impl Into<String>) -> Self {
        self.push(Block::Heading(level.clamp(1, 3), text.into()))
    }

    /// A paragraph. Line feeds in it end lines.
    #[must_use]
    pub fn paragraph(self, text: impl Into<Text>) -> Self {
        self.push(Block::Paragraph(text.into()))
    }

    /// A list.
    #[must_use]
    pub fn list<T: Into<Text>>(
        self,
        numbering: Numbering,
        items: impl IntoIterator<Item = T>,
    ) -> Self {
        self.push(Block::List(
            numbering,
            items.into_iter().map(Into::into).collect(),
        ))
    }

    /// A table.
    #[must_use]
    pub fn table(self, table: Table) -> Self {
        self.push(Block::Table(table))
    }

    /// A framed code with its QR code.
    #[must_use]
    pub fn panel(self, panel: Panel) -> Self {
        self.push(Block::Panel(panel))
    }

    /// Groups to compare or type, without a frame.
    #[must_use]
    pub fn code(self, code: Code) -> Self {
        self.push(Block::Code(code))
    }

    /// A drawing, on one page.
    #[must_use]
    pub fn drawing(self, drawing: Drawing) -> Self {
        self.push(Block::Drawing(drawing))
    }

    /// Goes on at the top of a new page.
    #[must_use]
    pub fn page_break(self) -> Self {
        self.push(Block::PageBreak)
    }

    fn push(mut self, block: Block) -> Self {
        self.blocks.push(block);
        self
    }

    /// Lays the document out and writes the PDF.
    ///
    /// # Errors
    /// Text the fonts lack, an address too long for the window, a row or panel taller than a page,
    /// a link too long for a QR code.
    pub fn finish(&self) -> Result<Vec<u8>, PaperError> {
        let fonts = Fonts::load();
        let sheets = Layouter::new(&fonts, self).run()?;
        render::pdf(&fonts, &self.properties, sheets)
    }
}
