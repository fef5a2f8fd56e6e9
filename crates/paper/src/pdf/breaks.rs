//! Where a line may end (禁則処理).
//!
//! Between two ideographs or kana a line may end anywhere, unless the next sign must not begin a
//! line or the last must not end one. Latin words and numbers stay whole as long as they fit on
//! a line of their own; what is longer is broken where the line is full.
//!
//! Source: JIS X 4051 6.1.1 (行頭禁則), 6.1.2 (行末禁則), 6.1.3 (分離禁止); Unicode UAX 14.

use std::ops::Range;

use super::face::Shaped;

/// Signs that must not begin a line.
const NOT_FIRST: &str = "、。，．・：；？！゛゜ヽヾゝゞ々〻ー）］｝」』】〉》〕〗〙｠»”’\
    ぁぃぅぇぉっゃゅょゎゕゖァィゥェォッャュョヮヵヶㇰㇱㇲㇳㇴㇵㇶㇷㇸㇹㇺㇻㇼㇽㇾㇿ\
    ｡｣､･ｰﾞﾟｧｨｩｪｫｬｭｮｯ),.!?:;]}%‰℃°′″％／/～〜…‥";
/// Signs that must not end a line.
const NOT_LAST: &str = "（［｛「『【〈《〔〖〘｟«“‘｢([{￥$＄£￡#№";
/// Signs of which two in a row stay together.
const TOGETHER: &str = "…‥―—";

/// The lines of a text, as ranges of its signs; `measure` in ems.
pub(super) fn lines(shaped: &Shaped, measure: f32) -> Vec<Range<usize>> {
    let signs = &shaped.clusters;
    let mut lines = Vec::new();
    let mut begin = 0_usize;
    let mut wide = 0.0_f32;
    // The last place at which the line may end, and how wide it is up to there.
    let mut rest: Option<(usize, f32)> = None;
    for (at, sign) in signs.iter().enumerate() {
        let last = at.checked_sub(1).and_then(|before| signs.get(before));
        if let Some(last) = last
            && at > begin
            && may_part(last.first, sign.first)
        {
            rest = Some((at, wide));
        }
        // White space may hang over the end.
        let hangs = sign.first == ' ' || sign.first == '\u{3000}';
        // What is carried over may itself be too long: then it is broken where it is full.
        while !hangs && at > begin && wide + sign.advance > measure {
            let (end, width) = rest.take().unwrap_or((at, wide));
            lines.push(begin..end);
            begin = end;
            wide -= width;
        }
        wide += sign.advance;
    }
    lines.push(begin..signs.len());
    lines
}

/// May a line end between the two?
fn may_part(last: char, next: char) -> bool {
    if NOT_FIRST.contains(next) || NOT_LAST.contains(last) || next == ' ' {
        return false;
    }
    if TOGETHER.contains(last) && last == next {
        return false;
    }
    if last == ' ' || last == '\u{3000}' {
        return true;
    }
    // A hyphen inside a word may end a line, a sign before a number may not.
    if last == '-' {
        return !next.is_ascii_digit();
    }
    is_ideographic(last) || is_ideographic(next)
}

/// Is it of a writing whose lines may end anywhere?
fn is_ideographic(c: char) -> bool {
    matches!(c,
        '\u{2460}'..='\u{24ff}' | '\u{25a0}'..='\u{27bf}' | '\u{2e80}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe4f}' | '\u{ff00}'..='\u{ffef}'
        | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::face::{Cluster, Shaped};
    use super::{NOT_FIRST, NOT_LAST, lines};

    /// Signs one em wide, Latin ones half an em.
    fn shaped(text: &str) -> Shaped {
        let clusters = text
            .char_indices()
            .map(|(at, first)| Cluster {
                first,
                text: at..at + first.len_utf8(),
                glyph: 1,
                advance: if first.is_ascii() { 0.5 } else { 1.0 },
            })
            .collect();
        Shaped {
            text: text.to_owned(),
            clusters,
        }
    }

    fn set(text: &str, measure: f32) -> Vec<String> {
        let chars: Vec<char> = text.chars().collect();
        let lines = lines(&shaped(text), measure);
        lines
            .into_iter()
            .map(|line| chars[line].iter().collect())
            .collect()
    }

    #[test]
    fn no_line_begins_with_a_full_stop_or_ends_with_an_opening_bracket() {
        assert_eq!(set("あいうえ。お", 4.0), ["あいう", "え。お"]);
        assert_eq!(set("あいう（えお）", 4.0), ["あいう", "（えお）"]);
        assert_eq!(
            set("きょうはクリニック", 4.0),
            ["きょうは", "クリニッ", "ク"]
        );
        assert_eq!(set("あいうシャツ", 4.0), ["あいう", "シャツ"]);
    }

    #[test]
    fn words_and_numbers_stay_whole_unless_they_are_longer_than_a_line() {
        assert_eq!(set("値は120.5 mg/dL", 6.0), ["値は120.5 ", "mg/dL"]);
        assert_eq!(set("ABCDEFGHIJ", 2.0), ["ABCD", "EFGH", "IJ"]);
        assert_eq!(set("約￥1,200です", 4.0), ["約", "￥1,200", "です"]);
    }

    proptest! {
        #[test]
        fn lines_are_the_whole_text_and_fit(
            text in "[あ-んア-ヶ一-丁a-z0-9 、。（）「」ー…]{0,120}",
            measure in 2.0_f32..30.0,
        ) {
            let chars: Vec<char> = text.chars().collect();
            let shaped = shaped(&text);
            let mut from = 0;
            for line in lines(&shaped, measure) {
                prop_assert_eq!(line.start, from);
                from = line.end;
                let signs = &shaped.clusters[line.clone()];
                let shown = signs.iter().rposition(|s| s.first != ' ').map_or(0, |at| at + 1);
                let wide: f32 = signs[..shown].iter().map(|s| s.advance).sum();
                prop_assert!(wide <= measure + 0.001 || shown <= 1, "{wide} on {measure}");
                // A forbidden begin is only where the whole line before had no other place.
                if line.start > 0 && NOT_FIRST.contains(chars[line.start]) {
                    let before = line.start - 1;
                    prop_assert!(before > 0);
                }
            }
            prop_assert_eq!(from, chars.len());
        }

        #[test]
        fn with_room_for_ten_signs_plain_text_keeps_both_rules(text in "[あいう]{1,9}([、。」）][あいう]{3}[「（][かきく]{4}){0,8}") {
            for (nth, line) in set(&text, 10.0).iter().enumerate() {
                let first = line.chars().next().expect("a sign");
                prop_assert!(nth == 0 || !NOT_FIRST.contains(first), "{line}");
                let last = line.chars().last().expect("a sign");
                prop_assert!(!NOT_LAST.contains(last) , "{line}");
            }
        }
    }
}
