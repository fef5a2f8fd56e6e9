//! A copy of the embedded database while it serves.
//!
//! The writer copies some pages between its batches, through its own connection: SQLite then
//! brings what is written meanwhile into the copy too, so that it is as of the moment it is
//! done and no reader has to hold an old moment open.

use std::{
    path::PathBuf,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use rusqlite::{
    Connection,
    backup::{Backup, StepResult},
};

use crate::{StoreError, link::Link};

/// Pages (4 KiB each) between two batches: about a millisecond.
const PAGES: i32 = 256;

/// The one errand that may wait for the writer.
#[derive(Default)]
pub(crate) struct Errand(Mutex<Option<Copying>>);

impl Errand {
    /// Leaves an errand; the one that waited before is given up.
    pub(crate) fn leave(&self, copying: Copying) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(copying);
    }

    pub(crate) fn take(&self) -> Option<Copying> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// A copy that was asked for.
pub(crate) struct Copying {
    pub to: PathBuf,
    pub reply: Mutex<Option<oneshot::Sender<Result<(), StoreError>>>>,
}

impl Copying {
    pub(crate) fn run(&self, link: &Link, mut between: impl FnMut()) -> Result<(), StoreError> {
        let source = link.sqlite().ok_or(StoreError::Closed)?;
        let mut copy = Connection::open(&self.to)?;
        copy.pragma_update(None, "synchronous", "OFF")?;
        let backup = Backup::new(source, &mut copy)?;
        loop {
            match backup.step(PAGES)? {
                StepResult::Done => return Ok(()),
                StepResult::Busy | StepResult::Locked => {
                    std::thread::sleep(Duration::from_millis(1))
                }
                _ => {}
            }
            between();
        }
    }

    pub(crate) fn answer(&self, outcome: Result<(), StoreError>) {
        let reply = self
            .reply
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(reply) = reply {
            // Whoever asked may have gone.
            let _gone = reply.send(outcome);
        }
    }
}
