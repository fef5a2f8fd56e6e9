//! Consent (同意): by category, for one facility and one purpose.
//!
//! The ledger is append-only: every choice, refusal and withdrawal is an entry with a number,
//! and nothing is ever changed or removed. What an entry means for a read is [`rule`]'s to say,
//! in this order (docs/decisions/0016-consent-precedence.md):
//!
//! 1. A **withdrawal** ends everything older than itself, standing choices included.
//! 2. The **choice at a visit** opens or closes a category for 24 hours. What it leaves out is
//!    closed for that time, also where an older standing choice would open it.
//! 3. A **standing choice** (always for this facility, or home care) opens until its end, a year
//!    at most.
//! 4. What nobody chose is closed.
//!
//! Older and newer is a matter of the entries' numbers, never of the clock: it may have been
//! set back, and two acts may fall into one instant.
//!
//! Source: identity-security CONS-01, T02; eligibility-eprescription section e (24 hours).

mod category;
pub mod receipt;
mod rule;
#[cfg(test)]
mod tests;

use kernel::{
    id::{ConsentId, FacilityId, PersonId},
    time::Timestamp,
};
use registry::model::FacilityKind;
use store::{
    Call, Stop, StoreError,
    caller::{Actor, Purpose},
};

pub use category::Category;
pub use rule::{Continuing, InForce, Scope, Standing, continuing, granted, in_force, standing};

use crate::{errors, policy, store::consent as table, words::words};

/// How long a visit's choice lasts.
pub const HOURS: i64 = 24;
/// How long a standing choice lasts at most, and when nobody names its end.
pub const STANDING_DAYS: i64 = 365;

words! {
    /// What an entry does.
    Act[3] {
        /// It opens.
        Given = "given", "同意", "Given";
        /// It closes what it leaves out, for as long as the choice lasts.
        Refused = "refused", "見せないと選択", "Left out";
        /// It ends everything older.
        Withdrawn = "withdrawn", "取り消し", "Withdrawn";
    }
}

words! {
    /// Of what kind the choice behind an entry is.
    Source[4] {
        /// The choice at one visit.
        Visit = "visit", "今回の受診", "This visit";
        /// Always for this facility.
        Standing = "standing", "次回からも", "Every time";
        /// Always for this facility that cares for the person at home (在宅).
        HomeCare = "home-care", "在宅での診療", "Home care";
        /// The person took it back.
        Patient = "patient", "ご本人による取り消し", "Taken back";
    }
}

words! {
    /// Who made the choice.
    By[2] {
        /// The person themself.
        Patient = "patient", "ご本人", "The person";
        /// Who acts for the person; the access history of that instant says who.
        Proxy = "proxy", "代理の方", "A proxy";
    }
}

/// How somebody proved to be who chooses, when it was not at a counter.
pub const BY_PORTAL: &str = "portal";

/// One entry of the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its place in the person's ledger, from 1: of two entries the higher one is newer.
    pub number: i64,
    /// For which facility.
    pub facility: FacilityId,
    /// Of which category.
    pub category: Category,
    /// For what.
    pub purpose: Purpose,
    /// What it does.
    pub act: Act,
    /// Of what kind the choice is.
    pub source: Source,
    /// How the person proved to be there: `pin`, `face`, …, [`BY_PORTAL`].
    pub method: String,
    /// Who chose.
    pub by: By,
    /// When.
    pub at: Timestamp,
    /// First instant at which it no longer holds; a withdrawal has none.
    pub expires_at: Option<Timestamp>,
    /// Identifier, the same for all entries of one choice.
    pub id: ConsentId,
}

/// A person's choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// For which facility.
    pub facility: FacilityId,
    /// What it may see; the rest it may not.
    pub categories: Vec<Category>,
    /// For what.
    pub purpose: Purpose,
    /// Does it hold for the visit of this day?
    pub is_for_visit: bool,
    /// Does it stand beyond: of what kind ([`Source::Standing`] or [`Source::HomeCare`]), and
    /// the first instant at which it no longer does.
    pub standing: Option<(Source, Timestamp)>,
    /// How the person proved to be there.
    pub method: String,
}

/// The purposes for which the policy asks for consent.
#[must_use]
pub fn is_purpose(purpose: Purpose) -> bool {
    policy::Policy::own()
        .rules()
        .iter()
        .any(|rule| rule.needs.contains(&policy::Need::Consent) && rule.purposes.contains(&purpose))
}

/// The end of a standing choice made at `at`: `until`, or a year hence.
///
/// # Errors
/// [`errors::CONSENT_PERIOD`] when it would have ended already or lasts more than a year.
pub fn standing_until(
    at: Timestamp,
    until: Option<Timestamp>,
) -> Result<Timestamp, &'static kernel::Entry> {
    let last = at.plus_hours(STANDING_DAYS * 24);
    let until = until.unwrap_or(last);
    if until <= at || until > last {
        return Err(&errors::CONSENT_PERIOD);
    }
    Ok(until)
}

/// Records the choice of a visit for treatment: the named categories are open to the facility
/// for 24 hours, and what was open and is not named any more is closed for that time.
///
/// # Errors
/// [`store::PERSON_ABSENT`]; [`StoreError`].
pub fn give(
    call: &mut Call<'_>,
    person: PersonId,
    facility: FacilityId,
    categories: &[Category],
    method: &str,
) -> Result<ConsentId, Stop> {
    let choice = Choice {
        facility,
        categories: categories.to_vec(),
        purpose: Purpose::Treatment,
        is_for_visit: true,
        standing: None,
        method: method.to_owned(),
    };
    choose(call, person, &choice)
}

/// May `facility` be shown clinical information at all, if people agree? A therapy office
/// (施術所) may not, whoever works there.
///
/// # Errors
/// [`StoreError`].
pub fn is_possible(call: &Call<'_>, facility: FacilityId) -> Result<bool, StoreError> {
    let found = registry::ops::facility_by_id(call, facility)?;
    Ok(found.is_none_or(|found| found.kind != FacilityKind::TherapyOffice))
}

/// Records a choice.
///
/// # Errors
/// [`errors::CONSENT_PERIOD`], [`errors::CONSENT_PURPOSE`], [`errors::CONSENT_THERAPY`];
/// [`store::PERSON_ABSENT`]; [`StoreError`].
pub fn choose(call: &mut Call<'_>, person: PersonId, choice: &Choice) -> Result<ConsentId, Stop> {
    if !is_possible(call, choice.facility)? {
        return Err(Stop::from(&errors::CONSENT_THERAPY));
    }
    if !is_purpose(choice.purpose) {
        return Err(Stop::from(&errors::CONSENT_PURPOSE));
    }
    let at = call.at();
    if let Some((_, until)) = choice.standing {
        standing_until(at, Some(until))?;
    }
    call.lock(person)?;
    let ledger = table::entries(call, person)?;
    let visit = (Source::Visit, at.plus_hours(HOURS));
    let kinds = choice.is_for_visit.then_some(visit);
    let kinds = kinds.into_iter().chain(choice.standing);
    let id = ConsentId::random(call.rng());
    let mut number = last(&ledger);
    for (source, until) in kinds {
        for category in Category::ALL {
            let scope = Scope {
                facility: choice.facility,
                category,
                purpose: choice.purpose,
            };
            let open = in_force(&ledger, scope, at);
            // A standing choice replaces the one before; what a visit opened it leaves alone.
            let act = if choice.categories.contains(&category) {
                Act::Given
            } else if open.standing || (open.visit && source == Source::Visit) {
                Act::Refused
            } else {
                continue;
            };
            number += 1;
            let entry = Entry {
                number,
                facility: choice.facility,
                category,
                purpose: choice.purpose,
                act,
                source,
                method: choice.method.clone(),
                by: by(call),
                at,
                expires_at: Some(until),
                id,
            };
            table::append(call, person, &entry)?;
        }
    }
    let words: Vec<&str> = choice.categories.iter().map(|c| c.word()).collect();
    call.detail("categories", words.join(" "));
    call.detail("consent", id.to_hex());
    if let Some((source, until)) = choice.standing {
        call.detail("standing", source.word());
        call.detail("until", until.to_string());
    }
    Ok(id)
}

/// The person takes back what a facility may see: one category, or all of it. How many
/// categories (a purpose each) it closed.
///
/// # Errors
/// [`store::PERSON_ABSENT`]; [`StoreError`].
pub fn withdraw_from(
    call: &mut Call<'_>,
    person: PersonId,
    facility: FacilityId,
    category: Option<Category>,
) -> Result<usize, Stop> {
    call.lock(person)?;
    let ledger = table::entries(call, person)?;
    let id = ConsentId::random(call.rng());
    let mut number = last(&ledger);
    let mut count = 0;
    for one in Category::ALL {
        if category.is_some_and(|only| only != one) {
            continue;
        }
        for purpose in Purpose::ALL {
            let scope = Scope {
                facility,
                category: one,
                purpose,
            };
            if !in_force(&ledger, scope, call.at()).any() {
                continue;
            }
            (number, count) = (number + 1, count + 1);
            let entry = Entry {
                number,
                facility,
                category: one,
                purpose,
                act: Act::Withdrawn,
                source: Source::Patient,
                method: BY_PORTAL.to_owned(),
                by: by(call),
                at: call.at(),
                expires_at: None,
                id,
            };
            table::append(call, person, &entry)?;
        }
    }
    call.detail("withdrawn", count.to_string());
    Ok(count)
}

/// The person takes back everything that a facility may see; how many categories it closed.
///
/// # Errors
/// As [`withdraw_from`].
pub fn withdraw(
    call: &mut Call<'_>,
    person: PersonId,
    facility: FacilityId,
) -> Result<usize, Stop> {
    withdraw_from(call, person, facility, None)
}

fn last(ledger: &[Entry]) -> i64 {
    ledger.iter().map(|entry| entry.number).max().unwrap_or(0)
}

const fn by(call: &Call<'_>) -> By {
    match call.caller().actor {
        Actor::Proxy { .. } => By::Proxy,
        _ => By::Patient,
    }
}

/// Has the person taken back what `facility` may see at or after `since`? Then what they
/// showed before no longer speaks for them: only a newer use of the card opens it again.
///
/// # Errors
/// [`StoreError`].
pub fn is_taken_back(
    call: &Call<'_>,
    person: PersonId,
    facility: FacilityId,
    since: Timestamp,
) -> Result<bool, StoreError> {
    let ledger = table::entries(call, person)?;
    Ok(rule::is_taken_back(&ledger, facility, since))
}

/// The ledger of an opened person, oldest first.
///
/// # Errors
/// [`StoreError`].
pub fn ledger(call: &Call<'_>, person: PersonId) -> Result<Vec<Entry>, StoreError> {
    table::entries(call, person)
}

/// The categories that somebody who was merged into an opened person, and is open with them,
/// had closed to `facility`. The less of the two holds: what one registration gave never opens
/// the other, and what either refused stays closed, until the person chooses anew after the
/// merge.
///
/// # Errors
/// [`StoreError`].
///
/// Source: decision 0023.
pub fn closed_by_merged(
    call: &Call<'_>,
    person: PersonId,
    facility: FacilityId,
    purpose: Purpose,
) -> Result<Vec<Category>, StoreError> {
    let merges = registry::merge::of(call, person)?;
    let mut closed = Vec::new();
    for merge in merges
        .iter()
        .filter(|merge| merge.keeps() && call.is_open(merge.other))
    {
        let (own, theirs) = (ledger(call, person)?, ledger(call, merge.other)?);
        closed.extend(Category::ALL.into_iter().filter(|category| {
            let scope = Scope {
                facility,
                category: *category,
                purpose,
            };
            rule::is_closed_by(&own, &theirs, scope, merge.done.at)
        }));
    }
    Ok(closed)
}
