//! What a client keeps to convict a server that lies: receipts, heads, key histories, statements.
//!
//! ```text
//! kept/receipts/SUBJECT.RECEIPT.cose     by what they are about, so that look-up reads names only
//! kept/heads/KIND-ID.cose                the newest head of each list
//! kept/parties/ADDRESS/NUMBER.cose       key histories, as first seen
//! kept/KIND/HASH.cose                    other statements: headers, bindings, certificates …
//! kept/followed.note, answered.note      the largest signed trees of the log
//! kept/contradictions/HASH.cose, .note   both sides of every contradiction found
//! ```
//!
//! Invariants: everything here was verified before it was kept and is verified again when read;
//! nothing is ever replaced by something that contradicts it; a contradiction keeps both signed
//! sides. Callers verify first *who* signed (`postfach_crypto::operator`, `party`).
//!
//! Absent: content of mail, secrets, the decision what to do about a lie.
//! Specification: docs/format/statements.md, "Head"; design: two heads of one subject that do not
//! fit together convict the server.

mod checkpoint;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use postfach_crypto::ids::{Address, StatementHash};
use postfach_crypto::party::{HistoryError, Party};
use postfach_crypto::statement::{
    Head, KeyStatement, ListHead, MAX_STATEMENT, Receipt, Signed, Statement, Subject, SubjectKind,
    VerifyError,
};
use postfach_crypto::tlog::CheckpointError;

pub use self::checkpoint::Seen;
use crate::durable::{self, Access, Existing};

/// The folder `kept` of a profile.
#[derive(Debug)]
pub struct Kept {
    folder: PathBuf,
    /// Comparing and replacing a head is one step, also between tasks of one process. Between
    /// processes the profile's lock sees to that.
    comparing: Mutex<()>,
}

/// How a head or history contradicts what is kept. Each case convicts the server, but for
/// [`Contradiction::OlderHead`], which may be two answers that overtook each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Contradiction {
    /// Entries disappeared.
    #[error("the list had {kept} entries and now has {now}: entries were dropped")]
    CountWentBackwards {
        /// Entries in the kept head.
        kept: u64,
        /// Entries in the new head.
        now: u64,
    },
    /// As many entries, but others.
    #[error("the list still has {count} entries, but not the same ones")]
    OtherContent {
        /// Entries in both heads.
        count: u64,
    },
    /// The entries shown do not lead from the kept head to the new one.
    #[error("the entries shown after number {kept} do not lead to the head of {now} entries")]
    NotAnExtension {
        /// Entries in the kept head.
        kept: u64,
        /// Entries in the new head.
        now: u64,
    },
    /// The head was signed earlier than the kept one, and is shorter.
    #[error("the head of {now} entries is older than the kept one of {kept} entries")]
    OlderHead {
        /// Entries in the kept head.
        kept: u64,
        /// Entries in the new head.
        now: u64,
    },
    /// The head speaks for another log or an earlier epoch.
    #[error("the head is of another log or an earlier epoch than the kept one")]
    OtherLog,
    /// Two signed trees of one size have two roots.
    #[error("the server shows two different logs of {size} statements")]
    LogForked {
        /// Size of both.
        size: u64,
    },
    /// A key statement is not the one seen before.
    #[error("key statement {number} of {address} is not the one seen before")]
    HistoryRewritten {
        /// Whose history.
        address: Address,
        /// Which statement.
        number: u64,
    },
    /// Key statements seen before are missing, so a superseded key counts as current.
    #[error("{address} had {kept} key statements and now has {now}")]
    HistoryShortened {
        /// Whose history.
        address: Address,
        /// Statements seen before.
        kept: u64,
        /// Statements shown now.
        now: u64,
    },
}

/// Why something cannot be kept or read.
#[derive(Debug, thiserror::Error)]
pub enum KeepError {
    /// It contradicts what is kept.
    #[error(transparent)]
    Contradiction(#[from] Contradiction),
    /// A kept file no longer verifies: where and why.
    #[error("{}: {why}", .0.display(), why = .1)]
    Damaged(PathBuf, VerifyError),
    /// A kept checkpoint no longer verifies: where and why.
    #[error("{}: {why}", .0.display(), why = .1)]
    Checkpoint(PathBuf, CheckpointError),
    /// Kept key statements no longer form a history.
    #[error("kept key statements of {0}: {1}")]
    History(Address, HistoryError),
    /// The file system refused.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Checks that `appended` leads from the kept head of a list to the new one.
///
/// # Errors
/// [`Contradiction::CountWentBackwards`], [`Contradiction::OtherContent`] or
/// [`Contradiction::NotAnExtension`].
pub fn check_extension(
    kept: ListHead,
    appended: &[StatementHash],
    now: ListHead,
) -> Result<(), Contradiction> {
    check_growth(kept, now)?;
    let grown = appended.iter().fold(kept, |head, entry| head.append(entry));
    if grown == now {
        return Ok(());
    }
    let (kept, now) = (kept.count, now.count);
    Err(Contradiction::NotAnExtension { kept, now })
}

impl Kept {
    /// Uses `folder`, and makes it where it is missing.
    ///
    /// # Errors
    /// What the file system returns.
    pub fn open(folder: &Path) -> io::Result<Self> {
        durable::private_folder(folder)?;
        Ok(Self {
            folder: folder.to_owned(),
            comparing: Mutex::new(()),
        })
    }

    /// Keeps a receipt durably; again is no error.
    ///
    /// # Errors
    /// What the file system returns.
    pub fn keep_receipt(&self, receipt: &Signed<Receipt>) -> Result<(), KeepError> {
        let subject = receipt.header.or(receipt.answers);
        let subject = subject.expect("a receipt is about something, by its own rule");
        let name = format!("{subject}.{}", receipt.hash());
        self.write_once("receipts", &name, receipt.bytes())
    }

    /// The receipts about an envelope's header or a statement, in no particular order.
    ///
    /// # Errors
    /// [`KeepError`].
    pub fn receipts_about(
        &self,
        subject: &StatementHash,
    ) -> Result<Vec<Signed<Receipt>>, KeepError> {
        let prefix = subject.to_string();
        self.read_all("receipts", |name| name.starts_with(&prefix))
    }

    /// Every receipt kept, in no particular order.
    ///
    /// # Errors
    /// [`KeepError`].
    pub fn receipts(&self) -> Result<Vec<Signed<Receipt>>, KeepError> {
        self.read_all("receipts", |_| true)
    }

    /// The receipt with this hash.
    ///
    /// # Errors
    /// [`KeepError`].
    pub fn receipt(&self, hash: &StatementHash) -> Result<Option<Signed<Receipt>>, KeepError> {
        let suffix = format!(".{hash}.cose");
        let mut found = self.read_all("receipts", |name| name.ends_with(&suffix))?;
        Ok(found.pop())
    }

    /// Keeps any other statement durably; again is no error.
    ///
    /// # Errors
    /// What the file system returns.
    pub fn keep<S: Statement>(&self, statement: &Signed<S>) -> Result<(), KeepError> {
        let name = statement.hash().to_string();
        self.write_once(S::KIND.name(), &name, statement.bytes())
    }

    /// A statement kept by [`Kept::keep`].
    ///
    /// # Errors
    /// [`KeepError`].
    pub fn find<S: Statement>(&self, hash: &StatementHash) -> Result<Option<Signed<S>>, KeepError> {
        self.read(&self.path(S::KIND.name(), &hash.to_string()))
    }

    /// All statements of a kind kept by [`Kept::keep`], in no particular order.
    ///
    /// # Errors
    /// [`KeepError`].
    pub fn all<S: Statement>(&self) -> Result<Vec<Signed<S>>, KeepError> {
        self.read_all(S::KIND.name(), |_| true)
    }

    /// The newest head kept of a list.
    ///
    /// # Errors
    /// [`KeepError`].
    pub fn head(&self, subject: &Subject) -> Result<Option<Signed<Head>>, KeepError> {
        self.read(&self.path("heads", &subject_name(subject)))
    }

    /// Compares a verified head with the kept one and keeps the newer.
    ///
    /// # Errors
    /// [`KeepError::Contradiction`]; both heads are then kept as evidence, and the older remains.
    pub fn remember_head(&self, head: &Signed<Head>) -> Result<(), KeepError> {
        let _step = self.step();
        let name = subject_name(&head.subject);
        if let Some(kept) = self.head(&head.subject)? {
            if let Err(contradiction) = check_head(&kept, head) {
                self.keep_contradiction(kept.bytes(), kept.hash())?;
                self.keep_contradiction(head.bytes(), head.hash())?;
                return Err(contradiction.into());
            }
            if kept.head == head.head && kept.context.epoch == head.context.epoch {
                return Ok(()); // says nothing new
            }
        }
        self.write("heads", &name, head.bytes(), Existing::Replace)
    }

    /// Compares a party's whole key history with the kept one and keeps what is new.
    ///
    /// # Errors
    /// [`KeepError::Contradiction`]; both sides are then kept as evidence.
    pub fn remember_history(
        &self,
        address: Address,
        history: &[Signed<KeyStatement>],
    ) -> Result<(), KeepError> {
        let _step = self.step();
        let known = self.key_statements(address)?;
        for (kept, now) in known.iter().zip(history) {
            if kept.hash() != now.hash() {
                self.keep_contradiction(kept.bytes(), kept.hash())?;
                self.keep_contradiction(now.bytes(), now.hash())?;
                let number = kept.number;
                return Err(Contradiction::HistoryRewritten { address, number }.into());
            }
        }
        if history.len() < known.len() {
            return Err(Contradiction::HistoryShortened {
                address,
                kept: known.len() as u64,
                now: history.len() as u64,
            }
            .into());
        }
        let folder = party_folder(address);
        for (number, statement) in history.iter().enumerate().skip(known.len()) {
            self.write_once(&folder, &number.to_string(), statement.bytes())?;
        }
        Ok(())
    }

    /// A party as far as it is known here.
    ///
    /// # Errors
    /// [`KeepError`].
    pub fn party(&self, address: Address) -> Result<Option<Party>, KeepError> {
        let history = self.key_statements(address)?;
        if history.is_empty() {
            return Ok(None);
        }
        Party::from_history(address, history)
            .map(Some)
            .map_err(|error| KeepError::History(address, error))
    }

    /// The kept key statements of a party, oldest first.
    fn key_statements(&self, address: Address) -> Result<Vec<Signed<KeyStatement>>, KeepError> {
        let folder = party_folder(address);
        let mut history = Vec::new();
        while let Some(next) = self.read(&self.path(&folder, &history.len().to_string()))? {
            history.push(next);
        }
        Ok(history)
    }

    fn keep_contradiction(&self, bytes: &[u8], hash: StatementHash) -> Result<(), KeepError> {
        self.write_once("contradictions", &hash.to_string(), bytes)
    }

    fn path(&self, folder: &str, name: &str) -> PathBuf {
        self.folder.join(folder).join(format!("{name}.cose"))
    }

    fn write_once(&self, folder: &str, name: &str, bytes: &[u8]) -> Result<(), KeepError> {
        match self.write(folder, name, bytes, Existing::Refuse) {
            Err(KeepError::Io(error)) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            other => other,
        }
    }

    fn write(
        &self,
        folder: &str,
        name: &str,
        bytes: &[u8],
        existing: Existing,
    ) -> Result<(), KeepError> {
        durable::private_folder(&self.folder.join(folder))?;
        let path = self.path(folder, name);
        Ok(durable::write(&path, bytes, Access::Private, existing)?)
    }

    /// Reads and verifies one file, if it is there.
    fn read<S: Statement>(&self, path: &Path) -> Result<Option<Signed<S>>, KeepError> {
        match fs::metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.into()),
            Ok(metadata) if metadata.len() > MAX_STATEMENT as u64 => {
                return Err(io::Error::from(io::ErrorKind::FileTooLarge).into());
            }
            Ok(_) => (),
        }
        Signed::verify(&fs::read(path)?)
            .map(Some)
            .map_err(|error| KeepError::Damaged(path.to_owned(), error))
    }

    fn read_all<S: Statement>(
        &self,
        folder: &str,
        wanted: impl Fn(&str) -> bool,
    ) -> Result<Vec<Signed<S>>, KeepError> {
        let entries = match fs::read_dir(self.folder.join(folder)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let mut found = Vec::new();
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name();
            let matches = name
                .to_str()
                .is_some_and(|name| name.ends_with(".cose") && wanted(name));
            if matches {
                found.extend(self.read(&entry.path())?);
            }
        }
        Ok(found)
    }

    fn step(&self) -> std::sync::MutexGuard<'_, ()> {
        self.comparing
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

fn check_head(kept: &Signed<Head>, now: &Signed<Head>) -> Result<(), Contradiction> {
    let (before, after) = (&kept.context, &now.context);
    if before.origin != after.origin || after.epoch < before.epoch {
        return Err(Contradiction::OtherLog);
    }
    if now.head.count < kept.head.count && after.time < before.time {
        let (kept, now) = (kept.head.count, now.head.count);
        return Err(Contradiction::OlderHead { kept, now });
    }
    check_growth(kept.head, now.head)
}

fn check_growth(kept: ListHead, now: ListHead) -> Result<(), Contradiction> {
    if now.count < kept.count {
        let (kept, now) = (kept.count, now.count);
        return Err(Contradiction::CountWentBackwards { kept, now });
    }
    if now.count == kept.count && now.last != kept.last {
        return Err(Contradiction::OtherContent { count: now.count });
    }
    Ok(())
}

fn party_folder(address: Address) -> String {
    format!("parties/{address}")
}

/// `mailbox-<hex>`, `relation-<hex>-<hex>`, `certificates`.
fn subject_name(subject: &Subject) -> String {
    let hex = |address: &Address| StatementHash(address.0);
    let one = |kind: SubjectKind, id: StatementHash| format!("{}-{id}", kind.name());
    match subject {
        Subject::Party(a) => one(SubjectKind::Party, hex(a)),
        Subject::Mailbox(a) => one(SubjectKind::Mailbox, hex(a)),
        Subject::Sent(a) => one(SubjectKind::Sent, hex(a)),
        Subject::Record(a) => one(SubjectKind::Record, hex(a)),
        Subject::Envelope(header) => one(SubjectKind::Envelope, *header),
        Subject::Relation(a, None) => one(SubjectKind::Relation, hex(a)),
        Subject::Relation(a, Some(b)) => {
            format!("{}-{}", one(SubjectKind::Relation, hex(a)), hex(b))
        }
        Subject::Certificates => SubjectKind::Certificates.name().to_owned(),
        Subject::Certified(a) => one(SubjectKind::Certified, hex(a)),
        Subject::Contact(a) => one(SubjectKind::Contact, hex(a)),
    }
}
