//! One spelling of a name's kana.
//!
//! Small kana are large, ヰ ヱ ヲ ヂ ヅ are イ エ オ ジ ズ, ヴ is ブ, a long vowel is written with its
//! vowel: オーノ, オオノ and オウノ are one name, and so are ユーコ and ユウコ. Voiced and unvoiced
//! stay apart (ヤマザキ is not ヤマサキ): that is what the grade "one character differs" is for.

use super::{UNREADABLE, plain};

/// Marks that lengthen or repeat, and what is written for them.
pub(super) const fn is_mark(c: char) -> bool {
    is_long(c) || matches!(c, 'ヽ' | 'ヾ' | 'ゝ' | 'ゞ')
}

const fn is_long(c: char) -> bool {
    matches!(
        c,
        'ー' | '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '〜' | '~'
    )
}

/// A name's kana as it is compared; letters that are no kana stay as capitals.
///
/// The same for every way of typing it, and applying it twice changes nothing.
#[must_use]
pub fn kana_key(kana: &str) -> String {
    let mut key = String::with_capacity(kana.len());
    let mut last = None;
    for c in plain(kana) {
        let repeated = match katakana(c) {
            'ヽ' => last,
            'ヾ' => last.map(voiced),
            other => Some(other),
        };
        let next = match repeated {
            Some(mark) if is_long(mark) => last.and_then(lengthened),
            // オオ and オウ, エエ and エイ are two spellings of one long vowel.
            Some('オ') if is_in(ROW_O, last) => Some('ウ'),
            Some('エ') if is_in(ROW_E, last) => Some('イ'),
            other => other,
        };
        if let Some(next) = next {
            key.push(next);
            last = Some(next);
        }
    }
    key
}

/// Katakana for hiragana, large for small, today's for historical.
fn katakana(c: char) -> char {
    let c = match c {
        'ぁ'..='ゖ' | 'ゝ' | 'ゞ' => u32::from(c)
            .checked_add(0x60)
            .and_then(char::from_u32)
            .unwrap_or(c),
        other => other,
    };
    match c {
        'ァ' => 'ア',
        'ィ' | 'ヰ' => 'イ',
        'ゥ' => 'ウ',
        'ェ' | 'ヱ' => 'エ',
        'ォ' | 'ヲ' => 'オ',
        'ヵ' => 'カ',
        'ヶ' => 'ケ',
        'ッ' => 'ツ',
        'ャ' => 'ヤ',
        'ュ' => 'ユ',
        'ョ' => 'ヨ',
        'ヮ' => 'ワ',
        'ヂ' => 'ジ',
        'ヅ' => 'ズ',
        'ヴ' => 'ブ',
        other => other,
    }
}

/// The katakana by vowel; the rest have none.
const ROWS: [(&str, char); 5] = [
    ("アカガサザタダナハバパマヤラワ", 'ア'),
    ("イキギシジチニヒビピミリ", 'イ'),
    ("ウクグスズツヌフブプムユル", 'ウ'),
    ("エケゲセゼテデネヘベペメレ", 'イ'),
    ("オコゴソゾトドノホボポモヨロ", 'ウ'),
];

/// Places in [`ROWS`].
const ROW_E: usize = 3;
const ROW_O: usize = 4;

/// The kana with which a long vowel after `c` is written.
fn lengthened(c: char) -> Option<char> {
    ROWS.iter()
        .find(|(row, _)| row.contains(c))
        .map(|(_, vowel)| *vowel)
}

fn is_in(row: usize, c: Option<char>) -> bool {
    c.is_some_and(|c| ROWS.get(row).is_some_and(|(row, _)| row.contains(c)))
}

fn voiced(c: char) -> char {
    const PAIRS: [(&str, &str); 4] = [
        ("カキクケコ", "ガギグゲゴ"),
        ("サシスセソ", "ザジズゼゾ"),
        // チ and ツ become ヂ and ヅ, which are written ジ and ズ here.
        ("タチツテト", "ダジズデド"),
        ("ハヒフヘホ", "バビブベボ"),
    ];
    PAIRS
        .iter()
        .flat_map(|(from, to)| from.chars().zip(to.chars()))
        .find(|(from, _)| *from == c)
        .map_or(c, |(_, to)| to)
}

/// The first kana of a name as it is shown to somebody who must not see it whole: `タ…`.
#[must_use]
pub fn initial(kana: &str) -> String {
    let first = plain(kana).next().unwrap_or(UNREADABLE);
    format!("{first}…")
}
