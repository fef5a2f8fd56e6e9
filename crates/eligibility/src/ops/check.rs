//! Verifying eligibility.

use access::challenge;
use kernel::{
    Refusal,
    id::{FacilityId, PersonId},
    time::JstDate,
};
use registry::{
    merge,
    model::{Found, InsuredKey},
    ops as people,
    reliance::{self, Told},
};
use store::{Call, Stop};

use crate::{
    answer::ops::{self as answer, nobody},
    errors,
    model::{CareClass, Confirmed, Inquiry, Method, Visit, VisitId},
    phones::{self, Place},
    store as table,
};

/// Verifies eligibility by insured number.
///
/// Nobody is opened before exactly one person fits: a wrong guess reads no one's data.
///
/// # Errors
/// `TSK-ELG-001` to `TSK-ELG-010`; the store's.
pub fn by_number(
    call: &mut Call<'_>,
    facility: FacilityId,
    inquiry: &Inquiry,
) -> Result<Confirmed, Stop> {
    call.detail("method", Method::Number.word());
    let person = holder(call, &inquiry.key, inquiry.on)?;
    let claimed = Some(&inquiry.key);
    confirm(call, facility, person, claimed, inquiry.on, Method::Number)
}

/// Who has an insured number, by the directory alone: nobody is opened.
///
/// # Errors
/// `TSK-ELG-001` to `TSK-ELG-004`, `TSK-ELG-010`; the store's.
pub(crate) fn holder(call: &Call<'_>, key: &InsuredKey, on: JstDate) -> Result<PersonId, Stop> {
    match people::find_by_number(call, key)? {
        Found::One(person) => Ok(person),
        Found::NoSuchNumber => Err(Stop::from(nobody(call, key, on)?)),
        Found::OtherBranch => Err(Stop::from(&errors::WRONG_BRANCH)),
        Found::OtherBirth => Err(Stop::from(&errors::WRONG_BIRTH)),
        Found::Several => Err(Stop::from(&errors::SEVERAL)),
    }
}

/// What a card terminal sends.
#[derive(Clone)]
pub struct CardAnswer {
    /// The challenge, its certificate and signature.
    pub answer: challenge::Answer,
    /// This server's origin.
    pub origin: String,
    /// The terminal, with its facility's code before it.
    pub terminal: String,
    /// How the card was unlocked.
    pub method: Method,
    /// For which date.
    pub on: JstDate,
    /// From where it comes.
    pub place: Place,
}

/// The purpose inside a challenge for eligibility.
pub const PURPOSE: &str = "eligibility";

/// Verifies eligibility by card: consumes the challenge and finds the holder. The challenge
/// is used up as soon as its signature is good, whatever is found about the holder: the same
/// signature cannot ask again, for another date or after a change.
///
/// # Errors
/// `TSK-PHN-010` when medium and method do not fit, `TSK-PHN-011` and `TSK-PHN-012` for a face
/// from elsewhere than a terminal of the ledger; `CHALLENGE_*` of `access` and the store's;
/// inside, `CARD_UNKNOWN` of `access`, `TSK-PHN-001` to `TSK-PHN-003` and `TSK-ELG-005` to
/// `TSK-ELG-009`.
pub fn by_card(
    call: &mut Call<'_>,
    facility: FacilityId,
    card: &CardAnswer,
) -> Result<Result<Confirmed, Refusal>, Stop> {
    call.detail("method", card.method.word());
    let medium = phones::rules::medium(card.answer.certificate.medium());
    phones::rules::fits(card.method, medium)?;
    if phones::rules::needs_terminal(card.method) {
        let id = card.answer.challenge;
        card.place.require(call, facility, id, &card.origin)?;
    }
    challenge::consume(call, &card.answer, &card.origin, &card.terminal, PURPOSE)?;
    let outcome = of_holder(call, facility, card);
    challenge::settle(call, outcome)
}

fn of_holder(
    call: &mut Call<'_>,
    facility: FacilityId,
    card: &CardAnswer,
) -> Result<Confirmed, Stop> {
    let person = phones::ops::insured_holder(call, &card.answer)?;
    confirm(call, facility, person, None, card.on, card.method)
}

/// Confirms an identified person's eligibility and opens their visit.
///
/// # Errors
/// `TSK-ELG-001`, `TSK-ELG-005` to `TSK-ELG-008`; the store's.
pub(crate) fn confirm(
    call: &mut Call<'_>,
    facility: FacilityId,
    person: PersonId,
    claimed: Option<&InsuredKey>,
    on: JstDate,
    method: Method,
) -> Result<Confirmed, Stop> {
    merge::open(call, person)?;
    call.detail("on", on.to_string());
    // What the facility saw earlier on the same day is the same visit.
    let before = call.at().jst_date().start();
    let held = answer::look(call, facility, person, claimed, (on, before))??;
    let profile = held.profile;
    let care = care_of(call, facility, method)?;
    let visit = Visit {
        id: VisitId::new(call.at(), call.rng()),
        person,
        at: call.at(),
        method,
        care,
        name: profile.name.clone(),
        kana: profile.kana.clone(),
    };
    table::put_visit(call, facility, &visit)?;
    let told = Told {
        coverage: &held.coverage,
        on,
        visit: Some((*visit.id.as_bytes(), &visit.name)),
    };
    reliance::remember(call, person, facility, &held.known, &told)?;
    Ok(Confirmed {
        visit: visit.id,
        on,
        reasons: held.reasons,
        profile,
        coverage: held.coverage,
        method,
        detail: held.detail,
        care,
    })
}

/// Of which kind the care is that somebody came to this facility for in this way.
///
/// # Errors
/// The store's.
pub(crate) fn care_of(
    call: &Call<'_>,
    facility: FacilityId,
    method: Method,
) -> Result<CareClass, Stop> {
    let found = people::facility_by_id(call, facility)?;
    let usual = found.map_or(CareClass::Outpatient, |found| CareClass::usual(found.kind));
    Ok(method.care(usual))
}
