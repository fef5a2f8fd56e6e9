//! T20 and T15, in bodies: a role, an owner or a right that the sender gives itself, and texts
//! that would be statements if anything put them into one.

use access::policy::{self, Permission};
use kernel::hex;
use serde_json::{Value, json};
use store::caller::Role;
use web::{Body, Method};

use crate::routes;

/// What an attacker adds to a body.
const GIVEN: [(&str, &str); 12] = [
    ("role", "administrator"),
    ("roles", "administrator"),
    ("is_admin", "true"),
    ("permission", "all"),
    ("scope", "system/*.cruds"),
    ("facility", "00000000000000000000000000000000"),
    ("facility_code", "1312345670"),
    ("person", "00000000000000000000000000000000"),
    ("staff", "00000000000000000000000000000000"),
    ("actor", "system"),
    ("purpose", "emergency"),
    ("__proto__", "x"),
];

/// Texts that mean something to some database.
const STATEMENTS: [&str; 10] = [
    "'",
    "' OR '1'='1",
    "'; DROP TABLE person_head; --",
    "\" OR \"\"=\"",
    "1); DELETE FROM session; --",
    "' UNION SELECT token FROM session --",
    "$1",
    "?1 || char(39)",
    "\\'; SELECT pg_sleep(5); --",
    "%' OR name LIKE '%",
];

#[test]
fn a_member_that_the_sender_gives_itself_is_refused_in_every_body_of_json() {
    let world = routes::world();
    let home = world.facility("1311234567", "第一診療所");
    let person = routes::person(&world, 0);
    let mut found = Vec::new();
    let mut tried = 0;
    let callers = routes::callers(&world, &home, person);
    let posts = world.app.routes.iter();
    for route in posts.filter(|r| r.method == Method::Post && matches!(r.body, Body::Json)) {
        let able = callers.iter().find(|(role, who)| {
            // A browser's session changes nothing at a program's address.
            let is_program = matches!(who, testkit::world::As::System(_));
            let is_open = route.permission == Permission::Public;
            is_open || (is_program && policy::allows(*role, route.permission))
        });
        let Some((role, who)) = able else { continue };
        let path = routes::filled(route, &"0".repeat(32));
        for (name, value) in GIVEN {
            let reply = world.post(who, &path, &json!({ name: value }));
            tried += 1;
            let is_refused = (400..500).contains(&reply.status);
            if !is_refused {
                let (name_of, word) = (route.name(), role.word());
                found.push(format!("{name_of} as {word}: {name}: {}", reply.status));
            }
        }
    }
    assert!(tried >= 5 * GIVEN.len(), "only {tried} were tried");
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_right_body_with_one_member_more_is_refused_and_one_without_is_not() {
    let world = routes::world();
    let home = world.facility("1311234567", "第一診療所");
    let system = world.system(&home);
    let path = "/api/v1/eligibility/challenges";
    let right = json!({ "terminal": "reception-1" });
    assert_eq!(world.post(&system, path, &right).status, 201);
    for (name, value) in GIVEN {
        let mut body = right.clone();
        body[name] = Value::from(value);
        let reply = world.post(&system, path, &body);
        assert_eq!(reply.status, 400, "{name}: {}", reply.text());
    }
}

#[test]
fn a_role_in_the_log_in_form_gives_none() {
    let world = routes::world();
    let home = world.facility("1311234567", "第一診療所");
    // A clerk's session, and every form of a clerk with the wish to be more.
    let clerk = world.staff(&home, Role::Clerk);
    for route in &world.app.routes {
        if route.method != Method::Post || !matches!(route.body, Body::Form) {
            continue;
        }
        if policy::allows(Role::Clerk, route.permission) {
            continue;
        }
        let path = routes::filled(route, &hex::encode(&[7; 16]));
        let before = world.submit(&clerk, &path, &[]).status;
        let after = world.submit(&clerk, &path, &GIVEN);
        assert_eq!(after.status, before, "{}", route.name());
        assert!(matches!(after.status, 303 | 401 | 403), "{}", route.name());
    }
}

#[test]
fn statements_in_any_member_of_a_body_are_texts_like_others() {
    let world = routes::world();
    let home = world.facility("1311234567", "第一診療所");
    let (visit, person) = routes::visit(&world, &home);
    let system = world.system(&home);
    let right = json!({
        "insurer_number": "06139992", "symbol": "12-34", "number": "5678901", "branch": "01",
        "birth_date": "1980-01-01", "on": "2026-11-22",
    });
    let members: Vec<String> = right
        .as_object()
        .expect("members")
        .keys()
        .cloned()
        .collect();
    for statement in STATEMENTS {
        for member in &members {
            let mut body = right.clone();
            body[member] = Value::from(statement);
            let reply = world.post(&system, "/api/v1/eligibility/checks", &body);
            assert!((400..500).contains(&reply.status), "{member}: {statement}");
        }
        let path = format!("/api/v1/visits/{visit}/consents");
        let reply = world.post(&system, &path, &json!({ "categories": [statement] }));
        assert!((400..500).contains(&reply.status), "{statement}");
        let form = [("login", statement), ("password", statement)];
        let reply = world.submit(&testkit::world::As::Nobody, "/login", &form);
        assert!(reply.status < 500, "{statement}");
        let reader = world.patient(person);
        let facility = [("facility", statement)];
        let reply = world.submit(&reader, "/portal/consents/withdraw", &facility);
        assert!((400..500).contains(&reply.status), "{statement}");
    }
    // Everything is still there.
    let doctor = world.staff(&home, Role::Doctor);
    assert_eq!(world.get(&doctor, &format!("/visits/{visit}")).status, 200);
}
