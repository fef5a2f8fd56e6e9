//! A repository opened for writing.
//!
//! Everything new is a *set*: a folder of encrypted files and a signed manifest, built
//! under `tmp/`, synced, and renamed to its place in one step. A crash or a full disk
//! therefore leaves a whole set or none; what lies in `tmp/` is removed at the next open.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kernel::time::Timestamp;

use crate::disk;
use crate::error::{BackupError, Flaw};
use crate::generation::GenerationWriter;
use crate::journal::SegmentWriter;
use crate::keys::KeysWriter;
use crate::paper::{Content, FORMAT, FileEntry, Head, Manifest, Series};
use crate::repository::{EXCERPT, HEAD, LOCK, MANIFEST, Repository, TMP};
use crate::rotation::{self, Rotated};
use crate::signed::{self, Signer};
use crate::stream::{Packing, StreamWriter};

/// The smallest number of generations that may be kept: two that are still open and one
/// that is write-protected.
const KEEP_MIN: u64 = 3;
const CHUNK_BYTES_MAX: u64 = 1024 * 1024 * 1024;

/// How a repository is written.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Unpacked bytes of one file, 64 MiB by default.
    pub chunk_bytes: u64,
    /// zstd level, 3 by default.
    pub level: i32,
    /// Generations kept, 5 by default, at least 3.
    /// Source: 医療情報システムの安全管理に関するガイドライン 6.0, Q&A シQ-69.
    pub keep: u64,
    /// Called with the path of a folder that was made read-only, e.g. to `chattr -R +i` it.
    pub protect: Option<PathBuf>,
    /// Called with the path of a protected folder before it is removed.
    pub unprotect: Option<PathBuf>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            chunk_bytes: 64 * 1024 * 1024,
            level: 3,
            keep: 5,
            protect: None,
            unprotect: None,
        }
    }
}

/// The one writer of a repository; clones share it. A generation, a journal segment and
/// a key export may be written at the same time from different threads, one of each.
#[derive(Clone)]
pub struct Writer {
    shared: Arc<Shared>,
}

pub(crate) struct Shared {
    pub repository: Repository,
    pub settings: Settings,
    pub packing: Packing,
    signer: Arc<dyn Signer>,
    head: Mutex<Head>,
    /// Held until the last clone is gone.
    _lock: File,
}

impl Writer {
    pub(crate) fn open(
        repository: &Repository,
        signer: Arc<dyn Signer>,
        settings: Settings,
    ) -> Result<Self, BackupError> {
        check(&settings)?;
        let root = &repository.root;
        if root.join(EXCERPT).exists() {
            return Err(BackupError::OnlyRead);
        }
        if signer.public_key()? != repository.signer {
            return Err(BackupError::OtherSigner);
        }
        let lock = lock(&root.join(LOCK))?;
        let tmp = root.join(TMP);
        disk::ensure_folder(root, &tmp)?;
        clear(&tmp)?;
        let recipient = repository.charter.recipient.parse();
        let packing = Packing {
            recipient: recipient
                .map_err(|_| BackupError::damaged("repository.json", Flaw::Unreadable))?,
            chunk_bytes: settings.chunk_bytes,
            level: settings.level,
        };
        let shared = Shared {
            head: Mutex::new(repository.head().map_err(closed)?),
            repository: repository.clone(),
            settings,
            packing,
            signer,
            _lock: lock,
        };
        shared.adopt().map_err(closed)?;
        let writer = Self {
            shared: Arc::new(shared),
        };
        crate::keys::remove_superseded(&writer.shared)?;
        rotation::prune(&writer.shared)?;
        Ok(writer)
    }

    /// The same repository, for reading.
    #[must_use]
    pub fn repository(&self) -> &Repository {
        &self.shared.repository
    }

    /// The last entry number the journal (or the newest generation) holds, 0 for none. The
    /// next entry is the one after, or an earlier one again.
    #[must_use]
    pub fn last_entry(&self) -> u64 {
        let head = self.shared.head();
        head.last_entry.max(head.position)
    }

    /// Begins a generation: write the data stream, then [`GenerationWriter::finish`].
    /// Dropped unfinished, it leaves nothing.
    ///
    /// # Errors
    /// [`BackupError::Busy`], or the file system's.
    pub fn begin_generation(&self) -> Result<GenerationWriter, BackupError> {
        GenerationWriter::begin(&self.shared)
    }

    /// Begins a journal segment; close it within 30 s, so that a restore loses at most
    /// what one segment holds.
    ///
    /// # Errors
    /// [`BackupError::NoGenerationYet`], [`BackupError::Busy`], or the file system's.
    pub fn begin_segment(&self) -> Result<SegmentWriter, BackupError> {
        SegmentWriter::begin(&self.shared)
    }

    /// Begins a whole export of the key store. When it is finished, all older exports and
    /// tails are gone: so is the wrapped key that was shredded meanwhile.
    ///
    /// # Errors
    /// [`BackupError::Busy`], or the file system's.
    pub fn rewrite_keys(&self) -> Result<KeysWriter, BackupError> {
        KeysWriter::begin(&self.shared, true)
    }

    /// Begins a tail: changes of the key store since the last export or tail.
    ///
    /// # Errors
    /// [`BackupError::NoKeysYet`], [`BackupError::Busy`], or the file system's.
    pub fn append_keys(&self) -> Result<KeysWriter, BackupError> {
        KeysWriter::begin(&self.shared, false)
    }

    /// Write-protects the third newest generation and older ones and removes those beyond
    /// the number kept. [`GenerationWriter::finish`] does it too; call it again after a
    /// failed `protect` command was put right.
    ///
    /// # Errors
    /// [`BackupError::Hook`], or the file system's.
    pub fn rotate(&self) -> Result<Rotated, BackupError> {
        rotation::rotate(&self.shared)
    }
}

/// Damage that hinders no restore and yet any further backup.
fn closed(error: BackupError) -> BackupError {
    match error {
        BackupError::Damaged { file, flaw } => BackupError::Closed { file, flaw },
        other => other,
    }
}

fn check(settings: &Settings) -> Result<(), BackupError> {
    let setting = |name, rule| Err(BackupError::Setting { name, rule });
    if settings.keep < KEEP_MIN {
        return setting("keep", "at least 3 generations");
    }
    if !(1..=CHUNK_BYTES_MAX).contains(&settings.chunk_bytes) {
        return setting("chunk_bytes", "1 byte to 1 GiB");
    }
    if !(1..=19).contains(&settings.level) {
        return setting("level", "1 to 19");
    }
    Ok(())
}

/// A program that this one is just starting (a hook) holds its files for the instant until it
/// runs, also a lock that was given up meanwhile: who has it for longer is somebody else.
const LOCK_TRIES: u32 = 20;
const LOCK_PAUSE: std::time::Duration = std::time::Duration::from_millis(25);

fn lock(path: &Path) -> Result<File, BackupError> {
    let file = File::options()
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
        .map_err(BackupError::at(path))?;
    for _ in 0..LOCK_TRIES {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) => std::thread::park_timeout(LOCK_PAUSE),
            Err(TryLockError::Error(error)) => return Err(BackupError::at(path)(error)),
        }
    }
    Err(BackupError::Locked)
}

fn clear(tmp: &Path) -> Result<(), BackupError> {
    for name in disk::names(tmp)? {
        let path = tmp.join(&name);
        let removed = if path.is_dir() {
            fs::remove_dir_all(&path)
        } else {
            fs::remove_file(&path)
        };
        removed.map_err(BackupError::at(&path))?;
        tracing::info!(name, "removed what an interrupted backup left");
    }
    Ok(())
}

impl Shared {
    pub(crate) fn head(&self) -> MutexGuard<'_, Head> {
        self.head.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn root(&self) -> &Path {
        &self.repository.root
    }

    /// Takes in sets that were renamed to their place right before a crash.
    fn adopt(&self) -> Result<(), BackupError> {
        let mut head = self.head();
        let before = head.clone();
        let repository = &self.repository;
        for (series, folders) in [
            (Series::Generations, repository.generation_folders()?),
            (Series::Journal, repository.segment_folders(0)?),
            (Series::Keys, repository.key_folders()?),
        ] {
            let next = head.span(series).last.saturating_add(1);
            for folder in folders.range(next..).map(|(_, folder)| folder) {
                let (manifest, sha256) = repository.manifest(folder)?;
                let span = head.span(series);
                if manifest.previous != span.last_manifest
                    || manifest.number != span.last.saturating_add(1)
                {
                    return Err(BackupError::damaged(
                        format!("{folder}/{MANIFEST}"),
                        Flaw::Chain,
                    ));
                }
                head.advance(&manifest, sha256);
            }
        }
        if *head != before {
            self.save_head(&head)?;
        }
        Ok(())
    }

    /// Replaces `head.json` in one step.
    pub(crate) fn save_head(&self, head: &Head) -> Result<(), BackupError> {
        self.prepare_head(head)?;
        self.place_head()
    }

    fn prepare_head(&self, head: &Head) -> Result<(), BackupError> {
        let path = self.root().join(TMP).join(HEAD);
        // One that a failed attempt left is of no use.
        let _ = fs::remove_file(&path);
        disk::write_new(&path, &signed::seal(head, &*self.signer)?)
    }

    fn place_head(&self) -> Result<(), BackupError> {
        let root = self.root();
        disk::rename(&root.join(TMP).join(HEAD), &root.join(HEAD))?;
        disk::sync_folder(root)
    }

    /// Signs `draft` as the next set of its series and puts it in place. The head to come
    /// is on disk before the set is: only renames are left, which need no space.
    pub(crate) fn commit(
        &self,
        head: &mut Head,
        draft: Draft,
        at: Timestamp,
        content: Content,
        files: Vec<FileEntry>,
    ) -> Result<Manifest, BackupError> {
        let span = head.span(content.series());
        let manifest = Manifest {
            format: FORMAT,
            repository: self.repository.charter.repository.clone(),
            number: span.last.saturating_add(1),
            made_at: at,
            previous: span.last_manifest.clone(),
            content,
            files,
        };
        let bytes = signed::seal(&manifest, &*self.signer)?;
        disk::write_new(&draft.folder.join(MANIFEST), &bytes)?;
        disk::sync_folder(&draft.folder)?;
        let mut next = head.clone();
        next.advance(&manifest, disk::sha256(&bytes));
        self.prepare_head(&next)?;
        let place = self.root().join(manifest.folder());
        let parent = place.parent().unwrap_or(self.root());
        disk::ensure_folder(self.root(), parent)?;
        draft.place(&place)?;
        // It stands; whatever fails from here on, its number is taken.
        *head = next;
        disk::sync_folder(parent)?;
        self.place_head()?;
        Ok(manifest)
    }
}

/// A set under work in `tmp/`; dropped before it is placed, it is removed.
pub(crate) struct Draft {
    pub folder: PathBuf,
    placed: bool,
}

impl Draft {
    pub(crate) fn begin(shared: &Shared, name: &'static str) -> Result<Self, BackupError> {
        let folder = shared.root().join(TMP).join(name);
        match fs::create_dir(&folder) {
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                Err(BackupError::Busy(name))
            }
            made => made.map_err(BackupError::at(&folder)),
        }?;
        Ok(Self {
            folder,
            placed: false,
        })
    }

    pub(crate) fn stream(&self, stem: &'static str, shared: &Shared) -> StreamWriter {
        StreamWriter::new(self.folder.clone(), stem, shared.packing.clone())
    }

    fn place(mut self, place: &Path) -> Result<(), BackupError> {
        disk::rename(&self.folder, place)?;
        self.placed = true;
        Ok(())
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if !self.placed
            && let Err(error) = fs::remove_dir_all(&self.folder)
        {
            tracing::warn!(%error, "an unfinished backup could not be removed; the next start will");
        }
    }
}
