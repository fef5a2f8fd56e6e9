//! SQL: registered clients and their keys.

use kernel::{
    hex,
    id::{ClientId, FacilityId},
    net::Networks,
};
use store::{Call, Row, StoreError};

use crate::{
    client::{Client, Key, Kind, Terms},
    jwk::PublicKey,
    scope::Scopes,
};

store::statements! {
    Facility PUT_CLIENT = "INSERT INTO oauth_client (facility_id, client_id, name, kind, scopes,
            redirects, networks, certificates, needs_certificate, registered_at, ends_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    Facility CLIENT = "SELECT client_id, name, kind, scopes, redirects, networks, certificates,
            needs_certificate, registered_at, ends_at
        FROM oauth_client WHERE facility_id = $1 AND client_id = $2";
    Facility CLIENTS = "SELECT client_id, name, kind, scopes, redirects, networks, certificates,
            needs_certificate, registered_at, ends_at
        FROM oauth_client WHERE facility_id = $1 ORDER BY client_id LIMIT 200";
    Facility END_CLIENT = "UPDATE oauth_client SET ends_at = $3
        WHERE facility_id = $1 AND client_id = $2 AND ends_at > $3";
    Facility PUT_KEY = "INSERT INTO oauth_client_key (facility_id, client_id, kid, jwk, begins_at,
            ends_at)
        VALUES ($1, $2, $3, $4, $5, $6)";
    Facility KEYS = "SELECT jwk, begins_at, ends_at FROM oauth_client_key
        WHERE facility_id = $1 AND client_id = $2 ORDER BY begins_at, kid LIMIT 200";
    Facility END_KEY = "UPDATE oauth_client_key SET ends_at = $4
        WHERE facility_id = $1 AND client_id = $2 AND kid = $3 AND ends_at > $4";
    Directory PUT_DIRECTORY = "INSERT INTO oauth_client_directory (client_key, facility_id, client_id)
        VALUES ($1, $2, $3)";
    Directory FACILITY_OF = "SELECT facility_id FROM oauth_client_directory
        WHERE client_key = $1 AND client_id = $2";
    Node REVOKE_OF_CLIENT = "UPDATE oauth_token SET revoked_at = $4
        WHERE node_id = $1 AND facility_id = $2 AND client_id = $3 AND revoked_at IS NULL";
}

const TABLE: &str = "oauth_client";

fn directory_key(call: &Call<'_>, id: ClientId) -> [u8; 32] {
    call.directory_key("oauth-client", &[&id.to_hex()])
}

fn joined<T: ToString>(list: &[T]) -> String {
    let words: Vec<String> = list.iter().map(ToString::to_string).collect();
    words.join(" ")
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(' ').filter(|word| !word.is_empty())
}

pub(crate) fn put_client(call: &Call<'_>, client: &Client) -> Result<(), StoreError> {
    let (facility, id, terms) = (client.facility, client.id, &client.terms);
    let name = terms.name.as_bytes();
    let name = call.seal_for_facility(facility, TABLE, &[id.as_bytes()], name)?;
    let certificates: Vec<String> = terms.certificates.iter().map(|c| hex::encode(c)).collect();
    call.execute(
        &PUT_CLIENT,
        &[
            facility.as_bytes().into(),
            id.as_bytes().into(),
            (&name).into(),
            terms.kind.word().into(),
            (&terms.scopes.to_string()).into(),
            (&joined(&terms.redirects)).into(),
            (&terms.networks.to_string()).into(),
            (&joined(&certificates)).into(),
            terms.needs_certificate.into(),
            client.registered_at.into(),
            terms.ends_at.into(),
        ],
    )?;
    let key = directory_key(call, id);
    call.execute(
        &PUT_DIRECTORY,
        &[
            (&key).into(),
            facility.as_bytes().into(),
            id.as_bytes().into(),
        ],
    )?;
    Ok(())
}

fn read(call: &Call<'_>, facility: FacilityId, row: &Row<'_>) -> Result<Client, StoreError> {
    let broken = || StoreError::Corrupt("a client");
    let id = ClientId::from_bytes(row.array(0)?);
    let sealed = row.blob(1)?;
    let name = call.unseal_for_facility(facility, TABLE, &[id.as_bytes()], &sealed)?;
    let networks = row.text(5)?;
    let certificates = row.text(6)?;
    Ok(Client {
        id,
        facility,
        registered_at: row.at(8)?,
        terms: Terms {
            name: String::from_utf8(name).map_err(|_| broken())?,
            kind: Kind::parse(&row.text(2)?).ok_or_else(broken)?,
            scopes: Scopes::parse(&row.text(3)?).ok_or_else(broken)?,
            redirects: words(&row.text(4)?).map(str::to_owned).collect(),
            networks: Networks::parse(&networks).map_err(|_| broken())?,
            certificates: words(&certificates)
                .map(|word| hex::decode_array(word).ok_or_else(broken))
                .collect::<Result<_, _>>()?,
            needs_certificate: row.flag(7)?,
            ends_at: row.at(9)?,
        },
    })
}

pub(crate) fn client(
    call: &Call<'_>,
    facility: FacilityId,
    id: ClientId,
) -> Result<Option<Client>, StoreError> {
    call.row(
        &CLIENT,
        &[facility.as_bytes().into(), id.as_bytes().into()],
        |row| read(call, facility, row),
    )
}

pub(crate) fn clients(call: &Call<'_>, facility: FacilityId) -> Result<Vec<Client>, StoreError> {
    call.rows(&CLIENTS, &[facility.as_bytes().into()], |row| {
        read(call, facility, row)
    })
}

pub(crate) fn end_client(
    call: &Call<'_>,
    facility: FacilityId,
    id: ClientId,
) -> Result<usize, StoreError> {
    let at = call.at();
    call.execute(
        &END_CLIENT,
        &[facility.as_bytes().into(), id.as_bytes().into(), at.into()],
    )
}

pub(crate) fn revoke_of_client(
    call: &Call<'_>,
    facility: FacilityId,
    id: ClientId,
) -> Result<usize, StoreError> {
    call.execute(
        &REVOKE_OF_CLIENT,
        &[
            call.node_id().as_bytes().into(),
            facility.as_bytes().into(),
            id.as_bytes().into(),
            call.at().into(),
        ],
    )
}

pub(crate) fn put_key(
    call: &Call<'_>,
    facility: FacilityId,
    id: ClientId,
    key: &Key,
) -> Result<(), StoreError> {
    call.execute(
        &PUT_KEY,
        &[
            facility.as_bytes().into(),
            id.as_bytes().into(),
            key.public.kid().into(),
            (&key.public.to_json().to_string()).into(),
            key.begins_at.into(),
            key.ends_at.into(),
        ],
    )?;
    Ok(())
}

pub(crate) fn keys(
    call: &Call<'_>,
    facility: FacilityId,
    id: ClientId,
) -> Result<Vec<Key>, StoreError> {
    call.rows(
        &KEYS,
        &[facility.as_bytes().into(), id.as_bytes().into()],
        |row| {
            Ok(Key {
                public: PublicKey::parse(&row.text(0)?)
                    .map_err(|_| StoreError::Corrupt("a client's key"))?,
                begins_at: row.at(1)?,
                ends_at: row.at(2)?,
            })
        },
    )
}

pub(crate) fn end_key(
    call: &Call<'_>,
    facility: FacilityId,
    id: ClientId,
    kid: &str,
) -> Result<usize, StoreError> {
    call.execute(
        &END_KEY,
        &[
            facility.as_bytes().into(),
            id.as_bytes().into(),
            kid.into(),
            call.at().into(),
        ],
    )
}

pub(crate) fn facility_of(call: &Call<'_>, id: ClientId) -> Result<Option<FacilityId>, StoreError> {
    let key = directory_key(call, id);
    call.row(
        &FACILITY_OF,
        &[(&key).into(), id.as_bytes().into()],
        |row| Ok(FacilityId::from_bytes(row.array(0)?)),
    )
}
