//! What stands outside the text: letterhead, address window, information block, marks, page numbers.
//!
//! DIN 5008 form B. The return line, marks, running titles and page numbers are artifacts; the
//! sender, the address and the information block are read before the text.

use krilla::tagging::ArtifactType;

use super::{Layouter, line_marks};
use crate::paper::document::Letter;
use crate::paper::font::Face;
use crate::paper::geometry::{
    ADDRESS_LEADING, ADDRESS_LINES, ADDRESS_TOP, ADDRESS_WIDTH, BODY_SIZE, BODY_WIDTH, FOLD_MARKS,
    FOOTER_BASELINE, INFO_LEFT, INFO_TOP, INFO_WIDTH, LEFT, LETTER_BODY_TOP, LETTERHEAD_RULE,
    LETTERHEAD_TOP, NOTES_HEIGHT, PLAIN_BODY_TOP, PUNCH_MARK, RETURN_SIZE, RUNNING_BASELINE,
    SMALL_SIZE, ascent, leading, mm,
};
use crate::paper::structure::{Ink, Mark, Owner, Placed, Role, Structure};
use crate::paper::{Language, PaperError, Text};

/// Size of the sender's name.
const NAME_SIZE: f32 = 19.0;
/// Distance between a label of the information block and its value.
const LABEL_GAP: f32 = 8.0;
/// Blank between the information block and the text (DIN 5008).
const INFO_BELOW: f32 = mm(8.46);

impl Layouter<'_> {
    /// Draws the first page's head; returns where its text starts.
    pub(super) fn front_page(&mut self) -> Result<f32, PaperError> {
        self.letterhead()?;
        let top = match &self.document.letter {
            Some(letter) => {
                self.fold_marks();
                self.address(letter)?;
                LETTER_BODY_TOP.max(self.information(&letter.information)? + INFO_BELOW)
            }
            None => PLAIN_BODY_TOP,
        };
        self.at_top = true;
        Ok(top)
    }

    fn letterhead(&mut self) -> Result<(), PaperError> {
        let head = &self.document.letterhead;
        let sender = self.structure.add(Structure::ROOT, Role::Paragraph);
        self.y = LETTERHEAD_TOP;
        let width = INFO_LEFT - LEFT - LABEL_GAP;
        for line in self.lines(&Text::default().bold(&head.name), NAME_SIZE, width)? {
            self.place_line(Owner::Node(sender), &line, LEFT, NAME_SIZE, Ink::Accent);
        }
        for line in self.lines(&Text::from(&head.office), BODY_SIZE, width)? {
            self.place_line(Owner::Node(sender), &line, LEFT, BODY_SIZE, Ink::Black);
        }
        let contact = self.structure.add(Structure::ROOT, Role::Paragraph);
        self.y = LETTERHEAD_TOP;
        for line in self.lines(&Text::from(head.lines.join("\n")), BODY_SIZE, INFO_WIDTH)? {
            self.place_line(
                Owner::Node(contact),
                &line,
                INFO_LEFT,
                BODY_SIZE,
                Ink::Black,
            );
        }
        let top = self.y.max(LETTERHEAD_RULE);
        self.decorate([LEFT, top, BODY_WIDTH, 1.4], Ink::Accent);
        Ok(())
    }

    fn address(&mut self, letter: &Letter) -> Result<(), PaperError> {
        let note = self.fonts.shape(
            Face::Bold,
            BODY_SIZE,
            letter.note.as_deref().unwrap_or_default(),
        )?;
        let sender = self
            .fonts
            .shape(Face::Regular, RETURN_SIZE, &letter.return_line)?;
        let baseline = ADDRESS_TOP + mm(4.2);
        let line = vec![
            Mark::Fill {
                rect: [LEFT, baseline + 2.2, sender.ink_width, 0.4],
                ink: Ink::Rule,
            },
            Mark::Text {
                x: LEFT,
                y: baseline,
                ink: Ink::Black,
                shaped: sender,
            },
        ];
        self.place(Owner::Artifact(ArtifactType::Layout), line);
        if !note.text.is_empty() {
            let node = self.structure.add(Structure::ROOT, Role::Paragraph);
            let y = ADDRESS_TOP + NOTES_HEIGHT - mm(3.0);
            self.place(
                Owner::Node(node),
                vec![Mark::Text {
                    x: LEFT,
                    y,
                    ink: Ink::Black,
                    shaped: note,
                }],
            );
        }

        let lines = self.lines(
            &Text::from(letter.recipient.join("\n")),
            BODY_SIZE,
            ADDRESS_WIDTH,
        )?;
        if lines.len() > ADDRESS_LINES {
            return Err(PaperError::AddressTooLong {
                lines: lines.len(),
                limit: ADDRESS_LINES,
            });
        }
        let node = self.structure.add(Structure::ROOT, Role::Paragraph);
        for (index, line) in lines.iter().enumerate() {
            let top = ADDRESS_TOP + NOTES_HEIGHT + index as f32 * ADDRESS_LEADING;
            self.place(
                Owner::Node(node),
                line_marks(line, LEFT, top + ascent(BODY_SIZE), Ink::Black),
            );
        }
        Ok(())
    }

    /// Label and value side by side; returns the block's bottom.
    fn information(&mut self, rows: &[(String, String)]) -> Result<f32, PaperError> {
        let mut labels = Vec::with_capacity(rows.len());
        for (label, _) in rows {
            labels.push(
                self.fonts
                    .shape(Face::Regular, BODY_SIZE, &format!("{label}: "))?,
            );
        }
        let column = labels
            .iter()
            .map(|label| label.ink_width)
            .fold(0.0, f32::max)
            + LABEL_GAP;
        self.y = INFO_TOP;
        for (label, (_, value)) in labels.into_iter().zip(rows) {
            let node = self.structure.add(Structure::ROOT, Role::Paragraph);
            let y = self.y + ascent(BODY_SIZE);
            self.place(
                Owner::Node(node),
                vec![Mark::Text {
                    x: INFO_LEFT,
                    y,
                    ink: Ink::Black,
                    shaped: label,
                }],
            );
            for line in self.lines(&Text::default().bold(value), BODY_SIZE, INFO_WIDTH - column)? {
                self.place_line(
                    Owner::Node(node),
                    &line,
                    INFO_LEFT + column,
                    BODY_SIZE,
                    Ink::Black,
                );
            }
        }
        Ok(self.y)
    }

    fn fold_marks(&mut self) {
        let mark = |y: f32, width: f32| Mark::Fill {
            rect: [mm(4.0), y, width, 0.5],
            ink: Ink::Rule,
        };
        let marks = FOLD_MARKS
            .map(|y| mark(y, mm(4.0)))
            .into_iter()
            .chain([mark(PUNCH_MARK, mm(6.0))])
            .collect();
        self.place(Owner::Artifact(ArtifactType::Page), marks);
    }

    /// Running titles and page numbers, once the number of pages is known.
    pub(super) fn running_lines(&mut self) -> Result<(), PaperError> {
        let count = self.pages.len();
        for index in 0..count {
            let number = match self.document.properties.language {
                Language::German => format!("Seite {} von {count}", index + 1),
                Language::English => format!("Page {} of {count}", index + 1),
            };
            let number = self.fonts.shape(Face::Regular, SMALL_SIZE, &number)?;
            let x = LEFT + BODY_WIDTH - number.ink_width;
            let footer = self
                .fonts
                .shape(Face::Regular, SMALL_SIZE, &self.document.footer)?;
            let rule = FOOTER_BASELINE - leading(SMALL_SIZE) - 2.0;
            let below = vec![
                Mark::Fill {
                    rect: [LEFT, rule, BODY_WIDTH, 0.5],
                    ink: Ink::Rule,
                },
                Mark::Text {
                    x: LEFT,
                    y: FOOTER_BASELINE,
                    ink: Ink::Black,
                    shaped: footer,
                },
                Mark::Text {
                    x,
                    y: FOOTER_BASELINE,
                    ink: Ink::Black,
                    shaped: number,
                },
            ];
            self.pages[index].placed.push(Placed {
                owner: Owner::Artifact(ArtifactType::Footer),
                marks: below,
            });
            if index > 0 {
                let title = format!(
                    "{} · {}",
                    self.document.letterhead.name, self.document.running_title
                );
                let shaped = self.fonts.shape(Face::Regular, SMALL_SIZE, &title)?;
                let above = vec![
                    Mark::Text {
                        x: LEFT,
                        y: RUNNING_BASELINE,
                        ink: Ink::Black,
                        shaped,
                    },
                    Mark::Fill {
                        rect: [LEFT, RUNNING_BASELINE + 6.0, BODY_WIDTH, 0.5],
                        ink: Ink::Rule,
                    },
                ];
                self.pages[index].placed.insert(
                    0,
                    Placed {
                        owner: Owner::Artifact(ArtifactType::Header),
                        marks: above,
                    },
                );
            }
        }
        Ok(())
    }
}
