//! All SQL of bulk files. A file is stored as it is sent, in UTF-8, and sealed.

use kernel::{id::FacilityId, time::Timestamp};
use oqs::{
    CharacterCode, Message,
    message::{BulkAnswer, BulkRequest},
};
use store::{Call, Row, StoreError, Table};

use super::model::{Reception, ReceptionId};

store::statements! {
    Facility PUT_FILE = "INSERT INTO eligibility_file
        (facility_id, reception_id, at, lines, done, asked, told)
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    Facility FILE = "SELECT reception_id, at, lines, done, asked, told FROM eligibility_file
        WHERE facility_id = $1 AND reception_id = $2";
    Facility KEEP_FILE = "UPDATE eligibility_file SET done = $3, asked = $4, told = $5
        WHERE facility_id = $1 AND reception_id = $2 AND done = $6";
    Facility COUNT_FILES = "SELECT COUNT(*) FROM eligibility_file WHERE facility_id = $1";
    Facility SWEEP_FILES = "DELETE FROM eligibility_file WHERE facility_id = $1 AND at < $2";
}

/// The table of bulk files.
pub const TABLE: Table = Table {
    name: NAME,
    owner: store::Owner::Facility,
};
const NAME: &str = "eligibility_file";
/// What an envelope holds, beside its row.
const ASKED: &[u8] = b"asked";
const TOLD: &[u8] = b"told";

fn count(value: usize) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

fn seal(
    call: &Call<'_>,
    facility: FacilityId,
    reception: &Reception,
) -> Result<(Vec<u8>, Vec<u8>), StoreError> {
    let id = reception.id.as_bytes();
    let one = |what: &[u8], plain: &[u8]| -> Result<Vec<u8>, StoreError> {
        call.seal_for_facility(facility, NAME, &[id, what], plain)
    };
    let asked = match reception.is_ready() {
        true => Vec::new(),
        false => reception.asked.write(CharacterCode::Utf8).bytes,
    };
    let told = match reception.done {
        0 => Vec::new(),
        _ => reception.told.write(CharacterCode::Utf8).bytes,
    };
    Ok((one(ASKED, &asked)?, one(TOLD, &told)?))
}

/// Writes a new reception.
pub fn put(call: &Call<'_>, facility: FacilityId, reception: &Reception) -> Result<(), StoreError> {
    let (asked, told) = seal(call, facility, reception)?;
    call.execute(
        &PUT_FILE,
        &[
            facility.as_bytes().into(),
            reception.id.as_bytes().into(),
            reception.at.into(),
            count(reception.lines).into(),
            count(reception.done).into(),
            (&asked).into(),
            (&told).into(),
        ],
    )?;
    Ok(())
}

/// Writes how far a reception has come, unless somebody else has brought it on from `before`.
pub fn keep(
    call: &Call<'_>,
    facility: FacilityId,
    reception: &Reception,
    before: usize,
) -> Result<(), StoreError> {
    let (asked, told) = seal(call, facility, reception)?;
    call.execute(
        &KEEP_FILE,
        &[
            facility.as_bytes().into(),
            reception.id.as_bytes().into(),
            count(reception.done).into(),
            (&asked).into(),
            (&told).into(),
            count(before).into(),
        ],
    )?;
    Ok(())
}

/// A reception whose files are still sealed.
struct Stored {
    reception: Reception,
    asked: Vec<u8>,
    told: Vec<u8>,
}

fn stored(row: &Row<'_>) -> Result<Stored, StoreError> {
    let count = |column| -> Result<usize, StoreError> {
        usize::try_from(row.int(column)?).map_err(|_| StoreError::Corrupt("a bulk file's count"))
    };
    Ok(Stored {
        reception: Reception {
            id: ReceptionId::from_bytes(row.array(0)?),
            at: row.at(1)?,
            lines: count(2)?,
            done: count(3)?,
            asked: BulkRequest::default(),
            told: BulkAnswer::default(),
        },
        asked: row.blob(4)?,
        told: row.blob(5)?,
    })
}

/// A file as it was stored: nothing stands for an empty one.
fn opened<M: Message>(file: &[u8]) -> Result<M, StoreError> {
    if file.is_empty() {
        return Ok(M::default());
    }
    let read = M::read(file).map_err(|_| StoreError::Corrupt("a bulk file"))?;
    Ok(read.message)
}

/// A reception of this facility.
pub fn find(
    call: &Call<'_>,
    facility: FacilityId,
    id: ReceptionId,
) -> Result<Option<Reception>, StoreError> {
    let key = [facility.as_bytes().into(), id.as_bytes().into()];
    let Some(found) = call.row(&FILE, &key, stored)? else {
        return Ok(None);
    };
    let mut reception = found.reception;
    let open = |what: &[u8], sealed: &[u8]| -> Result<Vec<u8>, StoreError> {
        call.unseal_for_facility(facility, NAME, &[id.as_bytes(), what], sealed)
    };
    reception.asked = opened(&open(ASKED, &found.asked)?)?;
    reception.told = opened(&open(TOLD, &found.told)?)?;
    Ok(Some(reception))
}

/// How many receptions the facility has.
pub fn held(call: &Call<'_>, facility: FacilityId) -> Result<i64, StoreError> {
    let found = call.row(&COUNT_FILES, &[facility.as_bytes().into()], |row| {
        row.int(0)
    })?;
    Ok(found.unwrap_or(0))
}

/// Removes the facility's receptions older than `before`.
pub fn sweep(call: &Call<'_>, facility: FacilityId, before: Timestamp) -> Result<(), StoreError> {
    call.execute(&SWEEP_FILES, &[facility.as_bytes().into(), before.into()])?;
    Ok(())
}
