//! Envelope encryption: one data key an owner (person, facility or node), wrapped by the
//! key-encryption key and kept in a file of its own, apart from the data and its backups.
//!
//! Form of a ciphertext, fixed for good: version `1` (1 byte), key number (4 bytes, big
//! endian), nonce (12 bytes), AES-256-GCM-SIV ciphertext and tag. Associated data: table
//! name, a zero byte, primary key; so a row cannot be moved to another place.

use std::{
    collections::BTreeMap,
    fs,
    io::Write,
    path::Path,
    sync::{Mutex, MutexGuard},
};

use aws_lc_rs::{
    aead::{AES_256_GCM_SIV, Aad, LessSafeKey, Nonce, UnboundKey},
    hmac, rand,
};
use rusqlite::{Connection, OptionalExtension, params};

use crate::StoreError;

const VERSION: u8 = 1;
const HEADER_LEN: usize = 5;
const NONCE_LEN: usize = 12;
const KEY_LEN: usize = 32;
const CACHE_MAX: usize = 65_536;
/// Data keys of the installation itself, under identifiers that no person can have.
const DIRECTORY_OWNER: [u8; 16] = [0xff; 16];

type Key = [u8; KEY_LEN];

/// The wrapped data keys and the key that opens them.
pub struct KeyStore {
    kek: Key,
    directory: hmac::Key,
    inner: Mutex<Inner>,
}

struct Inner {
    file: Connection,
    cache: BTreeMap<[u8; 16], Key>,
    open: bool,
}

impl KeyStore {
    /// Opens (or makes) `kek.bin` and `keys.db` in `folder`.
    ///
    /// # Errors
    /// [`StoreError::Io`], [`StoreError::Sqlite`]; [`StoreError::Key`] when `kek.bin` is
    /// damaged or does not open the wrapped keys.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        let file = Connection::open(folder.join("keys.db"))?;
        file.pragma_update(None, "journal_mode", "WAL")?;
        file.pragma_update(None, "synchronous", "FULL")?;
        file.execute_batch(
            "CREATE TABLE IF NOT EXISTS data_key (
               owner_id BLOB NOT NULL PRIMARY KEY, wrapped BLOB NOT NULL
             ) STRICT, WITHOUT ROWID",
        )?;
        let any: Option<i64> = file
            .query_row("SELECT 1 FROM data_key LIMIT 1", [], |row| row.get(0))
            .optional()?;
        let kek = read_kek(&folder.join("kek.bin"), any.is_none())?;
        let mut inner = Inner {
            file,
            cache: BTreeMap::new(),
            open: false,
        };
        let directory = inner.key(&kek, DIRECTORY_OWNER, true)?;
        inner.flush()?;
        Ok(Self {
            kek,
            directory: hmac::Key::new(hmac::HMAC_SHA256, &directory),
            inner: Mutex::new(inner),
        })
    }

    /// Keyed HMAC of a normalized value, for directory tables: 32 bytes.
    #[must_use]
    pub fn directory_key(&self, kind: &str, parts: &[&str]) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.directory);
        context.update(kind.as_bytes());
        for part in parts {
            context.update(&[0]);
            context.update(part.as_bytes());
        }
        let mut out = [0; 32];
        for (to, from) in out.iter_mut().zip(context.sign().as_ref()) {
            *to = *from;
        }
        out
    }

    /// Encrypts `plain` for the row `key` of `table`.
    pub(crate) fn seal(
        &self,
        owner: [u8; 16],
        table: &str,
        key: &[&[u8]],
        plain: &[u8],
    ) -> Result<Vec<u8>, StoreError> {
        let data_key = self.data_key(owner, true)?;
        let mut nonce = [0; NONCE_LEN];
        fill(&mut nonce);
        let mut body = plain.to_vec();
        aead(&data_key)?
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(associated(table, key)),
                &mut body,
            )
            .map_err(|_| StoreError::Key("could not encrypt"))?;
        let mut out = Vec::with_capacity(HEADER_LEN + NONCE_LEN + body.len());
        out.push(VERSION);
        out.extend_from_slice(&1u32.to_be_bytes());
        out.extend_from_slice(&nonce);
        out.extend_from_slice(&body);
        Ok(out)
    }

    /// Decrypts what [`KeyStore::seal`] made for the same row.
    pub(crate) fn unseal(
        &self,
        owner: [u8; 16],
        table: &str,
        key: &[&[u8]],
        sealed: &[u8],
    ) -> Result<Vec<u8>, StoreError> {
        let bad = StoreError::Corrupt("a ciphertext envelope");
        let Some((&[version, _, _, _, _], rest)) = sealed.split_first_chunk::<HEADER_LEN>() else {
            return Err(bad);
        };
        let Some((nonce, body)) = rest.split_first_chunk::<NONCE_LEN>() else {
            return Err(bad);
        };
        if version != VERSION {
            return Err(bad);
        }
        let data_key = self.data_key(owner, false)?;
        let mut body = body.to_vec();
        let length = aead(&data_key)?
            .open_in_place(
                Nonce::assume_unique_for_key(*nonce),
                Aad::from(associated(table, key)),
                &mut body,
            )
            .map_err(|_| StoreError::Key("an envelope does not open with its owner's key"))?
            .len();
        body.truncate(length);
        Ok(body)
    }

    fn data_key(&self, owner: [u8; 16], make: bool) -> Result<Key, StoreError> {
        self.inner()?.key(&self.kek, owner, make)
    }

    /// Makes new keys durable; called before the data that uses them is committed.
    pub(crate) fn flush(&self) -> Result<(), StoreError> {
        self.inner()?.flush()
    }

    fn inner(&self) -> Result<MutexGuard<'_, Inner>, StoreError> {
        self.inner
            .lock()
            .map_err(|_| StoreError::Key("the key store stopped in the middle of work"))
    }
}

impl Inner {
    fn key(&mut self, kek: &Key, owner: [u8; 16], make: bool) -> Result<Key, StoreError> {
        if let Some(key) = self.cache.get(&owner) {
            return Ok(*key);
        }
        let wrapped: Option<Vec<u8>> = self
            .file
            .prepare_cached("SELECT wrapped FROM data_key WHERE owner_id = ?1")?
            .query_row([&owner[..]], |row| row.get(0))
            .optional()?;
        let key = match wrapped {
            Some(wrapped) => unwrap_key(kek, owner, &wrapped)?,
            None if make => self.make(kek, owner)?,
            None => return Err(StoreError::Key("the owner's key is not there")),
        };
        if self.cache.len() >= CACHE_MAX {
            self.cache.clear();
        }
        self.cache.insert(owner, key);
        Ok(key)
    }

    fn make(&mut self, kek: &Key, owner: [u8; 16]) -> Result<Key, StoreError> {
        let mut key = [0; KEY_LEN];
        fill(&mut key);
        if !self.open {
            self.file.execute_batch("BEGIN IMMEDIATE")?;
            self.open = true;
        }
        self.file
            .prepare_cached("INSERT INTO data_key (owner_id, wrapped) VALUES (?1, ?2)")?
            .execute(params![&owner[..], wrap_key(kek, owner, &key)?])?;
        Ok(key)
    }

    fn flush(&mut self) -> Result<(), StoreError> {
        if self.open {
            self.file.execute_batch("COMMIT")?;
            self.open = false;
        }
        Ok(())
    }
}

fn read_kek(path: &Path, may_make: bool) -> Result<Key, StoreError> {
    match fs::read(path) {
        Ok(bytes) => bytes
            .try_into()
            .map_err(|_| StoreError::Key("kek.bin must hold exactly 32 bytes")),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound && may_make => {
            let mut key = [0; KEY_LEN];
            fill(&mut key);
            let mut options = fs::OpenOptions::new();
            options.write(true).create_new(true);
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            let mut file = options.open(path)?;
            file.write_all(&key)?;
            file.sync_all()?;
            Ok(key)
        }
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Err(StoreError::Key(
            "kek.bin is missing beside keys.db; bring it back before starting",
        )),
        Err(e) => Err(e.into()),
    }
}

fn wrap_key(kek: &Key, owner: [u8; 16], key: &Key) -> Result<Vec<u8>, StoreError> {
    let mut nonce = [0; NONCE_LEN];
    fill(&mut nonce);
    let mut body = key.to_vec();
    aead(kek)?
        .seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(owner),
            &mut body,
        )
        .map_err(|_| StoreError::Key("could not wrap a key"))?;
    Ok([&nonce[..], &body].concat())
}

fn unwrap_key(kek: &Key, owner: [u8; 16], wrapped: &[u8]) -> Result<Key, StoreError> {
    let wrong = StoreError::Key("kek.bin does not open the keys in keys.db; is it the right one?");
    let Some((nonce, body)) = wrapped.split_first_chunk::<NONCE_LEN>() else {
        return Err(wrong);
    };
    let mut body = body.to_vec();
    let opened = aead(kek)?.open_in_place(
        Nonce::assume_unique_for_key(*nonce),
        Aad::from(owner),
        &mut body,
    );
    match opened.map(|key| Key::try_from(&*key)) {
        Ok(Ok(key)) => Ok(key),
        _ => Err(wrong),
    }
}

fn aead(key: &Key) -> Result<LessSafeKey, StoreError> {
    UnboundKey::new(&AES_256_GCM_SIV, key)
        .map(LessSafeKey::new)
        .map_err(|_| StoreError::Key("a key of the wrong length"))
}

fn associated(table: &str, key: &[&[u8]]) -> Vec<u8> {
    let mut out = table.as_bytes().to_vec();
    out.push(0);
    for part in key {
        out.extend_from_slice(part);
    }
    out
}

/// Fills `buffer` from the operating system's randomness.
pub(crate) fn fill(buffer: &mut [u8]) {
    // aws-lc fails here only when the operating system has no randomness at all; then nothing
    // may go on, and a zero key must never be used.
    #[expect(clippy::expect_used, reason = "no randomness means no safe way on")]
    rand::fill(buffer).expect("the operating system gives random bytes");
}

/// The operating system's randomness, as the trait that the words use.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRng;

impl kernel::id::Rng for SystemRng {
    fn fill(&self, buffer: &mut [u8]) {
        fill(buffer);
    }
}
