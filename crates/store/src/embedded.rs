//! The embedded engine's threads: one writer that commits many operations at once, readers
//! beside it, and a checkpoint thread that keeps the write-ahead log short.
//!
//! A write runs on the writer inside a savepoint and is answered after the commit that
//! holds it. A read runs on a reader's snapshot; its audit record goes through the writer
//! and is kept only if no opened person has changed since (else the read runs again), so a
//! consent withdrawn in between is seen. No answer leaves before its record is durable.

use std::{
    cell::RefCell,
    fs,
    path::{Path, PathBuf},
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use kernel::time::{Clock, Timestamp};
use lanes::Popped;

use crate::{
    Meter, Stop, StoreError,
    copy::{Copying, Errand},
    disk::Disk,
    engine::Node,
    journal::{self, Entry},
    link::{self, Link},
    schema,
    work::{Next, Queue, Work},
};

/// Most operations in one commit.
const BATCH_MAX: usize = 128;
/// Most reads of one snapshot: few, for whoever comes behind a long one waits for it.
const TOGETHER_MAX: usize = 8;
/// Readers beside the writer.
pub(crate) const READERS: usize = 2;
/// Memory of the writer for pages: it alone looks for the people of checks, and of a million
/// the inner pages of the trees should stay with it.
pub(crate) const WRITER_CACHE_KIB: i64 = 65_536;
/// The write-ahead log is folded back beside the writer from here on …
const WAL_SOFT_BYTES: u64 = 8 << 20;
/// … by the writer itself, after every commit, from here on, which is the back-pressure …
const WAL_HARD_BYTES: u64 = 128 << 20;
/// … and from here on no ordinary change is taken in: somebody reads one old moment for long.
pub(crate) const WAL_BYTES_MAX: u64 = 1 << 30;
/// How long the writer waits for readers of an old moment.
const FOLD_WAIT: Duration = Duration::from_millis(200);
const CHECKPOINT_EVERY: Duration = Duration::from_millis(50);
/// How often an idle writer looks for errands.
const IDLE: Duration = Duration::from_millis(100);

/// The writer.
pub(crate) struct Writer {
    pub link: Link,
    pub node: Arc<Node>,
    pub clock: Arc<dyn Clock>,
    pub queue: Queue,
    pub meter: Arc<Meter>,
    pub wal: PathBuf,
    pub disk: Arc<Disk>,
    pub errand: Arc<Errand>,
    pub journal: Option<RefCell<Journal>>,
}

/// Where entries of the journal go.
pub(crate) struct Journal {
    pub to: crossbeam_channel::Sender<Entry>,
    /// The last entry's number.
    pub number: u64,
    /// The last entry's instant.
    pub at: Timestamp,
}

impl Writer {
    /// Works until the queue is closed and empty.
    pub(crate) fn run(self) {
        let _ending = Ending(Queue::clone(&self.queue));
        loop {
            if let Some(request) = self.errand.take() {
                self.copy(&request);
            }
            match self.queue.pop_for(IDLE) {
                Popped::Item(first) => self.commit_with(first),
                Popped::Empty => {}
                Popped::Closed => break,
            }
        }
        checkpoint(&self.link, "TRUNCATE");
    }

    /// Copies the database to another file, some pages at a time between the batches: the copy
    /// is as of the moment it is done, and nobody waits for it.
    fn copy(&self, request: &Copying) {
        let outcome = request.run(&self.link, || {
            if let Popped::Item(first) = self.queue.try_pop() {
                self.commit_with(first);
            }
        });
        request.answer(outcome);
    }

    /// Commits this operation and what else waits.
    fn commit_with(&self, first: Box<dyn Work>) {
        if self.disk.is_broken() {
            first.give_up(Stop::Failed(StoreError::Broken));
            return;
        }
        let mut batch = vec![first];
        match self.run_batch(&mut batch) {
            Ok(()) => {
                self.meter.commits.fetch_add(1, Ordering::Relaxed);
                let count = u64::try_from(batch.len()).unwrap_or_default();
                self.meter.operations.fetch_add(count, Ordering::Relaxed);
                for work in batch {
                    work.finish(Ok(()));
                }
            }
            Err(error) => {
                tracing::warn!(%error, count = batch.len(), "a batch was rolled back; each operation runs alone");
                self.after_failure(&error);
                for work in batch {
                    self.run_alone(work);
                }
            }
        }
        if wal_bytes(&self.wal) > WAL_HARD_BYTES {
            self.fold();
        }
    }

    /// Folds the log back and cuts its file off. Readers of an old moment are waited for, a
    /// little: after every commit again, which is the back-pressure.
    fn fold(&self) {
        let Some(connection) = self.link.sqlite() else {
            return;
        };
        let _shorter = connection.busy_timeout(FOLD_WAIT);
        checkpoint(&self.link, "TRUNCATE");
        let _as_before = connection.busy_timeout(link::BUSY);
    }

    /// Runs operations in one transaction until the queue is empty or the batch is full.
    fn run_batch(&self, batch: &mut Vec<Box<dyn Work>>) -> Result<(), StoreError> {
        self.link.begin()?;
        let mut done = 0;
        loop {
            while let Some(work) = batch.get_mut(done) {
                work.write(&self.link, &self.node)?;
                done += 1;
            }
            if done >= BATCH_MAX {
                break;
            }
            match self.queue.try_pop() {
                Popped::Item(next) => batch.push(next),
                Popped::Empty | Popped::Closed => break,
            }
        }
        self.node.keys.flush()?;
        self.commit(batch)
    }

    /// Commits, with the journal's entry when one is kept.
    fn commit(&self, batch: &mut [Box<dyn Work>]) -> Result<(), StoreError> {
        let Some(journal) = &self.journal else {
            return self.link.commit();
        };
        let mut journal = journal.borrow_mut();
        let mut body = Vec::new();
        for work in batch {
            journal::encode(&work.take_changes(), &mut body);
        }
        if body.is_empty() {
            return self.link.commit();
        }
        let number = journal.number + 1;
        schema::set_journal(&self.link, number)?;
        self.link.commit()?;
        journal.number = number;
        journal.at = journal.at.max(self.clock.now());
        let entry = Entry {
            number,
            at: journal.at,
            body,
        };
        // Whoever keeps the journal is too slow or gone: it sees the gap, and begins anew.
        if journal.to.try_send(entry).is_err() {
            self.meter.journal_gaps.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    }

    fn run_alone(&self, mut work: Box<dyn Work>) {
        if self.disk.is_broken() {
            work.give_up(Stop::Failed(StoreError::Broken));
            return;
        }
        let ran = self
            .link
            .begin()
            .and_then(|()| work.write(&self.link, &self.node))
            .and_then(|()| Ok(self.node.keys.flush()?));
        let outcome = ran.and_then(|()| self.commit(std::slice::from_mut(&mut work)));
        if let Err(error) = &outcome {
            self.after_failure(error);
        }
        work.finish(outcome.map_err(|error| StoreError::Commit(error.to_string())));
    }

    fn after_failure(&self, error: &StoreError) {
        self.link.roll_back();
        self.meter.failures.fetch_add(1, Ordering::Relaxed);
        if error.is_failed_sync() {
            // The pages may be lost although they can still be read, and a later success says
            // nothing about them: only a new start, which writes all anew, may go on.
            self.disk.break_off();
        } else if error.is_full_disk() {
            self.disk.give_reserve();
        }
    }
}

/// When its thread ends, whatever the reason, nobody is left waiting for an answer.
pub(crate) struct Ending(pub Queue);

impl Drop for Ending {
    fn drop(&mut self) {
        self.0.close();
        while let Popped::Item(work) = self.0.try_pop() {
            work.give_up(Stop::Failed(StoreError::Closed));
        }
    }
}

/// Runs reads on snapshots until the queue is closed and empty.
pub(crate) fn read_loop(link: &Link, node: &Arc<Node>, queue: &Queue, writes: &Queue) {
    let _ending = Ending(Queue::clone(queue));
    while let Some(first) = queue.pop() {
        // Whoever shares a snapshot asked before it began, and so sees all that was done before
        // they asked. A snapshot of one's own costs the pages that every look-up goes through.
        let mut together = vec![first];
        while together.len() < TOGETHER_MAX
            && let Popped::Item(next) = queue.try_pop()
        {
            together.push(next);
        }
        for mut work in together {
            match link.see().and_then(|()| work.read(link, node)) {
                Ok(Next::Record) => {
                    if let Err(back) = writes.push(work.lane(), work) {
                        back.0.give_up(Stop::Failed(StoreError::Closed));
                    }
                }
                Ok(Next::Answer) => work.finish(Ok(())),
                Err(error) => work.give_up(Stop::Failed(error)),
            }
        }
        link.roll_back();
    }
}

/// Folds the write-ahead log back beside the writer, and looks after the disk's reserve.
pub(crate) fn checkpoint_loop(link: &Link, wal: &Path, disk: &Disk, meter: &Meter) {
    while !disk.is_stopping() {
        std::thread::sleep(CHECKPOINT_EVERY);
        let bytes = wal_bytes(wal);
        meter.wal_bytes.store(bytes, Ordering::Relaxed);
        if bytes > WAL_SOFT_BYTES {
            checkpoint(link, "PASSIVE");
        }
        disk.take_reserve_again();
    }
}

pub(crate) fn checkpoint(link: &Link, mode: &str) {
    let Some(connection) = link.sqlite() else {
        return;
    };
    let outcome = connection.query_row(&format!("PRAGMA wal_checkpoint({mode})"), [], |_| Ok(()));
    if let Err(error) = outcome {
        tracing::warn!(%error, mode, "the write-ahead log could not be folded back");
    }
}

pub(crate) fn wal_path(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push("-wal");
    PathBuf::from(name)
}

pub(crate) fn wal_bytes(wal: &Path) -> u64 {
    fs::metadata(wal).map_or(0, |m| m.len())
}
