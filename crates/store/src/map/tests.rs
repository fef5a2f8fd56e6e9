//! The map against a naive tree over a sorted list, and what its proofs withstand.

use std::{cell::Cell, collections::BTreeMap};

use kernel::id::{FacilityId, PersonId};
use proptest::prelude::*;

use super::*;
use crate::audit::sha256;

#[derive(Default)]
struct Memory {
    rows: BTreeMap<Vec<u8>, Vec<u8>>,
    loads: Cell<u64>,
    saves: Vec<Vec<u8>>,
}

impl Pages for Memory {
    fn load(&self, path: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.loads.set(self.loads.get() + 1);
        Ok(self.rows.get(path).cloned())
    }

    fn save(&mut self, path: &[u8], body: &[u8]) -> Result<(), StoreError> {
        self.rows.insert(path.to_vec(), body.to_vec());
        self.saves.push(path.to_vec());
        Ok(())
    }
}

fn id(number: u64) -> [u8; 16] {
    let mut id = [0; 16];
    id[..16].copy_from_slice(&sha256(&[&number.to_be_bytes()])[..16]);
    id
}

/// Every third subject is a facility.
fn last(number: u64, seq: i64) -> Last {
    let subject = if number.is_multiple_of(3) {
        Subject::Facility(FacilityId::from_bytes(id(number)))
    } else {
        Subject::Person(PersonId::from_bytes(id(number)))
    };
    Last {
        subject,
        seq,
        hash: sha256(&[&number.to_be_bytes(), &seq.to_be_bytes()]),
    }
}

/// The definition, word for word, over keys in order: independent of pages and of `Subtree`.
fn naive(leaves: &[(Key, i64, Hash)], depth: usize) -> Hash {
    match leaves {
        [] => [0; 32],
        [(key, seq, hash)] => sha256(&[&[2], key, &seq.to_be_bytes(), hash]),
        many => {
            let is_right = |key: &Key| key[depth / 8] & (0x80 >> (depth % 8)) != 0;
            let (right, left): (Vec<_>, Vec<_>) = many.iter().partition(|leaf| is_right(&leaf.0));
            sha256(&[&[3], &naive(&left, depth + 1), &naive(&right, depth + 1)])
        }
    }
}

fn naive_root(all: &BTreeMap<u64, i64>) -> Hash {
    let mut leaves: Vec<_> = all
        .iter()
        .map(|(number, seq)| {
            let last = last(*number, *seq);
            (key(last.subject), last.seq, last.hash)
        })
        .collect();
    leaves.sort_unstable();
    naive(&leaves, 0)
}

fn filled(count: u64) -> (Memory, Hash) {
    let mut memory = Memory::default();
    let batch: Vec<Last> = (0..count).map(|number| last(number, 1)).collect();
    let root = update(&mut memory, &batch).expect("updates");
    memory.saves.clear();
    memory.loads.set(0);
    (memory, root)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_root_follows_from_the_content_alone_whatever_the_order_and_the_batches(
        changes in prop::collection::vec((0..900_u64, 1..50_i64), 0..1_500),
        cuts in prop::collection::vec(1..200_usize, 1..12),
    ) {
        let mut memory = Memory::default();
        let mut all: BTreeMap<u64, i64> = BTreeMap::new();
        let mut rest = &changes[..];
        let mut sizes = cuts.iter().cycle();
        while !rest.is_empty() {
            let (batch, after) = rest.split_at(rest.len().min(*sizes.next().expect("a size")));
            rest = after;
            let batch: Vec<Last> = batch.iter().map(|(n, seq)| {
                let highest = all.entry(*n).or_default();
                *highest = (*highest).max(*seq);
                last(*n, *seq)
            }).collect();
            memory.saves.clear();
            let now = update(&mut memory, &batch).expect("updates");
            prop_assert_eq!(now, naive_root(&all));
            let mut once = memory.saves.clone();
            once.sort();
            once.dedup();
            prop_assert_eq!(once.len(), memory.saves.len(), "a row was written twice");
        }
        prop_assert_eq!(root(&memory).expect("a root"), naive_root(&all));
        let mut seen = 0;
        let found = walk(&memory, &mut |_, _| { seen += 1; Ok(()) }).expect("walks");
        prop_assert_eq!(found, Walk {
            root: naive_root(&all),
            pages: u64::try_from(memory.rows.len()).expect("few"),
            leaves: u64::try_from(all.len()).expect("few"),
            bad: None,
        });
        prop_assert_eq!(seen, all.len());
    }

    #[test]
    fn every_subject_is_proved_and_every_other_is_proved_absent(
        count in 0..700_u64, other in 1_000..9_000_u64,
    ) {
        let (memory, root) = filled(count);
        for number in 0..count {
            let last = last(number, 1);
            let key = key(last.subject);
            let proof = prove(&memory, &key).expect("a proof");
            prop_assert!(proof.holds(&root, &key, Some((last.seq, last.hash))));
            prop_assert!(!proof.holds(&root, &key, Some((last.seq + 1, last.hash))));
            prop_assert!(!proof.holds(&root, &key, None));
        }
        let absent = key(last(other, 1).subject);
        let proof = prove(&memory, &absent).expect("a proof");
        prop_assert!(proof.holds(&root, &absent, None));
        prop_assert!(!proof.holds(&root, &absent, Some((1, [0; 32]))));
    }

    #[test]
    fn a_changed_proof_proves_nothing(
        number in 0..500_u64, place in 0..64_usize, flip in 1..=255_u8,
    ) {
        let (memory, root) = filled(500);
        let last = last(number, 1);
        let key = key(last.subject);
        let value = Some((last.seq, last.hash));
        let proof = prove(&memory, &key).expect("a proof");
        let mut sibling = proof.clone();
        let at = place % sibling.siblings.len();
        sibling.siblings[at][place % 32] ^= flip;
        prop_assert!(!sibling.holds(&root, &key, value));
        let mut shorter = proof.clone();
        shorter.siblings.pop();
        prop_assert!(!shorter.holds(&root, &key, value));
        let mut longer = proof.clone();
        longer.siblings.push(EMPTY);
        prop_assert!(!longer.holds(&root, &key, value));
        let mut gone = proof.clone();
        gone.end = End::Empty;
        prop_assert!(!gone.holds(&root, &key, None));
        // A leaf of someone else, taken from its own proof, shows nothing about this subject.
        let stranger = super::key(super::tests::last(number + 1_000, 1).subject);
        prop_assert!(!proof.holds(&root, &stranger, value));
        let mut root = root;
        root[place % 32] ^= flip;
        prop_assert!(!proof.holds(&root, &key, value));
    }
}

#[test]
fn an_absent_subject_is_shown_by_an_empty_place_or_by_the_leaf_in_it() {
    let (memory, root) = filled(300);
    let (mut by_nothing, mut by_other) = (0, 0);
    for number in 1_000..1_400 {
        let key = key(last(number, 1).subject);
        let proof = prove(&memory, &key).expect("a proof");
        assert!(proof.holds(&root, &key, None));
        match proof.end {
            End::Empty => by_nothing += 1,
            End::Leaf { key: other, .. } => {
                assert_ne!(other, key);
                by_other += 1;
            }
        }
    }
    assert!(by_nothing > 0 && by_other > 0);
}

#[test]
fn an_empty_map_has_an_empty_root_and_a_single_leaf_is_the_root() {
    let mut memory = Memory::default();
    assert_eq!(root(&memory).expect("a root"), EMPTY);
    assert_eq!(update(&mut memory, &[]).expect("nothing"), EMPTY);
    let one = last(1, 7);
    let key = key(one.subject);
    let nobody = prove(&memory, &key).expect("a proof");
    assert!(nobody.holds(&EMPTY, &key, None));
    let root = update(&mut memory, &[one]).expect("updates");
    let text = [&[2][..], &key, &7_i64.to_be_bytes(), &one.hash].concat();
    assert_eq!(root, sha256(&[&text]));
}

#[test]
fn an_older_number_changes_nothing() {
    let (mut memory, _) = filled(100);
    let newer = update(&mut memory, &[last(4, 9)]).expect("updates");
    assert_eq!(update(&mut memory, &[last(4, 8)]).expect("updates"), newer);
    assert_eq!(
        update(&mut memory, &[last(4, 9), last(4, 2)]).expect("updates"),
        newer
    );
}

#[test]
fn a_changed_page_is_found_and_named() {
    let (memory, root) = filled(2_000);
    let paths: Vec<Vec<u8>> = memory.rows.keys().cloned().collect();
    for path in paths.iter().step_by(7) {
        for place in [1, 20, 40] {
            let (mut changed, _) = filled(2_000);
            let body = changed.rows.get_mut(path).expect("a page");
            let at = place % body.len();
            body[at] ^= 1;
            let found = walk(&changed, &mut |_, _| Ok(())).expect("walks");
            assert!(found.bad.is_some() || found.root != root, "{path:?} {at}");
        }
    }
    let (mut lost, _) = filled(2_000);
    let bucket = paths.last().expect("a page").clone();
    lost.rows.remove(&bucket);
    let found = walk(&lost, &mut |_, _| Ok(())).expect("walks");
    assert_eq!(found.bad, Some(bucket));
}

#[test]
fn a_batch_touches_few_rows_and_few_bytes() {
    let (mut memory, _) = filled(10_000);
    let batch: Vec<Last> = (0..1_000).map(|n| last(n * 9, 2)).collect();
    update(&mut memory, &batch).expect("updates");
    let saves = memory.saves.len();
    assert!(saves <= 1_000 + 273, "{saves} rows");
    let largest = memory.rows.values().map(Vec::len).max().unwrap_or_default();
    assert!(largest <= 1 + BUCKET_MAX * ENTRY_LEN, "{largest} bytes");
}
