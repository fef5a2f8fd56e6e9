//! The rules of a merge that need no store.

use kernel::{
    code::{InsuredPersonNumber, InsuredPersonSymbol, InsurerNumber},
    time::Period,
};

use super::*;
use crate::model::CopayRate;

fn day(text: &str) -> JstDate {
    JstDate::parse(text).unwrap()
}

fn coverage(number: i64, person_number: &str, from: &str, until: Option<&str>) -> Coverage {
    Coverage {
        number,
        period: Period::new(day(from), until.map(day)).unwrap(),
        insurer_number: InsurerNumber::from_register("138016").unwrap(),
        insurer_name: "多摩川原市".to_owned(),
        symbol: InsuredPersonSymbol::parse("").unwrap(),
        person_number: InsuredPersonNumber::parse(person_number).unwrap(),
        branch: None,
        is_insured_person: true,
        copay: CopayRate::tenths(3).unwrap(),
        ceiling: None,
        elderly: None,
        diseases: Vec::new(),
        card_kind: "01".to_owned(),
        issued_on: day(from),
        card_period: None,
        insured_name: None,
        loss: None,
        loaded_at: None,
    }
}

fn numbers(all: &[Coverage]) -> Vec<i64> {
    all.iter().map(|one| one.number).collect()
}

#[test]
fn two_registrations_show_what_both_have_once_and_the_newest_last() {
    let mut all = vec![
        coverage(1, "100", "2015-04-01", Some("2020-04-01")),
        coverage(2, "200", "2020-04-01", None),
    ];
    let others = vec![
        coverage(1, "300", "2018-04-01", Some("2019-04-01")),
        coverage(2, "200", "2020-04-01", None),
        coverage(3, "400", "2024-04-01", None),
    ];
    add(&mut all, 3, others.clone());
    assert_eq!(numbers(&all), [1, 3_000_001, 2, 3_000_003]);
    assert_eq!(source(3_000_001), Some(3));
    assert_eq!(source(2), None);
    assert_eq!(overlaps(&all), [(1, 3_000_001), (2, 3_000_003)]);
    // What was changed since stands under its number with the one who is kept.
    let mut changed = coverage(3_000_003, "499", "2024-04-01", Some("2025-04-01"));
    changed.insurer_name = "changed".to_owned();
    let mut all = vec![changed];
    add(&mut all, 3, others);
    assert_eq!(all.iter().filter(|one| one.number == 3_000_003).count(), 1);
    assert_eq!(all.last().unwrap().insurer_name, "changed");
}

#[test]
fn two_people_are_never_one_unless_birth_sex_and_name_say_so() {
    let one = Profile {
        name: "橘 佐和子".to_owned(),
        kana: "タチバナ サワコ".to_owned(),
        sex: Sex::Female,
        birth: day("1958-04-12"),
        post_code: String::new(),
        address: String::new(),
        other_name: None,
        shown_sex: None,
    };
    let change = |change: fn(&mut Profile)| {
        let mut other = one.clone();
        change(&mut other);
        let there = objection(&one, &other).map(|entry| entry.code);
        assert_eq!(there, objection(&other, &one).map(|entry| entry.code));
        there
    };
    assert_eq!(change(|_| ()), None);
    assert_eq!(change(|p| p.kana = "ﾀﾁﾊﾞﾅ サワコ".to_owned()), None);
    assert_eq!(change(|p| p.kana = "タチバナ サワエ".to_owned()), None);
    assert_eq!(
        change(|p| p.kana = "ハヤシ サワコ".to_owned()),
        None,
        "another family name"
    );
    assert_eq!(
        change(|p| p.kana = String::new()),
        None,
        "the written name agrees"
    );
    assert_eq!(change(|p| p.sex = Sex::Unknown), None);
    let other = Some("TSK-MRG-004");
    assert_eq!(change(|p| p.birth = p.birth.plus_days(1)), other);
    assert_eq!(change(|p| p.sex = Sex::Male), other);
    assert_eq!(
        change(|p| (p.name, p.kana) = ("橘 美咲".to_owned(), "タチバナ ミサキ".to_owned())),
        other
    );
}
