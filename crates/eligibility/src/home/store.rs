//! SQL: a facility's home-care patients. The name is sealed under the person's key, so that it
//! goes when their keys are destroyed.

use ::store::{Call, Row, StoreError};
use kernel::{
    id::{FacilityId, PersonId},
    time::Timestamp,
};

use super::ops::{HomePatient, PatientId};

store::statements! {
    Facility PUT = "INSERT INTO eligibility_home_patient
        (facility_id, patient_id, person_id, since, until, body) VALUES ($1, $2, $3, $4, $5, $6)";
    Facility PROLONG = "UPDATE eligibility_home_patient SET until = $3
        WHERE facility_id = $1 AND person_id = $2";
    Facility ONE = "SELECT patient_id, person_id, since, until, body FROM eligibility_home_patient
        WHERE facility_id = $1 AND patient_id = $2";
    Facility BY_PERSON = "SELECT patient_id FROM eligibility_home_patient
        WHERE facility_id = $1 AND person_id = $2";
    Facility STANDING = "SELECT patient_id, person_id, since, until, body
        FROM eligibility_home_patient WHERE facility_id = $1 AND until > $2
        ORDER BY since, patient_id LIMIT $3";
}

const TABLE: &str = "eligibility_home_patient";

/// Name and kana of an opened person, for a list that is shown without opening them.
pub(super) fn put(
    call: &Call<'_>,
    facility: FacilityId,
    patient: &HomePatient,
) -> Result<(), StoreError> {
    let plain = format!("{}\n{}", patient.name, patient.kana);
    let id = patient.id.as_bytes();
    let key: &[&[u8]] = &[facility.as_bytes(), id];
    let body = call.seal(patient.person, TABLE, key, plain.as_bytes())?;
    call.execute(
        &PUT,
        &[
            facility.as_bytes().into(),
            id.into(),
            patient.person.as_bytes().into(),
            patient.since.into(),
            patient.until.into(),
            (&body).into(),
        ],
    )?;
    Ok(())
}

/// Sets the end; how many there were: one or none.
pub(super) fn set_until(
    call: &Call<'_>,
    facility: FacilityId,
    person: PersonId,
    until: Timestamp,
) -> Result<usize, StoreError> {
    call.execute(
        &PROLONG,
        &[
            facility.as_bytes().into(),
            person.as_bytes().into(),
            until.into(),
        ],
    )
}

pub(super) fn is_known(
    call: &Call<'_>,
    facility: FacilityId,
    person: PersonId,
) -> Result<bool, StoreError> {
    let values = [facility.as_bytes().into(), person.as_bytes().into()];
    let found = call.row(&BY_PERSON, &values, |row| row.array::<16>(0))?;
    Ok(found.is_some())
}

fn stored(row: &Row<'_>) -> Result<(HomePatient, Vec<u8>), StoreError> {
    let patient = HomePatient {
        id: PatientId::from_bytes(row.array(0)?),
        person: PersonId::from_bytes(row.array(1)?),
        since: row.at(2)?,
        until: row.at(3)?,
        name: String::new(),
        kana: String::new(),
    };
    Ok((patient, row.blob(4)?))
}

/// `None` for somebody whose keys were destroyed.
fn open(
    call: &Call<'_>,
    facility: FacilityId,
    (mut patient, body): (HomePatient, Vec<u8>),
) -> Result<Option<HomePatient>, StoreError> {
    let key: &[&[u8]] = &[facility.as_bytes(), patient.id.as_bytes()];
    let plain = match call.unseal(patient.person, TABLE, key, &body) {
        Err(why) if why.is_shredded() => return Ok(None),
        other => other?,
    };
    let corrupt = || StoreError::Corrupt("a home-care patient");
    let plain = String::from_utf8(plain).map_err(|_| corrupt())?;
    let (name, kana) = plain.split_once('\n').ok_or_else(corrupt)?;
    patient.name = name.to_owned();
    patient.kana = kana.to_owned();
    Ok(Some(patient))
}

pub(super) fn one(
    call: &Call<'_>,
    facility: FacilityId,
    id: PatientId,
) -> Result<Option<HomePatient>, StoreError> {
    let values = [facility.as_bytes().into(), id.as_bytes().into()];
    match call.row(&ONE, &values, stored)? {
        Some(found) => open(call, facility, found),
        None => Ok(None),
    }
}

pub(super) fn standing(
    call: &Call<'_>,
    facility: FacilityId,
    at: Timestamp,
    limit: i64,
) -> Result<Vec<HomePatient>, StoreError> {
    let values = [facility.as_bytes().into(), at.into(), limit.into()];
    let found = call.rows(&STANDING, &values, stored)?;
    let opened = found.into_iter().map(|one| open(call, facility, one));
    opened.filter_map(Result::transpose).collect()
}
