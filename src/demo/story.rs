//! The scenes, in order. Each does the real thing, checks it, and says one plain sentence.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use postfach_crypto::enrolment::{ActivationCode, Invitation};
use postfach_crypto::envelope::{Act, Amount, Remedy};
use postfach_crypto::evidence::{Evidence, Policy, Verdict, verify};
use postfach_crypto::ids::{Address, StatementHash};
use postfach_crypto::statement::{ConsentClass, DeliveryClass, Event};

use super::documents::{self, DemoFile};
use super::keepsakes;
use super::lying::{Lie, LyingOperator};
use super::stage::{ORIGIN, ServerProcess, Stage};
use crate::calendar::{berlin, calendar_day, end_of_day_after};
use crate::cli::context::Context;
use crate::cli::error::{Exit, Explain as _, Explained as _, Failure};
use crate::cli::lang::{self, Language, text};
use crate::cli::letter::compose;
use crate::cli::party::consent_text;
use crate::cli::serve::KEYS;
use crate::client::book::{Book, IssuedLetter, NewEntry, PostalAddress};
use crate::client::enrol::{ClaimOutcome, NewParty, certify, learn_service, note_address};
use crate::client::error::{ClientError, Dishonest};
use crate::client::evidence::Content;
use crate::client::keyfile::{self, Protection};
use crate::client::lists::OwnList;
use crate::client::profile::{KeyFileKind, Profile, ProfileKind, Settings};
use crate::client::read::Opened;
use crate::client::send::Letter;
use crate::client::session::{Receipted, Session, new_context};
use crate::paper::{Language as PaperLanguage, activation_letter};
use crate::server::operator::{certification_key, load_operator};
use crate::server::tls::{ServerCertificate, server_config};
use crate::{clock, entropy};

/// Bytes of the attachment during whose upload the server is killed.
const LARGE_FILE: usize = 24 << 20;
/// The amount of the notice, in cents.
const DOG_TAX: u64 = 15_000;
/// Postage of a standard letter (Deutsche Post, since 2025), in cents.
const POSTAGE: u64 = 95;
/// Milliseconds of two years.
const TWO_YEARS: u64 = 2 * 365 * 24 * 60 * 60 * 1000;

/// A demonstration under way.
pub(super) struct Story<'a> {
    context: &'a Context,
    lang: Language,
    stage: Stage,
    server: Option<ServerProcess>,
    scene: u32,
    started: Instant,
}

/// The parties on the stage.
struct Cast {
    authority: Session,
    citizen: Session,
    book: Book,
}

impl<'a> Story<'a> {
    pub(super) fn begin(folder: &Path, context: &'a Context) -> Result<Self, Failure> {
        let lang = context.lang();
        Ok(Self {
            context,
            lang,
            stage: Stage::set(folder, lang)?,
            server: None,
            scene: 0,
            started: Instant::now(),
        })
    }

    /// Tells the story from beginning to end.
    pub(super) async fn tell(&mut self) -> Result<(), Failure> {
        let lang = self.lang;
        self.server = Some(self.stage.start_server().await?);
        self.scene(text!(
            lang,
            "Der Betreiber startet den Server; er hat keinen Schlüssel, der Post öffnet.",
            "The operator starts the server; it has no key that opens mail."
        ));
        let authority = self.authority().await?;
        let (mut cast, invitation) = self.letter(authority).await?;
        self.enrol(&mut cast, &invitation).await?;
        let notice = self.send_notice(&cast).await?;
        let opened = self.read_notice(&cast, notice.statement).await?;
        self.reply(&cast, &opened).await?;
        let order = self.registered(&cast).await?;
        self.power_cut(&mut cast).await?;
        let evidence = self.evidence(&cast, &[notice.statement, order]).await?;
        keepsakes::keep(&self.stage.folder, &cast.citizen, lang).await?;
        self.lies(&cast, order).await?;
        self.stranger(&evidence)?;
        self.what_the_operator_saw(&cast, order)?;
        Ok(())
    }

    /// Starts the server again, for people who want to go on.
    pub(super) async fn serve_on(&mut self) -> Result<(), Failure> {
        if self.server.is_none() {
            self.server = Some(self.stage.start_server().await?);
        }
        Ok(())
    }

    /// Says a scene's sentence with the time that it took.
    fn scene(&mut self, sentence: impl AsRef<str>) {
        self.scene += 1;
        let elapsed = lang::elapsed(self.lang, self.started.elapsed());
        let number = self.scene;
        self.context
            .ui
            .say(format!("{number:>2}. {} ({elapsed})", sentence.as_ref()));
        self.started = Instant::now();
    }

    fn ensure(&self, holds: bool, what: &str) -> Result<(), Failure> {
        if holds {
            Ok(())
        } else {
            Err(self.broken(what))
        }
    }

    fn broken(&self, what: &str) -> Failure {
        Failure::new(
            Exit::Refused,
            text!(
                self.lang,
                "die Vorführung stimmt nicht: {what}",
                "the demonstration does not hold: {what}"
            ),
            text!(
                self.lang,
                "dem Projekt melden, mit --keep aufbewahren",
                "report it to the project, with --keep"
            ),
        )
    }

    async fn settings(&self, kind: ProfileKind, name: &str) -> Result<Settings, Failure> {
        let ca = &self.stage.tls.authority;
        let (info, root) = learn_service(&self.stage.service(), Some(ca), None)
            .await
            .explained(self.lang)?;
        Ok(Settings {
            kind,
            key_file: KeyFileKind::Permissions,
            service: self.stage.service(),
            origin: info.origin,
            epoch: info.epoch,
            operator_root: root,
            address: None,
            name: Some(name.to_owned()),
            ca_file: Some(ca.clone()),
        })
    }

    /// Makes keys and registers a party.
    async fn party(&self, folder: &str, settings: Settings) -> Result<Session, Failure> {
        let lang = self.lang;
        let home = self.stage.folder.join(folder);
        let (mut profile, lock) = Profile::create(&home, settings).explained(lang)?;
        drop(lock);
        let party = NewParty::generate();
        let (path, mut rng) = (profile.keys_path(), entropy::entropy());
        keyfile::create(&path, &party.keys, &Protection::Permissions, &mut rng).explained(lang)?;
        note_address(&mut profile, party.address).explained(lang)?;
        let statement = party
            .key_statement(new_context(profile.settings()))
            .explained(lang)?;
        let session = Session::open(profile, party.keys).await.explained(lang)?;
        session.register(&statement).await.explained(lang)?;
        Ok(session)
    }

    async fn authority(&mut self) -> Result<Session, Failure> {
        let lang = self.lang;
        let settings = self
            .settings(ProfileKind::Authority, documents::AUTHORITY)
            .await?;
        let session = self.party("authority", settings.clone()).await?;
        let keys = self.stage.data().join(KEYS);
        let key = certification_key(&keys).map_err(|error| self.broken(&error.to_string()))?;
        let code = documents::AUTHORITY_AGS.parse();
        let code = code.map_err(|_| self.broken("AGS"))?;
        let address = session.address().explained(lang)?;
        let until = postfach_crypto::ids::UnixMillis(clock::now().0 + TWO_YEARS);
        certify(&settings, &key, address, documents::AUTHORITY, code, until)
            .await
            .explained(lang)?;
        self.scene(text!(
            lang,
            "{} macht eigene Schlüssel, und der Betreiber beglaubigt öffentlich, wem sie gehören.",
            "{} makes its own keys, and the operator certifies in public whose they are.",
            documents::AUTHORITY
        ));
        Ok(session)
    }

    /// The authority writes the letter; the citizen's half of the cast enters with it.
    async fn letter(&mut self, authority: Session) -> Result<(Cast, Invitation), Failure> {
        let lang = self.lang;
        let mut book = Book::new();
        let postal = PostalAddress {
            street: "Musterweg 12".into(),
            postcode: "92353".into(),
            city: "Postbauer-Heng".into(),
        };
        let person = NewEntry {
            reference: documents::REFERENCE.into(),
            name: documents::CITIZEN.into(),
            birth_date: "1948-04-12".into(),
            postal,
        };
        book.add(person, &mut entropy::entropy()).explained(lang)?;
        let settings = authority.profile().settings();
        let invitation = Invitation {
            service: settings.service.clone(),
            issuer: authority.address().explained(lang)?,
            root: settings.operator_root,
            code: ActivationCode::generate(&mut entropy::entropy()),
        };
        let issued_letter = IssuedLetter {
            code: invitation.code.clone(),
            issued: clock::now(),
            expires: end_of_day_after(clock::now(), 30),
        };
        let person = book.by_reference(documents::REFERENCE);
        let person = person.ok_or_else(|| self.broken("address book"))?;
        let head = documents::letterhead("Bürgerbüro");
        let line = documents::return_line().to_owned();
        let letter = compose(&invitation, &issued_letter, person, head, line);
        let pdf = activation_letter(&letter, PaperLanguage::German)
            .map_err(|error| self.broken(&error.to_string()))?;
        self.write("letter-4711.pdf", &pdf)?;
        book.issue_letter(documents::REFERENCE, issued_letter)
            .explained(lang)?;
        self.save_book(&authority, &book)?;
        self.scene(text!(
            lang,
            "{} schreibt den Brief an Kassenzeichen 4711 (letter-4711.pdf, mit Code und QR-Code).",
            "{} writes the letter to reference 4711 (letter-4711.pdf, with code and QR code).",
            documents::AUTHORITY
        ));
        let settings = Settings {
            operator_root: invitation.root, // the letter is the trust anchor
            ..self
                .settings(ProfileKind::Citizen, documents::CITIZEN)
                .await?
        };
        let citizen = self.party("citizen", settings).await?;
        let cast = Cast {
            authority,
            citizen,
            book,
        };
        Ok((cast, invitation))
    }

    fn save_book(&self, authority: &Session, book: &Book) -> Result<(), Failure> {
        let own = authority
            .keys()
            .age_identities()
            .iter()
            .map(|key| key.recipient())
            .collect();
        let path = authority.profile().book_path();
        book.save(&path, own, &mut entropy::entropy())
            .explained(self.lang)
    }

    async fn enrol(&mut self, cast: &mut Cast, invitation: &Invitation) -> Result<(), Failure> {
        let lang = self.lang;
        cast.citizen.claim(invitation).await.explained(lang)?;
        let outcomes = cast
            .authority
            .answer_claims(&mut cast.book)
            .await
            .explained(lang)?;
        let bound = matches!(outcomes.as_slice(), [ClaimOutcome::Bound { .. }]);
        self.ensure(bound, "enrolment")?;
        self.save_book(&cast.authority, &cast.book)?;
        let (me, issuer) = (cast.citizen.address().explained(lang)?, invitation.issuer);
        let relation = cast
            .citizen
            .relation(me, issuer)
            .await
            .explained(lang)?
            .relation;
        let binding = relation.binding_in_force(clock::now()).cloned();
        let binding = binding.ok_or_else(|| self.broken("binding"))?;
        cast.citizen
            .check_own_binding(&binding)
            .await
            .explained(lang)?;
        for class in [ConsentClass::Notification, ConsentClass::Service] {
            let shown = consent_text(class, documents::AUTHORITY, lang);
            cast.citizen
                .consent(Some(issuer), class, &shown)
                .await
                .explained(lang)?;
        }
        self.scene(text!(
            lang,
            "Frau Huber öffnet damit ihr Postfach: Der Code verlässt ihr Gerät nicht, die Behörde selbst bindet ihren Schlüssel, und sie stimmt zu.",
            "Ms Huber opens her mailbox with it: the code never leaves her device, the authority itself binds her key, and she consents."
        ));
        Ok(())
    }

    async fn send_notice(&mut self, cast: &Cast) -> Result<Receipted, Failure> {
        let lang = self.lang;
        let today = calendar_day(clock::now());
        let paper = |file: Result<DemoFile, _>| file.map_err(|_| self.broken("PDF"));
        let files = [
            self.write_document(&paper(documents::dog_tax_notice(today))?)?,
            self.write_document(&paper(documents::bylaw_excerpt(today))?)?,
        ];
        let letter = Letter {
            legal_rule: Some("BayDiG-24-2".into()),
            subject: "Hundesteuerbescheid".into(),
            text: "Sehr geehrte Frau Huber,\n\nanbei Ihr Hundesteuerbescheid mit Merkblatt.\n\nMit freundlichen Grüßen\nMarkt Postbauer-Heng".into(),
            files: files.to_vec(),
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
            ..letter_to(self.address(&cast.citizen)?)
        };
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

    async fn read_notice(&mut self, cast: &Cast, header: StatementHash) -> Result<Opened, Failure> {
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

    async fn reply(&mut self, cast: &Cast, opened: &Opened) -> Result<(), Failure> {
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

    async fn registered(&mut self, cast: &Cast) -> Result<StatementHash, Failure> {
        let lang = self.lang;
        let today = calendar_day(clock::now());
        let order = documents::leash_order(today, today).map_err(|_| self.broken("PDF"))?;
        let letter = Letter {
            class: DeliveryClass::Registered,
            legal_rule: Some("BayDiG-25".into()),
            subject: "Anordnung: Leinenpflicht".into(),
            files: vec![self.write_document(&order)?],
            ..letter_to(self.address(&cast.citizen)?)
        };
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

    /// The server is killed during an upload; the sender just goes on afterwards.
    async fn power_cut(&mut self, cast: &mut Cast) -> Result<(), Failure> {
        let lang = self.lang;
        let before = cast.citizen.sync(OwnList::Mailbox).await.explained(lang)?;
        let plan = DemoFile {
            name: "bauplan.bin".into(),
            media_type: "application/octet-stream",
            bytes: (0..LARGE_FILE / 32)
                .flat_map(|_| entropy::array::<32>())
                .collect(),
        };
        let letter = Letter {
            subject: "Bauplan".into(),
            files: vec![self.write_document(&plan)?],
            ..letter_to(self.address(&cast.citizen)?)
        };
        let prepared = cast
            .authority
            .prepare(&letter, &mut |_, _| ())
            .await
            .explained(lang)?;
        let mut server = self.server.take();
        let mut uploaded = 0;
        let interrupted = cast
            .authority
            .deliver(prepared, &mut |done, total| {
                if done * 3 >= total
                    && let Some(server) = server.take()
                {
                    uploaded = done;
                    server.kill();
                }
            })
            .await;
        let cut = matches!(interrupted, Err(ClientError::Unreachable(_)));
        self.ensure(cut && uploaded > 0, "the server was not killed")?;
        self.server = Some(self.stage.start_server().await?);
        let mut outbox = cast.authority.outbox().explained(lang)?;
        let prepared = outbox.pop().ok_or_else(|| self.broken("outbox"))?;
        let mut resumed_at = None;
        let receipted = cast
            .authority
            .deliver(prepared, &mut |done, _| {
                resumed_at.get_or_insert(done);
            })
            .await
            .explained(lang)?;
        self.ensure(
            resumed_at.is_some_and(|at| at > uploaded),
            "the upload started again",
        )?;
        let after = cast.citizen.sync(OwnList::Mailbox).await.explained(lang)?;
        let once = after
            .iter()
            .filter(|hash| **hash == receipted.statement)
            .count()
            == 1;
        let whole = after.starts_with(&before) && after.len() == before.len() + 1;
        self.ensure(once && whole, "mail was lost or doubled")?;
        let folder = self.folder("citizen-saved")?;
        cast.citizen
            .open_letter(receipted.statement, &folder, &mut |_, _| ())
            .await
            .explained(lang)?;
        let done = lang::bytes(lang, uploaded);
        self.scene(text!(
            lang,
            "Nach {done} wird der Server abgeschossen (kill -9) und neu gestartet: Das Hochladen geht weiter, nichts ist verloren, nichts doppelt.",
            "After {done} the server is killed (kill -9) and restarted: the upload continues, nothing is lost, nothing is doubled."
        ));
        Ok(())
    }

    async fn evidence(
        &mut self,
        cast: &Cast,
        letters: &[StatementHash],
    ) -> Result<Vec<PathBuf>, Failure> {
        let lang = self.lang;
        let mut paths = Vec::new();
        for (number, header) in letters.iter().enumerate() {
            let evidence = cast
                .citizen
                .evidence(*header, Content::Opened)
                .await
                .explained(lang)?;
            let bytes = evidence
                .encode()
                .map_err(|error| self.broken(&error.to_string()))?;
            paths.push(self.write(&format!("evidence-{}.pfe", number + 1), &bytes)?);
        }
        Ok(paths)
    }

    /// The operator puts a lying proxy in front of the server, with its own genuine keys.
    async fn lies(&mut self, cast: &Cast, order: StatementHash) -> Result<(), Failure> {
        let lang = self.lang;
        drop(self.server.take());
        let (hidden, address) = self.stage.start_hidden_server().await?;
        let keys = load_operator(&self.stage.data().join(KEYS))
            .map_err(|error| self.broken(&error.to_string()))?;
        let tls = &self.stage.tls;
        let certificate = ServerCertificate::load(&tls.certificate, &tls.key);
        let config = certificate.and_then(server_config);
        let config = config.map_err(|error| self.broken(&error.to_string()))?;
        let ca = read(&tls.authority, lang)?;
        let (operator, serving) =
            LyingOperator::start(self.stage.port, address, &ca, config, keys.receipt)
                .await
                .explained(lang)?;
        let outcome = self.two_lies(cast, order, &operator).await;
        serving.abort();
        drop(hidden);
        let named = outcome?;
        self.scene(text!(
            lang,
            "Der Betreiber schiebt der Behörde einen Schlüssel für Frau Huber unter. Erkannt: {}.",
            "The operator slips in a key for Ms Huber. Caught: {}.",
            named[0]
        ));
        self.scene(text!(
            lang,
            "Der Betreiber lässt eine Quittung verschwinden und unterschreibt den Rest neu. Erkannt: {}.",
            "The operator drops a receipt and signs the rest anew. Caught: {}.",
            named[1]
        ));
        Ok(())
    }

    async fn two_lies(
        &self,
        cast: &Cast,
        order: StatementHash,
        operator: &Arc<LyingOperator>,
    ) -> Result<[String; 2], Failure> {
        let lang = self.lang;
        let victim = self.address(&cast.citizen)?;
        operator.tell(Lie::SlipInKey(victim));
        let letter = Letter {
            subject: "Vertraulich".into(),
            ..letter_to(victim)
        };
        let refused = cast.authority.prepare(&letter, &mut |_, _| ()).await;
        let key = match refused {
            Err(ClientError::Dishonest(lie @ Dishonest::SlippedInKey { .. })) => lie,
            _ => return Err(self.broken("a slipped-in key was not caught")),
        };
        operator.tell(Lie::DropReceipt(order));
        let receipt = match cast.citizen.delivery(order).await {
            Err(ClientError::Dishonest(lie @ Dishonest::Regression { .. })) => lie,
            _ => return Err(self.broken("a dropped receipt was not caught")),
        };
        let address = victim.to_string();
        let short = |text: String| text.replace(&address, "Frau Huber");
        Ok([
            short(key.explain(lang).what),
            short(receipt.explain(lang).what),
        ])
    }

    /// The server is off; somebody who has only the files and the root key from the letter checks.
    fn stranger(&mut self, files: &[PathBuf]) -> Result<(), Failure> {
        let lang = self.lang;
        let keys = load_operator(&self.stage.data().join(KEYS))
            .map_err(|error| self.broken(&error.to_string()))?;
        let policy = Policy {
            origin: ORIGIN.to_owned(),
            root: keys.operator.root(),
        };
        let mut checks = 0;
        for path in files {
            let mut bytes = read(path, lang)?;
            let evidence =
                Evidence::decode(&bytes).map_err(|error| self.broken(&error.to_string()))?;
            let report = verify(&evidence, &policy);
            self.ensure(report.verdict() == Verdict::Verified, "evidence")?;
            checks += report.checks.len();
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
            let changed = Evidence::decode(&bytes).map(|evidence| verify(&evidence, &policy));
            let caught = changed.map_or(true, |report| report.verdict() != Verdict::Verified);
            self.ensure(caught, "a changed evidence file passed")?;
        }
        let count = files.len();
        self.scene(text!(
            lang,
            "Der Server ist aus. Eine Fremde prüft {count} Nachweise ({checks} Prüfungen), ohne ihm zu trauen; ein gekipptes Bit fällt auf.",
            "The server is off. A stranger verifies {count} evidence files ({checks} checks) without trusting it; one flipped bit is noticed."
        ));
        Ok(())
    }

    /// One page: what lies at the operator's, and what it cost.
    fn what_the_operator_saw(&mut self, cast: &Cast, order: StatementHash) -> Result<(), Failure> {
        let lang = self.lang;
        let data = self.stage.data().join(crate::cli::serve::STORE);
        let secrets = [
            "Hundesteuer",
            "Huber",
            "Bello",
            "Leinenpflicht",
            "4711",
            "Impf",
        ];
        let (stored, found) = keepsakes::search(&data, &secrets).explained(lang)?;
        self.ensure(found.is_none(), found.as_deref().unwrap_or_default())?;
        let header = cast.citizen.kept_header(&order).explained(lang)?;
        let size: u64 = header.parts.iter().map(|part| part.1 + part.3).sum();
        let (stored, size) = (lang::bytes(lang, stored), lang::bytes(lang, size));
        let parts = header.parts.len();
        let (from, to) = (header.sender.to_string(), header.recipient.to_string());
        let words = secrets.join(", ");
        let letters = 3;
        let saved = lang::euros(lang, POSTAGE * letters);
        let page = text!(
            lang,
            "\nWas der Betreiber von all dem sah\n  zum Beispiel: ein Umschlag von {from}\n  an {to},\n  {parts} verschlüsselte Teile, zusammen {size}, Zustellart, Zeiten, Unterschriften.\n  Wer die Person hinter der Adresse ist, weiß nur die Behörde.\n  Gesucht in {stored} Daten des Servers: {words} – nichts davon gefunden.\n  Öffentlich ist allein das Zertifikat der Behörde.\nWas es kostete\n  {letters} Briefe der Behörde; Porto wären {saved} gewesen (Standardbrief 0,95 €, ohne Druck und Umschlag).\n",
            "\nWhat the operator saw of all this\n  for example: an envelope from {from}\n  to {to},\n  {parts} encrypted parts, {size} together, kind of delivery, times, signatures.\n  Only the authority knows the person behind the address.\n  Searched {stored} of the server's data for: {words} – found nothing.\n  Public is the authority's certificate alone.\nWhat it cost\n  {letters} letters of the authority; postage would have been {saved} (standard letter 0.95 €, without printing and envelope).\n"
        );
        self.context.ui.say(page);
        Ok(())
    }

    async fn send(&self, session: &Session, letter: &Letter) -> Result<Receipted, Failure> {
        let lang = self.lang;
        let prepared = session
            .prepare(letter, &mut |_, _| ())
            .await
            .explained(lang)?;
        session
            .deliver(prepared, &mut |_, _| ())
            .await
            .explained(lang)
    }

    fn address(&self, session: &Session) -> Result<Address, Failure> {
        session.address().explained(self.lang)
    }

    fn folder(&self, name: &str) -> Result<PathBuf, Failure> {
        let path = self.stage.folder.join(name);
        std::fs::create_dir_all(&path).explained(self.lang)?;
        Ok(path)
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<PathBuf, Failure> {
        let path = self.stage.folder.join(name);
        std::fs::write(&path, bytes).explained(self.lang)?;
        Ok(path)
    }

    fn write_document(&self, file: &DemoFile) -> Result<PathBuf, Failure> {
        self.folder("documents")?;
        self.write(&format!("documents/{}", file.name), &file.bytes)
    }
}

/// An ordinary letter with nothing in it yet.
fn letter_to(recipient: Address) -> Letter {
    Letter {
        recipient,
        class: DeliveryClass::Ordinary,
        legal_rule: None,
        subject: String::new(),
        text: String::new(),
        files: Vec::new(),
        in_reply_to: None,
        replies: None,
        act: None,
        set: None,
        copy_of: None,
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

fn read(path: &Path, lang: Language) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).explained(lang)
}
