//! What an audit found, and what it could not read.

use crate::cli::error::{Exit, Explain, Failure};
use crate::cli::lang::{Language, text};
use crate::cli::printable::printable;
use crate::client::audit::{AuditError, Finding, VisitError};

impl Explain for AuditError {
    fn explain(&self, lang: Language) -> Failure {
        match self {
            Self::Finding(finding) => finding.explain(lang),
            Self::Client(error) => error.explain(lang),
            Self::Visit(error) => error.explain(lang),
        }
    }
}

impl Explain for Finding {
    fn explain(&self, lang: Language) -> Failure {
        let what = match self {
            Self::Checkpoint(why) => text!(
                lang,
                "das Protokoll hat seinen Prüfpunkt nicht unterschrieben: {why}",
                "the log did not sign its checkpoint: {why}"
            ),
            Self::OtherLog { before, now } => {
                let (before, now) = (printable(before), printable(now));
                text!(
                    lang,
                    "beim letzten Besuch war es das Protokoll {before}, jetzt ist es {now}",
                    "at the last visit the log was {before}, now it is {now}"
                )
            }
            Self::Rewound { before, now } => text!(
                lang,
                "das Protokoll wurde zurückgedreht: es hatte {before} Einträge, jetzt hat es {now}",
                "the log was rewound: it had {before} entries, now it has {now}"
            ),
            Self::Forked { size } => text!(
                lang,
                "das Protokoll wurde gespalten: seine ersten {size} Einträge sind andere als beim letzten Besuch",
                "the log was forked: its first {size} entries are not those of the last visit"
            ),
            Self::Missing(resource) => text!(
                lang,
                "das Protokoll hat eine Lücke: {resource} fehlt",
                "the log has a gap: {resource} is missing"
            ),
            Self::Tiles(why) => text!(
                lang,
                "die Dateien des Protokolls passen nicht zu seinem Prüfpunkt: {why}",
                "the log's files do not fit its checkpoint: {why}"
            ),
            Self::Content(resource, why) => text!(
                lang,
                "{resource} ist nicht lesbar: {why}",
                "{resource} cannot be read: {why}"
            ),
            Self::Entry { position } => text!(
                lang,
                "Eintrag {position} ist nicht der, den das Protokoll unterschrieben hat: weggelassen oder ausgetauscht",
                "entry {position} is not the one that the log signed: dropped or exchanged"
            ),
            Self::NotInLog { statement } => text!(
                lang,
                "{statement} ist bestätigt, steht aber nicht im Protokoll",
                "{statement} was receipted but is not in the log"
            ),
            Self::OtherPosition {
                statement,
                said,
                log,
            } => text!(
                lang,
                "{statement} steht an Stelle {log} des Protokolls und nicht an Stelle {said}, wie der Server sagt",
                "{statement} is at position {log} of the log and not at {said}, as the server says"
            ),
            Self::PagesUnstated => text!(
                lang,
                "der Server zeigt Seiten im Browser, von denen sein Protokoll nichts sagt",
                "the server serves pages to browsers that its log says nothing about"
            ),
            Self::PagesList => text!(
                lang,
                "die Liste der Dateien der Seiten ist nicht die, die der Betreiber unterschrieben hat",
                "the list of the pages' files is not the one that the operator signed"
            ),
            Self::PagesMissing(path) => text!(
                lang,
                "der Server liefert {path} nicht, das laut seinem Protokoll zu den Seiten gehört",
                "the server does not serve {path}, which its log says belongs to the pages"
            ),
            Self::PagesChanged(path) => text!(
                lang,
                "der Server liefert ein anderes {path}, als er im Protokoll erklärt hat",
                "the server serves another {path} than it stated in its log"
            ),
            Self::RecordOrder { statement } => text!(
                lang,
                "{statement} steht in der Akte nicht in der Reihenfolge des Protokolls",
                "{statement} stands in the record out of the log's order"
            ),
        };
        let next = text!(
            lang,
            "den Ordner --state aufbewahren, er enthält die unterschriebenen Prüfpunkte; den Betreiber und andere Prüfer fragen, was sie sehen",
            "keep the folder --state, which has the signed checkpoints; ask the operator and other auditors what they see"
        );
        Failure::new(Exit::Refused, what, next)
    }
}

impl Explain for VisitError {
    fn explain(&self, lang: Language) -> Failure {
        match self {
            Self::Damaged(path) => {
                let path = path.display();
                Failure::new(
                    Exit::Local,
                    text!(
                        lang,
                        "{path} ist beschädigt; was beim letzten Besuch zu sehen war, ist unbekannt",
                        "{path} is damaged; what the last visit saw is unknown"
                    ),
                    text!(
                        lang,
                        "aus einer Sicherung holen, oder beiseitelegen und von vorn prüfen; eine Spaltung seither fällt dann nicht auf",
                        "restore it, or move it aside and audit from the beginning; a fork since then goes unnoticed"
                    ),
                )
            }
            Self::Io { path, source } => {
                let Failure { exit, what, next } = source.explain(lang);
                Failure::new(exit, format!("{}: {what}", path.display()), next)
            }
        }
    }
}
