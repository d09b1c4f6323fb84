//! Uploads: large payloads on their way to an envelope, each seen only by its sender.

use bytes::Bytes;
use postfach_crypto::ids::UploadId;
use postfach_storage::UploadStatus;

use super::{Reader, Service, ServiceError};

impl Service {
    /// Creates an upload, or finds it as it stands.
    pub async fn create_upload(
        &self,
        sender: &Reader,
        id: UploadId,
        length: u64,
    ) -> Result<UploadStatus, ServiceError> {
        Ok(self
            .store
            .create_upload(&sender.address(), &id, length)
            .await?)
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
