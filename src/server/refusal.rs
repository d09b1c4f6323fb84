//! Why a request was refused, at the level of HTTP or by the service, with words for people.
//!
//! Invariant: no variant holds content, names or keys, so each may be shown and logged.
//! HTTP status and form are in [`super::problem`].

use std::fmt;

use axum::extract::rejection::{PathRejection, QueryRejection};
use postfach_storage::{ReadError, UploadError};

use crate::api::http_signature::RequestSignatureError;
use crate::api::words::{Words, words};
use crate::service::ServiceError;

/// Why a request was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The use case refused.
    Service(ServiceError),
    /// The request signature is missing or does not count.
    Signature(RequestSignatureError),
    /// No route has this path.
    NoSuchPath,
    /// The route has no such method.
    Method,
    /// A path parameter has another form.
    Path,
    /// A query parameter is unknown, has another form, or is out of range.
    Query,
    /// The body has another media type than the route takes.
    MediaType,
    /// The body is larger than the route takes.
    TooLarge,
    /// The body came too slowly.
    Slow,
    /// The body ended before its announced length.
    Truncated,
    /// The JSON body has another form.
    Json,
    /// A header of an upload is missing, repeated or malformed.
    UploadHeaders,
    /// A header that writing a vault needs is missing, repeated or malformed.
    VaultHeaders,
    /// The body is not the one whose digest was announced.
    Digest,
    /// The range is malformed, more than one, or outside the part of this length.
    Range(u64),
    /// Too many requests wait for this list.
    Waiters,
    /// This vault or its owner was asked for too often.
    Allowance,
    /// The server has no room for this request now.
    Busy,
    /// The use case took too long.
    Timeout,
    /// A defect.
    Internal,
}

impl fmt::Display for Refusal {
    /// For the operator's log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::Service(error) => error.fmt(f),
            Refusal::Signature(error) => error.fmt(f),
            other => f.write_str(other.words().what[1]),
        }
    }
}

impl From<ServiceError> for Refusal {
    fn from(error: ServiceError) -> Self {
        match error {
            ServiceError::Read(ReadError::Range { length }) => Refusal::Range(length),
            other => Refusal::Service(other),
        }
    }
}

impl From<PathRejection> for Refusal {
    fn from(_: PathRejection) -> Self {
        Refusal::Path
    }
}

impl From<QueryRejection> for Refusal {
    fn from(_: QueryRejection) -> Self {
        Refusal::Query
    }
}

impl Refusal {
    /// Where an upload continues, if that is what the client has to know.
    pub(super) fn received(&self) -> Option<u64> {
        match self {
            Refusal::Service(ServiceError::Upload(
                UploadError::Offset { received } | UploadError::Incomplete { received },
            )) => Some(*received),
            _ => None,
        }
    }

    /// The words for people and the code for programs.
    pub(super) fn words(&self) -> Words {
        let (code, what, next) = match self {
            Refusal::Service(error) => return words(error),
            Refusal::Signature(error) => return signature_words(*error),
            Refusal::NoSuchPath => (
                "no-such-path",
                ["Diesen Pfad gibt es nicht.", "There is no such path."],
                [
                    "Pfade stehen in /v1/openapi.json.",
                    "Paths are listed in /v1/openapi.json.",
                ],
            ),
            Refusal::Method => (
                "method",
                [
                    "Dieser Pfad kennt diese Methode nicht.",
                    "This path has no such method.",
                ],
                ["Kopfzeile Allow beachten.", "See the Allow header."],
            ),
            Refusal::Path => (
                "bad-path",
                [
                    "Eine Adresse, Kennung oder Nummer im Pfad hat die falsche Form.",
                    "An address, hash or number in the path has the wrong form.",
                ],
                [
                    "Adresse oder Kennung noch einmal vollständig kopieren.",
                    "Copy the address or hash again, in full.",
                ],
            ),
            Refusal::Query => (
                "bad-query",
                [
                    "Ein Parameter ist unbekannt oder hat einen unzulässigen Wert.",
                    "A query parameter is unknown or has a value that is not allowed.",
                ],
                [
                    "Parameter stehen in /v1/openapi.json.",
                    "Parameters are listed in /v1/openapi.json.",
                ],
            ),
            Refusal::MediaType => (
                "media-type",
                [
                    "Der Inhalt hat nicht den Medientyp, den dieser Pfad annimmt.",
                    "The body does not have the media type that this path takes.",
                ],
                [
                    "Content-Type setzen, siehe /v1/openapi.json.",
                    "Set Content-Type, see /v1/openapi.json.",
                ],
            ),
            Refusal::TooLarge => (
                "too-large",
                ["Der Inhalt ist zu groß.", "The body is too large."],
                [
                    "Grenzen in /v1/info beachten.",
                    "See the limits in /v1/info.",
                ],
            ),
            Refusal::Slow => (
                "slow-body",
                [
                    "Der Inhalt kam zu langsam an.",
                    "The body arrived too slowly.",
                ],
                [
                    "Über eine bessere Verbindung noch einmal senden; Hochladen setzt fort.",
                    "Send again over a better connection; uploads continue.",
                ],
            ),
            Refusal::Truncated => (
                "truncated-body",
                [
                    "Der Inhalt brach vor der angekündigten Länge ab; nichts wurde gespeichert.",
                    "The body ended before its announced length; nothing was stored.",
                ],
                ["Noch einmal senden.", "Send again."],
            ),
            Refusal::Json => (
                "bad-json",
                [
                    "Das JSON hat nicht die verlangte Form.",
                    "The JSON does not have the required form.",
                ],
                [
                    "Felder stehen in /v1/openapi.json.",
                    "Fields are listed in /v1/openapi.json.",
                ],
            ),
            Refusal::UploadHeaders => (
                "upload-headers",
                [
                    "Upload-Offset oder Content-Digest fehlt, steht doppelt oder hat die falsche Form.",
                    "Upload-Offset or Content-Digest is missing, repeated or malformed.",
                ],
                [
                    "Beide genau einmal senden: eine Zahl, und sha-256 (RFC 9530).",
                    "Send each exactly once: a number, and sha-256 (RFC 9530).",
                ],
            ),
            Refusal::VaultHeaders => (
                "vault-headers",
                [
                    "If-Match, If-None-Match oder Content-Digest fehlt, steht doppelt oder hat die falsche Form.",
                    "If-Match, If-None-Match or Content-Digest is missing, repeated or malformed.",
                ],
                [
                    "Genau eine Bedingung senden, dazu Content-Digest mit sha-256 (RFC 9530).",
                    "Send exactly one condition, and Content-Digest with sha-256 (RFC 9530).",
                ],
            ),
            Refusal::Digest => (
                "content-digest",
                [
                    "Der Inhalt passt nicht zum angekündigten Content-Digest; nichts wurde gespeichert.",
                    "The body does not match the announced Content-Digest; nothing was stored.",
                ],
                [
                    "Dasselbe Stück noch einmal senden.",
                    "Send the same piece again.",
                ],
            ),
            Refusal::Range(_) => (
                "range",
                [
                    "Der angeforderte Bereich liegt außerhalb des Teils oder ist nicht einer.",
                    "The range lies outside the part or is not a single one.",
                ],
                [
                    "Einen Bereich innerhalb der Länge in Content-Range anfordern.",
                    "Request one range within the length that Content-Range gives.",
                ],
            ),
            Refusal::Waiters => (
                "too-many-waiters",
                [
                    "Zu viele Geräte warten auf diese Liste.",
                    "Too many devices wait for this list.",
                ],
                [
                    "Ohne wait abfragen oder später warten.",
                    "Ask without wait, or wait later.",
                ],
            ),
            Refusal::Allowance => (
                "too-many-requests",
                [
                    "Das wurde in kurzer Zeit zu oft getan.",
                    "This was done too often within a short time.",
                ],
                [
                    "In einer Stunde noch einmal versuchen.",
                    "Try again in an hour.",
                ],
            ),
            Refusal::Busy => (
                "busy",
                [
                    "Der Server ist gerade überlastet; nichts wurde gespeichert.",
                    "The server is overloaded; nothing was stored.",
                ],
                ["Gleich noch einmal senden.", "Send again shortly."],
            ),
            Refusal::Timeout => (
                "timeout",
                ["Der Server brauchte zu lange.", "The server took too long."],
                [
                    "Noch einmal senden; dieselbe Sendung bekommt dieselbe Quittung.",
                    "Send again; the same submission gets the same receipt.",
                ],
            ),
            Refusal::Internal => (
                "internal",
                [
                    "Im Server ist ein Fehler passiert.",
                    "An error happened in the server.",
                ],
                [
                    "Noch einmal senden; bleibt der Fehler, dem Betreiber melden.",
                    "Send again; if this goes on, tell the operator.",
                ],
            ),
        };
        Words { code, what, next }
    }
}

fn signature_words(error: RequestSignatureError) -> Words {
    let (code, what, next) = match error {
        RequestSignatureError::Missing => (
            "unsigned",
            [
                "Diese Anfrage muss unterschrieben sein.",
                "This request must be signed.",
            ],
            [
                "Mit einem Schlüssel der Partei unterschreiben (RFC 9421).",
                "Sign it with a key of the party (RFC 9421).",
            ],
        ),
        RequestSignatureError::Profile => (
            "signature-profile",
            [
                "Die Signatur der Anfrage deckt nicht genau das Verlangte ab.",
                "The request signature does not cover exactly what is required.",
            ],
            [
                "Programm aktualisieren; das Profil steht in docs/format/http.md.",
                "Update the program; the profile is in docs/format/http.md.",
            ],
        ),
        RequestSignatureError::Time => (
            "signature-time",
            [
                "Die Signatur der Anfrage ist abgelaufen oder die Uhr geht falsch.",
                "The request signature has expired or the clock is wrong.",
            ],
            [
                "Uhr nach dem Feld time stellen und neu unterschreiben.",
                "Set the clock by the field time and sign again.",
            ],
        ),
        RequestSignatureError::Invalid => (
            "signature-invalid",
            [
                "Die Signatur gilt nicht für diese Anfrage.",
                "The signature is not valid for this request.",
            ],
            [
                "Profil mit authority in /v1/info abgleichen und neu unterschreiben.",
                "Compare the profile with authority in /v1/info and sign again.",
            ],
        ),
    };
    Words { code, what, next }
}
