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

    machine.fed("maria", &recover, &secret).done();
    let thief = machine.of("thief", &["--json", "inbox"]).failed(1);
    assert!(!thief["what"].as_str().unwrap().is_empty());
    let sent = machine.json("town", &send);
    let read = machine.json("maria", &["read", "3", "--out", "letters"]);
    assert_eq!(read["header"], sent["header"]);
    assert_ne!(machine.scan("new-sheet.pdf"), secret);
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
