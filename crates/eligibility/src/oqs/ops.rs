//! What can be done: check a person of a bulk file, take a bulk file, bring it on, find it; see
//! what a card reader shows.

use access::consent::{self, Category, Scope, Standing};
use kernel::{id::FacilityId, time::Timestamp};
use oqs::message::{BulkAnswer, BulkRequest};
use registry::ops as people;
use store::{Call, Stop, caller::Purpose};

use super::{
    errors::{NO_CARD, WAITING},
    model::{KEPT_HOURS, RECEPTIONS_MAX, Reception, ReceptionId, Told},
    store as table,
};
use crate::{
    answer::ops as answer,
    model::{Inquiry, Method, VisitId},
    ops::holder,
    rules,
};

/// Verifies eligibility by insured number, for a line of a bulk file: nobody is at the counter,
/// so that no visit begins. Nobody is opened before exactly one person fits.
///
/// # Errors
/// `TSK-ELG-001` to `TSK-ELG-010`; the store's.
pub fn check(call: &mut Call<'_>, facility: FacilityId, inquiry: &Inquiry) -> Result<Told, Stop> {
    call.detail("method", Method::Number.word());
    let person = holder(call, &inquiry.key, inquiry.on)?;
    registry::merge::open(call, person)?;
    call.detail("on", inquiry.on.to_string());
    let when = (inquiry.on, call.at());
    let held = answer::look(call, facility, person, Some(&inquiry.key), when)??;
    Ok(Told {
        on: inquiry.on,
        reasons: held.reasons,
        profile: held.profile,
        coverage: held.coverage,
    })
}

/// What a card reader shows of a visit that began by card: who came, and what they let be shown.
#[derive(Clone)]
pub struct Seen {
    /// When the card was read.
    pub read_at: Timestamp,
    /// Who, and their coverage on that day.
    pub told: Told,
    /// What they agreed to at this facility, in the order of [`SHOWN`].
    pub consents: Vec<Agreed>,
}

/// What was agreed about one category.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Agreed {
    /// Shown, chosen then, until then.
    Given(Timestamp, Timestamp),
    /// Not shown: never asked, left out, or taken back.
    Withheld,
    /// Was shown once; that ran out.
    Expired,
}

/// The categories of a reader's file: 特定健診, 薬剤, 診療, 手術.
pub const SHOWN: [Category; 4] = [
    Category::Checkups,
    Category::Medications,
    Category::CareHistory,
    Category::Surgery,
];

/// What a card reader shows of a visit.
///
/// # Errors
/// `TSK-ELG-030`; `TSK-OQS-008`; `TSK-ELG-005` to `TSK-ELG-008`; the store's.
pub fn seen(call: &mut Call<'_>, facility: FacilityId, id: VisitId) -> Result<Seen, Stop> {
    let visit = crate::ops::visit(call, facility, id)?;
    if !visit.is_present(call.at()) {
        return Err(Stop::from(&NO_CARD));
    }
    call.open(visit.person)?;
    let on = visit.at.jst_date();
    call.detail("on", on.to_string());
    let coverages = people::coverages(call, visit.person)?;
    let coverage = rules::judge(&coverages, None, on)?.clone();
    let profile = people::profile(call, visit.person)?;
    let ledger = consent::ledger(call, visit.person)?;
    let agreed = |category| agreed(&ledger, facility, category, call.at());
    Ok(Seen {
        read_at: visit.at,
        consents: SHOWN.into_iter().map(agreed).collect(),
        told: Told {
            on,
            reasons: rules::reasons(&coverage, &profile, on),
            profile,
            coverage,
        },
    })
}

fn agreed(
    ledger: &[consent::Entry],
    facility: FacilityId,
    category: Category,
    at: Timestamp,
) -> Agreed {
    let scope = Scope {
        facility,
        category,
        purpose: Purpose::Treatment,
    };
    match consent::standing(ledger, scope, at) {
        Standing::Given { until, id, .. } => {
            let chosen = ledger.iter().find(|entry| entry.id == id);
            Agreed::Given(chosen.map_or(at, |entry| entry.at), until)
        }
        Standing::Never | Standing::Withdrawn => Agreed::Withheld,
        Standing::Expired => Agreed::Expired,
    }
}

/// Takes a bulk file: keeps the question until everybody in it is answered. What is older than
/// seven days is removed.
///
/// # Errors
/// `TSK-OQS-006`; the store's.
pub fn receive(
    call: &mut Call<'_>,
    facility: FacilityId,
    asked: &BulkRequest,
) -> Result<Reception, Stop> {
    let lines = asked.body.searches.len();
    call.detail("lines", lines.to_string());
    table::sweep(call, facility, call.at().plus_hours(-KEPT_HOURS))?;
    if table::held(call, facility)? >= RECEPTIONS_MAX {
        return Err(Stop::from(&WAITING));
    }
    let reception = Reception {
        id: ReceptionId::random(call.rng()),
        at: call.at(),
        lines,
        done: 0,
        asked: asked.clone(),
        told: BulkAnswer::default(),
    };
    table::put(call, facility, &reception)?;
    Ok(reception)
}

/// Keeps how far a reception has come; `before` is how many were answered when this began.
/// When somebody else has brought it on meanwhile, theirs stays.
///
/// # Errors
/// The store's.
pub fn keep(
    call: &mut Call<'_>,
    facility: FacilityId,
    reception: &Reception,
    before: usize,
) -> Result<(), Stop> {
    call.detail("lines", reception.lines.to_string());
    call.detail("answered", reception.done.to_string());
    table::keep(call, facility, reception, before)?;
    Ok(())
}

/// A reception of this facility that is still kept.
///
/// # Errors
/// `TSK-OQS-007`; the store's.
pub fn find(
    call: &mut Call<'_>,
    facility: FacilityId,
    id: Option<ReceptionId>,
) -> Result<Reception, Stop> {
    let found = id.map(|id| table::find(call, facility, id)).transpose()?;
    let oldest = call.at().plus_hours(-KEPT_HOURS);
    let found = found.flatten().filter(|found| found.at >= oldest);
    found.ok_or_else(|| Stop::from(&super::errors::RECEPTION))
}
