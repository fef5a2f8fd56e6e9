//! The archives: one follows the other, and each chain begins where they end.

use std::{collections::BTreeMap, fs::File, io::BufReader, path::Path};

use kernel::id::NodeId;

use super::{Bad, Report, Trust, fault};
use crate::{
    StoreError,
    archive::{self, Contents, Place, Span},
    audit::{GENESIS, Hash, Subject},
    link::Link,
};

crate::statements! {
    /// Every archive, in order.
    Node ARCHIVES = "SELECT number, sha256, previous FROM audit_archive
        WHERE node_id = $1 ORDER BY node_id, number";
}

/// What is known of the archives.
pub(super) struct Archives {
    /// The newest one's number.
    newest: i64,
    /// What the files end with, when they are there to be read.
    ends: Option<Ends>,
}

/// For each subject the spans of their archives, in order, with the archive's number. While
/// records are being taken out of the database, a chain may begin at any step of its newest.
type Ends = BTreeMap<Subject, Vec<(i64, Span)>>;

struct Listed {
    number: i64,
    sha256: Hash,
    previous: Hash,
}

pub(super) fn read(
    link: &Link,
    node: NodeId,
    trust: &Trust,
    report: &mut Report,
) -> Result<Archives, Bad> {
    let listed = link.rows(&ARCHIVES, &[node.as_bytes().into()], |row| {
        Ok(Listed {
            number: row.int(0)?,
            sha256: row.array(1)?,
            previous: row.array(2)?,
        })
    })?;
    let mut before = GENESIS;
    for (number, archive) in (1..).zip(&listed) {
        if archive.number != number || archive.previous != before {
            return Err(broken(number));
        }
        before = archive.sha256;
    }
    let newest = listed.last().map_or(0, |archive| archive.number);
    let ends = if trust.archives.is_empty() {
        None
    } else {
        Some(read_files(node, trust, &listed, report)?)
    };
    Ok(Archives { newest, ends })
}

fn read_files(
    node: NodeId,
    trust: &Trust,
    listed: &[Listed],
    report: &mut Report,
) -> Result<Ends, Bad> {
    let mut ends = Ends::new();
    let mut files = trust.archives.iter();
    for archive in listed {
        let Some(path) = files.next() else {
            return Err(fault(
                "audit_archive",
                None,
                archive.number,
                "このアーカイブのファイルが指定されていません",
                "this archive's file was not given",
            ));
        };
        let contents = read_file(path, archive.number)?;
        let is_listed = contents.sha256 == archive.sha256
            && contents.header.node == node
            && contents.header.number == archive.number
            && contents.header.previous == archive.previous;
        let is_signed_alike = trust
            .key
            .as_deref()
            .is_none_or(|key| contents.public_key.is_empty() || contents.public_key == key);
        if !is_listed || !is_signed_alike {
            return Err(broken(archive.number));
        }
        for (subject, span) in contents.spans {
            let spans = ends.entry(subject).or_default();
            let before = spans.last().map_or(Place::NONE, |(_, span)| span.last());
            if span.base != before {
                return Err(wrong_base(subject, span.base.seq));
            }
            spans.push((archive.number, span));
        }
        report.archives += 1;
    }
    Ok(ends)
}

fn read_file(path: &Path, number: i64) -> Result<Contents, Bad> {
    let file = BufReader::new(File::open(path).map_err(StoreError::Io)?);
    archive::check(file).map_err(|why| match why {
        archive::Fault::Io(error) => Bad::Store(StoreError::Io(error)),
        archive::Fault::Line { line, what } => {
            tracing::warn!(number, line, "an archive's line is wrong");
            fault("audit_archive", None, number, what.ja, what.en)
        }
    })
}

impl Archives {
    /// A chain that begins after `base` must be what archive `number` ends with.
    pub(super) fn check_base(
        &self,
        subject: Subject,
        base: &Place,
        number: Option<i64>,
    ) -> Result<(), Bad> {
        let is_listed = number.is_some_and(|number| (1..=self.newest).contains(&number));
        let fits = match &self.ends {
            None => true,
            Some(ends) => ends.get(&subject).is_some_and(|spans| {
                let span = spans.iter().find(|(of, _)| Some(*of) == number);
                span.is_some_and(|(_, span)| span.steps.contains(base))
            }),
        };
        if is_listed && fits {
            return Ok(());
        }
        Err(wrong_base(subject, base.seq))
    }
}

fn wrong_base(subject: Subject, seq: i64) -> Bad {
    fault(
        "audit_archive",
        Some(subject),
        seq,
        "記録の始まりが、アーカイブの終わりと合いません",
        "the chain does not begin where its archives end",
    )
}

fn broken(number: i64) -> Bad {
    fault(
        "audit_archive",
        None,
        number,
        "アーカイブが一覧または前のアーカイブと合いません",
        "the archive is not the one listed, or does not follow the one before",
    )
}
