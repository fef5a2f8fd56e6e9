//! The proof of one person's whole access history, as a file that is checked without the
//! database: all records (still encrypted), their seals, and from the map that the newest
//! seal signs, which record is the last.
//!
//! Form `tasuki-history-v1`: JSON, octets in hexadecimal. It holds no personal data in the
//! clear and needs no key to make. The checker that goes with it is `tasuki audit check`;
//! what a checker does is written in the file itself.

use std::collections::BTreeMap;

use kernel::{
    hex,
    id::{NodeId, PersonId},
    time::Timestamp,
};
use serde::Serialize;

use crate::{
    StoreError,
    archive::Place,
    archiving::{self, NODE},
    audit::{Hash, Subject},
    link::Link,
    map::{self, End},
    merkle,
    seal::{self, Seal},
    sealing::MAP_STATE,
    verify::LinkPages,
};

/// Rows that are read at once.
const PAGE: i64 = 500;

/// The file.
#[derive(Debug, Serialize)]
pub struct PersonProof {
    format: &'static str,
    node: String,
    subject_kind: u8,
    subject: String,
    made_at: String,
    base: WirePlace,
    archive: Option<WireArchive>,
    records: Vec<WireRecord>,
    seals: Vec<WireSeal>,
    public_key: Option<String>,
    map: Option<WireMap>,
    unsealed: u64,
    how_to_verify: WireText,
}

#[derive(Debug, Serialize)]
struct WirePlace {
    seq: i64,
    hash: String,
}

#[derive(Debug, Serialize)]
struct WireArchive {
    number: i64,
    made_at: String,
    before: String,
    sha256: String,
}

#[derive(Debug, Serialize)]
struct WireRecord {
    seq: i64,
    at: String,
    at_micros: i64,
    record: String,
    hash: String,
    seal: Option<WireLeaf>,
}

#[derive(Debug, Serialize)]
struct WireLeaf {
    number: i64,
    leaf_index: usize,
    path: Vec<String>,
}

#[derive(Debug, Serialize)]
struct WireSeal {
    number: i64,
    at: String,
    signed_text: String,
    signature: String,
}

#[derive(Debug, Serialize)]
struct WireMap {
    seal: i64,
    siblings: Vec<String>,
    leaf: Option<WireMapLeaf>,
}

#[derive(Debug, Serialize)]
struct WireMapLeaf {
    key: String,
    seq: i64,
    hash: String,
}

#[derive(Debug, Serialize)]
struct WireText {
    ja: &'static str,
    en: &'static str,
}

const HOW: WireText = WireText {
    ja: "値は16進数、数はビッグエンディアンです。(1) 鎖: 各記録の hash = SHA-256(00 || subject_kind(1) || subject(16) || seq(8) || at_micros(8) || 前の記録の hash(32。最初は base.hash) || record)。番号は base.seq の次から続いています。(2) 封印: 記録の葉 SHA-256(00 || hash) から path を RFC 9162 2.1.3.2 のとおりに合わせると、その封印の根になります。封印の signed_text は「tasuki-seal-v1」または「tasuki-seal-v2」、node(16)、番号、時刻(マイクロ秒)、件数(各8)、根(32)、前の封印のハッシュ(32)、v2 では写像の根(32)です。signature は public_key の Ed25519 署名です。(3) 完全性: 鍵 K = SHA-256(subject_kind || subject)。葉は SHA-256(02 || key || seq(8) || hash)、leaf がなければ 0 の32バイト。siblings は根に近い順です。終わりから順に、K の該当ビットが 1 なら SHA-256(03 || sibling || 値)、0 なら SHA-256(03 || 値 || sibling) とすると、map.seal の封印にある写像の根になります。leaf の key が K なら、その seq と hash が最後に封印された記録です。それより新しい記録は未封印(unsealed)です。(4) public_key が運営者の公表する鍵と同じことを確かめます。",
    en: "Values are hexadecimal, numbers big endian. (1) Chain: a record's hash = SHA-256(00 || subject_kind (1) || subject (16) || seq (8) || at_micros (8) || hash of the record before (32; base.hash for the first) || record); numbers go on from base.seq. (2) Seals: from the leaf SHA-256(00 || hash), path leads to the seal's root as in RFC 9162 section 2.1.3.2; signed_text is \"tasuki-seal-v1\" or \"tasuki-seal-v2\", node (16), number, time in microseconds, count (8 each), root (32), hash of the seal before (32), and in v2 the map's root (32); signature is public_key's Ed25519 signature over it. (3) Completeness: key K = SHA-256(subject_kind || subject); a leaf is SHA-256(02 || key || seq (8) || hash), without a leaf 32 zero bytes; siblings stand from the root down: from the last on, SHA-256(03 || sibling || value) where K's bit is 1, SHA-256(03 || value || sibling) where it is 0, leads to the map's root in the seal map.seal. If the leaf's key is K, its seq and hash are the last sealed record; newer ones are unsealed. (4) public_key must be the one that the operator publishes.",
};

/// Makes the file for a person; `None` when there is no such person.
///
/// # Errors
/// [`StoreError`].
pub fn make(
    link: &Link,
    person: PersonId,
    now: Timestamp,
) -> Result<Option<PersonProof>, StoreError> {
    link.begin_snapshot()?;
    let outcome = make_snapshot(link, person, now);
    link.roll_back();
    outcome
}

fn make_snapshot(
    link: &Link,
    person: PersonId,
    now: Timestamp,
) -> Result<Option<PersonProof>, StoreError> {
    let subject = Subject::Person(person);
    let head = link.row(subject.statements().base, &[subject.id().into()], |row| {
        row.int(0)
    })?;
    if head.is_none() {
        return Ok(None);
    }
    let node = link.row(&NODE, &[], |row| row.array(0))?;
    let node = NodeId::from_bytes(node.ok_or(StoreError::Corrupt("the node's head"))?);
    let archived = archiving::read_archived(link, node, subject)?;
    let base = archived.map_or(Place::NONE, |archived| archived.through);
    let mut seals = BTreeMap::new();
    let records = records(link, node, subject, base.seq, &mut seals)?;
    let map = map_proof(link, node, subject, &mut seals)?;
    let last = map.as_ref().map_or(0, |(_, last)| *last);
    let public_key = seals
        .values()
        .next_back()
        .map(|seal| hex::encode(&seal.public_key));
    Ok(Some(PersonProof {
        format: "tasuki-history-v1",
        node: node.to_hex(),
        subject_kind: subject.kind(),
        subject: person.to_hex(),
        made_at: now.to_string(),
        base: WirePlace {
            seq: base.seq,
            hash: hex::encode(&base.hash),
        },
        archive: archived.map(|archived| WireArchive {
            number: archived.number,
            made_at: archived.made_at.to_string(),
            before: archived.before.to_string(),
            sha256: hex::encode(&archived.sha256),
        }),
        unsealed: records
            .iter()
            .fold(0, |count, record| count + u64::from(record.seq > last)),
        records,
        seals: seals.values().map(wire_seal).collect(),
        public_key,
        map: map.map(|(map, _)| map),
        how_to_verify: HOW,
    }))
}

fn records(
    link: &Link,
    node: NodeId,
    subject: Subject,
    base: i64,
    seals: &mut BTreeMap<i64, Seal>,
) -> Result<Vec<WireRecord>, StoreError> {
    let mut records = Vec::new();
    let mut at = base;
    loop {
        let page = [subject.id().into(), at.into(), PAGE.into()];
        let rows = link.rows(subject.statements().after, &page, |row| {
            Ok((row.int(0)?, row.at(1)?, row.blob(2)?, row.array::<32>(3)?))
        })?;
        let is_last = i64::try_from(rows.len()).is_ok_and(|count| count < PAGE);
        for (seq, instant, body, hash) in rows {
            at = seq;
            let place = seal::read_place(link, node, subject, seq)?;
            records.push(WireRecord {
                seq,
                at: instant.to_string(),
                at_micros: instant.micros(),
                record: hex::encode(&body),
                hash: hex::encode(&hash),
                seal: match place {
                    Some((number, index)) => Some(leaf(link, node, number, index, seals)?),
                    None => None,
                },
            });
        }
        if is_last {
            return Ok(records);
        }
    }
}

fn leaf(
    link: &Link,
    node: NodeId,
    number: i64,
    index: usize,
    seals: &mut BTreeMap<i64, Seal>,
) -> Result<WireLeaf, StoreError> {
    let seal = one_seal(link, node, number, seals)?;
    let hashes: Vec<Hash> = seal.leaves.iter().map(|leaf| leaf.hash).collect();
    let path = merkle::path(&hashes, index).ok_or(StoreError::Corrupt("a leaf's place"))?;
    Ok(WireLeaf {
        number,
        leaf_index: index,
        path: path.iter().map(|hash| hex::encode(hash)).collect(),
    })
}

fn one_seal<'s>(
    link: &Link,
    node: NodeId,
    number: i64,
    seals: &'s mut BTreeMap<i64, Seal>,
) -> Result<&'s Seal, StoreError> {
    use std::collections::btree_map::Entry;
    match seals.entry(number) {
        Entry::Occupied(known) => Ok(known.into_mut()),
        Entry::Vacant(new) => {
            let seal = seal::read_number(link, node, number)?;
            Ok(new.insert(seal.ok_or(StoreError::Corrupt("a seal that a record names"))?))
        }
    }
}

/// What the map says of the subject, and the last record's number there (0 for none); `None`
/// while no seal signs the map as it is.
fn map_proof(
    link: &Link,
    node: NodeId,
    subject: Subject,
    seals: &mut BTreeMap<i64, Seal>,
) -> Result<Option<(WireMap, i64)>, StoreError> {
    let head = link.row(&MAP_STATE, &[node.as_bytes().into()], |row| row.int(0))?;
    let Some(number) = head else {
        return Ok(None);
    };
    if one_seal(link, node, number, seals)?.map_root.is_none() {
        return Ok(None);
    }
    let key = map::key(subject);
    let proof = map::prove(&LinkPages { link, node }, &key)?;
    let (leaf, last) = match proof.end {
        End::Empty => (None, 0),
        End::Leaf { key: of, seq, hash } => {
            let leaf = WireMapLeaf {
                key: hex::encode(&of),
                seq,
                hash: hex::encode(&hash),
            };
            (Some(leaf), if of == key { seq } else { 0 })
        }
    };
    let siblings = proof
        .siblings
        .iter()
        .map(|hash| hex::encode(hash))
        .collect();
    let seal = number;
    Ok(Some((
        WireMap {
            seal,
            siblings,
            leaf,
        },
        last,
    )))
}

fn wire_seal(seal: &Seal) -> WireSeal {
    WireSeal {
        number: seal.number,
        at: seal.at.to_string(),
        signed_text: hex::encode(&seal.signed_text()),
        signature: hex::encode(&seal.signature),
    }
}
