//! The same again is safe: original receipts, no doubles, one winner.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::future::join_all;
use postfach::client::error::ClientError;
use postfach::client::lists::OwnList;
use postfach_crypto::codec;
use postfach_crypto::ids::LeafHash;
use postfach_crypto::statement::{Receipt, Signed};

use crate::relay::Fate;
use crate::support::small_store;
use crate::town::{Town, deliver, mailbox, prepare, resigned, send, submission};

#[tokio::test(flavor = "multi_thread")]
async fn the_same_envelope_again_gets_the_same_receipt() {
    let mut town = Town::found().await;
    let prepared = prepare(&town.authority, &town.to_citizen()).await.unwrap();
    let bytes = codec::encode(&submission(&town.authority, &prepared));
    let first = town.submit_envelope(bytes.clone()).await.unwrap();
    assert!(!first.repeated);
    let stored = town.stored().await;
    let again = town.submit_envelope(bytes.clone()).await.unwrap();
    assert!(again.repeated);
    assert_eq!(again.receipt.statement, first.receipt.statement);
    assert_eq!(again.position, first.position);
    // Also after a restart, and after what it rested on has ended.
    town.restart(&small_store(), |_| ()).await;
    town.authority
        .withdraw_binding(
            &mut town.book,
            crate::town::REFERENCE,
            postfach_crypto::statement::Reason::KeyLost,
        )
        .await
        .unwrap();
    let again = town.submit_envelope(bytes).await.unwrap();
    assert!(again.repeated);
    assert_eq!(again.receipt.statement, first.receipt.statement);
    assert_eq!(
        town.stored().await,
        stored + 2,
        "the withdrawal and its receipt"
    );
    assert_eq!(mailbox(&town.citizen).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_id_with_other_bytes_is_refused() {
    let town = Town::found().await;
    let prepared = prepare(&town.authority, &town.to_citizen()).await.unwrap();
    let parts = submission(&town.authority, &prepared);
    let key = town.authority.daily_key().unwrap();
    let other = resigned(&prepared, &parts, key, |header| header.context.time.0 += 1);
    deliver(&town.authority, prepared).await.unwrap();
    town.refused_envelope(other, "envelope-id-taken").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_is_asked_for_again_and_nothing_is_doubled() {
    let town = Town::found().await;
    let mut letter = town.to_citizen();
    letter.files = vec![town.file("plan.bin", &vec![5; 300_000])];
    let prepared = prepare(&town.authority, &letter).await.unwrap();
    let id = prepared.header.envelope_id;
    town.relay.tamper(|_, target, body| match target {
        "/v1/envelopes" => Fate::Cut,
        _ => Fate::Answer(body),
    });
    let cut = deliver(&town.authority, prepared).await;
    assert!(matches!(
        cut,
        Err(ClientError::Unreachable(_) | ClientError::Answer(_))
    ));
    town.relay.behave();
    let waiting = town.authority.outbox().unwrap().pop().unwrap();
    assert_eq!(waiting.header.envelope_id, id);
    let receipted = deliver(&town.authority, waiting).await.unwrap();
    assert!(receipted.repeated, "it had been accepted");
    assert_eq!(mailbox(&town.citizen).await, [receipted.statement]);
    assert!(town.authority.receipted(Some(id)).unwrap().is_some());
    // The stream goes on behind it.
    send(&town.authority, &town.to_citizen()).await.unwrap();
    assert_eq!(mailbox(&town.citizen).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_cut_short_continues_with_the_same_ciphertext() {
    let town = Town::found().await;
    let mut letter = town.to_citizen();
    let bytes: Vec<u8> = (0..18 << 20).map(|n: u32| (n % 253) as u8).collect();
    letter.files = vec![town.file("plan.bin", &bytes)];
    let prepared = prepare(&town.authority, &letter).await.unwrap();
    let header = prepared.header.hash();
    let mut pieces = 0;
    town.relay.tamper(move |method, _, body| {
        pieces += u32::from(method == "PATCH");
        if pieces == 2 {
            Fate::Cut
        } else {
            Fate::Answer(body)
        }
    });
    assert!(deliver(&town.authority, prepared).await.is_err());
    let sent_again = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&sent_again);
    let mut first = true;
    town.relay.tamper(move |method, _, body| {
        if method == "PATCH" {
            let status: serde_json::Value = serde_json::from_slice(&body).unwrap();
            if first && status["received"].as_u64().unwrap() <= 16 << 20 {
                seen.store(true, Ordering::Relaxed);
            }
            first = false;
        }
        Fate::Answer(body)
    });
    let waiting = town.authority.outbox().unwrap().pop().unwrap();
    let receipted = deliver(&town.authority, waiting).await.unwrap();
    assert!(
        !sent_again.load(Ordering::Relaxed),
        "what the server has is not sent again"
    );
    assert_eq!(receipted.statement, header);
    let opened = crate::town::open(&town.citizen, header, &town.saved("citizen"))
        .await
        .unwrap();
    assert!(std::fs::read(&opened.files[0]).unwrap() == bytes);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_concurrent_submissions_on_one_stream_exactly_one_wins_and_the_rest_follow() {
    let town = Town::found().await;
    let mut prepared = Vec::new();
    for _ in 0..6 {
        prepared.push(prepare(&town.authority, &town.to_citizen()).await.unwrap());
    }
    let bodies: Vec<_> = prepared
        .iter()
        .map(|letter| codec::encode(&submission(&town.authority, letter)))
        .collect();
    let before = town.stored().await;
    let answers = join_all(bodies.into_iter().map(|body| town.submit_envelope(body))).await;
    let (won, lost): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
    assert_eq!((won.len(), lost.len()), (1, 5));
    for answer in lost {
        assert_eq!(answer.unwrap_err().code(), "wrong-previous");
    }
    assert_eq!(town.stored().await, before + 2);
    // The client signs the losers again, one after the other; the winner gets its receipt.
    let mut receipts = BTreeSet::new();
    for letter in prepared {
        receipts.insert(deliver(&town.authority, letter).await.unwrap().statement);
    }
    assert_eq!(receipts.len(), 6);
    let received: BTreeSet<_> = mailbox(&town.citizen).await.into_iter().collect();
    assert_eq!(received, receipts);
    // Each names the one before.
    let mut last = None;
    for hash in town.authority.sync(OwnList::Sent).await.unwrap() {
        let header = town.authority.kept_header(&hash).unwrap();
        assert_eq!(header.previous, last);
        last = Some(hash);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_tasks_of_one_client_do_not_disturb_each_other() {
    let town = Town::found().await;
    for _ in 0..3 {
        send(&town.authority, &town.to_citizen()).await.unwrap();
    }
    let readers = (0..8).map(|_| town.citizen.sync(OwnList::Mailbox));
    for seen in join_all(readers).await {
        assert_eq!(seen.unwrap().len(), 3);
    }
    assert_eq!(mailbox(&town.citizen).await.len(), 3, "and it stays so");
    let letter = town.to_citizen();
    let sent = join_all((0..3).map(|_| send(&town.authority, &letter))).await;
    assert!(sent.into_iter().all(|result| result.is_ok()));
    assert_eq!(mailbox(&town.citizen).await.len(), 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn equal_letters_leave_unequal_statements_and_leaves() {
    let town = Town::found().await;
    let mut leaves = BTreeSet::new();
    for _ in 0..3 {
        let sent = send(&town.authority, &town.to_citizen()).await.unwrap();
        let receipt: &Signed<Receipt> = &sent.receipt;
        leaves.insert(LeafHash::of(receipt.bytes()).0);
        let header = town.authority.kept_header(&sent.statement);
        let header = match header {
            Ok(header) => header,
            Err(_) => {
                town.authority.sync(OwnList::Sent).await.unwrap();
                town.authority.kept_header(&sent.statement).unwrap()
            }
        };
        leaves.insert(header.leaf().0);
    }
    assert_eq!(leaves.len(), 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restarted_server_has_everything_that_it_receipted() {
    let mut town = Town::found().await;
    let mut letter = town.registered();
    letter.files = vec![town.file("bescheid.pdf", &vec![1; 100_000])];
    let sent = send(&town.authority, &letter).await.unwrap();
    let before = town.stored().await;
    // The index is lost as well: it is rebuilt from the journal.
    town.restart(&small_store(), |folder| {
        std::fs::remove_dir_all(folder.join("data").join("index")).unwrap();
    })
    .await;
    assert_eq!(town.stored().await, before);
    let opened = crate::town::open(&town.citizen, sent.statement, &town.saved("citizen"))
        .await
        .unwrap();
    assert_eq!(std::fs::read(&opened.files[0]).unwrap().len(), 100_000);
}
