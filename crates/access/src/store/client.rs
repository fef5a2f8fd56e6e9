//! SQL: record systems and their tokens.

use kernel::id::{ClientId, FacilityId};
use store::{Call, StoreError};

use crate::client::Client;

store::statements! {
    Directory PUT_CLIENT = "INSERT INTO client_token (token_key, facility_id, client_id, name, ends_at)
        VALUES ($1, $2, $3, $4, $5)";
    Directory CLIENT = "SELECT facility_id, client_id, name, ends_at FROM client_token
        WHERE token_key = $1";
}

pub(crate) fn put_client(
    call: &Call<'_>,
    key: &[u8; 32],
    client: &Client,
) -> Result<(), StoreError> {
    call.execute(
        &PUT_CLIENT,
        &[
            key.into(),
            client.facility.as_bytes().into(),
            client.id.as_bytes().into(),
            (&client.name).into(),
            client.ends_at.into(),
        ],
    )?;
    Ok(())
}

pub(crate) fn client(call: &Call<'_>, key: &[u8; 32]) -> Result<Option<Client>, StoreError> {
    call.row(&CLIENT, &[key.into()], |row| {
        Ok(Client {
            facility: FacilityId::from_bytes(row.array(0)?),
            id: ClientId::from_bytes(row.array(1)?),
            name: row.text(2)?,
            ends_at: row.at(3)?,
        })
    })
}
