//! The root: the one key from which all others open, and the file that it comes from.
//!
//! `kek.bin` is the root itself, 32 bytes; whoever reads that file reads everything.
//! `root.json` holds the root wrapped, by a passphrase (Argon2id) or by a key that never
//! leaves its PKCS#11 token. A folder has one of the two files. Data keys are not wrapped by
//! the root but by key-encryption keys, so a new root means few bytes to write anew.
//!
//! Source: RFC 9106 4 (Argon2id, 64 MiB, 3 passes, 4 lanes: the second recommended option).

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use argon2::{Algorithm, Argon2, Params, Version};
use aws_lc_rs::digest;
use kernel::{Secret, hex};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{
    KeyError,
    cipher::{self, KEY_LEN, Key, RootId},
    random::fill,
    token,
};

/// The file of a root that is not locked.
pub(crate) const PLAIN: &str = "kek.bin";
/// The file of a root that is locked.
pub(crate) const LOCKED: &str = "root.json";
const UNFINISHED: &str = "root.new";
const FORM: u32 = 1;
const FILE_MAX: usize = 16 * 1024;
const SALT_LEN: usize = 16;
/// Characters of a new passphrase at least.
pub const PASSPHRASE_MIN: usize = 12;
const MEMORY_KIB: u32 = 64 * 1024;
const PASSES: u32 = 3;
const LANES: u32 = 4;
/// What a description may ask of this machine at most: 1 GiB, 64 passes, 64 lanes.
const COST_MAX: (u32, u32, u32) = (1024 * 1024, 64, 64);

/// How the root is opened, and how it is locked when it is made.
#[derive(Clone, Debug)]
pub enum Unlock {
    /// By `kek.bin`, which lies open in the folder.
    File,
    /// By a passphrase; a new one has at least [`PASSPHRASE_MIN`] characters.
    Passphrase(Secret<String>),
    /// By a key in a PKCS#11 token.
    Pkcs11 {
        /// The token's library.
        module: PathBuf,
        /// The token's label.
        token: String,
        /// The user's PIN.
        pin: Secret<String>,
        /// The label of the AES-256 key; made when a root is locked and it is absent.
        key: String,
    },
}

impl Unlock {
    /// In words for operators.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::File => "the file kek.bin",
            Self::Passphrase(_) => "a passphrase",
            Self::Pkcs11 { .. } => "a PKCS#11 token",
        }
    }

    pub(crate) const fn file_name(&self) -> &'static str {
        match self {
            Self::File => PLAIN,
            Self::Passphrase(_) | Self::Pkcs11 { .. } => LOCKED,
        }
    }
}

/// A root and the file that it comes from.
pub(crate) struct Root {
    pub key: Key,
    pub id: RootId,
    pub file: RootFile,
}

/// What stands in a root file.
pub(crate) struct RootFile {
    pub name: &'static str,
    pub bytes: Zeroizing<Vec<u8>>,
}

/// Which root files a folder has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Present {
    pub plain: bool,
    pub locked: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Description {
    version: u32,
    /// Public name of the root, so that a root file of other keys is known as such.
    root: String,
    lock: Lock,
    /// SHA-256 of the description with this field empty, so that a damaged file is not
    /// mistaken for a wrong passphrase.
    check: String,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
enum Lock {
    Passphrase {
        memory_kib: u32,
        passes: u32,
        lanes: u32,
        salt: String,
        wrapped: String,
    },
    Pkcs11 {
        token: String,
        key: String,
        mechanism: token::Mechanism,
        nonce: String,
        wrapped: String,
    },
}

impl Lock {
    const fn name(&self) -> &'static str {
        match self {
            Self::Passphrase { .. } => "a passphrase",
            Self::Pkcs11 { .. } => "a PKCS#11 token",
        }
    }
}

/// Which root files lie in `folder`.
pub(crate) fn present(folder: &Path) -> Result<Present, KeyError> {
    let there = |name: &str| {
        let path = folder.join(name);
        path.try_exists().map_err(|source| io_error(&path, source))
    };
    Ok(Present {
        plain: there(PLAIN)?,
        locked: there(LOCKED)?,
    })
}

/// Opens the root file that `unlock` speaks of; writes nothing.
pub(crate) fn read(folder: &Path, unlock: &Unlock) -> Result<Root, KeyError> {
    let name = unlock.file_name();
    let path = folder.join(name);
    let bytes = Zeroizing::new(fs::read(&path).map_err(|source| io_error(&path, source))?);
    let (key, id) = match unlock {
        Unlock::File => plain(&bytes)?,
        Unlock::Passphrase(_) | Unlock::Pkcs11 { .. } => open(&describe(&bytes)?, unlock)?,
    };
    Ok(Root {
        key,
        id,
        file: RootFile { name, bytes },
    })
}

/// A new root, locked by `unlock`; not yet on disk.
pub(crate) fn make(unlock: &Unlock) -> Result<Root, KeyError> {
    let key = cipher::new_key();
    let id = cipher::root_id(&key);
    let bytes = match unlock {
        Unlock::File => Zeroizing::new(key.to_vec()),
        Unlock::Passphrase(passphrase) => write_down(id, lock_by(passphrase, &key, &id)?)?,
        Unlock::Pkcs11 {
            module,
            token,
            pin,
            key: label,
        } => {
            let locked = token::lock(module, token, pin, label, &key)?;
            write_down(
                id,
                Lock::Pkcs11 {
                    token: token.clone(),
                    key: label.clone(),
                    mechanism: locked.mechanism,
                    nonce: hex::encode(&locked.nonce),
                    wrapped: hex::encode(&locked.bytes),
                },
            )?
        }
    };
    Ok(Root {
        key,
        id,
        file: RootFile {
            name: unlock.file_name(),
            bytes,
        },
    })
}

impl RootFile {
    /// From an export: the name must be one of the two, and the bytes of that file's form.
    pub fn parse(name: &str, bytes: Zeroizing<Vec<u8>>) -> Result<(Self, RootId), KeyError> {
        let (name, id) = match name {
            PLAIN => (PLAIN, plain(&bytes)?.1),
            LOCKED => (LOCKED, name_of(&describe(&bytes)?)?),
            _ => return Err(KeyError::Export("it names an unknown root file")),
        };
        Ok((Self { name, bytes }, id))
    }

    /// Puts the file in place whole or not at all; an older one of that name is replaced.
    pub fn put(&self, folder: &Path) -> Result<(), KeyError> {
        let unfinished = folder.join(UNFINISHED);
        let failed = |source| io_error(&folder.join(self.name), source);
        remove(&unfinished)?;
        let mut file = private().open(&unfinished).map_err(failed)?;
        file.write_all(&self.bytes).map_err(failed)?;
        file.sync_all().map_err(failed)?;
        fs::rename(&unfinished, folder.join(self.name)).map_err(failed)?;
        sync(folder)
    }

    /// Removes the root file of the other kind, if there is one.
    pub fn remove_other(&self, folder: &Path) -> Result<(), KeyError> {
        let other = if self.name == PLAIN { LOCKED } else { PLAIN };
        remove(&folder.join(other))?;
        sync(folder)
    }
}

/// Makes files new, readable by their owner alone.
pub(crate) fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(0o600);
    options
}

/// Takes away others' right to read, and says so: older folders may have been copied carelessly.
pub(crate) fn restrict(folder: &Path, name: &str) -> Result<(), KeyError> {
    let path = folder.join(name);
    let failed = |source| io_error(&path, source);
    let metadata = match fs::metadata(&path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
        other => other.map_err(failed)?,
    };
    if metadata.permissions().mode() & 0o077 != 0 {
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).map_err(failed)?;
        tracing::warn!(
            file = name,
            "other users of this machine could read a file of keys; corrected to 0600. \
             If anyone may have copied it, change the root and rotate the keys"
        );
    }
    Ok(())
}

pub(crate) fn io_error(path: &Path, source: io::Error) -> KeyError {
    KeyError::Io {
        file: path.to_owned(),
        source,
    }
}

/// Removes a file; its absence is no fault.
pub(crate) fn remove(path: &Path) -> Result<(), KeyError> {
    match fs::remove_file(path) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(io_error(path, e)),
        _ => Ok(()),
    }
}

/// Makes names in `folder` durable.
pub(crate) fn sync(folder: &Path) -> Result<(), KeyError> {
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(|source| io_error(folder, source))
}

fn plain(bytes: &[u8]) -> Result<(Key, RootId), KeyError> {
    if bytes.len() != KEY_LEN {
        return Err(KeyError::RootDamaged {
            file: PLAIN,
            what: "it must hold exactly 32 bytes",
        });
    }
    let mut key = Key::default();
    key.as_mut().copy_from_slice(bytes);
    let id = cipher::root_id(&key);
    Ok((key, id))
}

const fn damaged(what: &'static str) -> KeyError {
    KeyError::RootDamaged { file: LOCKED, what }
}

fn check(description: &Description) -> Result<String, KeyError> {
    let bare = (description.version, &description.root, &description.lock);
    let text = serde_json::to_vec(&bare).map_err(|_| damaged("it cannot be written down"))?;
    Ok(hex::encode(digest::digest(&digest::SHA256, &text).as_ref()))
}

fn write_down(id: RootId, lock: Lock) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let mut description = Description {
        version: FORM,
        root: hex::encode(&id),
        lock,
        check: String::new(),
    };
    description.check = check(&description)?;
    let mut bytes = serde_json::to_vec_pretty(&description)
        .map_err(|_| damaged("it cannot be written down"))?;
    bytes.push(b'\n');
    Ok(Zeroizing::new(bytes))
}

fn describe(bytes: &[u8]) -> Result<Description, KeyError> {
    #[derive(Deserialize)]
    struct Form {
        version: u32,
    }
    if bytes.len() > FILE_MAX {
        return Err(damaged("it is too long"));
    }
    let form: Form =
        serde_json::from_slice(bytes).map_err(|_| damaged("it is not a description of a root"))?;
    if form.version > FORM {
        return Err(KeyError::Newer {
            file: LOCKED,
            found: form.version.into(),
        });
    }
    let description: Description =
        serde_json::from_slice(bytes).map_err(|_| damaged("it is not a description of a root"))?;
    if description.check != check(&description)? {
        return Err(damaged("its check sum differs"));
    }
    Ok(description)
}

fn name_of(description: &Description) -> Result<RootId, KeyError> {
    hex::decode_array(&description.root).ok_or(damaged("the root's name is no hexadecimal text"))
}

fn bytes_of(text: &str) -> Result<Vec<u8>, KeyError> {
    hex::decode(text).ok_or(damaged("a value is no hexadecimal text"))
}

fn open(description: &Description, unlock: &Unlock) -> Result<(Key, RootId), KeyError> {
    let id = name_of(description)?;
    let key = match (&description.lock, unlock) {
        (
            Lock::Passphrase {
                memory_kib,
                passes,
                lanes,
                salt,
                wrapped,
            },
            Unlock::Passphrase(passphrase),
        ) => {
            let with = derive(passphrase, &bytes_of(salt)?, (*memory_kib, *passes, *lanes))?;
            cipher::unwrap(&cipher::cipher(with.as_ref())?, &id, &bytes_of(wrapped)?)
                .ok_or(KeyError::WrongPassphrase)?
        }
        (
            Lock::Pkcs11 {
                mechanism,
                nonce,
                wrapped,
                ..
            },
            Unlock::Pkcs11 {
                module,
                token,
                pin,
                key,
            },
        ) => {
            let locked = token::Locked {
                mechanism: *mechanism,
                nonce: bytes_of(nonce)?,
                bytes: bytes_of(wrapped)?,
            };
            token::unlock(module, token, pin, key, &locked, &id)?
        }
        (lock, unlock) => {
            return Err(KeyError::OtherRoot {
                there: lock.name(),
                offered: unlock.name(),
            });
        }
    };
    if cipher::root_id(&key) != id {
        return Err(damaged("it holds another root than it names"));
    }
    Ok((key, id))
}

fn lock_by(passphrase: &Secret<String>, key: &Key, id: &RootId) -> Result<Lock, KeyError> {
    if passphrase.reveal().chars().count() < PASSPHRASE_MIN {
        return Err(KeyError::PassphraseShort(PASSPHRASE_MIN));
    }
    let mut salt = [0; SALT_LEN];
    fill(&mut salt);
    let with = derive(passphrase, &salt, (MEMORY_KIB, PASSES, LANES))?;
    let wrapped = cipher::wrap(&cipher::cipher(with.as_ref())?, id, key)?;
    Ok(Lock::Passphrase {
        memory_kib: MEMORY_KIB,
        passes: PASSES,
        lanes: LANES,
        salt: hex::encode(&salt),
        wrapped: hex::encode(&wrapped),
    })
}

fn derive(
    passphrase: &Secret<String>,
    salt: &[u8],
    (memory_kib, passes, lanes): (u32, u32, u32),
) -> Result<Key, KeyError> {
    if memory_kib > COST_MAX.0 || passes > COST_MAX.1 || lanes > COST_MAX.2 {
        return Err(damaged("it asks for too much memory or time"));
    }
    let params = Params::new(memory_kib, passes, lanes, Some(KEY_LEN))
        .map_err(|_| damaged("its Argon2id parameters are out of range"))?;
    let mut key = Key::default();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(passphrase.reveal().as_bytes(), salt, key.as_mut())
        .map_err(|_| KeyError::PassphraseMemory)?;
    Ok(key)
}
