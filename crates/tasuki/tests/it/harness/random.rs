//! Chance that can be had again: everything random follows from a printed seed.

use std::time::Duration;

/// SplitMix64. Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators"
/// (OOPSLA 2014).
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut out = self.0;
        out = (out ^ (out >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        out = (out ^ (out >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        out ^ (out >> 31)
    }

    /// A number below `bound`, which is not 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    /// True once in so many.
    pub fn once_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    pub fn millis_below(&mut self, bound: u64) -> Duration {
        Duration::from_micros(self.below(bound * 1_000))
    }

    /// Some of the items, at most `count`, each from anywhere.
    pub fn some<'a>(&mut self, items: &'a [String], count: usize) -> Vec<&'a String> {
        let Ok(len @ 1..) = u64::try_from(items.len()) else {
            return Vec::new();
        };
        (0..count)
            .map(|_| usize::try_from(self.below(len)).expect("an index"))
            .map(|index| &items[index])
            .collect()
    }
}
