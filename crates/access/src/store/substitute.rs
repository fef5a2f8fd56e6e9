//! SQL: substitute codes.

use kernel::id::{FacilityId, StaffId, SubstituteId};
use store::{Call, Row, StoreError};

use crate::substitute::Substitute;

store::statements! {
    Facility PUT_SUBSTITUTE = "INSERT INTO staff_substitute (facility_id, staff_id, substitute_id,
            reason, proposed_by, proposed_at, ends_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    Facility SUBSTITUTES = "SELECT staff_id, substitute_id, reason, proposed_by, proposed_at,
            approved_by, ends_at, used_at
        FROM staff_substitute WHERE facility_id = $1 AND ends_at > $2
        ORDER BY proposed_at DESC, substitute_id LIMIT 200";
    Facility APPROVE_SUBSTITUTE = "UPDATE staff_substitute
        SET approved_by = $4, code_key = $5, ends_at = $6
        WHERE facility_id = $1 AND staff_id = $2 AND substitute_id = $3 AND approved_by IS NULL";
    Facility USE_SUBSTITUTE = "UPDATE staff_substitute SET used_at = $4
        WHERE facility_id = $1 AND staff_id = $2 AND code_key = $3 AND ends_at > $4";
    Facility END_SUBSTITUTE = "UPDATE staff_substitute SET ends_at = $4
        WHERE facility_id = $1 AND staff_id = $2 AND substitute_id = $3 AND ends_at > $4";
}

pub(crate) fn put(
    call: &Call<'_>,
    facility: FacilityId,
    substitute: &Substitute,
) -> Result<(), StoreError> {
    let reason = call.seal_for_facility(
        facility,
        "staff_substitute",
        &[substitute.staff.as_bytes(), substitute.id.as_bytes()],
        substitute.reason.as_bytes(),
    )?;
    call.execute(
        &PUT_SUBSTITUTE,
        &[
            facility.as_bytes().into(),
            substitute.staff.as_bytes().into(),
            substitute.id.as_bytes().into(),
            (&reason).into(),
            substitute.proposed_by.as_bytes().into(),
            substitute.proposed_at.into(),
            substitute.ends_at.into(),
        ],
    )?;
    Ok(())
}

pub(crate) fn list(call: &Call<'_>, facility: FacilityId) -> Result<Vec<Substitute>, StoreError> {
    let values = [facility.as_bytes().into(), call.at().into()];
    let rows = call.rows(&SUBSTITUTES, &values, |row| Ok((one(row)?, row.blob(2)?)))?;
    rows.into_iter()
        .map(|(mut substitute, sealed)| {
            let reason = call.unseal_for_facility(
                facility,
                "staff_substitute",
                &[substitute.staff.as_bytes(), substitute.id.as_bytes()],
                &sealed,
            )?;
            substitute.reason =
                String::from_utf8(reason).map_err(|_| StoreError::Corrupt("a reason"))?;
            Ok(substitute)
        })
        .collect()
}

fn one(row: &Row<'_>) -> Result<Substitute, StoreError> {
    let approved_by = row
        .opt_blob(5)?
        .map(|bytes| StaffId::from_slice(&bytes).ok_or(StoreError::Corrupt("an approval")))
        .transpose()?;
    Ok(Substitute {
        staff: StaffId::from_bytes(row.array(0)?),
        id: SubstituteId::from_bytes(row.array(1)?),
        reason: String::new(),
        proposed_by: StaffId::from_bytes(row.array(3)?),
        proposed_at: row.at(4)?,
        approved_by,
        ends_at: row.at(6)?,
        used_at: row.opt_at(7)?,
    })
}

pub(crate) fn approve(
    call: &Call<'_>,
    facility: FacilityId,
    substitute: &Substitute,
    code_key: &[u8; 32],
) -> Result<usize, StoreError> {
    let by = substitute.approved_by.map(|by| *by.as_bytes());
    call.execute(
        &APPROVE_SUBSTITUTE,
        &[
            facility.as_bytes().into(),
            substitute.staff.as_bytes().into(),
            substitute.id.as_bytes().into(),
            by.as_ref().into(),
            code_key.into(),
            substitute.ends_at.into(),
        ],
    )
}

pub(crate) fn note_use(
    call: &Call<'_>,
    facility: FacilityId,
    staff: StaffId,
    code_key: &[u8; 32],
) -> Result<usize, StoreError> {
    call.execute(
        &USE_SUBSTITUTE,
        &[
            facility.as_bytes().into(),
            staff.as_bytes().into(),
            code_key.into(),
            call.at().into(),
        ],
    )
}

pub(crate) fn end(
    call: &Call<'_>,
    facility: FacilityId,
    staff: StaffId,
    id: SubstituteId,
) -> Result<usize, StoreError> {
    call.execute(
        &END_SUBSTITUTE,
        &[
            facility.as_bytes().into(),
            staff.as_bytes().into(),
            id.as_bytes().into(),
            call.at().into(),
        ],
    )
}
