//! SQL: the directory of certificates, whose they are and were, and the times of 利用登録.

use kernel::{id::PersonId, time::Timestamp};
use store::{Call, Row, StoreError};

use crate::model::{CardState, EndReason, HeldCertificate, InsuranceUse, Medium};

const TABLE: &str = "held_certificate";

store::statements! {
    Directory PUT_CARD = "INSERT INTO card_directory (key, person_id, registered_at, state)
        VALUES ($1, $2, $3, $4) ON CONFLICT (key) DO NOTHING";
    // Whoever was merged into somebody leads to them.
    Directory BY_CARD = "SELECT COALESCE(m.kept_id, d.person_id), d.state
        FROM card_directory d LEFT JOIN merged_directory m ON m.person_key = d.person_id
        WHERE d.key = $1";
    Directory SET_STATE = "UPDATE card_directory SET state = $2 WHERE key = $1";
    Person PUT_HELD = "INSERT INTO held_certificate
        (person_id, number, directory_key, medium, from_at, label) VALUES ($1, $2, $3, $4, $5, $6)";
    Person HELD = "SELECT number, directory_key, medium, from_at, ended_at, end_reason, label
        FROM held_certificate WHERE person_id = $1
        ORDER BY (ended_at IS NULL) DESC, number DESC LIMIT $2";
    Person END_HELD = "UPDATE held_certificate SET ended_at = $3, end_reason = $4
        WHERE person_id = $1 AND number = $2 AND ended_at IS NULL";
    Person PUT_USE = "INSERT INTO insurance_use (person_id, number, from_at) VALUES ($1, $2, $3)";
    Person USES = "SELECT number, from_at, until_at FROM insurance_use
        WHERE person_id = $1 ORDER BY number DESC LIMIT $2";
    Person END_USE = "UPDATE insurance_use SET until_at = $3
        WHERE person_id = $1 AND number = $2 AND until_at IS NULL";
}

/// Most certificates, and most times of registration, that are read of one person: whatever
/// holds, then the newest.
pub(crate) const KEPT_MAX: i64 = 500;

pub(crate) fn put_card(
    call: &Call<'_>,
    key: &[u8; 32],
    person: PersonId,
    state: CardState,
) -> Result<bool, StoreError> {
    let who = person.as_bytes();
    let row = [
        key.into(),
        who.into(),
        call.at().into(),
        state.code().into(),
    ];
    Ok(call.execute(&PUT_CARD, &row)? == 1)
}

pub(crate) fn by_card(
    call: &Call<'_>,
    key: &[u8; 32],
) -> Result<Option<(PersonId, CardState)>, StoreError> {
    call.row(&BY_CARD, &[key.into()], |row| {
        let state = CardState::from_code(&row.text(1)?);
        let state = state.ok_or(StoreError::Corrupt("a card's state"))?;
        Ok((PersonId::from_bytes(row.array(0)?), state))
    })
}

pub(crate) fn set_state(
    call: &Call<'_>,
    key: &[u8; 32],
    state: CardState,
) -> Result<(), StoreError> {
    call.execute(&SET_STATE, &[key.into(), state.code().into()])?;
    Ok(())
}

/// A certificate with its place in the directory.
pub(crate) struct Held {
    pub key: [u8; 32],
    pub certificate: HeldCertificate,
}

pub(crate) fn put_held(
    call: &Call<'_>,
    person: PersonId,
    key: &[u8; 32],
    certificate: &HeldCertificate,
) -> Result<(), StoreError> {
    let number = certificate.number.to_be_bytes();
    let label = match certificate.label.as_str() {
        "" => None,
        label => Some(call.seal(person, TABLE, &[&number], label.as_bytes())?),
    };
    call.execute(
        &PUT_HELD,
        &[
            person.as_bytes().into(),
            certificate.number.into(),
            key.into(),
            certificate.medium.code().into(),
            certificate.from.into(),
            label.as_ref().into(),
        ],
    )?;
    Ok(())
}

fn row_of(row: &Row<'_>) -> Result<(Held, Option<Vec<u8>>), StoreError> {
    const BAD: StoreError = StoreError::Corrupt("a held certificate");
    let reason = row.opt_text(5)?;
    let end = match (row.opt_at(4)?, reason.as_deref()) {
        (None, None) => None,
        (Some(at), Some(word)) => Some((at, EndReason::from_code(word).ok_or(BAD)?)),
        _ => return Err(BAD),
    };
    let certificate = HeldCertificate {
        number: row.int(0)?,
        medium: Medium::from_code(&row.text(2)?).ok_or(BAD)?,
        label: String::new(),
        from: row.at(3)?,
        end,
    };
    let held = Held {
        key: row.array(1)?,
        certificate,
    };
    Ok((held, row.opt_blob(6)?))
}

pub(crate) fn held(call: &Call<'_>, person: PersonId) -> Result<Vec<Held>, StoreError> {
    let rows = call.rows(&HELD, &[person.as_bytes().into(), KEPT_MAX.into()], row_of)?;
    let mut all = Vec::new();
    for (mut held, label) in rows {
        if let Some(label) = label {
            let number = held.certificate.number.to_be_bytes();
            let plain = call.unseal(person, TABLE, &[&number], &label)?;
            held.certificate.label =
                String::from_utf8(plain).map_err(|_| StoreError::Corrupt("a held certificate"))?;
        }
        all.push(held);
    }
    all.sort_by_key(|held: &Held| held.certificate.number);
    Ok(all)
}

pub(crate) fn end_held(
    call: &Call<'_>,
    person: PersonId,
    number: i64,
    reason: EndReason,
) -> Result<(), StoreError> {
    call.execute(
        &END_HELD,
        &[
            person.as_bytes().into(),
            number.into(),
            call.at().into(),
            reason.code().into(),
        ],
    )?;
    Ok(())
}

pub(crate) fn put_use(
    call: &Call<'_>,
    person: PersonId,
    number: i64,
    from: Timestamp,
) -> Result<(), StoreError> {
    let who = person.as_bytes();
    call.execute(&PUT_USE, &[who.into(), number.into(), from.into()])?;
    Ok(())
}

pub(crate) fn uses(call: &Call<'_>, person: PersonId) -> Result<Vec<InsuranceUse>, StoreError> {
    let bounds = [person.as_bytes().into(), KEPT_MAX.into()];
    let mut all = call.rows(&USES, &bounds, |row| {
        Ok(InsuranceUse {
            number: row.int(0)?,
            from: row.at(1)?,
            until: row.opt_at(2)?,
        })
    })?;
    all.reverse();
    Ok(all)
}

pub(crate) fn end_use(call: &Call<'_>, person: PersonId, number: i64) -> Result<(), StoreError> {
    let who = person.as_bytes();
    call.execute(&END_USE, &[who.into(), number.into(), call.at().into()])?;
    Ok(())
}
