//! Verifying one booking, and all of a batch.

use kernel::{Refusal, id::FacilityId, time::Timestamp};
use registry::reliance::{self, Told};
use store::{Call, Stop};
use web::Request;

use super::{
    model::{BOOKINGS_MAX, Booking, Line, Whom},
    parse::Read,
};
use crate::{
    answer::{Held, ops as answer},
    errors, ops, store as table,
};

/// Days for which an earlier visit stands for its person: a year, and a month for whoever comes
/// once a year.
const KNOWN_DAYS: i64 = 396;

/// Verifies a booking. The facility is remembered to have relied on it; there is no visit.
///
/// # Errors
/// `TSK-ELG-001` to `TSK-ELG-010`, `TSK-ELG-030`; the store's.
pub(super) fn one(
    call: &mut Call<'_>,
    facility: FacilityId,
    booking: &Booking,
) -> Result<Held, Stop> {
    let (person, claimed) = match &booking.whom {
        Whom::Key(key) => (ops::holder(call, key, booking.on)?, Some(key)),
        Whom::Visit(id) => {
            let visit = table::visit(call, facility, *id)?;
            let is_known = |at: Timestamp| at.plus_hours(KNOWN_DAYS * 24) > call.at();
            let visit = visit.filter(|visit| is_known(visit.at));
            let visit = visit.ok_or_else(|| Stop::from(&errors::VISIT))?;
            (visit.person, None)
        }
    };
    call.open(person)?;
    call.detail("on", booking.on.to_string());
    let when = (booking.on, call.at());
    let held = answer::look(call, facility, person, claimed, when)??;
    let told = Told {
        coverage: &held.coverage,
        on: booking.on,
        visit: None,
    };
    reliance::remember(call, person, facility, &held.known, &told)?;
    Ok(held)
}

/// Verifies bookings, each in an operation of its own; the lines in their order.
///
/// # Errors
/// `TSK-ELG-011` for none or more than 500.
pub(super) async fn all(request: &Request, read: Vec<Read>) -> Result<Vec<Line>, Refusal> {
    if !(1..=BOOKINGS_MAX).contains(&read.len()) {
        let found = read.len().to_string();
        return Err(Refusal::at(&errors::BATCH_SIZE, "bookings", &found));
    }
    let facility = request.facility()?;
    let asked: Vec<Result<Booking, Refusal>> = read.iter().map(|(_, b)| b.clone()).collect();
    let each = asked.into_iter().map(|booking| {
        // A line that cannot be read leaves its record as well.
        move |call: &mut Call<'_>| match &booking {
            Ok(booking) => one(call, facility, booking),
            Err(refusal) => Err(Stop::Refused(refusal.clone())),
        }
    });
    let outcomes = request.write_each(each).await;
    let lines = read.into_iter().zip(outcomes);
    Ok(lines
        .map(|((reference, booking), outcome)| Line {
            reference,
            on: booking.ok().map(|booking| booking.on),
            outcome,
        })
        .collect())
}
