//! SQL: staff accounts and their log-in names.

use kernel::{
    id::{FacilityId, StaffId},
    time::{JstDate, Timestamp},
};
use serde::{Deserialize, Serialize};
use store::{Call, Row, Statement, StoreError, Value, caller::Role};

use crate::staff::{Account, Particulars};

store::statements! {
    Facility PUT_STAFF = "INSERT INTO staff_account (facility_id, staff_id, name, role, password,
            totp, totp_step, failures, locked_until, ends_at, particulars, must_change, opened_at)
        VALUES ($1, $2, $3, $4, $5, $6, 0, 0, 0, $7, $8, $9, $10)";
    Facility STAFF = "SELECT facility_id, staff_id, name, role, password, totp, totp_step, failures,
            locked_until, ends_at, particulars, must_change, opened_at, last_login_at
        FROM staff_account WHERE facility_id = $1 AND staff_id = $2";
    Facility STAFF_ALONE = "SELECT facility_id, staff_id, name, role, password, totp, totp_step, failures,
            locked_until, ends_at, particulars, must_change, opened_at, last_login_at
        FROM staff_account WHERE facility_id = $1 AND staff_id = $2 FOR UPDATE";
    Facility ALL_STAFF = "SELECT facility_id, staff_id, name, role, password, totp, totp_step, failures,
            locked_until, ends_at, particulars, must_change, opened_at, last_login_at
        FROM staff_account WHERE facility_id = $1 ORDER BY name, staff_id LIMIT 500";
    Facility NOTE_FAILURE = "UPDATE staff_account SET failures = $3, locked_until = $4
        WHERE facility_id = $1 AND staff_id = $2";
    Facility NOTE_CODE = "UPDATE staff_account SET totp_step = $3
        WHERE facility_id = $1 AND staff_id = $2 AND totp_step < $3";
    Facility NOTE_LOGIN = "UPDATE staff_account
        SET failures = 0, locked_until = 0, last_login_at = $3
        WHERE facility_id = $1 AND staff_id = $2";
    Facility SET_TOTP = "UPDATE staff_account SET totp = $3, totp_step = $4
        WHERE facility_id = $1 AND staff_id = $2";
    Facility SET_PASSWORD = "UPDATE staff_account SET password = $3, must_change = $4
        WHERE facility_id = $1 AND staff_id = $2";
    Facility REHASH = "UPDATE staff_account SET password = $3
        WHERE facility_id = $1 AND staff_id = $2 AND password = $4";
    Facility SET_ROLE = "UPDATE staff_account SET role = $3
        WHERE facility_id = $1 AND staff_id = $2";
    Facility SET_END = "UPDATE staff_account SET ends_at = $3
        WHERE facility_id = $1 AND staff_id = $2";
    Facility WAKE = "UPDATE staff_account SET last_login_at = $3
        WHERE facility_id = $1 AND staff_id = $2";
    Facility PUT_PASSWORD = "INSERT INTO staff_password
            (facility_id, staff_id, set_at, password_id, hash)
        VALUES ($1, $2, $3, $4, $5)";
    Facility PASSWORDS = "SELECT hash FROM staff_password WHERE facility_id = $1 AND staff_id = $2
        ORDER BY set_at DESC, password_id LIMIT 24";
    Directory PUT_LOGIN = "INSERT INTO staff_login (login_key, facility_id, staff_id)
        VALUES ($1, $2, $3)";
    Directory LOGIN = "SELECT facility_id, staff_id FROM staff_login WHERE login_key = $1";
}

const TABLE: &str = "staff_account";

#[derive(Serialize, Deserialize)]
struct Wire {
    login: String,
    kana: String,
    birth: Option<String>,
}

pub(crate) fn put_staff(
    call: &Call<'_>,
    account: &Account,
    totp_secret: &[u8],
) -> Result<(), StoreError> {
    let key: [&[u8]; 1] = [account.staff.as_bytes()];
    let sealed = call.seal_for_facility(account.facility, TABLE, &key, totp_secret)?;
    let wire = Wire {
        login: account.particulars.login.clone(),
        kana: account.particulars.kana.clone(),
        birth: account.particulars.birth.map(|birth| birth.to_string()),
    };
    let plain = serde_json::to_vec(&wire).map_err(|_| StoreError::Corrupt("particulars"))?;
    let key: [&[u8]; 2] = [account.staff.as_bytes(), b"particulars"];
    let particulars = call.seal_for_facility(account.facility, TABLE, &key, &plain)?;
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
            (&particulars).into(),
            account.must_change.into(),
            account.opened_at.into(),
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
    let found = call.row(statement, &key, read)?;
    found.map(|found| open(call, found)).transpose()
}

/// The accounts of a facility by name.
pub(crate) fn all(call: &Call<'_>, facility: FacilityId) -> Result<Vec<Account>, StoreError> {
    let found = call.rows(&ALL_STAFF, &[facility.as_bytes().into()], read)?;
    found.into_iter().map(|found| open(call, found)).collect()
}

type Found = (Account, Vec<u8>, Option<Vec<u8>>);

fn read(row: &Row<'_>) -> Result<Found, StoreError> {
    Ok((account(row)?, row.blob(5)?, row.opt_blob(10)?))
}

fn open(call: &Call<'_>, (mut account, totp, particulars): Found) -> Result<Account, StoreError> {
    let (facility, staff) = (account.facility, account.staff);
    let key: [&[u8]; 1] = [staff.as_bytes()];
    let secret = call.unseal_for_facility(facility, TABLE, &key, &totp)?;
    account.totp_secret = kernel::Secret::new(secret);
    if let Some(sealed) = particulars {
        let key: [&[u8]; 2] = [staff.as_bytes(), b"particulars"];
        let plain = call.unseal_for_facility(facility, TABLE, &key, &sealed)?;
        let wire: Wire =
            serde_json::from_slice(&plain).map_err(|_| StoreError::Corrupt("particulars"))?;
        account.particulars = Particulars {
            login: wire.login,
            kana: wire.kana,
            birth: wire.birth.as_deref().and_then(JstDate::parse),
        };
    }
    Ok(account)
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
        particulars: Particulars::default(),
        must_change: row.flag(11)?,
        opened_at: row.opt_at(12)?,
        last_login_at: row.opt_at(13)?,
    })
}

/// Changes one row by a statement whose first two parameters are the account's place.
fn change(
    call: &Call<'_>,
    statement: &'static Statement,
    (facility, staff): (FacilityId, StaffId),
    values: &[Value<'_>],
) -> Result<usize, StoreError> {
    let mut all = vec![
        Value::from(facility.as_bytes()),
        Value::from(staff.as_bytes()),
    ];
    all.extend_from_slice(values);
    call.execute(statement, &all)
}

pub(crate) fn note_login(call: &Call<'_>, account: &Account) -> Result<usize, StoreError> {
    change(call, &NOTE_LOGIN, account.place(), &[call.at().into()])
}

pub(crate) fn set_totp(
    call: &Call<'_>,
    (facility, staff): (FacilityId, StaffId),
    secret: &[u8],
    step: i64,
) -> Result<usize, StoreError> {
    let key: [&[u8]; 1] = [staff.as_bytes()];
    let sealed = call.seal_for_facility(facility, TABLE, &key, secret)?;
    let values = [(&sealed).into(), step.into()];
    change(call, &SET_TOTP, (facility, staff), &values)
}

/// Sets the password and notes it among the former ones.
pub(crate) fn set_password(
    call: &Call<'_>,
    place: (FacilityId, StaffId),
    hash: &str,
    must_change: bool,
) -> Result<usize, StoreError> {
    put_password(call, place, hash)?;
    change(
        call,
        &SET_PASSWORD,
        place,
        &[hash.into(), must_change.into()],
    )
}

pub(crate) fn put_password(
    call: &Call<'_>,
    place: (FacilityId, StaffId),
    hash: &str,
) -> Result<(), StoreError> {
    let mut id = [0; 16];
    call.rng().fill(&mut id);
    let values = [call.at().into(), (&id).into(), hash.into()];
    change(call, &PUT_PASSWORD, place, &values)?;
    Ok(())
}

pub(crate) fn rehash(call: &Call<'_>, account: &Account, hash: &str) -> Result<usize, StoreError> {
    let values = [hash.into(), (&account.password).into()];
    change(call, &REHASH, account.place(), &values)
}

pub(crate) fn set_role(
    call: &Call<'_>,
    place: (FacilityId, StaffId),
    role: Role,
) -> Result<usize, StoreError> {
    change(call, &SET_ROLE, place, &[role.word().into()])
}

pub(crate) fn set_end(
    call: &Call<'_>,
    place: (FacilityId, StaffId),
    ends_at: Option<Timestamp>,
) -> Result<usize, StoreError> {
    change(call, &SET_END, place, &[ends_at.into()])
}

pub(crate) fn wake(call: &Call<'_>, place: (FacilityId, StaffId)) -> Result<usize, StoreError> {
    change(call, &WAKE, place, &[call.at().into()])
}

pub(crate) fn unlock(call: &Call<'_>, place: (FacilityId, StaffId)) -> Result<usize, StoreError> {
    change(call, &NOTE_FAILURE, place, &[0_i64.into(), 0_i64.into()])
}

/// The hashes of the last passwords, newest first.
pub(crate) fn passwords(
    call: &Call<'_>,
    (facility, staff): (FacilityId, StaffId),
) -> Result<Vec<String>, StoreError> {
    let key = [facility.as_bytes().into(), staff.as_bytes().into()];
    call.rows(&PASSWORDS, &key, |row| row.text(0))
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
