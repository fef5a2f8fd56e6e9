//! All SQL of the registry, and the form of its envelopes.

use kernel::{
    code::{BranchNumber, FacilityCode, InsuredPersonNumber, InsuredPersonSymbol, InsurerNumber},
    id::{FacilityId, PersonId},
    time::{JstDate, Period},
};
use serde::{Deserialize, Serialize};
use store::{Call, Migration, Owner, Row, Schema, StoreError, Table};

use crate::model::{CopayRate, Coverage, Facility, LossReason, Profile, Sex};

store::statements! {
    Reference PUT_FACILITY = "INSERT INTO facility (code, facility_id, name, kind, prefecture)
        VALUES ($1, $2, $3, $4, $5)";
    Reference FACILITY_BY_CODE = "SELECT code, facility_id, name, kind, prefecture FROM facility
        WHERE code = $1";
    Reference FACILITY_BY_ID = "SELECT code, facility_id, name, kind, prefecture FROM facility
        WHERE facility_id = $1";
    Reference FACILITIES = "SELECT code, facility_id, name, kind, prefecture FROM facility
        WHERE code > $1 ORDER BY code LIMIT $2";
    Person PUT_PROFILE = "INSERT INTO person_profile (person_id, body) VALUES ($1, $2)";
    Person PROFILE = "SELECT body FROM person_profile WHERE person_id = $1";
    Person PUT_COVERAGE = "INSERT INTO coverage (person_id, number, from_date, until_date, body)
        VALUES ($1, $2, $3, $4, $5)";
    Person COVERAGES = "SELECT number, from_date, until_date, body FROM coverage
        WHERE person_id = $1 ORDER BY number";
    Directory PUT_INSURED = "INSERT INTO insured_directory (key, person_id, branch_tag, birth_tag)
        VALUES ($1, $2, $3, $4)
        ON CONFLICT (key, person_id) DO UPDATE SET branch_tag = excluded.branch_tag";
    Directory BY_INSURED = "SELECT person_id, branch_tag, birth_tag FROM insured_directory
        WHERE key = $1 ORDER BY key, person_id LIMIT $2";
    Directory PUT_CARD = "INSERT INTO card_directory (key, person_id, registered_at)
        VALUES ($1, $2, $3) ON CONFLICT (key) DO NOTHING";
    Directory BY_CARD = "SELECT person_id FROM card_directory WHERE key = $1";
}

/// The registry's storage.
#[must_use]
pub fn schema() -> Schema {
    const TABLES: &[Table] = &[
        Table {
            name: "facility",
            owner: Owner::Reference,
        },
        Table {
            name: "person_profile",
            owner: Owner::Person,
        },
        Table {
            name: "coverage",
            owner: Owner::Person,
        },
        Table {
            name: "insured_directory",
            owner: Owner::Directory,
        },
        Table {
            name: "card_directory",
            owner: Owner::Directory,
        },
    ];
    Schema {
        service: "registry",
        tables: TABLES,
        migrations: &[Migration {
            number: 1,
            name: "people",
            sqlite: include_str!("../migrations/sqlite/0001_people.sql"),
            postgres: include_str!("../migrations/postgres/0001_people.sql"),
        }],
        statements: STATEMENTS.to_vec(),
    }
}

/// At-rest form of a profile.
#[derive(Serialize, Deserialize)]
struct ProfileBody {
    n: String,
    k: String,
    s: String,
    b: String,
    p: String,
    a: String,
}

/// At-rest form of a coverage.
#[derive(Serialize, Deserialize)]
struct CoverageBody {
    i: String,
    m: String,
    s: String,
    n: String,
    b: Option<String>,
    h: bool,
    c: u8,
    l: Option<String>,
    k: String,
    d: String,
    r: Option<String>,
}

const BAD_BODY: StoreError = StoreError::Corrupt("a registry envelope");

pub(crate) fn put_profile(
    call: &Call<'_>,
    person: PersonId,
    profile: &Profile,
) -> Result<(), StoreError> {
    let plain = serde_json::to_vec(&ProfileBody {
        n: profile.name.clone(),
        k: profile.kana.clone(),
        s: profile.sex.code().to_owned(),
        b: profile.birth.to_string(),
        p: profile.post_code.clone(),
        a: profile.address.clone(),
    })
    .map_err(|_| BAD_BODY)?;
    let body = call.seal(person, "person_profile", &[], &plain)?;
    call.execute(&PUT_PROFILE, &[person.as_bytes().into(), (&body).into()])?;
    Ok(())
}

pub(crate) fn profile(call: &Call<'_>, person: PersonId) -> Result<Option<Profile>, StoreError> {
    let Some(body) = call.row(&PROFILE, &[person.as_bytes().into()], |row| row.blob(0))? else {
        return Ok(None);
    };
    let plain = call.unseal(person, "person_profile", &[], &body)?;
    let body: ProfileBody = serde_json::from_slice(&plain).map_err(|_| BAD_BODY)?;
    Ok(Some(Profile {
        name: body.n,
        kana: body.k,
        sex: Sex::from_code(&body.s),
        birth: JstDate::parse(&body.b).ok_or(BAD_BODY)?,
        post_code: body.p,
        address: body.a,
    }))
}

pub(crate) fn put_coverage(
    call: &Call<'_>,
    person: PersonId,
    coverage: &Coverage,
) -> Result<(), StoreError> {
    let plain = serde_json::to_vec(&CoverageBody {
        i: coverage.insurer_number.as_str().to_owned(),
        m: coverage.insurer_name.clone(),
        s: coverage.symbol.as_str().to_owned(),
        n: coverage.person_number.as_str().to_owned(),
        b: coverage.branch.as_ref().map(|b| b.as_str().to_owned()),
        h: coverage.is_insured_person,
        c: coverage.copay.get(),
        l: coverage.ceiling_class.clone(),
        k: coverage.card_kind.clone(),
        d: coverage.issued_on.to_string(),
        r: coverage.loss.map(|r| r.code().to_owned()),
    })
    .map_err(|_| BAD_BODY)?;
    let key = coverage.number.to_be_bytes();
    let body = call.seal(person, "coverage", &[&key], &plain)?;
    let from = coverage.period.from().to_string();
    let until = coverage.period.until().map(|d| d.to_string());
    call.execute(
        &PUT_COVERAGE,
        &[
            person.as_bytes().into(),
            coverage.number.into(),
            (&from).into(),
            until.as_ref().into(),
            (&body).into(),
        ],
    )?;
    Ok(())
}

pub(crate) fn coverages(call: &Call<'_>, person: PersonId) -> Result<Vec<Coverage>, StoreError> {
    let rows = call.rows(&COVERAGES, &[person.as_bytes().into()], |row| {
        let until = row
            .opt_text(2)?
            .map(|text| JstDate::parse(&text).ok_or(BAD_BODY))
            .transpose()?;
        let period = Period::new(row.date(1)?, until).ok_or(BAD_BODY)?;
        Ok((row.int(0)?, period, row.blob(3)?))
    })?;
    rows.into_iter()
        .map(|(number, period, sealed)| {
            let plain = call.unseal(person, "coverage", &[&number.to_be_bytes()], &sealed)?;
            let body: CoverageBody = serde_json::from_slice(&plain).map_err(|_| BAD_BODY)?;
            coverage(number, period, body).ok_or(BAD_BODY)
        })
        .collect()
}

fn coverage(number: i64, period: Period<JstDate>, body: CoverageBody) -> Option<Coverage> {
    Some(Coverage {
        number,
        period,
        insurer_number: InsurerNumber::from_register(&body.i).ok()?,
        insurer_name: body.m,
        symbol: InsuredPersonSymbol::parse(&body.s).ok()?,
        person_number: InsuredPersonNumber::parse(&body.n).ok()?,
        branch: body.b.map(|b| BranchNumber::parse(&b)).transpose().ok()?,
        is_insured_person: body.h,
        copay: CopayRate::tenths(body.c)?,
        ceiling_class: body.l,
        card_kind: body.k,
        issued_on: JstDate::parse(&body.d)?,
        loss: body.r.and_then(|r| LossReason::from_code(&r)),
    })
}

fn facility(row: &Row<'_>) -> Result<Facility, StoreError> {
    Ok(Facility {
        code: FacilityCode::from_register(&row.text(0)?)
            .map_err(|_| StoreError::Corrupt("a facility code"))?,
        id: FacilityId::from_bytes(row.array(1)?),
        name: row.text(2)?,
        kind: row.text(3)?,
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
            (&facility.kind).into(),
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

pub(crate) fn put_card(
    call: &Call<'_>,
    key: &[u8; 32],
    person: PersonId,
) -> Result<usize, StoreError> {
    call.execute(
        &PUT_CARD,
        &[key.into(), person.as_bytes().into(), call.at().into()],
    )
}

pub(crate) fn by_card(call: &Call<'_>, key: &[u8; 32]) -> Result<Option<PersonId>, StoreError> {
    call.row(&BY_CARD, &[key.into()], |row| {
        Ok(PersonId::from_bytes(row.array(0)?))
    })
}
