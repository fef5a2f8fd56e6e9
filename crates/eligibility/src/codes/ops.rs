//! The facility's side: making codes, and seeing what they came to.

use kernel::{id::FacilityId, time::Timestamp};
use store::{Call, OVERLOADED, Stop};

use super::{
    errors,
    model::{CodeId, Digits, HOURS_MAX, Kind, LABEL_MAX, VisitCode},
    store as table,
};

/// Codes on the facility's list.
const SHOWN_MAX: i64 = 50;
/// Draws of digits, of which nearly every first one is free.
const DRAWS: usize = 20;

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCode {
    /// For which way of coming.
    pub kind: Kind,
    /// The booked time of an online consultation.
    pub booked: Option<Timestamp>,
    /// The counter's own mark, 20 characters at most.
    pub label: String,
}

/// Makes a code, and forgets the facility's codes that were over a day ago.
///
/// # Errors
/// `TSK-VIS-015`, `TSK-VIS-016`; the store's.
pub fn make(call: &mut Call<'_>, facility: FacilityId, new: &NewCode) -> Result<VisitCode, Stop> {
    let is_long = new.label.chars().count() > LABEL_MAX;
    if is_long || new.label.chars().any(char::is_control) {
        return Err(Stop::from(&errors::CODE_LABEL));
    }
    let at = call.at();
    let expires_at = new.kind.expires_at(at, new.booked);
    let expires_at = expires_at.ok_or_else(|| Stop::from(&errors::CODE_BOOKED))?;
    table::sweep(call, facility, at.plus_hours(-HOURS_MAX))?;
    for _ in 0..DRAWS {
        let code = VisitCode {
            id: CodeId::random(call.rng()),
            facility,
            kind: new.kind,
            at,
            expires_at,
            digits: Digits::random(call.rng()),
            label: new.label.clone(),
            used: None,
        };
        if table::reserve(call, &code)? {
            table::put(call, &code)?;
            call.detail("kind", code.kind.word());
            call.detail("until", code.expires_at.to_string());
            return Ok(code);
        }
    }
    Err(Stop::from(&OVERLOADED))
}

/// One of the facility's codes.
///
/// # Errors
/// `TSK-VIS-018`; the store's.
pub fn one(call: &Call<'_>, facility: FacilityId, id: CodeId) -> Result<VisitCode, Stop> {
    table::one(call, facility, id)?.ok_or_else(|| Stop::from(&errors::CODE_ABSENT))
}

/// The facility's codes of the last 24 hours, newest first, 50 at most.
///
/// # Errors
/// The store's.
pub fn list(call: &Call<'_>, facility: FacilityId) -> Result<Vec<VisitCode>, Stop> {
    let after = call.at().plus_hours(-HOURS_MAX);
    Ok(table::newest(call, facility, after, SHOWN_MAX)?)
}
