//! When a relation can be and when it holds: pure.

use kernel::{
    Entry,
    time::{JstDate, Timestamp},
};

use super::{ADULT_AGE, DAYS_MAX, End, Kind, NAMING_AGE, Relation};
use crate::errors;

/// The first day on which somebody born on `birth` is of age.
///
/// Source: 民法 第4条, 第143条第2項; 年齢計算ニ関スル法律. Born on 29 February, the year is
/// completed at the end of 28 February in a common year.
#[must_use]
pub fn adult_from(birth: JstDate) -> JstDate {
    let day = birth.plus_years(ADULT_AGE);
    if day.day() == birth.day() {
        day
    } else {
        day.plus_days(1)
    }
}

/// Why a relation of this kind cannot be, between people born on these days.
#[must_use]
pub fn objection(
    kind: Kind,
    subject: JstDate,
    proxy: JstDate,
    from: Timestamp,
    until: Timestamp,
) -> Option<&'static Entry> {
    let today = from.jst_date();
    let age = subject.age_on(today);
    let year = from.plus_hours(DAYS_MAX * 24);
    let fits = from < until
        && proxy.age_on(today) >= ADULT_AGE
        && match kind {
            Kind::Parent | Kind::Foster => until <= adult_from(subject).start(),
            Kind::Guardian => age >= ADULT_AGE && until <= year,
            Kind::Family => age >= NAMING_AGE && until <= year,
        };
    (!fits).then_some(&errors::PROXY_IMPOSSIBLE)
}

/// Does it hold at `at`?
///
/// What was ended has ended, even when the clock was set back since.
#[must_use]
pub fn is_in_force(relation: &Relation, at: Timestamp) -> bool {
    relation.ended_at.is_none() && relation.from <= at && at < relation.until
}

/// May they end it? A proxy lays it down at any time, an operator ends it by documents; a
/// person from fifteen on, who has their card's PIN to themself.
#[must_use]
pub fn may_end(by: End, subject_birth: JstDate, on: JstDate) -> bool {
    match by {
        End::Proxy | End::Operator => true,
        End::Subject => subject_birth.age_on(on) >= NAMING_AGE,
    }
}
