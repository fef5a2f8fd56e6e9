//! Staff accounts: who has one, until when, in which role. How one logs in is
//! [`crate::login`]'s.
//!
//! Source: identity-security AUTH-02, AUTH-06, AUTH-08; RFC 6238.

use kernel::{
    Secret,
    id::{FacilityId, StaffId},
    time::{JstDate, Timestamp},
};
use store::{Call, StoreError, caller::Role};
use totp_rs::{Algorithm, Builder, Totp};

use crate::{password, session, store::staff as table};

/// Failures in a row that lock an account.
pub const FAILURES_MAX: i64 = 5;
/// Minutes for which it is locked.
pub const LOCK_MINUTES: i64 = 15;
/// Days without a log-in after which an account is dormant and refused.
pub const DORMANT_DAYS: i64 = 90;
/// Bytes of a one-time code's secret (160 bits, RFC 4226 section 4).
pub const TOTP_SECRET_LEN: usize = 20;
const TOTP_STEP_SECONDS: u64 = 30;

/// What is known of an account's holder, beside the name, so that passwords do not contain it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Particulars {
    /// Log-in name.
    pub login: String,
    /// Name in kana.
    pub kana: String,
    /// Date of birth.
    pub birth: Option<JstDate>,
}

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
    /// Hash of the password ([`crate::password`]).
    pub password: String,
    /// Secret of the authenticator app; empty when there is none.
    pub totp_secret: Secret<Vec<u8>>,
    /// Time step of the last code used; a code is good once.
    pub totp_step: i64,
    /// Failures in a row.
    pub failures: i64,
    /// First instant at which the account is open again.
    pub locked_until: Timestamp,
    /// First instant at which the account has ended.
    pub ends_at: Option<Timestamp>,
    /// Log-in name and what else a password must not contain.
    pub particulars: Particulars,
    /// Is the password an initial one, to be changed at the first log-in?
    pub must_change: bool,
    /// When it was opened; `None` for accounts older than this entry.
    pub opened_at: Option<Timestamp>,
    /// The last finished log-in.
    pub last_login_at: Option<Timestamp>,
}

impl Account {
    /// A new account, past its first log-in.
    #[must_use]
    pub fn new(
        facility: FacilityId,
        staff: StaffId,
        name: &str,
        role: Role,
        password: String,
        totp_secret: Secret<Vec<u8>>,
    ) -> Self {
        Self {
            facility,
            staff,
            name: name.to_owned(),
            role,
            password,
            totp_secret,
            totp_step: 0,
            failures: 0,
            locked_until: Timestamp::from_micros(0),
            ends_at: None,
            particulars: Particulars::default(),
            must_change: false,
            opened_at: None,
            last_login_at: None,
        }
    }

    /// Where it is.
    #[must_use]
    pub const fn place(&self) -> (FacilityId, StaffId) {
        (self.facility, self.staff)
    }

    /// May it log in at all?
    #[must_use]
    pub fn is_open(&self, at: Timestamp) -> bool {
        at >= self.locked_until && self.ends_at.is_none_or(|end| at < end) && !self.is_dormant(at)
    }

    /// Has nobody logged in for [`DORMANT_DAYS`]?
    #[must_use]
    pub fn is_dormant(&self, at: Timestamp) -> bool {
        let last = self.last_login_at.max(self.opened_at);
        last.is_some_and(|last| at >= last.plus_seconds(DORMANT_DAYS * 86_400))
    }

    /// Has it an authenticator app?
    #[must_use]
    pub fn has_app(&self) -> bool {
        !self.totp_secret.reveal().is_empty()
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
pub(crate) fn matched_step(secret: &[u8], code: &str, at: Timestamp) -> Option<i64> {
    let now = u64::try_from(at.seconds()).ok()?;
    let time = totp(secret)?.check(code, now)?;
    i64::try_from(time).ok()
}

/// Opens an account. With `must_change` the password is an initial one: the first log-in
/// leads to its change, and to a second factor if there is none yet.
///
/// # Errors
/// [`StoreError`], also when the log-in name is taken.
pub fn hire(call: &mut Call<'_>, login: &str, account: &Account) -> Result<(), StoreError> {
    let mut account = account.clone();
    account.opened_at = Some(call.at());
    login.trim().clone_into(&mut account.particulars.login);
    table::put_staff(call, &account, account.totp_secret.reveal())?;
    table::put_password(call, account.place(), &account.password)?;
    let key = login_key(call, login);
    table::put_login(call, &key, &account)?;
    call.concerns(account.facility);
    call.detail("role", account.role.word());
    Ok(())
}

/// Is the log-in name taken, at any facility?
///
/// # Errors
/// [`StoreError`].
pub fn is_taken(call: &Call<'_>, login: &str) -> Result<bool, StoreError> {
    Ok(table::login(call, &login_key(call, login))?.is_some())
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

/// The accounts of a facility by name; at most 500.
///
/// # Errors
/// [`StoreError`].
pub fn list(call: &Call<'_>, facility: FacilityId) -> Result<Vec<Account>, StoreError> {
    table::all(call, facility)
}

/// Gives an account another role and ends its sessions; `false` when there is none.
/// `gate.forget_staff` is due after it, as after the next four.
///
/// # Errors
/// [`StoreError`].
pub fn set_role(
    call: &mut Call<'_>,
    facility: FacilityId,
    staff: StaffId,
    role: Role,
) -> Result<bool, StoreError> {
    call.detail("account", staff.to_hex());
    call.detail("role", role.word());
    session::end_all(call, facility, staff)?;
    Ok(table::set_role(call, (facility, staff), role)? == 1)
}

/// Says when an account ends; its sessions end with it.
///
/// # Errors
/// [`StoreError`].
pub fn set_end(
    call: &mut Call<'_>,
    facility: FacilityId,
    staff: StaffId,
    ends_at: Option<Timestamp>,
) -> Result<bool, StoreError> {
    call.detail("account", staff.to_hex());
    session::end_all(call, facility, staff)?;
    Ok(table::set_end(call, (facility, staff), ends_at)? == 1)
}

/// Opens an account that is locked after failures.
///
/// # Errors
/// [`StoreError`].
pub fn unlock(
    call: &mut Call<'_>,
    facility: FacilityId,
    staff: StaffId,
) -> Result<bool, StoreError> {
    call.detail("account", staff.to_hex());
    Ok(table::unlock(call, (facility, staff))? == 1)
}

/// Lets a dormant account log in again; its ninety days begin anew.
///
/// # Errors
/// [`StoreError`].
pub fn wake(call: &mut Call<'_>, facility: FacilityId, staff: StaffId) -> Result<bool, StoreError> {
    call.detail("account", staff.to_hex());
    Ok(table::wake(call, (facility, staff))? == 1)
}

/// Sets an initial password, to be changed at the next log-in, and ends the sessions.
///
/// # Errors
/// [`StoreError`].
pub fn set_initial_password(
    call: &mut Call<'_>,
    facility: FacilityId,
    staff: StaffId,
    hash: &str,
) -> Result<bool, StoreError> {
    call.detail("account", staff.to_hex());
    session::end_all(call, facility, staff)?;
    Ok(table::set_password(call, (facility, staff), hash, true)? == 1)
}

/// The hashes that a new password must not fit: the present one and the last ones.
///
/// # Errors
/// [`StoreError`].
pub fn former_passwords(call: &Call<'_>, account: &Account) -> Result<Vec<String>, StoreError> {
    let mut all = table::passwords(call, account.place())?;
    all.truncate(password::HISTORY);
    if !all.contains(&account.password) {
        all.push(account.password.clone());
    }
    Ok(all)
}

pub(crate) fn login_key(call: &Call<'_>, login: &str) -> [u8; 32] {
    call.directory_key("staff-login", &[&login.trim().to_lowercase()])
}
