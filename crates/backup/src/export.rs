//! One generation as a single file, to be carried away and kept offline.
//!
//! The file is a tar inside age, encrypted to a key of its own that is split 2-of-3 like
//! the repository's. What is inside stays as it lies in the repository, signatures
//! included. When the repository's key is carried along, the export's two shares alone
//! restore it; else the repository's shares are needed as well.
//! Source: 医療情報システムの安全管理に関するガイドライン 6.0, システム運用編 11, 18 (a copy cut off from the network).

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::iter;
use std::path::{Component, Path, PathBuf};

use kernel::Secret;

use crate::disk;
use crate::error::{BackupError, Flaw};
use crate::identity::Identity;
use crate::paper::{Content, Manifest};
use crate::repository::{CHARTER, EXCERPT, HEAD, MANIFEST, README, Repository};
use crate::stream;

/// The repository's key, inside an export that carries it; never written to a disk.
const CARRIED: &str = "identity.txt";
const CARRIED_BYTES_MAX: u64 = 4096;

type Archive = tar::Builder<age::stream::StreamWriter<BufWriter<File>>>;

/// What an export gives.
#[derive(Debug)]
#[must_use]
pub struct Exported {
    /// Names the key: it is printed in the shares. Write it on the medium.
    pub key: String,
    /// The three shares of the export's own key, kept nowhere else.
    pub shares: [Secret<String>; 3],
}

/// What an export file gave back.
#[derive(Debug)]
pub struct Imported {
    /// A repository for reading.
    pub repository: Repository,
    /// The repository's key, when the export carried it.
    pub identity: Option<Identity>,
}

impl Repository {
    /// Writes generation `number` with its journal and the newest keys to the new file `to`.
    ///
    /// # Errors
    /// [`BackupError::NoGeneration`], [`BackupError::Damaged`] (a damaged file is not
    /// exported), [`BackupError::WrongKey`] for a carried key of another repository,
    /// [`BackupError::DiskFull`].
    pub fn export(
        &self,
        number: u64,
        carry: Option<&Identity>,
        to: &Path,
    ) -> Result<Exported, BackupError> {
        if let Some(carried) = carry {
            carried.opens(self.id())?;
        }
        if to.exists() {
            return Err(BackupError::NotEmpty(to.to_owned()));
        }
        let key = Identity::generate();
        let part = part_of(to);
        let written = self.write_export(number, carry, &key, &part, to);
        if written.is_err() {
            // The error that matters is the one above.
            let _ = fs::remove_file(&part);
        }
        written?;
        Ok(Exported {
            key: key.repository(),
            shares: key.split()?,
        })
    }

    fn write_export(
        &self,
        number: u64,
        carry: Option<&Identity>,
        key: &Identity,
        part: &Path,
        to: &Path,
    ) -> Result<(), BackupError> {
        // The head first: what is written meanwhile is not part of the export.
        let head = self.head()?;
        let head_bytes = disk::read_paper(&self.root, HEAD)?;
        let file = File::create(part).map_err(BackupError::at(part))?;
        let mut archive = Packed::new(file, key, part)?;
        archive.bytes(CHARTER, &disk::read_paper(&self.root, CHARTER)?)?;
        archive.bytes(README, &disk::read_paper(&self.root, README)?)?;
        archive.bytes(HEAD, &head_bytes)?;
        archive.bytes(EXCERPT, number.to_string().as_bytes())?;
        if let Some(carried) = carry {
            archive.bytes(CARRIED, carried.to_file_text().reveal().as_bytes())?;
        }
        let manifest = self.generation_manifest(number)?;
        let Content::Generation { position, .. } = manifest.content else {
            return Err(BackupError::NoGeneration(number));
        };
        self.pack(&mut archive, &manifest)?;
        let segments = self.segment_folders(number.saturating_sub(1))?;
        self.pack_journal(&mut archive, &segments, position, head.journal.last)?;
        let keys = self.key_folders()?;
        for (_, folder) in keys.range(head.keys.first..=head.keys.last.max(head.keys.first)) {
            let (manifest, _) = self.manifest(folder)?;
            self.pack(&mut archive, &manifest)?;
        }
        archive.finish()?;
        disk::rename(part, to)?;
        disk::sync_folder(parent(to))
    }

    fn pack_journal(
        &self,
        archive: &mut Packed,
        segments: &BTreeMap<u64, String>,
        position: u64,
        last_segment: u64,
    ) -> Result<(), BackupError> {
        let mut begun = false;
        for (_, folder) in segments.range(..=last_segment) {
            let (manifest, _) = self.manifest(folder)?;
            let needed =
                matches!(manifest.content, Content::Journal { last, .. } if last > position);
            begun |= needed;
            if begun {
                self.pack(archive, &manifest)?;
            }
        }
        Ok(())
    }

    fn pack(&self, archive: &mut Packed, manifest: &Manifest) -> Result<(), BackupError> {
        let folder = manifest.folder();
        let rel = format!("{folder}/{MANIFEST}");
        archive.bytes(&rel, &disk::read_paper(&self.root, &rel)?)?;
        for entry in &manifest.files {
            let file = stream::open_checked(&self.root, &folder, entry)?;
            archive.add(&format!("{folder}/{}", entry.name), entry.bytes, file)?;
        }
        Ok(())
    }
}

struct Packed {
    archive: Archive,
    part: PathBuf,
}

impl Packed {
    fn new(file: File, key: &Identity, part: &Path) -> Result<Self, BackupError> {
        let recipient = key.key().to_public();
        let to: &dyn age::Recipient = &recipient;
        let open = || {
            age::Encryptor::with_recipients(iter::once(to))
                .map_err(io::Error::other)?
                .wrap_output(BufWriter::new(file))
        };
        Ok(Self {
            archive: tar::Builder::new(open().map_err(BackupError::at(part))?),
            part: part.to_owned(),
        })
    }

    fn bytes(&mut self, name: &str, bytes: &[u8]) -> Result<(), BackupError> {
        self.add(name, disk::length(bytes.len()), bytes)
    }

    fn add(&mut self, name: &str, length: u64, from: impl Read) -> Result<(), BackupError> {
        let mut header = tar::Header::new_gnu();
        header.set_size(length);
        header.set_mode(0o600);
        header.set_mtime(0);
        header.set_entry_type(tar::EntryType::Regular);
        self.archive
            .append_data(&mut header, name, from)
            .map_err(BackupError::at(&self.part))
    }

    fn finish(self) -> Result<(), BackupError> {
        let close = || {
            let mut file = self.archive.into_inner()?.finish()?;
            file.flush()?;
            file.get_ref().sync_all()
        };
        close().map_err(BackupError::at(&self.part))
    }
}

/// Unpacks an export into the new folder `to` and verifies it; `identity` is the export's
/// own key, from two of its shares.
///
/// # Errors
/// [`BackupError::WrongKey`], [`BackupError::NotEmpty`], [`BackupError::Damaged`] when the
/// file was cut or changed, [`BackupError::DiskFull`]. Nothing is left at `to` then.
pub fn import_export(file: &Path, identity: &Identity, to: &Path) -> Result<Imported, BackupError> {
    if !disk::names(to)?.is_empty() {
        return Err(BackupError::NotEmpty(to.to_owned()));
    }
    let part = part_of(to);
    fs::create_dir(&part).map_err(BackupError::at(&part))?;
    let unpacked = unpack(file, identity, &part).and_then(|carried| {
        Repository::open(&part)?.verify(None)?.sound()?;
        disk::rename(&part, to)?;
        disk::sync_folder(parent(to))?;
        Ok(Imported {
            repository: Repository::open(to)?,
            identity: carried,
        })
    });
    if unpacked.is_err() {
        // The error that matters is the one above.
        let _ = fs::remove_dir_all(&part);
    }
    unpacked
}

fn unpack(file: &Path, identity: &Identity, to: &Path) -> Result<Option<Identity>, BackupError> {
    let name = file.display().to_string();
    let cut = || BackupError::damaged(&name, Flaw::Unreadable);
    let opened = File::open(file).map_err(BackupError::at(file))?;
    let key: &dyn age::Identity = identity.key();
    let plain = age::Decryptor::new_buffered(BufReader::new(opened))
        .and_then(|decryptor| decryptor.decrypt(iter::once(key)))
        .map_err(|error| match error {
            age::DecryptError::NoMatchingKeys => BackupError::WrongKey {
                key: identity.repository(),
                repository: name.clone(),
            },
            _ => cut(),
        })?;
    let mut archive = tar::Archive::new(plain);
    let mut carried = None;
    for entry in archive.entries().map_err(|_| cut())? {
        let mut entry = entry.map_err(|_| cut())?;
        let inside = entry.path().map_err(|_| cut())?.into_owned();
        let plain_path = inside
            .components()
            .all(|c| matches!(c, Component::Normal(_)));
        if !plain_path || entry.header().entry_type() != tar::EntryType::Regular {
            return Err(cut());
        }
        if inside == Path::new(CARRIED) {
            let mut text = String::new();
            (&mut entry)
                .take(CARRIED_BYTES_MAX)
                .read_to_string(&mut text)
                .map_err(|_| cut())?;
            carried = Some(Identity::from_file_text(&text)?);
            continue;
        }
        let path = to.join(&inside);
        fs::create_dir_all(parent(&path)).map_err(BackupError::at(&path))?;
        let mut into = disk::create(&path).map_err(BackupError::at(&path))?;
        copy(&mut entry, &mut into, &path, &cut)?;
        into.sync_all().map_err(BackupError::at(&path))?;
    }
    // The stream's end is authenticated too: a file cut between two entries is noticed.
    io::copy(&mut archive.into_inner(), &mut io::sink()).map_err(|_| cut())?;
    Ok(carried)
}

/// As [`io::copy`], telling a damaged source from a full disk.
fn copy(
    from: &mut impl Read,
    into: &mut File,
    path: &Path,
    cut: &impl Fn() -> BackupError,
) -> Result<(), BackupError> {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let read = from.read(&mut buffer).map_err(|_| cut())?;
        let Some(bytes) = buffer.get(..read).filter(|bytes| !bytes.is_empty()) else {
            return Ok(());
        };
        into.write_all(bytes).map_err(BackupError::at(path))?;
    }
}

fn parent(path: &Path) -> &Path {
    path.parent()
        .filter(|parent| !parent.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

fn part_of(to: &Path) -> PathBuf {
    let mut name = to.file_name().unwrap_or_default().to_os_string();
    name.push(".part");
    to.with_file_name(name)
}
