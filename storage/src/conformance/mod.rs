//! The suite that every backend passes.
//!
//! Each test takes a fresh, empty store and panics with what is wrong. Purpose: what
//! [`crate::store`] promises is checked the same way everywhere, so backends are interchangeable.
//! Absent: crashes and damage, which differ by backend.

pub mod commits;
pub mod concurrency;
pub mod log;
pub mod parts;
pub mod reads;
pub mod uploads;
pub mod vaults;

use std::sync::Arc;

use bytes::Bytes;
use futures_util::TryStreamExt;
use postfach_crypto::ids::{Address, StatementHash, UnixMillis, UploadId};

use crate::error::{ReadError, UploadError};
use crate::list::List;
use crate::store::{Store, UploadQuota, UploadStatus};
use crate::transaction::{Committed, NewPart, NewPayload, Transaction};

/// Runs every test, each on a store of its own from `fresh`.
pub async fn suite<F, Fut>(fresh: F)
where
    F: Fn() -> Fut,
    Fut: Future<Output = Arc<dyn Store>>,
{
    commits::positions_follow_commits(&*fresh().await).await;
    commits::preconditions_count_entries(&*fresh().await).await;
    commits::duplicates_are_refused(&*fresh().await).await;
    commits::entries_name_stored_statements(&*fresh().await).await;
    commits::refused_transactions_leave_nothing(&*fresh().await).await;
    commits::limits_are_named(&*fresh().await).await;
    commits::checks_have_one_order(&*fresh().await).await;
    log::every_commit_is_proven(&*fresh().await).await;
    log::tiles_end_with_the_log(&*fresh().await).await;
    reads::heads_chain_entries(&*fresh().await).await;
    reads::entries_come_in_pages(&*fresh().await).await;
    reads::lists_are_separate(&*fresh().await).await;
    reads::leaves_come_in_log_order(&*fresh().await).await;
    reads::unknown_things_are_none(&*fresh().await).await;
    parts::inline_parts_read_back(&*fresh().await).await;
    parts::ranges_are_exact(&*fresh().await).await;
    parts::parts_belong_to_new_headers(&*fresh().await).await;
    uploads::uploads_resume(&*fresh().await).await;
    uploads::shapes_are_checked(&*fresh().await).await;
    uploads::owners_are_separate(&*fresh().await).await;
    uploads::a_commit_takes_an_upload(&*fresh().await).await;
    uploads::unfit_uploads_are_refused(&*fresh().await).await;
    uploads::discarded_uploads_are_gone(&*fresh().await).await;
    uploads::open_uploads_have_a_quota(&*fresh().await).await;
    uploads::open_uploads_expire(&*fresh().await).await;
    vaults::a_vault_changes_by_its_version(&*fresh().await).await;
    vaults::a_vault_is_its_owners(&*fresh().await).await;
    vaults::vaults_are_limited(&*fresh().await).await;
    vaults::a_vault_changes_with_its_transaction(&*fresh().await).await;
    concurrency::exactly_one_wins(fresh().await).await;
    concurrency::all_land_without_preconditions(fresh().await).await;
    concurrency::one_upload_goes_to_one_envelope(fresh().await).await;
    concurrency::closing_finishes_accepted_commits(fresh().await).await;
}

/// A distinct party for each number.
pub fn address(n: u8) -> Address {
    Address([n; 32])
}

/// A distinct upload id for each number.
pub fn upload_id(n: u8) -> UploadId {
    UploadId([n; 16])
}

/// Bytes of a distinct statement for each number. Storage does not look inside.
pub fn statement(n: u32) -> Bytes {
    Bytes::from(format!("statement {n}, with some length to it"))
}

/// The hash of [`statement`] `n`.
pub fn hash(n: u32) -> StatementHash {
    StatementHash::of(&statement(n))
}

/// A transaction that stores statement `n` and appends it to `list`.
pub fn append(list: List, n: u32) -> Transaction {
    Transaction {
        statements: vec![statement(n)],
        appends: vec![(list, hash(n))],
        ..Transaction::default()
    }
}

/// A transaction that stores statement `n` as a header with one part.
pub fn part(n: u32, payload: NewPayload) -> Transaction {
    Transaction {
        statements: vec![statement(n)],
        parts: vec![NewPart {
            header: hash(n),
            index: 0,
            age_header: Bytes::from_static(b"age-encryption.org/v1\n"),
            payload,
        }],
        ..Transaction::default()
    }
}

/// Commits what must succeed.
pub async fn commit(store: &dyn Store, transaction: Transaction) -> Committed {
    store
        .commit(transaction)
        .await
        .expect("the transaction is in order")
}

/// The time at which [`create`] creates.
pub const NOW: UnixMillis = UnixMillis(1_790_000_000_000);

/// Creates an upload with room for it, or finds it as it stands.
pub async fn create(
    store: &dyn Store,
    owner: &Address,
    id: &UploadId,
    length: u64,
) -> Result<UploadStatus, UploadError> {
    let quota = UploadQuota::default();
    store.create_upload(owner, id, length, NOW, &quota).await
}

/// Reads a range of a part's payload whole.
pub async fn read(
    store: &dyn Store,
    header: u32,
    index: u32,
    range: std::ops::Range<u64>,
) -> Result<Option<Vec<u8>>, ReadError> {
    let Some(stream) = store.payload(&hash(header), index, range).await? else {
        return Ok(None);
    };
    let pieces: Vec<Bytes> = stream.try_collect().await?;
    Ok(Some(pieces.concat()))
}

/// Bytes without a period that chunk lengths share.
pub fn pattern(length: usize, seed: u8) -> Bytes {
    let mut state = u32::from(seed) + 1;
    let bytes = (0..length).map(|_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    });
    bytes.collect()
}
