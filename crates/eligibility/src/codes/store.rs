//! SQL: visit codes. The digits are in the directory as a keyed hash, and sealed for the
//! facility that shows them; what the person's phone holds is there as a hash.

use kernel::{
    Secret,
    id::{ConsentId, FacilityId},
    time::Timestamp,
};
use store::{Call, Row, StoreError};

use super::model::{CodeId, Digits, Kind, Used, VisitCode};
use crate::model::VisitId;

store::statements! {
    Facility PUT = "INSERT INTO eligibility_visit_code
        (facility_id, code_id, kind, at, expires_at, tries, body) VALUES ($1, $2, $3, $4, $5, 0, $6)";
    Facility ONE = "SELECT facility_id, code_id, kind, at, expires_at, used_at, visit_id, consent_id, body
        FROM eligibility_visit_code WHERE facility_id = $1 AND code_id = $2";
    Facility NEWEST = "SELECT facility_id, code_id, kind, at, expires_at, used_at, visit_id, consent_id,
            body
        FROM eligibility_visit_code WHERE facility_id = $1 AND at > $2
        ORDER BY at DESC, code_id LIMIT $3";
    /// Takes the row's lock as well: of many who try one code at once, each waits for the other.
    Facility TRY = "UPDATE eligibility_visit_code SET tries = tries + 1
        WHERE facility_id = $1 AND code_id = $2 AND used_at IS NULL";
    Facility USE = "UPDATE eligibility_visit_code SET used_at = $3, visit_id = $4, phone_key = $5
        WHERE facility_id = $1 AND code_id = $2 AND used_at IS NULL";
    Facility PHONE_KEY = "SELECT phone_key FROM eligibility_visit_code
        WHERE facility_id = $1 AND code_id = $2 AND phone_key IS NOT NULL";
    Facility CHOOSE = "UPDATE eligibility_visit_code SET consent_id = $3
        WHERE facility_id = $1 AND code_id = $2";
    Facility SWEEP = "DELETE FROM eligibility_visit_code WHERE facility_id = $1 AND expires_at < $2";
    Directory PUT_KEY = "INSERT INTO eligibility_code_directory (key, facility_id, code_id, expires_at)
        VALUES ($1, $2, $3, $4) ON CONFLICT (key) DO NOTHING";
    Directory BY_KEY = "SELECT facility_id, code_id FROM eligibility_code_directory WHERE key = $1";
    Directory SWEEP_KEYS = "DELETE FROM eligibility_code_directory WHERE expires_at < $1";
}

const TABLE: &str = "eligibility_visit_code";

fn key(call: &Call<'_>, digits: &Digits) -> [u8; 32] {
    call.directory_key("visit-code", &[digits.reveal()])
}

/// Reserves the digits for a code; `false` when another code has them.
pub(super) fn reserve(call: &Call<'_>, code: &VisitCode) -> Result<bool, StoreError> {
    let count = call.execute(
        &PUT_KEY,
        &[
            (&key(call, &code.digits)).into(),
            code.facility.as_bytes().into(),
            code.id.as_bytes().into(),
            code.expires_at.into(),
        ],
    )?;
    Ok(count == 1)
}

pub(super) fn put(call: &Call<'_>, code: &VisitCode) -> Result<(), StoreError> {
    let plain = format!("{}\n{}", code.digits.reveal(), code.label);
    let id = code.id.as_bytes();
    let body = call.seal_for_facility(code.facility, TABLE, &[id], plain.as_bytes())?;
    call.execute(
        &PUT,
        &[
            code.facility.as_bytes().into(),
            id.into(),
            code.kind.word().into(),
            code.at.into(),
            code.expires_at.into(),
            (&body).into(),
        ],
    )?;
    Ok(())
}

struct Stored {
    facility: FacilityId,
    id: CodeId,
    kind: Kind,
    at: Timestamp,
    expires_at: Timestamp,
    used: Option<Used>,
    body: Vec<u8>,
}

fn stored(row: &Row<'_>) -> Result<Stored, StoreError> {
    let used = match row.opt_at(5)? {
        None => None,
        Some(at) => Some(Used {
            at,
            visit: VisitId::from_bytes(row.array(6)?),
            consent: match row.opt_blob(7)? {
                None => None,
                Some(bytes) => {
                    Some(ConsentId::from_bytes(bytes.try_into().map_err(|_| {
                        StoreError::Corrupt("a visit code's consent")
                    })?))
                }
            },
        }),
    };
    Ok(Stored {
        facility: FacilityId::from_bytes(row.array(0)?),
        id: CodeId::from_bytes(row.array(1)?),
        kind: Kind::parse(&row.text(2)?).ok_or(StoreError::Corrupt("a visit code's kind"))?,
        at: row.at(3)?,
        expires_at: row.at(4)?,
        used,
        body: row.blob(8)?,
    })
}

fn open(call: &Call<'_>, stored: Stored) -> Result<VisitCode, StoreError> {
    let corrupt = || StoreError::Corrupt("a visit code");
    let key: &[&[u8]] = &[stored.id.as_bytes()];
    let plain = call.unseal_for_facility(stored.facility, TABLE, key, &stored.body)?;
    let plain = String::from_utf8(plain).map_err(|_| corrupt())?;
    let (digits, label) = plain.split_once('\n').ok_or_else(corrupt)?;
    Ok(VisitCode {
        id: stored.id,
        facility: stored.facility,
        kind: stored.kind,
        at: stored.at,
        expires_at: stored.expires_at,
        digits: Digits::parse(digits).ok_or_else(corrupt)?,
        label: label.to_owned(),
        used: stored.used,
    })
}

pub(super) fn one(
    call: &Call<'_>,
    facility: FacilityId,
    id: CodeId,
) -> Result<Option<VisitCode>, StoreError> {
    call.row(
        &ONE,
        &[facility.as_bytes().into(), id.as_bytes().into()],
        stored,
    )?
    .map(|found| open(call, found))
    .transpose()
}

pub(super) fn newest(
    call: &Call<'_>,
    facility: FacilityId,
    after: Timestamp,
    limit: i64,
) -> Result<Vec<VisitCode>, StoreError> {
    let values = [facility.as_bytes().into(), after.into(), limit.into()];
    call.rows(&NEWEST, &values, stored)?
        .into_iter()
        .map(|found| open(call, found))
        .collect()
}

/// The code with these digits, whosever it is.
pub(super) fn by_digits(call: &Call<'_>, digits: &Digits) -> Result<Option<VisitCode>, StoreError> {
    let found = call.row(&BY_KEY, &[(&key(call, digits)).into()], |row| {
        Ok((
            FacilityId::from_bytes(row.array(0)?),
            CodeId::from_bytes(row.array(1)?),
        ))
    })?;
    match found {
        Some((facility, id)) => one(call, facility, id),
        None => Ok(None),
    }
}

/// Begins a try; `false` when the code is used.
pub(super) fn take(call: &Call<'_>, code: &VisitCode) -> Result<bool, StoreError> {
    let id = code.id.as_bytes();
    let count = call.execute(&TRY, &[code.facility.as_bytes().into(), id.into()])?;
    Ok(count == 1)
}

/// Uses the code up; `false` when it is.
pub(super) fn use_up(
    call: &Call<'_>,
    code: &VisitCode,
    visit: VisitId,
    phone_key: &[u8; 32],
) -> Result<bool, StoreError> {
    let count = call.execute(
        &USE,
        &[
            code.facility.as_bytes().into(),
            code.id.as_bytes().into(),
            call.at().into(),
            visit.as_bytes().into(),
            phone_key.into(),
        ],
    )?;
    Ok(count == 1)
}

/// The hash of what the phone holds that used the code.
pub(super) fn phone_key(
    call: &Call<'_>,
    code: &VisitCode,
) -> Result<Option<Secret<[u8; 32]>>, StoreError> {
    call.row(
        &PHONE_KEY,
        &[code.facility.as_bytes().into(), code.id.as_bytes().into()],
        |row| Ok(Secret::new(row.array(0)?)),
    )
}

pub(super) fn note_choice(
    call: &Call<'_>,
    code: &VisitCode,
    consent: ConsentId,
) -> Result<(), StoreError> {
    call.execute(
        &CHOOSE,
        &[
            code.facility.as_bytes().into(),
            code.id.as_bytes().into(),
            consent.as_bytes().into(),
        ],
    )?;
    Ok(())
}

/// Forgets the codes whose time was over before `before`.
pub(super) fn sweep(
    call: &Call<'_>,
    facility: FacilityId,
    before: Timestamp,
) -> Result<(), StoreError> {
    call.execute(&SWEEP, &[facility.as_bytes().into(), before.into()])?;
    call.execute(&SWEEP_KEYS, &[before.into()])?;
    Ok(())
}
