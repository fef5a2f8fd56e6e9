//! Create, and conditional create.
//!
//! Source: FHIR R4 http.html#create, #ccreate.

use kernel::id::PersonId;
use store::{Call, Stop};

use super::{Partition, Right, Written, lock, may, no, owner_of, search::on};
use crate::{
    codes::Codes,
    draft::Draft,
    errors,
    id::{Key, Local, Owner},
    identity,
    model::Resource,
    search::Query,
    store::{self as table, Version, marks},
    subscriptions::model::Change,
};

/// Keeps a new resource, unless the owner has one that meets the condition.
///
/// # Errors
/// The catalogue's; the store's.
pub fn create(
    call: &mut Call<'_>,
    own: &Partition,
    draft: &Draft,
    packed: &[u8],
    if_none_exist: Option<&Query>,
) -> Result<Written, Stop> {
    may(call, Right::Create, &draft.kind)?;
    let named = owner_of(call, own, draft)?;
    let people = lock(call, own.facility, named.owner)?;
    check_patient(call, own, draft, named)?;
    if let Some(query) = if_none_exist
        && let Some(there) = the_one(call, own, query, (named.owner, &people))?
    {
        return Ok(Written::found(there));
    }
    put_new(call, own, draft, (named.owner, &people), packed)
}

/// The one resource of a locked owner that meets a condition.
///
/// # Errors
/// [`errors::SEVERAL`]; the store's.
pub(crate) fn the_one(
    call: &Call<'_>,
    own: &Partition,
    query: &Query,
    (owner, people): (Owner, &[PersonId]),
) -> Result<Option<Resource>, Stop> {
    let owners = match owner {
        Owner::Facility => vec![Owner::Facility],
        Owner::Person(_) => people.iter().copied().map(Owner::Person).collect(),
    };
    let mut found = on(call, own, query, owners)?;
    // However many a page shows.
    match found.total {
        0 | 1 => Ok(found.matches.pop()),
        _ => Err(Stop::from(&errors::SEVERAL)),
    }
}

/// The Patient that a resource names is there. Of a Patient, the date of birth is the person's.
pub(crate) fn check_patient(
    call: &Call<'_>,
    own: &Partition,
    draft: &Draft,
    named: Key,
) -> Result<(), Stop> {
    let Owner::Person(person) = named.owner else {
        return Ok(());
    };
    if let Some(identity) = &draft.identity {
        return identity::check_birth(call, person, identity);
    }
    for reference in &draft.patients {
        let id = crate::draft::patient_id(reference, &own.origin);
        let local = id.and_then(|id| own.ids.open("Patient", id));
        let local = local.map_or(named.local, |key| key.local);
        if !table::has(call, own.facility, "Patient", (person, local))? {
            return Err(no(&errors::PATIENT_UNKNOWN, &draft.kind, reference));
        }
    }
    Ok(())
}

/// Writes the first version under a locked owner and a new id.
pub(crate) fn put_new(
    call: &Call<'_>,
    own: &Partition,
    draft: &Draft,
    (owner, people): (Owner, &[PersonId]),
    packed: &[u8],
) -> Result<Written, Stop> {
    let mut local = Local::default();
    call.rng().fill(&mut local);
    put_at(call, own, draft, (Key { owner, local }, people), packed)
}

/// The same under an id that is given already.
pub(crate) fn put_at(
    call: &Call<'_>,
    own: &Partition,
    draft: &Draft,
    (key, people): (Key, &[PersonId]),
    packed: &[u8],
) -> Result<Written, Stop> {
    if let (Some(identity), Owner::Person(person)) = (&draft.identity, key.owner) {
        for one in people {
            let whose = (own.facility, "Patient", Owner::Person(*one));
            if let Some(there) = table::list(call, &own.ids, whose, None, 1)?.first() {
                let there = there.reference();
                return Err(no(&errors::PATIENT_EXISTS, "Patient", &there));
            }
        }
        table::put_keys(call, own.facility, person, &identity.identifiers)?;
    }
    let first = Version {
        number: 1,
        is_deleted: false,
        packed,
    };
    let place = own.place(&draft.kind, key);
    table::put(call, place, first)?;
    marks::put(call, place, &Codes::none(), &draft.codes)?;
    let id = own.ids.seal(&draft.kind, key);
    own.tell(call, Change::Created, &draft.kind, &id)?;
    Ok(Written {
        key,
        id,
        version: 1,
        at: call.at(),
        is_created: true,
        text: None,
    })
}
