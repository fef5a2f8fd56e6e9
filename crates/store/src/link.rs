//! One connection to either engine: the same statements, values and rows.
//!
//! A link belongs to one thread. PostgreSQL's client is the blocking one, which must not be
//! used inside an async runtime: its links live on the pool's own threads.

use std::{cell::RefCell, collections::BTreeMap, path::Path, time::Duration};

use postgres::{Client, Config, NoTls, config::Host, types::ToSql};
use rusqlite::{Connection, OpenFlags, config::DbConfig};

pub use crate::link_bulk::Loading;
use crate::{
    Row, Statement, StoreError, Value,
    sql::{Source, rewrite},
};

/// Prepared statements that an embedded connection remembers.
const PREPARED_MAX: usize = 512;
/// Memory for pages, a connection: in KiB, as SQLite wants it, negative.
const CACHE_KIB: i64 = -16_384;
/// The same while a database is loaded.
const LOAD_CACHE_KIB: i64 = -131_072;
/// How long an embedded connection waits for another process's lock.
pub(crate) const BUSY: Duration = Duration::from_secs(10);
/// How long a new connection to a server may take.
const CONNECT: Duration = Duration::from_secs(2);
/// After so long without an acknowledgement the network is taken for cut.
const CUT_OFF: Duration = Duration::from_secs(5);

/// A connection.
pub struct Link(pub(crate) Kind);

pub(crate) enum Kind {
    Sqlite(Connection),
    Postgres(Box<RefCell<Session>>),
}

pub(crate) struct Session {
    pub(crate) client: Client,
    /// By the statement's place in the program.
    prepared: BTreeMap<usize, postgres::Statement>,
}

impl Session {
    fn prepare(
        &mut self,
        statement: &'static Statement,
    ) -> Result<postgres::Statement, StoreError> {
        let place = std::ptr::from_ref(statement).addr();
        if let Some(prepared) = self.prepared.get(&place) {
            return Ok(prepared.clone());
        }
        let prepared = self.client.prepare(statement.postgres())?;
        self.prepared.insert(place, prepared.clone());
        Ok(prepared)
    }
}

impl Link {
    /// Opens an embedded database for reading and writing.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn embedded(path: &Path) -> Result<Self, StoreError> {
        let connection = Connection::open(path)?;
        connection.busy_timeout(BUSY)?;
        connection.set_prepared_statement_cache_capacity(PREPARED_MAX);
        // Or every `LIMIT $n` is planned anew each time that it runs, for the number given.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "wal_autocheckpoint", 0)?;
        connection.pragma_update(None, "foreign_keys", "ON")?;
        connection.pragma_update(None, "cache_size", CACHE_KIB)?;
        connection.pragma_update(None, "temp_store", "MEMORY")?;
        Ok(Self(Kind::Sqlite(connection)))
    }

    /// Gives an embedded link so much memory for pages, in KiB.
    pub(crate) fn remember(&self, kib: i64) -> Result<(), StoreError> {
        match self.sqlite() {
            Some(connection) => Ok(connection.pragma_update(None, "cache_size", -kib)?),
            None => Ok(()),
        }
    }

    /// Makes an embedded database to be loaded in one go: as long as [`Link::settle`] has not
    /// answered, a crash leaves nothing of use.
    ///
    /// # Errors
    /// [`StoreError::Schema`] when the file is there already; [`StoreError::Sqlite`].
    pub fn embedded_to_load(path: &Path) -> Result<Self, StoreError> {
        if path.exists() {
            return Err(StoreError::Schema(
                "there is a database already; give an empty folder".to_owned(),
            ));
        }
        let connection = Connection::open(path)?;
        connection.pragma_update(None, "journal_mode", "OFF")?;
        connection.pragma_update(None, "synchronous", "OFF")?;
        connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
        connection.pragma_update(None, "cache_size", LOAD_CACHE_KIB)?;
        Ok(Self(Kind::Sqlite(connection)))
    }

    /// Makes what was loaded durable and closes the link.
    ///
    /// # Errors
    /// [`StoreError::Io`] when the disk does not take it.
    pub fn settle(self) -> Result<(), StoreError> {
        let path = self
            .sqlite()
            .and_then(Connection::path)
            .map(std::path::PathBuf::from);
        drop(self);
        if let Some(path) = path {
            std::fs::File::open(&path)?.sync_all()?;
            if let Some(folder) = path.parent() {
                std::fs::File::open(folder)?.sync_all()?;
            }
        }
        Ok(())
    }

    /// Opens an embedded database for reading alone; the file is not made.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn embedded_reading(path: &Path) -> Result<Self, StoreError> {
        let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        connection.busy_timeout(BUSY)?;
        connection.pragma_update(None, "temp_store", "MEMORY")?;
        Ok(Self(Kind::Sqlite(connection)))
    }

    /// Connects to a server; of several hosts, to the one that takes writes.
    ///
    /// # Errors
    /// [`StoreError::Address`] when `url` is not a connection text; [`StoreError::Postgres`].
    pub fn server(url: &str, statement: Duration) -> Result<Self, StoreError> {
        let mut config: Config = url.parse().map_err(|_| StoreError::Address)?;
        config
            .application_name("tasuki")
            .connect_timeout(CONNECT)
            .tcp_user_timeout(CUT_OFF)
            .keepalives_idle(CUT_OFF);
        if !config.get_hosts().iter().all(is_here) {
            return Err(StoreError::Unprotected);
        }
        if config.get_hosts().len() > 1 {
            config.target_session_attrs(postgres::config::TargetSessionAttrs::ReadWrite);
        }
        let mut client = config.connect(NoTls)?;
        let ms = statement.as_millis();
        client.batch_execute(&format!(
            "SET statement_timeout = {ms}; SET lock_timeout = {ms}; \
             SET idle_in_transaction_session_timeout = {ms}; \
             SET client_min_messages = error; SET default_transaction_isolation = 'read committed'"
        ))?;
        let prepared = BTreeMap::new();
        Ok(Self(Kind::Postgres(Box::new(RefCell::new(Session {
            client,
            prepared,
        })))))
    }

    pub(crate) const fn sqlite(&self) -> Option<&Connection> {
        match &self.0 {
            Kind::Sqlite(connection) => Some(connection),
            Kind::Postgres(_) => None,
        }
    }

    /// Rows of an answer, each mapped by `map`.
    pub(crate) fn rows<T>(
        &self,
        statement: &'static Statement,
        values: &[Value<'_>],
        mut map: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        match &self.0 {
            Kind::Sqlite(connection) => {
                let mut prepared = connection.prepare_cached(statement.sqlite()?)?;
                let mut rows = prepared.query(rusqlite::params_from_iter(values))?;
                let mut out = Vec::new();
                while let Some(row) = rows.next()? {
                    out.push(map(&Row(Source::Sqlite(row)))?);
                }
                Ok(out)
            }
            Kind::Postgres(session) => {
                let answer = answer(session, statement, values)?;
                answer
                    .iter()
                    .map(|row| map(&Row(Source::Postgres(row))))
                    .collect()
            }
        }
    }

    /// The first row of an answer, if there is one.
    pub(crate) fn row<T>(
        &self,
        statement: &'static Statement,
        values: &[Value<'_>],
        map: impl FnOnce(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        match &self.0 {
            Kind::Sqlite(connection) => {
                let mut prepared = connection.prepare_cached(statement.sqlite()?)?;
                let mut rows = prepared.query(rusqlite::params_from_iter(values))?;
                rows.next()?
                    .map(|row| map(&Row(Source::Sqlite(row))))
                    .transpose()
            }
            Kind::Postgres(session) => {
                let answer = answer(session, statement, values)?;
                answer
                    .first()
                    .map(|row| map(&Row(Source::Postgres(row))))
                    .transpose()
            }
        }
    }

    /// Runs a change; the number of rows it touched.
    pub(crate) fn execute(
        &self,
        statement: &'static Statement,
        values: &[Value<'_>],
    ) -> Result<usize, StoreError> {
        match &self.0 {
            Kind::Sqlite(connection) => {
                let mut prepared = connection.prepare_cached(statement.sqlite()?)?;
                Ok(prepared.execute(rusqlite::params_from_iter(values))?)
            }
            Kind::Postgres(session) => {
                let mut session = session.borrow_mut();
                let prepared = session.prepare(statement)?;
                let count = session.client.execute(&prepared, &given(values))?;
                Ok(usize::try_from(count).unwrap_or(usize::MAX))
            }
        }
    }

    /// Runs commands without parameters, such as a migration's.
    ///
    /// # Errors
    /// The engine's.
    pub fn batch(&self, sql: &str) -> Result<(), StoreError> {
        match &self.0 {
            Kind::Sqlite(connection) => Ok(connection.execute_batch(sql)?),
            Kind::Postgres(session) => Ok(session.borrow_mut().client.batch_execute(sql)?),
        }
    }

    /// Runs a statement, whether it answers or not.
    pub(crate) fn replay(
        &self,
        statement: &'static Statement,
        values: &[Value<'_>],
    ) -> Result<(), StoreError> {
        match &self.0 {
            Kind::Sqlite(_) => self.run_text(statement.postgres(), values),
            Kind::Postgres(_) => self.rows(statement, values, |_| Ok(())).map(|_| ()),
        }
    }

    /// Runs a statement known by its text alone, from a journal or an archive.
    pub(crate) fn run_text(&self, text: &str, values: &[Value<'_>]) -> Result<(), StoreError> {
        match &self.0 {
            Kind::Sqlite(connection) => {
                let text =
                    rewrite(text).ok_or(StoreError::Corrupt("a statement of the journal"))?;
                let mut prepared = connection.prepare_cached(&text)?;
                if prepared.column_count() == 0 {
                    prepared.execute(rusqlite::params_from_iter(values))?;
                } else {
                    let mut rows = prepared.query(rusqlite::params_from_iter(values))?;
                    while rows.next()?.is_some() {}
                }
                Ok(())
            }
            Kind::Postgres(session) => {
                session.borrow_mut().client.execute(text, &given(values))?;
                Ok(())
            }
        }
    }

    /// Writes the embedded database into a new file.
    pub(crate) fn write_anew(&self, to: &Path) -> Result<(), StoreError> {
        let connection = self.sqlite().ok_or(StoreError::Closed)?;
        let name = to
            .to_str()
            .ok_or(StoreError::Corrupt("the folder's name is not UTF-8"))?;
        connection.execute("VACUUM INTO ?1", [name])?;
        Ok(())
    }

    /// Begins a transaction: on SQLite the writer's, on PostgreSQL at read committed.
    pub(crate) fn begin(&self) -> Result<(), StoreError> {
        match &self.0 {
            Kind::Sqlite(connection) => {
                connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
                Ok(())
            }
            Kind::Postgres(_) => self.batch("BEGIN"),
        }
    }

    /// As [`Link::begin`], and alone: programs that start on one database at the same time bring
    /// it up one after another. SQLite has one writer anyway.
    fn begin_alone(&self) -> Result<(), StoreError> {
        self.begin()?;
        match &self.0 {
            Kind::Sqlite(_) => Ok(()),
            // "tasuki", as the number that PostgreSQL wants.
            Kind::Postgres(_) => self.batch("SELECT pg_advisory_xact_lock(x'746173756b69'::int8)"),
        }
    }

    /// Until the transaction ends nobody else gets past here with the same number. SQLite has
    /// one writer anyway.
    pub(crate) fn claim(&self, number: i64) -> Result<(), StoreError> {
        match &self.0 {
            Kind::Sqlite(_) => Ok(()),
            Kind::Postgres(session) => {
                let text = "SELECT pg_advisory_xact_lock($1)";
                session.borrow_mut().client.execute(text, &[&number])?;
                Ok(())
            }
        }
    }

    /// Runs `work` in one transaction; nothing of it is kept when it fails.
    pub(crate) fn in_one<T>(
        &self,
        work: impl FnOnce() -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.begin()?;
        self.end(work())
    }

    /// As [`Link::in_one`], with nobody else who does the same.
    pub(crate) fn in_one_alone<T>(
        &self,
        work: impl FnOnce() -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.begin_alone()?;
        self.end(work())
    }

    fn end<T>(&self, outcome: Result<T, StoreError>) -> Result<T, StoreError> {
        let ended = outcome.and_then(|value| self.commit().map(|()| value));
        if ended.is_err() {
            self.roll_back();
        }
        ended
    }

    /// Begins a transaction that only reads and sees one moment.
    ///
    /// # Errors
    /// The engine's.
    pub fn begin_snapshot(&self) -> Result<(), StoreError> {
        match &self.0 {
            Kind::Sqlite(_) => self.batch("BEGIN"),
            // A long look is not a statement that hangs.
            Kind::Postgres(_) => self.batch(
                "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = 0; \
                 SET LOCAL idle_in_transaction_session_timeout = 0",
            ),
        }
    }

    /// Begins a snapshot of the embedded engine, unless the one that was begun is still open:
    /// after some errors SQLite ends it by itself.
    pub(crate) fn see(&self) -> Result<(), StoreError> {
        match self.sqlite() {
            Some(connection) if connection.is_autocommit() => self.embedded_verb("BEGIN"),
            Some(_) => Ok(()),
            None => Err(StoreError::Closed),
        }
    }

    /// Ends the transaction; what it did is durable when this answers.
    ///
    /// # Errors
    /// [`StoreError::InDoubt`] when the server was lost before it answered.
    pub(crate) fn commit(&self) -> Result<(), StoreError> {
        match &self.0 {
            Kind::Sqlite(_) => self.embedded_verb("COMMIT"),
            // A time-out while the standby's answer is awaited would end as a commit that the
            // standby may not have: so there is none.
            Kind::Postgres(_) => self
                .batch("SET LOCAL statement_timeout = 0; COMMIT")
                .map_err(|error| match error {
                    error if error.is_lost_connection() => StoreError::InDoubt,
                    error => error,
                }),
        }
    }

    /// A place inside the transaction to come back to; the embedded engine's alone, where many
    /// operations share a transaction.
    pub(crate) fn savepoint(&self) -> Result<(), StoreError> {
        self.embedded_verb("SAVEPOINT op")
    }

    /// Undoes what was done since the savepoint.
    pub(crate) fn undo_to_savepoint(&self) -> Result<(), StoreError> {
        self.embedded_verb("ROLLBACK TO op")
    }

    /// Keeps what was done since the savepoint.
    pub(crate) fn release_savepoint(&self) -> Result<(), StoreError> {
        self.embedded_verb("RELEASE op")
    }

    fn embedded_verb(&self, verb: &str) -> Result<(), StoreError> {
        let connection = self.sqlite().ok_or(StoreError::Closed)?;
        connection.prepare_cached(verb)?.execute([])?;
        Ok(())
    }

    /// # Errors
    /// [`StoreError::Commit`] when SQLite has rolled the transaction back by itself.
    pub(crate) fn still_in_transaction(&self) -> Result<(), StoreError> {
        match self.sqlite() {
            Some(connection) if connection.is_autocommit() => {
                Err(StoreError::Commit("rolled back by the database".to_owned()))
            }
            _ => Ok(()),
        }
    }

    /// Undoes the transaction, if there is one.
    pub(crate) fn roll_back(&self) {
        let outcome = match &self.0 {
            // After some errors (disk full) SQLite has rolled back by itself.
            Kind::Sqlite(connection) if connection.is_autocommit() => Ok(()),
            Kind::Sqlite(_) => self.embedded_verb("ROLLBACK"),
            Kind::Postgres(_) => self.batch("ROLLBACK"),
        };
        if let Err(error) = outcome
            && !error.is_lost_connection()
        {
            tracing::error!(%error, "a transaction could not be rolled back");
        }
    }
}

/// A socket, or loopback: what is not encrypted on the way must not leave the machine.
fn is_here(host: &Host) -> bool {
    match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => {
            name == "localhost"
                || name
                    .parse()
                    .is_ok_and(|address: std::net::IpAddr| address.is_loopback())
        }
    }
}

fn answer(
    session: &RefCell<Session>,
    statement: &'static Statement,
    values: &[Value<'_>],
) -> Result<Vec<postgres::Row>, StoreError> {
    let mut session = session.borrow_mut();
    let prepared = session.prepare(statement)?;
    Ok(session.client.query(&prepared, &given(values))?)
}

fn given<'v>(values: &'v [Value<'_>]) -> Vec<&'v (dyn ToSql + Sync)> {
    values
        .iter()
        .map(|value| -> &(dyn ToSql + Sync) { value })
        .collect()
}
