//! What can go wrong below an operation, and how an operation stops.

use kernel::Refusal;

/// The store could not do its work; never the caller's fault.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The embedded database said no.
    #[error("database: {0}")]
    Sqlite(#[from] rusqlite::Error),
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
    /// A key is missing or does not open what it closed.
    #[error("key store: {0}")]
    Key(&'static str),
    /// The schema does not fit this program.
    #[error("schema: {0}")]
    Schema(String),
    /// The store has stopped.
    #[error("the store has stopped")]
    Closed,
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
