//! What convicts a server, and what of it is damaged.

use crate::cli::error::{Exit, Explain, Failure};
use crate::cli::lang::{Language, text};
use crate::client::kept::{Contradiction, KeepError};

impl Explain for Contradiction {
    fn explain(&self, lang: Language) -> Failure {
        let what = match self {
            Self::CountWentBackwards { kept, now } => text!(
                lang,
                "der Server hat Einträge unterschlagen: es waren {kept}, jetzt zeigt er {now}",
                "the server dropped entries: there were {kept}, now it shows {now}"
            ),
            Self::OtherContent { count } => text!(
                lang,
                "der Server hat Einträge ausgetauscht: wieder {count}, aber andere",
                "the server exchanged entries: {count} as before, but others"
            ),
            Self::NotAnExtension { kept, now } => text!(
                lang,
                "die gezeigten Einträge nach Nummer {kept} ergeben nicht die bestätigten {now}",
                "the entries shown after number {kept} do not make up the {now} that were signed"
            ),
            Self::OlderHead { kept, now } => text!(
                lang,
                "der Server zeigt einen alten Stand: {now} Einträge, bekannt sind schon {kept}",
                "the server shows an old state: {now} entries, {kept} are known already"
            ),
            Self::OtherLog => text!(
                lang,
                "der Server spricht für ein anderes Protokoll oder einen früheren Abschnitt",
                "the server speaks for another log or an earlier epoch"
            ),
            Self::LogForked { size } => text!(
                lang,
                "der Server hat zwei verschiedene Protokolle mit {size} Erklärungen unterschrieben",
                "the server has signed two different logs of {size} statements"
            ),
            Self::HistoryRewritten { address, number } => text!(
                lang,
                "für {address} wurde Schlüsselerklärung {number} untergeschoben oder ausgetauscht",
                "key statement {number} of {address} was slipped in or exchanged"
            ),
            Self::HistoryShortened { address, kept, now } => text!(
                lang,
                "für {address} zeigt der Server überholte Schlüssel: {now} statt {kept} Erklärungen",
                "the server shows superseded keys for {address}: {now} instead of {kept} statements"
            ),
        };
        let next = match self {
            Self::OlderHead { .. } => text!(
                lang,
                "denselben Befehl wiederholen; bleibt es dabei, den Ordner kept/contradictions aufbewahren und einer Prüfstelle geben",
                "run the same command again; if it stays so, keep the folder kept/contradictions and give it to an auditor"
            ),
            _ => text!(
                lang,
                "nicht weiterarbeiten; der Ordner kept/contradictions beweist den Widerspruch und gehört zu einer Prüfstelle",
                "stop here; the folder kept/contradictions proves the contradiction and belongs in the hands of an auditor"
            ),
        };
        Failure::new(Exit::Refused, what, next)
    }
}

impl Explain for KeepError {
    fn explain(&self, lang: Language) -> Failure {
        let next = text!(
            lang,
            "die Datei beiseitelegen; beim nächsten Abruf wird sie neu geholt und geprüft",
            "move the file aside; the next command fetches and verifies it again"
        );
        match self {
            Self::Contradiction(contradiction) => contradiction.explain(lang),
            Self::Damaged(path, why) => {
                let path = path.display();
                let what = text!(
                    lang,
                    "die aufbewahrte Datei {path} ist beschädigt: {why}",
                    "the kept file {path} is damaged: {why}"
                );
                Failure::new(Exit::Local, what, next)
            }
            Self::Checkpoint(path, why) => {
                let path = path.display();
                let what = text!(
                    lang,
                    "die aufbewahrte Datei {path} ist beschädigt: {why}",
                    "the kept file {path} is damaged: {why}"
                );
                Failure::new(Exit::Local, what, next)
            }
            Self::History(address, why) => {
                let what = text!(
                    lang,
                    "die aufbewahrten Schlüssel von {address} sind beschädigt: {why}",
                    "the kept keys of {address} are damaged: {why}"
                );
                Failure::new(Exit::Local, what, next)
            }
            Self::Io(error) => error.explain(lang),
        }
    }
}
