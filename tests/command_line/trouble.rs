//! An unreachable server, a second server, a profile that others can change.

use std::os::unix::fs::PermissionsExt as _;

use crate::machine::Machine;

#[test]
fn an_unreachable_server_is_exit_3_and_the_outbox_waits() {
    let mut machine = Machine::with_town();
    machine.import(&["4711"]);
    machine.enrol("maria", "4711");
    machine.write("plan.bin", &vec![9; 20 << 20]);
    machine.kill_server();
    let send = [
        "--json",
        "send",
        "--to",
        "4711",
        "--subject",
        "Plan",
        "plan.bin",
    ];
    let failure = machine.of("town", &send).failed(3);
    assert_eq!(failure["error"], "unreachable");
    machine.serve();
    // Everything is there after kill -9, and there was nothing to resume yet.
    assert_eq!(
        machine.json("town", &["send", "--resume"])["delivered"],
        serde_json::json!([])
    );

    // Killed while the letter is on its way: it lies in the outbox, and goes out once.
    let mut sending = machine
        .command(&[&["--home", "town"], &send[..]].concat())
        .spawn()
        .unwrap();
    let objects = machine.path("data/store/objects");
    while !holds_a_file(&objects) && sending.try_wait().unwrap().is_none() {
        std::thread::yield_now();
    }
    machine.kill_server();
    let exit = sending.wait().unwrap().code().unwrap();
    machine.serve();
    let resumed = machine.json("town", &["send", "--resume"]);
    let delivered = resumed["delivered"].as_array().unwrap().len();
    assert_eq!(delivered, usize::from(exit != 0), "{exit} {resumed}");
    let inbox = machine.json("maria", &["inbox"]);
    assert_eq!(inbox.as_array().unwrap().len(), 1);
    machine.json("maria", &["read", "1", "--out", "letters"]);
    assert!(machine.read("letters/plan.bin") == vec![9; 20 << 20]);
}

fn holds_a_file(folder: &std::path::Path) -> bool {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return false;
    };
    entries
        .filter_map(Result::ok)
        .any(|entry| entry.path().is_file() || holds_a_file(&entry.path()))
}

#[test]
fn a_second_server_on_the_same_data_is_told_so() {
    let machine = Machine::with_town();
    let second = machine.run(&[
        "--json",
        "serve",
        "--config",
        "postfach.toml",
        "--listen",
        "127.0.0.1:0",
    ]);
    let failure = second.failed(4);
    assert!(
        failure["what"]
            .as_str()
            .unwrap()
            .contains("in use by another server")
    );
    machine.json("town", &["key", "show"]);
}

#[test]
fn the_effective_configuration_is_printed_with_its_sources() {
    let machine = Machine::prepared();
    let printed = machine.run(&[
        "serve",
        "--config",
        "postfach.toml",
        "--set",
        "metrics_listen=127.0.0.1:1",
        "--print-config",
    ]);
    let text = printed.said();
    assert!(
        text.contains("127.0.0.1:1") && text.contains("postfach.toml"),
        "{text}"
    );
    let wrong = machine.run(&[
        "--json",
        "serve",
        "--config",
        "postfach.toml",
        "--set",
        "colour=red",
    ]);
    assert!(wrong.failed(2)["what"].as_str().unwrap().contains("colour"));
}

#[test]
fn a_profile_that_others_may_change_is_not_used() {
    let machine = Machine::with_town();
    let home = machine.path("town");
    std::fs::set_permissions(&home, std::fs::Permissions::from_mode(0o777)).unwrap();
    machine.of("town", &["--json", "key", "show"]).failed(4);
    std::fs::set_permissions(&home, std::fs::Permissions::from_mode(0o700)).unwrap();
    let keys = machine.path("town/keys.txt");
    std::fs::set_permissions(&keys, std::fs::Permissions::from_mode(0o644)).unwrap();
    machine.of("town", &["--json", "key", "show"]).failed(4);
    std::fs::set_permissions(&keys, std::fs::Permissions::from_mode(0o600)).unwrap();
    machine.json("town", &["key", "show"]);
}

#[test]
fn unknown_people_and_letters_are_named() {
    let machine = Machine::with_town();
    machine.import(&["4711"]);
    let to = |whom: &str| machine.of("town", &["--json", "send", "--to", whom, "--subject", "x"]);
    assert!(
        to("4799").failed(2)["what"]
            .as_str()
            .unwrap()
            .contains("4799")
    );
    assert!(
        to("4711").failed(2)["what"]
            .as_str()
            .unwrap()
            .contains("4711")
    );
    for reference in ["0", "1", "99", "deadbeefdeadbeef"] {
        machine.of("town", &["--json", "read", reference]).failed(2);
    }
    let missing = [
        "--json",
        "send",
        "--to",
        "4711",
        "--subject",
        "x",
        "missing.pdf",
    ];
    assert_ne!(machine.of("town", &missing).exit, 0);
}
