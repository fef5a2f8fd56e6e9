//! Elevated rights take two people: one administrator asks, another approves.
//!
//! Source: identity-security AUTHZ-02; 2025 checklist 2-④ (administrators by name).

use access::substitute::{self, Substitute};
use kernel::{
    Refusal,
    id::{FacilityId, StaffId},
    time::Timestamp,
};
use store::{Call, Stop, StoreError, caller::Role};

use super::{caller, keep_an_administrator, note_ended, others_account};
use crate::{
    errors,
    model::{Change, Decided, Grant, GrantId, RightsEntry},
    roster::{self, Member},
    rules::account::{is_elevated, is_pending},
    store as table,
};

/// Most characters of a reason.
const REASON_MAX: usize = 400;

/// Writes a request down. `opens` is the end of an account that the grant opens.
pub(super) fn put(
    call: &Call<'_>,
    facility: FacilityId,
    asked_by: StaffId,
    staff: StaffId,
    role: Role,
    opens: Option<Option<Timestamp>>,
    reason: &str,
) -> Result<GrantId, StoreError> {
    let grant = Grant {
        id: GrantId::random(call.rng()),
        staff,
        role,
        opens: opens.is_some(),
        until: opens.flatten(),
        asked_by,
        asked_at: call.at(),
        reason: reason.trim().chars().take(REASON_MAX).collect(),
        decided: None,
    };
    table::put_grant(call, facility, &grant)?;
    Ok(grant.id)
}

/// Asks that a colleague gets an elevated role; an ended account is opened by the grant.
///
/// # Errors
/// `TSK-STF-001`, `003`, `005`, `010`; the store's.
pub fn ask(call: &mut Call<'_>, staff: StaffId, role: Role, reason: &str) -> Result<GrantId, Stop> {
    let (facility, me, member) = others_account(call, staff)?;
    if reason.trim().is_empty() {
        return Err(Refusal::at(&errors::FIELD, "reason", "").into());
    }
    if !is_elevated(role) {
        return Err(Refusal::at(&errors::FIELD, "role", role.word()).into());
    }
    let is_open = member.is_open(call.at());
    if is_open && member.role == role {
        return Err(Stop::from(&errors::UNCHANGED));
    }
    call.detail("role", role.word());
    let opens = (!is_open).then_some(None);
    Ok(put(call, facility, me, staff, role, opens, reason)?)
}

/// Decides on a request; only on approval anything changes.
///
/// # Errors
/// `TSK-STF-009` when it is not there, decided or older than 72 hours; `TSK-STF-008` for who
/// asked and for whom it is; `TSK-STF-003` for no decision; `TSK-STF-006`, `011`; the store's.
pub fn decide(call: &mut Call<'_>, id: GrantId, granted: Option<bool>) -> Result<Grant, Stop> {
    let (facility, me) = caller(call)?;
    table::take_turn(call, facility)?;
    let grant = table::grant(call, facility, id)?
        .filter(|grant| is_pending(grant, call.at()))
        .ok_or(&errors::GRANT_ABSENT)?;
    call.detail("account", grant.staff.to_hex());
    call.detail("role", grant.role.word());
    call.detail("asked-by", grant.asked_by.to_hex());
    let granted = granted.ok_or_else(|| Refusal::at(&errors::FIELD, "decision", ""))?;
    if me == grant.staff || (granted && me == grant.asked_by) {
        return Err(Stop::from(&errors::SAME_PERSON));
    }
    let decided = Decided {
        by: me,
        at: call.at(),
        granted,
    };
    if !table::decide(call, facility, id, decided)? {
        return Err(Stop::from(&errors::GRANT_ABSENT));
    }
    call.detail("granted", if granted { "yes" } else { "no" });
    if granted {
        give(call, facility, me, &grant)?;
    }
    Ok(grant)
}

fn give(call: &mut Call<'_>, facility: FacilityId, me: StaffId, grant: &Grant) -> Result<(), Stop> {
    let member = roster::one(call, facility, grant.staff)?;
    let is_open = member.is_open(call.at());
    if !is_open && !grant.opens {
        return Err(Stop::from(&errors::CLOSED));
    }
    if is_open && member.role != grant.role {
        keep_an_administrator(call, facility, &member)?;
        note_ended(call, facility, &member, grant.asked_by, Some(me))?;
    }
    if member.role != grant.role {
        roster::set_role(call, facility, grant.staff, grant.role)?;
    }
    if grant.opens && !is_open {
        roster::set_end(call, facility, grant.staff, grant.until)?;
    }
    let entry = RightsEntry {
        at: call.at(),
        staff: grant.staff,
        change: Change::Granted,
        role: grant.role,
        done_by: Some(grant.asked_by),
        approved_by: Some(me),
    };
    Ok(table::put_entry(call, facility, &entry)?)
}

/// Who has elevated rights, what waits, and how it came.
#[derive(Clone)]
pub struct Rights {
    /// Every account of the facility.
    pub members: Vec<Member>,
    /// Requests, newest first.
    pub grants: Vec<Grant>,
    /// Requests for substitute codes that wait, and codes that are good.
    pub substitutes: Vec<Substitute>,
    /// The history, newest first.
    pub history: Vec<RightsEntry>,
}

/// The facility's elevated rights.
///
/// # Errors
/// The store's.
pub fn rights(call: &mut Call<'_>) -> Result<Rights, Stop> {
    let (facility, _) = caller(call)?;
    Ok(Rights {
        members: roster::all(call, facility)?,
        grants: table::grants(call, facility)?,
        substitutes: substitute::list(call, facility)?,
        history: table::entries(call, facility)?,
    })
}
