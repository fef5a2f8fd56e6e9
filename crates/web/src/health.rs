//! Alive, and ready: two questions with two answers.
//!
//! `/health/live` says that the process answers; it never asks the store, so that a slow disk
//! is no reason to kill a process that still has work in hand. `/health/ready` says whether a
//! load balancer should send work here: each check has its own two seconds, so that a store
//! that hangs gives 503 in time. While the program leaves, it is alive and not ready.
//!
//! Source: design section 5; RFC 9110 section 15.6.4 (503 with Retry-After).

use std::{
    future::Future,
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::http::header;
use kernel::{Refusal, Text, time::Timestamp};
use serde_json::{Value, json};
use store::{caller::Event, seal};

use crate::{Answer, App, Request, Route, handler, openapi::open};

/// Seconds that each check has.
const CHECK_SECONDS_MAX: u64 = 2;
/// Seconds after which whoever was told 503 may ask again.
const RETRY_SECONDS: u32 = 5;
/// Seconds for which a durable write stays a proof that writes can be made durable.
const PROOF_SECONDS: i64 = 10;
/// Seconds without a seal after which records that wait are a fault.
const SEAL_SECONDS_MAX: i64 = 300;

/// No sealer runs here yet.
const NEVER: i64 = i64::MIN;

static PROBE: Event = Event {
    code: "operation.probe",
    ja: "書き込み可否の確認",
    en: "check that writes can be made durable",
};

/// What a check found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Is it as it should be?
    pub ok: bool,
    /// What is so, without any data: the answer is open to everyone.
    pub words: Text,
}

impl Verdict {
    /// All is well.
    #[must_use]
    pub const fn good(ja: &'static str, en: &'static str) -> Self {
        Self {
            ok: true,
            words: Text { ja, en },
        }
    }

    /// No work should be sent here.
    #[must_use]
    pub const fn bad(ja: &'static str, en: &'static str) -> Self {
        Self {
            ok: false,
            words: Text { ja, en },
        }
    }
}

/// A verdict on its way.
pub type Asking = Pin<Box<dyn Future<Output = Verdict> + Send>>;

/// One thing that must hold before work is taken.
#[derive(Clone)]
pub struct Check {
    /// Its name in the answer, such as `store-answers`.
    pub name: &'static str,
    /// Finds out; whoever takes longer than two seconds has failed.
    pub ask: Arc<dyn Fn(Arc<App>) -> Asking + Send + Sync>,
}

/// What is known of the program's health.
pub struct Health {
    stopping: AtomicBool,
    checks: Mutex<Vec<Check>>,
    remarks: Mutex<Vec<Check>>,
    door_ends_at: AtomicI64,
    started_at: Timestamp,
    proof: tokio::sync::Mutex<Proof>,
    sealed_at: AtomicI64,
    seals: AtomicU64,
    sealed_records: AtomicU64,
}

/// When a write was last known to be durable, and how many commits there were then.
#[derive(Default)]
struct Proof {
    at: Option<Timestamp>,
    looked_at: Option<Timestamp>,
    commits: u64,
}

impl Health {
    pub(crate) fn new(started_at: Timestamp) -> Self {
        let check = |name, ask: fn(Arc<App>) -> Asking| Check {
            name,
            ask: Arc::new(ask),
        };
        Self {
            stopping: AtomicBool::new(false),
            checks: Mutex::new(vec![
                check("store-answers", |app| Box::pin(answers(app))),
                check("store-keeps", |app| Box::pin(keeps(app))),
                check("audit-sealed", |app| Box::pin(seals(app))),
            ]),
            remarks: Mutex::new(Vec::new()),
            door_ends_at: AtomicI64::new(NEVER),
            started_at,
            proof: tokio::sync::Mutex::new(Proof::default()),
            sealed_at: AtomicI64::new(NEVER),
            seals: AtomicU64::new(0),
            sealed_records: AtomicU64::new(0),
        }
    }

    /// One check more: what an installation has beside the store, such as a backup.
    pub fn add(&self, check: Check) {
        self.checks
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(check);
    }

    /// One thing more that whoever diagnoses should see, though work can go on without it,
    /// such as the clock.
    pub fn remark(&self, check: Check) {
        self.remarks
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(check);
    }

    /// Notes when the certificate that this server shows ends.
    pub fn door_ends(&self, at: Timestamp) {
        self.door_ends_at.store(at.micros(), Ordering::Relaxed);
    }

    /// When the certificate that this server shows ends, if it shows one.
    #[must_use]
    pub fn door_ends_at(&self) -> Option<Timestamp> {
        let at = self.door_ends_at.load(Ordering::Relaxed);
        (at != NEVER).then_some(Timestamp::from_micros(at))
    }

    /// From here on the program is not ready, and still alive.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::SeqCst);
    }

    /// Is the program on its way out?
    #[must_use]
    pub fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::SeqCst)
    }

    /// When the program started.
    #[must_use]
    pub const fn started_at(&self) -> Timestamp {
        self.started_at
    }

    /// A round of sealing ended well, with so many records sealed. The sealer says so first
    /// when it starts, with none: from then on its rounds are awaited.
    pub fn sealed(&self, records: usize, at: Timestamp) {
        if records > 0 {
            self.seals.fetch_add(1, Ordering::Relaxed);
            let records = u64::try_from(records).unwrap_or(u64::MAX);
            self.sealed_records.fetch_add(records, Ordering::Relaxed);
        }
        self.sealed_at.store(at.micros(), Ordering::Relaxed);
    }

    /// When sealing last ended well (at first: when the sealer started), rounds that sealed
    /// something, and records sealed.
    #[must_use]
    pub fn sealing(&self) -> (Option<Timestamp>, u64, u64) {
        let at = self.sealed_at.load(Ordering::Relaxed);
        (
            (at != NEVER).then_some(Timestamp::from_micros(at)),
            self.seals.load(Ordering::Relaxed),
            self.sealed_records.load(Ordering::Relaxed),
        )
    }

    /// Has no round of sealing ended well for five minutes?
    #[must_use]
    pub fn is_seal_late(&self, now: Timestamp) -> bool {
        let (at, ..) = self.sealing();
        at.is_some_and(|at| at.plus_seconds(SEAL_SECONDS_MAX) < now)
    }
}

/// The two routes.
#[must_use]
pub(crate) fn routes() -> Vec<Route> {
    vec![
        open(
            "/health/live",
            ("稼働確認", "is the process alive"),
            handler!(live),
        ),
        open(
            "/health/ready",
            ("受付可否の確認", "can work be taken"),
            handler!(ready),
        ),
    ]
}

/// Is it one of the two? They are answered without a place and whoever asks is nobody, so
/// that neither load nor a store that hangs keeps the answer back.
pub(crate) fn is_health(path: &str) -> bool {
    path.starts_with("/health/")
}

async fn live(_: Request) -> Result<Answer, Refusal> {
    Ok(Answer::json(200, &json!({ "status": "live" })))
}

async fn ready(request: Request) -> Result<Answer, Refusal> {
    let app = Arc::clone(request.app());
    // Whoever leaves says so at once, however slow the store may be.
    let found = if app.health.is_stopping() {
        Vec::new()
    } else {
        ask_all(&app, &app.health.checks).await
    };
    let stopping = app.health.is_stopping();
    let here = if stopping {
        Verdict::bad("終了の準備をしています。", "the program is about to end")
    } else {
        Verdict::good("受付中です。", "the program takes work")
    };
    let found: Vec<(&str, Verdict)> = std::iter::once(("open", here)).chain(found).collect();
    let ok = found.iter().all(|(_, verdict)| verdict.ok);
    let status = match (ok, stopping) {
        (true, _) => "ready",
        (false, true) => "stopping",
        (false, false) => "not-ready",
    };
    let checks: Vec<Value> = found
        .iter()
        .map(|(name, verdict)| {
            json!({
                "name": name, "ok": verdict.ok,
                "words_ja": verdict.words.ja, "words_en": verdict.words.en,
            })
        })
        .collect();
    let body = json!({ "status": status, "checks": checks });
    if ok {
        return Ok(Answer::json(200, &body));
    }
    let answer = Answer::json(503, &body);
    Ok(answer.with_header(header::RETRY_AFTER, RETRY_SECONDS.to_string()))
}

/// What a check found, for whoever diagnoses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// The check's name.
    pub name: &'static str,
    /// Can no work be done without it?
    pub is_needed: bool,
    /// What it found.
    pub verdict: Verdict,
}

/// Asks everything that is asked for readiness, and the remarks.
pub async fn look(app: &Arc<App>) -> Vec<Found> {
    let found = |is_needed| {
        move |(name, verdict)| Found {
            name,
            is_needed,
            verdict,
        }
    };
    let (needed, remarks) = tokio::join!(
        ask_all(app, &app.health.checks),
        ask_all(app, &app.health.remarks)
    );
    let needed = needed.into_iter().map(found(true));
    needed
        .chain(remarks.into_iter().map(found(false)))
        .collect()
}

/// All checks at once, each with its own time.
async fn ask_all(app: &Arc<App>, checks: &Mutex<Vec<Check>>) -> Vec<(&'static str, Verdict)> {
    let checks = checks
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone();
    let limit = Duration::from_secs(CHECK_SECONDS_MAX);
    let asked: Vec<_> = checks
        .into_iter()
        .map(|check| {
            let asking = (check.ask)(Arc::clone(app));
            let asked = tokio::spawn(tokio::time::timeout(limit, asking));
            (check.name, asked)
        })
        .collect();
    let mut found = Vec::new();
    for (name, asked) in asked {
        let verdict = match asked.await {
            Ok(Ok(verdict)) => verdict,
            Ok(Err(_)) => Verdict::bad("2秒以内に応答がありません。", "no answer within 2 seconds"),
            Err(_) => Verdict::bad("確認が途中で止まりました。", "the check broke off"),
        };
        if !verdict.ok {
            tracing::warn!(check = name, found = verdict.words.en, "not ready");
        }
        found.push((name, verdict));
    }
    found
}

async fn answers(app: Arc<App>) -> Verdict {
    let asked = app.gate.look_up(|call| Ok(seal::waiting(call)?));
    match asked.answer().await {
        Ok(_) => Verdict::good("保存領域は応答しています。", "the store answers"),
        Err(_) => Verdict::bad("保存領域が応答しません。", "the store does not answer"),
    }
}

/// What others have committed is proof enough; only when nobody has for ten seconds, a
/// write of our own is made.
async fn keeps(app: Arc<App>) -> Verdict {
    const GOOD: Verdict = Verdict::good(
        "書き込みは確実に保存されています。",
        "writes are made durable",
    );
    let mut proof = app.health.proof.lock().await;
    let now = app.gate.now();
    let commits = app.gate.meter().commits.load(Ordering::Relaxed);
    let is_fresh = |at: Option<Timestamp>| {
        at.is_some_and(|at| at <= now && now < at.plus_seconds(PROOF_SECONDS))
    };
    if is_fresh(proof.looked_at) && commits != proof.commits {
        proof.at = Some(now);
    }
    proof.looked_at = Some(now);
    proof.commits = commits;
    if is_fresh(proof.at) {
        return GOOD;
    }
    let intent = app.gate.job_intent("health", &PROBE);
    match app.gate.write(intent, |_| Ok(())).answer().await {
        Ok(()) => {
            proof.at = Some(now);
            proof.commits = app.gate.meter().commits.load(Ordering::Relaxed);
            GOOD
        }
        Err(_) => Verdict::bad(
            "書き込みを保存できません。",
            "a write could not be made durable",
        ),
    }
}

async fn seals(app: Arc<App>) -> Verdict {
    const GOOD: Verdict = Verdict::good(
        "監査証跡は封印されています。",
        "the audit log is sealed in time",
    );
    if !app.health.is_seal_late(app.gate.now()) {
        return GOOD;
    }
    match app
        .gate
        .look_up(|call| Ok(seal::waiting(call)?))
        .answer()
        .await
    {
        Ok(0) => GOOD,
        Ok(_) | Err(_) => Verdict::bad(
            "監査証跡の封印が5分以上遅れています。",
            "records have waited for their seal for more than 5 minutes",
        ),
    }
}
