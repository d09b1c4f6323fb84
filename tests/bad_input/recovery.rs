//! Recovery by the sheet: lost and stolen keys, wrong and used sheets, interruptions.

use std::process::{Command, Stdio};

use postfach::client::enrol::NewParty;
use postfach::client::error::ClientError;
use postfach::client::http::{Http, Signer};
use postfach::client::keyfile::{self, Protection};
use postfach::client::profile::{Profile, ProfileKind};
use postfach::client::recovery::{Recovery, begun, complete};
use postfach::client::session::{Session, new_context};
use postfach::entropy::entropy;
use postfach_crypto::enrolment::RecoverySecret;
use postfach_crypto::ids::{Address, StatementHash};
use postfach_crypto::statement::{ConsentClass, Signed};
use serde_json::Value;

use crate::relay::Fate;
use crate::town::{Town, letter_to, mailbox, open, refusal, reopened, send, session};

/// A bound citizen whose recovery secret the test knows.
async fn recoverable(town: &mut Town) -> (Session, RecoverySecret) {
    let new = NewParty::generate();
    let home = town.folder.path().join("recoverable");
    let keys = new.keys.clone();
    let session = session(&town.world, &home, ProfileKind::Citizen, keys, new.address).await;
    let statement = new
        .key_statement(new_context(session.profile().settings()))
        .unwrap();
    session.register(&statement).await.unwrap();
    let invitation = town.letter("4720");
    session.claim(&invitation).await.unwrap();
    town.answer().await;
    (session, new.recovery)
}

async fn prepared(person: &Session, secret: &RecoverySecret) -> Result<Recovery, ClientError> {
    let address = person.address().unwrap();
    let openers = person.keys().age_identities();
    Recovery::prepare(person.profile().settings(), address, secret, openers).await
}

/// How `postfach key recover` ended on a new device, and what it printed.
fn recover(town: &Town, home: &str, address: Address, secret: &RecoverySecret) -> (i32, Value) {
    let settings = town.citizen.profile().settings();
    let folder = town.folder.path();
    std::fs::write(folder.join("secret"), secret.to_text().as_bytes()).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_postfach"));
    command
        .current_dir(folder)
        .env_clear()
        .env("HOME", folder)
        .env("POSTFACH_LANG", "en")
        .stdin(Stdio::null())
        .args(["--json", "--home", home, "key", "recover"])
        .args(["--service", &settings.service])
        .args(["--address", &address.to_string()])
        .args([
            "--root",
            &StatementHash(settings.operator_root.0).to_string(),
        ])
        .arg("--ca")
        .arg(settings.ca_file.as_ref().unwrap())
        .args(["--key-file", "machine", "--secret-file", "secret"])
        .args(["--sheet", &format!("{home}.pdf")]);
    let output = tokio::task::block_in_place(|| command.output().unwrap());
    let printed = if output.status.success() {
        &output.stdout
    } else {
        &output.stderr
    };
    let last = String::from_utf8_lossy(printed)
        .lines()
        .last()
        .unwrap_or_default()
        .to_owned();
    let value = serde_json::from_str(&last).unwrap_or_else(|_| panic!("{output:?}"));
    (output.status.code().unwrap(), value)
}

/// The party that lies in a folder which the program wrote.
async fn opened(town: &Town, home: &str) -> Session {
    let profile = Profile::open(&town.folder.path().join(home)).unwrap();
    let keyfile::KeyFile::Open(keys) = keyfile::KeyFile::read(&profile.keys_path()).unwrap() else {
        panic!("not a machine's key file");
    };
    Session::open(profile, keys).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_device_is_replaced_by_the_sheet_alone() {
    let mut town = Town::strangers().await;
    let (person, sheet) = recoverable(&mut town).await;
    let address = person.address().unwrap();
    let old = send(&town.authority, &letter_to(address)).await.unwrap();

    let (exit, done) = recover(&town, "new", address, &sheet);
    assert_eq!(exit, 0, "{done}");
    assert_eq!(done["key_statement"], 1);
    assert_eq!(done["old_mail_readable"], false);
    assert!(town.folder.path().join("new.pdf").exists());
    // The thief, or finder, is out.
    assert_eq!(refusal(person.inbox().await), "not-allowed");

    let recovered = opened(&town, "new").await;
    assert_eq!(recovered.address().unwrap(), address);
    // Who is bound stays bound, and consents go on.
    let authority = town.authority.address().unwrap();
    recovered
        .consent(Some(authority), ConsentClass::Notification, "text")
        .await
        .unwrap();
    let sent = send(&town.authority, &letter_to(address)).await.unwrap();
    assert_eq!(mailbox(&recovered).await, [old.statement, sent.statement]);
    let folder = town.saved("recovered");
    open(&recovered, sent.statement, &folder).await.unwrap();
    // What was sealed to the lost keys stays closed, and the sender learns of it.
    assert!(matches!(
        open(&recovered, old.statement, &folder).await,
        Err(ClientError::NotDecryptable)
    ));
    let inbox = recovered.inbox().await.unwrap();
    assert_eq!(inbox[0].subject, None);
    assert_eq!(inbox[1].subject.as_deref(), Some("Bescheid"));
    let told = town.authority.delivery(old.statement).await.unwrap();
    assert_eq!(told.failures.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_or_used_sheet_recovers_nothing_and_leaves_nothing() {
    let mut town = Town::strangers().await;
    let (person, sheet) = recoverable(&mut town).await;
    let address = person.address().unwrap();
    let before = town.stored().await;
    let foreign = NewParty::generate();
    let unknown = NewParty::generate().address;
    for (address, secret) in [
        (address, &foreign.recovery),
        (town.citizen.address().unwrap(), &sheet),
        (town.authority.address().unwrap(), &sheet), // whose keys are public
        (unknown, &sheet),
    ] {
        let (exit, failure) = recover(&town, "nobody", address, secret);
        assert_eq!(exit, 1, "{failure}");
        assert!(failure["what"].as_str().unwrap().contains("recovery sheet"));
        assert!(!town.folder.path().join("nobody").exists());
        assert!(!town.folder.path().join("nobody.pdf").exists());
    }
    assert_eq!(town.stored().await, before);

    assert_eq!(recover(&town, "first", address, &sheet).0, 0);
    let (exit, failure) = recover(&town, "second", address, &sheet);
    assert_eq!(exit, 1, "{failure}");
    assert!(!town.folder.path().join("second").exists());
    // The same command again on the recovered device is no second recovery.
    let (exit, again) = recover(&town, "first", address, &sheet);
    assert_eq!(exit, 0, "{again}");
    assert_eq!(again["repeated"], true);
    assert_eq!(again["key_statement"], 1);
    // Another address in a folder that has a profile is a mistake.
    let (exit, failure) = recover(&town, "first", unknown, &sheet);
    assert_eq!(exit, 2, "{failure}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recovery_key_reads_its_own_keys_and_nothing_else() {
    let mut town = Town::strangers().await;
    let (person, sheet) = recoverable(&mut town).await;
    let address = person.address().unwrap();
    let sent = send(&town.authority, &letter_to(address)).await.unwrap();
    let settings = person.profile().settings();
    let http = Http::new(&settings.service, settings.ca_file.as_deref()).unwrap();
    let key = sheet.recovery_key();
    let signer = Signer { address, key: &key };
    let own = format!("/v1/parties/{address}");
    http.get::<Value>(&own, Some(signer)).await.unwrap();
    let authority = town.authority.address().unwrap();
    let stranger = town.citizen.address().unwrap();
    for (path, code) in [
        (format!("/v1/parties/{address}/record"), "not-allowed"),
        (format!("/v1/parties/{address}/claims"), "not-allowed"),
        (
            format!("/v1/relations/{address}/{authority}"),
            "not-allowed",
        ),
        (format!("/v1/mailboxes/{address}/envelopes"), "not-allowed"),
        (format!("/v1/mailboxes/{address}/sent"), "not-allowed"),
        (format!("/v1/envelopes/{}", sent.statement), "not-allowed"),
        (format!("/v1/parties/{stranger}"), "unknown-party"),
    ] {
        let answer = http.get::<Value>(&path, Some(signer)).await;
        assert_eq!(refusal(answer), code, "{path}");
    }
    let other = Signer {
        address: stranger,
        key: &key,
    };
    let answer = http.get::<Value>(&own, Some(other)).await;
    assert_eq!(refusal(answer), "not-allowed");
    // Once it is used it reads nothing.
    let recovery = prepared(&person, &sheet).await.unwrap();
    town.submit_statement(recovery.statement.bytes())
        .await
        .unwrap();
    let answer = http.get::<Value>(&own, Some(signer)).await;
    assert_eq!(refusal(answer), "not-allowed");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_recovery_is_completed_by_the_same_command() {
    let mut town = Town::strangers().await;
    let (person, sheet) = recoverable(&mut town).await;
    let address = person.address().unwrap();
    // The server took the statement, and the answer never came.
    town.relay
        .tamper(|method, target, body| match (method, target) {
            ("POST", "/v1/statements") => Fate::Cut,
            _ => Fate::Answer(body),
        });
    let (exit, failure) = recover(&town, "new", address, &sheet);
    assert_eq!(exit, 3, "{failure}");
    let stored = town.stored().await;
    let written = std::fs::read(town.folder.path().join("new.pdf")).unwrap();
    town.relay.behave();
    let (exit, done) = recover(&town, "new", address, &sheet);
    assert_eq!(exit, 0, "{done}");
    assert_eq!(done["repeated"], true);
    assert_eq!(done["key_statement"], 1);
    assert_eq!(town.stored().await, stored, "the same statement, once");
    // The sheet of the first attempt is the one that counts.
    let sheet_now = std::fs::read(town.folder.path().join("new.pdf")).unwrap();
    assert_eq!(sheet_now, written);
    let sent = send(&town.authority, &letter_to(address)).await.unwrap();
    let recovered = opened(&town, "new").await;
    open(&recovered, sent.statement, &town.saved("recovered"))
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recovery_interrupted_before_its_keys_were_written_begins_again() {
    let mut town = Town::strangers().await;
    let (person, sheet) = recoverable(&mut town).await;
    let address = person.address().unwrap();
    let mut settings = person.profile().settings().clone();
    settings.name = None;
    let home = town.folder.path().join("new");
    drop(Profile::create(&home, settings).unwrap());
    std::fs::write(town.folder.path().join("new.pdf"), "half a sheet").unwrap();
    let (exit, done) = recover(&town, "new", address, &sheet);
    assert_eq!(exit, 0, "{done}");
    let written = std::fs::read(town.folder.path().join("new.pdf")).unwrap();
    assert!(written.starts_with(b"%PDF"));
    // On a device without profile a file that stands there may be the sheet that is needed.
    let (exit, failure) = {
        std::fs::write(town.folder.path().join("other.pdf"), "precious").unwrap();
        let (person, sheet) = (&town.citizen, RecoverySecret::generate(&mut entropy()));
        recover(&town, "other", person.address().unwrap(), &sheet)
    };
    assert_eq!(exit, 1, "{failure}");
    let kept = std::fs::read(town.folder.path().join("other.pdf")).unwrap();
    assert_eq!(kept, b"precious");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recovery_that_lay_too_long_is_signed_again_with_the_same_new_sheet() {
    let mut town = Town::strangers().await;
    let (person, sheet) = recoverable(&mut town).await;
    let address = person.address().unwrap();
    let mut recovery = prepared(&person, &sheet).await.unwrap();
    let mut old = recovery.statement.payload().clone();
    old.context.time.0 -= 24 * 60 * 60 * 1000;
    let old = old.with_possession(recovery.keys.identity().unwrap());
    recovery.statement = Signed::sign(old, &sheet.recovery_key()).unwrap();
    let home = town.folder.path().join("new");
    let settings = person.profile().settings().clone();
    let (profile, lock) = Profile::create(&home, settings).unwrap();
    recovery.keep(&profile).unwrap();
    let (path, protection) = (profile.keys_path(), Protection::Permissions);
    keyfile::create(&path, &recovery.keys, &protection, &mut entropy()).unwrap();
    drop(lock);
    // Meanwhile the thief changed the keys too; the sheet still decides.
    let (statement, _) = person.rotation().await.unwrap();
    person.submit(&statement).await.unwrap();

    // Without the sheet nobody can go on, and the person is told so.
    let waiting = Session::open(profile.clone(), recovery.keys.clone()).await;
    assert!(matches!(waiting, Err(ClientError::UnfinishedRecovery)));
    let foreign = RecoverySecret::generate(&mut entropy());
    let refused = complete(profile.clone(), recovery.keys.clone(), &foreign).await;
    assert!(matches!(refused, Err(ClientError::ForeignSheet)));
    assert!(begun(&profile, &recovery.keys, &foreign).unwrap().is_none());

    let recovered = complete(profile, recovery.keys, &sheet).await.unwrap();
    let me = recovered.party(address).await.unwrap();
    assert_eq!(me.party.current().number, 2);
    assert!(
        me.party
            .recovers(&recovery.sheet.recovery_key().verifying_key())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_recovery_sheet_replaces_all_keys_and_a_wrong_one_none() {
    let mut town = Town::strangers().await;
    let (person, sheet) = recoverable(&mut town).await;
    let to_person = letter_to(person.address().unwrap());
    let before = send(&town.authority, &to_person).await.unwrap();

    // A sheet of somebody else: no look-up with it, and no statement.
    let wrong = RecoverySecret::generate(&mut entropy());
    assert!(matches!(
        prepared(&person, &wrong).await,
        Err(ClientError::ForeignSheet)
    ));
    let recovery = prepared(&person, &sheet).await.unwrap();
    let mut forged = recovery.statement.payload().clone();
    forged.recovered_with = Some(wrong.recovery_key().verifying_key());
    let forged = forged.with_possession(recovery.keys.identity().unwrap());
    let forged = Signed::sign(forged, &wrong.recovery_key()).unwrap();
    town.refused_statement(forged.bytes(), "key-history").await;

    recovery.keep(person.profile()).unwrap();
    let recovered = reopened(&person, recovery.keys).await;
    assert_eq!(recovered.address().unwrap(), person.address().unwrap());
    assert_eq!(refusal(person.inbox().await), "not-allowed");
    let sent = send(&town.authority, &to_person).await.unwrap();
    let folder = town.saved("recovered");
    for letter in [before, sent] {
        open(&recovered, letter.statement, &folder).await.unwrap();
    }

    // The old sheet is worth nothing now, the new one is.
    assert!(prepared(&recovered, &sheet).await.is_err());
    let once_more = prepared(&recovered, &recovery.sheet).await.unwrap();
    town.submit_statement(once_more.statement.bytes())
        .await
        .unwrap();
}
