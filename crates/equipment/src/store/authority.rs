//! SQL: the installation's certificate authority, and the certificates of its own servers.

use kernel::{Secret, time::Timestamp};
use store::{Call, StoreError};

const TABLE: &str = "equipment_authority";

store::statements! {
    Node PUT_AUTHORITY = "INSERT INTO equipment_authority (node_id, made_at, certificate, sealed_key)
        VALUES ($1, $2, $3, $4)";
    Node AUTHORITY = "SELECT certificate, sealed_key FROM equipment_authority WHERE node_id = $1";
    Node PUT_SERVER = "INSERT INTO equipment_server_certificate (node_id, serial, name, issued_at, ends_at)
        VALUES ($1, $2, $3, $4, $5)";
    Node SERVERS = "SELECT name, ends_at FROM equipment_server_certificate
        WHERE node_id = $1 ORDER BY issued_at DESC, serial LIMIT $2";
}

/// Root certificate and private key, both PEM.
pub(crate) fn authority(call: &Call<'_>) -> Result<Option<(String, Secret<String>)>, StoreError> {
    let node = call.node_id();
    let found = call.row(&AUTHORITY, &[node.as_bytes().into()], |row| {
        Ok((row.text(0)?, row.blob(1)?))
    })?;
    let Some((certificate, sealed)) = found else {
        return Ok(None);
    };
    let key = call.unseal_for_node(TABLE, &[node.as_bytes()], &sealed)?;
    let key = String::from_utf8(key).map_err(|_| StoreError::Corrupt("the authority's key"))?;
    Ok(Some((certificate, Secret::new(key))))
}

/// The root certificate alone, PEM.
pub(crate) fn root(call: &Call<'_>) -> Result<Option<String>, StoreError> {
    let node = call.node_id();
    call.row(&AUTHORITY, &[node.as_bytes().into()], |row| row.text(0))
}

pub(crate) fn put_authority(
    call: &Call<'_>,
    certificate: &str,
    key: &Secret<String>,
) -> Result<(), StoreError> {
    let node = call.node_id();
    let sealed = call.seal_for_node(TABLE, &[node.as_bytes()], key.reveal().as_bytes())?;
    call.execute(
        &PUT_AUTHORITY,
        &[
            node.as_bytes().into(),
            call.at().into(),
            certificate.into(),
            (&sealed).into(),
        ],
    )?;
    Ok(())
}

pub(crate) fn put_server(
    call: &Call<'_>,
    serial: &[u8; 16],
    name: &str,
    ends_at: Timestamp,
) -> Result<(), StoreError> {
    call.execute(
        &PUT_SERVER,
        &[
            call.node_id().as_bytes().into(),
            serial.into(),
            name.into(),
            call.at().into(),
            ends_at.into(),
        ],
    )?;
    Ok(())
}

pub(crate) fn servers(call: &Call<'_>, limit: i64) -> Result<Vec<(String, Timestamp)>, StoreError> {
    let node = call.node_id();
    call.rows(&SERVERS, &[node.as_bytes().into(), limit.into()], |row| {
        Ok((row.text(0)?, row.at(1)?))
    })
}
