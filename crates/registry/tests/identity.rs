//! Who is found by attributes, and for whom disaster mode is in force.

#![cfg(test)]

use kernel::{id::PersonId, time::JstDate};
use registry::{
    attributes::{self, Attributes},
    disaster::{self, Area, Declaration},
    model::{Found, Profile},
    ops as people,
};
use store::{
    Stop,
    caller::{Actor, Caller, Purpose},
};
use testkit::{
    World,
    population::{Life, Population},
    seed,
};

fn today() -> JstDate {
    JstDate::parse("2026-11-22").expect("a day")
}

fn said(profile: &Profile) -> Attributes {
    let (family, given) = profile.kana.split_once(' ').expect("two names");
    Attributes {
        family_kana: family.to_owned(),
        given_kana: given.to_owned(),
        name: String::new(),
        birth: profile.birth,
        sex: Some(profile.sex),
        post_code: String::new(),
        address: profile.address.clone(),
    }
}

fn narrow(world: &World, said: &Attributes) -> Option<Vec<PersonId>> {
    let said = said.clone();
    world.set_up(move |call| Ok(attributes::narrow(call, &said)?))
}

#[test]
fn everybody_of_a_town_is_found_by_what_they_say_of_themselves() {
    let world = World::new(Vec::new());
    let lives: Vec<Life> = Population::new(3, 200, today()).iter().collect();
    for life in &lives {
        let id = world.person(life);
        let all = said(&seed::profile(life));
        let without = |change: fn(&mut Attributes)| {
            let mut said = all.clone();
            change(&mut said);
            narrow(&world, &said)
        };
        assert_eq!(narrow(&world, &all), Some(vec![id]), "{}", life.index);
        let name = life.name.full();
        for found in [
            without(|said| said.sex = None),
            without(|said| said.address = String::new()),
            without(|said| said.given_kana.push('ン')),
            without(|said| said.family_kana.push('ン')),
        ] {
            assert!(found.expect("somebody").contains(&id), "{name}");
        }
        let mut written = all.clone();
        (written.family_kana, written.given_kana, written.name) =
            (String::new(), String::new(), name);
        written.address = String::new();
        written.post_code.clone_from(&life.address.post_code);
        assert!(narrow(&world, &written).expect("somebody").contains(&id));
        let stranger = without(|said| said.birth = said.birth.plus_days(1));
        assert!(!stranger.unwrap_or_default().contains(&id));
    }
}

#[test]
fn of_a_changed_profile_the_old_entries_are_gone() {
    let world = World::new(Vec::new());
    let life = Population::new(3, 200, today())
        .iter()
        .find(|l| !l.coverages.is_empty());
    let life = life.expect("somebody insured");
    let id = world.person(&life);
    let before = seed::profile(&life);
    let mut after = before.clone();
    after.kana = "マツモト アキエ".to_owned();
    after.birth = before.birth.plus_days(3);
    after.address = "石川県輪島市河井町2-287-1".to_owned();
    after.post_code = "9280001".to_owned();
    let (old, new) = (said(&before), said(&after));
    let coverage = seed::coverages(&life).pop().expect("a coverage");
    let kept = after.clone();
    world.set_up(move |call| people::put_profile(call, id, &kept));
    assert_eq!(narrow(&world, &old), None);
    assert_eq!(narrow(&world, &new), Some(vec![id]));
    let found = world.set_up(move |call| {
        let key = registry::model::InsuredKey {
            insurer_number: coverage.insurer_number.clone(),
            symbol: coverage.symbol.clone(),
            person_number: coverage.person_number.clone(),
            branch: coverage.branch.clone(),
            birth: Some(after.birth),
        };
        Ok(people::find_by_number(call, &key)?)
    });
    assert_eq!(
        found,
        Found::One(id),
        "the number's entry has the new birth"
    );
    let mut rows = Vec::new();
    let totals =
        store::dump::write(&world.link(), &[registry::schema()], &mut rows).expect("readable");
    assert_eq!(
        totals["attribute_directory"].rows, 3,
        "at most three a person"
    );
}

#[test]
fn a_name_that_lost_a_character_is_reported_in_the_record() {
    let world = World::new(Vec::new());
    let life = Population::new(3, 200, today())
        .iter()
        .next()
        .expect("somebody");
    let id = world.person(&life);
    let reports = |name: &'static str| {
        let mut profile = seed::profile(&life);
        profile.name = name.to_owned();
        world.set_up(move |call| {
            people::put_profile(call, id, &profile)?;
            Ok(())
        });
        world.set_up(move |call| {
            call.open(id)?;
            let history = call.history(store::audit::Subject::Person(id), i64::MAX, 1)?;
            let details = history.into_iter().next().expect("a record").record.details;
            Ok(details.iter().any(|d| d.0 == "name" && d.1 == "unreadable"))
        })
    };
    assert!(reports("●橋 佐和子"));
    assert!(!reports("髙橋 佐和子"));
}

#[test]
fn disaster_mode_holds_in_its_area_and_for_its_time() {
    let world = World::new(Vec::new());
    let here = world.facility("1710000001", "輪島診療所");
    let there = world.facility("1310000001", "みどり診療所");
    let now = world.app.gate.now();
    let declaration = Declaration {
        name: "能登の地震".to_owned(),
        areas: vec![Area::parse("17").expect("a prefecture")],
        from: now.plus_hours(1),
        until: now.plus_hours(25),
    };
    let mode = world.set_up(move |call| disaster::declare(call, &declaration));
    let id = mode.id;
    let holds =
        |facility| world.set_up(move |call| Ok(disaster::in_force(call, facility)?.is_some()));
    assert!(!holds(here.id), "it has not begun");
    world.clock.advance(3600);
    assert!(holds(here.id) && !holds(there.id));
    world.clock.advance(24 * 3600 - 1);
    assert!(holds(here.id));
    let until = world.app.gate.now().plus_hours(2);
    world.set_up(move |call| disaster::extend(call, id, until).map(drop));
    world.clock.advance(3600);
    assert!(holds(here.id), "it was extended");
    world.set_up(move |call| disaster::end(call, id).map(drop));
    assert!(!holds(here.id), "it was ended");
    let caller = || Caller::new(Actor::Job { name: "test" });
    let again = world.run(caller(), Purpose::Operation, move |call| {
        disaster::end(call, id).map(drop)
    });
    assert!(matches!(again, Err(Stop::Refused(why)) if why.entry.code == "TSK-DIS-005"));
}

#[test]
fn a_declaration_needs_name_area_and_an_end() {
    let world = World::new(Vec::new());
    let _here = world.facility("1710000001", "輪島診療所");
    let now = world.app.gate.now();
    let good = Declaration {
        name: "能登の地震".to_owned(),
        areas: ["17", "1710000001"]
            .iter()
            .filter_map(|w| Area::parse(w))
            .collect(),
        from: now,
        until: now.plus_hours(31 * 24),
    };
    let code = |change: fn(&mut Declaration)| {
        let mut declaration = good.clone();
        change(&mut declaration);
        let caller = Caller::new(Actor::Job { name: "test" });
        let done = world.run(caller, Purpose::Operation, move |call| {
            disaster::declare(call, &declaration).map(drop)
        });
        match done {
            Ok(()) => "",
            Err(Stop::Refused(why)) => why.entry.code,
            Err(other) => panic!("{other:?}"),
        }
    };
    assert_eq!(code(|_| ()), "");
    assert_eq!(code(|d| d.name = " ".to_owned()), "TSK-DIS-002");
    assert_eq!(code(|d| d.name = "あ".repeat(61)), "TSK-DIS-002");
    assert_eq!(code(|d| d.areas.clear()), "TSK-DIS-003");
    assert_eq!(
        code(|d| d.areas.push(Area::parse("1310000001").expect("a code"))),
        "TSK-DIS-003"
    );
    assert_eq!(code(|d| d.until = d.from), "TSK-DIS-004");
    assert_eq!(code(|d| d.until = d.until.plus_seconds(1)), "TSK-DIS-004");
    assert_eq!(Area::parse("48"), None);
    assert_eq!(Area::parse("17100000"), None);
}
