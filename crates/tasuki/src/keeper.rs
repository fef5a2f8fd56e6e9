//! The keeper of backups: a generation a day, and after it the journal, so that any instant
//! can be restored that is older than half a minute.
//!
//! On PostgreSQL it makes generations only: the server keeps a journal of its own.

mod generation;
mod lateness;

use std::{
    sync::{Arc, Mutex, PoisonError},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use anyhow::Context;
use backup::{Repository, Settings, Writer};
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};
use store::{Database, engine::DATABASE, journal, link::Link};
use web::App;

use crate::hand::AppHand;
pub use generation::SERVER;
use generation::{Generation, KeysTurn};
use lateness::UpTo;

/// A segment of the journal is closed when it is as old as the pace says, or holds so much.
const SEGMENT_BYTES_MAX: usize = 32 << 20;
/// Entries that wait for a generation may hold so much.
const HELD_BYTES_MAX: usize = 512 << 20;
/// How often the keeper looks at what is due, at most.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Entries that may wait while the keeper writes: some seconds of full load. One that finds no
/// place is a gap, and costs a new generation.
pub const ENTRIES_MAX: usize = 4_096;

/// How often what is written.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// From one generation to the next.
    pub generation: Duration,
    /// How old a segment of the journal gets.
    pub segment: Duration,
}

impl Pace {
    /// After a failure the same is tried again so much later.
    fn again(self) -> Duration {
        self.segment / 2
    }

    /// How long what was written may wait for the repository before the program is not ready:
    /// two minutes at the usual pace.
    fn late(self) -> Duration {
        self.segment * 6
    }
}

/// What somebody wants of the keeper, and where the answer goes.
enum Order {
    Generation(Sender<anyhow::Result<u64>>),
    Keys(Sender<anyhow::Result<u64>>),
    Stop,
}

/// The keeper's thread.
pub struct Keeper {
    orders: Sender<Order>,
    thread: Option<JoinHandle<()>>,
}

/// A hand on the keeper for whoever asks it for something.
#[derive(Clone)]
pub struct Asking(Sender<Order>);

impl Asking {
    /// Makes a generation now; its number.
    ///
    /// # Errors
    /// Why it could not be made.
    pub fn generation(&self) -> anyhow::Result<u64> {
        self.ask(Order::Generation)
    }

    /// Writes the keys anew, so that no older copy of a destroyed key is left.
    ///
    /// # Errors
    /// Why it could not be done.
    pub fn keys(&self) -> anyhow::Result<u64> {
        self.ask(Order::Keys)
    }

    fn ask(&self, order: impl FnOnce(Sender<anyhow::Result<u64>>) -> Order) -> anyhow::Result<u64> {
        let (reply, answer) = bounded(1);
        self.0
            .send(order(reply))
            .context("the backup has stopped")?;
        answer.recv().context("the backup has stopped")?
    }
}

impl Keeper {
    /// Begins to keep backups in `repository`; the first generation is made at once when the
    /// journal there does not go up to now.
    ///
    /// # Errors
    /// When the repository cannot be written.
    pub fn start(
        app: &Arc<App>,
        repository: &Repository,
        pace: Pace,
        entries: Receiver<journal::Entry>,
    ) -> anyhow::Result<Self> {
        let writer = repository.writer(Arc::new(AppHand(Arc::clone(app))), Settings::default())?;
        let upkeep = app.gate.upkeep();
        let newest = repository
            .generations()?
            .into_iter()
            .filter_map(Result::ok)
            .next_back();
        let (position, follows) = match upkeep.database() {
            Database::Embedded => {
                let link = Link::embedded_reading(&upkeep.folder().join(DATABASE))?;
                let position = journal::position(&link)?;
                refuse_older(repository, &writer, position)?;
                (position, writer.last_entry() == position)
            }
            // There is no journal to go on with; what the embedded engine left is none of it.
            Database::Server(_) => (
                writer.last_entry(),
                newest
                    .as_ref()
                    .is_some_and(|newest| newest.engine == SERVER),
            ),
        };
        let (orders, given) = bounded(16);
        let attached = newest.is_some() && follows;
        let due = match &newest {
            Some(newest) if attached => {
                let age = upkeep.now().micros() - newest.made_at.micros();
                let age = Duration::from_micros(u64::try_from(age).unwrap_or_default());
                Instant::now() + pace.generation.saturating_sub(age)
            }
            _ => Instant::now(),
        };
        let up_to = UpTo::now(pace.late());
        app.health.add(up_to.check());
        let work = Work {
            up_to,
            last: position,
            attached,
            is_failing: false,
            keys_next: None,
            keys_due: Instant::now(),
            is_served: *upkeep.database() != Database::Embedded,
            app: Arc::clone(app),
            writer,
            pace,
            due,
            held: Vec::new(),
            held_bytes: 0,
            held_since: Instant::now(),
            making: None,
            wanted: Vec::new(),
        };
        let thread = std::thread::Builder::new()
            .name("keeper".to_owned())
            .spawn(move || work.run(&entries, &given))?;
        Ok(Self {
            orders,
            thread: Some(thread),
        })
    }

    /// A hand on it.
    #[must_use]
    pub fn asking(&self) -> Asking {
        Asking(self.orders.clone())
    }
}

impl Drop for Keeper {
    /// Writes out what it holds.
    fn drop(&mut self) {
        let _gone = self.orders.send(Order::Stop);
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the keeper of backups had stopped by itself");
        }
    }
}

/// A data folder that was put back from an older copy would write another history under
/// numbers that the repository has given already.
fn refuse_older(repository: &Repository, writer: &Writer, position: u64) -> anyhow::Result<()> {
    anyhow::ensure!(
        position >= writer.last_entry(),
        "データフォルダが、バックアップの保管場所 {0} より古い状態です。保管場所から復元する(tasuki backup restore)か、\
         新しい保管場所を作って(tasuki backup init)ください / the data folder is older than what the repository {0} \
         holds: it was put back from a copy; restore from the repository, or make a new one with backup init",
        repository.folder().display()
    );
    Ok(())
}

/// A generation under work, and who waits for it.
struct Making {
    thread: JoinHandle<anyhow::Result<Generation>>,
    turn: Arc<Mutex<KeysTurn>>,
    replies: Vec<Sender<anyhow::Result<u64>>>,
}

struct Work {
    app: Arc<App>,
    up_to: UpTo,
    writer: Writer,
    pace: Pace,
    /// When the next generation is due.
    due: Instant,
    /// The number of the last entry that is held or written.
    last: u64,
    /// Do the entries follow on what the repository holds? If not, they wait for the next
    /// generation.
    attached: bool,
    /// Could the last generation not be made?
    is_failing: bool,
    /// Is the data on a server, which keeps a journal of its own?
    is_served: bool,
    /// Where the next part of the keys begins; `None` before the first whole export.
    keys_next: Option<u64>,
    /// When writing all keys may be tried again.
    keys_due: Instant,
    held: Vec<journal::Entry>,
    held_bytes: usize,
    held_since: Instant,
    making: Option<Making>,
    /// Who asked for a generation since the one under work was begun.
    wanted: Vec<Sender<anyhow::Result<u64>>>,
}

impl Work {
    fn run(mut self, entries: &Receiver<journal::Entry>, orders: &Receiver<Order>) {
        let look = LOOK_EVERY.min(self.pace.segment / 2);
        loop {
            match entries.recv_timeout(look) {
                Ok(entry) => self.take(entry),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => std::thread::sleep(look),
            }
            while let Ok(order) = orders.try_recv() {
                match order {
                    Order::Generation(reply) => self.wanted.push(reply),
                    Order::Keys(reply) => {
                        // A generation under work writes the keys too.
                        self.collect(true);
                        let written = self.rewrite_keys();
                        // What could not be destroyed now is destroyed with the next part.
                        self.keys_next = written.as_ref().ok().copied();
                        let _gone = reply.send(written);
                    }
                    Order::Stop => {
                        while let Ok(entry) = entries.try_recv() {
                            self.take(entry);
                        }
                        self.collect(true);
                        self.write_out();
                        return;
                    }
                }
            }
            self.collect(false);
            self.write_first_keys();
            if self.held_since.elapsed() >= self.pace.segment
                || self.held_bytes >= SEGMENT_BYTES_MAX
            {
                self.write_out();
            }
            let is_due = self.due <= Instant::now() || !self.wanted.is_empty();
            if is_due && self.making.is_none() {
                self.make();
            }
            self.note_up_to();
        }
    }

    /// Making the first generation is not being late; failing to make it is, and on a server,
    /// which has nothing else, failing to make any.
    fn note_up_to(&self) {
        let holds_all =
            self.attached && self.held.is_empty() && !(self.is_served && self.is_failing);
        let makes_first = !self.attached && self.making.is_some() && !self.is_failing;
        if holds_all || makes_first {
            self.up_to.set();
        }
    }

    fn take(&mut self, entry: journal::Entry) {
        if entry.number <= self.last {
            return;
        }
        if entry.number != self.last + 1 || self.held_bytes > HELD_BYTES_MAX {
            tracing::warn!("the journal has a gap; a new generation begins after it");
            self.held.clear();
            self.held_bytes = 0;
            self.attached = false;
            self.due = Instant::now();
        }
        if self.held.is_empty() {
            self.held_since = Instant::now();
        }
        self.last = entry.number;
        self.held_bytes += entry.body.len();
        self.held.push(entry);
    }

    /// The generation holds everything up to `position`: what is held begins after it.
    fn attach(&mut self, position: u64) {
        self.held.retain(|entry| entry.number > position);
        self.held_bytes = self.held.iter().map(|entry| entry.body.len()).sum();
        self.last = self.last.max(position);
        self.attached = self
            .held
            .first()
            .is_none_or(|entry| entry.number == position + 1);
        if !self.attached {
            self.due = Instant::now();
        }
    }

    /// Writes what is held as a segment, the keys that it needs before it.
    fn write_out(&mut self) {
        // While a generation is made it writes the keys, and one at a time can.
        let turn = self.making.as_ref().map(|making| Arc::clone(&making.turn));
        let turn = turn
            .as_deref()
            .map(|turn| turn.lock().unwrap_or_else(PoisonError::into_inner));
        let is_its_turn = turn.as_deref() == Some(&KeysTurn::Generation);
        if self.held.is_empty() || !self.attached || is_its_turn {
            return;
        }
        match self.write_segment() {
            Ok(()) => {
                self.up_to.set();
                self.held.clear();
                self.held_bytes = 0;
            }
            Err(error) => {
                tracing::error!(
                    error = format!("{error:#}"),
                    "the journal could not be written; it is tried again"
                )
            }
        }
        self.held_since = Instant::now();
    }

    fn write_segment(&mut self) -> anyhow::Result<()> {
        self.append_keys()?;
        let mut segment = self.writer.begin_segment()?;
        for entry in &self.held {
            segment.append(entry.number, entry.at, &entry.body)?;
        }
        segment.close(self.app.gate.now())?;
        Ok(())
    }

    fn append_keys(&mut self) -> anyhow::Result<()> {
        let Some(since) = self.keys_next else {
            self.keys_next = Some(self.rewrite_keys()?);
            return Ok(());
        };
        let mut part = Vec::new();
        let next = self
            .app
            .gate
            .upkeep()
            .keys()
            .export_since(since, &mut part)?;
        if next != since {
            let mut writer = self.writer.append_keys()?;
            std::io::Write::write_all(&mut writer, &part)?;
            writer.finish(self.app.gate.now())?;
            self.keys_next = Some(next);
        }
        Ok(())
    }

    /// Keys may have been changed while nobody kept the repository: so they are written anew
    /// before anything else, unless a generation is about to.
    fn write_first_keys(&mut self) {
        let is_time = self.attached && self.making.is_none() && Instant::now() >= self.keys_due;
        if self.keys_next.is_some() || !is_time {
            return;
        }
        match self.rewrite_keys() {
            Ok(next) => self.keys_next = Some(next),
            Err(error) => {
                tracing::error!(%error, "the keys could not be written; it is tried again");
                self.keys_due = Instant::now() + self.pace.segment;
            }
        }
    }

    fn rewrite_keys(&self) -> anyhow::Result<u64> {
        generation::rewrite_keys(&self.app, &self.writer)
    }

    /// Begins a generation on a thread of its own; the journal goes on meanwhile.
    fn make(&mut self) {
        let replies = std::mem::take(&mut self.wanted);
        self.due = Instant::now() + self.pace.generation;
        let (app, writer) = (Arc::clone(&self.app), self.writer.clone());
        let turn = Arc::new(Mutex::new(KeysTurn::Journal));
        let given = Arc::clone(&turn);
        let thread = std::thread::Builder::new()
            .name("generation".to_owned())
            .spawn(move || generation::make(&app, &writer, &given));
        match thread {
            Ok(thread) => {
                self.making = Some(Making {
                    thread,
                    turn,
                    replies,
                });
            }
            Err(error) => tracing::error!(%error, "no generation could be begun"),
        }
    }

    /// Takes a generation that is done.
    fn collect(&mut self, wait: bool) {
        if !self
            .making
            .as_ref()
            .is_some_and(|making| wait || making.thread.is_finished())
        {
            return;
        }
        let Some(Making {
            thread,
            turn,
            replies,
        }) = self.making.take()
        else {
            return;
        };
        let made = thread
            .join()
            .unwrap_or_else(|_| Err(anyhow::anyhow!("the generation ended in the middle")));
        if *turn.lock().unwrap_or_else(PoisonError::into_inner) == KeysTurn::Generation {
            // It wrote them, or tried to: where the next part begins is not known.
            self.keys_next = None;
        }
        self.is_failing = made.is_err();
        match &made {
            Ok(made) => {
                self.keys_next = Some(made.keys_next);
                if !self.attached {
                    self.attach(made.position);
                }
                let number = made.number;
                tracing::info!(number, "a generation of backups is complete");
            }
            Err(error) => {
                tracing::error!(
                    error = format!("{error:#}"),
                    "no generation could be made; it is tried again"
                );
                self.due = Instant::now() + self.pace.again();
            }
        }
        for reply in replies {
            let told = match &made {
                Ok(made) => Ok(made.number),
                Err(error) => Err(anyhow::anyhow!("{error:#}")),
            };
            let _gone = reply.send(told);
        }
    }
}
