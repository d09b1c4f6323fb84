//! Evidence files with time-stamps, from the server's token to what people read: `openssl ts` stamps,
//! the client takes the token along, and `postfach verify --tsa` checks it without a network.

use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use clap::Parser;
use postfach::api::resources::{Base64, TimestampResource};
use postfach::cli::error::{Exit, Failure};
use postfach::cli::ui::{Answers, Manner, Output, Ui, Volume};
use postfach::cli::verify::{Arguments, run};
use postfach::client::error::Dishonest;
use postfach::client::evidence::Content;
use postfach::paper::Language;
use postfach::publish::timestamps::Stamper;
use postfach::publish::timestamps::settings::Settings;
use postfach::server::limits::Limits;
use postfach::server::operator::{load_operator, open_service};
use postfach::timestamp::{TokenError, TsaCertificates, verify_token};
use postfach_crypto::evidence::{
    Cause, CheckName, Evidence, Gap, NotShown, Outcome, Policy, Report, StampedAt, TokenFault,
    verify, verify_stamped,
};
use postfach_crypto::ids::StatementHash;
use postfach_crypto::tlog::Note;
use serde_bytes::ByteBuf;
use serde_json::Value;

use crate::lab::{Authority, Lab, P256, RSA, TIME_STAMPING};
use crate::relay::Fate;
use crate::support::{World, small_store};
use crate::town::{Town, lie, open, send};

/// Longer than any honest answer takes here.
const PATIENCE: Duration = Duration::from_secs(20);

/// A letter that was sent and opened.
async fn letter(town: &Town) -> StatementHash {
    let sent = send(&town.authority, &town.to_citizen()).await.unwrap();
    let name = sent.statement.to_string();
    let folder = town.saved(&name[..8]);
    open(&town.citizen, sent.statement, &folder).await.unwrap();
    sent.statement
}

/// The same server again, which has its log stamped as soon as it grows.
async fn stamp(town: &mut Town, authority: &Authority) {
    let public = town.world.authority.clone();
    let empty = World::start(Limits::default()).await;
    let folder = std::mem::replace(&mut town.world, empty)
        .into_folder()
        .await;
    let settings = Settings {
        url: authority.url().parse().unwrap(),
        interval: Duration::from_millis(10),
        timeout: PATIENCE,
        certificates: authority.lab.certificates(),
        folder: folder.path().join("timestamps"),
    };
    let operator = load_operator(&folder.path().join("keys")).unwrap();
    let service = open_service(&folder.path().join("data"), &small_store(), operator, None)
        .await
        .unwrap();
    let stamper = Stamper::set_up(settings).unwrap();
    town.world = World::serve_with(folder, service, Limits::default(), Some(public), |server| {
        server.time_stamping(Some(stamper))
    })
    .await;
    town.relay.connect(town.world.address, town.world.client());
}

/// The evidence, once it has its token.
async fn stamped(town: &Town, letter: StatementHash) -> Evidence {
    let asked = async {
        loop {
            let evidence = town.citizen.evidence(letter, Content::Opened).await;
            let evidence = evidence.unwrap();
            if evidence.log.as_ref().unwrap().timestamps.is_some() {
                break evidence;
            }
        }
    };
    tokio::time::timeout(PATIENCE, asked).await.unwrap()
}

fn policy(town: &Town) -> Policy {
    let operator = town.citizen.operator();
    Policy::without_witnesses(operator.origin(), operator.root())
}

fn judge(evidence: &Evidence, policy: &Policy, tsa: &TsaCertificates) -> Report {
    let file = Evidence::decode(&evidence.encode().unwrap()).unwrap();
    verify_stamped(&file, policy, &|text, token| tsa.read_token(text, token))
}

fn outcome(evidence: &Evidence, policy: &Policy, tsa: &TsaCertificates) -> Outcome {
    let report = judge(evidence, policy, tsa);
    report.outcome(CheckName::TimeStamped).unwrap()
}

fn token(evidence: &mut Evidence) -> &mut ByteBuf {
    let record = evidence.log.as_mut().unwrap();
    &mut record.timestamps.as_mut().unwrap()[0].token
}

/// The text of the checkpoint that the token stamps.
fn text(evidence: &Evidence) -> String {
    let record = evidence.log.as_ref().unwrap();
    let size = record.timestamps()[0].size.to_string();
    let texts = record.checkpoints.iter().map(|note| {
        let note = Note::parse(note).unwrap();
        note.text().to_owned()
    });
    let mut texts = texts.filter(|text| text.lines().nth(1) == Some(&size));
    texts.next().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_a_letter_is_stamped_and_verified_offline() {
    let authority = Authority::start(Lab::new(RSA, TIME_STAMPING)).await;
    let mut town = Town::found().await;
    let letter = letter(&town).await;
    let without = town.citizen.evidence(letter, Content::Opened).await;
    let without = without.unwrap();
    assert_eq!(without.log.as_ref().unwrap().timestamps, None);

    stamp(&mut town, &authority).await;
    let begun = postfach::clock::now();
    let first = stamped(&town, letter).await;
    // The log goes on; the answer for this letter stays, below a larger checkpoint.
    for _ in 0..3 {
        send(&town.authority, &town.to_citizen()).await.unwrap();
    }
    let mut evidence = stamped(&town, letter).await;
    assert_eq!(*token(&mut evidence), *token(&mut first.clone()));
    assert_eq!(evidence.log.as_ref().unwrap().checkpoints.len(), 2);

    // Strangers' tool accepts what the file holds.
    let (lab, text) = (&authority.lab, text(&evidence));
    lab.write("600.tst", &token(&mut evidence)[..]);
    assert!(lab.accepts(&lab.path("600.tst"), &text));

    let (policy, tsa) = (policy(&town), lab.certificates());
    for file in [&first, &evidence] {
        let report = judge(file, &policy, &tsa);
        let passed = report.outcome(CheckName::TimeStamped);
        assert_eq!(passed, Some(Outcome::Passed));
        assert!(report.lacks_only_witnesses(), "{:?}", report.checks);
        let [found] = &report.timestamps[..] else {
            panic!("{:?}", report.timestamps)
        };
        assert_eq!(found.entries, file.entries.len());
        let StampedAt { authority, at, .. } = &found.stamped;
        assert_eq!(authority, "Zeitstempel Prüfstelle");
        assert!(at.0 + 5_000 > begun.0 && at.0 <= postfach::clock::now().0 + 5_000);
    }
    let missing = outcome(&without, &policy, &tsa);
    assert_eq!(missing, Outcome::NotProven(Gap::Timestamp));
    let other = Lab::new(RSA, TIME_STAMPING).certificates();
    let foreign = outcome(&evidence, &policy, &other);
    assert_eq!(foreign, Outcome::NotProven(Gap::TimestampAuthority));
    let unread = verify(&evidence, &policy);
    assert!(unread.not_shown.contains(&NotShown::TimeStamps));
    said(lab, &evidence, &without, &policy);
}

/// What people and machines are told.
fn said(lab: &Lab, evidence: &Evidence, without: &Evidence, policy: &Policy) {
    lab.write("with.pfe", evidence.encode().unwrap());
    lab.write("without.pfe", without.encode().unwrap());
    let mut spoilt = evidence.clone();
    let last = token(&mut spoilt).len() - 1;
    token(&mut spoilt)[last] ^= 1; // of the signature
    lab.write("spoilt.pfe", spoilt.encode().unwrap());
    let tsa = lab.path("tsa.pem").display().to_string();
    let call = |lang, output, line: &[&str]| {
        let (exit, text) = call(lab.path("").as_path(), lang, output, line, policy);
        (exit.unwrap(), text)
    };
    let report = lab.path("report.html").display().to_string();
    let line = ["with.pfe", "--tsa", &tsa, "--report", &report];
    let (exit, page) = call(Language::English, Output::Text, &line);
    assert_eq!(exit, Exit::NotProven); // no witnesses
    let page = joined(&page);
    assert!(page.contains("✓ Time-stamp: A time-stamping authority that you pinned"));
    assert!(page.contains("All of it existed before"), "{page}");
    assert!(page.contains("states “Zeitstempel Prüfstelle”."), "{page}");
    let html = String::from_utf8(lab.read("report.html")).unwrap();
    for shown in [
        "All of it existed before",
        "Zeitstempel Prüfstelle",
        "SHA-256 of the certificate",
    ] {
        assert!(html.contains(shown), "{shown}");
    }
    let pdf = lab.path("report.pdf").display().to_string();
    let line = ["with.pfe", "--tsa", &tsa, "--report", &pdf];
    let (_, page) = call(Language::German, Output::Text, &line);
    let page = joined(&page);
    assert!(page.contains("Alles bestand vor dem"), "{page}");
    assert!(page.contains("bezeugt „Zeitstempel Prüfstelle“."), "{page}");
    assert!(lab.read("report.pdf").starts_with(b"%PDF"));

    let json = |line: &[&str]| -> Value {
        let (_, text) = call(Language::English, Output::Json, line);
        serde_json::from_str(text.lines().next().unwrap()).unwrap()
    };
    let check = |form: &Value| {
        let checks = form["checks"].as_array().unwrap().clone();
        let mut found = checks.into_iter().filter(|it| it["name"] == "time-stamped");
        found.next().unwrap_or_default()
    };
    let form = json(&["with.pfe", "--tsa", &tsa]);
    assert_eq!(check(&form)["outcome"], "passed");
    assert_eq!(form["operator"]["time_stamping"], 1);
    let found = &form["time_stamps"][0];
    assert_eq!(found["authority"], "Zeitstempel Prüfstelle");
    assert_eq!(found["entries"], evidence.entries.len());
    assert_eq!(found["accuracy_microseconds"], 1_500_100);
    assert!(found["before"].as_str() > found["time"].as_str());

    let form = json(&["spoilt.pfe", "--tsa", &tsa]);
    assert_eq!(check(&form)["reason"], "token-signature");
    let (exit, _) = call(
        Language::English,
        Output::Text,
        &["spoilt.pfe", "--tsa", &tsa],
    );
    assert_eq!(exit, Exit::Refused);
    let form = json(&["without.pfe", "--tsa", &tsa]);
    assert_eq!(check(&form)["reason"], "time-stamp-missing");
    let form = json(&["with.pfe"]);
    assert_eq!(check(&form), Value::Null);
    let not_shown = form["not_shown"].as_array().unwrap();
    assert!(not_shown.contains(&"time-stamps".into()));

    // A file that names no authority is refused before anything is said about evidence.
    let root = lab.path("root.pem").display().to_string();
    for bad in [root.as_str(), "/nowhere.pem"] {
        let line = ["with.pfe", "--tsa", bad];
        let folder = lab.path("");
        let (exit, text) = self::call(&folder, Language::English, Output::Text, &line, policy);
        assert_eq!(exit.unwrap_err().exit, Exit::Usage);
        assert_eq!(text, "");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn changed_tokens_are_refused_and_those_of_others_too() {
    let authority = Authority::start(Lab::new(P256, TIME_STAMPING)).await;
    let mut town = Town::found().await;
    let letter = letter(&town).await;
    stamp(&mut town, &authority).await;
    let good = stamped(&town, letter).await;
    let (policy, tsa) = (policy(&town), authority.lab.certificates());
    let proven = judge(&good, &policy, &tsa).timestamps;
    assert_eq!(proven.len(), 1);

    // Each flipped bit is refused, or was covered by no signature and changes nothing.
    let (length, mut refused, mut reasons) = (token(&mut good.clone()).len(), 0, Vec::new());
    for at in 0..length {
        let mut changed = good.clone();
        token(&mut changed)[at] ^= 1 << (at % 8);
        let report = judge(&changed, &policy, &tsa);
        match report.outcome(CheckName::TimeStamped).unwrap() {
            Outcome::Passed => assert_eq!(report.timestamps, proven, "byte {at}"),
            Outcome::Failed(Cause::Token(fault)) => {
                refused += 1;
                reasons.push(fault);
            }
            // The name of the certificate is among what was signed.
            Outcome::NotProven(Gap::TimestampAuthority) => refused += 1,
            other => panic!("byte {at}: {other:?}"),
        }
    }
    assert!(refused > 300, "{refused} of {length}");
    for fault in [
        TokenFault::Form,
        TokenFault::Signature,
        TokenFault::Algorithm,
    ] {
        assert!(reasons.contains(&fault), "{fault}");
    }

    let failed = |mut evidence: Evidence, bytes: Vec<u8>| {
        *token(&mut evidence) = ByteBuf::from(bytes);
        outcome(&evidence, &policy, &tsa)
    };
    let cut = token(&mut good.clone())[..length - 1].to_vec();
    let form = Outcome::Failed(Cause::Token(TokenFault::Form));
    assert_eq!(failed(good.clone(), cut), form);
    // A genuine token of another text: that of a later checkpoint.
    let next = self::letter(&town).await;
    let mut later = stamped(&town, next).await;
    let other = token(&mut later).to_vec();
    let at = verify_token(&other, &text(&later), &tsa).unwrap();
    assert_eq!(at.authority, "Zeitstempel Prüfstelle");
    let of_other = Outcome::Failed(Cause::Token(TokenFault::OtherText));
    assert_eq!(failed(good.clone(), other), of_other);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_takes_no_token_that_is_not_of_its_log() {
    let authority = Authority::start(Lab::new(P256, TIME_STAMPING)).await;
    let mut town = Town::found().await;
    let letter = letter(&town).await;
    stamp(&mut town, &authority).await;
    stamped(&town, letter).await;
    let tell = |town: &Town, change: fn(&mut TimestampResource)| {
        town.relay.tamper(move |_, path, bytes| {
            if !path.starts_with("/log/timestamp/") {
                return Fate::Answer(bytes);
            }
            let mut found: TimestampResource = serde_json::from_slice(&bytes).unwrap();
            change(&mut found);
            Fate::Answer(serde_json::to_vec(&found).unwrap().into())
        });
    };
    let asked = async || town.citizen.evidence(letter, Content::Sealed).await;
    tell(&town, |found| found.token = Base64(b"no token".to_vec()));
    let named = lie(asked().await);
    assert!(matches!(
        named,
        Dishonest::Timestamp(TokenError::Malformed(_))
    ));
    tell(&town, |found| found.token.0[200] ^= 1);
    assert!(matches!(lie(asked().await), Dishonest::Timestamp(_)));
    // Another root is another text, which the log did not sign.
    tell(&town, |found| {
        let root = found.checkpoint.lines().nth(2).unwrap().to_owned();
        let other = root.chars().rev().collect::<String>();
        found.checkpoint = found.checkpoint.replace(&root, &other);
    });
    assert!(matches!(lie(asked().await), Dishonest::Checkpoint(_)));
    town.relay.behave();
    assert!(asked().await.is_ok());
}

#[derive(Parser)]
struct CommandLine {
    #[command(flatten)]
    arguments: Arguments,
}

#[derive(Clone, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

impl Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// `postfach verify` in this folder; results only.
fn call(
    folder: &Path,
    lang: Language,
    output: Output,
    line: &[&str],
    policy: &Policy,
) -> (Result<Exit, Failure>, String) {
    let words = line.iter().map(|word| match word.strip_suffix(".pfe") {
        Some(_) => folder.join(word).display().to_string(),
        None => (*word).to_owned(),
    });
    let words = std::iter::once("verify".to_owned()).chain(words);
    let arguments = CommandLine::try_parse_from(words).unwrap().arguments;
    let results = Captured::default();
    let manner = Manner {
        lang,
        output,
        volume: Volume::Normal,
        answers: Answers::Ask,
    };
    let ui = Ui::on_streams(manner, results.clone(), Captured::default());
    let exit = run(arguments, Some(policy.clone()), &ui);
    let text = String::from_utf8(results.0.lock().unwrap().clone()).unwrap();
    (exit, text)
}

/// A page without its line breaks.
fn joined(page: &str) -> String {
    page.split_whitespace().collect::<Vec<_>>().join(" ")
}
