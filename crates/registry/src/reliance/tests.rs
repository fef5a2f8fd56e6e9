//! What is remembered of an answer, and who hears of a change.

use kernel::time::{JstDate, Period};

use super::*;
use crate::{
    model::{Ceiling, CeilingCertificate, CeilingClass, CertificateKind, CopayRate, Sex},
    terms::Field,
};

fn day(text: &str) -> JstDate {
    JstDate::parse(text).unwrap()
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

fn coverage(number: i64, from: &str, until: Option<&str>) -> Coverage {
    let mut coverage = crate::terms::tests::coverage();
    coverage.number = number;
    coverage.period = Period::new(day(from), until.map(day)).unwrap();
    coverage.elderly = None;
    coverage.ceiling = None;
    coverage.diseases.clear();
    coverage
}

fn profile() -> Profile {
    Profile {
        name: "橘 佐和子".to_owned(),
        kana: "タチバナ サワコ".to_owned(),
        sex: Sex::Female,
        birth: day("1958-04-12"),
        post_code: "1000001".to_owned(),
        address: "東京都千代田区".to_owned(),
        other_name: None,
        shown_sex: None,
    }
}

fn facility() -> FacilityId {
    FacilityId::from_bytes([1; 16])
}

fn relied(coverage: i64, first: &str, last: &str) -> Reliance {
    Reliance {
        facility: facility(),
        coverage,
        first_on: day(first),
        last_on: day(last),
        at: at("2026-11-01T01:00:00Z"),
        visits: Vec::new(),
    }
}

/// Days asked for, coverages before and after, and the changed days with whether any coverage
/// holds on the first; `None` when nobody is told.
type Case = (
    &'static str,
    (&'static str, &'static str),
    Vec<Coverage>,
    Vec<Coverage>,
    Option<(&'static str, &'static str, bool)>,
);

fn cases() -> Vec<Case> {
    let old = || coverage(1, "2018-04-01", None);
    let lost = |on| coverage(1, "2018-04-01", Some(on));
    let dearer = |from: &str, until: Option<&str>| {
        let mut one = old();
        one.ceiling = Some(Ceiling {
            class: CeilingClass::A01,
            certificate: Some(CeilingCertificate {
                kind: CertificateKind::Ceiling,
                issued_on: day(from),
                period: Period::new(day(from), until.map(day)).unwrap(),
                long_term_from: None,
            }),
        });
        one
    };
    let cheaper = || Coverage {
        copay: CopayRate::tenths(1).unwrap(),
        ..old()
    };
    let asked = ("2026-10-01", "2026-10-20");
    vec![
        ("nothing", asked, vec![old()], vec![old()], None),
        (
            "lost before all of it",
            asked,
            vec![old()],
            vec![lost("2026-09-25")],
            Some(("2026-10-01", "2026-10-20", false)),
        ),
        (
            "lost in the middle",
            asked,
            vec![old()],
            vec![lost("2026-10-05")],
            Some(("2026-10-05", "2026-10-20", false)),
        ),
        (
            "lost on the last day",
            asked,
            vec![old()],
            vec![lost("2026-10-20")],
            Some(("2026-10-20", "2026-10-20", false)),
        ),
        (
            "lost the day after",
            asked,
            vec![old()],
            vec![lost("2026-10-21")],
            None,
        ),
        (
            "another copay",
            asked,
            vec![old()],
            vec![cheaper()],
            Some(("2026-10-01", "2026-10-20", true)),
        ),
        (
            "a certificate inside",
            asked,
            vec![old()],
            vec![dearer("2026-10-03", Some("2026-10-08"))],
            Some(("2026-10-03", "2026-10-07", true)),
        ),
        (
            "a certificate afterwards",
            asked,
            vec![old()],
            vec![dearer("2026-11-01", None)],
            None,
        ),
        (
            "another coverage afterwards",
            asked,
            vec![old()],
            vec![old(), coverage(2, "2026-10-05", None)],
            None,
        ),
        (
            "the next one, once the first was lost",
            asked,
            vec![lost("2026-10-05")],
            vec![lost("2026-10-05"), coverage(2, "2026-10-05", None)],
            Some(("2026-10-05", "2026-10-20", true)),
        ),
        (
            "the next one is another's",
            asked,
            vec![old()],
            vec![
                lost("2026-10-05"),
                Coverage {
                    is_insured_person: false,
                    ..coverage(2, "2026-10-05", None)
                },
            ],
            Some(("2026-10-05", "2026-10-20", true)),
        ),
    ]
}

#[test]
fn who_relied_on_days_that_changed_is_told_which() {
    for (name, (first, last), before, after, expected) in cases() {
        let reliance = relied(1, first, last);
        let found = matter(&reliance, &profile(), ChangeKind::Changed, &before, &after);
        let found = found.map(|m| (m.from.to_string(), m.last.to_string(), m.is_covered));
        let expected = expected.map(|(f, l, c)| (f.to_owned(), l.to_owned(), c));
        assert_eq!(found, expected, "{name}");
    }
}

#[test]
fn a_notice_says_what_was_answered_and_what_holds_now() {
    let mut after = coverage(1, "2018-04-01", None);
    after.copay = CopayRate::tenths(1).unwrap();
    let (before, after) = (vec![coverage(1, "2018-04-01", None)], vec![after]);
    let reliance = relied(1, "2026-10-01", "2026-10-01");
    let told = matter(&reliance, &profile(), ChangeKind::Changed, &before, &after).unwrap();
    let copay = &told.differences[0];
    assert_eq!(told.differences.len(), 1);
    assert_eq!(
        (copay.field, copay.was.as_str(), copay.now.as_str()),
        (Field::Copay, "3割", "1割")
    );
}

fn told<'a>(coverage: &'a Coverage, on: &str, visit: Option<u8>) -> Told<'a> {
    Told {
        coverage,
        on: day(on),
        visit: visit.map(|byte| ([byte; 16], "橘 佐和子")),
    }
}

#[test]
fn the_same_answer_on_the_same_day_is_kept_once() {
    let it = coverage(1, "2018-04-01", None);
    let morning = at("2026-11-22T00:30:00Z");
    let first = after(None, facility(), &told(&it, "2026-11-22", Some(1)), morning).unwrap();
    assert_eq!(first.visits.len(), 1);
    let again = |it: &Coverage, on, visit, when| {
        let told = told(it, on, visit);
        after(Some(&first), facility(), &told, at(when))
    };
    let noon = "2026-11-22T03:00:00Z";
    assert!(again(&it, "2026-11-22", Some(2), noon).is_none());
    assert!(again(&it, "2026-11-22", None, noon).is_none());
    // Another day of the visit, another day of asking, and what was loaded in between are new.
    let wider = again(&it, "2026-11-23", None, noon).unwrap();
    assert_eq!(
        (wider.first_on, wider.last_on),
        (day("2026-11-22"), day("2026-11-23"))
    );
    assert_eq!(wider.visits.len(), 1);
    let later = again(&it, "2026-11-24", Some(3), "2026-11-24T00:00:00Z").unwrap();
    assert_eq!(later.visits.len(), 2);
    let loaded = Coverage {
        loaded_at: Some(at("2026-11-22T02:00:00Z")),
        ..coverage(1, "2018-04-01", None)
    };
    assert!(again(&loaded, "2026-11-22", Some(2), noon).is_some());
}

#[test]
fn only_the_last_visit_and_the_last_one_of_an_earlier_day_are_kept() {
    let it = coverage(1, "2018-04-01", None);
    let mut kept: Option<Reliance> = None;
    for (nth, when) in [
        "2026-11-01T01:00:00Z",
        "2026-11-08T01:00:00Z",
        "2026-11-15T01:00:00Z",
        "2026-11-15T05:00:00Z",
    ]
    .into_iter()
    .enumerate()
    {
        let on = at(when).jst_date().to_string();
        let told = told(&it, &on, Some(u8::try_from(nth).unwrap()));
        kept = after(kept.as_ref(), facility(), &told, at(when)).or(kept);
    }
    let kept = kept.unwrap();
    let visits: Vec<String> = kept.visits.iter().map(|v| v.on.to_string()).collect();
    assert_eq!(visits, ["2026-11-15", "2026-11-08"]);
    let known = [kept];
    let last = |before: &str| last_visit(&known, at(before)).map(|(_, v)| v.on.to_string());
    assert_eq!(last("2026-11-20T00:00:00Z").as_deref(), Some("2026-11-15"));
    // The day of a visit begins at midnight in Japan.
    assert_eq!(last("2026-11-14T15:00:00Z").as_deref(), Some("2026-11-08"));
    assert_eq!(last("2026-11-01T00:00:00Z"), None);
}

#[test]
fn a_coverage_is_known_as_it_was() {
    let now = coverage(1, "2018-04-01", Some("2026-10-05"));
    let mut then = coverage(1, "2018-04-01", None);
    then.copay = CopayRate::tenths(2).unwrap();
    let first = coverage(1, "2018-04-01", None);
    let change = |number, when: &str, before: &Coverage, after: &Coverage| CoverageChange {
        number,
        at: at(when),
        kind: ChangeKind::Changed,
        before: Some(before.clone()),
        after: after.clone(),
    };
    let changes = [
        change(1, "2026-09-01T00:00:00Z", &first, &then),
        change(2, "2026-10-10T00:00:00Z", &then, &now),
    ];
    let coverages = [now.clone()];
    for (when, expected) in [
        ("2026-08-31T00:00:00Z", &first),
        ("2026-09-01T00:00:00Z", &then),
        ("2026-10-09T00:00:00Z", &then),
        ("2026-10-10T00:00:00Z", &now),
    ] {
        let found = as_it_was(&coverages, &changes, 1, at(when)).unwrap();
        assert!(found == expected, "{when}");
    }
    assert!(as_it_was(&coverages, &changes, 2, at("2026-10-10T00:00:00Z")).is_none());
}

#[test]
fn identifiers_of_notices_are_in_the_order_of_time() {
    struct Same;
    impl Rng for Same {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(0xff);
        }
    }
    let (early, late) = (
        at("2026-11-22T00:00:00Z"),
        at("2026-11-22T00:00:00.000001Z"),
    );
    let (first, second) = (NoticeId::new(early, &Same), NoticeId::new(late, &Same));
    assert!(first < second && NoticeId::first_of(late) > first);
    assert!(NoticeId::parse(&first.to_hex()) == Some(first));
}
