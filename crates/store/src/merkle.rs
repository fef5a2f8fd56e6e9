//! Merkle trees over record hashes.
//!
//! Source: RFC 6962 section 2.1 (leaf prefix `0x00`, node prefix `0x01`, split at the
//! largest power of two below the size).

use crate::audit::{Hash, sha256};

/// Hash of one leaf.
#[must_use]
pub fn leaf(record: &Hash) -> Hash {
    sha256(&[&[0], record])
}

fn node(left: &Hash, right: &Hash) -> Hash {
    sha256(&[&[1], left, right])
}

fn split(count: usize) -> usize {
    count.next_power_of_two() / 2
}

/// Root over record hashes; of no records, the hash of nothing.
#[must_use]
pub fn root(records: &[Hash]) -> Hash {
    match records {
        [] => sha256(&[]),
        [one] => leaf(one),
        many => {
            let (left, right) = many.split_at(split(many.len()));
            node(&root(left), &root(right))
        }
    }
}

/// The sibling hashes from leaf `index` up; `None` when there is no such leaf.
#[must_use]
pub fn path(records: &[Hash], index: usize) -> Option<Vec<Hash>> {
    if index >= records.len() {
        return None;
    }
    if records.len() == 1 {
        return Some(Vec::new());
    }
    let at = split(records.len());
    let (left, right) = records.split_at(at);
    let (mut below, sibling) = match index.checked_sub(at) {
        None => (path(left, index)?, root(right)),
        Some(index) => (path(right, index)?, root(left)),
    };
    below.push(sibling);
    Some(below)
}

/// The root that follows from a leaf and its path; `None` when the path does not fit.
///
/// Source: RFC 9162 section 2.1.3.2.
#[must_use]
pub fn root_from_path(record: &Hash, index: usize, size: usize, path: &[Hash]) -> Option<Hash> {
    if index >= size {
        return None;
    }
    let (mut index, mut last) = (index, size - 1);
    let mut hash = leaf(record);
    for sibling in path {
        if last == 0 {
            return None;
        }
        if index % 2 == 1 || index == last {
            hash = node(sibling, &hash);
            while index.is_multiple_of(2) && index != 0 {
                index /= 2;
                last /= 2;
            }
        } else {
            hash = node(&hash, sibling);
        }
        index /= 2;
        last /= 2;
    }
    (last == 0).then_some(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_leaf_of_every_small_tree_proves_itself_and_nothing_else() {
        for size in 1..40_usize {
            let records: Vec<Hash> = (0..size).map(|i| sha256(&[&i.to_be_bytes()])).collect();
            let top = root(&records);
            for (index, record) in records.iter().enumerate() {
                let path = path(&records, index).expect("index is inside");
                assert_eq!(root_from_path(record, index, size, &path), Some(top));
                let other = sha256(&[b"other"]);
                assert_ne!(root_from_path(&other, index, size, &path), Some(top));
            }
        }
    }

    #[test]
    fn an_empty_tree_has_the_hash_of_nothing() {
        assert_eq!(
            kernel::hex::encode(&root(&[])),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
    }
}
