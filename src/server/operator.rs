//! The operator's keys on disk, and starting the service over a data folder.
//!
//! ```text
//! DIR/
//!   operator.toml               origin, epoch, root: what clients pin
//!   genesis.cose                the root key's word that opens this epoch of the log
//!   root.key                    signs genesis and delegations only; belongs offline after that
//!   receipt.key                 receipts and heads; the running server needs this one
//!   checkpoint.key              the log's checkpoints
//!   certification.key           certificates of authorities
//!   receipt.delegation.cose …   the root key's word for each of the three
//! ```
//!
//! Invariants: private files are 0600 and are refused with looser modes; a folder is made whole or
//! not at all, and never over another one; a delegation by any other root is refused on loading.
//! The root key may be elsewhere: nothing here reads it after [`init_operator`] but [`root_key`].
//! Specification: docs/format/statements.md, "Delegation"; docs/format/keyfile.md.

use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use postfach_crypto::ids::{Blind, UnixMillis};
use postfach_crypto::keys::{SigningKey, VerifyingKey};
use postfach_crypto::operator::{Operator, OperatorError};
use postfach_crypto::statement::{
    Context, Delegation, DelegationPurpose, Genesis, MAX_STATEMENT, Signed, VerifyError,
};
use postfach_crypto::tlog::TreeHead;
use postfach_storage::EmbeddedStore;
use postfach_storage::embedded::{OpenError, Options};
use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};

use crate::client::keyfile::{self, KeyFile, KeyFileError, KeyRole, Keys, NoKey, Protection};
use crate::clock;
use crate::durable::{self, Access, Existing};
use crate::server::pages;
use crate::service::{OperatorKeys, Service, StartError};

/// How long the first delegations hold: long enough to plan the ceremony that renews them.
pub const DELEGATION_MILLIS: u64 = 2 * 366 * 86_400_000;
/// The first epoch of a log.
const FIRST_EPOCH: u64 = 1;
const DESCRIPTION: &str = "operator.toml";
const ROOT: &str = "root.key";
const GENESIS: &str = "genesis.cose";
/// Largest description that is read.
const MAX_DESCRIPTION: u64 = 4096;

/// The working keys, by what they are for.
const WORKING: [(DelegationPurpose, KeyRole, &str); 3] = [
    (DelegationPurpose::Receipt, KeyRole::Receipt, "receipt"),
    (
        DelegationPurpose::Checkpoint,
        KeyRole::Checkpoint,
        "checkpoint",
    ),
    (
        DelegationPurpose::Certification,
        KeyRole::Certification,
        "certification",
    ),
];

/// `operator.toml`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Description {
    origin: String,
    epoch: u64,
    root: String,
}

/// Why the operator's keys cannot be made or loaded.
#[derive(Debug, thiserror::Error)]
pub enum OperatorFileError {
    /// The folder exists already.
    #[error("{} exists already; an operator's keys are made once", .0.display())]
    Exists(PathBuf),
    /// A key file cannot be used.
    #[error(transparent)]
    Key(#[from] KeyFileError),
    /// A key file holds another role.
    #[error("{}: {no_key}", file.display())]
    Role {
        /// The file.
        file: PathBuf,
        /// What it lacks.
        no_key: NoKey,
    },
    /// A key file needs a passphrase, which a server cannot type.
    #[error("{} is under a passphrase; a server needs a plain file of mode 0600", .0.display())]
    Sealed(PathBuf),
    /// The description is malformed.
    #[error("{} is malformed; restore it from a backup", .0.display())]
    Description(PathBuf),
    /// The origin is empty, too long, or has control characters.
    #[error("the log origin is not acceptable: {0}")]
    Origin(VerifyError),
    /// A delegation does not hold.
    #[error(transparent)]
    Operator(#[from] OperatorError),
    /// The genesis is not a statement of this operator.
    #[error("{} does not open this log; restore it from a backup", .0.display())]
    Genesis(PathBuf),
    /// The file system refused.
    #[error("{}: {source}", path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
}

/// Why a service cannot be opened on a data folder.
#[derive(Debug, thiserror::Error)]
pub enum OpenServiceError {
    /// The store does not open.
    #[error(transparent)]
    Store(#[from] OpenError),
    /// The service does not start on it.
    #[error(transparent)]
    Start(#[from] StartError),
}

/// Makes an operator: root key, working keys, and the root key's delegations to them, from `now`
/// on. The folder appears whole or not at all.
///
/// # Errors
/// [`OperatorFileError::Exists`]; [`OperatorFileError::Origin`]; what the file system returns.
pub fn init_operator(
    dir: &Path,
    origin: &str,
    now: UnixMillis,
    rng: &mut impl CryptoRng,
) -> Result<(), OperatorFileError> {
    if dir.exists() {
        return Err(OperatorFileError::Exists(dir.to_owned()));
    }
    let mut name = dir.as_os_str().to_owned();
    name.push(".new");
    let new = PathBuf::from(name);
    match fs::remove_dir_all(&new) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(io_at(&new, error)),
        _ => {}
    }
    durable::private_folder(&new).map_err(|error| io_at(&new, error))?;
    let root = SigningKey::generate(rng);
    create_key(&new.join(ROOT), KeyRole::Root, &root, rng)?;
    for (purpose, role, name) in WORKING {
        let key = SigningKey::generate(rng);
        let delegation = delegation(&root, &key.verifying_key(), purpose, origin, now, rng)?;
        create_key(&new.join(format!("{name}.key")), role, &key, rng)?;
        write(&new.join(delegation_name(name)), delegation.bytes())?;
    }
    let genesis = Genesis {
        context: first_context(origin, now, rng),
        continues: None,
        ext: None,
    };
    let genesis = Signed::sign(genesis, &root).map_err(OperatorFileError::Origin)?;
    write(&new.join(GENESIS), genesis.bytes())?;
    let description = Description {
        origin: origin.to_owned(),
        epoch: FIRST_EPOCH,
        root: hex(&root.verifying_key()),
    };
    let text = toml::to_string(&description).expect("three plain fields");
    write(&new.join(DESCRIPTION), text.as_bytes())?;
    fs::rename(&new, dir).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists | io::ErrorKind::DirectoryNotEmpty => {
            OperatorFileError::Exists(dir.to_owned())
        }
        _ => io_at(dir, error),
    })?;
    let parent = match dir.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let synced = fs::File::open(parent).and_then(|folder| folder.sync_all());
    synced.map_err(|error| io_at(parent, error))
}

/// Loads what a running server needs; the root key may be elsewhere.
///
/// # Errors
/// [`OperatorFileError`].
pub fn load_operator(dir: &Path) -> Result<OperatorKeys, OperatorFileError> {
    let (operator, epoch) = describe_operator(dir)?;
    let path = dir.join(GENESIS);
    let genesis = Signed::verify(&read(&path, MAX_STATEMENT as u64)?)
        .map_err(|_| OperatorFileError::Genesis(path))?;
    Ok(OperatorKeys {
        operator,
        epoch,
        genesis,
        receipt: key(&dir.join("receipt.key"), KeyRole::Receipt)?,
        checkpoint: key(&dir.join("checkpoint.key"), KeyRole::Checkpoint)?,
    })
}

/// Root key, delegations and epoch, without any private key.
///
/// # Errors
/// [`OperatorFileError`].
pub fn describe_operator(dir: &Path) -> Result<(Operator, u64), OperatorFileError> {
    let (description, root) = description(dir)?;
    let mut delegations = Vec::new();
    for (_, _, name) in WORKING {
        delegations.push(read(
            &dir.join(delegation_name(name)),
            MAX_STATEMENT as u64,
        )?);
    }
    let operator = Operator::new(&description.origin, root, &delegations)?;
    Ok((operator, description.epoch))
}

/// The key that certifies authorities, for the operator's desk; the running server does without.
///
/// # Errors
/// [`OperatorFileError`].
pub fn certification_key(dir: &Path) -> Result<SigningKey, OperatorFileError> {
    key(&dir.join("certification.key"), KeyRole::Certification)
}

/// The root key, wherever it is kept, to sign further delegations.
///
/// # Errors
/// [`OperatorFileError`].
pub fn root_key(file: &Path) -> Result<SigningKey, OperatorFileError> {
    key(file, KeyRole::Root)
}

/// Opens the embedded store in `data` and starts the service over it, which must continue the
/// checkpoint `marked`, and says in the log which pages are served. Blocks other tasks of this thread while the store recovers.
///
/// # Errors
/// [`OpenServiceError`].
pub async fn open_service(
    data: &Path,
    options: &Options,
    keys: OperatorKeys,
    marked: Option<TreeHead>,
) -> Result<Arc<Service>, OpenServiceError> {
    let (data, options) = (data.to_owned(), options.clone());
    let store = tokio::task::spawn_blocking(move || EmbeddedStore::open(&data, &options))
        .await
        .expect("opening is not cancelled, and its panics are defects")?;
    let service = Service::start(Arc::new(store), keys, marked, Arc::new(clock::now)).await?;
    // Whoever asks first finds them stated. A full disk stops writing only: it is said again later.
    if let Err(error) = pages::state(&service).await {
        tracing::warn!(%error, "the pages could not be stated in the log yet");
    }
    Ok(Arc::new(service))
}

fn delegation(
    root: &SigningKey,
    key: &VerifyingKey,
    purpose: DelegationPurpose,
    origin: &str,
    now: UnixMillis,
    rng: &mut impl CryptoRng,
) -> Result<Signed<Delegation>, OperatorFileError> {
    let delegation = Delegation {
        context: first_context(origin, now, rng),
        purpose,
        key: *key,
        from: now,
        until: UnixMillis(now.0.saturating_add(DELEGATION_MILLIS)),
        ext: None,
    };
    Signed::sign(delegation, root).map_err(OperatorFileError::Origin)
}

fn first_context(origin: &str, now: UnixMillis, rng: &mut impl CryptoRng) -> Context {
    let mut blind = Blind([0; 32]);
    rng.fill_bytes(&mut blind.0);
    Context {
        origin: origin.to_owned(),
        epoch: FIRST_EPOCH,
        time: now,
        blind,
    }
}

fn description(dir: &Path) -> Result<(Description, VerifyingKey), OperatorFileError> {
    let path = dir.join(DESCRIPTION);
    let text = read(&path, MAX_DESCRIPTION)?;
    let malformed = || OperatorFileError::Description(path.clone());
    let description: Description = std::str::from_utf8(&text)
        .ok()
        .and_then(|text| toml::from_str(text).ok())
        .ok_or_else(malformed)?;
    // Any 32-byte hash type reads hex.
    let root: postfach_crypto::ids::StatementHash =
        description.root.parse().map_err(|_| malformed())?;
    Ok((description, VerifyingKey(root.0)))
}

fn create_key(
    path: &Path,
    role: KeyRole,
    key: &SigningKey,
    rng: &mut impl CryptoRng,
) -> Result<(), OperatorFileError> {
    let mut keys = Keys::new();
    keys.add_signing(role, SigningKey::from_seed(&key.seed()));
    Ok(keyfile::create(path, &keys, &Protection::Permissions, rng)?)
}

fn key(path: &Path, role: KeyRole) -> Result<SigningKey, OperatorFileError> {
    let keys = match KeyFile::read(path)? {
        KeyFile::Open(keys) => keys,
        KeyFile::Sealed(_) => return Err(OperatorFileError::Sealed(path.to_owned())),
    };
    let key = keys
        .of_role(role)
        .next()
        .ok_or_else(|| OperatorFileError::Role {
            file: path.to_owned(),
            no_key: NoKey(role),
        })?;
    Ok(SigningKey::from_seed(&key.seed()))
}

fn delegation_name(name: &str) -> String {
    format!("{name}.delegation.cose")
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), OperatorFileError> {
    durable::write(path, bytes, Access::Public, Existing::Refuse)
        .map_err(|error| io_at(path, error))
}

fn read(path: &Path, most: u64) -> Result<Vec<u8>, OperatorFileError> {
    let mut bytes = Vec::new();
    fs::File::open(path)
        .and_then(|file| file.take(most).read_to_end(&mut bytes))
        .map_err(|error| io_at(path, error))?;
    Ok(bytes)
}

fn io_at(path: &Path, source: io::Error) -> OperatorFileError {
    OperatorFileError::Io {
        path: path.to_owned(),
        source,
    }
}

fn hex(key: &VerifyingKey) -> String {
    key.0.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::entropy;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn an_operator_is_made_once_and_loads_without_its_root_key() {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("keys");
        let now = UnixMillis(1_790_000_000_000);
        init_operator(&dir, "mailbox.example/log", now, &mut entropy()).unwrap();
        assert!(matches!(
            init_operator(&dir, "mailbox.example/log", now, &mut entropy()),
            Err(OperatorFileError::Exists(_))
        ));
        let root = root_key(&dir.join(ROOT)).unwrap();
        fs::remove_file(dir.join(ROOT)).unwrap();
        let keys = load_operator(&dir).unwrap();
        assert_eq!(keys.operator.root(), root.verifying_key());
        assert_eq!(
            (keys.operator.origin(), keys.epoch),
            ("mailbox.example/log", 1)
        );
        for (key, purpose) in [
            (keys.receipt, DelegationPurpose::Receipt),
            (keys.checkpoint, DelegationPurpose::Checkpoint),
            (
                certification_key(&dir).unwrap(),
                DelegationPurpose::Certification,
            ),
        ] {
            assert_eq!(
                keys.operator.delegated(&key.verifying_key(), purpose, now),
                Ok(())
            );
        }
    }

    #[test]
    fn loose_modes_and_foreign_delegations_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let (dir, other) = (folder.path().join("keys"), folder.path().join("other"));
        let now = UnixMillis(1_790_000_000_000);
        init_operator(&dir, "mailbox.example/log", now, &mut entropy()).unwrap();
        init_operator(&other, "mailbox.example/log", now, &mut entropy()).unwrap();
        let file = dir.join("receipt.key");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(
            load_operator(&dir),
            Err(OperatorFileError::Key(KeyFileError::Mode(_, 0o640)))
        ));
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        let name = delegation_name("receipt");
        fs::copy(other.join(&name), dir.join(&name)).unwrap();
        assert!(matches!(
            load_operator(&dir),
            Err(OperatorFileError::Operator(OperatorError::ForeignRoot))
        ));
    }

    #[test]
    fn an_unusable_origin_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("keys");
        let made = init_operator(&dir, "", UnixMillis(1), &mut entropy());
        assert!(matches!(made, Err(OperatorFileError::Origin(_))));
        assert!(!dir.exists());
    }
}
