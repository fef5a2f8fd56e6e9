//! Joining two registrations and parting them again: the undo is exact.

#![cfg(test)]

use std::collections::BTreeMap;

use kernel::{
    id::PersonId,
    time::{Clock, JstDate},
};
use proptest::prelude::*;
use registry::{
    merge,
    model::{ChangeKind, Coverage, Found, InsuredKey},
    ops as people,
};
use store::{
    Stop,
    caller::{Actor, Caller, Purpose},
};
use testkit::{
    World,
    population::{Life, Population, demo},
    seed,
};

fn today() -> JstDate {
    JstDate::parse("2026-11-22").expect("a day")
}

fn key(coverage: &Coverage) -> InsuredKey {
    InsuredKey {
        insurer_number: coverage.insurer_number.clone(),
        symbol: coverage.symbol.clone(),
        person_number: coverage.person_number.clone(),
        branch: coverage.branch.clone(),
        birth: None,
    }
}

/// One person who stands twice: as herself, and with the coverages of somebody else.
struct Twice {
    world: World,
    kept: PersonId,
    merged: PersonId,
    own: Vec<Coverage>,
    theirs: Vec<Coverage>,
}

fn twice(other: &Life) -> Twice {
    let world = World::new(Vec::new());
    let life = demo::family(today()).swap_remove(0);
    let kept = world.person(&life);
    world.give_card(kept, 41);
    let merged = PersonId::from_bytes([7; 16]);
    let (profile, theirs) = (seed::profile(&life), seed::coverages(other));
    let given = theirs.clone();
    world.set_up(move |call| people::enroll(call, merged, &profile, &given));
    world.give_card(merged, 42);
    Twice {
        world,
        kept,
        merged,
        own: seed::coverages(&life),
        theirs,
    }
}

fn others() -> Vec<Life> {
    let all = Population::new(11, 400, today());
    all.iter()
        .filter(|life| !life.coverages.is_empty())
        .collect()
}

impl Twice {
    fn merge(&self) -> i64 {
        let (kept, merged) = (self.kept, self.merged);
        let merge = self
            .world
            .set_up(move |call| merge::merge(call, kept, merged, "二重の登録"));
        merge.number
    }

    fn undo(&self, number: i64) {
        let kept = self.kept;
        self.world
            .set_up(move |call| merge::undo(call, kept, number, "別の方でした").map(drop));
    }

    fn find(&self, coverage: &Coverage) -> Found {
        let key = key(coverage);
        self.world
            .set_up(move |call| Ok(people::find_by_number(call, &key)?))
    }

    fn by_card(&self, number: u64) -> Option<PersonId> {
        let now = self.world.clock.now();
        let anchors = self.world.pki.trust_store().expect("anchors");
        let crls = self.world.pki.crl_store(now, &[]).expect("lists");
        let key = seed::card_key(&self.world.pki, &anchors, &crls, number, now);
        let key = key.expect("a card").expect("verified");
        self.world
            .set_up(move |call| Ok(people::find_by_card(call, key.reveal())?))
    }

    fn coverages(&self, person: PersonId) -> Vec<Coverage> {
        self.world.set_up(move |call| {
            merge::open(call, person)?;
            Ok(people::coverages(call, person)?)
        })
    }

    /// The content of every table of the registry, merges' own rows apart.
    fn tables(&self) -> BTreeMap<String, [u8; 32]> {
        let schemas = [registry::schema()];
        let totals = store::dump::write(&self.world.link(), &schemas, &mut Vec::new());
        let totals = totals.expect("readable").into_iter();
        totals
            .filter(|(table, _)| table != "person_merge")
            .map(|(table, total)| (table, total.sha256))
            .collect()
    }
}

#[test]
fn whoever_leads_to_the_merged_one_leads_to_the_kept_one_who_has_both() {
    let twice = twice(&others()[0]);
    assert_eq!(twice.find(&twice.theirs[0]), Found::One(twice.merged));
    let _number = twice.merge();
    for coverage in twice.own.iter().chain(&twice.theirs) {
        assert_eq!(twice.find(coverage), Found::One(twice.kept));
    }
    assert_eq!(twice.by_card(41), Some(twice.kept));
    assert_eq!(twice.by_card(42), Some(twice.kept));
    let all = twice.coverages(twice.kept);
    assert_eq!(all.len(), twice.own.len() + twice.theirs.len());
    for coverage in &twice.theirs {
        let shown = all.iter().find(|one| {
            merge::source(one.number).is_some() && one.person_number == coverage.person_number
        });
        let shown = shown.expect("shown with its number");
        let mut back = shown.clone();
        back.number = coverage.number;
        assert!(back == *coverage, "as it is");
    }
}

#[test]
fn both_have_the_record_of_every_reading_while_they_are_one() {
    let twice = twice(&others()[0]);
    let count = |person: PersonId| {
        twice.world.set_up(move |call| {
            call.open(person)?;
            let subject = store::audit::Subject::Person(person);
            Ok(call.history(subject, i64::MAX, 100)?.len())
        })
    };
    let number = twice.merge();
    let before = (count(twice.kept), count(twice.merged));
    let _read = twice.coverages(twice.kept);
    assert_eq!(
        (count(twice.kept), count(twice.merged)),
        (before.0 + 2, before.1 + 2)
    );
    twice.undo(number);
    let before = count(twice.merged);
    let _read = twice.coverages(twice.kept);
    assert_eq!(count(twice.merged), before + 1, "only the counting itself");
}

#[test]
fn what_is_changed_meanwhile_stays_with_the_kept_one_and_is_listed() {
    let twice = twice(&others()[0]);
    let number = twice.merge();
    let all = twice.coverages(twice.kept);
    let theirs = all
        .iter()
        .find(|one| merge::source(one.number) == Some(number));
    let mut changed = theirs.expect("of the merged one").clone();
    changed.insurer_name = "変わった保険者".to_owned();
    let (kept, put) = (twice.kept, changed.clone());
    let change = twice
        .world
        .set_up(move |call| people::record_change(call, kept, ChangeKind::Changed, &put));
    assert_eq!(
        change.before.map(|c| c.number),
        Some(changed.number),
        "as it was with the other"
    );
    let shown = twice.coverages(twice.kept);
    assert_eq!(shown.len(), all.len(), "it took the other's place");
    assert!(shown.contains(&changed));
    let caller = Caller::new(Actor::Job { name: "test" });
    let gone = changed.number;
    let refused = twice.world.run(caller, Purpose::Intake, move |call| {
        people::withdraw(call, kept, gone).map(drop)
    });
    assert!(matches!(refused, Err(Stop::Refused(why)) if why.entry.code == "TSK-MRG-007"));
    twice.undo(number);
    assert!(twice.coverages(twice.merged) == twice.theirs, "untouched");
    assert!(twice.coverages(twice.kept).contains(&changed), "it stays");
    let listed = twice.world.set_up(move |call| {
        call.open(kept)?;
        let merges = merge::of(call, kept)?;
        let one = &merges[0];
        let undone = one.undone.as_ref().map(|undone| undone.at);
        Ok(merge::meanwhile(call, kept, one.done.at, undone)?)
    });
    assert!(listed.is_empty() || listed[0].is_merged);
    let listed = twice.world.set_up(move |call| {
        call.open(kept)?;
        let since = merge::of(call, kept)?[0].done.at;
        Ok(merge::meanwhile(call, kept, since, None)?)
    });
    assert_eq!(listed.len(), 1);
    assert!(listed[0].is_merged && listed[0].what.contains("変わった保険者"));
}

#[test]
fn a_merge_is_one_step_deep_and_needs_a_reason() {
    let twice = twice(&others()[0]);
    let third = PersonId::from_bytes([9; 16]);
    let life = demo::family(today()).swap_remove(0);
    let profile = seed::profile(&life);
    twice
        .world
        .set_up(move |call| people::enroll(call, third, &profile, &[]));
    let stranger = demo::family(today()).swap_remove(1);
    let stranger = twice.world.person(&stranger);
    let code = |kept: PersonId, merged: PersonId, why: &'static str| {
        let caller = Caller::new(Actor::Job { name: "test" });
        let done = twice.world.run(caller, Purpose::Operation, move |call| {
            merge::merge(call, kept, merged, why).map(drop)
        });
        match done {
            Ok(()) => "",
            Err(Stop::Refused(why)) => why.entry.code,
            Err(other) => panic!("{other:?}"),
        }
    };
    assert_eq!(code(twice.kept, twice.merged, " "), "TSK-MRG-005");
    assert_eq!(code(twice.kept, twice.kept, "x"), "TSK-MRG-002");
    assert_eq!(code(twice.kept, stranger, "x"), "TSK-MRG-004");
    assert_eq!(code(twice.kept, twice.merged, "x"), "");
    assert_eq!(
        code(third, twice.kept, "x"),
        "TSK-MRG-003",
        "she has somebody with her"
    );
    assert_eq!(
        code(third, twice.merged, "x"),
        "TSK-MRG-003",
        "she is with somebody"
    );
    assert_eq!(code(twice.merged, third, "x"), "TSK-MRG-003");
    assert_eq!(code(twice.kept, third, "x"), "", "a second one may join");
    assert_eq!(
        twice.coverages(twice.kept).len(),
        twice.own.len() + twice.theirs.len()
    );
    let kept = twice.kept;
    let caller = Caller::new(Actor::Job { name: "test" });
    let unknown = twice.world.run(caller, Purpose::Operation, move |call| {
        merge::undo(call, kept, 9, "x").map(drop)
    });
    assert!(matches!(unknown, Err(Stop::Refused(why)) if why.entry.code == "TSK-MRG-006"));
}

#[test]
fn the_same_coverage_registered_twice_is_one_and_leads_to_one_person() {
    let life = demo::family(today()).swap_remove(0);
    let twice = twice(&life);
    let newest = twice.own.last().expect("a coverage");
    assert_eq!(
        twice.find(newest),
        Found::Several,
        "why it has to be merged"
    );
    let number = twice.merge();
    assert_eq!(twice.find(newest), Found::One(twice.kept));
    assert!(twice.coverages(twice.kept) == twice.own);
    twice.undo(number);
    assert_eq!(twice.find(newest), Found::Several);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]
    #[test]
    fn merging_and_undoing_changes_nothing(which in 0_usize..200, times in 1_usize..3) {
        let others = others();
        let twice = twice(&others[which % others.len()]);
        let read = || {
            let found: Vec<Found> = twice.own.iter().chain(&twice.theirs).map(|c| twice.find(c)).collect();
            let cards = (twice.by_card(41), twice.by_card(42));
            (found, cards, twice.coverages(twice.kept), twice.coverages(twice.merged))
        };
        let (rows, before) = (twice.tables(), read());
        for _ in 0..times {
            let number = twice.merge();
            prop_assert!(read().0 != before.0);
            twice.undo(number);
        }
        prop_assert!(read() == before, "every reading is as it was");
        prop_assert!(twice.tables() == rows, "every row is as it was");
    }
}
