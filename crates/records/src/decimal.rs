//! Decimal numbers as laboratories write them, compared and scaled without rounding.
//!
//! A result is text that must stay as sent (`3.50`, `1e5`), and a mark or a curve drawn from
//! it must never be wrong: what cannot be held exactly is not drawn at all.
//!
//! Source: FHIR R4 datatypes.html#decimal (form); house rule: no floating point.

use std::cmp::Ordering;

/// Digits of the longest number that is read.
const DIGITS_MAX: usize = 64;
/// Most decimals of a drawn number.
pub(crate) const PLACES_MAX: usize = 9;
/// Largest scaled value that is drawn, as in `web::ui::trend`.
const DRAWN_MAX: i64 = 1_000_000_000_000;

/// `±digits × 10^-scale`, exactly.
#[derive(Clone, Debug)]
pub(crate) struct Decimal {
    is_negative: bool,
    /// Without zeros on the left; empty for zero.
    digits: String,
    scale: i64,
}

impl Decimal {
    /// From JSON number text; `None` for any other text and for more than 64 digits.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (is_negative, bare) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (mantissa, exponent) = match bare.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, i64::from(exponent.parse::<i16>().ok()?)),
            None => (bare, 0),
        };
        let (whole, part) = match mantissa.split_once('.') {
            Some((_, "")) => return None,
            Some(parts) => parts,
            None => (mantissa, ""),
        };
        let all = format!("{whole}{part}");
        let fits =
            !whole.is_empty() && all.len() <= DIGITS_MAX && all.bytes().all(|b| b.is_ascii_digit());
        fits.then(|| Self {
            is_negative,
            digits: all.trim_start_matches('0').to_owned(),
            scale: i64::try_from(part.len())
                .unwrap_or(i64::MAX)
                .saturating_sub(exponent),
        })
    }

    /// Decimals that it takes to write it without an exponent, as precisely as it was sent.
    pub(crate) fn places(&self) -> usize {
        usize::try_from(self.scale).unwrap_or(0)
    }

    /// It as an integer with `places` decimals; `None` when that would round, or be too large
    /// to draw.
    pub(crate) fn scaled(&self, places: usize) -> Option<i64> {
        if self.digits.is_empty() {
            return Some(0);
        }
        let shift = i64::try_from(places).ok()?.checked_sub(self.scale)?;
        let count = usize::try_from(shift.unsigned_abs()).ok()?;
        let text = if shift >= 0 {
            // Longer than this cannot be drawn, and must not be written out.
            (count <= DIGITS_MAX).then(|| format!("{}{}", self.digits, "0".repeat(count)))?
        } else {
            let (kept, cut) = self
                .digits
                .split_at_checked(self.digits.len().checked_sub(count)?)?;
            cut.bytes().all(|b| b == b'0').then(|| kept.to_owned())?
        };
        let value: i64 = text.parse().ok().filter(|n| *n <= DRAWN_MAX)?;
        Some(if self.is_negative { -value } else { value })
    }

    /// The power of ten of the first digit; nothing for zero.
    fn magnitude(&self) -> Option<i64> {
        let count = i64::try_from(self.digits.len()).ok().filter(|n| *n > 0)?;
        Some(count.saturating_sub(self.scale))
    }

    fn sign(&self) -> i8 {
        match (self.digits.is_empty(), self.is_negative) {
            (true, _) => 0,
            (false, true) => -1,
            (false, false) => 1,
        }
    }
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Decimal {}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    /// By value: `1.50` and `1.5` are equal.
    fn cmp(&self, other: &Self) -> Ordering {
        let by_size = || {
            let tails = |d: &Self| d.digits.trim_end_matches('0').to_owned();
            self.magnitude()
                .cmp(&other.magnitude())
                .then_with(|| tails(self).cmp(&tails(other)))
        };
        self.sign()
            .cmp(&other.sign())
            .then_with(|| match self.sign() {
                1 => by_size(),
                -1 => by_size().reverse(),
                _ => Ordering::Equal,
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Decimal {
        Decimal::parse(text).expect("a number")
    }

    #[test]
    fn only_number_text_is_a_number() {
        let long = "9".repeat(65);
        for bad in [
            "",
            "-",
            ".",
            "-.",
            ".5",
            "5.",
            "1..2",
            "1.2.3",
            "--5",
            "1e",
            "1e5.5",
            "e5",
            "1e99999",
            "+5",
            "５",
            "1.５",
            "一二三四",
            "1,000",
            " 1",
            "1 ",
            "0x10",
            "NaN",
            "1_0",
            "1-",
            "1e-",
            &long,
        ] {
            assert!(Decimal::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn numbers_are_compared_by_value_at_any_size() {
        for (small, large) in [
            ("1.5", "1.51"),
            ("9", "1e1"),
            ("99", "1.5e3"),
            ("-2", "-1.99"),
            ("-1", "0"),
            ("0", "1e-30"),
            ("1234567890123456789012", "1234567890123456789013"),
            ("1e300", "1e301"),
        ] {
            assert!(read(small) < read(large), "{small} < {large}");
        }
        for (one, same) in [
            ("1.50", "1.5"),
            ("0", "-0.00"),
            ("1e2", "100"),
            ("12E-1", "1.2"),
        ] {
            assert_eq!(read(one), read(same), "{one} = {same}");
        }
    }

    #[test]
    fn what_cannot_be_drawn_exactly_is_not_drawn() {
        assert_eq!(read("1.5e3").scaled(1), Some(15_000));
        assert_eq!(read("1.5e3").places(), 0);
        assert_eq!(read("-0.05").scaled(2), Some(-5));
        assert_eq!(read("7.80").scaled(1), Some(78));
        assert_eq!(read("7.85").scaled(1), None);
        assert_eq!(read("0e500").scaled(0), Some(0));
        assert_eq!(read("1e500").scaled(0), None);
        assert_eq!(read("1e-500").scaled(9), None);
        assert_eq!(read("1000000000000").scaled(0), Some(DRAWN_MAX));
        assert_eq!(read("1000000000000").scaled(1), None);
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in ".{0,80}") {
            if let Some(number) = Decimal::parse(&text) {
                prop_assert_eq!(&number, &number);
                let _drawn = number.scaled(number.places().min(PLACES_MAX));
            }
        }

        #[test]
        fn order_and_scale_are_those_of_whole_numbers(a in -10_000_i64..10_000, b in -10_000_i64..10_000) {
            let text = |n: i64| {
                let sign = if n < 0 { "-" } else { "" };
                format!("{sign}{}.{:02}", n.unsigned_abs() / 100, n.unsigned_abs() % 100)
            };
            let (x, y) = (read(&text(a)), read(&text(b)));
            prop_assert_eq!(x.cmp(&y), a.cmp(&b));
            prop_assert_eq!(x.scaled(2), Some(a));
        }
    }
}
