//! SQL: sessions.

use kernel::id::{FacilityId, PersonId, SessionId, StaffId};
use store::{Call, StoreError};

use crate::session::{Stage, Stored, Whose};

store::statements! {
    Node PUT_SESSION = "INSERT INTO session (node_id, token_hash, session_id, stage, facility_id,
            staff_id, person_id, created_at, ends_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    Node SESSION = "SELECT session_id, stage, facility_id, staff_id, person_id, created_at, ends_at
        FROM session WHERE node_id = $1 AND token_hash = $2";
    Node END_SESSION = "DELETE FROM session WHERE node_id = $1 AND token_hash = $2";
    Node SWEEP_SESSIONS = "DELETE FROM session WHERE node_id = $1 AND ends_at <= $2";
}

pub(crate) fn put_session(
    call: &Call<'_>,
    token_hash: &[u8; 32],
    session: &Stored,
) -> Result<(), StoreError> {
    let (facility, staff, person) = match &session.whose {
        Whose::Staff(facility, staff) => (Some(facility.as_bytes()), Some(staff.as_bytes()), None),
        Whose::Patient(person) => (None, None, Some(person.as_bytes())),
    };
    call.execute(
        &PUT_SESSION,
        &[
            call.node_id().as_bytes().into(),
            token_hash.into(),
            session.id.as_bytes().into(),
            i64::from(session.stage.number()).into(),
            facility.into(),
            staff.into(),
            person.into(),
            session.created_at.into(),
            session.ends_at.into(),
        ],
    )?;
    Ok(())
}

pub(crate) fn session(
    call: &Call<'_>,
    token_hash: &[u8; 32],
) -> Result<Option<Stored>, StoreError> {
    call.row(
        &SESSION,
        &[call.node_id().as_bytes().into(), token_hash.into()],
        |row| {
            let id = |column| -> Result<Option<[u8; 16]>, StoreError> {
                row.opt_blob(column)?
                    .map(|b| b.try_into().map_err(|_| StoreError::Corrupt("a session")))
                    .transpose()
            };
            let whose = match (id(2)?, id(3)?, id(4)?) {
                (Some(facility), Some(staff), None) => {
                    Whose::Staff(FacilityId::from_bytes(facility), StaffId::from_bytes(staff))
                }
                (None, None, Some(person)) => Whose::Patient(PersonId::from_bytes(person)),
                _ => return Err(StoreError::Corrupt("a session")),
            };
            Ok(Stored {
                id: SessionId::from_bytes(row.array(0)?),
                stage: Stage::from_number(row.int(1)?).ok_or(StoreError::Corrupt("a stage"))?,
                whose,
                created_at: row.at(5)?,
                ends_at: row.at(6)?,
            })
        },
    )
}

pub(crate) fn end_session(call: &Call<'_>, token_hash: &[u8; 32]) -> Result<usize, StoreError> {
    call.execute(
        &END_SESSION,
        &[call.node_id().as_bytes().into(), token_hash.into()],
    )
}

pub(crate) fn sweep_sessions(call: &Call<'_>) -> Result<usize, StoreError> {
    call.execute(
        &SWEEP_SESSIONS,
        &[call.node_id().as_bytes().into(), call.at().into()],
    )
}
