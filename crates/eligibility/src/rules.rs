//! Which coverage holds on a date.

use kernel::{Entry, time::JstDate};
use registry::{
    model::{Coverage, InsuredKey, Profile},
    terms::{elderly_from, late_elderly_from, preschool_until},
};

use crate::{answer::rules::remarks, errors, model::Reason};

const SOON_DAYS: i32 = 31;

/// The coverage that holds on `on`; with `claimed`, it must be the one that the key names.
///
/// # Errors
/// The catalogue entry that says why not.
pub fn judge<'c>(
    coverages: &'c [Coverage],
    claimed: Option<&InsuredKey>,
    on: JstDate,
) -> Result<&'c Coverage, &'static Entry> {
    let current = coverages.iter().find(|c| c.period.contains(on));
    let named: Vec<&Coverage> = match claimed {
        Some(key) => coverages.iter().filter(|c| fits(c, key)).collect(),
        None => coverages.iter().collect(),
    };
    if named.is_empty() {
        return Err(match claimed {
            Some(_) => &errors::UNKNOWN_NUMBER,
            None => &errors::NO_COVERAGE,
        });
    }
    if let Some(holds) = named.iter().find(|c| c.period.contains(on)) {
        return Ok(holds);
    }
    if named.iter().all(|c| c.period.from() > on) {
        return Err(&errors::NOT_YET);
    }
    Err(match current {
        Some(_) => &errors::LAPSED_REPLACED,
        None => &errors::LAPSED,
    })
}

fn fits(coverage: &Coverage, key: &InsuredKey) -> bool {
    coverage.insurer_number == key.insurer_number
        && coverage.symbol == key.symbol
        && coverage.person_number == key.person_number
}

/// Remarks on a coverage that holds.
#[must_use]
pub fn reasons(coverage: &Coverage, profile: &Profile, on: JstDate) -> Vec<Reason> {
    let soon = on.plus_days(SOON_DAYS);
    let mut reasons = vec![Reason::Valid];
    if coverage.ceiling.is_none() {
        reasons.push(Reason::NoCeiling);
    }
    if coverage.period.until().is_some_and(|until| until <= soon) {
        reasons.push(Reason::EndsSoon);
    }
    let ages = [preschool_until, elderly_from, late_elderly_from];
    let changes = ages.map(|first_day| first_day(profile.birth));
    if changes.iter().any(|day| on < *day && *day <= soon) {
        reasons.push(Reason::RateChangesSoon);
    }
    reasons.extend(remarks(coverage, profile, on));
    reasons
}

/// May eligibility be asked for `on`, when today is `today`?
#[must_use]
pub fn is_askable(on: JstDate, today: JstDate) -> bool {
    on >= today.plus_years(-5) && on <= today.plus_days(SOON_DAYS)
}
