//! SQL: whether this folder was made for trying out, and how.

use store::{Call, StoreError};

use crate::model::Sandbox;

store::statements! {
    Node NOTE = "INSERT INTO equipment_sandbox (node_id, noted_at, what) VALUES ($1, $2, $3)
        ON CONFLICT (node_id) DO NOTHING";
    Node SANDBOX = "SELECT noted_at, what FROM equipment_sandbox WHERE node_id = $1";
}

pub(crate) fn note(call: &Call<'_>, what: &str) -> Result<(), StoreError> {
    let node = call.node_id();
    call.execute(
        &NOTE,
        &[node.as_bytes().into(), call.at().into(), what.into()],
    )?;
    Ok(())
}

pub(crate) fn sandbox(call: &Call<'_>) -> Result<Option<Sandbox>, StoreError> {
    call.row(&SANDBOX, &[call.node_id().as_bytes().into()], |row| {
        Ok(Sandbox {
            noted_at: row.at(0)?,
            what: row.text(1)?,
        })
    })
}
