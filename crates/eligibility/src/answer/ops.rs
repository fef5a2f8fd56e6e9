//! Reading what an answer needs.

use kernel::{
    Entry,
    id::{FacilityId, PersonId},
    time::{JstDate, Timestamp},
};
use registry::{
    model::{Coverage, CoverageChange, InsuredKey, Profile},
    ops as people, reliance,
    terms::{self, Difference, Terms},
};
use store::{Call, Stop, StoreError};

use super::{
    model::{Detail, Held, Validity},
    rules,
};
use crate::{
    model::{Reason, VisitId},
    ops,
    rules::{is_askable, judge, reasons},
    subsidies,
};

/// The coverage of an opened person that holds on `on`, for a facility whose last visit before
/// `before` counts; or why none does.
///
/// # Errors
/// `PERSON_ABSENT`; the store's.
pub fn look(
    call: &Call<'_>,
    facility: FacilityId,
    person: PersonId,
    claimed: Option<&InsuredKey>,
    (on, before): (JstDate, Timestamp),
) -> Result<Result<Held, &'static Entry>, Stop> {
    let coverages = people::coverages(call, person)?;
    let coverage = match judge(&coverages, claimed, on) {
        Ok(coverage) => coverage.clone(),
        Err(entry) => return Ok(Err(rules::why_not(entry, &coverages, on))),
    };
    let profile = people::profile(call, person)?;
    let insurer = people::insurer(call, &coverage.insurer_number)?;
    let freshness = rules::freshness(Some(&coverage), insurer.as_ref(), on, call.at());
    let known = reliance::of(call, person, facility)?;
    let last = reliance::last_visit(&known, before);
    let changes = match last {
        None => Vec::new(),
        Some(last) => {
            let now = (&coverage, on);
            since(call, person, &profile, &coverages, now, last)?
        }
    };
    let last_visit = last.map(|(_, visit)| visit.on);
    let (copay, basis) = terms::copay_on(&coverage, profile.birth, on);
    let mut all = reasons(&coverage, &profile, on);
    if let Some(provisional) = freshness.provisional {
        all.retain(|reason| *reason != Reason::Valid);
        all.insert(0, provisional);
    }
    if !changes.is_empty() {
        all.insert(1, Reason::Changed);
    }
    let detail = Detail {
        copay,
        basis,
        freshness,
        last_visit,
        changes,
        paying: subsidies::of(call, person, on)?,
    };
    if detail.validity(&coverage) == Validity::Unregistered {
        all.push(Reason::NoTicket);
    }
    Ok(Ok(Held {
        reasons: all,
        detail,
        profile,
        coverage,
        known,
    }))
}

/// What is not as it was at the last visit.
fn since(
    call: &Call<'_>,
    person: PersonId,
    profile: &Profile,
    coverages: &[Coverage],
    (coverage, on): (&Coverage, JstDate),
    (number, visit): (i64, &reliance::Visited),
) -> Result<Vec<Difference>, StoreError> {
    let changes = people::changes(call, person)?;
    let was = reliance::as_it_was(coverages, &changes, number, visit.at);
    let was = was.map(|one| Terms::on(one, profile.birth, visit.on));
    let now = Terms::on(coverage, profile.birth, on);
    Ok(rules::changes(was.as_ref(), &now, visit, &profile.name))
}

/// Why nobody has a number: perhaps because its insurer has not loaded it yet.
///
/// # Errors
/// The store's.
pub fn nobody(
    call: &Call<'_>,
    key: &InsuredKey,
    on: JstDate,
) -> Result<&'static Entry, StoreError> {
    let insurer = people::insurer(call, &key.insurer_number)?;
    let freshness = rules::freshness(None, insurer.as_ref(), on, call.at());
    Ok(match freshness.provisional {
        Some(_) => &crate::errors::MAYBE_NOT_LOADED,
        None => &crate::errors::UNKNOWN_NUMBER,
    })
}

/// The coverages of the last five years and what was done to them, oldest first.
#[derive(Clone, PartialEq, Eq)]
pub struct History {
    /// Who.
    pub profile: Profile,
    /// The coverages.
    pub coverages: Vec<Coverage>,
    /// What insurers did to them.
    pub changes: Vec<CoverageChange>,
}

/// The history of coverage of whoever came to a visit of the facility.
///
/// # Errors
/// `TSK-ELG-030`; the store's.
pub fn history(call: &mut Call<'_>, facility: FacilityId, id: VisitId) -> Result<History, Stop> {
    let visit = ops::visit(call, facility, id)?;
    call.open(visit.person)?;
    let today = call.at().jst_date();
    let mut coverages = people::coverages(call, visit.person)?;
    // What can no longer be asked about is nobody's business here.
    coverages.retain(|one| {
        let last = one.period.until().map(|until| until.plus_days(-1));
        last.is_none_or(|last| last > today || is_askable(last, today))
    });
    coverages.sort_by_key(|one| (one.period.from(), one.number));
    let mut changes = people::changes(call, visit.person)?;
    changes.retain(|change| {
        coverages
            .iter()
            .any(|one| one.number == change.after.number)
    });
    Ok(History {
        profile: people::profile(call, visit.person)?,
        coverages,
        changes,
    })
}
