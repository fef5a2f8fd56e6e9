//! Decimals as searches compare them: exact, with the precision that was written.
//!
//! Source: FHIR R4 search.html#number (implicit precision).

use std::cmp::Ordering;

/// Most digits before and after the point that are compared.
const DIGITS_MAX: usize = 18;
const SCALE_MAX: i32 = 18;

/// `mantissa · 10^-scale`.
#[derive(Clone, Copy, Debug)]
pub struct Decimal {
    mantissa: i128,
    scale: i32,
}

impl Decimal {
    /// From its text; `None` for what is none, or has more digits than are compared.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (number, exponent) = match text.split_once(['e', 'E']) {
            Some((number, exponent)) => (number, exponent.parse::<i32>().ok()?),
            None => (text, 0),
        };
        let (sign, digits) = match number.strip_prefix('-') {
            Some(digits) => (-1, digits),
            None => (1, number),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all: String = [whole, fraction].concat();
        let ends_in_point = digits.ends_with('.');
        let is_number =
            !whole.is_empty() && !ends_in_point && all.bytes().all(|b| b.is_ascii_digit());
        if !is_number || all.len() > DIGITS_MAX {
            return None;
        }
        let mantissa: i128 = all.parse().ok()?;
        let scale = i32::try_from(fraction.len()).ok()?.checked_sub(exponent)?;
        let fits = (-SCALE_MAX..=SCALE_MAX).contains(&scale);
        fits.then_some(Self {
            mantissa: mantissa.saturating_mul(sign),
            scale,
        })
    }

    /// The mantissa when written with `scale` digits behind the point, which are no fewer.
    fn at(self, scale: i32) -> i128 {
        let more = u32::try_from(scale.saturating_sub(self.scale)).unwrap_or(0);
        let factor = 10_i128.checked_pow(more).unwrap_or(i128::MAX);
        self.mantissa.saturating_mul(factor)
    }

    /// Which is greater.
    #[must_use]
    pub fn compare(self, other: Self) -> Ordering {
        let scale = self.scale.max(other.scale);
        self.at(scale).cmp(&other.at(scale))
    }

    /// From half a unit of the last digit below to half a unit above: what the text may stand
    /// for.
    #[must_use]
    pub fn range(self) -> (Self, Self) {
        let wide = Self {
            mantissa: self.mantissa.saturating_mul(10),
            scale: self.scale.saturating_add(1),
        };
        let moved = |by| Self {
            mantissa: wide.mantissa.saturating_add(by),
            ..wide
        };
        (moved(-5), moved(5))
    }

    /// A tenth below and a tenth above.
    #[must_use]
    pub fn about(self) -> (Self, Self) {
        let tenth = self.mantissa.abs();
        let wide = Self {
            mantissa: self.mantissa.saturating_mul(10),
            scale: self.scale.saturating_add(1),
        };
        let moved = |by| Self {
            mantissa: wide.mantissa.saturating_add(by),
            ..wide
        };
        (moved(tenth.saturating_neg()), moved(tenth))
    }

    /// A text whose order is that of the numbers.
    #[must_use]
    pub fn sort_text(self) -> String {
        let whole = self.at(SCALE_MAX);
        // Moves the negative ones below the positive without changing the order.
        let moved = whole.cast_unsigned() ^ (1 << 127);
        format!("{moved:032x}")
    }
}
