//! The engine: one door to what is stored, over SQLite in the data folder or a PostgreSQL
//! server.
//!
//! Operations join a bounded queue with a lane for emergencies; `embedded` and `pool` are the
//! threads behind it. Overload is told politely, and never to an emergency.

use std::{
    cell::RefCell,
    fs::File,
    path::{Path, PathBuf},
    sync::{Arc, atomic::Ordering},
    thread::JoinHandle,
};

use aws_lc_rs::signature::Ed25519KeyPair;
use kernel::{
    Entry, Refusal,
    id::NodeId,
    time::{Clock, Timestamp},
};
use keystore::KeyStore;
use lanes::{Bounds, Lane, Lanes, Refused};

use crate::{
    Call, Database, Figures, Meter, Options, Pending, ServerOptions, Stop, StoreError,
    call::{DISK_LOW, OVERLOADED},
    caller::Intent,
    copy::Errand,
    disk::Disk,
    embedded::{self, Journal, Writer},
    journal::{self, Change},
    link::Link,
    opening,
    pool::Server,
    schema,
    trace::Tracer,
    upkeep::Upkeep,
    warm::Warm,
    work::{Mode, Op, Queue},
};

/// The database's file in the data folder.
pub const DATABASE: &str = "tasuki.db";
const BOUNDS: Bounds = Bounds {
    ordinary: 4_096,
    emergency: 1_024,
};
/// Connections to a server that only emergencies use.
const EMERGENCY_CONNECTIONS: usize = 2;

/// What every call needs of the installation.
pub struct Node {
    pub(crate) id: NodeId,
    pub(crate) keys: KeyStore,
    pub(crate) signer: Ed25519KeyPair,
    pub(crate) tracer: Tracer,
    pub(crate) journal: bool,
}

/// The store. There is one for a data folder, and it is moved into the gate.
pub struct Engine {
    node: Arc<Node>,
    clock: Arc<dyn Clock>,
    writes: Queue,
    reads: Queue,
    /// On a server, emergencies have connections of their own; embedded, a lane.
    emergencies: Queue,
    meter: Arc<Meter>,
    disk: Arc<Disk>,
    errand: Arc<Errand>,
    database: Database,
    threads: Vec<JoinHandle<()>>,
    folder: PathBuf,
    warm: Warm,
    _lock: File,
}

impl Engine {
    /// Opens the data folder: takes its lock, brings the schema up, starts the threads.
    ///
    /// # Errors
    /// [`StoreError::Locked`], [`StoreError::Schema`], [`StoreError::Key`], the engine's.
    pub fn open(options: Options) -> Result<Self, StoreError> {
        // The server's client must not be made on a thread of an async runtime.
        std::thread::scope(|scope| scope.spawn(|| Self::open_here(options)).join())
            .unwrap_or(Err(StoreError::Closed))
    }

    fn open_here(options: Options) -> Result<Self, StoreError> {
        let lock = opening::lock_folder(&options.folder)?;
        let mut schemas = vec![schema::own_schema()];
        schemas.extend(options.schemas);
        let path = options.folder.join(DATABASE);
        let link = match &options.database {
            Database::Embedded => {
                if path.exists() {
                    schema::refuse_foreign(&Link::embedded_reading(&path)?)?;
                } else {
                    opening::refuse_keys_alone(&options.folder, &options.unlock)?;
                }
                opening::mend(&path)?;
                Link::embedded(&path)?
            }
            Database::Server(server) => Link::server(&server.url, server.statement)?,
        };
        if opening::is_empty(&link)? {
            opening::refuse_keys_alone(&options.folder, &options.unlock)?;
        }
        schema::migrate(&link, &schemas)?;
        let keys = opening::open_keys(&link, &options.folder, &options.unlock)?;
        let journal = options.journal.is_some() && options.database == Database::Embedded;
        let node = Arc::new(opening::node(&link, keys, journal)?);
        let writes = lanes::lanes(BOUNDS);
        let (reads, emergencies) = match &options.database {
            Database::Embedded => (lanes::lanes(BOUNDS), Lanes::clone(&writes)),
            Database::Server(_) => (Lanes::clone(&writes), lanes::lanes(BOUNDS)),
        };
        let mut engine = Self {
            node,
            clock: options.clock,
            writes,
            reads,
            emergencies,
            meter: Arc::new(Meter::default()),
            disk: Arc::new(Disk::new(&options.folder, options.reserve_bytes)),
            errand: Arc::new(Errand::default()),
            database: options.database,
            threads: Vec::new(),
            folder: options.folder,
            warm: Warm::none(),
            _lock: lock,
        };
        match engine.database.clone() {
            Database::Embedded => engine.start_embedded(&path, link, options.journal)?,
            Database::Server(server) => engine.start_pool(&server, link)?,
        }
        Ok(engine)
    }

    fn start_embedded(
        &mut self,
        path: &Path,
        link: Link,
        journal: Option<crossbeam_channel::Sender<journal::Entry>>,
    ) -> Result<(), StoreError> {
        let mut number = schema::journal(&link)?;
        // Once a journal was kept, what is written without one is a gap in it: whoever keeps one
        // later sees by the number that it does not follow on what it has.
        if (number > 0) != journal.is_some() {
            number += 1;
            schema::set_journal(&link, number)?;
        }
        let wal = embedded::wal_path(path);
        link.remember(embedded::WRITER_CACHE_KIB)?;
        self.warm = Warm::new(&self.folder);
        let reading = self.warm.reading(Arc::clone(&self.disk));
        self.spawn("warm", reading)?;
        let writer = Writer {
            link,
            node: Arc::clone(&self.node),
            clock: Arc::clone(&self.clock),
            queue: Lanes::clone(&self.writes),
            meter: Arc::clone(&self.meter),
            wal: wal.clone(),
            disk: Arc::clone(&self.disk),
            errand: Arc::clone(&self.errand),
            journal: journal.map(|to| {
                let at = Timestamp::from_micros(i64::MIN);
                RefCell::new(Journal { to, number, at })
            }),
        };
        self.spawn("writer", move || writer.run())?;
        for _ in 0..embedded::READERS {
            let reader = Link::embedded(path)?;
            let (node, queue) = (Arc::clone(&self.node), Lanes::clone(&self.reads));
            let writes = Lanes::clone(&self.writes);
            self.spawn("reader", move || {
                embedded::read_loop(&reader, &node, &queue, &writes);
            })?;
        }
        let (checkpointer, disk) = (Link::embedded(path)?, Arc::clone(&self.disk));
        let meter = Arc::clone(&self.meter);
        self.spawn("checkpoint", move || {
            embedded::checkpoint_loop(&checkpointer, &wal, &disk, &meter);
        })
    }

    fn start_pool(&mut self, server: &ServerOptions, link: Link) -> Result<(), StoreError> {
        let url: Arc<str> = server.url.as_str().into();
        let mut first = Some(link);
        for place in 0..server.connections + EMERGENCY_CONNECTIONS {
            let is_kept_free = place >= server.connections;
            let queue = if is_kept_free {
                &self.emergencies
            } else {
                &self.writes
            };
            let thread = Server {
                url: Arc::clone(&url),
                statement: server.statement,
                link: match first.take() {
                    Some(link) => Some(link),
                    None => Some(Link::server(&url, server.statement)?),
                },
                node: Arc::clone(&self.node),
                queue: Lanes::clone(queue),
                meter: Arc::clone(&self.meter),
                away: None,
            };
            self.spawn("pool", move || thread.run())?;
        }
        Ok(())
    }

    fn spawn(
        &mut self,
        name: &str,
        body: impl FnOnce() + Send + 'static,
    ) -> Result<(), StoreError> {
        let thread = std::thread::Builder::new()
            .name(format!("store-{name}"))
            .spawn(body)?;
        self.threads.push(thread);
        Ok(())
    }

    /// The present instant by the engine's clock.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// This installation.
    #[must_use]
    pub fn node(&self) -> &Node {
        &self.node
    }

    /// Keyed HMAC of a normalized value.
    #[must_use]
    pub fn directory_key(&self, kind: &str, parts: &[&str]) -> [u8; 32] {
        self.node.keys.directory_key(kind, parts)
    }

    /// Figures since the start.
    #[must_use]
    pub fn meter(&self) -> &Meter {
        &self.meter
    }

    /// Notes every statement from here on, for measuring the floor below the program.
    pub fn start_trace(&self) {
        self.node.tracer.start();
    }

    /// The statements noted since, in order.
    #[must_use]
    pub fn take_trace(&self) -> Vec<Change> {
        self.node.tracer.take()
    }

    /// The data folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Runs an operation that only reads, on a snapshot.
    ///
    /// `op` may run more than once and must depend on the call alone.
    pub fn read<T, F>(&self, intent: Intent, op: F) -> Pending<T>
    where
        T: Send + 'static,
        F: FnMut(&mut Call<'_>) -> Result<T, Stop> + Send + 'static,
    {
        self.submit(&self.reads, intent, Mode::Read, op)
    }

    /// Looks something up that is about nobody: sessions, clients, facilities. No audit
    /// record is written, and therefore no person can be opened.
    pub fn look_up<T, F>(&self, intent: Intent, op: F) -> Pending<T>
    where
        T: Send + 'static,
        F: FnMut(&mut Call<'_>) -> Result<T, Stop> + Send + 'static,
    {
        self.submit(&self.reads, intent, Mode::LookUp, op)
    }

    /// Runs an operation that changes something.
    ///
    /// `op` may run more than once (when a commit fails) and must depend on the call alone.
    pub fn write<T, F>(&self, intent: Intent, op: F) -> Pending<T>
    where
        T: Send + 'static,
        F: FnMut(&mut Call<'_>) -> Result<T, Stop> + Send + 'static,
    {
        self.submit(&self.writes, intent, Mode::Write, op)
    }

    fn submit<T, F>(&self, queue: &Queue, intent: Intent, mode: Mode, op: F) -> Pending<T>
    where
        T: Send + 'static,
        F: FnMut(&mut Call<'_>) -> Result<T, Stop> + Send + 'static,
    {
        let (reply, pending) = oneshot::channel();
        let op = Op::new(
            intent,
            mode,
            op,
            reply,
            Lanes::clone(&self.reads),
            &self.meter,
        );
        let work: Box<dyn crate::work::Work> = Box::new(op);
        let lane = work.lane();
        if let Some(entry) = self.is_closed_to(lane, mode) {
            work.give_up(self.turn_away(entry));
            return Pending(pending);
        }
        let queue = match (&self.database, lane) {
            (Database::Server(_), Lane::Emergency) => &self.emergencies,
            _ => queue,
        };
        match queue.try_push(lane, work) {
            Ok(()) => {}
            Err(Refused::Full(work)) => work.give_up(self.turn_away(&OVERLOADED)),
            Err(Refused::Closed(work)) => work.give_up(Stop::Failed(StoreError::Closed)),
        }
        Pending(pending)
    }

    /// Why nothing of this kind is taken in now, if so.
    fn is_closed_to(&self, lane: Lane, mode: Mode) -> Option<&'static Entry> {
        if lane == Lane::Emergency || mode != Mode::Write || self.database != Database::Embedded {
            return None;
        }
        if self.disk.is_low() {
            return Some(&DISK_LOW);
        }
        (self.meter.wal_bytes.load(Ordering::Relaxed) > embedded::WAL_BYTES_MAX)
            .then_some(&OVERLOADED)
    }

    fn turn_away(&self, entry: &'static Entry) -> Stop {
        self.meter.shed.fetch_add(1, Ordering::Relaxed);
        let mut refusal = Refusal::new(entry);
        refusal.retry_after_s = Some(1);
        Stop::Refused(refusal)
    }

    /// Its state at this moment.
    #[must_use]
    pub fn figures(&self) -> Figures {
        let mut waiting = self.writes.waiting();
        let other = match &self.database {
            Database::Embedded => self.reads.waiting(),
            Database::Server(_) => self.emergencies.waiting(),
        };
        waiting.ordinary += other.ordinary;
        waiting.emergency += other.emergency;
        Figures {
            waiting: waiting.ordinary,
            waiting_emergencies: waiting.emergency,
            wal_bytes: self.meter.wal_bytes.load(Ordering::Relaxed),
            is_disk_low: self.disk.is_low(),
            is_broken: self.disk.is_broken(),
        }
    }

    /// What an operator may do with the store itself; no way to data.
    #[must_use]
    pub const fn upkeep(&self) -> Upkeep<'_> {
        Upkeep(self)
    }

    pub(crate) const fn errand(&self) -> &Arc<Errand> {
        &self.errand
    }

    pub(crate) const fn database(&self) -> &Database {
        &self.database
    }
}

impl Drop for Engine {
    /// Finishes what is queued, folds the write-ahead log back and stops the threads.
    fn drop(&mut self) {
        self.disk.stop();
        // Readers hand their records to the writer: so they end first.
        self.reads.close();
        if self.database != Database::Embedded {
            self.emergencies.close();
        }
        let writers_last = self.threads.drain(..).rev().collect::<Vec<_>>();
        for thread in writers_last {
            let is_writer = thread.thread().name() == Some("store-writer");
            if is_writer {
                self.writes.close();
            }
            if thread.join().is_err() {
                tracing::error!("a store thread had stopped by itself");
            }
        }
    }
}
