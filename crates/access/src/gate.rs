//! The gate: the only owner of the engine.
//!
//! Whatever reaches the store goes through it as a named caller: requests from outside,
//! jobs, tests. Log-in and token look-ups run off the writer, with a small memory of the
//! sessions in use.

mod memory;
mod sessions;
mod tokens;

use std::sync::{
    Mutex, MutexGuard, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use kernel::{
    Entry, Refusal, Secret,
    id::{FacilityId, RequestId},
    time::Timestamp,
};
use registry::ops as people;
use store::{
    Call, Engine, Pending, Stop, SystemRng,
    caller::{Actor, Caller, Event, Home, Intent, Purpose},
    seal, sealing,
};

use crate::{
    challenge, guess, passkey,
    password::Typed,
    proxy,
    session::{self, Rules},
    token,
};

use memory::Memory;
pub use sessions::Login;

/// Operations after which the next seal is due, whatever the time.
const SEAL_RECORDS: u64 = 10_000;
/// Records that are worth another seal in the same round: each seal leaves a record itself.
const SEAL_AGAIN: i64 = 16;

static LOOK_UP: Event = Event {
    code: "access.look-up",
    ja: "ログイン状態の確認",
    en: "session look-up",
};
static SEAL: Event = Event {
    code: "audit.seal",
    ja: "監査証跡の封印",
    en: "audit log sealed",
};
static SWEEP: Event = Event {
    code: "access.sweep",
    ja: "期限切れの整理",
    en: "expired sessions and challenges removed",
};

/// The gate.
pub struct Gate {
    engine: Engine,
    rules: Rules,
    memory: Mutex<Memory>,
    /// Operations that had been done when the last seal was made.
    sealed_at: AtomicU64,
}

impl Gate {
    /// Takes the engine.
    #[must_use]
    pub fn new(engine: Engine) -> Self {
        Self {
            engine,
            rules: Rules::default(),
            memory: Mutex::new(Memory::default()),
            sealed_at: AtomicU64::new(0),
        }
    }

    /// With an installation's own rules for staff sessions.
    #[must_use]
    pub const fn with_rules(mut self, rules: Rules) -> Self {
        self.rules = rules;
        self
    }

    /// The rules for staff sessions.
    #[must_use]
    pub const fn rules(&self) -> Rules {
        self.rules
    }

    /// A password as typed, with the pepper that this installation keeps apart from its data.
    #[must_use]
    pub fn typed(&self, plain: Secret<String>) -> Typed {
        Typed::with(plain, |kind, parts| self.engine.directory_key(kind, parts))
    }

    /// The secret of a new authenticator app in this session, the same however often its page
    /// is opened.
    #[must_use]
    pub fn app_secret(&self, session: &str) -> [u8; 32] {
        self.engine.directory_key("staff-app", &[session])
    }

    /// A keyed hash that tells terminals apart: by certificate, else by address and browser.
    #[must_use]
    pub fn terminal_key(&self, parts: &[&str]) -> [u8; 32] {
        self.engine.directory_key("staff-terminal", parts)
    }

    /// Have so many operations been done since the last seal that the next is due?
    #[must_use]
    pub fn is_seal_due(&self) -> bool {
        let done = self.engine.meter().operations.load(Ordering::Relaxed);
        done.saturating_sub(self.sealed_at.load(Ordering::Relaxed)) >= SEAL_RECORDS
    }

    /// Notes every statement from here on; for measuring the floor.
    pub fn start_trace(&self) {
        self.engine.start_trace();
    }

    /// The statements noted since.
    #[must_use]
    pub fn take_trace(&self) -> Vec<store::journal::Change> {
        self.engine.take_trace()
    }

    /// The engine's figures, node and folder; no way to data.
    #[must_use]
    pub fn meter(&self) -> &store::Meter {
        self.engine.meter()
    }

    /// What an operator may do with the store itself; no way to data.
    #[must_use]
    pub const fn upkeep(&self) -> store::Upkeep<'_> {
        self.engine.upkeep()
    }

    /// The engine's state at this moment.
    #[must_use]
    pub fn figures(&self) -> store::Figures {
        self.engine.figures()
    }

    /// The public half of the key that signs seals.
    #[must_use]
    pub fn seal_key(&self) -> Vec<u8> {
        self.engine.node().public_key()
    }

    /// The present instant.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.engine.now()
    }

    /// A keyed hash that tells anonymous clients apart without keeping their address.
    #[must_use]
    pub fn anonymous(&self, address: &str) -> Caller {
        let hash = self.engine.directory_key("client-address", &[address]);
        let short = hash.get(..8).unwrap_or_default();
        Caller::new(Actor::Anonymous {
            client: kernel::hex::encode(short),
        })
    }

    /// A call's facts, at this instant.
    #[must_use]
    pub fn intent(&self, caller: Caller, purpose: Purpose, event: &'static Event) -> Intent {
        Intent {
            caller,
            purpose,
            event,
            request: RequestId::random(&SystemRng),
            at: self.now(),
        }
    }

    /// Runs an operation that only reads.
    pub fn read<T, F>(&self, intent: Intent, mut op: F) -> Pending<T>
    where
        T: Send + 'static,
        F: FnMut(&mut Call<'_>) -> Result<T, Stop> + Send + 'static,
    {
        self.engine.read(intent, move |call| {
            proxy::guard(call)?;
            op(call)
        })
    }

    /// Runs an operation that changes something.
    pub fn write<T, F>(&self, intent: Intent, mut op: F) -> Pending<T>
    where
        T: Send + 'static,
        F: FnMut(&mut Call<'_>) -> Result<T, Stop> + Send + 'static,
    {
        self.engine.write(intent, move |call| {
            proxy::guard(call)?;
            op(call)
        })
    }

    /// Looks up what is about nobody; no audit record, and no person can be opened.
    pub fn look_up<T, F>(&self, op: F) -> Pending<T>
    where
        T: Send + 'static,
        F: FnMut(&mut Call<'_>) -> Result<T, Stop> + Send + 'static,
    {
        self.look_up_for(Purpose::Operation, op)
    }

    /// The same on the way to something else: who calls in an emergency is found out in the
    /// emergency's lane.
    pub fn look_up_for<T, F>(&self, purpose: Purpose, op: F) -> Pending<T>
    where
        T: Send + 'static,
        F: FnMut(&mut Call<'_>) -> Result<T, Stop> + Send + 'static,
    {
        let caller = Caller::new(Actor::Job { name: "look-up" });
        self.engine
            .look_up(self.intent(caller, purpose, &LOOK_UP), op)
    }

    /// Leaves the audit record of a request that was refused before any operation ran.
    pub fn refuse(&self, intent: Intent, entry: &'static Entry) -> Pending<()> {
        self.engine
            .write(intent, move |_| Err(Stop::Refused(Refusal::new(entry))))
    }

    /// A call's facts for a job of this program.
    #[must_use]
    pub fn job_intent(&self, name: &'static str, event: &'static Event) -> Intent {
        self.intent(Caller::new(Actor::Job { name }), Purpose::Operation, event)
    }

    /// Seals what waits; how many records.
    ///
    /// # Errors
    /// [`store::StoreError`].
    pub fn seal(&self) -> Result<usize, Stop> {
        // A seal leaves a record of its own, which waits for the next: alone it is no reason
        // for another seal, or an idle server would seal its own seals for ever.
        let done = self.engine.meter().operations.load(Ordering::Relaxed);
        if done.saturating_sub(self.sealed_at.load(Ordering::Relaxed)) == 0 {
            return Ok(0);
        }
        let mut total = 0;
        loop {
            // Counted before the look: what is done meanwhile is for the next round.
            let done = self.engine.meter().operations.load(Ordering::Relaxed);
            let waiting = self.look_up(|call| Ok(seal::waiting(call)?)).wait()?;
            if waiting == 0 || (total > 0 && waiting < SEAL_AGAIN) {
                self.sealed_at.store(done, Ordering::Relaxed);
                return Ok(total);
            }
            // Worked out beside the writer, which has only to write it.
            let Some(plan) = self.look_up(sealing::plan).wait()? else {
                continue;
            };
            let intent = self.job_intent("sealer", &SEAL);
            let keep = move |call: &mut Call<'_>| sealing::keep(call, &plan);
            total += self.engine.write(intent, keep).wait()?;
        }
    }

    /// Removes challenges and sessions that have ended.
    ///
    /// # Errors
    /// [`store::StoreError`].
    pub fn sweep(&self) -> Result<usize, Stop> {
        let intent = self.job_intent("sweeper", &SWEEP);
        let swept = self.engine.write(intent, |call| {
            let count = challenge::sweep(call)?
                + session::sweep(call)?
                + token::sweep(call)?
                + proxy::sweep(call)?
                + passkey::sweep(call)?
                + guess::sweep(call)?;
            call.detail("removed", count.to_string());
            Ok(count)
        });
        swept.wait()
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        // The memory is a cache: after a panic elsewhere it is still right, or asked again.
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn home(call: &Call<'_>, id: FacilityId) -> Result<Option<Home>, Stop> {
    let facility = people::facility_by_id(call, id)?;
    Ok(facility.map(|f| Home {
        id: f.id,
        code: f.code.as_str().to_owned(),
        name: f.name,
    }))
}
