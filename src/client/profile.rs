//! A profile: the folder in which one party's client keeps everything.
//!
//! ```text
//! HOME/                0700
//!   profile.toml       which service, whose keys are trusted, who this is
//!   keys.age|keys.txt  private keys (client::keyfile)
//!   book.age           an authority's people (client::book)
//!   kept/              what convicts a lying server (client::kept)
//!   outbox/ inbox/     spooled submissions, mail saved
//!   .lock              held by whoever writes
//! ```
//!
//! Invariants: the folder is the owner's alone; only the holder of a [`ProfileLock`] changes it;
//! an unknown key or format number in `profile.toml` is refused. The operator's root key is noted
//! once, from the letter or by hand, and never learned from the server.
//!
//! Absent: secrets (they are in the key file) and anything that another program should edit.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;
use postfach_crypto::ids::{Address, StatementHash};
use postfach_crypto::keys::VerifyingKey;
use serde::{Deserialize, Serialize};

use crate::durable::{self, Access, Existing};

/// The only format of `profile.toml` so far.
const FORMAT: u32 = 1;
/// Longest `profile.toml` read, in bytes.
const MAX_FILE: u64 = 64 * 1024;

/// What kind of party uses a profile. It chooses defaults and texts; rights come from statements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ProfileKind {
    /// Receives decisions and replies.
    Citizen,
    /// Writes letters and sends decisions.
    Authority,
    /// Runs the server and certifies authorities.
    Operator,
}

/// How the profile's key file is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyFileKind {
    /// `keys.age`, under a passphrase.
    Passphrase,
    /// `keys.txt`, by permissions.
    Permissions,
}

/// The content of `profile.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// What kind of party this is.
    pub kind: ProfileKind,
    /// How the key file is protected.
    pub key_file: KeyFileKind,
    /// Base URL of the service, without a trailing slash.
    pub service: String,
    /// Origin of the service's log.
    pub origin: String,
    /// Epoch of that log.
    pub epoch: u64,
    /// The operator's root key.
    #[serde(with = "key_text")]
    pub operator_root: VerifyingKey,
    /// This party's address, once it has one.
    #[serde(
        skip_serializing_if = "Option::is_none",
        default,
        with = "address_text"
    )]
    pub address: Option<Address>,
    /// What the owner calls itself.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub name: Option<String>,
    /// A certificate authority to trust besides the system's, as a PEM file.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ca_file: Option<PathBuf>,
}

/// `profile.toml` as it lies on disk.
#[derive(Serialize, Deserialize)]
struct ProfileFile {
    format: u32,
    profile: Settings,
}

/// An open profile.
#[derive(Debug, Clone)]
pub struct Profile {
    home: PathBuf,
    settings: Settings,
}

/// The right to change a profile; given back on drop, or by the system when the process dies.
#[derive(Debug)]
pub struct ProfileLock(#[expect(dead_code, reason = "the lock is the open file")] File);

/// The profile folder: `flag`, else `POSTFACH_HOME` as given, else the user's data folder.
///
/// # Errors
/// [`ProfileError::NoHome`] where nothing says who the user is.
pub fn home_folder(flag: Option<&Path>, variable: Option<&str>) -> Result<PathBuf, ProfileError> {
    if let Some(folder) = flag {
        return Ok(folder.to_owned());
    }
    if let Some(folder) = variable.filter(|folder| !folder.is_empty()) {
        return Ok(PathBuf::from(folder));
    }
    let base = etcetera::choose_base_strategy().map_err(|_| ProfileError::NoHome)?;
    Ok(base.data_dir().join("postfach"))
}

impl Profile {
    /// Makes a new profile in `home`, and the folder where it is missing. Holds the lock from
    /// then on, since keys follow.
    ///
    /// # Errors
    /// [`ProfileError::Exists`] where there is one; what the file system returns.
    pub fn create(home: &Path, settings: Settings) -> Result<(Self, ProfileLock), ProfileError> {
        durable::private_folder(home)?;
        check_private(home)?;
        let lock = lock(home)?;
        let profile = Self {
            home: home.to_owned(),
            settings,
        };
        profile
            .write(Existing::Refuse)
            .map_err(|error| match error.kind() {
                io::ErrorKind::AlreadyExists => ProfileError::Exists(home.to_owned()),
                _ => ProfileError::Io(error),
            })?;
        Ok((profile, lock))
    }

    /// Opens the profile in `home`.
    ///
    /// # Errors
    /// [`ProfileError`].
    pub fn open(home: &Path) -> Result<Self, ProfileError> {
        let path = home.join("profile.toml");
        let length = match fs::metadata(&path) {
            Ok(metadata) => metadata.len(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(ProfileError::Missing(home.to_owned()));
            }
            Err(error) => return Err(error.into()),
        };
        check_private(home)?;
        if length > MAX_FILE {
            return Err(ProfileError::Content(path, "longer than 64 KiB".to_owned()));
        }
        let text = fs::read_to_string(&path)?;
        let file: ProfileFile = toml::from_str(&text)
            .map_err(|error| ProfileError::Content(path.clone(), error.message().to_owned()))?;
        if file.format != FORMAT {
            return Err(ProfileError::Format(path, file.format));
        }
        Ok(Self {
            home: home.to_owned(),
            settings: file.profile,
        })
    }

    /// Takes the right to change the profile; does not wait.
    ///
    /// # Errors
    /// [`ProfileError::Locked`] while another process has it.
    pub fn lock(&self) -> Result<ProfileLock, ProfileError> {
        lock(&self.home)
    }

    /// The folder.
    #[must_use]
    pub fn home(&self) -> &Path {
        &self.home
    }

    /// What `profile.toml` says.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Changes the settings durably. The lock proves that nobody else does at the same time.
    ///
    /// # Errors
    /// What the file system returns; the settings are then unchanged.
    pub fn change(
        &mut self,
        _lock: &ProfileLock,
        change: impl FnOnce(&mut Settings),
    ) -> Result<(), ProfileError> {
        let before = self.settings.clone();
        change(&mut self.settings);
        self.write(Existing::Replace).inspect_err(|_| {
            self.settings = before;
        })?;
        Ok(())
    }

    /// The key file.
    #[must_use]
    pub fn keys_path(&self) -> PathBuf {
        self.home.join(match self.settings.key_file {
            KeyFileKind::Passphrase => "keys.age",
            KeyFileKind::Permissions => "keys.txt",
        })
    }

    /// The address book.
    #[must_use]
    pub fn book_path(&self) -> PathBuf {
        self.home.join("book.age")
    }

    /// What convicts a lying server.
    #[must_use]
    pub fn kept_folder(&self) -> PathBuf {
        self.home.join("kept")
    }

    /// Submissions that are not yet receipted.
    #[must_use]
    pub fn outbox_folder(&self) -> PathBuf {
        self.home.join("outbox")
    }

    /// Mail saved.
    #[must_use]
    pub fn inbox_folder(&self) -> PathBuf {
        self.home.join("inbox")
    }

    fn write(&self, existing: Existing) -> io::Result<()> {
        let file = ProfileFile {
            format: FORMAT,
            profile: self.settings.clone(),
        };
        let text = toml::to_string(&file).map_err(io::Error::other)?;
        let path = self.home.join("profile.toml");
        durable::write(&path, text.as_bytes(), Access::Private, existing)
    }
}

fn lock(home: &Path) -> Result<ProfileLock, ProfileError> {
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(home.join(".lock"))?;
    match durable::lock_alone(&file) {
        Ok(()) => Ok(ProfileLock(file)),
        Err(TryLockError::WouldBlock) => Err(ProfileError::Locked(home.to_owned())),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

/// Whoever can write here could swap the operator's root key.
fn check_private(home: &Path) -> Result<(), ProfileError> {
    let metadata = fs::metadata(home)?;
    let mode = metadata.mode() & 0o7777;
    let owner = rustix::process::geteuid().as_raw();
    if metadata.uid() != owner || mode & 0o022 != 0 {
        return Err(ProfileError::Open(home.to_owned(), mode));
    }
    Ok(())
}

/// Why a profile cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// Neither flag nor environment says where.
    #[error("no home folder is known for this user")]
    NoHome,
    /// There is none in this folder.
    #[error("no profile in {}", .0.display())]
    Missing(PathBuf),
    /// There already is one in this folder.
    #[error("a profile already exists in {}", .0.display())]
    Exists(PathBuf),
    /// Another process is changing it.
    #[error("the profile {} is in use by another postfach process", .0.display())]
    Locked(PathBuf),
    /// Others own or may write the folder; the mode found.
    #[error("the profile folder {} can be changed by other users (mode {mode:04o})", .0.display(), mode = .1)]
    Open(PathBuf, u32),
    /// The file is not a profile: where and why.
    #[error("{}: {why}", .0.display(), why = .1)]
    Content(PathBuf, String),
    /// The file is of a format that this version does not know.
    #[error("{} has format {format}, which this version does not know", .0.display(), format = .1)]
    Format(PathBuf, u32),
    /// The file system refused.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Public keys as hexadecimal digits.
mod key_text {
    use super::{StatementHash, VerifyingKey};
    use serde::{Deserialize, Deserializer, Serializer, de};

    pub(super) fn serialize<S: Serializer>(key: &VerifyingKey, to: S) -> Result<S::Ok, S::Error> {
        // Any 32 bytes print as this identifier does.
        to.collect_str(&StatementHash(key.0))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<VerifyingKey, D::Error> {
        let text = String::deserialize(from)?;
        let bytes: StatementHash = text.parse().map_err(de::Error::custom)?;
        let key = VerifyingKey(bytes.0);
        key.check_strong().map_err(de::Error::custom)?;
        Ok(key)
    }
}

/// Addresses as `pf1…`.
mod address_text {
    use super::Address;
    use serde::{Deserialize, Deserializer, Serializer, de};

    #[expect(clippy::ref_option, reason = "serde's signature")]
    pub(super) fn serialize<S: Serializer>(
        address: &Option<Address>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        match address {
            Some(address) => to.collect_str(address),
            None => to.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Address>, D::Error> {
        let text = String::deserialize(from)?;
        text.parse().map(Some).map_err(de::Error::custom)
    }
}
