//! Letters whose provision ends because nobody retrieved them in time (VwVfG § 41(2a)).

use postfach::client::error::ClientError;
use postfach::client::send::Letter;
use postfach::service::NotificationOutcome;
use postfach_crypto::deadline::Day;
use postfach_crypto::ids::{StatementHash, UnixMillis};
use postfach_crypto::statement::{ContactLanguage, Event};
use postfach_storage::List;

use crate::post::seen;
use crate::town::{Town, open, send};

async fn notified(town: &Town, rule: Option<&str>) -> StatementHash {
    let letter = Letter {
        legal_rule: rule.map(Into::into),
        ..town.to_citizen()
    };
    let header = send(&town.authority, &letter).await.unwrap().statement;
    let service = &town.world.service;
    let recorded = service.record_notification(header, NotificationOutcome::Sent);
    recorded.await.unwrap();
    header
}

#[tokio::test(flavor = "multi_thread")]
async fn after_ten_days_unread_provision_ends_and_nothing_is_handed_over() {
    let town = Town::found().await;
    let citizen = &town.citizen;
    let contact = citizen.change_contact(Some("maria@mail.example"), ContactLanguage::German);
    contact.await.unwrap();
    let service = &town.world.service;
    let unread = notified(&town, Some("VwVfG-41-2a")).await;
    let retrieved = notified(&town, Some("VwVfG-41-2a")).await;
    let other_rule = notified(&town, Some("BayDiG-24-2")).await;
    let folder = tempfile::tempdir().unwrap();
    open(citizen, retrieved, folder.path()).await.unwrap();

    let sent = seen(&town, unread)
        .await
        .receipts
        .last()
        .unwrap()
        .context
        .time;
    let last_day = Day::of(sent).plus_days(10);
    let last_moment = UnixMillis(last_day.plus_days(1).start().0 - 1);
    let swept = service.expire(&List::Notify, 0, last_moment).await.unwrap();
    assert_eq!((swept.expired, swept.first_open), (0, Some(0)));
    let later = last_day.plus_days(1).start();
    let swept = service.expire(&List::Notify, 0, later).await.unwrap();
    assert_eq!((swept.expired, swept.first_open), (1, None));
    assert_eq!((swept.reached, swept.whole), (3, true));
    let again = service.expire(&List::Notify, 0, later).await.unwrap();
    assert_eq!(again.expired, 0);

    for (header, ended) in [(unread, true), (retrieved, false), (other_rule, false)] {
        let delivery = seen(&town, header).await;
        assert_eq!(delivery.has(Event::AcceptanceRejectionExpiry), ended);
    }
    match open(citizen, unread, folder.path()).await {
        Err(ClientError::Refused(problem)) => assert_eq!(problem.code(), "provision-ended"),
        other => panic!("{other:?}"),
    }
    open(citizen, other_rule, folder.path()).await.unwrap();
}
