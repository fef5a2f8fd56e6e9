//! Patch: a resource is read, changed and judged inside one call.
//!
//! Source: FHIR R4 http.html#patch.

use kernel::{Refusal, id::PersonId};
use store::{Call, Stop};

use super::{
    Partition, Right, Written,
    delete::the_id,
    lock, may,
    update::{check_version, replace},
};
use crate::{
    draft::Draft,
    errors,
    model::Resource,
    patch::Patch,
    search::Query,
    store::{self as table, pack},
};

/// Changes a resource step by step; nothing is changed unless every step can be done and the
/// result is valid.
///
/// # Errors
/// [`errors::ABSENT`], [`errors::GONE`], [`errors::VERSION`], [`errors::PATCH_FAILS`], of the
/// result what an update says; the store's.
pub fn patch(
    call: &mut Call<'_>,
    own: &Partition,
    (kind, id): (&str, &str),
    patch: &Patch,
    if_match: Option<i64>,
) -> Result<Written, Stop> {
    may(call, Right::Update, kind)?;
    let key = own.key(kind, id)?;
    let people = lock(call, own.facility, key.owner)?;
    let found = table::get(call, &own.ids, own.place(kind, key))?;
    let found = found.ok_or_else(|| Stop::from(&errors::ABSENT))?;
    patched(call, own, &found, &people, patch, if_match)
}

/// Changes a resource whose owner is locked.
pub(crate) fn patched(
    call: &Call<'_>,
    own: &Partition,
    found: &Resource,
    people: &[PersonId],
    patch: &Patch,
    if_match: Option<i64>,
) -> Result<Written, Stop> {
    if found.is_deleted {
        return Err(Stop::from(&errors::GONE));
    }
    check_version(found, if_match)?;
    let text = patch.apply(&found.render())?;
    let draft = Draft::read(&found.kind, text.as_bytes())?;
    if draft.id.as_ref() != Some(&found.id) {
        return Err(Stop::Refused(Refusal::at(&errors::PATCH_FAILS, "/id", "")));
    }
    let packed = pack(&draft.text);
    let mut done = replace(call, own, found, people, (&draft, &packed), if_match)?;
    done.text = Some(draft.text);
    Ok(done)
}

/// Changes the one resource that meets the condition.
///
/// # Errors
/// As [`patch`]; the search's; [`errors::SEVERAL`].
pub fn patch_where(
    call: &mut Call<'_>,
    own: &Partition,
    query: &Query,
    steps: &Patch,
    if_match: Option<i64>,
) -> Result<Written, Stop> {
    let id = the_id(call, own, query)?;
    patch(call, own, (&query.kind, &id), steps, if_match)
}
