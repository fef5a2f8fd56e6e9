//! Findings: kept true with every change, for each of the insurers that they concern, and
//! settled by them.

use std::collections::BTreeMap;

use access::policy::Action;
use kernel::{
    code::{BranchNumber, InsurerNumber},
    id::{FacilityId, PersonId},
};
use registry::{
    model::{Coverage, Insurer},
    ops as people,
};
use store::{Call, Stop};

use super::own;
use crate::{
    errors,
    model::{Finding, FindingId, Pair},
    rules, store as table,
};

/// Findings shown at once; the newest first.
const SHOWN_MAX: i64 = 100;
/// A settled finding, and one that a later change made go away.
const SETTLED: &str = "settled";
const GONE: &str = "gone";

/// Makes the findings about an opened person what their coverages say: new ones are noted for
/// each insurer that they concern, those that hold no longer are closed. `before`: the
/// coverages before the change, whose insurers may have findings that it resolves.
pub(crate) fn sync(
    call: &Call<'_>,
    person: PersonId,
    own: Option<&Insurer>,
    before: &[Coverage],
) -> Result<(), Stop> {
    let coverages = people::coverages(call, person)?;
    let mut homes: BTreeMap<InsurerNumber, Option<FacilityId>> = BTreeMap::new();
    if let Some(own) = own {
        homes.insert(own.number.clone(), own.home);
    }
    for one in coverages.iter().chain(before) {
        if !homes.contains_key(&one.insurer_number) {
            let insurer = people::insurer(call, &one.insurer_number)?;
            let home = insurer.and_then(|insurer| insurer.home);
            homes.insert(one.insurer_number.clone(), home);
        }
    }
    let mut wanted: BTreeMap<(FacilityId, FindingId), Finding> = BTreeMap::new();
    let today = call.at().jst_date();
    for pair in rules::pairs(&coverages) {
        if !rules::is_live(&pair, today) {
            continue;
        }
        for (mine, other) in sides(&coverages, &pair) {
            if let Some(Some(home)) = homes.get(&mine.insurer_number) {
                let finding = of_side(call, *home, person, &pair, mine, other);
                wanted.insert((*home, finding.id), finding);
            }
        }
    }
    let facilities: std::collections::BTreeSet<FacilityId> =
        homes.values().flatten().copied().collect();
    for facility in facilities {
        for id in table::findings_of(call, facility, person)? {
            if wanted.remove(&(facility, id)).is_none() {
                table::settle(call, facility, id, GONE)?;
            }
        }
    }
    for ((facility, _), finding) in &wanted {
        table::put_finding(call, *facility, person, finding)?;
    }
    Ok(())
}

/// Both sides of a pair, each with the other; one only when both are the same insurer's.
fn sides<'c>(coverages: &'c [Coverage], pair: &Pair) -> Vec<(&'c Coverage, &'c Coverage)> {
    let by = |number| coverages.iter().find(|one| one.number == number);
    let (Some(first), Some(second)) = (by(pair.first), by(pair.second)) else {
        return Vec::new();
    };
    if first.insurer_number == second.insurer_number {
        return vec![(second, first)];
    }
    vec![(first, second), (second, first)]
}

fn of_side(
    call: &Call<'_>,
    home: FacilityId,
    person: PersonId,
    pair: &Pair,
    mine: &Coverage,
    other: &Coverage,
) -> Finding {
    // The same fact gets the same identifier however often it is found: once settled, it stays
    // settled until the days in question change.
    let key = call.directory_key(
        "payer-finding",
        &[
            &home.to_hex(),
            &person.to_hex(),
            pair.kind.word(),
            &mine.number.to_string(),
            &other.number.to_string(),
            &rules::days(&pair.period),
        ],
    );
    let mut id = FindingId([0; 16]);
    for (to, from) in id.0.iter_mut().zip(key) {
        *to = from;
    }
    Finding {
        id,
        insurer_number: mine.insurer_number.clone(),
        at: call.at(),
        kind: pair.kind,
        period: pair.period,
        symbol: mine.symbol.as_str().to_owned(),
        number: mine.person_number.as_str().to_owned(),
        branch: mine
            .branch
            .as_ref()
            .map_or_else(String::new, |branch: &BranchNumber| {
                branch.as_str().to_owned()
            }),
        other_number: other.insurer_number.as_str().to_owned(),
        other_name: other.insurer_name.clone(),
    }
}

/// The open findings of one of the facility's insurers, newest first, 100 at most.
///
/// # Errors
/// `TSK-PAY-001`; the store's.
pub fn list(
    call: &Call<'_>,
    facility: FacilityId,
    number: &InsurerNumber,
) -> Result<Vec<Finding>, Stop> {
    own::find(call, facility, number, Action::Read)?;
    Ok(table::findings(call, facility, number, SHOWN_MAX)?)
}

/// Settles an open finding: somebody has looked into it.
///
/// # Errors
/// `TSK-PAY-001`, `TSK-PAY-054`; the store's.
pub fn settle(
    call: &mut Call<'_>,
    facility: FacilityId,
    number: &InsurerNumber,
    id: FindingId,
) -> Result<(), Stop> {
    own::find(call, facility, number, Action::Write)?;
    let absent = || Stop::from(&errors::FINDING_ABSENT);
    let (insurer, person) = table::finding(call, facility, id)?.ok_or_else(absent)?;
    if insurer != *number {
        return Err(absent());
    }
    // It is about somebody: that it was looked into stands in their history.
    call.open(person)?;
    table::settle(call, facility, id, SETTLED)?;
    Ok(())
}
