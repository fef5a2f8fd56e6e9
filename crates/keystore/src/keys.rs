//! The key store at work: sealing, unsealing, new data keys and when they become durable.
//!
//! New data keys wait in memory, and other threads use them at once; [`KeyStore::flush`] makes
//! them durable before the data that uses them is committed. If that fails they wait on, so
//! that no envelope is ever committed under a key that was lost.
//!
//! Locks are taken in this order: writer, pending, then any of the others.

use std::{
    collections::BTreeMap,
    fs::File,
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard, RwLock,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use aws_lc_rs::{aead::LessSafeKey, hmac};
use rusqlite::{Connection, TransactionBehavior};

use crate::{
    KeyError,
    cache::{Cache, OwnerKeys},
    cipher::{self, Envelope, Key, RootId},
    root::RootFile,
    rotation::Progress,
    store::{self, KeyRow},
};

/// Whose data: the 16 bytes of a person, a facility or the node.
pub type Owner = [u8; 16];

/// The installation's own key, for directories; an identifier that no person can have.
pub(crate) const DIRECTORY: Owner = [0xff; 16];
/// Data keys of one owner at most.
const NUMBER_MAX: u32 = 1_000;
/// New keys that wait for a flush at most; beyond it they are made durable at once.
const PENDING_MAX: usize = 16_384;
/// A rotation that ends meanwhile can move a row once; twice would need two rotations.
const LOADS_MAX: usize = 3;

/// The keys of one folder. Many threads may use it at once.
pub struct KeyStore {
    pub(crate) folder: PathBuf,
    pub(crate) cache: Cache,
    pub(crate) keks: RwLock<Keks>,
    pub(crate) pending: Mutex<BTreeMap<Owner, KeyRow>>,
    pub(crate) writer: Mutex<Writer>,
    /// Is anything pending? Set before a new key is used, cleared after it is durable.
    pub(crate) dirty: AtomicBool,
    /// Exports that are being read from a snapshot now.
    pub(crate) exports: AtomicUsize,
    pub(crate) scrub_due: AtomicBool,
    pub(crate) readers: Vec<Mutex<Connection>>,
    pub(crate) directory: hmac::Key,
    pub(crate) fingerprint: [u8; 32],
    /// Held as long as the store lives.
    pub(crate) _lock: File,
}

/// The key-encryption keys, by number; the highest wraps.
pub(crate) type Keks = BTreeMap<u32, Arc<LessSafeKey>>;

/// The one connection that writes, and what only writers need.
pub(crate) struct Writer {
    pub connection: Connection,
    pub root: Key,
    pub root_id: RootId,
    pub root_file: RootFile,
    /// The last change number given.
    pub change: i64,
    /// A change of the root was begun and did not end.
    pub changing: bool,
    /// The rotation under way, as far as it was counted.
    pub progress: Option<Progress>,
}

impl KeyStore {
    /// Encrypts `plain` for the row `key` of `table` with the owner's newest key, which is
    /// made if there is none. Call [`KeyStore::flush`] before committing the envelope.
    ///
    /// # Errors
    /// [`KeyError::Shredded`]; [`KeyError::Database`] when `keys.db` cannot be read.
    pub fn seal(
        &self,
        owner: Owner,
        table: &str,
        key: &[&[u8]],
        plain: &[u8],
    ) -> Result<Vec<u8>, KeyError> {
        let keys = self.keys_of(owner, true)?;
        let (number, with) = keys.newest().ok_or(KeyError::KeyAbsent)?;
        cipher::seal(with, number, table, key, plain)
    }

    /// Decrypts what [`KeyStore::seal`] made for the same owner and row.
    ///
    /// # Errors
    /// [`KeyError::Shredded`], [`KeyError::KeyAbsent`]; [`KeyError::Envelope`] and
    /// [`KeyError::DoesNotOpen`] for bytes that are not that row's envelope.
    pub fn unseal(
        &self,
        owner: Owner,
        table: &str,
        key: &[&[u8]],
        sealed: &[u8],
    ) -> Result<Vec<u8>, KeyError> {
        let envelope = Envelope::parse(sealed)?;
        let keys = self.keys_of(owner, false)?;
        let with = keys.get(envelope.number).ok_or(KeyError::KeyAbsent)?;
        envelope.open(with, table, key)
    }

    /// A keyed hash under the owner's first key: equal places have equal tags, and once the
    /// owner's keys are destroyed nobody can say any more which place a tag is of. It stays
    /// the same when the owner's keys are renewed.
    ///
    /// # Errors
    /// As [`KeyStore::seal`].
    pub fn tag(
        &self,
        owner: Owner,
        table: &str,
        key: &[&[u8]],
    ) -> Result<[u8; cipher::TAG_LEN], KeyError> {
        let keys = self.keys_of(owner, true)?;
        cipher::tag(keys.first().ok_or(KeyError::KeyAbsent)?, table, key)
    }

    /// Keyed HMAC of a normalized value, for directory tables: 32 bytes.
    #[must_use]
    pub fn directory_key(&self, kind: &str, parts: &[&str]) -> [u8; 32] {
        let mut all = vec![kind.as_bytes()];
        for part in parts {
            all.push(&[0]);
            all.push(part.as_bytes());
        }
        cipher::keyed_hash(&self.directory, &all)
    }

    /// A public value by which a database knows its key store: a keyed hash, 32 bytes. It
    /// stays through rotations and changes of the root.
    #[must_use]
    pub const fn fingerprint(&self) -> [u8; 32] {
        self.fingerprint
    }

    /// How many data keys there are, the directories' own included.
    ///
    /// # Errors
    /// [`KeyError::Database`].
    pub fn count(&self) -> Result<u64, KeyError> {
        self.read(&DIRECTORY, store::count_keys)
    }

    /// Makes new data keys durable; to be called before the data that uses them is committed.
    ///
    /// # Errors
    /// [`KeyError::Database`]: the data must not be committed. The keys wait on, and the next
    /// call tries again.
    pub fn flush(&self) -> Result<(), KeyError> {
        if !self.dirty.load(Ordering::SeqCst) {
            return Ok(());
        }
        let mut writer = self.writer()?;
        let new: Vec<KeyRow> = self.pending()?.values().cloned().collect();
        write(&mut writer, new.iter(), |_, _| Ok(()))?;
        let mut pending = self.pending()?;
        for row in &new {
            pending.remove(&row.owner);
        }
        if pending.is_empty() {
            self.dirty.store(false, Ordering::SeqCst);
        }
        Ok(())
    }

    /// Makes the owner's next data key, which seals from now on; older envelopes still open.
    /// It is durable when this returns. Returns its number.
    ///
    /// # Errors
    /// [`KeyError::Shredded`], [`KeyError::Reserved`], [`KeyError::TooManyKeys`],
    /// [`KeyError::Database`].
    pub fn renew(&self, owner: Owner) -> Result<u32, KeyError> {
        if owner == DIRECTORY {
            return Err(KeyError::Reserved);
        }
        let number = self.exclusively(|connection, change| {
            if store::is_shredded(connection, &owner)? {
                return Err(KeyError::Shredded);
            }
            let last = store::keys_of(connection, &owner)?.last().map(|k| k.number);
            let number = last.unwrap_or(0).saturating_add(1);
            if number > NUMBER_MAX {
                return Err(KeyError::TooManyKeys(NUMBER_MAX));
            }
            let row = wrap_key(&self.newest_kek()?, owner, number, &cipher::new_key())?;
            *change = change.saturating_add(1);
            store::insert_key(connection, *change, &row)?;
            Ok(number)
        })?;
        self.cache.forget([owner].iter())?;
        Ok(number)
    }

    /// The owner's keys: from memory, from the file, or newly made.
    fn keys_of(&self, owner: Owner, make: bool) -> Result<Arc<OwnerKeys>, KeyError> {
        if let Some(keys) = self.cache.get(&owner)? {
            return Ok(keys);
        }
        let epoch = self.cache.epoch();
        if let Some(keys) = self.load(&owner)? {
            return self.cache.put(owner, keys, epoch);
        }
        let mut pending = self.pending()?;
        // While this is held nobody shreds, and what is in neither place was never made.
        let epoch = self.cache.epoch();
        let known = match pending.get(&owner) {
            Some(row) => self.ready(std::slice::from_ref(row))?,
            None => self.load(&owner)?,
        };
        if let Some(keys) = known {
            return self.cache.put(owner, keys, epoch);
        }
        if self.read(&owner, |c| store::is_shredded(c, &owner))? {
            return Err(KeyError::Shredded);
        }
        if !make {
            return Err(KeyError::KeyAbsent);
        }
        let row = wrap_key(&self.newest_kek()?, owner, 1, &cipher::new_key())?;
        let keys = self
            .ready(std::slice::from_ref(&row))?
            .ok_or(KeyError::KeyAbsent)?;
        self.dirty.store(true, Ordering::SeqCst);
        pending.insert(owner, row);
        let full = pending.len() >= PENDING_MAX;
        let keys = self.cache.put(owner, keys, epoch)?;
        drop(pending);
        if full {
            self.flush()?;
        }
        Ok(keys)
    }

    /// The owner's keys in the file.
    pub(crate) fn load(&self, owner: &Owner) -> Result<Option<OwnerKeys>, KeyError> {
        for _ in 0..LOADS_MAX {
            let rows = self.read(owner, |c| store::keys_of(c, owner))?;
            if rows.is_empty() {
                return Ok(None);
            }
            if let Some(keys) = self.ready(&rows)? {
                return Ok(Some(keys));
            }
        }
        Err(KeyError::Damaged(
            "a data key without its key-encryption key",
        ))
    }

    /// Unwraps `rows`; `None` when a rotation has destroyed their key-encryption key since
    /// they were read.
    fn ready(&self, rows: &[KeyRow]) -> Result<Option<OwnerKeys>, KeyError> {
        let keks = self.keks.read().map_err(|_| KeyError::Stopped)?;
        let mut keys = Vec::with_capacity(rows.len());
        for row in rows {
            let Some(kek) = keks.get(&row.kek) else {
                return Ok(None);
            };
            let key = unwrap_key(kek, row)?;
            keys.push((row.number, cipher::cipher(key.as_ref())?));
        }
        Ok(OwnerKeys::new(keys))
    }

    /// Reads with whichever connection is free.
    pub(crate) fn read<T>(
        &self,
        owner: &Owner,
        work: impl FnOnce(&Connection) -> Result<T, KeyError>,
    ) -> Result<T, KeyError> {
        for reader in &self.readers {
            if let Ok(connection) = reader.try_lock() {
                return work(&connection);
            }
        }
        let [.., last] = owner;
        let mine = usize::from(*last).checked_rem(self.readers.len());
        let reader = mine.and_then(|at| self.readers.get(at));
        let reader = reader.ok_or(KeyError::Stopped)?;
        work(&*reader.lock().map_err(|_| KeyError::Stopped)?)
    }

    /// The key-encryption key that wraps now, and its number.
    pub(crate) fn newest_kek(&self) -> Result<(u32, Arc<LessSafeKey>), KeyError> {
        let keks = self.keks.read().map_err(|_| KeyError::Stopped)?;
        let (number, kek) = keks
            .last_key_value()
            .ok_or(KeyError::Damaged("there is no key-encryption key"))?;
        Ok((*number, Arc::clone(kek)))
    }

    pub(crate) fn writer(&self) -> Result<MutexGuard<'_, Writer>, KeyError> {
        self.writer.lock().map_err(|_| KeyError::Stopped)
    }

    pub(crate) fn pending(&self) -> Result<MutexGuard<'_, BTreeMap<Owner, KeyRow>>, KeyError> {
        self.pending.lock().map_err(|_| KeyError::Stopped)
    }

    /// Runs `work` in one transaction, together with all pending keys, while nobody makes keys.
    pub(crate) fn exclusively<T>(
        &self,
        work: impl FnOnce(&Connection, &mut i64) -> Result<T, KeyError>,
    ) -> Result<T, KeyError> {
        self.with_writer(&mut *self.writer()?, work)
    }

    /// As [`KeyStore::exclusively`], for who holds the writer already.
    pub(crate) fn with_writer<T>(
        &self,
        writer: &mut Writer,
        work: impl FnOnce(&Connection, &mut i64) -> Result<T, KeyError>,
    ) -> Result<T, KeyError> {
        self.with_writer_then(writer, work, || Ok(()))
    }

    /// As [`KeyStore::with_writer`]; `then` runs after the commit, before anybody makes keys.
    pub(crate) fn with_writer_then<T>(
        &self,
        writer: &mut Writer,
        work: impl FnOnce(&Connection, &mut i64) -> Result<T, KeyError>,
        then: impl FnOnce() -> Result<(), KeyError>,
    ) -> Result<T, KeyError> {
        let mut pending = self.pending()?;
        let out = write(writer, pending.values(), work)?;
        pending.clear();
        self.dirty.store(false, Ordering::SeqCst);
        then()?;
        Ok(out)
    }

    /// Leaves no deleted byte in the files, now or (while an export runs) as soon as it ends.
    /// A failure is logged and made good later: what was deleted is deleted all the same.
    pub(crate) fn scrub(&self, writer: &mut Writer) {
        self.scrub_due.store(true, Ordering::SeqCst);
        if self.exports.load(Ordering::SeqCst) > 0 {
            return;
        }
        match store::scrub(&writer.connection) {
            Ok(true) => self.scrub_due.store(false, Ordering::SeqCst),
            Ok(false) => tracing::warn!("keys.db is being read; deleted keys are wiped later"),
            Err(error) => tracing::warn!(%error, "deleted keys are wiped from keys.db later"),
        }
    }

    /// Do deleted keys still lie in the files of this folder? Then a running export or a full
    /// disk keeps them; they are wiped when the export ends, at the next shredding, or at the
    /// next start.
    #[must_use]
    pub fn traces_left(&self) -> bool {
        self.scrub_due.load(Ordering::SeqCst)
    }
}

/// Runs `work` in one transaction while others go on making keys.
pub(crate) fn write_beside<T>(
    writer: &mut Writer,
    work: impl FnOnce(&Connection, &mut i64) -> Result<T, KeyError>,
) -> Result<T, KeyError> {
    write(writer, std::iter::empty(), work)
}

/// One durable transaction: `new` keys, then `work`, which may take further change numbers.
fn write<'a, T>(
    writer: &mut Writer,
    new: impl Iterator<Item = &'a KeyRow>,
    work: impl FnOnce(&Connection, &mut i64) -> Result<T, KeyError>,
) -> Result<T, KeyError> {
    let mut change = writer.change;
    let transaction = writer
        .connection
        .transaction_with_behavior(TransactionBehavior::Immediate)?;
    for row in new {
        change = change.saturating_add(1);
        store::insert_key(&transaction, change, row)?;
    }
    let out = work(&transaction, &mut change)?;
    store::set_meta(&transaction, store::CHANGE, change)?;
    transaction.commit()?;
    writer.change = change;
    Ok(out)
}

/// A data key, wrapped and bound to its owner, its number and its key-encryption key.
pub(crate) fn wrap_key(
    (kek, with): &(u32, Arc<LessSafeKey>),
    owner: Owner,
    number: u32,
    key: &Key,
) -> Result<KeyRow, KeyError> {
    Ok(KeyRow {
        owner,
        number,
        kek: *kek,
        wrapped: cipher::wrap(with, &place(&owner, number, *kek), key)?,
    })
}

pub(crate) fn unwrap_key(kek: &LessSafeKey, row: &KeyRow) -> Result<Key, KeyError> {
    cipher::unwrap(kek, &place(&row.owner, row.number, row.kek), &row.wrapped)
        .ok_or(KeyError::Damaged("a data key"))
}

fn place(owner: &Owner, number: u32, kek: u32) -> [u8; 24] {
    let mut out = [0; 24];
    let parts = owner
        .iter()
        .copied()
        .chain(number.to_be_bytes())
        .chain(kek.to_be_bytes());
    for (to, from) in out.iter_mut().zip(parts) {
        *to = from;
    }
    out
}
