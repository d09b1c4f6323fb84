//! `postfach audit` as a program.

use std::process::{Command, Output};

use postfach_crypto::ids::StatementHash;
use serde_json::Value;

use crate::operator::{ORIGIN, Operator};

fn audit(operator: &Operator, more: &[&str]) -> Output {
    let root = StatementHash(operator.root.0).to_string();
    let mut arguments = vec!["audit", &operator.url, "--root", &root, "--origin", ORIGIN];
    arguments.extend(["--state", "state", "--ca", "tls/authority.pem"]);
    arguments.extend(more);
    run(operator, &arguments)
}

fn run(operator: &Operator, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_postfach"))
        .args(arguments)
        .current_dir(operator.folder.path())
        .env_clear()
        .env("HOME", operator.folder.path())
        .env("POSTFACH_LANG", "en")
        .output()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn results_findings_and_mistakes_have_their_exit_codes() {
    let operator = Operator::serving(700).await;
    let output = audit(&operator, &["--json"]);
    assert!(output.status.success(), "{output:?}");
    let visit: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&visit["size"], &visit["read"]), (&700.into(), &700.into()));
    let output = audit(&operator, &[]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("continues the 700 entries"), "{said}");

    operator.show(operator.fresh().grown(1, 800));
    let output = audit(&operator, &["--watch", "--every", "1"]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.contains("forked") && said.contains("what to do"),
        "{said}"
    );
    let output = audit(&operator, &["--lang", "de"]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("gespalten"), "{said}");

    let output = run(&operator, &["audit", &operator.url]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    std::fs::write(operator.folder.path().join("policy"), "log nonsense\n").unwrap();
    let output = run(&operator, &["audit", &operator.url, "--policy", "policy"]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    let gone = audit(&operator, &["--ca", "tls/none.pem"]);
    assert_eq!(gone.status.code(), Some(2), "given twice: {gone:?}");
}
