//! Record systems that check eligibility without pause, note every visit that was
//! acknowledged, and judge every other answer; and the question afterwards, whether all of it
//! is still there.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use kernel::{Secret, time::Clock as _};
use peers::{
    browser::Browser,
    http::{Http, Reply},
    oauth::{ClientKey, Credentials, MachineClock},
    record_system::{Insured, RecordSystem},
};
use tasuki::program;
use tokio::{runtime::Runtime, task::JoinHandle};

use super::{Server, wait_until};

/// What a caller waits after it was turned away.
const PATIENCE: Duration = Duration::from_millis(5);
/// Longest `Retry-After` that makes sense, in seconds.
const RETRY_SECONDS_MAX: u64 = 60;
/// Those who ask for what was acknowledged.
const ASKERS: usize = 8;
/// Refusals of a visit that is there: the patient agreed to nothing.
const THERE: [&str; 3] = ["TSK-CNS-001", "TSK-CNS-002", "TSK-CNS-003"];
const NO_SUCH_VISIT: &str = "TSK-ELG-030";

/// What a load got for answers.
#[derive(Debug, Default)]
pub struct Tally {
    /// Visits whose check was answered with 200.
    pub acknowledged: Vec<String>,
    /// 429 with `Retry-After`.
    pub shed: u64,
    /// 503 out of the catalogue.
    pub unavailable: u64,
    /// Connections that broke.
    pub broken: u64,
    /// Other refusals out of the catalogue, by code.
    pub refused: BTreeMap<String, u64>,
    /// Answers that must never be given, in words.
    pub wrong: BTreeSet<String>,
    /// The longest wait for any answer.
    pub slowest: Duration,
}

impl Tally {
    fn note(&mut self, reply: &Reply, codes: &BTreeSet<&str>) {
        let code = reply.code().unwrap_or_default();
        let retry: Option<u64> = reply.header("retry-after").and_then(|s| s.parse().ok());
        let is_known = codes.contains(code.as_str());
        match reply.status {
            200 => match reply.word("/visit") {
                Some(visit) => self.acknowledged.push(visit),
                None => self.complain(reply, &code),
            },
            429 if is_known && retry.is_some_and(|s| (1..=RETRY_SECONDS_MAX).contains(&s)) => {
                self.shed += 1;
            }
            503 if is_known => self.unavailable += 1,
            400..=499 if is_known && reply.status != 429 => {
                *self.refused.entry(code).or_default() += 1;
            }
            _ => self.complain(reply, &code),
        }
    }

    fn complain(&mut self, reply: &Reply, code: &str) {
        let headers = &reply.headers;
        self.wrong
            .insert(format!("{} {code} {headers:?}", reply.status));
    }

    fn add(&mut self, other: Self) {
        self.acknowledged.extend(other.acknowledged);
        self.shed += other.shed;
        self.unavailable += other.unavailable;
        self.broken += other.broken;
        self.wrong.extend(other.wrong);
        self.slowest = self.slowest.max(other.slowest);
        for (code, times) in other.refused {
            *self.refused.entry(code).or_default() += times;
        }
    }

    /// Nothing was answered but yes, "too much at once" and "not now".
    pub fn assert_polite(&self) {
        assert!(self.wrong.is_empty(), "{:?}", self.wrong);
        assert!(self.refused.is_empty(), "{:?}", self.refused);
    }
}

/// What can be seen of a load while it runs.
#[derive(Debug, Default)]
pub struct Counts {
    pub acknowledged: AtomicU64,
    pub unavailable: AtomicU64,
    pub shed: AtomicU64,
    is_over: AtomicBool,
}

/// Callers at work.
pub struct Load<'a> {
    runtime: &'a Runtime,
    callers: Vec<JoinHandle<Tally>>,
    pub counts: Arc<Counts>,
}

impl<'a> Load<'a> {
    /// Callers that go on until they are stopped, or the server is gone.
    pub fn begin(runtime: &'a Runtime, server: &Server, callers: usize) -> Self {
        Self::begin_ahead(runtime, server, callers, 0)
    }

    /// The same of a machine whose clock is so many seconds ahead, as the server's is.
    pub fn begin_ahead(runtime: &'a Runtime, server: &Server, callers: usize, ahead: i64) -> Self {
        let counts = Arc::new(Counts::default());
        let numbers = Arc::new(server.numbers());
        let token = token(runtime, server, ahead);
        let callers = (0..callers)
            .map(|caller| {
                let system = RecordSystem::new(server.word("base"), token.reveal());
                let system = system.expect("an address");
                let (numbers, counts) = (Arc::clone(&numbers), Arc::clone(&counts));
                runtime.spawn(call(system, caller, numbers, counts))
            })
            .collect();
        Self {
            runtime,
            callers,
            counts,
        }
    }

    pub fn acknowledged(&self) -> u64 {
        self.counts.acknowledged.load(Ordering::SeqCst)
    }

    pub fn unavailable(&self) -> u64 {
        self.counts.unavailable.load(Ordering::SeqCst)
    }

    pub fn shed(&self) -> u64 {
        self.counts.shed.load(Ordering::SeqCst)
    }

    /// Each caller finishes what it asked; what all of them got.
    pub fn stop(self) -> Tally {
        self.counts.is_over.store(true, Ordering::SeqCst);
        let mut all = Tally::default();
        for caller in self.callers {
            all.add(self.runtime.block_on(caller).expect("a caller"));
        }
        all
    }
}

/// The callers' common token: a load lasts less than the token.
fn token(runtime: &Runtime, server: &Server, ahead: i64) -> Secret<String> {
    let credentials = Credentials {
        client: server.word("client").to_owned(),
        key: ClientKey::from_text(server.word("client_key")).expect("a key"),
    };
    let http = Http::new(server.word("base")).expect("an address");
    let mut got = None;
    wait_until("a token", || {
        let now = MachineClock.now().plus_seconds(ahead);
        match runtime.block_on(credentials.token(&http, now)) {
            Ok(token) => got = Some(token),
            Err(why) => eprintln!("no token {ahead} s ahead: {why:#}"),
        }
        got.is_some()
    });
    got.expect("a token").0
}

async fn call(
    system: RecordSystem,
    caller: usize,
    numbers: Arc<Vec<Vec<String>>>,
    counts: Arc<Counts>,
) -> Tally {
    let codes: BTreeSet<&str> = program::catalogue().iter().map(|e| e.code).collect();
    let mut tally = Tally::default();
    for line in numbers.iter().cycle().skip(caller) {
        if counts.is_over.load(Ordering::SeqCst) {
            break;
        }
        let insured = Insured {
            insurer_number: &line[0],
            symbol: &line[1],
            number: &line[2],
            branch: &line[3],
            ..Insured::default()
        };
        let begin = Instant::now();
        let Ok(reply) = system.check_by_number(&insured).await else {
            tally.broken += 1;
            break;
        };
        tally.slowest = tally.slowest.max(begin.elapsed());
        tally.note(&reply, &codes);
        match reply.status {
            200 => counts.acknowledged.fetch_add(1, Ordering::SeqCst),
            503 => counts.unavailable.fetch_add(1, Ordering::SeqCst),
            429 => counts.shed.fetch_add(1, Ordering::SeqCst),
            _ => 0,
        };
        if reply.status != 200 {
            tokio::time::sleep(PATIENCE).await;
        }
    }
    tally
}

/// Asks a server for visits; those that are not there.
pub fn lost<S: AsRef<str>>(runtime: &Runtime, server: &Server, visits: &[S]) -> Vec<String> {
    let share = visits.len().div_ceil(ASKERS).max(1);
    let askers: Vec<_> = visits
        .chunks(share)
        .map(|part| {
            let part: Vec<String> = part.iter().map(|v| v.as_ref().to_owned()).collect();
            runtime.spawn(ask(doctor(server), part))
        })
        .collect();
    let mut lost = Vec::new();
    for asker in askers {
        lost.extend(runtime.block_on(asker).expect("an asker"));
    }
    lost
}

fn doctor(server: &Server) -> Browser {
    let mut doctor = Browser::new(server.word("base")).expect("an address");
    let cookie = server.word("staff_cookie").split_once('=');
    let (name, value) = cookie.expect("a cookie");
    doctor.set_cookie(name, value);
    doctor
}

async fn ask(mut doctor: Browser, visits: Vec<String>) -> Vec<String> {
    let mut lost = Vec::new();
    for visit in visits {
        let path = format!("/api/v1/visits/{visit}/summary");
        let reply = doctor.json(&path).await.expect("an answer");
        match (reply.status, reply.code().as_deref()) {
            (200, _) => {}
            (_, Some(code)) if THERE.contains(&code) => {}
            (_, Some(NO_SUCH_VISIT)) => lost.push(visit),
            (status, code) => panic!("asked for {visit}, answered {status} {code:?}"),
        }
    }
    lost
}
