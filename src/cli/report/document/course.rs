//! What happened, as a picture and as a table with the same numbers.
//!
//! Invariant: a number is the place of the receipt in the envelope's list; one receipt may record
//! several events.

use postfach_crypto::evidence::{CheckName, Outcome, TimelineEntry, Verdict};
use postfach_crypto::ids::StatementHash;

use super::super::events;
use super::super::words::Both;
use super::picture;
use super::{Block, Column, Section, Source, Table, Words};
use crate::cli::lang::{self, Language, text};

/// Characters of a shortened hash before and after the gap.
const SHOWN: (usize, usize) = (8, 8);

pub(super) fn section(lang: Language, source: &Source<'_>) -> Option<Section> {
    let report = &source.examined.report;
    if report.timeline.is_empty() {
        return None;
    }
    let mut blocks = vec![Block::Paragraph(Words::own(
        Both(
            "Zeiten nach der Uhr des Betreibers, in deutscher Zeit. Die Nummern in Bild und Tabelle sind die Stellen der Quittungen in der Liste des Umschlags.",
            "Times are the operator's clock, in German time. Numbers in picture and table are the receipts' places in the envelope's list.",
        )
        .pick(lang),
    ))];
    let passed = |name| report.outcome(name) == Some(Outcome::Passed);
    let holds = [
        CheckName::Operator,
        CheckName::ReceiptSignature,
        CheckName::AnsweredStatements,
        CheckName::ReceiptChain,
    ];
    if !holds.into_iter().all(passed) {
        blocks.push(Block::Warning(Words::own(
            Both(
                "Nicht verlässlich: Die Prüfungen der Quittungen sind nicht alle bestanden.",
                "Not reliable: the checks of the receipts did not all pass.",
            )
            .pick(lang),
        )));
    }
    let numbered = numbered(&report.timeline);
    // A date that nobody may rely on is not drawn.
    let legal = source
        .legal
        .filter(|_| source.examined.verdict() == Verdict::Verified);
    blocks.push(Block::Drawing(picture::picture(lang, &numbered, legal)));
    blocks.push(Block::Table(Table {
        caption: Both(
            "Verlauf nach den Quittungen des Betreibers",
            "Course of events by the operator's receipts",
        )
        .pick(lang),
        columns: [
            (Both("Nr.", "No."), 1.0),
            (Both("Zeit", "Time"), 3.0),
            (Both("Ereignis", "Event"), 7.0),
            (Both("Quittung", "Receipt"), 2.7),
        ]
        .map(|(heading, weight)| Column {
            heading: heading.pick(lang),
            weight,
        })
        .to_vec(),
        rows: numbered
            .iter()
            .map(|(number, entry)| row(lang, *number, entry))
            .collect(),
    }));
    Some(Section::new(lang, Both("Verlauf", "Timeline"), blocks))
}

/// The entries with the place of their receipt, counted from 1.
fn numbered(timeline: &[TimelineEntry]) -> Vec<(usize, &TimelineEntry)> {
    let mut numbered: Vec<(usize, &TimelineEntry)> = Vec::with_capacity(timeline.len());
    for entry in timeline {
        let number = match numbered.last() {
            Some((number, before)) if before.receipt == entry.receipt => *number,
            Some((number, _)) => number + 1,
            None => 1,
        };
        numbered.push((number, entry));
    }
    numbered
}

fn row(lang: Language, number: usize, entry: &TimelineEntry) -> Vec<Words> {
    let label = events::label(entry.event).pick(lang);
    let mut what = Words::strong(label).below(Words::own(events::event(lang, entry.event)));
    if let Some(answered) = entry.answers.and_then(events::answered) {
        let answered = answered.pick(lang);
        what = what.below(Words::own(text!(
            lang,
            "Quittiert {answered}.",
            "Receipted {answered}."
        )));
    }
    for reason in &entry.reasons {
        let reason = events::reason(lang, *reason);
        what = what.below(Words::own(text!(
            lang,
            "Grund: {reason}.",
            "Reason: {reason}."
        )));
    }
    let name = entry.event.name();
    let source = match events::clause(entry.event) {
        Some(clause) => format!("{name} (ETSI EN 319 522 {clause})"),
        None => text!(lang, "{name} (eigene Bezeichnung)", "{name} (our own term)"),
    };
    vec![
        Words::own(number.to_string()),
        Words::own(lang::date_time(lang, entry.time)),
        what.below(Words::own(source)),
        Words::code(shortened(&entry.receipt)),
    ]
}

/// The beginning and end of a hash; enough to recognise it.
fn shortened(hash: &StatementHash) -> String {
    let text = hash.to_string();
    let (before, after) = SHOWN;
    format!("{}… {}", &text[..before], &text[text.len() - after..])
}
