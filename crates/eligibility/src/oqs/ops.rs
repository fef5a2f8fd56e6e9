//! What can be done: check a person of a bulk file, take a bulk file, bring it on, find it.

use kernel::id::FacilityId;
use oqs::message::{BulkAnswer, BulkRequest};
use registry::{model::Found, ops as people};
use store::{Call, Stop};

use super::{
    errors::WAITING,
    model::{KEPT_HOURS, RECEPTIONS_MAX, Reception, ReceptionId, Told},
    store as table,
};
use crate::{
    errors,
    model::{Inquiry, Method},
    rules,
};

/// Verifies eligibility by insured number, for a line of a bulk file: nobody is at the counter,
/// so that no visit begins. Nobody is opened before exactly one person fits.
///
/// # Errors
/// `TSK-ELG-001` to `TSK-ELG-008`; the store's.
pub fn check(call: &mut Call<'_>, inquiry: &Inquiry) -> Result<Told, Stop> {
    call.detail("method", Method::Number.word());
    let person = match people::find_by_number(call, &inquiry.key)? {
        Found::One(person) => person,
        Found::NoSuchNumber => return Err(Stop::from(&errors::UNKNOWN_NUMBER)),
        Found::OtherBranch => return Err(Stop::from(&errors::WRONG_BRANCH)),
        Found::OtherBirth => return Err(Stop::from(&errors::WRONG_BIRTH)),
        Found::Several => return Err(Stop::from(&errors::SEVERAL)),
    };
    call.open(person)?;
    call.detail("on", inquiry.on.to_string());
    let coverages = people::coverages(call, person)?;
    let coverage = rules::judge(&coverages, Some(&inquiry.key), inquiry.on)?.clone();
    let profile = people::profile(call, person)?;
    Ok(Told {
        on: inquiry.on,
        reasons: rules::reasons(&coverage, &profile, inquiry.on),
        profile,
        coverage,
    })
}

/// Takes a bulk file: keeps the question until everybody in it is answered. What is older than
/// seven days is removed.
///
/// # Errors
/// `TSK-OQS-006`; the store's.
pub fn receive(
    call: &mut Call<'_>,
    facility: FacilityId,
    asked: &BulkRequest,
) -> Result<Reception, Stop> {
    let lines = asked.body.searches.len();
    call.detail("lines", lines.to_string());
    table::sweep(call, facility, call.at().plus_hours(-KEPT_HOURS))?;
    if table::held(call, facility)? >= RECEPTIONS_MAX {
        return Err(Stop::from(&WAITING));
    }
    let reception = Reception {
        id: ReceptionId::random(call.rng()),
        at: call.at(),
        lines,
        done: 0,
        asked: asked.clone(),
        told: BulkAnswer::default(),
    };
    table::put(call, facility, &reception)?;
    Ok(reception)
}

/// Keeps how far a reception has come; `before` is how many were answered when this began.
/// When somebody else has brought it on meanwhile, theirs stays.
///
/// # Errors
/// The store's.
pub fn keep(
    call: &mut Call<'_>,
    facility: FacilityId,
    reception: &Reception,
    before: usize,
) -> Result<(), Stop> {
    call.detail("lines", reception.lines.to_string());
    call.detail("answered", reception.done.to_string());
    table::keep(call, facility, reception, before)?;
    Ok(())
}

/// A reception of this facility that is still kept.
///
/// # Errors
/// `TSK-OQS-007`; the store's.
pub fn find(
    call: &mut Call<'_>,
    facility: FacilityId,
    id: Option<ReceptionId>,
) -> Result<Reception, Stop> {
    let found = id.map(|id| table::find(call, facility, id)).transpose()?;
    let oldest = call.at().plus_hours(-KEPT_HOURS);
    let found = found.flatten().filter(|found| found.at >= oldest);
    found.ok_or_else(|| Stop::from(&super::errors::RECEPTION))
}
