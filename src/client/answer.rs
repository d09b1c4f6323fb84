//! What a recipient or sender says of a letter besides reading it: accepting, refusing, deleting,
//! taking back.
//!
//! Only the server's receipt makes it an event; it refuses what comes too late.

use postfach_crypto::ids::StatementHash;
use postfach_crypto::statement::{
    Acceptance, Deletion, Event, Reason, Rejection, Signed, Withdrawal,
};

use super::error::ClientError;
use super::session::{Expected, Receipted, Session};

impl Session {
    /// Accepts a delivery (Empfangsbekenntnis).
    pub async fn accept(&self, header: StatementHash) -> Result<Receipted, ClientError> {
        let acceptance = Acceptance {
            context: self.context(),
            header,
            recipient: self.address()?,
            ext: None,
        };
        let signed = Signed::sign(acceptance, self.daily_key()?)?;
        let expected = about(&header, &[Event::ConsignmentAcceptance]);
        self.submit_for(&signed, expected).await
    }

    /// Refuses a delivery that was not handed over.
    pub async fn reject(
        &self,
        header: StatementHash,
        reason: Reason,
    ) -> Result<Receipted, ClientError> {
        let rejection = Rejection {
            context: self.context(),
            header,
            recipient: self.address()?,
            reasons: vec![reason],
            ext: None,
        };
        let signed = Signed::sign(rejection, self.daily_key()?)?;
        let expected = about(&header, &[Event::ConsignmentRejection]);
        self.submit_for(&signed, expected).await
    }

    /// Deletes a letter for every device of this party; nothing, where that was done before.
    pub async fn delete(&self, header: StatementHash) -> Result<Option<Receipted>, ClientError> {
        let deletion = Deletion {
            context: self.context(),
            header,
            recipient: self.address()?,
            ext: None,
        };
        let signed = Signed::sign(deletion, self.keys.identity()?)?;
        let expected = about(&header, &[Event::EnvelopeDeletion]);
        match self.submit_for(&signed, expected).await {
            Err(ClientError::Refused(problem)) if problem.code() == "deleted" => Ok(None),
            other => other.map(Some),
        }
    }

    /// Takes back a letter that this party sent and nobody retrieved.
    pub async fn withdraw(
        &self,
        header: StatementHash,
        reason: Reason,
    ) -> Result<Receipted, ClientError> {
        let withdrawal = Withdrawal {
            context: self.context(),
            header,
            sender: self.address()?,
            reasons: vec![reason],
            ext: None,
        };
        let signed = Signed::sign(withdrawal, self.daily_key()?)?;
        let expected = about(&header, &[Event::EnvelopeWithdrawal]);
        self.submit_for(&signed, expected).await
    }
}

fn about<'e>(header: &StatementHash, events: &'e [Event]) -> Expected<'e> {
    Expected {
        header: Some(*header),
        events,
    }
}
