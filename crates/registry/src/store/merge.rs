//! SQL: who was merged into whom.

use kernel::{id::PersonId, time::Timestamp};
use serde::{Deserialize, Serialize};
use store::{Call, StoreError};

use crate::merge::{Done, Merge};

store::statements! {
    Directory PUT_ALIAS = "INSERT INTO merged_directory (person_key, kept_id) VALUES ($1, $2)";
    Directory DROP_ALIAS = "DELETE FROM merged_directory WHERE person_key = $1 AND kept_id = $2";
    Directory ALIAS = "SELECT kept_id FROM merged_directory WHERE person_key = $1";
    Person PUT_MERGE = "INSERT INTO person_merge
        (person_id, number, other_id, is_kept, at, undone_at, body)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (person_id, number) DO UPDATE SET undone_at = excluded.undone_at,
        body = excluded.body";
    Person MERGES = "SELECT number, other_id, is_kept, at, undone_at, body FROM person_merge
        WHERE person_id = $1 ORDER BY number";
}

const BAD: StoreError = StoreError::Corrupt("a merge");

/// At-rest form.
#[derive(Serialize, Deserialize)]
struct Body {
    b: String,
    r: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ub: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ur: Option<String>,
}

pub(crate) fn put_alias(
    call: &Call<'_>,
    merged: PersonId,
    kept: PersonId,
) -> Result<(), StoreError> {
    call.execute(
        &PUT_ALIAS,
        &[merged.as_bytes().into(), kept.as_bytes().into()],
    )?;
    Ok(())
}

pub(crate) fn drop_alias(
    call: &Call<'_>,
    merged: PersonId,
    kept: PersonId,
) -> Result<usize, StoreError> {
    call.execute(
        &DROP_ALIAS,
        &[merged.as_bytes().into(), kept.as_bytes().into()],
    )
}

pub(crate) fn alias(call: &Call<'_>, person: PersonId) -> Result<Option<PersonId>, StoreError> {
    call.row(&ALIAS, &[person.as_bytes().into()], |row| {
        Ok(PersonId::from_bytes(row.array(0)?))
    })
}

pub(crate) fn put(call: &Call<'_>, person: PersonId, merge: &Merge) -> Result<(), StoreError> {
    let body = Body {
        b: merge.done.by.clone(),
        r: merge.done.reason.clone(),
        ub: merge.undone.as_ref().map(|undone| undone.by.clone()),
        ur: merge.undone.as_ref().map(|undone| undone.reason.clone()),
    };
    let plain = serde_json::to_vec(&body).map_err(|_| BAD)?;
    let key = merge.number.to_be_bytes();
    let sealed = call.seal(person, "person_merge", &[&key], &plain)?;
    call.execute(
        &PUT_MERGE,
        &[
            person.as_bytes().into(),
            merge.number.into(),
            merge.other.as_bytes().into(),
            merge.is_kept.into(),
            merge.done.at.into(),
            merge.undone.as_ref().map(|undone| undone.at).into(),
            (&sealed).into(),
        ],
    )?;
    Ok(())
}

/// Every merge of an opened person, undone ones too, oldest first.
pub(crate) fn of(call: &Call<'_>, person: PersonId) -> Result<Vec<Merge>, StoreError> {
    type Stored = (i64, PersonId, bool, Timestamp, Option<Timestamp>, Vec<u8>);
    let rows: Vec<Stored> = call.rows(&MERGES, &[person.as_bytes().into()], |row| {
        Ok((
            row.int(0)?,
            PersonId::from_bytes(row.array(1)?),
            row.flag(2)?,
            row.at(3)?,
            row.opt_at(4)?,
            row.blob(5)?,
        ))
    })?;
    rows.into_iter()
        .map(|(number, other, is_kept, at, undone_at, sealed)| {
            let key = number.to_be_bytes();
            let plain = call.unseal(person, "person_merge", &[&key], &sealed)?;
            let body: Body = serde_json::from_slice(&plain).map_err(|_| BAD)?;
            Ok(Merge {
                number,
                other,
                is_kept,
                done: Done {
                    at,
                    by: body.b,
                    reason: body.r,
                },
                undone: undone_at.map(|at| Done {
                    at,
                    by: body.ub.unwrap_or_default(),
                    reason: body.ur.unwrap_or_default(),
                }),
            })
        })
        .collect()
}
