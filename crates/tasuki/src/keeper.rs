//! The keeper of backups: a generation a day, and after it the journal, so that any instant
//! can be restored that is older than half a minute.
//!
//! On PostgreSQL it makes generations only: the server keeps a journal of its own.

use std::{
    fs,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use anyhow::Context;
use backup::{BackupError, GenerationWriter, Made, Repository, Settings, Signer, Writer};
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};
use kernel::time::Timestamp;
use serde_json::json;
use store::{Database, Upkeep, dump, engine::DATABASE, journal, link::Link};
use web::{
    App,
    health::{Check, Verdict},
};

use crate::program;

/// A segment of the journal is closed when it is so old …
const SEGMENT_AGE: Duration = Duration::from_secs(20);
/// … or holds so much.
const SEGMENT_BYTES_MAX: usize = 32 << 20;
/// Entries that wait for a generation may hold so much.
const HELD_BYTES_MAX: usize = 512 << 20;
/// After a failure the same is tried again so much later.
const TRY_AGAIN: Duration = Duration::from_secs(10);
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Entries that may wait for the keeper.
pub const ENTRIES_MAX: usize = 256;
/// The copy that a generation is made from.
const COPY: &str = "copy-for-backup.db";

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

/// How long what was written may wait for the repository before the program is not ready.
const LATE_SECONDS: i64 = 120;

/// When the repository last held everything, in microseconds.
#[derive(Clone)]
struct UpTo(Arc<AtomicI64>);

impl UpTo {
    fn set(&self, at: Timestamp) {
        self.0.store(at.micros(), Ordering::Relaxed);
    }

    fn is_late(&self, now: Timestamp) -> bool {
        now.micros() - self.0.load(Ordering::Relaxed) > LATE_SECONDS * 1_000_000
    }

    /// What `/health/ready` asks.
    fn check(&self) -> Check {
        let up_to = self.clone();
        Check {
            name: "backup-up-to-date",
            ask: Arc::new(move |app: Arc<App>| {
                let is_late = up_to.is_late(app.gate.now());
                Box::pin(async move {
                    if is_late {
                        Verdict::bad(
                            "バックアップが2分以上遅れています。保管場所の空きと記録を確かめてください。",
                            "the backup is more than two minutes behind; look at the repository's disk and the log",
                        )
                    } else {
                        Verdict::good("バックアップは最新です。", "the backup is up to date")
                    }
                })
            }),
        }
    }
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

/// Signs the repository's papers with the key that signs the seals.
struct AppHand(Arc<App>);

impl Signer for AppHand {
    fn public_key(&self) -> Result<[u8; 32], BackupError> {
        Hand(self.0.gate.upkeep()).public_key()
    }

    fn sign(&self, bytes: &[u8]) -> Result<[u8; 64], BackupError> {
        Hand(self.0.gate.upkeep()).sign(bytes)
    }
}

/// The same for a store that nobody serves.
pub struct Hand<'e>(pub Upkeep<'e>);

impl Signer for Hand<'_> {
    fn public_key(&self) -> Result<[u8; 32], BackupError> {
        self.0
            .public_key()
            .try_into()
            .map_err(|_| BackupError::Sign)
    }

    fn sign(&self, bytes: &[u8]) -> Result<[u8; 64], BackupError> {
        self.0.sign(bytes).try_into().map_err(|_| BackupError::Sign)
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
        every: Duration,
        entries: Receiver<journal::Entry>,
    ) -> anyhow::Result<Self> {
        let writer = repository.writer(Arc::new(AppHand(Arc::clone(app))), Settings::default())?;
        let upkeep = app.gate.upkeep();
        let position = match upkeep.database() {
            Database::Embedded => {
                journal::position(&Link::embedded_reading(&upkeep.folder().join(DATABASE))?)?
            }
            Database::Server(_) => 0,
        };
        let newest = repository
            .generations()?
            .into_iter()
            .filter_map(Result::ok)
            .next_back();
        let (orders, given) = bounded(16);
        let attached = newest.is_some() && writer.last_entry() == position;
        let due = match &newest {
            Some(newest) if attached => {
                let age = upkeep.now().micros() - newest.made_at.micros();
                let age = Duration::from_micros(u64::try_from(age).unwrap_or_default());
                Instant::now() + every.saturating_sub(age)
            }
            _ => Instant::now(),
        };
        let up_to = UpTo(Arc::new(AtomicI64::new(upkeep.now().micros())));
        app.health.add(up_to.check());
        let work = Work {
            up_to,
            last: position,
            attached,
            keys_next: None,
            app: Arc::clone(app),
            writer,
            every,
            due,
            held: Vec::new(),
            held_bytes: 0,
            held_since: Instant::now(),
            making: None,
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

type Making = JoinHandle<anyhow::Result<(GenerationWriter, Made)>>;

struct Work {
    app: Arc<App>,
    up_to: UpTo,
    writer: Writer,
    every: Duration,
    /// When the next generation is due.
    due: Instant,
    /// The number of the last entry that is held or written.
    last: u64,
    /// Do the entries follow on what the repository holds? If not, they wait for the next
    /// generation.
    attached: bool,
    /// Where the next part of the keys begins; `None` before the first whole export.
    keys_next: Option<u64>,
    held: Vec<journal::Entry>,
    held_bytes: usize,
    held_since: Instant,
    making: Option<(Making, Vec<Sender<anyhow::Result<u64>>>)>,
}

impl Work {
    fn run(mut self, entries: &Receiver<journal::Entry>, orders: &Receiver<Order>) {
        loop {
            match entries.recv_timeout(LOOK_EVERY) {
                Ok(entry) => self.take(entry),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => std::thread::sleep(LOOK_EVERY),
            }
            while let Ok(order) = orders.try_recv() {
                match order {
                    Order::Generation(reply) => self.make(Some(reply)),
                    Order::Keys(reply) => {
                        let written = self.rewrite_keys();
                        if let Ok(next) = &written {
                            self.keys_next = Some(*next);
                        }
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
            if self.held_since.elapsed() >= SEGMENT_AGE || self.held_bytes >= SEGMENT_BYTES_MAX {
                self.write_out();
            }
            if self.due <= Instant::now() && self.making.is_none() {
                self.make(None);
            }
            // Making the first generation is not being late; failing to make it is.
            if self.attached && self.held.is_empty() || self.making.is_some() {
                self.up_to.set(self.app.gate.now());
            }
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
        if self.held.is_empty() || !self.attached {
            return;
        }
        match self.write_segment() {
            Ok(()) => {
                self.up_to.set(self.app.gate.now());
                self.held.clear();
                self.held_bytes = 0;
            }
            Err(error) => {
                tracing::error!(%error, "the journal could not be written; it is tried again")
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

    fn rewrite_keys(&self) -> anyhow::Result<u64> {
        let mut writer = self.writer.rewrite_keys()?;
        let next = self.app.gate.upkeep().keys().export(&mut writer)?;
        writer.finish(self.app.gate.now())?;
        Ok(next)
    }

    /// Begins a generation on a thread of its own; the journal goes on meanwhile.
    fn make(&mut self, reply: Option<Sender<anyhow::Result<u64>>>) {
        if let Some((_, replies)) = &mut self.making {
            replies.extend(reply);
            return;
        }
        self.due = Instant::now() + self.every;
        let (app, writer) = (Arc::clone(&self.app), self.writer.clone());
        let thread = std::thread::Builder::new()
            .name("generation".to_owned())
            .spawn(move || write_generation(&app, &writer));
        match thread {
            Ok(thread) => self.making = Some((thread, reply.into_iter().collect())),
            Err(error) => tracing::error!(%error, "no generation could be begun"),
        }
    }

    /// The keys first, so that no generation is ever complete without those that open it.
    fn complete(&mut self, generation: GenerationWriter, made: Made) -> anyhow::Result<u64> {
        self.keys_next = Some(self.rewrite_keys()?);
        let position = made.position;
        let completed = generation.finish(made)?;
        if let Err(error) = &completed.rotated {
            tracing::error!(%error, "the older generations could not be protected or removed");
        }
        if !self.attached {
            self.attach(position);
        }
        Ok(completed.generation.number)
    }

    /// Takes a generation that is done.
    fn collect(&mut self, wait: bool) {
        if !self
            .making
            .as_ref()
            .is_some_and(|(thread, _)| wait || thread.is_finished())
        {
            return;
        }
        let Some((thread, replies)) = self.making.take() else {
            return;
        };
        let made = thread
            .join()
            .unwrap_or_else(|_| Err(anyhow::anyhow!("the generation ended in the middle")))
            .and_then(|(generation, made)| self.complete(generation, made));
        match &made {
            Ok(number) => tracing::info!(number, "a generation of backups is complete"),
            Err(error) => {
                tracing::error!(%error, "no generation could be made; it is tried again");
                self.due = Instant::now() + TRY_AGAIN;
            }
        }
        for reply in replies {
            let told = match &made {
                Ok(number) => Ok(*number),
                Err(error) => Err(anyhow::anyhow!("{error:#}")),
            };
            let _gone = reply.send(told);
        }
    }
}

/// The data of a generation: a copy as of one moment, written as a dump.
///
/// # Errors
/// The store's or the repository's; nothing is left behind then.
fn write_generation(app: &App, writer: &Writer) -> anyhow::Result<(GenerationWriter, Made)> {
    let upkeep = app.gate.upkeep();
    let mut generation = writer.begin_generation()?;
    let schemas = program::all_schemas();
    let mut to = std::io::BufWriter::with_capacity(1 << 20, &mut generation);
    let (engine, position, totals) = match upkeep.database() {
        Database::Embedded => {
            let copy = Copy::begin(upkeep.folder().join(COPY))?;
            upkeep.copy(&copy.0)?;
            let link = Link::embedded(&copy.0)?;
            let position = journal::position(&link)?;
            ("sqlite", position, dump::write(&link, &schemas, &mut to)?)
        }
        Database::Server(server) => {
            let link = Link::server(&server.url, server.statement)?;
            ("postgres", 0, dump::write(&link, &schemas, &mut to)?)
        }
    };
    std::io::Write::flush(&mut to)?;
    drop(to);
    let tables: serde_json::Map<String, serde_json::Value> = totals
        .iter()
        .map(|(name, total)| {
            let sha256 = kernel::hex::encode(&total.sha256);
            (
                name.clone(),
                json!({ "rows": total.rows, "sha256": sha256 }),
            )
        })
        .collect();
    let made = Made {
        at: upkeep.now(),
        engine: engine.to_owned(),
        node: upkeep.node_id().to_hex(),
        program: env!("CARGO_PKG_VERSION").to_owned(),
        position,
        about: json!({ "tables": tables }),
    };
    Ok((generation, made))
}

/// A copy of the database that is gone when it is no longer needed.
struct Copy(PathBuf);

impl Copy {
    fn begin(path: PathBuf) -> anyhow::Result<Self> {
        let copy = Self(path);
        copy.remove();
        Ok(copy)
    }

    fn remove(&self) {
        for end in ["", "-wal", "-shm", "-journal"] {
            let mut name = self.0.clone().into_os_string();
            name.push(end);
            let _absent = fs::remove_file(name);
        }
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        self.remove();
    }
}
