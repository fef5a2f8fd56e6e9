//! What runs beside the requests: sealing, sweeping, comparing peers with the ledgers; and in
//! threads of their own, because they take long or wait for another machine, insurers' files,
//! exports, notifications and the counter of a clinic's node.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::Duration,
};

use counter::Upstream;
use fhir_server::subscriptions;
use web::App;

use crate::courier::Postman;

/// How often the sealer looks.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Seconds after which whatever waits is sealed.
const SEAL_SECONDS: u32 = 60;
/// Seconds between two sweeps of sessions and challenges that have ended.
const SWEEP_SECONDS: u32 = 300;
/// Seconds between two looks whether somebody's information has come to its end.
const RETENTION_SECONDS: u32 = 60;
/// Seconds between two comparisons of what connected with the ledgers.
const WATCH_SECONDS: u32 = 60;
/// Seconds after which sealing that is late (the clock was set, the disk was full) is tried again.
const RETRY_SECONDS: u32 = 10;
const LOOKS_A_SECOND: u32 = 2;
/// Looks between two rounds of the counter.
const COUNTER_LOOKS: u32 = 4;

/// The jobs' threads; they end when this is dropped.
pub struct Jobs {
    stopping: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
    app: Arc<App>,
}

impl Jobs {
    /// Starts the jobs.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(app: &Arc<App>) -> std::io::Result<Self> {
        let stopping = Arc::new(AtomicBool::new(false));
        app.health.sealed(0, app.gate.now());
        let mut jobs = Self {
            stopping,
            threads: Vec::new(),
            app: Arc::clone(app),
        };
        jobs.spawn("jobs", run)?;
        jobs.spawn("intake", intake)?;
        jobs.spawn("exports", exports)?;
        jobs.spawn("subscriptions", notify)?;
        jobs.spawn("retention", retention)?;
        if app.told::<Upstream>().is_some() {
            jobs.spawn("counter", run_counter)?;
        }
        Ok(jobs)
    }

    fn spawn(&mut self, name: &str, run: fn(&App, &AtomicBool)) -> std::io::Result<()> {
        let (app, stop) = (Arc::clone(&self.app), Arc::clone(&self.stopping));
        let thread = std::thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || run(&app, &stop))?;
        self.threads.push(thread);
        Ok(())
    }
}

impl Drop for Jobs {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::SeqCst);
        if let Some(upstream) = self.app.told::<Upstream>() {
            upstream.stop();
        }
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                tracing::error!("the jobs had stopped by themselves");
            }
        }
    }
}

/// Rounds of the counter: at once after the start, then every other second a look whether
/// something is due.
fn run_counter(app: &App, stop: &AtomicBool) {
    let Some(upstream) = app.told::<Upstream>() else {
        return;
    };
    let mut looks: u32 = 0;
    while !stop.load(Ordering::SeqCst) {
        if looks.is_multiple_of(COUNTER_LOOKS)
            && let Err(error) = counter::ops::round(app, upstream)
        {
            tracing::error!(?error, "a round of the counter failed");
        }
        looks = looks.wrapping_add(1);
        std::thread::sleep(LOOK_EVERY);
    }
}

/// Works off insurers' files, one after the other.
fn intake(app: &App, stop: &AtomicBool) {
    let is_stopping = || stop.load(Ordering::SeqCst);
    while !is_stopping() {
        match payers::work::round(&app.gate, &is_stopping) {
            Ok(true) => continue,
            Ok(false) => {}
            // What was done stays done; the next round goes on behind it.
            Err(error) => tracing::error!(?error, "an insurer's file could not be worked off"),
        }
        std::thread::sleep(LOOK_EVERY);
    }
}

/// Writes the exports of patients' records.
fn exports(app: &App, stop: &AtomicBool) {
    while !stop.load(Ordering::SeqCst) {
        match fhir_server::export::work::round(&app.gate) {
            Ok(true) => continue,
            Ok(false) => {}
            Err(error) => tracing::error!(?error, "an export could not be written"),
        }
        std::thread::sleep(LOOK_EVERY);
    }
}

/// Notifies facilities' systems of what they subscribed to.
fn notify(app: &App, stop: &AtomicBool) {
    let courier = Postman::default();
    let is_stopping = || stop.load(Ordering::SeqCst);
    while !is_stopping() {
        let origin = &app.origin;
        match subscriptions::work::round(&app.gate, &courier, origin, &is_stopping) {
            Ok(true) => continue,
            Ok(false) => {}
            // What waits goes on waiting; the next round tries again.
            Err(error) => tracing::error!(?error, "notifications could not be sent"),
        }
        std::thread::sleep(LOOK_EVERY);
    }
}

/// Removes what is past its time, a person at a time, at once while somebody is due.
fn retention(app: &App, stop: &AtomicBool) {
    let is_stopping = || stop.load(Ordering::SeqCst);
    let mut looks: u32 = 0;
    while !is_stopping() {
        if looks.is_multiple_of(RETENTION_SECONDS * LOOKS_A_SECOND) {
            match records::ops::round(&app.gate, &is_stopping) {
                Ok(true) => continue,
                Ok(false) => {}
                // What was done stays done; who was not reached is still due.
                Err(error) => tracing::error!(?error, "what is past its time could not be removed"),
            }
        }
        looks = looks.wrapping_add(1);
        std::thread::sleep(LOOK_EVERY);
    }
}

fn run(app: &App, stop: &AtomicBool) {
    let mut looks: u32 = 0;
    while !stop.load(Ordering::SeqCst) {
        std::thread::sleep(LOOK_EVERY);
        looks = looks.wrapping_add(1);
        let due = |seconds: u32| looks.is_multiple_of(seconds * LOOKS_A_SECOND);
        let is_late = due(RETRY_SECONDS) && app.health.is_seal_late(app.gate.now());
        if due(SEAL_SECONDS) || is_late || app.gate.is_seal_due() {
            seal(app);
        }
        if due(SWEEP_SECONDS)
            && let Err(error) = app.gate.sweep()
        {
            tracing::error!(?error, "what has ended could not be swept");
        }
        if due(WATCH_SECONDS)
            && let Err(error) = equipment::ops::watch::round(app)
        {
            tracing::error!(?error, "peers could not be compared with the ledgers");
        }
    }
}

/// One round of sealing; `false` when what waits could not be sealed.
pub(crate) fn seal(app: &App) -> bool {
    match app.gate.seal() {
        Ok(records) => {
            app.health.sealed(records, app.gate.now());
            true
        }
        Err(error) => {
            tracing::error!(?error, "what waits could not be sealed");
            false
        }
    }
}
