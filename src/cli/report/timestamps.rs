//! The words for time-stamps; German first. Names of authorities stand in certificates that the
//! verifier pinned; strangers chose them all the same.

use postfach_crypto::evidence::{CheckName, Outcome, Report, TokenFault};
use postfach_crypto::ids::UnixMillis;

use super::words::Both;
use crate::cli::lang::{self, Language, text};

/// What the check is called, and what is true when it passed.
pub(super) const CHECK: (Both, Both) = (
    Both("Zeitstempel", "Time-stamp"),
    Both(
        "Ein von Ihnen festgelegter Zeitstempeldienst bezeugt, dass alle Ereignisse dieser Sendung schon bestanden, als er sie stempelte.",
        "A time-stamping authority that you pinned states that all events of this envelope existed when it stamped them.",
    ),
);

/// What is not proven while no authority is pinned.
pub(super) const NOT_PINNED: Both = Both(
    "Zeitstempel: Die Datei enthält welche, aber kein Zeitstempeldienst ist festgelegt (--tsa).",
    "Time-stamps: the file holds some, but no time-stamping authority is pinned (--tsa).",
);

/// The file holds none.
pub(super) const MISSING: Both = Both(
    "Die Datei enthält keinen Zeitstempel.",
    "The file holds no time-stamp.",
);

/// The file holds none by a pinned authority.
pub(super) const OTHER_AUTHORITY: Both = Both(
    "Kein Zeitstempel in der Datei ist von einem der von Ihnen festgelegten Dienste.",
    "No time-stamp in the file is by one of the authorities that you pinned.",
);

/// None covers everything.
pub(super) const PENDING: Both = Both(
    "Der Zeitstempel steht aus: Keiner umfasst schon alle Ereignisse dieser Sendung.",
    "Time-stamp pending: none covers all events of this envelope yet.",
);

/// Why a token does not hold.
pub(super) fn fault(fault: TokenFault) -> Both {
    match fault {
        TokenFault::Form => Both(
            "Ein Zeitstempel hat nicht die vorgeschriebene Form; er ist beschädigt oder keiner.",
            "A time-stamp does not have the required form; it is damaged or none at all.",
        ),
        TokenFault::Algorithm => Both(
            "Ein Zeitstempel ist mit einem Verfahren unterschrieben, das nicht anerkannt wird.",
            "A time-stamp is signed with an algorithm that is not accepted.",
        ),
        TokenFault::Signature => Both(
            "Die Unterschrift eines Zeitstempels ist ungültig: Er wurde verändert, oder ein anderer hat ihn gemacht.",
            "The signature of a time-stamp is not valid: it was changed, or somebody else made it.",
        ),
        TokenFault::OtherText => Both(
            "Ein Zeitstempel gehört zu etwas anderem als dem Prüfpunkt in der Datei.",
            "A time-stamp is of something else than the checkpoint in the file.",
        ),
        TokenFault::Validity => Both(
            "Ein Zeitstempel liegt außerhalb der Gültigkeit des Zertifikats, unter dem er unterschrieben ist.",
            "A time-stamp lies outside of the validity of the certificate under which it is signed.",
        ),
    }
}

/// What one token proves: words of ours, the authority's name, words of ours.
pub(super) struct Sentence(
    pub(super) String,
    pub(super) String,
    pub(super) &'static str,
);

/// What the tokens that hold prove, in the order of the file.
pub(super) fn sentences(lang: Language, report: &Report) -> Vec<Sentence> {
    let passed = report.outcome(CheckName::TimeStamped) == Some(Outcome::Passed);
    let most = report.timestamps.iter().map(|it| it.entries).max();
    report
        .timestamps
        .iter()
        .map(|it| {
            let time = lang::date_time(lang, next_minute(it.stamped.latest()));
            let entries = it.entries;
            let before = if passed && Some(entries) == most {
                text!(
                    lang,
                    "Alles bestand vor dem {time}, bezeugt „",
                    "All of it existed before {time}, states “"
                )
            } else {
                text!(
                    lang,
                    "Die ersten {entries} Einträge bestanden vor dem {time}, bezeugt „",
                    "The first {entries} entries existed before {time}, states “"
                )
            };
            let after = Both("“.", "”.").pick(lang);
            Sentence(before, it.stamped.authority.clone(), after)
        })
        .collect()
}

/// People read minutes: the first that is not earlier, so that "before" stays true.
fn next_minute(time: UnixMillis) -> UnixMillis {
    UnixMillis(time.0.div_ceil(60_000).saturating_mul(60_000))
}
