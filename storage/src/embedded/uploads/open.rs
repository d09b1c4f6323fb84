//! Which uploads are open, that is, belong to no envelope: one empty object each, whose name says
//! all that a quota and an expiry ask, so that nothing has to be opened to answer them.
//!
//! Invariants: the mark is there before its upload and goes after it, so an interruption leaves a
//! mark too many and never an upload without one. A commit does not touch marks; those of taken
//! uploads go when their owner creates the next one, or when they expire. So an owner has at most
//! as many as its quota and what it sent since its last upload.
//!
//! Layout: docs/format/journal.md, section "Uploads".

use std::str::FromStr;

use futures_util::StreamExt;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, PutPayload};
use postfach_crypto::ids::{Address, UnixMillis, UploadId};

use super::refused;
use crate::error::UploadError;
use crate::store::{UploadQuota, check_quota};

/// The folder of all marks.
const OPEN: &str = "open";

/// The mark of one open upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) owner: Address,
    pub(super) id: UploadId,
    pub(super) length: u64,
    pub(super) created: UnixMillis,
}

impl Mark {
    fn path(&self) -> Path {
        let Self {
            owner,
            id,
            length,
            created,
        } = self;
        Path::from_iter([
            OPEN.to_owned(),
            owner.to_string(),
            format!("{id}-{length}-{created}", created = created.0),
        ])
    }

    fn parse(path: &Path) -> Option<Self> {
        let mut folders = path.parts().skip(1);
        let (owner, name) = (folders.next()?, folders.next()?);
        let mut fields = name.as_ref().split('-');
        let mark = Self {
            owner: Address::from_str(owner.as_ref()).ok()?,
            id: UploadId::from_str(fields.next()?).ok()?,
            length: fields.next()?.parse().ok()?,
            created: UnixMillis(fields.next()?.parse().ok()?),
        };
        (mark.path() == *path).then_some(mark)
    }
}

/// Marks an upload as open, if the owner's quota has room for it. `taken` says which uploads an
/// envelope took; their marks are removed, as is an older one of the same upload.
pub(super) async fn mark(
    objects: &dyn ObjectStore,
    new: Mark,
    quota: &UploadQuota,
    taken: impl Fn(&UploadId) -> Result<bool, UploadError>,
) -> Result<(), UploadError> {
    let mut open = Vec::new();
    for mark in of_owner(objects, &new.owner).await? {
        if mark.id == new.id || taken(&mark.id)? {
            remove(objects, &mark).await?;
        } else {
            open.push(mark.length);
        }
    }
    check_quota(open.into_iter(), new.length, quota)?;
    let empty = PutPayload::new();
    objects
        .put(&new.path(), empty)
        .await
        .map(drop)
        .map_err(refused)
}

/// Removes the mark of an upload that is gone.
pub(super) async fn unmark(
    objects: &dyn ObjectStore,
    owner: &Address,
    id: &UploadId,
) -> Result<(), UploadError> {
    for mark in of_owner(objects, owner).await? {
        if mark.id == *id {
            remove(objects, &mark).await?;
        }
    }
    Ok(())
}

/// Up to `limit` marks that were made before `before`, in no particular order.
pub(super) async fn older(
    objects: &dyn ObjectStore,
    before: UnixMillis,
    limit: usize,
) -> Result<Vec<Mark>, UploadError> {
    let mut found = Vec::new();
    let mut list = objects.list(Some(&Path::from(OPEN)));
    while found.len() < limit
        && let Some(object) = list.next().await
    {
        let mark = Mark::parse(&object.map_err(refused)?.location);
        found.extend(mark.filter(|mark| mark.created < before));
    }
    Ok(found)
}

async fn of_owner(objects: &dyn ObjectStore, owner: &Address) -> Result<Vec<Mark>, UploadError> {
    let mut marks = Vec::new();
    let folder = Path::from_iter([OPEN.to_owned(), owner.to_string()]);
    let mut list = objects.list(Some(&folder));
    while let Some(object) = list.next().await {
        marks.extend(Mark::parse(&object.map_err(refused)?.location));
    }
    Ok(marks)
}

/// Removes a mark; that it is gone already is no error.
pub(super) async fn remove(objects: &dyn ObjectStore, mark: &Mark) -> Result<(), UploadError> {
    match objects.delete(&mark.path()).await {
        Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
        Err(error) => Err(refused(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_read_back_and_other_names_are_none() {
        let mark = Mark {
            owner: Address([7; 32]),
            id: UploadId([8; 16]),
            length: 1 << 34,
            created: UnixMillis(1_790_000_000_000),
        };
        let path = mark.path();
        assert_eq!(Mark::parse(&path), Some(mark));
        for other in [
            format!("{path}0-"),
            format!("{path}-1"),
            path.to_string().replace("-17179869184-", "-017179869184-"),
            path.to_string().replace("pf1", "pf2"),
            "open/strange".to_owned(),
        ] {
            assert_eq!(Mark::parse(&Path::from(other)), None);
        }
    }
}
