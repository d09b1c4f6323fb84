//! Durable storage of Mein Postfach.
//!
//! Storage knows statements (exact bytes, their hash, their place in the log), typed append-only
//! lists of statement hashes, the parts of envelopes, uploads on their way to become parts, and
//! vaults.
//! What statements mean, and who may read what, is decided in the crates above.
//!
//! Reading order: [`list`] and [`transaction`] say what is stored, [`store`] how it is asked for,
//! [`memory`] is the obvious model, [`embedded`] the journal with its index, [`conformance`] the
//! suite that every backend passes. Byte layouts: docs/format/journal.md.

pub mod conformance;
pub mod embedded;
pub mod error;
pub mod list;
pub mod memory;
pub mod store;
pub mod transaction;
pub mod vault;

pub use embedded::EmbeddedStore;
pub use error::{CommitError, ReadError, UploadError};
pub use list::{List, ListHead};
pub use memory::MemoryStore;
pub use store::{
    Expired, PayloadStream, Store, StoredPart, StoredStatement, UploadQuota, UploadStatus,
};
pub use transaction::{Committed, NewPart, NewPayload, Transaction};
pub use vault::{StoredVault, VaultChange, VaultStep};
