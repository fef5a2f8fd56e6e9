//! Update: a new version of a resource that is there. Ids are the server's, so nothing is
//! created by an address that leads nowhere.
//!
//! Source: FHIR R4 http.html#update, #cond-update.

use kernel::id::PersonId;
use store::{Call, Stop};

use super::{
    Partition, Right, Written,
    create::{check_patient, put_new, the_one},
    lock, may, no, owner_of,
};
use crate::{
    codes::Codes,
    draft::Draft,
    errors,
    id::{Key, Owner},
    model::Resource,
    search::Query,
    store::{self as table, Version, marks},
    subscriptions::model::Change,
};

/// Writes the next version of a resource.
///
/// # Errors
/// [`errors::UPDATE_ABSENT`], [`errors::GONE`], [`errors::VERSION`], [`errors::OTHER_PATIENT`];
/// the store's.
pub fn update(
    call: &mut Call<'_>,
    own: &Partition,
    id: &str,
    (draft, packed): (&Draft, &[u8]),
    if_match: Option<i64>,
) -> Result<Written, Stop> {
    may(call, Right::Update, &draft.kind)?;
    let absent = || Stop::from(&errors::UPDATE_ABSENT);
    let key = own.ids.open(&draft.kind, id).ok_or_else(absent)?;
    let people = lock(call, own.facility, key.owner)?;
    let found = table::get(call, &own.ids, own.place(&draft.kind, key))?.ok_or_else(absent)?;
    replace(call, own, &found, &people, (draft, packed), if_match)
}

/// Updates the one resource that meets the condition, or creates it when there is none.
///
/// # Errors
/// As [`update`], and [`errors::SEVERAL`].
pub fn update_where(
    call: &mut Call<'_>,
    own: &Partition,
    query: &Query,
    (draft, packed): (&Draft, &[u8]),
    if_match: Option<i64>,
) -> Result<Written, Stop> {
    may(call, Right::Update, &draft.kind)?;
    let named = owner_of(call, own, draft)?;
    let people = lock(call, own.facility, named.owner)?;
    match the_one(call, own, query, (named.owner, &people))? {
        Some(found) => {
            if draft.id.as_ref().is_some_and(|id| *id != found.id) {
                return Err(no(&errors::ID, "id", ""));
            }
            replace(call, own, &found, &people, (draft, packed), if_match)
        }
        None if draft.id.is_some() => Err(Stop::from(&errors::UPDATE_ABSENT)),
        None => {
            may(call, Right::Create, &draft.kind)?;
            check_patient(call, own, draft, named)?;
            put_new(call, own, draft, (named.owner, &people), packed)
        }
    }
}

/// The version that the caller knows must be the current one.
pub(crate) fn check_version(found: &Resource, if_match: Option<i64>) -> Result<(), Stop> {
    match if_match {
        Some(known) if known != found.version => {
            let current = found.etag();
            Err(no(&errors::VERSION, "If-Match", &current))
        }
        _ => Ok(()),
    }
}

/// Writes the next version; the owner is locked, and its people are these.
pub(crate) fn replace(
    call: &Call<'_>,
    own: &Partition,
    found: &Resource,
    people: &[PersonId],
    what: (&Draft, &[u8]),
    if_match: Option<i64>,
) -> Result<Written, Stop> {
    if found.is_deleted {
        return Err(Stop::from(&errors::GONE));
    }
    check_version(found, if_match)?;
    let named = owner_of(call, own, what.0)?;
    replace_named(call, own, found, people, what, (named, if_match))
}

/// The same when it is known whom the new version names.
pub(crate) fn replace_named(
    call: &Call<'_>,
    own: &Partition,
    found: &Resource,
    people: &[PersonId],
    (draft, packed): (&Draft, &[u8]),
    (named, if_match): (Key, Option<i64>),
) -> Result<Written, Stop> {
    if found.is_deleted {
        return Err(Stop::from(&errors::GONE));
    }
    check_version(found, if_match)?;
    let is_same = match named.owner {
        Owner::Facility => found.key.owner == Owner::Facility,
        Owner::Person(person) => people.contains(&person),
    };
    if !is_same {
        return Err(no(&errors::OTHER_PATIENT, &draft.kind, ""));
    }
    check_patient(call, own, draft, named)?;
    if let (Some(identity), Owner::Person(person)) = (&draft.identity, found.key.owner) {
        table::put_keys(call, own.facility, person, &identity.identifiers)?;
    }
    write(call, own, found, (packed, &draft.codes))
}

/// Writes `packed` as the version after `found`; it is found by these codes from now on.
pub(crate) fn write(
    call: &Call<'_>,
    own: &Partition,
    found: &Resource,
    (packed, codes): (&[u8], &Codes),
) -> Result<Written, Stop> {
    let next = Version {
        number: found.version.saturating_add(1),
        is_deleted: packed.is_empty(),
        packed,
    };
    let place = own.place(&found.kind, found.key);
    table::change(call, place, next)?;
    marks::put(
        call,
        place,
        &Codes::of_text(&found.kind, &found.text),
        codes,
    )?;
    let change = if next.is_deleted {
        Change::Deleted
    } else {
        Change::Updated
    };
    own.tell(call, change, &found.kind, &found.id)?;
    Ok(Written {
        key: found.key,
        id: found.id.clone(),
        version: next.number,
        at: call.at(),
        is_created: false,
        text: None,
    })
}
