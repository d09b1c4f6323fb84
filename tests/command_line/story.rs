//! The first steps of the README, one command after the other.

use crate::machine::{Machine, ORIGIN, TOWN, private};

#[test]
fn the_first_steps_lead_from_nothing_to_proof() {
    let machine = Machine::with_town();
    assert!(private(&machine.path("town/keys.txt")));
    let head = [
        "book",
        "letterhead",
        "--office",
        "Steueramt",
        "--line",
        "Marktplatz 1",
    ];
    let line = [
        "--return-line",
        "Markt Musterdorf, Marktplatz 1, 12345 Musterdorf",
    ];
    machine.of("town", &[&head[..], &line].concat()).said();
    machine.import(&["4711", "4712"]);
    let listed = machine.json("town", &["book", "list"]);
    assert_eq!(listed[0]["status"], "listed");

    machine.enrol("maria", "4711");
    let shown = machine.json("maria", &["party", "show"]);
    assert_eq!(shown["authorities"][0]["authority"], TOWN);
    assert_eq!(shown["authorities"][0]["bound"], true);
    machine.consent("maria");
    let shown = machine.json("maria", &["party", "show"]);
    assert_eq!(shown["authorities"][0]["service"], true);
    let listed = machine.json("town", &["book", "list"]);
    assert_eq!(listed[0]["address"], shown["address"]);

    let notice: Vec<u8> = (0..200_000_u32).map(|n| (n % 251) as u8).collect();
    machine.write("notice.pdf", &notice);
    machine.write("leaflet.txt", "Merkblatt für Hundehalter".as_bytes());
    let sent = machine.json(
        "town",
        &[
            "send",
            "--to",
            "4711",
            "--subject",
            "Hundesteuerbescheid 2026",
            "--text",
            "Guten Tag, anbei der Bescheid.",
            "--rule",
            "BayDiG-24-2",
            "--act",
            "Hundesteuerbescheid",
            "--file-number",
            "HS-1",
            "--amount",
            "120,00",
            "--remedy",
            "Klage",
            "--remedy-body",
            "VG Regensburg",
            "--remedy-period",
            "ein Monat",
            "--remedy-rule",
            "VwGO § 74",
            "--remedy-until",
            "2027-01-15",
            "notice.pdf",
            "leaflet.txt",
        ],
    );
    assert_eq!(
        sent["events"],
        serde_json::json!(["SubmissionAcceptance", "ContentConsignment"])
    );
    let order = machine.json(
        "town",
        &[
            "send",
            "--to",
            "4711",
            "--registered",
            "--subject",
            "Anordnung",
            "leaflet.txt",
        ],
    );

    let inbox = machine.json("maria", &["inbox"]);
    assert_eq!(inbox[0]["subject"], "Hundesteuerbescheid 2026");
    assert_eq!(inbox[0]["sender"], TOWN);
    assert_eq!(inbox[1]["subject"], serde_json::Value::Null);
    assert_eq!(inbox[1]["registered"], true);
    let text = machine.of("maria", &["--lang", "de", "inbox"]).said();
    assert!(
        text.contains("NEU") && text.contains("ZUSTELLUNG"),
        "{text}"
    );

    let read = machine.json("maria", &["read", "1", "--out", "letters"]);
    assert_eq!(machine.read("letters/notice.pdf"), notice);
    assert_eq!(read["act"]["remedy"]["until"], "2027-01-15");
    assert_eq!(read["act"]["amount"]["minor_units"], 12_000);
    let german = machine
        .of("maria", &["--lang", "de", "read", "1", "--out", "again"])
        .said();
    assert!(
        german.contains("Klage") && german.contains("15. Januar 2027"),
        "{german}"
    );
    let english = machine.of("maria", &["read", "1", "--out", "again"]).said();
    assert!(english.contains("15 January 2027"), "{english}");
    assert!(
        machine.path("again/notice (2).pdf").exists(),
        "nothing is overwritten"
    );

    // Registered mail asks for the signature; nobody at the terminal is no yes.
    let unasked = machine
        .of("maria", &["--json", "read", "2", "--out", "letters"])
        .failed(2);
    assert!(unasked["next"].as_str().unwrap().contains("--yes"));
    assert_eq!(
        machine.json("maria", &["inbox"])[1]["subject"],
        serde_json::Value::Null
    );
    machine.json("maria", &["read", "2", "--out", "letters", "--yes"]);
    assert_eq!(machine.json("maria", &["inbox"])[1]["subject"], "Anordnung");

    let reply = machine.of("maria", &["--json", "reply", "1", "--text", "Danke"]);
    assert!(reply.err.contains("not an appeal"), "{reply:?}");
    reply.done();
    let town_inbox = machine.json("town", &["inbox"]);
    let answered = town_inbox.as_array().unwrap().iter();
    let answered = answered.filter(|row| row["sender"].is_null()).count();
    assert_eq!(answered, 1, "{town_inbox}");

    let rows = machine.json("town", &["sent"]);
    assert_eq!(rows[0]["to"], "4711");
    assert_eq!(rows[0]["state"], "ContentAccessTracking");
    assert_eq!(rows[1]["header"], order["header"]);

    for (number, name) in [("1", "1.pfe"), ("2", "2.pfe")] {
        machine
            .of("maria", &["evidence", number, "-o", name])
            .said();
    }
    // The server is off, and the verifier has no profile.
    let shown = machine.json("town", &["key", "show"]);
    let other = shown["identity"].as_str().unwrap();
    let mut machine = machine;
    machine.kill_server();
    let root = machine.root.clone();
    let judge = ["--json", "verify", "--root", &root, "--origin", ORIGIN];
    let verdicts = machine.run(&[&judge[..], &["1.pfe", "2.pfe"]].concat());
    // No witness follows this log, so nobody but the operator vouches for it; all else holds.
    assert_eq!(verdicts.exit, 8, "{verdicts:?}");
    for line in verdicts.out.lines() {
        let verdict: serde_json::Value = serde_json::from_str(line).unwrap();
        for check in verdict["checks"].as_array().unwrap() {
            let witnessed = ["log-cosigned", "times-bounded"].map(serde_json::Value::from);
            let expected = if witnessed.contains(&check["name"]) {
                "not-proven"
            } else {
                "passed"
            };
            assert_eq!(check["outcome"], expected, "{check}");
        }
    }
    assert_eq!(verdicts.out.lines().count(), 2, "one line a file");
    let german = machine.run(&[
        "--lang", "de", "verify", "--root", &root, "--origin", ORIGIN, "2.pfe",
    ]);
    assert_eq!(german.exit, 8, "{german:?}");
    let mut broken = machine.read("1.pfe");
    let middle = broken.len() / 2;
    broken[middle] ^= 1;
    machine.write("broken.pfe", &broken);
    let caught = machine.run(&[&judge[..], &["broken.pfe"]].concat());
    assert!(![0, 8].contains(&caught.exit), "{caught:?}");
    // Any key but the operator's.
    let foreign = ["verify", "--root", other, "--origin", ORIGIN, "1.pfe"];
    assert_eq!(machine.run(&foreign).exit, 1);
}

#[test]
fn a_letter_is_not_for_somebody_else_and_a_code_counts_once() {
    let machine = Machine::with_town();
    machine.import(&["4711"]);
    let link = machine.letter("4711");
    let enrol = [
        "--json",
        "party",
        "enrol",
        "--letter",
        "-",
        "--ca",
        "tls/authority.pem",
    ];
    let more = ["--key-file", "machine", "--sheet", "sheet.pdf"];
    let enrol = [&enrol[..], &more].concat();
    let damaged = link.replace("#1.", "#2.");
    machine.fed("maria", &enrol, &damaged).failed(2);
    let (start, end) = link.split_at(link.len() - 3);
    let mistyped = format!("{start}{}", end.chars().rev().collect::<String>());
    if mistyped != link {
        machine.fed("maria", &enrol, &mistyped).failed(2);
    }
    assert!(!machine.path("maria").exists());
    machine.fed("maria", &enrol, &link).done();
    machine.json("town", &["party", "bind"]);
    let thief = machine.fed("thief", &enrol, &link);
    assert_eq!(thief.done()["state"], "waiting");
    machine.json("town", &["party", "bind"]);
    let refused = machine.json("thief", &["party", "show"]);
    assert_eq!(refused["authorities"][0]["refused"], "already-used");
    let shown = machine.json("maria", &["party", "show"]);
    assert_eq!(shown["authorities"][0]["bound"], true);
}
