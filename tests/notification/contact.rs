//! Where a party is notified: said by itself, readable by itself alone, and never malformed.

use postfach::api::resources::Page;
use postfach_crypto::ids::UnixMillis;
use postfach_crypto::statement::{Contact, ContactLanguage, Signed, Subject};
use reqwest::Method;

use crate::support::{World, assert_problem};
use crate::town::{Town, refusal};

#[tokio::test(flavor = "multi_thread")]
async fn the_newest_contact_counts_and_can_be_ended() {
    let town = Town::found().await;
    let citizen = &town.citizen;
    assert!(citizen.contact().await.unwrap().is_none());
    let ended = citizen.change_contact(None, ContactLanguage::German).await;
    assert_eq!(refusal(ended), "already-ended");
    for (email, language) in [
        (Some("one@mail.example"), ContactLanguage::German),
        (Some("two@mail.example"), ContactLanguage::English),
        (None, ContactLanguage::German),
    ] {
        citizen.change_contact(email, language).await.unwrap();
        let contact = citizen.contact().await.unwrap().unwrap();
        assert_eq!(
            (contact.email.as_deref(), contact.language),
            (email, language)
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_that_cannot_be_written_to_are_refused() {
    let town = Town::found().await;
    let before = town.stored().await;
    for bad in [
        "maria",
        "m@localhost",
        "m@[127.0.0.1]",
        "m@mail.example,n@mail.example",
        "@@@",
    ] {
        let refused = town
            .citizen
            .change_contact(Some(bad), ContactLanguage::German)
            .await;
        assert_eq!(refusal(refused), "bad-mail-address", "{bad}");
    }
    // A line break cannot even be signed.
    let forged = town
        .citizen
        .change_contact(
            Some("m@mail.example\r\nBcc: x@mail.example"),
            ContactLanguage::German,
        )
        .await;
    assert!(forged.is_err());
    assert_eq!(town.stored().await, before, "something was stored");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_reads_or_changes_it() {
    let world = World::start(postfach::server::limits::Limits::default()).await;
    let client = world.client();
    let (owner, stranger) = (world.party(&client).await, world.authority(&client).await);
    let contact = |context| Contact {
        context,
        party: owner.address,
        email: Some("m@mail.example".into()),
        language: ContactLanguage::German,
        ext: None,
    };
    let foreign = Signed::sign(contact(world.context()), &stranger.key).unwrap();
    let answer = world.post_statement(&client, foreign.bytes()).await;
    assert_problem(answer, 403, "not-allowed").await;
    let own = Signed::sign(contact(world.context()), &owner.key).unwrap();
    let answer = world.post_statement(&client, own.bytes()).await;
    assert_eq!(answer.status(), 201);

    let target = format!("/v1/parties/{}/contacts", owner.address);
    let request = world.signed(&client, &stranger, Method::GET, &target);
    assert_problem(request.send().await.unwrap(), 404, "unknown-party").await;
    let request = world.signed(&client, &owner, Method::GET, &target);
    let page: Page =
        serde_json::from_slice(&request.send().await.unwrap().bytes().await.unwrap()).unwrap();
    let [entry] = &page.entries[..] else {
        panic!("one contact")
    };
    assert_eq!(entry.statement.as_ref(), own.bytes());
    let head = world.service.operator().head(page.head.as_ref()).unwrap();
    assert_eq!(head.subject, Subject::Contact(owner.address));
    assert!(head.context.time > UnixMillis(0));
}
