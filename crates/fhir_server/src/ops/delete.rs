//! Delete: a last version without content. Earlier versions stay readable.
//!
//! Source: FHIR R4 http.html#delete, #3.1.0.7.1 (conditional delete).

use store::{Call, Stop};

use super::{
    Partition, Right, Written, lock, may, no,
    search::search,
    update::{check_version, write},
};
use crate::{codes::Codes, errors, id::Owner, model::Resource, search::Query, store as table};

/// Deletes a resource; one that is deleted already stays so. The version of the deletion.
///
/// # Errors
/// [`errors::ABSENT`], [`errors::VERSION`], [`errors::PATIENT_IN_USE`]; the store's.
pub fn delete(
    call: &mut Call<'_>,
    own: &Partition,
    (kind, id): (&str, &str),
    if_match: Option<i64>,
) -> Result<Written, Stop> {
    may(call, Right::Delete, kind)?;
    let key = own.key(kind, id)?;
    lock(call, own.facility, key.owner)?;
    let found = table::get(call, &own.ids, own.place(kind, key))?;
    let found = found.ok_or_else(|| Stop::from(&errors::ABSENT))?;
    end(call, own, found, if_match)
}

/// Deletes the one resource that meets the condition.
///
/// # Errors
/// As [`delete`]; the search's; [`errors::SEVERAL`].
pub fn delete_where(
    call: &mut Call<'_>,
    own: &Partition,
    query: &Query,
    if_match: Option<i64>,
) -> Result<Written, Stop> {
    let id = the_id(call, own, query)?;
    delete(call, own, (&query.kind, &id), if_match)
}

/// The id of the one resource that meets a condition which names its patient itself.
pub(crate) fn the_id(call: &mut Call<'_>, own: &Partition, query: &Query) -> Result<String, Stop> {
    let found = search(call, own, query)?;
    // However many a page shows.
    match (found.total, found.matches.as_slice()) {
        (1, [one]) => Ok(one.id.clone()),
        (0 | 1, _) => Err(Stop::from(&errors::ABSENT)),
        _ => Err(Stop::from(&errors::SEVERAL)),
    }
}

/// Ends a resource whose owner is locked.
pub(crate) fn end(
    call: &Call<'_>,
    own: &Partition,
    found: Resource,
    if_match: Option<i64>,
) -> Result<Written, Stop> {
    check_version(&found, if_match)?;
    if found.is_deleted {
        return Ok(Written::found(found));
    }
    if let ("Patient", Owner::Person(person)) = (found.kind.as_str(), found.key.owner) {
        let types = table::types(call, own.facility, person)?;
        if let Some((kind, _)) = types.iter().find(|(kind, _)| kind != "Patient") {
            return Err(no(&errors::PATIENT_IN_USE, "Patient", kind));
        }
        table::put_keys(call, own.facility, person, &[])?;
    }
    write(call, own, &found, (&[], &Codes::none()))
}
