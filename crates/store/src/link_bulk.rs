//! Whole tables through a link: reading them in key order and loading them.

use std::io::Write as _;

use postgres::{CopyInWriter, types::Type};
use rusqlite::types::ValueRef;

use crate::{
    Owner, Statement, StoreError, Value,
    dump::Columns,
    link::{Kind, Link},
};

/// Rows that are fetched from a server at once.
const FETCH: usize = 2_000;

/// What takes rows, one after another.
pub trait Loading {
    /// One row, in the order of the columns.
    ///
    /// # Errors
    /// The engine's.
    fn row(&mut self, values: &[Value<'_>]) -> Result<(), StoreError>;
}

/// Columns of a table with their place in the key.
static SQLITE_COLUMNS: Statement = Statement::new(
    Owner::Reference,
    "SELECT name, pk FROM pragma_table_info($1) ORDER BY cid",
);
/// The same on the server.
static POSTGRES_COLUMNS: Statement = Statement::new(
    Owner::Reference,
    "SELECT c.attname::text, COALESCE(array_position(i.indkey::int2[], c.attnum), -1)::int8 + 1
        FROM pg_attribute c LEFT JOIN pg_index i ON i.indrelid = c.attrelid AND i.indisprimary
        WHERE c.attrelid = to_regclass($1::text) AND c.attnum > 0 AND NOT c.attisdropped
        ORDER BY c.attnum",
);

impl Link {
    /// A table's columns and key; `None` when it is not there.
    pub(crate) fn columns(&self, table: &str) -> Result<Option<Columns>, StoreError> {
        let statement = match &self.0 {
            Kind::Sqlite(_) => &SQLITE_COLUMNS,
            Kind::Postgres(_) => &POSTGRES_COLUMNS,
        };
        let found = self.rows(statement, &[table.into()], |row| {
            Ok((row.text(0)?, row.int(1)?))
        })?;
        if found.is_empty() {
            return Ok(None);
        }
        let mut key: Vec<(i64, String)> = found
            .iter()
            .filter(|(_, place)| *place > 0)
            .map(|(name, place)| (*place, name.clone()))
            .collect();
        key.sort();
        Ok(Some(Columns {
            table: table.to_owned(),
            names: found.into_iter().map(|(name, _)| name).collect(),
            key: key.into_iter().map(|(_, name)| name).collect(),
        }))
    }

    /// Every row of a table in the order of its key.
    pub(crate) fn stream(
        &self,
        columns: &Columns,
        each: &mut dyn FnMut(&[Value<'_>]) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let (names, key) = (columns.names.join(", "), columns.key.join(", "));
        let select = format!("SELECT {names} FROM {} ORDER BY {key}", columns.table);
        match &self.0 {
            Kind::Sqlite(connection) => {
                let mut prepared = connection.prepare(&select)?;
                let mut rows = prepared.query([])?;
                while let Some(row) = rows.next()? {
                    let mut values = Vec::with_capacity(columns.names.len());
                    for column in 0..columns.names.len() {
                        values.push(borrowed(row.get_ref(column)?)?);
                    }
                    each(&values)?;
                }
                Ok(())
            }
            Kind::Postgres(session) => {
                let mut session = session.borrow_mut();
                session
                    .client
                    .batch_execute(&format!("DECLARE bulk NO SCROLL CURSOR FOR {select}"))?;
                loop {
                    let rows = session
                        .client
                        .query(&format!("FETCH {FETCH} FROM bulk"), &[])?;
                    for row in &rows {
                        each(&received(row)?)?;
                    }
                    if rows.len() < FETCH {
                        break;
                    }
                }
                Ok(session.client.batch_execute("CLOSE bulk")?)
            }
        }
    }

    /// Loads a table: `give` hands over the rows. One transaction.
    pub(crate) fn load(
        &self,
        columns: &Columns,
        give: &mut dyn FnMut(&mut dyn Loading) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let names = columns.names.join(", ");
        match &self.0 {
            Kind::Sqlite(connection) => {
                let places: Vec<String> =
                    (1..=columns.names.len()).map(|n| format!("?{n}")).collect();
                let insert = format!(
                    "INSERT INTO {} ({names}) VALUES ({})",
                    columns.table,
                    places.join(", ")
                );
                connection.execute_batch("BEGIN IMMEDIATE")?;
                let outcome = {
                    let mut prepared = connection.prepare(&insert)?;
                    give(&mut Inserting(&mut prepared))
                };
                match outcome {
                    Ok(()) => Ok(connection.execute_batch("COMMIT")?),
                    Err(error) => {
                        self.roll_back();
                        Err(error)
                    }
                }
            }
            Kind::Postgres(session) => {
                let mut session = session.borrow_mut();
                let copy = format!("COPY {} ({names}) FROM STDIN BINARY", columns.table);
                // Left unfinished, the copy is undone.
                let mut writer = session.client.copy_in(&copy)?;
                writer.write_all(b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0")?;
                give(&mut CopyingIn(&mut writer))?;
                writer.write_all(&(-1_i16).to_be_bytes())?;
                writer.finish()?;
                Ok(())
            }
        }
    }
}

fn borrowed(value: ValueRef<'_>) -> Result<Value<'_>, StoreError> {
    Ok(match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(n) => Value::Int(n),
        ValueRef::Text(text) => {
            Value::Text(std::str::from_utf8(text).map_err(|_| StoreError::Corrupt("a text"))?)
        }
        ValueRef::Blob(bytes) => Value::Blob(bytes),
        ValueRef::Real(_) => return Err(StoreError::Corrupt("a floating number")),
    })
}

fn received(row: &postgres::Row) -> Result<Vec<Value<'_>>, StoreError> {
    let columns = row.columns().iter().enumerate();
    columns
        .map(|(at, column)| match *column.type_() {
            Type::INT8 => Ok(row.try_get::<_, Option<i64>>(at)?.into()),
            Type::TEXT => Ok(row.try_get::<_, Option<&str>>(at)?.into()),
            Type::BYTEA => Ok(row.try_get::<_, Option<&[u8]>>(at)?.into()),
            _ => Err(StoreError::Corrupt("a column of another type")),
        })
        .collect()
}

struct Inserting<'i, 'c>(&'i mut rusqlite::Statement<'c>);

impl Loading for Inserting<'_, '_> {
    fn row(&mut self, values: &[Value<'_>]) -> Result<(), StoreError> {
        self.0.execute(rusqlite::params_from_iter(values))?;
        Ok(())
    }
}

struct CopyingIn<'i, 'c>(&'i mut CopyInWriter<'c>);

impl Loading for CopyingIn<'_, '_> {
    fn row(&mut self, values: &[Value<'_>]) -> Result<(), StoreError> {
        let mut line = Vec::new();
        line.extend_from_slice(&i16::try_from(values.len()).unwrap_or(0).to_be_bytes());
        for value in values {
            match value {
                Value::Null => line.extend_from_slice(&(-1_i32).to_be_bytes()),
                Value::Int(n) => field(&mut line, &n.to_be_bytes())?,
                Value::Text(text) => field(&mut line, text.as_bytes())?,
                Value::Blob(bytes) => field(&mut line, bytes)?,
            }
        }
        Ok(self.0.write_all(&line)?)
    }
}

fn field(line: &mut Vec<u8>, bytes: &[u8]) -> Result<(), StoreError> {
    let length = i32::try_from(bytes.len()).map_err(|_| StoreError::Corrupt("a value's length"))?;
    line.extend_from_slice(&length.to_be_bytes());
    line.extend_from_slice(bytes);
    Ok(())
}
