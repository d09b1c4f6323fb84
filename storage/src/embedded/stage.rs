//! Judging transactions one after the other, each as if those before it were applied already.
//!
//! Invariant: whatever [`Stage::admit`] accepted is consistent with the index and with everything
//! admitted before it; what it refused left no trace. Committing and replaying use it alike, so a
//! rebuilt index is the index. Absent: I/O other than index reads, durability.

use std::collections::{HashMap, HashSet};

use postfach_crypto::ids::{Address, LeafHash, StatementHash, TreeHash, VaultId};
use postfach_crypto::tlog::{Frontier, Growth};

use super::index::{Applied, Changes, Index, IndexError, ListState, Location, VaultEntry};
use super::record::{HEADER, Plan, PlannedPayload, PlannedVault, Span};
use super::segment::Place;
use crate::error::CommitError;
use crate::list::{List, ListHead};
use crate::transaction::Committed;
use crate::vault::MAX_VAULTS;

/// Admitted transactions that are not yet in the index.
pub(crate) struct Stage<'a> {
    index: &'a Index,
    next: Place,
    last: Option<Place>,
    lists: HashMap<List, ListState>,
    frontier: &'a Frontier,
    leaves: Vec<LeafHash>,
    tree_leaves: Vec<TreeHash>,
    statements: HashSet<StatementHash>,
    vaults: HashMap<VaultId, Option<VaultEntry>>,
    owned: HashMap<Address, Vec<VaultId>>,
    changes: Changes,
}

/// A transaction that will be committed with its group.
pub(crate) struct Admitted {
    first: u64,
    end: u64,
    heads: Vec<(List, ListHead)>,
}

impl Admitted {
    /// What its commit did, once the whole group is durable.
    pub(crate) fn committed(self, growth: &Growth) -> Committed {
        Committed {
            first: self.first,
            heads: self.heads,
            log: growth.head(),
            proofs: (self.first..self.end)
                .map(|position| {
                    let proof = growth.inclusion_proof(position);
                    proof.expect("the group's statements are the tree's new leaves")
                })
                .collect(),
        }
    }
}

/// Why a transaction was not admitted.
pub(crate) enum Refused {
    /// It is at odds with what is stored.
    By(CommitError),
    /// The index failed.
    Index(IndexError),
}

impl From<IndexError> for Refused {
    fn from(error: IndexError) -> Self {
        Refused::Index(error)
    }
}

impl<'a> Stage<'a> {
    /// Begins with nothing admitted; the next record will begin at `next`, where the log's tree
    /// ends with `frontier`.
    pub(crate) fn new(index: &'a Index, next: Place, frontier: &'a Frontier) -> Self {
        Self {
            index,
            next,
            last: None,
            lists: HashMap::new(),
            frontier,
            leaves: Vec::new(),
            tree_leaves: Vec::new(),
            statements: HashSet::new(),
            vaults: HashMap::new(),
            owned: HashMap::new(),
            changes: Changes::default(),
        }
    }

    /// Where the next record will begin.
    pub(crate) fn next(&self) -> Place {
        self.next
    }

    /// Whether anything was admitted.
    pub(crate) fn is_empty(&self) -> bool {
        self.last.is_none()
    }

    /// Checks what the transaction presupposes and refers to.
    pub(crate) fn check(&self, plan: &Plan, expect: &[(List, u64)]) -> Result<(), Refused> {
        for (list, count) in expect {
            if self.head(list)?.count != *count {
                return Err(Refused::By(CommitError::Conflict { list: *list }));
            }
        }
        for new in &plan.statements {
            if self.is_stored(&new.hash)? {
                let statement = new.hash;
                return Err(Refused::By(CommitError::Duplicate { statement }));
            }
        }
        for (_, statement) in &plan.appends {
            let new = || plan.statements.iter().any(|new| new.hash == *statement);
            if !new() && !self.is_stored(statement)? {
                let statement = *statement;
                return Err(Refused::By(CommitError::UnknownStatement { statement }));
            }
        }
        match &plan.vault {
            Some(change) => self.check_vault(change),
            None => Ok(()),
        }
    }

    /// Checks that the vault is as the change presupposes, and that there is room for a new one.
    fn check_vault(&self, change: &PlannedVault) -> Result<(), Refused> {
        let found = self.vault(&change.id)?;
        let fits = found.map(|vault| vault.version) == change.before
            && found.is_none_or(|vault| vault.owner == change.owner);
        if !fits {
            return Err(Refused::By(CommitError::VaultChanged));
        }
        if found.is_none() && self.vaults_of(&change.owner)?.len() >= MAX_VAULTS {
            let limit = MAX_VAULTS;
            return Err(Refused::By(CommitError::TooManyVaults { limit }));
        }
        Ok(())
    }

    /// Admits a checked transaction as the next record, whose body has `body_length` bytes.
    pub(crate) fn admit(&mut self, plan: &Plan, body_length: usize) -> Result<Admitted, Refused> {
        let mut touched: Vec<(List, ListState)> = Vec::new();
        for (list, entry) in &plan.appends {
            let slot = match touched.iter().position(|(other, _)| other == list) {
                Some(slot) => slot,
                None => {
                    let state = match self.lists.remove(list) {
                        Some(state) => state,
                        None => self.index.list(list)?,
                    };
                    touched.push((*list, state));
                    touched.len() - 1
                }
            };
            self.changes.append(list, &mut touched[slot].1, entry);
        }
        let at = self.next;
        let locate = |span: &Span| Location {
            segment: at.segment,
            offset: u32::try_from(at.offset + HEADER as u64 + u64::from(span.offset))
                .expect("segments are far shorter than 4 GiB"),
            length: span.length,
            crc: span.crc,
        };
        for (position, new) in (at.position..).zip(&plan.statements) {
            self.changes.statement(new, position, locate(&new.span));
            self.leaves.push(new.leaf);
            self.tree_leaves.push(new.tree_leaf);
            self.statements.insert(new.hash);
        }
        for part in &plan.parts {
            let age_header = locate(&part.age_header);
            let payload = match &part.payload {
                PlannedPayload::Inline(span) => locate(span),
                PlannedPayload::Upload(_) => age_header,
            };
            self.changes.part(part, age_header, payload);
        }
        if let Some(change) = &plan.vault {
            let entry = change.after.map(|(version, span)| VaultEntry {
                owner: change.owner,
                version,
                sealed: locate(&span),
            });
            self.admit_vault(change, entry)?;
        }
        let heads = touched
            .iter()
            .map(|(list, state)| (*list, state.head))
            .collect();
        self.lists.extend(touched);
        self.last = Some(at);
        self.next = Place {
            offset: at.offset + (HEADER + body_length) as u64,
            sequence: at.sequence + 1,
            position: at.position + plan.statements.len() as u64,
            ..at
        };
        Ok(Admitted {
            first: at.position,
            end: self.next.position,
            heads,
        })
    }

    fn admit_vault(
        &mut self,
        change: &PlannedVault,
        entry: Option<VaultEntry>,
    ) -> Result<(), IndexError> {
        if change.before.is_none() || entry.is_none() {
            let mut owned = self.vaults_of(&change.owner)?;
            match entry {
                Some(_) => owned.push(change.id),
                None => owned.retain(|id| *id != change.id),
            }
            self.changes.vaults_of(&change.owner, &owned);
            self.owned.insert(change.owner, owned);
        }
        self.changes.vault(&change.id, entry.as_ref());
        self.vaults.insert(change.id, entry);
        Ok(())
    }

    /// Applies everything admitted to the index; `crc` is the last record's. Returns the log's tree
    /// as it has grown.
    pub(crate) fn apply(mut self, crc: u32) -> Result<Growth, IndexError> {
        let growth = self.frontier.grow(&self.tree_leaves);
        let Some(last) = self.last else {
            return Ok(growth);
        };
        self.changes.leaves(self.frontier.size(), &self.leaves);
        self.changes.nodes(&growth);
        for (list, state) in &self.lists {
            self.changes.list(list, state);
        }
        let applied = Applied {
            last,
            crc,
            next: self.next,
        };
        self.index.apply(self.changes, &applied)?;
        Ok(growth)
    }

    fn head(&self, list: &List) -> Result<ListHead, IndexError> {
        match self.lists.get(list) {
            Some(state) => Ok(state.head),
            None => Ok(self.index.list(list)?.head),
        }
    }

    fn vault(&self, id: &VaultId) -> Result<Option<VaultEntry>, IndexError> {
        match self.vaults.get(id) {
            Some(staged) => Ok(*staged),
            None => self.index.vault(id),
        }
    }

    fn vaults_of(&self, owner: &Address) -> Result<Vec<VaultId>, IndexError> {
        match self.owned.get(owner) {
            Some(staged) => Ok(staged.clone()),
            None => self.index.vaults_of(owner),
        }
    }

    fn is_stored(&self, statement: &StatementHash) -> Result<bool, IndexError> {
        Ok(self.statements.contains(statement) || self.index.has_statement(statement)?)
    }
}
