//! The forger's SQL.

use std::path::Path;

use rusqlite::Connection;

/// What stopped the forger.
#[derive(Debug, thiserror::Error)]
#[error("the copy could not be edited: {0}")]
pub struct TamperError(#[from] rusqlite::Error);

const PICK: &str = "SELECT person_id, seq FROM person_audit
    WHERE seq = (SELECT MAX(seq) / 2 FROM person_audit) ORDER BY person_id LIMIT 1";
const EDIT: &str = "UPDATE person_audit SET at = at - 60000000
    WHERE person_id = ?1 AND seq = ?2";

/// Moves the time of one record back by a minute; whose record, and its number.
///
/// # Errors
/// When there is no record to edit.
pub fn edit_one_record(folder: &Path) -> Result<(String, i64), TamperError> {
    let connection = Connection::open(folder.join(store::engine::DATABASE))?;
    let (person, seq): (Vec<u8>, i64) =
        connection.query_row(PICK, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
    connection.execute(EDIT, rusqlite::params![person, seq])?;
    Ok((kernel::hex::encode(&person), seq))
}
