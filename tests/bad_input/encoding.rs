//! Encoding, size, clock, log, and the data folder itself.

use postfach::server::operator::{OpenServiceError, load_operator, open_service};
use postfach_crypto::codec;
use postfach_crypto::ids::UnixMillis;
use postfach_crypto::statement::{
    Extension, ListHead, MAX_STATEMENT, Mandate, MandateScope, Signed,
};
use postfach_storage::embedded::{OpenError, Options};

use crate::support::small_store;
use crate::town::{Town, deliver, mailbox, open, prepare, refusal, resigned, send, submission};

#[tokio::test(flavor = "multi_thread")]
async fn cbor_in_any_but_its_one_form_is_refused() {
    let town = Town::found().await;
    let prepared = prepare(&town.authority, &town.to_citizen()).await.unwrap();
    let whole = submission(&town.authority, &prepared);
    let canonical = codec::encode(&whole);
    assert_eq!(canonical[0], 0xa2, "a map of two");
    let with = |head: &[u8], skip: usize, tail: &[u8]| [head, &canonical[skip..], tail].concat();
    let nested = [[0x81; 200].as_slice(), &[0x00]].concat();
    for bytes in [
        with(&[0xb8, 2], 1, &[]),          // the map's length in two bytes
        with(&[0xbf], 1, &[0xff]),         // a map of indefinite length
        with(&[0xa2, 0x18, 0x00], 2, &[]), // a key in two bytes
        with(&[], 0, &[0]),                // trailing bytes
        with(&[0xc1], 0, &[]),             // a tag
        with(&[0xa3], 1, &[0x02, 0x00]),   // a field more
        [&[0xa3][..], &canonical[1..], &[0x01, 0x80]].concat(), // a field twice
        canonical[..canonical.len() - 1].to_vec(),
        [&[0x82][..], &canonical[2..]].concat(), // an array where a map belongs
        nested,
        vec![0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], // lengths nobody has
        vec![0x5b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
        vec![0xf6],
        Vec::new(),
    ] {
        town.refused_envelope(bytes, "bad-submission").await;
    }
    // The statement inside likewise.
    let header = &whole.header;
    assert_eq!(&header[..2], [0xd2, 0x84], "tag 18, an array of four");
    for bytes in [
        header[1..].to_vec(), // without its tag
        [&[0xd8, 18][..], &header[1..]].concat(),
        [&[0xd2, 0x98, 4][..], &header[2..]].concat(),
        [&[0xd2, 0x9f][..], &header[2..], &[0xff]].concat(),
        [&header[..], &[0]].concat(),
        [&[0xd2][..], header].concat(),
    ] {
        let mut submission = whole.clone();
        submission.header.clone_from(&bytes);
        let submission = codec::encode(&submission);
        town.refused_envelope(submission, "bad-statement").await;
        town.refused_statement(&bytes, "bad-statement").await;
    }
    deliver(&town.authority, prepared).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_critical_extensions_are_refused_and_others_kept() {
    let town = Town::found().await;
    let prepared = prepare(&town.authority, &town.to_citizen()).await.unwrap();
    let mut header = prepared.header.payload().clone();
    header.ext = Some(vec![Extension(77, true, vec![1])]);
    assert!(
        Signed::sign(header, town.authority.daily_key().unwrap()).is_err(),
        "our own client does not say what it does not know"
    );
    let parts = submission(&town.authority, &prepared);
    let key = town.authority.daily_key().unwrap();
    let kept = resigned(&prepared, &parts, key, |header| {
        header.ext = Some(vec![Extension(77, false, vec![1])]);
    });
    let accepted = town.submit_envelope(kept).await.unwrap();
    let opened = open(
        &town.citizen,
        accepted.statement.parse().unwrap(),
        &town.saved("citizen"),
    )
    .await
    .unwrap();
    assert!(opened.header.ext.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_out_of_range_is_told_the_servers_time() {
    let town = Town::found().await;
    let prepared = prepare(&town.authority, &town.to_citizen()).await.unwrap();
    let parts = submission(&town.authority, &prepared);
    let key = town.authority.daily_key().unwrap();
    let now = postfach::clock::now().0;
    for time in [0, now - 3_600_000, now + 3_600_000, codec::MAX_INTEGER] {
        let wrong = resigned(&prepared, &parts, key, |header| {
            header.context.time = UnixMillis(time);
        });
        town.refused_envelope(wrong.clone(), "clock-out-of-range")
            .await;
        let problem = town.submit_envelope(wrong).await.unwrap_err();
        assert!(problem.time.abs_diff(now) < 600_000);
    }
    // A letter that lay in the outbox for a day is signed again and goes out once.
    let folder = town.authority.profile().outbox_folder();
    let path = folder
        .join(prepared.header.envelope_id.to_string())
        .join("submission.cbor");
    let old = resigned(&prepared, &parts, key, |header| {
        header.context.time = UnixMillis(now - 24 * 3_600_000);
    });
    std::fs::write(&path, old).unwrap();
    let waiting = town.authority.outbox().unwrap().pop().unwrap();
    let sent = deliver(&town.authority, waiting).await.unwrap();
    assert_eq!(mailbox(&town.citizen).await, [sent.statement]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_for_another_log_is_refused() {
    let town = Town::found().await;
    let prepared = prepare(&town.authority, &town.to_citizen()).await.unwrap();
    let parts = submission(&town.authority, &prepared);
    let key = town.authority.daily_key().unwrap();
    let elsewhere = resigned(&prepared, &parts, key, |header| {
        header.context.origin = "other.example/2026".into();
    });
    town.refused_envelope(elsewhere, "other-log").await;
    let later = resigned(&prepared, &parts, key, |header| header.context.epoch += 1);
    town.refused_envelope(later, "other-log").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_only_the_server_says_or_nobody_yet_is_not_taken() {
    let town = Town::found().await;
    let sent = send(&town.authority, &town.to_citizen()).await.unwrap();
    town.refused_statement(sent.receipt.bytes(), "wrong-door")
        .await;
    let mailbox_subject =
        postfach_crypto::statement::Subject::Mailbox(town.citizen.address().unwrap());
    mailbox(&town.citizen).await;
    let head = town.citizen.kept().head(&mailbox_subject).unwrap().unwrap();
    assert_ne!(head.head, ListHead::EMPTY);
    town.refused_statement(head.bytes(), "wrong-door").await;
    let mandate = Mandate {
        context: town.citizen.context(),
        principal: town.citizen.address().unwrap(),
        delegate: town.authority.address().unwrap(),
        scope: vec![MandateScope::ALL[0]],
        until: UnixMillis(codec::MAX_INTEGER),
        ext: None,
    };
    let mandate = Signed::sign(mandate, town.citizen.keys().identity().unwrap()).unwrap();
    town.refused_statement(mandate.bytes(), "wrong-door").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn oversize_statements_and_submissions_are_refused() {
    let town = Town::found().await;
    town.refused_statement(&vec![0; MAX_STATEMENT + 1], "too-large")
        .await;
    town.refused_envelope(vec![0; postfach::service::MAX_SUBMISSION + 1], "too-large")
        .await;
    // Within the body limit, but the statement inside is too long.
    let prepared = prepare(&town.authority, &town.to_citizen()).await.unwrap();
    let mut parts = submission(&town.authority, &prepared);
    parts.header = vec![0xd2; MAX_STATEMENT + 1];
    town.refused_envelope(codec::encode(&parts), "bad-statement")
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_server_on_the_same_data_folder_is_refused() {
    let town = Town::found().await;
    let folder = town.world.folder();
    let keys = load_operator(&folder.join("keys")).unwrap();
    let second = open_service(&folder.join("data"), &small_store(), keys, None).await;
    let Err(error) = second else {
        panic!("two servers on one folder")
    };
    assert!(matches!(
        error,
        OpenServiceError::Store(OpenError::AlreadyOpen { .. })
    ));
    assert!(error.to_string().contains("stop it first"), "{error}");
    // The first one is none the worse.
    send(&town.authority, &town.to_citizen()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_stores_nothing_and_the_letter_goes_out_later() {
    let mut town = Town::found().await;
    let mut letter = town.to_citizen();
    letter.files = vec![town.file("plan.bin", &vec![3; 300_000])];
    let prepared = prepare(&town.authority, &letter).await.unwrap();
    let full = Options {
        reserve_bytes: u64::MAX,
        ..small_store()
    };
    town.restart(&full, |_| ()).await;
    let before = town.stored().await;
    assert_eq!(
        refusal(deliver(&town.authority, prepared).await),
        "disk-full"
    );
    let small = send(&town.authority, &town.to_citizen()).await;
    assert_eq!(refusal(small), "disk-full");
    assert_eq!(town.stored().await, before);
    assert!(mailbox(&town.citizen).await.is_empty(), "reading goes on");

    town.restart(&small_store(), |_| ()).await;
    let waiting = town.authority.outbox().unwrap();
    assert_eq!(waiting.len(), 2);
    for prepared in waiting {
        deliver(&town.authority, prepared).await.unwrap();
    }
    assert_eq!(mailbox(&town.citizen).await.len(), 2);
}
