//! The benchmark: a seeded server as a process of its own, driven over loopback, held against
//! the floor of its storage.
//!
//! Every phase of every load has a fresh server over the same folder, so that its counters
//! tell of that phase alone. Ratios to the floor are the result; absolute times are not
//! stable on shared machines. Source: design section 6.

mod cards;
pub mod fhir;
mod loads;
mod machine;
mod row;
mod server;
#[cfg(test)]
mod tests;

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, bail};

pub use row::{Machine, Row};

use crate::load::Outcome;
use loads::Load;
use server::{Program, Server, Stats};

/// Connections of every load.
pub const CONNECTIONS: usize = 64;
/// Seconds for which a server is warmed before it is measured.
const WARM_SECONDS: u64 = 1;

/// What to measure.
#[derive(Clone, Debug)]
pub struct Options {
    /// The server's program, a release build.
    pub program: PathBuf,
    /// People in the register.
    pub people: u64,
    /// Seconds of each phase of each load.
    pub seconds: u64,
    /// One JSON object a line instead of a table.
    pub json: bool,
    /// The data folder, which is kept; without it a new one beside the program, which is not.
    pub data: Option<PathBuf>,
    /// The server that has the data; without it the data is in the folder.
    pub database_url: Option<String>,
    /// Measure on databases of which the system holds nothing in memory, without warming.
    pub cold: bool,
    /// Only loads whose name contains one of these words; none is all.
    pub only: Vec<String>,
}

/// Runs the benchmark and prints it. To be called from a thread without an async runtime.
///
/// # Errors
/// When a part cannot be started, or a load gets not one right answer.
pub fn run(options: &Options) -> anyhow::Result<Vec<Row>> {
    let chosen: Vec<Load> = Load::ALL
        .into_iter()
        .filter(|load| is_chosen(load.name(), &options.only))
        .collect();
    if chosen.is_empty() {
        bail!("no load's name contains any of these words");
    }
    let folder = Folder::new(options.data.as_ref(), &options.program, options.people)?;
    let program = Program {
        path: options.program.clone(),
        data: folder.path.clone(),
        people: options.people,
        database_url: options.database_url.clone(),
    };
    say(&format!(
        "seeding {} people in {}",
        options.people,
        folder.path.display()
    ));
    program.seed()?;
    let machine = look_around(&program)?;
    if options.json {
        print(&format!("{}\n", machine.json()))?;
    }
    let mut rows = Vec::new();
    for load in chosen {
        let row = measure(&program, load, options)?;
        if options.json {
            print(&format!("{}\n", row.json()))?;
        }
        rows.push(row);
    }
    if !options.json {
        print(&row::table(&machine.line(), &rows))?;
    }
    Ok(rows)
}

fn is_chosen(name: &str, only: &[String]) -> bool {
    only.is_empty() || only.iter().any(|word| name.contains(word.as_str()))
}

/// What is measured without any load.
fn look_around(program: &Program) -> anyhow::Result<Machine> {
    let server = Server::start(program)?;
    let ready = server.ready().clone();
    server.stop()?;
    Ok(Machine {
        people: ready.people,
        seed_seconds: ready.seed_seconds,
        first_page_ms: ready.first_page_ms,
        rss_mb_idle: ready.rss_mb_idle,
        fsync_us: machine::fsync_us(&program.data)?,
        folder_bytes: machine::folder_bytes(&program.data)?,
    })
}

/// What a phase with as many calls as possible showed.
struct Full {
    outcome: Outcome,
    stats: Stats,
    server: machine::Usage,
    generator: machine::Usage,
    rss_kb: u64,
    wrong: Option<String>,
}

fn measure(program: &Program, load: Load, options: &Options) -> anyhow::Result<Row> {
    let name = load.name();
    say(&format!("{name}: as many calls as possible"));
    let full = at_full(program, load, options)?;
    if full.outcome.calls == 0 {
        let wrong = full.wrong.unwrap_or_else(|| "no answer at all".to_owned());
        bail!("{name}: not one right answer; the first was {wrong}");
    }
    say(&format!("{name}: {} calls a second", load.rate()));
    let (paced, late) = paced(program, load, options)?;
    let resources_per_s = loads::resources_per_s(program, load, full.outcome.calls_per_s())?;
    let floor = match load.floor() {
        Some(kind) => {
            say(&format!("{name}: the floor below it"));
            Some(program.floor(kind, full.stats.batch())?)
        }
        None => None,
    };
    Ok(Row {
        name,
        people: program.people,
        connections: CONNECTIONS,
        calls: full.outcome.calls,
        errors: full.outcome.errors + paced.errors,
        wrong: full.wrong.or(late),
        calls_per_s: full.outcome.calls_per_s(),
        full_p99_us: full.outcome.p99_us(),
        rate: load.rate(),
        p50_us: paced.p50_us(),
        p99_us: paced.p99_us(),
        max_us: paced.max_us(),
        floor,
        stats: full.stats,
        cpu_us: full.server.cpu_us,
        generator_cpu_us: full.generator.cpu_us,
        read_bytes: full.server.read_bytes,
        answered: full.outcome.calls + full.outcome.errors,
        rss_kb: full.rss_kb,
        resources_per_s,
    })
}

fn at_full(program: &Program, load: Load, options: &Options) -> anyhow::Result<Full> {
    let seconds = options.seconds;
    if options.cold {
        machine::forget(&program.data)?;
    }
    let server = Server::start(program)?;
    let mut drive = loads::Drive::new(server.ready(), load)?;
    if load.can_warm() && !options.cold {
        drive.run(WARM_SECONDS, None)?;
    }
    drive.prepare(loads::enough(seconds))?;
    let (process, own) = (server.pid().to_string(), "self");
    let (server_before, own_before) = (machine::usage(&process)?, machine::usage(own)?);
    let (outcome, wrong) = drive.run(seconds, None)?;
    let (server_after, own_after) = (machine::usage(&process)?, machine::usage(own)?);
    let rss_kb = machine::rss_kb(&process)?;
    let stats = server.stop()?;
    Ok(Full {
        outcome,
        stats,
        server: server_after.since(&server_before),
        generator: own_after.since(&own_before),
        rss_kb,
        wrong,
    })
}

fn paced(
    program: &Program,
    load: Load,
    options: &Options,
) -> anyhow::Result<(Outcome, Option<String>)> {
    let seconds = options.seconds;
    if options.cold {
        machine::forget(&program.data)?;
    }
    let server = Server::start(program)?;
    let mut drive = loads::Drive::new(server.ready(), load)?;
    if load.can_warm() && !options.cold {
        drive.run(WARM_SECONDS, Some(load.rate()))?;
    }
    drive.prepare(load.rate().saturating_mul(seconds))?;
    let outcome = drive.run(seconds, Some(load.rate()))?;
    server.stop()?;
    Ok(outcome)
}

/// The data folder of a run.
struct Folder {
    path: PathBuf,
    kept: bool,
}

impl Folder {
    /// The folder that was named, or a new one beside the program.
    fn new(named: Option<&PathBuf>, program: &Path, people: u64) -> anyhow::Result<Self> {
        let kept = named.is_some();
        let path = match named {
            Some(path) => path.clone(),
            // Not the system's temporary folder: that may be memory, where durable costs
            // nothing.
            None => program
                .parent()
                .unwrap_or(Path::new("."))
                .join(format!("bench-{people}-{}", std::process::id())),
        };
        fs::create_dir_all(&path).with_context(|| format!("no folder {}", path.display()))?;
        Ok(Self { path, kept })
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if !self.kept && fs::remove_dir_all(&self.path).is_err() {
            say(&format!("{} is left over", self.path.display()));
        }
    }
}

/// Progress, for whoever waits.
fn say(text: &str) {
    // Whoever does not listen misses nothing of the result.
    let _said = writeln!(io::stderr(), "{text}");
}

fn print(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// How often a file or a process is looked at while it is awaited.
const GLANCE: Duration = Duration::from_millis(50);
