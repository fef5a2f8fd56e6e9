use std::fs;

use super::{Folder, owner, passphrase, seal, unseal};
use crate::{KeyError, KeyStore, Unlock, root};

const LONG: &str = "correct horse battery";

fn refused(folder: &Folder, unlock: &Unlock) -> KeyError {
    let before = folder.files();
    let error = KeyStore::open(folder.path(), unlock).err().unwrap();
    assert_eq!(folder.files(), before, "a failed open changes nothing");
    error
}

#[test]
fn a_passphrase_opens_what_it_locked_and_no_other_does() {
    let folder = Folder::new();
    let keys = KeyStore::open(folder.path(), &passphrase(LONG)).unwrap();
    let sealed = seal(&keys, owner(1), b"x");
    keys.flush().unwrap();
    drop(keys);
    let wrong = refused(&folder, &passphrase("correct horse batterz"));
    assert!(matches!(wrong, KeyError::WrongPassphrase), "{wrong}");
    let other = refused(&folder, &Unlock::File);
    assert!(matches!(other, KeyError::OtherRoot { .. }), "{other}");
    let text = fs::read_to_string(folder.path().join("root.json")).unwrap();
    for fact in ["\"memory_kib\": 65536", "\"passes\": 3"] {
        assert!(text.contains(fact), "{text}");
    }
    let keys = KeyStore::open(folder.path(), &passphrase(LONG)).unwrap();
    assert_eq!(unseal(&keys, owner(1), &sealed).unwrap(), b"x");
}

#[test]
fn a_short_passphrase_makes_no_keys() {
    let folder = Folder::new();
    let error = refused(&folder, &passphrase("short"));
    assert!(matches!(error, KeyError::PassphraseShort(_)));
    assert!(folder.files().is_empty());
}

#[test]
fn each_way_in_which_root_and_keys_do_not_fit_has_its_own_word() {
    let folder = Folder::new();
    let stranger = Folder::new();
    drop(folder.open());
    drop(stranger.open());
    let kek = folder.path().join("kek.bin");
    let right = fs::read(&kek).unwrap();

    fs::copy(stranger.path().join("kek.bin"), &kek).unwrap();
    let wrong = refused(&folder, &Unlock::File);
    assert!(matches!(wrong, KeyError::WrongRoot("kek.bin")), "{wrong}");
    assert!(wrong.to_string().contains("bring back"), "{wrong}");

    fs::write(&kek, &right[..31]).unwrap();
    let cut = refused(&folder, &Unlock::File);
    let file = "kek.bin";
    assert!(matches!(&cut, KeyError::RootDamaged { file: f, .. } if *f == file));

    fs::remove_file(&kek).unwrap();
    let missing = refused(&folder, &Unlock::File);
    assert!(matches!(missing, KeyError::RootMissing("kek.bin")));
    let missing = refused(&folder, &passphrase(LONG));
    assert!(matches!(missing, KeyError::RootMissing("root.json")));

    fs::write(&kek, &right).unwrap();
    let other = refused(&folder, &passphrase(LONG));
    assert!(matches!(other, KeyError::OtherRoot { .. }), "{other}");

    fs::write(folder.path().join("root.json"), b"{}").unwrap();
    for unlock in [Unlock::File, passphrase(LONG)] {
        assert!(matches!(refused(&folder, &unlock), KeyError::TwoRoots));
    }
    fs::remove_file(folder.path().join("root.json")).unwrap();
    drop(folder.open());
}

#[test]
fn a_damaged_root_file_is_not_mistaken_for_a_wrong_passphrase() {
    let folder = Folder::new();
    drop(KeyStore::open(folder.path(), &passphrase(LONG)).unwrap());
    let path = folder.path().join("root.json");
    let right = fs::read_to_string(&path).unwrap();
    let wrapped = right.find("\"wrapped\": \"").unwrap() + 12;
    let mut flipped = right.clone().into_bytes();
    flipped[wrapped] = if flipped[wrapped] == b'0' { b'1' } else { b'0' };
    let texts = [
        String::from_utf8(flipped).unwrap(),
        right[..right.len() / 2].to_owned(),
        String::new(),
        right.replace("65536", "65537"),
        right.replace("65536", "4294967295"),
        "x".repeat(20_000),
    ];
    for text in texts {
        fs::write(&path, text).unwrap();
        let error = refused(&folder, &passphrase(LONG));
        assert!(matches!(error, KeyError::RootDamaged { .. }), "{error}");
    }
    fs::write(&path, right.replace("\"version\": 1", "\"version\": 2")).unwrap();
    let newer = refused(&folder, &passphrase(LONG));
    assert!(matches!(newer, KeyError::Newer { .. }), "{newer}");
    fs::write(&path, right).unwrap();
    KeyStore::open(folder.path(), &passphrase(LONG)).unwrap();
}

#[test]
fn a_changed_root_opens_and_the_old_one_does_not() {
    let folder = Folder::new();
    let keys = folder.open();
    let sealed = seal(&keys, owner(1), b"x");
    let old = fs::read(folder.path().join("kek.bin")).unwrap();
    let ways = [
        passphrase(LONG),
        passphrase("another long passphrase"),
        Unlock::File,
        Unlock::File,
    ];
    let mut keys = keys;
    for new in &ways {
        let before = folder.files();
        keys.change_root(new).unwrap();
        assert_eq!(unseal(&keys, owner(1), &sealed).unwrap(), b"x");
        // New keys go on being made under the new root.
        seal(&keys, owner(2), b"y");
        keys.flush().unwrap();
        keys.begin_rotation().unwrap();
        assert!(keys.rotate_step(100).unwrap().is_done());
        drop(keys);
        let names: Vec<_> = folder.files().into_iter().map(|(name, _)| name).collect();
        assert_eq!(
            names,
            [new.file_name(), "keys.db"]
                .map(str::to_owned)
                .into_iter()
                .collect::<std::collections::BTreeSet<_>>()
                .into_iter()
                .collect::<Vec<_>>()
        );
        // The old root file, brought back alone, opens nothing.
        let roots = ["kek.bin", "root.json"];
        let (name, bytes) = before
            .iter()
            .find(|(name, _)| roots.contains(&name.as_str()))
            .unwrap();
        let thief = folder.copy();
        fs::remove_file(thief.path().join(new.file_name())).unwrap();
        fs::write(thief.path().join(name), bytes).unwrap();
        if name == "kek.bin" {
            assert!(matches!(
                refused(&thief, &Unlock::File),
                KeyError::WrongRoot(_)
            ));
        }
        keys = KeyStore::open(folder.path(), new).unwrap();
        assert_eq!(unseal(&keys, owner(1), &sealed).unwrap(), b"x");
    }
    assert_ne!(fs::read(folder.path().join("kek.bin")).unwrap(), old);
    assert!(!folder.holds(&old));
}

#[test]
fn a_refused_new_root_leaves_the_old_one() {
    let folder = Folder::new();
    let keys = folder.open();
    let refused = keys.change_root(&passphrase("short"));
    assert!(matches!(refused, Err(KeyError::PassphraseShort(_))));
    drop(keys);
    drop(folder.open());
}

/// The folder as a kill at each point of a change of its root leaves it.
fn killed(from: &Unlock, to: &Unlock) -> Vec<Folder> {
    let folder = Folder::new();
    let keys = KeyStore::open(folder.path(), from).unwrap();
    let new = root::make(to).unwrap();
    let mut killed = vec![folder.copy()];
    let mut writer = keys.writer().unwrap();
    keys.wrap_beside(&mut writer, &new).unwrap();
    killed.push(folder.copy());
    new.file.put(folder.path()).unwrap();
    killed.push(folder.copy());
    new.file.remove_other(folder.path()).unwrap();
    killed.push(folder.copy());
    keys.settle(&mut writer, new).unwrap();
    killed.push(folder.copy());
    killed
}

#[test]
fn a_kill_at_any_point_of_a_change_leaves_one_of_the_two_roots() {
    let other = || passphrase("another long passphrase");
    for (from, to) in [
        (Unlock::File, passphrase(LONG)),
        (passphrase(LONG), Unlock::File),
        (passphrase(LONG), other()),
        (Unlock::File, Unlock::File),
    ] {
        let same_file = from.file_name() == to.file_name();
        for (point, folder) in killed(&from, &to).into_iter().enumerate() {
            // Without another file to remove, only before and after the renaming differ.
            if same_file && !(1..=2).contains(&point) {
                continue;
            }
            let both = [folder.copy(), folder];
            let opened: Vec<_> = [&from, &to]
                .into_iter()
                .zip(&both)
                .filter(|(unlock, folder)| KeyStore::open(folder.path(), unlock).is_ok())
                .collect();
            assert!(!opened.is_empty(), "point {point}");
            for (unlock, folder) in opened {
                // Opening has ended the change: one root file, and nothing of other roots.
                let there = root::present(folder.path()).unwrap();
                assert_ne!(there.plain, there.locked);
                let file = crate::open::connect(folder.path()).unwrap().unwrap();
                let keks = crate::store::keks(&file).unwrap();
                assert_eq!(keks.len(), 1);
                assert_eq!(there.plain, matches!(unlock, Unlock::File));
            }
        }
    }
}

#[test]
fn no_rotation_begins_while_a_change_of_the_root_is_half_done() {
    let folder = Folder::new();
    let keys = folder.open();
    let new = root::make(&Unlock::File).unwrap();
    keys.wrap_beside(&mut keys.writer().unwrap(), &new).unwrap();
    let refused = keys.begin_rotation();
    assert!(matches!(refused, Err(KeyError::RootChanging)));
    keys.change_root(&Unlock::File).unwrap();
    keys.begin_rotation().unwrap();
}
