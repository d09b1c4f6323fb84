//! From blocks to sheets: a cursor that moves down the page and turns it when full.
//!
//! Headings stay with what follows, paragraphs never leave one line alone, rows and panels are
//! never split. Text is never clipped and never overlaps: what cannot fit is an error.

mod drawing;
mod front;
mod panel;
mod table;

use krilla::tagging::ArtifactType;

use super::document::{Block, Document, Numbering};
use super::font::Fonts;
use super::geometry::{
    BODY_BOTTOM, BODY_SIZE, BODY_WIDTH, HEADING_SIZES, LATER_BODY_TOP, LEFT, ascent, leading,
};
use super::structure::{
    Bookmark, Ink, Mark, NodeId, Owner, Placed, Role, Sheet, Sheets, Structure,
};
use super::text::{self, Line};
use super::{PaperError, Text};

/// Space below a paragraph, a list item, a box.
const PARAGRAPH_GAP: f32 = 6.0;
const ITEM_GAP: f32 = 3.0;
const BOX_GAP: f32 = 10.0;
/// Space above headings, by level, and below them.
const HEADING_ABOVE: [f32; 3] = [6.0, 9.0, 6.0];
const HEADING_BELOW: f32 = 4.0;
/// Where a list's text starts.
const LIST_INDENT: f32 = 20.0;
/// Paragraphs up to this many lines stay whole; longer ones leave at least two on each side.
const WHOLE_LINES: usize = 3;

pub(super) struct Layouter<'a> {
    fonts: &'a Fonts,
    document: &'a Document,
    structure: Structure,
    pages: Vec<Sheet>,
    bookmarks: Vec<Bookmark>,
    /// Top of what comes next.
    y: f32,
    /// Nothing of the text stands above the cursor on this page.
    at_top: bool,
}

impl<'a> Layouter<'a> {
    pub(super) fn new(fonts: &'a Fonts, document: &'a Document) -> Self {
        let pages = vec![Sheet::default()];
        Self {
            fonts,
            document,
            structure: Structure::new(),
            pages,
            bookmarks: Vec::new(),
            y: 0.0,
            at_top: true,
        }
    }

    pub(super) fn run(mut self) -> Result<Sheets, PaperError> {
        self.y = self.front_page()?;
        let blocks = &self.document.blocks;
        for (index, block) in blocks.iter().enumerate() {
            match block {
                Block::Heading(level, title) => {
                    self.heading(*level, title, blocks.get(index + 1))?;
                }
                Block::Paragraph(text) => self.paragraph(text)?,
                Block::List(numbering, items) => self.list(*numbering, items)?,
                Block::Table(table) => self.table(table)?,
                Block::Panel(panel) => self.panel(panel)?,
                Block::Code(code) => self.code(code)?,
                Block::Drawing(drawing) => self.drawing(drawing)?,
                Block::PageBreak => self.turn_page(),
            }
        }
        self.running_lines()?;
        Ok(Sheets {
            pages: self.pages,
            structure: self.structure,
            bookmarks: self.bookmarks,
        })
    }

    fn heading(&mut self, level: u16, title: &str, next: Option<&Block>) -> Result<(), PaperError> {
        let rank = usize::from(level - 1);
        let size = HEADING_SIZES[rank];
        let lines = self.lines(&Text::default().bold(title), size, BODY_WIDTH)?;
        let above = if self.at_top {
            0.0
        } else {
            HEADING_ABOVE[rank]
        };
        let height = lines.len() as f32 * leading(size) + HEADING_BELOW;
        let lead = next.map_or(Ok(0.0), |block| self.lead_height(block))?;
        if !self.fits(above + height + lead) {
            self.turn_page();
        } else {
            self.y += above;
        }
        let node = self.structure.add(
            Structure::ROOT,
            Role::Heading {
                level,
                title: title.to_owned(),
            },
        );
        self.bookmarks.push(Bookmark {
            level,
            title: title.to_owned(),
            page: self.pages.len() - 1,
            top: self.y,
        });
        let ink = if level == 1 { Ink::Black } else { Ink::Accent };
        for line in lines {
            self.place_line(Owner::Node(node), &line, LEFT, size, ink);
        }
        self.y += HEADING_BELOW;
        Ok(())
    }

    /// What must stand on the same page as the heading above it.
    fn lead_height(&self, block: &Block) -> Result<f32, PaperError> {
        let lines = |count: usize| count as f32 * leading(BODY_SIZE);
        Ok(match block {
            Block::Heading(..) => lines(WHOLE_LINES + 1),
            Block::Paragraph(text) => lines(
                self.lines(text, BODY_SIZE, BODY_WIDTH)?
                    .len()
                    .min(WHOLE_LINES),
            ),
            Block::List(..) => lines(WHOLE_LINES),
            Block::Table(table) => self.table_lead(table)?,
            Block::Panel(panel) => self.panel_height(panel)?,
            Block::Code(code) => self.code_height(code)?,
            Block::Drawing(drawing) => drawing.height,
            Block::PageBreak => 0.0,
        })
    }

    fn paragraph(&mut self, text: &Text) -> Result<(), PaperError> {
        let node = self.structure.add(Structure::ROOT, Role::Paragraph);
        let lines = self.lines(text, BODY_SIZE, BODY_WIDTH)?;
        self.open(lines.len(), BODY_SIZE);
        self.flow(node, &lines, LEFT);
        self.y += PARAGRAPH_GAP;
        Ok(())
    }

    fn list(&mut self, numbering: Numbering, items: &[Text]) -> Result<(), PaperError> {
        let role = match numbering {
            Numbering::Decimal => Role::NumberedList,
            Numbering::Bullets => Role::BulletList,
        };
        let list = self.structure.add(Structure::ROOT, role);
        for (index, text) in items.iter().enumerate() {
            let item = self.structure.add(list, Role::Item);
            let label = self.structure.add(item, Role::Label);
            let body = self.structure.add(item, Role::Body);
            let sign = match numbering {
                Numbering::Decimal => format!("{}. ", index + 1),
                Numbering::Bullets => "• ".to_owned(),
            };
            let lines = self.lines(text, BODY_SIZE, BODY_WIDTH - LIST_INDENT)?;
            self.open(lines.len(), BODY_SIZE);
            let top = self.y;
            for line in self.lines(&Text::default().bold(sign), BODY_SIZE, LIST_INDENT)? {
                self.place_line(
                    Owner::Node(label),
                    &line,
                    LEFT + 4.0,
                    BODY_SIZE,
                    Ink::Accent,
                );
            }
            self.y = top;
            self.flow(body, &lines, LEFT + LIST_INDENT);
            self.y += ITEM_GAP;
        }
        self.y += PARAGRAPH_GAP - ITEM_GAP;
        Ok(())
    }

    /// Turns the page unless enough of a text of `count` lines fits below the cursor.
    fn open(&mut self, count: usize, size: f32) {
        let needed = if count <= WHOLE_LINES { count } else { 2 };
        if !self.fits(needed as f32 * leading(size)) {
            self.turn_page();
        }
    }

    /// Places lines of body text, turning pages; never one line alone on either side.
    fn flow(&mut self, node: NodeId, lines: &[Line], x: f32) {
        for (index, line) in lines.iter().enumerate() {
            let left = lines.len() - index;
            let keep = if lines.len() > WHOLE_LINES && left == 2 {
                2
            } else {
                1
            };
            if !self.fits(keep as f32 * leading(BODY_SIZE)) {
                self.turn_page();
            }
            self.place_line(Owner::Node(node), line, x, BODY_SIZE, Ink::Black);
        }
    }

    fn lines(&self, text: &Text, size: f32, width: f32) -> Result<Vec<Line>, PaperError> {
        text::lines(self.fonts, text, size, width)
    }

    fn place_line(&mut self, owner: Owner, line: &Line, x: f32, size: f32, ink: Ink) {
        let marks = line_marks(line, x, self.y + ascent(size), ink);
        self.place(owner, marks);
        self.y += leading(size);
        self.at_top = false;
    }

    fn place(&mut self, owner: Owner, marks: Vec<Mark>) {
        if marks.is_empty() {
            return;
        }
        self.pages
            .last_mut()
            .expect("there is a first page")
            .placed
            .push(Placed { owner, marks });
    }

    fn decorate(&mut self, rect: [f32; 4], ink: Ink) {
        self.place(
            Owner::Artifact(ArtifactType::Layout),
            vec![Mark::Fill { rect, ink }],
        );
    }

    fn fits(&self, height: f32) -> bool {
        self.y + height <= BODY_BOTTOM
    }

    fn turn_page(&mut self) {
        self.pages.push(Sheet::default());
        self.y = LATER_BODY_TOP;
        self.at_top = true;
    }

    /// Goes to a place where a box of `height` fits whole.
    fn whole(&mut self, height: f32) -> Result<(), PaperError> {
        if !self.fits(height) {
            if LATER_BODY_TOP + height > BODY_BOTTOM {
                return Err(PaperError::TallerThanPage);
            }
            self.turn_page();
        }
        Ok(())
    }
}

/// The marks of one line whose baseline starts at (`x`, `y`).
fn line_marks(line: &Line, x: f32, y: f32, ink: Ink) -> Vec<Mark> {
    let mut at = x;
    let mut marks = Vec::with_capacity(line.stretches.len());
    for shaped in &line.stretches {
        marks.push(Mark::Text {
            x: at,
            y,
            ink,
            shaped: shaped.clone(),
        });
        at += shaped.width;
    }
    marks
}
