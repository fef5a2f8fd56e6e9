//! SQL: what the terminals of a facility last said of their card readers.

use kernel::{id::FacilityId, time::Timestamp};
use store::{Call, Row, StoreError};

use crate::diagnosis::model::{Reader, ReaderState};

store::statements! {
    Facility PUT_READER = "INSERT INTO equipment_reader (facility_id, terminal, state, since, reported_at, ok_at)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (facility_id, terminal) DO UPDATE SET state = excluded.state,
        since = excluded.since, reported_at = excluded.reported_at, ok_at = excluded.ok_at";
    Facility READERS = "SELECT terminal, state, since, reported_at, ok_at FROM equipment_reader
        WHERE facility_id = $1 ORDER BY terminal LIMIT $2";
    Facility SWEEP_READERS = "DELETE FROM equipment_reader WHERE facility_id = $1 AND reported_at < $2";
}

pub(crate) fn put(
    call: &Call<'_>,
    facility: FacilityId,
    reader: &Reader,
) -> Result<(), StoreError> {
    call.execute(
        &PUT_READER,
        &[
            facility.as_bytes().into(),
            reader.terminal.as_str().into(),
            reader.state.word().into(),
            reader.since.into(),
            reader.reported_at.into(),
            reader.ok_at.into(),
        ],
    )?;
    Ok(())
}

pub(crate) fn list(
    call: &Call<'_>,
    facility: FacilityId,
    limit: i64,
) -> Result<Vec<Reader>, StoreError> {
    call.rows(
        &READERS,
        &[facility.as_bytes().into(), limit.into()],
        stored,
    )
}

pub(crate) fn sweep(
    call: &Call<'_>,
    facility: FacilityId,
    before: Timestamp,
) -> Result<usize, StoreError> {
    call.execute(&SWEEP_READERS, &[facility.as_bytes().into(), before.into()])
}

fn stored(row: &Row<'_>) -> Result<Reader, StoreError> {
    Ok(Reader {
        terminal: row.text(0)?,
        state: ReaderState::parse(&row.text(1)?)
            .ok_or(StoreError::Corrupt("a card reader's state"))?,
        since: row.at(2)?,
        reported_at: row.at(3)?,
        ok_at: row.opt_at(4)?,
    })
}
