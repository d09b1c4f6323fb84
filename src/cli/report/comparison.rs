//! Two files of one delivery: the words, and the form for machines; German first, English second.

use postfach_crypto::evidence::{Agreement, Comparison, Difference, FileList, Side};
use postfach_crypto::statement::SubjectKind;
use serde::Serialize;

use super::page::Page;
use super::words::Both;
use crate::cli::lang::{Language, text};
use crate::cli::printable::printable;

/// A comparison for machines; names are those of docs/format/evidence.md, "Comparison".
#[derive(Debug, Serialize)]
pub struct ComparisonForm<'a> {
    compared: [&'a str; 2],
    agreement: &'static str,
    differences: Vec<DifferenceForm>,
}

#[derive(Debug, Default, Serialize)]
struct DifferenceForm {
    name: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    list: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    only_in: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    /// Place in the list, count of the heads, size of the trees, or position in the log.
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<u64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    hashes: Vec<String>,
}

impl<'a> ComparisonForm<'a> {
    /// The comparison of two files by their names.
    #[must_use]
    pub fn new(files: [&'a str; 2], comparison: &Comparison) -> Self {
        Self {
            compared: files,
            agreement: comparison.agreement().name(),
            differences: comparison.differences.iter().map(difference).collect(),
        }
    }
}

fn difference(difference: &Difference) -> DifferenceForm {
    let mut form = DifferenceForm {
        name: difference.name(),
        ..DifferenceForm::default()
    };
    match difference {
        Difference::OtherEnvelope | Difference::OtherOperator => {}
        Difference::OnlyIn {
            list,
            side,
            place,
            kind,
            hash,
        } => {
            form.list = Some(list.name());
            form.only_in = Some(side.name());
            form.kind = kind.map(|kind| kind.name());
            form.at = Some(*place as u64);
            form.hashes = vec![hash.to_string()];
        }
        Difference::PartsAt {
            list,
            place,
            entries,
        } => {
            form.list = Some(list.name());
            form.at = Some(*place as u64);
            form.hashes = entries.iter().map(ToString::to_string).collect();
        }
        Difference::Heads { subject, count } => {
            form.list = Some(subject.kind().name());
            form.at = Some(*count);
        }
        Difference::Forked { size } => form.at = Some(*size),
        Difference::Places { position } => form.at = Some(*position),
    }
    form
}

/// The comparison as a page of text.
#[must_use]
pub fn comparison(lang: Language, files: [&str; 2], comparison: &Comparison) -> String {
    let mut page = Page {
        lang,
        text: String::new(),
    };
    let [first, second] = files.map(printable);
    let title = text!(
        lang,
        "Vergleich: (1) {first} und (2) {second}",
        "Comparison: (1) {first} and (2) {second}"
    );
    page.paragraph("", "  ", &title);
    let (mark, verdict) = agreement(comparison.agreement());
    page.paragraph(mark, "  ", verdict.pick(lang));
    for difference in &comparison.differences {
        page.paragraph("  – ", "    ", &sentence(lang, difference));
    }
    page.text
}

/// How the files stand to each other, after a mark.
pub(super) fn agreement(agreement: Agreement) -> (&'static str, Both) {
    match agreement {
        Agreement::Same => (
            "✓ ",
            Both("Beide Dateien sagen dasselbe.", "Both files say the same."),
        ),
        Agreement::OneGoesOn => (
            "✓ ",
            Both(
                "Die Dateien widersprechen sich nicht; eine reicht weiter als die andere.",
                "The files do not contradict each other; one goes on where the other ends.",
            ),
        ),
        Agreement::NotComparable => (
            "– ",
            Both(
                "Die Dateien betreffen nicht dieselbe Zustellung.",
                "The files are not about the same delivery.",
            ),
        ),
        Agreement::Contradict => (
            "✗ ",
            Both(
                "WIDERSPRUCH: Der Betreiber hat den Beteiligten Verschiedenes unterschrieben, oder eine Datei ist verfälscht.",
                "CONTRADICTION: the operator signed different things for the parties, or a file is forged.",
            ),
        ),
    }
}

pub(super) fn sentence(lang: Language, difference: &Difference) -> String {
    match difference {
        Difference::OtherEnvelope => Both(
            "Die Dateien sind über zwei verschiedene Umschläge.",
            "The files are about two envelopes.",
        )
        .pick(lang)
        .to_owned(),
        Difference::OtherOperator => Both(
            "Die Dateien sind von zwei Betreibern oder Protokollen.",
            "The files are of two operators or logs.",
        )
        .pick(lang)
        .to_owned(),
        Difference::OnlyIn {
            list: of,
            side,
            place,
            kind,
            ..
        } => {
            let (list, number) = (list(*of).pick(lang), place + 1);
            let file = match side {
                Side::First => 1,
                Side::Second => 2,
            };
            let kind = kind.map_or("?", |kind| kind.name());
            text!(
                lang,
                "{list}: Eintrag {number} ({kind}) steht nur in Datei {file}.",
                "{list}: entry {number} ({kind}) stands in file {file} only."
            )
        }
        Difference::PartsAt {
            list: of, place, ..
        } => {
            let (list, number) = (list(*of).pick(lang), place + 1);
            text!(
                lang,
                "{list}: Ab Eintrag {number} erzählen die Dateien Verschiedenes.",
                "{list}: from entry {number} on the files tell different stories."
            )
        }
        Difference::Heads { subject, count } => {
            let of = match subject.kind() {
                SubjectKind::Envelope => list(FileList::Entries).pick(lang),
                kind => kind.name(),
            };
            text!(
                lang,
                "Der Server hat zwei verschiedene Stände mit {count} Einträgen derselben Liste unterschrieben ({of}).",
                "The server signed two different heads with {count} entries of one list ({of})."
            )
        }
        Difference::Forked { size } => text!(
            lang,
            "Das Protokoll hat sich gegabelt: zwei verschiedene Fassungen mit {size} Einträgen.",
            "The log was forked: two different versions with {size} entries."
        ),
        Difference::Places { position } => text!(
            lang,
            "Das Protokoll zeigt an Stelle {position} zweierlei, oder dasselbe an zwei Stellen.",
            "The log shows two things in place {position}, or one thing in two places."
        ),
    }
}

pub(super) fn list(list: FileList) -> Both {
    match list {
        FileList::Entries => Both("Vorgänge des Umschlags", "Entries of the envelope"),
        FileList::Sender => Both("Schlüssel des Absenders", "Sender's keys"),
        FileList::Recipient => Both("Schlüssel des Empfängers", "Recipient's keys"),
        FileList::Relation => Both("Zuordnung und Einwilligungen", "Binding and consents"),
        FileList::RelationAll => Both("Einwilligungen für alle", "Consents towards all"),
        FileList::Certificates => Both("Zertifikate", "Certificates"),
    }
}
