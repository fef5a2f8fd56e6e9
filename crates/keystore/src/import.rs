//! Exported keys back into a folder that is not being served.
//!
//! A whole export takes the place of the keys that are there, a later part is added to them.
//! Either way nobody's shredding is forgotten: the lists of both sides are united, and the
//! keys of everyone on them are not there afterwards.

use std::{io::Read, path::Path};

use aws_lc_rs::digest;
use kernel::time::Timestamp;
use rusqlite::{Connection, TransactionBehavior};
use zeroize::Zeroizing;

use crate::{
    KeyError, Owner, Shredded,
    cipher::RootId,
    export::{BODY_MAX, DATA_KEY, END, FORM, KEK, MAGIC, ROOT, SHREDDED, stream},
    open::{connect, create_file, lock},
    root::{self, RootFile},
    store::{self, Form, KekRow, KeyRow},
};

const CUT: KeyError = KeyError::Export("it is cut or a byte of it was changed");
const GAP: KeyError =
    KeyError::Export("it does not follow on what is there; import all parts in order, then open");

/// Takes an export into `folder`, which exists and is not being served: a whole one, or a part
/// made by `export_since` on top of those before it. No secret is needed. Afterwards the
/// folder opens with the root that the exported keys had.
///
/// # Errors
/// [`KeyError::Export`] when the export is cut, changed or does not follow on what is there,
/// [`KeyError::Foreign`] when the folder has another store's keys, [`KeyError::InUse`]: then
/// nothing has changed. After a kill, [`KeyError::ImportUnfinished`] until it is run again.
pub fn import(folder: &Path, input: &mut dyn Read) -> Result<(), KeyError> {
    let _lock = lock(folder)?;
    let (mut connection, made) = match connect(folder)? {
        Some(connection) => (connection, false),
        None => (create_file(folder)?, true),
    };
    let taken = take(&mut connection, input);
    match taken {
        Ok(file) => {
            file.put(folder)?;
            file.remove_other(folder)?;
            store::set_meta(&connection, store::IMPORTING, 0)?;
            root::restrict(folder, store::FILE)?;
            store::scrub(&connection)?;
            Ok(())
        }
        Err(error) => {
            drop(connection);
            if made {
                for name in ["keys.db-wal", "keys.db-shm", store::FILE] {
                    root::remove(&folder.join(name))?;
                }
            }
            Err(error)
        }
    }
}

/// Takes everything into `keys.db` in one transaction; the root file is returned.
fn take(connection: &mut Connection, input: &mut dyn Read) -> Result<RootFile, KeyError> {
    let mut input = Hashing::new(input);
    let head = Head::read(&mut input)?;
    let form = store::form(connection)?;
    head.follows(connection, form)?;
    store::prepare(connection)?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if form == Form::Empty {
        store::create(&transaction)?;
    }
    if head.since == 0 {
        store::delete_keys(&transaction)?;
    }
    store::delete_keks(&transaction)?;
    let root = take_records(&transaction, &mut input)?;
    input.check_hash()?;
    store::delete_keys_of_shredded(&transaction)?;
    let lost = KeyError::Export("it holds keys without their key-encryption key");
    let keks = store::keks(&transaction)?;
    if keks.is_empty() || store::count_orphans(&transaction)? > 0 {
        return Err(lost);
    }
    let (file, id) = root.ok_or(KeyError::Export("it holds no root file"))?;
    if keks.iter().any(|kek| kek.root != id) {
        return Err(KeyError::Export("its root file belongs to other keys"));
    }
    // Numbers never go back, lest the folder's own backups skip a part.
    let known: Option<i64> = store::meta(&transaction, store::CHANGE)?;
    let change = known.unwrap_or_default().max(head.next);
    store::set_meta(&transaction, store::CHANGE, change)?;
    store::set_meta(&transaction, store::IMPORTED, head.next)?;
    store::set_meta(&transaction, store::FINGERPRINT, &head.fingerprint[..])?;
    store::set_meta(&transaction, store::CHANGING, 0)?;
    store::set_meta(&transaction, store::IMPORTING, 1)?;
    store::set_meta(&transaction, store::SCRUB, 1)?;
    transaction.commit()?;
    Ok(file)
}

struct Head {
    since: i64,
    next: i64,
    fingerprint: [u8; 32],
}

impl Head {
    fn read(input: &mut Hashing<'_>) -> Result<Self, KeyError> {
        if input.array::<{ MAGIC.len() }>()? != *MAGIC {
            return Err(KeyError::Export("these are no exported keys"));
        }
        let [form] = input.array()?;
        if form != FORM {
            return Err(KeyError::Newer {
                file: "the export of keys",
                found: form.into(),
            });
        }
        Ok(Self {
            since: i64::from_be_bytes(input.array()?),
            next: i64::from_be_bytes(input.array()?),
            fingerprint: input.array()?,
        })
    }

    /// May this be taken into what is there?
    fn follows(&self, connection: &Connection, form: Form) -> Result<(), KeyError> {
        if self.since < 0 || self.next < self.since {
            return Err(CUT);
        }
        match form {
            Form::Empty if self.since == 0 => Ok(()),
            Form::Empty => Err(GAP),
            Form::First => Err(KeyError::Foreign),
            Form::Present => {
                let kept: Option<Vec<u8>> = store::meta(connection, store::FINGERPRINT)?;
                if kept.as_deref() != Some(&self.fingerprint[..]) {
                    return Err(KeyError::Foreign);
                }
                // A part may come again after a kill; but never onto keys that have gone
                // their own way since the import.
                let at: Option<i64> = store::meta(connection, store::IMPORTED)?;
                if self.since == 0 || at == Some(self.since) || at == Some(self.next) {
                    Ok(())
                } else {
                    Err(GAP)
                }
            }
        }
    }
}

fn take_records(
    connection: &Connection,
    input: &mut Hashing<'_>,
) -> Result<Option<(RootFile, RootId)>, KeyError> {
    let mut root = None;
    let mut count: u64 = 0;
    loop {
        let [tag] = input.array()?;
        let body = input.body()?;
        let mut body = Body(&body);
        match tag {
            ROOT => {
                let [length] = body.array()?;
                let name = body.take(length.into())?;
                let name = std::str::from_utf8(name).map_err(|_| CUT)?;
                root = Some(RootFile::parse(name, Zeroizing::new(body.0.to_vec()))?);
            }
            KEK => store::insert_kek(
                connection,
                &KekRow {
                    number: u32::from_be_bytes(body.array()?),
                    root: body.array()?,
                    wrapped: body.0.to_vec(),
                },
            )?,
            DATA_KEY => {
                let change = i64::from_be_bytes(body.array()?);
                let row = KeyRow {
                    owner: body.array()?,
                    number: u32::from_be_bytes(body.array()?),
                    kek: u32::from_be_bytes(body.array()?),
                    wrapped: body.0.to_vec(),
                };
                store::insert_key(connection, change, &row)?;
            }
            SHREDDED => {
                let change = i64::from_be_bytes(body.array()?);
                let owner: Owner = body.array()?;
                let at = Timestamp::from_micros(i64::from_be_bytes(body.array()?));
                let reason = String::from_utf8(body.0.to_vec()).map_err(|_| CUT)?;
                let shredded = Shredded { owner, at, reason };
                shredded.check()?;
                store::insert_shredded(connection, change, &shredded)?;
            }
            END if u64::from_be_bytes(body.array()?) == count => return Ok(root),
            _ => return Err(CUT),
        }
        count = count.saturating_add(1);
    }
}

/// What is left of a record.
struct Body<'a>(&'a [u8]);

impl<'a> Body<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], KeyError> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(CUT)?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], KeyError> {
        self.take(N)?.try_into().map_err(|_| CUT)
    }
}

/// Reads and hashes what it reads.
struct Hashing<'a> {
    input: &'a mut dyn Read,
    hash: digest::Context,
}

impl<'a> Hashing<'a> {
    fn new(input: &'a mut dyn Read) -> Self {
        Self {
            input,
            hash: digest::Context::new(&digest::SHA256),
        }
    }

    fn fill(&mut self, buffer: &mut [u8]) -> Result<(), KeyError> {
        exactly(self.input, buffer)?;
        self.hash.update(buffer);
        Ok(())
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], KeyError> {
        let mut out = [0; N];
        self.fill(&mut out)?;
        Ok(out)
    }

    fn body(&mut self) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let length = u32::from_be_bytes(self.array()?);
        if length > BODY_MAX {
            return Err(CUT);
        }
        let mut body = Zeroizing::new(vec![0; usize::try_from(length).map_err(|_| CUT)?]);
        self.fill(&mut body)?;
        Ok(body)
    }

    /// Reads the hash of everything before it, after which nothing may follow.
    fn check_hash(self) -> Result<(), KeyError> {
        let mut told = [0; 32];
        exactly(self.input, &mut told)?;
        let mut beyond = [0];
        let more = self.input.read(&mut beyond).map_err(stream)?;
        if more != 0 || self.hash.finish().as_ref() != told {
            return Err(CUT);
        }
        Ok(())
    }
}

fn exactly(input: &mut dyn Read, buffer: &mut [u8]) -> Result<(), KeyError> {
    input.read_exact(buffer).map_err(|e| match e.kind() {
        std::io::ErrorKind::UnexpectedEof => CUT,
        _ => stream(e),
    })
}
