//! Who fits, how old is too old, how kana is compared, what a difference says.

use eligibility::snapshot::{
    rules::{Age, fold_kana, judge_age},
    shown::{Difference, Field},
};
use kernel::time::Timestamp;

use crate::rules::advice;

#[test]
fn kana_is_compared_without_width_spaces_or_script() {
    for (typed, folded) in [
        ("タチバナ サワコ", "タチバナサワコ"),
        ("タチバナ　サワコ", "タチバナサワコ"),
        ("たちばなさわこ", "タチバナサワコ"),
        ("ﾀﾁﾊﾞﾅ ｻﾜｺ", "タチバナサワコ"),
        ("ﾌﾟﾘﾝ ﾞ", "プリン"),
        ("ヴ", "ヴ"),
        ("ｳﾞｨ", "ヴィ"),
        ("か\u{3099}く", "ガク"),
        ("  ", ""),
    ] {
        assert_eq!(fold_kana(typed), folded, "{typed}");
    }
}

#[test]
fn a_copy_is_good_for_72_hours_and_never_before_it_was_made() {
    let made = Timestamp::from_micros(1_795_309_200_000_000);
    let until = made.plus_hours(72);
    let after = |seconds| judge_age(made, until, made.plus_seconds(seconds));
    assert_eq!(after(0), Age::Good { hours: 0 });
    assert_eq!(after(3_599), Age::Good { hours: 0 });
    assert_eq!(after(3 * 3_600), Age::Good { hours: 3 });
    assert_eq!(after(72 * 3_600 - 1), Age::Good { hours: 71 });
    assert_eq!(after(72 * 3_600), Age::Expired);
    assert_eq!(after(-600), Age::Good { hours: 0 });
    assert_eq!(after(-601), Age::Ahead);
    // Whatever a head says, no copy is good for longer.
    assert_eq!(judge_age(made, made.plus_hours(900), until), Age::Expired);
    assert_eq!(
        judge_age(made, made.plus_hours(1), made.plus_hours(2)),
        Age::Expired
    );
}

#[test]
fn every_difference_says_what_changed_and_what_to_do() {
    for (field, was, is, words) in [
        (
            Field::Copay,
            "2",
            "3",
            "負担割合が2割から3割に変わっています。患者さんへの請求を直してください。",
        ),
        (
            Field::Insurer,
            "01130012",
            "06139999",
            "保険者番号が01130012から06139999に変わっています。請求先の保険者を直してください。",
        ),
        (
            Field::Branch,
            "00",
            "",
            "枝番が00からなしに変わっています。請求の枝番を直してください。",
        ),
        (
            Field::Ceiling,
            "A03",
            "A04",
            "限度額区分がウ(A03)からエ(A04)に変わっています。患者さんの支払いの上限を直してください。",
        ),
        (
            Field::Validity,
            "valid",
            "TSK-ELG-005",
            "受診した日には、この資格は有効ではありませんでした(TSK-ELG-005 この資格は、確認した日には有効ではありません。)。患者さんに新しい資格を確認し、請求先を直してください。",
        ),
    ] {
        let difference = Difference {
            field,
            was: was.to_owned(),
            is: is.to_owned(),
        };
        assert_eq!(advice(&difference).0, words);
    }
    for field in Field::ALL {
        let (ja, en) = advice(&Difference {
            field,
            was: "1".to_owned(),
            is: "2".to_owned(),
        });
        assert!(ja.ends_with("ください。"), "{ja}");
        assert!(
            en.is_ascii() || field == Field::Copay || field == Field::Validity,
            "{en}"
        );
    }
}
