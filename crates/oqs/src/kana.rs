//! Kana as the files have them: half-width, voiced marks apart (半角カナ).
//!
//! Source: JIS X 0201; XMLレイアウト仕様 (氏名カナ).

/// Full-width katakana from ァ, each with its half-width spelling.
const KATAKANA: [&str; 86] = [
    "ｧ", "ｱ", "ｨ", "ｲ", "ｩ", "ｳ", "ｪ", "ｴ", "ｫ", "ｵ", "ｶ", "ｶﾞ", "ｷ", "ｷﾞ", "ｸ", "ｸﾞ", "ｹ", "ｹﾞ", "ｺ",
    "ｺﾞ", "ｻ", "ｻﾞ", "ｼ", "ｼﾞ", "ｽ", "ｽﾞ", "ｾ", "ｾﾞ", "ｿ", "ｿﾞ", "ﾀ", "ﾀﾞ", "ﾁ", "ﾁﾞ", "ｯ", "ﾂ", "ﾂﾞ", "ﾃ",
    "ﾃﾞ", "ﾄ", "ﾄﾞ", "ﾅ", "ﾆ", "ﾇ", "ﾈ", "ﾉ", "ﾊ", "ﾊﾞ", "ﾊﾟ", "ﾋ", "ﾋﾞ", "ﾋﾟ", "ﾌ", "ﾌﾞ", "ﾌﾟ", "ﾍ", "ﾍﾞ",
    "ﾍﾟ", "ﾎ", "ﾎﾞ", "ﾎﾟ", "ﾏ", "ﾐ", "ﾑ", "ﾒ", "ﾓ", "ｬ", "ﾔ", "ｭ", "ﾕ", "ｮ", "ﾖ", "ﾗ", "ﾘ", "ﾙ", "ﾚ",
    "ﾛ", "ﾜ", "ﾜ", "ｲ", "ｴ", "ｦ", "ﾝ", "ｳﾞ", "ｶ", "ｹ",
];
const FIRST: u32 = 0x30a1;

/// The text with its katakana, spaces and prolonged marks half-width; all else as it is. ヮ, ヰ
/// and ヱ, which half-width lacks, become ﾜ, ｲ and ｴ, and small ヵ and ヶ become ｶ and ｹ, as
/// registers spell them.
#[must_use]
pub fn half_width(text: &str) -> String {
    let mut half = String::with_capacity(text.len());
    for c in text.chars() {
        let at = u32::from(c).checked_sub(FIRST);
        let found = at
            .and_then(|at| usize::try_from(at).ok())
            .and_then(|at| KATAKANA.get(at));
        match (found, c) {
            (Some(kana), _) => half.push_str(kana),
            (None, '\u{3000}') => half.push(' '),
            (None, 'ー') => half.push('ｰ'),
            (None, '・') => half.push('･'),
            (None, '゛') => half.push('ﾞ'),
            (None, '゜') => half.push('ﾟ'),
            (None, other) => half.push(other),
        }
    }
    half
}
