//! Noting the statements of real operations, to be run again by a bare loop: the floor
//! against which the program's speed is measured.

use std::{
    path::Path,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use rusqlite::types::Value as Owned;

use crate::{Statement, StoreError, Value, engine};

/// A statement as it ran, with its values.
#[derive(Clone, Debug)]
pub struct Traced {
    statement: &'static Statement,
    values: Vec<Owned>,
}

/// Notes statements while it is on.
#[derive(Default)]
pub(crate) struct Tracer {
    on: AtomicBool,
    noted: Mutex<Vec<Traced>>,
}

impl Tracer {
    fn noted(&self) -> MutexGuard<'_, Vec<Traced>> {
        self.noted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn start(&self) {
        self.noted().clear();
        self.on.store(true, Ordering::SeqCst);
    }

    pub(crate) fn take(&self) -> Vec<Traced> {
        self.on.store(false, Ordering::SeqCst);
        std::mem::take(&mut *self.noted())
    }

    pub(crate) fn note(&self, statement: &'static Statement, values: &[Value<'_>]) {
        if self.on.load(Ordering::Relaxed) {
            let values = values.iter().map(owned).collect();
            self.noted().push(Traced { statement, values });
        }
    }
}

fn owned(value: &Value<'_>) -> Owned {
    match value {
        Value::Null => Owned::Null,
        Value::Int(n) => Owned::Integer(*n),
        Value::Text(text) => Owned::Text((*text).to_owned()),
        Value::Blob(bytes) => Owned::Blob(bytes.to_vec()),
    }
}

/// Runs traced operations on a data folder (a copy from before they ran), `batch` to a
/// commit, with the same settings and checkpoints as the engine; bytes of write-ahead log.
///
/// # Errors
/// The engine's, also when the folder is not such a copy.
pub fn replay(folder: &Path, operations: &[Vec<Traced>], batch: usize) -> Result<u64, StoreError> {
    const CHECKPOINT_BYTES: u64 = 8 << 20;
    let database = folder.join(engine::DATABASE);
    let connection = engine::connect(&database)?;
    let wal = engine::wal_path(&database);
    let mut written = 0;
    let size = || std::fs::metadata(&wal).map_or(0, |m| m.len());
    for group in operations.chunks(batch.max(1)) {
        connection.execute_batch("BEGIN IMMEDIATE")?;
        for traced in group.iter().flatten() {
            let mut prepared = connection.prepare_cached(traced.statement.sqlite()?)?;
            if prepared.column_count() == 0 {
                prepared.execute(rusqlite::params_from_iter(&traced.values))?;
            } else {
                let mut rows = prepared.query(rusqlite::params_from_iter(&traced.values))?;
                while rows.next()?.is_some() {}
            }
        }
        connection.execute_batch("COMMIT")?;
        if size() > CHECKPOINT_BYTES {
            written += size();
            engine::checkpoint(&connection, "TRUNCATE");
        }
    }
    Ok(written + size())
}
