//! Bookings and what came of each.

use kernel::{Refusal, time::JstDate};
use registry::model::InsuredKey;

use crate::{
    answer::{Held, Validity, rules::validity_of},
    model::VisitId,
};

/// Most bookings of one batch: what the largest outpatient clinics see in a day.
pub(super) const BOOKINGS_MAX: usize = 500;

/// Who is booked.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Whom {
    /// By insured number.
    Key(InsuredKey),
    /// Whoever came to an earlier visit of the facility.
    Visit(VisitId),
}

/// One booking.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Booking {
    /// Who.
    pub whom: Whom,
    /// For which day.
    pub on: JstDate,
}

/// What came of one booking.
pub(super) struct Line {
    /// The facility's own reference (予約番号).
    pub reference: String,
    /// For which day, when that could be read.
    pub on: Option<JstDate>,
    /// The coverage that holds, or why none was found.
    pub outcome: Result<Held, Refusal>,
}

/// How soon somebody should look at a line, the most urgent first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Urgency {
    /// Not confirmed.
    Refused,
    /// Provisional.
    Provisional,
    /// Something is not as it was at the last visit.
    Changed,
    /// As it was, or the first time.
    Plain,
}

impl Urgency {
    /// The word on the wire.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Provisional => "provisional",
            Self::Changed => "changed",
            Self::Plain => "confirmed",
        }
    }
}

impl Line {
    /// How soon somebody should look at it.
    pub(super) fn urgency(&self) -> Urgency {
        match &self.outcome {
            Err(_) => Urgency::Refused,
            Ok(held) if held.detail.freshness.provisional.is_some() => Urgency::Provisional,
            Ok(held) if !held.detail.changes.is_empty() => Urgency::Changed,
            Ok(_) => Urgency::Plain,
        }
    }

    /// 資格有効性, when the line is about that at all.
    pub(super) fn validity(&self) -> Option<Validity> {
        match &self.outcome {
            Ok(_) => Some(Validity::Valid),
            Err(refusal) => validity_of(refusal.entry),
        }
    }
}
