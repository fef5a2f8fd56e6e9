//! What an engine is opened with.

use std::{path::PathBuf, sync::Arc, time::Duration};

use kernel::time::Clock;
use keystore::Unlock;

use crate::{Schema, journal};

/// Where the data is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Database {
    /// In the data folder.
    Embedded,
    /// On a server.
    Server(ServerOptions),
}

/// A PostgreSQL server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerOptions {
    /// `host=… user=… dbname=…` or `postgresql://…`; of several hosts, the one that takes
    /// writes is used.
    pub url: String,
    /// Connections for ordinary work; two more are kept for emergencies.
    pub connections: usize,
    /// Longest time for one statement.
    pub statement: Duration,
}

impl ServerOptions {
    /// A server with the usual limits: 16 connections, 10 seconds a statement.
    #[must_use]
    pub const fn new(url: String) -> Self {
        Self {
            url,
            connections: 16,
            statement: Duration::from_secs(10),
        }
    }
}

/// What an engine is opened with.
pub struct Options {
    /// The data folder; made when it is not there. The keys are always in it.
    pub folder: PathBuf,
    /// Where the data is.
    pub database: Database,
    /// Every service's storage.
    pub schemas: Vec<Schema>,
    /// Where "now" comes from.
    pub clock: Arc<dyn Clock>,
    /// What opens the keys.
    pub unlock: Unlock,
    /// Bytes kept free for the audit log when the disk is full; 0 for none.
    pub reserve_bytes: u64,
    /// Where the entries of the journal go, when one is kept (embedded only).
    pub journal: Option<crossbeam_channel::Sender<journal::Entry>>,
}

impl Options {
    /// The embedded engine in `folder`, without reserve and journal.
    #[must_use]
    pub const fn embedded(folder: PathBuf, schemas: Vec<Schema>, clock: Arc<dyn Clock>) -> Self {
        Self {
            folder,
            database: Database::Embedded,
            schemas,
            clock,
            unlock: Unlock::File,
            reserve_bytes: 0,
            journal: None,
        }
    }
}
