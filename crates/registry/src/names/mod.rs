//! Names as they are compared: one spelling for many ways of writing the same name, and which
//! names a counter's terminal cannot show.
//!
//! Nothing here changes what is stored or shown: a key is made for comparing alone, and a name
//! stays as the register has it.
//!
//! Source: peers report 46 (●for characters that a terminal cannot show) and A4 (kana and 外字
//! safe). The foldings of kana and the table of variants are our own, made for this use; they
//! follow what the family register (戸籍統一文字) and JIS X 0213 call variants of one character,
//! and are no official list.

mod compare;
mod kana;
mod kanji;
mod place;

pub use compare::{Likeness, compare};
pub use kana::{initial, kana_key};
pub use kanji::{VARIANTS, VARIANTS_DATE, kanji_key};
pub use place::{house_number, municipality, prefecture, prefectures, shown_municipality};

use unicode_normalization::UnicodeNormalization;

/// What stands for one character in a key that nobody could read.
pub const UNREADABLE: char = '●';
/// The longest name that is looked at, in characters; what follows is left out.
pub const LENGTH_MAX: usize = 100;

/// Can a counter's terminal show a name?
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Legibility {
    /// Every character of it.
    Plain,
    /// It holds characters that terminals of the national interface lack (外字): outside CP932,
    /// or of the private use area, where every vendor has others.
    Gaiji,
    /// A character was lost before it came here: `●`, `〓` or the replacement character.
    Lost,
}

/// Reads a name as a terminal would.
///
/// Source: the national interface's files are Shift_JIS (CP932) or UTF-8; what CP932 lacks
/// arrives at the counter as ● (peers report 46).
#[must_use]
pub fn legibility(name: &str) -> Legibility {
    name.chars()
        .map(|c| {
            if is_lost(c) {
                Legibility::Lost
            } else if is_private(c) || is_selector(c) || !fits_terminal(c) {
                Legibility::Gaiji
            } else {
                Legibility::Plain
            }
        })
        .max()
        .unwrap_or(Legibility::Plain)
}

/// Does a name need its kana beside it, large, because it may not be readable as it stands?
#[must_use]
pub fn has_gaiji(name: &str) -> bool {
    legibility(name) != Legibility::Plain
}

const fn is_lost(c: char) -> bool {
    matches!(c, UNREADABLE | '〓' | '\u{fffd}')
}

/// Of the private use areas, where 外字 live.
const fn is_private(c: char) -> bool {
    matches!(c, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{ffffd}' | '\u{100000}'..='\u{10fffd}')
}

/// A selector of a variant glyph (IVS, SVS).
const fn is_selector(c: char) -> bool {
    matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

fn fits_terminal(c: char) -> bool {
    let mut one = [0; 4];
    let (_, _, failed) = encoding_rs::SHIFT_JIS.encode(c.encode_utf8(&mut one));
    !failed
}

/// The characters of a text without compatibility forms (half-width kana, full-width letters,
/// compatibility ideographs), without selectors, spaces, dots and signs, in capitals; what
/// nobody could read is [`UNREADABLE`].
fn plain(text: &str) -> impl Iterator<Item = char> {
    text.chars()
        .take(LENGTH_MAX)
        .filter(|c| !is_selector(*c))
        .nfkc()
        .flat_map(char::to_uppercase)
        .filter_map(|c| match c {
            _ if is_lost(c) || is_private(c) => Some(UNREADABLE),
            _ if c.is_alphanumeric() || kana::is_mark(c) => Some(c),
            _ => None,
        })
}

#[cfg(test)]
mod tests;
