//! SQL: staff accounts and their log-in names.

use kernel::{
    id::{FacilityId, StaffId},
    time::Timestamp,
};
use store::{Call, Row, Statement, StoreError, caller::Role};

use crate::staff::Account;

store::statements! {
    Facility PUT_STAFF = "INSERT INTO staff_account (facility_id, staff_id, name, role, password,
            totp, totp_step, failures, locked_until, ends_at)
        VALUES ($1, $2, $3, $4, $5, $6, 0, 0, 0, $7)";
    Facility STAFF = "SELECT facility_id, staff_id, name, role, password, totp, totp_step, failures,
            locked_until, ends_at
        FROM staff_account WHERE facility_id = $1 AND staff_id = $2";
    Facility STAFF_ALONE = "SELECT facility_id, staff_id, name, role, password, totp, totp_step, failures,
            locked_until, ends_at
        FROM staff_account WHERE facility_id = $1 AND staff_id = $2 FOR UPDATE";
    Facility NOTE_FAILURE = "UPDATE staff_account SET failures = $3, locked_until = $4
        WHERE facility_id = $1 AND staff_id = $2";
    Facility NOTE_CODE = "UPDATE staff_account SET failures = 0, locked_until = 0, totp_step = $3
        WHERE facility_id = $1 AND staff_id = $2 AND totp_step < $3";
    Directory PUT_LOGIN = "INSERT INTO staff_login (login_key, facility_id, staff_id)
        VALUES ($1, $2, $3)";
    Directory LOGIN = "SELECT facility_id, staff_id FROM staff_login WHERE login_key = $1";
}

pub(crate) fn put_staff(
    call: &Call<'_>,
    account: &Account,
    totp_secret: &[u8],
) -> Result<(), StoreError> {
    let sealed = call.seal_for_facility(
        account.facility,
        "staff_account",
        &[account.staff.as_bytes()],
        totp_secret,
    )?;
    call.execute(
        &PUT_STAFF,
        &[
            account.facility.as_bytes().into(),
            account.staff.as_bytes().into(),
            (&account.name).into(),
            account.role.word().into(),
            (&account.password).into(),
            (&sealed).into(),
            account.ends_at.into(),
        ],
    )?;
    Ok(())
}

pub(crate) fn staff(
    call: &Call<'_>,
    facility: FacilityId,
    staff: StaffId,
) -> Result<Option<Account>, StoreError> {
    read_staff(call, &STAFF, facility, staff)
}

pub(crate) fn staff_alone(
    call: &Call<'_>,
    facility: FacilityId,
    staff: StaffId,
) -> Result<Option<Account>, StoreError> {
    read_staff(call, &STAFF_ALONE, facility, staff)
}

fn read_staff(
    call: &Call<'_>,
    statement: &'static Statement,
    facility: FacilityId,
    staff: StaffId,
) -> Result<Option<Account>, StoreError> {
    let key = [facility.as_bytes().into(), staff.as_bytes().into()];
    let found = call.row(statement, &key, |row| Ok((account(row)?, row.blob(5)?)))?;
    let Some((mut account, sealed)) = found else {
        return Ok(None);
    };
    account.totp_secret = kernel::Secret::new(call.unseal_for_facility(
        facility,
        "staff_account",
        &[staff.as_bytes()],
        &sealed,
    )?);
    Ok(Some(account))
}

fn account(row: &Row<'_>) -> Result<Account, StoreError> {
    Ok(Account {
        facility: FacilityId::from_bytes(row.array(0)?),
        staff: StaffId::from_bytes(row.array(1)?),
        name: row.text(2)?,
        role: Role::parse(&row.text(3)?).ok_or(StoreError::Corrupt("a role"))?,
        password: row.text(4)?,
        totp_secret: kernel::Secret::new(Vec::new()),
        totp_step: row.int(6)?,
        failures: row.int(7)?,
        locked_until: row.at(8)?,
        ends_at: row.opt_at(9)?,
    })
}

pub(crate) fn note_failure(
    call: &Call<'_>,
    account: &Account,
    failures: i64,
    locked_until: Timestamp,
) -> Result<(), StoreError> {
    call.execute(
        &NOTE_FAILURE,
        &[
            account.facility.as_bytes().into(),
            account.staff.as_bytes().into(),
            failures.into(),
            locked_until.into(),
        ],
    )?;
    Ok(())
}

pub(crate) fn note_code(
    call: &Call<'_>,
    account: &Account,
    step: i64,
) -> Result<usize, StoreError> {
    call.execute(
        &NOTE_CODE,
        &[
            account.facility.as_bytes().into(),
            account.staff.as_bytes().into(),
            step.into(),
        ],
    )
}

pub(crate) fn put_login(
    call: &Call<'_>,
    key: &[u8; 32],
    account: &Account,
) -> Result<(), StoreError> {
    call.execute(
        &PUT_LOGIN,
        &[
            key.into(),
            account.facility.as_bytes().into(),
            account.staff.as_bytes().into(),
        ],
    )?;
    Ok(())
}

pub(crate) fn login(
    call: &Call<'_>,
    key: &[u8; 32],
) -> Result<Option<(FacilityId, StaffId)>, StoreError> {
    call.row(&LOGIN, &[key.into()], |row| {
        Ok((
            FacilityId::from_bytes(row.array(0)?),
            StaffId::from_bytes(row.array(1)?),
        ))
    })
}
