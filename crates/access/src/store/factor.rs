//! SQL: second factors beside the authenticator app, and the state of a passkey's ceremony.

use kernel::{
    Secret,
    id::{FacilityId, FactorId, StaffId},
    time::Timestamp,
};
use store::{Call, StoreError};

use crate::factor::{Factor, Kind};

store::statements! {
    Facility PUT_FACTOR = "INSERT INTO staff_factor (facility_id, staff_id, factor_id, kind, label,
            secret, added_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    Facility FACTORS = "SELECT factor_id, kind, label, secret, added_at, used_at FROM staff_factor
        WHERE facility_id = $1 AND staff_id = $2 ORDER BY added_at, factor_id LIMIT 20";
    Facility NOTE_FACTOR = "UPDATE staff_factor SET secret = $4, used_at = $5
        WHERE facility_id = $1 AND staff_id = $2 AND factor_id = $3";
    Facility REMOVE_FACTOR = "DELETE FROM staff_factor
        WHERE facility_id = $1 AND staff_id = $2 AND factor_id = $3";
    Directory PUT_PASSKEY = "INSERT INTO staff_passkey (credential_key, facility_id, staff_id)
        VALUES ($1, $2, $3) ON CONFLICT (credential_key) DO NOTHING";
    Directory REMOVE_PASSKEY = "DELETE FROM staff_passkey WHERE credential_key = $1";
    Node PUT_CEREMONY = "INSERT INTO passkey_ceremony (node_id, token_hash, kind, state, begun_at)
        VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (node_id, token_hash, kind) DO UPDATE SET state = $4, begun_at = $5";
    Node CEREMONY = "SELECT state, begun_at FROM passkey_ceremony
        WHERE node_id = $1 AND token_hash = $2 AND kind = $3";
    Node END_CEREMONY = "DELETE FROM passkey_ceremony
        WHERE node_id = $1 AND token_hash = $2 AND kind = $3";
    Node SWEEP_CEREMONIES = "DELETE FROM passkey_ceremony WHERE node_id = $1 AND begun_at < $2";
}

const TABLE: &str = "staff_factor";

/// Where an account is.
type Place = (FacilityId, StaffId);

fn seal(
    call: &Call<'_>,
    (facility, staff): Place,
    id: FactorId,
    column: &[u8],
    plain: &[u8],
) -> Result<Vec<u8>, StoreError> {
    let key: [&[u8]; 3] = [staff.as_bytes(), id.as_bytes(), column];
    call.seal_for_facility(facility, TABLE, &key, plain)
}

pub(crate) fn put(call: &Call<'_>, place: Place, factor: &Factor) -> Result<(), StoreError> {
    let label = seal(call, place, factor.id, b"label", factor.label.as_bytes())?;
    let secret = seal(call, place, factor.id, b"secret", factor.secret.reveal())?;
    call.execute(
        &PUT_FACTOR,
        &[
            place.0.as_bytes().into(),
            place.1.as_bytes().into(),
            factor.id.as_bytes().into(),
            factor.kind.word().into(),
            (&label).into(),
            (&secret).into(),
            factor.added_at.into(),
        ],
    )?;
    Ok(())
}

pub(crate) fn list(call: &Call<'_>, place: Place) -> Result<Vec<Factor>, StoreError> {
    let key = [place.0.as_bytes().into(), place.1.as_bytes().into()];
    let rows = call.rows(&FACTORS, &key, |row| {
        let factor = Factor {
            id: FactorId::from_bytes(row.array(0)?),
            kind: Kind::parse(&row.text(1)?).ok_or(StoreError::Corrupt("a factor"))?,
            label: String::new(),
            secret: Secret::new(Vec::new()),
            added_at: row.at(4)?,
            used_at: row.opt_at(5)?,
        };
        Ok((factor, row.blob(2)?, row.blob(3)?))
    })?;
    rows.into_iter()
        .map(|(mut factor, label, secret)| {
            let open = |column: &[u8], sealed: &[u8]| {
                let key: [&[u8]; 3] = [place.1.as_bytes(), factor.id.as_bytes(), column];
                call.unseal_for_facility(place.0, TABLE, &key, sealed)
            };
            let label = open(b"label", &label)?;
            let secret = open(b"secret", &secret)?;
            factor.label = String::from_utf8(label).map_err(|_| StoreError::Corrupt("a label"))?;
            factor.secret = Secret::new(secret);
            Ok(factor)
        })
        .collect()
}

pub(crate) fn note_use(
    call: &Call<'_>,
    place: Place,
    id: FactorId,
    secret: &[u8],
) -> Result<usize, StoreError> {
    let sealed = seal(call, place, id, b"secret", secret)?;
    call.execute(
        &NOTE_FACTOR,
        &[
            place.0.as_bytes().into(),
            place.1.as_bytes().into(),
            id.as_bytes().into(),
            (&sealed).into(),
            call.at().into(),
        ],
    )
}

pub(crate) fn remove(call: &Call<'_>, place: Place, id: FactorId) -> Result<usize, StoreError> {
    call.execute(
        &REMOVE_FACTOR,
        &[
            place.0.as_bytes().into(),
            place.1.as_bytes().into(),
            id.as_bytes().into(),
        ],
    )
}

/// `false` when the credential belongs to an account already.
pub(crate) fn put_passkey(
    call: &Call<'_>,
    key: &[u8; 32],
    place: Place,
) -> Result<bool, StoreError> {
    let values = [
        key.into(),
        place.0.as_bytes().into(),
        place.1.as_bytes().into(),
    ];
    Ok(call.execute(&PUT_PASSKEY, &values)? == 1)
}

pub(crate) fn remove_passkey(call: &Call<'_>, key: &[u8; 32]) -> Result<usize, StoreError> {
    call.execute(&REMOVE_PASSKEY, &[key.into()])
}

pub(crate) fn put_ceremony(
    call: &Call<'_>,
    token_hash: &[u8; 32],
    kind: &str,
    state: &[u8],
) -> Result<(), StoreError> {
    call.execute(
        &PUT_CEREMONY,
        &[
            call.node_id().as_bytes().into(),
            token_hash.into(),
            kind.into(),
            state.into(),
            call.at().into(),
        ],
    )?;
    Ok(())
}

/// Takes the state out: it is good for one answer.
pub(crate) fn take_ceremony(
    call: &Call<'_>,
    token_hash: &[u8; 32],
    kind: &str,
) -> Result<Option<(Vec<u8>, Timestamp)>, StoreError> {
    let node = call.node_id();
    let key = [node.as_bytes().into(), token_hash.into(), kind.into()];
    let found = call.row(&CEREMONY, &key, |row| Ok((row.blob(0)?, row.at(1)?)))?;
    // Of two answers at once only one takes it.
    let taken = call.execute(&END_CEREMONY, &key)? == 1;
    Ok(found.filter(|_| taken))
}

pub(crate) fn sweep_ceremonies(call: &Call<'_>, before: Timestamp) -> Result<usize, StoreError> {
    call.execute(
        &SWEEP_CEREMONIES,
        &[call.node_id().as_bytes().into(), before.into()],
    )
}
