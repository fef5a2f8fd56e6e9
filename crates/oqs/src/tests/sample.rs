//! Messages out of a seed: every item of the layout, there or not, in what an encoding carries.

use kernel::{
    code::FacilityCode,
    time::{JstDate, Timestamp},
};

use crate::{
    CharacterCode, Given, InsurerText, Moment, Ratio, Text, Yen,
    leaf::{Count, Leaf, Month},
};

/// Numbers out of a seed, and the encoding that the texts must fit.
pub struct Source {
    state: u64,
    code: CharacterCode,
}

/// What can be made up.
pub trait Sample: Sized {
    fn sample(source: &mut Source) -> Self;
}

impl Source {
    pub fn new(seed: u64, code: CharacterCode) -> Self {
        Self { state: seed, code }
    }

    /// SplitMix64.
    pub fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(bound).unwrap()).unwrap()
    }

    pub fn one<T: Sample>(&mut self) -> T {
        T::sample(self)
    }

    pub fn maybe<T: Sample>(&mut self) -> Option<T> {
        (self.below(3) > 0).then(|| T::sample(self))
    }

    pub fn several<T: Sample>(&mut self) -> Vec<T> {
        (0..self.below(3)).map(|_| T::sample(self)).collect()
    }

    fn digits(&mut self, count: usize) -> String {
        (0..count).map(|_| self.below(10).to_string()).collect()
    }

    /// A character that the encoding carries.
    pub fn character(&mut self) -> char {
        const RANGES: [(u32, u32); 8] = [
            (0x20, 0x7e),
            (0x3041, 0x3096),
            (0x30a1, 0x30fc),
            (0x4e00, 0x9fff),
            (0xff01, 0xff9f),
            (0x2200, 0x27bf),
            (0xa0, 0x4ff),
            (0x2_0000, 0x2_a6df),
        ];
        loop {
            let (from, to) = RANGES[self.below(RANGES.len())];
            let width = usize::try_from(to - from + 1).unwrap();
            let at = from + u32::try_from(self.below(width)).unwrap();
            match char::from_u32(at) {
                Some(c) if self.code.carries(c) => return c,
                _ => {}
            }
        }
    }
}

impl Sample for Text {
    fn sample(source: &mut Source) -> Self {
        loop {
            let text: String = (0..=source.below(12)).map(|_| source.character()).collect();
            if let Some(text) = Self::new(&text) {
                return text;
            }
        }
    }
}

impl Sample for InsurerText {
    fn sample(source: &mut Source) -> Self {
        let count = [6, 8][source.below(2)];
        Self::new(&source.digits(count)).unwrap()
    }
}

impl Sample for JstDate {
    fn sample(source: &mut Source) -> Self {
        let days = i32::try_from(source.below(80_000)).unwrap();
        Self::new(1850, 1, 1).unwrap().plus_days(days)
    }
}

impl Sample for Moment {
    fn sample(source: &mut Source) -> Self {
        let seconds = i64::try_from(source.below(4_000_000_000)).unwrap();
        Self::new(Timestamp::from_micros(0).plus_seconds(seconds))
    }
}

impl Sample for Month {
    fn sample(source: &mut Source) -> Self {
        Self::of(source.one()).unwrap()
    }
}

impl Sample for Ratio {
    fn sample(source: &mut Source) -> Self {
        Self::tenths(u8::try_from(source.below(11)).unwrap()).unwrap()
    }
}

impl Sample for Yen {
    fn sample(source: &mut Source) -> Self {
        Self(u32::try_from(source.below(1_000_000)).unwrap())
    }
}

impl Sample for Count {
    fn sample(source: &mut Source) -> Self {
        Self(u32::try_from(source.below(20_001)).unwrap())
    }
}

impl Sample for FacilityCode {
    fn sample(source: &mut Source) -> Self {
        Self::from_register(&source.digits(10)).unwrap()
    }
}

impl<T: Sample + Leaf> Sample for Given<T> {
    fn sample(source: &mut Source) -> Self {
        let text = match source.below(2) {
            0 => T::sample(source).text().into_owned(),
            _ => Text::sample(source).as_str().to_owned(),
        };
        Self::new(&text).unwrap()
    }
}
