//! The disk under the embedded engine: a reserve that keeps the audit log writable when the
//! disk is full, and the state after a failed sync.
//!
//! When there is no room, the reserve is given up: reading and its records go on, emergencies
//! too, and ordinary changes are refused with a clear word until the reserve fits again.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, AtomicU32, Ordering},
};

/// The reserve's file in the data folder.
const RESERVE: &str = "reserve.bin";
/// Left behind when the disk could not say that data is durable.
const BROKEN: &str = "sync-failed";
/// Looks between two tries to take the reserve again.
const LOOKS: u32 = 40;

/// The disk's state.
pub(crate) struct Disk {
    folder: PathBuf,
    reserve_bytes: u64,
    is_low: AtomicBool,
    is_broken: AtomicBool,
    is_stopping: AtomicBool,
    looks: AtomicU32,
}

impl Disk {
    /// Takes the reserve, if one is wanted and it fits.
    pub(crate) fn new(folder: &Path, reserve_bytes: u64) -> Self {
        let disk = Self {
            folder: folder.to_path_buf(),
            reserve_bytes,
            is_low: AtomicBool::new(false),
            is_broken: AtomicBool::new(false),
            is_stopping: AtomicBool::new(false),
            looks: AtomicU32::new(0),
        };
        if let Err(error) = disk.take_reserve() {
            tracing::warn!(%error, "there is no room for the disk's reserve: make room");
            disk.is_low.store(true, Ordering::SeqCst);
        }
        disk
    }

    fn take_reserve(&self) -> io::Result<()> {
        let path = self.folder.join(RESERVE);
        let is_there = fs::metadata(&path).is_ok_and(|m| m.len() == self.reserve_bytes);
        if self.reserve_bytes == 0 || is_there {
            return Ok(());
        }
        let outcome = write_zeros(&path, self.reserve_bytes);
        if outcome.is_err() {
            let _left = fs::remove_file(&path);
        }
        outcome
    }

    /// Gives the reserve up.
    pub(crate) fn give_reserve(&self) {
        if !self.is_low.swap(true, Ordering::SeqCst) {
            tracing::error!("the disk is full: ordinary changes are refused until there is room");
            let _absent = fs::remove_file(self.folder.join(RESERVE));
        }
    }

    /// Takes it again when there is room; to be called often.
    pub(crate) fn take_reserve_again(&self) {
        let look = self.looks.fetch_add(1, Ordering::Relaxed);
        if !self.is_low() || !look.is_multiple_of(LOOKS) {
            return;
        }
        if self.take_reserve().is_ok() {
            self.is_low.store(false, Ordering::SeqCst);
            tracing::warn!("the disk has room again");
        }
    }

    /// Is the disk full?
    pub(crate) fn is_low(&self) -> bool {
        self.is_low.load(Ordering::Relaxed)
    }

    /// Stops everything: the disk failed to make data durable.
    pub(crate) fn break_off(&self) {
        if !self.is_broken.swap(true, Ordering::SeqCst) {
            tracing::error!(
                "the disk could not make data durable: nothing is done any more; check the disk, then start again"
            );
            let _note = File::create(self.folder.join(BROKEN));
        }
    }

    /// Has the disk failed?
    pub(crate) fn is_broken(&self) -> bool {
        self.is_broken.load(Ordering::Relaxed)
    }

    pub(crate) fn stop(&self) {
        self.is_stopping.store(true, Ordering::SeqCst);
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.is_stopping.load(Ordering::SeqCst)
    }
}

/// Did the last run end because the disk failed?
pub(crate) fn was_broken(folder: &Path) -> bool {
    folder.join(BROKEN).exists()
}

/// The data has been written anew: the failure is over.
pub(crate) fn mend(folder: &Path) -> io::Result<()> {
    fs::remove_file(folder.join(BROKEN))
}

fn write_zeros(path: &Path, bytes: u64) -> io::Result<()> {
    const PART: usize = 1 << 20;
    let zeros = vec![0; PART];
    let mut file = File::create(path)?;
    let mut left = bytes;
    while left > 0 {
        let part = usize::try_from(left).unwrap_or(PART).min(PART);
        file.write_all(zeros.get(..part).unwrap_or(&zeros))?;
        left -= u64::try_from(part).unwrap_or(left);
    }
    file.sync_all()
}
