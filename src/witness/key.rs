//! The key of a witness: a key file, and beside it the verifier key that others configure.
//!
//! Invariant: the two fit, or neither is used. The name lives in the public file, since a key file
//! has no names. Specification: docs/format/keyfile.md; C2SP tlog-cosignature, signed-note.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use postfach_crypto::keys::SigningKey;
use postfach_crypto::tlog::vkey::MAX_VKEY;
use postfach_crypto::tlog::{Cosigner, KeyName, NoteKey, VerifierKey};
use rand_core::CryptoRng;

use crate::client::keyfile::{self, KeyFile, KeyFileError, KeyRole, Keys, NoKey, Protection};
use crate::durable::{self, Access, Existing};

/// Why a witness's key cannot be made or used.
#[derive(Debug, thiserror::Error)]
pub enum WitnessKeyError {
    /// The key file.
    #[error(transparent)]
    KeyFile(#[from] KeyFileError),
    /// The key file holds another role.
    #[error("{}: {no_key}", file.display())]
    Role {
        /// The file.
        file: PathBuf,
        /// What it lacks.
        no_key: NoKey,
    },
    /// It is under a passphrase, which a server cannot type.
    #[error("{} is under a passphrase; a witness needs a plain file of mode 0600", .0.display())]
    Sealed(PathBuf),
    /// The public file is not the verifier key of the key file.
    #[error("{} is not the verifier key of this key file; restore it from a backup", .0.display())]
    Public(PathBuf),
    /// The file system refused.
    #[error("{}: {source}", path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
}

/// Where the verifier key of a key file lies: `FILE.vkey`.
#[must_use]
pub fn public_path(key: &Path) -> PathBuf {
    let mut name = key.as_os_str().to_owned();
    name.push(".vkey");
    PathBuf::from(name)
}

/// Makes a witness's key, once.
///
/// # Errors
/// [`WitnessKeyError`]; files that exist are never replaced.
pub fn create(
    path: &Path,
    name: KeyName,
    rng: &mut impl CryptoRng,
) -> Result<VerifierKey, WitnessKeyError> {
    let key = SigningKey::generate(rng);
    let mut keys = Keys::new();
    keys.add_signing(KeyRole::Witness, SigningKey::from_seed(&key.seed()));
    keyfile::create(path, &keys, &Protection::Permissions, rng)?;
    let public = Cosigner::new(name, key).verifier_key();
    let beside = public_path(path);
    let line = format!("{public}\n");
    durable::write(&beside, line.as_bytes(), Access::Public, Existing::Refuse).map_err(
        |source| WitnessKeyError::Io {
            path: beside,
            source,
        },
    )?;
    Ok(public)
}

/// Loads a witness's key.
///
/// # Errors
/// [`WitnessKeyError`].
pub fn load(path: &Path) -> Result<Cosigner, WitnessKeyError> {
    let keys = match KeyFile::read(path)? {
        KeyFile::Open(keys) => keys,
        KeyFile::Sealed(_) => return Err(WitnessKeyError::Sealed(path.to_owned())),
    };
    let key = keys.of_role(KeyRole::Witness).next();
    let key = key.ok_or_else(|| WitnessKeyError::Role {
        file: path.to_owned(),
        no_key: NoKey(KeyRole::Witness),
    })?;
    let beside = public_path(path);
    let public = read_public(&beside)?;
    if *public.key() != NoteKey::Ed25519Cosigner(key.verifying_key()) {
        return Err(WitnessKeyError::Public(beside));
    }
    let key = SigningKey::from_seed(&key.seed());
    Ok(Cosigner::new(public.name().clone(), key))
}

fn read_public(path: &Path) -> Result<VerifierKey, WitnessKeyError> {
    let io = |source| WitnessKeyError::Io {
        path: path.to_owned(),
        source,
    };
    let malformed = || WitnessKeyError::Public(path.to_owned());
    if fs::metadata(path).map_err(io)?.len() > MAX_VKEY as u64 + 1 {
        return Err(malformed());
    }
    let text = fs::read_to_string(path).map_err(io)?;
    let line = text.strip_suffix('\n').unwrap_or(&text);
    line.parse().map_err(|_| malformed())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::entropy;

    #[test]
    fn a_key_is_made_once_and_loads_with_its_public_half_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("witness.key");
        let name = || KeyName::new("witness.example/w1").unwrap();
        let public = create(&path, name(), &mut entropy()).unwrap();
        assert_eq!(load(&path).unwrap().verifier_key(), public);
        assert!(matches!(
            create(&path, name(), &mut entropy()),
            Err(WitnessKeyError::KeyFile(KeyFileError::Exists(_)))
        ));
        let other = folder.path().join("other.key");
        create(&other, name(), &mut entropy()).unwrap();
        fs::copy(public_path(&other), public_path(&path)).unwrap();
        assert!(matches!(load(&path), Err(WitnessKeyError::Public(_))));
    }
}
