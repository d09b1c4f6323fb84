//! The legal date: rule, reasoning, the events it rests on, and the appeal period.

use postfach_crypto::evidence::Verdict;

use super::super::deadline as legal_words;
use super::super::words::Both;
use super::{Block, Listing, Section, Source, Words};
use crate::cli::lang::Language;

pub(super) fn section(lang: Language, source: &Source<'_>) -> Section {
    let mut blocks = Vec::new();
    match source.legal {
        None => blocks.push(Block::Paragraph(Words::own(
            Both(
                "Nicht berechnet: Dazu müssten die Quittungen und ihre Reihenfolge feststehen.",
                "Not computed: for that the receipts and their order would have to be certain.",
            )
            .pick(lang),
        ))),
        Some(finding) => {
            if source.examined.verdict() == Verdict::Failed {
                blocks.push(Block::Warning(Words::own(
                    Both(
                        "Nicht verlässlich: Prüfungen sind gescheitert. Was folgt, zeigt nur, wie gerechnet würde.",
                        "Not reliable: checks failed. What follows only shows how it would be computed.",
                    )
                    .pick(lang),
                )));
            }
            let verdict = legal_words::verdict(lang, &finding.verdict);
            blocks.push(Block::Paragraph(Words::strong(verdict)));
            let rule = legal_words::rule(lang, finding);
            blocks.extend(rule.map(|rule| Block::Paragraph(Words::own(rule))));
            for (title, listing, lines) in [
                (
                    Both("Begründung, Schritt für Schritt", "Reasoning, step by step"),
                    Listing::Numbered,
                    legal_words::reasoning(lang, finding),
                ),
                (
                    Both("Ereignisse, auf denen sie beruht", "Events it rests on"),
                    Listing::Points,
                    legal_words::basis(lang, finding),
                ),
                (
                    Both("Rechtsbehelfsfrist", "Appeal period"),
                    Listing::Points,
                    legal_words::appeal(lang, &finding.appeal),
                ),
            ] {
                if lines.is_empty() {
                    continue;
                }
                blocks.push(Block::Heading(title.pick(lang)));
                let lines = lines.into_iter().map(Words::own).collect();
                blocks.push(Block::List(listing, lines));
            }
        }
    }
    blocks.push(Block::Paragraph(Words::own(legal_words::reservation(lang))));
    Section::new(
        lang,
        Both(
            "Wann es als bekannt gegeben gilt",
            "When it counts as served",
        ),
        blocks,
    )
}
