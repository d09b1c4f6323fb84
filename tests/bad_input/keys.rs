//! Key statements: a second number 0, superseded keys, rotation.

use postfach::client::enrol::NewParty;
use postfach::client::keyfile::KeyRole;
use postfach::client::session::new_context;
use postfach::entropy::entropy;
use postfach_crypto::age::HybridIdentity;
use postfach_crypto::enrolment::RecoverySecret;
use postfach_crypto::ids::Address;
use postfach_crypto::keys::SigningKey;
use postfach_crypto::statement::{RecipientKey, Role, Signed, SignerGrant};

use crate::relay::Fate;
use crate::town::{
    Town, deliver, mailbox, open, prepare, refusal, reopened, resigned, send, submission,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_second_statement_0_for_an_address_is_refused() {
    let town = Town::strangers().await;
    let address = town.citizen.address().unwrap();
    let party = town.citizen.kept().party(address).unwrap().unwrap();
    // The same keys, another statement: who signs first is the party, for good.
    let mut second = party.current().payload().clone();
    second.context = town.citizen.context();
    let other = HybridIdentity::generate(&mut entropy());
    second.recipients = vec![RecipientKey::x_wing(&other.recipient().to_bytes())];
    let second = Signed::sign(second, town.citizen.keys().identity().unwrap()).unwrap();
    town.refused_statement(second.bytes(), "second-key-statement")
        .await;
    // The first again is the first again.
    let again = town
        .submit_statement(party.current().bytes())
        .await
        .unwrap();
    assert!(again.repeated);
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_do_not_make_the_address_are_refused() {
    let town = Town::strangers().await;
    let new = NewParty::generate();
    let settings = town.citizen.profile().settings();
    let statement = new.key_statement(new_context(settings)).unwrap();
    let mut stolen = statement.payload().clone();
    stolen.address = town.citizen.address().unwrap();
    assert!(Signed::sign(stolen, new.keys.identity().unwrap()).is_err());
    // Signed by another key than the identity it names.
    let stranger = SigningKey::generate(&mut entropy());
    let forged = Signed::sign(statement.payload().clone(), &stranger).unwrap();
    town.refused_statement(forged.bytes(), "key-history").await;
    // Number 1 of a party that does not exist.
    let mut orphan = statement.payload().clone();
    orphan.number = 1;
    orphan.previous = Some(statement.hash());
    let orphan = Signed::sign(orphan, new.keys.identity().unwrap()).unwrap();
    town.refused_statement(orphan.bytes(), "unknown-party")
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_superseded_key_neither_reads_nor_sends() {
    let town = Town::found().await;
    send(&town.authority, &town.to_citizen()).await.unwrap();
    let waiting = prepare(&town.authority, &town.to_citizen()).await.unwrap();
    let parts = submission(&town.authority, &waiting);
    let (statement, keys) = town.authority.rotation().await.unwrap();
    town.authority.submit(&statement).await.unwrap();
    let (citizen_statement, citizen_keys) = town.citizen.rotation().await.unwrap();
    town.citizen.submit(&citizen_statement).await.unwrap();

    // The old sessions still hold the old keys.
    let before = town.stored().await;
    assert_eq!(refusal(town.citizen.inbox().await), "not-allowed");
    let old = town.authority.keys().identity().unwrap();
    let stale = resigned(&waiting, &parts, old, |_| ());
    town.refused_envelope(stale, "not-allowed").await;
    let result = town.authority.change_signers(|_| ()).await;
    assert_eq!(refusal(result), "not-allowed");
    assert_eq!(town.stored().await, before);

    // The new keys read the old mail.
    let citizen = reopened(&town.citizen, citizen_keys).await;
    let authority = reopened(&town.authority, keys).await;
    let letters = mailbox(&citizen).await;
    open(&citizen, letters[0], &town.saved("citizen"))
        .await
        .unwrap();
    // The letter that waited was encrypted to the citizen's old keys.
    assert_eq!(
        refusal(deliver(&authority, waiting).await),
        "superseded-recipient-keys"
    );
    send(&authority, &town.to_citizen()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_is_accepted_once_and_cannot_be_branched() {
    let town = Town::found().await;
    let (one, _) = town.citizen.rotation().await.unwrap();
    let (two, _) = town.citizen.rotation().await.unwrap();
    let first = town.submit_statement(one.bytes()).await.unwrap();
    let again = town.submit_statement(one.bytes()).await.unwrap();
    assert!(again.repeated);
    assert_eq!(again.receipt.statement, first.receipt.statement);
    town.refused_statement(two.bytes(), "key-history").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_rotation_is_completed() {
    let town = Town::found().await;
    // The key file was written; the statement never left, or its answer never came.
    let (_, keys) = town.citizen.rotation().await.unwrap();
    let citizen = reopened(&town.citizen, keys).await;
    let sent = send(&town.authority, &town.to_citizen()).await.unwrap();
    open(&citizen, sent.statement, &town.saved("citizen"))
        .await
        .unwrap();

    let (statement, keys) = citizen.rotation().await.unwrap();
    town.relay
        .tamper(|method, target, body| match (method, target) {
            ("POST", "/v1/statements") => Fate::Cut,
            _ => Fate::Answer(body),
        });
    assert!(citizen.submit(&statement).await.is_err());
    town.relay.behave();
    let citizen = reopened(&citizen, keys).await;
    let sent = send(&town.authority, &town.to_citizen()).await.unwrap();
    open(&citizen, sent.statement, &town.saved("citizen"))
        .await
        .unwrap();
    let me = citizen.party(citizen.address().unwrap()).await.unwrap();
    assert_eq!(me.party.current().number, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_or_removed_clerk_does_not_send() {
    let town = Town::found().await;
    let clerk = SigningKey::generate(&mut entropy());
    let now = postfach::clock::now();
    let grant = |until| SignerGrant {
        key: clerk.verifying_key(),
        roles: vec![Role::Send, Role::Read],
        from: postfach_crypto::ids::UnixMillis(0),
        until,
    };
    let mut keys = town.authority.keys().clone();
    keys.add_signing(KeyRole::Signer, SigningKey::from_seed(&clerk.seed()));
    let desk = reopened(&town.authority, keys).await;
    for ended in [vec![], vec![grant(Some(now))]] {
        town.authority
            .change_signers(|signers| *signers = ended)
            .await
            .unwrap();
        assert_eq!(
            refusal(send(&desk, &town.to_citizen()).await),
            "not-allowed"
        );
    }
    town.authority
        .change_signers(|signers| *signers = vec![grant(None)])
        .await
        .unwrap();
    send(&desk, &town.to_citizen()).await.unwrap();
}

#[test]
fn a_mistyped_recovery_secret_is_noticed() {
    let text = RecoverySecret::generate(&mut entropy()).to_text();
    let swapped: String = text.replacen(&text[..4], &text[5..9], 1);
    assert!(swapped == *text || swapped.parse::<RecoverySecret>().is_err());
    assert!("0000-0000".parse::<RecoverySecret>().is_err());
    assert!("pf1notanaddress".parse::<Address>().is_err());
}
