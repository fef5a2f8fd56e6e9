//! Where is it stuck: the rules as tables, and the page and API through the router.

use kernel::time::Timestamp;
use serde_json::{Value, json};
use store::caller::{Home, Role};
use testkit::{World, world::As};

use crate::{
    diagnosis::{
        self, errors,
        model::{Light, Reader, ReaderState},
        rules::{self, Ending, Said, Way},
    },
    model::Officer,
    ops,
};

const PAGE: &str = "/reception/diagnosis";
const API: &str = "/api/v1/diagnosis";

struct Clinic {
    world: World,
    home: Home,
    clerk: As,
    system: As,
}

fn clinic() -> Clinic {
    let services = vec![
        eligibility::service(),
        crate::service(),
        diagnosis::service(),
    ];
    let world = World::new(services);
    let home = world.facility("1310000001", "みどり診療所");
    let clerk = world.staff(&home, Role::Clerk);
    let system = world.system(&home);
    Clinic {
        world,
        home,
        clerk,
        system,
    }
}

impl Clinic {
    fn report(&self, terminal: &str, state: &str) -> (u16, String) {
        let path = format!("/api/v1/terminals/{terminal}/reader");
        let reply = self
            .world
            .post(&self.system, &path, &json!({ "state": state }));
        (reply.status, reply.code())
    }

    fn look(&self) -> Value {
        let reply = self.world.get(&self.system, API);
        assert_eq!(reply.status, 200, "{}", reply.text());
        reply.json()
    }

    fn step(&self, number: usize) -> (String, String) {
        let step = &self.look()["steps"][number];
        let word = |name: &str| step[name].as_str().unwrap_or_default().to_owned();
        (word("light"), word("code"))
    }
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).expect("a time")
}

fn reader(state: ReaderState, reported_at: &str) -> Reader {
    Reader {
        terminal: "reader-1".to_owned(),
        state,
        since: at(reported_at),
        reported_at: at(reported_at),
        ok_at: None,
    }
}

#[test]
fn the_worst_reader_of_the_last_day_decides_and_each_fault_has_its_own_code() {
    let now = at("2026-11-24T03:00:00Z");
    let today = "2026-11-24T00:00:00Z";
    let light = |readers: &[Reader]| {
        let found = rules::reader(readers, now);
        (found.light, found.code)
    };
    for (state, wanted) in [
        (ReaderState::Ok, (Light::Green, None)),
        (ReaderState::CardRemoved, (Light::Green, None)),
        (ReaderState::OtherCard, (Light::Green, None)),
        (
            ReaderState::CardUnreadable,
            (Light::Yellow, Some("TSK-CRD-009")),
        ),
        (
            ReaderState::ReaderBusy,
            (Light::Yellow, Some("TSK-CRD-011")),
        ),
        (ReaderState::NoReader, (Light::Red, Some("TSK-CRD-004"))),
        (ReaderState::ReaderFault, (Light::Red, Some("TSK-CRD-010"))),
        (ReaderState::NoService, (Light::Red, Some("TSK-CRD-012"))),
    ] {
        assert_eq!(light(&[reader(state, today)]), wanted, "{state:?}");
        let beside = [reader(ReaderState::Ok, today), reader(state, today)];
        assert_eq!(light(&beside), wanted, "{state:?} beside a good one");
    }
    assert_eq!(light(&[]), (Light::Yellow, Some("TSK-DIA-010")));
    let old = reader(ReaderState::Ok, "2026-11-23T03:00:00Z");
    assert_eq!(light(&[old]), (Light::Yellow, Some("TSK-DIA-011")));
    let old_fault = reader(ReaderState::ReaderFault, "2026-11-20T03:00:00Z");
    let good = reader(ReaderState::Ok, today);
    assert_eq!(light(&[old_fault, good]), (Light::Green, None));
}

#[test]
fn a_certificate_is_warned_of_60_30_and_7_days_before_its_end() {
    let now = at("2026-11-24T03:00:00Z");
    let ending = |days: i64, more: i64| Ending {
        name: "受付1番".to_owned(),
        ends_at: now.plus_seconds(days * 24 * 3_600 + more),
    };
    for (days, more, light, code) in [
        (61, 0, Light::Green, None),
        (60, 0, Light::Yellow, Some("TSK-DIA-030")),
        (31, 0, Light::Yellow, Some("TSK-DIA-030")),
        (30, 0, Light::Yellow, Some("TSK-DIA-031")),
        (8, 0, Light::Yellow, Some("TSK-DIA-031")),
        (8, -1, Light::Red, Some("TSK-DIA-032")),
        (0, 1, Light::Red, Some("TSK-DIA-032")),
        (0, 0, Light::Red, Some("TSK-DIA-033")),
        (-300, 0, Light::Red, Some("TSK-DIA-033")),
    ] {
        // The one that ends first decides.
        let found = rules::certificate(&[ending(200, 0), ending(days, more)], now);
        assert_eq!((found.light, found.code), (light, code), "{days} {more}");
    }
    assert_eq!(rules::certificate(&[], now).light, Light::Green);
}

#[test]
fn the_way_here_is_good_only_when_encrypted_and_known_where_certificates_are_used() {
    let light = |is_encrypted, has_certificate, certificates_exist| {
        let found = rules::line(Way {
            is_encrypted,
            has_certificate,
            certificates_exist,
        });
        (found.light, found.code)
    };
    assert_eq!(light(true, true, true), (Light::Green, None));
    assert_eq!(light(true, false, false), (Light::Green, None));
    let unknown = (Light::Yellow, Some("TSK-DIA-020"));
    assert_eq!(light(true, false, true), unknown);
    let plain = (Light::Yellow, Some("TSK-DIA-021"));
    assert_eq!(light(false, false, true), plain);
}

#[test]
fn the_server_is_red_for_what_it_cannot_do_without_and_yellow_for_a_remark() {
    let said = |is_good, is_needed| Said {
        is_good,
        is_needed,
        words: kernel::Text {
            ja: "時計",
            en: "clock",
        },
    };
    let light = |said: &[Said]| rules::server(said, None).light;
    assert_eq!(light(&[said(true, true), said(true, false)]), Light::Green);
    assert_eq!(
        light(&[said(true, true), said(false, false)]),
        Light::Yellow
    );
    assert_eq!(light(&[said(false, true), said(false, false)]), Light::Red);
    let told = rules::server(&[said(false, true)], Some(at("2026-11-24T03:00:00Z")));
    assert_eq!(told.particulars.len(), 2);
}

#[test]
fn only_the_expected_answer_in_time_is_good() {
    let light = |code, ms| {
        let found = rules::answer(code, "TSK-ELG-001", ms);
        (found.light, found.code)
    };
    assert_eq!(light(Some("TSK-ELG-001"), 2_000), (Light::Green, None));
    let slow = (Light::Yellow, Some("TSK-DIA-051"));
    assert_eq!(light(Some("TSK-ELG-001"), 2_001), slow);
    let wrong = (Light::Red, Some("TSK-DIA-050"));
    assert_eq!(light(Some("TSK-WEB-010"), 1), wrong);
    assert_eq!(light(None, 1), wrong);
}

#[test]
fn a_reported_fault_shows_on_page_and_api_until_a_card_is_read_again() {
    let clinic = clinic();
    assert_eq!(clinic.step(0), ("yellow".into(), "TSK-DIA-010".into()));
    assert_eq!(clinic.report("reader-1", "ok").0, 200);
    assert_eq!(clinic.step(0), ("green".into(), String::new()));
    clinic.world.clock.advance(600);
    assert_eq!(clinic.report("reader-1", "reader-fault").0, 200);
    assert_eq!(clinic.step(0), ("red".into(), "TSK-CRD-010".into()));
    let page = clinic.world.get(&clinic.clerk, PAGE).text();
    assert!(page.contains("TSK-CRD-010") && page.contains("reader-1"));
    clinic.world.clock.advance(600);
    assert_eq!(clinic.report("reader-1", "reader-fault").0, 200);
    let known = &clinic.look()["readers"][0];
    // Since when it has been so, and when a card was last read, are kept apart.
    assert_ne!(known["since"], known["reported_at"]);
    assert_ne!(known["since"], known["ok_at"]);
    assert_eq!(clinic.report("reader-1", "ok").0, 200);
    assert_eq!(clinic.step(0).0, "green");
}

#[test]
fn what_a_terminal_cannot_say_is_refused_with_its_code() {
    let clinic = clinic();
    let long = "r".repeat(41);
    for (terminal, state, status, code) in [
        ("reader-1", "broken", 422, "TSK-DIA-001"),
        ("reader-1", "", 422, "TSK-DIA-001"),
        ("reader%20one", "ok", 422, "TSK-DIA-002"),
        (long.as_str(), "ok", 422, "TSK-DIA-002"),
    ] {
        assert_eq!(clinic.report(terminal, state), (status, code.to_owned()));
    }
    for number in 0..diagnosis::ops::TERMINALS_MAX {
        assert_eq!(clinic.report(&format!("reader-{number}"), "ok").0, 200);
    }
    let full = (409, errors::TERMINALS_TOO_MANY.code.to_owned());
    assert_eq!(clinic.report("one-more", "ok"), full);
    assert_eq!(clinic.report("reader-7", "no-reader").0, 200);
    // Who is silent for 90 days makes room.
    clinic.world.clock.advance(91 * 24 * 3_600);
    let system = clinic.world.system(&clinic.home);
    let body = json!({ "state": "ok" });
    let path = "/api/v1/terminals/one-more/reader";
    assert_eq!(clinic.world.post(&system, path, &body).status, 200);
}

#[test]
fn a_facility_sees_its_own_readers_only_even_under_the_same_name() {
    let clinic = clinic();
    let other = clinic.world.facility("1310000002", "あおば薬局");
    let theirs = clinic.world.system(&other);
    assert_eq!(clinic.report("reader-1", "reader-fault").0, 200);
    let body = json!({ "state": "ok" });
    let path = "/api/v1/terminals/reader-1/reader";
    assert_eq!(clinic.world.post(&theirs, path, &body).status, 200);
    assert_eq!(clinic.step(0).0, "red");
    let seen = clinic.world.get(&theirs, API).json();
    assert_eq!(seen["steps"][0]["light"], "green");
}

#[test]
fn the_trial_check_is_really_made_and_leaves_its_record_and_no_visit() {
    let clinic = clinic();
    let before = clinic.world.records();
    let found = clinic.look();
    assert_eq!(found["steps"][4]["light"], "green", "{found}");
    assert!(
        found["steps"][4]["particulars_en"][0]
            .as_str()
            .is_some_and(|line| line.contains("TSK-ELG-001"))
    );
    assert!(clinic.world.records() > before);
    let facility = clinic.home.id;
    let visits = clinic
        .world
        .set_up(move |call| eligibility::ops::today(call, facility));
    assert_eq!(visits.len(), 0);
}

#[test]
fn five_steps_stand_in_their_order_with_whom_to_call() {
    let clinic = clinic();
    let found = clinic.look();
    let steps: Vec<&str> = found["steps"]
        .as_array()
        .expect("steps")
        .iter()
        .filter_map(|step| step["step"].as_str())
        .collect();
    let order = ["reader", "line", "certificate", "server", "answer"];
    assert_eq!(steps, order);
    assert_eq!(found["call_name"], "システム管理者");
    let name = |name: &str| Officer {
        name: name.to_owned(),
        contact: "03-0000-0000".to_owned(),
    };
    let (all, own, facility) = (name("本部"), name("事務長"), clinic.home.id);
    clinic
        .world
        .set_up(move |call| ops::name_officer(call, &all));
    assert_eq!(clinic.look()["call_name"], "本部");
    clinic
        .world
        .set_up(move |call| ops::name_officer_of(call, facility, &own));
    assert_eq!(clinic.look()["call_name"], "事務長");
    let page = clinic.world.get(&clinic.clerk, PAGE).text();
    assert!(page.contains("03-0000-0000"));
}

#[test]
fn an_administrator_and_a_patient_have_no_diagnosis_of_the_reception() {
    let clinic = clinic();
    let administrator = clinic.world.staff(&clinic.home, Role::Administrator);
    assert_eq!(clinic.world.get(&administrator, PAGE).status, 403);
    assert_eq!(clinic.world.get(&As::Nobody, API).status, 401);
}
