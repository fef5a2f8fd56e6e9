//! Which coverage holds on a date.

use kernel::{Entry, time::JstDate};
use registry::model::{Coverage, InsuredKey, Profile};

use crate::{errors, model::Reason};

const SOON_DAYS: i32 = 31;
/// Ages at which the copay rate may change (健康保険法 74条, 高齢者の医療の確保に関する法律 67条).
const RATE_AGES: [i16; 2] = [70, 75];

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
    let changes = |age: &i16| profile.birth.age_on(on) < *age && profile.birth.age_on(soon) >= *age;
    if RATE_AGES.iter().any(changes) {
        reasons.push(Reason::RateChangesSoon);
    }
    reasons
}

/// May eligibility be asked for `on`, when today is `today`?
#[must_use]
pub fn is_askable(on: JstDate, today: JstDate) -> bool {
    on >= today.plus_years(-5) && on <= today.plus_days(SOON_DAYS)
}
