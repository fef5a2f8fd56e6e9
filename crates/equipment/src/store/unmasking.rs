//! SQL: applications of vendor support to see one visit unmasked.

use eligibility::model::VisitId;
use kernel::{
    id::{FacilityId, StaffId, WindowId},
    time::Timestamp,
};
use store::{Call, Row, StoreError};

use crate::ops::support::{Unmasking, UnmaskingId};

const TABLE: &str = "equipment_unmasking";

store::statements! {
    Facility PUT_UNMASKING = "INSERT INTO equipment_unmasking (facility_id, unmasking_id, window_id,
            staff_id, visit_id, body, asked_at, looks)
        VALUES ($1, $2, $3, $4, $5, $6, $7, 0)";
    Facility APPROVE_UNMASKING = "UPDATE equipment_unmasking
        SET approved_at = $3, approved_by = $4, ends_at = $5
        WHERE facility_id = $1 AND unmasking_id = $2 AND approved_at IS NULL";
    Facility LOOK_UNMASKED = "UPDATE equipment_unmasking SET looks = looks + 1, looked_at = $3
        WHERE facility_id = $1 AND unmasking_id = $2";
    Facility UNMASKING = "SELECT unmasking_id, window_id, staff_id, visit_id, body, asked_at,
            approved_at, ends_at, looks, looked_at
        FROM equipment_unmasking WHERE facility_id = $1 AND unmasking_id = $2";
    Facility UNMASKINGS = "SELECT unmasking_id, window_id, staff_id, visit_id, body, asked_at,
            approved_at, ends_at, looks, looked_at
        FROM equipment_unmasking WHERE facility_id = $1 AND window_id = $2
        ORDER BY asked_at DESC, unmasking_id LIMIT $3";
}

pub(crate) fn put(
    call: &Call<'_>,
    facility: FacilityId,
    unmasking: &Unmasking,
) -> Result<(), StoreError> {
    let reason = unmasking.reason.as_bytes();
    let body = call.seal_for_facility(facility, TABLE, &[&unmasking.id], reason)?;
    call.execute(
        &PUT_UNMASKING,
        &[
            facility.as_bytes().into(),
            (&unmasking.id).into(),
            unmasking.window.as_bytes().into(),
            unmasking.staff.as_bytes().into(),
            unmasking.visit.as_bytes().into(),
            (&body).into(),
            unmasking.asked_at.into(),
        ],
    )?;
    Ok(())
}

pub(crate) fn approve(
    call: &Call<'_>,
    facility: FacilityId,
    id: &UnmaskingId,
    by: StaffId,
    ends_at: Timestamp,
) -> Result<bool, StoreError> {
    let values = [
        facility.as_bytes().into(),
        id.into(),
        call.at().into(),
        by.as_bytes().into(),
        ends_at.into(),
    ];
    Ok(call.execute(&APPROVE_UNMASKING, &values)? == 1)
}

pub(crate) fn look(
    call: &Call<'_>,
    facility: FacilityId,
    id: &UnmaskingId,
) -> Result<(), StoreError> {
    let values = [facility.as_bytes().into(), id.into(), call.at().into()];
    call.execute(&LOOK_UNMASKED, &values)?;
    Ok(())
}

fn stored(row: &Row<'_>) -> Result<(Unmasking, Vec<u8>), StoreError> {
    let unmasking = Unmasking {
        id: row.array(0)?,
        window: WindowId::from_bytes(row.array(1)?),
        staff: StaffId::from_bytes(row.array(2)?),
        visit: VisitId::from_bytes(row.array(3)?),
        reason: String::new(),
        asked_at: row.at(5)?,
        approved_at: row.opt_at(6)?,
        ends_at: row.opt_at(7)?,
        looks: row.int(8)?,
        looked_at: row.opt_at(9)?,
    };
    Ok((unmasking, row.blob(4)?))
}

fn open(
    call: &Call<'_>,
    facility: FacilityId,
    (mut unmasking, body): (Unmasking, Vec<u8>),
) -> Result<Unmasking, StoreError> {
    let plain = call.unseal_for_facility(facility, TABLE, &[&unmasking.id], &body)?;
    unmasking.reason =
        String::from_utf8(plain).map_err(|_| StoreError::Corrupt("a reason to unmask"))?;
    Ok(unmasking)
}

pub(crate) fn one(
    call: &Call<'_>,
    facility: FacilityId,
    id: &UnmaskingId,
) -> Result<Option<Unmasking>, StoreError> {
    call.row(&UNMASKING, &[facility.as_bytes().into(), id.into()], stored)?
        .map(|found| open(call, facility, found))
        .transpose()
}

pub(crate) fn list(
    call: &Call<'_>,
    facility: FacilityId,
    window: WindowId,
    limit: i64,
) -> Result<Vec<Unmasking>, StoreError> {
    let values = [
        facility.as_bytes().into(),
        window.as_bytes().into(),
        limit.into(),
    ];
    call.rows(&UNMASKINGS, &values, stored)?
        .into_iter()
        .map(|found| open(call, facility, found))
        .collect()
}
