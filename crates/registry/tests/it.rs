//! Who is found by which number or card, and that what is kept is what was given.

#![cfg(test)]

use kernel::{
    code::{BranchNumber, FacilityCode, InsuredPersonNumber},
    id::PersonId,
    money::Yen,
    time::{JstDate, Period},
};
use registry::{
    model::{
        Ceiling, CeilingCertificate, CeilingClass, CertificateKind, ChangeKind, CopayRate,
        Coverage, DiseaseKind, ElderlyCertificate, FacilityKind, Found, InsuredKey,
        SpecificDisease,
    },
    ops as people,
};
use store::{
    Call, Stop,
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

fn newest(life: &Life) -> InsuredKey {
    key(seed::coverages(life).last().expect("a coverage"))
}

fn find(world: &World, key: InsuredKey) -> Found {
    world.set_up(move |call| Ok(people::find_by_number(call, &key)?))
}

fn family() -> (World, Vec<Life>, Vec<PersonId>) {
    let world = World::new(Vec::new());
    let lives = demo::family(today());
    let ids = lives.iter().map(|life| world.person(life)).collect();
    (world, lives, ids)
}

#[test]
fn a_number_leads_to_one_person_or_says_why_not() {
    let (world, lives, ids) = family();
    let (sawako, takashi, twin) = (newest(&lives[0]), newest(&lives[1]), newest(&lives[4]));
    let branch = |text| Some(BranchNumber::parse(text).expect("a branch"));
    let cases = [
        ("as printed", sawako.clone(), Found::One(ids[0])),
        (
            "her ended coverage",
            key(&seed::coverages(&lives[0])[0]),
            Found::One(ids[0]),
        ),
        ("of no branch", takashi.clone(), Found::One(ids[1])),
        (
            "a branch too many",
            InsuredKey {
                branch: branch("01"),
                ..takashi.clone()
            },
            Found::OtherBranch,
        ),
        (
            "with her birth",
            InsuredKey {
                birth: Some(lives[0].birth),
                ..sawako.clone()
            },
            Found::One(ids[0]),
        ),
        (
            "with his birth",
            InsuredKey {
                birth: Some(lives[1].birth),
                ..sawako.clone()
            },
            Found::OtherBirth,
        ),
        (
            "no one's branch",
            InsuredKey {
                branch: branch("99"),
                ..sawako.clone()
            },
            Found::OtherBranch,
        ),
        (
            "no one's number",
            InsuredKey {
                person_number: InsuredPersonNumber::parse("4649").expect("a number"),
                ..sawako
            },
            Found::NoSuchNumber,
        ),
        (
            "both twins",
            InsuredKey {
                branch: None,
                birth: Some(lives[4].birth),
                ..twin.clone()
            },
            Found::Several,
        ),
        (
            "the whole family",
            InsuredKey {
                branch: None,
                ..twin.clone()
            },
            Found::Several,
        ),
        ("one twin", twin, Found::One(ids[4])),
    ];
    for (name, key, expected) in cases {
        assert_eq!(find(&world, key), expected, "{name}");
    }
}

#[test]
fn everybody_of_a_town_is_found_by_their_own_number_and_kept_as_they_were_given() {
    let world = World::new(Vec::new());
    let lives: Vec<Life> = Population::new(3, 200, today()).iter().collect();
    let ids: Vec<PersonId> = lives.iter().map(|life| world.person(life)).collect();
    for (life, id) in lives.iter().zip(ids) {
        let mut key = newest(life);
        key.birth = Some(life.birth);
        assert_eq!(find(&world, key), Found::One(id), "{}", life.index);
        let (profile, coverages) = world.set_up(move |call| {
            call.open(id)?;
            Ok((people::profile(call, id)?, people::coverages(call, id)?))
        });
        assert!(profile == seed::profile(life), "{}", life.index);
        assert!(coverages == seed::coverages(life), "{}", life.index);
    }
}

#[test]
fn a_card_belongs_to_one_person() {
    let (world, _, ids) = family();
    let (one, two) = (ids[0], ids[1]);
    let register = |person: PersonId, card: &'static [u8]| {
        world.set_up(move |call| people::register_card(call, person, card))
    };
    assert!(register(one, b"first card"));
    assert!(!register(two, b"first card"));
    assert!(!register(one, b"first card"));
    assert!(register(one, b"second card"));
    let holder =
        |card: &'static [u8]| world.set_up(move |call| Ok(people::find_by_card(call, card)?));
    assert_eq!(holder(b"first card"), Some(one));
    assert_eq!(holder(b"second card"), Some(one));
    assert_eq!(holder(b"third card"), None);
}

#[test]
fn of_many_who_claim_a_card_at_once_one_gets_it() {
    let (world, _, ids) = family();
    let claimed = world.at_once(50, |number| {
        let person = ids[number % ids.len()];
        move |call: &mut Call<'_>| people::register_card(call, person, b"one card")
    });
    let won: Vec<bool> = claimed.into_iter().map(|c| c.expect("an answer")).collect();
    assert_eq!(won.iter().filter(|won| **won).count(), 1);
    let winner = ids[won.iter().position(|won| *won).expect("a winner") % ids.len()];
    let holder = world.set_up(|call| Ok(people::find_by_card(call, b"one card")?));
    assert_eq!(holder, Some(winner));
}

#[test]
fn a_person_enrolled_by_many_at_once_is_there_once() {
    let world = World::new(Vec::new());
    let life = demo::patient(today());
    let id = PersonId::from_bytes([7; 16]);
    let enrolled = world.at_once(8, |_| {
        let life = life.clone();
        move |call: &mut Call<'_>| {
            people::enroll(call, id, &seed::profile(&life), &seed::coverages(&life))
        }
    });
    assert_eq!(enrolled.iter().filter(|done| done.is_ok()).count(), 1);
    assert_eq!(find(&world, newest(&life)), Found::One(id));
    let kept = world.set_up(move |call| {
        call.open(id)?;
        Ok(people::coverages(call, id)?)
    });
    assert!(kept == seed::coverages(&life));
}

#[test]
fn nothing_is_kept_of_a_person_enrolled_twice() {
    let (world, lives, ids) = family();
    let (id, life) = (ids[0], lives[1].clone());
    let caller = || Caller::new(Actor::Job { name: "test" });
    let again = world.run(caller(), Purpose::Operation, move |call| {
        people::enroll(call, id, &seed::profile(&life), &seed::coverages(&life))
    });
    assert!(matches!(again, Err(Stop::Failed(_))));
    assert_eq!(find(&world, newest(&lives[1])), Found::One(ids[1]));
    let stranger = PersonId::from_bytes([9; 16]);
    let absent = world.run(caller(), Purpose::Operation, move |call| {
        people::register_card(call, stranger, b"a card")
    });
    assert!(matches!(absent, Err(Stop::Refused(refusal)) if refusal.entry.code == "TSK-STO-001"));
}

#[test]
fn nobodys_data_is_read_without_opening_them() {
    let (world, _, ids) = family();
    let id = ids[0];
    let caller = || Caller::new(Actor::Job { name: "test" });
    let profile = world.run(caller(), Purpose::Operation, move |call| {
        people::profile(call, id).map(drop)
    });
    assert!(matches!(profile, Err(Stop::Failed(_))));
    let coverages = world.run(caller(), Purpose::Operation, move |call| {
        Ok(people::coverages(call, id)?.len())
    });
    assert!(matches!(coverages, Err(Stop::Failed(_))));
}

#[test]
fn a_facility_is_found_by_code_and_identifier() {
    let world = World::new(Vec::new());
    let home = world.facility("1310000001", "みどり診療所");
    let code = FacilityCode::from_register("1310000001").expect("a code");
    let id = home.id;
    let (by_code, by_id) = world.set_up(move |call| {
        let by_code = people::facility_by_code(call, &code)?;
        Ok((by_code, people::facility_by_id(call, id)?))
    });
    assert_eq!(
        by_code.as_ref().map(|f| f.name.as_str()),
        Some("みどり診療所")
    );
    assert!(by_code == by_id);
    let _other = world.facility("1310000002", "となりの診療所");
    let page = |after: &'static str, limit| {
        world.set_up(move |call| {
            let page = people::facilities(call, after, limit)?;
            Ok(page
                .into_iter()
                .map(|f| f.code.as_str().to_owned())
                .collect::<Vec<_>>())
        })
    };
    assert_eq!(page("", 1), ["1310000001"]);
    assert_eq!(page("1310000001", 9), ["1310000002"]);
}

#[test]
fn no_name_number_or_birth_can_be_read_in_files_or_tables() {
    let (world, lives, ids) = family();
    world.give_card(ids[0], 41);
    let serial = world.card(41).serial;
    let mut planted: Vec<Vec<u8>> = vec![serial, b"1958-04-12".to_vec()];
    for life in &lives {
        planted.push(life.name.given.as_bytes().to_vec());
        planted.push(life.address.town.as_bytes().to_vec());
        for coverage in seed::coverages(life) {
            planted.push(coverage.person_number.as_str().as_bytes().to_vec());
            planted.push(coverage.insurer_name.into_bytes());
        }
    }
    planted.retain(|words| words.len() > 3);
    let mut places: Vec<(String, Vec<u8>)> = Vec::new();
    for file in std::fs::read_dir(world.folder()).expect("a folder") {
        let path = file.expect("a file").path();
        let octets = std::fs::read(&path).unwrap_or_default();
        places.push((path.display().to_string(), octets));
    }
    // The files of a server are elsewhere: so what the tables say, whatever the engine.
    let mut rows = Vec::new();
    let schemas = [store::own_schema(), registry::schema()];
    let totals = store::dump::write(&world.link(), &schemas, &mut rows).expect("readable");
    assert_eq!(
        usize::try_from(totals["person_profile"].rows),
        Ok(lives.len())
    );
    places.push(("the tables".to_owned(), rows));
    for (place, octets) in places {
        for words in &planted {
            let found = octets
                .windows(words.len())
                .any(|window| window == words.as_slice());
            let shown = String::from_utf8_lossy(words);
            assert!(!found, "{shown} in {place}");
        }
    }
}

#[test]
fn a_change_keeps_the_coverage_as_it_was_and_as_it_is() {
    let (world, lives, ids) = family();
    let (life, person) = (lives[0].clone(), ids[0]);
    let (before, after, changes) = world.set_up(move |call| {
        let before = seed::coverages(&life).pop().expect("a coverage");
        let mut after = before.clone();
        let year = Period::new(today(), Some(today().plus_years(1))).expect("a year");
        after.diseases = vec![SpecificDisease {
            kind: DiseaseKind::Dialysis,
            issued_on: today(),
            period: year,
            self_pay: Yen::new(10_000),
        }];
        after.elderly = Some(ElderlyCertificate {
            issued_on: today(),
            period: year,
            copay: CopayRate::tenths(2).expect("a rate"),
        });
        after.ceiling = Some(Ceiling {
            class: CeilingClass::B05,
            certificate: Some(CeilingCertificate {
                kind: CertificateKind::CeilingAndMeals,
                issued_on: today(),
                period: year,
                long_term_from: Some(today()),
            }),
        });
        after.card_period = Some(year);
        after.insured_name = Some("橘 佐和子".to_owned());
        after.loaded_at = Some(call.at());
        people::record_change(call, person, ChangeKind::Changed, &after)?;
        people::record_change(call, person, ChangeKind::Corrected, &before)?;
        let all = people::coverages(call, person)?;
        assert!(all.contains(&before), "written anew under its number");
        Ok((before, after, people::changes(call, person)?))
    });
    let [first, second] = changes.as_slice() else {
        panic!("two changes");
    };
    assert_eq!((first.number, second.number), (1, 2));
    assert!(first.before.as_ref() == Some(&before) && first.after == after);
    assert!(second.before.as_ref() == Some(&after) && second.after == before);
}

#[test]
fn an_insurer_is_found_by_its_number_and_by_who_stands_for_it() {
    let (world, lives, _) = family();
    let home = world.office(FacilityKind::Insurer, 1, "多摩川原市");
    let number = newest(&lives[0]).insurer_number;
    let (by_number, of_home) = world.set_up(move |call| {
        seed::insurer(call, number.clone(), "多摩川原市", Some(home.id))?;
        let of_home = people::insurers_of(call, home.id)?;
        Ok((people::insurer(call, &number)?, of_home))
    });
    assert_eq!(by_number.as_ref(), of_home.first());
    assert_eq!(of_home.len(), 1);
}
