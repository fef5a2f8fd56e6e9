//! The chains: each from its base to its head, every record's hash and its place in a seal.

use super::{Bad, Check, PAGE, chain_of, fault};
use crate::{
    StoreError,
    archive::Place,
    audit::{self, Chain, GENESIS, Hash, Subject},
    link::Link,
    seal::Leaf,
};
use kernel::{id::NodeId, time::Timestamp};

crate::statements! {
    /// Where records are sealed, in the order of the key, after a place.
    Node LEAVES = "SELECT subject_id, seq, seal_no, leaf_index FROM audit_leaf
        WHERE node_id = $1 AND subject_kind = $2 AND (subject_id, seq) > ($3, $4)
        ORDER BY node_id, subject_kind, subject_id, seq LIMIT $5";
    /// The newest seal's number.
    Node LAST_SEAL = "SELECT seal_no FROM audit_seal WHERE node_id = $1
        ORDER BY seal_no DESC LIMIT 1";
}

type Key = ([u8; 16], i64);
type Rows<T> = Result<Vec<(Key, T)>, StoreError>;
type Fetch<'a, T> = dyn Fn(&Key) -> Rows<T> + 'a;

/// Rows in the order of their key, a page at a time.
struct Stream<'a, T> {
    fetch: Box<Fetch<'a, T>>,
    page: std::iter::Peekable<std::vec::IntoIter<(Key, T)>>,
    last: Key,
    is_over: bool,
}

impl<'a, T> Stream<'a, T> {
    fn new(fetch: impl Fn(&Key) -> Rows<T> + 'a) -> Self {
        Self {
            fetch: Box::new(fetch),
            page: Vec::new().into_iter().peekable(),
            // Below every number that a record can have.
            last: ([0; 16], -1),
            is_over: false,
        }
    }

    /// The next row's key.
    fn key(&mut self) -> Result<Option<Key>, StoreError> {
        if self.page.peek().is_none() && !self.is_over {
            let rows = (self.fetch)(&self.last)?;
            self.is_over = i64::try_from(rows.len()).is_ok_and(|len| len < PAGE);
            if let Some((key, _)) = rows.last() {
                self.last = *key;
            }
            self.page = rows.into_iter().peekable();
        }
        Ok(self.page.peek().map(|(key, _)| *key))
    }

    fn next(&mut self) -> Result<Option<(Key, T)>, StoreError> {
        self.key()?;
        Ok(self.page.next())
    }
}

struct Head {
    last: Place,
    base: Place,
    archive: Option<i64>,
}

struct Record {
    at: Timestamp,
    body: Vec<u8>,
    hash: Hash,
}

struct Leafed {
    seal: i64,
    index: u64,
}

fn heads<'a>(link: &'a Link, chain: &'static Chain) -> Stream<'a, Head> {
    Stream::new(move |(after, seq)| {
        // An empty text of bytes comes before every identifier.
        let after = if *seq < 0 { &[][..] } else { &after[..] };
        link.rows(chain.heads, &[after.into(), PAGE.into()], |row| {
            let base_hash = row.opt_blob(4)?.map(Hash::try_from).transpose();
            let base_hash = base_hash.map_err(|_| StoreError::Corrupt("a base's hash"))?;
            let head = Head {
                last: Place {
                    seq: row.int(1)?,
                    hash: row.array(2)?,
                },
                base: Place {
                    seq: row.int(3)?,
                    hash: base_hash.unwrap_or(GENESIS),
                },
                archive: row.opt_int(5)?,
            };
            Ok(((row.array(0)?, i64::MAX), head))
        })
    })
}

fn records<'a>(link: &'a Link, chain: &'static Chain) -> Stream<'a, Record> {
    Stream::new(move |(id, seq)| {
        link.rows(chain.all, &[id.into(), (*seq).into(), PAGE.into()], |row| {
            let record = Record {
                at: row.at(2)?,
                body: row.blob(3)?,
                hash: row.array(4)?,
            };
            Ok(((row.array(0)?, row.int(1)?), record))
        })
    })
}

fn leaves(link: &Link, node: NodeId, kind: u8) -> Stream<'_, Leafed> {
    Stream::new(move |(id, seq)| {
        let of = [node.as_bytes().into(), i64::from(kind).into()];
        let [node, kind] = of;
        let values = [node, kind, id.into(), (*seq).into(), PAGE.into()];
        link.rows(&LEAVES, &values, |row| {
            let index = u64::try_from(row.int(3)?);
            let leafed = Leafed {
                seal: row.int(2)?,
                index: index.map_err(|_| StoreError::Corrupt("a leaf's place"))?,
            };
            Ok(((row.array(0)?, row.int(1)?), leafed))
        })
    })
}

/// The number of the newest seal, which bounds what a leaf may say.
pub(super) fn last_seal(link: &Link, node: NodeId) -> Result<i64, StoreError> {
    let number = link.row(&LAST_SEAL, &[node.as_bytes().into()], |row| row.int(0))?;
    Ok(number.unwrap_or_default())
}

/// One kind of chain under check.
struct Kind<'a> {
    kind: u8,
    table: &'static str,
    records: Stream<'a, Record>,
    leaves: Stream<'a, Leafed>,
    seals: usize,
}

impl Check<'_> {
    /// Every chain of one kind.
    pub(super) fn check_chains(&mut self, kind: u8) -> Result<(), Bad> {
        let chain = chain_of(kind)?;
        let link = self.link;
        let mut heads = heads(link, chain);
        let seals = usize::try_from(last_seal(link, self.node)?).unwrap_or_default();
        let mut on = Kind {
            kind,
            table: chain.table,
            records: records(link, chain),
            leaves: leaves(link, self.node, kind),
            seals,
        };
        while let Some(((id, _), head)) = heads.next()? {
            let subject = subject(kind, id)?;
            if on.records.key()?.is_some_and(|(other, _)| other < id) {
                break;
            }
            self.check_chain(&mut on, subject, &head)?;
            self.report.subjects += 1;
            if self.report.subjects.is_multiple_of(1_000) {
                self.tell_progress();
            }
        }
        if let Some((id, seq)) = on.records.key()? {
            let subject = subject(kind, id)?;
            return Err(no_head(on.table, subject, seq));
        }
        match on.leaves.key()? {
            Some((id, seq)) => Err(missing(on.table, subject(kind, id)?, seq)),
            None => Ok(()),
        }
    }

    /// One chain: from its base, record by record, to its head.
    fn check_chain(&mut self, on: &mut Kind<'_>, subject: Subject, head: &Head) -> Result<(), Bad> {
        let id = *subject.id();
        let mut at = head.base;
        let mut last_mapped = None;
        if at.seq > 0 {
            self.report.archived += 1;
            self.archives.check_base(subject, &at, head.archive)?;
            // The last archived record's place in its seal stays, and with it its proof.
            let seal = self.check_leaf(on, subject, &at)?;
            let seal = seal.ok_or_else(|| missing(on.table, subject, at.seq))?;
            last_mapped = (seal <= self.map.seal).then_some(at);
        } else if at != Place::NONE {
            return Err(StoreError::Corrupt("the base of a chain").into());
        }
        while let Some((of, seq)) = on.records.key()?
            && of == id
        {
            let Some((_, record)) = on.records.next()? else {
                break;
            };
            if seq != at.seq + 1 {
                return Err(fault(
                    on.table,
                    Some(subject),
                    seq,
                    "番号がつながっていません(記録が抜かれています)",
                    "the numbers are not consecutive: a record has been taken out",
                ));
            }
            let hash = audit::record_hash(subject, seq, record.at, &at.hash, &record.body);
            if hash != record.hash {
                return Err(fault(
                    on.table,
                    Some(subject),
                    seq,
                    "内容がハッシュと合いません(書きかえられています)",
                    "the content does not match its hash: it has been edited",
                ));
            }
            at = Place { seq, hash };
            self.report.records += 1;
            match self.check_leaf(on, subject, &at)? {
                Some(seal) => {
                    self.report.sealed += 1;
                    if seal <= self.map.seal {
                        last_mapped = Some(at);
                    }
                }
                None => {
                    let sum = self.sums.of_record(subject, seq, &hash);
                    self.sums.unsealed = self.sums.unsealed.wrapping_add(sum);
                }
            }
        }
        if at != head.last {
            return Err(fault(
                on.table,
                Some(subject),
                head.last.seq,
                "末尾の記録が先頭情報と合いません(削除または追加されています)",
                "the last record does not match its head: records were removed or added",
            ));
        }
        self.expect_in_map(subject, last_mapped)
    }

    /// The seal in which a record says that it lies; `None` when it waits.
    fn check_leaf(
        &mut self,
        on: &mut Kind<'_>,
        subject: Subject,
        at: &Place,
    ) -> Result<Option<i64>, Bad> {
        let here = (*subject.id(), at.seq);
        let Some(key) = on.leaves.key()? else {
            return Ok(None);
        };
        if key > here {
            return Ok(None);
        }
        if key < here {
            let (id, seq) = key;
            return Err(missing(on.table, self::subject(on.kind, id)?, seq));
        }
        let Some((_, leafed)) = on.leaves.next()? else {
            return Ok(None);
        };
        let leaf = Leaf {
            subject,
            seq: at.seq,
            hash: at.hash,
        };
        if self.sums.place(leafed.seal, leafed.index, &leaf, on.seals) {
            return Ok(Some(leafed.seal));
        }
        Err(fault(
            "audit_leaf",
            Some(subject),
            at.seq,
            "記録が、存在しない封印を指しています",
            "the record says that it lies in a seal that is not there",
        ))
    }
}

fn subject(kind: u8, id: [u8; 16]) -> Result<Subject, StoreError> {
    Subject::from_parts(kind, id).ok_or(StoreError::Corrupt("a subject kind"))
}

fn no_head(table: &'static str, subject: Subject, seq: i64) -> Bad {
    fault(
        table,
        Some(subject),
        seq,
        "記録の持ち主の先頭情報がありません",
        "the record's subject has no head",
    )
}

pub(super) fn missing(table: &'static str, subject: Subject, seq: i64) -> Bad {
    fault(
        table,
        Some(subject),
        seq,
        "封印された記録がないか、封印のあとに書きかえられています",
        "a sealed record is missing or was edited after its seal",
    )
}
