//! Deleting letters and closing the mailbox, as people do it on the command line.

use serde_json::Value;

use crate::machine::Machine;

#[test]
fn a_citizen_deletes_letters_and_closes_the_mailbox() {
    let machine = Machine::with_town();
    machine.import(&["4711"]);
    machine.enrol("maria", "4711");
    machine.consent("maria");
    machine.write("leaflet.txt", b"Merkblatt");
    let send = |more: &[&str]| {
        let fixed = ["send", "--to", "4711", "--subject", "Post", "leaflet.txt"];
        machine.of("town", &[&["--json"], &fixed[..], more].concat())
    };
    send(&[]).done();
    send(&["--registered"]).done();

    // Nobody at the terminal is no yes, and what cannot be deleted keeps everything.
    let delete = |more: &[&str], letters: &[&str]| {
        let command = [&["--json"], more, &["delete"], letters].concat();
        machine.of("maria", &command)
    };
    delete(&[], &["1"]).failed(2);
    let refused = delete(&["--yes"], &["1", "1", "2"]).failed(6);
    assert!(refused["next"].as_str().unwrap().contains("reject 2"));
    assert_eq!(machine.json("maria", &["inbox"])[0]["deleted"], false);

    machine.json("maria", &["--yes", "read", "2", "--out", "letters"]);
    let deleted = delete(&["--yes"], &["1", "2", "1"]).done();
    assert_eq!(deleted.as_array().unwrap().len(), 2);
    assert!(deleted[0]["receipt"].is_string());
    let inbox = machine.json("maria", &["inbox"]);
    for letter in inbox.as_array().unwrap() {
        assert_eq!(letter["deleted"], true);
        assert_eq!(letter["subject"], Value::Null);
    }
    let text = machine.of("maria", &["--lang", "de", "inbox"]).said();
    assert_eq!(text.matches("gelöscht").count(), 2, "{text}");
    let again = machine.of("maria", &["--json", "--yes", "read", "2", "--out", "again"]);
    let again = again.failed(1);
    assert!(again["what"].as_str().unwrap().contains("deleted"));
    let sent = machine.json("town", &["sent"]);
    assert_eq!(sent[1]["state"], "ContentAccessTracking", "{sent}");
    let evidence = ["evidence", "2", "--output", "two.pfe"];
    machine.json("maria", &evidence);
    let report = machine.of("maria", &["--lang", "de", "verify", "two.pfe"]);
    assert!(
        format!("{report:?}").contains("Empfänger hat den Umschlag gelöscht"),
        "{report:?}"
    );

    machine.of("maria", &["--json", "close"]).failed(2);
    let closed = machine.json("maria", &["--yes", "close"]);
    let month = 30 * 24 * 60 * 60 * 1000;
    let until = closed["closed"].as_u64().unwrap() + month;
    assert_eq!(closed["readable_until"], until);
    assert_eq!(
        machine.json("maria", &["close"]),
        closed,
        "once and for all"
    );
    let shown = machine.json("maria", &["party", "show"]);
    assert_eq!(shown["closed"], closed["closed"]);
    assert_eq!(shown["authorities"][0]["service"], false);
    let refused = send(&[]).failed(1);
    assert!(refused["what"].as_str().unwrap().contains("closed"));
    assert!(refused["next"].as_str().unwrap().contains("paper"));
}
