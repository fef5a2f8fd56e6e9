//! What must hold of a change, as a table; and the laws of pairs of periods.

use kernel::{
    code::{BranchNumber, InsuredPersonNumber, InsuredPersonSymbol},
    time::Period,
};
use proptest::prelude::*;
use registry::model::{
    Ceiling, CeilingCertificate, CeilingClass, CertificateKind, ChangeKind, CopayRate, Coverage,
    ElderlyCertificate, LossReason, Profile, Sex,
};

use super::*;
use crate::{
    model::{Pair, PairKind},
    rules::{self, Case},
};

fn coverage(number: i64, insurer: &str, from: &str, until: Option<&str>) -> Coverage {
    Coverage {
        number,
        period: Period::new(day(from), until.map(day)).expect("a period"),
        insurer_number: InsurerNumber::from_register(insurer).expect("a number"),
        insurer_name: String::new(),
        symbol: InsuredPersonSymbol::parse("12").expect("a symbol"),
        person_number: InsuredPersonNumber::parse("3456").expect("a number"),
        branch: BranchNumber::parse("00").ok(),
        is_insured_person: true,
        copay: CopayRate::tenths(3).expect("a rate"),
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

fn profile(birth: &str) -> Profile {
    Profile {
        name: "佐藤 花子".to_owned(),
        kana: "サトウ ハナコ".to_owned(),
        sex: Sex::Female,
        birth: day(birth),
        post_code: String::new(),
        address: String::new(),
        other_name: None,
        shown_sex: None,
    }
}

/// What is found in a coverage of somebody born on a day, beside these.
fn found(birth: &str, after: &Coverage, others: &[Coverage]) -> Vec<&'static str> {
    let profile = profile(birth);
    let found = rules::review(&Case {
        today: day("2026-11-22"),
        kind: ChangeKind::Acquired,
        profile: &profile,
        was: None,
        after,
        others,
        is_branch_taken: false,
        has_household: true,
    });
    found.iter().map(|one| one.entry.code).collect()
}

fn ceiling(class: CeilingClass, from: &str) -> Option<Ceiling> {
    Some(Ceiling {
        class,
        certificate: Some(CeilingCertificate {
            kind: CertificateKind::Ceiling,
            issued_on: day(from),
            period: Period::new(day(from), None).expect("a period"),
            long_term_from: None,
        }),
    })
}

#[test]
fn a_coverage_begins_after_birth_before_death_and_within_a_year() {
    let born = "1985-06-15";
    let on = |from| coverage(2, UNION, from, None);
    assert_eq!(found(born, &on("1985-06-15"), &[]), [""; 0]);
    assert_eq!(found(born, &on("1985-06-14"), &[]), ["TSK-PAY-021"]);
    assert_eq!(found(born, &on("2027-11-22"), &[]), [""; 0]);
    assert_eq!(found(born, &on("2027-11-23"), &[]), ["TSK-PAY-023"]);
    let mut died = coverage(1, KYOKAI, "2020-04-01", Some("2026-05-02"));
    died.loss = Some(LossReason::Death);
    assert_eq!(found(born, &on("2026-05-02"), &[died]), ["TSK-PAY-022"]);
}

#[test]
fn branch_numbers_and_dependents_are_of_employees_and_towns_insurance() {
    let born = "1940-06-15";
    let mut one = coverage(1, UNION, "2026-04-01", None);
    one.branch = None;
    assert_eq!(found(born, &one, &[]), ["TSK-PAY-025"]);
    let mut late = coverage(1, "39131016", "2026-04-01", None);
    late.branch = None;
    assert_eq!(found(born, &late, &[]), [""; 0]);
    late.is_insured_person = false;
    assert_eq!(found(born, &late, &[]), ["TSK-PAY-029"]);
}

#[test]
fn the_elderly_certificate_begins_in_the_month_after_seventy() {
    let check = |birth: &str, from: &str| {
        let mut one = coverage(1, UNION, "2020-04-01", None);
        one.elderly = Some(ElderlyCertificate {
            issued_on: day(from),
            period: Period::new(day(from), None).expect("a period"),
            copay: CopayRate::tenths(2).expect("a rate"),
        });
        found(birth, &one, &[])
    };
    // 70 on 2026-06-15: from the first of July.
    assert_eq!(check("1956-06-15", "2026-06-30"), ["TSK-PAY-026"]);
    assert_eq!(check("1956-06-15", "2026-07-01"), [""; 0]);
    // Born on a first: from that very month.
    assert_eq!(check("1956-07-01", "2026-07-01"), [""; 0]);
    assert_eq!(check("1956-12-15", "2027-01-01"), [""; 0]);
    // With 75 it is over.
    assert_eq!(check("1950-06-15", "2025-06-14"), [""; 0]);
    assert_eq!(check("1950-06-15", "2025-06-15"), ["TSK-PAY-026"]);
}

#[test]
fn ceiling_classes_go_by_age() {
    let check = |birth: &str, insurer: &str, class, from: &str| {
        let mut one = coverage(1, insurer, "2020-04-01", None);
        one.ceiling = ceiling(class, from);
        found(birth, &one, &[])
    };
    assert_eq!(
        check("1985-06-15", UNION, CeilingClass::A03, "2026-08-01"),
        [""; 0]
    );
    assert_eq!(
        check("1985-06-15", UNION, CeilingClass::B04, "2026-08-01"),
        ["TSK-PAY-027"]
    );
    assert_eq!(
        check("1956-06-15", UNION, CeilingClass::A03, "2026-06-01"),
        [""; 0]
    );
    assert_eq!(
        check("1956-06-15", UNION, CeilingClass::A03, "2026-07-01"),
        ["TSK-PAY-027"]
    );
    assert_eq!(
        check("1956-06-15", UNION, CeilingClass::B04, "2026-07-01"),
        [""; 0]
    );
    // From 65 with a disability.
    assert_eq!(
        check("1960-06-15", "39131016", CeilingClass::B09, "2026-08-01"),
        [""; 0]
    );
}

#[test]
fn a_certificate_begins_within_the_coverage_or_its_first_month() {
    let check = |from: &str, until: Option<&str>, certificate: &str| {
        let mut one = coverage(1, UNION, from, until);
        one.ceiling = ceiling(CeilingClass::A03, certificate);
        found("1985-06-15", &one, &[])
    };
    assert_eq!(check("2026-04-15", None, "2026-04-01"), [""; 0]);
    assert_eq!(check("2026-04-15", None, "2026-03-31"), ["TSK-PAY-028"]);
    assert_eq!(
        check("2026-04-15", Some("2026-08-01"), "2026-07-31"),
        [""; 0]
    );
    assert_eq!(
        check("2026-04-15", Some("2026-08-01"), "2026-08-01"),
        ["TSK-PAY-028"]
    );
}

#[test]
fn another_insurers_overlap_is_told_and_ones_own_is_refused() {
    let born = "1985-06-15";
    let after = coverage(2, UNION, "2026-04-01", None);
    let before = |insurer, until| vec![coverage(1, insurer, "2020-04-01", until)];
    assert_eq!(
        found(born, &after, &before(KYOKAI, Some("2026-04-01"))),
        [""; 0]
    );
    assert_eq!(
        found(born, &after, &before(KYOKAI, Some("2026-04-02"))),
        ["TSK-PAY-040"]
    );
    assert_eq!(
        found(born, &after, &before(KYOKAI, Some("2026-03-31"))),
        ["TSK-PAY-041"]
    );
    assert_eq!(
        found(born, &after, &before(UNION, Some("2026-04-02"))),
        ["TSK-PAY-030"]
    );
    assert_eq!(
        found(born, &after, &before(UNION, Some("2026-03-31"))),
        ["TSK-PAY-041"]
    );
    // What ended more than five years ago is nobody's concern.
    let old = vec![coverage(1, KYOKAI, "2010-04-01", Some("2015-04-01"))];
    let after = coverage(2, UNION, "2016-04-01", None);
    assert_eq!(found(born, &after, &old), [""; 0]);
}

#[test]
fn a_loss_is_taken_also_where_it_does_not_mend_an_overlap() {
    let mut after = coverage(2, UNION, "2026-04-01", Some("2026-10-01"));
    after.loss = Some(LossReason::OtherCoverage);
    let others = [coverage(1, UNION, "2020-04-01", None)];
    let who = profile("1985-06-15");
    let found = rules::review(&Case {
        today: day("2026-11-22"),
        kind: ChangeKind::Lost,
        profile: &who,
        was: Some(&who),
        after: &after,
        others: &others,
        is_branch_taken: false,
        has_household: true,
    });
    let codes: Vec<&str> = found.iter().map(|one| one.entry.code).collect();
    assert_eq!(codes, ["TSK-PAY-040"]);
}

#[test]
fn another_name_for_the_same_person_is_told() {
    let (was, mut is) = (profile("1985-06-15"), profile("1985-06-15"));
    let after = coverage(1, UNION, "2026-04-01", None);
    let check = |is: &Profile| {
        let found = rules::review(&Case {
            today: day("2026-11-22"),
            kind: ChangeKind::Changed,
            profile: is,
            was: Some(&was),
            after: &after,
            others: &[],
            is_branch_taken: false,
            has_household: true,
        });
        found.iter().map(|one| one.entry.code).collect::<Vec<_>>()
    };
    is.kana = "サトウハナコ".to_owned();
    assert_eq!(check(&is), [""; 0]);
    is.kana = "スズキ ハナコ".to_owned();
    assert_eq!(check(&is), ["TSK-PAY-044"]);
}

/// Coverages by offsets in days from a day, and their lengths; 0 is open.
fn made(spans: &[(i32, i32)]) -> Vec<Coverage> {
    let begin = day("2024-01-01");
    (1..)
        .zip(spans)
        .map(|(number, (from, length))| {
            let from = begin.plus_days(*from);
            let until = (*length > 0).then(|| from.plus_days(*length));
            let mut one = coverage(number, UNION, "2024-01-01", None);
            one.period = Period::new(from, until).expect("a period");
            one
        })
        .collect()
}

const DAYS: i32 = 120;

fn spans() -> impl Strategy<Value = Vec<(i32, i32)>> {
    prop::collection::vec((0..DAYS, 0..40i32), 1..7)
}

fn holds(pairs: &[Pair], kind: PairKind, on: JstDate) -> usize {
    let of_kind = pairs.iter().filter(|pair| pair.kind == kind);
    of_kind.filter(|pair| pair.period.contains(on)).count()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Day by day: as many overlaps as two coverages can be chosen that hold; a gap exactly
    /// where none holds between the first day and the last begin.
    #[test]
    fn every_day_is_told_as_it_is(spans in spans()) {
        let all = made(&spans);
        let pairs = rules::pairs(&all);
        let first = all.iter().map(|one| one.period.from()).min().expect("a day");
        let last = all.iter().map(|one| one.period.from()).max().expect("a day");
        for offset in 0..DAYS + 40 {
            let on = day("2024-01-01").plus_days(offset);
            let count = all.iter().filter(|one| one.period.contains(on)).count();
            prop_assert_eq!(holds(&pairs, PairKind::Overlap, on), count * count.saturating_sub(1) / 2);
            let is_between = first <= on && on <= last;
            let gaps = usize::from(is_between && count == 0);
            prop_assert_eq!(holds(&pairs, PairKind::Gap, on), gaps);
        }
    }

    /// In whatever order they are known, the same is found.
    #[test]
    fn the_order_of_coverages_does_not_matter(spans in spans(), turn in 0..7usize) {
        let all = made(&spans);
        let mut turned = all.clone();
        turned.rotate_left(turn % all.len());
        prop_assert!(rules::pairs(&all) == rules::pairs(&turned));
    }

    /// Nothing is found of coverages that follow each other day by day.
    #[test]
    fn a_seamless_history_has_no_findings(lengths in prop::collection::vec(1..60i32, 1..6)) {
        let mut spans = Vec::new();
        let mut from = 0;
        for length in lengths {
            spans.push((from, length));
            from += length;
        }
        prop_assert!(rules::pairs(&made(&spans)).is_empty());
    }

    /// A pair names two coverages that are there, and its days lie within or between them.
    #[test]
    fn a_pair_lies_where_its_coverages_are(spans in spans()) {
        let all = made(&spans);
        for pair in rules::pairs(&all) {
            let by = |number| all.iter().find(|one| one.number == number).expect("one");
            let (first, second) = (by(pair.first).period, by(pair.second).period);
            prop_assert!(pair.first != pair.second);
            match pair.kind {
                PairKind::Overlap => {
                    prop_assert!(first.contains(pair.period.from()) && second.contains(pair.period.from()));
                }
                PairKind::Gap => {
                    prop_assert_eq!(Some(pair.period.from()), first.until());
                    prop_assert_eq!(pair.period.until(), Some(second.from()));
                }
            }
        }
    }
}
