//! Configuration and TLS of the server.

use crate::cli::error::{Exit, Explain, Failure};
use crate::cli::lang::{Language, text};
use crate::server::config::ConfigError;
use crate::server::tls::TlsError;

impl Explain for ConfigError {
    fn explain(&self, lang: Language) -> Failure {
        let what = match self {
            Self::Unknown(name, source) => {
                text!(
                    lang,
                    "unbekannte Einstellung {name} ({source})",
                    "unknown setting {name} ({source})"
                )
            }
            Self::Missing(name) => {
                text!(
                    lang,
                    "die Einstellung {name} fehlt",
                    "the setting {name} is missing"
                )
            }
            Self::Invalid {
                name,
                why,
                source_of_value,
            } => text!(
                lang,
                "Einstellung {name}: {why} ({source_of_value})",
                "setting {name}: {why} ({source_of_value})"
            ),
            Self::File(path, line, why) => {
                let path = path.display();
                text!(
                    lang,
                    "{path}, Zeile {line}: {why}",
                    "{path}, line {line}: {why}"
                )
            }
        };
        let next = text!(
            lang,
            "berichtigen; alle Einstellungen erklärt docs/operations.md",
            "correct it; docs/operations.md explains every setting"
        );
        Failure::new(Exit::Usage, what, next)
    }
}

impl Explain for TlsError {
    fn explain(&self, lang: Language) -> Failure {
        let what = match self {
            Self::File { path, why } => {
                let path = path.display();
                text!(lang, "{path}: {why}", "{path}: {why}")
            }
            Self::Mismatch(why) => text!(
                lang,
                "Zertifikat und Schlüssel passen nicht zusammen: {why}",
                "certificate and key do not fit together: {why}"
            ),
            Self::Configuration(why) => text!(lang, "TLS: {why}", "TLS: {why}"),
            Self::Local(why) => text!(
                lang,
                "örtliches Zertifikat: {why}",
                "local certificate: {why}"
            ),
            Self::Io(error) => return error.explain(lang),
        };
        let next = text!(
            lang,
            "tls.certificate und tls.key prüfen: PEM-Dateien, das Zertifikat des Servers zuerst",
            "check tls.certificate and tls.key: PEM files, the server's own certificate first"
        );
        Failure::new(Exit::Local, what, next)
    }
}
