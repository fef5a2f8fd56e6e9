use std::{fs, io};

use kernel::time::Timestamp;

use super::{Folder, owner, passphrase, seal, unseal};
use crate::{KeyError, KeyStore, Unlock, import};

const AT: Timestamp = Timestamp::from_micros(1_800_000_000_000_000);

fn export(keys: &KeyStore, since: u64) -> (Vec<u8>, u64) {
    let mut out = Vec::new();
    let next = keys.export_since(since, &mut out).unwrap();
    (out, next)
}

fn bring(folder: &Folder, export: &[u8]) -> Result<(), KeyError> {
    import(folder.path(), &mut &export[..])
}

#[test]
fn an_export_opens_in_another_folder_with_the_same_root() {
    let folder = Folder::new();
    let keys = folder.open();
    let sealed = seal(&keys, owner(1), b"x");
    keys.flush().unwrap();
    keys.shred(owner(2), AT, "retention ended").unwrap();
    let (bytes, _) = export(&keys, 0);
    let other = Folder::new();
    bring(&other, &bytes).unwrap();
    let restored = other.open();
    assert_eq!(unseal(&restored, owner(1), &sealed).unwrap(), b"x");
    assert_eq!(restored.fingerprint(), keys.fingerprint());
    assert_eq!(restored.shredded().unwrap(), keys.shredded().unwrap());
    let names: Vec<_> = other.files().into_iter().map(|(name, _)| name).collect();
    assert!(names.contains(&"kek.bin".to_owned()));
}

#[test]
fn a_locked_root_stays_locked_in_an_export() {
    let folder = Folder::new();
    let keys = folder.open();
    let sealed = seal(&keys, owner(1), b"x");
    let lock = passphrase("long enough to be one");
    keys.change_root(&lock).unwrap();
    let (bytes, _) = export(&keys, 0);
    let other = Folder::new();
    bring(&other, &bytes).unwrap();
    let refused = KeyStore::open(other.path(), &passphrase("another long one"));
    assert!(matches!(refused, Err(KeyError::WrongPassphrase)));
    let restored = KeyStore::open(other.path(), &lock).unwrap();
    // Not flushed when sealed; the change of the root made it durable.
    assert_eq!(unseal(&restored, owner(1), &sealed).unwrap(), b"x");
}

#[test]
fn parts_bring_what_changed_and_only_that() {
    let folder = Folder::new();
    let keys = folder.open();
    let mut sealed: Vec<_> = (0..100).map(|n| seal(&keys, owner(n), b"x")).collect();
    keys.flush().unwrap();
    let (whole, first) = export(&keys, 0);
    let (nothing, same) = export(&keys, first);
    assert_eq!(same, first);
    sealed.push(seal(&keys, owner(100), b"x"));
    keys.flush().unwrap();
    keys.shred(owner(5), AT, "retention ended").unwrap();
    let (part, second) = export(&keys, first);
    assert!(second > first);
    assert!(part.len() < whole.len() / 5);
    // A rotation and another root meanwhile: the next part carries all that it needs.
    keys.begin_rotation().unwrap();
    while !keys.rotate_step(64).unwrap().is_done() {}
    let lock = passphrase("long enough to be one");
    keys.change_root(&lock).unwrap();
    let (last, _) = export(&keys, second);

    let other = Folder::new();
    for bytes in [&whole, &nothing, &part] {
        bring(&other, bytes).unwrap();
    }
    let between = other.copy();
    check(&between, &Unlock::File, &sealed);
    bring(&other, &last).unwrap();
    bring(&other, &last).unwrap();
    check(&other, &lock, &sealed);
}

fn check(folder: &Folder, unlock: &Unlock, sealed: &[Vec<u8>]) {
    let keys = KeyStore::open(folder.path(), unlock).unwrap();
    for (number, sealed) in (0..).zip(sealed) {
        match unseal(&keys, owner(number), sealed) {
            Ok(plain) => assert_eq!(plain, b"x"),
            Err(error) => assert!(number == 5 && matches!(error, KeyError::Shredded)),
        }
    }
}

#[test]
fn a_part_that_does_not_follow_is_refused() {
    let folder = Folder::new();
    let keys = folder.open();
    let (whole, first) = export(&keys, 0);
    seal(&keys, owner(1), b"x");
    keys.flush().unwrap();
    let (_, second) = export(&keys, first);
    seal(&keys, owner(2), b"x");
    keys.flush().unwrap();
    let (third, _) = export(&keys, second);

    let other = Folder::new();
    assert!(matches!(bring(&other, &third), Err(KeyError::Export(_))));
    assert!(other.files().is_empty(), "nothing was made");
    bring(&other, &whole).unwrap();
    assert!(matches!(bring(&other, &third), Err(KeyError::Export(_))));
    let (part, _) = export(&keys, first);
    drop(other.open());
    let late = bring(&other, &part);
    assert!(matches!(late, Err(KeyError::Export(_))), "served meanwhile");
    let mut out = Vec::new();
    let early = keys.export_since(1 << 40, &mut out);
    assert!(matches!(early, Err(KeyError::Export(_))));
}

#[test]
fn changes_after_a_restore_are_never_taken_for_older_ones() {
    let folder = Folder::new();
    let keys = folder.open();
    let (whole, _) = export(&keys, 0);
    (0..50).for_each(|n| drop(seal(&keys, owner(n), b"lost")));
    keys.flush().unwrap();
    let (_, seen) = export(&keys, 0);
    drop(keys);
    bring(&folder, &whole).unwrap();
    let keys = folder.open();
    seal(&keys, owner(99), b"new");
    keys.flush().unwrap();
    let (part, next) = export(&keys, seen);
    assert!(next > seen);
    assert!(part.windows(16).any(|window| window == owner(99)));
}

#[test]
fn nobodys_shredding_is_forgotten_by_an_import() {
    let folder = Folder::new();
    let keys = folder.open();
    let sealed: Vec<_> = (0..4).map(|n| seal(&keys, owner(n), b"x")).collect();
    keys.flush().unwrap();
    keys.shred(owner(1), AT, "in both").unwrap();
    let (older, _) = export(&keys, 0);
    keys.shred(owner(2), AT, "after the export").unwrap();
    drop(keys);
    bring(&folder, &older).unwrap();
    let keys = folder.open();
    for (number, sealed) in (0..).zip(&sealed) {
        let read = unseal(&keys, owner(number), sealed);
        let shredded = matches!(read, Err(KeyError::Shredded));
        assert_eq!(shredded, (1..3).contains(&number));
    }
    assert_eq!(keys.shredded().unwrap().len(), 2);
}

#[test]
fn a_cut_or_changed_export_is_refused_and_nothing_changes() {
    let folder = Folder::new();
    let keys = folder.open();
    for number in 0..3 {
        seal(&keys, owner(number), b"x");
    }
    keys.flush().unwrap();
    keys.shred(owner(2), AT, "retention ended").unwrap();
    let (bytes, _) = export(&keys, 0);
    let fresh = Folder::new();
    let other = Folder::new();
    bring(&other, &bytes).unwrap();
    let before = other.files();
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        assert!(bring(&other, &changed).is_err(), "changed at {at}");
        if at % 16 == 0 {
            assert!(bring(&fresh, &bytes[..at]).is_err(), "cut at {at}");
            assert!(bring(&other, &bytes[..at]).is_err(), "cut at {at}");
        }
    }
    let longer = [&bytes[..], &[0]].concat();
    assert!(bring(&other, &longer).is_err());
    assert_eq!(other.files(), before);
    assert!(fresh.files().is_empty());
    drop(other.open());
}

#[test]
fn another_stores_keys_and_a_folder_in_use_are_left_alone() {
    let folder = Folder::new();
    let keys = folder.open();
    let (bytes, _) = export(&keys, 0);
    assert!(matches!(bring(&folder, &bytes), Err(KeyError::InUse)));
    let other = Folder::new();
    drop(other.open());
    let before = other.files();
    assert!(matches!(bring(&other, &bytes), Err(KeyError::Foreign)));
    assert_eq!(other.files(), before);
    let wrong = keys.check_fingerprint(&other.open().fingerprint());
    assert!(matches!(wrong, Err(KeyError::Foreign)));
}

#[test]
fn an_import_that_was_killed_must_be_run_again() {
    let folder = Folder::new();
    let (bytes, _) = export(&folder.open(), 0);
    let other = Folder::new();
    bring(&other, &bytes).unwrap();
    {
        // As after a kill between keys and root file.
        let file = rusqlite::Connection::open(other.path().join("keys.db")).unwrap();
        crate::store::set_meta(&file, crate::store::IMPORTING, 1).unwrap();
        fs::remove_file(other.path().join("kek.bin")).unwrap();
    }
    let unfinished = KeyStore::open(other.path(), &Unlock::File);
    assert!(matches!(unfinished, Err(KeyError::ImportUnfinished)));
    bring(&other, &bytes).unwrap();
    other.open();
}

/// Shreds in the middle of an export.
struct Meddler<'a>(&'a KeyStore, bool);

impl io::Write for Meddler<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !self.1 {
            self.1 = true;
            self.0.shred(owner(1), AT, "retention ended").unwrap();
            assert!(self.0.traces_left(), "the export still reads the old rows");
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn what_is_shredded_during_an_export_is_wiped_when_it_ends() {
    let folder = Folder::new();
    let keys = folder.open();
    let sealed = seal(&keys, owner(1), b"x");
    keys.flush().unwrap();
    let lost = super::wrapped(&keys, owner(1));
    keys.export(&mut Meddler(&keys, false)).unwrap();
    assert!(!keys.traces_left());
    assert!(!folder.holds(&lost[0]));
    let read = unseal(&keys, owner(1), &sealed);
    assert!(matches!(read, Err(KeyError::Shredded)));
}

#[test]
fn an_export_that_cannot_be_written_says_so() {
    struct Full;
    impl io::Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let folder = Folder::new();
    let refused = folder.open().export(&mut Full);
    assert!(matches!(refused, Err(KeyError::Io { .. })));
}
