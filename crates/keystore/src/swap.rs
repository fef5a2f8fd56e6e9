//! A new root in the place of the old one, so that a kill at any point leaves a folder that
//! one of the two opens.
//!
//! First the key-encryption keys are wrapped by the new root too, beside the old one's; then
//! the root file is put in place; last, the other root file and what the old root wraps go
//! away. Opening ends a change that was cut, in favor of whichever root it was opened with.

use rusqlite::Connection;

use crate::{
    KeyError, KeyStore, cipher,
    keys::Writer,
    root::{self, Root, Unlock},
    rotation::kek_place,
    store::{self, KekRow},
};

impl KeyStore {
    /// Locks the keys by a new root: another passphrase, a token, a file. When this returns
    /// the old root opens nothing in this folder any more. Copies of older backups still open
    /// with the old root; if it became known, rotate the key-encryption key as well.
    ///
    /// # Errors
    /// Those of the new root (a short passphrase, the token); [`KeyError::Io`],
    /// [`KeyError::Database`]: at every point one of the two roots opens the folder, and
    /// repeating the change mends it.
    pub fn change_root(&self, new: &Unlock) -> Result<(), KeyError> {
        let new = root::make(new)?;
        let mut writer = self.writer()?;
        self.wrap_beside(&mut writer, &new)?;
        new.file.put(&self.folder)?;
        self.settle(&mut writer, new)
    }

    /// Wraps the key-encryption keys by the new root too.
    pub(crate) fn wrap_beside(&self, writer: &mut Writer, new: &Root) -> Result<(), KeyError> {
        let old = cipher::cipher(writer.root.as_ref())?;
        let with = cipher::cipher(new.key.as_ref())?;
        let old_id = writer.root_id;
        self.with_writer(writer, |connection, change| {
            for row in store::keks(connection)? {
                if row.root != old_id {
                    continue;
                }
                let place = kek_place(row.number);
                let key = cipher::unwrap(&old, &place, &row.wrapped)
                    .ok_or(KeyError::Damaged("a key-encryption key"))?;
                let anew = KekRow {
                    number: row.number,
                    root: new.id,
                    wrapped: cipher::wrap(&with, &place, &key)?,
                };
                store::insert_kek(connection, &anew)?;
            }
            *change = change.saturating_add(1);
            store::set_meta(connection, store::CHANGING, 1)
        })?;
        writer.changing = true;
        Ok(())
    }

    /// Removes the old root's file and what it wraps; the new one is in place.
    pub(crate) fn settle(&self, writer: &mut Writer, new: Root) -> Result<(), KeyError> {
        new.file.remove_other(&self.folder)?;
        self.with_writer(writer, |connection, _| settle_rows(connection, &new))?;
        writer.root = new.key;
        writer.root_id = new.id;
        writer.root_file = new.file;
        writer.changing = false;
        self.scrub(writer);
        Ok(())
    }
}

/// Deletes what other roots wrap; the change has ended.
pub(crate) fn settle_rows(connection: &Connection, root: &Root) -> Result<(), KeyError> {
    store::delete_keks_not_of(connection, &root.id)?;
    store::set_meta(connection, store::CHANGING, 0)?;
    store::set_meta(connection, store::SCRUB, 1)
}
