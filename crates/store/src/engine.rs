//! The engine: one writer that commits many operations at once, readers beside it, and a
//! checkpoint thread that keeps the write-ahead log short.
//!
//! A write runs on the writer inside a savepoint and is answered after the commit that
//! holds it. A read runs on a reader's snapshot; its audit record goes through the writer
//! and is kept only if no opened person has changed since (else the read runs again), so a
//! consent withdrawn in between is seen. No answer leaves before its record is durable.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread::JoinHandle,
    time::Duration,
};

use aws_lc_rs::signature::Ed25519KeyPair;
use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use kernel::{
    Refusal,
    id::NodeId,
    time::{Clock, Timestamp},
};
use rusqlite::{Connection, OptionalExtension};

use crate::{
    Call, Schema, Stop, StoreError,
    audit::Subject,
    call::OVERLOADED,
    caller::Intent,
    keys::{KeyStore, SystemRng},
    schema, seal,
    trace::{Traced, Tracer},
    work::{Mode, Next, Op, Work},
};

/// The database's file in the data folder.
pub const DATABASE: &str = "tasuki.db";
const APPLICATION_ID: i64 = 0x7461_7375;
const QUEUE_MAX: usize = 4_096;
const BATCH_MAX: usize = 128;
const READERS: usize = 2;
/// The write-ahead log is folded back beside the writer from here on …
const WAL_SOFT_BYTES: u64 = 8 << 20;
/// … and by the writer itself from here on, which is the back-pressure.
const WAL_HARD_BYTES: u64 = 128 << 20;
const CHECKPOINT_EVERY: Duration = Duration::from_millis(50);
const SIGNER_OWNER: &str = "seal-signer";

/// What an engine is opened with.
pub struct Options {
    /// The data folder; made when it is not there.
    pub folder: PathBuf,
    /// Every service's storage.
    pub schemas: Vec<Schema>,
    /// Where "now" comes from.
    pub clock: Arc<dyn Clock>,
}

/// What every call needs of the installation.
pub struct Node {
    pub(crate) id: NodeId,
    pub(crate) keys: KeyStore,
    pub(crate) signer: Ed25519KeyPair,
    pub(crate) tracer: Tracer,
}

/// Figures of the running engine.
#[derive(Debug, Default)]
pub struct Meter {
    /// Commits.
    pub commits: AtomicU64,
    /// Operations inside them.
    pub operations: AtomicU64,
    /// Reads that ran again because a person had changed meanwhile.
    pub reruns: AtomicU64,
}

/// The embedded store. There is one for a data folder, and it is moved into the gate.
pub struct Engine {
    node: Arc<Node>,
    clock: Arc<dyn Clock>,
    writes: Sender<Box<dyn Work>>,
    reads: Sender<Box<dyn Work>>,
    meter: Arc<Meter>,
    stopping: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
    folder: PathBuf,
    _lock: File,
}

/// The answer of an operation, on its way.
pub struct Pending<T>(oneshot::Receiver<Result<T, Stop>>);

impl<T> Pending<T> {
    /// Waits on this thread.
    ///
    /// # Errors
    /// What the operation says; [`StoreError::Closed`] when the engine stopped.
    pub fn wait(self) -> Result<T, Stop> {
        self.0
            .recv()
            .unwrap_or(Err(Stop::Failed(StoreError::Closed)))
    }

    /// Waits without holding a thread.
    ///
    /// # Errors
    /// As [`Pending::wait`].
    pub async fn answer(self) -> Result<T, Stop> {
        self.0
            .await
            .unwrap_or(Err(Stop::Failed(StoreError::Closed)))
    }
}

impl Engine {
    /// Opens the data folder: takes its lock, brings the schema up, starts the threads.
    ///
    /// # Errors
    /// [`StoreError::Locked`], [`StoreError::Schema`], [`StoreError::Key`], the engine's.
    pub fn open(options: Options) -> Result<Self, StoreError> {
        fs::create_dir_all(&options.folder)?;
        let lock = File::create(options.folder.join("lock"))?;
        lock.try_lock().map_err(|_| StoreError::Locked)?;
        let mut schemas = vec![schema::own_schema()];
        schemas.extend(options.schemas);
        let path = options.folder.join(DATABASE);
        let writer = connect(&path)?;
        schema::migrate(&writer, &schemas)?;
        let keys = KeyStore::open(&options.folder)?;
        let node = Arc::new(node(&writer, keys)?);
        let (writes, write_queue) = bounded(QUEUE_MAX);
        let (reads, read_queue) = bounded(QUEUE_MAX);
        let mut engine = Self {
            node,
            clock: options.clock,
            writes,
            reads,
            meter: Arc::new(Meter::default()),
            stopping: Arc::new(AtomicBool::new(false)),
            threads: Vec::new(),
            folder: options.folder,
            _lock: lock,
        };
        engine.start(&path, writer, write_queue, &read_queue)?;
        Ok(engine)
    }

    fn start(
        &mut self,
        path: &Path,
        writer: Connection,
        write_queue: Receiver<Box<dyn Work>>,
        read_queue: &Receiver<Box<dyn Work>>,
    ) -> Result<(), StoreError> {
        let (node, meter) = (Arc::clone(&self.node), Arc::clone(&self.meter));
        let wal = wal_path(path);
        self.spawn("writer", move || {
            write_loop(&writer, &node, &write_queue, &meter, &wal);
        })?;
        for _ in 0..READERS {
            let reader = connect(path)?;
            let (node, queue) = (Arc::clone(&self.node), read_queue.clone());
            let writes = self.writes.clone();
            let stopping = Arc::clone(&self.stopping);
            self.spawn("reader", move || {
                read_loop(&reader, &node, &queue, &writes, &stopping);
            })?;
        }
        let checkpointer = connect(path)?;
        let (wal, stopping) = (wal_path(path), Arc::clone(&self.stopping));
        self.spawn("checkpoint", move || {
            checkpoint_loop(&checkpointer, &wal, &stopping);
        })
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
    pub fn take_trace(&self) -> Vec<Traced> {
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

    fn submit<T, F>(
        &self,
        queue: &Sender<Box<dyn Work>>,
        intent: Intent,
        mode: Mode,
        op: F,
    ) -> Pending<T>
    where
        T: Send + 'static,
        F: FnMut(&mut Call<'_>) -> Result<T, Stop> + Send + 'static,
    {
        let (reply, pending) = oneshot::channel();
        let op = Op::new(intent, mode, op, reply, self.reads.clone(), &self.meter);
        match queue.try_send(Box::new(op)) {
            Ok(()) => {}
            Err(TrySendError::Full(work)) => {
                let mut refusal = Refusal::new(&OVERLOADED);
                refusal.retry_after_s = Some(1);
                work.give_up(Stop::Refused(refusal));
            }
            Err(TrySendError::Disconnected(work)) => {
                work.give_up(Stop::Failed(StoreError::Closed));
            }
        }
        Pending(pending)
    }
}

impl Drop for Engine {
    /// Finishes what is queued, folds the write-ahead log back and stops the threads.
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::SeqCst);
        let (dead, _) = bounded(0);
        self.writes = dead.clone();
        self.reads = dead;
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                tracing::error!("a store thread had stopped by itself");
            }
        }
    }
}

pub(crate) fn wal_path(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push("-wal");
    PathBuf::from(name)
}

pub(crate) fn connect(path: &Path) -> Result<Connection, StoreError> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(Duration::from_secs(10))?;
    connection.set_prepared_statement_cache_capacity(512);
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    connection.pragma_update(None, "foreign_keys", "ON")?;
    connection.pragma_update(None, "cache_size", -16_384)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    Ok(connection)
}

fn node(connection: &Connection, keys: KeyStore) -> Result<Node, StoreError> {
    let other: i64 = connection.query_row("PRAGMA application_id", [], |row| row.get(0))?;
    if other != 0 && other != APPLICATION_ID {
        return Err(StoreError::Schema(
            "the file is another program's database".to_owned(),
        ));
    }
    connection.pragma_update(None, "application_id", APPLICATION_ID)?;
    let known: Option<Vec<u8>> = connection
        .query_row(
            "SELECT value FROM schema_meta WHERE name = 'node'",
            [],
            |row| row.get(0),
        )
        .optional()?;
    let id = match known {
        Some(bytes) => NodeId::from_slice(&bytes).ok_or(StoreError::Corrupt("the node's id"))?,
        None => {
            let id = NodeId::random(&SystemRng);
            connection.execute(
                "INSERT INTO schema_meta (name, value) VALUES ('node', ?1)",
                [&id.as_bytes()[..]],
            )?;
            connection.execute(
                Subject::Node(id).statements().create_head.sqlite()?,
                rusqlite::params![&id.as_bytes()[..], &crate::audit::GENESIS[..]],
            )?;
            id
        }
    };
    let signer = seal::signer(&keys.directory_key(SIGNER_OWNER, &[&id.to_hex()]))?;
    Ok(Node {
        id,
        keys,
        signer,
        tracer: Tracer::default(),
    })
}

fn read_loop(
    connection: &Connection,
    node: &Arc<Node>,
    queue: &Receiver<Box<dyn Work>>,
    writes: &Sender<Box<dyn Work>>,
    stopping: &AtomicBool,
) {
    loop {
        let mut work = match queue.recv_timeout(Duration::from_millis(200)) {
            Ok(work) => work,
            // Operations that run again hold a sender of this queue: so look for the end.
            Err(crossbeam_channel::RecvTimeoutError::Timeout)
                if stopping.load(Ordering::SeqCst) =>
            {
                return;
            }
            Err(crossbeam_channel::RecvTimeoutError::Timeout) => continue,
            Err(crossbeam_channel::RecvTimeoutError::Disconnected) => return,
        };
        match work.read(connection, node) {
            Ok(Next::Record) => {}
            Ok(Next::Answer) => {
                work.finish(Ok(()));
                continue;
            }
            Err(error) => {
                work.give_up(Stop::Failed(error));
                continue;
            }
        }
        if let Err(back) = writes.send(work) {
            back.0.give_up(Stop::Failed(StoreError::Closed));
        }
    }
}

fn write_loop(
    connection: &Connection,
    node: &Arc<Node>,
    queue: &Receiver<Box<dyn Work>>,
    meter: &Meter,
    wal: &Path,
) {
    while let Ok(first) = queue.recv() {
        let mut batch = vec![first];
        let outcome = run_batch(connection, node, &mut batch, queue);
        match outcome {
            Ok(()) => {
                meter.commits.fetch_add(1, Ordering::Relaxed);
                let count = u64::try_from(batch.len()).unwrap_or_default();
                meter.operations.fetch_add(count, Ordering::Relaxed);
                for work in batch {
                    work.finish(Ok(()));
                }
            }
            Err(error) => {
                tracing::warn!(%error, count = batch.len(), "a batch was rolled back; each operation runs alone");
                roll_back(connection);
                for work in batch {
                    run_alone(connection, node, work);
                }
            }
        }
        if fs::metadata(wal).is_ok_and(|m| m.len() > WAL_HARD_BYTES) {
            checkpoint(connection, "RESTART");
        }
    }
    checkpoint(connection, "TRUNCATE");
}

/// Runs operations in one transaction until the queue is empty or the batch is full.
fn run_batch(
    connection: &Connection,
    node: &Arc<Node>,
    batch: &mut Vec<Box<dyn Work>>,
    queue: &Receiver<Box<dyn Work>>,
) -> Result<(), StoreError> {
    connection.execute_batch("BEGIN IMMEDIATE")?;
    let mut done = 0;
    loop {
        while let Some(work) = batch.get_mut(done) {
            work.write(connection, node)?;
            done += 1;
        }
        if done >= BATCH_MAX {
            break;
        }
        match queue.try_recv() {
            Ok(next) => batch.push(next),
            Err(_) => break,
        }
    }
    node.keys.flush()?;
    connection.execute_batch("COMMIT")?;
    Ok(())
}

fn run_alone(connection: &Connection, node: &Arc<Node>, mut work: Box<dyn Work>) {
    let outcome = connection
        .execute_batch("BEGIN IMMEDIATE")
        .map_err(StoreError::from)
        .and_then(|()| work.write(connection, node))
        .and_then(|()| node.keys.flush())
        .and_then(|()| Ok(connection.execute_batch("COMMIT")?));
    if outcome.is_err() {
        roll_back(connection);
    }
    work.finish(outcome.map_err(|error| StoreError::Commit(error.to_string())));
}

fn roll_back(connection: &Connection) {
    // After some errors (disk full) SQLite has rolled the transaction back by itself.
    if !connection.is_autocommit()
        && let Err(error) = connection.execute_batch("ROLLBACK")
    {
        tracing::error!(%error, "a transaction could not be rolled back");
    }
}

fn checkpoint_loop(connection: &Connection, wal: &Path, stopping: &AtomicBool) {
    while !stopping.load(Ordering::SeqCst) {
        std::thread::sleep(CHECKPOINT_EVERY);
        if fs::metadata(wal).is_ok_and(|m| m.len() > WAL_SOFT_BYTES) {
            checkpoint(connection, "PASSIVE");
        }
    }
}

pub(crate) fn checkpoint(connection: &Connection, mode: &str) {
    let outcome = connection.query_row(&format!("PRAGMA wal_checkpoint({mode})"), [], |_| Ok(()));
    if let Err(error) = outcome {
        tracing::warn!(%error, mode, "the write-ahead log could not be folded back");
    }
}
