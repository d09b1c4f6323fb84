//! Cases that nobody thought of: drawn by a generator with a fixed seed, every rule in turn.

use postfach_crypto::deadline::appeal::{Instruction, RemedyLaw};
use postfach_crypto::deadline::events::{Bound, Standing};
use postfach_crypto::deadline::holidays::Local;
use postfach_crypto::deadline::rules::RULES;
use postfach_crypto::deadline::{Contest, Day, Place};
use postfach_crypto::ids::UnixMillis;
use postfach_crypto::statement::DeliveryClass;
use serde_json::Value;

use super::case;
use crate::story::{Story, Told, time};

const CASES: usize = 390;
const HOUR: u64 = 3_600_000;
const DAY: u64 = 24 * HOUR;
const PLACES: &[&str] = &[
    "09373155", "09", "10041100", "14625020", "16061", "11000000",
];
/// What may happen, the usual more often.
const WORDS: &[&str] = &[
    "provided",
    "provided",
    "notified",
    "notified",
    "notified",
    "bounced",
    "arrived",
    "retrieved",
    "retrieved",
    "opened",
    "acknowledged",
    "refused",
    "withdrawn",
    "objects",
    "revoked",
    "unbound",
    "failed",
    "rejected",
];

/// SplitMix64.
struct Draw(u64);

impl Draw {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % limit
    }

    fn one_in(&mut self, of: u64) -> bool {
        self.below(of) == 0
    }

    fn of<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[usize::try_from(self.below(list.len() as u64)).unwrap()]
    }

    fn bound(&mut self, at: u64) -> Bound {
        let before = UnixMillis(at - self.below(30 * HOUR));
        let after = UnixMillis(at + self.below(30 * HOUR));
        match self.below(8) {
            0 => Bound::Pending { not_before: None },
            1 => Bound::Pending {
                not_before: Some(before),
            },
            2 => Bound::Between {
                not_before: UnixMillis(at + HOUR),
                not_after: after,
            },
            3 => Bound::Between {
                not_before: UnixMillis(at - 20 * DAY),
                not_after: UnixMillis(at + 20 * DAY),
            },
            _ => Bound::Between {
                not_before: before,
                not_after: after,
            },
        }
    }

    fn lines(&mut self) -> Vec<Told> {
        let mut lines = Vec::new();
        let given = time("2022-09-01");
        for consent in ["notification-consent", "service-consent"] {
            if !self.one_in(6) {
                lines.push(Told::new(consent, given));
            }
        }
        let mut now = time("2024-07-20").0 + self.below(6 * 365) * DAY + self.below(24) * HOUR;
        if !self.one_in(10) {
            lines.push(Told::new("provided", UnixMillis(now)));
        }
        for _ in 0..self.below(6) {
            now += *self.of(&[0, HOUR, 5 * HOUR, DAY, 2 * DAY, 4 * DAY]);
            let word = *self.of(WORDS);
            let consents = lines.iter().any(|line| line.word.ends_with("-consent"));
            if word == "revoked" && !consents {
                continue;
            }
            lines.push(Told::new(word, UnixMillis(now)));
        }
        for line in &mut lines {
            if self.one_in(6) {
                line.bound = self.bound(line.time.0);
            }
            if self.one_in(25) {
                line.standing = Standing::Claimed;
            }
        }
        if self.one_in(3) {
            let until = now + self.below(8) * DAY;
            lines.push(Told::new("until", UnixMillis(until)));
        }
        lines
    }

    fn local(&mut self) -> Local {
        *self.of(&[Local::Kept, Local::NotKept, Local::Unknown, Local::Unknown])
    }

    fn contest(&mut self) -> Contest {
        let law = *self.of(&[
            Some(RemedyLaw::VwGo74),
            Some(RemedyLaw::VwGo70),
            Some(RemedyLaw::Ao355),
            None,
        ]);
        let stated = self.one_in(3).then(|| Day::of(time("2026-12-07")));
        let instruction = *self.of(&[
            Instruction::Unchecked,
            Instruction::Correct,
            Instruction::MissingOrWrong,
        ]);
        match self.below(8) {
            0 => Contest::NoAct,
            1 | 2 => Contest::NotInstructed,
            3 => Contest::NotOpened,
            _ => Contest::Instructed {
                law,
                stated,
                instruction,
            },
        }
    }
}

pub(super) fn vectors() -> Vec<Value> {
    let mut draw = Draw(4);
    let of_rule = |index: usize| {
        let rule = match index % 39 {
            37 => None,
            38 => Some("BayDiG Art. 24"),
            turn => Some(RULES[turn % RULES.len()].id),
        };
        let lines = draw.lines();
        let mut story = Story::from_told(&lines);
        if draw.one_in(3) {
            story.events.class = DeliveryClass::Ordinary;
        }
        story.circumstances.contest = draw.contest();
        story.circumstances.place = (!draw.one_in(6)).then(|| Place {
            ags: draw.of(PLACES).parse().unwrap(),
            assumption: draw.local(),
            corpus_christi: draw.local(),
        });
        case(rule, &lines, &story)
    };
    (0..CASES).map(of_rule).collect()
}
