//! Uploads: large payloads on their way to an envelope, each seen only by its sender.

use std::time::Duration;

use bytes::Bytes;
use postfach_crypto::ids::{Address, UnixMillis, UploadId};
use postfach_storage::{Expired, List, UploadQuota, UploadStatus};

use super::{Reader, Service, ServiceError};

/// Open uploads that are discarded between two looks at which are left.
const SWEEP_STEP: usize = 100;
/// Most open uploads that one sweep discards.
const MAX_SWEEP: usize = 100_000;

impl Service {
    /// Creates an upload within its sender's quota, or finds it as it stands.
    pub async fn create_upload(
        &self,
        sender: &Reader,
        id: UploadId,
        length: u64,
        quota: &UploadQuota,
    ) -> Result<UploadStatus, ServiceError> {
        let (owner, now) = (sender.address(), self.now());
        self.check_may_upload(owner).await?;
        self.check_open(owner).await?;
        Ok(self
            .store
            .create_upload(&owner, &id, length, now, quota)
            .await?)
    }

    /// Discards uploads that no envelope took within `age`. Looks at a bounded number; what is
    /// left over goes the next time.
    pub async fn expire_uploads(&self, age: Duration) -> Result<Expired, ServiceError> {
        let age = u64::try_from(age.as_millis()).unwrap_or(u64::MAX);
        let before = UnixMillis(self.now().0.saturating_sub(age));
        let mut expired = Expired::default();
        for _ in 0..MAX_SWEEP / SWEEP_STEP {
            let step = self.store.expire_uploads(before, SWEEP_STEP).await?;
            expired.discarded += step.discarded;
            expired.failed += step.failed;
            if step.discarded < SWEEP_STEP {
                break;
            }
        }
        Ok(expired)
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
