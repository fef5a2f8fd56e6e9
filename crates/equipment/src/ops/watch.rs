//! What actually connects, held against the ledgers.
//!
//! Once a minute the sightings of the listener and of the funnel are taken. Written down are
//! only peers that act as a program or that showed a certificate, that is institutions: a
//! browser that shows nothing may be a patient at home, and is not noted at all. Addresses are
//! sealed all the same, because the list of a hospital's ways in is worth protecting.
//!
//! Source: identity-security NET-02, ORG-01; checklist 2025 2-①.

use std::net::IpAddr;

use access::terminal::{self, Terminal};
use kernel::{id::FacilityId, time::Timestamp};
use store::{Call, Stop, StoreError, caller::Event};
use web::{
    App,
    peer::{Program, Showed, Sighting},
};

use super::{ledger, reason};
use crate::{
    errors,
    model::{Alert, AlertId, Item, Peer, Settlement, Why},
    store::peer::{self as table, Seen},
};

/// Days after which a peer that has not come again is forgotten; alerts stay.
const FORGET_DAYS: i64 = 90;
/// Most peers and alerts of one list.
const LIST_MAX: i64 = 100;
/// Digits of a thumbprint that tell a certificate apart for people.
const THUMBPRINT_DIGITS: usize = 16;

static WATCH: Event = Event {
    code: "equipment.watch",
    ja: "接続元と台帳の照合",
    en: "peers compared with the ledgers",
};

/// What there is to say of a certificate that was shown.
#[must_use]
pub fn judge_certificate(terminal: Option<&Terminal>, at: Timestamp) -> Option<Why> {
    match terminal {
        None => Some(Why::UnknownCertificate),
        Some(terminal) if !terminal.holds(at) => Some(Why::EndedCertificate),
        Some(_) => None,
    }
}

/// What there is to say of a program: one with a certificate is judged by it; one without
/// must come from a network that an entry in use of its facility's ledgers names, or from
/// this machine itself.
#[must_use]
pub fn judge_program(items: &[Item], address: IpAddr, has_certificate: bool) -> Option<Why> {
    let is_named = items
        .iter()
        .filter(|item| item.ended_at.is_none())
        .map(|item| item.particulars.parsed_networks())
        .any(|networks| !networks.is_empty() && networks.admit(Some(address)));
    let is_known = has_certificate || address.to_canonical().is_loopback() || is_named;
    (!is_known).then_some(Why::UnknownAddress)
}

/// One round: takes what was seen, writes it down, raises alerts; how many are new.
///
/// # Errors
/// [`StoreError`]; what was seen in the minute is then lost, not the peer: it comes again.
pub fn round(app: &App) -> Result<usize, Stop> {
    let (sightings, programs) = (app.seen.collect(), app.seen.collect_programs());
    let shown: Vec<Sighting> = sightings
        .into_iter()
        .filter(|sighting| sighting.showed != Showed::Nothing)
        .collect();
    if shown.is_empty() && programs.is_empty() {
        return Ok(0);
    }
    let intent = app.gate.job_intent("peer-watch", &WATCH);
    let raised = app.gate.write(intent, move |call| {
        let mut raised = Vec::new();
        for sighting in &shown {
            raised.extend(note_certificate(call, sighting)?);
        }
        raised.extend(note_programs(call, &programs)?);
        table::sweep(call, call.at().plus_hours(-24 * FORGET_DAYS))?;
        call.detail("alerts", raised.len().to_string());
        Ok(raised)
    });
    let raised = raised.wait()?;
    for why in &raised {
        // No address and no name: both are in the ledger, for those who may see it.
        tracing::warn!(
            why = why.word(),
            "a peer that no ledger names: see the ledger of equipment"
        );
    }
    Ok(raised.len())
}

fn note_certificate(call: &Call<'_>, sighting: &Sighting) -> Result<Option<Why>, StoreError> {
    let address = sighting.address.to_canonical().to_string();
    let (facility, who, why) = match &sighting.showed {
        Showed::Nothing => return Ok(None),
        Showed::Refused => (None, String::new(), Some(Why::RefusedCertificate)),
        Showed::Certificate(shown) => {
            let found = terminal::find(call, &shown.sha256)?;
            let thumbprint = kernel::hex::encode(&shown.sha256);
            let short: String = thumbprint.chars().take(THUMBPRINT_DIGITS).collect();
            let who = found.as_ref().map_or(short, |t| t.label.clone());
            let why = judge_certificate(found.as_ref(), sighting.last);
            (found.map(|t| t.facility), who, why)
        }
    };
    let peer = Peer { address, who };
    let requests = sighting.connections;
    see(call, facility, &peer, sighting.last, requests, why)
}

fn note_programs(call: &Call<'_>, programs: &[Program]) -> Result<Vec<Why>, StoreError> {
    let mut raised = Vec::new();
    let mut ledgers = std::collections::BTreeMap::new();
    for program in programs {
        let facility = program.facility;
        if let std::collections::btree_map::Entry::Vacant(place) = ledgers.entry(facility) {
            place.insert(ledger::list(call, facility)?);
        }
        let items = ledgers.get(&facility).map_or(&[][..], Vec::as_slice);
        let why = judge_program(items, program.address, program.has_certificate);
        let peer = Peer {
            address: program.address.to_canonical().to_string(),
            who: program.name.clone(),
        };
        let (last, requests) = (program.last, program.requests);
        raised.extend(see(call, Some(facility), &peer, last, requests, why)?);
    }
    Ok(raised)
}

/// Writes a peer down and raises its alert; the reason when the alert is new.
fn see(
    call: &Call<'_>,
    facility: Option<FacilityId>,
    peer: &Peer,
    last: Timestamp,
    requests: u64,
    why: Option<Why>,
) -> Result<Option<Why>, StoreError> {
    let whose = facility.map(|id| id.to_hex()).unwrap_or_default();
    let seen = Seen {
        key: call.directory_key("peer", &[&whose, &peer.address, &peer.who]),
        facility,
        peer,
        last,
        requests: i64::try_from(requests).unwrap_or(i64::MAX),
    };
    table::see(call, &seen)?;
    let Some(why) = why else {
        return Ok(None);
    };
    let mut id = AlertId::default();
    call.rng().fill(&mut id);
    let is_new = table::raise(call, &seen, why, id)?;
    Ok(is_new.then_some(why))
}

/// The peers of a facility, the latest first, and when each was last seen.
///
/// # Errors
/// [`StoreError`].
pub fn peers(call: &Call<'_>, facility: FacilityId) -> Result<Vec<(Peer, Timestamp)>, StoreError> {
    table::peers(call, facility, LIST_MAX)
}

/// The alerts of a facility, open and settled, the latest first.
///
/// # Errors
/// [`StoreError`].
pub fn alerts(call: &Call<'_>, facility: FacilityId) -> Result<Vec<Alert>, StoreError> {
    table::of_facility(call, facility, LIST_MAX)
}

/// Settles an alert of a facility with what was found; of the whole installation's for `None`.
///
/// # Errors
/// [`errors::ALERT_UNKNOWN`], [`errors::REASON_MISSING`]; [`StoreError`].
pub fn settle(
    call: &mut Call<'_>,
    facility: Option<FacilityId>,
    id: &AlertId,
    finding: &str,
) -> Result<(), Stop> {
    let unknown = || Stop::from(&errors::ALERT_UNKNOWN);
    let alert = table::one(call, id)?
        .filter(|alert| facility.is_none() || alert.facility == facility)
        .ok_or_else(unknown)?;
    let settlement = Settlement {
        by: call.caller().name().to_owned(),
        finding: reason(finding)?,
    };
    if !table::settle(call, &alert.id, &settlement)? {
        return Err(unknown());
    }
    call.detail("alert", kernel::hex::encode(id));
    call.detail("why", alert.why.word());
    Ok(())
}
