//! What administrators and safety officers do: load, decide, save.

mod account;
mod found;
mod grant;
mod review;

pub use account::{Ends, Opened, Opening, change_role, end, open, reopen, reset_password};
pub use found::found;
pub use grant::{Rights, ask, decide, rights};
pub use review::{Looks, sign_off_access, sign_off_accounts, sign_offs, week, week_is_over};

use access::{
    errors::FORBIDDEN,
    factor::Factor,
    substitute::{self, Substitute},
};
use kernel::{
    Refusal,
    id::{FacilityId, StaffId},
};
use store::{
    Call, Stop, StoreError,
    caller::{Actor, Role},
};

use crate::{
    errors,
    model::{Change, RightsEntry},
    roster::{self, Member},
    rules::account::is_elevated,
    store as table,
};

/// Whose facility, and who acts.
fn caller(call: &Call<'_>) -> Result<(FacilityId, StaffId), Stop> {
    match &call.caller().actor {
        Actor::Staff { staff, home, .. } => Ok((home.id, *staff)),
        _ => Err(Stop::from(&FORBIDDEN)),
    }
}

/// The account to be changed by somebody else than its owner; takes the facility's turn, so
/// that of two changes at once the second sees the first.
fn others_account(
    call: &mut Call<'_>,
    staff: StaffId,
) -> Result<(FacilityId, StaffId, Member), Stop> {
    let (facility, me) = caller(call)?;
    table::take_turn(call, facility)?;
    call.detail("account", staff.to_hex());
    let member = roster::one(call, facility, staff)?;
    if staff == me {
        return Err(Stop::from(&errors::OWN));
    }
    Ok((facility, me, member))
}

/// Refuses what would leave the facility without an administrator who stays: one whose account
/// is open, in use, and has no end date.
fn keep_an_administrator(
    call: &Call<'_>,
    facility: FacilityId,
    leaving: &Member,
) -> Result<(), Stop> {
    if leaving.role != Role::Administrator || leaving.ends_at.is_some() {
        return Ok(());
    }
    let at = call.at();
    let stays = |member: &Member| {
        member.staff != leaving.staff
            && member.role == Role::Administrator
            && member.ends_at.is_none()
            && !member.is_dormant(at)
    };
    if roster::all(call, facility)?.iter().any(stays) {
        Ok(())
    } else {
        Err(Stop::from(&errors::LAST))
    }
}

/// Writes down that somebody lost an elevated role, if they had one.
fn note_ended(
    call: &Call<'_>,
    facility: FacilityId,
    member: &Member,
    by: StaffId,
    approved_by: Option<StaffId>,
) -> Result<(), StoreError> {
    if !is_elevated(member.role) {
        return Ok(());
    }
    let entry = RightsEntry {
        at: call.at(),
        staff: member.staff,
        change: Change::Ended,
        role: member.role,
        done_by: Some(by),
        approved_by,
    };
    table::put_entry(call, facility, &entry)
}

/// One account, as its administrators see it.
#[derive(Clone)]
pub struct Profile {
    /// The account.
    pub member: Member,
    /// Second factors beside the authenticator application.
    pub factors: Vec<Factor>,
    /// Requests for substitute codes that wait, and codes that are good.
    pub substitutes: Vec<Substitute>,
    /// Every account of the facility, for names.
    pub members: Vec<Member>,
}

/// Every account of the facility, by name.
///
/// # Errors
/// The store's.
pub fn members(call: &mut Call<'_>) -> Result<Vec<Member>, Stop> {
    let (facility, _) = caller(call)?;
    Ok(roster::all(call, facility)?)
}

/// One account of the facility.
///
/// # Errors
/// `TSK-STF-001`; the store's.
pub fn profile(call: &mut Call<'_>, staff: StaffId) -> Result<Profile, Stop> {
    let (facility, _) = caller(call)?;
    call.detail("account", staff.to_hex());
    profile_of(call, facility, staff)
}

/// The same beside a refusal, which has its record.
///
/// # Errors
/// As [`profile`].
pub fn profile_of(call: &Call<'_>, facility: FacilityId, staff: StaffId) -> Result<Profile, Stop> {
    let substitutes = substitute::list(call, facility)?;
    Ok(Profile {
        member: roster::one(call, facility, staff)?,
        factors: roster::factors(call, facility, staff)?,
        substitutes: substitutes
            .into_iter()
            .filter(|s| s.staff == staff)
            .collect(),
        members: roster::all(call, facility)?,
    })
}

/// Asks for a substitute code for a colleague.
///
/// # Errors
/// `TSK-STF-001`, `003`, `005`, `011`; `access`'s; the store's.
pub fn ask_substitute(call: &mut Call<'_>, staff: StaffId, reason: &str) -> Result<(), Stop> {
    let (_, _, member) = others_account(call, staff)?;
    if reason.trim().is_empty() {
        return Err(Refusal::at(&errors::FIELD, "reason", "").into());
    }
    if !member.is_open(call.at()) {
        return Err(Stop::from(&errors::CLOSED));
    }
    substitute::propose(call, staff, reason.trim())?;
    Ok(())
}
