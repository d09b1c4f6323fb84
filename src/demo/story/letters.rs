//! Second act: a notice, its reading, a reply, and a decision that must be signed for.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use postfach_crypto::envelope::{Act, Amount, Remedy};
use postfach_crypto::ids::{Address, StatementHash};
use postfach_crypto::statement::{DeliveryClass, Event};

use super::{Cast, Story, letter_to, read};
use crate::calendar::{berlin, calendar_day};
use crate::cli::error::{Explained as _, Failure};
use crate::cli::lang::{self, text};
use crate::client::read::Opened;
use crate::client::send::Letter;
use crate::client::session::Receipted;
use crate::clock;
use crate::demo::documents::{self, DemoFile};
use crate::fold::Notification;

/// How long the demonstration waits for what the server does by itself.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);
/// How often it looks.
pub(super) const POLL: Duration = Duration::from_millis(50);
/// The amount of the notice, in cents.
const DOG_TAX: u64 = 15_000;

impl Story<'_> {
    pub(super) async fn send_notice(&mut self, cast: &Cast) -> Result<Receipted, Failure> {
        let lang = self.lang;
        let today = calendar_day(clock::now());
        let paper = |file: Result<DemoFile, _>| file.map_err(|_| self.broken("PDF"));
        let files = [
            self.write_document(&paper(documents::dog_tax_notice(today))?)?,
            self.write_document(&paper(documents::bylaw_excerpt(today))?)?,
        ];
        let letter = tax_letter(self.address(&cast.citizen)?, files.to_vec());
        let receipted = self.send(&cast.authority, &letter).await?;
        let expected = [Event::SubmissionAcceptance, Event::ContentConsignment];
        self.ensure(
            receipted.receipt.events == expected,
            "receipt of submission",
        )?;
        self.scene(text!(
            lang,
            "Ein Hundesteuerbescheid mit Merkblatt geht verschlüsselt und signiert hinaus; die Quittung kommt mit der Antwort.",
            "A dog-tax notice with a leaflet goes out, encrypted and signed; the receipt comes with the answer."
        ));
        Ok(receipted)
    }

    /// The mail that says that a letter waits: its sending is an event with a receipt, since the
    /// period begins with it (BayDiG Art. 24(2)).
    pub(super) async fn notified(
        &mut self,
        cast: &Cast,
        header: StatementHash,
    ) -> Result<(), Failure> {
        let lang = self.lang;
        let started = Instant::now();
        let sent = loop {
            let delivery = cast.citizen.delivery(header).await.explained(lang)?;
            if delivery.notification() == Some(Notification::Sent) {
                break delivery;
            }
            self.ensure(started.elapsed() < PATIENCE, "no notification was sent")?;
            tokio::time::sleep(POLL).await;
        };
        let receipted = sent.has(Event::ConsignmentNotification);
        self.ensure(receipted, "the notification has no receipt")?;
        let mut mails = std::fs::read_dir(self.stage.mails()).explained(lang)?;
        let mail = mails.next().ok_or_else(|| self.broken("mail"))?;
        let mail = read(&mail.explained(lang)?.path(), lang)?;
        let mail = String::from_utf8_lossy(&mail).into_owned();
        let silent = !mail.contains("Hundesteuer") && !mail.contains("Postbauer");
        self.ensure(silent, "the notification says too much")?;
        self.scene(text!(
            lang,
            "Eine E-Mail sagt ihr, dass etwas wartet – nicht von wem und nicht was. Ihr Versand ist quittiert: Mit ihm beginnt die Frist.",
            "An e-mail tells her that something waits – not from whom and not what. Its sending is receipted: the period begins with it."
        ));
        Ok(())
    }

    pub(super) async fn read_notice(
        &mut self,
        cast: &Cast,
        header: StatementHash,
    ) -> Result<Opened, Failure> {
        let lang = self.lang;
        let folder = self.folder("citizen-saved")?;
        let opened = cast
            .citizen
            .open_letter(header, &folder, &mut |_, _| ())
            .await
            .explained(lang)?;
        for file in &opened.files {
            let name = file.file_name().unwrap_or_default();
            let same =
                read(file, lang)? == read(&self.stage.folder.join("documents").join(name), lang)?;
            self.ensure(same, "attachment")?;
        }
        let remedy = opened
            .manifest
            .act
            .as_ref()
            .and_then(|act| act.remedy.as_ref());
        let until = remedy.and_then(|remedy| remedy.until.clone());
        let until = until.ok_or_else(|| self.broken("remedy"))?;
        let day = lang::day(lang, &until);
        self.scene(text!(
            lang,
            "Sie liest ihn, Anlagen Byte für Byte gleich, und sieht: „Klage bis {day}“ – so gibt es die Behörde an.",
            "She reads it, attachments equal byte for byte, and sees: \"Klage (appeal) by {day}\" – as the authority states it."
        ));
        Ok(opened)
    }

    pub(super) async fn reply(&mut self, cast: &Cast, opened: &Opened) -> Result<(), Failure> {
        let lang = self.lang;
        let certificate = documents::rabies_certificate(calendar_day(clock::now()))
            .map_err(|_| self.broken("PDF"))?;
        let letter = Letter {
            subject: "Bello ist geimpft".into(),
            text: "Guten Tag, anbei der Impfnachweis. Mit freundlichen Grüßen, Maria Huber".into(),
            files: vec![self.write_document(&certificate)?],
            in_reply_to: Some(opened.header.hash()),
            ..letter_to(opened.header.sender)
        };
        let sent = self.send(&cast.citizen, &letter).await?;
        let folder = self.folder("authority-saved")?;
        let read = cast
            .authority
            .open_letter(sent.statement, &folder, &mut |_, _| ())
            .await
            .explained(lang)?;
        let fits = read.manifest.in_reply_to == Some(opened.header.hash()) && read.files.len() == 1;
        self.ensure(fits, "reply")?;
        self.scene(text!(
            lang,
            "Sie antwortet mit dem Impfnachweis; auch sie bekommt eine Quittung, und die Behörde liest die Antwort.",
            "She replies with the vaccination record; she too gets a receipt, and the authority reads the reply."
        ));
        Ok(())
    }

    pub(super) async fn registered(&mut self, cast: &Cast) -> Result<StatementHash, Failure> {
        let lang = self.lang;
        let today = calendar_day(clock::now());
        let order = documents::leash_order(today, today).map_err(|_| self.broken("PDF"))?;
        let files = vec![self.write_document(&order)?];
        let letter = leash_letter(self.address(&cast.citizen)?, files);
        let sent = self.send(&cast.authority, &letter).await?;
        let inbox = cast.citizen.inbox().await.explained(lang)?;
        let item = inbox
            .iter()
            .find(|item| item.header.hash() == sent.statement);
        let withheld = item.is_some_and(|item| item.subject.is_none() && item.registered());
        self.ensure(withheld, "registered mail is readable before the signature")?;
        let folder = self.folder("citizen-saved")?;
        let opened = cast
            .citizen
            .open_letter(sent.statement, &folder, &mut |_, _| ())
            .await
            .explained(lang)?;
        let handed = opened.handover.receipt.events == [Event::ContentHandover];
        self.ensure(handed && opened.files.len() == 1, "handover")?;
        self.scene(text!(
            lang,
            "Eine förmliche Zustellung bleibt verschlossen, bis Frau Huber den Empfang unterschreibt; Übergabe und Öffnung sind quittiert.",
            "A registered decision stays closed until Ms Huber signs for it; handover and opening are receipted."
        ));
        Ok(sent.statement)
    }
}

/// The dog-tax notice with its leaflet.
pub(super) fn tax_letter(recipient: Address, files: Vec<PathBuf>) -> Letter {
    Letter {
        legal_rule: Some("BayDiG-24-2".into()),
        subject: "Hundesteuerbescheid".into(),
        text: "Guten Tag,\n\nanbei Ihr Hundesteuerbescheid mit Merkblatt.\n\nMit freundlichen Grüßen\nMarkt Postbauer-Heng".into(),
        files,
        act: Some(Act {
            kind: "Hundesteuerbescheid".into(),
            file_number: "925-4711".into(),
            remedy: Some(Remedy {
                kind: "Klage".into(),
                body: "Bayerisches Verwaltungsgericht Regensburg".into(),
                period: "ein Monat nach Bekanntgabe".into(),
                rule: "VwGO § 74".into(),
                until: Some(remedy_day()),
            }),
            amount: Some(Amount {
                minor_units: DOG_TAX,
                currency: "EUR".into(),
            }),
            contact: Some("Steueramt".into()),
        }),
        ..letter_to(recipient)
    }
}

/// The order that must be signed for.
pub(super) fn leash_letter(recipient: Address, files: Vec<PathBuf>) -> Letter {
    Letter {
        class: DeliveryClass::Registered,
        legal_rule: Some("BayDiG-25".into()),
        subject: "Anordnung: Leinenpflicht".into(),
        files,
        ..letter_to(recipient)
    }
}

/// The last day that the authority states: a month after the fourth day, moved past a weekend.
fn remedy_day() -> String {
    use jiff::ToSpan as _;
    let mut day = berlin(clock::now())
        .date()
        .saturating_add(4.days())
        .saturating_add(1.month());
    while day.weekday().to_monday_zero_offset() >= 5 {
        day = day.saturating_add(1.days());
    }
    day.to_string()
}
