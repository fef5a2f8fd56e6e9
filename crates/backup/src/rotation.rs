//! Which generations are open, write-protected, and removed.
//!
//! The two newest may still change place or grow a journal; the third and older are made
//! read-only, and the operator's `protect` command may cut them off further (immutable
//! flag, a snapshot, another account), so that what spoils the newest cannot reach them.
//! Source: 医療情報システムの安全管理に関するガイドライン 6.0, Q&A シQ-69; 経営管理編 11.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use crate::disk;
use crate::error::BackupError;
use crate::writer::Shared;

/// How many of the newest generations stay writable.
const OPEN: u64 = 2;
const FOLDER_OPEN: u32 = 0o755;
const FOLDER_CLOSED: u32 = 0o555;
const FILE_CLOSED: u32 = 0o444;

/// What a rotation did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rotated {
    /// Generations made read-only now.
    pub protected: Vec<u64>,
    /// Generations removed now.
    pub removed: Vec<u64>,
}

pub(crate) fn rotate(shared: &Shared) -> Result<Rotated, BackupError> {
    let protected = protect(shared)?;
    {
        let mut head = shared.head();
        let keep = shared.settings.keep;
        let first = head.generations.last.saturating_add(1).saturating_sub(keep);
        if first > head.generations.first {
            let mut next = head.clone();
            next.generations.first = first;
            // The journal from the one before on: entries between a generation's snapshot
            // and its completion were filed there.
            let segments = shared.repository.segment_folders(first.saturating_sub(1))?;
            next.journal.first = segments
                .first_key_value()
                .map_or(head.journal.last.saturating_add(1), |(number, _)| *number);
            // First say that they are no longer part of it, then remove them.
            shared.save_head(&next)?;
            *head = next;
        }
    }
    Ok(Rotated {
        protected,
        removed: prune(shared)?,
    })
}

fn protect(shared: &Shared) -> Result<Vec<u64>, BackupError> {
    let before = shared.head().generations.last.saturating_sub(OPEN);
    let repository = &shared.repository;
    let mut protected = Vec::new();
    for (number, folder) in repository.generation_folders()?.range(..=before) {
        if close(shared, &shared.root().join(folder))? {
            protected.push(*number);
        }
    }
    for folder in repository
        .folders("journal")?
        .range(..=before)
        .map(|(_, f)| f)
    {
        close(shared, &shared.root().join(folder))?;
    }
    Ok(protected)
}

/// Makes `folder` read-only unless it is; the folder itself last, as the sign that all is done.
fn close(shared: &Shared, folder: &Path) -> Result<bool, BackupError> {
    let mode = fs::metadata(folder)
        .map_err(BackupError::at(folder))?
        .permissions()
        .mode();
    if mode & 0o222 == 0 {
        return Ok(false);
    }
    set_modes(folder, FOLDER_CLOSED, Some(FILE_CLOSED))?;
    if let Some(command) = &shared.settings.protect
        && let Err(error) = run("protect", command, folder)
    {
        set_mode(folder, FOLDER_OPEN)?;
        return Err(error);
    }
    Ok(true)
}

/// Removes generations and journals that are before the first one kept.
pub(crate) fn prune(shared: &Shared) -> Result<Vec<u64>, BackupError> {
    let first = shared.head().generations.first;
    let repository = &shared.repository;
    let mut removed = Vec::new();
    for (number, folder) in repository.generation_folders()?.range(..first) {
        remove(shared, &shared.root().join(folder))?;
        removed.push(*number);
    }
    let journals = repository.folders("journal")?;
    for folder in journals.range(..first.saturating_sub(1)).map(|(_, f)| f) {
        remove(shared, &shared.root().join(folder))?;
    }
    Ok(removed)
}

fn remove(shared: &Shared, folder: &Path) -> Result<(), BackupError> {
    if let Some(command) = &shared.settings.unprotect {
        run("unprotect", command, folder)?;
    }
    set_modes(folder, FOLDER_OPEN, None)?;
    fs::remove_dir_all(folder).map_err(BackupError::at(folder))?;
    disk::sync_folder(folder.parent().unwrap_or(folder))
}

fn set_mode(path: &Path, mode: u32) -> Result<(), BackupError> {
    fs::set_permissions(path, Permissions::from_mode(mode)).map_err(BackupError::at(path))
}

/// Sets the modes below `folder` (at most two folders deep) and then its own.
fn set_modes(folder: &Path, folders: u32, files: Option<u32>) -> Result<(), BackupError> {
    if files.is_none() {
        set_mode(folder, folders)?;
    }
    for name in disk::names(folder)? {
        let path = folder.join(name);
        if path.is_dir() {
            set_modes(&path, folders, files)?;
        } else if let Some(mode) = files {
            set_mode(&path, mode)?;
        }
    }
    set_mode(folder, folders)
}

fn run(hook: &'static str, command: &Path, folder: &Path) -> Result<(), BackupError> {
    let failed = |reason: String| BackupError::Hook {
        hook,
        path: folder.to_owned(),
        reason,
    };
    let ended = Command::new(command)
        .arg(folder)
        .output()
        .map_err(|error| failed(error.to_string()))?;
    if ended.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&ended.stderr);
    let said: String = said.trim().chars().take(200).collect();
    Err(failed(format!("{} {said}", ended.status).trim().to_owned()))
}
