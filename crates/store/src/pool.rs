//! The server's threads: each with a connection of its own, one transaction an operation.
//!
//! Whoever opens a person holds their head until the transaction ends, so operations on one
//! person come one after another and those on different people do not meet. What collides all
//! the same (a deadlock over two people, a unique key) is run again. A lost connection is made
//! again, to whichever host takes writes: what was not committed runs again, and of what was
//! being committed the record is looked for, so that it is neither lost nor done twice.

use std::{
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use kernel::id::Rng;

use keystore::SystemRng;

use crate::{
    Meter, Stop, StoreError,
    embedded::Ending,
    engine::Node,
    link::Link,
    work::{Next, Queue, Work},
};

/// Times that an operation is run.
const TRIES_MAX: u32 = 6;
/// How long an operation waits for a lost server before its caller is told to come back.
const PATIENCE: Duration = Duration::from_secs(3);
/// Between two tries to connect.
const PAUSE: Duration = Duration::from_millis(100);
/// The same, once the server has been away for longer than anybody waits.
const AGAIN: Duration = Duration::from_millis(500);
/// How long the end of a commit is looked for.
const DOUBT: Duration = Duration::from_secs(20);

/// One thread of the pool.
pub(crate) struct Server {
    pub url: Arc<str>,
    pub statement: Duration,
    pub link: Option<Link>,
    pub node: Arc<Node>,
    pub queue: Queue,
    pub meter: Arc<Meter>,
    pub away: Option<Away>,
}

/// The server cannot be reached.
pub(crate) struct Away {
    since: Instant,
    /// The end of the last try to connect.
    tried: Instant,
}

impl Server {
    /// Works until the queue is closed and empty.
    pub(crate) fn run(mut self) {
        let _ending = Ending(Queue::clone(&self.queue));
        while let Some(work) = self.queue.pop() {
            self.serve(work);
        }
    }

    fn serve(&mut self, mut work: Box<dyn Work>) {
        let node = Arc::clone(&self.node);
        for attempt in 1..=TRIES_MAX {
            let link = match self.link() {
                Ok(link) => link,
                Err(error) => return work.give_up(Stop::Failed(error)),
            };
            let error = match work.transact(link, &node) {
                Ok(Next::Record) => return self.finish(work),
                Ok(Next::Answer) => return work.finish(Ok(())),
                Err(error) => error,
            };
            if matches!(error, StoreError::InDoubt) {
                self.link = None;
                match self.settle(work.as_ref()) {
                    Ok(true) => return self.finish(work),
                    Ok(false) => continue,
                    Err(_) => return work.give_up(Stop::Failed(StoreError::InDoubt)),
                }
            }
            if error.is_lost_connection() {
                self.link = None;
                continue;
            }
            link.roll_back();
            if !error.is_collision() || attempt == TRIES_MAX {
                self.meter.failures.fetch_add(1, Ordering::Relaxed);
                return work.finish(Err(error));
            }
            self.meter.reruns.fetch_add(1, Ordering::Relaxed);
            pause_a_little(attempt);
        }
        work.give_up(Stop::Failed(StoreError::Overloaded));
    }

    fn finish(&self, work: Box<dyn Work>) {
        self.meter.commits.fetch_add(1, Ordering::Relaxed);
        self.meter.operations.fetch_add(1, Ordering::Relaxed);
        work.finish(Ok(()));
    }

    /// The connection; made again when it was lost.
    fn link(&mut self) -> Result<&Link, StoreError> {
        if self.link.is_none() {
            self.link = Some(self.connect()?);
            self.away = None;
            self.meter.reconnects.fetch_add(1, Ordering::Relaxed);
        }
        self.link.as_ref().ok_or(StoreError::Closed)
    }

    /// Whoever finds the server away first waits for it. Those who wait behind them in the queue
    /// must not wait as long again, one after another: they are told at once.
    fn connect(&mut self) -> Result<Link, StoreError> {
        let now = Instant::now();
        let away = self.away.get_or_insert(Away {
            since: now,
            tried: now,
        });
        if away.since.elapsed() > PATIENCE && away.tried.elapsed() < AGAIN {
            return Err(StoreError::Unreachable);
        }
        loop {
            match Link::server(&self.url, self.statement) {
                Ok(link) => return Ok(link),
                Err(_) if away.since.elapsed() < PATIENCE => std::thread::sleep(PAUSE),
                Err(error) => {
                    away.tried = Instant::now();
                    return Err(error);
                }
            }
        }
    }

    /// Was the commit kept whose answer never came? Its record tells.
    fn settle(&mut self, work: &dyn Work) -> Result<bool, StoreError> {
        let begun = Instant::now();
        loop {
            let node = Arc::clone(&self.node);
            let outcome = self.link().and_then(|link| work.was_kept(link, &node));
            match outcome {
                Err(error) if error.is_lost_connection() && begun.elapsed() < DOUBT => {
                    self.link = None;
                    std::thread::sleep(PAUSE);
                }
                // The server still holds what it has not ended yet.
                Err(error) if error.is_time_out() && begun.elapsed() < DOUBT => {}
                other => return other,
            }
        }
    }
}

/// Those who collided must not collide again: each waits for a moment of its own.
fn pause_a_little(attempt: u32) {
    let mut byte = [0];
    SystemRng.fill(&mut byte);
    let [byte] = byte;
    std::thread::sleep(Duration::from_micros(
        u64::from(byte) * 20 * u64::from(attempt),
    ));
}
