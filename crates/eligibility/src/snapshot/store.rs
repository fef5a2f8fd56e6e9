//! All SQL of copies, as the platform keeps them: which system may have one, what was handed
//! over, and what was settled.

use kernel::{
    id::{ClientId, FacilityId, PersonId},
    time::Timestamp,
};
use store::{Call, Owner, Row, StoreError, Table};

use super::model::{ActId, Fetching, Handed, Reference, Run};

store::statements! {
    Facility ALLOW = "INSERT INTO eligibility_copy
        (facility_id, client_id, recipient, number, base, page, days, people, made_at)
        VALUES ($1, $2, $3, 0, 0, 0, 0, 0, $4) ON CONFLICT (facility_id, client_id) DO UPDATE SET
        recipient = excluded.recipient, run = NULL, base = 0, page = 0";
    Facility FETCHING = "SELECT recipient, number, run, base, page, days, after_person, people, made_at
        FROM eligibility_copy WHERE facility_id = $1 AND client_id = $2 FOR UPDATE";
    Facility MOVE = "UPDATE eligibility_copy SET number = $3, run = $4, base = $5, page = $6,
        days = $7, after_person = $8, people = $9, made_at = $10 WHERE facility_id = $1 AND client_id = $2";
    Facility FORGET = "DELETE FROM eligibility_copy_person WHERE facility_id = $1 AND client_id = $2";
    Facility PEOPLE = "SELECT DISTINCT person_id FROM eligibility_visit
        WHERE facility_id = $1 AND at > $2 AND person_id > $3 ORDER BY person_id LIMIT $4";
    Facility CAME = "SELECT at FROM eligibility_visit
        WHERE facility_id = $1 AND person_id = $2 AND at > $3 ORDER BY at DESC LIMIT 1";
    Facility HANDED = "SELECT person_id, reference, version, number FROM eligibility_copy_person
        WHERE facility_id = $1 AND client_id = $2 AND person_id > $3 AND person_id <= $4
        ORDER BY person_id LIMIT $5";
    Facility HAND = "INSERT INTO eligibility_copy_person
        (facility_id, client_id, person_id, reference, version, number)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (facility_id, client_id, person_id) DO UPDATE SET
        version = excluded.version, number = excluded.number";
    Facility LET_GO = "DELETE FROM eligibility_copy_person
        WHERE facility_id = $1 AND client_id = $2 AND person_id = $3";
    Facility WHO = "SELECT person_id FROM eligibility_copy_person
        WHERE facility_id = $1 AND client_id = $2 AND reference = $3";
    Facility SETTLED = "SELECT digest, body FROM eligibility_offline_act
        WHERE facility_id = $1 AND act_id = $2";
    Facility SETTLE = "INSERT INTO eligibility_offline_act
        (facility_id, act_id, at, settled_at, digest, body) VALUES ($1, $2, $3, $4, $5, $6)";
}

pub(crate) const TABLES: [Table; 3] = [
    Table {
        name: "eligibility_copy",
        owner: Owner::Facility,
    },
    Table {
        name: "eligibility_copy_person",
        owner: Owner::Facility,
    },
    Table {
        name: "eligibility_offline_act",
        owner: Owner::Facility,
    },
];

/// Whose copies: a facility's system.
#[derive(Clone, Copy)]
pub(super) struct Whose {
    pub facility: FacilityId,
    pub client: ClientId,
}

pub(super) fn allow(call: &Call<'_>, whose: Whose, recipient: &str) -> Result<(), StoreError> {
    let (facility, client) = (whose.facility.as_bytes(), whose.client.as_bytes());
    let values = [
        facility.into(),
        client.into(),
        recipient.into(),
        call.at().into(),
    ];
    call.execute(&ALLOW, &values)?;
    // What was encrypted to another key nobody holds any more.
    call.execute(&FORGET, &[facility.into(), client.into()])?;
    Ok(())
}

pub(super) fn fetching(call: &Call<'_>, whose: Whose) -> Result<Option<Fetching>, StoreError> {
    let (facility, client) = (whose.facility.as_bytes(), whose.client.as_bytes());
    let sixteen = |row: &Row<'_>, at| -> Result<Option<[u8; 16]>, StoreError> {
        row.opt_blob(at)?
            .map(|bytes| {
                bytes
                    .try_into()
                    .map_err(|_| StoreError::Corrupt("16 bytes"))
            })
            .transpose()
    };
    call.row(&FETCHING, &[facility.into(), client.into()], |row| {
        Ok(Fetching {
            recipient: row.text(0)?,
            number: row.int(1)?,
            run: sixteen(row, 2)?.map(Run::from_bytes),
            base: row.int(3)?,
            page: row.int(4)?,
            days: row.int(5)?,
            after: sixteen(row, 6)?.map(PersonId::from_bytes),
            people: row.int(7)?,
            made_at: row.at(8)?,
        })
    })
}

pub(super) fn keep(call: &Call<'_>, whose: Whose, now: &Fetching) -> Result<(), StoreError> {
    let (facility, client) = (whose.facility.as_bytes(), whose.client.as_bytes());
    let values = [
        facility.into(),
        client.into(),
        now.number.into(),
        now.run.as_ref().map(Run::as_bytes).into(),
        now.base.into(),
        now.page.into(),
        now.days.into(),
        now.after.as_ref().map(PersonId::as_bytes).into(),
        now.people.into(),
        now.made_at.into(),
    ];
    call.execute(&MOVE, &values)?;
    Ok(())
}

/// Who came to the facility after `since`, in order, after a person.
pub(super) fn people(
    call: &Call<'_>,
    facility: FacilityId,
    since: Timestamp,
    after: Option<PersonId>,
    limit: i64,
) -> Result<Vec<PersonId>, StoreError> {
    let after: &[u8] = after.as_ref().map_or(&[], |person| person.as_bytes());
    let facility = facility.as_bytes();
    let values = [facility.into(), since.into(), after.into(), limit.into()];
    call.rows(&PEOPLE, &values, |row| {
        Ok(PersonId::from_bytes(row.array(0)?))
    })
}

/// Did somebody come to the facility after `since`?
pub(super) fn came(
    call: &Call<'_>,
    facility: FacilityId,
    person: PersonId,
    since: Timestamp,
) -> Result<bool, StoreError> {
    let (facility, person) = (facility.as_bytes(), person.as_bytes());
    let values = [facility.into(), person.into(), since.into()];
    Ok(call.row(&CAME, &values, |row| row.at(0))?.is_some())
}

/// What was handed over about people behind `after`, up to `upto`.
pub(super) fn handed(
    call: &Call<'_>,
    whose: Whose,
    (after, upto): (Option<PersonId>, PersonId),
    limit: i64,
) -> Result<Vec<Handed>, StoreError> {
    let (facility, client) = (whose.facility.as_bytes(), whose.client.as_bytes());
    let after: &[u8] = after.as_ref().map_or(&[], |person| person.as_bytes());
    let values = [
        facility.into(),
        client.into(),
        after.into(),
        upto.as_bytes().into(),
        limit.into(),
    ];
    call.rows(&HANDED, &values, |row| {
        Ok(Handed {
            person: PersonId::from_bytes(row.array(0)?),
            reference: Reference::from_bytes(row.array(1)?),
            version: row.int(2)?,
            number: row.int(3)?,
        })
    })
}

pub(super) fn hand(call: &Call<'_>, whose: Whose, handed: &Handed) -> Result<(), StoreError> {
    let (facility, client) = (whose.facility.as_bytes(), whose.client.as_bytes());
    let values = [
        facility.into(),
        client.into(),
        handed.person.as_bytes().into(),
        handed.reference.as_bytes().into(),
        handed.version.into(),
        handed.number.into(),
    ];
    call.execute(&HAND, &values)?;
    Ok(())
}

pub(super) fn let_go(call: &Call<'_>, whose: Whose, person: PersonId) -> Result<(), StoreError> {
    let (facility, client) = (whose.facility.as_bytes(), whose.client.as_bytes());
    let values = [facility.into(), client.into(), person.as_bytes().into()];
    call.execute(&LET_GO, &values)?;
    Ok(())
}

/// Who a patient of a system's copies is.
pub(super) fn who(
    call: &Call<'_>,
    whose: Whose,
    reference: Reference,
) -> Result<Option<PersonId>, StoreError> {
    let (facility, client) = (whose.facility.as_bytes(), whose.client.as_bytes());
    let values = [facility.into(), client.into(), reference.as_bytes().into()];
    call.row(&WHO, &values, |row| Ok(PersonId::from_bytes(row.array(0)?)))
}

/// An act that was settled.
pub(super) struct Settled {
    /// What tells it from another under the same key.
    pub digest: [u8; 32],
    /// What was answered.
    pub answer: Vec<u8>,
}

/// A settled act.
pub(super) fn settled(
    call: &Call<'_>,
    facility: FacilityId,
    act: ActId,
) -> Result<Option<Settled>, StoreError> {
    let values = [facility.as_bytes().into(), act.as_bytes().into()];
    let found = call.row(&SETTLED, &values, |row| Ok((row.array(0)?, row.blob(1)?)))?;
    let Some((digest, sealed)) = found else {
        return Ok(None);
    };
    let key = act.as_bytes();
    let answer = call.unseal_for_facility(facility, "eligibility_offline_act", &[key], &sealed)?;
    Ok(Some(Settled { digest, answer }))
}

pub(super) fn put_settled(
    call: &Call<'_>,
    facility: FacilityId,
    (act, at): (ActId, Timestamp),
    digest: &[u8; 32],
    answer: &[u8],
) -> Result<(), StoreError> {
    let key = act.as_bytes();
    let sealed = call.seal_for_facility(facility, "eligibility_offline_act", &[key], answer)?;
    let values = [
        facility.as_bytes().into(),
        key.into(),
        at.into(),
        call.at().into(),
        digest.into(),
        (&sealed).into(),
    ];
    call.execute(&SETTLE, &values)?;
    Ok(())
}
