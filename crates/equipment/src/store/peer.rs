//! SQL: who has connected, and the alerts about them.

use kernel::{id::FacilityId, time::Timestamp};
use serde::de::DeserializeOwned;
use store::{Call, Row, StoreError};

use crate::model::{Alert, AlertId, Peer, Settlement, Why};

const PEER: &str = "equipment_peer";
const ALERT: &str = "equipment_alert";

store::statements! {
    Node PUT_PEER = "INSERT INTO equipment_peer (node_id, peer_key, facility_id, body, first_at, last_at,
            requests)
        VALUES ($1, $2, $3, $4, $5, $5, $6)";
    Node SEE_PEER = "UPDATE equipment_peer SET last_at = $3, requests = requests + $4
        WHERE node_id = $1 AND peer_key = $2";
    Node SWEEP_PEERS = "DELETE FROM equipment_peer WHERE node_id = $1 AND last_at < $2";
    Node PEERS = "SELECT peer_key, body, last_at FROM equipment_peer
        WHERE node_id = $1 AND facility_id = $2 ORDER BY last_at DESC, peer_key LIMIT $3";
    Node PUT_ALERT = "INSERT INTO equipment_alert (node_id, alert_id, peer_key, facility_id, why, body,
            first_at, last_at, requests)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8)";
    Node SEE_ALERT = "UPDATE equipment_alert SET last_at = $3, requests = requests + $4
        WHERE node_id = $1 AND peer_key = $2 AND why = $5 AND settled_at IS NULL";
    Node SETTLE_ALERT = "UPDATE equipment_alert SET settled_at = $3, settlement = $4
        WHERE node_id = $1 AND alert_id = $2 AND settled_at IS NULL";
    Node ALERT_ONE = "SELECT alert_id, facility_id, why, body, first_at, last_at, requests, settled_at,
            settlement
        FROM equipment_alert WHERE node_id = $1 AND alert_id = $2";
    Node ALERTS = "SELECT alert_id, facility_id, why, body, first_at, last_at, requests, settled_at,
            settlement
        FROM equipment_alert WHERE node_id = $1 AND facility_id = $2
        ORDER BY first_at DESC, alert_id LIMIT $3";
    Node OPEN_ALERTS = "SELECT alert_id, facility_id, why, body, first_at, last_at, requests, settled_at,
            settlement
        FROM equipment_alert WHERE node_id = $1 AND settled_at IS NULL
        ORDER BY first_at DESC, alert_id LIMIT $2";
    Node COUNT_OPEN = "SELECT COUNT(*) FROM equipment_alert WHERE node_id = $1 AND settled_at IS NULL";
}

fn read<T: DeserializeOwned>(plain: &[u8]) -> Result<T, StoreError> {
    serde_json::from_slice(plain).map_err(|_| StoreError::Corrupt("a peer"))
}

fn plain<T: serde::Serialize>(value: &T) -> Result<Vec<u8>, StoreError> {
    serde_json::to_vec(value).map_err(|_| StoreError::Corrupt("a peer"))
}

/// What was seen of a peer in one round.
pub(crate) struct Seen<'a> {
    pub key: [u8; 32],
    pub facility: Option<FacilityId>,
    pub peer: &'a Peer,
    pub last: Timestamp,
    pub requests: i64,
}

pub(crate) fn see(call: &Call<'_>, seen: &Seen<'_>) -> Result<(), StoreError> {
    let node = call.node_id();
    let known = [
        node.as_bytes().into(),
        (&seen.key).into(),
        seen.last.into(),
        seen.requests.into(),
    ];
    if call.execute(&SEE_PEER, &known)? == 0 {
        let body = call.seal_for_node(PEER, &[&seen.key], &plain(seen.peer)?)?;
        let facility = seen.facility;
        call.execute(
            &PUT_PEER,
            &[
                node.as_bytes().into(),
                (&seen.key).into(),
                facility.as_ref().map(FacilityId::as_bytes).into(),
                (&body).into(),
                seen.last.into(),
                seen.requests.into(),
            ],
        )?;
    }
    Ok(())
}

pub(crate) fn sweep(call: &Call<'_>, before: Timestamp) -> Result<usize, StoreError> {
    let node = call.node_id();
    let values = [node.as_bytes().into(), before.into()];
    call.execute(&SWEEP_PEERS, &values)
}

/// The peers of a facility, the latest first.
pub(crate) fn peers(
    call: &Call<'_>,
    facility: FacilityId,
    limit: i64,
) -> Result<Vec<(Peer, Timestamp)>, StoreError> {
    let node = call.node_id();
    let values = [
        node.as_bytes().into(),
        facility.as_bytes().into(),
        limit.into(),
    ];
    let rows = call.rows(&PEERS, &values, |row| {
        Ok((row.array::<32>(0)?, row.blob(1)?, row.at(2)?))
    })?;
    rows.into_iter()
        .map(|(key, body, last)| {
            let peer = read(&call.unseal_for_node(PEER, &[&key], &body)?)?;
            Ok((peer, last))
        })
        .collect()
}

/// Counts an open alert once more, or raises a new one; `true` for a new one.
pub(crate) fn raise(
    call: &Call<'_>,
    seen: &Seen<'_>,
    why: Why,
    id: AlertId,
) -> Result<bool, StoreError> {
    let node = call.node_id();
    let again = [
        node.as_bytes().into(),
        (&seen.key).into(),
        seen.last.into(),
        seen.requests.into(),
        why.word().into(),
    ];
    if call.execute(&SEE_ALERT, &again)? > 0 {
        return Ok(false);
    }
    let body = call.seal_for_node(ALERT, &[&id], &plain(seen.peer)?)?;
    let facility = seen.facility;
    call.execute(
        &PUT_ALERT,
        &[
            node.as_bytes().into(),
            (&id).into(),
            (&seen.key).into(),
            facility.as_ref().map(FacilityId::as_bytes).into(),
            why.word().into(),
            (&body).into(),
            seen.last.into(),
            seen.requests.into(),
        ],
    )?;
    Ok(true)
}

pub(crate) fn settle(
    call: &Call<'_>,
    id: &AlertId,
    settlement: &Settlement,
) -> Result<bool, StoreError> {
    let node = call.node_id();
    let body = call.seal_for_node(ALERT, &[id, b"settlement"], &plain(settlement)?)?;
    let values = [
        node.as_bytes().into(),
        id.into(),
        call.at().into(),
        (&body).into(),
    ];
    Ok(call.execute(&SETTLE_ALERT, &values)? == 1)
}

struct Stored {
    id: AlertId,
    facility: Option<Vec<u8>>,
    why: String,
    body: Vec<u8>,
    first_at: Timestamp,
    last_at: Timestamp,
    requests: i64,
    settled_at: Option<Timestamp>,
    settlement: Option<Vec<u8>>,
}

fn stored(row: &Row<'_>) -> Result<Stored, StoreError> {
    Ok(Stored {
        id: row.array(0)?,
        facility: row.opt_blob(1)?,
        why: row.text(2)?,
        body: row.blob(3)?,
        first_at: row.at(4)?,
        last_at: row.at(5)?,
        requests: row.int(6)?,
        settled_at: row.opt_at(7)?,
        settlement: row.opt_blob(8)?,
    })
}

fn open(call: &Call<'_>, row: Stored) -> Result<Alert, StoreError> {
    let settled = match (row.settled_at, row.settlement) {
        (Some(at), Some(body)) => {
            let plain = call.unseal_for_node(ALERT, &[&row.id, b"settlement"], &body)?;
            Some((at, read(&plain)?))
        }
        _ => None,
    };
    let facility = row.facility.map(|bytes| {
        FacilityId::from_slice(&bytes).ok_or(StoreError::Corrupt("an alert's facility"))
    });
    Ok(Alert {
        id: row.id,
        facility: facility.transpose()?,
        why: Why::parse(&row.why).ok_or(StoreError::Corrupt("an alert's reason"))?,
        peer: read(&call.unseal_for_node(ALERT, &[&row.id], &row.body)?)?,
        first_at: row.first_at,
        last_at: row.last_at,
        requests: row.requests,
        settled,
    })
}

pub(crate) fn one(call: &Call<'_>, id: &AlertId) -> Result<Option<Alert>, StoreError> {
    let node = call.node_id();
    let values = [node.as_bytes().into(), id.into()];
    call.row(&ALERT_ONE, &values, stored)?
        .map(|row| open(call, row))
        .transpose()
}

pub(crate) fn of_facility(
    call: &Call<'_>,
    facility: FacilityId,
    limit: i64,
) -> Result<Vec<Alert>, StoreError> {
    let node = call.node_id();
    let values = [
        node.as_bytes().into(),
        facility.as_bytes().into(),
        limit.into(),
    ];
    let rows = call.rows(&ALERTS, &values, stored)?;
    rows.into_iter().map(|row| open(call, row)).collect()
}

pub(crate) fn all_open(call: &Call<'_>, limit: i64) -> Result<Vec<Alert>, StoreError> {
    let node = call.node_id();
    let values = [node.as_bytes().into(), limit.into()];
    let rows = call.rows(&OPEN_ALERTS, &values, stored)?;
    rows.into_iter().map(|row| open(call, row)).collect()
}

pub(crate) fn count_open(call: &Call<'_>) -> Result<u64, StoreError> {
    let count = call.row(&COUNT_OPEN, &[call.node_id().as_bytes().into()], |row| {
        row.int(0)
    })?;
    Ok(u64::try_from(count.unwrap_or_default()).unwrap_or_default())
}
