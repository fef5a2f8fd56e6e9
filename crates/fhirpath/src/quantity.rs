//! Numbers with units: of the calendar, and of UCUM.
//!
//! Source: FHIRPath N1 4.1.8 (time-valued quantities), 6.1 and 6.2; FHIR R4 2.9.1.4.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;

use fhir::json::Node;
use rust_decimal::Decimal;

use crate::ucum::{self, Measure};

/// Address of UCUM.
const UCUM: &str = "http://unitsofmeasure.org";

/// Units of the calendar, each in the singular, the plural and as UCUM has them.
const CALENDAR: [(&str, &str, &str); 8] = [
    ("year", "years", "a"),
    ("month", "months", "mo"),
    ("week", "weeks", "wk"),
    ("day", "days", "d"),
    ("hour", "hours", "h"),
    ("minute", "minutes", "min"),
    ("second", "seconds", "s"),
    ("millisecond", "milliseconds", "ms"),
];

/// Is it a unit of the calendar, singular or plural?
pub fn is_calendar_word(word: &str) -> bool {
    CALENDAR
        .iter()
        .any(|(one, many, _)| word == *one || word == *many)
}

/// The singular of a unit of the calendar; any other word stays.
pub fn calendar_unit(word: &str) -> &str {
    let found = CALENDAR.iter().find(|(_, many, _)| word == *many);
    found.map_or(word, |(one, _, _)| one)
}

/// A number with its unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quantity<'a> {
    /// The number.
    pub value: Decimal,
    /// A unit of the calendar in the singular, or a code of UCUM; `1` for none.
    pub unit: Cow<'a, str>,
}

impl<'a> Quantity<'a> {
    /// Without a unit.
    pub(crate) const fn plain(value: Decimal) -> Self {
        Self {
            value,
            unit: Cow::Borrowed("1"),
        }
    }

    /// Of a `Quantity` element; `None` when its number stands for a range or is none.
    pub(crate) fn of_element(node: Node<'a>) -> Option<Self> {
        if node.get("comparator").is_some() {
            return None;
        }
        let text = node.get("value")?.as_number_text()?;
        let value = Decimal::from_str_exact(text)
            .or_else(|_| Decimal::from_scientific(text))
            .ok()?;
        let code = (node.str("system") == Some(UCUM)).then(|| node.str("code"));
        let unit = code.flatten().or_else(|| node.str("unit")).unwrap_or("1");
        Some(Self {
            value,
            unit: Cow::Borrowed(unit),
        })
    }

    /// From text such as `4 days`, `1 'wk'` or `3.5`.
    pub(crate) fn parse(text: &str) -> Option<Quantity<'static>> {
        let text = text.trim();
        let number = text.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '+' | '-')));
        let (number, unit) = text.split_at(number.unwrap_or(text.len()));
        if number.ends_with('.') || number.is_empty() {
            return None;
        }
        let value = Decimal::from_str_exact(number).ok()?;
        let unit = unit.trim_start();
        let unit = match unit.strip_prefix('\'').and_then(|u| u.strip_suffix('\'')) {
            Some(code) => code,
            None if unit.is_empty() => "1",
            None if is_calendar_word(unit) => calendar_unit(unit),
            None => return None,
        };
        Some(Quantity {
            value,
            unit: Cow::Owned(unit.to_owned()),
        })
    }

    /// The number in base units; the calendar's years and months are measures of their own.
    fn measure(&self, loose: bool) -> Option<Measure> {
        let code = CALENDAR
            .iter()
            .find(|(word, _, _)| *word == self.unit)
            .map(|(_, _, code)| *code);
        let unit = match (self.unit.as_ref(), code) {
            ("year" | "month", Some(code)) if !loose => ucum::calendar(code),
            (_, Some(code)) => ucum::measure(code),
            (unit, None) => ucum::measure(unit),
        };
        unit?.times(self.value)
    }

    /// Which is less; `None` when the units cannot be compared.
    pub(crate) fn compare(&self, other: &Self) -> Option<Ordering> {
        if self.unit == other.unit {
            return Some(self.value.cmp(&other.value));
        }
        let (a, b) = (self.measure(false)?, other.measure(false)?);
        a.compare(&b)
    }

    /// Can they be compared?
    pub(crate) fn is_comparable(&self, other: &Self) -> bool {
        let dimension = |q: &Self| q.measure(false);
        match (dimension(self), dimension(other)) {
            (Some(a), Some(b)) => a.compare(&b).is_some(),
            _ => self.unit == other.unit,
        }
    }

    /// Are they the same to the digits of the less precise?
    pub(crate) fn is_equivalent(&self, other: &Self) -> bool {
        if self.unit == other.unit {
            return is_near(self.value, other.value);
        }
        let (Some(mine), Some(theirs)) = (self.measure(true), other.measure(true)) else {
            return false;
        };
        match theirs.in_units_of(&mine, self.value) {
            Some(theirs) => is_near(self.value, theirs),
            None => mine.compare(&theirs) == Some(Ordering::Equal),
        }
    }

    /// The product, or with `divide` the quotient.
    pub(crate) fn scaled(&self, other: &Self, divide: bool) -> Option<Quantity<'static>> {
        let grouped = |unit: &str| match unit.contains(['/', '.']) {
            true => format!("({unit})"),
            false => unit.to_owned(),
        };
        let value = if divide {
            self.value.checked_div(other.value)?
        } else {
            self.value.checked_mul(other.value)?
        };
        let unit = match (self.unit.as_ref(), other.unit.as_ref()) {
            (unit, "1") => unit.to_owned(),
            ("1", unit) if !divide => unit.to_owned(),
            (a, b) if divide && a == b => "1".to_owned(),
            (a, b) if divide => format!("{}/{}", grouped(a), grouped(b)),
            (a, b) => format!("{}.{}", grouped(a), grouped(b)),
        };
        Some(Quantity {
            value,
            unit: Cow::Owned(unit),
        })
    }
}

/// Equal when both are rounded to the digits of the one with fewer.
pub fn is_near(a: Decimal, b: Decimal) -> bool {
    let digits = a.normalize().scale().min(b.normalize().scale());
    a.round_dp(digits) == b.round_dp(digits)
}

impl fmt::Display for Quantity<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if is_calendar_word(&self.unit) {
            write!(f, "{} {}", self.value, self.unit)
        } else {
            write!(f, "{} '{}'", self.value, self.unit)
        }
    }
}
