//! Visits, and the patient's choice of consent at the counter.

use access::{
    consent::{self, Category, Choice, Source},
    errors as no,
    policy::{self, Action, Class, Facts, Need},
};
use kernel::{
    id::{ConsentId, FacilityId},
    time::Timestamp,
};
use registry::merge;
use store::{Call, Stop, caller::Purpose};

use crate::{
    errors, home,
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
    let mut visit = table::visit(call, facility, id)?
        .filter(|visit| !visit.has_ended(call.at()))
        .ok_or_else(|| Stop::from(&errors::VISIT))?;
    visit.person = merge::kept(call, visit.person)?;
    Ok(visit)
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

/// What the patient chose at a counter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// What may be shown; the rest may not.
    pub categories: Vec<Category>,
    /// For what.
    pub purpose: Purpose,
    /// Also beyond this visit: as which kind of standing choice, and until when.
    pub standing: Option<(Source, Timestamp)>,
}

impl Chosen {
    /// For treatment at this visit alone.
    #[must_use]
    pub fn for_visit(categories: &[Category]) -> Self {
        Self {
            categories: categories.to_vec(),
            purpose: Purpose::Treatment,
            standing: None,
        }
    }
}

/// Records what the patient chose to show: the named categories, for 24 hours, and beyond when
/// they said so.
///
/// # Errors
/// `TSK-ELG-030`; `TSK-CNS-005` when the person was identified by number only
/// or more than 24 hours ago, `TSK-CNS-006` when they have taken a consent back since,
/// `TSK-CNS-007` and `TSK-CNS-008` when end or purpose is none that can be chosen;
/// `TSK-CNS-009` at a therapy office; `TSK-ACC-003`; the store's.
pub fn choose(
    call: &mut Call<'_>,
    facility: FacilityId,
    id: VisitId,
    chosen: &Chosen,
) -> Result<ConsentId, Stop> {
    let visit = find(call, facility, id)?;
    call.open(visit.person)?;
    let facts = Facts::of(call.caller())
        .with(Need::Visit, true)
        .with(Need::Presence, visit.is_present(call.at()));
    policy::require(call, Class::Consent, Action::Write, facts)?;
    record(call, facility, &visit, chosen)
}

/// Records the choice of a visit's person, whoever they chose through: who may do that has been
/// found out.
///
/// # Errors
/// As [`choose`].
pub(crate) fn record(
    call: &mut Call<'_>,
    facility: FacilityId,
    visit: &Visit,
    chosen: &Chosen,
) -> Result<ConsentId, Stop> {
    if !consent::is_possible(call, facility)? {
        return Err(Stop::from(&no::CONSENT_THERAPY));
    }
    if !visit.is_present(call.at()) {
        return Err(Stop::from(&no::CONSENT_PRESENCE));
    }
    if consent::is_taken_back(call, visit.person, facility, visit.at)? {
        return Err(Stop::from(&no::CONSENT_TAKEN_BACK));
    }
    let choice = Choice {
        facility,
        categories: chosen.categories.clone(),
        purpose: chosen.purpose,
        is_for_visit: true,
        standing: chosen.standing,
        method: visit.method.word().to_owned(),
    };
    let id = consent::choose(call, visit.person, &choice)?;
    home::sync(call, facility, visit.person)?;
    Ok(id)
}
