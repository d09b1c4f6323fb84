//! Key and state of a witness.

use crate::cli::error::{Exit, Explain, Failure};
use crate::cli::lang::{Language, text};
use crate::witness::key::WitnessKeyError;
use crate::witness::state::StateError;

impl Explain for WitnessKeyError {
    fn explain(&self, lang: Language) -> Failure {
        match self {
            Self::KeyFile(error) => error.explain(lang),
            Self::Role { file, .. } => {
                let file = file.display();
                Failure::new(
                    Exit::Usage,
                    text!(
                        lang,
                        "{file} ist nicht die Schlüsseldatei eines Zeugen",
                        "{file} is not the key file of a witness"
                    ),
                    text!(
                        lang,
                        "die Datei aus `postfach witness init` angeben",
                        "name the file that `postfach witness init` made"
                    ),
                )
            }
            Self::Sealed(path) => {
                let path = path.display();
                Failure::new(
                    Exit::Local,
                    text!(
                        lang,
                        "{path} ist durch eine Passphrase geschützt, die ein Zeuge nicht eingeben kann",
                        "{path} is under a passphrase, which a witness cannot type"
                    ),
                    text!(
                        lang,
                        "die unverschlüsselte Datei mit Modus 0600 aus `postfach witness init` verwenden",
                        "use the plain file of mode 0600 that `postfach witness init` made"
                    ),
                )
            }
            Self::Public(path) => {
                let shown = path.display();
                Failure::new(
                    Exit::Local,
                    text!(
                        lang,
                        "{shown} gehört nicht zur Schlüsseldatei",
                        "{shown} does not belong to the key file"
                    ),
                    text!(
                        lang,
                        "beide Dateien aus derselben Sicherung nehmen",
                        "take both files from the same backup"
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

impl Explain for StateError {
    fn explain(&self, lang: Language) -> Failure {
        let lost = || {
            text!(
                lang,
                "nicht von vorn beginnen: Dieser Zeuge könnte zwei verschiedene Protokolle bestätigen. Die neueste Sicherung hilft nur, wenn seither nichts bestätigt wurde; sonst mit `postfach witness init` einen neuen Zeugen machen und den alten aus den Richtlinien nehmen",
                "do not begin anew: this witness could cosign two different logs. The newest backup helps only if nothing was cosigned since; otherwise make a new witness with `postfach witness init` and take the old one out of the policies"
            )
        };
        match self {
            Self::Locked(folder) => {
                let folder = folder.display();
                Failure::new(
                    Exit::Conflict,
                    text!(
                        lang,
                        "auf {folder} läuft schon ein Zeuge",
                        "a witness is running on {folder} already"
                    ),
                    text!(
                        lang,
                        "den anderen beenden; ein Zeuge läuft nur einmal",
                        "stop the other one; a witness runs once only"
                    ),
                )
            }
            Self::OtherWitness { folder, of } => {
                let folder = folder.display();
                Failure::new(
                    Exit::Usage,
                    text!(
                        lang,
                        "{folder} gehört einem anderen Zeugen ({})",
                        "{folder} belongs to another witness ({})",
                        crate::cli::printable::printable(of)
                    ),
                    text!(
                        lang,
                        "--key und --state desselben Zeugen angeben",
                        "name --key and --state of the same witness"
                    ),
                )
            }
            Self::Damaged(path) => {
                let path = path.display();
                Failure::new(
                    Exit::Local,
                    text!(
                        lang,
                        "{path} ist beschädigt; was bestätigt wurde, ist unbekannt",
                        "{path} is damaged; what was cosigned is unknown"
                    ),
                    lost(),
                )
            }
            Self::Missing { origin, file } => {
                let file = file.display();
                let origin = crate::cli::printable::printable(origin);
                Failure::new(
                    Exit::Local,
                    text!(
                        lang,
                        "{file} fehlt; was für {origin} bestätigt wurde, ist unbekannt",
                        "{file} is missing; what was cosigned for {origin} is unknown"
                    ),
                    lost(),
                )
            }
            Self::TooMany => Failure::new(
                Exit::Usage,
                text!(
                    lang,
                    "mehr Protokolle, als ein Zeuge verfolgt",
                    "more logs than a witness follows"
                ),
                text!(
                    lang,
                    "auf mehrere Zeugen verteilen",
                    "share them among several witnesses"
                ),
            ),
            Self::Io { path, source } => {
                let Failure { exit, what, next } = source.explain(lang);
                Failure::new(exit, format!("{}: {what}", path.display()), next)
            }
        }
    }
}
