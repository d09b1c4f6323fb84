//! What the auditing party holds, sought in the log: every receipt that it kept, every entry of its
//! record.
//!
//! Invariant: an entry counts as found where the walk, which recomputes everything, passed it; what
//! the server says of positions is compared with that.

use std::collections::{BTreeSet, HashMap};

use postfach_crypto::ids::{LeafHash, StatementHash};
use postfach_crypto::statement::{ListHead, Subject};
use postfach_crypto::tlog::tile::TILE_WIDTH;

use super::Finding;
use crate::api::resources::Page;
use crate::client::error::{ClientError, Dishonest};
use crate::client::session::Session;

/// Entries asked for at once.
const PAGE: usize = 500;
/// Most entries of a party that are sought: some 400 MiB would be needed for more.
const MAX_SOUGHT: usize = 1 << 22;

/// What of the party's is in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Own {
    /// Receipts that the party kept and entries of its record, each once.
    pub sought: u64,
    /// Those that are in the log, at their positions.
    pub found: u64,
    /// Those that are newer than the published checkpoint.
    pub pending: u64,
}

/// One thing sought.
#[derive(Debug, Clone, Copy)]
struct Sought {
    statement: StatementHash,
    /// Position, as the server says.
    said: Option<u64>,
    /// Position where the walk passed it.
    found: Option<u64>,
}

/// What is sought, by its entry in the log.
#[derive(Debug, Default)]
pub(super) struct Seeker {
    sought: HashMap<LeafHash, Sought>,
    /// Size of the largest tree that an answer to the party named.
    answered: u64,
}

impl Seeker {
    /// All that a party holds: its record as the server has it now, and the receipts it kept.
    pub(super) async fn of(party: &Session) -> Result<Self, super::AuditError> {
        let mut seeker = Self::default();
        let mut last = None;
        for (leaf, sought) in record(party).await? {
            if sought.said <= last {
                let statement = sought.statement;
                return Err(Finding::RecordOrder { statement }.into());
            }
            last = sought.said;
            seeker.sought.insert(leaf, sought);
        }
        let receipts = party.kept().receipts().map_err(ClientError::from)?;
        for receipt in receipts {
            seeker.sought.entry(receipt.leaf()).or_insert(Sought {
                statement: receipt.hash(),
                said: None,
                found: None,
            });
        }
        if let Some(answered) = party.answered_checkpoint()? {
            seeker.answered = answered.head().size;
        }
        Ok(seeker)
    }

    /// The walk passes an entry.
    pub(super) fn pass(&mut self, position: u64, entry: &LeafHash) {
        if let Some(sought) = self.sought.get_mut(entry) {
            sought.found = Some(position);
        }
    }

    /// The bundles that hold what is still sought and said to be below `walked`.
    pub(super) fn bundles_before(&self, walked: u64) -> Vec<u64> {
        let missing = self.sought.values().filter(|sought| sought.found.is_none());
        let said = missing.filter_map(|sought| sought.said);
        let bundles: BTreeSet<u64> = said
            .filter(|position| *position < walked)
            .map(|position| position / u64::from(TILE_WIDTH))
            .collect();
        bundles.into_iter().collect()
    }

    /// Whether something that a log of `size` must have was not found where it was said to be.
    pub(super) fn lacks(&self, size: u64) -> bool {
        let mut missing = self.sought.values().filter(|sought| sought.found.is_none());
        missing.any(|sought| sought.said.is_none_or(|said| said < size))
    }

    /// What was found in a log of `size`.
    pub(super) fn finish(&self, size: u64) -> Result<Own, Finding> {
        let mut own = Own::default();
        for sought in self.sought.values() {
            let statement = sought.statement;
            own.sought += 1;
            match (sought.said, sought.found) {
                (Some(said), Some(log)) if said != log => {
                    return Err(Finding::OtherPosition {
                        statement,
                        said,
                        log,
                    });
                }
                (_, Some(_)) => own.found += 1,
                (Some(said), None) if said >= size => own.pending += 1,
                // Nobody said where, and the published log is older than the last answer.
                (None, None) if self.answered > size => own.pending += 1,
                (_, None) => return Err(Finding::NotInLog { statement }),
            }
        }
        Ok(own)
    }
}

/// The party's record, as its signed head proves it, in order.
async fn record(party: &Session) -> Result<Vec<(LeafHash, Sought)>, ClientError> {
    let address = party.address()?;
    let mut record = Vec::new();
    let mut list = ListHead::EMPTY;
    loop {
        let after = record.len();
        let path = format!("/v1/parties/{address}/record?after={after}&limit={PAGE}");
        let page: Page = party.http.get(&path, Some(party.signer()?)).await?;
        let head = party.head_of(page.head.as_ref(), Subject::Record(address))?;
        for entry in &page.entries {
            let statement = StatementHash::of(entry.statement.as_ref());
            list = list.append(&statement);
            let sought = Sought {
                statement,
                said: Some(entry.position),
                found: None,
            };
            record.push((LeafHash::of(entry.statement.as_ref()), sought));
        }
        let dropped = || Dishonest::DroppedEntry {
            head: head.head.count,
            shown: list.count,
        };
        if list.count > head.head.count || (page.entries.is_empty() && list != head.head) {
            return Err(dropped().into());
        }
        if list.count == head.head.count {
            if list != head.head {
                return Err(dropped().into());
            }
            party.remember(&head)?;
            return Ok(record);
        }
        if record.len() > MAX_SOUGHT {
            return Err(ClientError::Answer("record too long".into()));
        }
    }
}
