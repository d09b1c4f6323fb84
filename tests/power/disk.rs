//! A disk whose power can be cut: an ext4 image on a loop device.
//!
//! The cut is `EXT4_IOC_SHUTDOWN` with `EXT4_GOING_FLAGS_NOLOGFLUSH`: from that moment nothing more
//! reaches the image, neither file contents nor the file system's journal, and what only the page
//! cache had is gone. Mounting again replays the journal, as after a power cut. Absent: a disk that
//! loses what it had confirmed; nothing survives that.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Room for the reserve, one segment, and what one disk takes of the load. The file is sparse.
const IMAGE_BYTES: u64 = 3 << 30;
/// `EXT4_IOC_SHUTDOWN`, `_IOR('X', 125, __u32)`, and the flag that leaves the journal unflushed.
const CUT: &str = r#"open(my $folder, "<", $ARGV[0]) or die "$!"; my $flags = pack("L", 2); ioctl($folder, 0x8004587d, $flags) or die "$!";"#;

/// A mounted image; unmounted and forgotten when dropped.
pub(crate) struct Disk {
    folder: tempfile::TempDir,
    mounted: bool,
}

impl Disk {
    /// A new, empty file system; or why there can be none here.
    pub(crate) fn new() -> Result<Self, String> {
        let parent = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let folder = tempfile::tempdir_in(parent).map_err(|error| error.to_string())?;
        let image = folder.path().join("image");
        let file = File::create(&image).map_err(|error| error.to_string())?;
        file.set_len(IMAGE_BYTES)
            .map_err(|error| error.to_string())?;
        std::fs::create_dir(folder.path().join("mnt")).map_err(|error| error.to_string())?;
        run(Command::new("mkfs.ext4").arg("-q").arg("-F").arg(&image))?;
        let mut disk = Self {
            folder,
            mounted: false,
        };
        disk.mount()?;
        // Not every ext4 can be shut down: ask on an empty one.
        disk.cut()?;
        disk.unmount()?;
        disk.mount()?;
        Ok(disk)
    }

    /// Where the file system is.
    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("mnt")
    }

    /// A folder on another disk, which keeps its power.
    pub(crate) fn beside(&self) -> &Path {
        self.folder.path()
    }

    /// Mounts the image; ext4 replays its journal.
    pub(crate) fn mount(&mut self) -> Result<(), String> {
        let image = self.folder.path().join("image");
        let mut mount = Command::new("mount");
        run(mount.args(["-o", "loop"]).arg(image).arg(self.path()))?;
        self.mounted = true;
        Ok(())
    }

    /// From now on nothing reaches the disk.
    pub(crate) fn cut(&self) -> Result<(), String> {
        run(Command::new("perl").args(["-e", CUT]).arg(self.path()))
    }

    /// Lets the file system go; whoever has files open on it must have ended.
    pub(crate) fn unmount(&mut self) -> Result<(), String> {
        run(Command::new("umount").arg(self.path()))?;
        self.mounted = false;
        Ok(())
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        if self.mounted {
            let _ = Command::new("umount").arg("-l").arg(self.path()).status();
        }
    }
}

/// Runs a command to its end; what it says on failure.
fn run(command: &mut Command) -> Result<(), String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command
        .output()
        .map_err(|error| format!("{program}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!("{program}: {}", said.trim()))
}
