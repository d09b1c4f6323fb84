//! Tables: columns by weight, amounts flush right, the heading row again on every page.

use krilla::tagging::ArtifactType;

use super::{BOX_GAP, Layouter, line_marks};
use crate::paper::document::{Alignment, Table};
use crate::paper::geometry::{BODY_SIZE, BODY_WIDTH, LEFT, ascent, leading};
use crate::paper::structure::{Ink, Mark, NodeId, Owner, Role, Structure};
use crate::paper::text::Line;
use crate::paper::{PaperError, Text};

const PAD_X: f32 = 5.0;
const PAD_Y: f32 = 3.0;
const HAIRLINE: f32 = 0.5;
const TOTAL_RULE: f32 = 1.2;

/// One row's cells as lines, with the row's height.
struct Row {
    cells: Vec<Vec<Line>>,
    height: f32,
}

impl Layouter<'_> {
    pub(super) fn table(&mut self, table: &Table) -> Result<(), PaperError> {
        let widths = widths(table);
        let head = self.head_row(table, &widths)?;
        let mut rows = Vec::with_capacity(table.rows.len() + 1);
        for cells in &table.rows {
            rows.push(self.row(cells.clone(), &widths)?);
        }
        let total = match &table.total {
            Some(cells) => {
                Some(self.row(cells.iter().cloned().map(Text::all_bold).collect(), &widths)?)
            }
            None => None,
        };

        let node = self.structure.add(
            Structure::ROOT,
            Role::Table {
                summary: table.summary.clone(),
            },
        );
        let thead = self.structure.add(node, Role::TableHead);
        let tbody = self.structure.add(node, Role::TableBody);
        self.whole(head.height + rows.first().map_or(0.0, |row| row.height))?;
        let owners = self.cells(thead, &Role::HeadCell, head.cells.len());
        self.draw_head(table, &head, &widths, &owners);
        let last = rows.len();
        for (index, row) in rows.iter().chain(&total).enumerate() {
            if !self.fits(row.height) {
                self.turn_page();
                if !self.fits(head.height + row.height) {
                    return Err(PaperError::TallerThanPage);
                }
                let repeated = vec![Owner::Artifact(ArtifactType::Header); head.cells.len()];
                self.draw_head(table, &head, &widths, &repeated);
            }
            if index == last {
                self.decorate(
                    [LEFT, self.y - TOTAL_RULE, BODY_WIDTH, TOTAL_RULE],
                    Ink::Accent,
                );
            }
            let owners = self.cells(tbody, &Role::Cell, row.cells.len());
            self.draw_row(table, row, &widths, &owners);
            self.decorate([LEFT, self.y - HAIRLINE, BODY_WIDTH, HAIRLINE], Ink::Rule);
        }
        self.y += BOX_GAP;
        Ok(())
    }

    /// Height of what must not part from a heading above: the heading row and the first row.
    pub(super) fn table_lead(&self, table: &Table) -> Result<f32, PaperError> {
        let widths = widths(table);
        let first = table.rows.first().cloned().unwrap_or_default();
        Ok(self.head_row(table, &widths)?.height + self.row(first, &widths)?.height)
    }

    fn head_row(&self, table: &Table, widths: &[f32]) -> Result<Row, PaperError> {
        self.row(
            table
                .columns
                .iter()
                .map(|column| Text::default().bold(&column.heading))
                .collect(),
            widths,
        )
    }

    fn row(&self, mut cells: Vec<Text>, widths: &[f32]) -> Result<Row, PaperError> {
        cells.resize(widths.len(), Text::default());
        let cells = cells
            .iter()
            .zip(widths)
            .map(|(text, width)| self.lines(text, BODY_SIZE, width - 2.0 * PAD_X))
            .collect::<Result<Vec<_>, _>>()?;
        let tallest = cells.iter().map(Vec::len).max().unwrap_or(0).max(1);
        Ok(Row {
            cells,
            height: tallest as f32 * leading(BODY_SIZE) + 2.0 * PAD_Y,
        })
    }

    fn cells(&mut self, parent: NodeId, role: &Role, count: usize) -> Vec<Owner> {
        let row = self.structure.add(parent, Role::Row);
        (0..count)
            .map(|_| Owner::Node(self.structure.add(row, role.clone())))
            .collect()
    }

    fn draw_head(&mut self, table: &Table, head: &Row, widths: &[f32], owners: &[Owner]) {
        self.decorate([LEFT, self.y, BODY_WIDTH, head.height], Ink::Tint);
        self.draw_row(table, head, widths, owners);
        self.decorate([LEFT, self.y - HAIRLINE, BODY_WIDTH, HAIRLINE], Ink::Accent);
    }

    fn draw_row(&mut self, table: &Table, row: &Row, widths: &[f32], owners: &[Owner]) {
        let mut left = LEFT;
        for (((lines, width), column), owner) in
            row.cells.iter().zip(widths).zip(&table.columns).zip(owners)
        {
            for (index, line) in lines.iter().enumerate() {
                let x = match column.alignment {
                    Alignment::Left => left + PAD_X,
                    Alignment::Right => left + width - PAD_X - line.width(),
                };
                let y = self.y + PAD_Y + index as f32 * leading(BODY_SIZE) + ascent(BODY_SIZE);
                let marks: Vec<Mark> = line_marks(line, x, y, Ink::Black);
                self.place(*owner, marks);
            }
            left += width;
        }
        self.y += row.height;
        self.at_top = false;
    }
}

fn widths(table: &Table) -> Vec<f32> {
    let whole: f32 = table.columns.iter().map(|column| column.weight).sum();
    table
        .columns
        .iter()
        .map(|column| BODY_WIDTH * column.weight / whole)
        .collect()
}
