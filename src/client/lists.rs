//! The party's own lists, mailbox and sent, followed entry by entry.
//!
//! Every hash seen is kept in order, one a line. The next page must continue exactly there and add
//! up to the server's signed head; so a dropped, exchanged or reordered entry is noticed by name.

use std::fs::{OpenOptions, TryLockError};
use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use postfach_crypto::ids::{Address, EnvelopeId, StatementHash};
use postfach_crypto::statement::{EnvelopeHeader, ListHead, Signed, Subject};

use super::error::{ClientError, Dishonest};
use super::session::{Session, verified};
use crate::api::resources::Page;
use crate::durable;

/// Entries asked for at once.
const PAGE: usize = 500;
/// Most entries that are held in memory until a signed head proves them.
const MAX_UNPROVEN: usize = 1 << 22;

/// How long a follower waits before it asks again whether it is its turn, and how often it asks.
const TURN: Duration = Duration::from_millis(20);
const MAX_TURNS: u32 = 6000;

/// Which of the party's lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnList {
    /// What was delivered to the party.
    Mailbox,
    /// What the party sent.
    Sent,
}

impl OwnList {
    fn name(self) -> &'static str {
        match self {
            OwnList::Mailbox => "mailbox",
            OwnList::Sent => "sent",
        }
    }

    fn route(self) -> &'static str {
        match self {
            OwnList::Mailbox => "envelopes",
            OwnList::Sent => "sent",
        }
    }
}

impl Session {
    /// Follows a list to its end and returns all its headers' hashes, oldest first. Headers
    /// themselves are kept.
    pub async fn sync(&self, list: OwnList) -> Result<Vec<StatementHash>, ClientError> {
        let address = self.address()?;
        let subject = match list {
            OwnList::Mailbox => Subject::Mailbox(address),
            OwnList::Sent => Subject::Sent(address),
        };
        // Two followers at once, tasks or processes, would note the same entries twice.
        let _turn = self.turn(list).await?;
        let mut known = self.known(list)?;
        let proven = known.len();
        loop {
            let path = format!(
                "/v1/mailboxes/{address}/{}?after={}&limit={PAGE}",
                list.route(),
                known.len()
            );
            let page: Page = self.http.get(&path, Some(self.signer()?)).await?;
            let head = self.head_of(page.head.as_ref(), subject)?;
            let headers = verified::<EnvelopeHeader>(&page.entries, self.operator.origin())?;
            for header in &headers {
                check_own(list, address, header)?;
            }
            known.extend(headers.iter().map(Signed::hash));
            let shown = known.len() as u64;
            let stuck = headers.is_empty() && shown < head.head.count;
            if shown > head.head.count || stuck {
                self.remember(&head)?; // names a regression where there is one
                return Err(dropped(&head.head, shown));
            }
            if known.len() - proven > MAX_UNPROVEN {
                return Err(ClientError::Answer("list too long".into()));
            }
            // Headers are kept under their own hashes; only the order is to be proven.
            for header in &headers {
                self.kept.keep(header)?;
            }
            if shown == head.head.count {
                if ListHead::of(&known) != head.head {
                    return Err(dropped(&head.head, shown));
                }
                self.remember(&head)?;
                self.append_known(list, &known[proven..])?;
                return Ok(known);
            }
        }
    }

    /// The last header that the server receipted of this party's key to this recipient.
    pub(super) async fn last_sent(
        &self,
        recipient: Address,
    ) -> Result<Option<StatementHash>, ClientError> {
        let signer = self.daily_key()?.verifying_key();
        let sent = self.sync(OwnList::Sent).await?;
        for hash in sent.iter().rev() {
            let header = self.kept_header(hash)?;
            if header.recipient == recipient && header.signer == signer {
                return Ok(Some(*hash));
            }
        }
        Ok(None)
    }

    /// A header that was kept when its list was followed.
    pub fn kept_header(&self, hash: &StatementHash) -> Result<Signed<EnvelopeHeader>, ClientError> {
        self.kept
            .find(hash)?
            .ok_or_else(|| ClientError::NotFound("this letter is not kept here".into()))
    }

    /// The receipt of the envelope that this party sent under an id, if there is one.
    pub fn receipted(
        &self,
        envelope: Option<EnvelopeId>,
    ) -> Result<Option<StatementHash>, ClientError> {
        let headers = self.kept.all::<EnvelopeHeader>()?;
        let sent = headers.iter().find(|header| {
            Some(header.envelope_id) == envelope && Some(header.sender) == self.address().ok()
        });
        match sent {
            Some(header) => Ok(self
                .kept
                .receipts_about(&header.hash())?
                .first()
                .map(Signed::hash)),
            None => Ok(None),
        }
    }

    /// The right to follow a list; given back on drop. Waits for whoever has it, without holding
    /// up other tasks.
    async fn turn(&self, list: OwnList) -> Result<std::fs::File, ClientError> {
        let folder = self.profile.kept_folder().join("lists");
        durable::private_folder(&folder).map_err(ClientError::file(&folder))?;
        let path = folder.join(format!("{}.lock", list.name()));
        let file = OpenOptions::new().create(true).append(true).open(&path);
        let file = file.map_err(ClientError::file(&path))?;
        for _ in 0..MAX_TURNS {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(TryLockError::WouldBlock) => tokio::time::sleep(TURN).await,
                Err(TryLockError::Error(error)) => return Err(ClientError::file(&path)(error)),
            }
        }
        Err(ClientError::Unreachable(
            "another process follows this list".into(),
        ))
    }

    fn known(&self, list: OwnList) -> Result<Vec<StatementHash>, ClientError> {
        let path = self.known_path(list);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(ClientError::file(&path)(error)),
        };
        // A line that a crash cut short is asked for again.
        Ok(text.lines().map_while(|line| line.parse().ok()).collect())
    }

    fn append_known(&self, list: OwnList, new: &[StatementHash]) -> Result<(), ClientError> {
        if new.is_empty() {
            return Ok(());
        }
        let path = self.known_path(list);
        let folder = self.profile.kept_folder().join("lists");
        durable::private_folder(&folder).map_err(ClientError::file(&folder))?;
        let whole_lines = self.known(list)?.len() as u64 * LINE;
        let lines: String = new.iter().map(|hash| format!("{hash}\n")).collect();
        let write = || {
            let mut file = OpenOptions::new().create(true).append(true).open(&path)?;
            file.set_len(whole_lines)?;
            file.write_all(lines.as_bytes())?;
            file.sync_data()
        };
        write().map_err(ClientError::file(&path))
    }

    fn known_path(&self, list: OwnList) -> PathBuf {
        let folder = self.profile.kept_folder().join("lists");
        folder.join(format!("{}.txt", list.name()))
    }
}

/// Bytes of one line: 64 digits and the line end.
const LINE: u64 = 65;

fn dropped(head: &ListHead, shown: u64) -> ClientError {
    Dishonest::DroppedEntry {
        head: head.count,
        shown,
    }
    .into()
}

/// An own list holds what this party sent or received, signed by the key that it names.
fn check_own(
    list: OwnList,
    address: Address,
    header: &Signed<EnvelopeHeader>,
) -> Result<(), ClientError> {
    let own = match list {
        OwnList::Mailbox => header.recipient,
        OwnList::Sent => header.sender,
    };
    if own == address && header.signer == header.signer() {
        Ok(())
    } else {
        Err(Dishonest::ForgedHeader {
            sender: header.sender,
        }
        .into())
    }
}
