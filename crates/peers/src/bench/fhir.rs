//! Any FHIR R4 server under load, ours or a peer's: one program measures both.
//!
//! Patients and results are made over the wire, then four loads are driven: results created,
//! read by identifier, searched in a patient by code, and twenty in one transaction. Each runs
//! with as many calls as its callers can make, then at half of that as an open model. Without
//! an address it is our own release program, with a floor below it and its processor time.
//!
//! Source: design section 6; FHIR R4 3.1 (RESTful API).

pub mod made;
mod target;
#[cfg(test)]
mod tests;

use std::{cell::RefCell, fmt::Write as _, path::PathBuf, rc::Rc};

use anyhow::{Context, bail};
use kernel::Secret;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    Folder, is_chosen, machine, print,
    row::{self, Row},
    say,
    server::Stats,
};
use crate::{
    load::{self, Outcome, Plan, PreparedRequest, pick},
    oauth::Credentials,
};
use made::Member;
use target::{Session, Target};

/// Callers at once while the data is made.
const MAKERS: usize = 32;
/// Seconds that making the data may take.
const MAKE_SECONDS_MAX: u64 = 7_200;
/// Seconds for which a server is warmed before it is measured.
const WARM_SECONDS: u64 = 1;
/// Results in one transaction.
const TRANSACTION: u64 = 20;
/// Transactions that are made beforehand: 20 kB each.
const TRANSACTIONS_MAX: u64 = 2_000;

/// What to measure.
#[derive(Debug)]
pub struct Options {
    /// Our own program, a release build.
    pub program: PathBuf,
    /// The base of another server, such as `http://127.0.0.1:8080/fhir`; `None`: our own.
    pub base: Option<String>,
    /// Headers of each request to another server, such as its authorization.
    pub headers: Vec<(String, Secret<String>)>,
    /// With what a token is got from another installation of ours.
    pub client: Option<Credentials>,
    /// How many callers at once; each number is a run of its own.
    pub callers: Vec<usize>,
    /// Seconds of each phase of each load.
    pub seconds: u64,
    /// Patients.
    pub patients: u64,
    /// Results of them all together.
    pub observations: u64,
    /// Where our own server keeps the data, or where another does, for its size.
    pub data_folder: Option<PathBuf>,
    /// The other server's process, for its processor time.
    pub process: Option<u32>,
    /// The database of our own server; `None`: the embedded one.
    pub database_url: Option<String>,
    /// One JSON object a line instead of a table.
    pub json: bool,
    /// Only loads whose name contains one of these words; none is all.
    pub only: Vec<String>,
}

/// A load.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FhirLoad {
    Read,
    Search,
    Create,
    Transaction,
}

impl FhirLoad {
    /// Those that read come first: they find the data as it was made.
    const ALL: [Self; 4] = [Self::Read, Self::Search, Self::Create, Self::Transaction];

    const fn name(self) -> &'static str {
        match self {
            Self::Read => "fhir-read",
            Self::Search => "fhir-search",
            Self::Create => "fhir-create",
            Self::Transaction => "fhir-transaction",
        }
    }

    /// Whether this is a right answer.
    fn is_right(self, status: u16, body: &[u8]) -> bool {
        let holds = |word: &[u8]| body.windows(word.len()).any(|part| part == word);
        match self {
            Self::Read => status == 200 && holds(b"Observation"),
            // A search that finds nothing costs nothing: there are always results.
            Self::Search => status == 200 && holds(b"Observation/"),
            Self::Create => status == 201,
            Self::Transaction => status == 200 && holds(b"\"201"),
        }
    }
}

/// Identifiers of what was made, in order of making.
#[derive(Clone, Debug, Default)]
struct Stock {
    patients: Rc<Vec<String>>,
    observations: Rc<Vec<String>>,
}

/// The file, inside the folder of our own server, in which the generator leaves the ids of
/// what it made.
pub const IDS_FILE: &str = "bench-fhir.json";

/// What that file holds.
#[derive(Debug, Deserialize, Serialize)]
pub struct Ids {
    /// Of the patients.
    pub patients: Vec<String>,
    /// Of their results.
    pub observations: Vec<String>,
}

/// What the server keeps.
#[derive(Clone, Copy, Debug)]
struct AtRest {
    patients: u64,
    observations: u64,
    /// Bytes, when the folder is known.
    bytes_a_patient: Option<u64>,
    bytes_an_observation: Option<u64>,
    seconds: u64,
}

impl AtRest {
    fn json(&self) -> Value {
        json!({
            "name": "fhir-at-rest",
            "patients": self.patients,
            "observations": self.observations,
            "bytes_per_patient": self.bytes_a_patient,
            "bytes_per_observation": self.bytes_an_observation,
            "made_in_s": self.seconds,
        })
    }

    fn line(&self) -> String {
        let mut line = format!(
            "{} patients and {} results made in {} s",
            self.patients, self.observations, self.seconds
        );
        for (bytes, what) in [
            (self.bytes_an_observation, "result"),
            (self.bytes_a_patient, "patient"),
        ] {
            if let Some(bytes) = bytes {
                // Writing into a string does not fail.
                let _written = write!(line, "; {bytes} bytes at rest a {what}");
            }
        }
        line
    }
}

/// Runs the benchmark and prints it. To be called from a thread without an async runtime.
///
/// # Errors
/// When a part cannot be started, or a load gets not one right answer.
pub fn run(options: &Options) -> anyhow::Result<Vec<Row>> {
    let chosen: Vec<FhirLoad> = FhirLoad::ALL
        .into_iter()
        .filter(|load| is_chosen(load.name(), &options.only))
        .collect();
    if chosen.is_empty() || options.callers.is_empty() {
        bail!("nothing is to be measured");
    }
    if options.patients == 0 || options.observations < options.patients {
        bail!("each patient needs at least one result");
    }
    let folder = match options.base {
        Some(_) => None,
        None => Some(Folder::new(
            options.data_folder.as_ref(),
            &options.program,
            options.patients,
        )?),
    };
    let target = Target::new(options, folder.as_ref().map(|folder| folder.path.clone()))?;
    let members = target.members(options.patients)?;
    let (stock, at_rest) = stock(&target, &members, options)?;
    if options.json {
        print(&format!("{}\n", at_rest.json()))?;
    }
    let mut rows = Vec::new();
    // Each load with all numbers of callers before the next: those that write come last, so that
    // no search finds what an earlier run of this very program has added.
    for load in &chosen {
        for callers in &options.callers {
            let row = measure(&target, *load, *callers, &stock, options)?;
            if options.json {
                print(&format!("{}\n", row.json()))?;
            }
            rows.push(row);
        }
    }
    if !options.json {
        print(&row::table(&at_rest.line(), &rows))?;
    }
    Ok(rows)
}

/// Makes the patients and their results, and weighs them.
fn stock(
    target: &Target,
    members: &[Member],
    options: &Options,
) -> anyhow::Result<(Stock, AtRest)> {
    let begin = std::time::Instant::now();
    let empty = target.bytes()?;
    say(&format!("{} patients", members.len()));
    let session = target.open()?;
    let host = session.clone();
    let made: Vec<Value> = members.iter().map(made::patient).collect();
    let patients = Rc::new(make(&session, options.patients, move |number| {
        let at = usize::try_from(number).unwrap_or_default();
        let body = made.get(at).map(Value::to_string).unwrap_or_default();
        host.create("Patient", &body, "representation")
    })?);
    session.close()?;
    let with_patients = target.bytes()?;
    say(&format!("{} results", options.observations));
    let session = target.open()?;
    let (host, known) = (session.clone(), Rc::clone(&patients));
    let observations = Rc::new(make(&session, options.observations, move |number| {
        let patient = of(&known, number);
        let round = number / u64::try_from(known.len()).unwrap_or(1).max(1);
        let body = made::observation(patient, round, number);
        host.create("Observation", &body, "representation")
    })?);
    session.close()?;
    let full = target.bytes()?;
    let each = |before: Option<u64>, after: Option<u64>, count: u64| {
        Some(after?.saturating_sub(before?) / count.max(1))
    };
    let at_rest = AtRest {
        patients: options.patients,
        observations: options.observations,
        bytes_a_patient: each(empty, with_patients, options.patients),
        bytes_an_observation: each(with_patients, full, options.observations),
        seconds: begin.elapsed().as_secs(),
    };
    target.leave(&Ids {
        patients: patients.to_vec(),
        observations: observations.to_vec(),
    })?;
    let stock = Stock {
        patients,
        observations,
    };
    Ok((stock, at_rest))
}

/// One of `all`, the first again after the last.
fn of(all: &[String], number: u64) -> &str {
    let of = u64::try_from(all.len()).unwrap_or(1).max(1);
    let at = usize::try_from(number % of).unwrap_or_default();
    all.get(at).map_or("", String::as_str)
}

/// Makes `count` resources; their identifiers in the order of their numbers.
fn make(
    session: &Session,
    count: u64,
    request: impl Fn(u64) -> PreparedRequest + 'static,
) -> anyhow::Result<Vec<String>> {
    let slots = vec![String::new(); usize::try_from(count)?];
    let ids = Rc::new(RefCell::new(slots));
    let wrong = Rc::new(RefCell::new(None));
    let (kept, first) = (Rc::clone(&ids), Rc::clone(&wrong));
    load::run_reading(
        Plan {
            address: session.address(),
            connections: MAKERS,
            rate: None,
            seconds: MAKE_SECONDS_MAX,
            count: Some(count),
        },
        request,
        move |number, status, body| {
            let id = matches!(status, 200 | 201).then(|| id_of(body)).flatten();
            let is_right = id.is_some();
            if !is_right {
                first
                    .borrow_mut()
                    .get_or_insert_with(|| describe(status, body));
            }
            let at = usize::try_from(number).unwrap_or(usize::MAX);
            if let (Some(slot), Some(id)) = (kept.borrow_mut().get_mut(at), id) {
                *slot = id;
            }
            is_right
        },
    )?;
    let ids = ids.take();
    if ids.iter().any(String::is_empty) {
        let wrong = wrong.take().unwrap_or_else(|| "no answer".to_owned());
        bail!("not everything could be made; the first wrong answer was {wrong}");
    }
    Ok(ids)
}

/// The identifier of a resource that was answered whole.
fn id_of(body: &[u8]) -> Option<String> {
    let json: Value = serde_json::from_slice(body).ok()?;
    Some(json.get("id")?.as_str()?.to_owned())
}

/// Status and the first issue's code or words, as far as the answer is a FHIR outcome.
fn describe(status: u16, body: &[u8]) -> String {
    let json: Value = serde_json::from_slice(body).unwrap_or_default();
    let word = |pointer: &str| json.pointer(pointer)?.as_str().map(str::to_owned);
    let why = word("/issue/0/details/coding/0/code")
        .or_else(|| word("/code"))
        .or_else(|| word("/issue/0/diagnostics"))
        .or_else(|| word("/issue/0/details/text"));
    format!("{status} {}", why.as_deref().unwrap_or("without a code"))
}

type Make = Rc<dyn Fn(u64) -> PreparedRequest>;

/// The requests of a load.
fn requests(load: FhirLoad, session: &Session, stock: &Stock) -> anyhow::Result<Make> {
    let host = session.clone();
    let patients = Rc::clone(&stock.patients);
    let observations = Rc::clone(&stock.observations);
    let count = u64::try_from(patients.len())?;
    Ok(match load {
        FhirLoad::Read => {
            let of_all = u64::try_from(observations.len())?;
            Rc::new(move |number| {
                let id = of(&observations, pick(number, of_all));
                host.get(&format!("/Observation/{id}"))
            })
        }
        FhirLoad::Search => Rc::new(move |number| {
            let patient = of(&patients, pick(number, count));
            let code = made::code(number);
            host.get(&format!(
                "/Observation?patient=Patient/{patient}&code=http://loinc.org%7C{code}"
            ))
        }),
        FhirLoad::Create => Rc::new(move |number| {
            let body = made::observation(of(&patients, pick(number, count)), number, number);
            host.create("Observation", &body, "minimal")
        }),
        FhirLoad::Transaction => {
            let all: Vec<PreparedRequest> = (0..TRANSACTIONS_MAX)
                .map(|number| {
                    let patient = of(&patients, pick(number, count));
                    host.transaction(&made::transaction(patient, number, TRANSACTION))
                })
                .collect();
            let first = all.first().context("no transaction was made")?.clone();
            Rc::new(move |number| {
                let at = usize::try_from(number % TRANSACTIONS_MAX).unwrap_or_default();
                all.get(at).unwrap_or(&first).clone()
            })
        }
    })
}

/// What a phase showed.
struct Phase {
    outcome: Outcome,
    wrong: Option<String>,
    server: machine::Usage,
    generator: machine::Usage,
    rss_kb: u64,
    stats: Stats,
}

fn phase(
    target: &Target,
    load: FhirLoad,
    callers: usize,
    stock: &Stock,
    (seconds, rate): (u64, Option<u64>),
) -> anyhow::Result<Phase> {
    let session = target.open()?;
    let make = requests(load, &session, stock)?;
    drive(&session, load, callers, &make, (WARM_SECONDS, rate))?;
    let process = session.process().map(|id| id.to_string());
    let used = || match &process {
        Some(process) => machine::usage(process),
        None => Ok(machine::Usage::default()),
    };
    let (server_before, own_before) = (used()?, machine::usage("self")?);
    let (outcome, wrong) = drive(&session, load, callers, &make, (seconds, rate))?;
    let (server, generator) = (used()?, machine::usage("self")?);
    let rss_kb = match &process {
        Some(process) => machine::rss_kb(process)?,
        None => 0,
    };
    Ok(Phase {
        outcome,
        wrong,
        server: server.since(&server_before),
        generator: generator.since(&own_before),
        rss_kb,
        stats: session.close()?.unwrap_or_default(),
    })
}

fn drive(
    session: &Session,
    load: FhirLoad,
    callers: usize,
    make: &Make,
    (seconds, rate): (u64, Option<u64>),
) -> anyhow::Result<(Outcome, Option<String>)> {
    let plan = Plan {
        address: session.address(),
        connections: callers,
        rate,
        seconds,
        count: None,
    };
    let make = Rc::clone(make);
    let wrong = Rc::new(RefCell::new(None));
    let first = Rc::clone(&wrong);
    let outcome = load::run_reading(
        plan,
        move |number| make(number),
        move |_, status, body| {
            let is_right = load.is_right(status, body);
            if !is_right {
                first
                    .borrow_mut()
                    .get_or_insert_with(|| describe(status, body));
            }
            is_right
        },
    )?;
    let wrong = wrong.take();
    Ok((outcome, wrong))
}

fn measure(
    target: &Target,
    load: FhirLoad,
    callers: usize,
    stock: &Stock,
    options: &Options,
) -> anyhow::Result<Row> {
    let name = load.name();
    say(&format!("{name}: {callers} callers"));
    let full = phase(target, load, callers, stock, (options.seconds, None))?;
    if full.outcome.calls == 0 {
        let wrong = full.wrong.unwrap_or_else(|| "no answer at all".to_owned());
        bail!("{name}: not one right answer; the first was {wrong}");
    }
    let rate = (full.outcome.calls_per_s() / 2).max(1);
    say(&format!("{name}: {rate} calls a second"));
    let paced = phase(target, load, callers, stock, (options.seconds, Some(rate)))?;
    let floor = target.floor(name, full.stats.batch())?;
    let is_transaction = load == FhirLoad::Transaction;
    Ok(Row {
        name,
        people: options.patients,
        connections: callers,
        calls: full.outcome.calls,
        errors: full.outcome.errors + paced.outcome.errors,
        wrong: full.wrong.or(paced.wrong),
        calls_per_s: full.outcome.calls_per_s(),
        full_p99_us: full.outcome.p99_us(),
        rate,
        p50_us: paced.outcome.p50_us(),
        p99_us: paced.outcome.p99_us(),
        max_us: paced.outcome.max_us(),
        floor,
        stats: full.stats,
        cpu_us: full.server.cpu_us,
        generator_cpu_us: full.generator.cpu_us,
        read_bytes: full.server.read_bytes,
        answered: full.outcome.calls + full.outcome.errors,
        rss_kb: full.rss_kb,
        resources_per_s: is_transaction
            .then(|| full.outcome.calls_per_s().saturating_mul(TRANSACTION)),
    })
}
