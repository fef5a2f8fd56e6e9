//! Keys as a stream, for backups: the same for every engine, whole or only what changed.
//!
//! Form: `tasuki keys` and a line feed, form number (1 byte), `since` and `next` (8 bytes
//! each), fingerprint (32 bytes); then records of tag (1 byte), length (4 bytes) and body; an
//! end record with their count; SHA-256 of everything before (32 bytes). Numbers are big
//! endian. Data keys and key-encryption keys are wrapped as they are in `keys.db`; but the
//! root file is there too, and a plain `kek.bin` opens them all: encrypt the stream.

use std::{
    io::{self, Write},
    sync::atomic::{AtomicUsize, Ordering},
};

use aws_lc_rs::digest;
use rusqlite::Connection;
use zeroize::Zeroizing;

use crate::{KeyError, KeyStore, cipher::RootId, root, store};

pub(crate) const MAGIC: &[u8; 12] = b"tasuki keys\n";
pub(crate) const FORM: u8 = 1;
/// Bytes of a record's body at most.
pub(crate) const BODY_MAX: u32 = 64 * 1024;

/// The tags of records.
pub(crate) const ROOT: u8 = b'R';
pub(crate) const KEK: u8 = b'K';
pub(crate) const DATA_KEY: u8 = b'D';
pub(crate) const SHREDDED: u8 = b'S';
pub(crate) const END: u8 = b'E';

/// What an export is read from: nothing that happens afterwards shows in it.
struct Snapshot {
    connection: Connection,
    next: i64,
    root_id: RootId,
    root_name: &'static str,
    root_bytes: Zeroizing<Vec<u8>>,
}

impl KeyStore {
    /// Writes all keys to `out` while serving goes on, from one snapshot. Take the snapshot of
    /// the data first: then every key that it needs is here. Returns the number from which
    /// [`KeyStore::export_since`] continues.
    ///
    /// # Errors
    /// [`KeyError::Io`] of `out`, [`KeyError::Database`].
    pub fn export(&self, out: &mut dyn Write) -> Result<u64, KeyError> {
        self.export_since(0, out)
    }

    /// Writes what changed after `since`: new and newly wrapped data keys, new shreddings; the
    /// root file and the key-encryption keys always. Nothing had changed if the number that
    /// comes back is `since`.
    ///
    /// # Errors
    /// As [`KeyStore::export`]; [`KeyError::Export`] when `since` is still to come.
    pub fn export_since(&self, since: u64, out: &mut dyn Write) -> Result<u64, KeyError> {
        let running = Running::start(&self.exports);
        let written = self
            .snapshot()
            .and_then(|snapshot| snapshot.write(since, &self.fingerprint, out));
        drop(running);
        if self.traces_left() {
            self.scrub(&mut *self.writer()?);
        }
        written
    }

    fn snapshot(&self) -> Result<Snapshot, KeyError> {
        // While the writer is held, root file and rows are of the same moment.
        let writer = self.writer()?;
        let connection = store::connect(&self.folder.join(store::FILE))?;
        connection.execute_batch("BEGIN")?;
        let next: Option<i64> = store::meta(&connection, store::CHANGE)?;
        Ok(Snapshot {
            connection,
            next: next.ok_or(KeyError::Damaged("the last change is not numbered"))?,
            root_id: writer.root_id,
            root_name: writer.root_file.name,
            root_bytes: writer.root_file.bytes.clone(),
        })
    }
}

impl Snapshot {
    fn write(
        &self,
        since: u64,
        fingerprint: &[u8; 32],
        out: &mut dyn Write,
    ) -> Result<u64, KeyError> {
        let from = i64::try_from(since)
            .ok()
            .filter(|from| *from <= self.next)
            .ok_or(KeyError::Export("it asks for changes still to come"))?;
        let next = u64::try_from(self.next).map_err(|_| KeyError::Damaged("a change number"))?;
        let mut out = Hashing::new(out);
        out.put(MAGIC)?;
        out.put(&[FORM])?;
        out.put(&since.to_be_bytes())?;
        out.put(&next.to_be_bytes())?;
        out.put(fingerprint)?;
        out.record(
            ROOT,
            &[
                &[u8::try_from(self.root_name.len()).unwrap_or(0)],
                self.root_name.as_bytes(),
                &self.root_bytes,
            ],
        )?;
        for kek in store::keks(&self.connection)? {
            // What another root wraps, in the middle of a change, is of no use here.
            if kek.root == self.root_id {
                out.record(KEK, &[&kek.number.to_be_bytes(), &kek.root, &kek.wrapped])?;
            }
        }
        store::keys_since(&self.connection, from, |change, key| {
            out.record(
                DATA_KEY,
                &[
                    &change.to_be_bytes(),
                    &key.owner,
                    &key.number.to_be_bytes(),
                    &key.kek.to_be_bytes(),
                    &key.wrapped,
                ],
            )
        })?;
        store::shredded_since(&self.connection, from, |change, shredded| {
            out.record(
                SHREDDED,
                &[
                    &change.to_be_bytes(),
                    &shredded.owner,
                    &shredded.at.micros().to_be_bytes(),
                    shredded.reason.as_bytes(),
                ],
            )
        })?;
        out.end()?;
        Ok(next)
    }
}

/// Counts the exports under way, however they end.
struct Running<'a>(&'a AtomicUsize);

impl<'a> Running<'a> {
    fn start(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::SeqCst);
        Self(count)
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Writes on and hashes what it writes.
struct Hashing<'a> {
    out: &'a mut dyn Write,
    hash: digest::Context,
    count: u64,
}

impl<'a> Hashing<'a> {
    fn new(out: &'a mut dyn Write) -> Self {
        Self {
            out,
            hash: digest::Context::new(&digest::SHA256),
            count: 0,
        }
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), KeyError> {
        self.hash.update(bytes);
        self.out.write_all(bytes).map_err(stream)
    }

    fn record(&mut self, tag: u8, parts: &[&[u8]]) -> Result<(), KeyError> {
        let length: usize = parts.iter().map(|part| part.len()).sum();
        let length = u32::try_from(length)
            .ok()
            .filter(|length| *length <= BODY_MAX)
            .ok_or(KeyError::Damaged("a row is too long"))?;
        self.count = self.count.saturating_add(1);
        self.put(&[tag])?;
        self.put(&length.to_be_bytes())?;
        parts.iter().try_for_each(|part| self.put(part))
    }

    fn end(mut self) -> Result<(), KeyError> {
        let count = self.count;
        self.record(END, &[&count.to_be_bytes()])?;
        let hash = self.hash.finish();
        self.out.write_all(hash.as_ref()).map_err(stream)?;
        self.out.flush().map_err(stream)
    }
}

pub(crate) fn stream(source: io::Error) -> KeyError {
    root::io_error("the exported keys".as_ref(), source)
}
