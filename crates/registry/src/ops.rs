//! What can be done with people and facilities.

use std::collections::BTreeSet;

use kernel::{
    code::{BranchNumber, FacilityCode, InsurerNumber},
    id::{FacilityId, PersonId},
    time::JstDate,
};
use store::{Call, PERSON_ABSENT, Stop, StoreError};

use crate::{
    attributes, errors, merge,
    model::{ChangeKind, Coverage, CoverageChange, Facility, Found, InsuredKey, Insurer, Profile},
    names::{self, Legibility},
    reliance, store as table,
    store::{Hint, coverage as held},
};

mod card;

pub use card::{
    NewPhone, cancel_use, certificates, end_phone, enroll_phone, find_by_card, insurance_uses,
    note_issued, register_card, register_use, renew_card, show_card,
};

/// A household that shares one number is never larger; what lies beyond is not looked at.
const SAME_NUMBER_MAX: i64 = 32;
const TAG_LEN: usize = 8;

/// Makes a new person with their coverages and the directory entries that lead to them.
///
/// # Errors
/// [`StoreError`].
pub fn enroll(
    call: &mut Call<'_>,
    person: PersonId,
    profile: &Profile,
    coverages: &[Coverage],
) -> Result<(), Stop> {
    call.create(person)?;
    held::put_profile(call, person, profile)?;
    attributes::enter(call, person, profile)?;
    report_unreadable(call, profile);
    for coverage in coverages {
        hold(call, person, profile, coverage)?;
    }
    call.detail("coverages", coverages.len().to_string());
    Ok(())
}

/// A name that lost a character on its way here is kept as it came, and the record says so.
fn report_unreadable(call: &mut Call<'_>, profile: &Profile) {
    if names::legibility(&profile.name) == Legibility::Lost {
        call.detail("name", "unreadable");
    }
}

/// Writes a coverage and the directory entry that leads to it.
fn hold(
    call: &Call<'_>,
    person: PersonId,
    profile: &Profile,
    coverage: &Coverage,
) -> Result<(), StoreError> {
    held::put_coverage(call, person, coverage)?;
    let key = insured_key(call, &as_key(coverage));
    let hint = Hint {
        person,
        branch_tag: branch_tag(call, coverage.branch.as_ref()),
        birth_tag: birth_tag(call, profile.birth),
    };
    table::put_insured(call, &key, &hint)
}

/// Records what an insurer did to a coverage of a person: the coverage as it is now, and in
/// the person's changes how it was. A coverage with a number that the person does not have is
/// new. Whether it may be so is the caller's to decide, before. Every facility that relied on
/// what is no longer so gets its notice in the same transaction ([`reliance`]).
///
/// # Errors
/// [`PERSON_ABSENT`]; [`StoreError`].
pub fn record_change(
    call: &mut Call<'_>,
    person: PersonId,
    kind: ChangeKind,
    coverage: &Coverage,
) -> Result<CoverageChange, Stop> {
    merge::lock(call, person)?;
    let profile = profile(call, person)?;
    let coverages = merge::coverages(call, person)?;
    let is_it = |one: &&Coverage| one.number == coverage.number;
    let before = coverages.iter().find(is_it).cloned();
    let last = held::last_change(call, person)?;
    hold(call, person, &profile, coverage)?;
    let change = CoverageChange {
        number: last.saturating_add(1),
        at: call.at(),
        kind,
        before,
        after: coverage.clone(),
    };
    held::put_change(call, person, &change)?;
    let others = coverages.iter().filter(|one| !is_it(one));
    let after: Vec<Coverage> = others.chain([coverage]).cloned().collect();
    let told = reliance::tell(call, person, &profile, &change, (&coverages, &after))?;
    if told > 0 {
        call.detail("facilities-told", told.to_string());
    }
    Ok(change)
}

/// Takes a coverage back that never was: it goes, its change stays, and its numbers lead to
/// the person no longer unless another coverage of theirs has them.
///
/// # Errors
/// [`PERSON_ABSENT`]; [`StoreError`], also when the person has no such coverage.
pub fn withdraw(
    call: &mut Call<'_>,
    person: PersonId,
    number: i64,
) -> Result<CoverageChange, Stop> {
    call.lock(person)?;
    if merge::source(number).is_some() {
        return Err(Stop::from(&errors::MERGE_WITHDRAW));
    }
    let all = held::coverages(call, person)?;
    let gone = all.iter().find(|one| one.number == number);
    let gone = gone.ok_or(StoreError::Corrupt("a coverage to withdraw"))?;
    held::remove_coverage(call, person, number)?;
    let is_same = |one: &&Coverage| {
        one.number != number
            && one.insurer_number == gone.insurer_number
            && one.symbol == gone.symbol
            && one.person_number == gone.person_number
    };
    let key = insured_key(call, &as_key(gone));
    match all.iter().rfind(is_same) {
        None => table::remove_insured(call, &key, person)?,
        Some(other) => {
            let birth = profile(call, person)?.birth;
            let hint = Hint {
                person,
                branch_tag: branch_tag(call, other.branch.as_ref()),
                birth_tag: birth_tag(call, birth),
            };
            table::put_insured(call, &key, &hint)?;
        }
    }
    let last = held::last_change(call, person)?;
    let change = CoverageChange {
        number: last.saturating_add(1),
        at: call.at(),
        kind: ChangeKind::Withdrawn,
        before: Some(gone.clone()),
        after: gone.clone(),
    };
    held::put_change(call, person, &change)?;
    Ok(change)
}

/// What insurers did to an opened person's coverages, oldest first.
///
/// # Errors
/// [`StoreError`].
pub fn changes(call: &Call<'_>, person: PersonId) -> Result<Vec<CoverageChange>, StoreError> {
    held::changes(call, person)
}

/// Writes a person's profile anew, with the directory entries that lead to it.
///
/// # Errors
/// [`PERSON_ABSENT`]; [`StoreError`].
pub fn put_profile(call: &mut Call<'_>, person: PersonId, profile: &Profile) -> Result<(), Stop> {
    call.lock(person)?;
    let before = held::profile(call, person)?;
    if let Some(before) = &before {
        attributes::leave(call, person, before)?;
    }
    held::put_profile(call, person, profile)?;
    attributes::enter(call, person, profile)?;
    report_unreadable(call, profile);
    if before.is_some_and(|before| before.birth != profile.birth) {
        for coverage in held::coverages(call, person)? {
            hold(call, person, profile, &coverage)?;
        }
    }
    Ok(())
}

/// Writes an insurer, new or changed.
///
/// # Errors
/// [`StoreError`].
pub fn put_insurer(call: &Call<'_>, insurer: &Insurer) -> Result<(), StoreError> {
    table::put_insurer(call, insurer)
}

/// An insurer by its number.
///
/// # Errors
/// [`StoreError`].
pub fn insurer(call: &Call<'_>, number: &InsurerNumber) -> Result<Option<Insurer>, StoreError> {
    table::insurer_by_number(call, number)
}

/// The insurers for which a facility stands, in order of their numbers.
///
/// # Errors
/// [`StoreError`].
pub fn insurers_of(call: &Call<'_>, facility: FacilityId) -> Result<Vec<Insurer>, StoreError> {
    table::insurers_of(call, facility)
}

/// Who has an insured number. Reads the directory only; nobody is opened.
///
/// # Errors
/// [`StoreError`].
pub fn find_by_number(call: &Call<'_>, key: &InsuredKey) -> Result<Found, StoreError> {
    let hints = table::by_insured(call, &insured_key(call, key), SAME_NUMBER_MAX)?;
    if hints.is_empty() {
        return Ok(Found::NoSuchNumber);
    }
    let of_branch: Vec<&Hint> = match &key.branch {
        Some(branch) => {
            let tag = branch_tag(call, Some(branch));
            hints.iter().filter(|h| h.branch_tag == tag).collect()
        }
        None => hints.iter().collect(),
    };
    if of_branch.is_empty() {
        return Ok(Found::OtherBranch);
    }
    let fitting: Vec<&Hint> = match key.birth {
        Some(birth) => {
            let tag = birth_tag(call, birth);
            of_branch
                .into_iter()
                .filter(|h| h.birth_tag == tag)
                .collect()
        }
        None => of_branch,
    };
    // Two registrations of one person that were merged are one.
    let people: BTreeSet<PersonId> = fitting.iter().map(|hint| hint.person).collect();
    let mut people = people.into_iter();
    Ok(match (people.next(), people.next()) {
        (None, _) => Found::OtherBirth,
        (Some(one), None) => Found::One(one),
        (Some(_), Some(_)) => Found::Several,
    })
}

/// Nobody else looks for the holder of this insured number with a claim until this change is
/// committed: of two who bring the same newcomer at the same time, the second finds the first.
///
/// # Errors
/// [`StoreError`].
pub fn claim_number(call: &Call<'_>, key: &InsuredKey) -> Result<(), StoreError> {
    call.claim(&insured_key(call, key))
}

/// The profile of an opened person.
///
/// # Errors
/// [`PERSON_ABSENT`]; [`StoreError`].
pub fn profile(call: &Call<'_>, person: PersonId) -> Result<Profile, Stop> {
    held::profile(call, person)?.ok_or_else(|| Stop::from(&PERSON_ABSENT))
}

/// The coverages of an opened person, oldest first; with those of whoever was merged into them
/// and was opened with them by [`merge::open`].
///
/// # Errors
/// [`StoreError`].
pub fn coverages(call: &Call<'_>, person: PersonId) -> Result<Vec<Coverage>, StoreError> {
    merge::coverages(call, person)
}

/// A coverage as text, with everything that is kept of it, for a copy that leaves.
///
/// # Errors
/// [`StoreError::Corrupt`] when it cannot be written.
pub fn coverage_to_text(coverage: &Coverage) -> Result<String, StoreError> {
    held::written(coverage)
}

/// What [`coverage_to_text`] wrote; `None` when any part of it makes no sense.
#[must_use]
pub fn coverage_from_text(text: &str) -> Option<Coverage> {
    held::read(text)
}

/// Makes a new facility.
///
/// # Errors
/// [`StoreError`], also when code or identifier is there already.
pub fn found(call: &mut Call<'_>, facility: &Facility) -> Result<(), StoreError> {
    call.create_facility(facility.id)?;
    table::put_facility(call, facility)
}

/// A facility by its code.
///
/// # Errors
/// [`StoreError`].
pub fn facility_by_code(
    call: &Call<'_>,
    code: &FacilityCode,
) -> Result<Option<Facility>, StoreError> {
    table::facility_by_code(call, code)
}

/// A facility by its identifier.
///
/// # Errors
/// [`StoreError`].
pub fn facility_by_id(call: &Call<'_>, id: FacilityId) -> Result<Option<Facility>, StoreError> {
    table::facility_by_id(call, id)
}

/// Facilities in order of their codes, after `after`, at most `limit`.
///
/// # Errors
/// [`StoreError`].
pub fn facilities(call: &Call<'_>, after: &str, limit: i64) -> Result<Vec<Facility>, StoreError> {
    table::facilities(call, after, limit)
}

fn as_key(coverage: &Coverage) -> InsuredKey {
    InsuredKey {
        insurer_number: coverage.insurer_number.clone(),
        symbol: coverage.symbol.clone(),
        person_number: coverage.person_number.clone(),
        branch: None,
        birth: None,
    }
}

fn insured_key(call: &Call<'_>, key: &InsuredKey) -> [u8; 32] {
    call.directory_key(
        "insured",
        &[
            key.insurer_number.as_str(),
            key.symbol.as_str(),
            key.person_number.as_str(),
        ],
    )
}

fn branch_tag(call: &Call<'_>, branch: Option<&BranchNumber>) -> Vec<u8> {
    tag(call, "branch", branch.map_or("", BranchNumber::as_str))
}

fn birth_tag(call: &Call<'_>, birth: JstDate) -> Vec<u8> {
    tag(call, "birth", &birth.to_string())
}

fn tag(call: &Call<'_>, kind: &str, value: &str) -> Vec<u8> {
    let mut tag = call.directory_key(kind, &[value]).to_vec();
    tag.truncate(TAG_LEN);
    tag
}
