//! The counter's pages, and every route's rights.

use super::*;

fn form(life: &Life) -> Vec<(String, String)> {
    let body = newest(life);
    ["insurer_number", "symbol", "number", "branch"]
        .map(|name| {
            (
                name.to_owned(),
                body[name].as_str().unwrap_or_default().to_owned(),
            )
        })
        .to_vec()
}

fn submit(town: &Town, who: &As, fields: &[(String, String)]) -> Reply {
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(k, v)| (k.as_str(), v.as_str()))
        .collect();
    town.world.submit(who, "/reception", &fields)
}

#[test]
fn every_route_refuses_whom_it_should() {
    let town = town();
    let found = testkit::rights::complaints(&town.world, &town.clinic, town.people[0]);
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn the_counter_finds_somebody_by_number() {
    let town = town();
    let clerk = town.staff(Role::Clerk);
    let reply = submit(&town, &clerk, &form(&town.lives[SAWAKO]));
    assert_eq!(reply.status, 303, "{}", reply.text());
    let page = town.world.get(&clerk, reply.header("location"));
    assert_eq!(page.status, 200);
    assert!(page.text().contains("橘 佐和子"));
    assert!(page.text().contains("有効な資格です"));
    // By number only: nothing to choose, and no way to the record.
    assert!(!page.text().contains("/consent\""));
    let list = town.world.get(&clerk, "/reception");
    assert!(list.text().contains("橘 佐和子"));
}

#[test]
fn a_refusal_is_told_beside_what_was_typed() {
    let town = town();
    let clerk = town.staff(Role::Clerk);
    let mut fields = form(&town.lives[SAWAKO]);
    fields[0].1 = "<script>alert(1)</script>".to_owned();
    let before = town.world.records();
    let reply = submit(&town, &clerk, &fields);
    assert_eq!((reply.status, reply.code().as_str()), (422, "TSK-ELG-020"));
    assert_eq!(town.world.records(), before + 1);
    assert!(!reply.text().contains("<script>alert"));
    assert!(reply.text().contains("00731958"));
}

#[test]
fn a_birth_in_an_era_finds_the_person() {
    let town = town();
    let clerk = town.staff(Role::Clerk);
    let mut fields = form(&town.lives[SAWAKO]);
    fields[3].1 = String::new();
    let birth = |year: &str| {
        [
            ("era", "showa"),
            ("year", year),
            ("month", "４"),
            ("day", "12"),
        ]
        .map(|(k, v)| (format!("birth_date_{k}"), v.to_owned()))
    };
    let good = [fields.clone(), birth("33").to_vec()].concat();
    let reply = submit(&town, &clerk, &good);
    assert_eq!(reply.status, 303, "{}", reply.text());
    let bad = [fields, birth("99").to_vec()].concat();
    assert_eq!(submit(&town, &clerk, &bad).code(), "TSK-ELG-024");
}

#[test]
fn the_choice_page_is_for_those_who_are_there() {
    let town = town();
    let nurse = town.staff(Role::Nurse);
    let reply = submit(&town, &nurse, &form(&town.lives[SAWAKO]));
    let href = format!("{}/consent", reply.header("location"));
    let page = town.world.get(&nurse, &href);
    assert!(page.text().contains("TSK-CNS-005"));
    let before = town.world.records();
    let reply = town.world.submit(&nurse, &href, &[("choice", "all")]);
    assert_eq!((reply.status, reply.code().as_str()), (403, "TSK-CNS-005"));
    assert_eq!(town.world.records(), before + 1);
    let reply = town
        .world
        .submit(&nurse, &href, &[("choice", "some"), ("category", "x")]);
    assert_eq!((reply.status, reply.code().as_str()), (422, "TSK-CNS-004"));
}

#[test]
fn an_administrator_has_a_start_page_and_no_list() {
    let town = town();
    let administrator = town.staff(Role::Administrator);
    assert_eq!(town.world.get(&administrator, "/").status, 200);
    assert_eq!(
        town.world.get(&administrator, "/reception").code(),
        "TSK-ACC-003"
    );
    let doctor = town.staff(Role::Doctor);
    assert_eq!(
        town.world.get(&doctor, "/").header("location"),
        "/reception"
    );
    let patient = town.world.patient(town.people[SAWAKO]);
    assert_eq!(town.world.get(&patient, "/").header("location"), "/portal");
}
