//! `tasuki bench` and its two hidden halves: a seeded server to be driven by strangers, and
//! the floor below it.

mod fhir;
mod floor;
mod records;
mod seeding;
mod store;

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::atomic::Ordering,
    time::Instant,
};

use ::store::{Call, Stop, caller::Event};
use access::{
    Gate,
    session::{self, Stage, Whose},
};
use anyhow::{Context, anyhow};
use clap::Args;
use eligibility::{api::WireInquiry, model::Inquiry};
use kernel::{
    id::{FacilityId, StaffId},
    time::{Clock, JstDate},
};
use serde::{Deserialize, Serialize};
use signing::testpki::TestPki;
use testkit::{population::Population, postgres::Cluster};

pub use floor::floor;

use crate::{
    jobs::Jobs,
    leave::Signals,
    program::{self, SystemClock},
    storage::{Server, Storage},
};

/// The measured database on a server of its own.
const DATABASE: &str = "bench";

static PREPARE: Event = Event {
    code: "bench.prepare",
    ja: "測定の準備",
    en: "benchmark prepared",
};

/// People who have a card, in a measured town.
const CARDS_MAX: u64 = 10_000;
/// People with a registered record, a visit and consent.
const VISITS_MAX: u64 = 2_000;
/// Bundles written out, to be registered.
const BUNDLES_MAX: usize = 1_000;
/// Lines of insured numbers written out.
const NUMBERS_MAX: u64 = 200_000;

/// What is measured.
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct BenchArgs {
    #[command(subcommand)]
    what: Option<What>,
    /// People in the register.
    #[arg(long, default_value_t = 100_000)]
    people: u64,
    /// Seconds of each load.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// One JSON object a line instead of a table.
    #[arg(long)]
    json: bool,
    /// Keep the data folder here for the next run.
    #[arg(long)]
    data: Option<PathBuf>,
    /// Measure on databases of which the system holds nothing in memory, without warming.
    #[arg(long)]
    cold: bool,
    /// Which engine keeps the data: for `postgres`, a private server is started.
    #[arg(long, value_enum, default_value_t = Engine::Sqlite)]
    engine: Engine,
    /// Only loads whose name contains one of these words.
    only: Vec<String>,
}

/// What is measured instead of our own loads.
#[derive(clap::Subcommand)]
enum What {
    /// Any FHIR R4 server: created, read, searched in a patient, twenty in a transaction.
    Fhir(fhir::FhirArgs),
}

/// The engine that is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Engine {
    /// The embedded one.
    Sqlite,
    /// A PostgreSQL server.
    Postgres,
}

impl Engine {
    /// The private server of an engine that needs one.
    fn start(self) -> anyhow::Result<Option<Cluster>> {
        match self {
            Self::Sqlite => Ok(None),
            Self::Postgres => {
                let cluster = Cluster::start()?.context("PostgreSQL is not installed")?;
                Ok(Some(cluster))
            }
        }
    }
}

/// The address of a new database on it.
fn database_url(cluster: Option<&Cluster>) -> anyhow::Result<Option<String>> {
    let Some(cluster) = cluster else {
        return Ok(None);
    };
    drop(cluster.database(DATABASE)?);
    Ok(Some(cluster.url(DATABASE)))
}

/// A seeded server.
#[derive(Args)]
pub struct ServeArgs {
    #[arg(long)]
    people: u64,
    #[arg(long)]
    data: PathBuf,
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    #[arg(long)]
    ready_file: PathBuf,
    #[arg(long)]
    stats_file: Option<PathBuf>,
    /// Seed the folder and stop.
    #[arg(long)]
    seed_only: bool,
    #[command(flatten)]
    server: Server,
}

/// A bare loop over the statements of real operations.
#[derive(Args)]
pub struct FloorArgs {
    #[arg(long)]
    data: PathBuf,
    #[arg(long)]
    batch: usize,
    #[arg(long)]
    kind: String,
    #[arg(long)]
    numbers: Option<PathBuf>,
    #[arg(long, default_value_t = 4_000)]
    count: usize,
    #[command(flatten)]
    server: Server,
}

/// One caller asks for more than a hospital ever would: 200,000 requests a second and fewer.
const RATES_TIMES: u32 = 1_000;

/// Runs the whole benchmark.
///
/// # Errors
/// When a part cannot be started or answers wrongly.
pub fn run(args: &BenchArgs) -> anyhow::Result<bool> {
    if let Some(What::Fhir(args)) = &args.what {
        return fhir::run(args);
    }
    let cluster = args.engine.start()?;
    let database_url = database_url(cluster.as_ref())?;
    peers::bench::run(&peers::bench::Options {
        database_url,
        program: std::env::current_exe()?,
        people: args.people,
        seconds: args.seconds,
        json: args.json,
        data: args.data.clone(),
        cold: args.cold,
        only: args.only.clone(),
    })?;
    Ok(true)
}

/// What a seeded folder remembers of its seeding.
#[derive(Serialize, Deserialize)]
struct Seeded {
    people: u64,
    seed_seconds: f64,
    client: String,
    client_key: String,
    facility: String,
    doctor: String,
    cards: u64,
}

impl Seeded {
    fn home(&self) -> anyhow::Result<FacilityId> {
        FacilityId::parse(&self.facility).context("a seeded facility")
    }
}

fn seeded_path(data: &Path) -> PathBuf {
    data.join("bench-seed.json")
}

fn numbers_path(data: &Path) -> PathBuf {
    data.join("bench-numbers.csv")
}

/// The name is known to whoever drives the server.
fn bundles_path(data: &Path) -> PathBuf {
    data.join("bench-bundles.txt")
}

fn cards_path(data: &Path) -> PathBuf {
    data.join("bench-cards.txt")
}

fn visits_path(data: &Path) -> PathBuf {
    data.join("bench-visits.txt")
}

fn write<T, F>(gate: &Gate, op: F) -> anyhow::Result<T>
where
    T: Send + 'static,
    F: FnMut(&mut Call<'_>) -> Result<T, Stop> + Send + 'static,
{
    let intent = gate.job_intent("bench", &PREPARE);
    gate.write(intent, op)
        .wait()
        .map_err(|stop| anyhow!("{stop:?}"))
}

fn population(people: u64) -> Population {
    Population::new(20_261_122, people, SystemClock.now().jst_date())
}

fn parse_line(line: &str, today: JstDate) -> Option<Inquiry> {
    let mut parts = line.split(',');
    let (insurer, symbol, number, branch) =
        (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let birth = parts.next().map(str::to_owned);
    WireInquiry::new(insurer, symbol, number, branch)
        .born(birth)
        .parse(today)
        .ok()
}

#[derive(Serialize)]
struct Ready {
    base: String,
    pid: u32,
    people: u64,
    seed_seconds: f64,
    first_page_ms: f64,
    rss_mb_idle: f64,
    client: String,
    client_key: String,
    staff_cookie: String,
    cards: u64,
    numbers_file: PathBuf,
    cards_file: PathBuf,
    visits_file: PathBuf,
    bundles_file: PathBuf,
}

/// Serves a seeded folder until told to stop; then writes its figures.
///
/// # Errors
/// When the folder or the address cannot be used.
pub async fn serve(args: &ServeArgs) -> anyhow::Result<()> {
    let begin = Instant::now();
    let gate = Storage::new(args.data.clone(), args.server.clone()).open()?;
    let seeded = match fs::read(seeded_path(&args.data)) {
        Ok(bytes) => serde_json::from_slice(&bytes)?,
        Err(_) => seeding::seed_folder(&gate, &args.data, args.people)?,
    };
    if args.seed_only {
        return Ok(());
    }
    let (facility, doctor) = (
        seeded.home()?,
        StaffId::parse(&seeded.doctor).context("a seeded doctor")?,
    );
    let session = write(&gate, move |call| {
        let whose = Whose::Staff(facility, doctor);
        Ok(session::begin(call, whose, Stage::Full)?)
    })?;
    let pki = TestPki::new()?;
    let trust = program::test_trust(&pki, SystemClock.now())?;
    let running = program::listen(gate, trust, args.listen, None).await?;
    running.app.rates.allow(RATES_TIMES);
    first_page(&running.base).await?;
    let first_page_ms = begin.elapsed().as_secs_f64() * 1_000.0;
    let jobs = Jobs::start(&running.app)?;
    let ready = Ready {
        base: running.base.clone(),
        pid: std::process::id(),
        people: seeded.people,
        seed_seconds: seeded.seed_seconds,
        first_page_ms,
        rss_mb_idle: rss_mb(),
        client: seeded.client,
        client_key: seeded.client_key,
        staff_cookie: format!("tasuki_session={}", session.reveal()),
        cards: seeded.cards,
        numbers_file: numbers_path(&args.data),
        cards_file: cards_path(&args.data),
        visits_file: visits_path(&args.data),
        bundles_file: bundles_path(&args.data),
    };
    let text = serde_json::to_vec(&ready)?;
    let waiting = args.ready_file.with_extension("part");
    fs::write(&waiting, text)?;
    fs::rename(&waiting, &args.ready_file)?;
    Signals::listen()?.next().await;
    running.stopper.stop();
    drop(jobs);
    if let Some(file) = &args.stats_file {
        let meter = running.app.gate.meter();
        let stats = serde_json::json!({
            "commits": meter.commits.load(Ordering::Relaxed),
            "operations": meter.operations.load(Ordering::Relaxed),
            "reruns": meter.reruns.load(Ordering::Relaxed),
        });
        fs::write(file, serde_json::to_vec(&stats)?)?;
    }
    Ok(())
}

/// Fetches the first page over the wire.
async fn first_page(base: &str) -> anyhow::Result<()> {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let address = base.strip_prefix("http://").context("an address")?;
    let mut stream = tokio::net::TcpStream::connect(address).await?;
    let request = format!("GET /login HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    anyhow::ensure!(
        answer.starts_with("HTTP/1.1 200"),
        "the first page did not come"
    );
    Ok(())
}

fn rss_mb() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kb = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .and_then(|rest| rest.trim().trim_end_matches(" kB").parse::<f64>().ok());
    kb.unwrap_or_default() / 1_024.0
}
