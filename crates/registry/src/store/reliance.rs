//! What facilities were told, under the person; and what they are told of changes, under the
//! facility.

use kernel::{
    id::{FacilityId, PersonId},
    time::{JstDate, Timestamp},
};
use serde::{Deserialize, Serialize};
use store::{Call, Row, StoreError};

use crate::{
    model::ChangeKind,
    reliance::{Matter, Notice, NoticeId, Reliance, Visited, Wanted},
    terms::{Difference, Field},
};

store::statements! {
    Person PUT = "INSERT INTO reliance (person_id, facility_id, coverage, at, body)
        VALUES ($1, $2, $3, $4, $5) ON CONFLICT (person_id, facility_id, coverage)
        DO UPDATE SET at = excluded.at, body = excluded.body";
    Person OF = "SELECT facility_id, coverage, at, body FROM reliance
        WHERE person_id = $1 AND facility_id = $2 ORDER BY coverage";
    Person OF_ALL = "SELECT facility_id, coverage, at, body FROM reliance
        WHERE person_id = $1 ORDER BY at DESC, facility_id, coverage LIMIT $2";
    Facility PUT_NOTICE = "INSERT INTO coverage_notice (facility_id, notice_id, person_id, at,
        is_done, body) VALUES ($1, $2, $3, $4, 0, $5)";
    Facility NOTICES_AFTER = "SELECT notice_id, person_id, at, is_done, body FROM coverage_notice
        WHERE facility_id = $1 AND notice_id > $2 ORDER BY notice_id LIMIT $3";
    Facility NOTICES_BY_STATE = "SELECT notice_id, person_id, at, is_done, body
        FROM coverage_notice WHERE facility_id = $1 AND is_done = $2
        ORDER BY notice_id DESC LIMIT $3";
    Facility NEWEST = "SELECT notice_id FROM coverage_notice WHERE facility_id = $1
        ORDER BY notice_id DESC LIMIT 1";
    Facility OPEN = "SELECT notice_id FROM coverage_notice
        WHERE facility_id = $1 AND is_done = 0 ORDER BY notice_id LIMIT $2";
    Facility SET_DONE = "UPDATE coverage_notice SET is_done = 1
        WHERE facility_id = $1 AND notice_id = $2";
}

const TABLE: &str = "reliance";
const NOTICE: &str = "coverage_notice";
const BAD: StoreError = StoreError::Corrupt("an envelope of reliance");

/// At-rest form of what a facility was told.
#[derive(Serialize, Deserialize)]
struct Body {
    f: JstText,
    l: JstText,
    v: Vec<VisitedBody>,
}

type JstText = String;

#[derive(Serialize, Deserialize)]
struct VisitedBody {
    t: i64,
    o: JstText,
    i: String,
    n: String,
}

/// At-rest form of a notice.
#[derive(Serialize, Deserialize)]
struct MatterBody {
    n: String,
    k: String,
    b: JstText,
    c: String,
    a: (JstText, JstText),
    f: JstText,
    l: JstText,
    h: bool,
    d: Vec<(String, String, String)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    v: Option<String>,
}

fn day(text: &str) -> Result<JstDate, StoreError> {
    JstDate::parse(text).ok_or(BAD)
}

fn key_of(facility: FacilityId, coverage: i64) -> ([u8; 16], [u8; 8]) {
    (*facility.as_bytes(), coverage.to_be_bytes())
}

pub(crate) fn put(call: &Call<'_>, person: PersonId, it: &Reliance) -> Result<(), StoreError> {
    let visited = |visit: &Visited| VisitedBody {
        t: visit.at.micros(),
        o: visit.on.to_string(),
        i: kernel::hex::encode(&visit.visit),
        n: visit.name.clone(),
    };
    let plain = serde_json::to_vec(&Body {
        f: it.first_on.to_string(),
        l: it.last_on.to_string(),
        v: it.visits.iter().map(visited).collect(),
    })
    .map_err(|_| BAD)?;
    let (facility, coverage) = key_of(it.facility, it.coverage);
    let body = call.seal(person, TABLE, &[&facility, &coverage], &plain)?;
    call.execute(
        &PUT,
        &[
            person.as_bytes().into(),
            it.facility.as_bytes().into(),
            it.coverage.into(),
            it.at.into(),
            (&body).into(),
        ],
    )?;
    Ok(())
}

type Stored = (FacilityId, i64, Timestamp, Vec<u8>);

fn stored(row: &Row<'_>) -> Result<Stored, StoreError> {
    let facility = FacilityId::from_bytes(row.array(0)?);
    Ok((facility, row.int(1)?, row.at(2)?, row.blob(3)?))
}

fn open_all(
    call: &Call<'_>,
    person: PersonId,
    rows: Vec<Stored>,
) -> Result<Vec<Reliance>, StoreError> {
    let visited = |visit: VisitedBody| {
        Ok(Visited {
            at: Timestamp::from_micros(visit.t),
            on: day(&visit.o)?,
            visit: kernel::hex::decode_array(&visit.i).ok_or(BAD)?,
            name: visit.n,
        })
    };
    rows.into_iter()
        .map(|(facility, coverage, at, sealed)| {
            let key = key_of(facility, coverage);
            let plain = call.unseal(person, TABLE, &[&key.0, &key.1], &sealed)?;
            let body: Body = serde_json::from_slice(&plain).map_err(|_| BAD)?;
            let visits = body.v.into_iter().map(visited);
            Ok(Reliance {
                facility,
                coverage,
                first_on: day(&body.f)?,
                last_on: day(&body.l)?,
                at,
                visits: visits.collect::<Result<_, StoreError>>()?,
            })
        })
        .collect()
}

pub(crate) fn of(
    call: &Call<'_>,
    person: PersonId,
    facility: FacilityId,
) -> Result<Vec<Reliance>, StoreError> {
    let key = [person.as_bytes().into(), facility.as_bytes().into()];
    open_all(call, person, call.rows(&OF, &key, stored)?)
}

pub(crate) fn all(
    call: &Call<'_>,
    person: PersonId,
    limit: i64,
) -> Result<Vec<Reliance>, StoreError> {
    let rows = call.rows(&OF_ALL, &[person.as_bytes().into(), limit.into()], stored)?;
    open_all(call, person, rows)
}

pub(crate) fn put_notice(
    call: &Call<'_>,
    facility: FacilityId,
    notice: &Notice,
) -> Result<(), StoreError> {
    let matter = &notice.matter;
    let difference = |one: &Difference| {
        let field = one.field.code().to_owned();
        (field, one.was.clone(), one.now.clone())
    };
    let plain = serde_json::to_vec(&MatterBody {
        n: matter.name.clone(),
        k: matter.kana.clone(),
        b: matter.birth.to_string(),
        c: matter.kind.code().to_owned(),
        a: (matter.asked.0.to_string(), matter.asked.1.to_string()),
        f: matter.from.to_string(),
        l: matter.last.to_string(),
        h: matter.is_covered,
        d: matter.differences.iter().map(difference).collect(),
        v: matter.visit.map(|visit| kernel::hex::encode(&visit)),
    })
    .map_err(|_| BAD)?;
    let key = notice.id.as_bytes();
    let body = call.seal_for_facility(facility, NOTICE, &[key], &plain)?;
    call.execute(
        &PUT_NOTICE,
        &[
            facility.as_bytes().into(),
            key.into(),
            notice.person.as_bytes().into(),
            notice.at.into(),
            (&body).into(),
        ],
    )?;
    Ok(())
}

fn matter(plain: &[u8]) -> Result<Matter, StoreError> {
    let body: MatterBody = serde_json::from_slice(plain).map_err(|_| BAD)?;
    let difference = |(field, was, now): (String, String, String)| {
        let field = Field::from_code(&field).ok_or(BAD)?;
        Ok(Difference { field, was, now })
    };
    let differences = body.d.into_iter().map(difference);
    let visit = body
        .v
        .map(|visit| kernel::hex::decode_array(&visit).ok_or(BAD));
    Ok(Matter {
        name: body.n,
        kana: body.k,
        birth: day(&body.b)?,
        kind: ChangeKind::from_code(&body.c).ok_or(BAD)?,
        asked: (day(&body.a.0)?, day(&body.a.1)?),
        from: day(&body.f)?,
        last: day(&body.l)?,
        is_covered: body.h,
        differences: differences.collect::<Result<_, StoreError>>()?,
        visit: visit.transpose()?,
    })
}

pub(crate) fn notices(
    call: &Call<'_>,
    facility: FacilityId,
    wanted: Wanted,
    limit: i64,
) -> Result<Vec<Notice>, StoreError> {
    let read = |row: &Row<'_>| {
        let id = NoticeId::from_bytes(row.array(0)?);
        let person = PersonId::from_bytes(row.array(1)?);
        Ok((id, person, row.at(2)?, row.int(3)? != 0, row.blob(4)?))
    };
    let owner = facility.as_bytes().into();
    let rows = match wanted {
        Wanted::After(after) => {
            let values = [owner, after.as_bytes().into(), limit.into()];
            call.rows(&NOTICES_AFTER, &values, read)?
        }
        Wanted::Open | Wanted::Done => {
            let is_done = i64::from(wanted == Wanted::Done);
            let values = [owner, is_done.into(), limit.into()];
            call.rows(&NOTICES_BY_STATE, &values, read)?
        }
    };
    rows.into_iter()
        .map(|(id, person, at, is_done, sealed)| {
            let plain = call.unseal_for_facility(facility, NOTICE, &[id.as_bytes()], &sealed)?;
            Ok(Notice {
                id,
                at,
                is_done,
                person,
                matter: matter(&plain)?,
            })
        })
        .collect()
}

pub(crate) fn newest(
    call: &Call<'_>,
    facility: FacilityId,
) -> Result<Option<NoticeId>, StoreError> {
    call.row(&NEWEST, &[facility.as_bytes().into()], |row| {
        Ok(NoticeId::from_bytes(row.array(0)?))
    })
}

pub(crate) fn open(call: &Call<'_>, facility: FacilityId, limit: i64) -> Result<i64, StoreError> {
    let values = [facility.as_bytes().into(), limit.into()];
    let open = call.rows(&OPEN, &values, |row| row.array::<16>(0))?;
    Ok(i64::try_from(open.len()).unwrap_or(limit))
}

pub(crate) fn set_done(
    call: &Call<'_>,
    facility: FacilityId,
    notice: NoticeId,
) -> Result<usize, StoreError> {
    call.execute(
        &SET_DONE,
        &[facility.as_bytes().into(), notice.as_bytes().into()],
    )
}
