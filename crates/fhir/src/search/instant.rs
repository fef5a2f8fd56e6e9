//! Dates and times as the spans that they stand for, in microseconds; what has no offset is
//! Japan's.
//!
//! Source: FHIR R4 search.html#date; datatypes.html#dateTime.

use kernel::time::{JstDate, Timestamp};

use crate::json::Node;

/// `[from, until)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub from: i64,
    pub until: i64,
}

const SECOND: i64 = 1_000_000;

impl Span {
    /// From a date, dateTime or instant of any precision.
    pub fn parse(text: &str) -> Option<Self> {
        match text.split_once('T') {
            None => Self::of_date(text),
            Some((date, time)) => {
                JstDate::parse(date)?;
                Self::of_time(date, time)
            }
        }
    }

    fn of_date(text: &str) -> Option<Self> {
        let first = |year: i16, month: i8| JstDate::new(year, month, 1);
        let digits = text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
        let (from, until) = match text.len() {
            4 if digits => {
                let year: i16 = text.parse().ok()?;
                (first(year, 1)?, first(year.checked_add(1)?, 1)?)
            }
            7 if digits => {
                let (year, month) = text.split_once('-')?;
                let (year, month): (i16, i8) = (year.parse().ok()?, month.parse().ok()?);
                let next = if month == 12 {
                    first(year.checked_add(1)?, 1)
                } else {
                    first(year, month.checked_add(1)?)
                };
                (first(year, month)?, next?)
            }
            10 => {
                let day = JstDate::parse(text)?;
                (day, day.plus_days(1))
            }
            _ => return None,
        };
        Some(Self {
            from: from.start().micros(),
            until: until.start().micros(),
        })
    }

    fn of_time(date: &str, time: &str) -> Option<Self> {
        let at = time.find(['Z', '+', '-', ' ']);
        let (clock, offset) = time.split_at(at.unwrap_or(time.len()));
        // In an address a plus sign is a space.
        let offset = match offset {
            "" => "+09:00".to_owned(),
            given => given.replace(' ', "+"),
        };
        let (clock, precision) = match clock.len() {
            5 => (format!("{clock}:00"), 60 * SECOND),
            8 => (clock.to_owned(), SECOND),
            _ => {
                let digits = clock.split_once('.')?.1.len();
                let more = u32::try_from(digits.clamp(1, 6)).ok()?;
                let unit = SECOND.checked_div(10_i64.checked_pow(more)?)?;
                (clock.to_owned(), unit.max(1))
            }
        };
        let from = Timestamp::parse(&format!("{date}T{clock}{offset}"))?.micros();
        Some(Self {
            from,
            until: from.saturating_add(precision),
        })
    }

    /// What a value of a resource stands for: a date, a Period, a Timing.
    pub fn of(node: Node<'_>) -> Option<Self> {
        if let Some(text) = node.as_str() {
            return Self::parse(text);
        }
        if let Some(bounds) = node.get("repeat").and_then(|r| r.get("boundsPeriod")) {
            return Self::of(bounds);
        }
        let events: Vec<Self> = node
            .list("event")
            .filter_map(|event| Self::parse(event.as_str()?))
            .collect();
        if let (Some(from), Some(until)) = (
            events.iter().map(|e| e.from).min(),
            events.iter().map(|e| e.until).max(),
        ) {
            return Some(Self { from, until });
        }
        let end = |key| node.str(key).and_then(Self::parse);
        match (end("start"), end("end")) {
            (None, None) => None,
            (start, end) => Some(Self {
                from: start.map_or(i64::MIN, |span| span.from),
                until: end.map_or(i64::MAX, |span| span.until),
            }),
        }
    }

    /// The same, wider at both ends by a tenth of its distance from now.
    pub fn about(self, now: i64) -> Self {
        let far = now.saturating_sub(self.from).saturating_abs();
        let slack = far.checked_div(10).unwrap_or(0);
        Self {
            from: self.from.saturating_sub(slack),
            until: self.until.saturating_add(slack),
        }
    }

    /// Have the two an instant in common?
    pub const fn overlaps(self, other: Self) -> bool {
        self.from < other.until && other.from < self.until
    }
}
