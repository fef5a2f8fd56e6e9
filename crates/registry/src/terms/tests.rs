//! Ages and certificates at their borders, and what differs.

use kernel::{
    code::{BranchNumber, InsuredPersonNumber, InsuredPersonSymbol, InsurerNumber},
    time::Period,
};

use super::*;
use crate::model::{Ceiling, CertificateKind};

fn day(text: &str) -> JstDate {
    JstDate::parse(text).unwrap()
}

fn days(from: &str, until: &str) -> Period<JstDate> {
    Period::new(day(from), Some(day(until))).unwrap()
}

fn rate(tenths: u8) -> CopayRate {
    CopayRate::tenths(tenths).unwrap()
}

pub(crate) fn coverage() -> Coverage {
    Coverage {
        number: 1,
        period: Period::new(day("2018-04-01"), None).unwrap(),
        insurer_number: InsurerNumber::parse("139139").unwrap(),
        insurer_name: "青空健康保険組合".to_owned(),
        symbol: InsuredPersonSymbol::parse("").unwrap(),
        person_number: InsuredPersonNumber::parse("00731958").unwrap(),
        branch: Some(BranchNumber::parse("01").unwrap()),
        is_insured_person: true,
        copay: rate(3),
        ceiling: Some(Ceiling {
            class: CeilingClass::A03,
            certificate: Some(CeilingCertificate {
                kind: CertificateKind::Ceiling,
                issued_on: day("2026-08-01"),
                period: days("2026-08-01", "2027-08-01"),
                long_term_from: None,
            }),
        }),
        elderly: Some(ElderlyCertificate {
            issued_on: day("2026-08-01"),
            period: days("2026-08-01", "2027-08-01"),
            copay: rate(2),
        }),
        diseases: vec![SpecificDisease {
            kind: DiseaseKind::Dialysis,
            issued_on: day("2026-08-01"),
            period: days("2026-08-01", "2027-08-01"),
            self_pay: Yen::new(10_000),
        }],
        card_kind: "01".to_owned(),
        issued_on: day("2018-04-01"),
        card_period: None,
        insured_name: None,
        loss: None,
        loaded_at: None,
    }
}

#[test]
fn school_begins_on_the_1st_of_april_after_the_sixth_year_is_completed() {
    for (birth, until) in [
        ("2020-03-31", "2026-04-01"),
        // Six years are completed on 31 March 2026.
        ("2020-04-01", "2026-04-01"),
        ("2020-04-02", "2027-04-01"),
        ("2020-12-31", "2027-04-01"),
        ("2021-01-01", "2027-04-01"),
        ("2020-02-29", "2026-04-01"),
    ] {
        assert_eq!(preschool_until(day(birth)), day(until), "{birth}");
        assert!(
            is_preschool(day(birth), day(until).plus_days(-1)),
            "{birth}"
        );
        assert!(!is_preschool(day(birth), day(until)), "{birth}");
    }
}

#[test]
fn the_rate_from_70_begins_with_the_month_after_seventy_years_are_completed() {
    for (birth, from) in [
        ("1956-11-01", "2026-11-01"),
        ("1956-11-02", "2026-12-01"),
        ("1956-11-30", "2026-12-01"),
        ("1956-12-01", "2026-12-01"),
        ("1956-12-02", "2027-01-01"),
        ("1957-01-01", "2027-01-01"),
        ("1956-02-29", "2026-03-01"),
    ] {
        assert_eq!(elderly_from(day(birth)), day(from), "{birth}");
    }
    let birth = day("1951-11-22");
    assert!(is_elderly(birth, day("2026-11-21")));
    assert!(!is_elderly(birth, day("2026-11-22")));
}

#[test]
fn the_copay_rate_follows_age_and_certificate() {
    let plain = coverage();
    let without = Coverage {
        elderly: None,
        ..coverage()
    };
    let mild = Coverage {
        copay: rate(1),
        elderly: None,
        ..coverage()
    };
    for (coverage, birth, on, expected) in [
        (&plain, "1980-01-01", "2026-11-22", (3, Basis::Coverage)),
        // The certificate's rate wins from 70, and only while it holds.
        (&plain, "1956-11-01", "2026-11-22", (2, Basis::Elderly)),
        (&plain, "1956-11-01", "2026-07-31", (3, Basis::Coverage)),
        (&plain, "1956-11-02", "2026-11-22", (3, Basis::Coverage)),
        (&plain, "1950-01-01", "2027-07-31", (2, Basis::Elderly)),
        (&plain, "1950-01-01", "2027-08-01", (3, Basis::Coverage)),
        (&without, "1956-11-01", "2026-11-22", (3, Basis::Coverage)),
        // Below school age it is 2割, and less where the coverage says less.
        (&without, "2020-04-02", "2027-03-31", (2, Basis::Preschool)),
        (&without, "2020-04-02", "2027-04-01", (3, Basis::Coverage)),
        (&without, "2020-04-01", "2026-03-31", (2, Basis::Preschool)),
        (&without, "2020-04-01", "2026-04-01", (3, Basis::Coverage)),
        (&mild, "2024-01-01", "2026-11-22", (1, Basis::Coverage)),
    ] {
        let (copay, basis) = copay_on(coverage, day(birth), day(on));
        assert_eq!((copay.get(), basis), expected, "{birth} {on}");
    }
}

#[test]
fn a_certificate_counts_on_its_days_only() {
    let it = coverage();
    for (on, holds) in [
        ("2026-07-31", false),
        ("2026-08-01", true),
        ("2027-07-31", true),
        ("2027-08-01", false),
    ] {
        let on = day(on);
        assert_eq!(ceiling_on(&it, on).is_some(), holds, "{on}");
        assert_eq!(class_on(&it, on).is_some(), holds, "{on}");
        assert_eq!(elderly_on(&it, on).is_some(), holds, "{on}");
        assert_eq!(diseases_on(&it, on).count(), usize::from(holds), "{on}");
    }
    // A class without a certificate has no end of its own.
    let mut bare = coverage();
    bare.ceiling = Some(Ceiling {
        class: CeilingClass::A03,
        certificate: None,
    });
    assert_eq!(class_on(&bare, day("2027-08-01")), Some(CeilingClass::A03));
}

/// Each change of one field, and the fields that must be named for it.
type Change = (fn(&mut Coverage), &'static [Field]);

const CHANGES: [Change; 10] = [
    (|_| {}, &[]),
    (
        |c| c.insurer_number = InsurerNumber::parse("138057").unwrap(),
        &[Field::Insurer],
    ),
    (
        |c| c.symbol = InsuredPersonSymbol::parse("一二").unwrap(),
        &[Field::Symbol],
    ),
    (
        |c| c.person_number = InsuredPersonNumber::parse("7").unwrap(),
        &[Field::Number],
    ),
    (|c| c.branch = None, &[Field::Branch]),
    (|c| c.is_insured_person = false, &[Field::Relation]),
    (|c| c.copay = rate(1), &[Field::Copay]),
    (
        |c| c.ceiling = None,
        &[Field::CeilingClass, Field::CeilingEnd],
    ),
    (|c| c.elderly = None, &[Field::ElderlyEnd]),
    (|c| c.diseases.clear(), &[Field::Diseases]),
];

#[test]
fn what_differs_is_all_that_differs() {
    let (birth, on) = (day("1980-01-01"), day("2026-11-22"));
    let was = Terms::on(&coverage(), birth, on);
    for (nth, (first, first_fields)) in CHANGES.iter().enumerate() {
        for (second, second_fields) in CHANGES.iter().skip(nth + 1) {
            let mut changed = coverage();
            first(&mut changed);
            second(&mut changed);
            let now = Terms::on(&changed, birth, on);
            let found: Vec<Field> = differences(Some(&was), Some(&now))
                .iter()
                .map(|one| one.field)
                .collect();
            let mut expected = [*first_fields, *second_fields].concat();
            expected.sort();
            assert_eq!(found, expected);
            assert!(differences(Some(&now), Some(&now)).is_empty());
        }
    }
    assert!(differences(None, None).is_empty());
    let gone = differences(Some(&was), None);
    assert!(gone.iter().all(|one| one.now.is_empty()));
    // Whoever has no symbol loses none.
    assert_eq!(gone.len(), Field::ALL.len() - 2);
}
