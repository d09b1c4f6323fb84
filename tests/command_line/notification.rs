//! From the configuration to the receipt: a citizen is told of mail, and says what becomes of it.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use crate::machine::{Machine, TOWN};

const MOST: Duration = Duration::from_secs(60);

/// What the second listener says.
fn observed(port: u16, path: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// Waits until the state of the town's letters is this.
fn until_notified(machine: &Machine, state: &str, letters: usize) {
    let start = Instant::now();
    loop {
        let rows = machine.json("town", &["sent"]);
        let rows = rows.as_array().unwrap();
        let reached = rows
            .iter()
            .filter(|row| row["notification"] == state)
            .count();
        if reached >= letters {
            return;
        }
        assert!(start.elapsed() < MOST, "{rows:?}");
        std::thread::yield_now();
    }
}

#[test]
fn a_citizen_is_told_of_mail_and_answers_it() {
    let mut machine = Machine::prepared();
    let port = free_port();
    let configuration = String::from_utf8(machine.read("postfach.toml")).unwrap();
    let metrics = format!("metrics_listen = \"127.0.0.1:{port}\"");
    let configuration = configuration.replace("metrics_listen = \"127.0.0.1:0\"", &metrics)
        + "[notify]\ntransport = \"folder\"\nfolder = \"out\"\nfrom = \"post@postfach.example\"\n\
           spool = \"spool\"\nspool_seconds = 1\n";
    machine.write("postfach.toml", configuration.as_bytes());
    machine.serve();
    let machine = machine;
    machine
        .new_keys("town", &["--name", TOWN, "--key-file", "machine"])
        .done();
    machine.certify("town", TOWN);
    machine.import(&["4711"]);
    machine.enrol("maria", "4711");
    machine.consent("maria");

    let none = machine.of("maria", &["party", "contact"]).said();
    assert!(none.contains("No notifications"), "{none}");
    let bad = ["--json", "party", "contact", "--email", "maria"];
    let refused = machine.of("maria", &bad).failed(1);
    assert!(
        refused["what"].as_str().unwrap().contains("e-mail"),
        "{refused}"
    );
    let set = [
        "party",
        "contact",
        "--email",
        "maria@mail.example",
        "--mail-lang",
        "de",
    ];
    assert_eq!(machine.json("maria", &set)["language"], "de");
    let shown = machine.json("maria", &["party", "contact"]);
    assert_eq!(shown["email"], "maria@mail.example");

    machine.write("notice.txt", b"Bescheid");
    for subject in ["eins", "zwei", "drei"] {
        let more = [
            "--to",
            "4711",
            "--registered",
            "--acknowledge-within",
            "14",
            "--subject",
            subject,
            "notice.txt",
        ];
        machine.json("town", &[&["send"][..], &more].concat());
    }
    until_notified(&machine, "sent", 3);
    let mails = std::fs::read_dir(machine.path("out")).unwrap().count();
    assert_eq!(mails, 3);
    let sent = machine.of("town", &["--lang", "de", "sent"]).said();
    assert!(sent.contains("Benachrichtigung abgesandt"), "{sent}");
    let metrics = observed(port, "/metrics");
    for line in [
        "postfach_notifications_waiting 0",
        "postfach_notifications_total{outcome=\"sent\"} 3",
    ] {
        assert!(metrics.contains(line), "{line}\n{metrics}");
    }
    assert!(!metrics.contains("mail.example"));
    assert!(observed(port, "/health/notify").contains("0 waiting, the oldest for 0 s"));

    // Asked for an acknowledgement, the citizen is told so, in the inbox and beside the text.
    let asked = machine.json("maria", &["inbox"])[0]["acceptance_until"].clone();
    assert!(asked.as_u64().unwrap() > 0);
    let page = machine.of("maria", &["--lang", "de", "read", "1", "--yes"]);
    let page = page.said();
    assert!(
        page.contains("um ein Empfangsbekenntnis: postfach accept"),
        "{page}"
    );

    // Accepting, refusing, taking back: each once, and only while it is possible.
    machine.of("maria", &["--json", "accept", "1"]).failed(2);
    machine.json("maria", &["accept", "1", "--yes"]);
    let again = machine
        .of("maria", &["--json", "accept", "1", "--yes"])
        .failed(6);
    assert!(
        again["what"].as_str().unwrap().contains("before"),
        "{again}"
    );
    machine.json(
        "maria",
        &["reject", "2", "--yes", "--reason", "address-ended"],
    );
    machine
        .of("maria", &["--json", "read", "2", "--yes"])
        .failed(6);
    let header = machine.json("maria", &["inbox"])[2]["header"].clone();
    let rows = machine.json("town", &["sent"]);
    let rows = rows.as_array().unwrap();
    let row = rows.iter().find(|row| row["header"] == header).unwrap();
    let number = row["number"].to_string();
    machine.json("town", &["withdraw", &number]);
    machine
        .of("maria", &["--json", "read", "3", "--yes"])
        .failed(1);
    let rows = machine.json("town", &["sent"]);
    let states: Vec<_> = rows
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["state"].clone())
        .collect();
    for state in [
        "ConsignmentAcceptance",
        "ConsignmentRejection",
        "EnvelopeWithdrawal",
    ] {
        assert!(states.iter().any(|it| it == state), "{states:?}");
    }
}
