//! What becomes of notifications when mail systems accept, refuse, greylist, hang or are away.

use std::time::Duration;

use postfach::client::evidence::Content;
use postfach::fold::Notification;
use postfach::notify::settings::{Login, Security, SmtpSettings, TransportSettings};
use postfach::service::{NotificationOutcome, Recorded};
use postfach_crypto::evidence::{NotShown, Policy, verify};
use postfach_crypto::statement::{ContactLanguage, Event, Reason};
use serde_json::{Value, json};

use crate::post::{
    MailServer, Running, assert_state, data, letter, letter_to, logs, no_options, seen, settings,
    until,
};
use crate::support::small_store;
use crate::town::{Town, open, send};

fn smtp(server: SmtpSettings) -> TransportSettings {
    TransportSettings::Smtp(server)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_says_that_a_letter_waits_and_nothing_else() {
    let (town, post) = (Town::found().await, MailServer::start(&no_options()));
    let notifier = Running::start(&town, settings(smtp(post.plain())));
    let header = letter_to(&town, "maria.huber@mail.example").await;
    notifier.until_ended("sent", 1).await;

    let delivery = seen(&town, header).await;
    assert_state(&delivery, Some(Notification::Sent), None);
    let receipt = delivery.receipts.last().unwrap();
    assert_eq!(receipt.events, [Event::ConsignmentNotification]);
    assert_eq!((receipt.header, receipt.answers), (Some(header), None));

    let taken = post.taken_once(1).await;
    let [mail] = &taken[..] else {
        panic!("{taken:?}")
    };
    assert_eq!(mail["to"], json!(["maria.huber@mail.example"]));
    let from = mail["from"].as_str().unwrap();
    assert!(from.starts_with("bounce+") && from.ends_with("@mailbox.example"));
    let text = mail["message"].as_str().unwrap();
    for line in [
        "From: \"Mein Postfach\" <post@mailbox.example>\r\n",
        "To: maria.huber@mail.example\r\n",
        "Subject: Eine Nachricht wartet in Ihrem Postfach\r\n",
        "Auto-Submitted: auto-generated\r\n",
        "Message-ID: <",
        "Date: ",
        "https://mailbox.example/\r\n",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    assert!(text.is_ascii() && text.contains("+0000"));
    // "Postbauer-Heng" sends, "Bescheid" is the subject: neither may leave.
    for secret in [
        "Postbauer",
        "Bescheid",
        "4711",
        "pf1",
        &header.to_string()[..8],
    ] {
        assert!(!text.contains(secret), "{secret}\n{text}");
    }

    // It stands in the evidence of both, and the file no longer says that it does not.
    for session in [&town.authority, &town.citizen] {
        let evidence = session.evidence(header, Content::Sealed).await.unwrap();
        let operator = session.operator();
        let policy = Policy::without_witnesses(operator.origin(), operator.root());
        let report = verify(&evidence, &policy);
        assert!(report.lacks_only_witnesses(), "{:?}", report.checks);
        let events: Vec<_> = report.timeline.iter().map(|entry| entry.event).collect();
        assert_eq!(events.last(), Some(&Event::ConsignmentNotification));
        assert!(!report.not_shown.contains(&NotShown::Notification));
    }
    notifier.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_the_language_that_the_party_chose() {
    let (town, post) = (Town::found().await, MailServer::start(&no_options()));
    let notifier = Running::start(&town, settings(smtp(post.plain())));
    town.citizen
        .change_contact(Some("m@mail.example"), ContactLanguage::English)
        .await
        .unwrap();
    letter(&town).await;
    notifier.until_ended("sent", 1).await;
    let text = post.taken_once(1).await[0]["message"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(text.contains("Subject: A message is waiting in your mailbox\r\n"));
    assert!(text.contains("periods may begin with this notification"));
    notifier.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_recorded_with_its_reason_and_not_tried_again() {
    let (town, post) = (Town::found().await, MailServer::start(&no_options()));
    let notifier = Running::start(&town, settings(smtp(post.plain())));
    let header = letter_to(&town, "refuse.me@mail.example").await;
    notifier.until_ended("refused", 1).await;
    let delivery = seen(&town, header).await;
    let reason = Some(Reason::NotificationRefused);
    assert_state(&delivery, Some(Notification::Failed), reason);
    until("nothing waits", || notifier.waiting() == 0).await;
    assert!(post.taken().is_empty());
    // The answer quoted the address; the log does not.
    assert!(logs().contains("a notification was refused"));
    assert!(!logs().contains("mail.example"));
    notifier.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn greylisting_is_waited_out() {
    let (town, post) = (Town::found().await, MailServer::start(&no_options()));
    let notifier = Running::start(&town, settings(smtp(post.plain())));
    let header = letter_to(&town, "grey@mail.example").await;
    notifier.until_ended("sent", 1).await;
    assert_eq!(post.taken_once(1).await.len(), 1);
    assert_eq!(notifier.delayed("answer"), 1);
    assert_state(&seen(&town, header).await, Some(Notification::Sent), None);
    notifier.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_hangs_holds_up_no_one_and_is_given_up_in_the_end() {
    let (town, post) = (Town::found().await, MailServer::start(&no_options()));
    let mut hurried = settings(smtp(post.plain()));
    hurried.timeout = Duration::from_secs(1);
    hurried.give_up = Duration::from_secs(2);
    let notifier = Running::start(&town, hurried);
    let stuck = letter_to(&town, "hang@mail.example").await;
    until("a time-out", || notifier.delayed("timeout") > 0).await;
    assert_eq!(notifier.waiting(), 1);
    let passing = letter_to(&town, "m@mail.example").await;
    // The first one goes where its recipient wants it now.
    notifier.until_ended("sent", 2).await;
    for header in [stuck, passing] {
        assert_state(&seen(&town, header).await, Some(Notification::Sent), None);
    }
    let stuck = letter_to(&town, "hang@mail.example").await;
    notifier.until_ended("expired", 1).await;
    let reason = Some(Reason::NotificationExpired);
    assert_state(
        &seen(&town, stuck).await,
        Some(Notification::Failed),
        reason,
    );
    notifier.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_greets_nobody_and_one_that_is_not_there_are_waited_for() {
    let town = Town::found().await;
    let mute = MailServer::start(&json!({ "mute": true }));
    let patient = settings(smtp(mute.plain()));
    let mut hurried = patient.clone();
    hurried.timeout = Duration::from_millis(200);
    let notifier = Running::start(&town, hurried);
    let header = letter_to(&town, "m@mail.example").await;
    until("a time-out", || notifier.delayed("timeout") > 0).await;
    notifier.stop().await;
    let port = mute.port;
    drop(mute);

    let notifier = Running::start(&town, patient);
    until("no connection", || notifier.delayed("connection") > 0).await;
    assert_eq!(notifier.waiting(), 1);
    assert_state(&seen(&town, header).await, None, None);
    let post = MailServer::start(&json!({ "port": port }));
    notifier.until_ended("sent", 1).await;
    assert_eq!(post.taken_once(1).await.len(), 1);
    assert_state(&seen(&town, header).await, Some(Notification::Sent), None);
    notifier.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quarrel_with_us_is_no_refusal_of_the_recipient() {
    let town = Town::found().await;
    let post = MailServer::start(&json!({ "quarrel": true }));
    let notifier = Running::start(&town, settings(smtp(post.plain())));
    let header = letter_to(&town, "m@mail.example").await;
    until("put off", || notifier.delayed("answer") > 1).await;
    assert_state(&seen(&town, header).await, None, None);
    notifier.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn queued_notifications_survive_a_restart_and_are_sent_once() {
    let (mut town, post) = (Town::found().await, MailServer::start(&no_options()));
    let mut headers = vec![letter_to(&town, "m@mail.example").await];
    for _ in 0..2 {
        headers.push(letter(&town).await);
    }
    town.restart(&small_store(), |_| ()).await;
    let notifier = Running::start(&town, settings(smtp(post.plain())));
    notifier.until_ended("sent", 3).await;
    notifier.stop().await;
    // The cursor is a hint: without it, and with nonsense in it, all is found done.
    let cursor = data(&town).join("notify/cursor");
    assert_eq!(std::fs::read_to_string(&cursor).unwrap(), "3\n");
    for content in ["", "nonsense", "1"] {
        std::fs::write(&cursor, content).unwrap();
        town.restart(&small_store(), |_| ()).await;
        let notifier = Running::start(&town, settings(smtp(post.plain())));
        until("walked", || {
            std::fs::read_to_string(&cursor).is_ok_and(|text| text == "3\n")
        })
        .await;
        notifier.stop().await;
    }
    assert_eq!(post.taken_once(3).await.len(), 3);
    for header in headers {
        assert_state(&seen(&town, header).await, Some(Notification::Sent), None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_recorded_is_recorded_once() {
    let town = Town::found().await;
    let header = letter_to(&town, "m@mail.example").await;
    let service = &town.world.service;
    let record = async |outcome| service.record_notification(header, outcome).await.unwrap();
    use NotificationOutcome as O;
    assert_eq!(record(O::Returned).await, Recorded::TooEarly);
    assert_eq!(record(O::Delivered).await, Recorded::TooEarly);
    let both = tokio::join!(record(O::Sent), record(O::Sent));
    assert!(matches!(
        both,
        (Recorded::Now, Recorded::Before) | (Recorded::Before, Recorded::Now)
    ));
    assert_eq!(record(O::Refused).await, Recorded::Before);
    assert_eq!(record(O::Delivered).await, Recorded::Now);
    assert_eq!(record(O::Delivered).await, Recorded::Before);
    assert_eq!(record(O::Returned).await, Recorded::Now);
    assert_eq!(record(O::Returned).await, Recorded::Before);
    assert_eq!(record(O::Delivered).await, Recorded::Before);
    let delivery = seen(&town, header).await;
    let reason = Some(Reason::NotificationReturned);
    assert_state(&delivery, Some(Notification::Failed), reason);
    assert_eq!(delivery.receipts.len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_needs_no_notification_gets_none() {
    let (town, post) = (Town::found().await, MailServer::start(&no_options()));
    // Without a contact nothing is queued, so nothing is claimed.
    letter(&town).await;
    assert_eq!(town.world.service.queued_notices().await.unwrap(), 0);
    // Read already, or not wanted any more: nothing is sent.
    let read = letter_to(&town, "m@mail.example").await;
    open(&town.citizen, read, &town.saved("early"))
        .await
        .unwrap();
    let unwanted = letter(&town).await;
    town.citizen
        .change_contact(None, ContactLanguage::German)
        .await
        .unwrap();
    let notifier = Running::start(&town, settings(smtp(post.plain())));
    let cursor = data(&town).join("notify/cursor");
    until("walked", || {
        std::fs::read_to_string(&cursor).is_ok_and(|text| text == "2\n")
    })
    .await;
    notifier.stop().await;
    assert!(post.taken().is_empty());
    assert_state(&seen(&town, unwanted).await, None, None);
    // A reply notifies the authority, if it wants that; an archive copy nobody.
    town.authority
        .change_contact(Some("amt@town.example"), ContactLanguage::German)
        .await
        .unwrap();
    let reply = crate::town::letter_to(town.authority.address().unwrap());
    send(&town.citizen, &reply).await.unwrap();
    let copy = crate::town::letter_to(town.authority.address().unwrap());
    send(&town.authority, &copy).await.unwrap();
    assert_eq!(town.world.service.queued_notices().await.unwrap(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn tls_is_checked_and_login_kept() {
    let town = Town::found().await;
    let tls = town.world.folder().join("tls");
    let options = |secure: bool| {
        json!({
            "certificate": tls.join("server.pem"), "key": tls.join("server-key.pem"),
            "secure": secure, "user": "postfach", "password": "geheim",
        })
    };
    let protected = |port, security, password: &str| SmtpSettings {
        host: "localhost".into(),
        port,
        security,
        ca: Some(tls.join("authority.pem")),
        login: Some(Login {
            user: "postfach".into(),
            password: password.to_owned().into(),
        }),
        hello: "mailbox.example".into(),
    };
    let mut sent = Vec::new();
    for (secure, security) in [(false, Security::StartTls), (true, Security::Tls)] {
        let post = MailServer::start(&options(secure));
        let server = protected(post.port, security, "geheim");
        let notifier = Running::start(&town, settings(smtp(server)));
        sent.push(letter_to(&town, "m@mail.example").await);
        notifier.until_ended("sent", 1).await;
        let mail: &Value = &post.taken_once(1).await[0];
        assert_eq!(
            (&mail["secure"], &mail["user"]),
            (&json!(true), &json!("postfach"))
        );
        notifier.stop().await;
    }
    // No STARTTLS, a certificate of strangers, a wrong password: put off, and nothing is sent.
    let (bare, post) = (
        MailServer::start(&no_options()),
        MailServer::start(&options(false)),
    );
    let mut strange = protected(post.port, Security::StartTls, "geheim");
    strange.ca = None;
    for (server, trouble) in [
        (protected(bare.port, Security::StartTls, "geheim"), "tls"),
        (strange, "connection"),
        (protected(post.port, Security::StartTls, "falsch"), "answer"),
    ] {
        let notifier = Running::start(&town, settings(smtp(server)));
        letter_to(&town, "m@mail.example").await;
        until(trouble, || {
            notifier.delayed(trouble) + notifier.delayed("tls") > 0
        })
        .await;
        notifier.stop().await;
    }
    assert!(bare.taken().is_empty() && post.taken().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_folder_transport_writes_whole_files() {
    let town = Town::found().await;
    let out = town.folder.path().join("out");
    let transport = TransportSettings::Folder(out.clone());
    let notifier = Running::start(&town, settings(transport));
    let header = letter_to(&town, "m@mail.example").await;
    notifier.until_ended("sent", 1).await;
    let files: Vec<_> = std::fs::read_dir(&out)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    let [file] = &files[..] else {
        panic!("{files:?}")
    };
    assert!(file.to_str().unwrap().ends_with(".eml"));
    let text = std::fs::read_to_string(file).unwrap();
    assert!(text.contains("To: m@mail.example\r\n"));
    assert_state(&seen(&town, header).await, Some(Notification::Sent), None);
    notifier.stop().await;
}
