//! What in a week of looks stands out: pure rules over what the facility's own staff did.
//!
//! A finding is a question to ask, never a verdict. Each rule has a bound that is written
//! here, so that a reviewer can be told why a name is on the list.
//!
//! Source: identity-security AUD-04 (odd hours, volume, same name), BG-05, T04.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{
    id::StaffId,
    time::{JstDate, Timestamp},
};
use store::note::PatientTag;

/// Hours of the night in Japan: from 22 until 6.
const NIGHT_FROM: i64 = 22;
const NIGHT_UNTIL: i64 = 6;
/// Nights in the four weeks before that make night work usual for somebody.
const USUAL_NIGHTS: usize = 2;
/// Patients a day that stand out for anybody.
pub const DAY_MAX: usize = 200;
/// Patients a day below which nothing is far above anybody's usual.
pub const DAY_MIN: usize = 20;
/// Times the usual day that stand out.
const TIMES_USUAL: usize = 3;
/// Days of work needed to say what is usual.
const DAYS_USUAL: usize = 5;
/// Refusals within ten minutes that stand out.
pub const REFUSALS: usize = 5;
const REFUSAL_SECONDS: i64 = 600;
/// Days for which a visit explains a look.
pub const VISIT_DAYS: i64 = 7;
/// Patients without a visit that stand out.
pub const UNVISITED: usize = 3;

/// One thing that somebody on the staff did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deed {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub staff: StaffId,
    /// Whom it was about, if anybody was opened.
    pub patient: Option<PatientTag>,
    /// Was it refused?
    pub refused: bool,
}

/// Somebody came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub patient: PatientTag,
    /// Their surname.
    pub surname: String,
}

/// What stands out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Looks at night by somebody who does not work at night.
    OddHours,
    /// Far more patients in a day than usual.
    Volume,
    /// A patient with the same surname.
    Namesake,
    /// Refusals in a row.
    Refusals,
    /// Patients who have not come.
    NoVisit,
}

impl Kind {
    /// For people, in Japanese.
    #[must_use]
    pub const fn ja(self) -> &'static str {
        match self {
            Self::OddHours => "ふだんと違う時間帯(夜間)の閲覧",
            Self::Volume => "いつもより大幅に多い人数の閲覧",
            Self::Namesake => "同じ姓の患者さんの閲覧",
            Self::Refusals => "続けて拒否された操作",
            Self::NoVisit => "来院のない患者さんの閲覧",
        }
    }

    /// For people, in English.
    #[must_use]
    pub const fn en(self) -> &'static str {
        match self {
            Self::OddHours => "looks at night, unusual for this person",
            Self::Volume => "far more patients in a day than usual",
            Self::Namesake => "looks at a patient with the same surname",
            Self::Refusals => "refusals in a row",
            Self::NoVisit => "looks at patients who have not come",
        }
    }
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Who did it.
    pub staff: StaffId,
    /// What stands out.
    pub kind: Kind,
    /// How many: patients, or refusals for [`Kind::Refusals`].
    pub count: usize,
    /// The first of them.
    pub first: Timestamp,
    /// The last of them.
    pub last: Timestamp,
}

/// What is known.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    /// Four weeks before the reviewed one, and that week, in any order.
    pub deeds: Vec<Deed>,
    /// Who came in that week and in the seven days before.
    pub arrivals: Vec<Arrival>,
    /// The surname of each member of staff.
    pub surnames: BTreeMap<StaffId, String>,
}

/// What stands out in the week that begins at `from`, in order of staff and kind.
#[must_use]
pub fn findings(evidence: &Evidence, from: Timestamp) -> Vec<Finding> {
    let until = from.plus_hours(7 * 24);
    let mut found = Vec::new();
    let mut of_staff: BTreeMap<StaffId, Vec<Deed>> = BTreeMap::new();
    for deed in evidence.deeds.iter().filter(|deed| deed.at < until) {
        of_staff.entry(deed.staff).or_default().push(*deed);
    }
    for (staff, mut deeds) in of_staff {
        deeds.sort_by_key(|deed| deed.at);
        let (before, week): (Vec<Deed>, Vec<Deed>) =
            deeds.into_iter().partition(|deed| deed.at < from);
        let looks: Vec<Deed> = week
            .iter()
            .filter(|deed| deed.patient.is_some())
            .copied()
            .collect();
        let mut add = |kind, hits: Vec<Deed>, least: usize, patients: bool| {
            let count = if patients {
                distinct(&hits)
            } else {
                hits.len()
            };
            let ends = hits.first().zip(hits.last());
            if let Some((first, last)) = ends.filter(|_| count >= least) {
                found.push(Finding {
                    staff,
                    kind,
                    count,
                    first: first.at,
                    last: last.at,
                });
            }
        };
        add(Kind::OddHours, odd_hours(&before, &looks), 1, true);
        add(Kind::Volume, volume(&before, &looks), 1, true);
        add(Kind::Namesake, namesakes(evidence, staff, &looks), 1, true);
        add(Kind::Refusals, refusals(&week), REFUSALS, false);
        add(Kind::NoVisit, unvisited(evidence, &looks), UNVISITED, true);
    }
    found
}

fn distinct(deeds: &[Deed]) -> usize {
    let patients: BTreeSet<PatientTag> = deeds.iter().filter_map(|deed| deed.patient).collect();
    patients.len()
}

fn is_night(at: Timestamp) -> bool {
    let hour = at.plus_hours(9).seconds().div_euclid(3600).rem_euclid(24);
    !(NIGHT_UNTIL..NIGHT_FROM).contains(&hour)
}

/// Looks at night, unless the weeks before show that this person works at night.
fn odd_hours(before: &[Deed], looks: &[Deed]) -> Vec<Deed> {
    let nights: BTreeSet<JstDate> = before
        .iter()
        .filter(|deed| is_night(deed.at))
        // Before six the night belongs to the day before.
        .map(|deed| deed.at.plus_hours(-NIGHT_UNTIL).jst_date())
        .collect();
    if nights.len() >= USUAL_NIGHTS {
        return Vec::new();
    }
    looks.iter().filter(|d| is_night(d.at)).copied().collect()
}

/// The looks of the days on which there were far more patients than usual.
fn volume(before: &[Deed], looks: &[Deed]) -> Vec<Deed> {
    let mut usual: Vec<usize> = days(before).values().map(|day| distinct(day)).collect();
    usual.retain(|count| *count > 0);
    usual.sort_unstable();
    let median = usual
        .get(usual.len() / 2)
        .copied()
        .filter(|_| usual.len() >= DAYS_USUAL);
    let is_far = |count: usize| {
        count > DAY_MAX
            || median
                .is_some_and(|usual| count >= DAY_MIN && count > usual.saturating_mul(TIMES_USUAL))
    };
    days(looks)
        .into_values()
        .filter(|day| is_far(distinct(day)))
        .flatten()
        .collect()
}

fn days(deeds: &[Deed]) -> BTreeMap<JstDate, Vec<Deed>> {
    let mut days: BTreeMap<JstDate, Vec<Deed>> = BTreeMap::new();
    for deed in deeds {
        days.entry(deed.at.jst_date()).or_default().push(*deed);
    }
    days
}

fn namesakes(evidence: &Evidence, staff: StaffId, looks: &[Deed]) -> Vec<Deed> {
    let Some(own) = evidence.surnames.get(&staff) else {
        return Vec::new();
    };
    let same: BTreeSet<PatientTag> = evidence
        .arrivals
        .iter()
        .filter(|one| one.surname == *own)
        .map(|one| one.patient)
        .collect();
    let is_same = |deed: &&Deed| deed.patient.is_some_and(|tag| same.contains(&tag));
    looks.iter().filter(is_same).copied().collect()
}

/// The longest run of refusals that fits into ten minutes.
fn refusals(week: &[Deed]) -> Vec<Deed> {
    let refused: Vec<Deed> = week.iter().filter(|deed| deed.refused).copied().collect();
    let mut best: &[Deed] = &[];
    let mut start = 0;
    for (end, deed) in refused.iter().enumerate() {
        while refused
            .get(start)
            .is_some_and(|first| first.at.plus_seconds(REFUSAL_SECONDS) < deed.at)
        {
            start += 1;
        }
        let run = refused.get(start..=end).unwrap_or_default();
        if run.len() > best.len() {
            best = run;
        }
    }
    best.to_vec()
}

fn unvisited(evidence: &Evidence, looks: &[Deed]) -> Vec<Deed> {
    let mut visits: BTreeMap<PatientTag, Vec<Timestamp>> = BTreeMap::new();
    for one in &evidence.arrivals {
        visits.entry(one.patient).or_default().push(one.at);
    }
    let is_explained = |deed: &Deed| {
        let Some(tag) = deed.patient else { return true };
        visits.get(&tag).is_some_and(|times| {
            times
                .iter()
                // The check at the counter is the look that makes the visit.
                .any(|at| *at <= deed.at && deed.at < at.plus_hours(VISIT_DAYS * 24))
        })
    };
    looks
        .iter()
        .filter(|deed| !deed.refused && !is_explained(deed))
        .copied()
        .collect()
}
