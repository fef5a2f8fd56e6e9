//! Numbers that look random and are not: the same stream and position give the same draw
//! on every machine. Splitmix64 (Steele, Lea, Flood 2014) is enough: nothing here is secret.

/// A stream of draws.
#[derive(Clone, Debug)]
pub(super) struct Rng(u64);

const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

const fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// What a stream is for; two purposes never share draws, so that one more draw for names
/// leaves every illness as it was.
#[derive(Clone, Copy, Debug)]
#[repr(u8)]
pub(super) enum Purpose {
    Blocks,
    Household,
    Insurance,
    Person,
    Conditions,
    Allergies,
    Labs,
    Infections,
    Medicines,
    Facility,
    Staff,
    Uuid,
}

impl Rng {
    /// The stream of `seed` for `purpose` and thing number `index`.
    pub(super) const fn new(seed: u64, purpose: Purpose, index: u64) -> Self {
        let purpose = match purpose {
            Purpose::Blocks => 1,
            Purpose::Household => 2,
            Purpose::Insurance => 3,
            Purpose::Person => 4,
            Purpose::Conditions => 5,
            Purpose::Allergies => 6,
            Purpose::Labs => 7,
            Purpose::Infections => 8,
            Purpose::Medicines => 9,
            Purpose::Facility => 10,
            Purpose::Staff => 11,
            Purpose::Uuid => 12_u64,
        };
        let seed = mix(seed.wrapping_add(GOLDEN));
        let seed = mix(seed ^ purpose.wrapping_mul(GOLDEN));
        Self(mix(seed ^ index.wrapping_mul(0xd6e8_feb8_6659_fd93)))
    }

    /// The next 64 bits.
    pub(super) const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN);
        mix(self.0)
    }

    /// A number below `bound`; 0 when `bound` is 0.
    pub(super) fn below(&mut self, bound: u32) -> u32 {
        let wide = (self.next() >> 32).wrapping_mul(u64::from(bound));
        u32::try_from(wide >> 32).unwrap_or(0)
    }

    /// A number from `low` to `high`, both possible.
    pub(super) fn between(&mut self, low: i32, high: i32) -> i32 {
        let span = u32::try_from(high.saturating_sub(low).saturating_add(1)).unwrap_or(1);
        low.saturating_add(i32::try_from(self.below(span)).unwrap_or(0))
    }

    /// True `permille` times in a thousand.
    pub(super) fn chance(&mut self, permille: u32) -> bool {
        self.below(1000) < permille
    }

    /// A draw around 0, at most `spread` away, small values likelier (a triangle).
    pub(super) fn noise(&mut self, spread: i32) -> i32 {
        let half = spread / 2;
        self.between(-half, half)
            .saturating_add(self.between(half.saturating_sub(spread), spread.saturating_sub(half)))
    }

    /// One of `all`.
    #[expect(
        clippy::indexing_slicing,
        reason = "a draw below N is an index of N elements, and N is not 0"
    )]
    pub(super) fn pick<'a, T, const N: usize>(&mut self, all: &'a [T; N]) -> &'a T {
        const { assert!(N > 0, "nothing to pick from") };
        let bound = u32::try_from(N).unwrap_or(u32::MAX);
        &all[usize::try_from(self.below(bound)).unwrap_or(0)]
    }

    /// The first of `weights` whose share of their sum the draw falls into.
    pub(super) fn weighted<'a, T>(&mut self, weights: &'a [(u32, T)]) -> Option<&'a T> {
        let sum = weights.iter().map(|(weight, _)| weight).sum();
        let mut left = self.below(sum);
        for (weight, value) in weights {
            match left.checked_sub(*weight) {
                Some(rest) => left = rest,
                None => return Some(value),
            }
        }
        None
    }
}
