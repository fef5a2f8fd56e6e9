//! T01: two facilities, two patients; whatever anybody of the one can reach is searched for
//! marks of the other.

use std::collections::BTreeSet;

use kernel::id::PersonId;
use store::caller::{Home, Role};
use testkit::{World, population::Life, world::As};
use web::Method;

use crate::routes;

/// One side: a facility, its patient, and what gives them away.
struct Side {
    home: Home,
    person: PersonId,
    callers: Vec<(Role, As)>,
    visit: String,
    resource: String,
    marks: Vec<String>,
}

impl Side {
    fn new(world: &World, life: &Life, code: &'static str, name: &'static str) -> Self {
        let home = world.facility(code, name);
        let person = world.person(life);
        let visit = routes::visit_of(world, &home, life);
        let resource = routes::resource_of(world, &home, life);
        let coverage = life.coverages.last().expect("insured");
        // A family name alone is many people's.
        let marks = vec![
            life.name.full(),
            life.name.full_kana(),
            life.address.line(),
            coverage.number.as_str().to_owned(),
            visit.clone(),
            resource.clone(),
            person.to_hex(),
            name.to_owned(),
        ];
        let callers = routes::callers(world, &home, person);
        Self {
            home,
            person,
            callers,
            visit,
            resource,
            marks,
        }
    }
}

/// Every answer to every GET of everybody of `side`, with each of these in the parts.
fn crawl(world: &World, side: &Side, parts: &[&str], mut see: impl FnMut(&str, u16, &str)) {
    for (role, who) in &side.callers {
        let routes = world.app.routes.iter();
        for route in routes.filter(|route| route.method == Method::Get) {
            let parts = if route.path.contains('{') {
                parts
            } else {
                &[""]
            };
            for part in parts {
                let path = routes::filled(route, part);
                let reply = world.get(who, &path);
                let head: Vec<String> = reply.headers.iter().map(|(_, v)| v.clone()).collect();
                // What the caller asked for is no news to them.
                let text = format!("{}\n{}", head.join("\n"), reply.text());
                let text = if part.is_empty() {
                    text
                } else {
                    text.replace(part, "")
                };
                see(&format!("{} GET {path}", role.word()), reply.status, &text);
            }
        }
    }
}

#[test]
fn whatever_the_people_of_one_facility_reach_names_nobody_of_the_other() {
    let world = routes::world();
    let (first, second) = routes::two_lives(&world);
    let a = Side::new(&world, &first, "1311234567", "甲野第一診療所");
    let b = Side::new(&world, &second, "1312345670", "乙川第二診療所");
    for (from, to) in [(&a, &b), (&b, &a)] {
        let person = to.person.to_hex();
        let facility = to.home.id.to_hex();
        let parts = [
            to.visit.as_str(),
            &to.resource,
            &person,
            &facility,
            "1",
            "2",
            "3",
        ];
        let mut found = Vec::new();
        crawl(&world, from, &parts, |what, _, text| {
            let seen = to.marks.iter().filter(|mark| text.contains(mark.as_str()));
            found.extend(seen.map(|mark| format!("{what} shows {mark}")));
        });
        assert!(found.is_empty(), "{}", found.join("\n"));
        // The same search finds what is one's own: so it can find something.
        let mut own = BTreeSet::new();
        let mut seen = 0;
        let parts = [from.visit.as_str(), &from.resource];
        crawl(&world, from, &parts, |_, status, text| {
            seen += usize::from(status == 200);
            let marks = from
                .marks
                .iter()
                .filter(|mark| text.contains(mark.as_str()));
            own.extend(marks.cloned());
        });
        assert!(own.contains(&from.marks[0]), "{own:?}");
        assert!(own.len() > 3 && seen > 40, "{seen}: {own:?}");
    }
}
