//! Read, and read of one version.
//!
//! Source: FHIR R4 http.html#read, #vread.

use store::{Call, Stop};

use super::{Partition, Right, may, open};
use crate::{errors, model::Resource, store as table};

/// The current version; a deleted resource is gone.
///
/// # Errors
/// [`errors::ABSENT`], [`errors::GONE`]; the store's.
pub fn read(call: &mut Call<'_>, own: &Partition, kind: &str, id: &str) -> Result<Resource, Stop> {
    let found = current(call, own, kind, id)?;
    if found.is_deleted {
        return Err(Stop::from(&errors::GONE));
    }
    Ok(found)
}

/// The current version, which may be a deletion.
pub(crate) fn current(
    call: &mut Call<'_>,
    own: &Partition,
    kind: &str,
    id: &str,
) -> Result<Resource, Stop> {
    may(call, Right::Read, kind)?;
    let key = own.key(kind, id)?;
    open(call, key.owner)?;
    let found = table::get(call, &own.ids, own.place(kind, key))?;
    found.ok_or_else(|| Stop::from(&errors::ABSENT))
}

/// One version of a resource.
///
/// # Errors
/// [`errors::ABSENT`]; [`errors::GONE`] when that version is a deletion; the store's.
pub fn version(
    call: &mut Call<'_>,
    own: &Partition,
    (kind, id): (&str, &str),
    number: i64,
) -> Result<Resource, Stop> {
    let found = current(call, own, kind, id)?;
    version_of(call, own, found, Some(number))
}

/// Another version of a resource that is open, or itself.
pub(crate) fn version_of(
    call: &Call<'_>,
    own: &Partition,
    found: Resource,
    number: Option<i64>,
) -> Result<Resource, Stop> {
    let found = match number {
        Some(number) if number != found.version => {
            let place = own.place(&found.kind, found.key);
            let before = table::history(call, &own.ids, place, number.saturating_add(1), 1)?;
            let one = before.into_iter().find(|one| one.version == number);
            one.ok_or_else(|| Stop::from(&errors::ABSENT))?
        }
        _ => found,
    };
    if found.is_deleted {
        return Err(Stop::from(&errors::GONE));
    }
    Ok(found)
}
