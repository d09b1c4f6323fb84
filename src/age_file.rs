//! age files of any length, on all processors, in constant memory.
//!
//! Every function reads its input once from front to back, so pipes work, and one worker runs the
//! same code as many. Memory is bounded by (workers + 1) batches of about 1 MiB.
//!
//! Invariants: payload bytes are observed and written in order; a decrypted file appears under its
//! name only after its last chunk has passed (C2SP age, "Payload": text before that is unverified).
//!
//! Absent by intent: resuming an encryption. A file key seals one payload; interrupted uploads send
//! the same encrypted bytes again.

mod pipeline;

use std::io::{self, BufRead, Read, Write};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::thread;

use postfach_crypto::age::stream::{NONCE_LEN, PayloadSealer};
use postfach_crypto::age::{
    FileKey, Header, HeaderError, Identity, NewFile, PayloadError, ReadHeaderError, UnwrapError,
};

pub use pipeline::Lengths;
use pipeline::{Opening, PipelineError, Sealing};

use crate::durable::{self, Access, Existing};

/// Most threads one file is worked on with.
pub const MAX_WORKERS: usize = 16;

/// Sees the payload's encrypted bytes in order.
pub type Tap<'a> = &'a mut (dyn FnMut(&[u8]) + Send);

/// Is told how many bytes of text are done.
pub type Progress<'a> = &'a mut (dyn FnMut(u64) + Send);

/// How a file is worked on, and who watches.
#[derive(Default)]
pub struct Options<'a> {
    workers: Option<NonZeroUsize>,
    tap: Option<Tap<'a>>,
    progress: Option<Progress<'a>>,
}

impl std::fmt::Debug for Options<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Options")
            .field("workers", &self.workers)
            .finish_non_exhaustive()
    }
}

impl<'a> Options<'a> {
    /// Threads to work with, the caller's included; without it, one a processor. At most
    /// [`MAX_WORKERS`] are used.
    #[must_use]
    pub fn workers(self, workers: NonZeroUsize) -> Self {
        Self {
            workers: Some(workers),
            ..self
        }
    }

    /// Shows `tap` the payload's encrypted bytes, nonce first, in order and once: for their hash.
    #[must_use]
    pub fn tap(self, tap: Tap<'a>) -> Self {
        Self {
            tap: Some(tap),
            ..self
        }
    }

    /// Tells `progress` how many bytes of text are done, about once every MiB.
    #[must_use]
    pub fn progress(self, progress: Progress<'a>) -> Self {
        Self {
            progress: Some(progress),
            ..self
        }
    }

    fn worker_count(&self) -> usize {
        self.workers
            .or_else(|| thread::available_parallelism().ok())
            .map_or(1, NonZeroUsize::get)
            .min(MAX_WORKERS)
    }
}

/// Encrypts `reader` to `writer` as a complete age file: header, then payload.
///
/// # Errors
/// [`EncryptError`]; what was written then is no valid file.
pub fn encrypt<R: Read + Send, W: Write + Send>(
    file: NewFile,
    reader: R,
    mut writer: W,
    options: Options<'_>,
) -> Result<Lengths, EncryptError> {
    writer
        .write_all(file.header.as_bytes())
        .map_err(EncryptError::Write)?;
    seal_payload(file.payload, reader, writer, options)
}

/// Encrypts `reader` to `writer` as the payload alone; its header is kept elsewhere.
///
/// # Errors
/// [`EncryptError`]; what was written then is no valid payload.
pub fn seal_payload<R: Read + Send, W: Write + Send>(
    sealer: PayloadSealer,
    reader: R,
    writer: W,
    options: Options<'_>,
) -> Result<Lengths, EncryptError> {
    let workers = options.worker_count();
    let mut writer = Tapped {
        inner: writer,
        tap: options.tap,
    };
    writer
        .write_all(sealer.nonce())
        .map_err(EncryptError::Write)?;
    pipeline::run(
        Sealing::new(sealer),
        reader,
        writer,
        options.progress,
        workers,
    )
    .map_err(|error| match error {
        PipelineError::Read(error) => EncryptError::Read(error),
        PipelineError::Write(error) => EncryptError::Write(error),
        PipelineError::Payload(_) => EncryptError::TooLong,
    })
}

/// Decrypts a complete age file from `reader` to `writer`. On an error, discard what was written:
/// it is unverified.
///
/// # Errors
/// [`DecryptError`].
pub fn decrypt<R: BufRead + Send, W: Write + Send>(
    identities: &[Identity],
    mut reader: R,
    writer: W,
    options: Options<'_>,
) -> Result<Lengths, DecryptError> {
    let file_key = Header::read_from(&mut reader)?.unwrap(identities)?;
    open_payload(&file_key, reader, writer, options)
}

/// Decrypts the payload from `reader` to `writer`. On an error, discard what was written: it is
/// unverified.
///
/// # Errors
/// [`DecryptError`].
pub fn open_payload<R: Read + Send, W: Write + Send>(
    file_key: &FileKey,
    reader: R,
    writer: W,
    options: Options<'_>,
) -> Result<Lengths, DecryptError> {
    let workers = options.worker_count();
    let mut reader = Tapped {
        inner: reader,
        tap: options.tap,
    };
    let mut nonce = [0u8; NONCE_LEN];
    reader
        .read_exact(&mut nonce)
        .map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => DecryptError::Payload(PayloadError::Length),
            _ => DecryptError::Read(error),
        })?;
    let opening = Opening::new(file_key.payload_opener(&nonce));
    pipeline::run(opening, reader, writer, options.progress, workers).map_err(Into::into)
}

/// Decrypts a complete age file to the file `target`, replacing it if it is there.
///
/// The text goes to a file beside it that only its owner can read, is synced, and gets its name only
/// after the last chunk has passed; on an error nothing is left behind.
///
/// # Errors
/// [`DecryptError`].
pub fn decrypt_to_file<R: BufRead + Send>(
    identities: &[Identity],
    mut reader: R,
    target: &Path,
    options: Options<'_>,
) -> Result<Lengths, DecryptError> {
    let file_key = Header::read_from(&mut reader)?.unwrap(identities)?;
    open_payload_to_file(&file_key, reader, target, options)
}

/// As [`decrypt_to_file`], for a payload whose header was opened already.
///
/// # Errors
/// [`DecryptError`].
pub fn open_payload_to_file<R: Read + Send>(
    file_key: &FileKey,
    reader: R,
    target: &Path,
    options: Options<'_>,
) -> Result<Lengths, DecryptError> {
    let mut lengths = Lengths::default();
    durable::write_with(target, Access::Private, Existing::Replace, |file| {
        lengths = open_payload(file_key, reader, file, options).map_err(io::Error::other)?;
        Ok(())
    })
    .map_err(|error| {
        error
            .downcast::<DecryptError>()
            .unwrap_or_else(|source| DecryptError::Target {
                path: target.to_owned(),
                source,
            })
    })?;
    Ok(lengths)
}

/// A reader or writer that shows what passes through it.
struct Tapped<'a, T> {
    inner: T,
    tap: Option<Tap<'a>>,
}

impl<R: Read> Read for Tapped<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        if let Some(tap) = &mut self.tap {
            tap(&buffer[..count]);
        }
        Ok(count)
    }
}

impl<W: Write> Write for Tapped<'_, W> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let count = self.inner.write(buffer)?;
        if let Some(tap) = &mut self.tap {
            tap(&buffer[..count]);
        }
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// Why a file was not encrypted.
#[derive(Debug, thiserror::Error)]
pub enum EncryptError {
    /// The text could not be read.
    #[error("reading the content failed: {0}")]
    Read(#[source] io::Error),
    /// The encrypted file could not be written.
    #[error("writing the encrypted file failed: {0}")]
    Write(#[source] io::Error),
    /// More chunks than a payload can number.
    #[error("the content is too long for one file")]
    TooLong,
}

/// Why a file was not decrypted.
#[derive(Debug, thiserror::Error)]
pub enum DecryptError {
    /// The encrypted file could not be read.
    #[error("reading the encrypted file failed: {0}")]
    Read(#[source] io::Error),
    /// The text could not be written.
    #[error("writing the content failed: {0}")]
    Write(#[source] io::Error),
    /// The target file could not be made, synced or named.
    #[error("writing {} failed: {source}", path.display())]
    Target {
        /// The file that was asked for.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The bytes are no header that this format allows.
    #[error(transparent)]
    Header(HeaderError),
    /// No identity opens it.
    #[error(transparent)]
    Unwrap(#[from] UnwrapError),
    /// The payload is damaged or incomplete.
    #[error(transparent)]
    Payload(PayloadError),
}

impl From<ReadHeaderError> for DecryptError {
    fn from(error: ReadHeaderError) -> Self {
        match error {
            ReadHeaderError::Io(error) => Self::Read(error),
            ReadHeaderError::Header(error) => Self::Header(error),
        }
    }
}

impl From<PipelineError> for DecryptError {
    fn from(error: PipelineError) -> Self {
        match error {
            PipelineError::Read(error) => Self::Read(error),
            PipelineError::Write(error) => Self::Write(error),
            PipelineError::Payload(error) => Self::Payload(error),
        }
    }
}

#[cfg(test)]
mod tests;
