//! SQL: the ledger of consent.

use kernel::{
    id::{ConsentId, FacilityId, PersonId},
    time::Timestamp,
};
use store::{Call, StoreError};

use crate::consent::{Category, Consent};

store::statements! {
    Person PUT_CONSENT = "INSERT INTO consent (person_id, facility_id, category, given_at, consent_id,
            expires_at, method)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (person_id, facility_id, category, given_at) DO UPDATE
        SET consent_id = excluded.consent_id, expires_at = excluded.expires_at,
            withdrawn_at = NULL, withdrawn_by = NULL,
            method = excluded.method";
    Person WITHDRAW = "UPDATE consent SET withdrawn_at = $4, withdrawn_by = $5
        WHERE person_id = $1 AND facility_id = $2 AND category = $3
          AND withdrawn_at IS NULL AND expires_at > $4";
    Person TAKEN_BACK = "SELECT COUNT(*) FROM consent
        WHERE person_id = $1 AND facility_id = $2 AND withdrawn_by = 'patient' AND withdrawn_at >= $3";
    Person CONSENTS = "SELECT facility_id, category, given_at, consent_id, expires_at, withdrawn_at,
            method
        FROM consent WHERE person_id = $1 ORDER BY given_at, facility_id, category";
}

pub(crate) fn put_consent(
    call: &Call<'_>,
    person: PersonId,
    consent: &Consent,
) -> Result<(), StoreError> {
    call.execute(
        &PUT_CONSENT,
        &[
            person.as_bytes().into(),
            consent.facility.as_bytes().into(),
            consent.category.word().into(),
            consent.given_at.into(),
            consent.id.as_bytes().into(),
            consent.expires_at.into(),
            (&consent.method).into(),
        ],
    )?;
    Ok(())
}

pub(crate) fn withdraw(
    call: &Call<'_>,
    person: PersonId,
    facility: FacilityId,
    category: Category,
    by: &str,
) -> Result<usize, StoreError> {
    call.execute(
        &WITHDRAW,
        &[
            person.as_bytes().into(),
            facility.as_bytes().into(),
            category.word().into(),
            call.at().into(),
            by.into(),
        ],
    )
}

pub(crate) fn taken_back(
    call: &Call<'_>,
    person: PersonId,
    facility: FacilityId,
    since: Timestamp,
) -> Result<bool, StoreError> {
    let count = call.row(
        &TAKEN_BACK,
        &[
            person.as_bytes().into(),
            facility.as_bytes().into(),
            since.into(),
        ],
        |row| row.int(0),
    )?;
    Ok(count.unwrap_or_default() > 0)
}

pub(crate) fn consents(call: &Call<'_>, person: PersonId) -> Result<Vec<Consent>, StoreError> {
    call.rows(&CONSENTS, &[person.as_bytes().into()], |row| {
        Ok(Consent {
            facility: FacilityId::from_bytes(row.array(0)?),
            category: Category::parse(&row.text(1)?).ok_or(StoreError::Corrupt("a category"))?,
            given_at: row.at(2)?,
            id: ConsentId::from_bytes(row.array(3)?),
            expires_at: row.at(4)?,
            withdrawn_at: row.opt_at(5)?,
            method: row.text(6)?,
        })
    })
}
