//! One change at a time.

use registry::model::{ChangeKind, LossReason};
use serde_json::json;
use store::caller::Role;

use super::*;

#[test]
fn a_new_member_is_there_for_the_counter_at_once() {
    let town = town();
    let reply = town.union(&member());
    assert_eq!(
        (reply.status, reply.json()["result"].clone()),
        (200, json!("accepted"))
    );
    let (profile, coverages, changes) = town.held(UNION, "3456");
    assert_eq!(profile.kana, "サトウ ハナコ");
    let [coverage] = coverages.as_slice() else {
        panic!("one coverage");
    };
    assert_eq!(coverage.insurer_name, "ひかり健康保険組合");
    assert!(coverage.loaded_at.is_some());
    assert_eq!(changes.len(), 1);
    assert!(changes[0].kind == ChangeKind::Acquired && changes[0].before.is_none());
}

#[test]
fn the_same_change_sent_twice_changes_nothing() {
    let town = town();
    let first = town.union(&member()).json();
    let again = town.union(&member()).json();
    assert_eq!(again["result"], "unchanged");
    assert_eq!(again["reference"], first["reference"]);
    assert_eq!(town.held(UNION, "3456").2.len(), 1);
    let other = town.union(&with(member(), &[("copay", "2")]));
    assert_eq!(
        (other.status, other.code()),
        (409, "TSK-PAY-007".to_owned())
    );
}

#[test]
fn the_same_newcomer_sent_many_times_at_once_is_one_person() {
    let town = town();
    let replies: Vec<Reply> = std::thread::scope(|scope| {
        let sent: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| town.union(&member())))
            .collect();
        sent.into_iter()
            .map(|one| one.join().expect("an answer"))
            .collect()
    });
    let results = |word: &str| {
        let fitting = replies
            .iter()
            .filter(|reply| reply.json()["result"] == word);
        fitting.count()
    };
    assert_eq!((results("accepted"), results("unchanged")), (1, 7));
    assert_eq!(town.held(UNION, "3456").2.len(), 1);
}

#[test]
fn terms_numbers_and_names_are_changed_and_the_change_says_how_it_was() {
    let town = town();
    town.union(&member());
    let change = with(
        member(),
        &[
            ("change", "changed"),
            ("old_symbol", "12"),
            ("old_number", "3456"),
            ("number", "7890"),
            ("branch", "00"),
            ("name", "鈴木 花子"),
            ("kana", "スズキ ハナコ"),
            ("ceiling_class", "A03"),
            ("ceiling_kind", "01"),
            ("ceiling_from", "2026-08-01"),
            ("ceiling_last", "2027-07-31"),
            ("dialysis_from", "2026-08-01"),
            ("dialysis_yen", "10000"),
        ],
    );
    let reply = town.union(&change);
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(codes(&reply), ["TSK-PAY-044"]);
    let (profile, coverages, changes) = town.held(UNION, "7890");
    assert_eq!(profile.name, "鈴木 花子");
    assert_eq!(coverages[0].person_number.as_str(), "7890");
    let ceiling = coverages[0].ceiling.as_ref().expect("a ceiling");
    let certificate = ceiling.certificate.as_ref().expect("a certificate");
    assert_eq!(certificate.period.until(), Some(day("2027-08-01")));
    assert_eq!(coverages[0].diseases.len(), 1);
    let before = changes[1].before.as_ref().expect("how it was");
    assert_eq!(before.person_number.as_str(), "3456");
}

#[test]
fn a_loss_ends_the_coverage_once() {
    let town = town();
    town.union(&member());
    let lost = named("lost", &[("until", "2026-10-01"), ("loss_reason", "03")]);
    assert_eq!(town.union(&lost).json()["result"], "accepted");
    let (_, coverages, _) = town.held(UNION, "3456");
    assert_eq!(coverages[0].period.until(), Some(day("2026-10-01")));
    assert!(coverages[0].loss == Some(LossReason::OtherCoverage));
    assert_eq!(town.union(&lost).json()["result"], "unchanged");
    let other = named("lost", &[("until", "2026-09-01"), ("loss_reason", "03")]);
    assert_eq!(town.union(&other).code(), "TSK-PAY-008");
    let changed = with(member(), &[("change", "changed"), ("copay", "2")]);
    assert_eq!(town.union(&changed).code(), "TSK-PAY-008");
    let corrected = with(
        member(),
        &[
            ("change", "corrected"),
            ("until", "2026-09-01"),
            ("loss_reason", "99"),
        ],
    );
    assert_eq!(town.union(&corrected).json()["result"], "accepted");
}

#[test]
fn a_loss_before_the_first_day_is_refused() {
    let town = town();
    town.union(&member());
    let lost = named("lost", &[("until", "2026-04-01"), ("loss_reason", "99")]);
    assert_eq!(town.union(&lost).code(), "TSK-PAY-020");
    assert_eq!(town.held(UNION, "3456").1[0].loss, None);
}

#[test]
fn a_coverage_that_never_was_is_withdrawn_and_its_number_leads_nowhere() {
    let town = town();
    town.union(&member());
    assert_eq!(
        town.union(&named("withdrawn", &[])).json()["result"],
        "accepted"
    );
    assert!(town.found(UNION, "3456", "00") == Found::NoSuchNumber);
    assert_eq!(town.union(&named("withdrawn", &[])).code(), "TSK-PAY-003");
}

#[test]
fn nobody_loads_another_insurers_members() {
    let town = town();
    let path = format!("/api/v1/insurers/{KYOKAI}/coverages");
    let foreign = town.world.post(&town.union_system, &path, &member());
    assert_eq!(
        (foreign.status, foreign.code()),
        (404, "TSK-PAY-001".to_owned())
    );
    let payload = town.union(&with(member(), &[("insurer_number", KYOKAI)]));
    assert_eq!(
        (payload.status, payload.code()),
        (422, "TSK-PAY-011".to_owned())
    );
    let number = "/api/v1/insurers/99999999/coverages";
    let absent = town.world.post(&town.union_system, number, &member());
    assert_eq!(absent.code(), foreign.code());
}

#[test]
fn a_facility_that_stands_for_no_insurer_is_refused() {
    let town = town();
    let office = town
        .world
        .office(FacilityKind::Insurer, 9, "準備中の健康保険組合");
    let system = town.world.system_with(&office, "tasuki/register");
    let path = format!("/api/v1/insurers/{UNION}/coverages");
    let reply = town.world.post(&system, &path, &member());
    assert_eq!(
        (reply.status, reply.code()),
        (404, "TSK-PAY-001".to_owned())
    );
    let all = town.world.get(&system, "/api/v1/insurers");
    assert_eq!((all.status, all.code()), (403, "TSK-PAY-002".to_owned()));
    let clinic = town.world.facility("1310000001", "みどり診療所");
    let clerk = town.world.staff(&clinic, Role::Clerk);
    assert_eq!(town.world.get(&clerk, "/api/v1/insurers").status, 403);
    let record_system = town.world.system(&clinic);
    assert_eq!(
        town.world.post(&record_system, &path, &member()).status,
        403
    );
}

#[test]
fn somebody_who_comes_from_another_insurer_is_the_same_person_by_its_numbers() {
    let town = town();
    town.union(&member());
    town.union(&named(
        "lost",
        &[("until", "2026-10-01"), ("loss_reason", "03")],
    ));
    let moved = with(
        member(),
        &[
            ("number", "1111"),
            ("from", "2026-10-01"),
            ("previous_insurer_number", UNION),
            ("previous_symbol", "12"),
            ("previous_number", "3456"),
            ("previous_branch", "00"),
        ],
    );
    let reply = town.kyokai(&moved);
    assert_eq!(reply.json()["result"], "accepted", "{}", reply.text());
    assert!(town.found(UNION, "3456", "00") == town.found(KYOKAI, "1111", "00"));
    assert_eq!(town.held(KYOKAI, "1111").1.len(), 2);
}

#[test]
fn without_a_sure_sign_a_newcomer_is_never_joined_to_anybody() {
    let town = town();
    town.union(&member());
    // The same name, birth and sex, but nothing that says it is the same person: told, without
    // saying who it is.
    let reply = town.kyokai(&with(
        member(),
        &[("number", "1111"), ("from", "2026-10-01")],
    ));
    assert_eq!(codes(&reply), ["TSK-PAY-042"]);
    assert!(!reply.text().contains("3456") && !reply.text().contains(UNION));
    assert!(town.found(UNION, "3456", "00") != town.found(KYOKAI, "1111", "00"));
    // Numbers of nobody: told, and not guessed at.
    let moved = with(
        member(),
        &[
            ("number", "2222"),
            ("previous_insurer_number", UNION),
            ("previous_symbol", "12"),
            ("previous_number", "9999"),
        ],
    );
    let reply = town.kyokai(&moved);
    assert_eq!(reply.json()["result"], "warned");
    assert_eq!(codes(&reply), ["TSK-PAY-043", "TSK-PAY-042"]);
    // The right numbers with another date of birth are somebody else's.
    let moved = with(
        member(),
        &[
            ("number", "3333"),
            ("birth_date", "1985-06-16"),
            ("previous_insurer_number", UNION),
            ("previous_symbol", "12"),
            ("previous_number", "3456"),
        ],
    );
    assert_eq!(codes(&town.kyokai(&moved)), ["TSK-PAY-043"]);
    assert!(town.found(UNION, "3456", "00") != town.found(KYOKAI, "3333", "00"));
}

#[test]
fn a_reference_number_is_good_for_its_own_facility_and_the_right_birth_only() {
    let town = town();
    let reference = town.union(&member()).json()["reference"].clone();
    let reference = reference.as_str().expect("a reference");
    let lost = [
        ("until", "2026-10-01"),
        ("loss_reason", "03"),
        ("reference", reference),
    ];
    let foreign = with(
        member(),
        &[
            ("number", "1111"),
            ("from", "2026-10-01"),
            ("reference", reference),
        ],
    );
    assert_eq!(town.kyokai(&foreign).code(), "TSK-PAY-005");
    let wrong = with(named("lost", &lost), &[("birth_date", "1985-06-16")]);
    assert_eq!(town.union(&wrong).code(), "TSK-PAY-006");
    assert_eq!(
        town.union(&named("lost", &lost)).json()["result"],
        "accepted"
    );
}

#[test]
fn members_of_one_household_are_told_apart_by_branch_and_birth() {
    let town = town();
    town.union(&member());
    let child = with(
        member(),
        &[
            ("branch", "02"),
            ("name", "佐藤 一郎"),
            ("kana", "サトウ イチロウ"),
            ("birth_date", "2015-05-05"),
            ("relation", "2"),
            ("insured_name", "佐藤 花子"),
        ],
    );
    assert_eq!(town.union(&child).json()["result"], "accepted");
    let taken = with(
        child,
        &[("birth_date", "2017-05-05"), ("kana", "サトウ ジロウ")],
    );
    assert_eq!(town.union(&taken).code(), "TSK-PAY-024");
    let orphan = with(
        member(),
        &[
            ("number", "8888"),
            ("branch", "02"),
            ("relation", "2"),
            ("birth_date", "2012-05-05"),
        ],
    );
    assert_eq!(codes(&town.union(&orphan)), ["TSK-PAY-045"]);
}

#[test]
fn an_overlap_is_taken_and_told_to_both_insurers_until_it_is_settled_or_mended() {
    let town = town();
    town.union(&member());
    let moved = with(
        member(),
        &[
            ("number", "1111"),
            ("from", "2026-09-01"),
            ("previous_insurer_number", UNION),
            ("previous_symbol", "12"),
            ("previous_number", "3456"),
            ("previous_branch", "00"),
        ],
    );
    let reply = town.kyokai(&moved);
    assert_eq!(reply.json()["result"], "warned");
    assert_eq!(codes(&reply), ["TSK-PAY-040"]);
    // Nothing was shortened.
    let (_, coverages, _) = town.held(KYOKAI, "1111");
    assert!(coverages.iter().all(|one| one.period.until().is_none()));
    let at_union = town.findings(&town.union_system, UNION);
    let at_kyokai = town.findings(&town.kyokai_system, KYOKAI);
    assert_eq!((at_union.len(), at_kyokai.len()), (1, 1));
    assert_eq!(at_union[0]["number"], "3456");
    assert_eq!(at_union[0]["other_insurer_number"], KYOKAI);
    assert_eq!(at_union[0]["from"], "2026-09-01");
    // Each sees its own member's numbers, and of the other side whom to ask.
    assert!(!at_union[0].to_string().contains("1111"));
    assert!(!at_kyokai[0].to_string().contains("3456"));
    // One settles; the other's stays.
    let id = at_kyokai[0]["finding"].as_str().expect("an id").to_owned();
    let settle = |who: &As, insurer: &str| {
        let path = format!("/api/v1/insurers/{insurer}/findings/{id}/settle");
        town.world.send(who, "POST", &path, "", Vec::new())
    };
    assert_eq!(settle(&town.union_system, UNION).code(), "TSK-PAY-054");
    assert_eq!(settle(&town.kyokai_system, KYOKAI).status, 200);
    assert_eq!(settle(&town.kyokai_system, KYOKAI).code(), "TSK-PAY-054");
    assert_eq!(town.findings(&town.kyokai_system, KYOKAI).len(), 0);
    assert_eq!(town.findings(&town.union_system, UNION).len(), 1);
    // The loss mends it.
    town.union(&named(
        "lost",
        &[("until", "2026-09-01"), ("loss_reason", "03")],
    ));
    assert_eq!(town.findings(&town.union_system, UNION).len(), 0);
}

#[test]
fn a_gap_is_taken_and_told_with_its_days() {
    let town = town();
    town.union(&member());
    town.union(&named(
        "lost",
        &[("until", "2026-09-01"), ("loss_reason", "03")],
    ));
    let moved = with(
        member(),
        &[
            ("number", "1111"),
            ("from", "2026-09-11"),
            ("previous_insurer_number", UNION),
            ("previous_symbol", "12"),
            ("previous_number", "3456"),
            ("previous_branch", "00"),
        ],
    );
    let reply = town.kyokai(&moved);
    assert_eq!(codes(&reply), ["TSK-PAY-041"]);
    let found = town.findings(&town.union_system, UNION);
    assert_eq!(found[0]["kind"], "gap");
    assert_eq!(
        (&found[0]["from"], &found[0]["until"]),
        (&json!("2026-09-01"), &json!("2026-09-11"))
    );
    // Withdrawing the newer coverage takes the gap away.
    let withdrawn = named("withdrawn", &[("number", "1111")]);
    assert_eq!(town.kyokai(&withdrawn).json()["result"], "accepted");
    assert_eq!(town.findings(&town.union_system, UNION).len(), 0);
}

#[test]
fn every_change_stands_in_the_persons_history_under_the_insurers_name() {
    let town = town();
    town.union(&member());
    let Found::One(person) = town.found(UNION, "3456", "00") else {
        panic!("nobody");
    };
    let history = town.world.set_up(move |call| {
        call.open(person)?;
        Ok(call.history(store::audit::Subject::Person(person), i64::MAX, 10)?)
    });
    let loaded: Vec<_> = history
        .iter()
        .filter(|one| one.record.event == "intake.change")
        .collect();
    assert_eq!(loaded.len(), 1);
    let text = serde_json::to_string(&loaded[0].record).expect("a record");
    assert!(text.contains("ひかり健康保険組合"), "{text}");
    assert!(!text.contains("サトウ") && !text.contains("3456"), "{text}");
}

#[test]
fn a_refused_change_leaves_nothing_but_its_record() {
    let town = town();
    let before = town.world.records();
    let reply = town.union(&with(member(), &[("from", "1985-06-14"), ("branch", "")]));
    assert_eq!(reply.status, 422);
    assert_eq!(codes(&reply), ["TSK-PAY-021", "TSK-PAY-025"]);
    assert!(town.found(UNION, "3456", "00") == Found::NoSuchNumber);
    assert_eq!(town.world.records(), before + 2); // The refusal, and this look.
}

#[test]
fn what_the_insurer_says_of_its_own_systems_is_shown() {
    let town = town();
    let path = format!("/api/v1/insurers/{UNION}/outage");
    let down = town
        .world
        .post(&town.union_system, &path, &json!({ "is_down": true }));
    assert_eq!(down.json()["down_since"], "2026-11-22T01:00:00Z");
    town.world.clock.advance(60);
    let again = town
        .world
        .post(&town.union_system, &path, &json!({ "is_down": true }));
    assert_eq!(again.json()["down_since"], "2026-11-22T01:00:00Z");
    let up = town
        .world
        .post(&town.union_system, &path, &json!({ "is_down": false }));
    assert!(up.json()["down_since"].is_null());
    let all = town
        .world
        .get(&town.union_system, "/api/v1/insurers")
        .json();
    assert_eq!(all["insurers"][0]["insurer_number"], UNION);
    assert_eq!(all["insurers"].as_array().map(Vec::len), Some(1));
    assert_eq!(all["insurers"][0]["is_overdue"], false);
    town.world.clock.advance(24 * 3_600);
    let all = town
        .world
        .get(&town.union_system, "/api/v1/insurers")
        .json();
    assert_eq!(all["insurers"][0]["is_overdue"], true);
    assert_ne!(town.kyokai.id, town.union.id);
}
