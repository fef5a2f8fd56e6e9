//! SQL: who tried a log-in name from where, and how often without success.

use kernel::time::Timestamp;
use store::{Call, StoreError};

use crate::guess::Delay;

store::statements! {
    Node DELAY = "SELECT failures, until FROM login_delay WHERE node_id = $1 AND delay_key = $2";
    Node PUT_DELAY = "INSERT INTO login_delay (node_id, delay_key, failures, until)
        VALUES ($1, $2, $3, $4)
        ON CONFLICT (node_id, delay_key) DO UPDATE SET failures = $3, until = $4";
    Node CLEAR_DELAY = "DELETE FROM login_delay WHERE node_id = $1 AND delay_key = $2";
    Node SWEEP_DELAYS = "DELETE FROM login_delay WHERE node_id = $1 AND until < $2";
}

pub(crate) fn delay(call: &Call<'_>, key: &[u8; 32]) -> Result<Option<Delay>, StoreError> {
    call.row(
        &DELAY,
        &[call.node_id().as_bytes().into(), key.into()],
        |row| {
            Ok(Delay {
                failures: row.int(0)?,
                until: row.at(1)?,
            })
        },
    )
}

pub(crate) fn put_delay(call: &Call<'_>, key: &[u8; 32], delay: Delay) -> Result<(), StoreError> {
    call.execute(
        &PUT_DELAY,
        &[
            call.node_id().as_bytes().into(),
            key.into(),
            delay.failures.into(),
            delay.until.into(),
        ],
    )?;
    Ok(())
}

pub(crate) fn clear_delay(call: &Call<'_>, key: &[u8; 32]) -> Result<(), StoreError> {
    call.execute(
        &CLEAR_DELAY,
        &[call.node_id().as_bytes().into(), key.into()],
    )?;
    Ok(())
}

pub(crate) fn sweep_delays(call: &Call<'_>, before: Timestamp) -> Result<usize, StoreError> {
    call.execute(
        &SWEEP_DELAYS,
        &[call.node_id().as_bytes().into(), before.into()],
    )
}
