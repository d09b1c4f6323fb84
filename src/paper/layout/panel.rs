//! Codes to be typed, and the framed box that sets one beside its QR code.

use super::{BOX_GAP, Layouter, PARAGRAPH_GAP, line_marks};
use crate::paper::document::{Code, Panel};
use crate::paper::geometry::{BODY_SIZE, BODY_WIDTH, LEFT, ascent, leading};
use crate::paper::qr::Symbol;
use crate::paper::structure::{Ink, Mark, Owner, Role, Structure};
use crate::paper::text::Line;
use crate::paper::{PaperError, Text};

const PAD: f32 = 12.0;
const FRAME: f32 = 1.2;
/// Print size of groups to be typed, and of groups to be compared.
const TYPED_SIZE: f32 = 18.0;
const COMPARED_SIZE: f32 = 11.0;

/// A panel's parts, measured.
struct Measured {
    label: Vec<Line>,
    code: Vec<Line>,
    notes: Vec<Vec<Line>>,
    symbol: Symbol,
    caption: Vec<Line>,
    height: f32,
}

impl Layouter<'_> {
    pub(super) fn panel(&mut self, panel: &Panel) -> Result<(), PaperError> {
        let measured = self.measure(panel)?;
        self.whole(measured.height + BOX_GAP)?;
        let (top, height) = (self.y, measured.height);
        for rect in [
            [LEFT, top, BODY_WIDTH, FRAME],
            [LEFT, top + height - FRAME, BODY_WIDTH, FRAME],
            [LEFT, top, FRAME, height],
            [LEFT + BODY_WIDTH - FRAME, top, FRAME, height],
        ] {
            self.decorate(rect, Ink::Accent);
        }

        self.y = top + PAD;
        self.stack(&measured.label, BODY_SIZE, Ink::Accent);
        self.y += PARAGRAPH_GAP;
        self.stack(&measured.code, TYPED_SIZE, Ink::Black);
        self.y += PARAGRAPH_GAP;
        for note in &measured.notes {
            self.stack(note, BODY_SIZE, Ink::Black);
            self.y += PARAGRAPH_GAP;
        }

        let Symbol { side, quiet, .. } = measured.symbol;
        let x = LEFT + BODY_WIDTH - quiet - side - FRAME;
        let figure = self.structure.add(
            Structure::ROOT,
            Role::Figure {
                alternative: panel.qr.alternative.clone(),
            },
        );
        let y = top + quiet + FRAME;
        self.place(
            Owner::Node(figure),
            vec![Mark::Qr {
                x,
                y,
                symbol: measured.symbol,
            }],
        );
        let caption = self.structure.add(Structure::ROOT, Role::Paragraph);
        for (index, line) in measured.caption.iter().enumerate() {
            let baseline = y + side + quiet + index as f32 * leading(BODY_SIZE) + ascent(BODY_SIZE);
            let centred = x + (side - line.width()) / 2.0;
            self.place(
                Owner::Node(caption),
                line_marks(line, centred, baseline, Ink::Black),
            );
        }
        self.y = top + height + BOX_GAP;
        Ok(())
    }

    pub(super) fn panel_height(&self, panel: &Panel) -> Result<f32, PaperError> {
        Ok(self.measure(panel)?.height)
    }

    /// Groups to be compared, below their label.
    pub(super) fn code(&mut self, code: &Code) -> Result<(), PaperError> {
        self.whole(self.code_height(code)?)?;
        let label = self.lines(&Text::default().bold(&code.label), BODY_SIZE, BODY_WIDTH)?;
        let lines = self.lines(&grouped(code), COMPARED_SIZE, BODY_WIDTH)?;
        self.stack_at(&label, LEFT, BODY_SIZE, Ink::Black);
        self.stack_at(&lines, LEFT, COMPARED_SIZE, Ink::Black);
        self.y += PARAGRAPH_GAP;
        Ok(())
    }

    pub(super) fn code_height(&self, code: &Code) -> Result<f32, PaperError> {
        let label = self
            .lines(&Text::default().bold(&code.label), BODY_SIZE, BODY_WIDTH)?
            .len() as f32;
        let lines = self.lines(&grouped(code), COMPARED_SIZE, BODY_WIDTH)?.len() as f32;
        Ok(label * leading(BODY_SIZE) + lines * leading(COMPARED_SIZE) + PARAGRAPH_GAP)
    }

    fn measure(&self, panel: &Panel) -> Result<Measured, PaperError> {
        let symbol = Symbol::encode(&panel.qr.content)?;
        let right = symbol.side + 2.0 * symbol.quiet + FRAME;
        let width = BODY_WIDTH - PAD - right;
        let label = self.lines(&Text::default().bold(&panel.code.label), BODY_SIZE, width)?;
        let code = self.lines(&grouped(&panel.code), TYPED_SIZE, width)?;
        let notes = panel
            .notes
            .iter()
            .map(|note| self.lines(note, BODY_SIZE, width))
            .collect::<Result<Vec<_>, _>>()?;
        let caption = self.lines(&Text::from(&panel.qr.caption), BODY_SIZE, symbol.side)?;

        let tall = |lines: &[Line], size: f32| lines.len() as f32 * leading(size);
        let left = 2.0 * PAD
            + tall(&label, BODY_SIZE)
            + tall(&code, TYPED_SIZE)
            + notes
                .iter()
                .map(|note| tall(note, BODY_SIZE) + PARAGRAPH_GAP)
                .sum::<f32>()
            + PARAGRAPH_GAP;
        let picture = FRAME + 2.0 * symbol.quiet + symbol.side + tall(&caption, BODY_SIZE) + PAD;
        Ok(Measured {
            label,
            code,
            notes,
            symbol,
            caption,
            height: left.max(picture),
        })
    }

    fn stack(&mut self, lines: &[Line], size: f32, ink: Ink) {
        self.stack_at(lines, LEFT + PAD, size, ink);
    }

    fn stack_at(&mut self, lines: &[Line], x: f32, size: f32, ink: Ink) {
        let node = self.structure.add(Structure::ROOT, Role::Paragraph);
        for line in lines {
            self.place_line(Owner::Node(node), line, x, size, ink);
        }
    }
}

/// The groups as monospaced lines. The last line has no line feed, so no empty line follows.
fn grouped(code: &Code) -> Text {
    let lines: Vec<String> = code
        .groups
        .chunks(code.per_line.max(1))
        .map(|groups| groups.join(" "))
        .collect();
    Text::default().mono(lines.join("\n"))
}
