//! A facility begins: with its first administrators, whom nobody inside could have appointed.
//!
//! Source: identity-security AUTHZ-02, section 3.2.

use access::errors::FORBIDDEN;
use kernel::id::StaffId;
use registry::{model::Facility, ops as register};
use store::{
    Call, Stop,
    caller::{Actor, Role},
};

use super::Opening;
use crate::{
    errors,
    model::{Change, RightsEntry},
    roster, store as table,
};

/// Founds a facility with its first administrators, whose rights the history shows as given by
/// the operator. Two at least: every later right of theirs takes two people.
///
/// # Errors
/// `TSK-STF-013` when the code is there, `TSK-STF-014` for fewer than two, as
/// [`Opening::check`], `TSK-STF-004`; `FORBIDDEN` to everybody but the operator; the store's.
pub fn found(
    call: &mut Call<'_>,
    facility: &Facility,
    administrators: &[Opening],
) -> Result<Vec<StaffId>, Stop> {
    if !matches!(call.caller().actor, Actor::Job { .. }) {
        return Err(Stop::from(&FORBIDDEN));
    }
    let mut names: Vec<&str> = administrators.iter().map(|a| a.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    if names.len() < 2 {
        return Err(Stop::from(&errors::TWO_FIRST));
    }
    for opening in administrators {
        opening.check(call.at().jst_date())?;
    }
    if register::facility_by_code(call, &facility.code)?.is_some() {
        return Err(Stop::from(&errors::FACILITY_THERE));
    }
    register::found(call, facility)?;
    call.concerns(facility.id);
    let mut opened = Vec::new();
    for opening in administrators {
        let staff = roster::open(call, facility.id, opening, None)?;
        call.detail("account", staff.to_hex());
        let entry = RightsEntry {
            at: call.at(),
            staff,
            change: Change::Granted,
            role: Role::Administrator,
            done_by: None,
            approved_by: None,
        };
        table::put_entry(call, facility.id, &entry)?;
        opened.push(staff);
    }
    Ok(opened)
}
