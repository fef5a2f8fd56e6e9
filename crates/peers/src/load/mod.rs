//! The load generator.
//!
//! With a rate it is an open model: call `i` is due at `start + i / rate`, whoever is late,
//! and its latency counts from then, so that a server that stalls pays for every call that
//! had to wait ("coordinated omission" does not happen). Without a rate it is a closed loop
//! that finds the most calls a second. All connections live on one thread, so that at most
//! one processor is taken from the server.

mod histogram;
mod wire;

use std::{
    cell::{Cell, RefCell},
    io,
    net::SocketAddr,
    rc::Rc,
    thread,
    time::{Duration, Instant},
};

use tokio::{
    sync::{Mutex, mpsc},
    task::LocalSet,
};

pub use histogram::Histogram;
pub use wire::PreparedRequest;

use wire::Connection;

/// Seconds beyond the plan for which outstanding answers are awaited.
const GRACE_SECONDS: u64 = 30;
/// Failures in a row after which a connection gives up.
const FAILURES_MAX: u32 = 5;

/// What to do.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// The server.
    pub address: SocketAddr,
    /// Connections, each with one request at a time.
    pub connections: usize,
    /// Calls a second, on schedule; `None` is as many as the connections can.
    pub rate: Option<u64>,
    /// No call begins after so many seconds.
    pub seconds: u64,
    /// No more calls than these.
    pub count: Option<u64>,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Calls that were answered as they should.
    pub calls: u64,
    /// Calls that failed, were answered otherwise or not at all.
    pub errors: u64,
    /// From the first start to the last answer.
    pub elapsed: Duration,
    /// Latencies of the answered calls in microseconds; from the intended start when there
    /// was a schedule.
    pub latency: Histogram,
}

impl Outcome {
    /// Right answers a second.
    #[must_use]
    pub fn calls_per_s(&self) -> u64 {
        let micros = self.elapsed.as_micros().max(1);
        let rate = u128::from(self.calls) * 1_000_000 / micros;
        u64::try_from(rate).unwrap_or(u64::MAX)
    }

    /// Median latency.
    #[must_use]
    pub fn p50_us(&self) -> u64 {
        self.latency.quantile(500)
    }

    /// What 99 percent of the calls did not exceed.
    #[must_use]
    pub fn p99_us(&self) -> u64 {
        self.latency.quantile(990)
    }

    /// The slowest call.
    #[must_use]
    pub const fn max_us(&self) -> u64 {
        self.latency.max()
    }
}

/// Which of `of` things call number `call` is about: even, in no order, the same each time.
#[must_use]
pub const fn pick(call: u64, of: u64) -> u64 {
    // SplitMix64 (Steele, Lea, Flood 2014).
    let mut z = call.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^= z >> 31;
    if of == 0 { 0 } else { z % of }
}

/// Runs a plan: `make` gives request number `i` (it must be quick), `check` says whether a
/// status is right. To be called from a thread without an async runtime.
///
/// # Errors
/// When the runtime cannot start. What the server does wrong is counted.
pub fn run(
    plan: Plan,
    make: impl Fn(u64) -> PreparedRequest + 'static,
    check: fn(u16) -> bool,
) -> io::Result<Outcome> {
    run_reading(plan, make, move |_, status, _| check(status))
}

/// As [`run`]; `judge` sees number, status and body of each answer.
///
/// # Errors
/// As [`run`].
pub fn run_reading(
    plan: Plan,
    make: impl Fn(u64) -> PreparedRequest + 'static,
    judge: impl Fn(u64, u16, &[u8]) -> bool + 'static,
) -> io::Result<Outcome> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let shared = Rc::new(Shared {
        plan,
        make,
        judge,
        next: Cell::new(0),
        calls: Cell::new(0),
        errors: Cell::new(0),
        begun: Cell::new(0),
        latency: RefCell::default(),
        last: Cell::new(None),
    });
    let local = LocalSet::new();
    let start = local.block_on(&runtime, Rc::clone(&shared).drive());
    // What was begun and never ended is an error too.
    let begun = shared.begun.get();
    let ended = shared.calls.get() + shared.errors.get();
    let unanswered = begun.saturating_sub(ended);
    let last = shared.last.get().unwrap_or(start);
    Ok(Outcome {
        calls: shared.calls.get(),
        errors: shared.errors.get() + unanswered,
        elapsed: last.duration_since(start),
        latency: shared.latency.take(),
    })
}

/// A call that is due.
struct Due {
    number: u64,
    at: Instant,
}

struct Shared<M, J> {
    plan: Plan,
    make: M,
    judge: J,
    next: Cell<u64>,
    begun: Cell<u64>,
    calls: Cell<u64>,
    errors: Cell<u64>,
    latency: RefCell<Histogram>,
    last: Cell<Option<Instant>>,
}

impl<M, J> Shared<M, J>
where
    M: Fn(u64) -> PreparedRequest + 'static,
    J: Fn(u64, u16, &[u8]) -> bool + 'static,
{
    /// Opens all connections, then starts the clock; the instant of the start.
    async fn drive(self: Rc<Self>) -> Instant {
        let mut connections = Vec::new();
        for _ in 0..self.plan.connections {
            match Connection::open(self.plan.address).await {
                Ok(connection) => connections.push(connection),
                Err(_) => self.fail(),
            }
        }
        let start = Instant::now();
        let queue = self
            .plan
            .rate
            .map(|rate| Rc::new(Mutex::new(pace(self.plan, rate, start))));
        let mut workers = tokio::task::JoinSet::new();
        for connection in connections {
            let (shared, queue) = (Rc::clone(&self), queue.clone());
            workers.spawn_local(async move { shared.work(connection, start, queue).await });
        }
        let limit = Duration::from_secs(self.plan.seconds.saturating_add(GRACE_SECONDS));
        let all = async { while workers.join_next().await.is_some() {} };
        if tokio::time::timeout(limit, all).await.is_err() {
            workers.abort_all();
        }
        start
    }

    async fn work(
        &self,
        mut connection: Connection,
        start: Instant,
        queue: Option<Rc<Mutex<mpsc::UnboundedReceiver<Due>>>>,
    ) {
        let mut failures = 0;
        loop {
            let due = match &queue {
                Some(queue) => queue.lock().await.recv().await,
                None => self.now(start),
            };
            let Some(due) = due else {
                return;
            };
            self.begun.set(self.begun.get() + 1);
            if self.call(&mut connection, &due).await {
                failures = 0;
                continue;
            }
            failures += 1;
            if failures >= FAILURES_MAX {
                return;
            }
            match Connection::open(self.plan.address).await {
                Ok(fresh) => connection = fresh,
                Err(_) => return,
            }
        }
    }

    /// The next call of a closed loop.
    fn now(&self, start: Instant) -> Option<Due> {
        let at = Instant::now();
        let number = self.next.get();
        let over = at.duration_since(start) >= Duration::from_secs(self.plan.seconds)
            || self.plan.count.is_some_and(|count| number >= count);
        self.next.set(number + 1);
        (!over).then_some(Due { number, at })
    }

    /// Makes one call; `false` when the connection broke.
    async fn call(&self, connection: &mut Connection, due: &Due) -> bool {
        let request = (self.make)(due.number);
        let Ok((status, body)) = connection.call(&request).await else {
            self.fail();
            return false;
        };
        let end = Instant::now();
        let micros = end.duration_since(due.at).as_micros();
        let micros = u64::try_from(micros).unwrap_or(u64::MAX);
        self.latency.borrow_mut().note(micros);
        self.last.set(Some(end));
        if (self.judge)(due.number, status, body) {
            self.calls.set(self.calls.get() + 1);
        } else {
            self.fail();
        }
        true
    }

    fn fail(&self) {
        self.errors.set(self.errors.get() + 1);
    }
}

/// Hands out calls on schedule, from a thread of its own: its sleep is exact to some tens of
/// microseconds, a timer of the async runtime only to a millisecond.
fn pace(plan: Plan, rate: u64, start: Instant) -> mpsc::UnboundedReceiver<Due> {
    let (sender, receiver) = mpsc::unbounded_channel();
    let rate = rate.max(1);
    let most = plan.seconds.saturating_mul(rate);
    let count = plan.count.map_or(most, |count| count.min(most));
    thread::spawn(move || {
        for number in 0..count {
            let whole = Duration::from_secs(number / rate);
            let part = Duration::from_nanos(number % rate * 1_000_000_000 / rate);
            let at = start + whole + part;
            thread::sleep(at.saturating_duration_since(Instant::now()));
            if sender.send(Due { number, at }).is_err() {
                return;
            }
        }
    });
    receiver
}
