//! What goes into a copy, and what is said again.

use kernel::time::{JstDate, Timestamp};
use registry::model::Coverage;

use super::model::{CLOCK_MINUTES, DAYS, GOOD_HOURS, Handed};

/// Days after its end for which a coverage stays in the copy, so that a lapsed one is told as
/// such.
const ENDED_DAYS: i32 = 31;
/// Coverages of one person: the newest.
const COVERAGES_MAX: usize = 8;

/// The spans that are tried until no more than the most people came within one.
pub fn spans() -> impl Iterator<Item = i64> {
    std::iter::successors(Some(DAYS), |days| (*days > 1).then_some(*days / 2))
}

/// The coverages that are worth keeping on `on`, oldest first.
#[must_use]
pub fn kept(coverages: Vec<Coverage>, on: JstDate) -> Vec<Coverage> {
    let limit = on.plus_days(-ENDED_DAYS);
    let mut kept: Vec<Coverage> = coverages
        .into_iter()
        .filter(|one| one.period.until().is_none_or(|until| until > limit))
        .collect();
    let surplus = kept.len().saturating_sub(COVERAGES_MAX);
    kept.drain(..surplus);
    kept
}

/// Does a system that holds copy `base` whole have to be told anew of somebody whose version
/// is now `version`?
#[must_use]
pub(crate) fn is_due(before: Option<&Handed>, base: i64, version: i64) -> bool {
    before.is_none_or(|before| before.version != version || before.number > base)
}

/// May a copy that was made at `made_at` be used at `at`?
#[must_use]
pub fn judge_age(made_at: Timestamp, good_until: Timestamp, at: Timestamp) -> Age {
    let slack = CLOCK_MINUTES * 60;
    if at.micros() < made_at.plus_seconds(-slack).micros() {
        Age::Ahead
    } else if at.micros() >= good_until.micros().min(good_until_of(made_at).micros()) {
        Age::Expired
    } else {
        let hours = at.seconds().saturating_sub(made_at.seconds()).max(0) / 3_600;
        Age::Good { hours }
    }
}

/// First instant at which a copy made at `made_at` is no longer used.
#[must_use]
pub const fn good_until_of(made_at: Timestamp) -> Timestamp {
    made_at.plus_hours(GOOD_HOURS)
}

/// How old a copy is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Age {
    /// It can be used.
    Good {
        /// Whole hours since it was made.
        hours: i64,
    },
    /// Too old.
    Expired,
    /// It is said to be made after now: a clock is wrong.
    Ahead,
}

/// Kana as it is compared: hiragana and half-width letters as full-width katakana, without
/// spaces and marks between.
#[must_use]
pub fn fold_kana(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            'ぁ'..='ゖ' => {
                let moved = u32::from(letter).saturating_add(0x60);
                folded.extend(char::from_u32(moved));
            }
            'ﾞ' | '゛' | '\u{3099}' => join(&mut folded, VOICED),
            'ﾟ' | '゜' | '\u{309A}' => join(&mut folded, HALF_VOICED),
            '・' | '･' | '　' => {}
            _ if letter.is_whitespace() => {}
            _ => match HALF.chars().position(|half| half == letter) {
                Some(place) => folded.extend(FULL.chars().nth(place)),
                None => folded.push(letter),
            },
        }
    }
    folded
}

/// The last letter with a mark on it, when there is such a letter.
fn join(folded: &mut String, pairs: &[(char, char)]) {
    let last = folded.chars().next_back();
    if let Some((_, marked)) = pairs.iter().find(|(plain, _)| Some(*plain) == last) {
        folded.pop();
        folded.push(*marked);
    }
}

const HALF: &str = "ｦｧｨｩｪｫｬｭｮｯｰｱｲｳｴｵｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾅﾆﾇﾈﾉﾊﾋﾌﾍﾎﾏﾐﾑﾒﾓﾔﾕﾖﾗﾘﾙﾚﾛﾜﾝ";
const FULL: &str = "ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン";
const VOICED: &[(char, char)] = &[
    ('カ', 'ガ'),
    ('キ', 'ギ'),
    ('ク', 'グ'),
    ('ケ', 'ゲ'),
    ('コ', 'ゴ'),
    ('サ', 'ザ'),
    ('シ', 'ジ'),
    ('ス', 'ズ'),
    ('セ', 'ゼ'),
    ('ソ', 'ゾ'),
    ('タ', 'ダ'),
    ('チ', 'ヂ'),
    ('ツ', 'ヅ'),
    ('テ', 'デ'),
    ('ト', 'ド'),
    ('ハ', 'バ'),
    ('ヒ', 'ビ'),
    ('フ', 'ブ'),
    ('ヘ', 'ベ'),
    ('ホ', 'ボ'),
    ('ウ', 'ヴ'),
];
const HALF_VOICED: &[(char, char)] = &[
    ('ハ', 'パ'),
    ('ヒ', 'ピ'),
    ('フ', 'プ'),
    ('ヘ', 'ペ'),
    ('ホ', 'ポ'),
];
