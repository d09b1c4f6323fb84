//! Payloads: fetched to disk with their hashes checked, then decrypted to a name.
//!
//! ```text
//!   server ──resumed──▶ inbox/<header>.<part>.part ──hash as signed──▶ decrypted beside the target
//!   every chunk, plaintext hash ──▶ the attachment's final name
//! ```
//!
//! Invariants: nothing is decrypted whose ciphertext hash the header does not name; plaintext gets
//! its name after its last chunk passed; a sender's file name never leaves the folder.
//!
//! Absent: file keys and manifests ([`super::read`]). Specification: docs/format/envelope.md,
//! "Opening".

use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

use postfach_crypto::age::FileKey;
use postfach_crypto::envelope::{
    BindingError, MAX_MANIFEST, Manifest, check_age_headers, check_attachment, check_payload,
};
use postfach_crypto::ids::{ContentHash, PayloadHash, StatementHash};
use postfach_crypto::statement::{EnvelopeHeader, Signed};

use super::error::ClientError;
use super::mailbox::raw;
use super::session::Session;
use crate::age_file::{self, DecryptError};
use crate::durable::{self, Access as FileAccess, Existing};

impl Session {
    /// Fetches a payload that fits in memory and checks it against the header.
    pub(super) async fn small_payload(
        &self,
        header: &Signed<EnvelopeHeader>,
        index: usize,
    ) -> Result<Vec<u8>, ClientError> {
        let length = header.parts[index].3;
        if length > 2 * MAX_MANIFEST as u64 {
            return Err(ClientError::Content(BindingError::Payload(index)));
        }
        let mut response = self
            .http
            .payload(self.signer()?, header.hash(), index, 0)
            .await?;
        let mut payload = Vec::new();
        while let Some(piece) = response.chunk().await.map_err(broken)? {
            payload.extend_from_slice(&piece);
            if payload.len() as u64 > length {
                break;
            }
        }
        check_payload(
            header,
            index,
            PayloadHash::of(&payload),
            payload.len() as u64,
        )?;
        Ok(payload)
    }

    /// Fetches ciphertext to disk, continuing after interruptions, then decrypts it to its name.
    pub(super) async fn save_attachment(
        &self,
        header: &Signed<EnvelopeHeader>,
        manifest: &Manifest,
        index: usize,
        key: &FileKey,
        target: &Path,
        progress: &mut (dyn FnMut(u64) + Send),
    ) -> Result<(), ClientError> {
        let part = index + 1;
        let (spool, input) = self.genuine_payload(header, part).await?;
        let blind = manifest.attachments[index].blind;
        let opened = tokio::task::block_in_place(|| {
            open_attachment(
                header, manifest, part, key, &spool, input, target, blind, progress,
            )
        });
        std::fs::remove_file(&spool).map_err(ClientError::file(&spool))?;
        opened
    }

    /// A payload on disk whose hash the header names. What was spooled wrongly, here or on the way,
    /// is fetched once more before the sender is told that it is not genuine.
    async fn genuine_payload(
        &self,
        header: &Signed<EnvelopeHeader>,
        part: usize,
    ) -> Result<(PathBuf, std::fs::File), ClientError> {
        let mut again = true;
        loop {
            let (path, mut file) = self.fetch_payload(header, part).await?;
            let (hash, length) = tokio::task::block_in_place(|| payload_hash(&mut file))
                .map_err(ClientError::file(&path))?;
            match check_payload(header, part, hash, length) {
                Ok(()) => return Ok((path, file)),
                Err(error) => {
                    std::fs::remove_file(&path).map_err(ClientError::file(&path))?;
                    if !again {
                        return Err(error.into());
                    }
                    again = false;
                }
            }
        }
    }

    async fn fetch_payload(
        &self,
        header: &Signed<EnvelopeHeader>,
        part: usize,
    ) -> Result<(PathBuf, std::fs::File), ClientError> {
        let folder = self.profile.inbox_folder();
        durable::private_folder(&folder).map_err(ClientError::file(&folder))?;
        let (path, mut file) = spool(&folder, &format!("{}.{part}", header.hash()))?;
        let length = header.parts[part].3;
        let mut offset = file.metadata().map_err(ClientError::file(&path))?.len();
        if offset > length {
            file.set_len(0).map_err(ClientError::file(&path))?;
            offset = 0;
        }
        if offset < length {
            let mut response = self
                .http
                .payload(self.signer()?, header.hash(), part, offset)
                .await?;
            while let Some(piece) = response.chunk().await.map_err(broken)? {
                offset += piece.len() as u64;
                if offset > length {
                    return Err(ClientError::Answer("the part is longer than signed".into()));
                }
                file.write_all(&piece).map_err(ClientError::file(&path))?;
            }
            if offset < length {
                return Err(ClientError::Unreachable("the part ended early".into()));
            }
        }
        Ok((path, file))
    }

    /// Saves the parts of a letter into `folder` as complete age files, which any age tool that
    /// knows the hybrid stanza opens; returns their paths in order.
    pub async fn save_age_files(
        &self,
        hash: StatementHash,
        folder: &Path,
    ) -> Result<Vec<PathBuf>, ClientError> {
        let envelope = self.envelope(hash).await?;
        let header = envelope.delivery.header;
        let age_headers = raw(envelope.resource.age_headers.as_deref().unwrap_or_default());
        check_age_headers(&header, &age_headers, self.stanza_count(&header).await?)?;
        let mut paths = Vec::with_capacity(age_headers.len());
        for (part, age_header) in age_headers.iter().enumerate() {
            let (payload, mut ciphertext) = self.genuine_payload(&header, part).await?;
            let path = folder.join(format!("{hash}.{part}.age"));
            let copied = std::fs::File::create(&path).and_then(|mut file| {
                file.write_all(age_header)?;
                std::io::copy(&mut ciphertext, &mut file)
            });
            copied.map_err(ClientError::file(&path))?;
            std::fs::remove_file(&payload).map_err(ClientError::file(&payload))?;
            paths.push(path);
        }
        Ok(paths)
    }
}

/// The file that a payload is spooled in, locked. While another process uses it, one of our own.
fn spool(folder: &Path, name: &str) -> Result<(PathBuf, std::fs::File), ClientError> {
    let open = |path: &Path| {
        let mut options = std::fs::OpenOptions::new();
        options.create(true).read(true).append(true).open(path)
    };
    let path = folder.join(format!("{name}.part"));
    let file = open(&path).map_err(ClientError::file(&path))?;
    if file.try_lock().is_ok() {
        return Ok((path, file));
    }
    let path = folder.join(format!("{name}.{}.part", std::process::id()));
    let file = open(&path).map_err(ClientError::file(&path))?;
    Ok((path, file))
}

/// Hash and length of a spooled payload; the file stands at its beginning afterwards.
fn payload_hash(file: &mut std::fs::File) -> std::io::Result<(PayloadHash, u64)> {
    let (mut hash, mut length) = (PayloadHash::hasher(), 0);
    let mut piece = vec![0; 1 << 16];
    file.rewind()?;
    loop {
        let count = file.read(&mut piece)?;
        if count == 0 {
            break;
        }
        hash.update(&piece[..count]);
        length += count as u64;
    }
    file.rewind()?;
    Ok((PayloadHash(hash.finish()), length))
}

/// Decrypts beside the target; the name appears only when ciphertext hash, every chunk and the
/// plaintext's hash are right.
#[expect(
    clippy::too_many_arguments,
    reason = "one straight step with all it depends on"
)]
fn open_attachment(
    header: &EnvelopeHeader,
    manifest: &Manifest,
    part: usize,
    key: &FileKey,
    spool: &Path,
    input: impl Read + Send,
    target: &Path,
    blind: postfach_crypto::ids::Blind,
    progress: &mut (dyn FnMut(u64) + Send),
) -> Result<(), ClientError> {
    let mut result = Ok(());
    let written = durable::write_with(target, FileAccess::Private, Existing::Refuse, |file| {
        let (mut hash, mut length) = (PayloadHash::hasher(), 0);
        let mut tap = |bytes: &[u8]| {
            hash.update(bytes);
            length += bytes.len() as u64;
        };
        let mut content = HashedWriter {
            inner: file,
            hasher: ContentHash::hasher(&blind),
            size: 0,
        };
        let options = age_file::Options::default()
            .tap(&mut tap)
            .progress(progress);
        result = age_file::open_payload(key, input, &mut content, options)
            .map_err(|error| match error {
                // Trouble with this machine's files says nothing about the letter.
                DecryptError::Read(error) => ClientError::file(spool)(error),
                DecryptError::Write(error) => ClientError::file(target)(error),
                _ => ClientError::NotDecryptable,
            })
            .map(drop)
            .and_then(|()| {
                check_payload(header, part, PayloadHash(hash.finish()), length)?;
                let found = ContentHash(content.hasher.finish());
                check_attachment(manifest, part - 1, found, content.size)?;
                Ok(())
            });
        match &result {
            Ok(()) => Ok(()),
            Err(_) => Err(std::io::Error::other("not genuine")),
        }
    });
    result?;
    written.map_err(ClientError::file(target))
}

/// Hashes what is written through it.
struct HashedWriter<W> {
    inner: W,
    hasher: postfach_crypto::hash::DomainHasher,
    size: u64,
}

impl<W: Write> Write for HashedWriter<W> {
    fn write(&mut self, buffer: &[u8]) -> std::io::Result<usize> {
        let count = self.inner.write(buffer)?;
        self.hasher.update(&buffer[..count]);
        self.size += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.inner.flush()
    }
}

fn broken(error: reqwest::Error) -> ClientError {
    ClientError::Unreachable(error.without_url().to_string())
}

/// A path in `folder` for a sender's file name: no folders, no hidden or reserved names, no
/// control or direction-changing characters, never an existing file.
pub(super) fn free_name(folder: &Path, name: &str) -> PathBuf {
    let clean: String = name
        .chars()
        .map(|letter| match letter {
            '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' => '_',
            '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '_',
            letter if letter.is_control() => '_',
            letter => letter,
        })
        .collect();
    let clean = clean
        .trim_start_matches(['.', ' ', '-'])
        .trim_end_matches(['.', ' ']);
    let clean = if clean.is_empty() {
        "attachment"
    } else {
        clean
    };
    let (stem, ending) = match clean.rsplit_once('.') {
        Some((stem, ending)) if !stem.is_empty() => (stem, format!(".{ending}")),
        _ => (clean, String::new()),
    };
    (1..)
        .map(|number| match number {
            1 => folder.join(clean),
            _ => folder.join(format!("{stem} ({number}){ending}")),
        })
        .find(|path| !path.exists())
        .expect("some number is free")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_names_stay_in_the_folder() {
        let folder = Path::new("/nowhere/inbox");
        for (name, expected) in [
            ("../../etc/passwd", "_.._etc_passwd"),
            ("/etc/passwd", "_etc_passwd"),
            (".bashrc", "bashrc"),
            ("..", "attachment"),
            ("-rf", "rf"),
            ("rechnung\u{202e}fdp.exe", "rechnung_fdp.exe"),
            ("Bescheid.pdf", "Bescheid.pdf"),
        ] {
            assert_eq!(free_name(folder, name), folder.join(expected));
        }
    }
}
