//! Declaring, extending and ending disaster mode, and what the counters see of it.

use registry::disaster;
use store::{audit::Subject, caller::Role};

use super::*;

const PATH: &str = "/register/disaster";
const FIELDS: [(&str, &str); 6] = [
    ("name", "能登の地震"),
    ("prefecture", "17"),
    ("areas", "富山県\r\n１３１０００００１１\r\n"),
    ("date", ""),
    ("time", ""),
    ("hours", "72"),
];

fn modes(desk: &Desk) -> Vec<disaster::Mode> {
    desk.world.set_up(|call| Ok(disaster::list(call)?))
}

#[test]
fn a_mode_is_declared_extended_and_ended_each_on_the_chain_of_the_registrars_facility() {
    let desk = desk();
    let clinic = desk.world.facility("1710000001", "輪島診療所");
    let _other = desk.world.facility("1310000011", "避難所の診療所");
    let reply = desk.world.submit(&desk.registrar, PATH, &FIELDS);
    assert_eq!((reply.status, reply.header("location")), (303, PATH));
    let mode = modes(&desk).pop().expect("a mode");
    let words: Vec<String> = mode.areas.iter().map(disaster::Area::word).collect();
    assert_eq!(words, ["16", "17", "1310000011"]);
    assert_eq!(mode.until(), desk.world.app.gate.now().plus_hours(72));
    let page = desk.world.get(&desk.registrar, PATH).text();
    for words in [
        "能登の地震",
        "富山県、石川県",
        "実施中",
        "延長する",
        "いま終える",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    let clerk = desk.world.staff(&clinic, Role::Clerk);
    let counter = desk.world.get(&clerk, "/reception").text();
    assert!(
        counter.contains("災害時モード") && counter.contains("能登の地震"),
        "{counter}"
    );

    let href = format!("{PATH}/{}", mode.id.to_hex());
    let extend = |hours| {
        desk.world.submit(
            &desk.registrar,
            &format!("{href}/extend"),
            &[("hours", hours)],
        )
    };
    assert_eq!(extend("168").status, 303);
    assert_eq!(
        modes(&desk)[0].until(),
        desk.world.app.gate.now().plus_hours(168)
    );
    let shorter = extend("24");
    assert_eq!(shorter.status, 422);
    assert!(shorter.text().contains("TSK-DIS-004"));
    let end = || {
        desk.world
            .submit(&desk.registrar, &format!("{href}/end"), &[])
    };
    assert_eq!(end().status, 303);
    assert!(end().text().contains("TSK-DIS-005"));
    let counter = desk.world.get(&clerk, "/reception").text();
    assert!(!counter.contains("災害時モード"), "{counter}");

    let office = desk.office.id;
    let history = desk
        .world
        .set_up(move |call| Ok(call.history(Subject::Facility(office), i64::MAX, 50)?));
    let id = mode.id.to_hex();
    let events: Vec<&str> = history
        .iter()
        .rev()
        .filter(|e| e.record.details.iter().any(|d| d.0 == "mode" && d.1 == id))
        .map(|e| e.record.event.as_str())
        .collect();
    assert_eq!(
        events,
        [
            "register.disaster-declare",
            "register.disaster-extend",
            "register.disaster-end"
        ]
    );
}

#[test]
fn what_is_typed_wrong_is_said_beside_it_and_declares_nothing() {
    let desk = desk();
    for (name, value, code) in [
        ("name", "", "TSK-DIS-002"),
        ("areas", "石川", "TSK-DIS-003"),
        ("areas", "1710000009", "TSK-DIS-003"),
        ("date", "11/22", "TSK-DIS-004"),
        ("time", "25:00", "TSK-DIS-004"),
        ("hours", "1000", "TSK-DIS-004"),
    ] {
        let mut fields = FIELDS.to_vec();
        fields[2].1 = "";
        for field in &mut fields {
            if field.0 == name {
                field.1 = value;
            }
        }
        if name == "time" {
            fields[3].1 = "2026-11-23";
        }
        let reply = desk.world.submit(&desk.registrar, PATH, &fields);
        assert_eq!(reply.status, 422, "{name} {value}");
        assert!(
            reply.text().contains(code),
            "{name} {value}: {}",
            reply.text()
        );
    }
    let mut none = FIELDS.to_vec();
    (none[1].1, none[2].1) = ("", "");
    assert!(
        desk.world
            .submit(&desk.registrar, PATH, &none)
            .text()
            .contains("TSK-DIS-003")
    );
    assert!(modes(&desk).is_empty());
}

#[test]
fn nobody_but_the_registrar_declares_and_not_on_a_stale_session() {
    let desk = desk();
    let clinic = desk.world.facility("1710000001", "輪島診療所");
    // A registrar's role is worth nothing at a clinic.
    for role in [
        Role::Administrator,
        Role::Doctor,
        Role::Clerk,
        Role::Registrar,
    ] {
        let other = desk.world.staff(&clinic, role);
        assert_eq!(desk.world.submit(&other, PATH, &FIELDS).status, 403);
        assert_eq!(desk.world.get(&other, PATH).status, 403);
    }
    desk.world.clock.advance(300);
    let reply = desk.world.submit(&desk.registrar, PATH, &FIELDS);
    assert_eq!(reply.status, 303);
    assert!(
        reply.header("location").starts_with("/account/confirm"),
        "{}",
        reply.header("location")
    );
    assert!(modes(&desk).is_empty());
}
