//! All SQL of exports. A job's state lies under the facility; its files under the person.

use kernel::{
    id::{FacilityId, PersonId},
    time::Timestamp,
};
use store::{Call, Row, StoreError, Value};

use super::{Body, Export, ExportId, State};

store::statements! {
    Facility PUT = "INSERT INTO fhir_export
        (facility_id, id, state, asked_at, ends_at, done, total, body)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    Facility CHANGE = "UPDATE fhir_export
        SET state = $3, ends_at = $4, done = $5, total = $6, body = $7
        WHERE facility_id = $1 AND id = $2";
    Facility GET = "SELECT facility_id, id, state, asked_at, done, total, body FROM fhir_export
        WHERE facility_id = $1 AND id = $2";
    Facility COUNT = "SELECT COUNT(*) FROM fhir_export WHERE facility_id = $1";
    Facility NEXT = "SELECT facility_id, id, state, asked_at, done, total, body FROM fhir_export
        WHERE state = 'waiting' ORDER BY asked_at, facility_id, id LIMIT 1";
    Facility OVER = "SELECT facility_id, id, state, asked_at, done, total, body FROM fhir_export
        WHERE ends_at <= $1 ORDER BY ends_at, facility_id, id LIMIT 1";
    Facility DROP = "DELETE FROM fhir_export WHERE facility_id = $1 AND id = $2";
    Person PUT_FILE = "INSERT INTO fhir_export_file
        (person_id, facility_id, export_id, number, type, resources, content)
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    Person FILE = "SELECT type, content FROM fhir_export_file
        WHERE person_id = $1 AND facility_id = $2 AND export_id = $3 AND number = $4";
    Person DROP_FILES = "DELETE FROM fhir_export_file
        WHERE person_id = $1 AND facility_id = $2 AND export_id = $3";
}

const TABLE: &str = "fhir_export";
const FILE_TABLE: &str = "fhir_export_file";
const BAD: StoreError = StoreError::Corrupt("an export");
/// zstd level: NDJSON of one type shrinks to a tenth.
const LEVEL: i32 = 3;
/// Most bytes of a file when it is opened.
const FILE_BYTES_MAX: usize = 64 << 20;

fn seal(call: &Call<'_>, export: &Export) -> Result<Vec<u8>, StoreError> {
    let plain = serde_json::to_vec(&export.body).map_err(|_| BAD)?;
    let key: [&[u8]; 1] = [&export.id.0];
    call.seal_for_facility(export.facility, TABLE, &key, &plain)
}

fn raw(row: &Row<'_>) -> Result<(Export, Vec<u8>), StoreError> {
    let body = Body {
        patient: String::new(),
        types: Vec::new(),
        since: None,
        request: String::new(),
        client: String::new(),
        name: String::new(),
        code: String::new(),
        home: String::new(),
        files: Vec::new(),
        left: Vec::new(),
        trouble: None,
        scopes: None,
    };
    let export = Export {
        facility: FacilityId::from_bytes(row.array(0)?),
        id: ExportId(row.array(1)?),
        state: State::parse(&row.text(2)?).ok_or(BAD)?,
        asked_at: row.at(3)?,
        done: row.int(4)?,
        total: row.int(5)?,
        body,
    };
    Ok((export, row.blob(6)?))
}

fn open(call: &Call<'_>, found: (Export, Vec<u8>)) -> Result<Export, StoreError> {
    let (mut export, sealed) = found;
    let key: [&[u8]; 1] = [&export.id.0];
    let plain = call.unseal_for_facility(export.facility, TABLE, &key, &sealed)?;
    export.body = serde_json::from_slice(&plain).map_err(|_| BAD)?;
    Ok(export)
}

pub(super) fn put(call: &Call<'_>, export: &Export, ends_at: Timestamp) -> Result<(), StoreError> {
    let body = seal(call, export)?;
    let values = [
        export.facility.as_bytes().into(),
        (&export.id.0).into(),
        export.state.word().into(),
        export.asked_at.into(),
        ends_at.into(),
        export.done.into(),
        export.total.into(),
        (&body).into(),
    ];
    call.execute(&PUT, &values).map(drop)
}

/// Writes down how far it is; `false` when it was removed meanwhile.
pub(super) fn change(
    call: &Call<'_>,
    export: &Export,
    ends_at: Timestamp,
) -> Result<bool, StoreError> {
    let body = seal(call, export)?;
    let values = [
        export.facility.as_bytes().into(),
        (&export.id.0).into(),
        export.state.word().into(),
        ends_at.into(),
        export.done.into(),
        export.total.into(),
        (&body).into(),
    ];
    Ok(call.execute(&CHANGE, &values)? > 0)
}

pub(super) fn get(
    call: &Call<'_>,
    facility: FacilityId,
    id: ExportId,
) -> Result<Option<Export>, StoreError> {
    let values: [Value<'_>; 2] = [facility.as_bytes().into(), (&id.0).into()];
    let found = call.row(&GET, &values, raw)?;
    found.map(|found| open(call, found)).transpose()
}

pub(super) fn count(call: &Call<'_>, facility: FacilityId) -> Result<i64, StoreError> {
    let values: [Value<'_>; 1] = [facility.as_bytes().into()];
    let count = call.row(&COUNT, &values, |row| row.int(0))?;
    Ok(count.unwrap_or_default())
}

/// The one whose turn it is.
pub(super) fn next(call: &Call<'_>) -> Result<Option<Export>, StoreError> {
    let found = call.row(&NEXT, &[], raw)?;
    found.map(|found| open(call, found)).transpose()
}

/// One whose time is over.
pub(super) fn over(call: &Call<'_>, at: Timestamp) -> Result<Option<Export>, StoreError> {
    let found = call.row(&OVER, &[at.into()], raw)?;
    found.map(|found| open(call, found)).transpose()
}

/// Removes an export; its files are under a person who is open.
pub(super) fn remove(
    call: &Call<'_>,
    export: &Export,
    person: Option<PersonId>,
) -> Result<(), StoreError> {
    let facility: Value<'_> = export.facility.as_bytes().into();
    let id: Value<'_> = (&export.id.0).into();
    if let Some(person) = person {
        call.execute(&DROP_FILES, &[person.as_bytes().into(), facility, id])?;
    }
    call.execute(&DROP, &[facility, id]).map(drop)
}

/// Adds a file of a person who is open.
pub(super) fn put_file(
    call: &Call<'_>,
    export: &Export,
    person: PersonId,
    (number, kind): (i64, &str),
    (resources, text): (i64, &str),
) -> Result<(), StoreError> {
    let packed = zstd::bulk::compress(text.as_bytes(), LEVEL).map_err(|_| BAD)?;
    let number_bytes = number.to_be_bytes();
    let key: [&[u8]; 3] = [export.facility.as_bytes(), &export.id.0, &number_bytes];
    let content = call.seal(person, FILE_TABLE, &key, &packed)?;
    let values = [
        person.as_bytes().into(),
        export.facility.as_bytes().into(),
        (&export.id.0).into(),
        number.into(),
        kind.into(),
        resources.into(),
        (&content).into(),
    ];
    call.execute(&PUT_FILE, &values).map(drop)
}

/// Type and text of a file of a person who is open.
pub(super) fn file(
    call: &Call<'_>,
    export: &Export,
    person: PersonId,
    number: i64,
) -> Result<Option<(String, Vec<u8>)>, StoreError> {
    let values = [
        person.as_bytes().into(),
        export.facility.as_bytes().into(),
        (&export.id.0).into(),
        number.into(),
    ];
    let found = call.row(&FILE, &values, |row| Ok((row.text(0)?, row.blob(1)?)))?;
    let Some((kind, sealed)) = found else {
        return Ok(None);
    };
    let number_bytes = number.to_be_bytes();
    let key: [&[u8]; 3] = [export.facility.as_bytes(), &export.id.0, &number_bytes];
    let packed = call.unseal(person, FILE_TABLE, &key, &sealed)?;
    let text = zstd::bulk::decompress(&packed, FILE_BYTES_MAX).map_err(|_| BAD)?;
    Ok(Some((kind, text)))
}
