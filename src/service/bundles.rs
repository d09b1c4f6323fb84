//! The pages in the browser, said in the log.
//!
//! Invariant: what is said is true of this program: the list of files comes from what was built into
//! it. The same pages are said once. Absent: serving them (`crate::server::pages`), comparing them
//! (`crate::client::audit`). Specification: docs/format/bundle.md.

use postfach_crypto::file_list::FileList;
use postfach_crypto::statement::{Bundle, Signed};
use postfach_storage::List;

use super::plan::Plan;
use super::reads::LoggedStatement;
use super::{Service, ServiceError};

impl Service {
    /// Says which pages this server serves, unless that was said last.
    ///
    /// # Errors
    /// [`ServiceError`].
    pub async fn state_bundle(&self, version: &str, files: &FileList) -> Result<(), ServiceError> {
        let hash = files.hash();
        if let Some((newest, _)) = self.newest_bundle().await?
            && newest.files == hash
            && newest.version == version
        {
            return Ok(());
        }
        let bundle = self.sign(Bundle {
            context: self.context(),
            version: version.to_owned(),
            count: files.count(),
            files: hash,
            ext: None,
        });
        let accepted = self.accept(&bundle, || {
            Box::pin(async {
                Ok(Plan {
                    joins: vec![List::Bundles],
                    ..Plan::acceptance()
                })
            })
        });
        accepted.await.map(|_| ())
    }

    /// What was said last of the pages, with its receipt; none before anything was said.
    ///
    /// # Errors
    /// [`ServiceError`].
    pub async fn bundle(&self) -> Result<Option<LoggedStatement>, ServiceError> {
        let newest = self.newest_bundle().await?;
        Ok(newest.map(|(_, statement)| statement))
    }

    async fn newest_bundle(&self) -> Result<Option<(Bundle, LoggedStatement)>, ServiceError> {
        let count = self.store.head(&List::Bundles).await?.count;
        let Some(last) = count.checked_sub(1) else {
            return Ok(None);
        };
        let hashes = self.store.entries(&List::Bundles, last, 1).await?;
        let hash = hashes.first().ok_or(ServiceError::Damaged)?;
        let mut statement = self.stored(hash).await?;
        self.add_receipt(&mut statement).await?;
        let bundle = Signed::<Bundle>::verify(&statement.bytes);
        let bundle = bundle.map_err(|_| ServiceError::Damaged)?;
        Ok(Some((bundle.payload().clone(), statement)))
    }
}
