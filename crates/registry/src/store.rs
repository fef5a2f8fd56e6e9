//! All SQL of the registry, and the form of its envelopes: here facilities, insurers and the
//! directories; in [`coverage`] what lies under a person, in [`identity`] who is who, in
//! [`reliance`] who was told of it.

pub(crate) mod card;
pub(crate) mod coverage;
pub(crate) mod identity;
pub(crate) mod merge;
pub(crate) mod reliance;
pub(crate) mod subsidy;

use kernel::{
    code::{FacilityCode, InsurerNumber},
    id::{FacilityId, PersonId},
};
use store::{Call, Migration, Owner, Row, Schema, StoreError, Table};

use crate::model::{Facility, FacilityKind, Insurer};

store::statements! {
    Reference PUT_FACILITY = "INSERT INTO facility (code, facility_id, name, kind, prefecture)
        VALUES ($1, $2, $3, $4, $5)";
    Reference FACILITY_BY_CODE = "SELECT code, facility_id, name, kind, prefecture FROM facility
        WHERE code = $1";
    Reference FACILITY_BY_ID = "SELECT code, facility_id, name, kind, prefecture FROM facility
        WHERE facility_id = $1";
    Reference FACILITIES = "SELECT code, facility_id, name, kind, prefecture FROM facility
        WHERE code > $1 ORDER BY code LIMIT $2";
    Reference PUT_INSURER = "INSERT INTO insurer (number, name, facility_id, update_days,
        loaded_at, down_since) VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (number) DO UPDATE SET name = excluded.name,
        facility_id = excluded.facility_id, update_days = excluded.update_days,
        loaded_at = excluded.loaded_at, down_since = excluded.down_since";
    Reference INSURER = "SELECT number, name, facility_id, update_days, loaded_at, down_since
        FROM insurer WHERE number = $1";
    Reference INSURERS_OF = "SELECT number, name, facility_id, update_days, loaded_at, down_since
        FROM insurer WHERE facility_id = $1 ORDER BY number";
    Directory PUT_INSURED = "INSERT INTO insured_directory (key, person_id, branch_tag, birth_tag)
        VALUES ($1, $2, $3, $4)
        ON CONFLICT (key, person_id) DO UPDATE SET branch_tag = excluded.branch_tag,
        birth_tag = excluded.birth_tag";
    Directory BY_INSURED = "SELECT COALESCE(m.kept_id, d.person_id), d.branch_tag, d.birth_tag
        FROM insured_directory d LEFT JOIN merged_directory m ON m.person_key = d.person_id
        WHERE d.key = $1 ORDER BY d.key, d.person_id LIMIT $2";
    Directory REMOVE_INSURED = "DELETE FROM insured_directory WHERE key = $1 AND person_id = $2";
}

const MIGRATIONS: &[Migration] = &[
    Migration {
        number: 1,
        name: "people",
        sqlite: include_str!("../migrations/sqlite/0001_people.sql"),
        postgres: include_str!("../migrations/postgres/0001_people.sql"),
    },
    Migration {
        number: 2,
        name: "insurers",
        sqlite: include_str!("../migrations/sqlite/0002_insurers.sql"),
        postgres: include_str!("../migrations/postgres/0002_insurers.sql"),
    },
    Migration {
        number: 3,
        name: "phones",
        sqlite: include_str!("../migrations/sqlite/0003_phones.sql"),
        postgres: include_str!("../migrations/postgres/0003_phones.sql"),
    },
    Migration {
        number: 4,
        name: "identity",
        sqlite: include_str!("../migrations/sqlite/0004_identity.sql"),
        postgres: include_str!("../migrations/postgres/0004_identity.sql"),
    },
    Migration {
        number: 5,
        name: "subsidies",
        sqlite: include_str!("../migrations/sqlite/0005_subsidies.sql"),
        postgres: include_str!("../migrations/postgres/0005_subsidies.sql"),
    },
    Migration {
        number: 6,
        name: "reliance",
        sqlite: include_str!("../migrations/sqlite/0006_reliance.sql"),
        postgres: include_str!("../migrations/postgres/0006_reliance.sql"),
    },
];

const fn table(name: &'static str, owner: Owner) -> Table {
    Table { name, owner }
}

/// The registry's storage.
#[must_use]
pub fn schema() -> Schema {
    const TABLES: &[Table] = &[
        table("facility", Owner::Reference),
        table("person_profile", Owner::Person),
        table("coverage", Owner::Person),
        table("insured_directory", Owner::Directory),
        table("card_directory", Owner::Directory),
        table("held_certificate", Owner::Person),
        table("insurance_use", Owner::Person),
        table("insurer", Owner::Reference),
        table("coverage_change", Owner::Person),
        table("reliance", Owner::Person),
        table("coverage_notice", Owner::Facility),
        table("subsidy", Owner::Person),
        table("assistance_ticket", Owner::Person),
        table("subsidy_directory", Owner::Directory),
        table("attribute_directory", Owner::Directory),
        table("disaster_mode", Owner::Reference),
        table("merged_directory", Owner::Directory),
        table("person_merge", Owner::Person),
    ];
    Schema {
        service: "registry",
        tables: TABLES,
        migrations: MIGRATIONS,
        statements: [
            STATEMENTS,
            card::STATEMENTS,
            coverage::STATEMENTS,
            identity::STATEMENTS,
            merge::STATEMENTS,
            reliance::STATEMENTS,
            subsidy::STATEMENTS,
        ]
        .concat(),
    }
}

fn facility(row: &Row<'_>) -> Result<Facility, StoreError> {
    Ok(Facility {
        code: FacilityCode::from_register(&row.text(0)?)
            .map_err(|_| StoreError::Corrupt("a facility code"))?,
        id: FacilityId::from_bytes(row.array(1)?),
        name: row.text(2)?,
        kind: FacilityKind::parse(&row.text(3)?).ok_or(StoreError::Corrupt("a facility's kind"))?,
        prefecture: row.text(4)?,
    })
}

pub(crate) fn put_facility(call: &Call<'_>, facility: &Facility) -> Result<(), StoreError> {
    call.execute(
        &PUT_FACILITY,
        &[
            facility.code.as_str().into(),
            facility.id.as_bytes().into(),
            (&facility.name).into(),
            facility.kind.word().into(),
            (&facility.prefecture).into(),
        ],
    )?;
    Ok(())
}

pub(crate) fn facility_by_code(
    call: &Call<'_>,
    code: &FacilityCode,
) -> Result<Option<Facility>, StoreError> {
    call.row(&FACILITY_BY_CODE, &[code.as_str().into()], facility)
}

pub(crate) fn facility_by_id(
    call: &Call<'_>,
    id: FacilityId,
) -> Result<Option<Facility>, StoreError> {
    call.row(&FACILITY_BY_ID, &[id.as_bytes().into()], facility)
}

pub(crate) fn facilities(
    call: &Call<'_>,
    after: &str,
    limit: i64,
) -> Result<Vec<Facility>, StoreError> {
    call.rows(&FACILITIES, &[after.into(), limit.into()], facility)
}

/// A directory entry: who, and short keyed tags of branch number and date of birth.
pub(crate) struct Hint {
    pub person: PersonId,
    pub branch_tag: Vec<u8>,
    pub birth_tag: Vec<u8>,
}

pub(crate) fn put_insured(call: &Call<'_>, key: &[u8; 32], hint: &Hint) -> Result<(), StoreError> {
    call.execute(
        &PUT_INSURED,
        &[
            key.into(),
            hint.person.as_bytes().into(),
            (&hint.branch_tag).into(),
            (&hint.birth_tag).into(),
        ],
    )?;
    Ok(())
}

pub(crate) fn remove_insured(
    call: &Call<'_>,
    key: &[u8; 32],
    person: PersonId,
) -> Result<(), StoreError> {
    call.execute(&REMOVE_INSURED, &[key.into(), person.as_bytes().into()])?;
    Ok(())
}

pub(crate) fn by_insured(
    call: &Call<'_>,
    key: &[u8; 32],
    limit: i64,
) -> Result<Vec<Hint>, StoreError> {
    call.rows(&BY_INSURED, &[key.into(), limit.into()], |row| {
        Ok(Hint {
            person: PersonId::from_bytes(row.array(0)?),
            branch_tag: row.blob(1)?,
            birth_tag: row.blob(2)?,
        })
    })
}

fn insurer(row: &Row<'_>) -> Result<Insurer, StoreError> {
    Ok(Insurer {
        number: InsurerNumber::from_register(&row.text(0)?)
            .map_err(|_| StoreError::Corrupt("an insurer's number"))?,
        name: row.text(1)?,
        home: row
            .opt_blob(2)?
            .map(|bytes| bytes.try_into().map(FacilityId::from_bytes))
            .transpose()
            .map_err(|_| StoreError::Corrupt("an insurer's facility"))?,
        update_days: row.int(3)?,
        loaded_at: row.opt_at(4)?,
        down_since: row.opt_at(5)?,
    })
}

pub(crate) fn put_insurer(call: &Call<'_>, insurer: &Insurer) -> Result<(), StoreError> {
    let home = insurer.home.map(|home| home.as_bytes().to_vec());
    call.execute(
        &PUT_INSURER,
        &[
            insurer.number.as_str().into(),
            (&insurer.name).into(),
            home.as_ref().into(),
            insurer.update_days.into(),
            insurer.loaded_at.into(),
            insurer.down_since.into(),
        ],
    )?;
    Ok(())
}

pub(crate) fn insurer_by_number(
    call: &Call<'_>,
    number: &InsurerNumber,
) -> Result<Option<Insurer>, StoreError> {
    call.row(&INSURER, &[number.as_str().into()], insurer)
}

pub(crate) fn insurers_of(
    call: &Call<'_>,
    facility: FacilityId,
) -> Result<Vec<Insurer>, StoreError> {
    call.rows(&INSURERS_OF, &[facility.as_bytes().into()], insurer)
}
