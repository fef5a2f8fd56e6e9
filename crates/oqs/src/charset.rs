//! The two encodings of the exchange, and what each of them can carry.
//!
//! Shift_JIS is code page 932, as Japanese systems write it. What it lacks is written as the
//! national service writes it: ●. Its look-alikes (the wave dash and the like, for which code
//! page 932 has a twin) are written as the twin. Either way the caller is told.

use std::borrow::Cow;

use encoding_rs::{Encoding, SHIFT_JIS, UTF_8};

use crate::codes::codes;

codes! {
    /// 文字コード識別. One published table numbers them from 1; the files themselves and the
    /// systems that read them count from 0.
    CharacterCode "005" {
        /// UTF-8.
        Utf8 = "0", "UTF-8";
        /// Shift_JIS (code page 932).
        ShiftJis = "1", "Shift_JIS";
    }
}

/// What stands for a character that cannot be carried.
pub const SUBSTITUTE: char = '●';

/// Characters that code page 932 lacks, and their twins in it.
///
/// Source: the differing rows of Unicode's JIS X 0208 and CP932 mapping tables.
const TWINS: [(char, char); 7] = [
    ('\u{301c}', '\u{ff5e}'),
    ('\u{2212}', '\u{ff0d}'),
    ('\u{2014}', '\u{2015}'),
    ('\u{2016}', '\u{2225}'),
    ('\u{a2}', '\u{ffe0}'),
    ('\u{a3}', '\u{ffe1}'),
    ('\u{ac}', '\u{ffe2}'),
];

impl CharacterCode {
    /// Its name in an XML declaration.
    #[must_use]
    pub const fn label(self) -> &'static str {
        self.ja()
    }

    /// The `charset` of a content type.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Utf8 => "application/xml; charset=utf-8",
            Self::ShiftJis => "application/xml; charset=shift_jis",
        }
    }

    /// From a name in an XML declaration, such as `Shift_JIS` or `Windows-31J`.
    #[must_use]
    pub fn from_label(label: &str) -> Option<Self> {
        match Encoding::for_label_no_replacement(label.as_bytes()) {
            Some(found) if found == UTF_8 => Some(Self::Utf8),
            Some(found) if found == SHIFT_JIS => Some(Self::ShiftJis),
            _ => None,
        }
    }

    const fn encoding(self) -> &'static Encoding {
        match self {
            Self::Utf8 => UTF_8,
            Self::ShiftJis => SHIFT_JIS,
        }
    }

    /// The text, or nothing when a byte does not belong.
    pub(crate) fn decode(self, bytes: &[u8]) -> Option<Cow<'_, str>> {
        self.encoding()
            .decode_without_bom_handling_and_without_replacement(bytes)
    }

    /// The bytes of a text that can be carried.
    pub(crate) fn encode(self, text: &str) -> Vec<u8> {
        self.encoding().encode(text).0.into_owned()
    }

    /// Does the character come back as itself?
    #[must_use]
    pub fn carries(self, c: char) -> bool {
        if !is_allowed(c) {
            return false;
        }
        if self == Self::Utf8 || c.is_ascii() {
            return true;
        }
        let mut buffer = [0; 4];
        let text: &str = c.encode_utf8(&mut buffer);
        let (bytes, _, lost) = self.encoding().encode(text);
        !lost && self.decode(&bytes).as_deref() == Some(text)
    }

    /// What is written for the character: itself, its twin, or ●.
    #[must_use]
    pub fn written(self, c: char) -> char {
        if self.carries(c) {
            return c;
        }
        let twin = TWINS.iter().find(|(from, _)| *from == c);
        twin.filter(|_| is_allowed(c))
            .map_or(SUBSTITUTE, |(_, twin)| *twin)
    }
}

/// May the character stand in an item? No control characters, no private use (外字 that mean
/// something else on the next machine), nothing that turns the direction of a line or hides.
#[must_use]
pub fn is_allowed(c: char) -> bool {
    let is_hidden = matches!(c,
        '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}');
    let is_private = matches!(c,
        '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}');
    let is_none = matches!(c, '\u{fdd0}'..='\u{fdef}') || u32::from(c) & 0xfffe == 0xfffe;
    !(c.is_control() || is_hidden || is_private || is_none)
}
