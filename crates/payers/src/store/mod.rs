//! All SQL of the intake: here members and findings, in [`file`] files and their lines.

pub(crate) mod file;

use kernel::{
    code::InsurerNumber,
    id::{FacilityId, PersonId},
    time::{JstDate, Period, Timestamp},
};
use serde::{Deserialize, Serialize};
use store::{Call, Migration, Owner, Row, Schema, StoreError, Table};

use crate::model::{Finding, FindingId, PairKind, Reference};

store::statements! {
    Facility PUT_MEMBER = "INSERT INTO payer_member (facility_id, reference, person_id)
        VALUES ($1, $2, $3)";
    Facility REFERENCE_OF = "SELECT reference FROM payer_member
        WHERE facility_id = $1 AND person_id = $2";
    Facility MEMBER = "SELECT person_id FROM payer_member
        WHERE facility_id = $1 AND reference = $2";
    Facility PUT_FINDING = "INSERT INTO payer_finding (facility_id, finding_id, person_id,
        insurer_number, at, state, settled_at, body) VALUES ($1, $2, $3, $4, $5, 'open', NULL, $6)
        ON CONFLICT (facility_id, finding_id) DO NOTHING";
    Facility FINDINGS_OF = "SELECT finding_id FROM payer_finding
        WHERE facility_id = $1 AND person_id = $2 AND state = 'open' ORDER BY finding_id";
    Facility SETTLE = "UPDATE payer_finding SET state = $3, settled_at = $4
        WHERE facility_id = $1 AND finding_id = $2 AND state = 'open'";
    Facility FINDINGS = "SELECT finding_id, insurer_number, at, body FROM payer_finding
        WHERE facility_id = $1 AND insurer_number = $2 AND state = 'open'
        ORDER BY at DESC, finding_id LIMIT $3";
    Facility FINDING = "SELECT insurer_number, person_id FROM payer_finding
        WHERE facility_id = $1 AND finding_id = $2 AND state = 'open'";
}

const MIGRATIONS: &[Migration] = &[Migration {
    number: 1,
    name: "intake",
    sqlite: include_str!("../../migrations/sqlite/0001_intake.sql"),
    postgres: include_str!("../../migrations/postgres/0001_intake.sql"),
}];

/// The intake's storage.
#[must_use]
pub fn schema() -> Schema {
    const fn of_facility(name: &'static str) -> Table {
        Table {
            name,
            owner: Owner::Facility,
        }
    }
    const TABLES: &[Table] = &[
        of_facility("payer_member"),
        of_facility("payer_file"),
        of_facility("payer_part"),
        of_facility("payer_line"),
        of_facility("payer_finding"),
    ];
    Schema {
        service: "payers",
        tables: TABLES,
        migrations: MIGRATIONS,
        statements: [STATEMENTS, file::STATEMENTS].concat(),
    }
}

pub(crate) const BAD_BODY: StoreError = StoreError::Corrupt("an envelope of the intake");

/// The reference number by which a facility knows a person, made when there is none yet.
pub(crate) fn reference(
    call: &Call<'_>,
    facility: FacilityId,
    person: PersonId,
) -> Result<Reference, StoreError> {
    let whose = [facility.as_bytes().into(), person.as_bytes().into()];
    let known = call.row(&REFERENCE_OF, &whose, |row| row.array(0))?;
    if let Some(known) = known {
        return Ok(Reference(known));
    }
    let mut reference = Reference([0; 16]);
    call.rng().fill(&mut reference.0);
    call.execute(
        &PUT_MEMBER,
        &[
            facility.as_bytes().into(),
            (&reference.0).into(),
            person.as_bytes().into(),
        ],
    )?;
    Ok(reference)
}

/// Whom a facility's reference number names.
pub(crate) fn member(
    call: &Call<'_>,
    facility: FacilityId,
    reference: Reference,
) -> Result<Option<PersonId>, StoreError> {
    let values = [facility.as_bytes().into(), (&reference.0).into()];
    call.row(&MEMBER, &values, |row| {
        Ok(PersonId::from_bytes(row.array(0)?))
    })
}

/// At-rest form of a finding.
#[derive(Serialize, Deserialize)]
struct Body {
    k: String,
    f: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    u: Option<String>,
    s: String,
    n: String,
    b: String,
    o: String,
    m: String,
}

/// Notes a finding, unless it is there already, open or settled.
pub(crate) fn put_finding(
    call: &Call<'_>,
    facility: FacilityId,
    person: PersonId,
    finding: &Finding,
) -> Result<(), StoreError> {
    let plain = serde_json::to_vec(&Body {
        k: finding.kind.word().to_owned(),
        f: finding.period.from().to_string(),
        u: finding.period.until().map(|day| day.to_string()),
        s: finding.symbol.clone(),
        n: finding.number.clone(),
        b: finding.branch.clone(),
        o: finding.other_number.clone(),
        m: finding.other_name.clone(),
    })
    .map_err(|_| BAD_BODY)?;
    let id = finding.id.0;
    let body = call.seal_for_facility(facility, "payer_finding", &[&id], &plain)?;
    call.execute(
        &PUT_FINDING,
        &[
            facility.as_bytes().into(),
            (&id).into(),
            person.as_bytes().into(),
            finding.insurer_number.as_str().into(),
            finding.at.into(),
            (&body).into(),
        ],
    )?;
    Ok(())
}

/// The open findings of a facility about a person.
pub(crate) fn findings_of(
    call: &Call<'_>,
    facility: FacilityId,
    person: PersonId,
) -> Result<Vec<FindingId>, StoreError> {
    let whose = [facility.as_bytes().into(), person.as_bytes().into()];
    call.rows(&FINDINGS_OF, &whose, |row| Ok(FindingId(row.array(0)?)))
}

/// Ends a finding; `false` when it is not open.
pub(crate) fn settle(
    call: &Call<'_>,
    facility: FacilityId,
    id: FindingId,
    state: &str,
) -> Result<bool, StoreError> {
    let values = [
        facility.as_bytes().into(),
        (&id.0).into(),
        state.into(),
        call.at().into(),
    ];
    Ok(call.execute(&SETTLE, &values)? == 1)
}

/// Of which insurer number, and about whom, an open finding is.
pub(crate) fn finding(
    call: &Call<'_>,
    facility: FacilityId,
    id: FindingId,
) -> Result<Option<(InsurerNumber, PersonId)>, StoreError> {
    let values = [facility.as_bytes().into(), (&id.0).into()];
    call.row(&FINDING, &values, |row| {
        Ok((insurer(&row.text(0)?)?, PersonId::from_bytes(row.array(1)?)))
    })
}

/// The open findings of one insurer number, newest first.
pub(crate) fn findings(
    call: &Call<'_>,
    facility: FacilityId,
    number: &InsurerNumber,
    limit: i64,
) -> Result<Vec<Finding>, StoreError> {
    let values = [
        facility.as_bytes().into(),
        number.as_str().into(),
        limit.into(),
    ];
    let rows = call.rows(&FINDINGS, &values, |row: &Row<'_>| {
        Ok((row.array(0)?, row.text(1)?, row.at(2)?, row.blob(3)?))
    })?;
    rows.into_iter()
        .map(|(id, number, at, sealed)| {
            let plain = call.unseal_for_facility(facility, "payer_finding", &[&id], &sealed)?;
            let body: Body = serde_json::from_slice(&plain).map_err(|_| BAD_BODY)?;
            open(FindingId(id), &number, at, body)
        })
        .collect()
}

fn open(id: FindingId, number: &str, at: Timestamp, body: Body) -> Result<Finding, StoreError> {
    let until = body.u.as_deref().map(JstDate::parse);
    let until = until.map(|day| day.ok_or(BAD_BODY)).transpose()?;
    let from = JstDate::parse(&body.f).ok_or(BAD_BODY)?;
    Ok(Finding {
        id,
        insurer_number: insurer(number)?,
        at,
        kind: PairKind::parse(&body.k).ok_or(BAD_BODY)?,
        period: Period::new(from, until).ok_or(BAD_BODY)?,
        symbol: body.s,
        number: body.n,
        branch: body.b,
        other_number: body.o,
        other_name: body.m,
    })
}

fn insurer(text: &str) -> Result<InsurerNumber, StoreError> {
    InsurerNumber::from_register(text).map_err(|_| StoreError::Corrupt("an insurer's number"))
}
