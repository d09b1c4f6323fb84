//! Uploads: large payloads on their way to an envelope, each seen only by its sender.

use bytes::Bytes;
use postfach_crypto::ids::{Address, UploadId};
use postfach_storage::{List, UploadStatus};

use super::{Reader, Service, ServiceError};

impl Service {
    /// Creates an upload, or finds it as it stands.
    pub async fn create_upload(
        &self,
        sender: &Reader,
        id: UploadId,
        length: u64,
    ) -> Result<UploadStatus, ServiceError> {
        self.check_may_upload(sender.address()).await?;
        Ok(self
            .store
            .create_upload(&sender.address(), &id, length)
            .await?)
    }

    /// Parties register without anybody's leave, so that alone gives no room on the disk.
    async fn check_may_upload(&self, party: Address) -> Result<(), ServiceError> {
        for list in [List::Bindings(party), List::Certified(party)] {
            if self.store.head(&list).await?.count > 0 {
                return Ok(());
            }
        }
        Err(ServiceError::UploadNotAllowed)
    }

    /// Continues an upload.
    pub async fn append_upload(
        &self,
        sender: &Reader,
        id: UploadId,
        offset: u64,
        bytes: Bytes,
    ) -> Result<UploadStatus, ServiceError> {
        let owner = sender.address();
        Ok(self.store.append_upload(&owner, &id, offset, bytes).await?)
    }

    /// How far an upload is.
    pub async fn upload(
        &self,
        sender: &Reader,
        id: UploadId,
    ) -> Result<UploadStatus, ServiceError> {
        Ok(self.store.upload(&sender.address(), &id).await?)
    }

    /// Discards an upload that no envelope took.
    pub async fn discard_upload(&self, sender: &Reader, id: UploadId) -> Result<(), ServiceError> {
        Ok(self.store.discard_upload(&sender.address(), &id).await?)
    }
}
