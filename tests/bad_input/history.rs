//! A server that takes something back, drops or changes it: named, and nothing of it is used.

use std::path::Path;

use axum::body::Bytes;
use postfach::api::resources::{
    AcceptedStatement, Base64, EnvelopeResource, Logged, Page, PartyResource,
};
use postfach::client::error::{ClientError, Dishonest};
use postfach::client::evidence::Content;
use postfach::client::lists::OwnList;
use postfach_crypto::envelope::BindingError;
use postfach_crypto::evidence::{Evidence, Policy, verify};
use postfach_crypto::ids::{Address, Blind, StatementHash};
use postfach_crypto::keys::SigningKey;
use postfach_crypto::operator::OperatorError;
use postfach_crypto::statement::{Context, Head, ListHead, Signed, Subject};

use crate::relay::Fate;
use crate::support::small_store;
use crate::town::{Town, deliver, letter_to, lie, mailbox, open, prepare, send};

/// A genuine head over what the operator chooses to show.
pub fn head(key: &SigningKey, like: &Base64, subject: Subject, entries: &[Logged]) -> Base64 {
    let like: Signed<Head> = Signed::verify(like.as_ref()).unwrap();
    let hashes: Vec<_> = entries
        .iter()
        .map(|entry| StatementHash::of(entry.statement.as_ref()))
        .collect();
    let head = Head {
        context: Context {
            time: postfach::clock::now(),
            blind: Blind(postfach::entropy::array()),
            ..like.context.clone()
        },
        subject,
        head: ListHead::of(&hashes),
        checkpoint: None,
        ext: None,
    };
    Base64(Signed::sign(head, key).unwrap().bytes().to_vec())
}

pub fn answer<T: serde::Serialize>(resource: &T) -> Fate {
    Fate::Answer(serde_json::to_vec(resource).unwrap().into())
}

/// The operator shows one more key of a party, with a head of its own over it.
pub fn show_key(town: &Town, victim: Address, forged: Vec<u8>) {
    let (key, path) = (town.receipt_key(), format!("/v1/parties/{victim}"));
    town.relay.tamper(move |_, target, body| {
        if target != path {
            return Fate::Answer(body);
        }
        let mut party: PartyResource = serde_json::from_slice(&body).unwrap();
        let receipt = party.keys[0].receipt.clone();
        party.keys.push(Logged {
            statement: Base64(forged.clone()),
            position: 0,
            receipt,
        });
        let subject = Subject::Party(victim);
        party.keys_head = head(&key, &party.keys_head, subject, &party.keys);
        answer(&party)
    });
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_restored_from_an_old_copy_is_named_by_all_who_saw_more() {
    let mut town = Town::found().await;
    let backup = tempfile::tempdir().unwrap();
    town.restart(&small_store(), |folder| {
        copy_folder(&folder.join("data"), backup.path());
    })
    .await;
    let sent = send(&town.authority, &town.to_citizen()).await.unwrap();
    assert_eq!(mailbox(&town.citizen).await, [sent.statement]);
    town.authority.sync(OwnList::Sent).await.unwrap();

    town.restart(&small_store(), |folder| {
        std::fs::remove_dir_all(folder.join("data")).unwrap();
        copy_folder(backup.path(), &folder.join("data"));
    })
    .await;
    let taken_back = Dishonest::Regression { kept: 1, now: 0 };
    assert_eq!(lie(town.citizen.inbox().await), taken_back);
    assert_eq!(lie(town.authority.sync(OwnList::Sent).await), taken_back);
    assert!(matches!(
        lie(send(&town.authority, &town.to_citizen()).await),
        Dishonest::Regression { .. }
    ));
    // Both signed heads are kept: whoever sees them knows who said what.
    let contradictions = town.citizen.profile().kept_folder().join("contradictions");
    assert_eq!(std::fs::read_dir(contradictions).unwrap().count(), 2);
    // The receipt of the letter that is gone is still there, and still genuine.
    let kept = town
        .authority
        .kept()
        .receipts_about(&sent.statement)
        .unwrap();
    town.authority.operator().receipt(kept[0].bytes()).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_letter_is_named() {
    let town = Town::found().await;
    send(&town.authority, &town.to_citizen()).await.unwrap();
    assert_eq!(mailbox(&town.citizen).await.len(), 1);
    send(&town.authority, &town.to_citizen()).await.unwrap();
    // Left out of the page, while the signed head counts it.
    town.relay.tamper(|_, target, body| {
        if !target.contains("/envelopes?after=1") {
            return Fate::Answer(body);
        }
        let mut page: Page = serde_json::from_slice(&body).unwrap();
        page.entries.clear();
        answer(&page)
    });
    let dropped = Dishonest::DroppedEntry { head: 2, shown: 1 };
    assert_eq!(lie(town.citizen.inbox().await), dropped);
    town.relay.behave();
    assert_eq!(town.citizen.inbox().await.unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exchanged_letter_is_named() {
    let town = Town::found().await;
    let first = send(&town.authority, &town.to_citizen()).await.unwrap();
    mailbox(&town.citizen).await;
    send(&town.authority, &town.to_citizen()).await.unwrap();
    let (key, me) = (town.receipt_key(), town.citizen.address().unwrap());
    let shown = town.citizen.kept_header(&first.statement).unwrap();
    // The first letter again in place of the second, with a head over just these two.
    town.relay.tamper(move |_, target, body| {
        if !target.contains("/envelopes?after=1") {
            return Fate::Answer(body);
        }
        let mut page: Page = serde_json::from_slice(&body).unwrap();
        page.entries[0].statement = Base64(shown.bytes().to_vec());
        let both = [page.entries[0].clone(), page.entries[0].clone()];
        page.head = head(&key, &page.head, Subject::Mailbox(me), &both[..1]);
        answer(&page)
    });
    assert!(matches!(
        lie(town.citizen.inbox().await),
        Dishonest::DroppedEntry { .. } | Dishonest::Fork { .. } | Dishonest::Regression { .. }
    ));
    town.relay.behave();
    assert_eq!(mailbox(&town.citizen).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_for_something_else_or_by_another_key_is_not_accepted() {
    let town = Town::found().await;
    let earlier = send(&town.authority, &town.to_citizen()).await.unwrap();
    let foreign = earlier.receipt.bytes().to_vec();
    town.relay.tamper(move |_, target, body| {
        if target != "/v1/envelopes" {
            return Fate::Answer(body);
        }
        let mut accepted: AcceptedStatement = serde_json::from_slice(&body).unwrap();
        accepted.receipt.statement = Base64(foreign.clone());
        answer(&accepted)
    });
    let result = send(&town.authority, &town.to_citizen()).await;
    assert_eq!(lie(result), Dishonest::ForeignReceipt);

    let stranger = SigningKey::generate(&mut postfach::entropy::entropy());
    town.relay.tamper(move |_, target, body| {
        if target != "/v1/envelopes" {
            return Fate::Answer(body);
        }
        let mut accepted: AcceptedStatement = serde_json::from_slice(&body).unwrap();
        let genuine: Signed<postfach_crypto::statement::Receipt> =
            Signed::verify(accepted.receipt.statement.as_ref()).unwrap();
        let forged = Signed::sign(genuine.payload().clone(), &stranger).unwrap();
        accepted.receipt.statement = Base64(forged.bytes().to_vec());
        answer(&accepted)
    });
    let waiting = town.authority.outbox().unwrap().pop().unwrap();
    assert_eq!(
        lie(deliver(&town.authority, waiting).await),
        Dishonest::Operator(OperatorError::NotDelegated)
    );
    // The letter stays in the outbox until a genuine receipt is held, and goes out once.
    town.relay.behave();
    let waiting = town.authority.outbox().unwrap().pop().unwrap();
    let receipted = deliver(&town.authority, waiting).await.unwrap();
    assert!(receipted.repeated);
    assert!(town.authority.outbox().unwrap().is_empty());
    assert_eq!(mailbox(&town.citizen).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_receipt_is_named_even_under_a_new_head() {
    let town = Town::found().await;
    let sent = send(&town.authority, &town.registered()).await.unwrap();
    open(&town.citizen, sent.statement, &town.saved("citizen"))
        .await
        .unwrap();
    let (key, header) = (town.receipt_key(), sent.statement);
    town.relay.tamper(move |_, target, body| {
        if target != format!("/v1/envelopes/{header}") {
            return Fate::Answer(body);
        }
        let mut envelope: EnvelopeResource = serde_json::from_slice(&body).unwrap();
        envelope.entries.truncate(2); // as if it had never been handed over
        envelope.head = head(
            &key,
            &envelope.head,
            Subject::Envelope(header),
            &envelope.entries,
        );
        answer(&envelope)
    });
    assert!(matches!(
        lie(town.citizen.delivery(header).await),
        Dishonest::Regression { kept, now: 2 } if kept > 2
    ));
    town.relay.behave();
    town.citizen.delivery(header).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tampered_payload_is_reported_and_leaves_no_file() {
    let town = Town::found().await;
    let mut letter = town.to_citizen();
    letter.files = vec![town.file("bescheid.pdf", &[7; 200_000])];
    let sent = send(&town.authority, &letter).await.unwrap();
    let folder = town.saved("citizen");
    town.relay.tamper(|_, target, body| {
        if !target.ends_with("/parts/1") {
            return Fate::Answer(body);
        }
        let mut changed = body.to_vec();
        changed[100_000] ^= 1;
        Fate::Answer(changed.into())
    });
    let opened = open(&town.citizen, sent.statement, &folder).await;
    let tampered = Err(BindingError::Payload(1));
    assert!(matches!(opened, Err(ClientError::Content(cause)) if Err::<(), _>(cause) == tampered));
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);
    // Longer than the header says.
    town.relay.tamper(|_, target, body| {
        let longer = [&body[..], b"!"].concat();
        match target.ends_with("/parts/1") {
            true => Fate::Answer(longer.into()),
            false => Fate::Answer(body),
        }
    });
    let opened = open(&town.citizen, sent.statement, &folder).await;
    assert!(opened.is_err());
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);
    // Part 0.
    town.relay.tamper(|_, target, body| {
        let mut changed = body.to_vec();
        changed[20] ^= 1;
        match target.ends_with("/parts/0") {
            true => Fate::Answer(changed.into()),
            false => Fate::Answer(body),
        }
    });
    let opened = open(&town.citizen, sent.statement, &folder).await;
    assert!(matches!(
        opened,
        Err(ClientError::Content(BindingError::Payload(0)))
    ));
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);
    // Nothing was wrong with the letter: it opens after all.
    town.relay.behave();
    let opened = open(&town.citizen, sent.statement, &folder).await.unwrap();
    assert_eq!(std::fs::read(&opened.files[0]).unwrap(), [7; 200_000]);
    let delivery = town.authority.delivery(sent.statement).await.unwrap();
    // What came too long never was the letter; the other two were judged as received.
    assert_eq!((delivery.failures.len(), delivery.accesses.len()), (2, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_download_continues() {
    let town = Town::found().await;
    let mut letter = town.to_citizen();
    let bytes: Vec<u8> = (0..300_000_u32).map(|n| (n % 251) as u8).collect();
    letter.files = vec![town.file("plan.bin", &bytes)];
    let sent = send(&town.authority, &letter).await.unwrap();
    let folder = town.saved("citizen");
    town.relay
        .tamper(|_, target, body| match target.ends_with("/parts/1") {
            true => Fate::Cut,
            false => Fate::Answer(body),
        });
    let opened = open(&town.citizen, sent.statement, &folder).await;
    assert!(matches!(opened, Err(ClientError::Unreachable(_))));
    town.relay.behave();
    let opened = open(&town.citizen, sent.statement, &folder).await.unwrap();
    assert_eq!(std::fs::read(&opened.files[0]).unwrap(), bytes);
    // A broken connection is no failure of the content.
    let delivery = town.authority.delivery(sent.statement).await.unwrap();
    assert!(delivery.failures.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn other_age_headers_after_handover_are_reported() {
    let town = Town::found().await;
    let sent = send(&town.authority, &town.registered()).await.unwrap();
    town.relay.tamper(|_, target, body| {
        if target != "/v1/statements" {
            return Fate::Answer(body);
        }
        let mut accepted: AcceptedStatement = serde_json::from_slice(&body).unwrap();
        if let Some(age_headers) = &mut accepted.age_headers {
            age_headers[0].0[40] ^= 1;
        }
        answer(&accepted)
    });
    let opened = open(&town.citizen, sent.statement, &town.saved("citizen")).await;
    assert!(matches!(
        opened,
        Err(ClientError::Content(BindingError::AgeHeader(0)))
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn tampered_evidence_proves_nothing() {
    let town = Town::found().await;
    let sent = send(&town.authority, &town.registered()).await.unwrap();
    open(&town.citizen, sent.statement, &town.saved("citizen"))
        .await
        .unwrap();
    let evidence = town
        .citizen
        .evidence(sent.statement, Content::Opened)
        .await
        .unwrap();
    let policy = Policy::without_witnesses(
        town.world.service.operator().origin(),
        town.world.service.operator().root(),
    );
    assert!(verify(&evidence, &policy).lacks_only_witnesses());
    let whole = evidence.encode().unwrap();
    for position in (0..whole.len()).step_by(whole.len() / 40) {
        let mut changed = whole.clone();
        changed[position] ^= 1;
        let passed = Evidence::decode(&changed)
            .is_ok_and(|evidence| verify(&evidence, &policy).lacks_only_witnesses());
        assert!(!passed, "a change at byte {position} was not noticed");
    }
    // Under another operator's root key it is worth nothing.
    let other = Policy {
        root: SigningKey::generate(&mut postfach::entropy::entropy()).verifying_key(),
        ..policy
    };
    assert!(!verify(&evidence, &other).lacks_only_witnesses());
}

#[tokio::test(flavor = "multi_thread")]
async fn another_root_key_than_the_pinned_one_ends_every_conversation() {
    let town = Town::strangers().await;
    let mut profile = town.citizen.profile().clone();
    let lock = profile.lock().unwrap();
    let other = SigningKey::generate(&mut postfach::entropy::entropy()).verifying_key();
    profile
        .change(&lock, |settings| settings.operator_root = other)
        .unwrap();
    let keys = town.citizen.keys().clone();
    let opened = postfach::client::session::Session::open(profile, keys).await;
    assert_eq!(lie(opened), Dishonest::RootKey);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_not_our_protocol_is_no_receipt() {
    let town = Town::found().await;
    let prepared = prepare(
        &town.authority,
        &letter_to(town.authority.address().unwrap()),
    )
    .await
    .unwrap();
    town.relay
        .tamper(|_, _, _| Fate::Answer(Bytes::from_static(b"<html>captive portal</html>")));
    let result = deliver(&town.authority, prepared).await;
    assert!(matches!(result, Err(ClientError::Answer(_))));
    assert_eq!(town.authority.outbox().unwrap().len(), 1);
}
