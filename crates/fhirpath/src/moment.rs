//! Dates, dates with time, and times of day, each as precise as it was written.
//!
//! Source: FHIRPath N1 4.1.5 to 4.1.7 (literals), 6.1 and 6.2 (comparison by precision).

mod reckon;

use std::cmp::Ordering;
use std::fmt;

use kernel::time::Timestamp;

/// What kind of moment it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MomentKind {
    /// A day, month or year.
    Date,
    /// The same, with a time or without one.
    DateTime,
    /// A time of day.
    Time,
}

/// How far down it goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Precision {
    Year,
    Month,
    Day,
    Hour,
    Minute,
    Second,
}

/// A point in time, or the span that an imprecise one leaves open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    kind: MomentKind,
    precision: Precision,
    year: i32,
    month: u8,
    day: u8,
    /// Nanoseconds since midnight.
    nanos: i64,
    /// Digits of the fraction of the second.
    digits: u8,
    /// Minutes ahead of UTC; `None` when no zone was written.
    offset: Option<i32>,
}

/// Japanese time, in minutes ahead of UTC.
const JAPAN: i32 = 9 * 60;
const NANO: i64 = 1_000_000_000;
const MINUTE: i64 = 60 * NANO;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

fn digits(text: &str, count: usize) -> Option<(i32, &str)> {
    let (head, tail) = text.split_at_checked(count)?;
    let plain = head.bytes().all(|b| b.is_ascii_digit());
    plain
        .then(|| head.parse().ok())
        .flatten()
        .map(|n| (n, tail))
}

fn small(n: i32) -> u8 {
    u8::try_from(n).unwrap_or_default()
}

const fn is_leap(year: i32) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_of(year: i32, month: u8) -> u8 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01 (the proleptic Gregorian calendar, counted from March).
fn day_number(year: i32, month: u8, day: u8) -> i64 {
    let year = i64::from(year) - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let shifted = (i64::from(month) + 9) % 12;
    let of_year = (153 * shifted + 2) / 5 + i64::from(day) - 1;
    let within = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
    era * 146_097 + within - 719_468
}

/// The day of a number of days; `None` outside of the years 1 to 9999.
fn civil(days: i64) -> Option<(i32, u8, u8)> {
    let shifted = days.checked_add(719_468)?;
    let era = shifted.div_euclid(146_097);
    let within = shifted.rem_euclid(146_097);
    let of_era = (within - within / 1460 + within / 36_524 - within / 146_096) / 365;
    let of_year = within - (365 * of_era + of_era / 4 - of_era / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = of_era + era * 400 + i64::from(month <= 2);
    (1..=9999).contains(&year).then_some(())?;
    Some((
        i32::try_from(year).ok()?,
        u8::try_from(month).ok()?,
        u8::try_from(day).ok()?,
    ))
}

impl Moment {
    /// What kind it is.
    #[must_use]
    pub const fn kind(&self) -> MomentKind {
        self.kind
    }

    /// From text as FHIR writes it.
    #[must_use]
    pub fn parse(text: &str, kind: MomentKind) -> Option<Self> {
        let mut moment = Self {
            kind,
            precision: Precision::Year,
            year: 1970,
            month: 1,
            day: 1,
            nanos: 0,
            digits: 0,
            offset: None,
        };
        if kind == MomentKind::Time {
            return moment.read_time(text)?.is_empty().then_some(moment);
        }
        let rest = moment.read_date(text)?;
        if rest.is_empty() {
            return Some(moment);
        }
        let rest = rest.strip_prefix('T')?;
        if kind == MomentKind::Date {
            return None;
        }
        if rest.is_empty() {
            return Some(moment);
        }
        (moment.precision == Precision::Day).then_some(())?;
        let zone = moment.read_time(rest)?;
        moment.read_zone(zone).then_some(moment)
    }

    /// From a literal, without its `@`.
    pub(crate) fn parse_literal(text: &str) -> Option<Self> {
        if let Some(time) = text.strip_prefix('T') {
            return Self::parse(time, MomentKind::Time);
        }
        let kind = if text.contains('T') {
            MomentKind::DateTime
        } else {
            MomentKind::Date
        };
        Self::parse(text, kind)
    }

    fn read_date<'t>(&mut self, text: &'t str) -> Option<&'t str> {
        let (year, rest) = digits(text, 4)?;
        self.year = year;
        (year > 0).then_some(())?;
        let Some(rest) = rest.strip_prefix('-') else {
            return Some(rest);
        };
        let (month, rest) = digits(rest, 2)?;
        (1..=12).contains(&month).then_some(())?;
        self.month = small(month);
        self.precision = Precision::Month;
        let Some(rest) = rest.strip_prefix('-') else {
            return Some(rest);
        };
        let (day, rest) = digits(rest, 2)?;
        self.day = small(day);
        self.precision = Precision::Day;
        let fits = self.day >= 1 && self.day <= days_of(self.year, self.month);
        fits.then_some(rest)
    }

    fn read_time<'t>(&mut self, text: &'t str) -> Option<&'t str> {
        let (hour, rest) = digits(text, 2)?;
        (hour < 24).then_some(())?;
        self.nanos = i64::from(hour) * HOUR;
        self.precision = Precision::Hour;
        let Some(rest) = rest.strip_prefix(':') else {
            return Some(rest);
        };
        let (minute, rest) = digits(rest, 2)?;
        (minute < 60).then_some(())?;
        self.nanos += i64::from(minute) * MINUTE;
        self.precision = Precision::Minute;
        let Some(rest) = rest.strip_prefix(':') else {
            return Some(rest);
        };
        let (second, rest) = digits(rest, 2)?;
        (second <= 60).then_some(())?;
        self.nanos += i64::from(second) * NANO;
        self.precision = Precision::Second;
        let Some(fraction) = rest.strip_prefix('.') else {
            return Some(rest);
        };
        let count = fraction.bytes().take_while(u8::is_ascii_digit).count();
        (count > 0).then_some(())?;
        let (fraction, rest) = fraction.split_at(count);
        let known = fraction.get(..9).unwrap_or(fraction);
        self.digits = small(i32::try_from(known.len()).ok()?);
        let scale = 10_i64.checked_pow(9 - u32::from(self.digits))?;
        self.nanos += known.parse::<i64>().ok()? * scale;
        Some(rest)
    }

    fn read_zone(&mut self, text: &str) -> bool {
        if text.is_empty() {
            return true;
        }
        if text == "Z" {
            self.offset = Some(0);
            return true;
        }
        let (sign, rest) = match text.split_at_checked(1) {
            Some(("+", rest)) => (1, rest),
            Some(("-", rest)) => (-1, rest),
            _ => return false,
        };
        let parts = digits(rest, 2)
            .and_then(|(hour, rest)| Some((hour, digits(rest.strip_prefix(':')?, 2)?)));
        match parts {
            Some((hour, (minute, ""))) if hour <= 14 && minute < 60 => {
                self.offset = Some(sign * (hour * 60 + minute));
                true
            }
            _ => false,
        }
    }

    /// An instant, in Japanese time (its day is the day here), to the millisecond.
    pub(crate) fn of_instant(at: Timestamp) -> Option<Self> {
        let nanos = i128::from(at.micros()) * 1000;
        Self::of_nanos(nanos - nanos.rem_euclid(1_000_000), JAPAN)
    }

    fn of_nanos(utc: i128, offset: i32) -> Option<Self> {
        let local = utc + i128::from(offset) * i128::from(MINUTE);
        let days = i64::try_from(local.div_euclid(i128::from(DAY))).ok()?;
        let (year, month, day) = civil(days)?;
        Some(Self {
            kind: MomentKind::DateTime,
            precision: Precision::Second,
            year,
            month,
            day,
            nanos: i64::try_from(local.rem_euclid(i128::from(DAY))).ok()?,
            digits: 3,
            offset: Some(offset),
        })
    }

    /// The date alone.
    pub(crate) fn date(mut self) -> Self {
        self.kind = MomentKind::Date;
        self.cut(Precision::Day);
        self.offset = None;
        self
    }

    /// The time alone.
    pub(crate) fn time(mut self) -> Self {
        self.kind = MomentKind::Time;
        // As one that was written: of no day.
        (self.year, self.month, self.day) = (1970, 1, 1);
        self.offset = None;
        self
    }

    /// The same as a date with time.
    pub(crate) fn as_date_time(mut self) -> Self {
        self.kind = MomentKind::DateTime;
        self
    }

    /// Forgets what is finer than `precision`.
    fn cut(&mut self, precision: Precision) {
        self.precision = self.precision.min(precision);
        if self.precision < Precision::Second {
            self.digits = 0;
        }
        self.nanos = match self.precision {
            Precision::Second => self.nanos,
            Precision::Minute => self.nanos - self.nanos % MINUTE,
            Precision::Hour => self.nanos - self.nanos % HOUR,
            _ => 0,
        };
        if self.precision < Precision::Day {
            self.day = 1;
        }
        if self.precision < Precision::Month {
            self.month = 1;
        }
    }

    /// First and last nanosecond that it may mean, by its own clock.
    fn span(&self) -> (i128, i128) {
        let at = |year, month, day, nanos: i64| {
            i128::from(day_number(year, month, day)) * i128::from(DAY) + i128::from(nanos)
        };
        let first = at(self.year, self.month, self.day, self.nanos);
        let last = match self.precision {
            Precision::Year => at(self.year, 12, 31, DAY - 1),
            Precision::Month => at(
                self.year,
                self.month,
                days_of(self.year, self.month),
                DAY - 1,
            ),
            Precision::Day => at(self.year, self.month, self.day, DAY - 1),
            Precision::Hour => first + i128::from(HOUR - 1),
            Precision::Minute => first + i128::from(MINUTE - 1),
            Precision::Second => first,
        };
        (first, last)
    }

    /// The first and last instant (nanoseconds since 1970 in UTC) that it may mean, when
    /// `offset` minutes ahead of UTC is the zone of what has none.
    #[must_use]
    pub fn utc_span(&self, offset: i32) -> (i128, i128) {
        let (first, last) = self.span();
        let shift = i128::from(self.offset.unwrap_or(offset)) * i128::from(MINUTE);
        (first - shift, last - shift)
    }

    /// Which is earlier; `None` when what is known does not tell, or when one is a time of day
    /// and the other is not.
    #[must_use]
    pub fn compare(&self, other: &Self) -> Option<Ordering> {
        if (self.kind == MomentKind::Time) != (other.kind == MomentKind::Time) {
            return None;
        }
        let zone = |m: &Self| i128::from(m.offset.unwrap_or(0)) * i128::from(MINUTE);
        let timed = self.precision > Precision::Day && other.precision > Precision::Day;
        let ((mut a, mut a_end), (mut b, mut b_end)) = (self.span(), other.span());
        // A zone matters where both have a time; a day is a day wherever it is.
        if timed && self.kind != MomentKind::Time {
            (a, a_end) = (a - zone(self), a_end - zone(self));
            (b, b_end) = (b - zone(other), b_end - zone(other));
            let (ahead, behind) = (i128::from(14 * HOUR), i128::from(12 * HOUR));
            match (self.offset, other.offset) {
                (None, Some(_)) => (a, a_end) = (a - ahead, a_end + behind),
                (Some(_), None) => (b, b_end) = (b - ahead, b_end + behind),
                _ if self.precision == other.precision => return Some(a.cmp(&b)),
                _ => {}
            }
        } else if self.precision == other.precision {
            return Some(a.cmp(&b));
        }
        if a_end < b {
            Some(Ordering::Less)
        } else if a > b_end {
            Some(Ordering::Greater)
        } else {
            None
        }
    }

    /// Are they the same to the same precision?
    pub(crate) fn is_equivalent(&self, other: &Self) -> bool {
        self.precision == other.precision && self.compare(other) == Some(Ordering::Equal)
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.kind != MomentKind::Time {
            write!(f, "{:04}", self.year)?;
            if self.precision >= Precision::Month {
                write!(f, "-{:02}", self.month)?;
            }
            if self.precision >= Precision::Day {
                write!(f, "-{:02}", self.day)?;
            }
            if self.precision > Precision::Day {
                f.write_str("T")?;
            }
        }
        if self.precision >= Precision::Hour {
            write!(f, "{:02}", self.nanos / HOUR)?;
        }
        if self.precision >= Precision::Minute {
            write!(f, ":{:02}", self.nanos % HOUR / MINUTE)?;
        }
        if self.precision >= Precision::Second {
            write!(f, ":{:02}", self.nanos % MINUTE / NANO)?;
        }
        if self.digits > 0 {
            let fraction = format!("{:09}", self.nanos % NANO);
            let shown = fraction.get(..usize::from(self.digits)).unwrap_or_default();
            write!(f, ".{shown}")?;
        }
        match self.offset {
            _ if self.precision <= Precision::Day => Ok(()),
            None => Ok(()),
            Some(0) => f.write_str("Z"),
            Some(offset) => {
                let sign = if offset < 0 { '-' } else { '+' };
                let minutes = offset.abs();
                write!(f, "{sign}{:02}:{:02}", minutes / 60, minutes % 60)
            }
        }
    }
}
