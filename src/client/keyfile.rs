//! Key files: the private keys of a party, one a line, as text.
//!
//! ```text
//! # address: pf1…
//! POSTFACH-IDENTITY-KEY-1…     signs everything (Ed25519 seed, bech32m, role in the prefix)
//! POSTFACH-SIGNER-KEY-1…       a clerk's or machine's key
//! AGE-SECRET-KEY-PQ-1…         opens mail; the newest first, older ones stay to read old mail
//! ```
//!
//! Invariants: a file is either an age file under a passphrase or plain text that only its owner
//! can read (0600 or stricter); a key file is never overwritten without the caller saying so, and
//! the version before stays as `NAME.old`. The `AGE-SECRET-KEY-PQ-1` lines alone are an age
//! identity file for other age tools ([`Keys::age_identity_file`]).
//!
//! Absent: agents, hardware tokens, the recovery secret (it lives on paper only).
//! Specification: docs/format/keyfile.md; C2SP age, "Identity files".

use std::fmt::{self, Write as _};
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use bech32::primitives::decode::CheckedHrpstring;
use bech32::{Bech32m, Hrp};
use postfach_crypto::age::{
    self, DecryptError, HybridIdentity, Identity, Passphrase, Recipients, UnwrapError,
};
use postfach_crypto::ids::Address;
use postfach_crypto::keys::{SigningKey, VerifyingKey};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use crate::durable::{self, Access, Existing};

/// Longest key file read, in bytes: thousands of keys.
const MAX_FILE: u64 = 1024 * 1024;
/// How every age file begins.
const AGE_MAGIC: &[u8] = b"age-encryption.org/";
const ADDRESS_COMMENT: &str = "# address: ";
const AGE_PREFIX: &str = "AGE-SECRET-KEY-PQ-1";

/// What a signing key is for; it stands in the prefix of the key's line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyRole {
    /// A party's identity key.
    Identity,
    /// A clerk's or machine's key, granted by the party's key statement.
    Signer,
    /// The operator's offline root key.
    Root,
    /// The operator's key for receipts and heads.
    Receipt,
    /// The operator's key for checkpoints.
    Checkpoint,
    /// The operator's key for certificates.
    Certification,
    /// A witness's key for cosignatures of logs.
    Witness,
}

impl KeyRole {
    const ALL: [(Self, &'static str); 7] = [
        (Self::Identity, "postfach-identity-key-"),
        (Self::Signer, "postfach-signer-key-"),
        (Self::Root, "postfach-root-key-"),
        (Self::Receipt, "postfach-receipt-key-"),
        (Self::Checkpoint, "postfach-checkpoint-key-"),
        (Self::Certification, "postfach-certification-key-"),
        (Self::Witness, "postfach-witness-key-"),
    ];

    fn hrp(self) -> Hrp {
        let (_, prefix) = Self::ALL
            .into_iter()
            .find(|(role, _)| *role == self)
            .expect("ALL names every role");
        Hrp::parse(prefix).expect("prefixes are constants of 1 to 83 printable characters")
    }
}

/// The private keys of one party or operator.
#[derive(Default, Clone)]
pub struct Keys {
    address: Option<Address>,
    signing: Vec<(KeyRole, SigningKey)>,
    age: Vec<HybridIdentity>,
}

impl Keys {
    /// No keys yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The party's address, once it has one.
    #[must_use]
    pub fn address(&self) -> Option<Address> {
        self.address
    }

    /// Notes whose keys these are.
    pub fn set_address(&mut self, address: Address) {
        self.address = Some(address);
    }

    /// The signing keys of a role, newest first.
    pub fn of_role(&self, role: KeyRole) -> impl Iterator<Item = &SigningKey> {
        self.signing
            .iter()
            .filter(move |(of, _)| *of == role)
            .map(|(_, key)| key)
    }

    /// The newest identity key.
    ///
    /// # Errors
    /// [`NoKey`] for a clerk's or machine's file, which holds a signer only.
    pub fn identity(&self) -> Result<&SigningKey, NoKey> {
        let mut keys = self.of_role(KeyRole::Identity);
        keys.next().ok_or(NoKey(KeyRole::Identity))
    }

    /// The key with this public half, of whatever role.
    #[must_use]
    pub fn by_public(&self, public: &VerifyingKey) -> Option<&SigningKey> {
        let mut keys = self.signing.iter().map(|(_, key)| key);
        keys.find(|key| key.verifying_key() == *public)
    }

    /// Adds a signing key, which becomes the newest of its role.
    pub fn add_signing(&mut self, role: KeyRole, key: SigningKey) {
        self.signing.insert(0, (role, key));
    }

    /// What opens mail, newest first.
    #[must_use]
    pub fn age_identities(&self) -> &[HybridIdentity] {
        &self.age
    }

    /// The same, as [`age::decrypt`] takes it.
    #[must_use]
    pub fn openers(&self) -> Vec<Identity> {
        self.age.iter().cloned().map(Identity::Hybrid).collect()
    }

    /// Adds an age identity, which becomes the newest; older ones stay to read old mail.
    pub fn add_age_identity(&mut self, identity: HybridIdentity) {
        self.age.insert(0, identity);
    }

    /// The age identities alone, as an identity file for other age tools.
    #[must_use]
    pub fn age_identity_file(&self) -> Zeroizing<String> {
        let mut text = self.empty_text();
        self.write_age_lines(&mut text);
        text
    }

    /// The whole key file as text.
    fn to_text(&self) -> Zeroizing<String> {
        let mut text = self.empty_text();
        if let Some(address) = self.address {
            push(&mut text, format_args!("{ADDRESS_COMMENT}{address}\n"));
        }
        for (role, key) in &self.signing {
            push(
                &mut text,
                format_args!("# public: {}\n", hex(&key.verifying_key())),
            );
            let seed = key.seed();
            bech32::encode_upper_to_fmt::<Bech32m, String>(&mut text, role.hrp(), seed.as_ref())
                .expect("prefix and seed are far below bech32's limit; a String takes all");
            text.push('\n');
        }
        self.write_age_lines(&mut text);
        text
    }

    /// Reserved at full length, so that growing leaves no copy of a secret behind.
    fn empty_text(&self) -> Zeroizing<String> {
        let lines = 2 + self.signing.len() * 2 + self.age.len() * 2;
        Zeroizing::new(String::with_capacity(lines * 160))
    }

    fn write_age_lines(&self, text: &mut String) {
        for identity in &self.age {
            let recipient = identity.recipient().to_string();
            push(text, format_args!("# public: {}…\n", &recipient[..40]));
            text.push_str(&identity.to_secret_string());
            text.push('\n');
        }
    }

    fn from_text(text: &str) -> Result<Self, KeyFileError> {
        let mut keys = Self::new();
        for (index, line) in text.lines().enumerate() {
            let wrong = || KeyFileError::Line(index + 1);
            let line = line.trim();
            if let Some(address) = line.strip_prefix(ADDRESS_COMMENT) {
                keys.address = Some(address.parse().map_err(|_| wrong())?);
            } else if line.is_empty() || line.starts_with('#') {
                continue;
            } else if line.starts_with(AGE_PREFIX) {
                keys.age
                    .push(HybridIdentity::parse(line).map_err(|_| wrong())?);
            } else {
                keys.signing.push(parse_signing(line).ok_or_else(wrong)?);
            }
        }
        if keys.signing.is_empty() && keys.age.is_empty() {
            return Err(KeyFileError::NoKeys);
        }
        Ok(keys)
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (signing, age) = (self.signing.len(), self.age.len());
        write!(f, "Keys({signing} signing, {age} age, redacted)")
    }
}

/// How a key file is protected.
#[derive(Debug, Clone)]
pub enum Protection {
    /// An age file under a passphrase: for people.
    Passphrase(Passphrase),
    /// Plain text with strict permissions: for machines that start unattended.
    Permissions,
}

/// A key file that was found and read.
#[derive(Debug)]
pub enum KeyFile {
    /// It needs the passphrase.
    Sealed(SealedKeys),
    /// It was plain and strict enough.
    Open(Keys),
}

/// A key file under a passphrase, not yet opened.
#[derive(Debug)]
pub struct SealedKeys(Vec<u8>);

impl KeyFile {
    /// Reads a key file of either protection.
    ///
    /// # Errors
    /// [`KeyFileError`].
    pub fn read(path: &Path) -> Result<Self, KeyFileError> {
        let file = File::open(path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => KeyFileError::Missing(path.to_owned()),
            _ => KeyFileError::Io(error),
        })?;
        let metadata = file.metadata()?;
        if metadata.len() > MAX_FILE {
            return Err(KeyFileError::TooLarge);
        }
        let mut bytes = Zeroizing::new(Vec::with_capacity(4096));
        file.take(MAX_FILE).read_to_end(&mut bytes)?;
        if bytes.starts_with(AGE_MAGIC) {
            return Ok(Self::Sealed(SealedKeys(bytes.to_vec())));
        }
        check_strict(path, &metadata)?;
        let text = std::str::from_utf8(&bytes).map_err(|_| KeyFileError::NoKeys)?;
        Keys::from_text(text).map(Self::Open)
    }
}

impl SealedKeys {
    /// Opens the file; takes about a second and 256 MiB by design.
    ///
    /// # Errors
    /// [`KeyFileError::WrongPassphrase`]; [`KeyFileError::Damaged`].
    pub fn unlock(&self, passphrase: &Passphrase) -> Result<Keys, KeyFileError> {
        let identity = [Identity::Passphrase(passphrase.clone())];
        let text = age::decrypt(&self.0, &identity).map_err(|error| match error {
            DecryptError::Unwrap(UnwrapError::WorkFactor { .. }) => KeyFileError::WorkFactor,
            DecryptError::Unwrap(_) => KeyFileError::WrongPassphrase,
            _ => KeyFileError::Damaged,
        })?;
        let text = Zeroizing::new(text);
        Keys::from_text(std::str::from_utf8(&text).map_err(|_| KeyFileError::Damaged)?)
    }
}

/// Writes a new key file, where none is.
///
/// # Errors
/// [`KeyFileError::Exists`]; what the file system returns.
pub fn create(
    path: &Path,
    keys: &Keys,
    protection: &Protection,
    rng: &mut impl CryptoRng,
) -> Result<(), KeyFileError> {
    save(path, keys, protection, Existing::Refuse, rng)
}

/// Replaces a key file; the version before stays as `NAME.old`.
///
/// # Errors
/// What the file system returns; the old file is then still in place.
pub fn replace(
    path: &Path,
    keys: &Keys,
    protection: &Protection,
    rng: &mut impl CryptoRng,
) -> Result<(), KeyFileError> {
    save(path, keys, protection, Existing::KeepOld, rng)
}

fn save(
    path: &Path,
    keys: &Keys,
    protection: &Protection,
    existing: Existing,
    rng: &mut impl CryptoRng,
) -> Result<(), KeyFileError> {
    let text = keys.to_text();
    let bytes = match protection {
        Protection::Permissions => Zeroizing::new(text.as_bytes().to_vec()),
        Protection::Passphrase(passphrase) => {
            let recipients = Recipients::Passphrase(passphrase.clone());
            let (header, payload) = age::encrypt(&recipients, text.as_bytes(), rng)
                .expect("one passphrase is a valid set of recipients");
            Zeroizing::new([header.as_bytes(), &payload].concat())
        }
    };
    durable::write(path, &bytes, Access::Private, existing).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => KeyFileError::Exists(path.to_owned()),
        _ => KeyFileError::Io(error),
    })
}

/// Plain keys count only where nobody else can have read or written them.
fn check_strict(path: &Path, metadata: &fs::Metadata) -> Result<(), KeyFileError> {
    if metadata.uid() != rustix::process::geteuid().as_raw() {
        return Err(KeyFileError::Owner(path.to_owned()));
    }
    let mode = metadata.mode() & 0o7777;
    if mode & 0o177 != 0 {
        return Err(KeyFileError::Mode(path.to_owned(), mode));
    }
    Ok(())
}

fn parse_signing(line: &str) -> Option<(KeyRole, SigningKey)> {
    let checked = CheckedHrpstring::new::<Bech32m>(line).ok()?;
    let (role, _) = KeyRole::ALL
        .into_iter()
        .find(|(role, _)| role.hrp() == checked.hrp())?;
    let mut bytes = checked.byte_iter();
    let mut seed = Zeroizing::new([0; 32]);
    for byte in seed.iter_mut() {
        *byte = bytes.next()?;
    }
    bytes
        .next()
        .is_none()
        .then(|| (role, SigningKey::from_seed(&seed)))
}

fn push(text: &mut String, line: fmt::Arguments<'_>) {
    text.write_fmt(line).expect("a String takes all");
}

fn hex(key: &VerifyingKey) -> String {
    key.0.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The key file holds no key of the role that is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the key file holds no {0:?} key")]
pub struct NoKey(pub KeyRole);

/// Why a key file cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// There is none at this path.
    #[error("no key file at {}", .0.display())]
    Missing(PathBuf),
    /// There already is one at this path.
    #[error("a key file already exists at {}", .0.display())]
    Exists(PathBuf),
    /// It is plain and others may read it; the mode found.
    #[error("the unencrypted key file {} is open to others (mode {mode:04o})", .0.display(), mode = .1)]
    Mode(PathBuf, u32),
    /// It is plain and belongs to another user.
    #[error("the unencrypted key file {} belongs to another user", .0.display())]
    Owner(PathBuf),
    /// The passphrase does not open it.
    #[error("wrong passphrase")]
    WrongPassphrase,
    /// Opening it would need more memory than is accepted.
    #[error("the key file asks for more work than is accepted")]
    WorkFactor,
    /// It was changed or cut off.
    #[error("the key file is damaged")]
    Damaged,
    /// A line is neither key nor comment.
    #[error("line {0} of the key file is not a key")]
    Line(usize),
    /// It holds no key at all.
    #[error("the file holds no keys")]
    NoKeys,
    /// Longer than any key file.
    #[error("the file is too large for a key file")]
    TooLarge,
    /// The file system refused.
    #[error(transparent)]
    Io(#[from] io::Error),
}
