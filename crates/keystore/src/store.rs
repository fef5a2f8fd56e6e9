//! The file of wrapped keys, `keys.db`: its tables and all its SQL.
//!
//! Every row that a backup must learn of carries a change number from one counter that never
//! goes back; a key that is wrapped anew gets a new one.

use std::path::Path;

use kernel::time::Timestamp;
use rusqlite::{
    Connection, OpenFlags, OptionalExtension, Row, ToSql, config::DbConfig, params, types::FromSql,
};

use crate::{KeyError, Owner, Shredded, cipher::RootId};

pub(crate) const FILE: &str = "keys.db";
const FORM: i64 = 2;
const BUSY_MS: u64 = 5_000;

/// Names in `meta`.
pub(crate) const CHANGE: &str = "change";
pub(crate) const FINGERPRINT: &str = "fingerprint";
pub(crate) const CHANGING: &str = "changing_root";
pub(crate) const IMPORTING: &str = "importing";
/// Up to which change the folder was imported; gone once it was opened.
pub(crate) const IMPORTED: &str = "imported";
pub(crate) const SCRUB: &str = "scrub_due";

const TABLES: &str = "
    CREATE TABLE meta (
      name TEXT NOT NULL PRIMARY KEY, value ANY NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE kek (
      number INTEGER NOT NULL, root BLOB NOT NULL, wrapped BLOB NOT NULL,
      PRIMARY KEY (number, root)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE data_key (
      change INTEGER NOT NULL PRIMARY KEY, owner_id BLOB NOT NULL, number INTEGER NOT NULL,
      kek INTEGER NOT NULL, wrapped BLOB NOT NULL, UNIQUE (owner_id, number)
    ) STRICT;
    CREATE INDEX data_key_by_kek ON data_key (kek);
    CREATE TABLE shredded (
      owner_id BLOB NOT NULL PRIMARY KEY, change INTEGER NOT NULL, at INTEGER NOT NULL,
      reason TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX shredded_by_change ON shredded (change);
    PRAGMA user_version = 2";

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// No keys yet.
    Empty,
    /// The first form: one table, data keys wrapped by `kek.bin` itself.
    First,
    /// Today's.
    Present,
}

/// A key-encryption key as it lies there.
pub(crate) struct KekRow {
    pub number: u32,
    pub root: RootId,
    pub wrapped: Vec<u8>,
}

/// A data key as it lies there.
#[derive(Clone)]
pub(crate) struct KeyRow {
    pub owner: Owner,
    pub number: u32,
    pub kek: u32,
    pub wrapped: Vec<u8>,
}

/// Connects to a file that exists; changes nothing.
pub(crate) fn connect(path: &Path) -> Result<Connection, KeyError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(std::time::Duration::from_millis(BUSY_MS))?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    Ok(connection)
}

/// Makes the connection ready to write: durable, and deleted bytes are overwritten. Temporary
/// copies stay in memory.
pub(crate) fn prepare(connection: &Connection) -> Result<(), KeyError> {
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "secure_delete", "ON")?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    Ok(())
}

/// What the file holds.
pub(crate) fn form(connection: &Connection) -> Result<Form, KeyError> {
    let found: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if found > FORM {
        return Err(KeyError::Newer { file: FILE, found });
    }
    if found == FORM {
        return Ok(Form::Present);
    }
    if !table(connection, "data_key")? {
        return Ok(Form::Empty);
    }
    let any: bool =
        connection.query_row("SELECT EXISTS (SELECT 1 FROM data_key)", [], |r| r.get(0))?;
    Ok(if any { Form::First } else { Form::Empty })
}

fn table(connection: &Connection, name: &str) -> Result<bool, KeyError> {
    Ok(connection.query_row(
        "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1)",
        [name],
        |row| row.get(0),
    )?)
}

/// Makes the tables; an empty table of the first form goes away.
pub(crate) fn create(connection: &Connection) -> Result<(), KeyError> {
    connection.execute_batch("DROP TABLE IF EXISTS data_key")?;
    Ok(connection.execute_batch(TABLES)?)
}

/// The wrapped key of `owner` in a file of the first form.
pub(crate) fn first_form_key(
    connection: &Connection,
    owner: &Owner,
) -> Result<Option<Vec<u8>>, KeyError> {
    Ok(connection
        .query_row(
            "SELECT wrapped FROM data_key WHERE owner_id = ?1",
            [&owner[..]],
            |row| row.get(0),
        )
        .optional()?)
}

/// Brings the first form up: `anew` wraps each key anew. Inside the caller's transaction.
pub(crate) fn upgrade(
    connection: &Connection,
    mut anew: impl FnMut(Owner, Vec<u8>) -> Result<KeyRow, KeyError>,
) -> Result<i64, KeyError> {
    connection.execute_batch("ALTER TABLE data_key RENAME TO data_key_first")?;
    connection.execute_batch(TABLES)?;
    let mut change = 0;
    {
        let mut old =
            connection.prepare("SELECT owner_id, wrapped FROM data_key_first ORDER BY owner_id")?;
        let mut rows = old.query([])?;
        while let Some(row) = rows.next()? {
            change += 1;
            insert_key(connection, change, &anew(owner(row, 0)?, row.get(1)?)?)?;
        }
    }
    connection.execute_batch("DROP TABLE data_key_first")?;
    Ok(change)
}

pub(crate) fn meta<T: FromSql>(connection: &Connection, name: &str) -> Result<Option<T>, KeyError> {
    Ok(connection
        .prepare_cached("SELECT value FROM meta WHERE name = ?1")?
        .query_row([name], |row| row.get(0))
        .optional()?)
}

pub(crate) fn set_meta(
    connection: &Connection,
    name: &str,
    value: impl ToSql,
) -> Result<(), KeyError> {
    connection
        .prepare_cached("INSERT OR REPLACE INTO meta (name, value) VALUES (?1, ?2)")?
        .execute(params![name, value])?;
    Ok(())
}

pub(crate) fn delete_meta(connection: &Connection, name: &str) -> Result<(), KeyError> {
    connection.execute("DELETE FROM meta WHERE name = ?1", [name])?;
    Ok(())
}

pub(crate) fn flag(connection: &Connection, name: &str) -> Result<bool, KeyError> {
    Ok(meta::<i64>(connection, name)?.unwrap_or_default() != 0)
}

pub(crate) fn keks(connection: &Connection) -> Result<Vec<KekRow>, KeyError> {
    let mut statement =
        connection.prepare("SELECT number, root, wrapped FROM kek ORDER BY number, root")?;
    let mut rows = statement.query([])?;
    let mut out = Vec::new();
    while let Some(row) = rows.next()? {
        out.push(KekRow {
            number: number(row, 0)?,
            root: row
                .get_ref(1)?
                .as_blob()
                .ok()
                .and_then(|bytes| bytes.try_into().ok())
                .ok_or(KeyError::Damaged("the name of a root"))?,
            wrapped: row.get(2)?,
        });
    }
    Ok(out)
}

pub(crate) fn insert_kek(connection: &Connection, kek: &KekRow) -> Result<(), KeyError> {
    connection
        .prepare_cached("INSERT OR REPLACE INTO kek (number, root, wrapped) VALUES (?1, ?2, ?3)")?
        .execute(params![kek.number, &kek.root[..], kek.wrapped])?;
    Ok(())
}

pub(crate) fn delete_keks_below(connection: &Connection, number: u32) -> Result<(), KeyError> {
    connection.execute("DELETE FROM kek WHERE number < ?1", [number])?;
    Ok(())
}

/// Deletes what other roots wrap.
pub(crate) fn delete_keks_not_of(connection: &Connection, root: &RootId) -> Result<(), KeyError> {
    connection.execute("DELETE FROM kek WHERE root <> ?1", [&root[..]])?;
    Ok(())
}

pub(crate) fn delete_keks(connection: &Connection) -> Result<(), KeyError> {
    connection.execute("DELETE FROM kek", [])?;
    Ok(())
}

/// The owner's data keys, lowest number first.
pub(crate) fn keys_of(connection: &Connection, owner: &Owner) -> Result<Vec<KeyRow>, KeyError> {
    let mut statement = connection.prepare_cached(
        "SELECT number, kek, wrapped FROM data_key WHERE owner_id = ?1 ORDER BY number",
    )?;
    let mut rows = statement.query([&owner[..]])?;
    let mut out = Vec::new();
    while let Some(row) = rows.next()? {
        out.push(KeyRow {
            owner: *owner,
            number: number(row, 0)?,
            kek: number(row, 1)?,
            wrapped: row.get(2)?,
        });
    }
    Ok(out)
}

/// Inserts a key, or puts one in the place of the owner's key of that number.
pub(crate) fn insert_key(
    connection: &Connection,
    change: i64,
    key: &KeyRow,
) -> Result<(), KeyError> {
    connection
        .prepare_cached(
            "INSERT INTO data_key (change, owner_id, number, kek, wrapped)
             VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (owner_id, number) DO UPDATE SET
               change = excluded.change, kek = excluded.kek, wrapped = excluded.wrapped",
        )?
        .execute(params![
            change,
            &key.owner[..],
            key.number,
            key.kek,
            key.wrapped
        ])?;
    Ok(())
}

/// Some keys that are wrapped by a key-encryption key below `kek`.
pub(crate) fn keys_below(
    connection: &Connection,
    kek: u32,
    limit: u32,
) -> Result<Vec<KeyRow>, KeyError> {
    let mut statement = connection.prepare_cached(
        "SELECT owner_id, number, kek, wrapped FROM data_key
         WHERE kek < ?1 ORDER BY kek, change LIMIT ?2",
    )?;
    let mut rows = statement.query(params![kek, limit])?;
    let mut out = Vec::new();
    while let Some(row) = rows.next()? {
        out.push(key_row(row)?);
    }
    Ok(out)
}

pub(crate) fn count_keys(connection: &Connection) -> Result<u64, KeyError> {
    count(connection, "SELECT count(*) FROM data_key", &[])
}

pub(crate) fn count_keys_below(connection: &Connection, kek: u32) -> Result<u64, KeyError> {
    let sql = "SELECT count(*) FROM data_key WHERE kek < ?1";
    count(connection, sql, &[&kek])
}

/// Keys whose key-encryption key is not there.
pub(crate) fn count_orphans(connection: &Connection) -> Result<u64, KeyError> {
    let sql = "SELECT count(*) FROM data_key WHERE kek NOT IN (SELECT number FROM kek)";
    count(connection, sql, &[])
}

fn count(connection: &Connection, sql: &str, values: &[&dyn ToSql]) -> Result<u64, KeyError> {
    let count: i64 = connection.query_row(sql, values, |row| row.get(0))?;
    u64::try_from(count).map_err(|_| KeyError::Damaged("a count"))
}

pub(crate) fn delete_keys(connection: &Connection) -> Result<(), KeyError> {
    connection.execute("DELETE FROM data_key", [])?;
    Ok(())
}

pub(crate) fn delete_keys_of(connection: &Connection, owner: &Owner) -> Result<(), KeyError> {
    connection
        .prepare_cached("DELETE FROM data_key WHERE owner_id = ?1")?
        .execute([&owner[..]])?;
    Ok(())
}

pub(crate) fn delete_keys_of_shredded(connection: &Connection) -> Result<(), KeyError> {
    connection.execute(
        "DELETE FROM data_key WHERE owner_id IN (SELECT owner_id FROM shredded)",
        [],
    )?;
    Ok(())
}

/// Calls `each` with the keys changed after `since`, oldest change first.
pub(crate) fn keys_since(
    connection: &Connection,
    since: i64,
    mut each: impl FnMut(i64, KeyRow) -> Result<(), KeyError>,
) -> Result<(), KeyError> {
    let mut statement = connection.prepare(
        "SELECT owner_id, number, kek, wrapped, change FROM data_key
         WHERE change > ?1 ORDER BY change",
    )?;
    let mut rows = statement.query([since])?;
    while let Some(row) = rows.next()? {
        each(row.get(4)?, key_row(row)?)?;
    }
    Ok(())
}

pub(crate) fn is_shredded(connection: &Connection, owner: &Owner) -> Result<bool, KeyError> {
    Ok(connection
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM shredded WHERE owner_id = ?1)")?
        .query_row([&owner[..]], |row| row.get(0))?)
}

/// Remembers a shredding; what is remembered already stays as it is. Was it new?
pub(crate) fn insert_shredded(
    connection: &Connection,
    change: i64,
    shredded: &Shredded,
) -> Result<bool, KeyError> {
    let count = connection
        .prepare_cached(
            "INSERT INTO shredded (owner_id, change, at, reason) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (owner_id) DO NOTHING",
        )?
        .execute(params![
            &shredded.owner[..],
            change,
            shredded.at.micros(),
            shredded.reason
        ])?;
    Ok(count != 0)
}

/// Calls `each` with what was shredded after the change `since`, oldest change first.
pub(crate) fn shredded_since(
    connection: &Connection,
    since: i64,
    mut each: impl FnMut(i64, Shredded) -> Result<(), KeyError>,
) -> Result<(), KeyError> {
    let mut statement = connection.prepare(
        "SELECT owner_id, change, at, reason FROM shredded
         WHERE change > ?1 ORDER BY change, owner_id",
    )?;
    let mut rows = statement.query([since])?;
    while let Some(row) = rows.next()? {
        let shredded = Shredded {
            owner: owner(row, 0)?,
            at: Timestamp::from_micros(row.get(2)?),
            reason: row.get(3)?,
        };
        each(row.get(1)?, shredded)?;
    }
    Ok(())
}

/// Writes the file anew and empties the write-ahead log, so that no deleted byte is left.
/// `false` when a reader still needs the log.
pub(crate) fn scrub(connection: &Connection) -> Result<bool, KeyError> {
    connection.execute_batch("VACUUM")?;
    let busy: i64 = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |r| r.get(0))?;
    if busy == 0 {
        set_meta(connection, SCRUB, 0)?;
    }
    Ok(busy == 0)
}

fn key_row(row: &Row<'_>) -> Result<KeyRow, KeyError> {
    Ok(KeyRow {
        owner: owner(row, 0)?,
        number: number(row, 1)?,
        kek: number(row, 2)?,
        wrapped: row.get(3)?,
    })
}

fn owner(row: &Row<'_>, column: usize) -> Result<Owner, KeyError> {
    row.get_ref(column)?
        .as_blob()
        .ok()
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or(KeyError::Damaged("an owner has not 16 bytes"))
}

fn number(row: &Row<'_>, column: usize) -> Result<u32, KeyError> {
    let number: i64 = row.get(column)?;
    u32::try_from(number).map_err(|_| KeyError::Damaged("a key number is out of range"))
}
