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
/// Idle minutes after which a member of staff logs in again.
pub const STAFF_IDLE_MINUTES: i64 = 15;
/// Idle minutes after which a patient logs in again.
pub const PATIENT_IDLE_MINUTES: i64 = 10;

/// How far a log-in has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The password was right; the one-time code is awaited. Opens nothing.
    Password,
    /// Logged in.
    Full,
}

impl Stage {
    pub(crate) const fn number(self) -> u8 {
        match self {
            Self::Password => 1,
            Self::Full => 2,
        }
    }

    pub(crate) const fn from_number(number: i64) -> Option<Self> {
        match number {
            1 => Some(Self::Password),
            2 => Some(Self::Full),
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
}

impl Stored {
    /// Minutes without a request after which it has ended.
    #[must_use]
    pub const fn idle_minutes(&self) -> i64 {
        match (&self.stage, &self.whose) {
            (Stage::Password, _) => CODE_MINUTES,
            (Stage::Full, Whose::Staff(..)) => STAFF_IDLE_MINUTES,
            (Stage::Full, Whose::Patient(_)) => PATIENT_IDLE_MINUTES,
        }
    }

    /// Has it ended at `at`, when the last request was at `seen`?
    #[must_use]
    pub const fn has_ended(&self, seen: Timestamp, at: Timestamp) -> bool {
        at.micros() >= self.ends_at.micros()
            || at.micros() >= seen.plus_seconds(self.idle_minutes() * 60).micros()
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

/// Begins a session; its token goes to the browser and nowhere else.
///
/// # Errors
/// [`StoreError`].
pub fn begin(
    call: &mut Call<'_>,
    whose: Whose,
    stage: Stage,
) -> Result<Secret<String>, StoreError> {
    let mut token = [0; 32];
    call.rng().fill(&mut token);
    let token = hex::encode(&token);
    let lasts = match stage {
        Stage::Password => CODE_MINUTES * 60,
        Stage::Full => HOURS_MAX * 3600,
    };
    let session = Stored {
        id: SessionId::random(call.rng()),
        stage,
        whose,
        created_at: call.at(),
        ends_at: call.at().plus_seconds(lasts),
    };
    table::put_session(call, &token_hash(&token), &session)?;
    Ok(Secret::new(token))
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
