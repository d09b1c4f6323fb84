//! What parts promise: exact bytes, exact ranges, one header each.

use bytes::Bytes;

use super::{commit, hash, part, pattern, read, statement};
use crate::error::{CommitError, ReadError};
use crate::store::{Store, StoredPart};
use crate::transaction::{MAX_INLINE_PAYLOAD, NewPart, NewPayload, Transaction};

/// Several parts of several headers in one transaction keep their bytes.
pub async fn inline_parts_read_back(store: &dyn Store) {
    let new = |header, index, age_header: &'static [u8], payload: &Bytes| NewPart {
        header: hash(header),
        index,
        age_header: Bytes::from_static(age_header),
        payload: NewPayload::Inline(payload.clone()),
    };
    let payloads = [
        pattern(1, 1),
        pattern(MAX_INLINE_PAYLOAD, 2),
        pattern(1000, 3),
        Bytes::new(),
    ];
    let transaction = Transaction {
        statements: vec![statement(1), statement(2)],
        parts: vec![
            new(1, 0, b"header a", &payloads[0]),
            new(2, 0, b"header b", &payloads[1]),
            new(1, 7, b"header c", &payloads[2]),
            new(1, u32::MAX, b"", &payloads[3]),
        ],
        ..Transaction::default()
    };
    commit(store, transaction.clone()).await;
    for (part, (header, payload)) in transaction
        .parts
        .iter()
        .zip([(1, 0), (2, 1), (1, 2), (1, 3)])
    {
        let payload = &payloads[payload];
        let length = payload.len() as u64;
        let stored = StoredPart {
            age_header: part.age_header.clone(),
            payload_length: length,
        };
        assert_eq!(store.part(&part.header, part.index).await, Ok(Some(stored)));
        let all = read(store, header, part.index, 0..length).await;
        assert_eq!(all, Ok(Some(payload.to_vec())));
    }
    assert_eq!(store.part(&hash(2), 7).await, Ok(None));
    assert_eq!(read(store, 2, 7, 0..0).await, Ok(None));
}

/// Ranges give exactly their bytes; those beyond the payload are refused with its length.
pub async fn ranges_are_exact(store: &dyn Store) {
    let payload = pattern(1000, 1);
    commit(store, part(1, NewPayload::Inline(payload.clone()))).await;
    for range in [0..1000, 0..0, 0..1, 999..1000, 1000..1000, 100..900] {
        let bytes = &payload[range.clone()];
        let range = range.start as u64..range.end as u64;
        assert_eq!(read(store, 1, 0, range).await, Ok(Some(bytes.to_vec())));
    }
    let backwards = std::ops::Range { start: 5, end: 4 };
    for range in [0..1001, 1001..1001, backwards, 0..u64::MAX] {
        let refused = Err(ReadError::Range { length: 1000 });
        assert_eq!(read(store, 1, 0, range).await, refused);
    }
}

/// A part comes with its header, once per index.
pub async fn parts_belong_to_new_headers(store: &dyn Store) {
    let payload = NewPayload::Inline(Bytes::from_static(b"payload"));
    commit(store, part(1, payload.clone())).await;
    let mut late = part(2, payload.clone());
    late.parts[0].header = hash(1);
    late.parts[0].index = 1;
    let stray = CommitError::StrayPart {
        header: hash(1),
        index: 1,
    };
    assert_eq!(store.commit(late).await, Err(stray));
    let mut twice = part(3, payload);
    twice.parts.push(twice.parts[0].clone());
    let stray = CommitError::StrayPart {
        header: hash(3),
        index: 0,
    };
    assert_eq!(store.commit(twice).await, Err(stray));
}
