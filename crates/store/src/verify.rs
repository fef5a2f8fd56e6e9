//! Checking the whole audit log of a data folder, without keys and without the program.
//!
//! Every chain is recomputed from its ciphertexts, compared with its head, and every seal's
//! root and signature with the records that it names. The first bad record is named.

use std::{fmt, path::Path};

use crate::{
    Row, StoreError,
    audit::{self, Chain, GENESIS, Hash, Subject},
    engine::DATABASE,
    link::Link,
    seal::{self, Seal},
};

const PAGE: i64 = 1_000;

crate::statements! {
    /// How many records wait, of every node.
    Node ALL_WAITING = "SELECT COUNT(*) FROM audit_pending";
}

/// What was checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Subjects with a chain.
    pub subjects: u64,
    /// Records.
    pub records: u64,
    /// Of them, in a signed seal.
    pub sealed: u64,
    /// Seals.
    pub seals: u64,
}

/// The first thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Which table.
    pub table: &'static str,
    /// Whose record; `None` for a seal.
    pub subject: Option<Subject>,
    /// Which number: of the record or of the seal.
    pub seq: i64,
    /// What is wrong, in Japanese and English.
    pub what: kernel::Text,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", self.table)?;
        if let Some(subject) = self.subject {
            write!(f, "subject={} ", kernel::hex::encode(subject.id()))?;
        }
        write!(f, "seq={}: {} / {}", self.seq, self.what.ja, self.what.en)
    }
}

/// Verifies the audit log of the data folder; the outer error is that it cannot be read.
///
/// # Errors
/// [`StoreError`] when the database cannot be opened or read.
pub fn verify(
    folder: &Path,
    progress: &mut dyn FnMut(&Report),
) -> Result<Result<Report, Fault>, StoreError> {
    verify_against(folder, None, progress)
}

/// As [`verify`]; with `key`, every seal must be signed by that Ed25519 key, which was noted
/// outside this machine: whoever holds the database could else sign anew with their own.
///
/// # Errors
/// As [`verify`].
pub fn verify_against(
    folder: &Path,
    key: Option<&[u8]>,
    progress: &mut dyn FnMut(&Report),
) -> Result<Result<Report, Fault>, StoreError> {
    let link = Link::embedded_reading(&folder.join(DATABASE))?;
    verify_link(&link, key, progress)
}

/// As [`verify_against`], on an open link to either engine.
///
/// # Errors
/// As [`verify`].
pub fn verify_link(
    link: &Link,
    key: Option<&[u8]>,
    progress: &mut dyn FnMut(&Report),
) -> Result<Result<Report, Fault>, StoreError> {
    // One snapshot for the whole check: the program may go on writing meanwhile.
    link.begin_snapshot()?;
    let mut report = Report::default();
    for kind in 1..=3 {
        let chain = chain_of(kind)?;
        if let Some(fault) = check_chains(link, kind, chain, &mut report, progress)? {
            return Ok(Err(fault));
        }
    }
    if let Some(fault) = check_seals(link, key, &mut report, progress)? {
        return Ok(Err(fault));
    }
    let waiting = link
        .row(&ALL_WAITING, &[], |row| row.int(0))?
        .unwrap_or_default();
    if report.records != report.sealed + u64::try_from(waiting).unwrap_or_default() {
        return Ok(Err(Fault {
            table: "audit_pending",
            subject: None,
            seq: 0,
            what: kernel::Text {
                ja: "封印済みと封印待ちの件数の合計が、記録の件数と合いません",
                en: "sealed and waiting records do not add up to all records",
            },
        }));
    }
    Ok(Ok(report))
}

fn chain_of(kind: u8) -> Result<&'static Chain, StoreError> {
    Subject::from_parts(kind, [0; 16])
        .map(Subject::statements)
        .ok_or(StoreError::Corrupt("a subject kind"))
}

struct End {
    id: [u8; 16],
    seq: i64,
    hash: Hash,
}

fn check_chains(
    link: &Link,
    kind: u8,
    chain: &'static Chain,
    report: &mut Report,
    progress: &mut dyn FnMut(&Report),
) -> Result<Option<Fault>, StoreError> {
    let mut at = End {
        id: [0; 16],
        seq: -1,
        hash: GENESIS,
    };
    loop {
        let (page, fault) = check_page(link, kind, chain, &mut at, report)?;
        if fault.is_some() {
            return Ok(fault);
        }
        progress(report);
        if page < PAGE {
            break;
        }
    }
    check_heads(link, kind, chain, report)
}

fn check_page(
    link: &Link,
    kind: u8,
    chain: &'static Chain,
    at: &mut End,
    report: &mut Report,
) -> Result<(i64, Option<Fault>), StoreError> {
    let page = [(&at.id).into(), at.seq.into(), PAGE.into()];
    let rows = link.rows(chain.all, &page, |row| {
        Ok((
            row.array(0)?,
            row.int(1)?,
            row.at(2)?,
            row.blob(3)?,
            row.array(4)?,
        ))
    })?;
    let mut count = 0;
    for (id, seq, instant, body, stored) in rows {
        if id != at.id {
            (at.id, at.seq, at.hash) = (id, 0, GENESIS);
        }
        let subject = Subject::from_parts(kind, id).ok_or(StoreError::Corrupt("a subject kind"))?;
        let fault = |ja, en| Fault {
            table: chain.table,
            subject: Some(subject),
            seq,
            what: kernel::Text { ja, en },
        };
        if seq != at.seq.max(0) + 1 {
            let fault = fault(
                "番号がつながっていません(記録が抜かれています)",
                "the numbers are not consecutive: a record has been taken out",
            );
            return Ok((count, Some(fault)));
        }
        if audit::record_hash(subject, seq, instant, &at.hash, &body) != stored {
            let fault = fault(
                "内容がハッシュと合いません(書きかえられています)",
                "the content does not match its hash: it has been edited",
            );
            return Ok((count, Some(fault)));
        }
        (at.seq, at.hash) = (seq, stored);
        report.records += 1;
        count += 1;
    }
    Ok((count, None))
}

fn check_heads(
    link: &Link,
    kind: u8,
    chain: &'static Chain,
    report: &mut Report,
) -> Result<Option<Fault>, StoreError> {
    let mut after: Vec<u8> = Vec::new();
    loop {
        let rows = link.rows(chain.heads, &[(&after).into(), PAGE.into()], |row| {
            Ok((row.array::<16>(0)?, row.int(1)?, row.array::<32>(2)?))
        })?;
        let mut count = 0;
        for (id, last, hash) in rows {
            let stored = stored_hash(link, chain, &id, last)?;
            let next = stored_hash(link, chain, &id, last + 1)?;
            let fits = match stored {
                Some(stored) => stored == hash && next.is_none(),
                None => last == 0 && hash == GENESIS && next.is_none(),
            };
            if !fits {
                return Ok(Some(Fault {
                    table: chain.table,
                    subject: Subject::from_parts(kind, id),
                    seq: last,
                    what: kernel::Text {
                        ja: "末尾の記録が先頭情報と合いません(削除または追加されています)",
                        en: "the last record does not match its head: records were removed or added",
                    },
                }));
            }
            report.subjects += 1;
            count += 1;
            after = id.to_vec();
        }
        if count < PAGE {
            return Ok(None);
        }
    }
}

fn check_seals(
    link: &Link,
    key: Option<&[u8]>,
    report: &mut Report,
    progress: &mut dyn FnMut(&Report),
) -> Result<Option<Fault>, StoreError> {
    let mut previous: Option<Seal> = None;
    loop {
        let (node, number) = previous
            .as_ref()
            .map_or((vec![], 0), |s| (s.node.as_bytes().to_vec(), s.number));
        let next = link.row(&seal::SEALS, &[(&node).into(), number.into()], read_seal)?;
        let Some(next) = next else {
            return Ok(None);
        };
        if let Some(fault) = check_seal(link, key, previous.as_ref(), &next)? {
            return Ok(Some(fault));
        }
        report.seals += 1;
        report.sealed += u64::try_from(next.leaves.len()).unwrap_or_default();
        progress(report);
        previous = Some(next);
    }
}

fn check_seal(
    link: &Link,
    key: Option<&[u8]>,
    previous: Option<&Seal>,
    next: &Seal,
) -> Result<Option<Fault>, StoreError> {
    let same_node = previous.filter(|p| p.node == next.node);
    let follows = next.number == same_node.map_or(1, |p| p.number + 1)
        && next.previous == same_node.map_or(GENESIS, Seal::hash)
        && key.is_none_or(|key| key == next.public_key)
        && same_node.is_none_or(|p| p.public_key == next.public_key);
    if !follows || !next.holds() {
        return Ok(Some(Fault {
            table: "audit_seal",
            subject: None,
            seq: next.number,
            what: kernel::Text {
                ja: "封印の署名または順番が正しくありません",
                en: "the seal's signature or order is wrong",
            },
        }));
    }
    for leaf in &next.leaves {
        let chain = leaf.subject.statements();
        if stored_hash(link, chain, leaf.subject.id(), leaf.seq)? != Some(leaf.hash) {
            return Ok(Some(Fault {
                table: chain.table,
                subject: Some(leaf.subject),
                seq: leaf.seq,
                what: kernel::Text {
                    ja: "封印された記録がないか、封印のあとに書きかえられています",
                    en: "a sealed record is missing or was edited after its seal",
                },
            }));
        }
    }
    Ok(None)
}

fn read_seal(row: &Row<'_>) -> Result<Seal, StoreError> {
    Ok(Seal {
        node: kernel::id::NodeId::from_bytes(row.array(0)?),
        number: row.int(1)?,
        at: row.at(2)?,
        leaves: seal::decode(&row.blob(3)?).ok_or(StoreError::Corrupt("a seal's leaves"))?,
        root: row.array(4)?,
        previous: row.array(5)?,
        public_key: row.blob(6)?,
        signature: row.blob(7)?,
    })
}

fn stored_hash(
    link: &Link,
    chain: &'static Chain,
    id: &[u8; 16],
    seq: i64,
) -> Result<Option<Hash>, StoreError> {
    link.row(chain.one, &[id.into(), seq.into()], |row| row.array(2))
}
