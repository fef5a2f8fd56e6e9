//! The loads, and how each makes its requests.

use std::{
    cell::RefCell,
    fs,
    net::SocketAddr,
    path::Path,
    rc::Rc,
    sync::atomic::{AtomicU64, Ordering},
};

use anyhow::{Context, bail};

use super::{
    CONNECTIONS, cards,
    server::{Program, Ready},
};
use crate::{
    load::{self, Outcome, Plan, PreparedRequest, pick},
    record_system::Insured,
};

/// Most calls that are prepared for a phase without a rate, a second of it.
const PREPARED_PER_S: u64 = 6_000;
/// Most calls that are prepared at all: their challenges age meanwhile.
const PREPARED_MAX: u64 = 60_000;

/// Bookings of one batch.
const BATCH_LINES: usize = 500;
/// Different batches that are made beforehand: 70 kB each.
const BATCHES_MAX: usize = 100;

/// How many calls to prepare for a phase without a rate.
pub(super) fn enough(seconds: u64) -> u64 {
    seconds.saturating_mul(PREPARED_PER_S).min(PREPARED_MAX)
}

/// A load.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Load {
    /// A handler that does nothing.
    Empty,
    /// Eligibility by insured number.
    Number,
    /// Eligibility by card.
    Card,
    /// Five hundred bookings in one request.
    Batch,
    /// A consented look at the shared record.
    Summary,
    /// A JP-CLINS Bundle registered.
    Register,
}

impl Load {
    pub(super) const ALL: [Self; 6] = [
        Self::Empty,
        Self::Number,
        Self::Card,
        Self::Batch,
        Self::Summary,
        Self::Register,
    ];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Number => "eligibility-number",
            Self::Card => "eligibility-card",
            Self::Batch => "eligibility-batch",
            Self::Summary => "summary",
            Self::Register => "register",
        }
    }

    /// Calls a second at which latency is measured: half of what is required, and of looks at
    /// the shared record all of it, as its required latency is named at 500 a second.
    pub(super) const fn rate(self) -> u64 {
        match self {
            Self::Empty | Self::Number | Self::Card => 1_000,
            Self::Summary => 500,
            Self::Register => 100,
            // A large clinic asks once a day: what counts is how long one takes.
            Self::Batch => 1,
        }
    }

    /// The floor's name; a handler that does nothing has none.
    pub(super) const fn floor(self) -> Option<&'static str> {
        match self {
            Self::Empty | Self::Batch | Self::Register => None,
            Self::Number => Some("eligibility"),
            Self::Card => Some("card"),
            Self::Summary => Some("summary"),
        }
    }

    /// A card's challenge is good once: there is none to spare for warming.
    pub(super) const fn can_warm(self) -> bool {
        !matches!(self, Self::Card)
    }
}

type Make = Rc<dyn Fn(u64) -> PreparedRequest>;

/// A load before a server.
pub(super) struct Drive {
    ready: Ready,
    address: SocketAddr,
    load: Load,
    make: Make,
    prepared: Option<u64>,
}

impl Drive {
    pub(super) fn new(ready: &Ready, load: Load) -> anyhow::Result<Self> {
        let address = ready.address()?;
        let make = match load {
            Load::Empty => one(PreparedRequest::new(
                "GET",
                "/health/live",
                &address.to_string(),
                &[],
                b"",
            )),
            Load::Number => numbers(ready, address)?,
            Load::Batch => batches(ready, address)?,
            Load::Summary => summaries(ready, address)?,
            Load::Register => registrations(ready, address)?,
            // Its requests are made by `prepare`.
            Load::Card => one(PreparedRequest::new("GET", "/", "", &[], b"")),
        };
        Ok(Self {
            ready: ready.clone(),
            address,
            load,
            make,
            prepared: None,
        })
    }

    /// Makes beforehand what is too costly to be made in the timed part.
    pub(super) fn prepare(&mut self, count: u64) -> anyhow::Result<()> {
        if self.load != Load::Card {
            return Ok(());
        }
        let requests = cards::prepare(&self.ready, self.address, count)?;
        self.prepared = Some(u64::try_from(requests.len())?);
        self.make = cycle(requests)?;
        Ok(())
    }

    /// Drives the server; beside the outcome what the first wrong answer was.
    pub(super) fn run(
        &self,
        seconds: u64,
        rate: Option<u64>,
    ) -> anyhow::Result<(Outcome, Option<String>)> {
        let plan = Plan {
            address: self.address,
            connections: CONNECTIONS,
            rate,
            seconds,
            count: self.prepared,
        };
        let make = Rc::clone(&self.make);
        let wrong = Rc::new(RefCell::new(None));
        let first = Rc::clone(&wrong);
        let outcome = load::run_reading(
            plan,
            move |number| make(number),
            move |_, status, body| {
                let is_right = matches!(status, 200 | 201);
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
}

/// Status and catalogue code, nothing of the rest.
pub(super) fn describe(status: u16, body: &[u8]) -> String {
    let json: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    let code = json.get("code").and_then(serde_json::Value::as_str);
    format!("{status} {}", code.unwrap_or("without a code"))
}

/// Resources a second, at so many calls; `None` of a load that carries one or none a call.
pub(super) fn resources_per_s(
    program: &Program,
    load: Load,
    calls_per_s: u64,
) -> anyhow::Result<Option<u64>> {
    if load != Load::Register {
        return Ok(None);
    }
    let lines = lines(&program.data.join(BUNDLES))?;
    let entries: u64 = lines.iter().filter_map(|line| Some(bundle(line)?.1)).sum();
    let of = u64::try_from(lines.len())?;
    Ok(Some(calls_per_s.saturating_mul(entries) / of.max(1)))
}

fn one(request: PreparedRequest) -> Make {
    Rc::new(move |_| request.clone())
}

/// Request number `i` is the `i`th, from the beginning again after the last.
fn cycle(requests: Vec<PreparedRequest>) -> anyhow::Result<Make> {
    let first = requests.first().context("nothing was prepared")?.clone();
    let of = u64::try_from(requests.len())?;
    Ok(Rc::new(move |number| {
        let at = usize::try_from(number % of).unwrap_or_default();
        requests.get(at).unwrap_or(&first).clone()
    }))
}

/// Requests in no order, each as often as any other.
fn shuffled(requests: Vec<PreparedRequest>) -> anyhow::Result<Make> {
    let of = u64::try_from(requests.len())?;
    let cycle = cycle(requests)?;
    Ok(Rc::new(move |number| cycle(pick(number, of))))
}

pub(super) fn lines(file: &Path) -> anyhow::Result<Vec<String>> {
    let text = fs::read_to_string(file).with_context(|| format!("no {}", file.display()))?;
    let lines: Vec<String> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(str::to_owned)
        .collect();
    if lines.is_empty() {
        bail!("{} is empty", file.display());
    }
    Ok(lines)
}

/// A POST of JSON by a clinic's record system.
pub(super) fn post(
    address: SocketAddr,
    token: &str,
    path: &str,
    body: &serde_json::Value,
) -> PreparedRequest {
    let bearer = format!("Bearer {token}");
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/json"),
    ];
    let body = body.to_string();
    PreparedRequest::new(
        "POST",
        path,
        &address.to_string(),
        &headers,
        body.as_bytes(),
    )
}

fn numbers(ready: &Ready, address: SocketAddr) -> anyhow::Result<Make> {
    let token = ready.token()?;
    let requests = lines(&ready.numbers_file)?
        .iter()
        .map(|line| {
            let insured = insured(line).context("a line of insured numbers is malformed")?;
            let path = "/api/v1/eligibility/checks";
            Ok(post(address, &token, path, &insured.json()))
        })
        .collect::<anyhow::Result<_>>()?;
    shuffled(requests)
}

/// Batches of as many bookings as one may hold, of different people.
fn batches(ready: &Ready, address: SocketAddr) -> anyhow::Result<Make> {
    let token = ready.token()?;
    let lines = lines(&ready.numbers_file)?;
    let requests = lines
        .chunks(BATCH_LINES)
        .take(BATCHES_MAX)
        .map(|chunk| {
            let bookings = chunk.iter().enumerate().map(|(nth, line)| {
                let insured = insured(line).context("a line of insured numbers is malformed")?;
                let mut booking = insured.json();
                let members = booking.as_object_mut().context("an object")?;
                members.insert("reference".to_owned(), nth.to_string().into());
                Ok(booking)
            });
            let bookings: Vec<serde_json::Value> = bookings.collect::<anyhow::Result<_>>()?;
            let body = serde_json::json!({ "bookings": bookings });
            Ok(post(address, &token, "/api/v1/eligibility/batches", &body))
        })
        .collect::<anyhow::Result<_>>()?;
    cycle(requests)
}

/// `insurer number,symbol,number,branch,date of birth`.
pub(super) fn insured(line: &str) -> Option<Insured<'_>> {
    let mut parts = line.split(',');
    let insured = Insured {
        insurer_number: parts.next()?,
        symbol: parts.next()?,
        number: parts.next()?,
        branch: parts.next()?,
        birth_date: parts.next()?,
        on: "",
    };
    parts.next().is_none().then_some(insured)
}

fn summaries(ready: &Ready, address: SocketAddr) -> anyhow::Result<Make> {
    let host = address.to_string();
    let headers = [("cookie", ready.staff_cookie.as_str())];
    let requests = lines(&ready.visits_file)?
        .iter()
        .map(|visit| {
            let path = format!("/api/v1/visits/{visit}/summary");
            PreparedRequest::new("GET", &path, &host, &headers, b"")
        })
        .collect();
    shuffled(requests)
}

/// The file of Bundles, inside the data folder.
const BUNDLES: &str = "bench-bundles.txt";

/// `identifier <tab> resources <tab> JSON`.
fn bundle(line: &str) -> Option<(&str, u64, &str)> {
    let mut parts = line.splitn(3, '\t');
    Some((parts.next()?, parts.next()?.parse().ok()?, parts.next()?))
}

/// Bundles under identifiers that were never used before, so that none replaces another.
fn registrations(ready: &Ready, address: SocketAddr) -> anyhow::Result<Make> {
    static USED: AtomicU64 = AtomicU64::new(0);
    let halves = lines(&ready.bundles_file)?
        .iter()
        .map(|line| {
            let (identifier, _, json) = bundle(line)?;
            let (institution_year, _) = identifier.rsplit_once('^')?;
            let (before, after) = json.split_once(&format!("\"{identifier}\""))?;
            Some((format!("{before}\"{institution_year}^B"), after.to_owned()))
        })
        .collect::<Option<Vec<_>>>()
        .context("a line of Bundles is malformed")?;
    let bearer = format!("Bearer {}", ready.token()?);
    let of = u64::try_from(halves.len())?;
    Ok(Rc::new(move |number| {
        let at = usize::try_from(pick(number, of)).unwrap_or_default();
        let (before, after) = halves.get(at).map_or(("", ""), |(b, a)| (b, a));
        let fresh = USED.fetch_add(1, Ordering::Relaxed);
        let body = format!("{before}{}-{fresh}\"{after}", std::process::id());
        let headers = [
            ("authorization", bearer.as_str()),
            ("content-type", "application/fhir+json"),
        ];
        PreparedRequest::new(
            "POST",
            "/fhir/Bundle/$register",
            &address.to_string(),
            &headers,
            body.as_bytes(),
        )
    }))
}
