//! The data keys in memory: bounded, and split so that threads rarely meet.
//!
//! Each part keeps two generations; when the young one is full it becomes the old one, and
//! what is used again moves back. A key that was read from disk while its owner's keys were
//! being destroyed or renewed must not come back into memory: whoever reads takes the epoch
//! first, and `put` remembers nothing when the epoch has moved since.

use std::{
    collections::BTreeMap,
    mem,
    sync::{
        Arc, RwLock,
        atomic::{AtomicU64, Ordering},
    },
};

use aws_lc_rs::aead::LessSafeKey;

use crate::{KeyError, Owner};

const PARTS: usize = 64;
/// Owners whose keys are held at most; about 1 kB each.
const OWNERS_MAX: usize = 65_536;
const GENERATION_MAX: usize = OWNERS_MAX / PARTS / 2;

/// All data keys of one owner, ready for use.
#[derive(Debug)]
pub(crate) struct OwnerKeys {
    /// By number; the highest seals. Never empty.
    keys: Vec<(u32, LessSafeKey)>,
}

impl OwnerKeys {
    /// From keys in ascending order; `None` when there are none.
    pub fn new(keys: Vec<(u32, LessSafeKey)>) -> Option<Self> {
        (!keys.is_empty()).then_some(Self { keys })
    }

    /// The key that seals.
    pub fn newest(&self) -> Option<(u32, &LessSafeKey)> {
        self.keys.last().map(|(number, key)| (*number, key))
    }

    /// The oldest key, which stays when the keys are renewed.
    pub fn first(&self) -> Option<&LessSafeKey> {
        self.keys.first().map(|(_, key)| key)
    }

    /// The key of that number.
    pub fn get(&self, number: u32) -> Option<&LessSafeKey> {
        self.keys
            .iter()
            .rev()
            .find(|(n, _)| *n == number)
            .map(|(_, key)| key)
    }
}

#[derive(Default)]
struct Part {
    young: BTreeMap<Owner, Arc<OwnerKeys>>,
    old: BTreeMap<Owner, Arc<OwnerKeys>>,
}

/// The keys used lately.
pub(crate) struct Cache {
    parts: Vec<RwLock<Part>>,
    epoch: AtomicU64,
}

impl Cache {
    pub fn new() -> Self {
        Self {
            parts: (0..PARTS).map(|_| RwLock::default()).collect(),
            epoch: AtomicU64::new(0),
        }
    }

    /// To be taken before reading from disk what `put` will be given.
    pub fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::SeqCst)
    }

    pub fn get(&self, owner: &Owner) -> Result<Option<Arc<OwnerKeys>>, KeyError> {
        let part = self.part(owner)?;
        let old = {
            let part = part.read().map_err(|_| KeyError::Stopped)?;
            if let Some(keys) = part.young.get(owner) {
                return Ok(Some(Arc::clone(keys)));
            }
            if !part.old.contains_key(owner) {
                return Ok(None);
            }
            part.old.get(owner).map(Arc::clone)
        };
        let mut part = part.write().map_err(|_| KeyError::Stopped)?;
        // Forgotten between the two locks: then it stays forgotten.
        if let Some(keys) = part.old.remove(owner) {
            part.keep(*owner, keys);
        }
        Ok(old)
    }

    /// Remembers `keys`, unless keys were destroyed or renewed since `epoch` was taken.
    pub fn put(
        &self,
        owner: Owner,
        keys: OwnerKeys,
        epoch: u64,
    ) -> Result<Arc<OwnerKeys>, KeyError> {
        let keys = Arc::new(keys);
        let mut part = self.part(&owner)?.write().map_err(|_| KeyError::Stopped)?;
        if self.epoch() == epoch {
            part.keep(owner, Arc::clone(&keys));
        }
        Ok(keys)
    }

    /// Forgets the owners' keys; what is being read from disk now is not remembered either.
    pub fn forget<'a>(&self, owners: impl Iterator<Item = &'a Owner>) -> Result<(), KeyError> {
        self.epoch.fetch_add(1, Ordering::SeqCst);
        for owner in owners {
            let mut part = self.part(owner)?.write().map_err(|_| KeyError::Stopped)?;
            part.young.remove(owner);
            part.old.remove(owner);
        }
        Ok(())
    }

    fn part(&self, owner: &Owner) -> Result<&RwLock<Part>, KeyError> {
        let [.., last] = owner;
        self.parts
            .get(usize::from(*last) % PARTS)
            .ok_or(KeyError::Stopped)
    }

    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.parts
            .iter()
            .map(|part| part.read().map_or(0, |p| p.young.len() + p.old.len()))
            .sum()
    }
}

impl Part {
    fn keep(&mut self, owner: Owner, keys: Arc<OwnerKeys>) {
        if self.young.len() >= GENERATION_MAX {
            self.old = mem::take(&mut self.young);
        }
        self.young.insert(owner, keys);
    }
}
