//! The whole matrix through HTTP: every role asks for every class, action and purpose, and
//! hears what docs/security/matrix.md says.

use std::collections::BTreeMap;

use access::{
    consent::{self, Category},
    policy::{Action, Class, Need, matrix},
    session::{self, Stage, Whose},
    window,
};
use kernel::id::StaffId;

use super::*;
use crate::model::{Method, VisitId};

const MATRIX: &str = include_str!("../../../../docs/security/matrix.md");

/// Role, class, action, purpose.
type Cell = (&'static str, &'static str, &'static str, &'static str);

/// What the document allows: the conditions of each cell, in order.
fn matrix() -> BTreeMap<Cell, Vec<Need>> {
    let mut found = BTreeMap::new();
    let mut tables = 0;
    for purpose in Purpose::ALL {
        let heading = format!("\n## {} (`{}`)\n\n", purpose.ja(), purpose.word());
        let (_, table) = MATRIX.split_once(&heading).expect("a table");
        tables += 1;
        let rows: Vec<&str> = table.lines().take_while(|l| l.starts_with('|')).collect();
        assert_eq!(rows.len(), 2 + matrix::ROLES.len());
        for (role, row) in matrix::ROLES.iter().zip(&rows[2..]) {
            let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
            assert!(cells[0].contains(&format!("`{}`", role.word())), "{row}");
            for (class, cell) in Class::ALL.iter().zip(&cells[1..]) {
                for (action, needs) in allowed(cell) {
                    let cell = (role.word(), class.word(), action.word(), purpose.word());
                    found.insert(cell, needs);
                }
            }
        }
    }
    assert_eq!(tables, Purpose::ALL.len());
    found
}

/// `登・消(自) 持` → the actions, each with its conditions.
fn allowed(cell: &str) -> Vec<(Action, Vec<Need>)> {
    if cell == matrix::DENIED {
        return Vec::new();
    }
    let mut found = Vec::new();
    for group in cell.split(' ') {
        let (actions, needs) = group.split_once('(').unwrap_or((group, ""));
        let needs: Vec<Need> = needs
            .trim_end_matches(')')
            .split('・')
            .filter(|mark| !mark.is_empty())
            .map(|mark| {
                let named = |need: &Need| matrix::need_mark(*need) == mark;
                Need::ALL.into_iter().find(named).expect("a condition")
            })
            .collect();
        for mark in actions.split('・') {
            let named = |action: &Action| matrix::action_mark(*action) == mark;
            let action = Action::ALL.into_iter().find(named).expect("an action");
            found.push((action, needs.clone()));
        }
    }
    found
}

/// What the route says when these conditions hold.
fn expected(needs: Option<&Vec<Need>>, holds: &[Need]) -> (String, Value) {
    let Some(needs) = needs else {
        return ("deny".to_owned(), Value::Null);
    };
    let conditions = needs.iter().filter(|need| **need != Need::Masked);
    let unmet = conditions.into_iter().find(|need| !holds.contains(need));
    match unmet {
        None => ("permit".to_owned(), Value::Null),
        Some(need) => ("deny".to_owned(), json!(need.word())),
    }
}

fn all_cells() -> impl Iterator<Item = (Class, Action, Purpose)> {
    Class::ALL.into_iter().flat_map(|class| {
        Action::ALL.into_iter().flat_map(move |action| {
            Purpose::ALL
                .into_iter()
                .map(move |purpose| (class, action, purpose))
        })
    })
}

fn path(class: Class, action: Action, purpose: Purpose) -> String {
    format!(
        "/api/v1/access/decisions?class={}&action={}&purpose={}",
        class.word(),
        action.word(),
        purpose.word()
    )
}

/// Questions of one caller in one second.
const ASKED_AT_ONCE: usize = 10;

/// Asks for every cell as `who`; with a visit only where a visit changes anything.
fn sweep(town: &Town, role: Role, who: &As, holds: &[Need], visit: &str) -> Vec<String> {
    let matrix = matrix();
    let mut found = Vec::new();
    for (nth, (class, action, purpose)) in all_cells().enumerate() {
        // A caller's bucket fills again; their second factor stays fresh.
        if nth % ASKED_AT_ONCE == 0 {
            town.world.clock.advance(1);
        }
        let cell = (role.word(), class.word(), action.word(), purpose.word());
        let needs = matrix.get(&cell);
        let base = path(class, action, purpose);
        let mut cases = vec![(base.clone(), holds.to_vec())];
        if needs.is_some_and(|n| n.contains(&Need::Visit)) {
            let met = [Need::Visit, Need::Presence, Need::Consent];
            let met = holds.iter().chain(&met).copied().collect();
            cases.push((format!("{base}&visit={visit}"), met));
        }
        for (path, holds) in cases {
            let reply = town.world.get(who, &path);
            let json = reply.json();
            let (decision, unmet) = expected(needs, &holds);
            let is_masked = needs.is_some_and(|n| n.contains(&Need::Masked));
            let words: Vec<&str> = needs.into_iter().flatten().map(|n| n.word()).collect();
            let fits = reply.status == 200
                && json["decision"] == decision.as_str()
                && json["unmet"] == unmet
                && json["needs"] == json!(words)
                && json["masked"] == (is_masked && decision == "permit")
                && json["rule"]["ja"].is_string() == needs.is_some()
                && json["source"].is_string() == needs.is_some();
            if !fits {
                found.push(format!("{} {path}: {} {json}", role.word(), reply.status));
            }
        }
    }
    found
}

/// A visit by card of somebody who consented to everything.
fn visit(town: &Town, method: Method) -> String {
    let (facility, person) = (town.clinic.id, town.people[SAWAKO]);
    town.world.set_up(move |call| {
        call.open(person)?;
        let visit = Visit {
            id: VisitId::new(call.at(), call.rng()),
            person,
            at: call.at(),
            method,
            care: crate::model::CareClass::Outpatient,
            name: String::new(),
            kana: String::new(),
        };
        crate::store::put_visit(call, facility, &visit)?;
        consent::give(call, person, facility, &Category::ALL, "pin")?;
        Ok(visit.id.to_hex())
    })
}

/// A vendor's account, let in for the next hours.
fn vendor(town: &Town) -> As {
    let (home, facility) = (town.clinic.clone(), town.clinic.id);
    let token = town.world.set_up(move |call| {
        let role = Role::VendorSupport;
        let staff = testkit::seed::account(call, &home, "vendor", "保守", role, "not a hash")?;
        let plan = window::Plan {
            staff,
            why: "障害の調査".to_owned(),
            plan: "計画書".to_owned(),
            from: call.at(),
            until: call.at().plus_hours(window::HOURS_MAX),
        };
        let administrator = |n| StaffId::from_bytes([n; 16]);
        let id = window::ask(call, facility, administrator(1), &plan)?;
        window::approve(call, facility, administrator(2), id)?;
        let token = session::begin(call, Whose::Staff(facility, staff), Stage::Full)?;
        Ok(token.reveal().clone())
    });
    As::Browser(token)
}

#[test]
fn every_cell_of_the_matrix_is_answered_over_http_as_the_document_says() {
    let town = town();
    let visit = visit(&town, Method::CardPin);
    let mut found = Vec::new();
    // Whoever has just logged in has just shown their second factor.
    let of_staff = [Need::OwnFacility, Need::Fresh];
    for role in Role::STAFF {
        if role != Role::VendorSupport {
            found.extend(sweep(&town, role, &town.staff(role), &of_staff, &visit));
        }
    }
    let of_vendor = [Need::OwnFacility, Need::Fresh, Need::Window];
    let role = Role::VendorSupport;
    found.extend(sweep(&town, role, &vendor(&town), &of_vendor, &visit));
    let scopes = "system/Bundle.crud tasuki/eligibility tasuki/consent tasuki/register";
    let system = town.world.system_with(&town.clinic, scopes);
    let of_system = [Need::OwnFacility];
    found.extend(sweep(&town, Role::System, &system, &of_system, &visit));
    let patient = town.world.patient(town.people[SAWAKO]);
    found.extend(sweep(&town, Role::Patient, &patient, &[Need::Own], &visit));
    let scope = access::proxy::Scope::full();
    let (subject, proxy) = (town.people[SAWAKO], town.people[TAKASHI]);
    let proxy = town.world.proxy(subject, proxy, &scope);
    found.extend(sweep(&town, Role::Proxy, &proxy, &[Need::Proxy], &visit));
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_proxy_is_answered_within_the_relation_and_with_its_end_not_at_all() {
    let town = town();
    let scope = access::proxy::Scope::parse("allergies consent").unwrap();
    let (subject, proxy) = (town.people[SAWAKO], town.people[TAKASHI]);
    let who = town.world.proxy(subject, proxy, &scope);
    let ask = |class, action| {
        let path = path(class, action, Purpose::OwnAccess);
        let json = town.world.get(&who, &path).json();
        (json["decision"].clone(), json["unmet"].clone())
    };
    let (permit, deny) = (
        (json!("permit"), Value::Null),
        (json!("deny"), json!("proxy")),
    );
    for (class, action, answer) in [
        (Class::Allergies, Action::Read, &permit),
        (Class::Consent, Action::Read, &permit),
        // They may see the choices, and not make them.
        (Class::Consent, Action::Write, &deny),
        (Class::Laboratory, Action::Read, &deny),
        (Class::AccessHistory, Action::Read, &deny),
    ] {
        assert_eq!(&ask(class, action), answer, "{class:?} {action:?}");
    }
    town.world.set_up(move |call| {
        let found = access::proxy::relations(call, subject)?;
        access::proxy::end_by_operator(call, subject, found[0].0.id)
    });
    let path = path(Class::Allergies, Action::Read, Purpose::OwnAccess);
    let reply = town.world.get(&who, &path);
    assert_eq!(reply.code(), access::errors::PROXY_ENDED.code);
}

#[test]
fn a_vendor_asks_only_while_a_window_is_open() {
    let town = town();
    let path = path(Class::Equipment, Action::Read, Purpose::Support);
    let outside = town.world.get(&town.staff(Role::VendorSupport), &path);
    assert_eq!(
        (outside.status, outside.code().as_str()),
        (403, access::errors::WINDOW_CLOSED.code)
    );
    let reply = town.world.get(&vendor(&town), &path);
    let json = reply.json();
    assert_eq!((reply.status, &json["decision"]), (200, &json!("permit")));
}

#[test]
fn a_second_factor_shown_more_than_five_minutes_ago_is_no_longer_fresh() {
    let town = town();
    let administrator = town.staff(Role::Administrator);
    let path = path(Class::Accounts, Action::Write, Purpose::Operation);
    let ask = || {
        let json = town.world.get(&administrator, &path).json();
        (json["decision"].clone(), json["unmet"].clone())
    };
    town.world.clock.advance(299);
    assert_eq!(ask(), (json!("permit"), Value::Null));
    town.world.clock.advance(1);
    assert_eq!(ask(), (json!("deny"), json!("fresh")));
}

#[test]
fn a_decision_about_a_visit_follows_presence_and_consent() {
    let town = town();
    let shown = visit(&town, Method::CardPin);
    let by_number = visit(&town, Method::Number);
    let doctor = town.staff(Role::Doctor);
    let ask = |path: &str, visit: &str| {
        let json = town
            .world
            .get(&doctor, &format!("{path}&visit={visit}"))
            .json();
        (json["decision"].clone(), json["unmet"].clone())
    };
    let see = path(Class::Laboratory, Action::Read, Purpose::Treatment);
    let record = path(Class::Consent, Action::Write, Purpose::Eligibility);
    assert_eq!(ask(&see, &shown), (json!("permit"), Value::Null));
    assert_eq!(ask(&record, &shown), (json!("permit"), Value::Null));
    assert_eq!(ask(&record, &by_number), (json!("deny"), json!("presence")));
    let (facility, person) = (town.clinic.id, town.people[SAWAKO]);
    let lab = Some(Category::Laboratory);
    let _closed = town
        .world
        .set_up(move |call| consent::withdraw_from(call, person, facility, lab));
    assert_eq!(ask(&see, &shown), (json!("deny"), json!("consent")));
    let other = path(Class::Allergies, Action::Read, Purpose::Treatment);
    assert_eq!(ask(&other, &shown), (json!("permit"), Value::Null));
}

#[test]
fn a_visit_of_somebody_else_and_none_at_all_are_told_alike() {
    let town = town();
    let theirs = visit(&town, Method::CardPin);
    let stranger = town.world.facility("1310000002", "となりの診療所");
    let doctor = town.world.staff(&stranger, Role::Doctor);
    let see = path(Class::Laboratory, Action::Read, Purpose::Treatment);
    let body = |visit: &str| {
        let reply = town.world.get(&doctor, &format!("{see}&visit={visit}"));
        let mut json = reply.json();
        json["request_id"] = Value::Null;
        (reply.status, json)
    };
    let absent = body(&"0".repeat(32));
    assert_eq!(absent.0, 404);
    for visit in [theirs.as_str(), "x", "%00"] {
        assert_eq!(body(visit), absent, "{visit}");
    }
}

#[test]
fn each_question_leaves_one_record_and_unknown_words_are_named() {
    let town = town();
    let doctor = town.staff(Role::Doctor);
    let before = town.world.records();
    let asked = path(Class::Conditions, Action::Read, Purpose::Treatment);
    assert_eq!(town.world.get(&doctor, &asked).status, 200);
    assert_eq!(town.world.records(), before + 1);
    for (query, name) in [
        ("", "class"),
        ("class=all&action=read&purpose=treatment", "class"),
        ("class=conditions&action=see&purpose=treatment", "action"),
        ("class=conditions&action=read", "purpose"),
    ] {
        let before = town.world.records();
        let reply = town
            .world
            .get(&doctor, &format!("/api/v1/access/decisions?{query}"));
        assert_eq!((reply.status, reply.code().as_str()), (422, "TSK-ELG-031"));
        assert_eq!(reply.json()["findings"][0]["path"], name);
        assert_eq!(town.world.records(), before + 1);
    }
    let nobody = town.world.get(&As::Nobody, &asked);
    assert_eq!(
        (nobody.status, nobody.code().as_str()),
        (401, "TSK-ACC-001")
    );
}
