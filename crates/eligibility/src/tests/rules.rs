//! Remarks and dates at their borders.

use kernel::time::Period;
use registry::model;

use super::*;
use crate::{model::Reason, rules};

fn coverage(from: &str, until: Option<&str>, ceiling: Option<&str>) -> model::Coverage {
    let life = demo::patient(today());
    let mut coverage = testkit::seed::coverages(&life).pop().unwrap();
    let day = |text| JstDate::parse(text).unwrap();
    coverage.period = Period::new(day(from), until.map(day)).unwrap();
    coverage.ceiling = ceiling.map(|class| model::Ceiling {
        class: model::CeilingClass::from_code(class).unwrap(),
        certificate: None,
    });
    coverage
}

/// Birth, end of coverage, ceiling class, and the remarks' codes.
type Case = (
    &'static str,
    Option<&'static str>,
    Option<&'static str>,
    &'static [&'static str],
);

#[test]
fn remarks_follow_dates_age_and_ceiling() {
    let cases: [Case; 10] = [
        ("1958-04-12", None, Some("A03"), &["ELG-R01"]),
        ("1958-04-12", None, None, &["ELG-R01", "ELG-R02"]),
        // 31 days after 2026-11-22 is 2026-12-23.
        (
            "1958-04-12",
            Some("2026-12-23"),
            Some("A03"),
            &["ELG-R01", "ELG-R03"],
        ),
        ("1958-04-12", Some("2026-12-24"), Some("A03"), &["ELG-R01"]),
        // Seventy years are completed the day before the birthday; the rate changes on the
        // first day of the next month.
        ("1956-12-02", None, Some("A03"), &["ELG-R01"]),
        ("1956-12-01", None, Some("A03"), &["ELG-R01", "ELG-R04"]),
        ("1956-11-02", None, Some("A03"), &["ELG-R01", "ELG-R04"]),
        ("1956-11-01", None, Some("B04"), &["ELG-R01", "ELG-R08"]),
        // From 75 on another insurer stands in.
        (
            "1951-12-01",
            None,
            Some("B04"),
            &["ELG-R01", "ELG-R04", "ELG-R08"],
        ),
        ("1951-11-22", None, Some("B04"), &["ELG-R01"]),
    ];
    for (birth, until, ceiling, expected) in cases {
        let mut profile = testkit::seed::profile(&demo::patient(today()));
        profile.birth = JstDate::parse(birth).unwrap();
        let reasons = rules::reasons(&coverage("2018-04-01", until, ceiling), &profile, today());
        let codes: Vec<&str> = reasons.iter().map(|r| r.code()).collect();
        assert_eq!(codes, expected, "{birth} {until:?} {ceiling:?}");
    }
}

#[test]
fn every_remark_is_told_in_both_languages() {
    let mut codes = std::collections::BTreeSet::new();
    for reason in Reason::ALL {
        assert!(codes.insert(reason.code()), "{}", reason.code());
        assert!(
            reason
                .next()
                .is_none_or(|next| !next.ja.is_empty() && !next.en.is_empty())
        );
        assert!(!reason.text().ja.is_empty() && !reason.text().en.is_empty());
    }
}

#[test]
fn five_years_back_and_31_days_ahead_can_be_asked() {
    let day = |text| JstDate::parse(text).unwrap();
    for (on, askable) in [
        ("2021-11-21", false),
        ("2021-11-22", true),
        ("2026-12-23", true),
        ("2026-12-24", false),
        ("9999-12-31", false),
    ] {
        assert_eq!(rules::is_askable(day(on), today()), askable, "{on}");
    }
}
