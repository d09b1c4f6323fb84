//! Deleting mail and closing the mailbox: what stops, what goes on, and who may.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use postfach::client::evidence::Content;
use postfach::client::session::Session;
use postfach::server::limits::Limits;
use postfach::server::operator::{init_operator, load_operator};
use postfach::service::{Reader, Service, ServiceError};
use postfach_crypto::evidence::{Policy, verify};
use postfach_crypto::ids::{StatementHash, UnixMillis, UploadId, VaultId};
use postfach_crypto::keys::SigningKey;
use postfach_crypto::statement::{
    Closure, ConsentClass, ContactLanguage, Deletion, Event, READABLE_AFTER_CLOSURE, Reason, Role,
    Signed,
};
use postfach_storage::{MemoryStore, UploadQuota};

use crate::support::World;
use crate::town::{Town, deliver, letter_to, mailbox, open, prepare, refusal, send};

fn deletion(of: &Session, header: StatementHash, by: &SigningKey) -> Signed<Deletion> {
    let deletion = Deletion {
        context: of.context(),
        header,
        recipient: of.address().unwrap(),
        ext: None,
    };
    Signed::sign(deletion, by).unwrap()
}

fn closure(of: &Session, by: &SigningKey) -> Signed<Closure> {
    let closure = Closure {
        context: of.context(),
        citizen: of.address().unwrap(),
        ext: None,
    };
    Signed::sign(closure, by).unwrap()
}

fn identity(session: &Session) -> &SigningKey {
    session.keys().identity().unwrap()
}

async fn reader(town: &Town, of: &Session) -> Reader {
    let key = identity(of).verifying_key();
    let service = &town.world.service;
    let reader = service.reader(of.address().unwrap(), key, &[Role::Read]);
    reader.await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_letter_is_served_to_no_device_and_its_evidence_stays() {
    let town = Town::found().await;
    let sent = send(&town.authority, &town.registered()).await.unwrap();
    let header = sent.statement;
    mailbox(&town.citizen).await;
    // Nobody gets rid of a formal service by deleting it.
    let early = deletion(&town.citizen, header, identity(&town.citizen));
    town.refused_statement(early.bytes(), "not-decided").await;
    open(&town.citizen, header, &town.saved("before"))
        .await
        .unwrap();
    let before = town.citizen.evidence(header, Content::Sealed).await;
    let before = before.unwrap();

    let accepted = town.submit_statement(early.bytes()).await.unwrap();
    let again = town.submit_statement(early.bytes()).await.unwrap();
    assert!(again.repeated);
    assert_eq!(again.receipt.statement, accepted.receipt.statement);
    let second = deletion(&town.citizen, header, identity(&town.citizen));
    town.refused_statement(second.bytes(), "deleted").await;
    assert!(town.citizen.delete(header).await.unwrap().is_none());

    let saved = town.saved("after");
    assert_eq!(
        refusal(open(&town.citizen, header, &saved).await),
        "deleted"
    );
    assert!(town.citizen.save_age_files(header, &saved).await.is_err());
    let own = reader(&town, &town.citizen).await;
    let part = town.world.service.part(&own, header, 0, None).await;
    assert_eq!(part.map(|_| ()).unwrap_err(), ServiceError::Deleted);
    let length = town.world.service.part_length(&own, header, 0).await;
    assert_eq!(length.unwrap_err(), ServiceError::Deleted);
    // Nor does the answer to the old request for handover, repeated, bring it back.
    let delivery = town.citizen.delivery(header).await.unwrap();
    let request = delivery.handover_requests[0].bytes();
    let repeated = town.submit_statement(request).await.unwrap();
    assert!(repeated.repeated && repeated.age_headers.is_none());

    let item = &town.citizen.inbox().await.unwrap()[0];
    assert!(item.delivery.deletion.is_some() && item.subject.is_none());
    assert!(item.delivery.has(Event::EnvelopeDeletion));
    // The sender keeps what it has, and both can prove what they could before.
    town.authority.save_age_files(header, &saved).await.unwrap();
    let operator = town.world.service.operator();
    let policy = Policy::without_witnesses(operator.origin(), operator.root());
    for party in [&town.citizen, &town.authority] {
        let evidence = party.evidence(header, Content::Sealed).await.unwrap();
        let (old, new) = (verify(&before, &policy), verify(&evidence, &policy));
        assert_eq!(old.verdict(), new.verdict());
        let newest = new.timeline.last().unwrap();
        assert_eq!(newest.event, Event::EnvelopeDeletion);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_recipients_own_keys_delete() {
    let town = Town::found().await;
    let sent = send(&town.authority, &town.to_citizen()).await.unwrap();
    let stranger = town.person("stranger").await;
    for by in [&town.authority, &stranger] {
        for of in [&town.citizen, by] {
            let forged = deletion(of, sent.statement, identity(by));
            town.refused_statement(forged.bytes(), "unknown-envelope")
                .await;
        }
    }
    // Unread ordinary mail goes, and is not handed over afterwards; its sender may still withdraw it.
    mailbox(&town.citizen).await;
    town.citizen.delete(sent.statement).await.unwrap().unwrap();
    let opened = open(&town.citizen, sent.statement, &town.saved("late")).await;
    assert_eq!(refusal(opened), "deleted");
    let withdrawn = town.authority.withdraw(sent.statement, Reason::SentInError);
    withdrawn.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_mailbox_takes_nothing_and_can_be_read() {
    let town = Town::found().await;
    let authority = town.authority.address().unwrap();
    let waiting = send(&town.authority, &town.registered()).await.unwrap();
    let on_its_way = prepare(&town.authority, &town.to_citizen()).await.unwrap();
    mailbox(&town.citizen).await;
    for (of, by, code) in [
        (&town.citizen, &town.authority, "not-allowed"),
        (&town.authority, &town.authority, "authority-closes"),
    ] {
        let refused = closure(of, identity(by));
        town.refused_statement(refused.bytes(), code).await;
    }
    assert_eq!(town.citizen.closed().await.unwrap(), None);
    let said = closure(&town.citizen, identity(&town.citizen));
    let accepted = town.submit_statement(said.bytes()).await.unwrap();
    let again = town.submit_statement(said.bytes()).await.unwrap();
    assert!(again.repeated);
    assert_eq!(again.receipt.statement, accepted.receipt.statement);
    let twice = closure(&town.citizen, identity(&town.citizen));
    town.refused_statement(twice.bytes(), "mailbox-closed")
        .await;
    let closed = town.citizen.close_mailbox().await.unwrap();
    assert_eq!(closed.statement, said.hash());

    let before = town.stored().await;
    let late = deliver(&town.authority, on_its_way).await;
    assert_eq!(refusal(late), "mailbox-closed");
    assert!(town.authority.outbox().unwrap().is_empty());
    for letter in [town.to_citizen(), town.registered()] {
        let refused = send(&town.authority, &letter).await;
        assert_eq!(refusal(refused), "mailbox-closed");
    }
    for letter in [
        letter_to(authority),
        letter_to(town.citizen.address().unwrap()),
    ] {
        assert_eq!(
            refusal(send(&town.citizen, &letter).await),
            "mailbox-closed"
        );
    }
    let service = ConsentClass::Service;
    for session in [&town.citizen, &town.authority] {
        let citizen = town.citizen.address().unwrap();
        let known = session.relation(citizen, authority).await.unwrap();
        let now = postfach::clock::now();
        assert!(known.consent_in_force(service, now).is_none());
        assert!(known.general.closure.is_some());
    }
    let consent = town.citizen.consent(None, service, "text").await;
    assert_eq!(refusal(consent), "mailbox-closed");
    let contact = town
        .citizen
        .change_contact(Some("a@b.example"), ContactLanguage::German);
    assert_eq!(refusal(contact.await), "mailbox-closed");
    let own = reader(&town, &town.citizen).await;
    let served = Arc::clone(&town.world.service);
    let (id, bytes) = (VaultId::of(&[1; 32]), Bytes::from_static(b"sealed"));
    let vault = served.put_vault(&own, id, None, bytes).await;
    assert_eq!(vault.unwrap_err(), ServiceError::MailboxClosed);
    let quota = UploadQuota {
        uploads: 1,
        bytes: 1 << 20,
    };
    let upload = served.create_upload(&own, UploadId([1; 16]), 64, &quota);
    assert_eq!(upload.await.unwrap_err(), ServiceError::MailboxClosed);
    assert_eq!(town.stored().await, before, "nothing was stored");

    // What had arrived is retrieved, and deleted; keys that were lost are replaced.
    open(&town.citizen, waiting.statement, &town.saved("waiting"))
        .await
        .unwrap();
    town.citizen
        .delete(waiting.statement)
        .await
        .unwrap()
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_that_waited_is_not_answered_with_a_binding_after_the_closing() {
    let mut town = Town::strangers().await;
    let invitation = town.letter("4801");
    town.citizen.claim(&invitation).await.unwrap();
    town.citizen.close_mailbox().await.unwrap();
    let answered = town.authority.answer_claims(&mut town.book).await;
    assert_eq!(refusal(answered), "mailbox-closed");
    let invitation = town.letter("4802");
    let again = town.citizen.claim(&invitation).await;
    assert_eq!(refusal(again), "mailbox-closed");
}

#[tokio::test(flavor = "multi_thread")]
async fn thirty_days_after_closing_no_content_is_served() {
    let ahead = Arc::new(AtomicU64::new(0));
    let clock = Arc::clone(&ahead);
    let town = Town::around(async |public| {
        let folder = tempfile::tempdir().unwrap();
        let (keys, now) = (folder.path().join("keys"), postfach::clock::now());
        init_operator(
            &keys,
            "mailbox.example/test",
            now,
            &mut postfach::entropy::entropy(),
        )
        .unwrap();
        let files = folder.path().join("tls");
        postfach::server::tls::make_local_authority(&files, &["localhost"], now).unwrap();
        let clock = move || UnixMillis(postfach::clock::now().0 + clock.load(Ordering::SeqCst));
        let operator = load_operator(&keys).unwrap();
        let store = Arc::new(MemoryStore::new());
        let service = Service::start(store, operator, None, Arc::new(clock)).await;
        let service = Arc::new(service.unwrap());
        World::serve(folder, service, Limits::default(), Some(public)).await
    })
    .await;
    let town = town.enrolled().await.consenting().await;
    let sent = send(&town.authority, &town.to_citizen()).await.unwrap();
    let header = sent.statement;
    mailbox(&town.citizen).await;
    let request = prepare_request(&town, header).await;
    let closed = town.citizen.close_mailbox().await.unwrap();
    let length = READABLE_AFTER_CLOSURE;
    assert_eq!(closed.readable_until().0, closed.at.0 + length);
    let own = reader(&town, &town.citizen).await;
    let service = Arc::clone(&town.world.service);

    ahead.store(length - 60 * 60 * 1000, Ordering::SeqCst);
    assert!(service.part(&own, header, 0, None).await.is_ok());
    let view = service.envelope_view(&own, header).await.unwrap();
    assert!(view.age_headers.is_some());

    ahead.store(length, Ordering::SeqCst);
    let part = service.part(&own, header, 0, None).await.map(|_| ());
    assert_eq!(part.unwrap_err(), ServiceError::MailboxClosed);
    let view = service.envelope_view(&own, header).await.unwrap();
    assert!(view.age_headers.is_none() && !view.entries.is_empty());
    let again = service.submit_statement(&request).await.unwrap();
    assert!(again.repeated, "what was receipted stays so");
    // The sender's own copy is the sender's.
    let sender = reader(&town, &town.authority).await;
    assert!(service.part(&sender, header, 0, None).await.is_ok());
}

/// The handover request of a letter that was opened.
async fn prepare_request(town: &Town, header: StatementHash) -> Vec<u8> {
    open(&town.citizen, header, &town.saved("opened"))
        .await
        .unwrap();
    let delivery = town.citizen.delivery(header).await.unwrap();
    delivery.handover_requests[0].bytes().to_vec()
}
