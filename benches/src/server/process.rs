//! What a process takes, as Linux tells it: processor time, peak memory, room on the disk.

use super::Failed;
use serde::Serialize;
use std::fs;
use std::path::Path;
use std::time::Duration;

/// Processor time of the process with this id, since it began.
pub fn processor_time(process: u32) -> Result<Duration, Failed> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat"))?;
    // proc_pid_stat(5): the name, in parentheses, may hold anything; utime and stime are fields 14 and 15.
    let after_name = stat.rsplit_once(')').ok_or("/proc/…/stat has no name")?.1;
    let mut fields = after_name.split_whitespace().skip(11);
    let mut ticks = || -> Result<u64, Failed> {
        Ok(fields.next().ok_or("/proc/…/stat is too short")?.parse()?)
    };
    let ticks = ticks()? + ticks()?;
    let seconds = ticks as f64 / rustix::param::clock_ticks_per_second() as f64;
    Ok(Duration::from_secs_f64(seconds))
}

/// Largest resident memory of the process with this id so far, in bytes.
pub fn peak_memory(process: u32) -> Result<u64, Failed> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kibibytes = line.ok_or("/proc/…/status has no VmHWM")?.trim();
    Ok(kibibytes.trim_end_matches(" kB").parse::<u64>()? << 10)
}

/// Room that a store takes.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct Room {
    /// The journal, which is what must not be lost, in bytes.
    pub journal: u64,
    /// The index, which can be rebuilt, in bytes allocated.
    pub index: u64,
}

impl Room {
    /// Room of the store in `folder`.
    pub fn of(folder: &Path) -> Result<Self, Failed> {
        Ok(Self {
            journal: lengths(&folder.join("journal"))?,
            index: lengths(&folder.join("index"))?,
        })
    }

    /// What was added since `before`.
    pub fn since(self, before: Self) -> Self {
        Self {
            journal: self.journal.saturating_sub(before.journal),
            index: self.index.saturating_sub(before.index),
        }
    }
}

/// Bytes of all files below a folder.
fn lengths(folder: &Path) -> Result<u64, Failed> {
    let mut bytes = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        bytes += match entry.metadata() {
            Ok(metadata) if metadata.is_dir() => lengths(&entry.path())?,
            Ok(metadata) => metadata.len(),
            Err(_) => 0, // the store took it away meanwhile
        };
    }
    Ok(bytes)
}

/// Refuses a folder whose disk has not this much free.
pub fn check_room(folder: &Path, wanted: u64) -> Result<(), Failed> {
    let disk = rustix::fs::statvfs(folder)?;
    let free = disk.f_bavail * disk.f_frsize;
    if free < wanted {
        return Err(format!(
            "{} has {} MiB free and the run needs {} MiB: name another folder with --dir, or fewer notices with --notices",
            folder.display(),
            free >> 20,
            wanted >> 20
        )
        .into());
    }
    Ok(())
}
