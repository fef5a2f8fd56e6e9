//! What the operator's tests share: folders, the real program, commands, and load that notes
//! what was acknowledged when.

use std::{
    collections::BTreeSet,
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use kernel::time::Clock as _;
use peers::oauth::{ClientKey, Credentials};
use serde_json::{Value, json};

const PATIENCE: Duration = Duration::from_secs(240);
const CALLERS: usize = 4;
/// How long a caller of [`Load`] waits when it is told that it asks too often.
const THROTTLED: Duration = Duration::from_millis(200);
static COUNT: AtomicU64 = AtomicU64::new(0);

/// A folder that goes with the test.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new(name: &str) -> Self {
        let number = COUNT.fetch_add(1, Ordering::SeqCst);
        let name = format!("tasuki-op-{name}-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        let _absent = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }

    /// A path in it, as a word of a command.
    pub fn at(&self, name: &str) -> String {
        self.0.join(name).to_str().expect("UTF-8").to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _left = fs::remove_dir_all(&self.0);
    }
}

/// What a command answered.
#[derive(Debug)]
pub struct Told {
    pub status: ExitStatus,
    pub out: String,
    pub err: String,
}

impl Told {
    #[track_caller]
    pub fn well(self) -> String {
        assert!(self.status.success(), "{self:?}");
        self.out
    }

    /// Not done, and said in few lines with each of these words.
    #[track_caller]
    pub fn refused(&self, words: &[&str]) {
        assert_eq!(self.status.code(), Some(1), "{self:?}");
        let all = format!("{}{}", self.out, self.err);
        assert!(self.err.lines().count() <= 2, "{self:?}");
        assert!(!all.contains("panicked"), "{self:?}");
        for word in words {
            assert!(all.contains(word), "{word}: {self:?}");
        }
    }
}

pub fn tasuki(args: &[&str]) -> Told {
    let output = Command::new(env!("CARGO_BIN_EXE_tasuki"))
        .args(args)
        .env("RUST_LOG", "error")
        .stdin(Stdio::null())
        .output()
        .expect("the program runs");
    Told {
        status: output.status,
        out: String::from_utf8(output.stdout).expect("UTF-8"),
        err: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}

pub fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !holds() {
        assert!(begin.elapsed() < PATIENCE, "{what}");
        std::thread::park_timeout(Duration::from_millis(10));
    }
}

/// The program serving a folder; killed when it is dropped.
pub struct Program {
    pub child: Child,
    pub address: String,
    log: Option<JoinHandle<String>>,
}

impl Drop for Program {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _gone = self.child.wait();
    }
}

impl Program {
    pub fn try_serve(data: &str, more: &[&str]) -> Result<Self, String> {
        Self::try_serve_with(data, more, &[])
    }

    pub fn try_serve_with(
        data: &str,
        more: &[&str],
        environment: &[(&str, &str)],
    ) -> Result<Self, String> {
        let mut child = Command::new(env!("CARGO_BIN_EXE_tasuki"))
            .args([
                "serve",
                "--test-pki",
                "--listen",
                "127.0.0.1:0",
                "--drain-seconds",
                "0",
            ])
            .args(["--reserve-mib", "0", "--data", data])
            .args(more)
            .env("RUST_LOG", "info")
            .envs(environment.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut err = child.stderr.take().expect("piped");
        let log = std::thread::spawn(move || {
            let mut text = String::new();
            let _ended = err.read_to_string(&mut text);
            text
        });
        let mut line = String::new();
        let mut out = BufReader::new(child.stdout.take().expect("piped"));
        out.read_line(&mut line).expect("a line");
        let address = line.trim().trim_start_matches("http://").to_owned();
        if address.is_empty() {
            let status = child.wait().expect("a child of ours");
            assert!(!status.success());
            return Err(log.join().expect("read"));
        }
        Ok(Self {
            child,
            address,
            log: Some(log),
        })
    }

    pub fn serve(data: &str, more: &[&str]) -> Self {
        Self::try_serve(data, more).expect("it serves")
    }

    /// SIGKILL.
    pub fn kill(mut self) {
        self.child.kill().expect("killed");
        let _status = self.child.wait();
    }

    /// Ends it in order; its log.
    #[track_caller]
    pub fn stop(mut self) -> String {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &id]).status();
        assert!(sent.expect("kill runs").success());
        let status = self.child.wait().expect("a child of ours");
        let log = self.log.take().expect("read once").join().expect("read");
        assert!(status.success(), "{status}: {log}");
        log
    }

    pub fn ready(&self) -> u16 {
        ask(&self.address, "GET", "/health/ready", "", "").0
    }
}

/// One request on a connection of its own: status and body.
pub fn ask(address: &str, method: &str, path: &str, headers: &str, body: &str) -> (u16, String) {
    let mut wire = Wire::open(address).expect("a connection");
    wire.ask(method, path, headers, body).expect("an answer")
}

/// A connection that is used again and again.
pub struct Wire(BufReader<TcpStream>);

impl Wire {
    pub fn open(address: &str) -> std::io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self(BufReader::new(stream)))
    }

    pub fn ask(
        &mut self,
        method: &str,
        path: &str,
        headers: &str,
        body: &str,
    ) -> std::io::Result<(u16, String)> {
        let length = body.len();
        let text = format!(
            "{method} {path} HTTP/1.1\r\nhost: t\r\n{headers}content-length: {length}\r\n\r\n{body}"
        );
        self.0.get_mut().write_all(text.as_bytes())?;
        let (mut status, mut length) = (0, 0);
        loop {
            let mut line = String::new();
            if self.0.read_line(&mut line)? == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
            let line = line.trim_end().to_ascii_lowercase();
            if let Some(rest) = line.strip_prefix("http/1.1 ") {
                status = rest[..3].parse().expect("a status");
            } else if let Some(rest) = line.strip_prefix("content-length: ") {
                length = rest.parse().expect("a length");
            } else if line.is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        self.0.read_exact(&mut body)?;
        Ok((status, String::from_utf8(body).expect("UTF-8")))
    }
}

/// A seeded data folder below `folder`: its path.
pub fn seeded(folder: &Folder, people: &str) -> String {
    let data = folder.at("data");
    let ready = folder.at("seed.json");
    let args = [
        "bench-serve",
        "--seed-only",
        "--people",
        people,
        "--data",
        &data,
    ];
    tasuki(&[&args[..], &["--ready-file", &ready]].concat()).well();
    data
}

/// The record system that a folder was seeded with.
pub fn credentials(seed: &Value) -> Option<Credentials> {
    Some(Credentials {
        client: seed["client"].as_str()?.to_owned(),
        key: ClientKey::from_text(seed["client_key"].as_str()?).expect("a key"),
    })
}

/// A token, for which program, and since when.
type Held = Option<(SocketAddr, Instant, String)>;

/// What strangers to a seeded folder know: a record system's key, and insured numbers.
#[derive(Clone)]
pub struct Known {
    data: String,
    seed: Value,
    system: Arc<OnceLock<Credentials>>,
    held: Arc<Mutex<Held>>,
    pub numbers: Vec<Vec<String>>,
}

impl Known {
    pub fn of(data: &str) -> Self {
        let folder = Path::new(data);
        let seed = fs::read(folder.join("bench-seed.json")).expect("seeded");
        let seed: Value = serde_json::from_slice(&seed).expect("JSON");
        let parts = |line: &str| line.split(',').map(str::to_owned).collect();
        let numbers = fs::read_to_string(folder.join("bench-numbers.csv")).expect("numbers");
        Self {
            data: data.to_owned(),
            seed,
            system: Arc::default(),
            held: Arc::default(),
            numbers: numbers.lines().map(parts).collect(),
        }
    }

    /// The record system as it was seeded; one of an earlier release, whose token has ended,
    /// is registered by the operator of the program that now serves.
    fn system(&self) -> &Credentials {
        self.system
            .get_or_init(|| credentials(&self.seed).unwrap_or_else(|| self.register()))
    }

    fn register(&self) -> Credentials {
        let key = ClientKey::generate().expect("a key");
        let file = format!("{}.jwk", self.data);
        fs::write(&file, key.public().expect("public").to_string()).expect("written");
        let facility = self.seed["facility"].as_str().expect("a facility");
        let scopes = testkit::seed::RECORD_SYSTEM_SCOPES;
        let told = tasuki(&[
            "client",
            "add",
            "--data",
            &self.data,
            "--facility",
            facility,
            "--name",
            "レセコン",
            "--scopes",
            scopes,
            "--public-key",
            &file,
        ])
        .well();
        let client = told.split_once("client_id: ").expect("a client_id").1;
        Credentials {
            client: client.chars().take(32).collect(),
            key,
        }
    }

    /// A token of the program at the other end, renewed in time.
    fn token(&self, wire: &Wire) -> std::io::Result<String> {
        const SECONDS: u64 = 200;
        let address = wire.0.get_ref().peer_addr()?;
        let mut held = self.held.lock().expect("not poisoned");
        if let Some((at, since, token)) = held.as_ref()
            && *at == address
            && since.elapsed().as_secs() < SECONDS
        {
            return Ok(token.clone());
        }
        let token = self.system().token_now(&format!("http://{address}"));
        let token = token.map_err(std::io::Error::other)?.reveal().clone();
        *held = Some((address, Instant::now(), token.clone()));
        Ok(token)
    }

    fn headers(&self, wire: &Wire) -> std::io::Result<String> {
        let token = self.token(wire)?;
        Ok(format!(
            "authorization: Bearer {token}\r\ncontent-type: application/json\r\n"
        ))
    }

    /// Checks the coverage of the person at `index`.
    pub fn check(&self, wire: &mut Wire, index: usize) -> std::io::Result<(u16, String)> {
        let line = &self.numbers[index % self.numbers.len()];
        let body = json!({
            "insurer_number": line[0], "symbol": line[1], "number": line[2], "branch": line[3],
        });
        let headers = self.headers(wire)?;
        wire.ask(
            "POST",
            "/api/v1/eligibility/checks",
            &headers,
            &body.to_string(),
        )
    }
}

/// A visit that was acknowledged.
#[derive(Clone, Debug)]
pub struct Visit {
    /// Microseconds since the epoch before the request was sent, and after its answer.
    pub asked: i64,
    pub answered: i64,
    pub id: String,
}

/// Checks without pause.
pub struct Load {
    stop: Arc<AtomicBool>,
    pub done: Arc<AtomicUsize>,
    callers: Vec<JoinHandle<(Vec<Visit>, Vec<String>)>>,
}

pub fn now() -> i64 {
    tasuki::program::SystemClock.now().micros()
}

impl Load {
    pub fn start(address: &str, known: &Known) -> Self {
        Self::paced(address, known, Duration::ZERO)
    }

    /// With a pause after each check.
    pub fn paced(address: &str, known: &Known, pause: Duration) -> Self {
        let (stop, done) = (Arc::new(AtomicBool::new(false)), Arc::default());
        let caller = |first: usize| {
            let (address, known) = (address.to_owned(), known.clone());
            let (stop, done) = (Arc::clone(&stop), Arc::<AtomicUsize>::clone(&done));
            std::thread::spawn(move || {
                let (mut visits, mut failed) = (Vec::new(), Vec::new());
                let Ok(mut wire) = Wire::open(&address) else {
                    return (visits, failed);
                };
                for index in first.. {
                    if stop.load(Ordering::SeqCst) {
                        break;
                    }
                    let asked = now();
                    match known.check(&mut wire, index) {
                        Ok((200, body)) => {
                            let body: Value = serde_json::from_str(&body).expect("JSON");
                            let id = body["visit"].as_str().expect("a visit").to_owned();
                            let answered = now();
                            visits.push(Visit {
                                asked,
                                answered,
                                id,
                            });
                            done.fetch_add(1, Ordering::SeqCst);
                            if !pause.is_zero() {
                                std::thread::park_timeout(pause);
                            }
                        }
                        // Faster than one client may ask, when the test has to wait long.
                        Ok((429, _)) => std::thread::park_timeout(THROTTLED),
                        Ok((status, body)) => failed.push(format!("{status} {body}")),
                        Err(_) => break,
                    }
                }
                (visits, failed)
            })
        };
        let callers = (0..CALLERS).map(|n| caller(n * 7)).collect();
        Self {
            stop,
            done,
            callers,
        }
    }

    /// So many more were acknowledged.
    pub fn go_on(&self, more: usize) {
        let aim = self.done.load(Ordering::SeqCst) + more;
        until("work is done", || self.done.load(Ordering::SeqCst) >= aim);
    }

    /// Ends it: what was acknowledged, and what was answered otherwise.
    pub fn end(self) -> (Vec<Visit>, Vec<String>) {
        self.stop.store(true, Ordering::SeqCst);
        let (mut visits, mut failed) = (Vec::new(), Vec::new());
        for caller in self.callers {
            let (some, others) = caller.join().expect("a caller");
            visits.extend(some);
            failed.extend(others);
        }
        (visits, failed)
    }
}

/// The visits that a data folder nobody serves holds.
pub fn visits(data: &str) -> BTreeSet<String> {
    let path = Path::new(data).join("tasuki.db");
    let connection = rusqlite::Connection::open(path).expect("opens");
    let mut all = connection
        .prepare("SELECT lower(hex(visit_id)) FROM eligibility_visit")
        .expect("prepared");
    let rows = all.query_map([], |row| row.get(0)).expect("rows");
    rows.collect::<Result<_, _>>().expect("texts")
}

/// The log of a folder that nobody serves, as `audit verify` sees it.
#[track_caller]
pub fn audit_is_whole(data: &str) {
    tasuki(&["audit", "verify", "--data", data]).well();
}

/// Every file below `folder` with its path relative to it.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(folder) = open.pop() {
        let Ok(entries) = fs::read_dir(folder) else {
            continue;
        };
        for entry in entries.map_while(Result::ok) {
            let path = entry.path();
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => open.push(path),
                Ok(kind) if kind.is_file() => found.push(path),
                _ => {}
            }
        }
    }
    found.sort();
    found
}

/// A repository made for `data`, its shares beside it; how restores name them.
pub struct Kept {
    pub to: String,
    shares: [String; 3],
}

impl Kept {
    pub fn new(folder: &Folder, name: &str, data: &str) -> Self {
        Self::with(folder, name, &["--data", data])
    }

    pub fn with(folder: &Folder, name: &str, storage: &[&str]) -> Self {
        let (to, shares) = (folder.at(name), folder.at(&format!("{name}-shares")));
        let init = ["backup", "init", "--to", &to, "--shares", &shares];
        tasuki(&[&init[..], storage].concat()).well();
        let share = |n: u8| format!("{shares}/share-{n}.txt");
        Self {
            to,
            shares: [share(1), share(2), share(3)],
        }
    }

    pub fn source(&self) -> [&str; 6] {
        let [one, _, three] = &self.shares;
        ["--from", &self.to, "--share", one, "--share", three]
    }

    pub fn one_share(&self) -> [&str; 4] {
        ["--from", &self.to, "--share", &self.shares[1]]
    }

    pub fn restore(&self, to: &str, more: &[&str]) -> Told {
        let words = [
            &["backup", "restore", "--data", to],
            &self.source()[..],
            more,
        ]
        .concat();
        tasuki(&words)
    }

    pub fn repository(&self) -> backup::Repository {
        backup::Repository::open(Path::new(&self.to)).expect("a repository")
    }

    /// Its generations, which are all whole.
    pub fn generations(&self) -> Vec<backup::Generation> {
        let all = self.repository().generations().expect("listed");
        all.into_iter().map(|g| g.expect("whole")).collect()
    }

    pub fn segments(&self) -> usize {
        let all = files(&Path::new(&self.to).join("journal"));
        all.iter()
            .filter(|path| path.ends_with("manifest.json"))
            .count()
    }
}
