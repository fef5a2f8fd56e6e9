use std::{collections::BTreeSet, thread};

use kernel::time::Timestamp;

use super::{Folder, TABLE, owner, seal, unseal, wrapped};
use crate::{KeyError, REASON_MAX, Shredded};

const AT: Timestamp = Timestamp::from_micros(1_800_000_000_000_000);

#[test]
fn a_shredded_owners_data_can_be_neither_read_nor_written() {
    let folder = Folder::new();
    let keys = folder.open();
    let sealed = seal(&keys, owner(1), b"x");
    let kept = seal(&keys, owner(2), b"y");
    keys.flush().unwrap();
    keys.shred(owner(1), AT, "retention ended").unwrap();
    check(&keys, &sealed, &kept);
    drop(keys);
    check(&folder.open(), &sealed, &kept);
}

fn check(keys: &crate::KeyStore, sealed: &[u8], kept: &[u8]) {
    assert!(keys.is_shredded(&owner(1)).unwrap());
    assert!(!keys.is_shredded(&owner(2)).unwrap());
    let read = unseal(keys, owner(1), sealed);
    assert!(matches!(read, Err(KeyError::Shredded)));
    let write = keys.seal(owner(1), TABLE, &[], b"z");
    assert!(matches!(write, Err(KeyError::Shredded)));
    assert!(matches!(keys.renew(owner(1)), Err(KeyError::Shredded)));
    assert_eq!(unseal(keys, owner(2), kept).unwrap(), b"y");
    let list = keys.shredded().unwrap();
    let expected = Shredded {
        owner: owner(1),
        at: AT,
        reason: "retention ended".to_owned(),
    };
    assert_eq!(list, [expected]);
}

#[test]
fn no_byte_of_a_shredded_key_is_left_in_any_file() {
    let folder = Folder::new();
    let keys = folder.open();
    for number in 0..600 {
        seal(&keys, owner(number), b"x");
        if number % 50 == 0 {
            keys.flush().unwrap();
        }
    }
    keys.renew(owner(77)).unwrap();
    let doomed = [3, 77, 300, 599];
    let lost: Vec<_> = doomed
        .iter()
        .flat_map(|n| wrapped(&keys, owner(*n)))
        .collect();
    assert_eq!(lost.len(), 5, "the renewed owner has two");
    assert!(lost.iter().all(|wrapped| folder.holds(wrapped)));
    for number in doomed {
        keys.shred(owner(number), AT, "retention ended").unwrap();
    }
    assert!(!keys.traces_left());
    for wrapped in &lost {
        assert!(!folder.holds(wrapped));
        // Nor a part of it.
        assert!(!folder.holds(&wrapped[..12]));
        assert!(!folder.holds(&wrapped[28..44]));
    }
    let living = wrapped(&keys, owner(4));
    assert!(living.iter().all(|wrapped| folder.holds(wrapped)));
}

#[test]
fn many_shreddings_leave_no_copy_behind_either() {
    let folder = Folder::new();
    let keys = folder.open();
    let mut people: Vec<u16> = (0..3_000).collect();
    for number in &people {
        seal(&keys, owner(*number), b"x");
    }
    keys.flush().unwrap();
    for round in 0..4 {
        // Spread over the file, so that its half-empty pages are joined.
        let (doomed, kept): (Vec<u16>, Vec<u16>) =
            people.iter().partition(|n| (*n / 7) % 4 == round);
        let lost: BTreeSet<_> = doomed
            .iter()
            .flat_map(|n| wrapped(&keys, owner(*n)))
            .map(|wrapped| wrapped[..16].to_vec())
            .collect();
        let list: Vec<_> = doomed
            .iter()
            .map(|n| Shredded {
                owner: owner(*n),
                at: AT,
                reason: "retention ended".to_owned(),
            })
            .collect();
        assert_eq!(lost.len(), list.len());
        keys.replay(&list).unwrap();
        for (name, bytes) in folder.files() {
            let found = bytes.windows(16).filter(|w| lost.contains(*w)).count();
            assert_eq!(found, 0, "{name} in round {round}");
        }
        people = kept;
    }
    assert!(people.is_empty());
}

#[test]
fn keys_that_wait_for_a_flush_are_shredded_too() {
    let folder = Folder::new();
    let keys = folder.open();
    let sealed = seal(&keys, owner(1), b"x");
    keys.shred(owner(1), AT, "asked for").unwrap();
    keys.flush().unwrap();
    let read = unseal(&keys, owner(1), &sealed);
    assert!(matches!(read, Err(KeyError::Shredded)));
}

#[test]
fn shredding_again_keeps_the_first_instant_and_reason() {
    let folder = Folder::new();
    let keys = folder.open();
    keys.shred(owner(1), AT, "first").unwrap();
    keys.shred(owner(1), AT.plus_seconds(9), "second").unwrap();
    let list = keys.shredded().unwrap();
    assert_eq!((list.len(), list[0].at), (1, AT));
    assert_eq!(list[0].reason, "first");
}

#[test]
fn older_keys_that_were_restored_are_destroyed_by_replaying_the_list() {
    let folder = Folder::new();
    let keys = folder.open();
    let sealed = seal(&keys, owner(1), b"x");
    let kept = seal(&keys, owner(2), b"y");
    keys.flush().unwrap();
    drop(keys);
    let older = folder.copy();
    let list = {
        let keys = folder.open();
        keys.shred(owner(1), AT, "retention ended").unwrap();
        keys.shredded().unwrap()
    };
    let keys = older.open();
    assert_eq!(unseal(&keys, owner(1), &sealed).unwrap(), b"x");
    let lost = wrapped(&keys, owner(1));
    keys.replay(&list).unwrap();
    check(&keys, &sealed, &kept);
    assert!(!older.holds(&lost[0]));
    keys.replay(&[]).unwrap();
}

#[test]
fn a_shredding_without_a_fair_reason_or_of_the_directories_is_refused() {
    let folder = Folder::new();
    let keys = folder.open();
    let sealed = seal(&keys, owner(1), b"x");
    for reason in [String::new(), "x".repeat(REASON_MAX + 1)] {
        let refused = keys.shred(owner(1), AT, &reason);
        assert!(matches!(refused, Err(KeyError::Reason(_))));
    }
    let refused = keys.shred([0xff; 16], AT, "no");
    assert!(matches!(refused, Err(KeyError::Reserved)));
    assert_eq!(unseal(&keys, owner(1), &sealed).unwrap(), b"x");
    assert!(keys.shredded().unwrap().is_empty());
}

#[test]
fn what_was_read_before_a_shredding_is_not_remembered_after_it() {
    let folder = Folder::new();
    let keys = folder.open();
    let sealed = seal(&keys, owner(1), b"x");
    keys.flush().unwrap();
    keys.cache.forget([owner(1)].iter()).unwrap();
    // A reader that is as slow as can be.
    let epoch = keys.cache.epoch();
    let read = keys.load(&owner(1)).unwrap().unwrap();
    keys.shred(owner(1), AT, "retention ended").unwrap();
    keys.cache.put(owner(1), read, epoch).unwrap();
    let read = unseal(&keys, owner(1), &sealed);
    assert!(matches!(read, Err(KeyError::Shredded)));
}

#[test]
fn a_key_that_is_being_read_does_not_come_back_after_its_shredding() {
    let folder = Folder::new();
    let keys = folder.open();
    let sealed: Vec<_> = (0..40).map(|n| seal(&keys, owner(n), b"x")).collect();
    keys.flush().unwrap();
    thread::scope(|s| {
        for _ in 0..3 {
            s.spawn(|| {
                for _ in 0..30 {
                    for (number, sealed) in (0..).zip(&sealed) {
                        match unseal(&keys, owner(number), sealed) {
                            Ok(plain) => assert_eq!(plain, b"x"),
                            Err(error) => assert!(matches!(error, KeyError::Shredded)),
                        }
                    }
                }
            });
        }
        for number in 0..40 {
            keys.shred(owner(number), AT, "retention ended").unwrap();
            let read = unseal(&keys, owner(number), &sealed[usize::from(number)]);
            assert!(matches!(read, Err(KeyError::Shredded)));
        }
    });
    assert!(!keys.traces_left());
}
