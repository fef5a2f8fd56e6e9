//! Statements, values and rows: one text for every engine.
//!
//! A statement is written once with `$1 … $n`. PostgreSQL takes it as it is; SQLite would
//! bind a bare `$n` by order of appearance and silently swap values, so it is rewritten to
//! `?n` and refused when a number is missing. `FOR UPDATE` at the end stays for PostgreSQL and
//! is left out for SQLite.

use std::{error::Error, sync::OnceLock};

use bytes::BytesMut;
use kernel::time::{JstDate, Timestamp};
use postgres::types::{IsNull, ToSql, Type};

use crate::StoreError;

/// Along which line a table is cut; its key begins with this owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Owner {
    /// About one person: the key begins with `person_id`.
    Person,
    /// Belongs to one facility: `facility_id`.
    Facility,
    /// Belongs to one installation: `node_id`.
    Node,
    /// A way from the outside to a person: keyed HMACs, never values.
    Directory,
    /// The same for everyone: code tables, the list of facilities.
    Reference,
}

/// A table and its owner.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    /// Its name, which begins with the service's name or the word it stands for.
    pub name: &'static str,
    /// Its owner.
    pub owner: Owner,
}

/// One SQL statement.
#[derive(Debug)]
pub struct Statement {
    owner: Owner,
    sql: &'static str,
    sqlite: OnceLock<String>,
}

impl Statement {
    /// A statement on tables of `owner`; for [`Owner::Person`], `$1` is the person.
    #[must_use]
    pub const fn new(owner: Owner, sql: &'static str) -> Self {
        Self {
            owner,
            sql,
            sqlite: OnceLock::new(),
        }
    }

    /// Whose tables it touches.
    pub const fn owner(&self) -> Owner {
        self.owner
    }

    /// The text as PostgreSQL takes it.
    pub const fn postgres(&self) -> &'static str {
        self.sql
    }

    /// The text as SQLite takes it.
    ///
    /// # Errors
    /// [`StoreError::Statement`] when a parameter number is missing.
    pub fn sqlite(&self) -> Result<&str, StoreError> {
        if let Some(done) = self.sqlite.get() {
            return Ok(done);
        }
        let text = rewrite(self.sql).ok_or(StoreError::Statement(self.sql))?;
        Ok(self.sqlite.get_or_init(|| text))
    }
}

/// Holds the rows until the transaction ends; on SQLite the one writer holds everything.
const LOCK: &str = " FOR UPDATE";

/// `$n` to `?n`; `None` when the numbers are not 1 to n without a gap.
pub(crate) fn rewrite(sql: &str) -> Option<String> {
    let sql = sql.strip_suffix(LOCK).unwrap_or(sql);
    let mut out = String::with_capacity(sql.len());
    let mut seen = std::collections::BTreeSet::new();
    let mut rest = sql;
    while let Some(at) = rest.find('$') {
        let (before, after) = rest.split_at(at);
        let digits: String = after
            .chars()
            .skip(1)
            .take_while(char::is_ascii_digit)
            .collect();
        seen.insert(digits.parse::<usize>().ok()?);
        out.push_str(before);
        out.push('?');
        out.push_str(&digits);
        rest = after.get(1 + digits.len()..)?;
    }
    out.push_str(rest);
    seen.iter().copied().eq(1..=seen.len()).then_some(out)
}

/// Declares a service's statements as statics and `STATEMENTS`, the list of them.
///
/// ```
/// store::statements! {
///     /// One facility by its code.
///     Reference FIND = "SELECT name FROM facility WHERE code = $1 ORDER BY name";
/// }
/// assert_eq!(STATEMENTS.len(), 1);
/// ```
#[macro_export]
macro_rules! statements {
    ($( $(#[$doc:meta])* $owner:ident $name:ident = $sql:expr; )+) => {
        $(
            $(#[$doc])*
            pub static $name: $crate::Statement = $crate::Statement::new($crate::Owner::$owner, $sql);
        )+
        /// Every statement declared here.
        pub static STATEMENTS: &[&$crate::Statement] = &[$(&$name),+];
    };
}

/// A parameter.
#[derive(Clone, Copy, Debug)]
pub enum Value<'a> {
    /// SQL NULL.
    Null,
    /// A 64-bit integer; instants are microseconds, booleans 0 and 1.
    Int(i64),
    /// Text; dates are ISO text.
    Text(&'a str),
    /// Bytes; identifiers are their 16 bytes.
    Blob(&'a [u8]),
}

impl From<i64> for Value<'_> {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}
impl From<bool> for Value<'_> {
    fn from(value: bool) -> Self {
        Self::Int(i64::from(value))
    }
}
impl From<Timestamp> for Value<'_> {
    fn from(value: Timestamp) -> Self {
        Self::Int(value.micros())
    }
}
impl<'a> From<&'a str> for Value<'a> {
    fn from(value: &'a str) -> Self {
        Self::Text(value)
    }
}
impl<'a> From<&'a String> for Value<'a> {
    fn from(value: &'a String) -> Self {
        Self::Text(value)
    }
}
impl<'a> From<&'a [u8]> for Value<'a> {
    fn from(value: &'a [u8]) -> Self {
        Self::Blob(value)
    }
}
impl<'a> From<&'a Vec<u8>> for Value<'a> {
    fn from(value: &'a Vec<u8>) -> Self {
        Self::Blob(value)
    }
}
impl<'a, const N: usize> From<&'a [u8; N]> for Value<'a> {
    fn from(value: &'a [u8; N]) -> Self {
        Self::Blob(value)
    }
}
impl<'a, T: Into<Value<'a>>> From<Option<T>> for Value<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl rusqlite::ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        use rusqlite::types::{ToSqlOutput, ValueRef};
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(n) => ValueRef::Integer(*n),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

impl ToSql for Value<'_> {
    fn to_sql(
        &self,
        kind: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Int(n) => n.to_sql(kind, out),
            Self::Text(text) => text.to_sql(kind, out),
            Self::Blob(bytes) => bytes.to_sql(kind, out),
        }
    }

    fn accepts(kind: &Type) -> bool {
        [Type::INT8, Type::TEXT, Type::BYTEA].contains(kind)
    }

    // What a value may be is seen only when it is there: then its own type is asked.
    fn to_sql_checked(
        &self,
        kind: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Int(n) => n.to_sql_checked(kind, out),
            Self::Text(text) => text.to_sql_checked(kind, out),
            Self::Blob(bytes) => bytes.to_sql_checked(kind, out),
        }
    }
}

/// One row of an answer; columns are counted from 0.
pub struct Row<'a>(pub(crate) Source<'a>);

/// The engine's own row.
pub(crate) enum Source<'a> {
    Sqlite(&'a rusqlite::Row<'a>),
    Postgres(&'a postgres::Row),
}

impl Row<'_> {
    fn get<T>(&self, column: usize) -> Result<T, StoreError>
    where
        T: rusqlite::types::FromSql + for<'r> postgres::types::FromSql<'r>,
    {
        Ok(match &self.0 {
            Source::Sqlite(row) => row.get(column)?,
            Source::Postgres(row) => row.try_get(column)?,
        })
    }

    /// An integer column.
    ///
    /// # Errors
    /// The engine's when the column is absent or of another type, as for all below.
    pub fn int(&self, column: usize) -> Result<i64, StoreError> {
        self.get(column)
    }

    /// An integer column that may be NULL.
    ///
    /// # Errors
    /// As [`Row::int`].
    pub fn opt_int(&self, column: usize) -> Result<Option<i64>, StoreError> {
        self.get(column)
    }

    /// A boolean column.
    ///
    /// # Errors
    /// As [`Row::int`].
    pub fn flag(&self, column: usize) -> Result<bool, StoreError> {
        Ok(self.int(column)? != 0)
    }

    /// An instant.
    ///
    /// # Errors
    /// As [`Row::int`].
    pub fn at(&self, column: usize) -> Result<Timestamp, StoreError> {
        self.int(column).map(Timestamp::from_micros)
    }

    /// An instant that may be NULL.
    ///
    /// # Errors
    /// As [`Row::int`].
    pub fn opt_at(&self, column: usize) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.opt_int(column)?.map(Timestamp::from_micros))
    }

    /// Text.
    ///
    /// # Errors
    /// As [`Row::int`].
    pub fn text(&self, column: usize) -> Result<String, StoreError> {
        self.get(column)
    }

    /// Text that may be NULL.
    ///
    /// # Errors
    /// As [`Row::int`].
    pub fn opt_text(&self, column: usize) -> Result<Option<String>, StoreError> {
        self.get(column)
    }

    /// A date written as ISO text.
    ///
    /// # Errors
    /// As [`Row::int`]; [`StoreError::Corrupt`] when it is no date.
    pub fn date(&self, column: usize) -> Result<JstDate, StoreError> {
        JstDate::parse(&self.text(column)?).ok_or(StoreError::Corrupt("a date column"))
    }

    /// Bytes.
    ///
    /// # Errors
    /// As [`Row::int`].
    pub fn blob(&self, column: usize) -> Result<Vec<u8>, StoreError> {
        self.get(column)
    }

    /// Bytes that may be NULL.
    ///
    /// # Errors
    /// As [`Row::int`].
    pub fn opt_blob(&self, column: usize) -> Result<Option<Vec<u8>>, StoreError> {
        self.get(column)
    }

    /// Bytes of a fixed length: identifiers, hashes.
    ///
    /// # Errors
    /// As [`Row::int`]; [`StoreError::Corrupt`] for another length.
    pub fn array<const N: usize>(&self, column: usize) -> Result<[u8; N], StoreError> {
        self.blob(column)?
            .try_into()
            .map_err(|_| StoreError::Corrupt("a column of fixed length"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_parameter_number_is_refused() {
        assert_eq!(
            rewrite("SELECT $2, $1, $2").as_deref(),
            Some("SELECT ?2, ?1, ?2")
        );
        assert_eq!(rewrite("SELECT $1, $3"), None);
        assert_eq!(rewrite("SELECT '$'"), None);
    }

    #[test]
    fn a_lock_is_left_to_the_engine_that_has_it() {
        let text = rewrite("SELECT a FROM t WHERE b = $1 FOR UPDATE");
        assert_eq!(text.as_deref(), Some("SELECT a FROM t WHERE b = ?1"));
    }
}
