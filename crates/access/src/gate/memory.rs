//! What the gate remembers for a short while of the sessions, tokens and terminals in use, so
//! that not every request asks the store.

use std::collections::BTreeMap;

use kernel::{net::Networks, time::Timestamp};
use store::caller::Caller;

use super::sessions::Login;
use crate::{
    session::{Rules, Stage, State, Stored},
    terminal::Terminal,
};

/// Most sessions, and most tokens, remembered.
pub(super) const MEMORY_MAX: usize = 20_000;

/// A session in use.
pub(super) struct Live {
    pub(super) session: Stored,
    pub(super) caller: Caller,
    pub(super) seen: Timestamp,
}

/// Who holds a token, and from where it may be used.
#[derive(Clone)]
pub(super) struct Holder {
    pub(super) caller: Caller,
    pub(super) certificate: Option<[u8; 32]>,
    pub(super) networks: Networks,
    /// First instant at which the store is asked again.
    pub(super) until: Timestamp,
}

#[derive(Default)]
pub(super) struct Memory {
    pub(super) sessions: BTreeMap<[u8; 32], Live>,
    pub(super) tokens: BTreeMap<[u8; 32], Holder>,
    pub(super) terminals: BTreeMap<[u8; 32], (Terminal, Timestamp)>,
    /// How many sessions, tokens and certificates were ended: tells a look-up that what it read
    /// may be gone.
    pub(super) forgotten: u64,
}

impl Memory {
    /// Takes a session in; when there is no room, those that have ended and then the half
    /// that was seen longest ago make place.
    pub(super) fn keep(&mut self, hash: [u8; 32], live: Live, at: Timestamp, rules: &Rules) {
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
    pub(super) fn login(&mut self, at: Timestamp, rules: &Rules) -> Login {
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
