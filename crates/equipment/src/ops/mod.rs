//! What is done with ledgers, peers and vendor support, and what the operator asks of them.

pub mod ledger;
pub mod support;
pub mod watch;

use kernel::{Refusal, id::FacilityId, time::Timestamp};
use store::{Call, Stop, StoreError};

use crate::{
    errors,
    model::{Alert, Kind, Officer, Sandbox},
    store::{authority, item, officer as officers, peer, sandbox as sandboxes},
};

/// Most alerts of one list.
pub const ALERTS_MAX: i64 = 200;
/// Days before its end on which a certificate is reported.
pub const ENDING_DAYS: i64 = 30;
const DAY_SECONDS: i64 = 24 * 3_600;

/// The installation's safety officer, if one is named.
///
/// # Errors
/// [`StoreError`].
pub fn officer(call: &Call<'_>) -> Result<Option<Officer>, StoreError> {
    officers::officer(call)
}

/// Names the installation's safety officer.
///
/// # Errors
/// [`errors::OFFICER_INVALID`]; [`StoreError`].
pub fn name_officer(call: &mut Call<'_>, officer: &Officer) -> Result<(), Stop> {
    if !officer.fits() {
        return Err(Stop::from(&errors::OFFICER_INVALID));
    }
    officers::put(call, officer)?;
    call.detail("officer", "installation");
    Ok(())
}

/// A facility's safety officer, if one is named.
///
/// # Errors
/// [`StoreError`].
pub fn officer_of(call: &Call<'_>, facility: FacilityId) -> Result<Option<Officer>, StoreError> {
    officers::officer_of(call, facility)
}

/// Names a facility's safety officer.
///
/// # Errors
/// As [`name_officer`].
pub fn name_officer_of(
    call: &mut Call<'_>,
    facility: FacilityId,
    officer: &Officer,
) -> Result<(), Stop> {
    if !officer.fits() {
        return Err(Stop::from(&errors::OFFICER_INVALID));
    }
    officers::put_of(call, facility, officer)?;
    call.detail("officer", "facility");
    Ok(())
}

/// Marks this folder for good as one for trying out, before the first log-in that everybody
/// knows is in it; the first mark stays.
///
/// # Errors
/// [`StoreError`].
pub fn note_sandbox(call: &mut Call<'_>, what: &str) -> Result<(), StoreError> {
    sandboxes::note(call, what)?;
    call.detail("sandbox", what);
    Ok(())
}

/// Was this folder made for trying out? Then it must never serve real patients.
///
/// # Errors
/// [`StoreError`].
///
/// Source: identity-security section 5, production mode (no default secrets).
pub fn sandbox(call: &Call<'_>) -> Result<Option<Sandbox>, StoreError> {
    sandboxes::sandbox(call)
}

/// A facility's ledgers in figures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Entries in use: terminals, servers, network equipment, connections.
    pub in_use: [usize; 4],
    /// Of these, how many nobody has looked at for a year.
    pub unchecked: usize,
    /// Certificates that hold.
    pub certificates: usize,
    /// Of these, how many end within 30 days.
    pub ending: usize,
}

/// Counts a facility's ledgers.
///
/// # Errors
/// [`StoreError`].
pub fn summary(call: &Call<'_>, facility: FacilityId) -> Result<Summary, StoreError> {
    let at = call.at();
    let items = item::list(call, facility, ledger::ITEMS_MAX)?;
    let used = items.iter().filter(|item| item.ended_at.is_none());
    let mut summary = Summary::default();
    for item in used {
        let place = Kind::ALL.iter().position(|kind| *kind == item.kind);
        if let Some(count) = place.and_then(|place| summary.in_use.get_mut(place)) {
            *count += 1;
        }
        let looked = item.checked_at.unwrap_or(item.registered_at);
        summary.unchecked += usize::from(looked.plus_seconds(365 * DAY_SECONDS) <= at);
    }
    let soon = at.plus_seconds(ENDING_DAYS * DAY_SECONDS);
    for certificate in item::certificates(call, facility, ledger::ITEMS_MAX)? {
        let holds = certificate.holds(at);
        summary.certificates += usize::from(holds);
        summary.ending += usize::from(holds && certificate.ends_at <= soon);
    }
    Ok(summary)
}

/// This server's own certificates that end within 30 days, or have ended without a successor:
/// host name and end, for the newest certificate of each name.
///
/// # Errors
/// [`StoreError`].
pub fn server_certificates_ending(call: &Call<'_>) -> Result<Vec<(String, Timestamp)>, StoreError> {
    let mut newest = std::collections::BTreeMap::new();
    for (name, ends_at) in authority::servers(call, ALERTS_MAX)? {
        let end = newest.entry(name).or_insert(ends_at);
        *end = ends_at.max(*end);
    }
    let soon = call.at().plus_seconds(ENDING_DAYS * DAY_SECONDS);
    Ok(newest.into_iter().filter(|(_, end)| *end <= soon).collect())
}

/// Open alerts of the whole installation, the latest first; at most [`ALERTS_MAX`].
///
/// # Errors
/// [`StoreError`].
pub fn open_alerts(call: &Call<'_>) -> Result<Vec<Alert>, StoreError> {
    peer::all_open(call, ALERTS_MAX)
}

/// How many alerts are open in the whole installation.
///
/// # Errors
/// [`StoreError`].
pub fn count_open_alerts(call: &Call<'_>) -> Result<u64, StoreError> {
    peer::count_open(call)
}

/// A reason or finding that people can use: not empty, at most 200 characters.
pub(crate) fn reason(text: &str) -> Result<String, Refusal> {
    let is_fit = !text.is_empty() && text.chars().count() <= crate::model::FIELD_CHARS_MAX;
    if is_fit {
        Ok(text.to_owned())
    } else {
        Err(Refusal::new(&errors::REASON_MISSING))
    }
}
