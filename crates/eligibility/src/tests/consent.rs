//! The patient's choice, through the terminal.

use std::collections::BTreeMap;

use access::consent::{self, Category, Scope, Standing};

use super::*;

fn visit(town: &Town, method: crate::model::Method) -> String {
    let (facility, person) = (town.clinic.id, town.people[SAWAKO]);
    town.world.set_up(move |call| {
        call.open(person)?;
        let visit = Visit {
            id: crate::model::VisitId::new(call.at(), call.rng()),
            person,
            at: call.at(),
            method,
            care: crate::model::CareClass::Outpatient,
            name: String::new(),
            kana: String::new(),
        };
        crate::store::put_visit(call, facility, &visit)?;
        Ok(visit.id.to_hex())
    })
}

fn choose(town: &Town, who: &As, visit: &str, categories: &Value) -> Reply {
    let path = format!("/api/v1/visits/{visit}/consents");
    town.world
        .post(who, &path, &json!({ "categories": categories }))
}

fn standings(town: &Town) -> BTreeMap<&'static str, &'static str> {
    let (facility, person) = (town.clinic.id, town.people[SAWAKO]);
    town.world.set_up(move |call| {
        call.open(person)?;
        let ledger = consent::ledger(call, person)?;
        let word = |category| match consent::standing(
            &ledger,
            Scope {
                facility,
                category,
                purpose: Purpose::Treatment,
            },
            call.at(),
        ) {
            Standing::Given { .. } => "given",
            Standing::Never => "never",
            Standing::Expired => "expired",
            Standing::Withdrawn => "withdrawn",
        };
        Ok(Category::ALL
            .map(|c| (c.word(), word(c)))
            .into_iter()
            .collect())
    })
}

#[test]
fn choosing_fewer_categories_withdraws_the_others() {
    let town = town();
    let visit = visit(&town, crate::model::Method::CardPin);
    let reply = choose(
        &town,
        &town.system,
        &visit,
        &json!(["laboratory", "conditions", "laboratory"]),
    );
    assert_eq!(reply.status, 201, "{}", reply.text());
    assert_eq!(
        reply.json()["categories"],
        json!(["laboratory", "conditions"])
    );
    assert_eq!(reply.json()["expires_at"], "2026-11-23T01:00:00Z");
    town.world.clock.advance(60);
    assert_eq!(
        choose(&town, &town.system, &visit, &json!(["conditions"])).status,
        201
    );
    let now = standings(&town);
    assert_eq!(
        (now["conditions"], now["laboratory"], now["allergies"]),
        ("given", "withdrawn", "never")
    );
    town.world.clock.advance(60);
    assert_eq!(choose(&town, &town.system, &visit, &json!([])).status, 201);
    assert_eq!(standings(&town)["conditions"], "withdrawn");
    town.world.clock.advance(60);
    assert_eq!(
        choose(&town, &town.system, &visit, &json!(["conditions"])).status,
        201
    );
    assert_eq!(standings(&town)["conditions"], "given");
    town.world.clock.advance(24 * 3600);
    assert_eq!(standings(&town)["conditions"], "expired");
}

#[test]
fn two_choices_in_one_instant_leave_the_second() {
    let town = town();
    let visit = visit(&town, crate::model::Method::CardPin);
    for (categories, expected) in [
        (json!(["conditions", "laboratory"]), ("given", "given")),
        (json!(["conditions"]), ("given", "withdrawn")),
        (json!(["laboratory"]), ("withdrawn", "given")),
    ] {
        assert_eq!(choose(&town, &town.system, &visit, &categories).status, 201);
        let now = standings(&town);
        assert_eq!(
            (now["conditions"], now["laboratory"]),
            expected,
            "{categories}"
        );
    }
}

#[test]
fn consent_needs_the_card() {
    let town = town();
    let visit = visit(&town, crate::model::Method::Number);
    let before = town.world.records();
    let reply = choose(&town, &town.system, &visit, &json!(["conditions"]));
    assert_eq!((reply.status, reply.code().as_str()), (403, "TSK-CNS-005"));
    assert_eq!(town.world.records(), before + 1);
    assert_eq!(standings(&town)["conditions"], "never");
}

#[test]
fn presence_lasts_a_day() {
    let town = town();
    let visit = visit(&town, crate::model::Method::CardPin);
    town.world.clock.advance(24 * 3600 - 1);
    assert_eq!(
        choose(&town, &town.system, &visit, &json!(["conditions"])).status,
        201
    );
    town.world.clock.advance(1);
    let nurse = town.staff(Role::Nurse);
    let page = town.world.get(&nurse, &format!("/visits/{visit}")).text();
    assert!(page.contains("カードの確認から24時間が過ぎた"));
    assert!(!page.contains("/consent\""));
    let reply = choose(&town, &town.system, &visit, &json!(["conditions"]));
    assert_eq!((reply.status, reply.code().as_str()), (403, "TSK-CNS-005"));
}

#[test]
fn an_unknown_category_is_named_with_its_place() {
    let town = town();
    let visit = visit(&town, crate::model::Method::CardPin);
    let before = town.world.records();
    let reply = choose(
        &town,
        &town.system,
        &visit,
        &json!(["conditions", "everything"]),
    );
    assert_eq!((reply.status, reply.code().as_str()), (422, "TSK-CNS-004"));
    assert_eq!(reply.json()["findings"][0]["path"], "categories[1]");
    assert_eq!(reply.json()["findings"][0]["found"], "everything");
    assert_eq!(town.world.records(), before + 1);
    assert_eq!(standings(&town)["conditions"], "never");
}

#[test]
fn a_visit_is_there_for_its_own_facility_only() {
    let town = town();
    let visit = visit(&town, crate::model::Method::CardPin);
    let other = town.world.facility("1310000002", "となりの診療所");
    let stranger = town.world.system(&other);
    let body = |reply: &Reply| {
        let mut json = reply.json();
        json["request_id"] = Value::Null;
        (reply.status, json)
    };
    let theirs = choose(&town, &stranger, &visit, &json!(["conditions"]));
    let absent = choose(&town, &stranger, &"0".repeat(32), &json!(["conditions"]));
    assert_eq!(theirs.code(), "TSK-ELG-030");
    assert_eq!(body(&theirs), body(&absent));
    assert_eq!(standings(&town)["conditions"], "never");
    // The same on pages: nothing of the body but the request's number differs.
    let doctor = town.world.staff(&other, Role::Doctor);
    let page = |path: &str| {
        let reply = town.world.get(&doctor, path);
        (
            reply.status,
            reply.text().replace(reply.header("x-request-id"), ""),
        )
    };
    assert_eq!(
        page(&format!("/visits/{visit}")),
        page(&format!("/visits/{}", "0".repeat(32)))
    );
    assert_eq!(page(&format!("/visits/{visit}")).0, 404);
    // And what is no identifier at all is absent as well.
    for odd in ["x", "%FF", "%00", "..%2f..", "%E2%80%AE", "'%20OR%201=1--"] {
        let before = town.world.records();
        let reply = choose(&town, &town.system, odd, &json!(["conditions"]));
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (404, "TSK-WEB-009"),
            "{odd}"
        );
        assert_eq!(town.world.records(), before + 1, "{odd}");
        let page = town.world.get(&doctor, &format!("/visits/{odd}"));
        assert_eq!(
            (page.status, page.code().as_str()),
            (404, "TSK-WEB-009"),
            "{odd}"
        );
    }
}

#[test]
fn what_the_patient_took_back_only_a_newer_card_check_opens_again() {
    let town = town();
    let first = visit(&town, crate::model::Method::CardPin);
    let all = json!(Category::ALL.map(Category::word));
    assert_eq!(choose(&town, &town.system, &first, &all).status, 201);
    town.world.clock.advance(60);
    let (facility, person) = (town.clinic.id, town.people[SAWAKO]);
    let taken = town
        .world
        .set_up(move |call| consent::withdraw(call, person, facility));
    assert_eq!(taken, Category::ALL.len());
    let before = town.world.records();
    let reply = choose(&town, &town.system, &first, &all);
    assert_eq!((reply.status, reply.code().as_str()), (403, "TSK-CNS-006"));
    assert_eq!(town.world.records(), before + 1);
    assert!(standings(&town).values().all(|s| *s == "withdrawn"));
    town.world.clock.advance(60);
    let second = visit(&town, crate::model::Method::CardPin);
    assert_eq!(choose(&town, &town.system, &second, &all).status, 201);
    assert!(standings(&town).values().all(|s| *s == "given"));
}

#[test]
fn an_unknown_button_changes_no_consent() {
    let town = town();
    let visit = visit(&town, crate::model::Method::CardPin);
    let all = json!(Category::ALL.map(Category::word));
    assert_eq!(choose(&town, &town.system, &visit, &all).status, 201);
    let clerk = town.world.staff(&town.clinic, Role::Clerk);
    for odd in ["", "xx", "ALL"] {
        let path = format!("/visits/{visit}/consent");
        let reply = town.world.submit(&clerk, &path, &[("choice", odd)]);
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (422, "TSK-CNS-004"),
            "{odd}"
        );
    }
    assert!(standings(&town).values().all(|s| *s == "given"));
}

#[test]
fn of_two_choices_made_many_times_at_once_the_last_one_stands_alone() {
    let town = town();
    let visit = visit(&town, crate::model::Method::CardPin);
    let visit = crate::model::VisitId::parse(&visit).expect("a visit");
    let facility = town.clinic.id;
    let both = [Category::Laboratory, Category::Conditions];
    let chosen = town.world.at_once(50, |number| {
        let chosen = ops::Chosen::for_visit(&[both[number % 2]]);
        move |call: &mut store::Call<'_>| ops::choose(call, facility, visit, &chosen)
    });
    assert!(chosen.iter().all(Result::is_ok));
    let now = standings(&town);
    let given = now.values().filter(|word| **word == "given").count();
    assert_eq!(given, 1, "{now:?}");
}

#[test]
fn no_choice_survives_a_withdrawal_made_at_the_same_time() {
    let town = town();
    let shown = visit(&town, crate::model::Method::CardPin);
    let visit = crate::model::VisitId::parse(&shown).expect("a visit");
    let (facility, person) = (town.clinic.id, town.people[SAWAKO]);
    let first = choose(&town, &town.system, &shown, &json!(["laboratory"]));
    assert_eq!(first.status, 201);
    let done = town.world.at_once(50, |number| {
        move |call: &mut store::Call<'_>| {
            if number % 2 == 0 {
                consent::withdraw(call, person, facility).map(|_| ())
            } else {
                ops::choose(
                    call,
                    facility,
                    visit,
                    &ops::Chosen::for_visit(&[Category::Laboratory]),
                )
                .map(|_| ())
            }
        }
    });
    let failed = |stop: &store::Stop| matches!(stop, store::Stop::Failed(_));
    assert!(!done.iter().any(|done| done.as_ref().is_err_and(failed)));
    assert_eq!(standings(&town)["laboratory"], "withdrawn");
}

fn entries(town: &Town) -> Vec<consent::Entry> {
    let person = town.people[SAWAKO];
    town.world.set_up(move |call| {
        call.open(person)?;
        Ok(consent::ledger(call, person)?)
    })
}

fn ask(town: &Town, visit: &str, body: &Value) -> Reply {
    let path = format!("/api/v1/visits/{visit}/consents");
    town.world.post(&town.system, &path, body)
}

#[test]
fn a_standing_choice_at_the_counter_outlasts_the_visit_and_is_kept_with_all_its_facts() {
    let town = town();
    let visit = visit(&town, crate::model::Method::CardFace);
    let body = json!({"categories": ["laboratory"], "standing": true, "purpose": "treatment"});
    let reply = ask(&town, &visit, &body);
    assert_eq!(reply.status, 201, "{}", reply.text());
    assert_eq!(reply.json()["expires_at"], "2026-11-23T01:00:00Z");
    assert_eq!(reply.json()["standing_until"], "2027-11-22T01:00:00Z");
    let ledger = entries(&town);
    let facts: Vec<_> = ledger
        .iter()
        .map(|e| (e.number, e.act, e.source, e.category, e.by))
        .collect();
    let (given, lab, own) = (
        consent::Act::Given,
        Category::Laboratory,
        consent::By::Patient,
    );
    assert_eq!(
        facts,
        [
            (1, given, consent::Source::Visit, lab, own),
            (2, given, consent::Source::Standing, lab, own),
        ]
    );
    for entry in &ledger {
        assert_eq!(
            (entry.method.as_str(), entry.facility),
            ("face", town.clinic.id)
        );
        assert_eq!(entry.purpose, Purpose::Treatment);
        assert_eq!(entry.id, ledger[0].id);
        assert_eq!(entry.at.to_string(), "2026-11-22T01:00:00Z");
    }
    town.world.clock.advance(300 * 24 * 3600);
    assert_eq!(standings(&town)["laboratory"], "given");
    assert_eq!(standings(&town)["conditions"], "never");
    town.world.clock.advance(65 * 24 * 3600);
    assert_eq!(standings(&town)["laboratory"], "expired");
}

#[test]
fn a_later_visit_that_leaves_it_out_closes_a_standing_choice_for_a_day() {
    let town = town();
    let first = visit(&town, crate::model::Method::CardPin);
    let body = json!({"categories": ["laboratory", "conditions"], "home_care": true, "until": "2027-01-31"});
    let reply = ask(&town, &first, &body);
    assert_eq!(reply.json()["standing_until"], "2027-01-31T15:00:00Z");
    town.world.clock.advance(10 * 24 * 3600);
    assert_eq!(standings(&town)["laboratory"], "given");
    let second = visit(&town, crate::model::Method::CardPin);
    let narrow = choose(&town, &town.system, &second, &json!(["conditions"]));
    assert_eq!(narrow.status, 201);
    let now = standings(&town);
    assert_eq!(
        (now["conditions"], now["laboratory"]),
        ("given", "withdrawn")
    );
    town.world.clock.advance(24 * 3600);
    assert_eq!(standings(&town)["laboratory"], "given");
}

#[test]
fn a_standing_choice_needs_the_card_an_end_within_a_year_and_a_purpose_that_asks_consent() {
    let town = town();
    let by_number = visit(&town, crate::model::Method::Number);
    let by_card = visit(&town, crate::model::Method::CardPin);
    let cases = [
        (&by_number, json!({"standing": true}), "TSK-CNS-005"),
        (
            &by_card,
            json!({"standing": true, "until": "2027-11-23"}),
            "TSK-CNS-007",
        ),
        (
            &by_card,
            json!({"standing": true, "until": "2026-11-21"}),
            "TSK-CNS-007",
        ),
        (
            &by_card,
            json!({"standing": true, "until": "soon"}),
            "TSK-CNS-007",
        ),
        (&by_card, json!({"until": "2027-01-01"}), "TSK-CNS-007"),
        (&by_card, json!({"purpose": "operation"}), "TSK-CNS-008"),
        (&by_card, json!({"purpose": "research"}), "TSK-CNS-008"),
    ];
    for (visit, changes, code) in cases {
        let before = town.world.records();
        let body = with(json!({"categories": ["laboratory"]}), &changes);
        let reply = ask(&town, visit, &body);
        assert_eq!(reply.code(), code, "{changes}: {}", reply.text());
        assert_eq!(town.world.records(), before + 1, "{changes}");
    }
    assert_eq!(entries(&town), []);
}

#[test]
fn the_counters_page_offers_the_next_visits_and_records_them_in_three_clicks() {
    let town = town();
    let visit = visit(&town, crate::model::Method::CardPin);
    let clerk = town.staff(Role::Clerk);
    let path = format!("/visits/{visit}/consent");
    // The page, the box, the button.
    let page = town.world.get(&clerk, &path).text();
    assert!(page.contains("次回からも、この医療機関には同じ内容で"));
    let fields = [("choice", "all"), ("standing", "standing")];
    assert_eq!(town.world.submit(&clerk, &path, &fields).status, 303);
    let odd = [("choice", "all"), ("standing", "x")];
    let odd = town.world.submit(&clerk, &path, &odd);
    assert_eq!((odd.status, odd.code().as_str()), (422, "TSK-CNS-007"));
    town.world.clock.advance(30 * 24 * 3600);
    assert!(standings(&town).values().all(|word| *word == "given"));
}

#[test]
fn nobody_who_may_not_records_a_consent_below_the_route_either() {
    let town = town();
    let shown = visit(&town, crate::model::Method::CardPin);
    let id = crate::model::VisitId::parse(&shown).expect("a visit");
    let facility = town.clinic.id;
    let caller = |role| {
        store::caller::Caller::new(store::caller::Actor::Staff {
            staff: kernel::id::StaffId::from_bytes([1; 16]),
            role,
            name: String::new(),
            home: town.clinic.clone(),
            session: kernel::id::SessionId::from_bytes([1; 16]),
        })
    };
    let chosen = ops::Chosen::for_visit(&Category::ALL);
    for (role, purpose, fits) in [
        (Role::Clerk, Purpose::Eligibility, true),
        (Role::Clerk, Purpose::Treatment, false),
        (Role::Technologist, Purpose::Eligibility, false),
        (Role::Administrator, Purpose::Eligibility, false),
    ] {
        let chosen = chosen.clone();
        let done = town.world.run(caller(role), purpose, move |call| {
            ops::choose(call, facility, id, &chosen)
        });
        assert_eq!(done.is_ok(), fits, "{role:?} {purpose:?}");
    }
}
