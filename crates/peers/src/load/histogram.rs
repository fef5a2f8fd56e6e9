//! Latencies in logarithmic buckets: whole microseconds, at most 1.6 percent too large.

/// Buckets of one doubling, as a power of two.
const FINE_BITS: u32 = 6;
const FINE: u64 = 1 << FINE_BITS;

/// How often each latency was seen.
#[derive(Clone, Debug, Default)]
pub struct Histogram {
    counts: Vec<u64>,
    total: u64,
    max: u64,
}

impl Histogram {
    /// Notes one value.
    pub fn note(&mut self, value: u64) {
        let at = bucket(value);
        if self.counts.len() <= at {
            self.counts.resize(at + 1, 0);
        }
        if let Some(count) = self.counts.get_mut(at) {
            *count += 1;
        }
        self.total += 1;
        self.max = self.max.max(value);
    }

    /// How many values.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.total
    }

    /// The largest value, exactly; 0 of none.
    #[must_use]
    pub const fn max(&self) -> u64 {
        self.max
    }

    /// The value that `per_mille` thousandths of all values do not exceed; 0 of none.
    #[must_use]
    pub fn quantile(&self, per_mille: u64) -> u64 {
        let rank = (self.total * per_mille).div_ceil(1_000).max(1);
        let mut seen = 0;
        for (at, count) in self.counts.iter().enumerate() {
            seen += count;
            if seen >= rank {
                return top(at).min(self.max);
            }
        }
        self.max
    }
}

/// Small values have a bucket each; above, each doubling has [`FINE`].
fn bucket(value: u64) -> usize {
    let wide = if value < FINE {
        value
    } else {
        let shift = value.ilog2() - FINE_BITS;
        let fine = (value >> shift) - FINE;
        FINE * u64::from(shift + 1) + fine
    };
    usize::try_from(wide).unwrap_or(usize::MAX)
}

/// The largest value of a bucket.
fn top(at: usize) -> u64 {
    let at = u64::try_from(at).unwrap_or(u64::MAX);
    if at < FINE {
        return at;
    }
    let shift = at / FINE - 1;
    let fine = at % FINE;
    (((FINE + fine) << shift) | ((1 << shift) - 1)).max(FINE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_lies_in_its_bucket_and_buckets_are_narrow() {
        for value in (0..5_000).chain([1 << 20, (1 << 40) + 12_345, u64::MAX >> 1, u64::MAX]) {
            let at = bucket(value);
            let top = top(at);
            assert!(top >= value, "{value}");
            assert!(at == 0 || super::top(at - 1) < value, "{value}");
            assert!(top - value <= value / FINE, "{value} {top}");
        }
    }

    #[test]
    fn quantiles_are_those_of_the_sorted_values() {
        let mut histogram = Histogram::default();
        assert_eq!(histogram.quantile(500), 0);
        for value in 1..=1_000 {
            histogram.note(value);
        }
        assert_eq!(histogram.total(), 1_000);
        assert_eq!(histogram.max(), 1_000);
        for (per_mille, exact) in [(1, 1), (500, 500), (990, 990), (1_000, 1_000)] {
            let found = histogram.quantile(per_mille);
            assert!(found >= exact && found <= exact + exact / FINE, "{found}");
        }
    }
}
