//! Instants in UTC, dates in Japan's calendar, half-open periods.
//!
//! An instant becomes a date only through [`Timestamp::jst_date`]; Japan has had no
//! summer time since 1951, so the offset is fixed at nine hours.

use std::fmt;

use jiff::{civil, tz};

/// An instant, in microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

const MICROS_PER_SECOND: i64 = 1_000_000;
const JST_OFFSET_HOURS: i8 = 9;

impl Timestamp {
    /// From microseconds since the epoch, as stored.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since the epoch.
    #[must_use]
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Whole seconds since the epoch, rounded down.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(MICROS_PER_SECOND)
    }

    /// This instant and `seconds` more (or, negative, less).
    #[must_use]
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        Self(
            self.0
                .saturating_add(seconds.saturating_mul(MICROS_PER_SECOND)),
        )
    }

    /// This instant and `hours` more.
    #[must_use]
    pub const fn plus_hours(self, hours: i64) -> Self {
        self.plus_seconds(hours.saturating_mul(3600))
    }

    /// From RFC 3339 text such as `2026-11-22T09:00:00Z`; an offset is required.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        text.parse::<jiff::Timestamp>()
            .ok()
            .map(|t| Self(t.as_microsecond()))
    }

    fn jiff(self) -> jiff::Timestamp {
        jiff::Timestamp::from_microsecond(self.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
    }

    fn jst(self) -> civil::DateTime {
        tz::Offset::constant(JST_OFFSET_HOURS).to_datetime(self.jiff())
    }

    /// The calendar date in Japan at this instant.
    #[must_use]
    pub fn jst_date(self) -> JstDate {
        JstDate(self.jst().date())
    }

    /// `2026-11-22 18:05` in Japan, for people.
    #[must_use]
    pub fn jst_minute(self) -> String {
        self.jst().strftime("%Y-%m-%d %H:%M").to_string()
    }

    /// `2026年11月22日 18時05分` in Japan, for people.
    #[must_use]
    pub fn jst_japanese(self) -> String {
        let t = self.jst();
        format!(
            "{}年{}月{}日 {}時{:02}分",
            t.year(),
            t.month(),
            t.day(),
            t.hour(),
            t.minute()
        )
    }
}

impl fmt::Display for Timestamp {
    /// RFC 3339 in UTC, with `Z`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.jiff())
    }
}

/// Where "now" comes from; the program hands in the system's, tests their own.
pub trait Clock: Send + Sync {
    /// The present instant.
    fn now(&self) -> Timestamp;
}

/// A calendar date in Japan.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JstDate(civil::Date);

impl JstDate {
    /// From year, month, day; `None` when there is no such date.
    #[must_use]
    pub fn new(year: i16, month: i8, day: i8) -> Option<Self> {
        civil::Date::new(year, month, day).ok().map(Self)
    }

    /// From `YYYY-MM-DD` exactly.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let shape = text.len() == 10
            && text.bytes().enumerate().all(|(i, b)| match i {
                4 | 7 => b == b'-',
                _ => b.is_ascii_digit(),
            });
        if !shape {
            return None;
        }
        text.parse().ok().map(Self)
    }

    /// From `YYYYMMDD` exactly, the form of the national interfaces.
    #[must_use]
    pub fn parse_compact(text: &str) -> Option<Self> {
        if text.len() != 8 || !text.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let (year, rest) = text.split_at(4);
        let (month, day) = rest.split_at(2);
        Self::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
    }

    /// `YYYYMMDD`.
    #[must_use]
    pub fn compact(self) -> String {
        self.0.strftime("%Y%m%d").to_string()
    }

    /// The year.
    #[must_use]
    pub fn year(self) -> i16 {
        self.0.year()
    }

    /// The month, 1 to 12.
    #[must_use]
    pub fn month(self) -> i8 {
        self.0.month()
    }

    /// The day of the month, 1 to 31.
    #[must_use]
    pub fn day(self) -> i8 {
        self.0.day()
    }

    /// This date and `days` more (or, negative, less); stays at the calendar's end.
    #[must_use]
    pub fn plus_days(self, days: i32) -> Self {
        Self(self.0.saturating_add(jiff::Span::new().days(days)))
    }

    /// This date and `years` more; 29 February becomes 28 February in a common year.
    #[must_use]
    pub fn plus_years(self, years: i16) -> Self {
        Self(self.0.saturating_add(jiff::Span::new().years(years)))
    }

    /// The first instant of this date in Japan.
    #[must_use]
    pub fn start(self) -> Timestamp {
        tz::Offset::constant(JST_OFFSET_HOURS)
            .to_timestamp(self.0.to_datetime(civil::Time::midnight()))
            .map_or(Timestamp(0), |t| Timestamp(t.as_microsecond()))
    }

    /// Completed years of age on `on` for a person born on this date.
    ///
    /// Source: 年齢計算ニ関スル法律 — a year of age is completed at the end of the day
    /// before the birthday; for daily use the birthday itself counts as the day.
    #[must_use]
    pub fn age_on(self, on: Self) -> i16 {
        let years = on.year().saturating_sub(self.year());
        let before = (on.month(), on.day()) < (self.month(), self.day());
        years.saturating_sub(i16::from(before))
    }

    /// `2026年11月22日`.
    #[must_use]
    pub fn japanese(self) -> String {
        format!("{}年{}月{}日", self.year(), self.month(), self.day())
    }

    /// The date in the Japanese era (和暦), such as `令和8年11月22日`.
    #[must_use]
    pub fn wareki(self) -> String {
        const ERAS: [(&str, (i16, i8, i8)); 4] = [
            ("令和", (2019, 5, 1)),
            ("平成", (1989, 1, 8)),
            ("昭和", (1926, 12, 25)),
            ("大正", (1912, 7, 30)),
        ];
        let key = (self.year(), self.month(), self.day());
        ERAS.iter().find(|(_, from)| key >= *from).map_or_else(
            || self.japanese(),
            |(era, (first, _, _))| {
                let year = self.year().saturating_sub(*first).saturating_add(1);
                let year = if year == 1 {
                    "元".to_owned()
                } else {
                    year.to_string()
                };
                format!("{era}{year}年{}月{}日", self.month(), self.day())
            },
        )
    }
}

impl fmt::Display for JstDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl fmt::Debug for JstDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// A half-open span `[from, until)`; without `until` it has no end yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period<T> {
    from: T,
    until: Option<T>,
}

impl<T: Copy + Ord> Period<T> {
    /// A period; `None` when it would end before it begins or hold nothing.
    #[must_use]
    pub fn new(from: T, until: Option<T>) -> Option<Self> {
        match until {
            Some(until) if until <= from => None,
            _ => Some(Self { from, until }),
        }
    }

    /// First moment inside.
    #[must_use]
    pub const fn from(&self) -> T {
        self.from
    }

    /// First moment no longer inside.
    #[must_use]
    pub const fn until(&self) -> Option<T> {
        self.until
    }

    /// Is `at` inside?
    #[must_use]
    pub fn contains(&self, at: T) -> bool {
        self.from <= at && self.until.is_none_or(|until| at < until)
    }

    /// Do the two share a moment?
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        let starts_before_end = |a: &Self, b: &Self| b.until.is_none_or(|until| a.from < until);
        starts_before_end(self, other) && starts_before_end(other, self)
    }
}
