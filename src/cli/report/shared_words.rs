//! The same words in the browser: `web/src/core/words/{de,en}.json`, made from the words here and compared with them at
//! every run, so that no text is written twice.
//!
//! Texts with values are made by saying them of values that nothing else would say; those are then replaced by their
//! names in braces. `POSTFACH_WRITE_VECTORS=1` writes the files anew.

use std::fmt::Display;
use std::path::PathBuf;

use postfach_crypto::codec::DecodeError;
use postfach_crypto::envelope::{BindingError, ManifestError};
use postfach_crypto::evidence::{
    Agreement, Cause, CheckName, Difference, Evidence, FileList, Gap, NotShown, Policy, Side,
    TokenFault, Verdict, verify,
};
use postfach_crypto::ids::{Address, StatementHash};
use postfach_crypto::keys::{BadSignature, VerifyingKey};
use postfach_crypto::operator::OperatorError;
use postfach_crypto::party::{HistoryError, NotAllowed};
use postfach_crypto::statement::{
    AssuranceLevel, BindingMethod, DeliveryClass, Event, Invalid, Kind, Reason, Role, Subject,
    VerifyError,
};
use postfach_crypto::tlog::{ConsistencyError, InclusionError};
use serde_json::{Map, Value, json};

use super::words::Both;
use super::{causes, comparison, deadline, events, words};
use crate::cli::lang::{self, Language};

const LANGUAGES: [Language; 2] = [Language::German, Language::English];
const NUMBERS: [u64; 3] = [771, 772, 773];

/// Names of values, and how they are shown.
pub(super) type Values<'a> = &'a [(&'a str, &'a dyn Display)];

/// The text with the values replaced by their names, the longest values first.
pub(super) fn template(text: &str, values: Values<'_>) -> String {
    let mut values: Vec<_> = values
        .iter()
        .map(|(name, value)| (*name, value.to_string()))
        .collect();
    values.sort_by_key(|(_, value)| std::cmp::Reverse(value.len()));
    let mut text = text.to_owned();
    assert!(!text.contains(['{', '}']), "{text}");
    for (name, value) in values {
        assert!(text.contains(&value), "{text}: {value}");
        text = text.replace(&value, &format!("{{{name}}}"));
    }
    text
}

/// An object from names and texts.
pub(super) fn object<T: Into<Value>>(entries: impl IntoIterator<Item = (String, T)>) -> Value {
    let mut object = Map::new();
    for (name, value) in entries {
        let before = object.insert(name.clone(), value.into());
        assert!(before.is_none(), "{name} is there twice");
    }
    Value::Object(object)
}

fn named<T: Copy>(
    all: &[T],
    name: impl Fn(T) -> &'static str,
    words: impl Fn(T) -> Both,
    lang: Language,
) -> Value {
    object(
        all.iter()
            .map(|item| (name(*item).to_owned(), words(*item).pick(lang))),
    )
}

#[test]
fn the_browser_has_the_same_words() {
    for (name, lang) in [("de", Language::German), ("en", Language::English)] {
        let made = serde_json::to_string_pretty(&all(lang)).unwrap() + "\n";
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
            .join("web/src/core/words")
            .join(format!("{name}.json"));
        if std::env::var_os("POSTFACH_WRITE_VECTORS").is_some() {
            std::fs::write(&path, &made).unwrap();
        }
        assert!(
            made == std::fs::read_to_string(&path).unwrap_or_default(),
            "{} differs from the words of the command line: run POSTFACH_WRITE_VECTORS=1 cargo \
             test --lib the_browser_has_the_same_words",
            path.display()
        );
    }
}

fn all(lang: Language) -> Value {
    let kinds = Kind::ALL.iter().filter_map(|kind| {
        let words = events::answered(*kind)?;
        Some((kind.name().to_owned(), words.pick(lang)))
    });
    let clauses = Event::ALL.iter().filter_map(|event| {
        let clause = events::clause(*event)?;
        Some((event.name().to_owned(), clause))
    });
    let months = (1..=12).map(|month| {
        let day = lang::day(lang, &format!("2026-{month:02}-27"));
        day.split(' ').nth(1).unwrap().to_owned()
    });
    json!({
        "months": months.collect::<Vec<_>>(),
        "date": template(&lang::day(lang, "1111-11-27"), &[("day", &27), ("month", &month(lang)), ("year", &1111)]),
        "verdicts": named(Verdict::ALL, Verdict::name, words::verdict, lang),
        "checks": object(CheckName::ALL.iter().map(|check| {
            let (label, passed) = words::check(*check);
            let words = json!({ "label": label.pick(lang), "passed": passed.pick(lang) });
            (check.name().to_owned(), words)
        })),
        "causes": object(causes(lang)),
        "roles": named(Role::ALL, Role::name, causes::permitted, lang),
        "gaps": object(gaps(lang)),
        "not_shown": named(NotShown::ALL, NotShown::name, words::not_shown, lang),
        "own_root_not_shown": words::OWN_ROOT_NOT_SHOWN.pick(lang),
        "events": object(Event::ALL.iter().map(|event| {
            let label = events::label(*event).pick(lang);
            let words = json!({ "label": label, "sentence": events::event(lang, *event) });
            (event.name().to_owned(), words)
        })),
        "clauses": object(clauses),
        "answers": object(kinds),
        "reasons": object(Reason::ALL.iter().map(|reason| {
            (reason.name().to_owned(), events::reason(lang, *reason))
        })),
        "classes": named(DeliveryClass::ALL, DeliveryClass::name, words::class, lang),
        "methods": named(BindingMethod::ALL, BindingMethod::name, words::method, lang),
        "assurance": named(AssuranceLevel::ALL, AssuranceLevel::name, words::assurance, lang),
        "comparison": compared(lang),
        "legal": deadline::shared_words::legal(lang),
    })
}

fn month(lang: Language) -> String {
    lang::day(lang, "1111-11-27")
        .split(' ')
        .nth(1)
        .unwrap()
        .to_owned()
}

fn causes(lang: Language) -> Vec<(String, String)> {
    let [current, found, number] = NUMBERS;
    let part = 774_usize;
    let statement = |error| Cause::Statement(error);
    let of_statement = [
        statement(VerifyError::Envelope(DecodeError::Form)),
        statement(VerifyError::Signature(BadSignature)),
        statement(VerifyError::Payload(DecodeError::Form)),
        statement(VerifyError::Rule(Invalid::Count("x"))),
    ];
    let plain = [
        Cause::ForeignRoot,
        Cause::OtherOrigin,
        Cause::Operator(OperatorError::TooMany),
        Cause::Operator(OperatorError::NotDelegated),
        Cause::History(HistoryError::Empty),
        Cause::History(HistoryError::OtherAddress),
        Cause::History(HistoryError::TooLong),
        Cause::NotAllowed(NotAllowed::UnknownKey),
        Cause::Content(BindingError::ManifestHash),
        Cause::Content(BindingError::Manifest(ManifestError::Encoding(
            DecodeError::Form,
        ))),
        Cause::Content(BindingError::EnvelopeId),
        Cause::Content(BindingError::Sender),
        Cause::Content(BindingError::Recipient),
        Cause::Content(BindingError::AttachmentCount),
        Cause::Content(BindingError::PartCount),
        Cause::CheckpointForm,
        Cause::CheckpointOfOther,
        Cause::CheckpointUnsigned,
        Cause::CheckpointFalseSignature,
        Cause::CheckpointOrder,
        Cause::Inclusion(InclusionError::OtherRoot),
        Cause::Consistency(ConsistencyError::OtherNewRoot),
        Cause::ProofOfNothing,
        Cause::OtherOrder,
        Cause::TimesContradictOrder,
        Cause::TimeOutOfBounds,
        Cause::Token(TokenFault::Form),
        Cause::Token(TokenFault::Algorithm),
        Cause::Token(TokenFault::Signature),
        Cause::Token(TokenFault::OtherText),
        Cause::Token(TokenFault::Validity),
        Cause::OtherSigner,
        Cause::KeyStatementUnknown,
        Cause::KeysNotCurrent,
        Cause::SenderSawOtherHistory,
        Cause::UnexpectedKind,
        Cause::OtherEnvelope,
        Cause::OtherParty,
        Cause::ChainBroken,
        Cause::AnswersNothing,
        Cause::StatementWithoutReceipt,
        Cause::EventDoesNotFit,
        Cause::SubmissionRejected,
        Cause::ReceiptContradictsHeader,
        Cause::BindingOfOther,
        Cause::BindingEnded,
        Cause::ConsentOfOther,
        Cause::ConsentNotInForce,
        Cause::ConsentClass,
        Cause::ReservedField,
        Cause::OutOfOrder,
        Cause::CertificateOfOther,
        Cause::CertificateNotInForce,
        Cause::HandoverWithoutRequest,
        Cause::WithdrawalTooLate,
        Cause::OtherManifest,
        Cause::OtherEntries,
        Cause::DisclosedKey,
    ];
    let mut texts: Vec<(String, String)> = of_statement
        .iter()
        .chain(&plain)
        .map(|cause| (cause.name().to_owned(), causes::cause(lang, cause)))
        .collect();
    // Where two causes of one name say different things, the second has a key of its own.
    for (key, cause) in [
        ("statement-kind", statement(VerifyError::Kind)),
        (
            "operator-foreign-root",
            Cause::Operator(OperatorError::ForeignRoot),
        ),
        (
            "operator-other-origin",
            Cause::Operator(OperatorError::OtherOrigin),
        ),
    ] {
        texts.push((key.to_owned(), causes::cause(lang, &cause)));
    }
    let mut with = |cause: Cause, values: Values<'_>| {
        let text = template(&causes::cause(lang, &cause), values);
        texts.push((cause.name().to_owned(), text));
    };
    let not_next = HistoryError::NotNext { current, found };
    with(
        Cause::History(not_next),
        &[("current", &current), ("found", &found)],
    );
    for error in [
        HistoryError::Branch,
        HistoryError::Unauthorised,
        HistoryError::NoPossession,
        HistoryError::AdministratorOverreach,
        HistoryError::Recipient,
    ] {
        with(Cause::History(error(number)), &[("number", &number)]);
    }
    for error in [
        BindingError::Attachment,
        BindingError::AgeHeader,
        BindingError::Payload,
        BindingError::Stanzas,
    ] {
        with(Cause::Content(error(part)), &[("part", &part)]);
    }
    let role = Role::Administer;
    let name = causes::permitted(role).pick(lang);
    with(
        Cause::NotAllowed(NotAllowed::Role(role)),
        &[("role", &name)],
    );
    let dropped = Cause::EntriesDropped {
        counted: current,
        given: found,
    };
    with(dropped, &[("counted", &current), ("given", &found)]);
    texts
}

fn gaps(lang: Language) -> Vec<(String, String)> {
    let plain = [
        Gap::Log,
        Gap::Inclusion,
        Gap::Consistency,
        Gap::NoWitnesses,
        Gap::CosignaturePending,
        Gap::UpperBoundPending,
        Gap::LowerBound,
        Gap::Timestamp,
        Gap::TimestampAuthority,
        Gap::TimestampPending,
        Gap::Receipt,
        Gap::SubmissionReceipt,
        Gap::Binding,
        Gap::IssuerKeys,
        Gap::BindingNotChecked,
        Gap::Consent,
        Gap::ConsentNotNamed,
        Gap::Certificate,
        Gap::AgeHeaders,
        Gap::Order,
        Gap::Head,
        Gap::HeadTooOld,
        Gap::Times,
    ];
    let needed = CheckName::HeaderSignature;
    let label = words::check(needed).0.pick(lang);
    let needs = template(&causes::gap(lang, Gap::Needs(needed)), &[("check", &label)]);
    let texts = plain.map(|gap| (gap.name().to_owned(), causes::gap(lang, gap)));
    texts
        .into_iter()
        .chain([("needs".to_owned(), needs)])
        .collect()
}

fn compared(lang: Language) -> Value {
    let [first, second, _] = NUMBERS;
    let (hash, address) = (StatementHash([1; 32]), Address([2; 32]));
    let list = comparison::list(FileList::Sender).pick(lang);
    let at = |place: u64| usize::try_from(place - 1).unwrap();
    let heads = Difference::Heads {
        subject: Subject::Party(address),
        count: first,
    };
    let of = Subject::Party(address).kind().name();
    let only_in = Difference::OnlyIn {
        list: FileList::Sender,
        side: Side::Second,
        place: at(first),
        kind: Some(Kind::Objection),
        hash,
    };
    let parts_at = Difference::PartsAt {
        list: FileList::Sender,
        place: at(first),
        entries: [hash; 2],
    };
    let kind = Kind::Objection.name();
    let differences: [(Difference, Values<'_>); 7] = [
        (Difference::OtherEnvelope, &[]),
        (Difference::OtherOperator, &[]),
        (
            only_in,
            &[
                ("list", &list),
                ("number", &first),
                ("kind", &kind),
                ("file", &"2"),
            ],
        ),
        (parts_at, &[("list", &list), ("number", &first)]),
        (heads, &[("count", &first), ("list", &of)]),
        (Difference::Forked { size: second }, &[("size", &second)]),
        (
            Difference::Places { position: second },
            &[("position", &second)],
        ),
    ];
    json!({
        "agreements": named(Agreement::ALL, Agreement::name, |it| comparison::agreement(it).1, lang),
        "lists": named(FileList::ALL, FileList::name, comparison::list, lang),
        "differences": object(differences.iter().map(|(difference, values)| {
            let text = comparison::sentence(lang, difference);
            (difference.name().to_owned(), template(&text, values))
        })),
    })
}

/// What is said of the evidence files in `docs/format/vectors/evidence.json`, and of causes that name values.
#[test]
fn the_browser_says_the_same_of_the_same_files() {
    let vectors = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/format/vectors");
    let files = std::fs::read_to_string(vectors.join("evidence.json")).unwrap();
    let files: Value = serde_json::from_str(&files).unwrap();
    let policy = Policy {
        origin: files["origin"].as_str().unwrap().to_owned(),
        root: VerifyingKey(
            hex::decode(files["root"].as_str().unwrap())
                .unwrap()
                .try_into()
                .unwrap(),
        ),
        witnesses: postfach_crypto::tlog::Policy::parse(
            files["witnesses"].as_str().unwrap().as_bytes(),
        )
        .unwrap(),
    };
    let stories = files["stories"].as_array().unwrap();
    let said: Vec<Value> = std::iter::once(&files["file"])
        .chain(stories.iter().map(|story| &story["file"]))
        .map(|file| {
            let bytes = hex::decode(file.as_str().unwrap()).unwrap();
            let report = verify(&Evidence::decode(&bytes).unwrap(), &policy);
            report.legal_date.map_or(Value::Null, |finding| {
                let [de, en] = LANGUAGES.map(|lang| deadline::lines(lang, &finding));
                json!({ "de": de, "en": en })
            })
        })
        .collect();
    let not_next = HistoryError::NotNext {
        current: 3,
        found: 5,
    };
    let causes: Vec<Value> = [
        (
            Cause::History(not_next),
            json!({ "current": 3, "found": 5, "number": 5 }),
        ),
        (
            Cause::NotAllowed(NotAllowed::Role(Role::Read)),
            json!({ "role": "read" }),
        ),
        (
            Cause::Content(BindingError::Stanzas(2)),
            json!({ "part": 2 }),
        ),
        (
            Cause::EntriesDropped {
                counted: 9,
                given: 7,
            },
            json!({ "counted": 9, "given": 7 }),
        ),
        (Cause::ForeignRoot, json!({})),
    ]
    .into_iter()
    .map(|(cause, values)| {
        let [de, en] = LANGUAGES.map(|lang| causes::cause(lang, &cause));
        json!({ "name": cause.name(), "values": values, "de": de, "en": en })
    })
    .collect();
    let gaps: Vec<Value> = CheckName::ALL
        .iter()
        .map(|check| {
            let [de, en] = LANGUAGES.map(|lang| causes::gap(lang, Gap::Needs(*check)));
            json!({ "name": "needs", "check": check.name(), "de": de, "en": en })
        })
        .collect();
    let made = json!({ "legal": said, "causes": causes, "gaps": gaps });
    let made = serde_json::to_string_pretty(&made).unwrap() + "\n";
    let path = vectors.join("words.json");
    if std::env::var_os("POSTFACH_WRITE_VECTORS").is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    assert!(
        made == std::fs::read_to_string(&path).unwrap_or_default(),
        "words.json differs from what the code says"
    );
}
