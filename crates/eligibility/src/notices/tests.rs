//! Who hears of a change, how a program hears, and what the counter is told to do.

use kernel::time::{JstDate, Period, Timestamp};
use registry::{
    model::{ChangeKind, CopayRate, LossReason},
    reliance::NoticeId,
};
use serde_json::json;
use store::caller::Role;

use super::rules::next_cursor;
use crate::tests::{SAWAKO, Town, newest, town, with};

const NOTICES: &str = "/api/v1/eligibility/notices";

fn day(text: &str) -> JstDate {
    JstDate::parse(text).unwrap()
}

/// The insurer says that the coverage had ended before it was verified.
fn lose(town: &Town) {
    town.change(ChangeKind::Lost, |coverage| {
        coverage.period = Period::new(coverage.period.from(), Some(day("2026-11-01"))).unwrap();
        coverage.loss = Some(LossReason::OtherCoverage);
    });
}

#[test]
fn a_facility_that_relied_on_a_coverage_hears_that_it_was_lost_before() {
    let town = town();
    let reply = town.check(&newest(&town.lives[SAWAKO]));
    let visit = reply.json()["visit"].clone();
    let stranger = town.world.facility("1310000019", "となりの診療所");
    lose(&town);
    let json = town.world.get(&town.system, NOTICES).json();
    assert_eq!(json["open"], 1, "{json}");
    let notice = &json["notices"][0];
    for (member, value) in [
        ("name", json!("橘 佐和子")),
        ("kind", json!("lost")),
        ("asked_from", json!("2026-11-22")),
        ("asked_last", json!("2026-11-22")),
        ("changed_from", json!("2026-11-22")),
        ("changed_last", json!("2026-11-22")),
        ("covered", json!(false)),
        ("done", json!(false)),
        ("visit", visit),
    ] {
        assert_eq!(notice[member], value, "{member}");
    }
    assert!(notice["next_ja"].as_str().unwrap().contains("取り下げ"));
    // Whoever never asked hears nothing.
    let other = town
        .world
        .get(&town.world.system(&stranger), NOTICES)
        .json();
    assert_eq!((&other["open"], &other["notices"]), (&json!(0), &json!([])));
}

#[test]
fn what_does_not_concern_the_days_asked_for_is_no_notice() {
    let town = town();
    let body = newest(&town.lives[SAWAKO]);
    assert_eq!(
        town.check(&with(body, &json!({"on": "2026-10-20"}))).status,
        200
    );
    // It ended after the day that was asked for; then its end was put right, later still.
    lose(&town);
    town.change(ChangeKind::Corrected, |coverage| {
        coverage.period = Period::new(coverage.period.from(), Some(day("2026-11-15"))).unwrap();
    });
    let json = town.world.get(&town.system, NOTICES).json();
    assert_eq!(json["open"], 0, "{json}");
}

#[test]
fn a_correction_of_the_copay_rate_says_both_rates() {
    let town = town();
    assert_eq!(town.check(&newest(&town.lives[SAWAKO])).status, 200);
    town.change(ChangeKind::Corrected, |coverage| {
        coverage.copay = CopayRate::tenths(2).unwrap();
    });
    let json = town.world.get(&town.system, NOTICES).json();
    let notice = &json["notices"][0];
    assert_eq!(notice["covered"], true);
    assert_eq!(
        notice["differences"],
        json!([{"field": "copay", "field_ja": "負担割合", "was": "3割", "now": "2割"}])
    );
    assert!(notice["next_ja"].as_str().unwrap().contains("差額"));
}

#[test]
fn nothing_new_is_told_without_a_record_until_there_is_something() {
    let town = town();
    assert_eq!(town.check(&newest(&town.lives[SAWAKO])).status, 200);
    let first = town.world.get(&town.system, NOTICES);
    assert_eq!((first.status, first.header("retry-after")), (200, "60"));
    let tag = first.header("etag").to_owned();
    let again = || {
        let headers = [("if-none-match", tag.as_str())];
        let world = &town.world;
        world.send_with(&town.system, "GET", NOTICES, &headers, Vec::new())
    };
    let before = town.world.records();
    let unchanged = again();
    assert_eq!(
        (unchanged.status, unchanged.header("etag")),
        (304, tag.as_str())
    );
    assert_eq!(unchanged.header("retry-after"), "60");
    assert!(unchanged.body.is_empty());
    assert_eq!(town.world.records(), before);
    lose(&town);
    let before = town.world.records();
    let changed = again();
    assert_eq!(changed.status, 200);
    assert_ne!(changed.header("etag"), tag);
    assert_eq!(town.world.records(), before + 1);
}

#[test]
fn a_program_goes_on_from_where_it_was_and_misses_nothing() {
    let town = town();
    assert_eq!(town.check(&newest(&town.lives[SAWAKO])).status, 200);
    lose(&town);
    let page = |after: &str| {
        let path = format!("{NOTICES}?after={after}&count=1");
        town.world.get(&town.system, &path).json()
    };
    let first = page("");
    assert_eq!(
        (&first["more"], first["notices"].as_array().unwrap().len()),
        (&json!(true), 1)
    );
    let id = first["notices"][0]["id"].clone();
    assert_eq!(first["next"], id);
    // What is not two minutes old may still be followed by an earlier one.
    let second = page(id.as_str().unwrap());
    assert_eq!(
        (&second["more"], &second["notices"]),
        (&json!(false), &json!([]))
    );
    let again = page(second["next"].as_str().unwrap());
    assert_eq!(
        again["notices"][0]["id"], id,
        "it comes twice rather than never"
    );
    town.world.clock.advance(121);
    let later = page(id.as_str().unwrap());
    assert_eq!(page(later["next"].as_str().unwrap())["notices"], json!([]));
    let reply = town.world.get(&town.system, &format!("{NOTICES}?after=x"));
    assert_eq!((reply.status, reply.code().as_str()), (422, "TSK-ELG-015"));
}

#[test]
fn the_place_to_go_on_from_never_passes_what_may_still_be_under_way() {
    struct None_;
    impl kernel::id::Rng for None_ {
        fn fill(&self, _: &mut [u8]) {}
    }
    let at = |seconds: i64| Timestamp::from_micros(seconds * 1_000_000);
    let id = |seconds| NoticeId::new(at(seconds), &None_);
    let now = at(1_000);
    let settled = NoticeId::first_of(at(880));
    for (after, last, is_full, expected) in [
        (0, Some(500), false, id(500)),
        (0, Some(990), false, settled),
        (0, Some(990), true, id(990)),
        (990, None, false, settled),
        (500, None, false, id(500)),
    ] {
        let found = next_cursor(id(after), last.map(id), is_full, now);
        assert!(found == expected, "{after} {last:?} {is_full}");
    }
}

#[test]
fn the_counter_sees_what_to_do_and_marks_it_as_done() {
    let town = town();
    let clerk = town.staff(Role::Clerk);
    let empty = town.world.get(&clerk, "/reception/notices").text();
    assert!(empty.contains("対応が必要な方はいません"));
    assert!(
        !town
            .world
            .get(&clerk, "/reception")
            .text()
            .contains("資格があとから変わった方が")
    );
    assert_eq!(town.check(&newest(&town.lives[SAWAKO])).status, 200);
    lose(&town);
    let reception = town.world.get(&clerk, "/reception").text();
    assert!(reception.contains("資格があとから変わった方が1人います"));
    let page = town.world.get(&clerk, "/reception/notices").text();
    for text in [
        "橘 佐和子",
        "資格の喪失",
        "この期間に有効な資格はありません",
        "取り下げ",
    ] {
        assert!(page.contains(text), "{text}");
    }
    let json = town.world.get(&town.system, NOTICES).json();
    let id = json["notices"][0]["id"].as_str().unwrap().to_owned();
    // Another facility has no such notice.
    let other = town.world.facility("1310000019", "となりの診療所");
    let path = format!("{NOTICES}/{id}/done");
    let reply = town
        .world
        .post(&town.world.system(&other), &path, &json!({}));
    assert_eq!((reply.status, reply.code().as_str()), (404, "TSK-ELG-014"));
    let reply = town
        .world
        .submit(&clerk, &format!("/reception/notices/{id}/done"), &[]);
    assert_eq!(reply.header("location"), "/reception/notices");
    let page = town.world.get(&clerk, "/reception/notices").text();
    assert!(page.contains("対応済みの方") && page.contains("対応が必要な方はいません"));
    let json = town.world.get(&town.system, NOTICES).json();
    assert_eq!(
        (&json["open"], &json["notices"][0]["done"]),
        (&json!(0), &json!(true))
    );
}

#[test]
fn a_program_marks_a_notice_as_done() {
    let town = town();
    assert_eq!(town.check(&newest(&town.lives[SAWAKO])).status, 200);
    lose(&town);
    let json = town.world.get(&town.system, NOTICES).json();
    let path = format!(
        "{NOTICES}/{}/done",
        json["notices"][0]["id"].as_str().unwrap()
    );
    for _ in 0..2 {
        let reply = town.world.post(&town.system, &path, &json!({}));
        assert_eq!((reply.status, reply.json()["done"] == true), (200, true));
    }
    assert_eq!(town.world.get(&town.system, NOTICES).json()["open"], 0);
}
