//! Values of items: text, dates, times, shares, amounts.

use std::{borrow::Cow, fmt};

use kernel::{
    code::FacilityCode,
    time::{JstDate, Timestamp},
};

/// Characters of the longest item.
pub const TEXT_CHARS_MAX: usize = 1_000;

/// A value that stands in an item.
pub trait Leaf: Sized {
    /// From the item's text, which is trimmed and not empty; `None` when it is none.
    fn parse(text: &str) -> Option<Self>;
    /// The item's text.
    fn text(&self) -> Cow<'_, str>;
}

/// White space as XML has it: what a layout of lines puts around a value.
pub(crate) fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t', '\r', '\n'])
}

/// A text: never empty, without white space around it.
#[derive(Clone, PartialEq, Eq)]
pub struct Text(String);

impl Text {
    /// The text, trimmed and cut at 1,000 characters (no published item is as long); `None`
    /// when nothing is left.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let text = trim(text);
        let end = text.char_indices().nth(TEXT_CHARS_MAX);
        let cut = end.map_or(text, |(end, _)| text.get(..end).unwrap_or_default());
        let cut = trim(cut);
        (!cut.is_empty()).then(|| Self(cut.to_owned()))
    }

    /// The characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Text(…)")
    }
}

impl Leaf for Text {
    fn parse(text: &str) -> Option<Self> {
        Self::new(text)
    }

    fn text(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.0)
    }
}

/// 保険者番号 or 公費負担者番号 as the files have it: eight characters, spaces on the left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InsurerText(Text);

impl InsurerText {
    /// From the bare number; `None` when it is empty.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        Text::new(text).map(Self)
    }

    /// The bare number.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl Leaf for InsurerText {
    fn parse(text: &str) -> Option<Self> {
        Self::new(text)
    }

    fn text(&self) -> Cow<'_, str> {
        Cow::Owned(format!("{:>8}", self.as_str()))
    }
}

impl Leaf for JstDate {
    fn parse(text: &str) -> Option<Self> {
        Self::parse_compact(text)
    }

    fn text(&self) -> Cow<'_, str> {
        Cow::Owned(self.compact())
    }
}

/// A second, written as Japan's clock shows it: `YYYYMMDDhhmmss`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(Timestamp);

const DATE_CHARS: usize = 8;

impl Moment {
    /// The second in which `at` lies.
    #[must_use]
    pub const fn new(at: Timestamp) -> Self {
        Self(Timestamp::from_micros(0).plus_seconds(at.seconds()))
    }

    /// Its beginning.
    #[must_use]
    pub const fn at(self) -> Timestamp {
        self.0
    }
}

impl Leaf for Moment {
    fn parse(text: &str) -> Option<Self> {
        let (date, clock) = text.split_at_checked(DATE_CHARS)?;
        let date = JstDate::parse_compact(date)?;
        if clock.len() != 6 || !clock.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let part = |from: usize, below: i64| -> Option<i64> {
            let value = clock.get(from..from + 2)?.parse().ok()?;
            (value < below).then_some(value)
        };
        let seconds = part(0, 24)? * 3600 + part(2, 60)? * 60 + part(4, 60)?;
        Some(Self(date.start().plus_seconds(seconds)))
    }

    fn text(&self) -> Cow<'_, str> {
        let date = self.0.jst_date();
        let seconds = self.0.seconds() - date.start().seconds();
        Cow::Owned(format!(
            "{}{:02}{:02}{:02}",
            date.compact(),
            seconds / 3600,
            seconds / 60 % 60,
            seconds % 60
        ))
    }
}

/// A month: `YYYYMM`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Month(JstDate);

impl Month {
    /// The month of a date.
    #[must_use]
    pub fn of(date: JstDate) -> Option<Self> {
        JstDate::new(date.year(), date.month(), 1).map(Self)
    }

    /// Its first day.
    #[must_use]
    pub const fn first(self) -> JstDate {
        self.0
    }
}

impl Leaf for Month {
    fn parse(text: &str) -> Option<Self> {
        (text.len() == 6)
            .then(|| JstDate::parse_compact(&format!("{text}01")).map(Self))
            .flatten()
    }

    fn text(&self) -> Cow<'_, str> {
        let mut text = self.0.compact();
        text.truncate(6);
        Cow::Owned(text)
    }
}

/// A share that the person pays (一部負担金割合): whole percent, written with three digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ratio(u8);

impl Ratio {
    /// From tenths, 0 to 10.
    #[must_use]
    pub const fn tenths(tenths: u8) -> Option<Self> {
        match tenths {
            0..=10 => Some(Self(tenths * 10)),
            _ => None,
        }
    }

    /// Percent.
    #[must_use]
    pub const fn percent(self) -> u8 {
        self.0
    }
}

impl Leaf for Ratio {
    fn parse(text: &str) -> Option<Self> {
        let is_three = text.len() == 3 && text.bytes().all(|b| b.is_ascii_digit());
        let percent: u8 = is_three.then(|| text.parse().ok()).flatten()?;
        (percent <= 100).then_some(Self(percent))
    }

    fn text(&self) -> Cow<'_, str> {
        Cow::Owned(format!("{:03}", self.0))
    }
}

macro_rules! number {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub struct $name(pub u32);

        impl Leaf for $name {
            fn parse(text: &str) -> Option<Self> {
                let is_number = text.bytes().all(|b| b.is_ascii_digit());
                is_number.then(|| text.parse().ok().map(Self)).flatten()
            }

            fn text(&self) -> Cow<'_, str> {
                Cow::Owned(self.0.to_string())
            }
        }
    };
}

number! {
    /// An amount in yen.
    Yen
}
number! {
    /// How many.
    Count
}

impl Leaf for FacilityCode {
    fn parse(text: &str) -> Option<Self> {
        Self::from_register(text).ok()
    }

    fn text(&self) -> Cow<'_, str> {
        Cow::Borrowed(self.as_str())
    }
}

/// A value as somebody gave it, right or not: one wrong line of a bulk file must not spoil the
/// others, so that a line is judged by itself, not by the reader of the file.
#[derive(Clone, PartialEq, Eq)]
pub enum Given<T> {
    /// It is one.
    Right(T),
    /// It is none: what was given instead.
    Wrong(Text),
}

impl<T: Leaf> Given<T> {
    /// From what was given; `None` when that is nothing.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let text = Text::new(text)?;
        Some(T::parse(text.as_str()).map_or(Self::Wrong(text), Self::Right))
    }

    /// The value, when it is one.
    #[must_use]
    pub const fn right(&self) -> Option<&T> {
        match self {
            Self::Right(value) => Some(value),
            Self::Wrong(_) => None,
        }
    }
}

impl<T> fmt::Debug for Given<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Given(…)")
    }
}

impl<T: Leaf> Leaf for Given<T> {
    fn parse(text: &str) -> Option<Self> {
        Self::new(text)
    }

    fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Right(value) => value.text(),
            Self::Wrong(text) => text.text(),
        }
    }
}
