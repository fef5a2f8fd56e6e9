//! Archives: files to which old records go, chained to one another by hash.
//!
//! A file is lines of JSON, legible without this program: a head (installation, number, date
//! before which its records are, SHA-256 of the archive before), each subject with the
//! records that follow what was archived of them earlier, the seals under which they lie, and
//! an end with the counts. Octets are hexadecimal. A file proves itself: every record's hash
//! follows from the one before and from its content, every record lies in a seal of the file,
//! and every seal is signed.
//!
//! A file is read back and checked as a whole before anything is deleted.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Write,
};

use aws_lc_rs::digest::{Context, SHA256};
use kernel::{Text, id::NodeId, time::Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    StoreError,
    audit::{self, GENESIS, Hash, Subject},
    seal::{self, Seal},
};

mod check;

pub use check::check;

/// Most records in one file; what is older still goes to the next.
pub const RECORDS_MAX: u64 = 2_000_000;
/// Most records of a subject that one operation takes out of the database.
pub const STEP: i64 = 500;
/// Longest line: a seal of the most leaves there ever were, ten times over.
const LINE_MAX: u64 = 8 << 20;
const FORM: &str = "tasuki-archive-v1";

/// What stands at the head of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Whose archive.
    pub node: NodeId,
    /// Consecutive, from 1.
    pub number: i64,
    /// When it was made.
    pub made_at: Timestamp,
    /// Its records are from before this instant.
    pub before: Timestamp,
    /// SHA-256 of the archive before; zeros for the first.
    pub previous: Hash,
}

/// A place on a chain: a record's number and hash; 0 and zeros before the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The number.
    pub seq: i64,
    /// The hash.
    pub hash: Hash,
}

impl Place {
    /// Before the first record.
    pub const NONE: Self = Self {
        seq: 0,
        hash: GENESIS,
    };
}

/// A record on its way into a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Old {
    /// Its number.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// The ciphertext.
    pub body: Vec<u8>,
    /// Its hash.
    pub hash: Hash,
    /// The seal in which it lies.
    pub seal: i64,
    /// Its place there.
    pub leaf: usize,
}

/// What a subject's part of a file spans.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// What the earlier archives end with.
    pub base: Place,
    /// Every [`STEP`]th record, and the last: as far as one operation takes records out of the
    /// database.
    pub steps: Vec<Place>,
}

impl Span {
    /// The last record here; the base when there is none.
    #[must_use]
    pub fn last(&self) -> Place {
        self.steps.last().copied().unwrap_or(self.base)
    }

    fn push(&mut self, place: Place) {
        match self.steps.last_mut() {
            // Until a step is full its end moves on.
            Some(end) if (end.seq - self.base.seq) % STEP != 0 => *end = place,
            _ => self.steps.push(place),
        }
    }
}

/// What a whole and sound file holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contents {
    /// Its head.
    pub header: Header,
    /// Each subject's span.
    pub spans: BTreeMap<Subject, Span>,
    /// Records.
    pub records: u64,
    /// The key that signed all its seals; empty in a file without records.
    pub public_key: Vec<u8>,
    /// SHA-256 of the whole file.
    pub sha256: Hash,
}

/// Why a file is not a sound archive.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// It could not be read.
    #[error("the archive cannot be read: {0}")]
    Io(#[from] std::io::Error),
    /// A line is wrong.
    #[error("line {line}: {} / {}", what.ja, what.en)]
    Line {
        /// Counted from 1.
        line: u64,
        /// What is wrong.
        what: Text,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Line {
    Archive {
        form: String,
        node: String,
        number: i64,
        made_at: i64,
        before: i64,
        previous: String,
    },
    Subject {
        kind: u8,
        id: String,
        base_seq: i64,
        base_hash: String,
    },
    Record {
        seq: i64,
        at: i64,
        body: String,
        hash: String,
        seal: i64,
        leaf: usize,
    },
    Seal {
        number: i64,
        at: i64,
        leaves: String,
        root: String,
        previous: String,
        map_root: Option<String>,
        public_key: String,
        signature: String,
    },
    End {
        subjects: u64,
        records: u64,
        seals: u64,
    },
}

/// Writes a file, line by line, in the order of [`Writer::begin`], subjects with their
/// records, seals, [`Writer::end`].
pub struct Writer<W> {
    out: W,
    hash: Context,
    seals: BTreeSet<i64>,
    subjects: u64,
    records: u64,
}

impl<W: Write> Writer<W> {
    /// Writes the head.
    ///
    /// # Errors
    /// [`StoreError::Io`], as for all below.
    pub fn begin(out: W, header: &Header) -> Result<Self, StoreError> {
        let mut writer = Self {
            out,
            hash: Context::new(&SHA256),
            seals: BTreeSet::new(),
            subjects: 0,
            records: 0,
        };
        writer.line(&Line::Archive {
            form: FORM.to_owned(),
            node: header.node.to_hex(),
            number: header.number,
            made_at: header.made_at.micros(),
            before: header.before.micros(),
            previous: hex(&header.previous),
        })?;
        Ok(writer)
    }

    fn line(&mut self, line: &Line) -> Result<(), StoreError> {
        let mut text =
            serde_json::to_vec(line).map_err(|_| StoreError::Corrupt("a line of an archive"))?;
        text.push(b'\n');
        self.hash.update(&text);
        Ok(self.out.write_all(&text)?)
    }

    /// Begins a subject; what was archived of them before ends with `base`.
    ///
    /// # Errors
    /// As [`Writer::begin`].
    pub fn subject(&mut self, subject: Subject, base: &Place) -> Result<(), StoreError> {
        self.subjects += 1;
        self.line(&Line::Subject {
            kind: subject.kind(),
            id: hex(subject.id()),
            base_seq: base.seq,
            base_hash: hex(&base.hash),
        })
    }

    /// The subject's next record.
    ///
    /// # Errors
    /// As [`Writer::begin`].
    pub fn record(&mut self, record: &Old) -> Result<(), StoreError> {
        self.records += 1;
        self.seals.insert(record.seal);
        self.line(&Line::Record {
            seq: record.seq,
            at: record.at.micros(),
            body: hex(&record.body),
            hash: hex(&record.hash),
            seal: record.seal,
            leaf: record.leaf,
        })
    }

    /// Records so far.
    pub const fn records(&self) -> u64 {
        self.records
    }

    /// The seals that the records written lie in, which must follow.
    #[must_use]
    pub fn seals_due(&self) -> Vec<i64> {
        self.seals.iter().copied().collect()
    }

    /// A seal.
    ///
    /// # Errors
    /// As [`Writer::begin`].
    pub fn seal(&mut self, seal: &Seal) -> Result<(), StoreError> {
        self.line(&Line::Seal {
            number: seal.number,
            at: seal.at.micros(),
            leaves: hex(&seal::encode(&seal.leaves)),
            root: hex(&seal.root),
            previous: hex(&seal.previous),
            map_root: seal.map_root.map(|root| hex(&root)),
            public_key: hex(&seal.public_key),
            signature: hex(&seal.signature),
        })
    }

    /// Writes the end; what was written to, and the SHA-256 of the file.
    ///
    /// # Errors
    /// As [`Writer::begin`].
    pub fn end(mut self) -> Result<(W, Hash), StoreError> {
        let seals = u64::try_from(self.seals.len()).unwrap_or(u64::MAX);
        self.line(&Line::End {
            subjects: self.subjects,
            records: self.records,
            seals,
        })?;
        self.out.flush()?;
        Ok((self.out, audit::finish(self.hash)))
    }
}

fn hex(bytes: &[u8]) -> String {
    kernel::hex::encode(bytes)
}

#[cfg(test)]
mod tests;
