//! Sealing: every minute, or when enough wait, a signed tree over the records that wait, and
//! the map of last records brought up to them.
//!
//! Records are found in `audit_pending`, never by a number's watermark: transactions land
//! out of order. What is to be written is worked out on a reader ([`plan`]), hashes, map and
//! signature included, and only written by the writer ([`keep`]), which thereby is held up
//! for a few milliseconds at most. A plan that was overtaken by another seal writes nothing.
//!
//! Seals that a program without the map has made are brought into the map first, one an
//! operation, from the leaves that they keep.

use std::{collections::BTreeMap, sync::Arc};

use aws_lc_rs::signature::KeyPair;
use kernel::id::NodeId;

use crate::{
    Call, Stop, StoreError, Value,
    audit::{GENESIS, Hash, Subject},
    map::{self, Last, Pages},
    merkle,
    seal::{Leaf, Seal, decode, encode, opt_hash},
};

/// Most records in one seal; more seals are made when more wait. Of 100,000 people and as many
/// records, 500 of different people held the writer up for 11 ms (median, on a busy machine).
pub const RECORDS_MAX: i64 = 250;

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
    Node NEWEST = "SELECT seal_no, at, root, previous, leaves, signature, map_root FROM audit_seal
        WHERE node_id = $1 ORDER BY seal_no DESC LIMIT 1";
    /// The newest seal's number alone.
    Node NEWEST_NUMBER = "SELECT seal_no FROM audit_seal
        WHERE node_id = $1 ORDER BY seal_no DESC LIMIT 1";
    /// A new seal.
    Node KEEP = "INSERT INTO audit_seal
        (node_id, seal_no, at, leaves, root, previous, public_key, signature, map_root)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    /// One seal's records.
    Node LEAVES = "SELECT leaves FROM audit_seal WHERE node_id = $1 AND seal_no = $2";
    /// Up to which seal the map has come, and its root there.
    Node MAP_STATE = "SELECT seal_no, root FROM audit_map_head WHERE node_id = $1";
    /// The map has come to a seal.
    Node MAP_MOVE = "INSERT INTO audit_map_head (node_id, seal_no, root) VALUES ($1, $2, $3)
        ON CONFLICT (node_id) DO UPDATE SET seal_no = excluded.seal_no, root = excluded.root";
    /// A page of the map.
    Node MAP_PAGE = "SELECT body FROM audit_map WHERE node_id = $1 AND path = $2";
    /// A page of the map, new or changed.
    Node MAP_SAVE = "INSERT INTO audit_map (node_id, path, body) VALUES ($1, $2, $3)
        ON CONFLICT (node_id, path) DO UPDATE SET body = excluded.body";
}

/// What the next sealing operation writes.
#[derive(Debug)]
pub struct Plan {
    /// The newest seal on which it rests; 0 when there is none.
    newest: i64,
    /// The seal up to which the map has come.
    mapped: i64,
    step: Step,
    map_root: Hash,
    pages: BTreeMap<Vec<u8>, Vec<u8>>,
}

#[derive(Debug)]
enum Step {
    /// A new seal.
    Seal(Box<Seal>),
    /// An old seal's records come into the map.
    CatchUp,
}

/// Works out the next step of sealing; `None` when nothing waits.
///
/// # Errors
/// [`StoreError`].
pub fn plan(call: &mut Call<'_>) -> Result<Option<Plan>, Stop> {
    let me = call.node.id;
    let last = newest(call, me)?;
    let newest = last.as_ref().map_or(0, |seal| seal.number);
    let mapped = map_head(call, me)?;
    let leaves = if mapped < newest {
        leaves_of(call, me, mapped + 1)?
    } else {
        waiting(call, me)?
    };
    if mapped >= newest && leaves.is_empty() {
        return Ok(None);
    }
    let mut pages = Draft {
        call,
        written: BTreeMap::new(),
    };
    let batch: Vec<Last> = leaves.iter().map(last_of).collect();
    let map_root = map::update(&mut pages, &batch)?;
    let pages = pages.written;
    let step = if mapped < newest {
        Step::CatchUp
    } else {
        Step::Seal(Box::new(signed(call, last.as_ref(), leaves, map_root)))
    };
    Ok(Some(Plan {
        newest,
        mapped,
        step,
        map_root,
        pages,
    }))
}

/// Writes what was planned; how many records were sealed. None when another seal came first,
/// or when the map was brought on by an older seal: then there is more to plan.
///
/// # Errors
/// [`StoreError`].
pub fn keep(call: &mut Call<'_>, plan: &Plan) -> Result<usize, Stop> {
    let me = call.node.id;
    // Two who had both found the plan good would write over each other's pages.
    call.take_head(Subject::Node(me))?;
    let newest = call.row(&NEWEST_NUMBER, &[me.as_bytes().into()], |row| row.int(0))?;
    if newest.unwrap_or_default() != plan.newest || map_head(call, me)? != plan.mapped {
        return Ok(0);
    }
    let id = Value::from(me.as_bytes());
    for (path, body) in &plan.pages {
        call.execute(&MAP_SAVE, &[id, path.into(), body.into()])?;
    }
    let mapped = plan.mapped + 1;
    call.execute(&MAP_MOVE, &[id, mapped.into(), (&plan.map_root).into()])?;
    match &plan.step {
        Step::CatchUp => {
            call.detail("mapped", mapped.to_string());
            Ok(0)
        }
        Step::Seal(seal) => {
            write(call, seal)?;
            call.detail("seal", seal.number.to_string());
            call.detail("records", seal.leaves.len().to_string());
            Ok(seal.leaves.len())
        }
    }
}

/// Plans and writes in one operation; for a store that nobody else uses at the time.
///
/// # Errors
/// As [`plan`] and [`keep`].
pub fn seal_waiting(call: &mut Call<'_>) -> Result<usize, Stop> {
    match plan(call)? {
        Some(plan) => keep(call, &plan),
        None => Ok(0),
    }
}

fn signed(call: &Call<'_>, last: Option<&Seal>, leaves: Vec<Leaf>, map_root: Hash) -> Seal {
    let node = Arc::clone(call.node);
    let hashes: Vec<Hash> = leaves.iter().map(|leaf| leaf.hash).collect();
    let mut seal = Seal {
        node: node.id,
        number: last.map_or(1, |seal| seal.number + 1),
        at: call.at(),
        root: merkle::root(&hashes),
        previous: last.map_or(GENESIS, Seal::hash),
        map_root: Some(map_root),
        public_key: node.signer.public_key().as_ref().to_vec(),
        signature: Vec::new(),
        leaves,
    };
    seal.signature = node.signer.sign(&seal.signed_text()).as_ref().to_vec();
    seal
}

fn write(call: &Call<'_>, seal: &Seal) -> Result<(), StoreError> {
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
            seal.map_root.as_ref().into(),
        ],
    )?;
    for (index, leaf) in (0_i64..).zip(&seal.leaves) {
        let kind = Value::from(i64::from(leaf.subject.kind()));
        let (id, seq) = (Value::from(leaf.subject.id()), Value::from(leaf.seq));
        let number = seal.number.into();
        call.execute(&PLACE, &[me, kind, id, seq, number, index.into()])?;
        if call.execute(&DONE, &[me, kind, id, seq])? != 1 {
            return Err(StoreError::Corrupt("a record no longer waits for its seal"));
        }
    }
    Ok(())
}

const fn last_of(leaf: &Leaf) -> Last {
    Last {
        subject: leaf.subject,
        seq: leaf.seq,
        hash: leaf.hash,
    }
}

fn waiting(call: &Call<'_>, me: NodeId) -> Result<Vec<Leaf>, StoreError> {
    let values = [me.as_bytes().into(), RECORDS_MAX.into()];
    call.rows(&WAITING, &values, |row| {
        let kind = u8::try_from(row.int(0)?).unwrap_or_default();
        Ok(Leaf {
            subject: Subject::from_parts(kind, row.array(1)?)
                .ok_or(StoreError::Corrupt("a subject kind"))?,
            seq: row.int(2)?,
            hash: row.array(3)?,
        })
    })
}

fn leaves_of(call: &Call<'_>, me: NodeId, number: i64) -> Result<Vec<Leaf>, StoreError> {
    let values = [me.as_bytes().into(), number.into()];
    let leaves = call.row(&LEAVES, &values, |row| row.blob(0))?;
    leaves
        .and_then(|bytes| decode(&bytes))
        .ok_or(StoreError::Corrupt("a seal's leaves"))
}

fn map_head(call: &Call<'_>, me: NodeId) -> Result<i64, StoreError> {
    let head = call.row(&MAP_STATE, &[me.as_bytes().into()], |row| row.int(0))?;
    Ok(head.unwrap_or_default())
}

fn newest(call: &Call<'_>, me: NodeId) -> Result<Option<Seal>, StoreError> {
    call.row(&NEWEST, &[me.as_bytes().into()], |row| {
        Ok(Seal {
            node: me,
            number: row.int(0)?,
            at: row.at(1)?,
            root: row.array(2)?,
            previous: row.array(3)?,
            map_root: opt_hash(row, 6)?,
            leaves: decode(&row.blob(4)?).ok_or(StoreError::Corrupt("a seal's leaves"))?,
            public_key: Vec::new(),
            signature: row.blob(5)?,
        })
    })
}

/// The map's pages as they are, and over them those that the plan writes.
struct Draft<'c, 't> {
    call: &'c Call<'t>,
    written: BTreeMap<Vec<u8>, Vec<u8>>,
}

impl Pages for Draft<'_, '_> {
    fn load(&self, path: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        if let Some(body) = self.written.get(path) {
            return Ok(Some(body.clone()));
        }
        let values = [self.call.node.id.as_bytes().into(), path.into()];
        self.call.row(&MAP_PAGE, &values, |row| row.blob(0))
    }

    fn save(&mut self, path: &[u8], body: &[u8]) -> Result<(), StoreError> {
        self.written.insert(path.to_vec(), body.to_vec());
        Ok(())
    }
}
