use std::{
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    thread,
};

use super::{Folder, owner, seal, unseal, wrapped};
use crate::{KeyStore, Unlock};

fn fill_with(keys: &KeyStore, people: u16) -> Vec<Vec<u8>> {
    let sealed = (0..people)
        .map(|number| seal(keys, owner(number), &number.to_be_bytes()))
        .collect();
    keys.flush().unwrap();
    sealed
}

fn rotate(keys: &KeyStore) {
    keys.begin_rotation().unwrap();
    while !keys.rotate_step(100).unwrap().is_done() {}
}

fn kek_count(keys: &KeyStore) -> usize {
    keys.read(&owner(0), |c| Ok(crate::store::keks(c)?.len()))
        .unwrap()
}

#[test]
fn rotation_wraps_every_key_anew_and_destroys_the_old_key() {
    let folder = Folder::new();
    let keys = folder.open();
    let sealed = fill_with(&keys, 250);
    let before: Vec<_> = (0..250).flat_map(|n| wrapped(&keys, owner(n))).collect();
    let fingerprint = keys.fingerprint();
    assert!(!keys.is_rotating().unwrap());
    assert_eq!(keys.begin_rotation().unwrap(), 2);
    assert_eq!(keys.begin_rotation().unwrap(), 2, "while one is under way");
    assert!(keys.is_rotating().unwrap());
    let mut steps = vec![keys.rotate_step(100).unwrap()];
    while !steps.last().unwrap().is_done() {
        steps.push(keys.rotate_step(100).unwrap());
    }
    // 250 people and the directories.
    let done: Vec<_> = steps.iter().map(|step| (step.done, step.total)).collect();
    assert_eq!(done, [(100, 251), (200, 251), (251, 251)]);
    assert!(!keys.is_rotating().unwrap());
    assert_eq!(kek_count(&keys), 1);
    for wrapped in &before {
        assert!(!folder.holds(wrapped), "what the old key wrapped is gone");
    }
    drop(keys);
    let keys = folder.open();
    for (number, sealed) in (0_u16..).zip(&sealed) {
        let plain = unseal(&keys, owner(number), sealed).unwrap();
        assert_eq!(plain, number.to_be_bytes());
    }
    assert_eq!(keys.fingerprint(), fingerprint);
}

#[test]
fn a_step_without_a_rotation_changes_nothing() {
    let folder = Folder::new();
    let keys = folder.open();
    fill_with(&keys, 3);
    let before: Vec<_> = (0..3).flat_map(|n| wrapped(&keys, owner(n))).collect();
    assert!(keys.rotate_step(10).unwrap().is_done());
    let after: Vec<_> = (0..3).flat_map(|n| wrapped(&keys, owner(n))).collect();
    assert_eq!(before, after);
}

#[test]
fn a_rotation_goes_on_after_a_kill_between_any_two_steps() {
    let folder = Folder::new();
    let sealed = {
        let keys = folder.open();
        let sealed = fill_with(&keys, 40);
        keys.begin_rotation().unwrap();
        sealed
    };
    let mut lives = 0;
    loop {
        let killed = folder.copy();
        let keys = killed.open();
        for (number, sealed) in (0_u16..).zip(&sealed) {
            unseal(&keys, owner(number), sealed).unwrap();
        }
        drop(keys);
        let keys = folder.open();
        lives += 1;
        if !keys.is_rotating().unwrap() {
            break;
        }
        let new = owner(1_000 + lives);
        seal(&keys, new, b"new");
        keys.flush().unwrap();
        keys.rotate_step(7).unwrap();
    }
    assert!(lives > 5);
    assert_eq!(kek_count(&folder.open()), 1);
}

#[test]
fn new_and_unflushed_keys_survive_a_rotation_that_begins_and_ends() {
    let folder = Folder::new();
    let keys = folder.open();
    let sealed = seal(&keys, owner(1), b"x");
    rotate(&keys);
    keys.flush().unwrap();
    assert_eq!(unseal(&keys, owner(1), &sealed).unwrap(), b"x");
    drop(keys);
    assert_eq!(unseal(&folder.open(), owner(1), &sealed).unwrap(), b"x");
}

#[test]
fn shredding_before_and_in_the_middle_does_not_stop_a_rotation() {
    let folder = Folder::new();
    let keys = folder.open();
    fill_with(&keys, 300);
    let at = kernel::time::Timestamp::from_micros(1);
    let shred = |number| {
        let lost = wrapped(&keys, owner(number)).remove(0);
        keys.shred(owner(number), at, "ended").unwrap();
        assert!(!keys.traces_left());
        assert!(!folder.holds(&lost));
    };
    (0..5).for_each(shred);
    keys.begin_rotation().unwrap();
    (290..295).for_each(shred);
    keys.rotate_step(40).unwrap();
    // Some of them wrapped anew already, some not.
    (20..60).for_each(shred);
    let mut steps = 0;
    while !keys.rotate_step(40).unwrap().is_done() {
        steps += 1;
        assert!(steps < 20);
    }
    assert_eq!(kek_count(&keys), 1);
    // The next rotation takes away the last empty rows.
    rotate(&keys);
    let rows = keys.read(&owner(0), crate::store::count_keys);
    assert_eq!(rows.unwrap(), 300 - 5 - 5 - 40 + 1);
    drop(keys);
    folder.open();
}

#[test]
fn four_threads_seal_and_unseal_throughout_rotations() {
    let folder = Folder::new();
    let keys = folder.open();
    let known = fill_with(&keys, 200);
    let stop = AtomicBool::new(false);
    let count = AtomicU64::new(0);
    let work = |thread: u16| {
        let mut made = Vec::new();
        let mut round: u16 = 0;
        while !stop.load(Ordering::SeqCst) {
            let number = round % 200;
            let sealed = &known[usize::from(number)];
            let plain = unseal(&keys, owner(number), sealed).unwrap();
            assert_eq!(plain, number.to_be_bytes());
            // Forgotten keys are read from the file while their rows move.
            keys.cache.forget([owner(number)].iter()).unwrap();
            if round.is_multiple_of(16) && made.len() < 500 {
                let new = owner(1_000 + thread * 1_000 + round / 16);
                made.push((new, seal(&keys, new, b"new")));
                keys.flush().unwrap();
            }
            count.fetch_add(1, Ordering::SeqCst);
            round = (round + 1) % 8_000;
        }
        made
    };
    let made: Vec<_> = thread::scope(|s| {
        let threads: Vec<_> = (0..4).map(|n| s.spawn(move || work(n))).collect();
        for _ in 0..3 {
            let before = count.load(Ordering::SeqCst);
            keys.begin_rotation().unwrap();
            while !keys.rotate_step(10).unwrap().is_done() {}
            while count.load(Ordering::SeqCst) < before + 100 {
                thread::yield_now();
            }
        }
        stop.store(true, Ordering::SeqCst);
        threads
            .into_iter()
            .flat_map(|t| t.join().unwrap())
            .collect()
    });
    drop(keys);
    let keys = KeyStore::open(folder.path(), &Unlock::File).unwrap();
    assert_eq!(kek_count(&keys), 1);
    assert!(!made.is_empty());
    for (owner, sealed) in &made {
        assert_eq!(unseal(&keys, *owner, sealed).unwrap(), b"new");
    }
    for (number, sealed) in (0_u16..).zip(&known) {
        unseal(&keys, owner(number), sealed).unwrap();
    }
}
