//! Verifying eligibility.

use access::{challenge, errors as no};
use kernel::{
    Refusal,
    id::{FacilityId, PersonId},
    time::JstDate,
};
use registry::{
    model::{Found, InsuredKey},
    ops as people,
};
use store::{Call, Stop};

use crate::{
    errors,
    model::{CareClass, Confirmed, Inquiry, Method, Visit, VisitId},
    rules, store as table,
};

/// Verifies eligibility by insured number.
///
/// Nobody is opened before exactly one person fits: a wrong guess reads no one's data.
///
/// # Errors
/// `TSK-ELG-001` to `TSK-ELG-008`; the store's.
pub fn by_number(
    call: &mut Call<'_>,
    facility: FacilityId,
    inquiry: &Inquiry,
) -> Result<Confirmed, Stop> {
    call.detail("method", Method::Number.word());
    let person = match people::find_by_number(call, &inquiry.key)? {
        Found::One(person) => person,
        Found::NoSuchNumber => return Err(Stop::from(&errors::UNKNOWN_NUMBER)),
        Found::OtherBranch => return Err(Stop::from(&errors::WRONG_BRANCH)),
        Found::OtherBirth => return Err(Stop::from(&errors::WRONG_BIRTH)),
        Found::Several => return Err(Stop::from(&errors::SEVERAL)),
    };
    let claimed = Some(&inquiry.key);
    let care = usual_care(call, facility)?;
    let way = (Method::Number, care);
    confirm(call, facility, person, claimed, inquiry.on, way)
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
}

/// The purpose inside a challenge for eligibility.
pub const PURPOSE: &str = "eligibility";

/// Verifies eligibility by card: consumes the challenge and finds the holder. The challenge
/// is used up as soon as its signature is good, whatever is found about the holder: the same
/// signature cannot ask again, for another date or after a change.
///
/// # Errors
/// `CHALLENGE_*` of `access` and the store's; inside, `CARD_UNKNOWN` of `access` and
/// `TSK-ELG-005` to `TSK-ELG-008`.
pub fn by_card(
    call: &mut Call<'_>,
    facility: FacilityId,
    card: &CardAnswer,
) -> Result<Result<Confirmed, Refusal>, Stop> {
    call.detail("method", card.method.word());
    challenge::consume(call, &card.answer, &card.origin, &card.terminal, PURPOSE)?;
    let outcome = of_holder(call, facility, card);
    challenge::settle(call, outcome)
}

fn of_holder(
    call: &mut Call<'_>,
    facility: FacilityId,
    card: &CardAnswer,
) -> Result<Confirmed, Stop> {
    let key = card.answer.certificate.card_key();
    let person =
        people::find_by_card(call, key.reveal())?.ok_or_else(|| Stop::from(&no::CARD_UNKNOWN))?;
    let way = (card.method, usual_care(call, facility)?);
    confirm(call, facility, person, None, card.on, way)
}

/// Of which kind the care is at this facility, when nothing else is said.
///
/// # Errors
/// The store's.
pub(crate) fn usual_care(call: &Call<'_>, facility: FacilityId) -> Result<CareClass, Stop> {
    let found = people::facility_by_id(call, facility)?;
    Ok(found.map_or(CareClass::Outpatient, |found| CareClass::usual(found.kind)))
}

/// Judges the person's coverage and opens their visit; `way`: how they were identified, for
/// which kind of care.
///
/// # Errors
/// `TSK-ELG-005` to `TSK-ELG-008`; the store's.
pub(crate) fn confirm(
    call: &mut Call<'_>,
    facility: FacilityId,
    person: PersonId,
    claimed: Option<&InsuredKey>,
    on: JstDate,
    (method, care): (Method, CareClass),
) -> Result<Confirmed, Stop> {
    call.open(person)?;
    call.detail("on", on.to_string());
    let coverages = people::coverages(call, person)?;
    let coverage = rules::judge(&coverages, claimed, on)?.clone();
    let profile = people::profile(call, person)?;
    let visit = Visit {
        id: VisitId::random(call.rng()),
        person,
        at: call.at(),
        method,
        care,
        name: profile.name.clone(),
        kana: profile.kana.clone(),
    };
    table::put_visit(call, facility, &visit)?;
    Ok(Confirmed {
        visit: visit.id,
        on,
        reasons: rules::reasons(&coverage, &profile, on),
        profile,
        coverage,
        method,
        care,
    })
}
