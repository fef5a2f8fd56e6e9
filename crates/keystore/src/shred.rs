//! Crypto-shredding: an owner's data keys are destroyed, and with them every copy of the data.
//!
//! That it happened, when and why is remembered for good; so is the owner's identifier, which
//! then leads to nothing. A restore of older keys replays the list.

use std::collections::BTreeSet;

use kernel::time::Timestamp;

use crate::{KeyError, KeyStore, Owner, keys::DIRECTORY, store};

/// Characters of a reason at most.
pub const REASON_MAX: usize = 500;

/// An owner whose keys were destroyed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shredded {
    /// Whose keys.
    pub owner: Owner,
    /// When.
    pub at: Timestamp,
    /// Why: 1 to [`REASON_MAX`] characters, without personal data.
    pub reason: String,
}

impl Shredded {
    pub(crate) fn check(&self) -> Result<(), KeyError> {
        if self.owner == DIRECTORY {
            return Err(KeyError::Reserved);
        }
        let length = self.reason.chars().count();
        if length == 0 || length > REASON_MAX {
            return Err(KeyError::Reason(REASON_MAX));
        }
        Ok(())
    }
}

impl KeyStore {
    /// Destroys all data keys of `owner` for good: in memory, in `keys.db` and in its log.
    /// Sealing and unsealing for the owner are refused from now on. Doing it again changes
    /// nothing; the first instant and reason stay.
    ///
    /// Many owners at once are cheaper with [`KeyStore::replay`]: the file is written anew
    /// once a call.
    ///
    /// # Errors
    /// [`KeyError::Reserved`], [`KeyError::Reason`]; [`KeyError::Database`]: nothing is
    /// destroyed.
    pub fn shred(&self, owner: Owner, at: Timestamp, reason: &str) -> Result<(), KeyError> {
        self.replay(&[Shredded {
            owner,
            at,
            reason: reason.to_owned(),
        }])
    }

    /// Destroys the keys of everyone on `list`, in one transaction: after older keys were
    /// restored, or for many owners at once.
    ///
    /// # Errors
    /// As [`KeyStore::shred`]; then nobody's keys are destroyed.
    pub fn replay(&self, list: &[Shredded]) -> Result<(), KeyError> {
        list.iter().try_for_each(Shredded::check)?;
        let mut writer = self.writer()?;
        self.with_writer(&mut writer, |connection, change| {
            for shredded in list {
                *change = change.saturating_add(1);
                store::insert_shredded(connection, *change, shredded)?;
                store::delete_keys_of(connection, &shredded.owner)?;
            }
            store::set_meta(connection, store::SCRUB, 1)
        })?;
        let owners: BTreeSet<Owner> = list.iter().map(|shredded| shredded.owner).collect();
        self.cache.forget(owners.iter())?;
        writer.progress = None;
        self.scrub(&mut writer);
        Ok(())
    }

    /// Were the owner's keys destroyed?
    ///
    /// # Errors
    /// [`KeyError::Database`].
    pub fn is_shredded(&self, owner: &Owner) -> Result<bool, KeyError> {
        self.read(owner, |connection| store::is_shredded(connection, owner))
    }

    /// Everyone whose keys were destroyed, in that order.
    ///
    /// # Errors
    /// [`KeyError::Database`].
    pub fn shredded(&self) -> Result<Vec<Shredded>, KeyError> {
        self.read(&DIRECTORY, |connection| {
            let mut list = Vec::new();
            store::shredded_since(connection, 0, |_, shredded| {
                list.push(shredded);
                Ok(())
            })?;
            Ok(list)
        })
    }
}
