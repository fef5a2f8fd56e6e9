//! Files of changes: what came, in parts; and what came of each line.

use kernel::{
    id::{ClientId, FacilityId, SessionId, StaffId},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use store::{
    Call, Row, StoreError,
    caller::{Actor, Caller, Home, Role},
};

use super::{BAD_BODY, insurer};
use crate::{
    errors,
    model::{File, FileId, FileState, LineResult, Outcome, Tally},
};

store::statements! {
    Facility PUT_FILE = "INSERT INTO payer_file (facility_id, file_id, insurer_number, at, hash,
        lines, state, done_at, body) VALUES ($1, $2, $3, $4, $5, $6, 'receiving', NULL, $7)";
    Facility FILE = "SELECT file_id, insurer_number, at, lines, state, done_at FROM payer_file
        WHERE facility_id = $1 AND file_id = $2";
    Facility FILE_BODY = "SELECT body FROM payer_file WHERE facility_id = $1 AND file_id = $2";
    Facility SAME_FILE = "SELECT file_id, insurer_number, at, lines, state, done_at FROM payer_file
        WHERE facility_id = $1 AND insurer_number = $2 AND hash = $3 AND state <> 'done'
        ORDER BY at DESC, file_id LIMIT 1";
    Facility FILES = "SELECT file_id, insurer_number, at, lines, state, done_at FROM payer_file
        WHERE facility_id = $1 AND insurer_number = $2 ORDER BY at DESC, file_id LIMIT $3";
    Facility NEXT_FILE = "SELECT facility_id, file_id, insurer_number, at, lines, state, done_at
        FROM payer_file WHERE state = 'waiting' ORDER BY at, file_id LIMIT 1";
    Facility OLD_FILE = "SELECT facility_id, file_id, insurer_number, at, lines, state, done_at
        FROM payer_file WHERE at < $1 AND state <> 'waiting' ORDER BY at, file_id LIMIT 1";
    Facility SET_STATE = "UPDATE payer_file SET state = $3, done_at = $4
        WHERE facility_id = $1 AND file_id = $2";
    Facility PUT_PART = "INSERT INTO payer_part (facility_id, file_id, number, body)
        VALUES ($1, $2, $3, $4) ON CONFLICT (facility_id, file_id, number) DO NOTHING";
    Facility PART = "SELECT body FROM payer_part
        WHERE facility_id = $1 AND file_id = $2 AND number = $3";
    Facility DROP_PARTS = "DELETE FROM payer_part WHERE facility_id = $1 AND file_id = $2";
    Facility PUT_LINE = "INSERT INTO payer_line (facility_id, file_id, line, outcome, body)
        VALUES ($1, $2, $3, $4, $5)";
    Facility LINES_DONE = "SELECT line FROM payer_line WHERE facility_id = $1 AND file_id = $2
        AND line > $3 AND line <= $4 ORDER BY line";
    Facility LINES = "SELECT line, outcome, body FROM payer_line WHERE facility_id = $1
        AND file_id = $2 AND line > $3 ORDER BY line LIMIT $4";
    Facility LINES_LIKE = "SELECT line, outcome, body FROM payer_line WHERE facility_id = $1
        AND file_id = $2 AND line > $3 AND outcome = $5 ORDER BY line LIMIT $4";
    Facility TALLY = "SELECT outcome, COUNT(*) FROM payer_line
        WHERE facility_id = $1 AND file_id = $2 GROUP BY outcome ORDER BY outcome";
    Facility DROP_LINES = "DELETE FROM payer_line WHERE facility_id = $1 AND file_id = $2";
    Facility DROP_FILE = "DELETE FROM payer_file WHERE facility_id = $1 AND file_id = $2";
}

/// At-rest form of who sent a file.
#[derive(Serialize, Deserialize)]
enum Sender {
    /// Account, role, name, facility's code and name, session.
    Staff([String; 6]),
    /// Client, name, facility's code and name.
    System([String; 4]),
}

impl Sender {
    fn of(caller: &Caller) -> Option<Self> {
        match &caller.actor {
            Actor::Staff {
                staff,
                role,
                name,
                home,
                session,
            } => Some(Self::Staff([
                staff.to_hex(),
                role.word().to_owned(),
                name.clone(),
                home.code.clone(),
                home.name.clone(),
                session.to_hex(),
            ])),
            Actor::System { client, name, home } => Some(Self::System([
                client.to_hex(),
                name.clone(),
                home.code.clone(),
                home.name.clone(),
            ])),
            _ => None,
        }
    }

    fn caller(self, id: FacilityId) -> Option<Caller> {
        let home = |code, name| Home { id, code, name };
        Some(Caller::new(match self {
            Self::Staff([staff, role, name, code, place, session]) => Actor::Staff {
                staff: StaffId::parse(&staff)?,
                role: Role::parse(&role)?,
                name,
                home: home(code, place),
                session: SessionId::parse(&session)?,
            },
            Self::System([client, name, code, place]) => Actor::System {
                client: ClientId::parse(&client)?,
                name,
                home: home(code, place),
            },
        }))
    }
}

/// Notes a file that comes in, and who sends it.
pub(crate) fn put(call: &Call<'_>, file: &File, hash: &[u8; 32]) -> Result<(), StoreError> {
    let sender = Sender::of(call.caller()).ok_or(BAD_BODY)?;
    let plain = serde_json::to_vec(&sender).map_err(|_| BAD_BODY)?;
    let id = file.id.0;
    let body = call.seal_for_facility(file.facility, "payer_file", &[&id], &plain)?;
    call.execute(
        &PUT_FILE,
        &[
            file.facility.as_bytes().into(),
            (&id).into(),
            file.insurer.as_str().into(),
            file.at.into(),
            hash.into(),
            file.lines.into(),
            (&body).into(),
        ],
    )?;
    Ok(())
}

/// Who sent a file, as a caller for its lines.
pub(crate) fn sender(call: &Call<'_>, file: &File) -> Result<Caller, StoreError> {
    let values = [file.facility.as_bytes().into(), (&file.id.0).into()];
    let body = call.row(&FILE_BODY, &values, |row| row.blob(0))?;
    let body = body.ok_or(BAD_BODY)?;
    let plain = call.unseal_for_facility(file.facility, "payer_file", &[&file.id.0], &body)?;
    let sender: Sender = serde_json::from_slice(&plain).map_err(|_| BAD_BODY)?;
    sender.caller(file.facility).ok_or(BAD_BODY)
}

fn read(facility: FacilityId, first: usize, row: &Row<'_>) -> Result<File, StoreError> {
    let state = row.text(first + 4)?;
    Ok(File {
        facility,
        id: FileId(row.array(first)?),
        insurer: insurer(&row.text(first + 1)?)?,
        at: row.at(first + 2)?,
        lines: row.int(first + 3)?,
        state: FileState::parse(&state).ok_or(StoreError::Corrupt("the state of a file"))?,
        done_at: row.opt_int(first + 5)?.map(Timestamp::from_micros),
    })
}

fn read_with_facility(row: &Row<'_>) -> Result<File, StoreError> {
    read(FacilityId::from_bytes(row.array(0)?), 1, row)
}

/// A facility's file.
pub(crate) fn find(
    call: &Call<'_>,
    facility: FacilityId,
    id: FileId,
) -> Result<Option<File>, StoreError> {
    let values = [facility.as_bytes().into(), (&id.0).into()];
    call.row(&FILE, &values, |row| read(facility, 0, row))
}

/// The same content for the same insurer number, while it has not been worked off.
pub(crate) fn same(
    call: &Call<'_>,
    file: &File,
    hash: &[u8; 32],
) -> Result<Option<File>, StoreError> {
    let values = [
        file.facility.as_bytes().into(),
        file.insurer.as_str().into(),
        hash.into(),
    ];
    call.row(&SAME_FILE, &values, |row| read(file.facility, 0, row))
}

/// The files of one insurer number, newest first.
pub(crate) fn list(
    call: &Call<'_>,
    facility: FacilityId,
    insurer: &kernel::code::InsurerNumber,
    limit: i64,
) -> Result<Vec<File>, StoreError> {
    let values = [
        facility.as_bytes().into(),
        insurer.as_str().into(),
        limit.into(),
    ];
    call.rows(&FILES, &values, |row| read(facility, 0, row))
}

/// The file whose turn it is.
pub(crate) fn next(call: &Call<'_>) -> Result<Option<File>, StoreError> {
    call.row(&NEXT_FILE, &[], read_with_facility)
}

/// A file that came before an instant and has been worked off, or never came in whole.
pub(crate) fn old(call: &Call<'_>, before: Timestamp) -> Result<Option<File>, StoreError> {
    call.row(&OLD_FILE, &[before.into()], read_with_facility)
}

/// Moves a file on.
pub(crate) fn set_state(
    call: &Call<'_>,
    file: &File,
    state: FileState,
    done_at: Option<Timestamp>,
) -> Result<(), StoreError> {
    let values = [
        file.facility.as_bytes().into(),
        (&file.id.0).into(),
        state.word().into(),
        done_at.into(),
    ];
    call.execute(&SET_STATE, &values)?;
    Ok(())
}

/// Puts a part of a file away.
pub(crate) fn put_part(
    call: &Call<'_>,
    file: &File,
    number: i64,
    text: &str,
) -> Result<(), StoreError> {
    let key: [&[u8]; 2] = [&file.id.0, &number.to_be_bytes()];
    let body = call.seal_for_facility(file.facility, "payer_part", &key, text.as_bytes())?;
    call.execute(
        &PUT_PART,
        &[
            file.facility.as_bytes().into(),
            (&file.id.0).into(),
            number.into(),
            (&body).into(),
        ],
    )?;
    Ok(())
}

/// A part of a file.
pub(crate) fn part(
    call: &Call<'_>,
    file: &File,
    number: i64,
) -> Result<Option<String>, StoreError> {
    let values = [
        file.facility.as_bytes().into(),
        (&file.id.0).into(),
        number.into(),
    ];
    let Some(sealed) = call.row(&PART, &values, |row| row.blob(0))? else {
        return Ok(None);
    };
    let key: [&[u8]; 2] = [&file.id.0, &number.to_be_bytes()];
    let plain = call.unseal_for_facility(file.facility, "payer_part", &key, &sealed)?;
    Ok(Some(String::from_utf8(plain).map_err(|_| BAD_BODY)?))
}

/// Removes what came; what came of it stays.
pub(crate) fn drop_parts(call: &Call<'_>, file: &File) -> Result<(), StoreError> {
    let values = [file.facility.as_bytes().into(), (&file.id.0).into()];
    call.execute(&DROP_PARTS, &values)?;
    Ok(())
}

/// Removes a file with all that came of it.
pub(crate) fn remove(call: &Call<'_>, file: &File) -> Result<(), StoreError> {
    let values = [file.facility.as_bytes().into(), (&file.id.0).into()];
    for statement in [&DROP_PARTS, &DROP_LINES, &DROP_FILE] {
        call.execute(statement, &values)?;
    }
    Ok(())
}

/// What came of one line.
#[derive(Clone, PartialEq, Eq)]
pub struct Line {
    /// Its number in the file; the first line after the header is 2, as editors count.
    pub line: i64,
    /// How it ended.
    pub result: LineResult,
    /// The person's reference number, when it was taken.
    pub reference: Option<String>,
    /// What was found: the catalogue's entry, the item and what stood there.
    pub found: Vec<(&'static kernel::Entry, String, String)>,
}

/// At-rest form of what came of a line.
#[derive(Serialize, Deserialize)]
struct LineBody {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    r: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    f: Vec<(String, String, String)>,
}

/// Notes what came of a line.
pub(crate) fn put_line(
    call: &Call<'_>,
    file: &File,
    line: i64,
    outcome: &Outcome,
) -> Result<(), StoreError> {
    let found = outcome.found.iter().map(|one| {
        (
            one.entry.code.to_owned(),
            one.path.to_owned(),
            one.found.clone(),
        )
    });
    let plain = serde_json::to_vec(&LineBody {
        r: outcome.reference.map(|reference| reference.to_hex()),
        f: found.collect(),
    })
    .map_err(|_| BAD_BODY)?;
    let key: [&[u8]; 2] = [&file.id.0, &line.to_be_bytes()];
    let body = call.seal_for_facility(file.facility, "payer_line", &key, &plain)?;
    call.execute(
        &PUT_LINE,
        &[
            file.facility.as_bytes().into(),
            (&file.id.0).into(),
            line.into(),
            outcome.result.word().into(),
            (&body).into(),
        ],
    )?;
    Ok(())
}

/// Lines after `after` up to `until` that have their result.
pub(crate) fn lines_done(
    call: &Call<'_>,
    file: &File,
    after: i64,
    until: i64,
) -> Result<Vec<i64>, StoreError> {
    let values = [
        file.facility.as_bytes().into(),
        (&file.id.0).into(),
        after.into(),
        until.into(),
    ];
    call.rows(&LINES_DONE, &values, |row| row.int(0))
}

/// Results after a line, in order, of one kind or of every.
pub(crate) fn lines(
    call: &Call<'_>,
    file: &File,
    after: i64,
    only: Option<LineResult>,
    limit: i64,
) -> Result<Vec<Line>, StoreError> {
    let bare = [
        file.facility.as_bytes().into(),
        (&file.id.0).into(),
        after.into(),
        limit.into(),
    ];
    let read = |row: &Row<'_>| Ok((row.int(0)?, row.text(1)?, row.blob(2)?));
    let rows = match only {
        None => call.rows(&LINES, &bare, read)?,
        Some(only) => {
            let [facility, id, after, limit] = bare;
            let values = [facility, id, after, limit, only.word().into()];
            call.rows(&LINES_LIKE, &values, read)?
        }
    };
    rows.into_iter()
        .map(|(line, outcome, sealed)| {
            let key: [&[u8]; 2] = [&file.id.0, &line.to_be_bytes()];
            let plain = call.unseal_for_facility(file.facility, "payer_line", &key, &sealed)?;
            let body: LineBody = serde_json::from_slice(&plain).map_err(|_| BAD_BODY)?;
            Ok(Line {
                line,
                result: LineResult::parse(&outcome).ok_or(BAD_BODY)?,
                reference: body.r,
                found: body
                    .f
                    .into_iter()
                    .map(|(code, path, found)| Ok((entry(&code)?, path, found)))
                    .collect::<Result<_, StoreError>>()?,
            })
        })
        .collect()
}

fn entry(code: &str) -> Result<&'static kernel::Entry, StoreError> {
    let mut all = errors::ALL.iter().chain(store::ERRORS).copied();
    all.find(|entry| entry.code == code).ok_or(BAD_BODY)
}

/// How many lines ended how.
pub(crate) fn tally(call: &Call<'_>, file: &File) -> Result<Tally, StoreError> {
    let values = [file.facility.as_bytes().into(), (&file.id.0).into()];
    let rows = call.rows(&TALLY, &values, |row| Ok((row.text(0)?, row.int(1)?)))?;
    let mut tally = Tally::default();
    for (word, count) in rows {
        tally.add(LineResult::parse(&word).ok_or(BAD_BODY)?, count);
    }
    Ok(tally)
}
