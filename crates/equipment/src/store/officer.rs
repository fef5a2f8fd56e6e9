//! SQL: the named safety officer of the installation and of each facility.

use kernel::id::FacilityId;
use store::{Call, StoreError};

use crate::model::Officer;

const OWN: &str = "equipment_officer";
const FACILITYS: &str = "equipment_facility_officer";

store::statements! {
    Node PUT_OFFICER = "INSERT INTO equipment_officer (node_id, named_at, body) VALUES ($1, $2, $3)
        ON CONFLICT (node_id) DO UPDATE SET named_at = excluded.named_at, body = excluded.body";
    Node OFFICER = "SELECT body FROM equipment_officer WHERE node_id = $1";
    Facility PUT_FACILITY_OFFICER = "INSERT INTO equipment_facility_officer (facility_id, named_at, body)
        VALUES ($1, $2, $3)
        ON CONFLICT (facility_id) DO UPDATE SET named_at = excluded.named_at, body = excluded.body";
    Facility FACILITY_OFFICER = "SELECT body FROM equipment_facility_officer WHERE facility_id = $1";
}

fn plain(officer: &Officer) -> Result<Vec<u8>, StoreError> {
    serde_json::to_vec(officer).map_err(|_| StoreError::Corrupt("a safety officer"))
}

fn read(plain: &[u8]) -> Result<Officer, StoreError> {
    serde_json::from_slice(plain).map_err(|_| StoreError::Corrupt("a safety officer"))
}

pub(crate) fn put(call: &Call<'_>, officer: &Officer) -> Result<(), StoreError> {
    let node = call.node_id();
    let body = call.seal_for_node(OWN, &[node.as_bytes()], &plain(officer)?)?;
    let values = [node.as_bytes().into(), call.at().into(), (&body).into()];
    call.execute(&PUT_OFFICER, &values)?;
    Ok(())
}

pub(crate) fn officer(call: &Call<'_>) -> Result<Option<Officer>, StoreError> {
    let node = call.node_id();
    call.row(&OFFICER, &[node.as_bytes().into()], |row| row.blob(0))?
        .map(|body| read(&call.unseal_for_node(OWN, &[node.as_bytes()], &body)?))
        .transpose()
}

pub(crate) fn put_of(
    call: &Call<'_>,
    facility: FacilityId,
    officer: &Officer,
) -> Result<(), StoreError> {
    let key = facility.as_bytes();
    let body = call.seal_for_facility(facility, FACILITYS, &[key], &plain(officer)?)?;
    let values = [key.into(), call.at().into(), (&body).into()];
    call.execute(&PUT_FACILITY_OFFICER, &values)?;
    Ok(())
}

pub(crate) fn officer_of(
    call: &Call<'_>,
    facility: FacilityId,
) -> Result<Option<Officer>, StoreError> {
    let key = facility.as_bytes();
    call.row(&FACILITY_OFFICER, &[key.into()], |row| row.blob(0))?
        .map(|body| read(&call.unseal_for_facility(facility, FACILITYS, &[key], &body)?))
        .transpose()
}
