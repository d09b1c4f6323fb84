//! No consent, no fiction (BayDiG Art. 22, 24(1), 25).

use postfach::client::send::Letter;
use postfach_crypto::ids::TextHash;
use postfach_crypto::statement::{Consent, ConsentClass, Signed};

use crate::town::{Town, deliver, mailbox, prepare, refusal, send};

#[tokio::test(flavor = "multi_thread")]
async fn registered_mail_and_legal_rules_need_consent() {
    let town = Town::unconsented().await;
    let by_rule = Letter {
        legal_rule: Some("BayDiG-24-2".into()),
        ..town.to_citizen()
    };
    let before = town.stored().await;
    for letter in [&by_rule, &town.registered()] {
        for _ in 0..2 {
            assert_eq!(refusal(send(&town.authority, letter).await), "no-consent");
        }
    }
    assert_eq!(town.stored().await, before);
    assert!(town.authority.outbox().unwrap().is_empty());
    // Without a fiction it may go.
    send(&town.authority, &town.to_citizen()).await.unwrap();
    // One consent does not stand for the other.
    town.consent(ConsentClass::Notification).await;
    assert_eq!(
        refusal(send(&town.authority, &town.registered()).await),
        "no-consent"
    );
    send(&town.authority, &by_rule).await.unwrap();
    assert_eq!(mailbox(&town.citizen).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_consent_counts_no_more_even_for_a_letter_on_its_way() {
    let town = Town::found().await;
    let waiting = prepare(&town.authority, &town.registered()).await.unwrap();
    let authority = town.authority.address().unwrap();
    town.citizen
        .revoke_consent(authority, ConsentClass::Service)
        .await
        .unwrap();
    let before = town.stored().await;
    assert_eq!(
        refusal(deliver(&town.authority, waiting).await),
        "no-consent"
    );
    assert_eq!(
        refusal(send(&town.authority, &town.registered()).await),
        "no-consent"
    );
    assert_eq!(town.stored().await, before);
    assert!(
        town.citizen
            .revoke_consent(authority, ConsentClass::Service)
            .await
            .is_err()
    );
    town.consent(ConsentClass::Service).await;
    send(&town.authority, &town.registered()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consent_is_the_citizens_alone_and_is_given_once() {
    let town = Town::unconsented().await;
    let consent = |key: &postfach_crypto::keys::SigningKey| {
        let context = town.citizen.context();
        let consent = Consent {
            from: context.time,
            context,
            citizen: town.citizen.address().unwrap(),
            authority: Some(town.authority.address().unwrap()),
            class: ConsentClass::Service,
            text: TextHash::of("text"),
            ext: None,
        };
        Signed::sign(consent, key).unwrap()
    };
    let forged = consent(town.authority.keys().identity().unwrap());
    town.refused_statement(forged.bytes(), "not-allowed").await;
    town.consent(ConsentClass::Service).await;
    let twice = consent(town.citizen.keys().identity().unwrap());
    town.refused_statement(twice.bytes(), "already-consented")
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consent_from_tomorrow_does_not_count_today() {
    let town = Town::unconsented().await;
    let context = town.citizen.context();
    let consent = Consent {
        from: postfach_crypto::ids::UnixMillis(context.time.0 + 24 * 60 * 60 * 1000),
        context,
        citizen: town.citizen.address().unwrap(),
        authority: None,
        class: ConsentClass::Service,
        text: TextHash::of("text"),
        ext: None,
    };
    let consent = Signed::sign(consent, town.citizen.keys().identity().unwrap()).unwrap();
    town.citizen.submit(&consent).await.unwrap();
    assert_eq!(
        refusal(send(&town.authority, &town.registered()).await),
        "no-consent"
    );
}
