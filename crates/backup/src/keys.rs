//! The key store's export: kept apart from the generations, and only the newest.
//!
//! A person's data is shredded by destroying its wrapped key. Were keys part of the
//! generations, each old one would keep what was shredded; so they have a series of their
//! own: a whole export (two copies of each file), tails with what changed since, and at
//! the next whole export all before it is removed.

use std::fs;
use std::io::{self, Read, Write};
use std::sync::Arc;

use kernel::time::Timestamp;

use crate::disk;
use crate::error::BackupError;
use crate::identity::Identity;
use crate::paper::{Content, FileEntry};
use crate::repository::Repository;
use crate::stream::{self, StreamReader, StreamWriter};
use crate::writer::{Draft, Shared};

const STEM: &str = "keys";
const COPY: &str = "copy";

/// One part of the key store's export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyPart {
    /// Its number in the series.
    pub number: u64,
    /// When it was made.
    pub made_at: Timestamp,
    /// A whole export, else a tail to be applied after the parts before it.
    pub whole: bool,
}

/// A part under work: write the key store's bytes into it.
pub struct KeysWriter {
    shared: Arc<Shared>,
    draft: Draft,
    stream: StreamWriter,
    whole: bool,
}

impl KeysWriter {
    pub(crate) fn begin(shared: &Arc<Shared>, whole: bool) -> Result<Self, BackupError> {
        if !whole && shared.head().keys.last == 0 {
            return Err(BackupError::NoKeysYet);
        }
        let draft = Draft::begin(shared, STEM)?;
        Ok(Self {
            stream: draft.stream(STEM, shared),
            draft,
            whole,
            shared: Arc::clone(shared),
        })
    }

    /// Completes the part: synced, signed, in place; after a whole export, what was before
    /// it is removed.
    ///
    /// # Errors
    /// [`BackupError::Unfinished`] when a write failed before, [`BackupError::DiskFull`],
    /// [`BackupError::Sign`]. When only the removal failed the export stands, and the next
    /// export or open removes them.
    pub fn finish(self, at: Timestamp) -> Result<KeyPart, BackupError> {
        let mut files = self.stream.finish()?;
        if self.whole {
            let copies = files.iter().map(|file| copy(&self.draft, file));
            let copies: Vec<FileEntry> = copies.collect::<Result<_, _>>()?;
            files.extend(copies);
        }
        let content = Content::Keys { whole: self.whole };
        let manifest = {
            let mut head = self.shared.head();
            self.shared
                .commit(&mut head, self.draft, at, content, files)?
        };
        remove_superseded(&self.shared)?;
        Ok(KeyPart {
            number: manifest.number,
            made_at: at,
            whole: self.whole,
        })
    }
}

impl Write for KeysWriter {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.stream.write(buffer)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

fn copy_name(name: &str) -> String {
    format!("{COPY}{}", name.strip_prefix(STEM).unwrap_or(name))
}

fn copy(draft: &Draft, file: &FileEntry) -> Result<FileEntry, BackupError> {
    let name = copy_name(&file.name);
    let to = draft.folder.join(&name);
    let write = || {
        let mut from = fs::File::open(draft.folder.join(&file.name))?;
        let mut into = disk::create(&to)?;
        io::copy(&mut from, &mut into)?;
        into.sync_all()
    };
    write().map_err(BackupError::at(&to))?;
    Ok(FileEntry {
        name,
        ..file.clone()
    })
}

/// Removes the parts before the newest whole export.
pub(crate) fn remove_superseded(shared: &Shared) -> Result<(), BackupError> {
    let first = shared.head().keys.first;
    for folder in shared
        .repository
        .key_folders()?
        .range(..first)
        .map(|(_, f)| f)
    {
        let path = shared.root().join(folder);
        fs::remove_dir_all(&path).map_err(BackupError::at(&path))?;
    }
    disk::sync_folder(&shared.root().join("keys"))
}

impl Repository {
    /// The key store's newest whole export and the tails after it, in the order in which
    /// they are applied.
    ///
    /// # Errors
    /// [`BackupError::Damaged`] names the part that is missing or changed.
    pub fn keys(&self) -> Result<Vec<KeyPart>, BackupError> {
        let mut parts = Vec::new();
        let mut before: Option<String> = None;
        for folder in self.key_folders()?.values() {
            let (manifest, sha256) = self.manifest(folder)?;
            let Content::Keys { whole } = manifest.content else {
                continue;
            };
            if whole {
                parts.clear();
            } else if manifest.previous != before || parts.is_empty() {
                let due = manifest.number.saturating_sub(1);
                return Err(BackupError::damaged(
                    format!("keys/{due:06}"),
                    crate::Flaw::Missing,
                ));
            }
            before = Some(sha256);
            parts.push(KeyPart {
                number: manifest.number,
                made_at: manifest.made_at,
                whole,
            });
        }
        let last = parts.last().map_or(0, |part| part.number);
        match self.head() {
            Ok(head) if head.keys.last > last => Err(BackupError::damaged(
                format!("keys/{:06}", last.saturating_add(1)),
                crate::Flaw::Missing,
            )),
            _ => Ok(parts),
        }
    }

    /// The bytes of one part. When a file of a whole export is damaged, its copy is read.
    ///
    /// # Errors
    /// [`BackupError::WrongKey`]; [`BackupError::Damaged`], from the reader as in
    /// [`Repository::open_generation`].
    pub fn open_keys(
        &self,
        part: &KeyPart,
        identity: &Identity,
    ) -> Result<impl Read + Send + use<>, BackupError> {
        identity.opens(self.id())?;
        let folder = format!("keys/{:06}", part.number);
        let (manifest, _) = self.manifest(&folder)?;
        let (first, copies): (Vec<FileEntry>, Vec<FileEntry>) = manifest
            .files
            .into_iter()
            .partition(|file| file.name.starts_with(STEM));
        let sound = |file: FileEntry| {
            let checked = stream::open_checked(&self.root, &folder, &file);
            let copy = copies.iter().find(|c| c.name == copy_name(&file.name));
            match (checked, copy) {
                (Err(_), Some(copy)) if stream::open_checked(&self.root, &folder, copy).is_ok() => {
                    tracing::warn!(file = file.name, "damaged key export: its copy is used");
                    Ok(copy.clone())
                }
                (Err(error), _) => Err(error),
                (Ok(_), _) => Ok(file),
            }
        };
        let files = first.into_iter().map(sound).collect::<Result<_, _>>()?;
        Ok(StreamReader::new(&self.root, &folder, files, identity))
    }
}
