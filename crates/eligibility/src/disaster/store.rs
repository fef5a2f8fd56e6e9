//! SQL: searches by four attributes, for a quarter of an hour.

use kernel::{
    id::{FacilityId, PersonId},
    time::Timestamp,
};
use registry::attributes::Grade;
use serde::{Deserialize, Serialize};
use store::{Call, Owner, StoreError, Table};

use super::model::{Candidate, Found, SearchId};

store::statements! {
    Facility PUT_SEARCH = "INSERT INTO disaster_search
        (facility_id, search_id, at, wrong, is_over, body) VALUES ($1, $2, $3, $4, $5, $6)";
    Facility MARK_SEARCH = "UPDATE disaster_search SET wrong = $3, is_over = $4
        WHERE facility_id = $1 AND search_id = $2";
    Facility SEARCH = "SELECT at, wrong, is_over, body FROM disaster_search
        WHERE facility_id = $1 AND search_id = $2";
    Facility SWEEP_SEARCHES = "DELETE FROM disaster_search WHERE facility_id = $1 AND at < $2";
}

/// The table of this part.
pub(crate) const TABLE: Table = Table {
    name: NAME,
    owner: Owner::Facility,
};
const NAME: &str = "disaster_search";
const BAD: StoreError = StoreError::Corrupt("a search by attributes");

/// At-rest form of a candidate.
#[derive(Serialize, Deserialize)]
struct Body {
    p: String,
    g: String,
    j: String,
    e: String,
    i: String,
    a: i16,
    m: String,
}

pub(super) fn put(call: &Call<'_>, facility: FacilityId, found: &Found) -> Result<(), StoreError> {
    let bodies: Vec<Body> = found
        .candidates
        .iter()
        .map(|(person, one)| Body {
            p: person.to_hex(),
            g: one.grade.code().to_owned(),
            j: one.agrees_ja.clone(),
            e: one.agrees_en.clone(),
            i: one.initials.clone(),
            a: one.age,
            m: one.municipality.clone(),
        })
        .collect();
    let plain = serde_json::to_vec(&bodies).map_err(|_| BAD)?;
    let body = call.seal_for_facility(facility, NAME, &[found.id.as_bytes()], &plain)?;
    call.execute(
        &PUT_SEARCH,
        &[
            facility.as_bytes().into(),
            found.id.as_bytes().into(),
            found.at.into(),
            found.wrong.into(),
            found.is_over.into(),
            (&body).into(),
        ],
    )?;
    Ok(())
}

pub(super) fn mark(call: &Call<'_>, facility: FacilityId, found: &Found) -> Result<(), StoreError> {
    call.execute(
        &MARK_SEARCH,
        &[
            facility.as_bytes().into(),
            found.id.as_bytes().into(),
            found.wrong.into(),
            found.is_over.into(),
        ],
    )?;
    Ok(())
}

pub(super) fn find(
    call: &Call<'_>,
    facility: FacilityId,
    id: SearchId,
) -> Result<Option<Found>, StoreError> {
    let values = [facility.as_bytes().into(), id.as_bytes().into()];
    let row = call.row(&SEARCH, &values, |row| {
        Ok((row.at(0)?, row.int(1)?, row.flag(2)?, row.blob(3)?))
    })?;
    let Some((at, wrong, is_over, sealed)) = row else {
        return Ok(None);
    };
    let plain = call.unseal_for_facility(facility, NAME, &[id.as_bytes()], &sealed)?;
    let bodies: Vec<Body> = serde_json::from_slice(&plain).map_err(|_| BAD)?;
    let candidates: Option<Vec<_>> = bodies.into_iter().map(candidate).collect();
    Ok(Some(Found {
        id,
        at,
        wrong,
        is_over,
        candidates: candidates.ok_or(BAD)?,
    }))
}

fn candidate(body: Body) -> Option<(PersonId, Candidate)> {
    let one = Candidate {
        grade: Grade::from_code(&body.g)?,
        agrees_ja: body.j,
        agrees_en: body.e,
        initials: body.i,
        age: body.a,
        municipality: body.m,
    };
    Some((PersonId::parse(&body.p)?, one))
}

/// Removes what nobody can confirm any more.
pub(super) fn sweep(
    call: &Call<'_>,
    facility: FacilityId,
    before: Timestamp,
) -> Result<usize, StoreError> {
    call.execute(
        &SWEEP_SEARCHES,
        &[facility.as_bytes().into(), before.into()],
    )
}
