//! From a row of a facility's list to the document behind it.

use kernel::id::{DocumentId, FacilityId};
use registry::merge;
use store::{Call, Stop};

use crate::{
    documents::{
        errors as no,
        model::Document,
        ops::{Held, enclosed_of, held_by, note, unopened_as_absent},
    },
    exchange::{model::Side, store as table},
};

/// Is the letter in this list of the facility? Nobody is opened.
///
/// # Errors
/// `TSK-REC-040`; the store's.
pub(crate) fn listed(
    call: &Call<'_>,
    facility: FacilityId,
    side: Side,
    id: DocumentId,
) -> Result<(), Stop> {
    unopened_as_absent(table::one(call, facility, side, id)?).map(drop)
}

/// Opens the person of a letter in a facility's list, and the letter. What is in no list of
/// the facility is absent to it.
pub(super) fn held(
    call: &mut Call<'_>,
    facility: FacilityId,
    side: Side,
    id: DocumentId,
    is_change: bool,
) -> Result<Held, Stop> {
    let line = table::one(call, facility, side, id)?;
    let line = unopened_as_absent(line)?;
    let person = merge::kept(call, line.person)?;
    let held = held_by(call, person, &line.matter.key, is_change)?;
    // The lock is taken by now: what stands in the document counts, not what the list said.
    let held = held.filter(|held| held.document.id == id);
    let held = unopened_as_absent(held)?;
    let document = &held.document;
    let is_theirs = match side {
        Side::Sent => document.sender == facility,
        Side::Received | Side::Checkup => document.reader == Some(facility),
    };
    note(call, document.id);
    unopened_as_absent(is_theirs.then_some(held))
}

/// The letter itself, or a document that travels with it.
pub(super) fn part(
    call: &Call<'_>,
    held: &Held,
    part: Option<DocumentId>,
) -> Result<Document, Stop> {
    let Some(part) = part.filter(|part| *part != held.document.id) else {
        return Ok(held.document.clone());
    };
    let mut all = enclosed_of(call, held)?.into_iter();
    all.find(|one| one.id == part)
        .ok_or_else(|| Stop::from(&no::LETTER_UNKNOWN))
}
