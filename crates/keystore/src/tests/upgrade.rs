//! Folders of the first form, made here by the statements of the program that made them.

use std::fs;

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, Nonce, UnboundKey};
use rusqlite::{Connection, params};

use super::{Folder, TABLE, owner, passphrase, unseal};
use crate::{KeyError, KeyStore, Owner, Unlock, fill};

fn encrypt(key: &[u8; 32], associated: &[u8], plain: &[u8]) -> Vec<u8> {
    let mut nonce = [0; 12];
    fill(&mut nonce);
    let mut body = plain.to_vec();
    LessSafeKey::new(UnboundKey::new(&AES_256_GCM_SIV, key).unwrap())
        .seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(associated),
            &mut body,
        )
        .unwrap();
    [&nonce[..], &body].concat()
}

struct First {
    folder: Folder,
    kek: [u8; 32],
    directory: [u8; 32],
    sealed: Vec<(Owner, Vec<u8>)>,
}

fn first_form(people: u16) -> First {
    let folder = Folder::new();
    let (mut kek, mut directory) = ([0; 32], [0; 32]);
    fill(&mut kek);
    fill(&mut directory);
    fs::write(folder.path().join("kek.bin"), kek).unwrap();
    let file = Connection::open(folder.path().join("keys.db")).unwrap();
    file.pragma_update(None, "journal_mode", "WAL").unwrap();
    file.pragma_update(None, "synchronous", "FULL").unwrap();
    file.execute_batch(
        "CREATE TABLE IF NOT EXISTS data_key (
           owner_id BLOB NOT NULL PRIMARY KEY, wrapped BLOB NOT NULL
         ) STRICT, WITHOUT ROWID",
    )
    .unwrap();
    let put = |owner: Owner, key: &[u8; 32]| {
        file.execute(
            "INSERT INTO data_key (owner_id, wrapped) VALUES (?1, ?2)",
            params![&owner[..], encrypt(&kek, &owner, key)],
        )
        .unwrap();
    };
    put([0xff; 16], &directory);
    let mut sealed = Vec::new();
    for number in 0..people {
        let owner = owner(number);
        let mut key = [0; 32];
        fill(&mut key);
        put(owner, &key);
        let place = [TABLE.as_bytes(), &[0], &owner].concat();
        let envelope = [
            &[1, 0, 0, 0, 1][..],
            &encrypt(&key, &place, &number.to_be_bytes()),
        ]
        .concat();
        sealed.push((owner, envelope));
    }
    First {
        folder,
        kek,
        directory,
        sealed,
    }
}

#[test]
fn a_folder_of_the_first_form_opens_and_stays_open() {
    let first = first_form(50);
    let old = {
        let old = Connection::open(first.folder.path().join("keys.db")).unwrap();
        let sql = "SELECT wrapped FROM data_key WHERE owner_id = ?1";
        let row = old.query_row(sql, [&owner(7)[..]], |row| row.get::<_, Vec<u8>>(0));
        row.unwrap()
    };
    for _ in 0..2 {
        let keys = first.folder.open();
        for (number, (owner, sealed)) in (0_u16..).zip(&first.sealed) {
            assert_eq!(unseal(&keys, *owner, sealed).unwrap(), number.to_be_bytes());
        }
        let hash = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, &first.directory);
        let hash = aws_lc_rs::hmac::sign(&hash, b"card\x00123");
        assert_eq!(keys.directory_key("card", &["123"]), hash.as_ref());
    }
    assert!(
        !first.folder.holds(&old),
        "what kek.bin itself wrapped is gone"
    );
    assert_eq!(
        fs::read(first.folder.path().join("kek.bin")).unwrap(),
        first.kek
    );
}

#[test]
fn a_wrong_or_missing_kek_leaves_the_first_form_as_it_was() {
    let first = first_form(3);
    let path = first.folder.path().join("kek.bin");
    fs::write(&path, [7; 32]).unwrap();
    let before = first.folder.files();
    let open = |unlock: &Unlock| KeyStore::open(first.folder.path(), unlock).err().unwrap();
    assert!(matches!(
        open(&Unlock::File),
        KeyError::WrongRoot("kek.bin")
    ));
    assert!(matches!(
        open(&passphrase("long enough to be one")),
        KeyError::OtherRoot { .. }
    ));
    assert_eq!(first.folder.files(), before);
    fs::remove_file(&path).unwrap();
    let before = first.folder.files();
    assert!(matches!(
        open(&Unlock::File),
        KeyError::RootMissing("kek.bin")
    ));
    assert_eq!(first.folder.files(), before);
}

#[test]
fn a_damaged_key_stops_the_upgrade_as_a_whole() {
    let first = first_form(3);
    {
        let file = Connection::open(first.folder.path().join("keys.db")).unwrap();
        let sql = "UPDATE data_key SET wrapped = zeroblob(60) WHERE owner_id = ?1";
        file.execute(sql, [&owner(2)[..]]).unwrap();
    }
    let error = KeyStore::open(first.folder.path(), &Unlock::File)
        .err()
        .unwrap();
    assert!(matches!(error, KeyError::Damaged(_)), "{error}");
    let file = Connection::open(first.folder.path().join("keys.db")).unwrap();
    let count: i64 = file
        .query_row("SELECT count(*) FROM data_key", [], |row| row.get(0))
        .unwrap();
    assert_eq!(count, 4);
    let form = crate::store::form(&file).unwrap();
    assert_eq!(form, crate::store::Form::First);
}

#[test]
fn an_empty_file_of_the_first_form_gets_keys() {
    let folder = Folder::new();
    Connection::open(folder.path().join("keys.db"))
        .unwrap()
        .execute_batch(
            "CREATE TABLE data_key (
               owner_id BLOB NOT NULL PRIMARY KEY, wrapped BLOB NOT NULL
             ) STRICT, WITHOUT ROWID",
        )
        .unwrap();
    assert!(!KeyStore::exists(folder.path()).unwrap());
    drop(folder.open());
    assert!(KeyStore::exists(folder.path()).unwrap());
}
