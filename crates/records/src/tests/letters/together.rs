//! Many at once, broken input, two registrations of one person, insurers, what is kept how long.

use std::sync::atomic::{AtomicUsize, Ordering};

use kernel::{code::InsurerNumber, time::JstDate};
use proptest::prelude::*;
use registry::{merge, model::FacilityKind, ops as people};
use serde_json::json;
use store::caller::{Actor, Caller, Purpose, Role};
use testkit::World;

use super::*;
use crate::{
    documents::ops as documents,
    tests::published::{enroll_as, examples},
};

const TRIES: usize = 50;

fn at_once<T: Send>(act: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        let tries: Vec<_> = (0..TRIES)
            .map(|_| scope.spawn(|| act(next.fetch_add(1, Ordering::SeqCst))))
            .collect();
        tries
            .into_iter()
            .map(|one| one.join().expect("an answer"))
            .collect()
    })
}

#[test]
fn fifty_who_open_a_letter_at_once_leave_one_receipt() {
    let post = Post::new();
    let id = post.released("T1");
    let statuses = at_once(|_| post.open(&id).status);
    assert_eq!(statuses, vec![200; TRIES]);
    let first = post.get(&format!("sent/{id}")).json()["receipt"].clone();
    post.ward.world.clock.advance(60);
    assert_eq!(post.open(&id).status, 200);
    assert_eq!(post.get(&format!("sent/{id}")).json()["receipt"], first);
}

#[test]
fn opening_against_replacing_and_cancelling_leaves_both_sides_of_one_mind() {
    for round in 0..4 {
        let post = Post::new();
        let serial = format!("T2-{round}");
        let id = post.released(&serial);
        let (next, target) = (post.referral(&serial, "2"), post.referral(&serial, "1"));
        let done = at_once(|nth| match nth % 3 {
            0 => ("open", post.open(&id)),
            1 => ("replace", post.register(&next, "")),
            _ => ("cancel", post.command("cancel", &target)),
        });
        assert!(done.iter().all(|(_, reply)| reply.status < 500));
        let cancelled = done
            .iter()
            .filter(|(verb, reply)| *verb == "cancel" && reply.status == 200);
        assert_eq!(
            cancelled.count(),
            1,
            "one cancels, the others hear that it is"
        );
        let seen = post.get(&format!("sent/{id}")).json();
        let was_opened = seen["receipt"].is_object();
        assert_eq!(
            seen["state"],
            if was_opened {
                "cancelled-opened"
            } else {
                "cancelled-released"
            }
        );
        let expected = if was_opened {
            vec![(id.clone(), "cancelled".to_owned())]
        } else {
            Vec::new()
        };
        assert_eq!(post.inbox(), expected);
        assert_eq!(post.outbox(), [(id, "cancelled".to_owned())]);
    }
}

#[test]
fn a_letter_sent_many_times_at_once_is_new_once() {
    let post = Post::new();
    let letter = post.referral("T3", "1");
    let replies = at_once(|_| post.register(&letter, ""));
    let new = replies.iter().filter(|reply| reply.status == 201).count();
    let again = replies.iter().filter(|reply| reply.status == 200).count();
    assert_eq!((new, again), (1, TRIES - 1));
    assert_eq!(post.outbox().len(), 1);
}

/// One change to a document's text.
#[derive(Clone, Debug)]
enum Change {
    Cut(usize),
    Byte(usize, u8),
    Drop(usize),
    Twice(usize),
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        any::<usize>().prop_map(Change::Cut),
        (any::<usize>(), any::<u8>()).prop_map(|(at, byte)| Change::Byte(at, byte)),
        any::<usize>().prop_map(Change::Drop),
        any::<usize>().prop_map(Change::Twice),
    ]
}

#[test]
fn shaken_documents_never_break_anything_and_are_never_kept_in_part() {
    let post = Post::new();
    let letter = post.referral("T4", "1");
    let whole = bytes(&letter);
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(120)
    });
    let shaken = runner.run(&change(), |change| {
        let text = match change {
            Change::Cut(at) => whole[..at % whole.len()].to_vec(),
            Change::Byte(at, byte) => {
                let mut text = whole.clone();
                let at = at % text.len();
                text[at] = byte;
                text
            }
            Change::Drop(nth) | Change::Twice(nth) => {
                let mut json = letter.clone();
                let entries = json["entry"].as_array_mut().expect("entries");
                let nth = nth % entries.len();
                let entry = entries.remove(nth);
                if matches!(change, Change::Twice(_)) {
                    entries.insert(nth, entry.clone());
                    entries.push(entry);
                }
                bytes(&json)
            }
        };
        let before = post.get("sent").json();
        let path = "/fhir/Bundle/$register";
        let reply = post.ward.world.post_fhir(&post.ward.system, path, &text);
        prop_assert!(reply.status < 500, "{}", reply.text());
        if reply.status >= 400 {
            prop_assert_eq!(post.get("sent").json(), before);
        } else {
            let id = id_of(&reply);
            let kept = post.get(&format!("sent/{id}/document"));
            prop_assert_eq!(kept.body, text, "what is kept is what was sent");
        }
        Ok(())
    });
    shaken.expect("no case fails");
}

#[test]
fn a_letter_stands_under_both_registrations_of_one_person_and_with_its_own_when_they_part() {
    let post = Post::new();
    let id = post.released("T5");
    let (kept, merged) = (PersonId::from_bytes([7; 16]), post.person());
    let profile = testkit::seed::profile(&post.ward.life);
    post.ward.world.set_up(move |call| {
        people::enroll(call, kept, &profile, &[])?;
        merge::merge(call, kept, merged, "二重の登録").map(drop)
    });
    assert_eq!(post.open(&id).status, 200);
    assert_eq!(post.their(&format!("inbox/{id}")).status, 200);
    let count = |person: PersonId| {
        let job = Caller::new(Actor::Job { name: "test" });
        let found = post.ward.world.run(job, Purpose::OwnAccess, move |call| {
            let own = documents::own(call, person)?.len();
            Ok((own, documents::prescriptions(call, person)?.len()))
        });
        found.unwrap_or_else(|stop| panic!("{stop:?}"))
    };
    assert_eq!(count(kept), (1, 1));
    let second = post.released("T6");
    assert_eq!(count(kept), (2, 2));
    post.ward
        .world
        .set_up(move |call| merge::undo(call, kept, 1, "別の方でした").map(drop));
    assert_eq!((count(kept), count(merged)), ((1, 1), (1, 1)));
    for id in [id, second] {
        assert_eq!(post.open(&id).status, 200);
    }
}

#[test]
fn a_checkup_report_reaches_its_own_insurer_and_no_other() {
    let post = Post::new();
    let world = &post.ward.world;
    let insurer = world.office(FacilityKind::Insurer, 1, "ためし健保");
    let other = world.office(FacilityKind::Insurer, 2, "べつの健保");
    let coverage = post.ward.life.coverage_last().expect("insured");
    let number = InsurerNumber::from_register(&coverage.insurer.number.padded()).expect("a number");
    let home = insurer.id;
    world
        .set_up(move |call| testkit::seed::insurer(call, number.clone(), "ためし健保", Some(home)));
    let report = post.paper("K1", "1", |paper| paper.checkup());
    let id = post.sent(&report, "");
    let path = "/api/v1/letters/checkups";
    let (officer, stranger) = (
        world.staff(&insurer, Role::Insurer),
        world.staff(&other, Role::Insurer),
    );
    let list = world.get(&officer, path);
    assert_eq!(states(&list), [(id.clone(), "filed".to_owned())]);
    let read = world.get(&officer, &format!("{path}/{id}/document"));
    assert_eq!(read.json(), report, "{}", read.text());
    assert!(states(&world.get(&stranger, path)).is_empty());
    let theirs = world.get(&stranger, &format!("{path}/{id}"));
    assert_eq!(code(&theirs), (404, "TSK-REC-040".to_owned()));
    // A referral is nothing to an insurer, and a report nothing to a hospital.
    assert_eq!(post.their(&format!("inbox/{id}")).status, 404);
    let letter = post.released("K2");
    assert_eq!(world.get(&officer, &format!("{path}/{letter}")).status, 404);
    let town = world.staff(&insurer, Role::Municipality);
    assert_eq!(
        code(&world.get(&town, path)),
        (403, "TSK-ACC-003".to_owned())
    );
    assert_eq!(post.command("cancel", &report).status, 200);
    assert!(states(&world.get(&officer, path)).is_empty());
}

#[test]
fn a_document_is_gone_after_five_years_with_its_rows_and_a_second_run_finds_nothing() {
    let post = Post::new();
    let id = post.released("D1");
    let person = post.person();
    let registered = post.ward.world.app.gate.now().jst_date();
    let expire = |on: JstDate| {
        post.ward.world.set_up(move |call| {
            call.lock(person)?;
            Ok(documents::expire(call, person, on)?)
        })
    };
    assert_eq!(expire(registered.plus_years(5).plus_days(-1)), 0);
    assert_eq!(post.inbox().len(), 1);
    assert_eq!(expire(registered.plus_years(5)), 1);
    assert_eq!(expire(registered.plus_years(5)), 0);
    assert!(post.inbox().is_empty() && post.outbox().is_empty());
    assert_eq!(post.open(&id).status, 404);
}

#[test]
fn prescriptions_of_letters_and_summaries_are_taken_out_and_nothing_else_is_shared() {
    let post = Post::new();
    let person = post.person();
    let before = post.ward.kept();
    let _letter = post.sent(&post.referral("M1", "1"), "");
    let summary = post.discharge("M2");
    let _summary = post.sent(&summary, "");
    let found = || {
        let job = Caller::new(Actor::Job { name: "test" });
        let found = post.ward.world.run(job, Purpose::OwnAccess, move |call| {
            call.open(person)?;
            Ok(documents::prescriptions(call, person)?)
        });
        found.unwrap_or_else(|stop| panic!("{stop:?}"))
    };
    let drugs = found();
    assert_eq!(drugs.len(), 2);
    let drug = &drugs[0].drug;
    assert_eq!(
        (drug.text.as_str(), drug.usage.as_str()),
        ("ためし錠5mg", "1日1回朝食後")
    );
    assert_eq!(
        drug.days.as_ref().map(|days| days.number.as_str()),
        Some("14")
    );
    assert_eq!(drug.codes[0].code, "2149001F1019");
    assert_eq!(
        post.ward.kept(),
        before,
        "conditions inside documents are not shared"
    );
    assert_eq!(post.command("cancel", &summary).status, 200);
    assert_eq!(found().len(), 1);
}

#[test]
fn the_published_documents_are_registered_for_their_patients() {
    let Some(all) = examples("the published documents") else {
        return;
    };
    let world = World::new(vec![fhir_server::service(), crate::service()]);
    let hospital = world.facility("1318814790", "例の病院");
    let addressee = world.facility("1311234567", "東京第一テスト病院");
    let system = world.system(&hospital);
    let _person = enroll_as(&world, "１８７", "05", "1930-06-28");
    let documents = all
        .iter()
        .filter(|(name, _)| name.contains("-Referral-") || name.contains("-PCS-"));
    let mut count = 0;
    for (name, text) in documents.filter(|(name, _)| name.starts_with("Bundle")) {
        let reply = world.post_fhir(&system, "/fhir/Bundle/$register", text);
        assert_eq!(reply.status, 201, "{name}: {}", reply.text());
        let own = world.get(&system, &format!("{}/document", reply.header("location")));
        assert_eq!(&own.body, text, "{name}");
        count += 1;
        if name.contains("Referral") {
            let id = id_of(&reply);
            let oral = json!({ "at": world.app.gate.now().to_string(), "by": "受付" });
            let path = format!("/api/v1/letters/sent/{id}/consent");
            assert_eq!(world.post(&system, &path, &oral).status, 200);
            let inbox = world.get(&world.system(&addressee), "/api/v1/letters/inbox");
            assert_eq!(states(&inbox), [(id, "unread".to_owned())]);
        }
    }
    assert_eq!(count, 2);
}
