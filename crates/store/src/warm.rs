//! Bringing the data folder's databases into the memory of the operating system at the start.
//!
//! A check touches a page of its own in each of about eight trees. Right after a start, or on a
//! machine that gives idle memory back, each of them is a read that the one writer waits for;
//! read from front to back beside the work, the same file takes seconds. What does not fit into
//! half of the memory that is free is left to come as it is asked for.
//!
//! A process that closes a file loses all its locks on it, those of SQLite too (POSIX fcntl):
//! so the files stay open, in [`Warm`], until every link is closed.

use std::{
    fs::{self, File},
    io::Read,
    path::Path,
    sync::Arc,
};

use crate::disk::Disk;

/// What is read at once: between two reads the end of the program is looked for.
const PART: usize = 1 << 20;

/// The files that are read, open until this is dropped.
pub(crate) struct Warm(Vec<Arc<File>>);

impl Warm {
    /// Opens the databases of a folder, if they fit; a file that cannot be opened is left out.
    pub(crate) fn new(folder: &Path) -> Self {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        let paths = entries.map(|entry| entry.path());
        let databases = paths.filter(|path| path.extension().is_some_and(|end| end == "db"));
        let files: Vec<File> = databases.filter_map(|path| File::open(path).ok()).collect();
        let lengths = files.iter().filter_map(|file| file.metadata().ok());
        let bytes: u64 = lengths.map(|meta| meta.len()).sum();
        let meminfo = fs::read_to_string("/proc/meminfo").unwrap_or_default();
        if bytes > free_bytes(&meminfo) / 2 {
            tracing::info!(bytes, "the databases are too large to be read beforehand");
            return Self(Vec::new());
        }
        Self(files.into_iter().map(Arc::new).collect())
    }

    /// Nothing to read.
    pub(crate) const fn none() -> Self {
        Self(Vec::new())
    }

    /// Reads all of it, until the disk's threads are to stop.
    pub(crate) fn reading(&self, disk: Arc<Disk>) -> impl FnOnce() + Send + use<> {
        let files = self.0.clone();
        move || {
            let mut part = vec![0; PART];
            for mut file in files.iter().map(AsRef::as_ref) {
                while !disk.is_stopping() && file.read(&mut part).is_ok_and(|length| length > 0) {}
            }
        }
    }
}

/// Memory that the system can give, in bytes; 0 where it does not say so.
fn free_bytes(meminfo: &str) -> u64 {
    let line = meminfo
        .lines()
        .find_map(|line| line.strip_prefix("MemAvailable:"));
    let kib = line.and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok());
    kib.unwrap_or_default().saturating_mul(1_024)
}

#[cfg(test)]
mod tests {
    use std::io::Seek;

    use super::*;

    #[test]
    fn databases_are_read_whole_nothing_else_is_and_nothing_once_the_program_ends() {
        let folder = std::env::temp_dir().join(format!("tasuki-warm-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("one.db"), [1; PART + 1]).unwrap();
        fs::write(folder.join("one.db-wal"), [1; 10]).unwrap();
        let places = |warm: &Warm| -> Vec<u64> {
            let files = warm.0.iter().map(|file| (&**file).stream_position());
            files.collect::<Result<_, _>>().unwrap()
        };
        let disk = Arc::new(Disk::new(&folder, 0));
        let (read, unread) = (Warm::new(&folder), Warm::new(&folder));
        read.reading(Arc::clone(&disk))();
        disk.stop();
        unread.reading(disk)();
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(places(&read), [1_048_577]);
        assert_eq!(places(&unread), [0]);
    }

    #[test]
    fn a_system_that_does_not_tell_its_free_memory_has_none() {
        assert_eq!(free_bytes("MemTotal: 9 kB\nMemAvailable:    7 kB\n"), 7_168);
        assert_eq!(free_bytes("MemTotal: 9 kB\n"), 0);
    }
}
