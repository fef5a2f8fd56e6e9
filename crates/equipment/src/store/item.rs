//! SQL: the ledgers and the certificates of what stands in them.

use kernel::{
    id::{FacilityId, TerminalId},
    time::Timestamp,
};
use store::{Call, Row, StoreError};

use crate::model::{Certificate, Item, Kind, Particulars};

const TABLE: &str = "equipment_item";

store::statements! {
    Facility PUT_ITEM = "INSERT INTO equipment_item (facility_id, item_id, kind, body, registered_at)
        VALUES ($1, $2, $3, $4, $5)";
    Facility CHANGE_ITEM = "UPDATE equipment_item SET body = $3
        WHERE facility_id = $1 AND item_id = $2 AND ended_at IS NULL";
    Facility CHECK_ITEM = "UPDATE equipment_item SET checked_at = $3
        WHERE facility_id = $1 AND item_id = $2 AND ended_at IS NULL";
    Facility END_ITEM = "UPDATE equipment_item SET ended_at = $3
        WHERE facility_id = $1 AND item_id = $2 AND ended_at IS NULL";
    Facility ITEM = "SELECT item_id, kind, body, registered_at, checked_at, ended_at
        FROM equipment_item WHERE facility_id = $1 AND item_id = $2";
    Facility ITEMS = "SELECT item_id, kind, body, registered_at, checked_at, ended_at
        FROM equipment_item WHERE facility_id = $1 ORDER BY registered_at, item_id LIMIT $2";
    Facility PUT_CERTIFICATE = "INSERT INTO equipment_certificate (facility_id, serial, item_id,
            thumbprint, issued_at, ends_at)
        VALUES ($1, $2, $3, $4, $5, $6)";
    Facility END_CERTIFICATE = "UPDATE equipment_certificate SET ended_at = $3
        WHERE facility_id = $1 AND serial = $2 AND ended_at IS NULL";
    Facility CERTIFICATES = "SELECT serial, item_id, thumbprint, issued_at, ends_at, ended_at
        FROM equipment_certificate WHERE facility_id = $1 ORDER BY issued_at DESC, serial LIMIT $2";
}

fn sealed(
    call: &Call<'_>,
    facility: FacilityId,
    id: TerminalId,
    particulars: &Particulars,
) -> Result<Vec<u8>, StoreError> {
    let plain = serde_json::to_vec(particulars)
        .map_err(|_| StoreError::Corrupt("an entry of the ledger"))?;
    call.seal_for_facility(facility, TABLE, &[id.as_bytes()], &plain)
}

pub(crate) fn put(call: &Call<'_>, facility: FacilityId, item: &Item) -> Result<(), StoreError> {
    let body = sealed(call, facility, item.id, &item.particulars)?;
    call.execute(
        &PUT_ITEM,
        &[
            facility.as_bytes().into(),
            item.id.as_bytes().into(),
            item.kind.word().into(),
            (&body).into(),
            item.registered_at.into(),
        ],
    )?;
    Ok(())
}

pub(crate) fn change(
    call: &Call<'_>,
    facility: FacilityId,
    id: TerminalId,
    particulars: &Particulars,
) -> Result<bool, StoreError> {
    let body = sealed(call, facility, id, particulars)?;
    let values = [
        facility.as_bytes().into(),
        id.as_bytes().into(),
        (&body).into(),
    ];
    Ok(call.execute(&CHANGE_ITEM, &values)? == 1)
}

pub(crate) fn check(
    call: &Call<'_>,
    facility: FacilityId,
    id: TerminalId,
) -> Result<bool, StoreError> {
    let values = [
        facility.as_bytes().into(),
        id.as_bytes().into(),
        call.at().into(),
    ];
    Ok(call.execute(&CHECK_ITEM, &values)? == 1)
}

pub(crate) fn end(
    call: &Call<'_>,
    facility: FacilityId,
    id: TerminalId,
) -> Result<bool, StoreError> {
    let values = [
        facility.as_bytes().into(),
        id.as_bytes().into(),
        call.at().into(),
    ];
    Ok(call.execute(&END_ITEM, &values)? == 1)
}

fn stored(row: &Row<'_>) -> Result<(Item, Vec<u8>), StoreError> {
    let item = Item {
        id: TerminalId::from_bytes(row.array(0)?),
        kind: Kind::parse(&row.text(1)?).ok_or(StoreError::Corrupt("a kind of equipment"))?,
        particulars: Particulars::default(),
        registered_at: row.at(3)?,
        checked_at: row.opt_at(4)?,
        ended_at: row.opt_at(5)?,
    };
    Ok((item, row.blob(2)?))
}

fn open(
    call: &Call<'_>,
    facility: FacilityId,
    (mut item, body): (Item, Vec<u8>),
) -> Result<Item, StoreError> {
    let plain = call.unseal_for_facility(facility, TABLE, &[item.id.as_bytes()], &body)?;
    item.particulars = serde_json::from_slice(&plain)
        .map_err(|_| StoreError::Corrupt("an entry of the ledger"))?;
    Ok(item)
}

pub(crate) fn one(
    call: &Call<'_>,
    facility: FacilityId,
    id: TerminalId,
) -> Result<Option<Item>, StoreError> {
    let key = [facility.as_bytes().into(), id.as_bytes().into()];
    call.row(&ITEM, &key, stored)?
        .map(|found| open(call, facility, found))
        .transpose()
}

pub(crate) fn list(
    call: &Call<'_>,
    facility: FacilityId,
    limit: i64,
) -> Result<Vec<Item>, StoreError> {
    call.rows(&ITEMS, &[facility.as_bytes().into(), limit.into()], stored)?
        .into_iter()
        .map(|found| open(call, facility, found))
        .collect()
}

pub(crate) fn put_certificate(
    call: &Call<'_>,
    facility: FacilityId,
    certificate: &Certificate,
) -> Result<(), StoreError> {
    call.execute(
        &PUT_CERTIFICATE,
        &[
            facility.as_bytes().into(),
            (&certificate.serial).into(),
            certificate.item.as_bytes().into(),
            (&certificate.thumbprint).into(),
            certificate.issued_at.into(),
            certificate.ends_at.into(),
        ],
    )?;
    Ok(())
}

pub(crate) fn end_certificate(
    call: &Call<'_>,
    facility: FacilityId,
    serial: &[u8; 16],
    at: Timestamp,
) -> Result<bool, StoreError> {
    let values = [facility.as_bytes().into(), serial.into(), at.into()];
    Ok(call.execute(&END_CERTIFICATE, &values)? == 1)
}

pub(crate) fn certificates(
    call: &Call<'_>,
    facility: FacilityId,
    limit: i64,
) -> Result<Vec<Certificate>, StoreError> {
    let values = [facility.as_bytes().into(), limit.into()];
    call.rows(&CERTIFICATES, &values, |row| {
        Ok(Certificate {
            serial: row.array(0)?,
            item: TerminalId::from_bytes(row.array(1)?),
            thumbprint: row.array(2)?,
            issued_at: row.at(3)?,
            ends_at: row.at(4)?,
            ended_at: row.opt_at(5)?,
        })
    })
}
