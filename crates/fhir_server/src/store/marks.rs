//! The index of codes: keyed hashes that lead to a person's resources.
//!
//! A row without a hash is a resource that any code may find: one from before the index, or
//! with very many codes.

use std::collections::BTreeMap;

use kernel::id::{FacilityId, PersonId};
use store::{Call, StoreError, Value};

use super::{Place, Raw, open, raw};
use crate::{
    codes::Codes,
    id::{Ids, Local, Owner},
    model::Resource,
};

store::statements! {
    Person MARK = "INSERT INTO fhir_mark (person_id, mark, local_id) VALUES ($1, $2, $3)
        ON CONFLICT (person_id, mark, local_id) DO NOTHING";
    Person UNMARK = "DELETE FROM fhir_mark
        WHERE person_id = $1 AND mark = $2 AND local_id = $3";
    Person MARKED = "SELECT local_id, version, at, deleted, document FROM fhir_resource
        WHERE person_id = $1 AND facility_id = $2 AND type = $3 AND deleted = 0
        AND local_id IN (SELECT local_id FROM fhir_mark WHERE person_id = $1 AND mark = $4)
        ORDER BY local_id LIMIT $5";
}

const TABLE: &str = "fhir_mark";
/// Bytes of a mark. Two codes that share one cost a resource opened in vain.
const BYTES: usize = 8;

fn mark(
    call: &Call<'_>,
    (facility, kind, person): (FacilityId, &str, PersonId),
    (param, code): (&str, &str),
) -> Result<Vec<u8>, StoreError> {
    let key: [&[u8]; 6] = [
        facility.as_bytes(),
        kind.as_bytes(),
        &[0],
        param.as_bytes(),
        &[0],
        code.as_bytes(),
    ];
    let tag = call.tag(person, TABLE, &key)?;
    Ok(tag.into_iter().take(BYTES).collect())
}

/// The marks of a resource; of one that any code may find, the empty one.
fn marks(
    call: &Call<'_>,
    whose: (FacilityId, &str, PersonId),
    codes: &Codes,
) -> Result<Vec<Vec<u8>>, StoreError> {
    match codes {
        Codes::Any => Ok(vec![Vec::new()]),
        Codes::These(all) => all
            .iter()
            .map(|(param, code)| mark(call, whose, (param, code)))
            .collect(),
    }
}

/// Keeps by which codes a person's resource is found, instead of those from before.
pub(crate) fn put(
    call: &Call<'_>,
    place: Place<'_>,
    before: &Codes,
    now: &Codes,
) -> Result<(), StoreError> {
    let Owner::Person(person) = place.key.owner else {
        return Ok(());
    };
    if before == now {
        return Ok(());
    }
    let whose = (place.facility, place.kind, person);
    let local: Value<'_> = (&place.key.local).into();
    for (statement, codes) in [(&UNMARK, before), (&MARK, now)] {
        for mark in marks(call, whose, codes)? {
            call.execute(
                statement,
                &[person.as_bytes().into(), (&mark).into(), local],
            )?;
        }
    }
    Ok(())
}

/// A person's current resources of a type that may have one of these codes.
pub(crate) fn list(
    call: &Call<'_>,
    ids: &Ids,
    whose: (FacilityId, &str, PersonId),
    (param, codes): (&str, &[&str]),
    limit: usize,
) -> Result<Vec<Resource>, StoreError> {
    let (facility, kind, person) = whose;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
    let mut wanted = vec![Vec::new()];
    for code in codes {
        wanted.push(mark(call, whose, (param, code))?);
    }
    let mut found: BTreeMap<Local, Raw> = BTreeMap::new();
    for mark in &wanted {
        let all = [
            person.as_bytes().into(),
            facility.as_bytes().into(),
            kind.into(),
            mark.into(),
            limit.into(),
        ];
        let some = call.rows(&MARKED, &all, raw)?;
        found.extend(some.into_iter().map(|one| (one.local, one)));
    }
    let whose = (facility, kind, Owner::Person(person));
    found
        .values()
        .map(|raw| open(call, ids, whose, raw))
        .collect()
}
