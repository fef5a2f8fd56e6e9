//! SQL: tokens, authorization codes, used assertions, and the key that signs ID tokens.

use kernel::{
    id::{ClientId, FacilityId, PersonId, SessionId, StaffId},
    time::Timestamp,
};
use store::{Call, Row, StoreError};

use crate::{
    scope::Scopes,
    session::Whose,
    token::{Approver, Grant, Token},
};

store::statements! {
    Node PUT_TOKEN = "INSERT INTO oauth_token (node_id, token_hash, facility_id, client_id, scopes,
            certificate, code_hash, session_id, staff_facility_id, staff_id, person_id, issued_at,
            ends_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
    Node TOKEN = "SELECT facility_id, client_id, scopes, certificate, session_id,
            staff_facility_id, staff_id, person_id, issued_at, ends_at
        FROM oauth_token WHERE node_id = $1 AND token_hash = $2 AND revoked_at IS NULL";
    Node REVOKE = "UPDATE oauth_token SET revoked_at = $4
        WHERE node_id = $1 AND token_hash = $2 AND client_id = $3 AND revoked_at IS NULL
            AND ends_at > $4";
    Node REVOKE_OF_CODE = "UPDATE oauth_token SET revoked_at = $3
        WHERE node_id = $1 AND code_hash = $2 AND revoked_at IS NULL";
    Node SWEEP_TOKENS = "DELETE FROM oauth_token WHERE node_id = $1 AND ends_at <= $2";
    Node PUT_CODE = "INSERT INTO oauth_code (node_id, code_hash, facility_id, client_id, redirect,
            challenge, nonce, scopes, session_id, staff_facility_id, staff_id, person_id, issued_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
    Node CODE = "SELECT facility_id, client_id, redirect, challenge, nonce, scopes, session_id,
            staff_facility_id, staff_id, person_id, issued_at
        FROM oauth_code WHERE node_id = $1 AND code_hash = $2";
    Node USE_CODE = "UPDATE oauth_code SET used_at = $3
        WHERE node_id = $1 AND code_hash = $2 AND used_at IS NULL";
    Node SWEEP_CODES = "DELETE FROM oauth_code WHERE node_id = $1 AND issued_at <= $2";
    Node PUT_JTI = "INSERT INTO oauth_jti (node_id, jti_hash, ends_at) VALUES ($1, $2, $3)
        ON CONFLICT (node_id, jti_hash) DO NOTHING";
    Node SWEEP_JTI = "DELETE FROM oauth_jti WHERE node_id = $1 AND ends_at <= $2";
    Node PUT_IDENTITY_KEY = "INSERT INTO oauth_identity_key (node_id, kid, private_key, made_at)
        VALUES ($1, $2, $3, $4)";
    Node IDENTITY_KEYS = "SELECT kid, private_key, made_at FROM oauth_identity_key
        WHERE node_id = $1 ORDER BY made_at DESC, kid LIMIT 4";
}

const IDENTITY_TABLE: &str = "oauth_identity_key";

/// The three columns of who approved.
pub(super) struct Columns<'a>(
    pub(super) Option<&'a [u8; 16]>,
    pub(super) Option<&'a [u8; 16]>,
    pub(super) Option<&'a [u8; 16]>,
);

pub(super) fn columns(whose: Option<&Whose>) -> Columns<'_> {
    match whose {
        Some(Whose::Staff(facility, staff)) => {
            Columns(Some(facility.as_bytes()), Some(staff.as_bytes()), None)
        }
        Some(Whose::Patient(person)) => Columns(None, None, Some(person.as_bytes())),
        None => Columns(None, None, None),
    }
}

fn id(row: &Row<'_>, column: usize) -> Result<Option<[u8; 16]>, StoreError> {
    let bytes = row.opt_blob(column)?;
    let id = bytes.map(|bytes| bytes.try_into().map_err(|_| StoreError::Corrupt("a token")));
    id.transpose()
}

/// Who approved, from four columns beginning with the session.
pub(super) fn approver(row: &Row<'_>, first: usize) -> Result<Option<Approver>, StoreError> {
    let ids = (
        id(row, first)?,
        id(row, first + 1)?,
        id(row, first + 2)?,
        id(row, first + 3)?,
    );
    let (session, whose) = match ids {
        (None, None, None, None) => return Ok(None),
        (Some(session), Some(facility), Some(staff), None) => {
            let (facility, staff) = (FacilityId::from_bytes(facility), StaffId::from_bytes(staff));
            (session, Whose::Staff(facility, staff))
        }
        (Some(session), None, None, Some(person)) => {
            (session, Whose::Patient(PersonId::from_bytes(person)))
        }
        _ => return Err(StoreError::Corrupt("a token")),
    };
    let session = SessionId::from_bytes(session);
    Ok(Some(Approver { whose, session }))
}

pub(crate) fn put_token(
    call: &Call<'_>,
    hash: &[u8; 32],
    token: &Token,
    code: Option<&[u8; 32]>,
) -> Result<(), StoreError> {
    let approver = token.approver.as_ref();
    let Columns(facility, staff, person) = columns(approver.map(|a| &a.whose));
    call.execute(
        &PUT_TOKEN,
        &[
            call.node_id().as_bytes().into(),
            hash.into(),
            token.facility.as_bytes().into(),
            token.client.as_bytes().into(),
            (&token.scopes).into(),
            token.certificate.as_ref().into(),
            code.into(),
            approver.map(|a| a.session.as_bytes()).into(),
            facility.into(),
            staff.into(),
            person.into(),
            token.issued_at.into(),
            token.ends_at.into(),
        ],
    )?;
    Ok(())
}

pub(crate) fn token(call: &Call<'_>, hash: &[u8; 32]) -> Result<Option<Token>, StoreError> {
    let node = call.node_id();
    call.row(&TOKEN, &[node.as_bytes().into(), hash.into()], |row| {
        let certificate = row.opt_blob(3)?.map(|bytes| {
            let bytes = bytes.try_into();
            bytes.map_err(|_| StoreError::Corrupt("a token"))
        });
        Ok(Token {
            facility: FacilityId::from_bytes(row.array(0)?),
            client: ClientId::from_bytes(row.array(1)?),
            scopes: row.text(2)?,
            certificate: certificate.transpose()?,
            approver: approver(row, 4)?,
            issued_at: row.at(8)?,
            ends_at: row.at(9)?,
        })
    })
}

pub(crate) fn revoke(
    call: &Call<'_>,
    hash: &[u8; 32],
    client: ClientId,
) -> Result<usize, StoreError> {
    call.execute(
        &REVOKE,
        &[
            call.node_id().as_bytes().into(),
            hash.into(),
            client.as_bytes().into(),
            call.at().into(),
        ],
    )
}

pub(crate) fn revoke_of_code(call: &Call<'_>, code: &[u8; 32]) -> Result<usize, StoreError> {
    let (node, at) = (call.node_id(), call.at());
    call.execute(
        &REVOKE_OF_CODE,
        &[node.as_bytes().into(), code.into(), at.into()],
    )
}

pub(crate) fn sweep_tokens(call: &Call<'_>) -> Result<usize, StoreError> {
    let (node, at) = (call.node_id(), call.at());
    call.execute(&SWEEP_TOKENS, &[node.as_bytes().into(), at.into()])
}

pub(crate) fn put_code(call: &Call<'_>, hash: &[u8; 32], grant: &Grant) -> Result<(), StoreError> {
    let Columns(facility, staff, person) = columns(Some(&grant.approver.whose));
    call.execute(
        &PUT_CODE,
        &[
            call.node_id().as_bytes().into(),
            hash.into(),
            grant.facility.as_bytes().into(),
            grant.client.as_bytes().into(),
            (&grant.redirect).into(),
            (&grant.challenge).into(),
            (&grant.nonce).into(),
            (&grant.scopes.to_string()).into(),
            grant.approver.session.as_bytes().into(),
            facility.into(),
            staff.into(),
            person.into(),
            grant.issued_at.into(),
        ],
    )?;
    Ok(())
}

pub(crate) fn code(call: &Call<'_>, hash: &[u8; 32]) -> Result<Option<Grant>, StoreError> {
    let node = call.node_id();
    call.row(&CODE, &[node.as_bytes().into(), hash.into()], |row| {
        let broken = || StoreError::Corrupt("an authorization code");
        Ok(Grant {
            facility: FacilityId::from_bytes(row.array(0)?),
            client: ClientId::from_bytes(row.array(1)?),
            redirect: row.text(2)?,
            challenge: row.text(3)?,
            nonce: row.text(4)?,
            scopes: Scopes::parse(&row.text(5)?).ok_or_else(broken)?,
            approver: approver(row, 6)?.ok_or_else(broken)?,
            issued_at: row.at(10)?,
        })
    })
}

pub(crate) fn use_code(call: &Call<'_>, hash: &[u8; 32]) -> Result<usize, StoreError> {
    let (node, at) = (call.node_id(), call.at());
    call.execute(&USE_CODE, &[node.as_bytes().into(), hash.into(), at.into()])
}

pub(crate) fn sweep_codes(call: &Call<'_>, before: Timestamp) -> Result<usize, StoreError> {
    let node = call.node_id();
    call.execute(&SWEEP_CODES, &[node.as_bytes().into(), before.into()])
}

pub(crate) fn put_jti(
    call: &Call<'_>,
    hash: &[u8; 32],
    ends_at: Timestamp,
) -> Result<usize, StoreError> {
    let node = call.node_id();
    call.execute(
        &PUT_JTI,
        &[node.as_bytes().into(), hash.into(), ends_at.into()],
    )
}

pub(crate) fn sweep_jti(call: &Call<'_>) -> Result<usize, StoreError> {
    let (node, at) = (call.node_id(), call.at());
    call.execute(&SWEEP_JTI, &[node.as_bytes().into(), at.into()])
}

pub(crate) fn put_identity_key(
    call: &Call<'_>,
    kid: &str,
    private: &[u8],
) -> Result<(), StoreError> {
    let node = call.node_id();
    let sealed = call.seal_for_node(IDENTITY_TABLE, &[kid.as_bytes()], private)?;
    call.execute(
        &PUT_IDENTITY_KEY,
        &[
            node.as_bytes().into(),
            kid.into(),
            (&sealed).into(),
            call.at().into(),
        ],
    )?;
    Ok(())
}

/// Name and private half of each key, newest first.
pub(crate) fn identity_keys(call: &Call<'_>) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
    let node = call.node_id();
    call.rows(&IDENTITY_KEYS, &[node.as_bytes().into()], |row| {
        let kid = row.text(0)?;
        let sealed = row.blob(1)?;
        let private = call.unseal_for_node(IDENTITY_TABLE, &[kid.as_bytes()], &sealed)?;
        Ok((kid, private))
    })
}
