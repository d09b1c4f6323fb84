//! Every check, what is not proven, against what it was verified, and which file and program.

use postfach_crypto::evidence::{Check, CheckName, Outcome};
use postfach_crypto::ids::StatementHash;
use postfach_crypto::tlog::Policy;
use postfach_crypto::tlog::policy::{Member, PolicyWitness, Quorum};

use super::super::page::grouped;
use super::super::timestamps::{Sentence, sentences};
use super::super::words::{self, Both};
use super::super::{Pinning, causes, events};
use super::blocks::{Fields, Span};
use super::{Block, Column, Listing, Section, Source, Standing, Table, Words};
use crate::cli::lang::{self, Language, text};

pub(super) fn sections(lang: Language, source: &Source<'_>) -> Vec<Section> {
    vec![
        checks(lang, source),
        not_shown(lang, source),
        pinned(lang, source),
        colophon(lang, source),
    ]
}

fn checks(lang: Language, source: &Source<'_>) -> Section {
    let report = &source.examined.report;
    let mut blocks = vec![Block::Table(Table {
        caption: Both(
            "Jede Prüfung mit Ergebnis und Grund",
            "Every check with its outcome and cause",
        )
        .pick(lang),
        columns: [
            (Both("Prüfung", "Check"), 4.0),
            (Both("Ergebnis", "Outcome"), 2.2),
            (Both("Was das heißt", "What this means"), 6.0),
        ]
        .map(|(heading, weight)| Column {
            heading: heading.pick(lang),
            weight,
        })
        .to_vec(),
        rows: report
            .checks
            .iter()
            .map(|check| row(lang, source, check))
            .collect(),
    })];
    if !report.disputed.is_empty() {
        let reasons = report.disputed.iter();
        blocks.push(Block::Heading(
            Both("Der Empfänger erklärt", "The recipient states").pick(lang),
        ));
        blocks.push(Block::List(
            Listing::Points,
            reasons
                .map(|reason| Words::own(events::reason(lang, *reason)))
                .collect(),
        ));
    }
    Section::new(lang, Both("Prüfungen", "Checks"), blocks)
}

fn row(lang: Language, source: &Source<'_>, check: &Check) -> Vec<Words> {
    let Check { name, outcome } = check;
    let (label, fact) = words::check(*name);
    let (standing, word, sentence) = match outcome {
        Outcome::Passed if source.examined.stands_on_itself(*name, *outcome) => (
            Standing::Doubtful,
            Both("nicht bewiesen", "not proven"),
            words::OWN_ROOT.pick(lang).to_owned(),
        ),
        Outcome::Passed => (
            Standing::Good,
            Both("bestanden", "passed"),
            fact.pick(lang).to_owned(),
        ),
        Outcome::Failed(cause) => (
            Standing::Bad,
            Both("gescheitert", "failed"),
            causes::cause(lang, cause),
        ),
        Outcome::NotProven(gap) => (
            Standing::Doubtful,
            Both("nicht bewiesen", "not proven"),
            causes::gap(lang, *gap),
        ),
    };
    let mut meaning = Words::own(sentence);
    if *name == CheckName::TimeStamped {
        for Sentence(before, authority, after) in sentences(lang, &source.examined.report) {
            meaning = meaning
                .and(Words::own(format!(" {before}")))
                .and(Words::foreign(&authority))
                .and(Words::own(after));
        }
    }
    vec![
        Words::own(label.pick(lang)),
        Words(vec![Span::Outcome(standing, word.pick(lang).to_owned())]),
        meaning,
    ]
}

fn not_shown(lang: Language, source: &Source<'_>) -> Section {
    let own = (source.examined.pinning == Pinning::FromFile).then_some(words::OWN_ROOT_NOT_SHOWN);
    let others = source.examined.report.not_shown.iter();
    let items: Vec<Words> = own
        .into_iter()
        .chain(others.map(|item| words::not_shown(*item)))
        .map(|item| Words::own(item.pick(lang)))
        .collect();
    let block = if items.is_empty() {
        Block::Paragraph(Words::own(
            Both("Keine Vorbehalte.", "No reservations.").pick(lang),
        ))
    } else {
        Block::List(Listing::Points, items)
    };
    Section::new(
        lang,
        Both(
            "Was diese Datei nicht beweist",
            "What this file does not prove",
        ),
        vec![block],
    )
}

fn pinned(lang: Language, source: &Source<'_>) -> Section {
    let policy = &source.examined.policy;
    let mut fields = Fields::new(lang);
    fields.add(Both("Dienst", "Service"), Words::foreign(&policy.origin));
    // Any 32 bytes print as this identifier does.
    let root = grouped(&StatementHash(policy.root.0));
    fields.add(
        Both(
            "Fingerabdruck des Hauptschlüssels",
            "Root key's fingerprint",
        ),
        Words::code(root),
    );
    let known = match source.examined.pinning {
        Pinning::Pinned => Both(
            "vor der Prüfung festgelegt, unabhängig von der Datei",
            "pinned before verifying, independently of the file",
        ),
        Pinning::FromFile => Both(
            "NICHT festgelegt: aus der Datei selbst übernommen",
            "NOT pinned: taken from the file itself",
        ),
    };
    fields.add(
        Both("Woher bekannt", "How it is known"),
        Words::own(known.pick(lang)),
    );
    let mut blocks = Vec::new();
    match source
        .witnesses
        .filter(|policy| !policy.witnesses().is_empty())
    {
        None => {
            let none = Both("keine festgelegt", "none pinned").pick(lang);
            fields.add(Both("Zeugen", "Witnesses"), Words::own(none));
            blocks.push(fields.block());
        }
        Some(policy) => {
            fields.add(
                Both("Wie viele genügen", "How many suffice"),
                quorum(lang, policy),
            );
            blocks.push(fields.block());
            blocks.push(Block::Heading(Both("Zeugen", "Witnesses").pick(lang)));
            let witnesses = policy.witnesses().iter();
            blocks.push(Block::List(
                Listing::Points,
                witnesses.map(witness).collect(),
            ));
        }
    }
    if !source.examined.authorities.is_empty() {
        let heading = Both(
            "Zeitstempeldienste (SHA-256 des Zertifikats)",
            "Time-stamping authorities (SHA-256 of the certificate)",
        );
        blocks.push(Block::Heading(heading.pick(lang)));
        let authorities = source.examined.authorities.iter().map(|authority| {
            let sha256 = grouped(&StatementHash(authority.sha256));
            Words::foreign(&authority.name)
                .and(Words::own(": "))
                .and(Words::code(sha256))
        });
        blocks.push(Block::List(Listing::Points, authorities.collect()));
    }
    Section::new(
        lang,
        Both("Wogegen geprüft wurde", "What it was verified against"),
        blocks,
    )
}

fn quorum(lang: Language, policy: &Policy) -> Words {
    match policy.quorum() {
        Quorum::None => Words::own(
            Both(
                "keine Gegenzeichnung verlangt",
                "no cosignature is asked for",
            )
            .pick(lang),
        ),
        Quorum::Member(Member::Witness(place)) => match policy.witnesses().get(place) {
            Some(witness) => name(&witness.name),
            None => Words::default(),
        },
        Quorum::Member(Member::Group(place)) => match policy.groups().get(place) {
            Some(group) => {
                let (threshold, members) = (group.threshold, group.members.len());
                let of = text!(
                    lang,
                    "{threshold} von {members} der Gruppe ",
                    "{threshold} of {members} of the group "
                );
                Words::own(of).and(name(&group.name))
            }
            None => Words::default(),
        },
    }
}

/// Name in the policy, and name and identifier of the key.
fn witness(witness: &PolicyWitness) -> Words {
    let key = format!("{}+{}", witness.key.name(), witness.key.id());
    name(&witness.name)
        .and(Words::own(": "))
        .and(Words::foreign(&key))
}

/// Names in a policy are octets.
fn name(octets: &[u8]) -> Words {
    Words::foreign(&String::from_utf8_lossy(octets))
}

fn colophon(lang: Language, source: &Source<'_>) -> Section {
    let mut fields = Fields::new(lang);
    let name = std::path::Path::new(&source.examined.file).file_name();
    let name = name.map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let length = lang::number(lang, source.fingerprint.length);
    let size = text!(lang, " ({length} Byte)", " ({length} bytes)");
    fields.add(
        Both("Nachweisdatei", "Evidence file"),
        Words::foreign(&name).and(Words::own(size)),
    );
    fields.add(
        Both("SHA-256 der Datei", "SHA-256 of the file"),
        Words::code(grouped(&StatementHash(source.fingerprint.sha256))),
    );
    let program = concat!("Mein Postfach ", env!("CARGO_PKG_VERSION"));
    fields.add(Both("Programm", "Program"), Words::own(program));
    fields.add(
        Both("Geprüft", "Verified"),
        Words::own(lang::date_time(lang, source.made)),
    );
    let again = text!(
        lang,
        "Dieser Bericht gibt die Prüfung nur wieder; Beweis ist die Nachweisdatei. Jeder kann sie ohne Netz und ohne den Betreiber selbst prüfen: ",
        "This report only repeats the verification; the evidence is the file. Anyone can verify it without a network and without the operator: "
    );
    Section::new(
        lang,
        Both("Datei und Programm", "File and program"),
        vec![
            fields.block(),
            Block::Paragraph(
                Words::own(again).and(Words::code("postfach verify --root … --origin … FILE.pfe")),
            ),
        ],
    )
}
