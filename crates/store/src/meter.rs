//! What the running engine counts, and its state at one moment.

use std::sync::atomic::AtomicU64;

/// Counts of the running engine.
#[derive(Debug, Default)]
pub struct Meter {
    /// Commits.
    pub commits: AtomicU64,
    /// Operations inside them.
    pub operations: AtomicU64,
    /// Operations that ran again because somebody else's change came in between.
    pub reruns: AtomicU64,
    /// Transactions that the database did not keep.
    pub failures: AtomicU64,
    /// Connections to the server that were made again.
    pub reconnects: AtomicU64,
    /// Entries of the journal that nobody took.
    pub journal_gaps: AtomicU64,
    /// Operations turned away for load.
    pub shed: AtomicU64,
    /// Bytes of the write-ahead log when it was last looked at (embedded).
    pub wal_bytes: AtomicU64,
}

/// The engine's state at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Ordinary operations that wait.
    pub waiting: usize,
    /// Emergencies that wait.
    pub waiting_emergencies: usize,
    /// Bytes of the write-ahead log (embedded).
    pub wal_bytes: u64,
    /// Is the disk full?
    pub is_disk_low: bool,
    /// Did the disk fail to make data durable?
    pub is_broken: bool,
}
