use std::{sync::Barrier, thread};

use proptest::prelude::*;

use super::{Folder, owner, seal, unseal};
use crate::KeyError;

#[test]
fn what_was_sealed_opens_after_a_restart() {
    let folder = Folder::new();
    let (sealed, hash, fingerprint) = {
        let keys = folder.open();
        let sealed = seal(&keys, owner(1), b"Yamada");
        keys.flush().unwrap();
        (
            sealed,
            keys.directory_key("card", &["1", "2"]),
            keys.fingerprint(),
        )
    };
    let keys = folder.open();
    assert_eq!(unseal(&keys, owner(1), &sealed).unwrap(), b"Yamada");
    assert_eq!(keys.directory_key("card", &["1", "2"]), hash);
    assert_ne!(keys.directory_key("card", &["12"]), hash);
    assert_eq!(keys.fingerprint(), fingerprint);
    keys.check_fingerprint(&fingerprint).unwrap();
}

#[test]
fn the_envelope_has_its_fixed_form() {
    let folder = Folder::new();
    let keys = folder.open();
    let sealed = seal(&keys, owner(1), b"Yamada");
    assert_eq!(sealed[..5], [1, 0, 0, 0, 1]);
    assert_eq!(sealed.len(), 5 + 12 + 6 + 16);
}

#[test]
fn keys_that_were_not_flushed_are_used_by_all_threads_but_not_kept() {
    let folder = Folder::new();
    let sealed = {
        let keys = folder.open();
        let sealed = seal(&keys, owner(1), b"x");
        let other = thread::scope(|s| s.spawn(|| unseal(&keys, owner(1), &sealed)).join());
        assert_eq!(other.unwrap().unwrap(), b"x");
        sealed
    };
    let keys = folder.open();
    let lost = unseal(&keys, owner(1), &sealed).unwrap_err();
    assert!(matches!(lost, KeyError::KeyAbsent));
}

#[test]
fn threads_that_meet_at_a_new_owner_make_one_key() {
    let folder = Folder::new();
    let keys = folder.open();
    let barrier = Barrier::new(4);
    let work = || -> Vec<Vec<u8>> {
        barrier.wait();
        (0..100)
            .map(|number| {
                let sealed = seal(&keys, owner(number), b"x");
                keys.flush().unwrap();
                sealed
            })
            .collect()
    };
    let all: Vec<_> = thread::scope(|s| {
        let threads: Vec<_> = (0..4).map(|_| s.spawn(work)).collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    });
    drop(keys);
    let keys = folder.open();
    for sealed in all {
        for (number, sealed) in (0..).zip(sealed) {
            assert_eq!(unseal(&keys, owner(number), &sealed).unwrap(), b"x");
        }
    }
}

#[test]
fn a_failed_flush_keeps_the_new_keys_for_the_next_one() {
    let folder = Folder::new();
    let keys = folder.open();
    let sealed = seal(&keys, owner(1), b"x");
    // Another connection holds the file, as a full disk would.
    let other = rusqlite::Connection::open(folder.path().join("keys.db")).unwrap();
    keys.writer()
        .unwrap()
        .connection
        .busy_timeout(std::time::Duration::ZERO)
        .unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert!(matches!(keys.flush(), Err(KeyError::Database(_))));
    assert!(matches!(keys.flush(), Err(KeyError::Database(_))));
    other.execute_batch("ROLLBACK").unwrap();
    keys.flush().unwrap();
    drop((keys, other));
    assert_eq!(unseal(&folder.open(), owner(1), &sealed).unwrap(), b"x");
}

#[test]
fn a_renewed_key_seals_and_the_older_ones_still_open() {
    let folder = Folder::new();
    let keys = folder.open();
    let first = seal(&keys, owner(1), b"first");
    assert_eq!(keys.renew(owner(1)).unwrap(), 2);
    let second = seal(&keys, owner(1), b"second");
    assert_eq!(second[1..5], [0, 0, 0, 2]);
    assert_eq!(keys.renew(owner(2)).unwrap(), 1, "an owner without a key");
    drop(keys);
    let keys = folder.open();
    assert_eq!(unseal(&keys, owner(1), &first).unwrap(), b"first");
    assert_eq!(unseal(&keys, owner(1), &second).unwrap(), b"second");
    let all_ones = [0xff; 16];
    assert!(matches!(keys.renew(all_ones), Err(KeyError::Reserved)));
}

#[test]
fn the_number_of_an_owners_keys_is_bounded() {
    let folder = Folder::new();
    let keys = folder.open();
    keys.exclusively(|c, change| {
        *change += 1;
        let row = crate::keys::wrap_key(
            &keys.newest_kek()?,
            owner(1),
            1_000,
            &crate::cipher::new_key(),
        )?;
        crate::store::insert_key(c, *change, &row)
    })
    .unwrap();
    assert!(matches!(
        keys.renew(owner(1)),
        Err(KeyError::TooManyKeys(_))
    ));
}

#[test]
fn more_owners_than_memory_holds_are_read_again_from_the_file() {
    let folder = Folder::new();
    let keys = folder.open();
    // All in one part of the cache, whose two generations hold 1,024 owners.
    let many: Vec<_> = (0..1_200_u16)
        .map(|number| {
            let mut owner = owner(number);
            owner[15] = 64;
            (owner, seal(&keys, owner, &number.to_be_bytes()))
        })
        .collect();
    keys.flush().unwrap();
    assert!(keys.cache.len() <= 1_024);
    for (number, (owner, sealed)) in (0_u16..).zip(&many) {
        let plain = unseal(&keys, *owner, sealed).unwrap();
        assert_eq!(plain, number.to_be_bytes());
    }
    assert!(keys.cache.len() <= 1_024);
}

#[test]
fn an_owner_without_keys_cannot_be_unsealed() {
    let folder = Folder::new();
    let keys = folder.open();
    let sealed = seal(&keys, owner(1), b"x");
    let absent = unseal(&keys, owner(2), &sealed).unwrap_err();
    assert!(matches!(absent, KeyError::KeyAbsent));
}

#[test]
fn a_changed_row_of_the_file_is_called_damaged() {
    let folder = Folder::new();
    let sealed = {
        let keys = folder.open();
        let sealed = seal(&keys, owner(1), b"x");
        keys.flush().unwrap();
        keys.exclusively(|c, _| {
            c.execute(
                "UPDATE data_key SET number = 2 WHERE owner_id = ?1",
                [&owner(1)[..]],
            )?;
            Ok(())
        })
        .unwrap();
        sealed
    };
    let error = unseal(&folder.open(), owner(1), &sealed).unwrap_err();
    assert!(matches!(error, KeyError::Damaged(_)), "{error}");
}

#[test]
fn whatever_was_sealed_opens_there_and_nowhere_else() {
    let folder = Folder::new();
    let keys = folder.open();
    let bytes = |max: usize| prop::collection::vec(any::<u8>(), 0..max);
    let law = (
        any::<u16>(),
        "[a-z_]{1,20}",
        bytes(24),
        bytes(300),
        any::<prop::sample::Index>(),
        1u8..,
    );
    proptest!(|((number, table, key, plain, at, flip) in law)| {
        let owner = owner(number);
        let sealed = keys.seal(owner, &table, &[&key], &plain).unwrap();
        prop_assert_eq!(&keys.unseal(owner, &table, &[&key], &sealed).unwrap(), &plain);

        let mut changed = sealed.clone();
        let at = at.index(changed.len());
        changed[at] ^= flip;
        prop_assert!(keys.unseal(owner, &table, &[&key], &changed).is_err());
        prop_assert!(keys.unseal(owner, &table, &[&key], &sealed[..at]).is_err());
        let other = format!("{table}x");
        prop_assert!(keys.unseal(owner, &other, &[&key], &sealed).is_err());
        prop_assert!(keys.unseal(owner, &table, &[&key, &[flip]], &sealed).is_err());
        let stranger = super::owner(number.wrapping_add(1));
        keys.seal(stranger, &table, &[&key], b"").unwrap();
        prop_assert!(keys.unseal(stranger, &table, &[&key], &sealed).is_err());
    });
}

#[test]
fn a_tag_is_of_its_owner_and_place_and_stays_when_keys_are_renewed_until_they_are_destroyed() {
    let folder = Folder::new();
    let keys = folder.open();
    let tag = |number: u16, place: &[u8]| keys.tag(owner(number), "mark", &[place]).unwrap();
    let first = tag(1, b"a");
    assert_eq!(tag(1, b"a"), first);
    let others = [tag(1, b"b"), tag(2, b"a")];
    assert!(others.iter().all(|other| *other != first));
    assert_eq!(keys.renew(owner(1)).unwrap(), 2);
    assert_eq!(tag(1, b"a"), first);
    keys.flush().unwrap();
    drop(keys);
    let keys = folder.open();
    assert_eq!(keys.tag(owner(1), "mark", &[b"a"]).unwrap(), first);
    keys.shred(owner(1), kernel::time::Timestamp::from_micros(0), "ended")
        .unwrap();
    let gone = keys.tag(owner(1), "mark", &[b"a"]);
    assert!(matches!(gone, Err(KeyError::Shredded)));
}
