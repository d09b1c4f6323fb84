//! What comes back later changes what is known: reports dropped into the spool.

use std::path::{Path, PathBuf};

use postfach::fold::Notification;
use postfach::notify::settings::{Settings, TransportSettings};
use postfach_crypto::ids::StatementHash;
use postfach_crypto::statement::Reason;

use crate::post::{
    MailServer, Running, assert_state, letter, letter_to, no_options, seen, settings, until,
};
use crate::town::Town;

/// A report as mail systems write it (RFC 3464, appendix A).
fn report(to: &str, action: &str) -> String {
    format!(
        "Return-Path: <>\r\nDelivered-To: {to}\r\nFrom: MAILER-DAEMON@mail.example\r\nTo: {to}\r\n\
         Subject: Undelivered Mail Returned to Sender\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/report; report-type=delivery-status;\r\n\tboundary=\"=_1\"\r\n\r\n\
         --=_1\r\nContent-Type: text/plain\r\n\r\nYour mail.\r\n\r\n\
         --=_1\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mail.example\r\n\r\n\
         Final-Recipient: rfc822; m@mail.example\r\nAction: {action}\r\nStatus: 5.1.1\r\n\r\n\
         --=_1\r\nContent-Type: text/rfc822-headers\r\n\r\nSubject: Eine Nachricht\r\n\r\n--=_1--\r\n"
    )
}

/// A town with a notified letter, its return path, and a spool.
struct Setting {
    town: Town,
    post: MailServer,
    notifier: Running,
    spool: PathBuf,
    header: StatementHash,
    path: String,
}

impl Setting {
    async fn new() -> Self {
        let (town, post) = (Town::found().await, MailServer::start(&no_options()));
        let spool = town.folder.path().join("spool");
        let notifier = Running::start(&town, with_spool(&post, &spool));
        let header = letter_to(&town, "m@mail.example").await;
        notifier.until_ended("sent", 1).await;
        let path = post.taken_once(1).await[0]["from"]
            .as_str()
            .unwrap()
            .to_owned();
        Self {
            town,
            post,
            notifier,
            spool,
            header,
            path,
        }
    }

    /// As a mail system delivers into a Maildir: written elsewhere, then renamed.
    fn drop_in(&self, name: &str, bytes: &[u8]) {
        let unfinished = self.spool.join("tmp").join(name);
        std::fs::create_dir_all(self.spool.join("tmp")).unwrap();
        std::fs::write(&unfinished, bytes).unwrap();
        std::fs::rename(unfinished, self.spool.join("new").join(name)).unwrap();
    }

    async fn until_empty(&self) {
        until("the spool is empty", || files(&self.spool.join("new")) == 0).await;
    }
}

fn with_spool(post: &MailServer, spool: &Path) -> Settings {
    Settings {
        spool: Some(spool.to_owned()),
        ..settings(TransportSettings::Smtp(post.plain()))
    }
}

fn files(folder: &Path) -> usize {
    std::fs::read_dir(folder).map_or(0, Iterator::count)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bounce_changes_what_is_known_once() {
    let setting = Setting::new().await;
    let bounce = report(&setting.path, "failed");
    setting.drop_in("1", bounce.as_bytes());
    setting.notifier.until_ended("returned", 1).await;
    let reason = Some(Reason::NotificationReturned);
    let delivery = seen(&setting.town, setting.header).await;
    assert_state(&delivery, Some(Notification::Failed), reason);
    assert_eq!(delivery.receipts.len(), 3);
    // The same again, as after a crash between record and removal, says nothing new.
    setting.drop_in(
        "2",
        bounce
            .to_uppercase()
            .replace("REPORT-TYPE", "report-type")
            .as_bytes(),
    );
    setting.drop_in("3", bounce.as_bytes());
    setting.until_empty().await;
    assert_eq!(seen(&setting.town, setting.header).await.receipts.len(), 3);
    assert_eq!(setting.notifier.ended("returned"), 1);
    setting.notifier.stop().await;
    assert_eq!(setting.post.taken_once(1).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn delays_say_nothing_and_arrivals_do() {
    let setting = Setting::new().await;
    for (name, action) in [("1", "delayed"), ("2", "relayed"), ("3", "expanded")] {
        setting.drop_in(name, report(&setting.path, action).as_bytes());
    }
    setting.until_empty().await;
    assert_state(
        &seen(&setting.town, setting.header).await,
        Some(Notification::Sent),
        None,
    );
    setting.drop_in("4", report(&setting.path, "delivered").as_bytes());
    setting.notifier.until_ended("delivered", 1).await;
    let state = Some(Notification::Delivered);
    assert_state(&seen(&setting.town, setting.header).await, state, None);
    setting.notifier.stop().await;
    assert_eq!(files(&setting.spool.join("aside")), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn forged_foreign_and_oversized_files_change_nothing() {
    let setting = Setting::new().await;
    let other = letter(&setting.town).await;
    setting.notifier.until_ended("sent", 2).await;
    let last = setting.path.find('@').unwrap() - 1;
    let mut forged = setting.path.clone().into_bytes();
    forged[last] = if forged[last] == b'0' { b'1' } else { b'0' };
    let forged = String::from_utf8(forged).unwrap();
    let good = report(&setting.path, "failed");
    setting.drop_in("1-forged", report(&forged, "failed").as_bytes());
    setting.drop_in(
        "2-unknown",
        report(
            &format!("bounce+{}@mailbox.example", "0".repeat(36)),
            "failed",
        )
        .as_bytes(),
    );
    setting.drop_in(
        "3-elsewhere",
        good.replace("@mailbox.", "@other.").as_bytes(),
    );
    setting.drop_in(
        "4-oversized",
        (good.clone() + &"x".repeat(256 * 1024)).as_bytes(),
    );
    setting.drop_in(
        "5-vacation",
        good.replace("delivery-status;", "x;").as_bytes(),
    );
    setting.drop_in("6-garbage", &[0xff; 1000]);
    setting.drop_in("7-empty", b"");
    std::os::unix::fs::symlink("/etc/hostname", setting.spool.join("new/8-link")).unwrap();
    setting.until_empty().await;
    assert_eq!(files(&setting.spool.join("aside")), 8);
    assert_eq!(setting.notifier.status.unknown_reports.get(), 8);
    for header in [setting.header, other] {
        let delivery = seen(&setting.town, header).await;
        assert_state(&delivery, Some(Notification::Sent), None);
    }
    setting.notifier.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bounce_waits_while_nobody_looks() {
    let Setting {
        mut town,
        post,
        notifier,
        spool,
        header,
        path,
    } = Setting::new().await;
    notifier.stop().await;
    std::fs::write(spool.join("new/1"), report(&path, "failed")).unwrap();
    town.restart(&crate::support::small_store(), |_| ()).await;
    let notifier = Running::start(&town, with_spool(&post, &spool));
    notifier.until_ended("returned", 1).await;
    let reason = Some(Reason::NotificationReturned);
    assert_state(
        &seen(&town, header).await,
        Some(Notification::Failed),
        reason,
    );
    notifier.stop().await;
}
