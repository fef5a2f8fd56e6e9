//! Whose information may next come to its end, and when: one row a person, so that expiry
//! looks at those whose turn it is and never at everybody.

use kernel::{id::PersonId, time::Timestamp};
use store::{Call, Owner, StoreError};

store::statements! {
    Node SOONER = "INSERT INTO record_due (node_id, person_id, due_at) VALUES ($1, $2, $3)
        ON CONFLICT (node_id, person_id) DO UPDATE SET due_at = excluded.due_at
        WHERE excluded.due_at < record_due.due_at";
    Node SET = "INSERT INTO record_due (node_id, person_id, due_at) VALUES ($1, $2, $3)
        ON CONFLICT (node_id, person_id) DO UPDATE SET due_at = excluded.due_at";
    Node CLEAR = "DELETE FROM record_due WHERE node_id = $1 AND person_id = $2";
    Node DUE = "SELECT person_id FROM record_due WHERE node_id = $1 AND due_at <= $2
        ORDER BY due_at, person_id LIMIT $3";
}

pub(super) const TABLE: store::Table = store::Table {
    name: "record_due",
    owner: Owner::Node,
};

/// It is the person's turn at this instant, or earlier if that was said already.
pub(crate) fn sooner(call: &Call<'_>, person: PersonId, at: Timestamp) -> Result<(), StoreError> {
    let node = call.node_id();
    let given = [node.as_bytes().into(), person.as_bytes().into(), at.into()];
    call.execute(&SOONER, &given)?;
    Ok(())
}

/// It is the person's turn at this instant, whatever was said; never, when there is none.
pub(crate) fn set(
    call: &Call<'_>,
    person: PersonId,
    at: Option<Timestamp>,
) -> Result<(), StoreError> {
    let node = call.node_id();
    let (node, person) = (node.as_bytes().into(), person.as_bytes().into());
    match at {
        Some(at) => call.execute(&SET, &[node, person, at.into()])?,
        None => call.execute(&CLEAR, &[node, person])?,
    };
    Ok(())
}

/// Whose turn it is, the longest due first.
pub(crate) fn due(call: &Call<'_>, limit: i64) -> Result<Vec<PersonId>, StoreError> {
    let node = call.node_id();
    let given = [node.as_bytes().into(), call.at().into(), limit.into()];
    call.rows(&DUE, &given, |row| {
        PersonId::from_slice(&row.blob(0)?).ok_or(StoreError::Corrupt("a person's identifier"))
    })
}
