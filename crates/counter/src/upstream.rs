//! The platform of a clinic's node, and how the line to it is.

use std::sync::{
    Mutex, MutexGuard, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use eligibility::snapshot::paper::Identity;
use kernel::{Entry, id::ClientId, time::Timestamp};

use crate::line::{Cut, Heard, Line};

/// Seconds for which a line that was found cut is not asked for a patient at the counter: the
/// job looks whether it is back.
pub const REST_SECONDS: i64 = 20;
/// Seconds between two looks at a line that is cut.
pub const LOOK_SECONDS: i64 = 15;

/// What the operator's file says of the platform, and the line to it.
pub struct Upstream {
    /// The facility's ten-digit code.
    pub facility: String,
    /// This system's `client_id`.
    pub client: ClientId,
    /// The key (Ed25519) with which the platform signs.
    pub signer: [u8; 32],
    /// The key that opens the facility's copies.
    pub identity: Identity,
    /// Minutes between two copies.
    pub every_minutes: i64,
    line: Box<dyn Line>,
    state: Mutex<State>,
    stopping: AtomicBool,
}

/// How the line is, as far as is known since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// When the platform last answered.
    pub reached_at: Option<Timestamp>,
    /// Since when it does not, and why.
    pub cut: Option<(Timestamp, Cut)>,
    /// When it was last tried.
    pub tried_at: Option<Timestamp>,
    /// When a copy was last asked for.
    pub copied_at: Option<Timestamp>,
    /// Why the last copy was not taken.
    pub fault: Option<&'static Entry>,
    /// Were acts noted, or left by an earlier start, that may wait to be settled?
    pub may_wait: bool,
}

impl Upstream {
    /// A platform at the other end of `line`.
    #[must_use]
    pub fn new(
        (facility, client): (String, ClientId),
        (signer, identity): ([u8; 32], Identity),
        every_minutes: i64,
        line: Box<dyn Line>,
    ) -> Self {
        Self {
            facility,
            client,
            signer,
            identity,
            every_minutes,
            line,
            state: Mutex::new(State {
                may_wait: true,
                ..State::default()
            }),
            stopping: AtomicBool::new(false),
        }
    }

    /// The program ends: a copy under way is not waited for.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::SeqCst);
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::SeqCst)
    }

    /// How the line is.
    #[must_use]
    pub fn state(&self) -> State {
        *self.locked()
    }

    /// Asks the platform, and notes how the line was.
    ///
    /// # Errors
    /// [`Cut`].
    pub fn post(&self, path: &str, body: &[u8], at: Timestamp) -> Result<Heard, Cut> {
        let heard = self.line.post(path, body);
        let mut state = self.locked();
        state.tried_at = Some(at);
        match &heard {
            Ok(_) => {
                state.reached_at = Some(at);
                state.cut = None;
            }
            Err(why) => {
                let since = state.cut.map_or(at, |(since, _)| since);
                state.cut = Some((since, *why));
            }
        }
        heard
    }

    /// Why the platform need not be asked for whoever waits at the counter: it was found cut a
    /// moment ago.
    #[must_use]
    pub fn resting(&self, at: Timestamp) -> Option<Cut> {
        let state = self.state();
        let (_, why) = state.cut?;
        let tried = state.tried_at?;
        let rests = at.micros() < tried.plus_seconds(REST_SECONDS).micros();
        (rests && at.micros() >= tried.micros() && why.is_outage()).then_some(why)
    }

    pub(crate) fn note_copy(&self, at: Timestamp, fault: Option<&'static Entry>) {
        let mut state = self.locked();
        state.copied_at = Some(at);
        state.fault = fault;
    }

    pub(crate) fn note_waiting(&self, may_wait: bool) {
        self.locked().may_wait = may_wait;
    }

    fn locked(&self) -> MutexGuard<'_, State> {
        // Each change is one assignment: after a panic elsewhere the state is still right.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
