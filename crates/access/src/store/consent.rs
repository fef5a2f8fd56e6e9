//! SQL: the ledger of consent. There is no statement that changes or removes an entry.

use kernel::{
    id::{ConsentId, FacilityId, PersonId},
    time::Timestamp,
};
use store::{Call, StoreError, caller::Purpose};

use crate::consent::{Act, By, Category, Entry, Source};

store::statements! {
    Person APPEND = "INSERT INTO consent_entry (person_id, number, facility_id, category, purpose,
            act, source, method, given_by, at, expires_at, consent_id)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    Person ENTRIES = "SELECT number, facility_id, category, purpose, act, source, method, given_by,
            at, expires_at, consent_id
        FROM consent_entry WHERE person_id = $1 ORDER BY number";
}

pub(crate) fn append(call: &Call<'_>, person: PersonId, entry: &Entry) -> Result<(), StoreError> {
    call.execute(
        &APPEND,
        &[
            person.as_bytes().into(),
            entry.number.into(),
            entry.facility.as_bytes().into(),
            entry.category.word().into(),
            entry.purpose.word().into(),
            entry.act.word().into(),
            entry.source.word().into(),
            (&entry.method).into(),
            entry.by.word().into(),
            entry.at.into(),
            entry.expires_at.map(Timestamp::micros).into(),
            entry.id.as_bytes().into(),
        ],
    )?;
    Ok(())
}

fn word<T>(text: &str, parse: fn(&str) -> Option<T>) -> Result<T, StoreError> {
    parse(text).ok_or(StoreError::Corrupt("a word in the ledger of consent"))
}

pub(crate) fn entries(call: &Call<'_>, person: PersonId) -> Result<Vec<Entry>, StoreError> {
    call.rows(&ENTRIES, &[person.as_bytes().into()], |row| {
        Ok(Entry {
            number: row.int(0)?,
            facility: FacilityId::from_bytes(row.array(1)?),
            category: word(&row.text(2)?, Category::parse)?,
            purpose: word(&row.text(3)?, Purpose::parse)?,
            act: word(&row.text(4)?, Act::parse)?,
            source: word(&row.text(5)?, Source::parse)?,
            method: row.text(6)?,
            by: word(&row.text(7)?, By::parse)?,
            at: row.at(8)?,
            expires_at: row.opt_at(9)?,
            id: ConsentId::from_bytes(row.array(10)?),
        })
    })
}
