//! The table and the curves never hide a result, bend a number or miss a mark.

use access::consent::Category;
use kernel::time::{JstDate, Timestamp};
use web::ui::Lang;

use super::rules::{item, lab};
use crate::{
    labs,
    model::{Allergy, Certainty, Item, Lab, What},
    show,
};

fn on(n: i32) -> JstDate {
    JstDate::parse("2026-01-01").expect("a date").plus_days(n)
}

fn as_item(lab: Lab) -> Item {
    let at = lab.on.start();
    item(Category::Laboratory, at, What::Lab(lab))
}

fn table(labs: &[Lab]) -> String {
    let items: Vec<Item> = labs.iter().cloned().map(as_item).collect();
    labs::table(Lang::Ja, "t", "表", &items, false).into_string()
}

fn curves(labs: &[Lab]) -> String {
    let items: Vec<Item> = labs.iter().cloned().map(as_item).collect();
    labs::curves(Lang::Ja, "t", &items, 4).into_string()
}

fn ranged(value: &str, low: Option<&str>, high: Option<&str>) -> Lab {
    Lab {
        low: low.map(str::to_owned),
        high: high.map(str::to_owned),
        ..lab("X", value, on(0))
    }
}

#[test]
fn numbers_of_any_form_are_marked_against_their_range() {
    for (value, low, high, wanted) in [
        ("5.2", Some("1"), Some("5.1"), "mark-high"),
        ("5.10", Some("1"), Some("5.1"), ""),
        ("0.9", Some("1"), None, "mark-low"),
        ("1e5", None, Some("100"), "mark-high"),
        ("1E-3", Some("0.01"), None, "mark-low"),
        ("123456789012345678901", None, Some("9"), "mark-high"),
        ("0.00000000000000000001", Some("0.1"), None, "mark-low"),
        ("-3", Some("-2.5"), None, "mark-low"),
        ("abc", Some("1"), Some("2"), ""),
        ("一二三四五六七八九十", Some("1"), Some("2"), ""),
        ("-", Some("1"), None, ""),
    ] {
        let html = table(&[ranged(value, low, high)]);
        for mark in ["mark-high", "mark-low"] {
            assert_eq!(html.contains(mark), wanted == mark, "{value}: {html}");
        }
    }
}

#[test]
fn a_bound_outside_the_range_is_marked() {
    for (value, low, high, wanted) in [
        (">1000", None, Some("100"), "mark-high"),
        (">100", None, Some("100"), "mark-high"),
        (">=100", None, Some("100"), ""),
        ("<0.3", Some("0.5"), None, "mark-low"),
        ("<=0.5", Some("0.5"), None, ""),
        ("<0.3", None, Some("0.5"), ""),
        (">", None, Some("0.5"), ""),
    ] {
        let mut one = ranged(value, low, high);
        one.number = None;
        let html = table(&[one]);
        for mark in ["mark-high", "mark-low"] {
            assert_eq!(html.contains(mark), wanted == mark, "{value}: {html}");
        }
    }
}

#[test]
fn two_results_of_one_day_are_both_shown() {
    let mut second = lab("X", "9.9", on(0));
    second.interpretation = Some("H".to_owned());
    let html = table(&[lab("X", "5.5", on(0)), second, lab("X", "5.5", on(0))]);
    assert!(html.contains("5.5 / 9.9"), "{html}");
    assert!(html.contains("mark-high"));
}

#[test]
fn an_item_measured_long_ago_still_shows_its_newest_result() {
    let mut all: Vec<Lab> = (0..9).map(|n| lab("OFTEN", "1", on(100 + n))).collect();
    all.push(lab("ONCE", "123.45", on(0)));
    let html = table(&all);
    assert!(html.contains("123.45"), "{html}");
    // Three of nine stand outside the six newest dates, and that is said.
    assert!(html.contains("より古い結果が3件"), "{html}");
    assert!(!table(&all[..6]).contains("より古い結果"));
}

#[test]
fn results_in_different_units_stand_in_different_rows() {
    let other = Lab {
        unit: "g/L".to_owned(),
        ..lab("X", "55", on(1))
    };
    let html = table(&[lab("X", "5.5", on(0)), other]);
    assert_eq!(html.matches("scope=\"row\"").count(), 2, "{html}");
}

#[test]
fn a_preliminary_result_says_so() {
    let mut one = as_item(lab("X", "5.5", on(0)));
    one.certainty = Certainty::Unconfirmed;
    let html = labs::table(Lang::Ja, "t", "表", &[one], false).into_string();
    assert!(html.contains("5.5(暫定)"), "{html}");
}

#[test]
fn a_curve_is_drawn_exactly_or_not_at_all() {
    let draw = |values: &[&str]| {
        let all: Vec<Lab> = (0..).zip(values).map(|(n, v)| lab("X", v, on(n))).collect();
        curves(&all)
    };
    assert!(draw(&["1", "2.5", "1e1"]).contains("10.0"));
    assert!(draw(&["1", "2"]).is_empty());
    // Ten decimals would be shown with nine, and so ten times too large.
    assert!(draw(&["1", "2", "1.0000000001"]).is_empty());
    assert!(draw(&["1", "2", "1e400"]).is_empty());
    assert!(draw(&["1", "2", "99999999999999"]).is_empty());
    assert!(draw(&["1", "2", "3", "あああ"]).is_empty());
    let mut ranged: Vec<Lab> = (0..3).map(|n| lab("X", "5", on(n))).collect();
    ranged[2].high = Some("1e400".to_owned());
    assert!(curves(&ranged).is_empty());
}

#[test]
fn names_from_documents_are_never_markup() {
    let mut one = lab("<script>alert(1)</script>", "<b>5</b>", on(0));
    one.unit = "\"><img src=x>".to_owned();
    one.low = Some("<i>".to_owned());
    let many: Vec<Lab> = (0..4)
        .map(|n| Lab {
            on: on(n),
            number: Some("5".to_owned()),
            low: None,
            ..one.clone()
        })
        .collect();
    let html = [table(&[one]), curves(&many)].concat();
    for tag in ["<script", "<b>", "<img", "<i>"] {
        assert!(!html.contains(tag), "{tag}: {html}");
    }
}

#[test]
fn a_caution_carries_every_tag_that_it_has_in_the_readers_language() {
    let at = Timestamp::from_micros(0);
    for bits in 0..8_u8 {
        let (past, unsure, long) = (bits & 1 != 0, bits & 2 != 0, bits & 4 != 0);
        let mut one = item(
            Category::Allergies,
            at,
            What::Allergy(Allergy {
                substance: "エビ".to_owned(),
                reaction: None,
                high_risk: false,
                status: if past { "resolved" } else { "active" }.to_owned(),
                code: None,
            }),
        );
        one.flags.long_term = long;
        if unsure {
            one.certainty = Certainty::Unconfirmed;
        }
        for (lang, words) in [
            (Lang::Ja, ["過去", "疑い・未確定", "長期保管"]),
            (Lang::En, ["past", "unconfirmed", "Long-term"]),
        ] {
            let items = [one.clone()];
            let lines = show::caution_lines(lang, &items, &show::nothing);
            let labels: Vec<&str> = lines[0].tags.iter().map(|t| t.label).collect();
            for (word, is) in words.into_iter().zip([past, unsure, long]) {
                assert_eq!(labels.contains(&word), is, "{bits}: {labels:?}");
            }
            assert_eq!(
                labels.len(),
                usize::from(past) + usize::from(unsure) + usize::from(long)
            );
        }
    }
}

#[test]
fn the_numbers_behind_a_curve_name_the_facility_when_there_is_more_than_one() {
    let results: Vec<Lab> = (0..4)
        .map(|n| Lab {
            number: Some("5".to_owned()),
            ..lab("HbA1c", "5", on(n))
        })
        .collect();
    let alone = curves(&results);
    assert!(!alone.contains("検査した施設"), "{alone}");
    let mut items: Vec<Item> = results
        .into_iter()
        .map(|one| {
            let at = one.on.start();
            item(Category::Laboratory, at, What::Lab(one))
        })
        .collect();
    items[3].provenance.facility = "みなと内科".to_owned();
    let html = labs::curves(Lang::Ja, "t", &items, 4).into_string();
    let numbers = html.split_once("検査した施設").expect("a column").1;
    assert_eq!(numbers.matches("<td>みなと内科</td>").count(), 1, "{html}");
}
