//! Sums of keyed hashes: two tables hold the same records when their sums are the same.
//!
//! The key is drawn anew for each check. Whoever prepared the database does not know it, and
//! so cannot make different records that sum up alike (128 bits).

use crate::{
    audit::{Hash, Subject, sha256},
    map,
    seal::Leaf,
};

/// Sums under way.
pub(super) struct Sums {
    key: [u8; 16],
    /// For each seal, from number 1 on, the records that say they lie in it.
    seals: Vec<u128>,
    /// The records that lie in no seal.
    pub unsealed: u128,
    /// Each subject's last record that the map must name.
    pub mapped: u128,
}

impl Sums {
    pub(super) fn new() -> Self {
        let mut key = [0; 16];
        keystore::fill(&mut key);
        Self {
            key,
            seals: Vec::new(),
            unsealed: 0,
            mapped: 0,
        }
    }

    /// A record by itself.
    pub(super) fn of_record(&self, subject: Subject, seq: i64, hash: &Hash) -> u128 {
        self.of(0, subject, seq, hash)
    }

    /// What the map says of a subject.
    pub(super) fn of_last(&self, last: &map::Last) -> u128 {
        self.of_record(last.subject, last.seq, &last.hash)
    }

    /// A record at its place in a seal.
    pub(super) fn of_leaf(&self, index: u64, leaf: &Leaf) -> u128 {
        self.of(index + 1, leaf.subject, leaf.seq, &leaf.hash)
    }

    fn of(&self, place: u64, subject: Subject, seq: i64, hash: &Hash) -> u128 {
        let text = sha256(&[
            &self.key,
            &place.to_be_bytes(),
            &[subject.kind()],
            subject.id(),
            &seq.to_be_bytes(),
            hash,
        ]);
        let (half, _) = text.split_at(16);
        half.try_into().map_or(0, u128::from_be_bytes)
    }

    /// A record says that it is leaf `index` of seal `number`; false for a number that no
    /// seal can have.
    pub(super) fn place(&mut self, number: i64, index: u64, leaf: &Leaf, most: usize) -> bool {
        let value = self.of_leaf(index, leaf);
        let Some(at) = usize::try_from(number).ok().and_then(|n| n.checked_sub(1)) else {
            return false;
        };
        if at >= most {
            return false;
        }
        if at >= self.seals.len() {
            self.seals.resize(at + 1, 0);
        }
        if let Some(sum) = self.seals.get_mut(at) {
            *sum = sum.wrapping_add(value);
        }
        true
    }

    /// The sum of the records that say they lie in seal `number`.
    pub(super) fn placed(&self, number: i64) -> u128 {
        let at = usize::try_from(number).ok().and_then(|n| n.checked_sub(1));
        at.and_then(|at| self.seals.get(at)).copied().unwrap_or(0)
    }
}
