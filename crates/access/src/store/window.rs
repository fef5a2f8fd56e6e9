//! SQL: maintenance windows.

use kernel::{
    id::{FacilityId, StaffId, WindowId},
    time::Timestamp,
};
use store::{Call, Row, StoreError, caller::Role};

use crate::window::{Act, Plan, Window};

const TABLE: &str = "maintenance_window";

store::statements! {
    Facility PUT_WINDOW = "INSERT INTO maintenance_window (facility_id, window_id, staff_id, plan,
            from_at, until_at, asked_at, asked_by)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    Facility WINDOW = "SELECT window_id, staff_id, plan, from_at, until_at, asked_at, asked_by,
            approved_at, approved_by, ended_at, ended_by
        FROM maintenance_window WHERE facility_id = $1 AND window_id = $2";
    Facility WINDOWS = "SELECT window_id, staff_id, plan, from_at, until_at, asked_at, asked_by,
            approved_at, approved_by, ended_at, ended_by
        FROM maintenance_window WHERE facility_id = $1 ORDER BY from_at DESC, window_id LIMIT $2";
    Facility APPROVE_WINDOW = "UPDATE maintenance_window SET approved_at = $3, approved_by = $4
        WHERE facility_id = $1 AND window_id = $2 AND approved_at IS NULL AND ended_at IS NULL";
    Facility END_WINDOW = "UPDATE maintenance_window SET ended_at = $3, ended_by = $4
        WHERE facility_id = $1 AND window_id = $2 AND ended_at IS NULL";
    Facility OPEN_WINDOW = "SELECT window_id FROM maintenance_window
        WHERE facility_id = $1 AND staff_id = $2 AND until_at > $3 AND from_at <= $3
            AND approved_at IS NOT NULL AND ended_at IS NULL
        ORDER BY window_id LIMIT 1";
    Facility VENDORS = "SELECT staff_id FROM staff_account WHERE facility_id = $1 AND role = $2
        ORDER BY staff_id LIMIT $3";
}

pub(crate) fn put(
    call: &Call<'_>,
    facility: FacilityId,
    window: &Window,
) -> Result<(), StoreError> {
    let plan = &window.plan;
    let plain = serde_json::to_vec(&(&plan.why, &plan.plan))
        .map_err(|_| StoreError::Corrupt("a maintenance plan"))?;
    let id = window.id.as_bytes();
    let sealed = call.seal_for_facility(facility, TABLE, &[id], &plain)?;
    call.execute(
        &PUT_WINDOW,
        &[
            facility.as_bytes().into(),
            id.into(),
            plan.staff.as_bytes().into(),
            (&sealed).into(),
            plan.from.into(),
            plan.until.into(),
            window.asked.at.into(),
            window.asked.by.as_bytes().into(),
        ],
    )?;
    Ok(())
}

fn act(row: &Row<'_>, at: usize, by: usize) -> Result<Option<Act>, StoreError> {
    let who = row.opt_blob(by)?.map(|bytes| {
        StaffId::from_slice(&bytes).ok_or(StoreError::Corrupt("who acted on a window"))
    });
    Ok(match (row.opt_at(at)?, who.transpose()?) {
        (Some(at), Some(by)) => Some(Act { by, at }),
        _ => None,
    })
}

fn stored(row: &Row<'_>) -> Result<(Window, Vec<u8>), StoreError> {
    let window = Window {
        id: WindowId::from_bytes(row.array(0)?),
        plan: Plan {
            staff: StaffId::from_bytes(row.array(1)?),
            why: String::new(),
            plan: String::new(),
            from: row.at(3)?,
            until: row.at(4)?,
        },
        asked: Act {
            at: row.at(5)?,
            by: StaffId::from_bytes(row.array(6)?),
        },
        approved: act(row, 7, 8)?,
        ended: act(row, 9, 10)?,
    };
    Ok((window, row.blob(2)?))
}

fn open_plan(
    call: &Call<'_>,
    facility: FacilityId,
    (mut window, sealed): (Window, Vec<u8>),
) -> Result<Window, StoreError> {
    let plain = call.unseal_for_facility(facility, TABLE, &[window.id.as_bytes()], &sealed)?;
    (window.plan.why, window.plan.plan) =
        serde_json::from_slice(&plain).map_err(|_| StoreError::Corrupt("a maintenance plan"))?;
    Ok(window)
}

pub(crate) fn one(
    call: &Call<'_>,
    facility: FacilityId,
    id: WindowId,
) -> Result<Option<Window>, StoreError> {
    let key = [facility.as_bytes().into(), id.as_bytes().into()];
    call.row(&WINDOW, &key, stored)?
        .map(|found| open_plan(call, facility, found))
        .transpose()
}

pub(crate) fn list(
    call: &Call<'_>,
    facility: FacilityId,
    limit: i64,
) -> Result<Vec<Window>, StoreError> {
    call.rows(
        &WINDOWS,
        &[facility.as_bytes().into(), limit.into()],
        stored,
    )?
    .into_iter()
    .map(|found| open_plan(call, facility, found))
    .collect()
}

pub(crate) fn approve(
    call: &Call<'_>,
    facility: FacilityId,
    id: WindowId,
    by: StaffId,
) -> Result<bool, StoreError> {
    let values = [
        facility.as_bytes().into(),
        id.as_bytes().into(),
        call.at().into(),
        by.as_bytes().into(),
    ];
    Ok(call.execute(&APPROVE_WINDOW, &values)? == 1)
}

pub(crate) fn end(
    call: &Call<'_>,
    facility: FacilityId,
    id: WindowId,
    by: StaffId,
) -> Result<bool, StoreError> {
    let values = [
        facility.as_bytes().into(),
        id.as_bytes().into(),
        call.at().into(),
        by.as_bytes().into(),
    ];
    Ok(call.execute(&END_WINDOW, &values)? == 1)
}

pub(crate) fn open(
    call: &Call<'_>,
    facility: FacilityId,
    staff: StaffId,
    at: Timestamp,
) -> Result<Option<WindowId>, StoreError> {
    let values = [
        facility.as_bytes().into(),
        staff.as_bytes().into(),
        at.into(),
    ];
    call.row(&OPEN_WINDOW, &values, |row| {
        Ok(WindowId::from_bytes(row.array(0)?))
    })
}

pub(crate) fn vendors(
    call: &Call<'_>,
    facility: FacilityId,
    limit: i64,
) -> Result<Vec<StaffId>, StoreError> {
    let role = Role::VendorSupport.word();
    let values = [facility.as_bytes().into(), role.into(), limit.into()];
    call.rows(&VENDORS, &values, |row| {
        Ok(StaffId::from_bytes(row.array(0)?))
    })
}
