//! SQL: what renews tokens.

use kernel::id::{ClientId, FacilityId};
use store::{Call, StoreError};

use super::token::{Columns, approver, columns};
use crate::{refresh::Refresh, scope::Scopes};

store::statements! {
    Node PUT_REFRESH = "INSERT INTO oauth_refresh (node_id, token_hash, code_hash, facility_id,
            client_id, scopes, certificate, session_id, staff_facility_id, staff_id, person_id,
            ends_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    Node REFRESH = "SELECT code_hash, facility_id, client_id, scopes, certificate, session_id,
            staff_facility_id, staff_id, person_id, ends_at
        FROM oauth_refresh WHERE node_id = $1 AND token_hash = $2 AND revoked_at IS NULL";
    Node USE_REFRESH = "UPDATE oauth_refresh SET used_at = $3
        WHERE node_id = $1 AND token_hash = $2 AND used_at IS NULL";
    Node REVOKE_OF_APPROVAL = "UPDATE oauth_refresh SET revoked_at = $3
        WHERE node_id = $1 AND code_hash = $2 AND revoked_at IS NULL";
    Node REVOKE_REFRESH_OF_CLIENT = "UPDATE oauth_refresh SET revoked_at = $4
        WHERE node_id = $1 AND facility_id = $2 AND client_id = $3 AND revoked_at IS NULL";
    Node SWEEP_REFRESH = "DELETE FROM oauth_refresh WHERE node_id = $1 AND ends_at <= $2";
}

pub(crate) fn put(call: &Call<'_>, hash: &[u8; 32], one: &Refresh) -> Result<(), StoreError> {
    let Columns(facility, staff, person) = columns(Some(&one.approver.whose));
    call.execute(
        &PUT_REFRESH,
        &[
            call.node_id().as_bytes().into(),
            hash.into(),
            (&one.code).into(),
            one.facility.as_bytes().into(),
            one.client.as_bytes().into(),
            (&one.scopes.to_string()).into(),
            one.certificate.as_ref().into(),
            one.approver.session.as_bytes().into(),
            facility.into(),
            staff.into(),
            person.into(),
            one.ends_at.into(),
        ],
    )?;
    Ok(())
}

/// Used or not; `None` when it was revoked.
pub(crate) fn find(call: &Call<'_>, hash: &[u8; 32]) -> Result<Option<Refresh>, StoreError> {
    let node = call.node_id();
    call.row(&REFRESH, &[node.as_bytes().into(), hash.into()], |row| {
        let broken = || StoreError::Corrupt("a refresh token");
        let certificate = row.opt_blob(4)?;
        let certificate = certificate.map(|bytes| bytes.try_into().map_err(|_| broken()));
        Ok(Refresh {
            code: row.array(0)?,
            facility: FacilityId::from_bytes(row.array(1)?),
            client: ClientId::from_bytes(row.array(2)?),
            scopes: Scopes::parse(&row.text(3)?).ok_or_else(broken)?,
            certificate: certificate.transpose()?,
            approver: approver(row, 5)?.ok_or_else(broken)?,
            ends_at: row.at(9)?,
        })
    })
}

pub(crate) fn use_up(call: &Call<'_>, hash: &[u8; 32]) -> Result<usize, StoreError> {
    let (node, at) = (call.node_id(), call.at());
    call.execute(
        &USE_REFRESH,
        &[node.as_bytes().into(), hash.into(), at.into()],
    )
}

pub(crate) fn revoke_of_code(call: &Call<'_>, code: &[u8; 32]) -> Result<usize, StoreError> {
    let (node, at) = (call.node_id(), call.at());
    call.execute(
        &REVOKE_OF_APPROVAL,
        &[node.as_bytes().into(), code.into(), at.into()],
    )
}

pub(crate) fn revoke_of_client(
    call: &Call<'_>,
    facility: FacilityId,
    id: ClientId,
) -> Result<usize, StoreError> {
    call.execute(
        &REVOKE_REFRESH_OF_CLIENT,
        &[
            call.node_id().as_bytes().into(),
            facility.as_bytes().into(),
            id.as_bytes().into(),
            call.at().into(),
        ],
    )
}

pub(crate) fn sweep(call: &Call<'_>) -> Result<usize, StoreError> {
    let (node, at) = (call.node_id(), call.at());
    call.execute(&SWEEP_REFRESH, &[node.as_bytes().into(), at.into()])
}
