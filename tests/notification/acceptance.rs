//! Acknowledgements of receipt that the sender asks for (ETSI EN 319 522-1 C.1, C.3, C.5).

use postfach::client::evidence::Content;
use postfach::client::send::Letter;
use postfach_crypto::evidence::{Policy, verify};
use postfach_crypto::ids::{StatementHash, UnixMillis};
use postfach_crypto::statement::{Event, Reason};
use postfach_storage::List;

use crate::post::seen;
use crate::town::{Town, open, send};

const HOUR: u64 = 60 * 60 * 1000;

async fn asking(town: &Town, rule: Option<&str>, until: UnixMillis) -> StatementHash {
    let letter = Letter {
        legal_rule: rule.map(Into::into),
        acceptance_until: Some(until),
        ..town.to_citizen()
    };
    let sent = send(&town.authority, &letter).await.unwrap();
    let expected = [
        Event::SubmissionAcceptance,
        Event::NotificationForAcceptance,
        Event::ContentConsignment,
    ];
    assert_eq!(sent.receipt.events, expected);
    sent.statement
}

/// What happened to the letter, the same in the evidence files of both, which hold.
async fn events(town: &Town, header: StatementHash) -> Vec<Event> {
    let mut seen = Vec::new();
    for session in [&town.authority, &town.citizen] {
        let evidence = session.evidence(header, Content::Sealed).await.unwrap();
        let operator = session.operator();
        let policy = Policy::without_witnesses(operator.origin(), operator.root());
        let report = verify(&evidence, &policy);
        assert!(report.lacks_only_witnesses(), "{:?}", report.checks);
        seen.push(report.timeline.iter().map(|entry| entry.event).collect());
    }
    assert_eq!(seen[0], seen[1]);
    seen.remove(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_acknowledged_in_time_is_said_once_and_stays_readable() {
    let town = Town::found().await;
    let until = UnixMillis(postfach::clock::now().0 + HOUR);
    let acknowledged = asking(&town, Some("VwZG-5-7"), until).await;
    let silent = asking(&town, Some("VwZG-5-7"), until).await;
    let rejected = asking(&town, Some("VwZG-5-7"), until).await;
    town.citizen.accept(acknowledged).await.unwrap();
    let refused = town.citizen.reject(rejected, Reason::Refused);
    refused.await.unwrap();

    let service = &town.world.service;
    let sweep = async |now| service.expire(&List::Acceptance, 0, now).await.unwrap();
    let early = sweep(UnixMillis(until.0 - 1)).await;
    assert_eq!((early.expired, early.first_open), (0, Some(1)));
    let due = sweep(until).await;
    assert_eq!((due.expired, due.first_open, due.reached), (1, None, 3));
    assert_eq!(sweep(until).await.expired, 0);
    for (header, expired) in [(acknowledged, false), (silent, true), (rejected, false)] {
        let delivery = seen(&town, header).await;
        assert_eq!(delivery.has(Event::AcceptanceRejectionExpiry), expired);
    }

    let folder = tempfile::tempdir().unwrap();
    open(&town.citizen, silent, folder.path()).await.unwrap();
    town.citizen.accept(silent).await.unwrap();
    assert!(seen(&town, silent).await.acceptance.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn evidence_shows_what_was_asked_and_that_no_answer_came() {
    let town = Town::found().await;
    let until = UnixMillis(postfach::clock::now().0 + 1_000);
    let header = asking(&town, None, until).await;
    let before = events(&town, header).await;
    assert!(before.contains(&Event::NotificationForAcceptance));
    let wait = until.0.saturating_sub(postfach::clock::now().0) + 1;
    tokio::time::sleep(std::time::Duration::from_millis(wait)).await;
    let service = &town.world.service;
    let now = postfach::clock::now();
    let swept = service.expire(&List::Acceptance, 0, now).await.unwrap();
    assert_eq!(swept.expired, 1);
    let after = events(&town, header).await;
    assert_eq!(after.last(), Some(&Event::AcceptanceRejectionExpiry));
}
