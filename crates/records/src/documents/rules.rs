//! Retention, nudges and versions: pure, each with its date and source.

use super::{
    errors as no,
    model::{Consent, Oral},
};
use fhir::clins::document::DocumentKind;
use kernel::{
    Refusal,
    time::{JstDate, Timestamp},
};

/// A rule's value from a day on.
type Dated = (i16, i8, i8, i64);

/// Years for which documents are kept, from registration.
///
/// Checkup reports: five years. For the other documents no length is published; they get the
/// same, which is the retention of a medical record (医師法 第24条).
///
/// Source: clins-documents section b (retention: checkup report 5 years; referral NOT FOUND).
const YEARS: i16 = 5;

/// Days after which a letter that nobody opened is brought to its sender's attention.
///
/// Source: peers D31 ("not opened in 3 days").
const NUDGE_DAYS: [Dated; 1] = [(2026, 4, 1, 3)];

/// Until when a document registered at `registered` is kept: the first day on which it is gone.
#[must_use]
pub fn kept_until(_kind: DocumentKind, registered: Timestamp) -> JstDate {
    registered.jst_date().plus_years(YEARS)
}

/// Is a letter that became open to its addressee at `released` to be brought to its sender's
/// attention, as long as nobody has opened it?
#[must_use]
pub fn needs_nudge(released: Timestamp, at: Timestamp) -> bool {
    released.plus_hours(24 * nudge_days(at.jst_date())) <= at
}

/// Days until the nudge, as the rule stands on a day.
#[must_use]
pub fn nudge_days(on: JstDate) -> i64 {
    let mut days = NUDGE_DAYS.iter().rev().filter(|(year, month, day, _)| {
        JstDate::new(*year, *month, *day).is_some_and(|since| since <= on)
    });
    days.next().or(NUDGE_DAYS.first()).map_or(3, |rule| rule.3)
}

/// Is version `later` later than version `earlier`? Parts between dots are compared as numbers;
/// `1` is `1.0`.
///
/// Source: FHIR composition-clinicaldocument-versionNumber; examples write `1` and `1.0`.
#[must_use]
pub fn is_later(later: &str, earlier: &str) -> bool {
    let parts = |text: &str| -> Vec<u64> {
        let mut parts: Vec<u64> = text.split('.').map(|p| p.parse().unwrap_or(0)).collect();
        while parts.last() == Some(&0) {
            parts.pop();
        }
        parts
    };
    parts(later) > parts(earlier)
}

/// Longest name of who obtained a consent, in characters.
const NAME_MAX: usize = 100;
/// A consent to a letter is as old as this at most.
const CONSENT_DAYS_MAX: i64 = 366;
/// Clocks of a sender may go ahead by so much.
const AHEAD_SECONDS: i64 = 300;

/// The patient's oral consent as it goes on record at `now`.
///
/// # Errors
/// `TSK-REC-051`, `TSK-REC-052`.
pub fn consent(oral: &Oral, now: Timestamp, recorded_by: &str) -> Result<Consent, Refusal> {
    let by = oral.by.trim();
    if by.is_empty() || by.chars().count() > NAME_MAX {
        return Err(Refusal::at(&no::CONSENT_BY, "by", by));
    }
    let latest = now.plus_seconds(AHEAD_SECONDS);
    let earliest = now.plus_hours(-24 * CONSENT_DAYS_MAX);
    if oral.at > latest || oral.at < earliest {
        return Err(Refusal::at(&no::CONSENT_TIME, "at", &oral.at.to_string()));
    }
    Ok(Consent {
        is_given: true,
        at: oral.at,
        by: by.to_owned(),
        recorded_at: now,
        recorded_by: recorded_by.to_owned(),
    })
}
