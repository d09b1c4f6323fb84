//! Drawings: shapes placed as they are, as one figure that is never split.

use super::{BOX_GAP, Layouter};
use crate::paper::PaperError;
use crate::paper::drawing::{Anchor, Drawing, Shape, Tone, Weight};
use crate::paper::font::Face;
use crate::paper::geometry::LEFT;
use crate::paper::structure::{Ink, Mark, Owner, Role, Structure};

impl Layouter<'_> {
    pub(super) fn drawing(&mut self, drawing: &Drawing) -> Result<(), PaperError> {
        self.whole(drawing.height + BOX_GAP)?;
        let top = self.y;
        let marks = drawing
            .shapes
            .iter()
            .map(|shape| self.mark(shape, top))
            .collect::<Result<Vec<_>, _>>()?;
        let role = Role::Figure {
            alternative: drawing.alternative.clone(),
        };
        let figure = self.structure.add(Structure::ROOT, role);
        self.place(Owner::Node(figure), marks);
        self.y = top + drawing.height + BOX_GAP;
        self.at_top = false;
        Ok(())
    }

    fn mark(&self, shape: &Shape, top: f32) -> Result<Mark, PaperError> {
        Ok(match shape {
            Shape::Bar {
                rect: [x, y, width, height],
                tone,
            } => Mark::Fill {
                rect: [LEFT + x, top + y, *width, *height],
                ink: ink(*tone),
            },
            Shape::Dot {
                centre: [x, y],
                radius,
                tone,
            } => Mark::Dot {
                x: LEFT + x,
                y: top + y,
                radius: *radius,
                ink: ink(*tone),
            },
            Shape::Words {
                at: [x, y],
                anchor,
                size,
                weight,
                tone,
                text,
            } => {
                let face = match weight {
                    Weight::Regular => Face::Regular,
                    Weight::Bold => Face::Bold,
                };
                let shaped = self.fonts.shape(face, *size, text)?;
                let before = match anchor {
                    Anchor::Start => 0.0,
                    Anchor::Middle => shaped.ink_width / 2.0,
                };
                Mark::Text {
                    x: LEFT + x - before,
                    y: top + y,
                    ink: ink(*tone),
                    shaped,
                }
            }
        })
    }
}

fn ink(tone: Tone) -> Ink {
    match tone {
        Tone::Black => Ink::Black,
        Tone::Accent => Ink::Accent,
        Tone::Grey => Ink::Rule,
        Tone::Pale => Ink::Tint,
    }
}
