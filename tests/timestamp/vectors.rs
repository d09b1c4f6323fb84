//! `docs/format/vectors/timestamps.json`: the evidence file of `evidence.json` with a token that
//! `openssl ts` made once, and tokens that must not pass, for a second implementation.
//!
//! No seed gives the same token twice, so the file is judged at every run and not made anew.
//! `POSTFACH_WRITE_VECTORS=1` makes it where it no longer holds, such as after `evidence.json` changed.

use std::fs;
use std::path::PathBuf;

use postfach::timestamp::{Request, TsaCertificates};
use postfach_crypto::evidence::{
    CheckName, Evidence, Outcome, Policy, Report, Timestamp, verify_stamped,
};
use postfach_crypto::ids::StatementHash;
use postfach_crypto::keys::VerifyingKey;
use postfach_crypto::tlog::{self, Note};
use serde_bytes::ByteBuf;
use serde_json::{Value, json};

use crate::lab::{Lab, P256, TIME_STAMPING};

fn path(name: &str) -> PathBuf {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/format/vectors");
    PathBuf::from(folder).join(name)
}

/// The published evidence file without a token, and what it is verified against.
struct Published {
    evidence: Evidence,
    policy: Policy,
    /// Size and text of its last checkpoint.
    size: u64,
    text: String,
}

fn published() -> Published {
    let vectors = fs::read(path("evidence.json")).unwrap();
    let vectors: Value = serde_json::from_slice(&vectors).unwrap();
    let field = |name: &str| vectors[name].as_str().unwrap().to_owned();
    let evidence = Evidence::decode(&hex::decode(field("file")).unwrap()).unwrap();
    let root: StatementHash = field("root").parse().unwrap();
    let note = evidence.log.as_ref().unwrap().checkpoints.last().unwrap();
    let text = Note::parse(note).unwrap().text().to_owned();
    Published {
        policy: Policy {
            origin: field("origin"),
            root: VerifyingKey(root.0),
            witnesses: tlog::Policy::parse(field("witnesses").as_bytes()).unwrap(),
        },
        size: text.lines().nth(1).unwrap().parse().unwrap(),
        evidence,
        text,
    }
}

impl Published {
    fn with(&self, token: &[u8]) -> Evidence {
        let mut evidence = self.evidence.clone();
        let token = ByteBuf::from(token);
        let size = self.size;
        evidence.log.as_mut().unwrap().timestamps = Some(vec![Timestamp { size, token }]);
        evidence
    }

    fn judge(&self, evidence: &Evidence, tsa: &TsaCertificates) -> Report {
        verify_stamped(evidence, &self.policy, &|text, token| {
            tsa.read_token(text, token)
        })
    }

    /// What the vectors say of a token.
    fn finding(&self, token: &[u8], tsa: &TsaCertificates) -> Value {
        let report = self.judge(&self.with(token), tsa);
        let outcome = report.outcome(CheckName::TimeStamped).unwrap();
        let (outcome, reason) = match outcome {
            Outcome::Passed => ("passed", None),
            Outcome::Failed(cause) => ("failed", Some(cause.name())),
            Outcome::NotProven(gap) => ("not-proven", Some(gap.name())),
        };
        json!({ "outcome": outcome, "reason": reason, "verdict": report.verdict().name() })
    }

    fn good(&self, pem: &str, token: &[u8]) -> Value {
        let tsa = TsaCertificates::from_pem(pem.as_bytes()).unwrap();
        let evidence = self.with(token);
        let report = self.judge(&evidence, &tsa);
        let stamped: Vec<_> = report
            .timestamps
            .iter()
            .map(|it| {
                json!({
                    "authority": it.stamped.authority,
                    "at": it.stamped.at.0,
                    "accuracy_micros": it.stamped.accuracy_micros,
                    "before": it.stamped.latest().0,
                    "serial": it.stamped.serial,
                    "entries": it.entries,
                })
            })
            .collect();
        json!({
            "token": hex::encode(token),
            "file": hex::encode(evidence.encode().unwrap()),
            "found": self.finding(token, &tsa),
            "stamped": stamped,
        })
    }

    fn bad(&self, pem: &str, name: &str, token: &[u8]) -> Value {
        let tsa = TsaCertificates::from_pem(pem.as_bytes()).unwrap();
        json!({ "name": name, "token": hex::encode(token), "found": self.finding(token, &tsa) })
    }

    fn make(&self) -> Value {
        let lab = Lab::new(P256, TIME_STAMPING);
        let stamp = |lab: &Lab, text: &str| {
            let request = Request::new(text, [7; 8]);
            let reply = lab.reply(&request.to_der());
            request.check(&reply, &lab.certificates()).unwrap().token
        };
        let pem = String::from_utf8(lab.read("tsa.pem")).unwrap();
        let token = stamp(&lab, &self.text);
        let flipped = |at: usize| {
            let mut token = token.clone();
            token[at] ^= 1;
            token
        };
        let time = token.windows(2).position(|it| it == b"20").unwrap(); // of genTime
        let other = self.text.replace('\n', "/other\n");
        let stranger = stamp(&Lab::new(P256, TIME_STAMPING), &self.text);
        let mut longer = token.clone();
        longer.push(0);
        json!({
            "certificate": pem,
            "size": self.size,
            "text": self.text,
            "good": self.good(&pem, &token),
            "bad": [
                self.bad(&pem, "flipped bit in the signature", &flipped(token.len() - 1)),
                self.bad(&pem, "another genTime", &flipped(time + 3)),
                self.bad(&pem, "cut", &token[..token.len() - 1]),
                self.bad(&pem, "a byte more", &longer),
                self.bad(&pem, "a genuine token over another text", &stamp(&lab, &other)),
                self.bad(&pem, "a genuine token of another authority", &stranger),
            ],
        })
    }

    /// Whether what is written down is what we find.
    fn holds(&self, written: &Value) -> bool {
        let pem = written["certificate"].as_str().unwrap();
        let token = |of: &Value| hex::decode(of["token"].as_str().unwrap()).unwrap();
        let mut bad = written["bad"].as_array().unwrap().iter();
        written["text"] == *self.text
            && written["size"] == self.size
            && self.good(pem, &token(&written["good"])) == written["good"]
            && bad.all(|it| self.bad(pem, it["name"].as_str().unwrap(), &token(it)) == *it)
    }
}

#[test]
fn time_stamps() {
    let (file, published) = (path("timestamps.json"), published());
    let read = || -> Option<Value> { serde_json::from_slice(&fs::read(&file).ok()?).ok() };
    let holds = || read().is_some_and(|written| published.holds(&written));
    if std::env::var_os("POSTFACH_WRITE_VECTORS").is_some() && !holds() {
        let text = serde_json::to_string_pretty(&published.make()).unwrap();
        fs::write(&file, text + "\n").unwrap();
    }
    assert!(
        holds(),
        "timestamps.json does not hold; if the format was meant to change, run \
         POSTFACH_WRITE_VECTORS=1 cargo test -p mein-postfach --test timestamp vectors"
    );
    let written = read().unwrap();
    assert_eq!(written["good"]["found"]["verdict"], "verified");
    let bad = written["bad"].as_array().unwrap();
    assert!(bad.iter().all(|it| it["found"]["outcome"] != "passed"));
    assert_eq!(bad.len(), 6);
}
