//! The story, act by act. Each scene does the real thing, checks it, and says one plain sentence.

mod desk;
mod kill;
mod letters;
mod lies;
mod mailbox;
mod proof;

use std::path::{Path, PathBuf};
use std::time::Instant;

use postfach_crypto::ids::Address;
use postfach_crypto::statement::DeliveryClass;

use crate::cli::context::Context;
use crate::cli::error::{Exit, Explained as _, Failure};
use crate::cli::lang::{self, Language, text};
use crate::client::book::Book;
use crate::client::send::Letter;
use crate::client::session::{Receipted, Session};
use crate::demo::documents::DemoFile;
use crate::demo::keepsakes;
use crate::demo::stage::{ServerProcess, Stage};

/// A demonstration under way.
pub(super) struct Story<'a> {
    context: &'a Context,
    lang: Language,
    stage: Stage,
    server: Option<ServerProcess>,
    witnesses: Vec<ServerProcess>,
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
            witnesses: Vec::new(),
            scene: 0,
            started: Instant::now(),
        })
    }

    /// Begins with the operator and the authority alone, for whoever tries the pages.
    pub(super) async fn set_the_stage(&mut self) -> Result<Session, Failure> {
        self.witnesses = self.stage.start_witnesses()?;
        self.server = Some(self.stage.start_server().await?);
        self.authority().await
    }

    /// Where this machine's browser finds the pages.
    pub(super) fn local_service(&self) -> String {
        self.stage.local_service()
    }

    /// Tells the story from beginning to end; the authority goes on from there.
    pub(super) async fn tell(&mut self) -> Result<Session, Failure> {
        let lang = self.lang;
        self.witnesses = self.stage.start_witnesses()?;
        self.server = Some(self.stage.start_server().await?);
        self.scene(text!(
            lang,
            "Der Betreiber startet den Server; er hat keinen Schlüssel, der Post öffnet. Drei unabhängige Zeugen folgen seinem öffentlichen Protokoll.",
            "The operator starts the server; it has no key that opens mail. Three independent witnesses follow its public log."
        ));
        let authority = self.authority().await?;
        let (mut cast, invitation) = self.letter(authority).await?;
        self.enrol(&mut cast, &invitation).await?;
        let notice = self.send_notice(&cast).await?;
        self.notified(&cast, notice.statement).await?;
        let opened = self.read_notice(&cast, notice.statement).await?;
        self.reply(&cast, &opened).await?;
        let order = self.registered(&cast).await?;
        self.power_cut(&mut cast).await?;
        let evidence = self.evidence(&cast, &[notice.statement, order]).await?;
        keepsakes::keep(&self.stage.folder, &cast.citizen, lang).await?;
        self.lies(&cast, order).await?;
        self.stranger(&evidence)?;
        self.what_the_operator_saw(&cast, order)?;
        Ok(cast.authority)
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
        acceptance_until: None,
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

fn read(path: &Path, lang: Language) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).explained(lang)
}
