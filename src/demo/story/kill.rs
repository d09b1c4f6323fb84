//! Third act: the server is killed in the middle of an upload, and nothing is lost or doubled.

use super::{Cast, Story, letter_to};
use crate::cli::error::{Explained as _, Failure};
use crate::cli::lang::{self, text};
use crate::client::error::ClientError;
use crate::client::lists::OwnList;
use crate::client::send::Letter;
use crate::demo::documents::DemoFile;
use crate::entropy;

/// Bytes of the attachment during whose upload the server is killed.
const LARGE_FILE: usize = 24 << 20;

impl Story<'_> {
    /// The server is killed during an upload; the sender just goes on afterwards.
    pub(super) async fn power_cut(&mut self, cast: &mut Cast) -> Result<(), Failure> {
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
}
