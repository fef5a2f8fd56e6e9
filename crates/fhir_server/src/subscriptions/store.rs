//! All SQL of subscriptions, and the at-rest form of what is secret in them.
//!
//! A queued event's number is the largest there is, so that numbered events, which were tried
//! already, come before it, and the queue stands in order of time behind them.

use kernel::{id::FacilityId, time::Timestamp};
use store::{Call, Row, StoreError, Value};

use super::{
    model::{Change, Endpoint, Happened, Lag, State, Subscription, SubscriptionId, Topic},
    wire,
};

store::statements! {
    Facility ALLOW = "INSERT INTO fhir_endpoint (facility_id, url, roots, allowed_at)
        VALUES ($1, $2, $3, $4)
        ON CONFLICT (facility_id, url) DO UPDATE SET roots = $3, allowed_at = $4";
    Facility DENY = "DELETE FROM fhir_endpoint WHERE facility_id = $1 AND url = $2";
    Facility ENDPOINTS = "SELECT url, roots, allowed_at FROM fhir_endpoint
        WHERE facility_id = $1 ORDER BY url LIMIT $2";
    Facility ENDPOINT = "SELECT url, roots, allowed_at FROM fhir_endpoint
        WHERE facility_id = $1 AND url = $2";
    Facility PUT = "INSERT INTO fhir_subscription (facility_id, id, topic, kinds, state, ends_at,
        changed_at, events, delivered, failures, next_at, problem, body)
        VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0, 0, $7, '', $8)";
    Facility CHANGE = "UPDATE fhir_subscription SET topic = $3, kinds = $4, state = $5,
        ends_at = $6, changed_at = $7, failures = 0, next_at = $7, problem = '', body = $8
        WHERE facility_id = $1 AND id = $2";
    Facility DROP = "DELETE FROM fhir_subscription WHERE facility_id = $1 AND id = $2";
    Facility GET = "SELECT id, state, changed_at, events, delivered, failures, next_at, problem,
        body FROM fhir_subscription WHERE facility_id = $1 AND id = $2";
    Facility LIST = "SELECT id, state, changed_at, events, delivered, failures, next_at, problem,
        body FROM fhir_subscription WHERE facility_id = $1 ORDER BY id LIMIT $2";
    Facility INTERESTED = "SELECT id, kinds FROM fhir_subscription
        WHERE facility_id = $1 AND topic = $2 AND state <> 'off' AND ends_at > $3
        ORDER BY id LIMIT $4";
    Facility QUEUE = "INSERT INTO fhir_event
        (facility_id, subscription_id, number, at, id, focus) VALUES ($1, $2, $3, $4, $5, $6)";
    Facility FIRST = "SELECT number, at, id, focus FROM fhir_event
        WHERE facility_id = $1 AND subscription_id = $2 ORDER BY number, at, id LIMIT $3";
    Facility NUMBER = "UPDATE fhir_event SET number = $6
        WHERE facility_id = $1 AND subscription_id = $2 AND number = $3 AND at = $4 AND id = $5";
    Facility NUMBERED = "UPDATE fhir_subscription SET events = $4
        WHERE facility_id = $1 AND id = $2 AND events = $3";
    Facility DELIVERED = "DELETE FROM fhir_event
        WHERE facility_id = $1 AND subscription_id = $2 AND number <= $3";
    Facility CLEAR = "DELETE FROM fhir_event WHERE facility_id = $1 AND subscription_id = $2";
    Facility EXPIRE = "DELETE FROM fhir_event
        WHERE facility_id = $1 AND subscription_id = $2 AND at < $3";
    Facility WENT = "UPDATE fhir_subscription SET state = 'active', failures = 0, problem = '',
        delivered = $3, next_at = $4
        WHERE facility_id = $1 AND id = $2 AND state IN ('requested', 'active')";
    Facility FAILED = "UPDATE fhir_subscription SET state = $3, failures = $4, problem = $5,
        next_at = $6 WHERE facility_id = $1 AND id = $2 AND state IN ('requested', 'active')";
    Facility WAITING = "SELECT COUNT(*), MIN(at) FROM fhir_event
        WHERE facility_id = $1 AND subscription_id = $2";
    Facility ALL_WAITING = "SELECT COUNT(*), MIN(at) FROM fhir_event";
    Facility DUE = "SELECT s.facility_id, s.id FROM fhir_subscription s
        WHERE s.next_at <= $1 AND s.ends_at > $1 AND (s.state = 'requested' OR (s.state = 'active'
            AND EXISTS (SELECT 1 FROM fhir_event e
                WHERE e.facility_id = s.facility_id AND e.subscription_id = s.id)))
        ORDER BY s.next_at, s.facility_id, s.id LIMIT $2";
    Facility STALE = "SELECT s.facility_id, s.id, s.events FROM fhir_subscription s
        WHERE EXISTS (SELECT 1 FROM fhir_event e WHERE e.facility_id = s.facility_id
            AND e.subscription_id = s.id AND e.at < $1)
        ORDER BY s.facility_id, s.id LIMIT $2";
}

const TABLE: &str = "fhir_subscription";
const EVENT: &str = "fhir_event";
/// Most subscriptions of one facility.
pub(super) const SUBSCRIPTIONS_MAX: i64 = 50;
/// Most addresses of one facility that are listed.
const ENDPOINTS_MAX: i64 = 200;
/// The number of an event that has none yet.
const QUEUED: i64 = i64::MAX;
/// Of a subscription that does not end by itself.
const NEVER: i64 = i64::MAX;
const BAD: StoreError = StoreError::Corrupt("a subscription");

/// Which subscription.
#[derive(Clone, Copy)]
pub(super) struct Which {
    pub facility: FacilityId,
    pub id: SubscriptionId,
}

impl Which {
    fn key(&self) -> [Value<'_>; 2] {
        [self.facility.as_bytes().into(), self.id.as_bytes().into()]
    }
}

fn endpoint(row: &Row<'_>) -> Result<Endpoint, StoreError> {
    Ok(Endpoint {
        url: row.text(0)?,
        roots: row.text(1)?,
        allowed_at: row.at(2)?,
    })
}

pub(super) fn allow(
    call: &Call<'_>,
    facility: FacilityId,
    url: &str,
    roots: &str,
) -> Result<(), StoreError> {
    let at = call.at().into();
    let values = [facility.as_bytes().into(), url.into(), roots.into(), at];
    call.execute(&ALLOW, &values).map(drop)
}

pub(super) fn deny(call: &Call<'_>, facility: FacilityId, url: &str) -> Result<bool, StoreError> {
    let values = [facility.as_bytes().into(), url.into()];
    Ok(call.execute(&DENY, &values)? > 0)
}

pub(super) fn endpoints(
    call: &Call<'_>,
    facility: FacilityId,
) -> Result<Vec<Endpoint>, StoreError> {
    let values = [facility.as_bytes().into(), ENDPOINTS_MAX.into()];
    call.rows(&ENDPOINTS, &values, endpoint)
}

pub(super) fn allowed(
    call: &Call<'_>,
    facility: FacilityId,
    url: &str,
) -> Result<Option<Endpoint>, StoreError> {
    let values = [facility.as_bytes().into(), url.into()];
    call.row(&ENDPOINT, &values, endpoint)
}

fn body(call: &Call<'_>, which: Which, text: &str) -> Result<Vec<u8>, StoreError> {
    let key: [&[u8]; 1] = [which.id.as_bytes()];
    call.seal_for_facility(which.facility, TABLE, &key, text.as_bytes())
}

/// Adds a subscription, or (`is_new` false) changes one that is there.
pub(super) fn put(
    call: &Call<'_>,
    which: Which,
    draft: &super::model::Draft,
    is_new: bool,
) -> Result<(), StoreError> {
    let body = body(call, which, draft.text.reveal())?;
    let state = if draft.is_off {
        State::Off
    } else {
        State::Requested
    };
    let kinds = draft.kinds.join(" ");
    let ends_at = draft.ends_at.map_or(NEVER, Timestamp::micros);
    let [facility, id] = which.key();
    let values = [
        facility,
        id,
        draft.topic.url().into(),
        (&kinds).into(),
        state.word().into(),
        ends_at.into(),
        call.at().into(),
        (&body).into(),
    ];
    let statement = if is_new { &PUT } else { &CHANGE };
    call.execute(statement, &values).map(drop)
}

pub(super) fn remove(call: &Call<'_>, which: Which) -> Result<bool, StoreError> {
    clear(call, which)?;
    Ok(call.execute(&DROP, &which.key())? > 0)
}

pub(super) fn clear(call: &Call<'_>, which: Which) -> Result<(), StoreError> {
    call.execute(&CLEAR, &which.key()).map(drop)
}

struct Raw {
    id: [u8; 16],
    state: String,
    changed_at: Timestamp,
    events: i64,
    delivered: i64,
    failures: i64,
    next_at: Timestamp,
    problem: String,
    body: Vec<u8>,
}

fn raw(row: &Row<'_>) -> Result<Raw, StoreError> {
    Ok(Raw {
        id: row.array(0)?,
        state: row.text(1)?,
        changed_at: row.at(2)?,
        events: row.int(3)?,
        delivered: row.int(4)?,
        failures: row.int(5)?,
        next_at: row.at(6)?,
        problem: row.text(7)?,
        body: row.blob(8)?,
    })
}

fn open(call: &Call<'_>, facility: FacilityId, raw: Raw) -> Result<Subscription, StoreError> {
    let key: [&[u8]; 1] = [&raw.id];
    let text = call.unseal_for_facility(facility, TABLE, &key, &raw.body)?;
    Ok(Subscription {
        facility,
        id: SubscriptionId::from_bytes(raw.id),
        state: State::parse(&raw.state).ok_or(BAD)?,
        draft: wire::read(&text).map_err(|_| BAD)?,
        changed_at: raw.changed_at,
        events: raw.events,
        delivered: raw.delivered,
        failures: raw.failures,
        next_at: raw.next_at,
        problem: raw.problem,
    })
}

pub(super) fn get(call: &Call<'_>, which: Which) -> Result<Option<Subscription>, StoreError> {
    let found = call.row(&GET, &which.key(), raw)?;
    found.map(|raw| open(call, which.facility, raw)).transpose()
}

pub(super) fn list(call: &Call<'_>, facility: FacilityId) -> Result<Vec<Subscription>, StoreError> {
    let values = [facility.as_bytes().into(), SUBSCRIPTIONS_MAX.into()];
    let found = call.rows(&LIST, &values, raw)?;
    found
        .into_iter()
        .map(|raw| open(call, facility, raw))
        .collect()
}

/// The facility's subscriptions to a topic, and which types each wants.
pub(super) fn interested(
    call: &Call<'_>,
    facility: FacilityId,
    topic: Topic,
) -> Result<Vec<(SubscriptionId, String)>, StoreError> {
    let values = [
        facility.as_bytes().into(),
        topic.url().into(),
        call.at().into(),
        SUBSCRIPTIONS_MAX.into(),
    ];
    call.rows(&INTERESTED, &values, |row| {
        Ok((SubscriptionId::from_bytes(row.array(0)?), row.text(1)?))
    })
}

pub(super) fn queue(
    call: &Call<'_>,
    which: Which,
    change: Change,
    focus: &str,
) -> Result<(), StoreError> {
    let mut id = [0; 16];
    call.rng().fill(&mut id);
    let told = format!("{} {focus}", change.told().0);
    let key: [&[u8]; 2] = [which.id.as_bytes(), &id];
    let focus = call.seal_for_facility(which.facility, EVENT, &key, told.as_bytes())?;
    let [facility, subscription] = which.key();
    let values = [
        facility,
        subscription,
        QUEUED.into(),
        call.at().into(),
        (&id).into(),
        (&focus).into(),
    ];
    call.execute(&QUEUE, &values).map(drop)
}

/// The events whose turn it is: those that were tried before, then the oldest.
pub(super) fn first(
    call: &Call<'_>,
    which: Which,
    count: usize,
) -> Result<Vec<Happened>, StoreError> {
    let [facility, id] = which.key();
    let count = i64::try_from(count).unwrap_or(1);
    let rows = call.rows(&FIRST, &[facility, id, count.into()], |row| {
        Ok((row.int(0)?, row.at(1)?, row.array(2)?, row.blob(3)?))
    })?;
    rows.into_iter()
        .map(|(number, at, id, focus)| {
            let key: [&[u8]; 2] = [which.id.as_bytes(), &id];
            let told = call.unseal_for_facility(which.facility, EVENT, &key, &focus)?;
            let told = String::from_utf8(told).map_err(|_| BAD)?;
            let (method, focus) = told.split_once(' ').ok_or(BAD)?;
            Ok(Happened {
                number,
                id,
                at,
                change: Change::parse(method).ok_or(BAD)?,
                focus: focus.to_owned(),
            })
        })
        .collect()
}

pub(super) const fn is_queued(event: &Happened) -> bool {
    event.number == QUEUED
}

/// Numbers the queued among `events`, behind `last`; `false` when somebody else did meanwhile.
pub(super) fn number(
    call: &Call<'_>,
    which: Which,
    last: i64,
    events: &[Happened],
) -> Result<bool, StoreError> {
    let mut number = last;
    for event in events.iter().filter(|event| is_queued(event)) {
        number = number.saturating_add(1);
        let [facility, id] = which.key();
        let values = [
            facility,
            id,
            QUEUED.into(),
            event.at.into(),
            (&event.id).into(),
            number.into(),
        ];
        if call.execute(&NUMBER, &values)? != 1 {
            return Ok(false);
        }
    }
    set_events(call, which, last, number)
}

fn set_events(call: &Call<'_>, which: Which, before: i64, after: i64) -> Result<bool, StoreError> {
    let [facility, id] = which.key();
    let values = [facility, id, before.into(), after.into()];
    Ok(call.execute(&NUMBERED, &values)? == 1)
}

/// A receiver has taken everything up to a number.
pub(super) fn went(call: &Call<'_>, which: Which, up_to: i64) -> Result<(), StoreError> {
    let [facility, id] = which.key();
    call.execute(&DELIVERED, &[facility, id, up_to.into()])?;
    let values = [facility, id, up_to.into(), call.at().into()];
    call.execute(&WENT, &values).map(drop)
}

pub(super) fn failed(
    call: &Call<'_>,
    which: Which,
    (state, failures): (State, i64),
    problem: &str,
    next_at: Timestamp,
) -> Result<(), StoreError> {
    let [facility, id] = which.key();
    let values = [
        facility,
        id,
        state.word().into(),
        failures.into(),
        problem.into(),
        next_at.into(),
    ];
    call.execute(&FAILED, &values).map(drop)
}

fn lag(row: &Row<'_>) -> Result<Lag, StoreError> {
    Ok(Lag {
        waiting: row.int(0)?,
        since: row.opt_int(1)?.map(Timestamp::from_micros),
    })
}

const NO_LAG: Lag = Lag {
    waiting: 0,
    since: None,
};

pub(super) fn waiting(call: &Call<'_>, which: Which) -> Result<Lag, StoreError> {
    let found = call.row(&WAITING, &which.key(), lag)?;
    Ok(found.unwrap_or(NO_LAG))
}

/// Over all subscriptions of the installation.
pub(super) fn all_waiting(call: &Call<'_>) -> Result<Lag, StoreError> {
    Ok(call.row(&ALL_WAITING, &[], lag)?.unwrap_or(NO_LAG))
}

/// Subscriptions whose next try is due.
pub(super) fn due(call: &Call<'_>, at: Timestamp, count: i64) -> Result<Vec<Which>, StoreError> {
    call.rows(&DUE, &[at.into(), count.into()], |row| {
        Ok(Which {
            facility: FacilityId::from_bytes(row.array(0)?),
            id: SubscriptionId::from_bytes(row.array(1)?),
        })
    })
}

/// Subscriptions with events from before an instant, and the last number that each has given.
pub(super) fn stale(
    call: &Call<'_>,
    before: Timestamp,
    count: i64,
) -> Result<Vec<(Which, i64)>, StoreError> {
    call.rows(&STALE, &[before.into(), count.into()], |row| {
        let which = Which {
            facility: FacilityId::from_bytes(row.array(0)?),
            id: SubscriptionId::from_bytes(row.array(1)?),
        };
        Ok((which, row.int(2)?))
    })
}

/// Removes a subscription's events from before an instant. Their numbers are used up, so that
/// its owner sees that something is missing.
pub(super) fn expire(
    call: &Call<'_>,
    which: Which,
    before: Timestamp,
    last: i64,
) -> Result<usize, StoreError> {
    let [facility, id] = which.key();
    let gone = call.execute(&EXPIRE, &[facility, id, before.into()])?;
    let count = i64::try_from(gone).unwrap_or(0);
    set_events(call, which, last, last.saturating_add(count))?;
    Ok(gone)
}
