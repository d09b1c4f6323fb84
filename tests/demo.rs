//! The demonstration runs to its end, and what it leaves is opened and verified by tools that nobody
//! here wrote: npm `age-encryption` opens the parts, the COSE library `cwt` verifies the receipts.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

fn tools() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/tools")
}

fn postfach(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_postfach"))
        .args(arguments)
        .output()
        .unwrap()
}

fn succeeded(output: &Output, what: &str) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{what}: {said}");
}

fn run(program: &Path, arguments: &[&str]) {
    let output = Command::new(program)
        .args(arguments)
        .output()
        .unwrap_or_else(|error| panic!("{}: {error}; run tests/tools/install", program.display()));
    succeeded(&output, &program.display().to_string());
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap()
}

#[test]
fn the_story_holds_and_strangers_can_check_what_it_leaves() {
    let folder = tempfile::tempdir().unwrap();
    let kept = folder.path().join("kept");
    let kept_text = kept.to_str().unwrap();
    let story = postfach(&["--lang", "de", "demo", "--once", "--keep", kept_text]);
    succeeded(&story, "demo");

    let described = std::fs::read(kept.join("keepsakes.json")).unwrap();
    let described: Value = serde_json::from_slice(&described).unwrap();
    let identity = text(&described, "identity");

    let parts = described["parts"].as_array().unwrap();
    assert!(parts.len() >= 7, "three letters with their attachments");
    let open = tools().join("age-open.mjs");
    let opened = folder.path().join("opened");
    for part in parts {
        let opened_text = opened.to_str().unwrap();
        let call = [
            open.to_str().unwrap(),
            "--identity",
            identity,
            text(part, "age"),
            opened_text,
        ];
        run(Path::new("node"), &call);
        let theirs = std::fs::read(&opened).unwrap();
        assert!(
            theirs == std::fs::read(text(part, "plain")).unwrap(),
            "other bytes"
        );
    }
    for document in std::fs::read_dir(kept.join("documents")).unwrap() {
        let original = std::fs::read(document.unwrap().path()).unwrap();
        let sent_by_citizen = std::fs::read_dir(kept.join("authority-saved")).unwrap();
        let received = parts
            .iter()
            .map(|part| PathBuf::from(text(part, "plain")))
            .chain(sent_by_citizen.map(|entry| entry.unwrap().path()))
            .any(|path| std::fs::read(path).unwrap() == original);
        assert!(received, "a document arrived nowhere");
    }

    let receipts = described["receipts"].as_array().unwrap();
    assert!(
        receipts.len() >= 9,
        "submission, handover and access of three letters"
    );
    let python = tools().join("venv/bin/python");
    let verify = tools().join("verify_receipt.py");
    let verify = verify.to_str().unwrap();
    for receipt in receipts {
        let (file, key) = (text(receipt, "file"), text(receipt, "key"));
        run(
            &python,
            &[verify, "--key", key, "--aad", "postfach/receipt/v1", file],
        );
    }
    let (file, key) = (text(&receipts[0], "file"), text(&receipts[0], "key"));
    let other_domain = [verify, "--key", key, "--aad", "postfach/head/v1", file];
    let refused = Command::new(&python).args(other_domain).output().unwrap();
    assert_eq!(
        refused.status.code(),
        Some(1),
        "a receipt verified in another domain"
    );

    verify_on_the_command_line(&kept);
}

/// `postfach verify` with the policy that the demonstration pins.
fn verify_on_the_command_line(kept: &Path) {
    let evidence = kept.join("evidence-1.pfe");
    let (home, policy) = (kept.join("citizen"), kept.join("policy.toml"));
    let call = |file: &Path| {
        let file = file.to_str().unwrap();
        let (home, policy) = (home.to_str().unwrap(), policy.to_str().unwrap());
        postfach(&["--json", "--home", home, "verify", "--policy", policy, file])
    };
    succeeded(&call(&evidence), "verify");
    let mut bytes = std::fs::read(&evidence).unwrap();
    let last = bytes.len() - 40;
    bytes[last] ^= 1;
    let damaged = kept.join("damaged.pfe");
    std::fs::write(&damaged, bytes).unwrap();
    assert!(!call(&damaged).status.success(), "a damaged file verified");
}

#[test]
fn the_demo_refuses_a_used_folder() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("operator/keys")).unwrap();
    let refused = postfach(&["demo", "--once", "--keep", folder.path().to_str().unwrap()]);
    assert_eq!(refused.status.code(), Some(4));
}
