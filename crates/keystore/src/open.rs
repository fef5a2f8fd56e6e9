//! Opening a folder: looking first, and changing nothing until the root has opened the keys.

use std::{
    collections::BTreeMap,
    fs::{File, TryLockError},
    path::Path,
    sync::{
        Mutex, RwLock,
        atomic::{AtomicBool, AtomicUsize},
    },
};

use aws_lc_rs::hmac;
use rusqlite::{Connection, TransactionBehavior};

use crate::{
    KeyError, KeyStore, Unlock,
    cache::Cache,
    cipher::{self, Key, cipher, new_key},
    keys::{DIRECTORY, Keks, Writer, unwrap_key, wrap_key},
    root::{self, PLAIN, Root},
    rotation::{kek_place, open_keks},
    store::{self, Form, KekRow, KeyRow},
    swap::settle_rows,
};

const READERS: usize = 4;
const FIRST: u32 = 1;
/// More changes than the keys of a nation see between two restores.
const LIFE_LEN: i64 = 1 << 32;

/// What was found and opened, before anything is written.
struct Found {
    root: Root,
    /// The root was made now and is not on disk yet.
    made: bool,
    connection: Option<Connection>,
    form: Form,
}

impl KeyStore {
    /// Opens the keys of `folder` with its root. A folder without keys gets a root and keys;
    /// a folder of the first form (`kek.bin` wraps the data keys itself) is brought up in one
    /// transaction; a change of the root that was cut is ended. The folder must exist.
    ///
    /// # Errors
    /// [`KeyError::InUse`]; one for each way in which root and keys do not fit; then nothing
    /// on disk has changed.
    pub fn open(folder: &Path, unlock: &Unlock) -> Result<Self, KeyError> {
        let lock = lock(folder)?;
        let Found {
            root,
            made,
            connection,
            form,
        } = find(folder, unlock)?;
        if made {
            root.file.put(folder)?;
        }
        let mut connection = match connection {
            Some(connection) => connection,
            None => create_file(folder)?,
        };
        store::prepare(&connection)?;
        bring_up(&mut connection, form, &root)?;
        finish_change(&mut connection, folder, &root)?;
        part_ways(&mut connection)?;
        if store::flag(&connection, store::SCRUB)? {
            store::scrub(&connection)?;
        }
        for name in [root.file.name, store::FILE] {
            root::restrict(folder, name)?;
        }
        assemble(folder, connection, root, lock)
    }

    /// Are there keys in `folder`? A database without keys must not be given new ones.
    ///
    /// # Errors
    /// [`KeyError::Io`], [`KeyError::Database`], [`KeyError::Newer`].
    pub fn exists(folder: &Path) -> Result<bool, KeyError> {
        match connect(folder)? {
            Some(connection) => Ok(store::form(&connection)? != Form::Empty),
            None => Ok(false),
        }
    }

    /// Holds the fingerprint that a database keeps against this key store's.
    ///
    /// # Errors
    /// [`KeyError::Foreign`].
    pub fn check_fingerprint(&self, kept: &[u8; 32]) -> Result<(), KeyError> {
        if self.fingerprint == *kept {
            Ok(())
        } else {
            Err(KeyError::Foreign)
        }
    }
}

/// Takes the folder's keys for one process; leaves no file behind.
pub(crate) fn lock(folder: &Path) -> Result<File, KeyError> {
    let failed = |source| root::io_error(folder, source);
    let lock = File::open(folder).map_err(failed)?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(KeyError::InUse),
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}

/// The file of wrapped keys, if there is one.
pub(crate) fn connect(folder: &Path) -> Result<Option<Connection>, KeyError> {
    let path = folder.join(store::FILE);
    if path.try_exists().map_err(|e| root::io_error(&path, e))? {
        Ok(Some(store::connect(&path)?))
    } else {
        Ok(None)
    }
}

pub(crate) fn create_file(folder: &Path) -> Result<Connection, KeyError> {
    let path = folder.join(store::FILE);
    root::private()
        .open(&path)
        .map_err(|source| root::io_error(&path, source))?;
    root::sync(folder)?;
    store::connect(&path)
}

fn find(folder: &Path, unlock: &Unlock) -> Result<Found, KeyError> {
    let connection = connect(folder)?;
    let form = match &connection {
        Some(connection) => store::form(connection)?,
        None => Form::Empty,
    };
    let mut changing = false;
    if let (Some(connection), Form::Present) = (&connection, form) {
        if store::flag(connection, store::IMPORTING)? {
            return Err(KeyError::ImportUnfinished);
        }
        changing = store::flag(connection, store::CHANGING)?;
    }
    let there = root::present(folder)?;
    if there.plain && there.locked && !changing {
        return Err(KeyError::TwoRoots);
    }
    let (mine, others) = match unlock {
        Unlock::File => (there.plain, there.locked),
        Unlock::Passphrase(_) | Unlock::Pkcs11 { .. } => (there.locked, there.plain),
    };
    let (root, made) = if mine {
        (root::read(folder, unlock)?, false)
    } else if others {
        return Err(KeyError::OtherRoot {
            there: if there.plain {
                "the file kek.bin"
            } else {
                "a passphrase or a token (root.json)"
            },
            offered: unlock.name(),
        });
    } else {
        match form {
            Form::Empty => (root::make(unlock)?, true),
            Form::First => return Err(KeyError::RootMissing(PLAIN)),
            Form::Present => return Err(KeyError::RootMissing(unlock.file_name())),
        }
    };
    if let Some(connection) = &connection {
        fits(connection, form, &root)?;
    }
    Ok(Found {
        root,
        made,
        connection,
        form,
    })
}

/// Does the root open these keys?
fn fits(connection: &Connection, form: Form, root: &Root) -> Result<(), KeyError> {
    match form {
        Form::Empty => Ok(()),
        Form::First => {
            let with = cipher(root.key.as_ref())?;
            let wrapped = store::first_form_key(connection, &DIRECTORY)?
                .ok_or(KeyError::Damaged("the key of the directories is not there"))?;
            cipher::unwrap(&with, &DIRECTORY, &wrapped)
                .map(|_| ())
                .ok_or(KeyError::WrongRoot(root.file.name))
        }
        Form::Present => directory(connection, &keks(connection, root)?).map(|_| ()),
    }
}

fn keks(connection: &Connection, root: &Root) -> Result<Keks, KeyError> {
    let rows = store::keks(connection)?;
    let keks = open_keks(&rows, root)?;
    if keks.is_empty() {
        return Err(if rows.is_empty() {
            KeyError::Damaged("there is no key-encryption key")
        } else {
            KeyError::WrongRoot(root.file.name)
        });
    }
    Ok(keks)
}

/// The key of the directories, and the fingerprint made from it.
fn directory(connection: &Connection, keks: &Keks) -> Result<(hmac::Key, [u8; 32]), KeyError> {
    let absent = KeyError::Damaged("the key of the directories is not there");
    let rows = store::keys_of(connection, &DIRECTORY)?;
    let row = rows.first().ok_or(absent)?;
    let kek = keks.get(&row.kek).ok_or(KeyError::Damaged(
        "a data key without its key-encryption key",
    ))?;
    let (key, fingerprint) = directory_of(&unwrap_key(kek, row)?);
    let kept: Option<Vec<u8>> = store::meta(connection, store::FINGERPRINT)?;
    if kept.as_deref() != Some(&fingerprint[..]) {
        return Err(KeyError::Damaged("its fingerprint differs from its keys"));
    }
    Ok((key, fingerprint))
}

fn directory_of(key: &Key) -> (hmac::Key, [u8; 32]) {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key.as_ref());
    // No kind of directory begins with a zero byte.
    let fingerprint = cipher::keyed_hash(&key, &[b"\0key store fingerprint"]);
    (key, fingerprint)
}

/// Makes or upgrades what is there, in one transaction.
fn bring_up(connection: &mut Connection, form: Form, root: &Root) -> Result<(), KeyError> {
    if form == Form::Present {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let key = new_key();
    let kek = (FIRST, cipher(key.as_ref())?.into());
    let with = cipher(root.key.as_ref())?;
    let (change, directory) = if form == Form::First {
        let mut directory = None;
        let change = store::upgrade(&transaction, |owner, wrapped| {
            let key =
                cipher::unwrap(&with, &owner, &wrapped).ok_or(KeyError::Damaged("a data key"))?;
            let row: KeyRow = wrap_key(&kek, owner, FIRST, &key)?;
            if owner == DIRECTORY {
                directory = Some(key);
            }
            Ok(row)
        })?;
        store::set_meta(&transaction, store::SCRUB, 1)?;
        let absent = KeyError::Damaged("the key of the directories is not there");
        (change, directory.ok_or(absent)?)
    } else {
        store::create(&transaction)?;
        let directory = new_key();
        let row = wrap_key(&kek, DIRECTORY, FIRST, &directory)?;
        store::insert_key(&transaction, 1, &row)?;
        (1, directory)
    };
    store::insert_kek(
        &transaction,
        &KekRow {
            number: FIRST,
            root: root.id,
            wrapped: cipher::wrap(&with, &kek_place(FIRST), &key)?,
        },
    )?;
    let (_, fingerprint) = directory_of(&directory);
    store::set_meta(&transaction, store::FINGERPRINT, &fingerprint[..])?;
    store::set_meta(&transaction, store::CHANGE, change)?;
    Ok(transaction.commit()?)
}

/// Ends a change of the root that was cut, in favor of the root at hand.
fn finish_change(connection: &mut Connection, folder: &Path, root: &Root) -> Result<(), KeyError> {
    if !store::flag(connection, store::CHANGING)? {
        return Ok(());
    }
    root.file.remove_other(folder)?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    settle_rows(&transaction, root)?;
    Ok(transaction.commit()?)
}

/// After an import the numbers of changes go on far above those that the same keys may have
/// been given elsewhere, so that no backup takes new changes for old ones.
fn part_ways(connection: &mut Connection) -> Result<(), KeyError> {
    if store::meta::<i64>(connection, store::IMPORTED)?.is_none() {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let change: Option<i64> = store::meta(&transaction, store::CHANGE)?;
    let change = change.unwrap_or_default().saturating_add(LIFE_LEN);
    store::set_meta(&transaction, store::CHANGE, change)?;
    store::delete_meta(&transaction, store::IMPORTED)?;
    Ok(transaction.commit()?)
}

fn assemble(
    folder: &Path,
    connection: Connection,
    root: Root,
    lock: File,
) -> Result<KeyStore, KeyError> {
    let keks = keks(&connection, &root)?;
    let (directory, fingerprint) = directory(&connection, &keks)?;
    let path = folder.join(store::FILE);
    let readers: Result<Vec<_>, KeyError> = (0..READERS)
        .map(|_| Ok(Mutex::new(store::connect(&path)?)))
        .collect();
    let change: Option<i64> = store::meta(&connection, store::CHANGE)?;
    Ok(KeyStore {
        folder: folder.to_owned(),
        cache: Cache::new(),
        keks: RwLock::new(keks),
        pending: Mutex::new(BTreeMap::new()),
        scrub_due: AtomicBool::new(store::flag(&connection, store::SCRUB)?),
        writer: Mutex::new(Writer {
            connection,
            root: root.key,
            root_id: root.id,
            root_file: root.file,
            change: change.ok_or(KeyError::Damaged("the last change is not numbered"))?,
            changing: false,
            progress: None,
        }),
        dirty: AtomicBool::new(false),
        exports: AtomicUsize::new(0),
        readers: readers?,
        directory,
        fingerprint,
        _lock: lock,
    })
}
