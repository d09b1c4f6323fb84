//! Random access to a payload: parts of a large attachment without decrypting all of it.
//!
//! Invariant: the last chunk is opened and verified before the first byte is served, so the length
//! reported and every position are those of the complete payload.
//!
//! Specification: C2SP age, "Payload" (seeking).

use core::fmt;
use std::io::{self, Read, Seek, SeekFrom};

use zeroize::Zeroizing;

use super::FileKey;
use super::file::{DecryptError, invalid_data, read_full};
use super::stream::{
    CHUNK_LEN, NONCE_LEN, PayloadError, PayloadOpener, Position, SEALED_CHUNK_LEN, text_len,
};

/// Reads and seeks in the text of a payload.
pub struct SeekableReader<R: Read + Seek> {
    opener: PayloadOpener,
    reader: R,
    /// Offset of chunk 0 in `reader`.
    chunks_start: u64,
    text_len: u64,
    position: u64,
    /// The chunk that `buffer` holds opened.
    current: u64,
    buffer: Zeroizing<Vec<u8>>,
    buffered: usize,
}

impl<R: Read + Seek> SeekableReader<R> {
    /// Starts at `reader`'s present position, where the payload's nonce is, and takes everything to
    /// the end of `reader` as payload. Verifies the last chunk.
    ///
    /// # Errors
    /// [`DecryptError::Payload`] when the payload is cut or its last chunk is refused; what
    /// `reader` returns.
    pub fn new(file_key: &FileKey, mut reader: R) -> Result<Self, DecryptError> {
        let start = reader.stream_position()?;
        let end = reader.seek(SeekFrom::End(0))?;
        let text_len = text_len(end.saturating_sub(start))?;
        reader.seek(SeekFrom::Start(start))?;
        let mut nonce = [0u8; NONCE_LEN];
        reader.read_exact(&mut nonce)?;
        let mut this = Self {
            opener: file_key.payload_opener(&nonce),
            reader,
            chunks_start: start + NONCE_LEN as u64,
            text_len,
            position: 0,
            current: 0,
            buffer: Zeroizing::new(vec![0; SEALED_CHUNK_LEN]),
            buffered: 0,
        };
        this.load(this.last_chunk())??;
        Ok(this)
    }

    /// Length of the text in bytes, verified.
    #[must_use]
    pub fn text_len(&self) -> u64 {
        self.text_len
    }

    fn last_chunk(&self) -> u64 {
        self.text_len.saturating_sub(1) / CHUNK_LEN as u64
    }

    /// Reads and opens chunk `index` into the buffer.
    fn load(&mut self, index: u64) -> io::Result<Result<(), PayloadError>> {
        self.buffered = 0;
        self.reader.seek(SeekFrom::Start(
            self.chunks_start + index * SEALED_CHUNK_LEN as u64,
        ))?;
        let position = if index == self.last_chunk() {
            Position::Last
        } else {
            Position::Inner
        };
        let filled = read_full(&mut self.reader, &mut self.buffer)?;
        let opened = self
            .opener
            .open_chunk(index, position, &mut self.buffer[..filled]);
        Ok(opened.map(|text| {
            self.buffered = text.len();
            self.current = index;
        }))
    }
}

impl<R: Read + Seek> Read for SeekableReader<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.position >= self.text_len || out.is_empty() {
            return Ok(0);
        }
        let index = self.position / CHUNK_LEN as u64;
        if index != self.current || self.buffered == 0 {
            self.load(index)?.map_err(invalid_data)?;
        }
        let offset = usize::try_from(self.position % CHUNK_LEN as u64)
            .expect("a remainder by CHUNK_LEN fits every usize");
        let text = self.buffer[..self.buffered]
            .get(offset..)
            .unwrap_or_default();
        let taken = out.len().min(text.len());
        out[..taken].copy_from_slice(&text[..taken]);
        self.position += taken as u64;
        Ok(taken)
    }
}

impl<R: Read + Seek> Seek for SeekableReader<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let target = match to {
            SeekFrom::Start(offset) => Some(offset),
            SeekFrom::End(offset) => self.text_len.checked_add_signed(offset),
            SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
        };
        self.position = target.ok_or_else(|| {
            io::Error::new(
                io::ErrorKind::InvalidInput,
                "seek before the start of the content",
            )
        })?;
        Ok(self.position)
    }
}

/// Without the text in the buffer.
impl<R: Read + Seek> fmt::Debug for SeekableReader<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SeekableReader")
            .field("text_len", &self.text_len)
            .finish_non_exhaustive()
    }
}
