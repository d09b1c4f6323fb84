//! Reports of evidence files, read back by parsers that did not write them: html5ever, poppler, qpdf.
//!
//! The file is the published vector. Made-up legal findings come from the rule engine itself.
#![allow(clippy::unwrap_used)] // a test binary

mod command;
mod hostile;
mod html;
mod pdf;

use postfach::cli::report::document::{
    Block, Document, Fingerprint, Source, Span, Words, document,
};
use postfach::cli::report::{Examined, Pinning};
use postfach::paper::Language;
use postfach_crypto::deadline::events::{Bound, ConsentPeriod, Happened, Standing};
use postfach_crypto::deadline::{Ags, Circumstances, Contest, Events, Finding, Place, examine};
use postfach_crypto::evidence::{Evidence, Policy, verify};
use postfach_crypto::ids::{StatementHash, UnixMillis};
use postfach_crypto::keys::{SigningKey, VerifyingKey};
use postfach_crypto::statement::{ConsentClass, DeliveryClass, Event};
use postfach_crypto::tlog::{self, KeyName, NoteKey, VerifierKey};
use serde_json::Value;

const VECTORS: &str = include_str!("../../docs/format/vectors/evidence.json");
/// 2026-01-15T09:00:00Z.
const MADE: UnixMillis = UnixMillis(1_768_467_600_000);
const LANGUAGES: [Language; 2] = [Language::German, Language::English];

fn vectors() -> Value {
    serde_json::from_str(VECTORS).unwrap()
}

fn file() -> Vec<u8> {
    hex(vectors()["file"].as_str().unwrap())
}

fn hex(text: &str) -> Vec<u8> {
    let pairs = text.as_bytes().chunks(2);
    pairs
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

fn policy() -> Policy {
    let vectors = vectors();
    let root: StatementHash = vectors["root"].as_str().unwrap().parse().unwrap();
    Policy {
        origin: vectors["origin"].as_str().unwrap().to_owned(),
        root: VerifyingKey(root.0),
        witnesses: tlog::Policy::parse(vectors["witnesses"].as_str().unwrap().as_bytes()).unwrap(),
    }
}

/// The vector, verified after a change.
fn examined(change: impl FnOnce(&mut Evidence)) -> Examined {
    let mut evidence = Evidence::decode(&file()).unwrap();
    change(&mut evidence);
    Examined {
        file: "ordner/bescheid.pfe".into(),
        report: verify(&evidence, &policy()),
        policy: policy(),
        pinning: Pinning::Pinned,
        authorities: Vec::new(),
    }
}

/// Three witnesses, of which two are enough.
fn witnesses() -> tlog::Policy {
    let mut text = String::new();
    for number in 1..=3 {
        let key = SigningKey::from_seed(&[number; 32]).verifying_key();
        let name = KeyName::new(format!("w{number}.example/witness")).unwrap();
        let key = VerifierKey::new(name, NoteKey::Ed25519Cosigner(key));
        text += &format!("witness w{number} {key}\n");
    }
    text += "group enough 2 w1 w2 w3\nquorum enough\n";
    tlog::Policy::parse(text.as_bytes()).unwrap()
}

/// A consented notification under BayDiG Art. 24(2) with an act of one month, told on 2 January.
fn finding(until: UnixMillis) -> Finding {
    let hour = 3_600_000;
    let start = 1_767_226_560_000;
    let at = |position: u64| {
        let time = UnixMillis(start + position * hour);
        Happened {
            time,
            bound: Bound::Between {
                not_before: time,
                not_after: time,
            },
            position,
            standing: Standing::Proven,
        }
    };
    let mut events = Events::new(DeliveryClass::Ordinary);
    for class in [ConsentClass::Notification, ConsentClass::Service] {
        events.consent(ConsentPeriod {
            class,
            given: at(0),
            from: UnixMillis(0),
            revoked: None,
        });
    }
    for (place, event) in [
        Event::SubmissionAcceptance,
        Event::ContentConsignment,
        Event::ConsignmentNotification,
        Event::NotificationDelivered,
        Event::ContentHandover,
    ]
    .into_iter()
    .enumerate()
    {
        events.receipt(event, at(place as u64 + 1), &[]);
    }
    let report = examined(|_| {}).report;
    let act = report.manifest.as_ref().unwrap().act.as_ref();
    let code = &report.certificate.as_ref().unwrap().municipality_code;
    let circumstances = Circumstances {
        place: Ags::try_from(code).ok().map(Place::new),
        contest: Contest::of(act),
        known_until: until,
    };
    examine(Some("BayDiG-24-2"), &events, &circumstances)
}

fn source<'a>(examined: &'a Examined, legal: Option<&'a Finding>) -> Source<'a> {
    Source {
        examined,
        fingerprint: Fingerprint::of(&file()),
        legal,
        witnesses: None,
        made: MADE,
    }
}

/// All words of a document, span by span.
fn spans(document: &Document) -> Vec<String> {
    let mut all = vec![document.title.clone()];
    let mut add = |words: &Words| {
        for span in &words.0 {
            match span {
                Span::Own(text)
                | Span::Strong(text)
                | Span::Outcome(_, text)
                | Span::Foreign(text)
                | Span::Code(text) => all.push(text.clone()),
                Span::Break => {}
            }
        }
    };
    document.verdict.iter().for_each(&mut add);
    let blocks = document.sections.iter().flat_map(|section| &section.blocks);
    for block in blocks {
        match block {
            Block::Heading(title) => add(&Words(vec![Span::Own((*title).to_owned())])),
            Block::Paragraph(words) | Block::Warning(words) => add(words),
            Block::Fields(fields) => fields.iter().for_each(|field| add(&field.value)),
            Block::List(_, items) | Block::Quote(items) => items.iter().for_each(&mut add),
            Block::Table(table) => table.rows.iter().flatten().for_each(&mut add),
            Block::Drawing(_) => {}
        }
    }
    all
}

fn without_spaces(text: &str) -> String {
    text.chars().filter(|it| !it.is_whitespace()).collect()
}

#[test]
fn the_verdict_comes_first_and_says_no_more_than_the_checks() {
    let first = |examined: &Examined, legal: Option<&Finding>| {
        let document = document(Language::English, &source(examined, legal));
        let texts = document.verdict.iter().flat_map(|words| &words.0);
        texts
            .map(|span| match span {
                Span::Own(text) | Span::Strong(text) => text.clone(),
                other => panic!("{other:?}"),
            })
            .collect::<Vec<_>>()
    };
    let (good, failed) = (
        examined(|_| {}),
        examined(|it| drop(it.entries.drain(2..4))),
    );
    let unproven = examined(|it| it.heads.clear());
    let served = finding(MADE);
    let open = finding(UnixMillis(1_767_300_000_000));

    let lines = first(&good, Some(&served));
    assert!(lines[0].starts_with("Counts as served on "), "{lines:?}");
    assert!(lines[1].starts_with("VERIFIED: all "), "{lines:?}");
    let lines = first(&good, Some(&open));
    assert!(lines[0].starts_with("Open"), "{lines:?}");
    let lines = first(&good, None);
    assert!(lines[0].starts_with("VERIFIED"), "{lines:?}");
    assert!(lines[1].contains("No date"), "{lines:?}");
    let lines = first(&unproven, Some(&served));
    assert!(lines[0].starts_with("NOT PROVEN"), "{lines:?}");
    assert!(lines[1].starts_with("Only if"), "{lines:?}");
    let lines = first(&failed, Some(&served));
    assert!(lines[0].starts_with("FAILED"), "{lines:?}");
    assert!(!lines.concat().contains("served on"), "{lines:?}");
}
