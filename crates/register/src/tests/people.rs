//! Joining and parting two registrations at the desk, and what counter and person see of it.

use kernel::{id::PersonId, time::JstDate};
use registry::{merge, ops as people};
use store::{audit::Subject, caller::Role};
use testkit::{
    population::{Life, Population, demo},
    seed,
};

use super::*;

const PATH: &str = "/register/people";
const MERGE: &str = "/register/people/merge";
const UNDO: &str = "/register/people/undo";

struct Two {
    desk: Desk,
    kept: PersonId,
    merged: PersonId,
    fields: Vec<(String, String)>,
    numbers: [Vec<(String, String)>; 2],
}

fn today() -> JstDate {
    JstDate::parse("2026-11-22").expect("a day")
}

fn printed(side: char, life: &Life) -> Vec<(String, String)> {
    let coverage = life.coverage_last().expect("a coverage");
    let branch = coverage
        .branch
        .as_ref()
        .map_or("", |branch| branch.as_str());
    [
        ("insurer_number", coverage.insurer.number.as_str()),
        ("symbol", coverage.symbol.as_str()),
        ("number", coverage.number.as_str()),
        ("branch", branch),
        ("birth_date_era", "showa"),
        ("birth_date_year", if branch.is_empty() { "33" } else { "" }),
        ("birth_date_month", if branch.is_empty() { "4" } else { "" }),
        ("birth_date_day", if branch.is_empty() { "12" } else { "" }),
    ]
    .map(|(name, value)| (format!("{side}_{name}"), value.to_owned()))
    .to_vec()
}

/// 橘 佐和子, who stands twice: the second time with the coverages of somebody else.
fn two() -> Two {
    let desk = desk();
    let life = demo::family(today()).swap_remove(0);
    let kept = desk.world.person(&life);
    let other = Population::new(11, 400, today())
        .iter()
        .find(|one| one.coverage_on(today()).is_some())
        .expect("somebody insured");
    let merged = PersonId::from_bytes([7; 16]);
    let (profile, coverages) = (seed::profile(&life), seed::coverages(&other));
    desk.world
        .set_up(move |call| people::enroll(call, merged, &profile, &coverages));
    let numbers = [printed('a', &life), printed('b', &other)];
    let fields = numbers.concat();
    Two {
        desk,
        kept,
        merged,
        fields,
        numbers,
    }
}

impl Two {
    fn submit(&self, who: &As, path: &str, more: &[(&str, &str)]) -> testkit::world::Reply {
        let fields = self.fields.iter().map(|(k, v)| (k.as_str(), v.as_str()));
        let fields: Vec<(&str, &str)> = fields.chain(more.iter().copied()).collect();
        self.desk.world.submit(who, path, &fields)
    }

    fn merge(&self, keep: &str) -> testkit::world::Reply {
        let more = [("keep", keep), ("reason", "転職のときに二重に登録された")];
        self.submit(&self.desk.registrar, MERGE, &more)
    }

    fn kept_by(&self, person: PersonId) -> PersonId {
        self.desk
            .world
            .set_up(move |call| Ok(merge::kept(call, person)?))
    }
}

#[test]
fn two_registrations_are_compared_joined_seen_by_counter_and_person_and_parted() {
    let two = two();
    let (world, registrar) = (&two.desk.world, &two.desk.registrar);
    let compared = two.submit(registrar, PATH, &[]);
    assert_eq!(compared.status, 200, "{}", compared.text());
    for words in [
        "1つめの登録",
        "2つめの登録",
        "橘 佐和子",
        "違うところ",
        "2つの登録をまとめる",
        "資格の期間が重なっています",
    ] {
        assert!(compared.text().contains(words), "{words}");
    }
    let joined = two.merge("a");
    assert_eq!(joined.status, 200, "{}", joined.text());
    assert!(
        joined.text().contains("2つの登録をまとめました")
            && joined.text().contains("まとめを元に戻す")
    );
    assert_eq!(two.kept_by(two.merged), two.kept);

    // At the counter the other number leads to the one who is kept, and says why.
    let clinic = world.facility("1310000001", "みどり診療所");
    let clerk = world.staff(&clinic, Role::Clerk);
    let number: Vec<(&str, &str)> = two.numbers[1]
        .iter()
        .map(|(name, value)| (name.trim_start_matches("b_"), value.as_str()))
        .collect();
    let reply = world.submit(&clerk, "/reception", &number);
    assert_eq!(reply.status, 303, "{}", reply.text());
    let visit = reply.header("location").to_owned();
    let result = world.get(&clerk, &visit).text();
    assert!(result.contains("2つの登録がまとめられました") && result.contains("橘 佐和子"));

    let undone = two.submit(
        registrar,
        UNDO,
        &[("merge", "1"), ("reason", "別の方でした")],
    );
    assert_eq!(undone.status, 200, "{}", undone.text());
    assert!(undone.text().contains("まとめを元に戻しました"));
    assert_eq!(two.kept_by(two.merged), two.merged);
    let result = world.get(&clerk, &visit).text();
    assert!(
        result.contains("元に戻されました"),
        "the visit stays with the kept one"
    );
    for person in [two.kept, two.merged] {
        let events = world.set_up(move |call| {
            call.open(person)?;
            let history = call.history(Subject::Person(person), i64::MAX, 50)?;
            Ok(history
                .into_iter()
                .map(|entry| entry.record.event)
                .collect::<Vec<_>>())
        });
        for event in ["register.people", "register.merge", "register.merge-undo"] {
            assert!(events.iter().any(|one| one == event), "{event}: {events:?}");
        }
    }
}

#[test]
fn the_registrar_chooses_which_one_is_kept() {
    let two = two();
    assert_eq!(two.merge("b").status, 200);
    assert_eq!(two.kept_by(two.kept), two.merged);
}

#[test]
fn each_refusal_of_the_desk_has_its_code_and_joins_nobody() {
    let two = two();
    let registrar = &two.desk.registrar;
    let post = |path, more: &[(&str, &str)]| {
        let reply = two.submit(registrar, path, more);
        (reply.status, reply.text())
    };
    let (status, text) = post(MERGE, &[("keep", "a"), ("reason", "")]);
    assert_eq!(status, 422);
    assert!(text.contains("TSK-MRG-005"), "{text}");
    let (status, text) = post(UNDO, &[("merge", "1"), ("reason", "x")]);
    assert_eq!(status, 404);
    assert!(text.contains("TSK-MRG-006"));
    let mut wrong = two.numbers[0].clone();
    wrong[2].1 = "4649".to_owned();
    let wrong: Vec<(&str, &str)> = wrong
        .iter()
        .map(|(k, v)| (k.as_str(), v.as_str()))
        .collect();
    let reply = two.desk.world.submit(registrar, PATH, &wrong);
    assert_eq!(reply.status, 404);
    assert!(reply.text().contains("TSK-MRG-001"));
    let empty = two.desk.world.submit(registrar, PATH, &[]);
    assert_eq!(empty.status, 422);
    let stranger = demo::family(today()).swap_remove(1);
    let _person = two.desk.world.person(&stranger);
    let mut fields = two.numbers[0].clone();
    let mut other = printed('b', &stranger);
    other[5].1 = "25".to_owned();
    other[6].1 = "3".to_owned();
    other[7].1 = "2".to_owned();
    fields.extend(other);
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(k, v)| (k.as_str(), v.as_str()))
        .collect();
    let reply = two.desk.world.submit(registrar, PATH, &fields);
    assert!(reply.text().contains("TSK-MRG-004"), "{}", reply.text());
    assert!(!reply.text().contains("2つの登録をまとめる"));
    assert_eq!(two.kept_by(two.merged), two.merged);
}

#[test]
fn only_the_registrar_sees_registrations_and_only_on_a_fresh_factor() {
    let two = two();
    let clinic = two.desk.world.facility("1310000001", "みどり診療所");
    for role in [Role::Administrator, Role::Doctor, Role::Clerk] {
        let other = two.desk.world.staff(&clinic, role);
        for path in [PATH, MERGE, UNDO] {
            assert_eq!(two.submit(&other, path, &[]).status, 403, "{role:?} {path}");
        }
    }
    two.desk.world.clock.advance(300);
    for path in [PATH, MERGE, UNDO] {
        let reply = two.submit(
            &two.desk.registrar,
            path,
            &[("keep", "a"), ("reason", "x"), ("merge", "1")],
        );
        assert!(
            reply.header("location").starts_with("/account/confirm"),
            "{path}"
        );
    }
    assert_eq!(two.kept_by(two.merged), two.merged);
}
