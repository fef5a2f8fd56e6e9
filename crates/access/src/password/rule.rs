//! What may be a password: a pure rule. It takes the words that belong to the account, a list
//! of common passwords, rows of keys and repetition out of what people may choose.
//!
//! With a second factor, eight characters that mix letters, digits and signs, or thirteen of
//! any kind. Without one, thirteen: the change every two months that the checklist asks of
//! shorter ones does not arise, because such a password cannot be set at all.
//!
//! Source: identity-security AUTH-03, AUTH-04; 2025年度チェックリスト 2-⑦, 2-⑧; Q&A シQ-54.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use kernel::{Finding, Text, time::JstDate};

const MIXED_MIN: usize = 8;
const LONG_MIN: usize = 13;
/// Most characters.
pub const CHARS_MAX: usize = 128;
/// Characters of a row (1234, qwer, aaaa) that are too many.
const ROW: usize = 4;
/// Fewest characters of a word that a password must not contain.
const WORD_MIN: usize = 3;

/// The words of the account and its place.
#[derive(Clone, Copy, Debug, Default)]
pub struct Context<'a> {
    /// Log-in name.
    pub login: &'a str,
    /// Name.
    pub name: &'a str,
    /// Name in kana, family name and given name apart.
    pub kana: &'a str,
    /// Date of birth, when it is known.
    pub birth: Option<JstDate>,
    /// Words of the facility: name, code, place.
    pub words: &'a [&'a str],
}

/// What is wrong with a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// Too short, or short and not mixed.
    Short,
    /// Too short for an account without a second factor.
    ShortAlone,
    /// More than [`CHARS_MAX`].
    Long,
    /// It contains the log-in name.
    Login,
    /// It contains the name, in kanji, kana or romaji.
    Name,
    /// It contains the date of birth.
    Birth,
    /// It contains the facility's name or code.
    Facility,
    /// It is a common password, or common words with figures around.
    Common,
    /// A row of letters, figures or keys.
    Row,
    /// One character or part over and over.
    Repeated,
    /// One of the last ones.
    Reused,
}

impl Fault {
    /// What it says, for people.
    #[must_use]
    pub const fn sentence(self) -> Text {
        let (ja, en) = match self {
            Self::Short => (
                "短すぎます。英字・数字・記号をすべて使って8文字以上にするか、13文字以上にしてください。",
                "too short: use at least 8 characters with letters, digits and signs, or at least 13",
            ),
            Self::ShortAlone => (
                "短すぎます。2つめの確認方法がないアカウントでは、13文字以上にしてください。",
                "too short: an account without a second factor needs at least 13 characters",
            ),
            Self::Long => (
                "長すぎます。128文字以内にしてください。",
                "too long: at most 128 characters",
            ),
            Self::Login => (
                "ログイン名が含まれています。ログイン名を使わないでください。",
                "it contains the log-in name: leave that out",
            ),
            Self::Name => (
                "お名前が含まれています。ローマ字やかなでも使わないでください。",
                "it contains your name: leave that out, in any writing",
            ),
            Self::Birth => (
                "生年月日が含まれています。生年月日を使わないでください。",
                "it contains your date of birth: leave that out",
            ),
            Self::Facility => (
                "施設の名前または番号が含まれています。ほかの言葉にしてください。",
                "it contains the facility's name or code: choose other words",
            ),
            Self::Common => (
                "よく使われるパスワードです。推測されにくい、関係のない言葉を組み合わせてください。",
                "it is a common password: combine words that have nothing to do with each other",
            ),
            Self::Row => (
                "「1234」「qwer」のような並びが含まれています。並びを使わないでください。",
                "it contains a row such as 1234 or qwer: leave such rows out",
            ),
            Self::Repeated => (
                "同じ文字や並びの繰り返しです。繰り返しを使わないでください。",
                "it repeats a character or a part: avoid repetition",
            ),
            Self::Reused => (
                "以前に使ったパスワードです。これまでの24回と違うものにしてください。",
                "it was used before: choose one that is none of the last 24",
            ),
        };
        Text { ja, en }
    }

    /// The word of the rule.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Short => "short",
            Self::ShortAlone => "short-alone",
            Self::Long => "long",
            Self::Login => "login",
            Self::Name => "name",
            Self::Birth => "birth",
            Self::Facility => "facility",
            Self::Common => "common",
            Self::Row => "row",
            Self::Repeated => "repeated",
            Self::Reused => "reused",
        }
    }

    /// As a finding of `PASSWORD_WEAK`; what was typed is not in it.
    #[must_use]
    pub fn finding(self) -> Finding {
        let text = self.sentence();
        Finding {
            path: "password".to_owned(),
            rule: self.word().to_owned(),
            found: String::new(),
            remedy_ja: text.ja.to_owned(),
            remedy_en: text.en.to_owned(),
        }
    }
}

/// May this be a password?
///
/// # Errors
/// Everything that is wrong with it.
pub fn judge(
    candidate: &str,
    context: &Context<'_>,
    has_second_factor: bool,
) -> Result<(), Vec<Fault>> {
    let count = candidate.chars().count();
    if count > CHARS_MAX {
        return Err(vec![Fault::Long]);
    }
    let has = |test: fn(char) -> bool| candidate.chars().any(test);
    let mixed =
        has(char::is_alphabetic) && has(|c| c.is_ascii_digit()) && has(|c| !c.is_alphanumeric());
    let plain = fold(candidate);
    let contains = |words: &[String]| {
        words
            .iter()
            .any(|word| word.chars().count() >= shortest(word) && plain.contains(word.as_str()))
    };
    let short = if has_second_factor {
        (count < MIXED_MIN || (count < LONG_MIN && !mixed)).then_some(Fault::Short)
    } else {
        (count < LONG_MIN).then_some(Fault::ShortAlone)
    };
    let rules = [
        (contains(&pieces(context.login)), Fault::Login),
        (contains(&names(context)), Fault::Name),
        (contains(&births(context.birth)), Fault::Birth),
        (
            contains(
                &context
                    .words
                    .iter()
                    .flat_map(|w| pieces(w))
                    .collect::<Vec<_>>(),
            ),
            Fault::Facility,
        ),
        (is_common(&plain), Fault::Common),
        (has_row(&plain), Fault::Row),
        (is_repeated(&plain), Fault::Repeated),
    ];
    let broken = rules.into_iter().filter(|(hit, _)| *hit).map(|(_, f)| f);
    let faults: Vec<Fault> = short.into_iter().chain(broken).collect();
    if faults.is_empty() {
        Ok(())
    } else {
        Err(faults)
    }
}

/// Two kanji or kana are a word already; three Latin letters.
fn shortest(word: &str) -> usize {
    if word.is_ascii() { WORD_MIN } else { 2 }
}

/// Half width, lower case, hiragana as katakana.
fn fold(text: &str) -> String {
    kernel::code::half_width(text)
        .chars()
        .map(|c| match c {
            '\u{3041}'..='\u{3096}' => u32::from(c)
                .checked_add(0x60)
                .and_then(char::from_u32)
                .unwrap_or(c),
            other => other,
        })
        .flat_map(char::to_lowercase)
        .collect()
}

/// A text as a whole and its parts between signs and spaces.
fn pieces(text: &str) -> Vec<String> {
    let folded = fold(text);
    let parts = folded.split(|c: char| !c.is_alphanumeric() && c != 'ー');
    let mut all: Vec<String> = parts.map(str::to_owned).collect();
    all.push(folded.trim().to_owned());
    all.retain(|part| !part.is_empty());
    all
}

fn names(context: &Context<'_>) -> Vec<String> {
    let mut all = pieces(context.name);
    let kana = pieces(context.kana);
    all.extend(kana.iter().map(|part| romaji(part)));
    all.extend(kana);
    all
}

fn births(birth: Option<JstDate>) -> Vec<String> {
    let Some(birth) = birth else {
        return Vec::new();
    };
    let iso = birth.to_string();
    let digits: String = iso.chars().filter(char::is_ascii_digit).collect();
    let (year, day) = digits.split_at_checked(4).unwrap_or_default();
    let short_year = year.get(2..).unwrap_or_default();
    vec![
        digits.clone(),
        format!("{short_year}{day}"),
        format!("{day}{year}"),
        iso,
    ]
}

fn common() -> &'static BTreeSet<&'static str> {
    static WORDS: OnceLock<BTreeSet<&'static str>> = OnceLock::new();
    WORDS.get_or_init(|| include_str!("common.txt").lines().collect())
}

/// Signs and figures that stand for letters, as people write them.
fn unmask(plain: &str, one: char) -> String {
    plain
        .chars()
        .map(|c| match c {
            '0' => 'o',
            '1' | '!' => one,
            '3' => 'e',
            '4' | '@' => 'a',
            '5' | '$' => 's',
            '7' => 't',
            other => other,
        })
        .collect()
}

/// Nothing but common words, figures and signs?
fn is_common(plain: &str) -> bool {
    let is_sign = |c: char| !c.is_alphabetic();
    // A sign may stand for a letter, at an end too: what is left of each reading is looked at.
    [
        plain,
        plain.trim_matches(is_sign),
        plain.trim_start_matches(is_sign),
        plain.trim_end_matches(is_sign),
    ]
    .iter()
    .flat_map(|part| [(*part).to_owned(), unmask(part, 'i'), unmask(part, 'l')])
    .flat_map(|form| [letters(&form, true), letters(&form, false)])
    .any(|letters| !letters.is_empty() && is_made_of_words(&letters))
}

/// The letters alone; `edges`: only what stands before and after is taken away.
fn letters(form: &str, edges: bool) -> String {
    if edges {
        form.trim_matches(|c: char| !c.is_alphabetic()).to_owned()
    } else {
        form.chars().filter(|c| c.is_alphabetic()).collect()
    }
}

/// Can the text be cut into words of the list?
fn is_made_of_words(text: &str) -> bool {
    let words = common();
    let mut ends: BTreeSet<usize> = BTreeSet::from([0]);
    while let Some(at) = ends.pop_first() {
        let rest = text.get(at..).unwrap_or_default();
        if rest.is_empty() {
            return true;
        }
        for (end, _) in rest
            .char_indices()
            .skip(WORD_MIN)
            .chain([(rest.len(), ' ')])
        {
            if rest.get(..end).is_some_and(|word| words.contains(word)) {
                ends.insert(at + end);
            }
        }
    }
    false
}

/// Four neighbors of the alphabet, the figures or the keyboard, in either direction?
fn has_row(plain: &str) -> bool {
    const ROWS: [&str; 6] = [
        "abcdefghijklmnopqrstuvwxyz",
        "01234567890",
        "qwertyuiop",
        "asdfghjkl",
        "zxcvbnm",
        "!\"#$%&'()",
    ];
    let chars: Vec<char> = plain.chars().collect();
    chars.windows(ROW).any(|window| {
        let forward: String = window.iter().collect();
        let back: String = window.iter().rev().collect();
        ROWS.iter()
            .any(|row| row.contains(&forward) || row.contains(&back))
    })
}

/// Four times the same character in a row, or one part over and over?
fn is_repeated(plain: &str) -> bool {
    let chars: Vec<char> = plain.chars().collect();
    let same = chars
        .windows(ROW)
        .any(|window| window.iter().all(|c| Some(c) == window.first()));
    let over_again = (1..=chars.len() / 2).any(|period| {
        chars
            .iter()
            .zip(chars.iter().skip(period))
            .all(|(a, b)| a == b)
    });
    same || over_again
}

/// Katakana in Latin letters (Hepburn, without long vowels); what is no kana stays.
fn romaji(kana: &str) -> String {
    let mut out = String::new();
    let mut doubled = false;
    for c in kana.chars() {
        let small = match c {
            'ャ' => Some('a'),
            'ュ' => Some('u'),
            'ョ' => Some('o'),
            _ => None,
        };
        if let Some(vowel) = small {
            out.pop();
            if !out.ends_with("sh") && !out.ends_with("ch") && !out.ends_with('j') {
                out.push('y');
            }
            out.push(vowel);
            continue;
        }
        if c == 'ッ' {
            doubled = true;
            continue;
        }
        if c == 'ー' {
            continue;
        }
        let sound = sound(c);
        if doubled && let Some(first) = sound.chars().next() {
            out.push(first);
        }
        doubled = false;
        if sound.is_empty() {
            out.push(c);
        }
        out.push_str(sound);
    }
    out
}

fn sound(kana: char) -> &'static str {
    const SOUNDS: [(&str, [&str; 5]); 16] = [
        ("アイウエオ", ["a", "i", "u", "e", "o"]),
        ("カキクケコ", ["ka", "ki", "ku", "ke", "ko"]),
        ("ガギグゲゴ", ["ga", "gi", "gu", "ge", "go"]),
        ("サシスセソ", ["sa", "shi", "su", "se", "so"]),
        ("ザジズゼゾ", ["za", "ji", "zu", "ze", "zo"]),
        ("タチツテト", ["ta", "chi", "tsu", "te", "to"]),
        ("ダヂヅデド", ["da", "ji", "zu", "de", "do"]),
        ("ナニヌネノ", ["na", "ni", "nu", "ne", "no"]),
        ("ハヒフヘホ", ["ha", "hi", "fu", "he", "ho"]),
        ("バビブベボ", ["ba", "bi", "bu", "be", "bo"]),
        ("パピプペポ", ["pa", "pi", "pu", "pe", "po"]),
        ("マミムメモ", ["ma", "mi", "mu", "me", "mo"]),
        ("ラリルレロ", ["ra", "ri", "ru", "re", "ro"]),
        ("ヤユヨワヲ", ["ya", "yu", "yo", "wa", "o"]),
        ("ァィゥェォ", ["a", "i", "u", "e", "o"]),
        ("ンヴヰヱヶ", ["n", "vu", "i", "e", "ke"]),
    ];
    SOUNDS
        .iter()
        .find_map(|(row, sounds)| {
            let nth = row.chars().position(|c| c == kana)?;
            sounds.get(nth).copied()
        })
        .unwrap_or_default()
}
