//! Reading a file back, and checking everything that it says.

use std::{
    collections::BTreeMap,
    io::{BufRead, Read},
};

use aws_lc_rs::digest::{Context, SHA256};
use kernel::{Text, id::NodeId, time::Timestamp};

use super::{Contents, FORM, Fault, Header, LINE_MAX, Line, Old, Place, Span};
use crate::{
    audit::{self, Subject},
    seal::{self, Leaf, Seal},
};

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

pub(super) const NOT_AN_ARCHIVE: Text = Text {
    ja: "tasuki のアーカイブではありません",
    en: "this is no archive of tasuki",
};
pub(super) const CUT_OFF: Text = Text {
    ja: "ファイルが途中で切れています",
    en: "the file is cut off",
};
pub(super) const MALFORMED: Text = Text {
    ja: "行の形が正しくありません",
    en: "the line is malformed",
};
pub(super) const GAP: Text = Text {
    ja: "記録の番号がつながっていません",
    en: "the records' numbers are not consecutive",
};
pub(super) const CHANGED: Text = Text {
    ja: "記録の内容がハッシュと合いません(書きかえられています)",
    en: "the record does not match its hash: it has been edited",
};
pub(super) const TOO_YOUNG: Text = Text {
    ja: "アーカイブの期日より新しい記録があります",
    en: "a record is younger than the archive's date",
};
pub(super) const BAD_SEAL: Text = Text {
    ja: "封印の署名または内容が正しくありません",
    en: "the seal's signature or content is wrong",
};
pub(super) const NOT_SEALED: Text = Text {
    ja: "記録が封印の中にありません",
    en: "a record is not in its seal",
};
pub(super) const WRONG_COUNT: Text = Text {
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
