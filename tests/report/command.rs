//! `postfach verify --report`.

use std::path::Path;
use std::process::{Command, Output};

use crate::html::assert_inert;
use crate::{file, policy};

fn verify(folder: &Path, arguments: &[&str]) -> Output {
    let policy = policy();
    let root = policy.root.0.map(|byte| format!("{byte:02x}")).concat();
    let (origin, witnesses) = (&policy.origin, &policy.witnesses);
    let pinned = format!(
        "origin = \"{origin}\"\nroot = \"{root}\"\nwitnesses = \"\"\"\n{witnesses}\"\"\"\n"
    );
    std::fs::write(folder.join("policy.toml"), pinned).unwrap();
    Command::new(env!("CARGO_BIN_EXE_postfach"))
        .args(["--lang", "de", "--home", "none", "verify"])
        .args(["--policy", "policy.toml"])
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap()
}

#[test]
fn reports_are_written_in_both_forms() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.pfe"), file()).unwrap();
    let reports = ["--report", "a.html", "--report", "a.pdf", "a.pfe"];
    let output = verify(folder.path(), &reports);
    assert!(output.status.success(), "{output:?}");
    let page = std::fs::read_to_string(folder.path().join("a.html")).unwrap();
    assert_inert(&page);
    let paper = std::fs::read(folder.path().join("a.pdf")).unwrap();
    assert!(paper.starts_with(b"%PDF-"));
}

#[test]
fn a_file_that_does_not_hold_is_reported_too() {
    let folder = tempfile::tempdir().unwrap();
    let mut evidence = postfach_crypto::evidence::Evidence::decode(&file()).unwrap();
    evidence.entries.drain(2..4);
    let path = folder.path().join("a.pfe");
    std::fs::write(path, evidence.encode().unwrap()).unwrap();
    let output = verify(folder.path(), &["a.pfe", "--report", "a.html"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let page = std::fs::read_to_string(folder.path().join("a.html")).unwrap();
    assert!(page.contains("FEHLERHAFT"));
}

#[test]
fn what_cannot_be_written_is_said() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.pfe"), file()).unwrap();
    for (arguments, code) in [
        (["a.pfe", "--report", "nowhere/a.html"].as_slice(), 4),
        (&["a.pfe", "--report", "a.docx"], 2),
        (&["a.pfe", "a.pfe", "--report", "a.html"], 2),
    ] {
        let output = verify(folder.path(), arguments);
        assert_eq!(output.status.code(), Some(code), "{output:?}");
        assert!(!output.stderr.is_empty());
    }
    assert!(!folder.path().join("a.html").exists());
}
