//! `tasuki bench` and its two hidden halves: a seeded server to be driven by strangers, and
//! the floor below it.

use std::{
    collections::BTreeMap,
    fs,
    io::{BufWriter, Write},
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::atomic::Ordering,
    time::Instant,
};

use access::{
    Gate,
    consent::{self, Category},
    session::{self, Stage, Whose},
};
use anyhow::{Context, anyhow};
use clap::Args;
use eligibility::{api::WireInquiry, model::Inquiry};
use kernel::{
    id::{FacilityId, PersonId, StaffId},
    time::{Clock, JstDate},
};
use serde::{Deserialize, Serialize};
use signing::testpki::TestPki;
use store::{
    Call, Stop,
    caller::{Event, Home, Purpose, Role},
    trace::{Traced, replay},
};
use testkit::{
    population::{FacilityKind, Life, Population, clins},
    seed,
};

use crate::{
    jobs::Jobs,
    program::{self, SystemClock},
    town,
};

static PREPARE: Event = Event {
    code: "bench.prepare",
    ja: "測定の準備",
    en: "benchmark prepared",
};

/// People who have a card, in a measured town.
const CARDS_MAX: u64 = 10_000;
/// People with a registered record, a visit and consent.
const VISITS_MAX: u64 = 2_000;
/// Lines of insured numbers written out.
const NUMBERS_MAX: u64 = 200_000;

/// What is measured.
#[derive(Args)]
pub struct BenchArgs {
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
    /// Only loads whose name contains one of these words.
    only: Vec<String>,
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
}

/// Runs the whole benchmark.
///
/// # Errors
/// When a part cannot be started or answers wrongly.
pub fn run(args: &BenchArgs) -> anyhow::Result<bool> {
    peers::bench::run(&peers::bench::Options {
        program: std::env::current_exe()?,
        people: args.people,
        seconds: args.seconds,
        json: args.json,
        data: args.data.clone(),
        only: args.only.clone(),
    })?;
    Ok(true)
}

/// What a seeded folder remembers of its seeding.
#[derive(Serialize, Deserialize)]
struct Seeded {
    people: u64,
    seed_seconds: f64,
    token: String,
    hospital_token: String,
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

fn seed_folder(gate: &Gate, data: &Path, people: u64) -> anyhow::Result<Seeded> {
    let begin = Instant::now();
    let population = population(people);
    let facilities = population.facilities();
    let hash = town::password_hash()?;
    let of = |kind: FacilityKind| {
        let found = facilities.iter().find(|f| f.kind == kind);
        found.context("the town lacks a facility")
    };
    let (clinic, _) = town::found(gate, of(FacilityKind::Clinic)?, &hash)?;
    let (hospital, _) = town::found(gate, of(FacilityKind::Hospital)?, &hash)?;
    let home = clinic.clone();
    let doctor = write(gate, move |call| {
        seed::account(
            call,
            &home,
            "bench-doctor",
            "測定 医師",
            Role::Doctor,
            &hash,
        )
    })?;
    let mut first: BTreeMap<u64, PersonId> = BTreeMap::new();
    town::enroll(gate, &population, |index, id| {
        if index < CARDS_MAX.max(VISITS_MAX) {
            first.insert(index, id);
        }
    })?;
    write_numbers(&population, data)?;
    let pki = TestPki::new()?;
    let cards: Vec<(u64, PersonId)> = first
        .iter()
        .take(usize::try_from(CARDS_MAX)?)
        .map(|(index, id)| (index + 1, *id))
        .collect();
    town::give_cards(gate, &pki, &cards)?;
    let today = SystemClock.now().jst_date();
    let mut file = BufWriter::new(fs::File::create(cards_path(data))?);
    for (number, _) in &cards {
        if population.person(number - 1).coverage_on(today).is_some() {
            writeln!(file, "{number}")?;
        }
    }
    file.flush()?;
    let author = clins::Author::of(of(FacilityKind::Hospital)?).context("no doctor")?;
    seed_visits(
        gate,
        data,
        &population,
        &first,
        (&clinic, &hospital),
        &author,
    )?;
    while gate.seal().map_err(|stop| anyhow!("{stop:?}"))? > 0 {}
    let seeded = Seeded {
        people,
        seed_seconds: begin.elapsed().as_secs_f64(),
        token: town::token(gate, &clinic)?.reveal().clone(),
        hospital_token: town::token(gate, &hospital)?.reveal().clone(),
        facility: clinic.id.to_hex(),
        doctor: doctor.to_hex(),
        cards: u64::try_from(cards.len())?,
    };
    fs::write(seeded_path(data), serde_json::to_vec(&seeded)?)?;
    Ok(seeded)
}

/// The insured numbers of people whose coverage holds today.
fn write_numbers(population: &Population, data: &Path) -> anyhow::Result<()> {
    let today = SystemClock.now().jst_date();
    let mut file = BufWriter::new(fs::File::create(numbers_path(data))?);
    let step = population.size().div_ceil(NUMBERS_MAX).max(1);
    for index in (0..population.size()).step_by(usize::try_from(step)?) {
        if let Some(line) = number_line(&population.person(index), today) {
            writeln!(file, "{line}")?;
        }
    }
    Ok(file.flush()?)
}

fn number_line(life: &Life, today: JstDate) -> Option<String> {
    let coverage = life.coverage_on(today)?;
    // Twins without a branch number would be two matches.
    let branch = coverage.branch.as_ref()?;
    Some(format!(
        "{},{},{},{},{}",
        coverage.insurer.number.as_str(),
        coverage.symbol.as_str(),
        coverage.number.as_str(),
        branch.as_str(),
        life.birth
    ))
}

fn seed_visits(
    gate: &Gate,
    data: &Path,
    population: &Population,
    people: &BTreeMap<u64, PersonId>,
    (clinic, hospital): (&Home, &Home),
    author: &clins::Author<'_>,
) -> anyhow::Result<()> {
    let now = SystemClock.now();
    let today = now.jst_date();
    let mut file = BufWriter::new(fs::File::create(visits_path(data))?);
    let mut made = 0;
    for (index, person) in people {
        if made >= VISITS_MAX {
            break;
        }
        let life = population.person(*index);
        let Some(inquiry) = inquiry(&life, today) else {
            continue;
        };
        let bundles = clins::all(&life, author, now);
        if bundles.is_empty() {
            continue;
        }
        for bundle in bundles {
            let checked =
                records::ops::check(&bundle.json).map_err(|refusal| anyhow!("{refusal:?}"))?;
            let home = hospital.clone();
            let caller = town::system_of(hospital);
            let intent = gate.intent(caller, Purpose::Registration, &PREPARE);
            let kept = gate.write(intent, move |call| {
                records::ops::register(call, &home, &checked)
            });
            kept.wait().map_err(|stop| anyhow!("{stop:?}"))?;
        }
        let (person, facility) = (*person, clinic.id);
        let visit = write(gate, move |call| {
            let confirmed = eligibility::ops::by_number(call, facility, &inquiry)?;
            consent::give(call, person, facility, &Category::ALL, "card")?;
            Ok(confirmed.visit)
        })?;
        writeln!(file, "{}", visit.to_hex())?;
        made += 1;
    }
    Ok(file.flush()?)
}

fn inquiry(life: &Life, today: JstDate) -> Option<Inquiry> {
    parse_line(&number_line(life, today)?, today)
}

fn parse_line(line: &str, today: JstDate) -> Option<Inquiry> {
    let mut parts = line.split(',');
    let (insurer, symbol, number, branch) =
        (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let birth = parts.next().and_then(JstDate::parse);
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
    token: String,
    hospital_token: String,
    staff_cookie: String,
    cards: u64,
    numbers_file: PathBuf,
    cards_file: PathBuf,
    visits_file: PathBuf,
}

/// Serves a seeded folder until told to stop; then writes its figures.
///
/// # Errors
/// When the folder or the address cannot be used.
pub async fn serve(args: &ServeArgs) -> anyhow::Result<()> {
    let begin = Instant::now();
    let gate = program::open(&args.data)?;
    let seeded = match fs::read(seeded_path(&args.data)) {
        Ok(bytes) => serde_json::from_slice(&bytes)?,
        Err(_) => seed_folder(&gate, &args.data, args.people)?,
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
        token: seeded.token,
        hospital_token: seeded.hospital_token,
        staff_cookie: format!("tasuki_session={}", session.reveal()),
        cards: seeded.cards,
        numbers_file: numbers_path(&args.data),
        cards_file: cards_path(&args.data),
        visits_file: visits_path(&args.data),
    };
    let text = serde_json::to_vec(&ready)?;
    let waiting = args.ready_file.with_extension("part");
    fs::write(&waiting, text)?;
    fs::rename(&waiting, &args.ready_file)?;
    crate::commands::serve::stop_signal().await?;
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

#[derive(Serialize)]
struct Floor {
    floor_per_s: f64,
    batch1_per_s: f64,
    wal_bytes_per_call: f64,
    statements_per_call: f64,
}

/// Notes the statements of real operations, then runs them bare on copies of the folder.
///
/// # Errors
/// When the folder cannot be copied or an operation is refused.
pub fn floor(args: &FloorArgs) -> anyhow::Result<()> {
    let folder = args.data.with_extension("floor");
    let traced = trace(args, &folder)?;
    let calls = traced.len();
    let statements: usize = traced.iter().map(Vec::len).sum();
    let measure = |batch: usize, share: usize| -> anyhow::Result<(f64, u64)> {
        copy(&args.data, &folder)?;
        let part = traced.get(..share.min(calls)).unwrap_or_default();
        let begin = Instant::now();
        let wal = replay(&folder, part, batch)?;
        let seconds = begin.elapsed().as_secs_f64();
        Ok((count(part.len()) / seconds, wal))
    };
    let (floor_per_s, wal) = measure(args.batch, calls)?;
    let (batch1_per_s, _) = measure(1, 500)?;
    fs::remove_dir_all(&folder)?;
    println!(
        "{}",
        serde_json::to_string(&Floor {
            floor_per_s,
            batch1_per_s,
            wal_bytes_per_call: wal_bytes(wal) / count(calls),
            statements_per_call: count(statements) / count(calls),
        })?
    );
    Ok(())
}

fn count(n: usize) -> f64 {
    u32::try_from(n).map_or(f64::INFINITY, f64::from)
}

fn wal_bytes(n: u64) -> f64 {
    count(usize::try_from(n).unwrap_or_default())
}

/// The statements of `count` real operations, one list each.
fn trace(args: &FloorArgs, folder: &Path) -> anyhow::Result<Vec<Vec<Traced>>> {
    copy(&args.data, folder)?;
    let gate = program::open(folder)?;
    let seeded: Seeded = serde_json::from_slice(&fs::read(seeded_path(folder))?)?;
    let facility = seeded.home()?;
    let today = SystemClock.now().jst_date();
    let numbers = args.numbers.clone().unwrap_or_else(|| numbers_path(folder));
    let lines = fs::read_to_string(numbers)?;
    let visits = fs::read_to_string(visits_path(folder))?;
    let inquiries: Vec<Inquiry> = lines.lines().filter_map(|l| parse_line(l, today)).collect();
    let visits: Vec<_> = visits
        .lines()
        .filter_map(eligibility::model::VisitId::parse)
        .collect();
    anyhow::ensure!(!inquiries.is_empty() && !visits.is_empty(), "an empty town");
    let mut traced = Vec::new();
    for index in 0..args.count {
        // A large odd step spreads the people as the load generator does.
        let spread = index.wrapping_mul(7_919);
        gate.start_trace();
        match args.kind.as_str() {
            "summary" => {
                let visit = visits
                    .get(spread % visits.len())
                    .copied()
                    .context("a visit")?;
                let intent = gate.job_intent("bench", &PREPARE);
                let looked = gate.read(intent, move |call| {
                    chart::view::look(call, facility, visit).map(drop)
                });
                looked.wait().map_err(|stop| anyhow!("{stop:?}"))?;
            }
            // A check by card has the challenge's two statements more than one by number; the
            // person is found by one look-up in either, so this floor serves both.
            _ => {
                let inquiry = inquiries.get(spread % inquiries.len()).cloned();
                let inquiry = inquiry.context("an inquiry")?;
                write(&gate, move |call| {
                    eligibility::ops::by_number(call, facility, &inquiry).map(drop)
                })?;
            }
        }
        traced.push(gate.take_trace());
    }
    Ok(traced)
}

fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    if to.exists() {
        fs::remove_dir_all(to)?;
    }
    fs::create_dir_all(to)?;
    for file in fs::read_dir(from)? {
        let path = file?.path();
        if path.is_file()
            && let Some(name) = path.file_name()
            && name != "lock"
        {
            fs::copy(&path, to.join(name))?;
        }
    }
    Ok(())
}
