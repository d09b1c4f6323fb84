//! Reads batches in turn, works on them side by side, writes them in turn.
//!
//! ```text
//!           source (lock)            any worker              sink (lock, in order)
//!   read -> batch n, n+1, ...  ->  seal or open in place  ->  write batch n, n+1, ...
//! ```
//!
//! Each worker owns one buffer and carries it through all three steps; one more buffer waits in the
//! source, because a batch is the last one only if nothing can be read after it. So memory and the
//! number of batches in flight are bounded by the number of workers, without queues.
//!
//! Invariant: an error or panic in any worker ends all of them; nothing is written after it.

use std::io::{self, Read, Write};
use std::mem;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use postfach_crypto::age::PayloadError;
use postfach_crypto::age::stream::{
    CHUNK_LEN, PayloadOpener, PayloadSealer, Position, SEALED_CHUNK_LEN, SealBatch, TAG_LEN,
    text_chunks,
};
use zeroize::Zeroizing;

use super::Progress;

/// Chunks in a batch: long enough to make locks and system calls cheap, short enough for caches.
const BATCH_CHUNKS: usize = 16;
const BATCH_LEN: usize = BATCH_CHUNKS * SEALED_CHUNK_LEN;

/// What a finished run has worked through, in bytes.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Lengths {
    /// Plain text.
    pub text: u64,
    /// Payload: nonce, chunks and tags.
    pub payload: u64,
}

/// Why a run ended early.
#[derive(Debug)]
pub(super) enum PipelineError {
    Read(io::Error),
    Write(io::Error),
    Payload(PayloadError),
}

/// Sealing or opening.
pub(super) trait Direction: Send {
    type Job: Send;

    /// Reads the next batch into `batch` and returns how much of it is used; less than all of it
    /// only at the end of the input.
    fn fill<R: Read>(reader: &mut R, batch: &mut [u8]) -> io::Result<usize>;

    /// Numbers the batch; called in order. Returns the batch's length and the work to do.
    fn assign(
        &mut self,
        filled: usize,
        position: Position,
    ) -> Result<(usize, Self::Job), PayloadError>;

    fn work(job: Self::Job, batch: &mut [u8]) -> Result<(), PayloadError>;

    fn emit<W: Write>(writer: &mut W, batch: &[u8]) -> io::Result<()>;
}

pub(super) struct Sealing {
    /// `None` once the last batch has been taken.
    sealer: Option<PayloadSealer>,
}

impl Sealing {
    pub(super) fn new(sealer: PayloadSealer) -> Self {
        Self {
            sealer: Some(sealer),
        }
    }
}

impl Direction for Sealing {
    type Job = SealBatch;

    /// Reads text into its final place, leaving room for each chunk's tag.
    fn fill<R: Read>(reader: &mut R, batch: &mut [u8]) -> io::Result<usize> {
        let mut filled = 0;
        for chunk in batch.chunks_exact_mut(SEALED_CHUNK_LEN) {
            let count = read_full(reader, &mut chunk[..CHUNK_LEN])?;
            if count > 0 {
                filled += count + TAG_LEN;
            }
            if count < CHUNK_LEN {
                break;
            }
        }
        Ok(filled)
    }

    fn assign(
        &mut self,
        filled: usize,
        position: Position,
    ) -> Result<(usize, SealBatch), PayloadError> {
        // An empty text is one chunk that is only a tag.
        let length = filled.max(TAG_LEN);
        let job = match (position, &mut self.sealer) {
            (Position::Inner, Some(sealer)) => sealer.next_batch(length)?,
            (Position::Last, sealer) => sealer
                .take()
                .ok_or(PayloadError::Length)?
                .last_batch(length)?,
            (Position::Inner, None) => return Err(PayloadError::Length),
        };
        Ok((length, job))
    }

    fn work(job: SealBatch, batch: &mut [u8]) -> Result<(), PayloadError> {
        job.seal(batch)
    }

    fn emit<W: Write>(writer: &mut W, batch: &[u8]) -> io::Result<()> {
        writer.write_all(batch)
    }
}

pub(super) struct Opening {
    opener: PayloadOpener,
    next: u64,
}

impl Opening {
    pub(super) fn new(opener: PayloadOpener) -> Self {
        Self { opener, next: 0 }
    }
}

impl Direction for Opening {
    type Job = (PayloadOpener, u64, Position);

    fn fill<R: Read>(reader: &mut R, batch: &mut [u8]) -> io::Result<usize> {
        read_full(reader, batch)
    }

    fn assign(
        &mut self,
        filled: usize,
        position: Position,
    ) -> Result<(usize, Self::Job), PayloadError> {
        let first = self.next;
        self.next = first
            .checked_add(BATCH_CHUNKS as u64)
            .ok_or(PayloadError::Length)?;
        Ok((filled, (self.opener.clone(), first, position)))
    }

    fn work((opener, first, position): Self::Job, batch: &mut [u8]) -> Result<(), PayloadError> {
        opener.open_batch(first, position, batch)
    }

    fn emit<W: Write>(writer: &mut W, batch: &[u8]) -> io::Result<()> {
        text_chunks(batch).try_for_each(|text| writer.write_all(text))
    }
}

/// Works `reader` through to `writer` and flushes it.
pub(super) fn run<D: Direction, R: Read + Send, W: Write + Send>(
    direction: D,
    reader: R,
    writer: W,
    progress: Option<Progress<'_>>,
    workers: usize,
) -> Result<Lengths, PipelineError> {
    let source = Mutex::new(Source {
        direction,
        reader,
        waiting: Waiting::Nothing,
        next: 0,
    });
    let sink = Sink {
        state: Mutex::new(SinkState {
            writer,
            progress,
            turn: 0,
            lengths: Lengths {
                text: 0,
                payload: NONCE_LEN,
            },
            failure: None,
        }),
        turned: Condvar::new(),
        failed: AtomicBool::new(false),
    };
    thread::scope(|scope| {
        for _ in 1..workers {
            scope.spawn(|| work(&source, &sink));
        }
        work(&source, &sink);
    });
    let mut state = sink
        .state
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    if let Some(Failure::Error(error)) = state.failure {
        return Err(error);
    }
    state.writer.flush().map_err(PipelineError::Write)?;
    Ok(state.lengths)
}

const NONCE_LEN: u64 = postfach_crypto::age::stream::NONCE_LEN as u64;

fn work<D: Direction, R: Read, W: Write>(source: &Mutex<Source<D, R>>, sink: &Sink<'_, W>) {
    let _alarm = Alarm(sink);
    let mut buffer = Zeroizing::new(Vec::new());
    while !sink.failed.load(Ordering::Relaxed) {
        let taken = lock(source).take(&mut buffer);
        let result = match taken {
            Ok(None) => return,
            Ok(Some((number, length, job))) => D::work(job, &mut buffer[..length])
                .map_err(PipelineError::Payload)
                .and_then(|()| sink.emit::<D>(number, &buffer[..length])),
            Err(error) => Err(error),
        };
        if let Err(error) = result {
            sink.fail(Failure::Error(error));
            return;
        }
    }
}

/// The input and the batch read ahead.
struct Source<D, R> {
    direction: D,
    reader: R,
    waiting: Waiting,
    /// Number of the next batch to be taken.
    next: u64,
}

enum Waiting {
    /// Nothing has been read yet.
    Nothing,
    /// A batch whose position depends on whether anything follows.
    Batch(Zeroizing<Vec<u8>>, usize),
    /// The last batch has been taken.
    Ended,
}

impl<D: Direction, R: Read> Source<D, R> {
    /// Puts the next batch into `buffer`; gives its number, its length and the work to do.
    fn take(
        &mut self,
        buffer: &mut Zeroizing<Vec<u8>>,
    ) -> Result<Option<(u64, usize, D::Job)>, PipelineError> {
        // Until the batch is handed over, an early return leaves the input at its end.
        let (mut batch, filled) = match mem::replace(&mut self.waiting, Waiting::Ended) {
            Waiting::Ended => return Ok(None),
            Waiting::Batch(batch, filled) => (batch, filled),
            Waiting::Nothing => {
                let mut batch = Zeroizing::new(vec![0; BATCH_LEN]);
                let filled = self.fill(&mut batch)?;
                (batch, filled)
            }
        };
        let mut position = Position::Last;
        mem::swap(&mut **buffer, &mut *batch);
        if filled == BATCH_LEN {
            // `batch` is now the buffer that the worker brought; new workers bring an empty one.
            batch.resize(BATCH_LEN, 0);
            let following = self.fill(&mut batch)?;
            if following > 0 {
                self.waiting = Waiting::Batch(batch, following);
                position = Position::Inner;
            }
        }
        let (length, job) = self
            .direction
            .assign(filled, position)
            .map_err(PipelineError::Payload)?;
        let number = self.next;
        self.next += 1;
        Ok(Some((number, length, job)))
    }

    fn fill(&mut self, batch: &mut [u8]) -> Result<usize, PipelineError> {
        D::fill(&mut self.reader, batch).map_err(PipelineError::Read)
    }
}

/// The output, which takes batches in the order of their numbers.
struct Sink<'a, W> {
    state: Mutex<SinkState<'a, W>>,
    turned: Condvar,
    /// Set with `failure`; asked without waiting for a write to end.
    failed: AtomicBool,
}

struct SinkState<'a, W> {
    writer: W,
    progress: Option<Progress<'a>>,
    /// Number of the batch to be written next.
    turn: u64,
    lengths: Lengths,
    failure: Option<Failure>,
}

enum Failure {
    Error(PipelineError),
    Panic,
}

impl<W: Write> Sink<'_, W> {
    /// Waits for this batch's turn and writes it; does nothing after a failure.
    fn emit<D: Direction>(&self, number: u64, batch: &[u8]) -> Result<(), PipelineError> {
        let mut state = self
            .turned
            .wait_while(self.lock(), |state| {
                state.turn != number && state.failure.is_none()
            })
            .unwrap_or_else(PoisonError::into_inner);
        if state.failure.is_some() {
            return Ok(());
        }
        D::emit(&mut state.writer, batch).map_err(PipelineError::Write)?;
        let tags = batch.len().div_ceil(SEALED_CHUNK_LEN) * TAG_LEN;
        state.lengths.payload += batch.len() as u64;
        state.lengths.text += (batch.len() - tags) as u64;
        let text = state.lengths.text;
        if let Some(progress) = &mut state.progress {
            progress(text);
        }
        state.turn += 1;
        drop(state);
        self.turned.notify_all();
        Ok(())
    }
}

impl<'a, W> Sink<'a, W> {
    fn lock(&self) -> MutexGuard<'_, SinkState<'a, W>> {
        lock(&self.state)
    }

    /// Keeps the first failure and wakes whoever waits for a turn that will not come.
    fn fail(&self, failure: Failure) {
        self.failed.store(true, Ordering::Relaxed);
        self.lock().failure.get_or_insert(failure);
        self.turned.notify_all();
    }
}

/// Ends the other workers when this one panics (in a caller's reader, writer or callback); the
/// scope then passes the panic on.
struct Alarm<'s, 'a, W>(&'s Sink<'a, W>);

impl<W> Drop for Alarm<'_, '_, W> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.fail(Failure::Panic);
        }
    }
}

/// A poisoned lock belongs to a worker that panicked; its alarm has ended the run.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn read_full<R: Read>(reader: &mut R, buffer: &mut [u8]) -> io::Result<usize> {
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
