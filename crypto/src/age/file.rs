//! Whole files: a header with its payload, in memory or over readers and writers.
//!
//! Specification: C2SP age, "Encrypted file format".

use core::fmt;
use std::io::{self, BufRead, Read, Write};

use rand_core::CryptoRng;
use zeroize::Zeroizing;

use super::header::{HeaderError, ReadHeaderError, UnwrapError};
use super::stanza::{Stanza, Wrapped};
use super::stream::{
    CHUNK_LEN, NONCE_LEN, PayloadError, PayloadOpener, PayloadSealer, Position, SEALED_CHUNK_LEN,
    TAG_LEN,
};
use super::{FileKey, Header, Identity, MAX_RECIPIENTS, Recipients};

/// A header and the right to seal its one payload.
#[derive(Debug)]
pub struct NewFile {
    /// The header, complete.
    pub header: Header,
    /// The fresh file key, for disclosure; it cannot seal.
    pub file_key: FileKey,
    /// Seals the payload.
    pub payload: PayloadSealer,
}

impl NewFile {
    /// Draws a fresh file key and payload nonce and wraps the key for each recipient in order.
    ///
    /// # Errors
    /// [`SealError`] when there are no recipients or too many.
    pub fn new<R: CryptoRng + ?Sized>(
        recipients: &Recipients,
        rng: &mut R,
    ) -> Result<Self, SealError> {
        let file_key = FileKey::generate(rng);
        let stanzas = wrap(recipients, &file_key, rng)?;
        let header = Header::seal(stanzas, &file_key);
        let mut nonce = [0u8; NONCE_LEN];
        rng.fill_bytes(&mut nonce);
        let payload = PayloadSealer::new(file_key.payload_cipher(&nonce), nonce);
        Ok(Self {
            header,
            file_key,
            payload,
        })
    }

    /// Writes the header and the payload nonce; text written to the result becomes the payload.
    ///
    /// # Errors
    /// What `writer` returns.
    pub fn into_writer<W: Write>(self, mut writer: W) -> io::Result<StreamWriter<W>> {
        writer.write_all(self.header.as_bytes())?;
        StreamWriter::new(self.payload, writer)
    }
}

fn wrap<R: CryptoRng + ?Sized>(
    recipients: &Recipients,
    file_key: &FileKey,
    rng: &mut R,
) -> Result<Vec<Stanza>, SealError> {
    let count = match recipients {
        Recipients::Hybrid(keys) => keys.len(),
        Recipients::X25519(keys) => keys.len(),
        Recipients::Passphrase(_) => 1,
    };
    match count {
        0 => return Err(SealError::NoRecipients),
        1..=MAX_RECIPIENTS => (),
        _ => return Err(SealError::TooManyRecipients),
    }
    let wrapped: Vec<Wrapped> = match recipients {
        Recipients::Hybrid(keys) => keys
            .iter()
            .map(|key| key.wrap(file_key, rng).map(Wrapped::Hybrid))
            .collect::<Result<_, _>>()
            .map_err(|_| SealError::Recipient)?,
        Recipients::X25519(keys) => keys
            .iter()
            .map(|key| Wrapped::X25519(key.wrap(file_key, rng)))
            .collect(),
        Recipients::Passphrase(passphrase) => vec![Wrapped::Scrypt(passphrase.wrap(file_key, rng))],
    };
    Ok(wrapped.into_iter().map(Stanza::from_wrapped).collect())
}

/// Encrypts a text held in memory; returns the header and the payload.
///
/// # Errors
/// [`SealError`] when there are no recipients or too many.
pub fn encrypt<R: CryptoRng + ?Sized>(
    recipients: &Recipients,
    text: &[u8],
    rng: &mut R,
) -> Result<(Header, Vec<u8>), SealError> {
    let file = NewFile::new(recipients, rng)?;
    let chunks = text.len().div_ceil(CHUNK_LEN).max(1);
    let mut payload = Vec::with_capacity(NONCE_LEN + text.len() + chunks * TAG_LEN);
    payload.extend_from_slice(file.payload.nonce());
    for chunk in text.chunks(CHUNK_LEN) {
        payload.extend_from_slice(chunk);
        payload.extend_from_slice(&[0; TAG_LEN]);
    }
    if text.is_empty() {
        payload.extend_from_slice(&[0; TAG_LEN]);
    }
    let sealed = &mut payload[NONCE_LEN..];
    file.payload
        .last_batch(sealed.len())
        .and_then(|batch| batch.seal(sealed))
        .expect("the buffer was laid out as a last batch");
    Ok((file.header, payload))
}

/// Decrypts a whole file (header and payload) held in memory; all or nothing.
///
/// # Errors
/// [`DecryptError`].
pub fn decrypt(file: &[u8], identities: &[Identity]) -> Result<Vec<u8>, DecryptError> {
    let (header, length) = Header::parse(file)?;
    Ok(header.unwrap(identities)?.open_payload(&file[length..])?)
}

/// Encrypts what is written to it. Without [`finish`](Self::finish) the file is incomplete and will
/// not open.
pub struct StreamWriter<W: Write> {
    sealer: PayloadSealer,
    writer: W,
    /// Text of the current chunk; a full one waits here until it is known not to be the last.
    chunk: Zeroizing<Vec<u8>>,
}

impl<W: Write> StreamWriter<W> {
    /// Writes the payload nonce to `writer` and continues with the chunks.
    ///
    /// # Errors
    /// What `writer` returns.
    pub fn new(sealer: PayloadSealer, mut writer: W) -> io::Result<Self> {
        writer.write_all(sealer.nonce())?;
        Ok(Self {
            sealer,
            writer,
            chunk: Zeroizing::new(Vec::with_capacity(SEALED_CHUNK_LEN)),
        })
    }

    /// Seals the last chunk and returns the writer, flushed.
    ///
    /// # Errors
    /// What the writer returns.
    pub fn finish(mut self) -> io::Result<W> {
        let sealed_len = self.chunk.len() + TAG_LEN;
        self.chunk.resize(sealed_len, 0);
        self.sealer
            .last_batch(sealed_len)
            .and_then(|batch| batch.seal(&mut self.chunk))
            .map_err(invalid_data)?;
        self.writer.write_all(&self.chunk)?;
        self.writer.flush()?;
        Ok(self.writer)
    }
}

impl<W: Write> Write for StreamWriter<W> {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        if self.chunk.len() == CHUNK_LEN && !text.is_empty() {
            self.chunk.resize(SEALED_CHUNK_LEN, 0);
            self.sealer
                .next_batch(SEALED_CHUNK_LEN)
                .and_then(|batch| batch.seal(&mut self.chunk))
                .map_err(invalid_data)?;
            self.writer.write_all(&self.chunk)?;
            self.chunk.clear();
        }
        let taken = text.len().min(CHUNK_LEN - self.chunk.len());
        self.chunk.extend_from_slice(&text[..taken]);
        Ok(taken)
    }

    /// Flushes whole chunks only: a partial chunk can be sealed once, by [`Self::finish`].
    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

/// Decrypts a payload from front to back. What it has returned is unverified until it returns the
/// end of file; an error means that everything read so far must be discarded.
pub struct StreamReader<R: Read> {
    opener: PayloadOpener,
    reader: R,
    /// A sealed chunk and one byte more, which tells whether another chunk follows.
    buffer: Zeroizing<Vec<u8>>,
    /// Bytes of `buffer` that are filled at the start of the next chunk: 0 or 1.
    carried: usize,
    next: u64,
    state: ReaderState,
    text: core::ops::Range<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ReaderState {
    Reading,
    Ended,
    Failed(PayloadError),
}

impl<R: Read> StreamReader<R> {
    /// Reads the payload nonce from `reader` and continues with the chunks.
    ///
    /// # Errors
    /// [`DecryptError::Payload`] when there is no nonce; what `reader` returns.
    pub fn new(file_key: &FileKey, mut reader: R) -> Result<Self, DecryptError> {
        let mut nonce = [0u8; NONCE_LEN];
        if read_full(&mut reader, &mut nonce)? < NONCE_LEN {
            return Err(PayloadError::Length.into());
        }
        Ok(Self {
            opener: file_key.payload_opener(&nonce),
            reader,
            buffer: Zeroizing::new(vec![0; SEALED_CHUNK_LEN + 1]),
            carried: 0,
            next: 0,
            state: ReaderState::Reading,
            text: 0..0,
        })
    }

    /// Opens the next chunk into `self.text`.
    fn advance(&mut self) -> io::Result<()> {
        if let ReaderState::Failed(error) = self.state {
            return Err(invalid_data(error));
        }
        if self.carried == 1 {
            self.buffer[0] = self.buffer[SEALED_CHUNK_LEN];
        }
        let filled = self.carried + read_full(&mut self.reader, &mut self.buffer[self.carried..])?;
        let position = if filled > SEALED_CHUNK_LEN {
            Position::Inner
        } else {
            Position::Last
        };
        let chunk = &mut self.buffer[..filled.min(SEALED_CHUNK_LEN)];
        let opened = self
            .opener
            .open_chunk(self.next, position, chunk)
            .map(|text| text.len());
        let length = opened.map_err(|error| {
            self.state = ReaderState::Failed(error);
            invalid_data(error)
        })?;
        self.text = 0..length;
        self.next += 1;
        self.carried = usize::from(position == Position::Inner);
        if position == Position::Last {
            self.state = ReaderState::Ended;
        }
        Ok(())
    }
}

impl<R: Read> Read for StreamReader<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if out.is_empty() {
            return Ok(0);
        }
        while self.text.is_empty() {
            if self.state == ReaderState::Ended {
                return Ok(0);
            }
            self.advance()?;
        }
        let taken = out.len().min(self.text.len());
        out[..taken].copy_from_slice(&self.buffer[self.text.start..self.text.start + taken]);
        self.text.start += taken;
        Ok(taken)
    }
}

impl<R: BufRead> StreamReader<R> {
    /// Reads and opens the header, then continues as [`StreamReader::new`].
    ///
    /// # Errors
    /// [`DecryptError`].
    pub fn open(mut reader: R, identities: &[Identity]) -> Result<Self, DecryptError> {
        let header = Header::read_from(&mut reader)?;
        Self::new(&header.unwrap(identities)?, reader)
    }
}

/// Without the text in the buffer.
impl<W: Write> fmt::Debug for StreamWriter<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamWriter").finish_non_exhaustive()
    }
}

/// Without the text in the buffer.
impl<R: Read> fmt::Debug for StreamReader<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamReader")
            .field("next", &self.next)
            .finish_non_exhaustive()
    }
}

/// Fills `buffer` as far as the input goes.
pub(super) fn read_full<R: Read + ?Sized>(reader: &mut R, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match reader.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => (),
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

pub(super) fn invalid_data(error: PayloadError) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}

/// Why a new file cannot be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// Nobody could open it.
    #[error("no recipient given")]
    NoRecipients,
    /// More than [`MAX_RECIPIENTS`].
    #[error("more than {MAX_RECIPIENTS} recipients")]
    TooManyRecipients,
    /// A recipient's key does not encapsulate.
    #[error("a recipient's key cannot be used")]
    Recipient,
}

/// Why a file does not decrypt.
#[derive(Debug, thiserror::Error)]
pub enum DecryptError {
    /// Reading or writing failed.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The bytes are no header that this format allows.
    #[error(transparent)]
    Header(#[from] HeaderError),
    /// No identity opens it.
    #[error(transparent)]
    Unwrap(#[from] UnwrapError),
    /// The payload is damaged or incomplete.
    #[error(transparent)]
    Payload(#[from] PayloadError),
}

impl From<ReadHeaderError> for DecryptError {
    fn from(error: ReadHeaderError) -> Self {
        match error {
            ReadHeaderError::Io(error) => Self::Io(error),
            ReadHeaderError::Header(error) => Self::Header(error),
        }
    }
}
