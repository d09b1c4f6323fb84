//! `postfach check` beside a running server, on damaged data and on an older copy.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::machine::Machine;

fn copy(machine: &Machine, to: &str) {
    let copied = Command::new("cp")
        .arg("-r")
        .arg(machine.path("data"))
        .arg(machine.path(to))
        .status();
    assert!(copied.unwrap().success());
}

fn segment(data: &Path) -> std::path::PathBuf {
    data.join("store/journal/0000000001.journal")
}

#[test]
fn a_server_is_checked_while_it_runs_and_damage_and_age_are_named() {
    let mut machine = Machine::with_town();
    let check = |data: &str| machine.run(&["check", "--data", data, "--json"]);
    let sound = check("data").done();
    assert_eq!(sound["sound"], true);
    assert_eq!(sound["mark"], "continued");
    assert_eq!(sound["faults"], serde_json::json!([]));
    assert!(sound["size"].as_u64() >= sound["marked_size"].as_u64());
    assert!(sound["statements"].as_u64().unwrap() > 3);
    let page = machine.run(&["check", "--data", "data"]);
    assert!(
        page.out
            .contains("The log continues what was published last")
    );

    copy(&machine, "older");
    machine.new_keys("late", &["--key-file", "machine"]).done();
    machine.stop_server();
    let check = |data: &str| machine.run(&["check", "--data", data, "--json"]);
    let stopped = check("data").done();
    assert!(stopped["size"].as_u64() > sound["size"].as_u64());
    assert_eq!(
        stopped["size"], stopped["marked_size"],
        "published when it stopped"
    );

    // The mark lies apart from the data, so that an older copy of them is recognised.
    let mark = "data/keys/checkpoint.mark";
    let older = machine.run(&["check", "--data", "older", "--mark", mark, "--json"]);
    assert_eq!(older.exit, 1);
    let older: serde_json::Value = serde_json::from_str(&older.out).unwrap();
    assert_eq!(
        (&older["sound"], &older["mark"]),
        (&false.into(), &"older".into())
    );

    copy(&machine, "damaged");
    let path = segment(&machine.path("damaged"));
    let mut bytes = fs::read(&path).unwrap();
    bytes[200] ^= 1;
    fs::write(&path, bytes).unwrap();
    let damaged = machine.run(&["check", "--data", "damaged"]);
    assert_eq!(damaged.exit, 1);
    assert!(
        damaged
            .out
            .contains("0000000001.journal, byte 48: a durable record is damaged")
    );
    assert!(
        damaged
            .out
            .contains("Restore the named files from a backup")
    );

    let nothing = machine.run(&["check", "--data", "nowhere"]);
    assert_eq!(nothing.exit, 4);
}
