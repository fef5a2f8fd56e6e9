//! The family of the demonstration, written by hand: 橘 佐和子 has lived with hypertension and
//! diabetes for years, must never be given penicillin, and has a diagnosis that she has not
//! been told of. Her sugar, well treated for a year, has lately risen again without reason,
//! and her liver values with it: what a second doctor would ask about. With her lives her
//! husband, one of the late elderly; their son's family lives near by, with twins whom
//! nothing but name and branch number tells apart.
//!
//! Identifiers, births and old onsets are fixed; visits are counted back from the day of the
//! demonstration, so that the story is always fresh. She is 68 in November 2026.

mod places;
mod story;

use kernel::time::JstDate;

use super::clins::{self, Author, Bundle};
use super::facilities::Facility;
use super::model::Life;

pub use places::facilities;
pub use story::family;

/// First index of the family: far above any population's.
pub const INDEX_FIRST: u64 = 900_000_000_000;

/// Hour at which the hospital sends, in seconds of the day.
const SENT_AT_SECONDS: i64 = 17 * 3600 + 10 * 60;

/// The patient of the demonstration, as she is on `on`.
#[must_use]
pub fn patient(on: JstDate) -> Life {
    story::sawako(on)
}

/// The hospital that treats her.
#[must_use]
pub fn hospital() -> Facility {
    places::hospital()
}

/// Everything that her hospital sends on `on`: diagnoses, allergies, and a report a visit.
#[must_use]
pub fn bundles(on: JstDate) -> Vec<Bundle> {
    let hospital = hospital();
    let sent = on.start().plus_seconds(SENT_AT_SECONDS);
    Author::of(&hospital).map_or_else(Vec::new, |author| clins::all(&patient(on), &author, sent))
}

/// A fixed date; the epoch if there were no such day, which a test would notice.
fn day(text: &str) -> JstDate {
    JstDate::parse(text).unwrap_or(kernel::time::Timestamp::from_micros(0).jst_date())
}
