//! Who a browser's session belongs to, and the end of sessions.

use kernel::{
    id::{FacilityId, StaffId},
    time::Timestamp,
};
use store::{
    Call, Stop,
    caller::{Actor, Caller, Purpose},
};

use super::{Gate, home, memory::Live};
use crate::{
    errors, proxy,
    session::{self, Stored, Whose},
    staff, window,
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

impl Gate {
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
pub(super) fn actor(call: &Call<'_>, stored: &mut Stored) -> Result<Option<Actor>, Stop> {
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
