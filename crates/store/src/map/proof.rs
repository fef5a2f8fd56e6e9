//! What the map says of one key, to be checked with the root alone; and the map's hashes.

use aws_lc_rs::digest::{SHA256, digest};

use super::{DEPTH_MAX, EMPTY, Entry, Key};
use crate::audit::Hash;

/// Where a key's way down ends: at nothing, or at the only leaf of a subtree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The subtree is empty.
    Empty,
    /// The subtree's only leaf, which may be another subject's.
    Leaf {
        /// Its key.
        key: Key,
        /// The last record's number.
        seq: i64,
        /// The last record's hash.
        hash: Hash,
    },
}

impl End {
    pub(super) const fn leaf(entry: &Entry) -> Self {
        Self::Leaf {
            key: entry.key,
            seq: entry.last.seq,
            hash: entry.last.hash,
        }
    }
}

/// What the map says of one key, to be checked with the root alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// Hashes of the subtrees beside the way, from the root down.
    pub siblings: Vec<Hash>,
    /// Where the way ends.
    pub end: End,
}

impl Proof {
    /// Does a map with this root say that the last record of `key` is `value` (number, hash),
    /// or, with `None`, that it has none?
    #[must_use]
    pub fn holds(&self, root: &Hash, key: &Key, value: Option<(i64, Hash)>) -> bool {
        let depth = self.siblings.len();
        if depth > DEPTH_MAX {
            return false;
        }
        let (said, mut at) = match self.end {
            End::Empty => (None, EMPTY),
            End::Leaf {
                key: other,
                seq,
                hash,
            } => {
                let is_on_the_way = (0..depth).all(|index| bit(&other, index) == bit(key, index));
                if !is_on_the_way {
                    return false;
                }
                let said = (other == *key).then_some((seq, hash));
                (said, leaf_hash(&other, seq, &hash))
            }
        };
        for (index, sibling) in self.siblings.iter().enumerate().rev() {
            at = if bit(key, index) {
                node_hash(sibling, &at)
            } else {
                node_hash(&at, sibling)
            };
        }
        at == *root && said == value
    }
}

pub(super) fn bit(key: &Key, index: usize) -> bool {
    key.get(index / 8)
        .is_some_and(|byte| byte >> (7 - index % 8) & 1 == 1)
}

pub(super) fn leaf_hash(key: &Key, seq: i64, record: &Hash) -> Hash {
    let mut text = [2; 1 + 32 + 8 + 32];
    let (_, rest) = text.split_at_mut(1);
    let (at, rest) = rest.split_at_mut(32);
    at.copy_from_slice(key);
    let (number, of) = rest.split_at_mut(8);
    number.copy_from_slice(&seq.to_be_bytes());
    of.copy_from_slice(record);
    hash(&text)
}

pub(super) fn node_hash(left: &Hash, right: &Hash) -> Hash {
    let mut text = [3; 1 + 32 + 32];
    let (_, rest) = text.split_at_mut(1);
    let (first, second) = rest.split_at_mut(32);
    first.copy_from_slice(left);
    second.copy_from_slice(right);
    hash(&text)
}

/// SHA-256 of a text that fits on the stack.
pub(super) fn hash(text: &[u8]) -> Hash {
    let mut out = EMPTY;
    out.copy_from_slice(digest(&SHA256, text).as_ref());
    out
}
