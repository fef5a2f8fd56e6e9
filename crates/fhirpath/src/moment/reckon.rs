//! Reckoning with moments: durations more or less, and the bounds of what is imprecise.
//!
//! Source: FHIRPath N1 6.6.7 (arithmetic with durations); boundaries as the published suite has them.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

use super::{DAY, HOUR, MINUTE, Moment, MomentKind, NANO, Precision, days_of};

/// A calendar unit, and nanoseconds of those that have a fixed length.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unit {
    Years,
    Months,
    Nanos(i64),
}

/// Units of time; the months and years of UCUM are lengths of their own and no calendar's.
fn unit(name: &str) -> Option<Unit> {
    Some(match name {
        "year" => Unit::Years,
        "month" => Unit::Months,
        "week" | "wk" => Unit::Nanos(7 * DAY),
        "day" | "d" => Unit::Nanos(DAY),
        "hour" | "h" => Unit::Nanos(HOUR),
        "minute" | "min" => Unit::Nanos(MINUTE),
        "second" | "s" => Unit::Nanos(NANO),
        "millisecond" | "ms" => Unit::Nanos(1_000_000),
        _ => return None,
    })
}

impl Moment {
    /// This and a duration more, to its own precision; `None` when `unit` is no duration or the
    /// calendar ends.
    pub(crate) fn plus(&self, value: Decimal, unit_name: &str) -> Option<Self> {
        let unit = unit(unit_name)?;
        let mut sum = *self;
        match unit {
            _ if self.kind == MomentKind::Time => {
                let Unit::Nanos(length) = unit else {
                    return None;
                };
                let nanos = nanos_of(value, length)?.checked_add(i128::from(self.nanos))?;
                sum.nanos = i64::try_from(nanos.rem_euclid(i128::from(DAY))).ok()?;
            }
            Unit::Years => sum.add_months(whole(value)?.checked_mul(12)?)?,
            Unit::Months if self.precision == Precision::Year => {
                sum.add_months(whole(value)? / 12 * 12)?;
            }
            Unit::Months => sum.add_months(whole(value)?)?,
            Unit::Nanos(length) => sum.add_nanos(value, length)?,
        }
        // What is finer than the moment itself is not told.
        sum.cut(self.precision);
        Some(sum)
    }

    fn add_months(&mut self, months: i64) -> Option<()> {
        let count = i64::from(self.year)
            .checked_mul(12)?
            .checked_add(i64::from(self.month) - 1)?
            .checked_add(months)?;
        self.year = i32::try_from(count.div_euclid(12)).ok()?;
        self.month = u8::try_from(count.rem_euclid(12) + 1).ok()?;
        (1..=9999).contains(&self.year).then_some(())?;
        self.day = self.day.min(days_of(self.year, self.month));
        Some(())
    }

    fn add_nanos(&mut self, value: Decimal, length: i64) -> Option<()> {
        let nanos = nanos_of(value, length)?;
        match self.precision {
            // Days become months of 30 and years of 365 where nothing finer is known.
            Precision::Year => {
                let years = nanos / i128::from(DAY) / 365;
                return self.add_months(i64::try_from(years).ok()?.checked_mul(12)?);
            }
            Precision::Month => {
                let months = nanos / i128::from(DAY) / 30;
                return self.add_months(i64::try_from(months).ok()?);
            }
            _ => {}
        }
        let step = match self.precision {
            Precision::Day => DAY,
            Precision::Hour => HOUR,
            Precision::Minute => MINUTE,
            _ => 1,
        };
        let nanos = nanos - nanos % i128::from(step);
        let (first, _) = self.span();
        let sum = Self::of_nanos(first.checked_add(nanos)?, 0)?;
        (self.year, self.month, self.day) = (sum.year, sum.month, sum.day);
        self.nanos = sum.nanos;
        if self.nanos % NANO != 0 {
            self.digits = self.digits.max(3);
        }
        Some(())
    }

    /// Digits written: a year has 4, a time to the millisecond 17.
    pub(crate) fn precision_digits(&self) -> i64 {
        let count = match self.precision {
            Precision::Year => 4,
            Precision::Month => 6,
            Precision::Day => 8,
            Precision::Hour => 10,
            Precision::Minute => 12,
            Precision::Second if self.digits == 0 => 14,
            Precision::Second => 17,
        };
        if self.kind == MomentKind::Time {
            count - 8
        } else {
            count
        }
    }

    /// The first (or last) moment that this may mean, with so many digits.
    pub(crate) fn boundary(&self, high: bool, digits: Option<i64>) -> Option<Self> {
        let full = match self.kind {
            MomentKind::Date => 8,
            MomentKind::DateTime => 17,
            MomentKind::Time => 9,
        };
        let digits = digits.unwrap_or(full);
        let by_date = if self.kind == MomentKind::Time {
            digits.checked_add(8)?
        } else {
            digits
        };
        let precision = match by_date {
            4 => Precision::Year,
            6 => Precision::Month,
            8 => Precision::Day,
            10 => Precision::Hour,
            12 => Precision::Minute,
            14 | 17 => Precision::Second,
            _ => return None,
        };
        if digits > full.max(17) {
            return None;
        }
        let (first, last) = self.span();
        let mut bound = Self::of_nanos(if high { last } else { first }, 0)?;
        bound.kind = self.kind;
        bound.offset = self.offset;
        bound.precision = precision;
        bound.cut(precision);
        bound.nanos -= bound.nanos % 1_000_000;
        bound.digits = if by_date == 17 { 3 } else { 0 };
        if bound.precision > Precision::Day && self.kind == MomentKind::DateTime {
            // Without a zone, it may be anywhere on earth.
            let anywhere = if high { -12 * 60 } else { 14 * 60 };
            bound.offset = self.offset.or(Some(anywhere));
        } else {
            bound.offset = None;
        }
        Some(bound)
    }
}
fn whole(value: Decimal) -> Option<i64> {
    value.trunc().to_i64()
}

/// A fraction counts from seconds down; a part of a day or an hour does not.
fn nanos_of(value: Decimal, length: i64) -> Option<i128> {
    let value = if length > NANO { value.trunc() } else { value };
    value.checked_mul(Decimal::from(length))?.trunc().to_i128()
}
