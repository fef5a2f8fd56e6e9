//! Visits, and the patient's choice of consent at the counter.

use access::{
    consent::{self, Category},
    errors as no,
};
use kernel::{
    id::{ConsentId, FacilityId},
    time::Timestamp,
};
use store::{Call, Stop};

use crate::{
    errors,
    model::{PRESENT_HOURS, Visit, VisitId},
    store as table,
};

/// Visits shown on the reception page.
const SHOWN_MAX: i64 = 50;

/// A visit of this facility that is not over.
///
/// # Errors
/// `TSK-ELG-030`; the store's.
pub fn find(call: &Call<'_>, facility: FacilityId, id: VisitId) -> Result<Visit, Stop> {
    table::visit(call, facility, id)?
        .filter(|visit| !visit.has_ended(call.at()))
        .ok_or_else(|| Stop::from(&errors::VISIT))
}

/// The visits of the last 24 hours, newest first, 50 at most.
///
/// # Errors
/// The store's.
pub fn today(call: &Call<'_>, facility: FacilityId) -> Result<Vec<Visit>, Stop> {
    let after = call.at().plus_hours(-PRESENT_HOURS);
    Ok(table::visits(call, facility, after, SHOWN_MAX)?)
}

/// The visits in `[from, until)`, newest first, `limit` at most; for the facility's own review
/// of access, which shows no patient's name.
///
/// # Errors
/// The store's.
pub fn between(
    call: &Call<'_>,
    facility: FacilityId,
    from: Timestamp,
    until: Timestamp,
    limit: i64,
) -> Result<Vec<Visit>, Stop> {
    Ok(table::visits_between(call, facility, from, until, limit)?)
}

/// Records what the patient chose to show: the named categories, for 24 hours.
///
/// # Errors
/// `TSK-ELG-030`; `TSK-CNS-005` when the person was identified by number only
/// or more than 24 hours ago, `TSK-CNS-006` when they have taken a consent back since; the
/// store's.
pub fn choose(
    call: &mut Call<'_>,
    facility: FacilityId,
    id: VisitId,
    categories: &[Category],
) -> Result<ConsentId, Stop> {
    let visit = find(call, facility, id)?;
    call.open(visit.person)?;
    if !visit.is_present(call.at()) {
        return Err(Stop::from(&no::CONSENT_PRESENCE));
    }
    if consent::is_taken_back(call, visit.person, facility, visit.at)? {
        return Err(Stop::from(&no::CONSENT_TAKEN_BACK));
    }
    consent::give(
        call,
        visit.person,
        facility,
        categories,
        visit.method.word(),
    )
}
