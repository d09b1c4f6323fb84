//! The time-stamp in an evidence file: the first token over a checkpoint that has all of the
//! envelope's events.
//!
//! Invariants: the checkpoint is one that the log signed and continued, and the token names its text.
//! Absent: whether the token is an authority's, which whoever verifies the file decides by the
//! certificate that they pin; and waiting for one: a server that has none yet, or asks no authority,
//! gives a file without. docs/format/log.md, "Time-stamps".

use postfach_crypto::evidence::{Evidence, Timestamp};
use postfach_crypto::ids::LeafHash;
use postfach_crypto::tlog::{SignedCheckpoint, VerifierKey};
use serde_bytes::ByteBuf;

use super::error::{ClientError, Dishonest};
use super::log::check_consistent;
use super::log_record::Places;
use super::session::Session;
use crate::api::resources::TimestampResource;
use crate::timestamp::check_token;

impl Session {
    /// The token over the last event of the envelope, where there is one; its checkpoint joins
    /// `checkpoints`, which ascend by size.
    pub(super) async fn timestamps(
        &self,
        evidence: &Evidence,
        places: &Places,
        keys: &[VerifierKey],
        checkpoints: &mut Vec<SignedCheckpoint>,
    ) -> Result<Option<Vec<Timestamp>>, ClientError> {
        let last = evidence.entries.last().map(|bytes| LeafHash::of(bytes));
        let last = last.and_then(|entry| places.get(&entry).copied());
        let (Some(position), Some(newest)) = (last, checkpoints.last().cloned()) else {
            return Ok(None);
        };
        let path = format!("/log/timestamp/{position}");
        let Some(found) = self.http.find::<TimestampResource>(&path).await? else {
            return Ok(None);
        };
        let (note, token) = (found.checkpoint.as_bytes(), found.token.0);
        let stamped = SignedCheckpoint::verify(note, keys).map_err(Dishonest::Checkpoint)?;
        check_token(&token, stamped.note().text()).map_err(Dishonest::Timestamp)?;
        let size = stamped.head().size;
        // Stamped since the newest was read, or of an earlier tree than asked for: of no use here.
        if size > newest.head().size || size <= position {
            return Ok(None);
        }
        let consistent = check_consistent(&self.http, stamped.head(), newest.head()).await;
        if let Err(error @ ClientError::Dishonest(_)) = consistent {
            self.kept().contradicting([&stamped, &newest])?;
            return Err(error);
        }
        consistent?;
        let place = checkpoints.partition_point(|earlier| earlier.head().size < size);
        let same = checkpoints.get(place).filter(|it| it.head().size == size);
        match same {
            // A token is over the text alone; lines beyond the three would make it another one.
            Some(same) if same.note().text() != stamped.note().text() => return Ok(None),
            Some(_) => {}
            None => checkpoints.insert(place, stamped),
        }
        let token = ByteBuf::from(token);
        Ok(Some(vec![Timestamp { size, token }]))
    }
}
