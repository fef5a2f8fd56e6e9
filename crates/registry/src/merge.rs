//! People who stand twice in the register, joined and parted again.
//!
//! Nothing of the one who is merged is moved or changed: an entry says that whoever leads to
//! them leads to the one who is kept, and reading the kept one reads both. So taking that entry
//! away is an exact undo. What is written in between stays with the one who is kept.
//!
//! Source: peers A1 (merge with undo, and a view of who was merged for staff; none has it).
//! Decision 0023.

use kernel::{
    Entry,
    id::PersonId,
    time::{JstDate, Timestamp},
};
use store::{Call, Stop, StoreError};

use crate::{
    errors,
    model::{Coverage, Profile, Sex},
    names::{self, Likeness},
    ops,
    store::{coverage as held, merge as table},
};

/// Numbers of coverages that were the merged person's: the merge's number times this, and
/// their own number. No person has so many coverages of their own.
const NUMBERS: i64 = 1_000_000;
/// Longest reason, in characters.
const REASON_MAX: usize = 200;

/// What was done, by whom and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// When.
    pub at: Timestamp,
    /// Name of who did it.
    pub by: String,
    /// Why.
    pub reason: String,
}

/// One merge as it stands under one of the two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merge {
    /// Consecutive in the person, from 1.
    pub number: i64,
    /// The other of the two.
    pub other: PersonId,
    /// Is the person under whom it stands the one who was kept?
    pub is_kept: bool,
    /// The merge.
    pub done: Done,
    /// Its undoing.
    pub undone: Option<Done>,
}

impl Merge {
    /// Is it in force, with this person as the one who is kept?
    #[must_use]
    pub const fn keeps(&self) -> bool {
        self.is_kept && self.undone.is_none()
    }
}

/// To whom a person leads now: to themself, or to whom they were merged into.
///
/// # Errors
/// [`StoreError`].
pub fn kept(call: &Call<'_>, person: PersonId) -> Result<PersonId, StoreError> {
    Ok(table::alias(call, person)?.unwrap_or(person))
}

/// Every merge of an opened person, undone ones too, oldest first.
///
/// # Errors
/// [`StoreError`].
pub fn of(call: &Call<'_>, person: PersonId) -> Result<Vec<Merge>, StoreError> {
    table::of(call, person)
}

/// Opens a person and whoever was merged into them: each of them has the record. Those who
/// were merged, the earliest first.
///
/// # Errors
/// `TSK-STO-001`; [`StoreError`].
pub fn open(call: &mut Call<'_>, person: PersonId) -> Result<Vec<PersonId>, Stop> {
    call.open(person)?;
    let merged = joined(call, person)?;
    for other in &merged {
        call.open(*other)?;
    }
    Ok(merged)
}

/// The same for a change: takes the locks of all of them.
///
/// # Errors
/// `TSK-STO-001`; [`StoreError`].
pub fn lock(call: &mut Call<'_>, person: PersonId) -> Result<Vec<PersonId>, Stop> {
    call.lock(person)?;
    let merged = joined(call, person)?;
    for other in &merged {
        call.lock(*other)?;
    }
    Ok(merged)
}

/// Who was merged into an opened person, the earliest first.
///
/// # Errors
/// [`StoreError`].
pub fn joined(call: &Call<'_>, person: PersonId) -> Result<Vec<PersonId>, StoreError> {
    let merges = table::of(call, person)?;
    Ok(merges
        .into_iter()
        .filter(Merge::keeps)
        .map(|merge| merge.other)
        .collect())
}

/// The coverages of a person and of whoever was merged into them and is open: of the one who
/// is kept as they are, then those that only the other has.
pub(crate) fn coverages(call: &Call<'_>, person: PersonId) -> Result<Vec<Coverage>, StoreError> {
    let mut all = held::coverages(call, person)?;
    for (merge, other) in opened(call, person)? {
        add(&mut all, merge, held::coverages(call, other)?);
    }
    Ok(all)
}

/// Who was merged into an opened person and is open with them, by the merge's number. Nobody
/// is when nobody else is open in the call at all, which is so for nearly everyone.
pub(crate) fn opened(
    call: &Call<'_>,
    person: PersonId,
) -> Result<Vec<(i64, PersonId)>, StoreError> {
    if call.is_alone(person) {
        return Ok(Vec::new());
    }
    let merges = table::of(call, person)?.into_iter();
    let keeping = merges.filter(|merge| merge.keeps() && call.is_open(merge.other));
    Ok(keeping.map(|merge| (merge.number, merge.other)).collect())
}

/// The number under the kept person of what has `own` under the merged one.
pub(crate) const fn number(merge: i64, own: i64) -> i64 {
    merge.saturating_mul(NUMBERS).saturating_add(own)
}

/// Adds what only the merged one has. A coverage that both have, or that was changed since and
/// therefore written under its number with the one who is kept, is there already.
fn add(all: &mut Vec<Coverage>, merge: i64, others: Vec<Coverage>) {
    for mut other in others {
        other.number = number(merge, other.number);
        let is_there = all
            .iter()
            .any(|one| one.number == other.number || is_same(one, &other));
        if !is_there {
            all.push(other);
        }
    }
    // The last is the newest, for a person as for two.
    all.sort_by_key(|one| one.period.from());
}

/// The same coverage, registered twice.
fn is_same(one: &Coverage, other: &Coverage) -> bool {
    one.insurer_number == other.insurer_number
        && one.symbol == other.symbol
        && one.person_number == other.person_number
        && one.branch == other.branch
        && one.period.from() == other.period.from()
}

/// The merge from which a coverage of a kept person comes, by its number; `None` when it is
/// their own.
#[must_use]
pub const fn source(number: i64) -> Option<i64> {
    match number / NUMBERS {
        0 => None,
        merge => Some(merge),
    }
}

/// Pairs of coverages that hold on the same day, by their numbers: they are reported and never
/// silently made one.
#[must_use]
pub fn overlaps(coverages: &[Coverage]) -> Vec<(i64, i64)> {
    let mut found = Vec::new();
    for (place, one) in coverages.iter().enumerate() {
        let later = coverages.iter().skip(place.saturating_add(1));
        let overlapping = later.filter(|other| one.period.overlaps(&other.period));
        found.extend(overlapping.map(|other| (one.number, other.number)));
    }
    found
}

/// Why two registrations are not one person's, as far as the register tells: birth and sex must
/// agree, and the names must have something to do with each other.
#[must_use]
pub fn objection(one: &Profile, other: &Profile) -> Option<&'static Entry> {
    let sexes = [one.sex, other.sex];
    let has_other_sex = one.sex != other.sex && !sexes.contains(&Sex::Unknown);
    if one.birth != other.birth || has_other_sex {
        return Some(&errors::MERGE_OTHER_PERSON);
    }
    let kana = names::compare(&names::kana_key(&one.kana), &names::kana_key(&other.kana));
    let given = |profile: &Profile| {
        let given = profile
            .kana
            .split_once([' ', '\u{3000}'])
            .map(|(_, given)| given);
        names::kana_key(given.unwrap_or_default())
    };
    let is_alike = kana != Likeness::Different
        || (!given(one).is_empty() && given(one) == given(other))
        || names::compare(&names::kanji_key(&one.name), &names::kanji_key(&other.name))
            != Likeness::Different;
    (!is_alike).then_some(&errors::MERGE_OTHER_PERSON)
}

fn reason(text: &str) -> Result<String, Stop> {
    let text = text.trim();
    let count = text.chars().count();
    if count == 0 || count > REASON_MAX || text.chars().any(char::is_control) {
        return Err(Stop::from(&errors::MERGE_REASON));
    }
    Ok(text.to_owned())
}

fn done(call: &Call<'_>, reason: String) -> Done {
    Done {
        at: call.at(),
        by: call.caller().name().to_owned(),
        reason,
    }
}

/// Joins `merged` to `kept`.
///
/// # Errors
/// `TSK-MRG-002` to `TSK-MRG-005`; `TSK-STO-001`; the store's.
pub fn merge(
    call: &mut Call<'_>,
    kept: PersonId,
    merged: PersonId,
    why: &str,
) -> Result<Merge, Stop> {
    let reason = reason(why)?;
    if kept == merged {
        return Err(Stop::from(&errors::MERGE_SAME));
    }
    // Always in the same order, so that two registrars never wait for each other.
    for person in [kept.min(merged), kept.max(merged)] {
        call.lock(person)?;
    }
    let is_merged = |person| Ok::<bool, StoreError>(table::alias(call, person)?.is_some());
    let has_some = table::of(call, merged)?.iter().any(Merge::keeps);
    if is_merged(kept)? || is_merged(merged)? || has_some {
        return Err(Stop::from(&errors::MERGE_CHAIN));
    }
    let (one, other) = (ops::profile(call, kept)?, ops::profile(call, merged)?);
    if let Some(objection) = objection(&one, &other) {
        return Err(Stop::from(objection));
    }
    let done = done(call, reason);
    let next = |person| {
        let last = table::of(call, person)?.last().map_or(0, |m| m.number);
        Ok::<i64, StoreError>(last.saturating_add(1))
    };
    let under_kept = Merge {
        number: next(kept)?,
        other: merged,
        is_kept: true,
        done: done.clone(),
        undone: None,
    };
    let under_merged = Merge {
        number: next(merged)?,
        other: kept,
        is_kept: false,
        done,
        undone: None,
    };
    table::put_alias(call, merged, kept)?;
    table::put(call, kept, &under_kept)?;
    table::put(call, merged, &under_merged)?;
    call.detail("merge", under_kept.number.to_string());
    Ok(under_kept)
}

/// Parts two again: the merge with this number of the person who was kept. What was written
/// meanwhile stays with that person.
///
/// # Errors
/// `TSK-MRG-005`, `TSK-MRG-006`; `TSK-STO-001`; the store's.
pub fn undo(call: &mut Call<'_>, kept: PersonId, number: i64, why: &str) -> Result<Merge, Stop> {
    let reason = reason(why)?;
    call.lock(kept)?;
    let unknown = || Stop::from(&errors::MERGE_UNKNOWN);
    let merges = table::of(call, kept)?;
    let mut merge = merges
        .into_iter()
        .find(|one| one.number == number && one.keeps())
        .ok_or_else(unknown)?;
    call.lock(merge.other)?;
    let theirs = table::of(call, merge.other)?;
    let mut mirror = theirs
        .into_iter()
        .rfind(|one| !one.is_kept && one.other == kept && one.undone.is_none())
        .ok_or_else(unknown)?;
    if table::drop_alias(call, merge.other, kept)? != 1 {
        return Err(unknown());
    }
    let done = done(call, reason);
    merge.undone = Some(done.clone());
    mirror.undone = Some(done);
    table::put(call, kept, &merge)?;
    table::put(call, merge.other, &mirror)?;
    call.detail("merge", number.to_string());
    Ok(merge)
}

/// What happened with an opened person from a merge on: it stays with them when the merge is
/// undone, and the registrar looks whether it belongs there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meanwhile {
    /// When.
    pub at: Timestamp,
    /// Words: what an insurer did and to which coverage.
    pub what: String,
    /// First day of the coverage.
    pub from: JstDate,
    /// Is it a coverage that came from the merged registration?
    pub is_merged: bool,
}

/// What insurers did to an opened person's coverages since a merge, oldest first.
///
/// # Errors
/// [`StoreError`].
pub fn meanwhile(
    call: &Call<'_>,
    kept: PersonId,
    since: Timestamp,
    until: Option<Timestamp>,
) -> Result<Vec<Meanwhile>, StoreError> {
    let changes = held::changes(call, kept)?;
    let inside = |at: Timestamp| at >= since && until.is_none_or(|until| at < until);
    Ok(changes
        .into_iter()
        .filter(|change| inside(change.at))
        .map(|change| Meanwhile {
            at: change.at,
            what: format!("{}({})", change.kind.ja(), change.after.insurer_name),
            from: change.after.period.from(),
            is_merged: source(change.after.number).is_some(),
        })
        .collect())
}

#[cfg(test)]
mod tests;
