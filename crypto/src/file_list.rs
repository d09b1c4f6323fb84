//! The list of the files that are the pages in the browser, and its hash.
//!
//! One line a file, as `sha256sum` writes it: the hash of the content, two spaces, the path from the
//! root of the server on. Lines ascend by path, so equal pages have one list and one hash.
//! Invariant: a [`FileList`] that was read writes the same text. Absent: the content.
//! Specification: docs/format/bundle.md.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use crate::hash::{Domain, domain_hash};
use crate::ids::BundleHash;

/// Most files of a list.
pub const MAX_FILES: usize = 4096;
/// Longest path, in bytes.
pub const MAX_PATH: usize = 200;
/// Longest text of a list, in bytes.
pub const MAX_TEXT: usize = MAX_FILES * (64 + 2 + MAX_PATH + 1);

/// Files by their paths.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FileList(BTreeMap<String, [u8; 32]>);

/// Why a text is no list of files, or a file cannot be listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FileListError {
    /// No file, or too many.
    #[error("the list names no file, or more than {MAX_FILES}")]
    Count,
    /// A line is no hash, two spaces and a path; or the last one does not end.
    #[error("line {0} is not a hash, two spaces and a path")]
    Line(usize),
    /// A path is not one of this form: `/` and visible ASCII characters without `?`, `#`, `%`, `\`.
    #[error("line {0} has a path that is not accepted")]
    Path(usize),
    /// Paths do not ascend.
    #[error("line {0} is not after the line before it")]
    Order(usize),
}

impl FileList {
    /// Lists a file with its content; a path that is listed already is listed anew.
    pub fn add(&mut self, path: &str, content: &[u8]) -> Result<(), FileListError> {
        let place = self.0.len() + 1;
        check_path(path, place)?;
        if place > MAX_FILES {
            return Err(FileListError::Count);
        }
        self.0
            .insert(path.to_owned(), Sha256::digest(content).into());
        Ok(())
    }

    /// Reads the one form of a list.
    pub fn parse(text: &str) -> Result<Self, FileListError> {
        if text.len() > MAX_TEXT {
            return Err(FileListError::Count);
        }
        let mut files = BTreeMap::new();
        let mut last = "";
        for (place, line) in (1..).zip(text.split_inclusive('\n')) {
            let line = line.strip_suffix('\n').ok_or(FileListError::Line(place))?;
            let (digits, path) = line.split_once("  ").ok_or(FileListError::Line(place))?;
            let hash: BundleHash = digits.parse().map_err(|_| FileListError::Line(place))?;
            check_path(path, place)?;
            if path <= last {
                return Err(FileListError::Order(place));
            }
            if place > MAX_FILES {
                return Err(FileListError::Count);
            }
            last = path;
            files.insert(path.to_owned(), hash.0);
        }
        if files.is_empty() {
            return Err(FileListError::Count);
        }
        Ok(Self(files))
    }

    /// The text of the list, as it is hashed and served.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for (path, hash) in &self.0 {
            let written = writeln!(text, "{}  {path}", BundleHash(*hash));
            written.expect("a string takes all that is written");
        }
        text
    }

    /// The hash that a bundle statement names.
    pub fn hash(&self) -> BundleHash {
        BundleHash(domain_hash(Domain::Bundle, &[self.text().as_bytes()]))
    }

    /// How many files there are.
    pub fn count(&self) -> u64 {
        self.0.len() as u64
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Paths, ascending.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Whether the file at `path` has this content.
    pub fn holds(&self, path: &str, content: &[u8]) -> bool {
        let hash: [u8; 32] = Sha256::digest(content).into();
        self.0.get(path) == Some(&hash)
    }

    /// The paths that only one of two lists has, or with another content; ascending.
    pub fn differences(&self, other: &Self) -> Vec<String> {
        let paths: BTreeSet<&str> = self.paths().chain(other.paths()).collect();
        let differs = |path: &&str| self.0.get(*path) != other.0.get(*path);
        paths
            .into_iter()
            .filter(differs)
            .map(str::to_owned)
            .collect()
    }
}

fn check_path(path: &str, place: usize) -> Result<(), FileListError> {
    let visible = path
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && !b"?#%\\".contains(&byte));
    let whole = path.starts_with('/') && path.len() <= MAX_PATH;
    let straight = path.split('/').all(|step| step != "." && step != "..");
    match visible && whole && straight {
        true => Ok(()),
        false => Err(FileListError::Path(place)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list() -> FileList {
        let mut list = FileList::default();
        list.add("/index.html", b"<!doctype html>").unwrap();
        list.add("/", b"<!doctype html>").unwrap();
        list.add("/assets/a.js", b"").unwrap();
        list
    }

    #[test]
    fn a_list_reads_back_and_ascends() {
        let list = list();
        assert_eq!(FileList::parse(&list.text()), Ok(list.clone()));
        let paths: Vec<_> = list.paths().collect();
        assert_eq!(paths, ["/", "/assets/a.js", "/index.html"]);
        assert_eq!(list.count(), 3);
        assert!(list.holds("/assets/a.js", b"") && !list.holds("/assets/a.js", b" "));
    }

    #[test]
    fn every_other_form_is_refused() {
        let text = list().text();
        let (first, rest) = text.split_once('\n').unwrap();
        for (other, error) in [
            (String::new(), FileListError::Count),
            (text.trim_end().to_owned(), FileListError::Line(3)),
            (text.replace("  ", " "), FileListError::Line(1)),
            (text.to_uppercase(), FileListError::Line(1)),
            (format!("{rest}{first}\n"), FileListError::Order(3)),
            (format!("{first}\n{text}"), FileListError::Order(2)),
            (text.replace("a.js", "../js"), FileListError::Path(2)),
            (text.replace("a.js", "a%2e"), FileListError::Path(2)),
            (text.replace("/index", "index"), FileListError::Path(3)),
        ] {
            assert_eq!(FileList::parse(&other), Err(error), "{other}");
        }
    }

    #[test]
    fn differences_are_named() {
        let (one, mut other) = (list(), list());
        assert!(one.differences(&other).is_empty());
        other.add("/index.html", b"x").unwrap();
        other.add("/assets/b.js", b"").unwrap();
        let named = ["/assets/b.js", "/index.html"];
        assert_eq!(one.differences(&other), named);
        assert_eq!(other.differences(&one), named);
        assert_ne!(one.hash(), other.hash());
    }
}
