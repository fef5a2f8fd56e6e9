//! The gate: the only owner of the engine.
//!
//! Whatever reaches the store goes through it as a named caller: requests from outside,
//! jobs, tests. Log-in and token look-ups run off the writer, with a small memory of the
//! sessions in use.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use kernel::{
    Entry, Refusal, Secret,
    id::{FacilityId, RequestId, StaffId},
    net::Networks,
    time::Timestamp,
};
use registry::ops as people;
use store::{
    Call, Engine, Pending, Stop, SystemRng,
    caller::{Actor, Caller, Event, Home, Intent, Purpose},
    seal, sealing,
};

use crate::{
    challenge, client, errors, guess, passkey,
    password::Typed,
    proxy,
    session::{self, Origin, Rules, Stage, State, Stored, Whose},
    staff,
    terminal::{self, Terminal},
    token::{self, Peer},
    window,
};

/// Seconds for which a client's token is believed without asking the store again.
const CLIENT_MEMORY_SECONDS: i64 = 10;
/// Seconds for which a terminal's certificate is believed without asking the store again.
const TERMINAL_MEMORY_SECONDS: i64 = 10;
/// Operations after which the next seal is due, whatever the time.
const SEAL_RECORDS: u64 = 10_000;
/// Records that are worth another seal in the same round: each seal leaves a record itself.
const SEAL_AGAIN: i64 = 16;
/// Most sessions, and most tokens, remembered.
const MEMORY_MAX: usize = 20_000;

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

/// Who a request's credentials belong to.
#[derive(Clone)]
pub enum Login {
    /// Nobody.
    None,
    /// Somebody who still owes the second factor.
    HalfWay(Box<Stored>),
    /// Somebody whose session has ended.
    Ended,
    /// Somebody whose session was closed, because they logged in elsewhere.
    Replaced,
    /// Somebody who was away from the terminal for too long.
    Locked(Box<Stored>),
    /// Somebody who must mend their account first: initial password, no second factor.
    MustChange(Box<Caller>, Box<Stored>),
    /// Somebody.
    Full(Box<Caller>, Box<Stored>),
}

impl Login {
    /// The session, while there is one.
    #[must_use]
    pub fn session(&self) -> Option<&Stored> {
        match self {
            Self::None | Self::Ended | Self::Replaced => None,
            Self::HalfWay(session)
            | Self::Locked(session)
            | Self::MustChange(_, session)
            | Self::Full(_, session) => Some(session),
        }
    }
}

struct Live {
    session: Stored,
    caller: Caller,
    seen: Timestamp,
}

/// Who holds a token, and from where it may be used.
#[derive(Clone)]
struct Holder {
    caller: Caller,
    certificate: Option<[u8; 32]>,
    networks: Networks,
    /// First instant at which the store is asked again.
    until: Timestamp,
}

#[derive(Default)]
struct Memory {
    sessions: BTreeMap<[u8; 32], Live>,
    tokens: BTreeMap<[u8; 32], Holder>,
    terminals: BTreeMap<[u8; 32], (Terminal, Timestamp)>,
    /// How many sessions, tokens and certificates were ended: tells a look-up that what it read
    /// may be gone.
    forgotten: u64,
}

impl Memory {
    /// Takes a session in; when there is no room, those that have ended and then the half
    /// that was seen longest ago make place.
    fn keep(&mut self, hash: [u8; 32], live: Live, at: Timestamp, rules: &Rules) {
        if self.sessions.len() >= MEMORY_MAX {
            self.sessions
                .retain(|_, live| live.session.state(live.seen, at, rules) == State::Live);
        }
        if self.sessions.len() >= MEMORY_MAX {
            let mut seen: Vec<Timestamp> = self.sessions.values().map(|live| live.seen).collect();
            seen.sort_unstable();
            let middle = seen.get(seen.len() / 2).copied().unwrap_or(at);
            self.sessions.retain(|_, live| live.seen > middle);
        }
        self.sessions.entry(hash).or_insert(live);
    }
}

impl Live {
    /// Who it is at `at`; counts as activity.
    fn login(&mut self, at: Timestamp, rules: &Rules) -> Login {
        let session = || Box::new(self.session.clone());
        match self.session.state(self.seen, at, rules) {
            State::Ended if self.session.stage == Stage::Replaced => return Login::Replaced,
            State::Ended => return Login::Ended,
            State::Locked => return Login::Locked(session()),
            State::Live => {}
        }
        let login = match self.session.stage {
            Stage::Password => Login::HalfWay(session()),
            Stage::MustChange => Login::MustChange(Box::new(self.caller.clone()), session()),
            Stage::Full => Login::Full(Box::new(self.caller.clone()), session()),
            Stage::Replaced => Login::Replaced,
        };
        self.seen = self.seen.max(at);
        login
    }
}

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

    /// Who a session token belongs to, for a call with this purpose; counts as activity.
    ///
    /// # Errors
    /// [`store::StoreError`].
    pub async fn session(&self, token: &str, purpose: Purpose) -> Result<Login, Stop> {
        let (hash, at) = (session::token_hash(token), self.now());
        if let Some(login) = self.remembered(&hash, at) {
            return Ok(login);
        }
        let text = token.to_owned();
        let before = self.memory().forgotten;
        let found = self.look_up_for(purpose, move |call| load(call, &text));
        let found = found.answer().await?;
        let Some((session, caller)) = found else {
            return Ok(Login::None);
        };
        let seen = session.seen_at;
        let mut live = Live {
            session,
            caller,
            seen,
        };
        let login = live.login(at, &self.rules);
        let mut memory = self.memory();
        // Somebody logged out since: if it was this session, it must not be remembered.
        if memory.forgotten == before {
            memory.keep(hash, live, at, &self.rules);
        }
        Ok(login)
    }

    fn remembered(&self, hash: &[u8; 32], at: Timestamp) -> Option<Login> {
        let mut memory = self.memory();
        Some(memory.sessions.get_mut(hash)?.login(at, &self.rules))
    }

    /// Is a vendor's support account inside an approved window? Asked at each of its requests,
    /// and of the store: an early end holds at once.
    ///
    /// # Errors
    /// [`errors::WINDOW_CLOSED`]; [`store::StoreError`].
    pub async fn check_window(&self, caller: &Caller, purpose: Purpose) -> Result<(), Stop> {
        let (facility, staff) = match &caller.actor {
            Actor::Staff { staff, home, .. } => (home.id, *staff),
            _ => return Err(Stop::from(&errors::WINDOW_CLOSED)),
        };
        let at = self.now();
        let open = self
            .look_up_for(purpose, move |call| {
                Ok(window::is_open(call, facility, staff, at)?)
            })
            .answer()
            .await?;
        open.map(|_| ())
            .ok_or_else(|| Stop::from(&errors::WINDOW_CLOSED))
    }

    /// Forgets a session; to be called after it was ended in the store.
    pub fn forget(&self, token: &str) {
        let mut memory = self.memory();
        memory.sessions.remove(&session::token_hash(token));
        memory.forgotten = memory.forgotten.wrapping_add(1);
    }

    /// Forgets all sessions of a member of staff; to be called after they were ended, closed or
    /// changed in the store.
    pub fn forget_staff(&self, facility: FacilityId, staff: StaffId) {
        let mut memory = self.memory();
        memory
            .sessions
            .retain(|_, live| live.session.whose != Whose::Staff(facility, staff));
        memory.forgotten = memory.forgotten.wrapping_add(1);
    }

    /// Forgets every token; to be called after some were revoked in the store.
    pub fn forget_tokens(&self) {
        let mut memory = self.memory();
        memory.tokens.clear();
        memory.forgotten = memory.forgotten.wrapping_add(1);
    }

    /// For whom an access token acts that came from this peer, for a call with this purpose.
    ///
    /// # Errors
    /// [`errors::CLIENT_UNKNOWN`], [`errors::TOKEN_ELSEWHERE`], [`errors::NETWORK`];
    /// [`store::StoreError`].
    pub async fn client(&self, text: &str, peer: Peer, purpose: Purpose) -> Result<Caller, Stop> {
        let (hash, at) = (token::hash(text), self.now());
        let (known, before) = {
            let memory = self.memory();
            (memory.tokens.get(&hash).cloned(), memory.forgotten)
        };
        if let Some(holder) = known.filter(|holder| at < holder.until) {
            token::fits(holder.certificate, &holder.networks, peer)?;
            return Ok(holder.caller);
        }
        let secret = Secret::new(text.to_owned());
        let found = self.look_up_for(purpose, move |call| holder(call, secret.reveal()));
        let holder = found.answer().await?.ok_or(&errors::CLIENT_UNKNOWN)?;
        let mut memory = self.memory();
        // Something was revoked since: if it was this token, it must not be remembered.
        if memory.forgotten == before {
            if memory.tokens.len() >= MEMORY_MAX {
                memory.tokens.retain(|_, holder| at < holder.until);
            }
            if memory.tokens.len() >= MEMORY_MAX {
                memory.tokens.clear();
            }
            memory.tokens.insert(hash, holder.clone());
        }
        token::fits(holder.certificate, &holder.networks, peer)?;
        Ok(holder.caller)
    }
}

impl Gate {
    /// Whose terminal a certificate (SHA-256 of its DER) is; `None` for one that nobody has
    /// registered and for one that has ended.
    ///
    /// # Errors
    /// [`store::StoreError`].
    pub async fn terminal(
        &self,
        sha256: [u8; 32],
        purpose: Purpose,
    ) -> Result<Option<Terminal>, Stop> {
        let at = self.now();
        if let Some((terminal, until)) = self.memory().terminals.get(&sha256)
            && at < *until
        {
            return Ok(Some(terminal.clone()).filter(|terminal| terminal.holds(at)));
        }
        let before = self.memory().forgotten;
        let found = self.look_up_for(purpose, move |call| Ok(terminal::find(call, &sha256)?));
        let found = found.answer().await?;
        let Some(terminal) = found.filter(|terminal| terminal.holds(at)) else {
            return Ok(None);
        };
        let mut memory = self.memory();
        if memory.terminals.len() >= MEMORY_MAX {
            memory.terminals.clear();
        }
        // As with sessions: it may have been ended since.
        if memory.forgotten == before {
            let until = at.plus_seconds(TERMINAL_MEMORY_SECONDS);
            memory.terminals.insert(sha256, (terminal.clone(), until));
        }
        Ok(Some(terminal))
    }

    /// Forgets a terminal's certificate; to be called after it was ended in the store.
    pub fn forget_terminal(&self, sha256: &[u8; 32]) {
        let mut memory = self.memory();
        memory.terminals.remove(sha256);
        memory.forgotten = memory.forgotten.wrapping_add(1);
    }
}

/// Who holds a token, if it and its client hold, and whoever approved it.
fn holder(call: &mut Call<'_>, text: &str) -> Result<Option<Holder>, Stop> {
    let Some(token) = token::find(call, text)? else {
        return Ok(None);
    };
    let Some((client, _)) = client::find(call, token.client)? else {
        return Ok(None);
    };
    let until = call
        .at()
        .plus_seconds(CLIENT_MEMORY_SECONDS)
        .min(token.ends_at);
    let (actor, until) = match token.approver {
        None => {
            let Some(home) = home(call, client.facility)? else {
                return Ok(None);
            };
            let actor = Actor::System {
                client: client.id,
                name: client.terms.name,
                home,
            };
            (actor, until)
        }
        Some(approver) => {
            let mut session = Stored {
                id: approver.session,
                stage: Stage::Full,
                whose: approver.whose,
                created_at: token.issued_at,
                ends_at: until,
                seen_at: token.issued_at,
                proved_at: None,
                origin: Origin::default(),
            };
            let Some(actor) = actor(call, &mut session)? else {
                return Ok(None);
            };
            (actor, session.ends_at)
        }
    };
    let mut caller = Caller::new(actor);
    caller.scopes = Some(token.scopes.into());
    Ok(Some(Holder {
        caller,
        certificate: token.certificate,
        networks: client.terms.networks,
        until,
    }))
}

fn home(call: &Call<'_>, id: FacilityId) -> Result<Option<Home>, Stop> {
    let facility = people::facility_by_id(call, id)?;
    Ok(facility.map(|f| Home {
        id: f.id,
        code: f.code.as_str().to_owned(),
        name: f.name,
    }))
}

fn load(call: &Call<'_>, token: &str) -> Result<Option<(Stored, Caller)>, Stop> {
    let Some(mut stored) = session::find(call, token)? else {
        return Ok(None);
    };
    let actor = match stored.whose {
        Whose::Patient(person) => Some(proxy::actor(call, token, person, stored.id)?),
        Whose::Staff(..) => actor(call, &mut stored)?,
    };
    Ok(actor.map(|actor| (stored, Caller::new(actor))))
}

/// Who a session acts for; `None` when they may not act any more.
fn actor(call: &Call<'_>, stored: &mut Stored) -> Result<Option<Actor>, Stop> {
    let actor = match stored.whose {
        Whose::Patient(person) => Actor::Patient {
            person,
            session: stored.id,
        },
        Whose::Staff(facility, id) => {
            let account = staff::account(call, facility, id)?;
            let account = account.filter(|a| a.ends_at.is_none_or(|end| call.at() < end));
            let (Some(account), Some(home)) = (account, home(call, facility)?) else {
                return Ok(None);
            };
            // A session ends with its account, however fresh it is.
            if let Some(end) = account.ends_at {
                stored.ends_at = stored.ends_at.min(end);
            }
            Actor::Staff {
                staff: id,
                role: account.role,
                name: account.name,
                home,
                session: stored.id,
            }
        }
    };
    Ok(Some(actor))
}
