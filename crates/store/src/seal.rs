//! Sealing: every minute, or when enough wait, a signed tree over the records that wait.
//!
//! Records are found in `audit_pending`, never by a number's watermark: transactions land
//! out of order. A seal's signature covers its number, instant, count, root and the hash of
//! the seal before it, so that the seals are a chain of their own.

use std::sync::Arc;

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use kernel::{id::NodeId, time::Timestamp};

use crate::{
    Call, Stop, StoreError, Value,
    audit::{Hash, Subject, sha256},
    engine::Node,
    merkle,
};

/// Most records in one seal. A seal is one operation on the writer, and 2,000 records take
/// it a few milliseconds; more seals are made when more wait.
pub const RECORDS_MAX: i64 = 2_000;
const LEAF_LEN: usize = 1 + 16 + 8 + 32;

crate::statements! {
    /// What waits, in key order.
    Node WAITING = "SELECT subject_kind, subject_id, seq, hash FROM audit_pending
        WHERE node_id = $1 ORDER BY node_id, subject_kind, subject_id, seq LIMIT $2";
    /// No longer waits.
    Node DONE = "DELETE FROM audit_pending
        WHERE node_id = $1 AND subject_kind = $2 AND subject_id = $3 AND seq = $4";
    /// Where a record is sealed.
    Node PLACE = "INSERT INTO audit_leaf (node_id, subject_kind, subject_id, seq, seal_no, leaf_index)
        VALUES ($1, $2, $3, $4, $5, $6)";
    /// The newest seal.
    Node NEWEST = "SELECT seal_no, at, root, previous, leaves, signature FROM audit_seal
        WHERE node_id = $1 ORDER BY seal_no DESC LIMIT 1";
    /// A new seal.
    Node KEEP = "INSERT INTO audit_seal
        (node_id, seal_no, at, leaves, root, previous, public_key, signature)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    /// Where one record is sealed.
    Node FIND = "SELECT s.seal_no, l.leaf_index, s.at, s.leaves, s.root, s.previous,
            s.public_key, s.signature
        FROM audit_leaf l JOIN audit_seal s ON s.node_id = l.node_id AND s.seal_no = l.seal_no
        WHERE l.node_id = $1 AND l.subject_kind = $2 AND l.subject_id = $3 AND l.seq = $4";
    /// The place of a record alone, for lists.
    Node FIND_PLACE = "SELECT seal_no FROM audit_leaf
        WHERE node_id = $1 AND subject_kind = $2 AND subject_id = $3 AND seq = $4";
    /// The seals in order, after a number; for verification.
    Node SEALS = "SELECT node_id, seal_no, at, leaves, root, previous, public_key, signature
        FROM audit_seal WHERE (node_id, seal_no) > ($1, $2) ORDER BY node_id, seal_no LIMIT 1";
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
    /// The signer's Ed25519 key, 32 bytes.
    pub public_key: Vec<u8>,
    /// Over [`Seal::signed_text`].
    pub signature: Vec<u8>,
}

impl Seal {
    /// What the signature covers.
    #[must_use]
    pub fn signed_text(&self) -> Vec<u8> {
        let count = i64::try_from(self.leaves.len()).unwrap_or(i64::MAX);
        [
            &b"tasuki-seal-v1"[..],
            self.node.as_bytes(),
            &self.number.to_be_bytes(),
            &self.at.micros().to_be_bytes(),
            &count.to_be_bytes(),
            &self.root,
            &self.previous,
        ]
        .concat()
    }

    /// What the next seal names as its predecessor.
    #[must_use]
    pub fn hash(&self) -> Hash {
        sha256(&[&self.signed_text(), &self.signature])
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

/// Seals what waits, at most [`RECORDS_MAX`]; how many records were sealed.
///
/// # Errors
/// [`StoreError`].
pub fn seal_waiting(call: &mut Call<'_>) -> Result<usize, Stop> {
    let node = Arc::clone(call.node);
    let me = node.id;
    let leaves = call.rows(
        &WAITING,
        &[me.as_bytes().into(), RECORDS_MAX.into()],
        |row| {
            let kind = u8::try_from(row.int(0)?).unwrap_or_default();
            Ok(Leaf {
                subject: Subject::from_parts(kind, row.array(1)?)
                    .ok_or(StoreError::Corrupt("a subject kind"))?,
                seq: row.int(2)?,
                hash: row.array(3)?,
            })
        },
    )?;
    if leaves.is_empty() {
        return Ok(0);
    }
    let last = newest(call, me)?;
    let hashes: Vec<Hash> = leaves.iter().map(|leaf| leaf.hash).collect();
    let mut seal = Seal {
        node: me,
        number: last.as_ref().map_or(1, |seal| seal.number + 1),
        at: call.at(),
        root: merkle::root(&hashes),
        previous: last.map_or(crate::audit::GENESIS, |seal| seal.hash()),
        public_key: node.signer.public_key().as_ref().to_vec(),
        signature: Vec::new(),
        leaves,
    };
    seal.signature = node.signer.sign(&seal.signed_text()).as_ref().to_vec();
    keep(call, &seal)?;
    call.detail("seal", seal.number.to_string());
    call.detail("records", seal.leaves.len().to_string());
    Ok(seal.leaves.len())
}

fn keep(call: &Call<'_>, seal: &Seal) -> Result<(), StoreError> {
    let me = Value::from(seal.node.as_bytes());
    call.execute(
        &KEEP,
        &[
            me,
            seal.number.into(),
            seal.at.into(),
            (&encode(&seal.leaves)).into(),
            (&seal.root).into(),
            (&seal.previous).into(),
            (&seal.public_key).into(),
            (&seal.signature).into(),
        ],
    )?;
    for (index, leaf) in (0_i64..).zip(&seal.leaves) {
        let kind = i64::from(leaf.subject.kind());
        let id = Value::from(leaf.subject.id());
        call.execute(
            &PLACE,
            &[
                me,
                kind.into(),
                id,
                leaf.seq.into(),
                seal.number.into(),
                index.into(),
            ],
        )?;
        call.execute(&DONE, &[me, kind.into(), id, leaf.seq.into()])?;
    }
    Ok(())
}

fn newest(call: &Call<'_>, me: NodeId) -> Result<Option<Seal>, StoreError> {
    call.row(&NEWEST, &[me.as_bytes().into()], |row| {
        Ok(Seal {
            node: me,
            number: row.int(0)?,
            at: row.at(1)?,
            root: row.array(2)?,
            previous: row.array(3)?,
            leaves: decode(&row.blob(4)?).ok_or(StoreError::Corrupt("a seal's leaves"))?,
            public_key: Vec::new(),
            signature: row.blob(5)?,
        })
    })
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
            let seal = Seal {
                node: me,
                number: row.int(0)?,
                at: row.at(2)?,
                leaves: decode(&row.blob(3)?).ok_or(StoreError::Corrupt("a seal's leaves"))?,
                root: row.array(4)?,
                previous: row.array(5)?,
                public_key: row.blob(6)?,
                signature: row.blob(7)?,
            };
            Ok((seal, usize::try_from(row.int(1)?).unwrap_or(usize::MAX)))
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
