//! Files that survive a power cut: written under `tmp/`, synced, then renamed.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;

use aws_lc_rs::digest::{Context, SHA256, digest};
use kernel::hex;

use crate::error::{BackupError, Flaw};

/// Papers are small; a larger one is not ours.
const PAPER_BYTES_MAX: u64 = 64 * 1024 * 1024;
const BUFFER_BYTES: usize = 64 * 1024;

/// SHA-256 as hexadecimal.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex::encode(digest(&SHA256, bytes).as_ref())
}

/// Makes what was renamed or created inside `folder` durable.
pub(crate) fn sync_folder(folder: &Path) -> Result<(), BackupError> {
    let opened = File::open(folder).map_err(BackupError::at(folder))?;
    opened.sync_all().map_err(BackupError::at(folder))
}

/// A new file that must not exist yet.
pub(crate) fn create(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}

/// Writes a whole new file and syncs it.
pub(crate) fn write_new(path: &Path, bytes: &[u8]) -> Result<(), BackupError> {
    let write = || {
        let mut file = create(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    write().map_err(BackupError::at(path))
}

pub(crate) fn rename(from: &Path, to: &Path) -> Result<(), BackupError> {
    fs::rename(from, to).map_err(BackupError::at(to))
}

/// Reads a paper at `rel`; one that is not there is [`Flaw::Missing`].
pub(crate) fn read_paper(root: &Path, rel: &str) -> Result<Vec<u8>, BackupError> {
    let path = root.join(rel);
    let read = || {
        let mut bytes = Vec::new();
        let file = File::open(&path)?;
        file.take(PAPER_BYTES_MAX).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    read().map_err(|error| missing_or(rel, &path, error))
}

/// [`Flaw::Missing`] for a file that is not there, else the file system's own word.
pub(crate) fn missing_or(rel: &str, path: &Path, error: io::Error) -> BackupError {
    match error.kind() {
        io::ErrorKind::NotFound => BackupError::damaged(rel, Flaw::Missing),
        _ => BackupError::at(path)(error),
    }
}

/// Hashes and counts what passes through to `inner`.
pub(crate) struct Hashing<W> {
    inner: W,
    hash: Context,
    bytes: u64,
}

impl<W> Hashing<W> {
    pub(crate) fn new(inner: W) -> Self {
        Self {
            inner,
            hash: Context::new(&SHA256),
            bytes: 0,
        }
    }

    /// The writer, the length, and the SHA-256 in hexadecimal.
    pub(crate) fn finish(self) -> (W, u64, String) {
        (
            self.inner,
            self.bytes,
            hex::encode(self.hash.finish().as_ref()),
        )
    }
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let taken = self.inner.write(buffer)?;
        self.hash.update(buffer.get(..taken).unwrap_or_default());
        self.bytes = self.bytes.saturating_add(length(taken));
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// A length in memory as a length in a file.
pub(crate) fn length(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}

/// Reads `file` to its end: length and SHA-256.
pub(crate) fn measure(file: &mut File) -> io::Result<(u64, String)> {
    let mut hashing = Hashing::new(io::sink());
    let mut reader = io::BufReader::with_capacity(BUFFER_BYTES, file);
    io::copy(&mut reader, &mut hashing)?;
    let (_, bytes, sha256) = hashing.finish();
    Ok((bytes, sha256))
}

/// The names inside `folder`, sorted; none when it is not there.
pub(crate) fn names(folder: &Path) -> Result<Vec<String>, BackupError> {
    let list = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other.map_err(BackupError::at(folder))?,
    };
    let mut names = Vec::new();
    for entry in list {
        let entry = entry.map_err(BackupError::at(folder))?;
        names.push(entry.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

/// Makes `folder` unless it is there.
pub(crate) fn ensure_folder(root: &Path, folder: &Path) -> Result<(), BackupError> {
    match fs::create_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        made => {
            made.map_err(BackupError::at(folder))?;
            sync_folder(folder.parent().unwrap_or(root))
        }
    }
}
