//! All SQL of accounts: what two people decide, the history of rights, sign-offs.

use kernel::id::{FacilityId, StaffId};
use store::{Call, Migration, Owner, Row, Schema, StoreError, Table, caller::Role};

use crate::model::{Change, Decided, Grant, GrantId, Review, RightsEntry, SignOff};

/// Most requests, lines of history and sign-offs shown.
const SHOWN_MAX: i64 = 200;
const REASON: &str = "rights_request";
const REMARK: &str = "review_sign_off";

store::statements! {
    Facility PUT_GRANT = "INSERT INTO rights_request (facility_id, request_id, staff_id, role, opens,
            until, asked_by, asked_at, reason) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    Facility GRANT = "SELECT request_id, staff_id, role, opens, until, asked_by, asked_at, reason,
            decided_by, decided_at, granted
        FROM rights_request WHERE facility_id = $1 AND request_id = $2";
    Facility GRANTS = "SELECT request_id, staff_id, role, opens, until, asked_by, asked_at, reason,
            decided_by, decided_at, granted
        FROM rights_request WHERE facility_id = $1 ORDER BY asked_at DESC, request_id LIMIT $2";
    Facility DECIDE = "UPDATE rights_request SET decided_by = $3, decided_at = $4, granted = $5
        WHERE facility_id = $1 AND request_id = $2 AND decided_at IS NULL";
    Facility PUT_ENTRY = "INSERT INTO rights_history (facility_id, at, entry_id, staff_id, change, role,
            done_by, approved_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    Facility ENTRIES = "SELECT at, staff_id, change, role, done_by, approved_by FROM rights_history
        WHERE facility_id = $1 ORDER BY at DESC, entry_id LIMIT $2";
    Facility TAKE_TURN = "INSERT INTO rights_turn (facility_id, turn) VALUES ($1, 1)
        ON CONFLICT (facility_id) DO UPDATE SET turn = rights_turn.turn + 1";
    Facility PUT_SIGN_OFF = "INSERT INTO review_sign_off (facility_id, kind, period, at, staff_id,
            count, remark) VALUES ($1, $2, $3, $4, $5, $6, $7)";
    Facility SIGN_OFFS = "SELECT period, at, staff_id, count, remark FROM review_sign_off
        WHERE facility_id = $1 AND kind = $2 ORDER BY at DESC, period LIMIT $3";
}

/// The storage of accounts.
#[must_use]
pub fn schema() -> Schema {
    const TABLES: &[Table] = &[
        Table {
            name: "rights_request",
            owner: Owner::Facility,
        },
        Table {
            name: "rights_history",
            owner: Owner::Facility,
        },
        Table {
            name: "rights_turn",
            owner: Owner::Facility,
        },
        Table {
            name: "review_sign_off",
            owner: Owner::Facility,
        },
    ];
    Schema {
        service: "accounts",
        tables: TABLES,
        migrations: &[Migration {
            number: 1,
            name: "rights of two people, history, reviews",
            sqlite: include_str!("../migrations/sqlite/0001_accounts.sql"),
            postgres: include_str!("../migrations/postgres/0001_accounts.sql"),
        }],
        statements: STATEMENTS.to_vec(),
    }
}

/// Waits until whoever changes this facility's accounts has committed: of two administrators
/// who end each other at once, the second sees what the first did.
pub(crate) fn take_turn(call: &Call<'_>, facility: FacilityId) -> Result<(), StoreError> {
    call.execute(&TAKE_TURN, &[facility.as_bytes().into()])?;
    Ok(())
}

fn text(plain: Vec<u8>) -> Result<String, StoreError> {
    String::from_utf8(plain).map_err(|_| StoreError::Corrupt("a text of accounts"))
}

pub(crate) fn put_grant(
    call: &Call<'_>,
    facility: FacilityId,
    grant: &Grant,
) -> Result<(), StoreError> {
    let id = grant.id.as_bytes();
    let reason = call.seal_for_facility(facility, REASON, &[id], grant.reason.as_bytes())?;
    call.execute(
        &PUT_GRANT,
        &[
            facility.as_bytes().into(),
            id.into(),
            grant.staff.as_bytes().into(),
            grant.role.word().into(),
            grant.opens.into(),
            grant.until.into(),
            grant.asked_by.as_bytes().into(),
            grant.asked_at.into(),
            (&reason).into(),
        ],
    )?;
    Ok(())
}

fn read_grant(row: &Row<'_>) -> Result<(Grant, Vec<u8>), StoreError> {
    let decided_by = row.opt_blob(8)?;
    let decided = match (decided_by, row.opt_at(9)?, row.opt_int(10)?) {
        (Some(by), Some(at), Some(granted)) => Some(Decided {
            by: StaffId::from_slice(&by).ok_or(StoreError::Corrupt("a request for rights"))?,
            at,
            granted: granted != 0,
        }),
        _ => None,
    };
    let grant = Grant {
        id: GrantId::from_bytes(row.array(0)?),
        staff: StaffId::from_bytes(row.array(1)?),
        role: Role::parse(&row.text(2)?).ok_or(StoreError::Corrupt("a role"))?,
        opens: row.flag(3)?,
        until: row.opt_at(4)?,
        asked_by: StaffId::from_bytes(row.array(5)?),
        asked_at: row.at(6)?,
        reason: String::new(),
        decided,
    };
    Ok((grant, row.blob(7)?))
}

fn open_grant(
    call: &Call<'_>,
    facility: FacilityId,
    (mut grant, sealed): (Grant, Vec<u8>),
) -> Result<Grant, StoreError> {
    let id = grant.id.as_bytes();
    grant.reason = text(call.unseal_for_facility(facility, REASON, &[id], &sealed)?)?;
    Ok(grant)
}

pub(crate) fn grant(
    call: &Call<'_>,
    facility: FacilityId,
    id: GrantId,
) -> Result<Option<Grant>, StoreError> {
    let key = [facility.as_bytes().into(), id.as_bytes().into()];
    call.row(&GRANT, &key, read_grant)?
        .map(|found| open_grant(call, facility, found))
        .transpose()
}

/// Newest first.
pub(crate) fn grants(call: &Call<'_>, facility: FacilityId) -> Result<Vec<Grant>, StoreError> {
    call.rows(
        &GRANTS,
        &[facility.as_bytes().into(), SHOWN_MAX.into()],
        read_grant,
    )?
    .into_iter()
    .map(|found| open_grant(call, facility, found))
    .collect()
}

/// Notes a decision; `false` when somebody else decided meanwhile.
pub(crate) fn decide(
    call: &Call<'_>,
    facility: FacilityId,
    id: GrantId,
    decided: Decided,
) -> Result<bool, StoreError> {
    let values = [
        facility.as_bytes().into(),
        id.as_bytes().into(),
        decided.by.as_bytes().into(),
        decided.at.into(),
        decided.granted.into(),
    ];
    Ok(call.execute(&DECIDE, &values)? == 1)
}

pub(crate) fn put_entry(
    call: &Call<'_>,
    facility: FacilityId,
    entry: &RightsEntry,
) -> Result<(), StoreError> {
    let id = GrantId::random(call.rng());
    let approved_by = entry.approved_by.as_ref();
    call.execute(
        &PUT_ENTRY,
        &[
            facility.as_bytes().into(),
            entry.at.into(),
            id.as_bytes().into(),
            entry.staff.as_bytes().into(),
            entry.change.word().into(),
            entry.role.word().into(),
            entry.done_by.as_ref().map(StaffId::as_bytes).into(),
            approved_by.map(StaffId::as_bytes).into(),
        ],
    )?;
    Ok(())
}

/// Newest first.
pub(crate) fn entries(
    call: &Call<'_>,
    facility: FacilityId,
) -> Result<Vec<RightsEntry>, StoreError> {
    let bad = StoreError::Corrupt("a line of the history of rights");
    let rows = call.rows(
        &ENTRIES,
        &[facility.as_bytes().into(), SHOWN_MAX.into()],
        |row| {
            let change = Change::parse(&row.text(2)?);
            let role = Role::parse(&row.text(3)?);
            let entry = change.zip(role).map(|(change, role)| {
                Ok::<_, StoreError>(RightsEntry {
                    at: row.at(0)?,
                    staff: StaffId::from_bytes(row.array(1)?),
                    change,
                    role,
                    done_by: row.opt_blob(4)?.as_deref().and_then(StaffId::from_slice),
                    approved_by: row.opt_blob(5)?.as_deref().and_then(StaffId::from_slice),
                })
            });
            entry.transpose()
        },
    )?;
    rows.into_iter().collect::<Option<Vec<_>>>().ok_or(bad)
}

pub(crate) fn put_sign_off(
    call: &Call<'_>,
    facility: FacilityId,
    review: Review,
    sign_off: &SignOff,
) -> Result<(), StoreError> {
    let at = sign_off.at.micros().to_be_bytes();
    let key: [&[u8]; 3] = [review.word().as_bytes(), sign_off.period.as_bytes(), &at];
    let remark = call.seal_for_facility(facility, REMARK, &key, sign_off.remark.as_bytes())?;
    call.execute(
        &PUT_SIGN_OFF,
        &[
            facility.as_bytes().into(),
            review.word().into(),
            (&sign_off.period).into(),
            sign_off.at.into(),
            sign_off.staff.as_bytes().into(),
            sign_off.count.into(),
            (&remark).into(),
        ],
    )?;
    Ok(())
}

/// Newest first.
pub(crate) fn sign_offs(
    call: &Call<'_>,
    facility: FacilityId,
    review: Review,
) -> Result<Vec<SignOff>, StoreError> {
    let values = [
        facility.as_bytes().into(),
        review.word().into(),
        SHOWN_MAX.into(),
    ];
    let rows = call.rows(&SIGN_OFFS, &values, |row| {
        let sign_off = SignOff {
            period: row.text(0)?,
            at: row.at(1)?,
            staff: StaffId::from_bytes(row.array(2)?),
            count: row.int(3)?,
            remark: String::new(),
        };
        Ok((sign_off, row.blob(4)?))
    })?;
    rows.into_iter()
        .map(|(mut sign_off, sealed)| {
            let at = sign_off.at.micros().to_be_bytes();
            let key: [&[u8]; 3] = [review.word().as_bytes(), sign_off.period.as_bytes(), &at];
            let plain = call.unseal_for_facility(facility, REMARK, &key, &sealed)?;
            sign_off.remark = text(plain)?;
            Ok(sign_off)
        })
        .collect()
}
