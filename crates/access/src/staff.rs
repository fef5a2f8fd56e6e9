//! Staff accounts: password and one-time code, lock-out, no hint which part was wrong.
//!
//! Source: identity-security AUTH-02, AUTH-06 (five failures, fifteen minutes); RFC 6238.

use kernel::{
    Refusal, Secret,
    id::{FacilityId, StaffId},
    time::Timestamp,
};
use store::{Call, Stop, StoreError, caller::Role};
use totp_rs::{Algorithm, Builder, Totp};

use crate::{
    errors,
    session::{self, Stage, Whose},
    store::staff as table,
};

/// Failures in a row that lock an account.
pub const FAILURES_MAX: i64 = 5;
/// Minutes for which it is locked.
pub const LOCK_MINUTES: i64 = 15;
/// Bytes of a one-time code's secret (160 bits, RFC 4226 section 4).
pub const TOTP_SECRET_LEN: usize = 20;
const TOTP_STEP_SECONDS: u64 = 30;

/// An account.
#[derive(Clone)]
pub struct Account {
    /// Where.
    pub facility: FacilityId,
    /// Who.
    pub staff: StaffId,
    /// Their name.
    pub name: String,
    /// What they are.
    pub role: Role,
    /// Hash of the password ([`crate::password::hash`]).
    pub password: String,
    /// Secret of the one-time code.
    pub totp_secret: Secret<Vec<u8>>,
    /// Time step of the last code used; a code is good once.
    pub totp_step: i64,
    /// Failures in a row.
    pub failures: i64,
    /// First instant at which the account is open again.
    pub locked_until: Timestamp,
    /// First instant at which the account has ended.
    pub ends_at: Option<Timestamp>,
}

impl Account {
    /// May it log in at all?
    #[must_use]
    pub fn is_open(&self, at: Timestamp) -> bool {
        at >= self.locked_until && self.ends_at.is_none_or(|end| at < end)
    }
}

/// The one-time code generator of a secret; `None` for a secret that is too short.
#[must_use]
pub fn totp(secret: &[u8]) -> Option<Totp> {
    Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(6)
        .with_skew(1)
        .with_step_duration(TOTP_STEP_SECONDS)
        .with_secret(secret.to_vec())
        .build()
        .ok()
}

/// The time step whose code was given, if it is one of now, the step before or after.
fn matched_step(secret: &[u8], code: &str, at: Timestamp) -> Option<i64> {
    let now = u64::try_from(at.seconds()).ok()?;
    let time = totp(secret)?.check(code, now)?;
    i64::try_from(time).ok()
}

/// Opens an account.
///
/// # Errors
/// [`StoreError`], also when the log-in name is taken.
pub fn hire(call: &mut Call<'_>, login: &str, account: &Account) -> Result<(), StoreError> {
    table::put_staff(call, account, account.totp_secret.reveal())?;
    let key = login_key(call, login);
    table::put_login(call, &key, account)?;
    call.concerns(account.facility);
    call.detail("role", account.role.word());
    Ok(())
}

/// The account behind a log-in name.
///
/// # Errors
/// [`StoreError`].
pub fn find(call: &Call<'_>, login: &str) -> Result<Option<Account>, StoreError> {
    match table::login(call, &login_key(call, login))? {
        Some((facility, staff)) => table::staff(call, facility, staff),
        None => Ok(None),
    }
}

/// An account by its place.
///
/// # Errors
/// [`StoreError`].
pub fn account(
    call: &Call<'_>,
    facility: FacilityId,
    staff: StaffId,
) -> Result<Option<Account>, StoreError> {
    table::staff(call, facility, staff)
}

/// Takes the outcome of the password check: on success, a session that awaits the code.
/// A failure is counted and answered as a refusal that does not say what was wrong.
///
/// # Errors
/// [`StoreError`]; a wrong password is the inner error, so that its count is kept.
pub fn first_factor(
    call: &mut Call<'_>,
    login: &str,
    fits: bool,
) -> Result<Result<Secret<String>, Refusal>, Stop> {
    // Of many tries at once each must see the failures of those before.
    let account = match table::login(call, &login_key(call, login))? {
        Some((facility, staff)) => table::staff_alone(call, facility, staff)?,
        None => None,
    };
    let Some(account) = account else {
        return Ok(Err(fail(call)));
    };
    call.concerns(account.facility);
    call.detail("account", account.staff.to_hex());
    if !account.is_open(call.at()) {
        return Ok(Err(fail(call)));
    }
    if !fits {
        count_failure(call, &account)?;
        return Ok(Err(fail(call)));
    }
    let whose = Whose::Staff(account.facility, account.staff);
    Ok(Ok(session::begin(call, whose, Stage::Password)?))
}

/// Takes the one-time code: on success the waiting session is replaced by a full one.
///
/// # Errors
/// As [`first_factor`].
pub fn second_factor(
    call: &mut Call<'_>,
    waiting: &str,
    code: &str,
) -> Result<Result<Secret<String>, Refusal>, Stop> {
    let Some(session) = session::find(call, waiting)? else {
        return Ok(Err(fail(call)));
    };
    let Whose::Staff(facility, staff) = session.whose else {
        return Ok(Err(fail(call)));
    };
    call.concerns(facility);
    call.detail("account", staff.to_hex());
    let usable = session.stage == Stage::Password && call.at() < session.ends_at;
    let account = table::staff_alone(call, facility, staff)?
        .filter(|account| usable && account.is_open(call.at()));
    let Some(account) = account else {
        return Ok(Err(fail(call)));
    };
    let step = matched_step(account.totp_secret.reveal(), code, call.at());
    // A code that was used before matches a step that is not newer: the row is not touched.
    let fresh = match step {
        Some(step) => table::note_code(call, &account, step)? == 1,
        None => false,
    };
    if !fresh {
        if count_failure(call, &account)? {
            session::end(call, waiting)?;
        }
        return Ok(Err(fail(call)));
    }
    // Two good codes of neighboring steps may come at once: one waiting log-in opens one session.
    if !session::end(call, waiting)? {
        return Ok(Err(fail(call)));
    }
    Ok(Ok(session::begin(call, session.whose, Stage::Full)?))
}

fn fail(call: &mut Call<'_>) -> Refusal {
    call.refuse_and_keep(&errors::LOGIN_FAILED);
    Refusal::new(&errors::LOGIN_FAILED)
}

/// Counts a failure; `true` when it locks the account.
fn count_failure(call: &Call<'_>, account: &Account) -> Result<bool, StoreError> {
    let failures = account.failures + 1;
    let locks = failures >= FAILURES_MAX;
    let (failures, until) = if locks {
        (0, call.at().plus_seconds(LOCK_MINUTES * 60))
    } else {
        (failures, account.locked_until)
    };
    table::note_failure(call, account, failures, until)?;
    Ok(locks)
}

fn login_key(call: &Call<'_>, login: &str) -> [u8; 32] {
    call.directory_key("staff-login", &[&login.trim().to_lowercase()])
}
