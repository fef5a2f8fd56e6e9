//! Whose a certificate is and was, and whether it stands for their insurance card.

#![cfg(test)]

use kernel::{Secret, id::PersonId, time::JstDate};
use registry::{
    model::{EndReason, Enrolled, Medium, Shown},
    ops::{self as people, NewPhone},
};
use store::Call;
use testkit::{World, population::demo};

fn family() -> (World, Vec<PersonId>) {
    let world = World::new(Vec::new());
    let today = JstDate::parse("2026-11-22").expect("a day");
    let lives = demo::family(today);
    let ids = lives.iter().map(|life| world.person(life)).collect();
    (world, ids)
}

fn phone(key: &[u8], replaces: bool) -> NewPhone {
    NewPhone {
        card_key: Secret::new(key.to_vec()),
        medium: Medium::Android,
        label: "わたしのスマホ".to_owned(),
        replaces,
    }
}

fn issue(world: &World, person: PersonId, key: &'static [u8]) -> bool {
    world.set_up(move |call| people::note_issued(call, person, key, Medium::Card))
}

fn shown(world: &World, key: &'static [u8]) -> Shown {
    world.set_up(move |call| Ok(people::show_card(call, key)?))
}

fn holder(world: &World, key: &'static [u8]) -> Option<PersonId> {
    world.set_up(move |call| Ok(people::find_by_card(call, key)?))
}

#[test]
fn a_registration_opens_and_closes_all_that_a_person_holds() {
    let (world, ids) = family();
    let (one, other) = (ids[0], ids[1]);
    assert!(shown(&world, b"card") == Shown::Unknown);
    assert!(issue(&world, one, b"card") && issue(&world, other, b"another"));
    assert!(shown(&world, b"card") == Shown::NotYet);
    assert_eq!(holder(&world, b"card"), Some(one));
    assert!(!world.set_up(move |call| people::cancel_use(call, one)));
    assert!(world.set_up(move |call| people::register_use(call, one)));
    assert!(!world.set_up(move |call| people::register_use(call, one)));
    assert!(shown(&world, b"card") == Shown::InUse(one));
    assert!(shown(&world, b"another") == Shown::NotYet);
    assert!(issue(&world, one, b"second"));
    assert!(shown(&world, b"second") == Shown::InUse(one));
    world.clock.advance(60);
    assert!(world.set_up(move |call| people::cancel_use(call, one)));
    assert!(!world.set_up(move |call| people::cancel_use(call, one)));
    for key in [&b"card"[..], b"second"] {
        assert!(shown(&world, key) == Shown::Cancelled);
        assert_eq!(holder(&world, key), Some(one));
    }
    assert!(issue(&world, one, b"third"));
    assert!(shown(&world, b"third") == Shown::Cancelled);
    world.clock.advance(60);
    assert!(world.set_up(move |call| people::register_use(call, one)));
    assert!(shown(&world, b"third") == Shown::InUse(one));
    let times = world.set_up(move |call| {
        call.open(one)?;
        Ok(people::insurance_uses(call, one)?)
    });
    let seconds = |at: kernel::time::Timestamp| at.seconds() - testkit::world::BEGIN;
    let times: Vec<_> = times
        .iter()
        .map(|time| (time.number, seconds(time.from), time.until.map(seconds)))
        .collect();
    assert_eq!(times, [(1, 0, Some(60)), (2, 120, None)]);
}

#[test]
fn a_certificate_leads_to_one_person_and_after_its_end_to_nobody() {
    let (world, ids) = family();
    let (one, other) = (ids[0], ids[1]);
    assert!(issue(&world, one, b"card"));
    let renew = |person: PersonId, old: &'static [u8], new: &'static [u8]| {
        world.set_up(move |call| people::renew_card(call, person, (old, new)))
    };
    // Not this person's, not known, tied already.
    assert!(issue(&world, other, b"theirs"));
    assert!(!renew(other, b"card", b"new"));
    assert!(!renew(one, b"unknown", b"new"));
    assert!(!renew(one, b"card", b"theirs"));
    assert!(shown(&world, b"new") == Shown::Unknown);
    assert!(shown(&world, b"card") == Shown::NotYet);
    assert!(renew(one, b"card", b"new"));
    assert!(shown(&world, b"card") == Shown::Ended);
    assert_eq!(holder(&world, b"card"), None);
    assert_eq!(holder(&world, b"new"), Some(one));
    // What has ended is nobody else's, and no card of its owner's again.
    assert!(!issue(&world, other, b"card"));
    assert!(!issue(&world, one, b"card"));
    assert!(!renew(one, b"card", b"newer"));
}

#[test]
fn a_phone_that_ended_comes_back_to_its_owner_and_to_nobody_else() {
    let (world, ids) = family();
    let (one, other) = (ids[0], ids[1]);
    let enroll = |person: PersonId, key: &'static [u8], replaces: bool| {
        let phone = phone(key, replaces);
        world.set_up(move |call| people::enroll_phone(call, person, &phone))
    };
    let is_done = |outcome: &Enrolled| matches!(outcome, Enrolled::Done { .. });
    assert!(is_done(&enroll(one, b"phone", false)));
    assert!(enroll(one, b"phone", true) == Enrolled::Already);
    assert!(enroll(other, b"phone", false) == Enrolled::TiedElsewhere);
    assert!(enroll(one, b"next phone", false) == Enrolled::HasOther);
    let ended = world.set_up(move |call| people::end_phone(call, one, EndReason::Lost));
    assert!(ended.is_some_and(|phone| phone.label == "わたしのスマホ"));
    let none = world.set_up(move |call| people::end_phone(call, one, EndReason::Lost));
    assert!(none.is_none());
    assert!(enroll(other, b"phone", false) == Enrolled::TiedElsewhere);
    assert!(is_done(&enroll(one, b"phone", false)));
    let Enrolled::Done { before } = enroll(one, b"next phone", true) else {
        panic!("the change is not taken");
    };
    assert!(before.is_some_and(|before| before.number == 2));
    let all = world.set_up(move |call| {
        call.open(one)?;
        Ok(people::certificates(call, one)?)
    });
    let reasons: Vec<Option<EndReason>> = all
        .iter()
        .map(|one| one.end.map(|(_, reason)| reason))
        .collect();
    assert_eq!(
        reasons,
        [Some(EndReason::Lost), Some(EndReason::Replaced), None]
    );
    assert!(all.iter().all(|one| one.label == "わたしのスマホ"));
}

#[test]
fn of_many_phones_enrolled_at_once_one_is_the_persons() {
    let (world, ids) = family();
    let person = ids[0];
    let enroll = |replaces: bool, series: &'static str| {
        world.at_once(30, |number| {
            let phone = phone(format!("{series} {number}").as_bytes(), replaces);
            move |call: &mut Call<'_>| people::enroll_phone(call, person, &phone)
        })
    };
    let outcomes: Vec<Enrolled> = enroll(false, "phone")
        .into_iter()
        .map(|one| one.expect("an answer"))
        .collect();
    let done = |outcomes: &[Enrolled]| {
        let done = outcomes.iter();
        done.filter(|one| matches!(one, Enrolled::Done { .. }))
            .count()
    };
    assert_eq!(done(&outcomes), 1);
    let changes: Vec<Enrolled> = enroll(true, "change")
        .into_iter()
        .map(|one| one.expect("an answer"))
        .collect();
    assert_eq!(done(&changes), 30);
    let all = world.set_up(move |call| {
        call.open(person)?;
        Ok(people::certificates(call, person)?)
    });
    assert_eq!(all.len(), 31);
    assert_eq!(all.iter().filter(|one| one.holds()).count(), 1);
    let numbers: Vec<i64> = all.iter().map(|one| one.number).collect();
    assert_eq!(numbers, (1..=31).collect::<Vec<i64>>());
}

#[test]
fn nobody_keeps_so_many_phones_that_the_present_one_is_lost_among_them() {
    let (world, ids) = family();
    let person = ids[0];
    assert!(issue(&world, person, b"card"));
    world.set_up(move |call| {
        for number in 0..600 {
            let phone = phone(format!("phone {number}").as_bytes(), true);
            people::enroll_phone(call, person, &phone)?;
            people::cancel_use(call, person)?;
            people::register_use(call, person)?;
        }
        Ok(())
    });
    let (all, times) = world.set_up(move |call| {
        call.open(person)?;
        let all = people::certificates(call, person)?;
        Ok((all, people::insurance_uses(call, person)?))
    });
    assert_eq!((all.len(), times.len()), (500, 500));
    let holding: Vec<i64> = all
        .iter()
        .filter(|one| one.holds())
        .map(|one| one.number)
        .collect();
    assert_eq!(holding, [1, 601]);
    assert_eq!(times.last().map(|last| last.number), Some(600));
    assert!(shown(&world, b"card") == Shown::InUse(person));
}
