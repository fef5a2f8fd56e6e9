//! Units of UCUM as products of base units: enough to compare what laboratories and wards write.
//!
//! Temperatures and other units with a zero of their own, and arbitrary units, compare with
//! themselves only.
//!
//! Source: The Unified Code for Units of Measure 2.1, tables 1 to 4 and the grammar in §2.

use std::cmp::Ordering;

use rust_decimal::Decimal;

/// Characters of a unit at most.
const UNIT_BYTES_MAX: usize = 128;
/// Brackets inside one another at most.
const DEPTH_MAX: usize = 8;

/// Powers of metre, second, gram, radian, kelvin, coulomb, candela, mole, calendar month.
type Dimension = [i8; 9];

/// A number of base units, as a fraction: a sixtieth has no decimal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measure {
    value: Decimal,
    divisor: Decimal,
    dimension: Dimension,
}

const PREFIXES: [(&str, i32); 16] = [
    ("da", 1),
    ("T", 12),
    ("G", 9),
    ("M", 6),
    ("k", 3),
    ("h", 2),
    ("d", -1),
    ("c", -2),
    ("m", -3),
    ("u", -6),
    ("n", -9),
    ("p", -12),
    ("f", -15),
    ("P", 15),
    ("E", 18),
    ("a", -18),
];

/// Units, whether they take prefixes, how many of which product of others they are.
const UNITS: [(&str, bool, &str, &str); 40] = [
    ("l", true, "0.001", "m3"),
    ("L", true, "0.001", "m3"),
    ("min", false, "60", "s"),
    ("h", false, "3600", "s"),
    ("d", false, "86400", "s"),
    ("wk", false, "604800", "s"),
    ("mo", false, "2629800", "s"),
    ("a", false, "31557600", "s"),
    ("Hz", true, "1", "s-1"),
    ("N", true, "1000", "g.m/s2"),
    ("Pa", true, "1000", "g/m/s2"),
    ("J", true, "1000", "g.m2/s2"),
    ("W", true, "1000", "g.m2/s3"),
    ("A", true, "1", "C/s"),
    ("V", true, "1000", "g.m2/s2/C"),
    ("F", true, "0.001", "C2.s2/g/m2"),
    ("Ohm", true, "1000", "g.m2/s/C2"),
    ("S", true, "0.001", "C2.s/g/m2"),
    ("lm", true, "1", "cd"),
    ("lx", true, "1", "cd/m2"),
    ("Bq", true, "1", "s-1"),
    ("Gy", true, "1", "m2/s2"),
    ("Sv", true, "1", "m2/s2"),
    ("bar", true, "100000000", "g/m/s2"),
    ("m[Hg]", true, "133322000", "g/m/s2"),
    ("m[H2O]", true, "9806650", "g/m/s2"),
    ("cal", true, "4184", "g.m2/s2"),
    ("[Cal]", false, "4184000", "g.m2/s2"),
    ("t", true, "1000000", "g"),
    ("kat", true, "1", "mol/s"),
    ("eq", true, "1", "mol"),
    ("osm", true, "1", "mol"),
    ("U", true, "0.000001", "mol/min"),
    ("%", false, "0.01", "1"),
    ("[ppth]", false, "0.001", "1"),
    ("[ppm]", false, "0.000001", "1"),
    ("[in_i]", false, "0.0254", "m"),
    ("[ft_i]", false, "0.3048", "m"),
    ("[lb_av]", false, "453.59237", "g"),
    ("[oz_av]", false, "28.349523125", "g"),
];

const BASE: [&str; 8] = ["m", "s", "g", "rad", "K", "C", "cd", "mol"];

impl Measure {
    const ONE: Self = Self {
        value: Decimal::ONE,
        divisor: Decimal::ONE,
        dimension: [0; 9],
    };

    /// So many of these.
    pub fn times(mut self, count: Decimal) -> Option<Self> {
        self.value = self.value.checked_mul(count)?;
        Some(self)
    }

    /// Which is less; `None` for different dimensions.
    pub fn compare(&self, other: &Self) -> Option<Ordering> {
        (self.dimension == other.dimension).then_some(())?;
        let mine = self.value.checked_mul(other.divisor)?;
        Some(mine.cmp(&other.value.checked_mul(self.divisor)?))
    }

    /// This in the unit of which `count` are `other`.
    pub fn in_units_of(&self, other: &Self, count: Decimal) -> Option<Decimal> {
        if self.dimension != other.dimension {
            return None;
        }
        let mine = self.value.checked_mul(other.divisor)?.checked_mul(count)?;
        mine.checked_div(other.value.checked_mul(self.divisor)?)
    }

    fn joined(mut self, other: &Self, power: i32) -> Option<Self> {
        let (above, below) = if power < 0 {
            (other.divisor, other.value)
        } else {
            (other.value, other.divisor)
        };
        for _ in 0..power.unsigned_abs() {
            self.value = self.value.checked_mul(above)?;
            self.divisor = self.divisor.checked_mul(below)?;
        }
        let power = i8::try_from(power).ok()?;
        for (mine, theirs) in self.dimension.iter_mut().zip(other.dimension) {
            *mine = mine.checked_add(theirs.checked_mul(power)?)?;
        }
        Some(self)
    }
}

/// A calendar's month or year (`mo`, `a`), which has no fixed number of days.
pub fn calendar(code: &str) -> Option<Measure> {
    let value = match code {
        "mo" => Decimal::ONE,
        "a" => Decimal::from(12),
        _ => return None,
    };
    let dimension = [0, 0, 0, 0, 0, 0, 0, 0, 1];
    Some(Measure {
        value,
        divisor: Decimal::ONE,
        dimension,
    })
}

/// What a unit is in base units; `None` when it is not known.
pub fn measure(unit: &str) -> Option<Measure> {
    if unit.len() > UNIT_BYTES_MAX {
        return None;
    }
    let (measure, rest) = product(unit, 0)?;
    rest.is_empty().then_some(measure)
}

/// Factors between points and slashes.
fn product(text: &str, depth: usize) -> Option<(Measure, &str)> {
    let (mut sign, mut rest) = match text.strip_prefix('/') {
        Some(rest) => (-1, rest),
        None => (1, text),
    };
    let mut whole = Measure::ONE;
    loop {
        let (factor, after) = factor(rest, depth)?;
        whole = whole.joined(&factor, sign)?;
        rest = after;
        if let Some(after) = rest.strip_prefix('.') {
            (sign, rest) = (1, after);
        } else if let Some(after) = rest.strip_prefix('/') {
            (sign, rest) = (-1, after);
        } else {
            return Some((whole, rest));
        }
    }
}

fn factor(text: &str, depth: usize) -> Option<(Measure, &str)> {
    if let Some(inner) = text.strip_prefix('(') {
        if depth >= DEPTH_MAX {
            return None;
        }
        let (inner, rest) = product(inner, depth + 1)?;
        return Some((inner, rest.strip_prefix(')')?));
    }
    if let Some(note) = text.strip_prefix('{') {
        let (_, rest) = note.split_once('}')?;
        return Some((Measure::ONE, rest));
    }
    let (symbol, rest) = text.split_at(symbol_end(text));
    let (atom, power) = split_power(symbol);
    let unit = match atom {
        "10*" | "10^" => Measure::ONE.times(Decimal::TEN)?,
        _ if atom.bytes().all(|b| b.is_ascii_digit()) => {
            Measure::ONE.times(atom.parse::<u32>().ok()?.into())?
        }
        _ => named(atom, depth)?,
    };
    let raised = Measure::ONE.joined(&unit, power)?;
    // A note behind a unit says nothing about its size.
    let rest = match rest.strip_prefix('{') {
        Some(note) => note.split_once('}')?.1,
        None => rest,
    };
    Some((raised, rest))
}

/// Where a symbol ends; square brackets belong to it with all that is between them.
fn symbol_end(text: &str) -> usize {
    let mut inside = false;
    for (at, c) in text.char_indices() {
        match c {
            '[' => inside = true,
            ']' => inside = false,
            '.' | '/' | '(' | ')' | '{' if !inside => return at,
            _ => {}
        }
    }
    text.len()
}

/// `m2` is metre, 2; `10*3` is ten, 3.
fn split_power(symbol: &str) -> (&str, i32) {
    if symbol.bytes().all(|b| b.is_ascii_digit()) {
        return (symbol, 1);
    }
    let digits = symbol.bytes().rev().take_while(u8::is_ascii_digit).count();
    let (atom, power) = symbol.split_at(symbol.len() - digits);
    let Ok(power) = power.parse::<i32>() else {
        return (symbol, 1);
    };
    if power > 30 {
        return (symbol, 1);
    }
    match (atom.strip_suffix('-'), atom.strip_suffix('+')) {
        (Some(atom), _) => (atom, -power),
        (_, Some(atom)) => (atom, power),
        _ => (atom, power),
    }
}

fn named(symbol: &str, depth: usize) -> Option<Measure> {
    if let Some(unit) = unit(symbol, false, depth) {
        return Some(unit);
    }
    PREFIXES.iter().find_map(|(prefix, power)| {
        let unit = unit(symbol.strip_prefix(prefix)?, true, depth)?;
        let ten = Measure::ONE.times(Decimal::TEN)?;
        unit.joined(&ten, *power)
    })
}

fn unit(symbol: &str, prefixed: bool, depth: usize) -> Option<Measure> {
    if let Some(at) = BASE.iter().position(|base| *base == symbol) {
        let mut one = Measure::ONE;
        *one.dimension.get_mut(at)? = 1;
        return Some(one);
    }
    let (_, metric, count, of) = UNITS.iter().find(|(name, ..)| *name == symbol)?;
    if (prefixed && !metric) || depth > DEPTH_MAX {
        return None;
    }
    let (of, _) = product(of, depth + 1)?;
    of.times(Decimal::from_str_exact(count).ok()?)
}
