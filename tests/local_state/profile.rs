//! The profile folder.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use postfach::client::profile::{self, KeyFileKind, Profile, ProfileError, ProfileKind, Settings};
use postfach_crypto::ids::Address;
use postfach_crypto::keys::SigningKey;

fn settings() -> Settings {
    Settings {
        kind: ProfileKind::Citizen,
        key_file: KeyFileKind::Passphrase,
        service: "https://localhost:8443".to_owned(),
        origin: "postfach.example".to_owned(),
        epoch: 1,
        operator_root: SigningKey::from_seed(&[9; 32]).verifying_key(),
        address: None,
        name: Some("Erika Huber".to_owned()),
        ca_file: None,
    }
}

#[test]
fn a_profile_is_private_and_comes_back_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("deep/home");
    let (mut profile, lock) = Profile::create(&home, settings()).unwrap();
    assert_eq!(fs::metadata(&home).unwrap().mode() & 0o777, 0o700);
    profile
        .change(&lock, |settings| settings.address = Some(Address([5; 32])))
        .unwrap();
    let read = Profile::open(&home).unwrap();
    assert_eq!(read.settings(), profile.settings());
    assert!(read.keys_path().ends_with("keys.age"));
    let text = fs::read_to_string(home.join("profile.toml")).unwrap();
    assert!(text.contains("address = \"pf1"), "{text}");
    drop(lock);
    let exists = Profile::create(&home, settings()).unwrap_err();
    assert!(matches!(exists, ProfileError::Exists(_)));
}

#[test]
fn one_writer_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let (profile, lock) = Profile::create(folder.path(), settings()).unwrap();
    assert!(matches!(profile.lock(), Err(ProfileError::Locked(_))));
    drop(lock);
    assert!(profile.lock().is_ok());
}

#[test]
fn a_profile_that_others_can_change_or_nobody_understands_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path();
    assert!(matches!(Profile::open(home), Err(ProfileError::Missing(_))));
    drop(Profile::create(home, settings()).unwrap());
    let path = home.join("profile.toml");
    let text = fs::read_to_string(&path).unwrap();

    fs::write(&path, text.replace("format = 1", "format = 2")).unwrap();
    assert!(matches!(
        Profile::open(home),
        Err(ProfileError::Format(_, 2))
    ));
    fs::write(&path, format!("{text}colour = 'red'\n")).unwrap();
    let unknown = Profile::open(home).unwrap_err().to_string();
    assert!(unknown.contains("colour"), "{unknown}");
    let low_order = format!("01{}", "00".repeat(31));
    let weak = text
        .lines()
        .map(|line| {
            if line.starts_with("operator_root") {
                format!("operator_root = \"{low_order}\"\n")
            } else {
                format!("{line}\n")
            }
        })
        .collect::<String>();
    fs::write(&path, weak).unwrap();
    assert!(matches!(
        Profile::open(home),
        Err(ProfileError::Content(..))
    ));

    fs::write(&path, text).unwrap();
    fs::set_permissions(home, fs::Permissions::from_mode(0o770)).unwrap();
    assert!(matches!(
        Profile::open(home),
        Err(ProfileError::Open(_, 0o770))
    ));
}

#[test]
fn the_home_folder_is_the_flag_before_the_variable() {
    let flag = Path::new("flag");
    let chosen = |flag, variable| profile::home_folder(flag, variable).unwrap();
    assert_eq!(chosen(Some(flag), Some("variable")), flag);
    assert_eq!(chosen(None, Some("variable")), Path::new("variable"));
}
