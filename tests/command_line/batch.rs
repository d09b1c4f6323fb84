//! `send --batch`: refused rows, interruption, resumption, and the wrong file beside its progress.

use crate::machine::Machine;

fn progress(machine: &Machine) -> Vec<serde_json::Value> {
    let text = String::from_utf8(machine.read("bills.csv.progress")).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn a_batch_goes_out_once_however_often_it_is_started() {
    let mut machine = Machine::with_town();
    machine.import(&["1", "2", "3"]);
    for (profile, reference) in [("anna", "1"), ("berta", "2"), ("clara", "3")] {
        machine.enrol(profile, reference);
        if profile != "berta" {
            machine.consent(profile);
        }
    }
    machine.write("plan.bin", &vec![7; 100_000]);
    let rows = "\u{feff}reference;subject;text;files\r\n\
                1;Bescheid 1;Guten Tag;plan.bin\r\n2;Bescheid 2;;\r\n3;Bescheid 3;;plan.bin|people.csv\r\n";
    machine.write("bills.csv", rows.as_bytes());
    let send = [
        "--json",
        "send",
        "--batch",
        "bills.csv",
        "--rule",
        "BayDiG-24-2",
    ];

    // The server is away: nothing is lost, and nothing was sent.
    machine.kill_server();
    machine.of("town", &send).failed(3);
    machine.serve();

    // Berta has not consented: her row is named, the others go out.
    let first = machine.of("town", &send);
    let failure = first.failed(1);
    assert!(
        failure["what"].as_str().unwrap().contains("1 row"),
        "{failure}"
    );
    assert_eq!(machine.json("anna", &["inbox"])[0]["subject"], "Bescheid 1");
    assert_eq!(
        machine.json("clara", &["inbox"]).as_array().unwrap().len(),
        1
    );
    assert_eq!(
        machine.json("berta", &["inbox"]).as_array().unwrap().len(),
        0
    );

    machine.consent("berta");
    let second = machine.of("town", &send).done();
    assert_eq!((&second["rows"], &second["sent"]), (&3.into(), &1.into()));
    let third = machine.of("town", &send).done();
    assert_eq!(third["sent"], 0);
    for profile in ["anna", "berta", "clara"] {
        assert_eq!(
            machine.json(profile, &["inbox"]).as_array().unwrap().len(),
            1
        );
    }

    // A crash after the receipt, before it was noted: the row counts as sent.
    let lines = progress(&machine);
    let cut: String = lines[..lines.len() - 1]
        .iter()
        .map(|line| format!("{line}\n"))
        .collect();
    machine.write("bills.csv.progress", cut.as_bytes());
    let again = machine.of("town", &send).done();
    assert_eq!(again["sent"], 0);
    assert_eq!(
        machine.json("berta", &["inbox"]).as_array().unwrap().len(),
        1
    );

    // The same name with other people in it is another sending.
    machine.write("bills.csv", rows.replace("Bescheid", "Mahnung").as_bytes());
    let conflict = machine.of("town", &send).failed(6);
    assert!(
        conflict["what"].as_str().unwrap().contains("line 2"),
        "{conflict}"
    );
    assert_eq!(
        machine.json("anna", &["inbox"]).as_array().unwrap().len(),
        1
    );
}

#[test]
fn a_batch_with_an_unknown_reference_or_file_sends_nothing() {
    let machine = Machine::with_town();
    machine.import(&["1"]);
    for (rows, exit) in [
        ("reference;subject;text;files\n1;B;;\n99;B;;\n", 1),
        ("reference;subject;text;files\n1;B;;missing.pdf\n", 1),
        ("who;what\n1;B\n", 2),
    ] {
        machine.write("bills.csv", rows.as_bytes());
        let sent = machine.of("town", &["--json", "send", "--batch", "bills.csv"]);
        assert!([1, 2].contains(&sent.exit), "{exit} {sent:?}");
    }
    assert_eq!(machine.json("town", &["sent"]).as_array().unwrap().len(), 0);
    assert!(!machine.path("bills.csv.progress").exists());
}
