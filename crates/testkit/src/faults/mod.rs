//! A bad disk and a bad clock for one program: full, failing, slow, or gone with the power.
//!
//! A small library of our own (`faults.c`) is loaded before the program's C library and stands
//! between it and the files below one folder. It is steered while the program runs, and counts
//! what it saw, so that a test can tell a fault that was borne from one that never came.
//!
//! **Loss of power** is modelled too: with [`Faults::keep_undo`] the library notes what every
//! write overwrote until the file was synced. [`Faults::cut_power`], after the program was
//! killed, takes back what was never synced, as a disk does that lost its cache. A killed
//! process alone loses nothing that it wrote, synced or not; this does. Files that were made,
//! renamed or removed stay so: entries of folders are not taken back.

use std::{
    collections::BTreeMap,
    fs, io,
    os::unix::fs::{FileExt as _, MetadataExt as _},
    path::{Path, PathBuf},
    process::Command,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

const LIBRARY: &str = include_str!("faults.c");
/// Numbers in the control file; their order is that of `struct control`.
const NUMBERS: usize = 11;
const COMPILER: &str = "cc";

/// The places of single numbers in the control file.
mod place {
    pub(super) const CLOCK: u64 = 5;
    pub(super) const UNDO: u64 = 6;
    pub(super) const WRITES: u64 = 8;
    pub(super) const SYNCS: u64 = 9;
    pub(super) const INJECTED: u64 = 10;
}

static COUNT: AtomicU64 = AtomicU64::new(0);

/// What is wrong with the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    Off,
    /// No file may grow by more than so many bytes in all; 0 is a full disk.
    Full {
        /// Bytes that still fit.
        after: u64,
    },
    /// Every so many writes fail with an input/output error.
    FailingWrites {
        /// 1 is every write.
        every: u32,
    },
    /// Every so many fsyncs fail with an input/output error. What they should have made
    /// durable is gone, as far as undo is kept.
    FailingSyncs {
        /// 1 is every fsync.
        every: u32,
    },
    /// Every fsync takes so much longer.
    SlowSyncs(Duration),
    /// Every so many writes take half of the bytes only, which is no error.
    ShortWrites {
        /// 1 is every write.
        every: u32,
    },
}

impl Fault {
    /// The first numbers of the control file.
    fn numbers(self) -> [i64; 5] {
        let mut out = [-1, 0, 0, 0, 0];
        let [growth, writes, syncs, slow, short] = &mut out;
        match self {
            Self::Off => {}
            Self::Full { after } => *growth = i64::try_from(after).unwrap_or(i64::MAX),
            Self::FailingWrites { every } => *writes = i64::from(every),
            Self::FailingSyncs { every } => *syncs = i64::from(every),
            Self::SlowSyncs(by) => *slow = i64::try_from(by.as_millis()).unwrap_or(i64::MAX),
            Self::ShortWrites { every } => *short = i64::from(every),
        }
        out
    }
}

/// What the library saw since it was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Writes to files below the folder.
    pub writes: u64,
    /// Fsyncs of them.
    pub syncs: u64,
    /// Writes and fsyncs that were made to fail, to be short or slow.
    pub injected: u64,
}

/// The disk and the clock of one program. Its own files go when this is dropped.
#[derive(Debug)]
pub struct Faults {
    /// Where library, control file and undo files lie.
    own: PathBuf,
    /// What is meant: files below it.
    folder: PathBuf,
    control: fs::File,
}

impl Faults {
    /// Faults for the files below `folder`, which need not be there yet; its parent must.
    ///
    /// # Errors
    /// When the C compiler fails (building this workspace needs one, so it is there), or a file
    /// cannot be written.
    pub fn new(folder: &Path) -> io::Result<Self> {
        let absolute = std::path::absolute(folder)?;
        let folder = match (absolute.parent(), absolute.file_name()) {
            (Some(parent), Some(name)) => parent.canonicalize()?.join(name),
            _ => absolute,
        };
        let number = COUNT.fetch_add(1, Ordering::SeqCst);
        let name = format!("tasuki-faults-{}-{number}", std::process::id());
        let own = std::env::temp_dir().join(name);
        fs::create_dir_all(own.join("undo"))?;
        let control = fs::OpenOptions::new()
            .read(true)
            .write(true)
            .create_new(true)
            .open(own.join("control"))?;
        let faults = Self {
            own,
            folder,
            control,
        };
        for place in 0..NUMBERS {
            faults.put(u64::try_from(place).unwrap_or_default(), 0)?;
        }
        faults.set(Fault::Off)?;
        faults.compile()?;
        Ok(faults)
    }

    fn compile(&self) -> io::Result<()> {
        let source = self.own.join("faults.c");
        fs::write(&source, LIBRARY)?;
        let output = Command::new(COMPILER)
            .args(["-O2", "-shared", "-fPIC", "-o"])
            .arg(self.library())
            .arg(&source)
            .args(["-ldl", "-lpthread"])
            .output()?;
        if output.status.success() {
            return Ok(());
        }
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        Err(io::Error::other(format!("{COMPILER}: {words}")))
    }

    fn library(&self) -> PathBuf {
        self.own.join("faults.so")
    }

    /// Has a program run on this disk, by this clock.
    pub fn apply(&self, command: &mut Command) {
        command
            .env("LD_PRELOAD", self.library())
            .env("TASUKI_FAULTS_CONTROL", self.own.join("control"))
            .env("TASUKI_FAULTS_FOLDER", &self.folder)
            .env("TASUKI_FAULTS_UNDO", self.own.join("undo"));
    }

    /// From the next call on, this is wrong with the disk and nothing else.
    ///
    /// # Errors
    /// When the control file cannot be written.
    pub fn set(&self, fault: Fault) -> io::Result<()> {
        for (place, number) in (0..).zip(fault.numbers()) {
            self.put(place, number)?;
        }
        Ok(())
    }

    /// From now on the program's wall clock is so many seconds ahead of the true one (behind
    /// it, when negative). Its monotonic clock is not touched.
    ///
    /// # Errors
    /// When the control file cannot be written.
    pub fn set_clock_ahead(&self, seconds: i64) -> io::Result<()> {
        self.put(place::CLOCK, seconds)
    }

    /// From now on [`Faults::cut_power`] can take back what was not synced. Say it before the
    /// program starts.
    ///
    /// # Errors
    /// When the control file cannot be written.
    pub fn keep_undo(&self) -> io::Result<()> {
        self.put(place::UNDO, 1)
    }

    /// What the library saw so far.
    ///
    /// # Errors
    /// When the control file cannot be read.
    pub fn seen(&self) -> io::Result<Seen> {
        let number = |place| Ok::<_, io::Error>(self.get(place)?.unsigned_abs());
        Ok(Seen {
            writes: number(place::WRITES)?,
            syncs: number(place::SYNCS)?,
            injected: number(place::INJECTED)?,
        })
    }

    /// After the program was killed: takes back, newest first, what it had not synced, all of
    /// it but the first `survivors` writes of each file; how many writes are gone. What lives
    /// in memory only (`*-shm` of SQLite) goes as well.
    ///
    /// # Errors
    /// When a file cannot be read or written.
    pub fn cut_power(&self, survivors: usize) -> io::Result<usize> {
        let mut gone = 0;
        for entry in fs::read_dir(self.own.join("undo"))? {
            let undo = entry?.path();
            let inode = undo.file_stem().and_then(|stem| stem.to_str());
            let inode: Option<u64> = inode.and_then(|stem| stem.parse().ok());
            let by_file = records(&fs::read(&undo)?);
            for (file, writes) in by_file {
                let metadata = fs::metadata(&file).ok();
                if metadata.is_none_or(|m| Some(m.ino()) != inode) {
                    continue;
                }
                let opened = fs::OpenOptions::new().write(true).open(&file)?;
                for write in writes.iter().skip(survivors).rev() {
                    opened.write_all_at(&write.bytes, write.offset)?;
                    opened.set_len(write.size)?;
                    gone += 1;
                }
            }
            fs::remove_file(&undo)?;
        }
        self.drop_memory()?;
        Ok(gone)
    }

    fn drop_memory(&self) -> io::Result<()> {
        for entry in fs::read_dir(&self.folder)? {
            let path = entry?.path();
            let name = path.file_name().and_then(|name| name.to_str());
            if name.is_some_and(|name| name.ends_with("-shm")) {
                fs::remove_file(path)?;
            }
        }
        Ok(())
    }

    fn put(&self, place: u64, number: i64) -> io::Result<()> {
        self.control.write_all_at(&number.to_ne_bytes(), place * 8)
    }

    fn get(&self, place: u64) -> io::Result<i64> {
        let mut bytes = [0; 8];
        self.control.read_exact_at(&mut bytes, place * 8)?;
        Ok(i64::from_ne_bytes(bytes))
    }
}

impl Drop for Faults {
    fn drop(&mut self) {
        // What cannot be removed lies in the system's temporary place, which is swept.
        let _left = fs::remove_dir_all(&self.own);
    }
}

/// What a write overwrote.
#[derive(Debug)]
struct Overwritten {
    offset: u64,
    /// The file's size before.
    size: u64,
    bytes: Vec<u8>,
}

/// The records of an undo file, by the file that they are about, oldest first. A last record
/// that is not whole belongs to a write that was never made.
fn records(undo: &[u8]) -> BTreeMap<PathBuf, Vec<Overwritten>> {
    let mut out: BTreeMap<PathBuf, Vec<Overwritten>> = BTreeMap::new();
    let mut rest = undo;
    while let Some((path, record, after)) = record(rest) {
        out.entry(path).or_default().push(record);
        rest = after;
    }
    out
}

fn record(bytes: &[u8]) -> Option<(PathBuf, Overwritten, &[u8])> {
    let (path_len, rest) = number(bytes)?;
    let (offset, rest) = number(rest)?;
    let (size, rest) = number(rest)?;
    let (length, rest) = number(rest)?;
    let (path, rest) = rest.split_at_checked(usize::try_from(path_len).ok()?)?;
    let (old, rest) = rest.split_at_checked(usize::try_from(length).ok()?)?;
    let record = Overwritten {
        offset,
        size,
        bytes: old.to_vec(),
    };
    let path = PathBuf::from(std::str::from_utf8(path).ok()?);
    Some((path, record, rest))
}

fn number(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let (first, rest) = bytes.split_first_chunk::<8>()?;
    Some((u64::from_ne_bytes(*first), rest))
}

#[cfg(test)]
mod tests;
