//! Honest logs of every shape pass, and later visits read only what is new.

use postfach::client::audit::{AuditError, VisitError};
use postfach::entropy::entropy;
use postfach_crypto::keys::SigningKey;
use postfach_crypto::tlog::{Cosigner, KeyName, Policy, Resource, UnixSeconds};

use crate::operator::Operator;

#[tokio::test]
async fn honest_logs_of_all_sizes_pass_and_grow() {
    let operator = Operator::serving(1).await;
    let auditor = operator.auditor("state");
    let mut before = None;
    let mut log = operator.log();
    for size in [1, 2, 255, 256, 257, 511, 512, 700, 65_535, 65_537, 66_000] {
        log = log.grown(0, size);
        operator.show(log.clone());
        let visit = auditor.visit(None, |_, _| {}).await.unwrap();
        assert_eq!(visit.head, log.head_at(size));
        assert_eq!(
            (visit.before, visit.read),
            (before, size - before.unwrap_or(0))
        );
        before = Some(size);
    }
    // Whoever comes for the first time sees the same.
    let visit = operator
        .auditor("new")
        .visit(None, |_, _| {})
        .await
        .unwrap();
    assert_eq!((visit.head, visit.read), (log.head_at(66_000), 66_000));
}

#[tokio::test]
async fn later_visits_fetch_what_is_new_and_what_proves_it() {
    let operator = Operator::serving(66_000).await;
    let auditor = operator.auditor("state");
    auditor.visit(None, |_, _| {}).await.unwrap();
    let whole = operator.asked().len();
    assert!(whole > 2 * 66_000 / 256);
    auditor.visit(None, |_, _| {}).await.unwrap();
    let files = |asked: &[Resource]| asked.len();
    assert_eq!(files(&operator.asked()), 1, "only the checkpoint");
    operator.show(operator.log().grown(0, 66_100));
    auditor.visit(None, |_, _| {}).await.unwrap();
    assert!(files(&operator.asked()) < 20);
}

#[tokio::test]
async fn an_interrupted_audit_continues_where_it_was() {
    let operator = Operator::serving(66_000).await;
    // The second stretch breaks off.
    operator.tamper(|resource, file| match resource {
        Resource::Entries(bundle) if bundle.index == 257 => Some(b"busy".to_vec()),
        _ => file,
    });
    let auditor = operator.auditor("state");
    auditor.visit(None, |_, _| {}).await.unwrap_err();
    operator.behave();
    operator.asked();
    let mut seen = Vec::new();
    let visit = auditor
        .visit(None, |done, total| seen.push((done, total)))
        .await;
    let visit = visit.unwrap();
    assert_eq!(visit.read, 66_000 - 65_536);
    assert_eq!(seen.last().map(|(done, total)| done == total), Some(true));
    let again = |resource: &Resource| matches!(resource, Resource::Entries(b) if b.index < 256);
    assert!(!operator.asked().iter().any(again));
}

#[tokio::test]
async fn damaged_notes_are_named() {
    let operator = Operator::serving(300).await;
    let auditor = operator.auditor("state");
    auditor.visit(None, |_, _| {}).await.unwrap();
    let mut files = std::fs::read_dir(operator.folder.path().join("state")).unwrap();
    let file = files.next().unwrap().unwrap().path();
    let mut bytes = std::fs::read(&file).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&file, bytes).unwrap();
    let error = auditor.visit(None, |_, _| {}).await.unwrap_err();
    assert!(matches!(error, AuditError::Visit(VisitError::Damaged(_))));
}

#[tokio::test]
async fn cosignatures_are_counted_under_the_policy() {
    let operator = Operator::serving(600).await;
    let log = operator.log();
    let witnesses: Vec<Cosigner> = (0..3)
        .map(|number| {
            let name = KeyName::new(format!("w{number}.example")).unwrap();
            Cosigner::new(name, SigningKey::generate(&mut entropy()))
        })
        .collect();
    let mut policy = format!("log {}\n", log.vkey());
    for (number, witness) in witnesses.iter().enumerate() {
        policy.push_str(&format!("witness w{number} {}\n", witness.verifier_key()));
    }
    policy.push_str("group g 2 w0 w1 w2\nquorum g\n");
    let pinned = postfach::client::audit::Pinned {
        operator: None,
        policy: Some(Policy::parse(policy.as_bytes()).unwrap()),
    };
    let auditor =
        postfach::client::audit::Auditor::new(&operator.url, Some(&operator.ca()), pinned, None);
    let auditor = auditor.unwrap();
    for count in 0..3 {
        let mut signed = log.checkpoint();
        for witness in &witnesses[..count] {
            let line = witness.cosign(signed.checkpoint(), UnixSeconds(1_800_000_000));
            signed
                .note_mut()
                .add(vec![line], &[witness.verifier_key()])
                .unwrap();
        }
        let note = signed.to_bytes();
        operator.tamper(move |resource, file| match resource {
            Resource::Checkpoint => Some(note.clone()),
            _ => file,
        });
        let visit = auditor.visit(None, |_, _| {}).await.unwrap();
        assert_eq!(
            (visit.cosigned.len(), visit.quorum),
            (count, Some(count == 2))
        );
        assert_eq!(visit.seen_by.is_some(), count == 2);
    }
}
