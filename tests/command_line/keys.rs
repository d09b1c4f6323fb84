//! Key files, rotation, recovery, export.

use crate::machine::{Machine, private};

#[test]
fn a_passphrase_protects_the_key_file() {
    let machine = Machine::with_town();
    machine.write("passphrase", b"korrekt pferd batterie heftklammer\n");
    machine.write("wrong", b"falsch pferd batterie heftklammer\n");
    machine.write("weak", b"hund\n");
    let weak = machine.new_keys("office", &["--passphrase-file", "weak"]);
    assert!(weak.failed(5)["what"].as_str().unwrap().contains("weak"));
    assert!(!machine.path("office").exists());
    machine
        .new_keys("office", &["--passphrase-file", "passphrase"])
        .done();
    let file = machine.path("office/keys.age");
    assert!(private(&file));
    assert!(
        std::fs::read(&file)
            .unwrap()
            .starts_with(b"age-encryption.org/v1\n-> scrypt ")
    );
    let wrong = ["--json", "--passphrase-file", "wrong", "key", "show"];
    let failure = machine.of("office", &wrong).failed(5);
    assert_eq!(failure["error"], "passphrase");
    machine.json(
        "office",
        &["--passphrase-file", "passphrase", "key", "show"],
    );
    // A second party in the same folder is refused, and the first is not harmed.
    let again = machine.new_keys("office", &["--passphrase-file", "passphrase"]);
    assert_eq!(again.exit, 6, "{again:?}");
}

#[test]
fn rotated_keys_read_old_mail_and_recovered_ones_shut_out_the_thief() {
    let machine = Machine::with_town();
    machine.import(&["4711"]);
    machine.enrol("maria", "4711");
    let send = ["send", "--to", "4711", "--subject", "Bescheid"];
    machine.json("town", &send);
    machine.json("maria", &["key", "rotate"]);
    machine.json("town", &["key", "rotate"]);
    assert_eq!(
        machine.json("maria", &["read", "1", "--out", "letters"])["subject"],
        "Bescheid"
    );
    machine.json("town", &send);
    machine.json("maria", &["read", "2", "--out", "letters"]);
    assert_eq!(
        machine.json("town", &["book", "list"])[0]["reference"],
        "4711"
    );

    // A thief has a copy of the profile; the sheet takes the address back.
    let copied = std::process::Command::new("cp")
        .args(["-r", "maria", "thief"])
        .current_dir(machine.path(""))
        .status()
        .unwrap();
    assert!(copied.success());
    let secret = machine.scan("maria-sheet.pdf");
    let recover = [
        "--json",
        "key",
        "recover",
        "--secret-file",
        "-",
        "--sheet",
        "new-sheet.pdf",
    ];
    let mistyped = secret.replacen(
        &secret[..1],
        if secret.starts_with('A') { "B" } else { "A" },
        1,
    );
    machine.fed("maria", &recover, &mistyped).failed(2);
    // Another party's sheet changes nothing, here or at the server.
    let foreign = machine.scan("town-sheet.pdf");
    let refused = machine.fed("maria", &recover, &foreign);
    assert_ne!(refused.exit, 0, "{refused:?}");
    assert!(!machine.path("new-sheet.pdf").exists());
    machine.json("maria", &["inbox"]);

    // A sheet that lies there may be needed still.
    machine.write("new-sheet.pdf", b"precious");
    machine.fed("maria", &recover, &secret).failed(4);
    std::fs::remove_file(machine.path("new-sheet.pdf")).unwrap();
    let recovered = machine.fed("maria", &recover, &secret).done();
    assert_eq!(recovered["old_mail_readable"], true);
    let thief = machine.of("thief", &["--json", "inbox"]).failed(1);
    assert!(!thief["what"].as_str().unwrap().is_empty());
    let sent = machine.json("town", &send);
    let read = machine.json("maria", &["read", "3", "--out", "letters"]);
    assert_eq!(read["header"], sent["header"]);
    assert_ne!(machine.scan("new-sheet.pdf"), secret);
}

#[test]
fn a_lost_device_is_replaced_and_the_person_is_told_what_is_gone() {
    let machine = Machine::with_town();
    machine.import(&["4711"]);
    machine.enrol("maria", "4711");
    let send = ["send", "--to", "4711", "--subject", "Bescheid"];
    machine.json("town", &send);
    let address = machine.json("maria", &["key", "show"])["address"].clone();
    let secret = machine.scan("maria-sheet.pdf");
    std::fs::remove_dir_all(machine.path("maria")).unwrap();

    let recover = ["key", "recover", "--secret-file", "-", "--sheet", "new.pdf"];
    let nowhere = [&["--json"], &recover[..]].concat();
    let failure = machine.fed("new", &nowhere, &secret).failed(2);
    assert!(failure["next"].as_str().unwrap().contains("--service"));
    let service = machine.service();
    let device = [
        "--service",
        &service,
        "--address",
        address.as_str().unwrap(),
        "--root",
        &machine.root,
        "--ca",
        "tls/authority.pem",
        "--key-file",
        "machine",
    ];
    let arguments = [&recover[..], &device].concat();
    let told = machine.fed("new", &arguments, &secret).said();
    assert!(told.contains("Ask the senders to send it again"), "{told}");
    assert!(private(&machine.path("new.pdf")) && private(&machine.path("new/keys.txt")));
    let german = [&["--lang", "de"], &arguments[..]].concat();
    let told = machine.fed("new", &german, &secret).said();
    assert!(told.contains("Bitten Sie die Absender"), "{told}");
    machine.json("town", &send);
    let listed = machine.of("new", &["inbox"]).said();
    assert!(listed.contains("not readable with your keys"), "{listed}");
    let read = machine.json("new", &["read", "2", "--out", "letters"]);
    assert_eq!(read["subject"], "Bescheid");
    machine
        .of("new", &["--json", "read", "1", "--out", "letters"])
        .failed(1);
}

#[test]
fn exported_identities_are_those_of_the_key_file() {
    let machine = Machine::with_town();
    let export = machine.of("town", &["key", "export"]);
    assert!(export.err.contains("can read your mail"), "{export:?}");
    let lines = export.said();
    let identities: Vec<_> = lines
        .lines()
        .filter(|line| line.starts_with("AGE-SECRET-KEY-PQ-1"))
        .collect();
    assert_eq!(identities.len(), 1, "{}", lines.lines().count());
    machine
        .of("town", &["key", "export", "-o", "identities.txt"])
        .said();
    assert!(private(&machine.path("identities.txt")));
    assert_eq!(machine.read("identities.txt"), lines.as_bytes());
}
