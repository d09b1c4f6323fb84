//! What a report consists of. Data only.

use super::super::words::Both;
use super::printable;
use crate::cli::lang::Language;
use crate::paper::Drawing;

/// How something stands, for colour beside words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Proven.
    Good,
    /// Open, disputed or not proven.
    Doubtful,
    /// Wrong.
    Bad,
}

/// A stretch of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Span {
    /// Words of ours.
    Own(String),
    /// Words of ours that matter.
    Strong(String),
    /// How a check ended.
    Outcome(Standing, String),
    /// Words of strangers, made harmless.
    Foreign(String),
    /// Hashes and addresses.
    Code(String),
    /// A new line.
    Break,
}

/// Text of several stretches.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Words(pub Vec<Span>);

impl Words {
    /// Words of ours.
    pub(super) fn own(text: impl Into<String>) -> Self {
        Self(vec![Span::Own(text.into())])
    }

    /// Words of ours that matter.
    pub(super) fn strong(text: impl Into<String>) -> Self {
        Self(vec![Span::Strong(text.into())])
    }

    /// Words of strangers.
    pub(super) fn foreign(text: &str) -> Self {
        Self(vec![Span::Foreign(printable(text))])
    }

    /// Hashes and addresses.
    pub(super) fn code(text: impl Into<String>) -> Self {
        Self(vec![Span::Code(text.into())])
    }

    /// Both, one after the other.
    pub(super) fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// Both, the other on a new line.
    pub(super) fn below(mut self, other: Self) -> Self {
        self.0.push(Span::Break);
        self.and(other)
    }
}

/// A fact with its label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// What it is.
    pub label: &'static str,
    /// The fact.
    pub value: Words,
}

/// How a list counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listing {
    /// Its order matters.
    Numbered,
    /// Its order does not.
    Points,
}

/// A table's column.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Column {
    /// Its heading.
    pub heading: &'static str,
    /// Share of the width on paper.
    pub weight: f32,
}

/// A table. The first cell of a row names the row.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// What it shows.
    pub caption: &'static str,
    /// Columns, left to right.
    pub columns: Vec<Column>,
    /// Rows; each has a cell a column.
    pub rows: Vec<Vec<Words>>,
}

/// A part of a section.
#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    /// A heading below the section's.
    Heading(&'static str),
    /// A paragraph.
    Paragraph(Words),
    /// A paragraph that nobody may overlook.
    Warning(Words),
    /// Facts with labels.
    Fields(Vec<Field>),
    /// A list.
    List(Listing, Vec<Words>),
    /// What a stranger wrote, paragraph by paragraph.
    Quote(Vec<Words>),
    /// A table.
    Table(Table),
    /// A drawing.
    Drawing(Drawing),
}

/// A section.
#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    /// Its heading.
    pub title: &'static str,
    /// Its parts.
    pub blocks: Vec<Block>,
}

impl Section {
    pub(super) fn new(lang: Language, title: Both, blocks: Vec<Block>) -> Self {
        let title = title.pick(lang);
        Self { title, blocks }
    }
}

/// Facts that are gathered.
pub(super) struct Fields {
    lang: Language,
    fields: Vec<Field>,
}

impl Fields {
    pub(super) fn new(lang: Language) -> Self {
        let fields = Vec::new();
        Self { lang, fields }
    }

    pub(super) fn add(&mut self, label: Both, value: Words) {
        let label = label.pick(self.lang);
        match self.fields.last_mut() {
            // Without a label of its own it belongs to the one before.
            Some(last) if label.is_empty() => {
                last.value = std::mem::take(&mut last.value).below(value);
            }
            _ => self.fields.push(Field { label, value }),
        }
    }

    pub(super) fn block(self) -> Block {
        Block::Fields(self.fields)
    }
}
