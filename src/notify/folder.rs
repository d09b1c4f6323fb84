//! The transport for development and for mail systems that collect files: one `.eml` a mail.
//!
//! Invariant: a file appears whole; the same notification again replaces its own file.

use std::path::{Path, PathBuf};

use async_trait::async_trait;

use super::SetUpError;
use super::mail::Mail;
use super::transport::{SendError, Transport, Trouble};
use crate::durable::{self, Access, Existing};

/// Writes mails into a folder.
#[derive(Debug)]
pub struct FolderTransport {
    folder: PathBuf,
}

impl FolderTransport {
    /// Makes the folder where it is missing.
    ///
    /// # Errors
    /// [`SetUpError::File`].
    pub fn new(folder: &Path) -> Result<Self, SetUpError> {
        durable::private_folder(folder).map_err(SetUpError::file(folder))?;
        Ok(Self {
            folder: folder.to_owned(),
        })
    }
}

#[async_trait]
impl Transport for FolderTransport {
    async fn send(&self, mail: &Mail) -> Result<(), SendError> {
        let path = self.folder.join(format!("{}.eml", mail.id));
        let message = mail.message.clone();
        let write = move || durable::write(&path, &message, Access::Private, Existing::Replace);
        match tokio::task::spawn_blocking(write).await {
            Ok(Ok(())) => Ok(()),
            _ => Err(SendError::Later(Trouble::Folder)),
        }
    }
}
