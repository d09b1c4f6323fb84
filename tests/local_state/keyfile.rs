//! Key files.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use postfach::client::keyfile::{
    self, KeyFile, KeyFileError, KeyRole, Keys, NoKey, Protection, SealedKeys,
};
use postfach::durable::old_path;
use postfach::entropy::entropy;
use postfach_crypto::age::{self, HybridIdentity, Identity, Passphrase, Recipients, WorkFactor};
use postfach_crypto::ids::Address;
use postfach_crypto::keys::SigningKey;
use zeroize::Zeroizing;

fn cheap(secret: &str) -> Passphrase {
    let work = WorkFactor::new(4).unwrap();
    Passphrase::new(Zeroizing::new(secret.to_owned())).with_work_factor(work)
}

fn keys() -> Keys {
    let mut keys = Keys::new();
    keys.set_address(Address([7; 32]));
    keys.add_signing(KeyRole::Identity, SigningKey::from_seed(&[1; 32]));
    keys.add_signing(KeyRole::Signer, SigningKey::from_seed(&[2; 32]));
    keys.add_age_identity(HybridIdentity::from_seed(&[3; 32]));
    keys
}

fn sealed(path: &Path) -> SealedKeys {
    match KeyFile::read(path).unwrap() {
        KeyFile::Sealed(sealed) => sealed,
        KeyFile::Open(_) => panic!("the file is not encrypted"),
    }
}

#[test]
fn keys_come_back_from_under_a_passphrase() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.age");
    let protection = Protection::Passphrase(cheap("ein Hund im Garten"));
    keyfile::create(&path, &keys(), &protection, &mut entropy()).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
    let bytes = fs::read(&path).unwrap();
    assert!(!bytes.windows(10).any(|window| window == b"SECRET-KEY"));

    let opened = sealed(&path).unlock(&cheap("ein Hund im Garten")).unwrap();
    assert_eq!(opened.address(), Some(Address([7; 32])));
    let identity = SigningKey::from_seed(&[1; 32]).verifying_key();
    assert_eq!(opened.identity().unwrap().verifying_key(), identity);
    assert_eq!(opened.of_role(KeyRole::Signer).count(), 1);
    assert_eq!(*opened.age_identities()[0].to_seed(), [3; 32]);
    assert!(opened.by_public(&identity).is_some());

    let wrong = sealed(&path).unlock(&cheap("eine Katze")).unwrap_err();
    assert!(matches!(wrong, KeyFileError::WrongPassphrase));
    fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
    let cut = sealed(&path)
        .unlock(&cheap("ein Hund im Garten"))
        .unwrap_err();
    assert!(matches!(cut, KeyFileError::Damaged));
}

#[test]
fn a_key_file_is_replaced_only_on_purpose_and_the_older_one_stays() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.txt");
    let mut rng = entropy();
    keyfile::create(&path, &keys(), &Protection::Permissions, &mut rng).unwrap();
    let before = fs::read(&path).unwrap();
    let again = keyfile::create(&path, &keys(), &Protection::Permissions, &mut rng).unwrap_err();
    assert!(matches!(again, KeyFileError::Exists(_)));
    assert_eq!(fs::read(&path).unwrap(), before);

    let mut rotated = keys();
    rotated.add_age_identity(HybridIdentity::from_seed(&[4; 32]));
    keyfile::replace(&path, &rotated, &Protection::Permissions, &mut rng).unwrap();
    assert_eq!(fs::read(old_path(&path)).unwrap(), before);
    let KeyFile::Open(read) = KeyFile::read(&path).unwrap() else {
        panic!("the file is plain");
    };
    let seeds: Vec<u8> = read
        .age_identities()
        .iter()
        .map(|key| key.to_seed()[0])
        .collect();
    assert_eq!(seeds, [4, 3], "newest first, and old mail stays readable");
}

#[test]
fn a_plain_key_file_that_others_may_read_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.txt");
    keyfile::create(&path, &keys(), &Protection::Permissions, &mut entropy()).unwrap();
    for mode in [0o640, 0o604, 0o700, 0o620] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let refused = KeyFile::read(&path).unwrap_err();
        assert!(matches!(refused, KeyFileError::Mode(_, found) if found == mode));
    }
    fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
    assert!(KeyFile::read(&path).is_ok());
    let missing = KeyFile::read(&folder.path().join("none")).unwrap_err();
    assert!(matches!(missing, KeyFileError::Missing(_)));
}

#[test]
fn a_line_that_is_no_key_is_named_and_a_role_cannot_be_changed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.txt");
    keyfile::create(&path, &keys(), &Protection::Permissions, &mut entropy()).unwrap();
    let text = fs::read_to_string(&path).unwrap();
    let promoted = text.replace("POSTFACH-SIGNER-KEY-1", "POSTFACH-IDENTITY-KEY-1");
    fs::write(&path, promoted).unwrap();
    assert!(matches!(
        KeyFile::read(&path),
        Err(KeyFileError::Line(3 | 5))
    ));
    fs::write(&path, "# only comments\n").unwrap();
    assert!(matches!(KeyFile::read(&path), Err(KeyFileError::NoKeys)));
}

#[test]
fn age_lines_alone_are_an_identity_file() {
    let text = keys().age_identity_file();
    let identities: Vec<Identity> = text
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| Identity::parse(line).unwrap())
        .collect();
    assert_eq!(identities.len(), 1);
    let to = Recipients::Hybrid(vec![keys().age_identities()[0].recipient()]);
    let (header, payload) = age::encrypt(&to, b"Bescheid", &mut entropy()).unwrap();
    let file = [header.as_bytes(), &payload].concat();
    assert_eq!(age::decrypt(&file, &identities).unwrap(), b"Bescheid");
    assert_eq!(
        Keys::new().identity().unwrap_err(),
        NoKey(KeyRole::Identity)
    );
}
