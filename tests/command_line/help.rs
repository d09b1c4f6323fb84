//! Every verb explains itself, in both languages errors say what to do.

use crate::machine::Machine;
use std::process::Command;

const VERBS: &[&[&str]] = &[
    &["demo"],
    &["serve"],
    &["check"],
    &["operator"],
    &["operator", "init"],
    &["operator", "certify"],
    &["key"],
    &["key", "new"],
    &["key", "show"],
    &["key", "rotate"],
    &["key", "recover"],
    &["key", "export"],
    &["key", "signer"],
    &["key", "signers"],
    &["key", "dismiss"],
    &["party"],
    &["party", "enrol"],
    &["party", "show"],
    &["party", "bind"],
    &["party", "unbind"],
    &["party", "consent"],
    &["party", "revoke"],
    &["party", "contact"],
    &["letter"],
    &["book"],
    &["book", "list"],
    &["book", "import"],
    &["book", "export"],
    &["book", "letterhead"],
    &["send"],
    &["sent"],
    &["inbox"],
    &["read"],
    &["reply"],
    &["accept"],
    &["reject"],
    &["withdraw"],
    &["delete"],
    &["close"],
    &["evidence"],
    &["verify"],
    &["audit"],
    &["witness"],
    &["witness", "init"],
    &["witness", "serve"],
];

fn postfach(arguments: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_postfach"))
        .args(arguments)
        .env("POSTFACH_LANG", "en")
        .output()
        .unwrap();
    (
        output.status.code().unwrap(),
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    )
}

#[test]
fn every_verb_has_a_help_text() {
    for verb in VERBS {
        let (exit, out, err) = postfach(&[verb, &["--help"][..]].concat());
        assert_eq!((exit, err.as_str()), (0, ""), "{verb:?}");
        let usage = format!("postfach {}", verb.join(" "));
        assert!(out.contains(&usage), "{verb:?}: {out}");
        let first = out.lines().next().unwrap();
        assert!(first.len() > 10 && !first.starts_with("Usage"), "{verb:?}");
        // Every option and argument is explained.
        let section = out.split_once("Options:").unwrap().1;
        for line in section.lines().filter(|line| {
            line.trim_start().starts_with('-') && !line.trim_start().starts_with("- ")
        }) {
            let explained = line
                .trim()
                .split_once("  ")
                .is_some_and(|(_, text)| !text.is_empty())
                || section.contains(&format!("{line}\n          "));
            assert!(explained, "{verb:?}: {line}");
        }
    }
}

#[test]
fn a_wrong_command_line_is_exit_2_and_says_what_is_right() {
    for wrong in [
        &["sned"][..],
        &["send"],
        &["send", "--to", "4711", "--batch", "x.csv"],
        &["read"],
        &["verify"],
        &["key", "new"],
        &["operator", "certify", "--address", "pf1nonsense"],
    ] {
        let (exit, out, err) = postfach(wrong);
        assert_eq!((exit, out.as_str()), (2, ""), "{wrong:?}");
        assert!(err.contains("Usage:") || err.contains("--help"), "{err}");
    }
}

#[test]
fn without_a_profile_every_verb_says_how_to_get_one() {
    let machine = Machine::prepared();
    for verb in [
        &["inbox"][..],
        &["sent"],
        &["read", "1"],
        &["party", "show"],
        &["party", "bind"],
        &["key", "show"],
        &["key", "rotate"],
        &["book", "list"],
        &["letter", "--ref", "1"],
        &["send", "--to", "1", "--subject", "x"],
        &["evidence", "1", "-o", "x.pfe"],
    ] {
        let failure = machine
            .of("nobody", &[&["--json"], verb].concat())
            .failed(4);
        assert_eq!(failure["error"], "local", "{verb:?}");
    }
    let english = machine.of("nobody", &["inbox"]);
    assert!(english.err.starts_with("error: "), "{english:?}");
    assert!(english.err.contains("what to do: "), "{english:?}");
    let german = machine.of("nobody", &["--lang", "de", "inbox"]);
    assert!(german.err.starts_with("Fehler: "), "{german:?}");
    assert!(german.err.contains("Was tun: "), "{german:?}");
    assert!(!machine.path("nobody").exists(), "asking makes nothing");
}
