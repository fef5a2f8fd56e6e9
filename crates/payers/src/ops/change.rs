//! One change: find whom it is about, plan, judge, write.

use access::policy::Action;
use kernel::{
    Refusal,
    code::InsurerNumber,
    id::{FacilityId, PersonId},
    time::JstDate,
};
use registry::{
    model::{ChangeKind, Coverage, Found as Directory, Insurer, Profile, Sex},
    ops as people,
};
use store::{Call, Stop};

use super::{finding, own};
use crate::{
    errors,
    model::{Change, Found, LineResult, MemberKey, Outcome, Reference, Subject},
    rules::{self, Case, Plan},
    store as table,
};

/// Takes one change of one person's coverage.
///
/// # Errors
/// `TSK-PAY-001`; the first rule that refuses it, with a finding for each; the
/// store's.
pub fn one(
    call: &mut Call<'_>,
    facility: FacilityId,
    number: &InsurerNumber,
    change: &Change,
) -> Result<Outcome, Stop> {
    let own = own::find(call, facility, number, Action::Write)?;
    call.detail("change", change.kind.code());
    let outcome = take(call, facility, &own, change)?;
    match refusal(&outcome.found) {
        Some(refusal) if outcome.result == LineResult::Refused => Err(Stop::Refused(refusal)),
        _ => Ok(outcome),
    }
}

/// What was found, as one refusal.
pub(crate) fn refusal(found: &[Found]) -> Option<Refusal> {
    let mut refusal = Refusal::new(found.first()?.entry);
    for one in found {
        let finding = Refusal::at(one.entry, one.path, &one.found);
        refusal.findings.extend(finding.findings);
    }
    Some(refusal)
}

/// Takes a change for an insurer that is the caller's own. A change that is refused has
/// written nothing.
///
/// # Errors
/// The store's.
pub(crate) fn take(
    call: &mut Call<'_>,
    facility: FacilityId,
    own: &Insurer,
    change: &Change,
) -> Result<Outcome, Stop> {
    match locate(call, facility, own, change)? {
        Err(found) => Ok(refused(vec![found])),
        Ok(Subject::Known(person)) => of_known(call, facility, own, person, change),
        Ok(Subject::Stranger {
            is_previous_unknown,
        }) => of_stranger(call, facility, own, change, is_previous_unknown),
    }
}

const fn refused(found: Vec<Found>) -> Outcome {
    Outcome {
        result: LineResult::Refused,
        reference: None,
        found,
    }
}

fn is_refused(found: &[Found]) -> bool {
    found.iter().any(|one| !errors::is_warning(one.entry))
}

const fn taken(reference: Reference, found: Vec<Found>) -> Outcome {
    Outcome {
        result: if found.is_empty() {
            LineResult::Accepted
        } else {
            LineResult::Warned
        },
        reference: Some(reference),
        found,
    }
}

fn fault(entry: &'static kernel::Entry, path: &'static str) -> Found {
    Found {
        entry,
        path,
        found: String::new(),
    }
}

/// Whom a change is about: by the reference number, or by an insurer's numbers together with
/// the date of birth. Names decide nothing: two people may share them.
fn locate(
    call: &Call<'_>,
    facility: FacilityId,
    own: &Insurer,
    change: &Change,
) -> Result<Result<Subject, Found>, Stop> {
    if let Some(reference) = change.reference {
        let member = table::member(call, facility, reference)?;
        let member = member
            .map(|member| registry::merge::kept(call, member))
            .transpose()?;
        let known = member.map(Subject::Known);
        return Ok(known.ok_or_else(|| fault(&errors::REFERENCE, "reference")));
    }
    let key = change.old_key.as_ref().unwrap_or(&change.key);
    let asked = key.asked(&own.number, Some(change.birth));
    if change.kind == ChangeKind::Acquired {
        // The same newcomer may come twice at the same time: by file and singly, or once more
        // because no answer had come.
        people::claim_number(call, &asked)?;
    }
    match people::find_by_number(call, &asked)? {
        Directory::One(person) => return Ok(Ok(Subject::Known(person))),
        Directory::Several => return Ok(Err(fault(&errors::SEVERAL, "branch"))),
        _ if change.kind != ChangeKind::Acquired => {
            return Ok(Err(fault(&errors::NO_MEMBER, "number")));
        }
        _ => {}
    }
    let Some((insurer, key)) = &change.previous else {
        return Ok(Ok(Subject::Stranger {
            is_previous_unknown: false,
        }));
    };
    let asked = key.asked(insurer, Some(change.birth));
    Ok(Ok(match people::find_by_number(call, &asked)? {
        Directory::One(person) => Subject::Known(person),
        _ => Subject::Stranger {
            is_previous_unknown: true,
        },
    }))
}

/// What the household's directory says: is the branch number somebody else's, and is anybody
/// there at all?
fn household(
    call: &Call<'_>,
    coverage: &Coverage,
    person: Option<PersonId>,
) -> Result<(bool, bool), Stop> {
    let key = MemberKey {
        symbol: coverage.symbol.clone(),
        number: coverage.person_number.clone(),
        branch: coverage.branch.clone(),
    };
    let found = people::find_by_number(call, &key.asked(&coverage.insurer_number, None))?;
    let is_there = found != Directory::NoSuchNumber;
    let is_taken = coverage.branch.is_some()
        && match found {
            Directory::One(one) => Some(one) != person,
            Directory::Several => true,
            _ => false,
        };
    Ok((is_taken, is_there))
}

fn of_known(
    call: &mut Call<'_>,
    facility: FacilityId,
    own: &Insurer,
    person: PersonId,
    change: &Change,
) -> Result<Outcome, Stop> {
    registry::merge::lock(call, person)?;
    let was = people::profile(call, person)?;
    if was.birth != change.birth {
        return Ok(refused(vec![fault(&errors::OTHER_BIRTH, "birth_date")]));
    }
    let coverages = people::coverages(call, person)?;
    let plan = match rules::plan(&coverages, &own.number, change) {
        Ok(plan) => plan,
        Err(found) => return Ok(refused(vec![found])),
    };
    let profile = rules::renamed(&was, &change.named);
    let is_renamed = profile != was;
    let after = match plan {
        Plan::Withdraw(gone) => {
            people::withdraw(call, person, gone.number)?;
            finding::sync(call, person, Some(own), &coverages)?;
            let reference = table::reference(call, facility, person)?;
            return Ok(taken(reference, Vec::new()));
        }
        Plan::Unchanged(_) if !is_renamed => {
            return Ok(Outcome {
                result: LineResult::Unchanged,
                reference: Some(table::reference(call, facility, person)?),
                found: Vec::new(),
            });
        }
        Plan::Unchanged(_) if change.kind == ChangeKind::Acquired => {
            return Ok(refused(vec![fault(&errors::ACQUIRED_ALREADY, "name")]));
        }
        Plan::Unchanged(after) | Plan::Put(after) => after,
    };
    let (before, others): (Vec<Coverage>, Vec<Coverage>) = coverages
        .iter()
        .cloned()
        .partition(|one| one.number == after.number);
    let (is_branch_taken, has_household) = if before.iter().any(|b| has_same_key(b, &after)) {
        (false, true)
    } else {
        household(call, &after, Some(person))?
    };
    let found = rules::review(&Case {
        today: call.at().jst_date(),
        kind: change.kind,
        profile: &profile,
        was: Some(&was),
        after: &after,
        others: &others,
        is_branch_taken,
        has_household,
    });
    if is_refused(&found) {
        return Ok(refused(found));
    }
    if is_renamed {
        people::put_profile(call, person, &profile)?;
    }
    record(call, own, person, change.kind, after)?;
    finding::sync(call, person, Some(own), &coverages)?;
    Ok(taken(table::reference(call, facility, person)?, found))
}

fn has_same_key(one: &Coverage, other: &Coverage) -> bool {
    one.symbol == other.symbol
        && one.person_number == other.person_number
        && one.branch == other.branch
}

fn record(
    call: &mut Call<'_>,
    own: &Insurer,
    person: PersonId,
    kind: ChangeKind,
    coverage: Coverage,
) -> Result<(), Stop> {
    let loaded = Coverage {
        insurer_name: own.name.clone(),
        loaded_at: Some(call.at()),
        ..coverage
    };
    people::record_change(call, person, kind, &loaded)?;
    Ok(())
}

/// Makes a new person. Whether somebody of the same name is there already is told, and left
/// to those who can find out.
fn of_stranger(
    call: &mut Call<'_>,
    facility: FacilityId,
    own: &Insurer,
    change: &Change,
    is_previous_unknown: bool,
) -> Result<Outcome, Stop> {
    let profile = newcomer(change);
    let after = match rules::plan(&[], &own.number, change) {
        Ok(Plan::Put(after)) => after,
        Ok(_) => return Ok(refused(vec![fault(&errors::NO_MEMBER, "number")])),
        Err(found) => return Ok(refused(vec![found])),
    };
    let (is_branch_taken, has_household) = household(call, &after, None)?;
    let mut found = rules::review(&Case {
        today: call.at().jst_date(),
        kind: change.kind,
        profile: &profile,
        was: None,
        after: &after,
        others: &[],
        is_branch_taken,
        has_household,
    });
    if is_refused(&found) {
        return Ok(refused(found));
    }
    if is_previous_unknown {
        found.push(fault(&errors::PREVIOUS_UNKNOWN, "previous_number"));
    }
    if registry::attributes::has_twin(call, &profile)? {
        found.push(fault(&errors::POSSIBLE_DUPLICATE, "kana"));
    }
    let person = PersonId::random(call.rng());
    people::enroll(call, person, &profile, &[])?;
    record(call, own, person, change.kind, after)?;
    Ok(taken(table::reference(call, facility, person)?, found))
}

fn newcomer(change: &Change) -> Profile {
    let nobody = Profile {
        name: String::new(),
        kana: String::new(),
        sex: Sex::Unknown,
        birth: change.birth,
        post_code: String::new(),
        address: String::new(),
        other_name: None,
        shown_sex: None,
    };
    rules::renamed(&nobody, &change.named)
}

/// A member as their own insurer sees them.
#[derive(Clone, PartialEq, Eq)]
pub struct Member {
    /// Our reference number.
    pub reference: Reference,
    /// Who they are.
    pub profile: Profile,
    /// Their coverages by this insurer, oldest first; nobody else's.
    pub coverages: Vec<Coverage>,
}

/// Looks up a member by the insurer's own numbers and the date of birth.
///
/// # Errors
/// `TSK-PAY-001` to `TSK-PAY-004`; the store's.
pub fn look_up(
    call: &mut Call<'_>,
    facility: FacilityId,
    number: &InsurerNumber,
    key: &MemberKey,
    birth: JstDate,
) -> Result<Member, Stop> {
    own::find(call, facility, number, Action::Write)?;
    let person = match people::find_by_number(call, &key.asked(number, Some(birth)))? {
        Directory::One(person) => person,
        Directory::Several => return Err(Stop::from(&errors::SEVERAL)),
        _ => return Err(Stop::from(&errors::NO_MEMBER)),
    };
    registry::merge::open(call, person)?;
    let reference = table::reference(call, facility, person)?;
    shown(call, number, person, reference)
}

/// The same by the reference number, for whoever has just used it.
///
/// # Errors
/// `TSK-PAY-001`, `TSK-PAY-005`; the store's.
pub fn member(
    call: &mut Call<'_>,
    facility: FacilityId,
    number: &InsurerNumber,
    reference: Reference,
) -> Result<Member, Stop> {
    own::find(call, facility, number, Action::Write)?;
    let person = table::member(call, facility, reference)?;
    let person = person.ok_or_else(|| Stop::from(&errors::REFERENCE))?;
    let person = registry::merge::kept(call, person)?;
    registry::merge::open(call, person)?;
    shown(call, number, person, reference)
}

fn shown(
    call: &Call<'_>,
    number: &InsurerNumber,
    person: PersonId,
    reference: Reference,
) -> Result<Member, Stop> {
    let mut coverages = people::coverages(call, person)?;
    let last = coverages.iter().max_by_key(|one| one.period.from());
    let is_ours_now = last.is_some_and(|last| last.insurer_number == *number);
    coverages.retain(|one| one.insurer_number == *number);
    let mut profile = people::profile(call, person)?;
    // Where somebody lives who has gone to another insurer is not this one's to know; nor who
    // they are, once it is said that they never were here.
    if !is_ours_now {
        profile.post_code.clear();
        profile.address.clear();
    }
    if coverages.is_empty() {
        profile.name.clear();
        profile.kana.clear();
        profile.other_name = None;
    }
    Ok(Member {
        reference,
        profile,
        coverages,
    })
}
