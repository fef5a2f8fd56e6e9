//! What doctors said about entries that were registered long ago, beside the entries.

use std::collections::BTreeMap;

use kernel::{id::PersonId, time::Timestamp};
use serde::{Deserialize, Serialize};
use store::{Call, Owner, StoreError};

use crate::model::{Item, Keys, Standing, Verdict};

store::statements! {
    Person PUT = "INSERT INTO record_standing
        (person_id, number, entry_key, content_key, at, verdict, institution, body)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    Person LAST = "SELECT number FROM record_standing
        WHERE person_id = $1 ORDER BY number DESC LIMIT 1";
    Person ALL = "SELECT number, entry_key, content_key, at, verdict, institution, body
        FROM record_standing WHERE person_id = $1 ORDER BY number DESC LIMIT $2";
}

pub(super) const TABLE: store::Table = store::Table {
    name: "record_standing",
    owner: Owner::Person,
};

/// What was said last about so many entries is read.
const READ_MAX: i64 = 2_000;
const BAD: StoreError = StoreError::Corrupt("what was said about an entry");

#[derive(Serialize, Deserialize)]
struct Body {
    f: String,
    b: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    r: String,
}

/// What was said last, by the keys of the entries.
#[derive(Default)]
pub(crate) struct Standings(BTreeMap<[u8; 32], Standing>);

impl Standings {
    /// What was said last about this entry.
    pub(crate) fn of(&self, item: &Item) -> Option<&Standing> {
        let said = [self.0.get(&item.keys.entry), self.0.get(&item.keys.content)];
        said.into_iter().flatten().max_by_key(|one| one.at)
    }
}

/// Keeps what was said.
pub(crate) fn put(
    call: &Call<'_>,
    person: PersonId,
    keys: &Keys,
    said: &Standing,
) -> Result<(), StoreError> {
    let last = call.row(&LAST, &[person.as_bytes().into()], |row| row.int(0))?;
    let number = last.unwrap_or(0).saturating_add(1);
    let body = Body {
        f: said.facility.clone(),
        b: said.by.clone(),
        r: said.reason.clone(),
    };
    let plain = serde_json::to_vec(&body).map_err(|_| BAD)?;
    let place = number.to_be_bytes();
    let body = call.seal(person, TABLE.name, &[&place], &plain)?;
    let given = [
        person.as_bytes().into(),
        number.into(),
        (&keys.entry).into(),
        (&keys.content).into(),
        said.at.into(),
        said.verdict.word().into(),
        (&said.institution).into(),
        (&body).into(),
    ];
    call.execute(&PUT, &given)?;
    Ok(())
}

/// Adds what was said last about a person's entries.
pub(crate) fn load(
    call: &Call<'_>,
    person: PersonId,
    into: &mut Standings,
) -> Result<(), StoreError> {
    type Stored = (i64, [u8; 32], [u8; 32], Timestamp, String, String, Vec<u8>);
    let given = [person.as_bytes().into(), READ_MAX.into()];
    let rows: Vec<Stored> = call.rows(&ALL, &given, |row| {
        Ok((
            row.int(0)?,
            row.array(1)?,
            row.array(2)?,
            row.at(3)?,
            row.text(4)?,
            row.text(5)?,
            row.blob(6)?,
        ))
    })?;
    for (number, entry, content, at, verdict, institution, sealed) in rows {
        let plain = call.unseal(person, TABLE.name, &[&number.to_be_bytes()], &sealed)?;
        let body: Body = serde_json::from_slice(&plain).map_err(|_| BAD)?;
        let said = Standing {
            verdict: Verdict::parse(&verdict).ok_or(BAD)?,
            at,
            facility: body.f,
            institution,
            by: body.b,
            reason: body.r,
        };
        // The newest comes first; of two registrations that were joined, the later word.
        for key in [entry, content] {
            let known = into.0.entry(key).or_insert_with(|| said.clone());
            if known.at < said.at {
                *known = said.clone();
            }
        }
    }
    Ok(())
}
