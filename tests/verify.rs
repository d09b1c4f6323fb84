//! `postfach verify` on the published evidence vectors: what people read in both languages, what
//! machines read, exit codes, and what strangers' texts may do to a terminal.
//!
//! `POSTFACH_WRITE_SNAPSHOTS=1` writes the pages anew; a difference must be meant.
#![allow(clippy::unwrap_used)] // a test binary

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use clap::Parser;
use postfach::cli::error::{Exit, Failure};
use postfach::cli::ui::{Answers, Manner, Output, Ui, Volume};
use postfach::cli::verify::{Arguments, run};
use postfach::paper::Language;
use postfach_crypto::evidence::{Evidence, Policy};
use postfach_crypto::ids::StatementHash;
use postfach_crypto::keys::VerifyingKey;
use postfach_crypto::tlog;
use serde_bytes::ByteBuf;
use serde_json::Value;

const VECTORS: &str = include_str!("../docs/format/vectors/evidence.json");

#[derive(Parser)]
struct CommandLine {
    #[command(flatten)]
    arguments: Arguments,
}

#[derive(Clone, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

impl Captured {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What one call gave.
struct Answer {
    exit: Result<Exit, Failure>,
    results: String,
    talk: String,
}

/// A folder with the file of the vectors.
struct Desk {
    folder: tempfile::TempDir,
    vectors: Value,
}

impl Desk {
    fn new() -> Self {
        let desk = Self {
            folder: tempfile::tempdir().unwrap(),
            vectors: serde_json::from_str(VECTORS).unwrap(),
        };
        desk.write("bescheid.pfe", &desk.file());
        desk
    }

    fn file(&self) -> Vec<u8> {
        hex(self.vectors["file"].as_str().unwrap())
    }

    fn evidence(&self) -> Evidence {
        Evidence::decode(&self.file()).unwrap()
    }

    fn policy(&self) -> Policy {
        let root: StatementHash = self.vectors["root"].as_str().unwrap().parse().unwrap();
        Policy {
            origin: self.vectors["origin"].as_str().unwrap().to_owned(),
            root: VerifyingKey(root.0),
            witnesses: tlog::Policy::parse(self.witnesses().as_bytes()).unwrap(),
        }
    }

    fn witnesses(&self) -> &str {
        self.vectors["witnesses"].as_str().unwrap()
    }

    fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    fn call(
        &self,
        lang: Language,
        output: Output,
        line: &[&str],
        pinned: Option<Policy>,
    ) -> Answer {
        let files = line.iter().map(|word| match word.strip_suffix(".pfe") {
            Some(_) => self.folder.path().join(word).display().to_string(),
            None => (*word).to_owned(),
        });
        let line = std::iter::once("verify".to_owned()).chain(files);
        let arguments = CommandLine::try_parse_from(line).unwrap().arguments;
        let (results, talk) = (Captured::default(), Captured::default());
        let manner = Manner {
            lang,
            output,
            volume: Volume::Normal,
            answers: Answers::Ask,
        };
        let ui = Ui::on_streams(manner, results.clone(), talk.clone());
        let exit = run(arguments, pinned, &ui);
        Answer {
            exit,
            results: results.text(),
            talk: talk.text(),
        }
    }

    fn json(&self, line: &[&str]) -> (Exit, Value) {
        let answer = self.call(Language::English, Output::Json, line, Some(self.policy()));
        (
            answer.exit.unwrap(),
            serde_json::from_str(&answer.results).unwrap(),
        )
    }
}

fn hex(text: &str) -> Vec<u8> {
    let pairs = text.as_bytes().chunks(2);
    pairs
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

/// Compares with the committed page, or writes it.
#[track_caller]
fn compare(name: &str, page: &str, folder: &Path) {
    let page = page.replace(&format!("{}/", folder.display()), "");
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/verify")
        .join(name);
    if std::env::var_os("POSTFACH_WRITE_SNAPSHOTS").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(page == committed, "{name} differs:\n{page}");
}

#[test]
fn a_verified_file_is_a_page_that_people_can_read() {
    let desk = Desk::new();
    for (lang, name) in [
        (Language::German, "verified.de.txt"),
        (Language::English, "verified.en.txt"),
    ] {
        let answer = desk.call(lang, Output::Text, &["bescheid.pfe"], Some(desk.policy()));
        assert_eq!(answer.exit, Ok(Exit::Done));
        assert_eq!(answer.talk, "");
        compare(name, &answer.results, desk.folder.path());
    }
}

#[test]
fn a_dropped_receipt_is_named_in_both_languages() {
    let desk = Desk::new();
    let mut evidence = desk.evidence();
    evidence.entries.drain(3..5);
    desk.write("bescheid.pfe", &evidence.encode().unwrap());
    for (lang, name) in [
        (Language::German, "failed.de.txt"),
        (Language::English, "failed.en.txt"),
    ] {
        let answer = desk.call(lang, Output::Text, &["bescheid.pfe"], Some(desk.policy()));
        assert_eq!(answer.exit, Ok(Exit::Refused));
        compare(name, &answer.results, desk.folder.path());
    }
}

#[test]
fn every_edit_of_the_vectors_gives_its_verdict_and_reasons() {
    let desk = Desk::new();
    for edit in desk.vectors["edits"].as_array().unwrap() {
        let mut evidence = desk.evidence();
        evidence.opened = None;
        let list = match edit["field"].as_str().unwrap() {
            "entries" => &mut evidence.entries,
            "sender" => &mut evidence.sender,
            "relation" => &mut evidence.relation,
            "heads" => &mut evidence.heads,
            "delegations" => &mut evidence.delegations,
            "age_headers" => &mut evidence.age_headers,
            other => panic!("no list {other}"),
        };
        let number = |name: &str| usize::try_from(edit[name].as_u64().unwrap()).unwrap();
        let insert = edit["insert"].as_array().unwrap().iter();
        let insert = insert.map(|bytes| ByteBuf::from(hex(bytes.as_str().unwrap())));
        list.splice(number("at")..number("at") + number("remove"), insert);
        evidence.sort();
        desk.write("edited.pfe", &evidence.encode().unwrap());

        let (exit, form) = desk.json(&["edited.pfe"]);
        assert_eq!(form["verdict"], edit["verdict"], "{}", edit["name"]);
        let expected = if edit["verdict"] == "failed" {
            Exit::Refused
        } else {
            Exit::NotProven
        };
        assert_eq!(exit, expected, "{}", edit["name"]);
        for fault in edit["faults"].as_array().unwrap() {
            let checks = form["checks"].as_array().unwrap();
            let found = checks
                .iter()
                .find(|check| check["name"] == fault["check"])
                .unwrap();
            assert_eq!(found["outcome"], fault["outcome"], "{}", edit["name"]);
            assert_eq!(found["reason"], fault["reason"], "{}", edit["name"]);
        }
    }
}

#[test]
fn the_json_form_says_the_same() {
    let desk = Desk::new();
    let (exit, form) = desk.json(&["bescheid.pfe"]);
    assert_eq!(
        (exit, &form["verdict"]),
        (Exit::Done, &Value::from("verified"))
    );
    let names = |list: &Value, field: &str| -> Vec<Value> {
        list.as_array()
            .unwrap()
            .iter()
            .map(|item| item[field].clone())
            .collect()
    };
    assert_eq!(
        Value::from(names(&form["checks"], "name")),
        desk.vectors["passed"]
    );
    assert_eq!(
        names(&form["timeline"], "event"),
        names(&desk.vectors["timeline"], "event")
    );
    assert_eq!(form["not_shown"], desk.vectors["not_shown"]);
    assert_eq!(form["content"]["act"]["remedy"]["until"], "2026-02-28");
    assert_eq!(form["operator"]["pinned"], true);
}

#[test]
fn without_an_operator_nothing_is_verified() {
    let desk = Desk::new();
    let answer = desk.call(Language::German, Output::Text, &["bescheid.pfe"], None);
    let failure = answer.exit.unwrap_err();
    assert_eq!(failure.exit, Exit::Usage);
    assert!(
        failure.what.contains("--root HEX und --origin NAME"),
        "{failure}"
    );
    assert!(
        failure.next.contains("Aktivierungsbrief"),
        "{}",
        failure.next
    );
    assert_eq!(answer.results, "");
}

#[test]
fn an_operator_from_the_file_proves_nothing() {
    let desk = Desk::new();
    let line = ["--trust-file", "bescheid.pfe"];
    let answer = desk.call(Language::German, Output::Text, &line, None);
    assert_eq!(answer.exit, Ok(Exit::NotProven));
    assert!(answer.talk.contains("NICHT festgelegt"), "{}", answer.talk);
    assert!(
        answer.results.contains("– NICHT BEWIESEN"),
        "{}",
        answer.results
    );
    assert!(
        !answer.results.contains("✓ Betreiber"),
        "{}",
        answer.results
    );
    let (_, form) = desk.json(&line);
    assert_eq!(form["verdict"], "not-proven");
    assert_eq!(form["operator"]["pinned"], false);
    assert_eq!(form["not_shown"][0], "operator-not-pinned");
}

#[test]
fn the_root_key_may_be_typed_as_on_paper() {
    let desk = Desk::new();
    let root = desk.vectors["root"].as_str().unwrap().to_uppercase();
    let groups: Vec<_> = root
        .as_bytes()
        .chunks(4)
        .map(|four| std::str::from_utf8(four).unwrap())
        .collect();
    let (root, origin) = (groups.join(" "), desk.policy().origin);
    let line = ["--root", &root, "--origin", &origin, "bescheid.pfe"];
    let answer = desk.call(Language::English, Output::Text, &line, None);
    // No witnesses are pinned that way.
    assert_eq!(answer.exit, Ok(Exit::NotProven));
    assert!(answer.results.contains("nobody but the operator vouches"));
    let other = "5866666666666666666666666666666666666666666666666666666666666666";
    let line = ["--root", other, "bescheid.pfe"];
    let answer = desk.call(Language::English, Output::Text, &line, Some(desk.policy()));
    assert_eq!(answer.exit, Ok(Exit::Refused));
    assert!(
        answer.results.contains("names another operator"),
        "{}",
        answer.results
    );
}

#[test]
fn a_policy_file_names_operator_and_witnesses() {
    let desk = Desk::new();
    let (root, origin) = (desk.vectors["root"].as_str().unwrap(), desk.policy().origin);
    let witnesses = desk.witnesses();
    let policy =
        format!("origin = {origin:?}\nroot = {root:?}\nwitnesses = \"\"\"\n{witnesses}\"\"\"\n");
    let path = desk
        .write("policy.toml", policy.as_bytes())
        .display()
        .to_string();
    let answer = desk.call(
        Language::English,
        Output::Text,
        &["--policy", &path, "bescheid.pfe"],
        None,
    );
    assert_eq!(answer.exit, Ok(Exit::Done), "{}", answer.results);
    desk.write("policy.toml", b"origin = \"post.example\"\n");
    let line = ["--policy", &path, "bescheid.pfe"];
    let failure = desk.call(Language::German, Output::Text, &line, None).exit;
    assert!(failure.unwrap_err().what.contains("keine Prüfgrundlage"));
}

#[test]
fn two_files_of_one_delivery_are_compared() {
    let desk = Desk::new();
    let mut shorter = desk.evidence();
    shorter.entries.truncate(4);
    desk.write("zwei.pfe", &shorter.encode().unwrap());
    let line = ["bescheid.pfe", "zwei.pfe"];
    let answer = desk.call(Language::German, Output::Text, &line, Some(desk.policy()));
    assert_eq!(answer.exit, Ok(Exit::Refused)); // the second file has lost entries
    let said = "Vorgänge des Umschlags: Eintrag 5 (receipt) steht nur in Datei 1.";
    assert!(answer.results.contains(said), "{}", answer.results);
    let same = ["bescheid.pfe", "bescheid.pfe"];
    let answer = desk.call(Language::German, Output::Text, &same, Some(desk.policy()));
    assert_eq!(answer.exit, Ok(Exit::Done));
    assert!(answer.results.contains("Beide Dateien sagen dasselbe."));
}

#[test]
fn what_is_no_evidence_is_explained_and_passed_over() {
    let desk = Desk::new();
    desk.write("leer.pfe", b"");
    let line = ["leer.pfe", "fehlt.pfe", "bescheid.pfe"];
    let answer = desk.call(Language::German, Output::Text, &line, Some(desk.policy()));
    assert_eq!(answer.exit, Ok(Exit::Usage));
    assert!(
        answer.talk.contains("keine Nachweisdatei"),
        "{}",
        answer.talk
    );
    assert!(answer.talk.contains("fehlt.pfe"), "{}", answer.talk);
    assert!(answer.results.contains("BESTÄTIGT"), "{}", answer.results);
}

#[test]
fn a_file_name_cannot_talk_to_the_terminal() {
    let desk = Desk::new();
    desk.write("a\u{1b}[2J\u{202e}b.pfe", &desk.file());
    let line = ["a\u{1b}[2J\u{202e}b.pfe"];
    for output in [Output::Text, Output::Json] {
        let answer = desk.call(Language::German, output, &line, Some(desk.policy()));
        assert_eq!(answer.exit, Ok(Exit::Done));
        assert!(
            !answer.results.contains(['\u{1b}', '\u{202e}']),
            "{}",
            answer.results
        );
    }
}
