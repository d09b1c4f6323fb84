//! A disk that refuses on demand.

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use postfach_storage::embedded::disk::{Disk, DiskFile, OsDisk};

/// What the next operations on segment files meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    /// Half of a write arrives, then there is no room.
    WriteFull,
    /// As before, and the file cannot be cut off again.
    WriteFullAndStuck,
    /// Half of a write arrives, then the device fails.
    WriteFails,
    /// Everything arrives, but the device does not confirm it.
    SyncFails,
    /// No file can be created for lack of room.
    CreateFull,
    /// This many bytes are left.
    Free(u64),
}

/// A disk and what is wrong with it.
#[derive(Clone)]
pub(crate) struct FaultyDisk(Arc<Mutex<Fault>>);

impl FaultyDisk {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Mutex::new(Fault::None)))
    }

    pub(crate) fn set(&self, fault: Fault) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = fault;
    }

    fn fault(&self) -> Fault {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wrap(&self, file: Arc<dyn DiskFile>) -> Arc<dyn DiskFile> {
        Arc::new(FaultyFile {
            disk: self.clone(),
            file,
        })
    }
}

impl Disk for FaultyDisk {
    fn create(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        match self.fault() {
            Fault::CreateFull => Err(io::ErrorKind::StorageFull.into()),
            _ => OsDisk.create(path).map(|file| self.wrap(file)),
        }
    }

    fn open(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        OsDisk.open(path).map(|file| self.wrap(file))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        OsDisk.rename(from, to)
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        OsDisk.sync_folder(folder)
    }

    fn free_bytes(&self, folder: &Path) -> io::Result<u64> {
        match self.fault() {
            Fault::Free(bytes) => Ok(bytes),
            _ => OsDisk.free_bytes(folder),
        }
    }
}

struct FaultyFile {
    disk: FaultyDisk,
    file: Arc<dyn DiskFile>,
}

impl DiskFile for FaultyFile {
    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        self.file.read_exact_at(buffer, offset)
    }

    fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        let error = match self.disk.fault() {
            Fault::WriteFull | Fault::WriteFullAndStuck => io::ErrorKind::StorageFull.into(),
            Fault::WriteFails => io::Error::other("device failure"),
            _ => return self.file.write_all_at(bytes, offset),
        };
        self.file.write_all_at(&bytes[..bytes.len() / 2], offset)?;
        Err(error)
    }

    fn sync_data(&self) -> io::Result<()> {
        match self.disk.fault() {
            Fault::SyncFails => Err(io::Error::other("device failure")),
            _ => self.file.sync_data(),
        }
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        match self.disk.fault() {
            Fault::WriteFullAndStuck => Err(io::Error::other("device failure")),
            _ => self.file.set_len(length),
        }
    }

    fn length(&self) -> io::Result<u64> {
        self.file.length()
    }
}
