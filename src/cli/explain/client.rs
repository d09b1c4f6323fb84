//! What goes wrong between client and server. A refusal brings its own words; a server that lies is
//! called what it is.

use crate::cli::error::{Exit, Explain, Failure};
use crate::cli::lang::{Language, text};
use crate::client::error::{ClientError, Dishonest};

/// Problem codes after which the same command may succeed by itself.
const TEMPORARY: &[&str] = &[
    "busy",
    "contention",
    "disk-full",
    "stopped",
    "storage",
    "too-many-requests",
];
/// Problem codes that mean that somebody was faster.
const CONFLICT: &[&str] = &[
    "already-bound",
    "already-consented",
    "already-ended",
    "already-answered",
    "already-handed-over",
    "claim-answered",
    "envelope-id-taken",
    "second-key-statement",
    "superseded-recipient-keys",
    "superseded-sender-keys",
    "wrong-previous",
];

impl Explain for ClientError {
    fn explain(&self, lang: Language) -> Failure {
        let check_input = || {
            text!(
                lang,
                "Eingabe prüfen und noch einmal versuchen",
                "check the input and try again"
            )
        };
        match self {
            Self::Unreachable(cause) => Failure::new(
                Exit::Unreachable,
                text!(
                    lang,
                    "der Server ist nicht erreichbar ({cause})",
                    "the server cannot be reached ({cause})"
                ),
                text!(
                    lang,
                    "Verbindung prüfen und denselben Befehl wiederholen; es geht nichts verloren und nichts doppelt hinaus",
                    "check the connection and run the same command again; nothing is lost and nothing is sent twice"
                ),
            ),
            Self::Answer(cause) => Failure::new(
                Exit::Unreachable,
                text!(
                    lang,
                    "die Antwort des Servers ist nicht lesbar ({cause})",
                    "the server's answer is not readable ({cause})"
                ),
                text!(
                    lang,
                    "prüfen, ob die Adresse zu einem Postfach-Server gehört; Programm aktualisieren",
                    "check that the address is a Postfach server; update the program"
                ),
            ),
            Self::Refused(problem) => {
                let exit = if TEMPORARY.contains(&problem.code()) {
                    Exit::TryAgain
                } else if CONFLICT.contains(&problem.code()) {
                    Exit::Conflict
                } else {
                    Exit::Refused
                };
                let (what, next) = match lang {
                    Language::German => (&problem.title_de, &problem.detail_de),
                    Language::English => (&problem.title, &problem.detail),
                };
                Failure::new(exit, what, next)
            }
            Self::Dishonest(lie) => lie.explain(lang),
            Self::Profile(error) => error.explain(lang),
            Self::KeyFile(error) => error.explain(lang),
            Self::NoKey(error) => error.explain(lang),
            Self::Kept(error) => error.explain(lang),
            Self::Book(error) => error.explain(lang),
            Self::Statement(error) => Failure::new(
                Exit::Usage,
                text!(
                    lang,
                    "die Erklärung lässt sich so nicht abgeben: {error}",
                    "the statement cannot be made like this: {error}"
                ),
                check_input(),
            ),
            Self::Manifest(error) => Failure::new(
                Exit::Usage,
                text!(
                    lang,
                    "der Brief lässt sich so nicht schreiben: {error}",
                    "the letter cannot be written like this: {error}"
                ),
                check_input(),
            ),
            Self::File { path, source } => {
                let failure = source.explain(lang);
                Failure::new(
                    failure.exit,
                    format!("{path}: {}", failure.what),
                    failure.next,
                )
            }
            Self::NotDecryptable => Failure::new(
                Exit::Refused,
                text!(
                    lang,
                    "der Inhalt lässt sich mit Ihren Schlüsseln nicht öffnen",
                    "the content cannot be opened with your keys"
                ),
                text!(
                    lang,
                    "der Absender erfährt es durch eine signierte Fehlermeldung und muss neu senden",
                    "the sender learns of it by a signed failure and must send again"
                ),
            ),
            Self::Content(error) => Failure::new(
                Exit::Refused,
                text!(
                    lang,
                    "der Inhalt ist nicht der, den der Absender unterschrieben hat: {error}",
                    "the content is not what the sender signed: {error}"
                ),
                text!(
                    lang,
                    "nichts davon verwenden; Server und Absender wurden benachrichtigt",
                    "use nothing of it; server and sender have been told"
                ),
            ),
            Self::NotFound(what) => Failure::new(
                Exit::Usage,
                text!(lang, "nicht gefunden: {what}", "not found: {what}"),
                text!(
                    lang,
                    "mit „postfach inbox“, „postfach book“ oder „postfach party show“ nachsehen",
                    "look it up with 'postfach inbox', 'postfach book' or 'postfach party show'"
                ),
            ),
            Self::ForeignSheet => Failure::new(
                Exit::Refused,
                text!(
                    lang,
                    "das Ersatzblatt gehört nicht, oder nicht mehr, zu dieser Adresse",
                    "the recovery sheet is not, or no longer, the one of this address"
                ),
                text!(
                    lang,
                    "Adresse und Dienst mit dem Blatt vergleichen und das neueste Blatt nehmen; fehlt es, bei der Behörde einen neuen Brief verlangen",
                    "compare address and service with the sheet and use the newest sheet; without it, ask the authority for a new letter"
                ),
            ),
            Self::UnfinishedRecovery => Failure::new(
                Exit::Conflict,
                text!(
                    lang,
                    "die Wiederherstellung dieses Postfachs wurde unterbrochen",
                    "the recovery of this mailbox was interrupted"
                ),
                text!(
                    lang,
                    "die Uhr stellen und „postfach key recover“ mit demselben alten Ersatzblatt wiederholen",
                    "set the clock and run 'postfach key recover' again with the same old recovery sheet"
                ),
            ),
            Self::NotEnrolled(reference) => Failure::new(
                Exit::Usage,
                text!(
                    lang,
                    "zum Kassenzeichen {reference} gibt es noch kein Postfach",
                    "there is no mailbox for reference {reference} yet"
                ),
                text!(
                    lang,
                    "mit „postfach letter --ref {reference}“ einladen und „postfach party bind“ ausführen, oder auf Papier zustellen",
                    "invite with 'postfach letter --ref {reference}' and run 'postfach party bind', or deliver on paper"
                ),
            ),
            Self::Input(what) => Failure::new(
                Exit::Usage,
                text!(
                    lang,
                    "Eingabe nicht brauchbar: {what}",
                    "input not usable: {what}"
                ),
                check_input(),
            ),
        }
    }
}

impl Explain for Dishonest {
    fn explain(&self, lang: Language) -> Failure {
        let what = match self {
            Self::RootKey => text!(
                lang,
                "der Server zeigt einen anderen Wurzelschlüssel als Ihr Brief oder Profil",
                "the server shows another root key than your letter or profile"
            ),
            Self::Origin => text!(
                lang,
                "der Server spricht für ein anderes Protokoll als Ihr Profil",
                "the server speaks for another log than your profile"
            ),
            Self::Operator(cause) => text!(
                lang,
                "das Wort des Betreibers hält nicht: {cause}",
                "the operator's word does not hold: {cause}"
            ),
            Self::SlippedInKey { address, cause } => text!(
                lang,
                "für {address} wurde ein Schlüssel untergeschoben ({cause})",
                "a key was slipped in for {address} ({cause})"
            ),
            Self::RewrittenHistory { address, number } => text!(
                lang,
                "die Schlüsselfolge von {address} wurde ab Nummer {number} umgeschrieben",
                "the key history of {address} was rewritten from number {number} on"
            ),
            Self::ForgedBinding { address } => text!(
                lang,
                "die Bindung von {address} ist nicht echt",
                "the binding of {address} is not genuine"
            ),
            Self::ForgedHeader { sender } => text!(
                lang,
                "der Server zeigt einen Brief im Namen von {sender}, den dieser Absender nicht unterschrieben hat",
                "the server shows a letter in the name of {sender} that this sender did not sign"
            ),
            Self::ForgedStatement { address, kind } => text!(
                lang,
                "der Server zeigt eine Erklärung ({kind}), die nicht von {address} ist",
                "the server shows a statement ({kind}) that {address} did not make"
            ),
            Self::Unreceipted => text!(
                lang,
                "der Server zeigt eine Erklärung, zu der seine eigene Quittung fehlt",
                "the server shows a statement for which its own receipt is missing"
            ),
            Self::ForeignReceipt => text!(
                lang,
                "die Quittung gehört nicht zu dem, was gesendet wurde",
                "the receipt is not for what was sent"
            ),
            Self::ForeignHead => text!(
                lang,
                "der Server antwortet mit dem Stand einer anderen Liste",
                "the server answers with the head of another list"
            ),
            Self::DroppedEntry { head, shown } => text!(
                lang,
                "der Server unterschlägt oder verändert Einträge: {head} bestätigt, {shown} gezeigt",
                "the server drops or changes entries: {head} signed, {shown} shown"
            ),
            Self::Regression { kept, now } => text!(
                lang,
                "der Server nimmt etwas zurück: {kept} Einträge waren bestätigt, jetzt nur noch {now}",
                "the server takes something back: {kept} entries were signed, now only {now}"
            ),
            Self::Fork { count } => text!(
                lang,
                "der Server zeigt zwei verschiedene Listen mit {count} Einträgen",
                "the server shows two different lists of {count} entries"
            ),
            Self::Checkpoint(cause) => text!(
                lang,
                "der Server zeigt einen Stand des Protokolls, den dessen Schlüssel nicht unterschrieben hat: {cause}",
                "the server shows a checkpoint that the log's key did not sign: {cause}"
            ),
            Self::Tiles(cause) => text!(
                lang,
                "die Dateien des Protokolls passen nicht zu dessen unterschriebenem Stand: {cause}",
                "the files of the log do not fit its signed checkpoint: {cause}"
            ),
            Self::Timestamp(cause) => text!(
                lang,
                "der Server zeigt einen Zeitstempel, der nicht zu seinem Protokoll gehört: {cause}",
                "the server shows a time-stamp that is not of its log: {cause}"
            ),
            Self::NotLogged(cause) => text!(
                lang,
                "was der Server quittiert hat, steht nicht in seinem Protokoll: {cause}",
                "what the server receipted is not in its log: {cause}"
            ),
            Self::LogForked { size } => text!(
                lang,
                "der Server zeigt zwei verschiedene Protokolle mit {size} Erklärungen",
                "the server shows two different logs of {size} statements"
            ),
            Self::LogShrunk { signed } => text!(
                lang,
                "der Server hat das Protokoll mit {signed} Erklärungen nicht mehr, das er unterschrieben hat",
                "the server no longer has the log of {signed} statements that it signed"
            ),
            Self::Statement(cause) => text!(
                lang,
                "der Server zeigt eine Erklärung, die nicht gilt: {cause}",
                "the server shows a statement that does not hold: {cause}"
            ),
        };
        let next = text!(
            lang,
            "nicht weiterarbeiten; Profilordner aufbewahren und der Aufsicht melden: was dort liegt, überführt den Server",
            "stop here; keep the profile folder and tell the supervisor: what lies there convicts the server"
        );
        Failure::new(Exit::Refused, what, next)
    }
}
