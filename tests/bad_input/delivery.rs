//! The gate of registered mail, and what may be said of an envelope, by whom, and when.

use postfach::api::resources::AcceptedStatement;
use postfach::client::session::Session;
use postfach_crypto::ids::{AgeHeaderHash, ManifestHash, StatementHash};
use postfach_crypto::keys::SigningKey;
use postfach_crypto::statement::{
    Acceptance, Access, Event, Failure, HandoverRequest, ListHead, Reason, Rejection, Signed,
    Statement, Withdrawal,
};

use crate::town::{Town, mailbox, open, refusal, send};

fn signed<S: Statement>(statement: S, key: &SigningKey) -> Signed<S> {
    Signed::sign(statement, key).unwrap()
}

/// A request for handover as an honest client makes it, signed by anybody.
fn request(
    of: &Session,
    header: StatementHash,
    parts: Vec<AgeHeaderHash>,
    by: &SigningKey,
) -> Signed<HandoverRequest> {
    let request = HandoverRequest {
        context: of.context(),
        header,
        recipient: of.address().unwrap(),
        age_headers: parts,
        seen: ListHead::EMPTY,
        ext: None,
    };
    signed(request, by)
}

fn withdrawal(town: &Town, header: StatementHash, by: &SigningKey) -> Signed<Withdrawal> {
    let withdrawal = Withdrawal {
        context: town.authority.context(),
        header,
        sender: town.authority.address().unwrap(),
        reasons: vec![Reason::SentInError],
        ext: None,
    };
    signed(withdrawal, by)
}

fn key(session: &Session) -> &SigningKey {
    session.daily_key().unwrap()
}

async fn registered(town: &Town) -> (StatementHash, Vec<AgeHeaderHash>) {
    let mut letter = town.registered();
    letter.files = vec![town.file("bescheid.pdf", b"%PDF")];
    let sent = send(&town.authority, &letter).await.unwrap();
    mailbox(&town.citizen).await;
    let header = town.citizen.kept_header(&sent.statement).unwrap();
    let hashes = header.parts.iter().map(|part| part.0).collect();
    (sent.statement, hashes)
}

fn events(accepted: &AcceptedStatement) -> Vec<Event> {
    let receipt: Signed<postfach_crypto::statement::Receipt> =
        Signed::verify(accepted.receipt.statement.as_ref()).unwrap();
    receipt.events.clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn registered_mail_shows_nothing_before_its_handover() {
    let town = Town::found().await;
    let (header, parts) = registered(&town).await;
    let inbox = town.citizen.inbox().await.unwrap();
    assert!(inbox[0].registered() && inbox[0].subject.is_none());
    assert!(!inbox[0].delivery.has(Event::ContentHandover));
    let saved = town.saved("age");
    assert!(
        town.citizen.save_age_files(header, &saved).await.is_err(),
        "no age headers, no age files"
    );
    // The sender sees its own.
    town.authority.save_age_files(header, &saved).await.unwrap();

    // Other age headers than the letter's: fewer, more, others.
    let other = AgeHeaderHash([9; 32]);
    for wrong in [
        vec![parts[0]],
        [&parts[..], &[other]].concat(),
        vec![parts[1], parts[0]],
        vec![other, parts[1]],
    ] {
        let wrong = request(&town.citizen, header, wrong, key(&town.citizen));
        town.refused_statement(wrong.bytes(), "other-age-headers")
            .await;
    }
    // A mailbox that the server never showed.
    let mut ahead = request(&town.citizen, header, parts.clone(), key(&town.citizen))
        .payload()
        .clone();
    ahead.seen = ListHead::of(&[header, header]);
    let ahead = signed(ahead, key(&town.citizen));
    town.refused_statement(ahead.bytes(), "seen-head").await;

    let genuine = request(&town.citizen, header, parts, key(&town.citizen));
    let accepted = town.submit_statement(genuine.bytes()).await.unwrap();
    assert_eq!(events(&accepted), [Event::ContentHandover]);
    assert_eq!(accepted.age_headers.as_ref().unwrap().len(), 2);
    // The answer was lost: the same request again gets the same receipt, and the age headers.
    let again = town.submit_statement(genuine.bytes()).await.unwrap();
    assert!(again.repeated);
    assert_eq!(again.receipt.statement, accepted.receipt.statement);
    assert_eq!(again.age_headers, accepted.age_headers);
    open(&town.citizen, header, &town.saved("citizen"))
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_takes_a_letter_over() {
    let mut town = Town::found().await;
    let (header, parts) = registered(&town).await;
    let other = town.person("other").await;
    let invitation = town.letter("4799");
    other.claim(&invitation).await.unwrap();
    town.answer().await;
    for stranger in [&other, &town.authority] {
        // In its own name, and in the recipient's with its own key.
        let own = request(stranger, header, parts.clone(), key(stranger));
        town.refused_statement(own.bytes(), "unknown-envelope")
            .await;
        let forged = request(&town.citizen, header, parts.clone(), key(stranger));
        town.refused_statement(forged.bytes(), "unknown-envelope")
            .await;
    }
    // The recipient's key, in another's name.
    let mixed = request(&other, header, parts, key(&town.citizen));
    town.refused_statement(mixed.bytes(), "unknown-envelope")
        .await;
    assert_eq!(refusal(other.delivery(header).await), "unknown-envelope");
    let result = open(&other, header, &town.saved("other")).await;
    assert_eq!(refusal(result), "unknown-envelope");
}

#[tokio::test(flavor = "multi_thread")]
async fn access_needs_handover_and_names_the_manifest_that_was_sent() {
    let town = Town::found().await;
    let (header, parts) = registered(&town).await;
    let manifest = town.citizen.kept_header(&header).unwrap().manifest;
    let access = |manifest: ManifestHash, by: &SigningKey| {
        let access = Access {
            context: town.citizen.context(),
            header,
            recipient: town.citizen.address().unwrap(),
            manifest,
            ext: None,
        };
        signed(access, by)
    };
    let early = access(manifest, key(&town.citizen));
    town.refused_statement(early.bytes(), "not-handed-over")
        .await;
    let request = request(&town.citizen, header, parts, key(&town.citizen));
    town.submit_statement(request.bytes()).await.unwrap();
    let other = access(ManifestHash([1; 32]), key(&town.citizen));
    town.refused_statement(other.bytes(), "other-manifest")
        .await;
    let forged = access(manifest, key(&town.authority));
    town.refused_statement(forged.bytes(), "unknown-envelope")
        .await;
    // What was too early is right now, and stays the same statement.
    let accepted = town.submit_statement(early.bytes()).await.unwrap();
    assert_eq!(events(&accepted), [Event::ContentAccessTracking]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawn_letter_is_not_handed_over_and_a_handed_over_one_not_withdrawn() {
    let town = Town::found().await;
    let (header, parts) = registered(&town).await;
    let forged = withdrawal(&town, header, key(&town.citizen));
    town.refused_statement(forged.bytes(), "unknown-envelope")
        .await;
    let genuine = withdrawal(&town, header, key(&town.authority));
    let accepted = town.submit_statement(genuine.bytes()).await.unwrap();
    assert_eq!(events(&accepted), [Event::EnvelopeWithdrawal]);
    let late = request(&town.citizen, header, parts, key(&town.citizen));
    town.refused_statement(late.bytes(), "withdrawn").await;
    let result = open(&town.citizen, header, &town.saved("citizen")).await;
    assert_eq!(refusal(result), "withdrawn");
    let twice = withdrawal(&town, header, key(&town.authority));
    town.refused_statement(twice.bytes(), "already-ended").await;

    let (header, _) = registered(&town).await;
    open(&town.citizen, header, &town.saved("citizen"))
        .await
        .unwrap();
    let late = withdrawal(&town, header, key(&town.authority));
    town.refused_statement(late.bytes(), "already-handed-over")
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recipient_refuses_before_handover_and_answers_once() {
    let town = Town::found().await;
    let me = town.citizen.address().unwrap();
    let rejection = |header| {
        let rejection = Rejection {
            context: town.citizen.context(),
            header,
            recipient: me,
            reasons: vec![Reason::Refused],
            ext: None,
        };
        signed(rejection, key(&town.citizen))
    };
    let acceptance = |header| {
        let acceptance = Acceptance {
            context: town.citizen.context(),
            header,
            recipient: me,
            ext: None,
        };
        signed(acceptance, key(&town.citizen))
    };
    let (header, _) = registered(&town).await;
    open(&town.citizen, header, &town.saved("citizen"))
        .await
        .unwrap();
    let late = rejection(header);
    town.refused_statement(late.bytes(), "already-handed-over")
        .await;

    let (header, _) = registered(&town).await;
    let refused = rejection(header);
    town.submit_statement(refused.bytes()).await.unwrap();
    let both = acceptance(header);
    town.refused_statement(both.bytes(), "already-answered")
        .await;

    let (header, _) = registered(&town).await;
    town.submit_statement(acceptance(header).bytes())
        .await
        .unwrap();
    let both = rejection(header);
    town.refused_statement(both.bytes(), "already-answered")
        .await;

    let (header, _) = registered(&town).await;
    let genuine = withdrawal(&town, header, key(&town.authority));
    town.submit_statement(genuine.bytes()).await.unwrap();
    let late = acceptance(header);
    town.refused_statement(late.bytes(), "withdrawn").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_may_be_read_again_and_again() {
    let town = Town::found().await;
    let sent = send(&town.authority, &town.to_citizen()).await.unwrap();
    let folder = town.saved("citizen");
    for time in 0..40 {
        let opened = open(&town.citizen, sent.statement, &folder).await;
        assert!(opened.is_ok(), "time {time}: {:?}", opened.err());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_is_the_recipients_word_alone() {
    let town = Town::found().await;
    let (header, parts) = registered(&town).await;
    let failure = |by: &SigningKey| {
        let failure = Failure {
            context: town.citizen.context(),
            header,
            recipient: town.citizen.address().unwrap(),
            reasons: vec![Reason::NotDecryptable],
            ext: None,
        };
        signed(failure, by)
    };
    let forged = failure(key(&town.authority));
    town.refused_statement(forged.bytes(), "unknown-envelope")
        .await;
    let genuine = failure(key(&town.citizen));
    town.refused_statement(genuine.bytes(), "not-handed-over")
        .await;
    let request = request(&town.citizen, header, parts, key(&town.citizen));
    town.submit_statement(request.bytes()).await.unwrap();
    let accepted = town.submit_statement(genuine.bytes()).await.unwrap();
    assert_eq!(events(&accepted), [Event::ContentHandoverFailure]);
}
