//! What uploads promise: resuming, shapes, owners, being taken once.

use bytes::Bytes;
use postfach_crypto::ids::{Address, PayloadHash, UnixMillis, UploadId};

use super::{NOW, address, commit, create, hash, part, pattern, read, upload_id};
use crate::error::{CommitError, UploadError};
use crate::store::{
    Expired, MAX_UPLOAD, MAX_UPLOAD_APPEND, Store, StoredPart, UPLOAD_CHUNK, UploadQuota,
    UploadStatus,
};
use crate::transaction::{NewPart, NewPayload};

const CHUNK: usize = 1024 * 1024;

fn status(length: usize, received: usize) -> UploadStatus {
    assert_eq!(CHUNK as u64, UPLOAD_CHUNK);
    UploadStatus {
        length: length as u64,
        received: received as u64,
        taken_by: None,
    }
}

/// Creates an upload and sends all of it.
pub(super) async fn upload_all(store: &dyn Store, owner: &Address, id: &UploadId, bytes: &Bytes) {
    let length = bytes.len() as u64;
    create(store, owner, id, length)
        .await
        .expect("a new upload");
    for start in (0..bytes.len()).step_by(MAX_UPLOAD_APPEND) {
        let piece = bytes.slice(start..bytes.len().min(start + MAX_UPLOAD_APPEND));
        let sent = store.append_upload(owner, id, start as u64, piece).await;
        sent.expect("the next piece");
    }
}

/// An upload goes on where it stands, in pieces of any whole number of chunks.
pub async fn uploads_resume(store: &dyn Store) {
    let (owner, id) = (address(1), upload_id(1));
    let bytes = pattern(4 * CHUNK + 5, 1);
    let length = bytes.len();
    assert_eq!(store.upload(&owner, &id).await, Err(UploadError::Unknown));
    for _ in 0..2 {
        let created = create(store, &owner, &id, length as u64).await;
        assert_eq!(created, Ok(status(length, 0)));
    }
    let mut at = 0;
    for end in [CHUNK, 3 * CHUNK, 4 * CHUNK, length] {
        let early = store.upload_hash(&owner, &id).await;
        assert_eq!(
            early,
            Err(UploadError::Incomplete {
                received: at as u64
            })
        );
        let sent = store
            .append_upload(&owner, &id, at as u64, bytes.slice(at..end))
            .await;
        assert_eq!(sent, Ok(status(length, end)));
        assert_eq!(store.upload(&owner, &id).await, Ok(status(length, end)));
        let again = store
            .append_upload(&owner, &id, at as u64, bytes.slice(at..end))
            .await;
        assert_eq!(
            again,
            Err(UploadError::Offset {
                received: end as u64
            })
        );
        let created = create(store, &owner, &id, length as u64).await;
        assert_eq!(created, Ok(status(length, end)));
        at = end;
    }
    for _ in 0..2 {
        assert_eq!(
            store.upload_hash(&owner, &id).await,
            Ok(PayloadHash::of(&bytes))
        );
    }
}

/// Lengths, offsets and chunk borders are checked, and refusals store nothing.
pub async fn shapes_are_checked(store: &dyn Store) {
    let (owner, id) = (address(1), upload_id(1));
    for length in [0, MAX_UPLOAD + 1] {
        let created = create(store, &owner, &id, length).await;
        assert_eq!(created, Err(UploadError::Length { limit: MAX_UPLOAD }));
    }
    let length = 10 * CHUNK;
    create(store, &owner, &id, length as u64)
        .await
        .expect("a new upload");
    let other = create(store, &owner, &id, 1).await;
    assert_eq!(
        other,
        Err(UploadError::OtherLength {
            length: length as u64
        })
    );
    let append = |offset: usize, bytes: usize| {
        store.append_upload(&owner, &id, offset as u64, vec![7; bytes].into())
    };
    for ahead in [1, CHUNK, length, length + 1] {
        assert_eq!(
            append(ahead, CHUNK).await,
            Err(UploadError::Offset { received: 0 })
        );
    }
    for unaligned in [1, CHUNK - 1, CHUNK + 1] {
        let refused = append(0, unaligned).await;
        assert_eq!(
            refused,
            Err(UploadError::Unaligned {
                chunk: UPLOAD_CHUNK
            })
        );
    }
    let limit = MAX_UPLOAD_APPEND as u64;
    for wrong in [0, MAX_UPLOAD_APPEND + CHUNK] {
        assert_eq!(append(0, wrong).await, Err(UploadError::Length { limit }));
    }
    assert_eq!(append(0, 8 * CHUNK).await, Ok(status(length, 8 * CHUNK)));
    let limit = 2 * UPLOAD_CHUNK;
    assert_eq!(
        append(8 * CHUNK, 3 * CHUNK).await,
        Err(UploadError::Length { limit })
    );
    assert_eq!(
        append(8 * CHUNK, 2 * CHUNK).await,
        Ok(status(length, length))
    );
    assert_eq!(
        append(length, CHUNK).await,
        Err(UploadError::Length { limit: 0 })
    );
}

/// Two owners may use one id; neither sees, changes or takes the other's upload.
pub async fn owners_are_separate(store: &dyn Store) {
    let (mine, theirs, id) = (address(1), address(2), upload_id(1));
    let bytes = pattern(100, 1);
    upload_all(store, &mine, &id, &bytes).await;
    assert_eq!(store.upload(&theirs, &id).await, Err(UploadError::Unknown));
    assert_eq!(
        store.upload_hash(&theirs, &id).await,
        Err(UploadError::Unknown)
    );
    assert_eq!(
        store.discard_upload(&theirs, &id).await,
        Err(UploadError::Unknown)
    );
    let append = store.append_upload(&theirs, &id, 0, bytes.clone()).await;
    assert_eq!(append, Err(UploadError::Unknown));
    let hash = PayloadHash::of(&bytes);
    let foreign = part(
        1,
        NewPayload::Upload {
            owner: theirs,
            id,
            length: 100,
            hash,
        },
    );
    assert_eq!(
        store.commit(foreign).await,
        Err(CommitError::UnknownUpload { id })
    );
    let created = create(store, &theirs, &id, 50).await;
    assert_eq!(created, Ok(status(50, 0)));
    assert_eq!(store.upload(&mine, &id).await, Ok(status(100, 100)));
}

/// A committed part reads from its upload, which then belongs to it and to no other.
pub async fn a_commit_takes_an_upload(store: &dyn Store) {
    let (owner, id) = (address(1), upload_id(1));
    let bytes = pattern(2 * CHUNK + 100, 1);
    let length = bytes.len() as u64;
    upload_all(store, &owner, &id, &bytes).await;
    let payload = NewPayload::Upload {
        owner,
        id,
        length,
        hash: PayloadHash::of(&bytes),
    };
    commit(store, part(1, payload.clone())).await;

    let age_header = Bytes::from_static(b"age-encryption.org/v1\n");
    let stored = StoredPart {
        age_header,
        payload_length: length,
    };
    assert_eq!(store.part(&hash(1), 0).await, Ok(Some(stored)));
    let border = UPLOAD_CHUNK;
    for range in [
        0..length,
        0..0,
        5..6,
        border - 1..border + 1,
        border..length,
        0..border,
    ] {
        let (start, end) = (range.start, range.end);
        let slice = |n: u64| usize::try_from(n).expect("small");
        let expected = bytes[slice(start)..slice(end)].to_vec();
        assert_eq!(read(store, 1, 0, range).await, Ok(Some(expected)));
    }

    let taken = UploadStatus {
        length,
        received: length,
        taken_by: Some(hash(1)),
    };
    assert_eq!(store.upload(&owner, &id).await, Ok(taken));
    assert_eq!(create(store, &owner, &id, length).await, Ok(taken));
    assert_eq!(
        store.discard_upload(&owner, &id).await,
        Err(UploadError::Taken)
    );
    let second = store.commit(part(2, payload)).await;
    assert_eq!(second, Err(CommitError::UploadTaken { id }));
}

/// Incomplete uploads, another length, other bytes, and one upload for two parts are refused.
pub async fn unfit_uploads_are_refused(store: &dyn Store) {
    let (owner, id) = (address(1), upload_id(1));
    let bytes = pattern(CHUNK + 1, 1);
    let hash_of_upload = PayloadHash::of(&bytes);
    let payload = NewPayload::Upload {
        owner,
        id,
        length: bytes.len() as u64,
        hash: hash_of_upload,
    };
    let send = || store.commit(part(1, payload.clone()));
    assert_eq!(send().await, Err(CommitError::UnknownUpload { id }));
    create(store, &owner, &id, bytes.len() as u64)
        .await
        .expect("a new upload");
    assert_eq!(send().await, Err(CommitError::IncompleteUpload { id }));
    store
        .append_upload(&owner, &id, 0, bytes.slice(..CHUNK))
        .await
        .expect("the next piece");
    assert_eq!(send().await, Err(CommitError::IncompleteUpload { id }));
    let end = Bytes::from_static(b"x");
    store
        .append_upload(&owner, &id, UPLOAD_CHUNK, end)
        .await
        .expect("the next piece");
    assert_eq!(send().await, Err(CommitError::PayloadMismatch { id }));
    store.discard_upload(&owner, &id).await.expect("not taken");
    upload_all(store, &owner, &id, &bytes).await;
    let mut longer = payload.clone();
    if let NewPayload::Upload { length, .. } = &mut longer {
        *length += 1;
    }
    assert_eq!(
        store.commit(part(1, longer)).await,
        Err(CommitError::LengthMismatch { id })
    );
    let mut twice = part(1, payload.clone());
    twice.parts.push(NewPart {
        index: 1,
        ..twice.parts[0].clone()
    });
    assert_eq!(
        store.commit(twice).await,
        Err(CommitError::UploadTaken { id })
    );
    assert_eq!(send().await.map(|committed| committed.first), Ok(0));
}

/// A discarded upload is gone, and its id may be used again with another length.
pub async fn discarded_uploads_are_gone(store: &dyn Store) {
    let (owner, id) = (address(1), upload_id(1));
    upload_all(store, &owner, &id, &pattern(3 * CHUNK, 1)).await;
    assert_eq!(store.discard_upload(&owner, &id).await, Ok(()));
    assert_eq!(store.upload(&owner, &id).await, Err(UploadError::Unknown));
    assert_eq!(
        store.discard_upload(&owner, &id).await,
        Err(UploadError::Unknown)
    );
    let bytes = pattern(CHUNK + 9, 2);
    upload_all(store, &owner, &id, &bytes).await;
    assert_eq!(
        store.upload(&owner, &id).await,
        Ok(status(CHUNK + 9, CHUNK + 9))
    );
    assert_eq!(
        store.upload_hash(&owner, &id).await,
        Ok(PayloadHash::of(&bytes))
    );
}

/// The payload of a part that takes this upload of these bytes.
fn taking(owner: Address, id: UploadId, bytes: &Bytes) -> NewPayload {
    NewPayload::Upload {
        owner,
        id,
        length: bytes.len() as u64,
        hash: PayloadHash::of(bytes),
    }
}

/// One owner's open uploads are bounded by number and by length; those that an envelope took, or
/// that were discarded, do not count, and nobody else's do.
pub async fn open_uploads_have_a_quota(store: &dyn Store) {
    let (owner, other) = (address(1), address(2));
    let quota = UploadQuota {
        uploads: 2,
        bytes: 100,
    };
    let refused = Err(UploadError::Quota(quota));
    let create = async |owner, id, length| {
        let id = upload_id(id);
        store.create_upload(&owner, &id, length, NOW, &quota).await
    };
    assert_eq!(create(owner, 1, 101).await, refused, "longer than all");
    assert_eq!(create(owner, 1, 60).await, Ok(status(60, 0)));
    assert_eq!(create(owner, 2, 41).await, refused, "longer than the rest");
    assert_eq!(create(owner, 2, 40).await, Ok(status(40, 0)));
    assert_eq!(
        create(owner, 3, 0).await,
        Err(UploadError::Length { limit: MAX_UPLOAD })
    );
    assert_eq!(create(owner, 3, 1).await, refused, "one too many");
    let third = store.upload(&owner, &upload_id(3)).await;
    assert_eq!(third, Err(UploadError::Unknown));
    // As it stands is not a new one, and others have a quota of their own.
    assert_eq!(create(owner, 1, 60).await, Ok(status(60, 0)));
    assert_eq!(create(other, 1, 100).await, Ok(status(100, 0)));

    let bytes = pattern(40, 2);
    let second = upload_id(2);
    let sent = store.append_upload(&owner, &second, 0, bytes.clone()).await;
    sent.expect("the whole of it");
    commit(store, part(1, taking(owner, second, &bytes))).await;
    assert_eq!(create(owner, 3, 40).await, Ok(status(40, 0)));
    assert_eq!(create(owner, 4, 1).await, refused);
    let first = store.discard_upload(&owner, &upload_id(1)).await;
    first.expect("not taken");
    assert_eq!(create(owner, 4, 60).await, Ok(status(60, 0)));
}

/// Open uploads older than asked for go, a bounded number at a time; younger ones and those that
/// an envelope took stay.
pub async fn open_uploads_expire(store: &dyn Store) {
    let owner = address(1);
    let quota = UploadQuota::default();
    let length = 2 * CHUNK as u64;
    for id in 1..=5 {
        let (owner, created) = (address(id % 2), UnixMillis(NOW.0 + u64::from(id)));
        let id = upload_id(id);
        let new = store.create_upload(&owner, &id, length, created, &quota);
        new.await.expect("room");
    }
    let bytes = pattern(CHUNK, 1);
    let first = upload_id(1);
    let sent = store.append_upload(&owner, &first, 0, bytes.clone());
    sent.await.expect("a first chunk");
    upload_all(store, &owner, &upload_id(9), &bytes).await;
    commit(store, part(1, taking(owner, upload_id(9), &bytes))).await;

    let none = Expired::default();
    let one = Expired {
        discarded: 1,
        ..none
    };
    assert_eq!(store.expire_uploads(NOW, 10).await, Ok(none), "not before");
    let before = UnixMillis(NOW.0 + 4);
    for left in [2, 1, 0] {
        assert_eq!(
            store.expire_uploads(before, 1).await,
            Ok(one),
            "{left} left"
        );
    }
    assert_eq!(store.expire_uploads(before, 1).await, Ok(none));
    for id in 1..=5 {
        let found = store.upload(&address(id % 2), &upload_id(id)).await;
        let expected = if id < 4 {
            Err(UploadError::Unknown)
        } else {
            Ok(status(2 * CHUNK, 0))
        };
        assert_eq!(found, expected, "upload {id}");
    }
    let all = store.expire_uploads(UnixMillis(u64::MAX), 10).await;
    assert_eq!(all.map(|expired| expired.discarded), Ok(2));
    assert_eq!(
        read(store, 1, 0, 0..CHUNK as u64).await,
        Ok(Some(bytes.to_vec()))
    );
    // What expired may begin again.
    let again = create(store, &owner, &upload_id(1), length).await;
    assert_eq!(again, Ok(status(2 * CHUNK, 0)));
}
