//! Our files open with tools that nobody here wrote, and theirs with ours: npm `age-encryption` for
//! every recipient type, `rage` and Debian's `age` for keys and passphrases of the classical kind.
//!
//! The tools are installed by `tests/tools/install`.

#![allow(clippy::unwrap_used, reason = "a failed step fails the test")]

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use getrandom::SysRng;
use getrandom::rand_core::UnwrapErr;
use postfach_crypto::age::{
    HybridIdentity, Identity, Passphrase, Recipients, WorkFactor, X25519Identity, decrypt, encrypt,
};
use zeroize::Zeroizing;

/// No text, one byte, one full chunk, several chunks.
const LENGTHS: [usize; 4] = [0, 1, 65_536, 200_000];

fn tools() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/tools")
}

fn run<A: AsRef<OsStr>>(program: &Path, arguments: &[A]) {
    let output = Command::new(program)
        .args(arguments)
        .output()
        .unwrap_or_else(|error| panic!("{}: {error}; run tests/tools/install", program.display()));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {said}", program.display());
}

/// A folder for one test, gone afterwards.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn path(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Seals with us and opens with npm, then the other way round.
fn both_ways_with_npm(
    name: &str,
    recipients: &Recipients,
    ours: &Identity,
    seal: &[&str],
    open: &[&str],
) {
    let folder = Folder::new(name);
    let [sealed, opened, text_file] = ["sealed", "opened", "text"].map(|name| folder.path(name));
    let [open_script, seal_script] = ["age-open.mjs", "age-seal.mjs"]
        .map(|name| tools().join(name).to_str().unwrap().to_owned());
    for length in LENGTHS {
        let text: Vec<u8> = (0..length).map(|i| i.to_le_bytes()[0]).collect();
        let (header, payload) = encrypt(recipients, &text, &mut UnwrapErr(SysRng)).unwrap();
        fs::write(&sealed, [header.as_bytes(), &payload].concat()).unwrap();
        let call = [&[&*open_script], open, &[&*sealed, &*opened]].concat();
        run(Path::new("node"), &call);
        assert_eq!(fs::read(&opened).unwrap(), text, "npm opened other text");

        fs::write(&text_file, &text).unwrap();
        let call = [&[&*seal_script], seal, &[&*text_file, &*sealed]].concat();
        run(Path::new("node"), &call);
        let theirs = fs::read(&sealed).unwrap();
        assert_eq!(decrypt(&theirs, std::slice::from_ref(ours)).unwrap(), text);
    }
}

#[test]
fn npm_age_encryption_hybrid() {
    let identity = HybridIdentity::generate(&mut UnwrapErr(SysRng));
    let secret = identity.to_secret_string();
    let recipient = identity.recipient();
    let public = recipient.to_string();
    both_ways_with_npm(
        "npm-hybrid",
        &Recipients::Hybrid(vec![recipient]),
        &identity.into(),
        &["--recipient", &public],
        &["--identity", &secret],
    );
}

#[test]
fn npm_age_encryption_x25519() {
    let identity = X25519Identity::generate(&mut UnwrapErr(SysRng));
    let secret = identity.to_secret_string();
    let recipient = identity.recipient();
    let public = recipient.to_string();
    both_ways_with_npm(
        "npm-x25519",
        &Recipients::X25519(vec![recipient]),
        &identity.into(),
        &["--recipient", &public],
        &["--identity", &secret],
    );
}

#[test]
fn npm_age_encryption_passphrase() {
    let text = "Bäume im Postfach";
    let passphrase = Passphrase::new(Zeroizing::new(text.to_owned()))
        .with_work_factor(WorkFactor::new(10).unwrap());
    both_ways_with_npm(
        "npm-passphrase",
        &Recipients::Passphrase(passphrase.clone()),
        &passphrase.into(),
        &["--passphrase", text],
        &["--passphrase", text],
    );
}

/// The command lines of `age` and `rage` take the same long options for classical keys.
fn both_ways_with_command(name: &str, program: &Path) {
    let folder = Folder::new(name);
    let [key, sealed, opened, text_file] =
        ["key", "sealed", "opened", "text"].map(|name| folder.path(name));
    let identity = X25519Identity::generate(&mut UnwrapErr(SysRng));
    fs::write(&key, identity.to_secret_string().as_bytes()).unwrap();
    let recipient = identity.recipient();
    let public = recipient.to_string();
    let recipients = Recipients::X25519(vec![recipient]);
    let ours = [Identity::from(identity)];
    // Neither makes an output file for an empty text.
    for length in &LENGTHS[1..] {
        let text: Vec<u8> = (0..*length).map(|i| i.to_le_bytes()[0]).collect();
        let (header, payload) = encrypt(&recipients, &text, &mut UnwrapErr(SysRng)).unwrap();
        fs::write(&sealed, [header.as_bytes(), &payload].concat()).unwrap();
        let _ = fs::remove_file(&opened);
        run(
            program,
            &[
                "--decrypt",
                "--identity",
                &key,
                "--output",
                &opened,
                &sealed,
            ],
        );
        assert_eq!(fs::read(&opened).unwrap(), text, "another text was opened");

        fs::write(&text_file, &text).unwrap();
        fs::remove_file(&sealed).unwrap();
        run(
            program,
            &[
                "--encrypt",
                "--recipient",
                &public,
                "--output",
                &sealed,
                &text_file,
            ],
        );
        assert_eq!(decrypt(&fs::read(&sealed).unwrap(), &ours).unwrap(), text);
    }
}

#[test]
fn rage_x25519() {
    both_ways_with_command("rage", &tools().join("cargo/bin/rage"));
}

#[test]
fn debian_age_x25519() {
    both_ways_with_command("age", Path::new("age"));
}

/// Both ask a terminal, and choose the work factor themselves when they seal.
fn passphrase_both_ways_with_command(name: &str, program: &str) {
    let folder = Folder::new(name);
    let [sealed, opened, text_file] = ["sealed", "opened", "text"].map(|name| folder.path(name));
    let script = tools().join("with_passphrase.py");
    let script = script.to_str().unwrap();
    let words = "Baum Haus Hund Steuer";
    let text = b"Ein Text im Postfach".repeat(5000);
    let passphrase = Passphrase::new(Zeroizing::new(words.to_owned()))
        .with_work_factor(WorkFactor::new(12).unwrap());
    let recipients = Recipients::Passphrase(passphrase.clone());
    let (header, payload) = encrypt(&recipients, &text, &mut UnwrapErr(SysRng)).unwrap();
    fs::write(&sealed, [header.as_bytes(), &payload].concat()).unwrap();
    let python = Path::new("python3");
    let open = ["--decrypt", "--output", &opened, &sealed];
    run(python, &[&[script, words, program][..], &open].concat());
    assert_eq!(fs::read(&opened).unwrap(), text, "another text was opened");

    fs::write(&text_file, &text).unwrap();
    fs::remove_file(&sealed).unwrap();
    let seal = ["--passphrase", "--output", &sealed, &text_file];
    run(python, &[&[script, words, program][..], &seal].concat());
    // rage aims at a second of work, which on a fast machine is more than we accept by default.
    let patient = passphrase.with_limit(WorkFactor::new(22).unwrap());
    let theirs = fs::read(&sealed).unwrap();
    assert_eq!(decrypt(&theirs, &[patient.into()]).unwrap(), text);
}

#[test]
fn debian_age_passphrase() {
    passphrase_both_ways_with_command("age-passphrase", "age");
}

#[test]
fn rage_passphrase() {
    let rage = tools().join("cargo/bin/rage");
    passphrase_both_ways_with_command("rage-passphrase", rage.to_str().unwrap());
}
