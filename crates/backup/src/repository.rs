//! A repository opened for reading: what there is, and the way back.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use kernel::time::Timestamp;

use crate::disk;
use crate::error::{BackupError, Flaw};
use crate::identity::{Identity, repository_id};
use crate::journal::{self, Journal};
use crate::paper::{self, Charter, Content, FORMAT, Head, Manifest, Span};
use crate::signed::{self, Signer};
use crate::stream::StreamReader;
use crate::writer::{Settings, Writer};

pub(crate) const CHARTER: &str = "repository.json";
pub(crate) const HEAD: &str = "head.json";
pub(crate) const README: &str = "README.txt";
pub(crate) const MANIFEST: &str = "manifest.json";
pub(crate) const LOCK: &str = "lock";
pub(crate) const TMP: &str = "tmp";
/// Present in an imported export, which holds one generation only.
pub(crate) const EXCERPT: &str = "excerpt.json";
pub(crate) const README_TEXT: &str = include_str!("README.txt");

/// A folder of encrypted backups. Reading never changes it and needs no lock, so that a
/// read-only disk restores too.
#[derive(Clone, Debug)]
pub struct Repository {
    pub(crate) root: PathBuf,
    pub(crate) charter: Charter,
    pub(crate) signer: [u8; 32],
}

/// One complete generation.
#[derive(Clone, Debug, PartialEq)]
pub struct Generation {
    /// Consecutive number, from 1.
    pub number: u64,
    /// Its folder inside the repository.
    pub folder: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// The database engine it came from.
    pub engine: String,
    /// The node that made it.
    pub node: String,
    /// The program's version.
    pub program: String,
    /// The last journal entry that is in it.
    pub position: u64,
    /// What the caller told of it: table counts and hashes.
    pub about: serde_json::Value,
    /// Bytes on disk, ciphertext.
    pub bytes: u64,
    /// Bytes of its data stream.
    pub plain_bytes: u64,
    /// The instant up to which generation and journal restore without a gap.
    pub restorable_until: Timestamp,
}

impl Repository {
    /// Makes a repository in an empty or new `folder`; the key that opens it is returned
    /// once and kept nowhere: split it at once ([`Identity::split`]).
    ///
    /// # Errors
    /// [`BackupError::NotEmpty`], [`BackupError::Sign`], or the file system's.
    pub fn init(
        folder: &Path,
        at: Timestamp,
        signer: &dyn Signer,
    ) -> Result<(Self, Identity), BackupError> {
        fs::create_dir_all(folder).map_err(BackupError::at(folder))?;
        if !disk::names(folder)?.is_empty() {
            return Err(BackupError::NotEmpty(folder.to_owned()));
        }
        let identity = Identity::generate();
        let charter = Charter {
            format: FORMAT,
            repository: identity.repository(),
            recipient: identity.recipient(),
            made_at: at,
        };
        let head = Head {
            format: FORMAT,
            repository: charter.repository.clone(),
            generations: Span::default(),
            journal: Span::default(),
            keys: Span::default(),
            position: 0,
            last_entry: 0,
            last_at: at,
        };
        for name in ["generations", "journal", "keys", TMP] {
            let path = folder.join(name);
            fs::create_dir(&path).map_err(BackupError::at(&path))?;
        }
        disk::write_new(&folder.join(README), README_TEXT.as_bytes())?;
        disk::write_new(&folder.join(HEAD), &signed::seal(&head, signer)?)?;
        // Last: a folder without it is no repository.
        disk::write_new(&folder.join(CHARTER), &signed::seal(&charter, signer)?)?;
        disk::sync_folder(folder)?;
        let repository = Self {
            root: folder.to_owned(),
            charter,
            signer: signer.public_key()?,
        };
        Ok((repository, identity))
    }

    /// Opens a repository for reading.
    ///
    /// # Errors
    /// [`BackupError::NotARepository`], [`BackupError::Damaged`] when `repository.json` is
    /// not as it was written, [`BackupError::FromFuture`].
    pub fn open(folder: &Path) -> Result<Self, BackupError> {
        let bytes = disk::read_paper(folder, CHARTER).map_err(|error| match error {
            BackupError::Damaged { .. } => BackupError::NotARepository(folder.to_owned()),
            other => other,
        })?;
        let (charter, signer): (Charter, _) = signed::open(CHARTER, &bytes, None)?;
        paper::check_format(CHARTER, charter.format)?;
        if repository_id(&charter.recipient) != charter.repository {
            return Err(BackupError::damaged(CHARTER, Flaw::Changed));
        }
        Ok(Self {
            root: folder.to_owned(),
            charter,
            signer,
        })
    }

    /// Opens it for writing, one process at a time: what a crash left in `tmp/` is removed.
    ///
    /// # Errors
    /// [`BackupError::Locked`], [`BackupError::OtherSigner`], [`BackupError::OnlyRead`],
    /// [`BackupError::Setting`], or [`BackupError::Closed`] when what must be whole to go
    /// on is not.
    pub fn writer(
        &self,
        signer: Arc<dyn Signer>,
        settings: Settings,
    ) -> Result<Writer, BackupError> {
        Writer::open(self, signer, settings)
    }

    /// Its name, 32 hexadecimal digits; the shares of its key carry it.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.charter.repository
    }

    /// Its folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.root
    }

    /// The Ed25519 key that signs its papers; compare it with the node's.
    #[must_use]
    pub const fn signer(&self) -> [u8; 32] {
        self.signer
    }

    /// All generations, oldest first; a damaged one stands in the list as its error, so
    /// that it does not hide the others.
    ///
    /// # Errors
    /// The file system's.
    pub fn generations(&self) -> Result<Vec<Result<Generation, BackupError>>, BackupError> {
        let segments = journal::summaries(self)?;
        let generation = |folder: &String| {
            let (manifest, _) = self.manifest(folder)?;
            generation(manifest, &segments)
        };
        Ok(self
            .generation_folders()?
            .values()
            .map(generation)
            .collect())
    }

    /// One generation.
    ///
    /// # Errors
    /// [`BackupError::NoGeneration`]; [`BackupError::Damaged`].
    pub fn generation(&self, number: u64) -> Result<Generation, BackupError> {
        let segments = journal::summaries(self)?;
        generation(self.generation_manifest(number)?, &segments)
    }

    /// The data stream of generation `number`. Reading gives an [`std::io::Error`] around
    /// [`BackupError::Damaged`] before any byte of a changed file is handed out
    /// ([`BackupError::at`] brings it out).
    ///
    /// # Errors
    /// [`BackupError::WrongKey`], [`BackupError::NoGeneration`], [`BackupError::Damaged`].
    pub fn open_generation(
        &self,
        number: u64,
        identity: &Identity,
    ) -> Result<impl Read + Send + use<>, BackupError> {
        identity.opens(self.id())?;
        let manifest = self.generation_manifest(number)?;
        let folder = manifest.folder();
        Ok(StreamReader::new(
            &self.root,
            &folder,
            manifest.files,
            identity,
        ))
    }

    /// What came after generation `number`, in order and without a gap, up to the newest
    /// segment (whichever generation it was written under).
    ///
    /// # Errors
    /// [`BackupError::WrongKey`], [`BackupError::NoGeneration`], [`BackupError::Damaged`].
    pub fn journal(&self, number: u64, identity: &Identity) -> Result<Journal, BackupError> {
        identity.opens(self.id())?;
        match self.generation_manifest(number)?.content {
            Content::Generation { position, .. } => Journal::open(self, identity, number, position),
            _ => Err(BackupError::NoGeneration(number)),
        }
    }

    pub(crate) fn generation_manifest(&self, number: u64) -> Result<Manifest, BackupError> {
        let folders = self.generation_folders()?;
        let folder = folders
            .get(&number)
            .ok_or(BackupError::NoGeneration(number))?;
        self.manifest(folder).map(|(manifest, _)| manifest)
    }

    /// Number and folder of each generation.
    pub(crate) fn generation_folders(&self) -> Result<BTreeMap<u64, String>, BackupError> {
        self.folders("generations")
    }

    /// Number and folder of each set of keys.
    pub(crate) fn key_folders(&self) -> Result<BTreeMap<u64, String>, BackupError> {
        self.folders("keys")
    }

    /// Number and folder of each journal segment of generation `from` and later.
    pub(crate) fn segment_folders(&self, from: u64) -> Result<BTreeMap<u64, String>, BackupError> {
        let mut found = BTreeMap::new();
        for (_, group) in self.folders("journal")?.range(from..) {
            found.extend(self.folders(group)?);
        }
        Ok(found)
    }

    pub(crate) fn folders(&self, series: &str) -> Result<BTreeMap<u64, String>, BackupError> {
        let names = disk::names(&self.root.join(series))?;
        Ok(names
            .into_iter()
            .filter_map(|name| Some((number_of(&name)?, format!("{series}/{name}"))))
            .collect())
    }

    /// The manifest of the set at `folder`, its signature and place checked, and its SHA-256.
    pub(crate) fn manifest(&self, folder: &str) -> Result<(Manifest, String), BackupError> {
        let rel = format!("{folder}/{MANIFEST}");
        let bytes = disk::read_paper(&self.root, &rel)?;
        let (manifest, _): (Manifest, _) = signed::open(&rel, &bytes, Some(&self.signer))?;
        paper::check_format(&rel, manifest.format)?;
        if manifest.repository != self.charter.repository || manifest.folder() != folder {
            return Err(BackupError::damaged(rel, Flaw::Misplaced));
        }
        Ok((manifest, disk::sha256(&bytes)))
    }

    pub(crate) fn head(&self) -> Result<Head, BackupError> {
        let bytes = disk::read_paper(&self.root, HEAD)?;
        let (head, _): (Head, _) = signed::open(HEAD, &bytes, Some(&self.signer))?;
        paper::check_format(HEAD, head.format)?;
        if head.repository != self.charter.repository {
            return Err(BackupError::damaged(HEAD, Flaw::Misplaced));
        }
        Ok(head)
    }
}

/// `000007` and `000007-20261122T090000Z` are 7; any other spelling is none of ours.
pub(crate) fn number_of(name: &str) -> Option<u64> {
    let (digits, stamp) = name
        .split_once('-')
        .map_or((name, None), |(digits, stamp)| (digits, Some(stamp)));
    let ours = stamp.is_none_or(|stamp| {
        stamp.len() == 16
            && stamp.ends_with('Z')
            && stamp.bytes().all(|b| b.is_ascii_alphanumeric())
    });
    let number = digits.parse().ok()?;
    (ours && format!("{number:06}") == digits).then_some(number)
}

pub(crate) fn generation(
    manifest: Manifest,
    segments: &[journal::Summary],
) -> Result<Generation, BackupError> {
    let folder = manifest.folder();
    let sum = |each: fn(&paper::FileEntry) -> u64| {
        manifest
            .files
            .iter()
            .fold(0_u64, |sum, file| sum.saturating_add(each(file)))
    };
    let (bytes, plain_bytes) = (sum(|f| f.bytes), sum(|f| f.plain_bytes));
    let Content::Generation {
        engine,
        node,
        program,
        position,
        about,
    } = manifest.content
    else {
        return Err(BackupError::damaged(folder, Flaw::Misplaced));
    };
    Ok(Generation {
        number: manifest.number,
        made_at: manifest.made_at,
        restorable_until: journal::reach(segments, position).unwrap_or(manifest.made_at),
        folder,
        engine,
        node,
        program,
        position,
        about,
        bytes,
        plain_bytes,
    })
}
