//! The embedded store behaves as the memory model does, through restarts of every kind.

use std::path::Path;

use bytes::Bytes;
use postfach_crypto::ids::{PayloadHash, UnixMillis, VaultVersion};
use postfach_storage::conformance::vaults::vault_id;
use postfach_storage::conformance::{
    NOW, address, create, hash, pattern, read, statement, upload_id,
};
use postfach_storage::embedded::Options;
use postfach_storage::{
    EmbeddedStore, List, MemoryStore, NewPart, NewPayload, Store, Transaction, VaultChange,
    VaultStep,
};
use proptest::collection::vec;
use proptest::prelude::*;
use tempfile::TempDir;

const STATEMENTS: u32 = 10;
const UPLOADS: u8 = 2;
const VAULTS: u8 = 2;
const CHUNK: usize = 1024 * 1024;

#[derive(Debug, Clone)]
enum Step {
    Commit(Box<Transaction>),
    Create {
        owner: u8,
        id: u8,
        length: u64,
    },
    Append {
        owner: u8,
        id: u8,
        offset: u64,
        length: usize,
    },
    Discard {
        owner: u8,
        id: u8,
    },
    /// Of what was created before NOW, which is nothing, or after, which is everything open.
    Expire {
        before: u64,
    },
    Restart(Restart),
}

#[derive(Debug, Clone, Copy)]
enum Restart {
    Closed,
    Killed,
    IndexLost,
    MachineRestarted,
}

fn lists() -> [List; 4] {
    let (a, b) = (address(1), address(2));
    [
        List::Party(a),
        List::Stream(a, [3; 32], b),
        List::Answer(hash(0)),
        List::Certificates,
    ]
}

fn list() -> impl Strategy<Value = List> {
    prop::sample::select(lists().to_vec())
}

/// All of an upload that [`Step::Append`] steps make up.
fn upload_bytes(length: u64) -> Bytes {
    pattern(usize::try_from(length).expect("small"), 1)
}

fn lengths() -> impl Strategy<Value = u64> {
    prop::sample::select(vec![0, 1, 100, CHUNK as u64, CHUNK as u64 + 5])
}

fn payload() -> impl Strategy<Value = NewPayload> {
    prop_oneof![
        3 => (0..200usize).prop_map(|length| NewPayload::Inline(pattern(length, 2))),
        2 => (1..=2u8, 0..UPLOADS, lengths()).prop_map(|(owner, id, length)| {
            let hash = PayloadHash::of(&upload_bytes(length));
            NewPayload::Upload { owner: address(owner), id: upload_id(id), length, hash }
        }),
    ]
}

/// What a vault may hold.
fn sealed(n: u8) -> Bytes {
    pattern(20, n)
}

fn vault() -> impl Strategy<Value = VaultChange> {
    let step = (0..3u8, 0..3u8, 0..3u8).prop_map(|(step, before, after)| {
        let (before, sealed) = (VaultVersion::of(&sealed(before)), sealed(after));
        match step {
            0 => VaultStep::Create { sealed },
            1 => VaultStep::Replace { before, sealed },
            _ => VaultStep::Delete { before },
        }
    });
    (1..=2u8, 0..VAULTS, step).prop_map(|(owner, id, step)| VaultChange {
        id: vault_id(id),
        owner: address(owner),
        step,
    })
}

fn transaction() -> impl Strategy<Value = Transaction> {
    let part = (0..STATEMENTS, 0..3u32, payload());
    let parts = vec(part, 0..3);
    let statements = vec(0..STATEMENTS, 0..3);
    let appends = vec((list(), 0..STATEMENTS), 0..4);
    let expect = vec((list(), 0..3u64), 0..2);
    let change = prop::option::of(vault());
    let all = (statements, appends, expect, parts, change);
    all.prop_map(|(statements, appends, expect, parts, vault)| {
        let header = |n: u32| statements.get(n as usize % 3).copied().unwrap_or(n);
        let new = parts.into_iter().map(|(n, index, payload)| NewPart {
            header: hash(header(n)),
            index,
            age_header: pattern(n as usize, 3),
            payload,
        });
        Transaction {
            parts: new.collect(),
            statements: statements.into_iter().map(statement).collect(),
            appends: appends
                .into_iter()
                .map(|(list, n)| (list, hash(n)))
                .collect(),
            expect,
            vault,
        }
    })
}

fn step() -> impl Strategy<Value = Step> {
    let upload = || (1..=2u8, 0..UPLOADS);
    let restart = prop::sample::select(vec![
        Restart::Closed,
        Restart::Killed,
        Restart::IndexLost,
        Restart::MachineRestarted,
    ]);
    prop_oneof![
        10 => transaction().prop_map(|it| Step::Commit(Box::new(it))),
        4 => vault().prop_map(|change| {
            let vault = Some(change);
            Step::Commit(Box::new(Transaction { vault, ..Transaction::default() }))
        }),
        4 => (upload(), lengths())
            .prop_map(|((owner, id), length)| Step::Create { owner, id, length }),
        4 => (upload(), prop::sample::select(vec![0, 1, CHUNK as u64]), lengths()).prop_map(
            |((owner, id), offset, length)| {
                let length = usize::try_from(length).expect("small");
                Step::Append { owner, id, offset, length }
            }
        ),
        1 => upload().prop_map(|(owner, id)| Step::Discard { owner, id }),
        1 => (NOW.0..=NOW.0 + 1).prop_map(|before| Step::Expire { before }),
        2 => restart.prop_map(Step::Restart),
    ]
}

fn open(folder: &Path) -> EmbeddedStore {
    let options = Options {
        segment_bytes: 2000,
        reserve_bytes: 0,
        index_cache: 1024 * 1024,
        ..Options::default()
    };
    EmbeddedStore::open(folder, &options).expect("the folder opens")
}

async fn restart(store: EmbeddedStore, folder: &Path, how: Restart) -> EmbeddedStore {
    if let Restart::Closed = how {
        store.close().await;
    }
    drop(store);
    match how {
        Restart::Closed | Restart::Killed => {}
        Restart::IndexLost => {
            std::fs::remove_dir_all(folder.join("index")).expect("the index was there");
        }
        Restart::MachineRestarted => {
            let state = std::fs::write(folder.join("STATE"), "running another-boot\n");
            state.expect("STATE writes");
        }
    }
    open(folder)
}

/// Takes one step on a store; its answer as text, so that answers of all kinds compare.
async fn take(store: &dyn Store, step: &Step) -> String {
    match step {
        Step::Commit(transaction) => {
            format!("{:?}", store.commit(Transaction::clone(transaction)).await)
        }
        Step::Create { owner, id, length } => {
            let created = create(store, &address(*owner), &upload_id(*id), *length).await;
            format!("{created:?}")
        }
        Step::Append {
            owner,
            id,
            offset,
            length,
        } => {
            let at = usize::try_from(*offset).expect("small");
            let bytes = upload_bytes(*offset + *length as u64).slice(at..);
            let (owner, id) = (address(*owner), upload_id(*id));
            let sent = store.append_upload(&owner, &id, *offset, bytes).await;
            format!("{sent:?}")
        }
        Step::Expire { before } => {
            let expired = store.expire_uploads(UnixMillis(*before), 100).await;
            format!("{expired:?}")
        }
        Step::Discard { owner, id } => {
            let gone = store
                .discard_upload(&address(*owner), &upload_id(*id))
                .await;
            format!("{gone:?}")
        }
        Step::Restart(_) => String::new(),
    }
}

/// Everything that can be read, as text.
async fn everything(store: &dyn Store) -> Vec<String> {
    let mut all = vec![format!("{:?}", store.tree_head().await)];
    all.push(format!("{:?}", store.leaves(0, 1000).await));
    for n in 0..STATEMENTS {
        all.push(format!("{:?}", store.statement(&hash(n)).await));
        for index in 0..3 {
            let part = store.part(&hash(n), index).await;
            if let Ok(Some(part)) = &part {
                let payload = read(store, n, index, 0..part.payload_length).await;
                let payload = payload.map(|bytes| bytes.map(|bytes| PayloadHash::of(&bytes)));
                all.push(format!("{payload:?}"));
            }
            all.push(format!("{part:?}"));
        }
    }
    for list in lists() {
        all.push(format!("{:?}", store.head(&list).await));
        all.push(format!("{:?}", store.entries(&list, 0, 1000).await));
        all.push(format!("{:?}", store.entries(&list, 1, 2).await));
    }
    for n in 0..VAULTS {
        all.push(format!("{:?}", store.vault(&vault_id(n)).await));
        all.push(format!("{:?}", store.vaults(&address(n + 1)).await));
    }
    for (owner, id) in (1..=2).flat_map(|owner| (0..UPLOADS).map(move |id| (owner, id))) {
        let (owner, id) = (address(owner), upload_id(id));
        all.push(format!("{:?}", store.upload(&owner, &id).await));
        all.push(format!("{:?}", store.upload_hash(&owner, &id).await));
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]
    #[test]
    fn behaves_as_the_model(steps in vec(step(), 1..40)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        runtime.expect("a runtime starts").block_on(async {
            let folder = TempDir::new().expect("a temporary folder");
            let model = MemoryStore::new();
            let mut store = open(folder.path());
            for step in &steps {
                if let Step::Restart(how) = step {
                    store = restart(store, folder.path(), *how).await;
                    assert_eq!(everything(&store).await, everything(&model).await);
                }
                assert_eq!(take(&store, step).await, take(&model, step).await, "{step:?}");
            }
            assert_eq!(everything(&store).await, everything(&model).await);
        });
    }
}
