//! All SQL of eligibility.

use kernel::{
    id::{FacilityId, PersonId},
    time::Timestamp,
};
use store::{Call, Migration, Owner, Row, Schema, StoreError, Table};

use crate::{
    codes::store as codes,
    disaster::store as searches,
    home::store as home,
    model::{CareClass, Method, Visit, VisitId},
    oqs::store as files,
    phones::store as screen,
    snapshot::store as copies,
};

store::statements! {
    Facility PUT_VISIT = "INSERT INTO eligibility_visit
        (facility_id, visit_id, person_id, at, method, body, care_class)
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    Facility VISIT = "SELECT visit_id, person_id, at, method, body, care_class FROM eligibility_visit
        WHERE facility_id = $1 AND visit_id = $2";
    Facility VISITS = "SELECT visit_id, person_id, at, method, body, care_class FROM eligibility_visit
        WHERE facility_id = $1 AND at > $2 ORDER BY at DESC, visit_id LIMIT $3";
    Facility VISITS_BETWEEN = "SELECT visit_id, person_id, at, method, body, care_class FROM eligibility_visit
        WHERE facility_id = $1 AND at >= $2 AND at < $3 ORDER BY at DESC, visit_id LIMIT $4";
}

const MIGRATIONS: &[Migration] = &[
    Migration {
        number: 1,
        name: "visits",
        sqlite: include_str!("../migrations/sqlite/0001_visits.sql"),
        postgres: include_str!("../migrations/postgres/0001_visits.sql"),
    },
    Migration {
        number: 2,
        name: "visit_codes",
        sqlite: include_str!("../migrations/sqlite/0002_visit_codes.sql"),
        postgres: include_str!("../migrations/postgres/0002_visit_codes.sql"),
    },
    Migration {
        number: 3,
        name: "files",
        sqlite: include_str!("../migrations/sqlite/0003_files.sql"),
        postgres: include_str!("../migrations/postgres/0003_files.sql"),
    },
    Migration {
        number: 4,
        name: "disaster",
        sqlite: include_str!("../migrations/sqlite/0004_disaster.sql"),
        postgres: include_str!("../migrations/postgres/0004_disaster.sql"),
    },
    Migration {
        number: 5,
        name: "snapshots",
        sqlite: include_str!("../migrations/sqlite/0005_snapshots.sql"),
        postgres: include_str!("../migrations/postgres/0005_snapshots.sql"),
    },
    Migration {
        number: 6,
        name: "phones",
        sqlite: include_str!("../migrations/sqlite/0006_phones.sql"),
        postgres: include_str!("../migrations/postgres/0006_phones.sql"),
    },
];

/// The storage of eligibility.
#[must_use]
pub fn schema() -> Schema {
    const TABLES: &[Table] = &[
        Table {
            name: "eligibility_visit",
            owner: Owner::Facility,
        },
        Table {
            name: "eligibility_visit_code",
            owner: Owner::Facility,
        },
        Table {
            name: "eligibility_code_directory",
            owner: Owner::Directory,
        },
        Table {
            name: "eligibility_home_patient",
            owner: Owner::Facility,
        },
        searches::TABLE,
        files::TABLE,
        copies::TABLES[0],
        copies::TABLES[1],
        copies::TABLES[2],
        Table {
            name: "screen_code",
            owner: Owner::Directory,
        },
    ];
    Schema {
        service: "eligibility",
        tables: TABLES,
        migrations: MIGRATIONS,
        statements: [
            STATEMENTS,
            codes::STATEMENTS,
            home::STATEMENTS,
            files::STATEMENTS,
            copies::STATEMENTS,
            screen::STATEMENTS,
            searches::STATEMENTS,
        ]
        .concat(),
    }
}

pub(crate) fn put_visit(
    call: &Call<'_>,
    facility: FacilityId,
    visit: &Visit,
) -> Result<(), StoreError> {
    let plain = format!("{}\n{}", visit.name, visit.kana);
    let key = visit.id.as_bytes();
    let body = call.seal_for_facility(facility, "eligibility_visit", &[key], plain.as_bytes())?;
    call.execute(
        &PUT_VISIT,
        &[
            facility.as_bytes().into(),
            key.into(),
            visit.person.as_bytes().into(),
            visit.at.into(),
            visit.method.word().into(),
            (&body).into(),
            visit.care.code().into(),
        ],
    )?;
    Ok(())
}

struct Stored {
    visit: Visit,
    body: Vec<u8>,
}

fn stored(row: &Row<'_>) -> Result<Stored, StoreError> {
    Ok(Stored {
        visit: Visit {
            id: VisitId::from_bytes(row.array(0)?),
            person: PersonId::from_bytes(row.array(1)?),
            at: row.at(2)?,
            method: Method::parse(&row.text(3)?).ok_or(StoreError::Corrupt("a visit's method"))?,
            care: CareClass::from_code(&row.text(5)?)
                .ok_or(StoreError::Corrupt("a visit's class of care"))?,
            name: String::new(),
            kana: String::new(),
        },
        body: row.blob(4)?,
    })
}

fn open(call: &Call<'_>, facility: FacilityId, stored: Stored) -> Result<Visit, StoreError> {
    let mut visit = stored.visit;
    let key = visit.id.as_bytes();
    let plain = call.unseal_for_facility(facility, "eligibility_visit", &[key], &stored.body)?;
    let plain = String::from_utf8(plain).map_err(|_| StoreError::Corrupt("a visit"))?;
    let (name, kana) = plain
        .split_once('\n')
        .ok_or(StoreError::Corrupt("a visit"))?;
    visit.name = name.to_owned();
    visit.kana = kana.to_owned();
    Ok(visit)
}

pub(crate) fn visit(
    call: &Call<'_>,
    facility: FacilityId,
    id: VisitId,
) -> Result<Option<Visit>, StoreError> {
    call.row(
        &VISIT,
        &[facility.as_bytes().into(), id.as_bytes().into()],
        stored,
    )?
    .map(|found| open(call, facility, found))
    .transpose()
}

pub(crate) fn visits(
    call: &Call<'_>,
    facility: FacilityId,
    after: Timestamp,
    limit: i64,
) -> Result<Vec<Visit>, StoreError> {
    call.rows(
        &VISITS,
        &[facility.as_bytes().into(), after.into(), limit.into()],
        stored,
    )?
    .into_iter()
    .map(|found| open(call, facility, found))
    .collect()
}

pub(crate) fn visits_between(
    call: &Call<'_>,
    facility: FacilityId,
    from: Timestamp,
    until: Timestamp,
    limit: i64,
) -> Result<Vec<Visit>, StoreError> {
    call.rows(
        &VISITS_BETWEEN,
        &[
            facility.as_bytes().into(),
            from.into(),
            until.into(),
            limit.into(),
        ],
        stored,
    )?
    .into_iter()
    .map(|found| open(call, facility, found))
    .collect()
}
