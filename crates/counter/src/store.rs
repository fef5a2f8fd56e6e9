//! All SQL of the counter: the copy, the journal, and what came of it.

use eligibility::snapshot::{
    api::WireNumber,
    model::{ActId, Patient, Reference},
    paper,
    shown::Shown,
};
use kernel::{id::FacilityId, time::Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::{Call, Migration, Owner, Row, Schema, StoreError, Table};

use crate::model::{About, Act, Held, Noted, Settled};

store::statements! {
    Facility PUT_COPY = "INSERT INTO counter_copy
        (facility_id, number, made_at, good_until, days, came_at) VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (facility_id) DO UPDATE SET number = excluded.number, made_at = excluded.made_at,
        good_until = excluded.good_until, days = excluded.days, came_at = excluded.came_at";
    Facility COPY = "SELECT number, made_at, good_until, days, came_at,
        (SELECT COUNT(*) FROM counter_patient p WHERE p.facility_id = $1)
        FROM counter_copy WHERE facility_id = $1";
    Facility PUT_PATIENT = "INSERT INTO counter_patient (facility_id, reference, body)
        VALUES ($1, $2, $3) ON CONFLICT (facility_id, reference) DO UPDATE SET body = excluded.body";
    Facility DROP_PATIENT = "DELETE FROM counter_patient WHERE facility_id = $1 AND reference = $2";
    Facility DROP_PATIENTS = "DELETE FROM counter_patient WHERE facility_id = $1";
    Facility PUT_WAY = "INSERT INTO counter_way (facility_id, way, reference) VALUES ($1, $2, $3)
        ON CONFLICT (facility_id, way, reference) DO NOTHING";
    Facility DROP_WAYS_OF = "DELETE FROM counter_way WHERE facility_id = $1 AND reference = $2";
    Facility DROP_WAYS = "DELETE FROM counter_way WHERE facility_id = $1";
    Facility BY_WAY = "SELECT p.reference, p.body FROM counter_way w JOIN counter_patient p
        ON p.facility_id = w.facility_id AND p.reference = w.reference
        WHERE w.facility_id = $1 AND w.way = $2 ORDER BY p.reference LIMIT $3";
    Facility PUT_ACT = "INSERT INTO counter_act (facility_id, act_id, at, body)
        VALUES ($1, $2, $3, $4) ON CONFLICT (facility_id, act_id) DO NOTHING";
    Facility PUT_WAITING = "INSERT INTO counter_waiting (facility_id, at, act_id) VALUES ($1, $2, $3)";
    Facility WAITING = "SELECT a.act_id, a.at, a.body FROM counter_waiting w JOIN counter_act a
        ON a.facility_id = w.facility_id AND a.act_id = w.act_id
        WHERE w.facility_id = $1 ORDER BY w.at, w.act_id LIMIT $2";
    Facility DROP_WAITING = "DELETE FROM counter_waiting
        WHERE facility_id = $1 AND at = $2 AND act_id = $3";
    Facility COUNT_WAITING = "SELECT COUNT(*) FROM counter_waiting WHERE facility_id = $1";
    Facility PUT_RESULT = "INSERT INTO counter_result (facility_id, act_id, at, is_open, body)
        VALUES ($1, $2, $3, $4, $5) ON CONFLICT (facility_id, act_id) DO NOTHING";
    Facility PUT_DONE = "INSERT INTO counter_done (facility_id, act_id, at, body)
        VALUES ($1, $2, $3, $4) ON CONFLICT (facility_id, act_id) DO NOTHING";
    Facility COUNT_OPEN = "SELECT COUNT(*) FROM counter_result r WHERE r.facility_id = $1
        AND r.is_open = 1 AND NOT EXISTS (SELECT 1 FROM counter_done d
        WHERE d.facility_id = r.facility_id AND d.act_id = r.act_id)";
    Facility OPEN = "SELECT a.act_id, a.at, a.body, r.at, r.body, d.at, d.body
        FROM counter_result r
        JOIN counter_act a ON a.facility_id = r.facility_id AND a.act_id = r.act_id
        LEFT JOIN counter_done d ON d.facility_id = r.facility_id AND d.act_id = r.act_id
        WHERE r.facility_id = $1 AND r.is_open = 1 AND d.act_id IS NULL
        ORDER BY a.at, a.act_id LIMIT $2";
    Facility NEWEST = "SELECT a.act_id, a.at, a.body, r.at, r.body, d.at, d.body
        FROM counter_act a
        LEFT JOIN counter_result r ON r.facility_id = a.facility_id AND r.act_id = a.act_id
        LEFT JOIN counter_done d ON d.facility_id = a.facility_id AND d.act_id = a.act_id
        WHERE a.facility_id = $1 ORDER BY a.at DESC, a.act_id LIMIT $2";
    Facility IS_OPEN = "SELECT is_open FROM counter_result WHERE facility_id = $1 AND act_id = $2";
}

const MIGRATIONS: &[Migration] = &[Migration {
    number: 1,
    name: "counter",
    sqlite: include_str!("../migrations/sqlite/0001_counter.sql"),
    postgres: include_str!("../migrations/postgres/0001_counter.sql"),
}];

/// The storage of the counter.
#[must_use]
pub fn schema() -> Schema {
    const fn table(name: &'static str) -> Table {
        Table {
            name,
            owner: Owner::Facility,
        }
    }
    const TABLES: &[Table] = &[
        table("counter_copy"),
        table("counter_patient"),
        table("counter_way"),
        table("counter_act"),
        table("counter_waiting"),
        table("counter_result"),
        table("counter_done"),
    ];
    Schema {
        service: "counter",
        tables: TABLES,
        migrations: MIGRATIONS,
        statements: STATEMENTS.to_vec(),
    }
}

pub(crate) fn held(call: &Call<'_>, facility: FacilityId) -> Result<Option<Held>, StoreError> {
    call.row(&COPY, &[facility.as_bytes().into()], |row| {
        Ok(Held {
            number: row.int(0)?,
            made_at: row.at(1)?,
            good_until: row.at(2)?,
            days: row.int(3)?,
            came_at: row.at(4)?,
            patients: row.int(5)?,
        })
    })
}

pub(crate) fn put_held(
    call: &Call<'_>,
    facility: FacilityId,
    held: &Held,
) -> Result<(), StoreError> {
    let values = [
        facility.as_bytes().into(),
        held.number.into(),
        held.made_at.into(),
        held.good_until.into(),
        held.days.into(),
        held.came_at.into(),
    ];
    call.execute(&PUT_COPY, &values)?;
    Ok(())
}

/// Nobody of an earlier copy stays.
pub(crate) fn clear(call: &Call<'_>, facility: FacilityId) -> Result<(), StoreError> {
    call.execute(&DROP_PATIENTS, &[facility.as_bytes().into()])?;
    call.execute(&DROP_WAYS, &[facility.as_bytes().into()])?;
    Ok(())
}

pub(crate) fn put_patient(
    call: &Call<'_>,
    facility: FacilityId,
    patient: &Patient,
    ways: &[[u8; 32]],
) -> Result<(), StoreError> {
    let reference = patient.reference.as_bytes();
    let plain = paper::patient_to_text(patient)?;
    let body =
        call.seal_for_facility(facility, "counter_patient", &[reference], plain.as_bytes())?;
    let owner = facility.as_bytes();
    call.execute(
        &PUT_PATIENT,
        &[owner.into(), reference.into(), (&body).into()],
    )?;
    call.execute(&DROP_WAYS_OF, &[owner.into(), reference.into()])?;
    for way in ways {
        call.execute(&PUT_WAY, &[owner.into(), way.into(), reference.into()])?;
    }
    Ok(())
}

pub(crate) fn drop_patient(
    call: &Call<'_>,
    facility: FacilityId,
    reference: Reference,
) -> Result<(), StoreError> {
    let values = [facility.as_bytes().into(), reference.as_bytes().into()];
    call.execute(&DROP_PATIENT, &values)?;
    call.execute(&DROP_WAYS_OF, &values)?;
    Ok(())
}

/// Patients to whom a way leads.
pub(crate) fn by_way(
    call: &Call<'_>,
    facility: FacilityId,
    way: &[u8; 32],
    limit: i64,
) -> Result<Vec<Patient>, StoreError> {
    let values = [facility.as_bytes().into(), way.into(), limit.into()];
    let rows = call.rows(&BY_WAY, &values, |row| {
        Ok((Reference::from_bytes(row.array(0)?), row.blob(1)?))
    })?;
    rows.into_iter()
        .map(|(reference, sealed)| {
            let key = reference.as_bytes();
            let plain = call.unseal_for_facility(facility, "counter_patient", &[key], &sealed)?;
            let text = String::from_utf8(plain).map_err(|_| BAD_PATIENT)?;
            paper::patient_from_text(&text).ok_or(BAD_PATIENT)
        })
        .collect()
}

const BAD_PATIENT: StoreError = StoreError::Corrupt("a patient of the copy");
const BAD_ACT: StoreError = StoreError::Corrupt("an act of the counter");

/// At-rest form of an act.
#[derive(Serialize, Deserialize)]
struct ActBody {
    by: String,
    name: String,
    reference: Option<String>,
    number: Option<WireNumber>,
    shown: BTreeMap<String, String>,
}

/// At-rest form of how an act was settled.
#[derive(Serialize, Deserialize)]
struct ResultBody {
    now: BTreeMap<String, String>,
    code: Option<String>,
}

/// Notes an act; one that is noted already stays as it is.
pub(crate) fn put_act(call: &Call<'_>, facility: FacilityId, act: &Act) -> Result<(), StoreError> {
    let (reference, number) = match &act.about {
        About::Patient(reference) => (Some(reference.to_hex()), None),
        About::Number(number) => (None, Some(number.clone())),
    };
    let plain = serde_json::to_vec(&ActBody {
        by: act.by.clone(),
        name: act.name.clone(),
        reference,
        number,
        shown: act.shown.write(),
    })
    .map_err(|_| BAD_ACT)?;
    let (owner, id) = (facility.as_bytes(), act.id.as_bytes());
    let body = call.seal_for_facility(facility, "counter_act", &[id], &plain)?;
    let values = [owner.into(), id.into(), act.at.into(), (&body).into()];
    if call.execute(&PUT_ACT, &values)? == 1 {
        call.execute(&PUT_WAITING, &[owner.into(), act.at.into(), id.into()])?;
    }
    Ok(())
}

fn read_act(
    call: &Call<'_>,
    facility: FacilityId,
    (id, at): (ActId, Timestamp),
    sealed: &[u8],
) -> Result<Act, StoreError> {
    let key = id.as_bytes();
    let plain = call.unseal_for_facility(facility, "counter_act", &[key], sealed)?;
    let body: ActBody = serde_json::from_slice(&plain).map_err(|_| BAD_ACT)?;
    let about = match (body.reference, body.number) {
        (Some(text), None) => About::Patient(Reference::parse(&text).ok_or(BAD_ACT)?),
        (None, Some(number)) => About::Number(number),
        _ => return Err(BAD_ACT),
    };
    Ok(Act {
        id,
        at,
        by: body.by,
        about,
        name: body.name,
        shown: Shown::read(&body.shown),
    })
}

/// Acts that wait for the line, oldest first.
pub(crate) fn waiting(
    call: &Call<'_>,
    facility: FacilityId,
    limit: i64,
) -> Result<Vec<Act>, StoreError> {
    let values = [facility.as_bytes().into(), limit.into()];
    let rows = call.rows(&WAITING, &values, |row| {
        Ok((ActId::from_bytes(row.array(0)?), row.at(1)?, row.blob(2)?))
    })?;
    rows.into_iter()
        .map(|(id, at, sealed)| read_act(call, facility, (id, at), &sealed))
        .collect()
}

/// Writes how an act was settled; it waits no longer.
pub(crate) fn put_settled(
    call: &Call<'_>,
    facility: FacilityId,
    act: &Act,
    settled: &Settled,
    is_open: bool,
) -> Result<(), StoreError> {
    let plain = serde_json::to_vec(&ResultBody {
        now: settled.now.write(),
        code: settled.code.clone(),
    })
    .map_err(|_| BAD_ACT)?;
    let (owner, id) = (facility.as_bytes(), act.id.as_bytes());
    let body = call.seal_for_facility(facility, "counter_result", &[id], &plain)?;
    let values = [
        owner.into(),
        id.into(),
        settled.at.into(),
        is_open.into(),
        (&body).into(),
    ];
    call.execute(&PUT_RESULT, &values)?;
    call.execute(&DROP_WAITING, &[owner.into(), act.at.into(), id.into()])?;
    Ok(())
}

/// `Some(true)` when an act was settled with something to look at.
pub(crate) fn is_open(
    call: &Call<'_>,
    facility: FacilityId,
    act: ActId,
) -> Result<Option<bool>, StoreError> {
    let values = [facility.as_bytes().into(), act.as_bytes().into()];
    call.row(&IS_OPEN, &values, |row| row.flag(0))
}

/// Marks an act as dealt with; a mark that is there stays.
pub(crate) fn put_done(
    call: &Call<'_>,
    facility: FacilityId,
    act: ActId,
    by: &str,
) -> Result<(), StoreError> {
    let (owner, id) = (facility.as_bytes(), act.as_bytes());
    let body = call.seal_for_facility(facility, "counter_done", &[id], by.as_bytes())?;
    let values = [owner.into(), id.into(), call.at().into(), (&body).into()];
    call.execute(&PUT_DONE, &values)?;
    Ok(())
}

pub(crate) fn count_waiting(call: &Call<'_>, facility: FacilityId) -> Result<i64, StoreError> {
    let count = call.row(&COUNT_WAITING, &[facility.as_bytes().into()], |row| {
        row.int(0)
    })?;
    Ok(count.unwrap_or(0))
}

pub(crate) fn count_open(call: &Call<'_>, facility: FacilityId) -> Result<i64, StoreError> {
    let count = call.row(&COUNT_OPEN, &[facility.as_bytes().into()], |row| row.int(0))?;
    Ok(count.unwrap_or(0))
}

/// Settled acts that somebody must look at, oldest first.
pub(crate) fn open(
    call: &Call<'_>,
    facility: FacilityId,
    limit: i64,
) -> Result<Vec<Noted>, StoreError> {
    let values = [facility.as_bytes().into(), limit.into()];
    let rows = call.rows(&OPEN, &values, raw)?;
    rows.into_iter()
        .map(|row| noted(call, facility, row))
        .collect()
}

/// The newest acts, whatever came of them.
pub(crate) fn newest(
    call: &Call<'_>,
    facility: FacilityId,
    limit: i64,
) -> Result<Vec<Noted>, StoreError> {
    let values = [facility.as_bytes().into(), limit.into()];
    let rows = call.rows(&NEWEST, &values, raw)?;
    rows.into_iter()
        .map(|row| noted(call, facility, row))
        .collect()
}

/// An act, its result and its mark, still sealed.
struct Raw {
    id: ActId,
    at: Timestamp,
    act: Vec<u8>,
    result: Option<(Timestamp, Vec<u8>)>,
    done: Option<(Timestamp, Vec<u8>)>,
}

fn raw(row: &Row<'_>) -> Result<Raw, StoreError> {
    Ok(Raw {
        id: ActId::from_bytes(row.array(0)?),
        at: row.at(1)?,
        act: row.blob(2)?,
        result: row.opt_at(3)?.zip(row.opt_blob(4)?),
        done: row.opt_at(5)?.zip(row.opt_blob(6)?),
    })
}

fn noted(call: &Call<'_>, facility: FacilityId, raw: Raw) -> Result<Noted, StoreError> {
    let key = raw.id.as_bytes();
    let settled = raw.result.map(|(at, sealed)| {
        let plain = call.unseal_for_facility(facility, "counter_result", &[key], &sealed)?;
        let body: ResultBody = serde_json::from_slice(&plain).map_err(|_| BAD_ACT)?;
        Ok::<_, StoreError>(Settled {
            at,
            now: Shown::read(&body.now),
            code: body.code,
        })
    });
    let done = raw.done.map(|(at, sealed)| {
        let plain = call.unseal_for_facility(facility, "counter_done", &[key], &sealed)?;
        let by = String::from_utf8(plain).map_err(|_| BAD_ACT)?;
        Ok::<_, StoreError>((at, by))
    });
    Ok(Noted {
        act: read_act(call, facility, (raw.id, raw.at), &raw.act)?,
        settled: settled.transpose()?,
        done: done.transpose()?,
    })
}
