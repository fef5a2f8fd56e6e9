//! All SQL of the own partition, and the at-rest form of a resource.

pub(crate) mod marks;
mod packed;

use kernel::{
    id::{FacilityId, PersonId},
    time::Timestamp,
};
use store::{Call, Migration, Row, Schema, StoreError, Table, Value};

pub(crate) use packed::{pack, unpack};

use crate::{
    id::{Ids, Key, Local, Owner},
    model::Resource,
};

store::statements! {
    Person PUT = "INSERT INTO fhir_resource
        (person_id, facility_id, type, local_id, version, at, deleted, document)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    Person KEEP = "INSERT INTO fhir_history
        (person_id, facility_id, type, local_id, version, at, deleted, document)
        SELECT person_id, facility_id, type, local_id, version, at, deleted, document
        FROM fhir_resource
        WHERE person_id = $1 AND facility_id = $2 AND type = $3 AND local_id = $4";
    Person CHANGE = "UPDATE fhir_resource SET version = $5, at = $6, deleted = $7, document = $8
        WHERE person_id = $1 AND facility_id = $2 AND type = $3 AND local_id = $4";
    Person GET = "SELECT local_id, version, at, deleted, document FROM fhir_resource
        WHERE person_id = $1 AND facility_id = $2 AND type = $3 AND local_id = $4";
    Person LIST = "SELECT local_id, version, at, deleted, document FROM fhir_resource
        WHERE person_id = $1 AND facility_id = $2 AND type = $3 AND local_id > $4 AND deleted = 0
        ORDER BY local_id LIMIT $5";
    Person HAS = "SELECT version FROM fhir_resource
        WHERE person_id = $1 AND facility_id = $2 AND type = $3 AND local_id = $4 AND deleted = 0";
    Person TYPES = "SELECT type, COUNT(*) FROM fhir_resource
        WHERE person_id = $1 AND facility_id = $2 AND deleted = 0 GROUP BY type ORDER BY type";
    Person HISTORY = "SELECT local_id, version, at, deleted, document FROM fhir_history
        WHERE person_id = $1 AND facility_id = $2 AND type = $3 AND local_id = $4 AND version < $5
        ORDER BY version DESC LIMIT $6";
    Person VERSIONS = "SELECT local_id, version, at, deleted, document FROM fhir_resource
        WHERE person_id = $1 AND facility_id = $2 AND type = $3
        ORDER BY at DESC, local_id LIMIT $4";
    Person OLD_VERSIONS = "SELECT local_id, version, at, deleted, document FROM fhir_history
        WHERE person_id = $1 AND facility_id = $2 AND type = $3
        ORDER BY at DESC, local_id, version DESC LIMIT $4";
    Facility PUT_OWN = "INSERT INTO fhir_facility_resource
        (facility_id, type, local_id, version, at, deleted, document)
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    Facility KEEP_OWN = "INSERT INTO fhir_facility_history
        (facility_id, type, local_id, version, at, deleted, document)
        SELECT facility_id, type, local_id, version, at, deleted, document
        FROM fhir_facility_resource
        WHERE facility_id = $1 AND type = $2 AND local_id = $3";
    Facility CHANGE_OWN = "UPDATE fhir_facility_resource
        SET version = $4, at = $5, deleted = $6, document = $7
        WHERE facility_id = $1 AND type = $2 AND local_id = $3";
    Facility GET_OWN = "SELECT local_id, version, at, deleted, document FROM fhir_facility_resource
        WHERE facility_id = $1 AND type = $2 AND local_id = $3";
    Facility LIST_OWN = "SELECT local_id, version, at, deleted, document FROM fhir_facility_resource
        WHERE facility_id = $1 AND type = $2 AND local_id > $3 AND deleted = 0
        ORDER BY local_id LIMIT $4";
    Facility HISTORY_OWN = "SELECT local_id, version, at, deleted, document
        FROM fhir_facility_history
        WHERE facility_id = $1 AND type = $2 AND local_id = $3 AND version < $4
        ORDER BY version DESC LIMIT $5";
    Facility HEAD = "INSERT INTO fhir_facility_head (facility_id, version) VALUES ($1, 1)
        ON CONFLICT (facility_id) DO UPDATE SET version = fhir_facility_head.version + 1";
    Facility PUT_KEY = "INSERT INTO fhir_patient_key (facility_id, key, person_id)
        VALUES ($1, $2, $3) ON CONFLICT (facility_id, key, person_id) DO NOTHING";
    Facility DROP_KEYS = "DELETE FROM fhir_patient_key WHERE facility_id = $1 AND person_id = $2";
    Facility BY_KEY = "SELECT person_id FROM fhir_patient_key
        WHERE facility_id = $1 AND key = $2 ORDER BY person_id LIMIT 3";
}

/// Part of each envelope's place; a version keeps its envelope when it becomes history.
const PERSONAL: &str = "fhir_resource";
const OWN: &str = "fhir_facility_resource";

/// The storage of the own partition.
#[must_use]
pub fn schema() -> Schema {
    const fn table(name: &'static str, owner: store::Owner) -> Table {
        Table { name, owner }
    }
    const TABLES: &[Table] = &[
        table("fhir_resource", store::Owner::Person),
        table("fhir_history", store::Owner::Person),
        table("fhir_mark", store::Owner::Person),
        table("fhir_facility_resource", store::Owner::Facility),
        table("fhir_facility_history", store::Owner::Facility),
        table("fhir_facility_head", store::Owner::Facility),
        table("fhir_patient_key", store::Owner::Facility),
        table("fhir_endpoint", store::Owner::Facility),
        table("fhir_subscription", store::Owner::Facility),
        table("fhir_event", store::Owner::Facility),
        table("fhir_export", store::Owner::Facility),
        table("fhir_export_file", store::Owner::Person),
    ];
    Schema {
        service: "fhir_server",
        tables: TABLES,
        migrations: &[
            Migration {
                number: 1,
                name: "resources",
                sqlite: include_str!("../migrations/sqlite/0001_resources.sql"),
                postgres: include_str!("../migrations/postgres/0001_resources.sql"),
            },
            Migration {
                number: 2,
                name: "operations",
                sqlite: include_str!("../migrations/sqlite/0002_operations.sql"),
                postgres: include_str!("../migrations/postgres/0002_operations.sql"),
            },
            Migration {
                number: 3,
                name: "marks",
                sqlite: include_str!("../migrations/sqlite/0003_marks.sql"),
                postgres: include_str!("../migrations/postgres/0003_marks.sql"),
            },
        ],
        statements: [
            STATEMENTS,
            marks::STATEMENTS,
            crate::subscriptions::store::STATEMENTS,
            crate::export::store::STATEMENTS,
        ]
        .concat(),
    }
}

/// Where a resource stands: facility, type, owner and which.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub facility: FacilityId,
    pub kind: &'a str,
    pub key: Key,
}

/// One version as it is kept.
#[derive(Clone, Copy)]
pub(crate) struct Version<'a> {
    pub number: i64,
    pub is_deleted: bool,
    /// Packed text; empty for a deletion.
    pub packed: &'a [u8],
}

fn seal(call: &Call<'_>, place: Place<'_>, version: Version<'_>) -> Result<Vec<u8>, StoreError> {
    let number = version.number.to_be_bytes();
    let (facility, local) = (place.facility.as_bytes(), &place.key.local);
    let key: [&[u8]; 4] = [facility, place.kind.as_bytes(), local, &number];
    match place.key.owner {
        Owner::Person(person) => call.seal(person, PERSONAL, &key, version.packed),
        Owner::Facility => call.seal_for_facility(place.facility, OWN, &key, version.packed),
    }
}

/// Adds the first version of a resource.
pub(crate) fn put(
    call: &Call<'_>,
    place: Place<'_>,
    version: Version<'_>,
) -> Result<(), StoreError> {
    let document = seal(call, place, version)?;
    let facility = place.facility.as_bytes().into();
    let rest: [Value<'_>; 6] = [
        place.kind.into(),
        (&place.key.local).into(),
        version.number.into(),
        call.at().into(),
        version.is_deleted.into(),
        (&document).into(),
    ];
    let [kind, local, number, at, deleted, document] = rest;
    match place.key.owner {
        Owner::Person(person) => {
            let person = person.as_bytes().into();
            let all = [person, facility, kind, local, number, at, deleted, document];
            call.execute(&PUT, &all)?
        }
        Owner::Facility => {
            let all = [facility, kind, local, number, at, deleted, document];
            call.execute(&PUT_OWN, &all)?
        }
    };
    Ok(())
}

/// Puts the current version into history and writes the next.
pub(crate) fn change(
    call: &Call<'_>,
    place: Place<'_>,
    version: Version<'_>,
) -> Result<(), StoreError> {
    let document = seal(call, place, version)?;
    let facility: Value<'_> = place.facility.as_bytes().into();
    let (kind, local): (Value<'_>, Value<'_>) = (place.kind.into(), (&place.key.local).into());
    let new: [Value<'_>; 4] = [
        version.number.into(),
        call.at().into(),
        version.is_deleted.into(),
        (&document).into(),
    ];
    let [number, at, deleted, document] = new;
    match place.key.owner {
        Owner::Person(person) => {
            let person: Value<'_> = person.as_bytes().into();
            call.execute(&KEEP, &[person, facility, kind, local])?;
            let all = [person, facility, kind, local, number, at, deleted, document];
            call.execute(&CHANGE, &all)?
        }
        Owner::Facility => {
            call.execute(&KEEP_OWN, &[facility, kind, local])?;
            let all = [facility, kind, local, number, at, deleted, document];
            call.execute(&CHANGE_OWN, &all)?
        }
    };
    Ok(())
}

/// A row before its envelope is opened.
struct Raw {
    local: Local,
    version: i64,
    at: Timestamp,
    is_deleted: bool,
    document: Vec<u8>,
}

fn raw(row: &Row<'_>) -> Result<Raw, StoreError> {
    Ok(Raw {
        local: row.array(0)?,
        version: row.int(1)?,
        at: row.at(2)?,
        is_deleted: row.int(3)? != 0,
        document: row.blob(4)?,
    })
}

fn open(
    call: &Call<'_>,
    ids: &Ids,
    (facility, kind, owner): (FacilityId, &str, Owner),
    raw: &Raw,
) -> Result<Resource, StoreError> {
    let number = raw.version.to_be_bytes();
    let place: [&[u8]; 4] = [facility.as_bytes(), kind.as_bytes(), &raw.local, &number];
    let packed = match owner {
        Owner::Person(person) => call.unseal(person, PERSONAL, &place, &raw.document)?,
        Owner::Facility => call.unseal_for_facility(facility, OWN, &place, &raw.document)?,
    };
    let key = Key {
        owner,
        local: raw.local,
    };
    let text = if raw.is_deleted {
        String::new()
    } else {
        unpack(&packed)?
    };
    Ok(Resource {
        kind: kind.to_owned(),
        key,
        id: ids.seal(kind, key),
        version: raw.version,
        at: raw.at,
        is_deleted: raw.is_deleted,
        text,
    })
}

/// The current version of a resource, a deletion too.
pub(crate) fn get(
    call: &Call<'_>,
    ids: &Ids,
    place: Place<'_>,
) -> Result<Option<Resource>, StoreError> {
    let facility: Value<'_> = place.facility.as_bytes().into();
    let (kind, local): (Value<'_>, Value<'_>) = (place.kind.into(), (&place.key.local).into());
    let found = match place.key.owner {
        Owner::Person(person) => {
            let all = [person.as_bytes().into(), facility, kind, local];
            call.row(&GET, &all, raw)?
        }
        Owner::Facility => call.row(&GET_OWN, &[facility, kind, local], raw)?,
    };
    let whose = (place.facility, place.kind, place.key.owner);
    found.map(|raw| open(call, ids, whose, &raw)).transpose()
}

/// Is a person's resource there, and not deleted?
pub(crate) fn has(
    call: &Call<'_>,
    facility: FacilityId,
    kind: &str,
    (person, local): (PersonId, Local),
) -> Result<bool, StoreError> {
    let all: [Value<'_>; 4] = [
        person.as_bytes().into(),
        facility.as_bytes().into(),
        kind.into(),
        (&local).into(),
    ];
    Ok(call.row(&HAS, &all, |row| row.int(0))?.is_some())
}

/// The current versions of one owner's resources of a type, behind `after`.
pub(crate) fn list(
    call: &Call<'_>,
    ids: &Ids,
    (facility, kind, owner): (FacilityId, &str, Owner),
    after: Option<Local>,
    limit: i64,
) -> Result<Vec<Resource>, StoreError> {
    let place: Value<'_> = facility.as_bytes().into();
    // Nothing is before the empty text, so every id of 8 bytes is behind it.
    let after: Vec<u8> = after.map(Vec::from).unwrap_or_default();
    let after: Value<'_> = (&after).into();
    let found = match owner {
        Owner::Person(person) => {
            let all = [
                person.as_bytes().into(),
                place,
                kind.into(),
                after,
                limit.into(),
            ];
            call.rows(&LIST, &all, raw)?
        }
        Owner::Facility => call.rows(&LIST_OWN, &[place, kind.into(), after, limit.into()], raw)?,
    };
    let whose = (facility, kind, owner);
    found
        .iter()
        .map(|raw| open(call, ids, whose, raw))
        .collect()
}

/// The types that a person has resources of at this facility, and how many of each.
pub(crate) fn types(
    call: &Call<'_>,
    facility: FacilityId,
    person: PersonId,
) -> Result<Vec<(String, i64)>, StoreError> {
    let all = [person.as_bytes().into(), facility.as_bytes().into()];
    call.rows(&TYPES, &all, |row| Ok((row.text(0)?, row.int(1)?)))
}

/// Versions of a resource before `below`, newest first.
pub(crate) fn history(
    call: &Call<'_>,
    ids: &Ids,
    place: Place<'_>,
    below: i64,
    limit: i64,
) -> Result<Vec<Resource>, StoreError> {
    let facility: Value<'_> = place.facility.as_bytes().into();
    let (kind, local): (Value<'_>, Value<'_>) = (place.kind.into(), (&place.key.local).into());
    let (below, limit) = (below.into(), limit.into());
    let found = match place.key.owner {
        Owner::Person(person) => {
            let all = [
                person.as_bytes().into(),
                facility,
                kind,
                local,
                below,
                limit,
            ];
            call.rows(&HISTORY, &all, raw)?
        }
        Owner::Facility => {
            let all = [facility, kind, local, below, limit];
            call.rows(&HISTORY_OWN, &all, raw)?
        }
    };
    let whose = (place.facility, place.kind, place.key.owner);
    found
        .iter()
        .map(|raw| open(call, ids, whose, raw))
        .collect()
}

/// Every version of a person's resources of a type, deletions too.
pub(crate) fn versions(
    call: &Call<'_>,
    ids: &Ids,
    (facility, kind, owner): (FacilityId, &str, Owner),
    limit: i64,
) -> Result<Vec<Resource>, StoreError> {
    let Owner::Person(person) = owner else {
        return Ok(Vec::new());
    };
    let all: [Value<'_>; 4] = [
        person.as_bytes().into(),
        facility.as_bytes().into(),
        kind.into(),
        limit.into(),
    ];
    let mut found = call.rows(&VERSIONS, &all, raw)?;
    found.extend(call.rows(&OLD_VERSIONS, &all, raw)?);
    let whose = (facility, kind, owner);
    found
        .iter()
        .map(|raw| open(call, ids, whose, raw))
        .collect()
}

/// Takes the lock of a facility's own resources until the transaction ends.
pub(crate) fn lock_facility(call: &Call<'_>, facility: FacilityId) -> Result<(), StoreError> {
    let all: [Value<'_>; 1] = [facility.as_bytes().into()];
    call.execute(&HEAD, &all).map(|_| ())
}

fn identifier_key(
    call: &Call<'_>,
    facility: FacilityId,
    (system, value): (&str, &str),
) -> [u8; 32] {
    // A number in wide digits is the same number.
    let value = kernel::code::half_width(value);
    call.directory_key("fhir-patient", &[&facility.to_hex(), system, &value])
}

/// Keeps by which identifiers a facility finds a person's Patient: the new ones, or none.
pub(crate) fn put_keys(
    call: &Call<'_>,
    facility: FacilityId,
    person: PersonId,
    identifiers: &[(String, String)],
) -> Result<(), StoreError> {
    let place: Value<'_> = facility.as_bytes().into();
    call.execute(&DROP_KEYS, &[place, person.as_bytes().into()])?;
    for (system, value) in identifiers {
        let key = identifier_key(call, facility, (system, value));
        call.execute(&PUT_KEY, &[place, (&key).into(), person.as_bytes().into()])?;
    }
    Ok(())
}

/// Whose Patient has this identifier at the facility; three at most.
pub(crate) fn by_key(
    call: &Call<'_>,
    facility: FacilityId,
    identifier: (&str, &str),
) -> Result<Vec<PersonId>, StoreError> {
    let key = identifier_key(call, facility, identifier);
    let all = [facility.as_bytes().into(), (&key).into()];
    call.rows(&BY_KEY, &all, |row| Ok(PersonId::from_bytes(row.array(0)?)))
}
