//! Closing the mailbox: the statement, and the keys that others could come in with.
//!
//! Invariant: what the server says of a closure is checked like every list, so a client tells no
//! mailbox closed whose owner did not close it. Safe to repeat: a mailbox that is closed already loses
//! the vaults that are left. Absent: this device's own keys, which may read for a while and stay.
//! Specification: docs/format/statements.md, "closure".

use postfach_crypto::ids::{StatementHash, UnixMillis};
use postfach_crypto::statement::{Closure, READABLE_AFTER_CLOSURE, Signed};

use super::error::ClientError;
use super::session::Session;

/// A mailbox that was closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closed {
    /// The closure.
    pub statement: StatementHash,
    /// When the server receipted it.
    pub at: UnixMillis,
}

impl Closed {
    /// Until when what had arrived can be read and exported.
    pub fn readable_until(&self) -> UnixMillis {
        UnixMillis(self.at.0.saturating_add(READABLE_AFTER_CLOSURE))
    }
}

impl Session {
    /// Closes this party's mailbox for good, and deletes its vaults at the server.
    pub async fn close_mailbox(&self) -> Result<Closed, ClientError> {
        let closed = match self.closed().await? {
            Some(closed) => closed,
            None => self.say_closed().await?,
        };
        let signer = self.identity_signer()?;
        for vault in self.http.vaults(signer).await?.vaults {
            self.http.delete_vault(signer, &vault).await?;
        }
        Ok(closed)
    }

    /// Whether this party closed its mailbox, and when.
    pub async fn closed(&self) -> Result<Option<Closed>, ClientError> {
        let me = self.address()?;
        let known = self.relation(me, me).await?;
        let Some(closure) = &known.general.closure else {
            return Ok(None);
        };
        let statement = closure.hash();
        let mut entries = known.resource.general.iter();
        let entry = entries.find(|entry| StatementHash::of(entry.statement.as_ref()) == statement);
        let entry = entry.ok_or_else(|| ClientError::Answer("no such entry".into()))?;
        let at = self.receipted_at(entry)?;
        Ok(Some(Closed { statement, at }))
    }

    async fn say_closed(&self) -> Result<Closed, ClientError> {
        let closure = Closure {
            context: self.context(),
            citizen: self.address()?,
            ext: None,
        };
        let closure = Signed::sign(closure, self.keys.identity()?)?;
        let receipted = self.submit(&closure).await?;
        Ok(Closed {
            statement: receipted.statement,
            at: receipted.receipt.context.time,
        })
    }
}
