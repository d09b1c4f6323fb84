//! The payload: a nonce, then STREAM chunks of 64 KiB.
//!
//! Chunks are sealed and opened in place. A batch is a buffer of consecutive chunks, each of
//! [`CHUNK_LEN`] bytes of text with [`TAG_LEN`] bytes behind it, so that text is read into its final
//! position and sealed bytes leave in one write.
//!
//! Invariants: a chunk number is handed out for sealing once; the last chunk is sealed once and
//! ends the sealer; only the whole payload's last chunk may be short, and it is empty only when the
//! payload is. Opened text counts as unverified until the last chunk has passed.
//!
//! Specification: C2SP age, "Payload".

use super::chunk_cipher::{self, ChunkCipher};

/// Text in a full chunk, in bytes.
pub const CHUNK_LEN: usize = 64 * 1024;
/// Poly1305 tag behind each chunk, in bytes.
pub const TAG_LEN: usize = chunk_cipher::TAG_LEN;
/// A full chunk with its tag, in bytes.
pub const SEALED_CHUNK_LEN: usize = CHUNK_LEN + TAG_LEN;
/// Payload nonce, in bytes.
pub const NONCE_LEN: usize = 16;

/// Whether a chunk or batch ends the payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Position {
    /// More follows.
    Inner,
    /// It is, or contains, the last chunk.
    Last,
}

/// Why a payload does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PayloadError {
    /// No payload has this length, or it is cut off.
    #[error("encrypted content is incomplete; fetch it again")]
    Length,
    /// A chunk is altered, missing, moved or sealed with another key.
    #[error("encrypted content is damaged; fetch it again")]
    Refused,
}

/// Length of the payload (nonce, chunks, tags) for a text of this length; `None` on overflow.
#[must_use]
pub fn payload_len(text_len: u64) -> Option<u64> {
    let chunks = text_len.div_ceil(CHUNK_LEN as u64).max(1);
    text_len
        .checked_add(chunks * TAG_LEN as u64)?
        .checked_add(NONCE_LEN as u64)
}

/// Length of the text in a payload of this length.
///
/// # Errors
/// [`PayloadError::Length`] when no text has that payload length.
pub fn text_len(payload_len: u64) -> Result<u64, PayloadError> {
    let sealed = payload_len
        .checked_sub(NONCE_LEN as u64)
        .ok_or(PayloadError::Length)?;
    let chunks = sealed.div_ceil(SEALED_CHUNK_LEN as u64);
    let text = sealed
        .checked_sub(chunks * TAG_LEN as u64)
        .ok_or(PayloadError::Length)?;
    if self::payload_len(text) == Some(payload_len) {
        Ok(text)
    } else {
        Err(PayloadError::Length)
    }
}

/// The text slices within an opened batch.
pub fn text_chunks(batch: &[u8]) -> impl Iterator<Item = &[u8]> {
    batch
        .chunks(SEALED_CHUNK_LEN)
        .map(|chunk| &chunk[..chunk.len().saturating_sub(TAG_LEN)])
}

/// `11-byte big-endian counter ‖ 0x01 for the last chunk, else 0x00`.
fn chunk_nonce(index: u64, position: Position) -> [u8; chunk_cipher::NONCE_LEN] {
    let mut nonce = [0u8; chunk_cipher::NONCE_LEN];
    nonce[3..11].copy_from_slice(&index.to_be_bytes());
    nonce[11] = u8::from(position == Position::Last);
    nonce
}

/// Number of chunks in a batch of `sealed_len` bytes that begins with chunk `first`.
fn count_chunks(first: u64, position: Position, sealed_len: usize) -> Result<u64, PayloadError> {
    let rest = sealed_len % SEALED_CHUNK_LEN;
    let allowed = match position {
        Position::Inner => sealed_len > 0 && rest == 0,
        Position::Last if sealed_len == TAG_LEN => first == 0,
        Position::Last => sealed_len > 0 && (rest == 0 || rest > TAG_LEN),
    };
    if allowed {
        Ok(sealed_len.div_ceil(SEALED_CHUNK_LEN) as u64)
    } else {
        Err(PayloadError::Length)
    }
}

/// Applies `operation` to each chunk of a batch with its number and position.
fn for_each_chunk(
    first: u64,
    position: Position,
    batch: &mut [u8],
    mut operation: impl FnMut(u64, Position, &mut [u8]) -> Result<(), PayloadError>,
) -> Result<(), PayloadError> {
    let chunks = count_chunks(first, position, batch.len())?;
    for (index, chunk) in (first..).zip(batch.chunks_mut(SEALED_CHUNK_LEN)) {
        let inner = index + 1 < first + chunks;
        operation(index, if inner { Position::Inner } else { position }, chunk)?;
    }
    Ok(())
}

/// Seals one payload, once. Made with its header by [`NewFile`](super::NewFile).
#[derive(Debug)]
pub struct PayloadSealer {
    cipher: ChunkCipher,
    nonce: [u8; NONCE_LEN],
    next: u64,
}

impl PayloadSealer {
    pub(super) fn new(cipher: ChunkCipher, nonce: [u8; NONCE_LEN]) -> Self {
        Self {
            cipher,
            nonce,
            next: 0,
        }
    }

    /// The first bytes of the payload.
    #[must_use]
    pub fn nonce(&self) -> &[u8; NONCE_LEN] {
        &self.nonce
    }

    /// Takes the numbers for the next batch: full chunks, more to follow.
    ///
    /// # Errors
    /// [`PayloadError::Length`] unless `sealed_len` is a positive multiple of [`SEALED_CHUNK_LEN`].
    pub fn next_batch(&mut self, sealed_len: usize) -> Result<SealBatch, PayloadError> {
        let chunks = count_chunks(self.next, Position::Inner, sealed_len)?;
        let first = self.next;
        self.next = first.checked_add(chunks).ok_or(PayloadError::Length)?;
        let cipher = self.cipher.clone();
        Ok(SealBatch {
            cipher,
            first,
            position: Position::Inner,
            sealed_len,
        })
    }

    /// Ends the payload with the batch that holds its last chunk.
    ///
    /// # Errors
    /// [`PayloadError::Length`] when no last batch has that length: each chunk needs a tag, and the
    /// last one text too unless it is the first.
    pub fn last_batch(self, sealed_len: usize) -> Result<SealBatch, PayloadError> {
        count_chunks(self.next, Position::Last, sealed_len)?;
        Ok(SealBatch {
            cipher: self.cipher,
            first: self.next,
            position: Position::Last,
            sealed_len,
        })
    }
}

/// Chunk numbers taken for one batch; can be sent to another thread and used there once.
#[derive(Debug)]
pub struct SealBatch {
    cipher: ChunkCipher,
    first: u64,
    position: Position,
    sealed_len: usize,
}

impl SealBatch {
    /// Seals the text in `batch` in place and fills in the tags.
    ///
    /// # Errors
    /// [`PayloadError::Length`] when `batch` has another length than was taken.
    pub fn seal(self, batch: &mut [u8]) -> Result<(), PayloadError> {
        if batch.len() != self.sealed_len {
            return Err(PayloadError::Length);
        }
        for_each_chunk(
            self.first,
            self.position,
            batch,
            |index, position, chunk| {
                let (text, tag) = chunk
                    .split_last_chunk_mut::<TAG_LEN>()
                    .ok_or(PayloadError::Length)?;
                *tag = self.cipher.seal(&chunk_nonce(index, position), text);
                Ok(())
            },
        )
    }
}

/// Opens chunks of one payload, in any order.
#[derive(Debug, Clone)]
pub struct PayloadOpener {
    cipher: ChunkCipher,
}

impl PayloadOpener {
    pub(super) fn new(cipher: ChunkCipher) -> Self {
        Self { cipher }
    }

    /// Opens one chunk in place and returns its text.
    ///
    /// # Errors
    /// [`PayloadError`]; the buffer is unchanged then.
    pub fn open_chunk<'a>(
        &self,
        index: u64,
        position: Position,
        chunk: &'a mut [u8],
    ) -> Result<&'a mut [u8], PayloadError> {
        if chunk.len() > SEALED_CHUNK_LEN {
            return Err(PayloadError::Length);
        }
        count_chunks(index, position, chunk.len())?;
        let (text, tag) = chunk
            .split_last_chunk_mut::<TAG_LEN>()
            .ok_or(PayloadError::Length)?;
        self.cipher
            .open(&chunk_nonce(index, position), text, tag)
            .map_err(|chunk_cipher::Refused| PayloadError::Refused)?;
        Ok(text)
    }

    /// Opens consecutive chunks in place, `first` being the number of the first one; read the
    /// result with [`text_chunks`].
    ///
    /// # Errors
    /// [`PayloadError`]; chunks before the refused one are open then.
    pub fn open_batch(
        &self,
        first: u64,
        position: Position,
        batch: &mut [u8],
    ) -> Result<(), PayloadError> {
        for_each_chunk(first, position, batch, |index, position, chunk| {
            self.open_chunk(index, position, chunk).map(|_| ())
        })
    }

    /// Opens all chunks of a payload and joins their text.
    pub(super) fn open_all(&self, sealed: &[u8]) -> Result<Vec<u8>, PayloadError> {
        let mut text = sealed.to_vec();
        self.open_batch(0, Position::Last, &mut text)?;
        let mut end = 0;
        for start in (0..text.len()).step_by(SEALED_CHUNK_LEN) {
            let length = (text.len() - start).min(SEALED_CHUNK_LEN) - TAG_LEN;
            text.copy_within(start..start + length, end);
            end += length;
        }
        text.truncate(end);
        Ok(text)
    }
}
