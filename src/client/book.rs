//! An authority's address book: its own references, the letters it wrote, and whose address is whose.
//!
//! Invariants: on disk it is one age file to the authority's own hybrid keys, replaced whole and
//! with the version before kept; a reference, a code and a binding each name one entry; states are
//! derived from what happened, never stored beside it. The server never sees any of it.
//!
//! Size: each save rewrites the file, so 100,000 entries (about 30 MB) cost well under a second;
//! [`MAX_ENTRIES`] bounds it. Beyond that a register belongs in a database of its own, and
//! `postfach` should be asked by reference.
//!
//! Absent: the decision whom to write to. Entries are in `entry`, spreadsheets in `spreadsheet`.
//! The person commitment it opens is specified in docs/format/enrolment.md.

mod entry;
mod spreadsheet;

pub use entry::{BoundAddress, Entry, IssuedLetter, NewEntry, PostalAddress, Status};
pub use spreadsheet::{Imported, RowCause, SpreadsheetError};

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, BufReader, Read as _};
use std::path::{Path, PathBuf};

use postfach_crypto::age::{
    DecryptError, HybridRecipient, Identity, NewFile, Recipients, StreamReader,
};
use postfach_crypto::codec;
use postfach_crypto::ids::{Address, Blind, CodeId, StatementHash, UnixMillis};
use postfach_crypto::statement::{EnrolmentClaim, RefusalReason};
use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::durable::{self, Access, Existing};

/// Most entries of one book.
pub const MAX_ENTRIES: usize = 1_000_000;
/// Longest decrypted book, in bytes.
const MAX_BOOK: usize = 1 << 30;
/// Most addresses that one person may have had.
const MAX_BINDINGS: usize = 64;
/// The only format so far.
const FORMAT: u64 = 1;

/// The book, with its look-ups in memory.
#[derive(Debug, Default)]
pub struct Book {
    entries: Vec<Entry>,
    by_reference: HashMap<String, usize>,
    by_code: HashMap<CodeId, usize>,
    by_address: HashMap<Address, Vec<usize>>,
    by_binding: HashMap<StatementHash, usize>,
}

/// The book's content in its file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct BookFile {
    format: u64,
    entries: Vec<Entry>,
}

impl Book {
    /// An empty book.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Opens the book at `path`; an empty one where there is none yet.
    ///
    /// # Errors
    /// [`BookError`].
    pub fn open(path: &Path, identities: &[Identity]) -> Result<Self, BookError> {
        let file = match File::open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::new()),
            file => file?,
        };
        let length = usize::try_from(file.metadata()?.len()).unwrap_or(usize::MAX);
        if length > MAX_BOOK {
            return Err(BookError::Damaged(path.to_owned()));
        }
        let reader =
            StreamReader::open(BufReader::new(file), identities).map_err(|error| match error {
                DecryptError::Io(error) => BookError::Io(error),
                DecryptError::Unwrap(_) => BookError::OtherKeys(path.to_owned()),
                _ => BookError::Damaged(path.to_owned()),
            })?;
        let mut content = Zeroizing::new(Vec::with_capacity(length));
        let read = reader.take(MAX_BOOK as u64).read_to_end(&mut content);
        read.map_err(|_| BookError::Damaged(path.to_owned()))?;
        let damaged = |_| BookError::Damaged(path.to_owned());
        let file: BookFile = codec::decode(&content, MAX_BOOK).map_err(damaged)?;
        if file.format != FORMAT {
            return Err(BookError::Format(file.format));
        }
        Self::from_entries(file.entries)
    }

    /// Writes the book, encrypted to the authority's own keys; the version before stays as
    /// `NAME.old`.
    ///
    /// # Errors
    /// What the file system returns; the old book is then still in place.
    pub fn save(
        &self,
        path: &Path,
        own: Vec<HybridRecipient>,
        rng: &mut impl CryptoRng,
    ) -> Result<(), BookError> {
        #[derive(Serialize)]
        struct Content<'a> {
            format: u64,
            entries: &'a [Entry],
        }
        let content = Zeroizing::new(codec::encode(&Content {
            format: FORMAT,
            entries: &self.entries,
        }));
        let file = NewFile::new(&Recipients::Hybrid(own), rng).map_err(|_| BookError::NoOwnKey)?;
        durable::write_with(path, Access::Private, Existing::KeepOld, |to| {
            let mut writer = file.into_writer(to)?;
            io::Write::write_all(&mut writer, &content)?;
            writer.finish().map(|_| ())
        })?;
        Ok(())
    }

    /// All entries, in the order in which they came.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The entry with this reference.
    #[must_use]
    pub fn by_reference(&self, reference: &str) -> Option<&Entry> {
        self.by_reference
            .get(reference)
            .map(|&index| &self.entries[index])
    }

    /// The entry whose newest letter has this code.
    #[must_use]
    pub fn by_code(&self, code: &CodeId) -> Option<&Entry> {
        self.by_code.get(code).map(|&index| &self.entries[index])
    }

    /// The entries bound to this address, now or before: one person may have several references.
    pub fn by_address(&self, address: &Address) -> impl Iterator<Item = &Entry> {
        let indexes = self.by_address.get(address).into_iter().flatten();
        indexes.map(|&index| &self.entries[index])
    }

    /// The entry that this binding is about.
    #[must_use]
    pub fn by_binding(&self, binding: &StatementHash) -> Option<&Entry> {
        self.by_binding
            .get(binding)
            .map(|&index| &self.entries[index])
    }

    /// Adds a person.
    ///
    /// # Errors
    /// [`BookError::DuplicateReference`]; [`BookError::Full`].
    pub fn add(&mut self, new: NewEntry, rng: &mut impl CryptoRng) -> Result<&Entry, BookError> {
        let mut salt = Blind([0; 32]);
        rng.fill_bytes(&mut salt.0);
        self.insert(Entry {
            reference: new.reference,
            name: new.name,
            birth_date: new.birth_date,
            postal: new.postal,
            salt,
            letter: None,
            bindings: Vec::new(),
        })
    }

    /// Changes where a person's letters go.
    ///
    /// # Errors
    /// [`BookError::UnknownReference`].
    pub fn move_to(&mut self, reference: &str, postal: PostalAddress) -> Result<(), BookError> {
        self.entry_mut(reference)?.1.postal = postal;
        Ok(())
    }

    /// Notes a letter; the code of an older one counts no more.
    ///
    /// # Errors
    /// [`BookError::UnknownReference`]; [`BookError::DuplicateCode`].
    pub fn issue_letter(&mut self, reference: &str, letter: IssuedLetter) -> Result<(), BookError> {
        let code = letter.code.id();
        if self.by_code.contains_key(&code) {
            return Err(BookError::DuplicateCode);
        }
        let (index, entry) = self.entry_mut(reference)?;
        if let Some(older) = entry.letter.replace(letter) {
            self.by_code.remove(&older.code.id());
        }
        self.by_code.insert(code, index);
        Ok(())
    }

    /// Checks a claim: which person it is about, or why it is refused.
    ///
    /// The same address again gets the same answer, so a claim may be repeated.
    ///
    /// # Errors
    /// The reason that goes into the refusal.
    pub fn check_claim(
        &self,
        claim: &EnrolmentClaim,
        now: UnixMillis,
    ) -> Result<&Entry, RefusalReason> {
        let entry = self
            .by_code(&claim.code_id)
            .ok_or(RefusalReason::UnknownCode)?;
        let letter = entry.letter.as_ref().ok_or(RefusalReason::UnknownCode)?;
        letter
            .code
            .verify_claim(&claim.key_statement, &claim.context.origin, &claim.mac)
            .map_err(|_| RefusalReason::WrongProof)?;
        // What was bound since the letter was written was bound with this letter's code.
        let used = entry
            .bindings
            .iter()
            .rfind(|bound| bound.since >= letter.issued);
        match used {
            Some(bound) if bound.address == claim.address && bound.withdrawn.is_none() => Ok(entry),
            Some(_) => Err(RefusalReason::AlreadyUsed),
            None if now >= letter.expires => Err(RefusalReason::Expired),
            None => Ok(entry),
        }
    }

    /// Notes a binding that the authority signed; the same again is no error.
    ///
    /// # Errors
    /// [`BookError::UnknownReference`]; [`BookError::TooManyBindings`];
    /// [`BookError::DuplicateBinding`] when it is another person's.
    pub fn bind(&mut self, reference: &str, bound: BoundAddress) -> Result<(), BookError> {
        let (address, binding) = (bound.address, bound.binding);
        let known = self.by_binding.get(&binding).copied();
        let (index, entry) = self.entry_mut(reference)?;
        match known {
            Some(other) if other == index => return Ok(()),
            Some(_) => return Err(BookError::DuplicateBinding),
            None if entry.bindings.len() >= MAX_BINDINGS => return Err(BookError::TooManyBindings),
            None => entry.bindings.push(bound),
        }
        self.by_binding.insert(binding, index);
        let indexes = self.by_address.entry(address).or_default();
        if !indexes.contains(&index) {
            indexes.push(index);
        }
        Ok(())
    }

    /// Notes that a binding was withdrawn.
    ///
    /// # Errors
    /// [`BookError::UnknownBinding`].
    pub fn withdraw(&mut self, binding: &StatementHash, at: UnixMillis) -> Result<(), BookError> {
        let index = *self
            .by_binding
            .get(binding)
            .ok_or(BookError::UnknownBinding)?;
        let mut bindings = self.entries[index].bindings.iter_mut();
        if let Some(bound) = bindings.find(|bound| bound.binding == *binding) {
            bound.withdrawn.get_or_insert(at);
        }
        Ok(())
    }

    /// Erases a person, as when a register's period is over.
    ///
    /// # Errors
    /// [`BookError::UnknownReference`].
    pub fn remove(&mut self, reference: &str) -> Result<(), BookError> {
        let (index, _) = self.entry_mut(reference)?;
        let mut entries = std::mem::take(&mut self.entries);
        entries.remove(index);
        *self = Self::from_entries(entries)?;
        Ok(())
    }

    fn entry_mut(&mut self, reference: &str) -> Result<(usize, &mut Entry), BookError> {
        let unknown = || BookError::UnknownReference(reference.to_owned());
        let index = *self.by_reference.get(reference).ok_or_else(unknown)?;
        Ok((index, &mut self.entries[index]))
    }

    fn from_entries(entries: Vec<Entry>) -> Result<Self, BookError> {
        let mut book = Self::new();
        for entry in entries {
            book.insert(entry)?;
        }
        Ok(book)
    }

    fn insert(&mut self, entry: Entry) -> Result<&Entry, BookError> {
        let index = self.entries.len();
        if index >= MAX_ENTRIES {
            return Err(BookError::Full);
        }
        if self.by_reference.contains_key(&entry.reference) {
            return Err(BookError::DuplicateReference(entry.reference));
        }
        self.by_reference.insert(entry.reference.clone(), index);
        if let Some(letter) = &entry.letter {
            self.by_code.insert(letter.code.id(), index);
        }
        for bound in &entry.bindings {
            self.by_binding.insert(bound.binding, index);
            let indexes = self.by_address.entry(bound.address).or_default();
            if !indexes.contains(&index) {
                indexes.push(index);
            }
        }
        self.entries.push(entry);
        Ok(&self.entries[index])
    }
}

/// Removes what stays behind when an address book is given up: the book and its older version.
///
/// # Errors
/// What the file system returns.
pub fn erase(path: &Path) -> io::Result<()> {
    for path in [path.to_owned(), durable::old_path(path)] {
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => (),
        }
    }
    Ok(())
}

/// Why the book refuses.
#[derive(Debug, thiserror::Error)]
pub enum BookError {
    /// The reference is taken.
    #[error("the reference {0} is already in the address book")]
    DuplicateReference(String),
    /// The code is another letter's.
    #[error("the activation code is already in use")]
    DuplicateCode,
    /// The binding is another person's.
    #[error("the binding is already noted for another reference")]
    DuplicateBinding,
    /// Nobody has this reference.
    #[error("the reference {0} is not in the address book")]
    UnknownReference(String),
    /// Nobody has this binding.
    #[error("the binding is not in the address book")]
    UnknownBinding,
    /// [`MAX_ENTRIES`] reached.
    #[error("the address book is full ({MAX_ENTRIES} entries)")]
    Full,
    /// More addresses than one person can have had.
    #[error("too many addresses for one person")]
    TooManyBindings,
    /// There is no key of our own to encrypt it to.
    #[error("no age recipient of our own is known to encrypt the address book to")]
    NoOwnKey,
    /// It is encrypted to other keys.
    #[error("the address book {} is encrypted to other keys", .0.display())]
    OtherKeys(PathBuf),
    /// It was changed or cut off.
    #[error("the address book {} is damaged", .0.display())]
    Damaged(PathBuf),
    /// It is of a format that this version does not know.
    #[error("the address book has format {0}, which this version does not know")]
    Format(u64),
    /// The file system refused.
    #[error(transparent)]
    Io(#[from] io::Error),
}
