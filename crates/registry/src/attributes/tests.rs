//! The grades, as a table.

use super::*;

fn profile() -> Profile {
    Profile {
        name: "髙橋 佐和子".to_owned(),
        kana: "タカハシ サワコ".to_owned(),
        sex: Sex::Female,
        birth: day("1958-04-12"),
        post_code: "9280001".to_owned(),
        address: "石川県輪島市河井町2-287-1".to_owned(),
        other_name: Some("林 佐和子".to_owned()),
        shown_sex: None,
    }
}

fn day(text: &str) -> JstDate {
    JstDate::parse(text).unwrap()
}

/// `family given/written/sex/post/address`, born on 1958-04-12.
fn said(text: &str) -> Attributes {
    let parts: Vec<&str> = text.split('/').collect();
    let (family, given) = parts[0].split_once(' ').unwrap_or((parts[0], ""));
    Attributes {
        family_kana: family.to_owned(),
        given_kana: given.to_owned(),
        name: parts[1].to_owned(),
        birth: day("1958-04-12"),
        sex: (!parts[2].is_empty()).then(|| Sex::from_code(parts[2])),
        post_code: parts[3].to_owned(),
        address: parts[4].to_owned(),
    }
}

#[test]
fn a_candidate_is_graded_by_what_agrees() {
    for (text, grade, words) in [
        (
            "タカハシ サワコ//2//輪島市",
            Some("A"),
            "生年月日・性別・住所・カナが一致",
        ),
        (
            "たかはし さわこ//2/928-0001/",
            Some("A"),
            "生年月日・性別・住所・カナが一致",
        ),
        (
            "ﾀｶﾊｼ ｻﾜｺ/高橋佐和子/2//石川県輪島市",
            Some("A"),
            "生年月日・性別・住所・カナが一致",
        ),
        (
            "/高橋佐和子/2//輪島市",
            Some("A"),
            "生年月日・性別・住所・漢字氏名が一致",
        ),
        (
            "/林 佐和子/2//輪島市",
            Some("A"),
            "生年月日・性別・住所・漢字氏名が一致",
        ),
        (
            "タカハシ サワコ//2//",
            Some("B"),
            "生年月日・性別・カナが一致",
        ),
        (
            "タカハシ サワコ//2//珠洲市",
            Some("B"),
            "生年月日・性別・カナが一致、住所が違う",
        ),
        (
            "タカハシ サワコ////輪島市",
            Some("B"),
            "生年月日・住所・カナが一致",
        ),
        (
            "/●橋佐和子/2//輪島市",
            Some("B"),
            "生年月日・性別・住所が一致、漢字氏名は読める文字が一致",
        ),
        (
            "タカハシ サワエ//2//輪島市",
            Some("C"),
            "生年月日・性別・住所が一致、カナが1文字違い",
        ),
        (
            "タカハシ サワエ//2//",
            Some("C"),
            "生年月日・性別が一致、カナが1文字違い",
        ),
        (
            "ハヤシ サワコ//2//輪島市",
            Some("C"),
            "生年月日・性別・住所が一致、名だけ一致(姓が違う)",
        ),
        (
            "/高橋佐和江/2//輪島市",
            Some("C"),
            "生年月日・性別・住所が一致、漢字氏名が1文字違い",
        ),
        (
            "タカハシ サワエ//2//珠洲市",
            None,
            "生年月日・性別が一致、カナが1文字違い、住所が違う",
        ),
        (
            "ハヤシ サワコ//2//",
            None,
            "生年月日・性別が一致、名だけ一致(姓が違う)",
        ),
        (
            "タカハシ サワエ////輪島市",
            None,
            "生年月日・住所が一致、カナが1文字違い",
        ),
        (
            "タカハシ サワコ//1//輪島市",
            None,
            "生年月日・住所・カナが一致",
        ),
        ("スズキ ハナコ//2//輪島市", None, ""),
    ] {
        let agreement = agreement(&said(text), &profile());
        assert_eq!(
            agreement.and_then(Agreement::grade).map(Grade::code),
            grade,
            "{text}"
        );
        assert_eq!(
            agreement.map(Agreement::ja).unwrap_or_default(),
            words,
            "{text}"
        );
        assert!(agreement.is_none_or(|one| one.en().starts_with("birth agrees")));
    }
}

#[test]
fn another_birth_is_another_person() {
    let mut other = profile();
    other.birth = day("1958-04-13");
    assert_eq!(agreement(&said("タカハシ サワコ//2//輪島市"), &other), None);
}

#[test]
fn three_of_four_are_needed_and_a_way_to_somebody() {
    for (text, count, leads) in [
        ("タカハシ サワコ//2//輪島市", 4, true),
        ("タカハシ サワコ//2//", 3, true),
        ("タカハシ サワコ////輪島市", 3, true),
        ("/高橋佐和子/2//", 3, false),
        ("/高橋佐和子/2/9280001/", 4, true),
        ("//2//輪島市", 3, false),
        ("タカハシ サワコ////", 2, true),
        ("タカハシ//2//輪島市", 3, false),
        ("////", 1, false),
    ] {
        let said = said(text);
        assert_eq!(
            (said.count(), said.lead_to_somebody()),
            (count, leads),
            "{text}"
        );
    }
}

#[test]
fn at_most_three_are_shown_and_the_best_before_all() {
    let of = |grades: &str| {
        grades
            .chars()
            .map(|g| (Grade::from_code(&g.to_string()).unwrap(), ()))
            .collect()
    };
    for (found, expected) in [
        ("", None),
        ("A", Some("A")),
        ("CBA", Some("ABC")),
        ("ACCC", Some("A")),
        ("AABBB", Some("AA")),
        ("BCC", Some("BCC")),
        ("CCCC", None),
        ("AAAA", None),
        ("BBBBC", None),
    ] {
        let kept = shown(of(found));
        let kept = kept.map(|kept| kept.iter().map(|(g, ())| g.code()).collect::<String>());
        assert_eq!(kept.as_deref(), expected, "{found}");
    }
}
