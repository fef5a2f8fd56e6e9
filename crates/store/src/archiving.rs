//! Moving old records from the database to an archive.
//!
//! In this order, so that nothing is lost whenever it is cut off: the file is written and
//! made durable; it is read back and checked as a whole; the archive is listed in the
//! database; and only then records leave it, a few hundred an operation, each of which leaves
//! its own record on the chain that it shortens. Begun again with the same file, it goes on.
//!
//! A chain's records leave from its beginning on, and only those that are sealed. Its head
//! then says where it begins and in which archive that is; the last archived record's place
//! in its seal stays, so that the beginning remains proved.

use std::{
    fs::{self, File},
    io::{BufReader, BufWriter},
    path::{Path, PathBuf},
};

use kernel::{
    id::NodeId,
    time::{JstDate, Timestamp},
};

use crate::{
    Call, Stop, StoreError, Value,
    archive::{self, Contents, Fault, Header, Old, Place, RECORDS_MAX, Writer},
    audit::{Chain, GENESIS, Hash, Subject},
    caller::Event,
    link::Link,
    retention, seal,
};

/// Rows that are read at once.
const PAGE: i64 = 500;

/// What the operations of archiving are in the log.
pub static EVENT: Event = Event {
    code: "audit.archive",
    ja: "古い履歴のアーカイブへの移動",
    en: "old audit records moved to an archive",
};

crate::statements! {
    /// The newest archive.
    Node NEWEST = "SELECT number, sha256 FROM audit_archive
        WHERE node_id = $1 ORDER BY number DESC LIMIT 1";
    /// One archive.
    Node ONE = "SELECT made_at, before, sha256 FROM audit_archive
        WHERE node_id = $1 AND number = $2";
    /// A new archive.
    Node LIST = "INSERT INTO audit_archive
        (node_id, number, made_at, before, records, sha256, previous)
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    /// The places of archived records in their seals, save the last one's.
    Node UNPLACE = "DELETE FROM audit_leaf
        WHERE node_id = $1 AND subject_kind = $2 AND subject_id = $3 AND seq >= $4 AND seq < $5";
    /// This installation.
    Node NODE = "SELECT node_id FROM node_head ORDER BY node_id LIMIT 1";
}

/// Why no archive was made.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The records are too young.
    #[error(
        "records are kept in the database for {years} years: only what is from before {limit} \
         may be archived now; give that date or an earlier one"
    )]
    TooYoung {
        /// Years in the database.
        years: i16,
        /// The latest date that may be given.
        limit: JstDate,
    },
    /// The file is there and is something else.
    #[error("{0} is there already and is not the next archive; give another name")]
    Taken(PathBuf),
    /// The file that was written is not sound.
    #[error("the archive is not sound, and nothing was deleted: {0}")]
    Unsound(#[from] Fault),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// An archive that was written or found, read back and found sound.
#[derive(Debug)]
pub struct Ready {
    /// What it holds.
    pub contents: Contents,
    /// Is it listed in the database already?
    pub is_listed: bool,
}

/// Writes what is older than `before` to `to`, as the next archive, and reads it back; when
/// the file is there from a try that was cut off, reads that. `None` when nothing is so old.
///
/// # Errors
/// [`ArchiveError`].
pub fn prepare(
    link: &Link,
    before: JstDate,
    now: Timestamp,
    to: &Path,
) -> Result<Option<Ready>, ArchiveError> {
    retention::may_archive(before, now).map_err(|limit| ArchiveError::TooYoung {
        years: retention::rule_on(now.jst_date()).map_or(0, |rule| rule.database_years),
        limit,
    })?;
    link.begin_snapshot()?;
    let outcome = prepare_snapshot(link, before, now, to);
    link.roll_back();
    outcome
}

fn prepare_snapshot(
    link: &Link,
    before: JstDate,
    now: Timestamp,
    to: &Path,
) -> Result<Option<Ready>, ArchiveError> {
    let node = link.row(&NODE, &[], |row| row.array(0))?;
    let node = NodeId::from_bytes(node.ok_or(StoreError::Corrupt("the node's head"))?);
    let newest = newest(
        |values| link.row(&NEWEST, values, |row| Ok((row.int(0)?, row.array(1)?))),
        node,
    )?;
    let header = Header {
        node,
        number: newest.0 + 1,
        made_at: now,
        before: before.start(),
        previous: newest.1,
    };
    if !to.exists() && !write(link, &header, to)? {
        return Ok(None);
    }
    let contents = archive::check(BufReader::new(File::open(to).map_err(StoreError::Io)?));
    let contents = match contents {
        Err(Fault::Line { line: 1, .. }) => return Err(ArchiveError::Taken(to.to_owned())),
        other => other?,
    };
    let found = &contents.header;
    let is_listed = found.node == node && (found.number, contents.sha256) == newest;
    let is_next =
        (found.node, found.number, found.previous) == (node, header.number, header.previous);
    // A file from elsewhere must not bring younger records out than the rule allows.
    let is_ours = is_listed || (is_next && found.before <= before.start());
    if !is_ours {
        return Err(ArchiveError::Taken(to.to_owned()));
    }
    Ok(Some(Ready {
        contents,
        is_listed,
    }))
}

/// The newest archive's number and hash; 0 and zeros before the first.
fn newest(
    row: impl FnOnce(&[Value<'_>]) -> Result<Option<(i64, Hash)>, StoreError>,
    node: NodeId,
) -> Result<(i64, Hash), StoreError> {
    Ok(row(&[node.as_bytes().into()])?.unwrap_or((0, GENESIS)))
}

/// Writes the file under another name first, so that what bears its name is whole; false when
/// there is nothing to write.
fn write(link: &Link, header: &Header, to: &Path) -> Result<bool, StoreError> {
    let mut part = to.as_os_str().to_owned();
    part.push(".part");
    let part = PathBuf::from(part);
    let mut writer = Writer::begin(BufWriter::new(File::create(&part)?), header)?;
    for kind in 1..=3 {
        let chain = Subject::from_parts(kind, [0; 16])
            .map(Subject::statements)
            .ok_or(StoreError::Corrupt("a subject kind"))?;
        write_chains(link, header, kind, chain, &mut writer)?;
    }
    if writer.records() == 0 {
        fs::remove_file(&part)?;
        return Ok(false);
    }
    for number in writer.seals_due() {
        let seal = seal::read_number(link, header.node, number)?;
        writer.seal(&seal.ok_or(StoreError::Corrupt("a seal that a record names"))?)?;
    }
    let (file, _) = writer.end()?;
    let file = file.into_inner().map_err(|error| error.into_error())?;
    file.sync_all()?;
    fs::rename(&part, to)?;
    let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
    Ok(true)
}

type FileWriter = Writer<BufWriter<File>>;

fn write_chains(
    link: &Link,
    header: &Header,
    kind: u8,
    chain: &'static Chain,
    writer: &mut FileWriter,
) -> Result<(), StoreError> {
    let mut after: Vec<u8> = Vec::new();
    loop {
        let heads = link.rows(chain.heads, &[(&after).into(), PAGE.into()], |row| {
            let base = base_of(row.int(3)?, row.opt_blob(4)?)?;
            Ok((row.array::<16>(0)?, base))
        })?;
        let Some((last, _)) = heads.last() else {
            return Ok(());
        };
        after = last.to_vec();
        for (id, base) in heads {
            if writer.records() >= RECORDS_MAX {
                return Ok(());
            }
            let subject = Subject::from_parts(kind, id);
            let subject = subject.ok_or(StoreError::Corrupt("a subject kind"))?;
            write_chain(link, header, subject, base, writer)?;
        }
    }
}

/// The records of one chain that are old enough and sealed, from its base on.
fn write_chain(
    link: &Link,
    header: &Header,
    subject: Subject,
    base: Place,
    writer: &mut FileWriter,
) -> Result<(), StoreError> {
    let mut at = base.seq;
    loop {
        let page = [subject.id().into(), at.into(), PAGE.into()];
        let rows = link.rows(subject.statements().after, &page, |row| {
            Ok((row.int(0)?, row.at(1)?, row.blob(2)?, row.array(3)?))
        })?;
        let is_last = i64::try_from(rows.len()).is_ok_and(|count| count < PAGE);
        for (seq, instant, body, hash) in rows {
            if instant >= header.before || writer.records() >= RECORDS_MAX {
                return Ok(());
            }
            let place = seal::read_place(link, header.node, subject, seq)?;
            let Some((seal, leaf)) = place else {
                return Ok(());
            };
            if at == base.seq {
                writer.subject(subject, &base)?;
            }
            writer.record(&Old {
                seq,
                at: instant,
                body,
                hash,
                seal,
                leaf,
            })?;
            at = seq;
        }
        if is_last {
            return Ok(());
        }
    }
}

fn base_of(seq: i64, hash: Option<Vec<u8>>) -> Result<Place, StoreError> {
    let hash = hash.map(Hash::try_from).transpose();
    let hash = hash.map_err(|_| StoreError::Corrupt("a base's hash"))?;
    Ok(Place {
        seq,
        hash: hash.unwrap_or(GENESIS),
    })
}

/// Lists a sound archive in the database.
///
/// # Errors
/// [`StoreError::Corrupt`] when another was listed meanwhile; the engine's.
pub fn list(call: &mut Call<'_>, contents: &Contents) -> Result<(), Stop> {
    let header = &contents.header;
    let before = newest(
        |values| call.row(&NEWEST, values, |row| Ok((row.int(0)?, row.array(1)?))),
        call.node_id(),
    )?;
    if (header.number - 1, header.previous) != before || header.node != call.node_id() {
        return Err(StoreError::Corrupt("the order of the archives").into());
    }
    let records = i64::try_from(contents.records).unwrap_or(i64::MAX);
    call.execute(
        &LIST,
        &[
            header.node.as_bytes().into(),
            header.number.into(),
            header.made_at.into(),
            header.before.into(),
            records.into(),
            (&contents.sha256).into(),
            (&header.previous).into(),
        ],
    )?;
    call.detail("archive", header.number.to_string());
    call.detail("records", records.to_string());
    Ok(())
}

/// Takes the records after `from` up to `to` out of the database, which archive `number`
/// holds; how many. None when that was done before.
///
/// # Errors
/// [`StoreError::Corrupt`] when the database does not hold what the archive does.
pub fn remove(
    call: &mut Call<'_>,
    subject: Subject,
    from: &Place,
    to: &Place,
    number: i64,
) -> Result<usize, Stop> {
    let node = call.node_id();
    match subject {
        Subject::Person(person) => call.lock(person)?,
        Subject::Facility(facility) => {
            call.concerns(facility);
            call.take_head(subject)?;
        }
        Subject::Node(_) => call.take_head(subject)?,
    }
    let chain = subject.statements();
    let id = Value::from(subject.id());
    let base = call.row(chain.base, &[id], |row| {
        base_of(row.int(0)?, row.opt_blob(1)?)
    })?;
    let base = base.ok_or(StoreError::Corrupt("a subject without a head"))?;
    if base.seq >= to.seq {
        return Ok(0);
    }
    if base != *from || call.record_hash(subject, to.seq)? != Some(to.hash) {
        return Err(StoreError::Corrupt("the beginning of a chain that was archived").into());
    }
    let gone = call.execute(chain.remove, &[id, from.seq.into(), to.seq.into()])?;
    if i64::try_from(gone).ok() != Some(to.seq - from.seq) {
        return Err(StoreError::Corrupt("a chain that was archived").into());
    }
    let (me, kind) = (Value::from(node.as_bytes()), i64::from(subject.kind()));
    call.execute(
        &UNPLACE,
        &[me, kind.into(), id, from.seq.into(), to.seq.into()],
    )?;
    call.execute(
        chain.rebase,
        &[
            id,
            to.seq.into(),
            (&to.hash).into(),
            number.into(),
            from.seq.into(),
        ],
    )?;
    call.detail("archive", number.to_string());
    call.detail("through", to.seq.to_string());
    Ok(gone)
}

/// Where a subject's older records are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Archived {
    /// The last record that is in an archive.
    pub through: Place,
    /// The newest of the archives that hold them.
    pub number: i64,
    /// When that was made.
    pub made_at: Timestamp,
    /// Its records are from before this instant.
    pub before: Timestamp,
    /// SHA-256 of its file.
    pub sha256: Hash,
}

/// Where a subject's older records are; `None` when all are in the database.
///
/// # Errors
/// [`StoreError`]; for a person who was not opened, [`StoreError::NotOpened`].
pub fn archived(call: &Call<'_>, subject: Subject) -> Result<Option<Archived>, StoreError> {
    let node = call.node_id();
    let base = call.row(subject.statements().base, &[subject.id().into()], |row| {
        Ok((base_of(row.int(0)?, row.opt_blob(1)?)?, row.opt_int(2)?))
    })?;
    let Some((through, Some(number))) = base else {
        return Ok(None);
    };
    let one = [node.as_bytes().into(), number.into()];
    call.row(&ONE, &one, |row| archived_of(row, through, number))
}

/// As [`archived`], read past the program.
pub(crate) fn read_archived(
    link: &Link,
    node: NodeId,
    subject: Subject,
) -> Result<Option<Archived>, StoreError> {
    let base = link.row(subject.statements().base, &[subject.id().into()], |row| {
        Ok((base_of(row.int(0)?, row.opt_blob(1)?)?, row.opt_int(2)?))
    })?;
    let Some((through, Some(number))) = base else {
        return Ok(None);
    };
    let one = [node.as_bytes().into(), number.into()];
    link.row(&ONE, &one, |row| archived_of(row, through, number))
}

fn archived_of(row: &crate::Row<'_>, through: Place, number: i64) -> Result<Archived, StoreError> {
    Ok(Archived {
        through,
        number,
        made_at: row.at(0)?,
        before: row.at(1)?,
        sha256: row.array(2)?,
    })
}
