//! Noting the statements of real operations, to be run again by a bare loop: the floor
//! against which the program's speed is measured.

use std::{
    path::Path,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use crate::{Statement, StoreError, Value, embedded, engine, journal::Change, link::Link};

/// Notes statements while it is on.
#[derive(Default)]
pub(crate) struct Tracer {
    on: AtomicBool,
    noted: Mutex<Vec<Change>>,
}

impl Tracer {
    fn noted(&self) -> MutexGuard<'_, Vec<Change>> {
        self.noted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn start(&self) {
        self.noted().clear();
        self.on.store(true, Ordering::SeqCst);
    }

    pub(crate) fn take(&self) -> Vec<Change> {
        self.on.store(false, Ordering::SeqCst);
        std::mem::take(&mut *self.noted())
    }

    pub(crate) fn note(&self, statement: &'static Statement, values: &[Value<'_>]) {
        if self.on.load(Ordering::Relaxed) {
            self.noted().push(Change::new(statement, values));
        }
    }
}

/// Runs traced operations on a data folder (a copy from before they ran), `batch` to a
/// commit, with the same settings and checkpoints as the engine; bytes of write-ahead log.
///
/// # Errors
/// The engine's, also when the folder is not such a copy.
pub fn replay(folder: &Path, operations: &[Vec<Change>], batch: usize) -> Result<u64, StoreError> {
    const CHECKPOINT_BYTES: u64 = 8 << 20;
    let database = folder.join(engine::DATABASE);
    let link = Link::embedded(&database)?;
    link.remember(embedded::WRITER_CACHE_KIB)?;
    let wal = embedded::wal_path(&database);
    let mut written = 0;
    let size = || std::fs::metadata(&wal).map_or(0, |m| m.len());
    for group in operations.chunks(batch.max(1)) {
        link.begin()?;
        for change in group.iter().flatten() {
            change.run(&link)?;
        }
        link.commit()?;
        if size() > CHECKPOINT_BYTES {
            written += size();
            embedded::checkpoint(&link, "TRUNCATE");
        }
    }
    Ok(written + size())
}

/// Runs traced operations on a server, one transaction each, as the pool does, from as many
/// links as `operations` has parts.
///
/// # Errors
/// The engine's.
pub fn replay_on_server(url: &str, operations: &[Vec<Vec<Change>>]) -> Result<(), StoreError> {
    const LIMIT: std::time::Duration = std::time::Duration::from_secs(30);
    std::thread::scope(|scope| {
        let parts: Vec<_> = operations
            .iter()
            .map(|part| {
                scope.spawn(move || -> Result<(), StoreError> {
                    let link = Link::server(url, LIMIT)?;
                    for operation in part {
                        link.begin()?;
                        for change in operation {
                            change.run(&link)?;
                        }
                        link.commit()?;
                    }
                    Ok(())
                })
            })
            .collect();
        parts
            .into_iter()
            .try_for_each(|part| part.join().map_err(|_| StoreError::Closed)?)
    })
}
