//! Server-side sessions: the browser holds 256 random bits, the store their hash.
//!
//! Source: identity-security section 3.2 and 3.3: idle 15 minutes for staff and 10 for
//! patients, absolute 12 hours; a new token at each step of the log-in.

use kernel::{
    Secret, hex,
    id::{FacilityId, PersonId, SessionId, StaffId},
    time::Timestamp,
};
use store::{Call, StoreError, audit::sha256};

use crate::store::session as table;

/// Hours after which any session ends.
pub const HOURS_MAX: i64 = 12;
/// Minutes between password and one-time code.
pub const CODE_MINUTES: i64 = 5;
/// Idle minutes after which the session of a member of staff is locked, unless the
/// installation says otherwise ([`Rules`]).
pub const STAFF_IDLE_MINUTES: i64 = 15;
/// Seconds for which a second factor counts as just shown (step-up).
pub const FRESH_SECONDS: i64 = 5 * 60;
/// Idle minutes after which a patient logs in again.
pub const PATIENT_IDLE_MINUTES: i64 = 10;

/// What an installation decides about its staff's sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    idle_minutes: i64,
    /// Does a log-in at a second terminal close the session at the first? (AUTH-08)
    pub one_at_a_time: bool,
}

impl Rules {
    /// The idle minutes that may be chosen.
    pub const IDLE: std::ops::RangeInclusive<i64> = 5..=30;

    /// With so many idle minutes; `None` outside [`Rules::IDLE`].
    #[must_use]
    pub fn parse(idle_minutes: i64, one_at_a_time: bool) -> Option<Self> {
        Self::IDLE.contains(&idle_minutes).then_some(Self {
            idle_minutes,
            one_at_a_time,
        })
    }

    /// Minutes without a request after which a staff session is locked.
    #[must_use]
    pub const fn idle_minutes(&self) -> i64 {
        self.idle_minutes
    }
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            idle_minutes: STAFF_IDLE_MINUTES,
            one_at_a_time: true,
        }
    }
}

/// How far a log-in has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The password was right; the one-time code is awaited. Opens nothing.
    Password,
    /// Logged in.
    Full,
    /// Both factors were right, but the initial password is still in use, or there is no
    /// second factor yet: opens the pages that mend this and nothing else.
    MustChange,
    /// Closed, because the same account logged in again.
    Replaced,
}

impl Stage {
    pub(crate) const fn number(self) -> u8 {
        match self {
            Self::Password => 1,
            Self::Full => 2,
            Self::MustChange => 3,
            Self::Replaced => 4,
        }
    }

    pub(crate) const fn from_number(number: i64) -> Option<Self> {
        match number {
            1 => Some(Self::Password),
            2 => Some(Self::Full),
            3 => Some(Self::MustChange),
            4 => Some(Self::Replaced),
            _ => None,
        }
    }
}

/// Whose session it is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// A member of a facility's staff.
    Staff(FacilityId, StaffId),
    /// A person.
    Patient(PersonId),
}

/// From where a session is begun.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// SHA-256 of the certificate that the connection showed; the session is bound to it.
    pub peer: Option<[u8; 32]>,
    /// A keyed hash that tells terminals apart.
    pub terminal: Option<[u8; 32]>,
}

/// A session as stored.
#[derive(Clone, PartialEq, Eq)]
pub struct Stored {
    /// Identifier, for records; useless for logging in.
    pub id: SessionId,
    /// How far.
    pub stage: Stage,
    /// Whose.
    pub whose: Whose,
    /// When it began.
    pub created_at: Timestamp,
    /// First instant at which it has ended.
    pub ends_at: Timestamp,
    /// The last sign of life that was stored: its beginning, or when it was opened again.
    pub seen_at: Timestamp,
    /// When the second factor was last shown.
    pub proved_at: Option<Timestamp>,
    /// From where.
    pub origin: Origin,
}

/// What a session is at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// In use.
    Live,
    /// Nobody touched it for a while: opens nothing until its holder shows a factor again.
    Locked,
    /// Over.
    Ended,
}

impl Stored {
    /// Minutes without a request after which it is locked (staff) or has ended (others).
    #[must_use]
    pub const fn idle_minutes(&self, rules: &Rules) -> i64 {
        match (&self.stage, &self.whose) {
            (Stage::Password, _) => CODE_MINUTES,
            (_, Whose::Staff(..)) => rules.idle_minutes,
            (_, Whose::Patient(_)) => PATIENT_IDLE_MINUTES,
        }
    }

    /// What it is at `at`, when the last request was at `seen`.
    #[must_use]
    pub const fn state(&self, seen: Timestamp, at: Timestamp, rules: &Rules) -> State {
        let idle = seen.plus_seconds(self.idle_minutes(rules) * 60);
        if at.micros() >= self.ends_at.micros() || matches!(self.stage, Stage::Replaced) {
            State::Ended
        } else if at.micros() < idle.micros() {
            State::Live
        } else if matches!((&self.stage, &self.whose), (Stage::Full, Whose::Staff(..))) {
            State::Locked
        } else {
            State::Ended
        }
    }

    /// Was the second factor shown so recently that a dangerous act may go ahead?
    #[must_use]
    pub fn is_fresh(&self, at: Timestamp) -> bool {
        self.proved_at
            .is_some_and(|proved| at < proved.plus_seconds(FRESH_SECONDS))
    }
}

/// What the store keeps of a token.
#[must_use]
pub fn token_hash(token: &str) -> [u8; 32] {
    sha256(&[b"session", token.as_bytes()])
}

/// The form token of a session: proves that a form came from a page of this session.
#[must_use]
pub fn form_token(token: &str) -> String {
    hex::encode(&sha256(&[b"form", token.as_bytes()]))
}

fn token(call: &Call<'_>) -> String {
    let mut token = [0; 32];
    call.rng().fill(&mut token);
    hex::encode(&token)
}

/// Begins a session; its token goes to the browser and nowhere else.
///
/// # Errors
/// [`StoreError`].
pub fn begin(
    call: &mut Call<'_>,
    whose: Whose,
    stage: Stage,
) -> Result<Secret<String>, StoreError> {
    begin_from(call, whose, stage, Origin::default())
}

/// The same, bound to where it was begun.
///
/// # Errors
/// [`StoreError`].
pub fn begin_from(
    call: &mut Call<'_>,
    whose: Whose,
    stage: Stage,
    origin: Origin,
) -> Result<Secret<String>, StoreError> {
    let token = token(call);
    let lasts = match stage {
        Stage::Password => CODE_MINUTES * 60,
        Stage::Full | Stage::MustChange | Stage::Replaced => HOURS_MAX * 3600,
    };
    let session = Stored {
        id: SessionId::random(call.rng()),
        stage,
        whose,
        created_at: call.at(),
        ends_at: call.at().plus_seconds(lasts),
        seen_at: call.at(),
        proved_at: (stage == Stage::Full).then(|| call.at()),
        origin,
    };
    table::put_session(call, &token_hash(&token), &session)?;
    Ok(Secret::new(token))
}

/// Gives a session a new token: the old one is worth nothing from here on, so that one that
/// was stolen before a step-up gains nothing by it. `None` when it is gone meanwhile.
///
/// # Errors
/// [`StoreError`].
pub fn renew(
    call: &mut Call<'_>,
    old: &str,
    change: impl FnOnce(&mut Stored),
) -> Result<Option<Secret<String>>, StoreError> {
    let hash = token_hash(old);
    let Some(mut session) = table::session(call, &hash)? else {
        return Ok(None);
    };
    if table::end_session(call, &hash)? != 1 {
        return Ok(None);
    }
    session.seen_at = call.at();
    change(&mut session);
    let token = token(call);
    table::put_session(call, &token_hash(&token), &session)?;
    Ok(Some(Secret::new(token)))
}

/// The sessions of a member of staff that are not over, newest first.
///
/// # Errors
/// [`StoreError`].
pub fn list(
    call: &Call<'_>,
    facility: FacilityId,
    staff: StaffId,
) -> Result<Vec<Stored>, StoreError> {
    let mut all = table::sessions_of(call, facility, staff)?;
    all.retain(|one| {
        call.at() < one.ends_at && matches!(one.stage, Stage::Full | Stage::MustChange)
    });
    Ok(all)
}

/// Ends every session of a member of staff: their role changed, or they left; how many.
/// `gate.forget_staff` is due after it.
///
/// # Errors
/// [`StoreError`].
pub fn end_all(call: &Call<'_>, facility: FacilityId, staff: StaffId) -> Result<usize, StoreError> {
    table::end_sessions_of(call, facility, staff)
}

/// Ends one session of a member of staff; how many there were (0 or 1). `gate.forget_staff`
/// is due after it.
///
/// # Errors
/// [`StoreError`].
pub fn end_one(
    call: &Call<'_>,
    facility: FacilityId,
    staff: StaffId,
    id: SessionId,
) -> Result<usize, StoreError> {
    table::end_session_by_id(call, facility, staff, id)
}

/// Closes the other sessions of an account in favor of a new one: all of them, or those of
/// the same terminal; how many were open elsewhere.
///
/// # Errors
/// [`StoreError`].
pub(crate) fn replace(
    call: &Call<'_>,
    facility: FacilityId,
    staff: StaffId,
    origin: Origin,
    rules: Rules,
) -> Result<usize, StoreError> {
    let mut elsewhere = 0;
    for old in list(call, facility, staff)? {
        let is_here = old.origin.terminal == origin.terminal;
        if is_here || rules.one_at_a_time {
            table::replace_session(call, facility, staff, old.id)?;
            elsewhere += usize::from(!is_here);
        }
    }
    Ok(elsewhere)
}

/// The session behind a token, ended or not.
///
/// # Errors
/// [`StoreError`].
pub fn find(call: &Call<'_>, token: &str) -> Result<Option<Stored>, StoreError> {
    table::session(call, &token_hash(token))
}

/// Ends a session; `false` when it was not there any more.
///
/// # Errors
/// [`StoreError`].
pub fn end(call: &Call<'_>, token: &str) -> Result<bool, StoreError> {
    Ok(table::end_session(call, &token_hash(token))? == 1)
}

/// Removes sessions that have ended; how many there were.
///
/// # Errors
/// [`StoreError`].
pub fn sweep(call: &Call<'_>) -> Result<usize, StoreError> {
    table::sweep_sessions(call)
}
