//! Seals: signed trees over records, and the proof that a record lies in one.
//!
//! A seal's signature covers its number, instant, count, root, the hash of the seal before
//! it, so that the seals are a chain of their own, and the root of the map of last records.
//! How seals are made: [`crate::sealing`].

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use kernel::{id::NodeId, time::Timestamp};

use crate::{
    Call, Row, StoreError,
    audit::{Hash, Subject, sha256},
    engine::Node,
    link::Link,
    merkle,
};

const LEAF_LEN: usize = 1 + 16 + 8 + 32;

crate::statements! {
    /// Where one record is sealed.
    Node FIND = "SELECT s.node_id, s.seal_no, s.at, s.leaves, s.root, s.previous,
            s.public_key, s.signature, s.map_root, l.leaf_index
        FROM audit_leaf l JOIN audit_seal s ON s.node_id = l.node_id AND s.seal_no = l.seal_no
        WHERE l.node_id = $1 AND l.subject_kind = $2 AND l.subject_id = $3 AND l.seq = $4";
    /// The place of a record alone, for lists.
    Node FIND_PLACE = "SELECT seal_no, leaf_index FROM audit_leaf
        WHERE node_id = $1 AND subject_kind = $2 AND subject_id = $3 AND seq = $4";
    /// The seals in order, after a number; for verification.
    Node SEALS = "SELECT node_id, seal_no, at, leaves, root, previous, public_key, signature,
            map_root
        FROM audit_seal WHERE node_id = $1 AND seal_no > $2 ORDER BY node_id, seal_no LIMIT 1";
    /// How many records wait.
    Node COUNT_WAITING = "SELECT COUNT(*) FROM audit_pending WHERE node_id = $1";
}

/// One leaf of a seal: which record, and its hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leaf {
    /// On whose chain.
    pub subject: Subject,
    /// Its number there.
    pub seq: i64,
    /// Its hash.
    pub hash: Hash,
}

/// A seal as stored.
#[derive(Clone, Debug)]
pub struct Seal {
    /// Whose seal.
    pub node: NodeId,
    /// Consecutive, from 1.
    pub number: i64,
    /// When.
    pub at: Timestamp,
    /// The records.
    pub leaves: Vec<Leaf>,
    /// Root of the tree over them.
    pub root: Hash,
    /// Hash of the seal before; zeros for the first.
    pub previous: Hash,
    /// Root of the map of last records ([`crate::map`]) with this seal's records in it; `None`
    /// for a seal of the first form, made before there was a map.
    pub map_root: Option<Hash>,
    /// The signer's Ed25519 key, 32 bytes.
    pub public_key: Vec<u8>,
    /// Over [`Seal::signed_text`].
    pub signature: Vec<u8>,
}

impl Seal {
    /// What the signature covers: the seal's facts, and with them the map's root if there
    /// is one.
    #[must_use]
    pub fn signed_text(&self) -> Vec<u8> {
        match &self.map_root {
            None => self.facts(b"tasuki-seal-v1"),
            Some(root) => [&self.facts(b"tasuki-seal-v2")[..], root].concat(),
        }
    }

    fn facts(&self, form: &[u8]) -> Vec<u8> {
        let count = i64::try_from(self.leaves.len()).unwrap_or(i64::MAX);
        [
            form,
            self.node.as_bytes(),
            &self.number.to_be_bytes(),
            &self.at.micros().to_be_bytes(),
            &count.to_be_bytes(),
            &self.root,
            &self.previous,
        ]
        .concat()
    }

    /// What the next seal names as its predecessor. It is made from the first form's text
    /// whatever the seal's own form, so that the program that knows no other can go on after
    /// it; the signature in it stands for the map's root.
    #[must_use]
    pub fn hash(&self) -> Hash {
        sha256(&[&self.facts(b"tasuki-seal-v1"), &self.signature])
    }

    /// Do root and signature fit?
    #[must_use]
    pub fn holds(&self) -> bool {
        let hashes: Vec<Hash> = self.leaves.iter().map(|leaf| leaf.hash).collect();
        merkle::root(&hashes) == self.root
            && UnparsedPublicKey::new(&ED25519, &self.public_key)
                .verify(&self.signed_text(), &self.signature)
                .is_ok()
    }
}

/// The proof that one record is in a signed seal, to be checked without the database.
#[derive(Clone, Debug)]
pub struct Proof {
    /// The seal; its leaves are left out.
    pub seal_number: i64,
    /// When it was sealed.
    pub sealed_at: Timestamp,
    /// The record's place in the seal.
    pub index: usize,
    /// How many records the seal holds.
    pub size: usize,
    /// Sibling hashes from the leaf up.
    pub path: Vec<Hash>,
    /// Signed root.
    pub root: Hash,
    /// The text that is signed.
    pub signed_text: Vec<u8>,
    /// Its signature.
    pub signature: Vec<u8>,
    /// The key.
    pub public_key: Vec<u8>,
}

impl Proof {
    /// Does the proof show that `record` is in the seal?
    #[must_use]
    pub fn holds(&self, record: &Hash) -> bool {
        let root = merkle::root_from_path(record, self.index, self.size, &self.path);
        root == Some(self.root)
            && self.signed_text.windows(32).any(|part| part == self.root)
            && UnparsedPublicKey::new(&ED25519, &self.public_key)
                .verify(&self.signed_text, &self.signature)
                .is_ok()
    }
}

pub(crate) fn encode(leaves: &[Leaf]) -> Vec<u8> {
    let mut out = Vec::with_capacity(leaves.len() * LEAF_LEN);
    for leaf in leaves {
        out.push(leaf.subject.kind());
        out.extend_from_slice(leaf.subject.id());
        out.extend_from_slice(&leaf.seq.to_be_bytes());
        out.extend_from_slice(&leaf.hash);
    }
    out
}

pub(crate) fn decode(bytes: &[u8]) -> Option<Vec<Leaf>> {
    if !bytes.len().is_multiple_of(LEAF_LEN) {
        return None;
    }
    bytes
        .chunks_exact(LEAF_LEN)
        .map(|chunk| {
            let (kind, rest) = chunk.split_first()?;
            let (id, rest) = rest.split_first_chunk::<16>()?;
            let (seq, hash) = rest.split_first_chunk::<8>()?;
            Some(Leaf {
                subject: Subject::from_parts(*kind, *id)?,
                seq: i64::from_be_bytes(*seq),
                hash: hash.try_into().ok()?,
            })
        })
        .collect()
}

/// The number of the seal that holds a record; `None` while it waits.
///
/// # Errors
/// [`StoreError`].
pub fn seal_of(call: &Call<'_>, subject: Subject, seq: i64) -> Result<Option<i64>, StoreError> {
    call.row(
        &FIND_PLACE,
        &[
            call.node.id.as_bytes().into(),
            i64::from(subject.kind()).into(),
            subject.id().into(),
            seq.into(),
        ],
        |row| row.int(0),
    )
}

/// The proof of a record; `None` while it waits for its seal.
///
/// # Errors
/// [`StoreError`].
pub fn prove(call: &Call<'_>, subject: Subject, seq: i64) -> Result<Option<Proof>, StoreError> {
    let me = call.node.id;
    let found = call.row(
        &FIND,
        &[
            me.as_bytes().into(),
            i64::from(subject.kind()).into(),
            subject.id().into(),
            seq.into(),
        ],
        |row| {
            let index = usize::try_from(row.int(9)?).unwrap_or(usize::MAX);
            Ok((read_seal(row)?, index))
        },
    )?;
    let Some((seal, index)) = found else {
        return Ok(None);
    };
    let hashes: Vec<Hash> = seal.leaves.iter().map(|leaf| leaf.hash).collect();
    let path = merkle::path(&hashes, index).ok_or(StoreError::Corrupt("a leaf's place"))?;
    Ok(Some(Proof {
        seal_number: seal.number,
        sealed_at: seal.at,
        index,
        size: hashes.len(),
        path,
        root: seal.root,
        signed_text: seal.signed_text(),
        signature: seal.signature,
        public_key: seal.public_key,
    }))
}

/// One row of [`SEALS`].
pub(crate) fn read_seal(row: &Row<'_>) -> Result<Seal, StoreError> {
    Ok(Seal {
        node: NodeId::from_bytes(row.array(0)?),
        number: row.int(1)?,
        at: row.at(2)?,
        leaves: decode(&row.blob(3)?).ok_or(StoreError::Corrupt("a seal's leaves"))?,
        root: row.array(4)?,
        previous: row.array(5)?,
        map_root: opt_hash(row, 8)?,
        public_key: row.blob(6)?,
        signature: row.blob(7)?,
    })
}

/// One seal, read past the program; `None` when there is no such number.
pub(crate) fn read_number(
    link: &Link,
    node: NodeId,
    number: i64,
) -> Result<Option<Seal>, StoreError> {
    let before = [node.as_bytes().into(), (number - 1).into()];
    let seal = link.row(&SEALS, &before, read_seal)?;
    Ok(seal.filter(|seal| seal.number == number))
}

/// In which seal a record lies, and where there; `None` while it waits.
pub(crate) fn read_place(
    link: &Link,
    node: NodeId,
    subject: Subject,
    seq: i64,
) -> Result<Option<(i64, usize)>, StoreError> {
    let kind = i64::from(subject.kind()).into();
    let values = [
        node.as_bytes().into(),
        kind,
        subject.id().into(),
        seq.into(),
    ];
    link.row(&FIND_PLACE, &values, |row| {
        let index = usize::try_from(row.int(1)?);
        let index = index.map_err(|_| StoreError::Corrupt("a leaf's place"))?;
        Ok((row.int(0)?, index))
    })
}

/// A hash that may be NULL.
pub(crate) fn opt_hash(row: &Row<'_>, column: usize) -> Result<Option<Hash>, StoreError> {
    row.opt_blob(column)?
        .map(|bytes| bytes.try_into())
        .transpose()
        .map_err(|_| StoreError::Corrupt("a hash"))
}

/// How many records wait for their seal.
///
/// # Errors
/// [`StoreError`].
pub fn waiting(call: &Call<'_>) -> Result<i64, StoreError> {
    let count = call.row(&COUNT_WAITING, &[call.node.id.as_bytes().into()], |row| {
        row.int(0)
    })?;
    Ok(count.unwrap_or_default())
}

pub(crate) fn signer(node: &[u8; 32]) -> Result<Ed25519KeyPair, StoreError> {
    Ed25519KeyPair::from_seed_unchecked(node).map_err(|_| StoreError::Corrupt("the sealing key"))
}

/// One seal's tables as a type that `verify` reads.
impl Node {
    /// The public half of the sealing key.
    #[must_use]
    pub fn public_key(&self) -> Vec<u8> {
        self.signer.public_key().as_ref().to_vec()
    }
}
