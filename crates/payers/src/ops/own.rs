//! The caller's own insurers: nobody touches another's.

use access::policy::{self, Action, Class, Facts, Need};
use kernel::{code::InsurerNumber, id::FacilityId, time::Timestamp};
use registry::{model::Insurer, ops as people};
use store::{Call, Stop};

use crate::errors;

const HOURS_A_DAY: i64 = 24;

/// The facility's insurers; to read what was loaded, or to load.
///
/// # Errors
/// `TSK-PAY-002` when it stands for none; `TSK-ACC-003`; the store's.
pub fn all(call: &Call<'_>, facility: FacilityId, action: Action) -> Result<Vec<Insurer>, Stop> {
    may(call, action)?;
    let all = people::insurers_of(call, facility)?;
    if all.is_empty() {
        return Err(Stop::from(&errors::NO_INSURER));
    }
    Ok(all)
}

fn may(call: &Call<'_>, action: Action) -> Result<(), Stop> {
    let facts = Facts::of(call.caller()).with(Need::OwnFacility, true);
    policy::require(call, Class::Register, action, facts)
}

/// One of the facility's insurers by its number.
///
/// # Errors
/// `TSK-PAY-001` when the number is none of them, whoever else's or nobody's it is;
/// `TSK-ACC-003`; the store's.
pub fn find(
    call: &Call<'_>,
    facility: FacilityId,
    number: &InsurerNumber,
    action: Action,
) -> Result<Insurer, Stop> {
    may(call, action)?;
    let own = people::insurer(call, number)?.filter(|one| one.home == Some(facility));
    own.ok_or_else(|| Stop::from(&errors::NOT_OWN))
}

/// The same before anything is done: no record, and the caller's right is asked elsewhere.
///
/// # Errors
/// `TSK-PAY-001`; the store's.
pub fn check_own(
    call: &Call<'_>,
    facility: FacilityId,
    number: &InsurerNumber,
) -> Result<(), Stop> {
    let insurer = people::insurer(call, number)?;
    let is_own = insurer.is_some_and(|insurer| insurer.home == Some(facility));
    is_own
        .then_some(())
        .ok_or_else(|| Stop::from(&errors::NOT_OWN))
}

/// When an insurer's next load is due; `None` when it has never loaded.
#[must_use]
pub fn next_due(insurer: &Insurer) -> Option<Timestamp> {
    let hours = insurer.update_days.saturating_mul(HOURS_A_DAY);
    insurer.loaded_at.map(|at| at.plus_hours(hours))
}

/// Says that the insurer's own systems cannot be reached, or that all is well again.
///
/// # Errors
/// As [`find`].
pub fn say_down(
    call: &mut Call<'_>,
    facility: FacilityId,
    number: &InsurerNumber,
    is_down: bool,
) -> Result<Insurer, Stop> {
    let mut own = find(call, facility, number, Action::Write)?;
    own.down_since = is_down.then(|| own.down_since.unwrap_or(call.at()));
    people::put_insurer(call, &own)?;
    call.detail("insurer", number.as_str());
    call.detail("down", is_down.to_string());
    Ok(own)
}
