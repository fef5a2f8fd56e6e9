//! One operation on its way through a reader and the writer.

use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, atomic::Ordering},
};

use crossbeam_channel::Sender;
use kernel::id::{FacilityId, PersonId};
use rusqlite::Connection;

use crate::{
    Call, Stop, StoreError, Value,
    audit::{self, Subject},
    caller::{Actor, Intent},
    engine::{Meter, Node},
};

/// A read that keeps being overtaken by changes runs on the writer after this many tries.
const TRIES_MAX: u8 = 4;
/// Refusals of one anonymous client that get a record of their own each minute; the rest of
/// that minute is counted, so that a looping client cannot fill the disk.
const ANONYMOUS_RECORDS_A_MINUTE: i64 = 20;

/// Does the operation change anything?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    LookUp,
    Read,
    Write,
}

/// Where an operation goes after its read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// To the writer, for its audit record.
    Record,
    /// Straight to the caller: it was about nobody.
    Answer,
}

/// An operation with its type forgotten.
pub(crate) trait Work: Send {
    /// Runs on a reader's snapshot.
    fn read(&mut self, connection: &Connection, node: &Arc<Node>) -> Result<Next, StoreError>;
    /// Runs (or, after a read, only records) inside the writer's transaction.
    fn write(&mut self, connection: &Connection, node: &Arc<Node>) -> Result<(), StoreError>;
    /// Answers the caller, once the outcome of the commit is known.
    fn finish(self: Box<Self>, committed: Result<(), StoreError>);
    /// Answers the caller without having run.
    fn give_up(self: Box<Self>, why: Stop);
}

pub(crate) struct Op<T, F> {
    intent: Intent,
    mode: Mode,
    op: F,
    reply: oneshot::Sender<Result<T, Stop>>,
    reads: Sender<Box<dyn Work>>,
    meter: Arc<Meter>,
    outcome: Option<Result<T, Stop>>,
    opened: BTreeMap<PersonId, i64>,
    details: Vec<(&'static str, String)>,
    concerns: Option<FacilityId>,
    refused: Option<&'static kernel::Entry>,
    tries: u8,
    overtaken: bool,
}

impl<T, F> Op<T, F>
where
    T: Send + 'static,
    F: FnMut(&mut Call<'_>) -> Result<T, Stop> + Send + 'static,
{
    pub(crate) fn new(
        intent: Intent,
        mode: Mode,
        op: F,
        reply: oneshot::Sender<Result<T, Stop>>,
        reads: Sender<Box<dyn Work>>,
        meter: &Arc<Meter>,
    ) -> Self {
        Self {
            intent,
            mode,
            op,
            reply,
            reads,
            meter: Arc::clone(meter),
            outcome: None,
            opened: BTreeMap::new(),
            details: Vec::new(),
            concerns: None,
            refused: None,
            tries: 0,
            overtaken: false,
        }
    }

    /// Runs the operation and keeps outcome, opened people and details.
    fn run(&mut self, connection: &Connection, node: &Arc<Node>) {
        let mut call = Call::new(&self.intent, node, connection, self.mode);
        let op = &mut self.op;
        let outcome = catch_unwind(AssertUnwindSafe(|| op(&mut call)));
        self.opened = call.opened;
        self.details = call.details;
        self.concerns = call.concerns;
        self.refused = call.refused;
        self.outcome = Some(outcome.unwrap_or_else(|_| {
            tracing::error!(event = self.intent.event.code, "an operation panicked");
            Err(Stop::Failed(StoreError::Corrupt("an operation panicked")))
        }));
    }

    /// Writes the audit records of the outcome; none for a failure of the store, which is
    /// answered without any data.
    fn record(&self, connection: &Connection, node: &Arc<Node>) -> Result<(), StoreError> {
        let refused = match &self.outcome {
            Some(Ok(_)) => self.refused.map(|entry| entry.code),
            Some(Err(Stop::Refused(refusal))) => Some(refusal.entry.code),
            Some(Err(Stop::Failed(_))) | None => return Ok(()),
        };
        let mut call = Call::new(&self.intent, node, connection, Mode::Write);
        call.details.clone_from(&self.details);
        if self.opened.is_empty() {
            return match &self.intent.caller.actor {
                Actor::Anonymous { client } if refused.is_some() && self.concerns.is_none() => {
                    record_anonymous(&call, client, refused)
                }
                _ => call.append(self.home(node), refused),
            };
        }
        for person in self.opened.keys() {
            // A refused creation leaves no head to write to: then the caller's own chain has it.
            match call.head(Subject::Person(*person))? {
                Some(_) => call.append(Subject::Person(*person), refused)?,
                None => call.append(self.home(node), refused)?,
            }
        }
        Ok(())
    }

    /// On whose chain a record goes when no person was opened.
    fn home(&self, node: &Arc<Node>) -> Subject {
        if let Some(facility) = self.concerns {
            return Subject::Facility(facility);
        }
        let caller = &self.intent.caller;
        match (caller.patient(), caller.home()) {
            (Some(person), _) => Subject::Person(person),
            (None, Some(home)) => Subject::Facility(home.id),
            (None, None) => Subject::Node(node.id),
        }
    }

    /// Has anyone whom the read opened changed since?
    fn is_overtaken(&self, connection: &Connection, node: &Arc<Node>) -> Result<bool, StoreError> {
        let call = Call::new(&self.intent, node, connection, Mode::LookUp);
        for (person, version) in &self.opened {
            let now = call.head(Subject::Person(*person))?.map(|head| head.0);
            if now != Some(*version) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

fn record_anonymous(
    call: &Call<'_>,
    client: &str,
    refused: Option<&str>,
) -> Result<(), StoreError> {
    let minute = call.at().seconds().div_euclid(60);
    let key = [
        Value::from(call.node.id.as_bytes()),
        minute.into(),
        client.into(),
    ];
    call.execute(&audit::COUNT_ANONYMOUS, &key)?;
    let count = call.row(&audit::READ_ANONYMOUS, &key, |row| row.int(0))?;
    if count.unwrap_or_default() <= ANONYMOUS_RECORDS_A_MINUTE {
        call.append(Subject::Node(call.node.id), refused)?;
    }
    Ok(())
}

impl<T, F> Work for Op<T, F>
where
    T: Send + 'static,
    F: FnMut(&mut Call<'_>) -> Result<T, Stop> + Send + 'static,
{
    fn read(&mut self, connection: &Connection, node: &Arc<Node>) -> Result<Next, StoreError> {
        connection.prepare_cached("BEGIN")?.execute([])?;
        self.run(connection, node);
        connection.prepare_cached("COMMIT")?.execute([])?;
        Ok(match self.mode {
            Mode::LookUp => Next::Answer,
            Mode::Read | Mode::Write => Next::Record,
        })
    }

    fn write(&mut self, connection: &Connection, node: &Arc<Node>) -> Result<(), StoreError> {
        let fresh = self.mode == Mode::Write || self.tries >= TRIES_MAX;
        self.overtaken = !fresh && self.is_overtaken(connection, node)?;
        if self.overtaken {
            return Ok(());
        }
        connection.prepare_cached("SAVEPOINT op")?.execute([])?;
        if fresh {
            self.run(connection, node);
        }
        if connection.is_autocommit() {
            return Err(StoreError::Commit("rolled back by the database".to_owned()));
        }
        if !matches!(self.outcome, Some(Ok(_))) {
            connection.prepare_cached("ROLLBACK TO op")?.execute([])?;
        }
        self.record(connection, node)?;
        connection.prepare_cached("RELEASE op")?.execute([])?;
        Ok(())
    }

    fn finish(mut self: Box<Self>, committed: Result<(), StoreError>) {
        if committed.is_ok() && self.overtaken {
            self.tries += 1;
            self.meter.reruns.fetch_add(1, Ordering::Relaxed);
            let again = self.reads.clone();
            if let Err(back) = again.try_send(self) {
                back.into_inner()
                    .give_up(Stop::Failed(StoreError::Overloaded));
            }
            return;
        }
        let outcome = match (committed, self.outcome.take()) {
            (Ok(()), Some(outcome)) => outcome,
            (Ok(()), None) => Err(Stop::Failed(StoreError::Closed)),
            (Err(error), _) => Err(Stop::Failed(error)),
        };
        // A caller that went away needs no answer; what was done stays done and recorded.
        let _gone = self.reply.send(outcome);
    }

    fn give_up(self: Box<Self>, why: Stop) {
        let _gone = self.reply.send(Err(why));
    }
}
