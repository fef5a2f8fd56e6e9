//! 保守作業の時間: when a vendor's support account is let in.
//!
//! An administrator of the facility plans a window for one account: why, according to which
//! plan, from when until when. Another administrator approves it. Only then, and only between
//! these two instants, is the account let in; either may end it early.
//!
//! Source: identity-security MAINT-01; checklist 2025 2-②, vendor 10③④.

use kernel::{
    id::{FacilityId, StaffId, WindowId},
    time::Timestamp,
};
use store::{Call, Stop, StoreError, caller::Role};

use crate::{errors, staff, store::window as table};

/// Most hours of one window: a day's work, so that none is left open by habit.
pub const HOURS_MAX: i64 = 8;
/// Most windows of one list.
pub const LIST_MAX: i64 = 100;

/// A window as it is planned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The vendor's account.
    pub staff: StaffId,
    /// Why the work is needed.
    pub why: String,
    /// What will be done, or the number of the plan that says so.
    pub plan: String,
    /// First instant.
    pub from: Timestamp,
    /// First instant after it.
    pub until: Timestamp,
}

/// Who did something, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Act {
    /// Who.
    pub by: StaffId,
    /// When.
    pub at: Timestamp,
}

/// A window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// Identifier.
    pub id: WindowId,
    /// What was planned.
    pub plan: Plan,
    /// Who asked for it.
    pub asked: Act,
    /// Who approved it, if anybody has.
    pub approved: Option<Act>,
    /// Who ended it early, if anybody has.
    pub ended: Option<Act>,
}

/// In which state a window is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Nobody has approved it yet.
    Asked,
    /// Approved; it has not begun.
    Approved,
    /// The account is let in.
    Open,
    /// Ended early, or its time is over.
    Over,
}

impl Window {
    /// Its state at `at`.
    #[must_use]
    pub fn state(&self, at: Timestamp) -> State {
        if self.ended.is_some() || at >= self.plan.until {
            State::Over
        } else if self.approved.is_none() {
            State::Asked
        } else if at < self.plan.from {
            State::Approved
        } else {
            State::Open
        }
    }

    /// First instant at which it lets nobody in any more.
    #[must_use]
    pub fn closes(&self) -> Timestamp {
        self.ended
            .map_or(self.plan.until, |ended| ended.at.min(self.plan.until))
    }
}

/// Plans a window; it lets nobody in before it is approved.
///
/// # Errors
/// [`errors::WINDOW_SPAN`], [`errors::WINDOW_ACCOUNT`]; [`StoreError`].
pub fn ask(
    call: &mut Call<'_>,
    facility: FacilityId,
    by: StaffId,
    plan: &Plan,
) -> Result<WindowId, Stop> {
    let fits = plan.from < plan.until
        && call.at() < plan.until
        && plan.until <= plan.from.plus_hours(HOURS_MAX);
    if !fits {
        return Err(Stop::from(&errors::WINDOW_SPAN));
    }
    let account = staff::account(call, facility, plan.staff)?;
    let account = account.filter(|account| {
        account.role == Role::VendorSupport && account.ends_at.is_none_or(|end| call.at() < end)
    });
    if account.is_none() {
        return Err(Stop::from(&errors::WINDOW_ACCOUNT));
    }
    let window = Window {
        id: WindowId::random(call.rng()),
        plan: plan.clone(),
        asked: Act { by, at: call.at() },
        approved: None,
        ended: None,
    };
    table::put(call, facility, &window)?;
    note(call, &window);
    Ok(window.id)
}

/// Approves a window.
///
/// # Errors
/// [`errors::WINDOW_UNKNOWN`], [`errors::WINDOW_SAME_PERSON`], [`errors::WINDOW_SETTLED`];
/// [`StoreError`].
pub fn approve(
    call: &mut Call<'_>,
    facility: FacilityId,
    by: StaffId,
    id: WindowId,
) -> Result<Window, Stop> {
    let window = one(call, facility, id)?;
    note(call, &window);
    if window.asked.by == by || window.plan.staff == by {
        return Err(Stop::from(&errors::WINDOW_SAME_PERSON));
    }
    let is_asked = window.state(call.at()) == State::Asked;
    if !is_asked || !table::approve(call, facility, id, by)? {
        return Err(Stop::from(&errors::WINDOW_SETTLED));
    }
    Ok(window)
}

/// Ends a window early: the account's next request is refused.
///
/// # Errors
/// [`errors::WINDOW_UNKNOWN`], [`errors::WINDOW_SETTLED`]; [`StoreError`].
pub fn end(
    call: &mut Call<'_>,
    facility: FacilityId,
    by: StaffId,
    id: WindowId,
) -> Result<Window, Stop> {
    let window = one(call, facility, id)?;
    note(call, &window);
    let is_over = window.state(call.at()) == State::Over;
    if is_over || !table::end(call, facility, id, by)? {
        return Err(Stop::from(&errors::WINDOW_SETTLED));
    }
    Ok(window)
}

/// One window of a facility.
///
/// # Errors
/// [`errors::WINDOW_UNKNOWN`]; [`StoreError`].
pub fn one(call: &Call<'_>, facility: FacilityId, id: WindowId) -> Result<Window, Stop> {
    table::one(call, facility, id)?.ok_or_else(|| Stop::from(&errors::WINDOW_UNKNOWN))
}

/// The facility's windows, the latest first; at most [`LIST_MAX`].
///
/// # Errors
/// [`StoreError`].
pub fn list(call: &Call<'_>, facility: FacilityId) -> Result<Vec<Window>, StoreError> {
    table::list(call, facility, LIST_MAX)
}

/// The window in which this account is let in at `at`, if one is open.
///
/// # Errors
/// [`StoreError`].
pub fn is_open(
    call: &Call<'_>,
    facility: FacilityId,
    staff: StaffId,
    at: Timestamp,
) -> Result<Option<WindowId>, StoreError> {
    table::open(call, facility, staff, at)
}

/// The vendors' accounts of a facility that have not ended, and their names.
///
/// # Errors
/// [`StoreError`].
pub fn vendors(
    call: &Call<'_>,
    facility: FacilityId,
) -> Result<Vec<(StaffId, String)>, StoreError> {
    let mut vendors = Vec::new();
    for id in table::vendors(call, facility, LIST_MAX)? {
        let account = staff::account(call, facility, id)?;
        let account = account.filter(|a| a.ends_at.is_none_or(|end| call.at() < end));
        vendors.extend(account.map(|account| (id, account.name)));
    }
    Ok(vendors)
}

fn note(call: &mut Call<'_>, window: &Window) {
    call.detail("window", window.id.to_hex());
    call.detail("account", window.plan.staff.to_hex());
}
