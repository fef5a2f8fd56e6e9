//! One operation on its way through a reader and the writer.

use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, atomic::Ordering},
};

use kernel::id::{FacilityId, PersonId};
use lanes::{Lane, Lanes};

use crate::{
    Call, Meter, Stop, StoreError, Value,
    audit::{self, Subject},
    call::{Head, PERSON_ABSENT},
    caller::{Actor, Intent, Purpose},
    engine::Node,
    journal::Change,
    link::Link,
    note,
    seal::Leaf,
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

/// The heads of people as the writer has just read them.
type Heads = BTreeMap<PersonId, Head>;

/// Operations on their way to a thread.
pub(crate) type Queue = Lanes<Box<dyn Work>>;

/// An operation with its type forgotten.
pub(crate) trait Work: Send {
    /// Which lane it takes.
    fn lane(&self) -> Lane;
    /// Runs on a reader's snapshot, which is open.
    fn read(&mut self, link: &Link, node: &Arc<Node>) -> Result<Next, StoreError>;
    /// Runs (or, after a read, only records) inside the writer's transaction.
    fn write(&mut self, link: &Link, node: &Arc<Node>) -> Result<(), StoreError>;
    /// Runs and records in one transaction of its own, up to its commit; says whether there
    /// was anything to record.
    fn transact(&mut self, link: &Link, node: &Arc<Node>) -> Result<Next, StoreError>;
    /// After a commit whose end is not known: is its record there? Waits for the transaction
    /// when it is still under way.
    fn was_kept(&self, link: &Link, node: &Arc<Node>) -> Result<bool, StoreError>;
    /// What it wrote; only once.
    fn take_changes(&mut self) -> Vec<Change>;
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
    reads: Queue,
    meter: Arc<Meter>,
    outcome: Option<Result<T, Stop>>,
    opened: BTreeMap<PersonId, i64>,
    details: Vec<(&'static str, String)>,
    concerns: Option<FacilityId>,
    refused: Option<&'static kernel::Entry>,
    tries: u8,
    overtaken: bool,
    changes: Vec<Change>,
    /// The last record that it left.
    kept: Option<Leaf>,
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
        reads: Queue,
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
            changes: Vec::new(),
            kept: None,
        }
    }

    /// Runs the operation and keeps outcome, opened people and details.
    fn run(&mut self, link: &Link, node: &Arc<Node>) {
        let mut call = Call::new(&self.intent, node, link, self.mode);
        let op = &mut self.op;
        let outcome = catch_unwind(AssertUnwindSafe(|| op(&mut call)));
        self.opened = call.opened;
        self.details = call.details;
        self.concerns = call.concerns;
        self.refused = call.refused;
        self.changes = call.changes.into_inner();
        self.outcome = Some(outcome.unwrap_or_else(|_| {
            tracing::error!(event = self.intent.event.code, "an operation panicked");
            Err(Stop::Failed(StoreError::Corrupt("an operation panicked")))
        }));
        if matches!(&self.outcome, Some(Err(Stop::Failed(error))) if error.is_shredded()) {
            self.is_about_nobody();
        }
    }

    /// Whose keys were destroyed is gone, although what nobody can read any more is still there:
    /// the call is refused as one about somebody who never was.
    fn is_about_nobody(&mut self) {
        self.opened.clear();
        self.changes.clear();
        self.outcome = Some(Err(Stop::from(&PERSON_ABSENT)));
    }

    /// Writes the audit records of the outcome; none for a failure of the store, which is
    /// answered without any data.
    fn record(&mut self, link: &Link, node: &Arc<Node>, heads: &Heads) -> Result<(), StoreError> {
        let refused = match &self.outcome {
            Some(Ok(_)) => self.refused.map(|entry| entry.code),
            Some(Err(Stop::Refused(refusal))) => Some(refusal.entry.code),
            Some(Err(Stop::Failed(_))) | None => return Ok(()),
        };
        let mut call = Call::new(&self.intent, node, link, Mode::Write);
        call.details.clone_from(&self.details);
        let kept = self.append(&call, node, refused, heads)?;
        let written = call.changes.into_inner();
        self.changes.extend(written);
        self.kept = kept;
        Ok(())
    }

    fn append(
        &self,
        call: &Call<'_>,
        node: &Arc<Node>,
        refused: Option<&str>,
        heads: &Heads,
    ) -> Result<Option<Leaf>, StoreError> {
        if self.opened.is_empty() {
            return match &self.intent.caller.actor {
                Actor::Anonymous { client } if refused.is_some() && self.concerns.is_none() => {
                    record_anonymous(call, client, refused)
                }
                _ => call.append(self.home(node), refused).map(Some),
            };
        }
        let mut kept = None;
        for person in self.opened.keys() {
            let subject = Subject::Person(*person);
            let head = match heads.get(person) {
                Some(head) => Some(*head),
                None => call.head(subject)?,
            };
            note::leave(call, *person, refused)?;
            kept = Some(match head {
                Some(head) => call.append_after(subject, head, refused)?,
                // A refused creation leaves no head to write to: then the caller's own chain
                // has it.
                None => call.append(self.home(node), refused)?,
            });
        }
        Ok(kept)
    }

    /// A failure of the run that another try may not meet.
    fn failure_that_may_pass(&mut self) -> Result<(), StoreError> {
        match &self.outcome {
            Some(Err(Stop::Failed(error)))
                if error.is_lost_connection() || error.is_collision() =>
            {
                self.take_failure().map_or(Ok(()), Err)
            }
            _ => Ok(()),
        }
    }

    /// The failure that ended the run, if one did.
    fn take_failure(&mut self) -> Option<StoreError> {
        match self.outcome.take() {
            Some(Err(Stop::Failed(error))) => Some(error),
            other => {
                self.outcome = other;
                None
            }
        }
    }

    /// On whose chain a record goes when no person was opened.
    fn home(&self, node: &Arc<Node>) -> Subject {
        if let Some(facility) = self.concerns {
            return Subject::Facility(facility);
        }
        let caller = &self.intent.caller;
        let is_gone = |person: &PersonId| node.keys.is_shredded(person.as_bytes()).unwrap_or(true);
        match (caller.patient(), caller.home()) {
            (Some(person), _) if !is_gone(&person) => Subject::Person(person),
            (Some(_), _) => Subject::Node(node.id),
            (None, Some(home)) => Subject::Facility(home.id),
            (None, None) => Subject::Node(node.id),
        }
    }

    /// The heads of everyone whom the read opened; `None` when one of them has changed since.
    fn unchanged(&self, link: &Link, node: &Arc<Node>) -> Result<Option<Heads>, StoreError> {
        let call = Call::new(&self.intent, node, link, Mode::LookUp);
        let mut heads = Heads::new();
        for (person, version) in &self.opened {
            match call.head(Subject::Person(*person))? {
                Some(head) if head.0 == *version => heads.insert(*person, head),
                _ => return Ok(None),
            };
        }
        Ok(Some(heads))
    }
}

fn record_anonymous(
    call: &Call<'_>,
    client: &str,
    refused: Option<&str>,
) -> Result<Option<Leaf>, StoreError> {
    let minute = call.at().seconds().div_euclid(60);
    let key = [
        Value::from(call.node.id.as_bytes()),
        minute.into(),
        client.into(),
    ];
    call.execute(&audit::COUNT_ANONYMOUS, &key)?;
    let count = call.row(&audit::READ_ANONYMOUS, &key, |row| row.int(0))?;
    if count.unwrap_or_default() <= ANONYMOUS_RECORDS_A_MINUTE {
        return call.append(Subject::Node(call.node.id), refused).map(Some);
    }
    Ok(None)
}

impl<T, F> Work for Op<T, F>
where
    T: Send + 'static,
    F: FnMut(&mut Call<'_>) -> Result<T, Stop> + Send + 'static,
{
    fn lane(&self) -> Lane {
        match self.intent.purpose {
            Purpose::Emergency => Lane::Emergency,
            _ => Lane::Ordinary,
        }
    }

    fn read(&mut self, link: &Link, node: &Arc<Node>) -> Result<Next, StoreError> {
        self.run(link, node);
        Ok(match self.mode {
            Mode::LookUp => Next::Answer,
            Mode::Read | Mode::Write => Next::Record,
        })
    }

    fn write(&mut self, link: &Link, node: &Arc<Node>) -> Result<(), StoreError> {
        let fresh = self.mode == Mode::Write || self.tries >= TRIES_MAX;
        // What an earlier batch wrote, which was rolled back, is not in the journal.
        self.changes.clear();
        let heads = if fresh {
            Some(Heads::new())
        } else {
            self.unchanged(link, node)?
        };
        self.overtaken = heads.is_none();
        let Some(heads) = heads else {
            return Ok(());
        };
        link.savepoint()?;
        if fresh {
            self.run(link, node);
        }
        link.still_in_transaction()?;
        if let Some(Err(Stop::Failed(error))) = &self.outcome
            && error.is_disk_trouble()
        {
            let failure = self.take_failure();
            return Err(failure.unwrap_or(StoreError::Closed));
        }
        if !matches!(self.outcome, Some(Ok(_))) {
            link.undo_to_savepoint()?;
            self.changes.clear();
        }
        match self.record(link, node, &heads) {
            Err(error) if error.is_shredded() => {
                link.undo_to_savepoint()?;
                self.is_about_nobody();
                self.record(link, node, &heads)?;
            }
            other => other?,
        }
        link.release_savepoint()
    }

    fn transact(&mut self, link: &Link, node: &Arc<Node>) -> Result<Next, StoreError> {
        if self.mode == Mode::LookUp {
            self.run(link, node);
            self.failure_that_may_pass()?;
            return Ok(Next::Answer);
        }
        link.begin()?;
        self.run(link, node);
        self.failure_that_may_pass()?;
        match &self.outcome {
            Some(Ok(_)) => {}
            Some(Err(Stop::Refused(_))) => {
                link.roll_back();
                link.begin()?;
            }
            Some(Err(Stop::Failed(_))) | None => {
                link.roll_back();
                return Ok(Next::Answer);
            }
        }
        match self.record(link, node, &Heads::new()) {
            Err(error) if error.is_shredded() => {
                link.roll_back();
                link.begin()?;
                self.is_about_nobody();
                self.record(link, node, &Heads::new())?;
            }
            other => other?,
        }
        node.keys.flush()?;
        link.commit()?;
        Ok(Next::Record)
    }

    fn was_kept(&self, link: &Link, node: &Arc<Node>) -> Result<bool, StoreError> {
        let Some(leaf) = &self.kept else {
            return Ok(false);
        };
        let call = Call::new(&self.intent, node, link, Mode::Write);
        link.begin()?;
        // A transaction that is still under way holds the head, so this waits for its end; and
        // a change that is committed after it is durable wherever it is.
        let found = call
            .take_head(leaf.subject)
            .and_then(|()| call.record_hash(leaf.subject, leaf.seq));
        let is_there = matches!(&found, Ok(hash) if *hash == Some(leaf.hash));
        let ended = match found {
            Ok(_) if is_there => link.commit(),
            Ok(_) => Ok(()),
            Err(error) => Err(error),
        };
        link.roll_back();
        ended.map(|()| is_there)
    }

    fn take_changes(&mut self) -> Vec<Change> {
        std::mem::take(&mut self.changes)
    }

    fn finish(mut self: Box<Self>, committed: Result<(), StoreError>) {
        if committed.is_ok() && self.overtaken {
            self.tries += 1;
            self.meter.reruns.fetch_add(1, Ordering::Relaxed);
            let (again, lane) = (self.reads.clone(), self.lane());
            if let Err(back) = again.try_push(lane, self) {
                back.into_item()
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
