//! SQL: certificates of terminals and servers.

use kernel::id::{FacilityId, TerminalId};
use store::{Call, StoreError};

use crate::terminal::Terminal;

const TABLE: &str = "terminal_certificate";

store::statements! {
    Directory PUT_TERMINAL = "INSERT INTO terminal_certificate (thumbprint_key, facility_id,
            terminal_id, kind, label, ends_at)
        VALUES ($1, $2, $3, $4, $5, $6)";
    Directory TERMINAL = "SELECT facility_id, terminal_id, kind, label, ends_at, ended_at
        FROM terminal_certificate WHERE thumbprint_key = $1";
    Directory END_TERMINAL = "UPDATE terminal_certificate SET ended_at = $2
        WHERE thumbprint_key = $1 AND ended_at IS NULL";
}

pub(crate) fn put_terminal(
    call: &Call<'_>,
    key: &[u8; 32],
    terminal: &Terminal,
) -> Result<(), StoreError> {
    let label = terminal.label.as_bytes();
    let sealed = call.seal_for_facility(terminal.facility, TABLE, &[key], label)?;
    call.execute(
        &PUT_TERMINAL,
        &[
            key.into(),
            terminal.facility.as_bytes().into(),
            terminal.id.as_bytes().into(),
            (&terminal.kind).into(),
            (&sealed).into(),
            terminal.ends_at.into(),
        ],
    )?;
    Ok(())
}

pub(crate) fn terminal(call: &Call<'_>, key: &[u8; 32]) -> Result<Option<Terminal>, StoreError> {
    let found = call.row(&TERMINAL, &[key.into()], |row| {
        let terminal = Terminal {
            facility: FacilityId::from_bytes(row.array(0)?),
            id: TerminalId::from_bytes(row.array(1)?),
            kind: row.text(2)?,
            label: String::new(),
            ends_at: row.at(4)?,
            ended_at: row.opt_at(5)?,
        };
        Ok((terminal, row.blob(3)?))
    })?;
    let Some((mut terminal, sealed)) = found else {
        return Ok(None);
    };
    let label = call.unseal_for_facility(terminal.facility, TABLE, &[key], &sealed)?;
    terminal.label = String::from_utf8_lossy(&label).into_owned();
    Ok(Some(terminal))
}

pub(crate) fn end_terminal(call: &Call<'_>, key: &[u8; 32]) -> Result<bool, StoreError> {
    Ok(call.execute(&END_TERMINAL, &[key.into(), call.at().into()])? == 1)
}
