//! The server as a child process, and what it tells about itself in files.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use serde::Deserialize;

use super::{GLANCE, row::Floor};
use crate::oauth::{ClientKey, Credentials};

/// How long a seeded server may take until it answers.
const READY_SECONDS_MAX: u64 = 300;
/// How long it may take to stop.
const STOP_SECONDS_MAX: u64 = 60;
/// How long seeding may take, beside a second for each [`SEEDED_PER_S`] people.
const SEED_SECONDS_MAX: u64 = 600;
/// People whom even a slow machine seeds in a second.
const SEEDED_PER_S: u64 = 500;
/// Operations whose statements the floor repeats.
const FLOOR_COUNT: u64 = 6_000;

/// The program and the folder that it works in.
pub(super) struct Program {
    pub path: PathBuf,
    pub data: PathBuf,
    pub people: u64,
    pub database_url: Option<String>,
}

/// Where the program looks for the address of its database.
const DATABASE_URL: &str = "TASUKI_DATABASE_URL";

impl Program {
    fn command(&self) -> Command {
        let mut command = Command::new(&self.path);
        match &self.database_url {
            Some(url) => command.env(DATABASE_URL, url),
            None => command.env_remove(DATABASE_URL),
        };
        command
    }

    fn ready_file(&self) -> PathBuf {
        self.data.with_extension("ready.json")
    }

    fn stats_file(&self) -> PathBuf {
        self.data.with_extension("stats.json")
    }

    fn serve(&self) -> Command {
        let mut command = self.command();
        command
            .arg("bench-serve")
            .args(["--people", &self.people.to_string()])
            .args(["--listen", "127.0.0.1:0"])
            .arg("--data")
            .arg(&self.data)
            .arg("--ready-file")
            .arg(self.ready_file())
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        command
    }

    /// Fills the folder, unless it is full already.
    pub(super) fn seed(&self) -> anyhow::Result<()> {
        let child = self
            .serve()
            .arg("--seed-only")
            .spawn()
            .with_context(|| format!("{} does not start", self.path.display()))?;
        let limit = SEED_SECONDS_MAX.saturating_add(self.people / SEEDED_PER_S);
        Guard(Some(child)).await_end("seeding", limit)
    }

    /// Measures the floor of a kind of operation, on copies of the folder; no server runs
    /// meanwhile.
    pub(super) fn floor(&self, kind: &str, batch: u64) -> anyhow::Result<Floor> {
        let output = self
            .command()
            .arg("bench-floor")
            .arg("--data")
            .arg(&self.data)
            .args(["--batch", &batch.to_string()])
            .args(["--kind", kind])
            .args(["--count", &FLOOR_COUNT.to_string()])
            .stdin(Stdio::null())
            .stderr(Stdio::inherit())
            .output()
            .with_context(|| format!("{} does not start", self.path.display()))?;
        if !output.status.success() {
            bail!("the floor of {kind} ended with {}", output.status);
        }
        last_json(&output.stdout).with_context(|| format!("the floor of {kind}"))
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        for file in [self.ready_file(), self.stats_file()] {
            // A file that was never written needs no removal.
            let _removed = fs::remove_file(file);
        }
    }
}

/// The last line that is not empty, as JSON.
pub(super) fn last_json<T: for<'de> Deserialize<'de>>(output: &[u8]) -> anyhow::Result<T> {
    let text = std::str::from_utf8(output)?;
    let line = text.lines().rfind(|line| !line.trim().is_empty());
    let line = line.context("nothing was written")?;
    serde_json::from_str(line).context("the last line cannot be read")
}

/// What a server says when it is ready.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Ready {
    pub base: String,
    pub people: u64,
    pub seed_seconds: f64,
    pub first_page_ms: f64,
    pub rss_mb_idle: f64,
    pub client: String,
    pub client_key: String,
    pub staff_cookie: String,
    pub numbers_file: PathBuf,
    pub cards_file: PathBuf,
    pub visits_file: PathBuf,
    pub bundles_file: PathBuf,
}

impl Ready {
    /// A new token of the clinic's record system; it outlasts one load.
    pub(super) fn token(&self) -> anyhow::Result<String> {
        let credentials = Credentials {
            client: self.client.clone(),
            key: ClientKey::from_text(&self.client_key)?,
        };
        Ok(credentials.token_now(&self.base)?.reveal().clone())
    }

    pub(super) fn address(&self) -> anyhow::Result<SocketAddr> {
        let address = self.base.strip_prefix("http://");
        let address = address.and_then(|address| address.trim_end_matches('/').parse().ok());
        address.with_context(|| format!("{} is not an address", self.base))
    }
}

/// What a server's writer did in its life.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub(super) struct Stats {
    pub commits: u64,
    pub operations: u64,
}

impl Stats {
    /// Operations in one commit, on average, rounded; at least one.
    pub(super) const fn batch(&self) -> u64 {
        let commits = if self.commits == 0 { 1 } else { self.commits };
        let batch = (self.operations + commits / 2) / commits;
        if batch == 0 { 1 } else { batch }
    }
}

/// A running server; it ends with this value.
pub(super) struct Server {
    child: Child,
    ready: Ready,
    stats_file: PathBuf,
}

impl Server {
    pub(super) fn start(program: &Program) -> anyhow::Result<Self> {
        let (ready_file, stats_file) = (program.ready_file(), program.stats_file());
        for file in [&ready_file, &stats_file] {
            if file.exists() {
                fs::remove_file(file)?;
            }
        }
        let child = program
            .serve()
            .arg("--stats-file")
            .arg(&stats_file)
            .spawn()
            .with_context(|| format!("{} does not start", program.path.display()))?;
        // From here on whatever fails ends the child.
        let mut child = Guard(Some(child));
        let ready = child.await_ready(&ready_file)?;
        let child = child.0.take().context("the server is gone")?;
        Ok(Self {
            child,
            ready,
            stats_file,
        })
    }

    pub(super) const fn ready(&self) -> &Ready {
        &self.ready
    }

    pub(super) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Asks the server to stop, waits, and reads its figures.
    pub(super) fn stop(mut self) -> anyhow::Result<Stats> {
        let asked = Command::new("sh")
            .args(["-c", &format!("kill -TERM {}", self.child.id())])
            .status()
            .context("no shell to send a signal")?;
        if !asked.success() {
            bail!("the server was gone before it was asked to stop");
        }
        await_end(&mut self.child, "the server", STOP_SECONDS_MAX)?;
        last_json(&fs::read(&self.stats_file).context("the server left no figures")?)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}

/// Ends a child that was not handed on.
struct Guard(Option<Child>);

impl Guard {
    fn await_end(&mut self, what: &str, seconds: u64) -> anyhow::Result<()> {
        match &mut self.0 {
            Some(child) => await_end(child, what, seconds),
            None => Ok(()),
        }
    }

    fn await_ready(&mut self, file: &Path) -> anyhow::Result<Ready> {
        let begin = Instant::now();
        loop {
            let ready = fs::read(file).ok().map(|bytes| last_json(&bytes));
            if let Some(Ok(ready)) = ready {
                return Ok(ready);
            }
            let status = match &mut self.0 {
                Some(child) => child.try_wait()?,
                None => bail!("the server is gone"),
            };
            if let Some(status) = status {
                bail!("the server ended with {status} before it was ready");
            }
            if begin.elapsed() > Duration::from_secs(READY_SECONDS_MAX) {
                bail!("the server is not ready after {READY_SECONDS_MAX} seconds");
            }
            thread::sleep(GLANCE);
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(child) = &mut self.0 {
            end(child);
        }
    }
}

/// Waits until a child has ended well.
fn await_end(child: &mut Child, what: &str, seconds: u64) -> anyhow::Result<()> {
    let begin = Instant::now();
    while begin.elapsed() < Duration::from_secs(seconds) {
        match child.try_wait()? {
            Some(status) if status.success() => return Ok(()),
            Some(status) => bail!("{what} ended with {status}"),
            None => thread::sleep(GLANCE),
        }
    }
    bail!("{what} did not end within {seconds} seconds")
}

fn end(child: &mut Child) {
    // A child that has ended already needs no signal; waiting only collects it.
    if matches!(child.try_wait(), Ok(None)) && child.kill().is_ok() {
        let _collected = child.wait();
    }
}
