use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use super::{Folder, owner, passphrase, seal};
use crate::{KeyError, KeyStore, Unlock, fill};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn files_of_keys_are_their_owners_alone() {
    let folder = Folder::new();
    let keys = folder.open();
    seal(&keys, owner(1), b"x");
    keys.flush().unwrap();
    for name in ["kek.bin", "keys.db", "keys.db-wal", "keys.db-shm"] {
        assert_eq!(mode(&folder.path().join(name)), 0o600, "{name}");
    }
    keys.change_root(&passphrase("long enough to be one"))
        .unwrap();
    assert_eq!(mode(&folder.path().join("root.json")), 0o600);
}

#[test]
fn a_root_file_that_others_can_read_is_corrected() {
    let folder = Folder::new();
    drop(folder.open());
    for name in ["kek.bin", "keys.db"] {
        let path = folder.path().join(name);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    }
    drop(folder.open());
    for name in ["kek.bin", "keys.db"] {
        assert_eq!(mode(&folder.path().join(name)), 0o600, "{name}");
    }
}

#[test]
fn a_folder_is_opened_by_one_key_store_at_a_time() {
    let folder = Folder::new();
    let keys = folder.open();
    let second = KeyStore::open(folder.path(), &Unlock::File);
    assert!(matches!(second, Err(KeyError::InUse)));
    drop(keys);
    drop(folder.open());
}

#[test]
fn an_absent_folder_is_named() {
    let folder = Folder::new();
    let path = folder.path().join("absent");
    let error = KeyStore::open(&path, &Unlock::File).err().unwrap();
    assert!(error.to_string().contains("absent"), "{error}");
    assert!(!path.exists());
}

#[test]
fn a_start_that_was_cut_before_there_were_keys_goes_on() {
    let folder = Folder::new();
    drop(folder.open());
    fs::remove_file(folder.path().join("keys.db")).unwrap();
    assert!(!KeyStore::exists(folder.path()).unwrap());
    drop(folder.open());
    fs::write(folder.path().join("keys.db"), b"").unwrap();
    drop(folder.open());
}

#[test]
fn a_file_from_the_future_is_refused() {
    let folder = Folder::new();
    drop(folder.open());
    {
        let file = rusqlite::Connection::open(folder.path().join("keys.db")).unwrap();
        file.pragma_update(None, "user_version", 3).unwrap();
    }
    let before = folder.files();
    let newer = KeyStore::open(folder.path(), &Unlock::File);
    assert!(matches!(newer, Err(KeyError::Newer { .. })));
    assert_eq!(folder.files(), before);
}

#[test]
fn a_damaged_file_of_keys_is_refused_and_left_as_it_is() {
    let folder = Folder::new();
    drop(folder.open());
    let path = folder.path().join("keys.db");
    let mut noise = vec![0; 8_192];
    fill(&mut noise);
    let cut = fs::read(&path).unwrap()[..5_000].to_vec();
    for bytes in [noise, cut] {
        fs::write(&path, &bytes).unwrap();
        let error = KeyStore::open(folder.path(), &Unlock::File).err().unwrap();
        assert!(error.to_string().contains("backup"), "{error}");
        assert_eq!(fs::read(&path).unwrap(), bytes);
    }
}

#[test]
fn changed_wrapped_keys_are_called_damaged() {
    for sql in [
        "UPDATE kek SET wrapped = zeroblob(60)",
        "UPDATE kek SET number = 9",
        "DELETE FROM kek",
        "UPDATE data_key SET wrapped = zeroblob(60)",
        "DELETE FROM data_key",
        "UPDATE meta SET value = zeroblob(32) WHERE name = 'fingerprint'",
    ] {
        let folder = Folder::new();
        drop(folder.open());
        {
            let file = rusqlite::Connection::open(folder.path().join("keys.db")).unwrap();
            file.execute(sql, []).unwrap();
        }
        let before = folder.files();
        let error = KeyStore::open(folder.path(), &Unlock::File).err().unwrap();
        assert!(matches!(error, KeyError::Damaged(_)), "{sql}: {error}");
        assert_eq!(folder.files(), before);
    }
}

#[test]
fn messages_never_hold_secrets() {
    let lock = Unlock::Pkcs11 {
        module: "/nowhere/module.so".into(),
        token: "t".to_owned(),
        pin: kernel::Secret::new("314159".to_owned()),
        key: "k".to_owned(),
    };
    assert!(!format!("{lock:?}").contains("314159"));
    let folder = Folder::new();
    let error = KeyStore::open(folder.path(), &lock).err().unwrap();
    assert!(matches!(error, KeyError::TokenModule { .. }), "{error}");
    assert!(!format!("{error} {error:?}").contains("314159"));
    assert!(folder.files().is_empty());
}
