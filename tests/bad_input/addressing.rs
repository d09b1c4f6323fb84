//! Who may write to whom, and with which keys.

use postfach_crypto::age::{HybridIdentity, Recipients, encrypt};
use postfach_crypto::ids::{Address, AgeHeaderHash, PayloadHash};
use postfach_crypto::keys::SigningKey;
use postfach_crypto::statement::{CertificateRevocation, PartReference, Reason, Signed};

use crate::town::{
    Town, deliver, letter_to, lie, mailbox, open, prepare, refusal, reopened, resigned, send,
    submission,
};
use postfach::client::error::Dishonest;
use postfach::client::keyfile::KeyRole;
use postfach::client::session::Session;
use postfach::entropy::entropy;
use postfach::server::operator::certification_key;

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_address_is_named_before_anything_is_encrypted() {
    let town = Town::found().await;
    let nobody = Address([7; 32]);
    let before = town.stored().await;
    let result = prepare(&town.authority, &letter_to(nobody)).await;
    assert_eq!(refusal(result), "unknown-party");
    assert!(town.authority.outbox().unwrap().is_empty());

    let prepared = prepare(&town.authority, &town.to_citizen()).await.unwrap();
    let parts = submission(&town.authority, &prepared);
    let key = town.authority.daily_key().unwrap();
    let forged = resigned(&prepared, &parts, key, |header| header.recipient = nobody);
    town.refused_envelope(forged, "unknown-party").await;
    assert_eq!(town.stored().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_encrypted_to_more_or_fewer_keys_than_the_recipients_is_refused() {
    let town = Town::found().await;
    let prepared = prepare(&town.authority, &town.to_citizen()).await.unwrap();
    let key = town.authority.daily_key().unwrap();
    let one = HybridIdentity::generate(&mut entropy()).recipient();
    let two = HybridIdentity::generate(&mut entropy()).recipient();
    let classical = postfach_crypto::age::X25519Identity::generate(&mut entropy()).recipient();
    for recipients in [
        Recipients::Hybrid(vec![one, two]),
        Recipients::X25519(vec![classical]),
    ] {
        let (age_header, payload) =
            encrypt(&recipients, b"for others too", &mut entropy()).unwrap();
        let mut parts = submission(&town.authority, &prepared);
        parts.parts[0].age_header = age_header.as_bytes().to_vec();
        parts.parts[0].payload = Some(payload.clone());
        let forged = resigned(&prepared, &parts, key, |header| {
            header.parts[0] = PartReference(
                AgeHeaderHash::of(age_header.as_bytes()),
                age_header.as_bytes().len() as u64,
                PayloadHash::of(&payload),
                payload.len() as u64,
            );
        });
        town.refused_envelope(forged, "content-mismatch").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn content_for_another_key_is_reported_by_the_recipient_and_is_not_access() {
    let town = Town::found().await;
    let prepared = prepare(&town.authority, &town.to_citizen()).await.unwrap();
    let mut parts = submission(&town.authority, &prepared);
    let other = HybridIdentity::generate(&mut entropy()).recipient();
    let sealed = encrypt(&Recipients::Hybrid(vec![other]), b"?", &mut entropy()).unwrap();
    let (age_header, payload) = (sealed.0.as_bytes().to_vec(), sealed.1);
    let reference = PartReference(
        AgeHeaderHash::of(&age_header),
        age_header.len() as u64,
        PayloadHash::of(&payload),
        payload.len() as u64,
    );
    parts.parts[0].age_header = age_header;
    parts.parts[0].payload = Some(payload);
    let key = town.authority.daily_key().unwrap();
    let forged = resigned(&prepared, &parts, key, |header| header.parts[0] = reference);
    let accepted = town.submit_envelope(forged).await.unwrap();
    let header = accepted.statement.parse().unwrap();

    let opened = open(&town.citizen, header, &town.saved("citizen")).await;
    assert!(matches!(
        opened,
        Err(postfach::client::error::ClientError::NotDecryptable)
    ));
    let delivery = town.authority.delivery(header).await.unwrap();
    assert_eq!(delivery.failures.len(), 1);
    assert!(delivery.accesses.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_to_superseded_keys_is_refused_and_leaves_the_outbox() {
    let town = Town::found().await;
    let prepared = prepare(&town.authority, &town.to_citizen()).await.unwrap();
    let (statement, keys) = town.citizen.rotation().await.unwrap();
    town.citizen.submit(&statement).await.unwrap();
    let citizen = reopened(&town.citizen, keys).await;

    let before = town.stored().await;
    let result = deliver(&town.authority, prepared).await;
    assert_eq!(refusal(result), "superseded-recipient-keys");
    assert_eq!(town.stored().await, before);
    assert!(
        town.authority.outbox().unwrap().is_empty(),
        "what can never be delivered must not block what can"
    );
    let sent = send(&town.authority, &town.to_citizen()).await.unwrap();
    assert_eq!(mailbox(&citizen).await, [sent.statement]);
    open(&citizen, sent.statement, &town.saved("citizen"))
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotated_sender_signs_the_waiting_letter_again() {
    let town = Town::found().await;
    let prepared = prepare(&town.authority, &town.to_citizen()).await.unwrap();
    let (statement, keys) = town.authority.rotation().await.unwrap();
    town.authority.submit(&statement).await.unwrap();
    let authority = reopened(&town.authority, keys).await;
    drop(prepared);
    let waiting = authority.outbox().unwrap().pop().unwrap();
    let sent = deliver(&authority, waiting).await.unwrap();
    let opened = open(&town.citizen, sent.statement, &town.saved("citizen")).await;
    assert_eq!(opened.unwrap().manifest.subject, "Bescheid");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_citizen_cannot_write_to_a_citizen() {
    let mut town = Town::found().await;
    let other = town.person("other").await;
    let invitation = town.letter("4712");
    other.claim(&invitation).await.unwrap();
    town.answer().await;
    // The client does not even learn of the other; a forged client is refused by the server.
    let result = prepare(&other, &town.to_citizen()).await;
    assert_eq!(refusal(result), "unknown-party");

    let archived = prepare(&other, &letter_to(other.address().unwrap()))
        .await
        .unwrap();
    let parts = submission(&other, &archived);
    let citizen = town.citizen.address().unwrap();
    let keys = town.citizen.party(citizen).await.unwrap().party;
    let forged = resigned(&archived, &parts, other.daily_key().unwrap(), |header| {
        header.recipient = citizen;
        header.recipient_keys = keys.current().hash();
    });
    town.refused_envelope(forged, "no-authority").await;
    assert!(mailbox(&town.citizen).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authority_without_certificate_can_neither_bind_nor_write() {
    let town = Town::found().await;
    let pretender = town.person("pretender").await;
    let prepared = prepare(&pretender, &letter_to(pretender.address().unwrap()))
        .await
        .unwrap();
    let parts = submission(&pretender, &prepared);
    let citizen = town.citizen.address().unwrap();
    let keys = town.citizen.party(citizen).await.unwrap().party;
    let forged = resigned(
        &prepared,
        &parts,
        pretender.daily_key().unwrap(),
        |header| {
            header.recipient = citizen;
            header.recipient_keys = keys.current().hash();
        },
    );
    town.refused_envelope(forged, "no-authority").await;

    // One whose certificate was revoked is told so.
    let office = town.office("Amt ohne Zukunft").await;
    revoke_certificate(&town, &office).await;
    let prepared = prepare(&office, &letter_to(office.address().unwrap()))
        .await
        .unwrap();
    let parts = submission(&office, &prepared);
    let forged = resigned(&prepared, &parts, office.daily_key().unwrap(), |header| {
        header.recipient = citizen;
        header.recipient_keys = keys.current().hash();
    });
    town.refused_envelope(forged, "not-certified").await;
}

async fn revoke_certificate(town: &Town, office: &Session) {
    let party = office.party(office.address().unwrap()).await.unwrap();
    let (certificate, _) = &party.certification.certificates[0];
    let revocation = CertificateRevocation {
        context: office.context(),
        subject: office.address().unwrap(),
        certificate: certificate.hash(),
        reason: Reason::Superseded,
        ext: None,
    };
    let forged = Signed::sign(revocation.clone(), office.daily_key().unwrap()).unwrap();
    town.refused_statement(forged.bytes(), "not-delegated")
        .await;
    let key = certification_key(&town.world.folder().join("keys")).unwrap();
    let genuine = Signed::sign(revocation, &key).unwrap();
    town.submit_statement(genuine.bytes()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authority_writes_only_to_people_it_has_bound() {
    let town = Town::found().await;
    let office = town.office("Landratsamt").await;
    let result = prepare(&office, &town.to_citizen()).await;
    assert_eq!(refusal(result), "unknown-party");
    let prepared = prepare(&office, &letter_to(office.address().unwrap()))
        .await
        .unwrap();
    let parts = submission(&office, &prepared);
    let citizen = town.citizen.address().unwrap();
    let keys = town.citizen.party(citizen).await.unwrap().party;
    let relation = town
        .citizen
        .relation(citizen, town.authority.address().unwrap())
        .await
        .unwrap();
    let foreign = relation
        .relation
        .binding_in_force(postfach::clock::now())
        .unwrap()
        .hash();
    for binding in [None, Some(foreign)] {
        let forged = resigned(&prepared, &parts, office.daily_key().unwrap(), |header| {
            header.recipient = citizen;
            header.recipient_keys = keys.current().hash();
            header.binding = binding;
        });
        town.refused_envelope(forged, "binding-not-in-force").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn anybody_may_write_to_an_authority_and_it_can_read_that() {
    let town = Town::found().await;
    let stranger = town.person("stranger").await;
    let application = letter_to(town.authority.address().unwrap());
    let sent = send(&stranger, &application).await.unwrap();
    let inbox = town.authority.inbox().await.unwrap();
    assert_eq!(inbox.len(), 1);
    assert_eq!(inbox[0].subject.as_deref(), Some("Bescheid"));
    open(&town.authority, sent.statement, &town.saved("authority"))
        .await
        .unwrap();
    // Having been written to is no right to know somebody else.
    let result = town.citizen.party(stranger.address().unwrap()).await;
    assert_eq!(refusal(result), "unknown-party");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_header_signed_by_another_than_it_names_is_refused() {
    let town = Town::found().await;
    let prepared = prepare(&town.authority, &town.to_citizen()).await.unwrap();
    let parts = submission(&town.authority, &prepared);
    let office = town.office("Landratsamt").await;
    // Re-signed by another authority, with and without its own address in it.
    let key = office.daily_key().unwrap();
    let stolen = resigned(&prepared, &parts, key, |_| ());
    town.refused_envelope(stolen, "not-allowed").await;
    let me = office.party(office.address().unwrap()).await.unwrap().party;
    let mine = resigned(&prepared, &parts, key, |header| {
        header.sender = me.address();
        header.signer = key.verifying_key();
        header.sender_keys = me.current().hash();
        header.sender_head = me.head();
    });
    town.refused_envelope(mine, "binding-not-in-force").await;
    let nobody = SigningKey::generate(&mut entropy());
    let forged = resigned(&prepared, &parts, &nobody, |header| {
        header.signer = nobody.verifying_key();
    });
    town.refused_envelope(forged, "not-allowed").await;
    deliver(&town.authority, prepared).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_passed_on_by_another_authority_is_not_shown() {
    let mut town = Town::found().await;
    let office = town.office("Landratsamt").await;
    let invitation = town.letter("4713");
    // The citizen is also bound by the second authority, with a letter of its own.
    let own = postfach_crypto::enrolment::Invitation {
        issuer: office.address().unwrap(),
        ..invitation
    };
    town.citizen.claim(&own).await.unwrap();
    office.answer_claims(&mut town.book).await.unwrap();
    let genuine = send(&town.authority, &town.to_citizen()).await.unwrap();
    let prepared = prepare(&office, &town.to_citizen()).await.unwrap();
    let mut parts = submission(&office, &prepared);

    // It puts the first authority's age header and payload under a header of its own.
    let folder = town.saved("stolen");
    let files = town
        .authority
        .save_age_files(genuine.statement, &folder)
        .await
        .unwrap();
    let bytes = std::fs::read(&files[0]).unwrap();
    let (_, length) = postfach_crypto::age::Header::parse(&bytes).unwrap();
    let (age_header, payload) = bytes.split_at(length);
    parts.parts[0].age_header = age_header.to_vec();
    parts.parts[0].payload = Some(payload.to_vec());
    let manifest = town
        .authority
        .kept_header(&genuine.statement)
        .unwrap()
        .manifest;
    let forged = resigned(&prepared, &parts, office.daily_key().unwrap(), |header| {
        header.manifest = manifest;
        header.parts[0] = PartReference(
            AgeHeaderHash::of(age_header),
            age_header.len() as u64,
            PayloadHash::of(payload),
            payload.len() as u64,
        );
    });
    let accepted = town.submit_envelope(forged).await.unwrap();
    let opened = open(
        &town.citizen,
        accepted.statement.parse().unwrap(),
        &town.saved("citizen"),
    )
    .await;
    assert!(matches!(
        opened,
        Err(postfach::client::error::ClientError::Content(
            postfach_crypto::envelope::BindingError::EnvelopeId
        ))
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_slipped_in_by_the_operator_is_named() {
    let town = Town::found().await;
    let victim = town.citizen.address().unwrap();
    let forger = SigningKey::generate(&mut entropy());
    let current = town.citizen.party(victim).await.unwrap().party;
    let mut forged = current.current().payload().clone();
    forged.number = 1;
    forged.previous = Some(current.current().hash());
    forged.identity = forger.verifying_key();
    let forged = forged.with_possession(&forger);
    let forged = Signed::sign(forged, &forger).unwrap();
    town.refused_statement(forged.bytes(), "key-history").await;
    // Past the server: the operator shows it in its answers.
    crate::history::show_key(&town, victim, forged.bytes().to_vec());
    let result = prepare(&town.authority, &town.to_citizen()).await;
    assert!(matches!(lie(result), Dishonest::SlippedInKey { .. }));
    town.relay.behave();
    assert!(town.authority.keys().of_role(KeyRole::Identity).count() > 0);
    send(&town.authority, &town.to_citizen()).await.unwrap();
}
