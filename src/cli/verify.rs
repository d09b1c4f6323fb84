//! `postfach verify`: what an evidence file proves, offline, for anyone.
//!
//! Purpose: read `.pfe` files, verify them against a pinned operator, say the result in words or
//! as JSON. Invariant: exit code 0 means that every file verified against an operator that the
//! caller named or the profile pins; the file's own root key never gives 0. Absent: network, keys,
//! the checks themselves ([`postfach_crypto::evidence`]) and their words ([`super::report`]).

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use postfach_crypto::evidence::{
    Agreement, Evidence, EvidenceError, MAX_EVIDENCE, Policy, Verdict, compare, verify,
    verify_stamped,
};
use postfach_crypto::ids::StatementHash;
use postfach_crypto::keys::VerifyingKey;

use crate::cli::error::{Exit, Explain, Failure};
use crate::cli::lang::{Language, text};
use crate::cli::policy_file;
use crate::cli::printable::printable;
use crate::cli::report::document::{Fingerprint, Source, document};
use crate::cli::report::{
    ComparisonForm, Destination, Examined, Form, PinnedAuthority, Pinning, comparison, page,
};
use crate::cli::ui::Ui;
use crate::clock;
use crate::timestamp::TsaCertificates;

/// The arguments of `postfach verify`.
#[derive(Debug, Clone, clap::Args)]
pub struct Arguments {
    /// Evidence files (.pfe)
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// The operator's root key in hexadecimal digits, as on the letter; spaces are ignored
    #[arg(long, value_name = "HEX", value_parser = parse_root)]
    pub root: Option<VerifyingKey>,
    /// The origin of the operator's log, such as postfach.example
    #[arg(long, value_name = "NAME")]
    pub origin: Option<String>,
    /// A policy: the operator's origin and root key, and the witnesses of its log
    #[arg(long, value_name = "FILE", conflicts_with_all = ["root", "origin"])]
    pub policy: Option<PathBuf>,
    /// Certificates of time-stamping authorities (PEM): also check the file's time-stamps
    #[arg(long, value_name = "CERT.pem")]
    pub tsa: Option<PathBuf>,
    /// Take the operator from the file itself: shows whether it agrees with itself, proves nothing
    #[arg(long, conflicts_with_all = ["root", "origin", "policy"])]
    pub trust_file: bool,
    /// Also write a self-contained report of the one file, as .html or .pdf; may be repeated
    #[arg(long, value_name = "OUT", value_parser = Destination::parse)]
    pub report: Vec<Destination>,
}

/// Against whom files are verified.
enum Trust {
    Pinned(Policy),
    File,
}

/// Verifies every file and says what was found. Files that cannot be read are explained and
/// passed over. `pinned` is the operator of the profile, where there is one.
///
/// # Errors
/// A usage [`Failure`] where no operator is known.
pub fn run(arguments: Arguments, pinned: Option<Policy>, ui: &Ui) -> Result<Exit, Failure> {
    let lang = ui.lang();
    let Arguments {
        files,
        root,
        origin,
        policy,
        tsa,
        trust_file,
        report,
    } = arguments;
    if !report.is_empty() && files.len() > 1 {
        return Err(one_report_for_many(lang));
    }
    let trust = match policy {
        _ if trust_file => Trust::File,
        Some(path) => Trust::Pinned(policy_file::load(&path, lang)?),
        None => pin(origin, root, pinned, lang)?,
    };
    let tsa = tsa.map(|path| load_tsa(&path, lang)).transpose()?;
    if matches!(trust, Trust::File) {
        ui.warn(text!(
            lang,
            "--trust-file: Der Betreiber ist NICHT festgelegt. Wer die Datei gemacht hat, kann alles darin erfunden haben.",
            "--trust-file: the operator is NOT pinned. Whoever made the file may have invented all of it."
        ));
    }
    let mut worst = Exit::Done;
    let mut read: Vec<(String, Evidence)> = Vec::new();
    for (index, path) in files.iter().enumerate() {
        let exit = match examine(path, &trust, tsa.as_ref(), lang) {
            Ok((examined, evidence, fingerprint)) => {
                read.push((examined.file.clone(), evidence));
                ui.result(&Form::from(&examined), || {
                    let gap = if index > 0 { "\n" } else { "" };
                    format!("{gap}{}", page(lang, &examined))
                });
                let written = write_reports(&report, &examined, fingerprint, ui);
                worse(exit(examined.verdict()), written)
            }
            Err(failure) => {
                ui.fail(&failure);
                failure.exit
            }
        };
        worst = worse(worst, exit);
    }
    Ok(worse(worst, compare_all(&read, &trust, ui)))
}

/// Holds every file against the first one that is about the same envelope.
fn compare_all(read: &[(String, Evidence)], trust: &Trust, ui: &Ui) -> Exit {
    let mut worst = Exit::Done;
    for (index, (file, evidence)) in read.iter().enumerate() {
        let mut earlier = read[..index].iter();
        let Some((first, other)) = earlier.find(|(_, it)| it.entries[0] == evidence.entries[0])
        else {
            continue;
        };
        let policy = match trust {
            Trust::Pinned(policy) => policy.clone(),
            Trust::File => Policy::without_witnesses(&*evidence.origin, evidence.root),
        };
        let found = compare(other, evidence, &policy);
        let files = [first.as_str(), file.as_str()];
        ui.result(&ComparisonForm::new(files, &found), || {
            format!("\n{}", comparison(ui.lang(), files, &found))
        });
        let exit = match found.agreement() {
            Agreement::Same | Agreement::OneGoesOn => Exit::Done,
            Agreement::NotComparable => Exit::NotProven,
            Agreement::Contradict => Exit::Refused,
        };
        worst = worse(worst, exit);
    }
    worst
}

/// Writes the reports that were asked for; one that cannot be written is explained.
fn write_reports(
    destinations: &[Destination],
    examined: &Examined,
    fingerprint: Fingerprint,
    ui: &Ui,
) -> Exit {
    if destinations.is_empty() {
        return Exit::Done;
    }
    let lang = ui.lang();
    let source = Source {
        examined,
        fingerprint,
        legal: examined.report.legal_date.as_ref(),
        witnesses: Some(&examined.policy.witnesses),
        made: clock::now(),
    };
    let report = document(lang, &source);
    let mut worst = Exit::Done;
    for destination in destinations {
        let path = printable(&destination.path().display().to_string());
        match destination.write(&report) {
            Ok(()) => ui.good(text!(lang, "Bericht: {path}", "Report: {path}")),
            Err(Failure { exit, what, next }) => {
                ui.fail(&Failure::new(exit, format!("{path}: {what}"), next));
                worst = worse(worst, exit);
            }
        }
    }
    worst
}

fn load_tsa(path: &Path, lang: Language) -> Result<TsaCertificates, Failure> {
    TsaCertificates::load(path).map_err(|error| {
        let path = printable(&path.display().to_string());
        let error = printable(&error.to_string());
        Failure::new(
            Exit::Usage,
            text!(
                lang,
                "{path} nennt keinen Zeitstempeldienst: {error}",
                "{path} names no time-stamping authority: {error}"
            ),
            text!(
                lang,
                "das eigene Zertifikat des Zeitstempeldienstes in PEM angeben, so wie er es veröffentlicht",
                "name the authority's own certificate in PEM, as it publishes it"
            ),
        )
    })
}

fn one_report_for_many(lang: Language) -> Failure {
    Failure::new(
        Exit::Usage,
        text!(
            lang,
            "--report beschreibt eine Nachweisdatei, genannt sind mehrere",
            "--report is about one evidence file, and several are named"
        ),
        text!(
            lang,
            "für jede Datei einzeln aufrufen",
            "run the command once for each file"
        ),
    )
}

/// The exit code of a verdict.
fn exit(verdict: Verdict) -> Exit {
    match verdict {
        Verdict::Verified => Exit::Done,
        Verdict::Disputed | Verdict::NotProven => Exit::NotProven,
        Verdict::Failed => Exit::Refused,
    }
}

/// A failed check outweighs a file that cannot be read, and that outweighs what is not proven.
fn worse(one: Exit, other: Exit) -> Exit {
    let weight = |exit| match exit {
        Exit::Done => 0,
        Exit::NotProven => 1,
        Exit::Refused => 3,
        _ => 2,
    };
    if weight(other) > weight(one) {
        other
    } else {
        one
    }
}

/// What the command line says, and the profile where that says nothing.
fn pin(
    origin: Option<String>,
    root: Option<VerifyingKey>,
    pinned: Option<Policy>,
    lang: Language,
) -> Result<Trust, Failure> {
    match (origin, root, pinned) {
        (Some(origin), Some(root), None) => {
            Ok(Trust::Pinned(Policy::without_witnesses(origin, root)))
        }
        (origin, root, Some(pinned)) => Ok(Trust::Pinned(Policy {
            origin: origin.unwrap_or(pinned.origin),
            root: root.unwrap_or(pinned.root),
            witnesses: pinned.witnesses,
        })),
        (origin, root, None) => Err(unknown_operator(lang, origin.as_ref(), root.as_ref())),
    }
}

fn unknown_operator(
    lang: Language,
    origin: Option<&String>,
    root: Option<&VerifyingKey>,
) -> Failure {
    let missing = match (root, origin) {
        (None, Some(_)) => "--root HEX".to_owned(),
        (Some(_), None) => "--origin NAME".to_owned(),
        _ => text!(
            lang,
            "--root HEX und --origin NAME, oder --policy FILE",
            "--root HEX and --origin NAME, or --policy FILE"
        ),
    };
    Failure::new(
        Exit::Usage,
        text!(
            lang,
            "kein Profil legt den Betreiber fest, und in der Befehlszeile fehlt: {missing}",
            "no profile pins the operator, and the command line lacks: {missing}"
        ),
        text!(
            lang,
            "den Fingerabdruck des Betreiberschlüssels und den Namen des Dienstes vom Aktivierungsbrief der Behörde abtippen; notfalls zeigt --trust-file, ob die Datei in sich stimmt",
            "type the fingerprint of the operator's key and the service's name from the authority's activation letter; failing that, --trust-file shows whether the file agrees with itself"
        ),
    )
}

/// What one file gives.
type Opened = (Examined, Evidence, Fingerprint);

fn examine(
    path: &Path,
    trust: &Trust,
    tsa: Option<&TsaCertificates>,
    lang: Language,
) -> Result<Opened, Failure> {
    let file = printable(&path.display().to_string());
    let bytes = read(path).map_err(|error| {
        let Failure { exit, what, next } = error.explain(lang);
        Failure::new(exit, format!("{file}: {what}"), next)
    })?;
    let evidence = Evidence::decode(&bytes).map_err(|error| not_evidence(&file, error, lang))?;
    let (policy, pinning) = match trust {
        Trust::Pinned(policy) => (policy.clone(), Pinning::Pinned),
        Trust::File => {
            let (origin, root) = (evidence.origin.clone(), evidence.root);
            (Policy::without_witnesses(origin, root), Pinning::FromFile)
        }
    };
    let report = match tsa {
        Some(tsa) => verify_stamped(&evidence, &policy, &|text, token| {
            tsa.read_token(text, token)
        }),
        None => verify(&evidence, &policy),
    };
    let authorities = tsa.into_iter().flat_map(TsaCertificates::authorities);
    let examined = Examined {
        authorities: authorities
            .map(|(name, sha256)| PinnedAuthority {
                name: name.to_owned(),
                sha256,
            })
            .collect(),
        report,
        file: path.display().to_string(),
        policy,
        pinning,
    };
    Ok((examined, evidence, Fingerprint::of(&bytes)))
}

/// Reads no more than one byte beyond the limit; decoding refuses what is longer.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let limit = MAX_EVIDENCE as u64 + 1;
    File::open(path)?.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn not_evidence(file: &str, error: EvidenceError, lang: Language) -> Failure {
    let (what, next) = match error {
        EvidenceError::Encoding(_) | EvidenceError::Rule(_) => (
            text!(
                lang,
                "{file} ist keine Nachweisdatei oder ist beschädigt ({error})",
                "{file} is not an evidence file, or it is damaged ({error})"
            ),
            text!(
                lang,
                "die Datei noch einmal holen; gemeint ist die .pfe-Datei aus `postfach evidence`",
                "fetch the file again; meant is the .pfe file that `postfach evidence` wrote"
            ),
        ),
        EvidenceError::Version(version) => (
            text!(
                lang,
                "{file} hat Version {version}, die dieses Programm nicht kennt",
                "{file} is of version {version}, which this program does not know"
            ),
            text!(lang, "das Programm erneuern", "update the program"),
        ),
    };
    Failure::new(Exit::Usage, what, next)
}

/// Reads a root key as people type it from paper: in groups, in either case.
pub fn parse_root(text: &str) -> Result<VerifyingKey, String> {
    let digits: String = text
        .chars()
        .filter(|letter| !letter.is_whitespace() && *letter != '-')
        .map(|letter| letter.to_ascii_lowercase())
        .collect();
    let bytes: StatementHash = digits
        .parse()
        .map_err(|_| "expected 64 hexadecimal digits / erwartet: 64 Hexadezimalziffern")?;
    let key = VerifyingKey(bytes.0);
    key.check_strong().map_err(|error| error.to_string())?;
    Ok(key)
}
