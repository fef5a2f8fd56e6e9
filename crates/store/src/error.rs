//! What can go wrong below an operation, and how an operation stops.

use kernel::Refusal;
use keystore::KeyError;
use postgres::error::SqlState;

/// The store could not do its work; never the caller's fault.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The embedded database said no.
    #[error("database: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// The server said no, or could not be reached.
    #[error("database server: {}", words(.0))]
    Postgres(#[from] postgres::Error),
    /// The address of the server cannot be read.
    #[error(
        "the database address must look like \"host=/run/postgresql user=tasuki dbname=tasuki\" or postgresql://USER@HOST/NAME"
    )]
    Address,
    /// The server has been away for longer than a caller waits.
    #[error("the database server cannot be reached; look whether it runs and the network holds")]
    Unreachable,
    /// The server is on another machine, and the way there is not encrypted.
    #[error(
        "the database server is reached over a socket or loopback only; put an encrypted tunnel (stunnel, SSH, PgBouncer with TLS) between the machines"
    )]
    Unprotected,
    /// The server was lost while a commit was under way; nobody knows yet how it ended.
    #[error("the database server was lost during a commit, and whether it was kept is not known")]
    InDoubt,
    /// A file of the data folder could not be used.
    #[error("data folder: {0}")]
    Io(#[from] std::io::Error),
    /// Another process holds the data folder.
    #[error("the data folder is in use by another process; stop that one first")]
    Locked,
    /// A statement's parameter numbers have a gap.
    #[error("statement parameters have a gap: {0}")]
    Statement(&'static str),
    /// A person's row was asked for without opening that person in the call.
    #[error("a person's data was asked for without opening the person: {0}")]
    NotOpened(&'static str),
    /// A write in a call that may only read.
    #[error("a call that reads tried to write: {0}")]
    ReadOnly(&'static str),
    /// What is stored does not hold what it must.
    #[error("stored data is not as it must be: {0}")]
    Corrupt(&'static str),
    /// The keys do not open, or do not open what they closed.
    #[error("keys: {0}")]
    Key(#[from] KeyError),
    /// The database is under keys that are not in the data folder.
    #[error(
        "the keys of this database are not in the data folder; bring keys.db and its root file (kek.bin or root.json) back before starting"
    )]
    KeysAbsent,
    /// There are keys of people, and no database that they are for.
    #[error("the data folder holds {0} keys, and the database is empty or not there")]
    DatabaseAbsent(u64),
    /// The schema does not fit this program.
    #[error("schema: {0}")]
    Schema(String),
    /// The store has stopped.
    #[error("the store has stopped")]
    Closed,
    /// The disk failed to make data durable.
    #[error(
        "the disk could not make data durable, so nothing more is done; check the disk, then start again"
    )]
    Broken,
    /// Too much work is waiting.
    #[error("too much work is waiting")]
    Overloaded,
    /// The batch that held this operation was rolled back; it was run again alone and failed.
    #[error("the transaction could not be committed: {0}")]
    Commit(String),
}

/// Why an operation did not answer.
#[derive(Debug)]
pub enum Stop {
    /// The rules say no; the caller gets the catalogued reason.
    Refused(Refusal),
    /// The store failed; the caller is told to come back.
    Failed(StoreError),
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<&'static kernel::Entry> for Stop {
    fn from(entry: &'static kernel::Entry) -> Self {
        Self::Refused(Refusal::new(entry))
    }
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Failed(error)
    }
}

impl StoreError {
    /// Is the server gone, or no longer the one that takes writes? Then nothing of the
    /// transaction is kept (but see [`StoreError::InDoubt`]), and another connection may do it.
    pub(crate) fn is_lost_connection(&self) -> bool {
        let error = match self {
            Self::Postgres(error) => error,
            Self::Unreachable => return true,
            _ => return false,
        };
        match error.code() {
            None => {
                let source = std::error::Error::source(error);
                error.is_closed()
                    || source.is_some_and(<dyn std::error::Error>::is::<std::io::Error>)
            }
            Some(code) => {
                code.code().starts_with("08")
                    || [
                        SqlState::ADMIN_SHUTDOWN,
                        SqlState::CRASH_SHUTDOWN,
                        SqlState::CANNOT_CONNECT_NOW,
                        SqlState::READ_ONLY_SQL_TRANSACTION,
                        SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
                    ]
                    .contains(code)
            }
        }
    }

    /// Did another transaction come in between, so that the same work may succeed now? A
    /// unique key counts: the next try sees the other's row and says so in its own words.
    pub(crate) fn is_collision(&self) -> bool {
        let Self::Postgres(error) = self else {
            return false;
        };
        let collisions = [
            SqlState::T_R_SERIALIZATION_FAILURE,
            SqlState::T_R_DEADLOCK_DETECTED,
            SqlState::UNIQUE_VIOLATION,
        ];
        error.code().is_some_and(|code| collisions.contains(code))
    }

    /// Were the owner's keys destroyed on purpose?
    pub const fn is_shredded(&self) -> bool {
        matches!(self, Self::Key(KeyError::Shredded))
    }

    /// Did a statement, or its wait for a lock, take longer than is allowed?
    pub(crate) fn is_time_out(&self) -> bool {
        let Self::Postgres(error) = self else {
            return false;
        };
        let too_long = [SqlState::QUERY_CANCELED, SqlState::LOCK_NOT_AVAILABLE];
        error.code().is_some_and(|code| too_long.contains(code))
    }

    /// Does the disk not take what is written? Then no operation of the batch can be kept.
    pub(crate) fn is_disk_trouble(&self) -> bool {
        self.is_full_disk()
            || matches!(
                self,
                Self::Sqlite(rusqlite::Error::SqliteFailure(error, _))
                    if error.code == rusqlite::ErrorCode::SystemIoFailure
            )
    }

    /// Is there no room on the disk?
    pub(crate) fn is_full_disk(&self) -> bool {
        match self {
            Self::Sqlite(rusqlite::Error::SqliteFailure(error, _)) => {
                error.code == rusqlite::ErrorCode::DiskFull
            }
            Self::Postgres(error) => error.code() == Some(&SqlState::DISK_FULL),
            Self::Io(error) => error.kind() == std::io::ErrorKind::StorageFull,
            _ => false,
        }
    }

    /// Did the disk fail to say that data is durable? What was written since the last time
    /// it did may be gone although it can still be read.
    pub(crate) fn is_failed_sync(&self) -> bool {
        matches!(
            self,
            Self::Sqlite(rusqlite::Error::SqliteFailure(error, _))
                if [rusqlite::ffi::SQLITE_IOERR_FSYNC, rusqlite::ffi::SQLITE_IOERR_DIR_FSYNC]
                    .contains(&error.extended_code)
        )
    }
}

/// What the server said, without the values that a message of detail may hold.
fn words(error: &postgres::Error) -> String {
    error.as_db_error().map_or_else(
        || error.to_string(),
        |said| format!("{} ({})", said.message(), said.code().code()),
    )
}
