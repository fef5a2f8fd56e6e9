//! Money is counted in integers.

use std::fmt;

/// Fee points (点): 1 point is worth the unit price, 10 yen in ordinary insurance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Points(i64);

/// Yen (円).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Yen(i64);

impl Points {
    /// A number of points.
    #[must_use]
    pub const fn new(points: i64) -> Self {
        Self(points)
    }

    /// The number of points.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }

    /// Sum, `None` on overflow.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// Points in yen at `unit_price` yen a point, `None` on overflow.
    #[must_use]
    pub fn to_yen(self, unit_price: Yen) -> Option<Yen> {
        self.0.checked_mul(unit_price.0).map(Yen)
    }
}

impl Yen {
    /// An amount in yen.
    #[must_use]
    pub const fn new(yen: i64) -> Self {
        Self(yen)
    }

    /// The amount in yen.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }

    /// Sum, `None` on overflow.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }
}

impl fmt::Display for Yen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}円", self.0)
    }
}
