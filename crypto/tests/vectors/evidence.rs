//! One evidence file that verifies, and edits that make it fail, each with check and reason.

use postfach_crypto::evidence::{Evidence, Gap, Outcome, verify};
use postfach_crypto::statement::{Delegation, DelegationPurpose, Signed, Subject};
use serde_bytes::ByteBuf;
use serde_json::{Value, json};

use super::mutations;
use super::support::failures;
use super::support::story::Story;

/// Replaces entries `at .. at + remove` of a list field by `insert`.
struct Edit {
    name: &'static str,
    field: &'static str,
    at: usize,
    remove: usize,
    insert: Vec<Vec<u8>>,
}

pub fn vectors() -> Value {
    let mut story = Story::told();
    let evidence = story.evidence();
    let file = evidence.encode().unwrap();
    let report = verify(&evidence, &story.policy());
    let checks: Vec<_> = report
        .checks
        .iter()
        .map(|check| check.name.name())
        .collect();
    let timeline: Vec<_> = report
        .timeline
        .iter()
        .map(|entry| {
            json!({
                "event": entry.event.name(),
                "time": entry.time.0,
                "receipt": entry.receipt.to_string(),
                "answers": entry.answers.map(|kind| kind.name()),
            })
        })
        .collect();
    let not_shown: Vec<_> = report.not_shown.iter().map(|item| item.name()).collect();
    let bad: Vec<_> = edits(&mut story, &evidence)
        .iter()
        .map(|edit| edited(&story, &evidence, edit))
        .collect();
    json!({
        "origin": evidence.origin,
        "root": hex::encode(evidence.root.0),
        "file": hex::encode(&file),
        "verdict": report.verdict().name(),
        "passed": checks,
        "timeline": timeline,
        "not_shown": not_shown,
        "witnesses": story.world.log.policy().to_string(),
        "legal_date": report.legal_date.as_ref().map(|finding| json!({
            "verdict": finding.verdict.code(),
            "days": finding.verdict.days().iter().map(ToString::to_string).collect::<Vec<_>>(),
        })),
        "part_0_file_key": hex::encode(evidence.opened.as_ref().unwrap().file_key),
        "recipient_age_identity": story.world.citizen.age.to_secret_string().as_str(),
        "edits": bad,
        "not_files": not_files(&file),
        "policies": mutations::policies(&story, &evidence),
        "stories": mutations::stories(),
        "mutations": mutations::mutations(&story, &evidence),
    })
}

fn list<'a>(evidence: &'a mut Evidence, field: &str) -> &'a mut Vec<ByteBuf> {
    match field {
        "entries" => &mut evidence.entries,
        "sender" => &mut evidence.sender,
        "relation" => &mut evidence.relation,
        "heads" => &mut evidence.heads,
        "delegations" => &mut evidence.delegations,
        "age_headers" => &mut evidence.age_headers,
        other => unreachable!("no list {other}"),
    }
}

fn edited(story: &Story, evidence: &Evidence, edit: &Edit) -> Value {
    let mut changed = evidence.clone();
    changed.opened = None;
    list(&mut changed, edit.field).splice(
        edit.at..edit.at + edit.remove,
        edit.insert.iter().map(|bytes| ByteBuf::from(bytes.clone())),
    );
    let report = verify(&changed, &story.policy());
    let faults: Vec<_> = report
        .checks
        .iter()
        .filter_map(|check| {
            let (outcome, reason) = match check.outcome {
                Outcome::Passed | Outcome::NotProven(Gap::Needs(_)) => return None,
                Outcome::Failed(cause) => ("failed", cause.name()),
                Outcome::NotProven(gap) => ("not-proven", gap.name()),
            };
            Some(json!({ "check": check.name.name(), "outcome": outcome, "reason": reason }))
        })
        .collect();
    assert!(!faults.is_empty(), "{}", edit.name);
    let hex_list: Vec<_> = edit.insert.iter().map(hex::encode).collect();
    json!({
        "name": edit.name,
        "field": edit.field,
        "at": edit.at,
        "remove": edit.remove,
        "insert": hex_list,
        "verdict": report.verdict().name(),
        "faults": faults,
    })
}

fn edits(story: &mut Story, evidence: &Evidence) -> Vec<Edit> {
    let cut = |name, field, at, remove| Edit {
        name,
        field,
        at,
        remove,
        insert: vec![],
    };
    let put = |name, field, at, insert: Vec<u8>| Edit {
        name,
        field,
        at,
        remove: 1,
        insert: vec![insert],
    };
    let mut flipped = evidence.entries[0].to_vec();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 1;
    let mut receipt = evidence.entries[1].to_vec();
    let last = receipt.len() - 1;
    receipt[last] ^= 1;
    let other_head = story.world.head(
        Subject::Envelope(story.header.hash()),
        &[story.header.bytes()],
    );
    let wrong_list = story.world.head(
        Subject::Envelope(story.header.hash()),
        &[story.world.binding.bytes().to_vec()],
    );
    let delegation = evidence.delegations.iter().position(|bytes| {
        let delegation: Signed<Delegation> = Signed::verify(bytes).unwrap();
        delegation.purpose == DelegationPurpose::Receipt
    });
    let delegation = delegation.unwrap();
    let head = Story::head_of(evidence, Subject::Envelope(story.header.hash()));
    vec![
        put("header with a flipped bit", "entries", 0, flipped),
        put("receipt with a flipped bit", "entries", 1, receipt),
        put(
            "receipt replaced by a binding",
            "entries",
            1,
            story.world.binding.bytes().to_vec(),
        ),
        cut("handover and its request dropped", "entries", 3, 2),
        cut("last receipt and what it answers dropped", "entries", 5, 2),
        cut("last receipt dropped", "entries", 6, 1),
        cut("submission receipt dropped", "entries", 1, 1),
        cut("sender's keys dropped", "sender", 0, 1),
        cut("binding dropped", "relation", 1, 1),
        cut("consent dropped", "relation", 2, 1),
        cut(
            "delegation of the receipt key dropped",
            "delegations",
            delegation,
            1,
        ),
        cut("age headers dropped", "age_headers", 0, 2),
        put(
            "age header of another part",
            "age_headers",
            0,
            evidence.age_headers[1].to_vec(),
        ),
        cut("head of the envelope dropped", "heads", head, 1),
        put(
            "head of a beginning of the list",
            "heads",
            head,
            other_head.bytes().to_vec(),
        ),
        put(
            "head of another list",
            "heads",
            head,
            wrong_list.bytes().to_vec(),
        ),
    ]
}

fn not_files(file: &[u8]) -> Vec<Value> {
    let mut version = file.to_vec();
    assert_eq!(version[1..3], [0x00, 0x01]);
    version[2] = 0x02;
    [
        ("version 2", "version", version),
        ("cut", "encoding/framing", file[..40].to_vec()),
        ("empty", "encoding/framing", vec![]),
    ]
    .into_iter()
    .map(|(name, failure, bytes)| {
        let error = Evidence::decode(&bytes).expect_err(name);
        assert_eq!(failures::evidence(&error), failure, "{name}");
        // Only the beginning is written out: the rest is that of the file above.
        json!({ "name": name, "failure": failure, "begins": hex::encode(&bytes[..bytes.len().min(40)]) })
    })
    .collect()
}
