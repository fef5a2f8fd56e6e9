//! The rules of the key store, as sentences.

mod exports;
mod folder;
mod roots;
mod rotation;
mod sealing;
mod shredding;
mod speed;
mod tokens;
mod upgrade;

use std::{
    fs,
    path::{Path, PathBuf},
};

use kernel::{Secret, hex};

use crate::{KeyStore, Owner, Unlock, fill};

/// A folder of its own, gone afterwards.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let mut name = [0; 8];
        fill(&mut name);
        let path = std::env::temp_dir().join(format!("tasuki-keys-{}", hex::encode(&name)));
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    fn path(&self) -> &Path {
        &self.0
    }

    fn open(&self) -> KeyStore {
        KeyStore::open(&self.0, &Unlock::File).unwrap()
    }

    /// Names and bytes of all files.
    fn files(&self) -> Vec<(String, Vec<u8>)> {
        let mut files: Vec<_> = fs::read_dir(&self.0)
            .unwrap()
            .map(|entry| entry.unwrap())
            .filter(|entry| entry.path().is_file())
            .map(|entry| {
                let name = entry.file_name().into_string().unwrap();
                (name, fs::read(entry.path()).unwrap())
            })
            .collect();
        files.sort();
        files
    }

    /// Does any file hold these bytes?
    fn holds(&self, bytes: &[u8]) -> bool {
        self.files()
            .iter()
            .any(|(_, file)| file.windows(bytes.len()).any(|window| window == bytes))
    }

    fn copy(&self) -> Self {
        let copy = Self::new();
        for (name, bytes) in self.files() {
            fs::write(copy.0.join(name), bytes).unwrap();
        }
        copy
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn owner(number: u16) -> Owner {
    let [a, b] = number.to_be_bytes();
    let mut owner = [b; 16];
    owner[0] = a;
    owner[7] = 0x55;
    owner
}

fn passphrase(text: &str) -> Unlock {
    Unlock::Passphrase(Secret::new(text.to_owned()))
}

const TABLE: &str = "registry_profile";

fn seal(keys: &KeyStore, owner: Owner, plain: &[u8]) -> Vec<u8> {
    keys.seal(owner, TABLE, &[&owner], plain).unwrap()
}

fn unseal(keys: &KeyStore, owner: Owner, sealed: &[u8]) -> Result<Vec<u8>, crate::KeyError> {
    keys.unseal(owner, TABLE, &[&owner], sealed)
}

/// The wrapped data keys of an owner, as they lie in the file.
fn wrapped(keys: &KeyStore, owner: Owner) -> Vec<Vec<u8>> {
    let rows = keys.read(&owner, |c| crate::store::keys_of(c, &owner));
    rows.unwrap().into_iter().map(|row| row.wrapped).collect()
}
