//! Is everything there, and as it was written?
//!
//! Without the key: each file's length and SHA-256 against the signed manifests, the
//! signatures, the chains, and that nothing is missing at either end. With the key each
//! file is decrypted and unpacked too.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;

use crate::disk;
use crate::error::{BackupError, Flaw};
use crate::identity::Identity;
use crate::journal::Entries;
use crate::paper::{Content, Head, Manifest, Span};
use crate::repository::{
    CHARTER, EXCERPT, HEAD, LOCK, MANIFEST, README, README_TEXT, Repository, TMP,
};
use crate::stream::{self, StreamReader};

/// What a verification saw.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Whole generations.
    pub generations: u64,
    /// Whole journal segments.
    pub segments: u64,
    /// Whole parts of the key export.
    pub keys: u64,
    /// Encrypted files read.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Each file that is not as it must be, and why, by path inside the repository.
    pub damaged: BTreeMap<String, Flaw>,
}

impl Report {
    /// The report when nothing is damaged.
    ///
    /// # Errors
    /// [`BackupError::Damaged`] with the first damaged file.
    pub fn sound(self) -> Result<Self, BackupError> {
        match self.damaged.first_key_value() {
            None => Ok(self),
            Some((file, flaw)) => Err(BackupError::damaged(file, *flaw)),
        }
    }
}

impl Repository {
    /// Reads the whole repository and reports every file that is not as it was written.
    ///
    /// # Errors
    /// [`BackupError::WrongKey`], or the file system's; damage is in the report.
    pub fn verify(&self, identity: Option<&Identity>) -> Result<Report, BackupError> {
        if let Some(identity) = identity {
            identity.opens(self.id())?;
        }
        let mut check = Check {
            repository: self,
            identity,
            report: Report::default(),
        };
        check.root()?;
        let head = check.head()?;
        let excerpt = self.excerpt()?;
        let spans = head.map(|head| trimmed(head, excerpt));
        let [generations, journal, keys] = spans.map_or([None, None, None], |s| s.map(Some));
        check.series(&self.generation_folders()?, generations, "generations")?;
        check.journal(journal)?;
        check.series(&self.key_folders()?, keys, "keys")?;
        Ok(check.report)
    }

    /// The number of the generation that an imported export holds.
    pub(crate) fn excerpt(&self) -> Result<Option<u64>, BackupError> {
        if !self.root.join(EXCERPT).exists() {
            return Ok(None);
        }
        let bytes = disk::read_paper(&self.root, EXCERPT)?;
        serde_json::from_slice(&bytes)
            .map(Some)
            .map_err(|_| BackupError::damaged(EXCERPT, Flaw::Unreadable))
    }
}

/// What must be there: first and last of each series. An export holds one generation and
/// the journal from it on.
fn trimmed(head: Head, excerpt: Option<u64>) -> [Expected; 3] {
    let bounds = |span: &Span| Expected {
        first: Some(span.first),
        last: span.last,
    };
    let mut generations = bounds(&head.generations);
    let mut journal = bounds(&head.journal);
    if let Some(number) = excerpt {
        generations = Expected {
            first: Some(number),
            last: number,
        };
        journal.first = None;
    }
    [generations, journal, bounds(&head.keys)]
}

#[derive(Clone, Copy)]
struct Expected {
    /// `None`: whatever is there begins it.
    first: Option<u64>,
    last: u64,
}

struct Check<'a> {
    repository: &'a Repository,
    identity: Option<&'a Identity>,
    report: Report,
}

impl Check<'_> {
    fn note(&mut self, file: impl Into<String>, flaw: Flaw) {
        self.report.damaged.entry(file.into()).or_insert(flaw);
    }

    /// Takes damage into the report; lets the file system's errors through.
    fn noted<T>(&mut self, result: Result<T, BackupError>) -> Result<Option<T>, BackupError> {
        match result {
            Ok(value) => Ok(Some(value)),
            Err(BackupError::Damaged { file, flaw }) => {
                self.note(file, flaw);
                Ok(None)
            }
            // A sector that cannot be read is damage to that file, not the end of the check.
            Err(BackupError::Io { path, source }) => {
                match path.strip_prefix(&self.repository.root) {
                    Ok(rel) => {
                        let rel = rel.to_string_lossy().into_owned();
                        tracing::warn!(file = rel, %source, "a backup file cannot be read");
                        self.note(rel, Flaw::Unreadable);
                        Ok(None)
                    }
                    Err(_) => Err(BackupError::Io { path, source }),
                }
            }
            Err(other) => Err(other),
        }
    }

    fn root(&mut self) -> Result<(), BackupError> {
        const OURS: [&str; 9] = [
            CHARTER,
            HEAD,
            README,
            LOCK,
            TMP,
            EXCERPT,
            "generations",
            "journal",
            "keys",
        ];
        // Opening read it before; it may have changed since.
        let again = Repository::open(&self.repository.root).map_err(|error| match error {
            BackupError::NotARepository(_) => BackupError::damaged(CHARTER, Flaw::Missing),
            other => other,
        });
        self.noted(again)?;
        for name in disk::names(&self.repository.root)? {
            if !OURS.contains(&name.as_str()) {
                self.note(name, Flaw::Stranger);
            }
        }
        let readme = disk::read_paper(&self.repository.root, README);
        if let Some(bytes) = self.noted(readme)?
            && bytes != README_TEXT.as_bytes()
        {
            self.note(README, Flaw::Changed);
        }
        Ok(())
    }

    fn head(&mut self) -> Result<Option<Head>, BackupError> {
        self.noted(self.repository.head())
    }

    fn journal(&mut self, expected: Option<Expected>) -> Result<(), BackupError> {
        let mut found = BTreeMap::new();
        for group in self.repository.folders("journal")?.values() {
            for (number, folder) in self.repository.folders(group)? {
                found.insert(number, folder);
            }
            self.strangers(group)?;
        }
        self.series(&found, expected, "journal")
    }

    /// Names in `folder` that are no set's.
    fn strangers(&mut self, folder: &str) -> Result<(), BackupError> {
        let known: BTreeSet<String> = self.repository.folders(folder)?.into_values().collect();
        for name in disk::names(&self.repository.root.join(folder))? {
            let rel = format!("{folder}/{name}");
            if !known.contains(&rel) {
                self.note(rel, Flaw::Stranger);
            }
        }
        Ok(())
    }

    fn series(
        &mut self,
        found: &BTreeMap<u64, String>,
        expected: Option<Expected>,
        name: &str,
    ) -> Result<(), BackupError> {
        self.strangers(name)?;
        let first_found = found.first_key_value().map(|(number, _)| *number);
        let first = expected.and_then(|e| e.first).or(first_found).unwrap_or(1);
        let last_found = found.last_key_value().map_or(0, |(number, _)| *number);
        let last = expected.map_or(0, |e| e.last).max(last_found);
        let mut before: Option<String> = None;
        for folder in found.range(..first).map(|(_, folder)| folder) {
            self.note(folder, Flaw::Superseded);
        }
        for number in first..=last {
            let Some(folder) = found.get(&number) else {
                self.note(format!("{name}/{number:06}"), Flaw::Missing);
                before = None;
                continue;
            };
            before = self.set(folder, number, before)?;
        }
        Ok(())
    }

    /// One set; the hash of its manifest when that is whole.
    fn set(
        &mut self,
        folder: &str,
        number: u64,
        before: Option<String>,
    ) -> Result<Option<String>, BackupError> {
        let rel = format!("{folder}/{MANIFEST}");
        let read = self.repository.manifest(folder);
        let Some((manifest, sha256)) = self.noted(read)? else {
            return Ok(None);
        };
        if manifest.number != number || (before.is_some() && manifest.previous != before) {
            self.note(rel, Flaw::Chain);
        }
        let damaged = self.report.damaged.len();
        self.unlisted(folder, &manifest)?;
        for entry in &manifest.files {
            let opened = stream::open_checked(&self.repository.root, folder, entry);
            if self.noted(opened)?.is_some() {
                self.report.files = self.report.files.saturating_add(1);
                self.report.bytes = self.report.bytes.saturating_add(entry.bytes);
                if !matches!(manifest.content, Content::Journal { .. }) {
                    self.unpack(folder, entry)?;
                }
            }
        }
        self.entries(folder, &manifest)?;
        if damaged == self.report.damaged.len() {
            let count = match manifest.content {
                Content::Generation { .. } => &mut self.report.generations,
                Content::Journal { .. } => &mut self.report.segments,
                Content::Keys { .. } => &mut self.report.keys,
            };
            *count = count.saturating_add(1);
        }
        Ok(Some(sha256))
    }

    fn unlisted(&mut self, folder: &str, manifest: &Manifest) -> Result<(), BackupError> {
        let listed: BTreeSet<&str> = manifest.files.iter().map(|f| f.name.as_str()).collect();
        for name in disk::names(&self.repository.root.join(folder))? {
            if name != MANIFEST && !listed.contains(name.as_str()) {
                self.note(format!("{folder}/{name}"), Flaw::Stranger);
            }
        }
        Ok(())
    }

    /// With the key: decrypts and unpacks one file.
    fn unpack(&mut self, folder: &str, entry: &crate::paper::FileEntry) -> Result<(), BackupError> {
        let Some(identity) = self.identity else {
            return Ok(());
        };
        let root = &self.repository.root;
        let mut stream = StreamReader::new(root, folder, vec![entry.clone()], identity);
        let read = io::copy(&mut stream, &mut io::sink());
        let read = read.map_err(BackupError::at(Path::new(folder)));
        self.noted(read).map(|_| ())
    }

    /// With the key: a segment's entries are those that its manifest says.
    fn entries(&mut self, folder: &str, manifest: &Manifest) -> Result<(), BackupError> {
        let (Some(identity), Content::Journal { first, last, .. }) =
            (self.identity, &manifest.content)
        else {
            return Ok(());
        };
        let root = &self.repository.root;
        let stream = StreamReader::new(root, folder, manifest.files.clone(), identity);
        let mut entries = Entries::new(stream, folder.to_owned(), *first, *last);
        let mut all = || {
            while entries.next()?.is_some() {}
            Ok(())
        };
        let read = all();
        self.noted(read).map(|_| ())
    }
}
