//! What can be done with subscriptions, and how something that happened gets into the queue.

use kernel::{Refusal, id::FacilityId};
use store::{Call, Stop, StoreError, caller::Home};

use super::{
    model::{Change, Draft, Endpoint, Lag, State, Subscription, SubscriptionId, Topic},
    store::{self as table, Which},
};
use crate::{
    operations::errors,
    ops::{Right, may},
};

const KIND: &str = "Subscription";

fn which(home: &Home, id: SubscriptionId) -> Which {
    Which {
        facility: home.id,
        id,
    }
}

/// The operator allows an address for a facility's notifications.
///
/// # Errors
/// The store's.
pub fn allow(
    call: &mut Call<'_>,
    facility: FacilityId,
    url: &str,
    roots: &str,
) -> Result<(), Stop> {
    call.concerns(facility);
    call.detail("url", url);
    Ok(table::allow(call, facility, url, roots)?)
}

/// The operator allows it no longer; was it allowed?
///
/// # Errors
/// The store's.
pub fn deny(call: &mut Call<'_>, facility: FacilityId, url: &str) -> Result<bool, Stop> {
    call.concerns(facility);
    call.detail("url", url);
    Ok(table::deny(call, facility, url)?)
}

/// The addresses that are allowed for a facility.
///
/// # Errors
/// The store's.
pub fn endpoints(call: &Call<'_>, facility: FacilityId) -> Result<Vec<Endpoint>, StoreError> {
    table::endpoints(call, facility)
}

fn check_endpoint(call: &Call<'_>, home: &Home, draft: &Draft) -> Result<(), Stop> {
    match table::allowed(call, home.id, &draft.endpoint)? {
        Some(_) => Ok(()),
        None => Err(Stop::Refused(Refusal::at(
            &errors::ENDPOINT,
            "Subscription.channel.endpoint",
            &draft.endpoint,
        ))),
    }
}

/// Keeps a new subscription; the job begins with its handshake.
///
/// # Errors
/// [`errors::ENDPOINT`], [`errors::SUBSCRIPTION_MANY`]; what the caller may not do.
pub(super) fn create(
    call: &mut Call<'_>,
    home: &Home,
    draft: &Draft,
) -> Result<Subscription, Stop> {
    may(call, Right::Create, KIND)?;
    check_endpoint(call, home, draft)?;
    let known = table::list(call, home.id)?;
    let known = i64::try_from(known.len()).unwrap_or(i64::MAX);
    if known >= table::SUBSCRIPTIONS_MAX {
        return Err(Stop::from(&errors::SUBSCRIPTION_MANY));
    }
    let which = which(home, SubscriptionId::random(call.rng()));
    table::put(call, which, draft, true)?;
    find(call, which)
}

fn find(call: &Call<'_>, which: Which) -> Result<Subscription, Stop> {
    let found = table::get(call, which)?;
    found.ok_or_else(|| Stop::from(&errors::SUBSCRIPTION_ABSENT))
}

/// Changes, resumes or switches off: a new handshake comes first, then what waits.
///
/// # Errors
/// As [`create`]; [`errors::SUBSCRIPTION_ABSENT`].
pub(super) fn change(
    call: &mut Call<'_>,
    home: &Home,
    id: SubscriptionId,
    draft: Result<&Draft, &Refusal>,
) -> Result<Subscription, Stop> {
    may(call, Right::Update, KIND)?;
    let which = which(home, id);
    find(call, which)?;
    // Whether it is there comes before what is sent.
    let draft = draft.map_err(|refusal| Stop::Refused(refusal.clone()))?;
    check_endpoint(call, home, draft)?;
    table::put(call, which, draft, false)?;
    if draft.is_off {
        table::clear(call, which)?;
    }
    find(call, which)
}

/// Ends one; what waits is dropped.
///
/// # Errors
/// [`errors::SUBSCRIPTION_ABSENT`]; what the caller may not do.
pub(super) fn end(call: &mut Call<'_>, home: &Home, id: SubscriptionId) -> Result<(), Stop> {
    may(call, Right::Delete, KIND)?;
    if table::remove(call, which(home, id))? {
        return Ok(());
    }
    Err(Stop::from(&errors::SUBSCRIPTION_ABSENT))
}

/// One, and how far its receiver is behind.
///
/// # Errors
/// As [`end`].
pub(super) fn look(
    call: &mut Call<'_>,
    home: &Home,
    id: SubscriptionId,
) -> Result<(Subscription, Lag), Stop> {
    may(call, Right::Read, KIND)?;
    let which = which(home, id);
    Ok((find(call, which)?, table::waiting(call, which)?))
}

/// The facility's own.
///
/// # Errors
/// What the caller may not do; the store's.
pub(super) fn list(call: &mut Call<'_>, home: &Home) -> Result<Vec<Subscription>, Stop> {
    may(call, Right::Search, KIND)?;
    Ok(table::list(call, home.id)?)
}

/// How many events wait in the whole installation, and since when.
///
/// # Errors
/// The store's.
pub fn lag(call: &Call<'_>) -> Result<Lag, StoreError> {
    table::all_waiting(call)
}

/// Something happened at a facility: whoever subscribed to it will be told of `focus`
/// (`Observation/{id}`, or a path of this server such as `/api/v1/letters/inbox/{letter}`), as
/// surely as it happened.
///
/// # Errors
/// The store's.
pub fn occur(
    call: &Call<'_>,
    facility: FacilityId,
    topic: Topic,
    change: Change,
    focus: &str,
) -> Result<(), StoreError> {
    let kind = focus.split('/').next().unwrap_or_default();
    for (id, kinds) in table::interested(call, facility, topic)? {
        let is_wanted = kinds.is_empty() || kinds.split(' ').any(|one| one == kind);
        if is_wanted {
            table::queue(call, Which { facility, id }, change, focus)?;
        }
    }
    Ok(())
}

/// Is it paused or off, so that nothing is tried?
pub(super) fn rests(subscription: &Subscription) -> bool {
    matches!(subscription.state, State::Error | State::Off)
}
