//! Checking the whole audit log of a database, without keys and without the program.
//!
//! Every chain is recomputed from its ciphertexts, from what its archives end with to its
//! head; every seal's root and signature; that the records in the seals are the records in
//! the chains; and that the map under the last signed root names each subject's last sealed
//! record. The first bad record is named.
//!
//! Each table is read once, in the order of its key. That two tables hold the same records is
//! seen from sums of keyed hashes ([`sums`]), so that a log of any length is checked in
//! the memory of its seals; only where sums differ is it looked up which record is wrong.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use kernel::id::NodeId;

use crate::{
    StoreError,
    audit::{Chain, Subject},
    engine::DATABASE,
    link::Link,
};

mod archives;
mod chains;
mod maps;
mod seals;
mod sums;

pub(crate) use maps::LinkPages;
use sums::Sums;

crate::statements! {
    /// What waits, in the order of the key, after a place.
    Node WAITING = "SELECT subject_kind, subject_id, seq, hash FROM audit_pending
        WHERE node_id = $1 AND (subject_kind, subject_id, seq) > ($2, $3, $4)
        ORDER BY node_id, subject_kind, subject_id, seq LIMIT $5";
    /// Whose seals there are.
    Node NODES = "SELECT node_id FROM node_head ORDER BY node_id LIMIT 2";
}

/// Rows that are read at once.
const PAGE: i64 = 4_000;

/// What was checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Subjects with a chain.
    pub subjects: u64,
    /// Records in the database.
    pub records: u64,
    /// Of them, in a signed seal.
    pub sealed: u64,
    /// Seals.
    pub seals: u64,
    /// Subjects whose last sealed record the map names.
    pub mapped: u64,
    /// Subjects whose older records are in an archive.
    pub archived: u64,
    /// Archives that were read and fit.
    pub archives: u64,
}

/// The first thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Which table.
    pub table: &'static str,
    /// Whose record; `None` for a seal, a page of the map or an archive.
    pub subject: Option<Subject>,
    /// Which number: of the record, of the seal or of the archive.
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

/// What is known from outside the database.
#[derive(Clone, Debug, Default)]
pub struct Trust {
    /// The Ed25519 key that must have signed every seal, noted outside this machine: whoever
    /// holds the database could else sign anew with their own.
    pub key: Option<Vec<u8>>,
    /// All archives, in order; none when they are not to be checked.
    pub archives: Vec<PathBuf>,
}

/// Verifies the audit log of the data folder; the outer error is that it cannot be read.
///
/// # Errors
/// [`StoreError`] when the database cannot be opened or read.
pub fn verify(
    folder: &Path,
    progress: &mut dyn FnMut(&Report),
) -> Result<Result<Report, Fault>, StoreError> {
    let link = Link::embedded_reading(&folder.join(DATABASE))?;
    verify_link(&link, &Trust::default(), progress)
}

/// As [`verify`], on an open link to either engine, with what is known from outside.
///
/// # Errors
/// As [`verify`]; [`StoreError::Io`] when an archive cannot be read.
pub fn verify_link(
    link: &Link,
    trust: &Trust,
    progress: &mut dyn FnMut(&Report),
) -> Result<Result<Report, Fault>, StoreError> {
    // One snapshot for the whole check: the program may go on writing meanwhile.
    link.begin_snapshot()?;
    let outcome = Check::begin(link, trust, progress).and_then(Check::all);
    link.roll_back();
    match outcome {
        Ok(report) => Ok(Ok(report)),
        Err(Bad::Fault(fault)) => Ok(Err(*fault)),
        Err(Bad::Store(error)) => Err(error),
    }
}

/// Why a check ends early.
enum Bad {
    Store(StoreError),
    Fault(Box<Fault>),
}

impl From<StoreError> for Bad {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

fn fault(
    table: &'static str,
    subject: Option<Subject>,
    seq: i64,
    ja: &'static str,
    en: &'static str,
) -> Bad {
    Bad::Fault(Box::new(Fault {
        table,
        subject,
        seq,
        what: kernel::Text { ja, en },
    }))
}

/// A check under way.
struct Check<'a> {
    link: &'a Link,
    trust: &'a Trust,
    node: NodeId,
    report: Report,
    progress: &'a mut dyn FnMut(&Report),
    sums: Sums,
    archives: archives::Archives,
    /// Up to which seal the map has come, and its root.
    map: maps::Head,
}

impl<'a> Check<'a> {
    fn begin(
        link: &'a Link,
        trust: &'a Trust,
        progress: &'a mut dyn FnMut(&Report),
    ) -> Result<Self, Bad> {
        let nodes = link.rows(&NODES, &[], |row| row.array(0))?;
        let node = match nodes.as_slice() {
            [node] => NodeId::from_bytes(*node),
            _ => return Err(StoreError::Corrupt("the node's head").into()),
        };
        let mut report = Report::default();
        let archives = archives::read(link, node, trust, &mut report)?;
        Ok(Self {
            link,
            trust,
            node,
            report,
            progress,
            sums: Sums::new(),
            archives,
            map: maps::head(link, node)?,
        })
    }

    fn all(mut self) -> Result<Report, Bad> {
        for kind in 1..=3 {
            self.check_chains(kind)?;
        }
        self.check_seals()?;
        self.check_waiting()?;
        self.check_map()?;
        (self.progress)(&self.report);
        Ok(self.report)
    }

    fn tell_progress(&mut self) {
        (self.progress)(&self.report);
    }

    /// What no seal holds is what waits.
    fn check_waiting(&mut self) -> Result<(), Bad> {
        let (mut sum, mut count) = (0_u128, 0_u64);
        let (mut kind, mut id, mut seq) = (0_i64, [0; 16], 0_i64);
        loop {
            let node = self.node.as_bytes().into();
            let page = [node, kind.into(), (&id).into(), seq.into(), PAGE.into()];
            let rows = self.link.rows(&WAITING, &page, |row| {
                Ok((row.int(0)?, row.array(1)?, row.int(2)?, row.array(3)?))
            })?;
            let is_last = i64::try_from(rows.len()).is_ok_and(|len| len < PAGE);
            for (of, whose, number, hash) in rows {
                (kind, id, seq) = (of, whose, number);
                let subject = u8::try_from(kind)
                    .ok()
                    .and_then(|kind| Subject::from_parts(kind, id))
                    .ok_or(StoreError::Corrupt("a subject kind"))?;
                sum = sum.wrapping_add(self.sums.of_record(subject, seq, &hash));
                count += 1;
            }
            if is_last {
                break;
            }
        }
        if self.report.records != self.report.sealed + count || sum != self.sums.unsealed {
            return Err(fault(
                "audit_pending",
                None,
                0,
                "封印を待つ記録の一覧が、封印されていない記録と合いません",
                "what waits for a seal is not what is in no seal",
            ));
        }
        Ok(())
    }
}

fn chain_of(kind: u8) -> Result<&'static Chain, StoreError> {
    Subject::from_parts(kind, [0; 16])
        .map(Subject::statements)
        .ok_or(StoreError::Corrupt("a subject kind"))
}

/// All statements of the check.
pub(crate) fn all_statements() -> Vec<&'static crate::Statement> {
    [
        STATEMENTS,
        archives::STATEMENTS,
        chains::STATEMENTS,
        maps::STATEMENTS,
    ]
    .concat()
}
