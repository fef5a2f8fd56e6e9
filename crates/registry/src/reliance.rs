//! Who relied on what (照会の記録): which facility was told of which coverage for which days,
//! so that it hears of it when an insurer changes that coverage afterwards (資格の遡及変更).
//!
//! What a facility was told lies under the person, with the facility in the key, and holds no
//! copy of the answer: how a coverage was on a day stands in the person's changes. The notice
//! lies under the facility, sealed with the facility's key, and is written in the transaction
//! of the change. Whoever changes coverages and whoever answers for them thus need not know of
//! each other.
//!
//! Source: peers A 7 (push 「資格が変わった」 to facilities that billed); report 46.

use kernel::{
    id::{FacilityId, PersonId, Rng},
    time::{JstDate, Timestamp},
};
use store::{Call, StoreError};

use crate::{
    model::{ChangeKind, Coverage, CoverageChange, Profile},
    store::reliance as table,
    terms::{Difference, Terms, differences},
};

#[cfg(test)]
mod tests;

/// Most facilities that are told of one change, those that asked last first.
const TOLD_MAX: i64 = 200;
/// Open notices are counted up to here.
const OPEN_MAX: i64 = 100;
/// Claims can be mended for five years: who relied earlier than that is told no more.
const YEARS_MAX: i16 = 5;

/// What one facility was told of one coverage of a person.
#[derive(Clone, PartialEq, Eq)]
pub struct Reliance {
    /// Who was told.
    pub facility: FacilityId,
    /// The coverage's number in the person.
    pub coverage: i64,
    /// The earliest day that was asked for.
    pub first_on: JstDate,
    /// The latest day that was asked for.
    pub last_on: JstDate,
    /// When it was last told.
    pub at: Timestamp,
    /// The last visit, and the last one on an earlier day, newest first.
    pub visits: Vec<Visited>,
}

/// A visit at which it was told.
#[derive(Clone, PartialEq, Eq)]
pub struct Visited {
    /// When.
    pub at: Timestamp,
    /// For which day.
    pub on: JstDate,
    /// The visit's identifier.
    pub visit: [u8; 16],
    /// The person's name then.
    pub name: String,
}

/// What is being told now.
#[derive(Clone)]
pub struct Told<'a> {
    /// Which coverage.
    pub coverage: &'a Coverage,
    /// For which day.
    pub on: JstDate,
    /// The visit and the name at it; `None` when nobody has come, as for a booking.
    pub visit: Option<([u8; 16], &'a str)>,
}

/// What a facility was told of an opened person, in order of the coverages.
///
/// # Errors
/// [`StoreError`].
pub fn of(
    call: &Call<'_>,
    person: PersonId,
    facility: FacilityId,
) -> Result<Vec<Reliance>, StoreError> {
    table::of(call, person, facility)
}

/// Remembers what a facility is told of an opened person, `known` being what [`of`] gave.
/// Nothing is written when the same was told on the same day and has not changed since.
///
/// # Errors
/// [`StoreError`].
pub fn remember(
    call: &Call<'_>,
    person: PersonId,
    facility: FacilityId,
    known: &[Reliance],
    told: &Told<'_>,
) -> Result<(), StoreError> {
    let before = known
        .iter()
        .find(|one| one.coverage == told.coverage.number);
    match after(before, facility, told, call.at()) {
        Some(now) => table::put(call, person, &now),
        None => Ok(()),
    }
}

/// What is to be kept once `told` has been told; `None` when that is what is kept already.
fn after(
    before: Option<&Reliance>,
    facility: FacilityId,
    told: &Told<'_>,
    at: Timestamp,
) -> Option<Reliance> {
    let mut now = before.cloned().unwrap_or_else(|| Reliance {
        facility,
        coverage: told.coverage.number,
        first_on: told.on,
        last_on: told.on,
        at,
        visits: Vec::new(),
    });
    let is_same_day = |earlier: Timestamp| earlier.jst_date() == at.jst_date();
    let is_fresh = is_same_day(now.at) && told.coverage.loaded_at.is_none_or(|l| l <= now.at);
    let is_inside = now.first_on <= told.on && told.on <= now.last_on;
    let visit = told.visit.map(|(visit, name)| Visited {
        at,
        on: told.on,
        visit,
        name: name.to_owned(),
    });
    let is_known = |visit: &Visited| {
        let last = now.visits.first();
        last.is_some_and(|last| is_same_day(last.at) && last.on == visit.on)
    };
    if before.is_some() && is_fresh && is_inside && visit.as_ref().is_none_or(is_known) {
        return None;
    }
    now.first_on = now.first_on.min(told.on);
    now.last_on = now.last_on.max(told.on);
    now.at = at;
    if let Some(visit) = visit {
        now.visits.retain(|earlier| !is_same_day(earlier.at));
        now.visits.insert(0, visit);
        now.visits.truncate(2);
    }
    Some(now)
}

/// The last visit before `before`, and of which coverage it was.
#[must_use]
pub fn last_visit(known: &[Reliance], before: Timestamp) -> Option<(i64, &Visited)> {
    let visits = known.iter().flat_map(|one| {
        let of = move |visit| (one.coverage, visit);
        one.visits.iter().map(of)
    });
    let earlier = visits.filter(|(_, visit)| visit.at < before);
    earlier.max_by_key(|(_, visit)| visit.at)
}

/// Coverage `number` as it was at `at`, by what was done to it since.
#[must_use]
pub fn as_it_was<'c>(
    coverages: &'c [Coverage],
    changes: &'c [CoverageChange],
    number: i64,
    at: Timestamp,
) -> Option<&'c Coverage> {
    let since = |change: &&CoverageChange| change.at > at && change.after.number == number;
    match changes.iter().find(since) {
        Some(change) => change.before.as_ref(),
        None => coverages.iter().find(|one| one.number == number),
    }
}

/// That what a facility relied on has changed.
#[derive(Clone, PartialEq, Eq)]
pub struct Notice {
    /// Its identifier; later notices have greater ones.
    pub id: NoticeId,
    /// When the change was loaded.
    pub at: Timestamp,
    /// Has the facility dealt with it?
    pub is_done: bool,
    /// Who.
    pub person: PersonId,
    /// What it is about.
    pub matter: Matter,
}

/// What a notice is about.
#[derive(Clone, PartialEq, Eq)]
pub struct Matter {
    /// The person's name.
    pub name: String,
    /// The same in katakana.
    pub kana: String,
    /// Date of birth.
    pub birth: JstDate,
    /// What the insurer did.
    pub kind: ChangeKind,
    /// The first and the last of the days for which the facility asked.
    pub asked: (JstDate, JstDate),
    /// The first of those days on which another answer holds now.
    pub from: JstDate,
    /// The last of them.
    pub last: JstDate,
    /// Does any coverage hold on that first day now?
    pub is_covered: bool,
    /// What is otherwise on that first day.
    pub differences: Vec<Difference>,
    /// The last visit that was told so.
    pub visit: Option<[u8; 16]>,
}

/// Identifier of a notice: the instant in microseconds, then eight random bytes, so that
/// identifiers are in the order of time without a counter that everybody would wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NoticeId([u8; 16]);

impl NoticeId {
    /// A new one for a change at `at`.
    #[must_use]
    pub fn new(at: Timestamp, rng: &dyn Rng) -> Self {
        let mut random = [0; 8];
        rng.fill(&mut random);
        let mut id = Self::first_of(at);
        for (to, from) in id.0.iter_mut().skip(8).zip(random) {
            *to = from;
        }
        id
    }

    /// The least one of an instant.
    #[must_use]
    pub fn first_of(at: Timestamp) -> Self {
        let mut id = [0; 16];
        for (to, from) in id.iter_mut().zip(at.micros().max(0).to_be_bytes()) {
            *to = from;
        }
        Self(id)
    }

    /// As stored.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// From 32 hexadecimal digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        kernel::hex::decode_array(text).map(Self)
    }

    /// As stored.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// 32 hexadecimal digits.
    #[must_use]
    pub fn to_hex(&self) -> String {
        kernel::hex::encode(&self.0)
    }
}

/// Tells every facility that relied on what `change` makes untrue; how many are told. The
/// person is locked by the caller; `before` and `after` are all of their coverages.
///
/// # Errors
/// [`StoreError`].
pub(crate) fn tell(
    call: &Call<'_>,
    person: PersonId,
    profile: &Profile,
    change: &CoverageChange,
    (before, after): (&[Coverage], &[Coverage]),
) -> Result<usize, StoreError> {
    let oldest = call.at().jst_date().plus_years(-YEARS_MAX);
    let mut told = 0;
    for reliance in table::all(call, person, TOLD_MAX)? {
        if reliance.last_on < oldest {
            continue;
        }
        let Some(matter) = matter(&reliance, profile, change.kind, before, after) else {
            continue;
        };
        let notice = Notice {
            id: NoticeId::new(call.at(), call.rng()),
            at: call.at(),
            is_done: false,
            person,
            matter,
        };
        table::put_notice(call, reliance.facility, &notice)?;
        told += 1;
    }
    Ok(told)
}

/// What the facility must know, when another answer holds on any of the days it asked for.
fn matter(
    reliance: &Reliance,
    profile: &Profile,
    kind: ChangeKind,
    before: &[Coverage],
    after: &[Coverage],
) -> Option<Matter> {
    let terms = |coverages: &[Coverage], on| {
        let held = holding(coverages, reliance.coverage, on)?;
        Some(Terms::on(held, profile.birth, on))
    };
    let differ = |on: &JstDate| {
        let (was, now) = (terms(before, *on), terms(after, *on));
        !differences(was.as_ref(), now.as_ref()).is_empty()
    };
    let end = reliance.last_on.plus_days(1);
    let edges = edges(reliance, before, after);
    let changed: Vec<JstDate> = edges.iter().copied().filter(differ).collect();
    let (from, begin) = (*changed.first()?, *changed.last()?);
    let until = edges.iter().find(|edge| **edge > begin).unwrap_or(&end);
    let (was, now) = (terms(before, from), terms(after, from));
    Some(Matter {
        name: profile.name.clone(),
        kana: profile.kana.clone(),
        birth: profile.birth,
        kind,
        asked: (reliance.first_on, reliance.last_on),
        from,
        last: until.plus_days(-1),
        is_covered: now.is_some(),
        differences: differences(was.as_ref(), now.as_ref()),
        visit: reliance.visits.first().map(|visited| visited.visit),
    })
}

/// The coverage that holds on a day; the one that was told of goes first.
fn holding(coverages: &[Coverage], told: i64, on: JstDate) -> Option<&Coverage> {
    let mut hold = coverages.iter().filter(|one| one.period.contains(on));
    let first = hold.clone().find(|one| one.number == told);
    first.or_else(|| hold.next())
}

/// The first day that was asked for and, up to the last one, every day on which an answer may
/// become another.
fn edges(reliance: &Reliance, before: &[Coverage], after: &[Coverage]) -> Vec<JstDate> {
    let mut edges = vec![reliance.first_on];
    for coverage in before.iter().chain(after) {
        let mut periods = vec![&coverage.period];
        periods.extend(coverage.elderly.as_ref().map(|one| &one.period));
        let certificate = coverage
            .ceiling
            .as_ref()
            .and_then(|c| c.certificate.as_ref());
        periods.extend(certificate.map(|one| &one.period));
        periods.extend(coverage.diseases.iter().map(|one| &one.period));
        for period in periods {
            edges.push(period.from());
            edges.extend(period.until());
        }
    }
    edges.retain(|day| reliance.first_on <= *day && *day <= reliance.last_on);
    edges.sort_unstable();
    edges.dedup();
    edges
}

/// Which notices of a facility are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Those after this one, oldest first.
    After(NoticeId),
    /// Those that are not dealt with, newest first.
    Open,
    /// Those that are, newest first.
    Done,
}

/// Notices of a facility, at most `limit`.
///
/// # Errors
/// [`StoreError`].
pub fn notices(
    call: &Call<'_>,
    facility: FacilityId,
    wanted: Wanted,
    limit: i64,
) -> Result<Vec<Notice>, StoreError> {
    table::notices(call, facility, wanted, limit)
}

/// The last notice of a facility, and how many are not dealt with (at most 100).
///
/// # Errors
/// [`StoreError`].
pub fn mark_of(
    call: &Call<'_>,
    facility: FacilityId,
) -> Result<(Option<NoticeId>, i64), StoreError> {
    Ok((
        table::newest(call, facility)?,
        table::open(call, facility, OPEN_MAX)?,
    ))
}

/// Marks a notice of a facility as dealt with; `false` when there is none.
///
/// # Errors
/// [`StoreError`].
pub fn set_done(
    call: &Call<'_>,
    facility: FacilityId,
    notice: NoticeId,
) -> Result<bool, StoreError> {
    Ok(table::set_done(call, facility, notice)? == 1)
}
