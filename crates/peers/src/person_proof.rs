//! Checking that a file holds the whole access history of one person, from the file alone.
//!
//! Three things together leave no room: the chain (each record names the one before, so none
//! is missing between the first and the last), the seals (each record lies under a signed
//! root, so none was changed since), and the map that the newest seal signs (it says which
//! record is the last, so none is missing at the end). What came after that seal is counted
//! and said to be unsealed.
//!
//! Written from the form's description, with hashing of its own and none of the server's
//! code. The form is `tasuki-history-v1`, octets in hexadecimal.
//! - record: SHA-256(`00`, kind, subject, number, microseconds, hash before, content)
//! - map key: SHA-256(kind, subject); leaf: SHA-256(`02`, key, number, hash of the record);
//!   node: SHA-256(`03`, left, right); nothing: 32 zero bytes; a subtree with one leaf is
//!   that leaf. The key's bits, the highest first, say left (0) or right (1).

use std::collections::BTreeMap;

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use serde::{Deserialize, Deserializer};

use crate::proof::{Hash, Seal, descend, leaf, sha256};

const FORM: &str = "tasuki-history-v1";
/// Most records of one person in one file.
const RECORDS_MAX: usize = 1_000_000;
/// Most siblings of a path in a tree of records, and in the map.
const PATH_MAX: usize = 64;
const MAP_PATH_MAX: usize = 256;

/// Why a file does not show a whole history, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Doubt {
    /// The file is not of the form.
    #[error("the file cannot be read: {0}")]
    Malformed(String),
    /// The seals were made with another key than the one that is trusted.
    #[error("the seals were signed with another key than the one given")]
    OtherKey,
    /// A number is missing, or comes twice.
    #[error("record {0} is missing, or out of its place")]
    Gap(u64),
    /// The content is not what was hashed.
    #[error("record {0} is not the one that was hashed: it, or its place, was changed")]
    Changed(u64),
    /// A seal is missing, of another installation, or its signature is wrong.
    #[error("seal {0} is missing, or its signature does not verify")]
    Seal(u64),
    /// The record does not lie under its seal.
    #[error("record {record} does not lie under seal {seal}")]
    NotInSeal {
        /// The record's number.
        record: u64,
        /// The seal's number.
        seal: u64,
    },
    /// A record without a seal lies before one with a seal.
    #[error("record {0} has no seal, but a later one has")]
    SealLost(u64),
    /// No seal of the file signs a map.
    #[error("nothing shows that the file is complete: it has no proof from the map")]
    NoMap,
    /// The map's proof does not lead to the signed root.
    #[error("the map's proof does not lead to the root that seal {0} signs")]
    OtherMap(u64),
    /// The map knows another last record.
    #[error(
        "by the map of seal {seal} the last record is number {last}, which the file does not end with"
    )]
    NotComplete {
        /// The seal whose map says so.
        seal: u64,
        /// The last record's number there; 0 when there is none.
        last: u64,
    },
    /// The count of unsealed records is not what the file says.
    #[error("the file says that {said} records are unsealed, but {found} are")]
    OtherCount {
        /// What the file says.
        said: u64,
        /// What it holds.
        found: u64,
    },
}

/// What a file shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Whose history: kind (1 person) and identifier.
    pub subject: (u8, [u8; 16]),
    /// Number before the first record in the file; what came up to it is in an archive.
    pub base: u64,
    /// Records in the file.
    pub records: u64,
    /// Of them, how many came after the seal that shows completeness.
    pub unsealed: u64,
    /// That seal's number.
    pub seal: u64,
    /// That seal's instant, in microseconds since 1970.
    pub sealed_at_micros: u64,
    /// The archive that holds what came before: number and SHA-256 of its file.
    pub archive: Option<(u64, [u8; 32])>,
}

/// Checks a file; with `trusted`, its seals must be signed by that Ed25519 key (a key that
/// comes with the file shows only that the file is whole).
///
/// # Errors
/// [`Doubt`], naming the first record or seal that is wrong.
pub fn examine(text: &[u8], trusted: Option<&[u8]>) -> Result<Shown, Doubt> {
    let file: File =
        serde_json::from_slice(text).map_err(|error| Doubt::Malformed(error.to_string()))?;
    if file.format != FORM {
        return Err(Doubt::Malformed(format!("its form is not {FORM}")));
    }
    if file.records.len() > RECORDS_MAX {
        return Err(Doubt::Malformed("too many records".to_owned()));
    }
    // A history without any seal names no key.
    let key = file.public_key.as_ref().ok_or(Doubt::NoMap)?;
    if trusted.is_some_and(|trusted| trusted != key.0) {
        return Err(Doubt::OtherKey);
    }
    check_chain(&file)?;
    let seals = check_seals(&file, &key.0)?;
    check_inclusion(&file, &seals)?;
    check_completeness(&file, &seals)
}

/// Every record follows the one before, from the base on.
fn check_chain(file: &File) -> Result<(), Doubt> {
    let mut before = (file.base.seq, file.base.hash.0);
    if before.0 == 0 && before.1 != [0; 32] {
        return Err(Doubt::Malformed("a base of nothing has a hash".to_owned()));
    }
    if before.0 > 0 && file.archive.is_none() {
        return Err(Doubt::Gap(1));
    }
    for record in &file.records {
        let expected = before.0 + 1;
        if record.seq != expected {
            return Err(Doubt::Gap(expected));
        }
        let place = [
            &[0, file.subject_kind][..],
            &file.subject.0,
            &record.seq.to_be_bytes(),
            &record.at_micros.to_be_bytes(),
        ]
        .concat();
        let said = record.at.as_deref().map(kernel::time::Timestamp::parse);
        if said.is_some_and(|at| at.map(|at| at.micros()) != Some(record.at_micros)) {
            return Err(Doubt::Changed(record.seq));
        }
        let content = kernel::hex::decode(&record.record);
        let content = content.ok_or(Doubt::Changed(record.seq))?;
        if sha256([&place, &before.1, &content]) != record.hash.0 {
            return Err(Doubt::Changed(record.seq));
        }
        before = (record.seq, record.hash.0);
    }
    Ok(())
}

/// Every seal of the file is this installation's and signed with the file's key.
fn check_seals(file: &File, key: &[u8; 32]) -> Result<BTreeMap<u64, Seal>, Doubt> {
    let key = UnparsedPublicKey::new(&ED25519, key);
    let mut seals = BTreeMap::new();
    for sealed in &file.seals {
        let text = kernel::hex::decode(&sealed.signed_text).unwrap_or_default();
        let seal = Seal::read(&text)
            .filter(|seal| seal.number == sealed.number && seal.node == file.node.0)
            .filter(|_| key.verify(&text, &sealed.signature.0).is_ok())
            .ok_or(Doubt::Seal(sealed.number))?;
        if seals.insert(sealed.number, seal).is_some() {
            return Err(Doubt::Seal(sealed.number));
        }
    }
    Ok(seals)
}

/// Every sealed record lies under its seal's root, and none before it is unsealed.
fn check_inclusion(file: &File, seals: &BTreeMap<u64, Seal>) -> Result<(), Doubt> {
    let mut unsealed = None;
    for record in &file.records {
        let Some(place) = &record.seal else {
            unsealed.get_or_insert(record.seq);
            continue;
        };
        if let Some(lost) = unsealed {
            return Err(Doubt::SealLost(lost));
        }
        let seal = seals.get(&place.number).ok_or(Doubt::Seal(place.number))?;
        let path: Vec<Hash> = place.path.iter().map(|one| one.0).collect();
        let fits = path.len() <= PATH_MAX
            && descend(leaf(&record.hash.0), place.leaf_index, seal.count, &path)
                == Some(seal.root);
        if !fits {
            return Err(Doubt::NotInSeal {
                record: record.seq,
                seal: place.number,
            });
        }
    }
    Ok(())
}

/// The map says which record is the last, and the file has it.
fn check_completeness(file: &File, seals: &BTreeMap<u64, Seal>) -> Result<Shown, Doubt> {
    let map = file.map.as_ref().ok_or(Doubt::NoMap)?;
    let seal = seals.get(&map.seal).ok_or(Doubt::Seal(map.seal))?;
    let root = seal.map_root.ok_or(Doubt::NoMap)?;
    let key = sha256([&[file.subject_kind], &file.subject.0, &[]]);
    let last = look_up(map, &key, &root).ok_or(Doubt::OtherMap(map.seal))?;
    let (seq, hash) = last.unwrap_or_default();
    let has_it = if seq <= file.base.seq {
        seq == file.base.seq && hash == file.base.hash.0
    } else {
        let found = file.records.iter().find(|record| record.seq == seq);
        found.is_some_and(|record| record.hash.0 == hash)
    };
    if !has_it {
        return Err(Doubt::NotComplete {
            seal: map.seal,
            last: seq,
        });
    }
    let newer = || file.records.iter().filter(|record| record.seq > seq);
    // What the map does not know yet cannot be in a seal that the map has seen.
    let is_early = |place: &Place| place.number <= map.seal;
    if newer().any(|record| record.seal.as_ref().is_some_and(is_early)) {
        return Err(Doubt::OtherMap(map.seal));
    }
    let found = newer().fold(0, |count, _| count + 1);
    if found != file.unsealed {
        let said = file.unsealed;
        return Err(Doubt::OtherCount { said, found });
    }
    Ok(Shown {
        subject: (file.subject_kind, file.subject.0),
        base: file.base.seq,
        records: file.records.iter().fold(0, |count, _| count + 1),
        unsealed: found,
        seal: map.seal,
        sealed_at_micros: seal.at_micros,
        archive: file.archive.as_ref().map(|a| (a.number, a.sha256.0)),
    })
}

/// What the map under `root` says of `key`: its last record, or none; `None` when the proof
/// does not lead to the root.
fn look_up(map: &MapProof, key: &Hash, root: &Hash) -> Option<Option<(u64, Hash)>> {
    let depth = map.siblings.len();
    if depth > MAP_PATH_MAX {
        return None;
    }
    let (mut at, last) = match &map.leaf {
        None => ([0; 32], None),
        Some(found) => {
            // A leaf of someone else shows that the place is taken, if it is the same place.
            let same =
                (0..depth).all(|level| goes_right(&found.key.0, level) == goes_right(key, level));
            if !same {
                return None;
            }
            let head = [&[2][..], &found.key.0].concat();
            let at = sha256([&head, &found.seq.to_be_bytes(), &found.hash.0]);
            (
                at,
                (found.key.0 == *key).then_some((found.seq, found.hash.0)),
            )
        }
    };
    for (level, sibling) in map.siblings.iter().enumerate().rev() {
        at = if goes_right(key, level) {
            sha256([&[3], &sibling.0, &at])
        } else {
            sha256([&[3], &at, &sibling.0])
        };
    }
    (at == *root).then_some(last)
}

fn goes_right(key: &Hash, level: usize) -> bool {
    let byte = key.get(level / 8).copied().unwrap_or_default();
    byte & (0x80 >> (level % 8)) != 0
}

#[derive(Deserialize)]
struct File {
    format: String,
    node: Octets<16>,
    subject_kind: u8,
    subject: Octets<16>,
    base: Base,
    archive: Option<Archive>,
    records: Vec<Record>,
    seals: Vec<Sealed>,
    public_key: Option<Octets<32>>,
    map: Option<MapProof>,
    unsealed: u64,
}

#[derive(Deserialize)]
struct Base {
    seq: u64,
    hash: Octets<32>,
}

#[derive(Deserialize)]
struct Archive {
    number: u64,
    sha256: Octets<32>,
}

#[derive(Deserialize)]
struct Record {
    seq: u64,
    /// For people; the hash covers `at_micros`, so this must say the same.
    at: Option<String>,
    at_micros: i64,
    record: String,
    hash: Octets<32>,
    seal: Option<Place>,
}

#[derive(Deserialize)]
struct Place {
    number: u64,
    leaf_index: u64,
    path: Vec<Octets<32>>,
}

#[derive(Deserialize)]
struct Sealed {
    number: u64,
    signed_text: String,
    signature: Octets<64>,
}

#[derive(Deserialize)]
struct MapProof {
    seal: u64,
    siblings: Vec<Octets<32>>,
    leaf: Option<MapLeaf>,
}

#[derive(Deserialize)]
struct MapLeaf {
    key: Octets<32>,
    seq: u64,
    hash: Octets<32>,
}

/// Octets of a known number, in hexadecimal.
struct Octets<const N: usize>([u8; N]);

impl<'de, const N: usize> Deserialize<'de> for Octets<N> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let octets = kernel::hex::decode_array(&text).map(Self);
        octets.ok_or_else(|| serde::de::Error::custom(format!("not {N} octets in hexadecimal")))
    }
}

#[cfg(test)]
mod tests;
