//! The staff of a facility as its administrators see them: no password, no secret.

use access::{factor, staff};
use kernel::{
    Secret,
    id::{FacilityId, StaffId},
    time::Timestamp,
};
use store::{Call, Stop, StoreError, caller::Role};

use crate::{errors, ops::Opening};

/// One account.
#[derive(Clone, PartialEq, Eq)]
pub struct Member {
    /// Whose.
    pub staff: StaffId,
    /// Their name.
    pub name: String,
    /// What they type to log in.
    pub login: String,
    /// What they are.
    pub role: Role,
    /// When they last logged in.
    pub last_login_at: Option<Timestamp>,
    /// First instant at which it is dormant, without another log-in; `None` for an account that
    /// is older than what is known of its use.
    pub dormant_at: Option<Timestamp>,
    /// First instant at which the account has ended.
    pub ends_at: Option<Timestamp>,
    /// Until when wrong passwords have locked it.
    pub locked_until: Timestamp,
    /// Is the initial password still to be changed?
    pub must_change: bool,
    /// Is there an authenticator application?
    pub has_authenticator: bool,
}

impl Member {
    /// Has the account not ended?
    #[must_use]
    pub fn is_open(&self, at: Timestamp) -> bool {
        self.ends_at.is_none_or(|end| at < end)
    }

    /// Has it been without a log-in for 90 days?
    #[must_use]
    pub fn is_dormant(&self, at: Timestamp) -> bool {
        self.dormant_at.is_some_and(|dormant| dormant <= at)
    }
}

fn member(account: &staff::Account) -> Member {
    Member {
        staff: account.staff,
        name: account.name.clone(),
        login: account.particulars.login.clone(),
        role: account.role,
        last_login_at: account.last_login_at,
        dormant_at: account
            .last_login_at
            .max(account.opened_at)
            .map(|last| last.plus_hours(staff::DORMANT_DAYS * 24)),
        ends_at: account.ends_at,
        locked_until: account.locked_until,
        must_change: account.must_change,
        has_authenticator: !account.totp_secret.reveal().is_empty(),
    }
}

/// Every account of a facility, ended ones too, by name.
pub(crate) fn all(call: &Call<'_>, facility: FacilityId) -> Result<Vec<Member>, StoreError> {
    Ok(staff::list(call, facility)?.iter().map(member).collect())
}

/// One account.
pub(crate) fn one(call: &Call<'_>, facility: FacilityId, staff: StaffId) -> Result<Member, Stop> {
    let found = staff::account(call, facility, staff)?;
    found
        .as_ref()
        .map(member)
        .ok_or_else(|| Stop::from(&errors::ABSENT))
}

/// The second factors of an account beside the authenticator application.
pub(crate) fn factors(
    call: &Call<'_>,
    facility: FacilityId,
    staff: StaffId,
) -> Result<Vec<factor::Factor>, StoreError> {
    factor::list(call, facility, staff)
}

pub(crate) fn open(
    call: &mut Call<'_>,
    facility: FacilityId,
    opening: &Opening,
    ends_at: Option<Timestamp>,
) -> Result<StaffId, Stop> {
    if staff::find(call, &opening.login)?.is_some() {
        return Err(Stop::from(&errors::LOGIN_TAKEN));
    }
    let id = StaffId::random(call.rng());
    let account = staff::Account {
        must_change: true,
        ends_at,
        ..staff::Account::new(
            facility,
            id,
            &opening.name,
            opening.role,
            opening.password.clone(),
            // The authenticator is enrolled at the first log-in.
            Secret::new(Vec::new()),
        )
    };
    staff::hire(call, &opening.login, &account)?;
    Ok(id)
}

pub(crate) fn set_role(
    call: &mut Call<'_>,
    facility: FacilityId,
    staff: StaffId,
    role: Role,
) -> Result<(), Stop> {
    staff::set_role(call, facility, staff, role)?;
    Ok(())
}

pub(crate) fn set_end(
    call: &mut Call<'_>,
    facility: FacilityId,
    staff: StaffId,
    ends_at: Option<Timestamp>,
) -> Result<(), Stop> {
    staff::set_end(call, facility, staff, ends_at)?;
    Ok(())
}

pub(crate) fn wake(call: &mut Call<'_>, facility: FacilityId, staff: StaffId) -> Result<(), Stop> {
    staff::wake(call, facility, staff)?;
    Ok(())
}

pub(crate) fn reset_password(
    call: &mut Call<'_>,
    facility: FacilityId,
    staff: StaffId,
    hash: &str,
) -> Result<(), Stop> {
    staff::set_initial_password(call, facility, staff, hash)?;
    staff::unlock(call, facility, staff)?;
    Ok(())
}
