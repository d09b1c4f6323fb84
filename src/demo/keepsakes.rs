//! What is left to look at: parts as complete age files beside their plaintext, the identity that
//! opens them, receipts with the key that signed them; and the search for secrets in the operator's
//! data.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use postfach_crypto::ids::StatementHash;
use serde_json::json;

use crate::age_file;
use crate::cli::error::{Exit, Explained as _, Failure};
use crate::cli::lang::{Language, text};
use crate::client::lists::OwnList;
use crate::client::session::Session;
use crate::durable::{Access, Existing, write};

/// Bytes read at once while searching.
const WINDOW: usize = 1 << 20;

/// Writes what other tools can check, and `keepsakes.json`, which describes it.
pub(super) async fn keep(folder: &Path, citizen: &Session, lang: Language) -> Result<(), Failure> {
    let identity = folder.join("citizen-age-identity.txt");
    let lines = citizen.keys().age_identity_file();
    write(
        &identity,
        lines.as_bytes(),
        Access::Private,
        Existing::Refuse,
    )
    .explained(lang)?;
    let parts_folder = folder.join("parts");
    std::fs::create_dir_all(&parts_folder).explained(lang)?;
    let openers = citizen.keys().openers();
    let (mut parts, mut receipts) = (Vec::new(), Vec::new());
    for hash in citizen.sync(OwnList::Mailbox).await.explained(lang)? {
        let files = citizen
            .save_age_files(hash, &parts_folder)
            .await
            .explained(lang)?;
        for path in files {
            let plain = path.with_extension("plain");
            let input = BufReader::new(File::open(&path).explained(lang)?);
            let options = age_file::Options::default();
            age_file::decrypt_to_file(&openers, input, &plain, options).map_err(|error| {
                Failure::new(
                    Exit::Refused,
                    error.to_string(),
                    text!(lang, "dem Projekt melden", "report it to the project"),
                )
            })?;
            parts.push(json!({ "age": path, "plain": plain }));
        }
        for receipt in citizen.kept().receipts_about(&hash).explained(lang)? {
            let path = folder.join(format!("receipt-{}.cose", receipt.hash()));
            std::fs::write(&path, receipt.bytes()).explained(lang)?;
            let key = StatementHash(receipt.signer().0).to_string();
            receipts.push(json!({ "file": path, "key": key }));
        }
    }
    let description = json!({
        "identity": identity,
        "parts": parts,
        "receipts": receipts,
    });
    let description = serde_json::to_vec_pretty(&description).expect("plain values");
    std::fs::write(folder.join("keepsakes.json"), description).explained(lang)
}

/// Searches every file below `folder` for `words`: bytes searched, and the first word found.
pub(super) fn search(folder: &Path, words: &[&str]) -> io::Result<(u64, Option<String>)> {
    let mut searched = 0;
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                folders.push(entry.path());
                continue;
            }
            let (bytes, found) = search_file(File::open(entry.path())?, words)?;
            searched += bytes;
            if found.is_some() {
                return Ok((searched, found));
            }
        }
    }
    Ok((searched, None))
}

/// Windows overlap by the longest word, so none hides on a boundary.
fn search_file(mut file: File, words: &[&str]) -> io::Result<(u64, Option<String>)> {
    let overlap = words.iter().map(|word| word.len()).max().unwrap_or(1);
    let (mut window, mut searched) = (Vec::new(), 0);
    loop {
        let kept = window.len().min(overlap);
        window.drain(..window.len() - kept);
        let read = (&mut file).take(WINDOW as u64).read_to_end(&mut window)? as u64;
        searched += read;
        let found = words.iter().find(|word| {
            window
                .windows(word.len())
                .any(|bytes| bytes == word.as_bytes())
        });
        if found.is_some() || read == 0 {
            return Ok((searched, found.map(|word| (*word).to_owned())));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_on_a_boundary_is_found() {
        let folder = tempfile::tempdir().expect("folder");
        let mut bytes = vec![b'.'; WINDOW - 3];
        bytes.extend(b"secret");
        bytes.extend(vec![b'.'; WINDOW]);
        std::fs::write(folder.path().join("file"), &bytes).expect("write");
        let found = search(folder.path(), &["other", "secret"]).expect("search");
        assert_eq!(found.1.as_deref(), Some("secret"));
        let none = search(folder.path(), &["absent"]).expect("search");
        assert_eq!(none, (bytes.len() as u64, None));
    }
}
