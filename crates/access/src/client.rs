//! Tokens of facilities' record systems: 256 random bits, known here only as a keyed HMAC.

use kernel::{
    Secret, hex,
    id::{ClientId, FacilityId},
    time::Timestamp,
};
use store::{Call, Stop, StoreError};

use crate::store::client as table;

/// A registered client.
#[derive(Clone, PartialEq, Eq)]
pub struct Client {
    /// Identifier.
    pub id: ClientId,
    /// Whose system.
    pub facility: FacilityId,
    /// Its name.
    pub name: String,
    /// First instant at which the token no longer holds.
    pub ends_at: Timestamp,
}

/// Registers a client; the token is shown once.
///
/// # Errors
/// [`StoreError`].
pub fn register(
    call: &mut Call<'_>,
    facility: FacilityId,
    name: &str,
    ends_at: Timestamp,
) -> Result<Secret<String>, Stop> {
    let mut token = [0; 32];
    call.rng().fill(&mut token);
    let token = hex::encode(&token);
    let client = Client {
        id: ClientId::random(call.rng()),
        facility,
        name: name.to_owned(),
        ends_at,
    };
    let key = call.directory_key("client-token", &[&token]);
    table::put_client(call, &key, &client)?;
    call.concerns(facility);
    call.detail("client", client.id.to_hex());
    Ok(Secret::new(token))
}

/// The client behind a token that still holds.
///
/// # Errors
/// [`StoreError`].
pub fn find(call: &Call<'_>, token: &str) -> Result<Option<Client>, StoreError> {
    let key = call.directory_key("client-token", &[token]);
    let client = table::client(call, &key)?;
    Ok(client.filter(|c| call.at() < c.ends_at))
}
