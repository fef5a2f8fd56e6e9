//! Searching and confirming.

use access::{
    challenge, guess,
    policy::{self, Action, Class, Facts, Need},
};
use kernel::{
    Refusal,
    code::InsurerKind,
    id::{FacilityId, PersonId},
    time::JstDate,
};
use registry::{
    attributes::{self, Attributes},
    disaster as modes, errors as register, merge,
    model::{Coverage, Profile},
    names, ops as people,
};
use store::{Call, Stop};

use super::{
    errors,
    model::{Candidate, Found, Proof, SEARCH_MINUTES, Search, SearchId, WRONG_MAX},
    store as table,
};
use crate::{
    model::{Confirmed, Method},
    ops::confirm as verified,
};

/// Guesses are counted for the facility as a whole, whoever of its staff makes them.
const GUESS: &str = "disaster-search";
/// The fewest of the four that are needed.
const ATTRIBUTES_MIN: usize = 3;

/// Goes on only while disaster mode is in force for the facility; its name.
pub(super) fn admitted(call: &Call<'_>, facility: FacilityId) -> Result<String, Stop> {
    let mode = modes::in_force(call, facility)?;
    let facts = Facts::of(call.caller()).with(Need::Disaster, mode.is_some());
    let Some(mode) = mode else {
        return Err(Stop::from(&register::DISASTER_NOT_IN_FORCE));
    };
    policy::require(call, Class::Eligibility, Action::Read, facts)?;
    Ok(mode.name)
}

/// Finds who may be meant: at most three, graded and masked. Whoever was opened for it, shown
/// or not, has the record. A search that leads to nobody is refused, and counted; so is one
/// that nobody confirms.
///
/// # Errors
/// `TSK-DIS-001`; the store's. Inside: `TSK-DSC-010`, `TSK-DSC-011`, `TSK-DSC-016`.
pub fn search(
    call: &mut Call<'_>,
    facility: FacilityId,
    search: &Search,
) -> Result<Result<Found, Refusal>, Stop> {
    let name = admitted(call, facility)?;
    call.detail("disaster", name);
    call.detail("place", search.place.word());
    call.detail("why", search.why.word());
    if search.said.count() < ATTRIBUTES_MIN || !search.said.lead_to_somebody() {
        return Err(Stop::from(&errors::TOO_FEW));
    }
    let home = facility.to_hex();
    if guess::must_wait(call, &home, GUESS)? {
        return Err(Stop::from(&errors::SLOW_DOWN));
    }
    guess::note(call, &home, GUESS)?;
    let before = call.at().plus_seconds(-SEARCH_MINUTES * 60);
    let _swept = table::sweep(call, facility, before)?;
    let outcome = candidates(call, &search.said).map(|candidates| Found {
        id: SearchId::random(call.rng()),
        at: call.at(),
        wrong: 0,
        is_over: false,
        candidates,
    });
    if let Ok(found) = &outcome {
        call.detail("candidates", found.candidates.len().to_string());
        table::put(call, facility, found)?;
    }
    challenge::settle(call, outcome)
}

fn candidates(call: &mut Call<'_>, said: &Attributes) -> Result<Vec<(PersonId, Candidate)>, Stop> {
    let none = || Stop::from(&errors::NOT_NARROWED);
    let today = call.at().jst_date();
    let mut graded = Vec::new();
    for person in attributes::narrow(call, said)?.ok_or_else(none)? {
        call.open(person)?;
        let profile = people::profile(call, person)?;
        let Some(agreement) = attributes::agreement(said, &profile) else {
            continue;
        };
        if let Some(grade) = agreement.grade() {
            let one = Candidate::masked(grade, agreement, &profile, today);
            graded.push((grade, (person, one)));
        }
    }
    let shown = attributes::shown(graded).ok_or_else(none)?;
    Ok(shown.into_iter().map(|(_, one)| one).collect())
}

/// A search of this facility whose candidates can still be confirmed.
///
/// # Errors
/// `TSK-DIS-001`, `TSK-DSC-013`; the store's.
pub fn found(call: &Call<'_>, facility: FacilityId, id: SearchId) -> Result<Found, Stop> {
    admitted(call, facility)?;
    table::find(call, facility, id)?
        .filter(|found| found.is_open(call.at()))
        .ok_or_else(|| Stop::from(&errors::SEARCH))
}

/// Confirms one candidate (counted from 1) by what the person answered, and verifies their
/// coverage. A right answer uses the search up, whatever is found about the coverage.
///
/// # Errors
/// `TSK-DIS-001`, `TSK-DSC-013`; the store's. Inside: `TSK-DSC-014`, `TSK-DSC-015`, and
/// `TSK-ELG-005` to `TSK-ELG-008`.
pub fn confirm(
    call: &mut Call<'_>,
    facility: FacilityId,
    id: SearchId,
    number: usize,
    proof: &Proof,
    on: JstDate,
) -> Result<Result<Confirmed, Refusal>, Stop> {
    let mut found = found(call, facility, id)?;
    let at = number.checked_sub(1).ok_or(&errors::SEARCH)?;
    let Some((person, _)) = found.candidates.get(at) else {
        return Err(Stop::from(&errors::SEARCH));
    };
    let person = *person;
    merge::open(call, person)?;
    call.detail("method", Method::Disaster.word());
    let profile = people::profile(call, person)?;
    let coverages = people::coverages(call, person)?;
    if !is_proved(proof, &profile, &coverages, on) {
        found.wrong = found.wrong.saturating_add(1);
        found.is_over = found.wrong >= WRONG_MAX;
        table::mark(call, facility, &found)?;
        let entry = if found.is_over {
            &errors::LOCKED
        } else {
            &errors::WRONG_ANSWER
        };
        return challenge::settle(call, Err(Stop::from(entry)));
    }
    found.is_over = true;
    table::mark(call, facility, &found)?;
    guess::forgive(call, &facility.to_hex(), GUESS)?;
    let outcome = verified(call, facility, person, None, on, Method::Disaster);
    challenge::settle(call, outcome)
}

/// Does the answer agree with the register? An empty one never does.
fn is_proved(proof: &Proof, profile: &Profile, coverages: &[Coverage], on: JstDate) -> bool {
    match proof {
        Proof::House(answer) => is_house(
            &names::house_number(answer),
            &names::house_number(&profile.address),
        ),
        Proof::Insurer(answer) => {
            let answer = insurer_key(answer);
            let current = coverages.iter().filter(|c| c.period.contains(on));
            current
                .filter(|c| is_of_workplace(c))
                .any(|c| !answer.is_empty() && answer == insurer_key(&c.insurer_name))
        }
    }
}

/// The same house: all of the number, or all but the room behind it.
pub(crate) fn is_house(answer: &str, registered: &str) -> bool {
    if answer.is_empty() || registered.is_empty() {
        return false;
    }
    let (short, long) = if answer.len() <= registered.len() {
        (answer, registered)
    } else {
        (registered, answer)
    };
    short == long
        || (short.contains('-') && long.strip_prefix(short).is_some_and(|r| r.starts_with('-')))
}

/// What follows from the home that is shown (towns, prefectures, branches of 協会けんぽ) is no
/// answer: only an employer's own insurer is.
fn is_of_workplace(coverage: &Coverage) -> bool {
    matches!(
        coverage.insurer_number.kind(),
        InsurerKind::HealthUnion | InsurerKind::MutualAid
    )
}

fn insurer_key(name: &str) -> String {
    names::kanji_key(name).replace("健康保険組合", "健保")
}
