//! A byte stream as encrypted files of bounded size, and back.
//!
//! Each file is zstd inside age, complete in itself: `age -d -i key.txt data-0001.age |
//! zstd -d` gives its piece of the stream, so that a backup opens without this program.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};
use std::iter;
use std::path::{Path, PathBuf};

use crate::disk::{self, Hashing, length};
use crate::error::{BackupError, Flaw};
use crate::identity::Identity;
use crate::paper::FileEntry;

const BUFFER_BYTES: usize = 128 * 1024;

type Pipe =
    zstd::stream::write::Encoder<'static, age::stream::StreamWriter<Hashing<BufWriter<File>>>>;

/// How a stream is packed.
#[derive(Clone)]
pub(crate) struct Packing {
    pub recipient: age::x25519::Recipient,
    /// Unpacked bytes a file.
    pub chunk_bytes: u64,
    /// zstd level.
    pub level: i32,
}

/// Splits what is written to it into files `stem-0001.age`, `stem-0002.age` … of a folder.
pub(crate) struct StreamWriter {
    folder: PathBuf,
    stem: &'static str,
    packing: Packing,
    open: Option<Open>,
    done: Vec<FileEntry>,
    failed: bool,
}

struct Open {
    name: String,
    pipe: Pipe,
    plain: u64,
}

impl StreamWriter {
    pub(crate) const fn new(folder: PathBuf, stem: &'static str, packing: Packing) -> Self {
        Self {
            folder,
            stem,
            packing,
            open: None,
            done: Vec::new(),
            failed: false,
        }
    }

    /// Closes and syncs the last file; the list of all.
    pub(crate) fn finish(mut self) -> Result<Vec<FileEntry>, BackupError> {
        if self.failed {
            return Err(BackupError::Unfinished);
        }
        self.close().map_err(BackupError::at(&self.folder))?;
        Ok(self.done)
    }

    fn next(&self) -> io::Result<Open> {
        let number = self.done.len().saturating_add(1);
        let name = format!("{}-{number:04}.age", self.stem);
        let file = disk::create(&self.folder.join(&name))?;
        let hashing = Hashing::new(BufWriter::with_capacity(BUFFER_BYTES, file));
        let to: &dyn age::Recipient = &self.packing.recipient;
        let age = age::Encryptor::with_recipients(iter::once(to))
            .map_err(io::Error::other)?
            .wrap_output(hashing)?;
        Ok(Open {
            name,
            pipe: Pipe::new(age, self.packing.level)?,
            plain: 0,
        })
    }

    fn close(&mut self) -> io::Result<()> {
        let Some(open) = self.open.take() else {
            return Ok(());
        };
        let (buffered, bytes, sha256) = open.pipe.finish()?.finish()?.finish();
        let file = buffered
            .into_inner()
            .map_err(io::IntoInnerError::into_error)?;
        file.sync_all()?;
        self.done.push(FileEntry {
            name: open.name,
            bytes,
            sha256,
            plain_bytes: open.plain,
        });
        Ok(())
    }

    fn put(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let limit = self.packing.chunk_bytes;
        let mut open = match self.open.take() {
            Some(open) => open,
            None => self.next()?,
        };
        let room = usize::try_from(limit.saturating_sub(open.plain)).unwrap_or(usize::MAX);
        let piece = buffer.get(..room.min(buffer.len())).unwrap_or_default();
        open.pipe.write_all(piece)?;
        open.plain = open.plain.saturating_add(length(piece.len()));
        let full = open.plain >= limit;
        self.open = Some(open);
        if full {
            self.close()?;
        }
        Ok(piece.len())
    }
}

impl Write for StreamWriter {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        if self.failed {
            return Err(BackupError::Unfinished.into());
        }
        if buffer.is_empty() {
            return Ok(0);
        }
        let put = self.put(buffer);
        self.failed = put.is_err();
        put.map_err(|error| BackupError::at(&self.folder)(error).into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Opens `entry` of the set `folder` after its whole ciphertext was found unchanged.
pub(crate) fn open_checked(
    root: &Path,
    folder: &str,
    entry: &FileEntry,
) -> Result<File, BackupError> {
    let rel = format!("{folder}/{}", entry.name);
    let path = root.join(&rel);
    let read = || {
        let mut file = File::open(&path)?;
        let measured = disk::measure(&mut file)?;
        file.rewind()?;
        Ok((file, measured))
    };
    let (file, (bytes, sha256)) = read().map_err(|error| disk::missing_or(&rel, &path, error))?;
    if bytes != entry.bytes {
        return Err(BackupError::damaged(rel, Flaw::Length));
    }
    if sha256 != entry.sha256 {
        return Err(BackupError::damaged(rel, Flaw::Changed));
    }
    Ok(file)
}

type Unpipe =
    zstd::stream::read::Decoder<'static, BufReader<age::stream::StreamReader<BufReader<File>>>>;

/// The stream again: the hash of each file is checked before any of its bytes is given.
pub(crate) struct StreamReader {
    root: PathBuf,
    folder: String,
    files: VecDeque<FileEntry>,
    identity: Identity,
    open: Option<(FileEntry, Unpipe, u64)>,
}

impl StreamReader {
    pub(crate) fn new(
        root: &Path,
        folder: &str,
        files: Vec<FileEntry>,
        identity: &Identity,
    ) -> Self {
        Self {
            root: root.to_owned(),
            folder: folder.to_owned(),
            files: files.into(),
            identity: identity.clone(),
            open: None,
        }
    }

    fn unreadable(&self, entry: &FileEntry) -> BackupError {
        BackupError::damaged(format!("{}/{}", self.folder, entry.name), Flaw::Unreadable)
    }

    fn next(&self, entry: FileEntry) -> Result<(FileEntry, Unpipe, u64), BackupError> {
        let file = open_checked(&self.root, &self.folder, &entry)?;
        let file = BufReader::with_capacity(BUFFER_BYTES, file);
        let key: &dyn age::Identity = self.identity.key();
        let pipe = age::Decryptor::new_buffered(file)
            .and_then(|decryptor| decryptor.decrypt(iter::once(key)))
            .ok()
            .and_then(|plain| Unpipe::new(plain).ok())
            .ok_or_else(|| self.unreadable(&entry))?;
        Ok((entry, pipe, 0))
    }

    fn take(&mut self, buffer: &mut [u8]) -> Result<usize, BackupError> {
        loop {
            let (entry, mut pipe, given) = match self.open.take() {
                Some(open) => open,
                None => match self.files.pop_front() {
                    Some(entry) => self.next(entry)?,
                    None => return Ok(0),
                },
            };
            let read = pipe.read(buffer).map_err(|_| self.unreadable(&entry))?;
            let given = given.saturating_add(length(read));
            if read == 0 && given != entry.plain_bytes {
                return Err(self.unreadable(&entry));
            }
            if read > 0 {
                self.open = Some((entry, pipe, given));
                return Ok(read);
            }
        }
    }
}

impl Read for StreamReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        let taken = self.take(buffer);
        if taken.is_err() {
            self.files.clear();
        }
        taken.map_err(io::Error::from)
    }
}
