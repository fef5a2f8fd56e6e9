//! The answer through the router: every field, provisional answers, what changed since the
//! last visit, history; and the rules of freshness.

use kernel::time::{JstDate, Period, Timestamp};
use proptest::prelude::*;
use registry::{
    model::{ChangeKind, CopayRate, Coverage, Insurer, LossReason},
    ops as people,
};
use serde_json::json;

use super::{Validity, rules};
use crate::{
    errors,
    model::Reason,
    tests::{SAWAKO, Town, assert_is_problem, newest, town, with},
};

fn day(text: &str) -> JstDate {
    JstDate::parse(text).unwrap()
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

/// Sawako's coverage of today, as the register has it.
fn coverage() -> Coverage {
    let life = testkit::population::demo::patient(day("2026-11-22"));
    testkit::seed::coverages(&life).pop().unwrap()
}

fn insurer(loaded: Option<&str>, days: i64, down: Option<&str>) -> Insurer {
    Insurer {
        number: coverage().insurer_number,
        name: "健康保険組合".to_owned(),
        home: None,
        update_days: days,
        loaded_at: loaded.map(at),
        down_since: down.map(at),
    }
}

/// Insurer's last load, days, down since; asked for; as of, next due, provisional.
type Case = (
    Option<&'static str>,
    i64,
    Option<&'static str>,
    &'static str,
    Option<&'static str>,
    Option<&'static str>,
    Option<Reason>,
);

#[test]
fn an_answer_is_as_fresh_as_its_insurers_last_load() {
    let now = at("2026-11-22T01:00:00Z");
    let (today, last_month) = ("2026-11-22", "2026-10-22");
    let (down, late) = (Some(Reason::SourceDown), Some(Reason::SourceLate));
    let loaded = Some("2026-11-22T00:00:00Z");
    let long_ago = Some("2026-11-20T00:00:00Z");
    let cases: [Case; 11] = [
        (loaded, 1, None, today, loaded, Some("2026-11-23"), None),
        // Due today is not late yet; due yesterday is.
        (long_ago, 2, None, today, long_ago, Some("2026-11-22"), None),
        (long_ago, 1, None, today, long_ago, Some("2026-11-21"), late),
        (loaded, 1, loaded, today, loaded, Some("2026-11-23"), down),
        (
            long_ago,
            1,
            loaded,
            today,
            long_ago,
            Some("2026-11-21"),
            down,
        ),
        // What it loaded covers the days before, late or not.
        (
            long_ago,
            1,
            loaded,
            last_month,
            long_ago,
            Some("2026-11-21"),
            None,
        ),
        // It went down an hour from now: it has not yet.
        (
            loaded,
            1,
            Some("2026-11-22T02:00:00Z"),
            today,
            loaded,
            Some("2026-11-23"),
            None,
        ),
        // A clock that was ahead makes nothing later than now.
        (
            Some("2026-12-01T00:00:00Z"),
            1,
            None,
            today,
            Some("2026-11-22T01:00:00Z"),
            Some("2026-11-23"),
            None,
        ),
        // A promise of nought days is one of a day.
        (loaded, 0, None, today, loaded, Some("2026-11-23"), None),
        (None, 1, None, today, None, None, None),
        (None, 1, loaded, today, None, None, down),
    ];
    for (load, days, down, on, as_of, due, provisional) in cases {
        let insurer = insurer(load, days, down);
        let found = rules::freshness(None, Some(&insurer), day(on), now);
        let name = format!("{load:?} {days} {down:?} {on}");
        assert_eq!(found.as_of, as_of.map(at), "{name}");
        assert_eq!(found.next_update_due, due.map(day), "{name}");
        assert_eq!(found.provisional, provisional, "{name}");
    }
    let unknown = rules::freshness(None, None, day(today), now);
    assert_eq!((unknown.as_of, unknown.provisional), (None, None));
}

proptest! {
    #[test]
    fn an_answer_is_never_from_the_future_and_fresh_ones_are_never_provisional(
        now in 1_700_000_000_i64..1_900_000_000,
        loaded in proptest::option::of(-400_i64..400),
        of_coverage in proptest::option::of(-400_i64..400),
        down in proptest::option::of(-400_i64..400),
        days in -10_i64..1_000,
        ahead in -400_i32..40,
    ) {
        let now = Timestamp::from_micros(now * 1_000_000);
        let hours = |hours: Option<i64>| hours.map(|hours| now.plus_hours(hours));
        let insurer = Insurer {
            loaded_at: hours(loaded),
            down_since: hours(down),
            ..insurer(None, days, None)
        };
        let coverage = Coverage { loaded_at: hours(of_coverage), ..coverage() };
        let on = now.jst_date().plus_days(ahead);
        let found = rules::freshness(Some(&coverage), Some(&insurer), on, now);
        prop_assert!(found.as_of.is_none_or(|at| at <= now));
        let is_down = insurer.down_since.is_some_and(|since| since <= now);
        let is_late = found.next_update_due.is_some_and(|due| due < now.jst_date());
        if !is_down && !is_late {
            prop_assert_eq!(found.provisional, None);
        }
        let loaded = insurer.loaded_at.map(|at| at.min(now).jst_date());
        if (is_down || is_late) && loaded.is_none_or(|loaded| on >= loaded) {
            prop_assert!(found.provisional.is_some_and(Reason::is_provisional));
        }
    }
}

#[test]
fn a_lapse_of_the_last_fortnight_without_another_is_one_not_yet_loaded() {
    let ended = |until: &str, loss| {
        let mut one = coverage();
        one.period = Period::new(day("2018-04-01"), Some(day(until))).unwrap();
        one.loss = loss;
        one
    };
    let on = day("2026-11-22");
    let other = Some(LossReason::OtherCoverage);
    let (waits, lapsed) = (errors::NOT_YET_LOADED.code, errors::LAPSED.code);
    for (until, loss, code) in [
        ("2026-11-22", other, waits),
        ("2026-11-22", None, waits),
        ("2026-11-09", other, waits),
        ("2026-11-08", other, lapsed),
        ("2026-11-22", Some(LossReason::Death), lapsed),
        ("2026-11-22", Some(LossReason::PublicAssistance), lapsed),
        ("2026-11-22", Some(LossReason::Other), lapsed),
    ] {
        let coverages = [ended(until, loss)];
        let found = rules::why_not(&errors::LAPSED, &coverages, on);
        assert_eq!(found.code, code, "{until} {loss:?}");
    }
    // What begins later is loaded already.
    let mut next = coverage();
    next.period = Period::new(day("2026-12-01"), None).unwrap();
    let coverages = [ended("2026-11-20", other), next];
    let found = rules::why_not(&errors::LAPSED, &coverages, on);
    assert_eq!(found.code, lapsed);
    // Other refusals stay what they are.
    let coverages = [ended("2026-11-22", other)];
    let found = rules::why_not(&errors::NO_COVERAGE, &coverages, on);
    assert_eq!(found.code, errors::NO_COVERAGE.code);
}

#[test]
fn every_refusal_about_coverage_stands_for_a_validity() {
    for entry in errors::ALL.iter().take_while(|e| e.code <= "TSK-ELG-010") {
        let validity = rules::validity_of(entry).expect(entry.code);
        let named = format!("validity {}", validity.code());
        assert!(!validity.is_valid(), "{}", entry.code);
        let is_said = entry.source.contains(&named) || entry.source.contains("peers");
        assert!(is_said, "{}: {}", entry.code, entry.source);
    }
    assert_eq!(rules::validity_of(&errors::BRANCH), None);
    let codes: Vec<&str> = Validity::ALL.iter().map(|one| one.code()).collect();
    assert_eq!(codes, ["1", "2", "3", "4", "5", "6"]);
}

impl Town {
    fn put_insurer(&self, change: impl Fn(&mut Insurer) + Send + 'static) {
        self.world.set_up(move |call| {
            let mut insurer = insurer(None, 1, None);
            insurer.loaded_at = Some(call.at().plus_hours(-1));
            change(&mut insurer);
            Ok(people::put_insurer(call, &insurer)?)
        });
    }

    /// What Sawako's insurer does to her newest coverage.
    pub(crate) fn change(&self, kind: ChangeKind, change: fn(&mut Coverage)) {
        let person = self.people[SAWAKO];
        self.world.set_up(move |call| {
            call.open(person)?;
            let mut coverage = people::coverages(call, person)?.pop().unwrap();
            change(&mut coverage);
            coverage.loaded_at = Some(call.at());
            people::record_change(call, person, kind, &coverage)
        });
    }
}

#[test]
fn a_full_answer_says_on_which_terms_and_as_of_when() {
    let town = town();
    town.put_insurer(|_| {});
    let json = town.check(&newest(&town.lives[SAWAKO])).json();
    for (member, value) in [
        ("validity", json!("1")),
        ("provisional", json!(false)),
        ("as_of", json!("2026-11-22T00:00:00Z")),
        ("next_update_due", json!("2026-11-23")),
        ("copay_tenths", json!(3)),
        ("copay_basis", json!("coverage")),
        ("preschool", json!(false)),
        ("card_kind_ja", json!("被保険者証(一般)")),
        ("elderly_certificate", json!(null)),
        ("specific_diseases", json!([])),
        ("last_visit", json!(null)),
        ("changed_since_last_visit", json!([])),
        ("loss_reason", json!(null)),
    ] {
        assert_eq!(json[member], value, "{member}: {json}");
    }
    let certificate = &json["ceiling_certificate"];
    assert_eq!(certificate["kind"], "01");
    assert!(certificate["from"].as_str().unwrap() <= "2026-11-22");
    assert!(certificate["until"].as_str().unwrap() > "2026-11-22");
}

#[test]
fn a_source_that_is_down_or_late_gives_a_provisional_answer() {
    let town = town();
    let body = newest(&town.lives[SAWAKO]);
    town.put_insurer(|insurer| insurer.down_since = insurer.loaded_at);
    let down = town.check(&body).json();
    assert_eq!(
        (&down["validity"], &down["provisional"]),
        (&json!("1"), &json!(true))
    );
    assert_eq!(down["reasons"][0]["code"], "ELG-R05");
    assert!(
        down["reasons"][0]["next_ja"]
            .as_str()
            .unwrap()
            .contains("もう一度確認")
    );
    assert_eq!(down["name"], "橘 佐和子");
    town.put_insurer(|_| {});
    assert_eq!(town.check(&body).json()["provisional"], false);
    town.world.clock.advance(2 * DAY);
    let late = town.check(&body).json();
    assert_eq!(
        (&late["provisional"], &late["reasons"][0]["code"]),
        (&json!(true), &json!("ELG-R06"))
    );
    // The page is yellow and says what to do.
    let clerk = town.staff(store::caller::Role::Clerk);
    let path = format!("/visits/{}", late["visit"].as_str().unwrap());
    let page = town.world.get(&clerk, &path).text();
    assert!(page.contains("verdict-yellow") && page.contains("仮の回答です"));
    assert!(page.contains("ELG-R06") && page.contains("請求の前に、もう一度確認"));
}

#[test]
fn an_unknown_number_of_a_late_insurer_may_only_be_not_loaded_yet() {
    let town = town();
    let body = with(newest(&town.lives[SAWAKO]), &json!({"number": "99999999"}));
    town.put_insurer(|_| {});
    assert_eq!(town.check(&body).code(), "TSK-ELG-001");
    town.put_insurer(|insurer| insurer.down_since = insurer.loaded_at);
    let reply = town.check(&body);
    assert_eq!((reply.status, reply.code().as_str()), (404, "TSK-ELG-010"));
    assert_is_problem(&reply);
}

#[test]
fn a_coverage_that_ended_lately_is_answered_as_not_yet_loaded() {
    let town = town();
    town.change(ChangeKind::Lost, |coverage| {
        coverage.period = Period::new(coverage.period.from(), Some(day("2026-11-20"))).unwrap();
        coverage.loss = Some(LossReason::OtherCoverage);
    });
    let body = newest(&town.lives[SAWAKO]);
    let reply = town.check(&body);
    assert_eq!((reply.status, reply.code().as_str()), (422, "TSK-ELG-009"));
    assert_is_problem(&reply);
    assert!(
        reply.json()["remedy_ja"]
            .as_str()
            .unwrap()
            .contains("被保険者資格申立書")
    );
    let before = with(body, &json!({"on": "2026-11-19"}));
    assert_eq!(town.check(&before).status, 200);
    // A plain lapse is another matter.
    town.change(ChangeKind::Corrected, |coverage| {
        coverage.loss = Some(LossReason::Death)
    });
    assert_eq!(
        town.check(&newest(&town.lives[SAWAKO])).code(),
        "TSK-ELG-005"
    );
}

#[test]
fn what_changed_since_the_last_visit_is_said_at_the_next_one() {
    let town = town();
    let body = newest(&town.lives[SAWAKO]);
    assert_eq!(town.check(&body).status, 200);
    town.change(ChangeKind::Changed, |coverage| {
        coverage.copay = CopayRate::tenths(2).unwrap();
        coverage.ceiling = None;
    });
    // Later on the same day it is the same visit, and there was none before it.
    assert_eq!(town.check(&body).json()["last_visit"], json!(null));
    town.world.clock.advance(DAY);
    let again = town.check(&body).json();
    assert_eq!(again["last_visit"], "2026-11-22");
    assert_eq!(
        again["changed_since_last_visit"],
        json!([]),
        "it was told on that day"
    );
    town.world.clock.advance(HOUR);
    town.change(ChangeKind::Changed, |coverage| {
        coverage.copay = CopayRate::tenths(3).unwrap();
        coverage.branch = None;
    });
    town.world.clock.advance(DAY);
    let person = town.people[SAWAKO];
    town.world.set_up(move |call| {
        call.open(person)?;
        let mut profile = people::profile(call, person)?;
        profile.name = "山本 佐和子".to_owned();
        people::put_profile(call, person, &profile)
    });
    let body = with(body, &json!({"branch": null, "birth_date": "1958-04-12"}));
    let reply = town.check(&body);
    let json = reply.json();
    let changes = &json["changed_since_last_visit"];
    let found: Vec<(&str, &str, &str)> = changes
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            let text = |name: &str| one[name].as_str().unwrap();
            (text("field"), text("was"), text("now"))
        })
        .collect();
    assert_eq!(
        found,
        [
            ("name", "橘 佐和子", "山本 佐和子"),
            ("branch", "01", ""),
            ("copay", "2割", "3割"),
        ]
    );
    assert_eq!(json["reasons"][1]["code"], "ELG-R07");
    let clerk = town.staff(store::caller::Role::Clerk);
    let path = format!("/visits/{}", json["visit"].as_str().unwrap());
    let page = town.world.get(&clerk, &path).text();
    assert!(page.contains("前回の受診から、資格の内容が変わっています"));
    assert!(page.contains("山本 佐和子"));
    // Another facility was never told otherwise.
    let other = town.world.facility("1310000019", "となりの診療所");
    let reply = town.world.post(
        &town.world.system(&other),
        "/api/v1/eligibility/checks",
        &body,
    );
    assert_eq!(reply.json()["last_visit"], json!(null));
}

#[test]
fn the_history_of_coverage_is_for_who_has_the_visit() {
    let town = town();
    let visit = town.check(&newest(&town.lives[SAWAKO])).json()["visit"].clone();
    let path = format!("/api/v1/visits/{}/coverages", visit.as_str().unwrap());
    town.change(ChangeKind::Corrected, |coverage| {
        coverage.period = Period::new(day("2019-04-01"), None).unwrap();
        coverage.copay = CopayRate::tenths(1).unwrap();
    });
    let json = town.world.get(&town.system, &path).json();
    // What ended more than five years ago is not told any more.
    assert_eq!(json["coverages"].as_array().unwrap().len(), 1);
    assert_eq!(json["coverages"][0]["coverage_from"], "2019-04-01");
    let change = &json["changes"][0];
    assert_eq!(change["kind"], "corrected");
    assert_eq!(change["period_before"]["from"], "2018-04-01");
    assert_eq!(change["differences"][0]["field"], "copay");
    let clerk = town.staff(store::caller::Role::Clerk);
    let page = town.world.get(
        &clerk,
        &format!("/visits/{}/coverages", visit.as_str().unwrap()),
    );
    assert_eq!(page.status, 200);
    assert!(page.text().contains("資格の訂正") && page.text().contains("2019年4月1日"));
    let other = town.world.facility("1310000019", "となりの診療所");
    let reply = town.world.get(&town.world.system(&other), &path);
    assert_eq!((reply.status, reply.code().as_str()), (404, "TSK-ELG-030"));
}

#[test]
fn a_check_writes_what_was_relied_on_once_a_day() {
    let town = town();
    let body = newest(&town.lives[SAWAKO]);
    let count = || {
        town.world.app.gate.start_trace();
        assert_eq!(town.check(&body).status, 200);
        let trace = town.world.app.gate.take_trace();
        let of = |word: &str| {
            trace
                .iter()
                .filter(|change| format!("{change:?}").contains(word))
                .count()
        };
        of("INTO reliance")
    };
    assert_eq!((count(), count()), (1, 0));
}

#[test]
fn every_remark_has_its_case() {
    let on = day("2026-11-22");
    let life = testkit::population::demo::patient(on);
    let with_kind = |kind: &str| Coverage {
        card_kind: kind.to_owned(),
        ..coverage()
    };
    let born = |birth: &str| {
        let mut profile = testkit::seed::profile(&life);
        profile.birth = day(birth);
        profile
    };
    let named = |name: &str| {
        let mut profile = testkit::seed::profile(&life);
        profile.name = name.to_owned();
        profile
    };
    let adult = || born("1958-04-12");
    let child = Coverage {
        elderly: None,
        ..coverage()
    };
    for (name, coverage, profile, on, expected) in [
        ("plain", coverage(), adult(), on, vec![]),
        (
            "a certificate over",
            coverage(),
            adult(),
            day("2027-12-01"),
            vec![Reason::CeilingEnded],
        ),
        (
            "no elderly certificate",
            coverage(),
            born("1955-01-01"),
            on,
            vec![Reason::ElderlyMissing],
        ),
        (
            "a small child",
            child.clone(),
            born("2023-01-01"),
            on,
            vec![Reason::Preschool],
        ),
        ("a pupil", child, born("2015-01-01"), on, vec![]),
        (
            "pays all",
            with_kind("05"),
            adult(),
            on,
            vec![Reason::PaysAll],
        ),
        (
            "a soldier",
            with_kind("07"),
            adult(),
            on,
            vec![Reason::NoClinical],
        ),
        (
            "assistance",
            with_kind("A1"),
            adult(),
            on,
            vec![Reason::NoClinical],
        ),
        (
            "lost",
            coverage(),
            named("●橋 佐和子"),
            on,
            vec![Reason::NameUnreadable],
        ),
    ] {
        assert_eq!(rules::remarks(&coverage, &profile, on), expected, "{name}");
    }
}

#[test]
fn a_name_with_a_lost_character_is_answered_with_its_remark() {
    let town = town();
    let person = town.people[SAWAKO];
    town.world.set_up(move |call| {
        call.open(person)?;
        let mut profile = people::profile(call, person)?;
        profile.name = "●田 佐和子".to_owned();
        people::put_profile(call, person, &profile)
    });
    let json = town.check(&newest(&town.lives[SAWAKO])).json();
    let reasons = json["reasons"].as_array().unwrap();
    let remark = reasons.iter().find(|one| one["code"] == "ELG-R13").unwrap();
    assert!(remark["next_ja"].as_str().unwrap().contains("カナ"));
}
