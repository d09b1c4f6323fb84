//! Data folders of tests: making, copying, and reaching into them.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

pub(crate) fn new() -> TempDir {
    TempDir::new().expect("a temporary folder")
}

/// A copy of a data folder that no store has open.
pub(crate) fn copy(from: &Path) -> TempDir {
    let to = new();
    copy_into(from, to.path());
    to
}

fn copy_into(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a new folder");
    for entry in fs::read_dir(from).expect("a folder to copy") {
        let entry = entry.expect("an entry to copy");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("a file type").is_dir() {
            copy_into(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("a file copies");
        }
    }
}

pub(crate) fn segment(folder: &Path, number: u32) -> PathBuf {
    folder.join(format!("journal/{number:010}.journal"))
}

pub(crate) fn length(path: &Path) -> usize {
    let length = fs::metadata(path).expect("the file is there").len();
    usize::try_from(length).expect("a short file")
}

/// Cuts a file off.
pub(crate) fn cut(path: &Path, length: usize) {
    let file = fs::OpenOptions::new()
        .write(true)
        .open(path)
        .expect("the file opens");
    file.set_len(length as u64).expect("the file shrinks");
}

/// Flips the lowest bit of a byte.
pub(crate) fn flip(path: &Path, at: usize) {
    let mut bytes = fs::read(path).expect("the file reads");
    bytes[at] ^= 1;
    fs::write(path, bytes).expect("the file writes");
}

/// Says that a store was running when the machine restarted.
pub(crate) fn restarted(folder: &Path) {
    fs::write(folder.join("STATE"), "running another-boot\n").expect("STATE writes");
}

pub(crate) fn remove_index(folder: &Path) {
    fs::remove_dir_all(folder.join("index")).expect("the index was there");
}
