//! What can go wrong with a backup, in words an operator can act on.

use std::io;
use std::path::{Path, PathBuf};

/// What is wrong with one file of a repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum Flaw {
    /// It is named by a manifest or by its neighbours, and is not there.
    #[error("is missing")]
    Missing,
    /// It is there and no manifest names it.
    #[error("does not belong to the repository")]
    Stranger,
    /// Its length differs from the manifest's.
    #[error("has another length than when it was written")]
    Length,
    /// Its SHA-256 differs from the manifest's.
    #[error("was changed since it was written")]
    Changed,
    /// It cannot be parsed, decrypted or unpacked.
    #[error("cannot be read")]
    Unreadable,
    /// Its signature is not by the repository's signer.
    #[error("has a signature that does not verify")]
    Signature,
    /// It is whole but stands at another one's place.
    #[error("stands where another file belongs")]
    Misplaced,
    /// It does not follow the one before it.
    #[error("does not follow the one before it")]
    Chain,
    /// It was replaced and should be gone.
    #[error("was superseded and should have been removed; open the repository for writing once")]
    Superseded,
}

/// Why a share of a key could not be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShareFlaw {
    /// No line of the text begins with `TASUKI1`.
    #[error("is not a share of a backup key; give the line that begins with TASUKI1")]
    NotAShare,
    /// The checksum does not fit.
    #[error("was mistyped (its checksum does not fit); compare it with the paper again")]
    Mistyped,
    /// It is the same share as an earlier one.
    #[error("is the same share as one given before; give a share with another number")]
    Repeated,
    /// It belongs to another repository than the first one given.
    #[error("belongs to another repository than the first share given")]
    OtherRepository,
}

/// The repository could not do its work.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// A file is not as it was written; `file` is its path inside the repository.
    #[error(
        "backup damaged: {file} {flaw}; restore from another generation or from the offline export, and check the disk"
    )]
    Damaged {
        /// Path inside the repository.
        file: String,
        /// What is wrong with it.
        flaw: Flaw,
    },
    /// The file system said no.
    #[error("backup: {}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
    /// No space is left.
    #[error(
        "backup: no space left at {}; nothing half-done was kept: free space or give a larger disk, then run it again", path.display()
    )]
    DiskFull {
        /// The file or folder that was being written.
        path: PathBuf,
    },
    /// The folder holds something else.
    #[error("{} is not an empty folder; give a new one", .0.display())]
    NotEmpty(PathBuf),
    /// The folder holds no repository.
    #[error("{} holds no backup repository; give its folder or make one with init", .0.display())]
    NotARepository(PathBuf),
    /// Another process writes to it.
    #[error("another process is writing to the backup repository; wait for it or stop it")]
    Locked,
    /// The same kind of work is already under way in this process.
    #[error("a {0} is already being written; let it end first")]
    Busy(&'static str),
    /// An export was opened for writing.
    #[error(
        "this folder is an imported export and is only read; make a new repository to write to"
    )]
    OnlyRead,
    /// What must be whole to add to the repository is not.
    #[error(
        "{file} {flaw}, so nothing can be added to this repository; keep it for restoring and make a new one beside it"
    )]
    Closed {
        /// Path inside the repository.
        file: String,
        /// What is wrong with it.
        flaw: Flaw,
    },
    /// A newer program wrote it.
    #[error("{file} was written by a newer program (format {format}); use that program")]
    FromFuture {
        /// Path inside the repository.
        file: String,
        /// Its format number.
        format: u32,
    },
    /// The key given to sign with is not the one the repository began with.
    #[error(
        "the signing key is not the repository's; use the node's former key or make a new repository"
    )]
    OtherSigner,
    /// The signing key could not sign.
    #[error("the signing key could not sign; check the key store")]
    Sign,
    /// A share cannot be used; `which` counts from 1 in the order given.
    #[error("share {which} of those given {flaw}")]
    Share {
        /// Position in the list given, from 1.
        which: usize,
        /// What is wrong.
        flaw: ShareFlaw,
    },
    /// Fewer than two shares.
    #[error("two different shares of the key are needed and {0} given; ask a second keeper")]
    TooFewShares(usize),
    /// An identity text is not one age identity.
    #[error("no age identity in the key file; it has one line that begins with AGE-SECRET-KEY-1")]
    NotAnIdentity,
    /// The identity belongs to another repository.
    #[error(
        "this key opens repository {key} and not {repository}; bring the shares of {repository}"
    )]
    WrongKey {
        /// The repository that the key opens.
        key: String,
        /// The repository that was to be opened.
        repository: String,
    },
    /// There is no such generation.
    #[error("there is no generation {0}; list the generations to see which there are")]
    NoGeneration(u64),
    /// A journal needs a generation to start from.
    #[error("there is no generation yet; make one before the journal is written")]
    NoGenerationYet,
    /// A tail needs an export to follow.
    #[error("the keys were never exported whole; export them before their changes")]
    NoKeysYet,
    /// Entries are missing from the journal.
    #[error("the journal lacks entries {expected} to {}: found {found} in {file}; restore to the instant before, or from a later generation", found.saturating_sub(1))]
    JournalGap {
        /// Where it showed.
        file: String,
        /// The number that was due.
        expected: u64,
        /// The number that was there.
        found: u64,
    },
    /// The caller left entries out.
    #[error(
        "journal entry {expected} is due and {found} was given; hand in the missing entries or make a new generation"
    )]
    EntryOutOfOrder {
        /// The number that was due.
        expected: u64,
        /// The number that was given.
        found: u64,
    },
    /// One entry is larger than a segment may hold.
    #[error("a journal entry has {0} bytes, more than can be kept; split it")]
    EntryTooLarge(usize),
    /// The new generation would end before the journal does.
    #[error(
        "the generation ends at {position} and the journal already holds {journal}; after a restore, number on from {journal}"
    )]
    PositionBehind {
        /// The generation's position.
        position: u64,
        /// The journal's last entry when the generation was begun.
        journal: u64,
    },
    /// An earlier write failed, so the whole must not be kept.
    #[error("an earlier write failed; begin again")]
    Unfinished,
    /// The operator's command failed.
    #[error("the {hook} command failed on {}: {reason}; run it by hand to see why", path.display())]
    Hook {
        /// `protect` or `unprotect`.
        hook: &'static str,
        /// What it was called with.
        path: PathBuf,
        /// How it ended.
        reason: String,
    },
    /// A setting is outside its bounds.
    #[error("backup setting {name}: {rule}")]
    Setting {
        /// The setting.
        name: &'static str,
        /// What it must be.
        rule: &'static str,
    },
}

impl BackupError {
    /// Puts `path` to an [`io::Error`]; one of ours that went through `Read` or `Write`
    /// comes out again unchanged.
    pub fn at(path: &Path) -> impl FnOnce(io::Error) -> Self + '_ {
        move |error| match error.downcast::<Self>() {
            Ok(own) => own,
            Err(source)
                if matches!(
                    source.kind(),
                    io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
                ) =>
            {
                Self::DiskFull {
                    path: path.to_owned(),
                }
            }
            Err(source) => Self::Io {
                path: path.to_owned(),
                source,
            },
        }
    }

    pub(crate) fn damaged(file: impl Into<String>, flaw: Flaw) -> Self {
        Self::Damaged {
            file: file.into(),
            flaw,
        }
    }
}

impl From<BackupError> for io::Error {
    fn from(error: BackupError) -> Self {
        Self::other(error)
    }
}
