//! The real program as its own process, to be killed, starved and lied to about the time:
//! started on a folder of its own, put under load by strangers over the wire, and asked
//! afterwards for everything that it had acknowledged.
//!
//! One harness for both engines: an [`Engine`] is some more words on the command line.

pub mod load;
pub mod random;

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use serde_json::Value;
use testkit::{faults::Faults, postgres::Cluster};
use tokio::runtime::Runtime;

/// How long the program may take to get ready on a busy machine.
const READY_WITHIN: Duration = Duration::from_secs(60);
const PEOPLE: &str = "60";

static COUNT: AtomicU64 = AtomicU64::new(0);

/// The database of the program in a cluster.
pub const DATABASE: &str = "tasuki";

/// Where the program keeps its data.
#[derive(Clone, Debug)]
pub enum Engine {
    /// In the data folder.
    Sqlite,
    /// In a database with this connection text; keys stay in the data folder.
    Postgres(String),
}

/// A folder of its own for one program and what it writes; gone when this is dropped.
pub struct Place {
    folder: PathBuf,
    engine: Engine,
    faults: Option<Faults>,
}

impl Drop for Place {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the program's last words:\n{}", self.last_words());
        }
        let _left = fs::remove_dir_all(&self.folder);
    }
}

impl Place {
    pub fn new(name: &str, engine: Engine) -> Self {
        let number = COUNT.fetch_add(1, Ordering::SeqCst);
        let name = format!("tasuki-{name}-{}-{number}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        let _absent = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).expect("a folder");
        Self {
            folder,
            engine,
            faults: None,
        }
    }

    /// A seeded place: as new, with a small town in it.
    pub fn seeded(name: &str, engine: Engine) -> Self {
        let place = Self::new(name, engine);
        let mut seeding = Server {
            child: place.begin(place.bench_serve().arg("--seed-only")),
            ready: Value::Null,
            start: Duration::ZERO,
        };
        wait_until("the town is seeded", || !seeding.is_up());
        let status = seeding.child.wait().expect("a child of ours");
        assert!(status.success(), "{status}");
        place
    }

    /// From now on the program runs on a disk, and by a clock, that can be made bad.
    pub fn with_faults(mut self) -> Self {
        self.faults = Some(Faults::new(&self.data()).expect("the library is built"));
        self
    }

    pub fn faults(&self) -> &Faults {
        self.faults.as_ref().expect("made with faults")
    }

    pub fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn ready_file(&self) -> PathBuf {
        self.folder.join("ready.json")
    }

    fn log(&self) -> PathBuf {
        self.folder.join("log")
    }

    /// The program with these words and the data of this place.
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tasuki"));
        command.args(words).arg("--data").arg(self.data());
        if let Engine::Postgres(url) = &self.engine {
            command.args(["--database-url", url]);
        }
        if let Some(faults) = &self.faults {
            faults.apply(&mut command);
        }
        command.stdin(Stdio::null());
        command
    }

    fn bench_serve(&self) -> Command {
        let mut command = self.command(&["bench-serve", "--people", PEOPLE]);
        command.arg("--ready-file").arg(self.ready_file());
        command
    }

    /// Starts the program and does not wait for it.
    pub fn spawn(&self) -> Server {
        let _absent = fs::remove_file(self.ready_file());
        Server {
            child: self.begin(&mut self.bench_serve()),
            ready: Value::Null,
            start: Duration::ZERO,
        }
    }

    /// Starts it with its words going to the log.
    fn begin(&self, command: &mut Command) -> Child {
        let log = File::options().create(true).append(true).open(self.log());
        command
            .stdout(Stdio::null())
            .stderr(log.expect("a log"))
            .spawn()
            .expect("the program starts")
    }

    /// Starts the program and waits until it serves.
    pub fn start(&self) -> Server {
        let begin = Instant::now();
        let mut server = self.spawn();
        while begin.elapsed() < READY_WITHIN {
            if let Ok(bytes) = fs::read(self.ready_file()) {
                server.ready = serde_json::from_slice(&bytes).expect("JSON");
                server.start = begin.elapsed();
                return server;
            }
            let ended = server.child.try_wait().expect("a child of ours");
            assert!(ended.is_none(), "the program ended by itself: {ended:?}");
            wait(Duration::from_millis(2));
        }
        panic!("the program did not get ready");
    }

    /// Has the program verify its whole audit log; the number of records.
    pub fn verified_records(&self) -> u64 {
        let output = self.command(&["audit", "verify"]).output();
        let output = output.expect("the program runs");
        let words = words(&output);
        assert!(output.status.success(), "{words}");
        let records = words
            .split(" subjects, ")
            .nth(1)
            .and_then(|rest| rest.split(' ').next())
            .and_then(|number| number.parse().ok());
        records.expect("the number of records")
    }

    /// The program has never panicked here.
    pub fn assert_no_panic(&self) {
        let log = fs::read_to_string(self.log()).unwrap_or_default();
        let panicked = log.lines().find(|line| line.contains("panicked at"));
        assert_eq!(panicked, None);
    }

    fn last_words(&self) -> String {
        let log = fs::read_to_string(self.log()).unwrap_or_default();
        let lines: Vec<&str> = log.lines().rev().take(12).collect();
        lines.into_iter().rev().collect::<Vec<_>>().join("\n")
    }
}

/// The running program; killed when dropped.
pub struct Server {
    child: Child,
    ready: Value,
    /// From the process's start until it served.
    pub start: Duration,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

impl Server {
    /// SIGKILL: the process gets no chance to tidy up. Returns when it is gone.
    pub fn kill(&mut self) {
        let _gone = self.child.kill();
        let _gone = self.child.wait();
    }

    /// Is the process still there?
    pub fn is_up(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    pub fn word(&self, name: &str) -> &str {
        self.ready[name].as_str().expect(name)
    }

    /// Insured numbers of people in the town: insurer, symbol, number, branch, birth.
    pub fn numbers(&self) -> Vec<Vec<String>> {
        let text = fs::read_to_string(self.word("numbers_file")).expect("numbers");
        let parts = |line: &str| line.split(',').map(str::to_owned).collect();
        text.lines().map(parts).collect()
    }
}

/// A PostgreSQL server whose commits wait for the disk, with the program's empty database;
/// says aloud when there is none, or when the program does not know that engine.
pub fn cluster(what: &str) -> Option<Cluster> {
    let help = Command::new(env!("CARGO_BIN_EXE_tasuki"))
        .args(["bench-serve", "--help"])
        .output();
    if !words(&help.expect("the program runs")).contains("--database-url") {
        eprintln!("SKIPPED: {what} (the program has no --database-url)");
        return None;
    }
    let Some(cluster) = Cluster::start().expect("PostgreSQL starts") else {
        eprintln!("SKIPPED: {what} (PostgreSQL is not installed)");
        return None;
    };
    cluster.database(DATABASE).expect("a database");
    Some(cluster)
}

/// What a program wrote.
pub fn words(output: &Output) -> String {
    let (out, err) = (&output.stdout, &output.stderr);
    format!(
        "{}{}",
        String::from_utf8_lossy(out),
        String::from_utf8_lossy(err)
    )
}

/// Every file below a folder with its bytes.
pub fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut found: Vec<(PathBuf, Vec<u8>)> = entries
        .map(|entry| entry.expect("an entry").path())
        .map(|path| (path.clone(), fs::read(&path).expect("a file")))
        .collect();
    found.sort();
    found
}

/// Lets time pass: for a moment of a kill, or between two looks at something that changes.
pub fn wait(time: Duration) {
    let begin = Instant::now();
    while let Some(left) = time.checked_sub(begin.elapsed()).filter(|t| !t.is_zero()) {
        std::thread::park_timeout(left);
    }
}

/// Looks again and again until something holds; fails after a minute.
pub fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !holds() {
        assert!(
            begin.elapsed() < READY_WITHIN,
            "waited in vain until {what}"
        );
        wait(Duration::from_millis(5));
    }
}

/// What runs the callers.
pub fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime")
}
