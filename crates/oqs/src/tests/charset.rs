//! Characters that Shift_JIS lacks, on the way out and on the way in.

use super::{question, read};
use crate::{
    CharacterCode, Message, Substitute, Text,
    message::{Answer, SingleResponse},
};

const NAME: &str = "/XmlMsg/MessageBody/ResultList/ResultOfQualificationConfirmation[1]/Name";

fn about(name: &str) -> SingleResponse {
    let mut response = SingleResponse::default();
    response.header.segment_of_result = Some(crate::codes::Segment::Done);
    response.body.results.push(Answer {
        name: Text::new(name),
        ..Answer::default()
    });
    response
}

#[test]
fn what_shift_jis_lacks_is_written_as_a_black_circle_and_told() {
    let written = about("𠮷田 髙志").write(CharacterCode::ShiftJis);
    assert_eq!(
        written.substitutes,
        [Substitute {
            path: NAME.to_owned(),
            character: '𠮷',
            written: '●'
        }]
    );
    let read = SingleResponse::read(&written.bytes).expect("a response");
    assert!(read.has_substitutes());
    assert_eq!(read.substitutes, [NAME]);
    let name = read.message.body.results[0].name.as_ref().expect("a name");
    assert_eq!(name.as_str(), "●田 髙志");
    let whole = about("𠮷田 髙志").write(CharacterCode::Utf8);
    assert_eq!(whole.substitutes, []);
}

#[test]
fn look_alikes_are_written_as_their_twins_and_told() {
    let written = about("1〜2−3").write(CharacterCode::ShiftJis);
    let told: Vec<(char, char)> = written
        .substitutes
        .iter()
        .map(|s| (s.character, s.written))
        .collect();
    assert_eq!(told, [('〜', '～'), ('−', '－')]);
    let read = SingleResponse::read(&written.bytes).expect("a response");
    assert!(!read.has_substitutes());
}

#[test]
fn yen_and_overline_do_not_become_backslash_and_tilde() {
    for (c, twin) in [('¥', '●'), ('‾', '●')] {
        assert_eq!(CharacterCode::ShiftJis.written(c), twin);
        assert!(CharacterCode::Utf8.carries(c));
    }
}

#[test]
fn what_may_not_stand_in_an_item_is_never_written() {
    let written = about("a\u{e000}b\u{202e}c\u{7}d\u{fffe}").write(CharacterCode::Utf8);
    assert_eq!(written.substitutes.len(), 4);
    let text = String::from_utf8(written.bytes).expect("UTF-8");
    assert!(text.contains("<Name>a●b●c●d●</Name>"), "{text}");
}

#[test]
fn windows_names_of_shift_jis_are_known() {
    for label in ["Shift_JIS", "shift_jis", "SJIS", "Windows-31J", "MS932"] {
        assert_eq!(
            CharacterCode::from_label(label),
            Some(CharacterCode::ShiftJis),
            "{label}"
        );
    }
}

#[test]
fn a_mark_before_utf_8_is_taken() {
    let file = format!("\u{feff}{}", question("", ""));
    assert_eq!(read(&file).code, CharacterCode::Utf8);
}

#[test]
fn names_are_spelled_in_half_width_kana() {
    for (full, half) in [
        ("タチバナ　タカシ", "ﾀﾁﾊﾞﾅ ﾀｶｼ"),
        ("ヴァンサン・ピエール", "ｳﾞｧﾝｻﾝ･ﾋﾟｴｰﾙ"),
        ("ヵヶヮヰヱヲン", "ｶｹﾜｲｴｦﾝ"),
        ("ｱ ABC 漢字", "ｱ ABC 漢字"),
    ] {
        assert_eq!(crate::kana::half_width(full), half);
    }
    for c in 'ァ'..='ヶ' {
        let half = crate::kana::half_width(&c.to_string());
        assert!(
            half.chars()
                .all(|h| CharacterCode::ShiftJis.carries(h) && h != c),
            "{c}"
        );
    }
}
