//! Title and verdict: the one sentence that everybody reads.
//!
//! Invariant: no date is stated as a fact unless every check passed; what failed comes first.

use postfach_crypto::deadline;
use postfach_crypto::evidence::{Outcome, Verdict};

use super::super::{deadline as legal_words, words};
use super::{Source, Standing, Words};
use crate::cli::lang::{Language, text};

pub(super) fn summary(lang: Language, source: &Source<'_>) -> (String, Standing, Vec<Words>) {
    let title = text!(
        lang,
        "Prüfbericht zu einem elektronischen Schreiben",
        "Verification report on an electronic letter"
    );
    let verdict = source.examined.verdict();
    let checked = checked(lang, source);
    let dated = source
        .legal
        .map(|finding| legal_words::verdict(lang, &finding.verdict));
    let sentences = match (verdict, dated) {
        (Verdict::Failed, _) => vec![
            checked,
            text!(
                lang,
                "Auf diese Datei lässt sich nichts stützen, auch kein Datum.",
                "Nothing can be based on this file, and no date either."
            ),
        ],
        (Verdict::NotProven, Some(dated)) => vec![
            checked,
            text!(
                lang,
                "Nur wenn das Fehlende hinzukommt, gilt: {dated}",
                "Only if what is missing is added: {dated}"
            ),
        ],
        (_, Some(dated)) => vec![dated, checked],
        (_, None) => vec![
            checked,
            text!(
                lang,
                "Ein Datum der Bekanntgabe oder Zustellung ist nicht berechnet.",
                "No date of service is computed."
            ),
        ],
    };
    let mut sentences = sentences.into_iter();
    let first = sentences.next().map(Words::strong);
    let verdict_lines = first.into_iter().chain(sentences.map(Words::own)).collect();
    (title, standing(source), verdict_lines)
}

/// How the verdict stands as a whole.
fn standing(source: &Source<'_>) -> Standing {
    let open = source.legal.is_some_and(|finding| {
        use deadline::Verdict as V;
        matches!(finding.verdict, V::Open { .. } | V::Disputed { .. })
    });
    match source.examined.verdict() {
        Verdict::Failed => Standing::Bad,
        Verdict::Verified if !open => Standing::Good,
        Verdict::Verified | Verdict::Disputed | Verdict::NotProven => Standing::Doubtful,
    }
}

/// What the checks amount to.
fn checked(lang: Language, source: &Source<'_>) -> String {
    let (examined, verdict) = (source.examined, source.examined.verdict());
    let word = words::verdict(verdict).pick(lang);
    let checks = &examined.report.checks;
    let total = checks.len();
    let count = |test: fn(&Outcome) -> bool| checks.iter().filter(|it| test(&it.outcome)).count();
    match verdict {
        Verdict::Verified => text!(
            lang,
            "{word}: Alle {total} Prüfungen sind bestanden.",
            "{word}: all {total} checks passed."
        ),
        Verdict::Disputed => text!(
            lang,
            "{word}: Alle {total} Prüfungen sind bestanden, aber der Empfänger erklärt, er habe den Inhalt nicht öffnen können.",
            "{word}: all {total} checks passed, but the recipient states that the content could not be opened."
        ),
        Verdict::NotProven if verdict != examined.report.verdict() => text!(
            lang,
            "{word}: Die Datei stimmt in sich, aber der Betreiber stammt aus der Datei selbst und ist nicht festgelegt.",
            "{word}: the file agrees with itself, but the operator comes from the file itself and is not pinned."
        ),
        Verdict::NotProven => {
            let missing = count(|outcome| matches!(outcome, Outcome::NotProven(_)));
            text!(
                lang,
                "{word}: Nichts ist falsch, aber {missing} von {total} Prüfungen lassen sich mit dieser Datei nicht machen.",
                "{word}: nothing is wrong, but {missing} of {total} checks cannot be made with this file."
            )
        }
        Verdict::Failed => {
            let failed = count(|outcome| matches!(outcome, Outcome::Failed(_)));
            text!(
                lang,
                "{word}: {failed} von {total} Prüfungen sind gescheitert.",
                "{word}: {failed} of {total} checks failed."
            )
        }
    }
}
