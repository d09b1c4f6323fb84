//! How much may be said: every list that others pay for ends, and what ends something still fits.

use postfach::client::error::ClientError;
use postfach_crypto::ids::{Blind, TextHash, UnixMillis};
use postfach_crypto::statement::{
    Consent, ConsentClass, ConsentRevocation, Failure, Reason, Signed,
};

use crate::town::{Town, letter_to, open, refusal, send};

/// Most statements of a recipient about one envelope (docs/format/http.md, "Limits").
const MOST_STATEMENTS: usize = 64;
/// Most statements between a citizen and an authority (docs/format/http.md, "Limits").
const MOST_BETWEEN: usize = 512;

#[tokio::test(flavor = "multi_thread")]
async fn a_recipient_says_only_so_much_of_one_letter() {
    let town = Town::found().await;
    let sent = send(&town.authority, &town.to_citizen()).await.unwrap();
    let folder = town.saved("citizen");
    // Two of them: the handover and the access.
    open(&town.citizen, sent.statement, &folder).await.unwrap();
    let failure = |reason| {
        let failure = Failure {
            context: town.citizen.context(),
            header: sent.statement,
            recipient: town.citizen.address().unwrap(),
            reasons: vec![reason],
            ext: None,
        };
        Signed::sign(failure, town.citizen.daily_key().unwrap()).unwrap()
    };
    let mut last = None;
    for _ in 2..MOST_STATEMENTS {
        let failure = failure(Reason::ContentMismatch);
        town.submit_statement(failure.bytes()).await.unwrap();
        last = Some(failure);
    }
    let more = failure(Reason::ContentMismatch);
    town.refused_statement(more.bytes(), "too-many-statements")
        .await;
    // What was said before is answered as before, and the letter is read as before.
    let again = town.submit_statement(last.unwrap().bytes()).await.unwrap();
    assert!(again.repeated);
    open(&town.citizen, sent.statement, &folder).await.unwrap();
    let told = town.authority.delivery(sent.statement).await.unwrap();
    assert_eq!(told.failures.len(), MOST_STATEMENTS - 2);
    // Another letter has room of its own.
    let other = send(&town.authority, &town.to_citizen()).await.unwrap();
    open(&town.citizen, other.statement, &folder).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_relation_takes_no_more_but_what_ends_something() {
    let town = Town::unconsented().await;
    let (citizen, authority) = (
        town.citizen.address().unwrap(),
        town.authority.address().unwrap(),
    );
    let key = town.citizen.keys().identity().unwrap();
    let consent = |from: u64| {
        let mut context = town.citizen.context();
        context.blind = Blind(postfach::entropy::array());
        let consent = Consent {
            from: UnixMillis(context.time.0 + from),
            context,
            citizen,
            authority: Some(authority),
            class: ConsentClass::Notification,
            text: TextHash::of("from later on"),
            ext: None,
        };
        Signed::sign(consent, key).unwrap()
    };
    // A claim and a binding are there; consents that begin later may be given one after the other.
    let later = 30 * 24 * 60 * 60 * 1000;
    let mut last = None;
    for number in 2..MOST_BETWEEN {
        let consent = consent(later + number as u64);
        let accepted = town.submit_statement(consent.bytes()).await;
        accepted.unwrap_or_else(|problem| panic!("{number}: {}", problem.code()));
        last = Some(consent);
    }
    town.refused_statement(consent(later).bytes(), "relation-full")
        .await;
    let revocation = ConsentRevocation {
        context: town.citizen.context(),
        citizen,
        authority: Some(authority),
        consent: last.unwrap().hash(),
        ext: None,
    };
    let revocation = Signed::sign(revocation, key).unwrap();
    town.submit_statement(revocation.bytes()).await.unwrap();
    // The binding counts as before.
    send(&town.authority, &town.to_citizen()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_shown_to_whom_one_has_written() {
    let town = Town::found().await;
    let stranger = town.person("stranger").await;
    let office = town.office("Landratsamt").await;
    let address = stranger.address().unwrap();
    let authority = town.authority.address().unwrap();
    // No claim, no binding, no letter: nobody knows that the address exists.
    for other in [&town.authority, &office] {
        assert_eq!(refusal(other.party(address).await), "unknown-party");
    }
    let sent = send(&stranger, &letter_to(authority)).await.unwrap();
    // A letter alone makes the two acquainted: the recipient can check who signed it.
    let known = town.authority.party(address).await.unwrap();
    assert_eq!(known.party.address(), address);
    town.authority.delivery(sent.statement).await.unwrap();
    assert_eq!(refusal(office.party(address).await), "unknown-party");
    // It is no relation: there is nothing that a letter back could rest on.
    let relation = town.authority.relation(address, authority).await;
    assert_eq!(refusal(relation), "unknown-party");
    let back = send(&town.authority, &letter_to(address)).await;
    assert!(matches!(
        back,
        Err(ClientError::Refused(_) | ClientError::NotFound(_))
    ));
    // Nor does it open what else is said of the sender to the recipient.
    let delivery = office.delivery(sent.statement).await;
    assert_eq!(refusal(delivery), "unknown-envelope");
}
