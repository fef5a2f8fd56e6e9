//! Rotation of the key-encryption key while serving goes on.
//!
//! A rotation is under way as long as there are two key-encryption keys: all new data keys are
//! wrapped by the higher one, and steps wrap the others anew, each step one transaction. So a
//! kill between or in a step loses nothing, and the next step goes on where the last one ended.

use std::sync::Arc;

use rusqlite::Connection;

use crate::{
    KeyError, KeyStore, cipher,
    keys::{Keks, Writer, unwrap_key, wrap_key},
    store::{self, KekRow},
};

/// How far a rotation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Data keys wrapped by the new key-encryption key.
    pub done: u64,
    /// Data keys in all. When `done` is `total`, the old key-encryption key is destroyed.
    pub total: u64,
}

impl Progress {
    /// Has the rotation ended?
    #[must_use]
    pub const fn is_done(self) -> bool {
        self.done == self.total
    }
}

impl KeyStore {
    /// Makes the next key-encryption key, which wraps all new data keys from now on. While a
    /// rotation is under way this changes nothing. Returns the key's number.
    ///
    /// # Errors
    /// [`KeyError::RootChanging`], [`KeyError::Database`].
    pub fn begin_rotation(&self) -> Result<u32, KeyError> {
        let mut writer = self.writer()?;
        let (newest, _) = self.newest_kek()?;
        if self.is_rotating()? {
            return Ok(newest);
        }
        if writer.changing {
            return Err(KeyError::RootChanging);
        }
        let number = newest
            .checked_add(1)
            .ok_or(KeyError::Cipher("number another key"))?;
        let key = cipher::new_key();
        let row = KekRow {
            number,
            root: writer.root_id,
            wrapped: cipher::wrap(
                &cipher::cipher(writer.root.as_ref())?,
                &kek_place(number),
                &key,
            )?,
        };
        let ready = Arc::new(cipher::cipher(key.as_ref())?);
        self.with_writer(&mut writer, |connection, change| {
            *change = change.saturating_add(1);
            store::insert_kek(connection, &row)
        })?;
        self.keks
            .write()
            .map_err(|_| KeyError::Stopped)?
            .insert(number, ready);
        writer.progress = None;
        Ok(number)
    }

    /// Is a rotation under way? Then the program should go on with [`KeyStore::rotate_step`].
    ///
    /// # Errors
    /// [`KeyError::Stopped`].
    pub fn is_rotating(&self) -> Result<bool, KeyError> {
        Ok(self.keks.read().map_err(|_| KeyError::Stopped)?.len() > 1)
    }

    /// Wraps at most `max_rows` (at least 1) data keys anew, in one transaction. The step that
    /// finds none left destroys the old key-encryption keys and wipes their bytes. Without a
    /// rotation under way this changes nothing.
    ///
    /// # Errors
    /// [`KeyError::Database`], [`KeyError::Damaged`]; the step is then undone as a whole.
    pub fn rotate_step(&self, max_rows: u32) -> Result<Progress, KeyError> {
        let mut writer = self.writer()?;
        let newest = self.newest_kek()?;
        let rotating = self.is_rotating()?;
        let keks = self.keks.read().map_err(|_| KeyError::Stopped)?.clone();
        let known = writer.progress;
        let (progress, last) = self.with_writer(&mut writer, |connection, change| {
            let rows = store::keys_below(connection, newest.0, max_rows.max(1))?;
            let mut moved = 0;
            for row in &rows {
                let kek = keks.get(&row.kek).ok_or(KeyError::Damaged(
                    "a data key without its key-encryption key",
                ))?;
                let key = unwrap_key(kek, row)?;
                *change = change.saturating_add(1);
                let anew = wrap_key(&newest, row.owner, row.number, &key)?;
                store::insert_key(connection, *change, &anew)?;
                moved += 1;
            }
            let progress = match known {
                // New keys and shreddings move both counts; the end is always counted.
                Some(before) if before.done.saturating_add(moved) < before.total => Progress {
                    done: before.done.saturating_add(moved),
                    total: before.total,
                },
                _ => count(connection, newest.0)?,
            };
            let last = rotating && progress.is_done();
            if last {
                *change = change.saturating_add(1);
                store::delete_keks_below(connection, newest.0)?;
                store::set_meta(connection, store::SCRUB, 1)?;
            }
            Ok((progress, last))
        })?;
        writer.progress = (!last).then_some(progress);
        if last {
            self.destroy_below(newest.0, &mut writer)?;
        }
        Ok(progress)
    }

    fn destroy_below(&self, newest: u32, writer: &mut Writer) -> Result<(), KeyError> {
        self.keks
            .write()
            .map_err(|_| KeyError::Stopped)?
            .retain(|number, _| *number >= newest);
        self.scrub(writer);
        Ok(())
    }
}

fn count(connection: &Connection, newest: u32) -> Result<Progress, KeyError> {
    let total = store::count_keys(connection)?;
    let left = store::count_keys_below(connection, newest)?;
    Ok(Progress {
        done: total.saturating_sub(left),
        total,
    })
}

/// What a wrapped key-encryption key is bound to.
pub(crate) fn kek_place(number: u32) -> [u8; 7] {
    let [a, b, c, d] = number.to_be_bytes();
    [b'k', b'e', b'k', a, b, c, d]
}

/// The key-encryption keys that `root` wraps, ready for use; empty when it wraps none.
pub(crate) fn open_keks(rows: &[KekRow], root: &crate::root::Root) -> Result<Keks, KeyError> {
    let with = cipher::cipher(root.key.as_ref())?;
    let mut keks = Keks::new();
    for row in rows.iter().filter(|row| row.root == root.id) {
        let key = cipher::unwrap(&with, &kek_place(row.number), &row.wrapped)
            .ok_or(KeyError::Damaged("a key-encryption key"))?;
        keks.insert(row.number, Arc::new(cipher::cipher(key.as_ref())?));
    }
    Ok(keks)
}
