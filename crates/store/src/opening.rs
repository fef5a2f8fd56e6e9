//! Opening a data folder: its lock, its keys, its identity, and what a failed disk left.

use std::{
    fs::{self, File},
    path::Path,
};

use keystore::{KeyStore, Unlock};

use crate::{StoreError, disk, embedded, engine::Node, link::Link, schema, seal, trace::Tracer};

const SIGNER_OWNER: &str = "seal-signer";

/// Takes the data folder for this process until the file is dropped; made when absent.
///
/// # Errors
/// [`StoreError::Locked`] when another process has it; [`StoreError::Io`].
pub fn lock_folder(folder: &Path) -> Result<File, StoreError> {
    fs::create_dir_all(folder)?;
    let lock = File::create(folder.join("lock"))?;
    lock.try_lock().map_err(|_| StoreError::Locked)?;
    Ok(lock)
}

/// After a failed sync what can be read may not be on the disk: so all of it is written anew
/// before anything else is done. A crash at any point leaves the old file or the new one.
pub(crate) fn mend(path: &Path) -> Result<(), StoreError> {
    let Some(folder) = path.parent().filter(|folder| disk::was_broken(folder)) else {
        return Ok(());
    };
    tracing::warn!("the disk had failed: the database is written anew");
    let (fresh, ready) = (path.with_extension("anew"), path.with_extension("ready"));
    let sync_folder = || File::open(folder)?.sync_all();
    if !ready.exists() {
        let _absent = fs::remove_file(&fresh);
        Link::embedded(path)?.write_anew(&fresh)?;
        File::open(&fresh)?.sync_all()?;
        fs::rename(&fresh, &ready)?;
        sync_folder()?;
    }
    // From here on the new file holds everything, and the old log must not be read with it.
    let _folded = fs::remove_file(embedded::wal_path(path));
    sync_folder()?;
    fs::rename(&ready, path)?;
    sync_folder()?;
    disk::mend(folder)?;
    Ok(())
}

/// Opens the keys and holds them against the database: data under other keys cannot be read,
/// and what is written under them would be lost with the folder.
pub(crate) fn open_keys(
    link: &Link,
    folder: &Path,
    unlock: &Unlock,
) -> Result<KeyStore, StoreError> {
    let kept = schema::keys_fingerprint(link)?;
    if schema::is_in_use(link)? && !KeyStore::exists(folder)? {
        return Err(StoreError::KeysAbsent);
    }
    let keys = KeyStore::open(folder, unlock)?;
    let kept = match kept {
        Some(kept) => kept,
        None => schema::claim_for_keys(link, &keys.fingerprint())?,
    };
    keys.check_fingerprint(&kept)?;
    Ok(keys)
}

/// Keys of people without a database: it was lost, or another one was named by mistake. A new
/// and empty one must not take its place in silence.
pub(crate) fn refuse_keys_alone(folder: &Path, unlock: &Unlock) -> Result<(), StoreError> {
    if !KeyStore::exists(folder)? {
        return Ok(());
    }
    // A first start that was cut short has the directories' key alone.
    match KeyStore::open(folder, unlock)?.count()? {
        0 | 1 => Ok(()),
        count => Err(StoreError::DatabaseAbsent(count)),
    }
}

/// Is this a database in which nothing of ours has begun? What is half loaded is told so later.
pub(crate) fn is_empty(link: &Link) -> Result<bool, StoreError> {
    Ok(!schema::is_made(link)? && !schema::is_half_loaded(link)?)
}

pub(crate) fn node(link: &Link, keys: KeyStore, journal: bool) -> Result<Node, StoreError> {
    let id = schema::node(link)?;
    let signer = seal::signer(&keys.directory_key(SIGNER_OWNER, &[&id.to_hex()]))?;
    Ok(Node {
        id,
        keys,
        signer,
        tracer: Tracer::default(),
        journal,
    })
}
