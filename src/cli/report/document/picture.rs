//! The picture of the timeline: time runs down, each party has a lane, each event a dot in the
//! lane of whoever acted.
//!
//! Invariant: the picture shows nothing that its text alternative and the table below it do not
//! say, and no words of strangers. Absent: a scale of time; the days are written out.

use postfach_crypto::deadline::{Day, Finding, Verdict};
use postfach_crypto::evidence::TimelineEntry;
use postfach_crypto::statement::Event;

use super::super::events;
use super::super::words::Both;
use crate::calendar::berlin;
use crate::cli::lang::{self, Language, text};
use crate::paper::{Anchor, Drawing, Shape, Tone, Weight};

/// Most events that are drawn; the table has all.
const MAX_DRAWN: usize = 24;
/// The lanes' centres.
const LANES: [f32; 3] = [88.0, 152.0, 216.0];
/// Where times and words begin.
const TIME_LEFT: f32 = 4.0;
const WORDS_LEFT: f32 = 254.0;
/// Heights of the heading, a day's line and an event's line.
const HEAD: f32 = 22.0;
const DAY: f32 = 19.0;
const EVENT: f32 = 17.0;
/// From the top of a line to its baseline and to its middle.
const BASELINE: f32 = 12.5;
const MIDDLE: f32 = 9.0;
const RADIUS: f32 = 4.5;
const SIZE: f32 = 9.5;

/// Whose lane.
#[derive(Clone, Copy)]
enum Lane {
    Sender,
    Operator,
    Recipient,
}

impl Lane {
    fn x(self) -> f32 {
        match self {
            Self::Sender => LANES[0],
            Self::Operator => LANES[1],
            Self::Recipient => LANES[2],
        }
    }
}

/// Who acted.
fn lane(event: Event) -> Lane {
    match event {
        Event::SubmissionAcceptance | Event::SubmissionRejection | Event::EnvelopeWithdrawal => {
            Lane::Sender
        }
        Event::ContentConsignment
        | Event::ContentConsignmentFailure
        | Event::ConsignmentNotification
        | Event::ConsignmentNotificationFailure
        | Event::NotificationDelivered
        | Event::NotificationForAcceptance
        | Event::AcceptanceRejectionExpiry
        | Event::StatementAcceptance => Lane::Operator,
        Event::ConsignmentAcceptance
        | Event::ConsignmentRejection
        | Event::ContentAccessTracking
        | Event::ContentHandover
        | Event::ContentHandoverFailure
        | Event::EnvelopeDeletion => Lane::Recipient,
    }
}

pub(super) fn picture(
    lang: Language,
    numbered: &[(usize, &TimelineEntry)],
    legal: Option<&Finding>,
) -> Drawing {
    let served = legal.and_then(|finding| match finding.verdict {
        Verdict::ServedOn(day) => Some(day),
        _ => None,
    });
    let mut drawn = Drawn {
        lang,
        y: HEAD,
        day: None,
        shapes: Vec::new(),
        said: Vec::new(),
    };
    let mut waiting = served;
    for (number, entry) in numbered.iter().take(MAX_DRAWN) {
        let day = Day::of(entry.time);
        if let Some(served) = waiting.filter(|served| *served < day) {
            drawn.served(served);
            waiting = None;
        }
        drawn.event(*number, entry, day);
    }
    let left = numbered.len().saturating_sub(MAX_DRAWN);
    if left > 0 {
        drawn.line(text!(
            lang,
            "… {left} weitere Ereignisse in der Tabelle",
            "… {left} more events in the table"
        ));
    }
    if let Some(served) = waiting {
        drawn.served(served);
    }
    drawn.finish()
}

/// A picture that is being drawn.
struct Drawn {
    lang: Language,
    /// Top of the next line.
    y: f32,
    /// The day that was written last.
    day: Option<Day>,
    shapes: Vec<Shape>,
    /// The picture in words.
    said: Vec<String>,
}

impl Drawn {
    fn event(&mut self, number: usize, entry: &TimelineEntry, day: Day) {
        self.open_day(day);
        let label = events::label(entry.event).pick(self.lang);
        let local = berlin(entry.time);
        let time = format!("{:02}:{:02}", local.hour(), local.minute());
        let x = lane(entry.event).x();
        self.words(TIME_LEFT, Weight::Regular, Tone::Black, time.clone());
        self.dot(x, Tone::Accent);
        self.words(
            WORDS_LEFT,
            Weight::Regular,
            Tone::Black,
            format!("{number}  {label}"),
        );
        let day = lang::day(self.lang, &day.to_string());
        self.said.push(format!("{number}: {day}, {time}, {label}"));
        self.y += EVENT;
    }

    /// The computed day: a mark across all lanes, so that it is not taken for an event.
    fn served(&mut self, day: Day) {
        self.open_day(day);
        let label = Both(
            "gilt als bekannt gegeben (berechnet)",
            "counts as served (computed)",
        )
        .pick(self.lang);
        let left = LANES[0] - RADIUS;
        self.shapes.push(Shape::Bar {
            rect: [left, self.y + MIDDLE - 2.0, LANES[2] + RADIUS - left, 4.0],
            tone: Tone::Accent,
        });
        self.words(WORDS_LEFT, Weight::Bold, Tone::Accent, label.to_owned());
        let day = lang::day(self.lang, &day.to_string());
        self.said.push(format!("{day}: {label}"));
        self.y += EVENT;
    }

    fn line(&mut self, text: String) {
        self.words(WORDS_LEFT, Weight::Regular, Tone::Black, text.clone());
        self.said.push(text);
        self.y += EVENT;
    }

    fn open_day(&mut self, day: Day) {
        if self.day == Some(day) {
            return;
        }
        self.day = Some(day);
        self.shapes.push(Shape::Bar {
            rect: [0.0, self.y + 1.0, Drawing::WIDTH, DAY - 3.0],
            tone: Tone::Pale,
        });
        let text = lang::day(self.lang, &day.to_string());
        self.words(TIME_LEFT, Weight::Bold, Tone::Black, text);
        self.y += DAY;
    }

    fn dot(&mut self, x: f32, tone: Tone) {
        self.shapes.push(Shape::Bar {
            rect: [x, self.y + MIDDLE - 0.25, WORDS_LEFT - 6.0 - x, 0.5],
            tone: Tone::Grey,
        });
        self.shapes.push(Shape::Dot {
            centre: [x, self.y + MIDDLE],
            radius: RADIUS,
            tone,
        });
    }

    fn words(&mut self, x: f32, weight: Weight, tone: Tone, text: String) {
        self.shapes.push(Shape::Words {
            at: [x, self.y + BASELINE],
            anchor: Anchor::Start,
            size: SIZE,
            weight,
            tone,
            text,
        });
    }

    fn finish(self) -> Drawing {
        let lanes = [
            Both("Absender", "Sender"),
            Both("Betreiber", "Operator"),
            Both("Empfänger", "Recipient"),
        ];
        let bottom = self.y + 2.0;
        // Days and lanes lie behind events.
        let (mut shapes, front): (Vec<Shape>, Vec<Shape>) =
            self.shapes.into_iter().partition(|shape| {
                matches!(
                    shape,
                    Shape::Bar {
                        tone: Tone::Pale,
                        ..
                    }
                )
            });
        for (x, name) in LANES.into_iter().zip(lanes) {
            shapes.push(Shape::Words {
                at: [x, BASELINE],
                anchor: Anchor::Middle,
                size: SIZE,
                weight: Weight::Bold,
                tone: Tone::Accent,
                text: name.pick(self.lang).to_owned(),
            });
            shapes.push(Shape::Bar {
                rect: [x - 0.5, HEAD - 4.0, 1.0, bottom - HEAD + 4.0],
                tone: Tone::Grey,
            });
        }
        shapes.extend(front);
        let said = self.said.join("; ");
        Drawing {
            alternative: text!(
                self.lang,
                "Zeitlicher Verlauf von oben nach unten: {said}.",
                "Timeline from top to bottom: {said}."
            ),
            height: bottom,
            shapes,
        }
    }
}
