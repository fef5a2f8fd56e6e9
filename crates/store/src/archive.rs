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
    io::{BufRead, Read, Write},
};

use aws_lc_rs::digest::{Context, SHA256};
use kernel::{Text, id::NodeId, time::Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    StoreError,
    audit::{self, GENESIS, Hash, Subject},
    seal::{self, Leaf, Seal},
};

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

/// Reads a whole file and checks everything that it says.
///
/// # Errors
/// [`Fault`], with the first line that is wrong.
pub fn check(file: impl BufRead) -> Result<Contents, Fault> {
    let mut lines = Lines {
        file,
        hash: Context::new(&SHA256),
        line: 0,
    };
    let first = lines.next()?;
    let header = first
        .and_then(header)
        .ok_or_else(|| lines.wrong(NOT_AN_ARCHIVE))?;
    let mut reading = Reading {
        header,
        subject: None,
        spans: BTreeMap::new(),
        expected: BTreeMap::new(),
        public_key: Vec::new(),
        records: 0,
        seals: 0,
    };
    loop {
        let Some(line) = lines.next()? else {
            return Err(lines.wrong(CUT_OFF));
        };
        let is_end = matches!(line, Line::End { .. });
        if let Err(what) = reading.take(line) {
            return Err(lines.wrong(what));
        }
        if is_end {
            break;
        }
    }
    if lines.next()?.is_some() {
        return Err(lines.wrong(MALFORMED));
    }
    Ok(Contents {
        header: reading.header,
        spans: reading.spans,
        records: reading.records,
        public_key: reading.public_key,
        sha256: audit::finish(lines.hash),
    })
}

const NOT_AN_ARCHIVE: Text = Text {
    ja: "tasuki のアーカイブではありません",
    en: "this is no archive of tasuki",
};
const CUT_OFF: Text = Text {
    ja: "ファイルが途中で切れています",
    en: "the file is cut off",
};
const MALFORMED: Text = Text {
    ja: "行の形が正しくありません",
    en: "the line is malformed",
};
const GAP: Text = Text {
    ja: "記録の番号がつながっていません",
    en: "the records' numbers are not consecutive",
};
const CHANGED: Text = Text {
    ja: "記録の内容がハッシュと合いません(書きかえられています)",
    en: "the record does not match its hash: it has been edited",
};
const TOO_YOUNG: Text = Text {
    ja: "アーカイブの期日より新しい記録があります",
    en: "a record is younger than the archive's date",
};
const BAD_SEAL: Text = Text {
    ja: "封印の署名または内容が正しくありません",
    en: "the seal's signature or content is wrong",
};
const NOT_SEALED: Text = Text {
    ja: "記録が封印の中にありません",
    en: "a record is not in its seal",
};
const WRONG_COUNT: Text = Text {
    ja: "件数が合いません",
    en: "the counts do not fit",
};

struct Lines<R> {
    file: R,
    hash: Context,
    line: u64,
}

impl<R: BufRead> Lines<R> {
    /// The next line; `None` at the file's end.
    fn next(&mut self) -> Result<Option<Line>, Fault> {
        let mut text = Vec::new();
        (&mut self.file)
            .take(LINE_MAX)
            .read_until(b'\n', &mut text)?;
        if text.is_empty() {
            return Ok(None);
        }
        self.line += 1;
        self.hash.update(&text);
        let is_whole = text.ends_with(b"\n");
        match serde_json::from_slice(&text) {
            Ok(line) if is_whole => Ok(Some(line)),
            _ if self.line == 1 => Err(self.wrong(NOT_AN_ARCHIVE)),
            _ if is_whole => Err(self.wrong(MALFORMED)),
            _ => Err(self.wrong(CUT_OFF)),
        }
    }

    const fn wrong(&self, what: Text) -> Fault {
        Fault::Line {
            line: self.line,
            what,
        }
    }
}

struct Reading {
    header: Header,
    subject: Option<Subject>,
    spans: BTreeMap<Subject, Span>,
    /// What each seal must hold, and where.
    expected: BTreeMap<i64, Vec<(usize, Leaf)>>,
    public_key: Vec<u8>,
    records: u64,
    seals: u64,
}

impl Reading {
    fn take(&mut self, line: Line) -> Result<(), Text> {
        match line {
            Line::Archive { .. } => Err(MALFORMED),
            Line::Subject {
                kind,
                id,
                base_seq,
                base_hash,
            } => {
                let subject = octets(&id).and_then(|id| Subject::from_parts(kind, id));
                let subject = subject.ok_or(MALFORMED)?;
                let base = link(base_seq, &base_hash).ok_or(MALFORMED)?;
                let span = Span {
                    base,
                    steps: Vec::new(),
                };
                self.subject = Some(subject);
                match self.spans.insert(subject, span) {
                    None => Ok(()),
                    Some(_) => Err(MALFORMED),
                }
            }
            Line::Record {
                seq,
                at,
                body,
                hash,
                seal,
                leaf,
            } => {
                let record = Old {
                    seq,
                    at: Timestamp::from_micros(at),
                    body: kernel::hex::decode(&body).ok_or(MALFORMED)?,
                    hash: octets(&hash).ok_or(MALFORMED)?,
                    seal,
                    leaf,
                };
                self.take_record(&record)
            }
            Line::Seal { .. } => {
                let seal = read_seal(self.header.node, &line).ok_or(MALFORMED)?;
                self.take_seal(seal)
            }
            Line::End {
                subjects,
                records,
                seals,
            } => {
                if !self.expected.is_empty() {
                    return Err(NOT_SEALED);
                }
                let found = u64::try_from(self.spans.len()).unwrap_or(u64::MAX);
                let fits = (subjects, records, seals) == (found, self.records, self.seals);
                if fits { Ok(()) } else { Err(WRONG_COUNT) }
            }
        }
    }

    fn take_record(&mut self, record: &Old) -> Result<(), Text> {
        let subject = self.subject.ok_or(MALFORMED)?;
        let span = self.spans.get_mut(&subject).ok_or(MALFORMED)?;
        let before = span.last();
        if record.seq != before.seq + 1 {
            return Err(GAP);
        }
        if record.at >= self.header.before {
            return Err(TOO_YOUNG);
        }
        let hash = audit::record_hash(subject, record.seq, record.at, &before.hash, &record.body);
        if hash != record.hash {
            return Err(CHANGED);
        }
        let seq = record.seq;
        span.push(Place { seq, hash });
        self.records += 1;
        let leaf = Leaf { subject, seq, hash };
        let expected = self.expected.entry(record.seal).or_default();
        expected.push((record.leaf, leaf));
        Ok(())
    }

    fn take_seal(&mut self, seal: Seal) -> Result<(), Text> {
        self.subject = None;
        self.seals += 1;
        let is_same_key = self.public_key.is_empty() || self.public_key == seal.public_key;
        if !is_same_key || !seal.holds() {
            return Err(BAD_SEAL);
        }
        let expected = self.expected.remove(&seal.number).ok_or(BAD_SEAL)?;
        let has = |(place, leaf): &(usize, Leaf)| seal.leaves.get(*place) == Some(leaf);
        if !expected.iter().all(has) {
            return Err(NOT_SEALED);
        }
        self.public_key = seal.public_key;
        Ok(())
    }
}

fn header(line: Line) -> Option<Header> {
    match line {
        Line::Archive {
            form,
            node,
            number,
            made_at,
            before,
            previous,
        } if form == FORM => Some(Header {
            node: NodeId::parse(&node)?,
            number,
            made_at: Timestamp::from_micros(made_at),
            before: Timestamp::from_micros(before),
            previous: octets(&previous)?,
        }),
        _ => None,
    }
}

fn read_seal(node: NodeId, line: &Line) -> Option<Seal> {
    let Line::Seal {
        number,
        at,
        leaves,
        root,
        previous,
        map_root,
        public_key,
        signature,
    } = line
    else {
        return None;
    };
    let map_root = match map_root {
        Some(text) => Some(octets(text)?),
        None => None,
    };
    Some(Seal {
        node,
        number: *number,
        at: Timestamp::from_micros(*at),
        leaves: seal::decode(&kernel::hex::decode(leaves)?)?,
        root: octets(root)?,
        previous: octets(previous)?,
        map_root,
        public_key: kernel::hex::decode(public_key)?,
        signature: kernel::hex::decode(signature)?,
    })
}

fn link(seq: i64, hash: &str) -> Option<Place> {
    let link = Place {
        seq,
        hash: octets(hash)?,
    };
    (seq > 0 || link == Place::NONE).then_some(link)
}

fn octets<const N: usize>(text: &str) -> Option<[u8; N]> {
    kernel::hex::decode_array(text)
}

fn hex(bytes: &[u8]) -> String {
    kernel::hex::encode(bytes)
}

#[cfg(test)]
mod tests;
