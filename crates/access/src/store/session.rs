//! SQL: sessions.

use kernel::{
    id::{FacilityId, PersonId, SessionId, StaffId},
    time::Timestamp,
};
use store::{Call, Row, StoreError};

use crate::session::{Origin, Stage, Stored, Whose};

store::statements! {
    Node PUT_SESSION = "INSERT INTO session (node_id, token_hash, session_id, stage, facility_id,
            staff_id, person_id, created_at, ends_at, seen_at, proved_at, peer, terminal)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
    Node SESSION = "SELECT session_id, stage, facility_id, staff_id, person_id, created_at, ends_at,
            seen_at, proved_at, peer, terminal
        FROM session WHERE node_id = $1 AND token_hash = $2";
    Node SESSION_END = "SELECT ends_at FROM session
        WHERE node_id = $1 AND session_id = $2 AND stage = $3";
    Node SESSIONS_OF = "SELECT session_id, stage, facility_id, staff_id, person_id, created_at,
            ends_at, seen_at, proved_at, peer, terminal
        FROM session WHERE node_id = $1 AND facility_id = $2 AND staff_id = $3
        ORDER BY created_at DESC, session_id LIMIT 100";
    Node END_SESSION = "DELETE FROM session WHERE node_id = $1 AND token_hash = $2";
    Node END_SESSIONS_OF = "DELETE FROM session
        WHERE node_id = $1 AND facility_id = $2 AND staff_id = $3";
    Node END_SESSION_BY_ID = "DELETE FROM session
        WHERE node_id = $1 AND facility_id = $2 AND staff_id = $3 AND session_id = $4";
    Node REPLACE_SESSION = "UPDATE session SET stage = $5
        WHERE node_id = $1 AND facility_id = $2 AND staff_id = $3 AND session_id = $4";
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
            session.seen_at.into(),
            session.proved_at.into(),
            session.origin.peer.as_ref().into(),
            session.origin.terminal.as_ref().into(),
        ],
    )?;
    Ok(())
}

fn stored(row: &Row<'_>) -> Result<Stored, StoreError> {
    let bad = || StoreError::Corrupt("a session");
    let id = |column| -> Result<Option<[u8; 16]>, StoreError> {
        let bytes = row.opt_blob(column)?;
        bytes.map(|b| b.try_into().map_err(|_| bad())).transpose()
    };
    let hash = |column| -> Result<Option<[u8; 32]>, StoreError> {
        let bytes = row.opt_blob(column)?;
        bytes.map(|b| b.try_into().map_err(|_| bad())).transpose()
    };
    let whose = match (id(2)?, id(3)?, id(4)?) {
        (Some(facility), Some(staff), None) => {
            Whose::Staff(FacilityId::from_bytes(facility), StaffId::from_bytes(staff))
        }
        (None, None, Some(person)) => Whose::Patient(PersonId::from_bytes(person)),
        _ => return Err(bad()),
    };
    let created_at = row.at(5)?;
    Ok(Stored {
        id: SessionId::from_bytes(row.array(0)?),
        stage: Stage::from_number(row.int(1)?).ok_or(StoreError::Corrupt("a stage"))?,
        whose,
        created_at,
        ends_at: row.at(6)?,
        seen_at: row.opt_at(7)?.unwrap_or(created_at),
        proved_at: row.opt_at(8)?,
        origin: Origin {
            peer: hash(9)?,
            terminal: hash(10)?,
        },
    })
}

pub(crate) fn session(
    call: &Call<'_>,
    token_hash: &[u8; 32],
) -> Result<Option<Stored>, StoreError> {
    call.row(
        &SESSION,
        &[call.node_id().as_bytes().into(), token_hash.into()],
        stored,
    )
}

/// Until when a session that is logged in lasts; `None` when it is over.
pub(crate) fn session_end(call: &Call<'_>, id: SessionId) -> Result<Option<Timestamp>, StoreError> {
    let (node, stage) = (call.node_id(), i64::from(Stage::Full.number()));
    let key = [node.as_bytes().into(), id.as_bytes().into(), stage.into()];
    call.row(&SESSION_END, &key, |row| row.at(0))
}

pub(crate) fn sessions_of(
    call: &Call<'_>,
    facility: FacilityId,
    staff: StaffId,
) -> Result<Vec<Stored>, StoreError> {
    let node = call.node_id();
    let key = [
        node.as_bytes().into(),
        facility.as_bytes().into(),
        staff.as_bytes().into(),
    ];
    call.rows(&SESSIONS_OF, &key, stored)
}

pub(crate) fn end_sessions_of(
    call: &Call<'_>,
    facility: FacilityId,
    staff: StaffId,
) -> Result<usize, StoreError> {
    let node = call.node_id();
    let key = [
        node.as_bytes().into(),
        facility.as_bytes().into(),
        staff.as_bytes().into(),
    ];
    call.execute(&END_SESSIONS_OF, &key)
}

pub(crate) fn end_session_by_id(
    call: &Call<'_>,
    facility: FacilityId,
    staff: StaffId,
    id: SessionId,
) -> Result<usize, StoreError> {
    let node = call.node_id();
    let key = [
        node.as_bytes().into(),
        facility.as_bytes().into(),
        staff.as_bytes().into(),
        id.as_bytes().into(),
    ];
    call.execute(&END_SESSION_BY_ID, &key)
}

pub(crate) fn replace_session(
    call: &Call<'_>,
    facility: FacilityId,
    staff: StaffId,
    id: SessionId,
) -> Result<usize, StoreError> {
    let node = call.node_id();
    let values = [
        node.as_bytes().into(),
        facility.as_bytes().into(),
        staff.as_bytes().into(),
        id.as_bytes().into(),
        i64::from(Stage::Replaced.number()).into(),
    ];
    call.execute(&REPLACE_SESSION, &values)
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
