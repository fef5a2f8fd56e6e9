//! SQL: codes of the portal's screen.

use kernel::{id::PersonId, time::Timestamp};
use store::{Call, StoreError};

store::statements! {
    Directory PUT_CODE = "INSERT INTO screen_code (code_key, person_id, issued_at)
        VALUES ($1, $2, $3) ON CONFLICT (code_key) DO NOTHING";
    Directory CODE = "SELECT person_id, issued_at FROM screen_code WHERE code_key = $1";
    Directory TAKE_CODE = "DELETE FROM screen_code WHERE code_key = $1";
    Directory DROP_CODES = "DELETE FROM screen_code WHERE person_id = $1 OR issued_at < $2";
}

/// `false` when somebody has this code already.
pub(crate) fn put(call: &Call<'_>, key: &[u8; 32], person: PersonId) -> Result<bool, StoreError> {
    let who = person.as_bytes();
    let put = call.execute(&PUT_CODE, &[key.into(), who.into(), call.at().into()])?;
    Ok(put == 1)
}

/// Takes a code away: whose it was and since when. Of many who come with it one takes it.
pub(crate) fn take(
    call: &Call<'_>,
    key: &[u8; 32],
) -> Result<Option<(PersonId, Timestamp)>, StoreError> {
    let found = call.row(&CODE, &[key.into()], |row| {
        Ok((PersonId::from_bytes(row.array(0)?), row.at(1)?))
    })?;
    let taken = call.execute(&TAKE_CODE, &[key.into()])?;
    Ok(found.filter(|_| taken == 1))
}

/// Removes a person's codes, and all that were issued before `before`.
pub(crate) fn drop(call: &Call<'_>, person: PersonId, before: Timestamp) -> Result<(), StoreError> {
    call.execute(&DROP_CODES, &[person.as_bytes().into(), before.into()])?;
    Ok(())
}
